"""The circle of steps: what it says, and what it makes of a learner's best step."""

from typing import Any

import numpy as np
import pytest

from downslope import landscapes, widgets
from downslope.widgets.circles import directions

Array = np.ndarray


def best_step_in_ball(grad: Array, radius: float) -> Array:
    length = np.linalg.norm(grad)
    return np.zeros_like(grad) if length == 0 else -radius * grad / length


def test_directions_are_unit_steps():
    np.testing.assert_allclose(np.linalg.norm(directions(np.arange(360)), axis=1), 1.0)


def test_right_step_gets_no_note_and_is_drawn():
    explorer = widgets.explore_circle(best_step_in_ball)
    assert explorer.view().notes == ()
    assert "your best step" in explorer.view().svg
    assert "your best step" not in widgets.explore_circle().view().svg


def test_where_no_picture_is_drawn_the_words_stay(monkeypatch: pytest.MonkeyPatch):
    explorer = widgets.explore_circle(best_step_in_ball)
    drawn = explorer.view()
    monkeypatch.setenv("DOWNSLOPE_PICTURES", "off")
    assert explorer.view().text() == drawn.text()
    assert explorer._repr_mimebundle_() == {"text/plain": drawn.text()}
    assert "<image" in drawn.svg
    assert "<image" not in explorer.view().svg


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (lambda grad, radius: -radius * np.sign(grad), "leaves the circle"),
        (lambda grad, radius: -radius * grad / np.sum(grad**2), "could lower"),
        (lambda grad, radius: radius * grad / np.linalg.norm(grad), "could lower"),
        (lambda grad, radius: grad[:1], "the step must have shape (2,)"),
    ],
)
def test_wrong_step_is_told(step: Any, words: str):
    assert words in " ".join(widgets.explore_circle(step).view().notes)


def test_step_that_is_not_written_is_named():
    def best_step_in_ball(grad: Array, radius: float) -> Array:
        raise NotImplementedError

    (note,) = widgets.explore_circle(best_step_in_ball).view().notes
    assert note == "best_step_in_ball is not written yet; its step will appear here."


def test_step_against_the_gradient_is_told_as_the_lowest():
    explorer = widgets.explore_circle(radius=0.1)
    grad = landscapes.bowl.gradient((1.5, 1.0))
    down = float(np.rad2deg(np.arctan2(-grad[1], -grad[0])) % 360)
    explorer.set(direction=down)
    assert "at 180° to the gradient: the linearised loss changes by −0.5" in explorer.view().says


def test_flat_point_has_a_picture():
    explorer = widgets.explore_circle(best_step_in_ball, point=(0.0, 0.0))
    assert "changes by 0," in explorer.view().says
    assert explorer.view().notes == ()
