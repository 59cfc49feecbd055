"""Exercises of 02_scalar_backprop, second part: an order of a graph, and backpropagation on it."""

import numpy as np

from autograder.draws import signed
from autograder.exercises import (
    READY_MADE,
    Alternative,
    Exercise,
    Mistake,
    call_case,
    error_case,
)
from downslope.drivers import Case

FORBIDDEN = (*READY_MADE, "graphlib", "networkx", "downslope.widgets")

# Parents of each node by number, parents before children.
CHAIN = [[], [0], [1], [2], [3]]
FAN = [[], [], [0, 1], [2, 0], [2, 3]]
FAN_SWAPPED = [[], [], [0, 1], [2, 0], [3, 2]]
TWICE = [[], [0, 0], [1, 1], [2, 0, 2]]
BEYOND = [[], [], [], [0, 1], [3, 0], [4, 3], [5, 2]]  # two nodes come after node 4, one misses it


def random_graph(rng: np.random.Generator, size: int) -> list[list[int]]:
    """Draw two inputs and then nodes with two parents each, most of them recent."""
    graph: list[list[int]] = [[], []]
    for node in range(2, size):
        recent = range(max(0, node - 4), node)
        graph.append([int(each) for each in rng.choice(recent, 2, replace=False)])
    return graph


def named(
    rng: np.random.Generator, graph: list[list[int]], *, children_first: bool = False
) -> tuple[dict[str, list[str]], list[str]]:
    """Give the nodes drawn names, and list them in a drawn order that is no topological one."""
    letters = [str(each) for each in rng.permutation(list("abcdefghkmnpqrstuvwxyz"))]
    order = range(len(graph))[::-1] if children_first else rng.permutation(len(graph))
    names = letters[: len(graph)]
    return {names[int(i)]: [names[p] for p in graph[int(i)]] for i in order}, names


def order_cases(rng: np.random.Generator) -> list[Case]:
    """Draw graphs in unfavourable orders, and two with a cycle."""
    graphs = {
        "a chain, listed backwards": (CHAIN, True),
        "nodes with two children": (FAN, True),
        "a parent that occurs twice": (TWICE, True),
        "a larger graph, listed backwards": (random_graph(rng, 14), True),
        "a larger graph": (random_graph(rng, 16), False),
        "two parts without a link": ([[], [0], [1, 0], [], [3], [4, 3]], True),
    }
    cases = [
        call_case(label, parents=named(rng, graph, children_first=backwards)[0])
        for label, (graph, backwards) in graphs.items()
    ]
    circle, _ = named(rng, [[], [0, 3], [1], [2], [3]])
    itself, _ = named(rng, [[], [0, 1], [1]])
    return [
        *cases,
        error_case("a cycle of three nodes", "ValueError", parents=circle),
        error_case("a node that is its own parent", "ValueError", parents=itself),
    ]


def gradient_case(
    rng: np.random.Generator,
    label: str,
    graph: list[list[int]],
    output: int = -1,
    *,
    children_first: bool = False,
) -> Case:
    """Draw the derivatives of a graph."""
    parents, names = named(rng, graph, children_first=children_first)
    partials = {node: signed(rng, len(above)).tolist() for node, above in parents.items()}
    return call_case(label, parents=parents, partials=partials, output=names[output])


def gradient_cases(rng: np.random.Generator) -> list[Case]:
    """Draw graphs with fan-out, parents in both orders, and nodes that miss the output."""
    return [
        gradient_case(rng, "a chain, listed backwards", CHAIN, children_first=True),
        gradient_case(rng, "nodes with two children", FAN),
        gradient_case(rng, "the same with parents swapped", FAN_SWAPPED),
        gradient_case(rng, "a parent that occurs twice", TWICE, children_first=True),
        gradient_case(rng, "nodes that do not reach the output", BEYOND, 4, children_first=True),
        gradient_case(rng, "a larger graph", random_graph(rng, 10)),
    ]


