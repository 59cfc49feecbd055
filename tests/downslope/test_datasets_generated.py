import itertools
from collections.abc import Callable

import numpy as np
import pytest

from downslope.datasets import Dataset, noisy_regression, spirals, split, templates_1d, two_moons
from downslope.datasets.generated import wave
from downslope.datasets.templates import (
    SHAPES,
    TEMPLATES,
    _correlated_noise,
    _distractors,
    _stretched,
)

Make = Callable[..., Dataset]
CLASSES = {two_moons: 2, spirals: 3, templates_1d: 10}
every = pytest.mark.parametrize(
    "make", [noisy_regression, *CLASSES], ids=lambda make: make.__name__
)
labelled = pytest.mark.parametrize("make", CLASSES, ids=lambda make: make.__name__)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@every
def test_the_same_seed_draws_the_same_set(make: Make):
    first, again, other = make(40, rng(1)), make(40, rng(1)), make(40, rng(2))
    np.testing.assert_array_equal(first.X, again.X)
    np.testing.assert_array_equal(first.y, again.y)
    assert not np.array_equal(first.X, other.X)
    assert len(first) == 40
    assert "Generated" in first.description


@labelled
def test_classes_are_of_equal_size_in_random_order(make: Make):
    data, classes = make(101, rng()), CLASSES[make]
    counts = np.bincount(data.y, minlength=classes)
    assert counts.max() - counts.min() <= 1
    assert len(data.target_names) == classes
    assert not np.array_equal(data.y, np.sort(data.y))


@every
def test_wrong_arguments_are_named(make: Make):
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator.* got int"):
        make(20, 0)
    with pytest.raises(TypeError, match="n must be a whole number of at least"):
        make(20.0, rng())
    with pytest.raises(ValueError, match="n must be a whole number of at least"):
        make(0, rng())
    with pytest.raises(ValueError, match="noise must be a number at least 0; got -1"):
        make(20, rng(), noise=-1)


def test_regression_scatters_round_its_curve():
    data = noisy_regression(20_000, rng(), noise=0.3)
    residual = data.y - wave(data.X[:, 0])
    assert abs(residual.mean()) < 0.01
    assert residual.std() == pytest.approx(0.3, rel=0.02)
    assert data.target_names == ()


def test_regression_takes_another_curve():
    data = noisy_regression(9, rng(), noise=0, curve=np.square)
    np.testing.assert_allclose(data.y, data.X[:, 0] ** 2)
    with pytest.raises(ValueError, match=r"curve must return shape \(9,\); got \(\)"):
        noisy_regression(9, rng(), curve=np.mean)


def test_moons_without_noise_are_half_circles():
    moons = two_moons(300, rng(), noise=0)
    centres = np.array([[0, 0], [1, 0.5]])[moons.y]
    np.testing.assert_allclose(np.linalg.norm(moons.X - centres, axis=1), 1)
    side = np.sign(moons.X - centres)[:, 1]
    np.testing.assert_array_equal(side, 1 - 2 * moons.y)


def test_spirals_without_noise_wind_as_stated():
    data = spirals(300, rng(), arms=4, turns=1.5, noise=0)
    radius = np.linalg.norm(data.X, axis=1)
    angle = 2 * np.pi * (1.5 * radius + data.y / 4)
    np.testing.assert_allclose(data.X[:, 0], radius * np.cos(angle), atol=1e-12)
    assert radius.max() < 1
    with pytest.raises(ValueError, match="arms must be a whole number of at least 2; got 1"):
        spirals(10, rng(), arms=1)


# Templates


def test_templates_are_ten_shapes_that_end_in_zero():
    assert TEMPLATES.shape == (10, 12)
    assert np.abs(TEMPLATES).max() == 1
    assert not TEMPLATES[:, [0, -1]].any()
    likeness = np.corrcoef(TEMPLATES) - np.eye(10)
    assert likeness.max() < 0.9


def test_a_template_is_read_from_end_to_end_and_is_zero_outside():
    place = np.tile(np.linspace(0, 1, 12), (10, 1))
    np.testing.assert_allclose(_stretched(TEMPLATES, place), TEMPLATES, atol=1e-12)
    assert not _stretched(TEMPLATES, np.tile([-0.5, 1.5], (10, 1))).any()
    half = _stretched(TEMPLATES[:1], np.array([[1.5 / 11]]))
    assert half[0, 0] == pytest.approx(TEMPLATES[0, 1:3].mean())


