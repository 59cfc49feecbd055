"""The way from a warm process into a sandbox: three forks, each step only ever taking rights away.

The warm process forks a keeper. The keeper leaves all namespaces, builds the private root and forks
the first process of a new process namespace, which gives up all rights and forks the learner's
process. Only that one runs anything of a learner's; the others wait, and take it with them.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from autograder.sandbox import filesystem, filters, linux

LEARNER = 1000  # the user and group inside
NOBODY = 65534  # who that is outside, when the grader is root
CREDENTIALS = struct.Struct("3i")  # process, user, group
NAMESPACES = ("user", "mount", "pid", "net", "ipc", "uts", "cgroup")
MAX_PROCESSES = 32  # threads count; a kernel of Jupyter's has eight
MAX_DESCRIPTORS = 256
OUT_FIRST = "1000"  # a machine that runs out of memory ends sandboxes before anything else


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
        families: kinds of sockets that it may make; none of them leads out of it.
    """

    libraries: Sequence[str]
    memory_bytes: int
    file_bytes: int
    cpu_seconds: int
    shown: Sequence[str] = ()
    families: Sequence[int] = (socket.AF_UNIX,)


class Pids(NamedTuple):
    """The processes of a sandbox, as seen from here.

    Attributes:
        keeper: ends when all of the sandbox has ended.
        first: process 1 inside; it runs nothing, and when it is killed all others are.
        learner: runs the learner's code.
    """

    keeper: int
    first: int
    learner: int


def fork_sandbox(room: Room, kept: Sequence[int], inside: Inside) -> Pids:
    """Fork a keeper and its sandbox.

    Args:
        room: what the sandbox may see and use.
        kept: file descriptors that stay open inside.
        inside: what the learner's process does, in the sandbox; when it returns, all is over. It is
            given a descriptor and closes it when it needs to write in `room.shown` no more.

    Raises:
        OSError: when the system refuses a part of the sandbox, in its words.
    """
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    # With each message comes its sender's process id, in this process's own numbering.
    here.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    keeper = os.fork()
    if keeper == 0:
        _never_return(lambda: _keep(room, kept, inside, there), there)
    there.close()
    with here:
        try:
            _expect(here, "unshared")
            write_maps(keeper)
            here.sendall(b"go")
            return Pids(keeper, _expect(here, "first"), _expect(here, "ready"))
        except OSError:
            with contextlib.suppress(ProcessLookupError):
                os.kill(keeper, signal.SIGKILL)
            os.waitpid(keeper, 0)
            raise


def _expect(here: socket.socket, word: str) -> int:
    """Wait for a word out of the sandbox that is being made; return its sender.

    Raises:
        OSError: for any other word: it is what went wrong.
    """
    said, attached, _, _ = here.recvmsg(4096, socket.CMSG_SPACE(CREDENTIALS.size))
    if said != word.encode():
        raise OSError(said.decode("utf-8", "replace") or "the sandbox died")
    (_, _, data) = attached[0]
    sender: int = CREDENTIALS.unpack(data)[0]
    return sender


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


def _never_return(work: Callable[[], None], there: socket.socket) -> NoReturn:
    """Do a child's work and end it, whatever happens: it must never run its parent's code."""
    try:
        work()
    except BaseException as error:  # noqa: BLE001 -- told to the parent, which raises it
        with contextlib.suppress(OSError):
            there.sendall(str(error)[:1000].encode("utf-8", "replace"))
        os._exit(1)
    os._exit(0)


def _keep(room: Room, kept: Sequence[int], inside: Inside, there: socket.socket) -> None:
    """Build the sandbox, let its first process into it and wait for its end."""
    linux.die_with_parent()
    _write("/proc/self/oom_score_adj", OUT_FIRST)
    os.setsid()
    linux.unshare(*NAMESPACES)
    there.sendall(b"unshared")
    if there.recv(2) != b"go":
        return
    filesystem.make_root(room.libraries, room.file_bytes, room.shown)
    socket.sethostname("sandbox")
    lives, living = os.pipe()
    ready, making_ready = os.pipe()
    first = os.fork()
    if first == 0:
        linux.close_all_but([lives, making_ready, there.fileno(), *kept])
        pipes = lives, making_ready
        _never_return(lambda: _be_first(room, kept, inside, pipes, there), there)
    linux.hide_memory()
    linux.close_all_but([living, ready])
    os.read(ready, 1)  # until it is closed
    for folder in room.shown:
        linux.restrict_mount(folder, linux.ATTR_RDONLY)
    os.waitpid(first, 0)


def _be_first(
    room: Room, kept: Sequence[int], inside: Inside, pipes: tuple[int, int], there: socket.socket
) -> None:
    """Give every right up, let the learner's process in and wait for its end.

    A process of its own for that: to the first one of a namespace the system does not send the
    signals by which a crash ends others.
    """
    lives, ready = pipes
    os.setsid()  # signals to one's own process group must not reach the keeper outside
    there.sendall(b"first")
    _give_up(room)
    linux.die_with_parent()  # asked for only now: a change of user takes it back
    if select.select([lives], [], [], 0)[0]:
        return  # the keeper ended before it could be noticed
    learner = os.fork()
    if learner == 0:
        os.chdir(filesystem.HOME)
        there.sendall(b"ready")
        _quiet([*kept, ready])
        inside(ready)
        return
    linux.hide_memory()
    linux.close_all_but([lives])
    while os.wait()[0] != learner:
        pass


def _give_up(room: Room) -> None:
    """Become a user without rights, under limits that nothing inside can lift."""
    if os.geteuid() == 0:
        os.setgroups([])
    os.setresgid(LEARNER, LEARNER, LEARNER)
    os.setresuid(LEARNER, LEARNER, LEARNER)
    _limit(room)
    linux.drop_privileges()
    linux.install_filter(filters.call_filter(linux.machine(), room.families))


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
