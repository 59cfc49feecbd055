"""Lines and bars of any numbers, each line with its label at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from downslope.arguments import require_items, require_kind
from downslope.looks import COLOURS, INK, PAPER, Style, darker, looks_of, spread
from downslope.plots.frames import ABOVE, Array, axes_or_new, dress, legend, series_of, tell, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

HATCHES = ("", "///", "...", "xxx", "\\\\\\", "++", "oo")


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

    Numbers that are not finite leave a gap. Each series is `(T,)`. Source: this course.

    Raises:
        TypeError: for a series that is no mapping, or holds no numbers.
        ValueError: for a series that is no row, or not as long as `x`.

    >>> ax = curves({"halving": [1, 0.5, 0.25]}, xlabel="step", ylabel="loss", logy=True)
    >>> ax.get_yscale(), [text.get_text() for text in ax.texts]
    ('log', ['halving'])
    >>> curves({"halving": [1, 0.5, 0.25]}, x=[1, 2], xlabel="step", ylabel="loss")
    Traceback (most recent call last):
    ValueError: x must have shape (3,), as series['halving']; got (2,)
    """
    rows = series_of("series", series)
    require_kind("xlabel", xlabel, str, "be text")
    require_kind("ylabel", ylabel, str, "be text")
    across = {label: _across(label, heights, x) for label, heights in rows.items()}
    ax = dress(axes_or_new(ax), xlabel, ylabel)
    if logy:
        ax.set_yscale("log", nonpositive="mask")
    looks = looks_of(rows, looks)
    if x is None:
        _count_across(ax)
    lines = []
    for label, heights in rows.items():
        visible = np.where(np.isfinite(heights), heights, np.nan)
        lines.append(_curve(ax, across[label], visible, looks[label]))
        lines[-1].set_label(label)
    label_ends(ax, lines)
    told = " ".join(_curve_words(label, heights) for label, heights in rows.items())
    subject = ylabel or "curves"
    return tell(ax, f"{subject[:1].upper()}{subject[1:]} against {xlabel}. {told}")


def _count_across(ax: Axes) -> None:
    """Put ticks at whole numbers only: there is no epoch 2.5."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))


def _across(label: str, heights: Array, x: npt.ArrayLike | None) -> Array:
    if x is None:
        return np.arange(len(heights), dtype=np.float64)
    places = vector("x", x)
    if len(places) != len(heights):
        wanted = f"({len(heights)},), as series[{label!r}]"
        raise ValueError(f"x must have shape {wanted}; got {places.shape}")
    return places


def _curve_words(label: str, heights: Array) -> str:
    seen = heights[np.isfinite(heights)]
    if not len(seen):
        return f"{label} has nothing to draw."
    words = f"{label} goes from {seen[0]:.3g} to {seen[-1]:.3g}"
    return f"{words}." if len(seen) == len(heights) else f"{words}, with gaps."


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


def label_ends(ax: Axes, lines: Sequence[Line2D]) -> None:
    """Write the label of each line beside its last visible point, none over another.

    Source: this course.

    Raises:
        AttributeError: for what is no axes, or no lines of matplotlib's.

    >>> from matplotlib import pyplot
    >>> ax = pyplot.figure().add_subplot()
    >>> label_ends(ax, ax.plot([0, 1], [0, 1], color="#0072B2", label="rising"))
    >>> ax.texts[0].get_text()
    'rising'
    """
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

    Each series is `(groups,)`, and so are `ticks`. Source: this course.

    Raises:
        TypeError: for a series that is no mapping, or holds no numbers.
        ValueError: for a series that is no row, or not one tick for each group.

    >>> ax = bars({"m": [0.2, 0.4], "corrected m": [2, 2.1]}, xlabel="update t", ylabel="value")
    >>> len(ax.patches), [tick.get_text() for tick in ax.get_xticklabels()]
    (4, ['1', '2'])
    >>> bars({"m": [0.2, 0.4]}, xlabel="update t", ylabel="value", ticks=[1])
    Traceback (most recent call last):
    ValueError: ticks must have one entry for each of 2 groups; got 1
    """
    rows = series_of("series", series)
    groups = max((len(heights) for heights in rows.values()), default=0)
    ticks = None if ticks is None else require_items("ticks", ticks, "names of groups")
    if ticks is not None and len(ticks) != groups:
        wanted = f"one entry for each of {groups} groups"
        raise ValueError(f"ticks must have {wanted}; got {len(ticks)}")
    ax = dress(axes_or_new(ax), xlabel, ylabel)
    width = 0.8 / max(1, len(rows))
    for index, (label, heights) in enumerate(rows.items()):
        place = np.arange(len(heights)) + (index - (len(rows) - 1) / 2) * width
        ax.bar(place, heights, width, label=label, **_bar_look(index))
        values = ", ".join(f"{height:.3g}" for height in heights)
        tell(ax, f"Bars of {ylabel} by {xlabel}, {label}: {values}.")
    ax.set_xticks(range(groups), labels=[str(t) for t in ticks or range(1, groups + 1)])
    ax.axhline(0, color=INK, linewidth=0.8)
    legend(ax, ABOVE)
    return ax


def _bar_look(index: int) -> dict[str, Any]:
    return {"color": COLOURS[index % 7], "hatch": HATCHES[index % 7], "edgecolor": PAPER}
