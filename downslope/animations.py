"""Optimizers racing over a landscape, in a player that needs nothing but the page it stands in.

The HTML holds a still picture of the whole race, which is all that shows where scripts do not run,
and a script that turns it into a player with buttons and a slider.
"""

from __future__ import annotations

import html
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from downslope import display, plots
from downslope.arguments import require_kind, require_number
from downslope.landscapes import Landscape
from downslope.looks import COLOURS, INK, PAPER, Style, styles
from downslope.palettes import palette_png
from downslope.runners import Course, Runner, Runs, follow

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = npt.NDArray[np.float64]

WIDTH, HEIGHT = 640, 420  # of the stage, in CSS pixels
AXES = (0.105, 0.115, 0.885, 0.87)  # where the window lies on it: left, bottom, width, height

KEPT = (*COLOURS, INK, PAPER)  # colours that a smaller picture must not change


@dataclass(frozen=True)
class Race:
    """A race that has been run; Jupyter shows it as a player. Source: lectures L1, L4.

    A plain record, made by `race`: it checks nothing.

    Attributes:
        landscape: Where it was run.
        course: Updates, learning rates and settings.
        runs: Paths, losses, and notes on runners that failed.
        title: Heading of the picture.

    >>> from downslope import landscapes
    >>> straight = race(landscapes.bowl, {"straight": [[-2, 1], [0, 0]]})
    >>> straight.alt
    'Race on the bowl. Paths over 1 updates on the bowl: straight ends at (0, 0) with loss 0.'
    """

    landscape: Landscape
    course: Course
    runs: Runs
    title: str

    @property
    def alt(self) -> str:
        """What the picture shows, in words."""
        told = standings(self.runs)
        updates = max((len(path) - 1 for path in self.runs.paths.values()), default=0)
        return f"{self.title}. Paths over {updates} updates on {self.landscape.in_words}: {told}."

    def html(self) -> str:
        """Build the player: one piece of HTML that asks no other host for anything."""
        still = display.figure_html(_still(self), self.alt)
        data = html.escape(json.dumps(_data(self), separators=(",", ":"), ensure_ascii=False))
        script = f"<script>{_asset('player.js')}</script>" if self.runs.paths else ""
        return (
            f'<div class="downslope-race" data-race="{data}">{still}{notes_html(self.runs)}</div>'
            f"<style>{_asset('player.css')}</style>{script}"
        )

    def __str__(self) -> str:
        """Tell the race in words."""
        return "\n".join([self.alt, *self.runs.notes.values()])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        told = {"text/plain": str(self)}
        return {"text/html": self.html(), **told} if display.drawn() else told


def race(
    landscape: Landscape,
    runners: Mapping[str, Runner],
    *,
    steps: int = 120,
    lr: float | Mapping[str, float] = 0.1,
    start: npt.ArrayLike | None = None,
    noise: float = 0.0,
    seed: int | None = None,
    title: str | None = None,
    **settings: float,
) -> Race:
    """Race update rules down a landscape, after the animations in lectures L1, L4.

    Args:
        landscape: Where they run.
        runners: By label: a step function such as `adam_step`, an `Optimizer`, or a path `(T, 2)`.
        steps: Number of updates.
        lr: Learning rate of all, or one for each label.
        start: First point; the landscape's own by default.
        noise: Standard deviation of noise on each gradient coordinate; `seed` repeats it.
        seed: Seed of the noise, the same noise for every runner.
        title: Heading; by default the landscape's name.
        settings: rho, beta1, beta2, eps, weight_decay for step functions that take them.

    A runner that is not written yet, fails or diverges is named under the picture; the others run.

    Raises:
        TypeError: for no landscape, runners without labels, a number of another type, or a
            setting that no step function has.
        ValueError: for `steps` below 1, `noise` or `seed` below 0, a start that is not `(2,)`, an
            lr that is not finite or has no entry for a label.

    >>> from downslope import landscapes, optimizers
    >>> print(race(landscapes.bowl, {"SGD": optimizers.sgd()}, steps=20, lr=0.25))
    Race on the bowl. Paths over 20 updates on the bowl: SGD ends at (0, 0) with loss 5.24e-12.
    """
    require_kind("landscape", landscape, Landscape, "be a downslope.landscapes.Landscape")
    course = Course(steps=steps, lr=lr, settings=settings, start=start, noise=noise, seed=seed)
    heading = f"Race on {landscape.in_words}" if title is None else title
    return Race(landscape, course, follow(landscape, runners, course), heading)


