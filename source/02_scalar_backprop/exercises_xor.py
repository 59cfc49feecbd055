"""Exercises of 02_scalar_backprop, fourth part: XOR, learned with numbers that remember."""

import numpy as np

from autograder.draws import signed
from autograder.exercises import READY_MADE, Alternative, Exercise, Mistake, call_case
from downslope.drivers import Case

FORBIDDEN = (*READY_MADE, "graphlib", "downslope.widgets", "downslope.networks", "downslope.layers")

# Weights from which gradient descent finds the way: each hidden unit cuts off one corner.
NEAR = np.array([1.0, 1.0, 1.0, 1.0, 1.0, -1.0, 0.5, -0.5, 0.2, 1.0, -1.0, 0.3, -0.8])


def weight_cases(rng: np.random.Generator) -> list[Case]:
    """Draw weights anywhere and weights near a solution."""
    near = NEAR + rng.uniform(-0.3, 0.3, 13)
    return [
        call_case("weights of both signs", weights=0.6 * signed(rng, 13)),
        call_case("small weights", weights=0.2 * signed(rng, 13)),
        call_case("weights that nearly know XOR", weights=near),
    ]


def training_cases(rng: np.random.Generator) -> list[Case]:
    """Draw one update, a few, and enough to learn XOR: the loss ends below 0.05."""
    rate = float(rng.uniform(0.13, 0.17))
    near = NEAR + rng.uniform(-0.2, 0.2, 13)
    return [
        call_case("one update", weights=0.5 * signed(rng, 13), lr=0.2 * rate, steps=1),
        call_case("five updates", weights=0.5 * signed(rng, 13), lr=0.3 * rate, steps=5),
        call_case("until XOR is learned", weights=near, lr=rate, steps=40),
    ]


OUT = "w[9] * hidden[0] + w[10] * hidden[1] + w[11] * hidden[2] + w[12]"

xor_gradient = Exercise(
    "xor_gradient",
    returns=("loss", "grad"),
    driver="call",
    cases=weight_cases,
    forbids=FORBIDDEN,
    hints=(
        (
            "Make a list w of 13 Values. Write the formulas above with it, for each of the four "
            "examples, and add up the losses."
        ),
        (
            "Unit k uses w[3k], w[3k + 1], w[3k + 2]; a loop over 0, 3, 6 makes the three. Each "
            "example adds (out - target) ** 2 / 4 to the loss. After loss.backward() the gradient "
            "is in the grads of w."
        ),
        (
            "hidden = [(w[k] * x1 + w[k + 1] * x2 + w[k + 2]).tanh() for k in (0, 3, 6)]; at the "
            "end return loss.data, np.array([each.grad for each in w])."
        ),
    ),
    mistakes=(
        Mistake(
            "sum_instead_of_mean",
            "Loss and gradient are 4 times too large: the loss is the mean over the examples, not "
            "the sum.",
            [("(out - target) ** 2 / 4", "(out - target) ** 2")],
        ),
        Mistake(
            "half_of_it",
            "Loss and gradient are half as large as they should be: there is no factor 1/2 in this "
            "loss.",
            [("** 2 / 4", "** 2 / 8")],
        ),
        Mistake(
            "no_hidden_tanh",
            "The hidden units lack their tanh. Without it the network is a straight line.",
            [(").tanh()", ")")],
        ),
        Mistake(
            "tanh_at_the_output",
            "Your output goes through a tanh. Only the hidden units do.",
            [(OUT, f"({OUT}).tanh()")],
        ),
        Mistake(
            "hidden_bias_forgotten",
            "The hidden units lack their bias, the third weight of each.",
            [(" + w[k + 2]", "")],
        ),
        Mistake(
            "output_bias_forgotten",
            "The output lacks its bias, the last weight.",
            [(" + w[12]", "")],
        ),
        Mistake(
            "last_example_only",
            "Only the last example counts. The loss adds up over all four.",
            [("loss = loss + ", "loss = ")],
        ),
        Mistake(
            "target_with_the_wrong_sign",
            "You add the target to the output. The error is their difference.",
            [("out - target", "out + target")],
        ),
        Mistake(
            "error_not_squared",
            "The error is not squared. Positive and negative errors then cancel.",
            [("(out - target) ** 2 / 4", "(out - target) / 4")],
        ),
    ),
    alternatives=(
        Alternative(
            "arrays",
            source="""def xor_gradient(weights):
    X = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    A = weights[:9].reshape(3, 3)
    hidden = np.tanh(X @ A[:, :2].T + A[:, 2])
    error = hidden @ weights[9:12] + weights[12] - np.array([-1.0, 1.0, 1.0, -1.0])
    back = np.outer(error / 2, weights[9:12]) * (1 - hidden**2)
    first = np.column_stack([back.T @ X, back.sum(axis=0)])
    grad = np.concatenate([first.ravel(), hidden.T @ error / 2, [error.sum() / 2]])
    return np.mean(error**2), grad
""",
        ),
        Alternative(
            "sum_of_values",
            source="""def xor_gradient(weights):
    w = list(map(Value, weights))
    errors = []
    for x1 in (-1, 1):
        for x2 in (-1, 1):
            out = w[12]
            for k in range(3):
                z = w[3 * k] * x1 + w[3 * k + 1] * x2 + w[3 * k + 2]
                out = out + z.tanh() * w[9 + k]
            errors.append(x1 * x2 + out)
    loss = sum(error * error for error in errors) * 0.25
    loss.backward()
    return loss.data, np.array([value.grad for value in w])
""",
        ),
    ),
)

