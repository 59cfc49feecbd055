"""Exercises of 07_schedules, first part: decays that are one formula of the step.

The reference solutions stand in the master. Every generator asks for one number and for whole
arrays, integers among them, and for a table of two rows.
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

FORBIDDEN = (*READY_MADE, "downslope.schedules")


def first_rate(rng: np.random.Generator) -> float:
    """Draw a first learning rate that is nobody's default."""
    return float(rng.uniform(0.15, 0.85))


def step_cases(rng: np.random.Generator) -> list[Case]:
    """Draw step decays: every epoch, one number, a table, the borders, and the defaults."""
    lr0, drop, every = first_rate(rng), float(rng.uniform(0.2, 0.4)), int(rng.integers(3, 7))
    own = {"lr0": lr0, "drop": drop, "every": every}
    table = rng.permutation(4 * every)[:6].reshape(2, 3)
    return [
        call_case("every epoch", epoch=np.arange(5 * every), **own),
        call_case("around the first default drop", lr0=lr0, epoch=np.array([9, 10, 11, 19, 20])),
        call_case("one epoch", epoch=int(rng.integers(3, 5)) * every, **own),
        call_case("the last epoch before a drop", epoch=2 * every - 1, **own),
        call_case("a table of epochs", epoch=table, **own),
        call_case("parts of an epoch", epoch=np.array([0.5, every - 0.25, every + 0.5]), **own),
        call_case("a drop every epoch", lr0=lr0, epoch=np.arange(4), drop=drop, every=1),
        call_case("one number, defaults, a first rate of 1", lr0=1, epoch=25),
    ]


def rate_cases(rng: np.random.Generator, low: float, high: float) -> list[Case]:
    """Draw cases of decays with one constant k."""
    lr0, k = first_rate(rng), float(rng.uniform(low, high))
    own = {"lr0": lr0, "k": k}
    return [
        call_case("many updates", t=np.arange(12), **own),
        call_case("one update", t=int(rng.integers(3, 9)), **own),
        call_case("the first update", t=0, **own),
        call_case("a table of updates", t=rng.permutation(20)[:6].reshape(2, 3), **own),
        call_case("floats", t=np.array([0.0, 0.5, 2.5, 7.0]), **own),
        call_case("k = 1, counted in whole numbers", lr0=1, t=np.arange(4), k=1),
        call_case("no decay", lr0=lr0, t=np.arange(3), k=0.0),
    ]


def exponential_cases(rng: np.random.Generator) -> list[Case]:
    """Draw exponential decays."""
    return rate_cases(rng, 0.1, 0.3)


def inverse_time_cases(rng: np.random.Generator) -> list[Case]:
    """Draw 1/t decays."""
    return rate_cases(rng, 0.2, 0.6)


def root_cases(rng: np.random.Generator) -> list[Case]:
    """Draw inverse square root decays; they begin at t = 1."""
    lr0 = first_rate(rng)
    return [
        call_case("many updates", lr0=lr0, t=np.arange(1, 13)),
        call_case("one update", lr0=lr0, t=int(rng.integers(5, 30))),
        call_case("the first update", lr0=lr0, t=1),
        call_case("a table", lr0=lr0, t=1 + rng.permutation(40)[:6].reshape(2, 3)),
        call_case("floats", lr0=lr0, t=np.array([1.0, 2.5, 100.0])),
        call_case("a first rate of 2, a whole number", lr0=2, t=np.array([1, 4, 9])),
    ]


