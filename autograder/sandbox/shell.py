"""The learner's process: Jupyter's own shell without a kernel around it, driven over a channel.

The shell, its display hook, publisher and tracebacks are ipykernel's classes, so a cell gives the
outputs that it gives in a notebook. Only what carries the messages is ours: a session that writes
each as a frame.

    in   {"run": source, "count": bool, "most": bytes of output}   {"ask": request}
    out  {"output": kind, "content": {...}} while a cell runs, then {"done": its number}
         {"reply": answer}

Everything here shares a process with the learner's code, which may change any of it. So nothing
that comes out is believed: outputs are shown, replies are judged.
"""

from __future__ import annotations

import builtins
import io
import json
import os
import random
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import Any

from ipykernel.compiler import XCachingCompiler
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from jupyter_client.session import Session
from traitlets.config import Config

from autograder.sandbox import warmth
from autograder.sandbox.frames import Channel
from downslope.channel import answer

Send = Callable[[str, dict[str, Any]], None]
MESSAGES = {"display_data", "update_display_data", "execute_result", "error", "clear_output"}


class FrameSession(Session):
    """A session whose messages leave as frames, or nowhere."""

    outlet: Send | None = None

    def send(
        self, stream: Any, msg_or_type: Any, content: Any = None, *_: Any, **__: Any
    ) -> dict[str, Any] | None:
        """Send a message's kind and content; what no notebook keeps is dropped."""
        del stream
        kind = msg_or_type
        if isinstance(msg_or_type, dict):
            kind, content = msg_or_type["msg_type"], msg_or_type["content"]
        if self.outlet is not None and kind in MESSAGES:
            self.outlet(kind, content)
        return None


class Outlet:
    """Writes outputs of one cell as frames, up to a number of bytes; then it says so once.

    Args:
        channel: leads to the judge.
        most: bytes.
    """

    def __init__(self, channel: Channel, most: int) -> None:
        self._channel, self._left = channel, most
        self._lock = threading.RLock()  # a learner's threads may print too

    def __call__(self, kind: str, content: dict[str, Any]) -> None:
        """Send an output."""
        size = len(json.dumps(content))
        with self._lock:
            if self._left < 0:
                return
            self._left -= size
            if self._left < 0:
                kind, content = "cut", {}
            self._channel.send({"output": kind, "content": content})


class FrameStream(io.TextIOBase):
    """Standard output or error: text is gathered and sent as a notebook's stream output.

    Args:
        name: "stdout" or "stderr".
        session: gives the outlet.
    """

    gathered_most = 2**16

    def __init__(self, name: str, session: FrameSession) -> None:
        super().__init__()
        self.name, self._session = name, session
        self._parts: list[str] = []
        self._size = 0

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Text is sent as UTF-8."""
        return "UTF-8"

    def isatty(self) -> bool:
        """Say what ipykernel's streams say."""
        return False

    def writable(self) -> bool:
        """Say that it can be written."""
        return True

    def write(self, text: str) -> int:
        """Gather text.

        Raises:
            TypeError: for anything but text.
        """
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self._parts.append(text)
        self._size += len(text)
        if self._size > self.gathered_most:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Send what was gathered; drop it while nobody listens."""
        text, self._parts, self._size = "".join(self._parts), [], 0
        if text and self._session.outlet is not None:
            self._session.outlet("stream", {"name": self.name, "text": text})


class Inmate:
    """The shell of one sandbox, made before the fork and told of its channel after it."""

    def __init__(self) -> None:
        self.session = FrameSession()
        self.shell = _make_shell()
        for part in (self.shell.displayhook, self.shell.display_pub):
            part.session, part.pub_socket = self.session, self
        self.shell.displayhook.topic = b"execute_result"
        # exit() and quit() would end the shell a moment later, in the middle of another cell.
        self.shell.ask_exit = lambda: None
        self.streams = FrameStream("stdout", self.session), FrameStream("stderr", self.session)

    def serve(self, end: socket.socket, task: dict[str, Any], ready: int) -> None:
        """Run cells and answer questions until the judge goes away."""
        os.close(ready)
        channel = Channel(end)
        random.seed()
        if task["pictures"]:
            self.shell.run_cell(warmth.PICTURES, store_history=False)
        sys.stdout, sys.stderr = self.streams
        builtins.input = _no_input
        while True:
            frame = channel.receive()
            if frame and "run" in frame:
                self.session.outlet = Outlet(channel, frame["most"])
                channel.send({"done": self._run(frame["run"], counted=frame["count"])})
            elif frame and "ask" in frame:
                channel.send({"reply": self._reply(frame["ask"])})

    def _run(self, source: str, *, counted: bool) -> int:
        """Run a cell; return its number."""
        number: int = self.shell.execution_count
        try:
            self.shell.run_cell(source, store_history=counted)
        except BaseException as error:  # noqa: BLE001 -- a broken shell costs this cell alone
            words = {"ename": type(error).__name__, "evalue": str(error), "traceback": []}
            self.session.send(None, "error", words)
        for stream in self.streams:
            stream.flush()
        return number

    def _reply(self, request: str) -> str | None:
        """Answer a question of the judge; what is printed on the way goes nowhere."""
        self.session.outlet = None
        try:
            return answer(request, self.shell.user_ns)
        except BaseException:  # noqa: BLE001 -- no reply: the judge says what that means
            return None


def _make_shell() -> Any:
    # No history file: it would start a thread, and a process with threads must not fork.
    settings = Config(HistoryManager={"enabled": False})
    return ZMQInteractiveShell.instance(config=settings, compiler_class=XCachingCompiler)


def _no_input(prompt: object = "") -> str:
    """Answer `input` as a kernel does whose user has gone.

    Raises:
        StdinNotImplementedError: always.
    """
    del prompt
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


def warm_up() -> Callable[[socket.socket, dict[str, Any], int], None]:
    """Make the shell and import what notebooks use; return what a sandbox does with them."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IPYTHONDIR"] = folder
        inmate = Inmate()
        warmth.import_everything()
        warmth.draw_once(inmate.shell)
        inmate.shell.run_cell(warmth.NO_PICTURES, store_history=False)
    return inmate.serve
