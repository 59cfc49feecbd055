"""The fast path of the trainer, first half: loss and gradient in buffers that are made once.

A small network spends its time in Python and in fetching memory, not in arithmetic. Here every
array operation writes into an array that is already there, and nothing is checked: the trainer
has done that. `downslope.networks` is the version to read; tests hold this one to its numbers.

How a call is written matters here, at some three million a minute: `a.dot(b, out)` begins in half
the time of `np.dot(a, b, out=out)`, and a number of Python's costs more than an array of one.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from downslope.activations import ACTIVATIONS, relu
from downslope.arguments import Array
from downslope.fast_steps import aligned_zeros
from downslope.losses import Loss, softmax_cross_entropy
from downslope.networks import MLP

# Scores whose squares sum to less than this can go into exp as they are.
SAFE = {np.dtype(np.float64): 500.0**2, np.dtype(np.float32): 80.0**2}


class _Hidden(NamedTuple):
    """The buffers of one hidden layer for n examples, and the views of them that are used.

    NumPy takes the larger of two arrays twice as fast as of an array and a number: hence zeros.
    """

    signal: Array  # (n, units + 1), with the column of ones
    transposed: Array
    Z: Array  # the signal without the ones
    zeros: Array  # like the signal
    positive: npt.NDArray[np.bool_]  # like the signal
    slope: npt.NDArray[np.bool_]  # positive without the ones
    upstream: Array  # (n, units): nothing flows on into a column of ones

    @classmethod
    def cut(cls, signal: Array, zeros: Array, positive: Any, upstream: Array) -> _Hidden:
        """Make the views."""
        return cls(signal, signal.T, signal[:, :-1], zeros, positive, positive[:, :-1], upstream)

    def first(self, n: int) -> _Hidden:
        """The same buffers for the first n examples."""
        return self.cut(self.signal[:n], self.zeros[:n], self.positive[:n], self.upstream[:n])


def _hidden(n: int, units: int, dtype: np.dtype[Any]) -> _Hidden:
    signal = np.ones((n, units + 1), dtype)
    positive, upstream = np.empty(signal.shape, np.bool_), np.empty((n, units), dtype)
    return _Hidden.cut(signal, np.zeros_like(signal), positive, upstream)


class Backpropagation:
    """Loss and gradient of one network, batch after batch, without new arrays.

    Each signal carries a last column of ones, and each layer is one block `(in + 1, out)`, W.T
    with b below it: so one matrix product applies both, and one gives both gradients.

    Attributes:
        theta: A copy of the network's parameters, block after block; `store` hands them back.
        grad: The gradient of the last batch in the same order; overwritten by the next.

    >>> network = MLP((2, 3, 2), rng=np.random.default_rng(0))
    >>> X, y = np.array([[1.0, 2.0]]), np.array([0])
    >>> backpropagation = Backpropagation(network, softmax_cross_entropy, batch_size=1)
    >>> backpropagation(*backpropagation.prepared(X, y)) - network.loss(X, y) < 1e-15
    True
    >>> np.allclose(backpropagation.gradient(), network.loss_and_gradient(X, y)[1])
    True
    """

    def __init__(self, network: MLP, loss: Loss, batch_size: int) -> None:
        dtype, hidden, classes = network.theta.dtype, network.sizes[1:-1], network.sizes[-1]
        self.theta = aligned_zeros(network.theta.size, dtype)
        self.grad = aligned_zeros(network.theta.size, dtype)
        self._network = network
        self._blocks = _blocks(self.theta, network.sizes)
        self._slopes = _blocks(self.grad, network.sizes)
        self._backwards = [block[:-1].T for block in self._blocks]  # without the biases
        for block, (W, b) in zip(self._blocks, network.layers, strict=True):
            block[:-1], block[-1] = W.T, b
        self._activation = ACTIVATIONS[network.activation]
        self._is_softmax = loss is softmax_cross_entropy
        ones = np.ones((classes, 1), dtype), np.ones(batch_size, dtype)
        in_place = partial(softmax_loss_in_place, *ones, SAFE[dtype])
        self._loss: Loss = in_place if self._is_softmax else loss
        self._scores = np.empty((batch_size, classes), dtype)
        self._hidden = [_hidden(batch_size, units, dtype) for units in hidden]

    def store(self) -> None:
        """Copy the parameters into the network."""
        for block, (W, b) in zip(self._blocks, self._network.layers, strict=True):
            W[...], b[...] = block[:-1].T, block[-1]

    def gradient(self) -> Array:
        """Copy the gradient in the order of the network's theta, `(P,)`."""
        flat = np.empty_like(self._network.theta)
        for slope, (W, b) in zip(self._slopes, self._network.views(flat), strict=True):
            W[...], b[...] = slope[:-1].T, slope[-1]
        return flat

    def prepared(self, X: Array, y: npt.NDArray[Any]) -> tuple[Array, npt.NDArray[Any]]:
        """Give X `(N, in)` its column of ones and turn the labels of a softmax into rows of 0, 1.

        Done once, before the examples are cut into batches.
        """
        ones, classes = np.ones((len(X), 1), X.dtype), self._scores.shape[1]
        return np.hstack([X, ones]), np.eye(classes, dtype=X.dtype)[y] if self._is_softmax else y

    def __call__(self, X: Array, y: npt.NDArray[Any]) -> float:
        """Return the loss on at most batch_size prepared examples; the gradient goes to `grad`."""
        scores, hidden, n = self._scores, self._hidden, len(X)
        if n < len(scores):
            scores, hidden = scores[:n], [layer.first(n) for layer in hidden]
        signal, derivatives = X, []
        for block, layer in zip(self._blocks, hidden, strict=False):
            np.matmul(signal, block, layer.Z)
            derivatives.append(self._activate(layer))
            signal = layer.signal
        signal.dot(self._blocks[-1], scores)
        loss, upstream = self._loss(scores, y)
        for depth in range(len(hidden), 0, -1):
            layer = hidden[depth - 1]
            layer.transposed.dot(upstream, self._slopes[depth])
            upstream.dot(self._backwards[depth], layer.upstream)
            upstream = np.multiply(layer.upstream, derivatives[depth - 1], layer.upstream)
        X.T.dot(upstream, self._slopes[0])
        return loss

    def _activate(self, layer: _Hidden) -> npt.NDArray[Any]:
        """Turn the layer's Z into φ(Z) where it stands; return φ′(Z)."""
        if self._activation.function is relu:
            np.maximum(layer.signal, layer.zeros, out=layer.signal)
            np.greater(layer.signal, layer.zeros, layer.positive)
            return layer.slope
        derivative = self._activation.derivative(layer.Z)
        layer.Z[...] = self._activation.function(layer.Z)
        return derivative


