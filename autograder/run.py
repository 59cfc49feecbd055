"""Run: execute a repaired notebook and carry the judge's questions to it.

`Runner` is the seam: whatever can run cells in order and answer requests may stand behind it.
There are two: `autograder.sandbox.runner` forks a warm process into a sandbox, and
`autograder.kernels` starts an ordinary kernel where the system offers no sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Fate = Literal["timeout", "died", "memory", "flood", "not run"]


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Attributes:
        cell_seconds: wall time of one cell, and of one request of the judge.
        notebook_seconds: wall time of all cells together.
        memory_bytes: memory of all its processes, and address space of each.
        file_bytes: all files that it writes.
        output_bytes: kept output of one cell.
        notebook_output_bytes: kept output of all cells together.
        pictures: whether figures are drawn; if not, their descriptions stand in their place, which
            saves most of a notebook's time.
    """

    cell_seconds: float = 60.0
    notebook_seconds: float = 600.0
    memory_bytes: int = 2 * 2**30
    file_bytes: int = 32 * 2**20
    output_bytes: int = 2**20
    notebook_output_bytes: int = 32 * 2**20
    pictures: bool = False


@dataclass
class Run:
    """What running a notebook gave.

    Attributes:
        notebook: the notebook with outputs.
        replies: exercise's check cell -> the learner's process's reply to the judge's request.
        fates: cell id -> what kept the cell from ending; cells that ended are not in it.
        isolation: what kept the learner's process apart.
        seconds: wall time.
    """

    notebook: dict[str, Any]
    replies: dict[str, str] = field(default_factory=dict)
    fates: dict[str, Fate] = field(default_factory=dict)
    isolation: str = ""
    seconds: float = 0.0


class Runner(Protocol):
    """Runs a notebook's cells in order and asks the judge's requests on the way."""

    @property
    def isolation(self) -> str:
        """What keeps a learner's process apart, in words; begins with "full" or "reduced"."""
        ...

    def run(self, notebook: dict[str, Any], requests: Mapping[str, str], limits: Limits) -> Run:
        """Run it.

        Args:
            notebook: a repaired notebook.
            requests: cell id -> packed request, asked once, right after that cell has ended.
            limits: what the notebook may use.
        """
        ...
