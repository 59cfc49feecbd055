"""Optimizers as chains of pure functions, in the design of optax at a tenth of its size.

A link is a pair `init(theta) -> state` and `update(grad, state, theta, lr) -> (updates, state)`.
It takes the gradient, or what the link before made of it, and hands on something of the same shape.
`chain` joins links to an optimizer, which is such a pair again; what its last link hands on is
added to the parameters. Nothing changes its arguments; the state is plain data; float32 stays
float32.

Throughout, `eps` stands outside the square root (lectures L0, L3, L4, PyTorch; L1 has it inside).

>>> rule = chain(scale_by_adam(), add_decayed_weights(0.01), scale_by_learning_rate())  # AdamW
>>> theta = np.array([1.0, -4.0])
>>> updates, state = rule.update(2 * theta, rule.init(theta), theta, 0.1)
>>> theta + updates
array([ 0.899, -3.896])
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
GradientFunction = Callable[[npt.NDArray[np.float64]], npt.ArrayLike]
LearningRate = float | Callable[[int], float]


class Step(NamedTuple):
    """One link's name and settings, from which a trainer can pick a form that works in place."""

    name: str
    settings: Mapping[str, float]


class Optimizer(NamedTuple):
    """An update rule, or one link of it: a pair of pure functions.

    Attributes:
        init: From parameters to the state before the first update.
        update: From gradient, state, parameters and learning rate to updates and new state.
        recipe: The links in order; empty when one of them is not from this module.
    """

    init: Callable[[Array], Any]
    update: Callable[[Array, Any, Array, float], tuple[Array, Any]]
    recipe: tuple[Step, ...] = ()


class Moments(NamedTuple):
    """What the Adam family remembers: updates made, running mean of g, running mean of g²."""

    t: int
    m: Array
    v: Array


def chain(*links: Optimizer) -> Optimizer:
    """Join links: each takes what the one before hands on. The state is the tuple of their states.

    The order matters. Momentum before the learning rate is form 1 of the course, after it form 2;
    decay before Adam is a penalty on the loss, after it AdamW.

    Raises:
        TypeError: when a link is not an `Optimizer`; most often its parentheses are missing.
        ValueError: without links; in an update when the gradient has not the parameters' shape.

    >>> penalised = chain(add_decayed_weights(0.5), sgd())
    >>> penalised.update(np.array([1.0]), penalised.init(np.ones(1)), np.array([4.0]), 0.1)[0]
    array([-0.3])
    """
    if not links:
        raise ValueError("links must hold at least one Optimizer; got none")
    for link in links:
        if not isinstance(link, Optimizer):
            raise TypeError(f"links must be Optimizers, such as sgd(); got {link!r}")

    def init(theta: Array) -> tuple[Any, ...]:
        return tuple(link.init(theta) for link in links)

    def update(grad: Array, state: Any, theta: Array, lr: float) -> tuple[Array, tuple[Any, ...]]:
        if np.shape(grad) != np.shape(theta):
            wanted, given = np.shape(theta), np.shape(grad)
            raise ValueError(f"grad must have the shape of theta, {wanted}; got {given}")
        updates, states = grad, []
        for link, before in zip(links, state, strict=True):
            updates, after = link.update(updates, before, theta, lr)
            states.append(after)
        return updates, tuple(states)

    known = all(link.recipe for link in links)
    return Optimizer(init, update, sum((link.recipe for link in links), ()) if known else ())


# ----- links ---------------------------------------------------------------------------------


def scale_by_learning_rate() -> Optimizer:
    """Multiply by −lr: a direction becomes a step downhill.

    >>> scale_by_learning_rate().update(np.array([2.0]), (), np.array([1.0]), 0.1)[0]
    array([-0.2])
    """

    def update(grad: Array, state: Any, theta: Array, lr: float) -> tuple[Array, Any]:
        del theta
        return -float(lr) * grad, state  # a NumPy scalar would turn float32 into float64

    return Optimizer(_no_state, update, (Step("scale_by_learning_rate", {}),))


def trace(rho: float = 0.9, *, nesterov: bool = False) -> Optimizer:
    """Remember: m ← ρ m + g, and hand on m; with `nesterov`, hand on g + ρ m.

    Lecture L2 averages instead, m ← ρ m + (1 − ρ) g, which makes every step 1 − ρ times as long.

    >>> trace(0.5).update(np.array([1.0]), np.array([2.0]), np.zeros(1), 0.1)
    (array([2.]), array([2.]))
    """
    rho = _fraction("rho", rho)

    def update(grad: Array, m: Array, theta: Array, lr: float) -> tuple[Array, Array]:
        del theta, lr
        m = rho * m + grad
        return (grad + rho * m if nesterov else m), m

    return Optimizer(np.zeros_like, update, (Step("trace", {"rho": rho, "nesterov": nesterov}),))


