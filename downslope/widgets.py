"""Sliders that drive update rules, with the picture redrawn at every move.

Each explorer is fed with the learner's own functions. Where widgets are not rendered, as on a
static page, its still picture stands instead.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope import animations, display, optimizers, plots, stepping
from downslope.landscapes import Landscape
from downslope.looks import INK, styles
from downslope.runners import Course, Runner, Runs, follow

# Rates of forgetting matter near 1, so their slider moves through these, not evenly.
DECAYS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99, 0.995, 0.999)
_SPAN = 1e6  # losses that grow by more than this would flatten every other curve


@dataclass
class Explorer:
    """Sliders over a race; display it as the last line of a cell.

    Attributes:
        landscape: Where the runners run.
        runners: Step functions, optimizers or paths, by label.
        course: The settings that the sliders stand at.
        rates: Lowest and highest learning rate.
        most: Highest number of updates.
        title: Heading of the picture.
    """

    landscape: Landscape
    runners: Mapping[str, Runner]
    course: Course
    rates: tuple[float, float]
    most: int
    title: str

    def picture(self) -> str:
        """Run everything at the present settings; HTML of the picture and of what went wrong."""
        runs = follow(self.landscape, self.runners, self.course)
        image = display.png(_figure(self, runs), tight=False)
        return display.figure_html(image, _alt(self, runs)) + animations.notes_html(runs)

    def set(self, **settings: float) -> None:
        """Take new settings: `lr`, `steps`, or any setting that the step functions take."""
        fixed = {name: settings.pop(name) for name in ("lr", "steps") if name in settings}
        merged = {**self.course.settings, **settings}
        self.course = replace(self.course, settings=merged, **fixed)  # type: ignore[arg-type]

    @cached_property
    def widget(self) -> Any:
        """The ipywidgets box: sliders above, picture below, a button that sets all back."""
        import ipywidgets

        controls = self._controls()
        first = {name: control.value for name, control in controls.items()}
        shown = ipywidgets.HTML(self.picture())
        again = ipywidgets.Button(description="Reset", tooltip="Set every slider back")

        def redraw(change: Any) -> None:
            del change
            self.set(**{name: control.value for name, control in controls.items()})
            shown.value = self.picture()

        for control in controls.values():
            control.observe(redraw, "value")
        again.on_click(_setter(controls, first))
        flow = ipywidgets.Layout(
            display="flex", flex_flow="row wrap", grid_gap="0 12px", align_items="center"
        )
        return ipywidgets.VBox([ipywidgets.Box([*controls.values(), again], layout=flow), shown])

    def _controls(self) -> dict[str, Any]:
        low, high = np.log10(self.rates)
        controls = {
            "lr": _log_slider("lr", self.course.rate(""), low, high),
            "steps": _count_slider("updates", self.course.steps, self.most),
        }
        taken = _settings_taken(self.runners.values())
        for name in (name for name in stepping.SETTINGS if name in taken and name != "lr"):
            value = self.course.settings.get(name, stepping.SETTINGS[name])
            if name == "eps":
                controls[name] = _log_slider(name, value, -10, 1)
            else:
                controls[name] = _decay_slider(name, value)
        return controls

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        live = self.widget._repr_mimebundle_(**options) or {}
        bundle = live[0] if isinstance(live, tuple) else live
        runs = follow(self.landscape, self.runners, self.course)
        words = "\n".join([_alt(self, runs), *runs.notes.values()])
        return {**bundle, "text/html": self.widget.children[1].value, "text/plain": words}


def explore_steps(
    landscape: Landscape,
    runners: Mapping[str, Runner],
    *,
    lr: tuple[float, float] = (1e-3, 1.0),
    steps: int = 60,
    start: npt.ArrayLike | None = None,
    noise: float = 0.0,
    seed: int | None = None,
    title: str | None = None,
    **settings: float,
) -> Explorer:
    """Explore update rules with sliders for the learning rate and all that the rules take.

    Args:
        landscape: Where they run.
        runners: By label: step functions (which follow every slider), optimizers of this package
            (which follow lr and the number of updates) or paths.
        lr: Lowest and highest learning rate; the slider starts at their geometric mean.
        steps: Number of updates at first; the slider goes to 200, or twice as far.
        start: First point; the landscape's own by default.
        noise: Standard deviation of noise on each gradient coordinate.
        seed: Seed of the noise.
        title: Heading of the picture.
        settings: Where sliders for rho, beta1, beta2, eps, weight_decay stand at first.

    A rule that is not written yet, fails or diverges is named under the picture.

    >>> from downslope import landscapes
    >>> def sgd_step(theta, grad, lr):
    ...     return theta - lr * grad
    >>> explorer = explore_steps(landscapes.valley, {"SGD": sgd_step}, lr=(0.01, 1.0))
    >>> explorer.course.lr, "SGD ends at" in explorer.picture()
    (0.1, True)
    """
    low, high = lr
    if not 0 < low < high:
        raise ValueError(f"lr must be (low, high) with 0 < low < high; got {lr}")
    middle = float(f"{np.sqrt(low * high):.3g}")
    course = Course(steps=steps, lr=middle, settings=settings, start=start, noise=noise, seed=seed)
    heading = title or f"Steps on the {landscape.name}"
    return Explorer(landscape, runners, course, (low, high), max(200, 2 * steps), heading)


def _settings_taken(runners: Any) -> set[str]:
    taken: set[str] = set()
    for runner in runners:
        if callable(runner) and not isinstance(runner, optimizers.Optimizer):
            with suppress(TypeError, ValueError):  # no signature to read: `follow` will say why
                taken |= set(inspect.signature(runner).parameters)
    return taken & set(stepping.SETTINGS)


def _setter(controls: Mapping[str, Any], values: Mapping[str, Any]) -> Callable[[Any], None]:
    def put_back(button: Any) -> None:
        del button
        for name, control in controls.items():
            control.value = values[name]

    return put_back


def _slider_look() -> dict[str, Any]:
    import ipywidgets

    return {
        "style": {"description_width": "88px"},
        "layout": ipywidgets.Layout(width="340px"),
        "continuous_update": True,
    }


def _log_slider(name: str, value: float, low: float, high: float) -> Any:
    import ipywidgets

    limits = {"min": float(low), "max": float(high), "step": 0.02, "readout_format": ".2g"}
    return ipywidgets.FloatLogSlider(value, description=name, **limits, **_slider_look())


def _count_slider(name: str, value: int, most: int) -> Any:
    import ipywidgets

    return ipywidgets.IntSlider(value, min=1, max=most, description=name, **_slider_look())


def _decay_slider(name: str, value: float) -> Any:
    import ipywidgets

    options = sorted({*DECAYS, float(value)})
    labels = [(f"{option:g}", option) for option in options]
    return ipywidgets.SelectionSlider(
        options=labels, value=float(value), description=name, **_slider_look()
    )


def _alt(explorer: Explorer, runs: Runs) -> str:
    course = explorer.course
    settings = {"lr": course.rate(""), **course.settings}
    told = ", ".join(f"{name} {value:.3g}" for name, value in settings.items())
    ends = animations.standings(runs)
    return f"{explorer.title}, {course.steps} updates, {told}. Paths and losses: {ends}."


def _figure(explorer: Explorer, runs: Runs) -> Any:
    figure = animations.bare_figure(9.4, 3.9)
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.06, bottom=0.13, top=0.92, wspace=0.19)
    looks = styles(runs.labels)
    plots.paths(plots.contours(explorer.landscape, left), runs.paths, looks=looks)
    left.get_legend().remove()  # the labels stand at the ends of the loss curves
    left.set_title(explorer.title, fontsize=11, color=INK)
    losses = {label: _readable(loss) for label, loss in runs.losses.items()}
    positive = all(np.all(loss[np.isfinite(loss)] > 0) for loss in losses.values())
    labels: dict[str, Any] = {"xlabel": "update", "ylabel": "", "looks": looks}
    plots.curves(losses, **labels, logy=positive, ax=right)
    right.set_title("loss", fontsize=11, color=INK)
    _make_room(figure, right)
    return figure


def _make_room(figure: Any, ax: Any) -> None:
    """Keep as much margin on the right as the longest label at the end of a curve takes."""
    widest = max((text.get_window_extent().width for text in ax.texts), default=0.0)
    figure.subplots_adjust(right=max(0.6, 0.98 - widest / figure.bbox.width))


def _readable(loss: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Leave out losses that have run away, which would flatten every other curve."""
    return np.where(np.abs(loss) <= _SPAN * (1 + abs(loss[0])), loss, np.nan)
