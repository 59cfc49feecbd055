"""00_welcome and 01_gradients in a real JupyterLab: solved, wrong, and worked by keys."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Material

NAMES = ("00_welcome", "01_gradients")

RunOn = Callable[[Page, str], Page]


@pytest.fixture(scope="module", params=NAMES)
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


def test_every_check_of_the_solved_notebook_is_green(solved: Page, own: "Material"):
    right = solved.locator(own.CARDS, has=solved.locator('b:text-is("Right.")'))
    expect(right).to_have_count(len(own.lesson.exercises))
    assert solved.locator(own.ERRORS).count() == 0
    assert solved.locator('[data-mime-type="application/vnd.jupyter.error"]').count() == 0


# Which widget, what its first picture says, which slider takes which key, what is said then.
WIDGETS = {
    "explore_width(": ("3 hidden units", 0, "ArrowRight", r"^4 hidden units: the largest gap is"),
    "explore_circle(": ("at 53°", 0, "End", r"^A step of length 0\.5 at 53° to the gradient"),
    "explore_learning_rate(": ("It converges", 0, "End", r"It diverges"),
}


def test_each_widget_answers_to_the_keyboard_and_tells_what_it_shows(solved: Page, own: "Material"):
    sources = "".join("".join(cell["source"]) for cell in own.release["cells"])
    found = [piece for piece in WIDGETS if f"widgets.{piece}" in sources]
    assert found
    for piece in found:
        before, place, key, after = WIDGETS[piece]
        cell = own.cell(solved, f"widgets.{piece}")
        cell.evaluate("(element) => element.scrollIntoView({ block: 'center' })")
        picture, said = cell.locator("img.downslope-picture"), cell.locator("[role=status]").first
        source = str(picture.get_attribute("src"))
        expect(said).to_contain_text(before)
        handle = cell.locator(".noUi-handle").nth(place)
        handle.press(key)
        expect(picture).not_to_have_attribute("src", source)
        expect(said).to_contain_text(re.compile(after))
        expect(handle).to_be_focused()
        assert labels_cut_off(cell) == []


def labels_cut_off(cell: Locator) -> list[str]:
    """Name the labels of controls that do not fit into their place."""
    labels = cell.locator(".widget-label:visible").all()
    return [
        label.inner_text()
        for label in labels
        if label.evaluate("(element) => element.scrollWidth > element.clientWidth")
    ]


@pytest.mark.parametrize(
    ("name", "exercise", "mistake"),
    [
        ("00_welcome", "activations", "elu_not_lowered"),
        ("01_gradients", "logistic_loss", "kept_inside_by_1e_12"),
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
    page = run_notebook(path)
    card = page.locator(own.CARDS)
    expect(card.locator("> b")).to_have_text("Not right yet.")
    expect(card).to_contain_text(sentences[mistake])
    expect(card).to_contain_text("First difference, in the case")
    expect(card).to_contain_text(f'hint("{exercise}") shows hint 1 of 3')
