"""Drivers of one function: dicts, words, nested values, forward then backward, errors, probes."""

import collections
import functools
import json
import types
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pytest

from downslope.channel import outcomes_from_json, outcomes_to_json
from downslope.drivers import Case, Contract, Outcome, run_cases

X, W, B = np.arange(6.0).reshape(2, 3), np.array([[1.0, -2.0, 0.5]]), np.array([0.25])
UP = np.array([[2.0], [-1.0]])


def only(driver: str, function: object, contract: Contract, case: Case, **more: Any) -> Outcome:
    """The outcome of one case, after a journey through JSON."""
    outcomes = run_cases(driver, function, contract, [{"label": "a case", **case}], **more)
    sent = json.loads(json.dumps(outcomes_to_json(outcomes)))
    return outcomes_from_json(sent)[0]


def problem_of(outcome: Outcome) -> tuple[str, str]:
    assert outcome.problem is not None
    return outcome.problem.kind, outcome.problem.text


# A dict by its keys.

CURVES = Contract("curves", ("z",), ("double", "square"))


def mapping(function: object) -> Outcome:
    return only("mapping", function, CURVES, {"arguments": {"z": np.array([1.0, 3.0])}})


class Odd(dict[str, Any]):
    def __getitem__(self, key: str) -> Any:
        return 0.0

    def items(self) -> Any:
        return ()


@pytest.mark.parametrize("kind", [dict, collections.OrderedDict, Odd])
def test_a_dict_is_read_by_its_keys_whatever_their_order(kind: Any) -> None:
    outcome = mapping(lambda z: kind({"square": z**2, "double": 2 * z}))
    assert list(outcome.arrays) == ["double", "square"]
    np.testing.assert_array_equal(outcome.arrays["square"], [1.0, 9.0])


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        ({"double": 1.0}, "keys", "lacks square. Its keys must be double, square."),
        ({"double": 1.0, "square": 1.0, "cube": 1.0}, "keys", "holds 'cube' too."),
        ({"Double": 1.0, "square": 1.0}, "keys", "lacks double and holds 'Double' too."),
        ({"double": 1.0, "square": "9"}, "type", "square is a str."),
        ((1.0, 2.0), "type", "returned a tuple. It must return a dict."),
        (None, "nothing", "returned nothing"),
    ],
)
def test_what_is_not_that_dict_is_said_in_words(value: Any, kind: str, words: str) -> None:
    found, text = problem_of(mapping(lambda z: value))
    assert (found, words in text) == (kind, True), text


# Columns typed by hand.

COLUMNS = Contract("columns", (), ("x", "loss"))
TYPED = ([[1, -2], [0, 4]], [2, 0.5])


def table(value: Any, contract: Contract = COLUMNS) -> Outcome:
    return only("table", lambda: value, contract, {"arguments": {}})


@pytest.mark.parametrize(
    "value",
    [
        TYPED,
        list(TYPED),
        (((1, -2), (0, 4)), (2, 0.5)),
        (np.array(TYPED[0]), np.array(TYPED[1])),
        (np.array(TYPED[0], dtype=np.int32), np.array(TYPED[1], dtype=np.float32)),
        ([np.array([1, -2]), np.array([0.0, 4.0])], (np.int64(2), np.float64(0.5))),
    ],
)
def test_a_typed_table_may_be_lists_tuples_and_whole_numbers(value: Any) -> None:
    arrays = table(value).arrays
    assert [array.dtype for array in arrays.values()] == [np.float64] * 2
    np.testing.assert_array_equal(arrays["x"], TYPED[0])
    np.testing.assert_array_equal(arrays["loss"], TYPED[1])


def test_a_typed_table_may_be_one_array_with_a_column_in_each_row() -> None:
    arrays = table(np.array([[1, 2, 3], [4, 5, 6]])).arrays
    np.testing.assert_array_equal(arrays["loss"], [4.0, 5.0, 6.0])


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (None, "nothing", "columns returned nothing. It must return x, loss."),
        (([1, 2],), "count", "1 values"),
        (([[1, 2], [3]], [1, 2]), "shape", "The rows of x are not equally long."),
        (([1, ...], [1, 2]), "type", "x is a ellipsis."),
        (([1, "2"], [1, 2]), "type", "x is a str."),
        (([1, True], [1, 2]), "type", "x is a bool."),
        (([[[1]]], [1, 2]), "type", "x is a list."),
        ((np.array([True]), [1, 2]), "dtype", "x has dtype bool."),
        ((np.array([1 + 2j]), [1, 2]), "dtype", "x has dtype complex128."),
    ],
)
def test_a_table_that_holds_something_else_is_refused_in_words(
    value: Any, kind: str, words: str
) -> None:
    found, text = problem_of(table(value))
    assert (found, words in text) == (kind, True), text


