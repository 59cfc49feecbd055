from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from downslope import losses
from downslope.gradients import gradient_check

RNG = np.random.default_rng(4)
PREDICTION, TARGET = RNG.normal(size=(2, 5, 3))
LABELS, BITS = RNG.integers(0, 3, 5), RNG.integers(0, 2, 5)
CASES = {
    "l2": (losses.l2_loss, PREDICTION, TARGET),
    "l1": (losses.l1_loss, PREDICTION, TARGET),
    "logistic": (losses.logistic_loss, PREDICTION[:, 0], BITS),
    "softmax": (losses.softmax_cross_entropy, PREDICTION, LABELS),
}
every = pytest.mark.parametrize(("loss", "said", "true"), CASES.values(), ids=CASES)
Loss = Callable[[Any, Any], tuple[float, np.ndarray]]


@every
def test_gradient_is_measured(loss: Loss, said: np.ndarray, true: np.ndarray):
    found = gradient_check(lambda said: loss(said, true)[0], loss(said, true)[1], said)
    assert found.passed, found


@every
def test_loss_is_the_mean_over_the_batch(loss: Loss, said: np.ndarray, true: np.ndarray):
    value, grad = loss(said, true)
    ones = [loss(said[i : i + 1], true[i : i + 1]) for i in range(5)]
    assert value == pytest.approx(np.mean([one for one, _ in ones]))
    np.testing.assert_allclose(grad, np.concatenate([each for _, each in ones]) / 5)


@every
def test_float_type_stays(loss: Loss, said: np.ndarray, true: np.ndarray):
    value, grad = loss(said.astype(np.float32), true)
    assert isinstance(value, float)
    assert grad.dtype == np.float32
    np.testing.assert_allclose(grad, loss(said, true)[1], atol=1e-6)


@every
def test_arguments_are_left_alone(loss: Loss, said: np.ndarray, true: np.ndarray):
    before = said.copy(), true.copy()
    loss(said, true)[1][...] = 7
    np.testing.assert_array_equal(said, before[0])
    np.testing.assert_array_equal(true, before[1])


def test_logistic_is_exact_far_out():
    with np.errstate(all="raise", under="ignore"):
        for logit, label, value, slope in [
            (1000, 1, 0, 0),
            (1000, 0, 1000, 1),
            (-1000, 1, 1000, -1),
            (-1000, 0, 0, 0),
        ]:
            assert losses.logistic_loss([float(logit)], [label]) == (value, [slope])
    value, grad = losses.logistic_loss([40.0], [1])
    assert (value, grad[0]) == (pytest.approx(np.exp(-40)), pytest.approx(-np.exp(-40)))


def test_softmax_cross_entropy_is_exact_far_out():
    with np.errstate(all="raise", under="ignore"):
        value, grad = losses.softmax_cross_entropy([[1000.0, 0, -1000], [-1000, 0, 1000]], [2, 2])
    assert value == 1000
    np.testing.assert_array_equal(grad, [[0.5, 0, -0.5], [0, 0, 0]])


def test_softmax_of_equal_scores_costs_the_logarithm_of_their_number():
    assert losses.softmax_cross_entropy(np.zeros((2, 10)), [0, 9])[0] == pytest.approx(np.log(10))


def test_two_classes_of_softmax_are_the_logistic_loss():
    z = PREDICTION[:, 0]
    scores = np.stack([np.zeros(5), z], axis=1)
    value, grad = losses.softmax_cross_entropy(scores, BITS)
    assert value == pytest.approx(losses.logistic_loss(z, BITS)[0])
    np.testing.assert_allclose(grad[:, 1], losses.logistic_loss(z, BITS)[1])


def test_l1_gradient_at_zero_is_zero():
    np.testing.assert_array_equal(losses.l1_loss([[1.0, 2.0]], [[1.0, 0.0]])[1], [[0, 1]])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: losses.l2_loss([1.0], [1.0]),
            ValueError,
            r"prediction must have shape \(N, K\); got \(1,\)",
        ),
        (
            lambda: losses.l1_loss(np.zeros((2, 3)), np.zeros((2, 1))),
            ValueError,
            r"target must have shape \(2, 3\); got \(2, 1\)",
        ),
        (lambda: losses.l2_loss(np.zeros((0, 3)), np.zeros((0, 3))), ValueError, "one example"),
        (lambda: losses.logistic_loss([0.0], [2]), ValueError, "label must be 0 or 1; got 2"),
        (lambda: losses.logistic_loss([0.0, 1.0], [1]), ValueError, r"label must have shape \(2,"),
        (lambda: losses.softmax_cross_entropy([[0.0, 1]], [2]), ValueError, r"y must lie in 0..1"),
        (lambda: losses.softmax_cross_entropy([[0.0, 1]], [1.0]), TypeError, "integer labels"),
        (lambda: losses.softmax_cross_entropy([["a"]], [0]), TypeError, "logits must hold float"),
    ],
)
def test_refusals(call: Callable[[], object], error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        call()
