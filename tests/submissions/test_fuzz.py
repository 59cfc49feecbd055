"""Ten thousand damaged notebooks: no crash, a recorded result for each, the release kept whole."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.grading import grade
from autograder.judge import AnswerKey
from autograder.pipeline import answer_key, find_lesson
from autograder.record import CourseRecord
from autograder.repair import Unreadable, repair
from autograder.run import Limits, Run
from autograder.submissions import Submission
from tests.submissions import suite

pytestmark = pytest.mark.slow
NAME = "01_suite.ipynb"


class Idle:
    """A runner that runs nothing: what is tried here is what comes before and after."""

    isolation = "full"

    def run(self, notebook: dict[str, Any], requests: Any, limits: Limits) -> Run:
        assert requests
        assert limits.cell_seconds
        for cell in notebook["cells"]:
            assert isinstance(cell["source"], str)
            assert cell["cell_type"] in ("code", "markdown")
        return Run(notebook, isolation=self.isolation)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written: Path = suite.write_course(tmp_path_factory.mktemp("fuzz"))
    return written


@pytest.fixture(scope="module")
def key(course: Path) -> AnswerKey:
    return answer_key(find_lesson(course, suite.LESSON))


@pytest.fixture(scope="module")
def record(course: Path) -> Iterator[CourseRecord]:
    with CourseRecord(course) as opened:
        opened.ensure_assignment(find_lesson(course, suite.LESSON))
        yield opened


# --- damages -----------------------------------------------------------------------------------

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 10**30, 1e308, float("nan"), float("inf")]),
    st.text(max_size=8),
    st.sampled_from(
        ["shift", "check_shift", "\ud800", "\0", "def shift(x, by):\n    return x + by"]
    ),
    st.lists(st.text(max_size=3), max_size=3),
    st.dictionaries(st.sampled_from(["id", "nbgrader", "grade_id", "x"]), st.text(max_size=3)),
)
SPOTS = st.lists(st.integers(0, 30), max_size=5)
EDITS = st.lists(
    st.tuples(st.sampled_from(["set", "delete", "double", "swap", "rename"]), SPOTS, JUNK),
    min_size=1,
    max_size=5,
)
BYTES = st.one_of(
    st.none(),
    st.tuples(st.just("cut"), st.integers(0, 5000)),
    st.tuples(st.just("flip"), st.integers(0, 5000)),
    st.tuples(st.just("insert"), st.integers(0, 5000)),
    st.tuples(st.just("encode"), st.sampled_from(["utf-16", "utf-8-sig", "latin-1", "utf-32"])),
)


def damaged(document: Any, kind: str, spots: list[int], junk: Any) -> Any:
    """Go down the document by positions and damage what is found there."""
    if not spots or not isinstance(document, dict | list) or not document:
        return junk
    keys = list(document) if isinstance(document, dict) else list(range(len(document)))
    place = keys[spots[0] % len(keys)]
    if len(spots) > 1 and isinstance(document[place], dict | list):
        document[place] = damaged(document[place], kind, spots[1:], junk)
    elif kind == "delete":
        del document[place]
    elif kind == "double" and isinstance(document, list):
        document.insert(place, copy.deepcopy(document[place]))
    elif kind == "swap" and isinstance(document, list):
        document[0], document[place] = document[place], document[0]
    elif kind == "rename" and isinstance(document, dict):
        document[str(junk)] = document.pop(place)
    else:
        document[place] = junk
    return document


def written(document: Any, harm: tuple[str, Any] | None) -> bytes:
    """Write a document, and damage its bytes."""
    text = json.dumps(document)
    if harm is None:
        return text.encode()
    kind, value = harm
    if kind == "encode":
        return text.encode(value)
    data = bytearray(text.encode())
    at = value % (len(data) + 1)
    if kind == "cut":
        return bytes(data[:at])
    if kind == "insert":
        return bytes(data[:at] + b"\xff\x00{" + data[at:])
    data[at % len(data)] ^= 0x55
    return bytes(data)


@settings(
    max_examples=10_000,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(edits=EDITS, harm=BYTES)
def test_any_damage_ends_in_a_recorded_result(
    key: AnswerKey, record: CourseRecord, edits: list[Any], harm: tuple[str, Any] | None
) -> None:
    notebook = suite.filled(key.release, suite.RIGHT)
    for edit in edits:
        notebook = damaged(notebook, *edit)
    content = written(notebook, harm)
    with contextlib.suppress(Unreadable):
        check_repaired(repair({NAME: content}, key.release, suite.LESSON).notebook, key.release)
    submission = Submission("dee", suite.LESSON, {NAME: content})
    graded = grade(submission, key, "secret", Idle(), Limits())
    assert set(graded.result.exercises) == set(suite.POINTS)
    recorded = record.record(graded.result, graded.notebook, journal="key")
    assert (recorded.status, recorded.score) == (graded.result.status, 0.0)


def check_repaired(notebook: dict[str, Any], release: dict[str, Any]) -> None:
    """A repaired notebook is the release with other answers, and valid."""
    nbformat.validate(nbformat.from_dict(notebook))
    kept = {cell["id"]: cell for cell in notebook["cells"]}
    names = [cell["id"] for cell in release["cells"]]
    assert [cell["id"] for cell in notebook["cells"] if cell["id"] in names] == names
    for cell in release["cells"]:
        assert kept[cell["id"]]["metadata"] == cell["metadata"]
        assert kept[cell["id"]]["cell_type"] == cell["cell_type"]
        marked = cell["metadata"].get("nbgrader")
        if marked and not marked["solution"]:
            assert kept[cell["id"]]["source"] == "".join(cell["source"])
