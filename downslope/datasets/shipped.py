"""Real data that comes with the package: handwritten digits and wines.

Files, sources, licences and checksums: `downslope/data/SOURCES.md`. Nothing is downloaded.
A data set is read once and then shared, which is safe because its arrays are read-only.
"""

import functools
from pathlib import Path

import numpy as np

from downslope.datasets.samples import Dataset

DATA = Path(__file__).resolve().parents[1] / "data"
PIXEL_MARKS = b"0123456789abcdefg"  # 0 to 16 in one character, so that a line is an image
IMAGE_SIDE = 8

DIGITS_TEXT = """Handwritten digits, 8 by 8 pixels, row by row from the top left.
A pixel counts the dark points, 0 to 16, in a 4 by 4 block of a scan of 32 by 32 points.
Written by 13 people; the test part of "Optical Recognition of Handwritten Digits",
E. Alpaydin and C. Kaynak 1998, UCI Machine Learning Repository, doi:10.24432/C50P49, CC BY 4.0."""

WINE_TEXT = """Chemical analysis of wines from three cultivars grown in one region of Italy.
Features on very different scales: proline runs from 278 to 1680, hue from 0.48 to 1.71. The
source states no units. "Wine", S. Aeberhard and M. Forina 1992, UCI Machine Learning Repository,
doi:10.24432/C5PC7J, CC BY 4.0."""


@functools.cache
def load_digits() -> Dataset:
    """Load 1,797 handwritten digits: X `(1797, 64)`, counts of dark points 0 to 16, y 0 to 9.

    Each row is an image of 8 × 8 pixels, so `X[i].reshape(8, 8)` draws it; divide by 16 to bring
    pixels to the range 0 to 1. The classes are nearly of one size, 174 to 183. Three pixels at
    the edge are always 0: a scaler must live with constant features. Source: Alpaydin & Kaynak
    1998, UCI Machine Learning Repository.

    Raises:
        OSError: when the package's data file is not there. It takes no argument.

    >>> digits = load_digits()
    >>> digits
    Dataset(name='digits', target_names=('0', ..., '9'), 1797 examples, 64 features)
    >>> digits.X[0].reshape(8, 8)[2], digits.y[0]
    (array([ 0.,  3., 15.,  2.,  0., 11.,  8.,  0.]), np.int64(0))
    """
    lines = np.frombuffer((DATA / "digits.txt").read_bytes(), dtype=np.uint8)
    cells = lines.reshape(-1, IMAGE_SIDE**2 + 3)  # label, space, pixels, line end
    value = np.zeros(256)
    value[list(PIXEL_MARKS)] = np.arange(len(PIXEL_MARKS))
    side = range(IMAGE_SIDE)
    return Dataset(
        name="digits",
        X=value[cells[:, 2:-1]],
        y=value[cells[:, 0]].astype(np.int64),
        feature_names=tuple(f"pixel_{row}_{column}" for row in side for column in side),
        target_names=tuple("0123456789"),
        description=DIGITS_TEXT,
    )


@functools.cache
def load_wine() -> Dataset:
    """Load 178 wines: X `(178, 13)`, chemical measurements on different scales, y 0 to 2.

    The label is the cultivar, with 59, 71 and 48 wines. Proline is in the hundreds, hue about 1:
    gradient descent crawls until the features are scaled (lecture L3). Source: Aeberhard & Forina
    1992, UCI Machine Learning Repository; it states no units.

    Raises:
        OSError: when the package's data file is not there. It takes no argument.

    >>> wine = load_wine()
    >>> wine.X.shape, wine.feature_names[-1], np.bincount(wine.y)
    ((178, 13), 'proline', array([59, 71, 48]))
    """
    path = DATA / "wine.csv"
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    with path.open(encoding="utf-8") as file:
        names = file.readline().strip().split(",")
    return Dataset(
        name="wine",
        X=table[:, :-1],
        y=table[:, -1].astype(np.int64),
        feature_names=tuple(names[:-1]),
        target_names=("cultivar 0", "cultivar 1", "cultivar 2"),
        description=WINE_TEXT,
    )
