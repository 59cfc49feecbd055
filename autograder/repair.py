"""Repair: turn whatever was handed in into the release's notebook with the learner's answers in it.

From the submission come only the sources of cells. Order, ids, points, tags, locked cells and the
kernel come from the release, so nothing that was deleted, copied, retyped or edited there counts.
"""

from __future__ import annotations

import copy
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

Json = dict[str, Any]
MAX_CELLS = 5000
MAX_REPAIRS = 50  # told; a notebook with a million copies of a cell has as many


class Unreadable(Exception):
    """There is no notebook in these bytes; the text says why."""


@dataclass(frozen=True)
class Repaired:
    """A notebook that is safe to run in order, and what was done to it.

    Attributes:
        notebook: nbformat 4.5 notebook; the cells of the release with the learner's extra cells.
        repairs: what was mended, in words.
    """

    notebook: Json
    repairs: tuple[str, ...]


@dataclass(frozen=True)
class _Handed:
    """One cell as handed in: which release cell it claims to be, its kind and its text."""

    claim: str
    kind: str
    source: str


def repair(candidates: Mapping[str, bytes], release: Json, assignment: str) -> Repaired:
    """Choose the best candidate and repair it.

    Args:
        candidates: file name -> bytes; at least one.
        release: the released notebook.
        assignment: the lesson's name, for the expected file name.

    Raises:
        Unreadable: when no candidate is a notebook.
    """
    names = _names(release)
    readable: dict[str, tuple[list[_Handed], list[str]]] = {}
    reasons = []
    for name, data in candidates.items():
        try:
            readable[name] = _read(data)
        except Unreadable as error:
            reasons.append(f"{name}: {error}")
    if not readable:
        raise Unreadable("; ".join(reasons[:MAX_REPAIRS]) or "there is no notebook")
    chosen = max(
        sorted(readable), key=lambda name: _fit(name, readable[name][0], names, assignment)
    )
    cells, repairs = readable[chosen]
    if chosen != f"{assignment}.ipynb":
        repairs.insert(0, f"The notebook was found under the name {chosen!r}.")
    if len(readable) > 1:
        others = ", ".join(sorted(set(readable) - {chosen}))
        repairs.insert(0, f"Of several notebooks the best fitting was taken; left out: {others}.")
    repairs[:0] = [f"It could not be read: {reason}." for reason in reasons]
    notebook = _merge(cells, release, repairs)
    if len(repairs) > MAX_REPAIRS:
        repairs[MAX_REPAIRS:] = [f"{len(repairs) - MAX_REPAIRS} more repairs were made."]
    return Repaired(notebook, tuple(repairs))


def read_cells(data: bytes) -> list[Json]:
    """Read a notebook's cells as they stand, for running them where nothing is graded.

    Raises:
        Unreadable: when these bytes are not a notebook.
    """
    cells, _ = _read(data)
    return [_extra(cell, position) for position, cell in enumerate(cells)]


def _read(data: bytes) -> tuple[list[_Handed], list[str]]:
    """Read the cells out of a file's bytes."""
    text, repairs = _decode(data)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"it is not valid JSON ({str(error)[:100]})") from None
    cells = _cell_list(document)
    if document.get("nbformat") != 4:
        repairs.append(
            f"The file says notebook format {ascii(document.get('nbformat'))[:20]}, not 4."
        )
    handed = [_handed(cell) for cell in cells]
    broken = handed.count(None)
    if broken:
        repairs.append(f"{broken} damaged {'cell was' if broken == 1 else 'cells were'} left out.")
    return [cell for cell in handed if cell is not None], repairs


def _decode(data: bytes) -> tuple[str, list[str]]:
    if not data.strip():
        raise Unreadable("the file is empty")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace"), ["The file was UTF-16; read as such."]
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        note = f"The file is not valid UTF-8 (byte {error.start}); damaged letters were replaced."
        return data.decode("utf-8", errors="replace"), [note]


def _cell_list(document: Any) -> list[Any]:
    """Find the cells of a version 4 or version 3 notebook."""
    if not isinstance(document, dict):
        raise Unreadable("it is JSON, but not a notebook")
    cells = document.get("cells")
    if cells is None and isinstance(sheets := document.get("worksheets"), list):
        cells = [
            cell
            for sheet in sheets
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    if not isinstance(cells, list):
        raise Unreadable("it is JSON, but holds no list of cells")
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"it has {len(cells)} cells, the limit is {MAX_CELLS}")
    return cells


def _handed(cell: Any) -> _Handed | None:
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    kind = cell.get("cell_type")
    kind = kind if kind in ("code", "markdown") else "markdown"
    return _Handed(_claim(cell), kind, source.encode("utf-8", "replace").decode("utf-8"))


