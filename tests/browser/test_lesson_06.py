"""06_adaptive_methods in a real JupyterLab: blank, solved, wrong, and what reacts to keys."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Page, expect

from autograder.lessons import Lesson

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Material

NAME = "06_adaptive_methods"
PLAYER = ".downslope-race"

RunOn = Callable[[Page, str], Page]


@pytest.fixture(scope="module")
def own(material: Callable[[str], "Material"]) -> "Material":
    return material(NAME)


@pytest.fixture(scope="module")
def lesson(own: "Material") -> Lesson:
    return own.lesson


@pytest.fixture(scope="module")
def cell_of(own: "Material") -> Callable[[Page, str], Locator]:
    return own.cell


@pytest.fixture(scope="module")
def solved(lab: "Lab", lasting_page: Page, run_notebook_on: RunOn, own: "Material") -> Page:
    """A page on which the solved notebook has been run; each test uses other cells of it."""
    (lab.root / "solved.ipynb").write_text(json.dumps(own.solved()), "utf-8")
    page = run_notebook_on(lasting_page, "solved.ipynb")
    page.wait_for_function(own.ALL_RUN)
    return page


def show(part: Locator) -> Locator:
    """Scroll to a part of the page: what is out of sight is not laid out, and has no focus."""
    part.evaluate("(element) => element.scrollIntoView({ block: 'center' })")
    return part


def card_in(cell: Locator) -> Locator:
    return cell.locator("[role=status]")


def test_the_blank_release_runs_to_its_end_cell_by_cell(
    run_notebook: Callable[[str], Page], own: "Material", cell_of: Any
):
    page = run_notebook(f"{NAME}/{NAME}.ipynb")
    first = cell_of(page, 'check("sign_step"')
    expect(card_in(first)).to_contain_text("Still to do.")
    # Run All stops there, as at any error. A learner goes on with Shift+Enter.
    page.wait_for_function(own.NONE_RUNS)
    show(page.locator(".jp-Notebook .jp-Cell").first).click()
    for _ in own.release["cells"][:-1]:  # below the last it would add another
        page.keyboard.press("Shift+Enter")
        page.wait_for_function(own.NONE_RUNS)
    page.wait_for_function(own.ALL_RUN)
    prompts = page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").all_text_contents()
    counts = [int(prompt.strip("[]:")) for prompt in prompts]
    assert counts == [*range(counts[0], counts[0] + len(counts))]  # one kernel, alive all the time
    assert counts[0] > 1
    heads = page.locator(f"{own.CARDS} > b").all_text_contents()
    assert heads.count("Still to do.") == len(own.lesson.exercises)
    errors = page.locator(own.ERRORS).all_text_contents()
    assert len(errors) == len(own.lesson.exercises)
    assert all(error.startswith("CheckFailed: ") for error in errors)


def test_every_check_of_the_solved_notebook_is_green(solved: Page, own: "Material"):
    right = solved.locator(own.CARDS, has=solved.locator('b:text-is("Right.")'))
    expect(right).to_have_count(len(own.lesson.exercises))
    looks = [card.get_attribute("style") for card in right.all()]
    assert all("#009E73" in str(look) for look in looks)
    assert solved.locator(own.ERRORS).count() == 0


def test_the_race_plays_stops_and_plays_on(solved: Page, cell_of: Any):
    player = show(cell_of(solved, "animations.race(ravine").locator(PLAYER))
    play, step = player.locator(".dsr-play"), player.locator("output")
    player.locator(".dsr-restart").click()
    expect(play).to_have_text("Pause")
    expect(step).not_to_have_text("0 of 150")
    play.click()
    expect(play).to_have_text("Play")
    losses = player.locator("tbody td:last-child")
    before, told = step.inner_text(), losses.all_inner_texts()
    assert len(told) == 5
    play.press("Space")
    expect(step).not_to_have_text(before)
    play.press("Space")
    expect(play).to_have_text("Play")
    assert losses.all_inner_texts() != told


def test_the_race_goes_step_by_step_with_the_arrow_keys(solved: Page, cell_of: Any):
    cell = cell_of(solved, "animations.race(landscapes.saddle")
    player = show(cell.locator(PLAYER))
    slider, step = player.locator("input[type=range]"), player.locator("output")
    slider.press("Home")
    expect(step).to_have_text("0 of 60")
    losses = player.locator("tbody td:last-child").all_inner_texts()
    assert len(set(losses)) == 1  # all stand at the start
    for _ in range(3):
        slider.press("ArrowRight")
    expect(step).to_have_text("3 of 60")
    said = player.locator("[role=status]")
    expect(said).to_contain_text("Update 3 of 60. Losses: gradient descent ")
    yours, library = player.locator("tbody td:last-child").all_inner_texts()[-2:]
    assert yours == library != losses[0]
    expect(slider).to_be_focused()  # JupyterLab has not taken the keys for its cells


def test_the_explorer_redraws_when_a_slider_is_moved_by_a_key(solved: Page, cell_of: Any):
    cell = show(cell_of(solved, "widgets.explore_steps("))
    picture = cell.locator("img.downslope-picture")
    words, source = picture.get_attribute("alt"), picture.get_attribute("src")
    assert "60 updates, lr 0.1" in str(words)
    handle = cell.locator(".noUi-handle").first
    handle.press("ArrowRight")
    expect(picture).not_to_have_attribute("src", str(source))
    expect(picture).to_have_attribute("alt", re.compile(r"lr 0\.1\d*, .*your Adam ends at"))
    cell.get_by_role("button", name="Reset").click()
    ends = re.escape(str(words).split("Paths")[1])  # the same way as at first
    expect(picture).to_have_attribute("alt", re.compile(ends))


@pytest.mark.parametrize(
    ("ask", "button", "right", "wrong"),
    [
        ('predict("one_rate_for_two', "This is my prediction", "It jumps", "It runs straight"),
        ('quiz("what_each_part_does")', "Check", "m smooths", "both smooth"),
    ],
)
def test_an_option_is_chosen_and_marked_without_a_mouse(
    solved: Page, cell_of: Any, ask: str, button: str, right: str, wrong: str
):
    cell = show(cell_of(solved, ask))
    options = cell.locator(".downslope-question .widget-radio-box label")
    cell.locator("input[type=radio]").first.focus()
    solved.keyboard.press("Space")
    for start, mark, edge in ((wrong, "Not yet.", "#D55E00"), (right, "Right.", "#009E73")):
        choose(solved, options, start)
        press = cell.get_by_role("button", name=button)
        press.press("Enter")
        expect(card_in(cell)).to_contain_text(mark)
        assert edge in str(card_in(cell).get_attribute("style"))
        expect(press).to_be_focused()


def choose(page: Page, options: Locator, start: str) -> None:
    """Move with the arrow keys from the chosen option to the one that begins so."""
    inputs = options.locator("input")
    texts = [text.strip() for text in options.all_inner_texts()]
    (goal,) = [place for place, text in enumerate(texts) if text.startswith(start)]
    (place,) = [place for place in range(len(texts)) if inputs.nth(place).is_checked()]
    inputs.nth(place).focus()
    key, move = ("ArrowDown", 1) if goal > place else ("ArrowUp", -1)
    for step in range(place + move, goal + move, move):
        page.keyboard.press(key)
        expect(inputs.nth(step)).to_be_checked()


def test_a_number_is_typed_and_marked_without_a_mouse(solved: Page, cell_of: Any):
    cell = show(cell_of(solved, 'quiz("eps_inside_the_root")'))
    field = cell.get_by_label("Answer:")
    field.press_sequentially("0.5")
    field.press("Enter")
    expect(card_in(cell)).to_have_text(re.compile("Not yet. .* root is still to be taken"))
    field.fill("0.707")
    field.press("Tab")
    cell.get_by_role("button", name="Check").press("Enter")
    expect(card_in(cell)).to_contain_text("Right.")


def test_an_unanswered_question_asks_for_an_answer(solved: Page, cell_of: Any):
    cell = show(cell_of(solved, 'quiz("which_rate_is_best")'))
    cell.get_by_role("button", name="Check").click()
    expect(cell.get_by_text("Answer first.")).to_be_visible()
    assert card_in(cell).count() == 0


def test_a_declared_mistake_is_named_and_its_first_difference_marked(
    lab: "Lab", run_notebook: Callable[[str], Page], own: "Material"
):
    notebook = own.with_mistake("adam_step", "no_correction", "bias_correction")
    mistakes = {m.name: m for m in own.lesson.exercises["adam_step"].mistakes}
    (lab.root / "wrong.ipynb").write_text(json.dumps(notebook), "utf-8")

    page = run_notebook("wrong.ipynb")
    card = page.locator(own.CARDS)
    expect(card.locator("> b")).to_have_text("Not right yet.")
    expect(card).to_contain_text(mistakes["no_correction"].sentence)
    expect(card).to_contain_text("First difference, in the case")
    heads = card.locator("th").all_inner_texts()
    assert heads == ["update", "your theta", "expected"]
    rows = card.locator("tbody tr")
    assert rows.count() == 4
    marked = rows.filter(has_text="first difference")
    expect(marked).to_have_count(1)
    expect(marked).to_have_css("font-weight", "700")
    update, yours, expected, _ = marked.locator("td").all_inner_texts()
    assert update == "1"
    assert yours != expected
    expect(card).to_contain_text('hint("adam_step") shows hint 1 of')
    error = "CheckFailed: adam_step is not right yet; the box above says why."
    expect(page.locator(own.ERRORS)).to_have_text(error)
