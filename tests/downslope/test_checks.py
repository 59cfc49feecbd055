"""Checks, hints and progress as a learner meets them: as text and as HTML."""

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from downslope import catalog, checks
from downslope.channel import outcomes_to_json, pack
from downslope.checks import CheckFailed, check, check_hidden, hint, progress
from downslope.compare import Divergence
from downslope.drivers import Outcome, run_cases
from downslope.plain import from_json, to_json

Answers = dict[str, Callable[..., Any]]
Capture = pytest.CaptureFixture[str]


def run_check(answer: object, capsys: Capture) -> tuple[bool, str]:
    """Check an answer; return whether it passed and what was printed."""
    try:
        check("small_step", answer)
    except CheckFailed:
        return False, capsys.readouterr().out
    return True, capsys.readouterr().out


def test_a_right_answer_gets_one_line(small_course: Answers, capsys: Capture) -> None:
    assert run_check(small_course["right"], capsys) == (True, "small_step is right in 2 cases.\n")


def test_an_accepted_form_passes_with_its_remark(small_course: Answers, capsys: Capture) -> None:
    passed, text = run_check(small_course["welcome"], capsys)
    assert passed
    assert "Half of v is fine, too." in text


def test_a_known_mistake_is_explained_located_and_a_hint_offered(
    small_course: Answers, capsys: Capture
) -> None:
    passed, text = run_check(small_course["forgetful"], capsys)
    assert not passed
    assert text.startswith("You forget & lose <v>.\nFirst difference, in the case “a run”")
    assert text.endswith('hint("small_step") shows hint 1 of 2.\n')


def test_the_error_of_a_failed_check_says_why_where_there_is_no_notebook(
    small_course: Answers,
) -> None:
    with pytest.raises(CheckFailed, match="Another course puts it so"):
        check("small_step", small_course["elsewhere"])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "small_step is a NoneType, not a function."),
        (lambda *_: None, "It must return theta, v."),
        (lambda theta, grad, v, lr: (v, theta), "First difference"),
        (lambda theta, grad, v, lr: (theta[:1], v), "came back with shape (1,)"),
        (lambda theta, *_: theta[99], "raised IndexError"),
        (lambda theta, grad, v, lr: (theta * np.nan, v), "nan or inf"),
    ],
)
def test_every_fault_is_put_into_words(
    small_course: Answers, capsys: Capture, answer: object, words: str
) -> None:
    passed, text = run_check(answer, capsys)
    assert not passed
    assert words in text


def test_an_answer_that_changes_its_arguments_is_told_so(
    small_course: Answers, capsys: Capture
) -> None:
    def in_place(theta: Any, grad: Any, v: Any, lr: float) -> Any:
        v += grad**2
        return small_course["right"](theta, 0 * grad, v, lr)[0] - lr * grad / np.sqrt(v + 0.5), v

    passed, text = run_check(in_place, capsys)
    assert not passed
    assert "changes its argument v in place" in text


def test_the_cases_are_the_same_after_an_answer_that_changes_them(
    small_course: Answers, capsys: Capture
) -> None:
    def spoil(theta: Any, grad: Any, v: Any, lr: float) -> Any:
        theta[:], grad[:], v[:] = 0, 0, 0
        return theta, v

    assert not run_check(spoil, capsys)[0]
    assert run_check(small_course["right"], capsys)[0]


def test_an_answer_written_for_the_visible_cases_fails_on_the_hidden_ones(
    small_course: Answers, capsys: Capture
) -> None:
    exercise = catalog.exercise("small_step")
    rows = [(one.arrays["theta"], one.arrays["v"]) for one in exercise.expected]
    stored = iter([pair for theta, v in rows for pair in zip(theta, v, strict=True)])
    assert run_check(lambda *_: next(stored), capsys)[0]
    stored = iter([pair for theta, v in rows for pair in zip(theta, v, strict=True)])
    with pytest.raises(CheckFailed, match="right on the visible cases only"):
        check_hidden("small_step", lambda *_: next(stored), hidden_data(small_course))


def hidden_data(answers: Answers) -> str:
    """Cases with other numbers than the visible ones, as the build packs them."""
    exercise = catalog.exercise("small_step")
    cases = json.loads(json.dumps(to_json(list(exercise.cases))).replace("1.0", "0.75"))
    plain = from_json(cases)

    def numbers(name: str) -> Any:
        return outcomes_to_json(run_cases("steps", answers[name], exercise.contract, plain))

    welcome = {"welcome": numbers("welcome")}
    return pack({"cases": cases, "expected": numbers("right"), "accepted": welcome})


@pytest.mark.parametrize("name", ["right", "welcome"])
def test_hidden_cases_let_right_and_accepted_answers_pass(small_course: Answers, name: str) -> None:
    check_hidden("small_step", small_course[name], hidden_data(small_course))


