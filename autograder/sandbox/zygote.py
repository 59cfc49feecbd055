"""The warm process: it has imported all that notebooks use and forks a sandbox when asked.

It is started afresh, with a clean environment, before anybody has read a hidden input or a
solution: what a learner's process inherits from it is libraries. It never runs a learner's code.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from autograder.sandbox import filesystem
from autograder.sandbox.frames import MAX_REQUEST
from autograder.sandbox.keeper import Room, fork_sandbox

Inmate = Callable[[socket.socket, dict[str, Any], int], None]


def main() -> None:
    """Warm up, then fork a sandbox for each request until the grader goes away."""
    kind, descriptor = sys.argv[1:]
    control = socket.socket(fileno=int(descriptor))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, which then goes away
    inside = _warm_up(kind)
    gc.collect()
    gc.freeze()  # shared pages stay shared: the collector does not touch them in a child
    libraries = filesystem.library_folders()
    os.environ.update(filesystem.ENVIRONMENT)
    control.sendall(b"warm")
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, MAX_REQUEST, 1)
        if not data:
            return
        _reap()
        _answer(control, inside, libraries, json.loads(data), descriptors)


def _warm_up(kind: str) -> Inmate:
    """Import everything for one kind of inmate and return what it does inside."""
    if kind == "shell":
        from autograder.sandbox import shell

        return shell.warm_up()
    from autograder.sandbox import kernel

    return kernel.warm_up()


def _answer(
    control: socket.socket,
    inside: Inmate,
    libraries: list[str],
    request: dict[str, Any],
    descriptors: list[int],
) -> None:
    room = Room(libraries=libraries, **request["room"])
    with socket.socket(fileno=descriptors[0]) as channel:
        handles: list[int] = []
        try:
            serve = partial(inside, channel, request["task"])
            pids = fork_sandbox(room, descriptors, serve)
            handles += map(os.pidfd_open, pids)
        except OSError as error:
            control.sendall(json.dumps({"error": str(error)}).encode())
        else:
            socket.send_fds(control, [json.dumps({"pid": pids.first}).encode()], handles)
        for handle in handles:
            os.close(handle)


def _reap() -> None:
    """Clear away keepers that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    main()
