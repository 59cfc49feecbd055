"""Boards of batches, and where runs from many starts end."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from downslope import plots


def words(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_a_board_has_a_cell_for_each_example_and_epoch():
    ax = plots.batch_board([[[2, 0], [1]], [[1, 2], [0]]], 3)
    assert len(ax.patches) == 6
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["epoch 1", "epoch 2"]
    assert plots.describe(ax) == (
        "Epoch 1: 2 batches, each example used once. Epoch 2: 2 batches, each example used once."
    )


def test_unused_and_repeated_examples_are_shown_and_told():
    ax = plots.batch_board({"windows": [[0, 1], [1, 2]]}, 4)
    assert words(ax) == ["1", "1,2", "2"]
    assert plots.describe(ax) == "Windows: 2 batches, 1 never used and 1 used more than once."


def test_indices_outside_are_left_out():
    assert words(plots.batch_board([[[0, 9, -1]]], 2)) == ["1"]


def test_an_epoch_without_batches_is_empty():
    ax = plots.batch_board([[]], 2)
    assert words(ax) == []
    assert "2 never used" in plots.describe(ax)


def test_more_batches_than_colours_are_still_numbered():
    assert words(plots.batch_board([[[k] for k in range(9)]], 9)) == [str(k) for k in range(1, 10)]


def test_ends_are_counted_near_the_best_and_outside():
    curve = {"w": np.linspace(0, 3, 9), "loss": np.linspace(0, 3, 9) ** 2}
    ax = plots.ends_by_start([1, 2, 3], {"noisy": [0.1, 1.0, 50.0]}, curve, best=0.0)
    (label,) = [text.get_text() for text in ax.get_legend().get_texts()]
    assert label == "noisy: 1 of 3 near the best, 1 outside of the picture"
    assert ax.get_xlim() == (0.0, 3.0)
    assert label in plots.describe(ax)


def test_ends_must_fit_the_starts():
    curve = {"w": [0.0, 1.0], "loss": [0.0, 1.0]}
    with pytest.raises(ValueError, match=r"ends\['noisy'\] must have shape \(2,\)"):
        plots.ends_by_start([1, 2], {"noisy": [0.1]}, curve, best=0.0)
