"""Exercises of 04_sgd, second part: the loop over epochs, by hand, in code, to be repaired."""

import numpy as np

from autograder.draws import signed
from autograder.exercises import READY_MADE, Alternative, Exercise, Mistake, Variant, call_case
from downslope.drivers import Case

FORBIDS = (*READY_MADE, "downslope.training", "downslope.plots", "downslope.widgets")


def trace_cases(rng: np.random.Generator) -> list[Case]:
    """The one table that is filled in by hand."""
    del rng
    return [call_case("the table")]


def descent_cases(rng: np.random.Generator) -> list[Case]:
    """Draw runs of several epochs; sizes of data, batch and parameters all differ."""

    def case(label: str, n: int, size: int, batch_size: int, epochs: int) -> Case:
        targets = rng.permutation(n) + rng.uniform(0, 0.5, n)
        given = {
            "theta0": signed(rng, size),
            "X": np.stack([signed(rng, size) for _ in range(n)]),
            "y": targets / n,
            "lr": float(rng.uniform(0.02, 0.05)),
            "batch_size": batch_size,
            "epochs": epochs,
        }
        seeds = [int(seed) for seed in rng.choice(2**31, size=2, replace=False)]
        return {"label": label, "arguments": given, "seeds": seeds}

    return [
        case("a short last batch", 21, 3, 6, 3),
        case("batches that fit", 20, 2, 5, 2),
        case("one example a batch", 14, 3, 1, 2),
        case("the full batch", 8, 2, 8, 4),
        case("a batch larger than the data", 7, 3, 9, 2),
        case("no epoch at all", 9, 2, 4, 0),
    ]


def own_loop(body: str, before: str = "") -> str:
    """Write an sgd of its own around the lines of an epoch."""
    return f"""def sgd(grad_fn, theta0, X, y, lr, batch_size, epochs, rng):
    theta, path, n = theta0, [theta0], len(X)
{before}    for epoch in range(epochs):
{body}        path.append(theta)
    return np.array(path)
"""


SLICES = """        for start in range(0, n, batch_size):
            batch = order[start : start + batch_size]
            theta = theta - lr * grad_fn(theta, X[batch], y[batch])
"""

PATH_SLIPS: tuple[Variant, ...] = (
    Mistake(
        "start_left_out",
        "The path begins after the first epoch. Row 0 is theta0 itself, so there are epochs + 1 "
        "rows.",
        [
            (
                "return np.array(path)",
                "return np.array(path[1:] or path)",
            )
        ],
    ),
    Mistake(
        "every_update_kept",
        "Your path has a row for each update. Keep theta once an epoch: look at the indentation "
        "of the line that appends.",
        [
            (
                "            theta = sgd_step(theta, gradient, lr)\n        path.append(theta)",
                "            theta = sgd_step(theta, gradient, lr)\n            path.append(theta)",
            )
        ],
    ),
    Mistake(
        "one_epoch_short",
        "One epoch is missing: `epochs` passes give epochs + 1 rows.",
        [("range(epochs)", "range(epochs - 1)")],
    ),
    Mistake(
        "one_epoch_too_many",
        "One epoch too many is made: `epochs` passes give epochs + 1 rows.",
        [("range(epochs)", "range(epochs + 1)")],
    ),
    Mistake(
        "same_array_again",
        "All rows of the path are the last point. You keep the same array again and again and "
        "change it in place: make a new one at each update.",
        [
            ("theta, path = theta0, [theta0]", "theta = theta0.copy()\n    path = [theta]"),
            ("theta = sgd_step(theta, gradient, lr)", "theta[:] = sgd_step(theta, gradient, lr)"),
        ],
    ),
)

