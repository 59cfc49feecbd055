"""04_sgd and 05_momentum in a real JupyterLab: solved, wrong, and worked by keys."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Material

BATCHES, MOMENTUM = "04_sgd", "05_momentum"

RunOn = Callable[[Page, str], Page]


@pytest.fixture(scope="module", params=(BATCHES, MOMENTUM))
def own(request: pytest.FixtureRequest, material: Callable[[str], "Material"]) -> "Material":
    """One lesson after the other."""
    return material(request.param)


@pytest.fixture(scope="module")
def solved(lab: "Lab", lasting_page: Page, run_notebook_on: RunOn, own: "Material") -> Page:
    """A page on which the solved notebook has been run."""
    path = f"solved-{own.lesson.name}.ipynb"
    (lab.root / path).write_text(json.dumps(own.solved()), "utf-8")
    page = run_notebook_on(lasting_page, path)
    page.wait_for_function(own.ALL_RUN)
    return page


only_batches = pytest.mark.parametrize("own", [BATCHES], indirect=True)
only_momentum = pytest.mark.parametrize("own", [MOMENTUM], indirect=True)


def shown(page: Page, own: "Material", piece: str) -> Locator:
    """Scroll to the cell with a widget."""
    cell = own.cell(page, piece)
    cell.evaluate("(element) => element.scrollIntoView({ block: 'center' })")
    return cell


def press(cell: Locator, place: int, key: str, after: str | re.Pattern[str]) -> None:
    """Press a key on a slider; picture and words must follow, and the slider keeps the focus."""
    picture, said = cell.locator("img.downslope-picture"), cell.get_by_role("status").first
    source = str(picture.get_attribute("src"))
    handle = cell.locator(".noUi-handle").nth(place)
    handle.press(key)
    expect(picture).not_to_have_attribute("src", source)
    expect(said).to_contain_text(after)
    expect(handle).to_be_focused()


def test_every_check_of_the_solved_notebook_is_green(solved: Page, own: "Material"):
    right = solved.locator(own.CARDS, has=solved.locator('b:text-is("Right.")'))
    expect(right).to_have_count(len(own.lesson.exercises))
    assert solved.locator(own.ERRORS).count() == 0
    assert solved.locator('[data-mime-type="application/vnd.jupyter.error"]').count() == 0
    # A widget names what it could not run in a list under its picture.
    assert solved.locator(".jp-OutputArea-output:has(img.downslope-picture) li").count() == 0


@only_batches
def test_the_noise_follows_batch_size_and_distance(solved: Page, own: "Material"):
    cell = shown(solved, own, "widgets.explore_batches(")
    expect(cell.get_by_role("status").first).to_contain_text("Batch size 8 of 64: the noise")
    press(cell, 0, "ArrowRight", "Batch size 16 of 64: the noise")
    press(cell, 1, "Home", "Batch size 16 of 64: at the minimum all that is left is noise.")
    press(cell, 0, "End", "every mini-batch is the whole; no noise is left.")
    cell.get_by_role("button", name="Reset").press("Enter")
    expect(cell.get_by_role("status").first).to_contain_text("Batch size 8 of 64")


@only_momentum
@pytest.mark.parametrize("rule", ["momentum_step", "nesterov_step"])
def test_the_ball_rolls_and_starts_again(solved: Page, own: "Material", rule: str):
    cell = shown(solved, own, f"widgets.explore_momentum({rule}")
    said = cell.get_by_role("status").first
    expect(said).to_contain_text("Update 12: the ball moved by")
    expect(said).to_contain_text("90 % of that carries over")
    press(cell, 1, "Home", "Update 12: nothing carries over")
    press(cell, 2, "ArrowRight", "Update 13: nothing carries over")
    cell.get_by_role("button", name="Reset").press("Enter")
    expect(said).to_contain_text("Update 12: the ball moved by")


@only_momentum
def test_the_forms_part_when_the_switch_changes_the_rate(solved: Page, own: "Material"):
    cell = shown(solved, own, "widgets.explore_conventions(")
    said, switch = cell.get_by_role("status").first, cell.get_by_role("combobox")
    expect(said).to_contain_text("form 2 lies on form 1.")
    switch.select_option("a fifth in the second half")
    expect(said).to_contain_text(re.compile(r"form 2 is up to 0\.5\d* away from form 1"))
    expect(said).to_contain_text("average, rescaled lies on form 1.")
    press(cell, 1, "Home", "form 2 lies on form 1. average lies on form 1.")  # nothing is kept


@only_momentum
def test_a_race_is_moved_by_its_slider(solved: Page, own: "Material"):
    cell = shown(solved, own, "animations.race(landscapes.saddle")
    slider = cell.locator('input[type="range"]')
    slider.press("End")
    expect(slider).to_have_value("60")
    slider.press("ArrowLeft")
    expect(cell).to_contain_text("59 of 60")


@pytest.mark.parametrize(
    ("name", "exercise", "mistake"),
    [
        (BATCHES, "gradient_variance", "standard_deviation"),
        (MOMENTUM, "annealed_momentum", "capped_at_end"),
    ],
)
def test_the_card_of_a_wrong_answer_names_the_mistake(
    lab: "Lab",
    run_notebook: Callable[[str], Page],
    material: Callable[[str], "Material"],
    name: str,
    exercise: str,
    mistake: str,
):
    own = material(name)
    sentences = {each.name: each.sentence for each in own.lesson.exercises[exercise].mistakes}
    path = f"wrong-{name}.ipynb"
    (lab.root / path).write_text(json.dumps(own.with_mistake(exercise, mistake)), "utf-8")
    card = run_notebook(path).locator(own.CARDS)
    expect(card.locator("> b")).to_have_text("Not right yet.")
    expect(card).to_contain_text(sentences[mistake].replace("`", ""))
    expect(card).to_contain_text("First difference, in the case")
    expect(card).to_contain_text(f'hint("{exercise}") shows hint 1 of 3')
