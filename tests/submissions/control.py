"""The adversarial suite against this grader and, as a control, against stock nbgrader.

    python tests/submissions/control.py [--only NAME] [--resume FILE] [--write]

The same answers and attacks are graded one at a time by `autograder grade`'s pipeline and by stock
`nbgrader autograde`, whose release has ordinary visible and hidden tests. Stock nbgrader runs what
it is given unprotected; here it does so in a throw-away enclosure, see `enclosure.py`. `--write`
puts the table into the README beside this file.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import sqlite3
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import enclosure
import suite

from autograder.build import METADATA, to_notebook
from autograder.environment import put_scripts_on_path
from autograder.lessons import load_lesson
from autograder.pipeline import Order, answer_key, find_lesson, grade_assignment
from autograder.results import Result
from autograder.run import Limits

README = Path(__file__).with_name("README.md")
MARK = "<!-- made by control.py --write -->\n"
CELL_SECONDS, SUBMISSION_SECONDS = 6, 60
PORT = 40_000  # in the enclosure's own network
HONEST = 2
SHARED_PLACES = ("/tmp", "/dev/shm", "/var/tmp")
SETUP = "import numpy as np"
# The tests that a course with stock nbgrader would write.
TESTS = {
    "check_double": """\
np.testing.assert_allclose(double(np.array([[1.0, -2.0]])), [[2.0, -4.0]])
### BEGIN HIDDEN TESTS
np.testing.assert_allclose(double(np.array([[0.5], [3.0]])), [[1.0], [6.0]])
### END HIDDEN TESTS""",
    "check_shift": """\
np.testing.assert_allclose(shift(np.array([[1.0, 2.0]]), 3.0), [[4.0, 5.0]])
### BEGIN HIDDEN TESTS
np.testing.assert_allclose(shift(np.array([[0.5], [-1.0]]), 2.5), [[3.0], [1.5]])
### END HIDDEN TESTS""",
    "check_squares": """\
np.testing.assert_allclose(squares(np.array([[1.0, 2.0], [0.0, 3.0]])), [5.0, 9.0])
### BEGIN HIDDEN TESTS
np.testing.assert_allclose(squares(np.array([[1.0, -1.0, 2.0]])), [6.0])
### END HIDDEN TESTS""",
}


@dataclass(frozen=True)
class Outcome:
    """What became of one submission.

    Attributes:
        marks: exercise -> points; None where there is no mark at all.
        harm: in words, what went wrong beside the marks.
        seconds: how long it took.
    """

    marks: Mapping[str, float | None]
    harm: tuple[str, ...]
    seconds: float


