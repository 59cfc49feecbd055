"""Exercises of 04_sgd, first half: counting updates, shuffling, the gradient of a batch, the loop.

A shuffle is judged by its properties, never by its numbers: any order that comes from the generator
is right. `downslope.shuffles` and `downslope.descents` say what is looked at.
"""

import numpy as np

from autograder.draws import run, signed
from autograder.exercises import (
    READY_MADE,
    Alternative,
    Exercise,
    Mistake,
    call_case,
    probe,
    steps_case,
)
from downslope.drivers import Case
from source.shared.update_slips import update_slips

FORBIDS = (*READY_MADE, "downslope.training", "downslope.plots", "downslope.widgets")


def count_cases(rng: np.random.Generator) -> list[Case]:
    """Draw sizes that fit and that do not, the borders, and L3's example."""
    size, full = int(rng.integers(4, 9)), int(rng.integers(5, 12))
    many = int(rng.integers(3, 9))
    return [
        call_case("batches that fit", n=size * many, batch_size=size),
        call_case("one example is left over", n=size * many + 1, batch_size=size),
        call_case("one example is missing", n=size * many - 1, batch_size=size),
        call_case("one example a batch", n=full, batch_size=1),
        call_case("the full batch", n=full, batch_size=full),
        call_case("a batch larger than the data", n=full, batch_size=full + size),
        call_case("L3's numbers", n=50_000, batch_size=10),
    ]


def seeds(rng: np.random.Generator, count: int) -> list[int]:
    """Draw different seeds."""
    return [int(seed) for seed in rng.choice(2**31, size=count, replace=False)]


def shuffle_cases(rng: np.random.Generator) -> list[Case]:
    """Draw sizes and seeds; balanced batches differ from full ones with a short last one."""

    def case(label: str, n: int, size: int) -> Case:
        first, other = seeds(rng, 2)
        plan = [[first, 2], [first, 1], [other, 1]]
        return {"label": label, "arguments": {"n": n, "batch_size": size}, "plan": plan}

    many = {"label": "400 calls of one generator", "arguments": {"n": 7, "batch_size": 3}}
    return [
        case("a short last batch", 6 * int(rng.integers(3, 6)) + 3, 6),
        case("batches that fit", 5 * int(rng.integers(4, 6)), 5),
        case("one example a batch", int(rng.integers(14, 17)), 1),
        case("the full batch", int(rng.integers(8, 11)), int(rng.integers(11, 14))),
        {**many, "plan": [[seeds(rng, 1)[0], 400]]},
    ]


def batch(rng: np.random.Generator, n: int, size: int) -> dict[str, np.ndarray]:
    """Draw examples with targets that all differ, and parameters."""
    rows = np.stack([signed(rng, size) for _ in range(n)])
    return {"theta": signed(rng, size), "X": rows, "y": rng.permutation(n) + rng.uniform(0, 0.5, n)}


def gradient_cases(rng: np.random.Generator) -> list[Case]:
    """Draw batches of several sizes out of data sets of several sizes."""

    def case(label: str, n: int, size: int, batch_size: int) -> Case:
        indices = rng.permutation(n)[:batch_size].astype(np.int64)
        mean = probe("batch_gradient")
        return call_case(label, grad_fn=mean, **batch(rng, n, size), indices=indices)

    return [
        case("four of nine examples", 9, 3, 4),
        case("a single example", 6, 2, 1),
        case("all examples, shuffled", 5, 4, 5),
    ]


def step_cases(rng: np.random.Generator) -> list[Case]:
    """Draw runs with a learning rate that changes."""
    return [
        steps_case("three parameters", {"theta": signed(rng, 3)}, run(rng, 3, 4)),
        steps_case(
            "five, one without gradient", {"theta": signed(rng, 5)}, run(rng, 5, 3, zero_from=1)
        ),
    ]


