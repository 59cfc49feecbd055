"""The live table in a terminal, plain lines in a log."""

from __future__ import annotations

import io

import pytest

from autograder.progress import line, progress
from autograder.results import ExerciseResult, Result, Status


def result(student: str = "ada", status: Status = "graded") -> Result:
    exercises = {"f": ExerciseResult(2.0, 4.0, "pass", None, "")}
    return Result(student, "01", status, "full", 1.25, exercises=exercises)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_says_who_how_much_and_how_long() -> None:
    written = line(result(), 7, 120)
    assert written.split() == ["[", "7/120]", "ada", "2", "/", "4", "graded", "1.2", "s", "01"]


def test_a_name_cannot_drive_the_terminal() -> None:
    assert "\x1b" not in line(result("a\x1b[2Jb\n"), 1, 1)


def test_a_log_has_one_plain_line_a_result() -> None:
    log = io.StringIO()
    with progress(log) as listen:
        listen(result("a"), 1, 2)
        listen(result("[bold]b", "unreadable"), 2, 2)
    assert (
        log.getvalue()
        == line(result("a"), 1, 2) + "\n" + line(result("[bold]b", "unreadable"), 2, 2) + "\n"
    )


def test_a_terminal_shows_the_table_below_the_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "140")
    screen = Terminal()
    with progress(screen) as listen:
        for number, status in enumerate(("graded", "partial", "unreadable"), start=1):
            listen(result(f"[red]{number}", status), number, 4)
    shown = screen.getvalue()
    assert all(f"[red]{number}" in shown for number in (1, 2, 3))  # no name is taken for markup
    assert "3 of 4" in shown
    assert "2 failed" in shown
    assert "time left" in shown