def softmax_loss_in_place(
    by_class: Array, by_example: Array, safe: float, logits: Array, one_hot: npt.NDArray[Any]
) -> tuple[float, Array]:
    """Do as `losses.softmax_cross_entropy` does, with the gradient written over the logits.

    The ones, a column `(K, 1)` and a vector for the largest batch, add up numbers by a product, in
    half the time of a sum over little. `safe` is the entry of `SAFE` for their type.

    >>> ones, logits = np.ones((2, 1)), np.array([[1000.0, 0.0]])
    >>> softmax_loss_in_place(ones, np.ones(1), 1e5, logits, np.array([[0.0, 1.0]]))
    (1000.0, array([[ 1., -1.]]))
    """
    if not np.vdot(logits, logits) < safe:
        logits -= logits.max(axis=1, keepdims=True)
    of_truth, count = float(np.vdot(logits, one_hot)), len(logits)
    np.exp(logits, logits)
    total = logits.dot(by_class)
    loss = (by_example[:count].dot(np.log(total)).item() - of_truth) / count
    np.divide(logits, total, logits)
    np.subtract(logits, one_hot, logits)
    logits *= 1 / count
    return loss, logits


def _blocks(flat: Array, sizes: tuple[int, ...]) -> list[Array]:
    """See a flat vector as one matrix `(in + 1, out)` for each layer."""
    found, start = [], 0
    for inputs, outputs in pairwise(sizes):
        end = start + (inputs + 1) * outputs
        found.append(flat[start:end].reshape(inputs + 1, outputs))
        start = end
    return found