STEP_SLIPS: tuple[Variant, ...] = (
    Mistake(
        "uphill",
        "Each step has the right length and goes uphill. Look at the sign in front of lr.",
        [("sgd_step(theta, gradient, lr)", "sgd_step(theta, gradient, -lr)")],
    ),
    Mistake(
        "lr_missing",
        "Your steps do not depend on lr.",
        [("sgd_step(theta, gradient, lr)", "theta - gradient")],
    ),
    Mistake(
        "summed",
        "Your steps are too long, by the number of examples in the batch: the gradients are added "
        "up. The loss of a batch is a mean, so that lr does not depend on the batch size.",
        [("sgd_step(theta, gradient, lr)", "sgd_step(theta, len(indices) * gradient, lr)")],
    ),
    Mistake(
        "divided_by_batch_size",
        "Your steps are too short. grad_fn takes the mean over the batch already.",
        [("sgd_step(theta, gradient, lr)", "sgd_step(theta, gradient / len(indices), lr)")],
    ),
    Mistake(
        "short_batch_weighs_less",
        "The steps of the short last batch are too short: you divide the sum by batch_size, and "
        "it has fewer examples. Take the mean over those that are there.",
        [
            (
                "sgd_step(theta, gradient, lr)",
                "sgd_step(theta, gradient * len(indices) / batch_size, lr)",
            )
        ],
    ),
    Mistake(
        "divided_by_all",
        "You divide by the number of all examples. The mean is over the batch.",
        [
            (
                "sgd_step(theta, gradient, lr)",
                "sgd_step(theta, gradient * len(indices) / len(X), lr)",
            )
        ],
    ),
    Mistake(
        "rate_falls",
        "Your learning rate falls from epoch to epoch. Here it stays as it is.",
        [
            ("for _ in range(epochs)", "for epoch in range(epochs)"),
            ("sgd_step(theta, gradient, lr)", "sgd_step(theta, gradient, lr / (epoch + 1))"),
        ],
    ),
    Mistake(
        "gradient_of_the_epochs_start",
        "All updates of an epoch use the gradient at the point where the epoch began. Each update "
        "takes the gradient at the newest theta.",
        source=own_loop(
            """        begin = theta
        order = rng.permutation(n)
        for start in range(0, n, batch_size):
            batch = order[start : start + batch_size]
            theta = theta - lr * grad_fn(begin, X[batch], y[batch])
"""
        ),
    ),
    Mistake(
        "gradient_of_the_start",
        "Every update uses the gradient at theta0. Take it at the newest theta.",
        [("minibatch_gradient(grad_fn, theta,", "minibatch_gradient(grad_fn, theta0,")],
    ),
    Mistake(
        "nothing_kept",
        "theta never moves: the result of an update is not kept.",
        [("theta = sgd_step(theta, gradient, lr)", "sgd_step(theta, gradient, lr)")],
    ),
)

ORDER_SLIPS: tuple[Variant, ...] = (
    Mistake(
        "same_order_every_epoch",
        "Every epoch uses the same batches. L0: in every epoch the indices are permuted anew. Draw "
        "the order inside the loop over epochs.",
        source=own_loop(SLICES, "    order = rng.permutation(n)\n"),
    ),
    Mistake(
        "not_shuffled",
        "The examples come in the order in which they stand. Shuffle them in each epoch with rng.",
        source=own_loop(SLICES, "    order = np.arange(n)\n"),
    ),
    Mistake(
        "fixed_seed_in_the_loop",
        "Every epoch uses the same batches, whatever rng is: you make a new generator with a fixed "
        "seed in the loop. Use the rng that is passed in.",
        source=own_loop("        order = np.random.default_rng(0).permutation(n)\n" + SLICES),
    ),
    Mistake(
        "fixed_seed",
        "The epochs differ, but every run is the same, whatever rng is: you make a generator of "
        "your own. Use the one that is passed in.",
        source=own_loop(
            "        order = own.permutation(n)\n" + SLICES,
            "    own = np.random.default_rng(0)\n",
        ),
    ),
    Mistake(
        "global_generator",
        "The order does not come from rng: a run cannot be repeated. np.random has a hidden "
        "generator of its own.",
        source=own_loop("        order = np.random.permutation(n)\n" + SLICES),
    ),
    Mistake(
        "with_replacement",
        "In an epoch some examples are used several times and others never: you draw with "
        "replacement. Each example has its turn once.",
        source=own_loop("        order = rng.integers(n, size=n)\n" + SLICES),
    ),
    Mistake(
        "each_batch_by_itself",
        "Batches of one epoch share examples: you draw each from all examples anew. Draw one order "
        "for the epoch, then cut it.",
        source=own_loop(
            """        for start in range(0, n, batch_size):
            batch = rng.permutation(n)[: min(batch_size, n - start)]
            theta = theta - lr * grad_fn(theta, X[batch], y[batch])
"""
        ),
    ),
    Mistake(
        "only_batches_shuffled",
        "The order of the batches is random, but the same examples always meet. Shuffle the "
        "examples, then cut.",
        source=own_loop(
            """        for start in batch_size * rng.permutation(-(-n // batch_size)):
            batch = np.arange(n)[start : start + batch_size]
            theta = theta - lr * grad_fn(theta, X[batch], y[batch])
"""
        ),
    ),
    Mistake(
        "short_batch_dropped",
        "The short last batch of each epoch is missing.",
        source=own_loop(
            "        order = rng.permutation(n)\n"
            + SLICES.replace("range(0, n, batch_size)", "range(0, n - batch_size + 1, batch_size)")
        ),
    ),
    Mistake(
        "last_batch_dropped",
        "The last batch of each epoch is missing, also where the batches fit: range ends before "
        "its second argument.",
        source=own_loop(
            "        order = rng.permutation(n)\n"
            + SLICES.replace("range(0, n, batch_size)", "range(0, n - batch_size, batch_size)")
        ),
    ),
    Mistake(
        "one_batch_an_epoch",
        "There is one update an epoch, with one batch of it. An epoch goes through all batches.",
        source=own_loop(
            """        batch = rng.permutation(n)[:batch_size]
        theta = theta - lr * grad_fn(theta, X[batch], y[batch])
"""
        ),
    ),
    Mistake(
        "one_full_update",
        "There is one update an epoch, with all examples. That is full-batch descent.",
        source=own_loop("        theta = theta - lr * grad_fn(theta, X, y)\n"),
    ),
    Mistake(
        "full_batch_every_time",
        "Every update uses all examples. Give the gradient those of its batch only.",
        [
            (
                "minibatch_gradient(grad_fn, theta, X, y, indices)",
                "grad_fn(theta, X, y)",
            )
        ],
    ),
    Mistake(
        "shuffled_apart",
        "Rows of X meet foreign targets: X and y are put into different orders, or only one of "
        "them is shuffled. Use the same indices for both.",
        source=own_loop(
            """        X, y = rng.permutation(X), rng.permutation(y)
        for start in range(0, n, batch_size):
            part = slice(start, start + batch_size)
            theta = theta - lr * grad_fn(theta, X[part], y[part])
"""
        ),
    ),
)

