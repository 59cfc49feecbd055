"""A quiz question as a widget: options or a number field, a button, and the reply below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from downslope.pages import prose

# JupyterLab takes arrow keys for its cells, also from options and buttons, unless they say no.
KEYS = """<script>(() => {
  if (window.downslopeKeys) return;
  window.downslopeKeys = true;
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches(".downslope-question input[type=radio], .downslope-question button"))
      target.setAttribute("data-lm-suppress-shortcuts", "true");
  });
})();</script>"""


def question_box(
    asked: dict[str, Any], label: str, mark: Callable[[object], str]
) -> widgets.Widget:
    """Build the widget; `KEYS` on the same page lets it be used without a mouse.

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

    button.on_click(on_click)
    if asked["kind"] == "number":  # sent at once, with the Enter key or when the field is left
        field.observe(on_click, "value")
    question = _text(f'<div style="line-height:1.5"><b>{prose(asked["text"])}</b></div>')
    box = widgets.VBox([question, field, button, below])
    box.add_class("downslope-question")
    return box


def _text(markup: str) -> widgets.HTML:
    """Show HTML in the size and look of the page's own text; a widget's own is smaller."""
    shown = widgets.HTML(markup, style={"font_size": "var(--jp-content-font-size1, inherit)"})
    shown.add_class("jp-RenderedHTMLCommon")
    return shown


def _field(asked: dict[str, Any]) -> widgets.Widget:
    if asked["kind"] == "number":
        close: dict[str, Any] = {"style": {"description_width": "initial"}}
        return widgets.Text(
            placeholder="a number", description="Answer:", continuous_update=False, **close
        )
    # The margin leaves room for the ring around the option that has the keyboard's focus.
    layout = widgets.Layout(width="max-content", max_width="100%", margin="2px 2px 2px 8px")
    return widgets.RadioButtons(options=asked["options"], value=None, layout=layout)
