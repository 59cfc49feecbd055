"""Independent sources of the exercises of 08_tuning, for the oracle ledger.

Random answers have no numbers to compare, only properties. Their first source writes the
properties down from the statement of the exercise. Their second deals by another machine, Python's
own Mersenne twister or PyTorch, and lets `downslope.parts` and its kin look at the result: so the
rules are shown to accept chance that shares nothing with the reference.
"""

import itertools
import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.closed_forms import MP, as_floats, exact
from autograder.oracles import Arrays, Source
from downslope import parts, random_draws, validation_runs
from downslope.drivers import Case
from downslope.drivers.searching import Landscape
from downslope.evidence import PREFIX, rules

Deal = Callable[[int, int], list[int]]  # a permutation of n from a seed


def arguments(case: Case) -> dict[str, Any]:
    """Return a case's arguments."""
    given: dict[str, Any] = case["arguments"]
    return given


def floats(**arrays: Any) -> Arrays:
    """Write numbers as the drivers do."""
    return {name: np.array(value, dtype=np.float64) for name, value in arrays.items()}


# ---------------------------------------------------------------------------------------------
# Parts: what the statement says, and parts dealt by other machines.
# ---------------------------------------------------------------------------------------------

ORIGIN_RULES = (
    "the parts are no blocks of neighbours",
    "a second call gives other parts",
    "a generator with the same seed gives the same parts",
    "a generator with another seed gives other parts",
)
EVEN_RULES = (
    "each index is equally often in each part",
    "neighbours are in one part no more often than others",
)
SPLIT_RULES = ("no set holds an index twice", "no index is in two sets", "no index is left out")
PAIR_RULES = (
    "each index is in val once",
    "all indices are in val equally often",
    "train and val of a pair share no index",
    "train and val of a pair hold all indices",
    "no train holds an index twice",
)


def stated(case: Case, special: tuple[str, ...]) -> Arrays:
    """List the rules of a case, all of which hold."""
    chance = {parts.SIZES_ONLY: (), parts.ORIGIN: ORIGIN_RULES, parts.MANY: EVEN_RULES}
    inside = f"all indices lie in 0 to {arguments(case)['n'] - 1}"
    names = (inside, *special, *chance[case["mode"]])
    return rules(dict.fromkeys(names, True))


def split_recipe(case: Case) -> Arrays:
    """Say what the properties of a split are worked out for."""
    given = arguments(case)
    return {parts.SPLIT: np.array([given["n"], case["mode"], *given["fractions"]])}


def fold_recipe(case: Case) -> Arrays:
    """Say what the properties of folds are worked out for."""
    given = arguments(case)
    return {parts.FOLDS: np.array([given["n"], case["mode"], given["k"]], dtype=np.float64)}


def split_stated(case: Case) -> Arrays:
    """The statement: sizes within one, every index once, chance."""
    zeros = {"examples too many (or too few)": np.zeros(3)}
    return {**split_recipe(case), **zeros, **stated(case, SPLIT_RULES)}


def fold_stated(case: Case) -> Arrays:
    """The statement: k pairs, sizes that differ by one or not at all, every index in val once."""
    given = arguments(case)
    sizes = {
        "number of pairs": np.array(float(given["k"])),
        "largest fold minus smallest": np.array(float(given["n"] % given["k"] > 0)),
    }
    return {**fold_recipe(case), **sizes, **stated(case, PAIR_RULES)}


def twister(n: int, seed: int) -> list[int]:
    """Shuffle by Python's own generator."""
    order = list(range(n))
    random.Random(seed).shuffle(order)  # noqa: S311 - nothing is secret here
    return order


def torch_order(n: int, seed: int) -> list[int]:
    """Shuffle by torch.randperm."""
    import torch

    machine = torch.Generator().manual_seed(seed)
    found: list[int] = torch.randperm(n, generator=machine).tolist()
    return found


def call_seeds(case: Case) -> list[int]:
    """Give each call of a plan a seed: new generators with one seed begin alike."""
    return [1000 * seed + number for seed, times in case["plan"] for number in range(times)]


