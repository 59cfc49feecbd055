"""Collect: find what each student handed in, without following a link or running anything."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import CourseError

MAX_BYTES = 128 * 2**20


@dataclass(frozen=True)
class Submission:
    """One student's hand-in for one assignment, as bytes.

    Attributes:
        student: name of the student's folder.
        assignment: the lesson.
        notebooks: candidates, file name -> content; the best fitting is chosen when repaired.
        problem: why there is nothing to read, or an empty string.
        notes: what was passed over, in words.
    """

    student: str
    assignment: str
    notebooks: dict[str, bytes] = field(default_factory=dict)
    problem: str = ""
    notes: tuple[str, ...] = ()


def find_submissions(
    course: Path, assignment: str, students: Sequence[str] = ()
) -> Iterator[Submission]:
    """Yield the submissions of an assignment, students in alphabetical order.

    Args:
        course: the folder that holds `submitted/STUDENT/ASSIGNMENT/`.
        assignment: the lesson's name.
        students: only these; all by default.

    Raises:
        CourseError: when there is no submission, or a named student has none.
    """
    home = course / "submitted"
    names = _students(home, assignment)
    if not names:
        raise CourseError(
            f"{home} holds no submission of {assignment}. "
            f"Put notebooks at {home}/STUDENT/{assignment}/{assignment}.ipynb"
        )
    missing = sorted(set(students) - set(names))
    if missing:
        raise CourseError(
            f"no submission of {assignment} by {', '.join(missing)} in {home}. "
            f"There are {len(names)}: {', '.join(names[:10])}{', ...' if len(names) > 10 else ''}"
        )
    for name in names:
        if not students or name in students:
            yield _read(home, name, assignment)


def _students(home: Path, assignment: str) -> list[str]:
    try:
        entries = sorted(os.listdir(home))
    except FileNotFoundError:
        raise CourseError(
            f"{home} does not exist. A course folder holds submitted/STUDENT/{assignment}/"
        ) from None
    except OSError as error:
        raise CourseError(f"{home} cannot be read: {error.strerror}") from None
    return [name for name in entries if name[0] != "." and _exists(home / name / assignment)]


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except PermissionError:
        return True  # somebody handed something in that we may not see: say so in their row
    except OSError:
        return False
    return True


def _read(home: Path, student: str, assignment: str) -> Submission:
    folder = home / student / assignment
    try:
        for path in (home / student, folder):
            if stat.S_ISLNK(path.lstat().st_mode):
                return Submission(student, assignment, problem=f"{path.name} is a symbolic link")
        if not folder.is_dir():
            return Submission(student, assignment, problem=f"{assignment} is not a folder")
        return _read_folder(folder, student, assignment)
    except OSError as error:
        problem = f"the folder cannot be read: {error.strerror}"
        return Submission(student, assignment, problem=problem)


def _read_folder(folder: Path, student: str, assignment: str) -> Submission:
    notebooks: dict[str, bytes] = {}
    notes: list[str] = []
    for path in sorted(_walk(folder)):
        name = str(path.relative_to(folder))
        problem = _refuse(path)
        if problem:
            notes.append(f"{name} was not read: {problem}.")
        elif path.suffix.lower() == ".ipynb":
            try:
                notebooks[name] = path.read_bytes()
            except OSError as error:
                notes.append(f"{name} was not read: {error.strerror}.")
        elif name != "timestamp.txt":
            notes.append(f"{name} was left out: only the notebook is graded.")
    chosen = _prefer(notebooks, assignment)
    reasons = [note for note in notes if "was not read" in note]
    problem = "" if chosen else " ".join(reasons) or "there is no notebook in the folder"
    return Submission(student, assignment, chosen, problem, tuple(notes))


def _walk(folder: Path) -> Iterator[Path]:
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        for name in folders:
            if os.path.islink(os.path.join(base, name)):
                yield Path(base, name)
        yield from (Path(base, name) for name in files if name[0] != ".")


def _refuse(path: Path) -> str:
    info = path.lstat()
    if stat.S_ISLNK(info.st_mode):
        return "it is a symbolic link"
    if not stat.S_ISREG(info.st_mode):
        return "it is not an ordinary file"
    if info.st_size > MAX_BYTES:
        size, most = info.st_size / 2**20, MAX_BYTES / 2**20
        return f"it has {size:.0f} MB, the limit is {most:.0f} MB (clear the outputs, save again)"
    return ""


def _prefer(notebooks: dict[str, bytes], assignment: str) -> dict[str, bytes]:
    """Keep the notebook that has the right name, else all of them."""
    wanted = _plain_name(f"{assignment}.ipynb")
    exact = {name: data for name, data in notebooks.items() if name == f"{assignment}.ipynb"}
    return (
        exact
        or {name: data for name, data in notebooks.items() if _plain_name(name) == wanted}
        or notebooks
    )


def _plain_name(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
