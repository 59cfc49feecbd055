"""The built data is found by name, and a wrong name leads to the right one."""

import numpy as np
import pytest

from downslope import catalog

pytestmark = pytest.mark.usefixtures("small_course")


def test_an_exercise_is_loaded_with_cases_numbers_and_known_forms() -> None:
    exercise = catalog.exercise("small_step")
    assert exercise.contract.parameters == ("theta", "grad", "v", "lr")
    assert exercise.labels == ["a run", "a <second> run"]
    assert exercise.expected[0].arrays["theta"].shape == (3, 3)
    assert [(form.name, form.accepted, form.elsewhere) for form in exercise.known] == [
        ("forgetful", False, False),
        ("elsewhere", False, True),
        ("welcome", True, True),
    ]
    assert (exercise.lesson, exercise.points, exercise.tolerance) == ("01_small", 2.0, 1e-9)


def test_cases_hold_arrays() -> None:
    case = catalog.exercise("small_step").cases[0]
    assert isinstance(case["start"]["theta"], np.ndarray)
    assert case["updates"][2]["lr"] == 0.3


@pytest.mark.parametrize("name", ["small_stap", "lesson", "", "../01_small/small_step", None])
def test_a_wrong_exercise_lists_near_ones(name: str) -> None:
    with pytest.raises(LookupError, match="Did you mean small_step"):
        catalog.exercise(name)


def test_a_lesson_is_loaded_by_name() -> None:
    assert catalog.lesson("01_small")["title"] == "Small"


@pytest.mark.parametrize("name", ["02_small", "", "01_small/..", ".."])
def test_a_wrong_lesson_lists_those_there_are(name: str) -> None:
    with pytest.raises(LookupError, match="There are: 01_small"):
        catalog.lesson(name)


def test_a_question_is_found_in_whatever_lesson_it_stands() -> None:
    assert catalog.question("which")["options"] == ["SGD", "Adam", "Adagrad"]


def test_a_wrong_question_lists_near_ones() -> None:
    with pytest.raises(LookupError, match="Did you mean which"):
        catalog.question("wich")
