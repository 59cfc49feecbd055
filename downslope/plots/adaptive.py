"""Pictures of adaptive methods: the correction of running means, eps, and sizes of moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from downslope.arguments import floats, require_count, require_kind, require_number
from downslope.looks import COLOURS, INK, PAPER
from downslope.plots.frames import axes_or_new, dress, legend, tell, title
from downslope.plots.lines import curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def weight_sums(beta: float = 0.9, steps: int = 20, ax: Axes | None = None) -> Axes:
    """Show why a running mean that starts at zero needs a correction (lectures L0, L1, L4).

    After update t the weights on the values seen sum to 1 − βᵗ; the missing βᵗ still weighs the
    zero start. Dividing by the sum brings every bar to 1.

    Raises:
        TypeError, ValueError: for a beta that is no number from 0 to 1, or `steps` that are no
            whole number above 0.

    >>> ax = weight_sums(beta=0.5, steps=3)
    >>> [round(float(bar.get_height()), 3) for bar in ax.patches[:3]]
    [0.5, 0.75, 0.875]
    """
    require_number("beta", beta, low=0, high=1)
    t = np.arange(1, require_count("steps", steps) + 1)
    ax = dress(axes_or_new(ax, 8.4), "update $t$", "sum of the weights")
    seen = 1 - beta**t
    solid: dict[str, Any] = {"color": COLOURS[0], "edgecolor": PAPER}
    ax.bar(t, seen, 0.8, label=r"on values seen: $1-\beta^t$", **solid)
    empty: dict[str, Any] = {"color": "#f3d9c9", "edgecolor": COLOURS[1], "hatch": "///"}
    ax.bar(t, beta**t, 0.8, bottom=seen, label=r"on the zero start: $\beta^t$", lw=0, **empty)
    ax.axhline(1, color=INK, linewidth=1.6, label=r"corrected: divided by $1-\beta^t$")
    ax.set_xticks(t[:: max(1, steps // 10)])
    ax.set_ylim(0, 1.08)
    legend(ax)
    title(ax, rf"$\beta$ = {beta:g}")
    first, last = f"{seen[0]:.3g}", f"{seen[-1]:.3g}"
    words = f"Weights on the values seen, beta {beta:g}: their sum grows from {first} at update 1"
    return tell(ax, f"{words} to {last} at update {steps}; the rest weighs the zero start.")


def epsilon_placement(eps: float = 1e-8, ax: Axes | None = None) -> Axes:
    """Compare |g| / (|g| + eps) with |g| / √(g² + eps), the first step divided by lr.

    They part where |g| is about √eps, ten thousand times larger than eps = 1e-8 itself. Lectures
    L0, L3 and L4 have eps outside of the root, L1 inside.

    Raises:
        TypeError, ValueError: for an eps that is no number above 0.

    >>> ax = epsilon_placement(1e-8)
    >>> ax.get_xscale(), ax.get_yscale()
    ('log', 'log')
    """
    eps = require_number("eps", eps, above=0)
    size = np.geomspace(eps * 1e-2, np.sqrt(eps) * 1e3, 241)
    series = {
        "outside the root": size / (size + eps),
        "inside the root": size / np.sqrt(size**2 + eps),
    }
    labels: dict[str, Any] = {"xlabel": "gradient |g|", "ylabel": "step / lr"}
    ax = curves(series, **labels, x=size, ax=axes_or_new(ax, 7.0, 4.2), logy=True)
    ax.set_xscale("log")
    for place, name in ((eps, "eps"), (np.sqrt(eps), "√eps")):
        ax.axvline(place, color=INK, linewidth=1.0, linestyle=":")
        note: dict[str, Any] = {"xycoords": ax.get_xaxis_transform(), "textcoords": "offset points"}
        words = f"|g| = {name} = {place:.0e}"
        ax.annotate(words, (place, 0.03), (5, 0), rotation=90, color=INK, fontsize=9, **note)
    words = "First step divided by lr against the size of the gradient. With eps outside the root"
    words += f" the step falls below 1 near |g| = {eps:.0e}, inside it near {np.sqrt(eps):.0e}."
    return tell(ax, words, anew=True)


def effective_steps(
    history: Mapping[str, npt.ArrayLike], *, logy: bool = True, ax: Axes | None = None
) -> Axes:
    """Draw how far each weight really moved at each update of a `trajectory`.

    "What happens to the step size over long time?", asks lecture L4. The moves have the unit of
    the weights.

    Args:
        history: With an entry "theta", `(T, D)`.
        logy: Moves on a log scale.
        ax: Where to draw.

    Raises:
        TypeError: for no mapping, or a theta that holds no numbers.
        ValueError: for a history without "theta", or one that is not `(T, D)`.

    >>> ax = effective_steps({"theta": [[0, 0], [1, 2], [3, 2]]}, logy=False)
    >>> ax.lines[0].get_ydata()
    array([1., 2.])
    >>> effective_steps({"m": [[0, 0], [1, 2]]})
    Traceback (most recent call last):
    ValueError: history must have an entry 'theta', as `trajectory` returns; got m
    """
    require_kind("history", history, Mapping, "be what `trajectory` returns")
    if "theta" not in history:
        wanted = "an entry 'theta', as `trajectory` returns"
        raise ValueError(f"history must have {wanted}; got {', '.join(history)}")
    theta = np.asarray(floats("history['theta']", history["theta"], ("T", "D")), dtype=np.float64)
    moved = np.abs(np.diff(theta, axis=0))
    series = {f"weight {index + 1}": column for index, column in enumerate(moved.T)}
    updates = np.arange(1, len(moved) + 1)
    return curves(series, xlabel="update t", ylabel="size of the move", logy=logy, x=updates, ax=ax)
