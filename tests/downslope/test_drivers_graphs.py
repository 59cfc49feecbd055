"""Drivers on graphs and classes: properties of an order, numbers by id, programs over Values."""

import collections
import json
from typing import Any

import numpy as np
import pytest

from downslope.channel import outcomes_from_json, outcomes_to_json
from downslope.compare import Divergence, Verdict, first_divergence
from downslope.drivers import Case, Contract, Outcome, run_cases
from downslope.drivers.evidence import asked, worked_out
from downslope.drivers.expressions import names_in
from downslope.messages import explain

ORDER = Contract("order", ("parents",), ("order",))
GRADS = Contract("grads", ("parents",), ("grads",))
VALUE = Contract("Value", (), ("data", "grad"))
DIAMOND = {"d": ["b", "c"], "b": ["a"], "c": ["a"], "a": []}


def only(driver: str, function: object, contract: Contract, case: Case) -> Outcome:
    """The outcome of one case, after a journey through JSON."""
    outcomes = run_cases(driver, function, contract, [{"label": "a case", **case}])
    sent = json.loads(json.dumps(outcomes_to_json(outcomes)))
    return outcomes_from_json(sent)[0]


def problem_of(outcome: Outcome) -> tuple[str, str]:
    assert outcome.problem is not None
    return outcome.problem.kind, outcome.problem.text


def ordered(value: Any, parents: Any = DIAMOND) -> Outcome:
    return only("order", lambda parents: value, ORDER, {"arguments": {"parents": parents}})


def numbers(outcome: Outcome) -> dict[str, Any]:
    assert outcome.problem is None, outcome.problem
    return {name: array.tolist() for name, array in outcome.arrays.items()}


RIGHT = {
    "times in the list": [1.0] * 4,
    "parent first": [1.0] * 4,
    "ids that are not nodes": 0.0,
}


@pytest.mark.parametrize("value", [list("abcd"), list("acbd"), tuple("abcd")])
def test_every_right_order_gives_the_same_numbers(value: Any) -> None:
    assert numbers(ordered(value)) == RIGHT


@pytest.mark.parametrize(
    ("value", "array", "wanted"),
    [
        ("dcba", "parent first", [0.0] * 4),
        ("dbca", "parent first", [0.0] * 4),
        ("badc", "parent first", [1.0, 0.0, 0.0, 1.0]),
        ("bcd", "times in the list", [1.0, 1.0, 1.0, 0.0]),
        ("aabcd", "times in the list", [1.0, 1.0, 1.0, 2.0]),
        ("", "times in the list", [0.0] * 4),
        ("abcdz", "ids that are not nodes", 1.0),
    ],
)
def test_a_wrong_order_gives_numbers_of_its_own(value: str, array: str, wanted: Any) -> None:
    assert numbers(ordered(list(value)))[array] == wanted


def test_a_node_that_comes_back_later_does_not_mend_the_order() -> None:
    found = numbers(ordered(list("dabcd")))
    assert found["parent first"] == [0.0, 0.0, 1.0, 1.0]
    assert found["times in the list"] == [2.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize("value", [np.array(list("abcd")), list(np.array(list("abcd")))])
def test_ids_may_come_out_of_an_array(value: Any) -> None:
    assert numbers(ordered(value)) == RIGHT


def test_ids_may_be_numbers() -> None:
    outcome = ordered([1, 2, 3], {"pairs": [[3, [1, 2]], [1, []], [2, [1]]]})
    assert numbers(outcome)["parent first"] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("value", "kind"),
    [(None, "nothing"), ("abcd", "type"), ({"a"}, "type"), ([["a"]], "type"), ([1.0], "type")],
)
def test_what_is_not_a_list_of_ids_is_said_in_words(value: Any, kind: str) -> None:
    assert problem_of(ordered(value))[0] == kind


def test_a_graph_that_was_eaten_up_is_noted() -> None:
    def eats(parents: Any) -> Any:
        parents.clear()
        return list("abcd")

    outcome = only("order", eats, ORDER, {"arguments": {"parents": DIAMOND}})
    assert outcome.changed == ("parents",)


# Numbers by id.


def by_id(value: Any, **case: Any) -> Outcome:
    whole = {"arguments": {"parents": DIAMOND}, **case}
    return only("numbers_by_id", lambda parents: value, GRADS, whole)


