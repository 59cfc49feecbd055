"""A question's widget: choose, click, read."""

from typing import Any

import ipywidgets as widgets
import pytest

from downslope.question_box import question_box

CHOICE = {"kind": "choice", "text": "Is `a < b`?", "options": ["true", "false"]}
NUMBER = {"kind": "number", "text": "How many?"}


def box_of(asked: dict[str, Any]) -> tuple[widgets.HTML, Any, widgets.Button, widgets.HTML]:
    def mark(answer: object) -> str:
        if answer == "x":
            raise ValueError("'<x>' is not a number")
        return f"marked {answer}"

    question, field, button, below = question_box(asked, "Check", mark).children
    return question, field, button, below


def test_the_question_is_escaped_and_its_code_is_set_as_code() -> None:
    assert "Is <code>a &lt; b</code>?" in box_of(CHOICE)[0].value


@pytest.mark.parametrize(("asked", "answer"), [(CHOICE, "false"), (NUMBER, "2.5")])
def test_a_click_marks_the_answer_below(asked: dict[str, Any], answer: str) -> None:
    _, field, button, below = box_of(asked)
    field.value = answer
    button.click()
    assert below.value == f"marked {answer}"


def test_a_number_is_marked_when_it_is_sent_with_the_enter_key() -> None:
    _, field, _, below = box_of(NUMBER)
    assert not field.continuous_update
    field.value = "2.5"
    assert below.value == "marked 2.5"


def test_an_option_is_not_marked_before_the_click() -> None:
    _, field, _, below = box_of(CHOICE)
    field.value = "true"
    assert not below.value


@pytest.mark.parametrize("asked", [CHOICE, NUMBER])
def test_nothing_is_chosen_at_first_and_a_click_asks_for_an_answer(asked: dict[str, Any]) -> None:
    _, field, button, below = box_of(asked)
    assert not field.value
    button.click()
    assert "Answer first" in below.value


def test_what_is_no_answer_is_said_below_and_escaped() -> None:
    _, field, button, below = box_of(NUMBER)
    field.value = "x"
    button.click()
    assert "&lt;x&gt;" in below.value


def test_the_button_says_what_it_does() -> None:
    assert box_of(CHOICE)[2].description == "Check"
