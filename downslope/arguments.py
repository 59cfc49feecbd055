"""Look at arguments before they are used, and refuse them in words that help.

Every refusal names the argument, what was expected of it and what was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.integer[Any]]
Shape = Sequence[int | str]

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def floats(name: str, value: npt.ArrayLike, shape: Shape | None = None) -> Array:
    """See `value` as an array of floats: float32 stays, whole numbers become float64.

    Args:
        name: What messages call the argument.
        value: Anything that NumPy takes for an array of real numbers; never copied without need.
        shape: Wanted length of each axis; a word such as "N" stands for any length.

    Raises:
        TypeError: for text, complex numbers, objects, or floats of another width.
        ValueError: for another shape.

    >>> floats("X", [[1, 2]], ("N", 2))
    array([[1., 2.]])
    >>> floats("X", [1, 2], ("N", 2))
    Traceback (most recent call last):
    ValueError: X must have shape (N, 2); got (2,)
    """
    array = _as_array(name, value)
    if array.dtype.kind in "iub":
        array = array.astype(np.float64)
    if array.dtype not in FLOATS:
        raise TypeError(f"{name} must hold float64 or float32 numbers; got dtype {array.dtype}")
    require_shape(name, array, shape)
    return array


def labels(name: str, value: npt.ArrayLike, count: int | str, classes: int) -> Integers:
    """See `value` as class labels: `count` integers from 0 to `classes` - 1.

    Raises:
        TypeError: for labels that are not integers.
        ValueError: for another shape, or a label out of range.

    >>> labels("y", [0, 3], 2, classes=3)
    Traceback (most recent call last):
    ValueError: y must lie in 0..2; got 3
    """
    array = _as_array(name, value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integer labels; got dtype {array.dtype}")
    require_shape(name, array, (count,))
    if array.size and not 0 <= array.min() <= array.max() < classes:
        wrong = array.min() if array.min() < 0 else array.max()
        raise ValueError(f"{name} must lie in 0..{classes - 1}; got {wrong}")
    return array


def require_shape(name: str, array: npt.NDArray[Any], shape: Shape | None) -> None:
    """Refuse an array whose shape is not the wanted one.

    >>> require_shape("b", np.zeros(3), (2,))
    Traceback (most recent call last):
    ValueError: b must have shape (2,); got (3,)
    """
    if shape is None or (
        len(shape) == array.ndim
        and all(
            isinstance(wanted, str) or wanted == length
            for wanted, length in zip(shape, array.shape, strict=True)
        )
    ):
        return
    wanted = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
    raise ValueError(f"{name} must have shape ({wanted}); got {array.shape}")


def require_number(
    name: str, value: Any, *, low: float = -np.inf, above: float = -np.inf, high: float = np.inf
) -> float:
    """Refuse what is not a finite number with `low` ≤ value ≤ `high` and value > `above`.

    >>> require_number("lr", 0.1, above=0)
    0.1
    >>> require_number("lr", 0, above=0)
    Traceback (most recent call last):
    ValueError: lr must be a number above 0; got 0
    """
    real = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if real and np.isfinite(value) and low <= value <= high and value > above:
        return float(value)
    bounds = [f"at least {low}"] * (low > -np.inf) + [f"above {above}"] * (above > -np.inf)
    bounds += [f"at most {high}"] * (high < np.inf)
    kind = ValueError if real else TypeError
    raise kind(f"{name} must be a number {' and '.join(bounds) or 'that is finite'}; got {value!r}")


def require_count(name: str, value: Any, *, low: int = 1) -> int:
    """Refuse what is not a whole number of at least `low`.

    >>> require_count("epochs", 2.5)
    Traceback (most recent call last):
    TypeError: epochs must be a whole number of at least 1; got 2.5
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if whole and value >= low:
        return int(value)
    kind = ValueError if whole else TypeError
    raise kind(f"{name} must be a whole number of at least {low}; got {value!r}")


def require_choice(name: str, value: Any, choices: Sequence[str]) -> str:
    """Refuse a word that is not among the choices.

    >>> require_choice("activation", "rely", ["relu", "tanh"])
    Traceback (most recent call last):
    ValueError: activation must be one of relu, tanh; got 'rely'
    """
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}; got {value!r}")
    return value


def require_generator(name: str, value: Any) -> np.random.Generator:
    """Refuse a seed where a random generator is wanted.

    >>> require_generator("rng", 7)
    Traceback (most recent call last):
    TypeError: rng must be a numpy.random.Generator, such as np.random.default_rng(0); got int
    """
    if not isinstance(value, np.random.Generator):
        raise TypeError(
            f"{name} must be a numpy.random.Generator, such as np.random.default_rng(0); "
            f"got {type(value).__name__}"
        )
    return value


def require_kind(name: str, value: Any, kind: type[Any], wanted: str) -> None:
    """Refuse a value of another kind, saying what is wanted.

    >>> require_kind("history", 3, dict, "be a dict of losses")
    Traceback (most recent call last):
    TypeError: history must be a dict of losses; got int
    """
    if not isinstance(value, kind):
        raise TypeError(f"{name} must {wanted}; got {type(value).__name__}")


def require_callable(name: str, value: Any) -> None:
    """Refuse what is no function.

    >>> require_callable("evaluate", 0.5)
    Traceback (most recent call last):
    TypeError: evaluate must be a function; got float
    """
    if not callable(value):
        raise TypeError(f"{name} must be a function; got {type(value).__name__}")


def require_items(name: str, value: Any, wanted: str) -> list[Any]:
    """List what stands in a list, a tuple, or anything else that gives one thing after another.

    >>> require_items("names", ("relu", "tanh"), "names of activations")
    ['relu', 'tanh']
    >>> require_items("names", "relu", "names of activations")
    Traceback (most recent call last):
    TypeError: names must be a list of names of activations; got str
    """
    try:
        if isinstance(value, str | bytes):
            raise TypeError
        return list(value)
    except TypeError:
        raise TypeError(f"{name} must be a list of {wanted}; got {type(value).__name__}") from None


def require_range(name: str, value: Any, *, above: float = -np.inf) -> tuple[float, float]:
    """See `value` as two finite numbers, the first one lower, both greater than `above`.

    >>> require_range("lr", [0.1, 1])
    (0.1, 1.0)
    >>> require_range("lr", (0, 1), above=0)
    Traceback (most recent call last):
    ValueError: lr must be (low, high) with 0 < low < high; got (0, 1)
    """
    low, high = floats(name, value, (2,)).tolist()
    if not above < low < high < np.inf:
        start = f"{above:g} < " if above > -np.inf else ""
        raise ValueError(f"{name} must be (low, high) with {start}low < high; got {value}")
    return low, high


def require_float_type(name: str, value: Any) -> np.dtype[Any]:
    """Refuse what does not stand for float64 or float32.

    >>> require_float_type("dtype", "int8")
    Traceback (most recent call last):
    TypeError: dtype must be float64 or float32; got int8
    """
    try:
        dtype: np.dtype[Any] | None = None if value is None else np.dtype(value)
    except TypeError:
        dtype = None
    if dtype is None or dtype not in FLOATS:
        raise TypeError(f"{name} must be float64 or float32; got {dtype or repr(value)}")
    return dtype


def _as_array(name: str, value: npt.ArrayLike) -> npt.NDArray[Any]:
    try:
        return np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name} must be an array with equal rows; {error}") from None
