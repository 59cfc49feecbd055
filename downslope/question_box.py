"""A quiz question as a widget: options or a number field, a button, and the reply below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from downslope.pages import prose


def question_box(
    asked: dict[str, Any], label: str, mark: Callable[[object], str]
) -> widgets.Widget:
    """Build the widget.

    Args:
        asked: the question's data.
        label: the button's label.
        mark: takes the answer and returns HTML to show below; raises ValueError for no answer.
    """
    field = _field(asked)
    button = widgets.Button(description=label, layout=widgets.Layout(width="max-content"))
    below = _text("")

    def on_click(_: object) -> None:
        if not field.value:
            below.value = "<p>Answer first.</p>"
            return
        try:
            below.value = mark(field.value)
        except ValueError as error:
            below.value = f"<p>{prose(str(error))}</p>"

    def on_message(_: object, content: dict[str, Any], __: object) -> None:
        if content.get("event") == "submit":  # the Enter key in a field of text
            on_click(button)

    button.on_click(on_click)
    field.on_msg(on_message)
    question = _text(f'<div style="line-height:1.5"><b>{prose(asked["text"])}</b></div>')
    return widgets.VBox([question, field, button, below])


def _text(markup: str) -> widgets.HTML:
    """Show HTML in the size and look of the page's own text; a widget's own is smaller."""
    shown = widgets.HTML(markup)
    shown.add_class("jp-RenderedHTMLCommon")
    return shown


def _field(asked: dict[str, Any]) -> widgets.Widget:
    if asked["kind"] == "number":
        close = {"description_width": "initial"}
        return widgets.Text(placeholder="a number", description="Answer:", style=close)
    return widgets.RadioButtons(
        options=asked["options"], value=None, layout=widgets.Layout(width="max-content")
    )
