"""Tell from a training curve what is wrong: lecture L2's learning-rate diagnostics.

L2 names slow progress (lr too small), oscillations (too large) and instability (much too large),
and overfitting where the two losses part. It also warns that it is hard to tell from a curve
whether gradient descent has converged: a diagnosis names the major problem, if there is one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from downslope.arguments import floats

Array = npt.NDArray[np.float64]

NAMES = ("good", "slow", "oscillating", "diverging", "overfitting")
SLOW = 0.05  # share of the whole fall that happens in the last quarter
ROUGH = 0.05  # up and down per step, as a share of the whole fall
APART = 0.10  # rise of the validation loss, as a share of its fall


class Diagnosis(NamedTuple):
    """What a training curve looks like: one of `NAMES`, and the numbers behind it, in words.

    The names are those of lecture L2's diagnostics, and "good". A plain record: it checks nothing.

    >>> diagnose([4.0, 3.0, 2.0, 1.0])
    Diagnosis(name='slow', reason='the loss still falls: 33% of its fall in the last quarter')
    """

    name: str
    reason: str


def diagnose(
    loss: npt.ArrayLike,
    validation: npt.ArrayLike | None = None,
    path: npt.ArrayLike | None = None,
) -> Diagnosis:
    """Name the major problem of a training run, or call it good (lecture L2).

    In this order: *diverging*, the loss is no longer finite or rises to above where it was;
    *overfitting*, the validation loss has risen from its lowest point while the training loss
    fell on; *oscillating*, it goes up and down, or the path turns back at most updates;
    *slow*, more than 5 % of the fall came in the last quarter, or there is no fall; else *good*.

    Args:
        loss: Training loss over updates or epochs, `(T,)`, T ≥ 4.
        validation: Validation loss at the same times, `(T,)`.
        path: Parameters at the same times, `(T, D)`. On a quadratic the loss falls smoothly even
            while the parameters jump from side to side: there only the path shows it.

    Raises:
        TypeError: for a loss, validation or path that holds no numbers.
        ValueError: for fewer than 4 losses, or arrays of different lengths.

    L2's four learning rates on w1² + 2 w2²:

    >>> from downslope import landscapes, optimizers
    >>> for lr in (0.01, 0.1, 0.48, 0.51):
    ...     start, gradient = landscapes.bowl.start, landscapes.bowl.gradient
    ...     path = optimizers.run(optimizers.sgd(), gradient, start, lr, 30)
    ...     print(lr, diagnose(landscapes.bowl.value(path), path=path).name)
    0.01 slow
    0.1 good
    0.48 oscillating
    0.51 diverging
    >>> diagnose([3, 2, 1, 0.5, 0.3, 0.2, 0.1, 0.1], [3, 2.2, 1.5, 1.2, 1.3, 1.5, 1.8, 2]).reason
    'the validation loss was lowest, 1.2, at 3 and has risen to 1.9 since, while the training loss
    fell on'
    """
    training = _curve("loss", loss)
    if len(training) < 4:
        raise ValueError(f"loss must have at least 4 numbers; got {len(training)}")
    held_out = None if validation is None else _curve("validation", validation, len(training))
    places = None if path is None else floats("path", path, (len(training), "D"))
    found = _diverging(training)
    found = found or (None if held_out is None else _overfitting(training, held_out))
    return found or _oscillating(training, places) or _slow(training) or _good(training)


def _curve(name: str, values: npt.ArrayLike, length: int | str = "T") -> Array:
    return np.asarray(floats(name, values, (length,)), dtype=np.float64)


def _end(losses: Array) -> float:
    """Typical loss at the end: the median of the last tenth, at least two numbers."""
    return float(np.median(losses[-max(2, len(losses) // 10) :]))


def _diverging(losses: Array) -> Diagnosis | None:
    broken = np.flatnonzero(~np.isfinite(losses))
    if broken.size:
        return Diagnosis("diverging", f"the loss is no longer finite at {broken[0]}")
    changes = np.diff(losses[len(losses) // 2 :])
    up, down = float(changes.clip(0).sum()), float(-changes.clip(None, 0).sum())
    lowest, end = float(losses.min()), _end(losses)
    if up > 3 * down and (end > losses[0] or end > lowest + 0.2 * (losses[0] - lowest)):
        return Diagnosis("diverging", f"the loss rises, from {lowest:.3g} to {losses[-1]:.3g}")
    if end > losses[0] + abs(losses[0]):
        return Diagnosis("diverging", f"the loss has grown from {losses[0]:.3g} to {end:.3g}")
    return None


def _overfitting(losses: Array, held_out: Array) -> Diagnosis | None:
    if not np.isfinite(held_out).all():
        return Diagnosis("diverging", "the validation loss is no longer finite")
    best = int(np.argmin(held_out))
    lowest, end = float(held_out[best]), _end(held_out)
    risen = end - lowest > APART * max(float(held_out[0]) - lowest, 0.1 * abs(lowest))
    if not risen or _end(losses) >= losses[best]:
        return None
    return Diagnosis(
        "overfitting",
        f"the validation loss was lowest, {lowest:.3g}, at {best} and has risen to {end:.3g} "
        "since, while the training loss fell on",
    )


def _oscillating(losses: Array, path: npt.NDArray[np.floating] | None) -> Diagnosis | None:
    changes = np.diff(losses[len(losses) // 2 :])
    net = abs(float(changes.sum()))
    roughness = (float(np.abs(changes).sum()) - net) / len(changes)
    fall = float(losses[0] - losses.min())
    if roughness > ROUGH * max(fall, 1e-12):
        return Diagnosis("oscillating", f"the loss goes up and down by about {roughness:.3g}")
    if path is None:
        return None
    moves = np.diff(path, axis=0)
    turns = np.sum(moves[1:] * moves[:-1], axis=1) < 0
    if turns.mean() <= 0.5:
        return None
    return Diagnosis("oscillating", f"the path turns back at {turns.mean():.0%} of the updates")


def _slow(losses: Array) -> Diagnosis | None:
    fall = float(losses[0] - losses[-1])
    if fall <= 0:
        return Diagnosis("slow", f"the loss has not fallen: {losses[0]:.3g} to {losses[-1]:.3g}")
    late = float(losses[3 * len(losses) // 4 - 1] - losses[-1]) / fall
    if late <= SLOW:
        return None
    return Diagnosis("slow", f"the loss still falls: {late:.0%} of its fall in the last quarter")


def _good(losses: Array) -> Diagnosis:
    return Diagnosis("good", f"the loss has fallen from {losses[0]:.3g} to {losses[-1]:.3g}")
