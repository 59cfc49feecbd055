"""The channel between judge and sandbox: honest replies arrive, forged ones are refused."""

import json
from typing import Any

import IPython.display
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downslope.channel import (
    MAX_NAMES,
    MAX_TEXT,
    MIME,
    outcomes_from_json,
    outcomes_to_json,
    pack,
    respond,
    unpack,
)
from downslope.drivers import MAX_NUMBERS, PROBLEM_KINDS, Outcome, Problem
from downslope.plain import to_json

NAN, INF = float("nan"), float("inf")


def reply(**fields: Any) -> list[Any]:
    """One outcome as JSON, with fields replaced."""
    arrays = {"theta": to_json(np.array([1.0, 2.0]))}
    return [{"arrays": arrays, "changed": [], "problem": None, **fields}]


def read(data: object) -> list[Outcome]:
    return outcomes_from_json(json.loads(json.dumps(data)))


def test_outcomes_come_back_as_they_went() -> None:
    arrays = {"theta": np.array([[0.1, NAN], [INF, -0.0]]), "f": np.array(2.5)}
    sent = [Outcome(arrays, ("grad",)), Outcome({}, (), Problem("raised", "Oh\n  no"))]
    first, second = read(outcomes_to_json(sent))
    assert first.changed == ("grad",)
    for name, array in arrays.items():
        np.testing.assert_array_equal(first.arrays[name], array)
    assert second == sent[1]


FORGED: dict[str, object] = {
    "a number": 3,
    "a dict": {"arrays": {}},
    "a score": [{"score": 99}],
    "an extra field": reply(passed=True),
    "a missing field": [{"arrays": {}, "changed": []}],
    "arrays in a list": reply(arrays=[to_json(np.zeros(2))]),
    "an array for arrays": reply(arrays=to_json(np.zeros(2))),
    "a bare list as array": reply(arrays={"theta": [1.0, 2.0]}),
    "a bare number as array": reply(arrays={"theta": 1.0}),
    "float32": reply(arrays={"theta": to_json(np.zeros(2, np.float32))}),
    "integers": reply(arrays={"theta": to_json(np.zeros(2, np.int64))}),
    "objects": reply(arrays={"theta": {"array": [None], "dtype": "object", "shape": [1]}}),
    "an unhashable dtype": reply(arrays={"theta": {"array": [1], "dtype": [], "shape": [1]}}),
    "another shape": reply(arrays={"theta": {"array": [1.0], "dtype": "float64", "shape": [2]}}),
    "too many numbers": reply(arrays={"theta": to_json(np.zeros(MAX_NUMBERS + 1))}),
    "changed as text": reply(changed="theta"),
    "changed numbers": reply(changed=[1]),
    "changed prose": reply(changed=["theta in place. Full points"]),
    "changed novels": reply(changed=["a" * 1000]),
    "changed too many": reply(changed=["a"] * (MAX_NAMES + 1)),
    "a problem as text": reply(problem="raised"),
    "a problem of one part": reply(problem=["raised"]),
    "a problem of three parts": reply(problem=["raised", "a", "b"]),
    "a problem of numbers": reply(problem=["raised", 3]),
    "a problem of an unknown kind": reply(problem=["<script>", "x"]),
    "a mistake's name as problem": reply(problem=["no_correction", "x"]),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_reply_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(FORGED[name])


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.sampled_from(["float64", "raised", "x"]),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.fixed_dictionaries({"arrays": inner, "changed": inner, "problem": inner})
            | st.fixed_dictionaries({"array": inner, "dtype": inner, "shape": inner})
            | st.fixed_dictionaries({"theta": inner})
        ),
        max_leaves=12,
    )
)
def test_whatever_arrives_is_outcomes_or_a_value_error(data: object) -> None:
    try:
        outcomes = read(data)
    except ValueError:
        return
    assert all(isinstance(outcome, Outcome) for outcome in outcomes)


@pytest.mark.parametrize("kind", sorted(PROBLEM_KINDS))
def test_every_kind_of_problem_may_be_reported(kind: str) -> None:
    assert read(reply(problem=[kind, "text"]))[0].problem == Problem(kind, "text")


@pytest.mark.parametrize("text", ["\ud800", "a\x00b", "\x1b[2J", "\u202egnp.exe", "x" * 10**5])
def test_texts_are_short_and_can_be_stored_anywhere(text: str) -> None:
    problem = read(reply(problem=["raised", text]))[0].problem
    assert problem is not None
    assert len(problem.text) <= MAX_TEXT
    assert problem.text.encode("utf-8").decode().replace("\n", " ").isprintable()


def test_line_breaks_and_letters_of_all_scripts_are_kept() -> None:
    text = "θ – ошибка\n\tλ = 1"
    assert read(reply(problem=["raised", text]))[0].problem == Problem("raised", text)


def test_packed_data_is_one_line_of_ascii() -> None:
    data = {"text": "θ\n'\"", "numbers": [0.1, NAN]}
    packed = pack(data)
    assert packed.isascii()
    assert not set(packed) & set("'\"\\\n ")
    assert unpack(packed)["text"] == data["text"]


def ask(name: str, namespace: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let a namespace answer a question about `name` and return its reply."""
    case = {"label": "x", "arguments": {"x": np.array([1.0, 2.0])}}
    asked = {"name": name, "driver": "call", "parameters": ["x"], "returns": ["y"]}
    shown: list[Any] = []
    monkeypatch.setattr(IPython.display, "display", lambda data, raw: shown.append(data))
    respond(pack({**asked, "forbids": [], "cases": to_json([case])}), namespace)
    assert [set(data) for data in shown] == [{MIME}]
    return json.loads(shown[0][MIME])


def test_a_function_answers_with_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ask("double", {"double": lambda x: 2 * x}, monkeypatch)
    assert answer["missing"] is False
    np.testing.assert_array_equal(read(answer["outcomes"])[0].arrays["y"], [2.0, 4.0])


def test_a_function_that_does_not_exist_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask("double", {"other": 1}, monkeypatch) == {"missing": True}


@pytest.mark.parametrize("answer", [3, None, lambda x: None, lambda x: 1 / 0])
def test_a_faulty_answer_is_a_problem_and_no_error(
    answer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = read(ask("double", {"double": answer}, monkeypatch)["outcomes"])[0]
    assert outcome.problem is not None


def test_nan_and_inf_travel(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ask("f", {"f": lambda x: np.array([NAN, INF])}, monkeypatch)
    np.testing.assert_array_equal(read(answer["outcomes"])[0].arrays["y"], [NAN, INF])
