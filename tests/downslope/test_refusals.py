"""Every public function refuses wrong arguments, and the refusal names the argument.

A right call stands below for each function; the sweep changes one argument of it at a time, by
what its annotation says it is: text, complex numbers or too many axes for an array, a seed for a
generator, half a count, nan for a number.
"""

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

from downslope import double_descent as experiments
from downslope import landscapes, networks, optimizers, schedules
from downslope.layers import elementwise_forward, linear_forward

RNG = np.random.default_rng(0)
X, Y = np.array([[0.1, -0.2], [0.3, 0.4], [1.0, 2.0], [-1.0, 0.5]]), np.array([0, 1, 0, 1])
NETWORK = networks.MLP((2, 3, 2), rng=RNG)
RISKS = experiments.double_descent(RNG, widths=[5, 20, 60], trials=2)
HISTORY = [({"lr": 0.1 * k, "rho": 0.5 + 0.01 * k}, 1.0 / k) for k in range(1, 8)]
STAGES = [(0.01 * k, 1.0 / k) for k in range(1, 7)]
GRADIENTS = np.random.default_rng(1).normal(size=(128, 2))
IMAGES = np.zeros((4, 8, 8))

# Modules whose public functions are swept, and a right call of each: keyword arguments.
CALLS: dict[str, dict[str, Any]] = {
    **{
        f"activations.{name}{form}": {"z": X}
        for name in ("sigmoid", "tanh", "relu")
        for form in ("", "_derivative")
    },
    "activations.leaky_relu": {"z": X, "slope": 0.1},
    "activations.leaky_relu_derivative": {"z": X, "slope": 0.1},
    "activations.elu": {"z": X, "alpha": 0.5},
    "activations.elu_derivative": {"z": X, "alpha": 0.5},
    "activations.softmax": {"z": X},
    "activations.softmax_jacobian": {"p": [0.25, 0.75]},
    "losses.l2_loss": {"prediction": X, "target": X + 1},
    "losses.l1_loss": {"prediction": X, "target": X + 1},
    "losses.logistic_loss": {"logit": X[:, 0], "label": Y},
    "losses.softmax_cross_entropy": {"logits": X, "y": Y},
    "layers.linear_forward": {"X": X, "W": np.ones((3, 2)), "b": np.zeros(3)},
    "layers.linear_backward": {
        "upstream": np.ones((4, 3)),
        "cache": linear_forward(X, np.ones((3, 2)), np.zeros(3))[1],
    },
    "layers.elementwise_forward": {"Z": X, "activation": "tanh"},
    "layers.elementwise_backward": {"upstream": X, "cache": elementwise_forward(X, "tanh")[1]},
    "layers.relu_forward": {"Z": X},
    "layers.relu_backward": {"upstream": X, "cache": elementwise_forward(X, "relu")[1]},
    "layers.softmax_forward": {"Z": X},
    "layers.softmax_backward": {"upstream": X, "cache": np.full((4, 2), 0.5)},
    **{f"initialisers.{n}": {"shape": (3, 2), "rng": RNG} for n in ("zeros", "xavier", "he")},
    "initialisers.normal": {"std": 0.1},
    "gradients.numerical_gradient": {"f": np.sum, "x": X[0], "h": 1e-5},
    "gradients.relative_error": {"a": X, "b": X + 1},
    "gradients.gradient_check": {
        "f": np.sum,
        "grad": np.ones(2),
        "x": X[0],
        "h": 1e-5,
        "tolerance": 1e-6,
    },
    "schedules.constant": {"lr0": 0.1},
    "schedules.step_decay": {"lr0": 0.1, "drop": 0.5, "every": 3},
    "schedules.multi_step_decay": {"lr0": 0.1, "milestones": [2, 4], "drop": 0.5},
    "schedules.exponential": {"lr0": 0.1, "k": 0.1},
    "schedules.inverse_time": {"lr0": 0.1, "k": 0.1},
    "schedules.linear": {"lr0": 0.1, "lr_end": 0.01, "total": 10},
    "schedules.polynomial": {"lr0": 0.1, "lr_end": 0.01, "total": 10, "power": 2.0},
    "schedules.inverse_sqrt": {"lr0": 0.1, "first": 2},
    "schedules.cosine": {"lr0": 0.1, "total": 10, "lr_end": 0.01},
    "schedules.cosine_restarts": {"lr0": 0.1, "period": 5, "mult": 2.0, "lr_end": 0.0},
    "schedules.restarts": {"schedule": schedules.constant(0.1), "period": 5, "mult": 1.0},
    "schedules.warmup": {"schedule": schedules.constant(0.1), "steps": 5},
    "schedules.sequence": {"schedules": [schedules.constant(0.1)] * 2, "milestones": [3]},
    "search.log_uniform": {"low": 0.1, "high": 1.0, "size": 3, "rng": RNG},
    "search.grid_search": {"configs": [{"a": 1}], "evaluate": lambda config: config["a"]},
    "search.random_search": {
        "sample": lambda rng: rng.random(),
        "evaluate": float,
        "trials": 3,
        "rng": RNG,
    },
    "search.coarse_to_fine": {"evaluate": float, "low": 0.1, "high": 1, "points": 3, "stages": 2},
    "search.train_val_test_split": {"n": 10, "fractions": [0.6, 0.2, 0.2], "rng": RNG},
    "search.k_fold": {"n": 10, "k": 3, "rng": RNG},
    "search.cross_validate": {
        "fit": lambda X, y: (X, y),
        "score": lambda model, X, y: 1.0,
        "X": X,
        "y": Y,
        "k": 2,
        "rng": RNG,
    },
    "datasets.bandit": {"p": 0.4},
    "datasets.noisy_regression": {"n": 5, "rng": RNG, "noise": 0.1, "curve": np.sin},
    "datasets.spirals": {"n": 30, "rng": RNG, "arms": 3, "turns": 0.5, "noise": 0.0},
    "datasets.templates_1d": {"n": 10, "rng": RNG, "length": 40, "noise": 0.1, "distractors": 1},
    "datasets.distorted_digits": {
        "images": np.zeros((4, 64)),
        "rng": RNG,
        "shift": 0.5,
        "turn": 10.0,
        "stretch": 0.1,
        "noise": 0.0,
    },
    "datasets.two_moons": {"n": 5, "rng": RNG, "noise": 0.1},
    "datasets.wave": {"x": X[0]},
    "landscapes.quadratic": {
        "name": "a",
        "matrix": [[2.0, 0.0], [0.0, 4.0]],
        "window": ((-1, 1), (-1, 1)),
        "start": X[0],
    },
    "landscapes.loss_plane": {"loss": np.sum, "params": np.ones(5), "rng": RNG},
    "optimizers.adagrad": {"eps": 1e-8},
    **{
        f"optimizers.{name}": {"beta1": 0.9, "beta2": 0.99, "eps": 1e-8}
        for name in ("adam", "nadam", "scale_by_adam", "scale_by_nadam")
    },
    "optimizers.adamw": {"beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "weight_decay": 0.1},
    "optimizers.add_decayed_weights": {"weight_decay": 0.1},
    **{f"optimizers.{n}": {"rho": 0.5} for n in ("momentum", "nesterov", "trace", "velocity")},
    **{f"optimizers.{n}": {"rho": 0.5, "eps": 1e-8} for n in ("rmsprop", "scale_by_rms")},
    "optimizers.scale_by_rss": {"eps": 1e-8},
    "optimizers.run": {
        "optimizer": optimizers.sgd(),
        "grad_fn": lambda theta: theta,
        "theta0": X[0],
        "lr": 0.1,
        "steps": 3,
    },
    "training.fit": {"network": NETWORK, "X": X, "y": Y, "rng": RNG, "epochs": 1},
    "double_descent.minimum_norm_fit": {"features": X, "y": X[:, 0]},
    "double_descent.random_relu_features": {"X": X, "width": 3, "rng": RNG},
    "double_descent.double_descent": {
        "rng": RNG,
        "widths": [5, 20],
        "n": 10,
        "dimensions": 3,
        "noise": 0.1,
        "trials": 1,
    },
    "diagnosis.diagnose": {"loss": [1.0, 0.5, 0.2, 0.1]},
    "plots.activations": {"names": ["relu"], "reach": 2.0},
    "plots.batch_tradeoff": {
        "batch_sizes": [1, 2],
        "seconds_per_update": [1.0, 1.5],
        "updates_needed": [10, 4],
    },
    "plots.confusion": {"y": Y, "predicted": Y, "names": ["a", "b"]},
    "plots.contours": {"landscape": landscapes.bowl, "points": 20},
    "plots.count_confusions": {"y": Y, "predicted": Y, "classes": 2},
    "plots.double_descent": {"risks": RISKS},
    "plots.drawable": {"path": X, "window": ((-3, 3), (-2, 2))},
    "plots.ends_by_start": {
        "begin": [1.0, 2.0],
        "ends": {"full batch": [0.1, 2.0]},
        "loss": {"w": np.linspace(0, 3, 9), "loss": np.linspace(0, 3, 9) ** 2},
        "best": 0.0,
    },
    "plots.momentum_map": {
        "matrix": lambda curvature, lr, rho: [[rho, curvature], [-lr * rho, 1 - lr * curvature]],
        "mu": 0.2,
        "L": 4.0,
        "points": 5,
    },
    "plots.batch_board": {"epochs": [[[2, 0], [1]]], "n": 3},
    "plots.epsilon_placement": {"eps": 1e-8},
    "plots.folds": {"k": 3, "scores": [1.0, 2.0, 3.0]},
    "plots.gradient_cloud": {
        "gradients": GRADIENTS,
        "batch_sizes": [4, 16],
        "rng": RNG,
        "draws": 20,
    },
    "plots.gradient_noise": {"gradients": GRADIENTS, "batch_sizes": [4], "rng": RNG, "draws": 20},
    "plots.grid_against_random": {"side": 2, "rng": RNG},
    "plots.image_board": {"images": IMAGES, "captions": list("abcd"), "columns": 2},
    "plots.learning_rates": {"landscape": landscapes.bowl, "rates": [0.1, 0.2], "steps": 3},
    "plots.misread": {
        "X": np.zeros((4, 64)),
        "y": Y,
        "predicted": 1 - Y,
        "names": ["a", "b"],
        "most": 3,
        "columns": 2,
    },
    "plots.regions": {"predict": NETWORK.predict, "X": X, "y": Y, "points": 10},
    "plots.relief": {"landscape": landscapes.bowl, "points": 10},
    "plots.schedules": {"plans": {"constant": schedules.constant(0.1)}, "steps": 3},
    "plots.search_map": {"history": HISTORY, "x": "lr", "y": "rho"},
    "plots.search_stages": {"history": STAGES, "points": 3},
    "plots.weight_sums": {"beta": 0.9, "steps": 4},
    "animations.race": {
        "landscape": landscapes.bowl,
        "runners": {"SGD": optimizers.sgd()},
        "steps": 3,
        "lr": 0.1,
        "start": X[0],
        "noise": 0.0,
    },
    "widgets.explore_batches": {"draws": 20, "seed": 0},
    "widgets.explore_circle": {"point": X[0], "radius": 0.5},
    "widgets.explore_conventions": {
        "forms": {"form 1": lambda theta, grad, m, lr, rho: (theta - lr * grad, m)},
        "landscape": landscapes.bowl,
        "lr": 0.1,
        "rho": 0.5,
        "steps": 5,
    },
    "widgets.explore_distortions": {
        "read": lambda images: np.zeros((len(images), 10)),
        "images": np.zeros((20, 64)),
        "labels": np.zeros(20, dtype=np.int64),
    },
    "widgets.explore_learning_rate": {"steps": 5},
    "widgets.explore_momentum": {"rho": 0.5, "steps": 5},
    "widgets.explore_race": {"runners": {"SGD": optimizers.sgd()}, "steps": 5},
    "widgets.explore_steps": {
        "landscape": landscapes.bowl,
        "runners": {"SGD": optimizers.sgd()},
        "steps": 3,
        "start": X[0],
        "noise": 0.0,
    },
}


# By a piece of the annotation: values that are none of its kind.
WRONG: dict[str, tuple[Any, ...]] = {
    "Generator": (7, None),
    "_?[aA]rray_?[lL]ike": ("text", np.array([1j, 2j]), np.ones((2, 1, 2, 1, 2))),
    r"^(<class 'int'>|int)": (2.5, -3, "three", True),
    r"^(<class 'float'>|float)": ("ten", float("nan"), None),
    "^'?[a-z.]*Landscape": ("bowl", None),
}
# These take arrays of any shape.
ELEMENTWISE = ("activations.", "layers.", "datasets.wave", "gradients.", "optimizers.run")
# Public names that are no functions of arguments like the above, or pass them on unseen.
NOT_SWEPT = {
    "search.grid",  # takes anything
    "datasets.load_digits",  # take nothing
    "datasets.load_wine",
    "datasets.split",  # its parts are those of search.train_val_test_split
    "landscapes.filter_blocks",
    "optimizers.chain",
    "optimizers.sgd",
    "optimizers.scale_by_learning_rate",
    "plots.bars",  # take labelled rows of numbers, see test_plots
    "plots.best_so_far",
    "plots.curves",
    "plots.effective_steps",
    "plots.paths",
    "plots.starts",
    "plots.training_curves",
    "plots.describe",
    "plots.loss_plane",
    "plots.one_matters",
    "animations.bare_figure",  # made from a race
    "animations.notes_html",
    "animations.standings",
    "widgets.explore_graph",  # see test_widgets_graphs
    "widgets.explore_schedule",
    "widgets.explore_search",
    "widgets.explore_width",
}


class Wrong(NamedTuple):
    """One call with one wrong argument."""

    function: str
    argument: str
    value: Any


def function_named(name: str) -> Callable[..., Any]:
    module, _, function = name.rpartition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(f"downslope.{module}"), function)
    return found


