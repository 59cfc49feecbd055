"""Training curves, noise of batches, schedules and activation functions."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from downslope import plots, schedules
from downslope.activations import sigmoid_derivative
from downslope.history import History
from downslope.plots.rates import Climbs, climbs

EPOCHS = np.arange(12)


def drawn(ax: Axes) -> dict[str, np.ndarray]:
    return {str(line.get_label()): np.asarray(line.get_ydata()) for line in ax.lines}


def history() -> History:
    losses = (2.0 * 0.7**EPOCHS).tolist()
    held_out = (0.3 + 1.8 * 0.7**EPOCHS + 0.03 * EPOCHS).tolist()
    return History(train_loss=losses, validation_loss=held_out)


def test_a_history_is_drawn_from_epoch_1():
    ax = plots.training_curves(history())
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), EPOCHS + 1)
    assert list(drawn(ax)) == ["training", "validation"]
    best = int(np.argmin(history().validation_loss)) + 1
    assert f"best: epoch {best}" in [text.get_text() for text in ax.texts]
    assert ax.get_title(loc="left").partition(":")[0] in plots.describe(ax)


def test_a_history_without_validation_has_one_line():
    ax = plots.training_curves(History(train_loss=[2.0, 1.0, 0.5, 0.4, 0.4]))
    assert list(drawn(ax)) == ["training"]


def test_short_and_empty_histories_are_drawn_without_diagnosis():
    for losses in ([], [1.0], [2.0, 1.0, 0.5]):
        ax = plots.training_curves(History(train_loss=losses))
        assert ax.get_title(loc="left") == ""


def test_diagnosis_can_be_left_out():
    ax = plots.training_curves(history(), diagnosis=False)
    assert "Diagnosis" not in plots.describe(ax)


def test_a_loss_that_is_not_finite_leaves_a_gap_and_is_told():
    ax = plots.training_curves({"training": [1, 2, 4, np.inf], "validation": [np.nan] * 4})
    assert np.isnan(drawn(ax)["training"][-1])
    assert ax.get_title(loc="left").startswith("diverging")


def test_training_curves_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match=r"history must have as many .* losses; got 3 and 2"):
        plots.training_curves({"training": [3, 2, 1], "validation": [3, 2]})
    with pytest.raises(TypeError, match=r"history must be a History or a dict .*; got list"):
        plots.training_curves([3, 2, 1])  # type: ignore[arg-type]


def test_learning_rates_that_run_away_do_not_flatten_the_others():
    ax = plots.learning_rates(rates=[0.1, 50.0], steps=200)
    good, wild = drawn(ax).values()
    assert np.isnan(wild[-1])
    assert np.isfinite(good).all()
    assert [label.rpartition(" ")[2] for label in drawn(ax)] == ["good", "diverging"]


def test_noise_is_zero_at_the_full_batch():
    each = np.random.default_rng(0).normal(size=(32, 3)) + 1
    ax = plots.gradient_noise(each, [8, 32], np.random.default_rng(0))
    noise = drawn(ax)
    assert noise["theory"][-1] == 0
    assert noise["measured"][-1] < 1e-12


def test_a_gradient_cloud_lies_about_the_full_gradient():
    each = np.random.default_rng(0).normal([3, -1], size=(64, 2))
    ax = plots.gradient_cloud(each, [2, 16], np.random.default_rng(0), draws=300)
    spreads = []
    for points in ax.collections:
        cloud = np.asarray(points.get_offsets())
        np.testing.assert_allclose(cloud.mean(axis=0), each.mean(axis=0), atol=0.15)
        spreads.append(cloud.std())
    assert len(spreads) == 2
    np.testing.assert_array_equal(np.ravel(ax.lines[0].get_data()), each.mean(axis=0))


@pytest.mark.parametrize("draw", [plots.gradient_noise, plots.gradient_cloud])
def test_batch_sizes_lie_between_1_and_all(draw: Callable[..., Any]):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"batch_sizes must lie in 1..4; got \[5\]"):
        draw(np.ones((4, 2)), [5], rng)
    with pytest.raises(ValueError, match=r"gradients must hold at least one example"):
        draw(np.ones((0, 2)), [1], rng)


def test_times_are_products():
    ax = plots.batch_tradeoff([1, 4], [2.0, 3.0], [10.0, 5.0])
    assert drawn(ax)["time needed"].tolist() == [1.0, 0.75]
    assert "15 s with batches of 4" in plots.describe(ax)
    with pytest.raises(ValueError, match=r"updates_needed must be above 0; got 0"):
        plots.batch_tradeoff([1, 4], [2.0, 3.0], [10.0, 0.0])
    with pytest.raises(ValueError, match=r"seconds_per_update must have shape \(2,\); got \(1,\)"):
        plots.batch_tradeoff([1, 4], [2.0], [10.0, 1.0])


@pytest.mark.parametrize(
    ("rates", "found"),
    [
        ([1, 1, 1], Climbs(0, ())),
        ([3, 2, 1], Climbs(0, ())),
        ([1, 2, 3], Climbs(2, ())),
        ([1], Climbs(0, ())),
        ([1, 2, 2, 1, 2, 3, 1, 2], Climbs(1, (4, 7))),
        ([3, 1, 3, 1, 3], Climbs(0, (2, 4))),
    ],
)
def test_climbs(rates: list[float], found: Climbs):
    assert climbs(rates) == found


def test_restarts_and_warmup_are_marked_where_they_are():
    plan = schedules.warmup(schedules.cosine_restarts(0.1, 10), 5)
    ax = plots.schedules({"plan": plan}, steps=50)
    np.testing.assert_array_equal(drawn(ax)["plan"], plan(np.arange(50)))
    words = plots.describe(ax)
    assert "warms up to 0.1 at 4" in words
    assert "restarts at 15 and 35" in words


def test_schedules_may_take_numbers_alone_and_be_a_learners_own():
    ax = plots.schedules({"mine": lambda t: 0.1 if t < 3 else 0.01}, steps=5, logy=True)
    assert drawn(ax)["mine"].tolist() == [0.1, 0.1, 0.1, 0.01, 0.01]


def test_schedules_refuse_what_is_no_mapping():
    with pytest.raises(TypeError, match=r"plans must map labels to schedules.*; got function"):
        plots.schedules(lambda t: 0.1, steps=5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"steps must be a whole number of at least 2; got 1"):
        plots.schedules({"flat": schedules.constant(0.1)}, steps=1)


def test_slopes_are_those_of_the_library():
    ax = plots.activations(["sigmoid"], derivative=True)
    z, slope = ax.lines[0].get_data()
    np.testing.assert_array_equal(slope, sigmoid_derivative(z))
