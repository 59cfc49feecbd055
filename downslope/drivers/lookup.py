"""Find the learner's other functions that an exercise needs."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from downslope.drivers.outcomes import Contract, Function, Stop


def find_helpers(
    function: Function, contract: Contract, namespace: Mapping[str, Any] | None
) -> dict[str, Function]:
    """Find the functions that `contract.uses` names.

    Args:
        function: the answer; its own globals are searched where no namespace has the name.
        contract: names of the exercise and of what it uses.
        namespace: where the answer was looked up, if that is known.

    Raises:
        Stop: naming what is missing.
    """
    found: dict[str, Function] = {}
    for name in contract.uses:
        places = [space[name] for space in _spaces(function, namespace) if name in space]
        if not places or not callable(places[0]):
            raise Stop(
                "needs",
                f"{contract.name} is checked together with your {name}, which is not defined. "
                f"Run the cell of {name} first.",
            )
        found[name] = places[0]
    return found


def _spaces(function: Any, namespace: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    if namespace is not None:
        yield namespace
        return
    while isinstance(function, functools.partial):
        function = function.func
    function = getattr(function, "__wrapped__", function)
    own = getattr(function, "__globals__", None)
    if isinstance(own, dict):
        yield own
    yield from _notebook()


def _notebook() -> Iterator[Mapping[str, Any]]:
    """Give the names of the notebook in which this runs, if it is one."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        yield shell.user_ns
