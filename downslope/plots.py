"""Pictures of the course: each function takes and returns a matplotlib `Axes`.

Colours are those of Okabe and Ito, which colour-blind readers can tell apart; every line also has
its own dash pattern and marker. Without `ax` a new figure is made. End a cell with
`show(ax, alt=...)`, which displays the figure together with a description in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from downslope.looks import COLOURS, INK, PAPER, Style, darker, spread, styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.lines import Line2D

    from downslope.landscapes import Landscape

Array = npt.NDArray[np.float64]

_SURFACE = ("#fdfaf3", "#e9eef0", "#cfdbe3", "#b3c6d4", "#98b0c4")  # low loss to high loss


def _new_axes(width: float = 6.4, height: float = 4.2) -> Axes:
    from matplotlib import pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def _dress(ax: Axes, xlabel: str, ylabel: str, *, grid: bool = True) -> Axes:
    """Apply what all pictures share: opaque paper, quiet frame, labels of one size."""
    ax.figure.set_facecolor(PAPER)
    ax.set_facecolor(PAPER)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(INK)
    ax.tick_params(which="both", colors=INK, labelsize=10)
    ax.set_xlabel(xlabel, fontsize=11, color=INK)
    ax.set_ylabel(ylabel, fontsize=11, color=INK)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(visible=True, color="#d9dde1", linewidth=0.6)
    return ax


def _surface_colours() -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("downslope", _SURFACE)


def _levels(loss: Array, count: int = 16) -> Array:
    """Space heights by a power: nearly logarithmic at the bottom, yet a saddle keeps its shape.

    The power puts the median height about half way up the list, so no surface is one flat colour.
    """
    lowest, highest = float(np.min(loss)), float(np.max(loss))
    middle = (float(np.median(loss)) - lowest) / (highest - lowest)
    power = np.clip(np.log(max(middle, 1e-9)) / np.log(0.5), 2.0, 7.0)
    return np.asarray(lowest + (highest - lowest) * np.linspace(0, 1, count) ** power)


def contours(landscape: Landscape, ax: Axes | None = None) -> Axes:
    """Draw a landscape as filled contours, closer together near the bottom; a star is its minimum.

    >>> from downslope.landscapes import valley
    >>> contours(valley).get_title()
    'valley'
    """
    ax = _dress(ax or _new_axes(7.4), "$w_1$", "$w_2$", grid=False)
    w1, w2, loss = landscape.grid()
    levels = _levels(loss)
    colours = _surface_colours()(np.linspace(0, 1, len(levels) - 1))
    ax.contourf(w1, w2, loss, levels=levels, colors=colours)
    ax.contour(w1, w2, loss, levels=levels[1:-1], colors="#6f8799", linewidths=0.5)
    if landscape.minimum is not None:
        star: dict[str, Any] = {"color": INK, "markeredgecolor": PAPER, "linestyle": "none"}
        ax.plot(*landscape.minimum, marker="*", markersize=13, label="minimum", zorder=8, **star)
    ax.set_xlim(*landscape.window[0])
    ax.set_ylim(*landscape.window[1])
    ax.set_title(landscape.name, fontsize=12, color=INK)
    return ax


def drawable(path: npt.ArrayLike, window: Any) -> Array:
    """Cut a path where it stops being finite, and clip what lies far outside the window.

    >>> drawable([[0, 0], [1e9, 1], [np.nan, 0]], ((-1, 1), (-1, 1)))
    array([[0., 0.],
           [7., 1.]])
    """
    points = np.asarray(path, dtype=np.float64)
    broken = np.flatnonzero(~np.isfinite(points).all(axis=-1))
    points = points[: broken[0]] if broken.size else points
    low, high = np.array(window, dtype=np.float64).T
    # A margin of three windows keeps the direction in which a path leaves the picture.
    return np.clip(points, low - 3 * (high - low), high + 3 * (high - low))


def paths(
    ax: Axes,
    trajectories: Mapping[str, npt.ArrayLike],
    *,
    looks: Mapping[str, Style] | None = None,
) -> Axes:
    """Draw trajectories, arrays `(T, 2)`, over contours: start ringed, end marked, legend outside.

    `looks` keeps the look of each label where several pictures speak of the same ones.

    >>> from downslope.landscapes import bowl
    >>> ax = paths(contours(bowl), {"straight": [[-2, 1], [0, 0]]})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['minimum', 'start', 'straight']
    """
    window = ax.get_xlim(), ax.get_ylim()
    drawn = {label: drawable(path, window) for label, path in trajectories.items()}
    starts(ax, drawn.values())
    looks = looks or styles(drawn)
    for label, path in drawn.items():
        _path(ax, label, path, looks[label])
    ax.set_xlim(*window[0])
    ax.set_ylim(*window[1])
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, labelcolor=INK)
    return ax


def starts(ax: Axes, trajectories: Iterable[npt.ArrayLike]) -> Axes:
    """Ring the first point of each trajectory."""
    first = [points[0] for path in trajectories if len(points := np.asarray(path))]
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


def curves(
    series: Mapping[str, npt.ArrayLike],
    *,
    xlabel: str,
    ylabel: str,
    logy: bool = False,
    x: npt.ArrayLike | None = None,
    looks: Mapping[str, Style] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw each series against its index, or against `x`, with its label at the end of its line.

    >>> ax = curves({"halving": [1, 0.5, 0.25]}, xlabel="step", ylabel="loss", logy=True)
    >>> ax.get_yscale(), [text.get_text() for text in ax.texts]
    ('log', ['halving'])
    """
    ax = _dress(ax or _new_axes(), xlabel, ylabel)
    if logy:
        ax.set_yscale("log", nonpositive="mask")
    looks = looks or styles(series)
    lines = []
    for label, values in series.items():
        heights = np.asarray(values, dtype=np.float64)
        across = np.arange(len(heights), dtype=np.float64) if x is None else np.asarray(x, float)
        lines.append(
            _curve(ax, across, np.where(np.isfinite(heights), heights, np.nan), looks[label])
        )
        lines[-1].set_label(label)
    _label_ends(ax, lines)
    return ax


