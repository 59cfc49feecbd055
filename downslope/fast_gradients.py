"""The fast path of the trainer, first half: loss and gradient in buffers that are made once.

A small network spends its time in Python and in fetching memory, not in arithmetic. Here every
array operation writes into an array that is already there, and nothing is checked: the trainer
has done that. `downslope.networks` is the version to read; tests hold this one to its numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from downslope.activations import ACTIVATIONS
from downslope.arguments import Array
from downslope.losses import Loss, softmax_cross_entropy
from downslope.networks import MLP


class Backpropagation:
    """Loss and gradient of one network, batch after batch, without new arrays.

    Attributes:
        grad: The gradient of the last batch, `(P,)`; overwritten by the next.

    >>> network = MLP((2, 3, 2), rng=np.random.default_rng(0))
    >>> X, y = np.array([[1.0, 2.0]]), np.array([0])
    >>> backpropagation = Backpropagation(network, softmax_cross_entropy, batch_size=1)
    >>> loss = backpropagation(X, y)
    >>> np.allclose(backpropagation.grad, network.loss_and_gradient(X, y)[1])
    True
    """

    def __init__(self, network: MLP, loss: Loss, batch_size: int) -> None:
        dtype = network.theta.dtype
        self.grad = np.zeros_like(network.theta)
        self._layers = list(zip(network.layers, network.views(self.grad), strict=True))
        self._activation = None if network.activation == "relu" else network.activation
        self._loss = softmax_loss_in_place if loss is softmax_cross_entropy else loss
        self._ones = np.ones(batch_size, dtype)
        self._outputs = [np.empty((batch_size, units), dtype) for units in network.sizes[1:]]
        self._upstreams = [np.empty_like(output) for output in self._outputs[:-1]]

    def __call__(self, X: Array, y: Any) -> float:
        """Return the loss on X `(n, in)` and y, n ≤ batch_size; the gradient goes to `grad`."""
        outputs = [buffer[: len(X)] for buffer in self._outputs]
        signals = [X]  # what comes into each layer
        for depth, (layer, _) in enumerate(self._layers):
            if depth:
                signals.append(self._activate(outputs[depth - 1]))
            Z = np.matmul(signals[depth], layer.W.T, out=outputs[depth])
            Z += layer.b
        loss, upstream = self._loss(outputs[-1], y)
        self._backward(signals, outputs, upstream)
        return loss

    def _backward(self, signals: list[Array], outputs: list[Array], upstream: Array) -> None:
        ones = self._ones[: len(upstream)]
        for depth in reversed(range(len(self._layers))):
            layer, slope = self._layers[depth]
            np.matmul(upstream.T, signals[depth], out=slope.W)
            np.matmul(ones, upstream, out=slope.b)  # a sum over the batch, faster than np.sum
            if depth:
                below = self._upstreams[depth - 1][: len(upstream)]
                upstream = np.matmul(upstream, layer.W, out=below)
                self._multiply_by_slope(upstream, outputs[depth - 1])

    def _activate(self, Z: Array) -> Array:
        if self._activation is None:
            return np.maximum(Z, 0, out=Z)
        return ACTIVATIONS[self._activation].function(Z)

    def _multiply_by_slope(self, upstream: Array, Z: Array) -> None:
        if self._activation is None:
            upstream *= Z > 0  # Z holds relu(Z) by now, which is positive in the same places
        else:
            upstream *= ACTIVATIONS[self._activation].derivative(Z)


def softmax_loss_in_place(logits: Array, y: Any) -> tuple[float, Array]:
    """Do as `losses.softmax_cross_entropy` does, with the gradient written over the logits.

    >>> softmax_loss_in_place(np.array([[1000.0, 0.0]]), np.array([1]))
    (1000.0, array([[ 1., -1.]]))
    """
    rows = np.arange(len(logits))
    logits -= logits.max(axis=1, keepdims=True)
    of_truth = logits[rows, y]
    np.exp(logits, out=logits)
    total = logits.sum(axis=1, keepdims=True)
    loss = float(np.log(total).sum() - of_truth.sum()) / len(logits)
    logits /= total
    logits[rows, y] -= 1
    logits /= len(logits)
    return loss, logits
