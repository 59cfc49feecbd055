"""A sandbox from the inside and from the outside, as root and as an ordinary user."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.isolation import runner_for, why_not_full
from autograder.run import Limits, Run
from autograder.sandbox import filesystem, keeper, linux
from autograder.sandbox.frames import Channel
from autograder.sandbox.warm import SandboxRefused, WarmProcess

ROOM = {"memory_bytes": 2**30, "file_bytes": 2**22, "cpu_seconds": 60}
TASK = {"pictures": False}


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmProcess]:
    with WarmProcess("shell") as process:
        process.wait_until_warm()
        yield process


def run(*sources: str, **limits: Any) -> Run:
    cells = [
        {"id": str(number), "cell_type": "code", "metadata": {}, "source": source}
        for number, source in enumerate(sources)
    ]
    return runner_for("full").run({"cells": cells}, {}, Limits(**limits))


def said(source: str, **limits: Any) -> str:
    """What a cell prints; an error is an error here too."""
    ran = run(source, **limits)
    outputs = ran.notebook["cells"][0]["outputs"]
    assert not any(output["output_type"] == "error" for output in outputs), outputs
    return "".join(output.get("text", "") for output in outputs)


def test_this_machine_offers_all_of_it() -> None:
    assert why_not_full() == ""


def test_a_learner_sees_libraries_and_an_empty_home() -> None:
    seen = json.loads(
        said(
            "import json, os\n"
            "print(json.dumps([os.getcwd(), os.listdir(), os.listdir('/learner'), os.listdir('/'),"
            "os.getuid(), os.listdir('/dev'), os.listdir('/etc'), os.path.exists('/proc/self')]))"
        )
    )
    assert seen[0] == filesystem.HOME
    assert seen[1] == []
    assert set(seen[2]) == {"home", "shm", "tmp"}
    assert {"bin", "sbin", "var", "proc", "sys", "boot", "srv", "opt", "mnt"} & set(
        seen[3]
    ) == set()
    assert seen[4] == 1000
    assert set(seen[5]) <= {*filesystem.DEVICES, "shm"}
    assert set(seen[6]) <= {"passwd", "ld.so.cache"}
    assert seen[7] is False


def test_the_courses_sources_are_out_of_sight(root: Path) -> None:
    places = [str(root / name) for name in ("source", "notebooks", "tests", ".git", "autograder")]
    assert said(f"import os\nprint([p for p in {places!r} if os.path.exists(p)])") == "[]\n"


def test_nothing_but_its_home_can_be_written() -> None:
    source = (
        "import os, sys, numpy, downslope\n"
        "places = ['/', '/etc', '/dev', '/usr/lib', os.path.dirname(numpy.__file__),"
        " os.path.dirname(downslope.__file__), *filter(os.path.isdir, sys.path)]\n"
        "def writes(place):\n"
        "    try:\n"
        "        open(os.path.join(place, 'x'), 'w').close()\n"
        "        return True\n"
        "    except OSError:\n"
        "        return False\n"
        "print([place for place in places if writes(place)])\n"
        "print([writes(os.environ['HOME']), writes(os.environ['TMPDIR']), writes('/dev/shm')])"
    )
    assert said(source) == "[]\n[True, True, True]\n"


def test_programs_and_other_namespaces_are_refused() -> None:
    source = (
        "import ctypes, os, subprocess, sys\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def refused(call):\n"
        "    ctypes.set_errno(0)\n"
        "    return call() == -1 and ctypes.get_errno() in (1, 97)\n"
        "print([refused(c) for c in (\n"
        "    lambda: libc.unshare(0x10000000), lambda: libc.setns(0, 0),\n"
        "    lambda: libc.mount(b'a', b'/tmp', b'tmpfs', 0, None),\n"
        "    lambda: libc.ptrace(16, 1, 0, 0),\n"
        "    lambda: libc.socket(2, 1, 0), lambda: libc.socket(40, 1, 0),\n"
        "    lambda: libc.syscall(425, 1, None), lambda: libc.chroot(b'/tmp'))])\n"
        "try:\n"
        "    subprocess.run([sys.executable, '-c', ''])\n"
        "except OSError as error:\n"
        "    print(type(error).__name__)"
    )
    first, second = said(source).splitlines()
    assert first == str([True] * 8)
    assert second in ("PermissionError", "FileNotFoundError")


def test_no_privilege_can_come_back() -> None:
    source = (
        "import ctypes, struct\n"
        "libc = ctypes.CDLL(None)\n"
        "head, data = struct.pack('=Ii', 0x20080522, 0), ctypes.create_string_buffer(24)\n"
        "libc.capget(head, data)\n"
        "print(set(data.raw), libc.prctl(39, 0, 0, 0, 0), libc.setuid(0))"
    )
    assert said(source) == "{0} 1 -1\n"


def test_memory_that_nobody_counts_is_refused() -> None:
    """A memory file, a segment, a shared mapping: the pages stay when no process maps them."""
    source = (
        "import ctypes, mmap, os\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def refused(call):\n"
        "    try:\n"
        "        return call() == -1\n"
        "    except OSError:\n"
        "        return True\n"
        "print([refused(c) for c in (\n"
        "    lambda: os.memfd_create('x'), lambda: libc.shmget(0, 4096, 0o1600),\n"
        "    lambda: mmap.mmap(-1, 4096), lambda: os.open('/dev/zero', os.O_RDWR),\n"
        "    lambda: libc.msgget(0, 0o1600), lambda: libc.semget(0, 1, 0o1600))])\n"
        "private = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n"
        "with open('file', 'wb+') as file:\n"
        "    file.truncate(4096)\n"
        "    mmap.mmap(file.fileno(), 4096)[:3] = b'abc'\n"
        "    print(file.read(3))"
    )
    assert said(source) == f"{[True] * 6}\nb'abc'\n"


def test_a_learner_stays_on_its_core_and_in_its_own_group() -> None:
    source = (
        "import os\n"
        "print(os.getpgid(0), os.getsid(0))\n"
        "try:\n"
        "    os.sched_setaffinity(0, range(os.cpu_count()))\n"
        "except PermissionError as error:\n"
        "    print('refused')"
    )
    assert said(source) == "1 1\nrefused\n"


def test_a_machine_out_of_memory_ends_sandboxes_first(warm: WarmProcess) -> None:
    sandbox = warm.open(ROOM, TASK)
    score = Path(f"/proc/{sandbox.pid}/oom_score_adj").read_text(encoding="ascii")
    sandbox.close()
    assert score.strip() == keeper.OUT_FIRST


def test_limits_cannot_be_lifted() -> None:
    source = (
        "import resource as r\n"
        "names = 'AS CPU FSIZE NPROC NOFILE CORE MEMLOCK MSGQUEUE'.split()\n"
        "limits = [r.getrlimit(getattr(r, 'RLIMIT_' + n)) for n in names]\n"
        "print(all(soft == hard != -1 for soft, hard in limits))\n"
        "try:\n"
        "    r.setrlimit(r.RLIMIT_NPROC, (10**6, 10**6))\n"
        "except (ValueError, OSError) as error:\n"
        "    print(type(error).__name__)"
    )
    assert said(source).split()[0] == "True"
    assert said(source).split()[1] in ("ValueError", "PermissionError", "OSError")


def test_the_environment_holds_nothing_of_the_graders(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"PATH", "LANG", "HOME", "TMPDIR", "IPYTHONDIR", "MPLBACKEND", "TERM", "PAGER"}
    kept |= {"MALLOC_ARENA_MAX", "DOWNSLOPE_PICTURES", "GIT_PAGER", "CLICOLOR", "CLICOLOR_FORCE"}
    kept |= {"FORCE_COLOR", *(f"{n}_NUM_THREADS" for n in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"))}
    names = set(json.loads(said("import json, os\nprint(json.dumps(list(os.environ)))")))
    assert names - kept <= {"LC_CTYPE", "KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK"}
    assert os.environ["PATH"] not in said("import os\nprint(dict(os.environ))")


def test_a_sandbox_leaves_nothing_for_the_next() -> None:
    mark = "import os, sys\nopen('left', 'w').close()\nsys.left = True\nos.environ['LEFT'] = '1'"
    run(mark)
    look = "import os, sys\nprint(os.listdir(), hasattr(sys, 'left'), 'LEFT' in os.environ)"
    assert said(look) == "[] False False\n"


def test_two_sandboxes_draw_different_random_numbers() -> None:
    draw = "import random, numpy as np\nprint(random.random(), np.random.default_rng().random())"
    assert said(draw) != said(draw)


@pytest.mark.slow
def test_memory_is_counted_over_all_processes() -> None:
    hogs = (
        "import os, time\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        hog = bytearray(b'x') * (150 * 2**20)\n"
        "        time.sleep(30)\n"
        "time.sleep(30)"
    )
    assert run(hogs, "1", memory_bytes=500 * 2**20).fates == {"0": "memory"}


@pytest.mark.slow
def test_a_flood_past_the_shell_ends_the_process() -> None:
    flood = (
        "import os\n"
        "data = b'{}'.ljust(60_000)\n"
        "frame = len(data).to_bytes(4, 'big') + data\n"
        "while True:\n"
        "    for descriptor in range(3, 20):\n"
        "        try:\n"
        "            os.write(descriptor, frame)\n"
        "        except OSError:\n"
        "            pass"
    )
    begin = time.monotonic()
    assert run(flood, "1").fates == {"0": "flood"}
    assert time.monotonic() - begin < 30


def test_a_crash_of_compiled_code_is_a_death_and_not_a_wait() -> None:
    crash = "import ctypes\nctypes.string_at(0)"
    assert run(crash, "print(1)").fates == {"0": "died"}
    assert run("import os\nos.abort()", "print(1)").fates == {"0": "died"}


def test_closing_ends_every_process(warm: WarmProcess) -> None:
    sandbox = warm.open(ROOM, TASK)
    channel = Channel(sandbox.end)
    fork = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)"
    channel.send({"run": fork, "count": True, "most": 1000})
    while "done" not in (channel.receive() or {}):
        pass
    assert not sandbox.ended
    assert sandbox.memory() > 2**20
    sandbox.close()
    assert not Path(f"/proc/{sandbox.pid}").exists()


def test_a_warm_process_that_ends_takes_its_sandboxes_with_it() -> None:
    warm = WarmProcess("shell")
    warm.wait_until_warm()
    sandbox = warm.open(ROOM, TASK)
    warm._process.kill()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{sandbox.pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{sandbox.pid}").exists()
    with pytest.raises(SandboxRefused):
        warm.open(ROOM, TASK)
    sandbox.close()
    warm.close()


def test_a_refusal_is_told_in_the_systems_words(warm: WarmProcess) -> None:
    with pytest.raises(SandboxRefused, match="No such file or directory"):
        warm.open({**ROOM, "shown": ["/no/such/folder"]}, TASK)
    warm.open(ROOM, TASK).close()  # and the next one opens


def test_a_runner_whose_warm_process_was_killed_starts_another() -> None:
    from autograder.sandbox.runner import SandboxRunner

    warm = WarmProcess("shell")
    warm.wait_until_warm()
    runner = SandboxRunner(warm)
    warm._process.kill()
    warm._process.wait()
    cell = {"id": "a", "cell_type": "code", "metadata": {}, "source": "print(1)"}
    try:
        ran = runner.run({"cells": [cell]}, {}, Limits())
        assert ran.notebook["cells"][0]["outputs"][0]["text"] == "1\n"
    finally:
        runner.close()


def test_a_missing_module_of_the_warm_process_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(SandboxRefused, match="did not start"):
        WarmProcess("shell").wait_until_warm()


# Become an ordinary user in a namespace of one's own, then do the rest as that user.
AS_A_USER = """
import os, sys
from autograder.sandbox import linux
read, write = os.pipe()
parent = os.getpid()
child = os.fork()
if child == 0:
    os.read(read, 1)
    for name in ("uid_map", "gid_map"):
        with open(f"/proc/{parent}/{name}", "w") as file:
            file.write("1234 0 1")
    os._exit(0)
