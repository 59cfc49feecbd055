"""The proof: each exercise of each lesson names its mistakes and accepts right answers.

Every answer is tried on the visible cases with their stored numbers, on the cases of the hidden
test, and on cases that the judge draws for several students.
"""

from __future__ import annotations

import functools
import json
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograder.cases import make_cases, visible_data
from autograder.exercises import Convention, Exercise, Variant
from autograder.judge import AnswerKey, Judge
from autograder.lessons import Lesson, lesson_folders, load_lesson
from autograder.results import ExerciseResult
from downslope.catalog import _visible_exercise
from downslope.channel import outcomes_to_json, pack, unpack
from downslope.compare import Known, Verdict, judge
from downslope.drivers import DRIVERS, STEPWISE, Case, Contract, Outcome
from downslope.messages import explain
from downslope.plain import from_json

SOURCE = Path(__file__).resolve().parents[1] / "source"
Function = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Subject:
    """An exercise with its lesson."""

    lesson: Lesson
    exercise: Exercise

    @property
    def function(self) -> Function:
        return self.lesson.reference.function(self.exercise.name)

    @functools.cached_property
    def contract(self) -> Contract:
        return self.lesson.reference.contract(self.exercise)

    @property
    def has_arrays(self) -> bool:
        """Whether there is an argument that can be changed in place."""
        case = drawings(self)[0].cases[0]
        given = case.get("arguments", inputs(case))
        return any(isinstance(value, np.ndarray) for value in given.values())

    def run(self, function: object, cases: list[Case]) -> list[Outcome]:
        return self.lesson.reference.run(self.exercise, function, cases)


class Drawing(NamedTuple):
    """Cases from one source with what is expected and known for them."""

    source: str
    cases: list[Case]
    expected: list[Outcome]
    known: list[Known]


LESSONS = [load_lesson(folder) for folder in lesson_folders(SOURCE)]
SUBJECTS = [Subject(lesson, one) for lesson in LESSONS for one in lesson.exercises.values()]

VALUES = {
    "call",
    "table",
    "steps",
}  # drivers of functions that return their values one beside the other
NUMBERS = VALUES | {"mapping", "nested", "forward_backward", "numbers_by_id"}
FUNCTIONS = set(DRIVERS) - {"value_class"}


def driven_by(drivers: set[str]) -> pytest.MarkDecorator:
    """Parametrise over the exercises with these drivers."""
    chosen = [subject for subject in SUBJECTS if subject.exercise.driver in drivers]
    return pytest.mark.parametrize("subject", chosen, ids=name_of)


def name_of(subject: Subject) -> str:
    """Name an exercise with its lesson, so that -k picks a lesson."""
    return f"{subject.lesson.name}-{subject.exercise.name}"


every_exercise = driven_by(set(DRIVERS))
every_function = driven_by(FUNCTIONS)
every_number = driven_by(NUMBERS)


@functools.cache
def drawings(subject: Subject) -> list[Drawing]:
    """The visible cases, those of stock nbgrader's hidden test, and those of three students."""
    lesson, exercise = subject.lesson, subject.exercise
    stored = _visible_exercise(unpack(pack(visible_data(lesson, exercise))), lesson.name)
    found = [Drawing("visible", list(stored.cases), list(stored.expected), list(stored.known))]
    words = [("nbgrader", lesson.name), *(("secret", s, lesson.name) for s in ("ada", "bo", "cy"))]
    for seed in words:
        cases = make_cases(exercise, *seed, exercise.name)
        expected = lesson.reference.expected(exercise, cases)
        known = lesson.reference.known(exercise, cases)
        found.append(Drawing(" ".join(seed), cases, expected, known))
    return found


def verdicts(subject: Subject, function: object) -> Iterator[tuple[str, Verdict]]:
    """What is decided about an answer, by source of the cases."""
    tolerance = subject.lesson.tolerances[subject.exercise.name]
    for source, cases, expected, known in drawings(subject):
        outcomes = subject.run(function, cases)
        verdict = judge(outcomes, expected, known, tolerance)
        assert told(subject, verdict, cases)  # whatever is decided can be said in words
        yield source, verdict


