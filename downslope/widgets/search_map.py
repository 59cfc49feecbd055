"""Grid against random search on a map of two hyperparameters, trial by trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from downslope import search
from downslope.arguments import require_count, require_kind, require_range
from downslope.looks import COLOURS, INK
from downslope.widgets.charts import NO_SCALE, QUIET, Box, Panel, sheet, write
from downslope.widgets.controls import Control, Count, Span, Stops
from downslope.widgets.explorer import Explorer, Notes, Values, View, name_of
from downslope.widgets.scales import Scale, figure

Array = npt.NDArray[np.float64]
Space = Mapping[str, tuple[float, float]]
Evaluate = Callable[[dict[str, float]], float]
Trials = list[tuple[dict[str, float], float]]

SPACE: Space = {"lr": (1e-4, 1.0), "weight_decay": (1e-6, 1e-1)}
_SQUARES = (4, 9, 16, 25, 36, 49)
_CELLS = 48


def explore_search(
    random_search: Callable[..., Any] | None = None,
    *,
    grid: Callable[..., Any] | None = None,
    evaluate: Evaluate | None = None,
    space: Space = SPACE,
    seed: int = 0,
) -> Explorer:
    """Compare grid and random search with equally many trials on a map of two hyperparameters.

    Along the edges of each map stand the values that were tried of either one: a grid of 9 tries
    three of each, a random search nine (Bergstra & Bengio 2012; the picture in lecture L0). The
    lowest loss of the map is a star.

    Args:
        random_search: The learner's `random_search(sample, evaluate, trials, rng)`.
        grid: The learner's `grid(**values)`.
        evaluate: Loss of a config, such as `{"lr": 0.1, "weight_decay": 1e-3}`; it must be cheap,
            since the map takes 2304 of them. Without one, a made-up valley, narrow along the
            first name; then a slider says how much the second one matters.
        space: Lowest and highest value of each of two names, both searched on a log scale.
        seed: Seed of the random search.

    Raises:
        TypeError: for a space that is no mapping to pairs of numbers, or a seed of another type.
        ValueError: for other than two names, a pair that is no range, or a seed below 0. What is
            wrong with a learner's function is said below the picture.

    >>> explorer = explore_search()
    >>> explorer.set(trials=9)
    >>> print(explorer.view().says)
    With 9 trials the grid finds a loss of 0.728, random search 0.162; the map goes down to 0.0505.
    """
    _require_space(space)
    require_count("seed", seed, low=0)
    controls: dict[str, Control] = {
        "trials": Stops("trials", 9, _SQUARES),
        "draw": Count("draw", 1, 1, 30),
    }
    if evaluate is None:
        controls["matters"] = Span("2nd matters", 0.1, 0.0, 1.0, 0.05)
    randomly = search.random_search if random_search is None else random_search
    searches = _Searches(randomly, search.grid if grid is None else grid, space, seed)

    def draw(at: Values) -> View:
        notes = Notes()
        loss = evaluate or partial(_made_up, space, at["matters"])
        ground = notes.attempt(name_of(loss, "evaluate"), "the map", lambda: _map(loss, space))
        found = searches.run(notes, loss, at["trials"], at["draw"])
        says = _says(found, at["trials"], ground)
        alt = f"Two maps of the loss over {' and '.join(space)}. {says}"
        return View(_svg(space, ground, found), alt, says, tuple(notes.kept))

    return Explorer(controls, draw)


class _Searches(NamedTuple):
    """The two ways of searching, and where."""

    random_search: Callable[..., Any]
    grid: Callable[..., Any]
    space: Space
    seed: int

    def run(
        self, notes: Notes, evaluate: Evaluate, trials: int, draw: int
    ) -> dict[str, Trials | None]:
        """Try equally many configs in both ways."""
        rng = np.random.default_rng([self.seed, draw])
        own = name_of(self.random_search, "your random search"), name_of(self.grid, "your grid")
        return {
            "grid": notes.attempt(own[1], "its trials", lambda: self._on_grid(evaluate, trials)),
            "random": notes.attempt(
                own[0], "its trials", lambda: self._at_random(evaluate, trials, rng)
            ),
        }

    def _on_grid(self, evaluate: Evaluate, trials: int) -> Trials:
        side = round(trials**0.5)
        values = {name: _inner(low, high, side) for name, (low, high) in self.space.items()}
        return _checked([(each, evaluate(each)) for each in self.grid(**values)], self.space)

    def _at_random(self, evaluate: Evaluate, trials: int, rng: np.random.Generator) -> Trials:
        def sample(rng: np.random.Generator) -> dict[str, float]:
            drawn = {name: search.log_uniform(*ends, 1, rng) for name, ends in self.space.items()}
            return {name: float(value[0]) for name, value in drawn.items()}

        return _checked(self.random_search(sample, evaluate, trials, rng)[1], self.space)


def _require_space(space: Space) -> None:
    require_kind("space", space, Mapping, "map two names to ranges (low, high)")
    if len(space) != 2:
        raise ValueError(f"space must name two hyperparameters; got {len(space)}")
    for name, limits in space.items():
        require_range(name, limits, above=0)


def _checked(trials: Any, space: Space) -> Trials:
    """See to it that what a search returns can be drawn."""
    found = [
        ({name: float(config[name]) for name in space}, float(loss)) for config, loss in trials
    ]
    if not found:
        raise ValueError("there must be at least one trial; got none")
    return found


def _inner(low: float, high: float, count: int) -> list[float]:
    """Spread values over the middles of equal parts, on a log scale."""
    shares = (np.arange(count) + 0.5) / count
    return [float(value) for value in low * (high / low) ** shares]


def _made_up(space: Space, matters: float, config: Mapping[str, float]) -> float:
    """Return a loss that is lowest at 0.68 of the first axis, on a log scale, and 0.4 of the other.

    The first one acts sharply, the second as much as `matters` says.
    """
    first, second = (
        float(Scale(*ends, log=True).share(config[name])) for name, ends in space.items()
    )
    sharp = 1 - np.exp(-(((first - 0.68) / 0.13) ** 2))
    broad = (second - 0.4) ** 2
    return float(0.05 + 0.9 * sharp + 1.6 * matters * broad)


def _map(evaluate: Evaluate, space: Space) -> Array:
    """Evaluate the middles of all cells, `(cells, cells)`; the second name goes up the rows."""
    (one, ends1), (two, ends2) = space.items()
    across, up = _inner(*ends1, _CELLS), _inner(*ends2, _CELLS)
    losses = np.array([[float(evaluate({one: x, two: y})) for x in across] for y in up])
    if not np.isfinite(losses).any():
        raise ValueError("no loss on the map is finite")
    return np.where(np.isfinite(losses), losses, np.nan)


def _says(found: Mapping[str, Trials | None], trials: int, ground: Array | None) -> str:
    best = {name: _lowest(each) for name, each in found.items() if each is not None}
    if not best:
        return "No search has run yet."
    words = {"grid": "the grid finds a loss of {}", "random": "random search {}"}
    told = ", ".join(words[name].format(figure(loss)) for name, loss in best.items())
    lowest = "" if ground is None else f"; the map goes down to {figure(np.nanmin(ground))}"
    return f"With {trials} trials {told}{lowest}."


def _lowest(trials: Trials) -> float:
    losses = [loss for _, loss in trials if np.isfinite(loss)]
    return min(losses, default=np.nan)


def _svg(space: Space, ground: Array | None, found: Mapping[str, Trials | None]) -> str:
    parts: list[Panel] = []
    titles = {"grid": "grid", "random": "random"}
    for left, (name, trials) in zip((70, 520), found.items(), strict=True):
        parts += _one_map(left, titles[name], space, ground, trials)
    key = write(
        70, 386, "★ lowest loss of the map    ○ lowest loss that was tried", "start", size=12
    )
    return sheet(910, 396, *parts, key)


def _one_map(
    left: float, title: str, space: Space, ground: Array | None, trials: Trials | None
) -> list[Panel]:
    (one, ends1), (two, ends2) = space.items()
    across, up = Scale(*ends1, log=True), Scale(*ends2, log=True)
    panel = Panel(Box(left, 56, 310, 274), across, up)
    if ground is not None:
        panel.cells(_shade(ground))
        row, column = np.unravel_index(np.nanargmin(ground), ground.shape)
        spot = _inner(*ends1, _CELLS)[column], _inner(*ends2, _CELLS)[row]
        panel.dots([spot[0]], [spot[1]], colour=INK, marker="*", size=9)
    panel.frame("", one, two, grid=False)
    top = Panel(Box(left, 30, 310, 22), across, NO_SCALE)
    side = Panel(Box(left + 314, 56, 22, 274), NO_SCALE, up)
    if trials is None:
        return [panel]
    x = [config[one] for config, _ in trials]
    y = [config[two] for config, _ in trials]
    best = int(np.nanargmin([loss if np.isfinite(loss) else 1e300 for _, loss in trials]))
    panel.dots(x, y, colour=COLOURS[1], size=5)
    panel.dots(x[best : best + 1], y[best : best + 1], colour=INK, hollow=True, size=9)
    for value in x:
        top.line([value, value], [0, 0.6], colour=COLOURS[1], width=2)
    for value in y:
        side.line([0, 0.6], [value, value], colour=QUIET, width=2)
    counts = len({f"{value:.6g}" for value in x}), len({f"{value:.6g}" for value in y})
    top.title(f"{title}: {counts[0]} values of {one}, {counts[1]} of {two}")
    return [panel, top, side]


def _shade(ground: Array) -> Array:
    """Turn losses into 0 (lowest) to 1 (highest)."""
    low, high = np.nanmin(ground), np.nanmax(ground)
    return np.asarray(np.nan_to_num((ground - low) / ((high - low) or 1.0), nan=1.0))
