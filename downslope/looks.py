"""Colours, dash patterns and markers that all pictures share.

The colours are those of Okabe and Ito, which colour-blind readers can tell apart ("Color universal
design", 2008); a dash pattern and a marker go with each, so none is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from downslope.arguments import require_kind

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (6, 2),
    (2, 1.5),
    (7, 2, 1.5, 2),
    (4, 1.5, 1, 1.5, 1, 1.5),
    (10, 3),
    (1, 1),
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
INK, PAPER = "#30343b", "#ffffff"


class Style(NamedTuple):
    """How one series is drawn wherever it appears."""

    colour: str
    dashes: tuple[float, ...]
    marker: str


def styles(labels: Iterable[str]) -> dict[str, Style]:
    """Give every label its own colour, dash pattern and marker, in order.

    >>> styles(["SGD", "Adam"])["Adam"]
    Style(colour='#D55E00', dashes=(6, 2), marker='s')
    """
    found = {}
    for index, label in enumerate(labels):
        # Past seven series the three cycles drift apart, so no two looks are the same.
        lap, place = divmod(index, len(COLOURS))
        shifted = (place + lap) % len(COLOURS)
        found[label] = Style(COLOURS[place], DASHES[shifted], MARKERS[shifted])
    return found


def looks_of(labels: Iterable[str], looks: Mapping[str, Style] | None) -> dict[str, Style]:
    """Choose a look for every label: the one it is given, or else one of `styles`.

    >>> looks_of(["Adam"], {"SGD": Style("#000000", (), "o")})
    Traceback (most recent call last):
    ValueError: looks must have a Style for every label; got none for 'Adam'
    """
    labels = list(labels)
    if looks is None:
        return styles(labels)
    require_kind("looks", looks, Mapping, "map labels to styles")
    for label in labels:
        if label not in looks:
            raise ValueError(f"looks must have a Style for every label; got none for {label!r}")
        require_kind(f"looks[{label!r}]", looks[label], Style, "be a Style")
    return {label: looks[label] for label in labels}


def darker(colour: str) -> tuple[float, ...]:
    """Darken "#rrggbb" for text: orange and sky blue are too pale to read on paper.

    >>> darker("#ff0000")
    (0.65, 0.0, 0.0)
    """
    return tuple(0.65 * part / 255 for part in bytes.fromhex(colour.removeprefix("#")))


def spread(positions: Sequence[float], gap: float) -> list[float]:
    """Move positions apart to at least `gap`, keeping their order and their centre.

    >>> spread([0, 1, 10], gap=4)
    [-1.5, 2.5, 10.0]
    """
    order = np.argsort(positions, kind="stable")
    groups: list[tuple[float, int]] = []  # centre and size of runs that touch
    for index in order:
        centre, size = float(positions[index]), 1
        while groups and centre - groups[-1][0] < gap * (size + groups[-1][1]) / 2:
            other, count = groups.pop()
            centre, size = (centre * size + other * count) / (size + count), size + count
        groups.append((centre, size))
    places = [centre + gap * (k - (size - 1) / 2) for centre, size in groups for k in range(size)]
    moved = dict(zip(order.tolist(), places, strict=True))
    return [moved[index] for index in range(len(positions))]
