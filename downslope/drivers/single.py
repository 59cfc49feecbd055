"""Drivers that call one function: by values, by steps, by words, nested, forward then backward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from downslope.drivers.calling import Kept, Notes, called
from downslope.drivers.outcomes import MAX_NUMBERS, Case, Contract, Function, Outcome, Problem, Stop
from downslope.drivers.reading import (
    Arrays,
    Reader,
    parts_of,
    read_mapping,
    read_nested,
    read_table,
    read_values,
    read_word,
)

Helpers = Mapping[str, Function]
RECORDED = "calls"  # a returned name that the driver fills: where the probes were called


def drive_call(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Call the function once with ``case["arguments"]`` and read values by name."""
    return _once(function, contract, case, read_values)


def drive_table(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Call once and read columns typed by hand, where lists and whole numbers will do."""
    return _once(function, contract, case, read_table)


def drive_mapping(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Call once and read a dict by its keys."""
    return _once(function, contract, case, read_mapping)


def drive_text(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Call once and read one of a few words."""
    return _once(function, contract, case, read_word)


def drive_nested(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Call once and read nested tuples and lists."""
    return _once(function, contract, case, read_nested)


def _once(function: Function, contract: Contract, case: Case, read: Reader) -> Outcome:
    notes = Notes()
    try:
        value = called(function, contract, case["arguments"], notes)
        wanted = tuple(name for name in contract.returns if name != RECORDED)
        arrays = read(value, contract._replace(returns=wanted), case)
        if RECORDED in contract.returns:
            arrays[RECORDED] = _stacked(notes.points)
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    return Outcome(arrays, notes.names)


def _stacked(points: list[np.ndarray]) -> np.ndarray:
    """Put the points of all calls of a probe into one array, one row a call."""
    shapes = {point.shape for point in points}
    if len(shapes) > 1 or sum(point.size for point in points) > MAX_NUMBERS:
        shown = " and ".join(str(shape) for shape in sorted(shapes)[:3])
        raise Stop("shape", f"The given function was called with arrays of shape {shown}.")
    return np.stack(points) if points else np.zeros(0)


def drive_forward_backward(
    function: Function, contract: Contract, case: Case, helpers: Helpers
) -> Outcome:
    """Drive one half of a pair.

    A case without "forward" is for the forward function: it returns (out, cache) and out alone is
    read. Otherwise ``case["forward"]`` holds the arguments of the learner's own forward function,
    the first of `contract.uses`; the cache that it gives goes to the one parameter of the backward
    function that ``case["arguments"]`` leaves open.
    """
    notes = Notes()
    try:
        if "forward" not in case:
            pair = called(function, contract, case["arguments"], notes)
            return Outcome(_read(_pair(pair, contract.name)[0], contract, case), notes.names)
        cache = _cache(contract, case, helpers)
        value = _backward(function, contract, case, cache, notes)
        return Outcome(_read(value, contract, case), notes.names)
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)


def _read(value: Any, contract: Contract, case: Case) -> Arrays:
    return (read_nested if "template" in case else read_values)(value, contract, case)


def _pair(value: Any, name: str) -> tuple[Any, ...]:
    parts = parts_of(value)
    if value is None:
        raise Stop("nothing", f"{name} returned nothing. It must return out, cache.")
    if parts is None or len(parts) != 2:
        what = f"one {type(value).__name__}" if parts is None else f"{len(parts)} values"
        raise Stop("count", f"{name} returned {what}. It must return two: out, cache.")
    return parts


def _cache(contract: Contract, case: Case, helpers: Helpers) -> Any:
    """Run the learner's forward function; what fails there is said to be its fault."""
    name = contract.uses[0]
    given = case["forward"]
    try:
        asked = Contract(name, tuple(given), (), contract.forbids)
        return _pair(called(helpers[name], asked, given, Notes()), name)[1]
    except Stop as stop:
        kind = "needs" if stop.problem.kind == "not_written" else stop.problem.kind
        text = f"{contract.name} gets its cache from your {name}. {stop.problem.text}"
        raise Stop(kind, text) from stop


def _backward(function: Function, contract: Contract, case: Case, cache: Any, notes: Notes) -> Any:
    names = [name for name in contract.parameters if name not in case["arguments"]]
    if len(names) != 1:
        raise KeyError(f"one open parameter for the cache (there are {names})")
    return called(function, contract, {**case["arguments"], names[0]: Kept(cache)}, notes)


def drive_steps(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Make several updates with an update rule, feeding its own state back to it.

    ``case["start"]`` holds the first state, ``case["updates"]`` the other arguments of each update.
    """
    state = {name: np.array(value) for name, value in case["start"].items()}
    history: dict[str, list[np.ndarray]] = {name: [] for name in contract.returns}
    notes = Notes()
    problem = None
    for number, update in enumerate(case["updates"], start=1):
        try:
            value = called(function, contract, {**state, **update}, notes)
            new = read_values(value, contract, case)
            _same_shapes(new, state)
        except Stop as stop:
            kind, text = stop.problem
            problem = Problem(kind, f"In update {number}: {text}" if number > 1 else text)
            break
        state = {**state, **new}
        for name, array in new.items():
            history[name].append(array)
    arrays = {name: np.stack(past) for name, past in history.items() if past}
    return Outcome(arrays, notes.names, problem)


def _same_shapes(new: Arrays, state: Arrays) -> None:
    for name, array in new.items():
        if name in state and array.shape != state[name].shape:
            raise Stop(
                "shape",
                f"{name} came back with shape {array.shape}; it went in with {state[name].shape}.",
            )
