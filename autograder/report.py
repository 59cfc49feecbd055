"""The class report: one page without script or other files, and a table for the terminal."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, median
from string import Template
from urllib.parse import quote

from autograder.chart import histogram, meter
from autograder.record import CourseRecord
from autograder.results import Result, printable
from autograder.sanitize import CONTENT_POLICY
from autograder.storage import write_atomically
from autograder.summary import distribution, misconceptions, percent, shares

TEMPLATES = Path(__file__).parent / "templates"
WORDS = {
    "pass": "right",
    "fail": "not right",
    "error": "error",
    "timeout": "out of time",
    "missing": "not written",
    "manual": "by hand",
}
STATUS = {"graded": "graded", "partial": "did not run to its end", "unreadable": "unreadable"}


def write_report(
    course: Path,
    assignment: str,
    results: Sequence[Result],
    waiting: Mapping[str, Sequence[str]] | None = None,
) -> Path:
    """Write `feedback/class_report_ASSIGNMENT.html`; it is for instructors.

    Args:
        course: the course folder.
        assignment: the lesson.
        results: of the class; `CourseRecord.results` includes the marks given by hand.
        waiting: student -> exercises that wait for a person; read from the gradebook by default.

    Raises:
        CourseError: when the gradebook cannot be read or the page not be written.
    """
    if waiting is None:
        with CourseRecord(course) as record:
            waiting = record.waiting(assignment)
    path = course.absolute() / "feedback" / f"class_report_{assignment}.html"
    template = Template((TEMPLATES / "class_report.html").read_text(encoding="utf-8"))
    page = template.substitute(
        policy=CONTENT_POLICY,
        title=html.escape(assignment),
        summary=_summary(results, waiting),
        chart=histogram(distribution(results)) if results else "",
        exercises=_exercises(results),
        mistakes=_mistakes(results),
        unreadable=_unreadable(results),
        students=_students(results, waiting, path.parent),
    )
    write_atomically(path, page)
    return path


def gradebook_table(results: Sequence[Result]) -> str:
    """Write the results as a plain table: one line a student, and the class in the last."""
    rows = [("student", "score", "status", "what went wrong")]
    rows += [(r.student, _points(r.score, r.max_score), r.status, _faults(r)) for r in results]
    clean = [[printable(text) for text in row] for row in rows]
    w = [min(max(len(row[column]) for row in clean), 28) for column in range(3)]
    lines = [f"{a:<{w[0]}}  {b:>{w[1]}}  {c:<{w[2]}}  {d}".rstrip() for a, b, c, d in clean]
    lines.insert(1, "-" * (sum(w) + 4 + len("  what went wrong")))
    mean = f", mean {fmean(map(percent, results)):.0f} %" if results else ""
    return "\n".join([*lines, _count(len(results), "submission") + mean])


def _faults(result: Result) -> str:
    """Say in a few words what a result lacks."""
    if result.status == "unreadable" and result.repairs:
        return _cut(result.repairs[0], 70)
    faults = [
        f"{name}: {item.mistake or WORDS[item.verdict]}"
        for name, item in result.exercises.items()
        if item.verdict not in ("pass", "manual")
    ]
    more = f" and {len(faults) - 3} more" if len(faults) > 3 else ""
    return "; ".join(faults[:3]) + more


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."


def _points(score: float, most: float) -> str:
    return f"{round(score, 2):g} / {round(most, 2):g}"


def _e(text: object) -> str:
    return html.escape(str(text))


def _summary(results: Sequence[Result], waiting: Mapping[str, Sequence[str]]) -> str:
    if not results:
        return "<p>There are no submissions.</p>"
    scores = [percent(result) for result in results]
    unread = sum(result.status == "unreadable" for result in results)
    facts = {
        "submissions": str(len(results)),
        "mean score": f"{fmean(scores):.0f} %",
        "median score": f"{median(scores):.0f} %",
        "unreadable": str(unread),
        "answers waiting for a person": str(sum(map(len, waiting.values()))),
    }
    cells = "".join(f"<div><dt>{_e(k)}</dt><dd>{_e(v)}</dd></div>" for k, v in facts.items())
    isolation = ", ".join(sorted({_e(r.isolation) for r in results if r.status != "unreadable"}))
    line = f'<p class="soft">Isolation in force: {isolation or "-"}.</p>'
    return f'<dl class="facts">{cells}</dl>{line}'


def _exercises(results: Sequence[Result]) -> str:
    rows = ""
    for share in shares(results):
        count = sum(share.verdicts.values())
        passed = share.verdicts.get("pass", 0)
        verdicts = ", ".join(f"{number} {WORDS[word]}" for word, number in share.verdicts.items())
        by_hand = "manual" in share.verdicts
        mean = f"{share.mean:.2f} / {share.points:g}" if share.points else "no points"
        part = "" if by_hand else f"{100 * passed / count:.0f} %"
        bar = "" if by_hand else meter(passed / count)
        rows += (
            f'<tr><th scope="row"><code>{_e(share.exercise)}</code></th>'
            f'<td class="number">{mean}</td>'
            f'<td class="number">{part}</td><td>{bar}</td><td>{_e(verdicts)}</td></tr>'
        )
    return rows


def _mistakes(results: Sequence[Result]) -> str:
    rows = ""
    for rank, item in enumerate(misconceptions(results), 1):
        names = ", ".join(_e(student) for student in item.students)
        rows += (
            f'<tr><td class="number">{rank}</td><td class="number">{len(item.students)}</td>'
            f"<th scope='row'><code>{_e(item.exercise)}</code></th>"
            f"<td><b>{_e(item.mistake)}</b><br>{_e(_cut(item.sentence, 400))}</td>"
            f"<td><details><summary>{len(item.students)} named</summary>{names}</details></td></tr>"
        )
    return rows or '<tr><td colspan="5">Nobody lost points to a known mistake.</td></tr>'


def _unreadable(results: Sequence[Result]) -> str:
    items = [
        f"<li><b>{_e(r.student)}</b>: {_e(_cut(' '.join(r.repairs), 600))}</li>"
        for r in results
        if r.status == "unreadable"
    ]
    return f"<ul>{''.join(items)}</ul>" if items else "<p>Every submission could be read.</p>"


def _students(results: Sequence[Result], waiting: Mapping[str, Sequence[str]], folder: Path) -> str:
    return "".join(_student(result, waiting.get(result.student, ()), folder) for result in results)


def _student(result: Result, waiting: Sequence[str], folder: Path) -> str:
    link = f"{quote(result.student)}/{quote(result.assignment)}/{quote(result.assignment)}.html"
    written = folder / result.student / result.assignment / f"{result.assignment}.html"
    page = f'<a href="{_e(link)}">feedback</a>' if written.is_file() else ""
    notes = [STATUS[result.status]] * (result.status != "graded")
    if result.repairs and result.status != "unreadable":
        notes.append(_count(len(result.repairs), "repair"))
    notes += [f"by hand: {', '.join(waiting)}"] * bool(waiting)
    return (
        f'<tr><th scope="row">{_e(result.student)}</th>'
        f'<td class="number">{_points(result.score, result.max_score)}</td>'
        f'<td class="number">{percent(result):.0f} %</td>'
        f"<td>{_e('; '.join(notes))}</td><td>{_e(_faults(result))}</td>"
        f'<td class="number">{page}</td></tr>'
    )