# One of a few words.

SPEED = Contract("speed", ("lr",), ("answer",))


def text(value: Any, words: Any = ("slow", "fast")) -> Outcome:
    case = {"arguments": {"lr": 0.1}, "words": list(words)}
    return only("text", lambda lr: value, SPEED, case)


@pytest.mark.parametrize(
    ("value", "words", "code"),
    [
        ("slow", ("slow", "fast"), 0.0),
        ("fast", ("slow", "fast"), 1.0),
        (np.str_("fast"), ("slow", "fast"), 1.0),
        (True, (False, True), 1.0),
        (np.bool_(False), (False, True), 0.0),
    ],
)
def test_a_word_crosses_as_its_position(value: Any, words: Any, code: float) -> None:
    assert float(text(value, words).arrays["answer"]) == code


@pytest.mark.parametrize(
    ("value", "words", "kind"),
    [
        ("Slow", ("slow", "fast"), "word"),
        (1, (False, True), "type"),
        (0.0, (False, True), "type"),
        (np.array(True), (False, True), "type"),
        (["slow"], ("slow", "fast"), "type"),
        (None, ("slow", "fast"), "nothing"),
    ],
)
def test_another_word_or_kind_is_refused_and_told_the_words(
    value: Any, words: Any, kind: str
) -> None:
    found, said = problem_of(text(value, words))
    assert found == kind
    assert f"{words[0]!r} or {words[1]!r}" in said


# Nested tuples and lists.

LAYERS = Contract("layers", (), ("grads",))
TEMPLATE = [["dW", "db"], ["dW", None]]


def nested(value: Any, template: Any = TEMPLATE) -> Outcome:
    case: Case = {"arguments": {}}
    case |= {} if template is None else {"template": template}
    return only("nested", lambda: value, LAYERS, case)


class Layer(NamedTuple):
    weights: Any
    bias: Any


@pytest.mark.parametrize("kind", [tuple, list, lambda pair: Layer(*pair)])
def test_nested_arrays_are_named_by_place_and_template(kind: Any) -> None:
    outcome = nested([kind((W, B)), kind((2 * W, 3.0))])
    assert list(outcome.arrays) == ["[0].dW", "[0].db", "[1].dW", "[1][1]"]
    np.testing.assert_array_equal(outcome.arrays["[1].dW"], 2 * W)


def test_without_a_template_places_are_names() -> None:
    assert list(nested(((1.0, (W,)), 2.0), None).arrays) == ["[0][0]", "[0][1][0]", "[1]"]
    assert list(nested(1.0, None).arrays) == ["grads"]


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        ([(W, B)], "nesting", "returns has 1 entries. It must be a tuple or list of 2: ((dW, db)"),
        ([(W, B), W], "nesting", "grads[1] is a ndarray"),
        ([(W, B), (W, B, B)], "nesting", "grads[1] has 3 entries"),
        ([(W, B), (W, "b")], "type", "grads[1][1] is a str"),
        ([(W, B), (W, [0.5])], "type", "grads[1][1] is a list"),
        ({}, "nesting", "is a dict"),
        (None, "nothing", "returned nothing"),
    ],
)
def test_another_nesting_is_said_in_words(value: Any, kind: str, words: str) -> None:
    found, said = problem_of(nested(value))
    assert (found, words in said) == (kind, True), said


def test_a_list_that_holds_itself_ends_in_words() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert problem_of(nested(endless, None))[0] == "nesting"


# Forward, then backward on the learner's own cache.


def linear_forward(X: Any, W: Any, b: Any) -> Any:
    return X @ W.T + b, {"X": X, "W": W}


def linear_backward(upstream: Any, cache: Any) -> Any:
    return upstream @ cache["W"], upstream.T @ cache["X"], upstream.sum(axis=0)


FORWARD = Contract("linear_forward", ("X", "W", "b"), ("out",))
BACKWARD = Contract(
    "linear_backward", ("upstream", "cache"), ("dX", "dW", "db"), uses=("linear_forward",)
)
GIVEN = {"X": X, "W": W, "b": B}


def backward(function: object, forward: object = linear_forward, **case: Any) -> Outcome:
    whole = {"forward": GIVEN, "arguments": {"upstream": UP}, **case}
    space = {"linear_forward": forward}
    return only("forward_backward", function, BACKWARD, whole, namespace=space)


