"""Exercises of 07_schedules, second part: decays with a fixed end, and the table by hand."""

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


def end_cases(rng: np.random.Generator, **more: float) -> list[Case]:
    """Draw decays to a floor: through the end and beyond it, numbers, tables, and to zero."""
    lr0, lr_end = float(rng.uniform(0.4, 0.9)), float(rng.uniform(0.05, 0.15))
    total = int(rng.integers(7, 13))
    own = {"lr0": lr0, "lr_end": lr_end, "total": total, **more}
    return [
        call_case("through the end and beyond", t=np.arange(2 * total), **own),
        call_case("one update on the way", t=int(rng.integers(2, 6)), **own),
        call_case("t = total exactly", t=total, **own),
        call_case("long after the end", t=7 * total, **own),
        call_case("the first update", t=0, **own),
        call_case("a table", t=rng.permutation(2 * total)[:6].reshape(2, 3), **own),
        call_case("floats", t=np.array([0.5, total - 0.25, total + 0.5]), **own),
        call_case("down to zero", **{**own, "lr_end": 0.0, "t": np.arange(total + 3)}),
        call_case("whole numbers", **{**own, "lr0": 3, "lr_end": 1, "t": np.arange(total + 2)}),
    ]


def linear_cases(rng: np.random.Generator) -> list[Case]:
    """Draw linear decays."""
    return end_cases(rng)


def polynomial_cases(rng: np.random.Generator) -> list[Case]:
    """Draw polynomial decays with powers below, at and above 1."""
    lr0, lr_end = float(rng.uniform(0.4, 0.9)), float(rng.uniform(0.05, 0.15))
    total = int(rng.integers(7, 13))
    own = {"lr0": lr0, "lr_end": lr_end, "t": np.arange(total + 4), "total": total}
    drawn = end_cases(rng, power=float(rng.uniform(2.2, 3.4)))
    powers = [call_case(f"power {power}", **own, power=power) for power in (0.5, 1, 2)]
    return [*drawn, *powers]


def cosine_cases(rng: np.random.Generator) -> list[Case]:
    """Draw cosine decays: through the end and beyond it, numbers, tables."""
    lr0, total = float(rng.uniform(0.15, 0.85)), int(rng.integers(7, 13))
    own = {"lr0": lr0, "total": total}
    return [
        call_case("through the end and beyond", t=np.arange(3 * total), **own),
        call_case("one update on the way", t=int(rng.integers(2, 6)), **own),
        call_case("the first update", t=0, **own),
        call_case("after the end", t=total + int(rng.integers(2, 6)), **own),
        call_case("around the end", t=np.array([total - 1, total, total + 1]), **own),
        call_case("a table", t=rng.permutation(2 * total)[:6].reshape(2, 3), **own),
        call_case("floats", t=np.array([0.5, total - 0.25, total + 0.5]), **own),
        call_case("a first rate of 1", lr0=1, t=np.arange(5), total=4),
    ]


def table_cases(rng: np.random.Generator) -> list[Case]:
    """Return the one table that is filled in by hand."""
    del rng
    return [call_case("the table")]


