"""Driver for a function that returns a dict of update rules: each walks by gradients of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from downslope import stepping
from downslope.drivers.calling import Notes, called
from downslope.drivers.faults import describe_error
from downslope.drivers.outcomes import Case, Contract, Function, Outcome, Stop
from downslope.drivers.reading import entries
from downslope.drivers.single import Helpers, drive_steps


def drive_rules(function: Function, contract: Contract, case: Case, _helpers: Helpers) -> Outcome:
    """Call once, then let each rule that `contract.returns` names make all updates of the case.

    ``case["start"]`` holds theta; states begin at zero. Read is theta alone, one row an update: how
    a rule keeps its state is its own affair.
    """
    notes, arrays, changed = Notes(), {}, set[str]()
    try:
        found = entries(called(function, contract, {}, notes), contract)
        lacking = [name for name in contract.returns if name not in found]
        if lacking:
            wanted = ", ".join(contract.returns)
            text = f"The dict that {contract.name} returns lacks {', '.join(lacking)}."
            raise Stop("keys", f"{text} Its keys must be {wanted}; others may stand beside them.")
        for name in contract.returns:
            walk = _walk(name, found[name], contract, case)
            arrays[name] = walk.arrays["theta"]
            changed |= set(walk.changed)
    except Stop as stop:
        return Outcome({}, tuple(sorted(changed)), stop.problem)
    return Outcome(arrays, tuple(sorted(changed)))


def _walk(name: str, rule: Any, contract: Contract, case: Case) -> Outcome:
    if not callable(rule):
        raise Stop("type", f"{name} is a {type(rule).__name__}. It must be an update rule.")
    try:
        names = stepping.parameter_names(rule)
    except (TypeError, ValueError) as error:
        raise Stop("raised", describe_error(error, name)) from error
    states = [each for each in names if each in stepping.STATE_NAMES]
    theta = case["start"]["theta"]
    start = {"theta": theta, **{each: np.zeros_like(theta) for each in states}}
    asked = Contract(name, names, ("theta", *states), contract.forbids)
    walk = drive_steps(rule, asked, {"start": start, "updates": case["updates"]}, {})
    if walk.problem is not None:
        kind, text = walk.problem
        raise Stop(kind, text if name in text else f"{name}: {text}")
    return walk
