"""Exercises of 07_schedules, fourth part: warm-up, Robbins-Monro, the range test."""

import numpy as np

from autograder.exercises import (
    READY_MADE,
    Alternative,
    Convention,
    Exercise,
    Mistake,
    call_case,
    probe,
    text_case,
)
from downslope.drivers import Case

FORBIDDEN = (*READY_MADE, "downslope.schedules")


def warmup_cases(rng: np.random.Generator) -> list[Case]:
    """Draw schedules to be warmed up, and the t at which they are then asked."""

    def case(label: str, schedule: dict[str, object], warmup: int) -> Case:
        table = rng.permutation(3 * warmup + 3)[:6].reshape(2, 3)
        border = [warmup - 1, warmup, warmup + int(rng.integers(2, 5))]
        at = [np.arange(3 * warmup + 3), 0, *border, table, np.array([0.0, warmup + 0.5])]
        return {**call_case(label, schedule=schedule, warmup=warmup), "at": at}

    falling = probe(
        "falling_rate", first=float(rng.uniform(0.3, 0.9)), k=float(rng.uniform(0.1, 0.3))
    )
    waving = probe("waving_rate", middle=float(rng.uniform(0.3, 0.9)))
    return [
        case("a rate that falls", falling, int(rng.integers(4, 8))),
        case("a rate that waves", waving, int(rng.integers(3, 6))),
        case("a warm-up of one step", falling, 1),
        case("a warm-up of two steps", waving, 2),
    ]


def power_cases(rng: np.random.Generator) -> list[Case]:
    """Draw powers on both sides of both borders, the borders themselves, and whole numbers."""
    near = float(rng.uniform(1e-5, 9e-5))
    powers = {
        "between the borders": float(rng.uniform(0.6, 0.9)),
        "the lower border": 0.5,
        "just above the lower border": 0.5 + near,
        "just below the lower border": 0.5 - near,
        "the upper border": 1.0,
        "the upper border as a whole number": 1,
        "just below the upper border": 1.0 - near,
        "just above the upper border": 1.0 + near,
        "a constant rate": 0,
        "far too slow a decay": float(rng.uniform(0.1, 0.4)),
        "too fast a decay": float(rng.uniform(1.2, 3.0)),
        "a rate that grows": -1.0,
    }
    return [text_case(label, [False, True], power=power) for label, power in powers.items()]


Loss = float | str


def loss_case(label: str, losses: list[Loss], lrs: object) -> Case:
    """Make a case of the range test; losses that are not finite are given by their names."""
    kinds = [loss if isinstance(loss, str) else "finite" for loss in losses]
    numbers = [0.0 if isinstance(loss, str) else loss for loss in losses]
    return {**call_case(label, lrs=lrs), "losses": numbers, "kinds": kinds}


def range_cases(rng: np.random.Generator) -> list[Case]:
    """Draw losses that blow up in all ways: slowly, at once, to nan, to infinity, not at all."""
    start = float(rng.uniform(1.5, 2.5))
    lrs = np.geomspace(1e-3, 1e1, 9)
    falls: list[Loss] = [start * share for share in (1.0, 0.9, 0.6, 0.25)]
    low = start / 4

    def case(label: str, losses: list[Loss], *, listed: bool = False) -> Case:
        rates = lrs[: len(losses)] * float(rng.uniform(0.5, 2.0))
        return loss_case(label, losses, rates.tolist() if listed else rates)

    return [
        case(
            "down, then over 4 times the smallest",
            [*falls, *(low * up for up in (3.0, 4.2, 13.0, 17.0, 18.0))],
        ),
        case("more than 4 times the smallest, less than the first", [8.0, 4.0, 1.0, 3.9, 5.5, 7.0]),
        case("exactly 4 times the smallest", [2.0, 0.5, 2.0, 1.0, 2.25, 3.0]),
        case("up and down again", [*falls, low * 3.5, low * 1.5, low * 1.2], listed=True),
        case("noise on the way", [2.0, 1.5, 1.7, 0.5, 0.8, 1.3, 2.3]),
        case("to nan", [*falls, "nan", 1.0, 1.0]),
        case("to infinity", [*falls, "inf", 1.0, "nan"], listed=True),
        case("nan at once", ["nan", 1.0, 1.0]),
        case("infinity at once", ["inf", 1.0, 1.0]),
        case("never", [start, 0.9 * start, 0.7 * start, 0.8 * start]),
        case("one rate", [start]),
        case("over 4 times the first as well", [1.0, 0.8, 4.5, 4.6, 4.7]),
        case("stops at the last rate", [2.0, 1.9, 9.0]),
    ]