def main() -> None:
    """Run both sides and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="NAME", help="those that begin like this")
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    parser.add_argument("--resume", type=Path, metavar="FILE", help="keep the control's rows there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="control-") as scratch:
        ours = grade_ours(Path(scratch, "ours"), options.only)
        stock = grade_stock(Path(scratch, "stock"), options.only, options.resume)
    text = table(ours, stock)
    sys.stdout.write(text)
    if options.write:
        head = README.read_text(encoding="utf-8").split(MARK)[0]
        README.write_text(head + MARK + "\n" + text, encoding="utf-8")


def submissions(release: dict[str, Any], values: dict[str, object]) -> list[Any]:
    """Make the whole suite for a release."""
    return [
        *suite.honest(release, HONEST),
        *suite.code_attacks(release, values),
        *suite.structure_attacks(release),
    ]


def chosen(attacks: Iterable[Any], only: str) -> list[Any]:
    """Keep those whose name begins with a text."""
    return [attack for attack in attacks if attack.name.startswith(only)]


# This grader.


def grade_ours(folder: Path, only: str) -> dict[str, tuple[Any, Outcome]]:
    """Grade one submission after the other, and look around after each."""
    folder.mkdir()
    course = suite.write_course(folder / "course")
    canary = folder / "secrets" / "canary"
    canary.parent.mkdir()
    canary.write_text("FILE-CANARY", encoding="ascii")
    visits: list[bytes] = []
    listener = suite.listen(visits)
    values = {"COURSE": str(course), "CANARY_FILE": str(canary), "PORT": next(listener)}
    release = answer_key(find_lesson(course, suite.LESSON)).release
    attacks = submissions(release, values)
    suite.write_class(course, attacks)
    watch = Watch(course, visits)
    picked = chosen(attacks, only)
    os.environ["AUTOGRADER_TEST_CANARY"] = "ENVIRONMENT-CANARY"
    limits = Limits(CELL_SECONDS, SUBMISSION_SECONDS, memory_bytes=2**30)
    names = [attack.name for attack in picked]
    order = Order(course, course, suite.LESSON, names, limits=limits, isolation="full")
    grade_assignment(order, jobs=1, on_result=watch)
    next(listener, None)
    return {attack.name: (attack, watch.outcomes[attack.name]) for attack in picked}


class Watch:
    """Looks around after each submission of a run with one worker.

    Args:
        course: the course's folder.
        visits: grows when somebody comes to the listener.
    """

    def __init__(self, course: Path, visits: list[bytes]) -> None:
        self._course, self._visits = course, visits
        self._before = around(course)
        self.outcomes: dict[str, Outcome] = {}

    def __call__(self, result: Result, done: int, total: int) -> None:
        """Note what a submission did."""
        after = around(self._course)
        harm = [*leaks(result.student, self._course), *changes(self._before, after, result.student)]
        harm += ["listener reached"] * bool(self._visits) + segments()
        self.outcomes[result.student] = Outcome(marks_of(result), tuple(harm), result.seconds)
        self._before = after
        self._visits.clear()
        sys.stderr.write(f"ours   {done}/{total} {result.student}\n")


def marks_of(result: Result) -> dict[str, float | None]:
    """Take the marks out of a result."""
    return {name: result.exercises[name].score for name in suite.POINTS}


# What both sides look at.


def around(course: Path) -> dict[str, bytes]:
    """Read what must not change: the course's folder, secrets beside it, shared places, HOME."""
    files = [p for p in course.parent.rglob("*") if not p.is_symlink() and p.is_file()]
    for place in SHARED_PLACES:
        files += [path for path in Path(place).glob("*canary*") if path.is_file()]
    home = Path.home()
    files += [p for p in home.glob(".ipython/profile_default/startup/*.py") if p.is_file()]
    files += [p for p in (home / ".jupyter/jupyter_notebook_config.py",) if p.is_file()]
    files += [p for p in (home / ".config/matplotlib/matplotlibrc",) if p.is_file()]
    return {str(path): path.read_bytes() for path in files if path.stat().st_size < 10**6}


GRADER_WRITES = re.compile(
    r"/(autograded|\.autograder|gradebook\.db|feedback|\.cache|\.nbgrader)|/startup/README$|^/learner/log$"
)


def changes(before: dict[str, bytes], after: dict[str, bytes], student: str) -> list[str]:
    """Say which files came, went or changed that no grader writes."""
    found = []
    for path in sorted({*before, *after}):
        own = f"/autograded/{student}/" in path
        # A learner's text is no grader's, wherever it stands.
        planted = after.get(path) == b"written-by-a-learner"
        if (GRADER_WRITES.search(path) or own) and not planted:
            continue
        if before.get(path) != after.get(path):
            found.append(path.replace(enclosure.FOLDER, ""))
    if not found:
        return []
    return [f"files left or changed outside: {len(found)}, such as `{found[0]}`"]


def leaks(student: str, course: Path) -> list[str]:
    """Name the canaries that came back with a submission and are not its own."""
    own = {"OTHER-CANARY"} if student.startswith("honest") else set()
    own |= {"SOLUTION-CANARY"} if student.startswith("B01") else set()  # its own code has the word
    files = [p for p in (course / "autograded" / student).rglob("*") if p.is_file()]
    text = "".join(path.read_text(encoding="utf-8", errors="replace") for path in files)
    return [f"read: {name}" for name in suite.CANARIES if name in text and name not in own]


# Stock nbgrader.


