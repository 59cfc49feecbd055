"""A fair table of update rules: each with its own best learning rate, over several seeds.

Every rule trains the same networks on the same batches. The learning rate is chosen on the
validation set with one seed; the numbers in the table come from other seeds.
"""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from downslope import stepping
from downslope.arguments import require_kind
from downslope.datasets import Examples
from downslope.parameters import Array, Params, first_params, flatten, logits, unflatten

Gradients = Callable[[Params, Array, npt.NDArray[np.int64]], Any]

RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


class Standing(NamedTuple):
    """How one rule did, over several seeds. Source: this course.

    A plain record, made by `Contest.run`: it checks nothing.

    Attributes:
        rule: its name.
        lr: the learning rate that was best on the validation set.
        accuracy: share of the validation set that was read right, mean over the seeds.
        spread: standard deviation of that over the seeds.
        loss: training loss at the end, mean over the seeds.
        seconds: time of one run, mean over the seeds.
        note: why there are no numbers, or that `lr` is at the border of what was tried.

    >>> Standing("Adam", note="not written yet").lr
    nan
    """

    rule: str
    lr: float = np.nan
    accuracy: float = np.nan
    spread: float = np.nan
    loss: float = np.nan
    seconds: float = np.nan
    note: str = ""


@dataclass(frozen=True)
class Standings:
    """A table of rules; show it as the last line of a cell. Source: this course.

    A plain record of `Standing` rows, made by `Contest.run`: it checks nothing.

    >>> Standings((Standing("SGD", 0.1, 0.91, 0.004, 0.3, 0.25),))
    rule  best lr  validation accuracy  training loss  seconds a run  remark
    SGD   0.1      91.0% ± 0.4%         0.300          0.25
    """

    rows: tuple[Standing, ...]

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (row.rule, "", "", "", "", row.note)
            if np.isnan(row.lr)
            else (
                row.rule,
                f"{row.lr:g}",
                f"{row.accuracy:.1%} ± {row.spread:.1%}",
                f"{row.loss:.3f}",
                f"{row.seconds:.2f}",
                row.note,
            )
            for row in self.rows
        ]

    def __repr__(self) -> str:
        table = [HEAD, *self._cells()]
        widths = [max(len(row[column]) for row in table) for column in range(len(HEAD))]
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in table)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        left = 'style="text-align:left"'
        head = "".join(f"<th {left}>{name}</th>" for name in HEAD)
        rows = "".join(
            f"<tr>{''.join(f'<td {left}>{html.escape(cell)}</td>' for cell in row)}</tr>"
            for row in self._cells()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


HEAD = ("rule", "best lr", "validation accuracy", "training loss", "seconds a run", "remark")


@dataclass(frozen=True, kw_only=True)
class Contest:
    """What all rules are given. Each has its own rate, chosen on validation data (lecture L0).

    Attributes:
        gradients: the learner's `loss_and_gradients(params, X, y)`.
        train, validation: examples to fit on and to compare on.
        sizes: of the network's layers.
        epochs, batch_size: how long and in what pieces.
        rates: learning rates to choose from, in rising order.
        seeds: of the runs that count; the choice is made with another one.

    A setting with which no rule can run raises nothing: every row of the table says why.

    Raises:
        TypeError: in `run`, for rules without labels.

    >>> from downslope.datasets import Examples
    >>> points = Examples(np.eye(3), np.array([0, 1, 2]))
    >>> def no_slope(params, X, y):
    ...     return 0.0, [(np.zeros_like(W), np.zeros_like(b)) for W, b in params]
    >>> def later(theta, grad, lr):
    ...     raise NotImplementedError
    >>> contest = Contest(gradients=no_slope, train=points, validation=points, sizes=(3, 3))
    >>> contest.run({"mine": later}).rows[0].note
    'not written yet'
    """

    gradients: Gradients
    train: Examples
    validation: Examples
    sizes: Sequence[int] = (64, 32, 10)
    epochs: int = 5
    batch_size: int = 64
    rates: Sequence[float] = RATES
    seeds: Sequence[int] = (1, 2, 3)

    def run(self, rules: Mapping[str, Callable[..., Any]]) -> Standings:
        """Let every rule train; one that is not written yet or fails gets a remark.

        Raises:
            TypeError: for rules without labels.
        """
        require_kind("rules", rules, Mapping, "map labels to update rules")
        with np.errstate(all="ignore"):  # a rate that is too large shows in the accuracy
            return Standings(tuple(self._standing(*each) for each in rules.items()))

    def _standing(self, name: str, rule: Callable[..., Any]) -> Standing:
        try:
            tried = {lr: self._train(rule, lr, seed=0) for lr in self.rates}
            lr = max(tried, key=lambda rate: self._accuracy(tried[rate]))
            return self._judged(name, rule, lr)
        except NotImplementedError:
            return Standing(name, note="not written yet")
        except Exception as error:  # noqa: BLE001 - whatever a learner's code raises is its own row
            return Standing(name, note=f"{type(error).__name__}: {error}")

    def _judged(self, name: str, rule: Callable[..., Any], lr: float) -> Standing:
        begin = time.perf_counter()
        runs = [self._train(rule, lr, seed) for seed in self.seeds]
        seconds = (time.perf_counter() - begin) / len(runs)
        shares = [self._accuracy(run) for run in runs]
        losses = [float(self.gradients(run, *self.train)[0]) for run in runs]
        ends = (self.rates[0], self.rates[-1])
        note = "lr at the border of the range: look beyond" if lr in ends else ""
        spread = float(np.std(shares, ddof=1)) if len(runs) > 1 else 0.0
        return Standing(
            name, lr, float(np.mean(shares)), spread, float(np.mean(losses)), seconds, note
        )

    def _train(self, rule: Callable[..., Any], lr: float, seed: int) -> list[tuple[Array, Array]]:
        rng = np.random.default_rng(seed)
        start = first_params(self.sizes, rng)
        batches = iter(self._batches(rng))

        def gradient(theta: Array) -> Array:
            batch = next(batches)
            X, y = self.train.X[batch], self.train.y[batch]
            return flatten(self.gradients(unflatten(theta, start), X, y)[1])

        steps = self.epochs * -(-len(self.train.y) // self.batch_size)
        path = stepping.trajectory(rule, gradient, flatten(start), steps, lr=lr)
        return unflatten(path["theta"][-1], start)

    def _batches(self, rng: np.random.Generator) -> list[npt.NDArray[np.int64]]:
        n = len(self.train.y)
        orders = [rng.permutation(n) for _ in range(self.epochs)]
        starts = range(0, n, self.batch_size)
        return [order[start : start + self.batch_size] for order in orders for start in starts]

    def _accuracy(self, params: Params) -> float:
        found = logits(params, self.validation.X)
        right = float(np.mean(found.argmax(axis=1) == self.validation.y))
        return right if np.isfinite(found).all() else 0.0
