"""Digits as they come in practice: not quite centred, a little turned, larger or smaller, noisy."""

import numpy as np
import numpy.typing as npt

from downslope.arguments import floats, require_generator, require_number
from downslope.datasets.samples import Array
from downslope.datasets.shipped import IMAGE_SIDE

SHIFT, TURN, STRETCH, NOISE = 0.9, 15.0, 0.1, 0.05


def distorted_digits(
    images: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    shift: float = SHIFT,
    turn: float = TURN,
    stretch: float = STRETCH,
    noise: float = NOISE,
) -> Array:
    """Move, turn, stretch and blur images of 8 by 8 pixels at random, each in its own way.

    An image is turned about its middle, stretched, moved, read off between its pixels (bilinear),
    then covered by noise; pixels are cut to the range 0 to 1. Outside an image everything is 0.
    Source: this course.

    Args:
        images: Pixels from 0 to 1, `(N, 64)`, row by row.
        rng: Who draws.
        shift: Largest move along each axis, in pixels.
        turn: Largest turn to either side, in degrees.
        stretch: Largest change of size along each axis, as a share: 0.1 is 0.9 to 1.1.
        noise: Standard deviation of the noise of each pixel.

    Returns:
        New images `(N, 64)`, from 0 to 1.

    Raises:
        TypeError: for images that hold no numbers, a setting that is no number, or a seed for
            `rng`.
        ValueError: for images of another shape, a setting below 0, or a `stretch` above 0.5.
            Pixels outside of 0 to 1 are not refused but cut, so divide `load_digits().X` by 16.

    >>> from downslope.datasets import load_digits
    >>> images = load_digits().X[:5] / 16
    >>> distorted_digits(images, np.random.default_rng(0)).shape
    (5, 64)
    >>> off = {"shift": 0, "turn": 0, "stretch": 0, "noise": 0}
    >>> same = distorted_digits(images, np.random.default_rng(0), **off)
    >>> bool(np.allclose(same, images))
    True
    """
    pixels = np.asarray(floats("images", images, ("N", IMAGE_SIDE**2)), dtype=np.float64)
    require_generator("rng", rng)
    require_number("shift", shift, low=0)
    require_number("turn", turn, low=0)
    require_number("stretch", stretch, low=0, high=0.5)
    require_number("noise", noise, low=0)
    count = len(pixels)
    angle = np.deg2rad(rng.uniform(-turn, turn, count))
    size = 1 + rng.uniform(-stretch, stretch, (count, 2))
    move = rng.uniform(-shift, shift, (count, 2))
    moved = _read(pixels.reshape(count, IMAGE_SIDE, IMAGE_SIDE), *_places(angle, size, move))
    noisy = moved + noise * rng.standard_normal(moved.shape)
    return np.asarray(np.clip(noisy, 0, 1).reshape(count, -1))


def _places(angle: Array, size: Array, move: Array) -> tuple[Array, Array]:
    """Return where each new pixel is read off the old image: rows and columns, `(N, 8, 8)`."""
    middle = (IMAGE_SIDE - 1) / 2
    rows, columns = np.meshgrid(*2 * [np.arange(IMAGE_SIDE) - middle], indexing="ij")
    down = rows - move[:, 0, None, None]
    across = columns - move[:, 1, None, None]
    cos, sin = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    return (
        (cos * down + sin * across) / size[:, 0, None, None] + middle,
        (cos * across - sin * down) / size[:, 1, None, None] + middle,
    )


def _read(images: Array, rows: Array, columns: Array) -> Array:
    """Read images `(N, 8, 8)` between their pixels; a frame of zeros stands around each."""
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    last = IMAGE_SIDE + 1
    rows, columns = (np.clip(place + 1, 0, last) for place in (rows, columns))
    top, left = (np.minimum(place.astype(np.intp), last - 1) for place in (rows, columns))
    down, across = rows - top, columns - left
    each = np.arange(len(images))[:, None, None]
    upper = (1 - across) * framed[each, top, left] + across * framed[each, top, left + 1]
    lower = (1 - across) * framed[each, top + 1, left] + across * framed[each, top + 1, left + 1]
    return np.asarray((1 - down) * upper + down * lower)
