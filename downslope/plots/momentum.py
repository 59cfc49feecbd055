"""The map of momentum: how fast a quadratic is solved, over learning rate and decay."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from downslope.arguments import floats, require_callable, require_count, require_number
from downslope.looks import COLOURS, INK, PAPER
from downslope.plots.frames import Array, axes_or_new, dress, surface_colours, tell, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Matrix = Callable[[float, float, float], npt.ArrayLike]

_BOX: dict[str, Any] = {"facecolor": PAPER, "edgecolor": "none", "pad": 2}


def worst_radius(matrix: Matrix, mu: float, L: float, lr: float, rho: float) -> float:
    """Return the largest absolute eigenvalue over both ends of a range of curvatures.

    Source: Goh 2017, which lecture L1 names.

    Raises:
        TypeError, ValueError: for a matrix that is no function, or that returns no square.

    >>> round(worst_radius(lambda c, lr, rho: [[rho, c], [-lr * rho, 1 - lr * c]], 1, 4, 0.4, 0), 9)
    0.6
    """
    return float(_worst_radii(matrix, (mu, L), np.array([lr]), np.array([rho]))[0, 0])


def _worst_radii(matrix: Matrix, ends: tuple[float, float], lrs: Array, rhos: Array) -> Array:
    """Find the radius of every pair in one call of the solver, `(rhos, lrs)`."""
    asked = ((c, lr, rho) for rho in rhos.tolist() for lr in lrs.tolist() for c in ends)
    flat = np.array([np.asarray(matrix(*each), dtype=np.float64) for each in asked])
    radii = np.abs(np.linalg.eigvals(flat)).reshape(len(rhos), len(lrs), -1)
    return np.asarray(radii.max(axis=2))


def momentum_map(
    matrix: Matrix,
    mu: float,
    L: float,
    *,
    best: tuple[float, float] | None = None,
    points: int = 200,
    ax: Axes | None = None,
) -> Axes:
    """Draw the worst spectral radius over (lr, rho); below 1 a run converges.

    After the map in G. Goh, "Why momentum really works" (Distill, 2017), which lecture L1 names;
    drawn from the matrix that is handed in.

    Args:
        matrix: `momentum_matrix(curvature, lr, rho)`.
        mu: Smallest curvature, at least 0.
        L: Largest curvature.
        best: (lr, rho) to mark.
        points: Samples along each axis.
        ax: Where to draw.

    Raises:
        TypeError: for a matrix that is no function, or a number of another type.
        ValueError: for `mu` below 0, `L` below `mu` or 0, `points` below 3, or a matrix
            that returns no square of numbers.

    >>> def momentum_matrix(curvature, lr, rho):
    ...     return [[rho, curvature], [-lr * rho, 1 - lr * curvature]]
    >>> momentum_map(momentum_matrix, 0.2, 4.0, points=9).get_xlabel()
    'lr'
    """
    require_callable("matrix", matrix)
    require_number("mu", mu, low=0)
    require_number("L", L, low=mu, above=0)
    count = require_count("points", points, low=3)
    star = None
    if best is not None:
        star = [require_number("best", each) for each in floats("best", best, (2,)).tolist()]
    lrs, rhos = np.linspace(0, 4.4 / L, count + 1)[1:], np.linspace(0, 0.999, count)
    radii = _worst_radii(matrix, (mu, L), lrs, rhos)
    ax = dress(axes_or_new(ax, 7.2, 4.6), "lr", "rho", grid=False)
    title(ax, "worst spectral radius: factor of the error per update")
    _shade(ax, lrs, rhos, radii)
    row, column = np.unravel_index(np.argmin(radii), radii.shape)
    tell(
        ax,
        f"Worst spectral radius for curvatures from {mu:.3g} to {L:.3g}. On the grid it is "
        f"lowest, {radii[row, column]:.3g}, at lr {lrs[column]:.3g} and rho {rhos[row]:.3g}.",
    )
    if star is not None:
        look: dict[str, Any] = {"marker": "*", "markersize": 17, "markeredgecolor": PAPER}
        ax.plot(*star, color=COLOURS[1], linestyle="none", zorder=5, **look)
        told = worst_radius(matrix, mu, L, *star)
        label: dict[str, Any] = {"textcoords": "offset points", "va": "center", "zorder": 6}
        label |= {"color": INK, "fontweight": "bold", "bbox": _BOX}
        ax.annotate(f"{told:.3g}", (star[0], star[1]), (16, 0), **label)
        tell(ax, f"A star marks lr {star[0]:.3g}, rho {star[1]:.3g}: {told:.3g}.")
    return ax


def _shade(ax: Axes, lrs: Array, rhos: Array, radii: Array) -> None:
    lowest = float(np.floor(20 * radii.min()) / 20)
    levels = np.linspace(min(lowest, 0.95), 1.0, 11)
    ax.contourf(lrs, rhos, radii, levels=levels, cmap=surface_colours())
    if radii.max() > 1:
        ax.contourf(
            lrs, rhos, radii, levels=[1.0, max(1.01, radii.max())], colors=[PAPER], hatches=["///"]
        )
        ax.contour(lrs, rhos, radii, levels=[1.0], colors=[COLOURS[1]], linewidths=2)
        where: dict[str, Any] = {"transform": ax.transAxes, "ha": "right", "color": INK}
        ax.text(0.97, 0.08, "diverges", fontsize=11, bbox=_BOX, **where)
    lines = ax.contour(lrs, rhos, radii, levels=levels[1:-1], colors=[INK], linewidths=0.5)
    ax.clabel(lines, fmt="%.3g", fontsize=8)
