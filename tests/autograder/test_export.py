"""Exports: columns, totals, quoting, and no cell that a spreadsheet takes for a formula."""

import csv
import json
from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.export import CANVAS_COLUMNS, export, guarded
from autograder.grades import Person
from autograder.results import ExerciseResult, Result

MESSAGE = 'First, "quoted"\nand =SUM(A1) on a second line'


def result(student: str, score: float, assignment: str = "06_adaptive_methods") -> Result:
    exercises = {
        "adam_step": ExerciseResult(score, 4.0, "fail", "frozen_t", MESSAGE),
        "why": ExerciseResult(2.5, 3.0, "manual", None, "=cmd|' /C calc'!A0"),
    }
    return Result(student, assignment, "graded", "full", 1.25, ("One.",), exercises)


CLASS = [result("ann", 4.0), result("=bob", 0.0)]


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_the_wide_table_has_a_row_per_student(tmp_path: Path):
    wide, _ = export(CLASS, "csv", tmp_path / "grades.csv")
    head, ann, bob = read(wide)
    assert dict(zip(head, ann, strict=True)) == {
        "assignment": "06_adaptive_methods",
        "student": "ann",
        "score": "6.5",
        "max_score": "7",
        "status": "graded",
        "isolation": "full",
        "repairs": "1",
        "adam_step": "4",
        "why": "2.5",
    }
    assert bob[1] == "'=bob"


def test_the_long_table_has_a_row_per_exercise(tmp_path: Path):
    _, longer = export(CLASS, "csv", tmp_path / "grades.csv")
    assert longer == tmp_path / "grades_exercises.csv"
    rows = read(longer)
    assert len(rows) == 5
    assert rows[1][1:] == ["ann", "adam_step", "4", "4", "fail", "frozen_t", MESSAGE]
    assert rows[2][-1] == "'=cmd|' /C calc'!A0"


def test_exercises_of_other_assignments_are_left_empty(tmp_path: Path):
    other = Result("ann", "07_schedules", "graded", "full", 1.0)
    wide, _ = export([*CLASS, other], "csv", tmp_path / "grades.csv")
    assert read(wide)[-1][-2:] == ["", ""]


def test_canvas_has_its_columns_and_the_points_possible(tmp_path: Path):
    people = {"ann": Person("Ann", "Smith, Dr.", "", "4711")}
    both = [*CLASS, result("ann", 1.0, "07_schedules")]
    (path,) = export(both, "canvas", tmp_path / "canvas.csv", people)
    assert read(path) == [
        [*CANVAS_COLUMNS, "06_adaptive_methods", "07_schedules"],
        ["    Points Possible", "", "", "", "", "7", "7"],
        ["'=bob", "", "", "'=bob", "", "2.5", ""],
        ["Smith, Dr., Ann", "4711", "", "ann", "", "6.5", "3.5"],
    ]


def test_canvas_columns_are_those_that_canvas_reads():
    assert CANVAS_COLUMNS == ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")


def test_gradescope_has_a_file_per_student(tmp_path: Path):
    paths = export([result("ann", 4.0)], "gradescope", tmp_path / "out")
    assert paths == [tmp_path / "out" / "ann" / "results.json"]
    data = json.loads(paths[0].read_text("utf-8"))
    assert data["score"] == 6.5
    assert sum(test["max_score"] for test in data["tests"]) == 7.0
    assert data["tests"][0]["tags"] == ["fail", "frozen_t"]
    assert data["execution_time"] == 1.25


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_formulas_are_disarmed(start: str):
    assert guarded(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("harmless", ["ann", "a=b", "", " =1", -1.5, 3])
def test_other_cells_stay(harmless: str | float):
    assert guarded(harmless) == harmless


def test_half_surrogates_do_no_harm(tmp_path: Path):
    export([result("a\ud800", 4.0)], "csv", tmp_path / "grades.csv")
    assert "a?" in (tmp_path / "grades.csv").read_text("utf-8")


def test_another_kind_is_refused(tmp_path: Path):
    with pytest.raises(CourseError, match="There are: csv, canvas, gradescope"):
        export(CLASS, "excel", tmp_path / "grades.xls")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CourseError, match=r"grades\.csv cannot be written"):
        export(CLASS, "csv", tmp_path / "file" / "grades.csv")
