"""Independent sources of the exercises of 02_scalar_backprop, for the oracle ledger.

None of them walks a graph backwards. Derivatives come from sums over all paths in exact fractions,
from solving one linear system, from complex steps (whose imaginary part is exact to the last
digits, since nothing is subtracted), and from differences with 50 digits.
"""

import ast
import cmath
import math
import re
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np

from autograder.closed_forms import MP
from autograder.oracles import Arrays, Source
from downslope.drivers import Case

STEP = 1e-30  # of complex steps: so small that its square is nothing beside 1
NAMES = ("first", "second")


def arrays(**numbers: Any) -> Arrays:
    """Make float64 arrays of shape () of numbers of any kind."""
    return {name: np.array(float(number)) for name, number in numbers.items()}


# ---------------------------------------------------------------------------------------------
# One formula.
# ---------------------------------------------------------------------------------------------


def product_fractions(case: Case) -> Arrays:
    """Multiply out: v = x z + y z, in exact fractions; a step function for the gate."""
    x, y, z = (Fraction(case["arguments"][name]) for name in "xyz")
    v = x * z + y * z
    gate = int(v > 0)
    return arrays(f=gate * v, df_dx=gate * z, df_dy=gate * z, df_dz=gate * x + gate * y)


def complex_relu(number: complex) -> complex:
    """Keep what has a positive real part: the slope at 0 is 0."""
    return number if number.real > 0 else 0j


def product_complex(case: Case) -> Arrays:
    """Complex steps through f as it is written."""
    given = case["arguments"]

    def f(**moved: complex) -> complex:
        point = {**given, **moved}
        return complex_relu(complex((point["x"] + point["y"]) * point["z"]))

    slopes = {f"df_d{n}": f(**{n: complex(given[n], STEP)}).imag / STEP for n in "xyz"}
    return arrays(f=f().real, **slopes)


# ---------------------------------------------------------------------------------------------
# Single operations.
# ---------------------------------------------------------------------------------------------


def decimal_value(op: str, inputs: list[float]) -> Decimal:
    """Compute an operation with 50 digits from Decimal's exp and ln alone."""
    with localcontext() as context:
        context.prec = 50
        a, b = Decimal(inputs[0]), Decimal(inputs[-1])
        rules: dict[str, Callable[[], Decimal]] = {
            "add": lambda: a + b,
            "mul": lambda: a * b,
            "relu": lambda: (a + abs(a)) / 2,
            "tanh": lambda: (a.exp() - (-a).exp()) / (a.exp() + (-a).exp()),
            "sigmoid": lambda: a.exp() / (1 + a.exp()),
            "exp": a.exp,
            "log": a.ln,
        }
        return rules[op]()


def mp_value(op: str, inputs: list[Any]) -> Any:
    """Compute an operation with mpmath's own functions."""
    a, b = inputs[0], inputs[-1]
    rules: dict[str, Callable[[], Any]] = {
        "add": lambda: a + b,
        "mul": lambda: a * b,
        "relu": lambda: max(a, MP.zero),
        "tanh": lambda: MP.tanh(a),
        "sigmoid": lambda: (1 + MP.tanh(a / 2)) / 2,
        "exp": lambda: MP.exp(a),
        "log": lambda: MP.log(a),
    }
    return rules[op]()


def value_decimal(case: Case) -> Arrays:
    """Evaluate with Decimal."""
    return arrays(value=decimal_value(case["arguments"]["op"], case["arguments"]["inputs"]))


def value_mp(case: Case) -> Arrays:
    """Evaluate with mpmath."""
    inputs = [MP.mpf(each) for each in case["arguments"]["inputs"]]
    return arrays(value=mp_value(case["arguments"]["op"], inputs))


def local_differences(case: Case) -> Arrays:
    """Difference with 50 digits; from the left, where relu's corner has the slope 0."""
    op = case["arguments"]["op"]
    inputs = [MP.mpf(each) for each in case["arguments"]["inputs"]]
    h = MP.mpf(10) ** -25
    found = []
    for place in range(len(inputs)):
        below = [each - h if i == place else each for i, each in enumerate(inputs)]
        found.append((mp_value(op, inputs) - mp_value(op, below)) / h)
    return arrays(**dict(zip(NAMES, found, strict=False)))