iterations_per_epoch = Exercise(
    "iterations_per_epoch",
    returns=("iterations",),
    driver="call",
    cases=count_cases,
    hints=(
        "How many batches does it take until every example has been in one? The last may be short.",
        "It is n / batch_size, rounded up. Rounding down would leave examples out.",
        "math.ceil(n / batch_size) after `import math`, or -(-n // batch_size).",
    ),
    mistakes=(
        Mistake(
            "rounded_down",
            "You round down. Then the examples of the short last batch are never used.",
            [("-(-n // batch_size)", "n // batch_size")],
        ),
        Mistake(
            "one_more",
            "You always add 1 after rounding down. Where the batches fit exactly, the last one "
            "would be empty.",
            [("-(-n // batch_size)", "n // batch_size + 1")],
        ),
        Mistake(
            "rounded_to_nearest",
            "You round to the nearest whole number. A short last batch is a batch, however short.",
            [("-(-n // batch_size)", "round(n / batch_size)")],
        ),
        Mistake(
            "not_rounded",
            "The number of updates is a whole number: n / batch_size still has to be rounded up.",
            [("-(-n // batch_size)", "n / batch_size")],
        ),
        Mistake(
            "sliding_windows",
            "You count windows that move on by one example. L0's formula reads like that, but "
            "batches do not overlap: each begins where the one before ends.",
            [("-(-n // batch_size)", "max(1, n - batch_size + 1)")],
        ),
        Mistake(
            "upside_down",
            "You divide the batch size by n. Larger batches make fewer updates, not more.",
            [("-(-n // batch_size)", "-(-batch_size // n)")],
        ),
        Mistake(
            "every_example",
            "You count the examples. That is right for batches of 1 only.",
            [("-(-n // batch_size)", "n")],
        ),
    ),
    alternatives=(
        Alternative("ceil", "", [("-(-n // batch_size)", "int(np.ceil(n / batch_size))")]),
        Alternative(
            "added_before", "", [("-(-n // batch_size)", "(n + batch_size - 1) // batch_size")]
        ),
        Alternative("range", "", [("-(-n // batch_size)", "len(range(0, n, batch_size))")]),
        Alternative(
            "remainder",
            source="""def iterations_per_epoch(n, batch_size):
    whole, rest = divmod(n, batch_size)
    return whole + (rest > 0)
""",
        ),
    ),
)

