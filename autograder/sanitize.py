"""Clean the HTML in a learner's notebook, so that it runs nothing and loads nothing.

An allow-list, not a list of known evils: what is not named here goes. The page's own policy
(`CONTENT_POLICY`) stands behind it: should something slip through, the browser will not run it.
"""

from __future__ import annotations

import re
import secrets
from functools import cache
from typing import Any

CONTENT_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
_TAGS = """
    a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em
    figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span
    strong sub summary sup table tbody td tfoot th thead tr tt u ul var wbr
"""
_STYLES = """
    background background-color border border-bottom border-bottom-color border-collapse
    border-color border-left border-left-color border-radius border-right border-spacing
    border-style border-top border-width color font-family font-size font-style font-variant
    font-weight letter-spacing line-height list-style-type margin margin-bottom margin-left
    margin-right margin-top max-width padding padding-bottom padding-left padding-right
    padding-top text-align text-decoration vertical-align white-space
"""
TAGS, STYLES = frozenset(_TAGS.split()), frozenset(_STYLES.split())
PLAIN = {
    "*": {"title", "lang", "dir"},
    "a": {"href"},
    "img": {"alt", "width", "height"},
    "td": {"colspan", "rowspan", "headers", "align"},
    "th": {"colspan", "rowspan", "headers", "align", "scope"},
    "col": {"span"},
    "ol": {"start", "type"},
    "details": {"open"},
}
# Elements whose content is no text for readers: it goes with them.
MUTE = ("script", "style", "iframe", "object", "template", "svg", "math", "title", "textarea")
# What Pygments gives to highlighted code. No other class: nothing shall look like the page's own.
CODE_CLASS = re.compile(r"highlight|[a-z]{1,2}\d?")
# In a style: an address, a way to write one, or a shift over other parts of the page.
SLY_STYLE = re.compile(r"url|image|expression|@|\\|/\*|-\s*\.?\d|calc", re.IGNORECASE)
# An SVG inside <img> runs no script and fetches nothing.
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]+")
# What is left of a picture from elsewhere.
LOST_PICTURE = re.compile(r'<img(?: (?!src=)[a-z]+="[^"]*")*>')
# The parser's time grows with the square of the depth: beyond this no table of a lesson goes.
MAX_TAGS, MAX_LENGTH = 6_000, 300_000
SIZE = re.compile(r"\d{1,4}(?:\.\d+)?(?:px|%)?")


def clean_html(text: str) -> str:
    """Return the harmless part of a piece of HTML.

    >>> clean_html('<b onclick="x()">hi</b><script>x()</script><img src="http://a.b/c" alt="me">')
    '<b>hi</b>'
    """
    keeper = PictureKeeper()
    short = keeper.take_out(_without_mute(text))
    if short.count("<") > MAX_TAGS or len(short) > MAX_LENGTH:
        return "<i>This HTML is too long to be shown here.</i>"
    cleaned: str = _cleaner().clean(short)
    return keeper.put_back(LOST_PICTURE.sub("", cleaned))


class PictureKeeper:
    """Takes pictures out before HTML is parsed: they are long, and letters of base64 do no harm."""

    def __init__(self) -> None:
        self._mark = f"data:image/png;base64,{secrets.token_hex(8)}"
        self._pictures: list[str] = []

    def take_out(self, text: str) -> str:
        """Put a short address in place of each picture."""
        return PICTURE.sub(self._keep, text)

    def put_back(self, text: str) -> str:
        """Put the pictures back where their addresses stand."""
        return re.sub(rf"{re.escape(self._mark)}n(\d+)n", self._kept, text)

    def _keep(self, found: re.Match[str]) -> str:
        self._pictures.append("".join(found[0].split()))
        return f"{self._mark}n{len(self._pictures) - 1}n"

    def _kept(self, found: re.Match[str]) -> str:
        index = int(found[1])
        return self._pictures[index] if index < len(self._pictures) else ""


@cache
def _cleaner() -> Any:
    import bleach
    from bleach.css_sanitizer import CSSSanitizer

    return bleach.Cleaner(
        tags=TAGS,
        attributes=_may_stay,
        protocols={"http", "https", "mailto", "data"},
        strip=True,
        css_sanitizer=CSSSanitizer(allowed_css_properties=STYLES, allowed_svg_properties=()),
    )


def _may_stay(tag: str, name: str, value: str) -> bool:
    """Decide about one attribute."""
    if name == "src":
        return tag == "img" and PICTURE.fullmatch(value) is not None
    if name == "href":
        return tag == "a" and not value.strip().lower().startswith("data:")
    if name == "style":
        return SLY_STYLE.search(value) is None
    if name == "class":
        return tag in ("div", "pre", "span") and CODE_CLASS.fullmatch(value) is not None
    if name in ("width", "height"):
        return tag == "img" and SIZE.fullmatch(value) is not None
    return name in PLAIN["*"] or name in PLAIN.get(tag, ())


def _without_mute(text: str) -> str:
    for tag in MUTE:
        text = _without(tag, text)
    return text


def _without(tag: str, text: str) -> str:
    """Cut an element out with all that it holds; in one pass, whatever the text is."""
    opener = re.compile(rf"<{tag}(?=[\s/>])", re.IGNORECASE)
    closer = re.compile(rf"</{tag}\b[^>]*>?", re.IGNORECASE)
    kept, position = [], 0
    while opened := opener.search(text, position):
        closed = closer.search(text, opened.end())
        if closed is None:
            break
        kept.append(text[position : opened.start()])
        position = closed.end()
    return "".join(kept) + text[position:]
