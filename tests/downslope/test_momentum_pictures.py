"""The map of momentum and the explorer of its forms."""

from typing import Any

import numpy as np
import pytest

from downslope import plots, widgets
from downslope.plots.momentum import worst_radius
from downslope.stepping import trajectory

Array = np.ndarray


def momentum_matrix(curvature: float, lr: float, rho: float) -> Array:
    return np.array([[rho, curvature], [-lr * rho, 1 - lr * curvature]])


def momentum_step(theta: Array, grad: Array, m: Array, lr: float, rho: float) -> Any:
    m = rho * m + grad
    return theta - lr * m, m


def velocity_step(theta: Array, grad: Array, v: Array, lr: float, rho: float) -> Any:
    v = rho * v - lr * grad
    return theta + v, v


def unwritten_step(theta: Array, grad: Array, m: Array, lr: float, rho: float) -> Any:
    raise NotImplementedError


def test_radius_is_the_factor_by_which_a_run_shrinks():
    path = trajectory(momentum_step, lambda x: 0.2 * x, np.ones(1), 400, lr=0.1, rho=0.5)["theta"]
    shrinks = float(path[400, 0] / path[399, 0])
    assert worst_radius(momentum_matrix, 0.2, 4.0, 0.1, 0.5) == pytest.approx(shrinks, rel=1e-9)


def test_no_setting_of_a_grid_beats_the_closed_form():
    root = (4.0**0.5 - 0.2**0.5) / (4.0**0.5 + 0.2**0.5)
    best = worst_radius(momentum_matrix, 0.2, 4.0, (1 - root) ** 2 / 0.2, root**2)
    grid = [
        worst_radius(momentum_matrix, 0.2, 4.0, lr, rho)
        for lr in np.linspace(0.01, 1.0, 45)
        for rho in np.linspace(0, 0.99, 45)
    ]
    assert best == pytest.approx(root, rel=1e-6)
    assert min(grid) >= best - 1e-6


def test_map_describes_itself_and_marks_the_best():
    ax = plots.momentum_map(momentum_matrix, 0.2, 4.0, best=(0.668, 0.403), points=20)
    assert "A star marks lr 0.668, rho 0.403" in plots.describe(ax)
    assert ax.get_ylabel() == "rho"


def test_map_refuses_an_empty_range():
    with pytest.raises(ValueError, match="L must be"):
        plots.momentum_map(momentum_matrix, 4.0, 0.2)
    with pytest.raises(ValueError, match=r"L must be .* above 0; got 0"):
        plots.momentum_map(momentum_matrix, 0, 0)


def test_map_and_forms_want_functions_and_labels():
    with pytest.raises(TypeError, match="matrix must be a function; got list"):
        plots.momentum_map([[1, 0], [0, 1]], 0.2, 4.0)
    with pytest.raises(TypeError, match="forms must map labels to update rules; got list"):
        widgets.explore_conventions([momentum_step])


@pytest.mark.parametrize("schedule", ["a fifth in the second half", "double in the second half"])
def test_forms_part_only_when_the_rate_changes(schedule: str):
    explorer = widgets.explore_conventions({"one": momentum_step, "two": velocity_step})
    assert explorer.view().says == "two lies on one."
    explorer.set(schedule=schedule)
    assert "away from one" in explorer.view().says


def test_form_that_is_not_written_is_named_and_the_other_drawn():
    forms = {"one": momentum_step, "two": unwritten_step}
    view = widgets.explore_conventions(forms).view()
    assert any("two is not written yet" in note for note in view.notes)
    assert "one" in view.svg
