"""Parameters of a network, as layers (W, b) and as one flat vector."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Params = Sequence[tuple[Array, Array]]


def flatten(params: Params) -> Array:
    """Lay out all parameters one after the other: (D,).

    >>> flatten([(np.eye(2), np.array([5.0, 6.0]))])
    array([1., 0., 0., 1., 5., 6.])
    """
    return np.concatenate([np.ravel(part) for layer in params for part in layer])


def unflatten(theta: Array, like: Params) -> list[tuple[Array, Array]]:
    """Cut a flat vector into layers (W, b) with the shapes of `like`.

    >>> unflatten(np.arange(3.0), [(np.zeros((1, 2)), np.zeros(1))])
    [(array([[0., 1.]]), array([2.]))]
    """
    layers, start = [], 0
    for W, b in like:
        middle, end = start + W.size, start + W.size + b.size
        layers.append((theta[start:middle].reshape(W.shape), theta[middle:end]))
        start = end
    return layers


def first_params(sizes: Sequence[int], rng: np.random.Generator) -> list[tuple[Array, Array]]:
    """Draw first parameters for ReLU layers: weights of variance 2 / in, biases 0 (He, 2015).

    >>> [W.shape for W, _ in first_params((64, 32, 10), np.random.default_rng(0))]
    [(32, 64), (10, 32)]
    """
    return [
        (rng.normal(0, np.sqrt(2 / wide), (out, wide)), np.zeros(out))
        for wide, out in pairwise(sizes)
    ]


def logits(params: Params, X: Array) -> Array:
    """Return the last layer's outputs `(N, K)` of a network with ReLU between its layers.

    >>> logits([(np.eye(2), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))], np.array([[3.0, -1.0]]))
    array([[3.]])
    """
    for depth, (W, b) in enumerate(params):
        X = (np.maximum(X, 0) if depth else X) @ W.T + b
    return X


def accuracy(params: Params, X: Array, y: npt.NDArray[np.int64]) -> float:
    """Return the share of examples whose highest logit is that of the true class.

    >>> accuracy([(np.eye(2), np.zeros(2))], np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 0]))
    0.5
    """
    return float(np.mean(logits(params, X).argmax(axis=1) == y))
