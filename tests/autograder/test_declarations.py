"""Declarations may share modules of source/shared/; their texts run where there is no source/."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from autograder.declarations import exercise_files, read_texts, run
from autograder.errors import MasterError
from autograder.judge import AnswerKey
from autograder.lessons import load_lesson, load_module

SLIPS = """\
from autograder.exercises import Mistake
from source.shared.words import HALVED


def slips():
    return (Mistake("halves", HALVED, [("2.0 * x", "0.5 * x")]),)
"""
TRIPLE = """\
from autograder.exercises import Exercise, call_case

triple = Exercise("triple", returns=("result",), driver="call", cases=lambda rng: [call_case("a")])
EXERCISES = (triple,)
"""


@pytest.fixture
def folder(tiny_course: Path) -> Path:
    """The tiny lesson's folder; its exercise has one more mistake, from source/shared/."""
    lesson = tiny_course / "source" / "01_tiny"
    write(lesson.parent / "shared" / "slips.py", SLIPS)
    write(lesson.parent / "shared" / "words.py", 'HALVED = "This halves x."\n')
    write(lesson.parent / "shared" / "unused.py", "raise RuntimeError\n")
    text = (lesson / "exercises.py").read_text("utf-8")
    text = text.replace("mistakes=(", "mistakes=(*slips(), ")
    write(lesson / "exercises.py", f"from source.shared.slips import slips\n{text}")
    return lesson


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def names(folder: Path) -> list[str]:
    return [mistake.name for mistake in load_lesson(folder).exercises["double"].mistakes]


def test_a_lesson_uses_shared_mistakes(folder: Path):
    assert names(folder) == ["halves", "squares"]


def test_nothing_is_left_among_pythons_modules(folder: Path):
    before = {name for name in sys.modules if name.startswith("source")}
    load_lesson(folder)
    assert {name for name in sys.modules if name.startswith("source")} == before


def test_two_courses_do_not_mix(folder: Path, tmp_path: Path):
    other = tmp_path / "other"
    shutil.copytree(folder.parent, other)
    write(other / "shared" / "slips.py", SLIPS.replace('"halves"', '"other"'))
    assert names(other / folder.name) == ["other", "squares"]
    assert names(folder) == ["halves", "squares"]


def test_only_what_is_imported_travels(folder: Path):
    files = ["01_tiny/exercises.py", "shared/slips.py", "shared/words.py"]
    assert sorted(read_texts(*exercise_files(folder))) == files


def test_a_worker_without_the_sources_has_the_exercises(folder: Path):
    sent = json.dumps(AnswerKey.of(load_lesson(folder), {}).to_json())
    shutil.rmtree(folder.parent)
    exercise = AnswerKey(**json.loads(sent)).exercises["double"]
    assert exercise.mistakes[0].sentence == "This halves x."


def test_another_shared_sentence_means_grading_anew(folder: Path):
    keys = [AnswerKey.of(load_lesson(folder), {})]
    write(folder.parent / "shared" / "words.py", 'HALVED = "You halve x."\n')
    keys.append(AnswerKey.of(load_lesson(folder), {}))
    assert keys[0].digest != keys[1].digest


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("x = 1\ny = x / 0\n", "shared/words.py:2: ZeroDivisionError"),
        ("x = 1\ny = (\n", "shared/words.py:2: SyntaxError"),
        ("OTHER = 1\n", "shared/slips.py:2: ImportError: cannot import name 'HALVED'"),
        (None, "shared/slips.py:2: ModuleNotFoundError: there is no source.shared.words"),
    ],
)
def test_a_faulty_shared_module_is_named_with_its_line(folder: Path, text: str | None, place: str):
    words = folder.parent / "shared" / "words.py"
    words.unlink() if text is None else write(words, text)
    with pytest.raises(MasterError) as error:
        load_lesson(folder)
    assert f"{folder.parent}/{place}" in str(error.value)


def test_a_fault_in_a_call_is_named_where_it_happens(folder: Path):
    write(folder.parent / "shared" / "slips.py", "def slips():\n    return 1 + ''\n")
    with pytest.raises(MasterError, match=r"shared/slips\.py:2: TypeError"):
        load_lesson(folder)


@pytest.mark.parametrize(
    "line", ["import source.shared.slips", "from source.shared import slips", "import source"]
)
def test_there_is_one_way_to_import(folder: Path, line: str):
    write(folder / "quiz.py", f"\n{line}\nQUESTIONS = ()\n")
    cure = r"quiz\.py:2: ModuleNotFoundError: .*from source\.shared\.NAME import"
    with pytest.raises(MasterError, match=cure):
        load_module(folder / "quiz.py")


def test_modules_that_import_each_other_are_refused_not_run_forever(folder: Path):
    write(folder.parent / "shared" / "words.py", "from source.shared.slips import slips\n")
    with pytest.raises(MasterError, match=r"shared/words\.py:1: ImportError"):
        load_lesson(folder)


def test_a_file_may_import_when_it_is_called(folder: Path):
    late = "def late():\n    from source.shared.words import HALVED\n\n    return HALVED\n"
    write(folder / "quiz.py", late)
    texts = read_texts(folder / "quiz.py")
    assert run("01_tiny/quiz.py", texts).late() == "This halves x."


def test_a_long_lesson_has_several_files(folder: Path):
    write(folder / "exercises_more.py", TRIPLE)
    with pytest.raises(MasterError, match=r"exercises_more\.py: exercise 'triple' has no solution"):
        load_lesson(folder)
    write(folder / "exercises_more.py", "EXERCISES = ()\n")
    key = AnswerKey.of(load_lesson(folder), {})
    assert "01_tiny/exercises_more.py" in key.declarations
    assert list(key.exercises) == ["double"]


def test_two_files_do_not_declare_the_same_exercise(folder: Path):
    write(folder / "exercises_more.py", TRIPLE.replace('"triple"', '"double"'))
    with pytest.raises(MasterError, match=r"exercises_more\.py: two exercises .* 'double'"):
        load_lesson(folder)
