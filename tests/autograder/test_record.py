"""Recording: gradebook rows, stored results, kills in between, gradebooks that are not usable."""

import contextlib
import copy
import csv
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from autograder.coursefiles import CourseFiles
from autograder.errors import CourseError
from autograder.grades import Mark, save_submission
from autograder.lessons import Lesson, load_lesson
from autograder.record import CourseRecord
from autograder.results import ExerciseResult, Result

Json = dict[str, Any]
NAME = "01_tiny"
RIGHT = "def double(x):\n    return x + x"


@pytest.fixture
def record(tiny_course: Path, tiny_lesson: Lesson) -> Iterator[CourseRecord]:
    with CourseRecord(tiny_course) as opened:
        opened.ensure_assignment(tiny_lesson)
        yield opened


def filled(record: CourseRecord, **sources: str) -> Json:
    notebook: Json = copy.deepcopy(record.files.assignment(NAME)["release"])
    for cell in notebook["cells"]:
        cell["source"] = sources.get(cell["id"], cell["source"])
    return notebook


def result_of(student: str = "ann", score: float = 4.0, **changes: Any) -> Result:
    verdict = "pass" if score else "fail"
    exercises = {
        "double": ExerciseResult(score, 4.0, verdict, None, "said so"),  # type: ignore[arg-type]
        "why_even": ExerciseResult(0.0, 3.0, "manual", None, ""),
    }
    base: Json = {"status": "graded", "isolation": "none", "seconds": 1.0, "exercises": exercises}
    return Result(student, NAME, **{**base, **changes})


def unreadable(student: str = "bob") -> Result:
    exercises = {
        "double": ExerciseResult(0.0, 4.0, "missing", None, "no"),
        "why_even": ExerciseResult(0.0, 3.0, "missing", None, "no"),
    }
    reason = "The submission could not be graded: <b>x</b>.ipynb: it is not valid JSON."
    return result_of(student, status="unreadable", repairs=(reason,), exercises=exercises)


def row(record: CourseRecord, cell: str, student: str = "ann") -> Json:
    grade = record._gradebook.find_grade(cell, NAME, NAME, student)
    found: Json = grade.to_dict()
    record._gradebook.db.remove()
    return found


def mark_by_hand(record: CourseRecord, cell: str, points: float) -> None:
    """What the formgrader does when a person enters points."""
    grade = record._gradebook.find_grade(cell, NAME, NAME, "ann")
    grade.manual_score, grade.needs_manual_grade = points, False
    record._gradebook.db.commit()


def test_a_submission_has_scores_comments_and_files(record: CourseRecord):
    record.record(result_of(), filled(record, double=RIGHT, why_even="Two divides it."))
    assert row(record, "check_double")["auto_score"] == 4.0
    assert not row(record, "check_double")["needs_manual_grade"]
    assert row(record, "why_even")["auto_score"] is None
    assert row(record, "why_even")["needs_manual_grade"]
    assert record._gradebook.find_comment("double", NAME, NAME, "ann").auto_comment is None
    assert record.files.notebook(NAME, "ann")["nbformat"] == 4
    assert record.results(NAME) == [result_of()]
    assert record.waiting(NAME) == {"ann": ["why_even"]}


def test_an_answer_left_as_released_needs_nobody(record: CourseRecord):
    record.record(result_of(score=0.0), filled(record))
    assert row(record, "why_even")["auto_score"] == 0.0
    assert not row(record, "why_even")["needs_manual_grade"]
    for cell in ("double", "why_even"):
        comment = record._gradebook.find_comment(cell, NAME, NAME, "ann")
        assert comment.auto_comment == "No response."


@pytest.mark.parametrize("blank", ["", "  \n", "*Write your answer here, in place of this line.* "])
def test_an_emptied_answer_needs_nobody(record: CourseRecord, blank: str):
    record.record(result_of(), filled(record, why_even=blank))
    assert record.waiting(NAME) == {}


