import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest

from downslope.activations import ACTIVATIONS
from downslope.gradients import gradient_check
from downslope.losses import l1_loss, l2_loss, softmax_cross_entropy
from downslope.networks import MLP

RNG = np.random.default_rng(8)
X, LABELS, TARGETS = RNG.normal(size=(6, 4)), RNG.integers(0, 3, 6), RNG.normal(size=(6, 3))


def make(activation: str = "relu", **settings: object) -> MLP:
    rng = np.random.default_rng(3)
    network = MLP((4, 5, 5, 3), rng=rng, activation=activation, **settings)  # type: ignore[arg-type]
    network.theta += 0.1 * rng.normal(size=network.theta.size)  # biases too are somewhere
    return network


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    ("loss", "y"), [(softmax_cross_entropy, LABELS), (l2_loss, TARGETS), (l1_loss, TARGETS)]
)
def test_gradient_is_measured(activation: str, loss: Callable, y: np.ndarray):
    network = make(activation)
    _, grad = network.loss_and_gradient(X, y, loss)
    found = gradient_check(lambda theta: network.at(theta).loss(X, y, loss), grad, network.theta)
    assert found.passed, found


def test_theta_holds_weights_row_by_row_and_then_biases():
    network = MLP((2, 3, 1), rng=np.random.default_rng(0))
    network.theta = np.arange(13.0)
    (W1, b1), (W2, b2) = network.layers
    np.testing.assert_array_equal(W1, [[0, 1], [2, 3], [4, 5]])
    np.testing.assert_array_equal(b1, [6, 7, 8])
    np.testing.assert_array_equal(W2, [[9, 10, 11]])
    np.testing.assert_array_equal(b2, [12])


def test_layers_are_views_in_both_directions():
    network = make()
    network.layers[0].W[0, 0] = 42
    assert network.theta[0] == 42
    network.theta[-1] = 7
    assert network.layers[-1].b[-1] == 7
    theta = network.theta
    network.theta = np.zeros_like(theta)
    assert network.theta is theta


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_copies_have_views_of_their_own(twin: Callable[[MLP], MLP]):
    network = make()
    other = twin(network)
    other.layers[0].W[...] = 0
    assert not np.array_equal(other.theta, network.theta)
    assert other.theta[0] == 0


def test_forward_is_the_recursion_of_the_lecture():
    network = make("tanh")
    (W1, b1), (W2, b2), (W3, b3) = network.layers
    expected = np.tanh(np.tanh(X @ W1.T + b1) @ W2.T + b2) @ W3.T + b3
    np.testing.assert_allclose(network.forward(X)[0], expected)


def test_float32_stays_and_agrees():
    wide = make()
    narrow = MLP(wide.sizes, rng=np.random.default_rng(0), dtype=np.float32).at(wide.theta)
    scores, _ = narrow.forward(X)
    _, grad = narrow.loss_and_gradient(X, LABELS)
    assert {scores.dtype, grad.dtype, narrow.theta.dtype} == {np.dtype(np.float32)}
    np.testing.assert_allclose(grad, wide.loss_and_gradient(X, LABELS)[1], atol=1e-6)


def test_scores_of_a_thousand_are_no_trouble():
    network = MLP((1, 2), rng=np.random.default_rng(0)).at([1000.0, -1000.0, 0.0, 0.0])
    loss, grad = network.loss_and_gradient([[1.0]], [1])
    assert loss == 2000
    np.testing.assert_array_equal(grad, [1, -1, 1, -1])


def test_same_generator_same_network():
    np.testing.assert_array_equal(make().theta, make().theta)


def test_predictions():
    network = MLP((1, 2), rng=np.random.default_rng(0)).at([1, -1, 0, 0])
    np.testing.assert_array_equal(network.predict([[2.0], [-2.0]]), [0, 1])
    assert network.accuracy([[2.0], [-2.0]], [0, 0]) == 0.5


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: MLP((4,), rng=RNG), ValueError, r"sizes must name .* got \(4,\)"),
        (lambda: MLP((4, 0), rng=RNG), ValueError, "every size .* got 0"),
        (lambda: MLP((4, 2), rng=0), TypeError, r"rng must be a numpy\.random\.Generator"),
        (lambda: MLP((4, 2), rng=RNG, dtype=int), TypeError, "dtype must be .* got int64"),
        (
            lambda: MLP((4, 2), rng=RNG, initialiser=0.1),
            TypeError,
            "initialiser must be a function",
        ),
        (lambda: make().views([1.0]), TypeError, "flat must be an array, .*; got list"),
        (lambda: make("swish"), ValueError, "activation must be one of .* got 'swish'"),
        (lambda: make().forward(X[:, :3]), ValueError, r"X must have shape \(N, 4\); got \(6, 3\)"),
        (lambda: make().at([1.0]), ValueError, r"theta must have shape \(73,\); got \(1,\)"),
        (lambda: make().views(np.zeros(3)), ValueError, r"flat must have shape \(73,\); got"),
        (lambda: make().loss(X, [0, 1]), ValueError, r"y must have shape \(6,\); got \(2,\)"),
        (lambda: make().accuracy(X, LABELS + 1), ValueError, r"y must lie in 0..2; got 3"),
    ],
)
def test_refusals(call: Callable[[], object], error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        call()
