"""Workers: losing one loses nothing, and a class is never in memory as a whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from autograder import workers
from autograder.errors import CourseError
from autograder.workers import graded_by


def upper(task: str) -> str:
    """Stand in for grading: some tasks kill their worker, some always, some once."""
    kind, _, path = task.partition(" ")
    if kind == "kills" or (kind == "kills-once" and not Path(path).exists()):
        if path:
            Path(path).touch()
        os._exit(1)
    if kind == "refuses":
        raise CourseError("not here")
    if kind == "fails":
        raise RuntimeError("a bug")
    return task.upper()


@pytest.fixture
def plain_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Local processes without a sandbox to warm up."""
    context = get_context("fork")
    monkeypatch.setattr(workers, "grade_task", upper)
    monkeypatch.setattr(
        workers,
        "local_processes",
        lambda jobs: ProcessPoolExecutor(jobs, mp_context=context),
    )


def grade(*tasks: str, jobs: int = 2) -> dict[str, str | None]:
    return dict(graded_by(((task, task) for task in tasks), None, jobs))


@pytest.mark.usefixtures("plain_pools")
def test_every_task_is_graded() -> None:
    tasks = [f"t{number}" for number in range(30)]
    assert grade(*tasks) == {task: task.upper() for task in tasks}
    assert grade() == {}


@pytest.mark.usefixtures("plain_pools")
def test_a_task_that_kills_its_worker_costs_itself_alone() -> None:
    tasks = [f"t{number}" for number in range(12)]
    found = grade(*tasks[:5], "kills", *tasks[5:])
    assert found.pop("kills") is None
    assert found == {task: task.upper() for task in tasks}


@pytest.mark.usefixtures("plain_pools")
def test_a_task_whose_worker_died_by_accident_is_graded_after_all(tmp_path: Path) -> None:
    once = f"kills-once {tmp_path / 'died'}"
    assert grade("a", once, "b")[once] == once.upper()


@pytest.mark.usefixtures("plain_pools")
def test_a_fault_of_the_grader_is_tried_twice_and_told() -> None:
    assert grade("a", "fails") == {"a": "A", "fails": None}


@pytest.mark.usefixtures("plain_pools")
def test_what_concerns_the_whole_batch_ends_it() -> None:
    with pytest.raises(CourseError, match="not here"):
        grade("a", "refuses", "b")


def test_tasks_are_taken_as_workers_become_free(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []

    def tasks() -> Iterator[tuple[str, str]]:
        for number in range(1000):
            taken.append(number)
            yield str(number), str(number)

    monkeypatch.setattr(workers, "grade_task", upper)
    with ThreadPoolExecutor(2) as pool:
        for done, _ in enumerate(graded_by(tasks(), pool, 2)):
            assert len(taken) <= done + 1 + workers.MAX_ELSEWHERE


def test_an_executor_that_loses_a_task_tells_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lossy(ThreadPoolExecutor):
        def submit(self, *_: Any, **__: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(ConnectionError("a worker is gone"))
            return future

    monkeypatch.setattr(workers, "grade_task", upper)
    assert dict(graded_by([("a", "a")], Lossy(1), 1)) == {"a": None}
