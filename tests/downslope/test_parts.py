"""Properties of splits and folds: right answers keep all rules, wrong ones break some."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from downslope.evidence import PREFIX, RULE
from downslope.parts import (
    FOLDS,
    MANY,
    ORIGIN,
    SIZES_ONLY,
    SPLIT,
    as_evidence,
    far,
    fold_properties,
    split_properties,
)

Deal = Callable[[int, np.random.Generator], list[np.ndarray]]


def thirds(n: int, rng: np.random.Generator) -> list[np.ndarray]:
    return np.array_split(rng.permutation(n), 3)


def broken(found: dict[str, np.ndarray]) -> set[str]:
    return {name for name, held in found.items() if name.startswith(RULE) and not held}


def split(deal: Deal, mode: int = MANY, n: int = 30) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    if mode == MANY:
        calls = [deal(n, rng) for _ in range(400)]
    else:
        others = [np.random.default_rng(seed) for seed in (5, 6)]
        calls = [deal(n, each) for each in (rng, rng, *others)]
    recipe = np.array([n, mode, 1 / 3, 1 / 3, 1 / 3])
    return split_properties(as_evidence(calls), {SPLIT: recipe})


@pytest.mark.parametrize("mode", [SIZES_ONLY, ORIGIN, MANY])
def test_a_shuffled_split_keeps_every_rule(mode: int) -> None:
    found = split(thirds, mode)
    assert broken(found) == set()
    assert found["examples too many (or too few)"].tolist() == [0, 0, 0]


def test_blocks_in_their_own_order_are_seen() -> None:
    found = split(lambda n, rng: np.array_split(np.arange(n), 3), ORIGIN)
    assert "rule: a second call gives other parts" in broken(found)


def test_a_turned_row_is_seen_by_its_neighbours() -> None:
    found = split(lambda n, rng: np.array_split(np.roll(np.arange(n), rng.integers(n)), 3))
    assert broken(found) == {"rule: neighbours are in one part no more often than others"}


def test_an_index_that_never_changes_its_part_is_seen() -> None:
    def first_stays(n: int, rng: np.random.Generator) -> list[np.ndarray]:
        return np.array_split(np.append(0, 1 + rng.permutation(n - 1)), 3)

    assert broken(split(first_stays)) == {"rule: each index is equally often in each part"}


def test_right_answers_are_never_refused_in_many_seeds() -> None:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        calls = [thirds(31, rng) for _ in range(400)]
        recipe = {SPLIT: np.array([31, MANY, 1 / 3, 1 / 3, 1 / 3])}
        assert broken(split_properties(as_evidence(calls), recipe)) == set()


def folds(pairs: list[tuple[list[int], list[int]]], n: int, k: int) -> dict[str, np.ndarray]:
    call = [np.array(half, dtype=np.int64) for pair in pairs for half in pair]
    recipe = {FOLDS: np.array([n, SIZES_ONLY, k], dtype=np.float64)}
    return fold_properties(as_evidence([call]), recipe)


def test_folds_that_cover_everything_once_are_right() -> None:
    found = folds([([2, 3], [0, 1]), ([0, 1, 3], [2]), ([0, 1, 2], [3])], 4, 3)
    assert broken(found) == set()
    assert (found["number of pairs"], found["largest fold minus smallest"]) == (3, 1)


@pytest.mark.parametrize(
    ("pairs", "rule"),
    [
        ([([0, 1, 2], [0]), ([0], [1, 2])], "train and val of a pair share no index"),
        ([([2], [0]), ([0], [1, 2])], "train and val of a pair hold all indices"),
        ([([1, 1, 2], [0]), ([0], [1, 2])], "no train holds an index twice"),
        ([([1, 2], [0]), ([1, 2], [0])], "each index is in val once"),
        ([([1, 2], [0]), ([0], [1, 3])], "all indices lie in 0 to 2"),
    ],
)
def test_a_fault_breaks_its_rule(pairs: list[tuple[list[int], list[int]]], rule: str) -> None:
    assert f"{RULE}{rule}" in broken(folds(pairs, 3, 2))


@pytest.mark.parametrize("wrong", [np.array([np.nan]), np.array([[1.0]]), np.array([0.5])])
def test_evidence_that_cannot_be_read_has_no_property(wrong: np.ndarray) -> None:
    evidence = as_evidence([thirds(9, np.random.default_rng(0))])
    recipe = {SPLIT: np.array([9, SIZES_ONLY, 1 / 3, 1 / 3, 1 / 3])}
    for name in ("parts", "sizes", "indices"):
        spoilt = {**evidence, f"{PREFIX}{name}": wrong}
        assert set(split_properties(spoilt, recipe)) == {SPLIT}


def test_hoeffdings_distance_shrinks_with_calls() -> None:
    assert far(1600, 1) == pytest.approx(far(400, 1) / 2)
