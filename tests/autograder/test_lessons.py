"""A lesson's files must fit together; what does not fit is named with its cure."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.errors import AutograderError, MasterError
from autograder.lessons import (
    Lesson,
    lesson_folders,
    load_lesson,
    load_module,
    read_lesson,
    without_marks,
)

Edit = Callable[[str, str, str], Path]


@pytest.fixture
def edit(tiny_course: Path) -> Edit:
    """Replace a text in one of the lesson's files and return the lesson's folder."""
    folder = tiny_course / "source" / "01_tiny"

    def replace(name: str, old: str, new: str) -> Path:
        path = folder / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return folder

    return replace


def test_a_lesson_knows_its_exercises_points_and_tolerances(tiny_lesson: Lesson) -> None:
    assert tiny_lesson.name == "01_tiny"
    assert tiny_lesson.title == "Doubling"
    assert list(tiny_lesson.exercises) == ["double"]
    assert tiny_lesson.points == {"double": 4.0}
    assert tiny_lesson.tolerances == {"double": 1e-9}
    assert tiny_lesson.reference.function("double")(2.0) == 4.0


def test_a_lesson_without_questions_has_none(tiny_lesson: Lesson) -> None:
    assert tiny_lesson.questions == ()


def test_a_lesson_may_be_read_before_its_ledger_exists(tiny_course: Path) -> None:
    folder = tiny_course / "source" / "01_tiny"
    (folder / "ledger.json").unlink()
    assert read_lesson(folder).tolerances == {}


def test_an_exercise_may_state_a_tolerance_of_its_own(edit: Edit) -> None:
    folder = edit("exercises.py", 'driver="call"', 'driver="call", tolerance=1e-3')
    assert load_lesson(folder).tolerances == {"double": 1e-3}


def test_exercises_stand_in_the_order_of_the_master(edit: Edit) -> None:
    cells = (
        '\n# %% nbgrader={"grade_id": "half", "solution": true}\n'
        "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION\n"
        '\n# %% nbgrader={"grade_id": "check_half", "grade": true, "points": 0}\n'
        'check("half", half)\n'
    )
    folder = edit("01_tiny.py", "2 divides it.\n# ### END SOLUTION\n", _manual_end(cells))
    text = (folder / "exercises.py").read_text("utf-8")
    half = 'half = Exercise("half", ("y",), cases, driver="call")\nEXERCISES = (half, double)'
    (folder / "exercises.py").write_text(text.replace("EXERCISES = (double,)", half), "utf-8")
    assert list(read_lesson(folder).exercises) == ["double", "half"]


def _manual_end(cells: str) -> str:
    return "2 divides it.\n# ### END SOLUTION\n" + cells


FAULTS: dict[str, tuple[tuple[str, str, str], str]] = {
    "an undeclared exercise": (
        ("exercises.py", "EXERCISES = (double,)", "EXERCISES = ()"),
        r"01_tiny\.py:\d+: exercise 'double' is not declared\. Declare Exercise\('double', ",
    ),
    "a declared one without cell": (
        ("exercises.py", "EXERCISES = (double,)", 'EXERCISES = (double, Exercise("g", (), cases))'),
        r"exercises\.py: exercise 'g' has no solution cell\. Add a solution cell",
    ),
    "two of one name": (
        ("exercises.py", "(double,)", "(double, double)"),
        r"exercises\.py: two exercises in EXERCISES have the same name.*Rename one",
    ),
    "no list of exercises": (
        ("exercises.py", "EXERCISES", "OTHER"),
        r"exercises\.py: does not define EXERCISES\. End it with EXERCISES",
    ),
    "a declaration that fails": (
        ("exercises.py", 'driver="call"', 'driver="fly"'),
        r"exercises\.py:\d+: AutograderError: exercise 'double': unknown driver 'fly'",
    ),
    "a declaration that does not compile": (
        ("exercises.py", "def cases(rng):", "def cases(rng:"),
        r"exercises\.py:\d+: SyntaxError: ",
    ),
    "an exercise of the curriculum is missing": (
        ("../curriculum.toml", "double =", 'half = "(x)"\ndouble ='),
        r"01_tiny\.py: exercise 'half' of curriculum\.toml is missing\. .* cell for half\(x\)",
    ),
    "another signature than the curriculum's": (
        ("../curriculum.toml", '"(x)"', '"(x, factor=2)"'),
        r"01_tiny\.py:\d+: double has the signature \(x\), curriculum\.toml says \(x, factor=2\)",
    ),
    "a class in the curriculum": (
        ("../curriculum.toml", '"(x)"', '"class"'),
        r"double has the signature \(x\), curriculum\.toml says class",
    ),
    "a broken curriculum": (
        ("../curriculum.toml", '"(x)"', "(x)"),
        r"curriculum\.toml: is not valid TOML: .*Mend the file",
    ),
    "an unknown hint": (
        ("01_tiny.py", 'check("double", double)', 'check("double", double)\nhint("duoble")'),
        r"01_tiny\.py:\d+: hint\('duoble'\) names nothing that is declared",
    ),
    "an unknown question": (
        ("01_tiny.py", "from downslope import check", 'quiz("nothing")'),
        r"01_tiny\.py:\d+: quiz\('nothing'\) names nothing that is declared",
    ),
    "an unconfirmed exercise": (
        ("ledger.json", "double", "half"),
        r"ledger\.json: no oracle has confirmed 'double'\. Add its independent sources",
    ),
    "a broken ledger": (
        ("ledger.json", "{", "["),
        r"ledger\.json: the oracle ledger cannot be read \(JSONDecodeError: .*make ledger",
    ),
    "a ledger without tolerance": (
        ("ledger.json", "tolerance", "gap"),
        r"ledger\.json: the oracle ledger cannot be read \(KeyError",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_names_file_what_and_cure(edit: Edit, fault: str) -> None:
    change, message = FAULTS[fault]
    folder = edit(*change)
    with pytest.raises(MasterError, match=f"(?s){message}"):
        load_lesson(folder)


@pytest.mark.parametrize(
    "name", ["exercises.py", "ledger.json", "01_tiny.py", "../curriculum.toml"]
)
def test_a_missing_file_is_named(tiny_course: Path, name: str) -> None:
    folder = tiny_course / "source" / "01_tiny"
    (folder / name).unlink()
    with pytest.raises(MasterError, match=re.escape(Path(name).name)):
        load_lesson(folder)


@pytest.mark.parametrize(
    ("written", "parameters"),
    [("(x, h=1e-5)", "x, h=1e-5"), ("(x,*,y = 1)", "x, *, y=1"), ("(**k)", "**k")],
)
def test_signatures_are_compared_as_python_reads_them(
    edit: Edit, written: str, parameters: str
) -> None:
    edit("../curriculum.toml", '"(x)"', json.dumps(written))
    folder = edit("01_tiny.py", "def double(x):", f"def double({parameters}):")
    assert read_lesson(folder).name == "01_tiny"


def test_a_lesson_that_the_curriculum_does_not_list_is_free(edit: Edit) -> None:
    assert load_lesson(edit("../curriculum.toml", "01_tiny", "02_other")).name == "01_tiny"


def test_questions_are_read_and_may_be_asked(edit: Edit) -> None:
    folder = edit("01_tiny.py", "from downslope import check", 'quiz("is_it")')
    lines = "from autograder.questions import TrueFalse\n"
    lines += 'QUESTIONS = (TrueFalse("is_it", "1 = 1", answer=True, why="Yes."),)\n'
    (folder / "quiz.py").write_text(lines, encoding="utf-8")
    assert [question.name for question in load_lesson(folder).questions] == ["is_it"]


def test_the_title_falls_back_to_the_name(edit: Edit) -> None:
    assert read_lesson(edit("01_tiny.py", "# # Doubling", "# Doubling")).title == "01_tiny"


def test_lessons_are_listed_in_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("10_z", "02_b", "01_a", "drafts", "3_c"):
        (tmp_path / name).mkdir()
    (tmp_path / "04_file").touch()
    assert [folder.name for folder in lesson_folders(tmp_path)] == ["01_a", "02_b", "10_z"]


def test_a_course_without_lessons_says_what_a_lesson_is(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match=r"holds no lesson\. Lessons are folders such as"):
        lesson_folders(tmp_path)


def test_marks_are_left_out_of_a_solution() -> None:
    source = "def f(x):\n    ### BEGIN SOLUTION\n    return x  # why\n    ### END SOLUTION\n"
    assert without_marks(source) == "def f(x):\n    return x  # why\n"


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MasterError, match=r"quiz\.py: is missing"):
        load_module(tmp_path / "quiz.py")
