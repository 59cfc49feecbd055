"""Distances are measured as answers are judged."""

import math

import numpy as np
import pytest

from autograder.distances import distance, gap
from downslope.compare import first_divergence
from downslope.drivers import Outcome


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        ([1.0, 2.0], [1.0, 2.5]),
        ([0.0, 1e-9], [0.0, 0.0]),
        ([3.0, -8.0], [4.0, -8.0]),
    ],
)
def test_an_answer_passes_when_its_gap_is_within_the_tolerance(
    got: list[float], wanted: list[float]
):
    one, other = {"m": np.array(got)}, {"m": np.array(wanted)}
    measured = gap(one, other)
    for factor, passes in ((1.001, True), (0.999, False)):
        found = first_divergence([Outcome(one)], [Outcome(other)], factor * measured)
        assert (found is None) == passes


@pytest.mark.parametrize("got", [[1.0], [np.nan, 2.0], [np.inf, 2.0]])
def test_another_shape_or_nan_is_infinitely_far(got: list[float]):
    assert gap({"m": np.array(got)}, {"m": np.array([1.0, 2.0])}) == math.inf


def test_nan_equals_nan_and_a_missing_array_is_infinitely_far():
    nan = {"m": np.array([np.nan, 1.0])}
    assert gap(nan, nan) == 0
    assert gap({}, nan) == math.inf


def test_one_case_is_enough_to_tell_two_answers_apart():
    same, other = Outcome({"m": np.array(1.0)}), Outcome({"m": np.array(1.5)})
    assert distance([same, other], [same, same]) == 0.5
