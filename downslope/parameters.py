"""Parameters of a network, as layers (W, b) and as one flat vector."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope.arguments import (
    floats,
    require_count,
    require_generator,
    require_items,
    require_kind,
    require_shape,
)

Array = npt.NDArray[np.float64]
Params = Sequence[tuple[Array, Array]]


def flatten(params: Params) -> Array:
    """Lay out all parameters, layers (W, b), one after the other: `(D,)`. Source: this course.

    Raises:
        TypeError, ValueError: for parts that hold no numbers, or no layer at all.

    >>> flatten([(np.eye(2), np.array([5.0, 6.0]))])
    array([1., 0., 0., 1., 5., 6.])
    """
    return np.concatenate([part.ravel() for layer in _layers("params", params) for part in layer])


def unflatten(theta: Array, like: Params) -> list[tuple[Array, Array]]:
    """Cut a flat vector `(D,)` into layers (W, b) with the shapes of `like`. Source: this course.

    Raises:
        TypeError, ValueError: for a theta that is no array, or of another length.

    >>> unflatten(np.arange(3.0), [(np.zeros((1, 2)), np.zeros(1))])
    [(array([[0., 1.]]), array([2.]))]
    """
    require_kind("theta", theta, np.ndarray, "be a flat array of parameters")
    shapes = _layers("like", like)
    require_shape("theta", theta, (sum(W.size + b.size for W, b in shapes),))
    layers, start = [], 0
    for W, b in shapes:
        middle, end = start + W.size, start + W.size + b.size
        layers.append((theta[start:middle].reshape(W.shape), theta[middle:end]))
        start = end
    return layers


def first_params(sizes: Sequence[int], rng: np.random.Generator) -> list[tuple[Array, Array]]:
    """Draw first parameters for ReLU layers: weights of variance 2 / in, biases 0.

    A W `(out, in)` and a b `(out,)` for each step from one size to the next (He et al., 2015).

    Raises:
        TypeError, ValueError: for a size that is no whole number above 0, or a seed for rng.

    >>> [W.shape for W, _ in first_params((64, 32, 10), np.random.default_rng(0))]
    [(32, 64), (10, 32)]
    """
    require_generator("rng", rng)
    listing = require_items("sizes", sizes, "numbers of units")
    sizes = [require_count("every size", size) for size in listing]
    return [
        (rng.normal(0, np.sqrt(2 / wide), (out, wide)), np.zeros(out))
        for wide, out in pairwise(sizes)
    ]


def logits(params: Params, X: Array) -> Array:
    """Return the last layer's outputs `(N, K)` of a network with ReLU between its layers.

    X is `(N, in)`. The recursion of lecture L0.

    Raises:
        TypeError: for an X or params that hold no numbers.
        ValueError: for shapes that do not fit together.

    >>> logits([(np.eye(2), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))], np.array([[3.0, -1.0]]))
    array([[3.]])
    """
    layers = _layers("params", params)
    signal: Any = floats("X", X, ("N", layers[0][0].shape[1]))
    for depth, (W, b) in enumerate(layers):
        signal = (np.maximum(signal, 0) if depth else signal) @ W.T + b
    return np.asarray(signal)


def accuracy(params: Params, X: Array, y: npt.NDArray[np.int64]) -> float:
    """Return the share, 0 to 1, of X `(N, in)` whose highest logit is at the true class y `(N,)`.

    Source: this course.

    Raises:
        TypeError: for an X or params that hold no numbers.
        ValueError: for a y of another length than X, or an X that does not fit.

    >>> accuracy([(np.eye(2), np.zeros(2))], np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 0]))
    0.5
    """
    scores = logits(params, X)
    require_shape("y", np.asarray(y), (len(scores),))
    return float(np.mean(scores.argmax(axis=1) == y))


def _layers(name: str, params: Params) -> list[tuple[Array, Array]]:
    """See parameters as layers; refuse what is no layer W `(out, in)`, b `(out,)`."""
    layers = []
    for layer in require_items(name, params, "layers (W, b)"):
        parts = require_items(f"every layer of {name}", layer, "two arrays, W and b")
        if len(parts) != 2:
            raise ValueError(f"every layer of {name} must be (W, b); got {len(parts)} parts")
        W: Any = floats(f"W in {name}", parts[0], ("out", "in"))
        b: Any = floats(f"b in {name}", parts[1], (len(W),))
        layers.append((W, b))
    if not layers:
        raise ValueError(f"{name} must hold at least one layer; got none")
    return layers
