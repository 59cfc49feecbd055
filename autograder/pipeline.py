"""Grade an assignment: collect, hand each submission to a worker, record what comes back.

Workers do everything that touches a learner's bytes; this process reads files as bytes, keeps the
gradebook, and never stops because of one submission.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autograder.build import generated
from autograder.errors import CourseError
from autograder.grading import Graded, grade_task, make_task, read_graded, unreadable
from autograder.judge import AnswerKey
from autograder.lessons import Lesson, load_lesson
from autograder.record import CourseRecord
from autograder.results import Result
from autograder.run import Limits
from autograder.storage import check_name
from autograder.submissions import Submission, find_submissions

UNUSABLE = "the folder's name cannot be a student's id (1 to 128 characters of valid UTF-8)"
OnResult = Callable[[Result, int, int], None]
MakeExecutor = Callable[[int], "futures.Executor"]


@dataclass(frozen=True)
class Order:
    """What is to be graded and how.

    Attributes:
        root: the repository, with `source/`.
        course: the folder with `submitted/`; receives `autograded/`, `feedback/`, `gradebook.db`.
        assignment: the lesson.
        students: only these; all by default.
        force: grade also what has not changed since the last time.
        limits: what a notebook may use.
    """

    root: Path
    course: Path
    assignment: str
    students: Sequence[str] = ()
    force: bool = False
    limits: Limits = field(default_factory=Limits)


def grade_assignment(
    order: Order, workers: futures.Executor | None = None, *, jobs: int = 0, on_result: OnResult
) -> list[Result]:
    """Grade every submission of an assignment and record each as soon as it is done.

    Args:
        order: what to grade.
        workers: runs the tasks; local processes by default.
        jobs: number of local processes; as many as there are cores by default.
        on_result: called after each record with the result, how many are done, how many there are.

    Returns:
        One result per submission, in order of the students.

    Raises:
        CourseError: when the course or the assignment does not allow to begin.
    """
    lesson = find_lesson(order.root, order.assignment)
    submissions = list(find_submissions(order.course, order.assignment, order.students))
    results: dict[str, Result] = {}
    with CourseRecord(order.course) as record:
        key = AnswerKey.of(lesson, record.ensure_assignment(lesson))
        seed = course_secret(order.course)
        todo = {submission.student: submission for submission in submissions}
        for student in [name for name in todo if not _is_usable(name)]:
            # No row can have this name: the result stands in the list alone.
            results[student] = unreadable(todo.pop(student), key, UNUSABLE).result
            on_result(results[student], len(results), len(submissions))
        for result in [] if order.force else _unchanged(record, order, key, todo):
            results[result.student] = result
            on_result(result, len(results), len(submissions))
            todo.pop(result.student)
        tasks = {
            student: make_task(submission, key, seed, asdict(order.limits))
            for student, submission in todo.items()
        }
        for student, text in _work(tasks, workers, jobs or os.cpu_count() or 1):
            graded = _graded(todo[student], key, text)
            # Without a journal key a submission that the grader failed on is tried again.
            journal = "" if text is None else _digest(todo[student], key, order.limits)
            results[student] = record.record(graded.result, graded.notebook, journal=journal)
            on_result(results[student], len(results), len(submissions))
    return [results[submission.student] for submission in submissions]


def find_lesson(root: Path, assignment: str) -> Lesson:
    """Load the lesson of an assignment.

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
    return load_lesson(folder)


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


def _work(
    tasks: dict[str, str], workers: futures.Executor | None, jobs: int
) -> Iterator[tuple[str, str | None]]:
    """Yield each student's graded text as it is done; None where the worker did not survive it."""
    if workers is not None:
        yield from _submit(workers, tasks)
        return
    left = dict(tasks)
    # First many at a time; whoever was in a pool whose worker died then gets one of his own.
    for student, text in _with_processes(left, min(jobs, len(left))):
        if text is not None:
            left.pop(student)
            yield student, text
    for student in list(left):
        yield from _with_processes({student: left[student]}, 1)


def _with_processes(tasks: dict[str, str], jobs: int) -> Iterator[tuple[str, str | None]]:
    if tasks:
        with local_processes(jobs) as pool:
            yield from _submit(pool, tasks)


def _submit(pool: futures.Executor, tasks: dict[str, str]) -> Iterator[tuple[str, str | None]]:
    waiting = {pool.submit(grade_task, task): student for student, task in tasks.items()}
    for future in futures.as_completed(waiting):
        try:
            text: str | None = future.result()
        except Exception:  # noqa: BLE001 - whatever became of the worker, the others go on
            text = None
        yield waiting[future], text


@contextmanager
def local_processes(jobs: int) -> Iterator[futures.Executor]:
    """Open a pool of worker processes on this machine."""
    import multiprocessing

    # Not "fork": the parent holds the gradebook and the secret.
    context = multiprocessing.get_context("spawn")
    with futures.ProcessPoolExecutor(max_workers=jobs, mp_context=context) as pool:
        yield pool


def _graded(submission: Submission, key: AnswerKey, text: str | None) -> Graded:
    if text is None:
        reason = "the grader failed on it twice; run autograder grade again, then report it"
        return unreadable(submission, key, reason)
    return read_graded(text)


def _digest(submission: Submission, key: AnswerKey, limits: Limits) -> str:
    """Fingerprint of all that a result depends on."""
    parts = [key.digest, repr(asdict(limits)), submission.problem, *submission.notes]
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape"))
    for name, data in sorted(submission.notebooks.items()):
        digest.update(name.encode("utf-8", "surrogateescape") + hashlib.sha256(data).digest())
    return digest.hexdigest()


def _unchanged(
    record: CourseRecord, order: Order, key: AnswerKey, todo: dict[str, Submission]
) -> list[Result]:
    """Return the stored results of submissions that are what they were when last graded."""
    finished = record.finished(order.assignment)
    same = {
        student
        for student, submission in todo.items()
        if finished.get(student) == _digest(submission, key, order.limits)
    }
    return record.results(order.assignment, sorted(same)) if same else []


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
