"""Exercises of 00_welcome: a first function, broadcasting, activations, the affine layer."""

import numpy as np

from autograder.draws import signed
from autograder.exercises import READY_MADE, Alternative, Exercise, Mistake, call_case
from downslope.drivers import Case

FORBIDDEN = (*READY_MADE, "downslope.activations", "downslope.layers", "downslope.losses")


SHAPES = {"a row": (5,), "another row": (5,), "a column": (5, 1), "another column": (5, 1)}


def table_of(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw numbers of both signs in an array."""
    return signed(rng, int(np.prod(shape))).reshape(shape)


def first_cases(rng: np.random.Generator) -> list[Case]:
    """Draw pairs of numbers that differ in size and sign."""
    a, b, c, d = (float(number) for number in signed(rng, 4))
    return [call_case("two numbers", a=a, b=3 * b), call_case("two others", a=-2 * c, b=d)]


def pair_cases(rng: np.random.Generator) -> list[Case]:
    """Draw two arrays of different lengths, of equal lengths, and of length 1."""
    return [
        call_case("more of a", a=signed(rng, 5), b=signed(rng, 3)),
        call_case("more of b", a=signed(rng, 2), b=signed(rng, 4)),
        call_case("as many of both", a=signed(rng, 3), b=signed(rng, 3)),
        call_case("one of a", a=signed(rng, 1), b=signed(rng, 4)),
    ]


def error_cases(rng: np.random.Generator) -> list[Case]:
    """Draw rows and columns in every mixture."""

    def case(first: str, second: str) -> Case:
        drawn = [signed(rng, 5).reshape(SHAPES[each]) for each in (first, second)]
        return call_case(f"{first} and {second}", prediction=drawn[0], target=drawn[1])

    return [
        case("a column", "a row"),
        case("a row", "a column"),
        case("a row", "another row"),
        case("a column", "another column"),
    ]


def activation_cases(rng: np.random.Generator) -> list[Case]:
    """Draw moderate numbers of several shapes, and very large ones."""
    return [
        call_case("a row of numbers", z=signed(rng, 7)),
        call_case("a table", z=table_of(rng, 3, 4)),
        call_case("0 and its neighbours", z=np.array([-1e-3, 0.0, 1e-3])),
        call_case("as large as 1000", z=np.array([-1000.0, -30.0, 30.0, 1000.0])),
    ]


def layer_cases(rng: np.random.Generator) -> list[Case]:
    """Draw layers whose three sizes differ, a square one, and a single example."""

    def case(label: str, n: int, width: int, out: int) -> Case:
        shapes = {"X": (n, width), "W": (out, width), "b": (out,)}
        return call_case(label, **{name: table_of(rng, *shape) for name, shape in shapes.items()})

    return [
        case("a wide layer", 4, 2, 3),
        case("a narrow layer", 3, 5, 2),
        case("as many examples as outputs", 3, 2, 3),
        case("one example", 1, 3, 2),
    ]


def one_table(rng: np.random.Generator) -> list[Case]:
    """There is one table, so there is one case."""
    del rng
    return [call_case("the table")]


first_function = Exercise(
    "first_function",
    returns=("value",),
    driver="call",
    cases=first_cases,
    forbids=FORBIDDEN,
    hints=(
        "A function gives its result back with the word return.",
        "Twice a number is 2 * a; add b to it.",
        "return 2 * a + b",
    ),
    mistakes=(
        Mistake(
            "b_doubled",
            "You double b. It is a that has to be doubled. (If you did as you were told: this is "
            "how a check speaks. Now make it right.)",
            [("2 * a + b", "a + 2 * b")],
        ),
        Mistake("nothing_doubled", "You add a and b. a counts twice.", [("2 * a", "a")]),
        Mistake(
            "both_doubled", "You double both numbers. Only a counts twice.", [("+ b", "+ 2 * b")]
        ),
        Mistake("subtracted", "You subtract b. It has to be added.", [("+ b", "- b")]),
        Mistake("multiplied", "You multiply by b. It has to be added.", [("+ b", "* b")]),
        Mistake("squared", "You square a. Twice a is a + a.", [("2 * a", "a**2")]),
    ),
    alternatives=(
        Alternative("added", "", [("2 * a + b", "a + a + b")]),
        Alternative("numpy", "", [("2 * a + b", "np.add(b, np.multiply(a, 2.0))")]),
    ),
)

pairwise_differences = Exercise(
    "pairwise_differences",
    returns=("differences",),
    driver="call",
    cases=pair_cases,
    forbids=FORBIDDEN,
    hints=(
        "Which shape must a have so that NumPy stretches it over all of b?",
        "As a column of shape (N, 1), a is stretched to M columns, and b to N rows.",
        "a[:, None] is the column. Subtract b from it.",
    ),
    mistakes=(
        Mistake(
            "b_minus_a",
            "The sign is wrong: you subtract a from b.",
            [("a[:, None] - b", "b - a[:, None]")],
        ),
        Mistake(
            "transposed",
            "Rows and columns are exchanged: entry [i, j] should be a[i] - b[j], so there is one "
            "row for each number of a.",
            [("a[:, None] - b", "a - b[:, None]")],
        ),
        Mistake(
            "transposed_and_negative",
            "You have one row for each number of b, and b minus a in it. It should be one row for "
            "each number of a, and a minus b.",
            [("a[:, None] - b", "b[:, None] - a")],
        ),
        Mistake(
            "distances",
            "All your numbers are positive: those are distances. Differences keep their sign.",
            [("a[:, None] - b", "np.abs(a[:, None] - b)")],
        ),
        Mistake("sums", "You add. Entry [i, j] is a[i] - b[j].", [("None] - b", "None] + b")]),
        Mistake(
            "products",
            "You multiply every a with every b. Entry [i, j] is a[i] - b[j].",
            [("None] - b", "None] * b")],
        ),
        Mistake(
            "squares",
            "You square the differences. They are asked for as they are.",
            [("a[:, None] - b", "(a[:, None] - b) ** 2")],
        ),
        Mistake(
            "loops_exchanged",
            "The numbers are right and stand in the wrong places: you run through b outside and a "
            "inside, and fill the rows with that. Row i belongs to a[i].",
            [("a[:, None] - b", "(a - b[:, None]).reshape(len(a), len(b)) + 0 * a[:, None]")],
        ),
    ),
    alternatives=(
        Alternative("outer", "", [("a[:, None] - b", "np.subtract.outer(a, b)")]),
        Alternative(
            "loops",
            source="""def pairwise_differences(a, b):
    table = np.zeros((len(a), len(b)))
    for i in range(len(a)):
        for j in range(len(b)):
            table[i, j] = a[i] - b[j]
    return table
""",
        ),
        Alternative("reshaped", "", [("a[:, None] - b", "a.reshape(-1, 1) + -b[np.newaxis]")]),
    ),
)

repaired_mean_squared_error = Exercise(
    "repaired_mean_squared_error",
    returns=("loss",),
    driver="call",
    cases=error_cases,
    forbids=FORBIDDEN,
    hints=(
        "Give both arrays the same shape before you subtract.",
        "x.ravel() makes a row of any shape, and leaves a row as it is.",
        "np.mean((prediction.ravel() - target.ravel()) ** 2)",
    ),
    mistakes=(
        Mistake(
            "every_pair",
            "Two rows are right, a row and a column are not: every prediction still meets every "
            "target. Give both the same shape.",
            [("prediction.ravel() - target.ravel()", "prediction - target")],
        ),
        Mistake(
            "only_prediction_repaired",
            "You make a row of the predictions only. When the targets are a column, every "
            "prediction still meets every target.",
            [("target.ravel()", "target")],
        ),
        Mistake(
            "only_target_repaired",
            "You make a row of the targets only. When the predictions are a column, every "
            "prediction still meets every target.",
            [("prediction.ravel()", "prediction")],
        ),
        Mistake(
            "sum_instead_of_mean",
            "You add the squares up. The mean divides by their number.",
            [("np.mean", "np.sum")],
        ),
        Mistake(
            "not_squared",
            "The errors are not squared: positive and negative ones cancel.",
            [(" ** 2", "")],
        ),
        Mistake(
            "absolute_errors",
            "You take absolute values in place of squares.",
            [
                (
                    "np.mean((prediction.ravel() - target.ravel()) ** 2)",
                    "np.mean(np.abs(prediction.ravel() - target.ravel()))",
                )
            ],
        ),
        Mistake(
            "root_of_it",
            "You take the root at the end. The mean of the squares itself is asked for.",
            [("np.mean((", "np.sqrt(np.mean(("), (" ** 2)", " ** 2))")],
        ),
        Mistake(
            "always_every_pair",
            "Now even two rows give every pair: one is a column, the other a row. Give both the "
            "same shape.",
            [("prediction.ravel()", "prediction.reshape(-1, 1)")],
        ),
        Mistake(
            "mean_then_square",
            "You square the mean. The errors are squared one by one, and averaged after that.",
            [(" - target.ravel()) ** 2)", " - target.ravel())) ** 2"), ("np.mean((", "(np.mean(")],
        ),
        Mistake(
            "half_of_it",
            "You have one half in front. Here the mean of the squares is asked for as it is.",
            [("np.mean(", "0.5 * np.mean(")],
        ),
    ),
    alternatives=(
        Alternative(
            "as_columns",
            source="""def repaired_mean_squared_error(prediction, target):
    error = prediction.reshape(-1, 1) - target.reshape(-1, 1)
    return (error * error).mean()
""",
        ),
        Alternative(
            "loop",
            source="""def repaired_mean_squared_error(prediction, target):
    total = 0.0
    for p, t in zip(prediction.flatten(), target.flatten()):
        total += (p - t) ** 2
    return total / len(target)
""",
        ),
        Alternative(
            "scalar_product",
            source="""def repaired_mean_squared_error(prediction, target):
    error = prediction.reshape(target.shape).ravel() - target.ravel()
    return error @ error / error.size
""",
        ),
    ),
)

activations = Exercise(
    "activations",
    returns=("sigmoid", "tanh", "relu", "leaky_relu", "elu"),
    driver="mapping",
    cases=activation_cases,
    forbids=FORBIDDEN,
    hints=(
        "Take them one by one; np.tanh and np.maximum exist. Which of the formulas can overflow?",
        (
            "np.exp(-np.abs(z)) is never larger than 1. With it the sigmoid is 1 / (1 + small) for "
            "z >= 0 and small / (1 + small) for z < 0. For elu take the exponential of "
            "np.minimum(z, 0)."
        ),
        (
            "np.where(z >= 0, 1, small) / (1 + small); np.tanh(z); np.maximum(z, 0); np.where(z > "
            "0, z, 0.01 * z); np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1)."
        ),
    ),
    mistakes=(
        Mistake(
            "tanh_overflows",
            "Your tanh is nan for large numbers: both exponentials are infinite there. NumPy has a "
            "safe np.tanh.",
            [("np.tanh(z)", "(np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))")],
        ),
        Mistake(
            "sigmoid_overflows",
            "Your sigmoid is nan for large numbers: e to the 1000 is infinite, above and below the "
            "fraction bar.",
            [("np.where(z >= 0, 1, small) / (1 + small)", "np.exp(z) / (1 + np.exp(z))")],
        ),
        Mistake(
            "sigmoid_mirrored",
            "Your sigmoid falls. It should rise from 0 to 1.",
            [("np.where(z >= 0, 1, small)", "np.where(z >= 0, small, 1)")],
        ),
        Mistake(
            "sigmoid_of_absolute",
            "Your sigmoid is the same for z and -z. For negative z it is e^z / (1 + e^z).",
            [("np.where(z >= 0, 1, small)", "1")],
        ),
        Mistake(
            "relu_as_absolute_value",
            "Your relu turns negative numbers into positive ones. It should turn them into 0.",
            [("np.maximum(z, 0)", "np.abs(z)")],
        ),
        Mistake(
            "relu_turned_round",
            "Your relu keeps the negative numbers. It should keep the positive ones.",
            [("np.maximum(z, 0)", "np.minimum(z, 0)")],
        ),
        Mistake(
            "leaky_slope_too_steep",
            "Your leaky relu has the slope 0.1 on the left. This course takes 0.01.",
            [("0.01 * z", "0.1 * z")],
        ),
        Mistake(
            "leaky_slope_negative",
            "Your leaky relu is positive on the left. It is 0.01 times a negative number there.",
            [("0.01 * z", "-0.01 * z")],
        ),
        Mistake(
            "elu_not_lowered",
            "Your elu jumps at 0: on the left it is e^z - 1, not e^z.",
            [("np.exp(np.minimum(z, 0)) - 1", "np.exp(np.minimum(z, 0))")],
        ),
        Mistake(
            "elu_scaled",
            "Your elu is 0.01 times too small on the left. alpha is 1 here.",
            [("np.exp(np.minimum(z, 0)) - 1", "0.01 * (np.exp(np.minimum(z, 0)) - 1)")],
        ),
        Mistake(
            "tanh_by_one_exponential",
            "Your tanh is nan for large numbers: e to the 2000 is infinite, above and below the "
            "fraction bar. NumPy has a safe np.tanh.",
            [("np.tanh(z)", "(np.exp(2 * z) - 1) / (np.exp(2 * z) + 1)")],
        ),
        Mistake(
            "sigmoid_for_negative_numbers_only",
            "Your sigmoid is never above one half: e^z / (1 + e^z) with the size of z is right for "
            "negative z. For positive z it is 1 / (1 + e^(-z)).",
            [("np.where(z >= 0, 1, small)", "small")],
        ),
        Mistake(
            "relu_as_a_step",
            "Your relu is 0 or 1: that is its slope. The function keeps positive numbers as they "
            "are.",
            [("np.maximum(z, 0)", "np.where(z > 0, 1.0, 0.0)")],
        ),
        Mistake(
            "leaky_slope_twenty_times",
            "Your leaky relu has the slope 0.2 on the left, as in some papers. This course takes "
            "0.01.",
            [("0.01 * z", "0.2 * z")],
        ),
        Mistake(
            "leaky_constant",
            "Your leaky relu is 0.01 on the whole left side. It is 0.01 times z there.",
            [("0.01 * z", "0.01")],
        ),
        Mistake(
            "leaky_on_the_right",
            "Your leaky relu shrinks the positive numbers. It is the negative ones that are "
            "multiplied by 0.01.",
            [("np.where(z > 0, z, 0.01 * z)", "np.where(z > 0, 0.01 * z, z)")],
        ),
        Mistake(
            "elu_turned_up",
            "Your elu is positive on the left: 1 - e^z. It is e^z - 1.",
            [("np.exp(np.minimum(z, 0)) - 1", "1 - np.exp(np.minimum(z, 0))")],
        ),
        Mistake(
            "elu_times_z",
            "On the left your elu is z times (e^z - 1). It is alpha times that, and alpha is 1.",
            [("np.exp(np.minimum(z, 0)) - 1", "z * (np.exp(np.minimum(z, 0)) - 1)")],
        ),
    ),
    alternatives=(
        Alternative(
            "tanh_for_sigmoid",
            source="""def activations(z):
    return {
        "sigmoid": 0.5 * (1 + np.tanh(z / 2)),
        "tanh": np.tanh(z),
        "relu": z * (z > 0),
        "leaky_relu": np.maximum(z, 0.01 * z),
        "elu": np.maximum(z, 0) + np.expm1(np.minimum(z, 0)),
    }
""",
        ),
        Alternative(
            "clipped",
            source="""def activations(z):
    positive, negative = np.clip(z, 0, None), np.clip(z, None, 0)
    found = dict(elu=positive + np.exp(negative) - 1, relu=positive)
    found["leaky_relu"] = positive + negative / 100
    found["sigmoid"] = 1 / (1 + np.exp(-z))
    found["tanh"] = 2 / (1 + np.exp(-2 * z)) - 1
    return found
""",
        ),
        Alternative(
            "loop",
            source="""def activations(z):
    import math

    def sigmoid(t):
        return 1 / (1 + math.exp(-t)) if t >= 0 else math.exp(t) / (1 + math.exp(t))

    rules = {
        "sigmoid": sigmoid,
        "tanh": math.tanh,
        "relu": lambda t: max(t, 0.0),
        "leaky_relu": lambda t: t if t > 0 else 0.01 * t,
        "elu": lambda t: t if t > 0 else math.exp(t) - 1,
    }
    return {
        name: np.array([rule(float(t)) for t in z.ravel()]).reshape(z.shape)
        for name, rule in rules.items()
    }
""",
        ),
    ),
)

affine = Exercise(
    "affine",
    returns=("out",),
    driver="call",
    cases=layer_cases,
    forbids=FORBIDDEN,
    hints=(
        "X is (N, in), W is (out, in), and (N, out) is wanted. Which of the two must be turned?",
        "W.T has the shape (in, out). X @ W.T is (N, out), and b is a row that fits every row.",
        "X @ W.T + b",
    ),
    mistakes=(
        Mistake(
            "bias_forgotten",
            "The bias b is missing.",
            [("W.T + b", "W.T")],
        ),
        Mistake(
            "bias_subtracted",
            "You subtract the bias. It has to be added.",
            [("W.T + b", "W.T - b")],
        ),
        Mistake(
            "reshaped_instead_of_transposed",
            "You reshape W. That gives the shape of the transpose with the numbers in other "
            "places. W.T turns rows into columns.",
            [("W.T", "W.reshape(W.shape[1], W.shape[0])")],
        ),
        Mistake(
            "one_column_per_example",
            "Your result is the transpose: one column for each example. Here examples are rows.",
            [("X @ W.T + b", "W @ X.T + b[:, None]")],
        ),
        Mistake(
            "bias_for_the_first_example",
            "Only the first example gets its bias. It belongs to every row.",
            [("W.T + b", "W.T + b * (np.arange(len(X)) == 0)[:, None] + 0 * b")],
        ),
        Mistake(
            "bias_of_every_example",
            "The bias is counted once for each example of the batch. Each row gets it once.",
            [("W.T + b", "W.T + len(X) * b + b * (len(X) == 1)")],
        ),
        Mistake(
            "activation_applied",
            "Negative results have become 0. No activation is asked for here.",
            [("X @ W.T + b", "np.maximum(X @ W.T + b, 0)")],
        ),
        Mistake(
            "averaged",
            "You divide by the number of inputs. A layer adds them up.",
            [("X @ W.T", "X @ W.T / (X.shape[1] + 1e-3)")],
        ),
        Mistake(
            "bias_before_the_weights",
            "You add the bias to the weights, so it is multiplied by the inputs as well. Multiply "
            "first, then add.",
            [("W.T + b", "(W.T + b)")],
        ),
        Mistake(
            "bias_summed",
            "Every output gets the sum of all biases. Output k gets b[k].",
            [("W.T + b", "W.T + b.sum()")],
        ),
        Mistake(
            "bias_multiplied",
            "You multiply by the bias. It has to be added.",
            [("W.T + b", "W.T * b")],
        ),
        Mistake(
            "sigmoid_applied",
            "Your numbers all lie between 0 and 1. No activation is asked for here.",
            [("X @ W.T + b", "1 / (1 + np.exp(-(X @ W.T + b)))")],
        ),
    ),
    alternatives=(
        Alternative("columns", "", [("X @ W.T + b", "(W @ X.T + b[:, None]).T")]),
        Alternative(
            "loops",
            source="""def affine(X, W, b):
    out = np.empty((len(X), len(W)))
    for n, x in enumerate(X):
        for k, row in enumerate(W):
            out[n, k] = sum(row[i] * x[i] for i in range(len(x))) + b[k]
    return out
""",
        ),
        Alternative("einsum", "", [("X @ W.T + b", 'np.einsum("ni,ki->nk", X, W) + b')]),
    ),
)

trace_network = Exercise(
    "trace_network",
    returns=("z", "h", "out"),
    driver="table",
    cases=one_table,
    forbids=FORBIDDEN,
    hints=(
        "Row by row: put x into the three parts of z.",
        "For x = -3: z = (-4, 3, -11). ReLU keeps what is positive.",
        "For x = 4: z = (3, -4, 3), h = (3, 0, 3), out = 3·3 + 2·0 + 3 - 1. Write rows as lists.",
    ),
    mistakes=(
        Mistake(
            "no_relu",
            "h is the same as z. ReLU turns the negative numbers into 0.",
            [("np.maximum(z, 0.0)", "z + 0.0")],
        ),
        Mistake(
            "absolute_values",
            "In h negative numbers have become positive. ReLU turns them into 0.",
            [("np.maximum(z, 0.0)", "np.abs(z)")],
        ),
        Mistake(
            "bias_of_output_forgotten",
            "z and h are right. In out the last term, -1, is missing.",
            [(" - 1.0\n", "\n")],
        ),
        Mistake(
            "bias_of_output_added",
            "z and h are right. In out the bias is added, not subtracted.",
            [(" - 1.0\n", " + 1.0\n")],
        ),
        Mistake(
            "output_from_z",
            "z and h are right, but out is computed from z. It takes h.",
            [("h @ [3.0", "z @ [3.0")],
        ),
        Mistake(
            "second_unit_not_mirrored",
            "The second part of z is -x, not x.",
            [("[1.0, -1.0, 2.0]", "[1.0, 1.0, 2.0]")],
        ),
        Mistake(
            "step_in_place_of_relu",
            "h holds zeros and ones. ReLU keeps positive numbers as they are.",
            [("np.maximum(z, 0.0)", "np.where(z > 0, 1.0, 0.0)")],
        ),
        Mistake(
            "output_weights_turned_round",
            "z and h are right. In out the first unit counts three times, the second twice, the "
            "third once.",
            [("[3.0, 2.0, 1.0]", "[1.0, 2.0, 3.0]")],
        ),
        Mistake(
            "output_weights_forgotten",
            "z and h are right. In out you add h up as it is: its parts count 3, 2 and 1 times.",
            [("[3.0, 2.0, 1.0]", "[1.0, 1.0, 1.0]")],
        ),
    ),
    alternatives=(
        Alternative(
            "numbers",
            source="""def trace_network():
    z = np.array([[1.0, -2, -1], [-4, 3, -11], [3, -4, 3]])
    h = np.array([[1.0, 0, 0], [0, 3, 0], [3, 0, 3]])
    return z, h, np.array([2.0, 5.0, 11.0])
""",
        ),
        Alternative(
            "lists_of_whole_numbers",
            source="""def trace_network():
    z = [[1, -2, -1], [-4, 3, -11], [3, -4, 3]]
    h = np.maximum(np.array(z), 0)
    return z, h, (2, 5, 11)
""",
        ),
        Alternative(
            "row_by_row",
            source="""def trace_network():
    rows = []
    for x in (2.0, -3.0, 4.0):
        z = [x - 1, -x, 2 * x - 5]
        h = [max(each, 0.0) for each in z]
        rows.append((z, h, 3 * h[0] + 2 * h[1] + h[2] - 1))
    return [np.array(column) for column in zip(*rows)]
""",
        ),
    ),
)

EXERCISES = (
    first_function,
    pairwise_differences,
    repaired_mean_squared_error,
    activations,
    affine,
    trace_network,
)
