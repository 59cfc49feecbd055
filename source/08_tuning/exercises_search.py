"""Exercises of 08_tuning, second part: log-uniform draws, stages, the border, grid and random."""

from typing import Any

import numpy as np

from autograder.exercises import (
    READY_MADE,
    Alternative,
    Convention,
    Exercise,
    Mistake,
    call_case,
    text_case,
)
from downslope.drivers import Case

FORBIDS = (*READY_MADE, "downslope.search", "downslope.datasets", "sklearn", "scipy")


def draw_cases(rng: np.random.Generator) -> list[Case]:
    """Draw ranges below 1, across 1 and above 1, narrow and wide; then a few draws only."""
    cases = []
    for label, low, high, size in (
        ("rates from 0.00001 to 0.1", 1e-5, 0.1, 2000),
        ("a range across 1", rng.uniform(0.01, 0.03), rng.uniform(30, 60), 2000),
        ("a range above 1", rng.uniform(2, 3), rng.uniform(900, 1200), 2000),
        ("one draw", 1e-3, 1.0, 1),
    ):
        one, other = (int(seed) for seed in rng.choice(10**6, 2, replace=False))
        case = call_case(label, low=float(low), high=float(high), size=size)
        cases.append({**case, "plan": [[one, 2], [one, 1], [other, 1]]})
    return cases


def valley(place: float, depth: float = 0.8, width: float = 0.7) -> list[float]:
    """Describe one valley of a loss, see `downslope.drivers.searching.Landscape`."""
    return [float(place), float(depth), float(width)]


def line_case(label: str, valleys: list[list[float]], steps: float = 0.0, **arguments: Any) -> Case:
    """Make a case of a search for one positive number."""
    land = {"valleys": np.array(valleys), "steps": steps}
    return {**call_case(label, **arguments), "landscape": land}


def stage_cases(rng: np.random.Generator) -> list[Case]:
    """Draw searches with the best inside, at either border, between two valleys, and with ties."""
    inside = rng.uniform(-2.3, -1.7)
    narrow = [valley(-1.05, 0.7, 1.2), valley(-2.8 + rng.uniform(-0.01, 0.01), 0.8, 0.05)]
    share, low = rng.uniform(-0.05, 0.05), float(1e-4 * rng.uniform(0.99, 1.01))
    return [
        line_case("the best lies inside", [valley(inside)], low=low, high=1.0, points=5, stages=3),
        line_case(
            "at the lower border",
            [valley(-6 + share, width=3.0)],
            low=low,
            high=1.0,
            points=6,
            stages=2,
        ),
        line_case(
            "at the upper border",
            [valley(2 + share, width=3.0)],
            low=low,
            high=1.0,
            points=4,
            stages=2,
        ),
        line_case(
            "two valleys: the first stage finds the better one",
            narrow,
            low=low,
            high=0.1,
            points=6,
            stages=2,
        ),
        line_case(
            "equal losses",
            [valley(-2 + share, 0.8, 1.0)],
            steps=0.3,
            low=low,
            high=1.0,
            points=8,
            stages=2,
        ),
        line_case("one stage", [valley(1.2 + share)], low=0.5, high=300.0, points=5, stages=1),
    ]


def table_cases(rng: np.random.Generator) -> list[Case]:
    """The one table that is filled in by hand."""
    del rng
    return [call_case("the tables above")]


def edge_cases(rng: np.random.Generator) -> list[Case]:
    """Draw values in rising, falling and no order, with the best inside, at a border, and ties."""

    def case(label: str, place: int, order: str, twins: tuple[int, ...] = ()) -> Case:
        values = np.geomspace(1e-4, 1e-1, 7) * rng.uniform(0.8, 1.2)
        losses = rng.permutation(np.linspace(0.3, 0.9, 7))
        losses[[place, *twins]] = 0.1
        ways = {"rising": slice(None), "falling": slice(None, None, -1)}
        chosen = ways.get(order, rng.permutation(7))
        if order == "mixed":  # neither border stands first or last
            chosen = np.array([3, 0, 5, 1, 6, 2, 4])
        return text_case(label, [False, True], values=values[chosen], losses=losses[chosen])

    return [
        case("the best inside", 3, "rising"),
        case("the best is the largest value", 6, "rising"),
        case("the best is the smallest value, in falling order", 0, "falling"),
        case("next to the border", 5, "rising"),
        case("the best is the smallest value, in no order", 0, "mixed"),
        case("the best inside, but first in the list", 3, "mixed"),
        case("equally good inside and at the border", 6, "rising", (2,)),
        case("equally good at the lower border and inside", 0, "rising", (3,)),
        case("equally good at both borders", 0, "rising", (6,)),
    ]


