"""The surfaces of the course and the classics of the literature, each with its formula.

None of them has a unit: weights and losses are plain numbers.
"""

import numpy as np
import numpy.typing as npt

from downslope.landscapes.surfaces import Array, Landscape, constant, quadratic, weights


def _turned(matrix: Array, degrees: float) -> Array:
    """Turn the axes of a quadratic; symmetrised, since rounding would leave a trace of skew."""
    angle = np.deg2rad(degrees)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = rotation @ matrix @ rotation.T
    return np.asarray((turned + turned.T) / 2)


def _symmetric(along1: npt.ArrayLike, across: npt.ArrayLike, along2: npt.ArrayLike) -> Array:
    """Put three second derivatives into a 2×2 matrix."""
    return np.array([[along1, across], [across, along2]], dtype=np.float64)


def _saddle_value(theta: npt.ArrayLike) -> Array:
    w1, w2 = weights(theta)
    return np.asarray(w2**2 - w1**2 + w1**4 / 8)


def _saddle_gradient(theta: npt.ArrayLike) -> Array:
    w1, w2 = weights(theta)
    return np.stack([w1**3 / 2 - 2 * w1, 2 * w2], axis=-1)


def _saddle_hessian(theta: npt.ArrayLike) -> Array:
    w1, _ = weights(theta)
    return _symmetric(1.5 * w1**2 - 2.0, 0.0, 2.0)


RAVINE_SLOPE, RAVINE_WALL, RAVINE_BEND = 0.05, 2.0, 0.15


def _ravine_value(theta: npt.ArrayLike) -> Array:
    w1, w2 = weights(theta)
    side = w2 - RAVINE_BEND * w1**2
    return np.asarray(RAVINE_SLOPE * (w1 - 2.5) ** 2 + RAVINE_WALL * side**2)


def _ravine_gradient(theta: npt.ArrayLike) -> Array:
    w1, w2 = weights(theta)
    wall = 2 * RAVINE_WALL * (w2 - RAVINE_BEND * w1**2)
    return np.stack([2 * RAVINE_SLOPE * (w1 - 2.5) - 2 * RAVINE_BEND * w1 * wall, wall], axis=-1)


def _ravine_hessian(theta: npt.ArrayLike) -> Array:
    w1, w2 = weights(theta)
    wall = 2 * RAVINE_WALL * (w2 - RAVINE_BEND * w1**2)
    along = 2 * RAVINE_SLOPE - 2 * RAVINE_BEND * wall + 8 * RAVINE_WALL * (RAVINE_BEND * w1) ** 2
    return _symmetric(along, -4 * RAVINE_WALL * RAVINE_BEND * w1, 2 * RAVINE_WALL)


def _beale_terms(theta: npt.ArrayLike) -> tuple[Array, Array, Array]:
    w1, w2 = weights(theta)
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


def _beale_hessian(theta: npt.ArrayLike) -> Array:
    """Σ 2 (∇r ∇rᵀ + r ∇∇r) over the three terms r = c − w1 (1 − w2^i)."""
    w1, w2, (r1, r2, r3) = _beale_terms(theta)
    down1 = np.array([w2 - 1, w2**2 - 1, w2**3 - 1])
    slope = np.array([np.ones_like(w2), 2 * w2, 3 * w2**2])
    across = 2 * np.sum(w1 * slope * down1 + slope * np.array([r1, r2, r3]), axis=0)
    along2 = 2 * np.sum((w1 * slope) ** 2, axis=0) + 2 * w1 * (2 * r2 + 6 * w2 * r3)
    return _symmetric(2 * np.sum(down1**2, axis=0), across, along2)


def _rosenbrock_value(theta: npt.ArrayLike) -> Array:
    w1, w2 = weights(theta)
    return np.asarray((1 - w1) ** 2 + 100 * (w2 - w1**2) ** 2)


def _rosenbrock_gradient(theta: npt.ArrayLike) -> Array:
    w1, w2 = weights(theta)
    side = w2 - w1**2
    return np.stack([2 * (w1 - 1) - 400 * w1 * side, 200 * side], axis=-1)


def _rosenbrock_hessian(theta: npt.ArrayLike) -> Array:
    w1, w2 = weights(theta)
    return _symmetric(2 + 1200 * w1**2 - 400 * w2, -400 * w1, 200.0)


def _himmelblau_terms(theta: npt.ArrayLike) -> tuple[Array, Array, Array, Array]:
    w1, w2 = weights(theta)
    return w1, w2, w1**2 + w2 - 11, w1 + w2**2 - 7


def _himmelblau_value(theta: npt.ArrayLike) -> Array:
    _, _, first, second = _himmelblau_terms(theta)
    return np.asarray(first**2 + second**2)


