"""The sample class: each submission says what must become of it, and is what its name says."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from autograder.build import to_notebook
from autograder.lessons import Lesson
from autograder.repair import Unreadable, repair
from autograder.sample import Sample, make_class, write_class
from autograder.submissions import find_submissions

Class = Mapping[str, Sample]


@pytest.fixture
def release(tiny_lesson: Lesson) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(json.dumps(to_notebook(tiny_lesson)))
    for cell in notebook["cells"]:
        if cell["id"] == "double":
            cell["source"] = "def double(x):\n    raise NotImplementedError"
    return notebook


@pytest.fixture
def made(tiny_lesson: Lesson, release: dict[str, Any]) -> Class:
    samples = make_class(tiny_lesson, release)
    assert len({sample.student for sample in samples}) == len(samples)
    return {sample.student: sample for sample in samples}


def source(sample: Sample, release: dict[str, Any], name: str = "double") -> str:
    """A cell's source after repair."""
    repaired = repair({sample.filename or "01_tiny.ipynb": sample.content}, release, "01_tiny")
    found: str = next(c["source"] for c in repaired.notebook["cells"] if c["id"] == name)
    return found


def test_there_are_samples_of_every_kind(made: Class) -> None:
    kinds = {student.split("-")[0] for student in made}
    assert kinds == {"right", "wrong", "unfinished", "damaged", "hostile"}
    assert len(made) >= 20


def test_names_can_be_students_folders(made: Class) -> None:
    assert all(student.replace("-", "").isalnum() and student.islower() for student in made)


def test_right_ones_pass_everything_each_in_its_style(made: Class, release: dict[str, Any]) -> None:
    right = [sample for student, sample in made.items() if student.startswith("right")]
    assert all(sample.passes == {"double"} for sample in right)
    assert len({source(sample, release) for sample in right}) == len(right) == 2


def test_a_wrong_one_has_its_mistake(made: Class, release: dict[str, Any]) -> None:
    sample = made["wrong-double-squares"]
    assert sample.passes == frozenset()
    assert "x**2" in source(sample, release)


def test_written_answers_are_filled_in(made: Class, release: dict[str, Any]) -> None:
    assert "2 divides it." in source(made["right-reference"], release, "why_even")


def test_no_sample_holds_hidden_tests_or_marks_of_its_own_accord(
    made: Class, release: dict[str, Any]
) -> None:
    for sample in made.values():
        if sample.readable:
            assert "SOLUTION" not in source(sample, release)


def test_unfinished_ones_are_blank(made: Class, release: dict[str, Any]) -> None:
    assert made["unfinished-blank"].passes == frozenset()
    assert "NotImplementedError" in source(made["unfinished-blank"], release)


def test_damaged_ones_are_mended_or_cannot_be_read(made: Class, release: dict[str, Any]) -> None:
    for student, sample in made.items():
        if not student.startswith("damaged"):
            continue
        assert sample.readable == bool(sample.passes)
        if sample.readable:
            assert "2.0 * x" in source(sample, release)
        else:
            with pytest.raises(Unreadable):
                source(sample, release)


def test_a_class_is_written_as_students_hand_in(made: Class, tmp_path: Path) -> None:
    write_class(list(made.values()), tmp_path, "01_tiny")
    found = list(find_submissions(tmp_path, "01_tiny"))
    assert {one.student for one in found} == set(made)
    for one in found:
        assert list(one.notebooks.values()) == [made[one.student].content]


def test_the_release_is_not_changed(tiny_lesson: Lesson, release: dict[str, Any]) -> None:
    before = json.dumps(release)
    make_class(tiny_lesson, release)
    assert json.dumps(release) == before
