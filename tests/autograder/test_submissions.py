"""Collecting: every hand-in gives one submission, whatever lies in its folder."""

import os
from pathlib import Path
from typing import Any

import pytest

from autograder import submissions
from autograder.errors import CourseError
from autograder.submissions import Submission, find_submissions

LESSON = "01_tiny"
RIGHT = f"{LESSON}.ipynb"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with an empty submitted/ folder."""
    (tmp_path / "submitted").mkdir()
    return tmp_path


def hand_in(course: Path, student: str, name: str = RIGHT, content: bytes = b"{}") -> Path:
    path = course / "submitted" / student / LESSON / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def only(course: Path) -> Submission:
    (found,) = find_submissions(course, LESSON)
    return found


def test_students_come_in_order_with_their_notebooks(course: Path) -> None:
    for student in ("zoe", "Ada", "bob"):
        hand_in(course, student, content=student.encode())
    found = list(find_submissions(course, LESSON))
    assert [one.student for one in found] == ["Ada", "bob", "zoe"]
    assert found[1] == Submission("bob", LESSON, {RIGHT: b"bob"})


def test_named_students_only(course: Path) -> None:
    for student in ("a", "b", "c"):
        hand_in(course, student)
    assert [one.student for one in find_submissions(course, LESSON, ["c", "a"])] == ["a", "c"]


def test_other_assignments_files_and_hidden_folders_are_passed_over(course: Path) -> None:
    hand_in(course, "a")
    hand_in(course, ".trash")
    (course / "submitted" / "b" / "02_other").mkdir(parents=True)
    (course / "submitted" / "list.csv").write_text("a,b")
    assert only(course).student == "a"


@pytest.mark.parametrize(
    ("students", "message"),
    [([], "holds no submission of 01_tiny. Put notebooks at"), (["x"], "holds no submission")],
)
def test_an_empty_course_says_where_submissions_belong(
    course: Path, students: list[str], message: str
) -> None:
    with pytest.raises(CourseError, match=message):
        list(find_submissions(course, LESSON, students))


def test_a_folder_that_is_no_course_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"does not exist\. A course folder holds submitted/"):
        list(find_submissions(tmp_path, LESSON))


def test_a_file_in_place_of_submitted_is_refused(tmp_path: Path) -> None:
    (tmp_path / "submitted").touch()
    with pytest.raises(CourseError, match="cannot be read: Not a directory"):
        list(find_submissions(tmp_path, LESSON))


def test_an_unknown_student_is_named_with_those_there_are(course: Path) -> None:
    hand_in(course, "ada")
    with pytest.raises(CourseError, match=r"no submission of 01_tiny by bob.*There are 1: ada"):
        list(find_submissions(course, LESSON, ["bob", "ada"]))


def test_an_empty_folder_is_a_submission_without_notebook(course: Path) -> None:
    (course / "submitted" / "a" / LESSON).mkdir(parents=True)
    assert only(course).problem == "there is no notebook in the folder"


def test_a_file_in_place_of_the_folder_is_reported(course: Path) -> None:
    (course / "submitted" / "a").mkdir()
    (course / "submitted" / "a" / LESSON).write_bytes(b"{}")
    assert only(course).problem == "01_tiny is not a folder"


@pytest.mark.parametrize("name", ["final.ipynb", "01_TINY.IPYNB", "deep/er/01_tiny (1).ipynb"])
def test_a_notebook_of_another_name_or_place_is_a_candidate(course: Path, name: str) -> None:
    hand_in(course, "a", name)
    assert only(course).notebooks == {name: b"{}"}


def test_all_notebooks_are_candidates_the_rightly_named_first(course: Path) -> None:
    for name in ("00.ipynb", RIGHT, "copy.ipynb"):
        hand_in(course, "a", name)
    assert list(only(course).notebooks) == [RIGHT, "00.ipynb", "copy.ipynb"]


def test_other_files_are_named_and_left_out(course: Path) -> None:
    for name in (RIGHT, "numpy.py", "data/x.csv", "timestamp.txt", ".DS_Store", ".hidden/x.py"):
        hand_in(course, "a", name)
    assert only(course).notes == (
        "data/x.csv was left out: only the notebook is graded.",
        "numpy.py was left out: only the notebook is graded.",
    )


def test_a_thousand_files_give_a_short_list(course: Path) -> None:
    for number in range(60):
        hand_in(course, "a", f"{number:03}.txt")
    notes = only(course).notes
    assert len(notes) == submissions.MAX_NOTES + 1
    assert notes[-1] == "40 more files were left out."


def test_a_linked_notebook_is_not_followed(course: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(b"secret")
    hand_in(course, "a", "x.txt").with_name(RIGHT).symlink_to(secret)
    found = only(course)
    assert found.notebooks == {}
    assert found.problem == f"{RIGHT} was not read: it is a symbolic link."


@pytest.mark.parametrize("target", ["real", "nowhere", "a"])
def test_a_linked_student_folder_is_refused_and_keeps_its_row(course: Path, target: str) -> None:
    hand_in(course, "real")
    (course / "submitted" / "a").symlink_to(course / "submitted" / target)
    found = {one.student: one.problem for one in find_submissions(course, LESSON)}
    assert found == {"a": "a is a symbolic link", "real": ""}


def test_a_linked_assignment_folder_is_refused(course: Path) -> None:
    hand_in(course, "real")
    (course / "submitted" / "a").mkdir()
    (course / "submitted" / "a" / LESSON).symlink_to(course / "submitted" / "real" / LESSON)
    assert next(find_submissions(course, LESSON)).problem == "01_tiny is a symbolic link"


def test_a_linked_folder_inside_is_named_and_not_entered(course: Path) -> None:
    hand_in(course, "a")
    inner = course / "submitted" / "a" / LESSON / "more"
    inner.symlink_to(course)
    found = only(course)
    assert found.notebooks == {RIGHT: b"{}"}
    assert found.notes == ("more was not read: it is a symbolic link.",)


def test_a_pipe_is_not_opened(course: Path) -> None:
    folder = hand_in(course, "a", "x.txt").parent
    os.mkfifo(folder / RIGHT)
    assert only(course).problem == f"{RIGHT} was not read: it is not an ordinary file."


def test_a_large_notebook_is_refused_by_size(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submissions, "MAX_BYTES", 2**20)
    hand_in(course, "a", content=bytes(3 * 2**20))
    assert "has 3 MB, the limit is 1 MB (clear the outputs, save again)" in only(course).problem


def test_all_notebooks_together_keep_to_the_limit(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "MAX_BYTES", 100)
    for number in range(5):
        hand_in(course, "a", f"{number}.ipynb", bytes(40))
    found = only(course)
    assert list(found.notebooks) == ["0.ipynb", "1.ipynb"]
    assert len(found.notes) == 3


def test_names_that_are_not_utf8_can_be_stored(course: Path) -> None:
    hand_in(course, os.fsdecode(b"Ren\xe9"), os.fsdecode(b"d\xe9but.ipynb"))
    found = only(course)
    assert found.student == "Ren\ufffd"
    assert found.notebooks == {"d\ufffdbut.ipynb": b"{}"}
    assert next(find_submissions(course, LESSON, ["Ren\ufffd"])) == found


def deny(monkeypatch: pytest.MonkeyPatch, method: str, name: str) -> None:
    """Let a method of Path fail as it does without permission, for paths of one name."""
    real = getattr(Path, method)

    def refuse(path: Path, *arguments: Any, **keywords: Any) -> Any:
        if path.name == name:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **keywords)

    monkeypatch.setattr(Path, method, refuse)


def test_a_notebook_without_permission_is_reported(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(course, "a")
    deny(monkeypatch, "read_bytes", RIGHT)
    assert only(course).problem == f"{RIGHT} was not read: Permission denied."


def test_a_folder_that_may_not_be_entered_keeps_its_row(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(course, "a")
    deny(monkeypatch, "lstat", LESSON)
    assert only(course).problem == "the folder cannot be read: Permission denied"


def test_a_folder_that_may_not_be_listed_keeps_its_row(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(course, "a")
    real = os.scandir

    def refuse(path: Any) -> Any:
        if Path(path).name == LESSON:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert only(course).problem == "the folder cannot be read: Permission denied"


def test_names_that_would_write_on_a_terminal_are_told_without(tmp_path: Path) -> None:
    folder = tmp_path / "submitted" / "ada" / "01_tiny"
    folder.mkdir(parents=True)
    for name in ("\x1b[2Jall.txt", "right\nAda got 10.txt", "\x1b]0;x\x07.ipynb"):
        (folder / name).write_bytes(b"{}")
    (found,) = find_submissions(tmp_path, "01_tiny")
    told = "".join((*found.notes, *found.notebooks))
    assert "all.txt" in told
    assert told.isprintable()
