"""What works on this machine and what does not, each fault with its cure."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DISTRIBUTION = "downslope"
PYTHON = (3, 11)
SETUP = "Run `make setup`, or `conda env update -f environment.yml`."
INSTALL_KERNEL = f"Run {sys.executable} -m ipykernel install --sys-prefix"
KERNEL_SECONDS = 60
# Of the first draws of default_rng(0). Inputs for grading are drawn from such generators: another
# stream would give other inputs on a regrade.
RNG_FINGERPRINT = "7a623ca7a3a64224"


class Finding(NamedTuple):
    """One thing that was looked at. `cure` is empty when all is well."""

    name: str
    ok: bool
    detail: str
    cure: str = ""


def _well(name: str, detail: str) -> Finding:
    return Finding(name, ok=True, detail=detail)


def _ill(name: str, detail: str, cure: str) -> Finding:
    return Finding(name, ok=False, detail=detail, cure=cure)


def diagnose(course: Path = Path()) -> list[Finding]:
    """Look at everything that building and grading in a course folder need."""
    return [
        python_version(),
        *packages(),
        alembic_on_path(),
        kernel(),
        random_numbers(),
        writable(course),
        cores(),
        isolation(),
    ]


def python_version(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Compare Python's version with the oldest that will do."""
    detail = f"{_dotted(version)} (needs {_dotted(PYTHON)} or newer)"
    if version >= PYTHON:
        return _well("Python", detail)
    return _ill("Python", detail, f"Install a newer one from https://www.python.org. {SETUP}")


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def packages() -> Iterator[Finding]:
    """Compare each package with the range that the course and its instructor's part ask for."""
    try:
        from packaging.requirements import Requirement

        lines = importlib.metadata.requires(DISTRIBUTION) or []
    except ImportError as error:
        yield _ill(DISTRIBUTION, f"not installed ({error})", SETUP)
        return
    for line in lines:
        wanted = Requirement(line)
        settings = [{"extra": extra} for extra in ("", "instructor")]
        if wanted.marker is None or any(map(wanted.marker.evaluate, settings)):
            yield package(wanted.name, str(wanted.specifier))


def package(name: str, wanted: str) -> Finding:
    """Compare an installed package with a range of versions."""
    from packaging.specifiers import SpecifierSet

    try:
        found = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return _ill(name, f"missing (needs {wanted})", SETUP)
    detail = f"{found} (needs {wanted})"
    fits = SpecifierSet(wanted).contains(found, prereleases=True)
    return _well(name, detail) if fits else _ill(name, detail, SETUP)


def alembic_on_path() -> Finding:
    """Look for `alembic`, which nbgrader calls by its bare name when it makes a gradebook."""
    found = shutil.which("alembic")
    if found:
        return _well("alembic on PATH", found)
    folder = Path(sys.executable).parent
    cure = f"Activate the environment, or put {folder} on PATH."
    return _ill("alembic on PATH", "not found: nbgrader cannot make a gradebook", cure)


def kernel() -> Finding:
    """Start the kernel that notebooks name and import the course in it."""
    name = "kernel python3"
    try:
        status = _kernel_imports_course()
    except Exception as error:  # noqa: BLE001  whatever a broken Jupyter raises is the finding
        return _ill(name, f"does not start: {error}", INSTALL_KERNEL)
    if status != "ok":
        return _ill(name, "starts, but cannot import downslope", INSTALL_KERNEL)
    return _well(name, "starts and imports downslope")


def _kernel_imports_course() -> str:
    from jupyter_client.manager import start_new_kernel

    # What the kernel says while it starts is no finding: not for the terminal.
    manager, client = start_new_kernel(
        KERNEL_SECONDS, "python3", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        reply = client.execute("import downslope", reply=True, timeout=KERNEL_SECONDS)
        return str(reply["content"]["status"])
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def random_numbers() -> Finding:
    """Compare NumPy's random stream with the one that expected outputs were made with."""
    name = "random numbers"
    try:
        drawn = rng_fingerprint()
    except ImportError as error:
        return _ill(name, str(error), SETUP)
    if drawn == RNG_FINGERPRINT:
        return _well(name, "NumPy draws what the course expects")
    detail = "this NumPy draws other numbers, so a regrade elsewhere would use other inputs"
    return _ill(name, detail, "Use the NumPy of the machine that graded first.")


def rng_fingerprint() -> str:
    """Hash the first draws of `default_rng(0)`, rounded beyond any difference of processors."""
    import numpy as np

    rng = np.random.default_rng(0)
    draws = [rng.integers(0, 1000, 8), rng.random(8), rng.standard_normal(8), rng.permutation(8)]
    text = " ".join(f"{number:.10f}" for draw in draws for number in draw)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def writable(course: Path) -> Finding:
    """Try to write where grades and feedback will lie."""
    name = "course folder"
    try:
        with tempfile.TemporaryFile(dir=course):
            return _well(name, f"{course.resolve()} can be written")
    except OSError as error:
        detail = f"{course.resolve()} cannot be written: {error.strerror}"
        return _ill(name, detail, "Choose another with --course, or mend its permissions.")


def cores() -> Finding:
    """Count the processor's cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return _well("cores", f"{count}: as many submissions can be graded at once")


def isolation() -> Finding:
    """Open a sandbox as grading does, and say whether it keeps a submission apart.

    What was in force while grading is written beside each result.
    """
    from autograder.isolation import runner_for, why_not_full

    name, reason = "isolation", why_not_full()
    if not reason:
        return _well(name, runner_for().isolation)
    cure = "Grade on Linux 5.12 or newer where users may make namespaces, or people you trust."
    return _ill(name, f"reduced, because {reason}", cure)