def test_a_forward_function_is_judged_by_its_output_alone() -> None:
    outcome = only("forward_backward", linear_forward, FORWARD, {"arguments": GIVEN})
    assert list(outcome.arrays) == ["out"]
    np.testing.assert_array_equal(outcome.arrays["out"], X @ W.T + B)


@pytest.mark.parametrize(
    ("value", "kind"), [(X, "count"), ((X, 1, 2), "count"), (None, "nothing"), (("no", 1), "type")]
)
def test_a_forward_function_returns_two_things(value: Any, kind: str) -> None:
    found = only("forward_backward", lambda *a: value, FORWARD, {"arguments": GIVEN})
    assert problem_of(found)[0] == kind


def test_a_backward_function_gets_the_cache_of_the_learners_own_forward() -> None:
    outcome = backward(linear_backward)
    np.testing.assert_array_equal(outcome.arrays["dW"], UP.T @ X)
    other = backward(
        lambda upstream, kept: (upstream @ kept[1], upstream.T @ kept[0], upstream.sum(axis=0)),
        lambda X, W, b: [X @ W.T + b, (X, W)],
    )
    np.testing.assert_array_equal(other.arrays["dW"], UP.T @ X)


def test_a_cache_may_be_anything() -> None:
    def forward(X: Any, W: Any, b: Any) -> Any:
        return X @ W.T + b, (row for row in (X, W))

    def function(upstream: Any, cache: Any) -> Any:
        x, w = cache
        return upstream @ w, upstream.T @ x, upstream.sum(axis=0)

    assert backward(function, forward).problem is None


def test_nested_gradients_are_read_by_the_template() -> None:
    outcome = backward(lambda u, c: [linear_backward(u, c)[1:]], template=[["dW", "db"]])
    assert list(outcome.arrays) == ["[0].dW", "[0].db"]


def test_a_cache_that_is_changed_is_noted() -> None:
    def function(upstream: Any, cache: Any) -> Any:
        found = linear_backward(upstream, cache)
        cache["X"] *= 0.0
        return found

    assert backward(function).changed == ("cache",)


def not_written_yet(*arguments: Any) -> NoReturn:
    raise NotImplementedError


@pytest.mark.parametrize(
    ("forward", "kind", "words"),
    [
        (not_written_yet, "needs", "gets its cache from your linear_forward. linear_forward"),
        (lambda X, W: 1, "raised", "linear_forward raised TypeError"),
        (lambda X, W, b: X @ W.T, "count", "linear_forward returned one ndarray"),
        (3, "needs", "your linear_forward, which is not defined"),
    ],
)
def test_a_forward_function_that_fails_is_named(forward: Any, kind: str, words: str) -> None:
    found, said = problem_of(backward(linear_backward, forward))
    assert (found, words in said) == (kind, True), said


def test_a_helper_is_found_in_the_answers_own_globals() -> None:
    case = {"forward": GIVEN, "arguments": {"upstream": UP}}
    for function in (linear_backward, functools.partial(linear_backward)):
        assert only("forward_backward", function, BACKWARD, case).problem is None


def test_a_helper_is_found_in_the_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    import IPython

    shell = types.SimpleNamespace(user_ns={"linear_forward": linear_forward})
    case = {"forward": GIVEN, "arguments": {"upstream": UP}}
    lonely = eval("lambda u, c: (u @ c['W'], u.T @ c['X'], u.sum(axis=0))", {})
    assert problem_of(only("forward_backward", lonely, BACKWARD, case))[0] == "needs"
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    assert only("forward_backward", lonely, BACKWARD, case).problem is None


def test_a_backward_case_leaves_one_parameter_open() -> None:
    with pytest.raises(KeyError, match="one open parameter"):
        backward(linear_backward, arguments={})


# Arguments: starred, left out, probes, containers.


def test_a_starred_parameter_is_spread() -> None:
    contract = Contract("total", ("op", "*inputs"), ("sum",))
    case = {"arguments": {"op": "add", "inputs": [1.0, 2.0, 4.0]}}
    outcome = only("call", lambda op, *inputs: sum(inputs), contract, case)
    assert float(outcome.arrays["sum"]) == 7.0


def test_a_parameter_with_a_default_may_be_left_out() -> None:
    contract = Contract("scaled", ("x", "h"), ("y",), optional=("h",))
    outcome = only("call", lambda x, h=3.0: x * h, contract, {"arguments": {"x": 2.0}})
    assert float(outcome.arrays["y"]) == 6.0
    needed = contract._replace(optional=())
    with pytest.raises(KeyError):
        only("call", lambda x, h=3.0: x * h, needed, {"arguments": {"x": 2.0}})


