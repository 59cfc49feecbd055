"""Quiz questions in a notebook: true/false, one of several, or a number.

``quiz(name)`` shows a question with buttons; ``quiz(name, answer)`` answers it without them, which
also works in a terminal or with a screen reader. ``predict`` is the same, asked before a picture.
"""

from __future__ import annotations

import base64
import hashlib
import math
from typing import Any

from downslope.catalog import question
from downslope.pages import Page, card, in_notebook, prose, show_page

ANSWERED: dict[str, bool] = {}


def digest(name: str, answer: str) -> str:
    """Hash an answer together with its question's name, so that it is not read by mistake.

    Gives 16 digits of SHA-256 in base 16, for any two texts; it refuses nothing. Source: Python's
    `hashlib`.

    >>> len(digest("which", "Adam")), digest("which", "Adam") == digest("which", "SGD")
    (16, False)
    """
    return hashlib.sha256(f"{name}:{answer}".encode()).hexdigest()[:16]


def veil(text: str) -> str:
    """Write a reply so that it is not read before the question is answered: in base 64.

    Source: Python's `base64`.

    Raises:
        AttributeError: for what is no text.

    >>> veil("Right.")
    'UmlnaHQu'
    """
    # Not compressed: other builds of zlib give other bytes, and the release must repeat.
    return base64.b64encode(text.encode()).decode("ascii")


def unveil(text: str) -> str:
    """Read what `veil` wrote. Source: Python's `base64`.

    Raises:
        ValueError, TypeError: for what it has not written.

    >>> unveil(veil("Right."))
    'Right.'
    """
    return base64.b64decode(text).decode()


def rounded(value: float, digits: int) -> str:
    """Write a number with `digits` significant digits, the form in which answers are compared.

    Source: this course.

    Raises:
        TypeError: for a value that is no number.
        ValueError: for fewer than one digit.

    >>> rounded(0.271, 3), rounded(-0.0, 2)
    ('2.71e-01', '0.0e+00')
    """
    return f"{value + 0.0:.{digits - 1}e}"


def quiz(name: str, answer: object = None) -> None:
    """Show a question, or answer it. Source: this course; some questions are lecture L2's.

    Args:
        name: the question's name.
        answer: True or False, an option's text (or its first letters), or a number; without it the
            question is shown with buttons.

    Raises:
        LookupError: when there is no such question.
        ValueError: when the answer is not one that the question can have.

    >>> quiz("bias_for_every_row")
    In X @ W.T + b every example gets the same bias. (true / false) Answer with
    quiz('bias_for_every_row', ...).
    >>> quiz("what_the_theorem_promises", "That training")
    Not yet. It says nothing about finding them.
    >>> quiz("bias_for_every_row", "perhaps")
    Traceback (most recent call last):
    ValueError: 'perhaps' is not one of the options: true, false
    """
    asked = question(name)
    if answer is not None:
        show_page(_mark(asked, answer))
    elif not _show_buttons(asked, "Check"):
        show_page(_as_page(asked))


def predict(name: str, answer: object = None) -> None:
    """Ask for a prediction before a picture; the same as `quiz`, with another button.

    Source: this course.

    Raises:
        LookupError, ValueError: as `quiz` does.

    >>> predict("shape_of_row_plus_column")
    a has the shape (3, 1), b has the shape (4,). What is the shape of a + b? ((3, 4) / (4, 3) /
    (7,) / an error) Answer with quiz('shape_of_row_plus_column', ...).
    """
    asked = question(name)
    if answer is not None:
        quiz(name, answer)
    elif not _show_buttons(asked, "This is my prediction"):
        show_page(_as_page(asked))


def reply(asked: dict[str, Any], answer: object) -> tuple[bool, str]:
    """Mark an answer and return whether it is right and what to read. Source: this course.

    Args:
        asked: what `catalog.question` returns.
        answer: as for `quiz`.

    Raises:
        ValueError: when the answer is not one that the question can have.
        KeyError: for a dict that is no question.

    >>> reply(question("what_the_theorem_promises"), "That training")
    (False, 'It says nothing about finding them.')
    """
    keys = _number_keys(asked, answer) if asked["kind"] == "number" else [_option(asked, answer)]
    digests = [digest(asked["name"], key) for key in keys]
    right = asked["right"] in digests
    chosen = asked["right"] if right else digests[0]
    text = asked["replies"].get(chosen)
    words = unveil(text) if text else "Not this number. Work it out once more, step by step."
    return right, words


def _mark(asked: dict[str, Any], answer: object) -> Page:
    right, words = reply(asked, answer)
    ANSWERED[asked["name"]] = right
    mark = "Right." if right else "Not yet."
    kind = "right" if right else "wrong"
    return Page(f"{mark} {words}", card(kind, mark, prose(words)))


def _option(asked: dict[str, Any], answer: object) -> str:
    text = str(answer).strip().lower()
    options: list[str] = asked["options"]
    exact = [option for option in options if option.lower() == text]
    fitting = exact or [option for option in options if text and option.lower().startswith(text)]
    if len(fitting) != 1:
        raise ValueError(f"{answer!r} is not one of the options: {', '.join(options)}")
    return fitting[0]


def _number_keys(asked: dict[str, Any], answer: object) -> list[str]:
    """The number as asked for, and its neighbours in the last digit (cut off, not rounded)."""
    try:
        value = float(answer)  # type: ignore[arg-type]  # that is what the except is for
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{str(answer)[:40]!r} is not a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{answer!r} is not a finite number")
    digits = asked["digits"]
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1) if value else 0.0
    return [rounded(value + shift, digits) for shift in (0.0, unit, -unit)]


def _as_page(asked: dict[str, Any]) -> Page:
    options = f" ({' / '.join(asked['options'])})" if asked["kind"] == "choice" else ""
    text = f"{asked['text']}{options} Answer with quiz({asked['name']!r}, ...)."
    return Page(text, f"<p>{prose(text)}</p>")


def _show_buttons(asked: dict[str, Any], label: str) -> bool:
    """Show the question as a widget; False where no widget can be shown."""
    if not in_notebook():
        return False
    from downslope.display import drawn

    if not drawn():
        return False
    from IPython.display import display

    from downslope.question_box import KEYS, question_box

    box = question_box(asked, label, lambda answer: _mark(asked, answer).markup)
    page = _as_page(asked)
    # A page without widgets, such as a printed one, shows the question as text.
    live = box._repr_mimebundle_() or {}
    display({**live, "text/plain": page.text, "text/html": page.markup}, raw=True)
    display({"text/plain": "", "text/html": KEYS}, raw=True)
    return True
