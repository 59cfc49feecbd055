"""Exercises of 05_momentum, second half: running averages, the iteration matrix, annealing.

The reference solution of each exercise stands in the master beside this file, and nowhere else.
"""

import numpy as np

from autograder.draws import decay, signed
from autograder.exercises import (
    Alternative,
    Convention,
    Exercise,
    Mistake,
    Variant,
    call_case,
)
from downslope.drivers import Case


def ema_cases(rng: np.random.Generator) -> list[Case]:
    """Draw series of numbers and of vectors, one of a single entry, one without memory."""
    return [
        call_case("numbers", values=signed(rng, 7), beta=decay(rng)),
        call_case("vectors", values=signed(rng, 15).reshape(5, 3), beta=decay(rng)),
        call_case("one value", values=signed(rng, 1), beta=decay(rng)),
        call_case("beta = 0", values=signed(rng, 4), beta=0.0),
    ]


def weight_cases(rng: np.random.Generator) -> list[Case]:
    """Draw lengths and decay rates."""
    return [
        call_case("some values", T=int(rng.integers(5, 9)), beta=decay(rng)),
        call_case("one value", T=1, beta=decay(rng)),
        call_case("many values", T=40, beta=decay(rng)),
    ]


def rate_cases(rng: np.random.Generator) -> list[Case]:
    """Draw rates and decays, one decay of 0."""
    return [
        call_case("a usual decay", lr=float(rng.uniform(0.02, 0.4)), rho=decay(rng)),
        call_case(
            "a long memory", lr=float(rng.uniform(0.5, 2)), rho=float(rng.uniform(0.97, 0.99))
        ),
        call_case("rho = 0", lr=float(rng.uniform(0.1, 0.4)), rho=0.0),
    ]


def matrix_cases(rng: np.random.Generator) -> list[Case]:
    """Draw directions: a flat one, a steep one, a saddle's, and one without memory."""
    steep = {"curvature": float(rng.uniform(2, 6)), "lr": float(rng.uniform(0.2, 0.7))}
    flat = {"curvature": float(rng.uniform(0.1, 0.5)), "lr": float(rng.uniform(0.2, 0.7))}
    return [
        call_case("steep", **steep, rho=decay(rng)),
        call_case("flat", **flat, rho=decay(rng)),
        call_case(
            "a saddle's way down", **{**flat, "curvature": -flat["curvature"]}, rho=decay(rng)
        ),
        call_case("rho = 0", **steep, rho=0.0),
    ]


def optimum_cases(rng: np.random.Generator) -> list[Case]:
    """Draw ranges of curvature, narrow and wide, and one curvature alone."""
    low = float(rng.uniform(0.1, 0.6))
    only = float(rng.uniform(0.3, 3.0))
    return [
        call_case("a range", mu=low, L=low * float(rng.uniform(3, 30))),
        call_case("badly conditioned", mu=low / 10, L=low * float(rng.uniform(50, 200))),
        call_case("one curvature", mu=only, L=only),
    ]


