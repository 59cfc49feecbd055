"""The command line: clear errors, exit codes, and what it prints."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.build import build
from autograder.cli import find_root, main

LESSON = "01_tiny"


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, make_tiny_course: Callable[[Path], Path]
) -> Path:
    """The tiny course, built once."""
    course = make_tiny_course(tmp_path_factory.mktemp("built") / "course")
    build(course)
    return course


@pytest.fixture
def course(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the built course as the current folder."""
    copy = tmp_path / "course"
    shutil.copytree(built, copy)
    monkeypatch.chdir(copy)
    return copy


def hand_in(course: Path, student: str = "anna") -> Path:
    """Hand in the blank release."""
    folder = course / "submitted" / student / LESSON
    folder.mkdir(parents=True)
    release = course / "notebooks" / LESSON / f"{LESSON}.ipynb"
    (folder / release.name).write_bytes(release.read_bytes())
    return folder


def test_build_check_says_whether_the_release_is_fresh(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "--check"]) == 0
    path = course / "notebooks" / LESSON / f"{LESSON}.ipynb"
    path.write_text("{}", encoding="utf-8")
    assert main(["build", "--check"]) == 1
    assert f"differs: notebooks/{LESSON}/{LESSON}.ipynb" in capsys.readouterr().out


def test_build_names_line_and_cure_of_a_faulty_master(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    master = course / "source" / LESSON / f"{LESSON}.py"
    text = master.read_text(encoding="utf-8").replace(', "points": 4', "")
    master.write_text(text, encoding="utf-8")
    assert main(["build"]) == 2
    line = text.splitlines().index('# %% nbgrader={"grade_id": "check_double", "grade": true}') + 1
    error = capsys.readouterr().err
    assert f"01_tiny.py:{line}: the graded cell 'check_double' has no points" in error
    assert "Traceback" not in error


@pytest.mark.slow
def test_grade_writes_json_and_ends_with_0(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in(course)
    path = course / "results.json"
    assert main(["grade", LESSON, "--jobs", "1", "--json", str(path)]) == 0
    (record,) = json.loads(path.read_text(encoding="utf-8"))
    assert (record["student"], record["score"], record["max_score"]) == ("anna", 0, 7)
    assert record["exercises"]["double"]["verdict"] == "missing"
    assert "anna" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["grade", "99_nothing"], "There are: 01_tiny"),
        (["grade", LESSON], "submitted"),
        (["grade", LESSON, "--course", "nowhere"], "nowhere is not a folder"),
        (["grade", LESSON, "02_b", "--exercise", "double"], "--exercise regrades exercises of one"),
        (["feedback", LESSON], "grade"),
        (["report", LESSON], "Run 'autograder grade' first"),
        (["export", LESSON], "Run 'autograder grade' first"),
        (["check", "nothing.ipynb"], "nothing.ipynb cannot be read"),
    ],
)
def test_what_cannot_be_done_is_one_clear_message(
    course: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("autograder: ")
    assert message in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "arguments",
    [["grade", LESSON, "--jobs", "0"], ["grade", LESSON, "--cell-seconds", "never"], ["fly"]],
)
def test_a_wrong_argument_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_gradebook_of_an_older_nbgrader_is_named_with_its_cure(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in(course)
    with sqlite3.connect(course / "gradebook.db") as db:
        db.execute("CREATE TABLE assignment (id VARCHAR(32) PRIMARY KEY, name VARCHAR(128))")
    db.close()
    assert main(["grade", LESSON]) == 2
    error = capsys.readouterr().err
    assert "gradebook.db" in error
    assert "nbgrader db upgrade" in error


@pytest.mark.parametrize("name", ["gradebook.db", ".autograder"])
def test_a_place_that_cannot_be_written_is_named(
    course: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    hand_in(course)
    if name == "gradebook.db":
        (course / name).mkdir()
    else:
        (course / name).write_text("", encoding="utf-8")
    assert main(["grade", LESSON]) == 2
    error = capsys.readouterr().err
    assert name in error
    assert "Traceback" not in error


def test_the_root_is_found_from_below(course: Path) -> None:
    assert find_root(course / "source" / LESSON) == course


def test_outside_a_course_the_package_has_its_own(tmp_path: Path, root: Path) -> None:
    assert find_root(tmp_path) == root


def test_doctor_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from autograder import doctor

    finding = doctor.Finding("python", False, "3.9", "Install 3.11.")
    monkeypatch.setattr(doctor, "diagnose", lambda: [finding])
    assert main(["doctor"]) == 1
    assert "LOOK  python: 3.9\n      Install 3.11." in capsys.readouterr().out