def test_a_probe_is_a_function_and_its_calls_are_returned() -> None:
    contract = Contract("slope", ("f", "x"), ("slope", "calls"))
    case = {"arguments": {"f": {"probe": "cubic"}, "x": np.array([1.0])}}
    outcome = only("call", lambda f, x: (f(x + 1) - f(x - 1)) / 2, contract, case)
    assert float(outcome.arrays["slope"]) == 4.0
    np.testing.assert_array_equal(outcome.arrays["calls"], [[2.0], [0.0]])
    assert outcome.changed == ()
    silent = only("call", lambda f, x: 4.0, contract, case)
    assert silent.arrays["calls"].shape == (0,)


def test_a_probe_called_with_arrays_of_several_shapes_is_said_in_words() -> None:
    contract = Contract("slope", ("f",), ("slope", "calls"))
    case = {"arguments": {"f": {"probe": "cubic"}}}
    outcome = only("call", lambda f: f(1.0) + f(np.ones(2)), contract, case)
    assert problem_of(outcome) == (
        "shape",
        "The given function was called with arrays of shape () and (2,).",
    )


def spoil_array(params: Any) -> None:
    params[1][0][0, 0] = 9.0


def spoil_list(params: Any) -> None:
    params[0] = params[1]


def spoil_entry(params: Any) -> None:
    params[0][1] = 0.5


def spoil_length(params: Any) -> None:
    params.pop()


@pytest.mark.parametrize("spoil", [spoil_array, spoil_list, spoil_entry, spoil_length])
def test_changes_deep_inside_a_list_are_noted(spoil: Any) -> None:
    params = [[W, B], [2 * W, B]]
    contract = Contract("move", ("params",), ("out",))
    case = {"arguments": {"params": params}}
    outcome = only("call", lambda params: (spoil(params), 1.0)[1], contract, case)
    assert outcome.changed == ("params",)
    np.testing.assert_array_equal(params[1][0], 2 * W)
    assert only("call", lambda params: 1.0, contract, case).changed == ()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda graph: graph["b"].append("z"),
        lambda graph: graph.pop("a"),
        lambda graph: graph.setdefault("z", []),
        lambda graph: graph.update(graph.pop("b") and {"b": ["a"]}),
        lambda graph: graph.update(b="a"),
    ],
)
def test_changes_of_a_dict_are_noted(spoil: Any) -> None:
    graph: dict[str, list[str]] = {"b": ["a"], "a": []}
    case = {"arguments": {"parents": graph}}
    contract = Contract("walk", ("parents",), ("out",))
    outcome = only("call", lambda parents: (spoil(parents), 1.0)[1], contract, case)
    assert outcome.changed == ("parents",)
    assert graph == {"b": ["a"], "a": []}


def test_labels_arrive_as_integers() -> None:
    contract = Contract("first", ("labels",), ("one",))
    case = {"arguments": {"labels": np.array([2, 1])}}
    outcome = only("call", lambda labels: float(X[0][labels][0]), contract, case)
    assert float(outcome.arrays["one"]) == 2.0


# Errors that are right.

STRICT = Contract("strict", ("x",), ("y",))


def expect(function: object) -> Outcome:
    return only("call", function, STRICT, {"arguments": {"x": -1.0}, "raises": "ValueError"})


class Negative(ValueError):
    pass


def raising(error: BaseException) -> Any:
    def function(x: Any) -> NoReturn:
        raise error

    return function


@pytest.mark.parametrize("error", [ValueError("no"), Negative()])
def test_the_right_error_is_a_number(error: ValueError) -> None:
    outcome = expect(raising(error))
    assert {name: float(a) for name, a in outcome.arrays.items()} == {"raises ValueError": 1.0}


@pytest.mark.parametrize("value", [1.0, None, ValueError("returned, not raised")])
def test_a_returned_value_is_another_number(value: Any) -> None:
    assert float(expect(lambda x: value).arrays["raises ValueError"]) == 0.0


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError(), SystemExit(0)])
def test_another_error_is_said_in_words(error: BaseException) -> None:
    kind, said = problem_of(expect(raising(error)))
    assert kind == "raised"
    assert said.endswith("Here it must raise ValueError: a case.")


def test_a_blank_answer_stays_blank_where_an_error_is_right() -> None:
    assert problem_of(expect(not_written_yet))[0] == "not_written"


def test_a_contract_survives_json_and_keeps_what_it_has_short() -> None:
    assert STRICT.to_json() == {
        "name": "strict",
        "parameters": ["x"],
        "returns": ["y"],
        "forbids": [],
    }
    for contract in (STRICT, BACKWARD, CURVES._replace(optional=("z",))):
        assert Contract.from_json(json.loads(json.dumps(contract.to_json()))) == contract
