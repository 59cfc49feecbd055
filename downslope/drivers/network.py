"""Driver for a function that trains a network of its own making; the judge measures it."""

from __future__ import annotations

from typing import Any

import numpy as np

from downslope import unseen
from downslope.drivers.calling import Notes, called
from downslope.drivers.outcomes import Case, Contract, Function, Outcome, Stop
from downslope.drivers.reading import Arrays, parts_of, read_nested
from downslope.drivers.single import Helpers


def drive_network(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Call once with the training data of ``case["task"]`` and read a list of (W, b).

    ``case["arguments"]["rng"]`` is the seed of the generator that is passed in. Arrays: "[0].W",
    "[0].b", ... of as many layers as there are.
    """
    notes = Notes()
    task = unseen.Task(**case["task"])
    X, y = unseen.training_data(task)
    rng = np.random.default_rng(case["arguments"]["rng"])
    try:
        value = called(function, contract, {"X": X, "y": y, "rng": rng}, notes)
        arrays = _read(value, contract, case)
        layers = [(arrays[f"[{n}].W"], arrays[f"[{n}].b"]) for n in range(len(arrays) // 2)]
        if problem := unseen.unfit(layers, task.inputs):
            raise Stop("shape", problem)
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    return Outcome(arrays, notes.names)


def _read(value: Any, contract: Contract, case: Case) -> Arrays:
    parts = parts_of(value)
    if parts is None:
        what = "nothing" if value is None else f"a {type(value).__name__}"
        wanted = "It must return a list of (W, b), first layer first."
        raise Stop(
            "nothing" if value is None else "type", f"{contract.name} returned {what}. {wanted}"
        )
    return read_nested(value, contract, {**case, "template": [["W", "b"]] * len(parts)})
