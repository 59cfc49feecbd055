"""Every optimizer over 100 updates with changing gradients and rates, beside PyTorch and optax."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from downslope import optimizers
from downslope.fast_steps import in_place
from downslope.optimizers import (
    Optimizer,
    add_decayed_weights,
    chain,
    scale_by_learning_rate,
    scale_by_nadam,
    scale_by_rms,
    trace,
)

penalty = add_decayed_weights(0.03)
OURS = {
    "sgd": optimizers.sgd(),
    "sgd, penalty": chain(penalty, optimizers.sgd()),
    "momentum": optimizers.momentum(0.9),
    "momentum, penalty": chain(penalty, optimizers.momentum(0.8)),
    "nesterov": optimizers.nesterov(0.9),
    "velocity": optimizers.velocity(0.9),
    "velocity, nesterov": optimizers.velocity(0.9, nesterov=True),
    "adagrad": optimizers.adagrad(),
    "rmsprop": optimizers.rmsprop(0.9),
    "rmsprop, momentum": chain(scale_by_rms(0.95, 1e-6), trace(0.7), scale_by_learning_rate()),
    "adam": optimizers.adam(),
    "adam, other settings": optimizers.adam(0.6, 0.8, 1e-2),
    "adam, penalty": chain(penalty, optimizers.adam()),
    "adamw": optimizers.adamw(weight_decay=0.03),
    "nadam": optimizers.nadam(),
    "nadam, decoupled": chain(scale_by_nadam(0.8, 0.9), penalty, scale_by_learning_rate()),
}
IN_TORCH = [name for name in OURS if not name.startswith(("velocity", "nadam"))]
IN_OPTAX = [
    "sgd",
    "momentum",
    "nesterov",
    "velocity",
    "velocity, nesterov",
    "rmsprop",
    "adam",
    "adamw",
    "nadam",
    "nadam, decoupled",
]
CASES = [("torch", name) for name in IN_TORCH] + [("optax", name) for name in IN_OPTAX]


def pure_path(rule: Optimizer, inputs: dict[str, Any]) -> Any:
    gradients, rates = iter(inputs["grads"]), inputs["rates"]
    start, steps = inputs["start"], len(rates)
    return optimizers.run(rule, lambda _: next(gradients), start, rates.__getitem__, steps)[1:]


def in_place_path(rule: Optimizer, inputs: dict[str, Any]) -> Any:
    """The form that the trainer uses."""
    theta = np.array(inputs["start"])
    step, path = in_place(rule, theta), []
    for grad, rate in zip(inputs["grads"], inputs["rates"], strict=True):
        step(np.array(grad), rate)
        path.append(theta.copy())
    return path


def test_nothing_is_left_out(numbers: Callable[[str], dict[str, Any]]):
    section = numbers("optimizers")
    assert set(section["torch"]) == set(IN_TORCH)
    assert set(section["optax"]) == set(IN_OPTAX)
    assert set(IN_TORCH) | set(IN_OPTAX) == set(OURS)


@pytest.mark.parametrize("path", [pure_path, in_place_path])
@pytest.mark.parametrize(("library", "name"), CASES)
def test_same_path(
    numbers: Callable[[str], dict[str, Any]],
    agree: Callable[[Any, Any], None],
    library: str,
    name: str,
    path: Callable[[Optimizer, dict[str, Any]], Any],
):
    section = numbers("optimizers")
    agree(path(OURS[name], section["inputs"]), section[library][name])
