"""Closed forms with 50 digits: update rules as sums over all updates, without a recurrence.

Object arrays of multi-precision numbers, one row per update, so that a lesson's oracle reads like
the formula. Learners write ``m = beta * m + (1 - beta) * grad``; here the same m is one weighted
sum over all gradients so far.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

from downslope.drivers import Case

Arrays = dict[str, np.ndarray]

MP: Any = mpmath.mp.clone()
MP.dps = 50

exact: Any = np.vectorize(MP.mpf, otypes=[object])
root: Any = np.frompyfunc(MP.sqrt, 1, 1)
sign: Any = np.vectorize(MP.sign, otypes=[object])
# float() of a multi-precision number cuts; the decimal detour rounds to nearest.
nearest_float: Any = np.vectorize(lambda number: float(MP.nstr(number, 30)), otypes=[float])


def rows(case: Case, name: str) -> Any:
    """Return an argument over the updates: arrays as (T, D), numbers as (T, 1)."""
    values = exact(np.array([update[name] for update in case["updates"]], dtype=float))
    return values if values.ndim == 2 else values[:, None]


def constants(case: Case, *names: str) -> list[Any]:
    """Return arguments that stay the same over a run.

    Raises:
        ValueError: when one does change, which the closed forms do not foresee.
    """
    first = case["updates"][0]
    if any(update[name] != first[name] for update in case["updates"] for name in names):
        raise ValueError(f"{', '.join(names)} must not change in {case['label']!r}")
    return [MP.mpf(first[name]) for name in names]


def weighted(weight: Callable[[int, int], Any], inputs: Any) -> Any:
    """Return the sum over i <= t of weight(t, i) * inputs[i], for every update t.

    >>> weighted(lambda t, i: MP.mpf(2) ** (t - i), exact(np.ones((3, 1))))[:, 0].astype(float)
    array([1., 3., 7.])
    """
    times = range(len(inputs))
    table = [[weight(t, i) if i <= t else MP.zero for i in times] for t in times]
    return np.array(table, dtype=object) @ inputs


def total(inputs: Any) -> Any:
    """Return the plain sums up to every update."""
    return weighted(lambda _t, _i: MP.one, inputs)


def running_mean(start: np.ndarray, beta: Any, inputs: Any) -> Any:
    """Return (1 - beta) sum beta^(t-i) x_i + beta^t start, for every update t."""
    oldest = np.array([[beta ** (t + 1)] for t in range(len(inputs))], dtype=object)
    return (1 - beta) * weighted(lambda t, i: beta ** (t - i), inputs) + oldest * exact(start)


def sum_of_weights(beta: Any, count: int) -> Any:
    """Return the weights of `count` inputs in a running mean, added up one by one."""
    return MP.fsum((1 - beta) * beta**age for age in range(count))


def walked(case: Case, steps: Any, **states: Any) -> Arrays:
    """Return theta as its start minus the sum of all steps so far, beside the states."""
    theta = exact(case["start"]["theta"]) - total(steps)
    return as_floats(theta=theta, **states)


def as_floats(**arrays: Any) -> Arrays:
    """Round arrays of 50-digit numbers to float64."""
    return {name: nearest_float(array) for name, array in arrays.items()}
