from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from downslope import optimizers
from downslope.losses import softmax_cross_entropy
from downslope.networks import MLP
from downslope.optimizers import Optimizer
from downslope.updates import FastUpdates, PlainUpdates, stepper, updates_of

RNG = np.random.default_rng(12)
GRADS = RNG.normal(size=(20, 6))


def sgd_step(theta, grad, lr):  # noqa: ANN001 - as a learner writes it
    return theta - lr * grad


def momentum_step(theta, grad, m, lr, rho):  # noqa: ANN001
    m = rho * m + grad
    return theta - lr * m, m


def adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):  # noqa: ANN001
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def walk(rule: Any, dtype: type = np.float64, **settings: float) -> np.ndarray:
    theta = np.linspace(-1, 1, 6).astype(dtype)
    step = stepper(rule, theta, settings)
    for grad in GRADS.astype(dtype):
        step(grad, 0.1)
    return theta


@pytest.mark.parametrize(
    ("step", "optimizer"),
    [
        (sgd_step, optimizers.sgd()),
        (momentum_step, optimizers.momentum()),
        (adam_step, optimizers.adam()),
    ],
)
def test_learners_rules_plug_in_unchanged(step: Callable, optimizer: Optimizer):
    np.testing.assert_allclose(walk(step), walk(optimizer), rtol=1e-13)
    narrow = walk(step, np.float32)
    assert narrow.dtype == np.float32
    np.testing.assert_allclose(narrow, walk(step), atol=1e-5)


def test_settings_reach_the_rule():
    np.testing.assert_allclose(walk(momentum_step, rho=0.5), walk(optimizers.momentum(0.5)))


def test_a_rule_may_not_change_the_gradient_or_theta_behind_the_back():
    def rude(theta, grad, lr):  # noqa: ANN001, ANN202
        new = theta - lr * grad
        theta[...] = grad[...] = 99
        return new

    np.testing.assert_array_equal(walk(rude), walk(sgd_step))


def test_an_unwritten_rule_says_so():
    def unwritten(theta, grad, lr):  # noqa: ANN001, ANN202
        raise NotImplementedError("sgd_step is not written yet")

    with pytest.raises(NotImplementedError, match="sgd_step is not written yet"):
        walk(unwritten)


@pytest.mark.parametrize(
    ("rule", "settings", "message"),
    [
        (3, {}, "optimizer must be an Optimizer or an update rule; got 3"),
        (sgd_step, {"momentum": 0.9}, "settings must be among lr, rho, .*; got momentum"),
        (optimizers.adam(), {"beta1": 0.5}, "settings are for update rules; give beta1 to the opt"),
        (lambda theta, grad, gamma: theta, {}, "has a parameter 'gamma'"),
        (lambda theta, grad: (theta, grad), {}, "must return theta; it gave 2"),
        (lambda theta, grad: theta[:1], {}, r"returned theta of shape \(1,\)"),
    ],
)
def test_refusals(rule: Any, settings: dict[str, float], message: str):
    with pytest.raises(TypeError, match=message):
        walk(rule, **settings)


def test_fast_where_there_is_a_fast_form():
    network = MLP((2, 2), rng=RNG)
    foreign = optimizers.adam()._replace(recipe=())
    for rule, kind in [
        (optimizers.adam(), FastUpdates),
        (foreign, PlainUpdates),
        (adam_step, PlainUpdates),
    ]:
        assert isinstance(updates_of(network, rule, softmax_cross_entropy, 4, {}), kind)


@pytest.mark.parametrize("rule", [optimizers.sgd(), optimizers.sgd()._replace(recipe=())])
def test_a_loss_that_is_not_finite_moves_nothing(rule: Optimizer):
    network = MLP((1, 2), rng=RNG).at([1.0, 2.0, 3.0, 4.0])
    update = updates_of(network, rule, softmax_cross_entropy, 1, {})
    with np.errstate(all="ignore"):
        loss = update(*update.prepared(np.array([[np.nan]]), np.array([0])), lr=0.1)
    update.store()
    assert not np.isfinite(loss)
    np.testing.assert_array_equal(network.theta, [1, 2, 3, 4])
