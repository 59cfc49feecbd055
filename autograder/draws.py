"""Draw the parts of cases for update rules: gradients, learning rates, constants, first states.

Nothing is masked: magnitudes stay away from zero and from each other, signs are mixed, lr changes
during a run, decay rates are no default, and an eps can be seen.
"""

from __future__ import annotations

import numpy as np

from downslope.drivers import Case

Update = dict[str, object]


def signed(rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw numbers of both signs whose magnitudes lie between 0.3 and 3."""
    magnitudes = rng.uniform(0.3, 3.0, size)
    signs = rng.permutation(np.where(np.arange(size) % 2 == 0, 1.0, -1.0))
    drawn: np.ndarray = magnitudes * signs
    return drawn


def rates(rng: np.random.Generator, updates: int) -> list[float]:
    """Draw one learning rate for the first half of a run and another for the second."""
    first, second = rng.uniform(0.1, 0.3), rng.uniform(0.4, 0.8)
    return [float(first)] * (updates // 2) + [float(second)] * (updates - updates // 2)


def run(
    rng: np.random.Generator,
    size: int,
    updates: int,
    *,
    scale: float = 1.0,
    zero_from: int | None = None,
) -> list[Update]:
    """Draw the gradients and learning rates of a run.

    Args:
        rng: source of randomness.
        size: number of parameters.
        updates: length of the run.
        scale: factor on all gradients.
        zero_from: the last coordinate has no gradient from this update (0-based) on.
    """
    gradients = [scale * signed(rng, size) for _ in range(updates)]
    if zero_from is not None:
        for grad in gradients[zero_from:]:
            grad[-1] = 0.0
    lrs = rates(rng, updates)
    return [{"grad": grad, "lr": lr} for grad, lr in zip(gradients, lrs, strict=True)]


def numbered(updates: list[Update], first: int = 1) -> list[Update]:
    """Add the 1-based update number ``t`` to each update of a run."""
    return [{**update, "t": first + index} for index, update in enumerate(updates)]


def constants(updates: list[Update], **values: float) -> list[Update]:
    """Add arguments that stay the same over a run."""
    return [{**update, **values} for update in updates]


def decay(rng: np.random.Generator) -> float:
    """Draw a decay rate that is nobody's default."""
    return float(rng.uniform(0.6, 0.95))


def visible_eps(rng: np.random.Generator) -> float:
    """Draw an eps so large that its place in the formula shows."""
    return float(rng.uniform(0.05, 0.3))


def squares(rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw a positive state of squared gradients."""
    return rng.uniform(0.3, 3.0, size)


def without(update: Update, name: str) -> Update:
    """Leave one argument out."""
    return {key: value for key, value in update.items() if key != name}


def with_constants(case: Case, **values: float) -> Case:
    """Add arguments that stay the same over the run of a case."""
    return {**case, "updates": constants(case["updates"], **values)}
