"""Show a message: HTML in a notebook, plain text elsewhere. Every message has both forms."""

from __future__ import annotations

import html
import re
import sys
from typing import NamedTuple

COLOURS = {"right": "#009E73", "wrong": "#D55E00", "note": "#0072B2"}


class Page(NamedTuple):
    """A message in both forms: plain text, and HTML.

    Source: this course. A plain record: it checks nothing.

    >>> Page("m < v", prose("m < v")).markup
    'm &lt; v'
    """

    text: str
    markup: str


def in_notebook() -> bool:
    """Say whether this code runs in an IPython kernel. Source: IPython's `get_ipython`.

    It takes nothing and refuses nothing.

    >>> in_notebook()
    False
    """
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module else None
    return shell is not None and hasattr(shell, "kernel")


def show_page(page: Page) -> None:
    """Display a page in a notebook, print its text elsewhere. Source: this course.

    Raises:
        AttributeError: for what is no `Page`.

    >>> show_page(Page("Right.", "<b>Right.</b>"))
    Right.
    """
    if in_notebook():
        from IPython.display import display

        display({"text/plain": page.text, "text/html": page.markup}, raw=True)
    else:
        print(page.text)


def card(kind: str, head: str, body: str) -> str:
    """Draw a box with a coloured edge, as HTML; the head says in words what the colour says.

    Source: this course, in colours of Okabe & Ito.

    Args:
        kind: key of `COLOURS`.
        head: plain text, escaped here.
        body: HTML.

    Raises:
        KeyError: for another kind.

    >>> card("right", "Right.", "")[-22:]
    '"><b>Right.</b> </div>'
    """
    colour = COLOURS[kind]
    # The tint is the edge's colour, nearly transparent: it suits a light page and a dark one.
    return (
        f'<div role="status" style="border-left:4px solid {colour};background:{colour}14;'
        f'border-radius:3px;padding:.4em .9em;margin:.3em 0;line-height:1.5">'
        f"<b>{html.escape(head)}</b> {body}</div>"
    )


def prose(text: str) -> str:
    """Escape plain text for HTML and set what stands between backticks as code.

    Source: Python's `html.escape`.

    Raises:
        AttributeError: for what is no text.

    >>> prose("m < v, see `adam_step`")
    'm &lt; v, see <code>adam_step</code>'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
