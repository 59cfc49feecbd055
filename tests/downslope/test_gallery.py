import re
from html.parser import HTMLParser
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

import downslope.gallery.__main__ as command
from downslope import animations, plots, widgets
from downslope.gallery import exhibits, gallery_html
from downslope.gallery.exhibits import Exhibit, body_of

NOT_PICTURES = {"count_confusions", "describe", "drawable", "one_matters", "starts"}


class Page(HTMLParser):
    """Collects what a page asks for, and its pictures without words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.wordless = 0
        self.articles: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        source = given.get("src") or (given.get("href") if tag in {"a", "link"} else None)
        if source and not source.startswith(("data:", "#")):
            self.asked.append(source)
        self.wordless += tag == "img" and not (given.get("alt") or "").strip()
        if tag == "article":
            self.articles.append(given["id"] or "")


@pytest.fixture(scope="module")
def page() -> str:
    return gallery_html()


@pytest.mark.slow
def test_the_page_asks_nobody_for_anything(page: str):
    read = Page(page)
    assert read.asked == []
    assert "default-src 'none'" in page
    assert not re.findall(r"(?:url\(|@import|fetch\(|https?://(?!www\.w3\.org/))", page)


@pytest.mark.slow
def test_every_exhibit_is_there_with_words_and_code(page: str):
    read = Page(page)
    assert read.wordless == 0
    assert read.articles == [exhibit.name for exhibit in exhibits()]
    assert page.count("<b>In words.</b>") == page.count("</code></pre></article>")
    assert page.count("<b>In words.</b>") == len(read.articles)


@pytest.mark.slow
def test_the_page_stays_of_a_size_to_send(page: str):
    assert len(page) < 12e6


def test_every_picture_animation_and_explorer_has_an_exhibit():
    code = "\n".join(exhibit.code for exhibit in exhibits())
    named = {f"plots.{name}" for name in set(plots.__all__) - NOT_PICTURES}
    named |= {f"widgets.{name}" for name in widgets.__all__ if name.startswith("explore_")}
    named |= {f"animations.{animations.race.__name__}"}
    assert {name for name in named if f"{name}(" not in code} == set()


def test_captions_are_sentences_and_code_has_no_return():
    for exhibit in exhibits():
        assert exhibit.caption.endswith("."), exhibit.name
        assert "return" not in exhibit.code, exhibit.name
        assert '"""' not in exhibit.code, exhibit.name
        compile(exhibit.code, exhibit.name, "exec")


def test_the_body_of_a_function_is_what_one_would_type():
    def made() -> int:
        """Count."""
        first = 1
        return first + 1

    assert body_of(made) == "first = 1\nfirst + 1"


def one_exhibit() -> plt.Axes:
    """A <small> picture."""
    return plots.folds(2)


def test_captions_and_code_are_escaped():
    text = gallery_html([Exhibit("Some section", one_exhibit)])
    assert "A &lt;small&gt; picture." in text
    assert 'href="#section-some-section"' in text
    assert plt.get_fignums() == []


@pytest.fixture
def _small_page(monkeypatch: pytest.MonkeyPatch) -> None:
    import downslope.gallery.page as page_module

    monkeypatch.setattr(
        page_module, "exhibits", lambda: iter([Exhibit("Some section", one_exhibit)])
    )
    monkeypatch.setattr(mpl, "use", lambda backend: None)


@pytest.mark.usefixtures("_small_page")
def test_the_command_writes_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "gallery.html"
    assert command.main([str(out)]) == 0
    assert out.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert capsys.readouterr().out == f"{out}: 0.0 MB\n"


@pytest.mark.usefixtures("_small_page")
def test_the_command_says_where_it_cannot_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert command.main([str(tmp_path / "nowhere" / "gallery.html")]) == 1
    assert "there is no folder" in capsys.readouterr().err


def test_the_command_wants_a_name(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        command.main([])
    assert "OUT.html" in capsys.readouterr().err


@pytest.mark.browser
@pytest.mark.slow
def test_a_browser_shows_the_page_in_light_and_dark(page: str, tmp_path: Path, chromium: str):
    from playwright.sync_api import sync_playwright

    file = tmp_path / "gallery.html"
    file.write_text(page, encoding="utf-8")
    said: list[str] = []
    asked: list[str] = []
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]  # a container's root may not make a sandbox
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        tab = browser.new_page(viewport={"width": 1300, "height": 900}, color_scheme="light")
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("request", lambda request: asked.append(request.url.partition(":")[0]))
        tab.goto(file.as_uri())
        papers = []
        for _ in range(2):
            papers.append(tab.evaluate("getComputedStyle(document.body).backgroundColor"))
            tab.click("#theme")
        broken = tab.evaluate("[...document.images].filter(image => !image.naturalWidth).length")
        tab.set_viewport_size({"width": 400, "height": 800})
        too_wide = tab.evaluate("document.documentElement.scrollWidth > innerWidth")
        browser.close()
    assert papers == ["rgb(255, 255, 255)", "rgb(17, 17, 17)"]
    assert (said, set(asked) - {"file", "data"}, broken, too_wide) == ([], set(), 0, False)
