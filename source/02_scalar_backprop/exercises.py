"""Exercises of 02_scalar_backprop, first part: one formula, single operations, a table by hand."""

import numpy as np

from autograder.draws import signed
from autograder.exercises import (
    READY_MADE,
    Alternative,
    Convention,
    Exercise,
    Mistake,
    call_case,
    nested_case,
)
from downslope.drivers import Case

# The course's own graph explorer and layers, which compute gradients.
GRADIENTS = (*READY_MADE, "downslope.widgets", "downslope.activations", "downslope.gradients")


def product_cases(rng: np.random.Generator) -> list[Case]:
    """Draw both sides of the gate in both ways, and the corner in both ways."""

    def case(label: str, u_sign: int, z_sign: int) -> Case:
        large, small, z = rng.uniform(2, 3), rng.uniform(0.3, 0.9), rng.uniform(1.2, 3)
        x, y = u_sign * float(large), -u_sign * float(small)
        return call_case(label, x=x, y=y, z=z_sign * float(z))

    a, b, c = (float(number) for number in rng.uniform(1.2, 3, 3))
    return [
        case("x + y and z positive", 1, 1),
        case("x + y and z negative", -1, -1),
        case("only z negative", 1, -1),
        case("only x + y negative", -1, 1),
        call_case("z is 0: the corner of ReLU", x=a, y=b, z=0.0),
        call_case("x + y is 0: the corner of ReLU", x=a, y=-a, z=c),
    ]


UNARY = ("relu", "tanh", "sigmoid", "exp", "log")


def operations(rng: np.random.Generator) -> list[tuple[str, str, list[float]]]:
    """Draw inputs for every operation: both signs, and 0 for relu."""
    a, b = (float(number) for number in signed(rng, 2))
    low, high = float(rng.uniform(0.2, 0.6)), float(rng.uniform(1.5, 3))
    rows = [
        ("a sum", "add", [a, b]),
        ("a product", "mul", [a, b]),
        ("a product of equal numbers", "mul", [high, high]),
        ("relu at 0", "relu", [0.0]),
        ("log below 1", "log", [low]),
        ("log above 1", "log", [high]),
    ]
    for op in ("relu", "tanh", "sigmoid", "exp"):
        rows.append((f"{op} of a positive number", op, [high]))
        rows.append((f"{op} of a negative number", op, [-low]))
    return rows


def evaluate_cases(rng: np.random.Generator) -> list[Case]:
    """Draw every operation's values."""
    return [call_case(label, op=op, inputs=inputs) for label, op, inputs in operations(rng)]


def local_cases(rng: np.random.Generator) -> list[Case]:
    """Draw every operation's derivatives."""
    return [
        nested_case(label, ["first", "second"][: len(inputs)], op=op, inputs=inputs)
        for label, op, inputs in operations(rng)
    ]


def one_table(rng: np.random.Generator) -> list[Case]:
    """There is one table, so there is one case."""
    del rng
    return [call_case("the table")]


