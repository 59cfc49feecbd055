"""A computation graph as SVG: boxes with value and gradient, edges with partial derivatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from downslope.looks import COLOURS, INK, PAPER
from downslope.widgets.charts import QUIET, ink, sheet, write
from downslope.widgets.graph_gradients import Contribution
from downslope.widgets.graph_layout import Layout, Node, Parents, Point
from downslope.widgets.scales import figure

_WIDE, _HIGH = 112.0, 66.0  # a node's box
_ACROSS, _DOWN = 196.0, 104.0  # from one layer, and one row, to the next
_EDGE = 26.0
_DONE, _NOW, _WAITING = COLOURS[0], COLOURS[1], "#9aa3ad"
_NOW_TEXT = ink(_NOW)
_GAP = 17.0  # between edges that come in at the same node


class Scene(NamedTuple):
    """The graph: who the parents are, and what is written in boxes and along edges.

    Source: this course. A plain record: it checks nothing.

    >>> Scene({"x": [], "f": ["x"]}, {"f": [2.0]}, values={}, labels={}, output="f").output
    'f'
    """

    parents: Parents
    partials: Mapping[Node, Sequence[float]]
    values: Mapping[Node, float]
    labels: Mapping[Node, str]
    output: Node


def draw_graph(
    scene: Scene,
    layout: Layout,
    done: Sequence[Contribution],
    gradients: Mapping[Node, float],
) -> str:
    """Draw the graph after some contributions, as SVG; the last of them stands out.

    After the graphs of lecture L0's example.

    Raises:
        KeyError: for a node without a place, partials or a gradient.

    >>> from downslope.widgets.graph_layout import lay_out
    >>> parents = {"x": [], "f": ["x"]}
    >>> scene = Scene(parents, {"f": [2.0]}, {"x": 3.0}, {}, "f")
    >>> svg = draw_graph(scene, lay_out(parents), [], {"x": 0.0, "f": 1.0})
    >>> "value 3" in svg, "gradient 1" in svg, "×2" in svg
    (True, True, True)
    """
    width = 2 * _EDGE + _WIDE + _ACROSS * (layout.layers - 1)
    height = 2 * _EDGE + _HIGH + _DOWN * (layout.rows - 1)
    passed = {(part.parent, part.child, part.place) for part in done}
    now = (done[-1].parent, done[-1].child, done[-1].place) if done else None
    lines, words = [], []
    for edge in layout.bends:
        colour = _NOW if edge == now else _DONE if edge in passed else _WAITING
        ends = _route(edge, layout, scene.parents[edge[1]], height)
        lines.append(_line(ends, colour, 3.5 if edge == now else 2.0))
        words.append(_partial(ends, float(scene.partials[edge[1]][edge[2]]), edge == now))
    boxes = [_box(scene, node, layout, height, gradients[node], done) for node in scene.parents]
    parts = [*lines, *words, *boxes]
    return sheet(max(round(width), 420), round(height), *parts)


def _centre(place: Point, height: float) -> Point:
    return _EDGE + _WIDE / 2 + _ACROSS * place[0], height / 2 + _DOWN * place[1]


def _route(
    edge: tuple[Node, Node, int], layout: Layout, parents: Sequence[Node], height: float
) -> list[Point]:
    """List the points that an edge goes through, from its parent's box to its child's."""
    parent, child, place = edge
    x0, y0 = _centre(layout.places[parent], height)
    x1, y1 = _centre(layout.places[child], height)
    arrivals = sorted(range(len(parents)), key=lambda k: _last_height(layout, parents[k], child, k))
    twins = [k for k, each in enumerate(parents) if each == parent]
    leave = y0 + _GAP * (twins.index(place) - (len(twins) - 1) / 2)
    enter = y1 + _GAP * (arrivals.index(place) - (len(arrivals) - 1) / 2)
    middle = [_centre(bend, height) for bend in layout.bends[edge]]
    return [(x0 + _WIDE / 2, leave), *middle, (x1 - _WIDE / 2, enter)]


def _last_height(layout: Layout, parent: Node, child: Node, place: int) -> float:
    """Find the height from which an edge comes in: edges that arrive in order do not cross."""
    return [layout.places[parent], *layout.bends[parent, child, place]][-1][1]


def _line(points: Sequence[Point], colour: str, width: float) -> str:
    """Draw a smooth line with a head at its end."""
    (x, y), (ex, ey) = points[0], points[-1]
    steps = [f"M{x:.1f} {y:.1f}"]
    stops = [*points[1:-1], (ex - 8, ey)]
    for nx, ny in stops:
        half = (nx - x) / 2
        steps.append(f"C{x + half:.1f} {y:.1f} {nx - half:.1f} {ny:.1f} {nx:.1f} {ny:.1f}")
        x, y = nx, ny
    head = f"M{ex:.1f} {ey:.1f}l-10 -5.5v11Z"
    look = f'fill="none" stroke="{colour}" stroke-width="{width}"'
    return f'<path d="{"".join(steps)}" {look}/><path d="{head}" fill="{colour}"/>'


def _partial(points: Sequence[Point], partial: float, now: bool) -> str:  # noqa: FBT001
    """Write the partial derivative on a paper label, nearer the child where edges are apart."""
    (x0, y0), (x1, y1) = points[-2], points[-1]
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    text = f"×{figure(partial)}"
    wide = 8.2 * len(text) + 6
    label = f'<rect x="{x - wide / 2:.1f}" y="{y - 10:.1f}" width="{wide:.1f}" height="19" rx="4"'
    colour, weight = (_NOW_TEXT, "bold") if now else (INK, "normal")
    return f'{label} fill="{PAPER}"/>' + write(x, y + 4.5, text, colour=colour, weight=weight)


def _box(  # noqa: PLR0917 - all that a box says
    scene: Scene,
    node: Node,
    layout: Layout,
    height: float,
    gradient: float,
    done: Sequence[Contribution],
) -> str:
    x, y = _centre(layout.places[node], height)
    took_part = node == scene.output or any(part.parent == node for part in done)
    now = bool(done) and done[-1].parent == node
    edge, text = (_NOW, _NOW_TEXT) if now else (_DONE, _DONE) if took_part else (_WAITING, QUIET)
    shape = (
        f'x="{x - _WIDE / 2:.1f}" y="{y - _HIGH / 2:.1f}" width="{_WIDE}" height="{_HIGH}" rx="9"'
    )
    fill = "#fdf0e8" if now else "#eef4f9" if took_part else "#f7f8f9"
    label = scene.labels.get(node, "")
    name = f"{node} = {label}" if label and label != str(node) else str(node)
    lines = [_fitted(x, y - 13, name, 14, INK)]
    if node in scene.values:
        lines.append(write(x, y + 5, f"value {figure(scene.values[node])}", size=12))
    lines.append(_fitted(x, y + 23, f"gradient {figure(gradient, 4)}", 12, text))
    look = f'fill="{fill}" stroke="{edge}" stroke-width="{2.6 if now else 1.6}"'
    return f"<rect {shape} {look}/>{''.join(lines)}"


def _fitted(x: float, y: float, text: str, size: float, colour: str) -> str:
    """Write as large as a box allows; a bold letter is about two thirds of its size wide."""
    size = min(size, (_WIDE - 6) / (0.64 * len(text)))
    return write(x, y, text, size=round(size, 1), weight="bold", colour=colour)
