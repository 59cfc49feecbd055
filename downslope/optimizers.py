"""Optimizers as pairs of pure functions, in the design of optax at a tenth of its size.

An optimizer holds `init(theta) -> state` and `update(grad, state, theta, lr) -> (updates, state)`.
Updates are added to the parameters. Nothing changes its arguments; the state is plain data.
Throughout, `eps` stands outside the square root, as in the course (lecture L1 has it inside).

>>> rule = adam()
>>> theta = np.array([1.0, -4.0])
>>> updates, state = rule.update(2 * theta, rule.init(theta), theta, 0.1)
>>> theta + updates
array([ 0.9, -3.9])
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
GradientFunction = Callable[[Array], npt.ArrayLike]
LearningRate = float | Callable[[int], float]


class Optimizer(NamedTuple):
    """An update rule: a pair of pure functions."""

    init: Callable[[Array], Any]
    update: Callable[[Array, Any, Array, float], tuple[Array, Any]]


class Moments(NamedTuple):
    """What the Adam family remembers: updates made, running mean of g, running mean of g²."""

    t: int
    m: Array
    v: Array


def _no_state(theta: Array) -> tuple[()]:
    del theta
    return ()


def _zero_moments(theta: Array) -> Moments:
    return Moments(0, np.zeros_like(theta), np.zeros_like(theta))


def _advance(grad: Array, state: Moments, beta1: float, beta2: float) -> Moments:
    """Move both running means on by one gradient; the stored means stay uncorrected."""
    m = beta1 * state.m + (1 - beta1) * grad
    v = beta2 * state.v + (1 - beta2) * grad**2
    return Moments(state.t + 1, m, v)


def _require_fraction(**fractions: float) -> None:
    for name, value in fractions.items():
        if not 0 <= value < 1:
            raise ValueError(f"{name} must lie in [0, 1); got {value}")


def sgd() -> Optimizer:
    """Plain gradient descent: θ ← θ − lr·g.

    >>> sgd().update(np.array([2.0]), (), np.array([1.0]), 0.1)[0]
    array([-0.2])
    """

    def update(grad: Array, state: Any, theta: Array, lr: float) -> tuple[Array, Any]:
        del theta
        return -lr * grad, state

    return Optimizer(_no_state, update)


def momentum(rho: float = 0.9, *, nesterov: bool = False) -> Optimizer:
    """Gradient descent with memory: m ← ρ m + g, θ ← θ − lr·m.

    With `nesterov`, the step is lr·(g + ρ m), the lookahead form at the shifted variable.
    Form 1 of the course; lecture L2's averaged form has m ← ρ m + (1 − ρ) g and needs lr/(1 − ρ).

    >>> momentum().update(np.array([1.0]), np.array([2.0]), np.array([0.0]), 0.1)
    (array([-0.28]), array([2.8]))
    """
    _require_fraction(rho=rho)

    def update(grad: Array, m: Array, theta: Array, lr: float) -> tuple[Array, Array]:
        del theta
        m = rho * m + grad
        direction = grad + rho * m if nesterov else m
        return -lr * direction, m

    return Optimizer(np.zeros_like, update)


def adagrad(eps: float = 1e-8) -> Optimizer:
    """Divide by the root of the sum of squares: v ← v + g², θ ← θ − lr·g / (√v + eps).

    >>> adagrad().update(np.array([3.0]), np.array([16.0]), np.array([0.0]), 0.1)
    (array([-0.06]), array([25.]))
    """

    def update(grad: Array, v: Array, theta: Array, lr: float) -> tuple[Array, Array]:
        del theta
        v = v + grad**2
        return -lr * grad / (np.sqrt(v) + eps), v

    return Optimizer(np.zeros_like, update)


def rmsprop(rho: float = 0.9, eps: float = 1e-8) -> Optimizer:
    """Divide by the root of a running mean: v ← ρ v + (1 − ρ) g², θ ← θ − lr·g / (√v + eps).

    >>> rmsprop(rho=0.75).update(np.array([4.0]), np.zeros(1), np.zeros(1), 0.1)
    (array([-0.2]), array([4.]))
    """
    _require_fraction(rho=rho)

    def update(grad: Array, v: Array, theta: Array, lr: float) -> tuple[Array, Array]:
        del theta
        v = rho * v + (1 - rho) * grad**2
        return -lr * grad / (np.sqrt(v) + eps), v

    return Optimizer(np.zeros_like, update)


def adam(beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Momentum over RMSProp, both corrected for their start at zero (Kingma and Ba, 2015).

    m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), θ ← θ − lr·m̂ / (√v̂ + eps).

    >>> start = np.zeros(2)
    >>> adam().update(np.array([5.0, -0.01]), adam().init(start), start, 0.1)[0].round(6)
    array([-0.1,  0.1])
    """
    return adamw(beta1, beta2, eps, weight_decay=0.0)


def nadam(beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Adam with Nesterov's lookahead (Dozat, 2016): m̂ is what it will be after one more update.

    m̂ = β₁ m / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ), with constant β₁. The same form as in optax;
    PyTorch's NAdam lets β₁ grow with time.

    >>> step = nadam().update(np.array([5.0]), nadam().init(np.zeros(1)), np.zeros(1), 0.19)[0]
    >>> step.round(6)
    array([-0.28])
    """
    _require_fraction(beta1=beta1, beta2=beta2)

    def update(grad: Array, state: Moments, theta: Array, lr: float) -> tuple[Array, Moments]:
        del theta
        t, m, v = state = _advance(grad, state, beta1, beta2)
        ahead = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * grad / (1 - beta1**t)
        return -lr * ahead / (np.sqrt(v / (1 - beta2**t)) + eps), state

    return Optimizer(_zero_moments, update)


def adamw(
    beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8, *, weight_decay: float = 0.01
) -> Optimizer:
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019).

    θ ← θ − lr·(m̂ / (√v̂ + eps) + weight_decay·θ): the decay is not divided by √v̂, which it would
    be if it were added to the gradient.

    >>> rule = adamw(weight_decay=0.5)
    >>> rule.update(np.zeros(1), rule.init(np.ones(1)), np.ones(1), 0.1)[0]
    array([-0.05])
    """
    _require_fraction(beta1=beta1, beta2=beta2)

    def update(grad: Array, state: Moments, theta: Array, lr: float) -> tuple[Array, Moments]:
        t, m, v = state = _advance(grad, state, beta1, beta2)
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return -lr * (m_hat / (np.sqrt(v_hat) + eps) + weight_decay * theta), state

    return Optimizer(_zero_moments, update)


def run(
    optimizer: Optimizer,
    grad_fn: GradientFunction,
    theta0: npt.ArrayLike,
    lr: LearningRate,
    steps: int,
) -> Array:
    """Follow an optimizer for `steps` updates and return its path, `(steps + 1, D)`.

    `lr` is a number, or a function of the 0-based step.

    >>> run(sgd(), lambda theta: 2 * theta, [1.0], lr=0.25, steps=3).ravel()
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    theta = np.array(theta0, dtype=np.float64)
    state = optimizer.init(theta)
    path = [theta]
    for step in range(steps):
        rate = lr(step) if callable(lr) else lr
        grad = np.asarray(grad_fn(theta), dtype=np.float64)
        updates, state = optimizer.update(grad, state, theta, rate)
        theta = theta + updates
        path.append(theta)
    return np.array(path)
