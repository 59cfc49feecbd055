from typing import Any

import numpy as np
import pytest

from downslope import datasets, landscapes, networks
from downslope.landscapes import LossPlane, filter_blocks, loss_plane

CURVATURES = np.arange(1.0, 13.0)
PARAMS = np.linspace(-1.0, 2.0, 12)
BLOCKS = [slice(0, 4), slice(4, 8), np.array([9, 11])]


def quadratic(theta: np.ndarray) -> float:
    return float(0.5 * CURVATURES @ theta**2)


def slope(theta: np.ndarray) -> np.ndarray:
    return CURVATURES * theta


def plane(**options: Any) -> LossPlane:
    rng = np.random.default_rng(options.pop("seed", 0))
    return loss_plane(quadratic, PARAMS, rng, **({"blocks": BLOCKS} | options))


def test_every_filter_of_a_direction_is_as_long_as_that_of_the_parameters():
    for direction in plane().directions:
        for block in BLOCKS:
            assert np.linalg.norm(direction[block]) == pytest.approx(np.linalg.norm(PARAMS[block]))


def test_parameters_in_no_filter_stay():
    moved = plane().parameters([0.7, -0.3])
    np.testing.assert_array_equal(moved[[8, 10]], PARAMS[[8, 10]])
    assert np.all(np.delete(moved, [8, 10]) != np.delete(PARAMS, [8, 10]))


def test_without_blocks_all_parameters_are_one_filter():
    lengths = np.linalg.norm(plane(blocks=None).directions, axis=1)
    np.testing.assert_allclose(lengths, np.linalg.norm(PARAMS))


def test_a_filter_of_zeros_is_not_moved():
    params = np.where(np.arange(12) < 4, 0.0, PARAMS)
    cut = loss_plane(quadratic, params, np.random.default_rng(0), blocks=BLOCKS)
    assert not cut.directions[:, :4].any()
    assert cut.directions[:, 4:8].all()


def test_rescaled_parameters_give_the_plane_of_the_rescaled_loss():
    """What the normalisation is for: twice the weights, half the inputs, the same picture."""
    doubled = loss_plane(
        lambda theta: quadratic(theta / 2), 2 * PARAMS, np.random.default_rng(0), blocks=BLOCKS
    )
    np.testing.assert_allclose(doubled.grid(5)[2], plane().grid(5)[2])


def test_the_same_seed_gives_the_same_plane():
    np.testing.assert_array_equal(plane(seed=4).directions, plane(seed=4).directions)
    assert not np.array_equal(plane(seed=4).directions, plane(seed=5).directions)


def test_values_are_losses_at_the_points_of_the_plane():
    cut = plane()
    points = np.random.default_rng(1).uniform(-1, 1, (2, 3, 2))
    assert cut.value(points).shape == (2, 3)
    assert cut.value(points)[1, 2] == pytest.approx(quadratic(cut.parameters(points)[1, 2]))
    assert cut.value([0.0, 0.0]) == quadratic(PARAMS)


