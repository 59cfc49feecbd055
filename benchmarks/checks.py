"""Time of `check`: the whole call against the answer's own time on the same cases.

    python benchmarks/checks.py [--runs 30]

Right answers and declared mistakes of every exercise, outside a notebook. The first call of each
exercise reads its data file and is shown apart.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from autograder.lessons import lesson_folders, load_lesson
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


def main() -> None:
    """Print, for every exercise, the first call, the median of a right and of a wrong answer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=30)
    runs = parser.parse_args().runs
    print(f"{'milliseconds':<32} {'answer':>8} {'first':>8} {'right':>8} {'wrong':>8}")
    for folder in lesson_folders(ROOT / "source"):
        lesson = load_lesson(folder)
        for name, declared in lesson.exercises.items():
            right = lesson.reference.function(name)
            wrong = lesson.reference.variant(declared, declared.mistakes[0])
            first = milliseconds(lambda: check(name, right))
            data = exercise(name)
            own = [
                milliseconds(lambda: run_cases(data.driver, right, data.contract, data.cases))
                for _ in range(runs)
            ]
            spent = [
                statistics.median(milliseconds(lambda: check(name, f)) for _ in range(runs))
                for f in (right, wrong)
            ]
            print(
                f"{name:<32} {statistics.median(own):8.2f} {first:8.2f} {spent[0]:8.2f} {spent[1]:8.2f}"
            )


if __name__ == "__main__":
    main()
