"""Driver for a class of numbers that remember how they were made: small programs over it.

A program is a list of lines: ``"c = a * b + 2"``, ``"d = relu(c)"``, ``"c.backward()"`` or
``"10000 times: y = y + 0.5"``. They are read here, never executed as Python: only the class's own
operators and methods run.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from downslope.drivers.calling import guarded
from downslope.drivers.outcomes import Case, Contract, Function, Outcome, Stop
from downslope.drivers.reading import plain_number
from downslope.drivers.single import Helpers

Values = dict[str, Any]
Evaluate = Callable[[Values], Any]

OPERATORS: dict[type, Function] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
METHODS = ("relu", "tanh", "exp", "log")
TOO_DEEP = (
    "A call inside a call inside a call ...: Python allows about a thousand. Walk through the "
    "nodes in a loop, with a list of your own."
)
REPEATED = re.compile(r"(\d+) times: (.+)")


def names_in(leaves: Sequence[str], program: Sequence[str]) -> list[str]:
    """List the leaves, then the other names of a program as they are first assigned.

    >>> names_in(["a"], ["b = a + a", "b = b * 2", "b.backward()"])
    ['a', 'b']
    """
    names = list(leaves)
    for line in program:
        statement = _parsed(line)[1]
        if isinstance(statement, ast.Assign):
            names += [_target(statement)] * (_target(statement) not in names)
    return names


def drive_value_class(
    function: Function, contract: Contract, case: Case, _helpers: Helpers
) -> Outcome:
    """Make Values of ``case["leaves"]``, run ``case["program"]``, then backward from the output.

    Arrays: "data" and "grad", one entry a name, in the order of `names_in`. Without an "output" the
    program calls backward itself, or not at all.
    """
    try:
        values = {
            name: guarded(function, [number], contract) for name, number in case["leaves"].items()
        }
        for line in case["program"]:
            _run_line(line, values, contract, function)
        if case.get("output"):
            _run_line(f"{case['output']}.backward()", values, contract, function)
        names = names_in(list(case["leaves"]), case["program"])
        arrays = {
            which: np.array([_read(values[name], name, which, contract) for name in names])
            for which in ("data", "grad")
        }
    except Stop as stop:
        return Outcome({}, (), stop.problem)
    return Outcome(arrays)


def _parsed(line: str) -> tuple[int, ast.stmt]:
    """Return how often a line runs, and its statement."""
    repeated = REPEATED.fullmatch(line.strip())
    times, text = (int(repeated[1]), repeated[2]) if repeated else (1, line)
    return times, ast.parse(text.strip()).body[0]


def _target(statement: ast.Assign) -> str:
    return ast.unparse(statement.targets[0])


def _run_line(line: str, values: Values, contract: Contract, made: Function) -> None:
    times, statement = _parsed(line)

    def run() -> None:
        step = _step(statement, contract, made)
        for _ in range(times):
            step(values)

    try:
        guarded(run, [], contract)
    except Stop as stop:
        kind, text = stop.problem
        lost = text if kind == "not_written" else f"In the line {line!r}: {text}"
        if isinstance(stop.__cause__, RecursionError):
            kind, lost = "recursion", f"{lost}\n{TOO_DEEP}"
        raise Stop(kind, lost) from stop


def _step(statement: ast.stmt, contract: Contract, made: Function) -> Evaluate:
    """Return what a line does to the values of a program."""
    if isinstance(statement, ast.Assign):
        name, found = _target(statement), _evaluation(statement.value, contract, made)
        return lambda values: values.__setitem__(name, found(values))
    call = statement.value if isinstance(statement, ast.Expr) else statement
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        who, method = ast.unparse(call.func.value), operator.methodcaller(call.func.attr)
        return lambda values: method(values[who])
    raise SyntaxError(f"not a line of a program: {ast.unparse(statement)}")


def _evaluation(node: ast.expr, contract: Contract, made: Function) -> Evaluate:
    """Return a function of a program's values that works an expression out.

    The tree is read once: a line may run ten thousand times.
    """
    if isinstance(node, ast.Name):
        return operator.itemgetter(node.id)
    if not any(isinstance(part, ast.Name) for part in ast.walk(node)):
        number = ast.literal_eval(node)
        return lambda _values: number
    operation, inner = _operation(node)
    parts = [_evaluation(part, contract, made) for part in inner]

    def evaluate(values: Values) -> Any:
        found = operation(*[part(values) for part in parts])
        if not (_made_by(made, found) or _like_a_node(found)):
            text = f"{ast.unparse(node)} gave a {type(found).__name__}, not a {contract.name}."
            raise Stop("nothing" if found is None else "type", text)
        return found

    return evaluate


def _made_by(made: Function, found: Any) -> bool:
    return isinstance(made, type) and issubclass(type(found), made)


def _like_a_node(found: Any) -> bool:
    """Accept another class as well, such as the base of the learner's own."""
    return all(hasattr(found, name) for name in ("data", "grad", "backward"))


def _operation(node: ast.expr) -> tuple[Function, list[ast.expr]]:
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)], [node.left, node.right]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return operator.neg, [node.operand]
    if isinstance(node, ast.Call) and ast.unparse(node.func) in METHODS:
        return operator.methodcaller(ast.unparse(node.func)), node.args
    raise SyntaxError(f"not an expression of a program: {ast.unparse(node)}")


def _read(value: Any, name: str, which: str, contract: Contract) -> float:
    try:
        found = guarded(lambda: getattr(value, which), [], contract)
    except Stop as stop:
        if isinstance(stop.__cause__, AttributeError):
            text = f"A {contract.name} has no attribute {which!r}."
            raise Stop("keys", text) from stop
        raise
    return plain_number(f"{which} of {name}", found)
