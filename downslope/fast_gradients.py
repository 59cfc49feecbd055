"""The fast path of the trainer, first half: loss and gradient in buffers that are made once.

A small network spends its time in Python and in fetching memory, not in arithmetic. Here every
array operation writes into an array that is already there, and nothing is checked: the trainer
has done that. `downslope.networks` is the version to read; tests hold this one to its numbers.

How a call is written matters here, at some three million a minute: `a.dot(b, out)` begins in half
the time of `np.dot(a, b, out=out)`, and a number of Python's costs more than an array of one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import partial
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from downslope.activations import ACTIVATIONS, Activation, relu
from downslope.arguments import Array
from downslope.fast_steps import aligned_zeros
from downslope.losses import Loss, softmax_cross_entropy
from downslope.networks import MLP, Layer

# Scores whose squares sum to less than this can go into exp as they are.
SAFE = {np.dtype(np.float64): 500.0**2, np.dtype(np.float32): 80.0**2}


class _Hidden:
    """The buffers of one hidden layer for n examples, all `(n, units + 1)`.

    The last column stands for the biases of the layer above: ones in the signal, and zeros in the
    slope, since nothing flows on into a one. With it each operation is on a buffer as a whole.

    Attributes:
        signal: Z on the way forward, then φ(Z) where it stood.
        slope: φ′(Z).
        upstream: The gradient that comes back from the layer above.
    """

    def __init__(
        self, activation: Activation, signal: Array, slope: Array, upstream: Array
    ) -> None:
        self.activation = activation
        self.signal, self.slope, self.upstream = signal, slope, upstream
        self.transposed = signal.T

    @classmethod
    def of(cls, activation: Activation, n: int, units: int, dtype: np.dtype[Any]) -> Self:
        """Make the buffers."""
        size = n * (units + 1)
        buffers = (aligned_zeros(size, dtype).reshape(n, units + 1) for _ in range(3))
        return cls(activation, *buffers)

    def first(self, n: int) -> Self:
        """The same buffers for the first n examples."""
        return type(self)(self.activation, self.signal[:n], self.slope[:n], self.upstream[:n])

    def activate(self) -> None:
        """Turn Z into φ(Z), and keep φ′(Z)."""
        Z = self.signal[:, :-1]
        self.slope[:, :-1] = self.activation.derivative(Z)
        Z[...] = self.activation.function(Z)
        self.signal[:, -1] = 1

    def back(self) -> None:
        """Multiply what came back by φ′(Z)."""
        np.multiply(self.upstream, self.slope, self.upstream)


class _ReLU(_Hidden):
    """The slope as bits, all of them set where a unit is active: "and" multiplies by 0 or 1."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        bits = np.dtype(f"i{self.signal.itemsize}")
        self._slope_bits, self._upstream_bits = self.slope.view(bits), self.upstream.view(bits)
        self._to_sign = np.array(8 * bits.itemsize - 1, bits)
        # NumPy takes the larger of two arrays twice as fast as of an array and a number.
        self._floor = np.zeros_like(self.signal)
        self._floor[:, -1] = 1

    def activate(self) -> None:
        np.maximum(self.signal, self._floor, out=self.signal)
        # Below 0 where a unit is active; a shift to the right fills a number with its sign.
        np.subtract(self._floor, self.signal, self.slope)
        np.right_shift(self._slope_bits, self._to_sign, self._slope_bits)

    def back(self) -> None:
        np.bitwise_and(self._upstream_bits, self._slope_bits, self._upstream_bits)