def split_dealt(deal: Deal) -> Callable[[Case], Arrays]:
    """Cut orders of another machine by exact fractions, with the largest remainders first."""

    def compute(case: Case) -> Arrays:
        n = arguments(case)["n"]
        wanted = [n * Fraction(str(share)) for share in arguments(case)["fractions"]]
        sizes = [math.floor(each) for each in wanted]
        order = sorted(range(3), key=lambda part: sizes[part] - wanted[part])
        for part in order[: n - sum(sizes)]:
            sizes[part] += 1
        borders = list(itertools.accumulate(sizes))[:2]
        calls = [np.split(np.array(deal(n, seed)), borders) for seed in call_seeds(case)]
        return parts.split_properties(parts.as_evidence(calls), split_recipe(case))

    return compute


def fold_dealt(deal: Deal) -> Callable[[Case], Arrays]:
    """Deal orders of another machine out like cards, one fold after the other."""

    def compute(case: Case) -> Arrays:
        n, k = arguments(case)["n"], arguments(case)["k"]
        calls = []
        for seed in call_seeds(case):
            order = deal(n, seed)
            folds = [order[part::k] for part in range(k)]
            rest = [[i for i in order if i not in fold] for fold in folds]
            pairs = zip(rest, folds, strict=True)
            calls.append([np.array(half) for pair in pairs for half in pair])
        return parts.fold_properties(parts.as_evidence(calls), fold_recipe(case))

    return compute


# ---------------------------------------------------------------------------------------------
# Cross-validation.
# ---------------------------------------------------------------------------------------------


def validation_recipe(case: Case) -> Arrays:
    """Say what the properties of cross-validation are worked out for."""
    given = arguments(case)
    table = np.column_stack([given["X"], given["y"]])
    return {
        validation_runs.RECIPE: table,
        validation_runs.COUNT: np.array(float(given["k"])),
    }


def validation_stated(case: Case) -> Arrays:
    """The statement: k scores, each of a run that held its fold out."""
    given = arguments(case)
    n, k = len(given["X"]), given["k"]
    counts = {
        "number of scores": float(k),
        "number of pairs": float(k),
        "largest fold minus smallest": float(n % k > 0),
    }
    names = (
        "every score is that of a call of score",
        "fit and score get rows of X and y as they are",
        f"all indices lie in 0 to {n - 1}",
        *PAIR_RULES,
        *ORIGIN_RULES,
    )
    return {**validation_recipe(case), **floats(**counts), **rules(dict.fromkeys(names, True))}


def validation_dealt(case: Case) -> Arrays:
    """Folds of Python's own generator, scores with 50 digits, through the judge's rules."""
    given, known = arguments(case), validation_recipe(case)
    table, k = known[validation_runs.RECIPE], given["k"]
    n = len(table)
    owners = np.zeros((4, n))
    for row, seed in enumerate((1, 2, 1, 3)):
        owners[row, twister(n, seed)] = np.arange(n) % k
    scored = np.array([np.append(owners[0] == fold, 0.0) for fold in range(k)])
    fitted = np.array([np.append(owners[0] != fold, 0.0) for fold in range(k)])
    scores = [ridge_exact(table[owners[0] != f], table[owners[0] == f], 0.1) for f in range(k)]
    seen = {"fitted": fitted, "scored": scored, "model": np.arange(k), "owners": owners}
    evidence = {f"{PREFIX}{name}": np.array(row, float) for name, row in seen.items()}
    evidence[f"{PREFIX}scores"] = np.array(scores)
    return validation_runs.properties(evidence, known)


# ---------------------------------------------------------------------------------------------
# Draws.
# ---------------------------------------------------------------------------------------------


def draw_recipe(case: Case) -> Arrays:
    """Say what the properties of draws are worked out for."""
    given = arguments(case)
    ends = [given["low"], given["high"], given["size"]]
    return {random_draws.RECIPE: np.array(ends, dtype=np.float64)}


def draws_stated(case: Case) -> Arrays:
    """The statement: inside the range, from the generator, even in the logarithm."""
    names = [
        "all draws lie between low and high",
        "a second call gives other draws",
        "a generator with the same seed gives the same draws",
        "a generator with another seed gives other draws",
    ]
    if arguments(case)["size"] >= random_draws.FEW:
        names += [
            "the logarithms are spread evenly",
            "the draws are no ruler: chance is never that even",
            "the draws come in no order",
            "no number is drawn twice",
        ]
    count = {"number of draws": np.array(float(arguments(case)["size"]))}
    return {**draw_recipe(case), **count, **rules(dict.fromkeys(names, True))}


