"""The fast path of the trainer, second half: optimizers that move the parameters in place.

An optimizer's recipe names its links; each has a twin here that works in arrays made once.
`downslope.optimizers` is the version to read; tests hold this one to its numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from downslope.arguments import Array
from downslope.optimizers import Optimizer

# link(u, factor, lr) takes the vector factor·u, changes u and returns the new factor: a factor
# waits until it costs no pass over the vector of its own.
InPlaceLink = Callable[[Array, float, float], float]
Step = Callable[[Array, float], None]

# Longer vectors are moved block by block, so that a block and its state stay in the processor's
# cache through all operations of a step.
BLOCK = 16_384
CACHE_LINE = 64


def in_place(optimizer: Optimizer, theta: Array) -> Step:
    """Make a function `step(grad, lr)` that moves theta and uses up grad, both `(P,)`.

    Equal to the optimizer's own `update` up to rounding.

    Raises:
        ValueError: for an optimizer with links that are not from this package, or an eps of 0.

    >>> from downslope.optimizers import momentum
    >>> theta = np.array([1.0, 2.0])
    >>> step = in_place(momentum(0.5), theta)
    >>> step(np.array([1.0, 0.0]), 0.1)
    >>> step(np.array([1.0, 0.0]), 0.1)
    >>> theta
    array([0.75, 2.  ])
    """
    if not has_fast_form(optimizer):
        raise ValueError(
            "optimizer must be made of this package's links, with an eps above 0; "
            f"got {optimizer.recipe}"
        )
    ranges = [slice(start, start + BLOCK) for start in range(0, theta.size, BLOCK)]
    blocks = [(block, theta[block], _links(optimizer, theta[block])) for block in ranges]
    last = np.array(1.0, theta.dtype)

    def step(grad: Array, lr: float) -> None:
        for block, part, links in blocks:
            u, factor = grad[block], 1.0
            for link in links:
                factor = link(u, factor, lr)
            last[()] = factor
            np.multiply(u, last, u)
            np.add(part, u, part)

    return step


def has_fast_form(optimizer: Optimizer) -> bool:
    """Say whether every link of an optimizer is known here, and none divides 0 by 0.

    Some parameters never have a gradient (see `fast_gradients`); an eps of 0 would make them nan.

    >>> from downslope.optimizers import adam
    >>> has_fast_form(adam()), has_fast_form(adam(eps=0)), has_fast_form(adam()._replace(recipe=()))
    (True, False, False)
    """
    return bool(optimizer.recipe) and all(
        part.name in LINKS and np.float32(part.settings.get("eps", 1)) > 0
        for part in optimizer.recipe
    )


def _links(optimizer: Optimizer, theta: Array) -> Sequence[InPlaceLink]:
    return [LINKS[part.name](theta, **part.settings) for part in optimizer.recipe]


def aligned_zeros(size: int, dtype: np.dtype[Any]) -> Array:
    """Make a vector of zeros that begins where a cache line does: a quarter faster to work on.

    >>> aligned_zeros(3, np.dtype(np.float64)).ctypes.data % CACHE_LINE
    0
    """
    room = np.zeros(size + CACHE_LINE // dtype.itemsize, dtype)
    start = -room.ctypes.data % CACHE_LINE // dtype.itemsize
    return room[start : start + size]


def _zeros_like(theta: Array, count: int) -> list[Array]:
    return [aligned_zeros(theta.size, theta.dtype) for _ in range(count)]


# Each function below makes one link for the parameters theta. u comes in as the gradient and goes
# out as the update; formulas: downslope.optimizers.links.


def _scale_by_learning_rate(theta: Array) -> InPlaceLink:
    del theta
    return lambda u, factor, lr: -lr * factor  # noqa: ARG005 - u is only relabelled


def _trace(theta: Array, *, rho: float, nesterov: bool) -> InPlaceLink:
    m, ahead = _zeros_like(theta, 2)

    def link(u: Array, factor: float, lr: float) -> float:
        del lr
        u *= factor
        np.multiply(m, rho, out=m)
        np.add(m, u, out=m)
        if nesterov:
            u += np.multiply(m, rho, out=ahead)
        else:
            u[...] = m
        return 1.0

    return link


def _scale_by_rss(theta: Array, *, eps: float) -> InPlaceLink:
    v, root = _zeros_like(theta, 2)

    def link(u: Array, factor: float, lr: float) -> float:
        del lr
        u *= factor
        np.add(v, np.multiply(u, u, out=root), out=v)
        np.sqrt(v, out=root)
        np.add(root, eps, out=root)
        u /= root
        return 1.0

    return link


# Running means are kept without their factor 1 − ρ: what is missing goes into eps and into the
# factor that is handed on, which are numbers, not vectors.


def _scale_by_rms(theta: Array, *, rho: float, eps: float) -> InPlaceLink:
    v, root = _zeros_like(theta, 2)
    missing = math.sqrt(1 - rho)

    def link(u: Array, factor: float, lr: float) -> float:
        del lr
        u *= factor
        np.multiply(v, rho, out=v)
        np.add(v, np.multiply(u, u, out=root), out=v)
        np.sqrt(v, out=root)
        np.add(root, eps / missing, out=root)
        u /= root
        return 1 / missing

    return link


def _scale_by_adam(theta: Array, *, beta1: float, beta2: float, eps: float) -> InPlaceLink:
    m, v = _zeros_like(theta, 2)
    # As arrays: NumPy would have to find a type for Python's numbers at every update.
    decay1, decay2 = np.array(beta1, theta.dtype), np.array(beta2, theta.dtype)
    floor = np.array(eps, theta.dtype)
    t = 0

    def link(u: Array, factor: float, lr: float) -> float:
        nonlocal t
        del lr
        t += 1
        missing = math.sqrt((1 - beta2) / (1 - beta2**t))
        if factor != 1:
            u *= factor
        np.multiply(v, decay2, v)
        np.multiply(m, decay1, m)
        np.add(m, u, m)
        np.add(v, np.multiply(u, u, u), v)
        np.sqrt(v, u)
        floor[()] = eps / missing
        np.add(u, floor, u)
        np.divide(m, u, u)
        return (1 - beta1) / float(1 - beta1**t) / missing

    return link


def _scale_by_nadam(theta: Array, *, beta1: float, beta2: float, eps: float) -> InPlaceLink:
    m, v, other = _zeros_like(theta, 3)
    t = 0

    def link(u: Array, factor: float, lr: float) -> float:
        nonlocal t
        del lr
        t += 1
        missing = math.sqrt((1 - beta2) / (1 - beta2**t))
        u *= factor
        np.multiply(m, beta1, out=m)
        np.add(m, u, out=m)
        np.multiply(v, beta2, out=v)
        np.add(v, np.multiply(u, u, out=other), out=v)
        u *= 1 / (1 - beta1**t)
        u += np.multiply(m, beta1 / (1 - beta1 ** (t + 1)), out=other)
        np.sqrt(v, out=other)
        np.add(other, eps / missing, out=other)
        u /= other
        return (1 - beta1) / missing

    return link


def _add_decayed_weights(theta: Array, *, weight_decay: float) -> InPlaceLink:
    (decay,) = _zeros_like(theta, 1)

    def link(u: Array, factor: float, lr: float) -> float:
        del lr
        u *= factor
        u += np.multiply(theta, weight_decay, out=decay)
        return 1.0

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
