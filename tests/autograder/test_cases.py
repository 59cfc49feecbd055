"""What is derived from a declaration: visible data, hidden tests, and what must differ."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autograder.cases import hidden_test, make_cases, visible_data
from autograder.errors import AutograderError
from autograder.exercises import Convention, Exercise, Mistake, Variant, call_case
from autograder.lessons import Lesson
from downslope.channel import outcomes_from_json, unpack
from downslope.drivers import Case
from downslope.plain import from_json


def exercise(generator: Callable[[np.random.Generator], Any]) -> Exercise:
    return Exercise("f", ("y",), generator, driver="call")


def ragged_cases(rng: np.random.Generator) -> list[Case]:
    nested = {"rows": [rng.normal(size=2), [1 / 3]], "n": 3, "name": "x", "flag": True}
    return [call_case("c", x=rng.normal(size=(2, 3)) * 1e-12, table=nested, t=rng.integers(5, 6))]


def test_inputs_are_short_numbers_at_any_depth() -> None:
    arguments = make_cases(exercise(ragged_cases), "seed")[0]["arguments"]
    numbers = [*arguments["x"].ravel(), *arguments["table"]["rows"][0]]
    assert all(float(f"{number:.6g}") == number for number in numbers)
    assert arguments["table"]["rows"][1] == [0.333333]
    assert (arguments["table"]["n"], arguments["table"]["flag"]) == (3, True)


def test_cases_depend_on_the_seed_alone() -> None:
    first, again, other = (
        make_cases(exercise(ragged_cases), *seed)[0]["arguments"]["x"]
        for seed in (("a", "b"), ("a", "b"), ("a", "c"))
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def fails(rng: np.random.Generator) -> list[Case]:
    raise IndexError("no such row")


@pytest.mark.parametrize(
    ("generator", "message"),
    [
        (fails, "cannot be made: IndexError: no such row. Mend its generator"),
        (lambda rng: None, "cannot be made: TypeError"),
        (lambda rng: [call_case("x", rng=rng)], "cannot be made: TypeError: a value of type Gen"),
        (lambda rng: [], "has no cases"),
        (lambda rng: [{"arguments": {}}], "has a case without a label"),
        (lambda rng: [call_case(3, x=1)], "has a case without a label"),  # type: ignore[arg-type]
    ],
)
def test_a_faulty_generator_is_named_with_its_exercise(generator: Any, message: str) -> None:
    with pytest.raises(AutograderError, match=f"exercise 'f' {message}"):
        make_cases(exercise(generator), "seed")


def test_visible_data_are_plain_json_with_numbers_and_no_code(tiny_lesson: Lesson) -> None:
    data = visible_data(tiny_lesson, tiny_lesson.exercises["double"])
    text = json.dumps(data)
    assert json.loads(text)["parameters"] == ["x"]
    assert data["points"] == 4.0
    assert [item["name"] for item in data["known"]] == ["squares"]
    assert "2.0 * x" not in text
    assert "def " not in text


def test_visible_numbers_are_the_references_for_the_visible_inputs(tiny_lesson: Lesson) -> None:
    data = visible_data(tiny_lesson, tiny_lesson.exercises["double"])
    for case, outcome in zip(
        from_json(data["cases"]), outcomes_from_json(data["expected"]), strict=True
    ):
        np.testing.assert_allclose(outcome.arrays["result"], 2 * case["arguments"]["x"], 1e-12)


def test_stored_numbers_are_cut_below_every_tolerance(tiny_lesson: Lesson) -> None:
    squares = visible_data(tiny_lesson, tiny_lesson.exercises["double"])["known"][0]
    numbers = outcomes_from_json(squares["outcomes"])[0].arrays["result"].tolist()
    assert all(float(f"{number:.13g}") == number for number in numbers)


def packed(lesson: Lesson) -> Any:
    source = hidden_test(lesson, lesson.exercises["double"])
    found = re.search(r'check_hidden\("double", double, "([A-Za-z0-9+/=]+)"\)', source)
    assert found is not None
    return unpack(found[1])


def test_a_hidden_test_has_other_inputs_than_the_visible_check(tiny_lesson: Lesson) -> None:
    hidden = from_json(packed(tiny_lesson)["cases"])
    visible = from_json(visible_data(tiny_lesson, tiny_lesson.exercises["double"])["cases"])
    assert [case["label"] for case in hidden] == [case["label"] for case in visible]
    assert not np.array_equal(hidden[0]["arguments"]["x"], visible[0]["arguments"]["x"])


def test_a_hidden_test_is_code_that_compiles_and_imports_what_it_needs(tiny_lesson: Lesson) -> None:
    source = hidden_test(tiny_lesson, tiny_lesson.exercises["double"])
    compile(source, "hidden", "exec")
    assert source.startswith("from downslope import check_hidden\n")


def with_mistakes(lesson: Lesson, *mistakes: Variant) -> Exercise:
    return replace(lesson.exercises["double"], mistakes=mistakes)


def test_accepted_forms_travel_with_the_hidden_test(tiny_lesson: Lesson) -> None:
    fine = Convention("fine", "So too.", [("2.0 * x", "3.0 * x")], accepted=True)
    wrong = Mistake("wrong", "No.", [("2.0 * x", "x")])
    tiny_lesson.exercises["double"] = with_mistakes(tiny_lesson, wrong, fine)
    assert set(packed(tiny_lesson)["accepted"]) == {"fine"}


@pytest.mark.parametrize(
    ("mistakes", "message"),
    [
        ([("same", "x + x")], "mistake 'same' of 'double' gives the right numbers"),
        ([("a", "x**2"), ("b", "x * x")], "mistakes 'a' and 'b' of 'double' give the same numbers"),
        (
            [("raises", "x / 'y'")],
            "mistake 'raises' of 'double' does not run through: double raised",
        ),
        ([("f32", "np.float32(2) * x.astype('f4')")], "mistake 'f32' .* has dtype float32"),
        ([("hidden", "np.where(np.abs(x) < 1e9, 2, 3) * x")], "gives the right numbers"),
    ],
)
def test_mistakes_that_cannot_be_told_apart_are_refused(
    tiny_lesson: Lesson, mistakes: list[tuple[str, str]], message: str
) -> None:
    variants = [Mistake(name, "?", [("2.0 * x", new)]) for name, new in mistakes]
    with pytest.raises(AutograderError, match=message):
        visible_data(tiny_lesson, with_mistakes(tiny_lesson, *variants))


def test_a_mistake_may_give_nan(tiny_lesson: Lesson) -> None:
    nan = Mistake("nan", "0/0.", [("2.0 * x", "0 * x / 0")])
    data = visible_data(tiny_lesson, with_mistakes(tiny_lesson, nan))
    assert "NaN" in json.dumps(data["known"])
