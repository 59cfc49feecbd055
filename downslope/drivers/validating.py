"""Drivers for honest evaluation: they supply `fit` and a score, and watch which rows go where."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from downslope import validation_runs
from downslope.drivers.calling import Kept, Notes, called
from downslope.drivers.outcomes import Case, Contract, Function, Outcome, Stop
from downslope.drivers.reading import Arrays, parts_of, plain_array, plain_number
from downslope.drivers.single import Helpers
from downslope.evidence import PREFIX
from downslope.validation_runs import COUNT, MAX_CALLS, RECIPE, mean_squared_error


class Model(NamedTuple):
    """What the watched `fit` returns; only the watched score understands it."""

    number: int
    coefficients: np.ndarray


class Watched:
    """Ridge regression that notes which rows each call of `fit` and of `score` was given.

    Args:
        X: all examples `(N, D)`.
        y: their targets `(N,)`. No two rows of X and y together are equal.
    """

    def __init__(self, X: np.ndarray, y: np.ndarray) -> None:
        table = np.column_stack([X, y])
        self._numbers = {row.tobytes(): number for number, row in enumerate(table)}
        self.fitted: list[np.ndarray] = []
        self.configs: list[Any] = []
        self.scored: list[np.ndarray] = []
        self.models: list[int] = []

    def fit(self, X: Any, y: Any) -> Model:
        """Fit on the rows given; `downslope.validation_runs.fit`."""
        return self.fit_config({}, X, y)

    def fit_config(self, config: Any, X: Any, y: Any) -> Model:
        """Fit with a config such as ``{"strength": 0.1}``."""
        if len(self.fitted) == MAX_CALLS:
            raise ValueError(f"fit was called more than {MAX_CALLS} times")
        model = Model(len(self.fitted), validation_runs.fit(X, y, **_strength(config)))
        self.fitted.append(self._count(X, y))
        self.configs.append(config)
        return model

    def score(self, model: Any, X: Any, y: Any) -> float:
        """Return the mean squared error of a model on the rows given."""
        if type(model) is not Model:
            raise TypeError("the first argument of score must be a model that fit returned")
        if len(self.scored) == MAX_CALLS:
            raise ValueError(f"score was called more than {MAX_CALLS} times")
        found = mean_squared_error(model.coefficients, X, y)
        self.scored.append(self._count(X, y))
        self.models.append(model.number)
        return found

    def _count(self, X: Any, y: Any) -> np.ndarray:
        """Count each row of the data among the rows given; the last count is of strangers."""
        counts = np.zeros(len(self._numbers) + 1)
        for row in np.column_stack([np.asarray(X, np.float64), np.asarray(y, np.float64)]):
            counts[self._numbers.get(row.tobytes(), -1)] += 1
        return counts


def _strength(config: Any) -> dict[str, float]:
    return {"strength": float(config["strength"])} if "strength" in config else {}


def drive_cross_validation(
    function: Function, contract: Contract, case: Case, _helpers: Helpers
) -> Outcome:
    """Cross-validate four times: twice with one generator, with its seed again, with another seed.

    ``case["seeds"]`` holds the two seeds. Evidence is what `downslope.validation_runs` needs.
    """
    notes, given = Notes(), case["arguments"]
    seed, other = case["seeds"]
    first, again, otherwise = map(np.random.default_rng, (seed, seed, other))
    try:
        runs = [
            _run(function, contract, given, rng, notes) for rng in (first, first, again, otherwise)
        ]
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    watched, scores = runs[0]
    known = {
        RECIPE: np.column_stack([given["X"], given["y"]]),
        COUNT: np.array(float(given["k"])),
    }
    width = len(given["X"]) + 1
    seen = {
        "fitted": np.array(watched.fitted).reshape(-1, width),
        "scored": np.array(watched.scored).reshape(-1, width),
        "model": np.array(watched.models, dtype=np.float64),
        "scores": scores,
        "owners": np.array([_owners(each, width - 1) for each, _ in runs]),
    }
    evidence = {f"{PREFIX}{name}": array for name, array in seen.items()}
    return Outcome({**evidence, **validation_runs.properties(evidence, known)}, notes.names)


def _run(
    function: Function,
    contract: Contract,
    given: dict[str, Any],
    rng: np.random.Generator,
    notes: Notes,
) -> tuple[Watched, np.ndarray]:
    watched = Watched(given["X"], given["y"])
    callbacks = {"fit": watched.fit, "score": watched.score, "rng": rng}
    arguments = {**given, **{name: Kept(each) for name, each in callbacks.items()}}
    value = called(function, contract, arguments, notes)
    if value is None:
        raise Stop("nothing", f"{contract.name} returned nothing. It must return k scores.")
    scores = plain_array(contract.returns[0], value)
    if scores.ndim != 1:
        raise Stop("shape", f"scores has shape {scores.shape}. It must be a row of k scores.")
    return watched, scores


def _owners(watched: Watched, n: int) -> np.ndarray:
    """Return which call of score had each row, the last one if several: `(n,)`."""
    owners = np.full(n, -1.0)
    for number, counts in enumerate(watched.scored):
        owners[counts[:n] > 0] = number
    return owners


def drive_choice(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Call once with `fit`, `loss`, configs and three sets; see what was chosen, and by which rows.

    Arrays: "best" and "config of the model", positions among the configs; "test loss"; "rows in
    the model", how many of train, val, test and no set the returned model was fitted on; "calls of
    loss with test rows"; "val and test rows in other fits".
    """
    notes, given = Notes(), case["arguments"]
    sets = [given[name] for name in ("train", "val", "test")]
    watched = Watched(np.concatenate([X for X, _ in sets]), np.concatenate([y for _, y in sets]))
    callbacks = {"fit": Kept(watched.fit_config), "loss": Kept(watched.score)}
    pairs = {name: tuple(given[name]) for name in ("train", "val", "test")}
    try:
        value = called(function, contract, {**given, **pairs, **callbacks}, notes)
        best, model, loss = _three_values(value, contract)
        found = {
            "best": _position(best, given["configs"]),
            "config of the model": _position(watched.configs[model.number], given["configs"]),
            "test loss": np.array(loss),
        }
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    return Outcome({**found, **_rows(watched, model, [len(y) for _, y in sets])}, notes.names)


