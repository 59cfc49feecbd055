"""Both runners: every cell pays for itself alone, and only what was asked is believed."""

import json
import os
from pathlib import Path
from typing import Any, Protocol

import nbformat
import numpy as np
import pytest

from autograder.isolation import runner_for
from autograder.kernels import KernelRunner, _environment
from autograder.outputs import CUT
from autograder.run import Limits, Run, Runner
from downslope.channel import MIME, outcomes_from_json, pack
from downslope.plain import to_json

KILL = "import os\nos._exit(1)"
LOOP = "while True: pass"


def notebook(cells: dict[str, str]) -> dict[str, Any]:
    """A notebook of code cells, by id."""
    made: list[dict[str, Any]] = [
        {"id": name, "cell_type": "code", "metadata": {}, "source": source}
        | {"outputs": [], "execution_count": None}
        for name, source in cells.items()
    ]
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


class Execute(Protocol):
    """Runs cells by id with one of the runners."""

    def __call__(
        self, cells: dict[str, str], requests: dict[str, str] | None = None, **limits: Any
    ) -> Run: ...


@pytest.fixture(scope="module", params=["sandbox", "kernel"])
def runner(request: pytest.FixtureRequest) -> Runner:
    return runner_for("full") if request.param == "sandbox" else KernelRunner()


@pytest.fixture(scope="module")
def run(runner: Runner) -> Execute:
    def execute(
        cells: dict[str, str], requests: dict[str, str] | None = None, **limits: Any
    ) -> Run:
        return runner.run(notebook(cells), requests or {}, Limits(**limits))

    return execute


def question(name: str = "f") -> str:
    case = {"label": "x", "arguments": {"x": np.array([1.0, 2.0])}}
    asked = {"name": name, "driver": "call", "parameters": ["x"], "returns": ["y"]}
    return pack({**asked, "forbids": [], "cases": to_json([case])})


