"""The loss of a network over a plane through its parameters, from above and in relief."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from downslope.arguments import require_count, require_kind
from downslope.landscapes import Landscape, LossPlane
from downslope.looks import COLOURS, INK, PAPER
from downslope.plots.frames import dress, legend, require_axes, surface_colours, tell, title
from downslope.plots.trajectories import contours, levels

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def loss_plane(plane: LossPlane, *, points: int = 31, ax: Axes | None = None) -> Axes:
    """Draw the loss along two directions through a network's parameters, with heights.

    After Li et al. 2018, whose pictures lecture L1 shows.

    The diamond is the network itself. Draw a training over it with `paths` and `plane.shadow`.

    Args:
        plane: From `landscapes.loss_plane`.
        points: Samples along each axis; each costs one loss.
        ax: Where to draw.

    Raises:
        TypeError: for no LossPlane, or `points` that is no whole number.
        ValueError: for `points` below 2. What the loss raises goes on.

    >>> from downslope.landscapes import loss_plane as cut
    >>> plane = cut(lambda theta: float(theta @ theta), np.ones(6), np.random.default_rng(0))
    >>> ax = loss_plane(plane, points=9)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['the network']
    >>> loss_plane("plane")
    Traceback (most recent call last):
    TypeError: plane must be a downslope.landscapes.LossPlane; got str
    """
    require_kind("plane", plane, LossPlane, "be a downslope.landscapes.LossPlane")
    ax = contours(plane, ax, points=points)
    dress(ax, "direction 1", "direction 2", grid=False)
    lines = ax.collections[-1]
    label: dict[str, Any] = {"fontsize": 8, "colors": INK, "fmt": "%.3g"}
    ax.clabel(lines, lines.levels[2::3], **label)  # type: ignore[attr-defined,arg-type]
    diamond: dict[str, Any] = {"marker": "D", "markersize": 9, "markeredgecolor": PAPER}
    ax.plot(0, 0, color=COLOURS[1], linestyle="none", label="the network", zorder=8, **diamond)
    legend(ax)
    return tell(ax, f"The network in the middle has loss {float(plane.value([0, 0])):.3g}.")


def relief(landscape: Landscape, *, points: int = 41, ax: Axes | None = None) -> Axes:
    """Draw a landscape as a surface in three dimensions, with its contours on the ground.

    Heights stand on the scale of the contours, which stretches the bottom, so the height of the
    picture is not the loss itself; the ticks are. `ax`, if given, must be three-dimensional, and
    `points` are samples along each axis. After figure 1 of Li et al. 2018, in lecture L1.

    Raises:
        TypeError: for no landscape, flat axes, or `points` that is no whole number.
        ValueError: for `points` below 2.

    >>> from downslope.landscapes import bowl
    >>> relief(bowl, points=9).name
    '3d'
    """
    require_kind("landscape", landscape, Landscape, "be a downslope.landscapes.Landscape")
    w1, w2, loss = landscape.grid(require_count("points", points, low=2))
    ax = _new_relief() if ax is None else ax
    require_axes(ax)
    if ax.name != "3d":
        raise TypeError(f'ax must be made with projection="3d"; got {ax.name} axes')
    heights = levels(loss)
    scaled = np.interp(loss, heights, np.linspace(0, 1, len(heights)))
    look: dict[str, Any] = {"cmap": surface_colours(), "edgecolor": "#5d7385", "linewidth": 0.35}
    three: Any = ax  # matplotlib's types do not know of three-dimensional axes
    three.plot_surface(w1, w2, scaled, rcount=points, ccount=points, **look)
    shares = np.linspace(0, 1, len(heights))
    three.contour(
        w1, w2, scaled, levels=shares[1:-1], offset=-0.45, colors="#6f8799", linewidths=0.6
    )
    three.set_zlim(-0.45, 1)
    three.set_zticks(shares[::5], labels=[f"{height:.2g}" for height in heights[::5]])
    _dress_relief(three)
    title(ax, landscape.name)
    low, high = float(loss.min()), float(loss.max())
    return tell(ax, f"The {landscape.name} as a surface, loss {low:.3g} to {high:.3g}.")


def _new_relief() -> Axes:
    from matplotlib import pyplot as plt

    figure = plt.figure(figsize=(6.4, 5.0), facecolor=PAPER)
    ax: Axes = figure.add_subplot(projection="3d")
    return ax


def _dress_relief(three: Any) -> None:
    three.figure.set_facecolor(PAPER)
    three.set_facecolor(PAPER)
    three.set_xlabel("$w_1$", color=INK)
    three.set_ylabel("$w_2$", color=INK)
    three.set_zlabel("loss", color=INK)
    three.tick_params(colors=INK, labelsize=9)
    three.view_init(elev=32, azim=-58)