def _three_values(value: Any, contract: Contract) -> tuple[Any, Model, float]:
    wanted = "It must return three: best, model, test_loss."
    if value is None:
        raise Stop("nothing", f"{contract.name} returned nothing. {wanted}")
    found = parts_of(value) if type(value) in (tuple, list) else None
    if found is None or len(found) != 3:
        what = f"one {type(value).__name__}" if found is None else f"{len(found)} values"
        raise Stop("count", f"{contract.name} returned {what}. {wanted}")
    if type(found[1]) is not Model:
        kind = type(found[1]).__name__
        raise Stop("type", f"model is a {kind}. It must be what fit returned.")
    return found[0], found[1], plain_number("test_loss", found[2])


def _position(config: Any, configs: list[Any]) -> np.ndarray:
    same = [i for i, each in enumerate(configs) if type(config) is dict and config == each]
    return np.array(float(same[0]) if same else -1.0)


def _rows(watched: Watched, model: Model, sizes: list[int]) -> Arrays:
    """Count rows of the three sets in the returned model, in other fits, in calls of the loss."""
    borders = np.cumsum(sizes)
    inside = np.array(
        [[part.sum() for part in np.split(counts, borders)] for counts in watched.fitted]
    )
    others = np.delete(inside, model.number, axis=0)
    tested = [counts[borders[1] : borders[2]].any() for counts in watched.scored]
    return {
        "rows in the model": inside[model.number],
        "val and test rows in other fits": np.array(float(others[:, 1:3].sum())),
        "calls of loss with test rows": np.array(float(sum(tested))),
    }
