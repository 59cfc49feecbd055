"""Plain values: the only form in which cases and answers travel between processes and files.

An array is written as ``{"array": nested lists, "dtype": name, "shape": [...]}``; numbers, strings,
booleans, None, lists and string-keyed dicts stand for themselves. Nothing here can run code:
reading a plain value needs JSON alone, never a pickle.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Json = Any
DTYPES = {"float64", "float32", "int64", "bool"}


def to_json(value: object) -> Json:
    """Write arrays, numbers, strings and containers of them as JSON-ready data.

    Args:
        value: a NumPy array of one of `DTYPES`, a number, a string, None, or a list, tuple or
            string-keyed dict of these.

    Raises:
        TypeError: for anything else.

    >>> to_json({"theta": np.array([1.0, 2.0]), "t": 3})
    {'theta': {'array': [1.0, 2.0], 'dtype': 'float64', 'shape': [2]}, 't': 3}
    """
    if isinstance(value, np.ndarray):
        if value.dtype.name not in DTYPES:
            raise TypeError(f"an array of dtype {value.dtype} cannot be written as plain data")
        return {"array": value.tolist(), "dtype": value.dtype.name, "shape": list(value.shape)}
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a dict with other keys than strings cannot be written as plain data")
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"a value of type {type(value).__name__} cannot be written as plain data")


def from_json(data: Json) -> Any:
    """Read what `to_json` wrote; lists stay lists.

    Raises:
        ValueError: for an array whose dtype is not allowed or whose shape does not fit its data.

    >>> from_json({"array": [1.0, 2.0], "dtype": "float64", "shape": [2]})
    array([1., 2.])
    """
    if isinstance(data, dict):
        if set(data) == {"array", "dtype", "shape"}:
            return _array_from_json(data)
        return {key: from_json(item) for key, item in data.items()}
    if isinstance(data, list):
        return [from_json(item) for item in data]
    return data


def _array_from_json(data: dict[str, Json]) -> np.ndarray:
    if not isinstance(data["dtype"], str) or data["dtype"] not in DTYPES:
        raise ValueError(f"dtype {str(data['dtype'])[:40]!r} is not one of {sorted(DTYPES)}")
    try:
        array = np.array(data["array"], dtype=data["dtype"])
        return array.reshape([int(size) for size in data["shape"]])
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"not a plain array: {error}") from None
