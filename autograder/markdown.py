"""Render a learner's Markdown: clean HTML, formulas in MathML, nothing from elsewhere."""

from __future__ import annotations

import re
import secrets

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.mathml import to_mathml
from autograder.sanitize import clean_html


def markdown_html(source: str) -> str:
    """Render Markdown to clean HTML with formulas in MathML."""
    renderer = _Renderer()
    rendered = MarkdownWithMath(renderer=renderer).render(source)
    return renderer.put_back(clean_html(rendered))


class _Renderer(IPythonRenderer):
    """Leaves a word in place of each formula: MathML is added after the HTML has been cleaned."""

    def __init__(self) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self._mark = f"formula{secrets.token_hex(8)}"
        self._formulas: list[str] = []

    def put_back(self, text: str) -> str:
        """Put the formulas where their words stand."""
        return re.sub(rf"{self._mark}n(\d+)n", lambda found: self._formulas[int(found[1])], text)

    def block_math(self, body: str) -> str:
        """Render a formula on lines of its own."""
        return self._keep(body, display=True)

    def inline_math(self, body: str) -> str:
        """Render a formula in a line."""
        return self._keep(body, display=False)

    def latex_environment(self, name: str, body: str) -> str:
        """Render an environment such as align."""
        return self._keep(rf"\begin{{{name}}}{body}\end{{{name}}}", display=True)

    def block_mermaidjs(self, code: str) -> str:
        """Show a diagram's source: drawing it would take a script."""
        return f"<pre>{self.escape_html(code)}</pre>"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Render a picture; an attachment is named: repair takes only the text of a cell."""
        if url.startswith("attachment:"):
            return f"[picture: {self.escape_html(text)}]"
        return str(super().image(text, url, title))

    def _keep(self, tex: str, *, display: bool) -> str:
        self._formulas.append(to_mathml(tex, display=display))
        return f"{self._mark}n{len(self._formulas) - 1}n"


def formula(latex: str) -> str:
    """Render an output of type text/latex, which comes with its dollar signs."""
    return to_mathml(latex.strip().strip("$"), display=latex.strip().startswith("$$"))
