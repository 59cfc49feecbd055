"""Exercises of 09_capstone, second half: networks judged on unseen data, and a bug hunt.

The shares asked for come from 200 runs each of networks that a sensible learner may submit, on the
data of as many seeds, judged as the judge does (mean and standard deviation of the accuracy):

- digits, 70 % asked for: 64-32-10 with 2 distorted copies, 15 epochs, constant lr: 0.780, 0.015;
  64-64-10 with 5 copies, 8 epochs, cosine (the master): 0.796, 0.012; 64-64-32-10 with 8 copies,
  6 epochs, cosine: 0.862, 0.011. Without copies, 20 epochs: 0.613, 0.018; 60 epochs: 0.600, 0.020.
- signals, 65 % asked for: 40-32-10, 20 epochs, constant lr: 0.717, 0.011; 40-64-10, 10 epochs:
  0.724, 0.010; 40-64-10, 20 epochs, cosine (the master): 0.745, 0.010; 40-64-32-10: 0.769, 0.009.
  A single layer: 0.479, 0.011.

Of the networks that should pass the weakest lie 5.5 (digits) and 6.0 (signals) standard deviations
above the line: a false alarm has a probability below 2e-8 and 1e-9. Of those that should fail the
best lie 4.9 and 15 below it.

All digits ship with the package, so a process may look up the clean images that the unseen ones are
made from, but not the distortions. Trained on all 1797 with the right names, the master's network
reads 0.850 instead of 0.792 (12 seeds); without distorted copies 0.592 (6 seeds), which fails.
"""

from itertools import pairwise

import numpy as np

from autograder.draws import signed
from autograder.exercises import READY_MADE, Alternative, Exercise, Mistake, call_case, nested_case
from downslope.drivers import Case

FORBIDS = (
    *READY_MADE,
    "downslope.layers",
    "downslope.networks",
    "downslope.fast_gradients",
    "downslope.training",
    "sklearn",
)
SEEDS = 2**31


def network_case(
    rng: np.random.Generator, label: str, data: str, examples: int, enough: float
) -> Case:
    """Draw a task; what the network is judged by is drawn from a seed that is not sent."""
    case = call_case(label, rng=int(rng.integers(SEEDS)))
    task = {"data": data, "seed": int(rng.integers(SEEDS)), "examples": examples}
    kept = {"seed": int(rng.integers(SEEDS))}
    return {**case, "task": task, "kept": kept, "enough": enough}


def digits_cases(rng: np.random.Generator) -> list[Case]:
    """Draw one split of the digits and one set of distortions."""
    return [network_case(rng, "distorted digits with renamed classes", "digits", 1078, 0.7)]


def signals_cases(rng: np.random.Generator) -> list[Case]:
    """Draw one set of signals to learn from and one to be judged by."""
    return [network_case(rng, "new signals with renamed classes", "signals", 3000, 0.65)]


def fold_cases(rng: np.random.Generator) -> list[Case]:
    """Draw networks of three, two and one layers with a scaler; a scale of 1 is among them."""
    cases = []
    for sizes in ((3, 5, 4, 2), (4, 6, 3), (5, 2)):
        params = [[signed(rng, o * i).reshape(o, i), signed(rng, o)] for i, o in pairwise(sizes)]
        scale = np.abs(signed(rng, sizes[0]))
        scale[-1] = 1.0
        label = f"layers of {', '.join(map(str, sizes))}"
        arguments = {"params": params, "mean": signed(rng, sizes[0]), "scale": scale}
        cases.append(nested_case(label, [["W", "b"]] * len(params), **arguments))
    return cases


ONE_CLASS = (
    "Your network says the same of everything. That comes of weights that begin at zero, or of "
    "hidden units that are all off: begin with first_params, and look at lr."
)
OTHER_NAMES = (
    "Your network tells the classes apart, but calls them by other names. The check renames the "
    "classes: train on the X and y that are handed in, with the labels as they are."
)
GUESSING = (
    "Your network is no better than guessing, even on what it learned from. Do rows of X and y "
    "still belong together after copying and shuffling? Does the loss fall?"
)

