"""Grade one submission: repair, run, judge. A task is plain text in, a graded record out."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.deadline import Deadline, time_limit
from autograder.judge import AnswerKey, Judge
from autograder.memory import memory_limit
from autograder.repair import Repaired, Unreadable, repair
from autograder.results import ExerciseResult, Result
from autograder.submissions import Submission
from downslope.channel import clean

NOTHING_RAN = "none: nothing was run"
READING_BYTES = 3 * 2**29  # a notebook may have 128 MB, and is held as bytes, text and cells
TOO_MUCH = "reading it takes more memory than any notebook (clear the outputs, save again)"
JUDGE_SECONDS = 120.0  # of the processor; the slowest wrong answer known takes four
TOO_LONG = "Judging what it returned took too long and was stopped."
FATES = {
    "timeout": ("timeout", "The cell did not end within its time. Look for a loop without an end."),
    "memory": ("error", "It used more memory than a notebook may. Look for arrays that grow."),
    "flood": (
        "error",
        "It wrote far more output than anybody can read. Look for a print in a loop.",
    ),
    "died": ("error", "The kernel died while this cell ran (a call of exit, or too much memory)."),
    "silent": ("error", "The function could not be called: what it needs of Python was broken."),
    "not run": (
        "timeout",
        "The notebook's time was used up, or its kernel could not go on, before.",
    ),
}


@dataclass(frozen=True)
class Graded:
    """A graded submission.

    Attributes:
        result: the record.
        notebook: the executed notebook, or None where there was nothing to run.
    """

    result: Result
    notebook: dict[str, Any] | None


def make_task(
    submission: Submission, key: str, seed: str, limits: dict[str, Any], isolation: str = "any"
) -> str:
    """Write a self-contained task as text that any worker can take.

    Args:
        submission: what was handed in.
        key: text of the assignment's key, `AnswerKey.to_json` as JSON.
        seed: the course's secret.
        limits: fields of `autograder.run.Limits`.
        isolation: "full" where less must not do.
    """
    return json.dumps(
        {
            "student": submission.student,
            "notebooks": {
                name: base64.b64encode(data).decode("ascii")
                for name, data in submission.notebooks.items()
            },
            "problem": submission.problem,
            "notes": list(submission.notes),
            "key": key,
            "seed": seed,
            "limits": limits,
            "isolation": isolation,
        }
    )


def grade_task(task: str) -> str:
    """Grade a task on this machine; the answer is text again.

    Raises:
        IsolationRefused: when the task asks for more isolation than this machine offers.
    """
    from autograder.isolation import runner_for
    from autograder.run import Limits

    data = json.loads(task)
    key = _key(data["key"])
    submission = Submission(
        data["student"],
        key.assignment,
        {name: base64.b64decode(text) for name, text in data["notebooks"].items()},
        data["problem"],
        tuple(data["notes"]),
    )
    runner = runner_for(data["isolation"])
    graded = grade(submission, key, data["seed"], runner, Limits(**data["limits"]))
    return json.dumps({"result": graded.result.to_json(), "notebook": graded.notebook})


@functools.lru_cache(maxsize=4)
def _key(text: str) -> AnswerKey:
    """Read a key; a class's many tasks share one, with its exercises and references ready."""
    return AnswerKey(**json.loads(text))


def read_graded(text: str) -> Graded:
    """Read what `grade_task` wrote."""
    data = json.loads(text)
    return Graded(Result.from_json(data["result"]), data["notebook"])


