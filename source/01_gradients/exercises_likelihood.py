"""Exercises of 01_gradients, second part: a coin's likelihood, measured slopes, errors."""

import numpy as np

from autograder.exercises import (
    READY_MADE,
    Alternative,
    Convention,
    Exercise,
    Mistake,
    call_case,
    probe,
)
from downslope.drivers import Case


def tosses(rng: np.random.Generator, ones: int, zeros: int) -> np.ndarray:
    """Draw outcomes with so many ones and zeros in random order."""
    return rng.permutation(np.array([1] * ones + [0] * zeros))


def nll_cases(rng: np.random.Generator) -> list[Case]:
    """Draw models on either side of one half, and samples that are not half and half."""
    low, high = rng.uniform(0.1, 0.3), rng.uniform(0.6, 0.9)
    return [
        call_case("a few ones", lam=float(low), outcomes=tosses(rng, 3, 5)),
        call_case("many ones", lam=float(high), outcomes=tosses(rng, 7, 2)),
        call_case("a model far from the data", lam=float(high), outcomes=tosses(rng, 1, 5)),
        call_case("zeros only", lam=float(low), outcomes=tosses(rng, 0, 4)),
    ]


def mle_cases(rng: np.random.Generator) -> list[Case]:
    """Draw samples of several sizes; one holds zeros only."""
    ones = int(rng.integers(2, 5))
    return [
        call_case("a few ones", outcomes=tosses(rng, ones, 11 - ones)),
        call_case("many ones", outcomes=tosses(rng, 9 - ones, 1)),
        call_case("a larger sample", outcomes=tosses(rng, 5 * ones, 30 - ones)),
        call_case("zeros only", outcomes=tosses(rng, 0, ones)),
    ]