def local_hyperbolic(case: Case) -> Arrays:
    """Closed forms that differ from the exercise's: with cosh, and 1 / x as a power."""
    op, inputs = case["arguments"]["op"], case["arguments"]["inputs"]
    a, b = Decimal(inputs[0]), Decimal(inputs[-1])
    with localcontext() as context:
        context.prec = 50
        rules: dict[str, Callable[[], tuple[Decimal, ...]]] = {
            "add": lambda: (Decimal(1), Decimal(1)),
            "mul": lambda: (b, a),
            "relu": lambda: (Decimal(int(a > 0)),),
            "tanh": lambda: (4 / (a.exp() + (-a).exp()) ** 2,),
            "sigmoid": lambda: (1 / ((a / 2).exp() + (-a / 2).exp()) ** 2,),
            "exp": lambda: (a.exp(),),
            "log": lambda: (a**-1,),
        }
        return arrays(**dict(zip(NAMES, rules[op](), strict=False)))


# ---------------------------------------------------------------------------------------------
# The table by hand: f = x y (x y + x) at x = 2, y = -3.
# ---------------------------------------------------------------------------------------------


def table_polynomials(case: Case) -> Arrays:
    """Differentiate f = x² y² + x² y, and f as a polynomial in a and in b."""
    del case
    x, y = Fraction(2), Fraction(-3)
    a = x * y
    slopes = {"x": 2 * x * y**2 + 2 * x * y, "y": 2 * x**2 * y + x**2}
    return arrays(f=1, b=a, a=2 * a + x, **slopes)


def table_complex(case: Case) -> Arrays:
    """Complex steps at each node of the table."""
    del case

    def slope(node: str) -> float:
        push = {name: STEP * 1j * (name == node) for name in "xyabf"}
        x, y = 2 + push["x"], -3 + push["y"]
        a = x * y + push["a"]
        b = a + x + push["b"]
        return float((a * b + push["f"]).imag / STEP)

    return arrays(**{node: slope(node) for node in "fbaxy"})


# ---------------------------------------------------------------------------------------------
# Graphs.
# ---------------------------------------------------------------------------------------------


def order_by_graphlib(case: Case) -> Arrays:
    """Python's graphlib finds the order or the cycle; its properties are counted here."""
    parents = case["arguments"]["parents"]
    try:
        order = list(TopologicalSorter(parents).static_order())
    except CycleError:
        return arrays(**{"raises ValueError": 1.0})
    return properties(order, parents)


def order_by_powers(case: Case) -> Arrays:
    """Sort by depth, the longest way from an input; powers of the adjacency matrix find cycles."""
    parents = case["arguments"]["parents"]
    ids = list(parents)
    links = np.array([[parents[child].count(up) for up in ids] for child in ids], dtype=object)
    depth = dict.fromkeys(ids, 0)
    power = np.eye(len(ids), dtype=object)
    for length in range(1, len(ids) + 1):
        power = links.dot(power)
        depth.update({node: length for node, row in zip(ids, power, strict=True) if any(row)})
    if power.any():
        return arrays(**{"raises ValueError": 1.0})
    return properties(sorted(ids, key=lambda node: depth[node]), parents)


def properties(order: list[str], parents: dict[str, list[str]]) -> Arrays:
    """Count what makes an order right, edge by edge."""
    places = {node: place for place, node in enumerate(order)}
    edges = [(up, child) for child in parents for up in parents[child]]
    return {
        "times in the list": np.array([float(order.count(node)) for node in parents]),
        "parent first": np.array([float(places[up] < places[child]) for up, child in edges]),
        "ids that are not nodes": np.array(float(len(set(order) - set(parents)))),
    }


def gradients_by_paths(case: Case) -> Arrays:
    """Sum over all paths of the products along them, in exact fractions."""
    parents, partials, output = (case["arguments"][k] for k in ("parents", "partials", "output"))
    totals = {node: Fraction(0) for node in parents}
    waiting = [(output, Fraction(1))]
    while waiting:
        node, product = waiting.pop()
        totals[node] += product
        for up, partial in zip(parents[node], partials[node], strict=True):
            waiting.append((up, product * Fraction(partial)))
    return {"gradients": np.array([float(total) for total in totals.values()])}


