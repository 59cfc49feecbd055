"""Time that a worker spends on one answer is bounded, whatever the body catches."""

import contextlib
import signal
import threading
import time

import pytest

from autograder.deadline import Deadline, OutOfTime, time_limit

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="the system has no timer of processor time"
)


def work(seconds: float) -> None:
    """Use the processor."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_body_that_ends_in_time_is_left_alone():
    deadline = Deadline()
    with time_limit(20, deadline):
        work(0.01)
    assert not deadline.passed


def test_a_body_that_takes_too_long_is_stopped():
    with pytest.raises(OutOfTime), time_limit(0.05, Deadline()):
        work(20)


def test_a_body_that_catches_everything_is_found_out():
    deadline = Deadline()
    with time_limit(0.05, deadline), contextlib.suppress(Exception):
        work(20)
    assert deadline.passed


def test_waiting_costs_nothing():
    deadline = Deadline()
    with time_limit(0.05, deadline):
        time.sleep(0.2)
    assert not deadline.passed


def test_nothing_is_left_behind():
    before = signal.getsignal(signal.SIGPROF)
    with contextlib.suppress(OutOfTime), time_limit(0.02, Deadline()):
        work(20)
    assert signal.getsignal(signal.SIGPROF) is before
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_another_thread_has_no_limit():
    deadline = Deadline()

    def body() -> None:
        with time_limit(0.02, deadline):
            work(0.1)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert not deadline.passed
