"""A real `autograder grade` killed fifty times, or with other workers: the outcome is the same."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.pipeline import answer_key, course_secret, find_lesson
from tests.submissions import suite

pytestmark = pytest.mark.slow
COURSES = 5
KILLS = 10  # of each, one after another
STUDENTS = 9
ROWS = """
    SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score,
        grade.manual_score, grade.needs_manual_grade FROM grade
    JOIN base_cell ON base_cell.id = grade.cell_id
    JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    ORDER BY 1, 2"""


@dataclass
class State:
    """All that a finished run leaves, but for how long it took."""

    rows: list[tuple[Any, ...]]
    results: dict[str, Any]
    notebooks: dict[str, Any]


def state_of(course: Path) -> State:
    with closing(sqlite3.connect(course / "gradebook.db")) as gradebook:
        rows = gradebook.execute(ROWS).fetchall()
        assert gradebook.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    results = {}
    for path in (course / ".autograder" / "results").rglob("*"):
        if path.is_file():  # a file that was being written when the kill came would show here
            results[path.name] = json.loads(path.read_text("utf-8")) | {"seconds": 0}
    notebooks = {
        str(path.relative_to(course)): path.read_text("utf-8")
        for path in (course / "autograded").rglob("*")
        if path.is_file()
    }
    return State(rows, results, notebooks)


class Grader:
    """Runs the command on a course, with temporary files of its own and a mark to find it by."""

    def __init__(self, course: Path) -> None:
        self.course = course
        self.temporary = course.parent / "tmp"
        self.temporary.mkdir()
        self.mark = f"KILLS_TEST={course}"

    def start(self, *extra: str, jobs: int = 2) -> subprocess.Popen[bytes]:
        name, value = self.mark.split("=", 1)
        command = [str(Path(sys.executable).with_name("autograder")), "grade", suite.LESSON]
        return subprocess.Popen(
            [*command, "--jobs", str(jobs), *extra],
            cwd=self.course,
            env={**os.environ, "TMPDIR": str(self.temporary), name: value},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def run(self, jobs: int = 2) -> float:
        begin = time.monotonic()
        process = self.start(jobs=jobs)
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()
        return time.monotonic() - begin

    def kill_after(self, seconds: float, *extra: str) -> bool:
        """Start, kill with SIGKILL, and say whether it was still running."""
        process = self.start(*extra)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        running = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        return running

    def processes(self) -> list[str]:
        """Command lines of living processes that descend from a run."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if self.mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found.append((folder / "cmdline").read_text("utf-8", "replace"))
        return found

    def wait_for_the_end(self) -> list[str]:
        until = time.monotonic() + 10
        while self.processes() and time.monotonic() < until:
            time.sleep(0.05)
        return self.processes()


@pytest.fixture(scope="module")
def ungraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course: Path = suite.write_course(tmp_path_factory.mktemp("kills") / "course")
    release = answer_key(find_lesson(course, suite.LESSON)).release
    suite.write_class(course, list(suite.honest(release, STUDENTS)))
    course_secret(course)  # the same hidden inputs in every copy
    return course


@pytest.fixture(scope="module")
def undisturbed(ungraded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[State, float]:
    """What a run leaves that nothing stops, and how long it takes."""
    course = tmp_path_factory.mktemp("undisturbed") / "course"
    shutil.copytree(ungraded, course)
    grader = Grader(course)
    seconds = grader.run()
    assert list(grader.temporary.iterdir()) == []
    state = state_of(course)
    assert len(state.rows) == 3 * STUDENTS
    assert len(state.results) == len(state.notebooks) == STUDENTS
    return state, seconds


@pytest.mark.parametrize("jobs", [1, 8])
def test_the_number_of_workers_changes_nothing(
    ungraded: Path, undisturbed: tuple[State, float], tmp_path: Path, jobs: int
) -> None:
    course = tmp_path / "course"
    shutil.copytree(ungraded, course)
    Grader(course).run(jobs)
    assert state_of(course) == undisturbed[0]


@pytest.mark.parametrize("seed", range(COURSES))
def test_runs_that_are_killed_are_mended_by_the_next(
    ungraded: Path, undisturbed: tuple[State, float], tmp_path: Path, seed: int
) -> None:
    expected, seconds = undisturbed
    course = tmp_path / "course"
    shutil.copytree(ungraded, course)
    grader, rng = Grader(course), random.Random(seed)
    killed = 0
    for attempt in range(5 * KILLS):
        if killed == KILLS:
            break
        # Every other run begins again with everybody: there is always something to be killed in.
        again, most = (["--force"], seconds) if attempt % 2 else ([], seconds / 2)
        killed += grader.kill_after(rng.uniform(0.0, most), *again)
        assert grader.wait_for_the_end() == []
    assert killed == KILLS
    # What a killed run had in the folder for temporary files is left to the system.
    left = set(grader.temporary.iterdir())
    grader.run()
    assert state_of(course) == expected
    assert grader.wait_for_the_end() == []
    assert set(grader.temporary.iterdir()) == left
