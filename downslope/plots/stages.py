"""How a search goes on: the lowest loss after each trial, and the stages from coarse to fine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from downslope.arguments import floats, require_count, require_items, require_kind
from downslope.looks import COLOURS, INK, PAPER
from downslope.plots.frames import Array, axes_or_new, dress, listed, shades, tell, title
from downslope.plots.lines import curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def best_so_far(histories: Mapping[str, Sequence[tuple[Any, float]]], **options: Any) -> Axes:
    """Draw the lowest loss that each search has found after 1, 2, 3, … trials.

    `options` go to `curves`, such as `logy=True` or `ax=ax`. Histories are those of
    `downslope.search`, which follows lecture L0.

    Raises:
        TypeError: for histories without labels, trials that are no pairs, or an unknown option.
        ValueError: for a loss that is no number.

    >>> ax = best_so_far({"random": [({}, 3.0), ({}, 5.0), ({}, 1.0)]})
    >>> ax.lines[0].get_ydata()
    array([3., 3., 1.])
    """
    require_kind("histories", histories, Mapping, "map labels to lists of (config, loss)")
    rows = {label: _running_lowest(history) for label, history in histories.items()}
    longest = max((len(row) for row in rows.values()), default=0)
    padded = {
        label: np.pad(row, (0, longest - len(row)), mode="edge") for label, row in rows.items()
    }
    labels: dict[str, Any] = {"xlabel": "trials", "ylabel": "lowest loss so far"}
    ax = curves(padded, x=np.arange(1, longest + 1), **labels, **options)
    for line in ax.lines:
        line.set_drawstyle("steps-post")  # between two trials nothing has been found
    return ax


def _running_lowest(history: Sequence[tuple[Any, float]]) -> Array:
    losses = np.array([loss for _, loss in history], dtype=np.float64)
    lowest = np.minimum.accumulate(np.where(np.isfinite(losses), losses, np.inf))
    return np.where(np.isfinite(lowest), lowest, np.nan)


def search_stages(
    history: Sequence[tuple[float, float]],
    points: int,
    *,
    xlabel: str = "learning rate",
    ax: Axes | None = None,
) -> Axes:
    """Draw a coarse-to-fine search: the range of each stage, one row below the other (lecture L0).

    Args:
        history: Pairs `(value, loss)`, as `search.coarse_to_fine` returns.
        points: Trials of a stage.
        xlabel: What is searched for.
        ax: Where to draw.

    Raises:
        TypeError: for a history that is no list, or `points` that is no whole number.
        ValueError: for `points` below 2, trials that `points` does not divide, values that are no
            numbers, or losses that are all NaN.

    >>> from downslope import search
    >>> best, history = search.coarse_to_fine(lambda lr: np.log(lr / 0.02) ** 2, 1e-6, 1e2, 5, 3)
    >>> ax = search_stages(history, points=5)
    >>> [tick.get_text() for tick in ax.get_yticklabels()]
    ['stage 1', 'stage 2', 'stage 3']
    >>> search_stages(history, points=4)
    Traceback (most recent call last):
    ValueError: points must divide the 15 trials of history; got 4
    """
    points = require_count("points", points, low=2)
    history = require_items("history", history, "pairs (value, loss)")
    if not len(history) or len(history) % points:
        raise ValueError(f"points must divide the {len(history)} trials of history; got {points}")
    rows = floats("history", history, ("N", 2)).astype(np.float64).reshape(-1, points, 2)
    ax = dress(axes_or_new(ax, 7.4, 1.2 + 0.75 * len(rows)), xlabel, "")
    ax.set_xscale("log")
    for stage, (values, losses) in enumerate(rows.transpose(0, 2, 1)):
        _stage(ax, stage, values, np.where(np.isfinite(losses), losses, np.inf))
    ax.set_yticks(range(len(rows)), labels=[f"stage {k + 1}" for k in range(len(rows))])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    found = rows.reshape(-1, 2)[np.nanargmin(rows[..., 1])]
    title(ax, f"best: {found[0]:.3g} with loss {found[1]:.3g}")
    ranges = (f"{row[:, 0].min():.2g} to {row[:, 0].max():.2g}" for row in rows)
    words = f"Coarse-to-fine search for the {xlabel}: stages from {listed(ranges)}"
    return tell(ax, f"{words}; best {found[0]:.3g} with loss {found[1]:.3g}.")


def _stage(ax: Axes, stage: int, values: Array, losses: Array) -> None:
    ax.plot(values[[0, -1]], [stage, stage], color=INK, linewidth=1.0, zorder=2)
    look: dict[str, Any] = {"s": 80, "edgecolor": INK, "linewidth": 0.7, "zorder": 4}
    ax.scatter(values, np.full(len(values), stage), color=shades(losses), **look)
    best = int(np.argmin(losses))
    star: dict[str, Any] = {"marker": "*", "markersize": 18, "markeredgecolor": PAPER}
    ax.plot(values[best], stage, color=COLOURS[1], zorder=5, **star)
