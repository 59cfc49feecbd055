"""Any update rule whose parameters have the course's names can be followed."""

import functools
from typing import Any

import numpy as np
import pytest

from downslope.stepping import parameter_names, trajectory

START = np.array([1.0, -2.0])


def bowl_gradient(theta: np.ndarray) -> np.ndarray:
    gradient: np.ndarray = np.array([2.0, 4.0]) * theta
    return gradient


def descend(theta: Any, grad: Any, lr: float) -> Any:
    return theta - lr * grad


def momentum(theta: Any, grad: Any, m: Any, lr: float, rho: float) -> Any:
    m = rho * m + grad
    return theta - lr * m, m


def test_descent_follows_its_closed_form() -> None:
    path = trajectory(descend, bowl_gradient, START, 3, lr=0.1)["theta"]
    factors = np.array([0.8, 0.6]) ** np.arange(4)[:, None]
    np.testing.assert_allclose(path, factors * START, rtol=1e-12)


def test_state_starts_at_zero_and_is_fed_back() -> None:
    path = trajectory(momentum, bowl_gradient, START, 2, lr=0.1, rho=0.5)
    first = bowl_gradient(START)
    second = 0.5 * first + bowl_gradient(START - 0.1 * first)
    np.testing.assert_allclose(path["m"], [np.zeros(2), first, second])
    assert set(path) == {"theta", "m"}


def test_no_update_gives_the_start_alone() -> None:
    assert trajectory(momentum, bowl_gradient, START, 0)["theta"].tolist() == [START.tolist()]


def test_updates_count_from_one_and_settings_have_defaults() -> None:
    seen: list[tuple[int, float, float]] = []

    def rule(theta: Any, t: int, beta1: float, weight_decay: float) -> Any:
        seen.append((t, beta1, weight_decay))
        return theta

    trajectory(rule, bowl_gradient, START, 2)
    assert seen == [(1, 0.9, 0.01), (2, 0.9, 0.01)]


def test_a_schedule_overrides_lr() -> None:
    path = trajectory(descend, np.ones_like, START, 2, lr=9.0, lr_schedule=lambda t: t / 10)
    np.testing.assert_allclose(path["theta"][-1], START - 0.1 - 0.2)


@pytest.mark.parametrize("wrap", [tuple, list])
def test_states_may_come_back_as_tuple_or_list(wrap: Any) -> None:
    path = trajectory(lambda theta, grad, v: wrap((theta, v + grad)), np.ones_like, START, 2)
    np.testing.assert_allclose(path["v"][-1], [2.0, 2.0])


def test_a_rule_without_state_may_return_a_tuple_of_one() -> None:
    path = trajectory(lambda theta, grad, lr: (theta - lr * grad,), np.ones_like, START, 1, lr=1)
    np.testing.assert_allclose(path["theta"][1], START - 1)


class Rule:
    def __call__(self, theta: Any, grad: Any, lr: float = 0.5) -> Any:
        return theta - lr * grad


@pytest.mark.parametrize("rule", [Rule(), functools.partial(descend)])
def test_callables_of_other_kinds_can_be_followed(rule: Any) -> None:
    assert trajectory(rule, np.ones_like, START, 1)["theta"].shape == (2, 2)


def test_a_rule_that_works_in_place_cannot_rewrite_the_past() -> None:
    def careless(theta: Any, grad: Any) -> Any:
        theta -= grad
        grad += 100.0
        return theta

    path = trajectory(careless, np.ones_like, START, 2)["theta"]
    np.testing.assert_allclose(path, [START, START - 1, START - 2])


def test_the_start_is_not_changed_and_may_be_integers() -> None:
    start = np.array([1, 2])
    path = trajectory(lambda theta, grad: theta - 0.5, np.ones_like, start, 1)["theta"]
    assert start.tolist() == [1, 2]
    np.testing.assert_allclose(path[1], [0.5, 1.5])


def test_a_rule_that_is_not_written_says_so() -> None:
    def blank(theta: Any, grad: Any) -> Any:
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        trajectory(blank, np.ones_like, START, 1)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda theta, slope: theta, "parameter 'slope'"),
        (lambda theta, v: theta, "must return theta, v; it gave 1"),
        (lambda theta, grad: (theta, grad), "must return theta; it gave 2"),
        (lambda theta, grad: theta[:, None], r"theta of shape \(2, 1\)"),
        (lambda theta, v: (theta, 0.0), r"v of shape \(\)"),
    ],
)
def test_a_rule_of_another_form_is_refused_with_the_reason(rule: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        trajectory(rule, np.ones_like, START, 1)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(TypeError, match="unknown setting"):
        trajectory(descend, np.ones_like, START, 1, learning_rate=0.1)


def test_steps_below_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="steps must be a whole number of at least 0; got -1"):
        trajectory(descend, np.ones_like, START, -1)


def test_parameters_with_defaults_that_the_course_does_not_know_are_left_alone() -> None:
    assert parameter_names(lambda theta, grad, verbose=False: theta) == ("theta", "grad")
