"""Rows of nbgrader's gradebook: one submission's grades and comments, and how they stand.

Nothing here commits: the caller makes one transaction of a submission.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import select

NO_RESPONSE = "No response."


class Mark(NamedTuple):
    """What grading says about one graded cell.

    Attributes:
        score: points given; None where a person has to give them.
        changed: whether the answer is another one than at the last grading.
    """

    score: float | None
    changed: bool


class Standing(NamedTuple):
    """How a graded cell stands in the gradebook.

    Attributes:
        score: points, a person's marks included.
        waiting: whether a person is to look at it.
    """

    score: float
    waiting: bool


class Person(NamedTuple):
    """What the gradebook knows about a student."""

    first_name: str
    last_name: str
    email: str
    lms_user_id: str


def has_assignment(db: Any, assignment: str) -> bool:
    """Whether the gradebook knows the assignment with its notebook of the same name."""
    return _notebook(db, assignment) is not None


def cells_of(db: Any, assignment: str) -> dict[str, set[str]] | None:
    """Return the names of an assignment's cells by kind, or None while nobody has submitted it."""
    notebook = _notebook(db, assignment)
    if notebook is None or not notebook.submissions:
        return None
    kinds = ("grade", "solution", "task", "source")
    return {kind: {cell.name for cell in getattr(notebook, f"{kind}_cells")} for kind in kinds}


def save_submission(
    db: Any,
    assignment: str,
    student: str,
    *,
    marks: Mapping[str, Mark],
    blank: set[str],
    timestamp: dt.datetime | None = None,
) -> None:
    """Write a submission's rows; grades and comments of earlier runs are replaced.

    Args:
        db: the gradebook's session.
        assignment: its name, also that of its notebook.
        student: made known when new.
        marks: by the names of graded cells; cells without a mark get zero.
        blank: names of solution cells in which nothing was answered.
        timestamp: when it was handed in, if that is known.
    """
    notebook = _notebook(db, assignment)
    submitted = _submitted(db, notebook, student, timestamp)
    kinds = notebook.grade_cells, notebook.solution_cells, notebook.task_cells
    # Not grade.name: it would be a query for each grade.
    names = {cell.id: cell.name for cells in kinds for cell in cells}
    for grade in submitted.grades:
        _save_grade(grade, marks.get(names[grade.cell_id], Mark(0.0, changed=True)))
    for comment in submitted.comments:
        comment.auto_comment = NO_RESPONSE if names[comment.cell_id] in blank else None


def standings(
    db: Any, assignment: str, student: str | None = None
) -> dict[str, dict[str, Standing]]:
    """Return student -> graded cell -> how it stands; of one student or of all."""
    from nbgrader.api import Assignment, BaseCell, Grade, SubmittedAssignment, SubmittedNotebook

    columns = SubmittedAssignment.student_id, BaseCell.name, Grade.score, Grade.needs_manual_grade
    query = (
        select(*columns)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment)
    )
    if student is not None:
        query = query.where(SubmittedAssignment.student_id == student)
    found: dict[str, dict[str, Standing]] = {}
    for who, cell, score, waiting in db.execute(query):
        found.setdefault(who, {})[cell] = Standing(float(score), bool(waiting))
    return found


def people(db: Any) -> dict[str, Person]:
    """Return what the gradebook knows about each student, by id."""
    from nbgrader.api import Student

    rows = db.scalars(select(Student))
    return {
        row.id: Person(*(str(getattr(row, name) or "") for name in Person._fields)) for row in rows
    }


def _notebook(db: Any, assignment: str) -> Any:
    from nbgrader.api import Assignment, Notebook

    query = select(Notebook).join(Assignment, Assignment.id == Notebook.assignment_id)
    return db.scalar(query.where(Assignment.name == assignment, Notebook.name == assignment))


def _submitted(db: Any, notebook: Any, student: str, timestamp: dt.datetime | None) -> Any:
    """Find or make the rows that mirror a notebook, as nbgrader's add_submission does."""
    from nbgrader.api import Student, SubmittedAssignment, SubmittedNotebook

    if db.get(Student, student) is None:
        db.add(Student(id=student))
        db.flush()
    key = {"assignment_id": notebook.assignment_id, "student_id": student}
    whole = _one(db, SubmittedAssignment, key)
    if timestamp is not None:
        whole.timestamp = timestamp
    part = _one(db, SubmittedNotebook, {"assignment_id": whole.id, "notebook_id": notebook.id})
    _mirror(db, notebook, part)
    return part


def _mirror(db: Any, notebook: Any, submitted: Any) -> None:
    from nbgrader.api import Comment, Grade

    graded = {grade.cell_id for grade in submitted.grades}
    remarked = {comment.cell_id for comment in submitted.comments}
    for cell in (*notebook.grade_cells, *notebook.task_cells):
        if cell.id not in graded:
            submitted.grades.append(Grade(cell_id=cell.id))
    for cell in (*notebook.solution_cells, *notebook.task_cells):
        if cell.id not in remarked:
            submitted.comments.append(Comment(cell_id=cell.id))
    db.flush()


def _one(db: Any, table: Any, key: dict[str, str]) -> Any:
    row = db.scalar(select(table).filter_by(**key))
    if row is None:
        row = table(**key)
        db.add(row)
        db.flush()
    return row


def _save_grade(grade: Any, mark: Mark) -> None:
    """Keep a person's mark; ask for another look when the answer under it has changed."""
    grade.auto_score = mark.score
    if grade.manual_score is None:
        grade.needs_manual_grade = mark.score is None
    elif mark.changed:
        grade.needs_manual_grade = True
