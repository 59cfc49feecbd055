"""Every released notebook, as a student opens it, run from top to bottom in a real JupyterLab."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page

from autograder.lessons import lesson_folders

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Material

SOURCE = Path(__file__).resolve().parents[2] / "source"
# 06 is run cell by cell, see test_lesson_06.py.
NAMES = [path.name for path in lesson_folders(SOURCE) if not path.name.startswith("06")]


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_to_its_end_and_each_check_says_what_is_to_do(
    lab: "Lab",
    run_notebook: Callable[[str], Page],
    material: Callable[[str], "Material"],
    name: str,
):
    own = material(name)
    # In a course of its own: 09's `bring` looks into the folders beside it.
    path = lab.root / f"blank-{name}" / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(own.blank_but_running_on()), "utf-8")
    page = run_notebook(path.relative_to(lab.root).as_posix())
    page.wait_for_function(own.ALL_RUN)
    count = len(own.lesson.exercises)
    heads = page.locator(f"{own.CARDS} > b").all_text_contents()
    assert heads.count("Still to do.") == count
    errors = page.locator(own.ERRORS).all_text_contents()
    assert len(errors) == count
    assert all(error.startswith("CheckFailed: ") for error in errors)
    later = page.locator(".jp-CodeCell", has=page.locator(own.CARDS, has_text="Later."))
    assert later.count()
    # An explorer has something to show at once; axes without their curves would be empty.
    assert later.locator("img:not(.downslope-picture)").count() == 0
