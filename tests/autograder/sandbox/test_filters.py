"""The filter of system calls, run step by step as the kernel does."""

from __future__ import annotations

import errno
import socket
import struct

import pytest

from autograder.sandbox import filters

MACHINES = list(filters.AUDIT_ARCH)
FAMILIES = [socket.AF_UNIX, socket.AF_INET]


def decide(
    machine: str, number: int, first: int = 0, arch: int | None = None, fourth: int = 0
) -> int:
    """Run the program on one system call."""
    arch = filters.AUDIT_ARCH[machine] if arch is None else arch
    seen = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, arch, 0, first, 0, 0, fourth, 0, 0)
    steps = list(struct.iter_unpack("=HBBI", filters.call_filter(machine, FAMILIES)))
    value, at = 0, 0
    while True:
        code, yes, no, k = steps[at]
        at += 1
        if code == filters.RETURN:
            return int(k)
        if code == filters.LOAD:
            (value,) = struct.unpack_from("=I", seen, k)
            continue
        holds = {
            filters.JUMP_EQUAL: value == k,
            filters.JUMP_AT_LEAST: value >= k,
            filters.JUMP_ANY_BIT: bool(value & k),
        }[code]
        at += yes if holds else no


@pytest.mark.parametrize("machine", MACHINES)
def test_every_denied_call_is_denied_on_every_processor(machine: str) -> None:
    column = MACHINES.index(machine)
    for name, numbers in filters.DENIED.items():
        number = numbers[column]
        if number is not None:
            assert decide(machine, number) == filters.DENY, name


@pytest.mark.parametrize("machine", MACHINES)
def test_ordinary_calls_are_allowed(machine: str) -> None:
    ordinary = {"x86_64": [0, 1, 2, 9, 39, 202, 231], "aarch64": [63, 64, 56, 222, 172, 98, 94]}
    assert {decide(machine, number) for number in ordinary[machine]} == {filters.ALLOW}


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_and_forks_are_allowed_and_new_namespaces_are_not(machine: str) -> None:
    clone = filters.CLONE[MACHINES.index(machine)]
    assert decide(machine, clone, 0x01200011) == filters.ALLOW  # fork
    assert decide(machine, clone, 0x003D0F00) == filters.ALLOW  # a thread
    for bit in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 1 << 28, 1 << 29, 1 << 30):
        assert decide(machine, clone, bit | 17) == filters.DENY
    clone3 = filters.CLONE3[MACHINES.index(machine)]
    assert decide(machine, clone3) == filters.ERRNO | errno.ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
def test_only_the_named_families_of_sockets_can_be_made(machine: str) -> None:
    number = filters.SOCKET[MACHINES.index(machine)]
    allowed = {family for family in range(64) if decide(machine, number, family) == filters.ALLOW}
    assert allowed == set(FAMILIES)


@pytest.mark.parametrize("machine", MACHINES)
def test_shared_memory_needs_a_file(machine: str) -> None:
    number = filters.MMAP[MACHINES.index(machine)]
    shared, private, validated, anonymous = 1, 2, 3, 0x20
    for kind in (shared, validated):
        assert decide(machine, number, fourth=kind | anonymous) == filters.DENY
        assert decide(machine, number, fourth=kind) == filters.ALLOW
    for flags in (private | anonymous, private | anonymous | 0x4000, private):
        assert decide(machine, number, fourth=flags) == filters.ALLOW


def test_calls_of_another_processor_end_the_process() -> None:
    other = filters.AUDIT_ARCH["aarch64"]
    assert decide("x86_64", 0, arch=other) == filters.KILL_PROCESS


def test_the_second_numbering_on_x86_64_does_not_exist() -> None:
    assert decide("x86_64", filters.X32_BIT | 59) == filters.NOT_THERE
    assert decide("x86_64", 0xFFFFFFFF) == filters.NOT_THERE


def test_the_numbers_are_those_of_the_systems_own_headers() -> None:
    """Where the headers are installed, the table is compared with them."""
    from pathlib import Path

    header = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
    text = header.read_text(encoding="ascii") if header.exists() else ""
    known = dict(line.split()[1:3] for line in text.splitlines() if line.startswith("#define __NR"))
    for name, (number, _) in filters.DENIED.items():
        if f"__NR_{name}" in known:
            assert int(known[f"__NR_{name}"]) == number, name
