"""A schedule put together from a decay, a warm-up and restarts, and what it does to a training."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope import optimizers, schedules
from downslope.arguments import require_count, require_kind, require_range
from downslope.datasets import spirals
from downslope.looks import COLOURS, Style
from downslope.networks import MLP
from downslope.training import DivergenceWarning, Trainer
from downslope.widgets.charts import Box, Panel, sheet
from downslope.widgets.controls import Choice, Control, Rate, Stops
from downslope.widgets.explorer import Explorer, Notes, Values, View, array_of, name_of
from downslope.widgets.scales import Scale, figure
from downslope.widgets.terrain import losses_panel

Array = npt.NDArray[np.float64]
Plan = Callable[[Any], Any]

EPOCHS, PER_EPOCH, BATCH = 30, 20, 16
UPDATES = EPOCHS * PER_EPOCH
_DESIGNED, _FIXED = "designed", "constant"
_LOOKS = {_DESIGNED: Style(COLOURS[0], (), "o"), _FIXED: Style(COLOURS[1], (6, 2), "s")}


def explore_schedule(
    decays: Mapping[str, Callable[..., Any]] | None = None,
    *,
    with_warmup: Callable[..., Any] | None = None,
    lr: tuple[float, float] = (0.05, 5.0),
    seed: int = 0,
) -> Explorer:
    """Design a schedule and watch a small network being trained with it, beside a constant rate.

    The network has 2-16-3 units and tells three spirals apart: plain SGD, 600 updates. The decays
    are those of lectures L0, L1, L2 and L4, warm-up and restarts those of lecture L1.

    Args:
        decays: The learner's own, by label, beside those of the library: functions such as
            `cosine_decay(lr0, t, total)` whose parameters have the course's names (lr0, t or
            epoch, total, lr_end, k, drop, every, power, period, mult).
        with_warmup: The learner's `with_warmup(schedule, warmup)`, used in place of the library's.
        lr: Lowest and highest first rate; the slider starts three quarters of the way.
        seed: Seed of the data, the first weights and the order of the examples.

    Raises:
        TypeError: for decays without labels, or a seed or rate of another type.
        ValueError: for an `lr` that is no range, or a seed below 0. What is wrong with a learner's
            function is said below the picture.

    >>> def linear_decay(lr0, lr_end, t, total):
    ...     return lr0 + (lr_end - lr0) * np.minimum(t, total) / total
    >>> explorer = explore_schedule({"my linear": linear_decay})
    >>> explorer.set(decay="my linear", warmup=0)
    >>> explorer.view().says.startswith("The rate goes from 1.5 to 0.0025;")
    True
    """
    require_count("seed", seed, low=0)
    low, high = require_range("lr", lr, above=0)
    if decays is not None:
        require_kind("decays", decays, Mapping, "map names to decays")
    known = {**(decays or {}), **_LIBRARY}
    first = float(f"{np.exp(np.log(low) + (np.log(high) - np.log(low)) * 0.74):.2g}")
    controls: dict[str, Control] = {
        "decay": Choice("decay", next(iter(decays or ["cosine"])), tuple(known)),
        "lr0": Rate("lr0", first, low, high),
        "warmup": Stops("warm-up", 0, (0, 10, 20, 40, 80, 160)),
        "cycles": Stops("cycles", 1, (1, 2, 3, 5)),
        "mult": Stops("each longer by", 1, (1, 2)),
    }

    def draw(at: Values) -> View:
        notes, name = Notes(), at["decay"]
        rates = _designed(notes, known[name], at, with_warmup)
        fixed = np.full(UPDATES, at["lr0"])
        losses = {_FIXED: _training(seed, fixed.tobytes())}
        if rates is not None:
            losses[_DESIGNED] = _training(seed, rates.tobytes())
        says = _says(rates, losses)
        alt = f"Schedule: {name}, lr0 {at['lr0']:.3g}, warm-up {at['warmup']}. {says}"
        return View(_svg(rates, fixed, losses), alt, says, (*notes.kept, *_told(losses)))

    return Explorer(controls, draw)


# Each with the length of a cycle as its `total`; what else it needs is chosen so that all of them
# come to between a fiftieth and a tenth of the first rate.
_LIBRARY: dict[str, Callable[..., Any]] = {
    "constant": lambda lr0, t, **_: schedules.constant(lr0)(t),
    "step": lambda lr0, t, drop, every: schedules.step_decay(lr0, drop, every)(t),
    "exponential": lambda lr0, t, k: schedules.exponential(lr0, k)(t),
    "1/t": lambda lr0, t, k: schedules.inverse_time(lr0, 4 * k)(t),
    "linear": lambda lr0, t, total: schedules.linear(lr0, 0.0, total)(t),
    "polynomial": lambda lr0, t, total: schedules.polynomial(lr0, 0.0, total, 2.0)(t),
    "inverse square root": lambda lr0, t: schedules.inverse_sqrt(lr0)(t),
    "cosine": lambda lr0, t, total: schedules.cosine(lr0, total)(t),
}


def _designed(
    notes: Notes, decay: Callable[..., Any], at: Values, with_warmup: Callable[..., Any] | None
) -> Array | None:
    """Put the schedule together: a decay, repeated in cycles, behind a warm-up."""
    climb, wrap = at["warmup"], with_warmup or schedules.warmup

    def cycles() -> Plan:
        weights = sum(at["mult"] ** cycle for cycle in range(at["cycles"]))
        period = -(-(UPDATES - climb) // weights)
        plan = _as_plan(decay, at["lr0"], period)
        return plan if at["cycles"] == 1 else schedules.restarts(plan, period, at["mult"])

    rates: Array | None = notes.attempt(at["decay"], "its curve", lambda: _rates(cycles()))
    if rates is None or climb == 0:
        return rates
    name = name_of(wrap, "your warm-up")
    warmed = notes.attempt(name, "its climb", lambda: _rates(wrap(cycles(), climb)))
    return rates if warmed is None else np.asarray(warmed)


def _as_plan(decay: Callable[..., Any], lr0: float, period: int) -> Plan:
    """Bind a decay's parameters, known by their names, so that only t is left."""
    known = {
        "lr0": lr0,
        "total": period,
        "lr_end": 0.0,
        "drop": 0.5,
        "every": max(1, period // 5),
        "k": 4 / period,
        "power": 2.0,
        "period": max(1, period // 3),
        "mult": 2,
    }
    names = [name for name in inspect.signature(decay).parameters if name in {*known, "t", "epoch"}]
    # lr0/√t is the one decay that counts from 1.
    first = 1 if names == ["lr0", "t"] else 0

    def plan(t: Any) -> Any:
        now = np.asarray(t, dtype=np.float64) + first
        answer = decay(**{name: known.get(name, now) for name in names})
        return float(answer) if np.ndim(answer) == np.ndim(t) == 0 else answer

    return plan


def _rates(plan: Plan) -> Array:
    rates = array_of(plan(np.arange(UPDATES, dtype=np.float64)), (UPDATES,), "the rates")
    if not (np.isfinite(rates).all() and (rates >= 0).all()):
        raise ValueError("rates must be finite numbers of at least 0")
    return np.asarray(rates)


@lru_cache(maxsize=64)
def _training(seed: int, rates: bytes) -> tuple[tuple[float, ...], str]:
    """Train the small network; the loss of each epoch, and what went wrong."""
    plan, rng = np.frombuffer(rates, dtype=np.float64), np.random.default_rng(seed)
    data = spirals(BATCH * PER_EPOCH, rng, noise=0.1)
    network = MLP((2, 16, 3), rng=rng)
    trainer = Trainer(
        optimizer=optimizers.sgd(),
        lr=lambda update: float(plan[update]),
        epochs=EPOCHS,
        batch_size=BATCH,
        progress=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DivergenceWarning)  # told of below the picture
        history = trainer.fit(network, data.X, data.y, rng=rng)
    return tuple(history.train_loss), history.note


def _told(losses: Mapping[str, tuple[tuple[float, ...], str]]) -> list[str]:
    return [f"{label}: {note}" for label, (_, note) in losses.items() if note]


def _says(rates: Array | None, losses: Mapping[str, tuple[tuple[float, ...], str]]) -> str:
    ends = {label: loss[-1] for label, (loss, _) in losses.items() if loss}
    fixed = f"the constant rate's {figure(ends[_FIXED])}" if _FIXED in ends else "nothing else"
    if rates is None:
        return "The design waits for its decay."
    went = f"The rate goes from {figure(rates[0])} to {figure(rates[-1])}"
    if _DESIGNED not in ends:
        return f"{went}; the training diverges in its first epoch."
    return f"{went}; the loss ends at {figure(ends[_DESIGNED])} beside {fixed}."


def _svg(
    rates: Array | None, fixed: Array, losses: Mapping[str, tuple[tuple[float, ...], str]]
) -> str:
    top = 1.1 * max(fixed[0], 0.0 if rates is None else float(rates.max()))
    left = Panel(Box(66, 36, 340, 290), Scale(0, UPDATES), Scale(0.0, top))
    left.frame("learning rate", "update")
    t = np.arange(UPDATES)
    left.line(t, fixed, colour=COLOURS[1], dashes=(6, 2), width=1.6)
    if rates is not None:
        left.line(t, rates, colour=COLOURS[0], width=2.4)
    series = {label: np.array(loss) for label, (loss, _) in losses.items() if loss}
    right = losses_panel(
        series,
        _LOOKS,
        Box(500, 36, 300, 290),
        updates=EPOCHS - 1,
        title="training loss, three spirals",
        xlabel=f"epoch of {PER_EPOCH} updates",
    )
    return sheet(910, 380, left, right)
