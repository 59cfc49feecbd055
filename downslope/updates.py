"""Updates of a network: measure a batch, move the parameters, whatever the rule that moves them.

`PlainUpdates` is the version to read, and the one that takes rules which learners wrote. The
library's own optimizers have a faster twin, `FastUpdates`, with the same numbers up to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope import fast_steps
from downslope.arguments import Array
from downslope.fast_gradients import Backpropagation
from downslope.fast_steps import Step
from downslope.losses import Loss
from downslope.networks import MLP
from downslope.optimizers import Optimizer
from downslope.stepping import SETTINGS, STATE_NAMES, call_step, parameter_names

Rule = Optimizer | Callable[..., Any]
Batch = tuple[Array, npt.NDArray[Any]]


class PlainUpdates:
    """Updates with the library's plain functions, on the network's own parameters.

    >>> from downslope.losses import l2_loss
    >>> network = MLP((1, 1), rng=np.random.default_rng(0)).at([0.0, 0.0])
    >>> step = stepper(lambda theta, grad, lr: theta - lr * grad, network.theta)
    >>> PlainUpdates(network, step, l2_loss)(np.array([[1.0]]), np.array([[2.0]]), lr=0.25)
    4.0
    >>> network.theta
    array([1., 1.])
    """

    def __init__(self, network: MLP, step: Step, loss: Loss) -> None:
        self._network, self._step, self._loss = network, step, loss

    def prepared(self, X: Array, y: npt.NDArray[Any]) -> Batch:
        """Take examples as they are."""
        return X, y

    def __call__(self, X: Array, y: npt.NDArray[Any], lr: float) -> float:
        """Make one update; return the loss before it. A loss that is not finite moves nothing."""
        loss, grad = self._network.loss_and_gradient(X, y, self._loss)
        if math.isfinite(loss):
            self._step(grad, lr)
        return loss

    def store(self) -> None:
        """Nothing to do: the network's parameters are moved where they are."""


class FastUpdates:
    """The same updates in buffers made once, on a copy of the parameters."""

    def __init__(self, network: MLP, optimizer: Optimizer, loss: Loss, batch_size: int) -> None:
        self._measure = Backpropagation(network, loss, batch_size)
        self._step = fast_steps.in_place(optimizer, self._measure.theta)
        self.prepared, self.store = self._measure.prepared, self._measure.store

    def __call__(self, X: Array, y: npt.NDArray[Any], lr: float) -> float:
        """Make one update; return the loss before it. A loss that is not finite moves nothing."""
        loss = self._measure(X, y)
        if math.isfinite(loss):
            self._step(self._measure.grad, lr)
        return loss


def updates_of(
    network: MLP, rule: Rule, loss: Loss, batch_size: int, settings: Mapping[str, float]
) -> PlainUpdates | FastUpdates:
    """Choose the fast updates where the rule has a fast form.

    >>> from downslope.losses import softmax_cross_entropy
    >>> from downslope.optimizers import adam
    >>> network = MLP((1, 2), rng=np.random.default_rng(0)).at(np.zeros(4))
    >>> updates = updates_of(network, adam(), softmax_cross_entropy, 1, {})
    >>> updates(*updates.prepared(np.array([[1.0]]), np.array([0])), lr=0.5)
    0.6931471805599453
    >>> updates.store()
    >>> network.theta.round(6)
    array([ 0.5, -0.5,  0.5, -0.5])
    """
    if isinstance(rule, Optimizer) and fast_steps.has_fast_form(rule):
        return FastUpdates(network, rule, loss, batch_size)
    return PlainUpdates(network, stepper(rule, network.theta, settings), loss)


def stepper(rule: Rule, theta: Array, settings: Mapping[str, float] | None = None) -> Step:
    """Make a function `step(grad, lr)` that moves theta `(P,)` in place.

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
        return _pure(rule, theta)
    if not callable(rule):
        raise TypeError(f"optimizer must be an Optimizer or an update rule; got {rule!r}")
    return _written_by_hand(rule, theta, settings or {})


def _pure(optimizer: Optimizer, theta: Array) -> Step:
    state = optimizer.init(theta.copy())

    def step(grad: Array, lr: float) -> None:
        nonlocal state
        updates, state = optimizer.update(grad, state, theta, lr)
        theta[...] = theta + updates

    return step


def _written_by_hand(rule: Callable[..., Any], theta: Array, settings: Mapping[str, float]) -> Step:
    unknown = sorted(set(settings) - set(SETTINGS))
    if unknown:
        raise TypeError(f"settings must be among {', '.join(SETTINGS)}; got {', '.join(unknown)}")
    names = parameter_names(rule)
    if not {"theta", "grad"} <= set(names):
        raise TypeError(
            f"optimizer must have parameters theta and grad, or be an Optimizer such as adam(), "
            f"with parentheses; got {getattr(rule, '__name__', 'a rule')}({', '.join(names)})"
        )
    states = [name for name in names if name in STATE_NAMES]
    values: dict[str, Any] = {**SETTINGS, **settings, "t": 0}
    values |= {name: np.zeros(theta.shape) for name in states}

    def step(grad: Array, lr: float) -> None:
        values["t"] += 1
        # Learners write for float64, whatever the network computes in.
        values.update(theta=theta.astype(np.float64), grad=grad.astype(np.float64), lr=lr)
        values.update(call_step(rule, names, states, values))
        theta[...] = values["theta"]

    return step
