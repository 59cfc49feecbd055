"""Update rules against each other: choose the landscape and the noise, and let the race play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from downslope import animations, landscapes
from downslope.arguments import require_items, require_kind
from downslope.landscapes import Landscape
from downslope.runners import Course, Runner, Runs, follow
from downslope.widgets.controls import Choice, Control, Frames, Rate, Stops
from downslope.widgets.explorer import Explorer, Values, View
from downslope.widgets.steps import middle_rate, race_svg

GROUNDS = (
    landscapes.valley,
    landscapes.rotated_valley,
    landscapes.saddle,
    landscapes.ravine,
    landscapes.beale,
    landscapes.himmelblau,
)
_NOISES = (0.0, 0.1, 0.3, 1.0, 3.0)


def explore_race(
    runners: Mapping[str, Runner],
    *,
    grounds: Sequence[Landscape] = GROUNDS,
    lr: tuple[float, float] = (1e-3, 1.0),
    steps: int = 80,
    seed: int = 0,
    **settings: float,
) -> Explorer:
    """Race update rules over a landscape of the learner's choice, update by update.

    After the animations in lectures L1, L4.

    Args:
        runners: By label: step functions or optimizers of this package.
        grounds: Landscapes to choose from; the first one comes first.
        lr: Lowest and highest learning rate; the slider starts at their geometric mean.
        steps: Length of the race, in updates.
        seed: Seed of the noise on the gradients, the same for every runner.
        settings: rho, beta1, beta2, eps, weight_decay for step functions that take them.

    Raises:
        TypeError: for runners without labels, grounds that are no landscapes, a number of another
            type, or a setting that no step function has.
        ValueError: for no ground, an `lr` that is no range, `steps` below 1, or a seed below 0.
            What is wrong with a rule is said below the picture.

    >>> from downslope import optimizers
    >>> race = explore_race({"SGD": optimizers.sgd(), "Adam": optimizers.adam()}, steps=20)
    >>> race.set(ground="saddle")
    >>> race.view().alt[:39]
    'Race on the saddle, update 20 of 20, lr'
    """
    require_kind("runners", runners, Mapping, "map labels to update rules")
    Course(steps=steps, seed=seed, settings=settings)  # refuses now what no race could be run with
    grounds = require_items("grounds", grounds, "landscapes")
    for ground in grounds:
        require_kind("grounds", ground, Landscape, "hold downslope.landscapes.Landscape objects")
    named = {ground.name: ground for ground in grounds}
    if not named:
        raise ValueError("grounds must hold at least one landscape; got none")
    controls: dict[str, Control] = {
        "ground": Choice("landscape", next(iter(named)), tuple(named)),
        "lr": Rate("lr", middle_rate(lr), *lr),
        "noise": Stops("noise", 0.0, _NOISES),
        "update": Frames("update", steps, 0, steps, interval=120),
    }

    def draw(at: Values) -> View:
        ground = named[at["ground"]]
        course = Course(
            steps=steps, lr=at["lr"], noise=at["noise"], seed=seed, settings=dict(settings)
        )
        runs = _until(follow(ground, runners, course), at["update"])
        title = f"Race on {ground.in_words}"
        alt = (
            f"{title}, update {at['update']} of {steps}, lr {at['lr']:.3g}, noise {at['noise']:g}. "
            f"{animations.standings(runs)}."
        )
        svg = race_svg(ground, runs, steps, title)
        return View(svg, alt, notes=tuple(runs.notes.values()))

    return Explorer(controls, draw)


def _until(runs: Runs, update: int) -> Runs:
    """Cut paths and losses after an update; the whole of what went wrong stays told."""
    return replace(
        runs,
        paths={label: path[: update + 1] for label, path in runs.paths.items()},
        losses={label: loss[: update + 1] for label, loss in runs.losses.items()},
    )