topological_order = Exercise(
    "topological_order",
    returns=("order",),
    driver="order",
    cases=order_cases,
    forbids=FORBIDDEN,
    hints=(
        (
            "Which nodes can stand first? Those without parents. Which can stand next? What do you "
            "have to know about each node to decide that?"
        ),
        (
            "Count for each node how many of its parents are still missing. Put the nodes with "
            "count 0 into the list. Whenever a node is in the list, lower the counts of its "
            "children; whose count reaches 0 comes next. What is left over when there is a cycle?"
        ),
        (
            "children = {node: [] for node in parents}, filled from parents; missing = {node: "
            "len(above) ...}; a loop over the growing list lowers missing[child] and appends the "
            "child at 0. If the list is shorter than parents, raise ValueError."
        ),
    ),
    mistakes=(
        Mistake(
            "children_first",
            "The order is reversed: children stand before their parents. Values are computed from "
            "the inputs on, so parents come first.",
            [("return order", "return order[::-1]")],
        ),
        Mistake(
            "as_listed",
            "You return the nodes in the order of the dict. The dict may be in any order.",
            source="def topological_order(parents):\n    return list(parents)\n",
        ),
        Mistake(
            "cycle_unnoticed",
            "The orders are right. But a graph with a cycle has none, and you return a list "
            "without saying so: raise a ValueError.",
            [("if len(order) < len(parents):", "if False:")],
        ),
        Mistake(
            "one_parent_suffices",
            "A node enters your list as soon as one of its parents is there. It has to wait for "
            "all of them.",
            [("if missing[child] == 0:", "if child not in order:")],
        ),
        Mistake(
            "inputs_left_out",
            "The nodes without parents are missing. Every id belongs in the list.",
            [("return order", "return [node for node in order if parents[node]]")],
        ),
        Mistake(
            "listed_again",
            "Some nodes stand in the list several times, once for each parent. Every id belongs "
            "there once.",
            [("if missing[child] == 0:", "if missing[child] >= 0:")],
        ),
        Mistake(
            "fewest_parents_first",
            "You sort by the number of parents. A node with one parent may still need a node with "
            "two.",
            source="def topological_order(parents):\n"
            "    return sorted(parents, key=lambda node: len(parents[node]))\n",
        ),
        Mistake(
            "alphabetical",
            "You sort the ids by name. Names say nothing about who needs whom.",
            source="def topological_order(parents):\n    return sorted(parents)\n",
        ),
        Mistake(
            "found_backwards",
            "You go back from the outputs and reverse the order in which nodes are found. A node "
            "that is found early may be needed by one that is found later.",
            source="""def topological_order(parents):
    used = {parent for above in parents.values() for parent in above}
    found = [node for node in parents if node not in used]
    for node in found:
        found += [parent for parent in dict.fromkeys(parents[node]) if parent not in found]
    return found[::-1]
""",
        ),
    ),
    alternatives=(
        Alternative(
            "stack_of_its_own",
            source="""def topological_order(parents):
    order, state = [], {}
    for start in parents:
        stack = [(start, False)]
        while stack:
            node, finished = stack.pop()
            if finished:
                state[node] = 2
                order.append(node)
            elif state.get(node) == 1:
                raise ValueError("cycle")
            elif node not in state:
                state[node] = 1
                stack.append((node, True))
                for parent in parents[node]:
                    if state.get(parent) == 1:
                        raise ValueError("cycle")
                    if parent not in state:
                        stack.append((parent, False))
    return order
""",
        ),
        Alternative(
            "rounds",
            source="""def topological_order(parents):
    left, order, done = list(parents), [], set()
    while left:
        ready = [node for node in left if all(parent in done for parent in parents[node])]
        if not ready:
            raise ValueError(f"cycle among {left}")
        order += ready
        done.update(ready)
        left = [node for node in left if node not in done]
    return tuple(order)
""",
        ),
        Alternative(
            "by_depth",
            source="""def topological_order(parents):
    depth = dict.fromkeys(parents, 0)
    for _ in range(len(parents) + 1):
        before = dict(depth)
        for node, above in parents.items():
            depth[node] = max((depth[parent] + 1 for parent in above), default=0)
        if depth == before:
            return sorted(parents, key=depth.get)
    raise ValueError("cycle")
""",
        ),
    ),
)