def _curve(ax: Axes, across: Array, heights: Array, style: Style) -> Line2D:
    (line,) = ax.plot(
        across,
        heights,
        color=style.colour,
        dashes=style.dashes or (None, None),
        linewidth=2.0,
        marker=style.marker,
        markersize=5,
        markevery=max(1, len(heights) // 10),
    )
    return line


def _label_ends(ax: Axes, lines: Sequence[Line2D]) -> None:
    """Write each label beside the last visible point of its line, none over another."""
    named, ends = [], []
    for line in lines:
        heights = np.asarray(line.get_ydata(), dtype=np.float64)
        seen = heights[heights > 0] if ax.get_yscale() == "log" else heights[~np.isnan(heights)]
        if len(seen):
            named.append(line)
            ends.append(float(seen[-1]))
    ax.autoscale_view()  # limits are otherwise set only when the figure is drawn
    points = 72 / ax.figure.dpi
    pixels = [float(ax.transData.transform((0, end))[1]) * points for end in ends]
    for line, end, own, moved in zip(named, ends, pixels, spread(pixels, 14.0), strict=True):
        ax.annotate(
            str(line.get_label()),
            xy=(1.0, end),
            xycoords=ax.get_yaxis_transform(),
            xytext=(6, moved - own),
            textcoords="offset points",
            color=darker(str(line.get_color())),
            fontsize=10,
            fontweight="bold",
            va="center",
            annotation_clip=False,
        )


def bars(
    series: Mapping[str, npt.ArrayLike],
    *,
    xlabel: str,
    ylabel: str,
    ticks: Sequence[Any] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw groups of bars side by side: one colour and hatch for each series, 1, 2, 3, ... below.

    >>> ax = bars({"m": [0.2, 0.4], "corrected m": [2, 2.1]}, xlabel="update t", ylabel="value")
    >>> len(ax.patches), [tick.get_text() for tick in ax.get_xticklabels()]
    (4, ['1', '2'])
    """
    ax = _dress(ax or _new_axes(), xlabel, ylabel)
    hatches = ("", "///", "...", "xxx", "\\\\\\", "++", "oo")
    width = 0.8 / max(1, len(series))
    groups = max((len(np.atleast_1d(values)) for values in series.values()), default=0)
    for index, (label, values) in enumerate(series.items()):
        heights = np.atleast_1d(np.asarray(values, dtype=np.float64))
        place = np.arange(len(heights)) + (index - (len(series) - 1) / 2) * width
        look: dict[str, Any] = {
            "color": COLOURS[index % 7],
            "hatch": hatches[index % 7],
            "edgecolor": PAPER,
        }
        ax.bar(place, heights, width, label=label, **look)
    ax.set_xticks(range(groups), labels=[str(t) for t in ticks or range(1, groups + 1)])
    ax.axhline(0, color=INK, linewidth=0.8)
    above: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "ncols": 3}
    ax.legend(frameon=False, labelcolor=INK, **above)
    return ax


def weight_sums(beta: float = 0.9, steps: int = 20, ax: Axes | None = None) -> Axes:
    """Show why a running mean that starts at zero needs a correction.

    After update t the weights on the values seen sum to 1 − βᵗ; the missing βᵗ still weighs the
    zero start. Dividing by the sum brings every bar to 1.

    >>> ax = weight_sums(beta=0.5, steps=3)
    >>> [round(float(bar.get_height()), 3) for bar in ax.patches[:3]]
    [0.5, 0.75, 0.875]
    """
    ax = _dress(ax or _new_axes(8.4), "update $t$", "sum of the weights")
    t = np.arange(1, steps + 1)
    seen = 1 - beta**t
    solid: dict[str, Any] = {
        "color": COLOURS[0],
        "edgecolor": PAPER,
        "label": r"on values seen: $1-\beta^t$",
    }
    ax.bar(t, seen, 0.8, **solid)
    empty: dict[str, Any] = {
        "color": "#f3d9c9",
        "edgecolor": COLOURS[1],
        "hatch": "///",
        "linewidth": 0,
    }
    ax.bar(t, 1 - seen, 0.8, bottom=seen, label=r"on the zero start: $\beta^t$", **empty)
    ax.axhline(1, color=INK, linewidth=1.6, label=r"corrected: divided by $1-\beta^t$")
    ax.set_xticks(t[:: max(1, steps // 10)])
    ax.set_ylim(0, 1.08)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, labelcolor=INK)
    ax.set_title(rf"$\beta$ = {beta:g}", fontsize=12, color=INK)
    return ax


def epsilon_placement(eps: float = 1e-8, ax: Axes | None = None) -> Axes:
    """Compare |g| / (|g| + eps) with |g| / √(g² + eps), the first step divided by lr.

    They part where |g| is about √eps, ten thousand times larger than eps = 1e-8 itself.

    >>> ax = epsilon_placement(1e-8)
    >>> ax.get_xscale(), ax.get_yscale()
    ('log', 'log')
    """
    size = np.geomspace(eps * 1e-2, np.sqrt(eps) * 1e3, 241)
    series = {
        "outside the root": size / (size + eps),
        "inside the root": size / np.sqrt(size**2 + eps),
    }
    labels: dict[str, Any] = {"xlabel": "gradient |g|", "ylabel": "step / lr"}
    ax = curves(series, **labels, x=size, ax=ax or _new_axes(7.0, 4.2), logy=True)
    ax.set_xscale("log")
    for place, name in ((eps, "eps"), (np.sqrt(eps), "√eps")):
        ax.axvline(place, color=INK, linewidth=1.0, linestyle=":")
        note: dict[str, Any] = {"xycoords": ax.get_xaxis_transform(), "textcoords": "offset points"}
        words = f"|g| = {name} = {place:.0e}"
        ax.annotate(words, (place, 0.03), (5, 0), rotation=90, color=INK, fontsize=9, **note)
    return ax


def effective_steps(
    history: Mapping[str, npt.ArrayLike], *, logy: bool = True, ax: Axes | None = None
) -> Axes:
    """Draw how far each weight really moved at each update of a `trajectory`.

    >>> ax = effective_steps({"theta": [[0, 0], [1, 2], [3, 2]]}, logy=False)
    >>> ax.lines[0].get_ydata()
    array([1., 2.])
    """
    moved = np.abs(np.diff(np.asarray(history["theta"], dtype=np.float64), axis=0))
    series = {f"weight {index + 1}": column for index, column in enumerate(moved.T)}
    updates = np.arange(1, len(moved) + 1)
    return curves(series, xlabel="update t", ylabel="size of the move", logy=logy, x=updates, ax=ax)
