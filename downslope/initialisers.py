"""First weights of a layer: functions `(shape, rng, dtype) -> W` with shape `(out, in)`.

Biases start at zero. Random ones draw in float64 and round, so that the same generator gives
float32 and float64 networks the same weights.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from downslope.arguments import (
    Array,
    require_count,
    require_float_type,
    require_generator,
    require_items,
    require_number,
)

Initialiser = Callable[[tuple[int, int], np.random.Generator, npt.DTypeLike], Array]


def zeros(
    shape: tuple[int, int], rng: np.random.Generator, dtype: npt.DTypeLike = np.float64
) -> Array:
    """Start at zero: right for one layer; in a deeper network all units of a layer stay alike.

    In no lecture; see Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 8.4. rng
    moves on as it does for the others.

    Raises:
        TypeError, ValueError: for another shape than `(out, in)`, a seed for rng, another dtype.

    >>> zeros((1, 3), np.random.default_rng(0))
    array([[0., 0., 0.]])
    """
    return np.abs(_draw(0.0, shape, rng, dtype))


def normal(std: float = 0.01) -> Initialiser:
    """Make an initialiser that draws from a normal distribution with the given deviation.

    It takes `(shape, rng, dtype)` and gives W `(out, in)`. In no lecture; 0.01 is the choice of
    Krizhevsky, Sutskever and Hinton, 2012.

    Raises:
        TypeError, ValueError: for an std below 0 or not finite; in a call as `he` does.

    >>> normal(0.5)((200, 300), np.random.default_rng(0), np.float64).std().round(2)
    np.float64(0.5)
    """
    require_number("std", std, low=0)

    def initialise(
        shape: tuple[int, int], rng: np.random.Generator, dtype: npt.DTypeLike = np.float64
    ) -> Array:
        return _draw(std, shape, rng, dtype)

    return initialise


def xavier(
    shape: tuple[int, int], rng: np.random.Generator, dtype: npt.DTypeLike = np.float64
) -> Array:
    """Draw with variance 2 / (in + out): signals and gradients keep their size through tanh.

    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", 2010, in its normal form. Gives W `(out, in)`.

    Raises:
        TypeError, ValueError: for another shape than `(out, in)`, a seed for rng, another dtype.

    >>> xavier((100, 300), np.random.default_rng(0)).var().round(4), 2 / 400
    (np.float64(0.005), 0.005)
    """
    outputs, inputs = _sizes(shape)
    return _draw(np.sqrt(2 / (inputs + outputs)), shape, rng, dtype)


def he(
    shape: tuple[int, int], rng: np.random.Generator, dtype: npt.DTypeLike = np.float64
) -> Array:
    """Draw with variance 2 / in: makes up for the half that ReLU sets to zero.

    He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015. Gives W `(out, in)`.

    Raises:
        TypeError, ValueError: for another shape than `(out, in)`, a seed for rng, another dtype.

    >>> he((100, 400), np.random.default_rng(0)).var().round(3), 2 / 400
    (np.float64(0.005), 0.005)
    """
    _, inputs = _sizes(shape)
    return _draw(np.sqrt(2 / inputs), shape, rng, dtype)


def _sizes(shape: tuple[int, int]) -> tuple[int, int]:
    sizes = require_items("shape", shape, "two sizes, (out, in)")
    if len(sizes) != 2:
        raise ValueError(f"shape must be (out, in); got {shape}")
    return require_count("out of shape", sizes[0]), require_count("in of shape", sizes[1])


def _draw(
    std: float, shape: tuple[int, int], rng: np.random.Generator, dtype: npt.DTypeLike
) -> Array:
    require_float_type("dtype", dtype)
    weights = std * require_generator("rng", rng).standard_normal(_sizes(shape))
    return np.asarray(weights.astype(dtype, copy=False))