ALTERNATIVES = (
    Alternative(
        "all_in_one",
        source=own_loop("        order = rng.permutation(n)\n" + SLICES),
    ),
    Alternative(
        "table_filled",
        source="""def sgd(grad_fn, theta0, X, y, lr, batch_size, epochs, rng):
    n, order = len(X), np.arange(len(X))
    path = np.zeros((epochs + 1, theta0.size))
    path[0] = theta0
    for epoch in range(epochs):
        rng.shuffle(order)
        theta = path[epoch].copy()
        for batch in np.split(order, np.arange(batch_size, n, batch_size)):
            theta -= np.multiply(lr, grad_fn(theta, X.take(batch, 0), y.take(batch)))
        path[epoch + 1] = theta
    return path
""",
    ),
    Alternative(
        "copies_shuffled_on",
        source="""def sgd(grad_fn, theta0, X, y, lr, batch_size, epochs, rng):
    path = [np.array(theta0)]
    for _ in range(epochs):
        order = np.argsort(rng.random(len(X)))
        X, y, theta = X[order], y[order], path[-1]
        for k in range(-(-len(X) // batch_size)):
            part = slice(k * batch_size, min((k + 1) * batch_size, len(X)))
            theta = theta + -lr * grad_fn(theta=theta, X=X[part], y=y[part])
        path.append(theta)
    return np.stack(path)
""",
    ),
    Alternative(
        "one_by_one",
        source="""def sgd(grad_fn, theta0, X, y, lr, batch_size, epochs, rng):
    theta, path = theta0.copy(), [theta0.copy()]
    for _ in range(epochs):
        left = list(range(len(X)))
        while left:
            batch = [left.pop(rng.integers(len(left))) for _ in left[:batch_size]]
            slopes = [grad_fn(theta, X[i : i + 1], y[i : i + 1]) for i in batch]
            theta = theta - lr * sum(slopes) / len(batch)
        path.append(theta)
    return np.vstack(path)
""",
    ),
)

sgd = Exercise(
    "sgd",
    returns=("path",),
    driver="descent",
    cases=descent_cases,
    forbids=FORBIDS,
    hints=(
        (
            "Two loops: over the epochs, and inside over the batches of that epoch. What belongs "
            "into which loop: drawing the order, the update, keeping theta?"
        ),
        (
            "In each epoch call minibatches(len(X), batch_size, rng) once. For each of its batches "
            "take the gradient at the newest theta and make one step. After the batches keep theta."
        ),
        (
            "theta, path = theta0, [theta0]; for _ in range(epochs): for indices in "
            "minibatches(...): theta = sgd_step(theta, minibatch_gradient(...), lr); then, outside "
            "of the inner loop, path.append(theta). Return np.array(path)."
        ),
    ),
    mistakes=(*PATH_SLIPS, *STEP_SLIPS, *ORDER_SLIPS),
    alternatives=ALTERNATIVES,
)


