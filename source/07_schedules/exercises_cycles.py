"""Exercises of 07_schedules, third part: cosine decay with restarts."""

import numpy as np

from autograder.exercises import (
    READY_MADE,
    Alternative,
    Exercise,
    Mistake,
    call_case,
)
from downslope.drivers import Case

FORBIDDEN = (*READY_MADE, "downslope.schedules")


def restart_cases(rng: np.random.Generator) -> list[Case]:
    """Draw restarts that grow once, twice and three times as long, with numbers and tables.

    121 = (3**5 - 1) / 2 is the first step of a cycle at which log(243) / log(3) comes out below 5.
    """
    lr0, period = float(rng.uniform(0.15, 0.85)), int(rng.integers(3, 7))
    other = period + int(rng.integers(2, 5))
    edges = np.array([121 * period - 1, 121 * period, 121 * period + 1])
    table = rng.permutation(7 * period)[:6].reshape(2, 3)
    return [
        call_case("mult = 2", lr0=lr0, t=np.arange(8 * period), period=period, mult=2),
        call_case("the default mult", lr0=lr0, t=np.arange(4 * period), period=period),
        call_case("equal cycles", lr0=lr0, t=np.arange(4 * other), period=other, mult=1),
        call_case("mult = 3", lr0=lr0, t=np.arange(5 * period), period=period, mult=3),
        call_case("the start of a late cycle", lr0=lr0, t=edges, period=period, mult=3),
        call_case("one update", lr0=lr0, t=period + 2, period=period, mult=2),
        call_case("the first step of a cycle", lr0=lr0, t=3 * other, period=other, mult=2),
        call_case("the first update", lr0=lr0, t=0, period=period, mult=2),
        call_case("a table", lr0=lr0, t=table, period=period, mult=2),
        call_case("floats", lr0=lr0, t=np.array([0.5, period + 0.5]), period=period, mult=2),
        call_case("whole numbers", lr0=2, t=np.arange(9), period=1, mult=2),
    ]


RESTART_LOOP = """def NAME(lr0, t, period, mult=2):
    def one(t):
        length = period
        while t >= length:
            t, length = t - length, length * mult
        return lr0 * 0.5 * (1 + np.cos(np.pi * t / length))

    if np.ndim(t) == 0:
        return one(t)
    return np.array([one(each) for each in np.ravel(t)]).reshape(np.shape(t))
"""
RESTART_TABLE = """def NAME(lr0, t, period, mult=2):
    t = np.asarray(t)
    starts, length = [0], period
    while starts[-1] <= t.max():
        starts.append(starts[-1] + length)
        length = length * mult
    starts = np.array(starts)
    cycle = np.searchsorted(starts, t, side="right") - 1
    length = starts[cycle + 1] - starts[cycle]
    return lr0 / 2 * (1 + np.cos(np.pi * (t - starts[cycle]) / length))
"""
RESTART_LOGS = """def NAME(lr0, t, period, mult=2):
    t = np.asarray(t, dtype=float)
    if mult == 1:
        return lr0 * np.cos(np.pi / 2 * (t % period) / period) ** 2
    cycle = np.floor(np.log(1 + t * (mult - 1) / period) / np.log(mult) + 1e-9)
    start = period * (mult**cycle - 1) / (mult - 1)
    return lr0 * np.cos(np.pi / 2 * (t - start) / (period * mult**cycle)) ** 2
"""
BARE_LOGS = """def NAME(lr0, t, period, mult=2):
    import math

    def one(t):
        if mult == 1:
            return lr0 * 0.5 * (1 + math.cos(math.pi * (t % period) / period))
        cycle = int(math.log(1 + t * (mult - 1) / period) / math.log(mult))
        start = period * (mult**cycle - 1) / (mult - 1)
        return lr0 * 0.5 * (1 + math.cos(math.pi * (t - start) / (period * mult**cycle)))

    return np.vectorize(one, otypes=[float])(t)
"""


def written(text: str, name: str) -> str:
    """Give a function its name."""
    return text.replace("NAME", name)


def restart_answers(name: str) -> tuple[Alternative, ...]:
    """Return right answers in three styles."""
    return (
        Alternative("loop", source=written(RESTART_LOOP, name)),
        Alternative("table_of_starts", source=written(RESTART_TABLE, name)),
        Alternative("guarded_logarithms", source=written(RESTART_LOGS, name)),
    )


def bare_logarithms(name: str) -> Mistake:
    """Return the mistake of the hunt."""
    return Mistake(
        "bare_logarithms",
        "At the first step of some late cycles your rate is 0 where it should be lr0: "
        "log(243) / log(3) is 4.999999999999999 in float64, and cut to a whole number that is 4. "
        "Guard the logarithm or compare t with the starts themselves.",
        source=written(BARE_LOGS, name),
    )


