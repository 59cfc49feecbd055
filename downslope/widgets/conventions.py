"""The forms of one update rule side by side, with a switch for what the learning rate does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope import animations, landscapes
from downslope.arguments import require_count, require_kind, require_number
from downslope.landscapes import Landscape
from downslope.runners import Course, Runner, Runs, follow
from downslope.stepping import trajectory
from downslope.widgets.controls import Choice, Control, Span, decay
from downslope.widgets.explorer import Explorer, Notes, Values, View, array_of
from downslope.widgets.scales import figure
from downslope.widgets.steps import race_svg

Array = npt.NDArray[np.float64]
Step = Callable[..., Any]

CONSTANT, FALLS, RISES = "constant", "a fifth in the second half", "double in the second half"
_FACTORS = {CONSTANT: 1.0, FALLS: 0.2, RISES: 2.0}


def explore_conventions(
    forms: Mapping[str, Step],
    *,
    landscape: Landscape = landscapes.valley,
    lr: float = 0.1,
    rho: float = 0.8,
    steps: int = 40,
) -> Explorer:
    """Run several forms of momentum with one learning rate, constant or changed half-way.

    Forms that are the same rule lie on one path; where they part, the words say by how much.
    Lecture L0 has forms 1 and 2, L1 form 1, L3 and L4 form 2, L2 a weighted average.

    Args:
        forms: By label: update rules `step(theta, grad, m or v, lr, rho)`.
        landscape: Where they run.
        lr: Learning rate at first.
        rho: Decay at first.
        steps: Number of updates.

    Raises:
        TypeError: for forms without labels, no landscape, or a number of another type.
        ValueError: for an `lr` outside of 0.01 to 0.5, a `rho` outside of 0 to 1, or `steps` below
            1. What is wrong with a form is said below the picture.

    >>> def momentum_step(theta, grad, m, lr, rho):
    ...     m = rho * m + grad
    ...     return theta - lr * m, m
    >>> def velocity_step(theta, grad, v, lr, rho):
    ...     v = rho * v - lr * grad
    ...     return theta + v, v
    >>> explorer = explore_conventions({"form 1": momentum_step, "form 2": velocity_step})
    >>> explorer.view().says
    'form 2 lies on form 1.'
    >>> explorer.set(schedule="a fifth in the second half")
    >>> explorer.view().says
    'form 2 is up to 0.537 away from form 1.'
    """
    require_kind("forms", forms, Mapping, "map labels to update rules")
    require_kind("landscape", landscape, Landscape, "be a downslope.landscapes.Landscape")
    require_number("lr", lr, low=0.01, high=0.5)
    require_number("rho", rho, low=0, high=1)
    require_count("steps", steps)
    controls: dict[str, Control] = {
        "schedule": Choice("learning rate", CONSTANT, tuple(_FACTORS)),
        "lr": Span("lr", lr, 0.01, 0.5, 0.01),
        "rho": decay("rho", rho),
    }

    def draw(at: Values) -> View:
        notes, paths = Notes(), dict[str, Runner]()
        for label, step in forms.items():
            path = notes.attempt(label, "its path", partial(_path, step, landscape, at, steps))
            if path is not None:
                paths[label] = path
        runs = follow(landscape, paths, Course(steps=steps))
        says = _says(runs)
        heading = f"lr {at['schedule']}"
        alt = f"Forms of momentum on {landscape.in_words}, lr {at['lr']:.3g}, {at['schedule']}, "
        alt += f"rho {at['rho']:g}: {animations.standings(runs)}. {says}"
        told = (*notes.kept, *runs.notes.values())
        return View(race_svg(landscape, runs, steps, heading), alt, says, told)

    return Explorer(controls, draw)


def _path(step: Step, landscape: Landscape, at: Values, steps: int) -> Array:
    later = _FACTORS[at["schedule"]]
    run = trajectory(
        step,
        landscape.gradient,
        landscape.start,
        steps,
        lr_schedule=lambda t: at["lr"] * (1.0 if t <= steps // 2 else later),
        rho=at["rho"],
    )
    return np.asarray(array_of(run["theta"], (steps + 1, 2), "the path"))


def _says(runs: Runs) -> str:
    """Compare each path with the first, against the size of the first."""
    if len(runs.paths) < 2:
        return "Two forms are needed for a comparison."
    (first, base), *others = runs.paths.items()
    words = []
    for label, path in others:
        both = min(len(base), len(path))
        gap = float(np.max(np.abs(path[:both] - base[:both])))
        same = gap <= 1e-9 * max(1.0, float(np.nanmax(np.abs(base))))
        words.append(
            f"{label} lies on {first}."
            if same
            else f"{label} is up to {figure(gap, 3)} away from {first}."
        )
    return " ".join(words)
