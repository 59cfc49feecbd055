"""Sandboxed kernels for Jupyter's own tools: a provisioner, the seam that `jupyter_client` offers.

With ``JUPYTER_DEFAULT_PROVISIONER_NAME=downslope-sandbox`` in the environment, every Python kernel
that nbgrader, nbconvert or JupyterLab starts on this machine is a fork of one warm process, in a
sandbox that is the grader's own. A kernel in another language, or a system without sandboxes, is
refused with a message: nobody should believe in walls that are not there.
"""

from __future__ import annotations

import atexit
import functools
import os
import select
import shutil
import signal
import socket
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from autograder.run import Limits
from autograder.sandbox.kernel import BOUND
from autograder.sandbox.warm import Sandbox, WarmProcess

NAME = "downslope-sandbox"
START_SECONDS = 60
MAX_WORDS = 2000
# What ZeroMQ asks for when it binds a socket of its own; the sandbox's network is empty.
FAMILIES = [socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK]
KEPT_VARIABLES = ("NBGRADER_EXECUTION", "NBGRADER_VALIDATING", "DOWNSLOPE_PICTURES")
# Longer than any lesson: a person may sit before a kernel. The grader's tools have time limits.
CPU_SECONDS = 24 * 3600


class SandboxProvisioner(LocalProvisioner):
    """Forks each kernel into a sandbox; its sockets lie in a folder that nothing else uses."""

    process: Any = None
    _folder: Path | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose socket files in a folder of this kernel's own in the place of network ports.

        Raises:
            RuntimeError: for a kernel that is not IPython's.
        """
        if self.kernel_spec.language != "python":
            raise RuntimeError(f"{NAME} runs Python kernels only, not {self.kernel_spec.language}")
        if self._folder is None:
            # Short: a socket's whole path may have a hundred characters.
            self._folder = Path(tempfile.mkdtemp(prefix="k-"), "s")
            self._folder.mkdir()
            self._folder.chmod(0o777)  # the one above lets nobody in
            manager: Any = self.parent
            manager.transport, manager.ip = "ipc", str(self._folder / "k")
            manager.cache_ports = False
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel.

        Raises:
            SandboxRefused: when the system does not allow the sandbox.
            RuntimeError: when the kernel does not come up.
        """
        del cmd
        sandbox = _warm_process().open(_room(str(self._folder)), self._task(kwargs))
        self.process = KernelProcess(sandbox)
        self.pid = sandbox.pid
        sandbox.end.settimeout(START_SECONDS)
        said = sandbox.end.recv(MAX_WORDS)
        if said != BOUND:
            self.process.kill()
            words = said.decode("utf-8", "replace")
            raise RuntimeError(f"the sandboxed kernel did not start. {words}")
        return self.connection_info

    def _task(self, given: dict[str, Any]) -> dict[str, Any]:
        variables, manager = given.get("env") or os.environ, self.parent
        if manager is None:
            raise RuntimeError(f"{NAME} needs a kernel manager around it")
        return {
            "folder": str(self._folder),
            "connection": Path(manager.connection_file).read_text(encoding="utf-8"),
            "environment": {name: variables[name] for name in KEPT_VARIABLES if name in variables},
        }

    async def cleanup(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002 -- as inherited
        """Remove the kernel's folder once it is not needed any more."""
        if self._folder is not None and not restart:
            shutil.rmtree(self._folder.parent, ignore_errors=True)
            self._folder = None
        await super().cleanup(restart=restart)

    def get_shutdown_wait_time(self, recommended: float = 5.0) -> float:
        """Say how long a kernel may take to end by itself: it holds nothing worth waiting for."""
        return min(recommended, 1.0)


class KernelProcess:
    """A sandboxed kernel with the methods of `subprocess.Popen` that a local provisioner calls."""

    stdin = stdout = stderr = None

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.pid = sandbox.pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return an exit code once the kernel has ended; end one that uses too much memory."""
        if self.returncode is None and self._sandbox.memory() > Limits().memory_bytes:
            self.kill()
        if self.returncode is None and self._sandbox.ended:
            self._sandbox.close()
            self.returncode = 0
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the kernel's end."""
        if self.returncode is None:
            select.select([self._sandbox.keeper], [], [], timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal, such as an interrupt."""
        if self.returncode is None:
            self._sandbox.signal(number)

    def terminate(self) -> None:
        """End it: nothing that a kernel does at its end is wanted."""
        self.kill()

    def kill(self) -> None:
        """End it; the sandbox around it ends with it."""
        self.send_signal(signal.SIGKILL)


def _room(folder: str) -> dict[str, Any]:
    limits = Limits()
    return {
        "memory_bytes": limits.memory_bytes,
        "file_bytes": limits.file_bytes,
        "cpu_seconds": CPU_SECONDS,
        "shown": [folder],
        "families": FAMILIES,
    }


@functools.cache
def _warm_process() -> WarmProcess:
    """Start this process's warm process, once."""
    warm = WarmProcess("kernel")
    warm.wait_until_warm()
    atexit.register(warm.close)
    return warm
