"""Run: execute a repaired notebook and carry the judge's questions to it.

`Runner` is the seam: whatever can run cells in order and answer requests may stand behind it. The
one here starts an ordinary kernel process in a folder of its own with a cleaned environment.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell
from traitlets.config import Config

from downslope.channel import MIME

Fate = Literal["timeout", "died", "not run"]
OUTPUT_MESSAGES = ("stream", "display_data", "execute_result", "error")
CUT = {
    "output_type": "stream",
    "name": "stdout",
    "text": "[Output over the limit was cut here.]\n",
}


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Attributes:
        cell_seconds: wall time of one cell, and of one request of the judge.
        notebook_seconds: wall time of all cells together.
        memory_bytes: address space of the kernel.
        output_bytes: kept output of one cell.
    """

    cell_seconds: float = 60.0
    notebook_seconds: float = 600.0
    memory_bytes: int = 4 * 2**30
    output_bytes: int = 2**20


@dataclass
class Run:
    """What running a notebook gave.

    Attributes:
        notebook: the notebook with outputs.
        replies: exercise -> the kernel's reply to the judge's request.
        fates: cell id -> what kept the cell from ending; cells that ended are not in it.
        isolation: what kept the kernel apart.
        seconds: wall time.
    """

    notebook: dict[str, Any]
    replies: dict[str, str] = field(default_factory=dict)
    fates: dict[str, Fate] = field(default_factory=dict)
    isolation: str = ""
    seconds: float = 0.0


class Runner(Protocol):
    """Runs a notebook's cells in order and asks the judge's requests on the way."""

    def run(self, notebook: dict[str, Any], requests: Mapping[str, str], limits: Limits) -> Run:
        """Run it.

        Args:
            notebook: a repaired notebook.
            requests: cell id -> packed request, asked once, right after that cell has ended.
            limits: what the notebook may use.
        """
        ...


class KernelRunner:
    """Runs each submission in an ordinary IPython kernel process."""

    isolation = "reduced: own process, own folder, cleaned environment, limits; same user"

    def run(self, notebook: dict[str, Any], requests: Mapping[str, str], limits: Limits) -> Run:
        """Run the cells; a cell that hangs or kills the kernel costs itself alone.

        After such a cell a fresh kernel runs the cells before it once more and goes on.
        """
        begin = time.monotonic()
        run = Run(notebook, isolation=self.isolation)
        node = from_dict({**notebook, "cells": [dict(cell) for cell in notebook["cells"]]})
        session = _Session(node, requests, limits, run)
        session.run_all()
        cells = json.loads(json.dumps(node.cells))
        run.notebook = {**notebook, "cells": cells}
        run.seconds = time.monotonic() - begin
        return run


class _Session:
    """One submission's way through as many kernels as it takes."""

    def __init__(
        self, node: NotebookNode, requests: Mapping[str, str], limits: Limits, run: Run
    ) -> None:
        self.node, self.requests, self.limits, self.run = node, requests, limits, run
        self.deadline = time.monotonic() + limits.notebook_seconds
        cells = enumerate(node.cells)
        self.waiting = [index for index, cell in cells if cell.cell_type == "code"]
        self.done: list[int] = []

    def run_all(self) -> None:
        """Run every code cell, or say why it was not run."""
        while self.waiting and self._time_left():
            with _kernel(self.node, self.limits) as client:
                if not self._replay(client):
                    break
                self._advance(client)
        for index in self.waiting:
            self.run.fates[self.node.cells[index].id] = "not run"

    def _time_left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def _replay(self, client: NotebookClient) -> bool:
        """Bring a fresh kernel to where the last one ended; False when that fails."""
        return all(
            self._execute(client, new_code_cell(self.node.cells[index].source), index) is None
            for index in self.done
        )

    def _advance(self, client: NotebookClient) -> None:
        """Run waiting cells until one takes the kernel with it."""
        while self.waiting and self._time_left():
            index = self.waiting.pop(0)
            cell = self.node.cells[index]
            fate = self._execute(client, cell, index)
            if fate is None and cell.id in self.requests:
                fate = self._ask(client, cell)
            if fate is not None:
                self.run.fates[cell.id] = fate
                return
            self.done.append(index)

    def _execute(
        self, client: NotebookClient, cell: Any, index: int, *, counted: bool = True
    ) -> Fate | None:
        seconds = min(self.limits.cell_seconds, self._time_left())
        client.timeout = max(1, math.ceil(seconds))
        try:
            client.execute_cell(cell, index, store_history=counted)
        except CellTimeoutError:
            return "timeout"
        except DeadKernelError:
            return "died"
        return None

    def _ask(self, client: NotebookClient, cell: Any) -> Fate | None:
        """Put the judge's request to the kernel and keep the first reply."""
        request = self.requests[cell.id]
        source = f"import downslope.channel\ndownslope.channel.respond({request!r}, globals())"
        probe = new_code_cell(source)
        fate = self._execute(client, probe, -1, counted=False)
        for output in probe.outputs:
            if output.output_type == "display_data" and MIME in output.data:
                self.run.replies.setdefault(cell.id, str(output.data[MIME]))
        return fate


