"""Double descent: errors against the number of features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from downslope.arguments import require_kind
from downslope.double_descent import Risks
from downslope.looks import COLOURS, INK, styles
from downslope.plots.frames import Array, axes_or_new, dress, tell, title
from downslope.plots.lines import curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FLOOR = 1e-4  # exact fits have errors like 1e-30, which a log scale would stretch everything for


def double_descent(risks: Risks, *, ax: Axes | None = None) -> Axes:
    """Draw training and test error against the number of features, medians and middle halves.

    Left of the dashed line the classical U, on it the peak, right of it the second descent
    (figure 1 of Belkin et al. 2019, shown in lecture L1).

    Raises:
        TypeError: for anything but `Risks`.

    >>> from downslope import double_descent as experiment
    >>> rng = np.random.default_rng(0)
    >>> risks = experiment.double_descent(rng, widths=[5, 20, 40, 80, 160, 320], trials=4)
    >>> ax = double_descent(risks)
    >>> ax.get_title()
    'test error peaks at 40 features for 40 training points'
    >>> double_descent([1, 2])
    Traceback (most recent call last):
    TypeError: risks must be the Risks of downslope.double_descent; got list
    """
    require_kind("risks", risks, Risks, "be the Risks of downslope.double_descent")
    ax = dress(axes_or_new(ax, 7.6, 4.4), "number of features", "mean squared error")
    rows = {"test": risks.test, "training": risks.train}
    medians = {label: _middle(errors, 50) for label, errors in rows.items()}
    seen = {label: np.where(row > _FLOOR, row, np.nan) for label, row in medians.items()}
    labels: dict[str, Any] = {"xlabel": "number of features", "ylabel": "mean squared error"}
    curves(seen, x=risks.widths, **labels, logy=True, ax=ax)
    ax.set_xscale("log")
    for (label, errors), style in zip(rows.items(), styles(rows).values(), strict=True):
        del label
        low, high = (np.maximum(_middle(errors, part), _FLOOR) for part in (25, 75))
        ax.fill_between(risks.widths, low, high, color=style.colour, alpha=0.18, linewidth=0)
    ax.set_ylim(bottom=_FLOOR * 10)
    _mark(ax, risks)
    peak = int(risks.widths[np.argmax(medians["test"])])
    title(ax, f"test error peaks at {peak} features for {risks.threshold} training points")
    return tell(ax, _words(risks, medians["test"], peak), anew=True)


def _middle(errors: Array, part: float) -> Array:
    return np.asarray(np.percentile(errors, part, axis=0))


def _mark(ax: Axes, risks: Risks) -> None:
    ax.axvline(risks.threshold, color=INK, linestyle="--", linewidth=1.2)
    note: dict[str, Any] = {"textcoords": "offset points", "color": INK, "fontsize": 9.5}
    where = ax.get_xaxis_transform()
    place: dict[str, Any] = {"xycoords": where, "rotation": 90, "va": "bottom"}
    ax.annotate("interpolation threshold", (risks.threshold, 0.03), (5, 0), **place, **note)
    if risks.noise:
        ax.axhline(risks.noise**2, color=COLOURS[2], linestyle=":", linewidth=1.6)
        words = "variance of the noise"
        at: dict[str, Any] = {"xycoords": ax.get_yaxis_transform(), "va": "bottom"}
        ax.annotate(words, (0.01, risks.noise**2), (0, 2), **at, **note)


def _words(risks: Risks, test: Array, peak: int) -> str:
    below = test[risks.widths < risks.threshold]
    valley = f"falls to {below.min():.3g}, " if len(below) else ""
    return (
        f"Errors against the number of features, {risks.threshold} training points: the test error "
        f"{valley}peaks at {test.max():.3g} with {peak} features and is {test[-1]:.3g} with "
        f"{risks.widths[-1]}; the training error is zero from {risks.threshold} features on."
    )
