import html
import json
import re
from typing import Any

import numpy as np
import pytest

from downslope import animations, landscapes, looks, optimizers
from downslope.landscapes import Array


def sgd_step(theta: Array, grad: Array, lr: float) -> Array:
    return theta - lr * grad


def adam_step(
    theta: Array,
    grad: Array,
    m: Array,
    v: Array,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> Array:
    raise NotImplementedError


RUNNERS = {
    "your SGD": sgd_step,
    "Adam (library)": optimizers.adam(),
    "your Adam": adam_step,
    "<b>straight</b>": np.linspace((0.0, 1.5), (2.0, 0.0), 5),
    "wild": sgd_step,
}
RATES = {"your SGD": 0.05, "Adam (library)": 0.1, "your Adam": 0.1, "wild": 3.0}


@pytest.fixture(scope="module")
def race() -> animations.Race:
    return animations.race(landscapes.saddle, RUNNERS, lr=RATES, steps=60, title="Off the ridge")


@pytest.fixture(scope="module")
def page(race: animations.Race) -> str:
    return race._repr_mimebundle_()["text/html"]


@pytest.fixture(scope="module")
def data(page: str) -> dict[str, Any]:
    return json.loads(html.unescape(re.search(r'data-race="([^"]*)"', page)[1]))


def test_player_asks_no_other_host_and_is_small(page: str):
    words = re.sub(r"base64,[^\"&]*", "", page)
    assert "http" not in words
    assert "//" not in re.sub(r"(^|[ >])//.*$", "", words, flags=re.MULTILINE)  # comments
    assert not re.search(r"\bsrc=\"(?!data:)|url\(|@import|fetch\(|import\(", page)
    assert len(page) < 300_000


def test_still_picture_stands_without_scripts(page: str, race: animations.Race):
    still = re.search(r"<figure.*?</figure>", page, flags=re.DOTALL)[0]
    assert 'src="data:image/png;base64,iVBOR' in still
    assert f'alt="{html.escape(race.alt)}"' in still


def test_failing_runners_are_named_below_the_picture(page: str, race: animations.Race):
    assert "<li>your Adam: adam_step is not written yet; its path will appear here.</li>" in page
    assert re.search(r"<li>wild diverges: its numbers are no longer finite after", page)
    assert "your Adam: adam_step is not written yet" in race._repr_mimebundle_()["text/plain"]


def test_alt_tells_where_each_runner_ends(race: animations.Race):
    assert race.alt.startswith("Off the ridge. Paths over 60 updates on the saddle: your SGD ends")
    assert "<b>straight</b> ends at (2, 0) with loss -2" in race.alt
    assert "wild diverges" in race.alt


def test_labels_are_never_markup(page: str):
    assert "<b>" not in page


def test_script_gets_every_path_in_pixels_with_its_loss(data: dict[str, Any]):
    runs = {run["label"]: run for run in data["runs"]}
    assert list(runs) == ["your SGD", "Adam (library)", "<b>straight</b>", "wild"]
    assert data["steps"] == 60
    assert [len(runs["your SGD"][name]) for name in ("x", "y", "loss")] == [61, 61, 61]
    assert runs["wild"]["diverged"]
    assert not runs["your SGD"]["diverged"]
    assert (runs["your SGD"]["lr"], runs["<b>straight</b>"]["lr"]) == ("0.05", "")


def test_pixels_match_the_axes_of_the_background(data: dict[str, Any]):
    left, top, width, height = data["box"]
    (low1, high1), (low2, high2) = landscapes.saddle.window
    run = data["runs"][2]
    x = left + width * (0.0 - low1) / (high1 - low1)
    y = top + height * (high2 - 1.5) / (high2 - low2)
    assert (run["x"][0], run["y"][0]) == pytest.approx((x, y), abs=0.06)


def test_what_runs_away_stays_near_the_stage(data: dict[str, Any]):
    wild = data["runs"][3]
    assert np.abs(wild["x"]).max() < 5 * data["width"]
    assert np.isfinite(wild["loss"]).all()


def test_missing_runner_leaves_the_looks_of_the_others_alone(data: dict[str, Any]):
    expected = looks.styles(RUNNERS)
    assert [run["colour"] for run in data["runs"]] == [
        expected[run["label"]].colour for run in data["runs"]
    ]


@pytest.mark.parametrize(
    "part",
    [
        'button type="button" class="dsr-play"',
        'button type="button" class="dsr-restart"',
        'input type="range"',
        'aria-label="Update to show"',
        'aria-label="Speed"',
        'role="group" aria-label="Player"',
        'role="status"',
        "aria-valuetext",
        "prefers-reduced-motion",
        "data-lm-suppress-shortcuts",
        ":focus-visible",
        '<th scope="row">',
    ],
)
def test_player_is_made_for_keyboards_and_screen_readers(page: str, part: str):
    assert part in page


def test_players_on_one_page_share_no_names(page: str):
    script = re.search(r"<script>(.*)</script>", page, flags=re.DOTALL)[1]
    assert script.strip().startswith("//")
    assert "(() => {" in script  # no global variable
    assert not re.search(r"\bid=|getElementById|\bwindow\.\w+ *=", page)


def test_without_any_path_there_is_a_picture_and_no_player():
    race = animations.race(landscapes.bowl, {"your Adam": adam_step}, steps=5)
    assert "no runner has a path yet" in race.alt
    assert "<script>" not in race.html()
    assert "<figure" in race.html()
