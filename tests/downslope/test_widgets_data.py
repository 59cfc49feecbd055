"""Explorers of batches, schedules and searches."""

from typing import Any

import numpy as np
import pytest

from downslope import schedules, search, widgets
from downslope.landscapes import Array
from downslope.widgets import Explorer
from downslope.widgets.batches import SIZES, N, spread_of_mean


def missing(*arguments: Any, **named: Any) -> Any:
    raise NotImplementedError


def notes(explorer: Explorer) -> str:
    return "\n".join(explorer.view().notes)


# -- batches


def test_spread_is_that_of_sampling_without_replacement():
    each = np.random.default_rng(0).normal(size=(6, 2))
    rng = np.random.default_rng(1)
    means = [each[rng.permutation(6)[:4]].mean(axis=0) for _ in range(20_000)]
    assert spread_of_mean(each, 4) == pytest.approx(np.sqrt(np.var(means, axis=0).sum()), rel=0.02)


def test_learners_minibatch_gradient_is_used():
    sizes = set()

    def minibatch_gradient(grad_fn: Any, theta: Array, X: Array, y: Array, indices: Array) -> Array:
        sizes.add(len(indices))
        return grad_fn(theta, X[indices], y[indices])

    explorer = widgets.explore_batches(minibatch_gradient)
    assert explorer.view() == widgets.explore_batches().view()
    assert sizes == set(SIZES)


def test_missing_and_misshapen_gradients_are_named():
    explorer = widgets.explore_batches(missing, gradient_variance=missing)
    told = "missing is not written yet; its {} will appear here."
    assert notes(explorer) == f"{told.format('cloud')}\n{told.format('curve')}"
    explorer = widgets.explore_batches(lambda grad_fn, theta, X, y, indices: 1.0)
    assert "the gradient must have shape (2,)" in notes(explorer)


def test_learners_variance_is_drawn():
    def gradient_variance(each: Array, batch_size: int) -> Array:
        return each.var(axis=0) / batch_size

    explorer = widgets.explore_batches(gradient_variance=gradient_variance)
    assert "□ your variance" in explorer.view().svg
    assert "□ your variance" not in widgets.explore_batches().view().svg


def test_at_the_minimum_only_noise_is_left():
    explorer = widgets.explore_batches()
    explorer.set(distance=0.0)
    assert "all that is left is noise" in explorer.view().says
    explorer.set(batch_size=N)
    assert "no noise is left" in explorer.view().says


# -- schedules


def cosine_decay(lr0: float, t: Array, total: int) -> Array:
    return lr0 * 0.5 * (1 + np.cos(np.pi * np.minimum(t, total) / total))


def inverse_sqrt_decay(lr0: float, t: Array) -> Array:
    return lr0 / np.sqrt(t)


def with_warmup(schedule: Any, warmup: int) -> Any:
    def warmed(t: Array) -> Array:
        climb = schedule(0) * (np.asarray(t) + 1) / warmup
        return np.where(t < warmup, climb, schedule(np.maximum(np.asarray(t) - warmup, 0)))

    return warmed


def test_learners_decay_stands_beside_the_librarys():
    explorer = widgets.explore_schedule({"mine": cosine_decay})
    own = explorer.view().says
    explorer.set(decay="cosine")
    assert explorer.view().says == own


def test_learners_warmup_is_used():
    explorer = widgets.explore_schedule(with_warmup=with_warmup)
    explorer.set(warmup=20)
    library = widgets.explore_schedule()
    library.set(warmup=20)
    assert explorer.view().says == library.view().says


def test_decay_that_counts_from_one_does_so():
    explorer = widgets.explore_schedule({"mine": inverse_sqrt_decay})
    assert "goes from 1.5 to 0.0612" in explorer.view().says


@pytest.mark.parametrize("name", widgets.explore_schedule().controls["decay"].words)
def test_every_decay_of_the_library_can_be_chosen_with_cycles_and_warmup(name: str):
    explorer = widgets.explore_schedule()
    explorer.set(decay=name, cycles=3, mult=2, warmup=40)
    assert not notes(explorer)
    assert "The rate goes from 0.0375" in explorer.view().says


def test_missing_decay_and_warmup_are_named():
    explorer = widgets.explore_schedule({"mine": missing}, with_warmup=missing)
    assert "mine is not written yet; its curve will appear here." in notes(explorer)
    explorer.set(decay="cosine", warmup=20)
    assert notes(explorer) == "missing is not written yet; its climb will appear here."


def test_impossible_rates_are_told_of():
    explorer = widgets.explore_schedule({"mine": lambda lr0, t, total: lr0 - t})
    assert "rates must be finite numbers of at least 0" in notes(explorer)


def test_training_that_diverges_is_told_of():
    explorer = widgets.explore_schedule({"mine": lambda lr0, t: 1e200 * t}, lr=(0.05, 5.0))
    assert "designed: training diverged" in notes(explorer)


# -- search


def test_learners_searches_are_used():
    seen: list[int] = []

    def random_search(sample: Any, evaluate: Any, trials: int, rng: Any) -> Any:
        seen.append(trials)
        return search.random_search(sample, evaluate, trials, rng)

    explorer = widgets.explore_search(random_search, grid=search.grid)
    explorer.set(trials=16)
    assert explorer.view().svg.count("16 values of lr") == 1
    assert explorer.view().svg.count("4 values of lr, 4 of weight_decay") == 1
    assert seen[-1] == 16


def test_missing_searches_leave_the_map():
    view = widgets.explore_search(missing, grid=missing).view()
    assert view.says == "No search has run yet."
    assert "<image" in view.svg
    assert view.notes == ("missing is not written yet; its trials will appear here.",)


def test_own_evaluation_is_mapped_and_may_fail():
    space = {"lr": (1e-3, 1.0), "dropout": (0.01, 0.9)}

    def evaluate(config: dict[str, float]) -> float:
        return abs(np.log(config["lr"] / 0.1)) + config["dropout"]

    explorer = widgets.explore_search(evaluate=evaluate, space=space)
    assert list(explorer.controls) == ["trials", "draw"]
    assert "9 of dropout" in explorer.view().svg
    failing = widgets.explore_search(evaluate=missing)
    assert "missing is not written yet; the map will appear here." in notes(failing)


def test_losses_that_are_not_finite_are_never_the_best():
    explorer = widgets.explore_search(evaluate=lambda config: float("nan"))
    assert explorer.view().svg
    mixed = widgets.explore_search(
        evaluate=lambda config: config["lr"] if config["lr"] > 0.01 else float("inf")
    )
    assert "nan" not in mixed.view().says


@pytest.mark.parametrize("space", [{"lr": (1e-3, 1.0)}, {"lr": (1.0, 0.1), "b": (0.1, 1.0)}])
def test_impossible_space_is_refused(space: Any):
    with pytest.raises(ValueError, match="must"):
        widgets.explore_search(space=space)


def test_library_schedules_are_the_reference():
    """The explorer's cosine is the library's, cut to the length of the training."""
    assert schedules.cosine(1.5, 600)(599) == pytest.approx(1.03e-5, rel=0.01)


@pytest.mark.parametrize("make", [widgets.explore_schedule, widgets.explore_search])
def test_a_seed_below_zero_is_refused(make: Any):
    with pytest.raises(ValueError, match="seed must be a whole number of at least 0; got -1"):
        make(seed=-1)