with_warmup = Exercise(
    "with_warmup",
    returns=("schedule",),
    driver="schedule",
    cases=warmup_cases,
    forbids=FORBIDDEN,
    hints=(
        (
            "with_warmup returns a function. Write def rate(t): ... inside it and return rate, "
            "without calling it."
        ),
        (
            "Inside there are two formulas: one for t < warmup, one for the rest. np.where chooses "
            "between them, for numbers and arrays. It works both out everywhere, so ask the "
            "schedule at np.maximum(t - warmup, 0)."
        ),
        (
            "climb = schedule(0) * (t + 1) / warmup; follow = schedule(np.maximum(t - warmup, 0)); "
            "return np.where(t < warmup, climb, follow)."
        ),
    ),
    mistakes=(
        Mistake(
            "starts_at_zero",
            "Your first rate is 0, so the first update is wasted. The climb goes by (t + 1) / "
            "warmup.",
            [("(t + 1) / warmup", "t / warmup")],
        ),
        Mistake(
            "top_not_reached",
            "Your climb divides by warmup + 1, so its last step is below schedule(0).",
            [("(t + 1) / warmup", "(t + 1) / (warmup + 1)")],
        ),
        Convention(
            "schedule_not_shifted",
            "After the warm-up you go on with schedule(t): its first part is lost. In other "
            "courses the schedule runs from the start. Here it begins when the warm-up is over.",
            [("np.maximum(t - warmup, 0)", "t")],
        ),
        Mistake(
            "climbs_along_the_schedule",
            "During the warm-up you multiply with schedule(t). The climb goes to schedule(0), in "
            "equal steps.",
            [("schedule(0) *", "schedule(t) *")],
        ),
        Convention(
            "product_of_both",
            "You multiply schedule(t) with the climb. Here the climb goes to schedule(0), and the "
            "schedule begins after it.",
            [
                (
                    "return np.where(t < warmup, climb, follow)",
                    "return schedule(t) * np.minimum(1, (t + 1) / warmup)",
                )
            ],
        ),
        Mistake(
            "one_step_too_long",
            "Your climb has one step too many: at t = warmup the schedule begins.",
            [("t < warmup", "t <= warmup")],
        ),
        Mistake(
            "schedule_one_step_ahead",
            "After the warm-up the schedule begins with its second rate, schedule(1). The climb "
            "reaches schedule(0), and then the schedule begins with schedule(0) once more.",
            [("np.maximum(t - warmup, 0)", "np.maximum(t - warmup + 1, 0)")],
        ),
        Mistake(
            "stays_at_the_top",
            "After the warm-up your rate stays at schedule(0). It should follow the schedule.",
            [("schedule(np.maximum(t - warmup, 0))", "schedule(0) + 0.0 * t")],
        ),
        Mistake(
            "no_climb",
            "During the warm-up your rate is schedule(0) throughout. It should climb.",
            [("schedule(0) * (t + 1) / warmup", "schedule(0) + 0.0 * t")],
        ),
        Mistake(
            "climb_to_one",
            "Your climb goes to 1. It should go to schedule(0).",
            [("schedule(0) * (t", "1.0 * (t")],
        ),
        Mistake(
            "whole_schedule_scaled",
            "You scale the schedule's own end of the climb: the climb should go to schedule(0), "
            "not to schedule(warmup).",
            [("schedule(0) *", "schedule(warmup) *")],
        ),
    ),
    alternatives=(
        Alternative(
            "one_number_at_a_time",
            source="""def with_warmup(schedule, warmup):
    def one(t):
        return schedule(0) * (t + 1) / warmup if t < warmup else schedule(t - warmup)

    def warmed(t):
        if np.ndim(t) == 0:
            return one(t)
        return np.array([one(each) for each in np.ravel(t)]).reshape(np.shape(t))

    return warmed
""",
        ),
        Alternative(
            "masks",
            source="""def with_warmup(schedule, warmup):
    def warmed(t):
        t = np.asarray(t, dtype=float)
        early = t < warmup
        rates = np.empty(t.shape)
        rates[early] = schedule(0) * (t[early] + 1) / warmup
        rates[~early] = schedule(t[~early] - warmup)
        return rates

    return warmed
""",
        ),
        Alternative(
            "top_counted_as_schedule",
            "",
            [("np.where(t < warmup, climb", "np.where(t < warmup - 1, climb")],
        ),
        Alternative(
            "lambda_and_both_formulas",
            source="""def with_warmup(schedule, warmup):
    top = schedule(0)
    return lambda t: np.where(t < warmup, top * (t + 1) / warmup, schedule(t - warmup))
""",
        ),
        Alternative(
            "class_with_a_call",
            source="""class Warmed:
    def __init__(self, schedule, warmup):
        self.schedule, self.warmup = schedule, warmup

    def __call__(self, t):
        share = np.minimum((np.asarray(t) + 1) / self.warmup, 1.0)
        return self.schedule(np.maximum(np.asarray(t) - self.warmup, 0.0)) * share


def with_warmup(schedule, warmup):
    return Warmed(schedule, warmup)
""",
        ),
        Alternative(
            "vectorised_by_numpy",
            source="""def with_warmup(schedule, warmup):
    def one(t):
        return schedule(0) * (t + 1) / warmup if t < warmup else schedule(t - warmup)

    return np.vectorize(one, otypes=[float])
""",
        ),
    ),
)

