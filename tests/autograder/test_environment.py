"""nbgrader calls a bare `alembic`, so this Python's scripts come first on PATH."""

import os
import sys
from pathlib import Path

import pytest

from autograder.environment import put_scripts_on_path

SCRIPTS = str(Path(sys.executable).parent)


@pytest.mark.parametrize("before", ["", "/usr/bin", os.pathsep.join(["/a", "/b"])])
def test_scripts_are_put_first_once(before: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", before)
    put_scripts_on_path()
    put_scripts_on_path()
    assert os.environ["PATH"].split(os.pathsep) == [SCRIPTS, *before.split(os.pathsep)]


def test_scripts_that_are_there_already_stay_where_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = os.pathsep.join(["/usr/bin", SCRIPTS])
    monkeypatch.setenv("PATH", path)
    put_scripts_on_path()
    assert os.environ["PATH"] == path
