"""Turn TeX into MathML when a page is written: a browser needs no script to show it."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from xml.etree import ElementTree as ET

MAX_TEX = 2_000  # longer than any formula; a learner may paste a book between two dollar signs
# What TeX may become. A learner writes TeX too: no link, style, class or id gets through.
_ELEMENTS = """
    math menclose mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow
    ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none
"""
_ATTRIBUTES = """
    accent accentunder columnalign columnlines columnspacing depth display displaystyle fence form
    height largeop linethickness lspace mathcolor mathsize mathvariant maxsize minsize movablelimits
    notation rowlines rowspacing rspace scriptlevel separator stretchy symmetric voffset width
"""
ELEMENTS, ATTRIBUTES = frozenset(_ELEMENTS.split()), frozenset(_ATTRIBUTES.split())
VALUE = re.compile(r"[\w .,#%+-]{0,40}")
# Elements with a fixed number of parts: TeX with a part missing is shown as it was typed.
PARTS = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "mover": 2, "munder": 2}
PARTS |= {"msubsup": 3, "munderover": 3}
# Environments that the translator knows under another name only.
OTHER_NAMES = re.compile(r"\\(begin|end)\{(?:aligned|gathered|equation\*?)\}")


@lru_cache(maxsize=4096)
def to_mathml(tex: str, *, display: bool = False) -> str:
    r"""Translate TeX to a `<math>` element; TeX that cannot be translated comes back as `<code>`.

    Args:
        tex: without its delimiters.
        display: whether it stands on a line of its own.

    >>> to_mathml("x")
    '<math display="inline"><mrow><mi>x</mi></mrow></math>'
    >>> to_mathml(r"\text{<b>}")
    '<math display="inline"><mrow><mtext>&lt;b&gt;</mtext></mrow></math>'
    >>> to_mathml(r"\frac{1}")
    '<code>\\frac{1}</code>'
    """
    element = _translate(tex.strip(), display=display)
    if element is None:
        return f"<code>{html.escape(tex)}</code>"
    return _written(element)


def _translate(tex: str, *, display: bool) -> ET.Element | None:
    from latex2mathml.converter import convert_to_element

    if not tex or len(tex) > MAX_TEX:
        return None
    known = OTHER_NAMES.sub(r"\\\1{align*}", tex)
    try:
        element: ET.Element = convert_to_element(known, display="block" if display else "inline")
    except Exception:  # noqa: BLE001 - it has an exception for each fault of TeX, and some bugs
        return None
    return element if _allowed(element) else None


def _allowed(element: ET.Element) -> bool:
    """Whether all inside is known and complete; attributes that are not known are dropped."""
    tag, text = str(element.tag), html.unescape(element.text or "")
    if tag not in ELEMENTS or text.startswith("\\") or len(element) != PARTS.get(tag, len(element)):
        return False
    # The translator writes signs as references, "&#x003B8;": made letters before they are escaped.
    element.text = text
    for name, value in list(element.attrib.items()):
        if name not in ATTRIBUTES or not VALUE.fullmatch(value):
            del element.attrib[name]
    return all(_allowed(child) for child in element)


def _written(element: ET.Element) -> str:
    # A page in HTML knows the element by its name and wants no namespace.
    return ET.tostring(element, encoding="unicode", short_empty_elements=False)