@pytest.mark.parametrize("kind", [dict, lambda d: collections.defaultdict(float, d)])
def test_numbers_come_in_the_order_of_the_nodes(kind: Any) -> None:
    value = kind({"a": 4, "b": np.float64(2.0), "c": np.array(3.0), "d": 1.0})
    assert numbers(by_id(value)) == {"grads": [1.0, 2.0, 3.0, 4.0]}
    assert numbers(by_id(value, ids=list("abcd"))) == {"grads": [4.0, 2.0, 3.0, 1.0]}


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        ({"a": 1.0, "d": 1.0}, "keys", "no entry for 'b', 'c'. Every id needs one."),
        ({**dict.fromkeys("abcd", 1.0), "e": 1.0}, "keys", "ids that are not nodes"),
        ({**dict.fromkeys("abc", 1.0), "d": None}, "type", "the entry of 'd' is a NoneType"),
        ({**dict.fromkeys("abc", 1.0), "d": np.ones(1)}, "shape", "It must be a number"),
        ([1.0], "type", "It must return a dict"),
        (None, "nothing", "returned nothing"),
    ],
)
def test_another_dict_is_said_in_words(value: Any, kind: str, words: str) -> None:
    found, said = problem_of(by_id(value))
    assert (found, words in said) == (kind, True), said


# Programs over a class.


class Value:
    """Enough of a class to drive: it notes its parents and how they came in."""

    def __init__(self, data: Any, parents: Any = ()) -> None:
        self.data, self.grad, self.parents = float(data), 0.0, parents

    def __add__(self, other: Any) -> Any:
        other = other if isinstance(other, Value) else Value(other)
        return type(self)(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other: Any) -> Any:
        other = other if isinstance(other, Value) else Value(other)
        return type(self)(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, n: Any) -> Any:
        return type(self)(self.data**n, ((self, n * self.data ** (n - 1)),))

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Any:
        return self * -1.0

    def __sub__(self, other: Any) -> Any:
        return self + other * -1.0

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __truediv__(self, other: Any) -> Any:
        return self * (other**-1.0)

    def __rtruediv__(self, other: Any) -> Any:
        return self**-1.0 * other

    def relu(self) -> Any:
        return type(self)(max(self.data, 0.0), ((self, float(self.data > 0)),))

    def exp(self) -> Any:
        return type(self)(np.exp(self.data), ((self, np.exp(self.data)),))

    def log(self) -> Any:
        return type(self)(np.log(self.data), ((self, 1 / self.data),))

    def tanh(self) -> Any:
        raise NotImplementedError

    def sorted(self) -> list[Any]:
        order, waiting, seen = [], [(self, False)], set()
        while waiting:
            node, done = waiting.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                waiting += [(node, True), *((parent, False) for parent, _ in node.parents)]
        return order

    def backward(self) -> None:
        self.grad = 1.0
        for node in reversed(self.sorted()):
            for parent, slope in node.parents:
                parent.grad += slope * node.grad


class Overwriting(Value):
    def backward(self) -> None:
        self.grad = 1.0
        for node in reversed(self.sorted()):
            for parent, slope in node.parents:
                parent.grad = slope * node.grad


class Recursive(Value):
    def backward(self, above: float = 1.0) -> None:
        self.grad += above
        for parent, slope in self.parents:
            Recursive.backward(parent, slope * above)


def program(
    lines: list[str], output: str | None = None, kind: object = Value, **leaves: float
) -> Outcome:
    case = {"leaves": leaves or {"a": 2.0}, "program": lines, "output": output}
    return only("value_class", kind, VALUE, case)


def test_names_are_leaves_then_targets_in_order() -> None:
    assert names_in(["x"], ["y = x + x", "3 times: y = y * 2", "y.backward()"]) == ["x", "y"]


def test_a_shared_node_gets_all_its_parts() -> None:
    found = numbers(program(["b = a + a", "c = b + b"], "c"))
    assert found == {"data": [2.0, 4.0, 8.0], "grad": [4.0, 2.0, 1.0]}
    wrong = numbers(program(["b = a + a", "c = b + b"], "c", Overwriting))
    assert wrong == {"data": [2.0, 4.0, 8.0], "grad": [1.0, 1.0, 1.0]}


LINES = ["c = (2 - a) * b / 3", "d = relu(-c) + 1 / b ** 2", "e = log(exp(d) - 0.5)"]


def plain(a: float, b: float) -> list[float]:
    c = (2 - a) * b / 3
    d = max(-c, 0.0) + 1 / b**2
    return [a, b, c, d, float(np.log(np.exp(d) - 0.5))]


