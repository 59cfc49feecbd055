"""Small charts as SVG text, drawn in no time: an explorer redraws at every move of a slider.

A `Panel` is one pair of axes; its methods add marks and return nothing. `sheet` puts panels on one
page. What a mark would draw outside its panel is cut off at the edge.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from downslope import display
from downslope.looks import INK, PAPER, darker, spread
from downslope.palettes import palette_png
from downslope.widgets.scales import Scale

GRID, QUIET = "#d9dde1", "#6b7280"
NO_SCALE = Scale(0.0, 1.0 + 1e-9)  # a height that means nothing
_FAR = 4000.0  # pixels: marks further out are cut off anyway
_SHAPES = {
    "s": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "^": ((0, -1.2), (1.1, 0.9), (-1.1, 0.9)),
    "v": ((0, 1.2), (1.1, -0.9), (-1.1, -0.9)),
    "D": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "P": ((-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4),
          (0.4, 1.2), (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4)),
    "X": ((-1.2, -0.7), (-0.7, -1.2), (0, -0.5), (0.7, -1.2), (1.2, -0.7), (0.5, 0),
          (1.2, 0.7), (0.7, 1.2), (0, 0.5), (-0.7, 1.2), (-1.2, 0.7), (-0.5, 0)),
    "*": tuple(
        (r * float(np.sin(k * np.pi / 5)), -r * float(np.cos(k * np.pi / 5)))
        for k, r in enumerate((1.25, 0.5) * 5)
    ),
}  # fmt: skip


class Box(NamedTuple):
    """Where a panel stands on the sheet, in CSS pixels.

    Source: this course. A plain record: it checks nothing.

    >>> Box(left=40, top=20, width=300, height=200).width
    300
    """

    left: float
    top: float
    width: float
    height: float


class Panel:
    """A pair of axes on a sheet, and the marks drawn in it. Source: this course.

    Raises:
        ValueError: in a mark, for places that are no numbers, or x and y of different lengths.
        KeyError: in `dots`, for an unknown marker.

    >>> panel = Panel(Box(40, 20, 200, 100), Scale(0, 10), Scale(0, 1))
    >>> panel.line([0, 10], [0, 1], colour="#0072B2")
    >>> 'M0 100L200 0' in panel.svg()
    True
    """

    def __init__(self, box: Box, x: Scale, y: Scale) -> None:
        self.box, self.x, self.y = box, x, y
        self._inside: list[str] = []
        self._around: list[str] = []

    def frame(
        self, title: str = "", xlabel: str = "", ylabel: str = "", *, grid: bool = True
    ) -> None:
        """Draw grid, numbers and names; a height without a scale of its own has no numbers."""
        box = self.box
        lines = GRID if grid else "none"
        for value, text in self.x.ticks():
            at = box.width * float(self.x.share(value))
            self._inside.append(f'<path d="M{at:.1f} 0V{box.height}" stroke="{lines}"/>')
            self._around.append(write(box.left + at, box.top + box.height + 17, text, size=12))
        for value, text in self.y.ticks() if self.y != NO_SCALE else ():
            at = box.height * (1 - float(self.y.share(value)))
            self._inside.append(f'<path d="M0 {at:.1f}H{box.width}" stroke="{lines}"/>')
            self._around.append(write(box.left - 7, box.top + at + 4, text, "end", size=12))
        corner = f"M{box.left} {box.top}v{box.height}h{box.width}"
        self._around.append(f'<path d="{corner}" fill="none" stroke="{INK}"/>')
        middle, foot = box.left + box.width / 2, box.top + box.height + 36
        self._around.append(write(middle, foot, xlabel))
        self.title(title)
        if ylabel:
            at, up = box.left - 46, box.top + box.height / 2
            turned = f'transform="rotate(-90 {at} {up})"'
            self._around.append(f"<g {turned}>{write(at, up, ylabel)}</g>")

    def picture(self, png: bytes) -> None:
        """Fill the panel with a picture."""
        size = f'width="{self.box.width}" height="{self.box.height}" preserveAspectRatio="none"'
        self._inside.append(f'<image href="{display.data_uri(png)}" {size}/>')

    def cells(self, shares: npt.NDArray[np.float64]) -> None:
        """Fill the panel with cells `(rows, columns)`, first row below: 0 pale, 1 dark."""
        pale, dark = np.array([253, 250, 243]), np.array([152, 176, 196])
        pixels = pale + np.clip(shares[::-1, :, None], 0, 1) * (dark - pale)
        self.picture(palette_png(np.round(pixels).astype(np.uint8), count=96))

    def title(self, text: str) -> None:
        """Write above the panel."""
        middle = self.box.left + self.box.width / 2
        self._around.append(write(middle, self.box.top - 10, text, size=14, weight="bold"))

    def line(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        colour: str = INK,
        dashes: Sequence[float] = (),
        width: float = 2.0,
    ) -> None:
        """Join points with a line, broken where a value has no place."""
        steps = _path(self._pixels(x, y))
        pattern = f' stroke-dasharray="{" ".join(f"{2 * dash:g}" for dash in dashes)}"'
        look = f'stroke="{colour}" stroke-width="{width}"{pattern if dashes else ""}'
        self._inside.append(f'<path d="{steps}" fill="none" stroke-linejoin="round" {look}/>')

    def dots(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        colour: str = INK,
        marker: str = "o",
        size: float = 4.0,
        hollow: bool = False,
        opacity: float = 1.0,
        apart: float = 0.0,
    ) -> None:
        """Mark points; hollow ones are rings; `apart` thins them out, in pixels."""
        fill, edge = (PAPER, colour) if hollow else (colour, PAPER)
        inner = f'fill="{fill}" fill-opacity="{0 if hollow else opacity:g}"'
        look = f'{inner} stroke="{edge}" stroke-width="{1.6 if hollow else 0.8}"'
        points = self._pixels(x, y)
        for across, down in _thinned(points[np.isfinite(points).all(axis=1)], apart):
            self._inside.append(_mark(marker, across, down, size) + look + "/>")

    def arrow(
        self, start: npt.ArrayLike, end: npt.ArrayLike, colour: str, width: float = 3
    ) -> None:
        """Draw an arrow between two points `(2,)`."""
        (x0, y0), (x1, y1) = self._pixels(*np.transpose([start, end]))
        length = float(np.hypot(x1 - x0, y1 - y0))
        if not 2 < length < _FAR:
            return
        head = min(11.0, length)
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        bx, by = x1 - head * ux, y1 - head * uy
        wing = 0.45 * head
        tip = f"M{x1:.1f} {y1:.1f}L{bx - wing * uy:.1f} {by + wing * ux:.1f}"
        tip += f"L{bx + wing * uy:.1f} {by - wing * ux:.1f}Z"
        shaft = f"M{x0:.1f} {y0:.1f}L{bx:.1f} {by:.1f}"
        for colours, extra in ((PAPER, 2.5), (colour, 0)):
            look = f'stroke="{colours}" stroke-width="{width + extra}"'
            self._inside.append(f'<path d="{shaft}" {look}/>')
            self._inside.append(
                f'<path d="{tip}" fill="{colours}" stroke="{colours}" stroke-width="{extra}"/>'
            )

    def band(self, low: float, high: float, colour: str) -> None:
        """Fill the panel from `low` to `high` across, over its whole height."""
        start, end = np.clip(self.x.share([low, high]), 0, 1) * self.box.width
        size = f'width="{end - start:.1f}" height="{self.box.height}"'
        self._inside.append(f'<rect x="{start:.1f}" {size} fill="{colour}"/>')

    def note(self, x: float, y: float, text: str, anchor: str = "middle", **look: Any) -> None:
        """Write beside the point; `shift=(right, down)` moves the words, in pixels."""
        right, down = look.pop("shift", (0, 0))
        across, below = self._pixels([x], [y])[0]
        if np.isfinite(across + below):
            words = write(across + right, below + down, text, anchor, **look)
            halo = f'stroke="{PAPER}" stroke-width="3" stroke-opacity="0.75" paint-order="stroke"'
            self._inside.append(words.replace("<text", f"<text {halo}", 1))

    def end_labels(self, ends: Iterable[tuple[float, str, str]]) -> None:
        """Write `(height, text, colour)` right of the panel, none over another."""
        seen = [(h, text, colour) for h, text, colour in ends if np.isfinite(self.y.share(h))]
        shares = np.clip([float(self.y.share(height)) for height, _, _ in seen], 0, 1)
        places = spread([self.box.height * (1 - share) for share in shares], 16.0)
        for (_, text, colour), place in zip(seen, places, strict=True):
            right, down = self.box.left + self.box.width + 8, self.box.top + place + 4
            words = write(right, down, text, "start", size=12, weight="bold", colour=ink(colour))
            self._around.append(words)

    def svg(self) -> str:
        """Give the panel's own piece of SVG; what lies outside its box is cut off."""
        box = self.box
        place = f'x="{box.left}" y="{box.top}" width="{box.width}" height="{box.height}"'
        return f"<svg {place}>{''.join(self._inside)}</svg>{''.join(self._around)}"

    def _pixels(self, x: npt.ArrayLike, y: npt.ArrayLike) -> npt.NDArray[np.float64]:
        across = self.box.width * np.atleast_1d(self.x.share(x))
        down = self.box.height * (1 - np.atleast_1d(self.y.share(y)))
        points = np.stack(np.broadcast_arrays(across, down), axis=-1)
        return np.asarray(np.clip(points, -_FAR, _FAR))


