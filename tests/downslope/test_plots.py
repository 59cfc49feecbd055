from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from downslope import landscapes, optimizers, plots
from downslope.landscapes import Array, Landscape
from downslope.looks import styles
from downslope.plots import trajectories
from downslope.stepping import trajectory

ADAM = optimizers.run(
    optimizers.adam(), landscapes.valley.gradient, landscapes.valley.start, 0.2, 40
)


@pytest.fixture(autouse=True)
def _no_open_figures() -> Iterator[None]:
    yield
    plt.close("all")


def legend(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize("landscape", [landscapes.saddle, landscapes.beale], ids=lambda x: x.name)
def test_contours_fill_the_window_and_mark_the_minimum(landscape: Landscape):
    ax = plots.contours(landscape)
    assert (ax.get_xlim(), ax.get_ylim()) == landscape.window
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$w_1$", "$w_2$")
    np.testing.assert_array_equal(np.transpose(ax.lines[0].get_data()), landscape.minima)


def test_where_no_picture_is_drawn_the_words_and_the_axes_stay(monkeypatch: pytest.MonkeyPatch):
    drawn = plots.contours(landscapes.valley)
    monkeypatch.setenv("DOWNSLOPE_PICTURES", "off")
    bare = plots.contours(landscapes.valley)
    assert plots.describe(bare) == plots.describe(drawn)
    assert (bare.get_xlim(), bare.get_title()) == (drawn.get_xlim(), drawn.get_title())
    assert drawn.collections
    assert not bare.collections


def test_heights_of_contours_split_every_surface():
    for landscape in (landscapes.bowl, landscapes.saddle, landscapes.beale):
        loss = landscape.grid()[2]
        heights = trajectories.levels(loss)
        share = np.mean(loss < heights[len(heights) // 2])
        assert 0.25 < share < 0.75


def test_axes_that_are_given_are_used_and_returned():
    _, (first, *others) = plt.subplots(1, 6)
    assert plots.paths(plots.contours(landscapes.bowl, first), {"Adam": ADAM}) is first
    labels: dict[str, Any] = {"xlabel": "x", "ylabel": "y"}
    assert plots.curves({"a": [1]}, **labels, ax=others[0]) is others[0]
    assert plots.bars({"a": [1]}, **labels, ax=others[1]) is others[1]
    assert plots.weight_sums(ax=others[2]) is others[2]
    assert plots.epsilon_placement(ax=others[3]) is others[3]
    assert plots.effective_steps({"theta": ADAM}, ax=others[4]) is others[4]


def test_paths_keep_the_window_and_name_every_line():
    ax = plots.paths(plots.contours(landscapes.valley), {"Adam": ADAM, "wild": ADAM * 1e6})
    assert (ax.get_xlim(), ax.get_ylim()) == landscapes.valley.window
    assert legend(ax) == ["minimum", "start", "Adam", "wild"]


def test_paths_survive_what_is_not_finite_or_empty():
    broken = [[0.0, 0.0], [np.inf, 1.0], [0.0, 0.0]]
    ax = plots.contours(landscapes.valley)
    plots.paths(ax, {"broken": broken, "empty": np.empty((0, 2)), "huge": [[1e300, -1e300]]})
    ax.figure.canvas.draw()
    drawn = {line.get_label(): line.get_xydata() for line in ax.lines}
    assert drawn["broken"].tolist() == [[0.0, 0.0]]
    assert np.abs(drawn["huge"]).max() < 100


def test_looks_stay_with_their_labels():
    looks = styles(["SGD", "Adam"])
    ax = plots.curves({"Adam": [2, 1]}, xlabel="x", ylabel="y", looks=looks)
    assert ax.lines[0].get_color() == looks["Adam"].colour


def test_curves_have_labels_at_their_ends_that_do_not_touch():
    series = {name: [3.0, 1.0 + shift] for name, shift in zip("abc", (0, 1e-6, 2e-6), strict=True)}
    ax = plots.curves(series, xlabel="step", ylabel="loss")
    ax.figure.canvas.draw()
    heights = sorted(text.get_window_extent().y0 for text in ax.texts)
    assert [text.get_text() for text in ax.texts] == ["a", "b", "c"]
    assert min(np.diff(heights)) >= 10


def test_curves_survive_gaps_and_losses_at_zero():
    series = {"gap": [1, np.nan, 0.1, np.inf], "zero": [1, 0, 0], "nothing": [np.nan]}
    ax = plots.curves(series, xlabel="step", ylabel="loss", logy=True)
    ax.figure.canvas.draw()
    assert [text.get_text() for text in ax.texts] == ["gap", "zero"]


def test_bars_take_own_ticks():
    ax = plots.bars({"v": [1, 2]}, xlabel="update", ylabel="v", ticks=[1, 100])
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1", "100"]
    assert len({patch.get_hatch() for patch in ax.patches}) == 1


def test_weight_sums_are_those_of_the_average():
    ax = plots.weight_sums(beta=0.9, steps=5)
    weights = [0.1 * 0.9 ** np.arange(t) for t in range(1, 6)]
    heights = [bar.get_height() for bar in ax.patches[:5]]
    np.testing.assert_allclose(heights, [np.sum(weight) for weight in weights])


def test_epsilon_placement_shows_where_the_two_part():
    outside, inside = plots.epsilon_placement(1e-6).lines[:2]
    size, step = outside.get_data()
    np.testing.assert_allclose(step, size / (size + 1e-6))
    np.testing.assert_allclose(inside.get_ydata(), size / np.sqrt(size**2 + 1e-6))
    assert size[0] < 1e-6
    assert size[-1] > 1e-3


def test_effective_steps_of_adam_start_at_lr():
    def adam_like(theta: Array, grad: Array, lr: float) -> Array:
        return theta - lr * np.sign(grad)

    history = trajectory(adam_like, landscapes.valley.gradient, landscapes.valley.start, 5, lr=0.3)
    ax = plots.effective_steps(history)
    np.testing.assert_allclose([line.get_ydata()[0] for line in ax.lines], 0.3)


def test_a_history_has_labels():
    with pytest.raises(TypeError, match="history must be what `trajectory` returns; got list"):
        plots.effective_steps([1, 2])


@pytest.mark.parametrize(("path", "error"), [([1, 2], ValueError), ("text", TypeError)])
def test_starts_are_those_of_paths(path: Any, error: type[Exception]):
    with pytest.raises(error, match=r"trajectories must .*; got"):
        plots.starts(plots.contours(landscapes.bowl), [path])
