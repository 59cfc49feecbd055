"""The learner's side of exercises: `check`, `hint`, `progress`.

A check runs the answer on the visible cases and compares numbers with stored numbers. It holds no
reference code. A wrong answer raises `CheckFailed`, so that a graded cell fails, after saying what
is wrong, where, and, when the numbers are those of a known mistake, why.
"""

from __future__ import annotations

import html

import numpy as np

from downslope import catalog, channel
from downslope.arguments import require_kind
from downslope.catalog import VisibleExercise
from downslope.compare import Divergence, Verdict, judge
from downslope.drivers import STEPWISE, Outcome, run_cases
from downslope.messages import explain, number
from downslope.pages import Page, card, in_notebook, prose, show_page
from downslope.plain import from_json

RESULTS: dict[str, bool] = {}
HINTS_SHOWN: dict[str, int] = {}


class CheckFailed(AssertionError):
    """An answer is not right yet. Shown as one line: the card above it says the rest.

    `check` and `check_hidden` raise it. Source: this course.

    >>> str(CheckFailed("adam_step is not right yet."))
    'adam_step is not right yet.'
    """

    def _render_traceback_(self) -> list[str]:
        return [f"CheckFailed: {self}"]


def check(name: str, answer: object) -> None:
    """Check an answer on the exercise's visible cases. Source: this course.

    Args:
        name: the exercise, such as "adam_step".
        answer: the learner's function or class itself, not a call of it.

    Raises:
        CheckFailed: when the answer is not right yet.
        LookupError: when there is no such exercise.

    >>> check("first_function", lambda a, b: 2 * a + b)
    first_function is right in 2 cases.
    >>> check("first_function", lambda a, b: a + 2 * b)
    Traceback (most recent call last):
    downslope.checks.CheckFailed: first_function is not right yet. ...
    >>> check("first_funktion", max)
    Traceback (most recent call last):
    LookupError: there is no exercise 'first_funktion'. Did you mean first_function...
    """
    visible = catalog.exercise(name)
    outcomes = run_cases(visible.driver, answer, visible.contract, visible.cases)
    verdict = judge(outcomes, visible.expected, visible.known, visible.tolerance)
    RESULTS[name] = verdict.passed
    text = _explain(visible, verdict)
    offer = "" if verdict.passed else _offer_hint(visible)
    show_page(Page(f"{text}\n{offer}".strip(), _card_of(visible, verdict, outcomes, text, offer)))
    if not verdict.passed:
        raise CheckFailed(f"{name} is not right yet. {text}" if not in_notebook() else _brief(name))


def check_hidden(name: str, answer: object, data: str) -> None:
    """Check an answer on further cases that travel in `data`: stock nbgrader's hidden tests.

    Source: nbgrader's autograder tests; `autograder build` writes the data.

    Args:
        name: the exercise.
        answer: the learner's function or class itself.
        data: what `channel.pack` makes of "cases", "expected" and "accepted", as text.

    Raises:
        CheckFailed: when the answer is not right on them.
        LookupError: when there is no such exercise.
        ValueError, zlib.error: for data that `channel.pack` has not written.

    >>> cases = [{"label": "hidden", "arguments": {"a": 2.0, "b": 1.0}}]
    >>> contract = catalog.exercise("first_function").contract
    >>> seen = run_cases("call", lambda a, b: 2 * a + b, contract, cases)
    >>> kept = {"cases": cases, "expected": channel.outcomes_to_json(seen), "accepted": {}}
    >>> check_hidden("first_function", lambda a, b: 2 * a + b, channel.pack(kept))
    >>> check_hidden("first_function", lambda a, b: a + b, channel.pack(kept))
    Traceback (most recent call last):
    downslope.checks.CheckFailed: first_function is right on the visible cases only.
    """
    visible = catalog.exercise(name)
    hidden = channel.unpack(data)
    cases = from_json(hidden["cases"])
    outcomes = run_cases(visible.driver, answer, visible.contract, cases)
    accepted = [known for known in visible.known if known.accepted]
    expected = channel.outcomes_from_json(hidden["expected"])
    known = [
        item._replace(outcomes=tuple(channel.outcomes_from_json(hidden["accepted"][item.name])))
        for item in accepted
    ]
    verdict = judge(outcomes, expected, known, visible.tolerance)
    if not verdict.passed:
        raise CheckFailed(f"{name} is right on the visible cases only.")


def hint(name: str) -> None:
    """Show the next hint for an exercise; after the last one the first comes again.

    Source: this course.

    Raises:
        LookupError: when there is no such exercise.

    >>> hint("first_function")
    Hint 1 of 3: A function gives its result back with the word return.
    """
    hints = catalog.exercise(name).hints
    if not hints:
        show_page(Page(f"There is no hint for {name}.", f"<p>There is no hint for {name}.</p>"))
        return
    stage = HINTS_SHOWN.get(name, 0) % len(hints)
    HINTS_SHOWN[name] = stage + 1
    head = f"Hint {stage + 1} of {len(hints)}"
    show_page(Page(f"{head}: {hints[stage]}", card("note", head, prose(hints[stage]))))