def test_stale_grades_are_reset(record: CourseRecord):
    record.record(result_of(score=4.0), filled(record, double=RIGHT))
    record.record(result_of(exercises={}), filled(record))
    assert row(record, "check_double")["auto_score"] == 0.0


def test_a_mark_by_hand_stays_while_the_answer_does(record: CourseRecord):
    notebook = filled(record, why_even="Two divides it.")
    record.record(result_of(), notebook)
    mark_by_hand(record, "why_even", 2.5)
    again = record.record(result_of(), copy.deepcopy(notebook))
    assert again.score == 6.5
    assert [result.score for result in record.results(NAME)] == [6.5]
    assert record.waiting(NAME) == {}


def test_a_changed_answer_asks_for_another_look(record: CourseRecord):
    record.record(result_of(), filled(record, why_even="Two divides it."))
    mark_by_hand(record, "why_even", 2.5)
    for _ in range(2):  # a second run must not take the request back
        record.record(result_of(), filled(record, why_even="I changed my mind."))
        assert record.waiting(NAME) == {"ann": ["why_even"]}
    assert row(record, "why_even")["manual_score"] == 2.5


def test_a_corrected_score_of_a_check_is_kept_and_reviewed(record: CourseRecord):
    record.record(result_of(score=0.0), filled(record, double=RIGHT))
    mark_by_hand(record, "check_double", 3.0)
    assert record.record(result_of(score=0.0), filled(record, double=RIGHT)).score == 3.0
    assert record.waiting(NAME) == {}
    record.record(result_of(score=0.0), filled(record, double="double = None"))
    assert record.waiting(NAME) == {"ann": ["double"]}


def test_an_unreadable_submission_has_a_row_and_the_reason(record: CourseRecord):
    record.record(unreadable(), None)
    assert row(record, "check_double", "bob")["auto_score"] == 0.0
    assert not row(record, "why_even", "bob")["needs_manual_grade"]
    note = record.files.notebook(NAME, "bob")["cells"][0]
    assert "    The submission could not be graded: <b>x" in note["source"]
    assert record.results(NAME)[0].status == "unreadable"


def test_half_surrogates_and_nuls_do_no_harm(record: CourseRecord):
    bad = "a\ud800b\0c"
    exercises = {"double": ExerciseResult(0.0, 4.0, "fail", None, bad)}
    record.record(result_of(exercises=exercises), filled(record, why_even=bad))
    assert record.results(NAME)[0].exercises["double"].message == "a?b\0c"


@pytest.mark.parametrize("name", ["", "..", ".x", "a/b", "a\\b", "\udcff", "x" * 129])
def test_a_name_that_cannot_be_a_folder_is_refused(record: CourseRecord, name: str):
    with pytest.raises(CourseError, match="cannot be a student's id"):
        record.record(result_of(name), filled(record))


class Killed(BaseException):
    """Stands for kill -9: no handler may catch it."""


@pytest.mark.parametrize("step", ["unfinish", "save_notebook", "finish", "commit"])
def test_a_kill_between_two_steps_is_mended_by_the_next_run(
    record: CourseRecord, step: str, monkeypatch: pytest.MonkeyPatch
):
    first, second = filled(record, why_even="Two."), filled(record, why_even="Changed.")
    record.record(result_of(score=0.0), first, journal="one")
    mark_by_hand(record, "why_even", 2.0)

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(record._gradebook.db if step == "commit" else CourseFiles, step, die)
        with pytest.raises(Killed):
            record.record(result_of(score=4.0), second, journal="two")
    expected = {"ann": "one"} if step == "unfinish" else {}
    assert record.finished(NAME) == expected
    record.record(result_of(score=4.0), second, journal="two")
    assert record.finished(NAME) == {"ann": "two"}
    assert [result.score for result in record.results(NAME)] == [6.0]
    assert record.waiting(NAME) == {"ann": ["why_even"]}


