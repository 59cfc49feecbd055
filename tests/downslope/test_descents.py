"""Runs of mini-batch descent are followed anew from their evidence."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from downslope import descents
from downslope.compare import Verdict, judge
from downslope.drivers import Case, Contract, Outcome, run_cases
from downslope.evidence import PREFIX, RULE, without_evidence
from downslope.messages import explain

Function = Callable[..., Any]
PARAMETERS = ("grad_fn", "theta0", "X", "y", "lr", "batch_size", "epochs", "rng")
CONTRACT = Contract("sgd", PARAMETERS, ("path",))
STEPS = "step / (-lr * gradient)"


def case_of(n: int, size: int, epochs: int, seed: int = 0) -> Case:
    rng = np.random.default_rng(seed)
    arguments = {
        "theta0": rng.normal(size=3),
        "X": rng.normal(size=(n, 3)),
        "y": rng.normal(size=n),
        "lr": 0.05,
        "batch_size": size,
        "epochs": epochs,
    }
    return {"label": f"{n} in {size}", "arguments": arguments, "seeds": [seed, seed + 1]}


CASES = [case_of(21, 6, 3), case_of(14, 1, 2), case_of(8, 8, 4), case_of(7, 9, 2), case_of(9, 4, 0)]


def sgd(
    grad_fn: Function,
    theta0: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    lr: float,
    batch_size: int,
    epochs: int,
    rng: np.random.Generator,
) -> np.ndarray:
    theta, path = theta0, [theta0]
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            theta = theta - lr * grad_fn(theta, X[rows], y[rows])
        path.append(theta)
    return np.array(path)


def driven(function: Function, cases: list[Case] = CASES) -> list[Outcome]:
    return run_cases("descent", function, CONTRACT, cases)


def verdict(outcomes: list[Outcome], cases: list[Case] = CASES) -> Verdict:
    expected = [without_evidence(outcome) for outcome in driven(sgd, cases)]
    return judge(outcomes, expected, [], 1e-6)


def test_all_properties_hold_for_a_run():
    for outcome in driven(sgd):
        held = {k: float(a) for k, a in outcome.arrays.items() if k.startswith(RULE)}
        assert set(held.values()) == {1.0}, held
        np.testing.assert_allclose(outcome.arrays[STEPS], 1.0, atol=1e-11)
    assert verdict(driven(sgd)).passed


@pytest.mark.parametrize("seed", range(40))
def test_honest_runs_pass_whatever_the_seed(seed: int):
    cases = [case_of(21, 6, 3, seed), case_of(20, 5, 2, seed), case_of(14, 1, 2, seed)]
    assert verdict(driven(sgd, cases), cases).passed


def test_a_forged_path_does_not_follow_from_its_batches():
    for k in range(1, 4):
        outcomes = driven(sgd)
        outcomes[0].arrays[f"{PREFIX}path"][k] += 1e-3
        assert not verdict(outcomes).passed, k


def test_claims_count_nothing_beside_their_evidence():
    good, wrong = driven(sgd), driven(lambda *given: sgd(*given[:4], 2 * given[4], *given[5:]))
    for outcome, claimed in zip(wrong, good, strict=True):
        claims = {k: a for k, a in claimed.arrays.items() if not k.startswith(PREFIX)}
        outcome.arrays.update(claims)
    assert not verdict(wrong).passed
    assert not verdict([without_evidence(outcome) for outcome in good]).passed


def test_another_recipe_in_the_reply_changes_nothing():
    outcomes = driven(lambda *given: sgd(*given[:4], 2 * given[4], *given[5:]))
    for outcome in outcomes:
        outcome.arrays[descents.RECIPE][0] *= 2  # as if lr had been twice as large
    assert not verdict(outcomes).passed


@pytest.mark.parametrize("name", ["points", "sizes", "rows", "targets", "path", "rows again"])
@pytest.mark.parametrize("spoil", ["missing", "nan", "longer", "far"])
def test_spoilt_evidence_loses_and_breaks_nothing(name: str, spoil: str):
    outcomes = driven(sgd)
    key = f"{PREFIX}{name}"
    array = outcomes[0].arrays.pop(key)
    changes = {
        "nan": array * np.nan,
        "longer": np.concatenate([array, array[-1:]]),
        "far": array + 1e6,
    }
    if spoil in changes:
        outcomes[0].arrays[key] = changes[spoil]
    assert not verdict(outcomes).passed


def test_a_batch_may_be_gone_through_one_by_one():
    def one_by_one(*given: Any) -> np.ndarray:
        def mean(theta: np.ndarray, X: np.ndarray, y: np.ndarray) -> Any:
            slopes = [given[0](theta, x[None], y[k : k + 1]) for k, x in enumerate(X)]
            return np.mean(slopes, axis=0)

        return sgd(mean, *given[1:])

    assert verdict(driven(one_by_one)).passed


def test_what_went_wrong_is_said_in_words():
    def fixed(*given: Any) -> np.ndarray:
        return sgd(*given[:-1], np.random.default_rng(0))

    found = verdict(driven(fixed))
    text = explain(
        found, "sgd", ("path",), [case["label"] for case in CASES], steps=False, cases=CASES
    )
    assert "this does not hold: a generator with another seed gives other batches" in text


@pytest.mark.parametrize(
    ("function", "kind", "words"),
    [
        (lambda *given: None, "nothing", "It must return path"),
        (lambda *given: given[1], "shape", "must be a table with 3 columns"),
        (lambda *given: [given[1]], "type", "is a list"),
        (lambda *given: given[0](given[1], given[2][0], given[3][0]), "raised", "Give it a batch"),
        (
            lambda *given: given[0](given[1], given[2][:0], given[3][:0]),
            "raised",
            "without examples",
        ),
        (lambda *given: given[0](given[1], given[2][:2], given[3]), "raised", "of shape"),
    ],
)
def test_what_is_no_path_is_named(function: Function, kind: str, words: str):
    problem = driven(function)[0].problem
    assert problem is not None
    assert problem.kind == kind
    assert words in problem.text


def test_shuffling_the_data_itself_is_seen():
    def in_place(*given: Any) -> np.ndarray:
        order = given[-1].permutation(len(given[2]))
        given[2][:], given[3][:] = given[2][order], given[3][order]
        return sgd(*given)

    assert driven(in_place)[0].changed == ("X", "y")
