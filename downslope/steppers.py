"""One face for everything that can move parameters: `step(grad, lr)` changes theta in place.

The trainer knows only this. Behind it stands an optimizer of the library (in its fast form, if it
has one) or an update rule that a learner wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from downslope import fast_steps
from downslope.arguments import Array
from downslope.fast_steps import Step
from downslope.optimizers import Optimizer
from downslope.stepping import SETTINGS, STATE_NAMES, _call, parameter_names

Rule = Optimizer | Callable[..., Any]


def stepper(rule: Rule, theta: Array, settings: Mapping[str, float] | None = None) -> Step:
    """Make a function `step(grad, lr)` that moves theta `(P,)` in place; it may overwrite grad.

    Args:
        rule: An `Optimizer`, or an update rule whose parameters have the course's names, such as
            `momentum_step(theta, grad, m, lr, rho)`; see `downslope.stepping`.
        theta: The parameters to move.
        settings: rho, beta1, beta2, eps, weight_decay for an update rule; an `Optimizer` has its
            own.

    Raises:
        TypeError: for something that is neither, or settings that nobody would use.

    >>> theta = np.array([1.0, 2.0])
    >>> step = stepper(lambda theta, grad, lr: theta - lr * grad, theta)
    >>> step(np.array([1.0, 0.0]), 0.5)
    >>> theta
    array([0.5, 2. ])
    """
    if isinstance(rule, Optimizer):
        if settings:
            raise TypeError(
                f"settings are for update rules; give {', '.join(settings)} to the optimizer itself"
            )
        make = fast_steps.in_place if fast_steps.has_fast_form(rule) else _pure
        return make(rule, theta)
    if not callable(rule):
        raise TypeError(f"optimizer must be an Optimizer or an update rule; got {rule!r}")
    return _written_by_hand(rule, theta, settings or {})


def _pure(optimizer: Optimizer, theta: Array) -> Step:
    state = optimizer.init(theta.copy())

    def step(grad: Array, lr: float) -> None:
        nonlocal state
        updates, state = optimizer.update(grad, state, theta, lr)
        np.add(theta, updates, out=theta, casting="same_kind")

    return step


def _written_by_hand(rule: Callable[..., Any], theta: Array, settings: Mapping[str, float]) -> Step:
    unknown = sorted(set(settings) - set(SETTINGS))
    if unknown:
        raise TypeError(f"settings must be among {', '.join(SETTINGS)}; got {', '.join(unknown)}")
    names = parameter_names(rule)
    states = [name for name in names if name in STATE_NAMES]
    values: dict[str, Any] = {**SETTINGS, **settings, "t": 0}
    values |= {name: np.zeros(theta.shape) for name in states}

    def step(grad: Array, lr: float) -> None:
        values["t"] += 1
        # Learners write for float64, whatever the network computes in.
        values.update(theta=theta.astype(np.float64), grad=grad.astype(np.float64), lr=lr)
        values.update(_call(rule, names, states, values))
        theta[...] = values["theta"]

    return step