def gradients_by_system(case: Case) -> Arrays:
    """Solve (I - A) g = e with 50 digits, where A holds the derivatives along the edges."""
    parents, partials, output = (case["arguments"][k] for k in ("parents", "partials", "output"))
    ids = list(parents)
    system = MP.eye(len(ids))
    for child, above in parents.items():
        for up, partial in zip(above, partials[child], strict=True):
            system[ids.index(up), ids.index(child)] -= MP.mpf(partial)
    seed = MP.matrix([int(node == output) for node in ids])
    return {"gradients": np.array([float(each) for each in MP.lu_solve(system, seed)])}


# ---------------------------------------------------------------------------------------------
# Programs over Value.
# ---------------------------------------------------------------------------------------------

Run = dict[str, Any]
TIMES = re.compile(r"(\d+) times: (.+)")


SWEEP = ".backward()"


def outputs_of(case: Case) -> list[str]:
    """List the nodes from which a backward sweep starts; their derivatives add up."""
    swept = [line.removesuffix(SWEEP) for line in case["program"] if line.endswith(SWEEP)]
    return [*swept, case["output"]]


def lines_of(case: Case) -> list[str]:
    """Write out the repetitions of a program, without its sweeps."""
    lines: list[str] = []
    for line in case["program"]:
        if line.endswith(SWEEP):
            continue
        found = TIMES.fullmatch(line)
        lines += [found[2]] * int(found[1]) if found else [line]
    return lines


def run_program(
    case: Case, node: str, push: Any, space: Run, number: Callable[[float], Any]
) -> Run:
    """Run a program as plain Python, and add `push` to one node when it gets its last value."""
    values: Run = {name: number(leaf) for name, leaf in case["leaves"].items()}
    if node in values:
        values[node] += push
    lines = lines_of(case)
    targets = [line.split(" = ")[0] for line in lines]
    last = {name: place for place, name in enumerate(targets)}
    codes = {line: compile(ast.parse(line.split(" = ")[1], mode="eval"), "program", "eval")
             for line in set(lines)}  # fmt: skip
    for place, (line, target) in enumerate(zip(lines, targets, strict=True)):
        values[target] = eval(codes[line], {**space}, values)  # noqa: S307 - the course's own text
        if target == node and last[target] == place:
            values[target] += push
    return values


def names_of(case: Case) -> list[str]:
    """List the leaves and the assigned names in order."""
    assigned = [line.split(" = ")[0] for line in lines_of(case)]
    return list(dict.fromkeys([*case["leaves"], *assigned]))


COMPLEX = {"relu": complex_relu, "tanh": cmath.tanh, "exp": cmath.exp, "log": cmath.log}
DIGITS = {"relu": lambda x: max(x, MP.zero), "tanh": MP.tanh, "exp": MP.exp, "log": MP.log}


def value_complex(case: Case) -> Arrays:
    """A complex step at every node, each by its own run of the program."""
    names, outputs = names_of(case), outputs_of(case)
    plain = run_program(case, "", 0, COMPLEX, complex)
    runs = [run_program(case, name, STEP * 1j, COMPLEX, complex) for name in names]
    data = np.array([plain[name].real for name in names])
    slopes = [sum(run[output].imag / STEP for output in outputs) for run in runs]
    return {"data": data, "grad": np.array(slopes)}


def value_differences(case: Case) -> Arrays:
    """Central differences with 50 digits at every node."""
    names, outputs, h = names_of(case), outputs_of(case), MP.mpf(10) ** -16
    plain = run_program(case, "", 0, DIGITS, MP.mpf)
    slopes = []
    for name in names:
        up, down = (run_program(case, name, s * h, DIGITS, MP.mpf) for s in (1, -1))
        slopes.append(float(sum((up[each] - down[each]) / (2 * h) for each in outputs)))
    data = np.array([float(plain[name]) for name in names])
    return {"data": data, "grad": np.array(slopes)}


# ---------------------------------------------------------------------------------------------
# XOR.
# ---------------------------------------------------------------------------------------------

CORNERS = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
TARGETS = -CORNERS[:, 0] * CORNERS[:, 1]


def loss_of(weights: Any, tanh: Callable[[Any], Any]) -> Any:
    """Compute the loss with arrays of any kind of number."""
    hidden = tanh(CORNERS @ weights[:9].reshape(3, 3)[:, :2].T + weights[2:9:3])
    return ((hidden @ weights[9:12] + weights[12] - TARGETS) ** 2).sum() / 4


def xor_complex(case: Case) -> Arrays:
    """Complex steps, one for each weight."""
    loss, grad = complex_gradient(case["arguments"]["weights"])
    return {"loss": np.array(loss), "grad": grad}


