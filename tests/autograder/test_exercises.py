"""Declarations: variants are edits that must fit, and an exercise refuses what cannot work."""

import numpy as np
import pytest

from autograder.errors import AutograderError
from autograder.exercises import (
    Alternative,
    Convention,
    Exercise,
    Mistake,
    Variant,
    call_case,
    steps_case,
)
from downslope.drivers import Case

REFERENCE = "def f(x):\n    y = 2 * x\n    return y + x\n"


def no_cases(rng: np.random.Generator) -> list[Case]:
    return []


def test_edits_are_made_one_after_the_other() -> None:
    variant = Mistake("m", "", [("2 * x", "3 * x"), ("3 * x\n", "4 * x\n")])
    assert variant.apply(REFERENCE) == REFERENCE.replace("2", "4")


def test_a_source_replaces_the_whole_reference() -> None:
    assert Alternative("a", source="def f(x): ...").apply(REFERENCE) == "def f(x): ..."


@pytest.mark.parametrize(("old", "times"), [("gone", 0), ("y", 2), (" x", 2)])
def test_an_edit_that_does_not_fit_once_says_how_often_it_fits(old: str, times: int) -> None:
    with pytest.raises(AutograderError, match=rf"'m'.*stands {times} times.*exactly once"):
        Mistake("m", "", [(old, "new")]).apply(REFERENCE)


@pytest.mark.parametrize("edits", [[], [("2 * x", "2 * x")]])
def test_a_variant_that_changes_nothing_is_refused(edits: list[tuple[str, str]]) -> None:
    with pytest.raises(AutograderError, match="changes nothing"):
        Mistake("m", "", edits).apply(REFERENCE)


def test_an_unknown_driver_is_refused_with_those_there_are() -> None:
    with pytest.raises(AutograderError, match=r"unknown driver 'fly'\. Known are call, "):
        Exercise("f", ("y",), no_cases, driver="fly")


@pytest.mark.parametrize(
    ("mistakes", "alternatives"),
    [
        ((Mistake("twin"), Convention("twin")), ()),
        ((Mistake("twin"),), (Alternative("twin"),)),
    ],
)
def test_two_variants_of_one_name_are_refused(
    mistakes: tuple[Variant, ...], alternatives: tuple[Alternative, ...]
) -> None:
    with pytest.raises(AutograderError, match=r"'f': two variants are called \['twin'\]"):
        Exercise("f", ("y",), no_cases, mistakes=mistakes, alternatives=alternatives)


def test_the_library_is_forbidden_unless_said_otherwise() -> None:
    assert "downslope.optimizers" in Exercise("f", ("y",), no_cases).forbids


def test_a_convention_is_not_accepted_unless_said_so() -> None:
    assert not Convention("c").accepted
    assert Convention("c", accepted=True).accepted


def test_cases_have_the_form_that_the_drivers_read() -> None:
    assert call_case("x", a=1, b=2) == {"label": "x", "arguments": {"a": 1, "b": 2}}
    case = steps_case("y", {"theta": np.zeros(1)}, ({"t": 1}, {"t": 2}))
    assert case["updates"] == [{"t": 1}, {"t": 2}]
    assert set(case) == {"label", "start", "updates"}
