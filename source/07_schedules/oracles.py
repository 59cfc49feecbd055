"""Independent sources of the right numbers of 07_schedules.

Formulas with 50 digits, recurrences in exact fractions, and the schedulers of PyTorch stepped one
by one. Some cases ask at quarters of an update: PyTorch then runs with a clock four times as fast.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.closed_forms import MP, Arrays, nearest_float
from autograder.oracles import Source
from downslope import schedules
from downslope.drivers import Case
from downslope.drivers.rates import KINDS
from downslope.probes import make_probe

CLOCK = 4  # ticks of PyTorch's schedulers in one update


def arguments(case: Case) -> dict[str, Any]:
    """Return a case's arguments, with the defaults of those that it leaves out."""
    return {"drop": 0.5, "every": 10, "mult": 2, **case["arguments"]}


def pointwise(compute: Callable[..., Any]) -> Callable[[Case], Arrays]:
    """Make a source of a function of one t and the case's other arguments."""

    def source(case: Case) -> Arrays:
        given = arguments(case)
        t = given.pop("epoch", None) if "epoch" in given else given.pop("t")
        values = [
            float(nearest_float(MP.mpf(_exact(compute(each, given))))) for each in np.ravel(t)
        ]
        return {"lr": np.array(values).reshape(np.shape(t))}

    return source


def _exact(value: Any) -> Any:
    """Take a fraction as a 50-digit number, and other numbers as they are."""
    if isinstance(value, Fraction):
        return MP.mpf(value.numerator) / value.denominator
    return value


def number(value: Any) -> Any:
    """Take a float as the 50-digit number that it is."""
    return MP.mpf(float(value))


# ---------------------------------------------------------------------------------------------
# Formulas in 50-digit arithmetic.
# ---------------------------------------------------------------------------------------------


def step_digits(t: Any, given: dict[str, Any]) -> Any:
    """The formula with the floor of an exact quotient."""
    drops = MP.floor(number(t) / given["every"])
    return number(given["lr0"]) * number(given["drop"]) ** drops


def exponential_digits(t: Any, given: dict[str, Any]) -> Any:
    """One over the power of e."""
    return number(given["lr0"]) / MP.exp(number(given["k"]) * number(t))


def inverse_digits(t: Any, given: dict[str, Any]) -> Any:
    """The formula."""
    return number(given["lr0"]) / (1 + number(given["k"]) * number(t))


def polynomial_digits(t: Any, given: dict[str, Any]) -> Any:
    """A weighted mean of both ends; power 1 is the line."""
    left = max(MP.zero, (given["total"] - number(t)) / given["total"])
    weight = left ** number(given.get("power", 1))
    return weight * number(given["lr0"]) + (1 - weight) * number(given["lr_end"])


def root_digits(t: Any, given: dict[str, Any]) -> Any:
    """The root of the squared rate over t."""
    return MP.sqrt(number(given["lr0"]) ** 2 / number(t))


def cosine_digits(t: Any, given: dict[str, Any]) -> Any:
    """L1's second form, the squared cosine of half the angle."""
    if t >= given["total"]:
        return MP.zero
    return number(given["lr0"]) * MP.cos(MP.pi / 2 * number(t) / given["total"]) ** 2


def restart_digits(t: Any, given: dict[str, Any]) -> Any:
    """The cycle from a logarithm with 50 digits, its start from the geometric sum."""
    period, mult = given["period"], given["mult"]
    grown = 1 + (mult - 1) * number(t) / period
    cycle = MP.floor(number(t) / period)
    if mult > 1:
        cycle = MP.floor(MP.log(grown) / MP.log(mult) + MP.mpf(10) ** -40)
    start = period * (mult**cycle - 1) / (mult - 1) if mult > 1 else period * cycle
    within = {"lr0": given["lr0"], "total": period * mult**cycle}
    angle = MP.pi / 2 * (number(t) - start) / within["total"]
    return number(within["lr0"]) * MP.cos(angle) ** 2


# ---------------------------------------------------------------------------------------------
# Recurrences and exact fractions.
# ---------------------------------------------------------------------------------------------


def step_counted(t: Any, given: dict[str, Any]) -> Any:
    """Count the drops one by one, in exact fractions."""
    rate, left = Fraction(given["lr0"]), Fraction(float(t))
    while left >= given["every"]:
        rate, left = rate * Fraction(given["drop"]), left - given["every"]
    return rate