def test_what_lacks_a_part_is_not_finished(record: CourseRecord):
    for student in ("ann", "bob", "eve"):
        record.record(result_of(student), filled(record), journal="key")
    record.files.notebook_path(NAME, "ann").unlink()
    record.files.result_path(NAME, "bob").unlink()
    record._gradebook.remove_submission(NAME, "eve")
    assert record.finished(NAME) == {}


def test_a_transaction_is_whole_or_nothing(record: CourseRecord):
    record.record(result_of(score=0.0), filled(record))

    def half() -> None:
        marks = {"check_double": Mark(4.0, changed=True)}
        with record._session() as db:
            save_submission(db, NAME, "ann", marks=marks, blank=set())
            raise Killed

    with pytest.raises(Killed):
        half()
    assert row(record, "check_double")["auto_score"] == 0.0


def test_a_damaged_result_is_named(record: CourseRecord):
    record.record(result_of(), filled(record), journal="key")
    record.files.result_path(NAME, "ann").write_text("{", encoding="utf-8")
    assert record.finished(NAME) == {}
    assert record.results(NAME, ["bob"]) == []
    with pytest.raises(CourseError, match=r"ann\.json is damaged .* grade this student anew"):
        record.results(NAME)


def test_a_known_assignment_is_not_built_again(
    record: CourseRecord, tiny_lesson: Lesson, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("autograder.record.generated", None)
    release = record.ensure_assignment(tiny_lesson)
    assert release["cells"][0]["id"] == "01_tiny-000"


def rewrite(lesson: Lesson, old: str, new: str) -> Lesson:
    text = lesson.master.path.read_text("utf-8")
    assert old in text
    lesson.master.path.write_text(text.replace(old, new), encoding="utf-8")
    return load_lesson(lesson.folder)


def test_grades_survive_a_rebuild(record: CourseRecord, tiny_lesson: Lesson):
    record.record(result_of(), filled(record, why_even="Two."))
    mark_by_hand(record, "why_even", 1.0)
    changed = rewrite(tiny_lesson, '"points": 4', '"points": 5')
    record.ensure_assignment(changed)
    assert row(record, "check_double")["max_score"] == 5.0
    assert [result.score for result in record.results(NAME)] == [5.0]


def test_other_cells_are_refused_once_there_are_submissions(
    record: CourseRecord, tiny_lesson: Lesson
):
    changed = rewrite(tiny_lesson, '"why_even"', '"why_so"')
    record.ensure_assignment(changed)
    record.record(result_of(), None)
    with pytest.raises(CourseError, match="new: why_even; gone: why_so"):
        record.ensure_assignment(rewrite(changed, '"why_so"', '"why_even"'))
    assert row(record, "check_double")["auto_score"] == 4.0


def test_two_writers_are_told(record: CourseRecord, tiny_course: Path, tiny_lesson: Lesson):
    code = (
        "import sys; from pathlib import Path; from autograder.storage import sole_writer\n"
        f"with sole_writer(Path({str(tiny_course)!r}) / '.autograder'): pass"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert "another process is grading" in done.stderr


def test_no_such_course(tmp_path: Path):
    with pytest.raises(CourseError, match="there is no folder"), CourseRecord(tmp_path / "no"):
        pass


def test_a_file_that_is_no_gradebook_is_left_alone(tmp_path: Path):
    path = tmp_path / "gradebook.db"
    path.write_bytes(b"my shopping list, much longer than a header of SQLite may be" * 20)
    with pytest.raises(CourseError, match=r"gradebook\.db cannot be used.*It is no gradebook"):
        CourseRecord(tmp_path).__enter__()
    assert path.read_bytes().startswith(b"my shopping list")


def test_a_folder_in_place_of_the_gradebook(tmp_path: Path):
    (tmp_path / "gradebook.db").mkdir()
    with pytest.raises(CourseError, match="unable to open database file"):
        CourseRecord(tmp_path).__enter__()


def test_a_gradebook_that_may_only_be_read(record: CourseRecord, tiny_lesson: Lesson):
    url = f"sqlite:///file:{record.course}/gradebook.db?mode=ro&uri=true"
    record._gradebook.close()
    with contextlib.closing(sqlite3.connect(record.course / "gradebook.db")) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    message = r"readonly database.*Give this user the right"
    with CourseRecord(record.course, url) as other, pytest.raises(CourseError, match=message):
        other.record(result_of(), filled(record))


def test_a_folder_that_cannot_be_written(record: CourseRecord):
    (record.course / "autograded").write_text("a file in its place", encoding="utf-8")
    with pytest.raises(CourseError, match=r"autograded.* cannot be written"):
        record.record(result_of(), filled(record))


def make_older(course: Path) -> None:
    """Turn a gradebook back into one that nbgrader 0.5 made."""
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as db, db:
        db.execute("ALTER TABLE student DROP COLUMN lms_user_id")
        db.execute("UPDATE alembic_version SET version_num = '167914646830'")


def test_an_older_gradebook_is_refused_with_the_cure(record: CourseRecord):
    make_older(record.course)
    with pytest.raises(CourseError, match=r"older nbgrader.*lms_user_id.*nbgrader db upgrade"):
        CourseRecord(record.course).__enter__()


@pytest.mark.slow
def test_the_cure_of_an_older_gradebook_works(record: CourseRecord):
    record.record(result_of(), filled(record))
    record._gradebook.close()
    make_older(record.course)
    tools = Path(sys.executable).parent
    command = [str(tools / "nbgrader"), "db", "upgrade"]
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(command, check=True, cwd=record.course, env={**os.environ, "PATH": path})
    with CourseRecord(record.course) as upgraded:
        assert upgraded.results(NAME) == [result_of()]


def test_a_newer_gradebook_is_refused(record: CourseRecord):
    with record._session() as db:
        db.execute(text("UPDATE alembic_version SET version_num = 'ffffffffffff'"))
    with pytest.raises(CourseError, match="newer nbgrader"):
        CourseRecord(record.course).__enter__()


def nbgrader(course: Path) -> Any:
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(course)
    return NbGraderAPI(config=config)


def test_nbgrader_finds_what_the_formgrader_lists(record: CourseRecord):
    record.record(result_of(), filled(record, double=RIGHT, why_even="Two."))
    record.record(unreadable(), None)
    found = {item["student"]: item for item in nbgrader(record.course).get_submissions(NAME)}
    assert found["ann"]["score"] == 4.0
    assert found["ann"]["needs_manual_grade"]
    assert found["bob"]["score"] == 0.0
    assert not found["bob"]["needs_manual_grade"]


def test_nbgrader_writes_its_own_feedback(record: CourseRecord):
    record.record(result_of(), filled(record, why_even="Two."))
    record.record(unreadable(), None)
    done = nbgrader(record.course).generate_feedback(NAME)
    assert done["success"], done["log"]
    page = (record.course / "feedback" / "ann" / NAME / f"{NAME}.html").read_text("utf-8")
    assert "(Score: 4.0 / 7.0)" in page


def test_nbgrader_exports(record: CourseRecord, tmp_path: Path):
    from nbgrader.plugins import CsvExportPlugin

    record.record(result_of(), filled(record))
    plugin = CsvExportPlugin()
    plugin.to = str(tmp_path / "grades.csv")
    plugin.export(record._gradebook)
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        assert [(r["student_id"], r["score"]) for r in csv.DictReader(file)] == [("ann", "4.0")]


def test_the_stored_result_is_the_documented_json(record: CourseRecord):
    record.record(result_of(), filled(record), journal="key")
    stored = json.loads(record.files.result_path(NAME, "ann").read_text("utf-8"))
    assert stored == result_of().to_json() | {"journal": "key"}