@pytest.mark.parametrize("name", ["forgetful", "elsewhere"])
def test_hidden_cases_refuse_wrong_answers(small_course: Answers, name: str) -> None:
    with pytest.raises(CheckFailed):
        check_hidden("small_step", small_course[name], hidden_data(small_course))


def test_a_check_of_an_unknown_exercise_names_the_near_one(small_course: Answers) -> None:
    with pytest.raises(LookupError, match="Did you mean small_step"):
        check("small_stepp", small_course["right"])


def test_hints_come_one_after_the_other_and_begin_again(
    small_course: Answers, capsys: Capture
) -> None:
    for _ in range(3):
        hint("small_step")
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "Hint 1 of 2: Look at v.",
        "Hint 2 of 2: Add <the> square.",
        "Hint 1 of 2: Look at v.",
    ]


def test_a_failed_check_offers_the_next_hint(small_course: Answers, capsys: Capture) -> None:
    hint("small_step")
    capsys.readouterr()
    assert "shows hint 2 of 2" in run_check(None, capsys)[1]


def test_progress_counts_what_was_checked_in_this_session(
    small_course: Answers, capsys: Capture
) -> None:
    progress("01_small")
    run_check(small_course["forgetful"], capsys)
    progress("01_small")
    assert "0 of 2 right" in (shown := capsys.readouterr().out)
    assert "not right yet" in shown
    run_check(small_course["right"], capsys)
    progress("01_small")
    assert "1 of 2 right" in (shown := capsys.readouterr().out)
    assert [word in shown for word in ("no points", "not tried yet", "right")] == [True] * 3


def test_progress_of_an_unknown_lesson_lists_the_lessons(small_course: Answers) -> None:
    with pytest.raises(LookupError, match="There are: 01_small"):
        progress("small")


def test_in_a_notebook_a_card_says_it_and_the_error_is_one_line(
    small_course: Answers, in_kernel: list[Any]
) -> None:
    with pytest.raises(CheckFailed, match="the box above says why") as caught:
        check("small_step", small_course["forgetful"])
    assert len(caught.value._render_traceback_()) == 1
    markup = in_kernel[0]["text/html"]
    assert "You forget &amp; lose &lt;v&gt;." in markup
    assert "first difference" in markup
    assert "<v>" not in markup


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("right", "Right."),
        ("welcome", "Right."),
        ("forgetful", "Not right yet."),
        ("elsewhere", "Right elsewhere, but not the form that this course uses."),
    ],
)
def test_the_card_has_a_title(
    small_course: Answers, in_kernel: list[Any], name: str, title: str
) -> None:
    try:
        check("small_step", small_course[name])
    except CheckFailed:
        assert name in ("forgetful", "elsewhere")
    assert f"<b>{title}</b>" in in_kernel[0]["text/html"]


def blank(theta: Any, grad: Any, v: Any, lr: float) -> Any:
    raise NotImplementedError


def test_what_is_not_written_is_still_to_do(small_course: Answers, in_kernel: list[Any]) -> None:
    with pytest.raises(CheckFailed):
        check("small_step", blank)
    assert "<b>Still to do.</b>" in in_kernel[0]["text/html"]


def test_a_learners_own_text_cannot_add_markup(small_course: Answers, in_kernel: list[Any]) -> None:
    def attack(*_: Any) -> Any:
        raise ValueError("<script>alert(1)</script>")

    with pytest.raises(CheckFailed):
        check("small_step", attack)
    assert "<script>" not in in_kernel[0]["text/html"]


def test_hints_and_progress_are_cards_too(small_course: Answers, in_kernel: list[Any]) -> None:
    hint("small_step")
    hint("small_step")
    progress("01_small")
    pages = [page["text/html"] for page in in_kernel]
    assert "Add &lt;the&gt; square." in pages[1]
    assert pages[2].count("<tr") == 3


@pytest.mark.parametrize(
    ("here", "rows"), [(0, range(1, 7)), (8, range(6, 12)), (11, range(7, 13))]
)
def test_the_table_shows_the_rows_around_the_difference(
    small_course: Answers, here: int, rows: range
) -> None:
    values = np.arange(12.0)
    exercise = catalog.exercise("small_step")._replace(expected=(Outcome({"f": values}),))
    place = Divergence(0, "f", (here,), 0.0, 1.0)
    table = checks._table(exercise, place, [Outcome({"f": values})])
    assert re.findall(r"<tr[^>]*><td>(\d+)</td>", table) == [str(row) for row in rows]
    assert f"<td>{here + 1}</td><td>{here}</td><td>{here}</td><td>\u25c0 first difference" in table
