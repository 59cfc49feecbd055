"""Probes: pure functions with known properties that a driver hands to a learner's function.

A case names its probe as ``{"probe": "cubic", ...constants}``; the driver puts a `Probe` in its
place, which records the points at which it was called. Entries of an array are weighted
differently, so that an index that is mixed up shows.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

MAX_POINTS = 20_000  # recorded calls of one probe; more are counted as they come, not kept


def weights(x: np.ndarray) -> np.ndarray:
    """Return a weight for each entry: 1, then less and less, down to about 1/2.

    >>> weights(np.zeros((2, 2)))
    array([[1.   , 0.875],
           [0.75 , 0.625]])
    """
    found: np.ndarray = 1.0 - np.arange(x.size).reshape(x.shape) / (2.0 * max(x.size, 1))
    return found


def quadratic(x: np.ndarray, hessian: np.ndarray) -> float:
    """Return x·Hx/2 over the flattened x, for a symmetric H."""
    flat = x.reshape(-1)
    return float(flat @ hessian @ flat / 2)


def quadratic_gradient(x: np.ndarray, hessian: np.ndarray) -> np.ndarray:
    """Return Hx in the shape of x."""
    found: np.ndarray = hessian @ x.reshape(-1)
    return found.reshape(x.shape)


def shifted_quadratic_gradient(
    x: np.ndarray, hessian: np.ndarray, minimum: np.ndarray
) -> np.ndarray:
    """Return H(x - minimum): the gradient of a bowl whose lowest point is not the origin."""
    return quadratic_gradient(x - minimum, hessian)


def cubic(x: np.ndarray) -> float:
    """Return sum w x³: a central difference is off by exactly w h²."""
    return float(np.sum(weights(x) * x**3))


def cubic_gradient(x: np.ndarray) -> np.ndarray:
    """Return 3 w x²."""
    found: np.ndarray = 3 * weights(x) * x**2
    return found


def sines(x: np.ndarray) -> float:
    """Return sum w sin x, for arrays of any shape."""
    return float(np.sum(weights(x) * np.sin(x)))


def sines_gradient(x: np.ndarray) -> np.ndarray:
    """Return w cos x."""
    found: np.ndarray = weights(x) * np.cos(x)
    return found


def wave(x: np.ndarray) -> float:
    """Return sin(sum w x): every partial derivative depends on all entries."""
    return float(np.sin(np.sum(weights(x) * x)))


def wave_gradient(x: np.ndarray) -> np.ndarray:
    """Return w cos(sum w x)."""
    found: np.ndarray = weights(x) * np.cos(np.sum(weights(x) * x))
    return found


def linear(x: np.ndarray, slope: np.ndarray) -> float:
    """Return the sum of slope * x."""
    return float(np.sum(slope * x))


def batch_gradient(theta: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the mean over the rows of X of (x·theta - y) x: the gradient of half a square loss.

    Raises:
        ValueError: when X is no table, or has another number of rows than y.
    """
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError(
            f"grad_fn got X of shape {X.shape} and y of shape {y.shape}. "
            "Give it a batch: X of shape (B, D) and y of shape (B,)"
        )
    if not len(y):
        raise ValueError("grad_fn got a batch without examples")
    found: np.ndarray = (X @ np.asarray(theta, dtype=np.float64) - y) @ X / len(y)
    return found


def constant_gradient(x: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Return the same slope everywhere, in the shape of x."""
    return np.broadcast_to(slope, x.shape).copy()


def falling_rate(t: np.ndarray, first: float, k: float) -> np.ndarray:
    """Return a learning rate that shrinks by the same factor at every step."""
    found: np.ndarray = first * np.exp(-k * t)
    return found


def waving_rate(t: np.ndarray, middle: float) -> np.ndarray:
    """Return a learning rate that waves about its middle: not the highest at t = 0."""
    found: np.ndarray = middle * (1 + np.sin(t + 0.6) / 2)
    return found


PROBES: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        *(quadratic, quadratic_gradient, shifted_quadratic_gradient, cubic, cubic_gradient),
        *(sines, sines_gradient, wave, wave_gradient, linear, constant_gradient, batch_gradient),
        *(falling_rate, waving_rate),
    )
}


class Probe:
    """A named probe with its constants; pure, and it remembers where it was called.

    Args:
        name: key of `PROBES`.
        constants: further arguments of the function.
        points: list to which a copy of each point is added.
    """

    def __init__(
        self, name: str, constants: Mapping[str, Any], points: list[np.ndarray] | None = None
    ) -> None:
        self.__name__ = name
        self._function = PROBES[name]
        self._signature = inspect.signature(self._function)
        self._constants = {key: np.array(value) for key, value in constants.items()}
        self._points = [] if points is None else points

    def __repr__(self) -> str:
        return f"Probe({self.__name__!r}, {self._constants})"

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Return the function's value at a copy of its first argument; a batch's data may follow.

        Raises:
            TypeError: for other arguments than those of the function.
        """
        bound = self._signature.bind(*given, **named, **self._constants).arguments
        first = next(iter(self._signature.parameters))
        point = np.array(bound[first], dtype=np.float64)
        if len(self._points) < MAX_POINTS:
            self._points.append(point)
        return self._function(**{**bound, first: point.copy()})


def make_probe(spec: Mapping[str, Any], points: list[np.ndarray] | None = None) -> Probe:
    """Make the probe that ``{"probe": name, ...constants}`` names.

    Raises:
        ValueError: for an unknown name.
    """
    name = spec["probe"]
    if name not in PROBES:
        raise ValueError(f"unknown probe {name!r}; known are {', '.join(PROBES)}")
    return Probe(name, {key: value for key, value in spec.items() if key != "probe"}, points)
