"""Read a lesson's master: a percent script with nbgrader cell metadata, checked line by line."""

from __future__ import annotations

import ast
import contextlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.environment import load_jsonschema
from autograder.errors import MasterError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
GRADE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
CHECK = re.compile(r"""\bcheck\(\s*["'](\w+)["']""")


@dataclass(frozen=True)
class Cell:
    """One cell of a master.

    Attributes:
        kind: "code" or "markdown".
        source: its text.
        nbgrader: complete nbgrader metadata, or {} for a cell that nbgrader leaves alone.
        tags: Jupyter's tags.
        line: where it begins in the master.
    """

    kind: str
    source: str
    nbgrader: dict[str, Any]
    tags: tuple[str, ...]
    line: int

    @property
    def grade_id(self) -> str:
        """The nbgrader name, or an empty string."""
        return str(self.nbgrader.get("grade_id", ""))

    @property
    def is_solution(self) -> bool:
        """A code cell in which the learner writes an exercise."""
        return bool(self.nbgrader.get("solution")) and not self.nbgrader["grade"]

    @property
    def is_check(self) -> bool:
        """A locked code cell that gives an exercise's points."""
        return bool(self.nbgrader.get("grade")) and not self.nbgrader["solution"]

    @property
    def is_manual(self) -> bool:
        """An answer that a person grades."""
        return bool(self.nbgrader.get("grade")) and bool(self.nbgrader["solution"])


@dataclass(frozen=True)
class Master:
    """A master's cells and where they stand."""

    path: Path
    cells: tuple[Cell, ...]

    @property
    def solutions(self) -> dict[str, Cell]:
        """Solution cells by exercise, in order."""
        return {cell.grade_id: cell for cell in self.cells if cell.is_solution}

    @property
    def checks(self) -> dict[str, Cell]:
        """Check cells by exercise, in order."""
        return {checked_name(cell): cell for cell in self.cells if cell.is_check}

    @property
    def manual(self) -> dict[str, Cell]:
        """Cells that a person grades, by grade_id."""
        return {cell.grade_id: cell for cell in self.cells if cell.is_manual}


def checked_name(cell: Cell) -> str:
    """Name the exercise that a check cell checks: ``check("f", f)`` checks f."""
    found = CHECK.findall(cell.source)
    return str(found[0]) if found else ""


def read_master(path: Path) -> Master:
    """Read and check a master.

    Raises:
        MasterError: naming file, line and cure, for a file that cannot be read, faulty metadata,
            a duplicate grade_id, missing points, missing solution marks, code that does not
            compile, a solution without check or a check without solution.
    """
    master = Master(path, tuple(_cells(path)))
    _refuse_duplicates(master)
    for cell in master.cells:
        _check_cell(path, cell)
    _one_check_for_each(master)
    _pair_solutions_with_checks(master)
    return master


def _cells(path: Path) -> Iterator[Cell]:
    load_jsonschema()
    import jupytext

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise MasterError(path, None, f"cannot be read ({error})", "Mend the file") from None
    try:
        notebook = jupytext.reads(text, fmt="py:percent")
    except Exception as error:
        what = f"the cells' metadata cannot be read ({type(error).__name__}: {error})"
        raise MasterError(path, None, what, "Look at the lines that begin with '# %%'") from error
    texts = text.splitlines()
    lines = [n for n, line in enumerate(texts, 1) if re.match(r"# ?%%(\s|$)", line)]
    if len(lines) != len(notebook.cells):
        cure = "Begin every cell with a line '# %%' and put nothing but the header before the first"
        raise MasterError(path, None, "the cells do not match the '# %%' lines", cure)
    for line, cell in zip(lines, notebook.cells, strict=True):
        written = "nbgrader=" in texts[line - 1]
        data = _complete(path, line, cell.metadata.get("nbgrader", "" if written else None))
        tags = tuple(cell.metadata.get("tags", ()))
        yield Cell(cell.cell_type, cell.source, data, tags, line)


