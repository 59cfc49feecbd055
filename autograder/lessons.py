"""A lesson: its master, its declared exercises and questions, and each exercise's tolerance."""

from __future__ import annotations

import ast
import json
import re
import tomllib
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.declarations import exercise_files, read_texts, run
from autograder.errors import AutograderError, MasterError
from autograder.exercises import Exercise
from autograder.masters import Cell, Master, read_master
from autograder.questions import Question
from autograder.references import Reference


@dataclass(frozen=True)
class Lesson:
    """Everything that an instructor wrote about one notebook.

    Attributes:
        name: such as "06_adaptive_methods".
        folder: its source folder.
        master: the checked master.
        exercises: declared exercises by name, in the order of the master.
        questions: quiz questions.
        tolerances: largest accepted relative gap of each exercise, from the oracle ledger.
    """

    name: str
    folder: Path
    master: Master
    exercises: dict[str, Exercise]
    questions: tuple[Question, ...]
    tolerances: dict[str, float]

    @cached_property
    def reference(self) -> Reference:
        """The reference solutions, ready to run."""
        sources = {name: without_marks(c.source) for name, c in self.master.solutions.items()}
        return Reference(sources)

    @cached_property
    def points(self) -> dict[str, float]:
        """Points of each exercise."""
        checks = self.master.checks
        return {name: float(checks[name].nbgrader["points"]) for name in self.exercises}

    @property
    def title(self) -> str:
        """The first heading of the master."""
        for cell in self.master.cells:
            if found := re.search(r"^# (.+)$", cell.source, flags=re.MULTILINE):
                return found.group(1).strip()
        return self.name


def lesson_folders(source: Path) -> list[Path]:
    """List the lessons' folders in order of their numbers.

    Raises:
        AutograderError: when there is none.
    """
    folders = sorted(path for path in source.glob("[0-9][0-9]_*") if path.is_dir())
    if not folders:
        raise AutograderError(f"{source} holds no lesson. Lessons are folders such as 01_gradients")
    return folders


def load_lesson(folder: Path) -> Lesson:
    """Load and check one lesson.

    Raises:
        MasterError: naming file, line and cure.
    """
    lesson = read_lesson(folder)
    tolerances = read_tolerances(folder / "ledger.json", list(lesson.exercises.values()))
    return replace(lesson, tolerances=tolerances)


def read_lesson(folder: Path) -> Lesson:
    """Load and check one lesson without its tolerances: what the oracle ledger is made from.

    Raises:
        MasterError: naming file, line and cure.
    """
    name = folder.name
    master = read_master(folder / f"{name}.py")
    declared = _declared(exercise_files(folder))
    questions = _attribute(folder / "quiz.py", "QUESTIONS") if _has_quiz(folder) else ()
    _check_declarations(master, declared)
    exercises = {solved: declared[solved][0] for solved in master.solutions}
    _check_curriculum(master, name, folder.parent / "curriculum.toml")
    _check_calls(master, exercises, {question.name for question in questions})
    return Lesson(name, folder, master, exercises, tuple(questions), {})


def without_marks(source: str) -> str:
    """Return a solution cell's code without the solution marks."""
    kept = [line for line in source.splitlines() if not line.strip().startswith("### ")]
    return "\n".join(kept) + "\n"


def load_module(path: Path) -> ModuleType:
    """Import an instructor's file from its path.

    Raises:
        MasterError: naming the file and line at which it fails, also in a shared module.
    """
    if not path.is_file():
        raise MasterError(path, None, "is missing", "Every lesson needs it")
    source = path.parent.parent
    try:
        return run(path.relative_to(source).as_posix(), read_texts(path), source)
    except Exception as error:
        file, line = _place(error, path)
        what = f"{type(error).__name__}: {error}"
        raise MasterError(file, line, what, "Mend the declaration") from error


