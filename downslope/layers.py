"""Layers of a network as pairs of functions, forward and backward (lectures L0 and L1).

`forward` returns the layer's output and a cache, `backward` takes the gradient of the loss with
respect to that output, called upstream, and the cache, and returns the gradients with respect to
what went in. The batch is the first axis. Nothing is changed in place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from downslope.activations import ACTIVATIONS, softmax
from downslope.arguments import Array, floats, require_choice, require_kind


class LinearCache(NamedTuple):
    """What a linear layer must remember: its input X `(N, in)` and weights W `(out, in)`.

    A plain record: it checks nothing. Source: this course.

    >>> linear_forward([[1.0, 2.0]], [[3.0, 4.0]], [5.0])[1]
    LinearCache(X=array([[1., 2.]]), W=array([[3., 4.]]))
    """

    X: Array
    W: Array


class ElementwiseCache(NamedTuple):
    """What an elementwise layer must remember: the name of its function and its input Z.

    A plain record: it checks nothing. Source: this course.

    >>> elementwise_forward([[0.0, 2.0]], "tanh")[1]
    ElementwiseCache(activation='tanh', Z=array([[0., 2.]]))
    """

    activation: str
    Z: Array


def linear_forward(
    X: npt.ArrayLike, W: npt.ArrayLike, b: npt.ArrayLike
) -> tuple[Array, LinearCache]:
    """Apply X @ W.T + b: X `(N, in)`, W `(out, in)`, b `(out,)` give `(N, out)`.

    The Wx + b of lecture L0 for a batch. Returns the output and the cache.

    Raises:
        TypeError, ValueError: for other types, or shapes that do not fit together.

    >>> linear_forward([[1.0, 2.0]], [[3.0, 4.0]], [5.0])[0]
    array([[16.]])
    """
    W = floats("W", W, ("out", "in"))
    X = floats("X", X, ("N", W.shape[1]))
    b = floats("b", b, W.shape[:1])
    return np.asarray(X @ W.T + b), LinearCache(X, W)


def linear_backward(upstream: npt.ArrayLike, cache: LinearCache) -> tuple[Array, Array, Array]:
    """Go back through X @ W.T + b; returns `(dX, dW, db)`, shaped like X, W and b.

    dX = upstream @ W, dW = upstream.T @ X, db = upstream summed over the batch (lectures L0, L1).

    Raises:
        TypeError: for an upstream of another type, or a cache of another layer.
        ValueError: for an upstream that is not `(N, out)`.

    >>> _, cache = linear_forward([[1.0, 2.0]], [[3.0, 4.0]], [5.0])
    >>> linear_backward([[10.0]], cache)
    (array([[30., 40.]]), array([[10., 20.]]), array([10.]))
    """
    require_kind("cache", cache, LinearCache, "be what linear_forward returned")
    upstream = floats("upstream", upstream, (len(cache.X), len(cache.W)))
    return upstream @ cache.W, upstream.T @ cache.X, upstream.sum(axis=0)


def elementwise_forward(Z: npt.ArrayLike, activation: str) -> tuple[Array, ElementwiseCache]:
    """Apply an activation by its name: sigmoid, tanh, relu, leaky_relu or elu; Z of any shape.

    Returns the output and the cache. Source: lecture L0.

    Raises:
        TypeError: for a Z of another type.
        ValueError: for an activation of another name.

    >>> elementwise_forward([[0.0, 2.0]], "sigmoid")[0].round(3)
    array([[0.5  , 0.881]])
    """
    require_choice("activation", activation, list(ACTIVATIONS))
    Z = floats("Z", Z)
    return ACTIVATIONS[activation].function(Z), ElementwiseCache(activation, Z)


def elementwise_backward(upstream: npt.ArrayLike, cache: ElementwiseCache) -> Array:
    """Go back through an activation: its Jacobian is diagonal, so dZ = upstream · φ′(Z).

    Both have the shape of Z (lectures L0, L1).

    Raises:
        TypeError: for an upstream of another type, or a cache of another layer.
        ValueError: for an upstream of another shape than Z.

    >>> _, cache = elementwise_forward([[0.0, 2.0]], "sigmoid")
    >>> elementwise_backward([[1.0, 1.0]], cache).round(3)
    array([[0.25 , 0.105]])
    """
    require_kind("cache", cache, ElementwiseCache, "be what the layer's forward returned")
    upstream = floats("upstream", upstream, cache.Z.shape)
    return upstream * ACTIVATIONS[cache.activation].derivative(cache.Z)


def relu_forward(Z: npt.ArrayLike) -> tuple[Array, ElementwiseCache]:
    """Apply max(0, Z) to Z of any shape (lecture L0); returns the output and the cache.

    Raises:
        TypeError, ValueError: for a Z that is no array of float64, float32 or whole numbers.

    >>> relu_forward([[-1.0, 2.0]])[0]
    array([[0., 2.]])
    """
    return elementwise_forward(Z, "relu")


def relu_backward(upstream: npt.ArrayLike, cache: ElementwiseCache) -> Array:
    """Let the gradient through where Z was positive; at 0 nothing passes (lecture L1).

    Takes and gives the shape of Z. The cache must be that of `relu_forward`.

    Raises:
        TypeError, ValueError: as `elementwise_backward` does, and for another activation's cache.

    >>> relu_backward([[5.0, 5.0, 5.0]], relu_forward([[-1.0, 0.0, 2.0]])[1])
    array([[0., 0., 5.]])
    """
    require_kind("cache", cache, ElementwiseCache, "be what relu_forward returned")
    if cache.activation != "relu":
        raise ValueError(f"cache must be that of relu_forward; got that of {cache.activation}")
    return elementwise_backward(upstream, cache)


def softmax_forward(Z: npt.ArrayLike) -> tuple[Array, Array]:
    """Apply softmax to each row of Z `(N, K)`; the probabilities are their own cache.

    Source: lecture L0.

    Raises:
        TypeError, ValueError: for a Z of another type or shape, or without classes.

    >>> softmax_forward([[0.0, 0.0]])[0]
    array([[0.5, 0.5]])
    """
    P = softmax(floats("Z", Z, ("N", "K")))
    return P, P


def softmax_backward(upstream: npt.ArrayLike, cache: Array) -> Array:
    """Go back through softmax without its Jacobian: dZ = P · (upstream − Σ_k upstream_k P_k).

    All are `(N, K)`; P is the cache. It is what lecture L0's dense matrix does to upstream.

    Raises:
        TypeError, ValueError: for other types, or shapes that differ.

    >>> softmax_backward([[1.0, 0.0]], np.array([[0.5, 0.5]]))
    array([[ 0.25, -0.25]])
    """
    cache = floats("cache", cache, ("N", "K"))
    upstream = floats("upstream", upstream, cache.shape)
    return np.asarray(cache * (upstream - np.sum(upstream * cache, axis=1, keepdims=True)))
