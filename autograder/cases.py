"""Derive from an exercise's declaration the cases that learners see and the hidden ones."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.errors import AutograderError
from autograder.exercises import Exercise
from autograder.lessons import Lesson
from autograder.references import seeded_rng
from downslope.channel import outcomes_to_json, pack
from downslope.compare import Known, first_divergence
from downslope.drivers import Case, Outcome
from downslope.evidence import without_given
from downslope.plain import from_json, to_json

# Inputs are short numbers, pleasant to read and to retype. Stored outputs are cut far below every
# tolerance, so that a processor whose last bit differs builds the same bytes.
INPUT_DIGITS = 6
OUTPUT_DIGITS = 13


def make_cases(exercise: Exercise, *seed: str) -> list[Case]:
    """Generate an exercise's cases for a seed of words.

    Raises:
        AutograderError: when the generator fails or makes no case.
    """
    try:
        made = [_rounded(case, INPUT_DIGITS) for case in exercise.cases(seeded_rng(*seed))]
        cases: list[Case] = from_json(to_json(made))  # as learners get them
    except Exception as error:
        raise AutograderError(
            f"the cases of exercise {exercise.name!r} cannot be made: {type(error).__name__}: "
            f"{error}. Mend its generator in exercises.py"
        ) from error
    if not cases or not all(isinstance(case.get("label"), str) for case in cases):
        what = "has a case without a label" if cases else "has no cases"
        raise AutograderError(f"exercise {exercise.name!r} {what}. Mend its generator")
    return cases


def visible_data(lesson: Lesson, exercise: Exercise) -> dict[str, Any]:
    """Return what learners get: cases, expected outputs, outputs of known mistakes, hints.

    Raises:
        AutograderError: when a mistake cannot be told from the reference or from another one.
    """
    cases = make_cases(exercise, "visible", lesson.name, exercise.name)
    expected = lesson.reference.expected(exercise, cases)
    known = lesson.reference.known(exercise, cases)
    _tell_apart(exercise, expected, known, lesson.tolerances[exercise.name])
    contract = lesson.reference.contract(exercise)
    return {
        **contract.to_json(),
        "driver": exercise.driver,
        "points": lesson.points[exercise.name],
        "tolerance": lesson.tolerances[exercise.name],
        "hints": list(exercise.hints),
        "cases": to_json(cases),
        "expected": _stored(expected),
        "known": [
            {
                "name": item.name,
                "sentence": item.sentence,
                "accepted": item.accepted,
                "elsewhere": item.elsewhere,
                "outcomes": _stored([without_given(outcome) for outcome in item.outcomes]),
            }
            for item in known
        ],
    }


def hidden_test(lesson: Lesson, exercise: Exercise) -> str:
    """Write the hidden test that stock nbgrader runs: one line with packed cases and outputs."""
    cases = make_cases(exercise, "nbgrader", lesson.name, exercise.name)
    expected = lesson.reference.expected(exercise, cases)
    accepted = [item for item in lesson.reference.known(exercise, cases) if item.accepted]
    data = {
        "cases": to_json(cases),
        "expected": _stored(expected),
        "accepted": {item.name: _stored(item.outcomes) for item in accepted},
    }
    return (
        "from downslope import check_hidden\n"
        f'check_hidden("{exercise.name}", {exercise.name}, "{pack(data)}")'
    )


def _stored(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    return outcomes_to_json(
        [outcome._replace(arrays=_rounded(outcome.arrays, OUTPUT_DIGITS)) for outcome in outcomes]
    )


def _rounded(value: Any, digits: int) -> Any:
    """Round every float inside a case or outcome to so many significant digits."""
    if isinstance(value, dict):
        return {key: _rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item, digits) for item in value]
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        flat = [_round(number, digits) for number in value.ravel().tolist()]
        return np.array(flat, dtype=value.dtype).reshape(value.shape)
    return _round(value, digits) if isinstance(value, float) else value


def _round(number: float, digits: int) -> float:
    return float(f"{number:.{digits}g}")


def _tell_apart(
    exercise: Exercise, expected: list[Outcome], known: list[Known], tolerance: float
) -> None:
    for item in known:
        if any(outcome.problem for outcome in item.outcomes):
            raise AutograderError(
                f"mistake {item.name!r} of {exercise.name!r} does not run through: "
                f"{next(o.problem.text for o in item.outcomes if o.problem)}. "
                "A mistake must give numbers; faults that do not are named without a declaration"
            )
        if first_divergence(item.outcomes, expected, tolerance) is None:
            raise AutograderError(
                f"mistake {item.name!r} of {exercise.name!r} gives the right numbers on the "
                "visible cases. Make the cases tell it apart, or remove it"
            )
    for one, other in itertools.combinations(known, 2):
        if first_divergence(one.outcomes, other.outcomes, tolerance) is None:
            raise AutograderError(
                f"mistakes {one.name!r} and {other.name!r} of {exercise.name!r} give the same "
                "numbers on the visible cases. Make the cases tell them apart, or merge them"
            )