def _place(error: Exception, path: Path) -> tuple[str, int | None]:
    """Find the innermost line of the course's sources that an error came from."""
    places = [(f.filename, f.lineno) for f in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        places.append((error.filename or "", error.lineno))
    own = [place for place in places if path.parents[1] in Path(place[0]).parents]
    return own[-1] if own else (str(path), None)


def read_tolerances(path: Path, exercises: list[Exercise]) -> dict[str, float]:
    """Read each exercise's tolerance from the lesson's oracle ledger, unless it states its own.

    Raises:
        MasterError: when the ledger is missing or lacks an exercise.
    """
    cure = "Add its independent sources to oracles.py and run 'make ledger'"
    if not path.is_file():
        raise MasterError(path, None, "the oracle ledger is missing", cure)
    try:
        rows: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["exercises"]
        stated = {name: float(row["tolerance"]) for name, row in rows.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"the oracle ledger cannot be read ({type(error).__name__}: {error})"
        raise MasterError(path, None, what, "Run 'make ledger'") from None
    for exercise in exercises:
        if exercise.name not in stated:
            raise MasterError(path, None, f"no oracle has confirmed {exercise.name!r}", cure)
    return {e.name: e.tolerance or stated[e.name] for e in exercises}


def _has_quiz(folder: Path) -> bool:
    return (folder / "quiz.py").is_file()


def _attribute(path: Path, name: str) -> Any:
    module = load_module(path)
    if not hasattr(module, name):
        raise MasterError(path, None, f"does not define {name}", f"End it with {name} = (...)")
    return getattr(module, name)


def _declared(files: list[Path]) -> dict[str, tuple[Exercise, Path]]:
    """Collect the exercises of a lesson's files, each with its file."""
    declared: dict[str, tuple[Exercise, Path]] = {}
    for path in files:
        for exercise in _attribute(path, "EXERCISES"):
            if exercise.name in declared:
                what = f"two exercises in EXERCISES have the same name, {exercise.name!r}"
                raise MasterError(path, None, what, "Rename one")
            declared[exercise.name] = exercise, path
    return declared


def _check_declarations(master: Master, declared: dict[str, tuple[Exercise, Path]]) -> None:
    for name, cell in master.solutions.items():
        if name not in declared:
            cure = f"Declare Exercise({name!r}, ...) in exercises.py and add it to EXERCISES"
            raise MasterError(master.path, cell.line, f"exercise {name!r} is not declared", cure)
    for name, (_, path) in declared.items():
        if name not in master.solutions:
            cure = f'Add a solution cell with "grade_id": "{name}" to the master'
            raise MasterError(path, None, f"exercise {name!r} has no solution cell", cure)


def _check_curriculum(master: Master, lesson: str, path: Path) -> None:
    if not path.is_file():
        raise MasterError(path, None, "is missing", "It lists the functions of every lesson")
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get(lesson, {})
    except tomllib.TOMLDecodeError as error:
        raise MasterError(path, None, f"is not valid TOML: {error}", "Mend the file") from None
    for name, written in rows.items():
        signature = _plain_signature(written)
        if name not in master.solutions:
            what = f"exercise {name!r} of {path.name} is missing"
            raise MasterError(master.path, None, what, f"Add a solution cell for {name}{signature}")
        cell = master.solutions[name]
        found = _signature(cell, name)
        if found != signature:
            what = f"{name} has the signature {found}, {path.name} says {signature}"
            raise MasterError(master.path, cell.line, what, "Make them equal")


def _plain_signature(written: str) -> str:
    """Write a signature as Python does: 1e-5 becomes 1e-05, and so on."""
    if written == "class":
        return written
    found = ast.parse(f"def f{written}: ...").body[0]
    return f"({ast.unparse(found.args)})" if isinstance(found, ast.FunctionDef) else written


def _signature(cell: Cell, name: str) -> str:
    for node in ast.parse(cell.source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return f"({ast.unparse(node.args)})"
        if isinstance(node, ast.ClassDef) and node.name == name:
            return "class"
    return "nowhere"


def _check_calls(master: Master, exercises: dict[str, Exercise], questions: set[str]) -> None:
    known = {"hint": set(exercises), "quiz": questions, "predict": questions}
    for cell, function, name in _calls(master):
        if name not in known[function]:
            what = f"{function}({name!r}) names nothing that is declared"
            cure = "Declare it in exercises.py or quiz.py, or correct the name"
            raise MasterError(master.path, cell.line, what, cure)


def _calls(master: Master) -> Iterator[tuple[Cell, str, str]]:
    pattern = re.compile(r"""^\s*(hint|quiz|predict)\(\s*["'](\w+)["']""", flags=re.MULTILINE)
    for cell in master.cells:
        if cell.kind == "code":
            for function, name in pattern.findall(cell.source):
                yield cell, function, name
