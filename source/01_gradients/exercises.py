"""Exercises of 01_gradients, first part: four losses, each with its gradient.

The reference solution of each exercise stands in the master beside this file, and nowhere else.
A mistake is an edit of that solution, or a whole implementation where an edit would hide the idea.
"""

import numpy as np

from autograder.exercises import (
    READY_MADE,
    Alternative,
    Convention,
    Exercise,
    Mistake,
    call_case,
)
from downslope.drivers import Case

READY_LOSSES = (*READY_MADE, "downslope.losses", "downslope.networks", "scipy")


def apart(rng: np.random.Generator, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw predictions and targets whose differences have both signs and none is near zero."""
    target = rng.uniform(-2.0, 2.0, (rows, columns))
    signs = np.where(np.arange(rows * columns) % 2 == 0, 1.0, -1.0).reshape(rows, columns)
    return target + signs * rng.uniform(0.3, 3.0, (rows, columns)), target


def regression_case(
    label: str, rng: np.random.Generator, rows: int, columns: int, *, ties: bool = False
) -> Case:
    """Draw one batch; with ties the first and the last prediction hit their target exactly."""
    prediction, target = apart(rng, rows, columns)
    if ties:
        prediction[0, 0] = target[0, 0]
        prediction[-1, -1] = target[-1, -1]
    return call_case(label, prediction=prediction, target=target)


def regression_cases(rng: np.random.Generator) -> list[Case]:
    """Draw batches in which N and K differ, one example alone, and one output alone."""
    return [
        regression_case("four examples, three outputs", rng, 4, 3),
        regression_case("one example, two outputs", rng, 1, 2),
        regression_case("five examples, one output", rng, 5, 1),
    ]


def l1_cases(rng: np.random.Generator) -> list[Case]:
    """Draw the same kinds of batches, and one in which two predictions are exactly right."""
    return [
        *regression_cases(rng),
        regression_case("two predictions are exactly right", rng, 3, 4, ties=True),
    ]


def coin_case(name: str, logit: np.ndarray, label: np.ndarray) -> Case:
    """Make a case of the logistic loss, one of whose arguments is called label like a case's."""
    return {"label": name, "arguments": {"logit": logit, "label": label}}


def logistic_cases(rng: np.random.Generator) -> list[Case]:
    """Draw moderate logits, and logits of 1000 that are right, and that are wrong."""
    sizes = rng.uniform(0.4, 3.0, 6)
    signs = np.array([1.0, -1.0, 1.0, -1.0, -1.0, 1.0])
    labels = np.array([1, 1, 0, 0, 1, 0])
    far = rng.uniform(900.0, 1000.0, 4) * np.array([1.0, -1.0, 1.0, -1.0])
    return [
        coin_case("moderate logits", sizes * signs, labels),
        coin_case("one example", -sizes[:1], np.array([1])),
        coin_case("sure and right", far, np.array([1, 0, 1, 0])),
        coin_case("sure and wrong", far[::-1].copy(), np.array([1, 0, 0, 1])),
    ]


def softmax_cases(rng: np.random.Generator) -> list[Case]:
    """Draw moderate logits, huge ones, and rows on scales that lie far apart."""
    moderate = rng.uniform(-2.0, 2.0, (5, 3))
    huge = rng.uniform(-3.0, 3.0, (3, 4)) + np.array([[1000.0], [-1000.0], [700.0]])
    huge[2, 1] = -9000.0
    scales = rng.uniform(-2.0, 2.0, (4, 3)) + np.array([[0.0], [900.0], [-10000.0], [300.0]])
    return [
        call_case("moderate logits", logits=moderate, labels=np.array([2, 0, 1, 2, 0])),
        call_case("one example", logits=rng.uniform(-2.0, 2.0, (1, 4)), labels=np.array([1])),
        call_case("rows on far scales", logits=scales, labels=np.array([1, 1, 2, 0])),
        call_case("a true class with almost no chance", logits=huge, labels=np.array([0, 3, 1])),
    ]


l2_loss = Exercise(
    "l2_loss",
    returns=("loss", "grad"),
    driver="call",
    cases=regression_cases,
    hints=(
        (
            "Work out one example first: how long is the arrow from target to prediction, squared? "
            "Over which axis do you add, and over which do you average?"
        ),
        (
            "Add the squared differences over all K outputs and all N examples, and divide by N "
            "alone. Each number in grad is the slope of that loss along one number of prediction."
        ),
        (
            "difference = prediction - target; the loss is the sum of difference**2, divided by "
            "len(prediction). The derivative of d**2 is 2 d, and the 1/N stays."
        ),
    ),
    mistakes=(
        Mistake(
            "mean_over_outputs_too",
            "Loss and gradient are too small by the factor K. Average over the N examples only; "
            "over the K outputs the squares are added. np.mean over everything divides by N K.",
            [
                ("np.sum(difference**2) / n", "np.mean(difference**2)"),
                ("2 * difference / n", "2 * difference / difference.size"),
            ],
        ),
        Mistake(
            "loss_mean_over_outputs_too",
            "The gradient is right. The loss is too small by the factor K: it averages over the K "
            "outputs, where it should add.",
            [("np.sum(difference**2) / n", "np.mean(difference**2)")],
        ),
        Mistake(
            "grad_mean_over_outputs_too",
            "The loss is right. The gradient is too small by the factor K: it has the 1/N of the "
            "mean over examples, and no 1/K.",
            [("2 * difference / n", "2 * difference / difference.size")],
        ),
        Mistake(
            "sum_over_batch",
            "You add over the examples; this course takes their mean. With a sum, twice the batch "
            "would mean twice the step.",
            [
                ("np.sum(difference**2) / n", "np.sum(difference**2)"),
                ("2 * difference / n", "2 * difference"),
            ],
        ),
        Mistake(
            "grad_without_mean",
            "The loss is right. The gradient is too large by the factor N: the loss is a mean, so "
            "its slope along one prediction carries the 1/N as well.",
            [("2 * difference / n", "2 * difference")],
        ),
        Mistake(
            "loss_without_mean",
            "The gradient is right. The loss is too large by the factor N: divide the sum by the "
            "number of examples.",
            [("np.sum(difference**2) / n", "np.sum(difference**2)")],
        ),
        Mistake(
            "two_forgotten",
            "The loss is right. The gradient is half of what it should be: what is the derivative "
            "of a square?",
            [("2 * difference / n", "difference / n")],
        ),
        Convention(
            "half_of_it",
            "You have one half in front of the squares. Many texts do this to be rid of the 2 in "
            "the gradient. L0 and this course have no half.",
            [
                ("np.sum(difference**2) / n", "np.sum(difference**2) / (2 * n)"),
                ("2 * difference / n", "difference / n"),
            ],
        ),
        Mistake(
            "length_not_squared",
            "You took a root: this is the mean distance. The L2 loss is the mean of the squared "
            "distance.",
            [("np.sum(difference**2) / n", "np.sum(np.sqrt(np.sum(difference**2, axis=1))) / n")],
        ),
        Mistake(
            "length_of_the_whole_batch",
            "The gradient is right. np.linalg.norm of the whole array gives one length with a root "
            "over everything. Square the differences and add; no root.",
            [("np.sum(difference**2) / n", "np.linalg.norm(difference) / n")],
        ),
        Mistake(
            "wrong_sign",
            "The loss is right. The gradient has the wrong sign: it is taken along the prediction, "
            "and a prediction that is too large must give a positive slope.",
            [("2 * difference / n", "-2 * difference / n")],
        ),
        Mistake(
            "divides_by_outputs",
            "You divide by K, the number of outputs. N, the number of examples, is the first axis.",
            [("n = len(prediction)", "n = prediction.shape[1]")],
        ),
        Mistake(
            "grad_averaged_away",
            "The gradient has lost its first axis. There is a slope along every single number of "
            "prediction, so grad has the shape (N, K).",
            [("2 * difference / n", "np.mean(2 * difference, axis=0)")],
        ),
        Mistake(
            "absolute_values",
            "This is the loss with absolute values. Here the differences are squared.",
            [
                ("np.sum(difference**2) / n", "np.sum(np.abs(difference)) / n"),
                ("2 * difference / n", "np.sign(difference) / n"),
            ],
        ),
        Mistake(
            "a_loss_for_each_example",
            "Your loss is an array with one number for each example. Take their mean: the loss of "
            "a batch is one number.",
            [("np.sum(difference**2) / n", "np.sum(difference**2, axis=1)")],
        ),
        Mistake(
            "grad_is_the_difference",
            "The loss is right. Your gradient is the difference alone: the 2 of the square and the "
            "1/N of the mean are missing.",
            [("2 * difference / n", "difference")],
        ),
        Mistake(
            "square_of_the_sum",
            "You add the differences first and square the sum: errors of opposite sign cancel. "
            "Square each difference.",
            [("np.sum(difference**2) / n", "np.sum(difference) ** 2 / n")],
        ),
    ),
    alternatives=(
        Alternative(
            "loops",
            source="""def l2_loss(prediction, target):
    count, outputs = prediction.shape
    loss, grad = 0.0, np.zeros((count, outputs))
    for i in range(count):
        for k in range(outputs):
            loss += (prediction[i, k] - target[i, k]) ** 2 / count
            grad[i, k] = 2 * (prediction[i, k] - target[i, k]) / count
    return loss, grad
""",
        ),
        Alternative(
            "norms",
            source="""def l2_loss(prediction, target):
    away = prediction - target
    loss = np.mean(np.linalg.norm(away, axis=1) ** 2)
    return loss, away * (2.0 / away.shape[0])
""",
        ),
        Alternative(
            "sum_then_mean", "", [("np.sum(difference**2) / n", "(difference**2).sum(1).mean()")]
        ),
    ),
    forbids=READY_LOSSES,
)

l1_loss = Exercise(
    "l1_loss",
    returns=("loss", "grad"),
    driver="call",
    cases=l1_cases,
    hints=(
        (
            "The absolute value has two straight arms. What is its slope on the right arm, on the "
            "left arm, and what does the text say about the corner?"
        ),
        (
            "The loss adds |prediction - target| over the outputs and averages over the examples. "
            "The slope along one prediction is +1 or -1, or 0 where the two agree, over N."
        ),
        "np.abs for the loss, np.sign for the gradient; both are divided by len(prediction).",
    ),
    mistakes=(
        Mistake(
            "mean_over_outputs_too",
            "Loss and gradient are too small by the factor K. Average over the N examples only; "
            "over the K outputs the distances are added.",
            [
                ("np.sum(np.abs(difference)) / n", "np.mean(np.abs(difference))"),
                ("np.sign(difference) / n", "np.sign(difference) / difference.size"),
            ],
        ),
        Mistake(
            "loss_mean_over_outputs_too",
            "The gradient is right. The loss is too small by the factor K: it averages over the K "
            "outputs, where it should add.",
            [("np.sum(np.abs(difference)) / n", "np.mean(np.abs(difference))")],
        ),
        Mistake(
            "grad_mean_over_outputs_too",
            "The loss is right. The gradient is too small by the factor K: it has the 1/N of the "
            "mean over examples, and no 1/K.",
            [("np.sign(difference) / n", "np.sign(difference) / difference.size")],
        ),
        Mistake(
            "sum_over_batch",
            "You add over the examples; this course takes their mean. With a sum, twice the batch "
            "would mean twice the step.",
            [
                ("np.sum(np.abs(difference)) / n", "np.sum(np.abs(difference))"),
                ("np.sign(difference) / n", "np.sign(difference)"),
            ],
        ),
        Mistake(
            "grad_without_mean",
            "The loss is right. The gradient is too large by the factor N: the loss is a mean, so "
            "its slope along one prediction carries the 1/N as well.",
            [("np.sign(difference) / n", "np.sign(difference)")],
        ),
        Mistake(
            "wrong_sign",
            "The loss is right. The gradient has the wrong sign: a prediction that is too large "
            "must give a positive slope.",
            [("np.sign(difference) / n", "-np.sign(difference) / n")],
        ),
        Mistake(
            "corner_counts_as_right",
            "Where prediction and target agree, your gradient is +1/N. The course takes 0 there. A "
            "test with < has two outcomes; here there are three.",
            [("np.sign(difference) / n", "np.where(difference < 0, -1.0, 1.0) / n")],
        ),
        Mistake(
            "corner_counts_as_left",
            "Where prediction and target agree, your gradient is -1/N. The course takes 0 there. A "
            "test with > has two outcomes; here there are three.",
            [("np.sign(difference) / n", "np.where(difference > 0, 1.0, -1.0) / n")],
        ),
        Mistake(
            "zero_by_zero",
            "Where prediction and target agree, your gradient is 0/0, which is nan. It should be 0 "
            "there.",
            [("np.sign(difference) / n", "difference / np.abs(difference) / n")],
        ),
        Mistake(
            "grad_of_the_square",
            "The loss is right. Your gradient is that of the squared loss: it grows with the "
            "error. The slope of an absolute value has the same size everywhere.",
            [("np.sign(difference) / n", "2 * difference / n")],
        ),
        Mistake(
            "grad_is_the_difference",
            "The loss is right. Your gradient is the difference itself: it grows with the error. "
            "The slope of an absolute value has the same size everywhere.",
            [("np.sign(difference) / n", "difference / n")],
        ),
        Mistake(
            "no_absolute_value",
            "Errors of opposite sign cancel in your loss. The absolute value comes first, the sum "
            "afterwards.",
            [("np.sum(np.abs(difference)) / n", "np.sum(difference) / n")],
        ),
        Mistake(
            "absolute_value_too_late",
            "You add the differences of an example first and take the absolute value of the sum: "
            "errors of opposite sign cancel. Take it of each difference.",
            [("np.sum(np.abs(difference)) / n", "np.sum(np.abs(difference.sum(axis=1))) / n")],
        ),
        Mistake(
            "divides_by_outputs",
            "You divide by K, the number of outputs. N, the number of examples, is the first axis.",
            [("n = len(prediction)", "n = prediction.shape[1]")],
        ),
        Mistake(
            "grad_never_negative",
            "The loss is right. Your gradient is never negative: on the left arm of the absolute "
            "value, where the prediction is too small, the slope is -1.",
            [("np.sign(difference) / n", "np.where(difference > 0, 1.0, 0.0) / n")],
        ),
        Mistake(
            "grad_of_the_prediction",
            "The loss is right. Your gradient is the sign of the prediction. It is the sign of "
            "prediction minus target.",
            [("np.sign(difference) / n", "np.sign(prediction) / n")],
        ),
    ),
    alternatives=(
        Alternative(
            "loops",
            source="""def l1_loss(prediction, target):
    count, outputs = prediction.shape
    loss, grad = 0.0, np.zeros_like(prediction)
    for i in range(count):
        for k in range(outputs):
            gap = prediction[i, k] - target[i, k]
            loss += abs(gap) / count
            if gap != 0:
                grad[i, k] = (1 if gap > 0 else -1) / count
    return loss, grad
""",
        ),
        Alternative(
            "comparisons",
            source="""def l1_loss(prediction, target):
    above, below = prediction > target, prediction < target
    slope = above.astype(float) - below
    loss = np.mean(np.sum(slope * (prediction - target), axis=1))
    return loss, slope / prediction.shape[0]
""",
        ),
        Alternative(
            "norm_of_order_one",
            "",
            [
                (
                    "np.sum(np.abs(difference)) / n",
                    "np.mean(np.linalg.norm(difference, ord=1, axis=1))",
                ),
            ],
        ),
    ),
    forbids=READY_LOSSES,
)


def naive_logistic(loss: str, probability: str = "1 / (1 + np.exp(-logit))") -> str:
    """Write a logistic loss by way of the probability p."""
    return f"""def logistic_loss(logit, label):
    with np.errstate(all="ignore"):
        p = {probability}
        loss = {loss}
    return loss, (p - label) / len(logit)
"""


BY_LOGS = "-np.mean(label * np.log(p) + (1 - label) * np.log(1 - p))"
CHOSEN_LOG = "-np.mean(np.log(np.where(label == 1, p, 1 - p)))"
STABLE = "np.maximum(logit, 0) - label * logit + np.log1p(small)"


def clipped(size: str) -> Mistake:
    """Make the mistake of a probability that is kept away from 0 and 1 by a tiny number."""
    name = f"clipped_at_{size.replace('-', '_')}"
    log = f"np.log(np.clip(np.where(label == 1, p, 1 - p), {size}, 1))"
    return Mistake(
        name,
        f"You keep the probability {size} away from 0. No overflow any more, but wrong: at a logit "
        f"of 1000 the loss is 1000, and yours ends near {-np.log(float(size)):.1f}, where it has "
        "no slope. Rewrite the formula instead.",
        source=naive_logistic(f"-np.mean({log})"),
    )


def clipped_both_ends(size: str) -> Mistake:
    """Make the same mistake as it is mostly typed: p between a tiny number and 1 minus it."""
    kept = f"np.clip(1 / (1 + np.exp(-logit)), {size}, 1 - {size})"
    return Mistake(
        f"kept_inside_by_{size.replace('-', '_')}",
        f"You keep the probability between {size} and 1 - {size}. No overflow any more, but wrong: "
        f"at a logit of 1000 the loss is 1000, and yours ends near {-np.log(float(size)):.1f}. "
        "Rewrite the formula instead.",
        source=naive_logistic(BY_LOGS, kept),
    )


def clipped_logit(size: int) -> Mistake:
    """Make the mistake of logits that are cut off before the stable formula sees them."""
    cut = f"np.clip(logit, -{size}, {size})"
    return Mistake(
        f"logit_clipped_at_{size}",
        f"You cut the logits off at {size}. No overflow any more, but wrong: at a logit of 1000 "
        f"the loss is 1000, and yours ends at {size}. The rewritten formula needs no cut.",
        [(STABLE, f"np.logaddexp(0, {cut}) - label * {cut}")],
    )


def padded(size: str) -> Mistake:
    """Make the mistake of a tiny number that is added inside both logarithms."""
    logs = f"label * np.log(p + {size}) + (1 - label) * np.log(1 - p + {size})"
    return Mistake(
        f"padded_by_{size.replace('-', '_')}",
        f"You add {size} inside the logarithms. No overflow any more, but wrong: at a logit of "
        f"1000 the loss is 1000, and yours ends near {-np.log(float(size)):.1f}. Rewrite the "
        "formula instead.",
        source=naive_logistic(f"-np.mean({logs})"),
    )


logistic_loss = Exercise(
    "logistic_loss",
    returns=("loss", "grad"),
    driver="call",
    cases=logistic_cases,
    hints=(
        (
            "Do not compute the probability and then its logarithm. Write both cases as one: the "
            "loss is ln(1 + e^z) for label 0 and ln(1 + e^(-z)) for label 1."
        ),
        (
            "Only e to a negative number is safe. Use ln(1 + e^z) = max(z, 0) + ln(1 + e^(-|z|)); "
            "for label 1, subtract z. The gradient is sigmoid(z) - label, over N."
        ),
        (
            "small = np.exp(-np.abs(logit)). Then the losses are np.maximum(logit, 0) - label * "
            "logit + np.log1p(small), and the sigmoid is 1 / (1 + small) for positive logits and "
            "small / (1 + small) for the others."
        ),
    ),
    mistakes=(
        Mistake(
            "logs_of_the_probability",
            "At logits near 1000 your loss is nan or inf: the sigmoid is rounded to exactly 0 or "
            "1, and then comes 0 times ln 0. The rewritten formula never takes the logarithm of a "
            "probability.",
            source=naive_logistic(BY_LOGS),
        ),
        Mistake(
            "log_of_the_chosen_probability",
            "Where the network is sure and wrong, your loss is inf: the probability has been "
            "rounded to 0 before its logarithm. At a logit of 1000 the loss is 1000.",
            source=naive_logistic(CHOSEN_LOG),
        ),
        Mistake(
            "quotient_of_exponentials",
            "At logits near 1000 you compute inf / inf, which is nan. Take exponentials of "
            "negative numbers only.",
            source=naive_logistic(BY_LOGS, "np.exp(logit) / (1 + np.exp(logit))"),
        ),
        Mistake(
            "exponential_overflows",
            "The gradient is right. The loss is inf at large positive logits: e^1000 overflows. "
            "Pull the large part out: ln(1 + e^z) = max(z, 0) + ln(1 + e^(-|z|)).",
            [(STABLE, "np.log(1 + np.exp(logit)) - label * logit")],
        ),
        clipped("1e-15"),
        clipped("1e-12"),
        clipped("1e-8"),
        clipped("1e-7"),
        clipped("1e-10"),
        padded("1e-8"),
        padded("1e-10"),
        padded("1e-12"),
        padded("1e-15"),
        padded("1e-9"),
        *map(clipped_both_ends, ("1e-15", "1e-12", "1e-10", "1e-9", "1e-8", "1e-7")),
        *map(clipped_logit, (20, 30, 50, 100, 500, 700)),
        Mistake(
            "sum_over_batch",
            "You add over the examples; this course takes their mean, in the loss and in the "
            "gradient.",
            [("np.mean(", "np.sum("), ("(probability - label) / n", "probability - label")],
        ),
        Mistake(
            "grad_without_mean",
            "The loss is right. The gradient is too large by the factor N: the loss is a mean, so "
            "its slope along one logit carries the 1/N as well.",
            [("(probability - label) / n", "probability - label")],
        ),
        Mistake(
            "labels_swapped",
            "Your loss is small where it should be large. The logit is the log-odds of label 1: a "
            "large logit is good news when the label is 1.",
            [
                ("- label * logit", "- (1 - label) * logit"),
                ("(probability - label)", "(probability - (1 - label))"),
            ],
        ),
        Mistake(
            "wrong_sign",
            "The loss is right. The gradient has the wrong sign: where the label is 1, a larger "
            "logit makes the loss smaller.",
            [("(probability - label) / n", "(label - probability) / n")],
        ),
        Mistake(
            "slope_of_the_sigmoid_too",
            "The loss is right. Your gradient has the factor p (1 - p) too many. It belongs to the "
            "squared loss behind a sigmoid; here it cancels against the slope of the logarithm.",
            [
                (
                    "(probability - label) / n",
                    "(probability - label) * probability * (1 - probability) / n",
                )
            ],
        ),
        Mistake(
            "label_forgotten_in_grad",
            "The loss is right. Your gradient is the probability alone, as if every label were 0.",
            [("(probability - label) / n", "probability / n")],
        ),
        Mistake(
            "labels_plus_and_minus_one",
            "Your formula is the one for labels -1 and +1. With 0 and 1, an example with label 0 "
            "gives ln 2 whatever its logit.",
            source="""def logistic_loss(logit, label):
    turned = -label * logit
    loss = np.mean(np.logaddexp(0, turned))
    return loss, -label * np.exp(-np.logaddexp(0, -turned)) / len(logit)
""",
        ),
        Convention(
            "base_two",
            "This is the loss in bits, with logarithms to base 2. The course uses the natural "
            "logarithm, as the gradient p - y needs it.",
            [("np.mean(", "1 / np.log(2) * np.mean(")],
        ),
        Convention(
            "base_ten",
            "This is the loss with logarithms to base 10, as on L2's bandit slide. The course uses "
            "the natural logarithm.",
            [("np.mean(", "1 / np.log(10) * np.mean(")],
        ),
        Mistake(
            "wrong_side_never_punished",
            "Your loss is ln(1 + e^(-|z|)) alone: it cannot see whether the network is sure and "
            "right or sure and wrong. The part that grows along with z is missing.",
            [("np.maximum(logit, 0) - label * logit + np.log1p", "np.log1p")],
        ),
        Mistake(
            "loss_without_mean",
            "The gradient is right. The loss is too large by the factor N: it is the mean over the "
            "examples.",
            [("np.mean(", "np.sum(")],
        ),
        Mistake(
            "squared_error",
            "This is the squared error behind a sigmoid. Its slope dies where the network is sure "
            "and wrong. The logistic loss takes logarithms.",
            source="""def logistic_loss(logit, label):
    p = 1 / (1 + np.exp(-logit))
    return np.mean((p - label) ** 2), 2 * (p - label) * p * (1 - p) / len(logit)
""",
        ),
        Mistake(
            "label_forgotten_in_loss",
            "The gradient is right. Your loss is ln(1 + e^z) whatever the label is: for label 1 "
            "take the logit away.",
            [(" - label * logit", "")],
        ),
        Mistake(
            "label_added",
            "The gradient is right. In the loss you add label times logit. It has to be taken "
            "away: a large logit is good news when the label is 1.",
            [(" - label * logit", " + label * logit")],
        ),
    ),
    alternatives=(
        Alternative(
            "logaddexp",
            source="""def logistic_loss(logit, label):
    loss = np.mean(np.logaddexp(0, logit) - label * logit)
    return loss, (np.exp(-np.logaddexp(0, -logit)) - label) / logit.size
""",
        ),
        Alternative(
            "turned_to_label_zero",
            source="""def logistic_loss(logit, label):
    sign = 1.0 - 2.0 * label
    z = sign * logit
    losses = np.where(z > 0, z, 0.0) + np.log(1 + np.exp(-np.abs(z)))
    slope = 0.5 * (1 + np.tanh(z / 2))
    return losses.mean(), sign * slope / len(z)
""",
        ),
        Alternative(
            "loop",
            source="""def logistic_loss(logit, label):
    import math

    loss, grad = 0.0, np.zeros(len(logit))
    for i, (z, y) in enumerate(zip(logit, label)):
        if z >= 0:
            p, softplus = 1 / (1 + math.exp(-z)), z + math.log1p(math.exp(-z))
        else:
            p, softplus = math.exp(z) / (1 + math.exp(z)), math.log1p(math.exp(z))
        loss += (softplus - y * z) / len(logit)
        grad[i] = (p - y) / len(logit)
    return loss, grad
""",
        ),
    ),
    forbids=READY_LOSSES,
)


def softmax_by_probabilities(shift: str, loss: str, guard: str = "") -> str:
    """Write a softmax cross-entropy by way of the probabilities p."""
    return f"""def softmax_cross_entropy(logits, labels):
    n = len(logits)
    with np.errstate(all="ignore"):
        e = np.exp(logits{shift})
        p = e / e.sum(axis=1, keepdims=True)
        loss = -np.mean(np.log({loss}{guard}))
    grad = p.copy()
    grad[np.arange(n), labels] -= 1
    return loss, grad / n
"""


def softmax_by_logs(shift: str) -> str:
    """Write a softmax cross-entropy with a log of the sum, and its gradient as a quotient."""
    return f"""def softmax_cross_entropy(logits, labels):
    n = len(logits)
    with np.errstate(all="ignore"):
        shifted = logits{shift}
        e = np.exp(shifted)
        total = e.sum(axis=1)
        loss = np.mean(np.log(total) - shifted[np.arange(n), labels])
        grad = e / total[:, None]
    grad[np.arange(n), labels] -= 1
    return loss, grad / n
"""


ROW_SHIFT = " - logits.max(axis=1, keepdims=True)"
TRUE_CLASS = "p[np.arange(n), labels]"


def guarded(size: str) -> Mistake:
    """Make the mistake of a tiny number inside the logarithm."""
    return Mistake(
        f"guard_of_{size.replace('-', '_')}",
        f"The tiny {size} inside your logarithm avoids inf and gives a wrong loss: the true class "
        f"may be thousands of units behind, and yours stops near {-np.log(float(size)):.1f}. Take "
        "the logarithm of the quotient apart instead.",
        source=softmax_by_probabilities(ROW_SHIFT, TRUE_CLASS, f" + {size}"),
    )


softmax_cross_entropy = Exercise(
    "softmax_cross_entropy",
    returns=("loss", "grad"),
    driver="call",
    cases=softmax_cases,
    hints=(
        (
            "Softmax does not change when the same number is taken from all logits of a row. Which "
            "number makes every exponential safe?"
        ),
        (
            "Take each row's own maximum away. Then ln softmax = shifted - ln(sum of "
            "exp(shifted)), without ever computing ln of a quotient. The gradient is softmax minus "
            "one-hot, over N."
        ),
        (
            "shifted = logits - logits.max(axis=1, keepdims=True); log_p = shifted - "
            "np.log(np.exp(shifted).sum(axis=1, keepdims=True)). Pick the true class of each row "
            "by log_p[np.arange(n), labels]; take 1 away from np.exp(log_p) at the same places."
        ),
    ),
    mistakes=(
        Mistake(
            "no_shift",
            "At logits near 1000 you get nan or inf: the exponentials overflow. Take each row's "
            "maximum away first; softmax does not notice.",
            source=softmax_by_probabilities("", TRUE_CLASS),
        ),
        Mistake(
            "one_maximum_for_all_rows",
            "You take away the maximum of the whole array. A row that lies far below it is then "
            "all zeros, and 0/0 follows. Each row needs its own maximum.",
            source=softmax_by_probabilities(" - logits.max()", TRUE_CLASS),
        ),
        Mistake(
            "one_maximum_with_logs",
            "You take away the maximum of the whole array. A row that lies far below it then adds "
            "up to 0. Each row needs its own maximum.",
            source=softmax_by_logs(" - logits.max()"),
        ),
        Mistake(
            "shift_never_below_zero",
            "You shift by the row's maximum only where it is positive. A row of logits near -1000 "
            "then adds up to 0: shift it as well.",
            source=softmax_by_logs(" - np.maximum(0, logits.max(axis=1, keepdims=True))"),
        ),
        Mistake(
            "shift_by_the_mean",
            "You take away the row's mean. The largest logit may still lie far above it, and its "
            "exponential overflows. Take the maximum away.",
            source=softmax_by_logs(" - logits.mean(axis=1, keepdims=True)"),
        ),
        Mistake(
            "log_of_zero",
            "Where the true class has almost no chance, your loss is inf: the probability is "
            "rounded to 0 before its logarithm. Take the logarithm apart: shifted - ln(sum).",
            source=softmax_by_probabilities(ROW_SHIFT, TRUE_CLASS),
        ),
        guarded("1e-12"),
        guarded("1e-15"),
        guarded("1e-8"),
        guarded("1e-9"),
        guarded("1e-10"),
        guarded("1e-7"),
        Mistake(
            "wrong_axis",
            "You normalise over the examples: each column adds up to 1. The classes of one example "
            "are a row.",
            [
                ("logits.max(axis=1, keepdims=True)", "logits.max(axis=0, keepdims=True)"),
                (
                    "np.exp(shifted).sum(axis=1, keepdims=True)",
                    "np.exp(shifted).sum(axis=0, keepdims=True)",
                ),
            ],
        ),
        Mistake(
            "sum_over_batch",
            "You add over the examples; this course takes their mean, in the loss and in the "
            "gradient.",
            [("-np.mean(", "-np.sum("), ("return loss, grad / n", "return loss, grad")],
        ),
        Mistake(
            "grad_without_mean",
            "The loss is right. The gradient is too large by the factor N: the loss is a mean, so "
            "its slope along one logit carries the 1/N as well.",
            [("return loss, grad / n", "return loss, grad")],
        ),
        Mistake(
            "grad_averaged_twice",
            "The loss is right. The gradient is too small by the factor N: you divide by N twice.",
            [("return loss, grad / n", "return loss, grad / n / n")],
        ),
        Mistake(
            "mean_over_classes_too",
            "Loss and gradient are too small by the factor K. Average over the N examples only.",
            [
                (
                    "-np.mean(log_probabilities[np.arange(n), labels])",
                    "-np.sum(log_probabilities[np.arange(n), labels]) / logits.size",
                ),
                ("return loss, grad / n", "return loss, grad / logits.size"),
            ],
        ),
        Mistake(
            "ones_in_whole_columns",
            "Your gradient takes 1 away in whole columns: [:, labels] means every row at these "
            "columns. Say which row goes with which column: [np.arange(n), labels].",
            [("grad[np.arange(n), labels] -= 1", "grad[:, labels] -= 1")],
        ),
        Mistake(
            "loss_over_whole_columns",
            "The gradient is right. The loss averages whole columns: [:, labels] means every row "
            "at these columns. Say which row goes with which column: [np.arange(n), labels].",
            [("log_probabilities[np.arange(n), labels]", "log_probabilities[:, labels]")],
        ),
        Mistake(
            "one_hot_forgotten",
            "The loss is right. Your gradient is the softmax alone: the 1 of the true class has to "
            "be taken away.",
            [("    grad[np.arange(n), labels] -= 1\n", "")],
        ),
        Mistake(
            "wrong_sign",
            "The loss is right. The gradient has the wrong sign: a larger logit of the true class "
            "makes the loss smaller.",
            [("return loss, grad / n", "return loss, -grad / n")],
        ),
        Mistake(
            "loss_is_negative",
            "The gradient is right. Your loss is negative: a logarithm of a probability is, and "
            "the loss is minus that.",
            [("-np.mean(", "np.mean(")],
        ),
        Convention(
            "base_ten",
            "The gradient is right. The loss has logarithms to base 10, as on L2's bandit slide. "
            "The course uses the natural logarithm.",
            [("-np.mean(", "-1 / np.log(10) * np.mean(")],
        ),
        Mistake(
            "normaliser_forgotten",
            "Your loss is minus the shifted logit of the true class: the logarithm of the sum is "
            "missing.",
            [("-np.mean(log_probabilities[", "-np.mean(shifted[")],
        ),
        Mistake(
            "loss_mean_over_classes_too",
            "The gradient is right. The loss is too small by the factor K: np.mean over a one-hot "
            "table divides by N K. Average over the N examples only.",
            [
                (
                    "-np.mean(log_probabilities[np.arange(n), labels])",
                    "-np.sum(log_probabilities[np.arange(n), labels]) / logits.size",
                ),
            ],
        ),
        Mistake(
            "grad_mean_over_classes_too",
            "The loss is right. The gradient is too small by the factor K: it has the 1/N of the "
            "mean over examples, and no 1/K.",
            [("return loss, grad / n", "return loss, grad / logits.size")],
        ),
        Mistake(
            "labels_counted_from_one",
            "You take the class before the true one: L0 counts classes from 1, Python and this "
            "course from 0. labels are places already.",
            [
                (
                    "log_probabilities[np.arange(n), labels]",
                    "log_probabilities[range(n), labels - 1]",
                ),
                ("grad[np.arange(n), labels]", "grad[range(n), labels - 1]"),
            ],
        ),
        Mistake(
            "other_classes_charged_too",
            "You charge the other classes with -ln(1 - p) as well, as with separate coins. The "
            "softmax shares one probability out: only the true class enters.",
            source="""def softmax_cross_entropy(logits, labels):
    n = len(logits)
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    hot = np.eye(logits.shape[1])[labels]
    with np.errstate(all="ignore"):
        loss = -np.sum(np.log(np.where(hot == 1, p, 1 - p))) / n
    return loss, (p - hot) / n
""",
        ),
        Convention(
            "base_two",
            "The gradient is right. This is the loss in bits, with logarithms to base 2. The "
            "course uses the natural logarithm.",
            [("-np.mean(", "-1 / np.log(2) * np.mean(")],
        ),
    ),
    alternatives=(
        Alternative(
            "one_hot",
            source="""def softmax_cross_entropy(logits, labels):
    one_hot = np.eye(logits.shape[1])[labels]
    z = logits - np.max(logits, axis=1)[:, None]
    total = np.sum(np.exp(z), axis=1)[:, None]
    loss = np.sum(one_hot * (np.log(total) - z)) / len(logits)
    return loss, (np.exp(z) / total - one_hot) / len(logits)
""",
        ),
        Alternative(
            "loop",
            source="""def softmax_cross_entropy(logits, labels):
    losses, grad = [], np.zeros_like(logits)
    for i, row in enumerate(logits):
        top = row.max()
        log_sum = top + np.log(np.exp(row - top).sum())
        losses.append(log_sum - row[labels[i]])
        grad[i] = np.exp(row - log_sum)
        grad[i, labels[i]] -= 1
    return float(np.mean(losses)), grad / len(losses)
""",
        ),
        Alternative(
            "logaddexp",
            source="""def softmax_cross_entropy(logits, labels):
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    true = np.take_along_axis(log_p, labels[:, None], axis=1)
    hot = np.arange(logits.shape[1]) == labels[:, None]
    return -true.mean(), (np.exp(log_p) - hot) / log_p.shape[0]
""",
        ),
    ),
    forbids=READY_LOSSES,
)

EXERCISES = (l2_loss, l1_loss, logistic_loss, softmax_cross_entropy)
