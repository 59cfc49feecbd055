"""Fingerprints: another text of the grader, or of a lesson, means that results may differ."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from pathlib import Path

import downslope

# What a learner's page looks like does not change a mark.
BESIDE_THE_POINT = ("lessons", "data", "plots", "widgets", "gallery", "templates")


@functools.cache
def grader_version() -> str:
    """Return a fingerprint of the code that runs, drives and compares answers."""
    digest = hashlib.sha256()
    for package in (Path(__file__).parent, Path(downslope.__file__).parent):
        for path in sorted(package.rglob("*.py")):
            if path.relative_to(package).parts[0] not in BESIDE_THE_POINT:
                digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def lesson_version(folder: Path) -> str:
    """Return a fingerprint of all that a lesson's release and key are made from."""
    source = folder.parent
    files = [*folder.iterdir(), *(source / "shared").glob("*.py"), source / "curriculum.toml"]
    digest = hashlib.sha256(grader_version().encode())
    for library in ("nbgrader", "jupytext", "numpy"):
        digest.update(importlib.metadata.version(library).encode())
    for path in sorted(path for path in files if path.is_file()):
        digest.update(path.relative_to(source).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
