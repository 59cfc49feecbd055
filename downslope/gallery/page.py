"""Puts all exhibits on one HTML page that needs nothing but itself."""

from __future__ import annotations

import html
import inspect
import os
from collections.abc import Iterable
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from downslope import __version__, display, plots
from downslope.gallery import materials
from downslope.gallery.exhibits import Exhibit, exhibits


class Shown(NamedTuple):
    """An exhibit as HTML, and in words."""

    html: str
    alt: str


def show_exhibit(made: Any) -> Shown:
    """Turn what an exhibit's function returns into HTML: axes, a race or an explorer.

    Raises:
        TypeError: for anything else.

    >>> show_exhibit(plots.folds(3)).alt
    'Cross-validation with 3 folds: in each run another fold validates.'
    >>> show_exhibit(3)
    Traceback (most recent call last):
    TypeError: made must be axes, a race or an explorer; got int
    """
    if hasattr(made, "view"):  # an explorer: its still picture, without a live widget
        view = made.view()
        return Shown(view.html(), view.alt)
    if hasattr(made, "html"):  # a race
        return Shown(made.html(), str(made))
    axes = made if isinstance(made, tuple) else (made,)
    if not hasattr(axes[0], "get_figure"):
        raise TypeError(f"made must be axes, a race or an explorer; got {type(made).__name__}")
    alt = " ".join(map(plots.describe, axes))
    figure = display.figure_of(axes[0])
    shown = Shown(display.figure_html(display.png(figure), alt), alt)
    _close(figure)
    return shown


def _close(figure: Any) -> None:
    from matplotlib import pyplot as plt

    plt.close(figure)


def card(exhibit: Exhibit) -> str:
    """Make an exhibit and wrap it: caption, picture, words, code.

    >>> bowl = list(exhibits())[1]
    >>> card(bowl).startswith('<article id="contours_of_bowl"><h3>')
    True
    """
    shown = show_exhibit(exhibit.make())
    return (
        f'<article id="{exhibit.name}"><h3>{html.escape(exhibit.caption)}</h3>'
        f"{shown.html}"
        f'<p class="alt"><b>In words.</b> {html.escape(shown.alt)}</p>'
        f"<pre><code>{html.escape(exhibit.code)}</code></pre></article>\n"
    )


def gallery_html(chosen: Iterable[Exhibit] | None = None) -> str:
    """Build the page, of all exhibits or of those that are chosen.

    >>> page = gallery_html(list(exhibits())[1:2])
    >>> "plots.contours(landscapes.bowl)" in page, "https:" in page
    (True, False)
    """
    all_of_them = list(exhibits() if chosen is None else chosen)
    sections = groupby(all_of_them, key=lambda exhibit: exhibit.section)
    body = [_section(title, list(group)) for title, group in sections]
    titles = dict.fromkeys(exhibit.section for exhibit in all_of_them)
    links = "".join(f'<a href="#{_anchor(title)}">{title}</a>' for title in titles)
    page: str = _template().safe_substitute(
        count=len(all_of_them),
        version=__version__,
        links=links,
        body="".join(body),
        materials=html.escape(_materials()),
    )
    return page


def _template() -> Any:
    from string import Template

    return Template(resources.files("downslope.gallery").joinpath("page.html").read_text("utf-8"))


def _section(title: str, group: list[Exhibit]) -> str:
    cards = "".join(map(card, group))
    return (
        f'<section><h2 id="{_anchor(title)}">{title}</h2><div class="cards">{cards}</div></section>'
    )


def _anchor(title: str) -> str:
    return "section-" + title.lower().replace(" ", "-")


def _materials() -> str:
    """Source of what exhibits share, without the module's docstring."""
    source = inspect.getsource(materials)
    return source[source.index("from functools") :]


def write_gallery(out: str | os.PathLike[str]) -> Path:
    """Write the page to a file and return its path.

    Raises:
        OSError: where no file can be written.

    >>> write_gallery("nowhere/gallery.html")
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] there is no folder nowhere: 'nowhere/gallery.html'
    """
    path = Path(out)
    if not path.parent.is_dir():
        raise FileNotFoundError(2, f"there is no folder {path.parent}", str(path))
    path.write_text(gallery_html(), encoding="utf-8")
    return path