def outputs(ran: Run, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = next(c for c in ran.notebook["cells"] if c["id"] == name)[
        "outputs"
    ]
    return found


def text(ran: Run, name: str) -> str:
    """What a cell printed and showed."""
    parts = [
        o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in outputs(ran, name)
    ]
    return "".join("".join(part) for part in parts)


def error(ran: Run, name: str) -> str | None:
    names = [o["ename"] for o in outputs(ran, name) if o["output_type"] == "error"]
    return names[0] if names else None


def answer(ran: Run, name: str) -> Any:
    """The numbers that the judge got after a cell."""
    return outcomes_from_json(json.loads(ran.replies[name])["outcomes"])[0].arrays["y"].tolist()


CELLS = {
    "define": "def f(x):\n    print('inside')\n    return 2 * x",
    "check_f": "print('checked')\nraise AssertionError('not right yet')",
    "no_such_name": "nothing",
    "exits": "import sys\nsys.exit(3)",
    "quits": "exit()",
    "asks": "input('your name? ')",
    "writes_much": "for _ in range(3000): print('x' * 1000)",
    "draws_much": "from IPython.display import display\n"
    "for _ in range(40): display({'text/plain': 'y' * 10_000}, raw=True)",
    "half_a_letter": "raise ValueError('\\udc80')",
    "forges_a_message": "k = get_ipython().kernel\n"
    "k.session.send(k.iopub_socket, 'display_data', {}, parent=k.get_parent('shell'))",
    "forges_a_reply": f"display({{{MIME!r}: 'mine'}}, raw=True)",
    "a_widget": "import ipywidgets\nipywidgets.IntSlider(value=7)",
    "updates": "h = display('old', display_id='d')\nh.update('new')",
    "where": "import os, sys\n"
    "print(os.getcwd() == os.path.realpath(os.environ['HOME']), 'SECRET' in os.environ)",
    "check_g": "pass",
    "last": "print('end')",
}


@pytest.fixture(scope="module")
def ran(run: Execute) -> Run:
    """One notebook with every mischief that a kernel survives."""
    os.environ["SECRET"] = "1"
    try:
        requests = {"check_f": question(), "check_g": question("g")}
        return run(CELLS, requests, output_bytes=200_000)
    finally:
        del os.environ["SECRET"]


def test_the_notebook_can_be_written_in_any_file(ran: Run) -> None:
    assert json.dumps(ran.notebook, ensure_ascii=False).encode("utf-8")


def test_every_cell_ran_to_its_end(ran: Run) -> None:
    assert ran.fates == {}
    assert ran.seconds > 0
    assert ran.isolation.startswith(("full", "reduced"))


def test_the_notebook_keeps_its_cells_and_is_valid(ran: Run) -> None:
    assert [cell["id"] for cell in ran.notebook["cells"]] == list(CELLS)
    assert [cell["source"] for cell in ran.notebook["cells"]] == list(CELLS.values())
    nbformat.validate(nbformat.from_dict(ran.notebook))


def test_the_last_cell_is_run_like_any_other(ran: Run) -> None:
    assert text(ran, "last") == "end\n"


def test_cells_are_counted_in_order_and_questions_are_not(ran: Run) -> None:
    counts = [cell["execution_count"] for cell in ran.notebook["cells"]]
    assert counts == list(range(counts[0], counts[0] + len(CELLS)))


def test_the_judge_gets_numbers_although_the_check_itself_failed(ran: Run) -> None:
    assert answer(ran, "check_f") == [2.0, 4.0]
    assert error(ran, "check_f") == "AssertionError"


def test_what_the_question_prints_is_not_the_cells_output(ran: Run) -> None:
    assert text(ran, "check_f") == "checked\n"


def test_a_function_that_is_not_defined_is_missing(ran: Run) -> None:
    assert json.loads(ran.replies["check_g"]) == {"missing": True}


def test_only_asked_cells_have_replies(ran: Run) -> None:
    assert set(ran.replies) == {"check_f", "check_g"}


@pytest.mark.parametrize(
    ("name", "ename"),
    [
        ("no_such_name", "NameError"),
        ("exits", "SystemExit"),
        ("quits", None),
        ("asks", "StdinNotImplementedError"),
        ("half_a_letter", "ValueError"),
    ],
)
def test_an_error_stays_in_its_cell(ran: Run, name: str, ename: str | None) -> None:
    assert error(ran, name) == ename


@pytest.mark.parametrize("name", ["writes_much", "draws_much"])
def test_output_over_the_limit_is_cut_once_and_said(ran: Run, name: str) -> None:
    assert len(json.dumps(outputs(ran, name))) < 250_000
    assert outputs(ran, name).count(CUT) == 1


def test_a_widget_is_shown_as_text_and_keeps_no_state(ran: Run) -> None:
    assert "IntSlider(value=7" in text(ran, "a_widget")
    assert "widgets" not in ran.notebook["metadata"]


def test_a_display_can_be_updated(ran: Run) -> None:
    assert "new" in text(ran, "updates")


def test_the_kernel_has_a_home_of_its_own_and_not_the_graders_environment(ran: Run) -> None:
    assert text(ran, "where") == "True False\n"


def test_the_homes_are_removed(
    run: Execute, ran: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run({"a": "open('left', 'w').write('x')"})
    assert list(tmp_path.iterdir()) == []


def test_an_empty_notebook_needs_no_kernel(run: Execute) -> None:
    ran = run({})
    assert (ran.fates, ran.replies, ran.notebook["cells"]) == ({}, {}, [])


def test_no_time_runs_nothing_and_says_so(run: Execute) -> None:
    ran = run({"a": "1", "b": "2"}, {"b": question()}, notebook_seconds=0)
    assert ran.fates == {"a": "not run", "b": "not run"}
    assert ran.replies == {}


def test_text_cells_are_left_alone() -> None:
    made = notebook({})
    made["cells"] = [{"id": "t", "cell_type": "markdown", "metadata": {}, "source": "# Hi"}]
    assert KernelRunner().run(made, {}, Limits()).notebook == made


def test_the_environment_is_a_short_list(tmp_path: Path) -> None:
    kept = {"PATH", "LANG", "TZ", "HOME", "TMPDIR", "MPLCONFIGDIR", "IPYTHONDIR", "MPLBACKEND"}
    threads = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"}
    assert set(_environment(tmp_path)) <= kept | threads


@pytest.mark.slow
def test_a_cell_that_kills_the_kernel_costs_itself_alone(run: Execute) -> None:
    cells = {
        "define": "x = [1]\ndef f(x): return 3 * x",
        "kill": KILL,
        "more": "x.append(2)",
        "check_f": "print(x)",
        "also": KILL,
        "last": "print(x)",
    }
    ran = run(cells, {"check_f": question()})
    assert ran.fates == {"kill": "died", "also": "died"}
    assert text(ran, "check_f") == text(ran, "last") == "[1, 2]\n"
    assert answer(ran, "check_f") == [3.0, 6.0]
    assert [cell["id"] for cell in ran.notebook["cells"]] == list(cells)


@pytest.mark.slow
def test_a_cell_without_end_costs_itself_alone(run: Execute) -> None:
    ran = run({"define": "x = 5", "loop": LOOP, "last": "print(x)"}, cell_seconds=1)
    assert ran.fates == {"loop": "timeout"}
    assert text(ran, "last") == "5\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "fate"), [("while True: pass", "timeout"), ("__import__('os')._exit(0)", "died")]
)
def test_a_function_that_ends_the_question_costs_its_exercise_alone(
    run: Execute, body: str, fate: str
) -> None:
    cells = {"define": f"def f(x):\n    {body}\ndef g(x): return x", "check_f": "1", "check_g": "2"}
    requests = {"check_f": question(), "check_g": question("g")}
    ran = run(cells, requests, cell_seconds=1)
    assert ran.fates == {"check_f": fate}
    assert set(ran.replies) == {"check_g"}
    assert answer(ran, "check_g") == [1.0, 2.0]


@pytest.mark.slow
def test_a_bomb_with_a_fuse_is_dropped_when_it_goes_off_again(run: Execute) -> None:
    fuse = "import os, threading\nthreading.Timer(0.2, os._exit, [1]).start()"
    wait = "import time\ntime.sleep(0.6)"
    ran = run({"fuse": fuse, "one": wait, "two": wait, "last": "print('end')"})
    assert ran.fates["one"] == "died"
    assert text(ran, "last") == "end\n"
    assert "not run" not in ran.fates.values()


@pytest.mark.slow
def test_a_message_that_no_kernel_sends_costs_its_cell_alone() -> None:
    forged = (
        "k = get_ipython().kernel\n"
        "k.iopub_socket.send_multipart([b'x', b'<IDS|MSG>', b'?', b'{}', b'{}', b'{}', b'{}'])"
    )
    ran = KernelRunner().run(notebook({"forged": forged, "last": "print('end')"}), {}, Limits())
    assert ran.fates == {"forged": "died"}
    assert text(ran, "last") == "end\n"


@pytest.mark.slow
def test_too_much_memory_is_an_error_of_its_cell(run: Execute) -> None:
    ran = run({"much": "b = bytearray(3 * 2**30)", "last": "print(1)"}, memory_bytes=2 * 2**30)
    assert error(ran, "much") == "MemoryError" or ran.fates == {"much": "died"}
    assert text(ran, "last") == "1\n"


@pytest.mark.slow
def test_a_question_cannot_flood_the_grader(run: Execute) -> None:
    flood = "import sys\nout = sys.stdout\ndef f(x):\n    while True: out.write('z' * 10**6)"
    ran = run(
        {"define": flood, "check_f": "1", "last": "print(1)"},
        {"check_f": question()},
        cell_seconds=2,
    )
    # Its process may run into the limit on memory before the time is over.
    assert "MemoryError" in ran.replies.get("check_f", "MemoryError")
    assert len(json.dumps(ran.notebook)) < 10_000
    assert text(ran, "last") == "1\n"


@pytest.mark.slow
def test_all_cells_together_keep_to_a_limit(run: Execute) -> None:
    cells = {f"c{n}": "print('x' * 40_000)" for n in range(8)}
    ran = run(cells, output_bytes=50_000, notebook_output_bytes=100_000)
    assert len(json.dumps(ran.notebook)) < 130_000
    assert outputs(ran, "c7") == [CUT]


@pytest.mark.slow
def test_the_time_of_all_cells_together_is_limited(run: Execute) -> None:
    cells = {f"c{n}": "import time\ntime.sleep(1)" for n in range(9)}
    ran = run(cells, notebook_seconds=3)
    assert ran.fates["c8"] == "not run"
    assert ran.seconds < 10
