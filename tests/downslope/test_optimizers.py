from collections.abc import Callable

import numpy as np
import pytest

from downslope import landscapes, optimizers
from downslope.landscapes import Array, Landscape
from downslope.optimizers import Optimizer

GRADS = np.random.default_rng(5).normal(size=(7, 3)) * np.array([1.0, 30.0, 1e-3])
RATES = (0.1, 0.1, 0.05, 0.2, 0.01, 0.3, 0.1)
START = np.array([0.5, -2.0, 1.0])
EVERY = {
    "sgd": optimizers.sgd(),
    "momentum": optimizers.momentum(),
    "nesterov": optimizers.momentum(nesterov=True),
    "adagrad": optimizers.adagrad(),
    "rmsprop": optimizers.rmsprop(),
    "adam": optimizers.adam(),
    "nadam": optimizers.nadam(),
    "adamw": optimizers.adamw(),
}
every = pytest.mark.parametrize("rule", EVERY.values(), ids=EVERY)


def along(rule: Optimizer) -> np.ndarray:
    """Feed the fixed gradients, with the rate changed on the way."""
    gradients = iter(GRADS)
    return optimizers.run(rule, lambda _: next(gradients), START, RATES.__getitem__, len(GRADS))


def by_hand(step: Callable[[np.ndarray, np.ndarray, int, float], np.ndarray]) -> np.ndarray:
    path = [START]
    for t, (g, lr) in enumerate(zip(GRADS, RATES, strict=True), start=1):
        path.append(step(path[-1], g, t, lr))
    return np.array(path)


def moment(beta: float, t: int, power: int = 1) -> np.ndarray:
    """The running mean as a weighted sum over all gradients so far, not as a recurrence."""
    weights = (1 - beta) * beta ** np.arange(t - 1, -1, -1.0)
    return weights @ GRADS[:t] ** power


def test_sgd():
    expected = START - np.cumsum(np.array(RATES)[:, None] * GRADS, axis=0)
    np.testing.assert_allclose(along(optimizers.sgd())[1:], expected, rtol=1e-13)


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum(nesterov: bool):
    def step(theta: Array, g: Array, t: int, lr: float) -> Array:
        m = moment(0.8, t) / 0.2
        return theta - lr * (g + 0.8 * m if nesterov else m)

    rule = optimizers.momentum(0.8, nesterov=nesterov)
    np.testing.assert_allclose(along(rule), by_hand(step), rtol=1e-12)


def test_adagrad():
    def step(theta: Array, g: Array, t: int, lr: float) -> Array:
        return theta - lr * g / (np.sqrt(np.sum(GRADS[:t] ** 2, axis=0)) + 0.01)

    np.testing.assert_allclose(along(optimizers.adagrad(0.01)), by_hand(step), rtol=1e-12)


def test_rmsprop():
    def step(theta: Array, g: Array, t: int, lr: float) -> Array:
        return theta - lr * g / (np.sqrt(moment(0.7, t, 2)) + 0.01)

    np.testing.assert_allclose(along(optimizers.rmsprop(0.7, 0.01)), by_hand(step), rtol=1e-12)


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_adam_and_adamw(decay: float):
    def step(theta: Array, g: Array, t: int, lr: float) -> Array:
        m_hat = moment(0.7, t) / (1 - 0.7**t)
        v_hat = moment(0.9, t, 2) / (1 - 0.9**t)
        return theta - lr * m_hat / (np.sqrt(v_hat) + 0.01) - lr * decay * theta

    expected = by_hand(step)
    rule = optimizers.adamw(0.7, 0.9, 0.01, weight_decay=decay)
    np.testing.assert_allclose(along(rule), expected, rtol=1e-12)
    if not decay:
        np.testing.assert_allclose(along(optimizers.adam(0.7, 0.9, 0.01)), expected, rtol=1e-12)


def test_nadam_looks_one_update_ahead():
    def step(theta: Array, g: Array, t: int, lr: float) -> Array:
        ahead = 0.7 * moment(0.7, t) / (1 - 0.7 ** (t + 1)) + 0.3 * g / (1 - 0.7**t)
        return theta - lr * ahead / (np.sqrt(moment(0.9, t, 2) / (1 - 0.9**t)) + 0.01)

    np.testing.assert_allclose(along(optimizers.nadam(0.7, 0.9, 0.01)), by_hand(step), rtol=1e-12)


