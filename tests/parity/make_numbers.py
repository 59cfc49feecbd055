"""Ask PyTorch and optax for the numbers that downslope must match, and store them beside this file.

    pip install '.[oracle]'
    python tests/parity/make_numbers.py

The script imports nothing of downslope: it shares the formulas with it, not the code. Each section
becomes one JSON file with the inputs, the results, and the versions that gave them; the tests
compare downslope with the files always, and with the libraries themselves where they are installed.
Everything is float64, written with all its digits.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
STEPS = 100
RATE = 0.1  # the first rate of every schedule
Section = dict[str, Any]

# By our name: class of torch.optim and its options.
TORCH_RULES: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {}),
    "sgd, penalty": ("SGD", {"weight_decay": 0.03}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "momentum, penalty": ("SGD", {"momentum": 0.8, "weight_decay": 0.03}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "adagrad": ("Adagrad", {"eps": 1e-8}),
    "rmsprop": ("RMSprop", {"alpha": 0.9, "eps": 1e-8}),
    "rmsprop, momentum": ("RMSprop", {"alpha": 0.95, "eps": 1e-6, "momentum": 0.7}),
    "adam": ("Adam", {"betas": (0.9, 0.999), "eps": 1e-8}),
    "adam, other settings": ("Adam", {"betas": (0.6, 0.8), "eps": 1e-2}),
    "adam, penalty": ("Adam", {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.03}),
    "adamw": ("AdamW", {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.03}),
}
# By our name: from optax and a learning rate to the optimizer.
OPTAX_RULES: dict[str, Callable[[Any, float], Any]] = {
    "sgd": lambda optax, lr: optax.sgd(lr),
    "momentum": lambda optax, lr: optax.sgd(lr, momentum=0.9),
    "nesterov": lambda optax, lr: optax.sgd(lr, momentum=0.9, nesterov=True),
    "velocity": lambda optax, lr: optax.chain(optax.scale(-lr), optax.trace(0.9)),
    "velocity, nesterov": lambda optax, lr: optax.chain(
        optax.scale(-lr), optax.trace(0.9, nesterov=True)
    ),
    "rmsprop": lambda optax, lr: optax.rmsprop(lr, decay=0.9, eps=1e-8, eps_in_sqrt=False),
    "adam": lambda optax, lr: optax.adam(lr),
    "adamw": lambda optax, lr: optax.adamw(lr, weight_decay=0.03),
    "nadam": lambda optax, lr: optax.nadam(lr),
    "nadam, decoupled": lambda optax, lr: optax.nadamw(lr, 0.8, 0.9, weight_decay=0.03),
}
# By our name: class of torch.optim.lr_scheduler and its options.
SCHEDULERS: dict[str, tuple[str, dict[str, Any]]] = {
    "constant": ("ConstantLR", {"factor": 1.0}),
    "step_decay": ("StepLR", {"step_size": 7, "gamma": 0.5}),
    "multi_step_decay": ("MultiStepLR", {"milestones": [5, 12, 60], "gamma": 0.1}),
    "exponential": ("ExponentialLR", {"gamma": 0.9}),
    "linear": ("LinearLR", {"start_factor": 1.0, "end_factor": 0.2, "total_iters": 40}),
    "linear, rising": ("LinearLR", {"start_factor": 1 / 3, "total_iters": 5}),
    "polynomial": ("PolynomialLR", {"total_iters": 70, "power": 2.5}),
    "cosine": ("CosineAnnealingLR", {"T_max": STEPS}),
    "cosine to a floor": ("CosineAnnealingLR", {"T_max": STEPS, "eta_min": 0.02}),
    "cosine_restarts": ("CosineAnnealingWarmRestarts", {"T_0": 4, "T_mult": 2}),
    "cosine_restarts, equal cycles": ("CosineAnnealingWarmRestarts", {"T_0": 9, "eta_min": 0.01}),
}
LAMBDAS: dict[str, Callable[[int], float]] = {
    "inverse_time": lambda t: 1 / (1 + 0.3 * t),
    "inverse_sqrt": lambda t: (t + 1) ** -0.5,
    "any function": lambda t: 1 / (1 + t % 7),
}


def versions(*names: str) -> dict[str, str]:
    """Say which versions of the libraries gave the numbers."""
    from importlib.metadata import version

    return {name: version(name) for name in names}


# ----- optimizers ----------------------------------------------------------------------------


def optimizer_inputs() -> Section:
    """Gradients of very different sizes, one of them mostly zero, and a rate that changes."""
    rng = np.random.default_rng(2026)
    grads = rng.normal(size=(STEPS, 5)) * np.array([1.0, 30.0, 1e-3, 1.0, 2.0])
    grads[:, 3] *= rng.uniform(size=STEPS) < 0.2
    grads[:, 4] += 3.0
    rates = 0.1 * rng.uniform(0.2, 3.0, size=STEPS)
    return {"start": [0.5, -20.0, 1.0, 3.0, -2.0], "grads": grads.tolist(), "rates": rates.tolist()}


def torch_path(inputs: Section, rule: str, options: dict[str, Any]) -> list[list[float]]:
    """Parameters after each step of an optimizer of torch.optim."""
    import torch

    theta = torch.tensor(inputs["start"], dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, rule)([theta], lr=1.0, **options)
    path = []
    for grad, rate in zip(inputs["grads"], inputs["rates"], strict=True):
        optimizer.param_groups[0]["lr"] = rate
        theta.grad = torch.tensor(grad, dtype=torch.float64)
        optimizer.step()
        path.append(theta.detach().tolist())
    return path


def optax_path(inputs: Section, make: Callable[[Any, float], Any]) -> list[list[float]]:
    """Parameters after each step of an optimizer of optax, made anew whenever the rate changes."""
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    theta = jax.numpy.array(inputs["start"])
    state = make(optax, 1.0).init(theta)
    path = []
    for grad, rate in zip(inputs["grads"], inputs["rates"], strict=True):
        updates, state = make(optax, rate).update(jax.numpy.array(grad), state, theta)
        theta = optax.apply_updates(theta, updates)
        path.append(theta.tolist())
    return path


def optimizers() -> Section:
    """Paths of every optimizer, by library and our name."""
    inputs = optimizer_inputs()
    return {
        "versions": versions("torch", "optax", "jax"),
        "inputs": inputs,
        "torch": {name: torch_path(inputs, *rule) for name, rule in TORCH_RULES.items()},
        "optax": {name: optax_path(inputs, make) for name, make in OPTAX_RULES.items()},
    }


# ----- schedules -----------------------------------------------------------------------------


def rates_of(make: Callable[[Any, Any], Any]) -> list[float]:
    """Learning rate before each of the updates 0 … STEPS, under a scheduler."""
    import torch

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=RATE)
    scheduler = make(torch.optim.lr_scheduler, optimizer)
    rates = []
    for _ in range(STEPS + 1):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return rates


def named(name: str, options: dict[str, Any]) -> Callable[[Any, Any], Any]:
    """A scheduler by its class and options, to be made when its optimizer is there."""
    return lambda library, optimizer: getattr(library, name)(optimizer, **options)


def warm_cosine(library: Any, optimizer: Any) -> Any:
    """Ten steps of warm-up, then a cosine."""
    climb = library.LinearLR(optimizer, start_factor=0.1, total_iters=9)
    fall = library.CosineAnnealingLR(optimizer, T_max=STEPS - 10)
    return library.SequentialLR(optimizer, [climb, fall], milestones=[10])


def constant_then_exponential(library: Any, optimizer: Any) -> Any:
    """A constant rate, then one that shrinks, then one that falls in steps."""
    parts = [
        library.ConstantLR(optimizer, factor=1.0),
        library.ExponentialLR(optimizer, gamma=0.9),
        library.StepLR(optimizer, step_size=10, gamma=0.5),
    ]
    return library.SequentialLR(optimizer, parts, milestones=[20, 50])


def schedules() -> Section:
    """Rates of every scheduler, by our name."""
    makers = {name: named(*scheduler) for name, scheduler in SCHEDULERS.items()}
    makers |= {name: named("LambdaLR", {"lr_lambda": factor}) for name, factor in LAMBDAS.items()}
    makers |= {"warmup": warm_cosine, "sequence": constant_then_exponential}
    with warnings.catch_warnings():
        # SequentialLR calls its parts in a way that PyTorch itself warns of.
        warnings.simplefilter("ignore", UserWarning)
        rates = {name: rates_of(make) for name, make in makers.items()}
    return {"versions": versions("torch"), "inputs": {"rate": RATE}, "torch": rates}


# ----- losses, layers, networks --------------------------------------------------------------


def network_inputs() -> Section:
    """Batches for losses and layers, and the parameters of a small network."""
    rng = np.random.default_rng(7)
    sizes = [5, 7, 6, 3]
    arrays: dict[str, Any] = {
        "prediction": rng.normal(size=(8, 3)),
        "target": rng.normal(size=(8, 3)),
        "logit": 4 * rng.normal(size=9),
        "label": rng.integers(0, 2, size=9),
        "extreme logit": np.array([1000.0, -1000.0, 40.0, -40.0, 0.0]),
        "extreme label": np.array([1, 1, 0, 1, 0]),
        "logits": 4 * rng.normal(size=(8, 4)),
        "extreme logits": np.array([[1000.0, 0.0, -1000.0], [30.0, 31.0, -30.0]]),
        "labels": rng.integers(0, 4, size=8),
        "extreme labels": np.array([1, 0]),
        "z": np.concatenate([3 * rng.normal(size=(4, 6)), [[-700.0, -40, 0.0, 1e-9, 40, 700]]]),
        "X": rng.normal(size=(8, 5)),
        "W": rng.normal(size=(4, 5)),
        "b": rng.normal(size=4),
        "upstream": rng.normal(size=(8, 4)),
        "upstream of z": rng.normal(size=(5, 6)),
        "y": rng.integers(0, 3, size=8),
    }
    for layer, (inp, out) in enumerate(pairwise(sizes), start=1):
        arrays[f"W{layer}"] = 0.8 * rng.normal(size=(out, inp))
        arrays[f"b{layer}"] = 0.8 * rng.normal(size=out)
    arrays["prediction"][0] = arrays["target"][0]  # where the absolute value has no derivative
    return {"sizes": sizes} | {name: array.tolist() for name, array in arrays.items()}


def with_gradients(value: Any, *of: Any, upstream: Any = None) -> list[Any]:
    """A result, and its gradients."""
    import torch

    gradients = torch.autograd.grad(value, of, upstream)
    return [each.detach().tolist() for each in (value, *gradients)]


def tensors(inputs: Section) -> dict[str, Any]:
    """Every input as a tensor: numbers with gradients, labels as integers."""
    import torch

    known = {name: torch.tensor(np.array(value)) for name, value in inputs.items()}
    return {n: t.requires_grad_() if t.is_floating_point() else t for n, t in known.items()}


def loss_numbers(at: dict[str, Any]) -> Section:
    """Each loss and its gradient for the first argument."""
    from torch.nn import functional

    def bce(logit: Any, label: Any) -> list[Any]:
        wanted = label.to(logit.dtype)
        return with_gradients(functional.binary_cross_entropy_with_logits(logit, wanted), logit)

    def entropy(logits: Any, labels: Any) -> list[Any]:
        return with_gradients(functional.cross_entropy(logits, labels), logits)

    prediction, target = at["prediction"], at["target"]
    return {
        "l2_loss": with_gradients(((prediction - target) ** 2).sum(1).mean(), prediction),
        "l1_loss": with_gradients((prediction - target).abs().sum(1).mean(), prediction),
        "logistic_loss": bce(at["logit"], at["label"]),
        "logistic_loss, extreme": bce(at["extreme logit"], at["extreme label"]),
        "softmax_cross_entropy": entropy(at["logits"], at["labels"]),
        "softmax_cross_entropy, extreme": entropy(at["extreme logits"], at["extreme labels"]),
    }


def layer_numbers(at: dict[str, Any]) -> Section:
    """Each layer's output and its gradients for a given upstream gradient."""
    from torch.nn import functional

    X, W, b, z = at["X"], at["W"], at["b"], at["z"]
    names = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")
    functions = {name: getattr(functional, name) for name in names}
    functions["softmax"] = lambda z: functional.softmax(z, dim=1)
    linear = functional.linear(X, W, b)
    return {"linear": with_gradients(linear, X, W, b, upstream=at["upstream"])} | {
        name: with_gradients(function(z), z, upstream=at["upstream of z"])
        for name, function in functions.items()
    }


