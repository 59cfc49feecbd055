"""The optimizers of the lectures, each one expression of links, and `run`, which follows one.

Each says where textbooks and libraries differ from it.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from downslope.arguments import (
    floats,
    require_callable,
    require_count,
    require_kind,
    require_number,
)
from downslope.optimizers.links import (
    Optimizer,
    add_decayed_weights,
    chain,
    scale_by_adam,
    scale_by_learning_rate,
    scale_by_nadam,
    scale_by_rms,
    scale_by_rss,
    trace,
)

GradientFunction = Callable[[npt.NDArray[np.float64]], npt.ArrayLike]
LearningRate = float | Callable[[int], float]


def sgd() -> Optimizer:
    """Plain gradient descent: θ ← θ − lr·g, for θ of any shape (lectures L0 to L4).

    Raises:
        ValueError: in an update, as `chain` does.

    >>> sgd().update(np.array([2.0]), ((),), np.array([1.0]), 0.1)[0]
    array([-0.2])
    """
    return chain(scale_by_learning_rate())


def momentum(rho: float = 0.9, *, nesterov: bool = False) -> Optimizer:
    """Gradient descent with memory, form 1: m ← ρ m + g, θ ← θ − lr·m.

    The form of lectures L0, L1 and of PyTorch. The same steps as `velocity` while lr is constant;
    when lr changes, here the whole memory feels it at once. L2's averaged form needs lr/(1 − ρ)
    for these steps.

    Raises:
        TypeError, ValueError: for a rho outside [0, 1).

    >>> momentum().update(np.array([1.0]), (np.array([2.0]), ()), np.array([0.0]), 0.1)
    (array([-0.28]), (array([2.8]), ()))
    """
    return chain(trace(rho, nesterov=nesterov), scale_by_learning_rate())


def velocity(rho: float = 0.9, *, nesterov: bool = False) -> Optimizer:
    """Gradient descent with memory, form 2: v ← ρ v − lr·g, θ ← θ + v (lectures L0, L3, L4).

    Each gradient keeps the learning rate it came with. With `nesterov` the parameters are L4's
    shifted variable φ = θ + ρ v: φ ← φ − lr·g + ρ v.

    Raises:
        TypeError, ValueError: for a rho outside [0, 1).

    >>> velocity().update(np.array([1.0]), ((), np.array([-0.2])), np.array([0.0]), 0.1)
    (array([-0.28]), ((), array([-0.28])))
    """
    return chain(scale_by_learning_rate(), trace(rho, nesterov=nesterov))


def nesterov(rho: float = 0.9) -> Optimizer:
    """Momentum that looks ahead (Nesterov, 1983), as PyTorch has it: θ ← θ − lr·(g + ρ m).

    Lecture L4 evaluates the gradient at the lookahead point; L1 splits the step in two; L0's
    formula has v where m is meant. All are this rule, at the shifted variable and for constant lr.

    Raises:
        TypeError, ValueError: for a rho outside [0, 1).

    >>> nesterov(0.5).update(np.array([1.0]), (np.array([2.0]), ()), np.array([0.0]), 0.1)[0]
    array([-0.2])
    """
    return momentum(rho, nesterov=True)


def adagrad(eps: float = 1e-8) -> Optimizer:
    """Adagrad (Duchi, Hazan and Singer, 2011): v ← v + g², θ ← θ − lr·g / (√v + eps).

    The form of lectures L0, L4. L3 divides by the root mean square and lets lr fall like 1/√t: the
    same steps. PyTorch's eps is 1e-10; optax starts v at 0.1 with eps inside the root.

    Raises:
        TypeError, ValueError: for an eps below 0 or not finite.

    >>> adagrad().update(np.array([3.0]), (np.array([16.0]), ()), np.array([0.0]), 0.1)[0]
    array([-0.06])
    """
    return chain(scale_by_rss(eps), scale_by_learning_rate())


def rmsprop(rho: float = 0.9, eps: float = 1e-8) -> Optimizer:
    """RMSProp (Hinton, 2012): v ← ρ v + (1 − ρ) g², θ ← θ − lr·g / (√v + eps).

    The form of lecture L4. L0's slide lacks the factor 1 − ρ: its steps are √(1 − ρ) times as
    long. L3 starts v at g². In PyTorch ρ is called alpha and is 0.99; optax has eps inside the
    root unless told otherwise.

    Raises:
        TypeError, ValueError: for a rho outside [0, 1), or an eps below 0 or not finite.

    >>> rmsprop(rho=0.75).update(np.array([4.0]), (np.zeros(1), ()), np.zeros(1), 0.1)[0]
    array([-0.2])
    """
    return chain(scale_by_rms(rho, eps), scale_by_learning_rate())


def adam(beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Adam (Kingma and Ba, 2015, Algorithm 1): θ ← θ − lr·m̂ / (√v̂ + eps), see `scale_by_adam`.

    Lecture L3 shows that algorithm; L4's eps is 1e-7. PyTorch's Adam with weight_decay is
    `chain(add_decayed_weights(...), adam())`, which is not `adamw`.

    Raises:
        TypeError, ValueError: for a beta outside [0, 1), or an eps below 0 or not finite.

    >>> start = np.zeros(2)
    >>> adam().update(np.array([5.0, -0.01]), adam().init(start), start, 0.1)[0].round(6)
    array([-0.1,  0.1])
    """
    return chain(scale_by_adam(beta1, beta2, eps), scale_by_learning_rate())


def nadam(beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Adam with Nesterov's lookahead (Dozat, 2016), with constant β₁ as in optax.

    PyTorch's NAdam lets β₁ grow with time, so its numbers differ. In no lecture.

    Raises:
        TypeError, ValueError: for a beta outside [0, 1), or an eps below 0 or not finite.

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
    schedule's factor. In no lecture.

    Raises:
        TypeError, ValueError: for a beta outside [0, 1), or an eps or weight_decay below 0 or not
            finite.

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

    `theta0` is `(D,)`; `grad_fn` takes and gives that shape. `lr` is a number or a schedule: a
    function of the 0-based step. The loop is gradient descent's in lecture L0, with all examples.

    Raises:
        TypeError, ValueError: for an optimizer without its parentheses, a grad_fn that is no
            function, a theta0 without numbers, an lr that is no finite number, steps below 0, or a
            gradient of another shape than theta0.

    >>> run(sgd(), lambda theta: 2 * theta, [1.0], lr=0.25, steps=3).ravel()
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    require_kind("optimizer", optimizer, Optimizer, "be an Optimizer, such as sgd()")
    require_callable("grad_fn", grad_fn)
    require_count("steps", steps, low=0)
    if not callable(lr):
        require_number("lr", lr)
    theta = np.array(floats("theta0", theta0), dtype=np.float64)
    state = optimizer.init(theta)
    path = [theta]
    for step in range(steps):
        rate = lr(step) if callable(lr) else lr
        grad = np.asarray(grad_fn(theta), dtype=np.float64)
        updates, state = optimizer.update(grad, state, theta, rate)
        theta = theta + updates
        path.append(theta)
    return np.array(path)