def complex_gradient(weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Differentiate the loss by complex steps."""
    moved = [weights + STEP * 1j * row for row in np.eye(13)]
    grad = [loss_of(each, np.tanh).imag / STEP for each in moved]
    return float(loss_of(weights, np.tanh)), np.array(grad)


def matrix_gradient(weights: Any, tanh: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Differentiate the loss by the formulas of a network with one hidden layer."""
    layer = weights[:9].reshape(3, 3)
    hidden = tanh(CORNERS @ layer[:, :2].T + layer[:, 2])
    error = (hidden @ weights[9:12] + weights[12] - TARGETS) / 2
    back = error[:, None] * weights[9:12] * (1 - hidden * hidden)
    first = np.concatenate([back.T @ CORNERS, back.sum(axis=0)[:, None]], axis=1)
    grad = np.concatenate([first.ravel(), error @ hidden, [error.sum()]])
    return (error * error).sum(), grad


DIGIT_TANH: Any = np.frompyfunc(MP.tanh, 1, 1)
as_digits: Any = np.vectorize(MP.mpf, otypes=[object])


def xor_matrices(case: Case) -> Arrays:
    """Matrix formulas with 50 digits."""
    loss, grad = matrix_gradient(as_digits(case["arguments"]["weights"]), DIGIT_TANH)
    return {"loss": np.array(float(loss)), "grad": grad.astype(float)}


def train_matrices(case: Case) -> Arrays:
    """Gradient descent on matrix formulas with 50 digits."""
    given = case["arguments"]
    weights, lr = as_digits(given["weights"]), MP.mpf(given["lr"])
    for _ in range(given["steps"]):
        weights = weights - lr * matrix_gradient(weights, DIGIT_TANH)[1]
    loss = matrix_gradient(weights, DIGIT_TANH)[0]
    return {"weights": weights.astype(float), "loss": np.array(float(loss))}


def train_complex(case: Case) -> Arrays:
    """Gradient descent on complex steps; all updates summed up at the end."""
    given = case["arguments"]
    start, steps = given["weights"], []
    for _ in range(given["steps"]):
        here = np.array([math.fsum(column) for column in zip(start, *steps, strict=True)])
        steps.append(-given["lr"] * complex_gradient(here)[1])
    weights = np.array([math.fsum(column) for column in zip(start, *steps, strict=True)])
    return {"weights": weights, "loss": np.array(complex_gradient(weights)[0])}


GRAPH = (
    Source("paths", "the sum over all paths of products, in exact fractions", gradients_by_paths),
    Source("linear system", "(I - A) g = e solved with 50 digits", gradients_by_system),
)

ORACLES: dict[str, tuple[Source, ...]] = {
    "relu_product": (
        Source("fractions", "the product multiplied out, in exact fractions", product_fractions),
        Source("complex step", "imaginary parts after steps of 1e-30 i", product_complex),
    ),
    "evaluate": (
        Source("decimal", "Python's Decimal with 50 digits, from exp and ln alone", value_decimal),
        Source("mpmath", "mpmath's functions with 50 digits", value_mp),
    ),
    "local_derivatives": (
        Source("differences", "from the left, with 50 digits", local_differences),
        Source("closed form", "with exp alone, Python's Decimal with 50 digits", local_hyperbolic),
    ),
    "topological_order": (
        Source(
            "graphlib", "properties of the order that Python's graphlib gives", order_by_graphlib
        ),
        Source("matrix powers", "order by depth; a cycle keeps all powers alive", order_by_powers),
    ),
    "trace_graph": (
        Source("polynomials", "derivatives of x² y² + x² y, in fractions", table_polynomials),
        Source("complex step", "a step of 1e-30 i at each node", table_complex),
    ),
    "backpropagate": GRAPH,
    "repaired_backpropagate": GRAPH,
    "Value": (
        Source("complex step", "a step of 1e-30 i at each node, one run for each", value_complex),
        Source("differences", "central, with 50 digits, at each node", value_differences),
    ),
    "xor_gradient": (
        Source("complex step", "a step of 1e-30 i at each weight", xor_complex),
        Source("closed form", "matrix formulas with 50 digits", xor_matrices),
    ),
    "train_xor": (
        Source("complex step", "descent on complex steps, updates summed exactly", train_complex),
        Source("closed form", "descent on matrix formulas with 50 digits", train_matrices),
    ),
}
