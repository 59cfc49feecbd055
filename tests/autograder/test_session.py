"""A submission's way through several processes, with processes that do as they are told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autograder.run import Fate, Limits, Run
from autograder.session import Listener, run_notebook


class Scripted:
    """A process in which the source of a cell says what becomes of it."""

    def __init__(self, log: list[str], bombs: dict[str, int]) -> None:
        self.log, self.bombs, self.number = log, bombs, 0

    def run(
        self, source: str, listen: Listener, seconds: float, *, counted: bool
    ) -> tuple[Fate | None, int | None]:
        """Do what the source says."""
        assert counted
        assert seconds > 0
        self.log.append(source)
        self.number += 1
        listen("stream", {"name": "stdout", "text": source})
        if source == "sleeps":
            time.sleep(0.05)
        if source in self.bombs:
            self.bombs[source] -= 1
            if self.bombs[source] < 0:
                return "died", None
        fate: Fate | None = "timeout" if source == "hangs" else None
        return fate, self.number

    def ask(self, request: str, seconds: float) -> tuple[Fate | None, str | None]:
        """Answer with the request itself; some requests are deadly."""
        assert seconds > 0
        self.log.append(f"asked {request}")
        return ("died", None) if request == "deadly" else (None, request.upper())


def run(
    *sources: str, requests: dict[str, str] | None = None, bombs: Any = (), **limits: Any
) -> tuple[Run, list[str], int]:
    """Run cells c0, c1, ...; return the run, what processes did, and how many there were."""
    log: list[str] = []
    opened: list[Scripted] = []
    charges = dict(bombs)

    @contextmanager
    def process() -> Iterator[Scripted]:
        opened.append(Scripted(log, charges))
        yield opened[-1]

    cells = [
        {"id": f"c{number}", "cell_type": "code", "source": source, "outputs": ["old"]}
        for number, source in enumerate(sources)
    ]
    ran = run_notebook({"cells": cells}, requests or {}, Limits(**limits), process)
    return ran, log, len(opened)


def texts(ran: Run) -> list[str]:
    return ["".join(o["text"] for o in cell["outputs"]) for cell in ran.notebook["cells"]]


def test_cells_run_in_order_and_questions_follow_their_cells() -> None:
    ran, log, processes = run("a", "b", requests={"c0": "f", "c1": "g"})
    assert log == ["a", "asked f", "b", "asked g"]
    assert (ran.replies, ran.fates, processes) == ({"c0": "F", "c1": "G"}, {}, 1)
    assert texts(ran) == ["a", "b"]
    assert [cell["execution_count"] for cell in ran.notebook["cells"]] == [1, 2]


def test_after_a_cell_that_hangs_the_cells_before_it_run_again_unheard() -> None:
    ran, log, processes = run("a", "hangs", "b", requests={"c0": "f", "c2": "g"})
    assert log == ["a", "asked f", "hangs", "a", "b", "asked g"]
    assert (ran.replies, ran.fates, processes) == ({"c0": "F", "c2": "G"}, {"c1": "timeout"}, 2)
    assert texts(ran) == ["a", "hangs", "b"]


def test_a_question_that_kills_costs_its_cell_alone() -> None:
    ran, log, _ = run("a", "b", requests={"c0": "deadly", "c1": "g"})
    assert ran.fates == {"c0": "died"}
    assert ran.replies == {"c1": "G"}
    assert log == ["a", "asked deadly", "b", "asked g"]


def test_a_cell_that_fails_when_it_runs_again_is_dropped() -> None:
    ran, _, processes = run("bomb", "hangs", "b", bombs=[("bomb", 1)])
    assert ran.fates == {"c0": "died", "c1": "timeout"}
    assert texts(ran)[2] == "b"
    assert processes == 3


def test_when_the_time_is_up_the_rest_is_not_run() -> None:
    ran, log, _ = run("sleeps", "b", "c", notebook_seconds=0.01)
    assert log == ["sleeps"]
    assert ran.fates == {"c1": "not run", "c2": "not run"}


def test_the_notebook_that_was_given_is_left_alone() -> None:
    notebook = {"cells": [{"id": "x", "cell_type": "code", "source": "a", "outputs": ["old"]}]}

    @contextmanager
    def process() -> Iterator[Scripted]:
        yield Scripted([], {})

    run_notebook(notebook, {}, Limits(), process)
    assert notebook["cells"][0]["outputs"] == ["old"]
