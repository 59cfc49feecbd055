"""Activation functions and their slopes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from downslope.activations import ACTIVATIONS
from downslope.arguments import require_choice, require_items, require_number
from downslope.looks import INK
from downslope.plots.frames import title
from downslope.plots.lines import curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def activations(
    names: Sequence[str] = tuple(ACTIVATIONS),
    *,
    derivative: bool = False,
    reach: float = 3.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw activation functions, or with `derivative` their slopes, from −reach to reach.

    The functions are those of lecture L0, three of the slopes are in lecture L1.

    Raises:
        TypeError: for names that are no list, or a `reach` that is no number.
        ValueError: for an unknown name, or a `reach` that is not above 0.

    >>> ax = activations(["relu", "tanh"], derivative=True)
    >>> ax.get_title(), len(ax.lines)
    ('slopes of activation functions', 4)
    >>> activations(["rely"])
    Traceback (most recent call last):
    ValueError: names must be one of sigmoid, tanh, relu, leaky_relu, elu; got 'rely'
    """
    reach = require_number("reach", reach, above=0)
    names = [
        require_choice("names", name, list(ACTIVATIONS))
        for name in require_items("names", names, "names of activations")
    ]
    chosen = {name: ACTIVATIONS[name] for name in names}
    z = np.linspace(-reach, reach, 301)
    rows = {
        name: np.asarray((each.derivative if derivative else each.function)(z), dtype=np.float64)
        for name, each in chosen.items()
    }
    ylabel = "slope" if derivative else "activation"
    ax = curves(rows, x=z, xlabel="z", ylabel=ylabel, ax=ax)
    ax.axhline(0, color=INK, linewidth=0.8, zorder=1)
    ax.axvline(0, color=INK, linewidth=0.8, zorder=1)
    title(ax, "slopes of activation functions" if derivative else "activation functions")
    return ax
