"""What every explorer is: controls, a picture that follows them, and plain words beside it."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from downslope import display
from downslope.widgets.controls import Control

Values = Mapping[str, Any]


class View(NamedTuple):
    """What an explorer shows at one setting of its controls.

    Source: this course. A plain record: it checks nothing.

    Attributes:
        svg: The picture.
        alt: What it shows, in words, for those who cannot see it.
        says: What to notice, a sentence or two above the picture; may be empty.
        notes: What went wrong, in plain words.

    >>> print(View("<svg></svg>", "A line.", says="It falls.").text())
    A line.
    It falls.
    """

    svg: str
    alt: str
    says: str = ""
    notes: tuple[str, ...] = ()

    def html(self) -> str:
        """Build the piece of HTML: sentence, picture, notes.

        >>> 'alt="A line."' in View("<svg></svg>", "A line.").html()
        True
        """
        # As a picture in an address: it has an alternative text, and JupyterLab shows it even in
        # notebooks that it does not trust, where it removes SVG elements.
        source = base64.b64encode(self.svg.encode("utf-8")).decode("ascii")
        image = (
            f'<img class="downslope-picture" decoding="sync" alt="{html.escape(self.alt)}" '
            f'src="data:image/svg+xml;base64,{source}">'
        )
        figure = f'<figure style="margin:0">{image}</figure>{display.DARK_THEME}'
        items = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        notes = f'<ul class="downslope-notes">{items}</ul>' if items else ""
        says = f'<p style="margin:4px 0" role="status">{html.escape(self.says)}</p>'
        return f"{says if self.says else ''}{figure}{notes}"

    def text(self) -> str:
        """Tell all of it in words."""
        return "\n".join(part for part in (self.alt, self.says, *self.notes) if part)


@dataclass
class Explorer:
    """Controls over a picture; display it as the last line of a cell.

    Where widgets are not rendered, as on a static page, the picture at the first setting stands.
    Source: this course.

    Attributes:
        controls: What can be turned, by name.
        draw: Makes the view of a setting, a mapping from names to values.

    Raises:
        TypeError: in `set`, for a control that is not there, or a value of another type.
        ValueError: in `set`, for a value outside of the control's limits.

    >>> from downslope.widgets.controls import Count
    >>> counter = Explorer({"n": Count("number", 2, low=0, high=9)}, lambda at: View("", f"{at}"))
    >>> counter.set(n=5)
    >>> counter.view().alt
    "{'n': 5}"
    >>> counter.set(n=10)
    Traceback (most recent call last):
    ValueError: number must be a number at most 9; got 10
    """

    controls: Mapping[str, Control]
    draw: Callable[[Values], View]

    def __post_init__(self) -> None:
        """Start where the controls stand."""
        self.values: dict[str, Any] = {name: each.value for name, each in self.controls.items()}

    def set(self, **values: Any) -> None:
        """Turn controls, as a hand would; sliders that are on show move along.

        Raises:
            TypeError: for a control that is not there.
            ValueError: for a value outside its limits.
        """
        unknown = sorted(set(values) - set(self.controls))
        if unknown:
            known = ", ".join(self.controls)
            raise TypeError(f"unknown setting {', '.join(unknown)}; known are {known}")
        accepted = {name: self.controls[name].accept(value) for name, value in values.items()}
        self.values |= accepted
        if "_live" in vars(self):
            self._live.put(accepted)

    def view(self) -> View:
        """Draw at the present setting."""
        with np.errstate(all="ignore"):  # numbers that run away are told of in words
            return self.draw(dict(self.values))

    def picture(self) -> str:
        """Draw at the present setting; HTML of the picture and of what went wrong."""
        return self.view().html()

    @property
    def widget(self) -> Any:
        """The ipywidgets box: controls above, picture below, a button that sets all back."""
        return self._live.box

    @cached_property
    def _live(self) -> _Live:
        return _Live(self)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        if not display.drawn():
            return {"text/plain": self.view().text()}
        live = self.widget._repr_mimebundle_(**options) or {}
        bundle = live[0] if isinstance(live, tuple) else live
        view = self.view()
        return {**bundle, "text/html": view.html(), "text/plain": view.text()}


class _Live:
    """An explorer's widgets: whichever way a control is moved, the picture follows."""

    def __init__(self, explorer: Explorer) -> None:
        import ipywidgets

        self.explorer = explorer
        self.made = {name: control.make() for name, control in explorer.controls.items()}
        self.shown = ipywidgets.HTML()
        self.waiting = False
        self.put(explorer.values)
        for made in self.made.values():
            made.observe(self.follow, "value")
        narrow = ipywidgets.Layout(width="80px")
        words = {"description": "Reset", "tooltip": "Set every control back"}
        again = ipywidgets.Button(**words, layout=narrow)
        again.on_click(self.reset)
        look = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        flow = ipywidgets.Layout(**look, grid_gap="0 12px")
        row = ipywidgets.Box([*self._row(), again], layout=flow)
        self.box = ipywidgets.VBox([row, self.shown])

    def _row(self) -> list[Any]:
        row: list[Any] = []
        for name, control in self.explorer.controls.items():
            row += [self.made[name], *control.beside(self.made[name])]
        return row

    def put(self, values: Values) -> None:
        """Move several controls, and draw once."""
        self.waiting = True
        for name, value in values.items():
            self.made[name].value = value
        self.waiting = False
        self.shown.value = self.explorer.picture()

    def follow(self, change: Any) -> None:
        """Take the values of all controls and draw."""
        del change
        self.explorer.values = {name: made.value for name, made in self.made.items()}
        if not self.waiting:
            self.shown.value = self.explorer.picture()

    def reset(self, button: Any) -> None:
        """Set every control back to where it stood at first."""
        del button
        self.put({name: control.value for name, control in self.explorer.controls.items()})


