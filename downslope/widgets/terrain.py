"""Panels that several explorers share: a landscape with paths on it, and losses over updates."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from downslope import animations, display, plots
from downslope.landscapes import Landscape
from downslope.looks import COLOURS, INK, PAPER, Style
from downslope.palettes import palette_png
from downslope.widgets.charts import Box, Panel
from downslope.widgets.scales import Scale, fitted

Array = npt.NDArray[np.float64]

_SPAN = 1e6  # losses that grow by more than this would flatten every other curve


def terrain(landscape: Landscape, box: Box, title: str = "") -> Panel:
    """Make a panel that shows a landscape's window, filled with its contours.

    The box is in CSS pixels. Source: this course.

    Raises:
        AttributeError: for what is no landscape.

    >>> from downslope.landscapes import valley
    >>> terrain(valley, Box(40, 20, 300, 200)).x
    Scale(low=-10, high=4, log=False, marks=())
    """
    (low1, high1), (low2, high2) = landscape.window
    panel = Panel(box, Scale(low1, high1), Scale(low2, high2))
    if display.drawn():
        panel.picture(_contours(landscape, round(box.width), round(box.height)))
    panel.frame(title or landscape.name, "w₁", "w₂", grid=False)
    return panel


def track(panel: Panel, path: npt.ArrayLike, look: Style, *, quiet: bool = False) -> None:
    """Draw a path `(T, 2)` on a landscape: start ringed, updates dotted, end marked.

    A quiet one is thin and bare: something to compare with. Source: this course.

    Raises:
        ValueError: for a path of another shape, or that holds no numbers.

    >>> from downslope.looks import INK, Style
    >>> panel = Panel(Box(40, 20, 200, 100), Scale(0, 10), Scale(0, 1))
    >>> track(panel, [[0, 0], [10, 1]], Style(INK, (), "o"), quiet=True)
    >>> 'M0 100L200 0' in panel.svg()
    True
    """
    x, y = np.asarray(path, dtype=np.float64).T
    if not quiet:
        panel.line(x, y, colour=PAPER, width=4.5)
    panel.line(x, y, colour=look.colour, dashes=look.dashes, width=1.4 if quiet else 2.2)
    if quiet:
        return
    panel.dots(x[1:-1], y[1:-1], colour=look.colour, marker=look.marker, size=2.6, apart=9)
    panel.dots(x[:1], y[:1], colour=PAPER, size=6)
    panel.dots(x[:1], y[:1], colour=INK, hollow=True, size=6)
    panel.dots(x[-1:], y[-1:], colour=look.colour, marker=look.marker, size=6.5)


def losses_panel(
    losses: Mapping[str, Array],
    looks: Mapping[str, Style],
    box: Box,
    *,
    updates: int,
    title: str = "loss",
    xlabel: str = "update",
    rings: Array | None = None,
) -> Panel:
    """Draw losses over updates, each `(T,)`, with labels at their ends; logarithmic if all > 0.

    `rings`, of the same length, are losses to compare with. The box is in CSS pixels. Source: this
    course.

    Raises:
        AttributeError: for losses without labels.
        KeyError: for a label without a look.

    >>> from downslope.looks import styles
    >>> losses = {"halving": np.array([1.0, 0.5, 0.25])}
    >>> losses_panel(losses, styles(losses), Box(40, 20, 300, 200), updates=2).y.log
    True
    """
    shown = {label: _readable(loss) for label, loss in losses.items()}
    compared = () if rings is None else (_readable(rings),)
    seen = [loss[np.isfinite(loss)] for loss in (*shown.values(), *compared)]
    log = bool(seen) and all(np.all(loss > 0) for loss in seen)
    heights = fitted(*seen, log=log) if seen else Scale(0.0, 1.0)
    panel = Panel(box, Scale(0.0, max(updates, 1)), _deepest(heights))
    panel.frame(title, xlabel)
    for label, loss in shown.items():
        panel.line(
            np.arange(len(loss)), loss, colour=looks[label].colour, dashes=looks[label].dashes
        )
    for loss in compared:
        panel.dots(np.arange(len(loss)), loss, colour=COLOURS[1], hollow=True, size=4, apart=9)
    panel.end_labels(
        (_last(loss), label, looks[label].colour) for label, loss in shown.items() if len(loss)
    )
    return panel


def _last(loss: Array) -> float:
    finite = loss[np.isfinite(loss)]
    return float(finite[-1]) if len(finite) else np.nan


def _deepest(scale: Scale) -> Scale:
    """Cut a logarithmic axis fifteen decades below its top: below that is only rounding."""
    low = max(scale.low, scale.high * 1e-15) if scale.log else scale.low
    return Scale(low, scale.high, scale.log)


def _readable(loss: Array) -> Array:
    """Leave out losses that have run away, which would flatten every other curve."""
    return np.where(np.abs(loss) <= _SPAN * (1 + abs(loss[0])), loss, np.nan)


@lru_cache(maxsize=32)
def _contours(landscape: Landscape, width: int, height: int) -> bytes:
    """Draw the ground once; only what moves on it is drawn anew."""
    from matplotlib import image

    inch = display.CSS_PIXELS_PER_INCH
    figure = animations.bare_figure(width / inch, height / inch)
    ax = plots.contours(landscape, figure.add_axes((0, 0, 1, 1)))
    ax.set_axis_off()
    ax.set_title("")
    png = display.png(figure, tight=False)
    pixels = image.imread(io.BytesIO(png), format="png")[..., :3]
    return palette_png(np.round(255 * pixels).astype(np.uint8), keep=(INK, PAPER))
