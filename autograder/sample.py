"""A sample class: submissions that are right, wrong in named ways, half done, damaged and hostile.

Each is derived from the lesson itself (its solutions, alternatives and declared mistakes), so a new
lesson has its own sample class without another line. Each says which exercises must pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.lessons import Lesson, without_marks
from autograder.masters import BEGIN, END

Notebook = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """One made-up submission.

    Attributes:
        student: an id that says what is special about it.
        content: bytes of the notebook file.
        passes: exercises that must earn their points.
        filename: where it differs from the right one.
        readable: whether there is a notebook in the bytes.
    """

    student: str
    content: bytes
    passes: frozenset[str]
    filename: str = ""
    readable: bool = True


def make_class(lesson: Lesson, release: Notebook, mistakes: int = 2) -> list[Sample]:
    """Make the samples of a lesson.

    Args:
        lesson: the lesson.
        release: its released notebook.
        mistakes: how many of each graded exercise's declared mistakes get a submission.
    """
    maker = _Maker(lesson, release)
    samples = [*maker.right(), *maker.wrong(mistakes), *maker.unfinished()]
    return [*samples, *maker.damaged(), *maker.hostile()]


def write_class(samples: list[Sample], course: Path, assignment: str) -> None:
    """Write samples to `course/submitted/STUDENT/ASSIGNMENT/`."""
    for sample in samples:
        folder = course / "submitted" / sample.student / assignment
        folder.mkdir(parents=True, exist_ok=True)
        (folder / (sample.filename or f"{assignment}.ipynb")).write_bytes(sample.content)


class _Maker:
    """Fills the release with answers and spoils it in one way at a time."""

    def __init__(self, lesson: Lesson, release: Notebook) -> None:
        self.lesson, self.release = lesson, release
        self.everything = frozenset(lesson.exercises)
        self.answers = {
            name: without_marks(c.source) for name, c in lesson.master.solutions.items()
        }
        # The last exercise with points: what happens to it must show in the marks.
        self.main = [name for name in self.answers if lesson.points[name]][-1]
        self.texts = {name: _manual_answer(c.source) for name, c in lesson.master.manual.items()}

    def notebook(self, answers: dict[str, str] | None = None) -> Notebook:
        """Fill in answers; all of the reference's by default."""
        filled: Notebook = json.loads(json.dumps(self.release))
        sources = {**(self.answers if answers is None else answers), **self.texts}
        for cell in filled["cells"]:
            cell["source"] = sources.get(cell["id"], cell["source"])
        return filled

    def sample(
        self, student: str, notebook: Notebook, passes: frozenset[str] | None = None, name: str = ""
    ) -> Sample:
        """Wrap a notebook; by default everything passes."""
        content = json.dumps(notebook, indent=1).encode()
        return Sample(student, content, self.everything if passes is None else passes, name)

    def right(self) -> Iterator[Sample]:
        """The reference, and every style of alternative answers."""
        yield self.sample("right-reference", self.notebook())
        most = max(len(exercise.alternatives) for exercise in self.lesson.exercises.values())
        for style in range(most):
            answers = dict(self.answers)
            for name, exercise in self.lesson.exercises.items():
                if style < len(exercise.alternatives):
                    answers[name] = exercise.alternatives[style].apply(self.answers[name])
            yield self.sample(f"right-style-{style + 1}", self.notebook(answers))

    def wrong(self, mistakes: int) -> Iterator[Sample]:
        """One declared mistake each; the rest is right."""
        for name, exercise in self.lesson.exercises.items():
            if not self.lesson.points[name]:
                continue
            wrong = [item for item in exercise.mistakes if not getattr(item, "accepted", False)]
            for mistake in wrong[:mistakes]:
                answers = {**self.answers, name: mistake.apply(self.answers[name])}
                student = f"wrong-{name}-{mistake.name}".replace("_", "-")
                passes = self.everything - self._users(name)
                yield self.sample(student, self.notebook(answers), passes)

    def _users(self, name: str) -> set[str]:
        """The exercise and those whose reference calls it, directly or through another one."""
        users = {name}
        for other, source in self.answers.items():
            called = set(re.findall(r"\b(\w+)\(", source)) - {other}
            if called & users:
                users.add(other)
        return users

    def unfinished(self) -> Iterator[Sample]:
        """Half of the answers, and none."""
        names = list(self.answers)
        half = names[: len(names) // 2]
        answers = {name: self.answers[name] for name in half}
        yield self.sample("unfinished-half", self.notebook(answers), frozenset(half))
        yield self.sample("unfinished-blank", self.release, frozenset())

    def damaged(self) -> Iterator[Sample]:
        """Right answers in notebooks that accidents happened to."""
        name = self.main
        check = self.lesson.master.checks[name].grade_id
        edits: dict[str, Callable[[list[Any]], list[Any]]] = {
            "deleted-check": lambda cells: [c for c in cells if c["id"] != check],
            "duplicated-check": lambda cells: [c for x in cells for c in _twice(x, check)],
            "edited-check": lambda cells: [_edit(c, check, source="pass") for c in cells],
            "solution-became-text": lambda cells: [
                _edit(c, name, cell_type="markdown") for c in cells
            ],
            "old-outputs": lambda cells: [_edit(c, check, outputs=_claims()) for c in cells],
            "other-points": lambda cells: [_points(c, check) for c in cells],
        }
        for label, edit in edits.items():
            notebook = self.notebook()
            notebook["cells"] = edit(notebook["cells"])
            yield self.sample(f"damaged-{label}", notebook)
        yield self.sample("damaged-renamed-file", self.notebook(), name="my answers (final).ipynb")
        content = json.dumps(self.notebook()).encode()
        yield Sample("damaged-cut-off", content[: len(content) // 2], frozenset(), readable=False)
        yield Sample("damaged-empty-file", b"", frozenset(), readable=False)

    def hostile(self) -> Iterator[Sample]:
        """Wrong answers with a trick to get the points all the same, and plain vandalism."""
        name = self.main
        wrong = {key: f"def {key}(*arguments):\n    return arguments[0]\n" for key in self.answers}
        tricks = {
            "redefines-check": "def check(*arguments, **keywords):\n    return None\n",
            "patches-testing": (
                "import numpy.testing\n"
                "np.allclose = np.isclose = lambda *a, **k: True\n"
                "np.testing.assert_allclose = lambda *a, **k: None\n"
            ),
            "patches-downslope": (
                "import downslope, downslope.checks, downslope.compare\n"
                "downslope.checks.check = downslope.check = lambda *a, **k: None\n"
                "downslope.compare.first_divergence = lambda *a, **k: None\n"
            ),
            "forges-reply": (
                "import downslope.channel as channel, json\n"
                "from IPython.display import display\n"
                "channel.respond = lambda *a: display({channel.MIME: json.dumps("
                "{'missing': False, 'passed': True, 'score': 99, 'outcomes': []})}, raw=True)\n"
            ),
        }
        first = next(iter(self.answers))
        for label, code in tricks.items():
            answers = {**wrong, first: code + wrong[first]}
            yield self.sample(f"hostile-{label}", self.notebook(answers), frozenset())
        for label, code in {
            "sys-exit": "import sys\nsys.exit(0)\n",
            "kills-its-kernel": "import os\nos._exit(0)\n",
            "endless-loop": "while True:\n    pass\n",
        }.items():
            answers = {**self.answers, name: code}
            passes = self.everything - self._users(name)
            yield self.sample(f"hostile-{label}", self.notebook(answers), passes)


def _manual_answer(source: str) -> str:
    """The model answer of a manual cell: what stands between the solution marks."""
    begin, end = source.index(BEGIN) + len(BEGIN), source.index(END)
    return source[begin:end].strip() + "\n"


def _twice(cell: Any, name: str) -> list[Any]:
    return [cell, json.loads(json.dumps(cell))] if cell["id"] == name else [cell]


def _edit(cell: Any, name: str, **changes: Any) -> Any:
    return {**cell, **changes} if cell["id"] == name else cell


def _points(cell: Any, name: str) -> Any:
    changed = json.loads(json.dumps(cell))
    if cell["id"] == name:
        changed["metadata"]["nbgrader"]["points"] = 1000
    return changed


def _claims() -> list[Any]:
    return [{"output_type": "stream", "name": "stdout", "text": "Right. 1000 points.\n"}]
