"""The circle around a point: which step of a given length lowers the loss most (lecture L3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope import landscapes
from downslope.arguments import floats, require_kind, require_number
from downslope.landscapes import Landscape
from downslope.looks import COLOURS, INK
from downslope.widgets.charts import Box, Panel, ink, sheet, write
from downslope.widgets.controls import Control, Span
from downslope.widgets.explorer import Explorer, Notes, Values, View, array_of, name_of
from downslope.widgets.scales import Scale, figure, fitted
from downslope.widgets.terrain import terrain

Array = npt.NDArray[np.float64]

_TURN = np.arange(361.0)  # degrees
_LINEAR, _TRUE, _OWN, _SLOPE = COLOURS[0], COLOURS[1], COLOURS[2], INK


def explore_circle(
    best_step: Callable[..., Any] | None = None,
    *,
    landscape: Landscape = landscapes.bowl,
    point: npt.ArrayLike = (1.5, 1.0),
    radius: float = 0.5,
) -> Explorer:
    """Turn a step around a point and see what it does to the loss and to its linearisation.

    On the left the circle of all steps of one length, on the right the loss after each of them:
    why the negative gradient is the best step (lecture L3).

    Args:
        best_step: The learner's `best_step_in_ball(grad, radius)`; its step is drawn as well.
        landscape: Where the point stands.
        point: The middle of the circle, `(2,)`.
        radius: The length of the step at first.

    Raises:
        TypeError: for no landscape, a point that holds no numbers, or a radius that is none.
        ValueError: for a point that is not `(2,)`, or a radius outside of 0.05 to 1.5. What is
            wrong with the learner's step is said below the picture.

    >>> explorer = explore_circle()
    >>> explorer.set(direction=143, radius=0.1)
    >>> print(explorer.view().says)
    A step of length 0.1 at 90° to the gradient: the linearised loss changes by 0.00114, the true
    one by 0.0148.
    """
    require_kind("landscape", landscape, Landscape, "be a downslope.landscapes.Landscape")
    require_number("radius", radius, low=0.05, high=1.5)
    middle = np.asarray(floats("point", point, (2,)), dtype=np.float64)
    controls: dict[str, Control] = {
        "direction": Span("direction in °", 0.0, 0.0, 360.0, 1.0),
        "radius": Span("step length", radius, 0.05, 1.5, 0.05),
    }

    def draw(at: Values) -> View:
        notes = Notes()
        step = at["radius"] * directions(at["direction"])
        own = _own(notes, best_step, landscape.gradient(middle), at["radius"])
        says = _words(landscape, middle, step)
        alt = f"Circle of steps on {landscape.in_words} beside the loss after each. {says}"
        return View(_svg(landscape, middle, at, own), alt, says, tuple(notes.kept))

    return Explorer(controls, draw)


def directions(degrees: npt.ArrayLike) -> Array:
    """Return unit steps `(..., 2)` in these directions in degrees, counted from the first axis.

    The red circle of lecture L3.

    Raises:
        TypeError, ValueError: NumPy's own, for text, objects or uneven rows.

    >>> directions([0, 90]).round(9) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """
    angle = np.deg2rad(np.asarray(degrees, dtype=np.float64))
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def _own(notes: Notes, best_step: Any, grad: Array, radius: float) -> Array | None:
    if best_step is None:
        return None
    name = name_of(best_step, "your best step")
    own = notes.attempt(
        name, "its step", lambda: array_of(best_step(grad.copy(), radius), (2,), "the step")
    )
    if own is None:
        return None
    length = float(np.linalg.norm(own))
    if length > radius * (1 + 1e-9):
        notes.add(f"{name} leaves the circle: its step has the length {figure(length)}.")
    elif float(own @ grad) > -0.999 * radius * float(np.linalg.norm(grad)):
        notes.add(f"{name} could lower the linearised loss more, in another direction.")
    return np.asarray(own)


def _words(landscape: Landscape, middle: Array, step: Array) -> str:
    grad = landscape.gradient(middle)
    length = float(np.linalg.norm(step))
    linear = float(step @ grad)
    true = float(landscape.value(middle + step) - landscape.value(middle))
    size = float(np.linalg.norm(grad)) * length
    angle = np.rad2deg(np.arccos(np.clip(linear / size, -1, 1))) if size else 0.0
    return (
        f"A step of length {figure(length)} at {angle:.0f}° to the gradient: the linearised loss "
        f"changes by {figure(linear)}, the true one by {figure(true)}."
    )


def _svg(landscape: Landscape, middle: Array, at: Values, own: Array | None) -> str:
    ground = terrain(landscape, Box(66, 36, 450, 300), "all steps of this length")
    circle = middle + at["radius"] * directions(_TURN)
    ground.line(*circle.T, colour=INK, width=1.5)
    grad = landscape.gradient(middle)
    unit = grad / (np.linalg.norm(grad) or 1.0)
    tip = middle + 0.8 * unit
    ground.arrow(middle, tip, _SLOPE, width=2)
    ground.note(float(tip[0]), float(tip[1]), "gradient", "start", shift=(6, 0), size=12)
    if own is not None:
        ground.arrow(middle, middle + own, _OWN, width=4)
    ground.arrow(middle, middle + at["radius"] * directions(at["direction"]), _LINEAR)
    return sheet(920, 404, ground, _losses(landscape, middle, at, own), *_keys(own))


def _keys(own: Array | None) -> list[str]:
    """Say which arrow is which."""
    keys = [("→ the step that you turn", _LINEAR)]
    if own is not None:
        keys.append(("→ your best step", _OWN))
    return [
        write(66 + 220 * place, 394, text, "start", size=12, weight="bold", colour=ink(colour))
        for place, (text, colour) in enumerate(keys)
    ]


def _losses(landscape: Landscape, middle: Array, at: Values, own: Array | None) -> Panel:
    steps = at["radius"] * directions(_TURN)
    linear = landscape.value(middle) + steps @ landscape.gradient(middle)
    true = landscape.value(middle + steps)
    marks = (0.0, 90.0, 180.0, 270.0, 360.0)
    panel = Panel(Box(590, 36, 230, 300), Scale(0, 360, marks=marks), fitted(linear, true))
    panel.frame("loss after the step", "direction in degrees")
    panel.line(_TURN, linear, colour=_LINEAR)
    panel.line(_TURN, true, colour=_TRUE, dashes=(4, 2))
    here = round(at["direction"])
    panel.dots([here], [linear[here]], colour=_LINEAR, size=6.5)
    panel.dots([here], [true[here]], colour=_TRUE, marker="s", size=6)
    if own is not None and own.any():
        towards = float(np.rad2deg(np.arctan2(own[1], own[0])) % 360)
        panel.line([towards, towards], [panel.y.low, panel.y.high], colour=_OWN, dashes=(1, 2))
        panel.note(towards, panel.y.high, "yours", "start", shift=(5, 16), size=12)
    panel.end_labels([(float(linear[-1]), "linearised", _LINEAR), (float(true[-1]), "true", _TRUE)])
    return panel
