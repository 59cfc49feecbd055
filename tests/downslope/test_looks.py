from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from downslope import looks


def contrast(first: Any, second: Any) -> float:
    def luminance(colour: Any) -> float:
        parts = np.array(to_rgb(colour))
        linear = np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def test_styles_differ_in_colour_dashes_and_marker():
    seven = looks.styles(map(str, range(7))).values()
    for part in zip(*seven, strict=True):
        assert len(set(part)) == 7


def test_more_series_than_colours_still_look_different():
    assert len(set(looks.styles(map(str, range(30))).values())) == 30


@pytest.mark.parametrize("colour", looks.COLOURS)
def test_words_in_a_line_colour_are_readable(colour: Any):
    assert contrast(looks.darker(colour), looks.PAPER) >= 4.5


def test_spread_keeps_order_and_centre():
    places = np.array(looks.spread([5, 0, 1, 0.5], gap=2))
    assert places[1] < places[3] < places[2] < places[0]
    assert min(np.diff(np.sort(places))) >= 2 - 1e-12
    assert looks.spread([], 2) == []
