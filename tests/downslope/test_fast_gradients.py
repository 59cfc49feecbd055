from collections.abc import Callable

import numpy as np
import pytest

from downslope.activations import ACTIVATIONS
from downslope.fast_gradients import Backpropagation
from downslope.losses import l1_loss, l2_loss, softmax_cross_entropy
from downslope.networks import MLP

RNG = np.random.default_rng(10)
X, LABELS, TARGETS = RNG.normal(size=(8, 4)), RNG.integers(0, 3, 8), RNG.normal(size=(8, 3))
LOSSES = [(softmax_cross_entropy, LABELS), (l2_loss, TARGETS), (l1_loss, TARGETS)]


def make(
    activation: str = "relu", dtype: type = np.float64, hidden: tuple[int, ...] = (6, 5)
) -> MLP:
    rng = np.random.default_rng(11)
    network = MLP((4, *hidden, 3), rng=rng, activation=activation, dtype=dtype)
    network.theta += 0.1 * rng.normal(size=network.theta.size).astype(dtype)
    return network


@pytest.mark.parametrize("hidden", [(), (6,), (6, 5)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("loss", "y"), LOSSES)
def test_equal_to_the_plain_network_whole_batches_and_short_ones(
    activation: str, hidden: tuple[int, ...], loss: Callable, y: np.ndarray
):
    network = make(activation, hidden=hidden)
    measure = Backpropagation(network, loss, batch_size=5)
    inputs, targets = measure.prepared(X, y)
    for batch in (slice(0, 5), slice(5, 8), slice(2, 7)):
        value = measure(inputs[batch], targets[batch])
        expected, grad = network.loss_and_gradient(X[batch], y[batch], loss)
        assert value == pytest.approx(expected, abs=1e-14)
        np.testing.assert_allclose(measure.gradient(), grad, rtol=1e-12, atol=1e-14)


def test_float32():
    network = make(dtype=np.float32)
    measure = Backpropagation(network, softmax_cross_entropy, batch_size=8)
    measure(*measure.prepared(X.astype(np.float32), LABELS))
    assert measure.gradient().dtype == np.float32
    np.testing.assert_allclose(
        measure.gradient(), make().loss_and_gradient(X, LABELS)[1], atol=1e-6
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1.0, 30.0, 90.0, 600.0, 1000.0])
def test_large_scores_are_no_trouble(size: float, dtype: type):
    network = MLP((1, 2), rng=RNG, dtype=dtype).at([size, -size, 0.0, 0.0])
    measure = Backpropagation(network, softmax_cross_entropy, batch_size=2)
    examples = np.array([[1.0], [1.0]], dtype), np.array([0, 1])
    with np.errstate(all="raise", under="ignore"):
        value = measure(*measure.prepared(*examples))
    expected, grad = network.loss_and_gradient(*examples)
    assert value == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(measure.gradient(), grad, atol=1e-6)


def test_the_slope_of_relu_at_zero_is_zero():
    network = make(hidden=(6,)).at(np.zeros(51))
    network.layers[1].W[...] = 1
    measure = Backpropagation(network, softmax_cross_entropy, batch_size=8)
    measure(*measure.prepared(X, LABELS))
    np.testing.assert_array_equal(network.views(measure.gradient())[0].W, 0)


def test_the_network_is_touched_by_store_alone():
    network = make()
    before = network.theta.copy()
    measure = Backpropagation(network, softmax_cross_entropy, batch_size=8)
    measure.store()
    np.testing.assert_array_equal(network.theta, before)
    measure.theta *= 2
    np.testing.assert_array_equal(network.theta, before)
    measure.store()
    np.testing.assert_array_equal(network.theta, 2 * before)


def test_prepared_leaves_the_examples_alone():
    inputs, targets = Backpropagation(make(), softmax_cross_entropy, 8).prepared(X, LABELS)
    assert inputs.shape == (8, 5)
    np.testing.assert_array_equal(targets.argmax(axis=1), LABELS)