def draws_by_products(case: Case) -> Arrays:
    """Draw low * (high / low) ** u, with u from Python's own generator."""
    given = arguments(case)

    def call(seed: int) -> np.ndarray:
        machine = random.Random(seed)  # noqa: S311 - nothing is secret here
        ratio = given["high"] / given["low"]
        return np.array([given["low"] * ratio ** machine.random() for _ in range(given["size"])])

    evidence = random_draws.as_evidence([call(seed) for seed in call_seeds(case)])
    return random_draws.properties(evidence, draw_recipe(case))


# ---------------------------------------------------------------------------------------------
# Searches.
# ---------------------------------------------------------------------------------------------


def depth(case: Case, rate: Any, width: float = 0.0) -> Any:
    """Return a landscape's loss with 50 digits."""
    land = case["landscape"]
    dips = [
        MP.mpf(deep) * MP.exp(-(((MP.log10(rate) - MP.mpf(place)) / MP.mpf(wide)) ** 2))
        for place, deep, wide in land["valleys"].tolist()
    ]
    slope, best = land.get("widths", [0.0, 0.0])
    loss = 1 - max(dips) + MP.mpf(slope) * abs(MP.mpf(width) - MP.mpf(best))
    steps = land["steps"]
    return MP.floor(loss / MP.mpf(steps)) * MP.mpf(steps) if steps else loss


def stages_exact(case: Case) -> Arrays:
    """Stages as exact powers, 50 digits: value j is low * (high / low) ** (j / (points - 1))."""
    given = arguments(case)
    low, high, points = MP.mpf(given["low"]), MP.mpf(given["high"]), given["points"]
    trials: list[tuple[Any, Any]] = []
    for _ in range(given["stages"]):
        values = [low * (high / low) ** (MP.mpf(j) / (points - 1)) for j in range(points)]
        losses = [depth(case, value) for value in values]
        trials += zip(values, losses, strict=True)
        place = losses.index(min(losses))
        low, high = values[max(place - 1, 0)], values[min(place + 1, points - 1)]
    least = min(loss for _, loss in trials)
    best = next(value for value, loss in trials if loss == least)
    return as_floats(
        **{
            "values tried (log10)": np.array([MP.log10(value) for value, _ in trials]),
            "losses": np.array([loss for _, loss in trials]),
            "best (log10)": MP.log10(best),
            "calls too many": MP.mpf(0),
        }
    )


def stages_library(case: Case) -> Arrays:
    """The package's own coarse_to_fine."""
    from downslope.search import coarse_to_fine

    land = Landscape(case["landscape"]["valleys"], steps=case["landscape"]["steps"])
    best, history = coarse_to_fine(land.at, **arguments(case))
    values, losses = np.array(history).T
    return floats(
        **{
            "values tried (log10)": np.log10(values),
            "losses": losses,
            "best (log10)": np.log10(best),
            "calls too many": 0.0,
        }
    )


def trace_exact(case: Case) -> Arrays:
    """The table as powers of the root of ten, with 50 digits."""
    del case
    step = MP.sqrt(10)
    stage2 = [step**power / 10**4 for power in range(5)]
    return as_floats(stage2=np.array(stage2), stage3=np.array([stage2[0], stage2[2]]))


def trace_means(case: Case) -> Arrays:
    """The table by geometric means of neighbours."""
    del case
    low, high = Fraction(1, 10**4), Fraction(1, 100)
    middle = Fraction(1, 1000)
    between = [math.sqrt(low * middle), math.sqrt(middle * high)]
    row = [float(low), between[0], float(middle), between[1], float(high)]
    return floats(stage2=row, stage3=[float(low), float(middle)])


def edge_fractions(case: Case) -> Arrays:
    """Sort pairs of fractions; the border wins when it is lower than all inside."""
    given = arguments(case)
    pairs = sorted(
        (Fraction(value), Fraction(loss))
        for value, loss in zip(given["values"].tolist(), given["losses"].tolist(), strict=True)
    )
    losses = [loss for _, loss in pairs]
    return floats(answer=min(losses[0], losses[-1]) < min(losses[1:-1]))