def told(subject: Subject, verdict: Verdict, cases: list[Case]) -> str:
    """What a learner reads about a verdict."""
    exercise = subject.exercise
    labels = [case["label"] for case in cases]
    steps = exercise.driver in STEPWISE
    return explain(verdict, exercise.name, exercise.returns, labels, steps=steps, cases=cases)


def inputs(case: Case) -> dict[str, Any]:
    """The arguments of a case's first call."""
    if "leaves" in case:
        return dict(case["leaves"])
    if "arguments" in case:
        return {**case.get("forward", {}), **case["arguments"]}
    return {**case["start"], **case["updates"][0]}


def variants(kind: str) -> pytest.MarkDecorator:
    """Parametrise over all mistakes or all alternatives of all exercises."""
    pairs = [(s, variant) for s in SUBJECTS for variant in getattr(s.exercise, kind)]
    names = [f"{s.lesson.name}-{s.exercise.name}-{variant.name}" for s, variant in pairs]
    return pytest.mark.parametrize(("subject", "variant"), pairs, ids=names)


@variants("mistakes")
def test_a_mistake_is_named_and_loses_its_points_unless_accepted(
    subject: Subject, variant: Variant
) -> None:
    accepted = isinstance(variant, Convention) and variant.accepted
    for source, verdict in verdicts(
        subject, subject.lesson.reference.variant(subject.exercise, variant)
    ):
        assert verdict.passed is accepted, source
        assert verdict.known is not None, source
        assert verdict.known.name == variant.name, source
        assert verdict.mistake == (None if accepted else variant.name), source


@variants("alternatives")
def test_an_alternative_gets_full_points(subject: Subject, variant: Variant) -> None:
    function = subject.lesson.reference.variant(subject.exercise, variant)
    for source, verdict in verdicts(subject, function):
        assert verdict == Verdict(passed=True), source


@every_exercise
def test_the_reference_gets_full_points(subject: Subject) -> None:
    assert {verdict for _, verdict in verdicts(subject, subject.function)} == {Verdict(passed=True)}


@every_exercise
def test_there_are_two_alternatives_and_every_mistake_has_a_sentence(subject: Subject) -> None:
    assert len(subject.exercise.alternatives) >= 2
    assert all(len(mistake.sentence.split()) > 4 for mistake in subject.exercise.mistakes)


# General faults, made of the reference. Each takes the reference and its arguments.


