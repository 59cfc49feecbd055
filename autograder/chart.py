"""Charts of the class report, drawn as SVG inside the page."""

from __future__ import annotations

from collections.abc import Sequence

BAR, GAP, CHART_HEIGHT = 56, 8, 120


def histogram(counts: Sequence[int]) -> str:
    """Draw the distribution of scores; every bar says its number, and the label says all."""
    most = max(counts)
    bars = "".join(_bar(index, count, most) for index, count in enumerate(counts))
    told = ", ".join(f"{_range(i)}: {count}" for i, count in enumerate(counts) if count)
    width = len(counts) * (BAR + GAP)
    return (
        f'<svg class="chart" viewBox="0 0 {width} {CHART_HEIGHT + 50}" role="img" '
        f'aria-label="Students by score. {told}">{bars}'
        f'<line x1="0" y1="{CHART_HEIGHT + 20}" x2="{width}" y2="{CHART_HEIGHT + 20}"/></svg>'
    )


def meter(part: float) -> str:
    """Draw a share as a bar beside its number."""
    return (
        '<svg class="meter" viewBox="0 0 100 10" aria-hidden="true">'
        '<rect class="empty" width="100" height="10"/>'
        f'<rect width="{100 * part:.1f}" height="10"/></svg>'
    )


def _bar(index: int, count: int, most: int) -> str:
    height = round(CHART_HEIGHT * count / most, 1)
    x, top = index * (BAR + GAP) + GAP / 2, CHART_HEIGHT + 20 - height
    middle = x + BAR / 2
    number = f'<text x="{middle}" y="{top - 5}">{count}</text>' if count else ""
    name = f'<text class="soft" x="{middle}" y="{CHART_HEIGHT + 38}">{_range(index)}</text>'
    return f'<rect x="{x}" y="{top}" width="{BAR}" height="{height}"/>{number}{name}'


def _range(index: int) -> str:
    return f"{index * 10}-{index * 10 + (10 if index == 9 else 9)} %"
