"""Exercises of 03_vector_backprop, first half: derivatives, Jacobians, a linear and a ReLU layer.

The reference solution of each exercise stands in the master beside this file, and nowhere else.
The sizes of a case all differ, so that no transposed array has the right shape by chance.
"""

import numpy as np

from autograder.draws import signed
from autograder.exercises import (
    READY_MADE,
    Alternative,
    Convention,
    Exercise,
    Mistake,
    backward_case,
    call_case,
)
from downslope.drivers import Case

FORBIDS = (
    *READY_MADE,
    "downslope.activations",
    "downslope.layers",
    "downslope.networks",
    "downslope.fast_gradients",
    "downslope.training",
)


def table(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw an array of both signs, no magnitude near zero."""
    return signed(rng, int(np.prod(shape))).reshape(shape)


def slope_cases(rng: np.random.Generator) -> list[Case]:
    """Draw arguments of activations: one axis, two axes, exact zeros, very large ones."""
    mixed = np.append(signed(rng, 6), 0.0)
    extreme = np.array([1000.0, -1000.0, 0.0, *signed(rng, 3)])
    return [
        call_case("both signs and an exact zero", z=rng.permutation(mixed)),
        call_case("two axes", z=table(rng, 2, 3)),
        call_case("|z| = 1000", z=rng.permutation(extreme)),
    ]


def vector_cases(rng: np.random.Generator) -> list[Case]:
    """Draw derivatives of an elementwise function, with an exact zero among them."""
    with_zero = signed(rng, 5)
    with_zero[1] = 0.0
    return [
        call_case("three elements", derivative=signed(rng, 3)),
        call_case("one of them is zero", derivative=with_zero),
    ]


def shares(rng: np.random.Generator, count: int) -> np.ndarray:
    """Draw probabilities that add up to exactly 1: different multiples of 1/64."""
    while True:
        cuts = np.sort(rng.choice(np.arange(1, 64), count - 1, replace=False))
        parts = np.diff(np.concatenate([[0], cuts, [64]]))
        if len(set(parts.tolist())) == count:
            return parts / 64.0


def probability_cases(rng: np.random.Generator) -> list[Case]:
    """Draw outputs of softmax: undecided ones and a nearly certain one."""
    return [
        call_case("three classes", p=shares(rng, 3)),
        call_case("five classes", p=shares(rng, 5)),
        call_case("one class is nearly certain", p=rng.permutation([57.0, 4.0, 2.0, 1.0]) / 64),
    ]


def weight_cases(rng: np.random.Generator) -> list[Case]:
    """Draw weights that are wide, tall and square."""
    return [
        call_case("three inputs, two outputs", W=table(rng, 2, 3)),
        call_case("two inputs, five outputs", W=table(rng, 5, 2)),
        call_case("as many outputs as inputs", W=table(rng, 3, 3)),
    ]


def linear_arguments(
    rng: np.random.Generator, n: int, wide: int, out: int
) -> dict[str, np.ndarray]:
    """Draw the arguments of a linear layer."""
    return {"X": table(rng, n, wide), "W": table(rng, out, wide), "b": signed(rng, out)}


def linear_cases(rng: np.random.Generator) -> list[Case]:
    """Draw batches for a linear layer; N, in and out differ."""
    return [
        call_case("4 examples, 3 inputs, 2 outputs", **linear_arguments(rng, 4, 3, 2)),
        call_case("2 examples, 3 inputs, 5 outputs", **linear_arguments(rng, 2, 3, 5)),
        call_case("one example", **linear_arguments(rng, 1, 4, 3)),
    ]


def linear_back_cases(rng: np.random.Generator) -> list[Case]:
    """Draw the same batches with an upstream gradient."""
    return [
        backward_case(
            f"{n} examples, {wide} inputs, {out} outputs",
            linear_arguments(rng, n, wide, out),
            upstream=table(rng, n, out),
        )
        for n, wide, out in ((4, 3, 2), (2, 3, 5), (5, 2, 3))
    ]


def relu_input(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw inputs of ReLU: two exact zeros, a small and a large positive one, others."""
    small, large = rng.uniform(0.3, 0.8), rng.uniform(1.5, 3.0)
    rest = signed(rng, int(np.prod(shape)) - 4)
    return rng.permutation([0.0, 0.0, small, large, *rest]).reshape(shape)


def relu_cases(rng: np.random.Generator) -> list[Case]:
    """Draw inputs of ReLU."""
    return [
        call_case("3 examples, 4 units", Z=relu_input(rng, 3, 4)),
        call_case("5 examples, 2 units", Z=relu_input(rng, 5, 2)),
    ]


def relu_back_cases(rng: np.random.Generator) -> list[Case]:
    """Draw inputs of ReLU with upstream gradients of both signs."""
    return [
        backward_case(
            f"{n} examples, {units} units, two inputs exactly 0",
            {"Z": relu_input(rng, n, units)},
            upstream=table(rng, n, units),
        )
        for n, units in ((3, 4), (5, 2))
    ]


def no_arguments(rng: np.random.Generator) -> list[Case]:
    """Give the one case of a table that is filled in by hand."""
    del rng
    return [call_case("the table")]


activation_derivatives = Exercise(
    "activation_derivatives",
    returns=("sigmoid", "tanh", "relu", "leaky_relu", "elu"),
    driver="mapping",
    cases=slope_cases,
    forbids=FORBIDS,
    hints=(
        "Each derivative can be written with the function's own value, or with a test z > 0.",
        (
            "Sigmoid: s (1 - s). Tanh: 1 - tanh squared. ReLU and leaky ReLU: one number where "
            "z > 0, another elsewhere; np.where chooses. ELU below zero: differentiate e^z - 1."
        ),
        (
            "s = 1 / (1 + np.exp(-z)) for the sigmoid; np.where(z > 0, 1.0, ...) for the last "
            "three, with 0.0, 0.01 and np.exp(np.minimum(z, 0)). Put all into a dict."
        ),
    ),
    mistakes=(
        Mistake(
            "functions_instead",
            "These are the values of the functions, not their slopes.",
            source="""def activation_derivatives(z):
    return {
        "sigmoid": 0.5 * (1 + np.tanh(z / 2)),
        "tanh": np.tanh(z),
        "relu": np.maximum(z, 0),
        "leaky_relu": np.where(z > 0, z, 0.01 * z),
        "elu": np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    }
""",
        ),
        Mistake(
            "sigmoid_of_the_output",
            "The sigmoid's line uses z (1 - z). That is the formula for the sigmoid's output s; "
            "work out s from z first.",
            [("small / (1 + small) ** 2", "z * (1 - z)")],
        ),
        Mistake(
            "tanh_not_squared",
            "The slope of tanh is 1 - tanh squared; the square is missing. At 0 both give 1.",
            [("np.tanh(z) ** 2", "np.tanh(z)")],
        ),
        Mistake(
            "tanh_like_sigmoid",
            "The slope of tanh is not tanh (1 - tanh): that form belongs to the sigmoid.",
            [("1 - np.tanh(z) ** 2", "np.tanh(z) * (1 - np.tanh(z))")],
        ),
        Convention(
            "relu_one_at_zero",
            "At exactly 0 your ReLU has the slope 1. Any number from 0 to 1 can be defended, and "
            "some libraries take another; L1 and this course take 0.",
            [('"relu": np.where(z > 0', '"relu": np.where(z >= 0')],
        ),
        Convention(
            "relu_half_at_zero",
            "At exactly 0 your ReLU has the slope 1/2, the middle of both sides. L1 and this "
            "course take 0.",
            [("np.where(z > 0, 1.0, 0.0)", "np.heaviside(z, 0.5)")],
        ),
        Convention(
            "kinks_one_at_zero",
            "At exactly 0 your ReLU and leaky ReLU have the slope 1. This course takes the lower "
            "branch for z <= 0: 0 and 0.01.",
            [
                ('"relu": np.where(z > 0', '"relu": np.where(z >= 0'),
                ('"leaky_relu": np.where(z > 0', '"leaky_relu": np.where(z >= 0'),
            ],
        ),
        Convention(
            "leaky_one_at_zero",
            "Note: at exactly 0 your leaky ReLU has the slope 1. The course takes the lower branch "
            "there, 0.01. Both are accepted.",
            [('"leaky_relu": np.where(z > 0', '"leaky_relu": np.where(z >= 0')],
            accepted=True,
        ),
        Mistake(
            "leaky_stops",
            "Below zero your leaky ReLU has the slope 0. Its point is that it keeps a small one: "
            "0.01.",
            [("np.where(z > 0, 1.0, 0.01)", "np.where(z > 0, 1.0, 0.0)")],
        ),
        Mistake(
            "leaky_negative",
            "Below zero your leaky ReLU has the slope -0.01. It is 0.01 z there: it still rises.",
            [("np.where(z > 0, 1.0, 0.01)", "np.where(z > 0, 1.0, -0.01)")],
        ),
        Mistake(
            "elu_value",
            "Below zero your ELU has the slope e^z - 1. That is its value; the constant falls away "
            "when one differentiates.",
            [("np.exp(np.minimum(z, 0))", "np.expm1(np.minimum(z, 0))")],
        ),
        Mistake(
            "elu_like_relu",
            "Below zero your ELU has no slope. It is e^z - 1 there and still rises a little.",
            [("np.exp(np.minimum(z, 0))", "0.0")],
        ),
    ),
    alternatives=(
        Alternative(
            "from_the_outputs",
            source="""def activation_derivatives(z):
    s, t = 0.5 * (1 + np.tanh(z / 2)), np.tanh(z)
    positive = (z > 0).astype(float)
    return {
        "elu": positive + (1 - positive) * np.exp(np.minimum(z, 0)),
        "leaky_relu": 0.01 + 0.99 * positive,
        "relu": positive,
        "tanh": 1 - t * t,
        "sigmoid": s * (1 - s),
    }
""",
        ),
        Alternative(
            "loop",
            source="""def activation_derivatives(z):
    import math

    names = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")
    found = {name: np.zeros(z.shape) for name in names}
    for index in np.ndindex(z.shape):
        value = float(z[index])
        small = math.exp(-abs(value))
        found["sigmoid"][index] = small / (1 + small) ** 2
        found["tanh"][index] = 1 - math.tanh(value) ** 2
        found["relu"][index] = 1.0 if value > 0 else 0.0
        found["leaky_relu"][index] = 1.0 if value > 0 else 0.01
        found["elu"][index] = 1.0 if value > 0 else math.exp(value)
    return found
""",
        ),
        Alternative(
            "plain_formulas",
            source="""def activation_derivatives(z):
    s = 1 / (1 + np.exp(-z))
    return dict(
        sigmoid=s - s**2,
        tanh=4 * (1 / (1 + np.exp(-2 * z))) * (1 - 1 / (1 + np.exp(-2 * z))),
        relu=np.heaviside(z, 0.0),
        leaky_relu=np.where(z <= 0, 0.01, 1.0),
        elu=np.where(z > 0, 1.0, np.exp(z)),
    )
""",
        ),
    ),
)

elementwise_jacobian = Exercise(
    "elementwise_jacobian",
    returns=("jacobian",),
    driver="call",
    cases=vector_cases,
    forbids=FORBIDS,
    hints=(
        "How does output 0 change when input 1 changes? Not at all.",
        "Only the entries with i = j can differ from 0. There stand the derivatives.",
        "NumPy builds a matrix with a given diagonal: np.diag.",
    ),
    mistakes=(
        Mistake(
            "vector_only",
            "You return the vector of derivatives. The Jacobian is a table: D rows for the "
            "outputs, D columns for the inputs.",
            [("np.diag(derivative)", "derivative.copy()")],
        ),
        Mistake(
            "column_only",
            "You return one column. The Jacobian has a column for each input, D in all.",
            [("np.diag(derivative)", "derivative[:, None] * 1.0")],
        ),
        Mistake(
            "rows_filled",
            "All rows hold the derivatives. Then every output would depend on every input; here "
            "only the one in the same place counts.",
            [("np.diag(derivative)", "np.tile(derivative, (len(derivative), 1))")],
        ),
        Mistake(
            "columns_filled",
            "All columns hold the derivatives. Then every output would depend on every input; "
            "here only the one in the same place counts.",
            [("np.diag(derivative)", "np.tile(derivative[:, None], (1, len(derivative)))")],
        ),
        Mistake(
            "outer_product",
            "This is the outer product of the derivatives with themselves. Nothing is multiplied: "
            "they stand on the diagonal, zeros elsewhere.",
            [("np.diag(derivative)", "np.outer(derivative, derivative)")],
        ),
        Mistake(
            "identity",
            "This is the identity: the Jacobian of a sum. An activation has its derivatives on the "
            "diagonal.",
            [("np.diag(derivative)", "np.eye(len(derivative))")],
        ),
        Mistake(
            "other_diagonal",
            "The derivatives stand on the diagonal from bottom left to top right. Output i and "
            "input i meet on the other one.",
            [("np.diag(derivative)", "np.fliplr(np.diag(derivative))")],
        ),
    ),
    alternatives=(
        Alternative(
            "scaled_identity", "", [("np.diag(derivative)", "np.eye(len(derivative)) * derivative")]
        ),
        Alternative(
            "loop",
            source="""def elementwise_jacobian(derivative):
    size = len(derivative)
    jacobian = np.zeros((size, size))
    for i in range(size):
        jacobian[i, i] = derivative[i]
    return jacobian
""",
        ),
        Alternative("diagflat", "", [("np.diag(derivative)", "np.diagflat(derivative)")]),
    ),
)

softmax_jacobian = Exercise(
    "softmax_jacobian",
    returns=("jacobian",),
    driver="call",
    cases=probability_cases,
    forbids=FORBIDS,
    hints=(
        "Two cases: i = j and i different from j. Write both with p alone.",
        (
            "Write p_i (1 - p_i) as p_i - p_i p_i. Then every entry has the part - p_i p_j, and "
            "the diagonal has p_i on top."
        ),
        "np.outer(p, p) holds all products p_i p_j, np.diag(p) the diagonal. Subtract.",
    ),
    mistakes=(
        Mistake(
            "diagonal_only",
            "The diagonal is right, the rest is zero. A higher score takes from all other "
            "probabilities: softmax is dense.",
            [("np.diag(p) - np.outer(p, p)", "np.diag(p * (1 - p))")],
        ),
        Mistake(
            "vector_only",
            "You return p (1 - p), the diagonal as a vector. The Jacobian is a K by K table, and "
            "its other entries are not zero.",
            [("np.diag(p) - np.outer(p, p)", "p * (1 - p)")],
        ),
        Mistake(
            "off_diagonal_positive",
            "Beside the diagonal your entries are positive. A higher score lowers all other "
            "probabilities.",
            [("np.diag(p) - np.outer(p, p)", "np.outer(p, p) + np.diag(p - 2 * p * p)")],
        ),
        Mistake(
            "plus_outer",
            "You add the outer product. On the diagonal that gives p (1 + p), and every row should "
            "add up to 0.",
            [("np.diag(p) - np.outer", "np.diag(p) + np.outer")],
        ),
        Mistake(
            "no_diagonal",
            "This is - p_i p_j everywhere. Where i = j the numerator depends on the score too: p_i "
            "is missing there.",
            [("np.diag(p) - np.outer(p, p)", "-np.outer(p, p)")],
        ),
        Mistake(
            "one_case_for_all",
            "You use p_i (1 - p_j) everywhere. That is the case i = j; where they differ, the "
            "numerator does not depend on z_j.",
            [("np.diag(p) - np.outer(p, p)", "np.outer(p, 1 - p)")],
        ),
        Mistake(
            "sign_turned",
            "All signs are turned round. A higher score raises its own probability.",
            [("np.diag(p) - np.outer(p, p)", "np.outer(p, p) - np.diag(p)")],
        ),
        Mistake(
            "identity_minus",
            "You subtract from the identity. On the diagonal p_i (1 - p_i) begins with p_i, not "
            "with 1.",
            [("np.diag(p) -", "np.eye(len(p)) -")],
        ),
        Mistake(
            "softmax_again",
            "You apply softmax to p first. p holds the probabilities already.",
            [
                (
                    "return np.diag(p) - np.outer(p, p)",
                    "p = np.exp(p) / np.exp(p).sum()\n    return np.diag(p) - np.outer(p, p)",
                )
            ],
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            source="""def softmax_jacobian(p):
    jacobian = np.empty((len(p), len(p)))
    for i in range(len(p)):
        for j in range(len(p)):
            jacobian[i, j] = p[i] * (1 - p[i]) if i == j else -p[i] * p[j]
    return jacobian
""",
        ),
        Alternative(
            "kronecker", "", [("np.diag(p) - np.outer(p, p)", "p[:, None] * (np.eye(len(p)) - p)")]
        ),
        Alternative(
            "columns",
            source="""def softmax_jacobian(p):
    column = p.reshape(-1, 1)
    return np.diagflat(column) - column @ column.T
""",
        ),
    ),
)

linear_jacobian = Exercise(
    "linear_jacobian",
    returns=("jacobian",),
    driver="call",
    cases=weight_cases,
    forbids=FORBIDS,
    hints=(
        "Rows belong to outputs, columns to inputs. Which shape must it have?",
        "In y_i = W_i0 x_0 + W_i1 x_1 + ..., what stands before x_j?",
        "The entry in row i and column j is W_ij. Nothing has to be computed.",
    ),
    mistakes=(
        Mistake(
            "transposed",
            "This is the transpose: rows for inputs. Here rows belong to outputs. (The transpose "
            "appears when one writes upstream as a column.)",
            [("W.copy()", "W.T.copy()")],
        ),
        Mistake(
            "gram_of_inputs",
            "You multiply W with itself. y is linear in x, so each slope is a single weight.",
            [("W.copy()", "W.T @ W")],
        ),
        Mistake(
            "gram_of_outputs",
            "You multiply W with its transpose. y is linear in x: each slope is a single weight.",
            [("W.copy()", "W @ W.T")],
        ),
        Mistake(
            "summed_over_outputs",
            "You add up the columns. That is upstream @ J for an upstream of ones; the Jacobian "
            "keeps a row for each output.",
            [("W.copy()", "W.sum(axis=0)")],
        ),
        Mistake(
            "summed_over_inputs",
            "You add up each row. The Jacobian keeps a column for each input.",
            [("W.copy()", "W.sum(axis=1)")],
        ),
        Mistake(
            "diagonal_only",
            "You keep the diagonal alone. An output of a linear step depends on all inputs.",
            [("W.copy()", "W * np.eye(*W.shape)")],
        ),
        Mistake(
            "flattened",
            "You return all weights in one row. The Jacobian has a row for each output.",
            [("W.copy()", "W.ravel().copy()")],
        ),
    ),
    alternatives=(
        Alternative("itself", "", [("W.copy()", "W")]),
        Alternative(
            "column_by_column",
            "",
            [("W.copy()", "np.stack([W @ e for e in np.eye(W.shape[1])], 1)")],
        ),
        Alternative(
            "loop",
            source="""def linear_jacobian(W):
    rows, columns = W.shape
    jacobian = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            jacobian[i, j] = W[i, j]
    return jacobian
""",
        ),
    ),
)

linear_forward = Exercise(
    "linear_forward",
    returns=("out",),
    driver="forward_backward",
    cases=linear_cases,
    forbids=FORBIDS,
    hints=(
        "X is (N, in), the result (N, out). Which shape must stand on the right of X?",
        "W is (out, in), so W.T is (in, out). The bias is added to every row by broadcasting.",
        "out = X @ W.T + b. For the way back you will need X and W: return out, (X, W).",
    ),
    mistakes=(
        Mistake("no_bias", "The bias is missing: b should be added to every row.", [(" + b", "")]),
        Mistake(
            "bias_subtracted", "The bias is subtracted. The layer adds it.", [(" + b", " - b")]
        ),
        Mistake(
            "bias_summed",
            "All biases are added to every output. Each output has its own.",
            [(" + b", " + b.sum()")],
        ),
        Mistake("bias_twice", "The bias is there twice.", [(" + b", " + b + b")]),
        Mistake(
            "result_transposed",
            "The result is transposed: examples should be the rows, (N, out).",
            [("X @ W.T + b", "(X @ W.T + b).T")],
        ),
        Mistake(
            "activated",
            "You apply ReLU as well. The linear layer is linear; ReLU is a layer of its own.",
            [("X @ W.T + b", "np.maximum(X @ W.T + b, 0)")],
        ),
        Mistake(
            "averaged",
            "You average over the inputs. A linear layer adds up the products.",
            [("X @ W.T + b", "X @ W.T / X.shape[1] + b")],
        ),
    ),
    alternatives=(
        Alternative("einsum", "", [("X @ W.T + b", 'np.einsum("nd,kd->nk", X, W) + b')]),
        Alternative("other_cache", "", [("(X, W)", '{"X": X, "W": W, "b": b}')]),
        Alternative(
            "example_by_example",
            source="""def linear_forward(X, W, b):
    out = np.stack([W @ x + b for x in X])
    return out, [X, W]
""",
        ),
    ),
)

trace_layer = Exercise(
    "trace_layer",
    returns=("Z", "dZ", "dW", "db", "dX"),
    driver="call",
    cases=no_arguments,
    forbids=FORBIDS,
    hints=(
        "Z of the second example is 1·3 + 2·(-1) - 2. Is it positive?",
        (
            "dZ is the upstream number where Z > 0, else 0. A row's part of dW is dZ times its X, "
            "its part of db is dZ, its row of dX is dZ times W."
        ),
        "Z = 3, -1, 6 and dZ = 2, 0, -3. The parts of dW are (2, 4), (0, 0) and -3·(0, 4).",
    ),
    mistakes=(
        Mistake(
            "mask_forgotten",
            "The second example's Z is negative, so ReLU stops its gradient: its dZ is 0.",
            [(" * (Z > 0)", "")],
        ),
        Mistake(
            "mask_from_upstream",
            "You stop the gradient where upstream is negative. What counts is the sign of Z.",
            [
                (
                    "np.array([[2.0], [5.0], [-3.0]]) * (Z > 0)",
                    "np.array([[2.0], [5.0], [0.0]]) * (Z * 0 + 1)",
                )
            ],
        ),
        Mistake(
            "averaged",
            "dW and db are means over the examples. They are sums: nothing here divides by 3.",
            [("dZ.T @ X, dZ.sum(axis=0)", "dZ.T @ X / 3, dZ.mean(axis=0)")],
        ),
        Mistake(
            "bias_forgotten",
            "Z lacks the bias -2.",
            [("X @ W.T + b", "X @ W.T")],
        ),
        Mistake(
            "multiplied_by_z",
            "You multiply upstream with Z itself. The slope of ReLU is 1 where Z > 0, not Z.",
            [("* (Z > 0)", "* np.maximum(Z, 0)")],
        ),
        Mistake(
            "absolute_parts",
            "The sign of the third upstream gradient is lost: it is -3.",
            [("[-3.0]", "[3.0]")],
        ),
        Mistake(
            "dw_transposed",
            "dW is a column here. It is shaped like W: one row, two columns.",
            [("dZ.T @ X", "X.T @ dZ")],
        ),
    ),
    alternatives=(
        Alternative(
            "numbers",
            source="""def trace_layer():
    Z = np.array([[3.0], [-1.0], [6.0]])
    dZ = np.array([[2.0], [0.0], [-3.0]])
    dX = np.array([[2.0, 4.0], [0.0, 0.0], [-3.0, -6.0]])
    return Z, dZ, np.array([[2.0, -8.0]]), np.array([-1.0]), dX
""",
        ),
        Alternative(
            "row_by_row",
            source="""def trace_layer():
    Z, dZ, dX, dW, db = [], [], [], np.zeros((1, 2)), np.zeros(1)
    for x, u in (([1, 2], 2), ([3, -1], 5), ([0, 4], -3)):
        z = x[0] + 2 * x[1] - 2
        d = float(u) if z > 0 else 0.0
        Z.append([float(z)])
        dZ.append([d])
        dX.append([d, 2 * d])
        dW += d * np.array([x])
        db += d
    return [np.array(Z), np.array(dZ), dW, db, np.array(dX)]
""",
        ),
    ),
)

linear_backward = Exercise(
    "linear_backward",
    returns=("dX", "dW", "db"),
    driver="forward_backward",
    uses=("linear_forward",),
    cases=linear_back_cases,
    forbids=FORBIDS,
    hints=(
        (
            "Each result is shaped like its thing: dX (N, in), dW (out, in), db (out,). Which axis "
            "has to disappear in each product?"
        ),
        (
            "In dX the outputs disappear: upstream times W. In dW and db the examples disappear: "
            "every example uses the same W and b, so their parts add up."
        ),
        "dX = upstream @ W, dW = upstream.T @ X, db = upstream.sum(axis=...).",
    ),
    mistakes=(
        Mistake(
            "dw_transposed",
            "dW is transposed, (in, out). The gradient is shaped like W: (out, in).",
            [("upstream.T @ X", "X.T @ upstream")],
        ),
        Mistake(
            "dw_averaged",
            "dW is too small by the number of examples. The mean of the loss is in upstream "
            "already; here the parts are added.",
            [("upstream.T @ X", "upstream.T @ X / len(X)")],
        ),
        Mistake(
            "db_averaged",
            "db is too small by the number of examples. The mean of the loss is in upstream "
            "already; here the parts are added.",
            [("upstream.sum(axis=0)", "upstream.mean(axis=0)")],
        ),
        Mistake(
            "both_averaged",
            "dW and db are too small by the number of examples. The mean of the loss is in "
            "upstream already; here the parts are added.",
            [
                ("upstream.T @ X", "upstream.T @ X / len(X)"),
                ("upstream.sum(axis=0)", "upstream.mean(axis=0)"),
            ],
        ),
        Mistake(
            "all_averaged",
            "All three gradients are too small by the number of examples. Nothing divides here: "
            "the 1/N is in upstream already.",
            [
                ("upstream @ W\n", "upstream @ W / len(X)\n"),
                ("upstream.T @ X", "upstream.T @ X / len(X)"),
                ("upstream.sum(axis=0)", "upstream.mean(axis=0)"),
            ],
        ),
        Mistake(
            "db_not_summed",
            "db still has a row for each example. One b serves all of them: add up over the batch.",
            [("upstream.sum(axis=0)", "upstream.copy()")],
        ),
        Mistake(
            "db_over_outputs",
            "db is summed over the outputs, so it has one number for each example. Sum over the "
            "examples: one number for each output.",
            [("upstream.sum(axis=0)", "upstream.sum(axis=1)")],
        ),
        Mistake(
            "db_one_number",
            "db is one number. Every output has its own bias, so db has shape (out,).",
            [("upstream.sum(axis=0)", "upstream.sum()")],
        ),
        Mistake(
            "db_keeps_axis",
            "db has shape (1, out). The gradient is shaped like b: (out,).",
            [("upstream.sum(axis=0)", "upstream.sum(axis=0, keepdims=True)")],
        ),
        Mistake(
            "db_ones",
            "db is the number of examples everywhere. 1 is the slope of out for b; the chain rule "
            "multiplies it with upstream.",
            [("upstream.sum(axis=0)", "np.full(len(W), float(len(X)))")],
        ),
        Mistake(
            "input_gradient_zero",
            "dX is zero. The layer before needs it: without it only the last layer learns.",
            [("dX = upstream @ W", "dX = np.zeros(X.shape)")],
        ),
        Mistake(
            "input_gradient_without_upstream",
            "dX does not depend on upstream: it is the Jacobian summed over the outputs. The "
            "chain rule weighs each output with its upstream gradient.",
            [("dX = upstream @ W", "dX = np.tile(W.sum(axis=0), (len(X), 1))")],
        ),
        Mistake(
            "weights_without_upstream",
            "dW does not depend on upstream: it is the sum of the inputs. The chain rule weighs "
            "each example with its upstream gradient.",
            [("upstream.T @ X", "np.tile(X.sum(axis=0), (len(W), 1))")],
        ),
        Mistake(
            "order",
            "The right gradients in another order. The function returns dX, dW, db.",
            [("return dX, dW, db", "return dW, db, dX")],
        ),
    ),
    alternatives=(
        Alternative(
            "einsum",
            "",
            [
                ("upstream @ W\n", 'np.einsum("nk,kd->nd", upstream, W)\n'),
                ("upstream.T @ X", 'np.einsum("nk,nd->kd", upstream, X)'),
                ("upstream.sum(axis=0)", 'np.einsum("nk->k", upstream)'),
            ],
        ),
        Alternative(
            "other_transposes",
            "",
            [
                ("upstream @ W\n", "(W.T @ upstream.T).T\n"),
                ("upstream.T @ X", "(X.T @ upstream).T"),
                ("upstream.sum(axis=0)", "upstream.T @ np.ones(len(X))"),
            ],
        ),
        Alternative(
            "example_by_example",
            source="""def linear_backward(upstream, cache):
    X, W = cache
    dX, dW, db = np.zeros(X.shape), np.zeros(W.shape), np.zeros(len(W))
    for n, (u, x) in enumerate(zip(upstream, X)):
        dX[n] = u @ W
        dW += np.outer(u, x)
        db += u
    return dX, dW, db
""",
        ),
    ),
)

relu_forward = Exercise(
    "relu_forward",
    returns=("out",),
    driver="forward_backward",
    cases=relu_cases,
    forbids=FORBIDS,
    hints=(
        "Negative numbers become 0, the others stay.",
        "np.maximum compares with 0 element by element (np.max does not).",
        "return np.maximum(Z, 0), Z. The cache may be the input, the output, or where Z > 0.",
    ),
    mistakes=(
        Mistake(
            "absolute",
            "You take absolute values. Negative inputs give 0.",
            [("np.maximum(Z, 0)", "np.abs(Z)")],
        ),
        Mistake(
            "leaky",
            "Below zero this is the leaky ReLU. The plain one gives 0 there.",
            [("np.maximum(Z, 0)", "np.where(Z > 0, Z, 0.01 * Z)")],
        ),
        Mistake(
            "mask_only",
            "You return where Z is positive, as 1 and 0. That is the derivative; positive inputs "
            "keep their value.",
            [("np.maximum(Z, 0)", "(Z > 0) * 1.0")],
        ),
        Mistake(
            "negative_part",
            "You keep the negative part. ReLU keeps the positive one.",
            [("np.maximum", "np.minimum")],
        ),
        Mistake(
            "one_maximum",
            "You take the largest element of the whole array. ReLU compares each element with 0 by "
            "itself.",
            [("np.maximum(Z, 0)", "np.full(Z.shape, max(Z.max(), 0.0))")],
        ),
        Mistake(
            "clipped_at_one",
            "Values above 1 are cut off. ReLU has no upper end.",
            [("np.maximum(Z, 0)", "np.clip(Z, 0, 1)")],
        ),
    ),
    alternatives=(
        Alternative("masked", "", [("np.maximum(Z, 0)", "Z * (Z > 0)")]),
        Alternative(
            "where", "", [("np.maximum(Z, 0)", "np.where(Z < 0, 0.0, Z)"), ("out, Z", "out, out")]
        ),
        Alternative("halves", "", [("np.maximum(Z, 0)", "(Z + np.abs(Z)) / 2")]),
    ),
)

relu_backward = Exercise(
    "relu_backward",
    returns=("dZ",),
    driver="forward_backward",
    uses=("relu_forward",),
    cases=relu_back_cases,
    forbids=FORBIDS,
    hints=(
        "Where did the forward function let something through? Only there the gradient passes.",
        "The Jacobian is diagonal with 1 where Z > 0 and 0 elsewhere: an elementwise product.",
        "dZ = upstream * (Z > 0), with Z from your cache.",
    ),
    mistakes=(
        Mistake(
            "all_passes",
            "The gradient passes everywhere. Where the input was negative the output is 0 and "
            "does not react: nothing passes.",
            [(" * (cache > 0)", " * 1.0")],
        ),
        Convention(
            "passes_at_zero",
            "The gradient passes where the input is exactly 0. Some texts define it so; L1 and "
            "this course take the derivative 0 there.",
            [("cache > 0", "cache >= 0")],
        ),
        Convention(
            "half_at_zero",
            "Where the input is exactly 0 half of the gradient passes. L1 and this course take "
            "the derivative 0 there.",
            [("(cache > 0)", "np.heaviside(cache, 0.5)")],
        ),
        Mistake(
            "mask_from_upstream",
            "You stop the gradient where it is negative itself. What counts is the sign of the "
            "input of the way forward.",
            [("cache > 0", "upstream > 0")],
        ),
        Mistake(
            "relu_of_upstream",
            "The right places are stopped, but negative gradients are lost as well. A gradient may "
            "be negative.",
            [("upstream * (cache", "np.maximum(upstream, 0) * (cache")],
        ),
        Mistake(
            "multiplied_by_output",
            "You multiply with ReLU's output. Its slope is 1 where the input is positive.",
            [("(cache > 0)", "np.maximum(cache, 0)")],
        ),
        Mistake(
            "mask_alone",
            "This is the derivative alone, without the upstream gradient. The chain rule "
            "multiplies both.",
            [("upstream * (cache > 0)", "(cache > 0) * 1.0")],
        ),
        Mistake(
            "mask_turned",
            "The gradient passes where the input was negative. It is the other way round.",
            [("cache > 0", "cache < 0")],
        ),
        Mistake(
            "leaky",
            "Below zero a hundredth of the gradient passes: that is the leaky ReLU.",
            [("(cache > 0)", "np.where(cache > 0, 1.0, 0.01)")],
        ),
    ),
    alternatives=(
        Alternative(
            "where", "", [("upstream * (cache > 0)", "np.where(cache > 0, upstream, 0.0)")]
        ),
        Alternative(
            "copy_and_mask",
            source="""def relu_backward(upstream, cache):
    dZ = upstream.copy()
    dZ[cache <= 0] = 0
    return dZ
""",
        ),
        Alternative("from_the_output", "", [("(cache > 0)", "np.sign(np.maximum(cache, 0))")]),
    ),
)

EXERCISES = (
    activation_derivatives,
    elementwise_jacobian,
    softmax_jacobian,
    linear_jacobian,
    linear_forward,
    trace_layer,
    linear_backward,
    relu_forward,
    relu_backward,
)
