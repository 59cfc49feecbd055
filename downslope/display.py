"""Show a figure together with its description in words.

The figure becomes `<figure><img alt=...></figure>` with the picture inside the page, so it reads
the same in Jupyter, in static pages, and to those who cannot see it.
"""

from __future__ import annotations

import base64
import html
import io
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Set to "off" where nobody looks, as while grading: drawing takes most of a notebook's time.
SWITCH = "DOWNSLOPE_PICTURES"
DPI = 150  # sharp on dense screens; the page scales the picture to its size in inches
CSS_PIXELS_PER_INCH = 96

# Pictures are drawn dark on white. A dark page turns lightness over and keeps the hues.
DARK_THEME = (
    '<style>[data-jp-theme-light="false"] .downslope-picture,'
    "body.vscode-dark .downslope-picture"
    "{filter:invert(.95) hue-rotate(180deg) brightness(1.3)}"
    ".downslope-picture{max-width:100%;height:auto}</style>"
)


def show(picture: Axes | Figure, alt: str) -> None:
    """Display a figure, or the figure of an axes, and close it. Source: this course.

    Args:
        picture: what to show.
        alt: what the picture shows, in words, for readers who cannot see it. Required.

    Outside Jupyter there is nothing to draw on, so the description is written instead.

    Raises:
        TypeError: for something that is no axes or figure, or a description that is no text.
        ValueError: for an empty description.

    >>> from downslope import landscapes, plots
    >>> show(plots.contours(landscapes.bowl), alt="An even bowl.")
    Figure: An even bowl.
    """
    alt = _description(alt)
    figure = figure_of(picture)
    shell = _running_shell()
    if shell is None:
        sys.stdout.write(f"Figure: {alt}\n")
    elif not drawn():
        shell.display_pub.publish({"text/plain": f"Figure: {alt}"}, {})
    else:
        bundle = {"text/html": figure_html(png(figure), alt), "text/plain": alt}
        shell.display_pub.publish(bundle, {})
    _close(figure)


def drawn() -> bool:
    """Say whether pictures are drawn; where not, their descriptions stand in their place.

    They are, unless the environment has `DOWNSLOPE_PICTURES=off`. It refuses nothing. Source: this
    course.

    >>> from unittest import mock
    >>> with mock.patch.dict(os.environ, {SWITCH: "off"}):
    ...     drawn()
    False
    """
    return os.environ.get(SWITCH) != "off"


def figure_of(picture: Any) -> Figure:
    """Find the figure of an axes, an array of axes, or a figure. Source: matplotlib.

    Raises:
        TypeError: for anything else.

    >>> figure_of("a picture")
    Traceback (most recent call last):
    TypeError: show takes a matplotlib axes or figure; got str
    """
    first = picture.flat[0] if hasattr(picture, "flat") and len(picture.flat) else picture
    finder = getattr(first, "get_figure", None)
    if finder is None:
        raise TypeError(f"show takes a matplotlib axes or figure; got {type(picture).__name__}")
    figure: Figure = finder(root=True)
    return figure


def png(figure: Figure, *, tight: bool = True) -> bytes:
    """Draw a figure as PNG, 150 pixels an inch; `tight` trims its margins to what is drawn.

    Source: matplotlib's `savefig`.

    Raises:
        AttributeError: for what is no figure.

    >>> from matplotlib.figure import Figure
    >>> png(Figure(figsize=(1, 1)))[1:4]
    b'PNG'
    """
    buffer = io.BytesIO()
    options: dict[str, Any] = {"bbox_inches": "tight", "pad_inches": 0.08} if tight else {}
    figure.savefig(buffer, format="png", dpi=DPI, facecolor=figure.get_facecolor(), **options)
    return buffer.getvalue()


def data_uri(picture: bytes) -> str:
    """Put a PNG into an address that needs no other file. Source: RFC 2397.

    Raises:
        TypeError: for what is no bytes.

    >>> data_uri(b"PNG")
    'data:image/png;base64,UE5H'
    """
    return "data:image/png;base64," + base64.b64encode(picture).decode("ascii")


def figure_html(picture: bytes, alt: str) -> str:
    """Wrap a PNG and its description into a `<figure>` at its natural size, 96 pixels an inch.

    Source: the HTML standard.

    Raises:
        TypeError: for a picture that is no bytes. Other bytes than a PNG's are not refused.

    >>> from matplotlib.figure import Figure
    >>> inch = png(Figure(figsize=(1, 1)), tight=False)
    >>> 'width="96" alt="Nothing."' in figure_html(inch, "Nothing.")
    True
    """
    width = int.from_bytes(picture[16:20], "big") * CSS_PIXELS_PER_INCH // DPI  # PNG header
    image = (
        f'<img class="downslope-picture" width="{width}" alt="{html.escape(alt)}" '
        f'src="{data_uri(picture)}">'
    )
    return f'<figure style="margin:0">{image}</figure>{DARK_THEME}'


def _description(alt: Any) -> str:
    if not isinstance(alt, str):
        raise TypeError(f"alt must be text that describes the picture; got {type(alt).__name__}")
    if not alt.strip():
        raise ValueError("alt is empty: say in a sentence what the picture shows")
    return alt.strip()


def _running_shell() -> Any:
    # Only a shell that is already there counts: importing IPython to ask would be slow.
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None


def _close(figure: Figure) -> None:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)
