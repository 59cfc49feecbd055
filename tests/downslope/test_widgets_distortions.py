"""The distortion explorer shows what the learner's own network reads."""

from __future__ import annotations

from typing import Any

import numpy as np

from downslope import widgets
from downslope.datasets import load_digits

X, Y = load_digits().X[:60] / 16, load_digits().y[:60]


def by_neighbour(images: Any) -> Any:
    """Logits of a reader that knows these digits by heart: minus the squared distance."""
    gaps = ((images[:, None] - X[None]) ** 2).sum(axis=2)
    return np.stack([-gaps[:, label == Y].min(axis=1) for label in range(10)], axis=1)


def test_what_is_not_distorted_is_read_and_what_is_moved_far_is_not() -> None:
    explorer = widgets.explore_distortions(by_neighbour, X, Y)
    assert "the network reads 100.0%" in explorer.view().says
    assert "misreads none" in explorer.view().alt
    explorer.set(shift=3)
    assert "the network reads 100.0%" not in explorer.view().says
    assert "misreads a " in explorer.view().alt
    assert explorer.view().svg.count("reads ") == 16


def test_wrong_digits_are_marked_by_more_than_colour() -> None:
    explorer = widgets.explore_distortions(lambda images: np.eye(10)[np.zeros(60, int)], X, Y)
    svg = explorer.view().svg
    wrong = int(np.count_nonzero(Y[:16]))
    assert svg.count(", is ") == wrong
    assert svg.count('stroke-width="4"') == wrong


def test_another_draw_distorts_otherwise() -> None:
    explorer = widgets.explore_distortions(None, X, Y)
    explorer.set(turn=40)
    before = explorer.view().svg
    explorer.set(draw=2)
    assert explorer.view().svg != before


def test_without_a_network_the_digits_are_shown() -> None:
    view = widgets.explore_distortions(None, X[:5], Y[:5]).view()
    assert view.notes == ()
    assert view.says == "5 digits, moved by up to 0 pixels and turned by up to 0 degrees."
    assert "reads" not in view.svg


def test_a_network_that_is_not_written_or_wrong_is_named() -> None:
    def your_network(images: Any) -> Any:
        raise NotImplementedError

    assert (
        "your_network is not written yet"
        in widgets.explore_distortions(your_network, X, Y).view().notes[0]
    )
    wrong = widgets.explore_distortions(lambda images: images, X, Y).view()
    assert "must have shape (60, 10)" in wrong.notes[0]
