"""What a driver is asked and what it gives: contracts, outcomes, problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

Case = dict[str, Any]
Function = Callable[..., Any]
# Everything that a driver may find wrong; a sandbox's reply that names another kind is refused.
PROBLEM_KINDS = frozenset(
    {
        *("count", "dtype", "not_written", "nothing", "raised", "shape", "type", "uses_library"),
        *("keys", "needs", "nesting", "recursion", "word"),
    }
)
NUMPY_SCALARS = frozenset(np.sctypeDict.values())
MAX_NUMBERS = 100_000  # of one returned array; more would not fit through the channel


class Problem(NamedTuple):
    """Why an answer cannot be compared: its kind and a sentence for the learner."""

    kind: str
    text: str


class Outcome(NamedTuple):
    """What one case gave.

    Attributes:
        arrays: returned arrays by name; driver "steps" stacks them over the updates.
        changed: names of arguments that the call changed in place.
        problem: why the run stopped early, or None.
    """

    arrays: dict[str, np.ndarray]
    changed: tuple[str, ...] = ()
    problem: Problem | None = None


class Contract(NamedTuple):
    """What a driver must know of an exercise.

    Attributes:
        name: of the function or class.
        parameters: names of its parameters; a starred one is written with its star.
        returns: names of the returned values.
        forbids: modules that it may not call.
        uses: other functions of the learner that the driver needs.
        optional: parameters with a default; a case may leave them out.
    """

    name: str
    parameters: tuple[str, ...]
    returns: tuple[str, ...]
    forbids: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the contract as JSON-ready data; what is empty by default is left out."""
        needed = ("name", "parameters", "returns", "forbids")
        fields = self._asdict()
        listed = {key: value for key, value in fields.items() if value or key in needed}
        return {key: value if key == "name" else list(value) for key, value in listed.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Contract:
        """Read what `to_json` wrote; other entries of `data` are left alone."""
        listed = {key: tuple(data[key]) for key in cls._fields[1:] if key in data}
        return cls(data["name"], **listed)


class Stop(Exception):
    """Carries a problem out of a driver's inner steps."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.problem = Problem(kind, text)