train_xor = Exercise(
    "train_xor",
    returns=("weights", "loss"),
    driver="call",
    cases=training_cases,
    forbids=FORBIDDEN,
    hints=(
        (
            "This is the loop of gradient descent. Which of the two values of xor_gradient does it "
            "need?"
        ),
        (
            "In each of the steps: weights = weights - lr times the gradient at these weights. "
            "Compute the loss once more after the loop."
        ),
        (
            "for _ in range(steps): weights = weights - lr * xor_gradient(weights)[1]. Then return "
            "weights, xor_gradient(weights)[0]."
        ),
    ),
    mistakes=(
        Mistake(
            "uphill",
            "The weights move against the descent: the loss rises. Subtract the gradient.",
            [("weights - lr", "weights + lr")],
        ),
        Mistake(
            "one_update_too_few",
            "You make one update too few.",
            [("range(steps)", "range(steps - 1)")],
        ),
        Mistake(
            "one_update_too_many",
            "You make one update too many.",
            [("range(steps)", "range(steps + 1)")],
        ),
        Mistake(
            "loss_before_the_last_update",
            "The weights are right, but the loss belongs to the weights before the last update. "
            "Compute it after the loop.",
            [
                (
                    "weights = weights - lr * xor_gradient(weights)[1]",
                    "loss, grad = xor_gradient(weights)\n        weights = weights - lr * grad",
                ),
                ("return weights, xor_gradient(weights)[0]", "return weights, loss"),
            ],
        ),
        Mistake(
            "rate_forgotten",
            "The learning rate is not used: every update subtracts the whole gradient.",
            [("lr * ", "")],
        ),
        Mistake(
            "gradient_of_the_start",
            "Every update uses the gradient of the first weights. Compute it anew at each step.",
            [
                ("    for _ in range", "    first = xor_gradient(weights)[1]\n    for _ in range"),
                ("lr * xor_gradient(weights)[1]", "lr * first"),
            ],
        ),
        Mistake(
            "gradients_pile_up",
            "From the second update on, your step holds the gradients of all earlier ones as well. "
            "Old gradients have to go before each sweep.",
            [
                ("    for _ in range", "    total = 0.0\n    for _ in range"),
                (
                    "weights = weights - lr * xor_gradient(weights)[1]",
                    (
                        "total = total + xor_gradient(weights)[1]\n"
                        "        weights = weights - lr * total"
                    ),
                ),
            ],
        ),
    ),
    alternatives=(
        Alternative(
            "countdown",
            source="""def train_xor(weights, lr, steps):
    weights = weights.copy()
    while steps > 0:
        loss, grad = xor_gradient(weights)
        weights -= lr * grad
        steps -= 1
    loss, _ = xor_gradient(weights)
    return [weights, loss]
""",
        ),
        Alternative(
            "history",
            source="""def train_xor(weights, lr, steps):
    path = [np.array(weights)]
    for step in range(steps):
        path.append(path[step] - np.multiply(lr, xor_gradient(path[step])[1]))
    return path[-1], xor_gradient(path[-1])[0]
""",
        ),
    ),
)

EXERCISES = (xor_gradient, train_xor)