def as_repair(variant: Variant) -> str:
    """Return the source of a variant under the name of the repaired function."""
    return variant.source.replace("def sgd(", "def repaired_sgd(")


repaired_sgd = Exercise(
    "repaired_sgd",
    returns=("path",),
    driver="descent",
    cases=descent_cases,
    forbids=FORBIDS,
    hints=(
        "Which examples are not used in an epoch? Where do they stand in its order?",
        "They stand at the end. At which number does the inner range stop, and where should it?",
        "The last batch begins before n, wherever that is: range(0, n, batch_size).",
    ),
    mistakes=(
        Mistake(
            "still_dropped",
            "The last batch of each epoch is still missing, also where the batches fit.",
            [("range(0, n, batch_size)", "range(0, n - batch_size, batch_size)")],
        ),
        Mistake(
            "short_batch_dropped",
            "Where the batches fit it is right now, but a short last batch is still left out. It "
            "has its turn as well.",
            [("range(0, n, batch_size)", "range(0, n - batch_size + 1, batch_size)")],
        ),
        Mistake(
            "order_moved_out",
            "All examples are used now, but every epoch has the same order. That line was right "
            "where it was.",
            source=as_repair(
                next(slip for slip in ORDER_SLIPS if slip.name == "same_order_every_epoch")
            ),
        ),
    ),
    alternatives=tuple(
        Alternative(each.name, source=as_repair(each)) for each in ALTERNATIVES if each.source
    ),
)

trace_epoch = Exercise(
    "trace_epoch",
    returns=("mean_gradient", "theta"),
    driver="call",
    cases=trace_cases,
    # Filled in by hand; all numbers come out even within three decimals.
    tolerance=1e-4,
    hints=(
        "Go row by row: the theta at the end of a row is the one with which the next begins.",
        (
            "Row 2: theta is 1.5 and the batch holds y = 8 and y = 2. The gradients are 1.5 - 8 "
            "and 1.5 - 2; take their mean, then step by -0.5 times it."
        ),
        "The means are -3, -3.5 and 0.25. The last batch has one example: its mean is itself.",
    ),
    mistakes=(
        Mistake(
            "summed",
            "Your gradients are sums. A batch's gradient is the mean over its examples.",
            [("np.mean(slopes)", "np.sum(slopes)")],
        ),
        Mistake(
            "divided_by_two",
            "You divide the last gradient by 2 as well, but that batch has one example only.",
            [("np.mean(slopes)", "np.sum(slopes) / 2")],
        ),
        Mistake(
            "gradients_at_the_start",
            "All gradients are taken at theta = 0. Each row begins where the row before ended.",
            [("[theta - y for y in batch]", "[0.0 - y for y in batch]")],
        ),
        Mistake(
            "uphill",
            "theta goes the wrong way: the step is minus lr times the gradient.",
            [("theta = theta - 0.5 *", "theta = theta + 0.5 *")],
        ),
        Mistake(
            "lr_forgotten",
            "Your steps are whole gradients. lr is 0.5.",
            [("theta = theta - 0.5 *", "theta = theta -")],
        ),
        Mistake(
            "order_ignored",
            "You go through the examples as they stand. The order of this epoch is 3, 0, 4, 1, 2.",
            [("[(5.0, 1.0), (8.0, 2.0), (3.0,)]", "[(1.0, 2.0), (3.0, 5.0), (8.0,)]")],
        ),
    ),
    alternatives=(
        Alternative(
            "by_hand",
            source="""def trace_epoch():
    return np.array([-3, -3.5, 0.25]), np.array([1.5, 3.25, 3.125])
""",
        ),
        Alternative(
            "calculations",
            source="""def trace_epoch():
    first = -(5 + 1) / 2
    second = 1.5 - (8 + 2) / 2
    third = 3.25 - 3
    return [np.array([first, second, third]), np.array([1.5, 3.25, 3.25 - 0.5 * third])]
""",
        ),
    ),
)

EXERCISES = (trace_epoch, sgd, repaired_sgd)
