"""Exercises of 08_tuning, last part: the weight penalty, a rule for better, one honest choice."""

from itertools import pairwise

import numpy as np

from autograder.draws import signed
from autograder.exercises import (
    READY_MADE,
    Alternative,
    Exercise,
    Mistake,
    call_case,
    nested_case,
    text_case,
)
from downslope.drivers import Case
from downslope.validation_runs import fit, mean_squared_error

Part = list[np.ndarray]
SETS = ("train", "val", "test")
FORBIDS = (*READY_MADE, "downslope.search", "downslope.datasets", "downslope.networks", "sklearn")


def penalty_cases(rng: np.random.Generator) -> list[Case]:
    """Draw networks of one, two and three layers; sizes differ, no bias is zero."""
    cases = []
    for label, sizes, strength in (
        ("two layers", (3, 4, 2), rng.uniform(0.1, 0.4)),
        ("one layer", (5, 2), rng.uniform(2, 5)),
        ("three layers", (2, 6, 3, 1), rng.uniform(0.01, 0.05)),
    ):
        params = [
            [signed(rng, wide * out).reshape(out, wide), signed(rng, out)]
            for wide, out in pairwise(sizes)
        ]
        template = ["penalty", [["dW", "db"]] * len(params)]
        cases.append(nested_case(label, template, params=params, strength=float(strength)))
    return cases


def seeds_case(
    rng: np.random.Generator, label: str, sizes: tuple[int, int], gap: float, **scales: float
) -> Case:
    """Draw losses of two methods whose means lie `gap` standard errors apart.

    `ratio` is the spread of B over that of A, `unit` the spread of A.
    """
    ratio, unit = scales.get("ratio", 1.0), scales.get("unit", 0.02)
    a, b = (rng.normal(size=size) for size in sizes)
    a, b = ((row - row.mean()) / np.std(row, ddof=1) for row in (a, b))
    error = np.sqrt(1 / sizes[0] + ratio**2 / sizes[1])
    shifted = unit * (ratio * b + gap * error)
    return text_case(label, [False, True], a=unit * (a + 15), b=shifted + unit * 15)


def better_cases(rng: np.random.Generator) -> list[Case]:
    """Draw gaps on both sides of 2 standard errors: few and many seeds, unequal spreads, units."""
    return [
        seeds_case(rng, "3 standard errors", (6, 6), 3.0),
        seeds_case(rng, "1.5 standard errors", (6, 6), 1.5),
        seeds_case(rng, "half a standard error", (6, 6), 0.5),
        seeds_case(rng, "2.2 standard errors, many seeds", (30, 30), 2.2),
        seeds_case(rng, "1.9 standard errors, few seeds", (4, 4), 1.9),
        seeds_case(rng, "3 standard errors, large losses", (6, 6), 3.0, unit=5.0),
        seeds_case(rng, "B varies most, 1.85 standard errors", (12, 5), 1.85, ratio=4.0),
        seeds_case(rng, "A varies most, 1.5 standard errors", (5, 12), 1.5, ratio=0.2),
        seeds_case(rng, "B has lucky seeds, 3 standard errors", (6, 30), 3.0, ratio=5.0),
        seeds_case(rng, "the other one is better", (6, 6), -3.0),
        seeds_case(rng, "a hundredth of a standard error", (6, 6), 0.01),
    ]


def losses_on(part: Part, fitted_on: Part, strengths: list[float]) -> np.ndarray:
    """Return the loss on one set of a model for each strength, fitted on another set."""
    models = [fit(*fitted_on, strength=strength) for strength in strengths]
    return np.array([mean_squared_error(model, *part) for model in models])


def test_betrays_itself(sets: list[Part], strengths: list[float]) -> bool:
    """Say whether whoever lets test choose, in whatever way, ends with another config than val's.

    The count of test reads is made beside the learner's code; the chosen config and its loss are
    numbers that the judge finds by itself. So no way to use the test set may lead to val's choice:
    test alone, val and test together, by mean or by rows, or test after a refit.
    """
    train, val, test = sets
    by_val, by_test = (losses_on(part, train, strengths) for part in (val, test))
    both = [np.concatenate(parts) for parts in zip(train, val, strict=True)]
    rows = len(val[1]) * by_val + len(test[1]) * by_test
    others = (by_test, by_val + by_test, rows, losses_on(test, both, strengths))
    return int(by_val.argmin()) not in {int(losses.argmin()) for losses in others}


