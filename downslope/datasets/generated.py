"""Small data sets drawn at random: a noisy curve, two moons, spirals.

No feature has a unit. The same generator state gives the same data; nothing is cached.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from downslope.arguments import (
    floats,
    require_callable,
    require_count,
    require_generator,
    require_number,
)
from downslope.datasets.samples import Array, Dataset, Labels


def balanced_labels(n: int, classes: int, rng: np.random.Generator) -> Labels:
    """Draw labels 0 to `classes` − 1 in random order, every class as often, give or take one.

    Gives int64 `(n,)`; its callers have checked what it takes. Source: this course.

    Raises:
        TypeError, ValueError: NumPy's own, for an `n` that is no whole number.

    >>> np.bincount(balanced_labels(7, 3, np.random.default_rng(0)))
    array([3, 2, 2])
    """
    return rng.permutation(np.arange(n, dtype=np.int64) % classes)


def wave(x: npt.ArrayLike) -> Array:
    """Return sin 2πx, the curve under `noisy_regression`; any shape.

    It is that of figure 1.6 of Bishop 2006, which lecture L1 shows.

    Raises:
        TypeError: for text, complex numbers or objects.
        ValueError: for rows of different lengths.

    >>> wave([0.25, 0.75])
    array([ 1., -1.])
    """
    return np.asarray(np.sin(2 * np.pi * floats("x", x)), dtype=np.float64)


def noisy_regression(
    n: int,
    rng: np.random.Generator,
    *,
    noise: float = 0.2,
    curve: Callable[[Array], npt.ArrayLike] = wave,
) -> Dataset:
    """Draw points around a curve: y = curve(x) + noise · N(0, 1), x uniform on [0, 1).

    With Gaussian noise the squared loss is the negative log-likelihood up to constants (lecture
    L1). The best possible mean squared error is noise².

    Args:
        n: How many points.
        rng: Who draws them.
        noise: The standard deviation of the noise, in units of y.
        curve: The true function, `(n,) -> (n,)`.

    Returns:
        X `(n, 1)` and targets y `(n,)`, float64, in the order in which they were drawn.

    Raises:
        TypeError: for an `n` or `noise` of another type, a seed for `rng`, or no function `curve`.
        ValueError: for an `n` below 1, a `noise` below 0, or a curve that gives another shape.

    >>> data = noisy_regression(50, np.random.default_rng(0))
    >>> data.X.shape, data.y.shape
    ((50, 1), (50,))
    """
    require_count("n", n)
    require_generator("rng", rng)
    require_number("noise", noise, low=0)
    require_callable("curve", curve)
    x = rng.random(n)
    clean = np.asarray(curve(x), dtype=np.float64)
    if clean.shape != (n,):
        raise ValueError(f"curve must return shape ({n},); got {clean.shape}")
    text = f"A curve on [0, 1) with Gaussian noise of standard deviation {noise}. Generated."
    y = clean + noise * rng.standard_normal(n)
    return Dataset("noisy regression", x[:, None], y, ("x",), (), text)


def two_moons(n: int, rng: np.random.Generator, *, noise: float = 0.1) -> Dataset:
    """Draw two half circles of radius 1 that reach into each other: no straight line parts them.

    Label 0 is the upper half of the circle about (0, 0), label 1 the lower half of that about
    (1, 0.5). Both features get Gaussian noise with standard deviation `noise`. The two moons are
    those of scikit-learn's `make_moons`.

    Returns:
        X `(n, 2)` and labels y `(n,)`, classes of equal size, give or take one, in random order.

    Raises:
        TypeError: for an `n` or `noise` of another type, or a seed for `rng`.
        ValueError: for an `n` below 2, or a `noise` below 0.

    >>> moons = two_moons(200, np.random.default_rng(0))
    >>> moons.X.shape, np.bincount(moons.y)
    ((200, 2), array([100, 100]))
    """
    require_count("n", n, low=2)
    require_generator("rng", rng)
    require_number("noise", noise, low=0)
    y = balanced_labels(n, 2, rng)
    angle = np.pi * (rng.random(n) + y)
    centre = y[:, None] * np.array([1.0, 0.5])
    X = centre + np.column_stack([np.cos(angle), np.sin(angle)])
    X += noise * rng.standard_normal((n, 2))
    text = f"Two half circles of radius 1 with Gaussian noise {noise}. Generated."
    return Dataset("two moons", X, y, ("x1", "x2"), ("upper moon", "lower moon"), text)


def spirals(
    n: int, rng: np.random.Generator, *, arms: int = 3, turns: float = 0.75, noise: float = 0.03
) -> Dataset:
    """Draw spiral arms that wind about the origin, one class an arm, out to radius 1.

    Along an arm the radius r is uniform on [0, 1) and the angle is 2π (turns · r + arm / arms).
    Both features get Gaussian noise with standard deviation `noise`. Source: this course.

    Args:
        n: How many points in all.
        rng: Who draws them.
        arms: How many spirals, at least 2.
        turns: How often an arm winds round the origin; more is harder.
        noise: In units of the outer radius.

    Returns:
        X `(n, 2)` and labels y `(n,)`, classes of equal size, give or take one, in random order.

    Raises:
        TypeError: for a number of another type, or a seed for `rng`.
        ValueError: for fewer than 2 arms, fewer points than arms, or `turns` or `noise` below 0.

    >>> data = spirals(300, np.random.default_rng(0))
    >>> data.X.shape, np.bincount(data.y)
    ((300, 2), array([100, 100, 100]))
    """
    require_count("arms", arms, low=2)
    require_count("n", n, low=arms)
    require_generator("rng", rng)
    require_number("turns", turns, low=0)
    require_number("noise", noise, low=0)
    y = balanced_labels(n, arms, rng)
    radius = rng.random(n)
    angle = 2 * np.pi * (turns * radius + y / arms)
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    X += noise * rng.standard_normal((n, 2))
    names = tuple(f"arm {arm}" for arm in range(arms))
    text = f"{arms} spiral arms of {turns} turns with Gaussian noise {noise}. Generated."
    return Dataset("spirals", X, y, ("x1", "x2"), names, text)
