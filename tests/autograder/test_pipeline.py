"""Collect to record on a tiny course: whatever is handed in, everybody gets a row."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from autograder import workers
from autograder.errors import CourseError
from autograder.lessons import load_lesson
from autograder.pipeline import (
    Order,
    answer_key,
    course_secret,
    find_lesson,
    grade_assignment,
    grade_assignments,
    write_json,
)
from autograder.results import Result
from autograder.sample import make_class, write_class

LESSON = "01_tiny"


class Inline(Executor):
    """Runs each task at once, in this process."""

    def __init__(self) -> None:
        self.tasks: list[str] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it now."""
        self.tasks.append(args[0])
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as a pool does
            future.set_exception(error)
        return future


def grade(course: Path, executor: Executor | None = None, **order: Any) -> dict[str, Result]:
    """Grade the tiny course and return results by student."""
    results = grade_assignment(
        Order(course, course, LESSON, **order), executor or Inline(), on_result=lambda *_: None
    )
    return {result.student: result for result in results}


def hand_in(course: Path, student: str, content: bytes, name: str = f"{LESSON}.ipynb") -> Path:
    """Put a file where a student's submission lies."""
    folder = course / "submitted" / student / LESSON
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def right(tiny_course: Path) -> bytes:
    """A notebook with right answers."""
    lesson = load_lesson(tiny_course / "source" / LESSON)
    return make_class(lesson, answer_key(lesson).release)[0].content


@pytest.mark.slow
def test_the_sample_class_gets_its_marks(tiny_course: Path) -> None:
    lesson = load_lesson(tiny_course / "source" / LESSON)
    samples = make_class(lesson, answer_key(lesson).release)
    chosen = [s for s in samples if not s.student.startswith("hostile") or "forges" in s.student]
    write_class(chosen, tiny_course, LESSON)
    results = grade(tiny_course)
    assert set(results) == {sample.student for sample in chosen}
    for sample in chosen:
        passed = {n for n, e in results[sample.student].exercises.items() if e.verdict == "pass"}
        assert passed == sample.passes, sample.student
        assert (results[sample.student].status != "unreadable") == sample.readable


def test_one_unreadable_submission_costs_nobody_else(tiny_course: Path, right: bytes) -> None:
    hand_in(tiny_course, "anna", right)
    hand_in(tiny_course, "bela", b"\xff\x00 not a notebook")
    folder = hand_in(tiny_course, "cora", b"")
    (folder / f"{LESSON}.ipynb").unlink()
    (folder / f"{LESSON}.ipynb").symlink_to("/etc/passwd")
    results = grade(tiny_course)
    assert results["anna"].score == 4.0
    assert [results[name].status for name in ("bela", "cora")] == ["unreadable"] * 2
    assert "symbolic link" in results["cora"].repairs[0]


def test_what_has_not_changed_is_not_graded_again(tiny_course: Path, right: bytes) -> None:
    hand_in(tiny_course, "anna", right)
    first = grade(tiny_course)
    again = Inline()
    assert grade(tiny_course, again) == first
    assert again.tasks == []
    hand_in(tiny_course, "anna", right.replace(b"2.0 * x", b"3.0 * x"))
    assert grade(tiny_course, again)["anna"].score == 0.0
    assert len(again.tasks) == 1


def test_force_grades_again(tiny_course: Path, right: bytes) -> None:
    hand_in(tiny_course, "anna", right)
    grade(tiny_course)
    again = Inline()
    grade(tiny_course, again, force=True)
    assert len(again.tasks) == 1


def test_hidden_inputs_differ_by_student_and_repeat(tiny_course: Path, right: bytes) -> None:
    from autograder.judge import Judge

    key = answer_key(find_lesson(tiny_course, LESSON))
    requests = [Judge(key, "secret", name).request("double") for name in ("anna", "bela", "anna")]
    assert requests[0] == requests[2] != requests[1]


def test_the_secret_is_private_and_stays(tmp_path: Path) -> None:
    secret = course_secret(tmp_path)
    path = tmp_path / ".autograder" / "secret"
    assert course_secret(tmp_path) == secret
    assert path.stat().st_mode & 0o077 == 0


