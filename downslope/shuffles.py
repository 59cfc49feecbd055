"""Properties of shuffled mini-batches, worked out from the indices that came back.

Every way to shuffle is right if each index is in one batch, the batches have their sizes, and the
order comes from the generator alone. How likely a right answer is to look wrong by chance is said
beside each rule; for the cases of the course all rules together stay below one in ten million.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from downslope.evidence import (
    GIVEN,
    PREFIX,
    Arrays,
    all_differ,
    batches_of,
    cut,
    measured_by,
    rules,
    told,
    whole_numbers,
)

if TYPE_CHECKING:
    from downslope.drivers.outcomes import Outcome

RECIPE = f"{GIVEN}shuffle"  # n, batch size, and whether there are many calls of one generator

Batches = list[np.ndarray]

# A count of 400 calls may lie this many standard deviations from its mean. By the exact binomial
# distribution, a right answer fails one of the 42 counts less than once in ten million times.
LARGEST_DEVIATION = 7.0


def as_evidence(calls: Sequence[Sequence[np.ndarray]]) -> Arrays:
    """Write the batches of several calls as plain arrays."""
    batches = [batch for call in calls for batch in call]
    rows = {
        "batches": np.array([len(call) for call in calls]),
        "sizes": np.array([len(batch) for batch in batches]),
        "indices": np.concatenate(batches) if batches else np.zeros(0),
    }
    return {f"{PREFIX}{name}": row.astype(np.float64) for name, row in rows.items()}


def properties(arrays: Mapping[str, np.ndarray], given: Mapping[str, np.ndarray]) -> Arrays:
    """Work out what holds for the batches of all calls.

    Args:
        arrays: evidence, as `as_evidence` writes it. The calls are two of one generator, one of
            a generator with the same seed, one of another seed; or many calls of one generator.
        given: `RECIPE`, an array (n, batch size, many).

    Evidence that cannot be read has no property.
    """
    recipe = given[RECIPE]
    n, size, many = (int(number) for number in recipe)
    try:
        counts, sizes, indices = map(whole_numbers, told(arrays, "batches", "sizes", "indices"))
        calls = [cut(call, part) for call, part in _by_call(counts, sizes, indices)]
        if len(calls) < 4:
            raise ValueError("evidence of too few calls")
    except (KeyError, ValueError):
        return {RECIPE: recipe, "number of batches": np.array(0.0)}
    held = _cover(calls, n) | (_evenness(calls, n, size) if many else _origin(calls, n, size))
    return {RECIPE: recipe, **_sizes(calls, n, size), **rules(held)}


def measured(
    outcomes: Sequence[Outcome], expected: Sequence[Outcome]
) -> tuple[Sequence[Outcome], Sequence[Outcome]]:
    """Work out the properties of outcomes anew; those of other exercises stay as they are."""
    return measured_by(properties, RECIPE, outcomes, expected), expected


def _by_call(
    counts: np.ndarray, sizes: np.ndarray, indices: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    of_calls = cut(sizes, counts)
    totals = np.array([int(part.sum()) for part in of_calls], dtype=np.int64)
    return list(zip(cut(indices, totals), of_calls, strict=True))


def _sizes(calls: Sequence[Batches], n: int, size: int) -> Arrays:
    """Return the sizes of the first call with wrong ones: as many as expected, 0 if missing."""
    right = [min(size, n - start) for start in range(0, n, size)]
    found = [[len(batch) for batch in call] for call in calls]
    first = next((each for each in found if each != right), right)
    shown = [*first, *[0] * len(right)][: len(right)]
    return {
        "number of batches": np.array(float(len(first))),
        "sizes of the batches": np.array(shown, dtype=np.float64),
    }


def _row(call: Batches) -> np.ndarray:
    return np.concatenate(call) if call else np.zeros(0, dtype=np.int64)


def _cover(calls: Sequence[Batches], n: int) -> dict[str, bool]:
    rows = [_row(call) for call in calls]
    return {
        f"all indices lie in 0 to {n - 1}": all(np.all((row >= 0) & (row < n)) for row in rows),
        "no index occurs twice": all(len(np.unique(row)) == len(row) for row in rows),
        "no index is left out": all(set(range(n)) <= set(row.tolist()) for row in rows),
    }


def _origin(calls: Sequence[Batches], n: int, size: int) -> dict[str, bool]:
    """Where the order comes from.

    Two right orders agree by chance with probability (product of the sizes' factorials) / n!,
    times the factorial of the number of equal batches where only their set counts: at most
    3e-9 for 20 in batches of 5, less for the other cases of the course.
    """
    first, second, again, other = (batches_of(_row(call), size) for call in calls[:4])
    unshuffled = batches_of(np.arange(n), size)
    single, plain = len(unshuffled) < 2, _row(calls[0])
    return {
        "the order is not simply 0, 1, 2, ...": single or not np.array_equal(plain, np.arange(n)),
        "the batches are mixed from all indices": single or first != unshuffled,
        "a second call gives other batches": all_differ([first, second]),
        "a generator with the same seed gives the same batches": first == again,
        "a generator with another seed gives other batches": all_differ([first, other]),
    }


def _evenness(calls: Sequence[Batches], n: int, size: int) -> dict[str, bool]:
    """Is every index as often in each batch, and every pair as often together, as by chance?"""
    rights = [min(size, n - start) for start in range(0, n, size)]
    places = np.zeros((len(rights), n))
    pairs = np.zeros((n, n))
    for call in calls:
        for place, batch in zip(range(len(rights)), call, strict=False):
            inside = np.isin(np.arange(n), batch).astype(np.float64)
            places[place] += inside
            pairs += np.outer(inside, inside)
    shares = np.array(rights)[:, None] / n
    meeting = sum(right * (right - 1) for right in rights) / (n * (n - 1))
    upper = np.triu_indices(n, k=1)
    return {
        "each index is equally often in each batch": _as_chance(places, shares, len(calls)),
        "each pair is equally often in one batch": _as_chance(pairs[upper], meeting, len(calls)),
    }


def _as_chance(counts: np.ndarray, share: np.ndarray | float, calls: int) -> bool:
    spread = np.sqrt(calls * share * (1 - share))
    return bool(np.all(np.abs(counts - calls * share) <= LARGEST_DEVIATION * spread))
