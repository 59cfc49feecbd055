"""The runner for systems without a sandbox: each submission in an ordinary kernel process.

It has a folder of its own, a cleaned environment and limits on time, memory and output, but it
runs as the grader's user and can read what that user can read. Every result says so.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from traitlets.config import Config

from autograder.run import Fate, Limits, Run
from autograder.sandbox.warmth import NO_PICTURES
from autograder.session import Listener, run_notebook
from downslope.channel import MIME

OUTPUTS = {
    "stream",
    "display_data",
    "update_display_data",
    "execute_result",
    "error",
    "clear_output",
}
# What a learner's code writes past Jupyter, straight to file descriptors 1 and 2, is dropped: it
# must not flood the instructor's terminal.
_SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
# Longer paths do not fit into a Unix socket's address (104 bytes on macOS, 108 on Linux).
_LONGEST_SOCKET = 100
_START_SECONDS = 60


class KernelRunner:
    """Runs each submission in an ordinary IPython kernel process."""

    isolation = "reduced: own process, own folder, cleaned environment, limits; same user"

    def run(self, notebook: dict[str, Any], requests: Mapping[str, str], limits: Limits) -> Run:
        """Run the cells in order; see `autograder.run.Runner`."""
        run = run_notebook(notebook, requests, limits, lambda: _kernel(limits))
        run.isolation = self.isolation
        return run


class _Flooded(Exception):
    """More output than anybody will look at."""


class _Client(NotebookClient):
    """nbclient that tells a listener of outputs and keeps none itself."""

    listen: Listener
    room = 0

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Pass outputs on; drop what widgets say: nobody will see it."""
        kind = msg["msg_type"]
        if kind.startswith("comm_"):
            return None
        if kind in OUTPUTS:
            self.room -= len(repr(msg["content"]))
            if self.room < 0:
                raise _Flooded
            self.listen(kind, msg["content"])
            return None
        return super().process_message(msg, cell, cell_index)


class _Process:
    """A kernel as `autograder.session.Process`."""

    def __init__(self, client: _Client, limits: Limits) -> None:
        self._client, self._limits = client, limits

    def run(
        self, source: str, listen: Listener, seconds: float, *, counted: bool
    ) -> tuple[Fate | None, int | None]:
        """Run a cell's source."""
        cell = new_code_cell(source)
        self._client.nb.cells[:] = [cell]
        self._client.listen = listen
        self._client.room = 8 * self._limits.output_bytes + 2**24
        self._client.timeout = max(1, math.ceil(seconds))
        fate: Fate | None = None
        try:
            self._client.execute_cell(cell, 0, store_history=counted)
        except CellTimeoutError:
            fate = "timeout"
        except _Flooded:
            fate = "flood"
        except Exception:  # noqa: BLE001 -- a hostile kernel may send anything; its cell pays for it
            fate = "died"
        return fate, cell.execution_count

    def ask(self, request: str, seconds: float) -> tuple[Fate | None, str | None]:
        """Put the judge's request to the kernel and keep the first reply."""
        replies: list[str] = []

        def listen(kind: object, content: Any) -> None:
            if kind == "display_data" and MIME in content.get("data", {}):
                replies.append(str(content["data"][MIME]))

        source = f"import downslope.channel\ndownslope.channel.respond({request!r}, globals())"
        fate, _ = self.run(source, listen, seconds, counted=False)
        return fate, replies[0] if replies else None


@contextmanager
def _kernel(limits: Limits) -> Iterator[_Process]:
    """Start a kernel in an empty home folder that is removed afterwards."""
    home = Path(tempfile.mkdtemp(prefix="submission-"))
    client = _Client(
        NotebookNode(cells=[], metadata=NotebookNode(), nbformat=4, nbformat_minor=5),
        kernel_name="python3",
        allow_errors=True,
        record_timing=False,
        interrupt_on_timeout=False,
        # A loop that no interrupt ends must not hold up the batch: the kernel is killed at once.
        shutdown_kernel="immediate",
        store_widget_state=False,
        config=_transport(home),
    )
    process = _Process(client, limits)
    try:
        with client.setup_kernel(env=_environment(home), cwd=str(home), **_SILENT):
            process.run(_prelude(limits), lambda *_: None, _START_SECONDS, counted=False)
            yield process
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _transport(home: Path) -> Config:
    """Speak to the kernel through socket files in its folder, where the system can."""
    connection = home / "kernel.json"
    if sys.platform == "win32" or len(str(connection)) > _LONGEST_SOCKET:
        return Config()
    # The file must be named here: jupyter_client otherwise makes the sockets' path relative.
    return Config(KernelManager={"transport": "ipc", "connection_file": str(connection)})


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
        f"    resource.setrlimit(resource.RLIMIT_FSIZE, ({limits.file_bytes},) * 2)\n"
        "    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "_limit()\n"
        "del _limit\n"
        # exit() and quit() would end the kernel a moment later, in the middle of another cell.
        "get_ipython().ask_exit = lambda: None\n" + ("" if limits.pictures else NO_PICTURES)
    )
