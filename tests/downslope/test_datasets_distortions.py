"""Distorted digits: each setting does what it says, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from downslope.datasets import distorted_digits, load_digits

IMAGES = load_digits().X[:40] / 16
OFF = {"shift": 0.0, "turn": 0.0, "stretch": 0.0, "noise": 0.0}


def distorted(images: Any, seed: int = 0, **settings: float) -> np.ndarray:
    return distorted_digits(images, np.random.default_rng(seed), **{**OFF, **settings})


def spot(row: int, column: int) -> np.ndarray:
    image = np.zeros((1, 8, 8))
    image[0, row, column] = 1.0
    return image.reshape(1, 64)


def middle(image: np.ndarray) -> tuple[float, float]:
    """Centre of mass: row and column."""
    weights = image.reshape(8, 8) / image.sum()
    return float(weights.sum(axis=1) @ np.arange(8)), float(weights.sum(axis=0) @ np.arange(8))


def test_nothing_switched_on_changes_nothing() -> None:
    np.testing.assert_allclose(distorted(IMAGES), IMAGES, atol=1e-12)


def test_the_same_seed_distorts_alike_and_leaves_the_images_alone() -> None:
    before = IMAGES.copy()
    first, again, other = (distorted_digits(IMAGES, np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(IMAGES, before)
    assert (first.min(), first.max()) >= (0.0, 0.0)
    assert first.max() <= 1.0


def test_every_image_is_distorted_in_its_own_way() -> None:
    many = distorted(np.repeat(spot(4, 4), 50, axis=0), shift=1.0)
    assert len({middle(image) for image in many}) == 50


def test_a_move_keeps_mass_and_stays_within_its_limit() -> None:
    moved = distorted(np.repeat(spot(3, 4), 200, axis=0), shift=1.5)
    np.testing.assert_allclose(moved.sum(axis=1), 1.0)
    places = np.array([middle(image) for image in moved]) - (3, 4)
    assert 1.2 < np.abs(places).max() <= 1.5 + 1e-9


def test_a_turn_keeps_the_distance_from_the_middle_and_goes_both_ways() -> None:
    bar = np.zeros((200, 8, 8))
    bar[:, 3:5, 6] = 1.0
    turned = distorted(bar.reshape(200, 64), turn=20.0)
    places = np.array([middle(image) for image in turned]) - 3.5
    np.testing.assert_allclose(np.hypot(*places.T), 2.5, atol=0.3)
    angles = np.rad2deg(np.arctan2(places[:, 0], places[:, 1]))
    assert angles.min() < -15
    assert angles.max() > 15
    assert np.abs(angles).max() < 23


def test_a_stretch_makes_some_larger_and_some_smaller() -> None:
    square = np.zeros((300, 8, 8))
    square[:, 2:6, 2:6] = 1.0
    areas = distorted(square.reshape(300, 64), stretch=0.2).sum(axis=1)
    assert areas.min() < 14
    assert areas.max() > 18


def test_what_leaves_the_image_is_gone_and_nothing_comes_in() -> None:
    assert distorted(spot(0, 0), shift=0).sum() == pytest.approx(1.0)
    gone = distorted(np.repeat(spot(0, 0), 100, axis=0), shift=2.0)
    assert gone.sum(axis=1).min() == 0.0
    assert gone.sum(axis=1).max() <= 1.0 + 1e-12


def test_noise_has_its_size_and_is_cut_at_white_and_black() -> None:
    grey = np.full((200, 64), 0.5)
    assert distorted(grey, noise=0.1).std() == pytest.approx(0.1, rel=0.05)
    assert distorted(np.zeros((50, 64)), noise=0.1).min() == 0.0


@pytest.mark.parametrize(
    ("images", "settings", "told"),
    [
        (np.zeros((2, 63)), {}, r"images must have shape \(N, 64\)"),
        (np.zeros(64), {}, r"images must have shape \(N, 64\)"),
        (IMAGES, {"shift": -1.0}, "shift must be a number at least 0"),
        (IMAGES, {"turn": np.inf}, "turn must be"),
        (IMAGES, {"stretch": 0.9}, "stretch must be"),
    ],
)
def test_wrong_arguments_are_named(images: Any, settings: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        distorted(images, **settings)


def test_a_seed_is_no_generator() -> None:
    with pytest.raises(TypeError, match="rng must be"):
        distorted_digits(IMAGES, 3)  # type: ignore[arg-type]
