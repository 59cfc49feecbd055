"""Send several update rules down one landscape, whatever becomes of each.

A runner is a learner's step function, an `Optimizer` of this package, or a path that is already
there. One that is not written yet, fails or diverges is reported in plain words and never keeps
the others from running.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope import optimizers, stepping
from downslope.arguments import floats, require_count, require_kind, require_number
from downslope.landscapes import Landscape

Array = npt.NDArray[np.float64]
Runner = Callable[..., Any] | optimizers.Optimizer | npt.ArrayLike
Rates = float | Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Course:
    """How runners are sent off: updates, learning rates by label, other settings, noise.

    Attributes:
        steps: Number of updates.
        lr: Learning rate, or one for each label.
        settings: rho, beta1, beta2, eps, weight_decay for step functions that take them.
        start: First point; the landscape's own by default.
        noise: Standard deviation of normal noise added to each gradient coordinate.
        seed: Seed of that noise; every runner meets the same noise.

    Source: this course, after the races in lectures L1, L4.

    Raises:
        TypeError: for a number of another type, or a setting that no step function has.
        ValueError: for `steps` below 1, `noise` or `seed` below 0, an lr that is not finite, or a
            start that is not `(2,)`.

    >>> Course(steps=10, lr={"SGD": 0.1, "Adam": 0.01}).rate("Adam")
    0.01
    >>> Course(settings={"beta": 0.9})
    Traceback (most recent call last):
    TypeError: unknown setting beta; known are lr, rho, beta1, beta2, eps, weight_decay
    """

    steps: int = 120
    lr: Rates = 0.1
    settings: Mapping[str, float] = field(default_factory=dict)
    start: npt.ArrayLike | None = None
    noise: float = 0.0
    seed: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no runner could run with, before any of them starts."""
        require_count("steps", self.steps)
        require_number("noise", self.noise, low=0)
        if self.seed is not None:
            require_count("seed", self.seed, low=0)
        if self.start is not None:
            floats("start", self.start, (2,))
        for rate in self.lr.values() if isinstance(self.lr, Mapping) else [self.lr]:
            require_number("lr", rate)
        unknown = sorted(set(self.settings) - set(stepping.SETTINGS))
        if unknown:
            known = ", ".join(stepping.SETTINGS)
            raise TypeError(f"unknown setting {', '.join(unknown)}; known are {known}")

    def rate(self, label: str) -> float:
        """Find the learning rate of one runner.

        Raises:
            ValueError: when `lr` has an entry for others, but none for this one.
        """
        if not isinstance(self.lr, Mapping):
            return float(self.lr)
        if label not in self.lr:
            raise ValueError(f"lr has no entry for {label!r}; it has {', '.join(self.lr)}")
        return float(self.lr[label])


@dataclass(frozen=True)
class Runs:
    """What became of the runners, by label: what is finite of each, and notes in plain words.

    Attributes:
        labels: All runners, also those without a path, in order.
        paths: Points `(T, 2)`, up to the last finite one.
        losses: Loss at each point, `(T,)`.
        rates: Learning rates, of those that have one.
        notes: What went wrong, or is not to be seen in the picture.
        diverged: Those whose numbers stopped being finite.

    Source: this course. A plain record, made by `follow`: it checks nothing.

    >>> Runs(labels=("Adam",), notes={"Adam": "Adam is not written yet."}).paths
    {}
    """

    labels: tuple[str, ...] = ()
    paths: dict[str, Array] = field(default_factory=dict)
    losses: dict[str, Array] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    diverged: set[str] = field(default_factory=set)


