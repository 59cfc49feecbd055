"""The driver for a dict of update rules: whatever a rule keeps, theta is what counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from downslope.drivers import STEPWISE, Case, Contract, Outcome, run_cases

CONTRACT = Contract("rules", (), ("sgd", "momentum"), ("downslope.optimizers",))
SETTINGS = {"lr": 0.1, "rho": 0.5, "beta1": 0.9, "beta2": 0.99, "eps": 0.1}
CASE: Case = {
    "label": "three updates",
    "arguments": {},
    "start": {"theta": np.array([1.0, 2.0])},
    "updates": [{"grad": np.array([1.0, -t]), "t": t, **SETTINGS} for t in (1, 2, 3)],
}


def sgd(theta: Any, grad: Any, lr: Any) -> Any:
    return theta - lr * grad


def momentum(theta: Any, grad: Any, m: Any, lr: Any, rho: Any) -> Any:
    m = rho * m + grad
    return theta - lr * m, m


def velocity(theta: Any, grad: Any, v: Any, lr: Any, rho: Any) -> Any:
    v = rho * v - lr * grad
    return theta + v, v


def drive(answer: Any) -> Outcome:
    (outcome,) = run_cases("rules", answer, CONTRACT, [CASE])
    return outcome


def test_theta_is_read_one_row_an_update_and_more_rules_may_stand_beside() -> None:
    outcome = drive(lambda: {"momentum": momentum, "sgd": sgd, "other": None})
    assert list(outcome.arrays) == ["sgd", "momentum"]
    np.testing.assert_allclose(outcome.arrays["sgd"][:, 0], [0.9, 0.8, 0.7])
    np.testing.assert_allclose(outcome.arrays["momentum"][:, 0], [0.9, 0.75, 0.575])
    assert "rules" in STEPWISE


def test_two_forms_of_one_rule_give_the_same() -> None:
    one, two = (drive(lambda m=m: {"sgd": sgd, "momentum": m}) for m in (momentum, velocity))
    np.testing.assert_allclose(one.arrays["momentum"], two.arrays["momentum"])


def changes(theta: Any, grad: Any, lr: Any) -> Any:
    theta -= lr * grad
    return theta


def test_a_rule_that_changes_its_argument_is_seen() -> None:
    assert drive(lambda: {"sgd": changes, "momentum": momentum}).changed == ("theta",)


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (lambda: None, "nothing", "must return a dict"),
        (lambda: [sgd, momentum], "type", "a list"),
        (lambda: {"sgd": sgd}, "keys", "lacks momentum"),
        (lambda: {"sgd": 1.0, "momentum": momentum}, "type", "sgd is a float"),
        (lambda: {"sgd": lambda theta, g: theta, "momentum": momentum}, "raised", "parameter 'g'"),
        (lambda: {"sgd": lambda theta, grad: None, "momentum": momentum}, "nothing", "sgd"),
        (lambda: {"sgd": lambda theta, grad: theta[:1], "momentum": momentum}, "shape", "sgd"),
        (lambda: {"sgd": lambda theta, grad: 1 / 0, "momentum": momentum}, "raised", "sgd"),
        (lambda: {"sgd": sgd, "momentum": lambda theta, grad, m: theta}, "count", "momentum"),
    ],
)
def test_what_is_no_rule_is_put_into_words(answer: Any, kind: str, told: str) -> None:
    problem = drive(answer).problem
    assert problem is not None
    assert problem.kind == kind
    assert told in problem.text


def test_a_rule_of_the_library_is_refused() -> None:
    from downslope import optimizers

    ready = optimizers.sgd()

    def borrowed(theta: Any, grad: Any, lr: Any) -> Any:
        return theta + ready.update(grad, ready.init(theta), theta, lr)[0]

    problem = drive(lambda: {"sgd": borrowed, "momentum": momentum}).problem
    assert problem is not None
    assert problem.kind == "uses_library"
