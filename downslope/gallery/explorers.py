"""The exhibits of `downslope.animations` and `downslope.widgets`, explorers in several states.

A page without a notebook behind it shows an explorer's still picture.
"""

from __future__ import annotations

from typing import Any

from downslope import animations, landscapes, optimizers, widgets
from downslope.gallery.materials import digit_reader, momentum_step, nadam_step, sgd_step


def race() -> Any:
    """A race that plays in any page: start it, or move the slider with the arrow keys."""
    rates = {"SGD": 0.4, "momentum": 0.1, "Adam": 0.3}
    return animations.race(
        landscapes.valley,
        {
            "SGD": optimizers.sgd(),
            "momentum": momentum_step,
            "Adam": optimizers.adam(),
        },
        steps=80,
        lr=rates,
    )


def race_from_a_saddle() -> Any:
    """The same from beside a saddle point."""
    return animations.race(
        landscapes.saddle,
        {
            "SGD": optimizers.sgd(),
            "momentum": momentum_step,
            "RMSProp": optimizers.rmsprop(),
        },
        steps=80,
        lr=0.05,
    )


def race_with_failures() -> Any:
    """One rule is not written yet, another diverges: both are named, the third runs."""
    return animations.race(
        landscapes.valley,
        {"your NAdam": nadam_step, "SGD": sgd_step, "Adam": optimizers.adam()},
        lr={"your NAdam": 0.1, "SGD": 0.6, "Adam": 0.3},
    )


def explore_learning_rate() -> Any:
    """Learning rate on a quadratic: it converges."""
    return widgets.explore_learning_rate(sgd_step)


def explore_learning_rate_diverging() -> Any:
    """The same with a rate that is too large."""
    explorer = widgets.explore_learning_rate(sgd_step)
    explorer.set(lr=0.51)
    return explorer


def explore_circle() -> Any:
    """Circle of steps: the step that is turned, and the best one."""
    explorer = widgets.explore_circle(lambda grad, radius: -radius * grad / (grad @ grad) ** 0.5)
    explorer.set(direction=120)
    return explorer


def explore_width() -> Any:
    """Width of a network: more hidden units follow a curve more closely."""
    return widgets.explore_width()


def explore_batches() -> Any:
    """Batch noise: small batches scatter widely."""
    return widgets.explore_batches()


def explore_batches_of_all() -> Any:
    """Batch noise with the full batch: none is left."""
    explorer = widgets.explore_batches()
    explorer.set(batch_size=64)
    return explorer


def explore_graph() -> Any:
    """Backpropagation on f = ReLU((x + y) z), half way: each edge adds its part (L0)."""
    explorer = widgets.explore_graph(
        parents={"x": [], "y": [], "z": [], "s": ["x", "y"], "p": ["s", "z"], "f": ["p"]},
        partials={"s": [1.0, 1.0], "p": [2.0, 3.0], "f": [1.0]},
        values={"x": 1.0, "y": 2.0, "z": 2.0, "s": 3.0, "p": 6.0, "f": 6.0},
        labels={"s": "x + y", "p": "s z", "f": "ReLU(p)"},
    )
    explorer.set(step=3)
    return explorer


def explore_momentum() -> Any:
    """Momentum ball: what it remembers and where the gradient pulls it."""
    return widgets.explore_momentum(momentum_step)


def explore_race() -> Any:
    """Optimizer race with a choice of landscapes."""
    return widgets.explore_race({"SGD": optimizers.sgd(), "Adam": optimizers.adam()})


def explore_steps() -> Any:
    """Update rules with sliders for all that they take."""
    return widgets.explore_steps(
        landscapes.rotated_valley,
        {"SGD": sgd_step, "momentum": momentum_step},
        lr=(0.001, 0.3),
        rho=0.8,
    )


def explore_steps_unwritten() -> Any:
    """A step that is not written yet is named, and the other is drawn."""
    return widgets.explore_steps(landscapes.bowl, {"your NAdam": nadam_step, "SGD": sgd_step})


def explore_schedule() -> Any:
    """Schedule designer: a plan, and a small training that follows it."""
    return widgets.explore_schedule()


def explore_schedule_restarts() -> Any:
    """The same with a warm-up and three cycles."""
    explorer = widgets.explore_schedule()
    explorer.set(warmup=20, cycles=3)
    return explorer


def explore_search() -> Any:
    """Search map: grid and random search with nine trials each."""
    return widgets.explore_search()


def explore_distortions() -> Any:
    """Digits moved and turned by hand, and what a network reads in each."""
    read, test = digit_reader().network, digit_reader().test
    explorer = widgets.explore_distortions(lambda X: read.forward(X)[0], *test)
    explorer.set(shift=0.9, turn=15)
    return explorer


SECTIONS = {
    "Animations": (race, race_from_a_saddle, race_with_failures),
    "Explorers": (
        explore_learning_rate,
        explore_learning_rate_diverging,
        explore_circle,
        explore_width,
        explore_batches,
        explore_batches_of_all,
        explore_graph,
        explore_momentum,
        explore_race,
        explore_steps,
        explore_steps_unwritten,
        explore_schedule,
        explore_schedule_restarts,
        explore_search,
        explore_distortions,
    ),
}