@pytest.mark.parametrize("gradient", [None, slope])
def test_gradients_follow_the_chain_rule(gradient: Any):
    cut = plane(gradient=gradient)
    points = np.random.default_rng(1).uniform(-1, 1, (2, 3, 2))
    expected = slope(cut.parameters(points)) @ cut.directions.T
    assert cut.gradient(points).shape == (2, 3, 2)
    np.testing.assert_allclose(cut.gradient(points), expected, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(cut.gradient(points[0, 0]), expected[0, 0], rtol=1e-7, atol=1e-7)


def test_the_shadow_of_a_point_in_the_plane_is_that_point():
    cut = plane()
    points = np.random.default_rng(1).uniform(-1, 1, (2, 3, 2))
    np.testing.assert_allclose(cut.shadow(cut.parameters(points)), points, atol=1e-12)
    aside = np.zeros(12)
    aside[8] = 5.0  # in no filter, so at right angles to the plane
    np.testing.assert_allclose(cut.shadow(cut.parameters(points[0, 0]) + aside), points[0, 0])


@pytest.mark.parametrize("shape", [(), (5,), (2, 24)])
def test_only_whole_parameters_have_a_shadow(shape: tuple[int, ...]):
    with pytest.raises(ValueError, match=r"parameters must have shape .*12.*; got"):
        plane().shadow(np.ones(shape))


def test_the_plane_is_a_landscape_to_draw():
    cut = plane(window=((-2, 2), (-1, 1)), name="twelve weights")
    assert isinstance(cut, landscapes.Landscape)
    assert cut.name == "twelve weights"
    assert cut.minimum is None
    assert cut.start.tolist() == [-1.6, -0.8]
    assert cut.grid(3)[2][1, 1] == quadratic(PARAMS)


def test_a_loss_that_overflows_is_shown_as_it_is():
    cut = loss_plane(lambda _: np.inf, PARAMS, np.random.default_rng(0))
    assert np.isinf(cut.value([0.0, 0.0]))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_network_s_loss_with_its_own_gradient(dtype: type):
    rng = np.random.default_rng(3)
    moons = datasets.two_moons(60, rng)
    network = networks.MLP((2, 6, 2), rng=rng, activation="tanh", dtype=dtype)
    blocks = filter_blocks([array.shape for layer in network.layers for array in layer])
    assert len(blocks) == 8

    def loss(theta: np.ndarray) -> float:
        assert theta.dtype == dtype
        return network.at(theta).loss(moons.X, moons.y)

    def gradient(theta: np.ndarray) -> np.ndarray:
        return network.at(theta).loss_and_gradient(moons.X, moons.y)[1]

    cuts = [
        loss_plane(loss, network.theta, np.random.default_rng(0), blocks=blocks, gradient=each)
        for each in (gradient, None)
    ]
    exact, measured = (cut.gradient([0.3, -0.4]) for cut in cuts)
    np.testing.assert_allclose(exact, measured, atol=1e-8 if dtype is np.float64 else 1e-3)
    biases = np.concatenate([np.arange(12, 18), np.arange(30, 32)])
    assert not cuts[0].directions[:, biases].any()


def test_filters_are_rows_of_weights_and_never_biases():
    assert filter_blocks([(2, 3), (2,), (0, 4), (1, 2), (1,)]) == [
        slice(0, 3),
        slice(3, 6),
        slice(8, 10),
    ]
    assert filter_blocks([(2, 3, 2)]) == [slice(0, 6), slice(6, 12)]
    with pytest.raises(ValueError, match="shapes must be a whole number of at least 0; got -2"):
        filter_blocks([(-2, 3)])
    with pytest.raises(TypeError, match=r"shapes must be a whole number of at least 0; got 2\.5"):
        filter_blocks([(2, 2.5)])


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([slice(0, 13)], "blocks must be non-empty and index 12 parameters"),
        ([slice(3, 3)], "blocks must be non-empty"),
        ([], "blocks must be non-empty"),
        ([np.array([3, 12])], "blocks must index 12 parameters; index 12 is out of bounds"),
        ([slice(0, 4), slice(3, 6)], "blocks must not overlap; parameter 3 stands in two"),
    ],
)
def test_blocks_that_do_not_fit_are_refused(blocks: list[Any], message: str):
    with pytest.raises(ValueError, match=message):
        plane(blocks=blocks)


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        (np.ones((3, 4)), ValueError, r"params must be a vector .* got \(3, 4\)"),
        (np.ones(0), ValueError, r"params must be a vector .* got \(0,\)"),
        (np.ones(3, dtype=int), TypeError, "params must be float64 or float32; got int64"),
        (np.array([1.0, np.nan]), ValueError, "params must be finite"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(params: Any, error: type, message: str):
    with pytest.raises(error, match=message):
        loss_plane(quadratic, params, np.random.default_rng(0))
    with pytest.raises(TypeError, match="rng must be"):
        loss_plane(quadratic, PARAMS, 0)