def grid_cases(rng: np.random.Generator) -> list[Case]:
    """Draw one, two and three names; values of all kinds, some of them lists."""
    rates = [float(rate) for rate in rng.uniform(0.001, 1, 3).round(5)]
    return [
        call_case("two names", lr=rates, layers=[1, 2]),
        call_case("one name", rho=rates[:2]),
        call_case(
            "three names, with words, lists and None",
            rule=["sgd", "adam"],
            widths=[[64], [64, 32], [16, 16, 16]],
            decay=[None, rates[0]],
        ),
        call_case("a name with one value", seed=[7], lr=rates, batch=[16, 32]),
    ]


def search_case(rng: np.random.Generator, label: str, trials: int, steps: float = 0.0) -> Case:
    """Make a case of a random search."""
    land = {
        "valleys": np.array([valley(rng.uniform(-3, -2))]),
        "widths": [0.01, float(rng.integers(20, 40))],
        "steps": steps,
    }
    seed = int(rng.integers(10**6))
    return {**call_case(label, trials=trials), "landscape": land, "seed": seed}


def search_cases(rng: np.random.Generator) -> list[Case]:
    """Draw searches until the best is neither first nor last, and one with equally good configs."""
    return [
        search_case(rng, "some trials", int(rng.integers(8, 15))),
        search_case(rng, "one trial", 1),
        search_case(rng, "equally good configs", int(rng.integers(36, 48)), steps=0.5),
        search_case(rng, "more trials", int(rng.integers(20, 33))),
    ]


log_uniform = Exercise(
    "log_uniform",
    returns=("draws",),
    driver="draws",
    cases=draw_cases,
    forbids=FORBIDS,
    hints=(
        "Which numbers should be uniform: the draws, or their logarithms?",
        (
            "Draw uniformly between log(low) and log(high). Then undo the logarithm, with the same "
            "base."
        ),
        "rng.uniform(np.log(low), np.log(high), size) are the logarithms; np.exp undoes np.log.",
    ),
    mistakes=(
        Mistake(
            "uniform",
            "These draws are uniform themselves: nearly all lie in the uppermost power of ten. "
            "Their logarithms should be uniform.",
            [
                (
                    "np.exp(rng.uniform(np.log(low), np.log(high), size))",
                    "rng.uniform(low, high, size)",
                )
            ],
        ),
        Mistake(
            "logarithm_forgotten",
            "You undo a logarithm that was never taken: exp of numbers between low and high. The "
            "limits of the uniform draw are log(low) and log(high).",
            [("rng.uniform(np.log(low), np.log(high), size)", "rng.uniform(low, high, size)")],
        ),
        Mistake(
            "two_bases",
            "The draws leave the range, or fill a part of it only: you take one logarithm and undo "
            "another. np.exp belongs to np.log, 10** to np.log10.",
            [
                (
                    "np.exp(rng.uniform(np.log(low), np.log(high), size))",
                    "10 ** rng.uniform(np.log(low), np.log(high), size)",
                )
            ],
        ),
        Mistake(
            "two_bases_inward",
            "The draws fill a part of the range only: you take logarithms to base 10 and undo "
            "natural ones. np.exp belongs to np.log, 10** to np.log10.",
            [("np.log(low), np.log(high)", "np.log10(low), np.log10(high)")],
        ),
        Mistake(
            "whole_powers",
            "Only a few different numbers come up: you draw whole exponents. Draw the exponent "
            "with rng.uniform, not rng.integers.",
            [
                (
                    "np.exp(rng.uniform(np.log(low), np.log(high), size))",
                    """np.clip(
        10.0 ** rng.integers(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1, size), low, high
    )""",
                )
            ],
        ),
        Mistake(
            "ruler",
            "This is an even row of numbers, not chance: it does not even depend on rng. Draw.",
            [
                (
                    "np.exp(rng.uniform(np.log(low), np.log(high), size))",
                    "np.geomspace(low, high, size)",
                )
            ],
        ),
        Mistake(
            "shuffled_ruler",
            "These are evenly spaced numbers in random order. Random draws leave gaps and crowd "
            "elsewhere; draw each one by itself.",
            [
                (
                    "np.exp(rng.uniform(np.log(low), np.log(high), size))",
                    "rng.permutation(np.geomspace(low, high, size))",
                )
            ],
        ),
        Mistake(
            "sorted",
            "The draws come back sorted. Leave them in the order in which they were drawn: the "
            "first of them should be as random as all others.",
            [
                (
                    "np.exp(rng.uniform(np.log(low), np.log(high), size))",
                    "np.sort(np.exp(rng.uniform(np.log(low), np.log(high), size)))",
                )
            ],
        ),
        Mistake(
            "own_generator",
            "You make a generator of your own, so the draws are always the same. Use the rng that "
            "is passed in.",
            [("rng.uniform", "np.random.default_rng(0).uniform")],
        ),
        Mistake(
            "one_number",
            "One number is repeated. Draw `size` of them: rng.uniform takes the size as its third "
            "argument.",
            [
                (
                    "np.exp(rng.uniform(np.log(low), np.log(high), size))",
                    "np.full(size, np.exp(rng.uniform(np.log(low), np.log(high))))",
                )
            ],
        ),
    ),
    alternatives=(
        Alternative(
            "base_ten",
            "",
            [
                (
                    "np.exp(rng.uniform(np.log(low), np.log(high), size))",
                    "10 ** rng.uniform(np.log10(low), np.log10(high), size)",
                )
            ],
        ),
        Alternative(
            "ratio",
            "",
            [
                (
                    "np.exp(rng.uniform(np.log(low), np.log(high), size))",
                    "low * (high / low) ** rng.random(size)",
                )
            ],
        ),
        Alternative(
            "one_by_one",
            source="""def log_uniform(low, high, size, rng):
    import math

    return np.array([2 ** rng.uniform(math.log2(low), math.log2(high)) for _ in range(size)])
""",
        ),
    ),
)

