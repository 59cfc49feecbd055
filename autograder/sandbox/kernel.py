"""A kernel of Jupyter's own in a sandbox, for nbgrader, nbconvert, JupyterLab and their like."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.sandbox import warmth

BOUND = b"bound"


def warm_up() -> Callable[[socket.socket, dict[str, Any], int], None]:
    """Import what a kernel and notebooks use; return what a sandbox does with it."""
    import ipykernel.ipkernel
    import ipykernel.kernelapp  # noqa: F401 -- warm means imported

    warmth.import_everything()
    return serve


def serve(end: socket.socket, task: dict[str, Any], ready: int) -> None:
    """Be a kernel: bind the sockets that the connection names, say so, then serve them.

    Args:
        end: told once the sockets are there.
        task: "folder", where the sockets lie; "connection", the text of the connection file;
            "environment", further variables.
        ready: closed once nothing more has to be written in the folder.
    """
    from ipykernel.kernelapp import IPKernelApp

    file = Path(task["folder"], "kernel.json")
    file.write_text(task["connection"], encoding="utf-8")
    os.environ.update(task["environment"])
    sys.argv[:] = ["ipykernel_launcher"]
    app = IPKernelApp.instance()
    try:
        app.initialize(["-f", str(file), "--HistoryManager.hist_file=:memory:"])
    except BaseException as error:
        end.sendall(f"{type(error).__name__}: {error}".encode())
        raise
    os.close(ready)
    end.sendall(BOUND)
    end.close()
    app.start()
