"""Training curves, with the diagnosis of lecture L2 written beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from downslope import optimizers
from downslope.arguments import require_count, require_items, require_kind, require_number
from downslope.diagnosis import Diagnosis, diagnose
from downslope.history import History
from downslope.landscapes import Landscape, bowl
from downslope.looks import INK, PAPER
from downslope.plots.frames import Array, axes_or_new, dress, tell, title, vector
from downslope.plots.lines import curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SPAN = 30.0  # losses that grow by more than this would flatten every other curve


def training_curves(
    history: History | Mapping[str, npt.ArrayLike],
    *,
    logy: bool = False,
    diagnosis: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw training and validation loss over epochs, the best epoch marked, diagnosed above.

    The diagnosis is that of lecture L2.

    Args:
        history: What `fit` returns, or a dict with "training" and perhaps "validation", each
            `(epochs,)`.
        logy: Heights on a log scale.
        diagnosis: Write above what `downslope.diagnosis.diagnose` makes of it.
        ax: Where to draw.

    Raises:
        TypeError: for a history of another kind, or losses that are no numbers.
        ValueError: for a dict without "training" or with other entries, losses that are no row, or
            two lengths.

    >>> ax = training_curves({"training": [3, 2, 1, 0.5, 0.3, 0.2, 0.1, 0.1],
    ...                       "validation": [3, 2.2, 1.5, 1.2, 1.3, 1.5, 1.8, 2]})
    >>> ax.get_title(loc="left")
    'overfitting: validation loss lowest, 1.2, at epoch 4; since then 2'
    >>> training_curves({"loss": [3, 2, 1]})
    Traceback (most recent call last):
    ValueError: history must have an entry 'training', and may have 'validation'; got loss
    """
    losses = _losses(history)
    epochs = np.arange(1, len(losses["training"]) + 1)
    ax = dress(axes_or_new(ax, 7.0), "epoch", "loss")
    _unclutter(ax, len(epochs))
    curves(losses, xlabel="epoch", ylabel="loss", x=epochs, logy=logy, ax=ax)
    if len(losses["training"]) and "validation" in losses:
        _mark_best(ax, losses["validation"])
    if diagnosis and len(losses["training"]) >= 4:
        found = _diagnosed(losses)
        ax.set_title(_heading(found), loc="left", fontsize=10.5, color=INK, wrap=True)
        tell(ax, f"Diagnosis: {_heading(found)}.")
    return ax


def _unclutter(ax: Axes, count: int) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(nbins=min(count, 10), integer=True))


def _losses(history: Any) -> dict[str, Array]:
    if isinstance(history, History):
        history = {"training": history.train_loss, "validation": history.validation_loss}
    wanted = "be a History or a dict with 'training' and perhaps 'validation'"
    require_kind("history", history, Mapping, wanted)
    unknown = set(history) - {"training", "validation"}
    if "training" not in history or unknown:
        given = ", ".join(map(str, history)) or "nothing"
        wanted = "an entry 'training', and may have 'validation'"
        raise ValueError(f"history must have {wanted}; got {given}")
    rows = {name: vector(f"history[{name!r}]", history[name]) for name in history}
    rows = {"training": rows["training"]} | {k: v for k, v in rows.items() if len(v)}
    lengths = {len(row) for row in rows.values()}
    if len(lengths) > 1:
        given = f"{len(rows['training'])} and {len(rows['validation'])}"
        raise ValueError(f"history must have as many training as validation losses; got {given}")
    return rows


def _diagnosed(losses: Mapping[str, Array]) -> Diagnosis:
    name, reason = diagnose(losses["training"], losses.get("validation"))
    if name == "overfitting":  # the diagnosis counts from 0, the picture's epochs from 1
        best = int(np.argmin(losses["validation"]))
        lowest, end = losses["validation"][best], losses["validation"][-1]
        reason = f"validation loss lowest, {lowest:.3g}, at epoch {best + 1}; since then {end:.3g}"
    return Diagnosis(name, reason)


def _heading(found: Diagnosis) -> str:
    return f"{found.name}: {found.reason}"


def _mark_best(ax: Axes, validation: Array) -> None:
    finite = np.where(np.isfinite(validation), validation, np.inf)
    best = int(np.argmin(finite))
    if not np.isfinite(finite[best]):
        return
    ring: dict[str, Any] = {"facecolor": PAPER, "edgecolor": INK, "linewidth": 1.8, "s": 80}
    ax.scatter([best + 1], [validation[best]], zorder=6, **ring)
    words = f"best: epoch {best + 1}"
    above = 24 if best > 0.8 * len(validation) else 13  # clear of a line that still falls
    place: dict[str, Any] = {"textcoords": "offset points", "ha": "center"}
    place |= {"bbox": {"facecolor": PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 1.0}}
    ax.annotate(words, (best + 1, validation[best]), (0, above), color=INK, fontsize=9.5, **place)
    tell(ax, f"The validation loss is lowest, {validation[best]:.3g}, at epoch {best + 1}.")


def learning_rates(
    landscape: Landscape = bowl,
    rates: Sequence[float] = (0.01, 0.1, 0.48, 0.51),
    *,
    steps: int = 30,
    ax: Axes | None = None,
) -> Axes:
    """Draw the losses of gradient descent with several learning rates, each with its diagnosis.

    By default the surface and the rates of lecture L2, and 0.1 as the one that does well.

    Raises:
        TypeError: for no landscape, or a number of another type.
        ValueError: for a rate that is not above 0, or fewer than 3 `steps`.

    >>> ax = learning_rates(steps=30)
    >>> [text.get_text() for text in ax.texts]
    ['lr 0.01: slow', 'lr 0.1: good', 'lr 0.48: oscillating', 'lr 0.51: diverging']
    """
    require_kind("landscape", landscape, Landscape, "be a downslope.landscapes.Landscape")
    require_count("steps", steps, low=3)
    series = {}
    for rate in require_items("rates", rates, "learning rates"):
        name, losses = _descent(landscape, require_number("rates", rate, above=0), steps)
        series[f"lr {rate:g}: {name}"] = losses
    ax = curves(series, xlabel="update", ylabel="loss", ax=axes_or_new(ax, 7.4))
    title(ax, f"gradient descent on {landscape.in_words}")
    return ax


def _descent(landscape: Landscape, lr: float, steps: int) -> tuple[str, Array]:
    """Run gradient descent; its diagnosis, and its losses without those that have run away."""
    with np.errstate(all="ignore"):  # a run that overflows is what the picture is to show
        start, gradient = landscape.start, landscape.gradient
        path = optimizers.run(optimizers.sgd(), gradient, start, lr, steps)
        losses = landscape.value(path)
        name = diagnose(losses, path=path).name
        readable = np.abs(losses) <= _SPAN * (1 + abs(losses[0]))
    return name, np.where(readable, losses, np.nan)
