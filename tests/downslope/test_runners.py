from typing import Any

import numpy as np
import pytest

from downslope import landscapes, optimizers
from downslope.landscapes import Array
from downslope.runners import Course, follow

BOWL = landscapes.bowl


def sgd_step(theta: Array, grad: Array, lr: float) -> Array:
    return theta - lr * grad


def missing_step(theta: Array, grad: Array, lr: float) -> Array:
    raise NotImplementedError


def test_steps_optimizers_and_paths_go_side_by_side():
    line = [[-1.0, 1.0], [0.0, 0.0]]
    runs = follow(
        BOWL, {"mine": sgd_step, "SGD": optimizers.sgd(), "line": line}, Course(steps=9, lr=0.1)
    )
    np.testing.assert_allclose(runs.paths["mine"], runs.paths["SGD"])
    assert runs.paths["line"].tolist() == line
    assert runs.losses["line"].tolist() == [3.0, 0.0]
    assert (runs.notes, runs.diverged) == ({}, set())
    assert runs.rates == {"mine": 0.1, "SGD": 0.1}


def test_rates_by_label():
    course = Course(steps=1, lr={"slow": 0.01, "fast": 0.1})
    runs = follow(BOWL, {"slow": sgd_step, "fast": sgd_step}, course)
    moves = {label: path[1] - path[0] for label, path in runs.paths.items()}
    np.testing.assert_allclose(moves["fast"], 10 * moves["slow"])


def test_a_runner_without_rate_is_the_callers_mistake():
    with pytest.raises(ValueError, match=r"lr has no entry for 'other'; it has slow"):
        follow(BOWL, {"other": sgd_step}, Course(lr={"slow": 0.1}))


def crash(theta: Array, grad: Array, lr: float) -> Array:
    raise KeyError("m")


def text(theta: Array, grad: Array, lr: float) -> str:
    return "theta"


def nothing(theta: Array, grad: Array, lr: float) -> None:
    return None


def half(theta: Array, grad: Array, lr: float) -> Array:
    return theta[:1]


def one_more(theta: Array, grad: Array, m: Array, lr: float) -> tuple[Array, ...]:
    return theta, m, m


def stranger(theta: Array, slope: Array) -> Array:
    return theta


def not_a_number(theta: Array, grad: Array, lr: float) -> Array:
    return theta * np.nan


def explode(theta: Array, grad: Array, lr: float) -> Array:
    return theta * 1e80


def creep_out(theta: Array, grad: Array, lr: float) -> Array:
    return theta * 1.1


FAULTS = {
    "not written": (missing_step, "missing_step is not written yet; its path will appear here."),
    "crash": (crash, "crash stopped with KeyError: 'm'"),
    "text": (text, "stopped with ValueError: could not convert"),
    "nothing": (nothing, "stopped with TypeError"),
    "wrong shape": (half, "stopped with TypeError"),
    "too many": (one_more, "stopped with TypeError"),
    "strange parameter": (stranger, "parameter 'slope'"),
    "NaN at once": (not_a_number, "no longer finite after update 1."),
    "diverging": (explode, "no longer finite after update"),
    "leaving": (creep_out, "leaves the picture: it ends at (-6.22, 3.89)"),
    "short path": ([1.0, 2.0], "a path has shape (T, 2); this one has (2,)"),
    "empty path": (np.empty((0, 2)), "a path has shape (T, 2); this one has (0, 2)"),
    "all NaN": ([[np.nan, 0.0]], "has no finite number to draw."),
    "no runner": (None, "a path has shape (T, 2)"),
}


@pytest.mark.parametrize(("runner", "told"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_runner_is_named_and_stops_no_other(runner: Any, told: str):
    runs = follow(BOWL, {"faulty": runner, "SGD": sgd_step}, Course(steps=10))
    assert runs.notes["faulty"].startswith("faulty")
    assert told in runs.notes["faulty"]
    assert runs.paths["SGD"].shape == (11, 2)
    assert all(np.isfinite(path).all() for path in runs.paths.values())


def test_a_diverging_run_keeps_what_is_finite():
    runs = follow(BOWL, {"wild": explode}, Course(steps=10))
    assert len(runs.paths["wild"]) == len(runs.losses["wild"]) == 2
    assert np.isfinite(runs.losses["wild"]).all()
    assert runs.diverged == {"wild"}


def test_steps_that_change_their_arguments_do_not_disturb_the_start():
    def in_place(theta: Array, grad: Array, lr: float) -> Array:
        theta -= lr * grad
        return theta

    runs = follow(BOWL, {"in place": in_place, "SGD": sgd_step}, Course(steps=4))
    np.testing.assert_array_equal(runs.paths["in place"], runs.paths["SGD"])


def test_all_runners_meet_the_same_noise_and_a_seed_repeats_it():
    course = Course(steps=5, noise=1.0, seed=4)
    first = follow(BOWL, {"a": sgd_step, "b": optimizers.sgd()}, course)
    again = follow(BOWL, {"a": sgd_step}, course)
    np.testing.assert_array_equal(first.paths["a"], again.paths["a"])
    np.testing.assert_allclose(first.paths["a"], first.paths["b"])
    calm = follow(BOWL, {"a": sgd_step}, Course(steps=5))
    assert np.abs(calm.paths["a"] - first.paths["a"]).max() > 0.01


def test_settings_and_start_reach_the_step():
    def reveal(theta: Array, grad: Array, lr: float, rho: float) -> Array:
        return theta + rho

    course = Course(steps=1, settings={"rho": 0.25}, start=(1.0, 1.0))
    assert follow(BOWL, {"it": reveal}, course).paths["it"][1].tolist() == [1.25, 1.25]


def test_impossible_courses_are_refused():
    with pytest.raises(ValueError, match="steps must be a whole number of at least 1; got 0"):
        Course(steps=0)
    with pytest.raises(TypeError, match="unknown setting gamma; known are lr, rho"):
        Course(settings={"gamma": 1.0})
    with pytest.raises(ValueError, match="seed must be a whole number of at least 0; got -1"):
        Course(seed=-1)


def test_only_labelled_runners_on_a_landscape_are_followed():
    with pytest.raises(TypeError, match=r"landscape must be a downslope\.landscapes\.Landscape"):
        follow("bowl", {"SGD": sgd_step}, Course(steps=1))
    with pytest.raises(TypeError, match="runners must map labels to update rules; got list"):
        follow(BOWL, [sgd_step], Course(steps=1))