def edge_by_ranks(case: Case) -> Arrays:
    """Rank the values; ask for the ranks of those with the lowest loss."""
    values, losses = arguments(case)["values"], arguments(case)["losses"]
    ranks = np.argsort(np.argsort(values))
    found = {int(rank) for rank, loss in zip(ranks, losses, strict=True) if loss == losses.min()}
    return floats(answer=found <= {0, len(values) - 1})


def grid_stated(case: Case) -> Arrays:
    """The statement: each combination once, nothing else."""
    return {
        "times in the list": np.ones([len(values) for values in arguments(case).values()]),
        "configs that are no combination": np.array(0.0),
    }


def grid_counted(case: Case) -> Arrays:
    """Count upwards in a mixed base: every number is one combination."""
    sizes = [len(values) for values in arguments(case).values()]
    times = np.zeros(sizes)
    for number in range(math.prod(sizes)):
        place, left = [], number
        for size in sizes:
            place.append(left % size)
            left //= size
        times[tuple(place)] += 1
    return {"times in the list": times, "configs that are no combination": np.array(0.0)}


def drawn_configs(case: Case) -> list[tuple[float, int]]:
    """Draw what `downslope.drivers.searching.sample` draws: an exponent, then a width."""
    rng = np.random.default_rng(case["seed"])
    return [
        (-5 + 5 * rng.random(), int(rng.integers(4, 65))) for _ in range(arguments(case)["trials"])
    ]


def search_outcome(configs: list[tuple[float, int]], losses: list[Any]) -> Arrays:
    """Write a search as its driver does."""
    place = min(range(len(losses)), key=lambda number: (losses[number], number))
    return floats(
        **{
            "configs tried": configs,
            "losses": [float(loss) for loss in losses],
            "best": configs[place],
            "calls of evaluate": len(losses),
        }
    )


def search_exact(case: Case) -> Arrays:
    """The draws from plain random numbers, the losses with 50 digits."""
    configs = drawn_configs(case)
    return search_outcome(configs, [depth(case, MP.mpf(10) ** e, width) for e, width in configs])


def search_library(case: Case) -> Arrays:
    """The package's own random_search."""
    from downslope.drivers.searching import sample
    from downslope.search import random_search

    land = Landscape(**case["landscape"])
    trials, rng = arguments(case)["trials"], np.random.default_rng(case["seed"])
    best, history = random_search(sample, lambda c: land.at(c["lr"], c["width"]), trials, rng)
    configs = [(float(np.log10(c["lr"])), c["width"]) for c, _ in history]
    found = search_outcome(configs, [loss for _, loss in history])
    return found | floats(best=(np.log10(best["lr"]), best["width"]))


# ---------------------------------------------------------------------------------------------
# Penalty, rule, choice.
# ---------------------------------------------------------------------------------------------


def penalty_fractions(case: Case) -> Arrays:
    """Sums of squares in exact fractions; slopes from the penalty at W + 1 and W - 1."""
    given = arguments(case)
    strength = Fraction(given["strength"])
    weights = [[Fraction(w) for w in W.ravel().tolist()] for W, _ in given["params"]]
    half = strength / 2
    found: dict[str, Any] = {"penalty": float(half * sum(w * w for row in weights for w in row))}
    for number, (W, b) in enumerate(given["params"]):
        slopes = [half * ((w + 1) ** 2 - (w - 1) ** 2) / 2 for w in weights[number]]
        found[f"[1][{number}].dW"] = np.array([float(s) for s in slopes]).reshape(W.shape)
        found[f"[1][{number}].db"] = np.zeros(b.shape)
    return floats(**found)


def torch_penalty(case: Case) -> Arrays:
    """Torch's derivative of its own norm; what weight_decay of SGD adds is the same."""
    import torch

    given = arguments(case)
    params = [[torch.tensor(each, requires_grad=True) for each in pair] for pair in given["params"]]
    penalty = given["strength"] / 2 * sum(torch.linalg.norm(W) ** 2 for W, _ in params)
    penalty.backward()
    found = {"penalty": penalty.detach().numpy()}
    for number, (W, b) in enumerate(params):
        found[f"[1][{number}].dW"] = W.grad.numpy()
        found[f"[1][{number}].db"] = torch.zeros_like(b).numpy()
    return found


