"""Gradients of mini-batches: a cloud around the gradient of all examples, wider for small ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from downslope.arguments import require_count
from downslope.looks import COLOURS
from downslope.widgets.charts import QUIET, Box, Panel, ink, sheet, write
from downslope.widgets.controls import Control, Count, Span, Stops
from downslope.widgets.explorer import Explorer, Notes, Values, View, array_of, name_of
from downslope.widgets.scales import Scale, figure

Array = npt.NDArray[np.float64]

N = 64
SIZES = (1, 2, 4, 8, 16, 32, 64)  # the last is the whole: N
_AWAY = (4.0, -2.0)  # where the way to the minimum begins


def explore_batches(
    minibatch_gradient: Callable[..., Any] | None = None,
    *,
    gradient_variance: Callable[..., Any] | None = None,
    draws: int = 150,
    seed: int = 0,
) -> Explorer:
    """Explore the noise of mini-batch gradients on a line y = w x + b through 64 noisy points.

    The loss of a point is half its squared error. The noise is that of lectures L1 and L2.

    Left: gradients of many mini-batches around that of all points. Right: their spread for each
    batch size, measured and as the formula has it, with the correction for drawing without
    replacement: σ/√B · √((N − B)/(N − 1)) (Cochran 1977, theorem 2.2).

    Args:
        minibatch_gradient: The learner's `minibatch_gradient(grad_fn, theta, X, y, indices)`;
            without one, the mean gradient of the batch.
        gradient_variance: The learner's `gradient_variance(per_example_grads, batch_size)`, drawn
            beside the formula.
        draws: Mini-batches in the cloud.
        seed: Seed of the points and of the mini-batches.

    Raises:
        TypeError, ValueError: for `draws` that are no whole number above 1, or a seed that is none
            of at least 0. What is wrong with a learner's function is said below the picture.

    >>> explorer = explore_batches()
    >>> explorer.set(batch_size=64)
    >>> explorer.view().says
    'Batch size 64 of 64: every mini-batch is the whole; no noise is left.'
    """
    fit = _line(require_count("seed", seed, low=0))
    mean = _mean_of_batch if minibatch_gradient is None else minibatch_gradient
    require_count("draws", draws, low=2)
    controls: dict[str, Control] = {
        "batch_size": Stops("batch size", 8, SIZES),
        "distance": Span("distance", 0.5, 0.0, 1.0, 0.05),
        "draw": Count("draw", 1, 1, 20),
    }

    def draw(at: Values) -> View:
        theta, notes = fit.best + at["distance"] * (np.array(_AWAY) - fit.best), Notes()
        each = fit.gradient_of_each(theta)
        rng = np.random.default_rng([seed, at["draw"]])
        name = name_of(mean, "your mini-batch gradient")
        clouds = notes.attempt(
            name, "its cloud", lambda: {B: _cloud(mean, fit, theta, B, draws, rng) for B in SIZES}
        )
        told = _variances(notes, gradient_variance, each)
        svg = _svg(each, clouds, told, at["batch_size"])
        says = _says(each, at["batch_size"])
        alt = f"Gradients of {draws} mini-batches around that of all {N} points. {says}"
        return View(svg, alt, says, tuple(notes.kept))

    return Explorer(controls, draw)


class _Line(NamedTuple):
    """Points near a line, and the line that fits them best."""

    X: Array  # (N, 2): x and 1
    y: Array
    best: Array

    def gradient_of_each(self, theta: Array) -> Array:
        return np.asarray((self.X @ theta - self.y)[:, None] * self.X)


def spread_of_mean(each: npt.ArrayLike, batch_size: int) -> float:
    """Return the standard deviation of a mini-batch gradient, over all its coordinates together.

    `each` holds the gradient of every example, `(N, D)`; batches are drawn without replacement, so
    the spread is 0 for the whole (Cochran, "Sampling techniques", 1977, theorem 2.2). A batch size
    outside of 1 to N is not refused: there is no such batch.

    Raises:
        ValueError: for gradients that are no numbers.
        ZeroDivisionError: for a single example.

    >>> spread_of_mean([[1.0], [3.0]], 1), spread_of_mean([[1.0], [3.0]], 2)
    (1.0, 0.0)
    """
    gradients = np.asarray(each, dtype=np.float64)
    n = len(gradients)
    correction = (n - batch_size) / (n - 1)
    return float(np.sqrt(gradients.var(axis=0).sum() / batch_size * correction))


def _line(seed: int) -> _Line:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 2, N)
    X = np.column_stack([x, np.ones(N)])
    y = 1.5 * x + 0.5 + 0.6 * rng.standard_normal(N)
    return _Line(X, y, np.asarray(np.linalg.lstsq(X, y, rcond=None)[0], dtype=np.float64))


def _gradient(theta: Array, X: Array, y: Array) -> Array:
    """Return the mean gradient of half the squared error, `(2,)`."""
    return np.asarray((X @ theta - y) @ X / len(X))


def _mean_of_batch(
    grad_fn: Callable[..., Array], theta: Array, X: Array, y: Array, indices: Any
) -> Array:
    return np.asarray(grad_fn(theta, X[indices], y[indices]))


def _cloud(  # noqa: PLR0917 - who, where, and how many
    mean: Callable[..., Any],
    fit: _Line,
    theta: Array,
    size: int,
    draws: int,
    rng: np.random.Generator,
) -> Array:
    batches = rng.permuted(np.tile(np.arange(N), (draws, 1)), axis=1)[:, :size]
    answers = [mean(_gradient, theta.copy(), fit.X, fit.y, batch) for batch in batches]
    return np.array([array_of(answer, (2,), "the gradient") for answer in answers])


def _variances(notes: Notes, told: Callable[..., Any] | None, each: Array) -> Array | None:
    """Ask the learner's formula for the spread at every batch size."""
    if told is None:
        return None

    def ask() -> Array:
        answers = [array_of(told(each.copy(), B), (2,), "the variance") for B in SIZES]
        return np.asarray(np.sqrt(np.sum(answers, axis=1)))

    found = notes.attempt(name_of(told, "your variance"), "its curve", ask)
    return None if found is None else np.asarray(found)