def progress(lesson: str) -> None:
    """List a lesson's exercises: right, not right yet, or not tried in this session.

    Source: this course.

    Raises:
        LookupError: when there is no such lesson.
        TypeError: for a name that is no text.

    >>> progress("05_momentum")
    0 of ... right
    ...
      momentum_step                             2  not tried yet
    ...
    """
    require_kind("lesson", lesson, str, "be text, such as '00_welcome'")
    data = catalog.lesson(lesson)
    rows = [(item["name"], item["points"], _state(item["name"])) for item in data["exercises"]]
    done = sum(1 for _, _, state in rows if state == "right")
    head = f"{done} of {len(rows)} right"
    text = "\n".join(
        [head, *(f"  {name:<32} {_points(points):>10}  {state}" for name, points, state in rows)]
    )
    show_page(Page(text, card("note", head, _progress_table(rows))))


def _progress_table(rows: list[tuple[str, float, str]]) -> str:
    left = 'style="text-align:left"'  # JupyterLab sets all cells to the right
    body = "".join(
        f'<tr style="background:none"><td {left}><code>{name}</code></td>'
        f"<td>{_points(points)}</td><td {left}>{state}</td></tr>"
        for name, points, state in rows
    )
    head = f"<tr><th {left}>exercise</th><th>points</th><th {left}>check</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"


def _state(name: str) -> str:
    if name not in RESULTS:
        return "not tried yet"
    return "right" if RESULTS[name] else "not right yet"


def _points(points: float) -> str:
    return f"{points:g}" if points else "no points"


def _brief(name: str) -> str:
    return f"{name} is not right yet; the box above says why."


def _explain(visible: VisibleExercise, verdict: Verdict) -> str:
    contract = visible.contract
    steps = visible.driver in STEPWISE
    return explain(
        verdict, contract.name, contract.returns, visible.labels, steps=steps, cases=visible.cases
    )


def _offer_hint(visible: VisibleExercise) -> str:
    count = len(visible.hints)
    if not count:
        return ""
    stage = HINTS_SHOWN.get(visible.contract.name, 0) % count
    return f'hint("{visible.contract.name}") shows hint {stage + 1} of {count}.'


def _card_of(
    visible: VisibleExercise,
    verdict: Verdict,
    outcomes: list[Outcome],
    text: str,
    offer: str,
) -> str:
    if verdict.passed:
        return card("right", "Right.", prose(text))
    body = "".join(f"<div>{_line(line)}</div>" for line in text.splitlines())
    if verdict.divergence is not None:
        body += _table(visible, verdict.divergence, outcomes)
    body += f"<div><small>{html.escape(offer)}</small></div>" if offer else ""
    return card("wrong", _title(verdict), body)


def _line(line: str) -> str:
    # An indented line is a line of the learner's own code.
    return f"<code>{html.escape(line.strip())}</code>" if line[:1] == " " else prose(line)


def _title(verdict: Verdict) -> str:
    if verdict.known is not None and verdict.known.elsewhere:
        return "Right elsewhere, but not the form that this course uses."
    if verdict.problem is not None and verdict.problem.kind in {"not_written", "needs"}:
        return "Still to do."
    return "Not right yet."


def _table(visible: VisibleExercise, divergence: Divergence, outcomes: list[Outcome]) -> str:
    """Show the array in which the numbers part: yours beside the expected, row by row."""
    expected = visible.expected[divergence.case].arrays[divergence.array]
    got = outcomes[divergence.case].arrays.get(divergence.array)
    if got is None or got.shape != expected.shape or not expected.ndim:
        return ""
    first = "update" if visible.driver in STEPWISE else "row"
    here = divergence.index[0]
    begin = max(0, min(here - 3, len(expected) - 6))
    rows = "".join(
        _row(position, got[position], expected[position], marked=position == here)
        for position in range(begin, min(len(expected), begin + 6))
    )
    return (
        f"<table><thead><tr><th>{first}</th><th>your {html.escape(divergence.array)}</th>"
        f"<th>expected</th><td></td></tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(position: int, got: object, expected: object, *, marked: bool) -> str:
    mark = "\u25c0 first difference" if marked else ""
    weight = "bold" if marked else "normal"
    return (
        f'<tr style="background:none;font-weight:{weight}">'
        f"<td>{position + 1}</td><td>{_numbers(got)}</td>"
        f"<td>{_numbers(expected)}</td><td>{mark}</td></tr>"
    )


def _numbers(values: object) -> str:
    flat = np.ravel(np.asarray(values, dtype=np.float64))
    more = ", ..." if flat.size > 6 else ""
    return ", ".join(number(float(value)) for value in flat[:6]) + more
