"""Mini-batches: how noisy their gradients are, and what the batch size costs and saves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from downslope.arguments import (
    floats,
    require_count,
    require_generator,
    require_items,
    require_shape,
)
from downslope.looks import COLOURS, INK, PAPER, styles
from downslope.plots.frames import Array, axes_or_new, dress, legend, listed, tell, title, vector
from downslope.plots.lines import curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def gradient_cloud(
    gradients: npt.ArrayLike,
    batch_sizes: Sequence[int],
    rng: np.random.Generator,
    *,
    draws: int = 150,
    ax: Axes | None = None,
) -> Axes:
    """Scatter the gradients of many mini-batches around that of the full batch (lectures L1, L2).

    Args:
        gradients: Gradient of every example for two weights, `(N, 2)`.
        batch_sizes: Sizes of mini-batches, 1 to N; each is drawn without replacement.
        rng: Draws the mini-batches.
        draws: Mini-batches of each size.
        ax: Where to draw.

    Raises:
        TypeError: for gradients that hold no numbers, a count of another type, or a seed for `rng`.
        ValueError: for gradients that are not `(N, 2)`, no batch size or one outside of 1 to N, or
            no draw.

    >>> rng = np.random.default_rng(0)
    >>> ax = gradient_cloud(rng.normal(size=(64, 2)) + 1, [4, 32], rng)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['batch of 4', 'batch of 32', 'full batch']
    >>> gradient_cloud(rng.normal(size=(64, 3)), [4], rng)
    Traceback (most recent call last):
    ValueError: gradients must have shape (N, 2); got (64, 3)
    """
    each = _examples("gradients", gradients, 2)
    sizes = _batch_sizes(batch_sizes, len(each))
    require_generator("rng", rng)
    draws = require_count("draws", draws)
    ax = dress(axes_or_new(ax, 6.4, 4.4), "gradient for $w_1$", "gradient for $w_2$")
    looks = styles(f"batch of {size}" for size in sizes)
    for size, (label, look) in zip(sizes, looks.items(), strict=True):
        points = _batch_means(each, size, draws, rng)
        dots: dict[str, Any] = {"s": 22, "linewidth": 0.5, "edgecolor": PAPER, "alpha": 0.85}
        ax.scatter(*points.T, color=look.colour, marker=look.marker, label=label, **dots)
    star: dict[str, Any] = {"color": INK, "markeredgecolor": PAPER, "linestyle": "none"}
    ax.plot(*each.mean(axis=0), marker="*", markersize=16, label="full batch", **star)
    ax.plot(0, 0, marker="+", color=INK, markersize=10, zorder=1)  # no gradient at all
    ax.set_aspect("equal", adjustable="datalim")
    legend(ax)
    words = f"Gradients of {draws} mini-batches each of {listed(map(str, sizes))} examples"
    return tell(ax, f"{words}, scattered about that of all {len(each)}; larger batches lie closer.")


def gradient_noise(
    gradients: npt.ArrayLike,
    batch_sizes: Sequence[int],
    rng: np.random.Generator,
    *,
    draws: int = 400,
    ax: Axes | None = None,
) -> Axes:
    """Draw how far mini-batch gradients lie from the full one, against the batch size.

    The estimate is unbiased but noisy (lectures L1, L2).

    The root mean square distance, as a share of the full gradient's length, measured on `draws`
    mini-batches of each size, beside what theory says. For sampling without replacement that is
    √(S² / B · (N − B) / (N − 1)) with S² the variance of single gradients (Cochran 1977, theorem
    2.2): it falls like 1/√B and reaches 0 at the full batch.

    Args:
        gradients: Gradient of every example, `(N, P)`.
        batch_sizes: Sizes of mini-batches, 1 to N, in rising order.
        rng: Draws the mini-batches.
        draws: Mini-batches of each size.
        ax: Where to draw.

    Raises:
        TypeError, ValueError: as `gradient_cloud` does, but for gradients of any P weights.

    >>> rng = np.random.default_rng(0)
    >>> ax = gradient_noise(rng.normal(size=(256, 5)) + 1, [1, 4, 16, 64], rng)
    >>> measured, theory = (line.get_ydata() for line in ax.lines)
    >>> bool(np.all(np.abs(measured / theory - 1) < 0.1))
    True
    """
    each = _examples("gradients", gradients, "P")
    sizes = np.array(_batch_sizes(batch_sizes, len(each)))
    draws, rng = require_count("draws", draws), require_generator("rng", rng)
    full = each.mean(axis=0)
    length = float(np.linalg.norm(full)) or 1.0
    measured = [_distance(_batch_means(each, size, draws, rng), full) for size in sizes.tolist()]
    spread = np.sum((each - full) ** 2) / len(each)
    theory = np.sqrt(spread / sizes * (len(each) - sizes) / max(1, len(each) - 1))
    series = {"measured": np.array(measured) / length, "theory": theory / length}
    ax = curves(series, x=sizes, xlabel="batch size", ylabel=_NOISE, logy=True, ax=ax)
    _batch_axis(ax, sizes)
    return ax


_NOISE = "noise / length of the gradient"


def _distance(points: Array, centre: Array) -> float:
    return float(np.sqrt(np.mean(np.sum((points - centre) ** 2, axis=1))))


def _batch_means(each: Array, size: int, draws: int, rng: np.random.Generator) -> Array:
    """Mean gradients of random mini-batches, `(draws, P)`."""
    chosen = (rng.choice(len(each), size, replace=False) for _ in range(draws))
    return np.array([each[indices].mean(axis=0) for indices in chosen])


def _examples(name: str, gradients: npt.ArrayLike, width: int | str) -> Array:
    each = np.asarray(floats(name, gradients, ("N", width)), dtype=np.float64)
    if not len(each):
        raise ValueError(f"{name} must hold at least one example; got shape {each.shape}")
    return each


def _batch_sizes(sizes: Sequence[int], n: int) -> list[int]:
    counts = _counts(sizes)
    if max(counts) > n:
        raise ValueError(f"batch_sizes must lie in 1..{n}; got {counts}")
    return counts


def _counts(sizes: Sequence[int]) -> list[int]:
    listing = require_items("batch_sizes", sizes, "numbers of examples")
    if not listing:
        raise ValueError("batch_sizes must hold at least one number; got none")
    return [require_count("batch_sizes", size) for size in listing]


def _batch_axis(ax: Axes, sizes: npt.NDArray[Any]) -> None:
    from matplotlib.ticker import NullLocator

    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, labels=[f"{size:g}" for size in sizes])
    ax.xaxis.set_minor_locator(NullLocator())


def _duration(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 1 else f"{1e3 * seconds:.3g} ms"


def batch_tradeoff(
    batch_sizes: Sequence[int],
    seconds_per_update: npt.ArrayLike,
    updates_needed: npt.ArrayLike,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw the two sides of the batch size, and their product: the time until a loss is reached.

    Each as a multiple of what the first batch size has, on a log scale, so that the heights of the
    first two add up to the third. A ring marks the shortest time. Numbers are measured on your own
    machine; lecture L2's question about them has its two statements swapped.

    Args:
        batch_sizes: `(B,)`, in rising order.
        seconds_per_update: Duration of an update in seconds, `(B,)`; large batches take longer.
        updates_needed: Updates until the wanted loss, `(B,)`; large batches need fewer.
        ax: Where to draw.

    Raises:
        TypeError: for batch sizes that are no whole numbers, or rows that hold no numbers.
        ValueError: for no batch size or one below 1, rows of another length, or durations or
            counts that are not above 0.

    >>> ax = batch_tradeoff([1, 8, 64], [1e-4, 2e-4, 9e-4], [9000, 2000, 900])
    >>> ax.get_title()
    'shortest time: 400 ms with batches of 8'
    """
    sizes = np.array(_counts(batch_sizes))
    seconds, updates = (
        vector("seconds_per_update", seconds_per_update),
        vector("updates_needed", updates_needed),
    )
    for name, row in (("seconds_per_update", seconds), ("updates_needed", updates)):
        require_shape(name, row, sizes.shape)
        if not np.all(row > 0):
            raise ValueError(f"{name} must be above 0; got {row.min():g}")
    total = seconds * updates
    best = int(np.argmin(total))
    series = {"seconds per update": seconds, "updates needed": updates, "time needed": total}
    shares = {label: row / row[0] for label, row in series.items()}
    labels: dict[str, Any] = {
        "xlabel": "batch size",
        "ylabel": f"relative to batch size {sizes[0]}",
    }
    ax = curves(shares, x=sizes, **labels, logy=True, ax=ax)
    _batch_axis(ax, sizes)
    ring: dict[str, Any] = {"facecolor": "none", "edgecolor": COLOURS[2], "linewidth": 2, "s": 150}
    ax.scatter([sizes[best]], [shares["time needed"][best]], zorder=6, **ring)
    words = f"shortest time: {_duration(float(total[best]))} with batches of {sizes[best]}"
    title(ax, words)
    return tell(ax, f"{words[0].upper()}{words[1:]}.")
