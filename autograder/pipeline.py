"""Grade assignments: collect, hand each submission to a worker, record what comes back.

Workers do everything that touches a learner's bytes; this process reads files as bytes, keeps the
gradebook, and never stops because of one submission.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from autograder.build import generated
from autograder.coursefiles import CourseFiles
from autograder.errors import CourseError
from autograder.grading import make_task, read_graded, unreadable
from autograder.isolation import Required
from autograder.judge import AnswerKey
from autograder.lessons import Lesson, load_lesson
from autograder.results import Result
from autograder.run import Limits
from autograder.storage import check_name
from autograder.submissions import Submission, find_submissions, list_students
from autograder.version import grader_version, lesson_version
from autograder.workers import graded_by, warm_processes

if TYPE_CHECKING:
    from autograder.record import CourseRecord

UNUSABLE = "the folder's name cannot be a student's id (1 to 128 characters of valid UTF-8)"
FAILED = "the grader failed on it twice; run autograder grade again, then report it"
OnResult = Callable[[Result, int, int], None]


@dataclass(frozen=True)
class Order:
    """What is to be graded and how.

    Attributes:
        root: the repository, with `source/`.
        course: the folder with `submitted/`; receives `autograded/`, `feedback/`, `gradebook.db`.
        assignment: the lesson.
        students: only these; all by default.
        force: grade also what has not changed since the last time.
        exercises: regrade only these; the marks of all others stay as they are recorded.
        limits: what a notebook may use.
        isolation: "full" where less must not do.
        gradebook: address of a gradebook other than the course's own.
    """

    root: Path
    course: Path
    assignment: str
    students: Sequence[str] = ()
    force: bool = False
    exercises: Sequence[str] = ()
    limits: Limits = field(default_factory=Limits)
    isolation: Required = "any"
    gradebook: str | None = None


def grade_assignment(
    order: Order, workers: futures.Executor | None = None, *, jobs: int = 0, on_result: OnResult
) -> list[Result]:
    """Grade one assignment; see `grade_assignments`."""
    return grade_assignments([order], workers, jobs=jobs, on_result=on_result)


def grade_assignments(
    orders: Sequence[Order],
    workers: futures.Executor | None = None,
    *,
    jobs: int = 0,
    on_result: OnResult,
) -> list[Result]:
    """Grade every submission of some assignments and record each as soon as it is done.

    Args:
        orders: what to grade, one assignment after another, all of one course and gradebook.
        workers: runs the tasks; local processes by default.
        jobs: number of local processes; as many as there are cores by default.
        on_result: called after each record with the result, how many are done, how many there are.

    Returns:
        One result per submission, in order of the assignments, then of the students.

    Raises:
        CourseError: when the course or an assignment does not allow to begin.
    """
    folders = [find_folder(order.root, order.assignment) for order in orders]
    totals = [len(list_students(o.course, o.assignment, o.students)) for o in orders]
    jobs = min(jobs or os.cpu_count() or 1, max(totals))
    done = itertools.count(1)
    with ExitStack() as stack:
        pool = None
        if workers is None and any(map(_has_news, orders, totals)):
            pool = stack.enter_context(warm_processes(jobs))
        # The database's libraries take as long to load as workers to warm up: both at once.
        from autograder.record import CourseRecord

        record = stack.enter_context(CourseRecord(orders[0].course, orders[0].gradebook))

        def tell(result: Result) -> None:
            on_result(result, next(done), sum(totals))

        batches: list[_Batch] = []

        def tasks() -> Iterator[tuple[tuple[_Batch, str], str]]:
            # One stream: a lesson is loaded while workers still grade the one before it.
            for order, folder in zip(orders, folders, strict=True):
                batches.append(_Batch(order, record, _key(folder, record), tell))
                yield from batches[-1].tasks()

        for (batch, student), text in graded_by(tasks(), workers or pool, jobs):
            batch.finish(student, text)
    return [result for batch in batches for result in batch.results()]


def _has_news(order: Order, total: int) -> bool:
    """Guess, without the gradebook, whether there is anything to grade."""
    graded = CourseFiles(order.course).students(order.assignment)
    return bool(order.force or order.exercises or len(graded) < total)


def _key(folder: Path, record: CourseRecord) -> AnswerKey:
    """Return the assignment's key: the one that was kept, unless its sources have changed."""
    version = lesson_version(folder)
    kept = record.known_key(folder.name, version)
    if kept is not None:
        return AnswerKey(**kept)
    lesson = load_lesson(folder)
    key = AnswerKey.of(lesson, record.ensure_assignment(lesson))
    record.keep_key(folder.name, version, key.to_json())
    return key


