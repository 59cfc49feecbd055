"""TeX to MathML: what the course writes is translated, what a learner writes runs nothing."""

import re
from pathlib import Path

import pytest

from autograder.mathml import ELEMENTS, MAX_TEX, to_mathml


@pytest.mark.parametrize(
    "tex",
    [
        r"\theta_{t+1} = \theta_t - \eta \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}",
        r"\begin{aligned} a &= b \\ &= c \end{aligned}",
        r"\begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}",
        r"\lVert g \rVert_2 \le \operatorname{sign}(g) \odot \mathbf{w} \in \mathbb{R}^D",
    ],
)
def test_formulas_are_translated(tex: str):
    written = to_mathml(tex, display=True)
    assert written.startswith('<math display="block">')
    assert "\\" not in written


@pytest.mark.parametrize(
    "tex",
    [
        r"\text{<img src=x onerror=alert(1)>}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(//a.b)}{x}",
        r"\class{ag-total}{x}",
        r"\color{red;background:url(//a.b)}{x}",
        r"</math><script>alert(1)</script>",
        r"\text{&lt;script&gt;alert(1)&lt;/script&gt;}",
    ],
)
def test_nothing_but_mathml_comes_out(tex: str):
    written = to_mathml(tex)
    assert set(re.findall(r"<(\w+)", written)) <= ELEMENTS | {"code"}
    tags = " ".join(re.findall(r"<[^>]*>", written))
    assert not re.search(r"javascript|url|class|href|onerror|style=", tags)


@pytest.mark.parametrize("tex", [r"\nope x", r"\frac{1}", "{" * 1500, "x" * (MAX_TEX + 1), ""])
def test_what_cannot_be_translated_is_shown_as_typed(tex: str):
    assert to_mathml(tex) == f"<code>{tex}</code>"


def test_every_formula_of_the_course_is_translated(root: Path):
    found = []
    for master in (root / "source").glob("*/[0-9]*.py"):
        lines = re.findall(r"^# (?!%)(.*)$", master.read_text("utf-8"), re.MULTILINE)
        text = "\n".join(lines)
        pairs = re.findall(r"\$\$(.+?)\$\$|(?<![$\\])\$([^$\n]+?)\$", text, re.DOTALL)
        found += [block or inline for block, inline in pairs]
    assert not [tex for tex in found if to_mathml(tex).startswith("<code>")]
