"""Passes through the data: which example meets which, and where runs from many starts end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from downslope.arguments import floats, require_count, require_items, require_number, require_shape
from downslope.looks import INK, PAPER, styles
from downslope.plots.frames import (
    ABOVE,
    Array,
    axes_or_new,
    dress,
    legend,
    plural,
    series_of,
    tell,
    vector,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Batches = Sequence[npt.ArrayLike]
LIGHT = ("#9ecae8", "#f2b48c", "#8fd3bd", "#e6bfd3", "#f3cf87", "#c5e4f5", "#c9ccd1")


def batch_board(
    epochs: Mapping[str, Batches] | Sequence[Batches], n: int, *, ax: Axes | None = None
) -> Axes:
    """Draw in which batch each example has its turn: a row for each epoch, a column an example.

    The number in a cell counts batches from 1. An empty cell was never used, one with two numbers
    was used twice. In an epoch each is used once, in a new order (lecture L0).

    Args:
        epochs: Lists of index arrays, one list for each epoch; with labels, or numbered from 1.
        n: Number of examples; indices outside 0 to n - 1 are left out.
        ax: Where to draw.

    Raises:
        TypeError: for epochs that are no lists, indices that are no numbers, or an `n` that is no
            whole number.
        ValueError: for an `n` below 1.

    >>> ax = batch_board([[[2, 0], [1]], [[1, 2], [0]]], 3)
    >>> [text.get_text() for text in ax.texts]
    ['1', '2', '1', '2', '1', '1']
    """
    n = require_count("n", n)
    rows: dict[Any, Batches]
    if isinstance(epochs, Mapping):
        rows = dict(epochs)
    else:
        rows = dict(enumerate(require_items("epochs", epochs, "epochs, each of batches"), start=1))
    ax = dress(axes_or_new(ax, 0.42 * n + 1.4, 0.42 * len(rows) + 0.9), "example", "", grid=False)
    for y, (label, batches) in enumerate(rows.items()):
        turns = _turns(batches, n)
        for example, numbers in enumerate(turns):
            _cell(ax, example, y, numbers)
        tell(ax, _row_words(label, turns, len(batches)))
    ax.set(xlim=(-0.5, n - 0.5), ylim=(len(rows) - 0.5, -0.5), xticks=range(n))
    named = isinstance(epochs, Mapping)
    ax.set_yticks(range(len(rows)), [str(key) if named else f"epoch {key}" for key in rows])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _turns(batches: Batches, n: int) -> list[list[int]]:
    """List for each example the batches, counted from 1, that hold it."""
    turns: list[list[int]] = [[] for _ in range(n)]
    listing = require_items("every entry of epochs", batches, "batches")
    for number, batch in enumerate(listing, start=1):
        for index in floats("every batch of epochs", batch).ravel().tolist():
            if 0 <= index < n:
                turns[int(index)].append(number)
    return turns


def _cell(ax: Axes, x: int, y: int, numbers: list[int]) -> None:
    from matplotlib.patches import Rectangle

    colour = LIGHT[(numbers[0] - 1) % len(LIGHT)] if numbers else PAPER
    look: dict[str, Any] = {"facecolor": colour, "edgecolor": INK if numbers else "#b9bfc6"}
    ax.add_patch(Rectangle((x - 0.45, y - 0.45), 0.9, 0.9, linewidth=0.7, **look))
    if numbers:
        words = ",".join(map(str, numbers))
        ax.text(
            x, y, words, ha="center", va="center", fontsize=10 if len(words) < 3 else 7, color=INK
        )


def _row_words(label: Any, turns: list[list[int]], count: int) -> str:
    missing = sum(not numbers for numbers in turns)
    twice = sum(len(numbers) > 1 for numbers in turns)
    name = f"epoch {label}" if isinstance(label, int) else str(label)
    faults = [f"{missing} never used"] * (missing > 0) + [f"{twice} used more than once"] * (
        twice > 0
    )
    told = " and ".join(faults) or "each example used once"
    return f"{name[0].upper()}{name[1:]}: {plural(count, 'batch', 'batches')}, {told}."


def ends_by_start(
    begin: npt.ArrayLike,
    ends: Mapping[str, npt.ArrayLike],
    loss: Mapping[str, Array],
    *,
    best: float,
) -> Axes:
    """Draw a loss with one weight, and below it where runs end that begin at each weight.

    The noise of mini-batches makes the start matter less, says lecture L2.

    Args:
        begin: First weights, `(S,)`.
        ends: Last weights `(S,)` for each method.
        loss: ``{"w": weights, "loss": values}``, two rows of one length, to be drawn above.
        best: The weight with the lowest loss; ends within 0.3 of it are counted.

    Returns:
        The lower axes.

    Raises:
        TypeError: for ends or a loss without labels, rows that hold no numbers, or a `best` that
            is no number.
        ValueError: for rows of another shape or length.
        KeyError: for a loss without "w" or "loss".

    >>> curve = {"w": np.linspace(0, 3, 9), "loss": np.linspace(0, 3, 9) ** 2}
    >>> ax = ends_by_start([1, 2], {"full batch": [0.1, 2.0]}, curve, best=0.0)
    >>> ax.get_legend().get_texts()[0].get_text()
    'full batch: 1 of 2 near the best'
    """
    require_number("best", best)
    first = vector("begin", begin)
    lines = series_of("ends", ends)
    upper, lower = _two_axes()
    curve = series_of("loss", loss)
    upper.plot(curve["w"], curve["loss"], color=INK, linewidth=1.8)
    for each in (upper, lower):
        each.axvline(best, color="#9aa1a9", linewidth=1, dashes=(4, 3), zorder=0)
    looks = styles(lines)
    for label, last in lines.items():
        require_shape(f"ends[{label!r}]", last, first.shape)
        near = int(np.sum(np.abs(last - best) < 0.3))
        words = f"{label}: {near} of {len(first)} near the best"
        dots: dict[str, Any] = {"s": 26, "edgecolor": PAPER, "linewidth": 0.5, "alpha": 0.9}
        look = looks[label]
        away = int(np.sum((last < curve["w"].min()) | (last > curve["w"].max())))
        words += f", {away} outside of the picture" * (away > 0)
        lower.scatter(last, first, color=look.colour, marker=look.marker, label=words, **dots)
        tell(lower, f"{words} weight {best:g}.")
    lower.set_xlim(curve["w"].min(), curve["w"].max())
    legend(lower, {**ABOVE, "ncols": 1})
    return lower


def _two_axes() -> tuple[Axes, Axes]:
    from matplotlib import pyplot as plt

    layout: dict[str, Any] = {"height_ratios": (1, 2)}
    _, (upper, lower) = plt.subplots(
        2, 1, figsize=(6.8, 5.6), layout="constrained", sharex=True, gridspec_kw=layout
    )
    dress(upper, "", "loss")
    dress(lower, "weight w: where the run ends", "w where it began")
    return upper, lower