def choice_case(rng: np.random.Generator, label: str, *, tie: bool = False) -> Case:
    """Draw three sets each of which would choose another config, none of them val's worst."""
    strengths = rng.permutation([0.001, 0.3, 2.0, 8.0, 30.0]).tolist()
    configs = [{"name": f"config {i}", "strength": s} for i, s in enumerate(strengths)]
    while True:
        width, slope = 6, rng.normal(size=6)
        sets = []
        for n in (11, 8, 7):
            X = rng.normal(size=(n, width)).round(3)
            sets.append([X, (X @ slope + 2.0 * rng.normal(size=n)).round(3)])
        losses = np.array([losses_on(part, sets[0], strengths) for part in sets])
        lowest = losses.argmin(axis=1).tolist()
        apart = len({*lowest, int(losses[1].argmax())}) == 4 and lowest[1]  # nor the first config
        if apart and test_betrays_itself(sets, strengths):
            break
    if tie:  # the winner once more under another name, further back
        configs.append({"name": "its twin", "strength": strengths[lowest[1]]})
        configs.append({"name": "its triplet", "strength": strengths[lowest[1]]})
    train, val, test = sets
    return call_case(label, configs=configs, train=train, val=val, test=test)


def choice_cases(rng: np.random.Generator) -> list[Case]:
    """Draw two choices, one with equally good configs, and one whose test set alone has changed."""
    first = choice_case(rng, "each set would choose another config")
    given = dict(first["arguments"])
    strengths = [config["strength"] for config in given["configs"]]
    while True:
        X = rng.normal(size=given["test"][0].shape).round(3)
        given["test"] = [X, (X @ rng.normal(size=X.shape[1]) + rng.normal(size=len(X))).round(3)]
        if test_betrays_itself([given[name] for name in SETS], strengths):
            break
    other = {"label": "the same, with another test set", "arguments": given}
    return [first, other, choice_case(rng, "equally good configs", tie=True)]


l2_penalty = Exercise(
    "l2_penalty",
    returns=("penalty", "grads"),
    driver="nested",
    cases=penalty_cases,
    forbids=FORBIDS,
    hints=(
        "The derivative of strength/2 times w squared is strength times w.",
        (
            "Add up np.sum(W**2) over all layers, times strength / 2. For the gradient go through "
            "the layers: strength * W for the weights, zeros for the biases."
        ),
        (
            "grads = [(strength * W, np.zeros_like(b)) for W, b in params]; return the penalty and "
            "grads."
        ),
    ),
    mistakes=(
        Mistake(
            "half_forgotten",
            "The penalty is twice too large, the gradient is right: the factor 1/2 is missing.",
            [("strength / 2 *", "strength *")],
        ),
        Mistake(
            "without_half_throughout",
            "Penalty and gradient are both twice too large. They fit together, but the penalty is "
            "defined with 1/2 here, as in L1.",
            [("strength / 2 *", "strength *"), ("(strength * W", "(2 * strength * W")],
        ),
        Mistake(
            "gradient_halved",
            "The gradients are half as large as they should be: the 2 of the square cancels the "
            "1/2.",
            [("(strength * W", "(strength / 2 * W")],
        ),
        Mistake(
            "gradient_doubled",
            "The gradients are twice too large: the 2 of the square cancels the 1/2.",
            [("(strength * W", "(2 * strength * W")],
        ),
        Mistake(
            "biases_penalised",
            "The biases are penalised too. Only the weights are; the gradients of the biases are "
            "zeros.",
            [
                ("np.sum(W**2) for", "np.sum(W**2) + np.sum(b**2) for"),
                ("np.zeros_like(b)", "strength * b"),
            ],
        ),
        Mistake(
            "bias_gradients",
            "The penalty leaves the biases out, but their gradients are not zero.",
            [("np.zeros_like(b)", "strength * b")],
        ),
        Mistake(
            "biases_in_penalty_only",
            "The penalty counts the biases. Only the weights are penalised.",
            [("np.sum(W**2) for", "np.sum(W**2) + np.sum(b**2) for")],
        ),
        Mistake(
            "strength_forgotten",
            "The gradients lack the factor strength.",
            [("(strength * W", "(W")],
        ),
        Mistake(
            "averaged",
            "The squares are averaged within each layer. The penalty is their sum.",
            [("np.sum(W**2)", "np.mean(W**2)")],
        ),
        Mistake(
            "norm_not_squared",
            "You add up the norms of the layers. The penalty adds up the squares.",
            [("np.sum(W**2)", "np.sqrt(np.sum(W**2))")],
        ),
        Mistake(
            "absolute_values",
            "You add up absolute values: that is the L1 penalty. This one adds up squares.",
            [("np.sum(W**2)", "np.sum(np.abs(W))"), ("strength * W", "strength / 2 * np.sign(W)")],
        ),
        Mistake(
            "downhill",
            "The gradients have the wrong sign. Return the gradient itself; the minus belongs to "
            "the update.",
            [("(strength * W", "(-strength * W")],
        ),
        Mistake(
            "last_layer_only",
            "Only the last layer counts in the penalty. Add up all layers.",
            [("in params)", "in params[-1:])")],
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            source="""def l2_penalty(params, strength):
    total, grads = 0.0, []
    for W, b in params:
        total += 0.5 * strength * float((W * W).sum())
        grads.append([W * strength, 0 * b])
    return total, grads
""",
        ),
        Alternative(
            "norms",
            source="""def l2_penalty(params, strength):
    squares = [np.linalg.norm(W) ** 2 for W, _ in params]
    grads = tuple((np.multiply(strength, W), np.zeros(b.shape)) for W, b in params)
    return [strength * np.sum(squares) / 2, grads]
""",
        ),
        Alternative(
            "flat_vector",
            source="""def l2_penalty(params, strength):
    flat = np.concatenate([layer[0].ravel() for layer in params])
    grads = [(strength * layer[0], np.zeros(len(layer[1]))) for layer in params]
    return strength * (flat @ flat) / 2, grads
""",
        ),
    ),
)

