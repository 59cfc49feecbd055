"""Explorers of update rules: steps, races, the learning rate, the ball."""

from typing import Any

import numpy as np
import pytest

from downslope import landscapes, optimizers, stepping, widgets
from downslope.landscapes import Array
from downslope.widgets import Explorer
from downslope.widgets.rates import diagnosis, predicted_path


def sgd_step(theta: Array, grad: Array, lr: float) -> Array:
    return theta - lr * grad


def rmsprop_step(theta: Array, grad: Array, v: Array, lr: float, rho: float, eps: float) -> Array:
    raise NotImplementedError


def momentum_step(theta: Array, grad: Array, m: Array, lr: float, rho: float) -> Any:
    m = rho * m + grad
    return theta - lr * m, m


def gradient_descent(grad_fn: Any, theta0: Array, lr: float, steps: int) -> Array:
    return stepping.trajectory(sgd_step, grad_fn, theta0, steps, lr=lr)["theta"]


def notes(explorer: Explorer) -> str:
    return "\n".join(explorer.view().notes)


def steps(**options: Any) -> Explorer:
    runners = {"SGD": sgd_step, "RMSProp": rmsprop_step, "Adam": optimizers.adam()}
    return widgets.explore_steps(landscapes.valley, runners, lr=(0.01, 1.0), **options)


def test_there_is_a_control_for_each_setting_that_some_step_takes():
    explorer = steps()
    assert list(explorer.controls) == ["lr", "steps", "rho", "eps"]
    assert explorer.values["lr"] == 0.1


def test_steps_run_with_the_values_of_the_controls():
    explorer = steps(steps=10)
    explorer.set(steps=25, rho=0.5)
    assert "25 updates, lr 0.1, rho 0.5" in explorer.view().alt


def test_missing_and_diverging_steps_are_named_below_the_picture():
    explorer = widgets.explore_steps(
        landscapes.valley, {"SGD": sgd_step, "RMSProp": rmsprop_step}, lr=(0.01, 1e4)
    )
    assert "rmsprop_step is not written yet" in notes(explorer)
    explorer.set(lr=900.0, steps=200)
    assert "SGD diverges" in notes(explorer)


def test_every_step_missing_still_gives_a_picture():
    explorer = widgets.explore_steps(landscapes.bowl, {"RMSProp": rmsprop_step})
    assert "no runner has a path yet" in explorer.picture()


def test_step_that_is_no_step_is_reported_not_raised():
    explorer = widgets.explore_steps(landscapes.bowl, {"what": min, "SGD": sgd_step})
    assert "<li>what" in explorer.picture()


def test_setting_outside_the_usual_stops_gets_its_own():
    assert 0.123 in steps(rho=0.123).controls["rho"].stops


@pytest.mark.parametrize("lr", [(0, 1), (1, 0.1), (0.1, 0.1)])
@pytest.mark.parametrize(
    "make",
    [
        lambda lr: widgets.explore_steps(landscapes.bowl, {"SGD": sgd_step}, lr=lr),
        lambda lr: widgets.explore_race({"SGD": sgd_step}, lr=lr),
        lambda lr: widgets.explore_learning_rate(sgd_step, lr=lr),
        lambda lr: widgets.explore_momentum(momentum_step, lr=lr),
        lambda lr: widgets.explore_schedule(lr=lr),
    ],
)
def test_impossible_range_of_rates_is_refused(make: Any, lr: tuple[float, float]):
    with pytest.raises(ValueError, match="lr must be"):
        make(lr)


# -- races


def test_race_stops_at_the_update_of_the_slider():
    explorer = widgets.explore_race({"SGD": sgd_step}, steps=30)
    explorer.set(update=0)
    start = landscapes.valley.start
    assert f"SGD ends at ({start[0]:g}, {start[1]:g})" in explorer.view().alt


def test_race_moves_to_another_landscape_and_meets_noise():
    explorer = widgets.explore_race({"SGD": sgd_step, "mine": rmsprop_step})
    quiet = explorer.view().alt
    explorer.set(ground="saddle", noise=1.0)
    assert "Race on the saddle" in explorer.view().alt != quiet
    assert "rmsprop_step is not written yet" in notes(explorer)


def test_race_refuses_at_once_what_could_not_be_run():
    with pytest.raises(TypeError, match="unknown setting gamma; known are"):
        widgets.explore_race({"SGD": sgd_step}, gamma=0.5)
    with pytest.raises(ValueError, match="seed must be a whole number of at least 0; got -1"):
        widgets.explore_race({"SGD": sgd_step}, seed=-1)


