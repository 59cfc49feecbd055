"""Notebooks 07 to 09 in a real JupyterLab: solved, wrong, worked by keys, and `bring`."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Material

SCHEDULES, TUNING, CAPSTONE = NAMES = ("07_schedules", "08_tuning", "09_capstone")
CRASHES = '[data-mime-type="application/vnd.jupyter.error"]'
# For each lesson its widget, a slider, what is said at first and after the key End on it.
WIDGETS = {
    SCHEDULES: (
        "explore_schedule(",
        1,
        r"^The rate goes from 1\.5 ",
        r"^The rate goes from 0\.00\d+ ",
    ),
    TUNING: ("explore_search(", 0, r"^With 9 trials", r"^With \d\d+ trials"),
    CAPSTONE: ("explore_distortions(", 0, r"moved by up to 0 pix", r"moved by up to 3 pix"),
}
# Of each lesson a mistake that its card must name.
WRONG = (
    (SCHEDULES, "cosine_restarts", "equal_cycles", ("cosine_decay",)),
    (TUNING, "choose_and_refit", "chosen_on_test", ()),
    (CAPSTONE, "train_with_adam", "state_forgotten", ("loss_and_gradients",)),
)

Load = Callable[[str], "Material"]


def write(lab: "Lab", kind: str, name: str, notebook: dict[str, Any], course: str = "") -> str:
    """Put a notebook into its folder of a course, by itself if that has no name; return its path.

    09's `bring` looks into the folders beside its own: no other test's notebooks may lie there.
    """
    path = f"{kind}-{course or name}/{name}/{name}.ipynb"
    (lab.root / path).parent.mkdir(parents=True)
    (lab.root / path).write_text(json.dumps(notebook), "utf-8")
    return path


@pytest.fixture(scope="module", params=NAMES)
def own(request: pytest.FixtureRequest, material: Load) -> "Material":
    """One lesson after the other."""
    return material(request.param)


@pytest.fixture(scope="module")
def solved(
    lab: "Lab",
    lasting_page: Page,
    run_notebook_on: Callable[[Page, str], Page],
    own: "Material",
) -> Page:
    """A page on which the solved notebook has been run."""
    page = run_notebook_on(lasting_page, write(lab, "solved", own.lesson.name, own.solved()))
    page.wait_for_function(own.ALL_RUN)
    return page


def test_every_check_of_the_solved_notebook_is_green(solved: Page, own: "Material"):
    right = solved.locator(own.CARDS, has=solved.locator('b:text-is("Right.")'))
    expect(right).to_have_count(len(own.lesson.exercises))
    assert solved.locator(own.ERRORS).count() == 0
    assert solved.locator(CRASHES).count() == 0


def test_the_widget_answers_to_the_keyboard_and_tells_what_it_shows(solved: Page, own: "Material"):
    piece, place, before, after = WIDGETS[own.lesson.name]
    cell = own.cell(solved, f"widgets.{piece}")
    cell.evaluate("(element) => element.scrollIntoView({ block: 'center' })")
    picture, said = cell.locator("img.downslope-picture"), cell.locator("[role=status]").first
    source = str(picture.get_attribute("src"))
    expect(said).to_contain_text(re.compile(before))
    handle = cell.locator(".noUi-handle").nth(place)
    handle.press("End")
    expect(picture).not_to_have_attribute("src", source)
    expect(said).to_contain_text(re.compile(after))
    expect(handle).to_be_focused()
    assert labels_cut_off(cell) == []
    cell.get_by_role("button", name="Reset").press("Enter")
    expect(said).to_contain_text(re.compile(before))


def labels_cut_off(cell: Locator) -> list[str]:
    """Name the labels of controls that do not fit into their place."""
    labels = cell.locator(".widget-label:visible").all()
    wide = "(element) => element.scrollWidth > element.clientWidth"
    return [label.inner_text() for label in labels if label.evaluate(wide)]


@pytest.mark.parametrize(("name", "exercise", "mistake", "others"), WRONG)
def test_the_card_of_a_wrong_answer_names_the_mistake(
    lab: "Lab",
    run_notebook: Callable[[str], Page],
    material: Load,
    name: str,
    exercise: str,
    mistake: str,
    others: tuple[str, ...],
):
    own = material(name)
    sentences = {each.name: each.sentence for each in own.lesson.exercises[exercise].mistakes}
    path = write(lab, "wrong", name, own.with_mistake(exercise, mistake, *others))
    card = run_notebook(path).locator(own.CARDS)
    expect(card.locator("> b")).to_have_text("Not right yet.")
    expect(card).to_contain_text(sentences[mistake].replace("*", ""))
    expect(card).to_contain_text("First difference, in the case")
    expect(card).to_contain_text(f'hint("{exercise}") shows hint 1 of 3')


def test_bring_offers_the_pieces_of_the_notebooks_beside_it(
    lab: "Lab", run_notebook: Callable[[str], Page], material: Load
):
    """What 01, 03 and 06 hold comes in one new cell, which runs and passes its own checks."""
    for name in ("01_gradients", "03_vector_backprop", "06_adaptive_methods"):
        write(lab, "beside", name, material(name).solved(), course="mine")
    own = material(CAPSTONE)
    cells = [
        cell
        for cell in own.release["cells"]
        if cell["id"] == "setup" or "".join(cell["source"]).startswith(("bring(", "check_again("))
    ]
    notebook = {**own.release, "cells": cells}
    page = run_notebook(write(lab, "beside", CAPSTONE, notebook, course="mine"))
    shown = page.locator(".jp-Notebook .jp-CodeCell")
    expect(shown).to_have_count(len(cells) + 1)
    page.wait_for_function(own.NONE_RUNS)
    _, told, brought, again = (shown.nth(place) for place in range(4))
    expect(told).to_contain_text("Run the new cell below.")
    expect(told).to_contain_text("adam_step: found in 06_adaptive_methods")
    expect(told).to_contain_text("cosine_decay: not found in the notebooks beside this one")
    expect(again).to_contain_text("0 of 8 right")
    brought.evaluate("(element) => element.scrollIntoView()")
    brought.locator(".cm-line").first.click()
    page.keyboard.press("Shift+Enter")
    again.locator(".cm-line").first.click()
    page.keyboard.press("Control+Enter")
    expect(again).to_contain_text("5 of 8 right")
    assert page.locator(CRASHES).count() == 0
