"""Searches for hyperparameters: where they looked, and what they found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from downslope import search
from downslope.arguments import (
    require_choice,
    require_count,
    require_generator,
    require_items,
    require_kind,
)
from downslope.looks import COLOURS, INK, PAPER
from downslope.plots.frames import Array, axes_or_new, dress, plural, shades, surface_colours, tell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Trials = Sequence[tuple[Mapping[str, float], float]]
Evaluate = Callable[[Mapping[str, float]], float]


class Tried(NamedTuple):
    """Trials as arrays `(T,)` each: two hyperparameters and the loss, infinite where it failed.

    Source: this course. A plain record: it checks nothing.

    >>> Tried(np.array([0.1, 1.0]), np.array([0.0, 0.9]), np.array([0.5, 0.2])).best
    1
    """

    x: Array
    y: Array
    loss: Array

    @property
    def best(self) -> int:
        """Number of the trial with the lowest loss."""
        return int(np.argmin(self.loss))


def search_map(
    history: Trials,
    x: str,
    y: str,
    *,
    logs: Sequence[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw trials over two hyperparameters, and what each of the two shows of them by itself.

    After Bergstra & Bengio 2012, whose picture is in lecture L0.

    The strips above and beside are projections onto one hyperparameter: the loss of each trial,
    and below it a tick for each value that was tried. A grid tries few values of each, a random
    search a new one in each trial. Darker dots have lower losses; the star is the best.

    Args:
        history: Pairs `(config, loss)`, as the searches of `downslope.search` return.
        x: Name of the hyperparameter to the right.
        y: Name of the one upward.
        logs: Which of the two are to be drawn on a log scale.
        ax: Where to draw.

    Raises:
        TypeError: for a history that is no list of pairs.
        ValueError: for no trial, a name that configs do not have, one of `logs` that is neither of
            the two, or values that are no numbers.

    >>> history = search.grid_search(search.grid(lr=[0.01, 0.1, 1], rho=[0, 0.9]),
    ...                              lambda config: (config["lr"] - 0.1) ** 2)[1]
    >>> search_map(history, "lr", "rho", logs=["lr"]).get_title()
    '6 trials, 3 values of lr, 2 values of rho'
    >>> search_map(history, "lr", "beta1")
    Traceback (most recent call last):
    ValueError: y must be one of lr, rho; got 'beta1'
    """
    tried = _tried(history, x, y)
    logs = require_items("logs", logs, "names of hyperparameters")
    for name in logs:
        require_choice("logs", name, [x, y])
    ax = dress(axes_or_new(ax, 5.6, 5.2), x, y)
    _scales(ax, x in logs, y in logs)
    _dots(ax, tried)
    _projections(ax, tried)
    counts = [plural(len(np.unique(row)), "value") for row in (tried.x, tried.y)]
    heading = f"{plural(len(history), 'trial')}, {counts[0]} of {x}, {counts[1]} of {y}"
    ax.set_title(heading, fontsize=11, color=INK, y=1.27)
    return tell(ax, f"Search map: {heading}. {_best_words(tried, x, y)}")


def _tried(history: Any, x: str, y: str) -> Tried:
    history = require_items("history", history, "trials (config, loss)")
    if not history:
        raise ValueError("history must hold at least one trial; got none")
    if not all(isinstance(trial, tuple | list) and len(trial) == 2 for trial in history):
        raise TypeError("history must hold trials (config, loss); got something else")
    names = list(history[0][0]) if isinstance(history[0][0], Mapping) else []
    require_choice("x", x, names)
    require_choice("y", y, names)
    rows = np.array([(config[x], config[y], loss) for config, loss in history], dtype=np.float64)
    loss = np.where(np.isfinite(rows[:, 2]), rows[:, 2], np.inf)
    return Tried(rows[:, 0], rows[:, 1], loss)


def _best_words(tried: Tried, x: str, y: str) -> str:
    best = tried.best
    if not np.isfinite(tried.loss[best]):
        return "No trial has a finite loss."
    place = f"{x} {tried.x[best]:.3g} and {y} {tried.y[best]:.3g}"
    return f"The lowest loss is {tried.loss[best]:.3g}, at {place}."


def _scales(ax: Axes, logx: bool, logy: bool) -> None:  # noqa: FBT001 - two axes, two answers
    ax.set_xscale("log" if logx else "linear")
    ax.set_yscale("log" if logy else "linear")


def _dots(ax: Axes, tried: Tried) -> None:
    look: dict[str, Any] = {"s": 55, "edgecolor": INK, "linewidth": 0.7, "zorder": 4}
    ax.scatter(tried.x, tried.y, color=shades(tried.loss), **look)
    if np.isfinite(tried.loss[tried.best]):
        star: dict[str, Any] = {"marker": "*", "markersize": 17, "markeredgecolor": PAPER}
        ax.plot(tried.x[tried.best], tried.y[tried.best], color=COLOURS[1], zorder=5, **star)


