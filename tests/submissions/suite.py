"""The adversarial suite: a small course, honest submissions, and one submission for each attack.

`attacks/` holds code that a learner might hand in, one file an attack: it goes into the cell of the
exercise `shift`, in front of a wrong answer. The files are no Python modules on purpose: nothing
but a grader under test may ever run them. Each is bounded in time, memory, disk and processes, and
knows no machine but this one. The names A01 to E08 are those of the course's threat model.
"""

from __future__ import annotations

import copy
import json
import os
import socket
import threading
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LESSON = "01_suite"
TARGET = "shift"
FOLDER = Path(__file__).parent / "attacks"
CANARIES = ("ENVIRONMENT-CANARY", "FILE-CANARY", "SOLUTION-CANARY", "OTHER-CANARY")

MASTER = '''\
# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: nbgrader,tags,slideshow,editable,deletable,-all
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Three small functions

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np
from downslope import check

# %% nbgrader={"grade_id": "double", "solution": true}
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2.0 * x  # SOLUTION-CANARY
    ### END SOLUTION

# %% nbgrader={"grade_id": "check_double", "grade": true, "points": 2}
check("double", double)

# %% nbgrader={"grade_id": "shift", "solution": true}
def shift(x, by):
    """Return x moved by a number."""
    ### BEGIN SOLUTION
    return x + by  # SOLUTION-CANARY
    ### END SOLUTION

# %% nbgrader={"grade_id": "check_shift", "grade": true, "points": 3}
check("shift", shift)

# %% nbgrader={"grade_id": "squares", "solution": true}
def squares(x):
    """Return the sum of squares of each row."""
    ### BEGIN SOLUTION
    return (x**2).sum(axis=1)  # SOLUTION-CANARY
    ### END SOLUTION

# %% nbgrader={"grade_id": "check_squares", "grade": true, "points": 5}
check("squares", squares)
'''

EXERCISES = """\
from autograder.exercises import Exercise, call_case


def rows(rng):
    return [call_case("a table", x=rng.normal(size=(3, 4)))]


def moved(rng):
    return [call_case("a table", x=rng.normal(size=(2, 3)), by=float(rng.normal()) + 3.0)]


HINTS = ("Look at the text.", "It is one line.", "NumPy does it for all entries at once.")
double = Exercise("double", returns=("result",), driver="call", cases=rows, hints=HINTS)
shift = Exercise("shift", returns=("result",), driver="call", cases=moved, hints=HINTS)
squares = Exercise("squares", returns=("result",), driver="call", cases=rows, hints=HINTS)
EXERCISES = (double, shift, squares)
"""

POINTS = {"double": 2.0, "shift": 3.0, "squares": 5.0}
RIGHT = {
    "double": "def double(x):\n    return x + x\n",
    "shift": "def shift(x, by):\n    return by + x\n",
    "squares": "def squares(x):\n    return np.einsum('ij,ij->i', x, x)\n",
}
WRONG = "\n\nif 'shift' not in globals():\n    def shift(x, by):\n        return x\n"


@dataclass(frozen=True)
class Expected:
    """What a submission must get.

    Attributes:
        full: exercises that get all their points.
        zero: exercises that get none; those in neither may get either.
    """

    full: frozenset[str] = frozenset(POINTS)
    zero: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Attack:
    """One submission of the suite.

    Attributes:
        name: also the student's.
        expected: its marks.
        write: puts it into the student's folder.
    """

    name: str
    expected: Expected
    write: Callable[[Path], None] = field(repr=False)


def write_course(course: Path) -> Path:
    """Write the sources of the suite's lesson below a folder."""
    lesson = course / "source" / LESSON
    lesson.mkdir(parents=True)
    (lesson / f"{LESSON}.py").write_text(MASTER, encoding="utf-8")
    (lesson / "exercises.py").write_text(EXERCISES, encoding="utf-8")
    tolerances = {name: {"tolerance": 1e-9} for name in POINTS}
    (lesson / "ledger.json").write_text(json.dumps({"exercises": tolerances}), encoding="utf-8")
    signatures = 'double = "(x)"\nshift = "(x, by)"\nsquares = "(x)"\n'
    (course / "source" / "curriculum.toml").write_text(f"[{LESSON}]\n{signatures}", "utf-8")
    return course