def test_a_distractor_is_narrow_and_lies_inside():
    position = np.linspace(0, 1, 400)
    bumps = _distractors(500, position, rng())
    assert np.all(np.abs(bumps).max(axis=1) <= 1)
    assert np.all((np.abs(bumps) > 1e-9).mean(axis=1) <= 0.165)
    assert np.abs(bumps).max(axis=1).min() > 0.39
    assert 0.4 < (bumps.sum(axis=1) > 0).mean() < 0.6


def test_noise_has_variance_one_and_neighbours_are_alike():
    noise = _correlated_noise(4000, 40, rng())
    assert noise.std() == pytest.approx(1, rel=0.02)
    assert np.corrcoef(noise[:, 0], noise[:, 1])[0, 1] > 0.8
    assert abs(np.corrcoef(noise[:, 0], noise[:, 20])[0, 1]) < 0.06


def test_signals_have_the_length_and_clutter_asked_for():
    data = templates_1d(50, rng(), length=64, noise=0, distractors=0)
    assert data.X.shape == (50, 64)
    assert data.target_names == tuple(SHAPES)
    with pytest.raises(ValueError, match="length must be a whole number of at least 12; got 5"):
        templates_1d(50, rng(), length=5)
    with pytest.raises(
        ValueError, match="distractors must be a whole number of at least 0; got -1"
    ):
        templates_1d(50, rng(), distractors=-1)


def trained(sizes: tuple[int, ...], X: np.ndarray, y: np.ndarray, epochs: int) -> list[list]:
    """Train ReLU layers with Adam in plain NumPy, so that this test leans on no other module."""
    generator = rng(7)
    pairs = list(itertools.pairwise(sizes))
    params = [generator.normal(0, np.sqrt(2 / a), (b, a)) for a, b in pairs]
    params += [np.zeros(b) for _, b in pairs]
    m, v, t, layers = [0.0] * len(params), [0.0] * len(params), 0, len(pairs)
    for _ in range(epochs):
        for batch in np.array_split(generator.permutation(len(X)), len(X) // 50):
            hidden = activations(params, X[batch], layers)
            delta = np.exp(hidden[-1] - hidden[-1].max(axis=1, keepdims=True))
            delta /= delta.sum(axis=1, keepdims=True)
            delta[np.arange(len(batch)), y[batch]] -= 1
            grads, t = backward(params, hidden, delta / len(batch), layers), t + 1
            for k, g in enumerate(grads):
                m[k], v[k] = 0.9 * m[k] + 0.1 * g, 0.999 * v[k] + 0.001 * g**2
                step = m[k] / (1 - 0.9**t) / (np.sqrt(v[k] / (1 - 0.999**t)) + 1e-8)
                params[k] = params[k] - 0.002 * step
    return params


def activations(params: list, X: np.ndarray, layers: int) -> list[np.ndarray]:
    hidden = [X]
    for k in range(layers):
        z = hidden[-1] @ params[k].T + params[layers + k]
        hidden.append(np.maximum(z, 0) if k < layers - 1 else z)
    return hidden


def backward(params: list, hidden: list, delta: np.ndarray, layers: int) -> list[np.ndarray]:
    weights, biases = [], []
    for k in reversed(range(layers)):
        weights.insert(0, delta.T @ hidden[k])
        biases.insert(0, delta.sum(axis=0))
        delta = (delta @ params[k]) * (hidden[k] > 0)
    return weights + biases


@pytest.mark.slow
def test_templates_are_hard_for_a_line_and_easier_for_a_network():
    """The figures in the docstring of templates_1d."""
    train, _, test = split(templates_1d(5000, rng()), (0.8, 0.0, 0.2))

    def accuracy(sizes: tuple[int, ...], epochs: int) -> float:
        params = trained(sizes, train.X, train.y, epochs)
        logits = activations(params, test.X, len(sizes) - 1)[-1]
        return float((logits.argmax(axis=1) == test.y).mean())

    linear, network = accuracy((40, 10), 20), accuracy((40, 128, 64, 10), 20)
    assert 0.45 < linear < 0.55
    assert 0.75 < network < 0.85
