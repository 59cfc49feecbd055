"""Shuffled batches are judged by evidence: honest ones pass, and what is claimed counts nothing."""

from collections.abc import Callable
from itertools import pairwise
from math import comb, factorial
from typing import Any

import numpy as np
import pytest

from downslope import shuffles
from downslope.compare import judge
from downslope.drivers import Case, Contract, Outcome, run_cases
from downslope.evidence import PREFIX, RULE, all_differ, without_evidence, without_given

Function = Callable[..., Any]
CONTRACT = Contract("minibatches", ("n", "batch_size", "rng"), ("batches",))
SHORT: Case = {
    "label": "a short last batch",
    "arguments": {"n": 21, "batch_size": 6},
    "plan": [[7, 2], [7, 1], [8, 1]],
}
MANY: Case = {
    "label": "many calls",
    "arguments": {"n": 7, "batch_size": 3},
    "plan": [[9, 400]],
}


def cut(order: Any, size: int) -> list[Any]:
    return [order[start : start + size] for start in range(0, len(order), size)]


def right(n: int, batch_size: int, rng: np.random.Generator) -> list[Any]:
    return cut(rng.permutation(n), batch_size)


def driven(function: Function, *cases: Case) -> list[Outcome]:
    return run_cases("shuffles", function, CONTRACT, cases or (SHORT, MANY))


def passes(outcomes: list[Outcome]) -> bool:
    expected = [without_evidence(outcome) for outcome in driven(right)]
    return judge(outcomes, expected, [], 1e-9).passed


def test_all_properties_hold_for_a_shuffle():
    for outcome in driven(right):
        held = {k: float(a) for k, a in outcome.arrays.items() if k.startswith(RULE)}
        assert held
        assert set(held.values()) == {1.0}, held


def test_what_is_kept_of_a_reference_holds_no_draw():
    kept = without_evidence(driven(right)[0])
    assert not any(name.startswith(PREFIX) for name in kept.arrays)
    assert shuffles.RECIPE in kept.arrays
    assert shuffles.RECIPE not in without_given(kept).arrays


@pytest.mark.parametrize("seed", range(60))
def test_honest_shuffles_pass_whatever_the_seed(seed: int):
    plans = ([[seed, 2], [seed, 1], [seed + 1000, 1]], [[seed + 2000, 400]])
    cases = [{**case, "plan": plan} for case, plan in zip((SHORT, MANY), plans, strict=True)]
    outcomes = run_cases("shuffles", right, CONTRACT, cases)
    expected = [without_evidence(outcome) for outcome in driven(right)]
    assert judge(outcomes, expected, [], 1e-9).passed


def test_claims_without_evidence_count_nothing():
    honest = driven(right)
    fixed = driven(lambda n, batch_size, rng: cut(np.arange(n), batch_size))
    forged = [
        outcome._replace(arrays={**good.arrays, **evidence_of(outcome)})
        for outcome, good in zip(fixed, honest, strict=True)
    ]
    assert passes(honest)
    assert not passes(forged)
    assert not passes([without_evidence(outcome) for outcome in honest])


def evidence_of(outcome: Outcome) -> dict[str, np.ndarray]:
    return {name: array for name, array in outcome.arrays.items() if name.startswith(PREFIX)}


SPOILS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "nan": lambda row: row * np.nan,
    "huge": lambda row: row + 1e300,
    "halves": lambda row: row + 0.5,
    "negative": lambda row: -row - 1,
    "longer": lambda row: np.append(row, 1.0),
    "empty": lambda row: row[:0],
    "table": lambda row: row[:, None],
}


@pytest.mark.parametrize("name", ["batches", "sizes", "indices"])
@pytest.mark.parametrize("spoil", SPOILS)
def test_spoilt_evidence_loses_and_breaks_nothing(name: str, spoil: str):
    outcomes = driven(right)
    for outcome in outcomes:
        outcome.arrays[f"{PREFIX}{name}"] = SPOILS[spoil](outcome.arrays[f"{PREFIX}{name}"])
    assert not passes(outcomes)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "nothing"),
        (3, "type"),
        (np.arange(3), "type"),
        ([np.arange(3.0)], "dtype"),
        ([np.array([True, False])], "dtype"),
        ([np.arange(4).reshape(2, 2)], "shape"),
        (["012"], "type"),
        ([[0, "1"]], "type"),
        ([[0.0, 1.0]], "type"),
        ((index for index in range(3)), "type"),
    ],
)
def test_what_is_no_list_of_index_arrays_is_named(value: Any, kind: str):
    outcome = driven(lambda n, batch_size, rng: value, SHORT)[0]
    assert outcome.problem is not None
    assert outcome.problem.kind == kind


@pytest.mark.parametrize("empty", [[], [np.zeros(0, dtype=np.int64)]])
def test_no_batches_at_all_lose_without_an_error(empty: list[Any]):
    assert not passes(driven(lambda n, batch_size, rng: empty))


def test_a_table_and_lists_of_numbers_are_as_good():
    whole: Case = {**SHORT, "arguments": {"n": 20, "batch_size": 5}}
    table = driven(lambda n, size, rng: rng.permutation(n).reshape(-1, size), whole)[0]
    lists = driven(lambda n, size, rng: cut(rng.permutation(n).tolist(), size), whole)[0]
    assert table.arrays[f"{RULE}no index is left out"] == 1
    assert {k: a.tolist() for k, a in table.arrays.items()} == {
        k: a.tolist() for k, a in lists.arrays.items()
    }


def tails(calls: int, share: float) -> float:
    """Exact probability that a count lies further from its mean than is allowed."""
    spread = shuffles.LARGEST_DEVIATION * np.sqrt(calls * share * (1 - share))
    return sum(
        comb(calls, k) * share**k * (1 - share) ** (calls - k)
        for k in range(calls + 1)
        if abs(k - calls * share) > spread
    )


def test_a_right_shuffle_fails_less_than_once_in_ten_million_by_chance():
    seven = 14 * tails(400, 3 / 7) + 7 * tails(400, 1 / 7) + 21 * tails(400, 12 / 42)
    pairs = 0.0
    for sizes in ([6] * 3 + [3], [5] * 4):  # three pairs of orders of each case are compared
        ways = factorial(sum(sizes)) / np.prod([float(factorial(size)) for size in sizes])
        pairs += 3 * factorial(sizes.count(sizes[0])) / ways
    pairs += 3 / factorial(14)
    assert seven + pairs < 1e-7


def test_orders_differ_by_sets_where_batches_mix():
    one, turned = ((0, 1), (2, 3)), ((2, 3), (0, 1))
    assert not all_differ([one, turned])
    assert all_differ([one, ((0, 2), (1, 3))])
    assert all_differ([((0, 1, 2),), ((0, 1, 2),)])
    singles = [((a,), (b,)) for a, b in pairwise([0, 1, 0])]
    assert all_differ(singles)
