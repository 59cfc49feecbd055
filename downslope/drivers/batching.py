"""Drivers for functions that shuffle: batches of indices, and a run of mini-batch descent.

A case holds seeds; the generators are made here. What was seen goes out as plain evidence, beside
the properties that `downslope.shuffles` and `downslope.descents` work out from it, here and, anew,
where the answer is judged.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from downslope import descents, shuffles
from downslope.drivers.calling import Kept, Notes, called
from downslope.drivers.outcomes import Case, Contract, Function, Outcome, Stop
from downslope.drivers.reading import Arrays, parts_of, plain_array
from downslope.drivers.single import Helpers
from downslope.evidence import PREFIX
from downslope.probes import MAX_POINTS, batch_gradient

WHOLE = (int, *(np.dtype(name).type for name in ("int8", "int16", "int32", "int64", "uint8")))


def drive_shuffles(
    function: Function, contract: Contract, case: Case, _helpers: Helpers
) -> Outcome:
    """Call with generators and read lists of index arrays.

    ``case["plan"]`` lists pairs: the seed of a new generator, and how often to call with it.
    """
    notes, calls = Notes(), []
    try:
        for seed, times in case["plan"]:
            rng = Kept(np.random.default_rng(seed))
            for _ in range(times):
                arguments = {**case["arguments"], "rng": rng}
                calls.append(read_batches(called(function, contract, arguments, notes), contract))
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    n, size = (case["arguments"][name] for name in ("n", "batch_size"))
    recipe = np.array([n, size, len(case["plan"]) == 1], dtype=np.float64)
    evidence = shuffles.as_evidence(calls)
    found = shuffles.properties(evidence, {shuffles.RECIPE: recipe})
    return Outcome({**evidence, **found}, notes.names)


def read_batches(value: Any, contract: Contract) -> list[np.ndarray]:
    """Read a list or tuple of index arrays; lists of whole numbers and a table are as good."""
    name = contract.name
    if value is None:
        raise Stop("nothing", f"{name} returned nothing. It must return a list of index arrays.")
    parts = tuple(value) if type(value) is np.ndarray and value.ndim == 2 else parts_of(value)
    if parts is None:
        kind = type(value).__name__
        raise Stop("type", f"{name} returned a {kind}. It must return a list of index arrays.")
    return [_indices(part, name) for part in parts]


def _indices(part: Any, name: str) -> np.ndarray:
    inside = parts_of(part)
    if inside is not None and all(type(index) in WHOLE for index in inside):
        part = np.array([int(index) for index in inside], dtype=np.int64)
    if type(part) is not np.ndarray:
        kind = type(part).__name__
        raise Stop("type", f"The list of {name} holds a {kind}. It must hold index arrays.")
    if part.dtype.kind not in "iu":
        text = f"The list of {name} holds an array of dtype {part.dtype}. Indices are whole numbers"
        raise Stop("dtype", f"{text}, such as int64.")
    if part.ndim != 1:
        raise Stop("shape", f"The list of {name} holds an array of shape {part.shape}, not a row.")
    return part.astype(np.float64)


class Watched:
    """A gradient function that notes which examples it was given, and where.

    Args:
        X: all examples; rows must differ.
        y: their targets; all must differ.
    """

    def __init__(self, X: np.ndarray, y: np.ndarray) -> None:
        self._numbers = {row.tobytes(): number for number, row in enumerate(np.array(X))}
        self._targets = {float(target): number for number, target in enumerate(y)}
        self._width = np.array(X).shape[1]
        self.points: list[np.ndarray] = []
        self.rows: list[list[int]] = []
        self.targets: list[list[int]] = []

    def __call__(self, theta: Any, X: Any, y: Any) -> np.ndarray:
        """Return the mean gradient over the rows of X, as `downslope.probes.batch_gradient`."""
        gradient = batch_gradient(theta, X, y)
        if len(self.points) == MAX_POINTS:
            raise ValueError(f"grad_fn was called more than {MAX_POINTS} times")
        self.points.append(np.array(theta, dtype=np.float64))
        examples, targets = np.array(X, dtype=np.float64), np.array(y, dtype=np.float64)
        self.rows.append([self._numbers.get(row.tobytes(), -1) for row in examples])
        self.targets.append([self._targets.get(target, -1) for target in targets.tolist()])
        return gradient

    @property
    def all_rows(self) -> np.ndarray:
        """Rows of X in the order in which they were used."""
        return np.array([number for rows in self.rows for number in rows], dtype=np.float64)

    def evidence(self) -> Arrays:
        """Write what was seen as plain arrays."""
        return {
            "points": np.array(self.points, dtype=np.float64).reshape(-1, self._width),
            "sizes": np.array([len(rows) for rows in self.rows], dtype=np.float64),
            "rows": self.all_rows,
            "targets": np.array([n for each in self.targets for n in each], dtype=np.float64),
        }


def drive_descent(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Run descent three times: with a seed, with the same seed, with another; watch the batches.

    ``case["seeds"]`` holds the two seeds.
    """
    notes, arguments = Notes(), case["arguments"]
    seed, other = case["seeds"]
    try:
        path, seen = _descend(function, contract, arguments, seed, notes)
        again = _descend(function, contract, arguments, seed, notes)[1]
        otherwise = _descend(function, contract, arguments, other, notes)[1]
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    runs = {"rows again": again.all_rows, "rows otherwise": otherwise.all_rows}
    found = {**seen.evidence(), "path": path, **runs}
    evidence = {f"{PREFIX}{name}": array for name, array in found.items()}
    recipe = descents.recipe_of(arguments)
    return Outcome({**evidence, **descents.properties(evidence, recipe)}, notes.names)


def _descend(
    function: Function, contract: Contract, arguments: dict[str, Any], seed: int, notes: Notes
) -> tuple[np.ndarray, Watched]:
    watched = Watched(arguments["X"], arguments["y"])
    rng = np.random.default_rng(seed)
    given = {**arguments, "grad_fn": Kept(watched), "rng": Kept(rng)}
    path = plain_array(
        contract.returns[0], _some(called(function, contract, given, notes), contract)
    )
    width = len(arguments["theta0"])
    if path.ndim != 2 or path.shape[1] != width or not len(path):
        text = f"{contract.name} returned an array of shape {path.shape}. It must be a table with "
        raise Stop("shape", f"{text}{width} columns: theta0, then theta after each epoch.")
    return path, watched


def _some(value: Any, contract: Contract) -> Any:
    if value is None:
        wanted = contract.returns[0]
        raise Stop("nothing", f"{contract.name} returned nothing. It must return {wanted}.")
    return value