step_decay = Exercise(
    "step_decay",
    returns=("lr",),
    driver="call",
    cases=step_cases,
    forbids=FORBIDDEN,
    hints=(
        "How many drops have happened before this epoch? That is a whole number.",
        (
            "In epochs 0 to every - 1 there was none, in epochs every to 2 every - 1 there was "
            "one. Each drop multiplies the rate by drop."
        ),
        (
            "The number of drops is epoch // every, which works for numbers and arrays. Raise "
            "drop to this power and multiply with lr0."
        ),
    ),
    mistakes=(
        Mistake(
            "smooth",
            "Your rate falls in every epoch. Between two drops it should stand still: count whole "
            "drops only.",
            [("epoch // every", "epoch / every")],
        ),
        Mistake(
            "one_epoch_late",
            "Your drops come one epoch late. Epochs count from 0, so the first drop is at epoch = "
            "every itself.",
            [("(epoch // every)", "(np.maximum(epoch - 1, 0) // every)")],
        ),
        Mistake(
            "one_epoch_early",
            "Your drops come one epoch early. In epoch every - 1 the rate is still the old one.",
            [("(epoch // every)", "((epoch + 1) // every)")],
        ),
        Mistake(
            "rounded",
            "Your drops come half a period too early: you round to the nearest number of drops. "
            "Only drops that have happened count.",
            [("(epoch // every)", "np.round(epoch / every)")],
        ),
        Mistake(
            "rounded_up",
            "You round the number of drops up, so the first drop comes after epoch 0.",
            [("(epoch // every)", "np.ceil(epoch / every)")],
        ),
        Mistake(
            "drops_once",
            "Your rate drops once and then stays. It should drop again after every period.",
            [("(epoch // every)", "np.minimum(epoch // every, 1)")],
        ),
        Mistake(
            "drops_at_the_border_only",
            "Your rate is lower in the epochs that are multiples of every, and back up between "
            "them. A drop lasts.",
            [("drop ** (epoch // every)", "np.where((epoch > 0) & (epoch % every == 0), drop, 1)")],
        ),
        Mistake(
            "subtracted",
            "You subtract at each drop, so the rate runs below zero. A drop multiplies.",
            [("lr0 * drop ** (epoch // every)", "lr0 - drop * (epoch // every)")],
        ),
        Mistake(
            "multiplied_by_the_count",
            "You multiply drop by the number of drops. Two drops of one half make a quarter: that "
            "is a power.",
            [("lr0 * drop ** (epoch // every)", "lr0 * (1 - drop * (epoch // every))")],
        ),
        Mistake(
            "taken_off",
            "You take off the share drop. Here drop is the share that is left.",
            [("drop **", "(1 - drop) **")],
        ),
        Mistake(
            "grows",
            "Your rate grows at every drop: divided where it should be multiplied.",
            [("lr0 * drop **", "lr0 / drop **")],
        ),
        Mistake(
            "defaults_used",
            "Your rate always halves every ten epochs. These are the defaults; use drop and every.",
            [("drop ** (epoch // every)", "0.5 ** (epoch // 10)")],
        ),
        Mistake(
            "always_halves",
            "Your rate always halves. That is the default; use the argument drop.",
            [("drop ** (epoch", "0.5 ** (epoch")],
        ),
        Mistake(
            "every_ten",
            "Your drops always come every ten epochs. That is the default; use the argument every.",
            [("// every", "// 10")],
        ),
        Mistake(
            "lr0_forgotten",
            "Your rate begins at 1. It should begin at lr0.",
            [("lr0 * drop", "drop")],
        ),
    ),
    alternatives=(
        Alternative(
            "floor",
            source="""def step_decay(lr0, epoch, drop=0.5, every=10):
    return lr0 * np.power(drop, np.floor(np.asarray(epoch) / every))
""",
        ),
        Alternative(
            "loop",
            source="""def step_decay(lr0, epoch, drop=0.5, every=10):
    def one(e):
        rate = float(lr0)
        while e >= every:
            rate, e = rate * drop, e - every
        return rate

    if np.ndim(epoch) == 0:
        return one(epoch)
    return np.array([one(e) for e in epoch.ravel()]).reshape(epoch.shape)
""",
        ),
        Alternative(
            "vectorised_by_numpy",
            source="""def step_decay(lr0, epoch, drop=0.5, every=10):
    return np.vectorize(lambda e: lr0 * drop ** int(e / every), otypes=[float])(epoch)
""",
        ),
        Alternative(
            "remainder",
            source="""def step_decay(lr0, epoch, drop=0.5, every=10):
    return lr0 * np.exp(np.log(drop) * ((epoch - epoch % every) / every))
""",
        ),
    ),
)

