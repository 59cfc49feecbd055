"""Fingerprints change with what they stand for, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import version
from autograder.version import grader_version, lesson_version


def test_the_graders_version_is_one_text_for_one_code() -> None:
    assert grader_version() == grader_version()
    assert len(grader_version()) == 64


def test_a_lessons_version_follows_its_files(tiny_course: Path) -> None:
    folder = tiny_course / "source" / "01_tiny"
    before = lesson_version(folder)
    assert lesson_version(folder) == before
    (folder / "exercises.py").write_text("# other\n", encoding="utf-8")
    after = lesson_version(folder)
    (tiny_course / "source" / "curriculum.toml").write_text("", encoding="utf-8")
    assert len({before, after, lesson_version(folder)}) == 3


def test_a_lessons_version_follows_the_grader(
    tiny_course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_course / "source" / "01_tiny"
    before = lesson_version(folder)
    monkeypatch.setattr(version, "grader_version", lambda: "another")
    assert lesson_version(folder) != before
