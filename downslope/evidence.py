"""Evidence: what a driver saw, as plain arrays, from which the judge works out what is claimed.

A random function has many right answers, so its numbers cannot be compared with stored ones. Its
driver sends what it saw in arrays whose names begin with `PREFIX`; `downslope.measures` turns them
into properties that are the same for every right answer. What is stored of a reference solution or
of a known mistake are the properties alone.

Functions that are not random need another way where the case itself would give the claim away; for
those `downslope.drivers.evidence` changes what the judge asks. It has a module of its own because
it builds on the drivers, while the drivers build on this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # drivers write evidence: they import this module
    from downslope.drivers.outcomes import Outcome


PREFIX = "evidence: "
GIVEN = "given: "  # what properties are worked out for, such as the data of a run
RULE = "rule: "  # a property that holds (1) or does not (0); the rest of its name says it in words

Arrays = dict[str, np.ndarray]
Measure = Callable[[Mapping[str, np.ndarray], Mapping[str, np.ndarray]], Arrays]


def without_evidence(outcome: Outcome) -> Outcome:
    """Keep the properties and what they were worked out for."""
    kept = {name: array for name, array in outcome.arrays.items() if not name.startswith(PREFIX)}
    return outcome._replace(arrays=kept)


def without_given(outcome: Outcome) -> Outcome:
    """Keep the properties alone: enough for a known mistake, which is only compared with."""
    kept = {name: array for name, array in outcome.arrays.items() if not name.startswith(GIVEN)}
    return outcome._replace(arrays=kept)


def measured_by(
    measure: Measure, recipe: str, outcomes: Sequence[Outcome], expected: Sequence[Outcome]
) -> Sequence[Outcome]:
    """Replace all that outcomes claim by what `measure` finds in their evidence.

    Args:
        measure: from the evidence and the arrays that were expected to properties.
        recipe: name of an array that marks outcomes of this kind, among those expected.
        outcomes: what came back; outcomes of other kinds stay as they are.
        expected: what the reference gives for the same cases, recipe included.
    """
    return [
        outcome._replace(arrays=measure(outcome.arrays, wanted.arrays))
        if recipe in wanted.arrays and outcome.problem is None
        else outcome
        for outcome, wanted in zip(outcomes, expected, strict=True)
    ]


def rules(held: Mapping[str, bool]) -> Arrays:
    """Write sentences and whether they hold as arrays.

    >>> rules({"all is well": True})
    {'rule: all is well': array(1.)}
    """
    return {f"{RULE}{words}": np.array(float(holds)) for words, holds in held.items()}


def whole_numbers(array: np.ndarray) -> np.ndarray:
    """Read an array that should hold whole numbers of a moderate size.

    Raises:
        ValueError: when it holds others, or is no row.
    """
    if array.ndim != 1 or not np.isfinite(array).all() or np.any(np.abs(array) > 2**31):
        raise ValueError("evidence that is no row of numbers")
    numbers = array.astype(np.int64)
    if np.any(numbers != array):
        raise ValueError("evidence with broken numbers")
    return numbers


def cut(row: np.ndarray, sizes: np.ndarray) -> list[np.ndarray]:
    """Cut a row into pieces of the given sizes, which must add up to its length.

    >>> cut(np.arange(3), np.array([1, 2]))
    [array([0]), array([1, 2])]
    """
    if np.any(sizes < 0) or sizes.sum() != len(row):
        raise ValueError("evidence whose pieces do not fit")
    return np.split(row, np.cumsum(sizes)[:-1]) if len(sizes) else []


def batches_of(row: np.ndarray, size: int) -> tuple[tuple[int, ...], ...]:
    """Cut a row of indices into batches whose inner order does not matter.

    >>> batches_of(np.array([3, 1, 2]), 2)
    ((1, 3), (2,))
    """
    return tuple(tuple(sorted(row[i : i + size].tolist())) for i in range(0, len(row), size))


def all_differ(orders: Sequence[tuple[tuple[int, ...], ...]]) -> bool:
    """Whether no two orders share the sequence, or, where batches mix, the set of their batches.

    One batch alone, or none, has no order.

    >>> all_differ([((0,), (1,)), ((1,), (0,))]), all_differ([((0, 1), (2,)), ((2,), (0, 1))])
    (True, False)
    """
    if not orders or max(map(len, orders)) < 2:
        return True
    mixing = max(len(batch) for order in orders for batch in order) > 1
    keys = {frozenset(order) if mixing else order for order in orders}
    return len(keys) == len(orders)


def told(arrays: Mapping[str, np.ndarray], *names: str) -> Iterator[np.ndarray]:
    """Look up arrays of evidence.

    Raises:
        KeyError: for one that is missing.
    """
    yield from (arrays[f"{PREFIX}{name}"] for name in names)
