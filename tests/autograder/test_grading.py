"""One submission from its bytes to its record, with a runner that needs no kernel."""

import copy
import io
import json
from contextlib import redirect_stdout, suppress
from typing import Any

import IPython.display
import pytest

from autograder.build import STUB, TEXT_STUB, to_notebook
from autograder.grading import (
    NOTHING_RAN,
    Graded,
    grade,
    grade_task,
    make_task,
    read_graded,
    unreadable,
)
from autograder.judge import AnswerKey
from autograder.lessons import Lesson
from autograder.run import Limits, Run
from autograder.submissions import Submission
from downslope.channel import MIME, respond

RIGHT = "def double(x):\n    return x + x\n"


class Here:
    """Runs cells in this process: for honest code in tests alone."""

    def __init__(self, fates: dict[str, Any] | None = None, *, answers: bool = True) -> None:
        self.fates, self.answers = fates or {}, answers

    def run(self, notebook: dict[str, Any], requests: dict[str, str], _: Limits) -> Run:
        run = Run(copy.deepcopy(notebook), fates=self.fates, isolation="none", seconds=0.5)
        space: dict[str, Any] = {}
        for cell in run.notebook["cells"]:
            if cell["cell_type"] == "code" and cell["id"] not in self.fates:
                self._run(cell, space)
                if cell["id"] in requests and self.answers:
                    run.replies[cell["id"]] = self._ask(requests[cell["id"]], space)
        return run

    @staticmethod
    def _run(cell: dict[str, Any], space: dict[str, Any]) -> None:
        try:
            with redirect_stdout(io.StringIO()):
                exec(cell["source"], space)
        except Exception as error:  # noqa: BLE001 - as a kernel does
            shown = {"ename": type(error).__name__, "evalue": str(error), "traceback": []}
            cell["outputs"].append({"output_type": "error", **shown})

    @staticmethod
    def _ask(request: str, space: dict[str, Any]) -> str:
        shown: list[Any] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(IPython.display, "display", lambda data, raw: shown.append(data))
            respond(request, space)
        return str(shown[0][MIME])


@pytest.fixture
def release(tiny_lesson: Lesson) -> dict[str, Any]:
    """The tiny lesson's release, without the trouble of making it with nbgrader."""
    notebook: dict[str, Any] = json.loads(json.dumps(to_notebook(tiny_lesson)))
    stubs = {
        "double": "def double(x):\n    " + STUB.replace("\n", "\n    "),
        "check_double": 'check("double", double)',
        "why_even": TEXT_STUB,
    }
    for cell in notebook["cells"]:
        cell["source"] = stubs.get(cell["id"], cell["source"]).replace(
            "from downslope import check", "def check(*arguments): pass"
        )
    return notebook


@pytest.fixture
def key(tiny_lesson: Lesson, release: dict[str, Any]) -> AnswerKey:
    return AnswerKey.of(tiny_lesson, release)


def hand_in(release: dict[str, Any], **sources: str) -> Submission:
    notebook = copy.deepcopy(release)
    for cell in notebook["cells"]:
        cell["source"] = sources.get(cell["id"], cell["source"])
    return Submission("ada", "01_tiny", {"01_tiny.ipynb": json.dumps(notebook).encode()})


def mark(key: AnswerKey, runner: Here | None = None, **sources: str) -> Graded:
    return grade(hand_in(key.release, **sources), key, "secret", runner or Here(), Limits())


def test_a_right_answer_gets_its_points_and_a_text_waits_for_a_person(key: AnswerKey) -> None:
    result = mark(key, double=RIGHT, why_even="Because.").result
    assert (result.score, result.max_score, result.status) == (4.0, 7.0, "graded")
    assert result.exercises["double"].verdict == "pass"
    assert result.exercises["why_even"].verdict == "manual"
    assert (result.isolation, result.seconds, result.repairs) == ("none", 0.5, ())