linear_decay = Exercise(
    "linear_decay",
    returns=("lr",),
    driver="call",
    cases=linear_cases,
    forbids=FORBIDDEN,
    hints=(
        (
            "What share of the way has been gone at t? It goes from 0 to 1, and it must not go "
            "beyond."
        ),
        (
            "The share is the smaller of t and total, over total. The rate lies between lr0 and "
            "lr_end: (1 - share) parts of the one and share parts of the other."
        ),
        (
            "share = np.minimum(t, total) / total; then lr0 + share * (lr_end - lr0). np.minimum "
            "takes numbers and arrays, min does not."
        ),
    ),
    mistakes=(
        Mistake(
            "runs_below_the_end",
            "After t = total your rate goes on falling. It should stay at lr_end.",
            [("np.minimum(t, total) / total", "np.asarray(t) / total")],
        ),
        Mistake(
            "zero_after_the_end",
            "After t = total your rate is 0. It should stay at lr_end.",
            [
                (
                    "lr0 + share * (lr_end - lr0)",
                    "np.where(t > total, 0.0, lr0 + share * (lr_end - lr0))",
                )
            ],
        ),
        Convention(
            "to_zero",
            "Your line ends at 0. This is L1's form; here the line ends at lr_end, as in L2.",
            [("share * (lr_end - lr0)", "share * (0.0 - lr0)")],
        ),
        Mistake(
            "line_to_zero_then_cut",
            "Your line heads for 0 and is cut off at lr_end, so it gets there too early. It should "
            "reach lr_end exactly at t = total.",
            [("lr0 + share * (lr_end - lr0)", "np.maximum(lr0 * (1 - share), lr_end)")],
        ),
        Mistake(
            "ends_swapped",
            "Your rate climbs from lr_end to lr0: the ends are swapped.",
            [("lr0 + share * (lr_end - lr0)", "lr_end + share * (lr0 - lr_end)")],
        ),
        Mistake(
            "one_step_early",
            "Your rate reaches lr_end one update early, at total - 1. It should be there at "
            "t = total.",
            [("np.minimum(t, total) / total", "np.minimum(t, total - 1) / (total - 1)")],
        ),
        Mistake(
            "one_step_ahead",
            "Your line begins one update early: at t = 0 the rate is lr0 itself.",
            [("np.minimum(t, total)", "np.minimum(np.asarray(t) + 1, total)")],
        ),
        Mistake(
            "geometric",
            "Your rate falls by the same factor at every step. A straight line falls by the same "
            "amount.",
            source="""def linear_decay(lr0, lr_end, t, total):
    share = np.minimum(t, total) / total
    return lr0 * (np.maximum(lr_end, 1e-3) / lr0) ** share
""",
        ),
        Mistake(
            "floor_added",
            "You add lr_end to a line from lr0 to 0, so your rate begins at lr0 + lr_end.",
            [("share * (lr_end - lr0)", "lr_end - share * lr0")],
        ),
        Mistake(
            "whole_division",
            "You divide without remainder, so your rate jumps at t = total. Use / and not //.",
            [("total) / total", "total) // total * 1.0")],
        ),
        Mistake(
            "amount_per_step",
            "You take off lr_end in all. The whole way is lr0 - lr_end.",
            [("share * (lr_end - lr0)", "share * (-1.0 * lr_end)")],
        ),
    ),
    alternatives=(
        Alternative(
            "l2_weights",
            "",
            [("lr0 + share * (lr_end - lr0)", "(1 - share) * lr0 + share * lr_end")],
        ),
        Alternative(
            "interpolated",
            source="""def linear_decay(lr0, lr_end, t, total):
    return np.interp(t, [0, total], [lr0, lr_end])
""",
        ),
        Alternative(
            "floor_by_maximum",
            source="""def linear_decay(lr0, lr_end, t, total):
    return np.maximum(lr0 - (lr0 - lr_end) * np.asarray(t) / total, lr_end)
""",
        ),
        Alternative(
            "where",
            source="""def linear_decay(lr0, lr_end, t, total):
    line = lr0 * (1 - np.asarray(t) / total) + lr_end * np.asarray(t) / total
    return np.where(np.asarray(t) < total, line, float(lr_end))
""",
        ),
        Alternative(
            "loop",
            source="""def linear_decay(lr0, lr_end, t, total):
    if np.ndim(t):
        return np.array([linear_decay(lr0, lr_end, each, total) for each in t], dtype=float)
    return float(lr_end) if t >= total else lr0 + t * (lr_end - lr0) / total
""",
        ),
    ),
)

