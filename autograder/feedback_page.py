"""The feedback page: an nbconvert exporter whose pages run nothing and load nothing.

It stands behind nbgrader's own GenerateFeedback converter. Jupyter's libraries are imported here,
so this module is imported only where pages are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbgrader.preprocessors import NbGraderPreprocessor
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from traitlets import Bool, default

from autograder.coursefiles import CourseFiles
from autograder.errors import CourseError
from autograder.grades import Standing, standings
from autograder.markdown import formula, markdown_html
from autograder.results import ExerciseResult, Result
from autograder.sanitize import CONTENT_POLICY, clean_html

TEMPLATES = Path(__file__).parent / "templates"
MAX_SOURCE = 50_000
CUT = "\n[The rest of this cell is too long to be shown.]"
# The first that an output has is shown; scripts and widgets have no place on a page without them.
SHOWN = ("text/html", "text/markdown", "image/png", "image/jpeg", "image/svg+xml", "text/latex")
BASE64, ENCODED = ("image/png", "image/jpeg"), re.compile(r"[A-Za-z0-9+/=\s]+")
VERDICTS = {
    "pass": "right",
    "fail": "not right",
    "error": "error",
    "timeout": "out of time",
    "missing": "not written",
    "manual": "graded by hand",
}
KINDS = {"pass": "right", "manual": "note"}


class JudgeNotes(NbGraderPreprocessor):  # type: ignore[misc]
    """Adds to a notebook what the judge said about it, after nbgrader's GetGrades.

    The stored results are looked for in the current folder: nbgrader works in the course's.
    """

    bare = Bool(
        default_value=False, help="Show marks and messages only, nothing of the notebook."
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Collect the marks for the top of the page and for the cells."""
        names = resources["nbgrader"]
        assignment, student = names["assignment"], names["student"]
        files = CourseFiles(Path.cwd())
        checks = files.assignment(assignment).get("checks", {})
        result = _stored(files, assignment, student)
        with Session(create_engine(names["db_url"])) as db:
            rows = standings(db, assignment, student).get(student, {})
        exercises = {cell: name for name, cell in checks.items()}
        notes = [
            _note(cell, exercises, result, rows)
            for cell in nb.cells
            if cell.metadata.get("nbgrader", {}).get("grade")
        ]
        resources["autograder"] = {
            "policy": CONTENT_POLICY,
            "result": result,
            "notes": notes,
            "by_cell": {note["cell"]: note for note in notes},
            "bare": self.bare,
        }
        nb.cells = [] if self.bare else [shortened(cell) for cell in nb.cells]
        return nb, resources


class FeedbackExporter(HTMLExporter):
    """Writes a notebook as one page: sanitised, formulas in MathML, no script, no other host."""

    @default("template_name")
    def _template_name_default(self) -> str:
        return "learner"

    @property
    def default_config(self) -> Any:
        """Pages are for reading: no anchors at headings; learners' HTML is never passed on."""
        config = super().default_config
        config.HTMLExporter.exclude_anchor_links = True
        config.HTMLExporter.sanitize_html = True
        return config

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """Put the safe filters in place of nbconvert's."""
        yield from super().default_filters()  # type: ignore[no-untyped-call]
        yield "clean_html", clean_html
        yield "markdown2html", markdown_html
        yield "formula", formula


def _stored(files: CourseFiles, assignment: str, student: str) -> Result | None:
    try:
        return files.result(assignment, student)
    except CourseError:  # graded by nbgrader alone: there are marks, but no messages
        return None


def _note(
    cell: Any, exercises: dict[str, str], result: Result | None, rows: dict[str, Standing]
) -> dict[str, Any]:
    """Say how one graded cell came out."""
    data = cell.metadata.nbgrader
    name = exercises.get(data.grade_id, data.grade_id)
    item: ExerciseResult | None = result.exercises.get(name) if result else None
    waiting = data.grade_id in rows and rows[data.grade_id].waiting
    return {
        "cell": data.grade_id,
        "name": name,
        "score": float(data.get("score") or 0.0),
        "points": float(data.points),
        "kind": "note" if waiting or item is None else KINDS.get(item.verdict, "wrong"),
        "verdict": _verdict(item, waiting=waiting),
        "message": item.message if item else "",
    }


def _verdict(item: ExerciseResult | None, *, waiting: bool) -> str:
    if waiting:
        return "waits for a person"
    return VERDICTS[item.verdict] if item else "graded"


def shortened(cell: Any) -> Any:
    """Keep of a cell what a page shows: one form of each output, and no book of a source."""
    if len(cell.source) > MAX_SOURCE:
        cell.source = cell.source[:MAX_SOURCE] + CUT
    for output in cell.get("outputs", ()):
        if "data" in output:
            output.data, output.metadata = _first(output.data), {}
    return cell


def _first(data: Any) -> dict[str, str]:
    """Choose the form of an output that is shown."""
    for kind in SHOWN:
        if isinstance(data.get(kind), str) and (
            kind not in BASE64 or ENCODED.fullmatch(data[kind])
        ):
            return {kind: data[kind]}
    if any("widget" in kind or "javascript" in kind for kind in data):
        return {"text/plain": "[An interactive output stood here.]"}
    return {"text/plain": str(data.get("text/plain", ""))}
