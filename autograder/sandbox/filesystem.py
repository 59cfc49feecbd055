"""The only files that a learner's code can see: read-only libraries and an empty folder.

The root is a file system in memory that belongs to the sandbox alone and goes with it. It has no
/proc and no /sys: nothing there is needed, and nothing of other processes can be read.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from autograder.sandbox import linux

WRITABLE = "/learner"
HOME, SHARED_MEMORY, TEMPORARY = (f"{WRITABLE}/{name}" for name in ("home", "shm", "tmp"))
ENVIRONMENT = {"HOME": HOME, "TMPDIR": TEMPORARY, "IPYTHONDIR": f"{HOME}/.ipython"}
DEVICES = ("null", "full", "random", "urandom")  # not "zero": mapped, it is memory without owner
MAX_FILES = 4096
PASSWD = f"learner:x:1000:1000::{HOME}:/bin/false\n"
LOADER_CACHE = "/etc/ld.so.cache"  # where the loader finds libraries that C extensions need
READ_ONLY = linux.ATTR_RDONLY | linux.ATTR_NOSUID | linux.ATTR_NODEV
OPEN = linux.ATTR_NOSUID | linux.ATTR_NODEV | linux.ATTR_NOEXEC
# Links of today's systems, and folders of older ones.
SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo")


def library_folders() -> list[str]:
    """List what Python needs to import and load: the system's libraries, Python's, the packages.

    A folder on Python's path that is not one of installed packages, such as a checkout of the
    course with its solutions, is left out but for its package `downslope`.
    """
    found = [folder for folder in SYSTEM if Path(folder).is_dir()]
    for prefix in {sys.prefix, sys.base_prefix} - {"/usr", "/usr/local"}:
        found += [str(path) for name in ("lib", "lib64") if (path := Path(prefix, name)).is_dir()]
    found += filter(None, map(_packages, sys.path))
    return _outermost(found)


def _packages(entry: str) -> str | None:
    folder = Path(entry)
    if not folder.is_dir():
        return None
    installed = folder.name in ("site-packages", "dist-packages", "lib-dynload")
    if installed or entry == sysconfig.get_path("stdlib"):
        return entry
    package = folder / "downslope"
    return str(package) if (package / "__init__.py").is_file() else None


def _outermost(folders: Sequence[str]) -> list[str]:
    """Drop folders that lie in another one."""
    kept: list[str] = []
    for folder in sorted(set(folders)):
        if not any(folder.startswith(f"{other}/") for other in kept):
            kept.append(folder)
    return kept


def make_root(libraries: Sequence[str], room: int, shown: Sequence[str] = ()) -> None:
    """Build the private root in the calling process's own mount namespace and enter it.

    Args:
        libraries: folders to show, read-only, where they are.
        room: bytes that may be written, in all files together.
        shown: further folders to show; they may be written.

    Raises:
        OSError: when the system refuses a part of it.
    """
    os.umask(0o022)
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    base = "/tmp"  # noqa: S108 -- only covered, in this process's own namespace
    # A folder below the one that is about to be covered must be found before: keep a way to it.
    ways = {folder: os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in (*libraries, *shown)}
    quiet = linux.MS_NOSUID | linux.MS_NODEV
    linux.mount("tmpfs", base, "tmpfs", quiet, "size=1m,nr_inodes=1024,mode=755")
    for folder, way in ways.items():
        if Path(folder).is_symlink():
            _copy_link(folder, base)
        else:
            _bind(way, base + folder, OPEN if folder in shown else READ_ONLY)
        os.close(way)
    _make_devices(base)
    _make_settings(base)
    _make_home(base, room)
    linux.enter_root(base)
    linux.restrict_mount("/", linux.ATTR_RDONLY, recursive=False)


def _copy_link(folder: str, base: str) -> None:
    """Where a library folder is a link, such as /lib to /usr/lib, make the same link."""
    link = Path(base + folder)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(Path(folder).readlink())


def _bind(way: int, target: str, attributes: int) -> None:
    Path(target).mkdir(parents=True, exist_ok=True)
    linux.mount(f"/proc/self/fd/{way}", target, flags=linux.MS_BIND | linux.MS_REC)
    linux.restrict_mount(target, attributes)


def _make_devices(base: str) -> None:
    Path(base, "dev").mkdir()
    for name in DEVICES:
        if Path("/dev", name).exists():
            _bind_file(f"/dev/{name}", base, linux.ATTR_NOSUID | linux.ATTR_NOEXEC)
    Path(base, "dev/shm").symlink_to(SHARED_MEMORY)


def _make_settings(base: str) -> None:
    Path(base, "etc").mkdir(exist_ok=True)
    Path(base, "etc/passwd").write_text(PASSWD, encoding="ascii")
    if Path(LOADER_CACHE).is_file():
        _bind_file(LOADER_CACHE, base, READ_ONLY)


def _bind_file(path: str, base: str, attributes: int) -> None:
    Path(base + path).touch()
    linux.mount(path, base + path, flags=linux.MS_BIND)
    linux.restrict_mount(base + path, attributes)


def _make_home(base: str, room: int) -> None:
    """Mount the one place that can be written; /tmp and shared memory lie in it too."""
    Path(base + WRITABLE).mkdir()
    flags = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
    options = f"size={room},nr_inodes={MAX_FILES},mode=755"
    linux.mount("tmpfs", base + WRITABLE, "tmpfs", flags, options)
    for folder in (HOME, SHARED_MEMORY, TEMPORARY):
        Path(base + folder).mkdir()
        Path(base + folder).chmod(0o777)
    if not Path(base, "tmp").exists():  # it does exist where packages lie below /tmp
        Path(base, "tmp").symlink_to(TEMPORARY)