def parts_of(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def rebuilt(change: Callable[[Any], Any]) -> Callable[..., Any]:
    """A fault that changes the first returned value; of numbers by id the largest one."""

    def within(value: Any) -> Any:
        if isinstance(value, dict):
            key = max(value, key=lambda each: np.max(np.abs(value[each])))
            return {**value, key: change(value[key])}
        if not isinstance(value, tuple | list):
            return change(value)
        first, *rest = value
        return (within(first), *rest)

    return lambda function, *arguments: within(function(*arguments))


def with_nan(value: Any) -> Any:
    array = np.array(value, dtype=np.float64)
    array[(-1,) * array.ndim] = np.nan
    return array


class Subclass(np.ndarray):
    """An array in name only."""


def too_many(function: Function, *arguments: Any) -> Any:
    parts = parts_of(function(*arguments))
    return (*parts, parts[0])


def in_another_order(function: Function, *arguments: Any) -> Any:
    first, *rest = parts_of(function(*arguments))
    return (*rest, first)


def changes_an_argument(function: Function, *arguments: Any) -> Any:
    value = function(*(np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments))
    # Some cases of an exercise may have no array.
    next((a for a in arguments if isinstance(a, np.ndarray)), np.zeros(0)).fill(7.0)
    return value


def raises(function: Function, *arguments: Any) -> Any:
    raise ValueError("no")


def exits(function: Function, *arguments: Any) -> Any:
    sys.exit(0)


def blank(function: Function, *arguments: Any) -> Any:
    raise NotImplementedError("to be written")


def wants_more(function: Function, *arguments: Any) -> Any:
    return function(*arguments, 1.0)


FAULTS: dict[str, tuple[Callable[..., Any], str]] = {
    "returns nothing": (lambda f, *a: (f(*a), None)[1], "nothing"),
    "gives a list": (rebuilt(lambda x: np.asarray(x).reshape(-1).tolist()), "type"),
    "gives text": (rebuilt(str), "type"),
    "gives a subclass": (rebuilt(lambda x: np.array(x).view(Subclass)), "type"),
    "gives a masked array": (rebuilt(np.ma.masked_array), "type"),
    "gives float32": (rebuilt(lambda x: np.asarray(x).astype(np.float32)), "dtype"),
    "gives objects": (rebuilt(lambda x: np.asarray(x).astype(object)), "dtype"),
    "gives complex numbers": (rebuilt(lambda x: np.asarray(x) + 0j), "dtype"),
    "gives another shape": (rebuilt(lambda x: np.asarray(x, float)[..., None]), "shape"),
    "gives nan in one place": (rebuilt(with_nan), "not_finite"),
    "gives infinity": (rebuilt(lambda x: np.asarray(x) + np.inf), "not_finite"),
    "raises": (raises, "raised"),
    "exits": (exits, "raised"),
    "wants another argument": (wants_more, "raised"),
    "is blank": (blank, "not_written"),
}


def spoilt(subject: Subject, fault: Callable[..., Any]) -> Function:
    """The reference with a fault."""
    if subject.exercise.driver == "configs":  # called by keywords
        return lambda **values: fault(functools.partial(subject.function, **values))
    return functools.partial(fault, subject.function)


def assert_lost(subject: Subject, function: object, kind: str | None) -> None:
    for source, verdict in verdicts(subject, function):
        assert not verdict.passed, source
        assert verdict.mistake == kind, source


# What somebody typed in may be a list, and of any real numbers: no fault in a table.
faulty = [
    pytest.param(subject, fault, id=f"{name_of(subject)}-{fault}")
    for subject in SUBJECTS
    if subject.exercise.driver in NUMBERS
    for fault in FAULTS
    if subject.exercise.driver != "table" or fault not in {"gives a list", "gives float32"}
]


@pytest.mark.parametrize(("subject", "fault"), faulty)
def test_a_general_fault_loses_and_is_named(subject: Subject, fault: str) -> None:
    function, kind = FAULTS[fault]
    if fault == "gives a list" and is_nested(subject, templates=False):
        kind = "shape"  # where any nesting is read, a list is more nesting
    assert_lost(subject, spoilt(subject, function), kind)


def is_nested(subject: Subject, *, templates: bool) -> bool:
    driver = subject.exercise.driver
    case = drawings(subject)[0].cases[0]
    return (
        driver in {"nested", "forward_backward"}
        and templates is ("template" in case)
        and (templates or driver == "nested")
    )


@every_exercise
@pytest.mark.parametrize(
    ("fault", "kind"), [(raises, "raised"), (exits, "raised"), (blank, "not_written")]
)
def test_an_answer_that_does_not_run_loses_and_is_named(
    subject: Subject, fault: Function, kind: str
) -> None:
    assert_lost(subject, spoilt(subject, fault), kind)


@every_exercise
def test_something_that_is_no_function_loses(subject: Subject) -> None:
    assert_lost(subject, 3.0, "type")


@driven_by({"text", "order"})
def test_words_and_ids_of_another_kind_lose_and_are_named(subject: Subject) -> None:
    assert_lost(subject, spoilt(subject, lambda f, *a: (f(*a), None)[1]), "nothing")
    assert_lost(subject, spoilt(subject, lambda f, *a: (f(*a), {1.5})[1]), "type")


@driven_by(VALUES)
def test_another_number_of_values_loses(subject: Subject) -> None:
    single = len(set(subject.exercise.returns) - {"calls"}) == 1
    assert_lost(subject, spoilt(subject, too_many), "type" if single else "count")
    if not single:
        few = spoilt(subject, lambda f, *a: parts_of(f(*a))[:-1])
        assert_lost(subject, few, "count")


several = [
    subject
    for subject in SUBJECTS
    if len(subject.exercise.returns) > 1
    and subject.exercise.driver in VALUES | {"forward_backward"}
    and "calls" not in subject.exercise.returns
]


@pytest.mark.parametrize("subject", several, ids=name_of)
def test_values_in_another_order_lose_and_are_named(subject: Subject) -> None:
    assert_lost(subject, spoilt(subject, in_another_order), "order")


with_arrays = [
    subject for subject in SUBJECTS if subject.exercise.driver in FUNCTIONS and subject.has_arrays
]


@pytest.mark.parametrize("subject", with_arrays, ids=name_of)
def test_right_numbers_from_changed_arguments_lose_and_are_named(subject: Subject) -> None:
    assert_lost(subject, spoilt(subject, changes_an_argument), "changes_input")


@every_function
def test_a_call_of_a_forbidden_module_loses_and_is_named(subject: Subject) -> None:
    assert "downslope.optimizers" in subject.exercise.forbids
    for module in subject.exercise.forbids:
        ready_made = types.FunctionType((lambda: None).__code__, {"__name__": f"{module}.rules"})
        cheat = spoilt(subject, lambda f, *a, ready=ready_made: (ready(), f(*a))[1])
        assert_lost(subject, cheat, "uses_library")


@every_number
@pytest.mark.parametrize(("factor", "passes"), [(0.01, True), (20.0, False)])
def test_the_tolerance_is_where_it_is_said_to_be(
    subject: Subject, factor: float, passes: bool
) -> None:
    gap = factor * subject.lesson.tolerances[subject.exercise.name]
    near = spoilt(subject, rebuilt(lambda x: np.asarray(x) + gap * np.max(np.abs(x))))
    for source, verdict in verdicts(subject, near):
        assert verdict.passed is passes, source


def prints(function: Function, *arguments: Any) -> Any:
    sys.stdout.write("looking at theta\n")
    return function(*arguments)


def warns(function: Function, *arguments: Any) -> Any:
    warnings.warn("careful", stacklevel=2)
    return function(*arguments)


class Result(tuple[Any, ...]):
    """A tuple of a class of its own, as a named tuple is."""

    __slots__ = ()


def in_a_named_tuple(function: Function, *arguments: Any) -> Any:
    parts = parts_of(function(*arguments))
    return Result(parts)


def in_a_list(function: Function, *arguments: Any) -> Any:
    value = function(*arguments)
    return list(value) if isinstance(value, tuple) else value


def frozen(function: Function, *arguments: Any) -> Any:
    parts = tuple(np.array(part, float) for part in parts_of(function(*arguments)))
    for part in parts:
        part.flags.writeable = False
    return parts


def as_views(function: Function, *arguments: Any) -> Any:
    """Every second row of a larger array: not contiguous, owner of nothing."""
    return tuple(
        np.repeat(np.asarray(p)[None], 4, 0)[::2][1] for p in parts_of(function(*arguments))
    )


def with_defaults(function: Function, *arguments: Any, verbose: bool = False) -> Any:
    return function(*arguments)


HABITS = [prints, warns, in_a_list, with_defaults]
HABITS_WITH_VALUES = [in_a_named_tuple, frozen, as_views]


@every_function
@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.__name__)
def test_a_harmless_habit_costs_nothing(subject: Subject, habit: Function) -> None:
    for source, verdict in verdicts(subject, spoilt(subject, habit)):
        assert verdict == Verdict(passed=True), source


