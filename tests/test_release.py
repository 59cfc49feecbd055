"""The release equals a fresh build and tells no solution; blank scores zero, the master full."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.build import stale, to_notebook
from autograder.grading import Graded, grade
from autograder.isolation import runner_for
from autograder.judge import AnswerKey
from autograder.lessons import Lesson, lesson_folders, load_lesson, without_marks
from autograder.masters import BEGIN, END
from autograder.outputs import CUT
from autograder.run import Limits
from autograder.submissions import Submission

ROOT = Path(__file__).resolve().parents[1]
NAMES = [folder.name for folder in lesson_folders(ROOT / "source")]
every_lesson = pytest.mark.parametrize("name", NAMES)
LONG = 12  # shorter lines, such as "return m", may stand anywhere


@functools.cache
def lesson_of(name: str) -> Lesson:
    return load_lesson(ROOT / "source" / name)


@functools.cache
def release_of(name: str) -> dict[str, Any]:
    path = ROOT / "notebooks" / name / f"{name}.ipynb"
    notebook: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return notebook


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def released_files() -> list[Path]:
    folders = (ROOT / "notebooks", ROOT / "downslope" / "lessons")
    return [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    ]


def strings(data: Any) -> Iterator[str]:
    """Every text of a JSON document but hints: their last stage may nearly be the line itself."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            if key != "hints":
                yield from strings(value)
    elif isinstance(data, list):
        yield "".join(item for item in data if isinstance(item, str))
        for item in data:
            yield from strings(item)


def solution_lines(lesson: Lesson) -> set[str]:
    """Lines of some length that stand in the master between solution marks and nowhere else."""
    inside: set[str] = set()
    outside: set[str] = set()
    for cell in lesson.master.cells:
        solving = False
        for line in map(str.strip, cell.source.splitlines()):
            solving = (solving or line == BEGIN) and line != END
            (inside if solving else outside).add(line)
    open_text = "\n".join(outside)
    telling = {line for line in inside if len(line) >= LONG and line not in open_text} - {BEGIN}
    # The head of a loop says nothing of what is done in it, nor a return of what is returned; they
    # stand in many a given cell.
    plain = r"for \w+ in range\(\w+\):|return \w+(, \w+)*"
    return {line for line in telling if not re.fullmatch(plain, line)}


@pytest.mark.slow
def test_the_committed_release_equals_a_fresh_build() -> None:
    """Byte for byte: so any two builds are equal, whoever makes them."""
    assert stale(ROOT) == []


def test_every_lesson_is_released() -> None:
    assert sorted(path.name for path in (ROOT / "notebooks").iterdir() if path.is_dir()) == NAMES


@pytest.mark.parametrize(
    "secret",
    ["BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "check_hidden", "MARK SCHEME", "source/"],
)
def test_no_released_file_holds(secret: str) -> None:
    holders = [str(path) for path in released_files() if secret in path.read_text("utf-8")]
    assert holders == []


@every_lesson
def test_no_line_of_a_solution_is_released(name: str) -> None:
    lines = solution_lines(lesson_of(name))
    assert lines
    for path in released_files():
        texts = "\n".join(strings(json.loads(path.read_text("utf-8"))))
        assert {line for line in lines if line in texts} == set(), path


@every_lesson
def test_no_released_cell_has_an_output_or_a_solved_answer(name: str) -> None:
    lesson = lesson_of(name)
    cells = {cell["id"]: cell for cell in release_of(name)["cells"]}
    assert not any(cell.get("outputs") for cell in cells.values())
    for exercise in lesson.exercises:
        assert "raise NotImplementedError" in source(cells[exercise])


@every_lesson
def test_the_release_has_the_masters_cells_in_order(name: str) -> None:
    master = to_notebook(lesson_of(name))
    released = release_of(name)["cells"]
    assert [cell["id"] for cell in released] == [cell.id for cell in master.cells]
    assert [cell["cell_type"] for cell in released] == [cell.cell_type for cell in master.cells]


def graded(name: str, answers: dict[str, str]) -> Graded:
    """Grade the release with answers filled in, with its pictures, as any submission is."""
    release = release_of(name)
    notebook = json.loads(json.dumps(release))
    for cell in notebook["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    submission = Submission("dee", name, {f"{name}.ipynb": json.dumps(notebook).encode()})
    key = AnswerKey.of(lesson_of(name), release)
    return grade(submission, key, "secret", runner_for(), Limits(pictures=True))


def errors(graded: Graded) -> dict[str, str]:
    """What was raised, by cell."""
    assert graded.notebook is not None
    return {
        cell["id"]: f"{output['ename']}: {output['evalue']}"
        for cell in graded.notebook["cells"]
        for output in cell.get("outputs", ())
        if output["output_type"] == "error"
    }


@pytest.fixture(scope="module", params=NAMES)
def blank(request: pytest.FixtureRequest) -> tuple[Lesson, Graded]:
    """The release as it is handed out, run and graded."""
    return lesson_of(request.param), graded(request.param, {})


@pytest.fixture(scope="module", params=NAMES)
def solved(request: pytest.FixtureRequest) -> tuple[Lesson, Graded]:
    """The release with the master's solutions, run and graded."""
    lesson = lesson_of(request.param)
    solutions = {name: without_marks(c.source) for name, c in lesson.master.solutions.items()}
    return lesson, graded(request.param, solutions | dict.fromkeys(lesson.master.manual, "So."))


Case = tuple[Lesson, Graded]


@pytest.mark.slow
def test_the_blank_release_scores_zero(blank: Case) -> None:
    _, found = blank
    assert (found.result.score, found.result.status) == (0.0, "graded")
    assert {item.verdict for item in found.result.exercises.values()} == {"missing"}


@pytest.mark.slow
def test_in_the_blank_release_every_check_fails_and_nothing_else(blank: Case) -> None:
    lesson, found = blank
    assert set(errors(found)) == {cell.grade_id for cell in lesson.master.checks.values()}
    assert all(text.startswith("CheckFailed") for text in errors(found).values())


@pytest.mark.slow
def test_the_master_scores_full(solved: Case) -> None:
    lesson, found = solved
    verdicts = {name: item.verdict for name, item in found.result.exercises.items()}
    wanted = dict.fromkeys(lesson.exercises, "pass") | dict.fromkeys(lesson.master.manual, "manual")
    assert verdicts == wanted
    assert found.result.score == sum(lesson.points.values())


@pytest.mark.slow
def test_the_solved_release_runs_without_an_error_and_without_repairs(solved: Case) -> None:
    _, found = solved
    assert errors(found) == {}
    assert (found.result.status, found.result.repairs) == ("graded", ())


@pytest.mark.slow
def test_the_outputs_of_a_solved_release_fit_below_the_limit(solved: Case) -> None:
    _, found = solved
    assert found.notebook is not None
    cut = [cell["id"] for cell in found.notebook["cells"] if CUT in cell.get("outputs", ())]
    assert cut == []
