"""How far arrays of numbers lie apart, in the measure by which `downslope.compare` judges."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.exercises import Exercise, Variant
from autograder.references import Reference
from downslope.compare import SMALLEST_SCALE
from downslope.drivers import Case, Outcome
from downslope.measures import measured

Arrays = dict[str, np.ndarray]


def gap(got: Arrays, reference: Arrays) -> float:
    """Return the largest difference, relative to the largest number of its array.

    It is infinite where a shape differs or only one of two numbers is finite.

    >>> gap({"m": np.array([4.0, 1.0])}, {"m": np.array([4.0, 2.0])})
    0.25
    """
    return max(_array_gap(got.get(name), array) for name, array in reference.items())


def _array_gap(got: np.ndarray | None, reference: np.ndarray) -> float:
    if got is None or got.shape != reference.shape:
        return math.inf
    finite = np.abs(reference[np.isfinite(reference)])
    scale = max(float(finite.max(initial=0.0)), SMALLEST_SCALE)
    same = (got == reference) | (np.isnan(got) & np.isnan(reference))
    with np.errstate(invalid="ignore", over="ignore"):
        found = np.where(same, 0.0, np.abs(got - reference) / scale)
    return float(np.nan_to_num(found, nan=math.inf, posinf=math.inf).max(initial=0.0))


def distance(one: Sequence[Outcome], other: Sequence[Outcome]) -> float:
    """Return the largest gap over the cases: answers this far apart are told from each other."""
    return max(gap(a.arrays, b.arrays) for a, b in zip(one, other, strict=True))


def run_variant(
    reference: Reference, exercise: Exercise, variant: Variant, cases: list[Case]
) -> list[Outcome]:
    """Run a mistake or another right answer."""
    function = reference.variant(exercise, variant)
    return reference.run(exercise, function, cases)


def other_answers(reference: Reference, exercise: Exercise, cases: list[Case]) -> float:
    """Return how far the exercise's right answers in other styles lie from the reference."""
    expected = reference.expected(exercise, cases)
    runs = [run_variant(reference, exercise, each, cases) for each in exercise.alternatives]
    return max((distance(*measured(run, expected)) for run in runs), default=0.0)


def nearest_mistake(
    reference: Reference, exercise: Exercise, runs: Sequence[list[Case]]
) -> dict[str, Any] | None:
    """Find the mistake that comes closest to the reference in any of several sets of cases.

    None without mistakes; a distance of None is infinite.
    """
    found: list[dict[str, float]] = []
    for cases in runs:
        expected = reference.expected(exercise, cases)
        wrong = [item for item in reference.known(exercise, cases) if not item.accepted]
        found.append({item.name: distance(item.outcomes, expected) for item in wrong})
    if not found[0]:
        return None
    name, least = _smallest(found)
    return {"name": name, "distance": least}


def closest_pair(
    reference: Reference, exercise: Exercise, runs: Sequence[list[Case]]
) -> dict[str, Any] | None:
    """Find the two known forms that come closest to each other; None when there are not two."""
    found: list[dict[tuple[str, str], float]] = []
    for cases in runs:
        pairs = itertools.combinations(reference.known(exercise, cases), 2)
        found.append({(a.name, b.name): distance(a.outcomes, b.outcomes) for a, b in pairs})
    if not found[0]:
        return None
    (name, other), least = _smallest(found)
    return {"name": name, "other": other, "distance": least}


def _smallest(runs: Sequence[dict[Any, float]]) -> tuple[Any, float | None]:
    """Return the key that comes closest in any run; ties in two digits go to the first key."""
    least = {key: float(f"{min(run[key] for run in runs):.2g}") for key in runs[0]}
    key = min(least, key=lambda each: least[each])
    return key, least[key] if math.isfinite(least[key]) else None
