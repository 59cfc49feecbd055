"""What several exhibits start from: trained networks, and step functions as a learner writes them.

Each is made once.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from downslope import datasets, networks, training
from downslope.datasets import Examples
from downslope.history import History
from downslope.networks import MLP


class Trained(NamedTuple):
    """A network, how its training went, and examples that it has not seen."""

    network: MLP
    history: History
    test: Examples


@cache
def digit_reader(lr: float = 3e-3) -> Trained:
    """Train a small network on handwritten digits for 15 epochs.

    >>> digit_reader().history.validation_accuracy[-1] > 0.9
    True
    """
    rng = np.random.default_rng(0)
    train, validation, test = datasets.split(datasets.load_digits())
    network = networks.MLP((64, 32, 10), rng=rng)
    settings: dict[str, Any] = {"epochs": 15, "lr": lr, "progress": False}
    history = training.fit(
        network,
        train.X / 16,
        train.y,
        rng=rng,
        validation=(validation.X / 16, validation.y),
        **settings,
    )
    return Trained(network, history, Examples(test.X / 16, test.y))


@cache
def overfitter() -> Trained:
    """Train a large network on 60 noisy points of two moons for far too long.

    >>> history = overfitter().history
    >>> history.validation_loss[-1] > 1.5 * min(history.validation_loss)
    True
    """
    rng = np.random.default_rng(0)
    moons, fresh = (datasets.two_moons(n, rng, noise=0.35) for n in (60, 400))
    network = networks.MLP((2, 128, 128, 2), rng=rng)
    settings: dict[str, Any] = {"epochs": 120, "lr": 3e-3, "progress": False}
    history = training.fit(
        network, moons.X, moons.y, rng=rng, validation=(fresh.X, fresh.y), **settings
    )
    return Trained(network, history, Examples(fresh.X, fresh.y))


@cache
def single_gradients() -> Any:
    """Gradient of every example for a line fitted to 256 noisy points, `(256, 2)`.

    >>> single_gradients().shape
    (256, 2)
    """
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, 256)
    y = 2 * x + 1 + 0.8 * rng.standard_normal(256)
    error = 0.5 * x + 0.2 - y  # at slope 0.5 and offset 0.2, some way from the best
    return np.stack([2 * error * x, 2 * error], axis=1)


class Means(NamedTuple):
    """Middle of each class in scaled features, and how features are scaled."""

    middles: Any
    shift: Any
    scale: Any


def class_means(X: Any, y: Any) -> Means:
    """Fit the simplest classifier: scale the features, then take the mean of each class.

    >>> class_means(np.array([[0.0], [2.0]]), np.array([0, 1])).middles
    array([[-1.],
           [ 1.]])
    """
    shift, scale = X.mean(axis=0), X.std(axis=0)
    middles = [((X[y == label] - shift) / scale).mean(axis=0) for label in np.unique(y)]
    return Means(np.array(middles), shift, scale)


def accuracy(model: Means, X: Any, y: Any) -> float:
    """Measure how often the nearest mean is that of the right class.

    >>> model = class_means(np.array([[0.0], [2.0]]), np.array([0, 1]))
    >>> accuracy(model, np.array([[0.5], [1.5], [0.9]]), np.array([0, 1, 1]))
    0.6666666666666666
    """
    scaled = (X - model.shift) / model.scale
    distances = np.linalg.norm(scaled[:, None] - model.middles, axis=-1)
    return float(np.mean(distances.argmin(axis=1) == y))


def sgd_step(theta: Any, grad: Any, lr: float) -> Any:
    """Step down the gradient, as a learner writes it.

    >>> sgd_step(1.0, 2.0, lr=0.5)
    0.0
    """
    return theta - lr * grad


def momentum_matrix(curvature: float, lr: float, rho: float) -> np.ndarray:
    """One update of (m, error) along one direction of a quadratic, form 1.

    >>> momentum_matrix(2.0, lr=0.25, rho=0.5)
    array([[ 0.5  ,  2.   ],
           [-0.125,  0.5  ]])
    """
    return np.array([[rho, curvature], [-lr * rho, 1 - lr * curvature]])


def velocity_step(theta: Any, grad: Any, v: Any, lr: float, rho: float) -> tuple[Any, Any]:
    """Step with a velocity that holds the learning rate.

    >>> velocity_step(1.0, 2.0, -0.5, lr=0.25, rho=0.5)
    (0.25, -0.75)
    """
    v = rho * v - lr * grad
    return theta + v, v


def momentum_step(theta: Any, grad: Any, m: Any, lr: float, rho: float) -> tuple[Any, Any]:
    """Step along a running sum of gradients.

    >>> momentum_step(1.0, 2.0, 2.0, lr=0.25, rho=0.5)
    (0.25, 3.0)
    """
    m = rho * m + grad
    return theta - lr * m, m


def nadam_step(theta: Any, grad: Any, m: Any, v: Any, lr: float) -> Any:
    """Stand for a step that is not written yet.

    >>> nadam_step(0, 0, 0, 0, lr=0.1)
    Traceback (most recent call last):
    NotImplementedError
    """
    raise NotImplementedError
