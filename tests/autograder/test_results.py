"""A result keeps its form on the way to the documented JSON and back."""

import json

import pytest

from autograder.results import ExerciseResult, Result

EXERCISES = {
    "f": ExerciseResult(2.0, 2.0, "pass", None, "Right."),
    "g": ExerciseResult(0.0, 3.0, "fail", "sign", "Uphill."),
    "why": ExerciseResult(0.0, 1.5, "manual", None, "Waits."),
}
RESULT = Result("ada", "01_tiny", "graded", "reduced", 1.23456, ("mended",), EXERCISES)


def test_scores_add_up() -> None:
    assert (RESULT.score, RESULT.max_score) == (2.0, 6.5)


def test_the_json_has_the_documented_fields() -> None:
    data = json.loads(json.dumps(RESULT.to_json()))
    fields = "student assignment score max_score status isolation seconds repairs exercises"
    assert list(data) == fields.split()
    assert set(data["exercises"]["g"]) == {"score", "max_score", "verdict", "mistake", "message"}
    assert data["seconds"] == 1.235


def test_a_result_comes_back() -> None:
    copy = Result.from_json(json.loads(json.dumps(RESULT.to_json())))
    assert copy == Result("ada", "01_tiny", "graded", "reduced", 1.235, ("mended",), EXERCISES)


def test_a_result_without_exercises_has_no_points() -> None:
    empty = Result("ada", "01_tiny", "unreadable", "none", 0.0)
    assert (empty.score, empty.max_score) == (0, 0)


@pytest.mark.parametrize("missing", ["student", "repairs", "exercises"])
def test_a_record_that_lacks_a_field_is_refused(missing: str) -> None:
    data = RESULT.to_json()
    del data[missing]
    with pytest.raises(KeyError):
        Result.from_json(data)
