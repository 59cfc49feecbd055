"""Independent sources of the exercises of 00_welcome, for the oracle ledger."""

import itertools
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.closed_forms import MP
from autograder.oracles import Arrays, Source
from downslope.drivers import Case


def exact(array: Any) -> list[Fraction]:
    """Read the numbers of an array as exact fractions."""
    return [Fraction(float(number)) for number in np.ravel(array)]


def floats(numbers: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Round numbers of any kind to float64."""
    return np.array([float(number) for number in numbers], dtype=np.float64).reshape(shape)


def first_fraction(case: Case) -> Arrays:
    """Add three fractions."""
    a, b = (Fraction(case["arguments"][name]) for name in "ab")
    return {"value": np.array(float(a + a + b))}


def first_decimal(case: Case) -> Arrays:
    """Compute with Decimal, which holds floats exactly."""
    a, b = (Decimal(case["arguments"][name]) for name in "ab")
    return {"value": np.array(float(a * 2 + b))}


def pairs_fraction(case: Case) -> Arrays:
    """Subtract entry by entry, in exact fractions."""
    a, b = (exact(case["arguments"][name]) for name in "ab")
    return {"differences": floats((x - y for x in a for y in b), (len(a), len(b)))}


def pairs_product(case: Case) -> Arrays:
    """Multiply two matrices: a beside ones, ones above -b."""
    a, b = (case["arguments"][name] for name in "ab")
    left = np.stack([a, np.ones(len(a))], axis=1).astype(np.longdouble)
    right = np.stack([np.ones(len(b)), -b]).astype(np.longdouble)
    return {"differences": (left @ right).astype(np.float64)}


def loss_fraction(case: Case) -> Arrays:
    """Add squares of exact fractions."""
    prediction, target = (exact(case["arguments"][name]) for name in ("prediction", "target"))
    errors = [(p - t) ** 2 for p, t in zip(prediction, target, strict=True)]
    return {"loss": np.array(float(sum(errors) / len(errors)))}


def loss_moments(case: Case) -> Arrays:
    """Variance of the errors plus the square of their mean, with 50 digits."""
    prediction, target = (case["arguments"][name].ravel() for name in ("prediction", "target"))
    errors = [MP.mpf(p) - MP.mpf(t) for p, t in zip(prediction, target, strict=True)]
    mean = MP.fsum(errors) / len(errors)
    variance = MP.fsum((each - mean) ** 2 for each in errors) / len(errors)
    return {"loss": np.array(float(variance + mean**2))}


def activations_by(exp: Callable[[Any], Any], number: Callable[[Any], Any], case: Case) -> Arrays:
    """Write the formulas as the lectures do, in an arithmetic that does not overflow."""
    z = case["arguments"]["z"]
    given = [number(float(each)) for each in z.ravel()]
    leak = number(1) / number(100)
    rules: dict[str, Callable[[Any], Any]] = {
        "sigmoid": lambda t: 1 / (1 + exp(-t)),
        "tanh": lambda t: (exp(t) - exp(-t)) / (exp(t) + exp(-t)),
        "relu": lambda t: (t + abs(t)) / 2,
        "leaky_relu": lambda t: t if t > 0 else leak * t,
        "elu": lambda t: t if t > 0 else exp(t) - 1,
    }
    return {name: floats(map(rule, given), z.shape) for name, rule in rules.items()}


def activations_mp(case: Case) -> Arrays:
    """Use mpmath's exponential with 50 digits."""
    return activations_by(MP.exp, MP.mpf, case)


def activations_decimal(case: Case) -> Arrays:
    """Use Decimal's exponential with 50 digits."""
    with localcontext() as context:
        context.prec = 50
        return activations_by(lambda t: t.exp(), Decimal, case)


def layer_fraction(case: Case) -> Arrays:
    """Sum over inputs, entry by entry, in exact fractions."""
    X, W, b = (case["arguments"][name] for name in ("X", "W", "b"))
    rows, units, biases = [exact(x) for x in X], [exact(w) for w in W], exact(b)
    sums = (
        sum(p * q for p, q in zip(x, w, strict=True)) + c
        for x in rows
        for w, c in zip(units, biases, strict=True)
    )
    return {"out": floats(sums, (len(X), len(W)))}


def layer_outer(case: Case) -> Arrays:
    """Add one outer product for each input, and one for the bias, in long doubles."""
    X, W, b = (np.asarray(case["arguments"][name], np.longdouble) for name in ("X", "W", "b"))
    out = np.multiply.outer(np.ones(len(X), np.longdouble), b)
    for i in range(X.shape[1]):
        out = out + np.multiply.outer(X[:, i], W[:, i])
    return {"out": out.astype(np.float64)}


def trace_whole(case: Case) -> Arrays:
    """Follow the table in whole numbers."""
    del case
    z = [[x - 1, -x, 2 * x - 5] for x in (2, -3, 4)]
    h = [[max(0, each) for each in row] for row in z]
    out = [3 * row[0] + 2 * row[1] + row[2] - 1 for row in h]
    return {
        "z": floats(itertools.chain(*z), (3, 3)),
        "h": floats(itertools.chain(*h), (3, 3)),
        "out": floats(out, (3,)),
    }


def trace_pieces(case: Case) -> Arrays:
    """Write out as pieces: a unit counts where its line is above 0."""
    del case
    x = np.array([2.0, -3.0, 4.0])
    lines = np.stack([x - 1, -x, 2 * x - 5], axis=1)
    active = lines * np.stack([x > 1, x < 0, x > 2.5], axis=1)
    out = 3 * (x - 1) * (x > 1) - 2 * x * (x < 0) + (2 * x - 5) * (x > 2.5) - 1
    return {"z": lines, "h": active, "out": out}


ORACLES: dict[str, tuple[Source, ...]] = {
    "first_function": (
        Source("fractions", "a + a + b in exact fractions", first_fraction),
        Source("decimal", "Python's Decimal", first_decimal),
    ),
    "pairwise_differences": (
        Source("fractions", "entry by entry, in exact fractions", pairs_fraction),
        Source("matrix product", "(a, 1) times (1, -b), in long doubles", pairs_product),
    ),
    "repaired_mean_squared_error": (
        Source("fractions", "squares of exact fractions", loss_fraction),
        Source("moments", "variance plus squared mean of the errors, 50 digits", loss_moments),
    ),
    "activations": (
        Source("mpmath", "the lectures' formulas with mpmath's exp, 50 digits", activations_mp),
        Source("decimal", "the same with Python's Decimal, 50 digits", activations_decimal),
    ),
    "affine": (
        Source("fractions", "sums over inputs in exact fractions", layer_fraction),
        Source("outer products", "one for each input, in long doubles", layer_outer),
    ),
    "trace_network": (
        Source("whole numbers", "the table in whole numbers", trace_whole),
        Source("pieces", "each unit's line where it is above 0", trace_pieces),
    ),
}