cosine_restarts = Exercise(
    "cosine_restarts",
    returns=("lr",),
    driver="call",
    cases=restart_cases,
    forbids=FORBIDDEN,
    hints=(
        (
            "Two numbers are all you need for each t: when did its cycle start, and how long is "
            "it? Then it is a cosine_decay."
        ),
        (
            "The first cycle starts at 0 and has length period. While t is at or beyond the end of "
            "its cycle: the start moves on by the length, and the length is multiplied by mult."
        ),
        (
            "For arrays keep an array of starts and one of lengths. In a while loop: over = t >= "
            "start + length; start = np.where(over, start + length, start); then the lengths in "
            "the same way. In the end cosine_decay(lr0, t - start, length)."
        ),
    ),
    mistakes=(
        Mistake(
            "equal_cycles",
            "All your cycles are equally long. Each should be mult times as long as the one "
            "before.",
            [("np.where(over, length * mult, length)", "length")],
        ),
        Mistake(
            "restart_one_step_late",
            "On the first step of a cycle your rate is still 0: it should be back at lr0. Compare "
            "with >= and not with >.",
            source="""def cosine_restarts(lr0, t, period, mult=2):
    def one(t):
        start, length = 0, period
        while t > start + length:
            start, length = start + length, length * mult
        return lr0 * 0.5 * (1 + np.cos(np.pi * (t - start) / length))

    return np.vectorize(one, otypes=[float])(t)
""",
        ),
        Mistake(
            "starts_are_powers",
            "Your cycles start at period * mult**n. That is where they would start if the length "
            "were counted from t = 0: the lengths of all cycles before have to be added up.",
            source="""def cosine_restarts(lr0, t, period, mult=2):
    def one(t):
        start, end = 0, period
        while t >= end:
            start, end = end, end * mult if mult > 1 else end + period
        return lr0 * 0.5 * (1 + np.cos(np.pi * (t - start) / (end - start)))

    return np.vectorize(one, otypes=[float])(t)
""",
        ),
        Mistake(
            "wave_not_stretched",
            "Your cycles start where they should, but the wave in each is as long as in the first, "
            "and then the rate stays at 0. Stretch it to the whole cycle.",
            [("t - start, length)", "t - start, period)")],
        ),
        Mistake(
            "length_added",
            "Each of your cycles is one period longer than the one before. It should be mult times "
            "as long.",
            [("length * mult", "length + period * (mult - 1)")],
        ),
        Mistake(
            "mult_always_two",
            "Your cycles always double. That is the default; use the argument mult.",
            [("length * mult", "length * 2")],
        ),
        Mistake(
            "tops_shrink",
            "Your rate comes back lower in every cycle. It should be back at lr0.",
            [
                (
                    "return cosine_decay(lr0, t - start, length)",
                    "return cosine_decay(lr0, t - start, length) * period / length",
                )
            ],
        ),
        Mistake(
            "no_restart",
            "Your rate stays at 0 after the first cycle: there is no restart.",
            [("t - start, length)", "t, period)")],
        ),
        Mistake(
            "bounces",
            "Your rate climbs back as a wave does. A restart is a jump.",
            source="""def cosine_restarts(lr0, t, period, mult=2):
    return lr0 * 0.5 * (1 + np.cos(np.pi * np.asarray(t) / period))
""",
        ),
        Mistake(
            "straight_lines",
            "Within a cycle your rate falls along a straight line. It should follow half a cosine "
            "wave.",
            [
                (
                    "return cosine_decay(lr0, t - start, length)",
                    "return lr0 * (1 - (t - start) / length)",
                )
            ],
        ),
        Mistake(
            "one_step_early",
            "Within a cycle your rate reaches 0 on the last step, so each cycle is one step too "
            "short.",
            [
                (
                    "return cosine_decay(lr0, t - start, length)",
                    "return cosine_decay(lr0, t - start, np.maximum(length - 1, 0.5))",
                )
            ],
        ),
        bare_logarithms("cosine_restarts"),
    ),
    alternatives=restart_answers("cosine_restarts"),
)

repaired_cosine_restarts = Exercise(
    "repaired_cosine_restarts",
    returns=("lr",),
    driver="call",
    cases=restart_cases,
    forbids=FORBIDDEN,
    hints=(
        "The formula is right in exact arithmetic. Print math.log(243) / math.log(3).",
        (
            "The quotient may come out a hair below a whole number, and floor then takes off a "
            "whole one. Either give it a hair more before the floor, or do not use logarithms."
        ),
        (
            "Add 1e-9 to the quotient before the floor: no t that is a whole number of steps "
            "comes so near to the next cycle. Or call your own cosine_restarts."
        ),
    ),
    mistakes=(
        bare_logarithms("repaired_cosine_restarts"),
        Mistake(
            "rounded",
            "You round to the nearest cycle. Now the second half of a cycle belongs to the next "
            "one.",
            [("quotient + 1e-9", "quotient + 0.5")],
        ),
        Mistake(
            "too_much_added",
            "You add so much that the last steps of a cycle belong to the next one. The error of "
            "the logarithm is near 1e-15.",
            [("quotient + 1e-9", "quotient + 0.1")],
        ),
        Mistake(
            "rounded_up",
            "You round up, so the first cycle is skipped.",
            [("np.floor(quotient + 1e-9)", "np.ceil(quotient - 1e-9)")],
        ),
    ),
    alternatives=restart_answers("repaired_cosine_restarts"),
)

EXERCISES = (cosine_restarts, repaired_cosine_restarts)