class Notes:
    """Runs what a learner wrote; keeps in plain words what went wrong, and raises nothing.

    Source: this course.

    >>> def cosine_decay(lr0, t, total):
    ...     raise NotImplementedError
    >>> notes = Notes()
    >>> notes.attempt("cosine_decay", "its curve", lambda: cosine_decay(1, 0, 10))
    >>> notes.kept
    ['cosine_decay is not written yet; its curve will appear here.']
    """

    def __init__(self) -> None:
        self.kept: list[str] = []

    def attempt(self, name: str, what: str, run: Callable[[], Any]) -> Any:
        """Return what `run()` returns, or None after noting why there is nothing.

        Args:
            name: The function that a learner has to write.
            what: What the picture would show of it.
            run: Calls it, and raises an error for an answer that could not be drawn.
        """
        try:
            return run()
        except NotImplementedError:
            self.add(f"{name} is not written yet; {what} will appear here.")
        except Exception as error:  # noqa: BLE001 - whatever learners' code raises is theirs alone
            told = str(error).strip() or "no message"
            self.add(f"{name} stopped with {type(error).__name__}: {told}")
        return None

    def add(self, sentence: str) -> None:
        """Keep a sentence, once."""
        if sentence not in self.kept:
            self.kept.append(sentence)


def name_of(function: Any, otherwise: str) -> str:
    """Find what to call a function in messages. It refuses nothing. Source: this course.

    >>> name_of(max, "your function"), name_of(lambda: 0, "your function")
    ('max', 'your function')
    """
    name = getattr(function, "__name__", otherwise)
    return otherwise if name == "<lambda>" else str(name)


def array_of(value: Any, shape: tuple[int, ...], name: str) -> Any:
    """See a learner's answer as finite or infinite floats of a shape, or say what it is instead.

    Source: this course.

    >>> array_of([1, 2], (3,), "the gradient")
    Traceback (most recent call last):
    ValueError: the gradient must have shape (3,); got (2,)
    """
    array = np.asarray(value, dtype=np.float64)
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}; got {array.shape}")
    return array
