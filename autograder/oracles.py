"""Oracle ledger: measure every reference solution against independent sources.

A lesson's `oracles.py` declares ``ORACLES``, the sources of each exercise. `python -m
autograder.oracles` runs them, writes `ledger.json` and the libraries' numbers beside it, and the
page `source/LEDGER.md`; with ``--check`` it only says what a fresh run contradicts.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.cases import make_cases
from autograder.distances import closest_pair, gap, nearest_mistake, other_answers
from autograder.errors import AutograderError
from autograder.exercises import Exercise
from autograder.ledger import (
    LARGEST_GAP,
    Row,
    Rows,
    differences,
    page,
    rounded_up,
    tolerance_for,
)
from autograder.lessons import Lesson, lesson_folders, load_module, read_lesson
from autograder.library_numbers import LibraryNumbers
from downslope.drivers import Case

Arrays = dict[str, np.ndarray]

SEEDS = ("1", "2", "3")
PAGE = "LEDGER.md"


@dataclass(frozen=True)
class Source:
    """An independent way to an exercise's numbers.

    Attributes:
        name: such as "closed form" or "PyTorch".
        says: what it computes and why it is independent, for the reader of the ledger.
        compute: from a case to the arrays of the driver's outcome.
        library: package that `compute` needs; its numbers are stored for those who lack it.
    """

    name: str
    says: str
    compute: Callable[[Case], Arrays]
    library: str = ""


def load_oracles(lesson: Lesson) -> dict[str, tuple[Source, ...]]:
    """Load the sources that a lesson declares.

    Raises:
        AutograderError: when an exercise has fewer than two.
    """
    path = lesson.folder / "oracles.py"
    oracles: dict[str, tuple[Source, ...]] = getattr(load_module(path), "ORACLES", {})
    for name in lesson.exercises:
        if len(oracles.get(name, ())) < 2:
            raise AutograderError(f"{path}: {name!r} needs two independent sources. Add them")
    return oracles


def ledger_cases(lesson: Lesson, exercise: Exercise) -> list[list[Case]]:
    """Make the cases on which sources are compared, one list per seed."""
    words = ("ledger", lesson.name, exercise.name)
    return [make_cases(exercise, *words, seed) for seed in SEEDS]


def measure(
    lesson: Lesson, exercise: Exercise, sources: Sequence[Source], numbers: LibraryNumbers
) -> Row:
    """Measure one exercise: its row of the ledger.

    Raises:
        AutograderError: when a source contradicts the reference solution.
    """
    reference, runs = lesson.reference, ledger_cases(lesson, exercise)
    cases = list(itertools.chain(*runs))
    found = {each.name: _source_row(lesson, exercise, each, numbers, cases) for each in sources}
    largest = max(float(row["gap"]) for row in found.values())
    # Learners see one more set of cases: their mistakes must be told apart there too.
    runs.append(make_cases(exercise, "visible", lesson.name, exercise.name))
    row: Row = {
        "sources": found,
        "largest_gap": largest,
        "other_answers": rounded_up(other_answers(reference, exercise, cases)),
        "tolerance": tolerance_for(largest),
        "nearest_mistake": nearest_mistake(reference, exercise, runs),
        "closest_pair": closest_pair(reference, exercise, runs),
    }
    return row if exercise.tolerance is None else {**row, "stated_tolerance": exercise.tolerance}


def _source_row(
    lesson: Lesson, exercise: Exercise, source: Source, numbers: LibraryNumbers, cases: list[Case]
) -> Row:
    expected = [outcome.arrays for outcome in lesson.reference.expected(exercise, cases)]
    arrays = numbers.arrays(exercise.name, source.library, source.compute, cases)
    largest = max(map(gap, arrays, expected))
    if largest > LARGEST_GAP:
        raise AutograderError(
            f"{lesson.name}: the source {source.name!r} of {exercise.name!r} differs from the "
            f"reference solution by {largest:.1e}. One of the two is wrong: mend it"
        )
    row: Row = {"gap": rounded_up(largest), "says": source.says}
    version = numbers.version(exercise.name, source.library)
    return {**row, "version": version} if version else row


def measure_lesson(folder: Path) -> tuple[Rows, LibraryNumbers]:
    """Measure every exercise of a lesson; also return the libraries' numbers that were used."""
    lesson = read_lesson(folder)
    oracles = load_oracles(lesson)
    numbers = LibraryNumbers(folder / "library_numbers.json")
    rows = {
        name: measure(lesson, exercise, oracles[name], numbers)
        for name, exercise in lesson.exercises.items()
    }
    return rows, numbers


def read_rows(folder: Path) -> Rows:
    """Read a lesson's committed ledger; no file is an empty one."""
    path = folder / "ledger.json"
    if not path.is_file():
        return {}
    rows: Rows = json.loads(path.read_text(encoding="utf-8"))["exercises"]
    return rows


def write(source: Path) -> None:
    """Measure all lessons and write their ledgers, library numbers and the page."""
    measured = {folder: measure_lesson(folder) for folder in lesson_folders(source)}
    for folder, (rows, numbers) in measured.items():
        text = json.dumps({"exercises": rows}, indent=1, ensure_ascii=False) + "\n"
        (folder / "ledger.json").write_text(text, encoding="utf-8", newline="\n")
        numbers.write()
    text = page({folder.name: rows for folder, (rows, _) in measured.items()})
    (source / PAGE).write_text(text, encoding="utf-8", newline="\n")


def check(source: Path) -> list[str]:
    """Say where the committed ledger contradicts a fresh run; write nothing."""
    complaints = []
    for folder in lesson_folders(source):
        rows, numbers = measure_lesson(folder)
        found = [*differences(read_rows(folder), rows), *numbers.changes()]
        complaints += [f"{folder.name}: {text}" for text in found]
    return complaints + check_page(source)


def check_page(source: Path) -> list[str]:
    """Say whether the page is what the committed ledgers give."""
    wanted = page({folder.name: read_rows(folder) for folder in lesson_folders(source)})
    path = source / PAGE
    if path.is_file() and path.read_text(encoding="utf-8") == wanted:
        return []
    return [f"{PAGE}: is not the page that the committed ledgers give. Run 'make ledger'"]


def main(arguments: Sequence[str]) -> int:
    """Write the ledger below ``source/``, or check it with ``--check``; return an exit code."""
    source, complaints = Path("source"), list[str]()
    try:
        if "--check" in arguments:
            complaints = check(source)
        else:
            write(source)
    except AutograderError as error:
        complaints = [str(error)]
    sys.stdout.writelines(f"{text}\n" for text in complaints or [f"{source / PAGE}: up to date"])
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