@driven_by(VALUES)
@pytest.mark.parametrize("habit", HABITS_WITH_VALUES, ids=lambda habit: habit.__name__)
def test_a_harmless_way_to_return_costs_nothing(subject: Subject, habit: Function) -> None:
    test_a_harmless_habit_costs_nothing(subject, habit)


class Perishable:
    """Right on the first few calls, wrong ever after."""

    def __init__(self, function: Function, calls: int) -> None:
        self.function, self.calls = function, calls

    def __call__(self, *arguments: Any) -> Any:
        self.calls -= 1
        factor = 1.0 if self.calls >= 0 else 1.5
        return rebuilt(lambda x: np.asarray(x) * factor + (factor - 1.0))(self.function, *arguments)


@every_number
def test_an_answer_that_breaks_on_the_last_call_loses(subject: Subject) -> None:
    cases = drawings(subject)[0].cases
    while "raises" in cases[-1]:  # an error comes before the number that would break
        cases = cases[:-1]
    calls = sum(len(case.get("updates", (1,))) for case in cases) - 1
    lasting = dict(verdicts(subject, Perishable(subject.function, calls + 1)))
    breaking = dict(verdicts(subject, Perishable(subject.function, calls)))
    assert (lasting["visible"].passed, breaking["visible"].passed) == (True, False)