def _complete(path: Path, line: int, given: Any) -> dict[str, Any]:
    """Fill in what nbgrader's schema wants and a master need not repeat."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        cure = 'Write nbgrader={"grade_id": "...", ...} as JSON on one line'
        raise MasterError(path, line, "the nbgrader metadata is not valid JSON", cure)
    unknown = set(given) - {
        "grade_id", "grade", "solution", "locked", "points", "schema_version", "task",
        "cell_type",
    }  # fmt: skip
    if unknown:
        raise MasterError(path, line, f"unknown nbgrader key {sorted(unknown)}", "Remove it")
    grade, solution = bool(given.get("grade")), bool(given.get("solution"))
    data = {"grade": grade, "solution": solution, "locked": not solution, "task": False}
    return {**data, "schema_version": 3, **given}


def _refuse_duplicates(master: Master) -> None:
    first: dict[str, Cell] = {}
    for cell in master.cells:
        if cell.grade_id in first and cell.grade_id:
            what = f"grade_id {cell.grade_id!r} stands already on line {first[cell.grade_id].line}"
            raise MasterError(master.path, cell.line, what, "Give one of the two cells another id")
        first[cell.grade_id] = cell


def _check_cell(path: Path, cell: Cell) -> None:
    if cell.kind == "code":
        _compile(path, cell)
    if BEGIN in cell.source and not cell.nbgrader.get("solution"):
        cure = 'Add "solution": true to its nbgrader metadata, or remove the mark'
        raise MasterError(path, cell.line, "solution marks stand in a cell that is none", cure)
    if not cell.nbgrader:
        return
    if cell.is_solution and cell.kind != "code":
        what = f"the text cell {cell.grade_id!r} is a solution without points"
        raise MasterError(path, cell.line, what, 'Add "grade": true and "points" to its metadata')
    if not GRADE_ID.fullmatch(cell.grade_id):
        cure = "Use 1 to 64 letters, digits, '_' or '-'"
        raise MasterError(path, cell.line, f"grade_id {cell.grade_id!r} is not usable", cure)
    _check_points(path, cell)
    if cell.nbgrader["solution"]:
        _check_marks(path, cell)


def _check_points(path: Path, cell: Cell) -> None:
    points = cell.nbgrader.get("points")
    if not cell.nbgrader["grade"]:
        return
    number = isinstance(points, int | float) and not isinstance(points, bool)
    if not number or not 0 <= float(points or 0) < math.inf:
        what = f"the graded cell {cell.grade_id!r} has no points"
        cure = 'Add "points": 2 (0 for a stretch exercise) to its nbgrader metadata'
        raise MasterError(path, cell.line, what, cure)


def _check_marks(path: Path, cell: Cell) -> None:
    depth = 0
    for offset, text in enumerate(cell.source.splitlines(), start=1):
        depth += (text.strip() == BEGIN) - (text.strip() == END)
        if depth not in (0, 1):
            what = "a solution mark stands without its partner"
            raise MasterError(path, cell.line + offset, what, f"Pair {BEGIN!r} with {END!r}")
    if depth or BEGIN not in cell.source:
        what = f"the solution cell {cell.grade_id!r} has no closed pair of solution marks"
        raise MasterError(path, cell.line, what, f"Put the answer between {BEGIN!r} and {END!r}")


def _compile(path: Path, cell: Cell) -> None:
    try:
        with contextlib.suppress(SyntaxError):
            ast.parse(cell.source)
            return
        ast.parse(re.sub(r"^(\s*)[%!].*$", r"\1pass", cell.source, flags=re.MULTILINE))
    except SyntaxError as error:
        line = cell.line + (error.lineno or 0)
        raise MasterError(path, line, f"does not compile: {error.msg}", "Mend the code") from None


def _one_check_for_each(master: Master) -> None:
    checks = master.checks
    for cell in master.cells:
        if cell.is_check and len(CHECK.findall(cell.source)) > 1:
            what = f"the check cell {cell.grade_id!r} calls check more than once"
            raise MasterError(master.path, cell.line, what, "Give every check a cell of its own")
        if cell.is_check and checks[checked_name(cell)] is not cell:
            what = f"{checked_name(cell)!r} is checked a second time on line "
            what += f"{checks[checked_name(cell)].line}"
            raise MasterError(master.path, cell.line, what, "Remove one of the two check cells")


def _pair_solutions_with_checks(master: Master) -> None:
    checks = master.checks
    for name, cell in master.solutions.items():
        if name not in checks:
            what = f"the solution cell {name!r} has no check"
            cure = f'Add a graded cell after it that calls check("{name}", {name})'
            raise MasterError(master.path, cell.line, what, cure)
        if checks[name].line < cell.line:
            what = f"the check of {name!r} stands before its solution"
            raise MasterError(master.path, checks[name].line, what, "Move it below")
    for name, cell in checks.items():
        if name not in master.solutions:
            what = f"the check cell {cell.grade_id!r} checks {name!r}, which no solution cell is"
            cure = 'Write check("f", f) for the solution cell whose grade_id is "f"'
            raise MasterError(master.path, cell.line, what, cure)