polynomial_decay = Exercise(
    "polynomial_decay",
    returns=("lr",),
    driver="call",
    cases=polynomial_cases,
    forbids=FORBIDDEN,
    hints=(
        "What share of the time is left at t? The power belongs to this share.",
        (
            "left = 1 - np.minimum(t, total) / total goes from 1 to 0. Its power goes from 1 to 0 "
            "as well, on a bent way. Stretch it to go from lr0 to lr_end."
        ),
        "lr_end + (lr0 - lr_end) * left**power",
    ),
    mistakes=(
        Mistake(
            "rises_again",
            "After t = total your rate rises again: the share of the time that is left must not go "
            "below 0.",
            [("1 - np.minimum(t, total) / total", "np.abs(1 - np.asarray(t) / total)")],
        ),
        Mistake(
            "zero_after_the_end",
            "After t = total your rate is 0. It should stay at lr_end.",
            [
                (
                    "lr_end + (lr0 - lr_end) * left**power",
                    "np.where(t > total, 0.0, lr_end + (lr0 - lr_end) * left**power)",
                )
            ],
        ),
        Mistake(
            "power_of_the_gone",
            "You raise the share that is gone to the power. It belongs to the share that is left.",
            [("left**power", "(1 - (1 - left) ** power)")],
        ),
        Mistake(
            "floor_ignored",
            "Your rate ends at 0. It should end at lr_end.",
            [("lr_end + (lr0 - lr_end) * left", "lr0 * left")],
        ),
        Mistake(
            "cut_at_the_floor",
            "Your curve heads for 0 and is cut off at lr_end, so it gets there too early.",
            [("lr_end + (lr0 - lr_end) * left**power", "np.maximum(lr0 * left**power, lr_end)")],
        ),
        Mistake(
            "floor_added",
            "You add lr_end to a curve from lr0 to 0, so your rate begins at lr0 + lr_end.",
            [("(lr0 - lr_end) *", "lr0 *")],
        ),
        Mistake(
            "power_ignored",
            "Your rate falls along a straight line, whatever the power is.",
            [("left**power", "left")],
        ),
        Mistake(
            "always_squared",
            "Your curve is always a parabola. Use the argument power.",
            [("left**power", "left**2")],
        ),
        Mistake(
            "one_over_the_power",
            "You take the root where the power is meant: high powers should fall fast at first.",
            [("left**power", "left ** (1 / power)")],
        ),
        Mistake(
            "product",
            "You multiply the share with the power. It is an exponent.",
            [("left**power", "left * power")],
        ),
        Mistake(
            "power_of_the_whole",
            "You raise the whole rate to the power. Only the share that is left is raised.",
            [
                (
                    "lr_end + (lr0 - lr_end) * left**power",
                    "(lr_end + (lr0 - lr_end) * left) ** power",
                )
            ],
        ),
        Mistake(
            "ends_swapped",
            "Your rate climbs from lr_end to lr0: the ends are swapped.",
            [("lr_end + (lr0 - lr_end)", "lr0 + (lr_end - lr0)")],
        ),
        Mistake(
            "one_step_early",
            "Your rate reaches lr_end one update early. It should be there at t = total.",
            [("np.minimum(t, total) / total", "np.minimum(t, total - 1) / (total - 1)")],
        ),
    ),
    alternatives=(
        Alternative(
            "clipped",
            source="""def polynomial_decay(lr0, lr_end, t, total, power):
    left = np.clip((total - np.asarray(t)) / total, 0, 1)
    return (lr0 - lr_end) * np.power(left, power) + lr_end
""",
        ),
        Alternative(
            "on_the_way_only",
            source="""def polynomial_decay(lr0, lr_end, t, total, power):
    t = np.asarray(t, dtype=float)
    rate = np.full(t.shape, float(lr_end))
    on_the_way = t < total
    rate[on_the_way] += (lr0 - lr_end) * (1 - t[on_the_way] / total) ** power
    return rate
""",
        ),
        Alternative(
            "loop",
            source="""def polynomial_decay(lr0, lr_end, t, total, power):
    def one(t):
        return float(lr_end + (lr0 - lr_end) * max(0.0, 1 - t / total) ** power)

    return np.vectorize(one, otypes=[float])(t)
""",
        ),
    ),
)

