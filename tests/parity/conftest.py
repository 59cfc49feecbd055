"""What downslope is compared with: stored numbers, and the libraries where they are installed."""

import functools
import importlib.util
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
LARGEST_GAP = 1e-12
ROUNDING = 2.0**-52
TINY = 5e-324  # so that 0 and 0 agree
INSTALLED = all(importlib.util.find_spec(name) for name in ("torch", "optax"))
SOURCES = ["stored", "live"] if INSTALLED else ["stored"]
Section = dict[str, Any]


def stored(section: str) -> Section:
    return json.loads((HERE / f"{section}.json").read_text("utf-8"))


@functools.cache
def live(section: str) -> Section:
    """Run the script's functions now."""
    spec = importlib.util.spec_from_file_location("make_numbers", HERE / "make_numbers.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whatever other libraries warn of is theirs
        return script.SECTIONS[section]()


@pytest.fixture(scope="session", params=SOURCES)
def numbers(request: pytest.FixtureRequest) -> Callable[[str], Section]:
    """One section of the numbers, stored or made now."""
    return {"stored": functools.cache(stored), "live": live}[request.param]


@pytest.fixture
def agree(request: pytest.FixtureRequest) -> Callable[[Any, Any], None]:
    """Compare ours with theirs, number by number, and note the largest gap for a report.

    Numbers smaller than a rounding of the largest in their column may differ by more: there, one
    library has 1e-18 where another has lost it and says 0.
    """

    def compare(ours: Any, theirs: Any) -> None:
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        assert ours.shape == theirs.shape
        assert ours.dtype == np.float64
        size = np.max(np.abs(theirs), axis=0 if theirs.ndim == 2 else None)
        gaps = np.abs(ours - theirs) / np.where(size == 0, 1.0, size)
        request.node.user_properties.append(("gap over the largest number", float(np.max(gaps))))
        allowed = LARGEST_GAP * np.abs(theirs) + ROUNDING * size
        np.testing.assert_array_less(np.abs(ours - theirs), allowed + TINY)

    return compare
