"""Properties of random parts of 0 … n − 1, worked out from the indices that came back.

For a split into three sets and for the folds of cross-validation. Every way to shuffle is right if
each index is where it belongs once, the sizes are right, and chance comes from the generator alone;
the order inside a part does not matter. How likely a right answer is to look wrong by chance is
said beside each rule; all rules of an exercise together stay below one in ten million.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from downslope.evidence import PREFIX, Arrays, cut, measured_by, rules, told, whole_numbers

if TYPE_CHECKING:
    from downslope.drivers.outcomes import Outcome

SPLIT = "split of"  # n, mode, three fractions
FOLDS = "folds of"  # n, mode, k
SIZES_ONLY, ORIGIN, MANY = range(3)  # modes: what chance is asked about in a case

Rows = list[np.ndarray]
SURE = 1e-8  # how often a right answer may break a rule that chance can break


def as_evidence(calls: Sequence[Sequence[np.ndarray]]) -> Arrays:
    """Write the parts of several calls as plain arrays; folds as train, val, train, val, …."""
    every = [part for call in calls for part in call]
    rows = {
        "parts": np.array([len(call) for call in calls]),
        "sizes": np.array([len(part) for part in every]),
        "indices": np.concatenate(every) if every else np.zeros(0),
    }
    return {f"{PREFIX}{name}": row.astype(np.float64) for name, row in rows.items()}


def calls_in(arrays: Mapping[str, np.ndarray]) -> list[Rows]:
    """Read what `as_evidence` wrote.

    Raises:
        KeyError, ValueError: when it cannot be read.
    """
    counts, sizes, indices = map(whole_numbers, told(arrays, "parts", "sizes", "indices"))
    calls, pieces = [], cut(indices, sizes)
    for count in counts.tolist():
        calls.append(pieces[:count])
        pieces = pieces[count:]
    if not calls or pieces:
        raise ValueError("evidence whose pieces do not fit")
    return calls


def split_properties(arrays: Mapping[str, np.ndarray], given: Mapping[str, np.ndarray]) -> Arrays:
    """Work out what holds for all splits; evidence that cannot be read has no property."""
    recipe = given[SPLIT]
    n, mode, shares = int(recipe[0]), int(recipe[1]), recipe[2:]
    try:
        calls = calls_in(arrays)
        excess = [_excess(call, n * shares) for call in calls]
    except (KeyError, ValueError):
        return {SPLIT: recipe}
    first = next((each for each in excess if np.any(each)), excess[0])
    held = {
        **_inside(calls, n),
        "no set holds an index twice": all(
            len(set(p.tolist())) == len(p) for c in calls for p in c
        ),
        "no index is in two sets": all(not _shared(call) for call in calls),
        "no index is left out": all(np.all(_times(call, n)) for call in calls),
    }
    chance = _chance([_owners(call, n) for call in calls], len(shares), mode)
    return {SPLIT: recipe, "examples too many (or too few)": first, **rules(held | chance)}


def fold_properties(arrays: Mapping[str, np.ndarray], given: Mapping[str, np.ndarray]) -> Arrays:
    """Work out what holds for all folds; evidence that cannot be read has no property."""
    recipe = given[FOLDS]
    n, mode, k = map(int, recipe)
    try:
        calls = calls_in(arrays)
        odd = next((call for call in calls if len(call) != 2 * k), calls[0])
        spreads = [np.ptp([len(val) for val in call[1::2]]) for call in calls]
    except (KeyError, ValueError):
        return {FOLDS: recipe}
    held = {**_inside(calls, n), **_pairing(calls, n)}
    chance = _chance([_owners(call[1::2], n) for call in calls], k, mode)
    return {
        FOLDS: recipe,
        "number of pairs": np.array(len(odd) / 2),
        "largest fold minus smallest": np.array(float(max(spreads))),
        **rules(held | chance),
    }


def measured(
    outcomes: Sequence[Outcome], expected: Sequence[Outcome]
) -> tuple[Sequence[Outcome], Sequence[Outcome]]:
    """Work out the properties of outcomes anew; those of other exercises stay as they are."""
    outcomes = measured_by(split_properties, SPLIT, outcomes, expected)
    return measured_by(fold_properties, FOLDS, outcomes, expected), expected


def _excess(call: Rows, wanted: np.ndarray) -> np.ndarray:
    """Return how far each size lies beyond one from its share of n; 0 is right."""
    gaps = np.array([len(part) for part in call]) - wanted
    return np.where(np.abs(gaps) <= 1 + 1e-9, 0.0, gaps)


def _inside(calls: Sequence[Rows], n: int) -> dict[str, bool]:
    fits = all(np.all((row >= 0) & (row < n)) for call in calls for row in call)
    return {f"all indices lie in 0 to {n - 1}": fits}


def _times(rows: Sequence[np.ndarray], n: int) -> np.ndarray:
    """Count how often each index occurs in rows; others than 0 to n − 1 are left out."""
    found = np.concatenate([*rows, np.zeros(0, np.int64)])
    return np.bincount(found[(found >= 0) & (found < n)], minlength=n)


def _shared(call: Rows) -> set[int]:
    """Find the indices that are in more than one part."""
    return {i for a, b in itertools.combinations(call, 2) for i in {*a.tolist()} & {*b.tolist()}}


def _pairing(calls: Sequence[Rows], n: int) -> dict[str, bool]:
    pairs = [pair for call in calls for pair in zip(call[::2], call[1::2], strict=True)]
    times = [_times(call[1::2], n) for call in calls]
    apart = all(not np.intersect1d(train, val).size for train, val in pairs)
    return {
        "each index is in val once": all(np.all(each == 1) for each in times),
        "all indices are in val equally often": all(not np.ptp(each) for each in times),
        "train and val of a pair share no index": apart,
        "train and val of a pair hold all indices": all(np.all(_times(p, n)) for p in pairs),
        "no train holds an index twice": all(np.all(_times(p[:1], n) <= 1) for p in pairs),
    }


def _owners(rows: Sequence[np.ndarray], n: int) -> np.ndarray:
    """Return the part in which each index lies, -1 for none: `(n,)`."""
    owners = np.full(n, -1)
    for number, row in enumerate(rows):
        owners[row[(row >= 0) & (row < n)]] = number
    return owners


def _chance(owners: Sequence[np.ndarray], count: int, mode: int) -> dict[str, bool]:
    if mode == SIZES_ONLY:
        return {}
    return origin(owners) if mode == ORIGIN else _evenness(np.array(owners), count)


def origin(owners: Sequence[np.ndarray]) -> dict[str, bool]:
    """Say where the parts come from: two calls of one generator, one of its seed, one of another.

    Two right answers agree by chance with probability (product of the sizes' factorials) / n!, for
    folds times k!: for the cases of the course, where n is 24 or more, below 1e-10. Blocks of
    neighbours come up as rarely.
    """
    if len(owners) < 4:
        return {"there are four calls": False}
    names = [[tuple(np.flatnonzero(each == part)) for part in set(each)] for each in owners]
    first, second, again, other = (frozenset(each) for each in names[:4])
    changes = int(np.sum(np.diff(owners[0]) != 0))
    return {
        "the parts are no blocks of neighbours": changes >= len(names[0]),
        "a second call gives other parts": first != second,
        "a generator with the same seed gives the same parts": first == again,
        "a generator with another seed gives other parts": first != other,
    }


def _evenness(owners: np.ndarray, count: int) -> dict[str, bool]:
    """Is each index in each part, and are neighbours together, as often as by chance?

    Hoeffding: the mean of C independent numbers between 0 and 1 lies further than t from its
    expectation with probability at most 2 exp(-2 C t²).
    """
    calls, n = owners.shape
    inside = owners[:, :, None] == np.arange(count)  # (C, n, parts)
    shares = inside.mean(axis=1)
    places = np.abs(inside.mean(axis=0) - shares.mean(axis=0)).max()
    meeting = (shares * (n * shares - 1) / (n - 1)).sum(axis=1).mean()
    together = (owners[:, 1:] == owners[:, :-1]).mean()
    return {
        "each index is equally often in each part": bool(places <= far(calls, n * count)),
        "neighbours are in one part no more often than others": bool(
            abs(together - meeting) <= far(calls, 1)
        ),
    }


def far(calls: int, comparisons: int) -> float:
    """Return the distance that a mean reaches by chance once in 1 / `SURE` times.

    >>> round(far(400, 1), 3)
    0.155
    """
    return float(np.sqrt(np.log(2 * comparisons / SURE) / (2 * calls)))
