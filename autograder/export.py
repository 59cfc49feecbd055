"""Export results to spreadsheets, Canvas and Gradescope.

- csv: PATH has one row per student with a column per exercise; beside it PATH with `_exercises`
  before its suffix has one row per student and exercise, with verdict, mistake and message.
- canvas: one CSV in the form of Canvas's gradebook, with its row of points possible. Students are
  matched by "SIS Login ID", or by "ID" when the gradebook knows their `lms_user_id`.
- gradescope: PATH is a folder; STUDENT/results.json has Gradescope's autograder format.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from autograder.errors import CourseError
from autograder.grades import Person
from autograder.results import ExerciseResult, Result
from autograder.storage import check_name, plain, write_atomically
from autograder.summary import shares

Kind = Literal["csv", "canvas", "gradescope"]
Cell = str | float
# A spreadsheet would take a text that begins so for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
LONG_COLUMNS = (
    "assignment", "student", "exercise", "score", "max_score", "verdict", "mistake", "message",
)  # fmt: skip
CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "    Points Possible"


def export(
    results: Sequence[Result],
    kind: str,
    path: Path,
    people: Mapping[str, Person] | None = None,
) -> list[Path]:
    """Write results for another program.

    Args:
        results: of one or more assignments; `CourseRecord.results` includes marks given by hand.
        kind: "csv", "canvas" or "gradescope".
        path: the file, or for Gradescope the folder.
        people: names and ids of students, from `CourseRecord.people`.

    Returns:
        The files written.

    Raises:
        CourseError: for another kind, or when a file cannot be written.
    """
    known = people or {}
    if kind == "csv":
        longer = path.with_name(f"{path.stem}_exercises{path.suffix or '.csv'}")
        return [_write(path, _wide(results)), _write(longer, _long(results))]
    if kind == "canvas":
        return [_write(path, _canvas(results, known))]
    if kind == "gradescope":
        return [_gradescope_file(result, path) for result in results]
    raise CourseError(f"there is no export to {kind!r}. There are: {', '.join(get_args(Kind))}")


def guarded(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers.

    >>> guarded("=1+1"), guarded("ann"), guarded(-1.5)
    ("'=1+1", 'ann', -1.5)
    """
    if not isinstance(cell, str):
        return cell
    text = plain(cell)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _write(path: Path, rows: Iterable[Sequence[Cell]]) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([guarded(cell) for cell in row] for row in rows)
    write_atomically(path, text.getvalue())
    return path


def _number(value: float) -> float:
    return int(value) if value == int(value) else round(value, 6)


def _wide(results: Sequence[Result]) -> list[Sequence[Cell]]:
    """One row per student and assignment; the columns of all exercises that occur."""
    names = [share.exercise for share in shares(results)]
    head = ["assignment", "student", "score", "max_score", "status", "isolation", "repairs"]
    rows: list[Sequence[Cell]] = [[*head, *names]]
    for result in results:
        row: list[Cell] = [result.assignment, result.student, _number(result.score)]
        row += [_number(result.max_score), result.status, result.isolation, len(result.repairs)]
        rows.append([*row, *(_score(result.exercises.get(name)) for name in names)])
    return rows


def _score(item: ExerciseResult | None) -> Cell:
    return "" if item is None else _number(item.score)


def _long(results: Sequence[Result]) -> list[Sequence[Cell]]:
    rows: list[Sequence[Cell]] = [LONG_COLUMNS]
    for result in results:
        for name, item in result.exercises.items():
            row: list[Cell] = [result.assignment, result.student, name, _number(item.score)]
            row += [_number(item.max_score), item.verdict, item.mistake or "", item.message]
            rows.append(row)
    return rows


def _canvas(results: Sequence[Result], people: Mapping[str, Person]) -> list[Sequence[Cell]]:
    assignments = list(dict.fromkeys(result.assignment for result in results))
    possible = {
        name: max(r.max_score for r in results if r.assignment == name) for name in assignments
    }
    scores: dict[str, dict[str, float]] = {}
    for result in results:
        scores.setdefault(result.student, {})[result.assignment] = result.score
    rows: list[Sequence[Cell]] = [
        [*CANVAS_COLUMNS, *assignments],
        [POINTS_POSSIBLE, "", "", "", "", *(_number(possible[name]) for name in assignments)],
    ]
    for student, given in sorted(scores.items()):
        person = people.get(student, Person("", "", "", ""))
        name = ", ".join(filter(None, (person.last_name, person.first_name))) or student
        marks = [_number(given[a]) if a in given else "" for a in assignments]
        rows.append([name, person.lms_user_id, "", student, "", *marks])
    return rows


def _gradescope_file(result: Result, folder: Path) -> Path:
    check_name(result.student)
    path = folder / result.student / "results.json"
    write_atomically(path, json.dumps(_gradescope(result), ensure_ascii=False, indent=1) + "\n")
    return path


def _gradescope(result: Result) -> dict[str, Any]:
    tests = [
        {
            "name": name,
            "number": str(position),
            "score": item.score,
            "max_score": item.max_score,
            "output": item.message,
            "tags": [item.verdict, *([item.mistake] if item.mistake else [])],
            "visibility": "visible",
        }
        for position, (name, item) in enumerate(result.exercises.items(), 1)
    ]
    return {
        "score": result.score,
        "execution_time": round(result.seconds, 3),
        "output": "\n".join(result.repairs),
        "tests": tests,
        "extra_data": {"status": result.status, "isolation": result.isolation},
    }
