import numpy as np
import pytest

from downslope import activations
from downslope.activations import ACTIVATIONS, Activation
from downslope.gradients import gradient_check

FAR = np.array([-1000.0, -50.0, 0.0, 50.0, 1000.0])
every = pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)


@every
def test_derivatives_are_the_measured_slopes(activation: Activation):
    z = np.random.default_rng(1).normal(size=(4, 5)) * 3
    found = gradient_check(
        lambda z: float(np.sum(activation.function(z))), activation.derivative, z
    )
    assert found.passed, found


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_type_and_shape_stay(activation: Activation, dtype: type):
    z = FAR.astype(dtype).reshape(1, 5, 1)
    with np.errstate(all="raise", under="ignore"):
        results = activation.function(z), activation.derivative(z)
    for result in results:
        assert (result.dtype, result.shape) == (z.dtype, z.shape)
        assert np.isfinite(result).all()


@every
def test_float32_agrees_with_float64(activation: Activation):
    z = np.linspace(-6, 6, 49)
    for function in activation:
        np.testing.assert_allclose(function(z.astype(np.float32)), function(z), atol=1e-6)


@every
def test_arguments_are_left_alone_and_numbers_welcome(activation: Activation):
    z = FAR.copy()
    activation.function(z)[...] = 7
    activation.derivative(z)[...] = 7
    np.testing.assert_array_equal(z, FAR)
    assert activation.function(0.5).shape == ()


def test_known_values_far_out():
    np.testing.assert_array_equal(activations.sigmoid(FAR)[[0, 2, 4]], [0, 0.5, 1])
    np.testing.assert_array_equal(activations.tanh(FAR), [-1, -1, 0, 1, 1])
    np.testing.assert_array_equal(activations.elu(FAR)[[0, 2, 4]], [-1, 0, 1000])
    np.testing.assert_array_equal(activations.leaky_relu(FAR)[[0, 4]], [-10, 1000])


def test_slopes_far_out_keep_their_digits():
    np.testing.assert_allclose(activations.sigmoid_derivative(FAR)[[1, 3]], np.exp(-50.0))
    np.testing.assert_allclose(activations.tanh_derivative([20.0]), 4 * np.exp(-40.0))


def test_the_slope_of_relu_at_zero_is_zero():
    assert activations.relu_derivative(0.0) == 0
    assert activations.relu_derivative(-0.0) == 0


def test_slope_and_alpha_are_settings():
    assert activations.leaky_relu(-2.0, slope=0.5) == -1
    assert activations.leaky_relu_derivative(-2.0, slope=0.5) == 0.5
    assert activations.elu(-1000.0, alpha=3.0) == -3
    assert activations.elu_derivative(0.0, alpha=3.0) == 3
    with pytest.raises(TypeError, match="slope must be a number that is finite; got 'steep'"):
        activations.leaky_relu(1.0, slope="steep")  # type: ignore[arg-type]


def test_softmax_sums_to_one_and_ignores_a_shift():
    z = np.random.default_rng(2).normal(size=(3, 4, 5))
    p = activations.softmax(z)
    np.testing.assert_allclose(p.sum(axis=-1), 1)
    np.testing.assert_allclose(activations.softmax(z + 1000), p, rtol=1e-10)
    with pytest.raises(ValueError, match=r"z must have shape \(..., K\)"):
        activations.softmax(1.0)


def test_softmax_jacobian_is_measured():
    z = np.random.default_rng(3).normal(size=4)
    jacobian = activations.softmax_jacobian(activations.softmax(z))
    for i, row in enumerate(jacobian):
        assert gradient_check(lambda z, i=i: float(activations.softmax(z)[i]), row, z).passed