class _Client(NotebookClient):
    """nbclient with a cap on kept output, counted while it streams."""

    output_bytes = 2**20

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Drop output over the cap; say so once. The judge's probe has index -1 and its own cap."""
        if msg["msg_type"] in OUTPUT_MESSAGES and cell_index >= 0:
            used: dict[int, int] = self.__dict__.setdefault("used_bytes", {})
            before = used.get(cell_index, 0)
            used[cell_index] = before + len(repr(msg["content"]))
            if used[cell_index] > self.output_bytes:
                if before <= self.output_bytes:
                    cell.outputs.append(NotebookNode(CUT))
                return None
        return super().process_message(msg, cell, cell_index)


# What a learner's code writes past Jupyter, straight to file descriptors 1 and 2, is dropped: it
# must not flood the instructor's terminal.
_SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


# Longer paths do not fit into a Unix socket's address (104 bytes on macOS, 108 on Linux).
_LONGEST_SOCKET = 100


def _transport(home: Path) -> Config:
    """Speak to the kernel through socket files in its folder, where the system can."""
    connection = home / "kernel.json"
    if sys.platform == "win32" or len(str(connection)) > _LONGEST_SOCKET:
        return Config()
    # The file must be named here: jupyter_client otherwise makes the sockets' path relative.
    return Config(KernelManager={"transport": "ipc", "connection_file": str(connection)})


@contextmanager
def _kernel(node: NotebookNode, limits: Limits) -> Iterator[_Client]:
    """Start a kernel in an empty home folder that is removed afterwards."""
    home = Path(tempfile.mkdtemp(prefix="submission-"))
    client = _Client(
        node,
        kernel_name="python3",
        allow_errors=True,
        record_timing=False,
        interrupt_on_timeout=False,
        # A loop that no interrupt ends must not hold up the batch: the kernel is killed at once.
        shutdown_kernel="immediate",
        store_widget_state=False,
        config=_transport(home),
    )
    client.output_bytes = limits.output_bytes
    try:
        with client.setup_kernel(env=_environment(home), cwd=str(home), **_SILENT):
            client.timeout = 60
            client.execute_cell(new_code_cell(_prelude(limits)), -1, store_history=False)
            yield client
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _environment(home: Path) -> dict[str, str]:
    """The few variables that a kernel needs; nothing of the grader's own environment."""
    _copy_font_cache(home)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}
    return {
        **kept,
        **threads,
        "HOME": str(home),
        "TMPDIR": str(home),
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "IPYTHONDIR": str(home / "ipython"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }


def _copy_font_cache(home: Path) -> None:
    # Without it matplotlib scans the machine's fonts anew in each home: seconds a submission.
    import matplotlib as mpl

    (home / "matplotlib").mkdir()
    for path in Path(mpl.get_cachedir()).glob("fontlist-*.json"):
        shutil.copy(path, home / "matplotlib")


def _prelude(limits: Limits) -> str:
    return (
        "def _limit():\n"
        "    try:\n"
        "        import resource\n"
        "    except ImportError:\n"
        "        return\n"
        f"    resource.setrlimit(resource.RLIMIT_AS, ({limits.memory_bytes},) * 2)\n"
        f"    resource.setrlimit(resource.RLIMIT_FSIZE, ({64 * 2**20},) * 2)\n"
        "    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "_limit()\n"
        "del _limit"
    )
