"""Plain values survive the way through JSON, and nothing else gets in."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from downslope.plain import DTYPES, from_json, to_json

ANY_ARRAY = st.sampled_from(sorted(DTYPES)).flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, min_side=0, max_side=3))
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["array", "dtype", "shape", "x"]), inner)
    ),
    max_leaves=8,
)


def through_json(value: object) -> Any:
    return from_json(json.loads(json.dumps(to_json(value))))


@settings(max_examples=60, deadline=None)
@given(ANY_ARRAY)
def test_an_array_comes_back_bit_by_bit(array: np.ndarray) -> None:
    back = through_json(array)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert np.array_equal(back, array, equal_nan=array.dtype.kind == "f")


@pytest.mark.parametrize("number", [5e-324, 1.7976931348623157e308, -0.0, float("inf"), 0.1 + 0.2])
def test_every_float_is_kept_exactly(number: float) -> None:
    assert str(through_json(np.array(number))) == str(np.array(number))


def test_containers_keep_their_order_and_tuples_become_lists() -> None:
    value = {"b": (1, "x", None, True), "a": [np.float64(0.5), {"t": np.int64(3)}]}
    assert through_json(value) == {"b": [1, "x", None, True], "a": [0.5, {"t": 3}]}


@pytest.mark.parametrize(
    "value",
    [
        np.array([1j]),
        np.array([None]),
        np.array(["text"]),
        np.array([1], dtype=np.uint8),
        {1, 2},
        lambda: None,
        [object()],
        {"key": b"bytes"},
    ],
)
def test_what_is_not_plain_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="cannot be written as plain data"):
        to_json(value)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("dtype", "object"),
        ("dtype", "O"),
        ("dtype", "float16"),
        ("dtype", ["float64"]),
        ("dtype", None),
        ("array", [1.0]),
        ("array", [[1.0], [2.0, 3.0]]),
        ("array", ["x", "y"]),
        ("array", {"x": 1}),
        ("array", [1.0, 10**400]),
        ("shape", [3]),
        ("shape", [2, 0]),
        ("shape", [10**30]),
        ("shape", [2.0, float("inf")]),
        ("shape", 2),
        ("shape", ["a"]),
        ("shape", None),
    ],
)
def test_a_forged_array_is_refused(field: str, wrong: object) -> None:
    data = {"array": [1.0, 2.0], "dtype": "float64", "shape": [2], field: wrong}
    with pytest.raises(ValueError, match="not"):
        from_json(data)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_reading_any_json_gives_a_value_or_a_value_error(data: object) -> None:
    try:
        value = from_json(data)
    except ValueError:
        return
    assert isinstance(value, dict | list | np.ndarray | str | int | float | None)


def test_an_array_inside_an_array_is_not_read() -> None:
    inner = to_json(np.zeros(2))
    with pytest.raises(ValueError, match="not a plain array"):
        from_json({"array": [inner, inner], "dtype": "float64", "shape": [2]})
