"""Drivers for functions on graphs whose nodes have ids: an order of them, a number for each.

An order is judged by its properties, as numbers that are the same for every right order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from downslope.drivers.calling import Notes, called
from downslope.drivers.outcomes import Case, Contract, Function, Outcome, Stop
from downslope.drivers.reading import Arrays, entries, parts_of, plain_number
from downslope.drivers.single import Helpers

Parents = dict[Any, list[Any]]
PLACES = "places of the ids"  # a reply to the judge; -1 for what is no id
NUMPY_IDS = (np.str_, np.int64, np.int32)  # as they come out of an array


def parents_of(case: Case) -> Parents:
    """Return the graph of a case: its argument "parents", ids to lists of ids."""
    given = case["arguments"]["parents"]
    return dict(given["pairs"]) if set(given) == {"pairs"} else given


def raised(error: str) -> str:
    """Name the array that says whether an error of this class was raised: 1 or 0."""
    return f"raises {error}"


def drive_order(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Call once and turn the list of ids into properties.

    Arrays: "times in the list", one entry an id in the order of ``parents`` (1 where right);
    "parent first", one entry an edge (0 where the child stands before the parent); "ids that are
    not nodes", a count. A case of the judge has "may_raise", names of errors: then the arrays are
    the places of the listed ids among ``parents``, or the error that was raised.
    """
    notes = Notes()
    parents = parents_of(case)
    try:
        order = _ids(called(function, contract, case["arguments"], notes), contract)
    except Stop as stop:
        return Outcome(_errors(stop, case.get("may_raise", ())), notes.names, stop.problem)
    arrays = _places(order, parents) if "may_raise" in case else properties(order, parents)
    return Outcome(arrays, notes.names)


def _errors(stop: Stop, names: Sequence[str]) -> Arrays:
    found = [kind.__name__ for kind in type(stop.__cause__).__mro__]
    return {raised(name): np.array(1.0) for name in names if name in found}


def _places(order: list[Any], parents: Parents) -> Arrays:
    places = {node: float(place) for place, node in enumerate(parents)}
    return {PLACES: np.array([places.get(node, -1.0) for node in order])}


def _ids(value: Any, contract: Contract) -> list[Any]:
    if value is None:
        raise Stop("nothing", f"{contract.name} returned nothing. It must return a list of ids.")
    parts = value.tolist() if type(value) is np.ndarray and value.ndim == 1 else parts_of(value)
    if parts is None:
        kind = type(value).__name__
        raise Stop("type", f"{contract.name} returned a {kind}. It must return a list of ids.")
    ids = [part.item() if type(part) in NUMPY_IDS else part for part in parts]
    strange = [part for part in ids if type(part) not in (str, int)]
    if strange:
        kind = type(strange[0]).__name__
        raise Stop("type", f"The list of {contract.name} holds a {kind}. It must hold ids.")
    return ids


def properties(order: Sequence[Any], parents: Parents) -> Arrays:
    """Describe an order by numbers that are the same for every right one."""
    times = Counter(order)
    first = {node: len(order) - 1 - place for place, node in enumerate(reversed(order))}
    edges = [(parent, child) for child, above in parents.items() for parent in above]
    strangers = sum(node not in parents for node in order)
    never = len(order)
    before = [first.get(p, -1) < first.get(c, never) for p, c in edges]
    return {
        "times in the list": np.array([float(times[node]) for node in parents]),
        "parent first": np.array(before, dtype=np.float64),
        "ids that are not nodes": np.array(float(strangers)),
    }


def drive_numbers_by_id(
    function: Function, contract: Contract, case: Case, _helpers: Helpers
) -> Outcome:
    """Call once and read a dict from ids to numbers, in the order of ``case["ids"]``."""
    notes = Notes()
    try:
        value = called(function, contract, case["arguments"], notes)
        found = entries(value, contract)
        ids = case["ids"] if "ids" in case else list(parents_of(case))
        _check_ids(found, ids, contract)
        numbers = [plain_number(f"the entry of {node!r}", found[node]) for node in ids]
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    return Outcome({contract.returns[0]: np.array(numbers, dtype=np.float64)}, notes.names)


def _check_ids(found: dict[Any, Any], ids: list[Any], contract: Contract) -> None:
    missing = [node for node in ids if node not in found]
    if missing:
        shown = ", ".join(map(repr, missing[:5]))
        raise Stop(
            "keys", f"The dict of {contract.name} has no entry for {shown}. Every id needs one."
        )
    if len(found) > len(ids):
        raise Stop("keys", f"The dict of {contract.name} has entries for ids that are not nodes.")
