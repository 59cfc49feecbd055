"""Properties of log-uniform draws: right answers keep all rules, wrong ones break some."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from downslope.evidence import PREFIX, RULE
from downslope.random_draws import RECIPE, as_evidence, properties

Draw = Callable[[np.random.Generator], np.ndarray]
LOW, HIGH, SIZE = 1e-4, 1.0, 2000


def right(rng: np.random.Generator) -> np.ndarray:
    return LOW * (HIGH / LOW) ** rng.random(SIZE)


def broken(draw: Draw, seed: int = 1) -> set[str]:
    rng = np.random.default_rng(seed)
    others = [np.random.default_rng(each) for each in (seed, seed + 10_000)]
    evidence = as_evidence([draw(each) for each in (rng, rng, *others)])
    found = properties(evidence, {RECIPE: np.array([LOW, HIGH, SIZE])})
    return {name.removeprefix(RULE) for name, held in found.items() if not held.all()}


def test_right_draws_are_never_refused_in_many_seeds() -> None:
    assert not any(broken(right, seed) for seed in range(300))


@pytest.mark.parametrize(
    ("draw", "rule"),
    [
        (lambda rng: rng.uniform(LOW, HIGH, SIZE), "the logarithms are spread evenly"),
        (lambda rng: np.exp(rng.uniform(LOW, HIGH, SIZE)), "all draws lie between low and high"),
        (lambda rng: np.sqrt(right(rng)), "the logarithms are spread evenly"),
        (lambda rng: np.sort(right(rng)), "the draws come in no order"),
        (lambda rng: np.sort(right(rng))[::-1], "the draws come in no order"),
        (
            lambda rng: rng.permutation(np.geomspace(LOW, HIGH, SIZE)),
            "the draws are no ruler: chance is never that even",
        ),
        (lambda rng: np.round(right(rng), 6), "no number is drawn twice"),
        (
            lambda rng: right(np.random.default_rng(0)),
            "a generator with another seed gives other draws",
        ),
        (
            lambda rng: right(np.random.default_rng()),
            "a generator with the same seed gives the same draws",
        ),
    ],
)
def test_a_fault_breaks_its_rule(draw: Draw, rule: str) -> None:
    assert rule in broken(draw)


@pytest.mark.parametrize("wrong", [np.array([np.nan]), np.zeros((2, 2)), np.array([-1.0])])
def test_no_evidence_makes_the_judge_fail(wrong: np.ndarray) -> None:
    recipe = {RECIPE: np.array([LOW, HIGH, SIZE])}
    evidence = as_evidence([right(np.random.default_rng(0))] * 4)
    found = properties({**evidence, f"{PREFIX}draws": wrong}, recipe)
    assert set(found) == {RECIPE} or not all(np.all(held) for held in found.values())