exponential_decay = Exercise(
    "exponential_decay",
    returns=("lr",),
    driver="call",
    cases=exponential_cases,
    forbids=FORBIDDEN,
    hints=(
        "Read the formula from left to right. Which of its parts does NumPy do for whole arrays?",
        "np.exp takes numbers and arrays; math.exp takes numbers only. Mind the sign.",
        "lr0 times np.exp of minus k times t.",
    ),
    mistakes=(
        Mistake("grows", "Your rate grows: the exponent needs a minus.", [("-k * t", "k * t")]),
        Convention(
            "k_is_a_time",
            "You divide t by k. This is L2's form, in which the constant is a time (tau). Here k "
            "is a rate: one over that time.",
            [("-k * t", "-t / k if k else 0.0 * t")],
        ),
        Convention(
            "k_is_the_factor",
            "You raise k to the power t. This is L1's form, in which the constant is the factor c "
            "of one step. Here c = exp(-k).",
            [("np.exp(-k * t)", "np.power(float(k), t)")],
        ),
        Mistake(
            "first_order",
            "You use 1 - k as the factor of a step. For small k that is nearly right; the factor "
            "is exp(-k).",
            [("np.exp(-k * t)", "np.power(1.0 - k, t)")],
        ),
        Mistake(
            "base_two",
            "The base of your power is 2. It should be e: use np.exp.",
            [("np.exp(-k * t)", "2.0 ** (-k * t)")],
        ),
        Mistake(
            "base_ten",
            "The base of your power is 10. It should be e: use np.exp.",
            [("np.exp(-k * t)", "10.0 ** (-k * t)")],
        ),
        Mistake(
            "waits_for_tau",
            "Your rate stands still until t = 1/k and falls then. This is L2's condition taken "
            "literally, a slip: the decay begins at t = 0.",
            [("np.exp(-k * t)", "np.where(k * t >= 1, np.exp(-k * t), 1.0)")],
        ),
        Mistake(
            "one_step_ahead",
            "At t = 0 your rate has already shrunk. It should begin at lr0.",
            [("-k * t", "-k * (t + 1)")],
        ),
        Mistake(
            "k_forgotten",
            "Your rate falls as exp(-t), whatever k is.",
            [("-k * t", "-1.0 * t")],
        ),
        Mistake(
            "lr0_forgotten",
            "Your rate begins at 1. It should begin at lr0.",
            [("lr0 * np.exp", "np.exp")],
        ),
        Mistake(
            "squared_time",
            "Your exponent grows with the square of t. Every step should multiply by the same "
            "factor.",
            [("-k * t", "-k * t**2")],
        ),
    ),
    alternatives=(
        Alternative("power_of_c", "", [("np.exp(-k * t)", "np.exp(-k) ** t")]),
        Alternative(
            "by_tau",
            source="""def exponential_decay(lr0, t, k):
    if k == 0:
        return lr0 * np.ones(np.shape(t))
    tau = 1 / k
    return lr0 / np.exp(np.asarray(t) / tau)
""",
        ),
        Alternative(
            "loop",
            source="""def exponential_decay(lr0, t, k):
    import math

    rates = [lr0 * math.exp(-k * each) for each in np.asarray(t).reshape(-1)]
    return np.array(rates).reshape(np.shape(t))
""",
        ),
    ),
)

