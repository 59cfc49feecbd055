"""Networks that learners submit, judged on data that never left the judge.

A case says how the training data is drawn: ``"task": {"data": "digits", "seed": 7, "examples":
1078}``. How the unseen data is drawn stands under "kept", the part of a case that the judge does
not send. Classes are renamed by the task's seed, so that no network knows them beforehand. From
the parameters that come back the accuracy is worked out where the answer is judged, and, where it
is too low, a sign of what went wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from downslope import parameters
from downslope.datasets import distorted_digits, load_digits, templates_1d
from downslope.drivers.outcomes import Case, Outcome

KEPT = "kept"  # the part of a case that is for the judge alone
TASK = "task"  # array of an expected outcome: kind of data, seed, examples, secret, share asked for
ACCURACY = "accuracy on unseen data"
SIGN = "sign"  # array of a measured outcome: position in SIGNS, or -1

DATA = ("digits", "signals")
CLASSES = 10
COPIES = 2  # distorted copies of each held-out digit
SIGNALS = 2000  # unseen signals
MAX_LAYERS, MAX_PARAMETERS = 20, 50_000  # more would not fit through the channel
GUESSING, READS_CLEAN = 0.2, 0.85  # accuracies at which signs are seen

Examples = tuple[np.ndarray, np.ndarray]
Layers = list[tuple[np.ndarray, np.ndarray]]


class Task(NamedTuple):
    """What a network has to learn: which data, drawn by which seed, how many to learn from."""

    data: str
    seed: int
    examples: int

    @property
    def inputs(self) -> int:
        """Numbers in one example."""
        return 64 if self.data == "digits" else 40


def training_data(task: Task) -> Examples:
    """Draw what a network may learn from: X `(N, inputs)`, float64, and labels `(N,)`, int64.

    >>> X, y = training_data(Task("digits", 7, 1078))
    >>> X.shape, float(X.max()), y.dtype.name
    ((1078, 64), 1.0, 'int64')
    >>> training_data(Task("signals", 7, 500))[0].shape
    (500, 40)
    """
    rng = np.random.default_rng(task.seed)
    names = rng.permutation(CLASSES)
    if task.data == "signals":
        drawn = templates_1d(task.examples, rng)
        return drawn.X, names[drawn.y]
    X, y = _shuffled_digits(rng)
    return X[: task.examples], names[y[: task.examples]]


def unseen_data(task: Task, secret: int) -> Examples:
    """Draw what the network is judged by: distorted digits that were held out, or new signals."""
    rng, drawing = np.random.default_rng(task.seed), np.random.default_rng(secret)
    names = rng.permutation(CLASSES)
    if task.data == "signals":
        drawn = templates_1d(SIGNALS, drawing)
        return drawn.X, names[drawn.y]
    X, y = (part[task.examples :] for part in _shuffled_digits(rng))
    copies = [distorted_digits(X, drawing) for _ in range(COPIES)]
    return np.concatenate(copies), np.tile(names[y], COPIES)


def _shuffled_digits(rng: np.random.Generator) -> Examples:
    digits = load_digits()
    order = rng.permutation(len(digits))
    return digits.X[order] / 16, digits.y[order]


def _clean_digits(task: Task) -> Examples:
    """Return the held-out digits as they were written."""
    rng = np.random.default_rng(task.seed)
    names = rng.permutation(CLASSES)
    X, y = (part[task.examples :] for part in _shuffled_digits(rng))
    return X, names[y]


def unfit(layers: Sequence[tuple[np.ndarray, np.ndarray]], inputs: int) -> str:
    """Say in words why layers of (W, b) are no network for the task; empty when they are one.

    >>> unfit([(np.zeros((10, 64)), np.zeros(10))], 64)
    ''
    >>> unfit([(np.zeros((64, 10)), np.zeros(10))], 64)
    'W of layer 1 has shape (64, 10). It must be (out, 64), with b of shape (out,).'
    """
    if not 1 <= len(layers) <= MAX_LAYERS:
        return f"The network has {len(layers)} layers. It must have 1 to {MAX_LAYERS}."
    wide = inputs
    for number, (W, b) in enumerate(layers, start=1):
        if W.ndim != 2 or W.shape[1] != wide or b.shape != W.shape[:1]:
            shapes = f"shape {W.shape}. It must be (out, {wide}), with b of shape (out,)."
            fits = W.ndim == 2 and W.shape[1] == wide
            return (
                f"b of layer {number} has shape {b.shape}, W {shapes}"
                if fits
                else (f"W of layer {number} has {shapes}")
            )
        wide = len(b)
    if wide != CLASSES:
        return f"The last layer has {wide} outputs. It must have {CLASSES}, one for each class."
    size = sum(W.size + b.size for W, b in layers)
    if size > MAX_PARAMETERS:
        return f"The network has {size} parameters. At most {MAX_PARAMETERS} are allowed."
    return ""


def asked(case: Case) -> Outcome:
    """Return what is expected of a case: that the network reads the share asked for."""
    task = Task(**case["task"])
    numbers = [DATA.index(task.data), task.seed, task.examples, case[KEPT]["seed"], case["enough"]]
    return Outcome({TASK: np.array(numbers, dtype=np.float64), ACCURACY: np.array(case["enough"])})


def known(sign: str) -> Outcome:
    """Return the outcome by which a mistake named after a sign is recognised.

    Raises:
        ValueError: for a name that is no sign.
    """
    if sign not in SIGNS:
        raise ValueError(f"no sign is called {sign!r}; known are {', '.join(SIGNS)}")
    return Outcome({SIGN: np.array(float(list(SIGNS).index(sign)))})


def measured(
    outcomes: Sequence[Outcome], expected: Sequence[Outcome]
) -> tuple[list[Outcome], list[Outcome]]:
    """Replace parameters by the accuracy that they have and a sign; nothing claimed is used."""
    found = [
        outcome if outcome.problem is not None else _measure(outcome, wanted.arrays[TASK])
        for outcome, wanted in zip(outcomes, expected, strict=True)
    ]
    return found, [each._replace(arrays={ACCURACY: each.arrays[ACCURACY]}) for each in expected]


def _measure(outcome: Outcome, numbers: np.ndarray) -> Outcome:
    kind, seed, examples, secret, enough = numbers.tolist()
    task = Task(DATA[int(kind)], int(seed), int(examples))
    share, sign = 0.0, -1
    layers = _layers(outcome.arrays)
    if not unfit(layers, task.inputs):
        trial = Trial(layers, task, int(secret), enough)
        share = trial.accuracy(*trial.unseen)
        sign = -1 if share >= enough or np.isnan(share) else _first_sign(trial)
    arrays = {ACCURACY: np.array(min(share, enough)), SIGN: np.array(float(sign))}
    return outcome._replace(arrays=arrays)


def _layers(arrays: Mapping[str, np.ndarray]) -> Layers:
    """Collect a network's layers in order; entries with other names are left alone."""
    numbers = sorted((found[1] for name in arrays if (found := _WEIGHTS.fullmatch(name))), key=int)
    pairs = [(arrays[f"[{n}].W"], arrays.get(f"[{n}].b", np.zeros(0))) for n in numbers]
    return pairs[: MAX_LAYERS + 1]


