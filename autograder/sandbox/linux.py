"""The few calls of Linux that Python 3.11 does not offer: namespaces, mounts, privileges.

Everything here acts on the calling process alone and needs neither root nor another program.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Sequence

NEW_NAMESPACES = {
    "mount": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
MNT_DETACH = 2
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC = 1, 2, 4, 8

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2

AT_FDCWD, AT_RECURSIVE = -100, 0x8000
# mount_setattr has this number on every processor; pivot_root has not.
SYS_MOUNT_SETATTR = 442
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
CAPABILITY_VERSION = 0x20080522


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> int:
    """Call a function of the C library.

    Raises:
        OSError: naming the function, when the system refuses.
    """
    result: int = getattr(_libc(), name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def machine() -> str:
    """Name the processor as system call tables do: "x86_64", "aarch64", ..."""
    return os.uname().machine if sys.platform == "linux" else ""


def unshare(*names: str) -> None:
    """Leave the namespaces of the names, keys of `NEW_NAMESPACES`, for new ones."""
    flags = 0
    for name in names:
        flags |= NEW_NAMESPACES[name]
    _call("unshare", ctypes.c_int(flags))


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount a file system or, with `MS_BIND`, show a path at a second place."""
    _call(
        "mount",
        source.encode(),
        os.fsencode(target),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        options.encode() or None,
    )


def restrict_mount(target: str, attributes: int, *, recursive: bool = True) -> None:
    """Set attributes such as `ATTR_RDONLY` on a mount and on those below it; Linux 5.12."""
    fields = struct.pack("=QQQQ", attributes, 0, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    _call(
        "syscall",
        ctypes.c_long(SYS_MOUNT_SETATTR),
        ctypes.c_int(AT_FDCWD),
        os.fsencode(target),
        ctypes.c_uint(flags),
        fields,
        ctypes.c_size_t(len(fields)),
    )


def enter_root(folder: str) -> None:
    """Make `folder`, a mount of this process's own, the only file system that it can see."""
    os.chdir(folder)
    number = SYS_PIVOT_ROOT.get(machine())
    if number is None:
        raise OSError(errno.ENOSYS, f"pivot_root is not known for processor {machine()!r}")
    # The new root over the old one, which then comes off: no folder for the old root is needed.
    _call("syscall", ctypes.c_long(number), b".", b".")
    _call("umount2", b".", ctypes.c_int(MNT_DETACH))
    os.chdir("/")


def die_with_parent(signal: int = 9) -> None:
    """Ask for a signal when the parent process ends, however it ends."""
    _prctl(PR_SET_PDEATHSIG, signal)


def hide_memory() -> None:
    """Keep other processes of the same user from reading this one's memory."""
    _prctl(PR_SET_DUMPABLE, 0)


def drop_privileges() -> None:
    """Give up every capability, for good: no program that is started can bring one back."""
    header = struct.pack("=Ii", CAPABILITY_VERSION, 0)
    _call("capset", header, bytes(24))
    _prctl(PR_SET_NO_NEW_PRIVS, 1)


def install_filter(program: bytes) -> None:
    """Let a program of `filters` decide on every further system call of this process."""
    buffer = ctypes.create_string_buffer(program, len(program))
    pointer = ctypes.addressof(buffer)
    fields = struct.pack("HxxxxxxP", len(program) // 8, pointer)
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, fields)


def _prctl(option: int, *arguments: int | bytes) -> None:
    given = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    given += [ctypes.c_ulong(0)] * (4 - len(given))
    _call("prctl", ctypes.c_int(option), *given)


def close_all_but(kept: Sequence[int]) -> None:
    """Close every file descriptor that is not in `kept`."""
    begin = 0
    for descriptor in [*sorted(kept), os.sysconf("SC_OPEN_MAX")]:
        if begin < descriptor:  # an empty range would close everything
            os.closerange(begin, descriptor)
        begin = descriptor + 1
