"""Stored numbers of libraries stand in for the library, for the same inputs only."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import library_numbers
from autograder.errors import AutograderError
from autograder.library_numbers import Arrays, LibraryNumbers, fingerprint

CASES = [{"label": "one", "arguments": {"x": np.array([1.0, 3.0])}}]
THIRD = 1 / 3


def compute(case: dict[str, Any]) -> Arrays:
    return {"y": case["arguments"]["x"] * THIRD}


def unreachable(case: dict[str, Any]) -> Arrays:
    raise AssertionError(case)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with the numbers of a library that was installed then and is absent now."""
    file = tmp_path / "library_numbers.json"
    with monkeypatch.context() as then:
        pretend_installed(then)
        numbers = LibraryNumbers(file)
        numbers.arrays("f", "somelib", compute, CASES)
        numbers.write()
    return file


def pretend_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_numbers, "installed", lambda _library: True)
    monkeypatch.setattr("importlib.metadata.version", lambda _library: "2.0+cpu")


def test_stored_numbers_are_exact_and_know_their_version(path: Path):
    numbers = LibraryNumbers(path)
    (arrays,) = numbers.arrays("f", "somelib", unreachable, CASES)
    assert arrays["y"].tolist() == [THIRD, 1.0]
    assert numbers.version("f", "somelib") == "2.0"
    assert numbers.changes() == []


def test_stored_numbers_of_other_inputs_are_refused(path: Path):
    other = [{"label": "one", "arguments": {"x": np.array([1.0, 4.0])}}]
    with pytest.raises(AutograderError, match="no numbers of somelib for the inputs that 'f'"):
        LibraryNumbers(path).arrays("f", "somelib", unreachable, other)


def test_writing_again_without_the_library_changes_no_byte(path: Path):
    before = path.read_bytes()
    numbers = LibraryNumbers(path)
    numbers.arrays("f", "somelib", unreachable, CASES)
    numbers.write()
    assert path.read_bytes() == before


@pytest.mark.parametrize(("factor", "changes"), [(1 + 4e-16, 0), (1 + 1e-9, 1)])
def test_only_more_than_the_last_bits_is_a_change(
    path: Path, monkeypatch: pytest.MonkeyPatch, factor: float, changes: int
):
    pretend_installed(monkeypatch)
    numbers = LibraryNumbers(path)
    numbers.arrays("f", "somelib", lambda case: {"y": factor * compute(case)["y"]}, CASES)
    assert len(numbers.changes()) == changes


def test_what_needs_no_library_is_not_stored(tmp_path: Path):
    numbers = LibraryNumbers(tmp_path / "none.json")
    numbers.arrays("f", "", compute, CASES)
    numbers.write()
    assert not numbers.path.exists()
    assert numbers.version("f", "") == ""


def test_the_fingerprint_is_that_of_the_numbers():
    assert fingerprint(CASES) == fingerprint([dict(CASES[0])])
    assert fingerprint(CASES) != fingerprint(CASES * 2)