with_inputs = [
    subject
    for subject in SUBJECTS
    if subject.contract.parameters
    and subject.exercise.driver in NUMBERS
    and "calls" not in subject.exercise.returns
]


@pytest.mark.parametrize("subject", with_inputs, ids=name_of)
def test_an_answer_that_knows_the_visible_cases_by_heart_loses_elsewhere(subject: Subject) -> None:
    known: dict[str, Any] = {}
    zeros = spoilt(subject, rebuilt(lambda x: np.asarray(x) * 0.0))

    def learn(*arguments: Any) -> Any:
        return known.setdefault(repr(arguments), subject.function(*arguments))

    def recite(*arguments: Any) -> Any:
        value = known.get(repr(arguments))
        return zeros(*arguments) if value is None else value

    visible, *others = drawings(subject)
    subject.run(learn, visible.cases)
    passed = [verdict.passed for _, verdict in verdicts(subject, recite)]
    assert passed == [True] + [False] * len(others)


@every_exercise
def test_students_get_inputs_of_their_own(subject: Subject) -> None:
    if not subject.contract.parameters:
        return
    texts = [repr([inputs(case) for case in drawing.cases]) for drawing in drawings(subject)]
    assert len(set(texts)) == len(texts)


# The way through the judge itself: what ends up in the record.


@functools.cache
def judge_of(lesson_name: str) -> Judge:
    lesson = next(lesson for lesson in LESSONS if lesson.name == lesson_name)
    return Judge(AnswerKey.of(lesson, {"cells": []}), "secret", "dee")


def graded(subject: Subject, function: object) -> ExerciseResult:
    """What the record says about an answer."""
    asked = unpack((judging := judge_of(subject.lesson.name)).request(subject.exercise.name))
    assert asked["driver"] == subject.exercise.driver
    outcomes = subject.run(function, from_json(asked["cases"]))
    reply = {"missing": False, "outcomes": outcomes_to_json(outcomes)}
    return judging.decide(subject.exercise.name, json.dumps(reply))


@every_exercise
@pytest.mark.parametrize(
    ("fault", "verdict", "mistake"),
    [
        (blank, "missing", None),
        (raises, "error", "raised"),
        (exits, "error", "raised"),
    ],
)
def test_the_record_says_what_became_of_an_answer_that_does_not_run(
    subject: Subject, fault: Function, verdict: str, mistake: str | None
) -> None:
    assert_recorded(subject, fault, verdict, mistake)


@every_number
@pytest.mark.parametrize(
    ("fault", "verdict", "mistake"),
    [
        (rebuilt(with_nan), "fail", "not_finite"),
        (rebuilt(lambda x: np.asarray(x) + 0j), "fail", "dtype"),
    ],
)
def test_the_record_says_what_became_of_a_faulty_answer(
    subject: Subject, fault: Function, verdict: str, mistake: str | None
) -> None:
    assert_recorded(subject, fault, verdict, mistake)


def assert_recorded(subject: Subject, fault: Function, verdict: str, mistake: str | None) -> None:
    result = graded(subject, spoilt(subject, fault))
    assert (result.score, result.verdict, result.mistake) == (0.0, verdict, mistake)
    assert subject.exercise.name in result.message or result.message


@every_exercise
def test_the_record_gives_a_right_answer_all_its_points(subject: Subject) -> None:
    result = graded(subject, subject.function)
    points = subject.lesson.points[subject.exercise.name]
    assert (result.score, result.max_score, result.verdict) == (points, points, "pass")
