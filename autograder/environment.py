"""The environment that nbgrader expects around it, and what it need not wait for."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def put_scripts_on_path() -> None:
    """Put this Python's scripts first on PATH: nbgrader calls a bare `alembic`."""
    scripts = str(Path(sys.executable).parent)
    entries = os.environ.get("PATH", "").split(os.pathsep)
    if scripts not in entries:
        os.environ["PATH"] = os.pathsep.join([scripts, *entries])


def load_jsonschema() -> None:
    """Import jsonschema, which nbgrader reads notebooks with, but without its slowest part.

    For one optional format, international addresses, it builds a parser at each start: more than
    half of the time that nbgrader takes to import. No schema of notebooks asks for that format.
    """
    slow = "rfc3987_syntax"
    if slow in sys.modules:
        return
    sys.modules[slow] = None  # type: ignore[assignment]  # so that importing it fails, as if missing
    try:
        import jsonschema  # noqa: F401
    finally:
        del sys.modules[slow]