satisfies_robbins_monro = Exercise(
    "satisfies_robbins_monro",
    returns=("answer",),
    driver="text",
    cases=power_cases,
    forbids=FORBIDDEN,
    hints=(
        "Two sums: which powers p make the sum of 1/t^p infinite, which make it finite?",
        (
            "The sum of 1/t^p is infinite for p up to 1, and 1 itself belongs to them. The squares "
            "are 1/t^(2p): their sum must be finite, so 2p must be above 1."
        ),
        "Return whether power is above 1/2 and at most 1: 0.5 < power <= 1.",
    ),
    mistakes=(
        Mistake(
            "lower_border_included",
            "At power = 1/2 the squares are 1/t, and their sum is infinite: the lower border does "
            "not belong.",
            [("0.5 < power", "0.5 <= power")],
        ),
        Mistake(
            "upper_border_excluded",
            "At power = 1 the sum of 1/t is infinite, though it grows slowly: the upper border "
            "belongs.",
            [("power <= 1", "power < 1")],
        ),
        Mistake(
            "borders_swapped",
            "Both borders are on the wrong side: 1 belongs, 1/2 does not.",
            [("0.5 < power <= 1", "0.5 <= power < 1")],
        ),
        Mistake(
            "first_sum_only",
            "You look at the first sum only: the steps must be able to go any distance, and their "
            "noise must die out as well.",
            [("0.5 < power <= 1", "power <= 1")],
        ),
        Mistake(
            "second_sum_only",
            "You look at the sum of squares only. With a power above 1 the run gets stuck on the "
            "way.",
            [("0.5 < power <= 1", "power > 0.5")],
        ),
        Mistake(
            "squares_not_used",
            "You ask that the rates themselves have a finite sum. It is their squares.",
            [("0.5 < power <= 1", "power > 1")],
        ),
        Mistake(
            "falls_to_zero",
            "You ask only that the rate falls to 0. It must neither fall too slowly nor too fast.",
            [("0.5 < power <= 1", "power > 0")],
        ),
        Mistake(
            "zero_to_one",
            "Your lower border is 0. The sum of the squares 1/t^(2p) is finite from p > 1/2 on.",
            [("0.5 < power <= 1", "0 < power <= 1")],
        ),
        Mistake(
            "one_only",
            "Only 1/t passes with you. It is the best-known choice, not the only one.",
            [("0.5 < power <= 1", "power == 1")],
        ),
        Mistake(
            "upside_down",
            "Your answers are all the wrong way round.",
            [("0.5 < power <= 1", "not 0.5 < power <= 1")],
        ),
    ),
    alternatives=(
        Alternative(
            "two_sums",
            source="""def satisfies_robbins_monro(power):
    sum_is_infinite = not power > 1
    squares_are_finite = 2 * power > 1
    return sum_is_infinite and squares_are_finite
""",
        ),
        Alternative(
            "numpy_bool", "", [("0.5 < power <= 1", "np.logical_and(power > 0.5, power <= 1.0)")]
        ),
        Alternative(
            "branches",
            source="""def satisfies_robbins_monro(power):
    if power > 1:
        return False
    if power <= 1 / 2:
        return False
    return True
""",
        ),
    ),
)

