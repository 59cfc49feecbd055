"""Runs of cross-validation: which rows were fitted on and scored on, and whether the scores fit.

The probes that a learner's function is given, `fit` and `mean_squared_error`, are pure; so the
judge can work out from the rows which score a run must have given. A claimed score counts only if
an honest run over those rows gives it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from downslope.evidence import Arrays, measured_by, rules, told
from downslope.parts import FOLDS, as_evidence, fold_properties, origin

if TYPE_CHECKING:
    from downslope.drivers.outcomes import Outcome

RECIPE = "cross-validation of"  # table (n, D + 1): X and y side by side
COUNT = "number of folds"
MAX_CALLS = 100  # of fit and of score in one run; far more than folds
MAX_COUNT = 1000  # of one row in one call
CLOSE = 1e-9  # two orders of the same rows differ by less, as a share of the score


def fit(X: Any, y: Any, strength: float = 0.1) -> np.ndarray:
    """Fit a line with an offset by ridge regression and return its D + 1 coefficients.

    >>> fit([[0.0], [1.0]], [1.0, 3.0], strength=0.0).round(6)
    array([2., 1.])
    """
    inputs, targets = _table(X, y)
    inputs = np.column_stack([inputs, np.ones(len(inputs))])
    pull = strength * np.eye(inputs.shape[1])
    found: np.ndarray = np.linalg.solve(inputs.T @ inputs + pull, inputs.T @ targets)
    return found


def mean_squared_error(coefficients: np.ndarray, X: Any, y: Any) -> float:
    """Return the mean squared error of fitted coefficients."""
    inputs, targets = _table(X, y)
    return float(np.mean((inputs @ coefficients[:-1] + coefficients[-1] - targets) ** 2))


def _table(X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    inputs, targets = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if inputs.ndim != 2 or targets.shape != (len(inputs),) or not len(inputs):
        shapes = f"X {inputs.shape} and y {targets.shape}"
        raise ValueError(f"X must have shape (N, D) and y (N,), with N at least 1; got {shapes}")
    return inputs, targets


def properties(arrays: Mapping[str, np.ndarray], given: Mapping[str, np.ndarray]) -> Arrays:
    """Work out what holds for the runs; evidence that cannot be read has no property.

    Args:
        arrays: evidence. "fitted" `(fits, n + 1)` counts the rows of each call of fit, the last
            column those that are no rows of the data; "scored" `(calls, n + 1)` the same for score;
            "model" `(calls,)` says which fit's model was scored; "scores" is what came back;
            "owners" `(4, n)` the fold of each row in four runs.
        given: `RECIPE` and `COUNT`.
    """
    table, k = given[RECIPE], int(given[COUNT])
    known = {RECIPE: table, COUNT: given[COUNT]}
    try:
        fitted, scored, models, scores, owners = told(
            arrays, "fitted", "scored", "model", "scores", "owners"
        )
        runs = _runs(fitted, scored, models, len(table))
        if scores.ndim != 1 or len(scores) > MAX_CALLS or owners.shape != (4, len(table)):
            raise ValueError("evidence of another shape")
    except (KeyError, ValueError, IndexError, TypeError):
        return known
    right = np.array([_again(run, table) for run in runs])
    claimed = [_run_of(score, right) for score in scores.tolist()]
    used = [runs[number] for number in claimed if number is not None]
    held = {
        "every score is that of a call of score": len(used) == len(claimed),
        "fit and score get rows of X and y as they are": all(a[-1] == b[-1] == 0 for a, b in runs),
    }
    found = {"number of scores": np.array(float(len(scores)))}
    return {**known, **found, **rules(held), **_folds(used, len(table), k, owners)}


def measured(
    outcomes: Sequence[Outcome], expected: Sequence[Outcome]
) -> tuple[Sequence[Outcome], Sequence[Outcome]]:
    """Work out the properties of outcomes anew; those of other exercises stay as they are."""
    return measured_by(properties, RECIPE, outcomes, expected), expected


def _runs(
    fitted: np.ndarray, scored: np.ndarray, models: np.ndarray, n: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    for each in (fitted, scored):
        if each.ndim != 2 or each.shape[1] != n + 1 or len(each) > MAX_CALLS:
            raise ValueError("evidence of another shape")
        if not np.all((each >= 0) & (each <= MAX_COUNT)):
            raise ValueError("evidence with other counts")
    if not np.all((models >= 0) & (models < len(fitted))):
        raise ValueError("evidence of a model that no fit gave")
    numbers = models.astype(np.int64)
    return [(fitted[model], rows) for model, rows in zip(numbers, scored, strict=True)]


def _again(run: tuple[np.ndarray, np.ndarray], table: np.ndarray) -> float:
    """Do a run over and return its score; nan where its rows are not all rows of the data."""
    if any(rows[-1] or not rows.any() for rows in run):
        return float("nan")
    train, val = (np.repeat(table, rows[:-1].astype(np.int64), axis=0) for rows in run)
    return mean_squared_error(fit(train[:, :-1], train[:, -1]), val[:, :-1], val[:, -1])


def _run_of(score: float, right: np.ndarray) -> int | None:
    """Find the run that gives this score."""
    fits = np.flatnonzero(np.abs(right - score) <= CLOSE * np.maximum(np.abs(right), 1e-12))
    return int(fits[0]) if len(fits) else None


def _folds(
    runs: Sequence[tuple[np.ndarray, np.ndarray]], n: int, k: int, owners: np.ndarray
) -> Arrays:
    """Look at the rows of the runs as at the folds of `k_fold`."""
    numbers = np.arange(n)
    call = [np.repeat(numbers, half[:-1].astype(np.int64)) for run in runs for half in run]
    recipe = {FOLDS: np.array([n, 0, k], dtype=np.float64)}
    found = fold_properties(as_evidence([call]), recipe)
    kept = {name: array for name, array in found.items() if name != FOLDS}
    return kept | rules(origin(list(owners)))
