"""What the gradebook has to know about an assignment before anybody's submission is recorded."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.errors import CourseError


def fingerprint(notebook: Any) -> str:
    """Fingerprint a built notebook together with the nbgrader that wrote it to the gradebook."""
    version = importlib.metadata.version("nbgrader")
    text = json.dumps([version, notebook], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def cells_in(notebook: Any) -> dict[str, set[str]]:
    """Name a notebook's cells by kind, as nbgrader's SaveCells does."""
    named = [cell.metadata["nbgrader"] for cell in notebook.cells if "nbgrader" in cell.metadata]
    kinds: dict[str, set[str]] = {kind: set() for kind in ("grade", "solution", "task")}
    for data in named:
        for kind, names in kinds.items():
            if data[kind]:
                names.add(data["grade_id"])
    return kinds | {"source": {data["grade_id"] for data in named}}


def refuse_other_cells(
    course: Path, assignment: str, before: Mapping[str, set[str]], after: Mapping[str, set[str]]
) -> None:
    """Say, before nbgrader does, that it cannot change cells under existing submissions.

    Raises:
        CourseError: naming the cells that are new or gone.
    """
    if before == after:
        return
    old, new = (set[str]().union(*cells.values()) for cells in (before, after))
    changes = {"new": sorted(new - old), "gone": sorted(old - new)}
    told = "; ".join(f"{word}: {', '.join(names)}" for word, names in changes.items() if names)
    raise CourseError(
        f"{course} holds grades of an earlier form of {assignment} with other cells "
        f"({told or 'some are of another kind'}). nbgrader does not change the cells of an "
        "assignment that has submissions. Put the cells back, or move gradebook.db away and grade "
        "everybody anew; marks given by hand stay in the file that you moved"
    )
