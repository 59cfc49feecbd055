"""Activation functions and their derivatives, element by element; softmax with its Jacobian.

All take an array of any shape and return a new one of the same shape and float type; none
overflows, however large the input. The formulas of lecture L0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from downslope.arguments import Array, floats, require_number


class Activation(NamedTuple):
    """An elementwise function and its derivative, both of the input z (lectures L0, L1).

    A plain record: it checks nothing. Both give an array of z's shape.

    >>> ACTIVATIONS["relu"].function([-2.0, 3.0]), ACTIVATIONS["relu"].derivative([-2.0, 3.0])
    (array([0., 3.]), array([0., 1.]))
    """

    function: Callable[[npt.ArrayLike], Array]
    derivative: Callable[[npt.ArrayLike], Array]


def sigmoid(z: npt.ArrayLike) -> Array:
    """Squash to (0, 1): σ(z) = 1 / (1 + e^(−z)), for z of any shape (lecture L0).

    Raises:
        TypeError, ValueError: for a z that is no array of float64, float32 or whole numbers.

    >>> sigmoid([-1000.0, 0.0, 1000.0])
    array([0. , 0.5, 1. ])
    """
    z = floats("z", z)
    small = np.exp(-np.abs(z))  # at most 1, so that no exponential overflows
    return np.asarray(np.where(z < 0, small, 1) / (1 + small))


def sigmoid_derivative(z: npt.ArrayLike) -> Array:
    """Slope of the sigmoid: σ(z) (1 − σ(z)), at most 1/4, for z of any shape (lecture L1).

    Written with e^(−|z|), since 1 − σ(z) has no correct digit left from z = 37 on.

    Raises:
        TypeError, ValueError: for a z that is no array of float64, float32 or whole numbers.

    >>> sigmoid_derivative([0.0, 50.0])
    array([2.50000000e-01, 1.92874985e-22])
    """
    small = np.exp(-np.abs(floats("z", z)))
    return np.asarray(small / (1 + small) ** 2)


def tanh(z: npt.ArrayLike) -> Array:
    """Squash to (−1, 1): the hyperbolic tangent, 2σ(2z) − 1, for z of any shape (lecture L0).

    Raises:
        TypeError, ValueError: for a z that is no array of float64, float32 or whole numbers.

    >>> tanh([-1000.0, 0.0, 0.5]).round(3)
    array([-1.   ,  0.   ,  0.462])
    """
    return np.asarray(np.tanh(floats("z", z)))


def tanh_derivative(z: npt.ArrayLike) -> Array:
    """Slope of tanh: 1 − tanh²(z), which is 4σ′(2z), for z of any shape (lecture L1).

    Raises:
        TypeError, ValueError: for a z that is no array of float64, float32 or whole numbers.

    >>> tanh_derivative([0.0, 0.5]).round(3)
    array([1.   , 0.786])
    """
    return 4 * sigmoid_derivative(2 * floats("z", z))


def relu(z: npt.ArrayLike) -> Array:
    """Keep what is positive: max(0, z), for z of any shape (lecture L0).

    Raises:
        TypeError, ValueError: for a z that is no array of float64, float32 or whole numbers.

    >>> relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    """
    return np.asarray(np.maximum(floats("z", z), 0))


def relu_derivative(z: npt.ArrayLike) -> Array:
    """Slope of ReLU: 1 where z > 0, else 0; at 0, where it has none, 0 is taken (lecture L1).

    z may have any shape.

    Raises:
        TypeError, ValueError: for a z that is no array of float64, float32 or whole numbers.

    >>> relu_derivative([-2.0, 0.0, 3.0])
    array([0., 0., 1.])
    """
    z = floats("z", z)
    return (z > 0).astype(z.dtype)


def leaky_relu(z: npt.ArrayLike, slope: float = 0.01) -> Array:
    """Keep what is positive, and a small part of the rest: z where z > 0, else slope·z.

    z may have any shape (lecture L0; Maas, Hannun and Ng, 2013).

    Raises:
        TypeError, ValueError: for a z that is no array of float64, float32 or whole numbers, or
            a slope that is no finite number.

    >>> leaky_relu([-2.0, 0.0, 3.0])
    array([-0.02,  0.  ,  3.  ])
    """
    z, slope = floats("z", z), require_number("slope", slope)
    return np.where(z > 0, z, slope * z)


def leaky_relu_derivative(z: npt.ArrayLike, slope: float = 0.01) -> Array:
    """Slope of leaky ReLU: 1 where z > 0, else `slope`, also at 0.

    z may have any shape. The function is lecture L0's; at 0 the left slope is taken, as lecture L1
    does for ReLU.

    Raises:
        TypeError, ValueError: for a z that is no array of float64, float32 or whole numbers, or
            a slope that is no finite number.

    >>> leaky_relu_derivative([-2.0, 0.0, 3.0])
    array([0.01, 0.01, 1.  ])
    """
    z, slope = floats("z", z), require_number("slope", slope)
    return np.where(z > 0, z.dtype.type(1), z.dtype.type(slope))


def elu(z: npt.ArrayLike, alpha: float = 1.0) -> Array:
    """Bend smoothly towards −alpha: z where z > 0, else alpha·(e^z − 1); z of any shape.

    Lecture L0; Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by
    exponential linear units", 2016.

    Raises:
        TypeError, ValueError: for a z that is no array of float64, float32 or whole numbers, or
            an alpha that is no finite number.

    >>> elu([-1000.0, -1.0, 3.0]).round(3)
    array([-1.   , -0.632,  3.   ])
    """
    z, alpha = floats("z", z), require_number("alpha", alpha)
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))


def elu_derivative(z: npt.ArrayLike, alpha: float = 1.0) -> Array:
    """Slope of ELU: 1 where z > 0, else alpha·e^z; z of any shape (Clevert et al., 2016).

    Raises:
        TypeError, ValueError: for a z that is no array of float64, float32 or whole numbers, or
            an alpha that is no finite number.

    >>> elu_derivative([-1.0, 0.0, 3.0]).round(3)
    array([0.368, 1.   , 1.   ])
    """
    z, alpha = floats("z", z), require_number("alpha", alpha)
    return np.where(z > 0, z.dtype.type(1), alpha * np.exp(np.minimum(z, 0)))


def softmax(z: npt.ArrayLike) -> Array:
    """Turn scores `(..., K)` into probabilities along the last axis: e^(z_i) / Σ_k e^(z_k).

    The largest score is taken off first: that changes nothing but keeps e^z finite. Source:
    lecture L0.

    Raises:
        TypeError: for a z that holds no float64, float32 or whole numbers.
        ValueError: for a z without a score, or a single number.

    >>> softmax([[0.0, 0.0], [1000.0, 0.0]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    z = floats("z", z)
    if not z.ndim or not z.shape[-1]:
        raise ValueError(f"z must have shape (..., K) with at least one score; got {z.shape}")
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def softmax_jacobian(p: npt.ArrayLike) -> Array:
    """Differentiate softmax: ∂p_i/∂z_j = p_i (δ_ij − p_j), `(K, K)`, from its output p `(K,)`.

    The dense Jacobian of lecture L0. Whether p adds up to 1 is not checked.

    Raises:
        TypeError, ValueError: for a p of another type or shape.

    >>> softmax_jacobian([0.5, 0.5])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    p = floats("p", p, ("K",))
    return np.diag(p) - np.outer(p, p)


ACTIVATIONS = {
    "sigmoid": Activation(sigmoid, sigmoid_derivative),
    "tanh": Activation(tanh, tanh_derivative),
    "relu": Activation(relu, relu_derivative),
    "leaky_relu": Activation(leaky_relu, leaky_relu_derivative),
    "elu": Activation(elu, elu_derivative),
}
