"""The runner behind the sandbox: each submission in a fork of a process that is already warm."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from autograder.run import Fate, Limits, Run
from autograder.sandbox.frames import Channel, Closed, Flooded
from autograder.sandbox.warm import Sandbox, SandboxRefused, WarmProcess
from autograder.session import Listener, run_notebook

FULL = (
    "full: own user, files, network, processes and IPC (namespaces); read-only libraries; "
    "no privileges; filtered system calls; limits"
)
TICK = 0.05  # seconds between looks at the clock and at the memory in use
SLACK_BYTES = 2**24  # frames are longer than what they carry


class SandboxRunner:
    """Runs each submission in a sandbox of its own, forked from a warm process.

    Args:
        warm: a warm process of kind "shell", or one that is still warming up.
    """

    isolation = FULL

    def __init__(self, warm: WarmProcess) -> None:
        self._warm = warm

    def wait_until_warm(self) -> None:
        """Wait until sandboxes can be opened.

        Raises:
            SandboxRefused: when the warm process does not come up.
        """
        self._warm.wait_until_warm()

    def close(self) -> None:
        """End the warm process and all that it forked."""
        self._warm.close()

    def run(self, notebook: dict[str, Any], requests: Mapping[str, str], limits: Limits) -> Run:
        """Run the cells in order; see `autograder.run.Runner`."""
        run = run_notebook(notebook, requests, limits, lambda: self._open(limits))
        run.isolation = self.isolation
        return run

    @contextmanager
    def _open(self, limits: Limits) -> Iterator[_Inmate]:
        sandbox = self._sandbox(limits)
        try:
            yield _Inmate(sandbox, limits)
        finally:
            sandbox.close()

    def _sandbox(self, limits: Limits) -> Sandbox:
        """Open a sandbox; a warm process that somebody killed is started again, once."""
        task = {"pictures": limits.pictures}
        try:
            return self._warm.open(_room(limits), task)
        except SandboxRefused:
            self._warm.close()
            self._warm = WarmProcess("shell")
            self._warm.wait_until_warm()
            return self._warm.open(_room(limits), task)


def _room(limits: Limits) -> dict[str, Any]:
    return {
        "memory_bytes": limits.memory_bytes,
        "file_bytes": limits.file_bytes,
        "cpu_seconds": math.ceil(limits.notebook_seconds) + 1,
    }


class _Inmate:
    """A sandboxed process as `autograder.session.Process`; nothing that it says is trusted."""

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        self._sandbox, self._limits = sandbox, limits
        self._channel = Channel(sandbox.end)
        self._looked = 0.0  # when the memory was last looked at

    def run(
        self, source: str, listen: Listener, seconds: float, *, counted: bool
    ) -> tuple[Fate | None, int | None]:
        """Run a cell's source."""
        most = self._limits.output_bytes
        order = {"run": source, "count": counted, "most": most}
        return self._talk(order, "done", listen, seconds)

    def ask(self, request: str, seconds: float) -> tuple[Fate | None, str | None]:
        """Put a packed request."""
        fate, reply = self._talk({"ask": request}, "reply", None, seconds)
        return fate, reply if isinstance(reply, str) else None

    def _talk(
        self, order: dict[str, Any], wanted: str, listen: Listener | None, seconds: float
    ) -> tuple[Fate | None, Any]:
        """Send an order and pass on outputs until its answer comes or a limit is reached."""
        deadline = time.monotonic() + seconds
        most = self._channel.received + 8 * self._limits.output_bytes + SLACK_BYTES
        try:
            self._channel.send(order, seconds)
            while True:
                frame = self._channel.receive(min(deadline, time.monotonic() + TICK))
                if frame is not None and wanted in frame:
                    return None, frame[wanted]
                if frame is not None and listen is not None:
                    listen(frame.get("output"), frame.get("content"))
                if fate := self._trespass(deadline, most):
                    return fate, None
        except Closed:
            return ("timeout" if time.monotonic() > deadline else "died"), None
        except Flooded:
            return "flood", None

    def _trespass(self, deadline: float, most: int) -> Fate | None:
        if time.monotonic() > deadline:
            return "timeout"
        if self._channel.received > most:
            return "flood"
        if time.monotonic() > self._looked + TICK:
            self._looked = time.monotonic()
            if self._sandbox.memory() > self._limits.memory_bytes:
                return "memory"
        return None
