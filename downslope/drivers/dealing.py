"""Drivers for functions that deal out at random: splits, folds, numbers; and for lists of configs.

A case's ``"plan"`` lists pairs: the seed of a new generator, and how often to call with it. What
was seen goes out as plain evidence beside the properties that `downslope.parts` and
`downslope.random_draws` work out from it, here and, anew, where the answer is judged.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from downslope import parts, random_draws
from downslope.drivers.calling import Kept, Notes, called, guarded, prepared, same
from downslope.drivers.outcomes import MAX_NUMBERS, Case, Contract, Function, Outcome, Stop
from downslope.drivers.reading import entries, parts_of, plain_array
from downslope.drivers.single import Helpers

NAMES = ("train", "val", "test")
WHOLE = (int, *(np.dtype(n).type for n in ("int8", "int16", "int32", "int64", "uint8", "uint64")))


def drive_split(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Call with generators and read three arrays of indices."""
    notes, given = Notes(), case["arguments"]
    try:
        found = [_three(value, contract) for value in _calls(function, contract, case, notes)]
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    recipe = np.array([given["n"], case["mode"], *given["fractions"]], dtype=np.float64)
    evidence = parts.as_evidence(found)
    held = parts.split_properties(evidence, {parts.SPLIT: recipe})
    return Outcome({**evidence, **held}, notes.names)


def drive_folds(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Call with generators and read lists of pairs (train, val)."""
    notes, given = Notes(), case["arguments"]
    try:
        found = [_pairs(value, contract) for value in _calls(function, contract, case, notes)]
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    recipe = np.array([given["n"], case["mode"], given["k"]], dtype=np.float64)
    evidence = parts.as_evidence(found)
    held = parts.fold_properties(evidence, {parts.FOLDS: recipe})
    return Outcome({**evidence, **held}, notes.names)


def drive_draws(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Call with generators and read rows of numbers."""
    notes, given = Notes(), case["arguments"]
    try:
        found = [_row(value, contract) for value in _calls(function, contract, case, notes)]
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    recipe = np.array([given["low"], given["high"], given["size"]], dtype=np.float64)
    evidence = random_draws.as_evidence(found)
    held = random_draws.properties(evidence, {random_draws.RECIPE: recipe})
    return Outcome({**evidence, **held}, notes.names)


def drive_configs(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Call with keywords, each a list of values; count how often each combination came back.

    Arrays: "times in the list", one axis a name; "configs that are no combination".
    """
    notes, given = Notes(), case["arguments"]
    values = prepared(given, notes)
    try:
        listed = parts_of(guarded(functools.partial(function, **values), [], contract))
        if listed is None:
            raise Stop("type", f"{contract.name} must return a list of dicts.")
        rows = [entries(config, contract) for config in listed]
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    changed = tuple(sorted(name for name in given if not same(values.get(name), given[name])))
    places = [_place(row, given) for row in rows]
    times = np.zeros([len(each) for each in given.values()])
    for place in filter(None, places):
        times[place] += 1
    strangers = np.array(float(places.count(None)))
    return Outcome(
        {"times in the list": times, "configs that are no combination": strangers}, changed
    )


def _calls(function: Function, contract: Contract, case: Case, notes: Notes) -> Iterator[Any]:
    for seed, times in case["plan"]:
        rng = Kept(np.random.default_rng(seed))
        for _ in range(times):
            yield called(function, contract, {**case["arguments"], "rng": rng}, notes)


def _three(value: Any, contract: Contract) -> list[np.ndarray]:
    wanted = f"It must return three arrays: {', '.join(NAMES)}."
    if value is None:
        raise Stop("nothing", f"{contract.name} returned nothing. {wanted}")
    found = parts_of(value)
    if found is None or len(found) != len(NAMES):
        what = f"one {type(value).__name__}" if found is None else f"{len(found)} values"
        raise Stop("count", f"{contract.name} returned {what}. {wanted}")
    return [indices(part, name) for part, name in zip(found, NAMES, strict=True)]


def _pairs(value: Any, contract: Contract) -> list[np.ndarray]:
    wanted = "It must return a list of pairs (train, val)."
    if value is None:
        raise Stop("nothing", f"{contract.name} returned nothing. {wanted}")
    listed = parts_of(value)
    if listed is None:
        raise Stop("type", f"{contract.name} returned a {type(value).__name__}. {wanted}")
    rows = []
    for pair in listed:
        halves = parts_of(pair)
        if halves is None or len(halves) != 2:
            raise Stop("nesting", f"The list of {contract.name} holds something else. {wanted}")
        rows += [indices(half, name) for half, name in zip(halves, NAMES, strict=False)]
    return rows


def indices(part: Any, name: str) -> np.ndarray:
    """Read one array of indices, int64; a list or tuple of whole numbers is as good.

    Raises:
        Stop: for something else.
    """
    listed = parts_of(part)
    if listed is not None and all(type(index) in WHOLE for index in listed):
        part = np.array([int(index) for index in listed], dtype=np.int64)
    if type(part) is not np.ndarray:
        raise Stop("type", f"{name} is a {type(part).__name__}. It must be an array of indices.")
    if part.dtype.kind not in "iu" and part.size:
        text = "Indices are whole numbers, such as int64."
        raise Stop("dtype", f"{name} has dtype {part.dtype}. {text}")
    if part.ndim != 1 or part.size > MAX_NUMBERS:
        raise Stop("shape", f"{name} has shape {part.shape}. It must be a row of indices.")
    return part.astype(np.int64)


def _row(value: Any, contract: Contract) -> np.ndarray:
    if value is None:
        raise Stop("nothing", f"{contract.name} returned nothing. It must return an array.")
    row = plain_array(contract.returns[0], value)
    if row.ndim != 1:
        text = f"{contract.returns[0]} has shape {row.shape}. It must be (size,)."
        raise Stop("shape", text)
    return row


def _place(config: dict[Any, Any], given: dict[str, Sequence[Any]]) -> tuple[int, ...] | None:
    """Find which combination a config is; None for something else."""
    if set(config) != set(given):
        return None
    found = [
        next((i for i, value in enumerate(values) if _equal(config[name], value)), None)
        for name, values in given.items()
    ]
    return None if None in found else tuple(i for i in found if i is not None)


def _equal(one: Any, other: Any) -> bool:
    """Compare plain values; what came back may be any object, so no method of its own is called."""
    if type(one) is list and type(other) is list:
        return len(one) == len(other) and all(map(_equal, one, other))
    one = one.item() if type(one) in (np.float64, np.int64, np.bool_, np.str_) else one
    return type(one) is type(other) and bool(one == other)
