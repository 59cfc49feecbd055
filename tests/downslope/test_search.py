from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from downslope import search


def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def test_grid_lists_every_combination_in_order():
    configs = search.grid(lr=[0.1, 0.2], rho=(0.5,), activation=["relu", "tanh"])
    assert len(configs) == 4
    assert configs[0] == {"lr": 0.1, "rho": 0.5, "activation": "relu"}
    assert configs[1] == {"lr": 0.1, "rho": 0.5, "activation": "tanh"}
    assert search.grid() == [{}]
    assert search.grid(lr=[]) == []


@pytest.mark.parametrize("alone", ["relu", 0.1])
def test_grid_refuses_a_value_that_stands_alone(alone: Any):
    with pytest.raises(TypeError, match="activation must be several values, such as a list; got"):
        search.grid(activation=alone)


def test_log_uniform_fills_every_decade_alike():
    values = search.log_uniform(1e-6, 1e-2, 4000, rng())
    assert values.shape == (4000,)
    assert values.min() >= 1e-6
    assert values.max() <= 1e-2
    counts = np.histogram(np.log10(values), bins=4, range=(-6, -2))[0]
    assert np.all(np.abs(counts - 1000) < 120)


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        (0.0, 1.0, "low must be a number above 0; got 0.0"),
        (1.0, 1.0, "low must be below high = 1.0; got 1.0"),
        (1.0, np.inf, "high must be a number above 0; got inf"),
    ],
)
def test_a_log_scale_needs_a_positive_range(low: float, high: float, message: str):
    with pytest.raises(ValueError, match=message):
        search.log_uniform(low, high, 3, rng())
    with pytest.raises(ValueError, match=message):
        search.coarse_to_fine(abs, low, high, 3, 1)


def test_history_keeps_the_order_of_trial():
    best, history = search.grid_search(search.grid(x=[3, 1, 2]), lambda config: config["x"])
    assert best == {"x": 1}
    assert history == [({"x": 3}, 3.0), ({"x": 1}, 1.0), ({"x": 2}, 2.0)]


def test_of_equals_the_first_is_best():
    assert search.grid_search(["a", "b"], lambda _: 1.0)[0] == "a"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_no_number_is_never_best(bad: float):
    best, history = search.grid_search([bad, 5.0, 4.0, bad], lambda loss: loss)
    assert best == 4.0
    assert len(history) == 4
    with pytest.raises(ValueError, match="evaluate must give a finite loss at least once; got"):
        search.grid_search([bad], lambda loss: loss)


def test_random_search_draws_one_config_a_trial():
    def sample(generator: np.random.Generator) -> dict[str, float]:
        return {"lr": generator.uniform()}

    best, history = search.random_search(sample, lambda config: -config["lr"], 6, rng())
    drawn = rng().uniform(size=6)
    assert [config["lr"] for config, _ in history] == drawn.tolist()
    assert best["lr"] == drawn.max()


def test_random_search_lets_sample_and_evaluate_take_turns():
    """An evaluation that fails late must not have to wait for all samples to be drawn."""
    calls: list[str] = []
    search.random_search(
        lambda _: calls.append("sample"), lambda _: calls.append("evaluate") or 0.0, 2, rng()
    )
    assert calls == ["sample", "evaluate"] * 2


def test_coarse_to_fine_zooms_in_between_the_neighbours():
    best, history = search.coarse_to_fine(lambda x: abs(np.log10(x) + 2.1), 1e-4, 1.0, 5, 2)
    tried = [value for value, _ in history]
    np.testing.assert_allclose(tried[:5], [1e-4, 1e-3, 1e-2, 1e-1, 1.0])
    np.testing.assert_allclose(tried[5:], np.geomspace(1e-3, 1e-1, 5))
    assert best == tried[2]


def test_coarse_to_fine_at_an_edge_keeps_the_edge():
    best, history = search.coarse_to_fine(lambda x: x, 1e-4, 1.0, 5, 3)
    assert best == 1e-4
    np.testing.assert_allclose([value for value, _ in history[5:10]], np.geomspace(1e-4, 1e-3, 5))
    np.testing.assert_allclose(history[-1][0], 1e-3 ** (1 / 4) * 1e-4 ** (3 / 4))


def test_coarse_to_fine_gets_as_near_as_its_stages_promise():
    best, history = search.coarse_to_fine(lambda x: np.log(x / 0.0321) ** 2, 1e-8, 1e4, 7, 8)
    assert best == pytest.approx(0.0321, rel=1e-2)
    assert len(history) == 56


