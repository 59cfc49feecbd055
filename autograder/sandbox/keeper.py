"""The way from a warm process into a sandbox: two forks, each step only ever taking rights away.

The warm process forks a keeper. The keeper leaves all namespaces, builds the private root and forks
the learner's process, the first of a process namespace of its own. The keeper never runs anything
of a learner's; when it is killed, the whole namespace goes with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NoReturn

from autograder.sandbox import filesystem, filters, linux

LEARNER = 1000  # the user and group inside
NOBODY = 65534  # who that is outside, when the grader is root
NAMESPACES = ("user", "mount", "pid", "net", "ipc", "uts", "cgroup")
MAX_PROCESSES = 32  # threads count; a kernel of Jupyter's has eight
MAX_DESCRIPTORS = 256


Inside = Callable[[int], None]


@dataclass(frozen=True)
class Room:
    """What a sandbox may see and use.

    Attributes:
        libraries: folders that it sees, read-only.
        memory_bytes: address space of each of its processes.
        file_bytes: size of all its files together.
        cpu_seconds: processor time of each of its processes.
        shown: further folders that it sees, and may write while it makes ready.
    """

    libraries: Sequence[str]
    memory_bytes: int
    file_bytes: int
    cpu_seconds: int
    shown: Sequence[str] = field(default=())


def fork_sandbox(room: Room, kept: Sequence[int], inside: Inside) -> tuple[int, int]:
    """Fork a keeper and its sandbox.

    Args:
        room: what the sandbox may see and use.
        kept: file descriptors that stay open inside.
        inside: what the learner's process does, in the sandbox; when it returns, all is over. It is
            given a descriptor and closes it when it needs to write in `room.shown` no more.

    Returns:
        Process ids of the keeper, and of the learner's process as seen from here.

    Raises:
        OSError: when the system refuses a part of the sandbox, in its words.
    """
    asking, told = _pair()
    keeper = os.fork()
    if keeper == 0:
        _never_return(lambda: _keep(room, kept, inside, told), partial(_say, told))
    told.close()
    with asking:
        return keeper, _found(keeper, _guide(keeper, asking))


def _guide(keeper: int, asking: socket.socket) -> dict[str, Any]:
    """Give the keeper the user ids that only its parent may give, and hear what became of it."""
    said = asking.recv(4096)
    if said == b"unshared":
        try:
            write_maps(keeper)
        except OSError as error:
            return {"error": str(error)}
        asking.sendall(b"go")
        said = asking.recv(4096)
    return dict(json.loads(said)) if said else {"error": "the keeper died"}


def _found(keeper: int, answer: dict[str, Any]) -> int:
    if "error" in answer:
        with contextlib.suppress(ProcessLookupError):
            os.kill(keeper, 9)
        os.waitpid(keeper, 0)
        raise OSError(answer["error"])
    return int(answer["pid"])


def write_maps(process: int) -> None:
    """Say who the users of a new user namespace are outside."""
    if os.geteuid() == 0:
        users = groups = f"0 0 1\n{LEARNER} {NOBODY} 1\n"
    else:
        users, groups = f"{LEARNER} {os.geteuid()} 1\n", f"{LEARNER} {os.getegid()} 1\n"
        _write(f"/proc/{process}/setgroups", "deny")
    _write(f"/proc/{process}/uid_map", users)
    _write(f"/proc/{process}/gid_map", groups)


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode("ascii"))
    finally:
        os.close(descriptor)


def _never_return(work: Callable[[], None], tell: Callable[[dict[str, Any]], None]) -> NoReturn:
    """Do a child's work and end it, whatever happens: it must never run its parent's code."""
    try:
        work()
    except BaseException as error:  # noqa: BLE001 -- told to the parent, which raises it
        with contextlib.suppress(OSError):
            tell({"error": str(error)[:1000]})
        os._exit(1)
    os._exit(0)


def _keep(room: Room, kept: Sequence[int], inside: Inside, told: socket.socket) -> None:
    """Build the sandbox, let the learner's process into it and wait for its end."""
    linux.die_with_parent()
    os.setsid()
    linux.unshare(*NAMESPACES)
    told.sendall(b"unshared")
    if told.recv(2) != b"go":
        return
    filesystem.make_root(room.libraries, room.file_bytes, room.shown)
    socket.sethostname("sandbox")
    lives, living = os.pipe()
    ready, making_ready = os.pipe()
    hearing, saying = _pair()
    learner = os.fork()
    if learner == 0:
        os.close(living)
        say = partial(_say, saying)
        _never_return(lambda: _enter(room, kept, inside, (lives, making_ready), say), say)
    saying.close()
    os.close(making_ready)
    answer = dict(json.loads(hearing.recv(4096) or b'{"error": "the sandbox died"}'))
    _say(told, answer | {"pid": learner})
    linux.hide_memory()
    linux.close_all_but([living, ready])
    os.read(ready, 1)  # until it is closed
    for folder in room.shown:
        linux.restrict_mount(folder, linux.ATTR_RDONLY)
    os.waitpid(learner, 0)


def _pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _say(end: socket.socket, words: dict[str, Any]) -> None:
    end.sendall(json.dumps(words).encode())


def _enter(
    room: Room,
    kept: Sequence[int],
    inside: Inside,
    pipes: tuple[int, int],
    say: Callable[[dict[str, Any]], None],
) -> None:
    """Become the learner's process: give everything up, then go."""
    lives, making_ready = pipes
    if os.geteuid() == 0:
        os.setgroups([])
    os.setresgid(LEARNER, LEARNER, LEARNER)
    os.setresuid(LEARNER, LEARNER, LEARNER)
    linux.die_with_parent()  # asked for only now: a change of user takes it back
    if select.select([lives], [], [], 0)[0]:
        return  # the keeper ended before it could be noticed
    os.chdir(filesystem.HOME)
    _limit(room)
    linux.drop_privileges()
    linux.install_filter(filters.call_filter(linux.machine()))
    say({})
    _quiet([*kept, making_ready])
    inside(making_ready)


def _quiet(kept: Sequence[int]) -> None:
    """Lead the standard streams nowhere and close all else: nothing may reach the terminal."""
    nowhere = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    linux.close_all_but([0, 1, 2, *kept])


def _limit(room: Room) -> None:
    limits = {
        resource.RLIMIT_AS: room.memory_bytes,
        resource.RLIMIT_CPU: room.cpu_seconds,
        resource.RLIMIT_FSIZE: room.file_bytes,
        resource.RLIMIT_NPROC: MAX_PROCESSES,
        resource.RLIMIT_NOFILE: MAX_DESCRIPTORS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    if sys.platform == "linux":
        limits |= {resource.RLIMIT_MSGQUEUE: 0}
    for kind, wanted in limits.items():
        hard = resource.getrlimit(kind)[1]
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (most, most))