cosine_decay = Exercise(
    "cosine_decay",
    returns=("lr",),
    driver="call",
    cases=cosine_cases,
    forbids=FORBIDDEN,
    hints=(
        (
            "Half a cosine wave goes from 1 at t = 0 down to -1 at t = total. Bring it to go from "
            "1 to 0, and stop the time at total."
        ),
        (
            "The angle is pi times the share of the way, np.minimum(t, total) / total. Add 1 to "
            "the cosine and halve the sum."
        ),
        "share = np.minimum(t, total) / total; lr0 * 0.5 * (1 + np.cos(np.pi * share))",
    ),
    mistakes=(
        Convention(
            "rises_again",
            "After t = total your rate rises again. PyTorch's CosineAnnealingLR does so too; here "
            "the rate stays at 0 after total.",
            [("np.minimum(t, total)", "np.asarray(t)")],
        ),
        Mistake(
            "whole_wave",
            "Your rate is back at lr0 at t = total: a whole wave. Half a wave is wanted.",
            [("np.pi * share", "2 * np.pi * share")],
        ),
        Mistake(
            "quarter_wave",
            "You use a quarter of a cosine wave. L1's second form has it squared; the first has "
            "half a wave, plus 1, halved.",
            [("0.5 * (1 + np.cos(np.pi * share))", "np.cos(np.pi / 2 * share)")],
        ),
        Mistake(
            "not_halved",
            "Your rate begins at 2 lr0: halve the sum.",
            [("0.5 * (1", "(1")],
        ),
        Mistake(
            "half_of_one_only",
            "Brackets: only the 1 is halved, or only the cosine. Halve the sum of both.",
            [("0.5 * (1 + np.cos(np.pi * share))", "(0.5 + np.cos(np.pi * share))")],
        ),
        Mistake(
            "below_zero",
            "Your rate goes below zero: the cosine goes from 1 to -1. Add 1 and halve.",
            [("0.5 * (1 + np.cos(np.pi * share))", "np.cos(np.pi * share)")],
        ),
        Mistake(
            "pi_forgotten",
            "The angle ends at 1 and not at pi.",
            [("np.pi * share", "1.0 * share")],
        ),
        Mistake(
            "degrees",
            "You give the cosine degrees. NumPy counts angles in radians: half a turn is pi.",
            [("np.pi * share", "180 * share")],
        ),
        Mistake(
            "climbs",
            "Your rate climbs from 0 to lr0: the sign before the cosine.",
            [("1 + np.cos", "1 - np.cos")],
        ),
        Mistake(
            "sine",
            "You use the sine. It begins at 0; the cosine begins at 1.",
            [("np.cos", "np.sin")],
        ),
        Mistake(
            "one_step_early",
            "Your rate reaches 0 one update early. It should be there at t = total.",
            [("np.minimum(t, total) / total", "np.minimum(t, total - 1) / (total - 1)")],
        ),
        Mistake(
            "lr0_after_the_end",
            "After t = total your rate is lr0 again. It should stay at 0.",
            [("np.minimum(t, total) / total", "np.where(t > total, 0, t) / total")],
        ),
        Mistake(
            "straight_line",
            "Your rate falls along a straight line.",
            [("0.5 * (1 + np.cos(np.pi * share))", "(1 - share)")],
        ),
        Mistake(
            "lr0_forgotten",
            "Your rate begins at 1. It should begin at lr0.",
            [("lr0 * 0.5", "0.5")],
        ),
    ),
    alternatives=(
        Alternative(
            "squared_quarter_wave",
            "",
            [("0.5 * (1 + np.cos(np.pi * share))", "np.cos(np.pi / 2 * share) ** 2")],
        ),
        Alternative(
            "where",
            source="""def cosine_decay(lr0, t, total):
    t = np.asarray(t)
    return np.where(t < total, lr0 / 2 + lr0 / 2 * np.cos(t * np.pi / total), 0.0)
""",
        ),
        Alternative(
            "loop",
            source="""def cosine_decay(lr0, t, total):
    import math

    def one(t):
        return 0.0 if t > total else lr0 * (1 + math.cos(math.pi * t / total)) / 2

    if np.ndim(t) == 0:
        return one(t)
    return np.array([one(each) for each in np.ravel(t)]).reshape(np.shape(t))
""",
        ),
        Alternative(
            "clipped_sine",
            source="""def cosine_decay(lr0, t, total):
    left = 1 - np.clip(np.asarray(t) / total, 0, 1)
    return lr0 * np.sin(np.pi / 2 * left) ** 2
""",
        ),
    ),
)