digits_network = Exercise(
    "digits_network",
    returns=("params",),
    driver="network",
    cases=digits_cases,
    forbids=FORBIDS,
    hints=(
        "train_with_adam does the work. You choose the data, the sizes, the batches and the rates.",
        (
            "Add distorted copies of X to X, and as often y to y. np.concatenate and np.tile keep "
            "rows and labels together."
        ),
        (
            "Five copies, sizes (64, 64, 10), batches of 64, eight epochs, lr from 0.003 down to 0 "
            "along a cosine are enough: about 80 %."
        ),
    ),
    mistakes=(
        Mistake(
            "one_class",
            ONE_CLASS,
            [
                (
                    "first_params((64, 64, 10), rng)",
                    "[(0 * W, b) for W, b in first_params((64, 64, 10), rng)]",
                )
            ],
        ),
        Mistake(
            "other_names",
            OTHER_NAMES,
            [("np.tile(y, len(copies))", "np.tile((y + 1) % 10, len(copies))")],
        ),
        Mistake("guessing", GUESSING, [("np.tile(y, len(copies))", "np.repeat(y, len(copies))")]),
        Mistake(
            "scaler_kept",
            "Your network reads enough if its inputs are standardised first. The judge hands in "
            "pixels from 0 to 1: fold mean and scale into the first layer (section 6).",
            [
                (
                    "    params = first_params",
                    """    spread = np.where(X.std(axis=0) > 0, X.std(axis=0), 1)
    X_all = (X_all - X.mean(axis=0)) / spread
    params = first_params""",
                )
            ],
        ),
        Mistake(
            "clean_only",
            "Your network reads clean digits, but too few of the distorted ones. Let it learn "
            "from distorted copies.",
            [("range(5)", "range(0)"), ("range(8)", "range(30)")],
        ),
        Mistake(
            "unfinished",
            "Your network has learned something, but it does not yet read even its own training "
            "data well. More updates, another lr, or a wider layer?",
            [("0.003", "0.0003"), ("range(8)", "range(3)")],
        ),
    ),
    alternatives=(
        Alternative(
            "new_copies_every_epoch",
            source="""def digits_network(X, y, rng):
    from downslope.datasets import distorted_digits

    sizes = [64, 80, 10]
    params = [
        [rng.standard_normal((o, i)) * (2 / i) ** 0.5, np.zeros(o)]
        for i, o in zip(sizes, sizes[1:])
    ]
    speed = [[0 * W, 0 * b] for W, b in params]
    for epoch in range(40):
        seen, lr = distorted_digits(X, rng), 0.1 * (1 - epoch / 40)
        order = rng.permutation(len(X))
        for start in range(0, len(X), 32):
            rows = order[start : start + 32]
            grads = loss_and_gradients(params, seen[rows], y[rows])[1]
            for layer, v, grad in zip(params, speed, grads):
                for k in range(2):
                    v[k] = 0.9 * v[k] - lr * grad[k]
                    layer[k] = layer[k] + v[k]
    return params
""",
        ),
        Alternative(
            "three_layers",
            "",
            [("(64, 64, 10)", "(64, 64, 32, 10)"), ("range(5)", "range(8)")],
        ),
        Alternative(
            "scaled_and_folded",
            "",
            [
                (
                    "    params = first_params",
                    """    middle, X_all = X_all.mean(axis=0), X_all - X_all.mean(axis=0)
    params = first_params""",
                ),
                ("    return train_with_adam(", "    (W, b), *rest = train_with_adam("),
                ("batches, lrs)", "batches, lrs)\n    return [(W, b - W @ middle), *rest]"),
            ],
        ),
    ),
)