minibatches = Exercise(
    "minibatches",
    returns=("batches",),
    driver="shuffles",
    cases=shuffle_cases,
    forbids=FORBIDS,
    hints=(
        "First one order of all n indices, then cut it. Where does each batch begin?",
        (
            "rng.permutation(n) gives 0 to n - 1 in a random order. The batches begin at 0, "
            "batch_size, 2 * batch_size, ...; a slice beyond the end is simply shorter."
        ),
        (
            "order = rng.permutation(n); return [order[start:start + batch_size] for start in "
            "range(0, n, batch_size)]."
        ),
    ),
    mistakes=(
        Mistake(
            "with_replacement",
            "Some indices occur twice and others not at all: you draw with replacement. In an "
            "epoch every example has its turn exactly once.",
            [("rng.permutation(n)", "rng.integers(n, size=n)")],
        ),
        Mistake(
            "each_batch_by_itself",
            "Within a batch no index is repeated, but batches share indices: you draw each batch "
            "from all examples anew. Draw one order, then cut it.",
            [
                (
                    "order[start : start + batch_size]",
                    "rng.permutation(n)[: min(batch_size, n - start)]",
                ),
            ],
        ),
        Mistake(
            "short_batch_dropped",
            "The short last batch is missing, so some examples are never used. L0's count is "
            "rounded up for its sake.",
            source="""def minibatches(n, batch_size, rng):
    order = rng.permutation(n)
    count = n // batch_size
    return [order[k * batch_size : (k + 1) * batch_size] for k in range(count)]
""",
        ),
        Mistake(
            "empty_batch",
            "There is an empty batch at the end. Its mean gradient would be 0/0.",
            [("range(0, n, batch_size)", "range(0, n + batch_size, batch_size)")],
        ),
        Mistake(
            "not_shuffled",
            "The indices come in the order 0, 1, 2, ... . The order should be random: use rng.",
            [("rng.permutation(n)", "np.arange(n)")],
        ),
        Mistake(
            "fixed_seed",
            "Every call gives the same order, whatever rng is. You make a generator of your own: "
            "use the one that is passed in.",
            [("rng.permutation(n)", "np.random.default_rng(0).permutation(n)")],
        ),
        Mistake(
            "global_generator",
            "The order does not come from rng: a generator with the same seed gives other "
            "batches. np.random.permutation has a hidden generator of its own.",
            [("rng.permutation(n)", "np.random.permutation(n)")],
        ),
        Mistake(
            "sliding_windows",
            "The batches overlap: each begins one place after the one before. That is L0's formula "
            "taken literally; the next batch begins batch_size places later.",
            [
                ("range(0, n, batch_size)", "range(-(-n // batch_size))"),
            ],
        ),
        Mistake(
            "counted_from_one",
            "Your indices run from 1 to n, as on L0's slide. NumPy counts from 0: index n is "
            "outside the data.",
            [("rng.permutation(n)", "rng.permutation(n) + 1")],
        ),
        Mistake(
            "only_batches_shuffled",
            "The order of the batches is random, but each batch is a run of neighbours such as 0, "
            "1, 2: the same examples always meet. Shuffle the examples.",
            source="""def minibatches(n, batch_size, rng):
    batches = [np.arange(n)[start : start + batch_size] for start in range(0, n, batch_size)]
    order = rng.permutation(len(batches) - (n % batch_size > 0))
    return [batches[k] for k in order] + batches[len(order) :]
""",
        ),
        Mistake(
            "only_within_batches",
            "Each batch holds the same examples in every call; only their order inside changes. "
            "Shuffle all indices before you cut.",
            source="""def minibatches(n, batch_size, rng):
    return [
        rng.permutation(np.arange(n)[start : start + batch_size])
        for start in range(0, n, batch_size)
    ]
""",
        ),
        Mistake(
            "filled_up",
            "The last batch is filled up with indices from the beginning, which are used twice. "
            "It may be short.",
            [
                (
                    "order = rng.permutation(n)",
                    "order = np.resize(rng.permutation(n), n + -n % batch_size)",
                )
            ],
        ),
        Mistake(
            "balanced",
            "Your batches have nearly equal sizes. Here all have batch_size examples, except the "
            "last one.",
            source="""def minibatches(n, batch_size, rng):
    return np.array_split(rng.permutation(n), -(-n // batch_size))
""",
        ),
        Mistake(
            "number_of_batches",
            "You take batch_size for the number of batches. It is the number of examples in each.",
            source="""def minibatches(n, batch_size, rng):
    return np.array_split(rng.permutation(n), min(n, batch_size))
""",
        ),
        Mistake(
            "flat",
            "There is one index array with all examples. Cut it into batches of batch_size.",
            source="""def minibatches(n, batch_size, rng):
    return [rng.permutation(n)]
""",
        ),
        Mistake(
            "turned_round",
            "Your order is 0, 1, 2, ... from a random beginning: neighbours always stay together. "
            "Any order should be possible.",
            [("rng.permutation(n)", "np.roll(np.arange(n), rng.integers(n))")],
        ),
        Mistake(
            "not_every_order",
            "It looks shuffled, but over many calls some indices are found too often in some "
            "batches: not every order is equally likely. Swapping a few, or swapping by your own "
            "rule, is not a shuffle.",
            source="""def minibatches(n, batch_size, rng):
    order = np.arange(n)
    for last in range(n - 1, 0, -1):
        other = rng.integers(last)
        order[[last, other]] = order[[other, last]]
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]
""",
        ),
    ),
    alternatives=(
        Alternative(
            "shuffled_in_place",
            source="""def minibatches(n, batch_size, rng):
    order = np.arange(n)
    rng.shuffle(order)
    return np.split(order, range(batch_size, n, batch_size))
""",
        ),
        Alternative(
            "random_keys",
            "",
            [("rng.permutation(n)", "np.argsort(rng.random(n))")],
        ),
        Alternative(
            "drawn_without_replacement",
            "",
            [("rng.permutation(n)", "rng.choice(n, size=n, replace=False)")],
        ),
        Alternative(
            "bag",
            source="""def minibatches(n, batch_size, rng):
    left, batches = list(range(n)), []
    while left:
        batch = [left.pop(rng.integers(len(left))) for _ in range(min(batch_size, len(left)))]
        batches.append(sorted(batch))
    return tuple(batches)
""",
        ),
        Alternative(
            "while_loop",
            source="""def minibatches(n, batch_size, rng):
    order, batches = rng.permuted(np.arange(n, dtype=np.int32)), []
    while len(order):
        batches.append(order[:batch_size])
        order = order[batch_size:]
    return batches
""",
        ),
        Alternative(
            "short_batch_by_itself",
            source="""def minibatches(n, batch_size, rng):
    order = [int(i) for i in rng.permutation(n)]
    whole = n // batch_size * batch_size
    table = np.array(order[:whole], dtype=int).reshape(-1, batch_size)
    return [*table] + ([np.array(order[whole:])] if whole < n else [])
""",
        ),
        Alternative(
            "any_integers",
            "",
            [("rng.permutation(n)", "np.random.default_rng(rng.integers(2**63)).permutation(n)")],
        ),
    ),
)

