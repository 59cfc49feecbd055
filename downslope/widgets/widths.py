"""How well a network with one hidden layer can follow a curve, as its width grows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope.activations import ACTIVATIONS
from downslope.looks import COLOURS, INK
from downslope.widgets.charts import Box, Panel, ink, sheet
from downslope.widgets.controls import Choice, Control, Count, Stops
from downslope.widgets.explorer import Explorer, Notes, Values, View, array_of, name_of
from downslope.widgets.scales import Scale, figure

Array = npt.NDArray[np.float64]

WIDTHS = (1, 2, 3, 4, 6, 8, 12, 20, 32, 50, 80, 120)
_X = np.linspace(-1, 1, 401)


def target(x: npt.ArrayLike) -> Array:
    """Return the curve that is to be followed, at any numbers x. Source: this course.

    Raises:
        TypeError, ValueError: NumPy's own, for text, objects or uneven rows.

    >>> target([-1.0, 0.0, 1.0]).round(2)
    array([ 0.09,  0.4 , -0.82])
    """
    x = np.asarray(x, dtype=np.float64)
    return np.asarray(0.6 * np.sin(4 * x) + 0.4 * np.cos(9 * x))


def explore_width(activations: Callable[[Array], Mapping[str, Any]] | None = None) -> Explorer:
    """Turn the width of a network y = A σ(W x + b) and watch it follow a curve.

    A picture of the universal approximation theorem (lecture L0).

    W and b are drawn at random; A and an offset are the best there are (least squares). The first
    units of a wide layer are those of a narrow one, so a wider one can do all that a narrow one
    can.

    Args:
        activations: The learner's `activations(z)`, a dict from names to arrays; by default the
            library's.

    Raises:
        ValueError: in `set`, for a value that no control has. What is wrong with the learner's
            function is said below the picture.

    >>> explorer = explore_width()
    >>> explorer.set(width=2)
    >>> explorer.view().says.startswith("2 hidden units: the largest gap is")
    True
    """
    controls: dict[str, Control] = {
        "width": Stops("hidden units", 3, WIDTHS),
        "unit": Choice("activation", "relu", tuple(ACTIVATIONS)),
        "seed": Count("random draw", 1, 1, 9),
    }

    def draw(at: Values) -> View:
        notes, width = Notes(), int(at["width"])
        name = name_of(activations, "your activations")
        curve = notes.attempt(
            name, "the network", lambda: fitted(width, at["unit"], at["seed"], activations)
        )
        says = f"{_units(width)}: the network will appear here."
        if curve is not None:
            gap = float(np.max(np.abs(curve - target(_X))))
            says = f"{_units(width)}: the largest gap is {figure(gap)}."
        alt = f"A curve on [-1, 1] and a network of {_units(width)} with {at['unit']}. {says}"
        return View(_svg(curve), alt, says, tuple(notes.kept))

    return Explorer(controls, draw)


def fitted(
    width: int,
    unit: str,
    seed: int = 1,
    activations: Callable[[Array], Mapping[str, Any]] | None = None,
) -> Array:
    """Fit a network of a width to the curve and return its values on 401 points of [-1, 1].

    The two layers of lecture L0's theorem; a width above 120 counts as 120.

    Raises:
        KeyError: for a unit without a function.
        TypeError: for a width that is no whole number.
        ValueError: for a seed below 0, or an array of the learner's that has another shape.

    >>> float(np.abs(fitted(80, "tanh") - target(np.linspace(-1, 1, 401))).max()) < 0.01
    True
    """
    rng = np.random.default_rng(seed)
    steep = rng.choice([-1.0, 1.0], max(WIDTHS)) * rng.uniform(2.0, 8.0, max(WIDTHS))
    places = rng.uniform(-1.0, 1.0, max(WIDTHS))
    z = (_X[:, None] - places[:width]) * steep[:width]
    if activations is None:
        hidden = ACTIVATIONS[unit].function(z)
    else:
        hidden = array_of(activations(z)[unit], z.shape, f"activations(z)[{unit!r}]")
    table = np.column_stack([np.ones(len(_X)), hidden])
    best = np.linalg.lstsq(table, target(_X), rcond=1e-10)[0]
    return np.asarray(table @ best)


def _units(width: int) -> str:
    return "1 hidden unit" if width == 1 else f"{width} hidden units"


def _svg(curve: Array | None) -> str:
    panel = Panel(Box(66, 30, 560, 300), Scale(-1.0, 1.0), Scale(-1.2, 1.2))
    panel.line(_X, target(_X), colour=INK, dashes=(3, 2))
    ends = [(float(target(_X)[-1]), "the curve", INK)]
    if curve is not None:
        panel.line(_X, curve, colour=COLOURS[0], width=2.6)
        ends.append((float(curve[-1]), "the network", ink(COLOURS[0])))
    panel.end_labels(ends)
    panel.frame("", "x", "y")
    return sheet(760, 384, panel)
