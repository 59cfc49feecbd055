"""What a learner can turn: each control knows its label, its value at first and its limits.

ipywidgets is loaded when a control is made into a widget, not before. All of them are worked with
the keyboard: Tab moves between controls, the arrow keys change a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.arguments import require_choice, require_count, require_number

# Rates of forgetting matter near 1, so their slider moves through these, not evenly.
DECAYS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99, 0.995, 0.999)
_STEP = 0.02  # of a logarithmic slider: 5 %


@dataclass(frozen=True)
class Control:
    """A labelled value that can be changed. Source: ipywidgets, from which its kinds are made.

    Attributes:
        label: What stands beside it.
        value: Where it stands at first; it is not checked, what `accept` is given is.

    Raises:
        NotImplementedError: in `accept` and `make`, which each kind writes anew.

    >>> Control("lr", 0.1).value
    0.1
    """

    label: str
    value: Any

    def accept(self, value: Any) -> Any:
        """Return the value, or raise a ValueError or TypeError that names the limits."""
        raise NotImplementedError

    def make(self) -> Any:
        """Make the widget that holds the value."""
        raise NotImplementedError

    def beside(self, made: Any) -> list[Any]:
        """Make further widgets that move the one made, such as buttons."""
        del made
        return []

    def look(self, width: str = "330px") -> dict[str, Any]:
        """Give what all widgets share: the same room for labels and for values."""
        import ipywidgets

        return {
            "description": self.label,
            "style": {"description_width": "110px"},
            "layout": ipywidgets.Layout(width=width),
        }


@dataclass(frozen=True)
class Span(Control):
    """A number between limits, in even steps. Source: ipywidgets' `FloatSlider`.

    >>> Span("slope", 0.5, low=0.0, high=1.0).accept(2)
    Traceback (most recent call last):
    ValueError: slope must be a number at least 0.0 and at most 1.0; got 2
    """

    low: float = 0.0
    high: float = 1.0
    step: float = 0.01

    def accept(self, value: Any) -> float:
        """Return the value if it lies within the limits."""
        return require_number(self.label, value, low=self.low, high=self.high)

    def make(self) -> Any:
        """Make a slider."""
        import ipywidgets

        limits = {"min": self.low, "max": self.high, "step": self.step}
        digits = next(n for n in range(9) if round(self.step, n) == self.step)
        shown = f".{digits}f"
        return ipywidgets.FloatSlider(self.value, readout_format=shown, **limits, **self.look())


@dataclass(frozen=True)
class Rate(Control):
    """A number above 0 whose order of magnitude matters, such as a learning rate.

    Source: ipywidgets' `FloatLogSlider`.

    >>> Rate("lr", 0.1, low=0.01, high=1.0).accept(0.5)
    0.5
    >>> Rate("lr", 0.1, low=0.01, high=1.0).accept(2)
    Traceback (most recent call last):
    ValueError: lr must be a number at least 0.01 and at most 1.0; got 2
    """

    low: float = 1e-3
    high: float = 1.0

    def accept(self, value: Any) -> float:
        """Return the value if it lies within the limits."""
        return require_number(self.label, value, low=self.low, high=self.high)

    def make(self) -> Any:
        """Make a slider that moves by factors."""
        import ipywidgets

        low, high, now = (float(np.log10(each)) for each in (self.low, self.high, self.value))
        # The page moves a value that lies between two steps: so let the first value lie on one.
        step = (now - low) / max(1, round((now - low) / _STEP)) or _STEP
        look = {"min": low, "max": high, "step": step, "readout_format": ".2g", **self.look()}
        return ipywidgets.FloatLogSlider(self.value, **look)


@dataclass(frozen=True)
class Count(Control):
    """A whole number between limits. Source: ipywidgets' `IntSlider`.

    >>> Count("updates", 5, low=1, high=10).accept(11)
    Traceback (most recent call last):
    ValueError: updates must be a number at most 10; got 11
    """

    low: int = 1
    high: int = 100

    def accept(self, value: Any) -> int:
        """Return the value if it lies within the limits."""
        require_count(self.label, value, low=self.low)
        return int(require_number(self.label, value, high=self.high))

    def make(self) -> Any:
        """Make a slider."""
        import ipywidgets

        return ipywidgets.IntSlider(self.value, min=self.low, max=self.high, **self.look())


@dataclass(frozen=True)
class Frames(Count):
    """A whole number that also plays by itself, with a play button. Source: ipywidgets' `Play`.

    Attributes:
        interval: Milliseconds from one number to the next.

    >>> Frames("update", 0, low=0, high=10).accept(11)
    Traceback (most recent call last):
    ValueError: update must be a number at most 10; got 11
    """

    interval: int = 150

    def beside(self, made: Any) -> list[Any]:
        """Make the play button; the page itself links it to the slider."""
        import ipywidgets

        ends = {"min": self.low, "max": self.high, "interval": self.interval}
        play = ipywidgets.Play(value=self.value, show_repeat=False, **ends)
        ipywidgets.jslink((play, "value"), (made, "value"))
        return [play]


@dataclass(frozen=True)
class Walk(Count):
    """A whole number with a button for one back and one for the next. Source: this course.

    >>> Walk("step", 0, low=0, high=4).accept(2.5)
    Traceback (most recent call last):
    TypeError: step must be a whole number of at least 0; got 2.5
    """

    def beside(self, made: Any) -> list[Any]:
        """Make the two buttons."""
        import ipywidgets

        buttons = []
        for words, move in (("Back", -1), ("Next", 1)):
            button = ipywidgets.Button(description=words, layout=ipywidgets.Layout(width="80px"))
            button.on_click(lambda _, move=move: self._move(made, move))
            buttons.append(button)
        return buttons

    def _move(self, made: Any, by: int) -> None:
        made.value = min(max(made.value + by, self.low), self.high)


@dataclass(frozen=True)
class Stops(Control):
    """One of a few numbers in order; a slider that halts at each.

    Source: ipywidgets' `SelectionSlider`.

    >>> Stops("batch size", 4, stops=(1, 2, 4, 8)).accept(3)
    Traceback (most recent call last):
    ValueError: batch size must be one of 1, 2, 4, 8; got 3
    """

    stops: Sequence[float] = DECAYS

    def accept(self, value: Any) -> Any:
        """Return the value if it is one of the stops."""
        if value not in self.stops:
            told = ", ".join(f"{stop:g}" for stop in self.stops)
            raise ValueError(f"{self.label} must be one of {told}; got {value!r}")
        return value

    def make(self) -> Any:
        """Make a slider with these stops."""
        import ipywidgets

        options = [(f"{stop:g}", stop) for stop in self.stops]
        return ipywidgets.SelectionSlider(options=options, value=self.value, **self.look())


@dataclass(frozen=True)
class Choice(Control):
    """One of several words. Source: ipywidgets' `Dropdown`.

    >>> Choice("decay", "cosine", words=("cosine", "linear")).accept("cosine")
    'cosine'
    >>> Choice("decay", "cosine", words=("cosine", "linear")).accept("sine")
    Traceback (most recent call last):
    ValueError: decay must be one of cosine, linear; got 'sine'
    """

    words: Sequence[str] = ()

    def accept(self, value: Any) -> str:
        """Return the value if it is one of the words."""
        return require_choice(self.label, value, self.words)

    def make(self) -> Any:
        """Make a list to choose from."""
        import ipywidgets

        return ipywidgets.Dropdown(options=list(self.words), value=self.value, **self.look())


def decay(name: str, value: float) -> Stops:
    """Make the control of a rate of forgetting; a value between the usual stops gets its own.

    Source: this course; lecture L0 sets 0.9 or 0.99, L4 also 0.5.

    Raises:
        ValueError, TypeError: for a value that is no number. One outside of 0 to 1 is not refused.

    >>> decay("rho", 0.85).stops[5:8]
    (0.85, 0.9, 0.95)
    """
    return Stops(name, float(value), tuple(sorted({*DECAYS, float(value)})))
