import numpy as np
import pytest

from downslope import landscapes, optimizers
from downslope.diagnosis import NAMES, diagnose

T = np.arange(40)


def descent(lr: float, steps: int = 30) -> tuple[np.ndarray, np.ndarray]:
    bowl = landscapes.bowl
    path = optimizers.run(optimizers.sgd(), bowl.gradient, bowl.start, lr, steps)
    return bowl.value(path), path


@pytest.mark.parametrize(
    ("lr", "name"), [(0.01, "slow"), (0.1, "good"), (0.48, "oscillating"), (0.51, "diverging")]
)
@pytest.mark.parametrize("steps", [15, 30, 60])
def test_the_learning_rates_of_the_lecture(lr: float, name: str, steps: int):
    loss, path = descent(lr, steps)
    assert diagnose(loss, path=path).name == name


def test_on_a_quadratic_only_the_path_shows_oscillation():
    assert diagnose(descent(0.48)[0]).name == "good"


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        (2.3 * 0.8**T, "good"),
        (0.1 + 2.2 * 0.85**T + 0.01 * np.sin(7 * T), "good"),
        (2.3 - 0.01 * T, "slow"),
        (np.full(40, 2.3), "slow"),
        (1 + (-1.0) ** T * 0.4 + 0.97**T, "oscillating"),
        (0.5 * 1.2**T, "diverging"),
        (np.where(T < 30, 0.9**T, np.nan), "diverging"),
        (np.where(T < 30, 0.9**T, np.inf), "diverging"),
        (np.where(T < 15, 2 - 0.1 * T, 0.5 + 0.06 * (T - 15)), "diverging"),
    ],
)
def test_curves_without_validation(loss: np.ndarray, name: str):
    assert diagnose(loss).name == name


def test_overfitting_needs_both_curves():
    training = 2.3 * 0.9**T
    rising = np.where(T < 10, 2.3 - 0.15 * T, 0.8 + 0.02 * (T - 10))
    assert diagnose(training).name == "good"
    found = diagnose(training, rising)
    assert found.name == "overfitting"
    assert "at 10 and has risen" in found.reason
    assert diagnose(training, training + 0.1).name == "good"


def test_a_validation_loss_that_breaks_is_no_overfitting():
    assert diagnose(0.9**T, np.where(T < 39, 0.9**T, np.nan)).name == "diverging"


def test_numbers_may_be_huge():
    with np.errstate(all="raise"):
        assert diagnose(1e300 * 0.9**T).name == "good"


def test_random_walks_get_one_of_the_names():
    rng = np.random.default_rng(0)
    for _ in range(50):
        walk = rng.normal(size=20).cumsum()
        assert diagnose(walk, walk + rng.normal(size=20)).name in NAMES


def test_refusals_name_argument_expected_and_given():
    with pytest.raises(ValueError, match=r"loss must have at least 4 numbers; got 3"):
        diagnose([3, 2, 1])
    with pytest.raises(ValueError, match=r"validation must have shape \(4,\); got \(3,\)"):
        diagnose([4, 3, 2, 1], [3, 2, 1])
    with pytest.raises(ValueError, match=r"path must have shape \(4, D\); got \(3, 2\)"):
        diagnose([4, 3, 2, 1], path=np.zeros((3, 2)))
    with pytest.raises(TypeError, match=r"loss must hold float64 or float32 numbers; got dtype"):
        diagnose(["a", "b", "c", "d"])
