"""Compare what an answer gave with what was expected, and with what known mistakes give.

Numbers in, verdict out: the learner's check and the judge that grades both use this module, so that
they can never disagree about the same numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from downslope.drivers import Outcome, Problem
from downslope.measures import measured

# Arrays that are zero throughout have no scale of their own; this one keeps them comparable.
SMALLEST_SCALE = 1e-12
MAX_REORDERED = 5  # arrays whose orders are all tried: 120 of them


@dataclass(frozen=True)
class Divergence:
    """The first number that leaves the reference.

    Attributes:
        case: position of the case.
        array: name of the returned array.
        index: position in that array; for driver "steps" the first entry counts updates from 0.
        got: the answer's number.
        expected: the reference's number.
        shapes: the answer's shape and the reference's, where they differ.
    """

    case: int
    array: str
    index: tuple[int, ...]
    got: float
    expected: float
    shapes: tuple[tuple[int, ...], tuple[int, ...]] | None = None

    @property
    def ratio(self) -> float | None:
        """Got over expected, or None where that says nothing."""
        if not np.isfinite(self.got) or self.expected == 0 or self.got == 0:
            return None
        return self.got / self.expected


class Known(NamedTuple):
    """A known wrong (or differently conventional) answer, as numbers.

    Attributes:
        name: short name, the one that reports count.
        sentence: what a learner should read.
        outcomes: one per case, in order; they may be worked out on demand.
        accepted: a form that is right here too, with its sentence as a remark.
        elsewhere: a convention of other courses rather than an error.
    """

    name: str
    sentence: str
    outcomes: Sequence[Outcome]
    accepted: bool = False
    elsewhere: bool = False


class Verdict(NamedTuple):
    """What was decided about an answer, before it is put into words.

    Attributes:
        passed: full points.
        mistake: name of the known mistake or of the general fault, or None.
        known: the recognised form, accepted or not, or None.
        problem: why there was nothing to compare, or None.
        divergence: where the numbers first leave the reference, or None.
        changed: arguments that were changed in place.
    """

    passed: bool
    mistake: str | None = None
    known: Known | None = None
    problem: Problem | None = None
    divergence: Divergence | None = None
    changed: tuple[str, ...] = ()


def judge(
    outcomes: Sequence[Outcome],
    expected: Sequence[Outcome],
    known: Sequence[Known],
    tolerance: float,
) -> Verdict:
    """Decide about an answer.

    Args:
        outcomes: what the answer gave, one per case.
        expected: what the reference gives for the same cases.
        known: known mistakes and conventions with their outcomes for the same cases.
        tolerance: largest accepted gap, as a share of the largest number of each array.

    Raises:
        ValueError: when the numbers of outcomes differ.
    """
    if len(outcomes) != len(expected):
        raise ValueError(f"{len(outcomes)} outcomes for {len(expected)} cases")
    for outcome in outcomes:
        if outcome.problem is not None:
            return Verdict(passed=False, mistake=outcome.problem.kind, problem=outcome.problem)
    changed = tuple(sorted({name for outcome in outcomes for name in outcome.changed}))
    outcomes, expected = measured(outcomes, expected)
    divergence = first_divergence(outcomes, expected, tolerance)
    if divergence is None:
        return Verdict(not changed, "changes_input" if changed else None, changed=changed)
    match = recognise(outcomes, known, tolerance)
    if match is not None and match.accepted:
        return Verdict(not changed, "changes_input" if changed else None, match, changed=changed)
    name = match.name if match is not None else _general_fault(outcomes, expected, tolerance)
    return Verdict(passed=False, mistake=name, known=match, divergence=divergence, changed=changed)


def first_divergence(
    outcomes: Sequence[Outcome], expected: Sequence[Outcome], tolerance: float
) -> Divergence | None:
    """Find the first number that differs: by case, then earliest update, then array, then index."""
    for case, (outcome, wanted) in enumerate(zip(outcomes, expected, strict=True)):
        found = []
        for order, (name, reference) in enumerate(wanted.arrays.items()):
            index = _first_gap(outcome.arrays.get(name), reference, tolerance)
            if index is not None:
                found.append((index[:1], order, index, name))
        if found:
            _, _, index, name = min(found)
            return _divergence(case, name, index, outcome.arrays.get(name), wanted.arrays[name])
    return None


def _divergence(
    case: int, name: str, index: tuple[int, ...], got: np.ndarray | None, reference: np.ndarray
) -> Divergence:
    shape = reference.shape
    numbers = _number(got, shape, index), _number(reference, shape, index)
    shapes = None if got is None or got.shape == shape else (got.shape, shape)
    return Divergence(case, name, index, *numbers, shapes)


def recognise(
    outcomes: Sequence[Outcome], known: Sequence[Known], tolerance: float
) -> Known | None:
    """Find the known form whose numbers these are, in every case."""
    for candidate in known:
        # Case by case: a form that parts in an early case need not be run on the others.
        if first_divergence(outcomes, candidate.outcomes, tolerance) is not None:
            continue
        # A form that fails on these inputs gave too few numbers to be told from anything.
        if not any(outcome.problem for outcome in candidate.outcomes):
            return candidate
    return None


def _first_gap(
    got: np.ndarray | None, reference: np.ndarray, tolerance: float
) -> tuple[int, ...] | None:
    """Index of the first number outside the tolerance; nan equals only nan."""
    if reference.size == 0:
        return None if got is not None and got.shape == reference.shape else ()
    if got is None or got.shape != reference.shape:
        return (0,) * reference.ndim
    finite = np.abs(reference[np.isfinite(reference)])
    scale = max(float(finite.max(initial=0.0)), SMALLEST_SCALE)
    with np.errstate(all="ignore"):
        close = np.abs(got - reference) <= tolerance * scale
    close |= (got == reference) | (np.isnan(got) & np.isnan(reference))
    gaps = np.argwhere(~close)
    return tuple(int(position) for position in gaps[0]) if len(gaps) else None


def _general_fault(
    outcomes: Sequence[Outcome], expected: Sequence[Outcome], tolerance: float
) -> str | None:
    """Name faults that any exercise can have: nan, a wrong shape, values in another order."""
    pairs = list(zip(outcomes, expected, strict=True))
    # First the order: a state that is fed back in another place soon gives nan.
    complete = all(set(wanted.arrays) <= set(outcome.arrays) for outcome, wanted in pairs)
    if complete and _reordered(outcomes, expected, tolerance):
        return "order"
    for outcome, wanted in pairs:
        for name, reference in wanted.arrays.items():
            got = outcome.arrays.get(name)
            if got is None or got.shape != reference.shape:
                return "shape"
    arrays = [array for outcome in outcomes for array in outcome.arrays.values()]
    return None if all(np.isfinite(array).all() for array in arrays) else "not_finite"


def _reordered(outcomes: Sequence[Outcome], expected: Sequence[Outcome], tolerance: float) -> bool:
    """Are these the reference's arrays under other names, in all cases alike?

    Whole arrays, or first updates alone: a state that is fed back in another place goes astray.
    """
    names = expected[0].arrays
    if len(names) > MAX_REORDERED or any(set(each.arrays) != set(names) for each in expected):
        return False
    right, *others = itertools.permutations(names)

    def fits(order: Sequence[str], part: Callable[[np.ndarray], np.ndarray]) -> bool:
        return all(
            _first_gap(part(outcome.arrays[name]), part(wanted.arrays[other]), tolerance) is None
            for outcome, wanted in zip(outcomes, expected, strict=True)
            for name, other in zip(right, order, strict=True)
        )

    if any(fits(order, np.asarray) for order in others):
        return True
    return not fits(right, _head) and any(fits(order, _head) for order in others)


def _number(array: np.ndarray | None, shape: tuple[int, ...], index: tuple[int, ...]) -> float:
    """Read one number; nan where the array is missing, empty or of another shape."""
    if array is None or array.shape != shape or not array.size:
        return float("nan")
    return float(array[index])


def _head(array: np.ndarray) -> np.ndarray:
    return array[:1] if array.ndim else array
