"""One table: every optimizer on every landscape must end where it should, with the settings stated.

The rate falls from the one in the table to 0 like a cosine, because RMSProp, which divides by the
size of its own gradients, keeps stepping around a minimum for as long as the rate stays up.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pytest

from downslope import landscapes, optimizers, schedules
from downslope.landscapes import Landscape

RULES = {
    "sgd": optimizers.sgd(),
    "momentum": optimizers.momentum(0.9),
    "velocity": optimizers.velocity(0.9),
    "nesterov": optimizers.nesterov(0.9),
    "adagrad": optimizers.adagrad(),
    "rmsprop": optimizers.rmsprop(0.9),
    "adam": optimizers.adam(),
    "nadam": optimizers.nadam(),
    "adamw": optimizers.adamw(weight_decay=1e-5),  # decay moves the minimum; so little, not much
}
NEAR = 0.01


def rates(*each: float) -> dict[str, float]:
    return dict(zip(RULES, each, strict=True))


class Trial(NamedTuple):
    """Where optimizers should end on a landscape, after how many updates, with which rates."""

    goal: tuple[float, float]
    steps: int
    rates: Mapping[str, float]


# Columns:                         sgd momentum velocity nesterov adagrad rmsprop adam nadam adamw
TABLE: dict[str, Trial] = {
    "bowl": Trial((0, 0), 1000, rates(0.1, 0.03, 0.03, 0.03, 1.0, 0.1, 0.2, 0.2, 0.2)),
    "valley": Trial((0, 0), 1000, rates(0.3, 0.05, 0.05, 0.05, 3.0, 0.3, 0.5, 0.5, 0.5)),
    "rotated_valley": Trial((0, 0), 1000, rates(0.3, 0.05, 0.05, 0.05, 3.0, 0.3, 0.5, 0.5, 0.5)),
    # All start a thousandth off the ridge and have to leave the saddle at the origin.
    "saddle": Trial((2, 0), 1000, rates(0.1, 0.03, 0.03, 0.03, 1.0, 0.1, 0.2, 0.2, 0.2)),
    "ravine": Trial((2.5, 0.9375), 3000, rates(0.2, 0.05, 0.05, 0.05, 1.0, 0.1, 0.5, 0.5, 0.5)),
    "beale": Trial((3, 0.5), 3000, rates(0.02, 0.003, 0.003, 0.003, 1.5, 0.1, 0.3, 0.2, 0.3)),
    "rosenbrock": Trial(
        (1, 1), 14000, rates(0.002, 0.002, 0.002, 0.0013, 1.0, 0.005, 0.2, 0.2, 0.2)
    ),
    # One of four equally good minima, the one that is downhill from the start.
    "himmelblau": Trial((3, 2), 1000, rates(0.003, 0.001, 0.001, 0.001, 1.0, 0.1, 0.1, 0.1, 0.1)),
    # The minimum of the dent in which all start; the lowest one is dents away, at the origin.
    "many_minima": Trial(
        (1.98991, -1.98991), 1000, rates(0.002, 3e-4, 3e-4, 3e-4, 0.2, 0.02, 0.02, 0.02, 0.02)
    ),
}
CASES = [(rule, landscape) for landscape in TABLE for rule in RULES]


def test_every_landscape_of_the_library_is_in_the_table():
    library = {name for name, it in vars(landscapes).items() if isinstance(it, Landscape)}
    assert set(TABLE) == library


def test_every_optimizer_of_the_library_is_in_the_table():
    not_rules = {"chain", "run", "trace", "add_decayed_weights"}
    makers = {name for name in optimizers.__all__ if name[0].islower()} - not_rules
    assert set(RULES) == {name for name in makers if not name.startswith("scale_by")}


@pytest.mark.parametrize("name", TABLE)
def test_goals_are_minima(name: str):
    landscape, goal = getattr(landscapes, name), np.array(TABLE[name].goal)
    assert np.linalg.norm(landscape.gradient(goal)) < 2e-3
    around = goal + 0.05 * np.array([(np.cos(a), np.sin(a)) for a in np.arange(0, 6.28, 0.1)])
    assert np.all(landscape.value(around) > landscape.value(goal))


@pytest.mark.parametrize(("rule", "name"), CASES)
def test_reaches_its_goal(rule: str, name: str):
    landscape, trial = getattr(landscapes, name), TABLE[name]
    rate = schedules.cosine(trial.rates[rule], total=trial.steps)(np.arange(trial.steps))
    path = optimizers.run(
        RULES[rule], landscape.gradient, landscape.start, rate.__getitem__, trial.steps
    )
    assert np.linalg.norm(path[-1] - trial.goal) < NEAR
