"""What a loss surface over two weights is, and the quadratics, which a Hessian defines."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope.arguments import floats, require_callable, require_count

Array = npt.NDArray[np.float64]
Window = tuple[tuple[float, float], tuple[float, float]]


def constant(values: npt.ArrayLike) -> Array:
    """Copy `values` into a read-only float64 array: every cell of a notebook shares a landscape.

    Any shape. Source: NumPy's `setflags`.

    Raises:
        TypeError, ValueError: NumPy's own, for text, objects or uneven rows.

    >>> constant((1, 2)).flags.writeable
    False
    """
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array


def points(theta: npt.ArrayLike) -> Array:
    """Return `theta` as float64 points `(..., 2)`, or raise a ValueError that says what it is.

    Source: this course.

    Raises:
        TypeError, ValueError: for text, objects or uneven rows, or another shape.

    >>> points([1, 2])
    array([1., 2.])
    >>> points([1, 2, 3])
    Traceback (most recent call last):
    ValueError: theta must have shape (..., 2); got (3,)
    """
    array = np.asarray(theta, dtype=np.float64)
    if array.shape[-1:] != (2,):
        raise ValueError(f"theta must have shape (..., 2); got {array.shape}")
    return array


def weights(theta: npt.ArrayLike) -> tuple[Array, Array]:
    """Take points `(..., 2)` apart into `w1` and `w2`, each `(...)`. Source: this course.

    Raises:
        TypeError, ValueError: as `points` does.

    >>> weights([[1, 2], [3, 4]])
    (array([1., 3.]), array([2., 4.]))
    """
    array = points(theta)
    return array[..., 0], array[..., 1]


def window_of(value: Any) -> Window:
    """See a value as the window to draw, `((w1 low, w1 high), (w2 low, w2 high))`.

    Source: this course.

    Raises:
        TypeError: for what holds no numbers.
        ValueError: for another shape, or a window without area.

    >>> window_of([[0, 1], [2, 1]])
    Traceback (most recent call last):
    ValueError: window must be ((low, high), (low, high)), low < high; got [[0, 1], [2, 1]]
    """
    (low1, high1), (low2, high2) = floats("window", value, (2, 2)).tolist()
    if not (-np.inf < low1 < high1 < np.inf and -np.inf < low2 < high2 < np.inf):
        raise ValueError(f"window must be ((low, high), (low, high)), low < high; got {value}")
    return (low1, high1), (low2, high2)


@dataclass(frozen=True, eq=False, kw_only=True)
class Landscape:
    """A loss surface over two weights, such as those of lecture L2; nothing has a unit.

    Attributes:
        name: The word that pictures and messages use.
        value: The loss, `(..., 2) -> (...)`.
        gradient: Its gradient, `(..., 2) -> (..., 2)`.
        hessian: Its second derivatives, `(2,) -> (2, 2)`, where they are offered.
        minima: Its lowest points `(K, 2)`, equally low; none where they are not known.
        window: What to draw: `((w1 low, w1 high), (w2 low, w2 high))`; it shows every minimum.
        start: Where optimizers set off, `(2,)`.

    Raises:
        TypeError: for a value or gradient that is no function, or a window that is a number.
        ValueError: for a window without two pairs or area, minima or a start of another shape or
            outside of it; in a call of `value` or `gradient`, for points that are not `(..., 2)`.

    >>> from downslope.landscapes import bowl
    >>> float(bowl.value([1, 1])), bowl.gradient([[1, 1], [0, 0]])
    (3.0, array([[2., 4.],
                 [0., 0.]]))
    >>> bowl.value([1, 2, 3])
    Traceback (most recent call last):
    ValueError: theta must have shape (..., 2); got (3,)
    """

    name: str
    value: Callable[[npt.ArrayLike], Array] = field(repr=False)
    gradient: Callable[[npt.ArrayLike], Array] = field(repr=False)
    hessian: Callable[[npt.ArrayLike], Array] | None = field(default=None, repr=False)
    minima: Array = field(default_factory=lambda: np.empty((0, 2)))
    window: Window
    start: Array

    def __post_init__(self) -> None:
        """Freeze the arrays; refuse a window without area, and points outside it."""
        for name in ("value", "gradient"):
            require_callable(name, getattr(self, name))
        window_of(self.window)
        for name, shape in (("start", (2,)), ("minima", (-1, 2))):
            object.__setattr__(self, name, constant(floats(name, getattr(self, name))))
            self._require_inside(name, shape)

    def _require_inside(self, name: str, shape: tuple[int, ...]) -> None:
        array = getattr(self, name)
        if array.ndim != len(shape) or array.shape[-1] != 2:
            wanted = "(2,)" if len(shape) == 1 else "(K, 2)"
            raise ValueError(f"{name} must have shape {wanted}; got {array.shape}")
        low, high = np.transpose(self.window)
        if not np.all((low <= array) & (array <= high)):
            raise ValueError(f"{name} must lie in the window {self.window}; got {array.tolist()}")

    @property
    def in_words(self) -> str:
        """The name as it stands in a sentence: an article goes before all but people's names.

        >>> from downslope import landscapes
        >>> landscapes.bowl.in_words, landscapes.beale.in_words
        ('the bowl', 'Beale')
        """
        return self.name if self.name[:1].isupper() else f"the {self.name}"

    @property
    def minimum(self) -> Array | None:
        """The first of the lowest points, `(2,)`; None where none is known.

        >>> from downslope.landscapes import bowl
        >>> bowl.minimum
        array([0., 0.])
        """
        return self.minima[0] if len(self.minima) else None

    def grid(self, points: int = 200) -> tuple[Array, Array, Array]:
        """Sample the window: `w1`, `w2` and the loss, each `(points, points)`.

        Raises:
            TypeError, ValueError: for `points` that are no whole number above 0.

        >>> from downslope.landscapes import bowl
        >>> bowl.grid(3)[2]
        array([[17.,  8., 17.],
               [ 9.,  0.,  9.],
               [17.,  8., 17.]])
        """
        require_count("points", points)
        (low1, high1), (low2, high2) = self.window
        axes = np.linspace(low1, high1, points), np.linspace(low2, high2, points)
        w1, w2 = np.meshgrid(*axes)
        return w1, w2, self.value(np.stack([w1, w2], axis=-1))


def _quadratic_value(matrix: Array, theta: npt.ArrayLike) -> Array:
    point = points(theta)
    return np.asarray(0.5 * np.sum((point @ matrix) * point, axis=-1))


def _quadratic_gradient(matrix: Array, theta: npt.ArrayLike) -> Array:
    return np.asarray(points(theta) @ matrix)


def _quadratic_hessian(matrix: Array, theta: npt.ArrayLike) -> Array:
    del theta  # the curvature of a quadratic is the same everywhere
    return matrix.copy()


def quadratic(name: str, matrix: npt.ArrayLike, *, window: Window, start: Any) -> Landscape:
    """Build ½ θᵀHθ from its Hessian `H`, a symmetric 2×2 matrix; the minimum is the origin.

    Lecture L2's surfaces w1² + 2 w2² and 0.1 w1² + 2 w2² are of this kind.

    Where `H` is not positive definite the origin is a saddle or a flat line, or the surface falls
    away without end: then it has no single minimum and `minima` is empty.

    Raises:
        TypeError: for a matrix that holds no numbers.
        ValueError: for one that is not symmetric or not `(2, 2)`; as `Landscape` does.

    >>> trough = quadratic("trough", [[1, 0], [0, 9]], window=((-2, 2), (-2, 2)), start=(1, 1))
    >>> float(trough.value([1, 1])), trough.gradient([1, 1])
    (5.0, array([1., 9.]))
    """
    hessian = constant(floats("matrix", matrix))
    if hessian.shape != (2, 2) or not np.array_equal(hessian, hessian.T):
        raise ValueError(f"matrix must be symmetric with shape (2, 2); got {hessian.tolist()}")
    positive = np.linalg.eigvalsh(hessian)[0] > 0
    return Landscape(
        name=name,
        value=partial(_quadratic_value, hessian),
        gradient=partial(_quadratic_gradient, hessian),
        hessian=partial(_quadratic_hessian, hessian),
        minima=np.zeros((int(positive), 2)),
        window=window,
        start=start,
    )
