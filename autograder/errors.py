"""Errors that a person should read without a traceback: each names the thing and the cure."""

from __future__ import annotations


class AutograderError(Exception):
    """Base of every error that the command line prints as one clear message."""


class MasterError(AutograderError):
    """A lesson's source is faulty: says file, line, what is wrong and how to mend it."""

    def __init__(self, path: object, line: int | None, what: str, cure: str) -> None:
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {what}. {cure}")


class CourseError(AutograderError):
    """The course folder or the command's arguments do not allow the work to start."""
