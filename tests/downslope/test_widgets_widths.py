"""The width of a network: wider is never worse, and the learner's activations are used."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from downslope import widgets
from downslope.activations import ACTIVATIONS
from downslope.widgets.widths import WIDTHS, fitted, target

X = np.linspace(-1, 1, 401)


@pytest.mark.parametrize("unit", ["relu", "tanh", "sigmoid"])
def test_a_wider_network_fits_at_least_as_well(unit: str) -> None:
    errors = [float(np.mean((fitted(width, unit) - target(X)) ** 2)) for width in WIDTHS]
    assert all(after <= before * (1 + 1e-6) + 1e-12 for before, after in itertools.pairwise(errors))
    assert errors[-1] < 1e-4 < errors[0]


def test_the_learners_activations_make_the_network() -> None:
    def activations(z: Any) -> dict[str, Any]:
        return {name: each.function(z) for name, each in ACTIVATIONS.items()}

    explorer, library = widgets.explore_width(activations), widgets.explore_width()
    assert explorer.view().svg == library.view().svg
    assert explorer.view().notes == ()


def test_activations_that_are_not_written_or_wrong_are_named() -> None:
    def activations(z: Any) -> dict[str, Any]:
        raise NotImplementedError

    assert "activations is not written yet" in widgets.explore_width(activations).view().notes[0]
    wrong = widgets.explore_width(lambda z: {"relu": z[0]})
    assert "must have shape" in wrong.view().notes[0]
