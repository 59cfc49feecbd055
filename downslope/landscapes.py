"""Loss surfaces over two weights: formula, gradient, minimum, a window to draw, a place to start.

Each landscape is a value, so plots, animations and tests all speak about the same surface.
Points are arrays whose last axis holds `(w1, w2)`; everything before it is batch.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Window = tuple[tuple[float, float], tuple[float, float]]


def _constant(values: npt.ArrayLike) -> Array:
    """Copy `values` into a read-only array: landscapes are shared by every cell of a notebook."""
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False, kw_only=True)
class Landscape:
    """A loss surface over two weights.

    Attributes:
        name: The word that pictures and messages use.
        value: The loss, `(..., 2) -> (...)`.
        gradient: Its gradient, `(..., 2) -> (..., 2)`.
        hessian: Its second derivatives, `(2,) -> (2, 2)`, where they are offered.
        minimum: A lowest point, or None.
        window: What to draw: `((w1 low, w1 high), (w2 low, w2 high))`.
        start: Where optimizers set off.
    """

    name: str
    value: Callable[[npt.ArrayLike], Array] = field(repr=False)
    gradient: Callable[[npt.ArrayLike], Array] = field(repr=False)
    hessian: Callable[[npt.ArrayLike], Array] | None = field(default=None, repr=False)
    minimum: Array | None = None
    window: Window
    start: Array

    def __post_init__(self) -> None:
        """Freeze the arrays and refuse a window that holds no area."""
        (low1, high1), (low2, high2) = self.window
        if not (low1 < high1 and low2 < high2):
            raise ValueError(f"window must be ((low, high), (low, high)); got {self.window}")
        object.__setattr__(self, "start", _constant(self.start))
        if self.minimum is not None:
            object.__setattr__(self, "minimum", _constant(self.minimum))

    def grid(self, points: int = 200) -> tuple[Array, Array, Array]:
        """Sample the window: `w1`, `w2` and the loss, each `(points, points)`.

        >>> bowl.grid(3)[2]
        array([[17.,  8., 17.],
               [ 9.,  0.,  9.],
               [17.,  8., 17.]])
        """
        (low1, high1), (low2, high2) = self.window
        axes = np.linspace(low1, high1, points), np.linspace(low2, high2, points)
        w1, w2 = np.meshgrid(*axes)
        return w1, w2, self.value(np.stack([w1, w2], axis=-1))


def _quadratic_value(matrix: Array, theta: npt.ArrayLike) -> Array:
    point = np.asarray(theta, dtype=np.float64)
    return np.asarray(0.5 * np.sum((point @ matrix) * point, axis=-1))


def _quadratic_gradient(matrix: Array, theta: npt.ArrayLike) -> Array:
    return np.asarray(np.asarray(theta, dtype=np.float64) @ matrix)


def _quadratic_hessian(matrix: Array, theta: npt.ArrayLike) -> Array:
    del theta  # the curvature of a quadratic is the same everywhere
    return matrix.copy()


def quadratic(name: str, matrix: npt.ArrayLike, *, window: Window, start: Any) -> Landscape:
    """Build ½ θᵀHθ from its Hessian `H`, a symmetric 2×2 matrix; the minimum is the origin.

    >>> trough = quadratic("trough", [[1, 0], [0, 9]], window=((-2, 2), (-2, 2)), start=(1, 1))
    >>> float(trough.value([1, 1])), trough.gradient([1, 1])
    (5.0, array([1., 9.]))
    """
    hessian = _constant(matrix)
    if hessian.shape != (2, 2) or not np.array_equal(hessian, hessian.T):
        raise ValueError(f"matrix must be symmetric with shape (2, 2); got {hessian.tolist()}")
    return Landscape(
        name=name,
        value=partial(_quadratic_value, hessian),
        gradient=partial(_quadratic_gradient, hessian),
        hessian=partial(_quadratic_hessian, hessian),
        minimum=_constant((0.0, 0.0)),
        window=window,
        start=start,
    )


def _turned(matrix: Array, degrees: float) -> Array:
    """Turn the axes of a quadratic; symmetrised, since rounding would leave a trace of skew."""
    angle = np.deg2rad(degrees)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = rotation @ matrix @ rotation.T
    return np.asarray((turned + turned.T) / 2)


def _saddle_value(theta: npt.ArrayLike) -> Array:
    w1, w2 = np.moveaxis(np.asarray(theta, dtype=np.float64), -1, 0)
    return np.asarray(w2**2 - w1**2 + w1**4 / 8)


def _saddle_gradient(theta: npt.ArrayLike) -> Array:
    w1, w2 = np.moveaxis(np.asarray(theta, dtype=np.float64), -1, 0)
    return np.stack([w1**3 / 2 - 2 * w1, 2 * w2], axis=-1)


def _saddle_hessian(theta: npt.ArrayLike) -> Array:
    w1, _ = np.asarray(theta, dtype=np.float64)
    return np.diag([1.5 * w1**2 - 2.0, 2.0])


RAVINE_SLOPE, RAVINE_WALL, RAVINE_BEND = 0.05, 2.0, 0.15


def _ravine_value(theta: npt.ArrayLike) -> Array:
    w1, w2 = np.moveaxis(np.asarray(theta, dtype=np.float64), -1, 0)
    side = w2 - RAVINE_BEND * w1**2
    return np.asarray(RAVINE_SLOPE * (w1 - 2.5) ** 2 + RAVINE_WALL * side**2)


def _ravine_gradient(theta: npt.ArrayLike) -> Array:
    w1, w2 = np.moveaxis(np.asarray(theta, dtype=np.float64), -1, 0)
    wall = 2 * RAVINE_WALL * (w2 - RAVINE_BEND * w1**2)
    return np.stack([2 * RAVINE_SLOPE * (w1 - 2.5) - 2 * RAVINE_BEND * w1 * wall, wall], axis=-1)


def _beale_terms(theta: npt.ArrayLike) -> tuple[Array, Array, Array]:
    w1, w2 = np.moveaxis(np.asarray(theta, dtype=np.float64), -1, 0)
    powers = np.stack([w2, w2**2, w2**3])
    targets = np.array([1.5, 2.25, 2.625]).reshape((3,) + (1,) * w1.ndim)
    return w1, w2, targets - w1 * (1 - powers)


def _beale_value(theta: npt.ArrayLike) -> Array:
    return np.asarray(np.sum(_beale_terms(theta)[2] ** 2, axis=0))


def _beale_gradient(theta: npt.ArrayLike) -> Array:
    w1, w2, (r1, r2, r3) = _beale_terms(theta)
    along1 = 2 * (r1 * (w2 - 1) + r2 * (w2**2 - 1) + r3 * (w2**3 - 1))
    along2 = 2 * w1 * (r1 + 2 * w2 * r2 + 3 * w2**2 * r3)
    return np.stack([along1, along2], axis=-1)


bowl = quadratic("bowl", np.diag([2.0, 4.0]), window=((-3, 3), (-2, 2)), start=(-2.4, 1.5))
"""Lecture L2's w1² + 2 w2²: both directions bend about as much. Gradient (2 w1, 4 w2)."""

