"""The README's figures are those that the exercises really give."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.cases import make_cases
from autograder.exercises import Alternative, Convention, Exercise, Variant
from autograder.lessons import Lesson, lesson_folders, load_lesson
from downslope.compare import Verdict, judge
from downslope.drivers import DRIVERS, run_cases

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES = (ROOT / "source" / "README.md").read_text(encoding="utf-8")


def verdict(lesson: Lesson, exercise: Exercise, variant: Variant) -> Verdict:
    """Judge a variant on the cases of a student who never was."""
    cases = make_cases(exercise, "readme", exercise.name)
    reference = lesson.reference
    function = reference.variant(exercise, variant)
    outcomes = run_cases(exercise.driver, function, reference.contract(exercise), cases)
    expected, known = reference.expected(exercise, cases), reference.known(exercise, cases)
    return judge(outcomes, expected, known, lesson.tolerances[exercise.name])


def figures(lesson: Lesson) -> str:
    """Count mistakes and right answers, and how many are treated as they should be."""
    wrong: list[bool] = []
    right: list[bool] = []
    for exercise in lesson.exercises.values():
        for variant in (*exercise.mistakes, *exercise.alternatives):
            found = verdict(lesson, exercise, variant)
            accepted = isinstance(variant, Convention) and variant.accepted
            if accepted or isinstance(variant, Alternative):
                right.append(found.passed)
            else:
                wrong.append(not found.passed and found.mistake == variant.name)
    return f"| {lesson.name} | {sum(wrong)} of {len(wrong)} | {sum(right)} of {len(right)} |"


@pytest.mark.parametrize("folder", lesson_folders(ROOT / "source"), ids=lambda path: path.name)
def test_the_table_of_trust_is_measured(folder: Path) -> None:
    assert figures(load_lesson(folder)) in README


def test_every_linked_file_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_command_is_one_that_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {word for line in re.findall(r"\bmake ([a-z ]+)", README) for word in line.split()}
    known = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    assert {"demo", "test", "lab"} <= targets & known
    commands = set(re.findall(r"\bautograder ([a-z]+)\b", README)) - {"autograde"}
    source = (ROOT / "autograder" / "cli.py").read_text(encoding="utf-8")
    assert commands <= set(re.findall(r'add_parser\(\s*"(\w+)"', source))


def test_the_sources_readme_describes_every_driver_and_shared_file() -> None:
    table = SOURCES.split("### Drivers and their cases")[1].split("\n###")[0]
    first = re.findall(r"^\| ((?:`\w+`(?:, )?)+)", table, flags=re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(first))) == sorted(DRIVERS)
    shared = {path.name for path in (ROOT / "source" / "shared").glob("[a-z]*.py")}
    assert set(re.findall(r"^\| `(\w+\.py)` \|", SOURCES, flags=re.MULTILINE)) == shared


def test_the_sources_readme_names_files_and_places_that_exist() -> None:
    places = re.findall(r"`((?:downslope|autograder|tests|shared)/[\w./]+)`", SOURCES)
    assert places
    roots = (ROOT, ROOT / "source")
    assert [each for each in places if not any((root / each).exists() for root in roots)] == []
