"""What a learner wrote: the answers in a notebook, as nbformat data without nbformat."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from autograder.results import Result

Json = dict[str, Any]


def answers(notebook: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of each cell in which something is to be answered, by grade_id."""
    found = {}
    for cell in notebook.get("cells", ()):
        data = cell["metadata"].get("nbgrader", {})
        if data.get("solution"):
            found[str(data["grade_id"])] = source_of(cell)
    return found


def unanswered(texts: Mapping[str, str], released: Mapping[str, str]) -> set[str]:
    """Name the answers that are missing, empty or left as they were released."""
    return {
        name
        for name, text in released.items()
        if not texts.get(name, "").strip() or same_answer(texts[name], text)
    }


def same_answer(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but blanks at the ends of lines.

    >>> same_answer("x = 1  ", "x = 1"), same_answer("x = 1", "x = 2")
    (True, False)
    """
    first, second = ([line.rstrip() for line in text.strip().splitlines()] for text in (one, other))
    return first == second


def source_of(cell: Mapping[str, Any]) -> str:
    """Return a cell's text, which nbformat also allows to be a list of lines."""
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def without_answers(release: Json, result: Result) -> Json:
    """Return the blank release, headed by the reason why there is nothing else to show."""
    reasons = "\n\n".join(result.repairs) or "There was no notebook that could be read."
    # File names are a learner's words: inside a code block they are shown and not interpreted.
    shown = "\n".join(f"    {line}" for line in reasons.splitlines())
    text = (
        "**The submission could not be graded.** Below is the notebook as it was released.\n\n"
        f"{shown}"
    )
    note = {"cell_type": "markdown", "id": "autograder-note", "metadata": {}, "source": text}
    notebook = copy.deepcopy(release)
    notebook["cells"].insert(0, note)
    return notebook


def notebook_text(notebook: Json) -> str:
    """Write a notebook in nbformat's form."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
