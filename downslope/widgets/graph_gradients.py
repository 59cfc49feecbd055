"""What every edge of a computation graph adds to a gradient, one contribution after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from downslope.widgets.graph_layout import Node, Parents, order_of

Partials = Mapping[Node, Sequence[float]]


class Contribution(NamedTuple):
    """What one edge adds to the gradient of a parent (lectures L0, L1).

    A plain record, made by `contributions`: it checks nothing.

    Attributes:
        child: Where the gradient comes from.
        place: Which of the child's parents it goes to, counted from 0.
        parent: Whose gradient grows.
        amount: Gradient of the child times the partial derivative.
        total: The parent's gradient after it.

    >>> Contribution("f", 0, "x", amount=2.0, total=5.0).parent
    'x'
    """

    child: Node
    place: int
    parent: Node
    amount: float
    total: float


def contributions(parents: Parents, partials: Partials, output: Node) -> list[Contribution]:
    """List what every edge adds, from the output backwards (lectures L0, L1).

    A node passes its gradient on only when all its children have added their parts.

    Raises:
        ValueError: for a cycle, or a parent that is no node.
        KeyError, IndexError: for partials that are missing.

    >>> parts = contributions({"x": [], "f": ["x", "x"]}, {"f": [3.0, 4.0]}, "f")
    >>> [(part.amount, part.total) for part in parts]
    [(3.0, 3.0), (4.0, 7.0)]
    """
    totals: dict[Node, float] = {output: 1.0}
    found = []
    for child in reversed(order_of(parents)):
        if child not in totals:  # it does not reach the output
            continue
        for place, parent in enumerate(parents[child]):
            amount = totals[child] * float(partials[child][place])
            totals[parent] = totals.get(parent, 0.0) + amount
            found.append(Contribution(child, place, parent, amount, totals[parent]))
    return found


def gradients(parents: Parents, done: Sequence[Contribution], output: Node) -> dict[Node, float]:
    """Return the gradient of every node after some contributions (lectures L0, L1).

    An output that is no node gives zeros.

    Raises:
        AttributeError: for what are no contributions.

    >>> gradients({"x": [], "f": ["x"]}, [], "f")
    {'x': 0.0, 'f': 1.0}
    """
    return {node: float(node == output) for node in parents} | {
        part.parent: part.total for part in done
    }
