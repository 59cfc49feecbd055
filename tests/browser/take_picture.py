"""Take the README's picture from a real JupyterLab: `python -m tests.browser.take_picture`.

A learner has forgotten Adam's bias correction. The check names the mistake; in the race below, the
same Adam takes steps that are too long and parts from the library's. Nothing is drawn by hand.
"""

import io
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import image
from playwright.sync_api import Locator, Page

from autograder.lessons import Lesson, load_lesson
from autograder.sample import make_class
from downslope.looks import COLOURS
from downslope.palettes import palette_png
from tests.browser.conftest import guarded_page, run_all, running_browser, running_lab
from tests.conftest import CHROMIUMS, ROOT

NAME = "06_adaptive_methods"
PICTURE = ROOT / "source" / "picture.png"
WIDTH = 1400  # pixels of the picture
VIEW = {"width": 1000, "height": 1200}
SHARPNESS = 1.5  # of them for each of the page's
UPDATE = 18  # at which the race is held
EDGE = 4  # pixels of the page: the outlines of the cells above and below
COLOUR_COUNT = 200
# A piece of each cell that is run, in order; the last two are in the picture.
CELLS = (
    "from downslope import (",
    "def gradient_descent_step(",
    "def adagrad_step(",
    "def rmsprop_step(",
    "def bias_correction(",
    "def adam_step(",
    'check("adam_step"',
    "racers = runners |",
)


def main() -> None:
    """Run the notebook, photograph its last two cells, write the picture."""
    lesson = load_lesson(ROOT / "source" / NAME)
    with tempfile.TemporaryDirectory() as home, running_lab(ROOT / "notebooks", Path(home)) as lab:
        (lab.root / "picture.ipynb").write_text(json.dumps(notebook(lesson)), "utf-8")
        chromium = next(filter(None, map(shutil.which, CHROMIUMS)))
        with (
            running_browser(chromium) as browser,
            guarded_page(browser, viewport=VIEW, device_scale_factor=SHARPNESS) as page,
        ):
            PICTURE.write_bytes(small(photograph(run_all(lab, page, "picture.ipynb"))))


def notebook(lesson: Lesson) -> dict[str, Any]:
    """Compose the learner's notebook: the reference answers, and one mistake in Adam."""
    release = json.loads((ROOT / "notebooks" / NAME / f"{NAME}.ipynb").read_text("utf-8"))
    solved = json.loads(make_class(lesson, release)[0].content)
    cells = [next(c for c in solved["cells"] if piece in "".join(c["source"])) for piece in CELLS]
    (mistake,) = [m for m in lesson.exercises["adam_step"].mistakes if m.name == "no_correction"]
    for cell in cells:
        cell["metadata"] = {"tags": ["raises-exception"]}  # run on after the check
        if cell["id"] == "adam_step":
            cell["source"] = mistake.apply(cell["source"])
    return {**solved, "cells": [*cells, {**solved["cells"][0], "source": "", "id": "end"}]}


def photograph(page: Page) -> bytes:
    """Hold the race half way and take the last cells, without what is around them."""
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    check, race = cells.nth(-2), cells.nth(-1)
    race.locator("[data-ready]").wait_for(state="attached")
    page.keyboard.press("Control+b")  # fold the file browser away
    widen(page, check)
    race.locator(".downslope-race input[type=range]").fill(str(UPDATE))
    page.locator(".jp-Notebook .jp-MarkdownCell").click()  # so that neither cell is the active one
    check.evaluate("(cell) => cell.scrollIntoView({ block: 'start' })")
    top, bottom = box_of(check), box_of(race)
    height = bottom["y"] + bottom["height"] - top["y"]
    return page.screenshot(clip={**top, "y": top["y"] + EDGE, "height": height - 2 * EDGE})


def widen(page: Page, cell: Locator) -> None:
    """Make the window as wide as it takes for a cell to be as wide as the picture."""
    missing = round(WIDTH / SHARPNESS - box_of(cell)["width"])
    page.set_viewport_size({**VIEW, "width": VIEW["width"] + missing})


def box_of(cell: Locator) -> Any:
    """Find where a cell stands on the page."""
    box = cell.bounding_box()
    assert box
    return box


def small(picture: bytes) -> bytes:
    """Reduce the picture's colours; those of the curves stay as they are."""
    pixels = image.imread(io.BytesIO(picture), format="png")[..., :3]
    whole = np.round(255 * pixels).astype(np.uint8)
    return palette_png(whole, keep=COLOURS, count=COLOUR_COUNT)


if __name__ == "__main__":
    main()
