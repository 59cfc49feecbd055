"""What the gallery shows: each exhibit is a function, and the code beside it is its own body."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from downslope.gallery import explorers, momentum, pictures, studies


@dataclass(frozen=True)
class Exhibit:
    """One thing to look at.

    Attributes:
        section: Heading that it stands under.
        make: Function without arguments that makes it.
    """

    section: str
    make: Callable[[], Any]

    @property
    def name(self) -> str:
        """Name of the function, which is also its address on the page."""
        return self.make.__name__

    @property
    def caption(self) -> str:
        """First line of the function's docstring.

        >>> next(exhibits()).caption
        'Contours with trajectories: the end of each path is marked large.'
        """
        return (self.make.__doc__ or "").strip().partition("\n")[0]

    @property
    def code(self) -> str:
        """The code that makes it: the body of the function, as one would type it in a cell.

        >>> print(next(exhibits()).code)
        rules = {"SGD": (optimizers.sgd(), 0.4), "Adam": (optimizers.adam(), 0.4)}
        ...
        plots.paths(plots.contours(valley), ran)
        """
        return body_of(self.make)


def body_of(function: Callable[..., Any]) -> str:
    """Read the body of a function, without its docstring and its last `return`.

    >>> from downslope.gallery.materials import sgd_step
    >>> body_of(sgd_step)
    'theta - lr * grad'
    """
    source = textwrap.dedent(inspect.getsource(function))
    (definition,) = ast.parse(source).body
    statements = definition.body  # type: ignore[attr-defined]
    first = statements[1] if isinstance(statements[0], ast.Expr) else statements[0]
    lines = source.splitlines()[first.lineno - 1 :]
    text = textwrap.dedent("\n".join(lines))
    head, found, tail = text.rpartition("return ")
    return head + tail if found and not head.rstrip(" ").strip("\n").endswith("=") else text


def exhibits() -> Iterator[Exhibit]:
    """Go through everything there is to see, in the order of the page.

    >>> len({exhibit.name for exhibit in exhibits()}) > 30
    True
    """
    for module in (pictures, studies, momentum, explorers):
        yield from _of(module)


def _of(module: ModuleType) -> Iterator[Exhibit]:
    sections: dict[str, tuple[Callable[[], Any], ...]] = module.SECTIONS
    for section, makers in sections.items():
        for make in makers:
            yield Exhibit(section, make)
