"""nbgrader calls a bare `alembic`, so this Python's scripts come first on PATH; it starts soon."""

import os
import sys
from collections.abc import Callable
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


def test_nbgrader_is_imported_without_the_parser_that_nobody_asks_for(
    fresh_python: Callable[[str], str],
) -> None:
    code = """
import sys
from autograder.environment import load_jsonschema
load_jsonschema()
load_jsonschema()
import jsonschema
print(sorted({"jsonschema", "lark", "rfc3987_syntax"} & set(sys.modules)))
jsonschema.validate({"a": 1}, {"required": ["a"]})
import rfc3987_syntax  # whoever wants it later still gets it
"""
    assert fresh_python(code).strip() == "['jsonschema']"