def test_runners_need_labels():
    with pytest.raises(TypeError, match="runners must map labels to update rules; got list"):
        widgets.explore_race([sgd_step])
    with pytest.raises(TypeError, match="runners must map labels to update rules; got list"):
        widgets.explore_steps(landscapes.bowl, [sgd_step])


@pytest.mark.parametrize("curvatures", [(1.0,), (-1.0, 2.0), (1.0, 100.0)])
def test_curvatures_lie_on_their_sliders(curvatures: Any):
    with pytest.raises(ValueError, match=r"curvatures must .*; got"):
        widgets.explore_learning_rate(curvatures=curvatures)


def test_race_needs_somewhere_to_run():
    with pytest.raises(ValueError, match="grounds must hold at least one"):
        widgets.explore_race({"SGD": sgd_step}, grounds=())


# -- learning rate


@pytest.mark.parametrize("descend", [gradient_descent, sgd_step, None])
def test_right_descent_goes_through_the_rings(descend: Any):
    assert notes(widgets.explore_learning_rate(descend)) == ""


def test_wrong_descent_leaves_the_rings():
    explorer = widgets.explore_learning_rate(lambda theta, grad, lr: theta - 2 * lr * grad)
    assert "leaves the rings at update 1" in notes(explorer)


@pytest.mark.parametrize("lr", [0.005, 0.48, 0.8])
def test_prediction_is_what_gradient_descent_does(lr: float):
    path = stepping.trajectory(sgd_step, lambda w: np.array([2, 4]) * w, [-1.5, 1.2], 30, lr=lr)
    np.testing.assert_allclose(predicted_path([2, 4], lr, 30), path["theta"], rtol=1e-12, atol=0)


def test_lecture_rates_have_the_lecture_words():
    words = [diagnosis([2.0, 4.0], lr) for lr in (0.01, 0.48, 0.5, 0.51)]
    assert words == ["slow", "oscillates", "oscillates", "diverges"]


def test_learners_diagnosis_is_compared():
    explorer = widgets.explore_learning_rate(diagnose=lambda hessian, lr: "slow")
    explorer.set(lr=0.6)
    assert "says 'slow': here it is 'diverges'" in notes(explorer)


def test_descent_that_is_missing_or_fails_is_named():
    def gradient_descent(grad_fn: Any, theta0: Array, lr: float, steps: int) -> Array:
        raise NotImplementedError

    explorer = widgets.explore_learning_rate(gradient_descent)
    assert notes(explorer) == "gradient_descent is not written yet; its path will appear here."
    wrong_shape = widgets.explore_learning_rate(lambda grad_fn, theta0, lr, steps: theta0)
    assert "the path must have shape (21, 2); got (2,)" in notes(wrong_shape)


# -- momentum


def velocity_step(theta: Array, grad: Array, v: Array, lr: float, rho: float) -> Any:
    v = rho * v - lr * grad
    return theta + v, v


def nesterov_step(theta: Array, grad_fn: Any, v: Array, lr: float, rho: float) -> Any:
    v = rho * v - lr * grad_fn(theta + rho * v)
    return theta + v, v


def test_both_forms_of_momentum_and_the_library_roll_alike():
    views = {widgets.explore_momentum(step).view() for step in (momentum_step, velocity_step, None)}
    assert len({view.svg for view in views}) == 1


def test_nesterov_may_ask_for_the_gradient_elsewhere():
    explorer = widgets.explore_momentum(nesterov_step)
    assert notes(explorer) == ""
    assert explorer.view().svg != widgets.explore_momentum(velocity_step).view().svg


def test_ball_without_a_rule_waits():
    explorer = widgets.explore_momentum(rmsprop_step)
    assert explorer.view().says == "The ball waits for its rule."
    assert "rmsprop_step is not written yet" in notes(explorer)


def test_ball_may_fly_off():
    explorer = widgets.explore_momentum(momentum_step, lr=(1.0, 1e6), steps=80)
    explorer.set(lr=1e6, update=80)
    assert "the ball has flown off" in explorer.view().says
    assert 'd=""' in explorer.view().svg or "nan" not in explorer.view().svg


def test_first_update_has_no_memory():
    explorer = widgets.explore_momentum(momentum_step)
    explorer.set(update=0)
    assert explorer.view().says.startswith("Update 0: nothing carries over")


def test_the_last_digit_of_a_slider_is_not_told():
    explorer = widgets.explore_learning_rate()
    explorer.set(lr=np.nextafter(0.5, 0))
    assert explorer.view().says.startswith("Factor of w₁: 1 − 0.5·2 = 0. Factor of w₂")
