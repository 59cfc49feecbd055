"""Judge: decide the score of an exercise from plain arrays, outside the learner's process.

The judge knows the reference solutions and never loads a learner's code. It draws fresh inputs for
each student from the course's secret, sends them, and compares the arrays that come back.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from autograder.cases import make_cases
from autograder.declarations import exercise_files, read_texts, run
from autograder.exercises import Exercise
from autograder.lessons import Lesson, without_marks
from autograder.references import Reference
from autograder.results import ExerciseResult
from downslope.channel import outcomes_from_json, pack
from downslope.compare import Verdict, judge
from downslope.drivers import STEPWISE
from downslope.drivers.evidence import asked, worked_out
from downslope.messages import explain
from downslope.plain import to_json

MAX_REPLY = 4 * 2**20
# Kinds of problems that are more than a wrong answer, as the record calls them.
FATES = {"raised": "error", "recursion": "error", "not_written": "missing", "needs": "missing"}


@dataclass(frozen=True)
class AnswerKey:
    """All that grading an assignment needs, as plain text: it travels to any worker.

    Attributes:
        assignment: the lesson.
        declarations: sources of the lesson's exercises and of the shared modules that they import,
            by path below source/.
        references: reference solution of each exercise, in order.
        tolerances: by exercise.
        points: by exercise.
        checks: grade_id of the check cell of each exercise.
        manual: points of each manually graded cell.
        release: the released notebook.
    """

    assignment: str
    declarations: dict[str, str]
    references: dict[str, str]
    tolerances: dict[str, float]
    points: dict[str, float]
    checks: dict[str, str]
    manual: dict[str, float]
    release: dict[str, Any]

    @classmethod
    def of(cls, lesson: Lesson, release: dict[str, Any]) -> AnswerKey:
        """Make the key of a lesson."""
        master = lesson.master
        return cls(
            assignment=lesson.name,
            declarations=read_texts(*exercise_files(lesson.folder)),
            references={name: without_marks(c.source) for name, c in master.solutions.items()},
            tolerances=lesson.tolerances,
            points=lesson.points,
            checks={name: cell.grade_id for name, cell in master.checks.items()},
            manual={name: float(c.nbgrader["points"]) for name, c in master.manual.items()},
            release=release,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the key as JSON-ready data."""
        return asdict(self)

    @cached_property
    def digest(self) -> str:
        """A fingerprint: another one means that everybody must be graded anew."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()

    @cached_property
    def exercises(self) -> dict[str, Exercise]:
        """The declared exercises."""
        own = [file for file in self.declarations if file.startswith(f"{self.assignment}/")]
        modules = [run(file, self.declarations) for file in own]
        return {exercise.name: exercise for module in modules for exercise in module.EXERCISES}

    @cached_property
    def reference(self) -> Reference:
        """The reference solutions, ready to run."""
        return Reference(self.references)


class Judge:
    """Judges one student's answers to one assignment.

    Args:
        key: the assignment's key.
        seed: words that fix the inputs: the course's secret, the student, the submission.
    """

    def __init__(self, key: AnswerKey, *seed: str) -> None:
        self.key = key
        self._cases = {
            name: make_cases(exercise, *seed, key.assignment, name)
            for name, exercise in key.exercises.items()
        }

    def request(self, name: str) -> str:
        """Write the question to the learner's process: inputs and nothing that answers them."""
        exercise = self.key.exercises[name]
        contract = self.key.reference.contract(exercise)
        return pack(
            {
                **contract.to_json(),
                "driver": exercise.driver,
                "cases": to_json(asked(exercise.driver, self._cases[name])),
            }
        )

    def decide(self, name: str, reply: str) -> ExerciseResult:
        """Decide from a reply; anything that is not a proper reply earns nothing."""
        try:
            if len(reply) > MAX_REPLY:
                raise ValueError("the reply is too large")
            data = json.loads(reply)
            if data["missing"] is True:
                return self.fault(name, "missing", f"{name} is not defined when its check runs.")
            outcomes = outcomes_from_json(data["outcomes"])
            if len(outcomes) != len(self._cases[name]):
                raise ValueError("the reply has another number of cases")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            text = f"{name} gave no readable answer: {str(error)[:200]}"
            return self.fault(name, "error", text)
        exercise, cases = self.key.exercises[name], self._cases[name]
        outcomes = worked_out(exercise.driver, outcomes, cases)
        expected = self.key.reference.expected(exercise, cases)
        tolerance = self.key.tolerances[name]
        verdict = judge(outcomes, expected, [], tolerance)
        if verdict.divergence is not None:  # only then the known forms are run, as far as needed
            known = self.key.reference.known(exercise, cases)
            verdict = judge(outcomes, expected, known, tolerance)
        return self._result(exercise, verdict)

    def fault(self, name: str, verdict: str, message: str) -> ExerciseResult:
        """Return the zero of an exercise that gave nothing to compare."""
        points = self.key.points[name]
        return ExerciseResult(0.0, points, verdict, None, message)  # type: ignore[arg-type]

    def _result(self, exercise: Exercise, verdict: Verdict) -> ExerciseResult:
        message = self._words(exercise, verdict)
        points = self.key.points[exercise.name]
        if verdict.passed:
            remark = verdict.known.name if verdict.known else None
            return ExerciseResult(points, points, "pass", remark, message)
        kind = verdict.problem.kind if verdict.problem else ""
        name = FATES.get(kind, "fail")
        mistake = None if name == "missing" else verdict.mistake
        return ExerciseResult(0.0, points, name, mistake, message)  # type: ignore[arg-type]

    def _words(self, exercise: Exercise, verdict: Verdict) -> str:
        cases = self._cases[exercise.name]
        labels = [case["label"] for case in cases]
        steps = exercise.driver in STEPWISE
        try:
            return explain(
                verdict, exercise.name, exercise.returns, labels, steps=steps, cases=cases
            )
        except Exception:  # noqa: BLE001 - a sentence that fails must not cost all other marks
            return "It is right." if verdict.passed else "It is not right; no more can be said."
