"""Parameters as layers and as one vector: there and back, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from downslope.parameters import accuracy, first_params, flatten, logits, unflatten

RNG = np.random.default_rng(0)
PARAMS = [
    (RNG.normal(size=(4, 3)), RNG.normal(size=4)),
    (RNG.normal(size=(2, 4)), RNG.normal(size=2)),
]
X = RNG.normal(size=(5, 3))


def test_flattening_comes_back() -> None:
    theta = flatten(PARAMS)
    assert theta.shape == (4 * 3 + 4 + 2 * 4 + 2,)
    for given, found in zip(PARAMS, unflatten(theta, PARAMS), strict=True):
        np.testing.assert_array_equal(found[0], given[0])
        np.testing.assert_array_equal(found[1], given[1])


def test_logits_follow_the_recursion_example_by_example() -> None:
    (W1, b1), (W2, b2) = PARAMS
    expected = [W2 @ np.maximum(W1 @ x + b1, 0) + b2 for x in X]
    np.testing.assert_allclose(logits(PARAMS, X), expected, rtol=1e-12)


def test_first_parameters_have_the_variance_of_he() -> None:
    W, b = first_params((400, 500), np.random.default_rng(1))[0]
    assert W.shape == (500, 400)
    assert W.var() == pytest.approx(2 / 400, rel=0.02)
    assert not b.any()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: flatten([("a", np.zeros(1))]), TypeError, "params must hold .* dtype <U1"),
        (lambda: flatten([]), ValueError, "params must hold at least one layer; got none"),
        (
            lambda: unflatten(np.zeros(25), PARAMS),
            ValueError,
            r"theta must have shape \(26,\); got",
        ),
        (
            lambda: unflatten(np.zeros(27), PARAMS),
            ValueError,
            r"theta must have shape \(26,\); got",
        ),
        (
            lambda: unflatten([0.0] * 26, PARAMS),
            TypeError,
            "theta must be a flat array .* got list",
        ),
        (lambda: first_params((3, 2), 7), TypeError, r"rng must be a numpy\.random\.Generator"),
        (
            lambda: first_params((0, 2), RNG),
            ValueError,
            "every size must be a whole number .* got 0",
        ),
        (lambda: accuracy(PARAMS, X, 0), ValueError, r"y must have shape \(5,\); got \(\)"),
        (lambda: accuracy(PARAMS, X, np.zeros(4)), ValueError, r"y must have shape \(5,\); got"),
    ],
)
def test_refusals(call: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
