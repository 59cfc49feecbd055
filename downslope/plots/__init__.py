"""Pictures of the course: each function takes and returns matplotlib axes.

Colours are those of Okabe and Ito, which colour-blind readers can tell apart; every line also has
its own dash pattern and marker. Without `ax` a new figure is made. End a cell with
`show(ax, alt=plots.describe(ax))`, which displays the figure together with a description in words;
a sentence of your own says what to look at and does better still. On a dark page `show` turns the
lightness of a picture over.
"""

from downslope.plots.adaptive import effective_steps, epsilon_placement, weight_sums
from downslope.plots.classification import (
    confusion,
    count_confusions,
    image_board,
    misread,
    regions,
)
from downslope.plots.descent import double_descent
from downslope.plots.frames import describe
from downslope.plots.lines import bars, curves
from downslope.plots.momentum import momentum_map
from downslope.plots.noise import batch_tradeoff, gradient_cloud, gradient_noise
from downslope.plots.passes import batch_board, ends_by_start
from downslope.plots.rates import schedules
from downslope.plots.search import grid_against_random, one_matters, search_map
from downslope.plots.stages import best_so_far, search_stages
from downslope.plots.surfaces import loss_plane, relief
from downslope.plots.training import learning_rates, training_curves
from downslope.plots.trajectories import contours, drawable, paths, starts
from downslope.plots.units import activations
from downslope.plots.validation import folds

__all__ = [
    "activations",
    "bars",
    "batch_board",
    "batch_tradeoff",
    "best_so_far",
    "confusion",
    "contours",
    "count_confusions",
    "curves",
    "describe",
    "double_descent",
    "drawable",
    "effective_steps",
    "ends_by_start",
    "epsilon_placement",
    "folds",
    "gradient_cloud",
    "gradient_noise",
    "grid_against_random",
    "image_board",
    "learning_rates",
    "loss_plane",
    "misread",
    "momentum_map",
    "one_matters",
    "paths",
    "regions",
    "relief",
    "schedules",
    "search_map",
    "search_stages",
    "starts",
    "training_curves",
    "weight_sums",
]
