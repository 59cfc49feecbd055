"""Questions are marked without their answers lying open."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downslope import quizzes
from downslope.catalog import question
from downslope.quizzes import digest, predict, quiz, reply, rounded, unveil, veil

Capture = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("small_course")


@pytest.mark.parametrize("answer", [True, "true", "True", " TRUE ", "t", np.bool_(True)])
def test_true_may_be_written_in_many_ways(answer: object, capsys: Capture) -> None:
    quiz("is_it", answer)
    assert capsys.readouterr().out == "Right. Indeed.\n"


def test_a_wrong_answer_is_told_why(capsys: Capture) -> None:
    quiz("is_it", False)
    assert capsys.readouterr().out == "Not yet. Look again.\n"


@pytest.mark.parametrize(
    ("answer", "right"), [("Adam", True), ("adam", True), ("S", False), ("adag", False)]
)
def test_an_option_is_named_whole_or_by_its_first_letters(answer: str, right: bool) -> None:
    assert reply(question("which"), answer)[0] is right
    assert reply(question("which"), f" {answer} ")[0] is right


@pytest.mark.parametrize("answer", ["Ad", "", " ", "RMSProp", 3, None, ["Adam"]])
def test_what_is_no_single_option_is_refused_and_costs_nothing(answer: object) -> None:
    with pytest.raises(ValueError, match="is not one of the options: SGD, Adam, Adagrad"):
        reply(question("which"), answer)
    assert quizzes.ANSWERED == {}


@pytest.mark.parametrize("answer", [0.5, "0.5", " .5 ", "1e0", 1, 0.504, 0.496, np.float64(0.5)])
def test_a_number_is_right_to_the_digits_asked_for(answer: Any) -> None:
    assert reply(question("half"), answer)[0] is (float(answer) != 1)


@pytest.mark.parametrize(("answer", "right"), [(0.49, True), (0.51, True), (0.48, False)])
def test_the_last_digit_may_be_cut_instead_of_rounded(answer: float, right: bool) -> None:
    assert reply(question("half"), answer)[0] is right


def test_a_likely_slip_gets_its_own_words() -> None:
    assert reply(question("half"), 2) == (False, "Upside down.")


def test_another_wrong_number_is_sent_back_to_work() -> None:
    right, words = reply(question("half"), -0.5)
    assert not right
    assert words.startswith("Not this number.")


@pytest.mark.parametrize(
    "answer", ["half", "", "nan", "inf", -np.inf, 1j, [0.5], 10**400, "0,5", object()]
)
def test_what_is_no_number_is_refused(answer: object) -> None:
    with pytest.raises(ValueError, match="is not a"):
        reply(question("half"), answer)


@settings(max_examples=100, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_finite_number_is_marked(value: float) -> None:
    asked = {"name": "n", "kind": "number", "digits": 3, "replies": {}}
    assert reply(asked | {"right": digest("n", rounded(value, 3))}, value)[0]


@settings(max_examples=60, deadline=None)
@given(st.floats(0.1, 10.0), st.integers(2, 5))
def test_numbers_two_units_away_are_wrong(value: float, digits: int) -> None:
    asked = {"name": "n", "kind": "number", "digits": digits, "replies": {}}
    asked["right"] = digest("n", rounded(value, digits))
    assert not reply(asked, value * (1 + 25 * 10.0**-digits))[0]


def test_without_an_answer_the_question_is_shown_as_text(capsys: Capture) -> None:
    quiz("which")
    predict("is_it")
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "which? (SGD / Adam / Adagrad) Answer with quiz('which', ...)."
    assert shown[1].startswith("is_it? (true / false)")


@pytest.mark.parametrize("ask", [quiz, predict])
def test_an_unknown_question_names_the_near_one(ask: Callable[[str], None]) -> None:
    with pytest.raises(LookupError, match="Did you mean which"):
        ask("whitch")


def test_a_prediction_is_marked_like_a_question(capsys: Capture) -> None:
    predict("which", "adam")
    assert capsys.readouterr().out.startswith("Right. Fast")
    assert quizzes.ANSWERED == {"which": True}


def test_in_a_notebook_buttons_are_shown(in_kernel: list[Any]) -> None:
    quiz("which")
    predict("half")
    questions = [page for page in in_kernel if page["text/plain"]]
    assert len(questions) == 2
    assert len(in_kernel) == 4  # the script for the keyboard follows each


def test_where_no_picture_is_drawn_a_question_is_text(
    in_kernel: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOWNSLOPE_PICTURES", "off")
    quiz("which")
    (page,) = in_kernel
    assert "which? (SGD / Adam / Adagrad)" in page["text/html"]


def test_a_reply_is_escaped(in_kernel: list[Any]) -> None:
    quiz("which", "Adam")
    assert "Fast &lt;b&gt;." in in_kernel[0]["text/html"]


def test_the_data_do_not_show_which_answer_is_right(lessons_folder: Path) -> None:
    text = (lessons_folder / "01_small" / "lesson.json").read_text("utf-8")
    asked = {item["name"]: item for item in json.loads(text)["questions"]}
    assert "Fast" not in text
    assert "5.0e-01" not in text
    assert asked["which"]["right"] not in asked["which"]["options"]
    assert asked["which"]["right"] != digest("other", "Adam")


@pytest.mark.parametrize("text", ["", "Right.", "θ ← θ − lr·m"])
def test_a_veiled_text_comes_back(text: str) -> None:
    assert unveil(veil(text)) == text
    assert veil(text).isascii()


def test_veils_do_not_depend_on_the_machine() -> None:
    assert veil("Right.") == "UmlnaHQu"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.0, 2, "0.0e+00"), (-0.0, 2, "0.0e+00"), (0.0999, 2, "1.0e-01"), (1234.5, 3, "1.23e+03")],
)
def test_numbers_are_rounded_to_significant_digits(value: float, digits: int, text: str) -> None:
    assert rounded(value, digits) == text