def test_a_blank_hand_in_scores_nothing_and_nothing_waits_for_a_person(key: AnswerKey) -> None:
    result = mark(key).result
    assert result.score == 0.0
    assert [item.verdict for item in result.exercises.values()] == ["missing", "missing"]
    assert result.exercises["double"].message == "double is not written yet."


@pytest.mark.parametrize("text", ["", "  \n", f"\n{TEXT_STUB}\n"])
def test_an_empty_text_is_missing(key: AnswerKey, text: str) -> None:
    assert mark(key, why_even=text).result.exercises["why_even"].verdict == "missing"


def test_a_known_mistake_is_named(key: AnswerKey) -> None:
    found = mark(key, double="def double(x):\n    return x**2\n").result.exercises["double"]
    assert (found.score, found.verdict, found.mistake) == (0.0, "fail", "squares")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os\n1 / 0", "The cell that should define double failed: ZeroDivisionError"),
        ("def double(x", "The cell that should define double failed: SyntaxError"),
        (
            "raise ValueError('a\\x00b')",
            "The cell that should define double failed: ValueError: a\ufffd",
        ),
    ],
)
def test_a_cell_that_fails_is_an_error_with_its_reason(
    key: AnswerKey, source: str, words: str
) -> None:
    found = mark(key, double=source).result.exercises["double"]
    assert (found.score, found.verdict) == (0.0, "error")
    assert found.message.startswith(words)


def test_a_name_that_is_gone_is_missing(key: AnswerKey) -> None:
    found = mark(key, double="def doubel(x):\n    return 2 * x\n").result.exercises["double"]
    assert (found.verdict, found.message) == (
        "missing",
        "double is not defined when its check runs.",
    )


@pytest.mark.parametrize(
    ("fate", "verdict"), [("timeout", "timeout"), ("died", "error"), ("not run", "timeout")]
)
@pytest.mark.parametrize("cell", ["check_double", "double"])
def test_a_cell_that_did_not_end_says_so(
    key: AnswerKey, cell: str, fate: str, verdict: str
) -> None:
    result = mark(key, Here({cell: fate}), double=RIGHT).result
    assert result.status == "partial"
    assert (result.score, result.exercises["double"].verdict) == (0.0, verdict)


def test_a_question_without_a_reply_is_an_error(key: AnswerKey) -> None:
    result = mark(key, Here(answers=False), double=RIGHT).result
    assert (result.score, result.exercises["double"].verdict) == (0.0, "error")
    assert result.exercises["double"].message


def test_repairs_and_notes_are_told(key: AnswerKey) -> None:
    submission = hand_in(key.release, double=RIGHT)
    data = submission.notebooks.popitem()[1]
    noted = Submission("ada", "01_tiny", {"my.ipynb": data}, "", ("x.csv was left out.",))
    result = grade(noted, key, "s", Here(), Limits()).result
    assert result.score == 4.0
    assert result.repairs[0] == "x.csv was left out."
    assert "my.ipynb" in result.repairs[1]


@pytest.mark.parametrize(
    ("submission", "reason"),
    [
        (Submission("ada", "01_tiny", problem="it is a symbolic link"), "it is a symbolic link"),
        (Submission("ada", "01_tiny", {"01_tiny.ipynb": b"{"}), "it is not valid JSON"),
        (Submission("ada", "01_tiny", {}), "there is no notebook"),
    ],
)
def test_what_cannot_be_read_is_a_zero_with_the_reason(
    key: AnswerKey, submission: Submission, reason: str
) -> None:
    graded = grade(submission, key, "s", Here(), Limits())
    assert graded.notebook is None
    assert (graded.result.score, graded.result.max_score) == (0.0, 7.0)
    assert (graded.result.status, graded.result.isolation) == ("unreadable", NOTHING_RAN)
    assert reason in graded.result.repairs[0]
    assert set(graded.result.exercises) == {"double", "why_even"}


