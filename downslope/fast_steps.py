"""The fast path of the trainer, second half: optimizers that move the parameters in place.

An optimizer's recipe names its links; each has a twin here that works in arrays made once.
`downslope.optimizers` is the version to read; tests hold this one to its numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from downslope.arguments import Array
from downslope.optimizers import Optimizer

InPlaceLink = Callable[[Array, float], None]
Step = Callable[[Array, float], None]

# Longer vectors are moved block by block, so that a block and its state stay in the processor's
# cache through all operations of a step.
BLOCK = 16_384


def in_place(optimizer: Optimizer, theta: Array) -> Step:
    """Make a function `step(grad, lr)` that moves theta and uses up grad, both `(P,)`.

    Equal to the optimizer's own `update` up to rounding.

    Raises:
        ValueError: for an optimizer with links that are not from this package.

    >>> from downslope.optimizers import momentum
    >>> theta = np.array([1.0, 2.0])
    >>> step = in_place(momentum(0.5), theta)
    >>> step(np.array([1.0, 0.0]), 0.1)
    >>> step(np.array([1.0, 0.0]), 0.1)
    >>> theta
    array([0.75, 2.  ])
    """
    if not has_fast_form(optimizer):
        raise ValueError(f"optimizer must be made of this package's links; got {optimizer.recipe}")
    ranges = [slice(start, start + BLOCK) for start in range(0, theta.size, BLOCK)]
    blocks = [(block, theta[block], _links(optimizer, theta[block])) for block in ranges]

    def step(grad: Array, lr: float) -> None:
        for block, part, links in blocks:
            move = grad[block]
            for link in links:
                link(move, lr)
            np.add(part, move, out=part)

    return step


def has_fast_form(optimizer: Optimizer) -> bool:
    """Say whether every link of an optimizer is known here.

    >>> from downslope.optimizers import adam
    >>> has_fast_form(adam()), has_fast_form(adam()._replace(recipe=()))
    (True, False)
    """
    return bool(optimizer.recipe) and all(part.name in LINKS for part in optimizer.recipe)


def _links(optimizer: Optimizer, theta: Array) -> Sequence[InPlaceLink]:
    return [LINKS[part.name](theta, **part.settings) for part in optimizer.recipe]


# Each function below makes one link for the parameters theta; the link changes u, which comes in as
# the gradient and goes out as the update. Formulas: downslope.optimizers.links.


def _scale_by_learning_rate(theta: Array) -> InPlaceLink:
    del theta

    def link(u: Array, lr: float) -> None:
        u *= -lr

    return link


def _trace(theta: Array, *, rho: float, nesterov: bool) -> InPlaceLink:
    m, ahead = np.zeros_like(theta), np.empty_like(theta)

    def link(u: Array, lr: float) -> None:
        del lr
        np.multiply(m, rho, out=m)
        np.add(m, u, out=m)
        if nesterov:
            u += np.multiply(m, rho, out=ahead)
        else:
            u[...] = m

    return link


def _scale_by_rss(theta: Array, *, eps: float) -> InPlaceLink:
    v, root = np.zeros_like(theta), np.empty_like(theta)

    def link(u: Array, lr: float) -> None:
        del lr
        np.add(v, np.multiply(u, u, out=root), out=v)
        np.sqrt(v, out=root)
        np.add(root, eps, out=root)
        u /= root

    return link


def _scale_by_rms(theta: Array, *, rho: float, eps: float) -> InPlaceLink:
    # Here and in Adam the running mean is kept without its factor 1 − ρ, which is put on in the
    # end with the other numbers: one pass over the vector less.
    v, root = np.zeros_like(theta), np.empty_like(theta)
    factor = (1 - rho) ** 0.5

    def link(u: Array, lr: float) -> None:
        del lr
        np.multiply(v, rho, out=v)
        np.add(v, np.multiply(u, u, out=root), out=v)
        np.sqrt(v, out=root)
        np.add(root, eps / factor, out=root)
        np.multiply(root, factor, out=root)
        u /= root

    return link


def _scale_by_adam(theta: Array, *, beta1: float, beta2: float, eps: float) -> InPlaceLink:
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    t = 0

    def link(u: Array, lr: float) -> None:
        nonlocal t
        del lr
        t += 1
        factor = ((1 - beta2) / (1 - beta2**t)) ** 0.5
        np.multiply(m, beta1, out=m)
        np.add(m, u, out=m)
        np.multiply(v, beta2, out=v)
        np.add(v, np.multiply(u, u, out=u), out=v)
        np.sqrt(v, out=u)
        u += eps / factor
        np.divide(m, u, out=u)
        u *= (1 - beta1) / (1 - beta1**t) / factor

    return link


def _scale_by_nadam(theta: Array, *, beta1: float, beta2: float, eps: float) -> InPlaceLink:
    m, v, other = np.zeros_like(theta), np.zeros_like(theta), np.empty_like(theta)
    t = 0

    def link(u: Array, lr: float) -> None:
        nonlocal t
        del lr
        t += 1
        factor = ((1 - beta2) / (1 - beta2**t)) ** 0.5
        np.multiply(m, beta1, out=m)
        np.add(m, u, out=m)
        np.multiply(v, beta2, out=v)
        np.add(v, np.multiply(u, u, out=other), out=v)
        u *= 1 / (1 - beta1**t)
        u += np.multiply(m, beta1 / (1 - beta1 ** (t + 1)), out=other)
        np.sqrt(v, out=other)
        np.add(other, eps / factor, out=other)
        u /= other
        u *= (1 - beta1) / factor

    return link


def _add_decayed_weights(theta: Array, *, weight_decay: float) -> InPlaceLink:
    decay = np.empty_like(theta)

    def link(u: Array, lr: float) -> None:
        del lr
        u += np.multiply(theta, weight_decay, out=decay)

    return link


LINKS: dict[str, Callable[..., InPlaceLink]] = {
    "scale_by_learning_rate": _scale_by_learning_rate,
    "trace": _trace,
    "scale_by_rss": _scale_by_rss,
    "scale_by_rms": _scale_by_rms,
    "scale_by_adam": _scale_by_adam,
    "scale_by_nadam": _scale_by_nadam,
    "add_decayed_weights": _add_decayed_weights,
}
