"""The harness itself: JupyterLab opens a notebook, runs it, and asks no other machine anything."""

import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Lab

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


@pytest.fixture
def sums(lab: "Lab") -> str:
    """A notebook of two cells in the course folder."""
    cells = [new_code_cell("import downslope\nfactor = 6"), new_code_cell("factor * 7")]
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), lab.root / "sums.ipynb")
    return "sums.ipynb"


def test_a_notebook_runs_in_jupyterlab(run_notebook: Callable[[str], Page], sums: str):
    output = run_notebook(sums).locator(".jp-OutputArea-output").first
    output.wait_for(timeout=60_000)
    expect(output).to_have_text("42")


def test_no_popup_asks_for_news(lab: "Lab", page: Page, sums: str):
    page.goto(lab.notebook_url(sums))
    page.locator(".jp-Notebook").wait_for(timeout=60_000)
    expect(page.locator(".Toastify__toast")).to_have_count(0)


def test_the_lab_shows_the_release(lab: "Lab", root: Path):
    released = {path.name for path in (root / "notebooks").iterdir() if path.is_dir()}
    assert released <= {path.name for path in lab.root.iterdir()}
    with urllib.request.urlopen(f"{lab.url}/api/status", timeout=10) as reply:
        assert reply.status == 200