PART = "grads[parent] += grads[child] * partial"
SHARED_MISTAKES = (
    Mistake(
        "overwritten",
        "Where a node has several children, only the part that came last is left. Parts add up: += "
        "instead of =.",
        [(PART, "grads[parent] = grads[child] * partial")],
    ),
    Mistake(
        "breadth_first",
        "A node passes its gradient on when it is found, although another child has not added its "
        "part yet. Go through the nodes in reverse topological order.",
        source="""def NAME(parents, partials, output):
    grads = dict.fromkeys(parents, 0.0)
    grads[output] = 1.0
    waiting = [output]
    for child in waiting:
        for parent, partial in zip(parents[child], partials[child]):
            grads[parent] += grads[child] * partial
            if parent not in waiting:
                waiting.append(parent)
    return grads
""",
    ),
    Mistake(
        "depth_first",
        "You follow one path to its end before the next. A node then passes its gradient on before "
        "all its children have added to it. Go through the nodes in reverse topological order.",
        source="""def NAME(parents, partials, output):
    grads = dict.fromkeys(parents, 0.0)
    grads[output] = 1.0
    waiting, seen = [output], set()
    while waiting:
        child = waiting.pop()
        if child in seen:
            continue
        seen.add(child)
        for parent, partial in zip(parents[child], partials[child]):
            grads[parent] += grads[child] * partial
            waiting.append(parent)
    return grads
""",
    ),
    Mistake(
        "passed_on_too_early",
        "Every part is passed on as soon as it arrives, with all that was there before: the "
        "earlier parts are counted again. A node may pass its gradient on once, when it is "
        "complete.",
        source="""def NAME(parents, partials, output):
    grads = dict.fromkeys(parents, 0.0)

    def visit(node):
        for parent, partial in zip(parents[node], partials[node]):
            grads[parent] += grads[node] * partial
            visit(parent)

    grads[output] = 1.0
    visit(output)
    return grads
""",
    ),
    Mistake(
        "forwards",
        "You go through the nodes from the inputs to the output. There the gradients are still 0: "
        "go backwards.",
        [("reversed(topological_order(parents))", "topological_order(parents)")],
    ),
    Mistake(
        "as_listed",
        "You go backwards through the dict as it is listed. It may be in any order; use your "
        "topological_order.",
        [("reversed(topological_order(parents))", "reversed(list(parents))")],
    ),
    Mistake(
        "only_local",
        "You add up the derivatives of single operations. Each has to be multiplied by the "
        "gradient of the child that it comes from.",
        [(PART, "grads[parent] += partial")],
    ),
    Mistake(
        "added_instead_of_multiplied",
        "Along an edge you add the derivative to the child's gradient. The chain rule multiplies "
        "along a path and adds over paths.",
        [(PART, "grads[parent] += grads[child] + partial")],
    ),
    Mistake(
        "twice_counted_once",
        "A parent that occurs twice gets only one of its two parts. partials[j] has one number for "
        "each place in parents[j].",
        [
            (
                "zip(parents[child], partials[child], strict=True)",
                "dict(zip(parents[child], partials[child], strict=True)).items()",
            )
        ],
    ),
    Mistake(
        "partials_in_another_order",
        "Each parent gets the derivative that belongs to another one. partials[j][k] belongs to "
        "the k-th parent of j.",
        [
            (
                "zip(parents[child], partials[child], strict=True)",
                "zip(parents[child], partials[child][::-1], strict=True)",
            )
        ],
    ),
    Mistake(
        "everything_starts_at_one",
        "All gradients start at 1. Only the output does: its derivative for itself is 1.",
        [("dict.fromkeys(parents, 0.0)", "dict.fromkeys(parents, 1.0)")],
    ),
    Mistake(
        "starts_at_the_last_node",
        "You start at the last node of the graph. The output is given, and other nodes may come "
        "after it; their gradient is 0.",
        [("grads[output] = 1.0", "grads[topological_order(parents)[-1]] = 1.0")],
    ),
)


