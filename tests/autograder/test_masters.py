"""A faulty master is refused with file, line and cure; a sound one is read completely."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.errors import MasterError
from autograder.masters import Master, checked_name, read_master

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: nbgrader,tags,slideshow,editable,deletable,-all
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

"""
TITLE = "# %% [markdown]\n# # Title\n\n"
SOLUTION = """\
# %% nbgrader={"grade_id": "f", "solution": true}
def f(x):
    ### BEGIN SOLUTION
    return x
    ### END SOLUTION

"""
CHECK = '# %% nbgrader={"grade_id": "check_f", "grade": true, "points": 2}\ncheck("f", f)\n\n'
MANUAL = """\
# %% [markdown] nbgrader={"grade_id": "why", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION

"""
Read = Callable[..., Master]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write cells as a master and read it."""

    def read_cells(*cells: str) -> Master:
        path = tmp_path / "01_x.py"
        path.write_text(HEADER + "".join(cells), encoding="utf-8")
        return read_master(path)

    return read_cells


def test_a_sound_master_is_read_cell_by_cell(read: Read) -> None:
    master = read(TITLE, SOLUTION, CHECK, MANUAL, '# %% tags=["slow"]\nf(1)\n')
    assert [cell.kind for cell in master.cells] == ["markdown", "code", "code", "markdown", "code"]
    assert list(master.solutions) == list(master.checks) == ["f"]
    assert list(master.manual) == ["why"]
    assert master.cells[4].tags == ("slow",)
    assert master.cells[0].grade_id == ""


def test_lines_are_those_of_the_file(read: Read) -> None:
    master = read(TITLE, SOLUTION, CHECK)
    lines = master.path.read_text("utf-8").splitlines()
    assert [lines[cell.line - 1][:4] for cell in master.cells] == ["# %%"] * 3


def test_what_nbgrader_wants_is_filled_in(read: Read) -> None:
    master = read(SOLUTION, CHECK)
    assert master.solutions["f"].nbgrader == {
        "grade_id": "f",
        "grade": False,
        "solution": True,
        "locked": False,
        "task": False,
        "schema_version": 3,
    }
    assert master.checks["f"].nbgrader["locked"] is True


@pytest.mark.parametrize(
    "line",
    ["check('f', f)", 'check( "f", f)', 'x = 1; check("f", f)', 'from a import b\ncheck("f", f)'],
)
def test_a_check_names_what_it_checks(read: Read, line: str) -> None:
    master = read(SOLUTION, CHECK.replace('check("f", f)', line))
    assert checked_name(master.cells[1]) == "f"


@pytest.mark.parametrize(
    "cell",
    [
        "# %%\n%matplotlib inline\nx = 1\n",
        "# %%\n!ls\n",
        "# %%\n# %%time\nx = 1\n",
        '# %%\ntext = (\n    "%d"\n    % 3\n)\n',
        '# %%\nif True:\n    %timeit x\n    y = """\n%d\n"""\n',
    ],
)
def test_magics_are_no_syntax_errors_and_a_leading_percent_is_no_magic(
    read: Read, cell: str
) -> None:
    assert read(TITLE, cell).cells[1].kind == "code"


FAULTS: dict[str, tuple[tuple[str, ...], str, str, str]] = {
    # cells; the line's text; what is wrong; the cure
    "duplicate grade_id": (
        (SOLUTION, CHECK, SOLUTION),
        "# %% nbgrader",
        "grade_id 'f' stands already on line 10",
        "another id",
    ),
    "no grade_id": (
        ('# %% nbgrader={"grade": true, "points": 1}\nx\n',),
        "# %% nbgrader",
        "grade_id '' is not usable",
        "1 to 64 letters",
    ),
    "a grade_id with a blank": (
        (SOLUTION.replace('"f"', '"f f"'),),
        "# %% nbgrader",
        "grade_id 'f f' is not usable",
        "1 to 64 letters",
    ),
    "missing points": (
        (SOLUTION, CHECK.replace(', "points": 2', "")),
        "# %% nbgrader",
        "the graded cell 'check_f' has no points",
        '"points": 2',
    ),
    "points in words": (
        (SOLUTION, CHECK.replace("2}", '"two"}')),
        "# %% nbgrader",
        "has no points",
        '"points": 2',
    ),
    "points below zero": (
        (SOLUTION, CHECK.replace("2}", "-2}")),
        "# %% nbgrader",
        "has no points",
        '"points": 2',
    ),
    "points without measure": (
        (SOLUTION, CHECK.replace("2}", "NaN}")),
        "# %% nbgrader",
        "has no points",
        '"points": 2',
    ),
    "points that are true": (
        (SOLUTION, CHECK.replace("2}", "true}")),
        "# %% nbgrader",
        "has no points",
        '"points": 2',
    ),
    "a manual cell without points": (
        (MANUAL.replace(', "points": 3', ""),),
        "# %% [markdown]",
        "the graded cell 'why' has no points",
        '"points": 2',
    ),
    "a solution without check": (
        (SOLUTION,),
        "# %% nbgrader",
        "the solution cell 'f' has no check",
        'check("f", f)',
    ),
    "a check without solution": (
        (CHECK,),
        "# %% nbgrader",
        "the check cell 'check_f' checks 'f', which no solution cell is",
        "grade_id",
    ),
    "a check that checks nothing": (
        (SOLUTION, CHECK.replace('check("f", f)', "assert f(1) == 1")),
        "# %% nbgrader",
        "the solution cell 'f' has no check",
        "graded cell",
    ),
    "two checks in one cell": (
        (SOLUTION, CHECK.replace('check("f", f)', 'check("f", f)\ncheck("g", g)')),
        "# %% nbgrader",
        "the check cell 'check_f' calls check more than once",
        "a cell of its own",
    ),
    "a check before its solution": (
        (CHECK, SOLUTION),
        "# %% nbgrader",
        "the check of 'f' stands before its solution",
        "below",
    ),
    "two checks of one solution": (
        (SOLUTION, CHECK, CHECK.replace("check_f", "again_f")),
        "# %% nbgrader",
        "'f' is checked a second time on line",
        "Remove one",
    ),
    "no marks": (
        (SOLUTION.replace("    ### BEGIN SOLUTION\n", "").replace("    ### END SOLUTION\n", ""),),
        "# %% nbgrader",
        "the solution cell 'f' has no closed pair",
        "### BEGIN SOLUTION",
    ),
    "an open mark": (
        (SOLUTION.replace("    ### END SOLUTION\n", ""),),
        "# %% nbgrader",
        "no closed pair of solution marks",
        "### END SOLUTION",
    ),
    "a closing mark first": (
        (SOLUTION.replace("BEGIN", "X").replace("END", "BEGIN").replace("X", "END"),),
        "    ### END SOLUTION",
        "a solution mark stands without its partner",
        "Pair",
    ),
    "a mark twice": (
        (SOLUTION.replace("    return x", "    ### BEGIN SOLUTION\n    return x"),),
        "    ### BEGIN SOLUTION",
        "a solution mark stands without its partner",
        "Pair",
    ),
    "marks in a cell that is no solution": (
        (SOLUTION.replace(' nbgrader={"grade_id": "f", "solution": true}', ""),),
        "# %%",
        "solution marks stand in a cell that is none",
        '"solution": true',
    ),
    "a written solution without points": (
        (MANUAL.replace('"grade": true, ', "").replace(', "points": 3', ""),),
        "# %% [markdown]",
        "the text cell 'why' is a solution without points",
        '"points"',
    ),
    "code that does not compile": (
        ("# %%\nx = 1\ny = (\n",),
        "y = (",
        "does not compile: '(' was never closed",
        "Mend the code",
    ),
    "an unknown nbgrader key": (
        (CHECK.replace("points", "pionts"),),
        "# %% nbgrader",
        "unknown nbgrader key ['pionts']",
        "Remove it",
    ),
    "metadata that is no dict": (
        ('# %% nbgrader="f"\nx\n',),
        "# %% nbgrader",
        "the nbgrader metadata is not valid JSON",
        "on one line",
    ),
    "metadata that is no JSON": (
        (SOLUTION.replace('"solution"', "solution"), CHECK),
        "# %% nbgrader",
        "the nbgrader metadata is not valid JSON",
        "on one line",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_names_file_line_what_and_cure(read: Read, fault: str) -> None:
    cells, line_begins, what, cure = FAULTS[fault]
    with pytest.raises(MasterError) as caught:
        read(*cells)
    place = re.match(r"(.+/01_x\.py):(\d+): ", str(caught.value))
    assert place is not None, str(caught.value)
    line = Path(place[1]).read_text("utf-8").splitlines()[int(place[2]) - 1]
    assert line.startswith(line_begins)
    assert what in str(caught.value)
    assert cure in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_master_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "01_x.py"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MasterError, match=r"01_x\.py: cannot be read"):
        read_master(path)


@pytest.mark.parametrize("tags", ['"slow"', '["slow", 3]'])
def test_metadata_that_jupyter_cannot_have_is_refused(read: Read, tags: str) -> None:
    with pytest.raises(MasterError, match=r"01_x\.py: the cells' metadata cannot be read"):
        read(f"# %% tags={tags}\nx = 1\n")


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(read: Read, tmp_path: Path) -> None:
    path = read(TITLE, SOLUTION, CHECK).path
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert list(read_master(path).solutions) == ["f"]


def test_a_cell_mark_inside_a_text_is_refused(read: Read) -> None:
    with pytest.raises(MasterError, match=r"01_x\.py: the cells do not match the '# %%' lines"):
        read('# %%\nx = """\n# %% [markdown]\n"""\n')