inverse_time_decay = Exercise(
    "inverse_time_decay",
    returns=("lr",),
    driver="call",
    cases=inverse_time_cases,
    forbids=FORBIDDEN,
    hints=(
        "What is the divisor at t = 0? And what at t = 1/k?",
        "The divisor is 1 + k t. Mind the brackets: a / b + c is not a / (b + c).",
        "lr0 / (1 + ... * ...)",
    ),
    mistakes=(
        Mistake(
            "brackets",
            "You divide by 1 and add k t. The whole sum 1 + k t stands below the fraction bar: "
            "put it in brackets.",
            [("lr0 / (1 + k * t)", "lr0 / 1 + k * t")],
        ),
        Mistake(
            "k_forgotten",
            "You divide by 1 + t, whatever k is.",
            [("k * t", "t")],
        ),
        Mistake(
            "k_is_a_time",
            "You divide t by k. Here k multiplies t: after 1/k updates half of lr0 is left.",
            [("k * t", "(t / k if k else 0.0 * t)")],
        ),
        Mistake(
            "compound",
            "You divide by 1 + k at every step: that is an exponential decay. Here the divisor "
            "grows by k at every step.",
            [("(1 + k * t)", "(1 + k) ** t")],
        ),
        Mistake(
            "root",
            "You take the root of the divisor. 1/t decay has none.",
            [("(1 + k * t)", "np.sqrt(1 + k * t)")],
        ),
        Mistake(
            "one_step_ahead",
            "At t = 0 your rate has already shrunk. It should begin at lr0.",
            [("k * t", "k * (t + 1)")],
        ),
        Mistake(
            "straight_line",
            "Your rate falls along a straight line, below zero in the end. 1 / (1 + k t) and "
            "1 - k t agree only near t = 0.",
            [("lr0 / (1 + k * t)", "lr0 * (1.0 - k * t)")],
        ),
        Mistake(
            "exponential",
            "This is the exponential decay. 1/t decay divides by 1 + k t.",
            [("lr0 / (1 + k * t)", "lr0 * np.exp(-k * t)")],
        ),
        Mistake(
            "grows",
            "Your rate grows: divide where you multiply.",
            [("lr0 / (1", "lr0 * (1.0")],
        ),
        Mistake(
            "lr0_forgotten",
            "Your rate begins at 1. It should begin at lr0.",
            [("lr0 / (1", "1.0 / (1")],
        ),
        Mistake(
            "squared_time",
            "Your divisor grows with the square of t. It grows by k at every step.",
            [("k * t", "k * t**2")],
        ),
    ),
    alternatives=(
        Alternative("power", "", [("lr0 / (1 + k * t)", "lr0 * (1.0 + k * t) ** -1.0")]),
        Alternative(
            "functions",
            source="""def inverse_time_decay(lr0, t, k):
    return np.divide(lr0, np.add(1, np.multiply(k, t)))
""",
        ),
        Alternative(
            "loop",
            source="""def inverse_time_decay(lr0, t, k):
    if isinstance(t, np.ndarray):
        rates = np.zeros(t.shape)
        for place in np.ndindex(t.shape):
            rates[place] = lr0 / (1 + k * t[place])
        return rates
    return lr0 / (1 + k * t)
""",
        ),
    ),
)

inverse_sqrt_decay = Exercise(
    "inverse_sqrt_decay",
    returns=("lr",),
    driver="call",
    cases=root_cases,
    forbids=FORBIDDEN,
    hints=(
        "At which t is the rate lr0 itself? From where does this formula count?",
        "Divide lr0 by the root of t. At t = 4 half of lr0 is left.",
        "lr0 / np.sqrt(t), for numbers and arrays alike.",
    ),
    mistakes=(
        Mistake(
            "counts_from_zero",
            "You take the root of t + 1. Here t counts from 1, so the first rate, at t = 1, is "
            "lr0.",
            [("np.sqrt(t)", "np.sqrt(t + 1)")],
        ),
        Mistake(
            "no_root",
            "You divide by t itself: a root is missing.",
            [("np.sqrt(t)", "t")],
        ),
        Mistake(
            "root_of_all",
            "You take the root of the whole fraction. Only t stands under it.",
            [("lr0 / np.sqrt(t)", "np.sqrt(lr0 / t)")],
        ),
        Mistake(
            "grows",
            "Your rate grows with the root of t: divide where you multiply.",
            [("lr0 / np", "lr0 * np")],
        ),
        Mistake(
            "lr0_forgotten",
            "Your first rate is 1. It should be lr0.",
            [("lr0 / np", "1 / np")],
        ),
        Mistake(
            "cube_root",
            "You take a cube root. L1's formula has the square root.",
            [("np.sqrt(t)", "np.cbrt(t)")],
        ),
        Mistake(
            "whole_roots",
            "You divide by a root that is cut to a whole number. Keep its decimals.",
            [("np.sqrt(t)", "np.floor(np.sqrt(t))")],
        ),
        Mistake(
            "one_added_to_the_root",
            "You divide by 1 plus the root. At t = 1 the rate should still be lr0.",
            [("np.sqrt(t)", "(1 + np.sqrt(t))")],
        ),
    ),
    alternatives=(
        Alternative("power", "", [("lr0 / np.sqrt(t)", "lr0 * np.power(np.asarray(t), -0.5)")]),
        Alternative("two_halves", "", [("lr0 / np.sqrt(t)", "lr0 / t**0.5")]),
        Alternative(
            "loop",
            source="""def inverse_sqrt_decay(lr0, t):
    import math

    rates = np.array([lr0 / math.sqrt(each) for each in np.ravel(t)])
    return rates.reshape(np.shape(t)) if np.ndim(t) else float(rates[0])
""",
        ),
    ),
)

EXERCISES = (step_decay, exponential_decay, inverse_time_decay, inverse_sqrt_decay)