class Failing(Inline):
    """Loses the task of one student, as a killed worker does."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Fail for bela."""
        if json.loads(args[0])["student"] == "bela":
            future: Future[Any] = Future()
            future.set_exception(MemoryError())
            return future
        return super().submit(fn, *args, **kwargs)


def test_a_lost_worker_leaves_a_row_and_is_tried_again(tiny_course: Path, right: bytes) -> None:
    for name in ("anna", "bela"):
        hand_in(tiny_course, name, right)
    lost = grade(tiny_course, Failing())
    assert (lost["anna"].score, lost["bela"].status) == (4.0, "unreadable")
    again = Inline()
    assert grade(tiny_course, again)["bela"].score == 4.0
    assert len(again.tasks) == 1


@pytest.mark.parametrize(
    ("assignment", "students", "message"),
    [
        ("99_nothing", (), "no assignment '99_nothing'. There are: 01_tiny"),
        (LESSON, ("zoe",), "no submission of 01_tiny by zoe"),
    ],
)
def test_what_cannot_begin_says_why(
    tiny_course: Path, right: bytes, assignment: str, students: tuple[str, ...], message: str
) -> None:
    hand_in(tiny_course, "anna", right)
    order = Order(tiny_course, tiny_course, assignment, students)
    with pytest.raises(CourseError, match=message):
        grade_assignment(order, Inline(), on_result=lambda *_: None)


def test_an_empty_course_says_where_notebooks_belong(tiny_course: Path) -> None:
    with pytest.raises(CourseError, match="submitted"):
        grade(tiny_course)


def add_lesson(course: Path, name: str) -> None:
    """Copy the tiny lesson to another one."""
    source = course / "source"
    shutil.copytree(source / LESSON, source / name)
    (source / name / f"{LESSON}.py").rename(source / name / f"{name}.py")
    with (source / "curriculum.toml").open("a", encoding="utf-8") as curriculum:
        curriculum.write(f'[{name}]\ndouble = "(x)"\n')


def test_several_assignments_are_graded_in_one_go(tiny_course: Path, right: bytes) -> None:
    add_lesson(tiny_course, "02_tiny")
    for student in ("anna", "bela"):
        hand_in(tiny_course, student, right)
    folder = tiny_course / "submitted" / "anna" / "02_tiny"
    folder.mkdir()
    (folder / "02_tiny.ipynb").write_bytes(right.replace(b"2.0 * x", b"x**2"))
    told = []

    def listen(result: Result, done: int, total: int) -> None:
        told.append((result.assignment, result.student, done, total))

    orders = [Order(tiny_course, tiny_course, name) for name in ("02_tiny", LESSON)]
    results = grade_assignments(orders, Inline(), on_result=listen)
    assert [(r.assignment, r.student, r.score) for r in results] == [
        ("02_tiny", "anna", 0.0),
        (LESSON, "anna", 4.0),
        (LESSON, "bela", 4.0),
    ]
    assert [(done, total) for _, _, done, total in told] == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(CourseError, match="no submission of 02_tiny by bela"):
        grade_assignments(
            [replace(order, students=["bela"]) for order in orders], Inline(), on_result=listen
        )
    assert len(told) == 3


def test_json_holds_the_documented_fields(tiny_course: Path, right: bytes, tmp_path: Path) -> None:
    hand_in(tiny_course, "anna", right)
    path = tmp_path / "results.json"
    write_json(path, list(grade(tiny_course).values()))
    (record,) = json.loads(path.read_text(encoding="utf-8"))
    assert set(record) == {
        "student", "assignment", "score", "max_score", "status", "isolation", "seconds",
        "repairs", "exercises",
    }  # fmt: skip
    assert set(record["exercises"]["double"]) == {
        "score", "max_score", "verdict", "mistake", "message",
    }  # fmt: skip


# --- regrading -------------------------------------------------------------------------------


def test_one_exercise_is_regraded_and_other_marks_stay(tiny_course: Path, right: bytes) -> None:
    hand_in(tiny_course, "anna", right)
    assert grade(tiny_course)["anna"].score == 4.0
    hand_in(tiny_course, "anna", right.replace(b"2.0 * x", b"3.0 * x"))
    again = Inline()
    regraded = grade(tiny_course, again, exercises=["double"])["anna"]
    assert regraded.exercises["double"].verdict == "fail"
    assert regraded.exercises["why_even"].verdict == "manual"
    assert len(again.tasks) == 1


