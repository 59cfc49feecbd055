"""An error names its place, its kind and its cure."""

from pathlib import Path

import pytest

from autograder.errors import AutograderError, CourseError, MasterError


@pytest.mark.parametrize(("line", "place"), [(12, "a/b.py:12"), (None, "a/b.py")])
def test_a_faulty_master_says_where_what_and_how_to_mend_it(line: int | None, place: str) -> None:
    error = MasterError(Path("a/b.py"), line, "two cells are called 'f'", "Rename one")
    assert str(error) == f"{place}: two cells are called 'f'. Rename one"


@pytest.mark.parametrize("kind", [MasterError, CourseError])
def test_the_command_line_can_catch_them_all(kind: type[Exception]) -> None:
    assert issubclass(kind, AutograderError)
