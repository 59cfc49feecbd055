"""Check a whole notebook from top to bottom, as its writer may do before handing it in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.isolation import runner_for
from autograder.repair import Unreadable, read_cells
from autograder.run import Limits

CHECK = re.compile(r"""^\s*check\(\s*["'](\w+)["']""", flags=re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    """What one check said.

    Attributes:
        name: the exercise.
        right: whether its check passed.
        message: the check's own words.
    """

    name: str
    right: bool
    message: str


def check_notebook(path: Path, limits: Limits | None = None) -> list[Finding]:
    """Run every cell in a fresh process and collect what the checks say.

    Raises:
        CourseError: when the file is not a notebook, or holds no check.
    """
    try:
        cells = read_cells(path.read_bytes())
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}") from None
    except Unreadable as error:
        raise CourseError(f"{path} is not a notebook: {error}") from None
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    run = runner_for().run(notebook, {}, limits or Limits())
    findings = [
        _finding(name, cell, run.fates.get(cell["id"]))
        for cell in run.notebook["cells"]
        if cell["cell_type"] == "code"
        for name in CHECK.findall(cell["source"])
    ]
    if not findings:
        raise CourseError(f"{path} holds no check. Is it a notebook of this course?")
    return findings


def _finding(name: str, cell: dict[str, Any], fate: str | None) -> Finding:
    if fate is not None:
        return Finding(name, right=False, message=f"its check did not end ({fate})")
    errors = [output for output in cell["outputs"] if output["output_type"] == "error"]
    return Finding(name, not errors, _words(cell["outputs"]) or _error(errors))


def _words(outputs: list[dict[str, Any]]) -> str:
    texts = [
        output["data"].get("text/plain", "")
        for output in outputs
        if output["output_type"] == "display_data"
    ]
    return "\n".join("".join(text) for text in texts)


def _error(errors: list[dict[str, Any]]) -> str:
    return json.dumps(f"{errors[0]['ename']}: {errors[0]['evalue']}") if errors else ""
