"""How far grading is: a live table in a terminal, plain lines in a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from autograder.results import Result, printable

if TYPE_CHECKING:
    from rich.progress import Task
    from rich.text import Text

Listener = Callable[[Result, int, int], None]


def line(result: Result, done: int, total: int) -> str:
    """Write a result as one line."""
    width, score = len(str(total)), f"{result.score:>5g} / {result.max_score:g}"
    return (
        f"[{done:>{width}}/{total}] {printable(result.student):<44} {score}"
        f"  {result.status:<10} {result.seconds:5.1f} s  {result.assignment}"
    )


@contextmanager
def progress(stream: IO[str]) -> Iterator[Listener]:
    """Give what is to be called with each result.

    Args:
        stream: where to write; in a terminal the table stays below the lines and is kept up to
            date, elsewhere there are lines alone.
    """
    if stream.isatty():
        with _live(stream) as listen:
            yield listen
    else:
        yield partial(_tell, stream)


def _tell(stream: IO[str], result: Result, done: int, total: int) -> None:
    stream.write(line(result, done, total) + "\n")
    stream.flush()


@contextmanager
def _live(stream: IO[str]) -> Iterator[Listener]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(bar_width=24),
        MofNCompleteColumn(separator=" of "),
        TextColumn("done,"),
        TextColumn("{task.fields[failed]} failed,"),
        _rate_column(),
        TextColumn("time left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=stream, highlight=False)) as table:
        task = table.add_task("grading", total=None, failed=0)
        failed = 0

        def listen(result: Result, done: int, total: int) -> None:
            nonlocal failed
            failed += result.status != "graded"
            table.console.print(line(result, done, total), markup=False)
            table.update(task, completed=done, total=total, failed=failed)

        yield listen


def _rate_column() -> Any:
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        """Submissions a minute, over the last of them."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{60 * speed:.0f} a minute," if speed else "")

    return Rate()
