"""The lessons' built data: visible cases with expected numbers, hints, quiz questions.

Written by ``autograder build`` from the lessons' sources; read here, one small file an exercise.
"""

from __future__ import annotations

import difflib
import functools
import json
from pathlib import Path
from typing import Any, NamedTuple

from downslope.channel import outcomes_from_json
from downslope.compare import Known
from downslope.drivers import Case, Contract, Outcome
from downslope.plain import from_json

LESSONS = Path(__file__).parent / "lessons"


class VisibleExercise(NamedTuple):
    """An exercise as learners' machines know it: numbers only, no reference code.

    Source: this course. A plain record, loaded by `exercise`: it checks nothing.

    >>> exercise("first_function").contract.parameters
    ('a', 'b')
    """

    contract: Contract
    lesson: str
    points: float
    driver: str
    tolerance: float
    cases: tuple[Case, ...]
    expected: tuple[Outcome, ...]
    known: tuple[Known, ...]
    hints: tuple[str, ...]

    @property
    def labels(self) -> list[str]:
        """What each case is, in words."""
        return [case["label"] for case in self.cases]


@functools.cache
def exercise(name: str) -> VisibleExercise:
    """Load an exercise by name. Source: this course.

    Raises:
        LookupError: when no lesson has it; the message names the nearest ones.

    >>> exercise("first_function").labels
    ['two numbers', 'two others']
    """
    paths = {path.stem: path for path in sorted(LESSONS.glob("*/*.json"))}
    paths.pop("lesson", None)
    if name not in paths:
        near = difflib.get_close_matches(str(name), paths, n=3) or sorted(paths)
        raise LookupError(f"there is no exercise {name!r}. Did you mean {', '.join(near)}?")
    data = json.loads(paths[name].read_text(encoding="utf-8"))
    return _visible_exercise(data, paths[name].parent.name)


@functools.cache
def lesson(name: str) -> dict[str, Any]:
    """Load a lesson's title, list of exercises and questions. Source: this course.

    Raises:
        LookupError: when there is no such lesson.
        TypeError: for a name that is no text.

    >>> lesson("00_welcome")["exercises"][0]
    {'name': 'first_function', 'points': 0.0}
    """
    path = LESSONS / name / "lesson.json"
    if "/" in name or not path.is_file():
        known = ", ".join(sorted(path.parent.name for path in LESSONS.glob("*/lesson.json")))
        raise LookupError(f"there is no lesson {name!r}. There are: {known}")
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


@functools.cache
def question(name: str) -> dict[str, Any]:
    """Load a quiz question by name. Source: this course; some questions are lecture L2's.

    Raises:
        LookupError: when no lesson has it; the message names the nearest ones.

    >>> question("bias_for_every_row")["options"]
    ['true', 'false']
    """
    questions: dict[str, dict[str, Any]] = {}
    for path in sorted(LESSONS.glob("*/lesson.json")):
        questions |= {item["name"]: item for item in lesson(path.parent.name)["questions"]}
    if name not in questions:
        near = difflib.get_close_matches(str(name), questions, n=3) or sorted(questions)
        raise LookupError(f"there is no question {name!r}. Did you mean {', '.join(near)}?")
    return questions[name]


def _visible_exercise(data: dict[str, Any], lesson_name: str) -> VisibleExercise:
    known = tuple(
        Known(
            item["name"],
            item["sentence"],
            tuple(outcomes_from_json(item["outcomes"])),
            item["accepted"],
            item["elsewhere"],
        )
        for item in data["known"]
    )
    return VisibleExercise(
        contract=Contract.from_json(data),
        lesson=lesson_name,
        points=data["points"],
        driver=data["driver"],
        tolerance=data["tolerance"],
        cases=tuple(from_json(data["cases"])),
        expected=tuple(outcomes_from_json(data["expected"])),
        known=known,
        hints=tuple(data["hints"]),
    )
