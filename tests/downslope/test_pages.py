"""Messages have two forms, and the right one is shown."""

import subprocess
import sys

import pytest

from downslope.pages import COLOURS, Page, card, in_notebook, prose, show_page


def test_outside_a_notebook_the_text_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    show_page(Page("words", "<b>words</b>"))
    assert capsys.readouterr().out == "words\n"


def test_pytest_is_no_notebook() -> None:
    assert not in_notebook()


def test_terminal_ipython_is_no_notebook() -> None:
    code = (
        "from IPython.core.interactiveshell import InteractiveShell as shell\n"
        "shell.instance()\n"
        "from downslope.pages import in_notebook\n"
        "print(in_notebook())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("kind", COLOURS)
def test_a_card_says_its_head_in_words_and_is_announced(kind: str) -> None:
    markup = card(kind, "Right & <good>.", "<i>body</i>")
    assert "<b>Right &amp; &lt;good&gt;.</b> <i>body</i>" in markup
    assert 'role="status"' in markup


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("`<b>`", "<code>&lt;b&gt;</code>"),
        ("a ` b", "a ` b"),
        ("``", "``"),
        ("`m` and `v`", "<code>m</code> and <code>v</code>"),
    ],
)
def test_code_between_backticks_is_set_as_code(text: str, markup: str) -> None:
    assert prose(text) == markup
