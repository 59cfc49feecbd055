"""Runs of other libraries' optimizers, with small stand-ins for the libraries."""

import importlib
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograder.exercises import steps_case
from autograder.library_runs import optax_run, torch_run

CASE = steps_case(
    "from the middle",
    {"theta": np.array([1.0, 2.0]), "m": np.array([4.0, 0.0])},
    [
        {"grad": np.array([2.0, 2.0]), "lr": 0.5, "t": 5},
        {"grad": np.array([0.0, 4.0]), "lr": 0.25, "t": 6},
    ],
)
# m becomes the mean of m and the gradient; theta goes down by lr * m.
EXPECTED = {"theta": [[-0.5, 1.5], [-0.875, 0.875]], "m": [[3.0, 1.0], [1.5, 2.5]]}


class Tensor(np.ndarray):
    """As much of a tensor as a run touches."""

    grad: Any = None

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def detach(self) -> "Tensor":
        return self

    def numpy(self) -> np.ndarray:
        return np.asarray(self)


def tensor(value: Any, dtype: str, *, requires_grad: bool = False) -> Tensor:
    del requires_grad
    return np.array(value, dtype=dtype).view(Tensor)


class HalfMemory:
    """An optimizer in the manner of torch.optim."""

    def __init__(self, params: list[Tensor], lr: float) -> None:
        self.param_groups = [{"lr": lr}]
        self.theta = params[0]
        self.state: dict[Tensor, dict[str, Tensor]] = {self.theta: {}}

    def step(self) -> None:
        state = self.state[self.theta]
        state["step"] += 1
        state["memory"] += (self.theta.grad - state["memory"]) / 2
        self.theta -= self.param_groups[0]["lr"] * state["memory"]


def test_torch_optimizers_start_in_the_middle_and_change_lr(monkeypatch: pytest.MonkeyPatch):
    fake: Any = ModuleType("torch")
    made = []
    fake.float64, fake.tensor = "float64", tensor

    def make(params: list[Tensor], lr: float) -> HalfMemory:
        made.append(HalfMemory(params, lr))
        return made[-1]

    fake.optim = SimpleNamespace(HalfMemory=make)
    monkeypatch.setitem(sys.modules, "torch", fake)
    arrays = torch_run(CASE, "HalfMemory", {"m": "memory"}, {})
    assert {name: array.tolist() for name, array in arrays.items()} == EXPECTED
    assert float(made[0].state[made[0].theta]["step"]) == 6


class HalfMemoryChain:
    """An optimizer in the manner of optax, made anew with each lr."""

    def __init__(self, lr: float) -> None:
        self.lr = lr

    def init(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        return {"mu": np.zeros_like(theta), "count": np.array(0)}

    def update(
        self, grad: np.ndarray, state: dict[str, np.ndarray], _theta: np.ndarray
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        mu = (state["mu"] + grad) / 2
        return -self.lr * mu, {"mu": mu, "count": state["count"] + 1}


def test_optax_optimizers_start_in_the_middle_and_change_lr(monkeypatch: pytest.MonkeyPatch):
    jax: Any = ModuleType("jax")
    optax: Any = ModuleType("optax")
    jax.config, jax.numpy = SimpleNamespace(update=lambda *_args, **_options: None), np
    optax.tree_utils = SimpleNamespace(
        tree_set=lambda state, **known: {**state, **known}, tree_get=lambda state, name: state[name]
    )
    optax.apply_updates = lambda theta, moves: theta + moves
    for module in (jax, optax):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    arrays = optax_run(CASE, lambda _optax, update: HalfMemoryChain(update["lr"]), {"m": "mu"}, 4)
    assert {name: array.tolist() for name, array in arrays.items()} == EXPECTED


def test_nothing_big_is_imported_before_it_is_used():
    module = importlib.import_module("autograder.library_runs")
    assert not {"torch", "optax", "jax"} & set(vars(module))
