"""Drivers: turn a learner's function and a case into plain arrays.

A driver runs beside the learner's code, in a notebook or in a grading sandbox, and holds no
answers. It calls the function on copies of the case's inputs and reports what came back, which
arguments were changed in place, or why there is nothing to compare.
"""

from __future__ import annotations

import contextlib
import copy
import io
import linecache
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

Case = dict[str, Any]
Function = Callable[..., Any]
# Everything that a driver may find wrong; a sandbox's reply that names another kind is refused.
PROBLEM_KINDS = frozenset(
    {"count", "dtype", "not_written", "nothing", "raised", "shape", "type", "uses_library"}
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
    """What a driver must know of an exercise: names of parameters and of returned values."""

    name: str
    parameters: tuple[str, ...]
    returns: tuple[str, ...]
    forbids: tuple[str, ...] = ()


class _Stop(Exception):
    """Carries a problem out of a driver's inner steps."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.problem = Problem(kind, text)


def run_cases(
    driver: str, function: object, contract: Contract, cases: Sequence[Case]
) -> list[Outcome]:
    """Run `function` on each case with the named driver.

    Args:
        driver: a key of `DRIVERS`.
        function: the learner's answer; anything may come.
        contract: names of the exercise, its parameters and its returned values.
        cases: plain cases as the exercise's generator made them.

    Raises:
        ValueError: for an unknown driver.
    """
    if driver not in DRIVERS:
        raise ValueError(f"unknown driver {driver!r}; known are {', '.join(sorted(DRIVERS))}")
    if not callable(function):
        kind = type(function).__name__
        problem = Problem("type", f"{contract.name} is a {kind}, not a function.")
        return [Outcome({}, (), problem) for _ in cases]
    return [DRIVERS[driver](function, contract, case) for case in cases]


def drive_call(function: Function, contract: Contract, case: Case) -> Outcome:
    """Call the function once with ``case["arguments"]``."""
    changed: set[str] = set()
    try:
        arrays = _returned(function, contract, case["arguments"], changed)
    except _Stop as stop:
        return Outcome({}, tuple(sorted(changed)), stop.problem)
    return Outcome(arrays, tuple(sorted(changed)))


def drive_steps(function: Function, contract: Contract, case: Case) -> Outcome:
    """Make several updates with an update rule, feeding its own state back to it.

    ``case["start"]`` holds the first state, ``case["updates"]`` the other arguments of each update.
    """
    state = {name: np.array(value) for name, value in case["start"].items()}
    history: dict[str, list[np.ndarray]] = {name: [] for name in contract.returns}
    changed: set[str] = set()
    problem = None
    for number, update in enumerate(case["updates"], start=1):
        try:
            new = _returned(function, contract, {**state, **update}, changed)
            _same_shapes(new, state)
        except _Stop as stop:
            text = stop.problem.text
            problem = Problem(
                stop.problem.kind, f"In update {number}: {text}" if number > 1 else text
            )
            break
        state = {**state, **new}
        for name, array in new.items():
            history[name].append(array)
    arrays = {name: np.stack(past) for name, past in history.items() if past}
    return Outcome(arrays, tuple(sorted(changed)), problem)


DRIVERS: dict[str, Callable[[Function, Contract, Case], Outcome]] = {
    "call": drive_call,
    "steps": drive_steps,
}


def _returned(
    function: Function, contract: Contract, arguments: dict[str, Any], changed: set[str]
) -> dict[str, np.ndarray]:
    """Call with copies, note changed arguments, and return the values as float64 arrays by name."""
    given = [_copy(arguments[name]) for name in contract.parameters]
    value = _guarded_call(function, given, contract)
    for name, after in zip(contract.parameters, given, strict=True):
        if not _identical(after, arguments[name]):
            changed.add(name)
    parts = _unpack(value, contract)
    return {
        name: _plain_array(name, part) for name, part in zip(contract.returns, parts, strict=True)
    }


def _guarded_call(function: Function, given: list[Any], contract: Contract) -> Any:
    """Call the answer; whatever it raises becomes a problem, what it prints is dropped."""
    try:
        with _quiet(), _watching(contract.forbids) as used:
            value = function(*given)
    except NotImplementedError as error:
        raise _Stop("not_written", _what_is_not_written(error, contract.name)) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - exit() too must not end the notebook
        # SystemExit included: an answer that calls exit() must not end the notebook.
        raise _Stop("raised", describe_error(error, contract.name)) from None
    if used:
        raise _Stop(
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

    def profile(frame: Any, event: str, _argument: object) -> None:
        module = str(frame.f_globals.get("__name__"))
        if event == "call" and f"{module}.".startswith(inside):
            used.append(f"{module}.{frame.f_code.co_qualname}")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield used
    finally:
        # A profiler written in C cannot be put back; it then ends here, without harm.
        sys.setprofile(before if callable(before) else None)


def _unpack(value: Any, contract: Contract) -> tuple[Any, ...]:
    names = contract.returns
    wanted = ", ".join(names)
    if value is None:
        raise _Stop("nothing", f"{contract.name} returned nothing. It must return {wanted}.")
    parts = _parts(value)
    if len(names) == 1:
        return parts if isinstance(value, tuple) and len(parts) == 1 else (value,)
    if not isinstance(value, tuple | list):
        kind = type(value).__name__
        raise _Stop("count", f"{contract.name} returned one {kind}. It must return {wanted}.")
    if len(parts) != len(names):
        raise _Stop(
            "count",
            f"{contract.name} returned {len(parts)} values. It must return {len(names)}: {wanted}.",
        )
    return parts


def _parts(value: Any) -> tuple[Any, ...]:
    """Take a tuple, list or named tuple apart without calling a method that a subclass defines."""
    for kind in (tuple, list):
        if issubclass(type(value), kind):
            return tuple(kind.__getitem__(value, slice(None)))
    return ()


def _plain_array(name: str, value: Any) -> np.ndarray:
    """Accept a float64 array or a real number, nothing that could pretend to be one."""
    if type(value) in (float, int, np.float64, np.int64, np.int32):
        try:
            return np.array(float(value))
        except OverflowError:
            raise _Stop("type", f"{name} is an integer too large for float64.") from None
    if type(value) is not np.ndarray and type(value) not in NUMPY_SCALARS:
        kind = type(value).__name__
        raise _Stop("type", f"{name} is a {kind}. Return a NumPy array of float64.")
    if value.dtype != np.float64:
        raise _Stop("dtype", f"{name} has dtype {value.dtype}. The course uses float64 everywhere.")
    if value.size > MAX_NUMBERS:
        raise _Stop("shape", f"{name} has shape {value.shape}: far more numbers than asked for.")
    return np.array(value)


def _same_shapes(new: dict[str, np.ndarray], state: dict[str, np.ndarray]) -> None:
    for name, array in new.items():
        if name in state and array.shape != state[name].shape:
            raise _Stop(
                "shape",
                f"{name} came back with shape {array.shape}; it went in with {state[name].shape}.",
            )


def _copy(value: Any) -> Any:
    return copy.deepcopy(value) if isinstance(value, np.ndarray | list | dict) else value


def _identical(after: Any, before: Any) -> bool:
    """Say whether a call left an argument as it was; only arrays and containers can be changed."""
    if isinstance(before, np.ndarray):
        return bool(after.shape == before.shape and after.tobytes() == before.tobytes())
    if isinstance(before, dict):
        return after.keys() == before.keys() and all(
            _identical(after[k], before[k]) for k in before
        )
    if isinstance(before, list):
        return len(after) == len(before) and all(map(_identical, after, before))
    return True


def _what_is_not_written(error: BaseException, name: str) -> str:
    """Name the function that raised: an exercise may fail because an earlier one is not written."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    inner = trace.tb_frame.f_code.co_name if trace is not None else name
    if inner == name or not inner.isidentifier() or inner == "_guarded_call":
        return f"{name} is not written yet."
    return f"{name} calls {inner}, which is not written yet."


def describe_error(error: BaseException, name: str) -> str:
    """Say what an answer raised, with the line of the learner's own code that raised it."""
    text = f"{name} raised {type(error).__name__}"
    try:
        detail = str(error)
    except Exception:  # noqa: BLE001 - a failing __str__ must not hide the error
        detail = ""
    text += f": {detail[:300]}" if detail else ""
    line = _learner_line(error)
    return f"{text}\n{line}" if line else text


def _learner_line(error: BaseException) -> str:
    """Find the deepest traceback line that lies in a notebook cell or a plain script."""
    found = ""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if trace.tb_frame.f_globals.get("__name__") == "__main__":
            source = linecache.getline(code.co_filename, trace.tb_lineno).strip()
            found = f"  line {trace.tb_lineno}, in {code.co_name}: {source}"
        trace = trace.tb_next
    return found
