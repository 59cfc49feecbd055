"""Workers: processes that grade tasks. Losing one loses nothing but its time."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent import futures
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from autograder.errors import AutograderError
from autograder.grading import grade_task

MAX_WAITING = 4  # tasks in a pool at a time, for each of its workers
MAX_LETTERS = 2**28  # of all tasks at a time: a notebook may have 128 MB
MAX_ELSEWHERE = 256  # tasks at a time with an executor whose size is not known

Task = tuple[Any, str]  # whose it is, and its text


def graded_by(
    tasks: Iterable[Task], workers: futures.Executor | None, jobs: int
) -> Iterator[tuple[Any, str | None]]:
    """Yield each owner's graded text as it is done; None where the worker did not survive it.

    Tasks are taken as workers become free: a class is never in memory as a whole.

    Args:
        tasks: whose it is, and its text.
        workers: runs them; local processes by default. Where it is a pool of those, such as
            `warm_processes` gives, others take over when a worker of it dies.
        jobs: number of local processes.

    Raises:
        AutograderError: that a worker raised about the whole batch, such as too little isolation.
    """
    left, lost = iter(tasks), list[Task]()
    if workers is not None:
        own = isinstance(workers, futures.ProcessPoolExecutor)
        yield from _drain(workers, left, lost, MAX_WAITING * jobs if own else MAX_ELSEWHERE)
        if not own:
            yield from ((owner, None) for owner, _ in lost)
            return
    for first in left:  # a pool whose worker died is of no more use: the next goes on
        with local_processes(jobs) as pool:
            yield from _drain(pool, itertools.chain([first], left), lost, MAX_WAITING * jobs)
    # Whoever was in a pool when a worker died gets one of his own: then it is known whose fault.
    for task in lost:
        lost_again: list[Task] = []
        with local_processes(1) as pool:
            yield from _drain(pool, iter([task]), lost_again, 1)
        yield from ((owner, None) for owner, _ in lost_again)


def _drain(
    pool: futures.Executor, tasks: Iterator[Task], lost: list[Task], most: int
) -> Iterator[tuple[Any, str | None]]:
    """Grade tasks until there are none, or until a worker dies; add those that got lost."""
    waiting: dict[futures.Future[Any], Task] = {}
    broken = False
    while waiting or not broken:
        while not broken and len(waiting) < most and _letters(waiting.values()) < MAX_LETTERS:
            task = next(tasks, None)
            if task is None:
                break
            try:
                waiting[pool.submit(grade_task, task[1])] = task
            except futures.BrokenExecutor:
                lost.append(task)
                broken = True
        if not waiting:
            return
        for future in futures.wait(waiting, return_when=futures.FIRST_COMPLETED).done:
            task = waiting.pop(future)
            text = _text(future)
            if text is None:
                lost.append(task)
            else:
                yield task[0], text


def _letters(tasks: Iterable[Task]) -> int:
    return sum(len(text) for _, text in tasks)


def _text(future: futures.Future[Any]) -> str | None:
    try:
        text: str = future.result()
    except AutograderError:
        raise
    except Exception:  # noqa: BLE001 - whatever became of the worker, the others go on
        return None
    return text


@contextmanager
def local_processes(jobs: int) -> Iterator[futures.Executor]:
    """Open a pool of worker processes on this machine, each on a core of its own."""
    # Not "fork": the parent holds the gradebook and the secret.
    context = get_context("spawn")
    cores: Any = context.Queue()
    for number in range(jobs):
        cores.put(number)
    with futures.ProcessPoolExecutor(
        max_workers=jobs, mp_context=context, initializer=_begin, initargs=(cores, os.getpid())
    ) as pool:
        yield pool


@contextmanager
def warm_processes(jobs: int) -> Iterator[futures.Executor]:
    """Open a pool whose workers start at once, before there is anything for them to do."""
    with local_processes(jobs) as pool:
        for _ in range(jobs):
            pool.submit(_idle)
        yield pool


def _idle() -> None:
    """Give a worker a reason to start."""


def _begin(cores: Any, grader: int) -> None:
    """Settle a worker and its sandboxes on one core, and warm it up."""
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[cores.get() % len(allowed)]})
    if sys.platform.startswith("linux"):
        from autograder.sandbox import linux

        linux.die_with_parent()  # a killed grader must leave no worker waiting for ever
        if os.getppid() != grader:
            os._exit(1)  # it was killed before that could be asked for
    from autograder.isolation import runner_for

    runner_for()
