"""Driver for a function that trains a network: it returns parameters, the judge measures them."""

from __future__ import annotations

import numpy as np

from downslope import held_out
from downslope.drivers.calling import Notes, called
from downslope.drivers.outcomes import Case, Contract, Function, Outcome, Stop
from downslope.drivers.reading import Arrays, read_nested
from downslope.drivers.single import Helpers


def drive_training(
    function: Function, contract: Contract, case: Case, _helpers: Helpers
) -> Outcome:
    """Call once with digits in the place of their names and read a list of (W, b).

    Arrays: "[0].W", "[0].b", ..., the recipe of the data and the accuracy on held-out digits,
    which `downslope.compare` works out anew.
    """
    notes = Notes()
    try:
        arguments = {name: held_out.given(value) for name, value in case["arguments"].items()}
        value = called(function, contract, arguments, notes)
        layers = case["arguments"]["params"]
        template = [["W", "b"]] * len(layers)
        arrays = read_nested(value, contract, {**case, "template": template})
        _same_shapes(arrays, layers)
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    data = case["arguments"]["X"]
    recipe = np.array([data["seed"], data["examples"], case["enough"]], dtype=np.float64)
    share = np.array(held_out.accuracy(arrays, recipe))
    return Outcome({**arrays, held_out.RECIPE: recipe, held_out.ACCURACY: share}, notes.names)


def _same_shapes(arrays: Arrays, layers: list[list[np.ndarray]]) -> None:
    for number, layer in enumerate(layers):
        for name, array in zip("Wb", layer, strict=True):
            found = arrays[f"[{number}].{name}"].shape
            if found != array.shape:
                text = f"{name} of layer {number + 1} came back with shape {found}; it went in "
                raise Stop("shape", f"{text}with {array.shape}.")
