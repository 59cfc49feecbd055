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
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, CellTimeoutError
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
WHOLE = ""  # key of the whole notebook among the cells' ids
PROBE_BYTES = 8 * 2**20  # twice what the judge reads


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Attributes:
        cell_seconds: wall time of one cell, and of one request of the judge.
        notebook_seconds: wall time of all cells together.
        memory_bytes: address space of the kernel.
        output_bytes: kept output of one cell.
        notebook_output_bytes: kept output of all cells together.
    """

    cell_seconds: float = 60.0
    notebook_seconds: float = 600.0
    memory_bytes: int = 4 * 2**30
    output_bytes: int = 2**20
    notebook_output_bytes: int = 32 * 2**20


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
        cells = [from_dict(dict(cell)) for cell in notebook["cells"]]
        _Session(cells, requests, limits, run).run_all()
        run.notebook = {**notebook, "cells": _plain(cells)}
        run.seconds = time.monotonic() - begin
        return run


def _plain(cells: list[NotebookNode]) -> Any:
    """Return cells as plain data; half characters that a kernel sent would break every file."""
    text = json.dumps(cells, ensure_ascii=False)
    return json.loads(text.encode("utf-8", "replace").decode("utf-8"))


class _Session:
    """One submission's way through as many kernels as it takes."""

    def __init__(
        self, cells: list[NotebookNode], requests: Mapping[str, str], limits: Limits, run: Run
    ) -> None:
        self.cells, self.requests, self.limits, self.run = cells, requests, limits, run
        self.deadline = time.monotonic() + limits.notebook_seconds
        self.waiting = [i for i, cell in enumerate(cells) if cell.cell_type == "code"]
        self.done: list[int] = []
        self.spent: Counter[str] = Counter()

    def run_all(self) -> None:
        """Run every code cell, or say why it was not run."""
        while self.waiting and self._time_left():
            with _kernel(self._notebook(), self.limits, self.spent) as client:
                if self._replay(client):
                    self._advance(client)
        for index in self.waiting:
            self.run.fates[self.cells[index].id] = "not run"

    def _notebook(self) -> NotebookNode:
        """Lay out the cells for one kernel: copies where they run again, a place for probes last.

        nbclient writes every cell that it runs into its notebook, so whatever is not of the
        submission needs a place of its own there.
        """
        cells = [
            new_code_cell(cell.source) if index in self.done else cell
            for index, cell in enumerate(self.cells)
        ]
        return NotebookNode(
            cells=[*cells, new_code_cell()], metadata=NotebookNode(), nbformat=4, nbformat_minor=5
        )

    def _time_left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def _replay(self, client: NotebookClient) -> bool:
        """Bring a fresh kernel to where the last one ended; a cell that now fails is dropped."""
        for index in list(self.done):
            if not self._time_left():
                return False
            fate = self._execute(client, client.nb.cells[index], index)
            if fate is not None:
                self.done.remove(index)
                self.run.fates[self.cells[index].id] = fate
                return False
        return True

    def _advance(self, client: NotebookClient) -> None:
        """Run waiting cells until one takes the kernel with it."""
        while self.waiting and self._time_left():
            index = self.waiting.pop(0)
            cell = self.cells[index]
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
        except Exception:  # noqa: BLE001 -- a hostile kernel may send anything; its cell pays for it
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
    """nbclient with caps on kept output, counted while it streams."""

    limits: Limits
    spent: Counter[str]

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Drop output over the caps, and what widgets say: nobody will see it."""
        if msg["msg_type"].startswith("comm_"):
            return None
        if msg["msg_type"] in OUTPUT_MESSAGES and not self._fits(msg, cell, cell_index):
            return None
        try:
            return super().process_message(msg, cell, cell_index)
        except CellControlSignal:
            raise
        except Exception:  # noqa: BLE001 - a forged message is no message
            return None

    def _fits(self, msg: dict[str, Any], cell: Any, index: int) -> bool:
        """Count a message. The judge's probe has index -1 and a cap of its own."""
        size = len(repr(msg["content"]))
        self.spent[cell.id] += size
        if index < 0:
            fits = self.spent[cell.id] <= PROBE_BYTES
        else:
            fits = self.spent[cell.id] <= self.limits.output_bytes
            fits = fits and self.spent[WHOLE] + size <= self.limits.notebook_output_bytes
            self.spent[WHOLE] += size if fits else 0
        if fits:
            return True
        if CUT not in cell.outputs:
            cell.outputs.append(NotebookNode(CUT))
        return False


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
def _kernel(node: NotebookNode, limits: Limits, spent: Counter[str]) -> Iterator[_Client]:
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
    client.limits, client.spent = limits, spent
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
        "del _limit\n"
        # exit() and quit() would end the kernel a moment later, in the middle of another cell.
        "get_ipython().ask_exit = lambda: None"
    )
