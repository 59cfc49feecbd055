"""Time of `check`: the whole call against the answer's own time on the same cases.

    python benchmarks/checks.py [--runs 30]

Right answers and declared mistakes of every exercise, outside a notebook. The first call of each
exercise reads its data file and is shown apart.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from autograder.lessons import Lesson, lesson_folders, load_lesson
from downslope import check
from downslope.catalog import exercise
from downslope.checks import CheckFailed
from downslope.drivers import run_cases

ROOT = Path(__file__).resolve().parent.parent


def milliseconds(call: Callable[[], object]) -> float:
    """Time one call whose words and failure do not matter."""
    begin = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(CheckFailed):
        call()
    return 1000 * (time.perf_counter() - begin)


def measure(lesson: Lesson, name: str, runs: int) -> list[float]:
    """Time an exercise: the answer alone, the first check, a right answer's, a wrong one's."""
    declared = lesson.exercises[name]
    right = lesson.reference.function(name)
    wrong = lesson.reference.variant(declared, declared.mistakes[0])
    first = milliseconds(lambda: check(name, right))
    data = exercise(name)
    alone = [
        milliseconds(lambda: run_cases(data.driver, right, data.contract, data.cases))
        for _ in range(runs)
    ]
    checks = [
        [milliseconds(functools.partial(check, name, answer)) for _ in range(runs)]
        for answer in (right, wrong)
    ]
    return [statistics.median(alone), first, *map(statistics.median, checks)]


def main() -> None:
    """Print four columns of milliseconds for every exercise of every lesson."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=30)
    runs = parser.parse_args().runs
    print(f"{'milliseconds':<32} {'answer':>8} {'first':>8} {'right':>8} {'wrong':>8}")
    for folder in lesson_folders(ROOT / "source"):
        lesson = load_lesson(folder)
        for name in lesson.exercises:
            columns = measure(lesson, name, runs)
            print(f"{name:<32} " + " ".join(f"{value:8.2f}" for value in columns))


if __name__ == "__main__":
    main()
