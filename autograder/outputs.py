"""A notebook's outputs as they arrive from a process that nobody trusts: checked, capped, in order.

What nbformat stores comes of it: streams of one name in a row are one output, a display that has
an id can be updated later, `clear_output` empties its cell. Everything else is dropped.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from downslope.channel import clean

Json = dict[str, Any]

CUT: Json = {
    "output_type": "stream",
    "name": "stdout",
    "text": "[Output over the limit was cut here.]\n",
}
UPDATE = "update_display_data"
WHOLE = ""  # key of the whole notebook among the cells' ids
SMALLEST = 64  # bytes that an output counts at least: a million empty ones are no gift
HEADER = 8  # bytes that a number, a key or an empty list counts
MAX_NAME = 200
MAX_DEPTH = 32  # of nested data in a display
MAX_COUNT = 2**31


class Outputs:
    """The outputs of all cells of one notebook.

    Args:
        cell_bytes: kept of one cell.
        notebook_bytes: kept of all cells together.
    """

    def __init__(self, cell_bytes: int, notebook_bytes: int) -> None:
        self._most, self._most_in_all = cell_bytes, notebook_bytes
        self._spent: Counter[str] = Counter()
        self._shown: dict[str, list[Json]] = {}  # display id -> outputs that show it
        self._clear: set[str] = set()  # cells to be emptied by their next output

    def add(self, cell: Json, kind: object, content: object) -> None:
        """Add one message to a cell's outputs, if it is one and there is room for it."""
        if not isinstance(kind, str) or not isinstance(content, Mapping):
            return
        if kind == "clear_output":
            self._empty(cell, later=content.get("wait") is True)
            return
        read = _READERS.get(kind)
        try:
            output = read(content) if read is not None else None
        except _TooDeep:
            return
        display_id = _display_id(content)
        # What updates a hundred displays is written a hundred times.
        times = len(self._shown.get(display_id or "", ())) if kind == UPDATE else 1
        if kind == "cut" or (output is not None and not self._fits(cell, output, times)):
            self._cut(cell)
        elif output is not None:
            self._place(cell, kind, output, display_id)

    def _fits(self, cell: Json, output: Json, times: int) -> bool:
        size = max(SMALLEST, _size(output)) * max(1, times)
        self._spent[cell["id"]] += size
        fits = self._spent[cell["id"]] <= self._most
        fits = fits and self._spent[WHOLE] + size <= self._most_in_all
        self._spent[WHOLE] += size if fits else 0
        return fits

    def _cut(self, cell: Json) -> None:
        if CUT not in cell["outputs"]:
            cell["outputs"].append(dict(CUT))

    def _empty(self, cell: Json, *, later: bool) -> None:
        if later:
            self._clear.add(cell["id"])
        else:
            cell["outputs"].clear()

    def _place(self, cell: Json, kind: str, output: Json, display_id: str | None) -> None:
        if kind == UPDATE:
            for shown in self._shown.get(display_id or "", ()):
                shown.update(data=output["data"], metadata=output["metadata"])
            return
        if cell["id"] in self._clear:
            self._clear.discard(cell["id"])
            cell["outputs"].clear()
        last = cell["outputs"][-1] if cell["outputs"] else {}
        if kind == "stream" and last.get("name") == output["name"] and last != CUT:
            last["text"] += output["text"]
            return
        cell["outputs"].append(output)
        if display_id is not None:
            self._shown.setdefault(display_id, []).append(output)


class _TooDeep(Exception):
    """Nested so deeply that no reader of the notebook would come to its end."""


def cell_number(value: object) -> int | None:
    """Read an execution count; None for what a notebook's file cannot hold as one."""
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_COUNT
    return value if known else None  # type: ignore[return-value]


def _display_id(content: Mapping[str, Any]) -> str | None:
    transient = content.get("transient")
    found = transient.get("display_id") if isinstance(transient, Mapping) else None
    return found if isinstance(found, str) else None


def _stream(content: Mapping[str, Any]) -> Json | None:
    name, text = content.get("name"), content.get("text")
    if name not in ("stdout", "stderr") or not isinstance(text, str):
        return None
    return {"output_type": "stream", "name": name, "text": _whole(text)}


def _display(content: Mapping[str, Any]) -> Json | None:
    data, metadata = content.get("data"), content.get("metadata")
    if not isinstance(data, Mapping) or not isinstance(metadata, Mapping):
        return None
    return {
        "output_type": "display_data",
        "data": {_whole(str(kind)): _plain(item) for kind, item in data.items()},
        "metadata": _plain(metadata),
    }


def _result(content: Mapping[str, Any]) -> Json | None:
    output = _display(content)
    if output is None:
        return None
    count = cell_number(content.get("execution_count"))
    return {**output, "output_type": "execute_result", "execution_count": count}


def _error(content: Mapping[str, Any]) -> Json | None:
    name, value, lines = (content.get(key) for key in ("ename", "evalue", "traceback"))
    if not isinstance(name, str) or not isinstance(value, str) or not isinstance(lines, list):
        return None
    return {
        "output_type": "error",
        "ename": clean(name[:MAX_NAME]),
        "evalue": _whole(value),
        "traceback": [_whole(line) for line in lines if isinstance(line, str)],
    }


_READERS: dict[str, Callable[[Mapping[str, Any]], Json | None]] = {
    "stream": _stream,
    "display_data": _display,
    UPDATE: _display,
    "execute_result": _result,
    "error": _error,
}


def _plain(value: Any, depth: int = 0) -> Any:
    """Copy JSON data with text and numbers that every file can hold.

    Raises:
        _TooDeep: when it is nested beyond `MAX_DEPTH`.
    """
    if depth > MAX_DEPTH:
        raise _TooDeep
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, Mapping):
        return {_whole(str(key)): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    # Python reads NaN and 1e400, and then writes what no other reader of JSON takes.
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _whole(text: str) -> str:
    """Replace half characters, which would break every file."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _size(value: Any) -> int:
    """Count roughly the bytes that a value takes in a file."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return HEADER + sum(HEADER + len(key) + _size(item) for key, item in value.items())
    if isinstance(value, list):
        return HEADER + sum(map(_size, value))
    return HEADER + value.bit_length() // 3 if isinstance(value, int) else HEADER
