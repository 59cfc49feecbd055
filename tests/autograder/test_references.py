"""The instructor's own code is run, and its faults are told apart from a learner's."""

from typing import Any

import numpy as np
import pytest

from autograder.errors import AutograderError
from autograder.exercises import Convention, Exercise, Mistake, call_case, steps_case
from autograder.references import Reference, RunOnDemand, define, seeded_rng
from downslope.compare import recognise
from downslope.drivers import Case, Outcome

SOURCES = {
    "double": "def double(x):\n    return 2.0 * x\n",
    "fourfold": "def fourfold(x):\n    return double(double(x))\n",
}


def one_case(rng: np.random.Generator) -> list[Case]:
    return [call_case("x", x=rng.normal(size=3))]


def exercise(name: str = "fourfold", **parts: Any) -> Exercise:
    return Exercise(name, ("y",), one_case, **{"driver": "call", **parts})


CASES = [call_case("x", x=np.array([1.0, 2.0]))]
REFERENCE = Reference(SOURCES)


def test_a_solution_may_use_numpy_and_the_ones_before_it() -> None:
    assert REFERENCE.function("fourfold")(3.0) == 12.0


def test_a_solution_may_not_use_the_ones_after_it() -> None:
    reference = Reference(dict(reversed(SOURCES.items())))
    with pytest.raises(AutograderError, match="'fourfold' fails: fourfold raised NameError"):
        reference.expected(exercise(), CASES)


def test_a_variant_uses_the_reference_of_the_exercises_before() -> None:
    mistake = Mistake("m", "", [("double(double(x))", "double(x)")])
    assert REFERENCE.variant(exercise(), mistake)(3.0) == 6.0
    assert REFERENCE.function("fourfold")(3.0) == 12.0


def test_a_variant_of_its_own_source_may_define_helpers() -> None:
    source = "def twice(x):\n    return double(x)\ndef fourfold(x):\n    return twice(twice(x))\n"
    assert REFERENCE.variant(exercise(), Mistake("m", source=source))(1.0) == 4.0


def test_the_contract_takes_the_parameters_from_the_reference() -> None:
    contract = REFERENCE.contract(exercise(forbids=("torch",)))
    assert (contract.name, contract.parameters) == ("fourfold", ("x",))
    assert (contract.returns, contract.forbids) == (("y",), ("torch",))


def test_expected_numbers_are_the_references() -> None:
    outcome = REFERENCE.expected(exercise(), CASES)[0]
    np.testing.assert_array_equal(outcome.arrays["y"], [4.0, 8.0])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def f(x):\n    return 1 / 0\n", "fails: f raised ZeroDivisionError.*Mend the master"),
        ("def f(x):\n    x += 1\n    return x\n", "fails: changes .*Mend the master"),
        ("def f(x):\n    return x.tolist()\n", "fails: y is a list"),
        ("def f(x):\n    return x, x\n", "fails: y is a tuple"),
        ("def f(x):\n    return x / 0\n", "gives nan or inf"),
        ("def f(z):\n    return z\n", "a case of exercise 'f' lacks 'z'"),
        ("def f(x):\n    raise NotImplementedError\n", "f is not written yet"),
    ],
)
def test_a_faulty_reference_is_refused_with_the_reason(source: str, message: str) -> None:
    with pytest.raises(AutograderError, match=f"(?s){message}"):
        Reference({"f": source}).expected(exercise("f"), CASES)


def test_a_case_without_an_update_is_refused() -> None:
    reference = Reference({"f": "def f(theta):\n    return theta\n"})
    steps = Exercise("f", ("theta",), one_case)
    with pytest.raises(AutograderError, match="gives no numbers"):
        reference.expected(steps, [steps_case("x", {"theta": np.ones(1)}, [])])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def f(x:", "<reference f> fails: SyntaxError"),
        ("f = 1 / 0", "<reference f> fails: ZeroDivisionError"),
        ("g = 1", "<reference f> does not define f"),
    ],
)
def test_a_source_that_does_not_define_its_name_is_refused(source: str, message: str) -> None:
    with pytest.raises(AutograderError, match=message):
        Reference({"f": source})


def test_known_forms_keep_their_order_and_say_what_they_are() -> None:
    mistakes = (
        Mistake("plain", "One.", [("double(double(x))", "x")]),
        Convention("elsewhere", "Two.", [("double(double(x))", "double(x)")]),
        Convention("fine", "Three.", [("double(double(x))", "3 * x")], accepted=True),
    )
    known = REFERENCE.known(exercise(mistakes=mistakes), CASES)
    assert [(k.name, k.sentence, k.accepted, k.elsewhere) for k in known] == [
        ("plain", "One.", False, False),
        ("elsewhere", "Two.", False, True),
        ("fine", "Three.", True, True),
    ]
    assert known[2].outcomes[0].arrays["y"].tolist() == [3.0, 6.0]


def test_a_known_form_runs_only_as_far_as_it_is_asked_for() -> None:
    seen: list[str] = []

    def run_one(case: Case) -> Outcome:
        seen.append(case["label"])
        return Outcome({"y": np.array(float(len(case["label"])))})

    found = RunOnDemand(run_one, [{"label": label} for label in ("one", "three", "seven!")])
    assert (len(found), seen) == (3, [])
    assert [found[0].arrays["y"], found[-1].arrays["y"], found[0].arrays["y"]] == [3, 6, 3]
    assert seen == ["one", "seven!"]
    assert [each.arrays["y"] for each in found[1:]] == [5, 6]
    with pytest.raises(IndexError):
        found[3]


def test_a_form_that_parts_early_is_not_run_on_later_cases() -> None:
    cases = [call_case("two", x=np.array([2.0])), call_case("costly", x=np.array([9.0]))]
    costly = [("double(double(x))", "x if x[0] < 9 else 1 / 0")]
    known = REFERENCE.known(exercise(mistakes=(Mistake("lazy", "Half.", costly),)), cases)
    answer = [Outcome({"y": np.array([8.0])}), Outcome({"y": np.array([36.0])})]
    assert recognise(answer, known, 1e-9) is None
    assert list(known[0].outcomes)[1].problem is not None


def test_the_solutions_of_a_lesson_do_not_leak_into_each_other() -> None:
    reference = Reference({"f": "K = 1\ndef f(x):\n    return K * x\n", "g": "K = 5\ng = f\n"})
    assert reference.function("f")(1.0) == 1.0


def test_defining_into_a_namespace_shows_its_lines_in_tracebacks() -> None:
    space: dict[str, Any] = {"__name__": "__main__"}
    define("def f():\n    return [][1]\n", space, "<cell>", "f")
    with pytest.raises(IndexError) as caught:
        space["f"]()
    assert str(caught.traceback[-1].statement).strip() == "return [][1]"


def test_a_generator_depends_on_every_word_and_on_their_borders() -> None:
    draws = [
        seeded_rng(*words).integers(2**60)
        for words in (("a", "b"), ("a", "c"), ("b", "a"), ("ab",), ("a", "b", ""), ("a", "b"))
    ]
    assert len(set(draws)) == 5
    assert draws[0] == draws[-1]


def test_a_generator_gives_the_same_stream_on_every_machine() -> None:
    assert seeded_rng("visible", "01_tiny").integers(1000, size=3).tolist() == [989, 445, 123]
