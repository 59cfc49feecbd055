from collections.abc import Callable

import numpy as np
import pytest

from downslope import landscapes, optimizers
from downslope.landscapes import Array
from downslope.optimizers import (
    Optimizer,
    Part,
    add_decayed_weights,
    chain,
    scale_by_adam,
    scale_by_learning_rate,
    trace,
)

GRADS = np.random.default_rng(5).normal(size=(7, 3)) * np.array([1.0, 30.0, 1e-3])
RATES = (0.1, 0.1, 0.05, 0.2, 0.01, 0.3, 0.1)
START = np.array([0.5, -2.0, 1.0])
EVERY = {
    "sgd": optimizers.sgd(),
    "momentum": optimizers.momentum(),
    "velocity": optimizers.velocity(),
    "nesterov": optimizers.nesterov(),
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


def test_path_starts_at_the_start_and_rates_may_follow_the_step():
    path = optimizers.run(optimizers.sgd(), np.ones_like, [0.0], lambda step: 1.0 + step, 3)
    np.testing.assert_array_equal(path, [[0.0], [-1.0], [-3.0], [-6.0]])


@every
def test_float32_stays(rule: Optimizer):
    theta, grad = np.array([1.0, -2.0], np.float32), np.array([0.5, 4.0], np.float32)
    updates, state = rule.update(grad, rule.init(theta), theta, np.float64(0.1))
    assert updates.dtype == np.float32
    assert rule.update(grad, state, theta + updates, np.float64(0.1))[0].dtype == np.float32


@every
def test_scalars_and_matrices_are_parameters_too(rule: Optimizer):
    flat = optimizers.run(rule, lambda theta: 2 * theta, [1.0, 2.0, 3.0, 4.0], 0.01, 3)
    square = optimizers.run(rule, lambda theta: 2 * theta, [[1.0, 2.0], [3.0, 4.0]], 0.01, 3)
    np.testing.assert_array_equal(square.reshape(4, 4), flat)
    assert optimizers.run(rule, lambda theta: 2 * theta, 1.0, 0.01, 3).shape == (4,)


@every
def test_a_gradient_of_another_shape_is_refused(rule: Optimizer):
    with pytest.raises(ValueError, match=r"grad must have the shape of theta, \(2,\); got \(1,\)"):
        optimizers.run(rule, lambda _: np.ones(1), [0.0, 0.0], 0.1, 1)


def test_both_forms_of_momentum_agree_only_while_the_rate_is_constant():
    def path(rule: Optimizer, rates: Callable[[int], float]) -> Array:
        gradients = iter(GRADS)
        return optimizers.run(rule, lambda _: next(gradients), START, rates, len(GRADS))

    first, second = optimizers.momentum(0.8), optimizers.velocity(0.8)
    constant = path(first, lambda _: 0.1), path(second, lambda _: 0.1)
    np.testing.assert_allclose(*constant, rtol=1e-13)
    assert np.max(np.abs(along(first) - along(second))) > 1


def test_in_the_velocity_form_each_gradient_keeps_its_rate():
    paid = np.array(RATES)[:, None] * GRADS
    steps = [-(0.8 ** np.arange(t, -1, -1.0)) @ paid[: t + 1] for t in range(len(GRADS))]
    np.testing.assert_allclose(np.diff(along(optimizers.velocity(0.8)), axis=0), steps, rtol=1e-9)


def test_nesterov_is_the_lookahead_at_the_shifted_variable():
    """Lecture L4: v ← ρ v − lr·∇(θ + ρ v), θ ← θ + v."""
    bowl, lr, rho = landscapes.bowl, 0.05, 0.9
    theta, v = bowl.start, np.zeros(2)
    shifted = [theta]
    for _ in range(30):
        v = rho * v - lr * bowl.gradient(theta + rho * v)
        theta = theta + v
        shifted.append(theta + rho * v)
    for rule in (optimizers.nesterov(rho), optimizers.velocity(rho, nesterov=True)):
        path = optimizers.run(rule, bowl.gradient, bowl.start, lr, 30)
        np.testing.assert_allclose(path, shifted, atol=1e-14)


def test_adagrad_is_lecture_l3s_averaged_form():
    def step(theta: Array, g: Array, t: int, lr: float) -> Array:
        sigma = np.sqrt(np.mean(GRADS[:t] ** 2, axis=0))
        return theta - lr / np.sqrt(t) * g / sigma

    np.testing.assert_allclose(along(optimizers.adagrad(0.0)), by_hand(step), rtol=1e-12)


def test_decay_before_adam_is_a_penalty_and_after_it_adamw():
    decay, rate = add_decayed_weights(0.3), scale_by_learning_rate()
    after = along(chain(scale_by_adam(), decay, rate))
    np.testing.assert_array_equal(after, along(optimizers.adamw(weight_decay=0.3)))
    gradients = iter(GRADS)
    before = optimizers.run(
        optimizers.adam(), lambda theta: next(gradients) + 0.3 * theta, START, RATES.__getitem__, 7
    )
    np.testing.assert_array_equal(along(chain(decay, optimizers.adam())), before)
    assert np.max(np.abs(before - after)) > 0.05


def test_the_state_is_that_of_each_link():
    rule = chain(add_decayed_weights(0.5), trace(0.5), scale_by_learning_rate())
    state = rule.init(np.zeros(1))
    _, state = rule.update(np.array([1.0]), state, np.array([2.0]), 0.1)
    assert state == ((), np.array([2.0]), ())


def test_a_recipe_names_every_link():
    rule = chain(add_decayed_weights(0.5), optimizers.nesterov(0.8))
    assert rule.recipe == (
        Part("add_decayed_weights", {"weight_decay": 0.5}),
        Part("trace", {"rho": 0.8, "nesterov": True}),
        Part("scale_by_learning_rate", {}),
    )
    home_made = Optimizer(np.zeros_like, lambda grad, state, theta, lr: (np.sign(grad), state))
    rule = chain(home_made, scale_by_learning_rate())
    assert rule.recipe == ()
    assert rule.update(np.array([-7.0]), rule.init(np.ones(1)), np.ones(1), 0.5)[0] == 0.5


@every
def test_every_alias_can_be_made_again_from_its_recipe(rule: Optimizer):
    again = chain(*(getattr(optimizers, name)(**settings) for name, settings in rule.recipe))
    np.testing.assert_array_equal(along(again), along(rule))


def test_what_cannot_be_chained_is_refused():
    with pytest.raises(ValueError, match="links must hold at least one Optimizer; got none"):
        chain()
    with pytest.raises(
        TypeError, match=r"links must be Optimizers, such as sgd\(\); got <function"
    ):
        chain(optimizers.sgd)  # type: ignore[arg-type]


def test_a_path_of_no_steps_is_its_start_and_of_fewer_refused():
    assert optimizers.run(optimizers.sgd(), np.ones_like, [5.0], 0.1, 0).tolist() == [[5.0]]
    with pytest.raises(ValueError, match="steps must be a whole number of at least 0; got -1"):
        optimizers.run(optimizers.sgd(), np.ones_like, [5.0], 0.1, -1)


def test_all_is_complete_and_sorted():
    assert optimizers.__all__ == sorted(optimizers.__all__)
    shown = {name for name in vars(optimizers) if not name.startswith("_")}
    assert shown - {"links", "rules"} == set(optimizers.__all__)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optimizers.adagrad(-1e-8), "eps must be a number at least 0; got -1e-08"),
        (lambda: optimizers.adam(eps=np.nan), "eps must be a number at least 0; got nan"),
        (lambda: optimizers.adamw(weight_decay=-1), "weight_decay must be a number at least 0"),
        (lambda: optimizers.nadam(0.9, 1.0), r"beta2 must lie in \[0, 1\); got 1.0"),
    ],
)
def test_settings_outside_their_range_are_refused(make: Callable[[], Optimizer], message: str):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("make", [optimizers.momentum, optimizers.rmsprop, optimizers.adam])
def test_decay_outside_its_range_is_refused(make: Callable[[float], Optimizer]):
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\); got 1.5"):
        make(1.5)
