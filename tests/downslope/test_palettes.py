import io

import numpy as np
from matplotlib import image

from downslope import animations, display, looks
from downslope.palettes import palette_png, reduce_colours


def pixels(picture: bytes) -> np.ndarray:
    return np.round(255 * image.imread(io.BytesIO(picture), format="png")[..., :3]).astype(np.uint8)


def drawing() -> np.ndarray:
    figure = animations.bare_figure(4, 3)
    ax = figure.add_subplot()
    ax.contourf(np.random.default_rng(1).normal(size=(9, 9)), levels=15)
    ax.plot([0, 8], [0, 8], color=looks.COLOURS[0], linewidth=2)
    return pixels(display.png(figure))


def test_picture_is_smaller_and_looks_the_same():
    before = drawing()
    after = palette_png(before, keep=animations.KEPT)
    assert len(after) < 40_000
    gaps = np.abs(before.astype(int) - pixels(after)).max(axis=-1)
    assert gaps.mean() < 1
    assert np.percentile(gaps, 99) < 24


def test_kept_colours_come_through_exactly():
    before = drawing()
    after = pixels(palette_png(before, keep=animations.KEPT))
    for colour in ((0, 114, 178), (255, 255, 255)):
        same = (before == colour).all(axis=-1)
        assert same.sum() > 100
        assert (after[same] == colour).all()


def test_few_colours_stay_as_they_are():
    rng = np.random.default_rng(2)
    colours = rng.integers(0, 256, (200, 3), dtype=np.uint8)
    picture = colours[rng.integers(0, 200, (40, 50))]
    palette, indices = reduce_colours(picture, np.empty((0, 3), dtype=np.uint8), 256)
    np.testing.assert_array_equal(palette[indices], picture)
    assert len(palette) <= 200