class Backpropagation:
    """Loss and gradient of one network, batch after batch, without new arrays.

    Each signal carries a last column of ones, and each layer is one block `(in + 1, out)`, W.T
    with b below it: so one matrix product applies both, and one gives both gradients. The block
    of a hidden layer has a last column of zeros more, which makes room for the ones of its signal;
    its gradient is 0.

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
        shapes = [(W.shape[1] + 1, W.shape[0] + 1) for W, _ in network.layers[:-1]]
        shapes.append((network.sizes[-2] + 1, classes))
        self.theta, self._blocks = _blocks(shapes, dtype)
        self.grad, self._slopes = _blocks(shapes, dtype)
        self._backwards = [block.T for block in self._blocks]
        self._network = network
        for block, (W, b) in zip(self._blocks, network.layers, strict=True):
            block[:-1, : len(b)], block[-1, : len(b)] = W.T, b
        self._is_softmax = loss is softmax_cross_entropy
        ones = np.ones((classes, 1), dtype), np.ones(batch_size, dtype)
        in_place = partial(softmax_loss_in_place, *ones, SAFE[dtype])
        self._loss: Loss = in_place if self._is_softmax else loss
        scores = aligned_zeros(batch_size * classes, dtype).reshape(batch_size, classes)
        activation = ACTIVATIONS[network.activation]
        kind = _ReLU if activation.function is relu else _Hidden
        layers = [kind.of(activation, batch_size, units, dtype) for units in hidden]
        self._buffers = {batch_size: (scores, layers)}

    def store(self) -> None:
        """Copy the parameters into the network."""
        _copy(self._blocks, self._network.layers)

    def gradient(self) -> Array:
        """Copy the gradient in the order of the network's theta, `(P,)`."""
        flat = np.empty_like(self._network.theta)
        _copy(self._slopes, self._network.views(flat))
        return flat

    def prepared(self, X: Array, y: npt.NDArray[Any]) -> tuple[Array, npt.NDArray[Any]]:
        """Give X `(N, in)` its column of ones and turn the labels of a softmax into rows of 0, 1.

        Done once, before the examples are cut into batches.
        """
        ones, classes = np.ones((len(X), 1), X.dtype), self._network.sizes[-1]
        return np.hstack([X, ones]), np.eye(classes, dtype=X.dtype)[y] if self._is_softmax else y

    def __call__(self, X: Array, y: npt.NDArray[Any]) -> float:
        """Return the loss on at most batch_size prepared examples; the gradient goes to `grad`."""
        scores, hidden = self._buffers.get(len(X)) or self._cut(len(X))
        signal = X
        for block, layer in zip(self._blocks, hidden, strict=False):
            signal.dot(block, layer.signal)
            layer.activate()
            signal = layer.signal
        signal.dot(self._blocks[-1], scores)
        loss, upstream = self._loss(scores, y)
        for depth in range(len(hidden), 0, -1):
            layer = hidden[depth - 1]
            layer.transposed.dot(upstream, self._slopes[depth])
            upstream.dot(self._backwards[depth], layer.upstream)
            layer.back()
            upstream = layer.upstream
        X.T.dot(upstream, self._slopes[0])
        return loss

    def _cut(self, n: int) -> tuple[Array, list[_Hidden]]:
        """Take the buffers for a batch of n examples; as a rule the last one of every epoch."""
        scores, hidden = self._buffers[max(self._buffers)]
        return self._buffers.setdefault(n, (scores[:n], [layer.first(n) for layer in hidden]))


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


def _blocks(shapes: Sequence[tuple[int, int]], dtype: np.dtype[Any]) -> tuple[Array, list[Array]]:
    """Make a flat vector of zeros, and see it as matrices of these shapes."""
    flat = aligned_zeros(sum(map(math.prod, shapes)), dtype)
    ends = itertools.accumulate(map(math.prod, shapes))
    return flat, [
        flat[end - math.prod(shape) : end].reshape(shape)
        for end, shape in zip(ends, shapes, strict=True)
    ]


def _copy(blocks: Sequence[Array], layers: Sequence[Layer]) -> None:
    for block, (W, b) in zip(blocks, layers, strict=True):
        W[...], b[...] = block[:-1, : len(b)].T, block[-1, : len(b)]
