"""Call a learner's function on copies of a case's inputs; note what it did to them.

Whatever an answer raises becomes a problem in words, what it prints is dropped, and calls into
modules that hold the answer ready-made are seen.
"""

from __future__ import annotations

import contextlib
import copy
import io
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from downslope.drivers.faults import describe_error, not_written
from downslope.drivers.outcomes import Contract, Function, Stop
from downslope.probes import Probe, make_probe

PLAIN = (int, float, str, bool)


class Kept:
    """An argument that is handed on as it is, such as a cache that the learner's code made.

    Only arrays and containers inside it can be seen to change.
    """

    def __init__(self, value: Any) -> None:
        self.value = value
        try:
            self.before = copy.deepcopy(value)
        except Exception:  # noqa: BLE001 - a learner may keep what cannot be copied
            self.before = None


class Notes:
    """What is seen during a case's calls.

    Attributes:
        changed: names of arguments that were changed in place.
        points: arrays at which the probes among the arguments were called, in order.
    """

    def __init__(self) -> None:
        self.changed: set[str] = set()
        self.points: list[np.ndarray] = []

    @property
    def names(self) -> tuple[str, ...]:
        """The changed arguments in alphabetical order."""
        return tuple(sorted(self.changed))


def called(
    function: Function, contract: Contract, arguments: Mapping[str, Any], notes: Notes
) -> Any:
    """Call with copies of the arguments and note which of them were changed.

    Raises:
        Stop: when the call fails.
        KeyError: when the case lacks an argument.
    """
    names = [name for name in contract.parameters if _is_given(name, contract, arguments)]
    given = [prepared(arguments[name.lstrip("*")], notes) for name in names]
    value = guarded(function, spread(names, given), contract)
    for name, after in zip(names, given, strict=True):
        if not same(after, arguments[name.lstrip("*")]):
            notes.changed.add(name.lstrip("*"))
    return value


def spread(names: Sequence[str], given: Sequence[Any]) -> list[Any]:
    """Lay out arguments for a call by position; a starred one is spread."""
    flat: list[Any] = []
    for name, value in zip(names, given, strict=True):
        flat += list(value) if name.startswith("*") else [value]
    return flat


def _is_given(name: str, contract: Contract, arguments: Mapping[str, Any]) -> bool:
    return name in arguments or name not in contract.optional


def guarded(function: Function, given: Sequence[Any], contract: Contract) -> Any:
    """Call an answer; whatever it raises becomes a problem, what it prints is dropped.

    Raises:
        Stop: when the answer raises or calls a module that it may not call. The error itself is
            the cause of the Stop.
    """
    try:
        with _quiet(), _watching(contract.forbids) as used:
            value = function(*given)
    except Stop:
        raise
    except NotImplementedError as error:
        raise Stop("not_written", not_written(error, contract.name)) from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        # SystemExit included: an answer that calls exit() must not end the notebook.
        raise Stop("raised", describe_error(error, contract.name)) from error
    if used:
        raise Stop(
            "uses_library",
            f"{contract.name} calls {used[0]}. Write the update yourself: that is the exercise.",
        )
    return value


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    # Stock nbgrader gives zero to a cell that wrote to stderr, even for a harmless warning.
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _watching(modules: Sequence[str]) -> Iterator[list[str]]:
    """Collect the names of functions of `modules`, submodules included, that run in the block."""
    used: list[str] = []
    if not modules:
        yield used
        return

    inside = tuple(f"{module}." for module in modules)
    found: dict[int, bool] = {}  # globals of a module -> whether it is one of these

    def profile(frame: Any, event: str, _argument: object) -> None:
        if event != "call":  # asked first: a run may have a million events
            return
        place = id(frame.f_globals)
        if place not in found:
            found[place] = f"{frame.f_globals.get('__name__')}.".startswith(inside)
        if found[place]:
            used.append(f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname}")

    before, in_threads = sys.getprofile(), threading.getprofile()
    sys.setprofile(profile)
    threading.setprofile(profile)  # for threads that begin in the block
    try:
        yield used
    finally:
        # A profiler written in C cannot be put back; it then ends here, without harm.
        sys.setprofile(before if callable(before) else None)
        threading.setprofile(in_threads)


def prepared(value: Any, notes: Notes) -> Any:
    """Copy an argument; put a function in the place of a named probe, a dict in that of pairs."""
    if isinstance(value, Kept):
        return value.value
    if isinstance(value, dict):
        if "probe" in value:
            return make_probe(value, notes.points)
        if set(value) == {"pairs"}:
            return {key: prepared(item, notes) for key, item in value["pairs"]}
        return {key: prepared(item, notes) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(prepared(item, notes) for item in value)
    return copy.deepcopy(value) if isinstance(value, np.ndarray) else value


def same(after: Any, before: Any) -> bool:
    """Say whether a call left an argument as it was; only arrays and containers can be changed."""
    if isinstance(before, Kept):
        return before.before is None or same(after, before.before)
    if isinstance(before, np.ndarray):
        return type(after) is type(before) and _same_bytes(after, before)
    if isinstance(before, dict):
        return isinstance(after, Probe) or _same_items(after, before)
    if isinstance(before, list | tuple):
        return isinstance(after, list | tuple) and _same_entries(after, before)
    known = type(before) in PLAIN
    return not known or (type(after) is type(before) and repr(after) == repr(before))


def _same_bytes(after: np.ndarray, before: np.ndarray) -> bool:
    kept = (after.shape, after.dtype) == (before.shape, before.dtype)
    return kept and (before.dtype.hasobject or after.tobytes() == before.tobytes())


def _same_items(after: Any, before: dict[Any, Any]) -> bool:
    before = dict(before["pairs"]) if set(before) == {"pairs"} else before
    if not isinstance(after, dict) or list(after) != list(before):
        return False
    return all(same(after[key], before[key]) for key in before)


def _same_entries(after: Sequence[Any], before: Sequence[Any]) -> bool:
    return len(after) == len(before) and all(map(same, after, before))