def better_fractions(case: Case) -> Arrays:
    """Compare squares in exact fractions: no root is taken."""
    a, b = ([Fraction(x) for x in arguments(case)[name].tolist()] for name in "ab")

    def error(row: list[Fraction]) -> Fraction:
        mean = sum(row) / len(row)
        return sum((x - mean) ** 2 for x in row) / (len(row) - 1) / len(row)

    gap = sum(b) / len(b) - sum(a) / len(a)
    return floats(answer=gap > 0 and gap**2 > 4 * (error(a) + error(b)))


def better_by_pairs(case: Case) -> Arrays:
    """Variances from all pairs of seeds, with 50 digits: no mean is taken for them."""
    a, b = (exact(arguments(case)[name]) for name in "ab")

    def error(row: Any) -> Any:
        pairs = MP.fsum((x - z) ** 2 for x, z in itertools.combinations(row, 2))
        return pairs / (len(row) * (len(row) - 1)) / len(row)

    gap = MP.fsum(z - x for x in a for z in b) / (len(a) * len(b))
    return floats(answer=bool(gap > 2 * MP.sqrt(error(a) + error(b))))


def choice_by(score: Callable[[Any, Any, float], float], case: Case) -> Arrays:
    """Choose by the statement, with another solver."""
    given = arguments(case)
    train, val, test = (np.column_stack(given[name]) for name in ("train", "val", "test"))
    losses = [score(train, val, config["strength"]) for config in given["configs"]]
    least = min(losses)
    best = next(i for i, loss in enumerate(losses) if math.isclose(loss, least, rel_tol=1e-12))
    strength = given["configs"][best]["strength"]
    both = np.concatenate([val, train])
    return floats(
        **{
            "best": best,
            "config of the model": best,
            "test loss": score(both, test, strength),
            "rows in the model": [len(train), len(val), 0, 0],
            "val and test rows in other fits": 0,
            "calls of loss with test rows": 1,
        }
    )


def ridge_exact(train: np.ndarray, val: np.ndarray, strength: float) -> float:
    """Ridge regression and its squared error with 50 digits."""
    rows = exact(np.column_stack([train[:, :-1], np.ones(len(train))]))
    A, b = MP.matrix(rows.tolist()), MP.matrix(exact(train[:, -1]).tolist())
    w = MP.lu_solve(A.T * A + MP.mpf(strength) * MP.eye(A.cols), A.T * b)
    held = exact(np.column_stack([val[:, :-1], np.ones(len(val))]))
    gaps = [MP.fdot(row, w) - y for row, y in zip(held, exact(val[:, -1]), strict=True)]
    return float(MP.fsum(gap**2 for gap in gaps) / len(gaps))


def ridge_stacked(train: np.ndarray, val: np.ndarray, strength: float) -> float:
    """Ridge regression as plain least squares with extra rows, by singular values."""
    A = np.column_stack([train[:, :-1], np.ones(len(train))])
    extra = np.sqrt(strength) * np.eye(A.shape[1])
    stacked, targets = np.vstack([A, extra]), np.append(train[:, -1], np.zeros(A.shape[1]))
    w = np.linalg.lstsq(stacked, targets, rcond=None)[0]
    return float(np.mean((np.column_stack([val[:, :-1], np.ones(len(val))]) @ w - val[:, -1]) ** 2))


# ---------------------------------------------------------------------------------------------
# The repaired preparation.
# ---------------------------------------------------------------------------------------------


def prepared_rows(case: Case, scaled: Callable[[Any, Any], Any]) -> Arrays:
    """Scale column by column and keep the strongest."""
    given = arguments(case)
    X, y, train, val = (given[name] for name in ("X", "y", "train", "val"))
    columns = [scaled(X[train, j], X[:, j]) for j in range(X.shape[1])]
    mean = sum(Fraction(label) for label in y[train].tolist()) / len(train)
    pull = [Fraction(label) - mean for label in y[train].tolist()]
    strength = [
        abs(
            sum(
                MP.mpf(p.numerator) / p.denominator * c[i]
                for p, i in zip(pull, train.tolist(), strict=True)
            )
        )
        for c in columns
    ]
    order = sorted(range(len(columns)), key=lambda j: -strength[j])[: given["keep"]]
    kept = np.array([[float(columns[j][i]) for j in order] for i in range(len(X))])
    return {"train rows": kept[train], "val rows": kept[val]}


