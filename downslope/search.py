"""Search for hyperparameters, and ways of using data honestly (lectures L0 and L1).

`evaluate` functions return a loss: lower is better. Whatever is random takes `rng`, so that the
same generator gives the same search. A history lists `(config, loss)` in order of trial; a loss
that is NaN or infinite is never the best.

>>> rng = np.random.default_rng(0)
>>> def validation_loss(config):
...     return np.log10(config["lr"] / 0.03) ** 2
>>> def sample(rng):
...     return {"lr": float(log_uniform(1e-4, 1.0, 1, rng)[0])}
>>> best, history = random_search(sample, validation_loss, trials=50, rng=rng)
>>> round(best["lr"], 2), len(history)
(0.03, 50)
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from downslope.arguments import (
    require_callable,
    require_count,
    require_generator,
    require_items,
    require_kind,
    require_number,
)

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Config = dict[str, Any]
C = TypeVar("C")
History = list[tuple[C, float]]


def grid(**values: Iterable[Any]) -> list[Config]:
    """List every combination of the values, as dicts; the last name varies fastest.

    The configs of lecture L0's grid search.

    Raises:
        TypeError: for a value that stands alone, text included.

    >>> grid(lr=[0.1, 0.01], layers=[1, 2])  # doctest: +NORMALIZE_WHITESPACE
    [{'lr': 0.1, 'layers': 1}, {'lr': 0.1, 'layers': 2},
     {'lr': 0.01, 'layers': 1}, {'lr': 0.01, 'layers': 2}]
    """
    for name, each in values.items():
        if isinstance(each, str) or not isinstance(each, Iterable):
            raise TypeError(f"{name} must be several values, such as a list; got {each!r}")
    return [dict(zip(values, each, strict=True)) for each in itertools.product(*values.values())]


def log_uniform(low: float, high: float, size: int, rng: np.random.Generator) -> Array:
    """Draw `size` numbers between low and high whose logarithms are uniform, `(size,)`.

    For what acts by its order of magnitude: learning rates, penalties (lecture L0: "on a log
    scale").

    Raises:
        TypeError, ValueError: unless 0 < low < high, or for a size below 0, or a seed for rng.

    >>> rates = log_uniform(1e-5, 1e-1, 1000, np.random.default_rng(1))
    >>> bool(np.all((rates >= 1e-5) & (rates < 1e-1))), bool(0.4 < np.mean(rates < 1e-3) < 0.6)
    (True, True)
    """
    low, high = _positive_range(low, high)
    size, rng = require_count("size", size, low=0), require_generator("rng", rng)
    return np.asarray(np.exp(rng.uniform(np.log(low), np.log(high), size)).clip(low, high))


def grid_search(configs: Iterable[C], evaluate: Callable[[C], float]) -> tuple[C, History[C]]:
    """Try every config and return `(best, history)`; of equals the first is best (lecture L0).

    Raises:
        TypeError, ValueError: for an evaluate that is no function or gives no number; without
            configs, or when no trial gave a finite loss.

    >>> grid_search(grid(lr=[0.1, 1.0]), lambda config: abs(config["lr"] - 0.9))[0]
    {'lr': 1.0}
    """
    require_callable("evaluate", evaluate)
    require_kind("configs", configs, Iterable, "be a list of settings to try")
    history = [(config, float(evaluate(config))) for config in configs]
    if not history:
        raise ValueError("configs must hold at least one setting; got none")
    return _best(history), history


def random_search(
    sample: Callable[[np.random.Generator], C],
    evaluate: Callable[[C], float],
    trials: int,
    rng: np.random.Generator,
) -> tuple[C, History[C]]:
    """Try `trials` configs that `sample(rng)` draws, and return `(best, history)`.

    Unlike a grid, no two trials share a value, so the one that matters is tried `trials` times
    (Bergstra and Bengio, 2012; the picture in lecture L0).

    Raises:
        TypeError, ValueError: for a sample or evaluate that is no function, trials below 1, or a
            seed for rng; when no trial gave a finite loss.

    >>> best, history = random_search(lambda rng: {"lr": rng.uniform()},
    ...                               lambda config: config["lr"], 20, np.random.default_rng(0))
    >>> best == min(history, key=lambda trial: trial[1])[0]
    True
    """
    require_callable("sample", sample)
    trials, rng = require_count("trials", trials), require_generator("rng", rng)
    return grid_search((sample(rng) for _ in range(trials)), evaluate)


def coarse_to_fine(
    evaluate: Callable[[float], float], low: float, high: float, points: int, stages: int
) -> tuple[float, History[float]]:
    """Search one positive number on a log scale, each stage inside the one before (lecture L0).

    A stage tries `np.geomspace(low, high, points)`; the next lies between the neighbours of its
    best point, or between an edge and its neighbour when that is best. Returns `(best, history)`
    over all stages, with the number itself as config.

    Raises:
        TypeError, ValueError: for an evaluate that is no function; unless 0 < low < high,
            points ≥ 3 and stages ≥ 1; when a stage gave no finite loss.

    >>> best, history = coarse_to_fine(lambda lr: np.log(lr / 0.02) ** 2, 1e-6, 1e2, 9, 3)
    >>> round(best, 2), len(history)
    (0.02, 27)
    """
    low, high = _positive_range(low, high)
    points = require_count("points", points, low=3)  # with two, no stage would be narrower
    history: History[float] = []
    for _ in range(require_count("stages", stages)):
        values = [float(value) for value in np.geomspace(low, high, points)]
        best, tried = grid_search(values, evaluate)
        history += tried
        at = values.index(best)
        low, high = values[max(at - 1, 0)], values[min(at + 1, points - 1)]
    return _best(history), history


def train_val_test_split(
    n: int, fractions: Sequence[float], rng: np.random.Generator
) -> tuple[Indices, Indices, Indices]:
    """Shuffle the indices 0 … n − 1 and deal them out to training, validation and test.

    Three arrays of indices (lecture L0's second idea; L1's development set).

    Args:
        n: Number of examples.
        fractions: Three parts that add up to 1; each set's size is within one of its part of n.
        rng: Draws the order.

    Raises:
        TypeError, ValueError: for an n that is no whole number above 0, fractions that are not
            three numbers from 0 on with sum 1, or a seed for rng.

    >>> parts = train_val_test_split(10, (0.6, 0.2, 0.2), np.random.default_rng(0))
    >>> [len(part) for part in parts], np.sort(np.concatenate(parts)).tolist() == list(range(10))
    ([6, 2, 2], True)
    """
    n, rng = require_count("n", n), require_generator("rng", rng)
    shares = require_items("fractions", fractions, "three numbers that add up to 1")
    parts = [require_number("fractions", each, low=0, high=1) for each in shares]
    if len(parts) != 3 or abs(sum(parts) - 1) > 1e-9:
        raise ValueError(f"fractions must be three numbers that add up to 1; got {fractions!r}")
    first, second = round(parts[0] * n), round((parts[0] + parts[1]) * n)
    train, validation, test = np.split(rng.permutation(n), [first, second])
    return train, validation, test


def k_fold(n: int, k: int, rng: np.random.Generator) -> list[tuple[Indices, Indices]]:
    """Shuffle 0 … n − 1, cut them in k folds, and pair each with all others: `(train, val)`.

    Every example is in `val` once. Folds differ in size by at most one. Source: lecture L0's third
    idea.

    Raises:
        TypeError, ValueError: unless n and k are whole numbers with 2 ≤ k ≤ n; for a seed for rng.

    >>> [(len(train), len(val)) for train, val in k_fold(7, 3, np.random.default_rng(0))]
    [(4, 3), (5, 2), (5, 2)]
    """
    n, k = require_count("n", n), require_count("k", k, low=2)
    if k > n:
        raise ValueError(f"k must be at most n = {n}; got {k}")
    folds = np.array_split(require_generator("rng", rng).permutation(n), k)
    return [
        (np.concatenate(folds[:number] + folds[number + 1 :]), fold)
        for number, fold in enumerate(folds)
    ]


def cross_validate(  # noqa: PLR0917 - the course's order, as learners write it
    fit: Callable[[Any, Any], Any],
    score: Callable[[Any, Any, Any], float],
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    k: int,
    rng: np.random.Generator,
) -> Array:
    """Fit k times, each time without one fold, and score on that fold: `(k,)` scores.

    `fit(X, y) -> model` sees the training part alone. Scaling, feature choice and whatever else
    is learned from data belongs inside it, or the held-out fold leaks into the model. Source:
    lecture L0's third idea.

    Args:
        fit: Makes a model from the training part.
        score: `score(model, X, y) -> float` on the held-out part.
        X: Examples, `(N, ...)`.
        y: Targets, `(N, ...)`.
        k: Number of folds.
        rng: Draws the folds, as `k_fold` does.

    Raises:
        TypeError, ValueError: for a fit or score that is no function, a score that gives no
            number, or a seed for rng; unless X and y have equally many rows, and 2 ≤ k ≤ N.

    >>> X, y = np.arange(6.0).reshape(6, 1), np.full(6, 2.0)
    >>> cross_validate(lambda X, y: y.mean(), lambda mean, X, y: np.mean((y - mean) ** 2),
    ...                X, y, 3, np.random.default_rng(0))
    array([0., 0., 0.])
    """
    require_callable("fit", fit)
    require_callable("score", score)
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim == 0 or y.ndim == 0 or len(X) != len(y):
        raise ValueError(f"y must have one entry for each row of X {X.shape}; got {y.shape}")
    return np.array(
        [
            float(score(fit(X[train], y[train]), X[held_out], y[held_out]))
            for train, held_out in k_fold(len(X), k, rng)
        ],
        dtype=np.float64,
    )


def _best(history: History[C]) -> C:
    losses = np.array([loss for _, loss in history])
    if not np.isfinite(losses).any():
        raise ValueError(f"evaluate must give a finite loss at least once; got {losses.tolist()}")
    return history[int(np.argmin(np.where(np.isfinite(losses), losses, np.inf)))][0]


def _positive_range(low: float, high: float) -> tuple[float, float]:
    low, high = require_number("low", low, above=0), require_number("high", high, above=0)
    if low >= high:
        raise ValueError(f"low must be below high = {high}; got {low}")
    return low, high
