"""Numbers in, verdict out: tolerance, first divergence, known forms and general faults."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downslope.compare import (
    SMALLEST_SCALE,
    Divergence,
    Known,
    first_divergence,
    judge,
    recognise,
)
from downslope.drivers import Outcome, Problem

TOLERANCE = 1e-9


def outcome(**arrays: Any) -> Outcome:
    return Outcome({name: np.asarray(array, dtype=np.float64) for name, array in arrays.items()})


def known(name: str, *outcomes: Outcome, accepted: bool = False) -> Known:
    return Known(name, f"{name}!", outcomes, accepted=accepted)


RIGHT = [outcome(theta=[[1.0, 2.0], [3.0, 4.0]], v=[[5.0, 6.0], [7.0, 8.0]])]
RIGHT.append(outcome(theta=[0.5], v=[2.0]))
WRONG = [outcome(theta=[[1.0, 2.0], [3.0, -4.0]], v=[[5.0, 6.0], [7.0, 8.0]])]
WRONG.append(outcome(theta=[0.25], v=[2.0]))


def changed_at(name: str, index: Any, value: float) -> list[Outcome]:
    """RIGHT with one number replaced."""
    arrays = {key: array.copy() for key, array in RIGHT[0].arrays.items()}
    arrays[name][index] = value
    return [Outcome(arrays), RIGHT[1]]


def test_equal_numbers_pass_without_a_name() -> None:
    verdict = judge(RIGHT, RIGHT, [], TOLERANCE)
    assert verdict.passed
    assert (verdict.mistake, verdict.divergence, verdict.known) == (None, None, None)


@settings(max_examples=60, deadline=None)
@given(st.floats(-1.0, 1.0), st.sampled_from([1e-12, 1e-3, 1.0, 1e9]))
def test_a_gap_passes_exactly_within_the_share_of_the_largest_number(
    share: float, scale: float
) -> None:
    wanted = [outcome(theta=scale * np.array([1.0, 4.0]))]
    got = [outcome(theta=scale * np.array([1.0 + 8.0 * share * TOLERANCE, 4.0]))]
    verdict = judge(got, wanted, [], TOLERANCE)
    if abs(abs(share) - 0.5) > 1e-3:
        assert verdict.passed == (abs(share) < 0.5)


def test_a_large_number_in_one_case_hides_nothing_in_another() -> None:
    wanted = [outcome(v=[1e12]), outcome(v=[1e-6])]
    assert not judge([wanted[0], outcome(v=[1.1e-6])], wanted, [], TOLERANCE).passed


def test_a_large_array_hides_nothing_in_another_array_of_the_case() -> None:
    wanted = [outcome(theta=[1e12], v=[1e-6])]
    assert not judge([outcome(theta=[1e12], v=[0.0])], wanted, [], TOLERANCE).passed


@pytest.mark.parametrize(("value", "passed"), [(0.0, True), (-0.0, True), (1e-15, False)])
def test_an_array_of_zeros_wants_zeros(value: float, passed: bool) -> None:
    assert SMALLEST_SCALE * TOLERANCE < 1e-15
    assert judge([outcome(v=[value])], [outcome(v=[0.0])], [], TOLERANCE).passed is passed


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e308, -1e308])
def test_nan_and_inf_never_pass(value: float) -> None:
    verdict = judge(changed_at("theta", (1, 0), value), RIGHT, [], TOLERANCE)
    assert not verdict.passed
    assert verdict.mistake == ("not_finite" if not np.isfinite(value) else None)


@pytest.mark.parametrize(
    "arrays",
    [
        {"theta": [[1.0], [3.0]]},
        {"theta": [[1.0, 3.0], [2.0, 4.0], [0.0, 0.0]]},
        {"theta": [1.0, 2.0, 3.0, 4.0]},
        {"theta": 1.0},
        {"theta": []},
        {"theta": [[[1.0, 2.0], [3.0, 4.0]]]},
        {"v": [[1.0, 2.0], [3.0, 4.0]]},
        {},
    ],
)
def test_another_shape_or_a_missing_array_is_a_wrong_shape(arrays: Mapping[str, Any]) -> None:
    wanted = [outcome(theta=[[1.0, 2.0], [3.0, 4.0]])]
    verdict = judge([outcome(**arrays)], wanted, [], TOLERANCE)
    assert (verdict.passed, verdict.mistake) == (False, "shape")
    assert verdict.divergence is not None
    assert np.isnan(verdict.divergence.got)


@pytest.mark.parametrize(("got", "passed"), [([], True), ([1.0], False), ([[]], False)])
def test_an_empty_array_is_compared_by_shape(got: list[Any], passed: bool) -> None:
    verdict = judge([outcome(indices=got)], [outcome(indices=[])], [], TOLERANCE)
    assert verdict.passed is passed
    assert verdict.mistake == (None if passed else "shape")


def test_arrays_that_nobody_asked_for_count_for_nothing() -> None:
    assert judge([outcome(f=0.5, extra=[1.0])], [outcome(f=0.5)], [], TOLERANCE).passed


def test_outcomes_must_be_as_many_as_cases() -> None:
    with pytest.raises(ValueError, match="1 outcomes for 2 cases"):
        judge(RIGHT[:1], RIGHT, [], TOLERANCE)


def test_the_first_divergence_is_the_earliest_update_then_the_first_array() -> None:
    got = changed_at("v", (0, 1), 0.0)
    got[0].arrays["theta"][1, 0] = 0.0
    assert first_divergence(got, RIGHT, TOLERANCE) == Divergence(0, "v", (0, 1), 0.0, 6.0)
    got[0].arrays["theta"][0, 1] = 1.0
    assert first_divergence(got, RIGHT, TOLERANCE) == Divergence(0, "theta", (0, 1), 1.0, 2.0)


def test_a_divergence_in_a_later_case_is_found() -> None:
    got = [RIGHT[0], WRONG[1]]
    assert first_divergence(got, RIGHT, TOLERANCE) == Divergence(1, "theta", (0,), 0.25, 0.5)


@pytest.mark.parametrize(
    ("got", "expected", "ratio"),
    [(1.0, 2.0, 0.5), (-3.0, 1.0, -3.0), (1.0, 0.0, None), (0.0, 1.0, None), (np.nan, 1.0, None)],
)
def test_a_ratio_is_given_where_it_says_something(
    got: float, expected: float, ratio: float | None
) -> None:
    assert Divergence(0, "theta", (0,), got, expected).ratio == ratio


def test_a_known_mistake_is_named() -> None:
    mistakes = [known("other", *changed_at("v", (0, 0), 9.0)), known("this", *WRONG)]
    verdict = judge(WRONG, RIGHT, mistakes, TOLERANCE)
    assert (verdict.passed, verdict.mistake) == (False, "this")
    assert verdict.known == mistakes[1]


def test_a_form_is_recognised_only_when_every_case_fits() -> None:
    assert recognise([WRONG[0], RIGHT[1]], [known("this", *WRONG)], TOLERANCE) is None


def test_the_first_form_that_fits_is_named() -> None:
    forms = [known("first", *WRONG), known("second", *WRONG)]
    assert recognise(WRONG, forms, TOLERANCE) == forms[0]


def test_a_form_that_gives_nan_is_recognised_by_its_nan() -> None:
    nan = changed_at("theta", (0, 0), np.nan)
    assert judge(nan, RIGHT, [known("zero_by_zero", *nan)], TOLERANCE).mistake == "zero_by_zero"


@pytest.mark.parametrize("accepted", [True, False])
def test_a_form_that_fails_on_these_inputs_is_recognised_in_nothing(accepted: bool) -> None:
    failed = Outcome({}, (), Problem("raised", "x"))
    forms = [known("broken", failed, failed, accepted=accepted)]
    verdict = judge(WRONG, RIGHT, forms, TOLERANCE)
    assert (verdict.passed, verdict.known) == (False, None)


def test_an_accepted_form_passes_with_its_remark() -> None:
    form = known("also_right", *WRONG, accepted=True)
    verdict = judge(WRONG, RIGHT, [form], TOLERANCE)
    assert verdict.passed
    assert (verdict.mistake, verdict.known) == (None, form)


@pytest.mark.parametrize("numbers", [RIGHT, WRONG])
def test_a_changed_argument_costs_the_points_of_right_and_of_accepted_numbers(
    numbers: list[Outcome],
) -> None:
    got = [numbers[0]._replace(changed=("grad", "theta")), numbers[1]]
    verdict = judge(got, RIGHT, [known("also_right", *WRONG, accepted=True)], TOLERANCE)
    assert (verdict.passed, verdict.mistake) == (False, "changes_input")
    assert verdict.changed == ("grad", "theta")


def test_a_wrong_answer_that_changes_an_argument_is_named_by_its_numbers() -> None:
    got = [WRONG[0]._replace(changed=("m",)), WRONG[1]]
    verdict = judge(got, RIGHT, [known("this", *WRONG)], TOLERANCE)
    assert (verdict.mistake, verdict.changed) == ("this", ("m",))


def test_a_problem_in_any_case_decides() -> None:
    problem = Problem("raised", "step raised ValueError")
    verdict = judge([RIGHT[0], Outcome({}, (), problem)], RIGHT, [], TOLERANCE)
    assert (verdict.passed, verdict.mistake) == (False, "raised")
    assert verdict.problem == problem


def swapped(outcomes: list[Outcome]) -> list[Outcome]:
    first = outcomes[0].arrays
    return [Outcome({"theta": first["v"].copy(), "v": first["theta"].copy()})]


def test_values_in_another_order_are_named() -> None:
    verdict = judge(swapped(RIGHT), RIGHT[:1], [], TOLERANCE)
    assert verdict.mistake == "order"


def test_one_value_returned_twice_is_no_order() -> None:
    first = RIGHT[0].arrays
    got = [Outcome({"theta": first["v"], "v": first["v"]})]
    assert judge(got, RIGHT[:1], [], TOLERANCE).mistake is None


def test_tables_that_begin_alike_are_told_apart_by_the_rest() -> None:
    wanted = [outcome(m=[1.0, 2.5], v=[1.0, 4.75])]
    swapped_tables = [outcome(m=[1.0, 4.75], v=[1.0, 2.5])]
    assert judge(swapped_tables, wanted, [], TOLERANCE).mistake == "order"
    wrong_end = [outcome(m=[1.0, 2.5], v=[1.0, np.nan])]
    assert judge(wrong_end, wanted, [], TOLERANCE).mistake == "not_finite"


def test_one_value_has_no_order() -> None:
    assert judge([outcome(f=0.25)], [outcome(f=0.5)], [], TOLERANCE).mistake is None


def test_a_wrong_number_among_swapped_values_is_no_order() -> None:
    got = swapped(RIGHT)
    got[0].arrays["v"][0, 0] = 99.0
    assert judge(got, RIGHT[:1], [], TOLERANCE).mistake is None


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 3),
    st.floats(allow_nan=True, allow_infinity=True, width=64),
    st.sampled_from(["theta", "v"]),
)
def test_whatever_number_comes_there_is_a_verdict(place: int, value: float, name: str) -> None:
    got = changed_at(name, np.unravel_index(place, (2, 2)), value)
    verdict = judge(got, RIGHT, [known("this", *WRONG)], TOLERANCE)
    assert verdict.passed == (verdict.divergence is None)


def test_a_verdict_does_not_depend_on_the_learners_error_settings() -> None:
    tiny = [outcome(v=[5e-324, 1e308])]
    with np.errstate(all="raise"):
        assert judge(tiny, tiny, [], TOLERANCE).passed
        assert not judge([outcome(v=[np.inf, -1e308])], tiny, [], TOLERANCE).passed