def network_numbers(at: dict[str, Any]) -> Section:
    """Loss of a network with two hidden layers and its gradient for every W and b, in order."""
    from torch.nn import functional

    parameters = [at[name] for name in ("W1", "b1", "W2", "b2", "W3", "b3")]

    def loss(activation: Callable[[Any], Any]) -> Any:
        W1, b1, W2, b2, W3, b3 = parameters
        first = activation(functional.linear(at["X"], W1, b1))
        second = activation(functional.linear(first, W2, b2))
        return functional.cross_entropy(functional.linear(second, W3, b3), at["y"])

    names = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")
    return {n: with_gradients(loss(getattr(functional, n)), *parameters) for n in names}


def networks() -> Section:
    """Losses, layers and whole networks."""
    inputs = network_inputs()
    at = tensors(inputs)
    return {
        "versions": versions("torch"),
        "inputs": inputs,
        "losses": loss_numbers(at),
        "layers": layer_numbers(at),
        "networks": network_numbers(at),
    }


SECTIONS: dict[str, Callable[[], Section]] = {
    "optimizers": optimizers,
    "schedules": schedules,
    "networks": networks,
}


def written(section: Section) -> str:
    """JSON with one result a line, so that a difference between two files can be read."""
    parts = []
    for name, part in sorted(section.items()):
        lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(part.items()))
        parts.append(f"{json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    """Write each section to its file."""
    for name, make in SECTIONS.items():
        (HERE / f"{name}.json").write_text(written(make()), encoding="utf-8")


if __name__ == "__main__":
    main()
