import numpy as np
import pytest

from downslope import layers
from downslope.activations import ACTIVATIONS
from downslope.gradients import gradient_check

RNG = np.random.default_rng(6)
X, W, B = RNG.normal(size=(5, 3)), RNG.normal(size=(4, 3)), RNG.normal(size=4)
UPSTREAM = RNG.normal(size=(5, 4))


def weighed(output: np.ndarray) -> float:
    """A number whose gradient for the output is UPSTREAM."""
    return float(np.sum(output * UPSTREAM))


def test_linear_gradients_are_measured():
    out, cache = layers.linear_forward(X, W, B)
    np.testing.assert_allclose(out, [[w @ x + b for w, b in zip(W, B, strict=True)] for x in X])
    dX, dW, db = layers.linear_backward(UPSTREAM, cache)
    assert gradient_check(lambda X: weighed(layers.linear_forward(X, W, B)[0]), dX, X).passed
    assert gradient_check(lambda W: weighed(layers.linear_forward(X, W, B)[0]), dW, W).passed
    assert gradient_check(lambda b: weighed(layers.linear_forward(X, W, b)[0]), db, B).passed


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_elementwise_gradients_are_measured(name: str):
    Z = RNG.normal(size=(5, 4))
    dZ = layers.elementwise_backward(UPSTREAM, layers.elementwise_forward(Z, name)[1])
    assert gradient_check(lambda Z: weighed(layers.elementwise_forward(Z, name)[0]), dZ, Z).passed


def test_softmax_gradient_is_measured():
    Z = RNG.normal(size=(5, 4))
    dZ = layers.softmax_backward(UPSTREAM, layers.softmax_forward(Z)[1])
    assert gradient_check(lambda Z: weighed(layers.softmax_forward(Z)[0]), dZ, Z).passed


def test_nothing_passes_relu_at_zero():
    out, cache = layers.relu_forward([[-1.0, 0.0, 1.0]])
    np.testing.assert_array_equal(out, [[0, 0, 1]])
    np.testing.assert_array_equal(layers.relu_backward([[3.0, 3.0, 3.0]], cache), [[0, 0, 3]])


def test_float32_stays():
    small = [array.astype(np.float32) for array in (X, W, B, UPSTREAM)]
    out, cache = layers.linear_forward(*small[:3])
    hidden, relu_cache = layers.relu_forward(out)
    back = layers.linear_backward(layers.relu_backward(small[3], relu_cache), cache)
    assert {array.dtype for array in (out, hidden, *back)} == {np.dtype(np.float32)}


def test_wrong_shapes_are_named():
    with pytest.raises(ValueError, match=r"X must have shape \(N, 3\); got \(5, 2\)"):
        layers.linear_forward(X[:, :2], W, B)
    with pytest.raises(ValueError, match=r"b must have shape \(4,\); got \(3,\)"):
        layers.linear_forward(X, W, B[:3])
    _, cache = layers.linear_forward(X, W, B)
    with pytest.raises(ValueError, match=r"upstream must have shape \(5, 4\); got \(4, 5\)"):
        layers.linear_backward(UPSTREAM.T, cache)
    with pytest.raises(ValueError, match=r"activation must be one of sigmoid, .*; got 'swish'"):
        layers.elementwise_forward(X, "swish")


def test_caches_of_other_layers_are_refused():
    linear, elementwise = layers.linear_forward(X, W, B)[1], layers.relu_forward(X)[1]
    with pytest.raises(TypeError, match="cache must be what linear_forward returned; got Element"):
        layers.linear_backward(UPSTREAM, elementwise)
    with pytest.raises(TypeError, match="cache must be what the layer's forward returned; got Lin"):
        layers.elementwise_backward(UPSTREAM, linear)
    with pytest.raises(
        TypeError, match="cache must be what relu_forward returned; got LinearCache"
    ):
        layers.relu_backward(UPSTREAM, linear)
    tanh = layers.elementwise_forward(UPSTREAM, "tanh")[1]
    with pytest.raises(ValueError, match="cache must be that of relu_forward; got that of tanh"):
        layers.relu_backward(UPSTREAM, tanh)
    with pytest.raises(ValueError, match=r"cache must have shape \(N, K\); got \(2,\)"):
        layers.softmax_backward([1.0, 0.0], np.array([0.5, 0.5]))


def test_softmax_takes_its_probabilities_as_lists():
    back = layers.softmax_backward([[1.0, 0.0]], [[0.5, 0.5]])
    np.testing.assert_array_equal(back, [[0.25, -0.25]])
