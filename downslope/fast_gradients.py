"""The fast path of the trainer, first half: loss and gradient in buffers that are made once.

A small network spends its time in Python and in fetching memory, not in arithmetic. Here every
array operation writes into an array that is already there, and nothing is checked: the trainer
has done that. `downslope.networks` is the version to read; tests hold this one to its numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from downslope.activations import ACTIVATIONS, relu
from downslope.arguments import Array
from downslope.losses import Loss, softmax_cross_entropy
from downslope.networks import MLP


class Backpropagation:
    """Loss and gradient of one network, batch after batch, without new arrays.

    Each signal carries a last column of ones. So one matrix product applies weights and bias, and
    one gives the gradients of both.

    Attributes:
        grad: The gradient of the last batch, `(P,)`; overwritten by the next.

    >>> network = MLP((2, 3, 2), rng=np.random.default_rng(0))
    >>> X, y = np.array([[1.0, 2.0]]), np.array([0])
    >>> backpropagation = Backpropagation(network, softmax_cross_entropy, batch_size=1)
    >>> loss = backpropagation(*backpropagation.prepared(X, y))
    >>> np.allclose(backpropagation.grad, network.loss_and_gradient(X, y)[1])
    True
    """

    def __init__(self, network: MLP, loss: Loss, batch_size: int) -> None:
        dtype = network.theta.dtype
        hidden, self._classes = network.sizes[1:-1], network.sizes[-1]
        self.grad = np.zeros_like(network.theta)
        self._blocks, self._slopes = network.blocks(network.theta), network.blocks(self.grad)
        self._activation = ACTIVATIONS[network.activation]
        self._is_softmax = loss is softmax_cross_entropy
        self._loss = softmax_loss_in_place if self._is_softmax else loss
        self._scores = np.empty((batch_size, self._classes), dtype)
        self._signals = [np.ones((batch_size, units + 1), dtype) for units in hidden]
        self._upstreams = [np.empty_like(signal) for signal in self._signals]

    def prepared(self, X: Array, y: npt.NDArray[Any]) -> tuple[Array, npt.NDArray[Any]]:
        """Give X `(N, in)` its column of ones and turn the labels of a softmax into rows of 0, 1.

        Done once, before the examples are cut into batches.
        """
        ones = np.ones((len(X), 1), X.dtype)
        targets = np.eye(self._classes, dtype=X.dtype)[y] if self._is_softmax else y
        return np.hstack([X, ones]), targets

    def __call__(self, X: Array, y: npt.NDArray[Any]) -> float:
        """Return the loss on at most batch_size prepared examples; the gradient goes to `grad`."""
        n = len(X)
        signals, derivatives = [X], []
        for block, buffer in zip(self._blocks, self._signals, strict=False):
            signal = buffer[:n]
            np.matmul(signals[-1], block, out=signal[:, :-1])
            derivatives.append(self._activate(signal))
            signals.append(signal)
        scores = np.matmul(signals[-1], self._blocks[-1], out=self._scores[:n])
        loss, upstream = self._loss(scores, y)
        for depth in range(len(derivatives), 0, -1):
            np.matmul(signals[depth].T, upstream, out=self._slopes[depth])
            below = self._upstreams[depth - 1][:n]
            np.matmul(upstream, self._blocks[depth].T, out=below)
            below *= derivatives[depth - 1]
            upstream = below[:, :-1]  # nothing flows on into a column of ones
        np.matmul(X.T, upstream, out=self._slopes[0])
        return loss

    def _activate(self, signal: Array) -> npt.NDArray[Any]:
        """Turn Z into φ(Z) beside the column of ones; return φ′(Z), the column included."""
        if self._activation.function is relu:
            np.maximum(signal, 0, out=signal)
            return np.asarray(signal > 0)
        Z, derivative = signal[:, :-1], np.ones_like(signal)
        derivative[:, :-1] = self._activation.derivative(Z)
        Z[...] = self._activation.function(Z)
        return derivative


def softmax_loss_in_place(logits: Array, one_hot: npt.NDArray[Any]) -> tuple[float, Array]:
    """Do as `losses.softmax_cross_entropy` does, with the gradient written over the logits.

    Sums are dot products with ones where that is faster than `np.sum`.

    >>> softmax_loss_in_place(np.array([[1000.0, 0.0]]), np.array([[0.0, 1.0]]))
    (1000.0, array([[ 1., -1.]]))
    """
    n, classes = logits.shape
    logits -= logits.max(axis=1, keepdims=True)
    of_truth = np.vdot(logits, one_hot)
    np.exp(logits, out=logits)
    total = np.dot(logits, np.ones(classes, logits.dtype))
    loss = float(np.log(total).sum() - of_truth) / n
    logits /= total[:, None]
    logits -= one_hot
    logits *= 1 / n
    return loss, logits