RULE = "np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b)"

is_better = Exercise(
    "is_better",
    returns=("answer",),
    driver="text",
    cases=better_cases,
    forbids=FORBIDS,
    hints=(
        "Three numbers from each: mean, variance, number of seeds. Lower is better.",
        (
            "np.var(a, ddof=1) is the variance with n - 1 below. Divide each variance by "
            "its number "
            "of seeds, add, take the root: that is the standard error."
        ),
        "Return np.mean(b) - np.mean(a) > 2 * error, with error the root of the formula above.",
    ),
    mistakes=(
        Mistake(
            "higher_is_better",
            "You call the method with the higher loss better.",
            [("np.mean(b) - np.mean(a)", "np.mean(a) - np.mean(b)")],
        ),
        Mistake(
            "means_only",
            "You compare the means alone. The gap has to be larger than chance explains.",
            [("> 2 * error", "> 0 * error")],
        ),
        Mistake(
            "any_difference",
            "You ask whether the two differ, in either direction. Only a lower loss of A makes A "
            "better.",
            [("np.mean(b) - np.mean(a)", "abs(np.mean(b) - np.mean(a))")],
        ),
        Mistake(
            "one_error",
            "One standard error is not enough: the rule asks for two.",
            [("2 * error", "error")],
        ),
        Mistake(
            "spread_instead_of_error",
            "You compare with the spread of single runs. The mean of n runs strays less: divide "
            "each variance by its number of seeds.",
            [(RULE, "np.var(a, ddof=1) + np.var(b, ddof=1)")],
        ),
        Mistake(
            "divided_by_n",
            "Your variances have n in the denominator. With few seeds that is too small: "
            "use n - 1, "
            "ddof=1.",
            [(RULE, "np.var(a) / len(a) + np.var(b) / len(b)")],
        ),
        Mistake(
            "root_forgotten",
            "The root is missing: you compare the gap with a variance.",
            [(f"np.sqrt({RULE})", RULE)],
        ),
        Mistake(
            "errors_added",
            "You add the two standard errors. Add their squares and take the root of the sum.",
            [
                (
                    f"np.sqrt({RULE})",
                    "np.std(a, ddof=1) / len(a) ** 0.5 + np.std(b, ddof=1) / len(b) ** 0.5",
                )
            ],
        ),
        Mistake(
            "best_seed",
            "You compare the best seeds. The best of many is too good by construction; compare the "
            "means.",
            [("np.mean(b) - np.mean(a) > 2 * error", "np.min(a) < np.min(b)")],
        ),
        Mistake(
            "spread_of_a_only",
            "The spread of B is missing from the standard error.",
            [(RULE, "np.var(a, ddof=1) / len(a)")],
        ),
    ),
    alternatives=(
        Alternative(
            "by_hand",
            source="""def is_better(a, b):
    def stats(row):
        mean = sum(row) / len(row)
        return mean, sum((x - mean) ** 2 for x in row) / (len(row) - 1) / len(row)

    (mean_a, var_a), (mean_b, var_b) = stats(a), stats(b)
    return bool((mean_b - mean_a) > 2 * (var_a + var_b) ** 0.5)
""",
        ),
        Alternative(
            "statistic",
            source="""def is_better(a, b):
    errors = [np.std(row, ddof=1) / np.sqrt(row.size) for row in (a, b)]
    if (b.mean() - a.mean()) / np.hypot(*errors) > 2:
        return True
    return False
""",
        ),
    ),
)

LOSSES = "loss(fit(config, *train), *val)"