def test_operators_with_numbers_on_either_side_and_methods() -> None:
    found = numbers(program(LINES, "e", a=1.5, b=-2.0))
    np.testing.assert_allclose(found["data"], plain(1.5, -2.0), rtol=1e-14)
    h = 1e-6
    slopes = [
        (plain(1.5 + h, -2.0)[-1] - plain(1.5 - h, -2.0)[-1]) / (2 * h),
        (plain(1.5, -2.0 + h)[-1] - plain(1.5, -2.0 - h)[-1]) / (2 * h),
    ]
    np.testing.assert_allclose(found["grad"][:2], slopes, rtol=1e-8)


def test_a_node_without_a_way_to_the_output_has_no_gradient() -> None:
    assert numbers(program(["b = a * 3"], "b", a=2.0, k=5.0))["grad"] == [3.0, 0.0, 1.0]


def test_backward_may_stand_in_the_program_or_nowhere() -> None:
    twice = ["b = a * 3", "b.backward()", "b.backward()"]
    assert numbers(program(twice))["grad"] == [6.0, 1.0]
    assert numbers(program(["b = a * 3"]))["grad"] == [0.0, 0.0]


CHAIN = ["b = a * 1.5", "10000 times: b = b + 0.001"]


def test_ten_thousand_nodes_are_driven() -> None:
    found = numbers(program(CHAIN, "b"))
    assert found["grad"] == [1.5, 1.0]
    assert found["data"][1] == pytest.approx(13.0)


def test_a_chain_that_is_too_deep_is_named_and_explained() -> None:
    kind, said = problem_of(program(CHAIN, "b", Recursive))
    assert kind == "recursion"
    assert said.startswith("In the line 'b.backward()': Value raised RecursionError")
    assert "in a loop" in said


class NotAValue(Value):
    def __mul__(self, other: Any) -> Any:
        return self.data * float(getattr(other, "data", other))

    def relu(self) -> Any:
        return None


class Rounded(Value):
    def __init__(self, data: Any, parents: Any = ()) -> None:
        super().__init__(data, parents)
        self.data = np.float32(data)  # type: ignore[assignment]


class WithoutGrad(Value):
    def __init__(self, data: Any, parents: Any = ()) -> None:
        super().__init__(data, parents)
        del self.grad


class OneSided(Value):
    __rmul__ = None  # type: ignore[assignment]


class Unset(Value):
    def __init__(self, data: Any, parents: Any = ()) -> None:
        super().__init__(data, parents)
        self.grad = None  # type: ignore[assignment]


class Leaving(Value):
    def exp(self) -> Any:
        raise SystemExit


@pytest.mark.parametrize(
    ("made", "line", "kind", "words"),
    [
        (NotAValue, "b = a * 2", "type", "a * 2 gave a float, not a Value."),
        (NotAValue, "b = relu(a)", "nothing", "relu(a) gave a NoneType"),
        (Value, "b = tanh(a)", "not_written", "Value is not written yet: Value.tanh raises"),
        (Rounded, "b = a + 1", "dtype", "data of a has dtype float32"),
        (WithoutGrad, "b = a + 1", "keys", "A Value has no attribute 'grad'."),
        (Unset, "b = a + 1", "type", "grad of a is a NoneType"),
        (OneSided, "b = 2 * a", "raised", "In the line 'b = 2 * a': Value raised TypeError"),
        (Leaving, "b = exp(a)", "raised", "SystemExit"),
        (lambda: 3, "b = a", "raised", "Value raised TypeError"),
        (7, "b = a", "type", "Value is a int, not a class."),
    ],
)
def test_a_class_that_does_not_hold_is_said_in_words(
    made: Any, line: str, kind: str, words: str
) -> None:
    found, said = problem_of(program([line], kind=made))
    assert (found, words in said) == (kind, True), said


@pytest.mark.parametrize("line", ["b = a @ a", "b = sin(a)", "a + a", "import os", "b = [a]"])
def test_a_program_holds_nothing_else(line: str) -> None:
    assert problem_of(program([line]))[0] == "raised"


# What a learner reads.


def said(case: Case, got: Outcome, expected: Outcome) -> str:
    divergence = first_divergence([got], [expected], 1e-9)
    assert isinstance(divergence, Divergence)
    verdict = Verdict(passed=False, divergence=divergence)
    whole = {"label": "a case", **case}
    return explain(verdict, "f", ("x",), ["a case"], steps=False, cases=[whole])