trace_stages = Exercise(
    "trace_stages",
    returns=("stage2", "stage3"),
    driver="call",
    cases=table_cases,
    tolerance=5e-3,
    hints=(
        "Stage 1: which value has the lowest loss, and which stand beside it?",
        (
            "0.001 is best, so stage 2 goes from 0.0001 to 0.01: two powers of ten in four equal "
            "steps of the logarithm. Each step multiplies by the same number."
        ),
        (
            "Each step multiplies by the root of 10, 3.16. The second value is best, so stage 3 "
            "goes from the first to the third."
        ),
    ),
    mistakes=(
        Mistake(
            "between_the_two_best",
            "Stage 2 goes on between the two best values, as in L0. Our rule takes the neighbours "
            "of the best one, on both sides.",
            [("np.geomspace(1e-4, 1e-2, 5)", "np.geomspace(1e-4, 1e-3, 5)")],
        ),
        Mistake(
            "linear_steps",
            "Stage 2 is spaced evenly by addition. On a log scale each value is the one before "
            "times the same number.",
            [("np.geomspace(1e-4, 1e-2, 5)", "np.linspace(1e-4, 1e-2, 5)")],
        ),
        Mistake(
            "wrong_neighbours",
            "Stage 2 is right. Its best value is the second; stage 3 goes from the first to the "
            "third.",
            [("stage2[[0, 2]]", "stage2[[1, 3]]")],
        ),
        Mistake(
            "whole_range_again",
            "Stage 2 is right. Stage 3 is narrower: from the neighbour below the best value to the "
            "one above it.",
            [("stage2[[0, 2]]", "stage2[[0, 4]]")],
        ),
    ),
    alternatives=(
        Alternative(
            "rounded",
            source="""def trace_stages():
    return np.array([0.0001, 0.00032, 0.001, 0.0032, 0.01]), np.array([0.0001, 0.001])
""",
        ),
        Alternative(
            "powers",
            source="""def trace_stages():
    stage2 = 10 ** np.array([-4, -3.5, -3, -2.5, -2])
    return [stage2, 10.0 ** np.array([-4, -3])]
""",
        ),
    ),
)