def wrong_values(annotation: str, value: Any) -> tuple[Any, ...]:
    """What nobody can mean by an argument of this kind; nothing if it may be anything."""
    if "Callable" in annotation:
        return (3,) if callable(value) else ()
    optional = "None" in annotation
    found = next((wrong for kind, wrong in WRONG.items() if re.search(kind, annotation)), ())
    return tuple(each for each in found if each is not None or not optional)


def wrong_calls() -> Iterator[Wrong]:
    for name, arguments in CALLS.items():
        parameters = inspect.signature(function_named(name)).parameters
        for argument, value in arguments.items():
            if argument in parameters:
                annotation = str(parameters[argument].annotation)
                for wrong in wrong_values(annotation, value):
                    if np.ndim(wrong) < 5 or not name.startswith(ELEMENTWISE):
                        yield Wrong(name, argument, wrong)


def public_functions(module: str) -> set[str]:
    home = importlib.import_module(f"downslope.{module}")
    names = getattr(home, "__all__", [name for name in vars(home) if not name.startswith("_")])
    return {
        f"{module}.{name}"
        for name in names
        if inspect.isroutine(function := getattr(home, name))
        and function.__module__.startswith(home.__name__)
    }


def test_no_public_function_is_left_out():
    modules = {name.rpartition(".")[0] for name in CALLS}
    public = {name for module in modules for name in public_functions(module)}
    assert public - set(CALLS) - NOT_SWEPT == set()
    assert set(CALLS) <= public


@pytest.mark.parametrize("name", CALLS)
def test_the_call_is_right(name: str):
    function_named(name)(**CALLS[name])


@pytest.mark.parametrize("wrong", list(wrong_calls()), ids=lambda w: f"{w.function}-{w.argument}")
def test_a_wrong_argument_is_named(wrong: Wrong):
    arguments = {**CALLS[wrong.function], wrong.argument: wrong.value}
    with pytest.raises((TypeError, ValueError), match=rf"\b{wrong.argument}\b.*[;:,] got"):
        function_named(wrong.function)(**arguments)
