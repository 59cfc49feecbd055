"""A verdict in words: what, where, by how much, and what to look at."""

from typing import Any

import pytest

from downslope.compare import Divergence, Known, Verdict
from downslope.drivers import Problem
from downslope.messages import GENERAL, explain, number

LABELS = ["a fresh start", "later"]
HERE = Divergence(1, "theta", (2, 0), 0.5, 0.25)
MISTAKE = Known("no_root", "Something is missing.", ())


def words(verdict: Verdict, *, steps: bool = True) -> str:
    return explain(verdict, "adam_step", ("theta", "m"), LABELS, steps=steps)


def wrong(mistake: str | None = None, **parts: Any) -> Verdict:
    return Verdict(passed=False, mistake=mistake, **parts)


def test_a_right_answer_gets_one_short_line() -> None:
    assert words(Verdict(passed=True)) == "adam_step is right in 2 cases."


def test_an_accepted_form_gets_its_remark() -> None:
    remark = MISTAKE._replace(accepted=True, sentence="Others do so, too.")
    text = words(Verdict(passed=True, known=remark))
    assert text == "adam_step is right in 2 cases. Others do so, too."


def test_a_first_difference_names_case_update_array_index_numbers_and_ratio() -> None:
    assert words(wrong(divergence=HERE)) == (
        "First difference, in the case “later”, update 3: "
        "theta[0] is 0.5, expected 0.25 (yours / expected = 2)."
    )


def test_a_call_has_no_updates() -> None:
    assert "“later”: theta[2, 0] is" in words(wrong(divergence=HERE), steps=False)


def test_a_number_has_no_index() -> None:
    text = words(wrong(divergence=Divergence(0, "f", (), 3.0, 0.0)), steps=False)
    assert text == "First difference, in the case “a fresh start”: f is 3, expected 0."


def test_a_known_mistake_says_its_sentence_first() -> None:
    lines = words(wrong("no_root", known=MISTAKE, divergence=HERE)).splitlines()
    assert lines[0] == "Something is missing."
    assert lines[1].startswith("First difference")


def test_a_problem_speaks_for_itself() -> None:
    assert words(wrong("raised", problem=Problem("raised", "It broke."))) == "It broke."


@pytest.mark.parametrize("known", [None, MISTAKE._replace(accepted=True)])
def test_changed_arguments_are_named_where_the_numbers_are_right(known: Known | None) -> None:
    text = words(wrong("changes_input", changed=("grad", "m"), known=known))
    assert text.startswith("It changes its argument grad and m in place.")


def test_changed_arguments_are_mentioned_after_a_difference() -> None:
    text = words(wrong("no_root", known=MISTAKE, divergence=HERE, changed=("v",)))
    assert [line.split()[0] for line in text.splitlines()] == ["Something", "First", "It"]


def test_values_in_another_order_are_told_the_right_one() -> None:
    assert "Return theta, m." in words(wrong("order", divergence=HERE))


def test_a_wrong_shape_shows_both_shapes_and_no_number() -> None:
    place = Divergence(0, "m", (0, 0), float("nan"), 1.0, ((3, 1), (3,)))
    text = words(wrong("shape", divergence=place), steps=False)
    assert "m has shape (3, 1), not (3,)." in text
    assert "nan" not in text


@pytest.mark.parametrize("gap", [1e-5, 1e-8, 1e-11, 1e-15])
def test_numbers_that_differ_are_shown_with_digits_that_differ(gap: float) -> None:
    text = words(wrong(divergence=Divergence(0, "m", (0, 0), 0.1 * (1 + gap), 0.1)))
    got, expected = text.split(" is ")[1].split(" (")[0].split(", expected ")
    assert got != expected
    assert "= 1)" not in text


@pytest.mark.parametrize("got", [float("nan"), float("inf")])
def test_what_is_not_finite_is_written_out(got: float) -> None:
    text = words(wrong("not_finite", divergence=Divergence(0, "v", (0, 1), got, 2.0)))
    assert f"v[1] is {got}, expected 2." in text
    assert GENERAL["not_finite"] in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (1e-9, "1e-09"), (123456789.0, "1.23457e+08"), (float("-inf"), "-inf")],
)
def test_numbers_are_written_with_six_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_a_combination_that_is_missing_is_named() -> None:
    case = {"label": "two names", "arguments": {"lr": [0.1, 0.01], "layers": [1, 2]}}
    verdict = wrong(divergence=Divergence(0, "times in the list", (1, 0), 0.0, 1.0))
    assert explain(verdict, "grid", ("configs",), ["two names"], steps=False, cases=[case]) == (
        "First difference, in the case “two names”: {'lr': 0.01, 'layers': 1} is in the list "
        "0 times; each combination belongs there once."
    )
