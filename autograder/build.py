"""Build the course: masters become nbgrader's release and the learners' data files.

Every build starts from the sources alone and gives the same bytes. nbgrader copies whatever lies
in its source folder into the release, so it sees only a temporary course with finished notebooks.
"""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from autograder import coverage
from autograder.cases import hidden_test, visible_data
from autograder.environment import put_scripts_on_path
from autograder.errors import AutograderError
from autograder.lessons import Lesson, lesson_folders, load_lesson
from autograder.masters import Cell

STUB = (
    '# Write your code here, in place of the next line.\nraise NotImplementedError("to be written")'
)
TEXT_STUB = "*Write your answer here, in place of this line.*"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def load_lessons(root: Path) -> list[Lesson]:
    """Load every lesson of a course.

    Raises:
        AutograderError: when a lesson is faulty or two lessons share an exercise or a question.
    """
    lessons = [load_lesson(folder) for folder in lesson_folders(root / "source")]
    for kind in ("exercises", "questions"):
        home: dict[str, str] = {}
        for lesson in lessons:
            for name in [getattr(item, "name", item) for item in getattr(lesson, kind)]:
                if name in home:
                    raise AutograderError(
                        f"{name!r} stands in {home[name]} and in {lesson.name}. Rename one"
                    )
                home[name] = lesson.name
    return lessons


def build(root: Path) -> list[str]:
    """Build the release and the learners' data in place; return the paths that changed.

    Raises:
        AutograderError: for a faulty source; nothing is changed then.
    """
    return _with_fresh(root, replace=True)


def stale(root: Path) -> list[str]:
    """Return the committed files that differ from a fresh build, without changing any."""
    return _with_fresh(root, replace=False)


def _with_fresh(root: Path, *, replace: bool) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="build-") as scratch:
        fresh, lessons = Path(scratch), load_lessons(root)
        build_into(lessons, fresh)
        texts = coverage.files(root, lessons)
        changed = [name for name, text in texts.items() if _bytes(root / name) != text.encode()]
        for part in ("notebooks", "downslope/lessons"):
            changed += [f"{part}/{name}" for name in _differences(fresh / part, root / part)]
            if replace:
                _replace(fresh / part, root / part)
        for name in changed if replace else ():
            if name in texts:
                (root / name).write_text(texts[name], encoding="utf-8", newline="\n")
        return changed


def build_into(lessons: Iterable[Lesson], target: Path) -> None:
    """Write `notebooks/` and `downslope/lessons/` of the given lessons below `target`."""
    for lesson in lessons:
        release = target / "notebooks" / lesson.name
        with generated(lesson) as folder:
            shutil.copytree(folder, release)
        _write_data(lesson, target / "downslope" / "lessons" / lesson.name)


@contextlib.contextmanager
def generated(lesson: Lesson, db_url: str | None = None) -> Iterator[Path]:
    """Run nbgrader's generate_assignment on a lesson in a temporary course.

    Args:
        lesson: the lesson.
        db_url: gradebook that shall know the assignment, its cells and hidden tests; without it a
            throw-away one is used.

    Yields:
        The folder with the released notebook.

    Raises:
        AutograderError: when nbgrader refuses the notebook.
    """
    import nbformat

    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        course = Path(scratch)
        staged = course / "source" / lesson.name
        staged.mkdir(parents=True)
        nbformat.write(to_notebook(lesson), staged / f"{lesson.name}.ipynb")
        _generate(course, lesson.name, db_url or f"sqlite:///{course}/gradebook.db")
        release = course / "release" / lesson.name
        _tidy(release / f"{lesson.name}.ipynb")
        yield release


def to_notebook(lesson: Lesson) -> Any:
    """Turn a master into the instructor's notebook, hidden tests included, with fixed cell ids."""
    from nbformat import v4

    cells = []
    for index, cell in enumerate(lesson.master.cells):
        make: Any = v4.new_code_cell if cell.kind == "code" else v4.new_markdown_cell
        name = cell.grade_id or f"{lesson.name}-{index:03d}"
        metadata: dict[str, Any] = {"tags": list(cell.tags)} if cell.tags else {}
        if cell.nbgrader:
            metadata["nbgrader"] = dict(cell.nbgrader)
        cells.append(make(_source(lesson, cell), metadata=metadata, id=name))
    return v4.new_notebook(cells=cells, metadata=METADATA)


def _source(lesson: Lesson, cell: Cell) -> str:
    if not cell.is_check:
        return cell.source
    name = next(name for name, check in lesson.master.checks.items() if check is cell)
    test = hidden_test(lesson, lesson.exercises[name])
    return f"{cell.source}\n### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"


def _generate(course: Path, name: str, db_url: str) -> None:
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    put_scripts_on_path()
    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.db_url = db_url
    config.ClearSolutions.code_stub = {"python": STUB}
    config.ClearSolutions.text_stub = TEXT_STUB
    with _quiet_log() as log:
        result = NbGraderAPI(config=config).generate_assignment(name, force=True, create=True)
    if not result["success"]:
        raise AutograderError(f"nbgrader refused {name}:\n{result.get('log') or log.getvalue()}")


@contextlib.contextmanager
def _quiet_log() -> Iterator[Any]:
    """Keep nbgrader's progress lines off the terminal; they are shown when it fails."""
    import io

    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("traitlets")
    before = logger.handlers[:], logger.propagate, logger.level
    logger.handlers, logger.propagate = [handler], False
    try:
        yield stream
    finally:
        logger.handlers, logger.propagate = before[0], before[1]
        logger.setLevel(before[2])


def _tidy(path: Path) -> None:
    """Write the notebook once more with sorted keys: one form on every machine."""
    data = json.loads(path.read_text(encoding="utf-8"))
    data["metadata"] = METADATA
    for cell in data["cells"]:
        cell["metadata"].pop("execution", None)
    _write_json(path, data)


def _write_data(lesson: Lesson, folder: Path) -> None:
    folder.mkdir(parents=True)
    for exercise in lesson.exercises.values():
        _write_json(folder / f"{exercise.name}.json", visible_data(lesson, exercise), compact=True)
    overview = {
        "lesson": lesson.name,
        "title": lesson.title,
        "exercises": [{"name": name, "points": points} for name, points in lesson.points.items()],
        "questions": [question.published() for question in lesson.questions],
    }
    _write_json(folder / "lesson.json", overview)


def _write_json(path: Path, data: Any, *, compact: bool = False) -> None:
    form: dict[str, Any] = {"separators": (",", ":")} if compact else {"indent": 1}
    text = json.dumps(data, ensure_ascii=False, sort_keys=not compact, **form)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _differences(fresh: Path, committed: Path) -> list[str]:
    names = {str(path.relative_to(base)) for base in (fresh, committed) for path in _files(base)}
    return sorted(name for name in names if _bytes(fresh / name) != _bytes(committed / name))


def _files(folder: Path) -> list[Path]:
    skip = {".ipynb_checkpoints", "__pycache__"}
    return [p for p in folder.rglob("*") if p.is_file() and not skip & set(p.parts)]


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _replace(fresh: Path, committed: Path) -> None:
    """Copy what is new, remove what no source makes any more."""
    for path in _files(committed):
        if not (fresh / path.relative_to(committed)).is_file():
            path.unlink()
    shutil.copytree(fresh, committed, dirs_exist_ok=True)
