"""Coverage: where the course teaches each row of the lectures that it is made from.

`source/coverage.toml` lists the rows and, for each, places in the notebooks. From it come the page
`source/COVERAGE.md` and, where README.md has the two marks, a table of totals in it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from autograder.errors import AutograderError
from autograder.lessons import Lesson

FILE, PAGE, README = "source/coverage.toml", "source/COVERAGE.md", "README.md"
BEGIN, END = "<!-- coverage: begin -->", "<!-- coverage: end -->"
ASKED = re.compile(r"""^\s*(?:quiz|predict)\(\s*["'](\w+)["']""", flags=re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", flags=re.MULTILINE)
INTRODUCTION = """\
# Where each row of the lectures is taught

Made by `autograder build` from [coverage.toml](coverage.toml); edit that file, not this one. Names
in code are exercises and questions of a notebook; other words are headings in it.
"""

Places = dict[str, str]  # place in a notebook -> the heading that it stands under


class Row(NamedTuple):
    """One row of a lecture: the slide, what it says, and where it is taught."""

    at: str
    row: str
    taught: tuple[str, ...]


class Lecture(NamedTuple):
    """A lecture with its rows; its name is L0 to L4, or one that groups other rows."""

    name: str
    title: str
    rows: tuple[Row, ...]


class Record(NamedTuple):
    """The whole file: the lectures, and graded functions that none of them has, with reasons."""

    lectures: tuple[Lecture, ...]
    beyond: dict[str, str]


def read(path: Path) -> Record:
    """Read the rows.

    Raises:
        AutograderError: naming what is wrong with the file.
    """
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        beyond = dict(data.pop("beyond", {}))
        lectures = tuple(
            Lecture(name, each["title"], tuple(_row(row) for row in each["rows"]))
            for name, each in data.items()
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        what = f"{type(error).__name__}: {error}"
        raise AutograderError(f"{path}: {what}. Mend the file") from None
    return Record(lectures, beyond)


def _row(data: Mapping[str, Any]) -> Row:
    row = Row(data["at"], data["row"], tuple(data["taught"]))
    if set(data) != set(Row._fields) or not (row.at and row.row):
        raise ValueError(f"a row has other entries than {', '.join(Row._fields)}: {dict(data)}")
    return row


def places_in(cells: Iterable[tuple[str, str, str]]) -> Places:
    """List the places of a notebook from its cells: kind, grade_id or "", source.

    >>> places_in([("markdown", "", "# A title"), ("code", "f", "def f(): ..."),
    ...            ("code", "", "quiz('why')")])
    {'# A title': 'A title', 'f': 'A title', '?why': 'A title'}
    """
    found: Places = {}
    heading = ""
    for kind, name, source in cells:
        if kind == "markdown" and not name:
            for heading in HEADING.findall(source):
                found[f"# {_without_number(heading)}"] = heading
        elif name:
            found[name] = heading
        else:
            found |= dict.fromkeys((f"?{asked}" for asked in ASKED.findall(source)), heading)
    return found


def _without_number(heading: str) -> str:
    return re.sub(r"^\d+\. ", "", heading).strip()


def places_of(lesson: Lesson) -> Places:
    """List the places of a lesson: exercises, questions in words, quiz questions, headings."""
    cells = lesson.master.cells
    kept = [cell for cell in cells if not cell.nbgrader or cell.is_solution or cell.is_manual]
    return places_in((cell.kind, cell.grade_id, cell.source) for cell in kept)


def complaints(
    record: Record, places: Mapping[str, Places], promised: Mapping[str, Iterable[str]]
) -> Iterator[str]:
    """Say which rows have no place, which places do not exist, which functions no row leads to.

    Args:
        record: the rows.
        places: of each lesson that there is.
        promised: functions of each lesson by the curriculum. Of a lesson that is not written yet
            every place is taken as promised.
    """
    for lecture in record.lectures:
        for row in lecture.rows:
            for what in _missing(row, places, promised):
                yield f"{lecture.name}, {row.row!r}{what}"
    taught = {place for lecture in record.lectures for row in lecture.rows for place in row.taught}
    for lesson, names in promised.items():
        for name in names:
            if f"{lesson}: {name}" not in taught | set(record.beyond):
                yield f"no row leads to {name} of {lesson}. Add it to a row, or to [beyond]"


def _missing(
    row: Row, places: Mapping[str, Places], promised: Mapping[str, Iterable[str]]
) -> Iterator[str]:
    if not row.taught:
        yield " is taught nowhere. Name a place"
    for place in row.taught:
        lesson, _, inside = place.partition(": ")
        if inside not in places[lesson] if lesson in places else lesson not in promised:
            yield f": there is no {place!r}. Correct the place"


def page(record: Record, places: Mapping[str, Places]) -> str:
    """Write the page: a table for each lecture."""
    parts = [INTRODUCTION]
    for lecture in record.lectures:
        head = "| slide | row | where |\n|---|---|---|"
        lines = [f"| {row.at} | {row.row} | {_links(row, places)} |" for row in lecture.rows]
        parts.append("\n".join([f"## {_called(lecture)}\n", head, *lines, ""]))
    lines = [f"- {_link(place, places)}: {why}" for place, why in record.beyond.items()]
    return "\n".join([*parts, "## Beyond the lectures\n", *lines, ""])


def _called(lecture: Lecture) -> str:
    numbered = re.fullmatch(r"L\d", lecture.name)
    return f"{lecture.name}: {lecture.title}" if numbered else lecture.title


def _links(row: Row, places: Mapping[str, Places]) -> str:
    return ", ".join(_link(place, places) for place in row.taught)


def _link(place: str, places: Mapping[str, Places]) -> str:
    lesson, _, inside = place.partition(": ")
    text = inside[2:] if inside.startswith("# ") else f"`{inside.removeprefix('?')}`"
    text = f"{lesson[:2]} {text}"
    if inside not in places.get(lesson, {}):
        return text
    anchor = quote(places[lesson][inside].replace(" ", "-"))
    return f"[{text}](../notebooks/{lesson}/{lesson}.ipynb#{anchor})"


def totals(record: Record) -> str:
    """Write the table of README.md: how many rows each lecture has, and where they are taught."""
    lines = ["| lecture | rows | notebooks |", "|---|---|---|"]
    for lecture in record.lectures:
        taught = {place[:2] for row in lecture.rows for place in row.taught}
        lines.append(f"| {_called(lecture)} | {len(lecture.rows)} | {', '.join(sorted(taught))} |")
    return "\n".join(lines)


def with_totals(readme: str, table: str) -> str:
    r"""Put the table between the marks; a text without them stays as it is.

    >>> marked = f"a\n{BEGIN}\nold\n{END}\n"
    >>> with_totals(marked, "new") == f"a\n{BEGIN}\nnew\n{END}\n"
    True
    """
    head, begun, rest = readme.partition(f"{BEGIN}\n")
    _, ended, tail = rest.partition(END)
    return f"{head}{begun}{table}\n{ended}{tail}" if begun and ended else readme


def files(root: Path, lessons: Sequence[Lesson]) -> dict[str, str]:
    """Return the texts that the rows give, by path below the root; a course without rows has none.

    Raises:
        AutograderError: for rows without a place, places that are not there, functions left out.
    """
    path = root / FILE
    if not path.is_file():
        return {}
    record, places = read(path), {lesson.name: places_of(lesson) for lesson in lessons}
    curriculum = tomllib.loads((root / "source" / "curriculum.toml").read_text(encoding="utf-8"))
    found = list(complaints(record, places, curriculum))
    if found:
        raise AutograderError("\n".join(f"{path}: {text}" for text in found))
    texts = {PAGE: page(record, places)}
    readme = root / README
    if readme.is_file():
        texts[README] = with_totals(readme.read_text(encoding="utf-8"), totals(record))
    return texts
