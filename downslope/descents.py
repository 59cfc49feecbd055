"""Properties of a run of mini-batch descent, worked out from the batches that it used.

Any order of the examples is right if it comes from the generator and is new in each epoch. Which
examples went into which update is seen by the driver; the steps that follow from them are worked
out here, from the examples themselves, and compared with the path that came back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from downslope.evidence import (
    GIVEN,
    Arrays,
    all_differ,
    batches_of,
    cut,
    measured_by,
    rules,
    told,
    whole_numbers,
)
from downslope.probes import batch_gradient

if TYPE_CHECKING:
    from downslope.drivers.outcomes import Outcome

RECIPE = f"{GIVEN}settings"  # lr, batch size, epochs
DATA = {name: f"{GIVEN}{name}" for name in ("X", "y", "theta0")}
SAME = 1e-7  # relative: points further apart are not the same point


class Update(NamedTuple):
    """What one update saw: the calls of the gradient at one point.

    Attributes:
        point: where, `(D,)`.
        rows: rows of X that went in, by number; -1 for a row that X does not have.
        targets: entries of y that went in, by number.
    """

    point: np.ndarray
    rows: np.ndarray
    targets: np.ndarray


class Run(NamedTuple):
    """What was given to a run."""

    X: np.ndarray
    y: np.ndarray
    theta0: np.ndarray
    lr: float
    size: int
    epochs: int

    @property
    def n(self) -> int:
        """Number of examples."""
        return len(self.X)

    @property
    def updates(self) -> int:
        """Updates of one epoch."""
        return -(-self.n // self.size)


def recipe_of(arguments: Mapping[str, np.ndarray | float]) -> Arrays:
    """Write what a run is given as arrays."""
    settings = [arguments[name] for name in ("lr", "batch_size", "epochs")]
    data = {key: np.array(arguments[name], dtype=np.float64) for name, key in DATA.items()}
    return {RECIPE: np.array(settings, dtype=np.float64), **data}


def properties(arrays: Mapping[str, np.ndarray], given: Mapping[str, np.ndarray]) -> Arrays:
    """Work out what holds for a run.

    Args:
        arrays: evidence of the run: "points" `(calls, D)`, "sizes" `(calls,)`, "rows" and
            "targets" of all calls one after the other, "path"; and the "rows again" of a second
            run with the same seed, the "rows otherwise" of one with another seed.
        given: what `recipe_of` writes.

    Evidence that cannot be read has no property.
    """
    recipe = {name: given[name] for name in (RECIPE, *DATA.values())}
    run = _run(recipe)
    try:
        updates, path, rows = _read(arrays, run)
    except (KeyError, ValueError):
        return {**recipe, "rows of the path": np.array(0.0)}
    first, again, other = ([batches_of(e, run.size) for e in _epochs(row, run.n)] for row in rows)
    held = {
        "each row of X comes with its own y": all(
            np.array_equal(u.rows, u.targets) for u in updates
        ),
        "each epoch uses every example exactly once": _covers(rows[0], run.n),
        "the examples are shuffled": run.updates < 2 or first[:1] != [_unshuffled(run)],
        "each epoch has batches of its own": all_differ(first),
        "a generator with the same seed gives the same batches": first == again,
        "a generator with another seed gives other batches": all_differ([*first[:1], *other[:1]]),
        "row 0 is theta0, each later row the point after an epoch": _rows_fit(path, updates, run),
    }
    counts = {"rows of the path": float(len(path)), "number of updates": float(len(updates))}
    sizes = _as_many(run, [len(update.rows) for update in updates])
    numbers = {name: np.array(count) for name, count in counts.items()}
    steps = _steps(path[-1], updates, run)
    return {**recipe, **numbers, **rules(held), "sizes of the batches": sizes, **steps}


def measured(
    outcomes: Sequence[Outcome], expected: Sequence[Outcome]
) -> tuple[Sequence[Outcome], Sequence[Outcome]]:
    """Work out the properties of outcomes anew; those of other exercises stay as they are."""
    return measured_by(properties, RECIPE, outcomes, expected), expected


def _run(recipe: Mapping[str, np.ndarray]) -> Run:
    lr, size, epochs = recipe[RECIPE].tolist()
    X, y, theta0 = (recipe[key] for key in DATA.values())
    return Run(X, y, theta0, lr, int(size), int(epochs))


def _read(
    arrays: Mapping[str, np.ndarray], run: Run
) -> tuple[list[Update], np.ndarray, list[np.ndarray]]:
    points, path = told(arrays, "points", "path")
    names = ("sizes", "targets", "rows", "rows again", "rows otherwise")
    sizes, targets, *rows = map(whole_numbers, told(arrays, *names))
    width = run.theta0.shape
    if points.shape != (len(sizes), *width) or path.ndim != 2 or path.shape[1:] != width:
        raise ValueError("evidence whose points do not fit")
    if any(np.any((row < -1) | (row >= run.n)) for row in (targets, *rows)):
        raise ValueError("evidence of examples that are not there")
    calls = map(Update, points, cut(rows[0], sizes), cut(targets, sizes))
    return _merged(list(calls)), path, rows


def _merged(calls: list[Update]) -> list[Update]:
    """Join calls at one and the same point: somebody may go through a batch one by one."""
    found: list[Update] = []
    for call in calls:
        if found and np.array_equal(found[-1].point, call.point):
            pairs = zip(found.pop()[1:], call[1:], strict=True)
            found.append(Update(call.point, *(np.concatenate(pair) for pair in pairs)))
        else:
            found.append(call)
    return found


def _epochs(rows: np.ndarray, n: int) -> list[np.ndarray]:
    return [rows[start : start + n] for start in range(0, len(rows), n)]


def _covers(rows: np.ndarray, n: int) -> bool:
    everybody = set(range(n))
    return len(rows) % n == 0 and all(set(e.tolist()) == everybody for e in _epochs(rows, n))


def _unshuffled(run: Run) -> tuple[tuple[int, ...], ...]:
    return batches_of(np.arange(run.n), run.size)


def _rows_fit(path: np.ndarray, updates: list[Update], run: Run) -> bool:
    """Compare the path's rows with the points of the epochs' first updates; not the last row."""
    points = [update.point for update in updates[:: run.updates]][: len(path) - 1]
    wanted = [run.theta0, *points[1:]] if points else [run.theta0]
    if not np.isfinite(path).all():
        return False
    scale = max(1e-12, float(np.max(np.abs(path))))
    return all(
        np.max(np.abs(row - point)) <= SAME * scale
        for row, point in zip(path, wanted, strict=False)
    )


def _as_many(run: Run, numbers: Sequence[float] | np.ndarray) -> np.ndarray:
    """Show as many numbers as a right run has updates; 0 where there was none."""
    count = run.updates * run.epochs
    shown = np.zeros(count)
    shown[: len(numbers)] = numbers[:count]
    return shown


def _steps(last: np.ndarray, updates: list[Update], run: Run) -> Arrays:
    """Return each step as a multiple of lr times the gradient of its batch.

    Zeros throughout when a step is no such multiple.
    """
    points = np.array([update.point for update in updates] + [last])
    factors = np.zeros(len(updates))
    along = True
    for k, update in enumerate(updates):
        examples = run.X[update.rows], run.y[update.targets]
        down = -run.lr * batch_gradient(update.point, *examples)
        step = points[k + 1] - points[k]
        with np.errstate(all="ignore"):
            factors[k] = step @ down / (down @ down)
            along &= bool(np.linalg.norm(step - factors[k] * down) <= SAME * np.linalg.norm(step))
    name = "each step goes along the gradient of its batch at the newest point"
    return {**rules({name: along}), "step / (-lr * gradient)": _as_many(run, factors * along)}
