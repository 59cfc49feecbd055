"""Training: mini-batches, history, validation, early stopping, and a word when it diverges.

>>> rng = np.random.default_rng(0)
>>> X = rng.normal(size=(200, 2))
>>> y = (X[:, 0] > X[:, 1]).astype(int)
>>> network = MLP((2, 8, 2), rng=rng)
>>> history = fit(network, X, y, rng=rng, epochs=30, lr=0.01)
>>> network.accuracy(X, y) > 0.95
True
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope.arguments import (
    Array,
    floats,
    require_callable,
    require_count,
    require_generator,
    require_items,
    require_kind,
    require_number,
)
from downslope.history import History
from downslope.losses import Loss, softmax_cross_entropy
from downslope.networks import MLP
from downslope.optimizers import adam
from downslope.updates import Batch, Rule, stepper, updates_of

LearningRate = float | Callable[[int], float]
Examples = tuple[npt.ArrayLike, npt.ArrayLike]

FETCHED_BYTES = 2**18  # of shuffled examples at a time: a part of what a processor keeps at hand


class DivergenceWarning(UserWarning):
    """A training was stopped because its numbers were no longer finite.

    Lecture L2 calls it instability: the learning rate is much too large.

    >>> with warnings.catch_warnings(record=True, action="always") as found:
    ...     network, rng = MLP((1, 1), rng=np.random.default_rng(0)), np.random.default_rng(0)
    ...     history = fit(network, [[np.inf]], [0], rng=rng)
    >>> history.diverged, [warning.category.__name__ for warning in found]
    (True, ['DivergenceWarning'])
    """


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """How to train: the settings of a run, checked once, used for as many networks as wanted.

    The loop of lectures L0 and L1: mini-batches, epochs, a fresh permutation for each. To stop
    early is in no lecture; see Goodfellow, Bengio and Courville, "Deep Learning", 2016, ch. 7.8.

    Attributes:
        optimizer: From `downslope.optimizers`, or your own update rule, such as
            `momentum_step(theta, grad, m, lr, rho)`.
        lr: Learning rate, or a schedule: a function of the 0-based update number.
        epochs: Passes through the examples; each in a fresh random order.
        batch_size: Examples in a mini-batch; the last one of an epoch may be smaller.
        loss: From `downslope.losses`, or a function like those.
        patience: Stop after this many epochs without a lower validation loss, and keep the
            parameters of the best epoch. None: never, and keep the last ones.
        settings: rho, beta1, beta2, eps, weight_decay for an update rule of your own.
        progress: Show a progress bar if it takes longer than a second.

    Raises:
        TypeError, ValueError: for counts below 1, an lr below 0, a loss or optimizer that is no
            function, or settings that the optimizer does not take.

    >>> Trainer(batch_size=0)
    Traceback (most recent call last):
    ValueError: batch_size must be a whole number of at least 1; got 0
    """

    optimizer: Rule = field(default_factory=adam)
    lr: LearningRate = 1e-3
    epochs: int = 20
    batch_size: int = 32
    loss: Loss = softmax_cross_entropy
    patience: int | None = None
    settings: Mapping[str, float] = field(default_factory=dict)
    progress: bool = True

    def __post_init__(self) -> None:
        """Refuse settings that no training could run with."""
        require_count("epochs", self.epochs)
        require_count("batch_size", self.batch_size)
        if not callable(self.lr):
            require_number("lr", self.lr, low=0)
        require_callable("loss", self.loss)
        if self.patience is not None:
            require_count("patience", self.patience)
        stepper(self.optimizer, np.zeros(1), self.settings)

    def rate(self, update: int) -> float:
        """Look up the learning rate of an update, counted from 0.

        Raises:
            TypeError, ValueError: when a schedule gives no number, or refuses the update.

        >>> Trainer(lr=lambda update: 0.1 / (1 + update)).rate(1)
        0.05
        """
        return float(self.lr(update) if callable(self.lr) else self.lr)

    def fit(
        self,
        network: MLP,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        rng: np.random.Generator,
        validation: Examples | None = None,
    ) -> History:
        """Train `network.theta` in place on X `(N, in)` and y; return what happened.

        The same generator state, network and settings give the same numbers. If the loss stops
        being finite, the training ends with a `DivergenceWarning`, and the network gets back the
        parameters from before that epoch.

        Args:
            network: Changed in place.
            X: Examples, float64 or float32.
            y: Integer labels `(N,)`, or targets `(N, out)`: what the loss takes.
            rng: Shuffles the examples, once an epoch.
            validation: `(X, y)` to measure after each epoch; never trained on.

        Raises:
            TypeError, ValueError: for examples that do not fit network or loss, a seed for rng, or
                patience without validation examples; when the update rule gives another form.

        >>> from downslope.losses import l2_loss
        >>> network = MLP((1, 1), rng=np.random.default_rng(0))
        >>> sgd_step = lambda theta, grad, lr: theta - lr * grad
        >>> trainer = Trainer(optimizer=sgd_step, loss=l2_loss, lr=0.2, epochs=80, batch_size=3)
        >>> X = np.array([[0.0], [1.0], [2.0]])
        >>> trainer.fit(network, X, 3 * X + 1, rng=np.random.default_rng(0)).epochs
        80
        >>> network.theta.round(2)
        array([3., 1.])
        """
        require_kind("network", network, MLP, "be an MLP")
        require_generator("rng", rng)
        examples = _examples(network, X, y, self.loss)
        held_out = (
            None
            if validation is None
            else _examples(network, *_pair(validation), self.loss, "validation ")
        )
        if self.patience is not None and held_out is None:
            raise ValueError("patience needs validation examples to watch; got validation=None")
        with np.errstate(all="ignore"):  # numbers that overflow are reported below, in words
            history = _train(self, _Run(self, network, examples, rng), held_out)
        if history.diverged:
            warnings.warn(history.note, DivergenceWarning, stacklevel=2)
        return history


def fit(
    network: MLP,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    rng: np.random.Generator,
    validation: Examples | None = None,
    **settings: Any,
) -> History:
    """Train a network in one call: `Trainer(**settings).fit(network, X, y, ...)`.

    X is `(N, in)`, y `(N,)` or `(N, out)`; the network is changed in place (lectures L0, L1).

    Raises:
        TypeError, ValueError: as `Trainer` and its `fit` do.

    >>> network = MLP((1, 2), rng=np.random.default_rng(0))
    >>> fit(network, [[-1.0], [1.0]], [0, 1], rng=np.random.default_rng(0), epochs=3, lr=0.1)
    History(3 epochs, train_loss ...)
    """
    return Trainer(**settings).fit(network, X, y, rng=rng, validation=validation)


class _Run:
    """A training under way: what moves the network, and what is known so far."""

    def __init__(
        self, trainer: Trainer, network: MLP, examples: Batch, rng: np.random.Generator
    ) -> None:
        self.trainer, self.network, self.rng = trainer, network, rng
        self.history = History()
        largest = min(trainer.batch_size, len(examples[0]))
        rule, settings = trainer.optimizer, trainer.settings
        self.update = updates_of(network, rule, trainer.loss, largest, settings)
        self.X, self.y = self.update.prepared(*examples)

    def batches(self) -> Iterator[Batch]:
        """Deal all examples in a fresh random order.

        Several batches are fetched at once, but no more than can stay in the cache.
        """
        size, order = self.trainer.batch_size, self.rng.permutation(len(self.X))
        fetched = size * max(1, FETCHED_BYTES * len(self.X) // (size * self.X.nbytes))
        for start in range(0, len(order), fetched):
            rows = order[start : start + fetched]
            X, y = self.X.take(rows, axis=0), self.y.take(rows, axis=0)
            for first in range(0, len(rows), size):
                yield X[first : first + size], y[first : first + size]

    def rates(self) -> Iterator[float]:
        """Give the learning rate of the next update, and of the one after it, without end."""
        if callable(self.trainer.lr):
            return map(self.trainer.rate, itertools.count(len(self.history.batch_loss)))
        return itertools.repeat(float(self.trainer.lr))

    def epoch(self) -> None:
        """Go through all examples once; raise `_Diverged` when a number is no longer finite."""
        update, losses, total, lr = self.update, self.history.batch_loss, 0.0, 0.0
        for (X, y), lr in zip(self.batches(), self.rates(), strict=False):
            loss = update(X, y, lr)
            if not math.isfinite(loss):
                raise _Diverged("the loss", str(loss))
            losses.append(loss)
            total += loss * len(X)
        update.store()
        if not np.isfinite(self.network.theta).all():
            raise _Diverged("a parameter", "infinite or nan")
        self.history.train_loss.append(total / len(self.X))
        self.history.lr.append(lr)

    def validate(self, X: Array, y: Array) -> None:
        """Measure the network on examples that it is not trained on."""
        history = self.history
        scores, _ = self.network.forward(X)
        history.validation_loss.append(self.trainer.loss(scores, y)[0])
        if history.validation_loss[-1] < min(history.validation_loss[:-1], default=math.inf):
            history.best_epoch = history.epochs
        if self.trainer.loss is softmax_cross_entropy:
            history.validation_accuracy.append(float(np.mean(scores.argmax(axis=1) == y)))


class _Diverged(ArithmeticError):
    """What is no longer finite, and what it has become."""


def _train(trainer: Trainer, run: _Run, held_out: Batch | None) -> History:
    network, history = run.network, run.history
    best = network.theta.copy()
    with _progress_bar(trainer) as bar:
        for _ in bar:
            before = network.theta.copy()
            try:
                run.epoch()
            except _Diverged as what:
                network.theta = before
                history.give_up(*what.args, lr=trainer.rate(max(len(history.batch_loss) - 1, 0)))
                break
            if held_out is not None:
                run.validate(*held_out)
            if history.best_epoch == history.epochs:
                best = network.theta.copy()
            bar.set_postfix_str(history.latest, refresh=False)
            if trainer.patience and history.epochs - history.best_epoch >= trainer.patience:
                history.stop_early(trainer.patience)
                break
    if trainer.patience and history.best_epoch and not history.diverged:
        network.theta = best
    return history


def _progress_bar(trainer: Trainer) -> Any:
    from tqdm.auto import tqdm  # a widget in a notebook, a line of text in a terminal

    hidden = not trainer.progress
    return tqdm(range(trainer.epochs), desc="training", unit="epoch", delay=1.0, disable=hidden)


def _pair(validation: Any) -> Examples:
    parts = require_items("validation", validation, "two arrays, X and y")
    if len(parts) != 2:
        raise ValueError(f"validation must be (X, y); got {len(parts)} parts")
    return parts[0], parts[1]


def _examples(
    network: MLP, X: npt.ArrayLike, y: npt.ArrayLike, loss: Loss, prefix: str = ""
) -> Batch:
    """Check examples once, so that the batches need no check."""
    inputs = floats(f"{prefix}X", X, ("N", network.sizes[0]))
    if not len(inputs):
        raise ValueError(f"{prefix}X must hold at least one example; got shape {inputs.shape}")
    dtype = network.theta.dtype
    targets = np.asarray(y)
    if targets.dtype.kind == "f":
        targets = targets.astype(dtype, copy=False)
    loss(np.zeros((len(inputs), network.sizes[-1]), dtype), targets)  # refuses what does not fit
    return inputs.astype(dtype, copy=False), targets
