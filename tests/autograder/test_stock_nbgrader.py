"""Stock `nbgrader autograde` on the same release: the same marks for honest submissions.

With ordinary kernels and with sandboxed ones, which take one variable.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.pipeline import Order, find_lesson, grade_assignment
from autograder.record import CourseRecord
from autograder.sample import make_class, write_class

LESSON = "06_adaptive_methods"
HONEST = (
    "right-style-2",
    "wrong-rmsprop-step-wrong-sign",
    "unfinished-half",
    "unfinished-blank",
)


SANDBOXED = {"JUPYTER_DEFAULT_PROVISIONER_NAME": "downslope-sandbox"}


@pytest.fixture(scope="module", params=[{}, SANDBOXED], ids=["kernels", "sandboxed"])
def courses(
    request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """One class twice: graded by us, and by nbgrader's own command."""
    ours = tmp_path_factory.mktemp("ours")
    lesson = find_lesson(root, LESSON)
    with CourseRecord(ours) as record:
        release = record.ensure_assignment(lesson)
    samples = [item for item in make_class(lesson, release) if item.student in HONEST]
    write_class(samples, ours, LESSON)
    stock = tmp_path_factory.mktemp("stock") / "course"
    shutil.copytree(ours, stock)
    grade_assignment(Order(root, ours, LESSON), jobs=2, on_result=lambda *_: None)
    nbgrader("autograde", LESSON, "--create", folder=stock, variables=request.param)
    return ours, stock


def nbgrader(*arguments: str, folder: Path, variables: dict[str, str] | None = None) -> None:
    """Run nbgrader's command as an instructor would."""
    scripts = Path(sys.executable).parent
    path = f"{scripts}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, **(variables or {})}
    command = [str(scripts / "nbgrader"), *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def grades(course: Path) -> dict[str, tuple[float, float]]:
    """Read nbgrader's own export: student -> (score, max_score)."""
    nbgrader("export", folder=course)
    with (course / "grades.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in rows}


@pytest.mark.slow
def test_both_gradebooks_hold_the_same_marks(courses: tuple[Path, Path]) -> None:
    ours, stock = map(grades, courses)
    assert set(ours) == set(HONEST)
    assert ours == stock
    assert ours["right-style-2"] == (17.0, 20.0)  # three points wait for a person
    assert ours["unfinished-blank"] == (0.0, 20.0)


@pytest.mark.slow
def test_both_gradebooks_agree_cell_by_cell(courses: tuple[Path, Path]) -> None:
    ours, stock = map(cell_scores, courses)
    assert len(ours) == len(HONEST) * 12
    assert ours == stock


def cell_scores(course: Path) -> dict[tuple[str, str], tuple[float | None, bool]]:
    """Read automatic score and whether a person must look, by student and cell."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {
            (student.id, grade.name): (grade.auto_score, grade.needs_manual_grade)
            for student in gradebook.students
            for submission in student.submissions
            for notebook in submission.notebooks
            for grade in notebook.grades
        }