learning_rate_range_test = Exercise(
    "learning_rate_range_test",
    returns=("losses",),
    driver="range_test",
    cases=range_cases,
    forbids=FORBIDDEN,
    hints=(
        (
            "A loop over lrs with an early end. What has to happen first, the step, the note, or "
            "the question whether to stop?"
        ),
        (
            "Call train_step once for each lr and keep its result. Append it, then ask: is it not "
            "finite, or is it over 4 times the smallest in the list? Comparing with nan always "
            "gives False, so ask np.isfinite."
        ),
        (
            "for lr in lrs: loss = train_step(lr); losses.append(loss); if not np.isfinite(loss) "
            "or loss > 4 * min(losses): break. Then return losses."
        ),
    ),
    mistakes=(
        Mistake(
            "never_stops",
            "You go through all rates. Stop after a loss that is not finite or over 4 times the "
            "smallest so far: the training is ruined there.",
            [("if not np.isfinite(loss) or loss > 4 * min(losses):", "if False:")],
        ),
        Mistake(
            "last_one_left_out",
            "The loss at which you stop is missing at the end of your list.",
            source="""def learning_rate_range_test(train_step, lrs):
    losses = []
    for lr in lrs:
        loss = train_step(lr)
        if not np.isfinite(loss) or loss > 4 * min([*losses, loss]):
            break
        losses.append(loss)
    return losses
""",
        ),
        Mistake(
            "nan_goes_on",
            "You go on after nan. Every comparison with nan is False: ask np.isfinite.",
            [("not np.isfinite(loss) or loss >", "loss >")],
        ),
        Mistake(
            "infinity_goes_on",
            "You go on after an infinite loss at the very start: there 4 times the smallest is "
            "infinite too. np.isfinite finds nan and infinity.",
            [("not np.isfinite(loss)", "np.isnan(loss)")],
        ),
        Mistake(
            "only_not_finite",
            "You stop only at losses that are not finite. A loss over 4 times the smallest so far "
            "ends the test too.",
            [(" or loss > 4 * min(losses)", "")],
        ),
        Mistake(
            "four_times_the_first",
            "You compare with the first loss. Compare with the smallest so far.",
            [("4 * min(losses)", "4 * losses[0]")],
        ),
        Mistake(
            "four_times_the_one_before",
            "You compare with the loss before. A slow blow-up passes so; compare with the smallest "
            "so far.",
            [("4 * min(losses)", "4 * losses[max(len(losses) - 2, 0)]")],
        ),
        Mistake(
            "exactly_four_stops",
            "You stop at exactly 4 times the smallest. Only what is over that ends the test.",
            [("loss > 4", "loss >= 4")],
        ),
        Mistake(
            "stops_at_any_rise",
            "You stop at the first loss that is above the smallest. Some noise is normal; wait for "
            "4 times.",
            [("loss > 4 * min(losses)", "loss > min(losses)")],
        ),
        Mistake(
            "trained_twice",
            "You call train_step twice for each rate. Each call is a real update that changes the "
            "network: keep the result of one call.",
            [("losses += [loss]", "losses += [train_step(lr)]")],
        ),
        Mistake(
            "cut_afterwards",
            "Your list is right, but you trained with all rates and cut the list afterwards. "
            "train_step must not be called once the test is over.",
            source="""def learning_rate_range_test(train_step, lrs):
    losses = []
    for loss in [train_step(lr) for lr in lrs]:
        losses.append(loss)
        if not np.isfinite(loss) or loss > 4 * min(losses):
            break
    return losses
""",
        ),
        Mistake(
            "one_more_step",
            "You make one more update after the loss that ends the test.",
            source="""def learning_rate_range_test(train_step, lrs):
    losses = []
    over = False
    for lr in lrs:
        losses.append(train_step(lr))
        if over:
            break
        over = not np.isfinite(losses[-1]) or losses[-1] > 4 * np.nanmin(losses)
    return losses
""",
        ),
        Mistake(
            "rates_returned",
            "You return the rates. The losses are asked for.",
            [("return losses", "return list(lrs[: len(losses)])")],
        ),
        Mistake(
            "other_way_round",
            "You go through the rates from the last to the first. The test climbs.",
            [("for lr in lrs:", "for lr in lrs[::-1]:")],
        ),
        Mistake(
            "twice_the_smallest",
            "You stop at twice the smallest loss. The border is 4 times.",
            [("loss > 4", "loss > 2")],
        ),
    ),
    alternatives=(
        Alternative(
            "smallest_carried_along",
            source="""def learning_rate_range_test(train_step, lrs):
    import math

    losses, smallest = [], math.inf
    for lr in lrs:
        losses.append(float(train_step(lr)))
        smallest = min(smallest, losses[-1])
        if math.isnan(losses[-1]) or math.isinf(losses[-1]) or losses[-1] > 4 * smallest:
            return losses
    return losses
""",
        ),
        Alternative(
            "while_loop",
            source="""def learning_rate_range_test(train_step, lrs):
    losses = []
    going = True
    while going and len(losses) < len(lrs):
        losses += [train_step(float(lrs[len(losses)]))]
        going = np.isfinite(losses[-1]) and losses[-1] <= 4 * np.min(losses)
    return losses
""",
        ),
        Alternative(
            "before_the_newest",
            source="""def learning_rate_range_test(train_step, lrs):
    losses = []
    for lr in lrs:
        loss = train_step(lr=lr)
        stop = not np.isfinite(loss) or bool(losses and loss > 4 * min(losses))
        losses.append(loss)
        if stop:
            break
    return np.array(losses)
""",
        ),
    ),
)

EXERCISES = (with_warmup, satisfies_robbins_monro, learning_rate_range_test)
