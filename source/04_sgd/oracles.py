"""Independent sources of the exercises of 04_sgd, for the oracle ledger.

Numbers: exact fractions and counts by enumeration, and PyTorch. Random functions: loops of other
people's making, Python's own shuffle and PyTorch's DataLoader, whose batches are measured in the
same way; that their properties agree shows that the judge accepts any honest shuffle.
"""

import importlib
import random
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

from autograder.closed_forms import exact, nearest_float, root
from autograder.oracles import Arrays, Source
from downslope import descents, shuffles
from downslope.drivers import Case
from downslope.evidence import PREFIX

fractions: Any = np.vectorize(Fraction, otypes=[object])


def floats(array: Any) -> np.ndarray:
    """Round exact numbers to float64."""
    return np.array(array, dtype=np.float64)


# ---------------------------------------------------------------------------------------------
# Counting, enumeration, exact fractions.
# ---------------------------------------------------------------------------------------------


def count_by_taking_away(case: Case) -> Arrays:
    """Take batches away until nothing is left."""
    left, count = case["arguments"]["n"], 0
    while left > 0:
        left, count = left - case["arguments"]["batch_size"], count + 1
    return {"iterations": floats(count)}


def count_by_places(case: Case) -> Arrays:
    """Find the batch of the last example: its place, divided by the size, and one more."""
    given = case["arguments"]
    return {"iterations": floats((given["n"] - 1) // given["batch_size"] + 1)}


def example_gradient(theta: Any, x: Any, y: Any) -> Any:
    """Gradient of half the squared error of one example, in any kind of number."""
    return x * (sum(x * theta) - y)


def mean_gradient_fractions(case: Case) -> Arrays:
    """Add up the gradients of single examples, one by one, in fractions."""
    given = case["arguments"]
    theta, X, y = (fractions(given[name]) for name in ("theta", "X", "y"))
    chosen = [example_gradient(theta, X[i], y[i]) for i in given["indices"].tolist()]
    return {"gradient": floats(sum(chosen) / len(chosen))}


def steps_fractions(case: Case) -> Arrays:
    """The start less the sum of all steps so far, in fractions."""
    start = fractions(case["start"]["theta"])
    steps = [Fraction(u["lr"]) * fractions(u["grad"]) for u in case["updates"]]
    return {"theta": floats([start - sum(steps[: k + 1]) for k in range(len(steps))])}


def trace_fractions(_case: Case) -> Arrays:
    """The table, with theta as a weighted sum of the targets so far."""
    batches = [(5, 1), (8, 2), (3,)]
    means = [Fraction(sum(batch), len(batch)) for batch in batches]
    half = Fraction(1, 2)
    # lr = 1/2 on (theta - y)^2 / 2: theta is the mean of the old theta and the batch's mean.
    after = [sum(half ** (k + 1 - j) * means[j] for j in range(k + 1)) for k in range(3)]
    before = [Fraction(0), *after[:-1]]
    slopes = [old - mean for old, mean in zip(before, means, strict=True)]
    return {"mean_gradient": floats(slopes), "theta": floats(after)}


def variance_by_enumeration(case: Case) -> Arrays:
    """The variance of the means of all batches that there are, in fractions."""
    each = fractions(case["arguments"]["per_example_grads"])
    size = case["arguments"]["batch_size"]
    means = [sum(chosen) / size for chosen in combinations(each, size)]
    center = sum(means) / len(means)
    return {"variance": floats(sum((mean - center) ** 2 for mean in means) / len(means))}


def variance_by_pairs(case: Case) -> Arrays:
    """From the squared differences of all pairs of examples, which need no mean."""
    each = fractions(case["arguments"]["per_example_grads"])
    n, size = len(each), case["arguments"]["batch_size"]
    pairs = sum((a - b) ** 2 for a, b in combinations(each, 2))
    return {"variance": floats(pairs * Fraction(n - size, size * n * n * (n - 1)))}


def scaler_exact(case: Case) -> Arrays:
    """Sums of squares less the square of the sum, in 50-digit arithmetic."""
    X = exact(case["arguments"]["X"])
    n = len(X)
    spread = root((n * (X**2).sum(axis=0) - X.sum(axis=0) ** 2) / n**2)
    same = [len(set(column)) == 1 for column in case["arguments"]["X"].T.tolist()]
    scale = np.where(same, 1.0, nearest_float(spread))
    return {"mean": nearest_float(X.sum(axis=0) / n), "scale": scale}


def apply_fractions(case: Case) -> Arrays:
    """One fraction for each entry."""
    given = case["arguments"]
    X, center, scale = (fractions(given[name]) for name in ("X", "mean", "scale"))
    return {"scaled": floats((X - center) / scale)}


# ---------------------------------------------------------------------------------------------
# Other people's shuffles and loops, measured.
# ---------------------------------------------------------------------------------------------

Dealer = Callable[[int, int, int], Callable[[], list[list[int]]]]


def python_batches(n: int, size: int, seed: int) -> Callable[[], list[list[int]]]:
    """Shuffle cards with Python's own generator and deal them."""
    generator = random.Random(seed)  # noqa: S311 - a shuffle, no secret

    def deal() -> list[list[int]]:
        cards = list(range(n))
        generator.shuffle(cards)
        return [cards[start : start + size] for start in range(0, n, size)]

    return deal


def torch_module() -> Any:
    """Import PyTorch when it is used."""
    return importlib.import_module("torch")


def loader_batches(n: int, size: int, seed: int) -> Callable[[], list[list[int]]]:
    """Let PyTorch's DataLoader shuffle and cut."""
    torch = torch_module()
    data = importlib.import_module("torch.utils.data")
    generator = torch.Generator().manual_seed(seed)
    numbers = data.TensorDataset(torch.arange(n))
    loader = data.DataLoader(numbers, batch_size=size, shuffle=True, generator=generator)
    return lambda: [batch[0].tolist() for batch in loader]


def shuffle_measured(dealer: Dealer) -> Callable[[Case], Arrays]:
    """Measure somebody's batches as a learner's are measured."""

    def compute(case: Case) -> Arrays:
        n, size = (case["arguments"][name] for name in ("n", "batch_size"))
        calls = []
        for seed, times in case["plan"]:
            deal = dealer(n, size, seed)
            calls += [[np.array(batch) for batch in deal()] for _ in range(times)]
        recipe = floats([n, size, len(case["plan"]) == 1])
        return shuffles.properties(shuffles.as_evidence(calls), {shuffles.RECIPE: recipe})

    return compute


Walk = Callable[[dict[str, Any], list[list[int]]], list[np.ndarray]]


def fractions_walk(given: dict[str, Any], batches: list[list[int]]) -> list[np.ndarray]:
    """Return the points before and after every update, in exact fractions of 60 binary digits."""
    theta, X, y = (fractions(given[name]) for name in ("theta0", "X", "y"))
    points = [floats(theta)]
    for batch in batches:
        slopes = [example_gradient(theta, X[i], y[i]) for i in batch]
        theta = theta - Fraction(given["lr"]) * sum(slopes) / len(batch)
        # Exact numbers grow by hundreds of digits an update: 100 decimals are kept.
        theta = np.array([number.limit_denominator(10**100) for number in theta], dtype=object)
        points.append(floats(theta))
    return points


def torch_walk(given: dict[str, Any], batches: list[list[int]]) -> list[np.ndarray]:
    """Follow torch.optim.SGD with autograd."""
    torch = torch_module()
    X, y = (torch.tensor(given[name], dtype=torch.float64) for name in ("X", "y"))
    theta = torch.tensor(given["theta0"], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=given["lr"])
    points = [theta.detach().numpy().copy()]
    for batch in batches:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(X[batch] @ theta, y[batch]) / 2
        loss.backward()
        optimizer.step()
        points.append(theta.detach().numpy().copy())
    return points


def descent_measured(dealer: Dealer, walk: Walk) -> Callable[[Case], Arrays]:
    """Measure somebody's run as a learner's is measured."""

    def compute(case: Case) -> Arrays:
        given, (seed, other) = case["arguments"], case["seeds"]
        n, size, epochs = len(given["X"]), given["batch_size"], given["epochs"]
        deals = [dealer(n, size, each) for each in (seed, seed, other)]
        runs = [[batch for _ in range(epochs) for batch in deal()] for deal in deals]
        points = walk(given, runs[0])
        rows = [floats([i for batch in run for i in batch]) for run in runs]
        found = {
            "points": np.reshape(points[:-1], (-1, len(given["theta0"]))),
            "sizes": floats([len(batch) for batch in runs[0]]),
            "path": np.array(points[:: len(runs[0]) // epochs if epochs else 1]),
            "rows": rows[0],
            "targets": rows[0],
            "rows again": rows[1],
            "rows otherwise": rows[2],
        }
        evidence = {f"{PREFIX}{name}": array for name, array in found.items()}
        return descents.properties(evidence, descents.recipe_of(given))

    return compute


# ---------------------------------------------------------------------------------------------
# PyTorch.
# ---------------------------------------------------------------------------------------------


def torch_mean_gradient(case: Case) -> Arrays:
    """Autograd through the mean loss of the chosen rows."""
    torch, given = torch_module(), case["arguments"]
    theta = torch.tensor(given["theta"], requires_grad=True)
    rows = torch.tensor(given["indices"])
    X, y = torch.tensor(given["X"])[rows], torch.tensor(given["y"])[rows]
    (torch.nn.functional.mse_loss(X @ theta, y) / 2).backward()
    return {"gradient": theta.grad.numpy()}


def torch_steps(case: Case) -> Arrays:
    """Follow torch.optim.SGD with given gradients and rates."""
    torch = torch_module()
    theta = torch.tensor(case["start"]["theta"], requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=1.0)
    rows = []
    for update in case["updates"]:
        optimizer.param_groups[0]["lr"] = update["lr"]
        theta.grad = torch.tensor(update["grad"])
        optimizer.step()
        rows.append(theta.detach().numpy().copy())
    return {"theta": np.array(rows)}


def torch_trace(_case: Case) -> Arrays:
    """Follow torch.optim.SGD with autograd through the table."""
    torch = torch_module()
    theta = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=0.5)
    rows = []
    for batch in ([5.0, 1.0], [8.0, 2.0], [3.0]):
        optimizer.zero_grad()
        targets = torch.tensor(batch, dtype=torch.float64)
        ((theta - targets) ** 2 / 2).mean().backward()
        optimizer.step()
        rows.append([float(theta.grad), float(theta.detach())])
    slopes, points = np.array(rows).T
    return {"mean_gradient": slopes, "theta": points}


def torch_scaler(case: Case) -> Arrays:
    """torch.std with correction 0."""
    torch = torch_module()
    X = torch.tensor(case["arguments"]["X"])
    scale = torch.std(X, dim=0, correction=0)
    scale[torch.amax(X, dim=0) == torch.amin(X, dim=0)] = 1.0
    return {"mean": X.mean(dim=0).numpy(), "scale": scale.numpy()}


def torch_apply(case: Case) -> Arrays:
    """torch.sub and torch.div."""
    torch, given = torch_module(), case["arguments"]
    X, center, scale = (torch.tensor(given[name]) for name in ("X", "mean", "scale"))
    return {"scaled": torch.div(torch.sub(X, center), scale).numpy()}


def by_torch(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Name a PyTorch source."""
    return Source("PyTorch", says, compute, library="torch")


def by_fractions(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Name a source in exact fractions."""
    return Source("fractions", f"{says}, in exact fractions", compute)


LOOPS = (
    Source(
        "fractions",
        "Python's own shuffle, and the path followed example by example in fractions",
        descent_measured(python_batches, fractions_walk),
    ),
    by_torch(
        descent_measured(loader_batches, torch_walk),
        "torch.utils.data.DataLoader and torch.optim.SGD with autograd",
    ),
)

ORACLES: dict[str, tuple[Source, ...]] = {
    "iterations_per_epoch": (
        Source("taking away", "batches taken away until nothing is left", count_by_taking_away),
        Source("places", "the number of the batch that holds the last example", count_by_places),
    ),
    "minibatches": (
        Source(
            "Python's shuffle",
            "random.shuffle, dealt like cards; measured as a learner's batches are",
            shuffle_measured(python_batches),
        ),
        by_torch(shuffle_measured(loader_batches), "torch.utils.data.DataLoader, measured too"),
    ),
    "minibatch_gradient": (
        by_fractions(mean_gradient_fractions, "gradients of single examples added up"),
        by_torch(torch_mean_gradient, "torch.autograd through the mean loss of the batch"),
    ),
    "sgd_step": (
        by_fractions(steps_fractions, "the start less the sum of all steps"),
        by_torch(torch_steps, "torch.optim.SGD"),
    ),
    "trace_epoch": (
        by_fractions(trace_fractions, "theta as a weighted sum of the batches' means"),
        by_torch(torch_trace, "torch.optim.SGD with autograd"),
    ),
    "sgd": LOOPS,
    "gradient_variance": (
        Source(
            "enumeration",
            "the variance over all batches that there are, in exact fractions",
            variance_by_enumeration,
        ),
        by_fractions(variance_by_pairs, "squared differences of all pairs of examples"),
    ),
    "fit_scaler": (
        Source("closed form", "sums of squares, in 50-digit arithmetic", scaler_exact),
        by_torch(torch_scaler, "torch.std with correction 0"),
    ),
    "apply_scaler": (
        by_fractions(apply_fractions, "one fraction for each entry"),
        by_torch(torch_apply, "torch.sub and torch.div"),
    ),
    "repaired_sgd": LOOPS,
}
