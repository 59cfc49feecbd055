"""Files that a course folder receives: whole or not at all, and by one writer at a time."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import CourseError

MAX_NAME = 128  # the width of a student's id in nbgrader's tables; also leaves room for ".json"


def plain(text: str) -> str:
    """Return text that every file and database can hold.

    A learner's strings may carry half a surrogate pair or a NUL.

    >>> plain("a" + chr(0xD800) + chr(0) + "b")
    'a?b'
    """
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def check_name(name: str) -> None:
    """Refuse a student's id that cannot be a folder, a file and a row.

    Raises:
        CourseError: saying what is wrong with it.
    """
    bad = {"/", "\\", "\0"} & set(name)
    if bad or name != plain(name) or name.startswith(".") or not 0 < len(name) <= MAX_NAME:
        raise CourseError(
            f"{plain(name)!r} cannot be a student's id. Use 1 to {MAX_NAME} characters of valid "
            "UTF-8, no slash, no dot at the start, and rename the folder in submitted/"
        )


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader, or a run after a crash, sees the old or the new one whole.

    Raises:
        CourseError: when the folder does not allow it.
    """
    # The name of the process keeps two writers apart; what a killed one left is overwritten.
    fresh = path.with_name(f".{path.name[:100]}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(plain(text), encoding="utf-8", newline="\n")
        fresh.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise _refused(path, error) from None


@contextlib.contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Hold a course for one writing process; the lock goes with the process, however it ends.

    Raises:
        CourseError: when another process holds it or the folder cannot be written.
    """
    path = folder / "writing.lock"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = path.open("a", encoding="ascii")
    except OSError as error:
        raise _refused(path, error) from None
    with file:
        _lock(file.fileno(), folder.parent)
        yield


def _lock(descriptor: int, course: Path) -> None:
    try:
        import fcntl
    except ImportError:  # Windows has no such locks; SQLite still keeps writers apart
        return
    try:
        # POSIX locks are not inherited by forked children, so a worker left behind holds none.
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise CourseError(
            f"another process is grading {course}. Wait until it has ended, then try again"
        ) from None


def _refused(path: Path, error: OSError) -> CourseError:
    reason = error.strerror or str(error)
    return CourseError(f"{path} cannot be written: {reason}. Give this user the right to write it")
