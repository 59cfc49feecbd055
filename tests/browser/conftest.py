"""A JupyterLab on a copy of the release, and a browser page that may talk to this machine alone."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect, sync_playwright

from autograder.lessons import Lesson, load_lesson
from autograder.sample import make_class

HERE = Path(__file__).parent
START_SECONDS = 90
STOP_SECONDS = 10
PATIENCE = 120_000  # milliseconds: a machine that runs other tests as well may be very slow
FLAGS = [
    "--no-sandbox",  # a container's root may not make one
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Without these JupyterLab asks whether to fetch news, and asks the net for it.
QUIET = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}

ALL_RUN = """() => [...document.querySelectorAll(".jp-Notebook .jp-CodeCell .jp-InputPrompt")]
  .every((prompt) => /^\\[\\d+\\]:$/.test(prompt.textContent))"""
NONE_RUNS = """() => [...document.querySelectorAll(".jp-Notebook .jp-InputPrompt")]
  .every((prompt) => prompt.textContent !== "[*]:")"""

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Lab(NamedTuple):
    """A running JupyterLab."""

    url: str
    root: Path

    def notebook_url(self, path: str) -> str:
        """Address of a notebook in a workspace of its own, so that tests share no layout."""
        workspace = path.replace("/", "-").removesuffix(".ipynb")
        return f"{self.url}/lab/workspaces/{quote(workspace)}/tree/{quote(path)}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def lab_command(home: Path, port: int) -> list[str]:
    settings = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": home / "course",
        "IdentityProvider.token": "",
        "LabApp.app_settings_dir": home / "settings",
        "LabApp.workspaces_dir": home / "workspaces",
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    return [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *options]


def lab_environment(home: Path) -> dict[str, str]:
    """Keep the tester's own settings out, and what JupyterLab writes within the test's folder."""
    kinds = ("CONFIG", "DATA", "RUNTIME")
    own = {f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in kinds}
    return os.environ | own | {"IPYTHONDIR": str(home / "ipython")}


def wait_until_up(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/api/status", timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text('utf-8')}")


def stop(server: "subprocess.Popen[bytes]") -> None:
    """End the server; one that is asked while a kernel starts may wait for it without end."""
    server.terminate()
    try:
        server.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@contextmanager
def running_lab(release: Path, home: Path) -> Iterator[Lab]:
    """Start JupyterLab on a copy of a release, with everything that it writes in `home`."""
    course = shutil.copytree(release, home / "course")
    (home / "settings").mkdir()
    (home / "settings" / "overrides.json").write_text(json.dumps(QUIET), "utf-8")
    log, port = home / "lab.log", free_port()
    with log.open("wb") as out:
        server = subprocess.Popen(
            lab_command(home, port), stdout=out, stderr=out, env=lab_environment(home), cwd=home
        )
    try:
        wait_until_up(f"http://127.0.0.1:{port}", server, log)
        yield Lab(f"http://127.0.0.1:{port}", course)
    finally:
        stop(server)


@contextmanager
def running_browser(chromium: str) -> Iterator[Browser]:
    """Start Chromium; while it runs, nothing else in this process could use asyncio."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def guarded_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """Open a page that works without a net and without a fault.

    A request for any other machine is refused, and it or an error in a script raises at the end.
    """
    refused: list[str] = []
    errors: list[str] = []

    def stay_here(route: Route) -> None:
        if urlsplit(route.request.url).hostname in {"127.0.0.1", None}:
            route.continue_()
        else:
            refused.append(route.request.url)
            route.abort()

    options = {"viewport": {"width": 1280, "height": 900}, **options}
    with browser.new_context(**options) as context:
        context.route("**/*", stay_here)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.extend([said.text] * (said.type == "error")))
        yield page
    assert not refused
    assert not errors


def run_all(lab: Lab, page: Page, path: str) -> Page:
    """Open a notebook of the course and run all its cells; wait for the outputs you want after."""
    page.goto(lab.notebook_url(path))
    page.locator(".jp-Notebook").wait_for()
    # Cells run before the kernel answers are lost; the notebook's own indicator says idle
    # even before there is a kernel, the status bar does not.
    page.locator("#jp-main-statusbar >> text=/[|] Idle/").wait_for()
    # Cells out of sight come onto the page when it has time: until then ALL_RUN would miss them.
    cells = json.loads((lab.root / path).read_text("utf-8"))["cells"]
    prompts = page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt")
    expect(prompts).to_have_count(sum(cell["cell_type"] == "code" for cell in cells))
    page.locator("#jp-MainMenu >> text=Run").click()
    page.locator(".lm-Menu").get_by_text("Run All Cells", exact=True).click()
    return page


@dataclass(frozen=True)
class Material:
    """A lesson with its released notebook, and how to find one's way on its page."""

    lesson: Lesson
    release: dict[str, Any]

    ALL_RUN: ClassVar = ALL_RUN
    NONE_RUNS: ClassVar = NONE_RUNS
    CARDS: ClassVar = ".jp-RenderedHTML [role=status]"
    # Errors that were caught, and warnings if there are any.
    ERRORS: ClassVar = '[data-mime-type="application/vnd.jupyter.stderr"]'

    def solved(self) -> dict[str, Any]:
        """The notebook with the reference answers."""
        found: dict[str, Any] = json.loads(make_class(self.lesson, self.release)[0].content)
        return found

    def blank_but_running_on(self) -> dict[str, Any]:
        """The release, with cells that may fail marked so that Run All goes on after them."""
        notebook = json.loads(json.dumps(self.release))
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                cell["metadata"]["tags"] = ["raises-exception"]
        return dict(notebook)

    def with_mistake(self, name: str, mistake: str, *others: str) -> dict[str, Any]:
        """The cells of one exercise with a declared mistake; `others` are cells kept as well."""
        kept = {cell["id"]: cell for cell in self.solved()["cells"]}
        (found,) = [m for m in self.lesson.exercises[name].mistakes if m.name == mistake]
        kept[name]["source"] = found.apply(kept[name]["source"])
        cells = [kept[key] for key in ("setup", *others, name, f"check_{name}")]
        return {**self.release, "cells": cells}

    def cell(self, page: Page, piece: str) -> Locator:
        """Find a cell by a piece of its source; solved and blank notebooks have the same cells."""
        sources = ["".join(cell["source"]) for cell in self.release["cells"]]
        (place,) = [index for index, source in enumerate(sources) if piece in source]
        return page.locator(".jp-Notebook .jp-Cell").nth(place)


