"""Training time of small networks: the trainer, a NumPy loop by hand, PyTorch, scikit-learn.

    python benchmarks/training.py [--rounds 9] [--sizes 64-64-10 ...]

The same work for all: one thread, the same data and epochs, one shuffle an epoch, mini-batches of
32, Adam with lr 0.001, ReLU, softmax cross-entropy, a sum of the losses, no validation, no early
stop. PyTorch and scikit-learn run where they are installed.

What else the machine does comes and goes, so each contender runs right after or right before the
trainer in the same type, float64 or float32, in turn, and is compared with that run alone. `ratio`
is the median over these pairs of its seconds over the trainer's; `of cpu` is the same for
processor time, which other programs disturb less. A first run of each is not counted. `loss` is
the mean of the last epoch: it shows that all have trained.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import math
import os
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

# Read by the libraries when they are first imported.
os.environ |= dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1")

import numpy as np

from downslope import datasets
from downslope.networks import MLP
from downslope.training import Trainer

LR, BATCH = 1e-3, 32
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8


class Problem(NamedTuple):
    """A network to train: its sizes, float64 examples `(N, D)`, labels `(N,)`, epochs."""

    sizes: tuple[int, ...]
    X: np.ndarray
    y: np.ndarray
    epochs: int


class Contender(NamedTuple):
    """Who trains in which type, how (it returns the last loss), and what that does in words."""

    name: str
    dtype: str
    run: Callable[[Problem, str], float]
    does: str

    def train(self, problem: Problem) -> float:
        """Train in this type; return the last loss."""
        return self.run(problem, self.dtype)


class Spent(NamedTuple):
    """Seconds on the clock and of the processor."""

    clock: float
    cpu: float


def digits(sizes: tuple[int, ...], epochs: int) -> Problem:
    """All 1,797 digits, pixels scaled to 0..1."""
    data = datasets.load_digits()
    return Problem(sizes, np.asarray(data.X, dtype=np.float64) / 16, data.y, epochs)


def noise(sizes: tuple[int, ...], epochs: int, count: int = 6000) -> Problem:
    """Random examples with random labels: as much work as real ones."""
    rng = np.random.default_rng(0)
    return Problem(
        sizes, rng.normal(size=(count, sizes[0])), rng.integers(0, sizes[-1], count), epochs
    )


PROBLEMS: dict[str, Callable[[], Problem]] = {
    "64-64-10": lambda: digits((64, 64, 10), 20),
    "784-256-10": lambda: noise((784, 256, 10), 2),
    "64-512-512-10": lambda: digits((64, 512, 512, 10), 3),
}


def with_trainer(problem: Problem, dtype: str) -> float:
    """Train with `downslope.training`, as a notebook would."""
    rng = np.random.default_rng(0)
    network = MLP(problem.sizes, rng=rng, dtype=dtype)
    trainer = Trainer(lr=LR, batch_size=BATCH, epochs=problem.epochs, progress=False)
    return trainer.fit(network, problem.X, problem.y, rng=rng).train_loss[-1]


def by_hand(problem: Problem, dtype: str) -> float:  # noqa: PLR0915 - in pieces it would be slower
    """Train as one would who writes for this network alone: flat vectors, every buffer reused."""
    X, y, rng = problem.X.astype(dtype), problem.y, np.random.default_rng(0)
    shapes = [(out, into) for into, out in itertools.pairwise(problem.sizes)]
    theta, grad, m, v, move = np.zeros((5, sum(out * (into + 1) for out, into in shapes)), dtype)
    weights, slopes = views(theta, shapes), views(grad, shapes)
    for W, _ in weights:
        W[...] = np.sqrt(2 / W.shape[1]) * rng.standard_normal(W.shape)
    full = [np.empty((BATCH, out), dtype) for out, _ in shapes]
    full_upstream = [np.empty_like(output) for output in full]
    all_rows, all_ones = np.arange(BATCH), np.ones(BATCH, dtype)
    last, t, loss = len(shapes) - 1, 0, 0.0
    for _ in range(problem.epochs):
        order, loss = rng.permutation(len(X)), 0.0
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            x, labels, n = X.take(batch, axis=0), y.take(batch), len(batch)
            rows, ones = all_rows[:n], all_ones[:n]
            A = [output[:n] for output in full]
            # forward
            signal = x
            for depth, (W, b) in enumerate(weights):
                np.matmul(signal, W.T, out=A[depth])
                np.add(A[depth], b, out=A[depth])
                signal = np.maximum(A[depth], 0, out=A[depth]) if depth < last else A[depth]
            # softmax cross-entropy
            P = signal
            P -= P.max(axis=1, keepdims=True)
            loss -= float(P[rows, labels].sum())
            np.exp(P, out=P)
            total = P.sum(axis=1, keepdims=True)
            loss += float(np.log(total).sum())
            P /= total
            P[rows, labels] -= 1
            P /= n
            # backward
            up = P
            for depth in range(last, -1, -1):
                dW, db = slopes[depth]
                np.matmul(up.T, A[depth - 1] if depth else x, out=dW)
                np.matmul(ones, up, out=db)
                if depth:
                    up = np.matmul(up, weights[depth][0], out=full_upstream[depth - 1][:n])
                    up *= A[depth - 1] > 0
            # Adam, with the constant factors of m and v gathered in two numbers
            t += 1
            factor = math.sqrt((1 - BETA2) / (1 - BETA2**t))
            m *= BETA1
            m += grad
            v *= BETA2
            np.multiply(grad, grad, out=move)
            v += move
            np.sqrt(v, out=move)
            move += EPS / factor
            np.divide(m, move, out=move)
            move *= LR * (1 - BETA1) / (1 - BETA1**t) / factor
            theta -= move
    return loss / len(X)


def views(flat: np.ndarray, shapes: list[tuple[int, int]]) -> list[tuple[np.ndarray, np.ndarray]]:
    """See a flat vector as pairs W, b."""
    pairs, start = [], 0
    for out, into in shapes:
        middle, end = start + out * into, start + out * (into + 1)
        pairs.append((flat[start:middle].reshape(out, into), flat[middle:end]))
        start = end
    return pairs


def with_torch(problem: Problem, dtype: str) -> float:
    """Train with PyTorch, eager, on the CPU; batches are slices, so no loader slows it down."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    layers: list[Any] = []
    for into, out in itertools.pairwise(problem.sizes):
        layers += [torch.nn.Linear(into, out), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1]).to(getattr(torch, dtype))
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    X, y = torch.tensor(problem.X, dtype=getattr(torch, dtype)), torch.tensor(problem.y)
    total = 0.0
    for _ in range(problem.epochs):
        order, total = torch.randperm(len(X)), 0.0
        shuffled, labels = X[order], y[order]
        for start in range(0, len(X), BATCH):
            batch = shuffled[start : start + BATCH]
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(batch), labels[start : start + BATCH])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
    return total / len(X)


