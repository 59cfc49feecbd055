"""Collect: find what each student handed in, without following a link or running anything."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.errors import CourseError
from downslope.channel import clean

MAX_BYTES = 128 * 2**20
MAX_NOTES = 20


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

    @property
    def fingerprint(self) -> str:
        """Of names and bytes of all notebooks."""
        digest = hashlib.sha256()
        for name, data in sorted(self.notebooks.items()):
            digest.update(name.encode("utf-8", "surrogateescape") + hashlib.sha256(data).digest())
        return digest.hexdigest()


def find_submissions(
    course: Path, assignment: str, students: Sequence[str] = ()
) -> Iterator[Submission]:
    """Yield the submissions of an assignment, one read at a time, students in alphabetical order.

    Args and errors are those of `list_students`.
    """
    home = course / "submitted"
    for name in list_students(course, assignment, students):
        yield replace(_read(home, name, assignment), student=_shown(name))


def list_students(course: Path, assignment: str, students: Sequence[str] = ()) -> list[str]:
    """List the folders of students who handed an assignment in, in alphabetical order.

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
    missing = sorted(set(students) - set(map(_shown, names)))
    if missing:
        raise CourseError(
            f"no submission of {assignment} by {', '.join(missing)} in {home}. "
            f"There are {len(names)}: {', '.join(map(_shown, names[:10]))}"
            f"{', ...' if len(names) > 10 else ''}"
        )
    return [name for name in names if not students or _shown(name) in students]


def _students(home: Path, assignment: str) -> list[str]:
    try:
        entries = sorted(path.name for path in home.iterdir())
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
        return path.parent.is_symlink() and not path.parent.exists()  # leads nowhere: likewise
    return True


def _shown(name: str) -> str:
    """Write a file's name so that it can be stored: not every name is valid UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")


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
    rightly_named = f"{assignment}.ipynb"
    for path in sorted(_walk(folder), key=lambda path: (path.name != rightly_named, path)):
        # Names are told in tables of a terminal: a learner's may hold escapes and ends of lines.
        name = clean(_shown(str(path.relative_to(folder)))).replace("\n", "\ufffd")
        problem = _refuse(path, MAX_BYTES - sum(map(len, notebooks.values())))
        if problem:
            notes.append(f"{name} was not read: {problem}.")
        elif path.suffix.lower() == ".ipynb":
            try:
                notebooks[name] = path.read_bytes()
            except OSError as error:
                notes.append(f"{name} was not read: {error.strerror}.")
        elif name != "timestamp.txt":
            notes.append(f"{name} was left out: only the notebook is graded.")
    reasons = [note for note in notes if "was not read" in note][:MAX_NOTES]
    problem = "" if notebooks else " ".join(reasons) or "there is no notebook in the folder"
    if len(notes) > MAX_NOTES:
        notes[MAX_NOTES:] = [f"{len(notes) - MAX_NOTES} more files were left out."]
    return Submission(student, assignment, notebooks, problem, tuple(notes))


def _walk(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        if error.filename == str(folder):
            raise error

    for base, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        yield from (link for name in folders if (link := Path(base, name)).is_symlink())
        yield from (Path(base, name) for name in files if name[0] != ".")


def _refuse(path: Path, room: int) -> str:
    info = path.lstat()
    if stat.S_ISLNK(info.st_mode):
        return "it is a symbolic link"
    if not stat.S_ISREG(info.st_mode):
        return "it is not an ordinary file"
    if info.st_size > room:
        size, most = info.st_size / 2**20, room / 2**20
        return f"it has {size:.0f} MB, the limit is {most:.0f} MB (clear the outputs, save again)"
    return ""
