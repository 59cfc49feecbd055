"""What a classifier gets right and wrong: confusions, misread images, regions of a plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from downslope.arguments import (
    Integers,
    floats,
    labels,
    require_callable,
    require_count,
    require_items,
    require_shape,
)
from downslope.looks import COLOURS, INK, MARKERS, PAPER
from downslope.plots.frames import axes_or_new, dress, legend, listed, plural, tell, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PALE = "#ffffff", "#f3c9ae", "#D55E00"
_CAPTION = 0.34  # of an image's height


def count_confusions(y: npt.ArrayLike, predicted: npt.ArrayLike, classes: int) -> Integers:
    """Count how often each class (rows) was taken for each class (columns), `(K, K)`.

    As scikit-learn's `confusion_matrix`. Labels `y` and `predicted` are integers from 0, `(N,)`.

    Raises:
        TypeError: for labels that are no integers, or `classes` that is no whole number.
        ValueError: for labels outside of 0 to `classes` − 1, two lengths, or no class.

    >>> count_confusions([0, 0, 1], [0, 1, 1], classes=2)
    array([[1, 1],
           [0, 1]])
    """
    classes = require_count("classes", classes)
    truth = labels("y", y, "N", classes)
    read = labels("predicted", predicted, len(truth), classes)
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (truth, read), 1)
    return counts


def confusion(
    y: npt.ArrayLike,
    predicted: npt.ArrayLike,
    names: Sequence[str],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw a confusion matrix: true classes down, predicted ones across, counts in the cells.

    Only mistakes are coloured, the more the stronger; what is right stands on the diagonal.
    Source: this course.

    Args:
        y: True labels, integers from 0, `(N,)`.
        predicted: What was predicted, `(N,)`.
        names: Name of each of the K classes.
        ax: Where to draw.

    Raises:
        TypeError, ValueError: for labels that `count_confusions` refuses.

    >>> ax = confusion([0, 0, 1, 1], [0, 1, 1, 1], ["cat", "dog"])
    >>> ax.get_title()
    '3 of 4 right, 75.0 %'
    >>> confusion([0, 2], [0, 1], ["cat", "dog"])
    Traceback (most recent call last):
    ValueError: y must lie in 0..1; got 2
    """
    from matplotlib.colors import LinearSegmentedColormap

    names = _classes(names)
    counts = count_confusions(y, predicted, len(names))
    size = max(3.6, 0.48 * len(names))
    ax = dress(axes_or_new(ax, size + 0.6, size + 0.4), "predicted", "true", grid=False)
    mistakes = counts * (1 - np.eye(len(counts), dtype=np.int64))
    warm = LinearSegmentedColormap.from_list("downslope mistakes", _PALE)
    ax.imshow(mistakes, cmap=warm, vmin=0, vmax=max(1, int(mistakes.max()) * 1.6))
    for (row, column), count in np.ndenumerate(counts):
        if count:
            weight = "bold" if row == column else "normal"
            centre: dict[str, Any] = {"ha": "center", "va": "center", "fontweight": weight}
            ax.text(column, row, str(count), color=INK, fontsize=10, **centre)
    ax.set_xticks(range(len(names)), labels=list(names))
    ax.set_yticks(range(len(names)), labels=list(names))
    ax.set_xticks(np.arange(len(names) + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(len(names) + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="#d9dde1", linewidth=0.8)
    ax.tick_params(which="both", length=0)
    right, total = int(np.trace(counts)), int(counts.sum())
    title(ax, f"{right} of {total} right, {100 * right / max(1, total):.1f} %")
    return tell(ax, _confusion_words(counts, mistakes, names))


def _confusion_words(counts: Integers, mistakes: Integers, names: Sequence[str]) -> str:
    right, total = int(np.trace(counts)), int(counts.sum())
    words = (
        f"Confusion matrix of {plural(len(names), 'class', 'classes')}: {right} of {total} right."
    )
    order = np.argsort(-mistakes, axis=None, kind="stable")[:3]
    cells = [np.unravel_index(place, mistakes.shape) for place in order]
    told = [
        f"{names[row]} taken for {names[column]} ({plural(int(mistakes[row, column]), 'time')})"
        for row, column in cells
        if mistakes[row, column]
    ]
    return f"{words} Commonest mistakes: {listed(told)}." if told else words


def image_board(
    images: npt.ArrayLike,
    captions: Sequence[str],
    *,
    columns: int = 8,
    ax: Axes | None = None,
) -> Axes:
    """Lay out grey images `(N, H, W)`, dark for high numbers, with a caption below each.

    Source: this course.

    Raises:
        TypeError: for images that hold no numbers, or `columns` that is no whole number.
        ValueError: for images of another shape, not one caption for each, or no column.

    >>> ax = image_board(np.eye(8)[None], ["3, read as 8"])
    >>> [text.get_text() for text in ax.texts]
    ['3, read as 8']
    >>> image_board(np.eye(8)[None], [])
    Traceback (most recent call last):
    ValueError: captions must have one entry for each of 1 images; got 0
    """
    pictures = floats("images", images, ("N", "H", "W"))
    captions = require_items("captions", captions, "a caption for each image")
    if len(captions) != len(pictures):
        wanted = f"one entry for each of {len(pictures)} images"
        raise ValueError(f"captions must have {wanted}; got {len(captions)}")
    columns = min(require_count("columns", columns), max(1, len(pictures)))
    rows = max(1, -(-len(pictures) // columns))
    ax = axes_or_new(ax, 1.15 * columns + 0.1, 1.15 * (1 + _CAPTION) * rows + 0.4)
    dress(ax, "", "", grid=False).set_axis_off()
    highest = float(np.max(pictures, initial=0.0)) or 1.0
    for index, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        row, column = divmod(index, columns)
        left, top = 1.12 * column, (1.12 + _CAPTION) * row
        extent = (left, left + 1, top + 1, top)
        ax.imshow(picture, cmap="gray_r", vmin=0, vmax=highest, extent=extent)
        edge: dict[str, Any] = {"fill": False, "edgecolor": "#9aa3ad", "linewidth": 0.8}
        _frame(ax, left, top, edge)
        ax.text(left + 0.5, top + 1.05, caption, ha="center", va="top", fontsize=9, color=INK)
    ax.set_xlim(-0.02, 1.12 * columns - 0.1)
    ax.set_ylim((1.12 + _CAPTION) * rows - 0.08, -0.02)
    return tell(ax, f"{plural(len(pictures), 'image')}: {'; '.join(captions) or 'none'}.")


def _frame(ax: Axes, left: float, top: float, look: dict[str, Any]) -> None:
    from matplotlib.patches import Rectangle

    ax.add_patch(Rectangle((left, top), 1, 1, **look))


def misread(
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    predicted: npt.ArrayLike,
    *,
    names: Sequence[str] = tuple("0123456789"),
    most: int = 16,
    columns: int = 8,
    ax: Axes | None = None,
) -> Axes:
    """Show the images that were taken for another class, each with what it is and was read as.

    Source: this course.

    Args:
        X: Square images, one a row, `(N, S·S)`; 8 × 8 for the digits.
        y: True labels, `(N,)`.
        predicted: What was predicted, `(N,)`.
        names: Name of each class.
        most: Show no more than this, the first ones.
        columns: Images in a row of the board.
        ax: Where to draw.

    Raises:
        TypeError: for images that hold no numbers, labels that are no integers, or a count that
            is no whole number.
        ValueError: for images that are not square, labels without a name, other lengths, or a
            count below 1.

    >>> from downslope.datasets import load_digits
    >>> digits = load_digits()
    >>> ax = misread(digits.X[:3], digits.y[:3], [0, 7, 2])
    >>> ax.get_title(), ax.texts[0].get_text()
    ('1 of 3 misread', '1, read as 7')
    """
    images, names = _square_images(X), _classes(names)
    truth = labels("y", y, len(images), len(names))
    read = labels("predicted", predicted, len(images), len(names))
    wrong = np.flatnonzero(truth != read)
    shown = wrong[: require_count("most", most)]
    captions = [f"{names[truth[each]]}, read as {names[read[each]]}" for each in shown]
    ax = image_board(images[shown], captions, columns=columns, ax=ax)
    part = "" if len(shown) == len(wrong) else f"; here are {len(shown)}"
    words = f"{len(wrong)} of {len(images)} misread{part}"
    title(ax, words)
    return tell(ax, f"Of all, {words}.")


def _classes(names: Sequence[str]) -> list[str]:
    letters = list(names) if isinstance(names, str) else names  # "0123456789" names ten classes
    found = require_items("names", letters, "names of classes")
    if not found:
        raise ValueError("names must hold at least one class; got none")
    return found


def _square_images(X: npt.ArrayLike) -> npt.NDArray[Any]:
    rows = floats("X", X, ("N", "S·S"))
    side = round(rows.shape[1] ** 0.5)
    if side * side != rows.shape[1]:
        wanted = "a square number of pixels a row, such as 64"
        raise ValueError(f"X must have {wanted}; got {rows.shape[1]}")
    return rows.reshape(-1, side, side)


def regions(
    predict: Callable[[npt.NDArray[np.float64]], npt.ArrayLike],
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    points: int = 200,
    ax: Axes | None = None,
) -> Axes:
    """Colour a plane by the class that is predicted there, with the examples on it.

    Source: this course.

    Args:
        predict: From points `(M, 2)` to labels `(M,)`, such as `network.predict`.
        X: Examples, `(N, 2)`.
        y: Their labels, integers from 0 to 6, `(N,)`.
        points: Samples along each axis.
        ax: Where to draw.

    Raises:
        TypeError: for a `predict` that is no function, examples that hold no numbers, labels that
            are no integers, or `points` that is no whole number.
        ValueError: for no example, other shapes, also of what `predict` returns, labels outside of
            0 to 6, or `points` below 2.

    >>> ax = regions(lambda X: (X[:, 0] > 0).astype(int), [[-1.0, 0.0], [1.0, 0.0]], [0, 1])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['class 0', 'class 1']
    """
    require_callable("predict", predict)
    examples = floats("X", X, ("N", 2))
    truth = labels("y", y, len(examples), len(COLOURS))
    points = require_count("points", points, low=2)
    low, high = examples.min(axis=0), examples.max(axis=0)
    margin = np.where(high > low, 0.08 * (high - low), 1.0)
    low, high = low - margin, high + margin
    axes = np.linspace(low, high, points).T
    plane = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    found = np.asarray(predict(plane))
    require_shape("predict(X)", found, (len(plane),))
    ax = dress(axes_or_new(ax, 6.8), "$x_1$", "$x_2$", grid=False)
    _regions(ax, axes, found.reshape(points, points))
    _examples(ax, examples, truth)
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])
    legend(ax)
    classes = listed(f"class {each}" for each in np.unique(found))
    return tell(ax, f"Plane with the regions of {classes}, and {len(examples)} examples.")


def _regions(ax: Axes, axes: npt.NDArray[Any], found: npt.NDArray[Any]) -> None:
    edges = np.arange(len(COLOURS) + 1) - 0.5
    ax.contourf(*axes, found, levels=edges, colors=COLOURS, alpha=0.22)
    ax.contour(*axes, found, levels=edges[1:-1], colors=INK, linewidths=0.8)


def _examples(ax: Axes, X: npt.NDArray[Any], y: Integers) -> None:
    for label in np.unique(y):
        look: dict[str, Any] = {"color": COLOURS[label], "marker": MARKERS[label], "s": 26}
        ax.scatter(*X[y == label].T, label=f"class {label}", ec=PAPER, lw=0.6, zorder=4, **look)
