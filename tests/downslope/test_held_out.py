"""Networks trained by learners: judged by digits that they have not seen, whatever they claim."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from downslope.compare import judge
from downslope.drivers import Case, Contract, Outcome, run_cases
from downslope.held_out import ACCURACY, RECIPE, accuracy, digits_task, given
from downslope.losses import softmax_cross_entropy
from downslope.networks import MLP

CONTRACT = Contract("train", ("params", "X", "y", "lr", "steps"), ("params",))
DATA = {"seed": 3, "examples": 1000}


def first_params() -> list[list[np.ndarray]]:
    return [[W.copy(), b.copy()] for W, b in MLP((64, 14, 10), rng=np.random.default_rng(1)).layers]


CASE: Case = {
    "label": "digits",
    "arguments": {
        "params": first_params(),
        "X": {"digits": "images", **DATA},
        "y": {"digits": "labels", **DATA},
        "lr": 0.5,
        "steps": 150,
    },
    "enough": 0.9,
}


def train(params: Any, X: Any, y: Any, lr: float, steps: int) -> Any:
    network = MLP((64, 14, 10), rng=np.random.default_rng(0))
    network.theta = np.concatenate([part.ravel() for layer in params for part in layer])
    for _ in range(steps):
        network.theta -= lr * network.loss_and_gradient(X, y, softmax_cross_entropy)[1]
    return [(W, b) for W, b in network.layers]


def drive(function: Any) -> list[Outcome]:
    return run_cases("training", function, CONTRACT, [CASE])


def test_a_seed_gives_the_same_data_and_another_one_other_data() -> None:
    (X, y), (unseen, labels) = digits_task(3, 1000)
    again = digits_task(3, 1000)
    assert np.array_equal(X, again[0][0])
    assert np.array_equal(labels, again[1][1])
    assert not np.array_equal(X, digits_task(4, 1000)[0][0])
    assert (len(X) + len(unseen), y.dtype.name, X.max()) == (1797, "int64", 1.0)


def test_only_arguments_that_name_digits_are_replaced() -> None:
    assert given(0.5) == 0.5
    assert given({"digits": "labels", **DATA}).shape == (1000,)
    assert given({"digits": "images", **DATA}).shape == (1000, 64)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: digits_task(-1, 1000), ValueError, "seed must be a whole number of at least 0"),
        (lambda: digits_task(None, 1000), TypeError, "seed must be a whole number of at least 0"),
        (lambda: digits_task(3, -5), ValueError, "examples must be a whole number of at least 1"),
        (lambda: given({"digits": "pixels", **DATA}), ValueError, "digits must be one of images, "),
    ],
)
def test_what_names_no_digits_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_a_trained_network_passes_with_other_numbers_than_the_reference() -> None:
    expected = drive(train)
    other = drive(lambda params, X, y, lr, steps: train(params, X, y, lr, 2 * steps))
    assert expected[0].arrays[ACCURACY] == 0.9
    assert not np.array_equal(other[0].arrays["[0].W"], expected[0].arrays["[0].W"])
    assert judge(other, expected, [], 1e-9).passed


def test_an_untrained_network_fails_whatever_it_claims() -> None:
    outcome = drive(lambda params, *_: params)[0]
    claim = outcome._replace(arrays={**outcome.arrays, ACCURACY: np.array(0.9)})
    verdict = judge([claim], drive(train), [], 1e-9)
    assert not verdict.passed
    assert verdict.divergence is not None
    assert verdict.divergence.array == ACCURACY
    assert verdict.divergence.got < 0.5


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"[0].W": np.ones((10, 63)), "[0].b": np.ones(10)},
        {"[0].W": np.ones((10, 64))},
        {"[0].W": np.full((10, 64), np.nan), "[0].b": np.ones(10)},
    ],
)
def test_what_is_no_network_reads_nothing(arrays: dict[str, np.ndarray]) -> None:
    assert accuracy(arrays, np.array([3.0, 1000.0, 0.9])) == 0.0


@pytest.mark.parametrize(
    "claim",
    [
        {"[0].W": np.zeros((0, 64)), "[0].b": np.zeros(0), "[1].W": np.zeros((10**9, 0))},
        {"[0].b": np.zeros((10**4, 1, 1))},
        {"[1].W": np.zeros((10, 14, 1))},
        {"[0].W": np.zeros((10, 64)), "[0].b": np.zeros(10)},
    ],
)
def test_a_reply_of_other_shapes_is_not_multiplied_out(claim: dict[str, np.ndarray]) -> None:
    """Such products would have billions of entries; layers that nobody asked for are left out."""
    outcome = drive(train)[0]
    forged = outcome._replace(arrays={**outcome.arrays, **claim})
    verdict = judge([forged], drive(train), [], 1e-9)
    assert verdict.divergence is not None
    assert verdict.divergence.got == 0.0
    wider = outcome._replace(arrays={**outcome.arrays, "[2].W": np.zeros((10**5, 10))})
    assert judge([wider], drive(train), [], 1e-9).passed


def test_a_recipe_of_the_learners_own_is_not_used() -> None:
    outcome = drive(lambda params, *_: params)[0]
    easy = outcome._replace(arrays={**outcome.arrays, RECIPE: np.array([3.0, 1000.0, 0.0])})
    assert not judge([easy], drive(train), [], 1e-9).passed


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda params, *_: [(W.T, b) for W, b in params], "shape"),
        (lambda params, *_: params[:1], "nesting"),
        (lambda *_: None, "nothing"),
        (lambda params, *_: [(W.astype(np.float32), b) for W, b in params], "dtype"),
    ],
)
def test_what_cannot_be_measured_is_put_into_words(answer: Any, kind: str) -> None:
    problem = drive(answer)[0].problem
    assert problem is not None
    assert problem.kind == kind