def follow(landscape: Landscape, runners: Mapping[str, Runner], course: Course) -> Runs:
    """Run every runner and keep what can be drawn. Source: this course.

    A runner that fails or is no runner raises nothing: it is told of in `notes`.

    Raises:
        TypeError: for no landscape, or runners without labels.
        ValueError: when the course's `lr` has no entry for a label.

    >>> from downslope import landscapes
    >>> def half_step(theta, grad, lr):
    ...     raise NotImplementedError
    >>> runners = {"mine": half_step, "SGD": optimizers.sgd()}
    >>> runs = follow(landscapes.bowl, runners, Course(steps=3))
    >>> runs.notes
    {'mine': 'mine: half_step is not written yet; its path will appear here.'}
    >>> runs.paths["SGD"].shape
    (4, 2)
    """
    require_kind("landscape", landscape, Landscape, "be a downslope.landscapes.Landscape")
    require_kind("runners", runners, Mapping, "map labels to update rules")
    runs = Runs(tuple(runners))
    for label, runner in runners.items():
        if not _is_path(runner):
            runs.rates[label] = course.rate(label)
        try:
            with np.errstate(all="ignore"):  # a diverging run is reported below, in words
                path = _checked(_path(landscape, label, runner, course))
        except Exception as error:  # noqa: BLE001 - whatever learners' code raises is theirs alone
            runs.notes[label] = _failure(label, runner, error)
        else:
            _record(runs, landscape, label, path)
    return runs


def _record(runs: Runs, landscape: Landscape, label: str, path: Array) -> None:
    finite = _finite_part(landscape, path)
    if len(finite) < len(path):
        runs.diverged.add(label)
    if note := _fate(landscape, label, path, finite):
        runs.notes[label] = note
    if len(finite):
        runs.paths[label], runs.losses[label] = finite, landscape.value(finite)


def _is_path(runner: Runner) -> bool:
    return not isinstance(runner, optimizers.Optimizer) and not callable(runner)


def _path(landscape: Landscape, label: str, runner: Any, course: Course) -> Any:
    if _is_path(runner):
        return runner
    start = landscape.start if course.start is None else np.asarray(course.start, dtype=np.float64)
    gradient = _noisy(landscape, course)
    if isinstance(runner, optimizers.Optimizer):
        return optimizers.run(runner, gradient, start, course.rate(label), course.steps)
    settings: dict[str, Any] = {**course.settings, "lr": course.rate(label)}
    return stepping.trajectory(runner, gradient, start, course.steps, **settings)["theta"]


def _noisy(landscape: Landscape, course: Course) -> Callable[[npt.ArrayLike], Array]:
    if not course.noise:
        return landscape.gradient
    rng = np.random.default_rng(course.seed)
    return lambda theta: landscape.gradient(theta) + course.noise * rng.standard_normal(2)


def _checked(path: Any) -> Array:
    points = np.asarray(path, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise TypeError(f"a path has shape (T, 2); this one has {points.shape}")
    return points


def _finite_part(landscape: Landscape, path: Array) -> Array:
    with np.errstate(all="ignore"):
        fine = np.isfinite(path).all(axis=1) & np.isfinite(landscape.value(path))
    return path if fine.all() else path[: int(np.argmin(fine))]


def _failure(label: str, runner: Any, error: Exception) -> str:
    name = getattr(runner, "__name__", label)
    who = label if name in (label, "<lambda>") else f"{label}: {name}"
    if isinstance(error, NotImplementedError):
        return f"{who} is not written yet; its path will appear here."
    what = str(error).strip() or "no message"
    return f"{who} stopped with {type(error).__name__}: {what}"


def _fate(landscape: Landscape, label: str, path: Array, finite: Array) -> str:
    """Say what a reader could not tell from the picture; empty when it shows everything."""
    if len(finite) < len(path):
        if not len(finite):
            return f"{label} has no finite number to draw."
        return f"{label} diverges: its numbers are no longer finite after update {len(finite)}."
    low, high = np.array(landscape.window, dtype=np.float64).T
    if np.all((finite[-1] >= low) & (finite[-1] <= high)):
        return ""
    loss = float(landscape.value(finite[-1]))
    where = f"({finite[-1][0]:.3g}, {finite[-1][1]:.3g})"
    return f"{label} leaves the picture: it ends at {where} with loss {loss:.3g}."
