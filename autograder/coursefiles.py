"""Where a course keeps what is not in the gradebook, and how it is read back after a crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograder.answers import notebook_text
from autograder.errors import CourseError
from autograder.results import Result
from autograder.storage import write_atomically

Json = dict[str, Any]


class CourseFiles:
    """The files that grading leaves in a course folder.

    Args:
        course: the folder with `submitted/`.
    """

    def __init__(self, course: Path) -> None:
        self.course = course
        self.own = course / ".autograder"

    def notebook_path(self, assignment: str, student: str) -> Path:
        """Return where the executed notebook of a submission lies."""
        return self.course / "autograded" / student / assignment / f"{assignment}.ipynb"

    def result_path(self, assignment: str, student: str) -> Path:
        """Return where the result of a submission lies."""
        return self.own / "results" / assignment / f"{student}.json"

    def students(self, assignment: str) -> list[str]:
        """List the students with a stored result, in order."""
        found = (self.own / "results" / assignment).glob("*.json")
        return sorted(path.stem for path in found if not path.name.startswith("."))

    def result(self, assignment: str, student: str) -> Result:
        """Read a stored result.

        Raises:
            CourseError: when there is none or it is damaged.
        """
        path = self.result_path(assignment, student)
        try:
            return Result.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CourseError(
                f"{path} is damaged ({type(error).__name__}). Remove it and grade this student anew"
            ) from None

    def journal(self, assignment: str, student: str) -> str:
        """Return the journal key of a stored result; empty for one that is not finished."""
        return str(_load(self.result_path(assignment, student)).get("journal", ""))

    def unfinish(self, assignment: str, student: str) -> None:
        """Take the journal key from a stored result: its submission is being recorded anew."""
        path = self.result_path(assignment, student)
        data = _load(path)
        if data.get("journal"):
            write_atomically(path, json.dumps(data | {"journal": ""}))

    def finish(self, result: Result, journal: str) -> None:
        """Store a result with its journal key: the last thing that is written about it."""
        path = self.result_path(result.assignment, result.student)
        data = result.to_json() | {"journal": journal}
        write_atomically(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")

    def notebook(self, assignment: str, student: str) -> Json:
        """Read an executed notebook; empty when there is none."""
        return _load(self.notebook_path(assignment, student))

    def save_notebook(self, assignment: str, student: str, notebook: Json) -> None:
        """Write an executed notebook."""
        write_atomically(self.notebook_path(assignment, student), notebook_text(notebook))

    def assignment(self, name: str) -> Json:
        """Read what is known about an assignment: digest, checks, release; empty when unknown."""
        return _load(self._assignment_path(name))

    def save_assignment(self, name: str, data: Json) -> None:
        """Write what is known about an assignment."""
        write_atomically(self._assignment_path(name), json.dumps(data, ensure_ascii=False))

    def _assignment_path(self, name: str) -> Path:
        return self.own / "assignments" / f"{name}.json"


def _load(path: Path) -> Json:
    """Read a file that can be made anew: one that is missing or damaged counts as empty."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