relu_product = Exercise(
    "relu_product",
    returns=("f", "df_dx", "df_dy", "df_dz"),
    driver="call",
    cases=product_cases,
    forbids=GRADIENTS,
    hints=(
        (
            "Compute u = x + y and v = u z first. Then walk back from f: which factor does each "
            "operation put in?"
        ),
        (
            "df/dv is 1 where v is positive and 0 elsewhere. df/du is df/dv times z, df/dz is "
            "df/dv times u. x and y enter u with the factor 1."
        ),
        (
            "df_dv = 1.0 if v > 0 else 0.0; the four returned numbers are max(0.0, v), df_dv * z, "
            "df_dv * z, df_dv * u."
        ),
    ),
    mistakes=(
        Mistake(
            "gate_forgotten",
            "The derivatives are those of (x + y) z. Where v is negative, f stays 0 whatever x, y "
            "and z do: ReLU's own derivative belongs into every product.",
            [("1.0 if v > 0 else 0.0", "1.0")],
        ),
        Convention(
            "slope_one_at_the_corner",
            "Everything is right but the corner: at v = 0 you give ReLU the slope 1. Some "
            "libraries and books do; L0, L1 and this course take 0 there. Look at > and >=.",
            [("v > 0", "v >= 0")],
        ),
        Mistake(
            "gate_on_u",
            "Your gate asks whether x + y is positive. ReLU sees v = (x + y) z, so v decides.",
            [("v > 0", "u > 0")],
        ),
        Mistake(
            "gate_on_z",
            "Your gate asks whether z is positive. ReLU sees v = (x + y) z, so v decides.",
            [("v > 0", "z > 0")],
        ),
        Mistake(
            "factors_swapped",
            "The factors of the product are swapped: the derivative of u z for u is z, and for z "
            "it is u.",
            [("df_dv * z", "df_dv * u"), ("df_dz = df_dv * u", "df_dz = df_dv * z")],
        ),
        Mistake(
            "value_instead_of_slope",
            "Your derivatives hold the value of f as a factor. What passes backwards through ReLU "
            "is its slope, 1 or 0, not its value.",
            [("1.0 if v > 0 else 0.0", "max(0.0, v)")],
        ),
        Mistake(
            "relu_forgotten",
            "The derivatives are right, but f is (x + y) z itself: it comes out negative.",
            [("max(0.0, v)", "v")],
        ),
        Mistake(
            "sum_differentiated_as_product",
            "The derivatives for x and y hold a factor y or x. In a sum each term has the "
            "derivative 1, however large the others are.",
            [("df_du, df_du, df_dz", "df_du * y, df_du * x, df_dz")],
        ),
        Mistake(
            "gate_turned_round",
            "The gate is the wrong way round: the derivatives vanish where v is positive.",
            [("1.0 if v > 0 else 0.0", "1.0 if v < 0 else 0.0")],
        ),
        Mistake(
            "z_forgotten",
            "The derivatives for x and y lack the factor z. Between u and v stands a product.",
            [("df_dv * z", "df_dv")],
        ),
    ),
    alternatives=(
        Alternative(
            "two_cases",
            source="""def relu_product(x, y, z):
    if (x + y) * z <= 0:
        return 0.0, 0.0, 0.0, 0.0
    return (x + y) * z, z, z, x + y
""",
        ),
        Alternative(
            "numpy_steps",
            source="""def relu_product(x, y, z):
    v = np.multiply(x + y, z)
    gate = np.heaviside(v, 0.0)
    return [np.maximum(v, 0.0), gate * z, gate * z, gate * (x + y)]
""",
        ),
        Alternative(
            "multiplied_out",
            source="""def relu_product(x, y, z):
    v = x * z + y * z
    active = float(v > 0)
    return active * v, active * z, active * z, active * x + active * y
""",
        ),
    ),
)

evaluate = Exercise(
    "evaluate",
    returns=("value",),
    driver="call",
    cases=evaluate_cases,
    forbids=GRADIENTS,
    hints=(
        "One branch for each op, or a dict from op to function. inputs[0] is the first input.",
        "add and mul use both inputs, the other five only inputs[0]. NumPy has tanh, exp and log.",
        (
            'if op == "add": return inputs[0] + inputs[1]; and so on. The sigmoid is '
            "1 / (1 + np.exp(-inputs[0])), relu is max(0.0, inputs[0])."
        ),
    ),
    mistakes=(
        Mistake(
            "relu_as_absolute_value",
            "Your relu turns negative numbers into positive ones. It should turn them into 0.",
            [("max(0.0, a)", "abs(a)")],
        ),
        Mistake(
            "relu_passes_everything",
            "Your relu lets negative numbers through. It should turn them into 0.",
            [("max(0.0, a)", "a")],
        ),
        Mistake(
            "sigmoid_mirrored",
            "Your sigmoid falls: the sign in the exponent is missing.",
            [("np.exp(-a)", "np.exp(a)")],
        ),
        Mistake(
            "sigmoid_for_tanh",
            "For tanh you return the sigmoid. Tanh lies between -1 and 1.",
            [('"tanh": np.tanh', '"tanh": lambda a: 1 / (np.exp(-a) + 1)')],
        ),
        Mistake(
            "log_of_base_10",
            "Your log has the base 10. In this course log is the natural logarithm, np.log.",
            [("np.log", "np.log10")],
        ),
        Mistake(
            "only_first_input",
            "For mul you return the square of the first input; the second one is inputs[1].",
            [("a * b", "a * a")],
        ),
        Mistake(
            "power_of_two",
            "Your exp is a power of 2. It should be a power of e, np.exp.",
            [('"exp": np.exp', '"exp": np.exp2')],
        ),
    ),
    alternatives=(
        Alternative(
            "table_of_functions",
            source="""def evaluate(op, *inputs):
    table = {
        "add": np.add,
        "mul": np.multiply,
        "relu": lambda a: a * (a > 0),
        "tanh": np.tanh,
        "sigmoid": lambda a: np.exp(a) / (1 + np.exp(a)),
        "exp": np.exp,
        "log": np.log,
    }
    return table[op](*inputs)
""",
        ),
        Alternative(
            "math_module",
            source="""def evaluate(op, *inputs):
    import math

    a, b = inputs[0], inputs[-1]
    match op:
        case "add":
            return sum(inputs)
        case "mul":
            return math.prod(inputs)
        case "relu":
            return a if a > 0 else 0
        case "tanh":
            return math.tanh(a)
        case "sigmoid":
            return 0.5 * (1 + math.tanh(b / 2))
        case "exp":
            return math.e**a
    return math.log(a)
""",
        ),
    ),
)

