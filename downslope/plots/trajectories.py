"""Landscapes from above, and the trajectories of optimizers over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from downslope import display
from downslope.arguments import floats, require_count, require_items, require_kind
from downslope.landscapes import Landscape
from downslope.landscapes.surfaces import window_of
from downslope.looks import INK, PAPER, Style, looks_of
from downslope.plots.frames import (
    Array,
    axes_or_new,
    dress,
    legend,
    listed,
    require_axes,
    surface_colours,
    tell,
    title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def levels(loss: Array, count: int = 16) -> Array:
    """Space heights by a power: nearly logarithmic at the bottom, yet a saddle keeps its shape.

    The power puts the median height about half way up the list, so no surface is one flat colour.
    Losses may have any shape. Source: this course.

    Raises:
        TypeError, ValueError: for losses that are no numbers, or none.

    >>> levels(np.array([0.0, 1.0, 100.0]), count=3)
    array([  0.,   1., 100.])
    """
    lowest, highest = float(np.min(loss)), float(np.max(loss))
    highest = highest if highest > lowest else lowest + 1  # a plain has one colour
    middle = (float(np.median(loss)) - lowest) / (highest - lowest)
    power = np.clip(np.log(max(middle, 1e-9)) / np.log(0.5), 2.0, 7.0)
    return np.asarray(lowest + (highest - lowest) * np.linspace(0, 1, count) ** power)


def contours(landscape: Landscape, ax: Axes | None = None, *, points: int = 200) -> Axes:
    """Draw a landscape as filled contours, closer together near the bottom; a star is its minimum.

    `points` is the number of samples along each axis; a network's loss wants fewer, such as 25.
    Surfaces such as those of lecture L2.

    Raises:
        TypeError: for no landscape, or `points` that is no whole number.
        ValueError: for `points` below 2.

    >>> from downslope.landscapes import valley
    >>> contours(valley).get_title()
    'valley'
    >>> contours("valley")
    Traceback (most recent call last):
    TypeError: landscape must be a downslope.landscapes.Landscape; got str
    """
    require_kind("landscape", landscape, Landscape, "be a downslope.landscapes.Landscape")
    ax = dress(axes_or_new(ax, 7.4), "$w_1$", "$w_2$", grid=False)
    w1, w2, loss = landscape.grid(require_count("points", points, low=2))
    if display.drawn():
        heights = levels(loss)
        colours = surface_colours()(np.linspace(0, 1, len(heights) - 1))
        ax.contourf(w1, w2, loss, levels=heights, colors=colours)
        ax.contour(w1, w2, loss, levels=heights[1:-1], colors="#6f8799", linewidths=0.5)
    if len(landscape.minima):
        star: dict[str, Any] = {"color": INK, "markeredgecolor": PAPER, "linestyle": "none"}
        ax.plot(*landscape.minima.T, marker="*", markersize=13, label="minimum", zorder=8, **star)
    ax.set_xlim(*landscape.window[0])
    ax.set_ylim(*landscape.window[1])
    title(ax, landscape.name)
    return tell(ax, _surface_words(landscape, loss), anew=True)


def _surface_words(landscape: Landscape, loss: Array) -> str:
    words = f"Contours of {landscape.in_words}, loss {np.min(loss):.3g} to {np.max(loss):.3g}"
    places = [f"({x:.3g}, {y:.3g})" for x, y in landscape.minima]
    if not places:
        return f"{words}."
    return f"{words}, with {'minimum' if len(places) == 1 else 'minima'} at {listed(places)}."


def drawable(path: npt.ArrayLike, window: Any) -> Array:
    """Cut a path `(T, 2)` where it stops being finite, and clip what lies far outside the window.

    `window` is that of a landscape: `((low, high), (low, high))`. Gives the points, `(≤ T, 2)`.
    Source: this course.

    Raises:
        TypeError, ValueError: for a path that holds no numbers, or is not `(T, 2)`.

    >>> drawable([[0, 0], [1e9, 1], [np.nan, 0]], ((-1, 1), (-1, 1)))
    array([[0., 0.],
           [7., 1.]])
    """
    points = np.asarray(floats("path", path, ("T", 2)), dtype=np.float64)
    broken = np.flatnonzero(~np.isfinite(points).all(axis=-1))
    points = points[: broken[0]] if broken.size else points
    low, high = np.transpose(window_of(window))
    # A margin of three windows keeps the direction in which a path leaves the picture.
    return np.clip(points, low - 3 * (high - low), high + 3 * (high - low))


def paths(
    ax: Axes,
    trajectories: Mapping[str, npt.ArrayLike],
    *,
    looks: Mapping[str, Style] | None = None,
) -> Axes:
    """Draw trajectories, arrays `(T, 2)`, over contours: start ringed, end marked, legend outside.

    `looks` keeps the look of each label where several pictures speak of the same ones. After the
    animations in lectures L1, L4.

    Raises:
        TypeError: for trajectories without labels, or a path that holds no numbers.
        ValueError: for a path of another shape.

    >>> from downslope.landscapes import bowl
    >>> ax = paths(contours(bowl), {"straight": [[-2, 1], [0, 0]]})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['minimum', 'start', 'straight']
    >>> from downslope.plots import describe
    >>> describe(ax)
    'Contours of the bowl, loss 0.000429 to 17, with minimum at (0, 0). Path of straight: 1
    update from (-2, 1) to (0, 0).'
    """
    require_axes(ax)
    require_kind("trajectories", trajectories, Mapping, "map labels to paths (T, 2)")
    window = ax.get_xlim(), ax.get_ylim()
    drawn = {label: drawable(path, window) for label, path in trajectories.items()}
    starts(ax, drawn.values())
    looks = looks_of(drawn, looks)
    for label, path in drawn.items():
        _path(ax, label, path, looks[label])
        tell(ax, _path_words(label, path))
    ax.set_xlim(*window[0])
    ax.set_ylim(*window[1])
    legend(ax)
    return ax


def starts(ax: Axes, trajectories: Iterable[npt.ArrayLike]) -> Axes:
    """Ring the first point of each trajectory, arrays `(T, 2)`. Source: this course.

    Raises:
        TypeError: for trajectories that are no list of arrays, or hold no numbers.
        ValueError: for a trajectory of another shape.

    >>> from downslope.landscapes import bowl
    >>> starts(contours(bowl), [[[-2, 1], [0, 0]]]).collections[-1].get_label()
    'start'
    """
    require_axes(ax)
    listing = require_items("trajectories", trajectories, "paths (T, 2)")
    rows = [floats("trajectories", path, ("T", 2)) for path in listing]
    first = [points[0] for points in rows if len(points)]
    if first:
        ring: dict[str, Any] = {"facecolor": PAPER, "edgecolor": INK, "linewidth": 1.8, "s": 70}
        ax.scatter(*np.unique(first, axis=0).T, label="start", zorder=6, **ring)
    return ax


def _path(ax: Axes, label: str, path: Array, style: Style) -> None:
    # All halos lie below all lines, so that of two equal paths one shows in the gaps of the other.
    ax.plot(*path.T, color=PAPER, linewidth=3.6, zorder=4.8)
    ax.plot(
        *path.T,
        color=style.colour,
        dashes=style.dashes or (None, None),
        linewidth=2.0,
        marker=style.marker,
        markersize=5.5,
        markeredgecolor=PAPER,
        markeredgewidth=0.8,
        markevery=max(1, len(path) // 8),
        label=label,
        zorder=5,
    )
    if len(path):
        end: dict[str, Any] = {"marker": style.marker, "markersize": 10, "markeredgecolor": PAPER}
        ax.plot(*path[-1], color=style.colour, linestyle="none", zorder=7, **end)


def _path_words(label: str, path: Array) -> str:
    if not len(path):
        return f"Path of {label}: nothing to draw."
    start, end = ((f"({x:.3g}, {y:.3g})") for x, y in np.round(path[[0, -1]], 3) + 0.0)
    updates = len(path) - 1
    return f"Path of {label}: {updates} update{'s' * (updates != 1)} from {start} to {end}."