_WEIGHTS = re.compile(r"\[(\d{1,4})\]\.W", flags=re.ASCII)


class Trial:
    """A network, what it was to learn, and how it does."""

    def __init__(self, layers: Layers, task: Task, secret: int, enough: float) -> None:
        self.layers, self.task, self.enough = layers, task, enough
        self.unseen = unseen_data(task, secret)

    def accuracy(self, X: np.ndarray, y: np.ndarray) -> float:
        """Return the share that is read right; nan where a number is not finite."""
        with np.errstate(all="ignore"):
            logits = parameters.logits(self.layers, X)
        if not np.isfinite(logits).all():
            return float("nan")
        # Of equal logits none is the highest: a network of zeros reads nothing.
        top = logits.max(axis=1, keepdims=True)
        alone = (logits == top).sum(axis=1) == 1
        return float(np.mean(alone & (logits.argmax(axis=1) == y)))

    def one_class(self) -> bool:
        """Whether it says the same of everything."""
        logits = parameters.logits(self.layers, self.unseen[0])
        return len(np.unique(logits.argmax(axis=1))) == 1

    def scaler_kept(self) -> bool:
        """Whether it would read enough if inputs were standardised as the training data."""
        X, y = self.unseen
        seen = training_data(self.task)[0]
        spread = seen.std(axis=0)
        scale = np.where(spread > 0, spread, 1.0)
        return self.accuracy((X - seen.mean(axis=0)) / scale, y) >= self.enough

    def other_names(self) -> bool:
        """Whether it would read enough if every class that it names were called by another name."""
        X, y = self.unseen
        found = parameters.logits(self.layers, X).argmax(axis=1)
        table = np.zeros((CLASSES, CLASSES))
        np.add.at(table, (found, y), 1)
        return bool(table.max(axis=1).sum() >= self.enough * len(y))

    def guessing(self) -> bool:
        """Whether it is hardly better than chance, also on what it learned from."""
        return self.accuracy(*training_data(self.task)) < GUESSING

    def single_layer(self) -> bool:
        """Whether there is no hidden layer, which for signals is too little."""
        return self.task.data == "signals" and len(self.layers) == 1

    def clean_only(self) -> bool:
        """Whether it reads digits as they were written."""
        return self.task.data == "digits" and (
            self.accuracy(*_clean_digits(self.task)) >= READS_CLEAN
        )

    def unfinished(self) -> bool:
        """Whether it learned something, but too little: what is left when nothing else fits."""
        return True


# In this order the first that fits is named.
SIGNS = {
    "one_class": Trial.one_class,
    "scaler_kept": Trial.scaler_kept,
    "other_names": Trial.other_names,
    "guessing": Trial.guessing,
    "single_layer": Trial.single_layer,
    "clean_only": Trial.clean_only,
    "unfinished": Trial.unfinished,
}


def _first_sign(trial: Trial) -> int:
    with np.errstate(all="ignore"):
        return next(place for place, sign in enumerate(SIGNS.values()) if sign(trial))


def sent(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Return cases as the learner's process gets them: without what is kept."""
    return [{key: value for key, value in case.items() if key != KEPT} for case in cases]
