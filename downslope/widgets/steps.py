"""Update rules on one landscape, with a slider for everything that they take."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope import animations, optimizers, stepping
from downslope.arguments import require_kind, require_range
from downslope.landscapes import Landscape
from downslope.looks import styles
from downslope.runners import Course, Runner, Runs, follow
from downslope.widgets.charts import Box, sheet
from downslope.widgets.controls import Control, Count, Rate, decay
from downslope.widgets.explorer import Explorer, Values, View
from downslope.widgets.terrain import losses_panel, terrain, track


def explore_steps(
    landscape: Landscape,
    runners: Mapping[str, Runner],
    *,
    lr: tuple[float, float] = (1e-3, 1.0),
    steps: int = 60,
    start: npt.ArrayLike | None = None,
    noise: float = 0.0,
    seed: int | None = None,
    title: str | None = None,
    **settings: float,
) -> Explorer:
    """Explore update rules with sliders for the learning rate and all that the rules take.

    After the animations in lectures L1, L4.

    Args:
        landscape: Where they run.
        runners: By label: step functions (which follow every slider), optimizers of this package
            (which follow lr and the number of updates) or paths.
        lr: Lowest and highest learning rate; the slider starts at their geometric mean.
        steps: Number of updates at first; the slider goes to 200, or twice as far.
        start: First point; the landscape's own by default.
        noise: Standard deviation of noise on each gradient coordinate.
        seed: Seed of the noise.
        title: Heading of the picture.
        settings: Where sliders for rho, beta1, beta2, eps, weight_decay stand at first.

    A rule that is not written yet, fails or diverges is named under the picture.

    Raises:
        TypeError: for no landscape, runners without labels, a number of another type, or a
            setting that no step function has.
        ValueError: for an `lr` that is no range, `steps` below 1, `noise` or `seed` below 0, or a
            start that is not `(2,)`.

    >>> from downslope import landscapes
    >>> def sgd_step(theta, grad, lr):
    ...     return theta - lr * grad
    >>> explorer = explore_steps(landscapes.valley, {"SGD": sgd_step}, lr=(0.01, 1.0))
    >>> explorer.values["lr"], "SGD ends at" in explorer.picture()
    (0.1, True)
    """
    require_kind("landscape", landscape, Landscape, "be a downslope.landscapes.Landscape")
    require_kind("runners", runners, Mapping, "map labels to update rules")
    first = middle_rate(lr)
    course = Course(steps=steps, lr=first, settings=settings, start=start, noise=noise, seed=seed)
    heading = f"Steps on {landscape.in_words}" if title is None else title
    controls: dict[str, Control] = {
        "lr": Rate("lr", first, *lr),
        "steps": Count("updates", steps, 1, max(200, 2 * steps)),
        **_settings_controls(runners.values(), settings),
    }

    def draw(at: Values) -> View:
        chosen = dict(at)
        lr, steps = chosen.pop("lr"), chosen.pop("steps")
        now = replace(course, lr=lr, steps=steps, settings={**settings, **chosen})
        runs = follow(landscape, runners, now)
        told = ", ".join(
            f"{name} {value:.3g}" for name, value in {"lr": lr, **now.settings}.items()
        )
        alt = f"{heading}, {steps} updates, {told}. Paths and losses: {animations.standings(runs)}."
        return View(
            race_svg(landscape, runs, steps, heading), alt, notes=tuple(runs.notes.values())
        )

    return Explorer(controls, draw)


def middle_rate(lr: tuple[float, float]) -> float:
    """Check a range of learning rates and return its geometric mean, three digits long.

    Source: this course.

    Raises:
        TypeError: for what is no pair of numbers.
        ValueError: for a pair that is not 0 < low < high.

    >>> middle_rate((0.01, 1.0))
    0.1
    """
    low, high = require_range("lr", lr, above=0)
    return float(f"{np.sqrt(low * high):.3g}")


def race_svg(landscape: Landscape, runs: Runs, updates: int, title: str) -> str:
    """Draw paths on the landscape beside their losses, as SVG. Source: this course.

    Raises:
        AttributeError: for what is no landscape, or no `Runs`.

    >>> from downslope.landscapes import valley
    >>> race_svg(valley, Runs(), 10, "Nobody").count("Nobody")
    1
    """
    looks = styles(runs.labels)
    ground = terrain(landscape, Box(66, 36, 420, 290), title)
    for label, path in runs.paths.items():
        track(ground, path, looks[label])
    room = 16 + 8 * max(map(len, runs.labels), default=0)  # for the labels at the ends
    place = Box(560, 36, max(140, 344 - max(room, 100)), 290)
    loss = losses_panel(runs.losses, looks, place, updates=updates)
    return sheet(920, 372, ground, loss)


def _settings_controls(
    runners: Iterable[Runner], settings: Mapping[str, float]
) -> dict[str, Control]:
    taken = _settings_taken(runners)
    controls: dict[str, Control] = {}
    for name in (name for name in stepping.SETTINGS if name in taken and name != "lr"):
        value = settings.get(name, stepping.SETTINGS[name])
        controls[name] = Rate(name, value, 1e-10, 10.0) if name == "eps" else decay(name, value)
    return controls


def _settings_taken(runners: Iterable[Any]) -> set[str]:
    taken: set[str] = set()
    for runner in runners:
        if callable(runner) and not isinstance(runner, optimizers.Optimizer):
            with suppress(TypeError, ValueError):  # no signature to read: `follow` will say why
                taken |= set(inspect.signature(runner).parameters)
    return taken & set(stepping.SETTINGS)