def _says(each: Array, size: int) -> str:
    whole = float(np.linalg.norm(each.mean(axis=0)))
    spread = spread_of_mean(each, size)
    if size == N:
        return f"Batch size {size} of {N}: every mini-batch is the whole; no noise is left."
    if whole < 1e-9:
        return f"Batch size {size} of {N}: at the minimum all that is left is noise."
    return (
        f"Batch size {size} of {N}: the noise, {figure(spread, 2)}, is {figure(spread / whole, 2)} "
        f"times as long as the gradient, {figure(whole, 2)}."
    )


def _svg(each: Array, clouds: dict[int, Array] | None, told: Array | None, size: int) -> str:
    whole = each.mean(axis=0)
    reach = 1.1 * max(np.abs(whole).max(), np.abs(each - whole).max() * 0.7)
    across = Scale(-reach * 1.45, reach * 1.45)
    field = Panel(Box(66, 36, 406, 290), across, Scale(-reach, reach))
    field.frame("one dot for each mini-batch", "gradient along w", "gradient along b")
    field.line([across.low, across.high], [0, 0], colour=QUIET, width=1)
    field.line([0, 0], [-reach, reach], colour=QUIET, width=1)
    if clouds is not None:
        field.dots(*clouds[size].T, colour=COLOURS[0], size=3.5, opacity=0.55)
    field.arrow((0, 0), whole, COLOURS[1])
    field.dots(*whole[:, None], colour=COLOURS[1], marker="D", size=5)
    words = write(
        66, 378, "◆ arrow: gradient of all points", "start", colour=ink(COLOURS[1]), size=12
    )
    return sheet(910, 388, field, words, _spreads(each, clouds, told, size))


def _spreads(each: Array, clouds: dict[int, Array] | None, told: Array | None, size: int) -> Panel:
    """Draw the spread for each batch size: formula, measured, and as the learner has it."""
    whole = each.mean(axis=0)
    formula = np.array([spread_of_mean(each, B) for B in SIZES])
    across = Scale(0.8, 80.0, log=True, marks=SIZES)
    panel = Panel(Box(570, 36, 310, 290), across, Scale(0.0, 1.25 * formula[0]))
    panel.frame("spread of the cloud", "batch size")
    panel.line([size, size], [0, panel.y.high], colour=QUIET, width=1)
    fine = np.geomspace(1, N, 60)
    shape = np.sqrt((N - fine) / (N - 1) / fine) * formula[0]
    panel.line(fine, shape, colour=COLOURS[1], dashes=(5, 2))
    keys = [("– – formula", ink(COLOURS[1]))]
    if clouds is not None:
        measured = [np.sqrt(np.sum((clouds[B] - whole) ** 2, axis=1).mean()) for B in SIZES]
        panel.dots(SIZES, measured, colour=COLOURS[0], size=4)
        panel.dots([size], [measured[SIZES.index(size)]], colour=COLOURS[0], size=8)
        keys.append(("● measured", ink(COLOURS[0])))
    if told is not None:
        panel.dots(SIZES, told, colour=COLOURS[2], marker="s", hollow=True, size=6)
        keys.append(("□ your variance", ink(COLOURS[2])))
    for row, (text, colour) in enumerate(keys):
        look = {"size": 12, "weight": "bold", "colour": colour}
        panel.note(10.0, panel.y.high, text, "start", shift=(0, 22 + 19 * row), **look)
    return panel