def _path(points: npt.NDArray[np.float64]) -> str:
    """Write points `(T, 2)` as SVG path; NaN lifts the pen."""
    words, pen = [], "M"
    for across, down in points:
        if np.isfinite(across + down):
            words.append(f"{pen}{across:.5g} {down:.5g}")
            pen = "L"
        else:
            pen = "M"
    return "".join(words)


def _thinned(points: npt.NDArray[np.float64], apart: float) -> list[npt.NDArray[np.float64]]:
    """Leave out points that lie too near the last one kept."""
    kept: list[npt.NDArray[np.float64]] = []
    for point in points:
        if not kept or float(np.hypot(*(point - kept[-1]))) >= apart:
            kept.append(point)
    return kept


def _mark(marker: str, across: float, down: float, size: float) -> str:
    if marker == "o":
        return f'<circle cx="{across:.1f}" cy="{down:.1f}" r="{size}" '
    corners = (f"{across + size * x:.1f},{down + size * y:.1f}" for x, y in _SHAPES[marker])
    return f'<polygon points="{" ".join(corners)}" '


def write(
    x: float,
    y: float,
    text: str,
    anchor: str = "middle",
    *,
    size: float = 13,
    weight: str = "normal",
    colour: str = INK,
) -> str:
    """Write words at a place of the sheet, in CSS pixels. Source: SVG's `text`.

    Raises:
        ValueError: for a place that is no number.
        AttributeError: for words that are no text.

    >>> write(10, 20, "a < b", size=12)[-15:]
    'a &lt; b</text>'
    """
    look = f'font-size="{size}" font-weight="{weight}" fill="{colour}" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{html.escape(text)}</text>'


def ink(colour: str) -> str:
    """Darken a colour of `looks` for text. Source: this course.

    Raises:
        ValueError: for a colour that is not written as "#rrggbb".

    >>> ink("#D55E00")
    '#8a3d00'
    """
    return "#" + "".join(f"{round(255 * part):02x}" for part in darker(colour))


def sheet(width: int, height: int, *parts: Panel | str) -> str:
    """Put panels, and other pieces of SVG, on white paper, its sides in CSS pixels. Source: SVG.

    Raises:
        TypeError: for a part that is neither.

    >>> sheet(100, 50).startswith('<svg xmlns="http://www.w3.org/2000/svg" width="100"')
    True
    """
    inside = "".join(part.svg() if isinstance(part, Panel) else part for part in parts)
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    font = "font-family=\"'DejaVu Sans', Verdana, Helvetica, Arial, sans-serif\""
    paper = f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>{paper}{inside}</svg>'
