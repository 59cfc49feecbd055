"""Where the nodes of a computation graph stand: inputs left, output right, few edges crossing."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

import numpy as np

Node = Hashable
Parents = Mapping[Node, Sequence[Node]]
Point = tuple[float, float]

_SWEEPS = 6


class Layout(NamedTuple):
    """Places on a grid: the layer counts from the left, the height from the middle line.

    Source: this course. A plain record, made by `lay_out`: it checks nothing.

    Attributes:
        places: `(layer, height)` of each node.
        bends: For each edge `(parent, child, k)` the places between its ends, where it must go
            round the nodes of the layers that it crosses.
        layers: Number of layers.
        rows: Height of the tallest layer.

    >>> lay_out({"x": [], "f": ["x"]}).layers
    2
    """

    places: dict[Node, Point]
    bends: dict[tuple[Node, Node, int], list[Point]]
    layers: int
    rows: float


def order_of(parents: Parents) -> list[Node]:
    """List the nodes, parents before children: the topological order of lecture L1.

    Raises:
        ValueError: for a cycle, or a parent that is no node.

    >>> order_of({"f": ["x", "y"], "x": [], "y": ["x"]})
    ['x', 'y', 'f']
    """
    for node, above in parents.items():
        missing = [each for each in above if each not in parents]
        if missing:
            raise ValueError(f"parents must have an entry for every node; {node!r} has {missing}")
    try:
        return list(
            TopologicalSorter({node: list(up) for node, up in parents.items()}).static_order()
        )
    except CycleError as error:
        circle = " → ".join(str(node) for node in reversed(error.args[1]))
        raise ValueError(f"parents must have no cycle; got {circle}") from None


def lay_out(parents: Parents) -> Layout:
    """Give each node a layer right of its parents, and an order that crosses few edges.

    Layers, and the mean height of neighbours, as in Sugiyama et al. 1981.

    Raises:
        ValueError: for a cycle, a parent that is no node, or no node.

    >>> lay_out({"x": [], "y": [], "f": ["x", "y"]}).places
    {'x': (0.0, -0.5), 'y': (0.0, 0.5), 'f': (1.0, 0.0)}
    """
    depth = _depths(parents)
    columns, links, chains = _columns(parents, depth)
    for sweep in range(_SWEEPS):
        _untangle(columns, links, forwards=sweep % 2 == 0)
    heights = {
        spot: row - (len(column) - 1) / 2 for column in columns for row, spot in enumerate(column)
    }
    places = {node: (float(depth[node]), heights[node]) for node in parents}
    bends: dict[tuple[Node, Node, int], list[Point]] = {
        edge: [(float(depth[edge[0]] + step), heights[spot]) for step, spot in enumerate(chain, 1)]
        for edge, chain in chains.items()
    }
    return Layout(places, bends, len(columns), max(map(len, columns)))


def _depths(parents: Parents) -> dict[Node, int]:
    """Find each node's layer: right of its parents; an input stands just left of its first use."""
    order = order_of(parents)
    depth: dict[Node, int] = {}
    for node in order:
        depth[node] = 1 + max((depth[up] for up in parents[node]), default=-1)
    for node in order:
        uses = [depth[child] for child in parents if node in parents[child]]
        if not parents[node] and uses:
            depth[node] = min(uses) - 1
    return depth


def _columns(
    parents: Parents, depth: Mapping[Node, int]
) -> tuple[list[list[Node]], list[tuple[Node, Node]], dict[tuple[Node, Node, int], list[Node]]]:
    """Sort nodes into layers; an edge over several layers gets a spot in each that it crosses."""
    columns: list[list[Node]] = [[] for _ in range(max(depth.values()) + 1)]
    for node in parents:
        columns[depth[node]].append(node)
    links: list[tuple[Node, Node]] = []
    chains: dict[tuple[Node, Node, int], list[Node]] = {}
    for child in parents:
        for k, parent in enumerate(parents[child]):
            between = range(depth[parent] + 1, depth[child])
            chain: list[Node] = [("bend", (parent, child, k), layer) for layer in between]
            for spot, layer in zip(chain, between, strict=True):
                columns[layer].append(spot)
            chains[parent, child, k] = chain
            ends = [parent, *chain, child]
            links += list(itertools.pairwise(ends))
    return columns, links, chains


def _untangle(
    columns: list[list[Node]], links: Sequence[tuple[Node, Node]], *, forwards: bool
) -> None:
    """Order each layer by the mean height of its neighbours in the layer before."""
    around: dict[Node, list[Node]] = {}
    for left, right in links:
        spot, neighbour = (right, left) if forwards else (left, right)
        around.setdefault(spot, []).append(neighbour)
    sequence = columns if forwards else columns[::-1]
    for column in sequence:
        height = {spot: row - (len(c) - 1) / 2 for c in columns for row, spot in enumerate(c)}
        column.sort(
            key=lambda spot: (
                float(np.mean([height[each] for each in around[spot]]))
                if spot in around
                else height[spot]
            )
        )
