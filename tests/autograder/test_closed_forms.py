"""Closed forms against sums that anybody can do by hand."""

import numpy as np
import pytest

from autograder import closed_forms as forms
from autograder.exercises import steps_case

CASE = steps_case(
    "two updates",
    {"theta": np.array([1.0, 2.0])},
    [
        {"grad": np.array([4.0, 0.0]), "lr": 0.5, "beta": 0.5},
        {"grad": np.array([-2.0, 1.0]), "lr": 0.25, "beta": 0.5},
    ],
)


def test_a_running_mean_is_one_weighted_sum():
    (beta,) = forms.constants(CASE, "beta")
    m = forms.running_mean(np.array([8.0, 0.0]), beta, forms.rows(CASE, "grad"))
    assert m.astype(float).tolist() == [[6.0, 0.0], [2.0, 0.5]]


def test_theta_walks_by_the_sum_of_all_steps():
    steps = forms.rows(CASE, "lr") * forms.rows(CASE, "grad")
    walk = forms.walked(CASE, steps)["theta"]
    assert walk.tolist() == [[-1.0, 2.0], [-0.5, 1.75]]
    assert walk.dtype == np.float64


def test_an_argument_that_changes_is_no_constant():
    with pytest.raises(ValueError, match="lr must not change in 'two updates'"):
        forms.constants(CASE, "lr")


def test_weights_add_up_to_one_minus_the_power():
    beta = forms.MP.mpf(0.9)
    assert abs(forms.sum_of_weights(beta, 7) - (1 - beta**7)) < 1e-48


def test_rounding_goes_to_the_nearest_float():
    third = forms.exact(np.array([1.0])) / 3
    assert forms.as_floats(x=third * 2)["x"][0] == 2 / 3
    assert forms.root(forms.exact(np.array([2.0])))[0] ** 2 - 2 < 1e-48
