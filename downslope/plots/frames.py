"""What all pictures share: new axes, their dress, and a description in words for each.

Every function of `downslope.plots` says in words what it has drawn; `describe` reads it out, ready
to be the text alternative of the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from downslope.arguments import floats, require_kind
from downslope.looks import COLOURS, INK, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

Array = npt.NDArray[np.float64]

SURFACE = ("#fdfaf3", "#e9eef0", "#cfdbe3", "#b3c6d4", "#98b0c4")  # low loss to high loss
GRID = "#d9dde1"
SIDE: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)}  # legend beside
ABOVE: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "ncols": 3}

_WORDS: WeakKeyDictionary[Any, list[str]] = WeakKeyDictionary()


def new_axes(width: float = 6.4, height: float = 4.2) -> Axes:
    """Make a figure of that size in inches, with one axes. Source: matplotlib's `subplots`.

    Raises:
        TypeError, ValueError: matplotlib's own, for a size that is no positive number.

    >>> new_axes(3, 2).figure.get_size_inches()
    array([3., 2.])
    """
    from matplotlib import pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def require_axes(ax: Any) -> None:
    """Refuse what is no matplotlib axes. Source: this course.

    Raises:
        TypeError: for anything else, such as a figure.

    >>> require_axes(new_axes().figure)
    Traceback (most recent call last):
    TypeError: ax must be a matplotlib axes; got Figure
    """
    from matplotlib.axes import Axes

    require_kind("ax", ax, Axes, "be a matplotlib axes")


def axes_or_new(ax: Axes | None, width: float = 6.4, height: float = 4.2) -> Axes:
    """Take the axes that are given, or else make new ones. Source: this course.

    Raises:
        TypeError: for what is neither axes nor None.

    >>> ax = new_axes()
    >>> axes_or_new(ax) is ax
    True
    """
    if ax is None:
        return new_axes(width, height)
    require_axes(ax)
    return ax


def dress(ax: Axes, xlabel: str, ylabel: str, *, grid: bool = True) -> Axes:
    """Apply what all pictures share: opaque paper, quiet frame, labels of one size.

    Source: this course.

    Raises:
        TypeError: for what is no axes.

    >>> dress(new_axes(), "step", "loss").get_ylabel()
    'loss'
    """
    require_axes(ax)
    ax.figure.set_facecolor(PAPER)
    ax.set_facecolor(PAPER)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(INK)
    ax.tick_params(which="both", colors=INK, labelsize=10)
    ax.set_xlabel(xlabel, fontsize=11, color=INK)
    ax.set_ylabel(ylabel, fontsize=11, color=INK)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(visible=True, color=GRID, linewidth=0.6)
    return ax


def title(ax: Axes, words: str, size: float = 12) -> None:
    """Write a heading over the axes, `size` in points. Source: matplotlib's `set_title`.

    Raises:
        AttributeError: for what is no axes.

    >>> ax = new_axes()
    >>> title(ax, "valley")
    >>> ax.get_title()
    'valley'
    """
    ax.set_title(words, fontsize=size, color=INK)


def legend(ax: Axes, place: Mapping[str, Any] = SIDE) -> None:
    """Name what is drawn, beside or above the axes. Source: matplotlib's `legend`.

    Raises:
        AttributeError: for what is no axes.

    >>> ax = new_axes()
    >>> line = ax.plot([1, 2], label="loss")
    >>> legend(ax, ABOVE)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['loss']
    """
    ax.legend(frameon=False, labelcolor=INK, **place)


def surface_colours() -> Colormap:
    """Build the colours of heights, pale for low and blue grey for high.

    It takes nothing and refuses nothing. Source: this course.

    >>> low, high = surface_colours()([0.0, 1.0])
    >>> bool(low.sum() > high.sum())
    True
    """
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("downslope", SURFACE)


def shades(loss: Array) -> Any:
    """Colour dots by the rank of their loss, darker for lower, `(T, 4)`.

    By rank, because one very bad trial must not make all others look alike. Losses are `(T,)`.
    Source: this course.

    Raises:
        TypeError: for a lone number.

    >>> shades(np.array([1.0, 1e9, 2.0])).sum(axis=1).argsort()
    array([0, 2, 1])
    """
    from matplotlib.colors import LinearSegmentedColormap

    blues = LinearSegmentedColormap.from_list("downslope dots", ["#dbe7ef", COLOURS[0], "#00304c"])
    rank = np.argsort(np.argsort(loss)) / max(1, len(loss) - 1)
    return blues(1 - rank)


def tell(ax: Axes, words: str, *, anew: bool = False) -> Axes:
    """Add a sentence to what `describe` says of the axes; `anew` drops what was said before.

    Source: this course.

    Raises:
        TypeError: for a number or a text in the place of axes.

    >>> ax = tell(tell(new_axes(), "A line."), "It falls.")
    >>> describe(ax)
    'A line. It falls.'
    """
    if anew:
        _WORDS.pop(ax, None)
    _WORDS.setdefault(ax, []).append(words)
    return ax


def describe(ax: Axes) -> str:
    """Say in words what is drawn on the axes, for `show(ax, alt=describe(ax))`.

    Source: this course.

    Raises:
        TypeError: for something that no function of this package has drawn on.

    >>> from downslope import plots
    >>> ax = plots.curves({"halving": [1, 0.5, 0.25]}, xlabel="step", ylabel="loss")
    >>> plots.describe(ax)
    'Loss against step. halving goes from 1 to 0.25.'
    >>> plots.describe("a picture")
    Traceback (most recent call last):
    TypeError: ax must be axes that a function of downslope.plots has drawn on; got str
    """
    try:
        return " ".join(_WORDS[ax])
    except (KeyError, TypeError):
        wanted = "axes that a function of downslope.plots has drawn on"
        raise TypeError(f"ax must be {wanted}; got {type(ax).__name__}") from None


def listed(words: Iterable[str]) -> str:
    """Join words as a sentence does. Source: this course.

    Raises:
        TypeError: for what cannot be gone through.

    >>> listed(["slow", "good", "diverging"])
    'slow, good and diverging'
    """
    *first, last = list(words) or ["nothing"]
    return f"{', '.join(first)} and {last}" if first else last


def plural(count: int, noun: str, many: str = "") -> str:
    """Count things in words. It refuses nothing. Source: this course.

    >>> plural(1, "trial"), plural(3, "trial"), plural(2, "class", "classes")
    ('1 trial', '3 trials', '2 classes')
    """
    return f"{count} {noun if count == 1 else many or noun + 's'}"


def series_of(name: str, series: Any) -> dict[str, Array]:
    """See labelled rows of numbers as float64 vectors; a lone number counts as a row of one.

    Source: this course.

    >>> series_of("series", [1, 2])
    Traceback (most recent call last):
    TypeError: series must map labels to rows of numbers, such as {"Adam": [1.0, 0.5]}; got list
    >>> series_of("series", {"Adam": [[1.0], [0.5]]})
    Traceback (most recent call last):
    ValueError: series['Adam'] must have shape (T,); got (2, 1)
    """
    wanted = 'map labels to rows of numbers, such as {"Adam": [1.0, 0.5]}'
    require_kind(name, series, Mapping, wanted)
    return {
        label: np.atleast_1d(vector(f"{name}[{label!r}]", values))
        for label, values in series.items()
    }


def vector(name: str, values: Any) -> Array:
    """See values as a float64 vector `(T,)`. Source: this course.

    Raises:
        TypeError: for what holds no numbers.
        ValueError: for another shape.

    >>> vector("loss", [2, 1])
    array([2., 1.])
    >>> vector("loss", [[2, 1]])
    Traceback (most recent call last):
    ValueError: loss must have shape (T,); got (1, 2)
    """
    lone = np.ndim(values) == 0 if not isinstance(values, str) else False
    array = floats(name, [values] if lone else values, ("T",))
    return np.asarray(array, dtype=np.float64)