def with_sklearn(problem: Problem, dtype: str) -> float:
    """Train with scikit-learn's MLPClassifier, its early stop and its penalty switched off."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        problem.sizes[1:-1],
        alpha=0.0,
        batch_size=BATCH,
        learning_rate_init=LR,
        max_iter=problem.epochs,
        early_stopping=False,
        n_iter_no_change=problem.epochs + 1,
        tol=0.0,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it would like more epochs
        model.fit(problem.X.astype(dtype), problem.y)
    return float(model.loss_)


TYPES = ("float64", "float32")
OURS = {
    dtype: Contender(
        "downslope trainer",
        dtype,
        with_trainer,
        "Trainer.fit with its checks and its history of every batch's loss",
    )
    for dtype in TYPES
}


def others() -> list[Contender]:
    """Who takes part here beside the trainer."""
    rivals = [("NumPy loop by hand", by_hand, "for this network alone, checks nothing")]
    if importlib.util.find_spec("torch"):
        does = "eager; batches are slices of a tensor shuffled once an epoch, no loader"
        rivals.append(("PyTorch", with_torch, does))
    if importlib.util.find_spec("sklearn"):
        does = "MLPClassifier.fit, no penalty, no validation, every epoch run"
        rivals.append(("scikit-learn", with_sklearn, does))
    return [Contender(name, dtype, run, does) for dtype in TYPES for name, run, does in rivals]


def timed(contender: Contender, problem: Problem) -> Spent:
    """Train once."""
    clock, cpu = time.perf_counter(), time.process_time()
    contender.train(problem)
    return Spent(time.perf_counter() - clock, time.process_time() - cpu)


def pairs(other: Contender, problem: Problem, rounds: int) -> list[tuple[Spent, Spent]]:
    """Time the trainer and another side by side, each first in every other round."""
    found = []
    for number in range(rounds):
        if number % 2:
            theirs, ours = timed(other, problem), timed(OURS[other.dtype], problem)
        else:
            ours, theirs = timed(OURS[other.dtype], problem), timed(other, problem)
        found.append((ours, theirs))
    return found


def line(contender: Contender, spent: list[Spent], ratios: tuple[float, float], loss: float) -> str:
    """Write a row of the table."""
    clock = [each.clock for each in spent]
    seconds = f"{statistics.median(clock):8.3f} {min(clock):8.3f}"
    name = f"{contender.name}, {contender.dtype}"
    return f"  {name:<28} {seconds} {ratios[0]:7.2f} {ratios[1]:7.2f} {loss:8.4f}"


def measure(problem: Problem, rounds: int) -> None:
    """Print a row for each contender."""
    rivals = others()
    losses = {each: each.train(problem) for each in (*OURS.values(), *rivals)}  # also warms up
    meetings = {rival: pairs(rival, problem, rounds) for rival in rivals}
    for dtype, trainer in OURS.items():
        own = [ours for rival, met in meetings.items() if rival.dtype == dtype for ours, _ in met]
        print(line(trainer, own, (1.0, 1.0), losses[trainer]))
        for rival in (each for each in rivals if each.dtype == dtype):
            met = meetings[rival]
            ratios = (
                statistics.median(theirs.clock / ours.clock for ours, theirs in met),
                statistics.median(theirs.cpu / ours.cpu for ours, theirs in met),
            )
            print(line(rival, [theirs for _, theirs in met], ratios, losses[rival]))


def main() -> None:
    """Print a table for each size of network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--sizes", nargs="+", choices=PROBLEMS, default=list(PROBLEMS))
    arguments = parser.parse_args()
    for name, does in {each.name: each.does for each in (*OURS.values(), *others())}.items():
        print(f"{name:<20} {does}")
    for sizes in arguments.sizes:
        problem = PROBLEMS[sizes]()
        print(f"{sizes}, {len(problem.X)} examples, {problem.epochs} epochs")
        heads = f"{'median':>8} {'best':>8} {'ratio':>7} {'of cpu':>7} {'loss':>8}"
        print(f"  {'seconds':<28} {heads}")
        measure(problem, arguments.rounds)


if __name__ == "__main__":
    main()
