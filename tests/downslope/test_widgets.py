"""What all explorers share: they follow their controls, stand still on a page, and are quick."""

import base64
import re
import time
from collections.abc import Callable
from typing import Any

import ipywidgets
import numpy as np
import pytest

from downslope import datasets, landscapes, optimizers, widgets
from downslope.widgets import Explorer

Array = np.ndarray

DIGITS = datasets.load_digits()

PARENTS = {"x": [], "y": [], "s": ["x", "y"], "f": ["s", "s"]}
PARTIALS = {"s": [1.0, 1.0], "f": [3.0, 3.0]}


def momentum_step(theta: Array, grad: Array, m: Array, lr: float, rho: float) -> Any:
    m = rho * m + grad
    return theta - lr * m, m


def velocity_step(theta: Array, grad: Array, v: Array, lr: float, rho: float) -> Any:
    v = rho * v - lr * grad
    return theta + v, v


BOTH = {"SGD": optimizers.sgd(), "Adam": optimizers.adam()}

MAKERS: dict[str, Callable[[], Explorer]] = {
    "steps": lambda: widgets.explore_steps(landscapes.valley, BOTH),
    "learning rate": widgets.explore_learning_rate,
    "circle": widgets.explore_circle,
    "width": widgets.explore_width,
    "graph": lambda: widgets.explore_graph(PARENTS, PARTIALS),
    "batches": widgets.explore_batches,
    "momentum": widgets.explore_momentum,
    "conventions": lambda: widgets.explore_conventions(
        {"form 1": momentum_step, "form 2": velocity_step}
    ),
    "race": lambda: widgets.explore_race(BOTH),
    "schedule": widgets.explore_schedule,
    "search": widgets.explore_search,
    "distortions": lambda: widgets.explore_distortions(None, DIGITS.X[:32] / 16, DIGITS.y[:32]),
}
ROOM = 14  # letters that fit beside a slider
of_each = pytest.mark.parametrize("make", MAKERS.values(), ids=list(MAKERS))


def parts(explorer: Explorer) -> tuple[dict[str, Any], Any, Any]:
    """The controls by name, the reset button, and the picture."""
    row, picture = explorer.widget.children
    valued = [each for each in row.children if hasattr(each, "description") and each.description]
    by_label = {each.description: each for each in valued}
    made = {name: by_label[control.label] for name, control in explorer.controls.items()}
    return made, by_label["Reset"], picture


def other_value(control: Any) -> Any:
    """A value that the control does not have now."""
    if hasattr(control, "options"):
        labels = control.options
        values = [each[1] if isinstance(each, tuple) else each for each in labels]
        return next(value for value in reversed(values) if value != control.value)
    if isinstance(control, ipywidgets.FloatLogSlider):
        return 10 ** (0.5 * (control.min + control.max)) * 1.1
    middle = (control.min + control.max) / 2
    moved = control.min if abs(control.value - middle) < control.step else middle
    return int(moved) if isinstance(control, ipywidgets.IntSlider) else moved


def svg_of(markup: str) -> str:
    return base64.b64decode(re.search(r"image/svg\+xml;base64,([^\"]*)", markup)[1]).decode()


@of_each
def test_every_control_redraws_the_picture(make: Callable[[], Explorer]):
    controls, _, picture = parts(make())
    for control in controls.values():
        before = picture.value
        control.value = other_value(control)
        assert picture.value != before, control.description


@of_each
def test_labels_fit_beside_their_controls(make: Callable[[], Explorer]):
    labels = [control.label for control in make().controls.values()]
    assert [label for label in labels if len(label) > ROOM] == []


@of_each
def test_reset_puts_every_control_back(make: Callable[[], Explorer]):
    explorer = make()
    controls, button, picture = parts(explorer)
    first, before = dict(explorer.values), picture.value
    for control in controls.values():
        control.value = other_value(control)
    button.click()
    assert explorer.values == first
    assert picture.value == before


@of_each
def test_set_moves_the_controls_that_are_on_show(make: Callable[[], Explorer]):
    explorer = make()
    controls, _, picture = parts(explorer)
    name, control = next(iter(controls.items()))
    wanted, before = other_value(control), picture.value
    explorer.set(**{name: wanted})
    assert control.value == wanted
    assert picture.value != before


@of_each
def test_static_page_gets_a_still_picture_and_words(make: Callable[[], Explorer]):
    bundle = make()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert '<img class="downslope-picture"' in bundle["text/html"]
    assert bundle["text/plain"].splitlines()[0] in bundle["text/html"].replace("&#x27;", "'")


@of_each
def test_picture_asks_no_other_host_for_anything(make: Callable[[], Explorer]):
    markup = make().picture()
    svg = svg_of(markup).replace("http://www.w3.org/2000/svg", "")
    assert "http" not in re.sub(r"base64,[^\"]*", "", markup + svg)


@of_each
def test_picture_has_no_number_that_svg_cannot_read(make: Callable[[], Explorer]):
    explorer = make()
    controls, _, picture = parts(explorer)
    for control in controls.values():
        control.value = other_value(control)
    drawn = re.sub(r"<text.*?</text>|base64,[^\"]*", "", svg_of(picture.value))
    assert not re.search(r"\b(nan|inf)\b|e\+", drawn)


@of_each
def test_redrawing_takes_less_than_three_tenths_of_a_second(make: Callable[[], Explorer]):
    explorer = make()
    explorer.view()  # the ground is drawn once
    started = time.process_time()
    for _ in range(3):
        explorer.view()
    assert time.process_time() - started < 3 * 0.3


@of_each
def test_everything_can_be_worked_with_the_keyboard(make: Callable[[], Explorer]):
    row = make().widget.children[0]
    usable = (
        ipywidgets.widget_float._Float,
        ipywidgets.widget_int._Int,
        ipywidgets.widget_selection._Selection,
        ipywidgets.Button,
    )
    assert all(isinstance(each, usable) and not each.disabled for each in row.children)


@of_each
def test_unknown_setting_is_refused(make: Callable[[], Explorer]):
    explorer = make()
    with pytest.raises(TypeError, match=f"unknown setting colour; known are {'.'}"):
        explorer.set(colour=1)


def test_value_outside_the_limits_is_refused_and_changes_nothing():
    explorer = widgets.explore_learning_rate()
    before = dict(explorer.values)
    with pytest.raises(ValueError, match="lr must be a number"):
        explorer.set(steps=5, lr=99.0)
    assert explorer.values == before


def test_pictures_are_described_for_those_who_cannot_see_them():
    assert 'alt="Gradient descent on a quadratic, lr' in widgets.explore_learning_rate().picture()


def test_widgets_are_imported_late(fresh_python: Callable[[str], str]):
    code = "import sys, downslope.widgets as w; w.explore_learning_rate().view()\n"
    assert fresh_python(code + "print('ipywidgets' in sys.modules)").strip() == "False"
