"""From a declaration to the judge's reply: references, variants and helpers of every driver."""

import json
from typing import Any

import IPython.display
import numpy as np
import pytest

from autograder.cases import make_cases
from autograder.errors import AutograderError
from autograder.exercises import (
    Alternative,
    Exercise,
    Mistake,
    backward_case,
    call_case,
    error_case,
    keyed,
    nested_case,
    probe,
    text_case,
    value_case,
)
from autograder.references import Reference
from downslope.channel import MIME, outcomes_from_json, pack, respond
from downslope.compare import first_divergence
from downslope.drivers import Case
from downslope.plain import to_json

FORWARD = "def forward(x, w):\n    return x * w, (x, w)\n"
BACKWARD = (
    "def backward(upstream, cache):\n    x, w = cache\n    return upstream * w, upstream * x\n"
)
WITH_OWN_CACHE = """def forward(x, w):
    return x * w, {"x": x, "w": w}


def backward(upstream, cache):
    return upstream * cache["w"], upstream * cache["x"]
"""
REFERENCE = Reference({"forward": FORWARD, "backward": BACKWARD})


def backward_cases(rng: np.random.Generator) -> list[Case]:
    x, w, upstream = rng.normal(size=(3, 4))
    return [backward_case("four numbers", {"x": x, "w": w}, upstream=upstream)]


EXERCISE = Exercise(
    "backward",
    ("dx", "dw"),
    backward_cases,
    driver="forward_backward",
    uses=("forward",),
    mistakes=(Mistake("swapped", "You swap them.", [("* w, upstream * x", "* x, upstream * w")]),),
    alternatives=(Alternative("own_cache", source=WITH_OWN_CACHE),),
)
CASES = make_cases(EXERCISE, "seed")


def test_a_variant_of_a_backward_function_runs_on_the_references_cache() -> None:
    (known,) = REFERENCE.known(EXERCISE, CASES)
    expected = REFERENCE.expected(EXERCISE, CASES)[0].arrays
    np.testing.assert_array_equal(known.outcomes[0].arrays["dx"], expected["dw"])


def test_a_variant_may_bring_a_forward_function_of_its_own() -> None:
    function = REFERENCE.variant(EXERCISE, EXERCISE.alternatives[0])
    outcomes = REFERENCE.run(EXERCISE, function, CASES)
    assert first_divergence(outcomes, REFERENCE.expected(EXERCISE, CASES), 1e-12) is None


def reply_of(namespace: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    shown: list[Any] = []
    monkeypatch.setattr(IPython.display, "display", lambda data, **_: shown.append(data))
    contract = REFERENCE.contract(EXERCISE).to_json()
    asked = {**contract, "driver": EXERCISE.driver, "cases": to_json(CASES)}
    respond(pack(asked), namespace)
    return json.loads(shown[0][MIME])


def test_the_reply_is_made_with_the_learners_own_forward_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    space: dict[str, Any] = {}
    exec(WITH_OWN_CACHE, space)
    (outcome,) = outcomes_from_json(reply_of(space, monkeypatch)["outcomes"])
    expected = REFERENCE.expected(EXERCISE, CASES)[0].arrays
    np.testing.assert_array_equal(outcome.arrays["dw"], expected["dw"])


def test_a_reply_says_that_the_forward_function_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reply = reply_of({"backward": lambda upstream, cache: (upstream, upstream)}, monkeypatch)
    (outcome,) = outcomes_from_json(reply["outcomes"])
    assert outcome.problem is not None
    assert outcome.problem.kind == "needs"
    assert "Run the cell of forward first." in outcome.problem.text


def test_contracts_know_stars_defaults_and_that_a_class_has_no_parameters() -> None:
    sources = {
        "local": "def local(op, *inputs):\n    return 1.0\n",
        "slope": "def slope(f, x, h=1e-5):\n    return 1.0\n",
        "Value": "class Value:\n    def __init__(self, data, _parents=()): ...\n",
    }
    reference = Reference(sources)

    def contract(name: str, driver: str) -> Any:
        return reference.contract(Exercise(name, ("x",), lambda rng: [], driver=driver))

    assert contract("local", "call").parameters == ("op", "*inputs")
    assert contract("slope", "call").optional == ("h",)
    assert contract("Value", "value_class").parameters == ()


def test_cases_are_what_learners_get() -> None:
    def cases(_rng: np.random.Generator) -> list[Case]:
        return [call_case("a list of pairs", params=[(np.array([1 / 3]), 2.0)])]

    (case,) = make_cases(Exercise("f", ("x",), cases, driver="call"), "seed")
    ((weights, bias),) = case["arguments"]["params"]
    assert isinstance(case["arguments"]["params"][0], list)
    assert (weights.tolist(), bias) == ([0.333333], 2.0)


def test_a_dict_with_other_keys_than_strings_needs_to_be_said() -> None:
    def cases(_rng: np.random.Generator) -> list[Case]:
        return [call_case("ids are numbers", parents={1: [], 2: [1]})]

    with pytest.raises(AutograderError, match="other keys than strings"):
        make_cases(Exercise("f", ("x",), cases, driver="order"), "seed")
    assert keyed({1: [], 2: [1]}) == {"pairs": [[1, []], [2, [1]]]}


def test_helpers_make_the_cases_that_drivers_read() -> None:
    assert error_case("a cycle", "ValueError", x=1)["raises"] == "ValueError"
    assert text_case("a word", ("slow", "fast"), x=1)["words"] == ["slow", "fast"]
    assert nested_case("two", 2, x=1)["template"] == [None, None]
    assert nested_case("named", [("dW", "db")], x=1)["template"] == [("dW", "db")]
    assert "template" not in nested_case("any", None, x=1)
    assert "output" not in value_case("a sum", {"a": 1.0}, ["b = a + a"])
    assert value_case("a sum", {"a": 1.0}, ["b = a + a"], "b")["names"] == ["a", "b"]


def test_an_unknown_probe_is_refused_where_it_is_declared() -> None:
    assert probe("linear", slope=2.0) == {"probe": "linear", "slope": 2.0}
    with pytest.raises(AutograderError, match="unknown probe 'fly'"):
        probe("fly")