SIGMOID_SLOPE = 'evaluate("sigmoid", a) * (1 - evaluate("sigmoid", a))'

local_derivatives = Exercise(
    "local_derivatives",
    returns=("derivatives",),
    driver="nested",
    cases=local_cases,
    forbids=GRADIENTS,
    hints=(
        "Take the table above row by row. How many numbers does each op give back?",
        (
            "add gives 1 and 1 whatever the inputs are. mul gives the *other* factor for each one. "
            "The others give one number, in a tuple with a comma."
        ),
        (
            "mul: return inputs[1], inputs[0]. tanh: return (1 - np.tanh(inputs[0]) ** 2,). For "
            "sigmoid compute s first, then (s * (1 - s),)."
        ),
    ),
    mistakes=(
        Mistake(
            "own_factor",
            "For mul each input gets itself as derivative. The derivative of a b for a is b.",
            [("(b, a)", "(a, b)")],
        ),
        Mistake(
            "sum_gives_inputs",
            "For add you return the inputs. A sum grows by 1 when one of its terms does.",
            [("lambda *_: (1.0, 1.0)", "lambda a, b: (a, b)")],
        ),
        Convention(
            "slope_one_at_zero",
            "Everything is right but relu at exactly 0, where you give 1. Some libraries and books "
            "do; L0, L1 and this course take 0 there. Look at > and >=.",
            [("a > 0", "a >= 0")],
        ),
        Mistake(
            "value_of_relu",
            "For relu you return its value. Its slope is 1 or 0, however large the input is.",
            [("1.0 if a > 0 else 0.0", "max(0.0, a)")],
        ),
        Mistake(
            "relu_always_open",
            "For relu you return 1 for negative inputs too. There the function is flat.",
            [("1.0 if a > 0 else 0.0", "1.0")],
        ),
        Mistake(
            "tanh_of_output",
            "For tanh you compute 1 - a**2 with the input a. The formula squares tanh(a).",
            [("np.tanh(a) ** 2", "a**2")],
        ),
        Mistake(
            "tanh_not_squared",
            "For tanh the square is missing: 1 minus the *square* of tanh(a).",
            [("np.tanh(a) ** 2", "np.tanh(a)")],
        ),
        Mistake(
            "sigmoid_of_output",
            "For sigmoid you compute a (1 - a) with the input a. The formula uses its value "
            "sigmoid(a).",
            [(SIGMOID_SLOPE, "a * (1 - a)")],
        ),
        Mistake(
            "value_of_sigmoid",
            "For sigmoid you return its value. Its slope has another factor, 1 minus the value.",
            [(SIGMOID_SLOPE, 'evaluate("sigmoid", a)')],
        ),
        Mistake(
            "power_rule_for_exp",
            "For exp you use the rule for powers. In e to the a the *exponent* varies, and the "
            "function is its own derivative.",
            [("np.exp(a)", "a * np.exp(a - 1)")],
        ),
        Mistake(
            "value_of_log",
            "For log you return its value. Its derivative is 1 over the input.",
            [("1 / a", "np.log(a)")],
        ),
    ),
    alternatives=(
        Alternative(
            "table_of_functions",
            source="""def local_derivatives(op, *inputs):
    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    return {
        "add": lambda a, b: (1, 1),
        "mul": lambda a, b: (b, a),
        "relu": lambda a: (float(a > 0),),
        "tanh": lambda a: (1 / np.cosh(a) ** 2,),
        "sigmoid": lambda a: (sigmoid(a) * sigmoid(-a),),
        "exp": lambda a: (np.exp(a),),
        "log": lambda a: (a**-1,),
    }[op](*inputs)
""",
        ),
        Alternative(
            "from_the_value",
            source="""def local_derivatives(op, *inputs):
    if op in ("add", "mul"):
        return [1.0, 1.0] if op == "add" else [inputs[1], inputs[0]]
    value = evaluate(op, *inputs)
    if op == "relu":
        return [np.sign(value)]
    if op == "tanh":
        return [(1 - value) * (1 + value)]
    if op == "sigmoid":
        return [value - value**2]
    return [value if op == "exp" else np.exp(-value)]
""",
        ),
    ),
)

