"""The links that optimizers are made of, and `chain`, which joins them.

A link takes the gradient, or what the link before made of it, and hands on something of the same
shape. Nothing changes its arguments; the state is plain data; float32 stays float32.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from downslope.arguments import require_number

Array = npt.NDArray[np.floating[Any]]


class Part(NamedTuple):
    """One link's name and settings, from which a trainer can pick a form that works in place.

    A plain record: it checks nothing. Source: this course.

    >>> trace(0.5).recipe
    (Part(name='trace', settings={'rho': 0.5, 'nesterov': False}),)
    """

    name: str
    settings: Mapping[str, float]


class Optimizer(NamedTuple):
    """An update rule, or one link of it: a pair of pure functions, as in DeepMind's optax (2020).

    A plain record: it checks nothing. Parameters, gradient and updates have one shape, any.

    Attributes:
        init: From parameters to the state before the first update.
        update: From gradient, state, parameters and learning rate to updates and new state.
        recipe: The links in order; empty when one of them is not from this package.

    >>> signs = Optimizer(lambda theta: (), lambda g, state, theta, lr: (-lr * np.sign(g), state))
    >>> signs.update(np.array([4.0, -9.0]), (), np.zeros(2), 0.1)[0]
    array([-0.1,  0.1])
    """

    init: Callable[[Array], Any]
    update: Callable[[Array, Any, Array, float], tuple[Array, Any]]
    recipe: tuple[Part, ...] = ()


class Moments(NamedTuple):
    """What the Adam family remembers: updates made, running mean of g, running mean of g².

    Both means have the parameters' shape (Kingma and Ba, 2015). A plain record, unchecked.

    >>> scale_by_adam(beta1=0.5, beta2=0.75).init(np.zeros(2))
    Moments(t=0, m=array([0., 0.]), v=array([0., 0.]))
    """

    t: int
    m: Array
    v: Array


def chain(*links: Optimizer) -> Optimizer:
    """Join links: each takes what the one before hands on. The state is the tuple of their states.

    The order matters. Momentum before the learning rate is form 1 of the course, after it form 2;
    decay before Adam is a penalty on the loss, after it AdamW. The design is that of DeepMind's
    optax (2020).

    Raises:
        TypeError: when a link is not an `Optimizer`; most often its parentheses are missing.
        ValueError: without links; in an update when the gradient has not the parameters' shape.

    >>> penalised = chain(add_decayed_weights(0.5), scale_by_learning_rate())
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


def scale_by_learning_rate() -> Optimizer:
    """Multiply by −lr: a direction becomes a step downhill, of the same shape (lecture L0).

    Raises:
        TypeError, ValueError: in an update, for an lr that is no number.

    >>> scale_by_learning_rate().update(np.array([2.0]), (), np.array([1.0]), 0.1)[0]
    array([-0.2])
    """

    def update(grad: Array, state: Any, theta: Array, lr: float) -> tuple[Array, Any]:
        del theta
        return -float(lr) * grad, state  # a NumPy scalar would turn float32 into float64

    return Optimizer(_no_state, update, (Part("scale_by_learning_rate", {}),))


def trace(rho: float = 0.9, *, nesterov: bool = False) -> Optimizer:
    """Remember: m ← ρ m + g, and hand on m; with `nesterov`, hand on g + ρ m.

    The momentum of lectures L0 and L1; m has the shape of g. Lecture L2 averages instead,
    m ← ρ m + (1 − ρ) g, which makes every step 1 − ρ times as long.

    Raises:
        TypeError, ValueError: for a rho outside [0, 1).

    >>> trace(0.5).update(np.array([1.0]), np.array([2.0]), np.zeros(1), 0.1)
    (array([2.]), array([2.]))
    """
    rho = _fraction("rho", rho)

    def update(grad: Array, m: Array, *_: Any) -> tuple[Array, Array]:
        m = rho * m + grad
        return (grad + rho * m if nesterov else m), m

    return Optimizer(np.zeros_like, update, (Part("trace", {"rho": rho, "nesterov": nesterov}),))


def scale_by_rss(eps: float = 1e-8) -> Optimizer:
    """Divide by the root of the sum of squares: v ← v + g², g / (√v + eps).

    Adagrad's link (lectures L0, L4; Duchi, Hazan and Singer, 2011); v has the shape of g.

    Raises:
        TypeError, ValueError: for an eps below 0 or not finite.

    >>> scale_by_rss().update(np.array([3.0]), np.array([16.0]), np.zeros(1), 0.1)
    (array([0.6]), array([25.]))
    """
    eps = require_number("eps", eps, low=0)

    def update(grad: Array, v: Array, *_: Any) -> tuple[Array, Array]:
        v = v + grad**2
        return grad / (np.sqrt(v) + eps), v

    return Optimizer(np.zeros_like, update, (Part("scale_by_rss", {"eps": eps}),))


