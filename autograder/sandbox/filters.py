"""A filter of system calls, written as the kernel's own small programs (seccomp).

A denied call answers EPERM, as if a permission were missing, so that Python raises an ordinary
error in the learner's cell. What is denied is what a notebook never needs: other namespaces and
mounts, other processes' memory, starting programs, sockets to anywhere, keyrings, kernel internals.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterator, Sequence

NEW_NAMESPACE_FLAGS = 0x7E020000  # the CLONE_NEW* bits that clone can take

# Name -> number on x86_64, on aarch64 (None: the call does not exist there).
DENIED: dict[str, tuple[int | None, int | None]] = {
    # other programs: a notebook's process only ever runs Python
    "execve": (59, 221),
    "execveat": (322, 281),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "fanotify_init": (300, 262),
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    # keyrings outlive a process
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # the kernel itself
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "syslog": (103, 116),
    "acct": (163, 89),
    "statmount": (457, 457),
    "listmount": (458, 458),
    # other submissions are graded on the other cores
    "sched_setaffinity": (203, 122),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "personality": (135, 92),
    "vhangup": (153, 58),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
    "memfd_secret": (447, 447),
    # memory that no limit of this process counts: it belongs to none, mapped or not
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mlock": (149, 228),
    "mlock2": (325, 284),
    "mlockall": (151, 230),
}
SOCKET, CLONE, CLONE3, MMAP = (41, 198), (56, 220), (435, 435), (9, 222)
MAP_SHARED, MAP_ANONYMOUS = 0x01, 0x20
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000  # a second numbering of the same calls on x86_64

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
# Offsets in what the kernel shows a filter.
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, FOURTH_ARGUMENT = 0, 4, 16, 40
ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
DENY = ERRNO | errno.EPERM
NOT_THERE = ERRNO | errno.ENOSYS
NO_SUCH_FAMILY = ERRNO | errno.EAFNOSUPPORT


def has_filter(machine: str) -> bool:
    """Say whether there is a filter for a processor."""
    return machine in AUDIT_ARCH


def call_filter(machine: str, families: Sequence[int]) -> bytes:
    """Write the filter for a processor of `AUDIT_ARCH`, allowing sockets of these families."""
    return b"".join(_program(machine, families))


def _program(machine: str, families: Sequence[int]) -> Iterator[bytes]:
    column = list(AUDIT_ARCH).index(machine)
    yield _step(LOAD, ARCHITECTURE)
    yield _step(JUMP_EQUAL, AUDIT_ARCH[machine], yes=1)
    yield _step(RETURN, KILL_PROCESS)
    yield _step(LOAD, NUMBER)
    if machine == "x86_64":
        yield from _answer(JUMP_AT_LEAST, X32_BIT, NOT_THERE)
    for numbers in DENIED.values():
        number = numbers[column]
        if number is not None:
            yield from _answer(JUMP_EQUAL, number, DENY)
    # The C library falls back from clone3, whose arguments no filter can see, to clone.
    yield from _answer(JUMP_EQUAL, CLONE3[column], NOT_THERE)
    # Accesses to an argument come last: the number of the call is then no longer at hand.
    yield _step(JUMP_EQUAL, CLONE[column], no=4)
    yield _step(LOAD, FIRST_ARGUMENT)
    yield from _answer(JUMP_ANY_BIT, NEW_NAMESPACE_FLAGS, DENY)
    yield _step(RETURN, ALLOW)
    # Shared memory without a file stays when a process gives the pages back: nobody counts it.
    yield _step(JUMP_EQUAL, MMAP[column], no=5)
    yield _step(LOAD, FOURTH_ARGUMENT)
    yield _step(JUMP_ANY_BIT, MAP_SHARED, no=2)
    yield from _answer(JUMP_ANY_BIT, MAP_ANONYMOUS, DENY)
    yield _step(RETURN, ALLOW)
    yield _step(JUMP_EQUAL, SOCKET[column], yes=1)
    yield _step(RETURN, ALLOW)
    yield _step(LOAD, FIRST_ARGUMENT)
    for family in families:
        yield from _answer(JUMP_EQUAL, family, ALLOW)
    yield _step(RETURN, NO_SUCH_FAMILY)


def _answer(test: int, number: int, verdict: int) -> Iterator[bytes]:
    yield _step(test, number, no=1)
    yield _step(RETURN, verdict)


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)