def scale_by_rss(eps: float = 1e-8) -> Optimizer:
    """Divide by the root of the sum of squares: v ← v + g², g / (√v + eps).

    >>> scale_by_rss().update(np.array([3.0]), np.array([16.0]), np.zeros(1), 0.1)
    (array([0.6]), array([25.]))
    """
    eps = _not_negative("eps", eps)

    def update(grad: Array, v: Array, theta: Array, lr: float) -> tuple[Array, Array]:
        del theta, lr
        v = v + grad**2
        return grad / (np.sqrt(v) + eps), v

    return Optimizer(np.zeros_like, update, (Step("scale_by_rss", {"eps": eps}),))


def scale_by_rms(rho: float = 0.9, eps: float = 1e-8) -> Optimizer:
    """Divide by the root of a running mean of squares: v ← ρ v + (1 − ρ) g², g / (√v + eps).

    >>> scale_by_rms(rho=0.75).update(np.array([4.0]), np.zeros(1), np.zeros(1), 0.1)
    (array([2.]), array([4.]))
    """
    rho, eps = _fraction("rho", rho), _not_negative("eps", eps)

    def update(grad: Array, v: Array, theta: Array, lr: float) -> tuple[Array, Array]:
        del theta, lr
        v = rho * v + (1 - rho) * grad**2
        return grad / (np.sqrt(v) + eps), v

    return Optimizer(np.zeros_like, update, (Step("scale_by_rms", {"rho": rho, "eps": eps}),))


def scale_by_adam(beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Divide one corrected running mean by the root of another: m̂ / (√v̂ + eps).

    m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ). The
    state keeps m and v: lecture L0's loop stores m̂ and v̂ in them, which corrects again and again.

    >>> link, start = scale_by_adam(), np.zeros(2)
    >>> link.update(np.array([5.0, -0.01]), link.init(start), start, 0.1)[0].round(5)
    array([ 1., -1.])
    """
    beta1, beta2 = _fraction("beta1", beta1), _fraction("beta2", beta2)
    eps = _not_negative("eps", eps)

    def update(grad: Array, state: Moments, theta: Array, lr: float) -> tuple[Array, Moments]:
        del theta, lr
        t, m, v = state = _advance(grad, state, beta1, beta2)
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return m_hat / (np.sqrt(v_hat) + eps), state

    settings = {"beta1": beta1, "beta2": beta2, "eps": eps}
    return Optimizer(_zero_moments, update, (Step("scale_by_adam", settings),))


def scale_by_nadam(beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Do as `scale_by_adam` does, with an m̂ that looks one update ahead.

    m̂ = β₁ m / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ).

    >>> link, start = scale_by_nadam(), np.zeros(1)
    >>> link.update(np.array([5.0]), link.init(start), start, 0.1)[0].round(5)
    array([1.47368])
    """
    beta1, beta2 = _fraction("beta1", beta1), _fraction("beta2", beta2)
    eps = _not_negative("eps", eps)

    def update(grad: Array, state: Moments, theta: Array, lr: float) -> tuple[Array, Moments]:
        del theta, lr
        t, m, v = state = _advance(grad, state, beta1, beta2)
        ahead = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * grad / (1 - beta1**t)
        return ahead / (np.sqrt(v / (1 - beta2**t)) + eps), state

    settings = {"beta1": beta1, "beta2": beta2, "eps": eps}
    return Optimizer(_zero_moments, update, (Step("scale_by_nadam", settings),))


def add_decayed_weights(weight_decay: float = 0.01) -> Optimizer:
    """Add weight_decay·θ. As first link it is the gradient of the penalty weight_decay/2·‖θ‖².

    >>> add_decayed_weights(0.5).update(np.array([1.0]), (), np.array([4.0]), 0.1)[0]
    array([3.])
    """
    decay = _not_negative("weight_decay", weight_decay)

    def update(grad: Array, state: Any, theta: Array, lr: float) -> tuple[Array, Any]:
        del lr
        return grad + decay * theta, state

    return Optimizer(_no_state, update, (Step("add_decayed_weights", {"weight_decay": decay}),))


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


def _fraction(name: str, value: float) -> float:
    if not 0 <= value < 1:
        raise ValueError(f"{name} must lie in [0, 1); got {value}")
    return float(value)


def _not_negative(name: str, value: float) -> float:
    if not 0 <= value < np.inf:
        raise ValueError(f"{name} must be a number of at least 0; got {value}")
    return float(value)


# ----- optimizers ----------------------------------------------------------------------------


def sgd() -> Optimizer:
    """Plain gradient descent: θ ← θ − lr·g.

    >>> sgd().update(np.array([2.0]), ((),), np.array([1.0]), 0.1)[0]
    array([-0.2])
    """
    return chain(scale_by_learning_rate())


def momentum(rho: float = 0.9, *, nesterov: bool = False) -> Optimizer:
    """Gradient descent with memory, form 1 (L0, L1, PyTorch): m ← ρ m + g, θ ← θ − lr·m.

    The same steps as `velocity` while lr is constant; when lr changes, here the whole memory
    feels it at once. L2's averaged form needs lr/(1 − ρ) for these steps.

    >>> momentum().update(np.array([1.0]), (np.array([2.0]), ()), np.array([0.0]), 0.1)
    (array([-0.28]), (array([2.8]), ()))
    """
    return chain(trace(rho, nesterov=nesterov), scale_by_learning_rate())