def rounded_table(decimals: int) -> Convention:
    """Accept a table that is rounded to so many decimals."""
    return Convention(
        f"rounded_to_{decimals}",
        "You wrote rounded numbers; they are the right ones.",
        [("0.8 / 3", f"round(0.8 / 3, {decimals})")],
        accepted=True,
    )


trace_schedules = Exercise(
    "trace_schedules",
    returns=("step", "exponential", "inverse_time", "linear", "cosine"),
    driver="call",
    cases=table_cases,
    forbids=FORBIDDEN,
    hints=(
        "Go column by column. Write down the formula with its numbers put in, then go down in t.",
        (
            "step: how many whole tens are in t? exponential: half of lr0 is left every 5 updates. "
            "inverse_time: the divisors are 1, 2, 3, 4."
        ),
        (
            "linear: from 0.8 to 0.2 in 10 updates, so half the way at t = 5. cosine: half the "
            "way at t = 5 as well, but the way goes to 0. Both stay where they are after t = 10."
        ),
    ),
    mistakes=(
        *(rounded_table(decimals) for decimals in (2, 3, 4)),
        Mistake(
            "no_end",
            "Your linear column goes on falling after t = 10. It stays at its end, 0.2.",
            [("[0.8, 0.5, 0.2, 0.2]", "[0.8, 0.5, 0.2, -0.1]")],
        ),
        Mistake(
            "rises_again",
            "Your cosine column rises again after t = 10. It stays at 0.",
            [("[0.8, 0.4, 0.0, 0.0]", "[0.8, 0.4, 0.0, 0.4]")],
        ),
        Mistake(
            "linear_to_zero",
            "Your linear column ends at 0. Its end here is 0.2.",
            [("[0.8, 0.5, 0.2, 0.2]", "[0.8, 0.4, 0.0, 0.0]")],
        ),
        Mistake(
            "step_late",
            "Your step column drops after t = 10. The drop comes at t = 10 itself.",
            [("[0.8, 0.8, 0.4, 0.4]", "[0.8, 0.8, 0.8, 0.4]")],
        ),
        Mistake(
            "step_every_row",
            "Your step column drops in every row. The period is 10 updates, two rows.",
            [("[0.8, 0.8, 0.4, 0.4]", "[0.8, 0.4, 0.2, 0.1]")],
        ),
        Mistake(
            "inverse_time_halves",
            "Your 1/t column halves in every row. Its divisor grows by 1 in every row: 1, 2, 3, 4.",
            [("[0.8, 0.4, 0.8 / 3, 0.2]", "[0.8, 0.4, 0.2, 0.1]")],
        ),
    ),
    alternatives=(
        Alternative(
            "computed",
            source="""def trace_schedules():
    t = np.array([0, 5, 10, 15])
    share = np.minimum(t, 10) / 10
    step = 0.8 * 0.5 ** (t // 10)
    exponential = 0.8 * np.exp(-np.log(2) / 5 * t)
    return [step, exponential, 0.8 / (1 + 0.2 * t), 0.8 - 0.6 * share,
            0.4 * (1 + np.cos(np.pi * share))]
""",
        ),
        Alternative(
            "halves", "", [("np.array([0.8, 0.4, 0.2, 0.1])", "0.8 / 2.0 ** np.arange(4)")]
        ),
    ),
)

EXERCISES = (linear_decay, polynomial_decay, cosine_decay, trace_schedules)
