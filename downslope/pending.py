"""Let a notebook run from top to bottom although some functions are not written yet."""

from __future__ import annotations

import contextlib
import html
import sys
import traceback
from collections.abc import Iterator

from downslope.pages import Page, card, show_page


@contextlib.contextmanager
def when_written() -> Iterator[None]:
    """Run the block; if it meets a function that is not written yet, say so in a quiet line.

    A figure that the block has begun by then is closed, so that no empty axes are shown. Whatever
    else the block raises goes on. Source: this course.

    >>> def adam_step():
    ...     raise NotImplementedError
    >>> with when_written():
    ...     adam_step()
    adam_step is not written yet. Come back to this cell when it is.
    >>> with when_written():
    ...     1 / 0
    Traceback (most recent call last):
    ZeroDivisionError: division by zero
    """
    before = _figures()
    try:
        yield
    except NotImplementedError as error:
        for number in _figures() - before:
            sys.modules["matplotlib.pyplot"].close(number)
        frames = traceback.extract_tb(error.__traceback__)
        name = frames[-1].name if frames else "A function"
        text = f"{name} is not written yet. Come back to this cell when it is."
        show_page(Page(text, card("note", "Later.", html.escape(text))))


def _figures() -> set[int]:
    """Numbers of the open figures; matplotlib is not loaded for the question."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set() if pyplot is None else set(pyplot.get_fignums())
