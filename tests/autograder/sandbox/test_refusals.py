"""Where the system refuses one part of the sandbox there is no sandbox: never a weaker one."""

from __future__ import annotations

import errno
import os
import resource
import socket
from types import ModuleType

import pytest

from autograder.sandbox import filesystem, filters, keeper, linux, warm

PARTS = [
    *((linux, name) for name in ("unshare", "mount", "restrict_mount", "enter_root")),
    *((linux, name) for name in ("drop_privileges", "install_filter", "die_with_parent")),
    (filters, "call_filter"),
    (keeper, "_write"),
    (os, "setresuid"),
    (os, "setsid"),
    (resource, "setrlimit"),
    (socket, "sethostname"),
]


@pytest.mark.parametrize(
    ("module", "name"), PARTS, ids=lambda part: getattr(part, "__name__", part)
)
def test_a_sandbox_that_lacks_a_part_is_refused(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, f"{name} is refused")

    def inside(_: int) -> None:
        os.write(write, b"inside")

    read, write = os.pipe()
    room = keeper.Room(filesystem.library_folders(), 2**33, file_bytes=2**20, cpu_seconds=5)
    with monkeypatch.context() as patch:
        patch.setattr(module, name, refuse)
        with pytest.raises(OSError, match=f"{name} is refused"):
            keeper.fork_sandbox(room, [write], inside)
    os.close(write)
    assert os.read(read, 10) == b""
    os.close(read)


@pytest.mark.parametrize("family", [[], [1]])
def test_a_sandbox_whose_memory_cannot_be_counted_is_refused(
    monkeypatch: pytest.MonkeyPatch, family: list[int]
) -> None:
    monkeypatch.setattr(warm, "_family", lambda _: iter(family))
    room = {"memory_bytes": 2**30, "file_bytes": 2**20, "cpu_seconds": 5}
    with warm.WarmProcess("shell") as process:
        process.wait_until_warm()
        with pytest.raises(warm.SandboxRefused, match="cannot be counted"):
            process.open(room, {"pictures": False})
