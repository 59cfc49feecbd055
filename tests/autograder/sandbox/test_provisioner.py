"""Jupyter's own tools with sandboxed kernels: one line of configuration."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient

from autograder.sandbox.provisioner import NAME

pytestmark = pytest.mark.slow
VARIABLE = "JUPYTER_DEFAULT_PROVISIONER_NAME"
SOURCES = (
    "import os\nprint(os.getcwd(), os.path.exists('/proc/1'), os.path.exists({root!r}))",
    "import numpy as np, matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "open('/written', 'w')",
    "1 + 1",
    "import glob\nopen(glob.glob('/tmp/k-*/s')[0] + '/x', 'w')",
)


@pytest.fixture(autouse=True)
def sandboxed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # The factory reads the variable once in a process, and tests of other files share this one.
    KernelProvisionerFactory.clear_instance()
    monkeypatch.setenv(VARIABLE, NAME)
    yield
    KernelProvisionerFactory.clear_instance()


@pytest.fixture
def manager() -> Iterator[Any]:
    made = KernelManager(kernel_name="python3")
    made.start_kernel()
    yield made
    made.shutdown_kernel(now=True)


def execute(*sources: str) -> list[list[Any]]:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3", allow_errors=True).execute()
    return [cell.outputs for cell in notebook.cells]


def test_nbclient_runs_cells_in_a_sandbox(root: Path) -> None:
    where, figure, refused, result, locked = execute(
        *(source.replace("{root!r}", repr(str(root / "source"))) for source in SOURCES)
    )
    assert where[0].text == "/learner/home False False\n"
    assert "image/png" in figure[0].data
    assert refused[0].ename == "OSError"
    assert result[0].data == {"text/plain": "2"}
    assert locked[0].ename == "OSError"  # the sockets' folder is read-only by then


def test_kernels_leave_no_folder_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="t") as folder:  # short: sockets' paths are limited
        monkeypatch.setattr(tempfile, "tempdir", folder)
        assert execute("1")[0][0].data == {"text/plain": "1"}
        assert list(Path(folder).iterdir()) == []


def test_a_kernel_can_be_interrupted_and_restarted(manager: Any) -> None:
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=30)
    client.execute("print('begun')\nwhile True: pass")
    while client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
        pass
    manager.interrupt_kernel()
    assert client.get_shell_msg(timeout=30)["content"]["ename"] == "KeyboardInterrupt"
    client.stop_channels()
    manager.restart_kernel(now=True)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=30)
    reply = client.execute("1 + 1", reply=True, timeout=30)
    assert (reply["content"]["status"], reply["content"]["execution_count"]) == ("ok", 1)
    client.stop_channels()


def test_a_kernel_that_dies_is_seen_to_be_dead(manager: Any) -> None:
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=30)
    assert manager.is_alive()
    client.execute("import os\nos._exit(3)")
    manager.provisioner.process.wait(timeout=30)
    assert not manager.is_alive()
    client.stop_channels()


def test_a_kernel_in_another_language_is_refused(manager: Any) -> None:
    other = KernelManager(kernel_name="python3")
    other.kernel_spec.language = "bash"
    with pytest.raises(RuntimeError, match="runs Python kernels only, not bash"):
        other.start_kernel()


def test_nbconvert_executes_in_a_sandbox(tmp_path: Path) -> None:
    path = tmp_path / "one.ipynb"
    cell = nbformat.v4.new_code_cell("import os\nprint(os.getcwd())")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "notebook", "--execute"]
    done = subprocess.run(
        [*command, "--stdout", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    outputs = json.loads(done.stdout)["cells"][0]["outputs"]
    assert "".join(outputs[0]["text"]) == "/learner/home\n"
