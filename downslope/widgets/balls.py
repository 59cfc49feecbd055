"""A ball that keeps its velocity: momentum on a landscape, one update at a time."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope import landscapes, optimizers, stepping
from downslope.arguments import require_count, require_kind, require_number, require_range
from downslope.landscapes import Landscape
from downslope.looks import COLOURS, INK, Style
from downslope.widgets.charts import QUIET, Box, Panel, ink, sheet, write
from downslope.widgets.controls import Control, Frames, Span, decay
from downslope.widgets.explorer import Explorer, Notes, Values, View, array_of, name_of
from downslope.widgets.scales import figure
from downslope.widgets.terrain import losses_panel, terrain, track

Array = npt.NDArray[np.float64]
Step = Callable[..., Any]

_BALL, _PLAIN = "momentum", "rho = 0"
_LOOKS = {_BALL: Style(COLOURS[0], (), "o"), _PLAIN: Style(INK, (3, 2), "s")}


def explore_momentum(
    step: Step | None = None,
    *,
    landscape: Landscape = landscapes.valley,
    lr: tuple[float, float] = (0.01, 0.6),
    rho: float = 0.9,
    steps: int = 60,
) -> Explorer:
    """Roll a ball down a landscape with the learner's own momentum (lecture L4's picture of it).

    Two arrows start at the ball: where its memory carries it next, and where the gradient pulls
    it. A thin line is the same rule with rho = 0.

    Args:
        step: `momentum_step(theta, grad, m, lr, rho)`, `velocity_step(theta, grad, v, lr, rho)`,
            a Nesterov step that takes grad_fn in place of grad, or None for the library's.
        landscape: Where the ball rolls.
        lr: Lowest and highest learning rate; the slider starts at a tenth of the way.
        rho: Decay of the velocity at first.
        steps: Number of updates.

    Raises:
        TypeError: for no landscape, or a number of another type.
        ValueError: for a `rho` outside of 0 to 1, `steps` below 1, or an `lr` that is no range.
            What is wrong with the step is said below the picture.

    >>> def momentum_step(theta, grad, m, lr, rho):
    ...     m = rho * m + grad
    ...     return theta - lr * m, m
    >>> explorer = explore_momentum(momentum_step)
    >>> explorer.set(update=1, rho=0.5)
    >>> explorer.view().says
    'Update 1: the ball moved by 0.47 and 50 % of that carries over; the gradient adds 0.35.'
    """
    require_kind("landscape", landscape, Landscape, "be a downslope.landscapes.Landscape")
    require_number("rho", rho, low=0, high=1)
    require_count("steps", steps)
    low, high = require_range("lr", lr, above=0)
    controls: dict[str, Control] = {
        "lr": Span("lr", round(low + (high - low) / 10, 2), low, high, 0.01),
        "rho": decay("rho", rho),
        # At first in full swing: there the arrows are long enough to be seen.
        "update": Frames("update", steps // 5, 0, steps),
    }

    def draw(at: Values) -> View:
        notes, name = Notes(), name_of(step, "your step")
        paths = {}
        for label, kept in ((_BALL, at["rho"]), (_PLAIN, 0.0)):
            run = partial(_roll, step, landscape, at["lr"], kept, steps)
            path = notes.attempt(name, "its path", run)
            if path is not None:
                paths[label] = path
        says = _says(landscape, paths, at)
        alt = f"A ball rolls on {landscape.in_words}, lr {at['lr']:.3g}, rho {at['rho']:g}. {says}"
        return View(_svg(landscape, paths, at, steps), alt, says, tuple(notes.kept))

    return Explorer(controls, draw)


def _roll(step: Step | None, landscape: Landscape, lr: float, rho: float, steps: int) -> Array:
    if step is None:
        path = optimizers.run(
            optimizers.momentum(rho), landscape.gradient, landscape.start, lr, steps
        )
    else:
        rule = _with_gradient(step, landscape)
        path = stepping.trajectory(
            rule, landscape.gradient, landscape.start, steps, lr=lr, rho=rho
        )["theta"]
    return np.asarray(array_of(path, (steps + 1, 2), "the path"))


def _with_gradient(step: Step, landscape: Landscape) -> Step:
    """Give a rule that asks for grad_fn, as Nesterov's does, the form of all others."""
    names = list(inspect.signature(step).parameters)
    if "grad_fn" not in names:
        return step

    def rule(theta: Array, grad: Array, v: Array, lr: float, rho: float) -> Any:
        del grad
        known = {"theta": theta, "grad_fn": landscape.gradient, "lr": lr, "rho": rho}
        return step(*(known.get(name, v) for name in names))

    return rule


def _arrows(landscape: Landscape, path: Array, at: Values) -> tuple[Array, Array, Array]:
    """Find the ball, what its memory carries over into the next move, and the gradient's part."""
    now = at["update"]
    ball = path[now]
    moved = ball - path[now - 1] if now else np.zeros(2)
    return ball, at["rho"] * moved, -at["lr"] * landscape.gradient(ball)


def _says(landscape: Landscape, paths: dict[str, Array], at: Values) -> str:
    if _BALL not in paths:
        return "The ball waits for its rule."
    ball, kept, pulled = _arrows(landscape, paths[_BALL], at)
    if not np.isfinite(ball).all():
        return f"Update {at['update']}: the ball has flown off; a smaller lr or rho keeps it."
    moved = np.linalg.norm(kept) / at["rho"] if at["rho"] else 0.0
    adds = f"the gradient adds {figure(np.linalg.norm(pulled), 2)}."
    if not at["update"] or not at["rho"]:
        return f"Update {at['update']}: nothing carries over; {adds}"
    share = f"{100 * at['rho']:.3g} % of that carries over"
    return f"Update {at['update']}: the ball moved by {figure(moved, 2)} and {share}; {adds}"


def _svg(landscape: Landscape, paths: dict[str, Array], at: Values, steps: int) -> str:
    field = terrain(landscape, Box(66, 36, 456, 320))
    until = at["update"] + 1
    for label, path in reversed(paths.items()):
        track(field, path[:until], _LOOKS[label], quiet=label == _PLAIN)
    if _BALL in paths:
        _draw_ball(field, *_arrows(landscape, paths[_BALL], at))
    losses = {label: landscape.value(path) for label, path in paths.items()}
    curve = losses_panel(losses, _LOOKS, Box(590, 36, 190, 250), updates=steps)
    if _BALL in losses:
        loss = losses[_BALL][until - 1 : until]
        curve.line([at["update"]] * 2, [curve.y.low, curve.y.high], colour=QUIET, width=1)
        curve.dots([at["update"]], loss, colour=COLOURS[0], size=6)
    keys = (("memory: ρ × last move", COLOURS[1]), ("gradient: −lr × gradient", COLOURS[2]))
    words = [
        write(590, 342 + 18 * row, f"→ {text}", "start", size=12, weight="bold", colour=ink(colour))
        for row, (text, colour) in enumerate(keys)
    ]
    return sheet(890, 404, field, curve, *words)


def _draw_ball(field: Panel, ball: Array, kept: Array, pulled: Array) -> None:
    """Draw the two parts of the next move one behind the other: their sum is the next place."""
    if not np.isfinite([ball, kept, pulled]).all():
        return
    field.dots(*ball[:, None], colour=COLOURS[0], size=7.5)
    field.arrow(ball, ball + kept, COLOURS[1])
    field.arrow(ball + kept, ball + kept + pulled, COLOURS[2])
    field.dots(*(ball + kept + pulled)[:, None], colour=INK, hollow=True, size=4)
