"""The learning rate on a quadratic: each coordinate is multiplied by 1 − lr·λ at every update."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope import landscapes, stepping
from downslope.arguments import floats, require_count, require_number, require_range
from downslope.landscapes import Landscape
from downslope.looks import COLOURS, INK, Style
from downslope.widgets.charts import NO_SCALE, QUIET, Box, Panel, ink, sheet, write
from downslope.widgets.controls import Control, Count, Span
from downslope.widgets.explorer import Explorer, Notes, Values, View, array_of, name_of
from downslope.widgets.scales import Scale, figure
from downslope.widgets.terrain import losses_panel, terrain, track

Array = npt.NDArray[np.float64]
Descent = Callable[..., Any]

START = (-1.5, 1.2)
_SLOW = 0.95  # a factor above this shrinks an error by less than 5 % an update
_OWN = {"path": Style(COLOURS[0], (), "o")}


def explore_learning_rate(
    descend: Descent | None = None,
    *,
    diagnose: Descent | None = None,
    curvatures: tuple[float, float] = (2.0, 4.0),
    lr: tuple[float, float] = (0.005, 0.8),
    steps: int = 20,
) -> Explorer:
    """Explore gradient descent on ½(λ₁ w₁² + λ₂ w₂²), where the factors 1 − lr·λ tell all.

    Beside the path stand the factors, and rings where they put every update: a right gradient
    descent goes through the rings (lecture L2's figures on w₁² + 2 w₂²: λ = 2 and 4).

    Args:
        descend: The learner's `gradient_descent(grad_fn, theta0, lr, steps)`, or an update rule
            such as `sgd_step(theta, grad, lr)`; without one, plain gradient descent.
        diagnose: The learner's `diagnose_learning_rate(hessian, lr)`, whose word is compared.
        curvatures: λ₁ and λ₂ at first, each 0.1 to 8.
        lr: Lowest and highest learning rate; the slider starts at a quarter of the way.
        steps: Number of updates at first.

    Raises:
        TypeError: for a number of another type.
        ValueError: for `steps` below 1, an `lr` that is no range, or other than two curvatures
            from 0.1 to 8. What is wrong with a learner's function is said below the picture.

    >>> explorer = explore_learning_rate()
    >>> explorer.set(lr=0.48)
    >>> print(explorer.view().says)
    Factor of w₁: 1 − 0.48·2 = 0.04. Factor of w₂: 1 − 0.48·4 = −0.92. It oscillates; above lr =
    2/4 = 0.5 it diverges.
    """
    require_count("steps", steps)
    for curvature in floats("curvatures", curvatures, (2,)):
        require_number("curvatures", curvature, low=0.1, high=8)
    low, high = require_range("lr", lr, above=0)
    first = round(low + (high - low) / 4, 2)
    controls: dict[str, Control] = {
        "lr": Span("lr", first, low, high, 0.005),
        "steps": Count("updates", steps, 1, max(60, steps)),
        "curvature1": Span("λ₁, along w₁", float(curvatures[0]), 0.1, 8.0, 0.1),
        "curvature2": Span("λ₂, along w₂", float(curvatures[1]), 0.1, 8.0, 0.1),
    }

    def draw(at: Values) -> View:
        curves = np.array([at["curvature1"], at["curvature2"]])
        ground, notes = _bowl(*curves.tolist()), Notes()
        told = predicted_path(curves, at["lr"], at["steps"])
        name = name_of(descend, "your gradient descent")
        path = notes.attempt(name, "its path", lambda: _descend(descend, ground, at))
        says = _verdict(curves, at["lr"])
        _compare(notes, diagnose, curves, at["lr"])
        _judge(notes, name, path, told)
        svg = _svg(ground, curves, at, told, path)
        alt = f"Gradient descent on a quadratic, lr {at['lr']:.3g}, {at['steps']} updates. {says}"
        return View(svg, alt, says, tuple(notes.kept))

    return Explorer(controls, draw)


def factors(curvatures: npt.ArrayLike, lr: float) -> Array:
    """Return 1 − lr·λ for each curvature λ: what an update multiplies the error along it by.

    Takes and gives any shape. It explains the runs of lecture L2.

    Raises:
        TypeError, ValueError: NumPy's own, for text, objects or uneven rows.

    >>> factors([2.0, 4.0], 0.5)
    array([ 0., -1.])
    """
    return 1 - lr * np.asarray(curvatures, dtype=np.float64)


def diagnosis(curvatures: npt.ArrayLike, lr: float) -> str:
    """Name what the factors mean: "slow", "converges", "oscillates" or "diverges" (lecture L2).

    Raises:
        TypeError, ValueError: for curvatures that are no numbers, or none.

    >>> [diagnosis([2.0, 4.0], lr) for lr in (0.01, 0.2, 0.48, 0.51)]
    ['slow', 'converges', 'oscillates', 'diverges']
    """
    by = factors(curvatures, lr)
    if np.any(np.abs(by) > 1):
        return "diverges"
    if np.any(by < 0):
        return "oscillates"
    return "slow" if by.max() > _SLOW else "converges"


def predicted_path(curvatures: npt.ArrayLike, lr: float, steps: int) -> Array:
    """Return where the factors put each update, `(steps + 1, 2)`: start · (1 − lr·λ)^t.

    Gradient descent on lecture L2's quadratics, solved.

    Raises:
        TypeError, ValueError: for what are no numbers, or more than two curvatures.

    >>> predicted_path([1.0, 2.0], 0.5, 1)[1]
    array([-0.75,  0.  ])
    """
    t = np.arange(steps + 1)[:, None]
    return np.asarray(np.array(START) * factors(curvatures, lr) ** t)


@lru_cache(maxsize=16)
def _bowl(curvature1: float, curvature2: float) -> Landscape:
    matrix = np.diag([curvature1, curvature2])
    window = ((-2.0, 2.0), (-2.0, 2.0))
    name = f"½ ({curvature1:g} w₁² + {curvature2:g} w₂²)"
    return landscapes.quadratic(name, matrix, window=window, start=START)


def _descend(descend: Descent | None, ground: Landscape, at: Values) -> Array:
    start, lr, steps = np.array(START), at["lr"], at["steps"]
    if descend is None:
        return predicted_path([at["curvature1"], at["curvature2"]], lr, steps)
    if _follows_gradients(descend):
        path = descend(ground.gradient, start.copy(), lr, steps)
    else:
        path = stepping.trajectory(descend, ground.gradient, start, steps, lr=lr)["theta"]
    return np.asarray(array_of(path, (steps + 1, 2), "the path"))


def _follows_gradients(descend: Descent) -> bool:
    """Whether it is a whole descent, which is given the gradient as a function."""
    names = list(inspect.signature(descend).parameters)
    return "grad_fn" in names or "steps" in names


def _verdict(curvatures: Array, lr: float) -> str:
    named = zip("₁₂", curvatures, factors(curvatures, lr), strict=True)
    parts = [f"Factor of w{k}: 1 − {lr:.3g}·{c:.3g} = {_told(f)}." for k, c, f in named]
    steepest = curvatures.max()
    word = diagnosis(curvatures, lr)
    found = {"slow": "It is slow", "diverges": "It diverges"}.get(word, f"It {word}")
    limit = f"2/{steepest:.3g} = {figure(2 / steepest)}"
    end = f"so it does above lr = {limit}." if word == "diverges" else (
        f"above lr = {limit} it diverges."
    )  # fmt: skip
    return " ".join([*parts, f"{found}; {end}"])


def _told(factor: float) -> str:
    # A logarithmic slider gives 0.5 with an error in the last digit.
    return figure(round(float(factor), 12) + 0.0)


def _compare(notes: Notes, diagnose: Descent | None, curvatures: Array, lr: float) -> None:
    if diagnose is None:
        return
    name = name_of(diagnose, "your diagnosis")
    word = notes.attempt(name, "its word", lambda: diagnose(np.diag(curvatures), lr))
    if word is not None:
        right = diagnosis(curvatures, lr)
        agrees = "the same" if word == right else f"here it is {right!r}"
        notes.add(f"{name} says {word!r}: {agrees}.")


def _judge(notes: Notes, name: str, path: Array | None, told: Array) -> None:
    if path is None:
        return
    apart = np.abs(path - told).max(axis=1) > 1e-6 * (1 + np.abs(told).max(axis=1))
    if apart.any():
        first = int(np.argmax(apart))
        notes.add(f"{name} leaves the rings at update {first}: its step is not −lr times gradient.")


def _svg(ground: Landscape, curvatures: Array, at: Values, told: Array, path: Any) -> str:
    field = terrain(ground, Box(66, 36, 380, 320))
    if path is not None:
        track(field, path, _OWN["path"])
    field.dots(*told.T, colour=COLOURS[1], hollow=True, size=5, apart=5)
    losses = {} if path is None else {"path": ground.value(path)}
    rings = ground.value(told)
    place = Box(524, 206, 300, 150)
    curve = losses_panel(losses, _OWN, place, updates=at["steps"], rings=rings)
    strip = _strip(factors(curvatures, at["lr"]))
    words = "○ where the factors put each update"
    key = write(524, 150, words, "start", size=12, colour=ink(COLOURS[1]))
    return sheet(890, 404, field, strip, key, curve)


def _strip(by: Array) -> Panel:
    """Draw the number line of factors, with what happens where."""
    panel = Panel(Box(524, 36, 350, 66), Scale(-1.75, 1.75), NO_SCALE)
    bands = ((-9, -1, "#f6d5c3"), (-1, 0, "#fbeecb"), (0, _SLOW, "#cfe9dd"), (_SLOW, 1, "#dde3ea"))
    for low, high, colour in (*bands, (1, 9, "#f6d5c3")):
        panel.band(low, high, colour)
    words = ((-1.375, "diverges"), (-0.5, "oscillates"), (0.45, "converges"), (1.375, "diverges"))
    for place, word in words:
        panel.note(place, 0.08, word, size=11, colour=QUIET)
    for index, factor in enumerate(by):
        shown = float(np.clip(factor, -1.7, 1.7))
        colour, high = COLOURS[2 + index], 0.72 - 0.34 * index
        panel.dots([shown], [high], colour=colour, marker="oD"[index], size=6)
        side = "start" if shown < 1.1 else "end"
        gap = 11 if side == "start" else -11
        name = f"w{'₁₂'[index]}: {_told(factor)}"
        panel.note(
            shown, high, name, side, shift=(gap, 4), size=12, weight="bold", colour=ink(colour)
        )
    panel.line([0, 0], [0, 1], colour=INK, width=1)
    panel.frame("factor 1 − lr·λ at every update", grid=False)
    return panel
