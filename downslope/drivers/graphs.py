"""Drivers for functions on graphs whose nodes have ids: an order of them, a number for each.

An order is judged by its properties, as numbers that are the same for every right order.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from downslope.drivers.calling import Notes, called
from downslope.drivers.outcomes import Case, Contract, Function, Outcome, Stop
from downslope.drivers.reading import Arrays, entries, parts_of, plain_number
from downslope.drivers.single import Helpers

Parents = dict[Any, list[Any]]


def parents_of(case: Case) -> Parents:
    """Return the graph of a case: its argument "parents", ids to lists of ids."""
    given = case["arguments"]["parents"]
    return dict(given["pairs"]) if set(given) == {"pairs"} else given


def drive_order(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Call once and turn the list of ids into properties.

    Arrays: "times in the list", one entry an id in the order of ``parents`` (1 where right);
    "parent first", one entry an edge (0 where the child stands before the parent); "ids that are
    not nodes", a count.
    """
    notes = Notes()
    try:
        value = called(function, contract, case["arguments"], notes)
        return Outcome(_properties(_ids(value, contract), parents_of(case)), notes.names)
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)


def _ids(value: Any, contract: Contract) -> list[Any]:
    if value is None:
        raise Stop("nothing", f"{contract.name} returned nothing. It must return a list of ids.")
    parts = parts_of(value)
    if parts is None:
        kind = type(value).__name__
        raise Stop("type", f"{contract.name} returned a {kind}. It must return a list of ids.")
    strange = [part for part in parts if type(part) not in (str, int)]
    if strange:
        kind = type(strange[0]).__name__
        raise Stop("type", f"The list of {contract.name} holds a {kind}. It must hold ids.")
    return list(parts)


def _properties(order: list[Any], parents: Parents) -> Arrays:
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
