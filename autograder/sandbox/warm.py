"""The grader's side: start a warm process, open sandboxes in it, end them without a trace."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.sandbox.frames import MAX_REQUEST

START_SECONDS = 120
END_SECONDS = 10
UNCOUNTED = (
    "the memory of its processes cannot be counted: /proc must be mounted, show this user's "
    "processes (no hidepid) and list their children (CONFIG_PROC_CHILDREN)"
)
HANDLES = 3  # keeper, first process, learner's process


class SandboxRefused(Exception):
    """The system does not allow a part of the sandbox; the text is the system's own."""


@dataclass
class Sandbox:
    """One learner's process in its sandbox.

    Attributes:
        end: this side of the channel.
        pid: its first process, as seen from here.
        keeper: descriptor of its keeper, which ends when all of it has ended.
    """

    end: socket.socket
    pid: int
    keeper: int
    _first: int
    _learner: int

    def close(self) -> None:
        """End every process in it and wait until they are gone."""
        self.end.close()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._first, signal.SIGKILL)
        # A process that the kernel is still clearing away gets time; it can no longer run code.
        select.select([self.keeper], [], [], END_SECONDS)
        for handle in (self.keeper, self._first, self._learner):
            os.close(handle)

    @property
    def ended(self) -> bool:
        """Whether its first process, and so all of them, has ended."""
        return bool(select.select([self.keeper], [], [], 0)[0])

    def signal(self, number: int) -> None:
        """Send a signal to the learner's process."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._learner, number)

    @property
    def is_counted(self) -> bool:
        """Whether its learner's process can be seen from here, so that its memory is counted."""
        return len(list(_family(self.pid))) > 1 and self.memory() > 0

    def memory(self) -> int:
        """Count the bytes that all its processes have in use together."""
        page = os.sysconf("SC_PAGE_SIZE")
        return sum(_resident(pid) for pid in _family(self.pid)) * page


def _family(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                yield from _family(int(child))


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError):
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
        return int(fields[1]) - int(fields[2])  # without pages of files
    return 0


class WarmProcess:
    """A warm process of one kind; sandboxes are forked from it.

    Args:
        kind: "shell" for cells that are driven over the channel, "kernel" for Jupyter's kernel.
    """

    def __init__(self, kind: str) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = _start(kind, theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def wait_until_warm(self) -> None:
        """Wait for its imports.

        Raises:
            SandboxRefused: when it does not come up.
        """
        self._control.settimeout(START_SECONDS)
        try:
            said = self._control.recv(16)
        except OSError:
            said = b""
        if said != b"warm":
            self.close()
            raise SandboxRefused("the warm process did not start")
        self._control.settimeout(None)

    def open(self, room: dict[str, Any], task: dict[str, Any] | None = None) -> Sandbox:
        """Fork a sandbox.

        Args:
            room: fields of `keeper.Room` but the libraries.
            task: what the inmate is to do; a shell needs none.

        Raises:
            SandboxRefused: when the system does not allow it.
        """
        mine, theirs = socket.socketpair()
        request = json.dumps({"room": room, "task": task or {}}).encode()
        try:
            with theirs:
                socket.send_fds(self._control, [request], [theirs.fileno()])
            data, handles, _, _ = socket.recv_fds(self._control, MAX_REQUEST, HANDLES)
        except OSError as error:
            mine.close()
            raise SandboxRefused(f"the warm process is gone: {error}") from None
        answer = json.loads(data) if data else {"error": "the warm process is gone"}
        if "error" in answer or len(handles) != HANDLES:
            mine.close()
            raise SandboxRefused(str(answer.get("error", "no handle of the sandbox")))
        sandbox = Sandbox(mine, int(answer["pid"]), *handles)
        if not sandbox.is_counted:
            sandbox.close()
            raise SandboxRefused(UNCOUNTED)
        return sandbox

    def close(self) -> None:
        """End it, and with it every sandbox that is still open."""
        self._control.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _start(kind: str, control: socket.socket) -> subprocess.Popen[bytes]:
    module = "autograder.sandbox.zygote"
    # -P: the folder in which somebody starts the grader is no place to import from.
    command = [sys.executable, "-P", "-m", module, kind, str(control.fileno())]
    return subprocess.Popen(
        command,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[control.fileno()],
        start_new_session=True,
    )


def environment() -> dict[str, str]:
    """The few variables that a warm process starts with; a sandbox gets a home of its own."""
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}
    fixed = {"PATH": "/usr/bin", "LANG": "C.UTF-8", "TERM": "xterm-color"}
    # Threads reserve address space, which is limited; matplotlib's list of fonts lies at home.
    return {**threads, **fixed, "MALLOC_ARENA_MAX": "2", "HOME": str(Path.home())}
