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
    landscapes.rosenbrock,
    landscapes.himmelblau,
    landscapes.many_minima,
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
    assert landscape.hessian is not None
    for theta in points_in(landscape, 4):
        curvature = landscape.hessian(theta)
        scale = 1 + np.abs(curvature).max()
        gap = curvature - differences(landscape.gradient, theta)
        assert np.abs(gap).max() / scale < 1e-7
        np.testing.assert_array_equal(curvature, curvature.T)


# The formulas once more, as the literature has them: an independent source, fit for complex w.
FORMULAS: dict[str, Callable[[complex, complex], complex]] = {
    "bowl": lambda x, y: x**2 + 2 * y**2,
    "valley": lambda x, y: 0.1 * x**2 + 2 * y**2,
    "saddle": lambda x, y: y**2 - x**2 + x**4 / 8,
    "ravine": lambda x, y: 0.05 * (x - 2.5) ** 2 + 2 * (y - 0.15 * x**2) ** 2,
    "Beale": lambda x, y: (
        (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2
    ),
    "Rosenbrock": lambda x, y: 100 * (y - x**2) ** 2 + (1 - x) ** 2,
    "Himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "many minima": lambda x, y: 20 + sum(w**2 - 10 * np.cos(2 * np.pi * w) for w in (x, y)),
}


@everywhere
def test_values_and_gradients_are_those_of_the_formula(landscape: Landscape):
    """Complex steps have no rounding to speak of: Im f(w + ih) / h is the derivative."""
    if landscape.name not in FORMULAS:
        assert landscape is landscapes.rotated_valley
        return
    f, h = FORMULAS[landscape.name], 1e-30
    for theta in points_in(landscape):
        x, y = theta
        slopes = f(x + 1j * h, y).imag / h, f(x, y + 1j * h).imag / h
        np.testing.assert_allclose(landscape.value(theta), f(x, y), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(landscape.gradient(theta), slopes, rtol=1e-11, atol=1e-11)


@everywhere
def test_minima_are_flat_curved_upwards_and_the_lowest_points_in_the_window(landscape: Landscape):
    lowest = landscape.grid(101)[2].min()
    assert len(landscape.minima)
    for minimum in landscape.minima:
        np.testing.assert_allclose(landscape.gradient(minimum), 0, atol=1e-12)
        assert np.linalg.eigvalsh(landscape.hessian(minimum))[0] > 0
        assert landscape.value(minimum) <= lowest + 1e-12
    np.testing.assert_array_equal(landscape.minimum, landscape.minima[0])


@everywhere
def test_the_window_shows_the_start_and_every_minimum(landscape: Landscape):
    low, high = np.array(landscape.window).T
    for point in (landscape.start, *landscape.minima):
        assert np.all((low < point) & (point < high))


def dips(landscape: Landscape, count: int = 81) -> np.ndarray:
    """Points of a grid that lie lower than their four neighbours."""
    w1, w2, loss = landscape.grid(count)
    wide = np.pad(loss, 1, constant_values=np.inf)
    beside = np.stack([wide[2:, 1:-1], wide[:-2, 1:-1], wide[1:-1, 2:], wide[1:-1, :-2]])
    low = loss <= beside.min(axis=0)
    return np.column_stack([w1[low], w2[low]])


@everywhere
def test_no_lowest_point_is_left_out(landscape: Landscape):
    """Newton's method from every dip of a grid finds the minima stated, and no others as low."""
    found = []
    for dip in dips(landscape):
        theta = dip
        for _ in range(30):
            theta = theta - np.linalg.solve(landscape.hessian(theta), landscape.gradient(theta))
        if landscape.value(theta) < landscape.value(landscape.minimum) + 1e-9:
            found.append(np.linalg.norm(landscape.minima - theta, axis=1).argmin())
            np.testing.assert_allclose(theta, landscape.minima[found[-1]], atol=1e-7)
    assert set(found) == set(range(len(landscape.minima)))


def test_a_shapeless_quadratic_has_no_minimum():
    view = {"window": ((-1, 1), (-1, 1)), "start": (0.5, 0.5)}
    for curvatures in ([1, -1], [1, 0]):
        mountain_pass = landscapes.quadratic("pass", np.diag(curvatures), **view)
        assert mountain_pass.minimum is None
        assert mountain_pass.minima.shape == (0, 2)


@everywhere
def test_values_come_in_any_batch_shape(landscape: Landscape):
    theta = points_in(landscape, 6).reshape(2, 3, 2)
    assert landscape.value(theta).shape == (2, 3)
    assert landscape.gradient(theta).shape == (2, 3, 2)
    np.testing.assert_allclose(landscape.value(theta)[1, 2], landscape.value(theta[1, 2]))


def test_classics_at_points_of_the_literature():
    assert landscapes.rosenbrock.value([-1.2, 1]) == pytest.approx(24.2)
    assert landscapes.himmelblau.value([0, 0]) == 170
    assert landscapes.himmelblau.value([-0.270845, -0.923039]) == pytest.approx(181.617, abs=1e-3)
    assert landscapes.many_minima.value([0.5, 0.5]) == pytest.approx(40.5)
    curvatures = np.linalg.eigvalsh(landscapes.rosenbrock.hessian([1, 1]))
    assert curvatures[1] / curvatures[0] == pytest.approx(2508, abs=1)


def test_landscapes_with_several_minima():
    assert landscapes.saddle.minima.tolist() == [[2, 0], [-2, 0]]
    assert landscapes.himmelblau.minima.shape == (4, 2)
    np.testing.assert_allclose(
        landscapes.himmelblau.value(landscapes.himmelblau.minima), 0, atol=1e-28
    )
    assert len(landscapes.many_minima.minima) == 1


@everywhere
def test_a_point_of_another_shape_is_refused(landscape: Landscape):
    for function in (landscape.value, landscape.gradient):
        with pytest.raises(ValueError, match=r"theta must have shape \(\.\.\., 2\); got \(3,\)"):
            function([1.0, 2.0, 3.0])


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
    with pytest.raises(ValueError, match="minima must lie in the window"):
        landscapes.quadratic("off", np.eye(2), window=((1, 2), (1, 2)), start=(1, 1))
    with pytest.raises(ValueError, match="start must lie in the window"):
        landscapes.quadratic("far", np.eye(2), window=((-1, 1), (-1, 1)), start=(5, 0))
    with pytest.raises(ValueError, match=r"start must have shape \(2,\); got \(3,\)"):
        landscapes.quadratic("odd", np.eye(2), window=((-1, 1), (-1, 1)), start=(0, 0, 0))
    with pytest.raises(ValueError, match="window"):
        landscapes.quadratic("none", np.eye(2), window=((1, 1), (0, 1)), start=(0, 0))
    with pytest.raises(TypeError, match="gradient must be a function; got int"):
        Landscape(name="a", value=np.sum, gradient=2, window=((0, 1), (0, 1)), start=(0, 0))


@pytest.mark.parametrize(("points", "error"), [(0, ValueError), (2.5, TypeError)])
def test_a_grid_has_a_whole_number_of_points(points: float, error: type[Exception]):
    with pytest.raises(error, match="points must be a whole number of at least 1; got"):
        landscapes.bowl.grid(points)
