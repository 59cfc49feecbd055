"""A learner's own check of a whole notebook."""

import json
from pathlib import Path
from typing import Any

import pytest

from autograder import selfcheck
from autograder.errors import CourseError
from autograder.run import Limits, Run
from autograder.selfcheck import Finding, check_notebook


def error(text: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": "CheckFailed", "evalue": text, "traceback": []}


def shown(text: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}


OUTPUTS: dict[str, list[dict[str, Any]]] = {
    'check("f", f)': [shown("f is right in 3 cases.")],
    "check('g', g)": [shown("Uphill."), error("g is not right yet")],
    'x = 1\ncheck( "h", h)': [error("name 'h' is not defined")],
    'check("late", late)': [],
    '# check("no", no)': [],
    'recheck("no", no)': [],
}


class Fake:
    """Runs nothing: gives the outputs above."""

    def run(self, notebook: dict[str, Any], requests: dict[str, str], _: Limits) -> Run:
        assert requests == {}
        for cell in notebook["cells"]:
            cell["outputs"] = OUTPUTS.get(cell["source"], [])
        late = [cell["id"] for cell in notebook["cells"] if "late" in cell["source"]]
        return Run(notebook, fates=dict.fromkeys(late, "timeout"))


def write(path: Path, sources: list[str]) -> Path:
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}), encoding="utf-8")
    return path


@pytest.fixture
def findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Finding]:
    monkeypatch.setattr(selfcheck, "runner_for", Fake)
    found = check_notebook(write(tmp_path / "x.ipynb", list(OUTPUTS)))
    return {finding.name: finding for finding in found}


def test_every_check_is_found_and_nothing_else(findings: dict[str, Finding]) -> None:
    assert list(findings) == ["f", "g", "h", "late"]


def test_a_check_that_passed_is_right(findings: dict[str, Finding]) -> None:
    assert findings["f"] == Finding("f", True, "f is right in 3 cases.")


def test_a_check_that_failed_speaks_in_its_own_words(findings: dict[str, Finding]) -> None:
    assert findings["g"] == Finding("g", False, "Uphill.")


def test_a_check_that_broke_shows_its_error(findings: dict[str, Finding]) -> None:
    assert not findings["h"].right
    assert "name 'h' is not defined" in findings["h"].message


def test_a_check_that_did_not_end_is_not_right(findings: dict[str, Finding]) -> None:
    assert findings["late"] == Finding("late", False, "its check did not end (timeout)")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a notebook: the file is empty"),
        (b"{}", "is not a notebook: it is JSON, but holds no list of cells"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_notebook_is_refused(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "x.ipynb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CourseError, match=message):
        check_notebook(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="cannot be read"):
        check_notebook(tmp_path)


def test_a_notebook_without_checks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selfcheck, "runner_for", Fake)
    with pytest.raises(CourseError, match=r"holds no check\. Is it a notebook of this course\?"):
        check_notebook(write(tmp_path / "x.ipynb", ["x = 1"]))


@pytest.mark.slow
def test_checks_run_in_a_kernel_of_their_own(tmp_path: Path) -> None:
    cells = [
        "def check(name, answer):\n    assert answer(2) == 4, 'no'",
        "def f(x): return 2 * x\ncheck('f', f)",
        "def g(x): return x\ncheck('g', g)",
    ]
    cells[1:] = [line for cell in cells[1:] for line in cell.split("\n")]
    found = check_notebook(write(tmp_path / "x.ipynb", cells))
    assert [(finding.name, finding.right) for finding in found] == [("f", True), ("g", False)]