def exponential_power(t: Any, given: dict[str, Any]) -> Any:
    """L1's form: the factor of a quarter step, multiplied again and again."""
    factor, rate = MP.exp(-number(given["k"]) / CLOCK), number(given["lr0"])
    for _ in range(_ticks(t)):
        rate *= factor
    return rate


def inverse_fraction(t: Any, given: dict[str, Any]) -> Any:
    """One over the rate grows by k over lr0 at every step, in exact fractions."""
    lr0 = Fraction(given["lr0"])
    return 1 / (1 / lr0 + Fraction(given["k"]) / lr0 * Fraction(float(t)))


def line_fraction(t: Any, given: dict[str, Any]) -> Any:
    """Equal amounts taken off at every quarter step, in exact fractions."""
    first, last = Fraction(given["lr0"]), Fraction(given["lr_end"])
    amount, rate = (first - last) / (CLOCK * given["total"]), first
    for _ in range(min(_ticks(t), CLOCK * given["total"])):
        rate -= amount
    return rate


def root_search(t: Any, given: dict[str, Any]) -> Any:
    """The rate whose square, times t, is that of lr0: found by halving an interval."""
    low, high, wanted = Fraction(0), Fraction(given["lr0"]), Fraction(given["lr0"]) ** 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if middle**2 * Fraction(float(t)) > wanted else (middle, high)
    return high


def restart_walked(t: Any, given: dict[str, Any]) -> Any:
    """Walk through the cycles in whole numbers; the cosine as the real part of a power of -1."""
    left, length = Fraction(float(t)), given["period"]
    while left >= length:
        left, length = left - length, length * given["mult"]
    wave = MP.re(MP.expjpi(MP.mpf(left.numerator) / left.denominator / length))
    return number(given["lr0"]) * (1 + wave) / 2


def _ticks(t: Any) -> int:
    """Count the quarters of an update; every t of the cases is a whole number of them."""
    ticks = CLOCK * float(t)
    if ticks != int(ticks):
        raise ValueError(f"t = {t} is no whole number of quarters")
    return int(ticks)


# ---------------------------------------------------------------------------------------------
# PyTorch.
# ---------------------------------------------------------------------------------------------


def torch_rates(first: float, ticks: Any, name: str, **options: Any) -> np.ndarray:
    """Step a scheduler of torch.optim and read the rate at each of these ticks."""
    import torch

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=float(first))
    scheduler = getattr(torch.optim.lr_scheduler, name)(optimizer, **options)
    rates = []
    for _ in range(max(ticks) + 1):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return np.array([rates[tick] for tick in ticks])


def by_clock(case: Case, first: float, name: str, last: int | None = None, **options: Any) -> Any:
    """Read a scheduler at a case's t in ticks, at most `last`, in the shape of t."""
    t = case["arguments"].get("epoch", case["arguments"].get("t"))
    ticks = [_ticks(each) if last is None else min(_ticks(each), last) for each in np.ravel(t)]
    return torch_rates(first, ticks, name, **options).reshape(np.shape(t))


def torch_step(case: Case) -> Arrays:
    """StepLR."""
    given = arguments(case)
    size = CLOCK * given["every"]
    return {"lr": by_clock(case, given["lr0"], "StepLR", step_size=size, gamma=given["drop"])}


def torch_exponential(case: Case) -> Arrays:
    """ExponentialLR."""
    given = arguments(case)
    gamma = float(np.exp(-given["k"] / CLOCK))
    return {"lr": by_clock(case, given["lr0"], "ExponentialLR", gamma=gamma)}


def torch_linear(case: Case) -> Arrays:
    """LinearLR."""
    given = arguments(case)
    ends = {"start_factor": 1.0, "end_factor": given["lr_end"] / given["lr0"]}
    rates = by_clock(case, given["lr0"], "LinearLR", **ends, total_iters=CLOCK * given["total"])
    return {"lr": rates}


def torch_polynomial(case: Case) -> Arrays:
    """PolynomialLR, which ends at 0, above the floor."""
    given = arguments(case)
    options = {"total_iters": CLOCK * given["total"], "power": given["power"]}
    above = by_clock(case, given["lr0"] - given["lr_end"], "PolynomialLR", **options)
    return {"lr": given["lr_end"] + above}


def torch_cosine(case: Case) -> Arrays:
    """CosineAnnealingWarmRestarts in its first cycle, and 0 after it."""
    given = arguments(case)
    end = CLOCK * given["total"]
    name = "CosineAnnealingWarmRestarts"
    rates = by_clock(case, given["lr0"], name, last=end - 1, T_0=end)
    return {"lr": np.where(np.asarray(given["t"]) < given["total"], rates, 0.0)}