def test_differences_are_said_in_names_ids_words_and_edges() -> None:
    graph = {"arguments": {"parents": DIAMOND}}
    right, some = ordered(list("abcd")), dict.fromkeys("abcd", 1.0)
    shown = [
        said(
            {"names": ["a", "b", "c"]},
            program(["b = a + a", "c = b + b"], "c", Overwriting),
            program(["b = a + a", "c = b + b"], "c"),
        ),
        said(graph, ordered(list("badc")), right),
        said(graph, ordered(list("bcd")), right),
        said(graph, ordered(list("abcdz")), right),
        said(graph, by_id({**some, "c": 2.0}), by_id(some)),
        said(
            {"words": ["slow", "fast"]},
            Outcome({"x": np.array(1.0)}),
            Outcome({"x": np.array(0.0)}),
        ),
        said(
            {"raises": "ValueError"},
            Outcome({"raises ValueError": np.array(0.0)}),
            Outcome({"raises ValueError": np.array(1.0)}),
        ),
    ]
    assert [text.removeprefix("First difference, in the case “a case”: ") for text in shown] == [
        "grad of a is 1, expected 4.",
        "'d' does not come after its parent 'c'.",
        "'a' is in the list 0 times; each id belongs there once.",
        "the list holds ids that are not nodes of the graph.",
        "grads['c'] is 2, expected 1.",
        "it says 'fast', expected 'slow'.",
        "it must raise ValueError, but it returned a value.",
    ]


# What the judge asks of a process that it does not trust.

CYCLE = {"a": ["b"], "b": ["a"]}
GRAPHS: list[Case] = [
    {"label": "a diamond", "arguments": {"parents": DIAMOND}},
    {"label": "a cycle", "raises": "ValueError", "arguments": {"parents": CYCLE}},
]


def judged(function: object) -> list[Outcome]:
    """Answer the judge's questions in another process and work the replies out."""
    outcomes = run_cases("order", function, ORDER, asked("order", GRAPHS))
    sent = json.loads(json.dumps(outcomes_to_json(outcomes)))
    return worked_out("order", outcomes_from_json(sent), GRAPHS)


def peeled(parents: dict[str, list[str]]) -> list[str]:
    """Take the nodes whose parents are all there, until none is left."""
    order: list[str] = []
    while len(order) < len(parents):
        ready = [n for n in parents if n not in order and set(parents[n]) <= set(order)]
        if not ready:
            raise ValueError("a cycle")
        order += ready
    return order


def test_the_judge_gets_what_the_driver_gives_beside_the_learner() -> None:
    for function in (peeled, list, sorted, lambda parents: [*parents, "z"]):
        own = run_cases("order", function, ORDER, GRAPHS)
        assert [numbers(each) for each in judged(function)] == [numbers(each) for each in own]


def test_a_question_does_not_tell_which_graph_has_a_cycle() -> None:
    one, other = (set(case) | {case["label"]} for case in asked("order", GRAPHS))
    assert one == other
    assert "raises" not in one


@pytest.mark.parametrize(
    "claim",
    [
        {"times in the list": 1.0, "parent first": 1.0, "ids that are not nodes": 0.0},
        {"raises ValueError": 1.0},
        {"places of the ids": np.nan},
        {"places of the ids": 0.5},
        {"places of the ids": 0.0, "raises ValueError": 1.0},
    ],
    ids=str,
)
def test_a_claim_about_an_order_or_an_error_is_worth_nothing(claim: dict[str, float]) -> None:
    forged = Outcome({name: np.full(4, number) for name, number in claim.items()})
    diamond, cycle = worked_out("order", [forged, forged], GRAPHS)
    assert numbers(diamond) != RIGHT
    assert numbers(cycle) == {"raises ValueError": 0.0}


def test_an_error_where_there_is_an_order_stays_a_problem() -> None:
    def timid(_parents: object) -> None:
        raise ValueError("perhaps a cycle")

    diamond, cycle = judged(timid)
    assert problem_of(diamond)[0] == "raised"
    assert numbers(cycle) == {"raises ValueError": 1.0}


def test_another_error_than_the_one_asked_for_stays_a_problem() -> None:
    def clumsy(_parents: object) -> None:
        raise KeyError("a")

    assert problem_of(judged(clumsy)[1])[0] == "raised"
