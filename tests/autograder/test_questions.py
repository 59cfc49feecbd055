"""Questions are published so that machines can mark them and nobody reads them by mistake."""

import json
from typing import Any

import pytest

from autograder.questions import Choice, Number, Question, TrueFalse
from downslope.quizzes import reply

STATEMENT = TrueFalse("is_it", "Adam's first step is lr.", answer=True, why="Because it is.")
CHOICE = Choice("which", "Which?", options={"SGD": "Too slow.", "Adam": "Fast."}, answer="Adam")
NUMBER = Number("m1", "m is?", 0.2, 2, why="0.1 * 2.", slips={2.0: "A factor is missing."})
ASKED: list[Question] = [STATEMENT, CHOICE, NUMBER]


@pytest.mark.parametrize(
    ("question", "answer", "right", "words"),
    [
        (STATEMENT, True, True, "Because it is."),
        (STATEMENT, False, False, "Not so. Look at it once more."),
        (CHOICE, "Adam", True, "Fast."),
        (CHOICE, "SGD", False, "Too slow."),
        (NUMBER, 0.2, True, "0.1 * 2."),
        (NUMBER, 2, False, "A factor is missing."),
        (NUMBER, 0.4, False, "Not this number. Work it out once more, step by step."),
    ],
)
def test_published_questions_are_marked(
    question: Any, answer: Any, right: bool, words: str
) -> None:
    assert reply(question.published(), answer) == (right, words)


@pytest.mark.parametrize("question", ASKED, ids=lambda question: question.name)
def test_published_data_is_json_without_replies_in_clear(question: Question) -> None:
    text = json.dumps(question.published())
    for words in ("Because", "Fast", "0.1 * 2", "missing", "2.0e-01"):
        assert words not in text


def test_a_false_statement_is_right_when_denied() -> None:
    question = TrueFalse("no", "1 > 2", answer=False, why="Indeed not.", why_not="Count!")
    assert reply(question.published(), "false") == (True, "Indeed not.")
    assert reply(question.published(), "true") == (False, "Count!")


def test_options_keep_their_order() -> None:
    assert CHOICE.published()["options"] == ["SGD", "Adam"]
    assert STATEMENT.published()["options"] == ["true", "false"]


def test_an_answer_that_is_no_option_is_refused() -> None:
    with pytest.raises(ValueError, match="question 'q': answer 'c' is not an option"):
        Choice("q", "?", {"a": "", "b": ""}, "c")


def test_options_that_differ_in_capitals_only_are_refused() -> None:
    with pytest.raises(ValueError, match="question 'q': two options are the same"):
        Choice("q", "?", {"Adam": "", "adam ": ""}, "Adam")


def test_a_slip_that_rounds_to_the_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="question 'q': a slip rounds to the right answer"):
        Number("q", "?", 0.2, 2, "why", {0.2001: "no"})


def test_the_same_answer_has_another_digest_in_another_question() -> None:
    other = TrueFalse("other", "?", answer=True, why="")
    assert other.published()["right"] != STATEMENT.published()["right"]
