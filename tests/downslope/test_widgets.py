import re
from typing import Any

import ipywidgets
import pytest

from downslope import landscapes, optimizers, widgets
from downslope.landscapes import Array


def sgd_step(theta: Array, grad: Array, lr: float) -> Array:
    return theta - lr * grad


def rmsprop_step(theta: Array, grad: Array, v: Array, lr: float, rho: float, eps: float) -> Array:
    raise NotImplementedError


def explorer(**options: Any) -> widgets.Explorer:
    runners = {"SGD": sgd_step, "RMSProp": rmsprop_step, "Adam": optimizers.adam()}
    return widgets.explore_steps(landscapes.valley, runners, lr=(0.01, 1.0), **options)


def parts(it: widgets.Explorer) -> tuple[dict[str, Any], Any, Any]:
    controls, picture = it.widget.children
    *sliders, button = controls.children
    return {slider.description: slider for slider in sliders}, button, picture


def alt(picture: Any) -> str:
    return re.search(r'alt="([^"]*)"', picture.value)[1]


def test_there_is_a_slider_for_each_setting_that_some_step_takes():
    sliders, _, _ = parts(explorer())
    assert list(sliders) == ["lr", "updates", "rho", "eps"]
    assert isinstance(sliders["lr"], ipywidgets.FloatLogSlider)
    assert (sliders["lr"].value, sliders["lr"].min, sliders["lr"].max) == (0.1, -2, 0)


def test_moving_a_slider_redraws_with_the_new_value():
    it = explorer(steps=10)
    sliders, _, picture = parts(it)
    before = picture.value
    assert "10 updates, lr 0.1" in alt(picture)
    sliders["updates"].value = 25
    sliders["rho"].value = 0.5
    assert "25 updates, lr 0.1, rho 0.5" in alt(picture)
    assert picture.value != before
    assert it.course.settings["rho"] == 0.5


def test_reset_puts_every_slider_back():
    sliders, button, picture = parts(explorer(steps=10, rho=0.8))
    before = alt(picture)
    sliders["lr"].value = 0.5
    sliders["updates"].value = 99
    button.click()
    assert (sliders["lr"].value, sliders["updates"].value) == (0.1, 10)
    assert alt(picture).startswith(before.split(", rho")[0])
    assert sliders["rho"].value == 0.8


def test_missing_and_diverging_steps_are_named_below_the_picture():
    it = explorer()
    _, _, picture = parts(it)
    assert "<li>RMSProp: rmsprop_step is not written yet" in picture.value
    it.set(lr=900.0, steps=200)
    assert "<li>SGD diverges" in it.picture()


def test_every_step_missing_still_gives_a_picture():
    it = widgets.explore_steps(landscapes.bowl, {"RMSProp": rmsprop_step})
    assert "no runner has a path yet" in it.picture()


def test_step_that_is_no_step_is_reported_not_raised():
    it = widgets.explore_steps(landscapes.bowl, {"what": min, "SGD": sgd_step})
    assert "<li>what" in it.picture()


def test_static_page_gets_a_still_picture_and_words():
    bundle = explorer()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert '<img class="downslope-picture"' in bundle["text/html"]
    assert "http" not in re.sub(r"base64,[^\"]*", "", bundle["text/html"])
    assert bundle["text/plain"].startswith("Steps on the valley, 60 updates, lr 0.1.")
    assert "rmsprop_step is not written yet" in bundle["text/plain"]


def test_losses_that_run_away_do_not_flatten_the_others():
    it = explorer()
    it.set(lr=1.0, steps=60)
    runs = widgets.follow(it.landscape, it.runners, it.course)
    loss_axes = widgets._figure(it, runs).axes[1]
    assert loss_axes.get_ylim()[1] < 1e9


@pytest.mark.parametrize("lr", [(0, 1), (1, 0.1), (0.1, 0.1)])
def test_impossible_range_of_rates_is_refused(lr: tuple[float, float]):
    with pytest.raises(ValueError, match="lr must be"):
        widgets.explore_steps(landscapes.bowl, {"SGD": sgd_step}, lr=lr)


def test_setting_outside_the_usual_stops_gets_its_own():
    sliders, _, _ = parts(explorer(rho=0.123))
    assert sliders["rho"].value == 0.123
