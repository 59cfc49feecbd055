"""A bound on memory for the steps in which a worker itself reads a learner's bytes."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

_ONE = threading.RLock()  # the limit is the process's: two threads would undo each other's


@contextlib.contextmanager
def memory_limit(more: int) -> Iterator[None]:
    """Let the body take `more` bytes than the process has; beyond them it gets a MemoryError.

    A file of 100 MB can hold thirty million empty lists, which are thirty times as large once
    read. Where the system cannot tell what a process has (not Linux), there is no limit.
    """
    if sys.platform != "linux":
        yield
        return
    import resource

    with _ONE:
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = _address_space() + more
        if soft == resource.RLIM_INFINITY or most < soft:
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")