def annealed_cases(rng: np.random.Generator) -> list[Case]:
    """Draw moments of a run: its start, the way, its end and after, with and without defaults."""
    total = int(rng.integers(20, 60))
    low, high = float(rng.uniform(0.2, 0.6)), float(rng.uniform(0.8, 0.95))
    chosen = {"total": total, "start": low, "end": high}
    return [
        call_case("the start", t=0, **chosen),
        call_case("on the way", t=int(rng.integers(3, total // 2)), **chosen),
        call_case("near the end", t=total - 1, **chosen),
        call_case("the end", t=total, **chosen),
        call_case("after the end", t=total + int(rng.integers(1, 20)), **chosen),
        call_case("falling, on the way", t=total // 2, total=total, start=high, end=low),
        call_case("falling, after the end", t=2 * total, total=total, start=high, end=low),
        call_case("defaults", t=int(rng.integers(3, total)), total=total),
        call_case("defaults, after the end", t=2 * total, total=total),
    ]


SUM_FORM = (
    "The gradient or value comes in whole: that is a decaying sum, as in form 1. An "
    "average takes the share 1 - beta of it."
)

ema = Exercise(
    "ema",
    returns=("averages",),
    driver="call",
    cases=ema_cases,
    hints=(
        (
            "The average before the first value is 0. Each new average is a mix of the old one "
            "and the new value."
        ),
        (
            "Keep a list. In a loop over values: average = beta * average + (1 - beta) * value, "
            "and append it."
        ),
        "average = 0 * values[0]; averages = []; loop; return np.array(averages).",
    ),
    mistakes=(
        Convention("decaying_sum", SUM_FORM, [("(1 - beta) * value", "value")]),
        Convention(
            "starts_with_first_value",
            "Right elsewhere: your average starts at the first value. L2 starts at 0, so the first "
            "average is (1 - beta) times the first value.",
            source="""def ema(values, beta):
    average = values[0]
    averages = [average]
    for value in values[1:]:
        average = beta * average + (1 - beta) * value
        averages.append(average)
    return np.array(averages)
""",
        ),
        Convention(
            "bias_corrected",
            "You divide by 1 - beta to the power t, which makes the weights add up to 1. Adam will "
            "do so in 06; here the plain average is asked for.",
            source="""def ema(values, beta):
    average, averages = 0 * values[0], []
    for t, value in enumerate(values, 1):
        average = beta * average + (1 - beta) * value
        averages.append(average / (1 - beta**t))
    return np.array(averages)
""",
        ),
        Mistake(
            "shares_swapped",
            "The shares are swapped: beta belongs to the old average, 1 - beta to the new value.",
            [("beta * average + (1 - beta) * value", "(1 - beta) * average + beta * value")],
        ),
        Mistake(
            "memory_dropped",
            "Only the newest value is in your average: the old one is missing.",
            [("beta * average + (1 - beta) * value", "(1 - beta) * value")],
        ),
        Mistake(
            "one_late",
            "Your list begins with the 0 from before the first value, so all is one late. The "
            "first entry has seen the first value.",
            [
                (
                    "        average = beta",
                    "        averages.append(average)\n        average = beta",
                ),
                ("(1 - beta) * value\n        averages.append(average)", "(1 - beta) * value"),
            ],
        ),
        Mistake(
            "start_included",
            "There is one entry too many: the 0 from before the first value does not belong to it.",
            [
                (
                    "average, averages = 0 * values[0], []",
                    "average = 0 * values[0]\n    averages = [average]",
                )
            ],
        ),
        Mistake(
            "last_only",
            "Only the last average came back. Keep them all.",
            [("return np.array(averages)", "return average")],
        ),
        Mistake(
            "plain_mean",
            "These are means in which all values weigh the same. Old values should fade.",
            source="""def ema(values, beta):
    counts = np.arange(1, len(values) + 1).reshape(-1, *[1] * (values.ndim - 1))
    return np.cumsum(values, axis=0) / counts
""",
        ),
        Mistake(
            "averaged_over_entries",
            "The entries of the vectors are mixed. Each entry has an average of its own.",
            source="""def ema(values, beta):
    average, averages = 0 * values[0], []
    for value in values:
        average = beta * average + (1 - beta) * np.mean(value)
        averages.append(average)
    return np.array(averages)
""",
        ),
    ),
    alternatives=(
        Alternative(
            "filled_array",
            source="""def ema(values, beta):
    values = np.asarray(values, dtype=float)
    out = np.zeros_like(values)
    last = np.zeros(values.shape[1:])
    for t in range(len(values)):
        last = last + (1 - beta) * (values[t] - last)
        out[t] = last
    return out
""",
        ),
        Alternative(
            "weights",
            source="""def ema(values, beta):
    t = np.arange(len(values))
    ages = t[:, None] - t[None, :]
    table = np.where(ages >= 0, (1 - beta) * float(beta) ** np.maximum(ages, 0), 0.0)
    return np.tensordot(table, values, axes=1)
""",
        ),
        Alternative(
            "accumulate",
            source="""def ema(values, beta):
    from itertools import accumulate

    mix = lambda old, new: beta * old + (1 - beta) * new
    return np.array(list(accumulate(values, mix, initial=np.zeros_like(values[0])))[1:])
""",
        ),
    ),
)

ema_weights = Exercise(
    "ema_weights",
    returns=("weights",),
    driver="call",
    cases=weight_cases,
    hints=(
        (
            "Which weight has the newest value? And the one before it? Oldest first, so this is "
            "the end of your array."
        ),
        (
            "A value of age a has the weight (1 - beta) times beta to the power a. The oldest of "
            "T has the age T - 1."
        ),
        "ages = np.arange(T)[::-1]; return (1 - beta) * beta ** ages.",
    ),
    mistakes=(
        Mistake(
            "newest_first",
            (
                "The order is turned round: the first weight belongs to the oldest value, the "
                "smallest one."
            ),
            [("T - 1 - np.arange(T)", "np.arange(T)")],
        ),
        Mistake(
            "share_forgotten",
            "The factor 1 - beta is missing: the newest weight should be 1 - beta, not 1.",
            [("(1 - beta) * ", "")],
        ),
        Mistake(
            "one_age_too_many",
            "All weights are beta times too small: the newest value has the age 0.",
            [("T - 1 - np.arange(T)", "T - np.arange(T)")],
        ),
        Convention(
            "made_to_add_up",
            "Your weights add up to 1. Those of L2's average do not: the zero start keeps a share. "
            "The correction comes in 06.",
            source="""def ema_weights(T, beta):
    weights = (1 - beta) * float(beta) ** (T - 1 - np.arange(T))
    return weights / np.sum(weights)
""",
        ),
        Mistake(
            "start_included",
            "There is one weight too many: the zero start is no value.",
            [("T - 1 - np.arange(T)", "T - np.arange(T + 1)")],
        ),
        Mistake(
            "first_value_whole",
            "The oldest weight lacks the factor 1 - beta. That is right when an average starts "
            "at the first value; "
            "this one starts at 0.",
            source="""def ema_weights(T, beta):
    weights = (1 - beta) * float(beta) ** (T - 1 - np.arange(T))
    weights[0] = beta ** (T - 1)
    return weights
""",
        ),
        Mistake(
            "shares_swapped",
            "beta and 1 - beta have changed places.",
            [("(1 - beta) * beta **", "beta * (1 - beta) **")],
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            source="""def ema_weights(T, beta):
    weights = []
    for age in range(T - 1, -1, -1):
        weights.append((1 - beta) * beta**age)
    return np.array(weights)
""",
        ),
        Alternative(
            "own_ema_of_unit_series",
            source="""def ema_weights(T, beta):
    average = np.zeros(T)
    for value in np.eye(T):
        average = beta * average + (1 - beta) * value
    return average
""",
        ),
        Alternative(
            "powers_reversed",
            source="""def ema_weights(T, beta):
    return np.flip((1 - beta) * np.power(float(beta), range(T)))
""",
        ),
    ),
)

equivalent_ema_lr = Exercise(
    "equivalent_ema_lr",
    returns=("lr",),
    driver="call",
    cases=rate_cases,
    hints=(
        "By what factor is the average smaller than form 1's memory?",
        (
            "The average is (1 - rho) times form 1's m. The product of rate and memory must be "
            "the same."
        ),
        "Divide lr by (1 - rho).",
    ),
    mistakes=(
        Mistake(
            "wrong_way_round",
            "You made the rate smaller. The average is smaller than m, so its rate must be larger.",
            [("lr / (1 - rho)", "lr * (1 - rho)")],
        ),
        Mistake(
            "times_factor",
            "You multiplied by 1 + rho, which is only the first two terms of 1 + rho + rho² + ...",
            [("lr / (1 - rho)", "lr * (1 + rho)")],
        ),
        Mistake(
            "unchanged",
            "The rate is unchanged; the average would then take shorter steps.",
            [("lr / (1 - rho)", "lr")],
        ),
        Mistake(
            "root_taken",
            "No root here: it is momentum, not RMSProp.",
            [("(1 - rho)", "(1 - rho) ** 0.5")],
        ),
        Mistake(
            "plus",
            "The sign is wrong: 1 + rho. A sum of 1, rho, rho², ... is 1 / (1 - rho).",
            [("1 - rho", "1 + rho")],
        ),
    ),
    alternatives=(
        Alternative(
            "power", source="def equivalent_ema_lr(lr, rho):\n    return lr * (1 - rho) ** -1\n"
        ),
        Alternative(
            "numpy",
            source=(
                "def equivalent_ema_lr(lr, rho):\n    return np.divide(lr, 1 - np.float64(rho))\n"
            ),
        ),
        Alternative(
            "zero_d",
            source="def equivalent_ema_lr(lr, rho):\n    return np.array(lr / (1.0 - rho))\n",
        ),
    ),
)


def matrix(name: str, sentence: str, rows: str, kind: type[Variant] = Mistake) -> Variant:
    """Make another matrix."""
    source = f"def momentum_matrix(curvature, lr, rho):\n    return np.array({rows})\n"
    return kind(name, sentence, source=source)


momentum_matrix = Exercise(
    "momentum_matrix",
    returns=("matrix",),
    driver="call",
    cases=matrix_cases,
    hints=(
        (
            "The gradient of this direction is curvature times error. Write the new m with it, "
            "then the new error."
        ),
        (
            "The new m is rho m + curvature error. The new error is error - lr times the *new* "
            "m: put the first line into the second."
        ),
        "Rows: (rho, curvature) for m, and (-lr rho, 1 - lr curvature) for the error.",
    ),
    mistakes=(
        matrix(
            "old_memory_used",
            (
                "Your error moves along the old m. In form 1 it moves along the new one, which "
                "holds the new gradient."
            ),
            "[[rho, curvature], [-lr, 1.0]]",
        ),
        matrix(
            "transposed",
            (
                "Rows and columns are swapped. Row 1 is the recipe for the new m, row 2 for the "
                "new error."
            ),
            "[[rho, -lr * rho], [curvature, 1 - lr * curvature]]",
        ),
        matrix(
            "error_first",
            "Right for the order (error, m). Here m comes first.",
            "[[1 - lr * curvature, -lr * rho], [curvature, rho]]",
            Convention,
        ),
        matrix(
            "velocity_form",
            (
                "Right for form 2, the velocity. It has the same eigenvalues. Here m is the memory "
                "of form 1."
            ),
            "[[rho, -lr * curvature], [rho, 1 - lr * curvature]]",
            Convention,
        ),
        matrix(
            "averaged_form",
            "Right for L2's average. Form 1 takes the gradient whole.",
            "[[rho, (1 - rho) * curvature], [-lr * rho, 1 - lr * (1 - rho) * curvature]]",
            Convention,
        ),
        matrix(
            "nesterov_form",
            "Right for Nesterov's gradient, taken ahead. Here the gradient is that at theta.",
            "[[rho - lr * rho * curvature, curvature], "
            "[-lr * rho * (1 - lr * curvature), 1 - lr * curvature]]",
            Convention,
        ),
        matrix(
            "sign_of_memory",
            "The memory drives the error the wrong way: theta moves against m.",
            "[[rho, curvature], [lr * rho, 1 - lr * curvature]]",
        ),
        matrix(
            "sign_of_gradient",
            "The error grows: 1 + lr curvature. Moving downhill makes it smaller.",
            "[[rho, curvature], [-lr * rho, 1 + lr * curvature]]",
        ),
        matrix(
            "rho_missing_below",
            "In the second row rho is missing: the new m holds rho times the old one.",
            "[[rho, curvature], [-lr, 1 - lr * curvature]]",
        ),
        matrix(
            "memory_does_not_move",
            "The memory never moves the error: the lower left entry is 0.",
            "[[rho, curvature], [0.0, 1 - lr * curvature]]",
        ),
        matrix(
            "error_forgotten",
            "The 1 is missing in the last entry: the new error starts from the old one.",
            "[[rho, curvature], [-lr * rho, -lr * curvature]]",
        ),
        matrix(
            "curvature_missing",
            "The gradient is curvature times error; in your first row it is the error alone.",
            "[[rho, 1.0], [-lr * rho, 1 - lr * curvature]]",
        ),
        matrix(
            "half_curvature",
            (
                "Half the curvature: the loss is curvature/2 times error², so its gradient is "
                "curvature times error."
            ),
            "[[rho, curvature / 2], [-lr * rho, 1 - lr * curvature / 2]]",
        ),
    ),
    alternatives=(
        Alternative(
            "product",
            source="""def momentum_matrix(curvature, lr, rho):
    remember = np.array([[rho, curvature], [0.0, 1.0]])
    move = np.array([[1.0, 0.0], [-lr, 1.0]])
    return move @ remember
""",
        ),
        Alternative(
            "filled",
            source="""def momentum_matrix(curvature, lr, rho):
    matrix = np.zeros((2, 2))
    matrix[0] = rho, curvature
    matrix[1] = np.array([0.0, 1.0]) - lr * matrix[0]
    return matrix
""",
        ),
        Alternative(
            "by_running",
            source="""def momentum_matrix(curvature, lr, rho):
    columns = []
    for m, error in np.eye(2):
        m = rho * m + curvature * error
        columns.append([m, error - lr * m])
    return np.array(columns).T
""",
        ),
    ),
)

optimal_momentum = Exercise(
    "optimal_momentum",
    returns=("lr", "rho"),
    driver="call",
    cases=optimum_cases,
    hints=(
        "Both ends of the range must be equally good, and each just between creeping and swinging.",
        (
            "At both ends the two eigenvalues meet: root(lr mu) = 1 - root(rho), root(lr L) = 1 "
            "+ root(rho). Add the two."
        ),
        "lr = (2 / (root L + root mu))², rho = ((root L - root mu) / (root L + root mu))².",
    ),
    mistakes=(
        Mistake(
            "rho_not_squared",
            "lr is right. Your rho is the spectral radius itself; rho is its square.",
            [(" - low) / (high + low)) ** 2", " - low) / (high + low))")],
        ),
        Mistake(
            "lr_not_squared",
            "rho is right. lr lacks the square.",
            [("(2 / (high + low)) ** 2", "2 / (high + low)")],
        ),
        Mistake(
            "gradient_descent_rate",
            "2 / (L + mu) is the best rate of gradient descent without momentum.",
            [("(2 / (high + low)) ** 2", "2 / (L + mu)")],
        ),
        Mistake(
            "roots_forgotten",
            "The roots of mu and L are missing.",
            [("np.sqrt(mu), np.sqrt(L)", "mu, L")],
        ),
        Mistake(
            "safe_rate", "lr = 1 / L is safe, not best.", [("(2 / (high + low)) ** 2", "1 / L")]
        ),
        Convention(
            "nesterov_tuning",
            (
                "This is the usual tuning of Nesterov's rule, lr = 1 / L. For plain momentum lr "
                "may be nearly 4 / L."
            ),
            [
                ("(2 / (high + low)) ** 2", "1 / L"),
                (" - low) / (high + low)) ** 2", " - low) / (high + low))"),
            ],
        ),
        Convention(
            "averaged_rate",
            "The rate is that of L2's average, larger by 1 / (1 - rho). Form 1 is asked for.",
            [("return lr, rho", "return lr / (1 - rho), rho")],
        ),
    ),
    alternatives=(
        Alternative(
            "condition_number",
            source="""def optimal_momentum(mu, L):
    root = (L / mu) ** 0.5
    rho = ((root - 1) / (root + 1)) ** 2
    return (1 - rho**0.5) ** 2 / mu, rho
""",
        ),
        Alternative(
            "math",
            source="""def optimal_momentum(mu, L):
    import math

    total = math.sqrt(mu) + math.sqrt(L)
    return [4 / total**2, (1 - 2 * math.sqrt(mu) / total) ** 2]
""",
        ),
        Alternative(
            "rate_from_rho",
            source="""def optimal_momentum(mu, L):
    lr = 4 / (mu + L + 2 * np.sqrt(mu * L))
    return lr, (1 - np.sqrt(lr * mu)) ** 2
""",
        ),
    ),
)

annealed_momentum = Exercise(
    "annealed_momentum",
    returns=("rho",),
    driver="call",
    cases=annealed_cases,
    hints=(
        "Which share of the way is done at update t? And what if t is larger than total?",
        (
            "The share is t / total, but never more than 1. Go that share of the way from start "
            "to end."
        ),
        "share = min(t / total, 1); return start + (end - start) * share.",
    ),
    mistakes=(
        Mistake(
            "never_stops",
            "After the end yours goes on rising. It should stay at `end`.",
            [("np.minimum(t / total, 1)", "t / total")],
        ),
        Mistake(
            "capped_at_end",
            "With `end` below `start` yours is at `end` from the first update. Limit the share of "
            "the way, not rho.",
            [
                (
                    "start + (end - start) * np.minimum(t / total, 1)",
                    "np.minimum(start + (end - start) * t / total, end)",
                )
            ],
        ),
        Mistake(
            "ends_swapped",
            "It runs from end to start.",
            [("start + (end - start)", "end + (start - end)")],
        ),
        Mistake(
            "one_early",
            "Yours arrives one update early, at total - 1.",
            [("t / total", "t / (total - 1)")],
        ),
        Mistake(
            "one_ahead",
            "Yours is one update ahead: at t = 0 it should be `start`.",
            [("t / total", "(t + 1) / total")],
        ),
        Mistake(
            "jump",
            "Yours stays at start and then jumps. It should rise evenly.",
            [("np.minimum(t / total, 1)", "(t >= total)")],
        ),
        Mistake(
            "rise_alone",
            "You returned the rise alone; it comes on top of start.",
            [("start + ", "")],
        ),
        Mistake(
            "from_zero",
            "Yours begins at 0 and adds all of `end`.",
            [("start + (end - start)", "end")],
        ),
        Mistake(
            "too_far",
            "Yours adds the whole of `end` to start. The way is end - start.",
            [("(end - start)", "end")],
        ),
        Mistake(
            "defaults_ignored",
            "start and end are not used: 0.5 and 0.99 are only their defaults.",
            [("return start + (end - start) *", "return 0.5 + (0.99 - 0.5) *")],
        ),
        Convention(
            "geometric",
            "Yours grows by equal factors. Linear means equal differences.",
            [
                (
                    "start + (end - start) * np.minimum(t / total, 1)",
                    "start * (end / start) ** np.minimum(t / total, 1)",
                )
            ],
        ),
    ),
    alternatives=(
        Alternative(
            "interp",
            source=(
                "def annealed_momentum(t, total, start=0.5, "
                "end=0.99):\n    return np.interp(t, [0, "
                "total], [start, end])\n"
            ),
        ),
        Alternative(
            "branches",
            source="""def annealed_momentum(t, total, start=0.5, end=0.99):
    if t >= total:
        return end
    return (1 - t / total) * start + t / total * end
""",
        ),
        Alternative(
            "clipped",
            source="""def annealed_momentum(t, total, start=0.5, end=0.99):
    return start + (end - start) * np.clip(np.asarray(t) / total, 0, 1)
""",
        ),
    ),
)

EXERCISES = (
    ema,
    ema_weights,
    equivalent_ema_lr,
    momentum_matrix,
    optimal_momentum,
    annealed_momentum,
)
