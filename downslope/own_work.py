"""Bring answers from earlier notebooks into this one, and check them with their own checks.

A notebook is handed in and graded alone, so whatever it uses must stand in it. `bring` looks for a
learner's answers in the notebooks beside this one and puts their code into a new cell below.
"""

from __future__ import annotations

import ast
import html
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from downslope import catalog
from downslope.compare import judge
from downslope.drivers import run_cases
from downslope.pages import Page, card, show_page

STUB = "NotImplementedError"
Answers = dict[str, str]  # source of each answer of one notebook, by exercise


class Brought(NamedTuple):
    """What was found of the answers that were asked for.

    Source: this course. A plain record, made by `collect`: it checks nothing.

    Attributes:
        code: their source with all that they call, ready to be pasted.
        notes: exercise -> why its answer is not in the code.
        homes: exercise -> the notebook in which it was found.

    >>> Brought("", {"adam_step": "not written yet in 06"}, {}).notes["adam_step"]
    'not written yet in 06'
    """

    code: str
    notes: dict[str, str]
    homes: dict[str, str]


def bring(*names: str, folder: str | Path = ".") -> None:
    """Put your answers to earlier exercises into a new cell below, with what they call.

    Looks in this folder and in those beside it. Names that exist in the notebook already are left
    alone, so the cell can be run again. Outside Jupyter the code is printed. Source: this course.

    Args:
        names: exercises, such as "adam_step".
        folder: where this notebook lies.

    Raises:
        TypeError: for a folder that is no path. An answer that is not found is told of.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as course:
    ...     bring("adam_step", folder=Path(course) / "09_capstone")
    Nothing new to bring.
    adam_step: not found in the notebooks beside this one; write it in a cell below
    """
    here = set(_namespace()) & set(names)
    found = collect([name for name in names if name not in here], Path(folder))
    if found.code:
        _offer(found.code)
    lines = [f"{name}: is here already" for name in names if name in here]
    lines += [f"{name}: found in {home}" for name, home in found.homes.items()]
    lines += [f"{name}: {note}" for name, note in found.notes.items()]
    head = "Run the new cell below." if found.code else "Nothing new to bring."
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    show_page(Page("\n".join([head, *lines]), card("note", head, f"<ul>{items}</ul>")))


def collect(names: list[str], folder: Path) -> Brought:
    """Collect answers and what they call from the notebooks in a folder and in those beside it.

    Source: this course. An answer that is not found, or not written, is told of in the notes.

    Raises:
        AttributeError: for a folder that is no `Path`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as course:
    ...     collect(["adam_step"], Path(course) / "09_capstone").notes
    {'adam_step': 'not found in the notebooks beside this one; write it in a cell below'}
    """
    notebooks = {path.stem: answers_in(path) for path in _notebooks(folder)}
    pieces: dict[str, str] = {}
    notes: dict[str, str] = {}
    homes: dict[str, str] = {}
    for name in names:
        home = next((stem for stem, answers in notebooks.items() if name in answers), None)
        if home is None:
            notes[name] = "not found in the notebooks beside this one; write it in a cell below"
            continue
        wanted = {each: notebooks[home][each] for each in needed(name, notebooks[home])}
        blank = [each for each, source in wanted.items() if STUB in source]
        if blank:
            which = "" if blank == [name] else f"its {' and '.join(blank)} is "
            notes[name] = f"{which}not written yet in {home}"
        else:
            homes[name] = home
            pieces |= {each: source for each, source in wanted.items() if each not in pieces}
    return Brought("\n\n\n".join(source.strip() for source in pieces.values()), notes, homes)


def _notebooks(folder: Path) -> Iterator[Path]:
    folder = folder.resolve()
    paths = [*folder.glob("*.ipynb"), *folder.parent.glob("*/*.ipynb")]
    yield from sorted({path for path in paths if ".ipynb_checkpoints" not in path.parts})


def answers_in(path: Path) -> Answers:
    """Read the answers in a notebook: cells that nbgrader marks as solutions, by their name.

    A file that is no notebook, or is not there, has none; nothing is raised. Source: nbgrader's
    cell metadata.

    >>> answers_in(Path("no such notebook.ipynb"))
    {}
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return {cell["id"]: "".join(cell["source"]) for cell in cells if _is_answer(cell)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _is_answer(cell: Mapping[str, Any]) -> bool:
    marks = cell["metadata"].get("nbgrader", {})
    return cell["cell_type"] == "code" and bool(marks.get("solution"))


def needed(name: str, answers: Answers) -> list[str]:
    """List an answer and the answers of the same notebook that it calls, those first.

    Source: this course. Code that cannot be parsed calls nothing.

    Raises:
        KeyError: for a name without an answer.

    >>> needed("g", {"f": "def f(x): return x", "g": "def g(x): return f(x) + 1"})
    ['f', 'g']
    """
    found: list[str] = []

    def visit(each: str, above: frozenset[str]) -> None:
        for called in sorted(_words(answers[each]) & set(answers) - above - {each}):
            visit(called, above | {each})
        if each not in found:
            found.append(each)

    visit(name, frozenset())
    return found


def _words(source: str) -> set[str]:
    try:
        return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    except SyntaxError:
        return set()


def _namespace() -> Mapping[str, Any]:
    """Give the names of the notebook in which this runs, if it is one."""
    shell = _shell()
    return shell.user_ns if shell is not None else {}


def _shell() -> Any:
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None


def _offer(code: str) -> None:
    shell = _shell()
    if shell is not None and hasattr(shell, "kernel"):
        shell.set_next_input(code)
    else:
        show_page(Page(code, ""))


def check_again(*names: str) -> None:
    """Run the checks of earlier notebooks on what is defined here, and list the results.

    Never fails and refuses nothing: what is missing or wrong is said in the list. The exercise's
    own check, such as `check("adam_step", adam_step)`, works here too and says why. Source: this
    course.

    Args:
        names: exercises of earlier notebooks.

    >>> check_again("adam_step")
    0 of 1 right
      adam_step                not here
    """
    space = _namespace()
    states = {name: _state(name, space) for name in names}
    head = f"{list(states.values()).count('right')} of {len(states)} right"
    text = "\n".join([head, *(f"  {name:<24} {state}" for name, state in states.items())])
    left = 'style="text-align:left"'
    rows = "".join(
        f'<tr style="background:none"><td {left}><code>{name}</code></td>'
        f"<td {left}>{html.escape(state)}</td></tr>"
        for name, state in states.items()
    )
    show_page(Page(text, card("note", head, f"<table><tbody>{rows}</tbody></table>")))


def _state(name: str, space: Mapping[str, Any]) -> str:
    if name not in space:
        return "not here"
    try:
        visible = catalog.exercise(name)
    except LookupError:
        return "has no check"
    outcomes = run_cases(visible.driver, space[name], visible.contract, visible.cases, space)
    verdict = judge(outcomes, visible.expected, visible.known, visible.tolerance)
    if verdict.passed:
        return "right"
    return "not written yet" if verdict.mistake == "not_written" else "not right yet"
