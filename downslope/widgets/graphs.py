"""Backpropagation on a computation graph, one contribution at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from downslope.arguments import require_kind
from downslope.widgets.controls import Control, Walk
from downslope.widgets.explorer import Explorer, Notes, Values, View, name_of
from downslope.widgets.graph_drawing import Scene, draw_graph
from downslope.widgets.graph_gradients import Contribution, Partials, contributions, gradients
from downslope.widgets.graph_layout import Node, Parents, lay_out, order_of
from downslope.widgets.scales import figure


def explore_graph(
    parents: Parents,
    partials: Partials,
    *,
    values: Mapping[Node, float] | None = None,
    labels: Mapping[Node, str] | None = None,
    output: Node = None,
    backpropagate: Callable[..., Any] | None = None,
) -> Explorer:
    """Step through backpropagation: every edge adds its part to the gradient of a parent.

    The way back of lecture L0's example, and the algorithm of lecture L1.

    Args:
        parents: Ids of each node's parents, in order; inputs have none.
        partials: `partials[j][k]` is the derivative of node j for its k-th parent.
        values: Value of each node, to be written in it.
        labels: How each node is computed, such as "x + y"; its id otherwise.
        output: The node whose derivatives are wanted; by default the only one without a child.
        backpropagate: The learner's `backpropagate(parents, partials, output)`, a dict from id to
            gradient, which is compared.

    Raises:
        ValueError: for a cycle, a missing node, partials that do not fit the parents, an output
            that is no node, or several that it could be. What is wrong with the learner's
            function is said below the picture.

    >>> parents = {"x": [], "y": [], "s": ["x", "y"], "f": ["s", "x"]}
    >>> partials = {"s": [1.0, 1.0], "f": [2.0, 3.0]}
    >>> explorer = explore_graph(parents, partials)
    >>> explorer.set(step=2)
    >>> print(explorer.view().says)
    Step 2 of 4: x gets ∂f/∂f · ∂f/∂x = 1 · 3 = 3. Its gradient: 3.
    >>> explorer.set(step=3)
    >>> print(explorer.view().says)
    Step 3 of 4: x gets ∂f/∂s · ∂s/∂x = 2 · 1 = 2. Its gradient: 3 + 2 = 5.
    """
    _require_partials(parents, partials)
    output = _only_end(parents) if output is None else output
    given: Any = output
    if not isinstance(given, Hashable) or given not in parents:
        raise ValueError(f"output must be one of the nodes; got {output!r}")
    parts = contributions(parents, partials, output)
    layout, right = lay_out(parents), gradients(parents, parts, output)
    controls: dict[str, Control] = {"step": Walk("step", 0, 0, len(parts))}

    def draw(at: Values) -> View:
        done, notes = parts[: at["step"]], Notes()
        _compare(notes, backpropagate, parents, partials, output, right, parts)
        says = _says(done, len(parts), output, partials)
        scene = Scene(parents, partials, values or {}, labels or {}, output)
        svg = draw_graph(scene, layout, done, gradients(parents, done, output))
        alt = f"Computation graph with {len(parents)} nodes. {says} {_told(parents, done, output)}"
        return View(svg, alt, says, tuple(notes.kept))

    return Explorer(controls, draw)


def _require_partials(parents: Parents, partials: Partials) -> None:
    require_kind("parents", parents, Mapping, "map nodes to the nodes they are made of")
    require_kind("partials", partials, Mapping, "map nodes to their partial derivatives")
    order_of(parents)
    for node, above in parents.items():
        given = len(partials.get(node, ()))
        if given != len(above):
            raise ValueError(f"partials[{node!r}] must have {len(above)} numbers; got {given}")


def _only_end(parents: Parents) -> Node:
    used = {up for above in parents.values() for up in above}
    ends = [node for node in parents if node not in used]
    if len(ends) != 1:
        told = ", ".join(map(str, ends))
        raise ValueError(f"output must be named when several nodes have no child: {told}")
    return ends[0]


def _says(done: Sequence[Contribution], steps: int, output: Node, partials: Partials) -> str:
    if not done:
        return f"Step 0 of {steps}: the gradient of {output} for itself is 1; all others are 0."
    part = done[-1]
    local = float(partials[part.child][part.place])
    child = part.amount / local if local else _gradient_before(done, part.child, output)
    rule = f"∂{output}/∂{part.child} · ∂{part.child}/∂{part.parent}"
    product = f"{figure(child)} · {_wrapped(local)} = {figure(part.amount)}"
    earlier = [each for each in done[:-1] if each.parent == part.parent]
    sums = f"{figure(earlier[-1].total)} + {_wrapped(part.amount)} = " if earlier else ""
    return (
        f"Step {len(done)} of {steps}: {part.parent} gets {rule} = {product}. "
        f"Its gradient: {sums}{figure(part.total)}."
    )


def _gradient_before(done: Sequence[Contribution], node: Node, output: Node) -> float:
    totals = [part.total for part in done if part.parent == node]
    return totals[-1] if totals else float(node == output)


def _wrapped(number: float) -> str:
    return f"({figure(number)})" if number < 0 else figure(number)


def _told(parents: Parents, done: Sequence[Contribution], output: Node) -> str:
    found = gradients(parents, done, output)
    return "Gradients: " + ", ".join(f"{node} {figure(each)}" for node, each in found.items()) + "."


def _compare(  # noqa: PLR0917 - one comparison needs all of these
    notes: Notes,
    backpropagate: Callable[..., Any] | None,
    parents: Parents,
    partials: Partials,
    output: Node,
    right: Mapping[Node, float],
    parts: Sequence[Contribution],
) -> None:
    if backpropagate is None:
        return
    name = name_of(backpropagate, "your backpropagate")
    answer = notes.attempt(
        name,
        "a comparison with its gradients",
        lambda: dict(backpropagate(parents, partials, output)),
    )
    if answer is None:
        return
    wrong = [node for node in right if not _close(answer.get(node), right[node])]
    if not wrong:
        notes.add(f"{name} agrees with the last step on all {len(right)} gradients.")
    for node in wrong[:3]:
        notes.add(f"{name}: {_difference(node, answer, right[node], parts)}")


def _close(given: Any, right: float) -> bool:
    try:
        return math.isclose(float(given), right, rel_tol=1e-9, abs_tol=1e-12)
    except (TypeError, ValueError):
        return False


def _difference(
    node: Node, answer: Mapping[Node, Any], right: float, parts: Sequence[Contribution]
) -> str:
    if node not in answer:
        return f"it has no gradient for {node}; the last step has {figure(right)}."
    told = f"it gives {node} the gradient {answer[node]}; the last step has {figure(right)}"
    own = [part.amount for part in parts if part.parent == node]
    if len(own) > 1 and any(_close(answer[node], amount) for amount in own):
        sums = " + ".join(_wrapped(amount) for amount in own)
        return f"{told}, the sum {sums}: one part seems to overwrite the others."
    return f"{told}."
