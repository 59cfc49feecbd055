"""Record: one writer, one transaction per submission, nbgrader's own gradebook, files beside it.

Order of writing, so that a kill at any moment is mended by the next run:

1. the stored result loses its journal key: from here on the submission counts as unfinished;
2. the gradebook, in one transaction;
3. the executed notebook;
4. the result, with its journal key.

Each file is replaced as a whole. A run that ends between two steps leaves a submission without a
key, so it is graded again; its hidden inputs are the same, hence its marks too. Whether an answer
changed under a person's mark is seen by comparing it with the executed notebook on disk. While step
2 may have to be repeated, that is still the earlier notebook. Once it is the new one, step 2 has
asked for another look already, and only a person takes that request back.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from autograder.answers import answers, same_answer, unanswered, without_answers
from autograder.assignments import cells_in, fingerprint, refuse_other_cells
from autograder.build import generated, to_notebook
from autograder.coursefiles import CourseFiles, Json
from autograder.errors import CourseError
from autograder.gradebook import clear_errors, gradebook_url, open_gradebook
from autograder.grades import (
    Mark,
    Person,
    Standing,
    cells_of,
    has_assignment,
    people,
    save_submission,
    standings,
)
from autograder.lessons import Lesson
from autograder.results import Result
from autograder.storage import check_name, sole_writer


class CourseRecord:
    """What is recorded about a course: its gradebook, executed notebooks and results.

    Args:
        course: the folder with `submitted/`; receives `autograded/` and `gradebook.db`.
        db_url: another gradebook, such as "postgresql+psycopg://...".
    """

    def __init__(self, course: Path, db_url: str | None = None) -> None:
        self.course = course.absolute()
        self.db_url = db_url or gradebook_url(self.course)
        self.files = CourseFiles(self.course)
        self._open = contextlib.ExitStack()
        self._writing = False

    def __enter__(self) -> Self:
        """Open the gradebook.

        Raises:
            CourseError: when the folder or the gradebook is not usable.
        """
        if not self.course.is_dir():
            raise CourseError(f"there is no folder {self.course}. Name the course with --course")
        self._gradebook = open_gradebook(self.db_url)
        self._open.callback(self._gradebook.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def ensure_assignment(self, lesson: Lesson) -> Json:
        """See that the gradebook knows a lesson's cells and hidden tests; return its release.

        Does nothing more when it knows this form of the lesson. Grades of submissions stay.

        Raises:
            CourseError: when there are submissions to a form of the lesson with other cells.
            AutograderError: when nbgrader refuses the lesson.
        """
        self._become_writer()
        notebook = to_notebook(lesson)
        digest = fingerprint(notebook)
        known = self.files.assignment(lesson.name)
        with self._session() as db:
            if known.get("digest") == digest and has_assignment(db, lesson.name):
                release: Json = known["release"]
                return release
            before = cells_of(db, lesson.name)
        if before is not None:
            refuse_other_cells(self.course, lesson.name, before, cells_in(notebook))
        release = self._generate(lesson)
        checks = {name: cell.grade_id for name, cell in lesson.master.checks.items()}
        data = {"digest": digest, "checks": checks, "release": release}
        self.files.save_assignment(lesson.name, data)
        return release

    def known_key(self, assignment: str, version: str) -> Json | None:
        """Return what `keep_key` kept about this version of an assignment, if it still serves."""
        self._become_writer()
        known = self.files.assignment(assignment)
        with self._session() as db:
            current = known.get("version") == version and has_assignment(db, assignment)
        key: Json | None = known["key"] if current else None
        return key

    def keep_key(self, assignment: str, version: str, key: Json) -> None:
        """Keep an assignment's key: the next run need not load the lesson to begin."""
        known = self.files.assignment(assignment)
        self.files.save_assignment(assignment, {**known, "version": version, "key": key})

    def record(
        self,
        result: Result,
        notebook: Json | None,
        *,
        journal: str = "",
        timestamp: dt.datetime | None = None,
    ) -> Result:
        """Record a submission; call `ensure_assignment` for its lesson before.

        Args:
            result: what grading found.
            notebook: the executed notebook in nbformat 4.5; None where there is none.
            journal: fingerprint of all that the result depends on; see `finished`.
            timestamp: when it was handed in, if known.

        Returns:
            The result with the marks that a person gave before.

        Raises:
            CourseError: when the gradebook or a folder cannot be written.
        """
        assignment, student = result.assignment, result.student
        check_name(student)
        known = self.files.assignment(assignment)
        if not known:
            raise CourseError(f"the gradebook does not know {assignment!r}: it was never built")
        shown = without_answers(known["release"], result) if notebook is None else notebook
        marks, blank = self._marks(result, answers(shown), known)
        self.files.unfinish(assignment, student)
        with self._session() as db:
            save_submission(db, assignment, student, marks=marks, blank=blank, timestamp=timestamp)
            rows = standings(db, assignment, student)
        self.files.save_notebook(assignment, student, shown)
        self.files.finish(result, journal)
        return _with_marks(result, rows.get(student, {}), known["checks"])

    def finished(self, assignment: str) -> dict[str, str]:
        """Return student -> journal key of the submissions that are recorded whole.

        One that lacks its row, its notebook or its result is not among them.
        """
        with self._session() as db:
            rows = standings(db, assignment)
        keys = {s: self.files.journal(assignment, s) for s in self.files.students(assignment)}
        there = (s for s in keys if self.files.notebook_path(assignment, s).is_file())
        return {student: keys[student] for student in there if keys[student] and student in rows}

    def results(self, assignment: str, students: Collection[str] | None = None) -> list[Result]:
        """Read recorded results, in order of the students, with the marks given by hand.

        Args:
            assignment: the lesson.
            students: only these; everybody by default.

        Raises:
            CourseError: when a stored result is damaged.
        """
        checks = self.files.assignment(assignment).get("checks", {})
        with self._session() as db:
            rows = standings(db, assignment)
        return [
            _with_marks(self.files.result(assignment, student), rows.get(student, {}), checks)
            for student in self.files.students(assignment)
            if students is None or student in students
        ]

    def waiting(self, assignment: str) -> dict[str, list[str]]:
        """Return student -> exercises that wait for a person to look at them."""
        checks = self.files.assignment(assignment).get("checks", {})
        names = {cell: name for name, cell in checks.items()}
        with self._session() as db:
            rows = standings(db, assignment)
        found = {
            student: [names.get(cell, cell) for cell, row in cells.items() if row.waiting]
            for student, cells in sorted(rows.items())
        }
        return {student: cells for student, cells in found.items() if cells}

    def people(self) -> dict[str, Person]:
        """Return what the gradebook knows about each student, by id."""
        with self._session() as db:
            return people(db)

    @contextlib.contextmanager
    def _session(self) -> Iterator[Any]:
        """Give one transaction: all of it is written or nothing."""
        db = self._gradebook.db
        with clear_errors(self.db_url):
            try:
                yield db
                db.commit()
            finally:
                db.remove()  # rolls back what was not committed

    def _become_writer(self) -> None:
        if not self._writing:
            self._open.enter_context(sole_writer(self.files.own))
            self._writing = True

    def _generate(self, lesson: Lesson) -> Json:
        with generated(lesson, db_url=self.db_url) as folder:
            path = folder / f"{lesson.name}.ipynb"
            release: Json = json.loads(path.read_text(encoding="utf-8"))
            return release

    def _marks(
        self, result: Result, texts: Mapping[str, str], known: Json
    ) -> tuple[dict[str, Mark], set[str]]:
        """Decide each graded cell's mark, and which answers were left as they were released."""
        checks = known["checks"]
        before = answers(self.files.notebook(result.assignment, result.student))
        blank = unanswered(texts, answers(known["release"]))
        marks = {}
        for name, item in result.exercises.items():
            changed = not same_answer(texts.get(name, ""), before.get(name, ""))
            by_hand = name not in checks and name not in blank
            marks[checks.get(name, name)] = Mark(None if by_hand else item.score, changed)
        return marks, blank


def _with_marks(result: Result, rows: Mapping[str, Standing], checks: Mapping[str, str]) -> Result:
    exercises = {
        name: replace(item, score=rows[cell].score) if (cell := checks.get(name, name)) in rows
        else item
        for name, item in result.exercises.items()
    }  # fmt: skip
    return replace(result, exercises=exercises)
