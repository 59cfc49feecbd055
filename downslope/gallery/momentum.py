"""The exhibits of momentum: the map of its settings, and its forms side by side."""

from __future__ import annotations

from typing import Any

from downslope import plots, widgets
from downslope.gallery.materials import momentum_matrix, momentum_step, velocity_step


def momentum_map() -> Any:
    """How fast a quadratic is solved, over learning rate and decay."""
    low, high = 0.2**0.5, 4.0**0.5
    best = (2 / (high + low)) ** 2, ((high - low) / (high + low)) ** 2
    return plots.momentum_map(momentum_matrix, 0.2, 4.0, best=best)


def explore_conventions() -> Any:
    """Two forms of momentum part when the learning rate changes half-way."""
    forms = {"form 1": momentum_step, "form 2": velocity_step}
    explorer = widgets.explore_conventions(forms)
    explorer.set(schedule="a fifth in the second half")
    return explorer


SECTIONS = {"Momentum": (momentum_map, explore_conventions)}