trace_graph = Exercise(
    "trace_graph",
    returns=("f", "b", "a", "x", "y"),
    driver="call",
    cases=one_table,
    forbids=GRADIENTS,
    hints=(
        "Row by row. Each child sends its own gradient times its derivative for this parent.",
        (
            "a has the children f = a b (derivative b = -4) and b = a + x (derivative 1). Their "
            "gradients are 1 and -6. Add the two parts."
        ),
        (
            "a gets 1·(-4) + (-6)·1. x gets the gradient of a times y, plus the gradient of b "
            "times 1. y gets the gradient of a times x."
        ),
    ),
    mistakes=(
        Mistake(
            "last_part_only_for_a",
            "For a you keep one part, -6, which came from b. The part from f is lost: add them.",
            [("g_f * b + g_b * 1.0", "g_b * 1.0")],
        ),
        Mistake(
            "first_part_only_for_a",
            "For a you keep one part, -4, which came from f. a is also a parent of b: add its "
            "part.",
            [("g_f * b + g_b * 1.0", "g_f * b")],
        ),
        Mistake(
            "x_without_b",
            "a is right. For x the part from b = a + x is missing.",
            [("g_a * y + g_b * 1.0", "g_a * y")],
        ),
        Mistake(
            "x_without_a",
            "a is right. For x the part from a = x y is missing.",
            [("g_a * y + g_b * 1.0", "g_b * 1.0")],
        ),
        Mistake(
            "own_factor",
            "In the products each factor gets itself as derivative. It should get the other one.",
            [
                ("g_b = g_f * a", "g_b = g_f * b"),
                ("g_a = g_f * b", "g_a = g_f * a"),
                ("g_x = g_a * y", "g_x = g_a * x"),
                ("g_y = g_a * x", "g_y = g_a * y"),
            ],
        ),
        Mistake(
            "parts_multiplied",
            "Where two parts come in you multiply them. Along a path the chain rule multiplies; "
            "several paths add up.",
            [
                ("g_f * b + g_b * 1.0", "g_f * b * g_b * 1.0"),
                ("g_a * y + g_b * 1.0", "g_a * y * g_b * 1.0"),
            ],
        ),
        Mistake(
            "only_local",
            "You add the derivatives of single operations. Each has to be multiplied by the "
            "gradient of the child that it comes from.",
            [
                ("g_f * b + g_b * 1.0", "b + 1.0"),
                ("g_a * y + g_b * 1.0", "y + 1.0"),
                ("g_y = g_a * x", "g_y = x"),
            ],
        ),
    ),
    alternatives=(
        Alternative(
            "numbers", source="def trace_graph():\n    return 1.0, -6.0, -10.0, 24.0, -20.0\n"
        ),
        Alternative(
            "whole_numbers", source="def trace_graph():\n    return [1, -6, -10, 24, -20]\n"
        ),
        Alternative(
            "formulas",
            source="""def trace_graph():
    x, y = 2, -3
    return 1, x * y, 2 * x * y + x, 2 * x * y * (y + 1), x**2 * (2 * y + 1)
""",
        ),
    ),
)

EXERCISES = (relu_product, evaluate, local_derivatives, trace_graph)
