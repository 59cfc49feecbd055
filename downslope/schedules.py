"""Learning rates over time: functions of the step that compose.

Every function here returns a schedule, `t -> learning rate`. A schedule takes a number and returns
a float, or takes an array and returns an array of the same shape. `t` is the number of updates (or
epochs) made before, 0, 1, 2, …, as in the lectures' formulas with their α₀; `inverse_sqrt` alone
counts from 1. Any other function of `t` is a schedule too: that is all PyTorch's `LambdaLR` is.

>>> plan = warmup(linear(0.5, 0.0, total=100), steps=10)
>>> plan(0), plan(10), plan(60)
(0.05, 0.5, 0.25)
>>> sequence([constant(1.0), exponential(1.0, k=0.5)], milestones=[2])([0, 1, 2, 3]).round(3)
array([1.   , 1.   , 1.   , 0.607])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, overload

import numpy as np
import numpy.typing as npt

from downslope.arguments import (
    floats,
    require_callable,
    require_count,
    require_items,
    require_number,
)

Array = npt.NDArray[np.float64]
Formula = Callable[[Array], npt.NDArray[np.floating[Any]]]
AnySchedule = Callable[[Any], Any]
"""A schedule of this module, or any function from numbers and arrays to the like."""


class Schedule(Protocol):
    """A function from the step to the learning rate, as lectures L0, L1, L2 and L4 have them.

    Takes a number and gives a float, or takes an array and gives an array of the same shape.

    Raises:
        TypeError, ValueError: in a call, for a t of another type, or below the first step.

    >>> plan: Schedule = exponential(0.5, k=0.0)
    >>> plan(3), plan([0, 1])
    (0.5, array([0.5, 0.5]))
    """

    @overload
    def __call__(self, t: float, /) -> float: ...
    @overload
    def __call__(self, t: npt.ArrayLike, /) -> Any: ...


def constant(lr0: float) -> Schedule:
    """Keep lr0: gradient descent as it stands in all lectures (L0 to L4).

    PyTorch: no scheduler at all, or `ConstantLR(factor=1)`.

    Raises:
        TypeError, ValueError: for an lr0 below 0 or not finite; in a call for a t below 0.

    >>> constant(0.1)(7)
    0.1
    """
    lr0 = require_number("lr0", lr0, low=0)
    return _schedule(lambda t: np.full(t.shape, lr0))


def step_decay(lr0: float, drop: float = 0.5, every: int = 10) -> Schedule:
    """Multiply by `drop` after every `every` steps: lr0·drop^⌊t/every⌋ (lectures L0, L4).

    PyTorch: `StepLR(step_size=every, gamma=drop)`.

    Raises:
        TypeError, ValueError: for an lr0 or drop below 0 or not finite, or an `every` that is no
            whole number above 0; in a call for a t below 0.

    >>> step_decay(0.8, every=10)([0, 9, 10, 25])
    array([0.8, 0.8, 0.4, 0.2])
    """
    lr0, drop, every = (
        require_number("lr0", lr0, low=0),
        require_number("drop", drop, low=0),
        require_count("every", every),
    )
    return _schedule(lambda t: lr0 * drop ** np.floor(t / every))


def multi_step_decay(lr0: float, milestones: Sequence[int], drop: float = 0.1) -> Schedule:
    """Multiply by `drop` at each milestone, a step (lecture L1).

    PyTorch: `MultiStepLR(milestones, gamma=drop)`.

    Raises:
        TypeError, ValueError: for an lr0 or drop below 0 or not finite, or milestones that are not
            above 0 in rising order; in a call for a t below 0.

    >>> multi_step_decay(1.0, milestones=[2, 4])([1, 2, 3, 4]).round(6)
    array([1.  , 0.1 , 0.1 , 0.01])
    """
    lr0, drop, ends = (
        require_number("lr0", lr0, low=0),
        require_number("drop", drop, low=0),
        _milestones(milestones),
    )
    return _schedule(lambda t: lr0 * drop ** np.searchsorted(ends, t, side="right"))


def exponential(lr0: float, k: float) -> Schedule:
    """Shrink by the same factor at every step: lr0·e^(−k·t) (lectures L0, L4).

    L1 writes cᵗ, with c = e^(−k). L2 has e^(−k/τ) "for k ≥ τ", a slip for k ≥ 0, where its k is
    the step. PyTorch: `ExponentialLR(gamma=exp(-k))`.

    Raises:
        TypeError, ValueError: for an lr0 or k below 0 or not finite; in a call for a t below 0.

    >>> round(exponential(1.0, k=0.1)(10), 6)
    0.367879
    """
    lr0, k = require_number("lr0", lr0, low=0), require_number("k", k, low=0)
    return _schedule(lambda t: lr0 * np.exp(-k * t))


def inverse_time(lr0: float, k: float) -> Schedule:
    """Divide by 1 + k·t: the "1/t decay" of lectures L0, L4.

    PyTorch: `LambdaLR(lambda t: 1 / (1 + k * t))`.

    Raises:
        TypeError, ValueError: for an lr0 or k below 0 or not finite; in a call for a t below 0.

    >>> inverse_time(1.0, k=1.0)([0, 1, 3])
    array([1.  , 0.5 , 0.25])
    """
    lr0, k = require_number("lr0", lr0, low=0), require_number("k", k, low=0)
    return _schedule(lambda t: lr0 / (1 + k * t))


def linear(lr0: float, lr_end: float, total: float) -> Schedule:
    """Go straight from lr0 at t = 0 to lr_end at t = total, and stay there (lectures L1, L2).

    PyTorch: `LinearLR(start_factor=1, end_factor=lr_end / lr0, total_iters=total)`; its own
    defaults rise from a third to the whole, as a warm-up does.

    Raises:
        TypeError, ValueError: for a rate below 0 or not finite, or a total that is not above 0; in
            a call for a t below 0.

    >>> linear(1.0, 0.2, total=4)([0, 1, 4, 9])
    array([1. , 0.8, 0.2, 0.2])
    """
    return polynomial(lr0, lr_end, total, 1.0)


def polynomial(lr0: float, lr_end: float, total: float, power: float) -> Schedule:
    """Fall as a power of the time that is left: lr_end + (lr0 − lr_end)·(1 − t/total)^power.

    Stays at lr_end after `total` (lecture L1). PyTorch: `PolynomialLR(total_iters=total,
    power=power)`, with lr_end = 0.

    Raises:
        TypeError, ValueError: for a rate below 0 or not finite, or a total or power that is not
            above 0; in a call for a t below 0.

    >>> polynomial(1.0, 0.0, total=4, power=2.0)([0, 2, 4, 5])
    array([1.  , 0.25, 0.  , 0.  ])
    """
    lr0, lr_end, power = (
        require_number("lr0", lr0, low=0),
        require_number("lr_end", lr_end, low=0),
        require_number("power", power, above=0),
    )
    left = _left(total)
    return _schedule(lambda t: lr_end + (lr0 - lr_end) * left(t) ** power)


def inverse_sqrt(lr0: float, *, first: int = 1) -> Schedule:
    """Divide by the root of the step's number: lr0/√t (lecture L1), counted from t = 1.

    `first` is the number of the first update: with 0 the schedule counts as all others here,
    lr0/√(t + 1), which is what a training loop, `warmup` and `sequence` need.
    PyTorch: `LambdaLR(lambda t: (t + 1) ** -0.5)`.

    Raises:
        TypeError, ValueError: for an lr0 below 0 or not finite, or a first that is no whole number
            from 0 on; in a call for a t below `first`.

    >>> inverse_sqrt(1.0)([1, 4, 100])
    array([1. , 0.5, 0.1])
    >>> inverse_sqrt(1.0, first=0)(3)
    0.5
    """
    lr0, first = require_number("lr0", lr0, low=0), require_count("first", first, low=0)
    return _schedule(lambda t: lr0 / np.sqrt(t - first + 1), first)


def cosine(lr0: float, total: float, *, lr_end: float = 0.0) -> Schedule:
    """Half a cosine wave: lr_end + (lr0 − lr_end)·½(1 + cos(π·t/total)); lr_end after that.

    Source: lecture L1. PyTorch: `CosineAnnealingLR(T_max=total, eta_min=lr_end)`, which rises
    again after `total`.

    Raises:
        TypeError, ValueError: for a rate below 0 or not finite, or a total that is not above 0; in
            a call for a t below 0.

    >>> cosine(1.0, total=10)([0, 5, 10, 11]).round(6)
    array([1. , 0.5, 0. , 0. ])
    """
    lr0, lr_end, left = (
        require_number("lr0", lr0, low=0),
        require_number("lr_end", lr_end, low=0),
        _left(total),
    )
    # sin² is ½(1 + cos) of the time that is left, without its rounding near the end.
    return _schedule(lambda t: lr_end + (lr0 - lr_end) * np.sin(np.pi / 2 * left(t)) ** 2)


def cosine_restarts(lr0: float, period: int, mult: float = 2.0, *, lr_end: float = 0.0) -> Schedule:
    """Repeat `cosine`, each cycle `mult` times as long as the one before.

    Lecture L1; Loshchilov and Hutter, "SGDR", 2017. PyTorch: `CosineAnnealingWarmRestarts(
    T_0=period, T_mult=mult, eta_min=lr_end)`; there T_mult is 1 unless told otherwise.

    Raises:
        TypeError, ValueError: for a rate below 0 or not finite, a period that is no whole number
            above 0, or a mult below 1; in a call for a t below 0.

    >>> cosine_restarts(1.0, period=2)([0, 1, 2, 4, 6]).round(6)
    array([1. , 0.5, 1. , 0.5, 1. ])
    """
    period = require_count("period", period)
    return restarts(cosine(lr0, period, lr_end=lr_end), period, mult)


def restarts(schedule: AnySchedule, period: int, mult: float = 1.0) -> Schedule:
    """Start a schedule anew after `period` steps, each cycle stretched `mult` times (lecture L1).

    Raises:
        TypeError, ValueError: for a schedule that is no function, a period that is no whole number
            above 0, or a mult below 1; in a call for a t below 0.

    >>> restarts(linear(1.0, 0.0, total=4), period=4)([0, 1, 3, 4, 5])
    array([1.  , 0.75, 0.25, 1.  , 0.75])
    """
    require_callable("schedule", schedule)
    period, mult = require_count("period", period), require_number("mult", mult, low=1)

    def rate(t: Array) -> Array:
        cycle = _cycle(t, period, mult)
        start = period * cycle if mult == 1 else period * (mult**cycle - 1) / (mult - 1)
        return np.asarray(schedule((t - start) / mult**cycle))

    return _schedule(rate)


def warmup(schedule: AnySchedule, steps: int) -> Schedule:
    """Climb to a schedule's first rate in `steps` steps, then follow it from its own t = 0.

    schedule(0)·(t + 1)/steps for t < steps: the first update has a rate above 0, the last of the
    climb the full one (lecture L1). PyTorch: `SequentialLR([LinearLR(start_factor=1 / steps,
    total_iters=steps - 1), ...], milestones=[steps])`.

    Raises:
        TypeError, ValueError: for a schedule that is no function or whose first rate is below 0, or
            steps that are no whole number above 0; in a call for a t below 0.

    >>> warmup(constant(1.0), steps=4)([0, 1, 3, 4])
    array([0.25, 0.5 , 1.  , 1.  ])
    """
    require_callable("schedule", schedule)
    steps = require_count("steps", steps)
    full = require_number("schedule(0)", schedule(0.0), low=0)
    return sequence([_schedule(lambda t: full * (t + 1) / steps), schedule], [steps])


def sequence(schedules: Sequence[AnySchedule], milestones: Sequence[int]) -> Schedule:
    """Follow one schedule after another; each counts from 0 at its own start.

    The first runs until `milestones[0]`, the next until `milestones[1]`, the last for ever.
    Source: PyTorch, `SequentialLR(schedulers, milestones)`; in no lecture.

    Raises:
        TypeError, ValueError: for schedules that are no functions or not one more than the
            milestones, or milestones not above 0 in rising order; in a call for a t below 0.

    >>> sequence([constant(0.5), linear(1.0, 0.0, total=2)], [3])([0, 2, 3, 4, 5])
    array([0.5, 0.5, 1. , 0.5, 0. ])
    """
    ends, schedules = _milestones(milestones), require_items("schedules", schedules, "schedules")
    if len(schedules) != len(ends) + 1:
        wanted, given = len(ends) + 1, len(schedules)
        raise ValueError(f"schedules must be one more than milestones, {wanted}; got {given}")
    for each in schedules:
        require_callable("every schedule", each)
    starts = np.array([0.0, *ends])

    def rate(t: Array) -> Array:
        turn = np.searchsorted(ends, t, side="right")
        rates = np.empty_like(t)
        for number, schedule in enumerate(schedules):
            now = turn == number
            if now.any():
                rates[now] = schedule(t[now] - starts[number])
        return rates

    return _schedule(rate)


def _schedule(formula: Formula, first: int = 0) -> Schedule:
    """Make a formula for arrays take numbers as well, and refuse steps before the first."""

    def schedule(t: npt.ArrayLike, /) -> Any:
        steps = floats("t", t).astype(np.float64)
        if not (steps >= first).all():
            cure = "" if first == 0 else f"; with first=0 it counts from 0 ({first=} here)"
            raise ValueError(f"t must be at least {first}; got {t!r}{cure}")
        return formula(steps) if steps.ndim else float(formula(steps[np.newaxis])[0])

    return schedule


def _left(total: float) -> Formula:
    """Part of the time that is left: 1 at t = 0, 0 from `total` on."""
    total = require_number("total", total, above=0)
    return lambda t: 1 - np.minimum(t, total) / total


def _cycle(t: Array, period: float, mult: float) -> Array:
    """Number of the cycle in which t stands; comparing with the starts themselves is exact."""
    if mult == 1:
        return np.asarray(np.floor(t / period))
    starts, length, last = [0.0], float(period), float(np.max(t, initial=0.0))
    while starts[-1] <= last:
        starts.append(starts[-1] + length)
        length *= mult
    return np.asarray(np.searchsorted(starts, t, side="right") - 1.0)


def _milestones(values: Sequence[int]) -> Array:
    ends = np.asarray(floats("milestones", values), dtype=np.float64)
    if ends.ndim != 1 or not np.all(ends >= 1) or np.any(np.diff(ends) <= 0):  # nan is refused
        raise ValueError(f"milestones must be steps above 0 in rising order; got {values}")
    return ends
