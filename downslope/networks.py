"""A multi-layer perceptron whose parameters are one flat vector.

    theta = [W1 row by row, b1, W2 row by row, b2, ...]

Each W and b is a view into theta, so an optimizer moves all of them with a few array operations
and no bookkeeping. The gradient is a flat vector in the same order.

>>> network = MLP((2, 3, 2), rng=np.random.default_rng(0))
>>> loss, grad = network.loss_and_gradient([[1.0, 2.0]], [0])
>>> network.theta -= 0.1 * grad
>>> network.loss([[1.0, 2.0]], [0]) < loss
True
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from downslope import layers
from downslope.activations import ACTIVATIONS
from downslope.arguments import (
    FLOATS,
    Array,
    Integers,
    floats,
    labels,
    require_callable,
    require_choice,
    require_count,
    require_generator,
    require_kind,
    require_shape,
)
from downslope.initialisers import Initialiser, he
from downslope.losses import Loss, softmax_cross_entropy


class Layer(NamedTuple):
    """The parameters of a linear layer, or their gradient: W `(out, in)` and b `(out,)`.

    The W and b of lecture L0's Wx + b. A plain record: it checks nothing.

    >>> Layer(np.array([[1.0, 2.0]]), np.array([3.0]))
    Layer(W=array([[1., 2.]]), b=array([3.]))
    """

    W: Array
    b: Array


class MLP:
    """Linear layers with an activation between them; the last one gives scores (logits).

    The multi-layer perceptron of lecture L0; its gradient is by backpropagation (L0, L1).

    Args:
        sizes: Units of each layer from input to output, such as (64, 64, 10).
        rng: Source of the first weights.
        activation: sigmoid, tanh, relu, leaky_relu or elu.
        initialiser: Draws the weights of a layer, see `downslope.initialisers`; biases start at 0.
        dtype: float64 or float32.

    Raises:
        TypeError, ValueError: for fewer than two sizes, a size below 1, a seed for `rng`, another
            activation or dtype, or an initialiser that is no function.

    >>> network = MLP((64, 32, 10), rng=np.random.default_rng(0))
    >>> network
    MLP(64-32-10, relu, float64, 2410 parameters)
    >>> network.layers[1].W.shape, network.layers[1].b.shape
    ((10, 32), (10,))
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        rng: np.random.Generator,
        activation: str = "relu",
        initialiser: Initialiser = he,
        dtype: npt.DTypeLike = np.float64,
    ) -> None:
        self.sizes = tuple(require_count("every size", size) for size in sizes)
        if len(self.sizes) < 2:
            raise ValueError(f"sizes must name at least input and output; got {tuple(sizes)}")
        if np.dtype(dtype) not in FLOATS:
            raise TypeError(f"dtype must be float64 or float32; got {np.dtype(dtype)}")
        self.activation = require_choice("activation", activation, list(ACTIVATIONS))
        require_generator("rng", rng)
        require_callable("initialiser", initialiser)
        self._theta: Array = np.zeros(_count(self.sizes), dtype=dtype)
        for layer in self.layers:
            layer.W[...] = initialiser((layer.W.shape[0], layer.W.shape[1]), rng, dtype)

    def __repr__(self) -> str:
        sizes = "-".join(map(str, self.sizes))
        theta = self._theta
        return f"MLP({sizes}, {self.activation}, {theta.dtype}, {theta.size} parameters)"

    @property
    def theta(self) -> Array:
        """All parameters in one vector `(P,)`; assigning copies into it, so that views stay."""
        return self._theta

    @theta.setter
    def theta(self, values: npt.ArrayLike) -> None:
        self._theta[...] = floats("theta", values, self._theta.shape)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The same parameters as weights and biases of each layer, views into theta."""
        return self.views(self._theta)

    def views(self, flat: Array) -> tuple[Layer, ...]:
        """See a flat vector `(P,)` as the weights and biases of each layer, without a copy.

        Raises:
            TypeError, ValueError: for what is no array, or has another shape.

        >>> network = MLP((2, 1), rng=np.random.default_rng(0))
        >>> network.views(np.array([1.0, 2.0, 3.0]))
        (Layer(W=array([[1., 2.]]), b=array([3.])),)
        """
        require_kind("flat", flat, np.ndarray, "be an array, so that the layers are views")
        require_shape("flat", flat, (_count(self.sizes),))
        found, start = [], 0
        for inputs, outputs in pairwise(self.sizes):
            middle, end = start + outputs * inputs, start + outputs * (inputs + 1)
            found.append(Layer(flat[start:middle].reshape(outputs, inputs), flat[middle:end]))
            start = end
        return tuple(found)

    def at(self, theta: npt.ArrayLike) -> MLP:
        """Make a network of the same form with parameters `(P,)`; this one stays as it is.

        Raises:
            TypeError, ValueError: for parameters of another type or number.

        >>> network = MLP((2, 1), rng=np.random.default_rng(0))
        >>> network.at([1.0, 2.0, 3.0]).forward([[10.0, 10.0]])[0]
        array([[33.]])
        """
        other = copy.deepcopy(self)
        other.theta = theta
        return other

    def forward(self, X: npt.ArrayLike) -> tuple[Array, list[Any]]:
        """Turn X `(N, in)` into scores `(N, out)`; returns them and what `backward` needs.

        Raises:
            TypeError, ValueError: for an X of another type or shape.

        >>> network = MLP((2, 1), rng=np.random.default_rng(0)).at([1.0, 2.0, 3.0])
        >>> network.forward([[1.0, 0.0], [0.0, 1.0]])[0]
        array([[4.],
               [5.]])
        """
        signal = self._inputs(X)
        cache: Any
        caches = []
        for depth, (W, b) in enumerate(self.layers):
            if depth:
                signal, cache = layers.elementwise_forward(signal, self.activation)
                caches.append(cache)
            signal, cache = layers.linear_forward(signal, W, b)
            caches.append(cache)
        return signal, caches

    def backward(self, upstream: npt.ArrayLike, caches: list[Any]) -> Array:
        """Turn the gradient of the loss for the scores `(N, out)` into that for theta `(P,)`.

        Raises:
            TypeError, ValueError: for an upstream of another type or shape.

        >>> network = MLP((2, 1), rng=np.random.default_rng(0))
        >>> network.backward([[1.0]], network.forward([[10.0, 20.0]])[1])
        array([10., 20.,  1.])
        """
        signal = floats("upstream", upstream, ("N", self.sizes[-1]))
        grad = np.empty_like(self._theta)
        remaining = list(caches)
        for depth, (dW, db) in reversed(list(enumerate(self.views(grad)))):
            signal, dW[...], db[...] = layers.linear_backward(signal, remaining.pop())
            if depth:
                signal = layers.elementwise_backward(signal, remaining.pop())
        return grad

    def loss_and_gradient(
        self, X: npt.ArrayLike, y: npt.ArrayLike, loss: Loss = softmax_cross_entropy
    ) -> tuple[float, Array]:
        """Measure the loss on a batch and its gradient for theta `(P,)`.

        Args:
            X: Examples, `(N, in)`.
            y: What the loss compares with: labels `(N,)`, or targets `(N, out)` for `l2_loss`.
            loss: From `downslope.losses`, or a function like those.

        Raises:
            TypeError, ValueError: for an X that does not fit the network; what the loss refuses.

        >>> network = MLP((2, 2), rng=np.random.default_rng(0)).at(np.zeros(6))
        >>> network.loss_and_gradient([[2.0, 0.0]], [0])[1]
        array([-1. ,  0. ,  1. ,  0. , -0.5,  0.5])
        """
        scores, caches = self.forward(X)
        value, upstream = loss(scores, y)
        return value, self.backward(upstream, caches)

    def loss(self, X: npt.ArrayLike, y: npt.ArrayLike, loss: Loss = softmax_cross_entropy) -> float:
        """Measure the loss on X `(N, in)` and y, without a gradient.

        Raises:
            TypeError, ValueError: as `loss_and_gradient` does.

        >>> MLP((2, 2), rng=np.random.default_rng(0)).at(np.zeros(6)).loss([[1.0, 1.0]], [0])
        0.6931471805599453
        """
        return loss(self.forward(X)[0], y)[0]

    def predict(self, X: npt.ArrayLike) -> Integers:
        """Name the class with the highest score for each example of X `(N, in)`: `(N,)`.

        Raises:
            TypeError, ValueError: for an X of another type or shape.

        >>> MLP((1, 2), rng=np.random.default_rng(0)).at([1, -1, 0, 0]).predict([[3.0], [-3.0]])
        array([0, 1])
        """
        return np.asarray(self.forward(X)[0].argmax(axis=1))

    def accuracy(self, X: npt.ArrayLike, y: npt.ArrayLike) -> float:
        """Measure the share of examples whose class y `(N,)` is predicted, from 0 to 1.

        Raises:
            TypeError, ValueError: for other types, shapes or labels.

        >>> MLP((1, 2), rng=np.random.default_rng(0)).at([1, -1, 0, 0]).accuracy([[3.0]], [0])
        1.0
        """
        predicted = self.predict(X)
        return float(np.mean(predicted == labels("y", y, len(predicted), self.sizes[-1])))

    def _inputs(self, X: npt.ArrayLike) -> Array:
        return floats("X", X, ("N", self.sizes[0])).astype(self._theta.dtype, copy=False)


def _count(sizes: tuple[int, ...]) -> int:
    return sum(outputs * (inputs + 1) for inputs, outputs in pairwise(sizes))