coarse_to_fine = Exercise(
    "coarse_to_fine",
    returns=("best", "history"),
    driver="line_search",
    cases=stage_cases,
    forbids=FORBIDS,
    hints=(
        "A stage needs low and high, and gives the low and high of the next. Loop over stages.",
        (
            "In each stage: values by np.geomspace, their losses, the position i of the lowest. "
            "The neighbours are at i - 1 and i + 1, if these exist."
        ),
        (
            "low, high = values[max(i - 1, 0)], values[min(i + 1, points - 1)]. history grows over "
            "all stages, and best is its entry with the lowest loss."
        ),
    ),
    mistakes=(
        Mistake(
            "linear_spacing",
            "The values of a stage are spaced evenly by addition. On a log scale they are "
            "np.geomspace(low, high, points).",
            [("values = np.geomspace", "values = np.linspace")],
        ),
        Mistake(
            "wraps_round",
            "When the first value is best, the next stage goes wrong: values[-1] is the "
            "last value. "
            "At a border there is no neighbour; stay at the value itself.",
            [("values[max(i - 1, 0)]", "values[i - 1]")],
        ),
        Mistake(
            "two_best",
            "The next stage lies between the two best values, as in L0. Our rule takes the two "
            "neighbours of the best one.",
            [
                (
                    "low, high = values[max(i - 1, 0)], values[min(i + 1, points - 1)]",
                    "low, high = sorted(values[np.argsort(losses)[:2]])",
                )
            ],
        ),
        Mistake(
            "last_stage_only",
            "best is the best of the last stage. An earlier stage may have found a better one: "
            "look through the whole history.",
            [
                (
                    "best = min(history, key=lambda trial: trial[1])[0]",
                    "best = values[i]",
                )
            ],
        ),
        Mistake(
            "history_of_last_stage",
            "history holds the last stage only. It grows over all stages.",
            [("history += list", "history = list")],
        ),
        Mistake(
            "loss_returned",
            "The first thing that comes back is the lowest loss. best is the value that has it.",
            [("trial: trial[1])[0]", "trial: trial[1])[1]")],
        ),
        Mistake(
            "never_narrower",
            "All stages search the same range. Each goes on between the neighbours of the best "
            "value of the one before.",
            [("        low, high = values", "        _ = values")],
        ),
        Mistake(
            "last_of_equals",
            "Of equally good values you take the last. The first counts.",
            [("int(np.argmin(losses))", "points - 1 - int(np.argmin(losses[::-1]))")],
        ),
        Mistake(
            "highest_loss",
            "You go on around the highest loss. Lower is better.",
            [("int(np.argmin(losses))", "int(np.argmax(losses))")],
        ),
        Mistake(
            "two_neighbours_on",
            "The next stage is too wide: it goes two places beyond the best value. Its neighbours "
            "are one place away.",
            [("i - 1, 0", "i - 2, 0"), ("i + 1, points", "i + 2, points")],
        ),
    ),
    alternatives=(
        Alternative(
            "loop_with_ifs",
            source="""def coarse_to_fine(evaluate, low, high, points, stages):
    history, best, least = [], None, float("inf")
    for stage in range(stages):
        values = list(np.geomspace(low, high, points))
        place, lowest = 0, float("inf")
        for j, value in enumerate(values):
            loss = evaluate(value)
            history.append([value, loss])
            if loss < lowest:
                place, lowest = j, loss
        if lowest < least:
            best, least = values[place], lowest
        if place > 0:
            low = values[place - 1]
        if place < points - 1:
            high = values[place + 1]
    return best, history
""",
        ),
        Alternative(
            "logs_by_hand",
            source="""def coarse_to_fine(evaluate, low, high, points, stages):
    history = []
    low, high = np.log10(low), np.log10(high)
    for _ in range(stages):
        logs = np.linspace(low, high, points)
        losses = np.array([evaluate(float(10**log)) for log in logs])
        history.extend((float(10**log), float(loss)) for log, loss in zip(logs, losses))
        i = losses.argmin()
        low, high = logs[max(0, i - 1)], logs[min(points - 1, i + 1)]
    values, losses = zip(*history)
    return values[int(np.argmin(losses))], history
""",
        ),
        Alternative(
            "remembers_losses",
            source="""def coarse_to_fine(evaluate, low, high, points, stages):
    memory, history = {}, []
    for _ in range(stages):
        values = np.geomspace(low, high, points).tolist()
        for value in values:
            if value not in memory:
                memory[value] = evaluate(value)
        history += [(value, memory[value]) for value in values]
        i = min(range(points), key=lambda j: memory[values[j]])
        padded = [values[0], *values, values[-1]]
        low, high = padded[i], padded[i + 2]
    return min(history, key=lambda trial: trial[1])[0], tuple(history)
""",
        ),
    ),
)

