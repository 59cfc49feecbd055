"""Every row of the lectures has a place in the notebooks, and every place is there."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from autograder import coverage
from autograder.build import stale
from autograder.coverage import Lecture, Record, Row
from autograder.errors import AutograderError
from autograder.lessons import lesson_folders
from autograder.masters import read_master

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "source"
RECORD = coverage.read(ROOT / coverage.FILE)
FOLDERS = [folder.name for folder in lesson_folders(SOURCE)]
ROWS = [(lecture, row) for lecture in RECORD.lectures for row in lecture.rows]
PLACES = sorted({place for _, row in ROWS for place in row.taught} | set(RECORD.beyond))
# As many rows as were found on the slides; a row that gets lost is missed here.
LEAST = {"L0": 56, "L1": 47, "L2": 29, "L3": 24, "L4": 16, "disagreements": 10}


def released(lesson: str) -> coverage.Places:
    """Places of a released notebook, read from its file."""
    text = (ROOT / "notebooks" / lesson / f"{lesson}.ipynb").read_text("utf-8")
    cells = []
    for cell in json.loads(text)["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        if not marks or marks["solution"]:
            name = cell["id"] if marks else ""
            cells.append((cell["cell_type"], name, "".join(cell["source"])))
    return coverage.places_in(cells)


@pytest.fixture(scope="module")
def notebooks() -> dict[str, coverage.Places]:
    return {lesson: released(lesson) for lesson in FOLDERS}


@pytest.fixture(scope="module")
def masters() -> dict[str, coverage.Places]:
    found = {}
    for lesson in FOLDERS:
        master = read_master(SOURCE / lesson / f"{lesson}.py")
        cells = [c for c in master.cells if not c.nbgrader or c.is_solution or c.is_manual]
        found[lesson] = coverage.places_in((c.kind, c.grade_id, c.source) for c in cells)
    return found


def curriculum() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = tomllib.loads((SOURCE / "curriculum.toml").read_text())
    return found


def test_no_row_of_a_lecture_is_lost() -> None:
    counts = {lecture.name: len(lecture.rows) for lecture in RECORD.lectures}
    assert list(counts) == list(LEAST)
    assert all(counts[name] >= least for name, least in LEAST.items())
    assert len({(lecture.name, row.at, row.row) for lecture, row in ROWS}) == len(ROWS)


def test_every_row_is_taught_and_every_graded_function_is_reached(
    masters: dict[str, coverage.Places],
) -> None:
    assert list(coverage.complaints(RECORD, masters, curriculum())) == []


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_in_the_master_and_in_the_release(
    place: str, masters: dict[str, coverage.Places], notebooks: dict[str, coverage.Places]
) -> None:
    lesson, _, inside = place.partition(": ")
    if lesson in FOLDERS:
        assert inside in masters[lesson]
        assert inside in notebooks[lesson]
    else:  # not written yet: the curriculum promises the lesson
        assert lesson in curriculum()
        assert inside


def test_the_page_and_the_totals_are_those_of_the_rows(masters: dict[str, coverage.Places]) -> None:
    assert (ROOT / coverage.PAGE).read_text("utf-8") == coverage.page(RECORD, masters)
    readme = (ROOT / coverage.README).read_text("utf-8")
    assert readme == coverage.with_totals(readme, coverage.totals(RECORD))


# The machinery, on a record of two rows.

SMALL = Record(
    (
        Lecture("L0", "First", (Row("a slide", "a thing", ("01_x: f", "01_x: # Why", "02_y: g")),)),
        Lecture("other", "Slips", (Row("L0", "a slip", ("01_x: ?why",)),)),
    ),
    {"01_x: h": "a tool"},
)
THERE = {"01_x": {"f": "2. Why", "# Why": "2. Why", "?why": "2. Why", "h": "2. Why"}}
PROMISED = {"01_x": ["f", "h"], "02_y": ["g"]}


def test_a_right_record_has_no_complaint() -> None:
    assert list(coverage.complaints(SMALL, THERE, PROMISED)) == []


@pytest.mark.parametrize(
    ("taught", "told"),
    [
        ((), "'a thing' is taught nowhere"),
        (("01_x: nothing",), "there is no '01_x: nothing'"),
        (("01_x: # Gone",), "there is no '01_x: # Gone'"),
        (("03_z: f",), "there is no '03_z: f'"),
    ],
)
def test_a_row_without_its_place_is_named(taught: tuple[str, ...], told: str) -> None:
    lectures = (Lecture("L0", "First", (Row("a slide", "a thing", taught),)),)
    found = list(coverage.complaints(Record(lectures, {}), THERE, PROMISED))
    assert told in found[0]


def test_a_function_that_no_row_leads_to_is_named() -> None:
    record = SMALL._replace(beyond={})
    told = list(coverage.complaints(record, THERE, PROMISED))
    assert told == ["no row leads to h of 01_x. Add it to a row, or to [beyond]"]


def test_the_page_links_what_is_there_and_names_what_is_not_yet() -> None:
    page = coverage.page(SMALL, THERE)
    assert "[01 `f`](../notebooks/01_x/01_x.ipynb#2.-Why)" in page
    assert "[01 Why](../notebooks/01_x/01_x.ipynb#2.-Why)" in page
    assert ", 02 `g` |" in page
    assert "## L0: First" in page
    assert "## Slips" in page


def test_the_totals_count_rows_and_name_notebooks() -> None:
    assert coverage.totals(SMALL).splitlines()[2:] == [
        "| L0: First | 1 | 01, 02 |",
        "| Slips | 1 | 01 |",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[L0",
        "[L0]\nrows = []",
        '[L0]\ntitle = "x"\nrows = [{ at = "a", row = "b" }]',
        '[L0]\ntitle = "x"\nrows = [{ at = "", row = "b", taught = [] }]',
        '[L0]\ntitle = "x"\nrows = [{ at = "a", row = "b", taught = [], more = 1 }]',
    ],
)
def test_a_faulty_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "coverage.toml"
    path.write_text(text)
    with pytest.raises(AutograderError, match=r"coverage\.toml: .*Mend the file"):
        coverage.read(path)


def test_a_build_refuses_a_row_whose_place_is_gone(tiny_course: Path) -> None:
    rows = '[L0]\ntitle = "x"\nrows = [{ at = "a", row = "b", taught = ["01_tiny: triple"] }]'
    (tiny_course / "source" / "coverage.toml").write_text(rows)
    with pytest.raises(AutograderError, match="there is no '01_tiny: triple'"):
        stale(tiny_course)


def test_a_build_says_that_the_page_is_stale(tiny_course: Path) -> None:
    rows = '[L0]\ntitle = "x"\nrows = [{ at = "a", row = "b", taught = ["01_tiny: double"] }]'
    (tiny_course / "source" / "coverage.toml").write_text(rows)
    assert coverage.PAGE in stale(tiny_course)
