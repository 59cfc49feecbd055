"""Run the optimizers of PyTorch and optax over a case, for the oracle ledger.

lr may change between two updates, and a run that starts in the middle gets its state set. The
libraries are imported when they are used: almost nobody needs them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from downslope.drivers import Case

Arrays = dict[str, np.ndarray]
Update = dict[str, Any]


def torch_run(
    case: Case, rule: str, states: dict[str, str], options: Update, **more_state: float
) -> Arrays:
    """Run an optimizer of torch.optim over a case.

    Args:
        case: a steps case.
        rule: name of the class.
        states: our names of the state arrays, and torch's.
        options: keyword arguments of the class.
        more_state: other entries of torch's state before the first update.
    """
    torch: Any = importlib.import_module("torch")

    theta = torch.tensor(case["start"]["theta"], dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, rule)([theta], lr=1.0, **options)
    state = optimizer.state[theta]
    counted = {"step": case["updates"][0].get("t", 1) - 1, **more_state}
    known = {theirs: case["start"][ours] for ours, theirs in states.items()}
    for name, value in {**counted, **known}.items():
        state[name] = torch.tensor(value, dtype=torch.float64)
    history: list[Arrays] = []
    for update in case["updates"]:
        optimizer.param_groups[0]["lr"] = update["lr"]
        theta.grad = torch.tensor(update["grad"], dtype=torch.float64)
        optimizer.step()
        now = {"theta": theta.detach(), **{ours: state[name] for ours, name in states.items()}}
        history.append({name: value.numpy().copy() for name, value in now.items()})
    return _stacked(history)


def optax_run(
    case: Case,
    make: Callable[[Any, Update], Any],
    states: dict[str, str],
    count: int | None = None,
) -> Arrays:
    """Run an optimizer of optax over a case.

    Args:
        case: a steps case.
        make: from optax and an update's arguments to the optimizer; only lr differs in a run.
        states: our names of the state arrays, and optax's.
        count: updates made before, for rules that count them.
    """
    optax, jnp = import_optax()

    theta = jnp.array(case["start"]["theta"])
    known = {theirs: jnp.array(case["start"][ours]) for ours, theirs in states.items()}
    if count is not None:
        known["count"] = jnp.array(count, dtype="int32")
    state = make(optax, case["updates"][0]).init(theta)
    state = optax.tree_utils.tree_set(state, **known) if known else state
    history: list[Arrays] = []
    for update in case["updates"]:
        moves, state = make(optax, update).update(jnp.array(update["grad"]), state, theta)
        theta = optax.apply_updates(theta, moves)
        found = {ours: optax.tree_utils.tree_get(state, name) for ours, name in states.items()}
        history.append({name: np.array(value) for name, value in {"theta": theta, **found}.items()})
    return _stacked(history)


def import_optax() -> tuple[Any, Any]:
    """Import optax and jax.numpy, the latter set to float64."""
    jax: Any = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", val=True)
    return importlib.import_module("optax"), jax.numpy


def _stacked(history: list[Arrays]) -> Arrays:
    return {name: np.stack([now[name] for now in history]) for name in history[0]}
