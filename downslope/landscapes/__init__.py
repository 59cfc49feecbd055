"""Loss surfaces over two weights: formula, gradient, minima, a window to draw, a place to start.

Each landscape is a value, so plots, animations and tests all speak about the same surface.
Points are arrays whose last axis holds `(w1, w2)`; everything before it is batch.

>>> float(valley.value([1, 1])), valley.gradient([1, 1])
(2.1, array([0.2, 4. ]))
"""

from downslope.landscapes.classics import (
    beale,
    bowl,
    himmelblau,
    many_minima,
    ravine,
    rosenbrock,
    rotated_valley,
    saddle,
    valley,
)
from downslope.landscapes.planes import LossPlane, filter_blocks, loss_plane
from downslope.landscapes.surfaces import Array, Landscape, Window, quadratic

__all__ = [
    "Array",
    "Landscape",
    "LossPlane",
    "Window",
    "beale",
    "bowl",
    "filter_blocks",
    "himmelblau",
    "loss_plane",
    "many_minima",
    "quadratic",
    "ravine",
    "rosenbrock",
    "rotated_valley",
    "saddle",
    "valley",
]