def for_function(name: str) -> tuple[Mistake, ...]:
    """Return the mistakes of backpropagation for a function of this name."""
    return tuple(
        Mistake(each.name, each.sentence, each.edits, source=each.source.replace("NAME", name))
        for each in SHARED_MISTAKES
    )


def alternatives_for(name: str) -> tuple[Alternative, ...]:
    """Return other right ways for a function of this name."""
    texts = {
        "gathers_from_children": """def NAME(parents, partials, output):
    grads = {}
    for node in topological_order(parents)[::-1]:
        total = 1.0 if node == output else 0.0
        for child in parents:
            for k, parent in enumerate(parents[child]):
                if parent == node:
                    total = total + grads[child] * partials[child][k]
        grads[node] = total
    return grads
""",
        "one_input_at_a_time": """def NAME(parents, partials, output):
    order = topological_order(parents)

    def slope(start):
        change = {}
        for node in order:
            parts = zip(partials[node], parents[node])
            change[node] = 1.0 if node == start else sum(p * change[up] for p, up in parts)
        return change[output]

    return {node: slope(node) for node in parents}
""",
        "matrix": """def NAME(parents, partials, output):
    ids = list(parents)
    A = np.zeros((len(ids), len(ids)))
    for child, above in parents.items():
        for parent, partial in zip(above, partials[child]):
            A[ids.index(parent), ids.index(child)] += partial
    seed = np.array([float(node == output) for node in ids])
    grads = part = seed
    for _ in ids:
        part = A @ part
        grads = grads + part
    return dict(zip(ids, grads))
""",
    }
    return tuple(Alternative(k, source=text.replace("NAME", name)) for k, text in texts.items())


backpropagate = Exercise(
    "backpropagate",
    returns=("gradients",),
    driver="numbers_by_id",
    cases=gradient_cases,
    forbids=FORBIDDEN,
    hints=(
        (
            "Every edge of the graph is used once: it takes the child's finished gradient, "
            "multiplies it by its derivative, and adds the product to the parent."
        ),
        (
            "Start with a dict of zeros and put 1 at the output. Loop over "
            "reversed(topological_order(parents)); for each child loop over its parents together "
            "with its partials."
        ),
        (
            "grads = dict.fromkeys(parents, 0.0); grads[output] = 1.0; inside the two loops: "
            "grads[parent] += grads[child] * partial."
        ),
    ),
    mistakes=for_function("backpropagate"),
    alternatives=alternatives_for("backpropagate"),
)

repaired_backpropagate = Exercise(
    "repaired_backpropagate",
    returns=("gradients",),
    driver="numbers_by_id",
    cases=gradient_cases,
    forbids=FORBIDDEN,
    hints=(
        (
            "In f = a b the suspect takes f, a, b, x, y. Which gradient is not complete when its "
            "node's turn comes? In f = b a it takes f, b, a, ..."
        ),
        (
            "Node a is used by f and by b. It is found first, so it passes on the part from f "
            "only. The list of nodes to visit is the fault, not the sums."
        ),
        (
            "Replace the growing list by reversed(topological_order(parents)); the lines that "
            "append to it are no longer needed."
        ),
    ),
    mistakes=for_function("repaired_backpropagate"),
    alternatives=(
        Alternative(
            "calls_own_function",
            source="def repaired_backpropagate(parents, partials, output):\n"
            "    return backpropagate(parents, partials, output)\n",
        ),
        *alternatives_for("repaired_backpropagate"),
    ),
)

EXERCISES = (topological_order, backpropagate, repaired_backpropagate)