def by_moments(own: np.ndarray, column: np.ndarray) -> list[Any]:
    """Scale by mean and standard deviation, 50 digits."""
    part = exact(own)
    mean = MP.fsum(part) / len(part)
    spread = MP.sqrt(MP.fsum((x - mean) ** 2 for x in part) / len(part))
    return [(x - mean) / spread for x in exact(column)]


def by_pairs(own: np.ndarray, column: np.ndarray) -> list[Any]:
    """Scale by mean gaps to the training rows and the mean square of all their pairs, 50 digits."""
    part, size = exact(own), len(own)
    pairs = MP.fsum((a - b) ** 2 for a in part for b in part) / (2 * size**2)
    return [MP.fsum(x - a for a in part) / size / MP.sqrt(pairs) for x in exact(column)]


# ---------------------------------------------------------------------------------------------
# The sources of each exercise.
# ---------------------------------------------------------------------------------------------


def statement(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare the properties that the exercise states."""
    return Source("statement", says, compute)


def torch_source(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare a PyTorch source."""
    return Source("PyTorch", says, compute, "torch")


TWISTER = "Mersenne twister"
ORACLES: dict[str, tuple[Source, ...]] = {
    "train_val_test_split": (
        statement(split_stated, "sizes, cover and chance as the exercise states them"),
        Source(TWISTER, "Python's shuffle, cut by largest remainders", split_dealt(twister)),
        torch_source(split_dealt(torch_order), "torch.randperm, cut by largest remainders"),
    ),
    "k_fold": (
        statement(fold_stated, "sizes, cover and chance as the exercise states them"),
        Source(TWISTER, "Python's shuffle, dealt out like cards", fold_dealt(twister)),
        torch_source(fold_dealt(torch_order), "torch.randperm, dealt out like cards"),
    ),
    "cross_validate": (
        statement(validation_stated, "k scores, each of a run that held its fold out"),
        Source(TWISTER, "Python's shuffle, scores with 50 digits", validation_dealt),
    ),
    "repaired_preparation": (
        Source(
            "moments", "mean and deviation with 50 digits", lambda c: prepared_rows(c, by_moments)
        ),
        Source("pairs", "gaps of all pairs, 50 digits", lambda c: prepared_rows(c, by_pairs)),
    ),
    "log_uniform": (
        statement(draws_stated, "range, origin and distribution as the exercise states them"),
        Source(TWISTER, "low (high / low)^u with Python's own u", draws_by_products),
    ),
    "trace_stages": (
        Source("closed form", "powers of the root of ten, 50 digits", trace_exact),
        Source("geometric means", "geometric means of neighbours", trace_means),
    ),
    "coarse_to_fine": (
        Source("closed form", "exact powers and losses, 50 digits", stages_exact),
        Source("downslope", "the package's own search", stages_library),
    ),
    "best_at_edge": (
        Source("fractions", "sorted pairs of exact fractions", edge_fractions),
        Source("ranks", "ranks of the values with the lowest loss", edge_by_ranks),
    ),
    "grid": (
        statement(grid_stated, "each combination once"),
        Source("counting", "numbers in a mixed base", grid_counted),
    ),
    "random_search": (
        Source("closed form", "plain random numbers, losses with 50 digits", search_exact),
        Source("downslope", "the package's own search", search_library),
    ),
    "l2_penalty": (
        Source("fractions", "exact fractions; slopes by differences", penalty_fractions),
        torch_source(torch_penalty, "the derivative of torch.linalg.norm squared"),
    ),
    "is_better": (
        Source("fractions", "squares compared in exact fractions", better_fractions),
        Source("pairs", "variances from all pairs, 50 digits", better_by_pairs),
    ),
    "choose_and_refit": (
        Source(
            "closed form", "normal equations with 50 digits", lambda c: choice_by(ridge_exact, c)
        ),
        Source(
            "least squares", "extra rows and singular values", lambda c: choice_by(ridge_stacked, c)
        ),
    ),
}