minibatch_gradient = Exercise(
    "minibatch_gradient",
    returns=("gradient",),
    driver="call",
    cases=gradient_cases,
    hints=(
        "grad_fn takes examples. Which ones should it see?",
        "X[indices] picks rows; pick y in the same way. grad_fn takes the mean itself.",
        "return grad_fn(theta, X[indices], y[indices])",
    ),
    mistakes=(
        Mistake(
            "full_batch",
            "This is the gradient of all examples. Give grad_fn only those of the batch.",
            [("X[indices], y[indices]", "X, y")],
        ),
        Mistake(
            "summed",
            "Your gradient is too large by the number of examples in the batch: a sum. L3 adds the "
            "losses up, but here a batch's loss is a mean, or lr would depend on the batch size.",
            [("return grad_fn", "return len(indices) * grad_fn")],
        ),
        Mistake(
            "averaged_twice",
            "Your gradient is too small by the number of examples in the batch: grad_fn takes the "
            "mean already.",
            [
                (
                    "return grad_fn(theta, X[indices], y[indices])",
                    "return grad_fn(theta, X[indices], y[indices]) / len(indices)",
                )
            ],
        ),
        Mistake(
            "divided_by_all",
            "You divide by the number of all examples. The mean is over the batch.",
            [
                (
                    "return grad_fn(theta, X[indices], y[indices])",
                    "return grad_fn(theta, X[indices], y[indices]) * len(indices) / len(X)",
                )
            ],
        ),
        Mistake(
            "first_rows",
            "You take the first rows of X and y. Take the rows with these indices.",
            [("X[indices], y[indices]", "X[: len(indices)], y[: len(indices)]")],
        ),
        Mistake(
            "targets_of_others",
            "The rows of X are right, but the targets belong to other examples. Pick y with the "
            "same indices.",
            [("y[indices]", "y[: len(indices)]")],
        ),
        Mistake(
            "sorted_targets",
            "X and y are picked in different orders, so rows meet foreign targets.",
            [("y[indices]", "y[indices[::-1]]")],
        ),
        Mistake(
            "one_example",
            "You use one example of the batch only.",
            [("X[indices], y[indices]", "X[indices[:1]], y[indices[:1]]")],
        ),
        Mistake(
            "downhill_already",
            "You return minus the gradient. The step changes the sign, later.",
            [("return grad_fn", "return -grad_fn")],
        ),
    ),
    alternatives=(
        Alternative(
            "take",
            "",
            [("X[indices], y[indices]", "np.take(X, indices, axis=0), y.take(indices)")],
        ),
        Alternative(
            "one_by_one",
            source="""def minibatch_gradient(grad_fn, theta, X, y, indices):
    return np.mean([grad_fn(theta, X[[i]], y[[i]]) for i in indices], axis=0)
""",
        ),
        Alternative(
            "keywords",
            source="""def minibatch_gradient(grad_fn, theta, X, y, indices):
    examples = [X[i] for i in indices]
    return grad_fn(theta, X=np.array(examples), y=np.array([y[i] for i in indices]))
""",
        ),
    ),
)

sgd_step = Exercise(
    "sgd_step",
    returns=("theta",),
    cases=step_cases,
    hints=(
        "It is the update of gradient descent. Only where grad comes from is new.",
        "Move against the gradient, by lr times the gradient.",
        "return theta - lr * grad",
    ),
    mistakes=(
        *update_slips(),
        Mistake(
            "step_returned",
            "You return the step alone. The function returns the new theta.",
            [("theta - lr", "-lr")],
        ),
        Mistake(
            "signs_only",
            "You use only the signs of the gradient. The size counts as well.",
            [("lr * grad", "lr * np.sign(grad)")],
        ),
        Mistake(
            "unit_steps",
            "Your steps all have length lr. The gradient is used as it is.",
            [("lr * grad", "lr * grad / np.linalg.norm(grad)")],
        ),
        Mistake(
            "averaged_again",
            "You divide by the number of parameters. The mean over examples is in grad already.",
            [("lr * grad", "lr * grad / len(grad)")],
        ),
    ),
    alternatives=(
        Alternative("other_order", "", [("theta - lr * grad", "-grad * lr + theta")]),
        Alternative(
            "copy_in_place",
            source="""def sgd_step(theta, grad, lr):
    new = theta.copy()
    new -= lr * grad
    return new
""",
        ),
        Alternative(
            "loop",
            source="""def sgd_step(theta, grad, lr):
    return np.array([weight - lr * slope for weight, slope in zip(theta, grad)])
""",
        ),
    ),
)

EXERCISES = (iterations_per_epoch, minibatches, minibatch_gradient, sgd_step)
