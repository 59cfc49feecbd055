"""The environment that nbgrader expects around it."""

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
