"""Probes: pure, of any shape, with the gradients that they say, and with a memory of calls."""

import numpy as np
import pytest

from downslope.probes import MAX_POINTS, PROBES, Probe, make_probe

HESSIAN = np.array([[2.0, 0.3, 0.0], [0.3, 1.0, -0.4], [0.0, -0.4, 3.0]])
PAIRS = {
    "quadratic": {"hessian": HESSIAN},
    "cubic": {},
    "sines": {},
    "wave": {},
}
SHAPED = ["cubic", "sines", "wave"]


def by_differences(probe: Probe, x: np.ndarray) -> np.ndarray:
    slopes = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = 1e-5
        slopes[place] = (probe(x + step) - probe(x - step)) / 2e-5
    return slopes


@pytest.mark.parametrize("name", PAIRS)
def test_a_gradient_is_that_of_its_function(name: str) -> None:
    x = np.array([0.4, -1.2, 0.7])
    value, gradient = Probe(name, PAIRS[name]), Probe(f"{name}_gradient", PAIRS[name])
    np.testing.assert_allclose(gradient(x), by_differences(value, x), rtol=1e-7)


@pytest.mark.parametrize("name", SHAPED)
@pytest.mark.parametrize("shape", [(), (1,), (2, 3), (2, 1, 2)])
def test_arrays_of_any_shape_are_taken_and_entries_differ(
    name: str, shape: tuple[int, ...]
) -> None:
    x = np.full(shape, 0.4)
    assert isinstance(Probe(name, {})(x), float)
    slopes = Probe(f"{name}_gradient", {})(x)
    assert slopes.shape == shape
    assert len(set(slopes.ravel().tolist())) == x.size


def test_a_central_difference_of_the_cubic_is_off_by_h_squared() -> None:
    x, h = np.array([0.7]), 0.1
    cubic = Probe("cubic", {})
    difference = (cubic(x + h) - cubic(x - h)) / (2 * h)
    assert difference - Probe("cubic_gradient", {})(x)[0] == pytest.approx(h**2)


def test_a_shifted_bowl_is_flat_at_its_minimum() -> None:
    minimum = np.array([1.0, -2.0, 0.5])
    slope = Probe("shifted_quadratic_gradient", {"hessian": HESSIAN, "minimum": minimum})
    assert not slope(minimum).any()
    np.testing.assert_allclose(slope(minimum + np.array([1, 0, 0])), HESSIAN[0])


def test_a_plane_has_one_slope_everywhere() -> None:
    slope = np.array([1.5, -2.0])
    assert Probe("linear", {"slope": slope})(np.array([2.0, 1.0])) == 1.0
    found = Probe("constant_gradient", {"slope": slope})(np.zeros(2))
    np.testing.assert_array_equal(found, slope)
    found += 1.0  # a copy: the constant stays
    np.testing.assert_array_equal(slope, [1.5, -2.0])


def test_calls_are_recorded_as_they_were() -> None:
    points: list[np.ndarray] = []
    probe = Probe("sines", {}, points)
    x = np.array([1.0, 2.0])
    probe(x)
    x += 1.0
    probe(x)
    np.testing.assert_array_equal(np.stack(points), [[1.0, 2.0], [2.0, 3.0]])


def test_the_memory_is_bounded() -> None:
    points = [np.zeros(1)] * MAX_POINTS
    Probe("sines", {}, points)(np.zeros(1))
    assert len(points) == MAX_POINTS


def test_a_probe_is_made_from_its_case_and_shows_what_it_is() -> None:
    probe = make_probe({"probe": "quadratic", "hessian": np.eye(1)})
    assert probe(np.array([2.0])) == 2.0
    assert repr(probe) == "Probe('quadratic', {'hessian': array([[1.]])})"


def test_an_unknown_probe_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown probe 'fly'; known are quadratic"):
        make_probe({"probe": "fly"})


def test_every_probe_says_what_it_returns() -> None:
    assert all(function.__doc__ for function in PROBES.values())


def test_a_falling_rate_falls_by_one_factor_and_a_waving_one_does_not_start_at_its_top() -> None:
    falling = Probe("falling_rate", {"first": 0.5, "k": 0.2})(np.arange(-2.0, 6.0))
    np.testing.assert_allclose(falling[1:] / falling[:-1], np.exp(-0.2))
    waving = Probe("waving_rate", {"middle": 0.5})(np.arange(60.0).reshape(2, 30))
    assert waving.shape == (2, 30)
    assert 0 < waving.min() < waving[0, 0] < waving.max()
