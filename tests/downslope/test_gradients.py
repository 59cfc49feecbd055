import numpy as np
import pytest

from downslope.gradients import gradient_check, numerical_gradient, relative_error

X = np.random.default_rng(7).normal(size=(2, 3, 2))


def cubes(x: np.ndarray) -> float:
    return float(np.sum(x**3))


def test_any_shape_is_measured_and_left_alone():
    before = X.copy()
    np.testing.assert_allclose(numerical_gradient(cubes, X), 3 * X**2, atol=1e-8)
    np.testing.assert_array_equal(X, before)


def test_a_function_that_changes_its_argument_does_no_harm():
    def rude(x: np.ndarray) -> float:
        value = cubes(x)
        x[...] = 99
        return value

    np.testing.assert_allclose(numerical_gradient(rude, X), 3 * X**2, atol=1e-8)


def test_error_falls_with_the_square_of_h():
    coarse, fine = (np.abs(numerical_gradient(cubes, [1.0], h) - 3)[0] for h in (1e-1, 1e-2))
    assert coarse / fine == pytest.approx(100, rel=1e-3)


def test_float32_is_measured_in_float64():
    assert numerical_gradient(cubes, X.astype(np.float32)).dtype == np.float64


def test_relative_error():
    assert relative_error([0.0, 1.0], [0.0, 1.0]) == 0
    assert relative_error([1.0], [-1.0]) == 1
    assert relative_error([0.0], [1e-10]) == pytest.approx(0.01)
    assert relative_error([], []) == 0
    with pytest.raises(ValueError, match=r"b must have the shape of a, \(1,\); got \(2,\)"):
        relative_error([1.0], [1.0, 2.0])


def test_check_shows_the_worst_element():
    grad = 3 * X**2
    grad[1, 2, 0] += 0.5
    found = gradient_check(cubes, grad, X)
    assert not found.passed
    assert found.where == (1, 2, 0)
    assert found.given - found.measured == pytest.approx(0.5)
    assert gradient_check(cubes, lambda x: 3 * x**2, X + 3).passed


def test_check_fails_on_nan():
    assert not gradient_check(cubes, [np.nan], [1.0]).passed


def test_refusals():
    with pytest.raises(ValueError, match="h must be a number above 0; got 0"):
        numerical_gradient(cubes, X, h=0)
    with pytest.raises(ValueError, match=r"grad must have shape \(1,\); got \(2,\)"):
        gradient_check(cubes, [1.0, 2.0], [1.0])
