"""Searches, folds and double descent."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from downslope import double_descent, plots, search

HISTORY = [
    ({"lr": 0.1, "rho": 0.0}, 2.0),
    ({"lr": 1.0, "rho": 0.9}, np.nan),
    ({"lr": 0.01, "rho": 0.5}, 1.0),
]


def stars(ax: Axes) -> list[list[float]]:
    return [np.ravel(line.get_data()).tolist() for line in ax.lines if line.get_marker() == "*"]


def test_the_best_trial_has_a_star_and_failed_ones_do_not_win():
    ax = plots.search_map(HISTORY, "lr", "rho", logs=["lr"])
    assert stars(ax) == [[0.01, 0.5]]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
    assert "lowest loss is 1, at lr 0.01 and rho 0.5" in plots.describe(ax)


def test_projections_share_the_scales_of_the_map():
    ax = plots.search_map(HISTORY, "lr", "rho", logs=["lr"])
    above, beside = ax.child_axes
    assert (above.get_xscale(), beside.get_yscale()) == ("log", "linear")
    assert above.get_xlim() == ax.get_xlim()
    assert beside.get_ylim() == ax.get_ylim()


def test_a_search_in_which_all_failed_is_drawn():
    ax = plots.search_map([({"a": 1.0, "b": 2.0}, np.inf)], "a", "b")
    assert stars(ax) == []
    assert "No trial has a finite loss" in plots.describe(ax)


def test_search_maps_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match=r"history must hold at least one trial; got none"):
        plots.search_map([], "lr", "rho")
    with pytest.raises(ValueError, match=r"logs must be one of lr, rho; got 'beta'"):
        plots.search_map(HISTORY, "lr", "rho", logs=["beta"])


@pytest.mark.parametrize("side", [2, 3, 5])
def test_grid_and_random_search_have_as_many_trials(side: int):
    grid, random = plots.grid_against_random(side, np.random.default_rng(0))
    counts = [len(ax.collections[0].get_offsets()) for ax in (grid, random)]
    assert counts == [side**2, side**2]
    words = [plots.describe(ax) for ax in (grid, random)]
    assert f"{side} values of important" in words[0]
    assert f"{side**2} values of important" in words[1]


def test_random_search_mostly_wins_where_one_parameter_matters():
    def sample(rng: np.random.Generator) -> dict[str, float]:
        return {"important": rng.random(), "unimportant": rng.random()}

    places = [1 / 6, 1 / 2, 5 / 6]
    configs = search.grid(important=places, unimportant=places)
    tidy = min(plots.one_matters(config) for config in configs)
    searches = [
        search.random_search(sample, plots.one_matters, 9, np.random.default_rng(seed))[1]
        for seed in range(200)
    ]
    wins = [min(loss for _, loss in history) < tidy for history in searches]
    assert np.mean(wins) > 0.8


def test_axes_that_are_given_are_used():
    pair = plt.subplots(1, 2)[1]
    assert plots.grid_against_random(2, np.random.default_rng(0), axes=pair) == tuple(pair)


def test_best_so_far_only_falls_and_skips_failures():
    losses = [np.nan, 3.0, 5.0, np.inf, 1.0]
    ax = plots.best_so_far({"search": [({}, loss) for loss in losses], "short": [({}, 2.0)]})
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [np.nan, 3, 3, 3, 1])
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [2.0] * 5)


def test_stages_lie_inside_each_other():
    best, history = search.coarse_to_fine(lambda lr: np.log(lr / 0.3) ** 2, 1e-4, 1e2, 7, 3)
    ax = plots.search_stages(history, points=7)
    lines = [line.get_xdata() for line in ax.lines if line.get_marker() != "*"]
    widths = [line[1] / line[0] for line in lines]
    assert widths == sorted(widths, reverse=True)
    assert stars(ax)[-1][0] == pytest.approx(best)


def test_each_run_validates_on_another_fold():
    ax = plots.folds(4, test=False)
    words = [text.get_text() for text in ax.texts]
    assert len(words) == 16
    assert [words[4 * row : 4 * row + 4].index("validate") for row in range(4)] == [0, 1, 2, 3]


def test_scores_stand_beside_the_runs():
    ax = plots.folds(2, [0.25, 0.75], score_name="loss")
    assert {"0.25", "0.75"} < {text.get_text() for text in ax.texts}
    assert ax.get_title() == "loss 0.5 ± 0.25"
    with pytest.raises(ValueError, match=r"k must be a whole number of at least 2; got 1"):
        plots.folds(1)


def test_double_descent_shows_medians_and_the_threshold():
    rng = np.random.default_rng(0)
    risks = double_descent.double_descent(rng, widths=[5, 20, 40, 80], trials=3)
    ax = plots.double_descent(risks)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), np.median(risks.test, axis=0))
    assert "peaks at" in plots.describe(ax)
    assert [40, 40] in [list(line.get_xdata()) for line in ax.lines]