def torch_restarts(case: Case) -> Arrays:
    """CosineAnnealingWarmRestarts, stepped one by one."""
    given = arguments(case)
    options = {"T_0": CLOCK * given["period"], "T_mult": given["mult"]}
    return {"lr": by_clock(case, given["lr0"], "CosineAnnealingWarmRestarts", **options)}


# ---------------------------------------------------------------------------------------------
# Functions that take or return functions, and words.
# ---------------------------------------------------------------------------------------------


def warmed(case: Case, rate: Callable[[Any], Any]) -> Arrays:
    """Name the rates at each t of a case as the driver does."""
    return {
        f"lr of the schedule, call {place}": np.array(rate(t))
        for place, t in enumerate(case["at"], start=1)
    }


def warmup_digits(case: Case) -> Arrays:
    """Both branches with 50 digits, the probes' formulas written out."""
    spec, steps = case["arguments"]["schedule"], case["arguments"]["warmup"]

    def schedule(t: Any) -> Any:
        if spec["probe"] == "falling_rate":
            return number(spec["first"]) / MP.exp(number(spec["k"]) * t)
        return number(spec["middle"]) * (1 + MP.sin(t + number(0.6)) / 2)

    def one(t: Any) -> Any:
        t = number(t)
        early = schedule(MP.zero) / steps * (t + 1)
        return early if t < steps else schedule(t - steps)

    def rate(t: Any) -> Any:
        values = nearest_float(np.array([one(each) for each in np.ravel(t)], dtype=object))
        return values.reshape(np.shape(t))

    return warmed(case, rate)


def warmup_library(case: Case) -> Arrays:
    """downslope.schedules.warmup, which parity tests compare with SequentialLR."""
    given = case["arguments"]
    return warmed(case, schedules.warmup(make_probe(given["schedule"]), given["warmup"]))


def word(case: Case, answer: Any) -> Arrays:
    """Write True or False as the driver does."""
    return {"answer": np.array(float(case["words"].index(bool(answer))))}


def monro_fractions(case: Case) -> Arrays:
    """Exact comparisons of fractions, both borders as they are known."""
    power = Fraction(case["arguments"]["power"])
    return word(case, 2 * power > 1 and not power > 1)


def monro_condensed(case: Case) -> Arrays:
    """Cauchy's condensation: a sum of t**-q is finite when 2**(1 - q) is below 1."""

    def finite(q: Any) -> bool:
        return bool(MP.power(2, 1 - q) < 1)

    power = number(case["arguments"]["power"])
    return word(case, not finite(power) and finite(2 * power))


def told(case: Case, count: int) -> Arrays:
    """Write the first `count` losses as the driver does."""
    kinds = [float(KINDS.index(kind)) for kind in case["kinds"][:count]]
    return {
        "rates given to train_step": np.array(case["arguments"]["lrs"][:count], dtype=float),
        "number of losses": np.array(float(count)),
        "losses": np.array(case["losses"][:count], dtype=float),
        "kind of each loss": np.array(kinds),
    }


def range_scanned(case: Case) -> Arrays:
    """The first place where the ratio to the running minimum is too large, all at once."""
    finite = np.array([kind == "finite" for kind in case["kinds"]])
    losses = np.where(finite, case["losses"], np.nan)
    lowest = np.fmin.accumulate(losses)
    over = ~finite | (np.nan_to_num(losses / 4 - lowest, nan=0.0) > 0)
    places = np.flatnonzero(over)
    return told(case, int(places[0]) + 1 if len(places) else len(finite))


def range_prefixes(case: Case) -> Arrays:
    """The shortest beginning that ends the test, by the definition, in exact fractions."""
    losses = [Fraction(loss) for loss in case["losses"]]

    def ends(count: int) -> bool:
        newest = losses[count - 1]
        finite = case["kinds"][count - 1] == "finite"
        return not finite or any(newest > 4 * earlier for earlier in losses[: count - 1])

    counts = [count for count in range(1, len(losses) + 1) if ends(count)]
    return told(case, counts[0] if counts else len(losses))


COLUMNS: dict[str, tuple[tuple[Callable[..., Any], Callable[..., Any]], dict[str, Any]]] = {
    "step": ((step_digits, step_counted), {"drop": 0.5, "every": 10}),
    "exponential": ((exponential_digits, exponential_power), {"k": float(np.log(2) / 5)}),
    "inverse_time": ((inverse_digits, inverse_fraction), {"k": 0.2}),
    "linear": ((polynomial_digits, line_fraction), {"lr_end": 0.2, "total": 10}),
}


