"""The ten notebooks make one course: one overview, one order, one wording, times that compare."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from autograder.lessons import Lesson, lesson_folders, load_lesson
from autograder.masters import Cell

ROOT = Path(__file__).resolve().parents[1]
LESSONS = [load_lesson(folder) for folder in lesson_folders(ROOT / "source")]
NAMES = [lesson.name for lesson in LESSONS]

LECTURES = "L0 to L4 are the five lectures of the course. You need "
HINTS = (
    "Every exercise has three hints. The next cell shows the first one; run it again for the "
    "second. For other exercises, change the name."
)
QUIZ = "They give no points. Every answer, right or wrong, gets a reply."
END = "The next cell shows how far you are."

every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=NAMES)
every_later_lesson = pytest.mark.parametrize("lesson", LESSONS[1:], ids=NAMES[1:])


def main_part(lesson: Lesson) -> list[Cell]:
    """Return the cells before the stretch exercises, which lie outside the stated time."""
    cells = list(lesson.master.cells)
    stretch = [n for n, cell in enumerate(cells) if cell.source.startswith("## Stretch")]
    return cells[: stretch[0]] if stretch else cells


def words_of(lesson: Lesson) -> str:
    """Return the text that everybody reads: no answers, no marking schemes."""
    shown = [cell for cell in main_part(lesson) if cell.kind == "markdown" and not cell.nbgrader]
    return "\n\n".join(cell.source for cell in shown)


def stated_minutes(lesson: Lesson) -> int:
    (minutes,) = re.findall(r"takes about (\d+) minutes", words_of(lesson))
    return int(minutes)


def stated_points(lesson: Lesson) -> int:
    (points,) = re.findall(r"It gives (\d+) points", words_of(lesson))
    return int(points)


def estimated_minutes(lesson: Lesson) -> float:
    """Estimate a notebook's minutes by what there is to do; the same prices for all notebooks.

    Reading formulas and text: 100 words a minute. An exercise takes 3 minutes, a network that one
    chooses and trains oneself 20 more, a question in words 2.5 for each of its points, a quiz
    question or a prediction 0.8, a picture 1, a picture to play with 2 more.
    """
    code = "\n".join(cell.source for cell in main_part(lesson) if cell.kind == "code")

    def times(pattern: str) -> int:
        return len(re.findall(pattern, code, flags=re.MULTILINE))

    networks = sum(exercise.driver == "network" for exercise in lesson.exercises.values())
    in_words = float(sum(cell.nbgrader["points"] for cell in lesson.master.manual.values()))
    doing = (
        3 * times(r"^check\(") + 20 * networks + 2.5 * in_words + 0.8 * times(r"^(quiz|predict)\(")
    )
    looking = times(r"\bshow\(") + 2 * times(r"widgets\.explore|animations\.race")
    return len(words_of(lesson).split()) / 100 + doing + looking


def test_the_overview_agrees_with_the_notebooks() -> None:
    text = words_of(LESSONS[0])
    rows = re.findall(r"^\| (\d\d_\w+) \| [^|]+ \| (\d+) \| (\d+) \|$", text, flags=re.MULTILINE)
    stated = [(each.name, stated_minutes(each), stated_points(each)) for each in LESSONS]
    assert [(name, int(minutes), int(points)) for name, minutes, points in rows] == stated
    minutes, points = sum(row[1] for row in stated), sum(row[2] for row in stated)
    assert f"| all | | {minutes} | {points} |" in text
    assert f"That is about {round(minutes / 60)} hours." in text


@every_lesson
def test_the_stated_points_are_those_of_the_cells(lesson: Lesson) -> None:
    manual = sum(cell.nbgrader["points"] for cell in lesson.master.manual.values())
    assert stated_points(lesson) == sum(lesson.points.values()) + manual


@every_lesson
def test_the_stated_time_fits_what_there_is_to_do(lesson: Lesson) -> None:
    assert 0.85 <= stated_minutes(lesson) / estimated_minutes(lesson) <= 1.2


def test_each_notebook_names_the_next() -> None:
    for lesson, after in pairwise(LESSONS):
        assert re.findall(r"^Next comes (\w+):", words_of(lesson), flags=re.MULTILINE) == [
            after.name
        ]
    assert "This is the last notebook." in words_of(LESSONS[-1])


@every_lesson
def test_recurring_instructions_have_one_wording(lesson: Lesson) -> None:
    text = words_of(lesson)
    assert QUIZ in text
    assert END in text.split("## What you can do now")[1]


@every_later_lesson
def test_later_notebooks_open_alike(lesson: Lesson) -> None:
    text = words_of(lesson)
    needs = text.split(LECTURES)[1].split("\n")[0]
    assert needs.endswith("no lecture at hand.")
    assert max(re.findall(r"\b\d\d\b", needs)) < lesson.name[:2]
    assert HINTS in text
    assert "Run the next cell first. It loads NumPy and the course's helper package." in text


@every_later_lesson
def test_notebooks_are_referred_to_by_names_that_exist(lesson: Lesson) -> None:
    """Also those of the quizzes, the hints and the model answers."""
    folder = ROOT / "source" / lesson.name
    for path in folder.glob("*.py"):
        found = re.findall(
            r"(?<![\w`.])(0\d_[a-z]\w+)(?![\w.]*\.(?:py|ipynb))", path.read_text("utf-8")
        )
        assert set(found) <= set(NAMES), path
