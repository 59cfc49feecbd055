"""The build: repeatable, complete, silent about solutions, and harmless when a source is faulty."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder import build as building
from autograder.build import METADATA, STUB, TEXT_STUB, build, load_lessons, stale, to_notebook
from autograder.errors import AutograderError, MasterError
from autograder.lessons import Lesson

RELEASED = "notebooks/01_tiny/01_tiny.ipynb"
BUILT = [
    RELEASED,
    "downslope/lessons/01_tiny/double.json",
    "downslope/lessons/01_tiny/lesson.json",
]


@pytest.fixture(scope="module")
def built_once(
    make_tiny_course: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    root = make_tiny_course(tmp_path_factory.mktemp("built"))
    assert sorted(build(root)) == sorted(BUILT)
    return root


@pytest.fixture
def built(built_once: Path, tmp_path: Path) -> Path:
    """A course of one's own that is already built."""
    return Path(shutil.copytree(built_once, tmp_path / "course"))


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch, built_once: Path) -> None:
    """Let the build take the release from an earlier one: nbgrader itself is not the subject."""

    def copy(lessons: list[Lesson], target: Path) -> None:
        for part in ("notebooks", "downslope"):
            shutil.copytree(built_once / part, target / part)

    monkeypatch.setattr(building, "build_into", copy)


def released(root: Path) -> Any:
    return json.loads((root / RELEASED).read_text("utf-8"))


def cell(notebook: Any, name: str) -> Any:
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


@pytest.mark.slow
def test_two_builds_have_equal_bytes(built: Path) -> None:
    before = {name: (built / name).read_bytes() for name in BUILT}
    assert build(built) == []
    assert {name: (built / name).read_bytes() for name in BUILT} == before


def test_a_release_is_a_valid_notebook_without_outputs(built_once: Path) -> None:
    notebook = released(built_once)
    nbformat.validate(nbformat.from_dict(notebook))
    assert notebook["metadata"] == METADATA
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert not any(cell.get("outputs") for cell in notebook["cells"])


def test_every_cell_has_a_fixed_id(built_once: Path) -> None:
    ids = [cell["id"] for cell in released(built_once)["cells"]]
    assert ids == ["01_tiny-000", "setup", "double", "check_double", "01_tiny-004", "why_even"]


def test_a_solution_becomes_a_stub_that_says_what_to_do(built_once: Path) -> None:
    source = "".join(cell(released(built_once), "double")["source"])
    assert source.startswith('def double(x):\n    """Return twice x."""\n')
    assert all(line.strip() in source for line in STUB.splitlines())
    compile(source, "stub", "exec")


def test_a_written_answer_becomes_an_invitation(built_once: Path) -> None:
    assert "".join(cell(released(built_once), "why_even")["source"]) == TEXT_STUB


def test_no_solution_no_mark_and_no_hidden_test_is_released(built_once: Path) -> None:
    for name in BUILT:
        text = (built_once / name).read_text("utf-8")
        for secret in ("2.0 * x", "2 divides it", "SOLUTION", "HIDDEN", "check_hidden", "x**2"):
            assert secret not in text, (name, secret)


def test_points_and_locks_are_those_of_the_master(built_once: Path) -> None:
    notebook = released(built_once)
    assert cell(notebook, "check_double")["metadata"]["nbgrader"]["points"] == 4
    assert cell(notebook, "check_double")["metadata"]["editable"] is False
    assert cell(notebook, "double")["metadata"]["deletable"] is False


def test_json_files_end_with_a_newline_and_use_unix_line_ends(built_once: Path) -> None:
    for name in BUILT:
        data = (built_once / name).read_bytes()
        assert data.endswith(b"\n")
        assert b"\r" not in data


def test_the_instructors_notebook_holds_solution_and_hidden_tests(tiny_lesson: Lesson) -> None:
    notebook = to_notebook(tiny_lesson)
    nbformat.validate(notebook)
    check = notebook.cells[3].source
    assert check.startswith('check("double", double)\n### BEGIN HIDDEN TESTS\n')
    assert check.endswith("\n### END HIDDEN TESTS")
    assert "return 2.0 * x" in notebook.cells[2].source


@pytest.mark.parametrize("name", BUILT)
def test_a_released_file_that_was_edited_is_stale_and_is_built_again(
    built: Path, fast: None, name: str
) -> None:
    (built / name).write_text("{}")
    assert stale(built) == [name]
    assert (built / name).read_text() == "{}"
    assert build(built) == [name]
    assert stale(built) == []


@pytest.mark.parametrize("name", BUILT)
def test_a_missing_file_is_stale(built: Path, fast: None, name: str) -> None:
    (built / name).unlink()
    assert stale(built) == [name]


def test_a_file_that_no_source_makes_is_stale_and_is_removed(built: Path, fast: None) -> None:
    extra = built / "notebooks" / "00_old" / "solution.ipynb"
    extra.parent.mkdir()
    extra.write_text("2.0 * x")
    assert stale(built) == ["notebooks/00_old/solution.ipynb"]
    build(built)
    assert not extra.exists()


def test_what_jupyter_leaves_behind_is_not_stale(built: Path, fast: None) -> None:
    leftover = built / "notebooks" / "01_tiny" / ".ipynb_checkpoints" / "x.ipynb"
    leftover.parent.mkdir()
    leftover.touch()
    assert stale(built) == []


def test_a_faulty_source_changes_nothing(built: Path) -> None:
    before = {name: (built / name).read_bytes() for name in BUILT}
    master = built / "source" / "01_tiny" / "01_tiny.py"
    master.write_text(master.read_text("utf-8").replace('"points": 4', '"points": -1'), "utf-8")
    with pytest.raises(MasterError, match="has no points"):
        build(built)
    assert {name: (built / name).read_bytes() for name in BUILT} == before


@pytest.mark.slow
def test_what_nbgrader_refuses_is_told(tiny_lesson: Lesson, tmp_path: Path) -> None:
    check = tiny_lesson.master.checks["double"].nbgrader
    check["points"] = "many"
    with pytest.raises(AutograderError, match="nbgrader refused 01_tiny"):
        building.build_into([tiny_lesson], tmp_path)


def copy_lesson(root: Path, old: str, new: str) -> None:
    """Add a second lesson to the tiny course, with one text replaced."""
    folder = Path(shutil.copytree(root / "source" / "01_tiny", root / "source" / "02_more"))
    (folder / "01_tiny.py").rename(folder / "02_more.py")
    for path in folder.iterdir():
        if path.is_file():
            path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def test_two_lessons_may_not_share_an_exercise(tiny_course: Path) -> None:
    copy_lesson(tiny_course, "no such text", "")
    with pytest.raises(AutograderError, match="'double' stands in 01_tiny and in 02_more"):
        load_lessons(tiny_course)


def test_two_lessons_of_their_own_are_both_loaded(tiny_course: Path) -> None:
    copy_lesson(tiny_course, "double", "twice")
    assert [lesson.name for lesson in load_lessons(tiny_course)] == ["01_tiny", "02_more"]


def test_two_lessons_may_not_share_a_question(tiny_course: Path) -> None:
    quiz = "from autograder.questions import TrueFalse\n"
    quiz += 'QUESTIONS = (TrueFalse("q", "?", answer=True, why="."),)\n'
    (tiny_course / "source" / "01_tiny" / "quiz.py").write_text(quiz)
    copy_lesson(tiny_course, "double", "twice")
    with pytest.raises(AutograderError, match="'q' stands in 01_tiny and in 02_more"):
        load_lessons(tiny_course)