def grade_stock(folder: Path, only: str, resume: Path | None) -> dict[str, Outcome]:
    """Grade one submission after the other, each in a fresh course and enclosure."""
    course, release = stock_course(folder)
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.add(course, "course")
    inside = Path(enclosure.FOLDER)
    values = {"COURSE": str(inside / "course"), "CANARY_FILE": str(inside / "secrets/canary")}
    attacks = submissions(release, {**values, "PORT": PORT})
    found = json.loads(resume.read_text("utf-8")) if resume and resume.exists() else {}
    for attack in chosen(attacks, only):
        if attack.name in found:
            continue
        work = partial(stock_run, attack, attacks[0], stream.getvalue())
        found[attack.name] = enclosure.run_enclosed(work, SUBMISSION_SECONDS + 60)
        if resume:
            resume.write_text(json.dumps(found), encoding="utf-8")
        sys.stderr.write(f"stock  {attack.name:28} {found[attack.name]}\n")
    return {name: Outcome(f["marks"], tuple(f["harm"]), f["seconds"]) for name, f in found.items()}


def stock_course(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Make a course with ordinary tests by nbgrader's own command; return it and its release."""
    import nbformat
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    lesson = load_lesson(suite.write_course(folder / "sources") / "source" / suite.LESSON)
    notebook = to_notebook(lesson)
    notebook["metadata"] = METADATA
    for cell in notebook["cells"]:
        cell["source"] = {**TESTS, "setup": SETUP}.get(cell["id"], cell["source"])
    course = folder / "course"
    source = course / "source" / suite.LESSON
    source.mkdir(parents=True)
    nbformat.write(notebook, source / f"{suite.LESSON}.ipynb")
    (course / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.Execute.timeout = {CELL_SECONDS}\n", encoding="ascii"
    )
    put_scripts_on_path()
    config = Config()
    config.CourseDirectory.root = str(course)
    done = NbGraderAPI(config=config).generate_assignment(suite.LESSON, force=True, create=True)
    if not done["success"]:
        raise SystemExit(f"nbgrader generate_assignment failed:\n{done['log']}")
    path = course / "release" / suite.LESSON / f"{suite.LESSON}.ipynb"
    return course, json.loads(path.read_text(encoding="utf-8"))


def stock_run(attack: Any, other: Any, archive: bytes) -> dict[str, Any]:
    """Inside the enclosure: grade one submission and say what became of it and of the course."""
    inside = Path(enclosure.FOLDER)
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(inside, filter="data")
    course = inside / "course"
    suite.write_class(course, [attack] if attack.name == other.name else [other, attack])
    canary = inside / "secrets" / "canary"
    canary.parent.mkdir()
    canary.write_text("FILE-CANARY", encoding="ascii")
    visits: list[bytes] = []
    listener = suite.listen(visits, PORT)
    next(listener)
    before = around(course)
    begin = time.monotonic()
    harm = run_nbgrader(course, attack.name)
    seconds = time.monotonic() - begin
    time.sleep(0.5)
    harm += ["process left"] * bool(enclosure.processes())
    harm += ["listener reached"] * bool(visits)
    enclosure.kill_all()
    marks, problem = stock_marks(course, attack.name)
    harm += [*problem, *leaks(attack.name, course)]
    harm += [*changes(before, around(course), attack.name), *segments()]
    return {"marks": marks, "harm": harm, "seconds": seconds}


def run_nbgrader(course: Path, student: str) -> list[str]:
    """Run `nbgrader autograde` for one student; say how it ended, if not well."""
    program = Path(sys.executable).with_name("nbgrader")
    code = f"import os, sys; os.chdir({str(course)!r}); os.execv(sys.executable, sys.argv[1:])"
    command = [sys.executable, "-c", code, sys.executable, str(program), "autograde"]
    command += [suite.LESSON, "--student", student, "--create"]
    variables = {
        "AUTOGRADER_TEST_CANARY": "ENVIRONMENT-CANARY",
        "OPENBLAS_NUM_THREADS": "1",
        "PATH": f"{program.parent}:/usr/bin:/bin",
    }
    status, _, limit = enclosure.run_watched(command, variables, SUBMISSION_SECONDS)
    if limit:
        return [f"stopped by the enclosure: {limit}"]
    return [f"run ends with exit code {status}"] if status else []


def stock_marks(course: Path, student: str) -> tuple[dict[str, float | None], list[str]]:
    """Read the marks out of nbgrader's gradebook."""
    query = """
        SELECT base_cell.name, coalesce(grade.manual_score, grade.auto_score) FROM grade
        JOIN base_cell ON base_cell.id = grade.cell_id
        JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
        WHERE submitted_assignment.student_id = ?"""
    nothing: dict[str, float | None] = dict.fromkeys(suite.POINTS)
    try:
        with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as gradebook:
            rows = dict(gradebook.execute(query, [student]).fetchall())
    except sqlite3.Error as error:
        return nothing, [f"gradebook of the class destroyed ({error})"]
    return {name: rows.get(f"check_{name}") for name in suite.POINTS}, []


def segments() -> list[str]:
    """Name shared memory, queues and semaphores that a learner left."""
    tables = [Path(f"/proc/sysvipc/{kind}").read_text("ascii") for kind in ("shm", "msg", "sem")]
    return ["System V objects left"] * any(str(0x0CA7A7) in text for text in tables)


# The table.


def table(ours: Mapping[str, tuple[Any, Outcome]], stock: Mapping[str, Outcome]) -> str:
    """Write both sides as a table in Markdown."""
    limits = f"{CELL_SECONDS} s a cell on both sides, {SUBMISSION_SECONDS} s a submission"
    lines = [
        f"Limits: {limits}. Enclosure of stock nbgrader: {enclosure.DESCRIPTION}.",
        "",
        "| submission | what it is | expected | this grader | harm | s | stock | harm | s |",
        "|---|---|---|---|---|---:|---|---|---:|",
    ]
    for name, (attack, outcome) in ours.items():
        other = stock[name]
        cells = [name, about(name), wanted(attack.expected)]
        for side in (outcome, other):
            cells += [marks(side.marks), harm(attack.expected, side), f"{side.seconds:.0f}"]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    harmed = [
        sum(bool(harm(attack.expected, outcome)) for attack, outcome in ours.values()),
        sum(bool(harm(attack.expected, stock[name])) for name, (attack, _) in ours.items()),
    ]
    lines += ["", f"Harmed: this grader {harmed[0]}, stock {harmed[1]}, of {len(ours)}."]
    return "\n".join(lines) + "\n"


def about(name: str) -> str:
    """Say in a line what an attack is: the comment on top of its file, or its name."""
    path = suite.FOLDER / f"{name}.txt"
    if not path.is_file():
        return name.split("_", 1)[-1].replace("_", " ")
    return path.read_text(encoding="utf-8").splitlines()[1].removeprefix("# ").split(". ")[0]


def wanted(expected: Any) -> str:
    """Write the points that must come out: one place an exercise."""
    fixed = {name: f"{points:g}" for name, points in suite.POINTS.items() if name in expected.full}
    fixed |= dict.fromkeys(expected.zero, "0")
    return " ".join(fixed.get(name, "any") for name in suite.POINTS)


def marks(found: Mapping[str, float | None]) -> str:
    """Write the points that came out."""
    return " ".join("-" if found[n] is None else f"{found[n]:g}" for n in suite.POINTS)


def harm(expected: Any, outcome: Outcome) -> str:
    """Say in words what went wrong: points gained or lost, then what was seen around."""
    got = outcome.marks
    gained = sum(got[name] or 0.0 for name in expected.zero)
    lost = sum(suite.POINTS[name] - (got[name] or 0.0) for name in expected.full)
    words = [f"**{gained:g} points gained**"] * bool(gained)
    whole = bool(expected.full) and not any(got[name] for name in expected.full)
    words += ["**whole submission lost**" if whole else f"{lost:g} points lost"] * bool(lost)
    return "; ".join([*words, *outcome.harm])


if __name__ == "__main__":
    main()