best_at_edge = Exercise(
    "best_at_edge",
    returns=("answer",),
    driver="text",
    cases=edge_cases,
    forbids=FORBIDS,
    hints=(
        "Which values have the lowest loss? And which are the smallest and the largest value?",
        "The values may come in any order, so the first one in the list need not be the smallest.",
        (
            "winners = values[losses == np.min(losses)]; the answer is True when none of them lies "
            "strictly between np.min(values) and np.max(values)."
        ),
    ),
    mistakes=(
        Mistake(
            "place_in_the_list",
            "You ask whether the best stands first or last in the list. The values come in any "
            "order: compare with the smallest and the largest value.",
            source="""def best_at_edge(values, losses):
    return bool(int(np.argmin(losses)) in (0, len(losses) - 1))
""",
        ),
        Mistake(
            "upper_border_only",
            "You look at the upper border only. The lower one counts as well.",
            [
                (
                    "(winners > np.min(values)) & (winners < np.max(values))",
                    "winners < np.max(values)",
                )
            ],
        ),
        Mistake(
            "lower_border_only",
            "You look at the lower border only. The upper one counts as well.",
            [
                (
                    "(winners > np.min(values)) & (winners < np.max(values))",
                    "winners > np.min(values)",
                )
            ],
        ),
        Mistake(
            "a_tie_counts",
            "Where a value inside is as good as the one at the border, the answer is False: the "
            "search has found a best value inside.",
            [("not np.any(inside)", "not np.all(inside)")],
        ),
        Mistake(
            "highest_loss",
            "You look for the highest loss. Lower is better.",
            [("np.min(losses)", "np.max(losses)")],
        ),
        Mistake(
            "turned_round",
            "True and False are exchanged. True says: the best value lies at the border.",
            [("not np.any(inside)", "bool(np.any(inside))")],
        ),
    ),
    alternatives=(
        Alternative(
            "sorted_first",
            source="""def best_at_edge(values, losses):
    ordered = losses[np.argsort(values)]
    return bool(min(ordered[0], ordered[-1]) < min(ordered[1:-1]))
""",
        ),
        Alternative(
            "plain_python",
            source="""def best_at_edge(values, losses):
    lowest = min(losses)
    for value, loss in zip(values, losses):
        if loss == lowest and min(values) < value < max(values):
            return False
    return True
""",
        ),
    ),
)

grid = Exercise(
    "grid",
    returns=("configs",),
    driver="configs",
    cases=grid_cases,
    forbids=FORBIDS,
    hints=(
        "values is a dict: name -> list. Every combination takes one value of each list.",
        (
            "itertools.product(*values.values()) goes through all combinations, as tuples. Each "
            "tuple has to get its names back."
        ),
        "dict(zip(values, combination)) joins the names with one combination; make a list of them.",
    ),
    mistakes=(
        Mistake(
            "side_by_side",
            "You pair the first values, then the second ones, and so on. Every value meets every "
            "value of the other names.",
            [("itertools.product(*values.values())", "zip(*values.values(), strict=False)")],
        ),
        Mistake(
            "one_dict_for_all",
            "All entries of the list are one and the same dict, filled anew each time. Make a new "
            "dict for each combination.",
            source="""def grid(**values):
    import itertools

    configs, config = [], {}
    for each in itertools.product(*values.values()):
        config.update(zip(values, each))
        configs.append(config)
    return configs
""",
        ),
        Mistake(
            "last_value_left_out",
            "The last value of each list is missing. range(len(x) - 1) stops before it.",
            [("*values.values()", "*[each[:-1] or each for each in values.values()]")],
        ),
        Mistake(
            "one_name_at_a_time",
            "Each entry holds one name only. A config holds all names.",
            source="""def grid(**values):
    return [{name: value} for name, each in values.items() for value in each]
""",
        ),
        Mistake(
            "around_the_first",
            "You change one name at a time and leave the others at their first value. The grid "
            "holds all combinations.",
            source="""def grid(**values):
    first = {name: each[0] for name, each in values.items()}
    return [{**first, name: value} for name, each in values.items() for value in each]
""",
        ),
        Mistake(
            "two_names_only",
            "Only the first two names are combined. Any number of names may come.",
            source="""def grid(**values):
    from itertools import product

    names = list(values)[:2]
    return [dict(zip(names, c)) for c in product(*(values[n] for n in names))]
""",
        ),
    ),
    alternatives=(
        Alternative(
            "growing_list",
            source="""def grid(**values):
    configs = [{}]
    for name in values:
        configs = [{**config, name: value} for config in configs for value in values[name]]
    return configs
""",
        ),
        Alternative(
            "recursion",
            source="""def grid(**values):
    if not values:
        return [{}]
    names = list(values)
    rest = grid(**{name: values[name] for name in names[1:]})
    return [dict(config, **{names[0]: value}) for value in values[names[0]] for config in rest]
""",
        ),
    ),
)