def notes_html(runs: Runs) -> str:
    """List what became of runners that failed, each by name, as HTML; empty when none did.

    Source: this course.

    Raises:
        TypeError: for what is no `Runs`.

    >>> notes_html(Runs()), notes_html(Runs(notes={"Adam": "Adam is not written yet."}))
    ('', '<ul class="downslope-notes"><li>Adam is not written yet.</li></ul>')
    """
    require_kind("runs", runs, Runs, "be what follow returns")
    if not runs.notes:
        return ""
    items = "".join(f"<li>{html.escape(note)}</li>" for note in runs.notes.values())
    return f'<ul class="downslope-notes">{items}</ul>'


def standings(runs: Runs) -> str:
    """Tell where every runner ended. Source: this course.

    Raises:
        TypeError: for what is no `Runs`.

    >>> standings(Runs())
    'no runner has a path yet'
    """
    require_kind("runs", runs, Runs, "be what follow returns")
    told = "; ".join(_standing(label, path, runs) for label, path in runs.paths.items())
    return told or "no runner has a path yet"


def _standing(label: str, path: Array, runs: Runs) -> str:
    if label in runs.diverged:
        return f"{label} diverges"
    x, y = np.round(path[-1], 2) + 0.0  # adding zero turns -0 into 0
    return f"{label} ends at ({x:.3g}, {y:.3g}) with loss {runs.losses[label][-1]:.3g}"


def bare_figure(width: float, height: float, **options: Any) -> Figure:
    """Make a figure that pyplot does not know of, so that nothing displays it a second time.

    Width and height are in inches, `options` those of matplotlib's `Figure`. Source: matplotlib.

    Raises:
        TypeError, ValueError: for a size that is no positive number.

    >>> bare_figure(3, 2).get_size_inches()
    array([3., 2.])
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = require_number("width", width, above=0), require_number("height", height, above=0)
    figure = Figure(figsize=size, facecolor=PAPER, **options)
    FigureCanvasAgg(figure)
    return figure


def _still(race: Race) -> bytes:
    figure = bare_figure(7.8, 4.2, layout="constrained")
    ax = plots.contours(race.landscape, figure.add_subplot())
    plots.paths(ax, race.runs.paths, looks=styles(race.runs.labels))
    ax.set_title(race.title, fontsize=12, color=INK)
    return _small(display.png(figure))


def _background(race: Race) -> bytes:
    inch = display.CSS_PIXELS_PER_INCH
    figure = bare_figure(WIDTH / inch, HEIGHT / inch)
    ax = plots.contours(race.landscape, figure.add_axes(AXES))
    plots.starts(ax, race.runs.paths.values())
    ax.set_title("")
    return _small(display.png(figure, tight=False))


def _small(picture: bytes) -> bytes:
    from matplotlib import image

    read = image.imread(io.BytesIO(picture), format="png")[..., :3]
    return palette_png(np.round(255 * read).astype(np.uint8), keep=KEPT)


def _data(race: Race) -> dict[str, Any]:
    """Collect what the script needs, in pixels of the stage."""
    looks = styles(race.runs.labels)
    runs = [_run_data(race, label, looks[label]) for label in race.runs.paths]
    return {
        "title": race.title,
        "width": WIDTH,
        "height": HEIGHT,
        "box": _box(),
        "steps": max((len(run["x"]) - 1 for run in runs), default=0),
        "rates": any(run["lr"] for run in runs),
        "runs": runs,
        "background": display.data_uri(_background(race)),
    }


def _run_data(race: Race, label: str, style: Style) -> dict[str, Any]:
    x, y = _pixels(race.runs.paths[label], race.landscape).T
    return {
        "label": label,
        "colour": style.colour,
        "dashes": [2 * dash for dash in style.dashes],  # as matplotlib, which counts in line widths
        "marker": style.marker,
        "lr": f"{race.runs.rates[label]:g}" if label in race.runs.rates else "",
        "x": x.tolist(),
        "y": y.tolist(),
        "loss": [float(f"{loss:.4g}") for loss in race.runs.losses[label]],
        "diverged": label in race.runs.diverged,
    }


def _box() -> list[float]:
    """Place the window on the stage: left, top, width, height in pixels."""
    left, bottom, width, height = AXES
    top = 1 - bottom - height
    box = left * WIDTH, top * HEIGHT, width * WIDTH, height * HEIGHT
    return [round(edge, 1) for edge in box]


def _pixels(path: Array, landscape: Landscape) -> Array:
    low, high = np.array(landscape.window, dtype=np.float64).T
    share = (plots.drawable(path, landscape.window) - low) / (high - low)
    left, top, width, height = _box()
    x, y = left + width * share[:, 0], top + height * (1 - share[:, 1])
    return np.round(np.stack([x, y], axis=-1), 1)


@cache
def _asset(name: str) -> str:
    return resources.files("downslope").joinpath(name).read_text(encoding="utf-8")
