"""Frames: JSON objects with their length in front, over a socket between judge and sandbox.

Nothing that arrives is ever more than JSON. Sizes are bounded before anything is read into memory,
and waiting is bounded in time, because the other end may be a learner's code.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import time
from typing import Any

MAX_FRAME = 16 * 2**20
MAX_REQUEST = 2**16  # of a request to a warm process
HEAD = 4
PIECE = 2**18


class Closed(Exception):
    """The other end has gone."""


class Flooded(Exception):
    """The other end sends more than anybody asked for."""


class Channel:
    """One end of a socket pair.

    Args:
        end: a connected stream socket.
    """

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        end.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
        self.received = 0  # bytes since the channel was made
        self._buffer = bytearray()

    def send(self, frame: dict[str, Any], seconds: float | None = None) -> None:
        """Send a frame.

        Raises:
            Closed: when the other end has gone, or does not read within `seconds`.
        """
        data = json.dumps(frame).encode("ascii")
        self.socket.settimeout(seconds)
        try:
            self.socket.sendall(len(data).to_bytes(HEAD, "big") + data)
        except OSError as error:  # a time-out is one too
            raise Closed(str(error)) from None

    def receive(self, deadline: float | None = None) -> dict[str, Any] | None:
        """Wait for a frame.

        Args:
            deadline: on the clock of `time.monotonic`; without one it waits for ever.

        Returns:
            The frame; None when the time is up, or when the bytes are no frame.

        Raises:
            Closed: when the other end has gone.
            Flooded: when a frame is larger than `MAX_FRAME`.
        """
        if not self._fill(HEAD, deadline):
            return None
        length = int.from_bytes(self._buffer[:HEAD], "big")
        if length > MAX_FRAME:
            raise Flooded(f"a frame of {length} bytes")
        if not self._fill(HEAD + length, deadline):
            return None
        data = bytes(self._buffer[HEAD : HEAD + length])
        del self._buffer[: HEAD + length]
        return _read(data)

    def _fill(self, size: int, deadline: float | None) -> bool:
        """Read until the buffer holds so many bytes; say whether it does."""
        while len(self._buffer) < size:
            if not self._is_readable(deadline):
                return False
            try:
                # Never a wait here: out-of-band bytes make a socket readable with nothing to read.
                piece = self.socket.recv(PIECE, socket.MSG_DONTWAIT)
            except BlockingIOError:
                continue
            except OSError as error:
                raise Closed(str(error)) from None
            if not piece:
                raise Closed("end of file")
            self._buffer += piece
            self.received += len(piece)
        return True

    def _is_readable(self, deadline: float | None) -> bool:
        self.socket.settimeout(None)
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        wait = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
        return bool(poll.poll(wait))

    def close(self) -> None:
        """Close this end."""
        with contextlib.suppress(OSError):
            self.socket.close()


def _read(data: bytes) -> dict[str, Any]:
    """Read a frame's bytes; what is not a JSON object is an empty frame."""
    try:
        frame = json.loads(data)
    except (ValueError, RecursionError, MemoryError):
        return {}
    return frame if isinstance(frame, dict) else {}
