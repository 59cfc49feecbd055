"""The fast path of the trainer, first half: loss and gradient in buffers that are made once.

A small network spends its time in Python and in fetching memory, not in arithmetic. Here every
array operation writes into an array that is already there, and nothing is checked: the trainer
has done that. `downslope.networks` is the version to read; tests hold this one to its numbers.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope.activations import ACTIVATIONS, relu
from downslope.arguments import Array
from downslope.fast_steps import aligned_zeros
from downslope.losses import Loss, softmax_cross_entropy
from downslope.networks import MLP

# Scores whose squares sum to less than this can go into exp as they are.
SAFE = {np.dtype(np.float64): 500.0**2, np.dtype(np.float32): 80.0**2}


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
        for block, (W, b) in zip(self._blocks, network.layers, strict=True):
            block[:-1], block[-1] = W.T, b
        self._activation = ACTIVATIONS[network.activation]
        self._is_softmax = loss is softmax_cross_entropy
        in_place = partial(softmax_loss_in_place, np.ones(classes, dtype))
        self._loss: Loss = in_place if self._is_softmax else loss
        self._scores = np.empty((batch_size, classes), dtype)
        self._signals = [np.ones((batch_size, units + 1), dtype) for units in hidden]
        self._upstreams = [np.empty_like(signal) for signal in self._signals]
        self._whole = self._buffers(batch_size)

    def _buffers(self, n: int) -> tuple[Array, list[tuple[Array, ...]]]:
        """Cut the buffers for n examples: scores; signal and upstream, with and without ones."""
        pairs = zip(self._signals, self._upstreams, strict=True)
        return self._scores[:n], [
            (signal[:n], signal[:n, :-1], upstream[:n], upstream[:n, :-1])
            for signal, upstream in pairs
        ]

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
        whole = len(X) == len(self._scores)
        scores, hidden = self._whole if whole else self._buffers(len(X))
        signals, derivatives = [X], []
        for block, (signal, Z, _, _) in zip(self._blocks, hidden, strict=False):
            np.matmul(signals[-1], block, out=Z)
            derivatives.append(self._activate(signal, Z))
            signals.append(signal)
        np.dot(signals[-1], self._blocks[-1], out=scores)
        loss, upstream = self._loss(scores, y)
        for depth in range(len(hidden), 0, -1):
            np.dot(signals[depth].T, upstream, out=self._slopes[depth])
            _, _, below, inner = hidden[depth - 1]
            np.dot(upstream, self._blocks[depth].T, out=below)
            below *= derivatives[depth - 1]
            upstream = inner  # nothing flows on into a column of ones
        np.dot(X.T, upstream, out=self._slopes[0])
        return loss

    def _activate(self, signal: Array, Z: Array) -> npt.NDArray[Any]:
        """Turn Z into φ(Z) beside the column of ones; return φ′(Z), the column included."""
        if self._activation.function is relu:
            np.maximum(signal, 0, out=signal)
            return np.asarray(signal > 0)
        derivative = np.ones_like(signal)
        derivative[:, :-1] = self._activation.derivative(Z)
        Z[...] = self._activation.function(Z)
        return derivative


def softmax_loss_in_place(
    ones: Array, logits: Array, one_hot: npt.NDArray[Any]
) -> tuple[float, Array]:
    """Do as `losses.softmax_cross_entropy` does, with the gradient written over the logits.

    >>> softmax_loss_in_place(np.ones(2), np.array([[1000.0, 0.0]]), np.array([[0.0, 1.0]]))
    (1000.0, array([[ 1., -1.]]))
    """
    if not np.vdot(logits, logits) < SAFE[logits.dtype]:
        logits -= logits.max(axis=1, keepdims=True)
    of_truth = np.vdot(logits, one_hot)
    np.exp(logits, out=logits)
    total = np.dot(logits, ones)  # faster than a sum over the rows
    loss = float(np.add.reduce(np.log(total)) - of_truth) / len(logits)
    logits /= total[:, None]
    logits -= one_hot
    logits *= 1 / len(logits)
    return loss, logits


def _blocks(flat: Array, sizes: tuple[int, ...]) -> list[Array]:
    """See a flat vector as one matrix `(in + 1, out)` for each layer."""
    found, start = [], 0
    for inputs, outputs in pairwise(sizes):
        end = start + (inputs + 1) * outputs
        found.append(flat[start:end].reshape(inputs + 1, outputs))
        start = end
    return found
