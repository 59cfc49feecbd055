"""Drivers about learning rates: a function that returns a schedule, and the range test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from downslope.drivers.calling import Kept, Notes, called, guarded, same
from downslope.drivers.outcomes import Case, Contract, Function, Outcome, Stop
from downslope.drivers.reading import Arrays, parts_of, plain_array, plain_number
from downslope.drivers.single import Helpers
from downslope.probes import make_probe

MAX_CALLS = 1000  # of one training step; an answer that goes on for ever is stopped there
KINDS = ("finite", "nan", "inf")  # of a recorded loss


def drive_schedule(
    function: Function, contract: Contract, case: Case, _helpers: Helpers
) -> Outcome:
    """Call a function that returns a schedule, then the schedule at each of ``case["at"]``.

    Arrays: "lr of the schedule, call 1", ..., one for each entry of ``case["at"]``, which holds
    numbers and arrays.
    """
    notes, arrays = Notes(), Arrays()
    try:
        given = {**case["arguments"], "schedule": Kept(_plain(case["arguments"]["schedule"]))}
        schedule = called(function, contract, given, notes)
        _require_schedule(schedule, contract.name)
        for number, t in enumerate(case["at"], start=1):
            asked = np.array(t) if isinstance(t, np.ndarray) else t
            value = guarded(schedule, [asked], contract)
            if not same(asked, t):
                notes.changed.add("t")
            name = f"lr of the schedule, call {number}"
            arrays[name] = plain_array(name, value)
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    return Outcome(arrays, notes.names)


def _plain(spec: Mapping[str, Any]) -> Callable[[Any], Any]:
    """Make a schedule of a probe that may be called with t by position or by name."""
    probe = make_probe(spec)

    def schedule(t: Any) -> Any:
        return probe(t)

    return schedule


def _require_schedule(schedule: Any, name: str) -> None:
    wanted = "It must return a schedule: a function that takes t and returns the learning rate."
    if schedule is None:
        raise Stop("nothing", f"{name} returned nothing. {wanted}")
    if not callable(schedule):
        raise Stop("type", f"{name} returned a {type(schedule).__name__}. {wanted}")


class TrainStep:
    """A training step that gives recorded losses, one a call, and notes the rates it is given.

    Like a real one it has a state: every call goes on from the one before.

    Args:
        losses: the loss of each call; the last one stays for calls beyond.
        kinds: for each loss a word of `KINDS`; "nan" and "inf" stand for those numbers, which
            plain data cannot hold.
    """

    def __init__(self, losses: Sequence[float], kinds: Sequence[str]) -> None:
        values = {"nan": float("nan"), "inf": float("inf")}
        self._losses = [
            values.get(kind, float(loss)) for loss, kind in zip(losses, kinds, strict=True)
        ]
        self.rates: list[float] = []

    def __call__(self, lr: Any) -> float:
        """Make one update with this learning rate and return its loss."""
        self.rates.append(plain_number("the lr that train_step is called with", lr))
        if len(self.rates) > MAX_CALLS:
            raise Stop("count", f"train_step was called more than {MAX_CALLS} times.")
        return self._losses[min(len(self.rates), len(self._losses)) - 1]


def drive_range_test(
    function: Function, contract: Contract, case: Case, _helpers: Helpers
) -> Outcome:
    """Call once with a `TrainStep` of ``case["losses"]`` and ``case["kinds"]`` as train_step.

    Arrays: the rates with which train_step was called; how many losses came back; the losses, with
    0 for those that are not finite; and of which of `KINDS` each one is.
    """
    notes, step = Notes(), TrainStep(case["losses"], case["kinds"])
    try:
        value = called(function, contract, {**case["arguments"], "train_step": Kept(step)}, notes)
        losses = _list_of_losses(value, contract)
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    kinds = [0.0 if np.isfinite(loss) else 1.0 if np.isnan(loss) else 2.0 for loss in losses]
    arrays = {
        "rates given to train_step": np.array(step.rates),
        "number of losses": np.array(float(len(losses))),
        contract.returns[0]: np.where(np.isfinite(losses), losses, 0.0),
        "kind of each loss": np.array(kinds),
    }
    return Outcome(arrays, notes.names)


def _list_of_losses(value: Any, contract: Contract) -> np.ndarray:
    """Read a list, a tuple or an array of numbers."""
    if value is None:
        raise Stop("nothing", f"{contract.name} returned nothing. It must return a list of losses.")
    parts = parts_of(value)
    if parts is None:
        array = plain_array(contract.returns[0], value)
        if array.ndim != 1:
            raise Stop("shape", f"{contract.name} must return a list of losses, one a call.")
        return array
    return np.array([plain_number("a loss", part) for part in parts[: MAX_CALLS + 1]])
