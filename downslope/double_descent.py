"""Double descent in its smallest form: minimum-norm least squares on random features.

With more features than training points, infinitely many weights fit the training data exactly;
the smallest of them is taken. The test error peaks where the fit is only just exact and falls again
beyond (lecture L1; Belkin et al. 2019, "Reconciling modern machine learning practice and the
bias-variance trade-off", figure 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from downslope.arguments import (
    floats,
    require_count,
    require_generator,
    require_items,
    require_number,
)

Array = npt.NDArray[np.float64]

WIDTHS = (2, 3, 4, 6, 8, 11, 15, 20, 25, 30, 34, 37, 40, 43, 47, 53, 62, 76, 100, 140, 200, 300)
TEST_POINTS = 400


class Risks(NamedTuple):
    """Mean squared errors of fits with more and more features.

    Attributes:
        widths: Numbers of features, `(W,)`.
        train: Errors on the training points, `(trials, W)`.
        test: Errors on fresh points, `(trials, W)`.
        threshold: The number of training points, where a fit first becomes exact.
        noise: Standard deviation of the noise; no test error can be below its square for long.

    Source: lecture L1. A plain record, made by `double_descent`: it checks nothing.

    >>> risks = double_descent(np.random.default_rng(0), widths=[5, 20], n=10, trials=3)
    >>> risks.test.shape, risks.threshold
    ((3, 2), 10)
    """

    widths: npt.NDArray[np.int64]
    train: Array
    test: Array
    threshold: int
    noise: float


def minimum_norm_fit(features: npt.ArrayLike, y: npt.ArrayLike) -> Array:
    """Find the weights `(P,)` with the least squared error, of several the shortest.

    Source: Belkin et al. 2019, in lecture L1.

    Args:
        features: `(N, P)`.
        y: Targets, `(N,)`.

    Raises:
        TypeError, ValueError: for arrays that hold no numbers, or whose shapes do not fit.

    >>> minimum_norm_fit([[1.0, 1.0]], [2.0])
    array([1., 1.])
    """
    matrix = floats("features", features, ("N", "P"))
    targets = floats("y", y, (len(matrix),))
    return np.asarray(np.linalg.lstsq(matrix, targets)[0], dtype=np.float64)


def random_relu_features(X: npt.ArrayLike, width: int, rng: np.random.Generator) -> Array:
    """Send X `(N, D)` through a random layer of ReLU units that is never trained: `(N, width)`.

    Source: this course, for the double descent of lecture L1 (Belkin et al. 2019).

    Raises:
        TypeError, ValueError: for an X of another type or shape, a width below 1, or a seed for
            `rng`.

    >>> random_relu_features([[1.0, -1.0]], 3, np.random.default_rng(0)).shape
    (1, 3)
    """
    points = np.asarray(floats("X", X, ("N", "D")), dtype=np.float64)
    width, rng = require_count("width", width), require_generator("rng", rng)
    W, b = rng.standard_normal((width, points.shape[1])), 0.3 * rng.standard_normal(width)
    return np.asarray(np.maximum(points @ W.T + b, 0) / np.sqrt(width))


def double_descent(
    rng: np.random.Generator,
    *,
    widths: Sequence[int] = WIDTHS,
    n: int = 40,
    dimensions: int = 10,
    noise: float = 0.3,
    trials: int = 12,
) -> Risks:
    """Fit n noisy points with growing numbers of random features and measure both errors.

    The test error is that of lecture L1's double descent (Belkin et al. 2019).

    y = tanh(2 w·x) + noise · N(0, 1), with x normal in `dimensions` dimensions and length near 1.
    Each trial draws its own points, teacher w and features; a smaller set of features is a part of
    the larger ones.

    Args:
        rng: Draws everything.
        widths: Numbers of features to try.
        n: Number of training points.
        dimensions: Inputs of the teacher.
        noise: Standard deviation of the noise on the targets.
        trials: How often all is repeated.

    Raises:
        TypeError: for a number of another type, or a seed for `rng`.
        ValueError: for widths that do not rise, a count below 1, or `noise` below 0.

    >>> risks = double_descent(np.random.default_rng(0), widths=[5, 40, 400], trials=5)
    >>> few, exact, many = np.median(risks.test, axis=0)
    >>> bool(exact > 5 * few), bool(many < few)
    (True, True)
    """
    require_generator("rng", rng)
    widths = require_items("widths", widths, "numbers of features")
    counts = np.array([require_count("widths", width) for width in widths], dtype=np.int64)
    if not len(counts) or np.any(np.diff(counts) <= 0):
        raise ValueError(f"widths must be numbers of features in rising order; got {widths}")
    n, dimensions = require_count("n", n), require_count("dimensions", dimensions)
    noise, trials = require_number("noise", noise, low=0), require_count("trials", trials)
    errors = [_trial(rng, counts, n, dimensions, noise) for _ in range(trials)]
    train, test = np.moveaxis(np.array(errors), 1, 0)
    return Risks(counts, train, test, n, noise)


def _trial(
    rng: np.random.Generator,
    widths: npt.NDArray[np.int64],
    n: int,
    dimensions: int,
    noise: float,
) -> Array:
    """Training and test error of every width, `(2, W)`."""
    X = rng.standard_normal((n + TEST_POINTS, dimensions)) / np.sqrt(dimensions)
    y = np.tanh(2 * X @ rng.standard_normal(dimensions)) + noise * rng.standard_normal(len(X))
    features = random_relu_features(X, int(widths[-1]), rng)
    errors = []
    for width in widths:
        chosen = features[:, :width]
        squared = (chosen @ minimum_norm_fit(chosen[:n], y[:n]) - y) ** 2
        errors.append((squared[:n].mean(), squared[n:].mean()))
    return np.array(errors).T
