"""Grading a class: `autograder grade` against stock `nbgrader autograde` and the cells' own work.

    python benchmarks/grading.py [--submissions 60] [--stock 6] [--jobs 2] [--sizes 60,120,240,480]

Two of the course's notebooks, half of the submissions each: right, wrong and half done ones. Whole
commands are timed, start-up included. Stock nbgrader grades `--stock` submissions of each notebook;
its start-up, measured with one submission, is taken off its time a submission and added once.

The cells' own work is the time that the cells and the judge's questions take in a warm process, as
the sandbox runs them, as many at a time as there are workers: what no grader can save. `--sizes`
shows that time grows as the class does and that memory does not.

Figures are not drawn unless `--pictures` asks for them: so the cells' own work is given twice, as
`autograder grade` has it done, and with all that the cells ask for.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent import futures
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from autograder.grading import grade
from autograder.isolation import runner_for
from autograder.judge import AnswerKey
from autograder.pipeline import answer_key, find_lesson
from autograder.record import CourseRecord
from autograder.run import Limits, Run
from autograder.sample import Sample, make_class, write_class
from autograder.submissions import Submission

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ("01_gradients", "06_adaptive_methods")
SCRIPTS = Path(sys.executable).parent


class Class(NamedTuple):
    """Submissions of one notebook and its key."""

    lesson: str
    key: AnswerKey
    samples: list[Sample]


def honest_class(lesson: str, count: int) -> Class:
    """Make a class of right, wrong and half done submissions."""
    loaded = find_lesson(ROOT, lesson)
    key = answer_key(loaded)
    samples = make_class(loaded, key.release)
    honest = [s for s in samples if s.student.split("-")[0] in ("right", "wrong", "unfinished")]
    numbered = [
        Sample(f"{number:03d}-{sample.student}", sample.content, sample.passes)
        for number, sample in enumerate(islice(cycle(honest), count))
    ]
    return Class(lesson, key, numbered)


class Spent(NamedTuple):
    """What a command took."""

    seconds: float
    megabytes: float


def timed(command: list[str], folder: Path) -> Spent:
    """Time a command; it must succeed. Memory is the largest of its processes."""
    path = os.pathsep.join([str(SCRIPTS), os.environ.get("PATH", "")])
    begin = time.perf_counter()
    child = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    _, told = child.communicate()
    seconds = time.perf_counter() - begin
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{told}")
    return Spent(seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)


def prepare(folder: Path, one: Class, count: int | None = None) -> None:
    """Put a class's submissions, or the first few, into a course whose gradebook knows the lesson.

    As when its release was generated: neither grader has to do that while it is timed.
    """
    write_class(one.samples[:count], folder, one.lesson)
    with CourseRecord(folder) as record:
        record.ensure_assignment(find_lesson(ROOT, one.lesson))


def ours(classes: list[Class], jobs: int, *extra: str) -> Spent:
    """Grade classes with one command of `autograder grade`."""
    with tempfile.TemporaryDirectory() as course:
        for one in classes:
            prepare(Path(course), one)
        names = [one.lesson for one in classes]
        command = [str(SCRIPTS / "autograder"), "grade", *names, "--course", course]
        return timed([*command, "--jobs", str(jobs), *extra], ROOT)


def stock(one: Class, count: int) -> float:
    """Grade a class with `nbgrader autograde`."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder), one, count)
        command = [str(SCRIPTS / "nbgrader"), "autograde", one.lesson, "--create"]
        return timed(command, Path(folder)).seconds


def stock_for(one: Class, sampled: int) -> float:
    """Work out stock nbgrader's time for a whole class from a part of it."""
    first = stock(one, 1)
    each = (stock(one, sampled + 1) - first) / sampled
    return first + each * (len(one.samples) - 1)


