"""Drivers for searches: they supply `sample` and `evaluate` and read what was tried and found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from downslope.drivers.calling import Kept, Notes, called
from downslope.drivers.outcomes import Case, Contract, Function, Outcome, Stop
from downslope.drivers.reading import entries, parts_of, plain_number
from downslope.drivers.single import Helpers

MAX_CALLS = 2000


class Landscape:
    """A loss of one rate, and perhaps of a width: pure, and it counts its calls.

    Args:
        valleys: rows (place on the log10 axis, depth, width): the loss is 1 less the deepest.
        widths: what a width adds: `slope * abs(width - best)`, as (slope, best).
        steps: round the loss to multiples of this, so that several configs are equally good.
    """

    def __init__(
        self,
        valleys: Any,
        *,
        widths: tuple[float, float] = (0.0, 0.0),
        steps: float = 0.0,
    ) -> None:
        self.valleys = np.array(valleys, dtype=np.float64).reshape(-1, 3)
        self.slope, self.best = widths
        self.steps, self.calls = steps, 0

    def at(self, rate: Any, width: Any = 0.0) -> float:
        """Return the loss; a rate must be positive."""
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise ValueError(f"evaluate was called more than {MAX_CALLS} times")
        if not float(rate) > 0:
            raise ValueError(f"evaluate needs a positive number; got {rate!r}")
        place, depth, spread = self.valleys.T
        dips = depth * np.exp(-(((np.log10(float(rate)) - place) / spread) ** 2))
        loss = float(1 - dips.max() + self.slope * abs(float(width) - self.best))
        return float(np.floor(loss / self.steps) * self.steps) if self.steps else loss


def sample(rng: np.random.Generator) -> dict[str, Any]:
    """Draw a config: a rate on a log scale, then a width."""
    rate = float(10 ** rng.uniform(-5, 0))
    return {"lr": rate, "width": int(rng.integers(4, 65))}


def drive_random_search(
    function: Function, contract: Contract, case: Case, _helpers: Helpers
) -> Outcome:
    """Call once with `sample`, an `evaluate` and a generator; ``case["landscape"]`` is the loss.

    Arrays: "configs tried" (log10 lr, width), "losses", "best", "calls of evaluate".
    """
    notes, land = Notes(), _landscape(case)

    def evaluate(config: Any) -> float:
        return land.at(config["lr"], config["width"])

    arguments = {
        "sample": Kept(sample),
        "evaluate": Kept(evaluate),
        "rng": Kept(np.random.default_rng(case["seed"])),
        **case["arguments"],
    }
    try:
        best, trials = _best_and_history(called(function, contract, arguments, notes), contract)
        configs = [_point(config, contract) for config, _ in trials]
        found = np.array(_point(best, contract))
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    return Outcome(
        {
            "configs tried": np.array(configs, dtype=np.float64).reshape(-1, 2),
            "losses": np.array([loss for _, loss in trials], dtype=np.float64),
            "best": found,
            "calls of evaluate": np.array(float(land.calls)),
        },
        notes.names,
    )


def drive_line_search(
    function: Function, contract: Contract, case: Case, _helpers: Helpers
) -> Outcome:
    """Call once with an `evaluate` of one positive number; ``case["landscape"]`` is the loss.

    Arrays: "values tried (log10)", "losses", "best (log10)", "calls too many".
    """
    notes, land = Notes(), _landscape(case)
    arguments = {"evaluate": Kept(land.at), **case["arguments"]}
    try:
        best, trials = _best_and_history(called(function, contract, arguments, notes), contract)
        values = [_log(plain_number("a value of history", value)) for value, _ in trials]
        found = _log(plain_number("best", best))
    except Stop as stop:
        return Outcome({}, notes.names, stop.problem)
    wanted = case["arguments"]["points"] * case["arguments"]["stages"]
    return Outcome(
        {
            "values tried (log10)": np.array(values, dtype=np.float64),
            "losses": np.array([loss for _, loss in trials], dtype=np.float64),
            "best (log10)": np.array(found),
            "calls too many": np.array(float(max(0, land.calls - wanted))),
        },
        notes.names,
    )


def _landscape(case: Case) -> Landscape:
    given: Mapping[str, Any] = case["landscape"]
    return Landscape(given["valleys"], **{k: v for k, v in given.items() if k != "valleys"})


def _best_and_history(value: Any, contract: Contract) -> tuple[Any, list[tuple[Any, float]]]:
    wanted = "It must return (best, history)."
    if value is None:
        raise Stop("nothing", f"{contract.name} returned nothing. {wanted}")
    pair = parts_of(value)
    if pair is None or len(pair) != 2:
        what = f"one {type(value).__name__}" if pair is None else f"{len(pair)} values"
        raise Stop("count", f"{contract.name} returned {what}. {wanted}")
    listed = parts_of(pair[1])
    if listed is None:
        raise Stop("type", f"history is a {type(pair[1]).__name__}. It must be a list.")
    if len(listed) > MAX_CALLS:
        raise Stop("shape", "history holds far more trials than asked for.")
    return pair[0], [_trial(each) for each in listed]


def _trial(entry: Any) -> tuple[Any, float]:
    pair = parts_of(entry)
    if pair is None or len(pair) != 2:
        raise Stop("nesting", "An entry of history is no pair. It must be (config, loss).")
    return pair[0], plain_number("a loss of history", pair[1])


def _point(config: Any, contract: Contract) -> tuple[float, float]:
    """Read a config as two numbers."""
    if not issubclass(type(config), dict):
        text = f"a config of {contract.name} is a {type(config).__name__}"
        raise Stop("type", f"{text}. It must be the dict that sample gave, in best as in history.")
    found = entries(config, contract)
    if set(found) != {"lr", "width"}:
        raise Stop("keys", "A config has other keys than those that sample gave.")
    return _log(plain_number("lr", found["lr"])), plain_number("width", found["width"])


def _log(value: float) -> float:
    with np.errstate(all="ignore"):
        return float(np.log10(value))
