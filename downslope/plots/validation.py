"""Honest evaluation: the folds of cross-validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from downslope.arguments import require_count
from downslope.looks import COLOURS, INK, PAPER
from downslope.plots.frames import axes_or_new, dress, tell, title, vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LOOKS = {
    "train": ("#cfe3ef", "", INK),
    "validate": (COLOURS[0], "", PAPER),
    "test": ("#eceeef", "//", INK),
}


def folds(
    k: int = 5,
    scores: npt.ArrayLike | None = None,
    *,
    score_name: str = "score",
    test: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw cross-validation: a row a run, in which another fold is held out to validate.

    Idea 3 of lecture L0.

    Args:
        k: Number of folds, at least 2.
        scores: What `cross_validate` returns, `(k,)`: written beside the rows, with their mean and
            standard deviation above.
        score_name: What a score is called.
        test: Draw the test set as well, which no run may look at.
        ax: Where to draw.

    Raises:
        TypeError: for a `k` that is no whole number, or scores that are no numbers.
        ValueError: for a `k` below 2, or not one score for each fold.

    >>> folds(3, [0.9, 0.8, 0.7], score_name="accuracy").get_title()
    'accuracy 0.8 ± 0.082'
    >>> folds(3, [0.9, 0.8])
    Traceback (most recent call last):
    ValueError: scores must have shape (3,), one for each fold; got (2,)
    """
    k, test = require_count("k", k, low=2), bool(test)
    values = None if scores is None else vector("scores", scores)
    if values is not None and len(values) != k:
        raise ValueError(f"scores must have shape ({k},), one for each fold; got {values.shape}")
    ax = dress(axes_or_new(ax, 7.4, 0.9 + 0.46 * k), "", "", grid=False)
    for row in range(k):
        parts = ["validate" if fold == row else "train" for fold in range(k)] + ["test"] * test
        for column, part in enumerate(parts):
            _block(ax, column + 0.25 * (part == "test"), row, part)
        if values is not None:
            _score(ax, k + 1.35 * test + 0.1, row, values[row])
    _frame(ax, k, test=test, scored=values is not None)
    return tell(ax, _summary(ax, k, values, score_name))


def _block(ax: Axes, x: float, row: int, part: str) -> None:
    colour, hatch, ink = _LOOKS[part]
    look: dict[str, Any] = {"edgecolor": PAPER if not hatch else "#b5bbc2", "hatch": hatch}
    ax.barh(row, 0.96, 0.84, left=x, color=colour, linewidth=0, **look)
    backing = {"facecolor": colour, "edgecolor": "none", "pad": 1.5} if hatch else None
    centre: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 10, "bbox": backing}
    ax.text(x + 0.48, row, part, color=ink, **centre)


def _score(ax: Axes, x: float, row: int, value: float) -> None:
    ax.text(x, row, f"{value:.3g}", va="center", fontsize=10.5, color=INK, fontweight="bold")


def _frame(ax: Axes, k: int, *, test: bool, scored: bool) -> None:
    ax.set_yticks(range(k), labels=[f"run {row + 1}" for row in range(k)])
    ax.set_xticks([])
    ax.set_ylim(k - 0.5, -0.5)
    ax.set_xlim(-0.05, k + 1.3 * test + 0.75 * scored)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)


def _summary(ax: Axes, k: int, values: npt.NDArray[np.float64] | None, name: str) -> str:
    words = f"Cross-validation with {k} folds: in each run another fold validates."
    if values is None:
        return words
    summary = f"{name} {values.mean():.3g} ± {values.std():.2g}"
    title(ax, summary)
    each = ", ".join(f"{value:.3g}" for value in values)
    return f"{words} {name} of the runs: {each}; {summary}."