linux.unshare("user")
os.write(write, b"x")
os.waitpid(child, 0)
os.execv(sys.executable, [sys.executable, "-c", sys.argv[1]])
"""
LOOK_AS_A_USER = """
import os
from autograder.isolation import why_not_full
from autograder.sandbox.warm import WarmProcess
with open("/proc/self/status") as file:
    rights = next(line for line in file if line.startswith("CapEff"))
print(os.getuid(), rights.split()[1].strip("0") or "none", repr(why_not_full()))
"""


@pytest.mark.slow
def test_an_ordinary_user_gets_full_isolation_too(root: Path) -> None:
    if os.getuid() == 0:
        command = [sys.executable, "-c", AS_A_USER, LOOK_AS_A_USER]
    else:
        command = [sys.executable, "-c", LOOK_AS_A_USER]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    uid, rights, reason = done.stdout.split(maxsplit=2)
    assert (rights, reason.strip()) == ("none", "''"), done.stderr
    assert int(uid) != 0


def test_library_folders_hold_no_checkout_of_the_course(root: Path) -> None:
    folders = filesystem.library_folders()
    assert not any(root == Path(folder) or Path(folder) in root.parents for folder in folders)
    assert any(Path(folder) in Path(os.__file__).parents for folder in folders)


def test_a_closed_descriptor_is_closed_and_a_kept_one_is_not() -> None:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        linux.close_all_but([write])
        closed = True
        try:
            os.fstat(read)
            closed = False
        except OSError:
            pass
        os._exit(0 if closed and os.fstat(write) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(read)
    os.close(write)
