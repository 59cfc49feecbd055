"""A gradebook in PostgreSQL, named by its address, holds what the course's own file would hold."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from autograder.errors import CourseError
from autograder.feedback import write_feedback
from autograder.lessons import load_lesson
from autograder.pipeline import Order, answer_key, grade_assignment
from autograder.record import CourseRecord
from autograder.results import Result
from autograder.sample import make_class, write_class

pytestmark = pytest.mark.slow
LESSON = "01_tiny"
TABLES = {
    "student": "SELECT id, first_name, last_name FROM student",
    "grade": """
        SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score,
            grade.manual_score, grade.needs_manual_grade FROM grade
        JOIN base_cell ON base_cell.id = grade.cell_id
        JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id""",
    "comment": """
        SELECT submitted_assignment.student_id, base_cell.name, comment.auto_comment,
            comment.manual_comment FROM comment
        JOIN base_cell ON base_cell.id = comment.cell_id
        JOIN submitted_notebook ON submitted_notebook.id = comment.notebook_id
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id""",
    "cells": """
        SELECT base_cell.name, base_cell.type, grade_cells.max_score, grade_cells.cell_type
        FROM base_cell LEFT JOIN grade_cells ON grade_cells.id = base_cell.id""",
    "version": "SELECT version_num FROM alembic_version",
}


def lacking(what: str) -> Any:
    """Leave the tests out where PostgreSQL is missing, but fail under CI."""
    message = f"{what}; on Debian: apt-get install postgresql, and pip install 'psycopg[binary]'"
    return pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)


def programs() -> Path:
    """Find the server's programs: on PATH, or where Debian keeps them."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    folder: Path = folders[-1] if folders else lacking("no PostgreSQL server")
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The folder of the Unix socket of a throw-away cluster, which ends with the tests."""
    if importlib.util.find_spec("psycopg") is None:
        lacking("no psycopg")
    tools = programs()
    # The server refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    # A socket's path has at most 107 letters: pytest's own folders are too deep.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        shutil.chown(folder, user)

        def run(program: str, *arguments: str) -> None:
            command = [str(tools / program), "-D", f"{folder}/data", *arguments]
            done = subprocess.run(
                command, user=user, cwd="/", check=False, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stdout + done.stderr

        run("initdb", "--auth=trust", "--username=grader", "--no-sync", "--encoding=UTF8")
        settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        run("pg_ctl", "-w", "-l", f"{folder}/log", "-o", settings, "start")
        try:
            yield folder
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")


@pytest.fixture
def url(server: str, request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    name = f"course{abs(hash(request.node.nodeid))}"
    base = f"postgresql+psycopg://grader@/{{}}?host={server}"
    engine = create_engine(base.format("postgres"), isolation_level="AUTOCOMMIT")
    with contextlib.closing(engine.raw_connection()) as connection:
        connection.cursor().execute(f"CREATE DATABASE {name}")
    engine.dispose()
    return base.format(name)


def rows(url: str) -> dict[str, list[str]]:
    """Read what a gradebook says, in an order that does not depend on it."""
    engine = create_engine(url)
    with engine.connect() as connection:
        read = {
            name: sorted(map(_shown, connection.execute(text(query))))
            for name, query in TABLES.items()
        }
    engine.dispose()
    return read


def _shown(row: Any) -> str:
    """SQLite gives back 0 and 1 for no and yes."""
    return repr(tuple(float(x) if isinstance(x, bool | int) else x for x in row))


def grade(course: Path, url: str | None = None, **order: Any) -> list[Result]:
    return grade_assignment(
        Order(course, course, LESSON, gradebook=url, **order), jobs=1, on_result=lambda *_: None
    )


def hand_in(course: Path) -> None:
    """Hand in right, wrong, half done and unreadable notebooks."""
    lesson = load_lesson(course / "source" / LESSON)
    samples = make_class(lesson, answer_key(lesson).release)
    write_class([s for s in samples if not s.student.startswith("hostile")], course, LESSON)


@pytest.fixture
def courses(tmp_path: Path, make_tiny_course: Callable[[Path], Path]) -> tuple[Path, Path]:
    """The same class in two folders, with the same secret and so the same hidden inputs."""
    first = make_tiny_course(tmp_path / "first")
    hand_in(first)
    (first / ".autograder").mkdir()
    (first / ".autograder" / "secret").write_text("0" * 32, encoding="ascii")
    second = tmp_path / "second"
    shutil.copytree(first, second, symlinks=True)
    return first, second


def untimed(results: list[Result]) -> list[dict[str, Any]]:
    return [result.to_json() | {"seconds": 0} for result in results]


def test_the_rows_are_those_of_a_file(courses: tuple[Path, Path], url: str) -> None:
    in_file, in_server = courses
    expected, found = grade(in_file), grade(in_server, url)
    assert untimed(found) == untimed(expected)
    assert rows(url) == rows(f"sqlite:///{in_file}/gradebook.db")
    assert len(rows(url)["grade"]) == 2 * len(expected) > 0
    assert not (in_server / "gradebook.db").exists()
    with CourseRecord(in_server, url) as record:
        assert untimed(record.results(LESSON)) == untimed(expected)
        assert len(record.finished(LESSON)) == len(expected)


def test_a_second_run_and_a_regrade_change_nothing(courses: tuple[Path, Path], url: str) -> None:
    course, _ = courses
    first = grade(course, url)
    before = rows(url)
    assert grade(course, url) == first  # settled: equal to the seconds that were measured
    assert untimed(grade(course, url, force=True)) == untimed(first)
    assert untimed(grade(course, url, exercises=["double"])) == untimed(first)
    assert rows(url) == before


# nbgrader's own API leaves its connection to the garbage collector, which psycopg reports.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_formgraders_questions_and_a_mark_by_hand(courses: tuple[Path, Path], url: str) -> None:
    from nbgrader.api import Gradebook
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    course, _ = courses
    results = {result.student: result for result in grade(course, url)}
    config = Config()
    config.CourseDirectory.root, config.CourseDirectory.db_url = str(course), url
    listed = {item["student"]: item for item in NbGraderAPI(config=config).get_submissions(LESSON)}
    assert {name: item["score"] for name, item in listed.items()} == {
        name: result.score for name, result in results.items()
    }
    student = next(name for name, item in listed.items() if item["needs_manual_grade"])
    with Gradebook(url) as gradebook:
        mark = gradebook.find_grade("why_even", LESSON, LESSON, student)
        mark.manual_score, mark.needs_manual_grade = 2.0, False
        gradebook.db.commit()
    again = {result.student: result for result in grade(course, url, force=True)}
    assert again[student].score == results[student].score + 2.0
    (page,) = write_feedback(course, LESSON, [student], db_url=url)
    assert page.is_file()
    gc.collect()  # here, not in the middle of another test


def test_a_server_that_is_not_there_is_named_without_its_password(
    courses: tuple[Path, Path], server: str
) -> None:
    wrong = f"postgresql+psycopg://grader:hidden@/nowhere?host={server}"
    with pytest.raises(CourseError, match=r"gradebook .*nowhere.* cannot be used") as caught:
        grade(courses[0], wrong)
    assert "hidden" not in str(caught.value)