signals_network = Exercise(
    "signals_network",
    returns=("params",),
    driver="network",
    cases=signals_cases,
    forbids=FORBIDS,
    hints=(
        "The same pieces as for the digits. Which sizes does the first layer need here?",
        "A single layer reaches 48 %. One hidden layer of 32 to 64 units is enough.",
        (
            "Sizes (40, 64, 10), batches of 64, twenty epochs, lr from 0.005 down to 0 along a "
            "cosine give about 74 %."
        ),
    ),
    mistakes=(
        Mistake(
            "one_class",
            ONE_CLASS,
            [
                (
                    "first_params((40, 64, 10), rng)",
                    "[(0 * W, b) for W, b in first_params((40, 64, 10), rng)]",
                )
            ],
        ),
        Mistake("other_names", OTHER_NAMES, [("params, X, y,", "params, X, 9 - y,")]),
        Mistake("guessing", GUESSING, [("params, X, y,", "params, X, rng.permutation(y),")]),
        Mistake(
            "single_layer",
            "Your network has a single layer: it draws straight borders between classes, and that "
            "gives half of the signals at best. Add a hidden layer.",
            [("(40, 64, 10)", "(40, 10)")],
        ),
        Mistake(
            "unfinished",
            "Your network has learned something, but too little. More updates, another lr, or a "
            "wider layer?",
            [("0.005", "0.0002")],
        ),
    ),
    alternatives=(
        Alternative(
            "momentum",
            source="""def signals_network(X, y, rng):
    params = [
        [rng.normal(0, np.sqrt(2 / i), (o, i)), np.zeros(o)] for i, o in ((40, 96), (96, 10))
    ]
    m = [[np.zeros_like(p) for p in layer] for layer in params]
    for epoch in range(30):
        for rows in np.array_split(rng.permutation(len(y)), 60):
            _, grads = loss_and_gradients(params, X[rows], y[rows])
            for i, layer in enumerate(grads):
                for k, g in enumerate(layer):
                    m[i][k] = 0.9 * m[i][k] + g
                    params[i][k] = params[i][k] - 0.05 * 0.93**epoch * m[i][k]
    return tuple((W, b) for W, b in params)
""",
        ),
        Alternative(
            "constant_rate",
            "",
            [("lrs = 0.005 * (1 + np.cos(np.pi * t / len(t))) / 2", "lrs = 0.003 + 0 * t")],
        ),
        Alternative("three_layers", "", [("(40, 64, 10)", "(40, 64, 32, 10)")]),
    ),
)

repaired_fold = Exercise(
    "repaired_fold",
    returns=("params",),
    driver="nested",
    cases=fold_cases,
    forbids=FORBIDS,
    hints=(
        "Write down the first layer on standardised inputs: W ((x - mean) / scale) + b.",
        "The factor of x is the new W. What does not depend on x is the new b.",
        "The mean is divided by scale as well: it meets the new W, not the old one.",
    ),
    mistakes=(
        Mistake(
            "still_unscaled",
            "b is still moved by the old W times the mean. The mean is divided by scale too.",
            [("W = W / scale", "W, old = W / scale, W"), ("W @ mean", "old @ mean")],
        ),
        Mistake(
            "mean_added",
            "The mean is added to b. It is subtracted from x, so it is subtracted here.",
            [("b - W @ mean", "b + W @ mean")],
        ),
        Mistake(
            "multiplied",
            "W is multiplied by scale. The inputs are divided by it, so W is.",
            [("W / scale", "W * scale")],
        ),
        Mistake(
            "scale_squared",
            "The mean is divided by scale twice.",
            [("W @ mean", "W @ (mean / scale)")],
        ),
        Mistake("mean_forgotten", "b stays as it was. The mean moves it.", [(" - W @ mean", "")]),
        Mistake("scale_forgotten", "W stays as it was. Divide it by scale.", [("W / scale", "W")]),
        Mistake(
            "mean_as_inputs",
            "b is moved by the old mean alone, without any weights.",
            [("W @ mean", "mean.sum()")],
        ),
    ),
    alternatives=(
        Alternative(
            "columns",
            source="""def repaired_fold(params, mean, scale):
    W, b = params[0]
    folded = np.empty_like(W)
    for j in range(W.shape[1]):
        folded[:, j] = W[:, j] / scale[j]
    moved = b - np.sum(folded * mean[None, :], axis=1)
    return [[folded, moved]] + [list(layer) for layer in params[1:]]
""",
        ),
        Alternative(
            "matrices",
            source="""def repaired_fold(params, mean, scale):
    D = np.diag(1 / scale)
    (W, b), *rest = params
    return ((W @ D, b - W.dot(D.dot(mean))), *rest)
""",
        ),
    ),
)

EXERCISES = (digits_network, signals_network, repaired_fold)
