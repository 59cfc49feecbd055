"""Every explorer in a real JupyterLab: drawn, worked with the keyboard, light and dark."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib.image
import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, expect

from downslope import widgets

if TYPE_CHECKING:
    from tests.browser.conftest import Lab

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
SOURCE = """
from IPython.display import display
from downslope import datasets, landscapes, optimizers, widgets

def sgd_step(theta, grad, lr):
    return theta - lr * grad

def momentum_step(theta, grad, m, lr, rho):
    m = rho * m + grad
    return theta - lr * m, m

def velocity_step(theta, grad, v, lr, rho):
    v = rho * v - lr * grad
    return theta + v, v

def adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):
    raise NotImplementedError

parents = {"x": [], "y": [], "z": [], "s": ["x", "y"], "p": ["s", "z"], "f": ["p", "x"]}
partials = {"s": [1, 1], "p": [-3, 3], "f": [1, 1]}
values = {"x": 2, "y": 1, "z": -3, "s": 3, "p": -9, "f": -7}
labels = {"s": "x + y", "p": "s · z", "f": "p + x"}
runners = {"SGD": sgd_step, "momentum": momentum_step, "Adam": adam_step}
digits = datasets.load_digits()

for explorer in (
    widgets.explore_steps(landscapes.valley, runners, lr=(0.01, 1.0)),
    widgets.explore_learning_rate(sgd_step),
    widgets.explore_graph(parents, partials, values=values, labels=labels),
    widgets.explore_batches(),
    widgets.explore_momentum(momentum_step),
    widgets.explore_conventions({"form 1": momentum_step, "form 2": velocity_step}),
    widgets.explore_race(runners),
    widgets.explore_schedule(),
    widgets.explore_search(),
    widgets.explore_circle(),
    widgets.explore_width(),
    widgets.explore_distortions(None, digits.X[:32] / 16, digits.y[:32]),
):
    display(explorer)
"""
NAMES = (
    *("steps", "rate", "graph", "batches", "momentum", "forms", "race"),
    *("schedule", "search", "circle", "width", "distortions"),
)


def test_every_explorer_is_shown():
    offered = {name for name in widgets.__all__ if name.startswith("explore_")}
    assert {name for name in offered if f"widgets.{name}(" not in SOURCE} == set()


@pytest.fixture
def explorers(lab: "Lab", run_notebook: Callable[[str], Page]) -> tuple[Page, list[Locator]]:
    """A page on which all explorers are drawn, and the output of each."""
    cells = [new_code_cell(SOURCE)]
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), lab.root / "explorers.ipynb")
    page = run_notebook("explorers.ipynb")
    pictures = page.locator(".jp-OutputArea-output img.downslope-picture")
    expect(pictures).to_have_count(len(NAMES), timeout=60_000)
    return page, page.locator(".jp-OutputArea-output:has(img.downslope-picture)").all()


def picture_of(explorer: Locator) -> Locator:
    return explorer.locator("img.downslope-picture")


def shot(explorer: Locator, path: Path) -> np.ndarray:
    """Take a screenshot; return its pixels `(height, width, 3)`, from 0 to 1."""
    explorer.scroll_into_view_if_needed()
    return matplotlib.image.imread(io.BytesIO(explorer.screenshot(path=path)))[..., :3]


def test_explorers_follow_the_keyboard(explorers: tuple[Page, list[Locator]], tmp_path: Path):
    """The first slider of each takes an arrow key; the picture tells of the new value."""
    for name, explorer in zip(NAMES, explorers[1], strict=True):
        before = picture_of(explorer).get_attribute("src")
        handle = explorer.locator(".noUi-handle").first
        handle.focus()
        handle.press("ArrowRight")
        expect(picture_of(explorer)).not_to_have_attribute("src", str(before), timeout=10_000)
        pixels = shot(explorer, tmp_path / f"{name}.png")
        assert pixels.shape[1] > 600
        assert len(np.unique(np.round(pixels.reshape(-1, 3) * 15), axis=0)) > 20


def test_buttons_and_lists_work(explorers: tuple[Page, list[Locator]]):
    _, found = explorers
    shown = dict(zip(NAMES, found, strict=True))
    graph, race = shown["graph"], shown["race"]
    graph.get_by_role("button", name="Next").press("Enter")
    expect(graph.get_by_role("status")).to_contain_text("Step 1 of 6: p gets")
    graph.get_by_role("button", name="Reset").press("Enter")
    expect(graph.get_by_role("status")).to_contain_text("Step 0 of 6")
    race.get_by_role("combobox").select_option("saddle")
    expect(picture_of(race)).to_have_attribute("alt", re.compile("Race on the saddle"))
    expect(race).to_contain_text("adam_step is not written yet")
    momentum = shown["momentum"]
    momentum.locator(".widget-play button").first.press("Enter")
    # It plays on to the last one: any other may be passed between two looks.
    expect(momentum.get_by_role("status")).to_contain_text("Update 60", timeout=60_000)


def test_dark_theme_turns_the_pictures_dark(explorers: tuple[Page, list[Locator]], tmp_path: Path):
    page, found = explorers
    page.locator("#jp-MainMenu >> text=Settings").click()
    page.locator(".lm-Menu").get_by_text("Theme", exact=True).hover()
    page.locator(".lm-Menu").get_by_text("JupyterLab Dark", exact=True).click()
    page.locator('body[data-jp-theme-light="false"]').wait_for(state="attached")
    for name, explorer in zip(NAMES, found, strict=True):
        pixels = shot(explorer, tmp_path / f"{name}-dark.png")
        assert pixels.mean() < 0.45, name