def table(which: int) -> Callable[[Case], Arrays]:
    """Make a source of the table by hand from the first or second sources of its columns."""

    def column(compute: Callable[..., Any], constants: dict[str, Any]) -> np.ndarray:
        given = {"lr0": 0.8, "t": np.array([0, 5, 10, 15]), **constants}
        return pointwise(compute)({"arguments": given})["lr"]

    def source(case: Case) -> Arrays:
        del case
        columns = {name: column(ways[which], given) for name, (ways, given) in COLUMNS.items()}
        waves = (cosine_digits, cosine_by_parts)
        return {**columns, "cosine": column(waves[which], {"total": 10})}

    return source


def cosine_by_parts(t: Any, given: dict[str, Any]) -> Any:
    """L1's first form, the wave as the real part of a power of -1."""
    share = min(Fraction(float(t)), Fraction(given["total"])) / given["total"]
    wave = MP.re(MP.expjpi(MP.mpf(share.numerator) / share.denominator))
    return number(given["lr0"]) * (1 + wave) / 2


# ---------------------------------------------------------------------------------------------
# The sources of each exercise.
# ---------------------------------------------------------------------------------------------


def digits(compute: Callable[..., Any], says: str) -> Source:
    """Declare a formula of one t."""
    return Source("closed form", f"{says}, in 50-digit arithmetic", pointwise(compute))


def walked(compute: Callable[..., Any], says: str) -> Source:
    """Declare a second way to one rate."""
    return Source("recurrence", says, pointwise(compute))


def by_torch(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare a PyTorch source."""
    return Source("PyTorch", says, compute, "torch")


RESTARTS = (
    digits(restart_digits, "the cycle from a logarithm, the squared cosine"),
    walked(restart_walked, "cycle after cycle in whole numbers, a power of -1"),
    by_torch(torch_restarts, "CosineAnnealingWarmRestarts, stepped one by one"),
)

ORACLES: dict[str, tuple[Source, ...]] = {
    "step_decay": (
        digits(step_digits, "the formula"),
        walked(step_counted, "drops counted one by one, in exact fractions"),
        by_torch(torch_step, "StepLR"),
    ),
    "exponential_decay": (
        digits(exponential_digits, "the formula"),
        walked(exponential_power, "L1's form, the factor multiplied again and again"),
        by_torch(torch_exponential, "ExponentialLR with gamma = exp(-k)"),
    ),
    "inverse_time_decay": (
        digits(inverse_digits, "the formula"),
        walked(inverse_fraction, "one over the rate grows evenly, in exact fractions"),
    ),
    "linear_decay": (
        digits(polynomial_digits, "a weighted mean of both ends"),
        walked(line_fraction, "equal amounts taken off, in exact fractions"),
        by_torch(torch_linear, "LinearLR"),
    ),
    "polynomial_decay": (
        digits(polynomial_digits, "a weighted mean of both ends"),
        by_torch(torch_polynomial, "PolynomialLR, above the floor"),
    ),
    "inverse_sqrt_decay": (
        digits(root_digits, "the root of a fraction"),
        walked(root_search, "the root by halving an interval of fractions"),
    ),
    "cosine_decay": (
        digits(cosine_digits, "L1's second form, the squared cosine"),
        walked(cosine_by_parts, "L1's first form, the wave as a power of -1"),
        by_torch(torch_cosine, "the first cycle of CosineAnnealingWarmRestarts"),
    ),
    "trace_schedules": (
        Source("closed form", "each column's formula, in 50-digit arithmetic", table(0)),
        Source("recurrence", "each column's recurrence", table(1)),
    ),
    "cosine_restarts": RESTARTS,
    "repaired_cosine_restarts": RESTARTS,
    "with_warmup": (
        Source("closed form", "both branches, in 50-digit arithmetic", warmup_digits),
        Source("library", "downslope's warmup, compared with SequentialLR", warmup_library),
    ),
    "satisfies_robbins_monro": (
        Source("fractions", "exact comparisons with both borders", monro_fractions),
        Source("condensation", "Cauchy's test of both sums, 50 digits", monro_condensed),
    ),
    "learning_rate_range_test": (
        Source("running minimum", "all losses at once", range_scanned),
        Source("prefixes", "the shortest beginning that ends it, in fractions", range_prefixes),
    ),
}