@pytest.mark.parametrize("n", [1, 2, 7, 10, 99, 1797])
@pytest.mark.parametrize("fractions", [(0.6, 0.2, 0.2), (0.7, 0.2, 0.1), (1, 0, 0), (1 / 3,) * 3])
def test_split_deals_out_every_index_once(n: int, fractions: tuple[float, float, float]):
    parts = search.train_val_test_split(n, fractions, rng())
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(n))
    for part, fraction in zip(parts, fractions, strict=True):
        assert abs(len(part) - fraction * n) <= 1


def test_split_shuffles():
    train, _, _ = search.train_val_test_split(50, (1, 0, 0), rng())
    assert train.tolist() != list(range(50))


@pytest.mark.parametrize(
    ("fractions", "message"),
    [
        ((0.5, 0.5), "fractions must be three numbers that add up to 1"),
        ((0.6, 0.3, 0.2), "fractions must be three numbers that add up to 1"),
        ((1.2, -0.1, -0.1), "fractions must be a number at least 0 and at most 1; got 1.2"),
    ],
)
def test_other_fractions_are_refused(fractions: tuple[float, ...], message: str):
    with pytest.raises(ValueError, match=message):
        search.train_val_test_split(10, fractions, rng())


@pytest.mark.parametrize(("n", "k"), [(10, 2), (11, 3), (7, 7)])
def test_folds_hold_out_everything_once(n: int, k: int):
    folds = search.k_fold(n, k, rng())
    assert len(folds) == k
    held_out = np.concatenate([val for _, val in folds])
    np.testing.assert_array_equal(np.sort(held_out), np.arange(n))
    for train, val in folds:
        assert abs(len(val) - n / k) < 1
        np.testing.assert_array_equal(np.sort(np.concatenate([train, val])), np.arange(n))


@pytest.mark.parametrize("k", [1, 6])
def test_k_must_leave_something_to_train_and_to_hold_out(k: int):
    with pytest.raises(ValueError, match="k must be"):
        search.k_fold(5, k, rng())


def test_cross_validation_shows_fit_the_training_part_alone():
    X, y = np.arange(20.0).reshape(10, 2), np.arange(10)
    seen: list[np.ndarray] = []

    def fit(X: np.ndarray, y: np.ndarray) -> set[int]:
        np.testing.assert_array_equal(X[:, 0], 2 * y)
        seen.append(y)
        return set(y.tolist())

    def score(model: set[int], X: np.ndarray, y: np.ndarray) -> float:
        np.testing.assert_array_equal(X[:, 0], 2 * y)
        assert not model & set(y.tolist())
        return float(len(y))

    scores = search.cross_validate(fit, score, X, y, 4, rng())
    assert scores.tolist() == [3.0, 3.0, 2.0, 2.0]
    expected = [train for train, _ in search.k_fold(10, 4, rng())]
    for ours, fold in zip(seen, expected, strict=True):
        np.testing.assert_array_equal(ours, fold)


def test_leave_one_out_of_the_mean_is_known():
    """The mean of the others misses x by n/(n−1) times what the mean of all misses it by."""
    y = rng().normal(size=9)
    scores = search.cross_validate(
        lambda X, y: y.mean(), lambda mean, X, y: float((y[0] - mean) ** 2), y, y, 9, rng()
    )
    np.testing.assert_allclose(np.sort(scores), np.sort(((y - y.mean()) * 9 / 8) ** 2))


def test_cross_validation_refuses_rows_without_targets():
    with pytest.raises(ValueError, match=r"y must have one entry for each row of X \(3, 1\)"):
        search.cross_validate(max, max, np.ones((3, 1)), np.ones(2), 2, rng())


@pytest.mark.parametrize("score", [None, [1.0, 2.0]])
def test_cross_validation_refuses_scores_that_are_no_numbers(score: Any):
    X = np.ones((4, 1))
    with pytest.raises(TypeError, match="float"):
        search.cross_validate(lambda X, y: 0, lambda *_: score, X, np.ones(4), 2, rng())


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: search.log_uniform(0.1, 1.0, 5, rng),
        lambda rng: search.train_val_test_split(30, (0.5, 0.3, 0.2), rng)[0],
        lambda rng: search.k_fold(30, 3, rng)[0][1],
    ],
)
def test_same_generator_same_draw_and_seeds_are_refused(draw: Callable[[Any], np.ndarray]):
    np.testing.assert_array_equal(draw(rng()), draw(rng()))
    with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator"):
        draw(11)