def _projections(ax: Axes, tried: Tried) -> None:
    colours = shades(tried.loss)
    above, beside = ax.inset_axes((0, 1.03, 1, 0.2)), ax.inset_axes((1.03, 0, 0.2, 1))
    dots: dict[str, Any] = {"s": 22, "edgecolor": INK, "linewidth": 0.5}
    finite = np.isfinite(tried.loss)
    above.sharex(ax)
    beside.sharey(ax)
    above.set_xscale(ax.get_xscale())
    beside.set_yscale(ax.get_yscale())
    above.scatter(tried.x[finite], tried.loss[finite], color=colours[finite], **dots)
    beside.scatter(tried.loss[finite], tried.y[finite], color=colours[finite], **dots)
    low, high = np.min(tried.loss[finite], initial=np.inf), np.max(tried.loss[finite], initial=0)
    room = (low - 0.35 * (high - low) - 1e-9, high + 0.1 * (high - low) + 1e-9)  # ticks stand below
    if finite.any():
        above.set_ylim(room)
        beside.set_xlim(room)
    ticks: dict[str, Any] = {"color": COLOURS[1], "linewidth": 1.4, "clip_on": False}
    above.vlines(np.unique(tried.x), 0, 0.14, transform=above.get_xaxis_transform(), **ticks)
    beside.hlines(np.unique(tried.y), 0, 0.14, transform=beside.get_yaxis_transform(), **ticks)
    for strip in (above, beside):
        _plain(strip)
    above.set_ylabel("loss", fontsize=9, color=INK)
    beside.set_xlabel("loss", fontsize=9, color=INK)


def _plain(strip: Axes) -> None:
    strip.set_facecolor("none")
    strip.tick_params(which="both", length=0, labelleft=False, labelbottom=False)
    strip.spines[["top", "right"]].set_visible(False)
    strip.spines[["left", "bottom"]].set_color(INK)


def one_matters(config: Mapping[str, float]) -> float:
    """Lose much by `important` and next to nothing by `unimportant`, both from 0 to 1.

    The landscape of the picture in lecture L0 (after Bergstra & Bengio 2012): best at 0.32, between
    the points of a grid of three.

    Raises:
        KeyError: for a config without one of the two.
        TypeError: for one that is no mapping, or values that are no numbers. Numbers outside of 0
            to 1 are not refused.

    >>> round(one_matters({"important": 0.32, "unimportant": 0.5}), 2)
    0.03
    >>> round(one_matters({"important": 0.5, "unimportant": 0.5}), 2)
    0.79
    """
    require_kind("config", config, Mapping, "map important and unimportant to numbers")
    across = (config["important"] - 0.32) / 0.15
    return float(1 - np.exp(-(across**2)) + 0.1 * (config["unimportant"] - 0.05) ** 2 + 0.01)


def grid_against_random(
    side: int = 3,
    rng: np.random.Generator | None = None,
    *,
    evaluate: Evaluate = one_matters,
    axes: Sequence[Axes] | None = None,
) -> tuple[Axes, Axes]:
    """Draw a grid of side × side trials beside as many random ones, where one parameter matters.

    The grid tries only `side` values of the parameter that matters, the random search a new one in
    every trial: "finds good values faster when only a few hyperparameters matter" (lecture L0).

    Args:
        side: Values of each parameter in the grid, at least 2.
        rng: Draws the random trials; None draws the course's.
        evaluate: Loss of a config with `important` and `unimportant`, both from 0 to 1.
        axes: Two axes to draw on.

    Raises:
        TypeError: for a `side` that is no whole number, a seed for `rng`, or an `evaluate` that is
            no function.
        ValueError: for a `side` below 2, or other than two axes. What `evaluate` raises goes on.

    >>> left, right = grid_against_random(3)
    >>> left.get_title()
    'grid: lowest loss 0.66'
    """
    side = require_count("side", side, low=2)
    rng = require_generator("rng", np.random.default_rng(1) if rng is None else rng)
    places = [(2 * k + 1) / (2 * side) for k in range(side)]
    configs = search.grid(important=places, unimportant=places)
    tidy = search.grid_search(configs, evaluate)[1]
    wild = search.random_search(_uniform_config, evaluate, side**2, rng)[1]
    left, right = _two_axes() if axes is None else _pair_of(axes)
    return _searched(left, "grid", tidy, evaluate), _searched(right, "random", wild, evaluate)


def _uniform_config(rng: np.random.Generator) -> dict[str, float]:
    return {"important": float(rng.random()), "unimportant": float(rng.random())}


def _pair_of(axes: Any) -> Sequence[Axes]:
    pair = require_items("axes", axes, "two matplotlib axes")
    if len(pair) != 2:
        raise ValueError(f"axes must be two matplotlib axes; got {len(pair)}")
    return pair


def _two_axes() -> Sequence[Axes]:
    from matplotlib import pyplot as plt

    axes: Sequence[Axes] = plt.subplots(1, 2, figsize=(9.6, 4.8), layout="constrained")[1]
    return axes


def _searched(ax: Axes, name: str, trials: Trials, evaluate: Evaluate) -> Axes:
    """Draw one half of the comparison, over the landscape and its profile along each parameter."""
    search_map(trials, "important", "unimportant", ax=ax)
    line = np.linspace(0, 1, 101)
    loss = [[evaluate({"important": x, "unimportant": y}) for x in line] for y in line[::4]]
    ax.contourf(line, line[::4], loss, levels=12, cmap=surface_colours(), zorder=0)
    above, beside = cast("list[Axes]", ax.child_axes)
    above.plot(line, np.min(loss, axis=0), color=COLOURS[2], linewidth=1.5, zorder=0)
    beside.plot(np.min(loss, axis=1), line[::4], color=COLOURS[2], linewidth=1.5, zorder=0)
    above.set_ylim(-0.25, 1.25)
    beside.set_xlim(-0.25, 1.25)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.grid(visible=False)
    best = min(loss for _, loss in trials)
    ax.set_title(f"{name}: lowest loss {best:.2g}", fontsize=12, color=INK, y=1.25)
    return ax
