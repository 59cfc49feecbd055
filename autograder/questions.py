"""Quiz questions as an instructor declares them, and the form in which learners get them.

Answers leave this module only as salted digests, so that neither the notebook nor the data file
shows them to somebody who merely looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from downslope.quizzes import digest, rounded, veil


@dataclass(frozen=True)
class TrueFalse:
    """A statement to judge.

    Attributes:
        name: what the notebook asks for: ``quiz(name)``.
        text: the statement.
        answer: whether it holds.
        why: read after the right answer.
        why_not: read after the wrong one; by default an invitation to look again.
    """

    name: str
    text: str
    answer: bool
    why: str
    why_not: str = "Not so. Look at it once more."

    def published(self) -> dict[str, Any]:
        """Return the question as learners' data."""
        replies = {"true": self.why_not, "false": self.why_not}
        right = "true" if self.answer else "false"
        return _published(self.name, self.text, "choice", right, {**replies, right: self.why})


@dataclass(frozen=True)
class Choice:
    """One right option among several.

    Attributes:
        name: what the notebook asks for.
        text: the question.
        options: option -> what a learner reads after choosing it.
        answer: the right option.
    """

    name: str
    text: str
    options: Mapping[str, str]
    answer: str

    def __post_init__(self) -> None:
        if self.answer not in self.options:
            raise ValueError(f"question {self.name!r}: answer {self.answer!r} is not an option")
        if len({option.strip().lower() for option in self.options}) < len(self.options):
            raise ValueError(f"question {self.name!r}: two options are the same but for capitals")

    def published(self) -> dict[str, Any]:
        """Return the question as learners' data."""
        return _published(self.name, self.text, "choice", self.answer, self.options)


@dataclass(frozen=True)
class Number:
    """A number to work out.

    Attributes:
        name: what the notebook asks for.
        text: the question; it says how many significant digits are wanted.
        answer: the number.
        digits: significant digits that must agree.
        why: read after the right answer.
        slips: likely wrong numbers -> what to look at.
    """

    name: str
    text: str
    answer: float
    digits: int
    why: str
    slips: Mapping[float, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        right = rounded(self.answer, self.digits)
        if right in {rounded(slip, self.digits) for slip in self.slips}:
            raise ValueError(f"question {self.name!r}: a slip rounds to the right answer")

    def published(self) -> dict[str, Any]:
        """Return the question as learners' data."""
        replies = {rounded(slip, self.digits): text for slip, text in self.slips.items()}
        right = rounded(self.answer, self.digits)
        data = _published(self.name, self.text, "number", right, {**replies, right: self.why})
        return data | {"digits": self.digits}


Question = TrueFalse | Choice | Number


def _published(
    name: str, text: str, kind: str, right: str, replies: Mapping[str, str]
) -> dict[str, Any]:
    data: dict[str, Any] = {"name": name, "text": text, "kind": kind, "right": digest(name, right)}
    if kind == "choice":
        data["options"] = list(replies)
    data["replies"] = {digest(name, key): veil(reply) for key, reply in replies.items()}
    return data
