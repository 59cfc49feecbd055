"""Cross-validation is judged by runs that the judge does again; a claimed record earns nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from downslope.compare import judge
from downslope.drivers import Contract, Outcome, run_cases
from downslope.evidence import PREFIX, RULE, without_evidence
from downslope.validation_runs import fit, mean_squared_error

CONTRACT = Contract("cross_validate", ("fit", "score", "X", "y", "k", "rng"), ("scores",))
RNG = np.random.default_rng(2)
CASE = {
    "label": "a small set",
    "arguments": {"X": RNG.normal(size=(29, 2)), "y": RNG.normal(size=29), "k": 4},
    "seeds": [1, 2],
}


def honest(fit: Any, score: Any, X: Any, y: Any, k: int, rng: np.random.Generator) -> np.ndarray:
    label = rng.permutation(np.arange(len(X)) % k)
    runs = [(label != part, label == part) for part in range(k)]
    return np.array([score(fit(X[a], y[a]), X[b], y[b]) for a, b in runs])


def outcome(function: Callable[..., Any]) -> Outcome:
    return run_cases("cross_validation", function, CONTRACT, [CASE])[0]


def passes(found: Outcome) -> bool:
    return judge([found], [without_evidence(outcome(honest))], [], 1e-9).passed


def test_an_honest_run_passes() -> None:
    found = outcome(honest)
    assert found.problem is None
    assert all(held for name, held in found.arrays.items() if name.startswith(RULE))
    assert passes(found)


def test_a_score_that_no_run_gave_is_not_believed() -> None:
    found = outcome(honest)
    scores = found.arrays[f"{PREFIX}scores"]
    for lower in (0.99 * scores, 0 * scores, scores + 1e-6):
        assert not passes(found._replace(arrays={**found.arrays, f"{PREFIX}scores": lower}))


def test_properties_that_are_only_claimed_are_worked_out_anew() -> None:
    def leaky(fit: Any, score: Any, X: Any, y: Any, k: int, rng: Any) -> np.ndarray:
        return honest(lambda *_: fit(X, y), score, X, y, k, rng)

    right, wrong = outcome(honest).arrays, outcome(leaky).arrays
    claimed = {
        name: wrong.get(name, array) if name.startswith(PREFIX) else array
        for name, array in right.items()
    }
    assert not passes(Outcome(claimed))


@pytest.mark.parametrize("name", ["fitted", "scored", "model", "scores", "owners"])
@pytest.mark.parametrize(
    "junk", [np.zeros(0), np.full((4, 30), 1e9), np.full(5, np.nan), np.full((3, 30), -1.0)]
)
def test_junk_instead_of_evidence_earns_nothing_and_raises_nothing(
    name: str, junk: np.ndarray
) -> None:
    found = outcome(honest)
    assert not passes(found._replace(arrays={**found.arrays, f"{PREFIX}{name}": junk}))


def test_far_more_calls_than_folds_are_cut_off() -> None:
    def endless(fit: Any, score: Any, X: Any, y: Any, k: int, rng: Any) -> Any:
        while True:
            fit(X, y)

    found = outcome(endless)
    assert found.problem is not None
    assert "more than 100 times" in found.problem.text


def test_the_probes_are_ridge_regression_and_its_error() -> None:
    X, y = CASE["arguments"]["X"], CASE["arguments"]["y"]  # type: ignore[index]
    w = fit(X, y, strength=1e-12)
    A = np.column_stack([X, np.ones(len(X))])
    assert w == pytest.approx(np.linalg.lstsq(A, y, rcond=None)[0])
    assert mean_squared_error(w, X, y) == pytest.approx(np.mean((A @ w - y) ** 2))
    with pytest.raises(ValueError, match="must have shape"):
        fit(X, y[:-1])
