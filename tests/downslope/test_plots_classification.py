"""Confusions, misread images, regions of a plane, and surfaces."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt

from downslope import landscapes, plots

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 3, 60)
READ = np.where(RNG.random(60) < 0.7, TRUTH, RNG.integers(0, 3, 60))
NAMES = ["cat", "dog", "owl"]


def plane() -> landscapes.LossPlane:
    return landscapes.loss_plane(
        lambda theta: float(np.sum(theta**4)), np.ones(8), np.random.default_rng(0)
    )


def test_confusions_are_counted():
    counts = plots.count_confusions(TRUTH, READ, 3)
    for (true, read), count in np.ndenumerate(counts):
        assert count == np.sum(np.equal(TRUTH, true) & np.equal(READ, read))


def test_cells_hold_the_counts_true_classes_down():
    ax = plots.confusion([0, 0, 0, 1], [1, 1, 0, 1], NAMES)
    cells = {text.get_position(): text.get_text() for text in ax.texts}
    assert cells == {(0, 0): "1", (1, 0): "2", (1, 1): "1"}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "true")
    assert "cat taken for dog (2 times)" in plots.describe(ax)


def test_a_classifier_without_mistakes_is_drawn():
    ax = plots.confusion(TRUTH, TRUTH, NAMES)
    assert ax.get_title() == "60 of 60 right, 100.0 %"
    assert "mistakes" not in plots.describe(ax)


def test_labels_that_are_no_integers_are_refused():
    with pytest.raises(TypeError, match=r"predicted must hold integer labels; got dtype float64"):
        plots.confusion([0, 1], [0.0, 1.0], NAMES)


def test_only_misread_images_are_shown_and_no_more_than_asked_for():
    X = np.arange(10 * 9.0).reshape(10, 9)
    y, read = np.arange(10), np.array([0, 1, 2, 3, 4, 9, 9, 9, 9, 9])
    ax = plots.misread(X, y, read, most=3)
    assert ax.get_title() == "4 of 10 misread; here are 3"
    assert [text.get_text() for text in ax.texts] == [
        "5, read as 9",
        "6, read as 9",
        "7, read as 9",
    ]
    np.testing.assert_array_equal(ax.images[0].get_array(), X[5].reshape(3, 3))


def test_a_board_without_images_is_drawn():
    ax = plots.misread(np.zeros((2, 4)), [0, 1], [0, 1])
    ax.figure.canvas.draw()
    assert ax.get_title() == "0 of 2 misread"


def test_images_must_be_square():
    with pytest.raises(ValueError, match=r"X must have a square number of pixels .*; got 10"):
        plots.misread(np.zeros((2, 10)), [0, 1], [0, 1])


def test_regions_cover_the_examples():
    X = np.array([[0.0, 0.0], [2.0, 1.0], [1.0, 3.0]])
    ax = plots.regions(lambda points: (points[:, 0] > 1).astype(int), X, [0, 1, 2], points=20)
    low, high = np.transpose([ax.get_xlim(), ax.get_ylim()])
    assert np.all(low < X.min(axis=0))
    assert np.all(high > X.max(axis=0))


def test_regions_name_a_predict_that_returns_another_shape():
    with pytest.raises(ValueError, match=r"predict\(X\) must have shape \(16,\); got \(16, 2\)"):
        plots.regions(lambda points: points, [[0.0, 0.0], [1.0, 1.0]], [0, 1], points=4)


def test_a_loss_plane_marks_the_network_and_takes_a_training_over_it():
    ax = plots.loss_plane(plane(), points=9)
    assert np.ravel(ax.lines[0].get_data()).tolist() == [0, 0]
    run = plane().shadow(np.linspace(2, 1, 5)[:, None] * np.ones(8))
    labels = [text.get_text() for text in plots.paths(ax, {"run": run}).get_legend().get_texts()]
    assert "run" in labels


def test_a_relief_keeps_the_losses_on_its_ticks():
    ax: Any = plots.relief(landscapes.bowl, points=11)
    ticks = [float(tick.get_text()) for tick in ax.get_zticklabels()]
    assert ticks == sorted(ticks)
    assert ticks[-1] == pytest.approx(landscapes.bowl.grid(11)[2].max(), rel=0.05)


def test_a_relief_refuses_flat_axes():
    with pytest.raises(TypeError, match=r'ax must be made with projection="3d"; got rectilinear'):
        plots.relief(landscapes.bowl, ax=plt.subplots()[1])


@pytest.mark.parametrize("draw", [plots.contours, plots.relief, plots.loss_plane])
def test_landscapes_are_asked_for_by_name(draw: Callable[..., Any]):
    with pytest.raises(TypeError, match=r"must be a downslope.landscapes.\w+; got ndarray"):
        draw(np.zeros((3, 3)))
