"""Feedback pages: what they say, that they run and load nothing, and that one is always written."""

import copy
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import CourseError
from autograder.feedback import configure, time_limit, write_feedback
from autograder.lessons import Lesson
from autograder.record import CourseRecord
from autograder.results import ExerciseResult, Result
from autograder.sanitize import CONTENT_POLICY

Json = dict[str, Any]
NAME = "01_tiny"
HOSTILE_TEXT = """
Because $2x = x + x$.

<script>document.title = "ran"; alert(1)</script>
<img src="http://outside.test/a.png" onerror="alert(1)">

[click](javascript:alert(1)) ![lost](attachment:lost.png)
![$x$ "t](data:text/html,<script>alert(1)</script>)

$$\\frac{m_t}{1 - \\beta_1^t} \\text{<img src=x onerror=alert(1)>}$$

```mermaid
graph TD; <img src=x onerror=alert(1)>
```
<svg onload="alert(1)"></svg><iframe src="javascript:alert(1)"></iframe>
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HOSTILE_OUTPUTS = [
    {"text/html": "<b>kept</b><script>alert(1)</script><img src=//outside.test/b onload=x()>"},
    {"text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "plain"},
    {"application/javascript": "alert(1)"},
    {"text/markdown": HOSTILE_TEXT},
    {"image/svg+xml": SVG},
    {"image/png": '"><script>alert(1)</script>'},
    {"text/latex": "$\\href{javascript:alert(1)}{x}$"},
    {
        "application/vnd.jupyter.widget-view+json": {
            "model_id": "</script><script>alert(1)</script>"
        }
    },
    {"text/vnd.mermaid": "</pre><script>alert(1)</script>"},
    {"text/plain": "<script>alert(1)</script>"},
]


@pytest.fixture
def record(tiny_course: Path, tiny_lesson: Lesson) -> Iterator[CourseRecord]:
    with CourseRecord(tiny_course) as opened:
        opened.ensure_assignment(tiny_lesson)
        yield opened


def result_of(student: str, **changes: Any) -> Result:
    message = "This squares x.\n<script>alert(1)</script>"
    exercises = {
        "double": ExerciseResult(0.0, 4.0, "fail", "squares", message),
        "why_even": ExerciseResult(0.0, 3.0, "manual", None, ""),
    }
    base: Json = {
        "status": "graded",
        "isolation": "full: <namespaces>",
        "seconds": 1.25,
        "repairs": ("Found as '<script>alert(1)</script>.ipynb'.",),
        "exercises": exercises,
    }
    return Result(student, NAME, **{**base, **changes})


def hand_in(
    record: CourseRecord, student: str, text: str = "Two.", outputs: list[Json] | None = None
) -> None:
    notebook: Json = copy.deepcopy(record.files.assignment(NAME)["release"])
    for cell in notebook["cells"]:
        if cell["id"] == "why_even":
            cell["source"] = text
        if cell["id"] == "check_double":
            cell["outputs"] = outputs or []
    record.record(result_of(student), notebook)


def hostile(record: CourseRecord, student: str) -> None:
    outputs: list[Json] = [
        {"output_type": "display_data", "metadata": {"text/html": {"isolated": True}}, "data": data}
        for data in HOSTILE_OUTPUTS
    ]
    shown = "\x1b[31m<script>alert(1)</script>"
    outputs += [
        {"output_type": "stream", "name": "stdout", "text": shown},
        {"output_type": "stream", "name": "stderr", "text": shown},
        {"output_type": "error", "ename": shown, "evalue": shown, "traceback": [shown]},
    ]
    hand_in(record, student, HOSTILE_TEXT, outputs)


def page_of(course: Path, student: str) -> str:
    return (course / "feedback" / student / NAME / f"{NAME}.html").read_text("utf-8")


def test_a_page_says_marks_messages_repairs_and_isolation(record: CourseRecord):
    hand_in(record, "ann")
    pages = write_feedback(record.course, NAME)
    assert pages == [record.course / "feedback" / "ann" / NAME / f"{NAME}.html"]
    page = page_of(record.course, "ann")
    assert "0\xa0/\xa07" in page
    assert page.count("This squares x.") == 2  # in the table on top and under the check
    assert "Isolation: full: &lt;namespaces&gt;" in page
    assert "Found as" in page
    assert "waits for a person" in page
    assert '<math display="inline">' in page  # from the lesson's own text


def test_an_exercise_without_points_is_right_or_wrong_all_the_same(record: CourseRecord):
    right = ExerciseResult(0.0, 0.0, "pass", None, "double is right.")
    notebook = copy.deepcopy(record.files.assignment(NAME)["release"])
    record.record(result_of("ann", exercises={"double": right}), notebook)
    write_feedback(record.course, NAME)
    assert '<span class="ag-tag ag-right">right</span>' in page_of(record.course, "ann")


def test_marks_and_comments_given_by_hand_are_on_the_page(record: CourseRecord):
    hand_in(record, "ann")
    grade = record._gradebook.find_grade("why_even", NAME, NAME, "ann")
    grade.manual_score, grade.needs_manual_grade = 2.5, False
    comment = record._gradebook.find_comment("why_even", NAME, NAME, "ann")
    comment.manual_comment = "Well *put*."
    record._gradebook.db.commit()
    write_feedback(record.course, NAME)
    page = page_of(record.course, "ann")
    assert "2.5\xa0/\xa03" in page
    assert "Well <em>put</em>." in page
    assert "graded by hand" in page


def assert_harmless(page: str) -> None:
    tags = re.findall(r"<[a-zA-Z][^>]*>", page)
    assert not [tag for tag in tags if re.match(r"<(script|iframe|svg|object|base|form)\b", tag)]
    assert not [tag for tag in tags if re.search(r"\son\w+\s*=|javascript:|srcset", tag)]
    sources = re.findall(r'\ssrc="([^"]*)"', " ".join(tags))
    assert not [source for source in sources if not source.startswith("data:image/")]
    assert "outside.test" not in page


def test_nothing_of_a_hostile_notebook_runs_or_loads(record: CourseRecord):
    hostile(record, "mal")
    write_feedback(record.course, NAME)
    page = page_of(record.course, "mal")
    assert_harmless(page)
    assert f'content="{CONTENT_POLICY}"' in page
    assert "<b>kept</b>" in page
    assert "<td>1</td>" in page
    assert "could not be shown" not in page  # the notebook itself is there


def test_only_the_named_students_are_written(record: CourseRecord):
    for student in ("ann", "bob", "b[o]b", "eve"):
        hand_in(record, student)
    pages = write_feedback(record.course, NAME, ["b[o]b", "eve"])
    assert [page.parent.parent.name for page in pages] == ["b[o]b", "eve"]
    assert not (record.course / "feedback" / "bob").exists()


def test_an_unreadable_submission_has_a_page(record: CourseRecord):
    reason = "The submission could not be graded: it is not valid JSON."
    missing = ExerciseResult(0.0, 4.0, "missing", None, reason)
    exercises = {"double": missing}
    result = result_of("eve", status="unreadable", repairs=(reason,), exercises=exercises)
    record.record(result, None)
    write_feedback(record.course, NAME)
    page = page_of(record.course, "eve")
    assert "Why there are no points" in page
    assert reason in page


def test_a_notebook_that_cannot_be_shown_still_has_its_marks(record: CourseRecord):
    hand_in(record, "ann")
    hand_in(record, "bob")
    path = record.files.notebook_path(NAME, "ann")
    notebook = json.loads(path.read_text("utf-8"))
    # What no grading writes, but a hand may: an output without its data.
    notebook["cells"][3]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": {"a": 1}}
    ]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert len(write_feedback(record.course, NAME)) == 2
    assert "could not be shown" in page_of(record.course, "ann")
    assert "This squares x." in page_of(record.course, "ann")
    assert "could not be shown" not in page_of(record.course, "bob")


def test_a_notebook_graded_by_nbgrader_alone_has_a_page(record: CourseRecord):
    hand_in(record, "ann")
    record.files.result_path(NAME, "ann").unlink()
    write_feedback(record.course, NAME)
    assert "0\xa0/\xa07" in page_of(record.course, "ann")


def test_nothing_graded_and_unknown_students_are_told(record: CourseRecord):
    with pytest.raises(CourseError, match="Run 'autograder grade 01_tiny'"):
        write_feedback(record.course, NAME)
    hand_in(record, "ann")
    with pytest.raises(CourseError, match="not graded yet: zoe"):
        write_feedback(record.course, NAME, ["zoe"])


def test_a_folder_that_cannot_be_written(record: CourseRecord):
    hand_in(record, "ann")
    (record.course / "feedback").write_text("a file in its place", encoding="utf-8")
    with pytest.raises(CourseError, match="no feedback could be written"):
        write_feedback(record.course, NAME)


def test_a_page_has_a_limit_of_time():
    with pytest.raises(TimeoutError), time_limit(1):
        time.sleep(5)


def test_nbgraders_own_command_writes_the_same_page(record: CourseRecord):
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    hostile(record, "mal")
    config = Config()
    configure(config)
    config.CourseDirectory.root = str(record.course)
    done = NbGraderAPI(config=config).generate_feedback(NAME)
    assert done["success"], done["log"]
    assert_harmless(page_of(record.course, "mal"))


def test_the_formgrader_shows_nothing_that_runs(record: CourseRecord):
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers
    from traitlets.config import Config

    hostile(record, "mal")
    config = Config()
    configure(config)
    config.HTMLExporter.template_name = "formgrade"  # as the formgrader sets itself up
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    resources = dict.fromkeys(
        ("assignment_id", "notebook_id", "submission_id", "base_url", "student"), "x"
    )
    more = {"index": 0, "total": 1, "last_name": "", "first_name": "", "notebook_path": "x"}
    path = str(record.files.notebook_path(NAME, "mal"))
    page, _ = HTMLExporter(config=config).from_filename(path, resources=resources | more)
    cells = page[page.index('id="notebook-container"') :]
    assert "kept" in cells
    assert "<math" in cells
    assert not re.search(r"<[^>]*(\son(error|load)\s*=|javascript:)", cells)
    assert "alert(1)</script" not in cells.replace("&lt;script&gt;alert(1)&lt;/script&gt;", "")


@pytest.mark.browser
def test_a_browser_neither_runs_nor_asks_for_anything(record: CourseRecord, chromium: str):
    from playwright.sync_api import sync_playwright

    hostile(record, "mal")
    (page_path,) = write_feedback(record.course, NAME)
    said: list[str] = []
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(page_path.as_uri())
        page.get_by_text("click", exact=True).first.click()
        title, formulas = page.title(), page.locator("math mfrac").count()
        browser.close()
    assert said == []
    assert [url for url in asked if not url.startswith("data:image/")] == [page_path.as_uri()]
    assert title == f"Feedback: {NAME}, mal"
    assert formulas >= 2
