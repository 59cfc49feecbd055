"""Drivers: turn a learner's function and a case into plain arrays.

A driver runs beside the learner's code, in a notebook or in a grading sandbox, and holds no
answers. It calls the function on copies of the case's inputs and reports what came back, which
arguments were changed in place, or why there is nothing to compare.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from downslope.drivers.batching import drive_descent, drive_shuffles
from downslope.drivers.calling import Notes, called
from downslope.drivers.dealing import drive_configs, drive_draws, drive_folds, drive_split
from downslope.drivers.expressions import drive_value_class
from downslope.drivers.faults import describe_error
from downslope.drivers.graphs import drive_numbers_by_id, drive_order, raised
from downslope.drivers.lookup import find_helpers
from downslope.drivers.named_rules import drive_rules
from downslope.drivers.network import drive_network
from downslope.drivers.outcomes import (
    MAX_NUMBERS,
    NUMPY_SCALARS,
    PROBLEM_KINDS,
    Case,
    Contract,
    Function,
    Outcome,
    Problem,
    Stop,
)
from downslope.drivers.rates import drive_range_test, drive_schedule
from downslope.drivers.searching import drive_line_search, drive_random_search
from downslope.drivers.single import (
    Helpers,
    drive_call,
    drive_forward_backward,
    drive_mapping,
    drive_nested,
    drive_steps,
    drive_table,
    drive_text,
)
from downslope.drivers.training import drive_training
from downslope.drivers.validating import drive_choice, drive_cross_validation

__all__ = [
    "DRIVERS",
    "MAX_NUMBERS",
    "NUMPY_SCALARS",
    "PROBLEM_KINDS",
    "STEPWISE",
    "Case",
    "Contract",
    "Function",
    "Outcome",
    "Problem",
    "describe_error",
    "run_cases",
]

STEPWISE = frozenset({"steps", "rules"})  # the first index of their arrays counts updates

DRIVERS: dict[str, Callable[[Function, Contract, Case, Helpers], Outcome]] = {
    "call": drive_call,
    "table": drive_table,
    "steps": drive_steps,
    "mapping": drive_mapping,
    "text": drive_text,
    "nested": drive_nested,
    "network": drive_network,
    "rules": drive_rules,
    "forward_backward": drive_forward_backward,
    "order": drive_order,
    "numbers_by_id": drive_numbers_by_id,
    "value_class": drive_value_class,
    "training": drive_training,
    "schedule": drive_schedule,
    "range_test": drive_range_test,
    "shuffles": drive_shuffles,
    "descent": drive_descent,
    "split": drive_split,
    "folds": drive_folds,
    "draws": drive_draws,
    "configs": drive_configs,
    "random_search": drive_random_search,
    "line_search": drive_line_search,
    "cross_validation": drive_cross_validation,
    "choice": drive_choice,
}


def run_cases(
    driver: str,
    function: object,
    contract: Contract,
    cases: Sequence[Case],
    namespace: Mapping[str, Any] | None = None,
) -> list[Outcome]:
    """Run `function` on each case with the named driver.

    Args:
        driver: a key of `DRIVERS`.
        function: the learner's answer; anything may come.
        contract: names of the exercise, its parameters and its returned values.
        cases: plain cases as the exercise's generator made them.
        namespace: where other functions that the exercise uses are looked up; without one, in the
            answer's own globals and in the notebook.

    Raises:
        ValueError: for an unknown driver.
    """
    if driver not in DRIVERS:
        raise ValueError(f"unknown driver {driver!r}; known are {', '.join(sorted(DRIVERS))}")
    if not callable(function):
        kind = type(function).__name__
        what = "class" if driver == "value_class" else "function"
        problem = Problem("type", f"{contract.name} is a {kind}, not a {what}.")
        return [Outcome({}, (), problem) for _ in cases]
    try:
        helpers = find_helpers(function, contract, namespace)
    except Stop as stop:
        return [Outcome({}, (), stop.problem) for _ in cases]
    run = DRIVERS[driver]
    return [
        _expect_error(function, contract, case)
        if "raises" in case
        else run(function, contract, case, helpers)
        for case in cases
    ]


def _expect_error(function: Function, contract: Contract, case: Case) -> Outcome:
    """Call once where an error of the named class is right: 1 for that, 0 for a returned value."""
    notes, wanted = Notes(), case["raises"]
    was_raised = 0.0
    try:
        called(function, contract, case["arguments"], notes)
    except Stop as stop:
        cause = stop.__cause__
        if cause is None or stop.problem.kind == "not_written":
            return Outcome({}, notes.names, stop.problem)
        if wanted not in [kind.__name__ for kind in type(cause).__mro__]:
            text = f"{stop.problem.text}\nHere it must raise {wanted}: {case['label']}."
            return Outcome({}, notes.names, Problem(stop.problem.kind, text))
        was_raised = 1.0
    return Outcome({raised(wanted): np.array(was_raised)}, notes.names)
