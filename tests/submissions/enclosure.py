"""A throw-away enclosure in which hostile code may run unprotected: for the control alone.

The work and all that it starts see read-only libraries, a folder in memory, and each other. They
have no network but a loopback device of their own, and end with the enclosure's first process.
Unlike the grader's sandbox it filters no system calls and hides nothing inside: what an attack does
to a grader that does not defend itself shall be seen.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.sandbox import filesystem, linux
from autograder.sandbox.keeper import LEARNER, write_maps

FOLDER = filesystem.WRITABLE
ROOM = 256 * 2**20
LIMITS = {
    resource.RLIMIT_AS: 4 * 2**30,
    resource.RLIMIT_CPU: 120,
    resource.RLIMIT_FSIZE: ROOM,
    resource.RLIMIT_NPROC: 256,
    resource.RLIMIT_NOFILE: 1024,
    resource.RLIMIT_CORE: 0,
}
MEMORY = 2 * 2**30  # of all processes together; the first one watches it
DESCRIPTION = (
    "new user, mount, process, network, IPC and host name namespaces; an unprivileged user without "
    "capabilities; libraries and /proc read-only; one folder in memory of 256 MiB for course, "
    "HOME, /tmp and /dev/shm; a loopback device of its own as the only network; at most 4 GiB of "
    "addresses a process, 2 GiB of memory in all, 256 processes"
)
SPACES = ("user", "mount", "pid", "net", "ipc", "uts")
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def run_enclosed(work: Callable[[], Any], seconds: float) -> Any:
    """Do work in an enclosure of its own and return what it returns, as JSON has it.

    Args:
        work: runs as the first process inside; when it returns, everything inside is killed.
        seconds: after which the enclosure is torn down in any case.

    Raises:
        OSError: when the system refuses a part of the enclosure, or the work fails or takes longer.
    """
    libraries = _libraries()
    here, there = socket.socketpair()
    keeper = os.fork()
    if keeper == 0:
        here.close()
        _child(lambda: _keep(work, libraries, there), there)
    there.close()
    with here:
        try:
            if here.recv(1) != b"u":
                raise OSError("the system gave no new namespaces")
            write_maps(keeper)
            here.sendall(b"g")
            return _answer(here, seconds)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(keeper, signal.SIGKILL)
            os.waitpid(keeper, 0)


def _answer(here: socket.socket, seconds: float) -> Any:
    here.settimeout(seconds)
    text = b""
    while part := here.recv(2**16):
        text += part
    answer = json.loads(text or b'{"error": "the enclosure ended without a word"}')
    if "error" in answer:
        raise OSError(answer["error"])
    return answer["value"]


def _libraries() -> list[str]:
    """Everything that a Python program with its scripts needs, and /proc."""
    found = {*filesystem.library_folders(), sys.prefix, sys.base_prefix, "/proc"}
    found |= {folder for folder in ("/bin", "/usr/bin") if Path(folder).is_dir()}
    kept: list[str] = []
    for folder in sorted(found):
        if not any(folder.startswith(f"{other}/") for other in kept):
            kept.append(folder)
    return kept


def _child(action: Callable[[], None], there: socket.socket) -> None:
    """Do a child's work and end it: it must never run its parent's code."""
    try:
        action()
    except BaseException as error:  # noqa: BLE001 - told to the parent, which raises it
        with contextlib.suppress(OSError):
            there.sendall(json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
        os._exit(1)
    os._exit(0)


def _keep(work: Callable[[], Any], libraries: list[str], there: socket.socket) -> None:
    linux.die_with_parent()
    os.setsid()
    linux.unshare(*SPACES)
    there.sendall(b"u")
    if there.recv(1) != b"g":
        return
    first = os.fork()
    if first == 0:
        _child(lambda: _be_first(work, libraries, there), there)
    there.close()
    os.waitpid(first, 0)


def _be_first(work: Callable[[], Any], libraries: list[str], there: socket.socket) -> None:
    linux.die_with_parent()
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    filesystem.make_root(libraries, ROOM)
    _loopback_up()
    os.chown(FOLDER, LEARNER, LEARNER)
    for name in os.listdir(FOLDER):  # noqa: PTH208 - home, shm, tmp
        os.chown(f"{FOLDER}/{name}", LEARNER, LEARNER)
    _give_up()
    linux.close_all_but([0, 1, 2, there.fileno()])
    there.sendall(json.dumps({"value": work()}).encode())


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        request = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack("16xH14x", fcntl.ioctl(end, SIOCGIFFLAGS, request))
        fcntl.ioctl(end, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def _give_up() -> None:
    if os.geteuid() == 0:
        os.setgroups([])
    os.setresgid(LEARNER, LEARNER, LEARNER)
    os.setresuid(LEARNER, LEARNER, LEARNER)
    linux.die_with_parent()  # a change of user takes it back
    linux.drop_privileges()
    linux.hide_memory()
    os.environ.clear()
    os.environ.update(filesystem.ENVIRONMENT)
    for kind, most in LIMITS.items():
        hard = resource.getrlimit(kind)[1]
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, limit))


def processes() -> dict[int, tuple[str, int]]:
    """Inside: name and resident bytes of each living process but the first."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            name, rest = (folder / "stat").read_text(errors="replace").rsplit(")", 1)
            pages = int((folder / "statm").read_text().split()[1])
            if folder.name != "1" and rest.split()[0] not in "ZX":
                found[int(folder.name)] = name.split("(", 1)[1], pages * resource.getpagesize()
    return found


def run_watched(
    command: list[str], variables: dict[str, str], seconds: float
) -> tuple[int | None, str, str]:
    """Inside: run a command; return its exit code, its last words, and which limit ended it."""
    log = Path(FOLDER, "log")
    with log.open("wb") as stream:
        process = os.posix_spawn(
            command[0],
            command,
            {**os.environ, **variables},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, stream.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, stream.fileno(), 2),
                (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            ],
            setsid=True,
        )
    code, ended = _watch(process, seconds)
    return code, log.read_text(errors="replace")[-2000:], ended


def _watch(process: int, seconds: float) -> tuple[int | None, str]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if sum(size for _, size in processes().values()) > MEMORY:
            return None, "memory"
        time.sleep(0.1)
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), ""
    return None, "time"


def kill_all() -> None:
    """Inside: kill every process but the first, until none is left."""
    while processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        time.sleep(0.05)
