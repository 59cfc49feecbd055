"""Read what came back as plain float64 arrays by name, or say in words why it cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from downslope.drivers.outcomes import MAX_NUMBERS, NUMPY_SCALARS, Case, Contract, Stop

Arrays = dict[str, np.ndarray]
Reader = Callable[[Any, Contract, Case], Arrays]
ANY = object()  # in the place of a template: whatever nesting comes
MAX_PARTS = 1000  # of a nested answer


def read_values(value: Any, contract: Contract, _case: Case) -> Arrays:
    """Read one value, or several in a tuple or list, by the names of `contract.returns`."""
    parts = _unpack(value, contract)
    return {
        name: plain_array(name, part) for name, part in zip(contract.returns, parts, strict=True)
    }


def read_mapping(value: Any, contract: Contract, _case: Case) -> Arrays:
    """Read a dict whose keys are `contract.returns`."""
    found = entries(value, contract)
    wanted = ", ".join(contract.returns)
    missing = [name for name in contract.returns if name not in found]
    extra = [_brief(key) for key in found if key not in contract.returns]
    if missing or extra:
        text = f"The dict that {contract.name} returns"
        text += f" lacks {', '.join(missing)}" if missing else ""
        text += " and" if missing and extra else ""
        text += f" holds {', '.join(extra[:5])} too" if extra else ""
        raise Stop("keys", f"{text}. Its keys must be {wanted}.")
    return {name: plain_array(name, found[name]) for name in contract.returns}


def entries(value: Any, contract: Contract) -> dict[Any, Any]:
    """Take a dict without calling a method that a subclass defines."""
    if value is None:
        raise Stop("nothing", f"{contract.name} returned nothing. It must return a dict.")
    if not issubclass(type(value), dict):
        kind = type(value).__name__
        raise Stop("type", f"{contract.name} returned a {kind}. It must return a dict.")
    return dict(dict.items(value))


def read_word(value: Any, contract: Contract, case: Case) -> Arrays:
    """Read one of the words ``case["words"]`` as its position there; a bool as 0 or 1."""
    name, words = contract.returns[0], case["words"]
    listed = " or ".join(repr(word) for word in words)
    if value is None:
        raise Stop("nothing", f"{contract.name} returned nothing. It must return {listed}.")
    if type(value) is np.bool_ or type(value) is np.str_:
        value = value.item()
    if type(value) is not type(words[0]):
        kind = type(value).__name__
        raise Stop("type", f"{contract.name} returned a {kind}. It must return {listed}.")
    if value not in words:
        raise Stop("word", f"{contract.name} returned {_brief(value)}. It must return {listed}.")
    return {name: np.array(float(words.index(value)))}


def read_nested(value: Any, contract: Contract, case: Case) -> Arrays:
    """Read nested tuples, lists and dicts of arrays, by position and by ``case["template"]``.

    A template has the nesting that is asked for; its innermost entries are names or None, where
    the position is the name. Without one, any nesting is read.
    """
    if value is None:
        wanted = ", ".join(contract.returns)
        raise Stop("nothing", f"{contract.name} returned nothing. It must return {wanted}.")
    arrays: Arrays = {}
    _flatten(value, case.get("template", ANY), "", contract, arrays)
    return arrays


def _flatten(value: Any, template: Any, place: str, contract: Contract, into: Arrays) -> None:
    inside = parts_of(value)
    if isinstance(template, list):
        _check_nesting(inside, value, template, place, contract)
    elif template is not ANY or inside is None:
        name = place.lstrip(".") or contract.returns[0]
        into[name] = plain_array(f"{_whole(contract)}{place}", value)
        return
    if len(into) > MAX_PARTS or place.count("[") > 8:
        raise Stop("nesting", f"{contract.name} returned far more values than asked for.")
    below = template if isinstance(template, list) else [ANY] * len(inside or ())
    for position, (part, within) in enumerate(zip(inside or (), below, strict=True)):
        named = isinstance(within, str)
        _flatten(
            part, within, f"{place}.{within}" if named else f"{place}[{position}]", contract, into
        )


def _check_nesting(
    inside: tuple[Any, ...] | None,
    value: Any,
    template: Sequence[Any],
    place: str,
    contract: Contract,
) -> None:
    what = f"{_whole(contract)}{place}" if place else f"What {contract.name} returns"
    wanted = f"It must be a tuple or list of {len(template)}: {_drawn(template)}."
    if inside is None:
        raise Stop("nesting", f"{what} is a {type(value).__name__}. {wanted}")
    if len(inside) != len(template):
        raise Stop("nesting", f"{what} has {len(inside)} entries. {wanted}")


def _drawn(template: Any) -> str:
    """Draw a template, such as (dW, db)."""
    if isinstance(template, list):
        shown = [_drawn(part) for part in template[:3]] + ["..."] * (len(template) > 3)
        return f"({', '.join(shown)})"
    return template if isinstance(template, str) else "array"


def _whole(contract: Contract) -> str:
    return contract.returns[0] if contract.returns else "result"


def _unpack(value: Any, contract: Contract) -> tuple[Any, ...]:
    names = contract.returns
    wanted = ", ".join(names)
    if value is None:
        raise Stop("nothing", f"{contract.name} returned nothing. It must return {wanted}.")
    parts = parts_of(value) or ()
    if len(names) == 1:
        return parts if isinstance(value, tuple) and len(parts) == 1 else (value,)
    if not isinstance(value, tuple | list):
        kind = type(value).__name__
        raise Stop("count", f"{contract.name} returned one {kind}. It must return {wanted}.")
    if len(parts) != len(names):
        raise Stop(
            "count",
            f"{contract.name} returned {len(parts)} values. It must return {len(names)}: {wanted}.",
        )
    return parts


def parts_of(value: Any) -> tuple[Any, ...] | None:
    """Take a tuple, list or named tuple apart without calling a method that a subclass defines."""
    for kind in (tuple, list):
        if issubclass(type(value), kind):
            return tuple(kind.__getitem__(value, slice(None)))
    return None


def plain_array(name: str, value: Any) -> np.ndarray:
    """Accept a float64 array or a real number, nothing that could pretend to be one."""
    if type(value) in (float, int, np.float64, np.int64, np.int32):
        try:
            return np.array(float(value))
        except OverflowError:
            raise Stop("type", f"{name} is an integer too large for float64.") from None
    if type(value) is not np.ndarray and type(value) not in NUMPY_SCALARS:
        kind = type(value).__name__
        raise Stop("type", f"{name} is a {kind}. Return a NumPy array of float64.")
    if value.dtype != np.float64:
        raise Stop("dtype", f"{name} has dtype {value.dtype}. The course uses float64 everywhere.")
    if value.size > MAX_NUMBERS:
        raise Stop("shape", f"{name} has shape {value.shape}: far more numbers than asked for.")
    return np.array(value)


def read_table(value: Any, contract: Contract, _case: Case) -> Arrays:
    """Read columns that somebody worked out by hand and typed in.

    Lists, tuples and whole numbers are as good as arrays of float64 here, and so is one array that
    holds a column in each row.
    """
    if type(value) is np.ndarray and value.ndim and len(value) == len(contract.returns) > 1:
        value = list(value)
    parts = _unpack(value, contract)
    return {
        name: _typed_array(name, part) for name, part in zip(contract.returns, parts, strict=True)
    }


def _typed_array(name: str, value: Any, axes: int = 2) -> np.ndarray:
    """Turn nested lists of numbers, or an array of any real numbers, into float64."""
    parts = parts_of(value)
    if parts is not None and axes:
        rows = [_typed_array(name, part, axes - 1) for part in parts[:MAX_PARTS]]
        if len({row.shape for row in rows}) > 1:
            raise Stop("shape", f"The rows of {name} are not equally long.")
        value = np.array(rows, dtype=np.float64)
    elif type(value) is np.ndarray or type(value) in NUMPY_SCALARS:
        value = value.astype(np.float64) if value.dtype.kind in "iuf" else value
    return plain_array(name, value)


def plain_number(name: str, value: Any) -> float:
    """Accept one real number: a Python or NumPy number, or an array of shape ()."""
    array = plain_array(name, value)
    if array.shape:
        raise Stop("shape", f"{name} is an array of shape {array.shape}. It must be a number.")
    return float(array)


def _brief(value: Any) -> str:
    """Write a key or word of a learner's: short, and never by a method of its own."""
    plain = type(value) in (str, int, float, bool, tuple)
    return repr(value)[:40] if plain else f"a {type(value).__name__}"
