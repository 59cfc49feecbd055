"""Seconds per submission: `autograder grade` against stock `nbgrader autograde`, in one run.

    python benchmarks/grading.py [--submissions 8] [--jobs 2]

Whole commands are timed, start-up included, each in a course folder of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from autograder.pipeline import answer_key, find_lesson
from autograder.record import CourseRecord
from autograder.sample import Sample, make_class, write_class

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = "06_adaptive_methods"


def honest_class(count: int) -> list[Sample]:
    """Make a class of right, wrong and half done submissions."""
    lesson = find_lesson(ROOT, ASSIGNMENT)
    samples = make_class(lesson, answer_key(lesson).release)
    honest = [s for s in samples if s.student.split("-")[0] in ("right", "wrong", "unfinished")]
    return [
        Sample(f"{number:03d}-{sample.student}", sample.content, sample.passes)
        for number, sample in enumerate(islice(cycle(honest), count))
    ]


def seconds(command: list[str], folder: Path) -> float:
    """Time a command; it must succeed."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    begin = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    spent = time.perf_counter() - begin
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return spent


def main() -> None:
    """Run both and print seconds and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    samples = honest_class(options.submissions)
    bin_folder = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as scratch:
        ours, stock = Path(scratch, "ours"), Path(scratch, "stock")
        for course in (ours, stock):
            write_class(samples, course, ASSIGNMENT)
        with CourseRecord(stock) as record:
            record.ensure_assignment(find_lesson(ROOT, ASSIGNMENT))
        grade = [str(bin_folder / "autograder"), "grade", ASSIGNMENT, "--course", str(ours)]
        our_time = seconds([*grade, "--jobs", str(options.jobs)], ROOT)
        autograde = [str(bin_folder / "nbgrader"), "autograde", ASSIGNMENT, "--create"]
        stock_time = seconds(autograde, stock)
    print(f"{len(samples)} submissions of {ASSIGNMENT}, {options.jobs} workers")
    print(f"autograder grade      {our_time / len(samples):6.2f} s a submission")
    print(f"nbgrader autograde    {stock_time / len(samples):6.2f} s a submission")
    print(f"ratio                 {stock_time / our_time:6.2f}")


if __name__ == "__main__":
    main()