random_search = Exercise(
    "random_search",
    returns=("best", "history"),
    driver="random_search",
    cases=search_cases,
    forbids=FORBIDS,
    hints=(
        "A trial has two parts: draw a config, find its loss. Write both down.",
        (
            "In a loop over trials: config = sample(rng); append the pair (config, "
            "evaluate(config)). After the loop look for the pair with the lowest loss."
        ),
        "min(history, key=lambda trial: trial[1]) is the first pair with the lowest loss.",
    ),
    mistakes=(
        Convention(
            "evaluates_twice",
            "The result is right. But you call evaluate twice for each config, and each call may "
            "be a training run: keep the loss of the first.",
            [("evaluate(config)))", "evaluate(config)))\n        evaluate(config)")],
            accepted=True,
        ),
        Mistake(
            "best_is_highest",
            "best has the highest loss. Lower is better.",
            [("min(history", "max(history")],
        ),
        Mistake(
            "last_is_best",
            "best is the last config that was tried.",
            [("return best, history", "return config, history")],
        ),
        Mistake(
            "last_of_equals",
            "Of equally good configs you take the last. The first counts.",
            [("min(history,", "min(history[::-1],")],
        ),
        Mistake(
            "history_sorted",
            "history is sorted by loss. It lists the trials in the order in which they were made.",
            [("return best, history", "return best, sorted(history, key=lambda trial: trial[1])")],
        ),
        Mistake(
            "improvements_only",
            "history holds only the trials that were better than all before. It lists every trial.",
            source="""def random_search(sample, evaluate, trials, rng):
    best, lowest, history = None, np.inf, []
    for _ in range(trials):
        config = sample(rng)
        loss = evaluate(config)
        if loss < lowest:
            best, lowest = config, loss
            history.append((config, loss))
    return best, history
""",
        ),
        Mistake(
            "one_config",
            "All trials have the same config: it is drawn once, before the loop.",
            source="""def random_search(sample, evaluate, trials, rng):
    config = sample(rng)
    history = [(config, evaluate(config)) for _ in range(trials)]
    return min(history, key=lambda trial: trial[1])[0], history
""",
        ),
        Mistake(
            "own_generator",
            "You hand sample a generator of your own. Use the rng that is passed in.",
            [("config = sample(rng)", "config = sample(np.random.default_rng(0))")],
        ),
        Mistake(
            "loss_of_another_config",
            "Each loss belongs to another config: sample is called a second time for "
            "evaluate. Draw "
            "once and keep the config.",
            [("evaluate(config)))", "evaluate(sample(rng))))")],
        ),
        Mistake(
            "one_trial_short",
            "One trial is missing: as many as `trials` says are made, all of them in history.",
            [("range(trials)", "range(max(trials - 1, 1))")],
        ),
    ),
    alternatives=(
        Alternative(
            "all_drawn_first",
            source="""def random_search(sample, evaluate, trials, rng):
    configs = [sample(rng) for _ in range(trials)]
    losses = np.array([evaluate(config) for config in configs])
    return configs[int(losses.argmin())], list(zip(configs, losses))
""",
        ),
        Alternative(
            "running_best",
            source="""def random_search(sample, evaluate, trials, rng):
    history, best, lowest = [], None, float("inf")
    while len(history) < trials:
        config = sample(rng)
        loss = evaluate(config)
        history.append([dict(config), loss])
        if loss < lowest:
            best, lowest = dict(config), loss
    return [best, history]
""",
        ),
    ),
)

EXERCISES = (
    *(log_uniform, trace_stages, coarse_to_fine, best_at_edge),
    *(grid, random_search),
)