def spread_points(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw a point whose coordinates have both signs and none is near zero."""
    signs = np.where(np.arange(int(np.prod(shape))) % 2 == 0, 1.0, -1.0).reshape(shape)
    return np.array(signs * rng.uniform(0.4, 1.4, shape))


def slope_cases(rng: np.random.Generator) -> list[Case]:
    """Draw points of several shapes; h is so large that the kind of difference shows."""
    wide, narrow = float(rng.uniform(0.2, 0.5)), float(rng.uniform(0.05, 0.15))
    return [
        call_case("a row", f=probe("cubic"), x=spread_points(rng, 3), h=wide),
        call_case("a matrix", f=probe("wave"), x=spread_points(rng, 2, 3), h=narrow),
        call_case("a single number", f=probe("sines"), x=spread_points(rng), h=wide),
        call_case("three axes", f=probe("cubic"), x=spread_points(rng, 2, 1, 2), h=narrow),
    ]


def error_cases(rng: np.random.Generator) -> list[Case]:
    """Draw pairs with the worst element in different places, zeros on both sides, and tiny ones."""
    a = spread_points(rng, 2, 3)
    near = a * (1 + rng.uniform(0.01, 0.03, (2, 3)))
    near[1, 0] = a[1, 0] * 1.2
    small = np.array([1e-3, -2e-3, 3.0]) * rng.uniform(1, 2)
    off = small + np.array([4e-4, 0.0, 0.05])
    zeros = np.array([0.0, 1.5, 0.0, -2.0])
    about = zeros * rng.uniform(0.9, 0.95, 4)
    tiny = rng.uniform(1e-9, 3e-9, 3)
    return [
        call_case("a matrix", a=a, b=near),
        call_case("the small element is the wrong one", a=small, b=off),
        call_case("zeros at the same places", a=zeros, b=about),
        call_case("opposite signs", a=a[0], b=-a[0] * rng.uniform(0.2, 0.4, 3)),
        call_case("all but zero", a=tiny, b=-tiny / 2),
    ]


bernoulli_nll = Exercise(
    "bernoulli_nll",
    returns=("loss",),
    driver="call",
    cases=nll_cases,
    hints=(
        (
            "How likely does the model call a 1, and how likely a 0? The loss of one outcome is "
            "minus the natural logarithm of that."
        ),
        (
            "For each outcome add -ln(lam) if it is 1 and -ln(1 - lam) if it is 0; then take the "
            "mean over the outcomes."
        ),
        "np.mean(-outcomes * np.log(lam) - (1 - outcomes) * np.log(1 - lam))",
    ),
    mistakes=(
        Convention(
            "base_ten",
            "These are logarithms to base 10, as on L2's slide (0.27 and 0.29). The course uses "
            "the natural logarithm: multiply by ln 10 = 2.303 and you have nats.",
            [("np.mean(", "1 / np.log(10) * np.mean(")],
        ),
        Convention(
            "base_two",
            "These are logarithms to base 2, so your loss is in bits. The course uses the natural "
            "logarithm.",
            [("np.mean(", "1 / np.log(2) * np.mean(")],
        ),
        Mistake(
            "sum_over_outcomes",
            "You add over the outcomes. The training loss is their mean, so that samples of "
            "different size can be compared.",
            [("np.mean(", "np.sum(")],
        ),
        Mistake(
            "log_likelihood",
            "Your number is negative: it is the log-likelihood, which one makes large. The loss is "
            "minus that.",
            [("np.mean(", "-np.mean(")],
        ),
        Mistake(
            "outcomes_swapped",
            "You charge the ones as if they were zeros. lam is the probability of a 1.",
            [
                (
                    "outcomes * np.log(lam) + (1 - outcomes) * np.log(1 - lam)",
                    "(1 - outcomes) * np.log(lam) + outcomes * np.log(1 - lam)",
                )
            ],
        ),
        Mistake(
            "zeros_not_charged",
            "Only the ones enter your loss. A zero costs -ln(1 - lam): without it lam = 1 would "
            "always be best.",
            [(" + (1 - outcomes) * np.log(1 - lam)", "")],
        ),
        Mistake(
            "ones_not_charged",
            "Only the zeros enter your loss. A one costs -ln(lam): without it lam = 0 would always "
            "be best.",
            [("outcomes * np.log(lam) + ", "")],
        ),
        Mistake(
            "likelihood_itself",
            "This is the likelihood, the product of the probabilities. With many outcomes it "
            "underflows; the loss is minus the mean of the logarithms.",
            source="""def bernoulli_nll(lam, outcomes):
    return np.prod(np.where(outcomes == 1, lam, 1 - lam))
""",
        ),
        Mistake(
            "squared_error",
            "This is the squared error between outcomes and lam. Maximum likelihood of a coin asks "
            "for logarithms.",
            source="""def bernoulli_nll(lam, outcomes):
    return np.mean((outcomes - lam) ** 2)
""",
        ),
        Mistake(
            "log_of_the_mean",
            "You average the probabilities and take the logarithm at the end. Take the logarithm "
            "of each outcome's probability first.",
            source="""def bernoulli_nll(lam, outcomes):
    return -np.log(np.mean(np.where(outcomes == 1, lam, 1 - lam)))
""",
        ),
        Mistake(
            "one_sign_lost",
            "The minus in front covers the ones only: the zeros lower your loss. Both logarithms "
            "are negative, and both enter with a minus.",
            [("+ (1 - outcomes)", "- (1 - outcomes)")],
        ),
        Mistake(
            "shares_of_the_slide",
            "You have typed in 0.3 and 0.7, the shares of L2's ten pulls. Other outcomes have "
            "other shares: work them out.",
            source="""def bernoulli_nll(lam, outcomes):
    return -0.3 * np.log(lam) - 0.7 * np.log(1 - lam)
""",
        ),
        Mistake(
            "outcomes_not_used",
            "Your loss holds lam alone, as if a share of exactly lam had been ones. The outcomes "
            "say how often each logarithm counts.",
            source="""def bernoulli_nll(lam, outcomes):
    return -lam * np.log(lam) - (1 - lam) * np.log(1 - lam)
""",
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            source="""def bernoulli_nll(lam, outcomes):
    import math

    total = 0.0
    for outcome in outcomes:
        total -= math.log(lam if outcome == 1 else 1 - lam)
    return total / len(outcomes)
""",
        ),
        Alternative(
            "by_share",
            source="""def bernoulli_nll(lam, outcomes):
    share = outcomes.mean()
    return -share * np.log(lam) - (1 - share) * np.log1p(-lam)
""",
        ),
        Alternative(
            "chosen_probability",
            source="""def bernoulli_nll(lam, outcomes):
    return float(-np.log(np.where(outcomes == 1, lam, 1 - lam)).mean())
""",
        ),
    ),
    forbids=(*READY_MADE, "downslope.datasets.bandits", "downslope.losses", "scipy"),
)

bernoulli_mle = Exercise(
    "bernoulli_mle",
    returns=("lam",),
    driver="call",
    cases=mle_cases,
    hints=(
        (
            "With k ones among n outcomes the loss is -(k/n) ln(lam) - (1 - k/n) ln(1 - lam). "
            "Where is its slope zero?"
        ),
        (
            "The slope is -(k/n)/lam + (1 - k/n)/(1 - lam). Set it to zero and solve for lam: the "
            "answer is a very simple number."
        ),
        "lam = k/n, the share of ones. For zeros and ones that is the mean.",
    ),
    mistakes=(
        Mistake(
            "number_of_ones",
            "This is how many ones there are. The estimate is a probability: their share.",
            [("np.mean(", "1.0 * np.sum(")],
        ),
        Mistake(
            "share_of_zeros",
            "This is the share of zeros. lam is the probability of a 1.",
            [("np.mean(", "1 - np.mean(")],
        ),
        Mistake(
            "one_more_of_each",
            "You add one imagined 1 and one imagined 0 (Laplace). That is a sensible estimate, but "
            "not the most likely lam.",
            source="""def bernoulli_mle(outcomes):
    return (np.sum(outcomes) + 1) / (len(outcomes) + 2)
""",
        ),
        Mistake(
            "n_minus_one",
            "You divide by n - 1. That correction belongs to the variance; the mean has none.",
            source="""def bernoulli_mle(outcomes):
    return np.sum(outcomes) / (len(outcomes) - 1)
""",
        ),
        Mistake(
            "majority",
            "This is the commoner outcome. lam is the probability of a 1, any number between 0 and "
            "1.",
            source="""def bernoulli_mle(outcomes):
    return 1.0 if np.mean(outcomes) > 0.5 else 0.0
""",
        ),
        Mistake(
            "odds",
            "These are the odds, ones against zeros. The share is ones against all.",
            source="""def bernoulli_mle(outcomes):
    return np.sum(outcomes) / max(1, np.sum(1 - outcomes))
""",
        ),
        Mistake(
            "smallest_loss",
            "This is the smallest loss, not where it is reached. Return the lam.",
            source="""def bernoulli_mle(outcomes):
    share = np.clip(np.mean(outcomes), 1e-12, 1 - 1e-12)
    return -share * np.log(share) - (1 - share) * np.log(1 - share)
""",
        ),
        Mistake(
            "share_of_the_slide",
            "You have typed in 0.3, the share of ones among L2's ten pulls. Other outcomes have "
            "another share: work it out.",
            source="""def bernoulli_mle(outcomes):
    return 0.3
""",
        ),
        Mistake(
            "spread",
            "This is the standard deviation. The estimate is the mean itself.",
            [("np.mean(", "np.std(")],
        ),
    ),
    alternatives=(
        Alternative(
            "count",
            source="""def bernoulli_mle(outcomes):
    return float(np.count_nonzero(outcomes) / outcomes.size)
""",
        ),
        Alternative(
            "loop",
            source="""def bernoulli_mle(outcomes):
    ones = 0
    for outcome in outcomes:
        ones += int(outcome)
    return ones / len(outcomes)
""",
        ),
        Alternative("method", "", [("np.mean(outcomes)", "outcomes.mean()")]),
    ),
    forbids=(*READY_MADE, "downslope.datasets.bandits", "scipy"),
)

FORWARD = "(f(up) - f(down)) / (2 * h)"

numerical_gradient = Exercise(
    "numerical_gradient",
    returns=("slopes",),
    driver="call",
    cases=slope_cases,
    hints=(
        (
            "One coordinate at a time: leave all others as they are, go h up and h down along this "
            "one, and compare the two values of f."
        ),
        (
            "Work on copies: up = x.copy(), down = x.copy(). The slope is (f(up) - f(down)) / (2 "
            "h). np.ndindex(x.shape) walks over the indices of an array of any shape."
        ),
        (
            "slopes = np.zeros(x.shape); for index in np.ndindex(x.shape): copy x twice, "
            "up[index] += h, down[index] -= h, slopes[index] = (f(up) - f(down)) / (2 * h). "
            "Return slopes."
        ),
    ),
    mistakes=(
        Mistake(
            "forward_difference",
            "This is the one-sided difference, from x to x + h. Its error falls like h only. Go h "
            "to both sides: the error falls like h squared.",
            [(FORWARD, "(f(up) - f(x)) / h")],
        ),
        Mistake(
            "backward_difference",
            "This is the one-sided difference, from x - h to x. Its error falls like h only. Go h "
            "to both sides: the error falls like h squared.",
            [(FORWARD, "(f(x) - f(down)) / h")],
        ),
        Mistake(
            "divided_by_h",
            "Your slopes are twice too large. From x - h to x + h is a way of 2 h.",
            [(FORWARD, "(f(up) - f(down)) / h")],
        ),
        Mistake(
            "precedence",
            "Your slopes are too small or too large by h squared: / 2 * h divides by 2 and then "
            "multiplies by h. Put 2 * h in brackets.",
            [("/ (2 * h)", "/ 2 * h")],
        ),
        Mistake(
            "two_forgotten_and_half_the_way",
            "You go h/2 to each side and divide by h. That is a right central difference with half "
            "the step. This exercise goes h to each side.",
            [
                ("up[index] += h", "up[index] += h / 2"),
                ("down[index] -= h", "down[index] -= h / 2"),
                ("/ (2 * h)", "/ h"),
            ],
        ),
        Mistake(
            "h_fixed",
            "Your slopes do not depend on h: you use 1e-5 whatever is asked for. h is an argument.",
            [("up[index] += h", "h = 1e-5\n        up[index] += h")],
        ),
        Mistake(
            "all_at_once",
            "You move all coordinates together. Then each entry is the slope along the diagonal. "
            "Move one and leave the others.",
            [("up[index] += h", "up += h"), ("down[index] -= h", "down -= h")],
        ),
        Mistake(
            "wrong_sign",
            "Every slope has the wrong sign. A function that rises from x - h to x + h has a "
            "positive slope.",
            [(FORWARD, "(f(down) - f(up)) / (2 * h)")],
        ),
        Mistake(
            "moves_not_undone",
            "The first slope is right and the later ones are not: the coordinates that you moved "
            "are never put back. Start from a fresh copy of x for each coordinate.",
            source="""def numerical_gradient(f, x, h=1e-5):
    slopes = np.zeros(x.shape)
    up, down = x.copy(), x.copy()
    for index in np.ndindex(x.shape):
        up[index] += h
        down[index] -= h
        slopes[index] = (f(up) - f(down)) / (2 * h)
    return slopes
""",
        ),
        Mistake(
            "difference_only",
            "These are differences of f, not slopes. Divide by the way between the two points.",
            [(" / (2 * h)", "")],
        ),
        Mistake(
            "copies_forgotten",
            "Your slopes are all 0: up and down are both names of x itself, so what you add to the "
            "one you take away from the other. Make copies.",
            [("x.copy(), x.copy()", "x, x")],
        ),
        Mistake(
            "x_walks_off",
            "You move x itself up and down and do not put it back, so the next coordinate is "
            "measured from another place. Work on copies.",
            source="""def numerical_gradient(f, x, h=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        slopes[index] = (above - f(x)) / (2 * h)
    return slopes
""",
        ),
        Convention(
            "five_points",
            "This is the formula with four values of f, whose error falls like h to the fourth. It "
            "is more exact. Here the central difference with two values is asked for.",
            source="""def numerical_gradient(f, x, h=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        near, far = f(x + step) - f(x - step), f(x + 2 * step) - f(x - 2 * step)
        slopes[index] = (8 * near - far) / (12 * h)
    return slopes
""",
        ),
    ),
    alternatives=(
        Alternative(
            "flat",
            source="""def numerical_gradient(f, x, h=1e-5):
    flat, slopes = x.ravel(), []
    for i in range(flat.size):
        step = np.zeros(flat.size)
        step[i] = h
        step = step.reshape(x.shape)
        slopes.append((f(x + step) - f(x - step)) / (2 * h))
    return np.array(slopes).reshape(x.shape)
""",
        ),
        Alternative(
            "moved_and_put_back",
            source="""def numerical_gradient(f, x, h=1e-5):
    x = np.array(x)
    grad = np.empty_like(x)
    it = np.nditer(x, flags=["multi_index"])
    while not it.finished:
        where = it.multi_index
        old = float(x[where])
        x[where] = old + h
        above = f(x.copy())
        x[where] = old - h
        below = f(x.copy())
        x[where] = old
        grad[where] = (above - below) / h / 2
        it.iternext()
    return grad
""",
        ),
        Alternative(
            "two_one_sided",
            "",
            [(FORWARD, "0.5 * ((f(up) - f(x)) / h + (f(x) - f(down)) / h)")],
        ),
    ),
    forbids=(*READY_MADE, "downslope.gradients", "scipy"),
)

ERRORS = "np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b))"

relative_error = Exercise(
    "relative_error",
    returns=("error",),
    driver="call",
    cases=error_cases,
    hints=(
        (
            "Each element gets its own ratio: how far are a and b apart there, and how large are "
            "they there? Only then is the worst one picked."
        ),
        (
            "Below the fraction bar stands |a| + |b|, element by element, but never less than "
            "1e-8. np.maximum compares element by element."
        ),
        "np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))",
    ),
    mistakes=(
        Mistake(
            "absolute_error",
            "This is the largest absolute error. A gap of 0.001 is nothing beside 100 and very "
            "much beside 0.001: divide by the size.",
            [(ERRORS, "np.abs(a - b)")],
        ),
        Mistake(
            "mean_of_all",
            "You take the mean of the ratios. One wrong element among a thousand right ones would "
            "not show: take the worst.",
            [("np.max(", "np.mean(")],
        ),
        Mistake(
            "sum_of_all",
            "You add the ratios. The worst one is asked for.",
            [("np.max(", "np.sum(")],
        ),
        Mistake(
            "floor_missing",
            "Where both numbers are 0 you compute 0/0, which is nan; and where both are all but 0, "
            "rounding looks like an error. The denominator is never below 1e-8.",
            [("np.maximum(1e-8, np.abs(a) + np.abs(b))", "(np.abs(a) + np.abs(b))")],
        ),
        Mistake(
            "floor_added",
            "You add 1e-8 to the denominator. Nearly right, but the floor is a maximum: it counts "
            "only where |a| + |b| is smaller.",
            [("np.maximum(1e-8, np.abs(a) + np.abs(b))", "(1e-8 + np.abs(a) + np.abs(b))")],
        ),
        Mistake(
            "sign_of_the_gap_lost",
            "Where a is smaller than b your ratio is negative and is never the largest. The "
            "absolute value of the gap is missing.",
            [("np.abs(a - b)", "(a - b)")],
        ),
        Mistake(
            "denominator_without_absolute_values",
            "Your denominator is a + b: with opposite signs the two cancel. Take the absolute "
            "values first.",
            [("np.maximum(1e-8, np.abs(a) + np.abs(b))", "np.maximum(1e-8, np.abs(a + b))")],
        ),
        Convention(
            "larger_of_the_two",
            "You divide by the larger of |a| and |b|. Other courses do so; the result is up to "
            "twice as large. This course divides by their sum.",
            [("np.abs(a) + np.abs(b)", "np.maximum(np.abs(a), np.abs(b))")],
        ),
        Mistake(
            "divided_by_a",
            "You divide by |a| alone. Then the two arrays do not play the same part, and a zero in "
            "a spoils everything. Divide by |a| + |b|.",
            [("np.abs(a) + np.abs(b)", "np.abs(a)")],
        ),
        Mistake(
            "divided_by_b",
            "You divide by |b| alone. Then the two arrays do not play the same part, and a zero in "
            "b spoils everything. Divide by |a| + |b|.",
            [("np.abs(a) + np.abs(b)", "np.abs(b)")],
        ),
        Convention(
            "one_ratio_for_all",
            "You compare the lengths of whole vectors: |a - b| over |a| + |b|. Other courses do "
            "so, but an error in a small element drowns. Here each element has its own ratio.",
            source="""def relative_error(a, b):
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return np.linalg.norm(a - b) / max(1e-8, size)
""",
        ),
        Mistake(
            "largest_over_largest",
            "You divide the largest gap by the largest size. The two may stand at different "
            "places. Divide first, then pick the worst.",
            source="""def relative_error(a, b):
    return np.max(np.abs(a - b)) / max(1e-8, np.max(np.abs(a) + np.abs(b)))
""",
        ),
        Convention(
            "half_of_the_sum",
            "You divide by the mean of |a| and |b|. Other courses do so; the result is twice as "
            "large. This course divides by their sum.",
            [("np.abs(a) + np.abs(b)", "(np.abs(a) + np.abs(b)) / 2")],
        ),
        Convention(
            "one_ratio_without_floor",
            "You compare the lengths of whole vectors: |a - b| over |a| + |b|. Other courses do "
            "so, but an error in a small element drowns. Here each element has its own ratio.",
            source="""def relative_error(a, b):
    return np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b))
""",
        ),
        Mistake(
            "largest_over_largest_without_floor",
            "You divide the largest gap by the largest size. The two may stand at different "
            "places. Divide first, then pick the worst; and keep to the floor of 1e-8.",
            source="""def relative_error(a, b):
    return np.max(np.abs(a - b)) / np.max(np.abs(a) + np.abs(b))
""",
        ),
        Mistake(
            "signs_ignored",
            "You compare |a| with |b|: a gradient with the wrong sign looks perfect. The gap is "
            "|a - b|.",
            [("np.abs(a - b)", "np.abs(np.abs(a) - np.abs(b))")],
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            source="""def relative_error(a, b):
    worst = 0.0
    for one, other in zip(a.ravel(), b.ravel()):
        worst = max(worst, abs(one - other) / max(1e-8, abs(one) + abs(other)))
    return worst
""",
        ),
        Alternative("method", "", [(f"np.max({ERRORS})", f"float(({ERRORS}).max())")]),
        Alternative(
            "clip",
            source="""def relative_error(a, b):
    size = np.clip(np.abs(a) + np.abs(b), 1e-8, None)
    return np.amax(np.absolute(np.subtract(b, a)) / size)
""",
        ),
    ),
    forbids=(*READY_MADE, "downslope.gradients", "scipy"),
)

EXERCISES = (bernoulli_nll, bernoulli_mle, numerical_gradient, relative_error)
