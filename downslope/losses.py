"""Losses: each takes what a network says and what is true, and returns `(loss, grad)`.

The loss is a number, the mean over the batch. The gradient is taken with respect to the first
argument and has its shape and float type; the 1/N of the mean is already in it. Natural
logarithms throughout. The losses of lecture L0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope.activations import sigmoid
from downslope.arguments import Array, floats, labels

Loss = Callable[[Array, Any], tuple[float, Array]]


def l2_loss(prediction: npt.ArrayLike, target: npt.ArrayLike) -> tuple[float, Array]:
    """Square the distance: mean over n of ‖prediction_n − target_n‖², with arrays `(N, K)`.

    Summed, not averaged, over K; other texts put a factor 1/2 before it. Source: lecture L0; for
    K = 1 it is L1's mean square error.

    Raises:
        TypeError, ValueError: for other types, shapes that differ, or no example.

    >>> l2_loss([[1.0, 2.0]], [[0.0, 4.0]])
    (5.0, array([[ 2., -4.]]))
    """
    difference = _difference(prediction, target)
    count = len(difference)
    return float(np.sum(difference**2)) / count, 2 * difference / count


def l1_loss(prediction: npt.ArrayLike, target: npt.ArrayLike) -> tuple[float, Array]:
    """Add up distances: mean over n of Σ_k |prediction_nk − target_nk|, with arrays `(N, K)`.

    Where prediction and target agree, the gradient is taken to be 0. Source: lecture L0.

    Raises:
        TypeError, ValueError: for other types, shapes that differ, or no example.

    >>> l1_loss([[1.0, 2.0, 3.0]], [[0.0, 4.0, 3.0]])
    (3.0, array([[ 1., -1.,  0.]]))
    """
    difference = _difference(prediction, target)
    count = len(difference)
    return float(np.sum(np.abs(difference))) / count, np.sign(difference) / count


def logistic_loss(logit: npt.ArrayLike, label: npt.ArrayLike) -> tuple[float, Array]:
    """Classify into two: mean over n of ln(1 + e^(−z)) for label 1, ln(1 + e^z) for label 0.

    The binary cross-entropy of lecture L0, in natural logarithms.

    Args:
        logit: z, the log-odds of label 1, `(N,)`.
        label: 0 or 1 for each, `(N,)`.

    Raises:
        TypeError, ValueError: for other types, shapes or labels, or no example.

    >>> logistic_loss([1000.0, -1000.0], [0, 1])
    (1000.0, array([ 0.5, -0.5]))
    """
    logit = floats("logit", logit, ("N",))
    _require_examples("logit", logit)
    label = floats("label", label, logit.shape)
    if not np.isin(label, (0, 1)).all():
        raise ValueError(f"label must be 0 or 1; got {label[~np.isin(label, (0, 1))][0]:g}")
    # Both labels are one case: with z turned round for label 1 the loss is ln(1 + e^z).
    sign = (1 - 2 * label).astype(logit.dtype)
    turned = sign * logit
    losses = np.maximum(turned, 0) + np.log1p(np.exp(-np.abs(turned)))
    return float(losses.mean()), sign * sigmoid(turned) / len(logit)


def softmax_cross_entropy(logits: npt.ArrayLike, y: npt.ArrayLike) -> tuple[float, Array]:
    """Classify into K: mean over n of −ln softmax(logits_n) at the true class.

    Its gradient is the famous difference: (softmax(logits) − one-hot(y)) / N. Source: lecture L0.

    Args:
        logits: Scores, `(N, K)`.
        y: Integer labels from 0 to K − 1, `(N,)`.

    Raises:
        TypeError, ValueError: for other types, shapes or labels, or no example.

    >>> softmax_cross_entropy([[1000.0, 0.0]], [1])
    (1000.0, array([[ 1., -1.]]))
    """
    logits = floats("logits", logits, ("N", "K"))
    _require_examples("logits", logits)
    count, classes = logits.shape
    y = labels("y", y, count, classes)
    rows = np.arange(count)
    shifted = logits - logits.max(axis=1, keepdims=True)
    grad = np.exp(shifted)
    total = grad.sum(axis=1, keepdims=True)
    loss = float(np.sum(np.log(total)) - np.sum(shifted[rows, y])) / count
    grad /= total
    grad[rows, y] -= 1
    return loss, grad / count


def _difference(prediction: npt.ArrayLike, target: npt.ArrayLike) -> Array:
    prediction = floats("prediction", prediction, ("N", "K"))
    _require_examples("prediction", prediction)
    target = floats("target", target, prediction.shape)
    return prediction - target.astype(prediction.dtype, copy=False)


def _require_examples(name: str, array: Array) -> None:
    if not array.size:
        raise ValueError(f"{name} must hold at least one example; got shape {array.shape}")