class _Batch:
    """One run over a class: submissions are read one by one and forgotten once recorded.

    Args:
        order: what to grade.
        record: takes the results.
        key: the assignment's key.
        tell: called with each result.

    Raises:
        CourseError: when an exercise is ordered that the assignment does not have.
    """

    def __init__(
        self, order: Order, record: CourseRecord, key: AnswerKey, tell: Callable[[Result], None]
    ) -> None:
        _check_exercises(order, key)
        self._order, self._record, self._key, self._tell = order, record, key, tell
        self._finished = record.finished(order.assignment)
        stored = record.results(order.assignment) if self._finished or order.exercises else []
        self._stored = {result.student: result for result in stored}
        self._under_way: dict[str, tuple[Submission, str]] = {}
        self._results: dict[str, Result | None] = {}  # in order of the students

    def results(self) -> list[Result]:
        """Return the results so far, in order of the students."""
        return [result for result in self._results.values() if result is not None]

    def tasks(self) -> Iterator[tuple[tuple[Self, str], str]]:
        """Yield whose it is and the task of what has to be graded; settle all else at once."""
        order, key = self._order, json.dumps(self._key.to_json())
        secret = course_secret(order.course)
        for submission in find_submissions(order.course, order.assignment, order.students):
            student = submission.student
            self._results[student] = None
            digest = _digest(submission, self._key, order.limits)
            if not _is_usable(student):
                # No row can have this name: the result stands in the list alone.
                self._settle(unreadable(submission, self._key, UNUSABLE).result)
            elif self._is_settled(student, digest):
                self._settle(self._stored[student])
            else:
                self._under_way[student] = replace(submission, notebooks={}), digest
                limits = asdict(order.limits)
                yield (self, student), make_task(submission, key, secret, limits, order.isolation)

    def _is_settled(self, student: str, digest: str) -> bool:
        """Whether a submission is what it was when last graded, and no regrade is wanted."""
        order = self._order
        if order.force or order.exercises or self._finished.get(student) != digest:
            return False
        reduced = self._stored[student].isolation.startswith("reduced")
        return not (reduced and order.isolation == "full")

    def _settle(self, result: Result) -> None:
        self._results[result.student] = result
        self._tell(result)

    def finish(self, student: str, text: str | None) -> None:
        """Record what a worker found; None says that it did not survive the submission."""
        submission, digest = self._under_way.pop(student)
        if text is None:
            graded, journal = unreadable(submission, self._key, FAILED), ""  # it is tried again
        else:
            graded, journal = read_graded(text), digest
        result = graded.result
        if self._order.exercises and student in self._stored:
            before = self._record.files.result(result.assignment, student)
            result = _merged(result, before, self._order.exercises)
            # Other marks are as old as they were: the next run finds out whether they still hold.
            journal = digest if self._finished.get(student) == digest else ""
        self._settle(self._record.record(result, graded.notebook, journal=journal))


def _merged(fresh: Result, before: Result, exercises: Sequence[str]) -> Result:
    """Take only some exercises' marks from a fresh result."""
    marks = {
        name: mark if name in exercises else before.exercises.get(name, mark)
        for name, mark in fresh.exercises.items()
    }
    return replace(fresh, exercises=marks)


def _check_exercises(order: Order, key: AnswerKey) -> None:
    unknown = sorted(set(order.exercises) - set(key.checks))
    if unknown:
        known = ", ".join(key.checks)
        raise CourseError(f"{key.assignment} has no exercise {unknown[0]!r}. There are: {known}")


def find_lesson(root: Path, assignment: str) -> Lesson:
    """Load the lesson of an assignment; errors are those of `find_folder`."""
    return load_lesson(find_folder(root, assignment))


def find_folder(root: Path, assignment: str) -> Path:
    """Find the sources of an assignment.

    Raises:
        CourseError: when the repository has no such lesson; the message lists those there are.
    """
    folder = root / "source" / assignment
    names = sorted(p.name for p in (root / "source").glob("[0-9][0-9]_*") if p.is_dir())
    if not names:
        raise CourseError(
            f"{root} holds no source/ with lessons. Run this in the course's repository"
        )
    if assignment not in names:
        raise CourseError(f"there is no assignment {assignment!r}. There are: {', '.join(names)}")
    return folder


def answer_key(lesson: Lesson) -> AnswerKey:
    """Build the lesson's release afresh and make its key, without any gradebook."""
    with generated(lesson) as folder:
        path = folder / f"{lesson.name}.ipynb"
        return AnswerKey.of(lesson, json.loads(path.read_text(encoding="utf-8")))


def course_secret(course: Path) -> str:
    """Read the course's secret, or make one: it fixes every student's hidden inputs.

    Raises:
        CourseError: when it can be neither read nor written.
    """
    path = course / ".autograder" / "secret"
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(16))
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} cannot be used: {error}. Give this user access to it") from None


def _digest(submission: Submission, key: AnswerKey, limits: Limits) -> str:
    """Fingerprint of all that a result depends on."""
    parts = [grader_version(), key.digest, repr(asdict(limits))]
    parts += [submission.problem, *submission.notes, submission.fingerprint]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _is_usable(name: str) -> bool:
    try:
        check_name(name)
    except CourseError:
        return False
    return True


def write_json(path: Path, results: Sequence[Result]) -> None:
    """Write the documented JSON list.

    Raises:
        CourseError: when the file cannot be written.
    """
    data: list[dict[str, Any]] = [result.to_json() for result in results]
    try:
        path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}") from None
