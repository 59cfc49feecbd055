"""A submission's way through as many processes as it takes: each cell pays for itself alone.

After a cell that hangs or kills its process, a fresh one runs the cells before it once more and
goes on with those behind it, within the notebook's time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from autograder.outputs import Outputs, cell_number
from autograder.run import Fate, Limits, Run

Json = dict[str, Any]
Listener = Callable[[object, object], None]


class Process(Protocol):
    """One process that runs cells and answers the judge's questions."""

    def run(
        self, source: str, listen: Listener, seconds: float, *, counted: bool
    ) -> tuple[Fate | None, int | None]:
        """Run a cell's source.

        Args:
            source: code.
            listen: is told the kind and content of each output.
            seconds: time limit.
            counted: whether the cell counts as one of the notebook's.

        Returns:
            What kept it from ending, and its number.
        """
        ...

    def ask(self, request: str, seconds: float) -> tuple[Fate | None, str | None]:
        """Put a packed request; return what kept it from ending, and the reply."""
        ...


Opener = Callable[[], AbstractContextManager[Process]]


def run_notebook(
    notebook: Json, requests: Mapping[str, str], limits: Limits, open_process: Opener
) -> Run:
    """Run a notebook's code cells in order and ask the judge's requests on the way.

    Args:
        notebook: a repaired notebook; it is left as it was.
        requests: cell id -> packed request, asked once, right after that cell has ended.
        limits: what the notebook may use.
        open_process: makes a fresh process.
    """
    begin = time.monotonic()
    cells = [_fresh(cell) for cell in notebook["cells"]]
    run = Run({**notebook, "cells": cells})
    session = _Session(cells, requests, limits, run)
    session.run_all(open_process)
    run.seconds = time.monotonic() - begin
    return run


def _fresh(cell: Json) -> Json:
    return {**cell, "outputs": []} if cell["cell_type"] == "code" else dict(cell)


def _deaf(_kind: object, _content: object) -> None:
    """Listen to a cell that was heard before."""


class _Session:
    def __init__(
        self, cells: list[Json], requests: Mapping[str, str], limits: Limits, run: Run
    ) -> None:
        self.cells, self.requests, self.limits, self.found = cells, requests, limits, run
        self.outputs = Outputs(limits.output_bytes, limits.notebook_output_bytes)
        self.deadline = time.monotonic() + limits.notebook_seconds
        self.waiting = [i for i, cell in enumerate(cells) if cell["cell_type"] == "code"]
        self.done: list[int] = []

    def run_all(self, open_process: Opener) -> None:
        """Run every code cell, or say why it was not run."""
        while self.waiting and self._time_left():
            with open_process() as process:
                if self._replay(process):
                    self._advance(process)
        for index in self.waiting:
            self.found.fates[self.cells[index]["id"]] = "not run"

    def _time_left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def _seconds(self) -> float:
        return min(self.limits.cell_seconds, self._time_left())

    def _replay(self, process: Process) -> bool:
        """Bring a fresh process to where the last one ended; a cell that now fails is dropped."""
        for index in list(self.done):
            if not self._time_left():
                return False
            source = self.cells[index]["source"]
            fate, _ = process.run(source, _deaf, self._seconds(), counted=True)
            if fate is not None:
                self.done.remove(index)
                self.found.fates[self.cells[index]["id"]] = fate
                return False
        return True

    def _advance(self, process: Process) -> None:
        """Run waiting cells until one takes the process with it."""
        while self.waiting and self._time_left():
            index = self.waiting.pop(0)
            cell = self.cells[index]
            fate = self._execute(process, cell)
            if fate is None and cell["id"] in self.requests:
                fate = self._ask(process, cell["id"])
            if fate is not None:
                self.found.fates[cell["id"]] = fate
                return
            self.done.append(index)

    def _execute(self, process: Process, cell: Json) -> Fate | None:
        def listen(kind: object, content: object) -> None:
            self.outputs.add(cell, kind, content)

        fate, number = process.run(cell["source"], listen, self._seconds(), counted=True)
        cell["execution_count"] = cell_number(number)
        return fate

    def _ask(self, process: Process, name: str) -> Fate | None:
        """Put the judge's request and keep the reply."""
        fate, reply = process.ask(self.requests[name], self._seconds())
        if reply is not None:
            self.found.replies[name] = reply
        return fate
