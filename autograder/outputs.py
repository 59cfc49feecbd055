"""A notebook's outputs as they arrive from a process that nobody trusts: checked, capped, in order.

What nbformat stores comes of it: streams of one name in a row are one output, a display that has
an id can be updated later, `clear_output` empties its cell. Everything else is dropped.
"""

from __future__ import annotations

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
WHOLE = ""  # key of the whole notebook among the cells' ids
SMALLEST = 64  # bytes that an output counts at least: a million empty ones are no gift
MAX_NAME = 200


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
        output = read(content) if read is not None else None
        if kind == "cut" or (output is not None and not self._fits(cell, output)):
            self._cut(cell)
        elif output is not None:
            self._place(cell, kind, output, _display_id(content))

    def _fits(self, cell: Json, output: Json) -> bool:
        size = max(SMALLEST, _size(output))
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
        if kind == "update_display_data":
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
    count = content.get("execution_count")
    if output is None:
        return None
    known = isinstance(count, int) and not isinstance(count, bool)
    return {**output, "output_type": "execute_result", "execution_count": count if known else None}


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
    "update_display_data": _display,
    "execute_result": _result,
    "error": _error,
}


def _plain(value: Any) -> Any:
    """Copy JSON data with text that every file can hold."""
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, Mapping):
        return {_whole(str(key)): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _whole(text: str) -> str:
    """Replace half characters, which would break every file."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _size(value: Any) -> int:
    """Count roughly the bytes that a value takes in a file."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(len(key) + _size(item) for key, item in value.items())
    return sum(map(_size, value)) if isinstance(value, list) else 8
