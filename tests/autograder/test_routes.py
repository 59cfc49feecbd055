"""The fast route and Jupyter's own give a cell the same outputs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from autograder.isolation import runner_for
from autograder.kernels import KernelRunner
from autograder.run import Limits, Run, Runner

# One cell after another, each under its name.
SOURCES = Path(__file__).with_name("routes.txt").read_text(encoding="utf-8")
CELLS = dict(
    re.findall(r"^# %% (\w+)\n(.*?)\n(?=# %%|\Z)", SOURCES, flags=re.DOTALL | re.MULTILINE)
)
SPOKEN = [
    (r"0x[0-9a-f]{6,}", "ADDRESS"),
    (r"[0-9a-f]{32}", "MODEL"),
    (r"/\S*ipykernel_\d+/\d+\.py", "CELL"),
    (r"\S*/ipykernel/\S*?:\d+", "WHERE"),
    (r"\S*/autograder/\S*?:\d+", "WHERE"),
]


def ran_by(runner: Runner) -> Run:
    cells = [
        {"id": name, "cell_type": "code", "metadata": {}, "source": source}
        | {"outputs": [], "execution_count": None}
        for name, source in CELLS.items()
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return runner.run(notebook, {}, Limits(pictures=True))


@pytest.fixture(scope="module")
def routes() -> tuple[Run, Run]:
    """The same cells by the sandbox's shell and by an ordinary kernel."""
    return ran_by(runner_for("full")), ran_by(KernelRunner())


def plain(cell: dict[str, Any]) -> Any:
    """Outputs without what differs from run to run."""
    text = json.dumps(cell["outputs"], sort_keys=True)
    for pattern, word in SPOKEN:
        text = re.sub(pattern, word, text)
    return json.loads(text)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CELLS if name != "input"])
def test_a_cell_gives_the_same_outputs_by_both_routes(routes: tuple[Run, Run], name: str) -> None:
    fast, slow = (next(c for c in run.notebook["cells"] if c["id"] == name) for run in routes)
    assert plain(fast) == plain(slow)
    assert fast["execution_count"] == slow["execution_count"]


@pytest.mark.slow
def test_asking_for_input_fails_in_the_same_words(routes: tuple[Run, Run]) -> None:
    fast, slow = (
        next(c for c in run.notebook["cells"] if c["id"] == "input")["outputs"][0] for run in routes
    )
    assert (fast["ename"], fast["evalue"]) == (slow["ename"], slow["evalue"])


@pytest.mark.slow
def test_every_cell_ran_by_both_routes(routes: tuple[Run, Run]) -> None:
    assert [run.fates for run in routes] == [{}, {}]
