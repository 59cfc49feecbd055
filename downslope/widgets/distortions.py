"""Move, turn and blur digits, and see where a learner's network stops reading them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from downslope import arguments
from downslope.datasets import distorted_digits
from downslope.looks import COLOURS, INK
from downslope.palettes import palette_png
from downslope.widgets.charts import NO_SCALE, Box, Panel, ink, sheet, write
from downslope.widgets.controls import Control, Count, Span
from downslope.widgets.explorer import Explorer, Notes, Values, View, array_of, name_of

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Read = Callable[[Array], Any]

SHOWN, ACROSS = 16, 8
_SIDE, _GAP = 76, 14


def explore_distortions(
    read: Read | None, images: npt.ArrayLike, labels: npt.ArrayLike
) -> Explorer:
    """Distort digits by hand: the picture shows what a network reads in each.

    Source: this course.

    Args:
        read: The learner's network: images `(N, 64)` to logits `(N, 10)`; None shows the images.
        images: Held-out digits `(N, 64)`, pixels from 0 to 1; the first sixteen are drawn.
        labels: Their labels `(N,)`, integers 0 to 9.

    Raises:
        TypeError: for images that hold no numbers, or labels that are no integers.
        ValueError: for images or labels of another shape, or labels above 9. What is wrong with
            the network is said below the picture.

    >>> from downslope.datasets import load_digits
    >>> digits = load_digits()
    >>> explorer = explore_distortions(None, digits.X[:50] / 16, digits.y[:50])
    >>> explorer.set(turn=30)
    >>> print(explorer.view().says)
    50 digits, moved by up to 0 pixels and turned by up to 30 degrees.
    """
    X = np.asarray(arguments.floats("images", images, ("N", 64)), dtype=np.float64)
    y = arguments.labels("labels", labels, len(X), 10).astype(np.int64)
    controls: dict[str, Control] = {
        "shift": Span("move, pixels", 0.0, 0.0, 3.0, 0.1),
        "turn": Span("turn, degrees", 0.0, 0.0, 60.0, 1.0),
        "noise": Span("noise", 0.0, 0.0, 0.5, 0.01),
        "draw": Count("draw", 1, 1, 20),
    }

    def draw(at: Values) -> View:
        notes = Notes()
        found = _distorted(X, at)
        name = name_of(read, "your network")
        guesses = notes.attempt(name, "what it reads", lambda: _guesses(read, found))
        says = _says(at, y, guesses)
        return View(_svg(found, y, guesses), _alt(y, guesses, says), says, tuple(notes.kept))

    return Explorer(controls, draw)


def _distorted(X: Array, at: Mapping[str, Any]) -> Array:
    rng = np.random.default_rng(at["draw"])
    return distorted_digits(
        X, rng, shift=at["shift"], turn=at["turn"], stretch=0, noise=at["noise"]
    )


def _guesses(read: Read | None, X: Array) -> Integers | None:
    if read is None:
        return None
    logits: Array = array_of(read(X), (len(X), 10), "the logits")
    return np.asarray(logits.argmax(axis=1), dtype=np.int64)


def _says(at: Mapping[str, Any], y: Integers, guesses: Integers | None) -> str:
    noise = f", with noise {at['noise']:.2g}" if at["noise"] else ""
    how = f"moved by up to {at['shift']:.2g} pixels and turned by up to {at['turn']:.0f} degrees"
    words = f"{len(y)} digits, {how}{noise}"
    if guesses is None:
        return f"{words}."
    return f"{words}: the network reads {np.mean(guesses == y):.1%}."


def _alt(y: Integers, guesses: Integers | None, says: str) -> str:
    if guesses is None:
        return f"Handwritten digits. {says}"
    wrong = [
        f"a {label} as {guess}"
        for label, guess in zip(y[:SHOWN], guesses[:SHOWN], strict=True)
        if label != guess
    ]
    return f"{says} Of the {min(SHOWN, len(y))} drawn it misreads {', '.join(wrong) or 'none'}."


def _svg(X: Array, y: Integers, guesses: Integers | None) -> str:
    parts: list[Panel | str] = []
    for place in range(min(SHOWN, len(X))):
        row, column = divmod(place, ACROSS)
        left, top = 12 + column * (_SIDE + _GAP), 12 + row * (_SIDE + 38)
        panel = Panel(Box(left, top, _SIDE, _SIDE), NO_SCALE, NO_SCALE)
        shades = 255 * (1 - X[place].reshape(8, 8))
        panel.picture(palette_png(_enlarged(shades), count=32))
        guess = None if guesses is None else int(guesses[place])
        parts += [panel, *_caption(left, top, int(y[place]), guess)]
    return sheet(12 + ACROSS * (_SIDE + _GAP), 12 + 2 * (_SIDE + 38), *parts)


def _enlarged(shades: Array) -> npt.NDArray[np.uint8]:
    """Repeat pixels, so that no browser smooths them, in three equal channels."""
    large = np.kron(np.round(shades), np.ones((10, 10)))
    return np.repeat(large[:, :, None], 3, axis=2).astype(np.uint8)


def _caption(left: float, top: float, label: int, guess: int | None) -> list[str]:
    middle, below = left + _SIDE / 2, top + _SIDE + 17
    wrong = guess is not None and guess != label
    colour = COLOURS[1] if wrong else INK
    size = f'x="{left}" y="{top}" width="{_SIDE}" height="{_SIDE}"'
    frame = f'<rect {size} fill="none" stroke="{colour}" stroke-width="{4 if wrong else 1}"/>'
    text = f"{label}" if guess is None else f"reads {guess}" + (f", is {label}" if wrong else "")
    weight = "bold" if wrong else "normal"
    return [
        frame,
        write(middle, below, text, size=12, weight=weight, colour=ink(colour) if wrong else INK),
    ]