valley = quadratic("valley", np.diag([0.2, 4.0]), window=((-10, 4), (-2.4, 2.4)), start=(-9, 1.6))
"""Lecture L2's 0.1 w1² + 2 w2²: 20 times steeper across than along. Gradient (0.2 w1, 4 w2)."""

rotated_valley = quadratic(
    "rotated valley",
    _turned(np.diag([0.2, 4.0]), 30.0),
    window=((-9, 4), (-6.5, 2.5)),
    start=(-8.0, -2.6),
)
"""The valley turned by 30 degrees: a step size for each weight no longer fits its axes."""

saddle = Landscape(
    name="saddle",
    value=_saddle_value,
    gradient=_saddle_gradient,
    hessian=_saddle_hessian,
    minimum=_constant((2.0, 0.0)),
    window=((-3, 3), (-1.8, 1.8)),
    start=_constant((0.001, 1.5)),
)
"""w2² − w1² + w1⁴/8: a saddle at the origin between two minima at (±2, 0) with loss −2.

Gradient (w1³/2 − 2 w1, 2 w2). The start is a thousandth away from the ridge w1 = 0, so plain
gradient descent slides to the saddle and is slow to leave it, as in the animation in lecture L1.
The fourth power keeps the loss bounded below, so a race on it has an end.
"""

ravine = Landscape(
    name="ravine",
    value=_ravine_value,
    gradient=_ravine_gradient,
    minimum=_constant((2.5, RAVINE_BEND * 2.5**2)),
    window=((-5, 4), (-0.8, 4.4)),
    start=_constant((-4.0, 3.6)),
)
"""0.05 (w1 − 2.5)² + 2 (w2 − 0.15 w1²)²: a long bent valley, flat along its floor, steep beside it.

In the spirit of the "long valley" animation in lecture L1, with a bend, so that the steep
direction is not the same weight all the way.
"""

beale = Landscape(
    name="Beale",
    value=_beale_value,
    gradient=_beale_gradient,
    minimum=_constant((3.0, 0.5)),
    window=((-0.5, 4.5), (-1.2, 2.0)),
    start=_constant((1.0, 1.5)),
)
"""Beale's function: Σ (c_i − w1 (1 − w2^i))² with c = 1.5, 2.25, 2.625 and i = 1, 2, 3.

Flat basins, steep corners, minimum 0 at (3, 0.5). A classic test surface (Beale 1958, "On an
iterative method for finding a local minimum of a function of more than one variable").
"""
