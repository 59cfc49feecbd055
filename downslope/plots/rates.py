"""Learning rates over time, with warm-ups and restarts marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from downslope.arguments import require_count, require_kind
from downslope.looks import INK, PAPER, Style, styles
from downslope.plots.frames import ABOVE, Array, axes_or_new, dress, legend, listed, tell, vector
from downslope.plots.lines import label_ends
from downslope.schedules import AnySchedule

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D


class Climbs(NamedTuple):
    """Where a learning rate rises: to its first top, at `warmup` (0 without one), and anew.

    Both are counted in steps. Source: this course. A plain record: it checks nothing.

    >>> Climbs(warmup=2, restarts=(5,)).restarts
    (5,)
    """

    warmup: int
    restarts: tuple[int, ...]


def climbs(rates: npt.ArrayLike) -> Climbs:
    """Find the end of a warm-up and the steps at which a learning rate starts anew.

    Warm-up and restarts are those of lecture L1; the rates are `(steps,)`.

    Raises:
        TypeError, ValueError: for rates that are no row of numbers.

    >>> climbs([0.1, 0.2, 0.3, 0.2, 0.1, 0.3, 0.2])
    Climbs(warmup=2, restarts=(5,))
    """
    rising = np.diff(vector("rates", rates)) > 0
    falls = np.flatnonzero(~rising)
    warmup = int(falls[0]) if len(falls) else len(rising)
    first_of_climb = rising & ~np.concatenate([[True], rising[:-1]])
    starts = np.flatnonzero(first_of_climb) + 1
    return Climbs(warmup, tuple(starts[starts > warmup].tolist()))


def schedules(
    plans: Mapping[str, AnySchedule],
    steps: int,
    *,
    logy: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw schedules, functions of the step `t -> lr`, for t = 0 to steps − 1.

    Those of lectures L0, L1, L2 and L4, or any other.

    A circle marks the end of a warm-up, an upright triangle each restart.

    Args:
        plans: By label: schedules of `downslope.schedules`, or any function of t.
        steps: Number of updates (or epochs).
        logy: Rates on a log scale.
        ax: Where to draw.

    Raises:
        TypeError: for plans without labels, a plan that is no function, or `steps` that is no
            whole number.
        ValueError: for `steps` below 2. What a plan raises goes on.

    >>> from downslope import schedules as library
    >>> plans = {"restarts": library.warmup(library.cosine_restarts(0.1, 20), 5)}
    >>> ax = schedules(plans, steps=70)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['end of the warm-up', 'restart']
    >>> schedules({"half": 0.5}, steps=10)
    Traceback (most recent call last):
    TypeError: plans['half'] must be a function of the step t; got float
    """
    rows = _rates(plans, require_count("steps", steps, low=2))
    ax = dress(axes_or_new(ax, 7.4), "update t", "learning rate")
    if logy:
        ax.set_yscale("log", nonpositive="mask")
    looks = styles(rows)
    lines = [_line(ax, label, rates, looks[label]) for label, rates in rows.items()]
    found = {label: climbs(rates) for label, rates in rows.items()}
    for label, rises in found.items():
        _mark(ax, rows[label], rises, looks[label].colour)
    if not logy:
        ax.set_ylim(bottom=0)
    label_ends(ax, lines)
    _explain(ax, list(found.values()))
    tell(ax, f"Learning rate over {steps} updates.")
    for label, rates in rows.items():
        tell(ax, _words(label, rates, found[label]))
    return ax


def _rates(plans: Any, steps: int) -> dict[str, Array]:
    require_kind("plans", plans, Mapping, "map labels to schedules, functions of the step t")
    for label, plan in plans.items():
        if not callable(plan):
            given = type(plan).__name__
            raise TypeError(f"plans[{label!r}] must be a function of the step t; got {given}")
    # One step at a time: a learner's own schedule may take numbers alone.
    return {
        label: vector(f"plans[{label!r}](t)", [float(plan(t)) for t in range(steps)])
        for label, plan in plans.items()
    }


def _line(ax: Axes, label: str, rates: Array, style: Style) -> Line2D:
    dashes: Any = style.dashes or (None, None)
    (line,) = ax.plot(rates, color=style.colour, dashes=dashes, linewidth=2.0, label=label)
    return line


def _mark(ax: Axes, rates: Array, rises: Climbs, colour: str) -> None:
    look: dict[str, Any] = {"color": colour, "markeredgecolor": INK, "linestyle": "none"}
    if rises.warmup:
        ax.plot(rises.warmup, rates[rises.warmup], marker="o", markersize=8, zorder=6, **look)
    again = list(rises.restarts)
    ax.plot(again, rates[again], marker="^", markersize=9, zorder=6, **look)


def _explain(ax: Axes, found: list[Climbs]) -> None:
    """Explain the marks that are there, in no line's colour."""
    from matplotlib.lines import Line2D

    marks = {"end of the warm-up": "o"} if any(each.warmup for each in found) else {}
    marks |= {"restart": "^"} if any(each.restarts for each in found) else {}
    look: dict[str, Any] = {"color": PAPER, "markeredgecolor": INK, "linestyle": "none"}
    shown = [Line2D([], [], marker=mark, label=name, **look) for name, mark in marks.items()]
    if shown:
        legend(ax, {**ABOVE, "handles": shown})


def _words(label: str, rates: Array, rises: Climbs) -> str:
    words = f"{label} goes from {rates[0]:.3g} to {rates[-1]:.3g}"
    if rises.warmup:
        words += f", warms up to {rates[rises.warmup]:.3g} at {rises.warmup}"
    if rises.restarts:
        words += f", restarts at {listed(map(str, rises.restarts))}"
    return f"{words}."