def test_adam_on_a_constant_gradient_moves_by_lr_each_time():
    path = optimizers.run(optimizers.adam(), lambda _: np.array([7.0, -0.002]), [0, 0], 0.1, 9)
    np.testing.assert_allclose(np.diff(path, axis=0), np.tile([-0.1, 0.1], (9, 1)), rtol=1e-5)


def test_adagrad_on_a_constant_gradient_slows_like_one_over_root_t():
    path = optimizers.run(optimizers.adagrad(), lambda _: np.array([4.0]), [0], 0.5, 9)
    np.testing.assert_allclose(np.diff(path[:, 0]), -0.5 / np.sqrt(np.arange(1, 10)), rtol=1e-8)


def test_momentum_on_a_constant_gradient_nears_lr_over_one_minus_rho():
    path = optimizers.run(optimizers.momentum(0.9), lambda _: np.array([1.0]), [0], 0.01, 400)
    assert path[-1, 0] - path[-2, 0] == pytest.approx(-0.01 / (1 - 0.9))


def test_sgd_on_a_quadratic_shrinks_by_one_minus_lr_times_curvature():
    bowl = landscapes.bowl
    path = optimizers.run(optimizers.sgd(), bowl.gradient, bowl.start, 0.1, 20)
    np.testing.assert_allclose(path[-1], bowl.start * np.array([0.8, 0.6]) ** 20)


@every
def test_nothing_is_changed_in_place(rule: Optimizer):
    theta, grad = np.array([1.0, -2.0]), np.array([0.5, 4.0])
    state = rule.init(theta)
    once = rule.update(grad, state, theta, 0.1)
    again = rule.update(grad, state, theta, 0.1)
    np.testing.assert_array_equal(once[0], again[0])
    np.testing.assert_array_equal(theta, [1.0, -2.0])
    np.testing.assert_array_equal(grad, [0.5, 4.0])


@every
def test_zero_gradient_at_the_origin_moves_nothing(rule: Optimizer):
    path = optimizers.run(rule, np.zeros_like, [0.0, 0.0], 0.1, 3)
    np.testing.assert_array_equal(path, 0)


# One table: each rule with the rate that suits the surface must reach its minimum.
REACHES = [
    (name, landscape, rate)
    for landscape, rates in (
        (landscapes.bowl, (0.1, 0.02, 0.02, 0.8, 0.01, 0.05, 0.05)),
        (landscapes.valley, (0.2, 0.05, 0.05, 2.0, 0.01, 0.2, 0.2)),
        (landscapes.rotated_valley, (0.2, 0.05, 0.05, 2.0, 0.01, 0.2, 0.2)),
        (landscapes.saddle, (0.05, 0.01, 0.01, 0.5, 0.005, 0.05, 0.05)),
        (landscapes.ravine, (0.1, 0.03, 0.03, 1.0, 0.01, 0.1, 0.1)),
        (landscapes.beale, (0.01, 0.003, 0.003, 0.5, 0.005, 0.1, 0.1)),
    )
    for name, rate in zip(tuple(EVERY)[:7], rates, strict=True)
]


@pytest.mark.parametrize(("name", "landscape", "rate"), REACHES)
def test_reaches_the_minimum(name: str, landscape: Landscape, rate: float):
    path = optimizers.run(EVERY[name], landscape.gradient, landscape.start, rate, 3000)
    assert np.linalg.norm(path[-1] - landscape.minimum) < 0.03


def test_path_starts_at_the_start_and_rates_may_follow_the_step():
    path = optimizers.run(optimizers.sgd(), np.ones_like, [0.0], lambda step: 1.0 + step, 3)
    np.testing.assert_array_equal(path, [[0.0], [-1.0], [-3.0], [-6.0]])


@pytest.mark.parametrize("make", [optimizers.momentum, optimizers.rmsprop, optimizers.adam])
def test_decay_outside_its_range_is_refused(make: Callable[[float], Optimizer]):
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\); got 1.5"):
        make(1.5)
