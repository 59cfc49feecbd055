"""The judge: fresh inputs for each student, and points for right numbers alone."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import judge as judging
from autograder.exercises import Convention, Mistake
from autograder.judge import AnswerKey, Judge
from autograder.lessons import Lesson
from autograder.results import ExerciseResult
from downslope.channel import outcomes_to_json, unpack
from downslope.drivers import Contract, Outcome, Problem, run_cases
from downslope.plain import from_json


@pytest.fixture
def key(tiny_lesson: Lesson) -> AnswerKey:
    fine = Convention(
        "shifted", "Right in its own way.", [("2.0 * x", "2.0 * x + 1")], accepted=True
    )
    nan = Mistake("zero_by_zero", "You divide zero by zero.", [("2.0 * x", "0 * x / 0")])
    exercise = tiny_lesson.exercises["double"]
    mistakes = (*exercise.mistakes, fine, nan)
    made = AnswerKey.of(tiny_lesson, {"cells": []})
    made.__dict__["exercises"] = {"double": replace(exercise, mistakes=mistakes)}
    return made


@pytest.fixture
def judge(key: AnswerKey) -> Judge:
    return Judge(key, "secret", "ada")


Answer = Callable[[Any], Any]


def reply_of(judge: Judge, function: Answer) -> str:
    """What a sandbox would reply for a function."""
    asked = unpack(judge.request("double"))
    contract = Contract(asked["name"], asked["parameters"], asked["returns"], asked["forbids"])
    outcomes = run_cases(asked["driver"], function, contract, from_json(asked["cases"]))
    return json.dumps({"missing": False, "outcomes": outcomes_to_json(outcomes)})


def decide(judge: Judge, function: Answer) -> ExerciseResult:
    return judge.decide("double", reply_of(judge, function))


def test_right_numbers_get_the_points(judge: Judge) -> None:
    message = "double is right in 2 cases."
    assert decide(judge, lambda x: x + x) == ExerciseResult(4.0, 4.0, "pass", None, message)


def test_an_accepted_form_gets_the_points_and_its_remark(judge: Judge) -> None:
    result = decide(judge, lambda x: 2 * x + 1)
    assert (result.score, result.verdict, result.mistake) == (4.0, "pass", "shifted")
    assert "Right in its own way." in result.message


def raises(x: Any) -> Any:
    raise ValueError("no")


def blank(x: Any) -> Any:
    raise NotImplementedError


def in_place(x: Any) -> Any:
    x *= 2
    return x


@pytest.mark.parametrize(
    ("function", "verdict", "mistake"),
    [
        (lambda x: x**2, "fail", "squares"),
        (lambda x: x * np.nan, "fail", "zero_by_zero"),
        (lambda x: x * np.inf, "fail", "not_finite"),
        (lambda x: x, "fail", None),
        (lambda x: 2 * x.astype(np.float32), "fail", "dtype"),
        (lambda x: (2 * x)[..., None], "fail", "shape"),
        (lambda x: (2 * x).tolist(), "fail", "type"),
        (lambda x: None, "fail", "nothing"),
        (in_place, "fail", "changes_input"),
        (raises, "error", "raised"),
        (blank, "missing", None),
        (None, "fail", "type"),
    ],
)
def test_a_wrong_answer_loses_its_points_and_is_named(
    judge: Judge, function: Answer, verdict: str, mistake: str | None
) -> None:
    result = decide(judge, function)
    assert (result.score, result.max_score) == (0.0, 4.0)
    assert (result.verdict, result.mistake) == (verdict, mistake)
    assert result.message


def test_a_function_that_is_missing_is_said_to_be(judge: Judge) -> None:
    result = judge.decide("double", '{"missing": true}')
    assert (result.score, result.verdict) == (0.0, "missing")


def honest(judge: Judge) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(reply_of(judge, lambda x: 2 * x))
    return data


def forged(judge: Judge) -> dict[str, str]:
    """Replies that claim to be right without being so."""
    outcomes = honest(judge)["outcomes"]
    empty: dict[str, Any] = {"arrays": {}, "changed": [], "problem": None}
    claims: dict[str, Any] = {
        "nothing": {},
        "no outcomes": {"missing": False},
        "an empty list": {"missing": False, "outcomes": []},
        "a score": {"missing": False, "outcomes": [], "score": 4, "passed": True},
        "one case too few": {"missing": False, "outcomes": outcomes[:1]},
        "one case too many": {"missing": False, "outcomes": [*outcomes, outcomes[0]]},
        "no arrays": {"missing": False, "outcomes": [empty, empty]},
        "arrays of another name": {"missing": False, "outcomes": renamed(outcomes)},
        "a pass as problem": {
            "missing": False,
            "outcomes": [{**empty, "problem": ["pass", "right"]}] * 2,
        },
        "a list": [],
        "a string": "right",
        "a number": 4,
        "true": True,
        "missing in words": {"missing": "true", "outcomes": "none"},
    }
    texts = {name: json.dumps(claim) for name, claim in claims.items()}
    return texts | {
        "no text": "",
        "half": '{"missing": false, "outcomes": [',
        "deep": "[" * 100_000,
        "deep and closed": "[" * 20_000 + "]" * 20_000,
        "a long number": '{"missing": false, "outcomes": ' + "9" * 5000 + "}",
        "python": "__import__('os')",
    }


def renamed(outcomes: list[Any]) -> list[Any]:
    return [{**one, "arrays": {"other": one["arrays"]["result"]}} for one in outcomes]


def test_no_forged_reply_earns_a_point_or_stops_the_judge(judge: Judge) -> None:
    for name, text in forged(judge).items():
        result = judge.decide("double", text)
        assert result.score == 0.0, name
        assert result.verdict in ("error", "fail"), name
        assert len(result.message) < 1000, name


def test_a_huge_reply_is_not_read(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MAX_REPLY", 1000)
    result = judge.decide("double", reply_of(judge, lambda x: np.zeros(10_000)))
    assert (result.verdict, result.mistake) == ("error", None)
    assert "too large" in result.message


def test_a_reply_to_another_students_question_is_wrong(key: AnswerKey) -> None:
    reply = reply_of(Judge(key, "secret", "ada"), lambda x: 2 * x)
    assert Judge(key, "secret", "bob").decide("double", reply).score == 0.0
    assert Judge(key, "other", "ada").decide("double", reply).score == 0.0
    assert Judge(key, "secret", "ada").decide("double", reply).score == 4.0


def test_a_students_own_names_for_mistakes_are_not_taken_over(judge: Judge) -> None:
    outcomes = outcomes_to_json([Outcome({}, (), Problem("Well done!", "x"))] * 2)
    result = judge.decide("double", json.dumps({"missing": False, "outcomes": outcomes}))
    assert (result.verdict, result.mistake) == ("error", None)


def test_a_message_can_be_stored_whatever_the_student_wrote(judge: Judge) -> None:
    def curse(x: Any) -> Any:
        raise ValueError("\ud800\x00\x1b[2J" + "y" * 10_000)

    message = decide(judge, curse).message
    assert len(message) < 3000
    assert message.encode("utf-8").decode().replace("\n", "").isprintable()


def test_a_request_holds_inputs_and_nothing_that_answers_them(judge: Judge) -> None:
    asked = unpack(judge.request("double"))
    wanted = {"name", "driver", "parameters", "returns", "forbids", "cases"}
    assert set(asked) == wanted
    assert all(set(case) == {"label", "arguments"} for case in asked["cases"])


def test_inputs_repeat_for_a_student_and_differ_between_students(key: AnswerKey) -> None:
    requests = [Judge(key, "s", name).request("double") for name in ("a", "a", "b")]
    assert requests[0] == requests[1]
    assert requests[0] != requests[2]


def test_a_mistake_that_fails_on_these_inputs_is_recognised_in_nothing(key: AnswerKey) -> None:
    exercise = key.exercises["double"]
    picky = Mistake("picky", "?", source="def double(x):\n    raise ValueError\n")
    key.exercises["double"] = replace(exercise, mistakes=(picky,))
    assert decide(Judge(key, "s", "a"), lambda x: x).mistake is None


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(max_size=40) | st.from_regex(r'\{"missing": (false|true|0), "outcomes": .{0,20}\}'))
def test_any_text_is_decided(text: str) -> None:
    assert ANY_JUDGE.decide("double", text).score == 0.0


ANY_KEY = AnswerKey(
    assignment="01_tiny",
    declarations={
        "01_tiny/exercises.py": "from autograder.exercises import Exercise, call_case\n"
        "EXERCISES = (Exercise('double', ('y',), lambda rng: [call_case('x', x=rng.random())],"
        " driver='call'),)\n"
    },
    references={"double": "def double(x):\n    return 2 * x\n"},
    tolerances={"double": 1e-9},
    points={"double": 4.0},
    checks={"double": "check_double"},
    manual={},
    release={"cells": []},
)
ANY_JUDGE = Judge(ANY_KEY, "s", "a")


def test_a_key_survives_the_way_to_a_worker(tiny_lesson: Lesson) -> None:
    key = AnswerKey.of(tiny_lesson, {"cells": [{"id": "x"}]})
    copy = AnswerKey(**json.loads(json.dumps(key.to_json())))
    assert copy == key
    assert copy.digest == key.digest
    assert Judge(copy, "s", "a").request("double") == Judge(key, "s", "a").request("double")
    assert decide(Judge(copy, "s", "a"), lambda x: 2 * x).score == 4.0


def test_a_key_knows_points_checks_and_manual_cells(tiny_lesson: Lesson) -> None:
    key = AnswerKey.of(tiny_lesson, {"cells": []})
    assert (key.points, key.manual) == ({"double": 4.0}, {"why_even": 3.0})
    assert key.checks == {"double": "check_double"}
    assert "SOLUTION" not in key.references["double"]


@pytest.mark.parametrize(
    "change",
    [
        {"tolerances": {"double": 1e-3}},
        {"points": {"double": 5.0}},
        {"references": {"double": "def double(x):\n    return x + x\n"}},
        {"release": {"cells": [{"id": "x"}]}},
    ],
)
def test_another_key_has_another_digest(change: dict[str, Any]) -> None:
    assert replace(ANY_KEY, **change).digest != ANY_KEY.digest