@pytest.fixture(scope="session")
def material(root: Path) -> Callable[[str], Material]:
    """Load a lesson and its release by name."""

    def load(name: str) -> Material:
        release = (root / "notebooks" / name / f"{name}.ipynb").read_text("utf-8")
        return Material(load_lesson(root / "source" / name), json.loads(release))

    return load


def all_have_run(page: Page) -> None:
    """Wait until every code cell of the notebook on a page has run."""
    page.wait_for_function(ALL_RUN)


@pytest.fixture(scope="session")
def lab(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab on a copy of the student release."""
    with running_lab(root / "notebooks", tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium for one test file."""
    with running_browser(chromium) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A guarded page of its own."""
    with guarded_page(browser) as page:
        yield page


@pytest.fixture(scope="module")
def lasting_page(browser: Browser) -> Iterator[Page]:
    """One guarded page for all tests of a file that only read it, or each use another part."""
    with guarded_page(browser) as page:
        yield page


@pytest.fixture(scope="module")
def run_notebook_on(lab: Lab) -> Callable[[Page, str], Page]:
    """Run a notebook of the course on a page."""
    return partial(run_all, lab)


@pytest.fixture
def run_notebook(lab: Lab, page: Page) -> Callable[[str], Page]:
    """Run a notebook of the course on the test's own page."""
    return partial(run_all, lab, page)


@pytest.fixture(scope="session")
def wait_for_all() -> Callable[[Page], None]:
    """Wait until every code cell of the notebook on a page has run."""
    return all_have_run
