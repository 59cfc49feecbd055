"""Explorers: controls that drive the learner's own functions, with a picture that follows.

Display one as the last line of a cell. `explorer.set(lr=0.3)` turns a control from code,
`explorer.view()` is what it shows, `explorer.picture()` the same as HTML. Where widgets are not
rendered, as on a static page, the picture stands alone. A function that is not written yet, or
fails, is named below the picture and never keeps the rest from being drawn.
"""

from downslope.widgets.balls import explore_momentum
from downslope.widgets.batches import explore_batches
from downslope.widgets.circles import explore_circle
from downslope.widgets.conventions import explore_conventions
from downslope.widgets.designer import explore_schedule
from downslope.widgets.distortions import explore_distortions
from downslope.widgets.explorer import Explorer, View
from downslope.widgets.graphs import explore_graph
from downslope.widgets.races import explore_race
from downslope.widgets.rates import explore_learning_rate
from downslope.widgets.search_map import explore_search
from downslope.widgets.steps import explore_steps
from downslope.widgets.widths import explore_width

__all__ = [
    "Explorer",
    "View",
    "explore_batches",
    "explore_circle",
    "explore_conventions",
    "explore_distortions",
    "explore_graph",
    "explore_learning_rate",
    "explore_momentum",
    "explore_race",
    "explore_schedule",
    "explore_search",
    "explore_steps",
    "explore_width",
]
