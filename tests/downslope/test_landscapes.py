from collections.abc import Callable

import numpy as np
import pytest

from downslope import landscapes
from downslope.landscapes import Array, Landscape

ALL = (
    landscapes.bowl,
    landscapes.valley,
    landscapes.rotated_valley,
    landscapes.saddle,
    landscapes.ravine,
    landscapes.beale,
)
everywhere = pytest.mark.parametrize("landscape", ALL, ids=lambda landscape: landscape.name)


def points_in(landscape: Landscape, count: int = 12) -> np.ndarray:
    low, high = np.array(landscape.window).T
    return np.random.default_rng(3).uniform(low, high, (count, 2))


def differences(f: Callable[[Array], Array], theta: Array, h: float = 1e-6) -> Array:
    steps = np.eye(2) * h
    return np.stack([(f(theta + step) - f(theta - step)) / (2 * h) for step in steps], axis=-1)


@everywhere
def test_gradient_agrees_with_finite_differences(landscape: Landscape):
    theta = points_in(landscape)
    scale = 1 + np.abs(landscape.gradient(theta))
    gap = np.abs(differences(landscape.value, theta) - landscape.gradient(theta)) / scale
    assert gap.max() < 1e-6


@everywhere
def test_hessian_agrees_with_finite_differences(landscape: Landscape):
    if landscape.hessian is None:
        assert landscape.name in ("ravine", "Beale")
        return
    for theta in points_in(landscape, 4):
        expected = differences(landscape.gradient, theta)
        np.testing.assert_allclose(landscape.hessian(theta), expected, atol=1e-6)


@everywhere
def test_minimum_is_flat_and_the_lowest_point_in_the_window(landscape: Landscape):
    np.testing.assert_allclose(landscape.gradient(landscape.minimum), 0, atol=1e-12)
    assert landscape.value(landscape.minimum) <= landscape.grid(101)[2].min() + 1e-12


@everywhere
def test_start_and_minimum_lie_inside_the_window(landscape: Landscape):
    low, high = np.array(landscape.window).T
    for point in (landscape.start, landscape.minimum):
        assert np.all((low < point) & (point < high))


@everywhere
def test_values_come_in_any_batch_shape(landscape: Landscape):
    theta = points_in(landscape, 6).reshape(2, 3, 2)
    assert landscape.value(theta).shape == (2, 3)
    assert landscape.gradient(theta).shape == (2, 3, 2)
    np.testing.assert_allclose(landscape.value(theta)[1, 2], landscape.value(theta[1, 2]))


def test_lecture_quadratics():
    w1, w2 = 1.5, -0.7
    assert landscapes.bowl.value([w1, w2]) == pytest.approx(w1**2 + 2 * w2**2)
    assert landscapes.valley.value([w1, w2]) == pytest.approx(0.1 * w1**2 + 2 * w2**2)
    curvatures = np.linalg.eigvalsh(landscapes.rotated_valley.hessian([0, 0]))
    np.testing.assert_allclose(curvatures, [0.2, 4.0])


def test_saddle_start_is_a_hair_from_the_ridge():
    assert 0 < landscapes.saddle.start[0] <= 1e-3
    curvatures = np.linalg.eigvalsh(landscapes.saddle.hessian([0, 0]))
    assert curvatures[0] < 0 < curvatures[1]


def test_beale_known_values():
    assert landscapes.beale.value([0, 0]) == pytest.approx(1.5**2 + 2.25**2 + 2.625**2)
    assert landscapes.beale.value([3, 0.5]) == 0


def test_shared_points_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        landscapes.bowl.start[0] = 0.0
    with pytest.raises(AttributeError):
        landscapes.bowl.name = "dent"


def test_wrong_makings_are_refused():
    with pytest.raises(ValueError, match="symmetric"):
        landscapes.quadratic("skew", [[1, 2], [0, 1]], window=((0, 1), (0, 1)), start=(0, 0))
    with pytest.raises(ValueError, match="window"):
        landscapes.quadratic("none", np.eye(2), window=((1, 1), (0, 1)), start=(0, 0))
