import re
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import downslope
from downslope import display


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, str]]]:
    bundles = []

    def publish(data: dict[str, Any], metadata: Any) -> None:
        bundles.append(data)

    shell = SimpleNamespace(display_pub=SimpleNamespace(publish=publish))
    monkeypatch.setattr(display, "_running_shell", lambda: shell)
    return bundles


def test_show_gives_a_picture_with_its_description(published: list[dict[str, str]]):
    _, ax = plt.subplots()
    downslope.show(ax, alt='Loss "falls" & <rises>.')
    (bundle,) = published
    assert bundle["text/plain"] == 'Loss "falls" & <rises>.'
    assert 'alt="Loss &quot;falls&quot; &amp; &lt;rises&gt;."' in bundle["text/html"]
    assert bundle["text/html"].startswith("<figure")
    assert 'src="data:image/png;base64,iVBOR' in bundle["text/html"]
    assert "http" not in re.sub(r"base64,[^\"]*", "", bundle["text/html"])


def test_show_closes_the_figure_so_that_it_is_not_shown_twice(published: list[dict[str, str]]):
    figure, _ = plt.subplots()
    display.show(figure, alt="Nothing yet.")
    assert figure.number not in plt.get_fignums()


@pytest.mark.parametrize("kind", ["figure", "axes", "array of axes"])
def test_show_takes_a_figure_an_axes_or_an_array_of_axes(
    published: list[dict[str, str]], kind: str
):
    figure, axes = plt.subplots(2, 2)
    picture = {"figure": figure, "axes": axes[0, 1], "array of axes": axes}[kind]
    display.show(picture, alt="Four empty pictures.")
    assert len(published) == 1


def test_axes_of_a_subfigure_belong_to_the_whole_figure():
    figure = Figure()
    ax = figure.subfigures(1, 2)[0].subplots()
    assert display.figure_of(ax) is figure


def test_outside_jupyter_the_description_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    display.show(plt.subplots()[1], alt="An empty picture.")
    assert capsys.readouterr().out == "Figure: An empty picture.\n"


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_an_empty_description_is_refused(alt: Any):
    with pytest.raises(ValueError, match="say in a sentence what the picture shows"):
        display.show(Figure(), alt=alt)


@pytest.mark.parametrize("alt", [None, 3])
def test_a_description_must_be_text(alt: Any):
    with pytest.raises(TypeError, match="alt must be text"):
        display.show(Figure(), alt=alt)


@pytest.mark.parametrize("picture", [None, [], "ax"])
def test_what_is_no_picture_is_refused(picture: Any):
    with pytest.raises(TypeError, match="axes or figure; got"):
        display.show(picture, alt="A picture.")


def test_picture_keeps_its_size_in_inches():
    assert 'width="192"' in display.figure_html(display.png(Figure((2, 1)), tight=False), "Blank.")


def test_dark_pages_turn_the_picture_over():
    page = display.figure_html(display.png(Figure((2, 1))), "Blank.")
    assert 'class="downslope-picture"' in page
    assert '[data-jp-theme-light="false"] .downslope-picture' in page


def test_drawing_modules_load_their_libraries_only_when_drawn_with(
    fresh_python: Callable[[str], str],
):
    code = (
        "import sys; from downslope import show, plots, animations, widgets, landscapes; "
        "print([name for name in ('matplotlib', 'ipywidgets', 'IPython') if name in sys.modules])"
    )
    assert fresh_python(code).strip() == "[]"
