from collections.abc import Callable

import numpy as np
import pytest

from downslope import arguments


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_keep_their_width_and_are_not_copied(dtype: type):
    array = np.ones((2, 3), dtype)
    assert arguments.floats("x", array, ("N", 3)) is array


def test_whole_numbers_become_float64():
    assert arguments.floats("x", [1, 2]).dtype == np.float64


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: arguments.floats("x", [1j]), TypeError, "x must hold .* got dtype complex128"),
        (lambda: arguments.floats("x", ["a"]), TypeError, "x must hold float64 or float32"),
        (lambda: arguments.floats("x", np.ones(2, np.float16)), TypeError, "got dtype float16"),
        (lambda: arguments.floats("x", [[1], [1, 2]]), ValueError, "x must be .* equal rows"),
        (lambda: arguments.floats("x", 1.0, ("N",)), ValueError, r"x must have shape \(N,\); got"),
        (lambda: arguments.labels("y", [0.0], 1, 2), TypeError, "y must hold integer labels; got"),
        (lambda: arguments.labels("y", [0, 1], 3, 2), ValueError, r"shape \(3,\); got \(2,\)"),
        (lambda: arguments.labels("y", [0, -1], 2, 2), ValueError, r"lie in 0\.\.1; got -1"),
        (lambda: arguments.require_number("h", "1"), TypeError, "h must be a number .* got '1'"),
        (lambda: arguments.require_number("h", True), TypeError, "got True"),
        (lambda: arguments.require_number("h", np.nan), ValueError, "that is finite; got nan"),
        (
            lambda: arguments.require_number("h", 2, low=0, high=1),
            ValueError,
            "h must be a number at least 0 and at most 1; got 2",
        ),
        (lambda: arguments.require_count("n", 0), ValueError, "at least 1; got 0"),
        (lambda: arguments.require_count("n", True), TypeError, "n must be a whole number"),
        (lambda: arguments.require_generator("rng", 3), TypeError, "rng must be a numpy.random"),
    ],
)
def test_refusals_name_argument_expected_and_given(
    call: Callable[[], object], error: type[Exception], message: str
):
    with pytest.raises(error, match=message):
        call()
