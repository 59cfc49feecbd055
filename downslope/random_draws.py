"""Properties of numbers drawn log-uniformly, worked out from the draws that came back.

Every way to draw is right: any base of the logarithm, one call or many. How likely a right answer
is to look wrong by chance is said beside each rule; together they stay below one in ten million.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from downslope.evidence import PREFIX, Arrays, measured_by, rules, told

if TYPE_CHECKING:
    from downslope.drivers.outcomes import Outcome

RECIPE = "log-uniform from"  # low, high, size
KEPT = 5  # numbers kept of the calls that only show where the draws come from
FEW = 500  # fewer draws say too little about a distribution
SURE = 1e-8
LEAST_UNEVEN = 0.24  # Kolmogorov's statistic is smaller once in 100 million times


def as_evidence(calls: Sequence[np.ndarray]) -> Arrays:
    """Write the draws of the first call, and the first few of the others."""
    others = [call[:KEPT] for call in calls[1:]]
    return {
        f"{PREFIX}draws": calls[0],
        f"{PREFIX}others": np.concatenate([*others, np.zeros(0)]),
    }


def properties(arrays: Mapping[str, np.ndarray], given: Mapping[str, np.ndarray]) -> Arrays:
    """Work out what holds for the draws; evidence that cannot be read has no property.

    Args:
        arrays: evidence, as `as_evidence` writes it. The calls are two of one generator, one of a
            generator with the same seed, one of another seed.
        given: `RECIPE`, an array (low, high, size).
    """
    recipe = given[RECIPE]
    low, high, size = recipe.tolist()
    try:
        draws, others = told(arrays, "draws", "others")
        if draws.ndim != 1 or others.ndim != 1 or not np.isfinite(draws).all():
            raise ValueError("evidence that is no row of numbers")
    except (KeyError, ValueError):
        return {RECIPE: recipe}
    inside = bool(np.all((draws >= low * (1 - 1e-12)) & (draws <= high * (1 + 1e-12))))
    held = {"all draws lie between low and high": inside} | _origin(draws, others)
    if size >= FEW:
        held |= _distribution(draws, low, high)
    return {RECIPE: recipe, "number of draws": np.array(float(len(draws))), **rules(held)}


def measured(
    outcomes: Sequence[Outcome], expected: Sequence[Outcome]
) -> tuple[Sequence[Outcome], Sequence[Outcome]]:
    """Work out the properties of outcomes anew; those of other exercises stay as they are."""
    return measured_by(properties, RECIPE, outcomes, expected), expected


def _origin(draws: np.ndarray, others: np.ndarray) -> dict[str, bool]:
    """Say where the draws come from. Two right draws of 53 bits agree once in 1e14 times."""
    first, count = draws[:KEPT], min(KEPT, len(draws))
    if len(others) != 3 * count:
        return {"every call gives as many draws": False}
    second, again, other = others.reshape(3, count)
    return {
        "a second call gives other draws": not np.array_equal(first, second),
        "a generator with the same seed gives the same draws": np.array_equal(first, again),
        "a generator with another seed gives other draws": not np.array_equal(first, other),
    }


def _distribution(draws: np.ndarray, low: float, high: float) -> dict[str, bool]:
    """Compare the logarithms with a uniform distribution.

    Dvoretzky, Kiefer, Wolfowitz, Massart: the largest gap D between the share of N draws below a
    point and the true share passes t with probability at most 2 exp(-2 N t²). Kolmogorov: D √N is
    below 0.24 with probability √(2π) / 0.24 · exp(-π² / (8 · 0.24²)) = 5e-9. The number of rises
    changes by at most 2 when one draw changes (McDiarmid): it lies further than r from (N - 1) / 2
    with probability at most 2 exp(-r² / (2 N)). Two equal draws: below N² / 2^53 = 1e-9 · 0.3.
    """
    with np.errstate(all="ignore"):
        shares = np.clip(np.nan_to_num(np.log(draws / low) / np.log(high / low)), 0, 1)
    count = len(shares)
    ordered, steps = np.sort(shares), np.arange(count + 1) / count
    gap = float(max(np.max(steps[1:] - ordered), np.max(ordered - steps[:-1])))
    rises = int(np.sum(np.diff(shares) > 0))
    return {
        "the logarithms are spread evenly": gap <= np.sqrt(np.log(2 / SURE) / (2 * count)),
        "the draws are no ruler: chance is never that even": gap * np.sqrt(count) > LEAST_UNEVEN,
        "the draws come in no order": abs(rises - (count - 1) / 2)
        <= np.sqrt(2 * count * np.log(2 / SURE)),
        "no number is drawn twice": len(np.unique(draws)) == count,
    }