choose_and_refit = Exercise(
    "choose_and_refit",
    returns=("best", "model", "test_loss"),
    driver="choice",
    cases=choice_cases,
    forbids=FORBIDS,
    hints=(
        "Three steps in this order: choose, refit, test. Which of the three sets does each need?",
        (
            "Choose: for each config, fit on train, loss on val; keep the config with the lowest. "
            "Refit that config on train and val put together with np.concatenate."
        ),
        (
            "X = np.concatenate([train[0], val[0]]), y likewise; model = fit(best, X, y); return "
            "best, model, loss(model, *test)."
        ),
    ),
    mistakes=(
        Mistake(
            "chosen_on_test",
            "The test set chooses. Then its loss is no estimate for new data any more: choose on "
            "val.",
            [(LOSSES, "loss(fit(config, *train), *test)")],
        ),
        Mistake(
            "best_of_the_refitted",
            "Every config was refitted and tested, and the best test loss won. That is the best of "
            "many looks: val has to choose before anything is tested.",
            [
                (
                    f"[{LOSSES} for config in configs]",
                    """[
        loss(fit(config, *map(np.concatenate, zip(train, val, strict=True))), *test)
        for config in configs
    ]""",
                )
            ],
        ),
        Mistake(
            "chosen_on_training",
            "The config is chosen by its loss on the rows it was fitted on. That favours whatever "
            "overfits: choose on val.",
            [(LOSSES, "loss(fit(config, *train), *train)")],
        ),
        Mistake(
            "not_refitted",
            "The model that comes back was fitted on train alone. Fit the chosen config anew on "
            "train and val together.",
            [("fit(best, X, y)", "fit(best, *train)")],
        ),
        Mistake(
            "refitted_on_val_only",
            "The final model was fitted on val alone. Put train and val together.",
            [("fit(best, X, y)", "fit(best, *val)")],
        ),
        Mistake(
            "refitted_on_everything",
            "The final model was fitted on the test rows too. Then nothing is left to test "
            "it with.",
            [
                ("train[0], val[0]", "train[0], val[0], test[0]"),
                ("train[1], val[1]", "train[1], val[1], test[1]"),
            ],
        ),
        Mistake(
            "fitted_on_val_before_the_choice",
            "For the choice, each config was fitted on train and val together and then scored on "
            "val: it has seen those rows. Fit on train for the choice.",
            [
                (
                    LOSSES,
                    """loss(
            fit(config, *map(np.concatenate, zip(train, val, strict=True))), *val
        )""",
                )
            ],
        ),
        Mistake(
            "validation_loss_returned",
            "The loss that comes back is that of val, which chose and was fitted on. Return the "
            "loss on test.",
            [("loss(model, *test)", "loss(model, *val)")],
        ),
        Mistake(
            "tested_all",
            "The choice and the loss are right, but the test set was read for every config. It is "
            "read once, for the final model: whoever sees these losses will choose by them.",
            [
                (
                    f"[{LOSSES} for config in configs]",
                    """[
        [loss(model, *part) for part in (val, test)]
        for model in [fit(config, *train) for config in configs]
    ]""",
                ),
                ("np.argmin(losses)", "np.argmin([pair[0] for pair in losses])"),
            ],
        ),
        Mistake(
            "highest_loss",
            "You take the config with the highest loss. Lower is better.",
            [("np.argmin", "np.argmax")],
        ),
        Mistake(
            "last_of_equals",
            "Of equally good configs you take the last. The first counts.",
            [("int(np.argmin(losses))", "len(losses) - 1 - int(np.argmin(losses[::-1]))")],
        ),
        Mistake(
            "first_config_refitted",
            "The right config comes back, but the model was fitted with the first one in the list.",
            [("fit(best, X, y)", "fit(configs[0], X, y)")],
        ),
    ),
    alternatives=(
        Alternative(
            "running_best",
            source="""def choose_and_refit(fit, loss, configs, train, val, test):
    best, lowest = None, float("inf")
    for config in configs:
        model = fit(config, train[0], train[1])
        found = loss(model, val[0], val[1])
        if found < lowest:
            best, lowest = config, found
    both = [np.concatenate(parts) for parts in zip(train, val)]
    model = fit(best, *both)
    return best, model, loss(model, *test)
""",
        ),
        Alternative(
            "min_with_key",
            source="""def choose_and_refit(fit, loss, configs, train, val, test):
    best = min(configs, key=lambda config: loss(fit(config, *train), *val))
    model = fit(best, np.vstack((val[0], train[0])), np.hstack((val[1], train[1])))
    return [best, model, float(loss(model, *test))]
""",
        ),
    ),
)

EXERCISES = (l2_penalty, is_better, choose_and_refit)
