"""Choose the runner: the sandbox where the system offers all of it, else an ordinary kernel.

What is in force is never assumed: a sandbox is opened and asked what it can reach.
"""

from __future__ import annotations

import atexit
import functools
import json
import sys
import tempfile
from typing import Literal

from autograder.errors import CourseError
from autograder.run import Limits, Runner

Required = Literal["any", "full"]
# Run inside a new sandbox: what it prints must be all false.
LOOK = """
import json, os, socket
def reaches(action):
    try:
        action()
    except OSError:
        return False
    return True
def connect():
    socket.create_connection(("127.0.0.1", {port}), timeout=2).close()
print(json.dumps(dict(
    reads_files=reaches(lambda: open({canary!r})),
    writes_files=reaches(lambda: open("/written", "w")),
    starts_programs=reaches(lambda: os.execv("/bin/true", ["true"])),
    uses_the_network=reaches(connect),
    sees_processes=os.getpid() > 2 or reaches(lambda: os.listdir("/proc/1")),
)))
"""


class IsolationRefused(CourseError):
    """Less isolation than was asked for; the text says why and what to do."""


def runner_for(required: Required = "any") -> Runner:
    """Return this process's runner; the first call makes it and starts its warm process.

    Raises:
        IsolationRefused: when "full" is required and not to be had here.
    """
    runner, reason = _best_runner()
    if required == "full" and reason:
        raise IsolationRefused(
            f"full isolation is not to be had here: {reason}. Grade on Linux 5.12 or newer, where "
            "users may make namespaces, or leave out --require-isolation"
        )
    return runner


def why_not_full() -> str:
    """Say what keeps this machine from full isolation; empty when nothing does."""
    return _best_runner()[1]


@functools.cache
def _best_runner() -> tuple[Runner, str]:
    reason = _unsuited()
    if not reason:
        runner, reason = _sandbox()
        if runner is not None:
            return runner, ""
    from autograder.kernels import KernelRunner

    return KernelRunner(), reason


def _sandbox() -> tuple[Runner | None, str]:
    """Start a warm process and look into a sandbox of its; say why it is none."""
    from autograder.sandbox.runner import SandboxRunner
    from autograder.sandbox.warm import SandboxRefused, WarmProcess

    runner = SandboxRunner(WarmProcess("shell"))
    try:
        runner.wait_until_warm()
        reason = _look_inside(runner)
    except (SandboxRefused, OSError) as error:
        reason = f"the system refuses the sandbox ({error})"
    if reason:
        runner.close()
        return None, reason
    atexit.register(runner.close)
    return runner, ""


def _unsuited() -> str:
    """Say why this system cannot have a sandbox at all; empty when it may."""
    if not sys.platform.startswith("linux"):
        return f"{sys.platform} has no namespaces"
    from autograder.sandbox import filters, linux

    if not filters.has_filter(linux.machine()):
        return f"there is no filter of system calls for processor {linux.machine()}"
    return ""


def _look_inside(runner: Runner) -> str:
    """Open a sandbox and let it try what it must not be able to do; say what it can."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server, tempfile.NamedTemporaryFile() as canary:
        source = LOOK.format(port=server.getsockname()[1], canary=canary.name)
        cell = {"id": "look", "cell_type": "code", "metadata": {}, "source": source}
        run = runner.run({"cells": [cell]}, {}, Limits(cell_seconds=20))
    try:
        can = json.loads(run.notebook["cells"][0]["outputs"][0]["text"])
    except (IndexError, KeyError, ValueError):
        return "a cell in the sandbox did not run"
    reached = [name.replace("_", " ") for name, reached in can.items() if reached]
    return f"a process in the sandbox {', '.join(reached)}" if reached else ""
