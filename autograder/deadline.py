"""A bound on time for the steps in which a worker itself works on what a learner's code gave."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType


class OutOfTime(Exception):
    """The time was used up."""


@dataclass
class Deadline:
    """A time limit that is running.

    Attributes:
        passed: whether the time was used up; it stays so where the error itself was caught.
    """

    passed: bool = False


@contextlib.contextmanager
def time_limit(seconds: float, deadline: Deadline) -> Iterator[None]:
    """Let the body use so many seconds of the processor; then it gets an `OutOfTime`.

    Not seconds of the clock: a busy machine must cost nobody a mark. Where the system has no such
    timer (Windows), and outside of a process's main thread, there is no limit.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if not hasattr(signal, "setitimer") or not in_main:
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        deadline.passed = True
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