def test_marks_of_exercises_that_are_not_named_stay(tiny_course: Path, right: bytes) -> None:
    hand_in(tiny_course, "anna", right)
    before = grade(tiny_course)["anna"]
    blank = json.loads(right)
    for cell in blank["cells"]:
        cell["source"] = "" if cell["id"] == "why_even" else cell["source"]
    hand_in(tiny_course, "anna", json.dumps(blank).encode())
    after = grade(tiny_course, exercises=["double"])["anna"]
    assert after.exercises["why_even"] == before.exercises["why_even"]
    later = grade(tiny_course)["anna"]  # an ordinary run finds the change
    assert later.exercises["why_even"].verdict == "missing"


def test_an_exercise_that_is_not_there_is_refused(tiny_course: Path, right: bytes) -> None:
    hand_in(tiny_course, "anna", right)
    with pytest.raises(CourseError, match=r"no exercise 'triple'\. There are: double"):
        grade(tiny_course, exercises=["triple"])


def test_a_change_of_the_lesson_regrades(tiny_course: Path, right: bytes) -> None:
    hand_in(tiny_course, "anna", right)
    grade(tiny_course)
    declared = tiny_course / "source" / LESSON / "exercises.py"
    text = declared.read_text(encoding="utf-8")
    declared.write_text(text.replace("size=3", "size=4"), encoding="utf-8")
    again = Inline()
    grade(tiny_course, again)
    assert len(again.tasks) == 1


def test_another_grader_regrades(
    tiny_course: Path, right: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(tiny_course, "anna", right)
    grade(tiny_course)
    monkeypatch.setattr("autograder.pipeline.grader_version", lambda: "another")
    again = Inline()
    grade(tiny_course, again)
    assert len(again.tasks) == 1


def test_the_second_run_does_not_load_the_lesson(
    tiny_course: Path, right: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(tiny_course, "anna", right)
    first = grade(tiny_course)

    def fail(folder: Path) -> None:
        raise AssertionError(folder)

    monkeypatch.setattr("autograder.pipeline.load_lesson", fail)
    assert grade(tiny_course) == first
    assert grade(tiny_course, force=True)["anna"].score == 4.0


def test_a_result_under_less_isolation_does_not_serve_where_full_is_asked_for(
    tiny_course: Path, right: bytes
) -> None:
    hand_in(tiny_course, "anna", right)
    grade(tiny_course)
    path = tiny_course / ".autograder" / "results" / LESSON / "anna.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(stored | {"isolation": "reduced: same user"}), encoding="utf-8")
    again = Inline()
    assert grade(tiny_course, again)["anna"].isolation == "reduced: same user"
    assert again.tasks == []
    assert grade(tiny_course, again, isolation="full")["anna"].isolation.startswith("full")
    assert len(again.tasks) == 1


def test_submissions_are_read_one_by_one(tiny_course: Path, right: bytes) -> None:
    """What a task carries is forgotten once it is recorded."""
    for number in range(5):
        hand_in(tiny_course, f"s{number}", right)
    order: list[str] = []

    class Watching(Inline):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            order.append(json.loads(args[0])["student"])
            return super().submit(fn, *args, **kwargs)

    grade(tiny_course, Watching())
    assert order == [f"s{number}" for number in range(5)]


class Patient(Executor):
    """Finishes no task before it is waited for; notes how many lie with it."""

    def __init__(self) -> None:
        self.lying: list[int] = []
        self._open = 0

    def submit(self, _: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Take it."""
        del kwargs
        self._open += 1
        self.lying.append(self._open)
        future: Future[Any] = Future()

        def finish() -> None:
            self._open -= 1
            future.set_result(args[0][:1])

        Timer(0.05, finish).start()
        return future


def test_large_tasks_do_not_lie_in_memory_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MAX_LETTERS", 100)
    patient = Patient()
    tasks = [(str(number), "x" * 60) for number in range(6)]
    done = list(workers.graded_by(iter(tasks), patient, 1))
    assert sorted(done) == [(str(number), "x") for number in range(6)]
    assert max(patient.lying) == 2
