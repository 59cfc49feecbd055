"""Gradient checking: is the gradient that was derived the slope that can be measured?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from downslope.arguments import Array, floats, require_callable, require_number


class GradientCheck(NamedTuple):
    """What a gradient check found; a plain record of this course, which checks nothing.

    Attributes:
        passed: Whether the largest relative error is within the tolerance.
        error: The largest relative error.
        where: Index of the element with that error.
        given: The gradient's element there.
        measured: The central difference there.

    >>> found = gradient_check(lambda x: float(np.sum(x**2)), [2.0, -5.0], [1.0, -3.0])
    >>> found.passed, found.where, found.given, round(found.measured, 6)
    (False, (1,), -5.0, -6.0)
    """

    passed: bool
    error: float
    where: tuple[int, ...]
    given: float
    measured: float


def numerical_gradient(
    f: Callable[[Array], float], x: npt.ArrayLike, h: float = 1e-5
) -> npt.NDArray[np.float64]:
    """Measure the gradient of f at x by central differences, (f(x + h) − f(x − h)) / 2h.

    Its error falls like h² until rounding, about 1e-16·|f| / h, takes over. f is called with
    float64 copies; x, of any shape, is left as it was.

    The partial derivatives of lecture L0, measured; the differences are those of Nocedal and
    Wright, "Numerical Optimization", 2006, section 8.1.

    Raises:
        TypeError, ValueError: for an f that is no function or gives no number, an x that is no
            array of floats, or an h that is not above 0.

    >>> numerical_gradient(lambda x: float(np.sum(x**2)), [1.0, -3.0]).round(6)
    array([ 2., -6.])
    """
    require_callable("f", f)
    point = np.array(floats("x", x), dtype=np.float64)
    require_number("h", h, above=0)
    slopes = np.empty_like(point)
    for index in np.ndindex(point.shape):
        slopes[index] = (_nudged(f, point, index, h) - _nudged(f, point, index, -h)) / (2 * h)
    return slopes


def relative_error(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Compare two arrays: the largest |a − b| / max(1e-8, |a| + |b|), element by element.

    Below 1e-7 a gradient in float64 is right; above 1e-2 it is wrong; between them look closer.
    Of any shape; 0 for empty ones. In no lecture; the measure of Stanford's CS231n (2017).

    Raises:
        TypeError, ValueError: for other types, or shapes that differ.

    >>> relative_error([1.0, 2.0], [1.0, 2.0002]) < 1e-4
    True
    """
    return float(np.max(_relative_errors(floats("a", a), floats("b", b)), initial=0.0))


def gradient_check(
    f: Callable[[Array], float],
    grad: npt.ArrayLike | Callable[[Array], npt.ArrayLike],
    x: npt.ArrayLike,
    *,
    h: float = 1e-5,
    tolerance: float = 1e-6,
) -> GradientCheck:
    """Compare a gradient with central differences of f at x and show the worst element.

    In no lecture; a gradient check as in Stanford's CS231n (2017).

    Args:
        f: Function of an array like x, giving a number.
        grad: Its gradient at x, an array like x, or a function that gives it.
        x: Where to check; at a corner (ReLU at 0) no gradient agrees.
        h: Half the width of the differences.
        tolerance: Largest relative error that passes.

    Raises:
        TypeError, ValueError: as `numerical_gradient` does; for a grad of another shape than x, an
            empty x, or a tolerance below 0.

    >>> gradient_check(lambda x: float(np.sum(x**2)), lambda x: 2 * x, [1.0, -3.0]).passed
    True
    >>> gradient_check(lambda x: float(np.sum(x**2)), [2.0, -5.0], [1.0, -3.0]).where
    (1,)
    """
    require_callable("f", f)
    require_number("tolerance", tolerance, low=0)
    point = np.array(floats("x", x), dtype=np.float64)
    given = floats("grad", grad(point.copy()) if callable(grad) else grad, point.shape)
    if not point.size:
        raise ValueError(f"x must hold at least one number; got shape {point.shape}")
    measured = numerical_gradient(f, point, h)
    errors = _relative_errors(given, measured)
    where = tuple(int(i) for i in np.unravel_index(int(np.argmax(errors)), errors.shape))
    worst = float(errors[where])
    return GradientCheck(
        worst <= tolerance, worst, where, float(given[where]), float(measured[where])
    )


def _nudged(f: Callable[[Array], float], point: Array, index: tuple[int, ...], by: float) -> float:
    moved = point.copy()
    moved[index] += by
    return float(f(moved))


def _relative_errors(a: Array, b: Array) -> Array:
    if a.shape != b.shape:
        raise ValueError(f"b must have the shape of a, {a.shape}; got {b.shape}")
    return np.asarray(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))
