"""No attack of the suite gains a point, reads a canary, leaves a trace or costs others a point."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.feedback import write_feedback
from autograder.pipeline import Order, answer_key, find_lesson, grade_assignment
from autograder.results import Result
from autograder.run import Limits
from tests.submissions import suite

pytestmark = pytest.mark.slow
LIMITS = Limits(cell_seconds=6.0, notebook_seconds=60.0, memory_bytes=2**30)
SHARED_PLACES = ("/tmp", "/dev/shm", "/var/tmp")


@dataclass
class Aftermath:
    """What is there after a class full of attacks was graded."""

    course: Path
    attacks: list[Any]
    results: dict[str, Result]
    visits: list[bytes]
    canary: Path
    before: set[str]
    started: float


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """Grade the whole suite in one run, honest submissions among it."""
    course = suite.write_course(tmp_path_factory.mktemp("suite"))
    canary = tmp_path_factory.mktemp("secrets") / "canary"
    canary.write_text("FILE-CANARY", encoding="ascii")
    visits: list[bytes] = []
    listener = suite.listen(visits)
    values = {"COURSE": str(course), "CANARY_FILE": str(canary), "PORT": next(listener)}
    release = answer_key(find_lesson(course, suite.LESSON)).release
    attacks = [
        *suite.honest(release, 6),
        *suite.code_attacks(release, values),
        *suite.structure_attacks(release),
    ]
    suite.write_class(course, attacks)
    before = files_in_shared_places()
    os.environ["AUTOGRADER_TEST_CANARY"] = "ENVIRONMENT-CANARY"
    started = time.monotonic()
    try:
        order = Order(course, course, suite.LESSON, limits=LIMITS, isolation="full")
        results = grade_assignment(order, jobs=2, on_result=lambda *_: None)
    finally:
        del os.environ["AUTOGRADER_TEST_CANARY"]
    by_name = {result.student: result for result in results}
    write_feedback(course, suite.LESSON)
    yield Aftermath(course, attacks, by_name, visits, canary, before, started)
    next(listener, None)


def files_in_shared_places() -> set[str]:
    return {str(path) for place in SHARED_PLACES for path in Path(place).glob("*canary*")}


def test_every_item_of_the_threat_model_is_in_the_suite(aftermath: Aftermath) -> None:
    items = {attack.name[:3] for attack in aftermath.attacks}
    wanted = [f"A{n:02}" for n in range(1, 16)] + ["B01", "B03", "B04", "B06"]
    wanted += [f"C{n:02}" for n in range(1, 5)] + [f"D{n:02}" for n in range(1, 11)]
    wanted += [f"E{n:02}" for n in range(1, 9)]
    assert set(wanted) <= items


def test_every_submission_has_a_result_under_full_isolation(aftermath: Aftermath) -> None:
    assert set(aftermath.results) == {attack.name for attack in aftermath.attacks}
    kinds = {result.isolation[:4] for result in aftermath.results.values()}
    assert kinds == {"full", "none"}  # where there was nothing to run


def test_every_mark_is_as_it_must_be(aftermath: Aftermath) -> None:
    wrong = []
    for attack in aftermath.attacks:
        marks = aftermath.results[attack.name].exercises
        for name, mark in marks.items():
            must = suite.POINTS[name] if name in attack.expected.full else None
            must = 0.0 if name in attack.expected.zero else must
            if must is not None and mark.score != must:
                wrong.append((attack.name, name, mark.score, mark.verdict, mark.message))
    assert wrong == []


def test_no_canary_comes_back(aftermath: Aftermath) -> None:
    """Not in the executed notebooks, the results or the pages; a learner's own is no leak."""
    found = []
    for attack in aftermath.attacks:
        own = ("OTHER-CANARY",) if attack.name.startswith("honest") else ()
        named = ("SOLUTION-CANARY",) if attack.name.startswith("B01") else ()
        places = [
            *(aftermath.course / "autograded" / attack.name).rglob("*"),
            *(aftermath.course / "feedback" / attack.name).rglob("*"),
        ]
        text = json.dumps(aftermath.results[attack.name].to_json())
        text += "".join(p.read_text(encoding="utf-8") for p in places if p.is_file())
        hits = [c for c in suite.CANARIES if c in text and c not in own and c not in named]
        found += [(attack.name, hits)] if hits else []
    assert found == []


def test_nobody_came_to_the_listener(aftermath: Aftermath) -> None:
    assert aftermath.visits == []


def test_nothing_is_left_on_disk(aftermath: Aftermath) -> None:
    assert files_in_shared_places() == aftermath.before
    assert [path.name for path in aftermath.canary.parent.iterdir()] == ["canary"]
    assert not any(
        "written-by-a-learner" in p.read_text(errors="replace")
        for p in aftermath.course.iterdir()
        if p.is_file()
    )
    kept = {"submitted", "source", "autograded", "feedback", "gradebook.db", ".autograder"}
    left = {
        path.name.removesuffix("-wal").removesuffix("-shm") for path in aftermath.course.iterdir()
    }
    assert left <= kept


def ancestors(pid: int) -> list[int]:
    """A process, its parent and so on, up to the first."""
    chain = []
    while pid > 1:
        chain.append(pid)
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        pid = int(fields[1])
    return chain


def is_left(folder: Path) -> bool:
    """Whether a process lives in a sandbox that is not one of a test that runs beside this one."""
    try:
        status = (folder / "status").read_text(encoding="utf-8")
        numbers = next(line for line in status.splitlines() if line.startswith("NSpid"))
        if len(numbers.split()) == 2:
            return False  # it lives in no process namespace of its own
        chain = ancestors(int(folder.name))
        lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in chain]
    except (OSError, StopIteration):
        return False  # it has just ended
    return os.getpid() in chain or not any(b"autograder.sandbox.zygote" in line for line in lines)


def test_no_process_is_left(aftermath: Aftermath) -> None:
    time.sleep(0.5)
    assert not aftermath.canary.with_name("canary.orphan").exists()
    assert [folder.name for folder in Path("/proc").glob("[0-9]*") if is_left(folder)] == []


def test_no_segment_queue_or_semaphore_is_left() -> None:
    for kind in ("shm", "msg", "sem"):
        table = Path(f"/proc/sysvipc/{kind}").read_text(encoding="ascii")
        assert str(0x0CA7A7) not in table


def test_no_script_reaches_a_page(aftermath: Aftermath) -> None:
    pages = list((aftermath.course / "feedback").rglob("*.html"))
    assert pages
    for page in pages:
        text = page.read_text(encoding="utf-8").casefold()
        assert "<script" not in text
        assert "onerror=" not in text.replace("&lt;img src=x onerror=", "")


def test_the_libraries_are_as_they_were() -> None:
    import numpy as np

    import downslope

    for module in (downslope, np):
        assert not Path(str(module.__file__)).with_name("canary.py").exists()