def velocity(rho: float = 0.9, *, nesterov: bool = False) -> Optimizer:
    """Gradient descent with memory, form 2 (L0, L3, L4): v ← ρ v − lr·g, θ ← θ + v.

    Each gradient keeps the learning rate it came with. With `nesterov` the parameters are L4's
    shifted variable φ = θ + ρ v: φ ← φ − lr·g + ρ v.

    >>> velocity().update(np.array([1.0]), ((), np.array([-0.2])), np.array([0.0]), 0.1)
    (array([-0.28]), ((), array([-0.28])))
    """
    return chain(scale_by_learning_rate(), trace(rho, nesterov=nesterov))


def nesterov(rho: float = 0.9) -> Optimizer:
    """Momentum that looks ahead (Nesterov, 1983), as PyTorch has it: θ ← θ − lr·(g + ρ m).

    L4 evaluates the gradient at the lookahead point; L1 splits the step in two; L0's formula has
    v where m is meant. All are this rule, at the shifted variable and for constant lr.

    >>> nesterov(0.5).update(np.array([1.0]), (np.array([2.0]), ()), np.array([0.0]), 0.1)[0]
    array([-0.2])
    """
    return momentum(rho, nesterov=True)


def adagrad(eps: float = 1e-8) -> Optimizer:
    """Adagrad (Duchi, Hazan and Singer, 2011): v ← v + g², θ ← θ − lr·g / (√v + eps).

    L3 divides by the root mean square and lets lr fall like 1/√t: the same steps. PyTorch's eps is
    1e-10; optax starts v at 0.1 with eps inside the root.

    >>> adagrad().update(np.array([3.0]), (np.array([16.0]), ()), np.array([0.0]), 0.1)[0]
    array([-0.06])
    """
    return chain(scale_by_rss(eps), scale_by_learning_rate())


def rmsprop(rho: float = 0.9, eps: float = 1e-8) -> Optimizer:
    """RMSProp (Hinton, 2012): v ← ρ v + (1 − ρ) g², θ ← θ − lr·g / (√v + eps).

    L0's slide lacks the factor 1 − ρ: its steps are √(1 − ρ) times as long. L3 starts v at g². In
    PyTorch ρ is called alpha and is 0.99; optax has eps inside the root unless told otherwise.

    >>> rmsprop(rho=0.75).update(np.array([4.0]), (np.zeros(1), ()), np.zeros(1), 0.1)[0]
    array([-0.2])
    """
    return chain(scale_by_rms(rho, eps), scale_by_learning_rate())


def adam(beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Adam (Kingma and Ba, 2015, Algorithm 1): θ ← θ − lr·m̂ / (√v̂ + eps), see `scale_by_adam`.

    L4's eps is 1e-7. PyTorch's Adam with weight_decay is
    `chain(add_decayed_weights(...), adam())`, which is not `adamw`.

    >>> start = np.zeros(2)
    >>> adam().update(np.array([5.0, -0.01]), adam().init(start), start, 0.1)[0].round(6)
    array([-0.1,  0.1])
    """
    return chain(scale_by_adam(beta1, beta2, eps), scale_by_learning_rate())


def nadam(beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Adam with Nesterov's lookahead (Dozat, 2016), with constant β₁ as in optax.

    PyTorch's NAdam lets β₁ grow with time, so its numbers differ.

    >>> rule, start = nadam(), np.zeros(1)
    >>> rule.update(np.array([5.0]), rule.init(start), start, 0.19)[0].round(6)
    array([-0.28])
    """
    return chain(scale_by_nadam(beta1, beta2, eps), scale_by_learning_rate())


def adamw(
    beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8, *, weight_decay: float = 0.01
) -> Optimizer:
    """Adam with decoupled decay (Loshchilov and Hutter, 2019), times lr as in PyTorch and optax.

    θ ← θ − lr·(m̂ / (√v̂ + eps) + weight_decay·θ): the decay is not divided by √v̂, which it would
    be if it were added to the gradient. The paper does not multiply the decay by lr, only by the
    schedule's factor.

    >>> rule, ones = adamw(weight_decay=0.5), np.ones(1)
    >>> rule.update(np.zeros(1), rule.init(ones), ones, 0.1)[0]
    array([-0.05])
    """
    adam_direction = scale_by_adam(beta1, beta2, eps)
    return chain(adam_direction, add_decayed_weights(weight_decay), scale_by_learning_rate())


def run(
    optimizer: Optimizer,
    grad_fn: GradientFunction,
    theta0: npt.ArrayLike,
    lr: LearningRate,
    steps: int,
) -> npt.NDArray[np.float64]:
    """Follow an optimizer for `steps` updates and return its path, `(steps + 1, D)`, in float64.

    `lr` is a number or a schedule: a function of the 0-based step.

    >>> run(sgd(), lambda theta: 2 * theta, [1.0], lr=0.25, steps=3).ravel()
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    if steps < 0:
        raise ValueError(f"steps must be at least 0; got {steps}")
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