def _himmelblau_gradient(theta: npt.ArrayLike) -> Array:
    w1, w2, first, second = _himmelblau_terms(theta)
    return np.stack([4 * w1 * first + 2 * second, 2 * first + 4 * w2 * second], axis=-1)


def _himmelblau_hessian(theta: npt.ArrayLike) -> Array:
    w1, w2, first, second = _himmelblau_terms(theta)
    across = 4 * (w1 + w2)
    return _symmetric(4 * first + 8 * w1**2 + 2, across, 4 * second + 8 * w2**2 + 2)


def _rastrigin_value(theta: npt.ArrayLike) -> Array:
    w1, w2 = weights(theta)
    ripples = np.cos(2 * np.pi * w1) + np.cos(2 * np.pi * w2)
    return np.asarray(20 + w1**2 + w2**2 - 10 * ripples)


def _rastrigin_gradient(theta: npt.ArrayLike) -> Array:
    w = np.stack(weights(theta), axis=-1)
    return np.asarray(2 * w + 20 * np.pi * np.sin(2 * np.pi * w))


def _rastrigin_hessian(theta: npt.ArrayLike) -> Array:
    w1, w2 = 2 + 40 * np.pi**2 * np.cos(2 * np.pi * np.stack(weights(theta)))
    return _symmetric(w1, 0.0, w2)


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
    minima=constant([(2.0, 0.0), (-2.0, 0.0)]),
    window=((-3, 3), (-1.8, 1.8)),
    start=constant((0.001, 1.5)),
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
    hessian=_ravine_hessian,
    minima=constant([(2.5, RAVINE_BEND * 2.5**2)]),
    window=((-5, 4), (-0.8, 4.4)),
    start=constant((-4.0, 3.6)),
)
"""0.05 (w1 − 2.5)² + 2 (w2 − 0.15 w1²)²: a long bent valley, flat along its floor, steep beside it.

In the spirit of the "long valley" animation in lecture L1, with a bend, so that the steep
direction is not the same weight all the way.
"""

beale = Landscape(
    name="Beale",
    value=_beale_value,
    gradient=_beale_gradient,
    hessian=_beale_hessian,
    minima=constant([(3.0, 0.5)]),
    window=((-0.5, 4.5), (-1.2, 2.0)),
    start=constant((1.0, 1.5)),
)
"""Beale's function: Σ (c_i − w1 (1 − w2^i))² with c = 1.5, 2.25, 2.625 and i = 1, 2, 3.

Flat basins, steep corners, minimum 0 at (3, 0.5). A classic test surface (Beale 1958, "On an
iterative method for finding a local minimum of a function of more than one variable").
"""

rosenbrock = Landscape(
    name="Rosenbrock",
    value=_rosenbrock_value,
    gradient=_rosenbrock_gradient,
    hessian=_rosenbrock_hessian,
    minima=constant([(1.0, 1.0)]),
    window=((-2.0, 2.0), (-1.0, 3.0)),
    start=constant((-1.2, 1.0)),
)
"""Rosenbrock's banana: (1 − w1)² + 100 (w2 − w1²)², minimum 0 at (1, 1).

A curved valley whose floor is all but flat: at the minimum one direction bends 2,500 times as much
as the other. The start is the usual one (Rosenbrock 1960, "An automatic method for finding the
greatest or least value of a function").
"""

himmelblau = Landscape(
    name="Himmelblau",
    value=_himmelblau_value,
    gradient=_himmelblau_gradient,
    hessian=_himmelblau_hessian,
    minima=constant(
        [
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.2831859912861696),
            (3.5844283403304917, -1.8481265269644036),
        ]
    ),
    window=((-5.0, 5.0), (-5.0, 5.0)),
    start=constant((0.0, 0.0)),
)
"""Himmelblau's function: (w1² + w2 − 11)² + (w1 + w2² − 7)², 0 at four points.

Four minima that are equally good: where a run ends depends on where it starts, on the rate and on
the noise (Himmelblau 1972, "Applied Nonlinear Programming").
"""

many_minima = Landscape(
    name="many minima",
    value=_rastrigin_value,
    gradient=_rastrigin_gradient,
    hessian=_rastrigin_hessian,
    minima=constant([(0.0, 0.0)]),
    window=((-3.5, 3.5), (-2.5, 2.5)),
    start=constant((2.3, -1.6)),
)
"""Rastrigin's function: 20 + Σ (w_i² − 10 cos 2π w_i), minimum 0 at the origin.

A bowl with a ripple of period 1, so that there is a local minimum near every point with whole
coordinates; only the one at the origin is lowest (Rastrigin 1974, "Systems of extremal control").
"""
