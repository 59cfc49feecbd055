"""Every lesson keeps the course's promises to its readers: short cells, alt text, round totals."""

from __future__ import annotations

import ast
import re
import statistics
import tomllib
from pathlib import Path

import pytest

from autograder.lessons import Lesson, lesson_folders, load_lesson
from autograder.masters import Cell

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = lesson_folders(ROOT / "source")


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def lesson(request: pytest.FixtureRequest) -> Lesson:
    return load_lesson(request.param)


def code_lines(source: str) -> int:
    """Lines with code: no blank lines, comments or docstrings."""
    covered = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            first = node.body[0]
            covered.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return sum(
        1
        for number, line in enumerate(source.splitlines(), 1)
        if number not in covered and line.strip() and not line.strip().startswith("#")
    )


def code_cells(lesson: Lesson) -> list[Cell]:
    return [cell for cell in lesson.master.cells if cell.kind == "code"]


def test_code_cells_are_short(lesson: Lesson) -> None:
    sizes = [code_lines(cell.source) for cell in code_cells(lesson)]
    assert max(sizes) <= 20
    assert statistics.median(sizes) <= 8


def test_the_total_is_round(lesson: Lesson) -> None:
    manual = sum(cell.nbgrader["points"] for cell in lesson.master.manual.values())
    assert (sum(lesson.points.values()) + manual) % 5 == 0


def test_the_text_states_points_as_they_are(lesson: Lesson) -> None:
    text = "\n".join(cell.source for cell in lesson.master.cells if cell.kind == "markdown")
    for name, points in lesson.points.items():
        if points:
            assert re.search(rf"`{name}`[^|\n]*\({points:g}\b", text), name


def test_stated_times_agree(lesson: Lesson) -> None:
    """The table's minutes are those of the sections, and add up to about the total."""
    text = "\n".join(cell.source for cell in lesson.master.cells if cell.kind == "markdown")
    (total,) = re.findall(r"about (\d+) minutes", text)[:1]
    rows = re.findall(r"^\| (\d+\..*?) \| (\d+) \|", text, flags=re.MULTILINE)
    assert abs(sum(int(minutes) for _, minutes in rows) - int(total)) <= 5
    for title, minutes in rows:
        number = title.split(".")[0]
        head = rf"^## {number}\..*\n\n\*{minutes} minutes"
        assert re.search(head, text, flags=re.MULTILINE), title


def test_the_doctor_asks_for_what_the_package_asks_for() -> None:
    text = (ROOT / "source" / "00_welcome" / "00_welcome.py").read_text("utf-8")
    (line,) = re.findall(r"^wanted = (.*)$", text, flags=re.MULTILINE)
    asked = ast.literal_eval(line)
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    oldest = dict(re.findall(r"^(\w+)>=(\d+\.\d+)", "\n".join(needs), flags=re.MULTILINE))
    assert asked == {name: tuple(map(int, oldest[name].split("."))) for name in asked}


def test_every_figure_is_shown_with_a_text_alternative(lesson: Lesson) -> None:
    for cell in code_cells(lesson):
        draws = re.search(r"\bplots\.\w+\(|plt\.(subplots|figure)\(", cell.source)
        if draws:
            assert re.search(r"show\(", cell.source), cell.source
            assert "alt=" in cell.source, cell.source


def test_every_exercise_has_three_stages_of_hints(lesson: Lesson) -> None:
    assert all(len(exercise.hints) >= 3 for exercise in lesson.exercises.values())


def test_a_manual_question_has_a_model_answer_and_a_marking_scheme(lesson: Lesson) -> None:
    assert lesson.master.manual
    for cell in lesson.master.manual.values():
        assert "### BEGIN MARK SCHEME" in "\n".join(c.source for c in lesson.master.cells)
        assert len(cell.source.split()) > 30


def test_there_is_a_prediction_a_quiz_a_table_by_hand_and_a_time(lesson: Lesson) -> None:
    code = "\n".join(cell.source for cell in code_cells(lesson))
    text = "\n".join(cell.source for cell in lesson.master.cells if cell.kind == "markdown")
    assert "predict(" in code
    assert "quiz(" in code
    assert "progress(" in code
    assert re.search(r"\b\d+ minutes\b", text)
    assert re.search(r"what you can (now do|do now)", text, flags=re.IGNORECASE)