def grade(submission: Submission, key: AnswerKey, seed: str, runner: Any, limits: Any) -> Graded:
    """Repair, run and judge one submission.

    Args:
        submission: what was handed in.
        key: the assignment's key.
        seed: the course's secret; together with the student and the submission it fixes the
            judge's inputs.
        runner: a `autograder.run.Runner`.
        limits: what the notebook may use.
    """
    if submission.problem:
        return unreadable(submission, key, submission.problem)
    try:
        with memory_limit(READING_BYTES):
            repaired = repair(submission.notebooks, key.release, key.assignment)
    except Unreadable as error:
        return unreadable(submission, key, str(error))
    except MemoryError:
        return unreadable(submission, key, TOO_MUCH)
    # With the submission in the seed, what feedback tells of expected numbers answers no later one.
    judge = Judge(key, seed, submission.student, submission.fingerprint)
    requests = {cell: judge.request(name) for name, cell in key.checks.items()}
    run = runner.run(repaired.notebook, requests, limits)
    exercises = {name: _in_time(judge, name, cell, run) for name, cell in key.checks.items()} | {
        name: _manual(key, name, repaired) for name in key.manual
    }
    result = Result(
        student=submission.student,
        assignment=key.assignment,
        status="partial" if run.fates else "graded",
        isolation=run.isolation,
        seconds=run.seconds,
        repairs=(*submission.notes, *repaired.repairs),
        exercises=exercises,
    )
    return Graded(result, run.notebook)


def unreadable(submission: Submission, key: AnswerKey, reason: str) -> Graded:
    """Make the record of a submission that gave nothing to run: zeros and the reason."""
    text = f"The submission could not be graded: {reason}."
    points = {**key.points, **key.manual}
    exercises = {
        name: ExerciseResult(0.0, most, "missing", None, text) for name, most in points.items()
    }
    result = Result(
        student=submission.student,
        assignment=key.assignment,
        status="unreadable",
        isolation=NOTHING_RAN,
        seconds=0.0,
        repairs=(text, *submission.notes),
        exercises=exercises,
    )
    return Graded(result, None)


def _in_time(judge: Judge, name: str, check: str, run: Any) -> ExerciseResult:
    """Mark one exercise, unless an answer was made to keep the judge busy."""
    deadline = Deadline()
    try:
        with time_limit(JUDGE_SECONDS, deadline):
            result = _exercise(judge, name, check, run)
    except Exception:  # whatever the judge's own code made of being stopped
        if not deadline.passed:
            raise
    return judge.fault(name, "timeout", TOO_LONG) if deadline.passed else result


def _exercise(judge: Judge, name: str, check: str, run: Any) -> ExerciseResult:
    """Mark one exercise: by its reply, else by what happened to its cells."""
    if check in run.replies:
        result = judge.decide(name, run.replies[check])
        if result.verdict != "missing" or "not defined" not in result.message:
            return result
        return _undefined(judge, name, run) or result
    verdict, text = FATES[run.fates.get(check, "silent")]
    return judge.fault(name, verdict, text)


def _undefined(judge: Judge, name: str, run: Any) -> ExerciseResult | None:
    """Say why a function does not exist: its own cell failed."""
    if name in run.fates:
        verdict, text = FATES[run.fates[name]]
        return judge.fault(name, verdict, text)
    error = _cell_error(run.notebook, name)
    if error is None:
        return None
    return judge.fault(name, "error", f"The cell that should define {name} failed: {error}")


def _cell_error(notebook: Mapping[str, Any], cell_id: str) -> str | None:
    for cell in notebook["cells"]:
        if cell["id"] == cell_id:
            for output in cell.get("outputs", ()):
                if output["output_type"] == "error":
                    return clean(f"{output['ename']}: {output['evalue']}"[:500])
    return None


def _manual(key: AnswerKey, name: str, repaired: Repaired) -> ExerciseResult:
    """A person grades it, unless nothing was written."""
    stub = next(c["source"] for c in key.release["cells"] if c["id"] == name)
    answer = next(c["source"] for c in repaired.notebook["cells"] if c["id"] == name)
    stub = "".join(stub) if isinstance(stub, list) else stub
    if answer.strip() in ("", stub.strip()):
        return ExerciseResult(0.0, key.manual[name], "missing", None, "Nothing was written.")
    text = "Waits for a person to grade it."
    return ExerciseResult(0.0, key.manual[name], "manual", None, text)