def _claim(cell: Json) -> str:
    """The release cell that this cell says it is: by grade_id, else by cell id."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    claim = grade_id if isinstance(grade_id, str) else cell.get("id")
    return claim if isinstance(claim, str) else ""


def _names(release: Json) -> set[str]:
    return {cell["id"] for cell in release["cells"]}


def _fit(name: str, cells: list[_Handed], names: set[str], assignment: str) -> tuple[int, ...]:
    """Rank a candidate: it has to be this lesson at all; then its name counts, then its cells."""
    fitting = len({cell.claim for cell in cells} & names)
    expected = f"{assignment}.ipynb"
    return fitting > 0, name == expected, _plain(name) == _plain(expected), fitting


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _adopt(handed: list[_Handed], originals: dict[str, Json], repairs: list[str]) -> None:
    """Give a missing answer the learner's cell that defines it, wherever that stands."""
    present = {cell.claim for cell in handed}
    for name, original in originals.items():
        if name in present or not _is_answer(original) or original["cell_type"] != "code":
            continue
        homes = [i for i, c in enumerate(handed) if c.kind == "code" and _defines(c.source, name)]
        strays = [i for i in homes if handed[i].claim not in originals]
        if strays:
            handed[strays[-1]] = replace(handed[strays[-1]], claim=name)
            repairs.append(f"{name!r} was missing; the cell that defines it was put in its place.")
        elif homes:
            handed.append(_Handed(name, "code", ""))
            repairs.append(f"{name!r} was missing; another answer's cell defines it.")


def _defines(source: str, name: str) -> bool:
    word = re.escape(name)
    return bool(re.search(rf"^(?:def|class)\s+{word}\b|^{word}\s*=[^=]", source, re.MULTILINE))


def _merge(handed: list[_Handed], release: Json, repairs: list[str]) -> Json:
    """Fill the release with the learner's sources; extra cells stay where they were."""
    originals = {cell["id"]: cell for cell in release["cells"]}
    _adopt(handed, originals, repairs)
    taken: dict[str, str] = {}
    extras: dict[str, list[Json]] = {}
    anchor = release["cells"][0]["id"]
    for position, cell in enumerate(handed):
        original = originals.get(cell.claim)
        if original is None:
            extras.setdefault(anchor, []).append(_extra(cell, position))
            continue
        if cell.claim in taken:
            if _is_answer(original) and cell.source.strip() != _text(original).strip():
                extras.setdefault(anchor, []).append(_extra(cell, position))
                repairs.append(f"{cell.claim!r} stood twice; both were kept, in order.")
            else:
                repairs.append(f"{cell.claim!r} stood twice; the copy was left out.")
            continue
        taken[cell.claim] = cell.source
        _note_changes(cell, original, repairs)
        anchor = cell.claim
    _note_missing(originals, taken, repairs)
    cells = []
    for cell in release["cells"]:
        source = _text(cell) if _is_locked(cell) else taken.get(cell["id"], _text(cell))
        cells += [_fresh(cell, source), *extras.get(cell["id"], [])]
    return {
        "cells": cells,
        "metadata": copy.deepcopy(release["metadata"]),
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _note_changes(cell: _Handed, original: Json, repairs: list[str]) -> None:
    if cell.kind != original["cell_type"]:
        repairs.append(f"{cell.claim!r} had become a {cell.kind} cell; its type was restored.")
    if _is_locked(original) and cell.source.strip() != _text(original).strip():
        repairs.append(f"{cell.claim!r} is locked and had been edited; it was restored.")


def _note_missing(originals: dict[str, Json], taken: dict[str, str], repairs: list[str]) -> None:
    for name, original in originals.items():
        if name not in taken and _nbgrader(original):
            repairs.append(f"{name!r} was missing; it was put back.")


def _nbgrader(cell: Json) -> Json:
    found: Json = cell["metadata"].get("nbgrader", {})
    return found


def _is_locked(cell: Json) -> bool:
    return bool(_nbgrader(cell)) and not _nbgrader(cell)["solution"]


def _is_answer(cell: Json) -> bool:
    return bool(_nbgrader(cell)) and bool(_nbgrader(cell)["solution"])


def _text(cell: Json) -> str:
    source = cell["source"]
    return "".join(source) if isinstance(source, list) else str(source)


def _fresh(original: Json, source: str) -> Json:
    cell = {
        "id": original["id"],
        "cell_type": original["cell_type"],
        "metadata": copy.deepcopy(original["metadata"]),
        "source": source,
    }
    return cell | ({"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {})


def _extra(cell: _Handed, position: int) -> Json:
    extra: Json = {"id": f"extra-{position}", "cell_type": cell.kind, "metadata": {}}
    extra["source"] = cell.source
    return extra | ({"outputs": [], "execution_count": None} if cell.kind == "code" else {})