def scale_by_rms(rho: float = 0.9, eps: float = 1e-8) -> Optimizer:
    """Divide by the root of a running mean of squares: v ← ρ v + (1 − ρ) g², g / (√v + eps).

    RMSProp's link (lectures L1, L3, L4; Hinton, 2012); v has the shape of g.

    Raises:
        TypeError, ValueError: for a rho outside [0, 1), or an eps below 0 or not finite.

    >>> scale_by_rms(rho=0.75).update(np.array([4.0]), np.zeros(1), np.zeros(1), 0.1)
    (array([1.99999999]), array([4.]))
    """
    rho, eps = _fraction("rho", rho), require_number("eps", eps, low=0)

    def update(grad: Array, v: Array, *_: Any) -> tuple[Array, Array]:
        v = rho * v + (1 - rho) * grad**2
        return grad / (np.sqrt(v) + eps), v

    return Optimizer(np.zeros_like, update, (Part("scale_by_rms", {"rho": rho, "eps": eps}),))


def scale_by_adam(beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Divide one corrected running mean by the root of another: m̂ / (√v̂ + eps).

    m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ). The
    state keeps m and v: lecture L0's loop stores m̂ and v̂ in them, which corrects again and again.
    Source: Kingma and Ba, 2015 (lectures L1, L3, L4).

    Raises:
        TypeError, ValueError: for a beta outside [0, 1), or an eps below 0 or not finite.

    >>> link, start = scale_by_adam(), np.zeros(2)
    >>> link.update(np.array([5.0, -0.01]), link.init(start), start, 0.1)[0].round(5)
    array([ 1., -1.])
    """
    beta1, beta2 = _fraction("beta1", beta1), _fraction("beta2", beta2)
    eps = require_number("eps", eps, low=0)

    def update(grad: Array, state: Moments, *_: Any) -> tuple[Array, Moments]:
        t, m, v = state = _advance(grad, state, beta1, beta2)
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return m_hat / (np.sqrt(v_hat) + eps), state

    settings = {"beta1": beta1, "beta2": beta2, "eps": eps}
    return Optimizer(_zero_moments, update, (Part("scale_by_adam", settings),))


def scale_by_nadam(beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Do as `scale_by_adam` does, with an m̂ that looks one update ahead.

    m̂ = β₁ m / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ). Source: Dozat, 2016; in no lecture.

    Raises:
        TypeError, ValueError: for a beta outside [0, 1), or an eps below 0 or not finite.

    >>> link, start = scale_by_nadam(), np.zeros(1)
    >>> link.update(np.array([5.0]), link.init(start), start, 0.1)[0].round(5)
    array([1.47368])
    """
    beta1, beta2 = _fraction("beta1", beta1), _fraction("beta2", beta2)
    eps = require_number("eps", eps, low=0)

    def update(grad: Array, state: Moments, *_: Any) -> tuple[Array, Moments]:
        t, m, v = state = _advance(grad, state, beta1, beta2)
        ahead = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * grad / (1 - beta1**t)
        return ahead / (np.sqrt(v / (1 - beta2**t)) + eps), state

    settings = {"beta1": beta1, "beta2": beta2, "eps": eps}
    return Optimizer(_zero_moments, update, (Part("scale_by_nadam", settings),))


def add_decayed_weights(weight_decay: float = 0.01) -> Optimizer:
    """Add weight_decay·θ. As first link it is the gradient of the penalty weight_decay/2·‖θ‖².

    The weight decay of lecture L1; gradient and θ have one shape.

    Raises:
        TypeError, ValueError: for a weight_decay below 0 or not finite.

    >>> add_decayed_weights(0.5).update(np.array([1.0]), (), np.array([4.0]), 0.1)[0]
    array([3.])
    """
    decay = require_number("weight_decay", weight_decay, low=0)

    def update(grad: Array, state: Any, theta: Array, lr: float) -> tuple[Array, Any]:
        del lr
        return grad + decay * theta, state

    return Optimizer(_no_state, update, (Part("add_decayed_weights", {"weight_decay": decay}),))


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
    if not 0 <= require_number(name, value) < 1:
        raise ValueError(f"{name} must lie in [0, 1); got {value}")
    return float(value)
