"""What is known about a submission once it is graded; the JSON of `autograder grade --json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

VerdictName = Literal["pass", "fail", "error", "timeout", "missing", "manual"]
Status = Literal["graded", "partial", "unreadable"]


@dataclass(frozen=True)
class ExerciseResult:
    """The mark of one exercise and why.

    Attributes:
        score: points given; for a manual answer 0 until a person grades it.
        max_score: points that it is worth.
        verdict: pass, fail, error (it raised), timeout, missing (not written), or manual.
        mistake: name of the known mistake or general fault, or None.
        message: what the learner should read.
    """

    score: float
    max_score: float
    verdict: VerdictName
    mistake: str | None
    message: str


@dataclass(frozen=True)
class Result:
    """The record of one submission.

    Attributes:
        student: the student's id, which is the name of the submission's folder.
        assignment: the lesson.
        status: graded; partial when the notebook could not be run to its end; unreadable when
            there was nothing to run (the reason is the first of the repairs).
        isolation: what kept the submission apart from the machine while it ran.
        seconds: wall time of the run.
        repairs: what was mended or refused, in words.
        exercises: by grade_id; functions under their own name, manual answers under theirs.
    """

    student: str
    assignment: str
    status: Status
    isolation: str
    seconds: float
    repairs: tuple[str, ...] = ()
    exercises: dict[str, ExerciseResult] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """Sum of the exercises' scores."""
        return sum(item.score for item in self.exercises.values())

    @property
    def max_score(self) -> float:
        """Sum of the exercises' points."""
        return sum(item.max_score for item in self.exercises.values())

    def to_json(self) -> dict[str, Any]:
        """Return the record in the form of the documented JSON."""
        return {
            "student": self.student,
            "assignment": self.assignment,
            "score": self.score,
            "max_score": self.max_score,
            "status": self.status,
            "isolation": self.isolation,
            "seconds": round(self.seconds, 3),
            "repairs": list(self.repairs),
            "exercises": {name: asdict(item) for name, item in self.exercises.items()},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Result:
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError: when fields are missing.
        """
        exercises = {name: ExerciseResult(**item) for name, item in data["exercises"].items()}
        return cls(
            student=data["student"],
            assignment=data["assignment"],
            status=data["status"],
            isolation=data["isolation"],
            seconds=data["seconds"],
            repairs=tuple(data["repairs"]),
            exercises=exercises,
        )


def printable(text: str) -> str:
    """Take from a name what would drive a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
