"""Make executed notebooks safe to look at in nbgrader's formgrader.

The formgrader shows a learner's outputs and Markdown as they are, inside the instructor's Jupyter.
`autograder.feedback.configure` puts this preprocessor before its exporter.
"""

from __future__ import annotations

from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.feedback_page import shortened
from autograder.markdown import markdown_html
from autograder.sanitize import clean_html

# Signs that would start a formula or end a block of HTML when Markdown is rendered once more.
SIGNS = str.maketrans({"\n": "&#10;", "$": "&#36;", "\\": "&#92;", "`": "&#96;"})


class SafeNotebook(NbGraderPreprocessor):  # type: ignore[misc]
    """Cleans outputs, and renders Markdown so that nothing is left for others to interpret."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Clean one cell."""
        del cell_index
        if cell.cell_type == "markdown":
            cell.source = f"<div>{markdown_html(cell.source).translate(SIGNS)}</div>"
        elif cell.cell_type == "raw":
            cell.source = clean_html(cell.source)
        for output in shortened(cell).get("outputs", ()):
            for kind in {"text/html", "text/markdown"} & set(output.get("data", ())):
                clean = clean_html if kind == "text/html" else markdown_html
                output.data = {"text/html": clean(output.data[kind])}
            if "text/latex" in output.get("data", ()):
                output.data = {"text/plain": output.data["text/latex"]}
        return cell, resources