def test_grading_again_gives_the_same_result(key: AnswerKey) -> None:
    first, second = (mark(key, double="def double(x):\n    return 3 * x\n") for _ in range(2))
    assert first.result == second.result


def test_a_students_name_changes_the_inputs(key: AnswerKey) -> None:
    messages = set()
    for student in ("ada", "bob"):
        submission = hand_in(key.release, double="def double(x):\n    return 3 * x\n")
        submission = Submission(student, submission.assignment, submission.notebooks)
        graded = grade(submission, key, "s", Here(), Limits())
        messages.add(graded.result.exercises["double"].message)
    assert len(messages) == 2


class Asked(Here):
    """Keeps what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def run(self, notebook: dict[str, Any], requests: dict[str, str], limits: Limits) -> Run:
        self.asked += requests.values()
        return super().run(notebook, requests, limits)


def test_what_feedback_tells_does_not_answer_the_next_submission(key: AnswerKey) -> None:
    """An expected number that a learner reads belongs to inputs that do not come again."""
    runner = Asked()
    for text in ("x = 1", "x = 1", "x = 2"):
        mark(key, runner, double=text)
    first, again, other = runner.asked
    assert first == again != other


@pytest.mark.slow
def test_a_notebook_that_swells_when_it_is_read_is_a_zero(key: AnswerKey) -> None:
    """Thirty million empty lists: 100 MB of text, 3 GB of objects."""
    text = next(iter(hand_in(key.release, double=RIGHT).notebooks.values()))
    bomb = text[:-1] + b', "x": [' + b"[]," * (33 * 2**20) + b"[]]}"
    graded = grade(
        Submission("ada", "01_tiny", {"01_tiny.ipynb": bomb}), key, "s", Here(), Limits()
    )
    assert graded.result.status == "unreadable"
    assert "memory" in graded.result.repairs[0]


def test_an_unreadable_record_can_travel(key: AnswerKey) -> None:
    submission = Submission("ada", "01_tiny", problem="gone", notes=("a note",))
    task = make_task(submission, json.dumps(key.to_json()), "s", {"cell_seconds": 1.0})
    assert read_graded(grade_task(task)) == unreadable(submission, key, "gone")


@pytest.mark.slow
def test_a_task_is_text_that_any_worker_can_grade(key: AnswerKey) -> None:
    text = json.dumps(key.to_json())
    task = make_task(hand_in(key.release, double=RIGHT), text, "s", {"cell_seconds": 20.0})
    graded = read_graded(grade_task(json.loads(json.dumps(task))))
    assert graded.result.score == 4.0
    assert graded.notebook is not None


def test_an_answer_that_keeps_the_judge_busy_costs_its_own_exercise(
    key: AnswerKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        while True:
            with suppress(Exception):
                json.dumps(list(range(1000)))
                continue
            return  # stopped, and the error caught

    monkeypatch.setattr("autograder.grading.JUDGE_SECONDS", 0.1)
    monkeypatch.setattr("autograder.judge.Judge.decide", busy)
    found = mark(key, double=RIGHT).result.exercises["double"]
    assert (found.score, found.verdict) == (0.0, "timeout")
    assert "took too long" in found.message


def test_a_fault_of_the_judge_itself_is_not_taken_for_the_learners(
    key: AnswerKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ArithmeticError("of the judge")

    monkeypatch.setattr("autograder.judge.Judge.decide", fail)
    with pytest.raises(ArithmeticError):
        mark(key, double=RIGHT)


def test_words_that_cannot_be_found_cost_no_marks(
    key: AnswerKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("no such word")

    monkeypatch.setattr("autograder.judge.explain", fail)
    assert mark(key, double=RIGHT).result.score == 4.0
    found = mark(key, double="def double(x):\n    return x\n").result.exercises["double"]
    assert (found.verdict, found.message) == ("fail", "It is not right; no more can be said.")