def filled(release: dict[str, Any], answers: dict[str, str]) -> dict[str, Any]:
    """Fill answers into a copy of the release."""
    notebook = copy.deepcopy(release)
    for cell in notebook["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    return notebook


def honest(release: dict[str, Any], count: int) -> Iterator[Attack]:
    """Yield honest submissions: right, and right but for one exercise."""
    for number in range(count):
        answers, expected = dict(RIGHT), Expected()
        if number % 2:
            answers["double"] = "def double(x):\n    return x\n"
            others = frozenset({"shift", "squares"})
            expected = Expected(full=others, zero=frozenset({"double"}))
        answers["squares"] += "# OTHER-CANARY\n"
        notebook = filled(release, answers)
        yield Attack(f"honest-{number:02}", expected, _notebook(notebook))


def code_attacks(release: dict[str, Any], values: dict[str, object]) -> Iterator[Attack]:
    """Yield attacks A to D: code in the cell of one exercise.

    Args:
        release: the released notebook.
        values: of the names COURSE, CANARY_FILE and PORT in the code.
    """
    for path in sorted(FOLDER.glob("*.txt")):
        head, code = path.read_text(encoding="utf-8").split("\n", 1)
        known = "".join(f"{name} = {value!r}\n" for name, value in values.items() if name in code)
        answers = {**RIGHT, TARGET: known + code + WRONG}
        others = frozenset(POINTS) - {TARGET} if head.endswith("kept") else frozenset[str]()
        expected = Expected(full=others, zero=frozenset({TARGET}))
        yield Attack(path.stem, expected, _notebook(filled(release, answers)))


def structure_attacks(release: dict[str, Any]) -> Iterator[Attack]:
    """Yield attacks E: what accidents and tricks do to a notebook's structure and its folder."""
    solved = filled(release, RIGHT)
    for name, edit in _CELLS.items():
        notebook = copy.deepcopy(solved)
        edit(notebook)
        yield Attack(name, Expected(), _notebook(notebook))
    whole = json.dumps(solved).encode()
    nothing = Expected(full=frozenset(), zero=frozenset(POINTS))
    for name, (content, expected) in _contents(whole, solved, nothing).items():
        yield Attack(name, expected, _file(f"{LESSON}.ipynb", content))
    for name, (filename, expected) in _names(nothing).items():
        yield Attack(name, expected, _file(filename, whole))
    yield from _folders(whole, nothing)


def _notebook(notebook: dict[str, Any]) -> Callable[[Path], None]:
    return _file(f"{LESSON}.ipynb", json.dumps(notebook).encode())


def _file(name: str, content: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return write


def _cell(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in notebook["cells"] if c["id"] == name)
    return found


def _delete(*names: str) -> Callable[[dict[str, Any]], None]:
    def edit(notebook: dict[str, Any]) -> None:
        notebook["cells"] = [c for c in notebook["cells"] if c["id"] not in names]

    return edit


def _duplicate(notebook: dict[str, Any]) -> None:
    notebook["cells"] += [copy.deepcopy(_cell(notebook, n)) for n in ("check_shift", "shift")]


def _retype(notebook: dict[str, Any]) -> None:
    for name in ("shift", "check_shift"):
        _cell(notebook, name)["cell_type"] = "markdown"


def _merge(notebook: dict[str, Any]) -> None:
    _cell(notebook, "double")["source"] += "\n\n" + _cell(notebook, "shift")["source"]
    _delete("shift")(notebook)


def _without_ids(notebook: dict[str, Any]) -> None:
    for cell in notebook["cells"]:
        del cell["id"]


def _same_ids(notebook: dict[str, Any]) -> None:
    for cell in notebook["cells"]:
        cell["id"] = "same"


def _version_3(notebook: dict[str, Any]) -> None:
    cells = notebook.pop("cells")
    for cell in cells:
        cell["input"] = cell.pop("source")
    notebook.update(nbformat=3, nbformat_minor=0, worksheets=[{"cells": cells}])


def _metadata(value: object) -> Callable[[dict[str, Any]], None]:
    def edit(notebook: dict[str, Any]) -> None:
        for cell in notebook["cells"]:
            cell["metadata"]["nbgrader"] = value

    return edit


def _claims(**claims: object) -> Callable[[dict[str, Any]], None]:
    def edit(notebook: dict[str, Any]) -> None:
        for cell in notebook["cells"]:
            if "nbgrader" in cell["metadata"]:
                cell["metadata"]["nbgrader"].update(claims)

    return edit


def _tags(notebook: dict[str, Any]) -> None:
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]


def _kernel(notebook: dict[str, Any]) -> None:
    notebook["metadata"]["kernelspec"] = {"name": "bash", "language": "bash", "argv": ["false"]}


def _scripts(notebook: dict[str, Any]) -> None:
    script = "<script>alert('XSS')</script><img src=x onerror=alert('XSS')>"
    data = {"text/html": script, "application/javascript": "alert('XSS')", "image/svg+xml": script}
    notebook["cells"].append(
        {"id": "mine", "cell_type": "markdown", "metadata": {}, "source": script}
        | {"attachments": {"x' onload='alert(1)": {"text/html": script}}}
    )
    code = (
        "from IPython.display import HTML, SVG, Javascript, display\n"
        f"shown = HTML({script!r}), SVG({'<svg>' + script + '</svg>'!r})\n"
        "display(*shown, Javascript(\"alert('XSS')\"))\n"
        "print('\\x1b]0;title\\x07\\x1b[31m' + " + repr(script) + ")"
    )
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    notebook["cells"].append(
        {"id": "code", "cell_type": "code", "metadata": {}, "source": code}
        | {"outputs": [output], "execution_count": 1}
    )


_CELLS: dict[str, Callable[[dict[str, Any]], None]] = {
    "E01_deleted_check": _delete("check_shift"),
    "E01b_duplicated_cells": _duplicate,
    "E01c_reordered_cells": lambda notebook: notebook["cells"].reverse(),
    "E01d_retyped_cells": _retype,
    "E01e_merged_cells": _merge,
    "E02_no_ids": _without_ids,
    "E02b_same_ids": _same_ids,
    "E02c_version_3": _version_3,
    "E02d_metadata_is_a_list": _metadata(["not", "a", "mapping"]),
    "E02e_metadata_is_text": _metadata("text"),
    "E02f_edited_points": _claims(points=1000),
    "E02g_unknown_schema": _claims(schema_version=99),
    "E02h_cells_to_be_skipped": _tags,
    "E02i_another_kernel": _kernel,
    "E08_scripts": _scripts,
}


def _contents(
    whole: bytes, solved: dict[str, Any], nothing: Expected
) -> dict[str, tuple[bytes, Expected]]:
    """Bytes in the place of the notebook."""
    edited = copy.deepcopy(solved)
    _cell(edited, "shift")["metadata"]["nbgrader"]["grade_id"] = "elsewhere"
    large = copy.deepcopy(solved)
    text = {"output_type": "stream", "name": "stdout", "text": "x" * 100_000_000}
    _cell(large, "setup")["outputs"] = [text]
    damaged = whole.replace(b"Three small functions", b"Three sm\xff\xfell functions")
    return {
        "E02j_edited_name": (json.dumps(edited).encode(), Expected()),
        "E02k_invalid_letters": (damaged, Expected()),
        "E02l_byte_order_mark": (b"\xef\xbb\xbf" + whole, Expected()),
        "E02m_large_outputs": (json.dumps(large).encode(), Expected()),
        "E02n_cut_off": (whole[: len(whole) // 2], nothing),
        "E02o_deeply_nested": (b"[" * 100_000 + b"]" * 100_000, nothing),
        "E02p_a_million_cells": (whole.replace(b"[", b"[" + b"{}," * 10**6, 1), nothing),
        "E02q_swells_when_read": (whole[:-1] + b', "x": [' + b"[]," * 2**25 + b"0]}", nothing),
        "E06_empty_file": (b"", nothing),
        "E06b_old_version": (_old(solved), Expected(full=frozenset({"double", "squares"}))),
    }


def _old(solved: dict[str, Any]) -> bytes:
    """The release of last year had another exercise in the place of one of today's."""
    old = json.loads(json.dumps(solved).replace("shift", "moved_by"))
    return json.dumps(old).encode()


def _names(nothing: Expected) -> dict[str, tuple[str, Expected]]:
    """Other names for the notebook's file."""
    accented = unicodedata.normalize("NFD", f"{LESSON} é.ipynb")
    return {
        "E03_renamed": ("my answers (final) 2.ipynb", Expected()),
        "E03b_decomposed_letters": (accented, Expected()),
        "E03c_other_case": (f"{LESSON.upper()}.IPYNB", Expected()),
        "E03d_nested_folder": (f"work/{LESSON}.ipynb", Expected()),
        "E03e_checkpoint_only": (f".ipynb_checkpoints/{LESSON}-checkpoint.ipynb", nothing),
        "E07_page_beside": (f"{LESSON}.html", nothing),
    }


def _folders(whole: bytes, nothing: Expected) -> Iterator[Attack]:
    """Yield folders with more in them than a notebook."""
    notebook = _file(f"{LESSON}.ipynb", whole)

    def two(folder: Path) -> None:
        notebook(folder)
        _file("Copy of it.ipynb", b"{}")(folder)

    def link(folder: Path) -> None:
        (folder / f"{LESSON}.ipynb").symlink_to("/etc/passwd")

    def pipe(folder: Path) -> None:
        os.mkfifo(folder / f"{LESSON}.ipynb")

    def shadows(folder: Path) -> None:
        notebook(folder)
        for name in ("numpy", "downslope", "sitecustomize", "json", "ipykernel"):
            _file(f"{name}.py", b"raise SystemExit('shadowed')\n")(folder)

    def page(folder: Path) -> None:
        notebook(folder)
        _file(f"{LESSON}.html", b"<script>alert('XSS')</script>")(folder)

    yield Attack("E03f_two_candidates", Expected(), two)
    yield Attack("E04_symbolic_link", nothing, link)
    yield Attack("E04b_named_pipe", nothing, pipe)
    yield Attack("E05_shadowing_modules", Expected(), shadows)
    yield Attack("E06c_empty_folder", nothing, lambda folder: None)
    yield Attack("E07b_page_and_notebook", Expected(), page)


def write_class(course: Path, attacks: list[Attack]) -> None:
    """Write the submissions into the course's folder."""
    for attack in attacks:
        folder = course / "submitted" / attack.name / LESSON
        folder.mkdir(parents=True)
        attack.write(folder)


def listen(visits: list[bytes], port: int = 0) -> Iterator[int]:
    """Note whoever comes to a port of this machine, by TCP or UDP."""
    tcp = socket.create_server(("127.0.0.1", port))
    port = tcp.getsockname()[1]
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", port))

    def watch(end: socket.socket) -> None:
        while True:
            try:
                visits.append(end.recv(100) if end is udp else repr(end.accept()).encode())
            except OSError:
                return

    threads = [threading.Thread(target=watch, args=(end,), daemon=True) for end in (tcp, udp)]
    for thread in threads:
        thread.start()
    yield port
    for end in (tcp, udp):
        end.shutdown(socket.SHUT_RDWR) if end is tcp else None
        end.close()
