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
    button = widgets.Button(description=label, layout=widgets.Layout(width="auto"))
    below = widgets.HTML()

    def on_click(_: object) -> None:
        if not field.value:
            below.value = "<p>Answer first.</p>"
            return
        try:
            below.value = mark(field.value)
        except ValueError as error:
            below.value = f"<p>{prose(str(error))}</p>"

    button.on_click(on_click)
    question = widgets.HTML(f"<p><b>{prose(asked['text'])}</b></p>")
    return widgets.VBox([question, field, button, below])


def _field(asked: dict[str, Any]) -> widgets.Widget:
    if asked["kind"] == "number":
        return widgets.Text(placeholder="a number", description="Answer:")
    return widgets.RadioButtons(
        options=asked["options"], value=None, layout=widgets.Layout(width="max-content")
    )
