import numpy as np
import pytest

from downslope.double_descent import (
    WIDTHS,
    double_descent,
    minimum_norm_fit,
    random_relu_features,
)


def test_the_fit_is_least_squares_where_it_is_unique():
    rng = np.random.default_rng(0)
    features, y = rng.normal(size=(30, 4)), rng.normal(size=30)
    weights = minimum_norm_fit(features, y)
    np.testing.assert_allclose(features.T @ (features @ weights - y), 0, atol=1e-12)


def test_the_fit_is_exact_and_shortest_where_it_is_not():
    rng = np.random.default_rng(0)
    features, y = rng.normal(size=(5, 20)), rng.normal(size=5)
    weights = minimum_norm_fit(features, y)
    np.testing.assert_allclose(features @ weights, y)
    np.testing.assert_allclose(weights, np.linalg.pinv(features) @ y)


def test_features_are_positive_and_scaled_to_any_width():
    X = np.random.default_rng(0).normal(size=(50, 3))
    for width in (10, 1000):
        features = random_relu_features(X, width, np.random.default_rng(1))
        assert features.shape == (50, width)
        assert features.min() == 0
        assert 0.5 < np.sum(features**2, axis=1).mean() < 4


def test_there_are_two_descents_and_a_peak_between_them():
    risks = double_descent(np.random.default_rng(0))
    test, train = np.median(risks.test, axis=0), np.median(risks.train, axis=0)
    peak = int(np.argmax(test))
    assert risks.widths[peak] == risks.threshold == 40
    valley = int(np.argmin(test[:peak]))
    assert 0 < valley < peak
    assert test[peak] > 10 * test[valley]
    assert test[-1] < test[0]
    assert train[risks.widths >= 40].max() < 1e-10
    assert test.min() > risks.noise**2


def test_the_same_generator_gives_the_same_risks():
    first, second = (double_descent(np.random.default_rng(3), trials=2) for _ in range(2))
    np.testing.assert_array_equal(first.test, second.test)
    assert first.test.shape == (2, len(WIDTHS))


def test_refusals_name_argument_expected_and_given():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"widths must be numbers of features in rising order"):
        double_descent(rng, widths=[5, 3])
    with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator.*got int"):
        double_descent(0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"noise must be a number at least 0; got -1"):
        double_descent(rng, noise=-1)
    with pytest.raises(ValueError, match=r"y must have shape \(2,\); got \(3,\)"):
        minimum_norm_fit(np.eye(2), np.zeros(3))
