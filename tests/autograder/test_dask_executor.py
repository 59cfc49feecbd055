"""The same marks when Dask's workers grade, and a clear word when no scheduler answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.dask_executor import dask_executor
from autograder.errors import CourseError
from autograder.lessons import load_lesson
from autograder.pipeline import Order, answer_key, grade_assignment
from autograder.sample import make_class, write_class

LESSON = "01_tiny"
CHOSEN = {"right-reference", "unfinished-blank", "damaged-cut-off"}


@pytest.mark.slow
def test_a_local_cluster_gives_the_marks_of_local_processes(tiny_course: Path) -> None:
    lesson = load_lesson(tiny_course / "source" / LESSON)
    samples = make_class(lesson, answer_key(lesson).release)
    write_class([item for item in samples if item.student in CHOSEN], tiny_course, LESSON)
    order = Order(tiny_course, tiny_course, LESSON, force=True)
    with dask_executor(None, 1) as workers:
        far = grade_assignment(order, workers, on_result=lambda *_: None)
    near = grade_assignment(order, jobs=1, on_result=lambda *_: None)
    assert [(r.student, r.status, r.exercises) for r in far] == [
        (r.student, r.status, r.exercises) for r in near
    ]
    assert {r.student: r.score for r in far}["right-reference"] == 4.0


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer_is_named() -> None:
    with (
        pytest.raises(CourseError, match=r"tcp://127\.0\.0\.1:1 does not answer"),
        dask_executor("tcp://127.0.0.1:1", 1),
    ):
        pass
