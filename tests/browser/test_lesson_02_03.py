"""Notebooks 02 and 03 in a real JupyterLab: solved, wrong, and what reacts to keys."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect

from autograder.lessons import Lesson, load_lesson
from autograder.sample import make_class

if TYPE_CHECKING:
    from tests.browser.conftest import Lab

GRAPH, LAYERS = "02_scalar_backprop", "03_vector_backprop"
CARDS = ".jp-RenderedHTML [role=status]"
ERRORS = '[data-mime-type="application/vnd.jupyter.stderr"]'  # and warnings, if there are any
# A lesson, an exercise of it, and a declared mistake that its card must name.
WRONG = (
    (GRAPH, "backpropagate", "overwritten"),
    (GRAPH, "Value", "in_the_order_found"),
    (LAYERS, "linear_backward", "db_averaged"),
)

Notebook = dict[str, Any]


class Shown(NamedTuple):
    """A lesson and a page on which its solved notebook has been run."""

    lesson: Lesson
    page: Page
    sources: list[str]

    def cell(self, piece: str) -> Locator:
        """Scroll to the first cell whose source has this piece."""
        place = next(index for index, text in enumerate(self.sources) if piece in text)
        found = self.page.locator(".jp-Notebook .jp-Cell").nth(place)
        found.evaluate("(element) => element.scrollIntoView({ block: 'center' })")
        return found


def read_release(root: Path, name: str) -> Notebook:
    found: Notebook = json.loads((root / "notebooks" / name / f"{name}.ipynb").read_text("utf-8"))
    return found


def solution_of(root: Path, lesson: Lesson) -> Notebook:
    solved: Notebook = json.loads(make_class(lesson, read_release(root, lesson.name))[0].content)
    return solved


@pytest.fixture(scope="module", params=(GRAPH, LAYERS))
def shown(
    request: pytest.FixtureRequest,
    root: Path,
    lab: "Lab",
    lasting_page: Page,
    run_notebook_on: Callable[[Page, str], Page],
    wait_for_all: Callable[[Page], None],
) -> Shown:
    """Each lesson's solved notebook, run once; tests use other cells of it."""
    lesson = load_lesson(root / "source" / request.param)
    solved = solution_of(root, lesson)
    file = f"solved-{lesson.name}.ipynb"
    (lab.root / file).write_text(json.dumps(solved), "utf-8")
    page = run_notebook_on(lasting_page, file)
    wait_for_all(page)
    return Shown(lesson, page, ["".join(cell["source"]) for cell in solved["cells"]])


only_graph = pytest.mark.parametrize("shown", [GRAPH], indirect=True)
only_layers = pytest.mark.parametrize("shown", [LAYERS], indirect=True)


def test_every_check_of_the_solved_notebook_is_green(shown: Shown):
    right = shown.page.locator(CARDS, has=shown.page.locator('b:text-is("Right.")'))
    expect(right).to_have_count(len(shown.lesson.exercises))
    assert shown.page.locator(ERRORS).count() == 0


@only_graph
def test_the_graph_goes_step_by_step_with_the_arrow_keys(shown: Shown):
    cell = shown.cell("backpropagate=backpropagate")
    told, slider = cell.get_by_role("status").first, cell.locator(".noUi-handle")
    expect(told).to_contain_text("Step 0 of 6")
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    expect(told).to_contain_text("Step 2 of 6: b gets")
    cell.get_by_role("button", name="Next").press("Enter")
    expect(told).to_contain_text("Its gradient: -4 + (-6) = -10.".replace("-", "\u2212"))
    picture = cell.locator("img.downslope-picture")
    expect(picture).to_have_attribute("alt", re.compile("Step 3 of 6.*a \u221210"))
    expect(cell).to_contain_text("backpropagate agrees with the last step on all 5 gradients.")


@only_layers
def test_the_walk_on_the_surface_follows_the_arrow_keys(shown: Shown):
    cell = shown.cell("widgets.explore_steps(")
    picture = cell.locator("img.downslope-picture")
    before = str(picture.get_attribute("alt"))
    assert "loss of a 2-8-2 network" in before
    cell.locator(".noUi-handle").first.press("ArrowRight")
    expect(picture).not_to_have_attribute("alt", before)
    cell.get_by_role("button", name="Reset").press("Enter")
    expect(picture).to_have_attribute("alt", before)


@pytest.mark.parametrize(("name", "exercise", "mistake"), WRONG)
def test_a_declared_mistake_is_named_on_its_card(
    lab: "Lab",
    run_notebook: Callable[[str], Page],
    root: Path,
    name: str,
    exercise: str,
    mistake: str,
):
    lesson = load_lesson(root / "source" / name)
    solved = solution_of(root, lesson)
    kept = {cell["id"]: cell for cell in solved["cells"]}
    (wrong,) = [each for each in lesson.exercises[exercise].mistakes if each.name == mistake]
    kept[exercise]["source"] = wrong.apply(lesson.reference.sources[exercise])
    before = list(lesson.exercises)[: list(lesson.exercises).index(exercise)]
    cells = [kept[key] for key in ("setup", *before, exercise, f"check_{exercise}")]
    file = f"wrong-{exercise}.ipynb"
    (lab.root / file).write_text(json.dumps({**solved, "cells": cells}), "utf-8")

    card = run_notebook(file).locator(CARDS)
    expect(card.locator("> b")).to_have_text("Not right yet.")
    said = card.inner_text().replace("\n", " ")
    assert wrong.sentence.split(":")[0].replace("*", "") in said
    assert "First difference, in the case" in said
    assert f'hint("{exercise}") shows hint 1 of 3' in said