class Timer:
    """A runner that notes how long another one's cells take, without opening and closing."""

    def __init__(self) -> None:
        self._runner = runner_for()
        self.isolation = self._runner.isolation
        self.seconds = 0.0

    def run(self, notebook: dict[str, Any], requests: dict[str, Any], limits: Limits) -> Run:
        """Run a notebook, and once more without its cells."""
        run = self._runner.run(notebook, requests, limits)
        empty = {"cells": [{"id": "x", "cell_type": "code", "metadata": {}, "source": ""}]}
        self.seconds += max(0.0, run.seconds - self._runner.run(empty, {}, limits).seconds)
        return run


def own_work(classes: list[Class], jobs: int, limits: Limits) -> float:
    """Seconds that the cells themselves take, all processes together, each on a core of its own."""
    context = get_context("spawn")
    cores = context.Queue()
    for number in range(jobs):
        cores.put(number)
    with futures.ProcessPoolExecutor(jobs, context, initializer=settle, initargs=(cores,)) as pool:
        work = [
            pool.submit(cells_alone, one.key, sample, limits)
            for one in classes
            for sample in one.samples
        ]
        return sum(each.result() for each in work)


def settle(cores: Any) -> None:
    """Stay on one core, as a worker does."""
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[cores.get() % len(allowed)]})


def cells_alone(key: AnswerKey, sample: Sample, limits: Limits) -> float:
    """Seconds that one submission's cells take."""
    timer = Timer()
    submission = Submission(sample.student, key.assignment, {"a.ipynb": sample.content})
    grade(submission, key, "secret", timer, limits)
    return timer.seconds


def start_to_stop() -> float:
    """Median seconds from asking for a sandbox to its end, with one empty cell in it."""
    runner = runner_for()
    cell = {"id": "x", "cell_type": "code", "metadata": {}, "source": ""}
    return statistics.median(runner.run({"cells": [cell]}, {}, Limits()).seconds for _ in range(30))


def report(options: argparse.Namespace) -> Iterator[str]:
    """Measure, and yield the lines of the table."""
    classes = [honest_class(lesson, options.submissions // 2) for lesson in LESSONS]
    count = sum(len(one.samples) for one in classes)
    yield f"{count} submissions of {' and '.join(LESSONS)}, {options.jobs} workers"
    fast = ours(classes, options.jobs)
    yield f"autograder grade              {fast.seconds / count:7.3f} s a submission"
    slow = sum(stock_for(one, options.stock) for one in classes)
    yield f"nbgrader autograde            {slow / count:7.3f} s a submission"
    yield f"ratio to stock                {slow / fast.seconds:7.1f}"
    work = own_work(classes, options.jobs, Limits())
    yield f"the cells' own work           {work / count:7.3f} s a submission on one core"
    yield f"ratio to own work             {fast.seconds * options.jobs / work:7.2f}"
    few = [one._replace(samples=one.samples[: options.drawn // 2]) for one in classes]
    drawn = ours(few, options.jobs, "--pictures")
    yield f"autograder grade --pictures   {drawn.seconds / options.drawn:7.3f} s a submission"
    work = own_work(few, options.jobs, Limits(pictures=True))
    yield f"own work, pictures drawn      {work / options.drawn:7.3f} s a submission on one core"
    yield f"ratio to own work, drawn      {drawn.seconds * options.jobs / work:7.2f}"
    yield f"sandbox, start to stop        {1000 * start_to_stop():7.1f} ms"
    for size in options.sizes:
        one = honest_class(LESSONS[0], size)
        spent = ours([one], options.jobs)
        yield (
            f"{size:4} of {LESSONS[0]}: {spent.seconds / size:6.3f} s a submission, "
            f"largest process {spent.megabytes:.0f} MB"
        )


def main() -> None:
    """Print the table line by line, as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=60)
    parser.add_argument("--stock", type=int, default=3, help="of each notebook")
    parser.add_argument("--drawn", type=int, default=20, help="submissions graded with pictures")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--sizes", type=lambda text: [int(n) for n in text.split(",") if n], default=[]
    )
    for line in report(parser.parse_args()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
