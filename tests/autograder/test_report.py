"""The class report and the table of the terminal, from results made here."""

import re
from pathlib import Path

import pytest

from autograder.lessons import Lesson
from autograder.record import CourseRecord
from autograder.report import gradebook_table, write_report
from autograder.results import ExerciseResult, Result, Status, VerdictName
from autograder.sanitize import CONTENT_POLICY
from autograder.summary import distribution, misconceptions, percent, shares

NAME = "06_adaptive_methods"
EVIL = "<script>alert(1)</script>"


def exercise(
    score: float, verdict: VerdictName, mistake: str | None = None, message: str = ""
) -> ExerciseResult:
    return ExerciseResult(score, 4.0, verdict, mistake, message)


def result(
    student: str,
    *exercises: ExerciseResult,
    status: Status = "graded",
    repairs: tuple[str, ...] = (),
) -> Result:
    named = dict(zip(("adam_step", "why"), exercises, strict=False))
    return Result(student, NAME, status, "full", 1.0, repairs, named)


RIGHT = exercise(4.0, "pass", message="adam_step is right in 5 cases.")
FROZEN = exercise(0.0, "fail", "frozen_t", "t stays 1.\nFirst difference: x")
ELSEWHERE = exercise(4.0, "pass", "eps_inside", "Right, with a remark.")
BY_HAND = exercise(2.0, "manual")
CLASS = [
    result("ann", RIGHT, BY_HAND),
    result("bob", FROZEN, BY_HAND),
    result("cy", FROZEN, exercise(0.0, "missing"), repairs=("One.", "Two.")),
    result("dee", ELSEWHERE, BY_HAND),
    result(EVIL.replace("/", "|"), exercise(0.0, "error", None, EVIL), BY_HAND, status="partial"),
    result(
        "eve",
        exercise(0.0, "missing"),
        exercise(0.0, "missing"),
        status="unreadable",
        repairs=(f"The submission could not be graded: {EVIL}.ipynb: not valid JSON.",),
    ),
]


@pytest.fixture
def page(tmp_path: Path) -> str:
    feedback = tmp_path / "feedback" / "ann" / NAME
    feedback.mkdir(parents=True)
    (feedback / f"{NAME}.html").write_text("page", encoding="utf-8")
    return write_report(tmp_path, NAME, CLASS, {"ann": ["why"]}).read_text("utf-8")


def row(page: str, start: str) -> str:
    found = re.search(rf"<tr>(?:(?!</tr>).)*{re.escape(start)}.*?</tr>", page, re.DOTALL)
    assert found is not None
    return re.sub(r"<[^>]+>", "|", found[0])


def test_it_stands_beside_the_feedback(tmp_path: Path):
    path = write_report(tmp_path, NAME, CLASS, {})
    assert path == tmp_path / "feedback" / f"class_report_{NAME}.html"


def test_mistakes_are_ranked_with_their_sentence_and_students(page: str):
    ranked = row(page, "frozen_t")
    assert "t stays 1." in ranked
    assert "First difference" not in ranked
    assert "bob, cy" in ranked
    assert "eps_inside" not in page[page.index('id="mistakes"') : page.index('id="exercises"')]


def test_exercises_have_shares_and_verdicts(page: str):
    adam = row(page, '<code>adam_step</code></th><td class="number">1.33')
    assert "33 %" in adam
    assert "2 right, 2 not right, 1 error, 1 not written" in adam


def test_students_have_scores_notes_and_links(page: str):
    assert f'href="ann/{NAME}/{NAME}.html"' in page
    assert f'href="bob/{NAME}/{NAME}.html"' not in page
    assert "by hand: why" in row(page, '<th scope="row">ann')
    assert "2 repairs" in row(page, '<th scope="row">cy')
    assert "adam_step: frozen_t" in row(page, '<th scope="row">bob')
    assert "unreadable" in row(page, '<th scope="row">eve')


def test_scores_are_drawn_and_told(page: str):
    assert 'aria-label="Students by score. 0-9 %: 2, 20-29 %: 2, 70-79 %: 2"' in page


def test_nothing_of_a_student_becomes_markup(page: str):
    assert "<script" not in page
    assert "alert(1)" in page
    assert f'content="{CONTENT_POLICY}"' in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_headers_of_tables_have_a_scope(page: str):
    assert not re.findall(r"<th(?! scope)[ >]", page)


def test_what_waits_is_read_from_the_gradebook(tiny_course: Path, tiny_lesson: Lesson):
    with CourseRecord(tiny_course) as record:
        record.ensure_assignment(tiny_lesson)
    page = write_report(tiny_course, "01_tiny", []).read_text("utf-8")
    assert "There are no submissions." in page


def test_the_table_has_a_line_for_everybody():
    lines = gradebook_table(CLASS).splitlines()
    assert lines[0].split() == ["student", "score", "status", "what", "went", "wrong"]
    assert re.search(r"^bob +2 / 8 +graded +adam_step: frozen_t$", "\n".join(lines), re.MULTILINE)
    assert any("eve" in line and "could not be graded" in line for line in lines)
    assert lines[-1] == "6 submissions, mean 33 %"


def test_the_table_keeps_control_characters_from_the_terminal():
    table = gradebook_table([result("a\x1b[2Jb\u202e", RIGHT)])
    assert "a?[2Jb?" in table


def test_the_table_of_an_empty_class():
    assert gradebook_table([]).splitlines()[-1] == "0 submissions"


def test_many_faults_are_cut():
    many = {f"e{index}": exercise(0.0, "timeout") for index in range(5)}
    table = gradebook_table([Result("ann", NAME, "graded", "full", 1.0, (), many)])
    assert "e0: out of time; e1: out of time; e2: out of time and 2 more" in table


def test_numbers_of_a_class():
    assert distribution(CLASS) == [2, 0, 2, 0, 0, 0, 0, 2, 0, 0]
    assert percent(Result("a", NAME, "graded", "", 0.0)) == 0.0
    assert [share.exercise for share in shares(CLASS)] == ["adam_step", "why"]
    assert [item.students for item in misconceptions(CLASS)] == [("bob", "cy")]


def test_extra_points_stay_in_the_last_class():
    assert distribution([result("ann", exercise(5.0, "pass"))])[-1] == 1
