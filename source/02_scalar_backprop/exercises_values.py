"""Exercises of 02_scalar_backprop, third part: numbers that remember how they were made."""

import numpy as np

from autograder.exercises import (
    READY_MADE,
    Alternative,
    Convention,
    Exercise,
    Mistake,
    value_case,
)
from downslope.drivers import Case

FORBIDDEN = (*READY_MADE, "graphlib", "downslope.widgets", "downslope.networks", "downslope.layers")


def value_cases(rng: np.random.Generator) -> list[Case]:
    """Draw programs that use every operator, shared nodes, and a chain of 10,000."""
    a, b = (float(number) for number in rng.uniform(1.1, 2.5, 2))
    c = -float(rng.uniform(0.4, 0.9))
    two, three = {"a": a, "c": c}, {"a": a, "b": b, "c": c}
    return [
        value_case("plus and times", three, ["d = a * c", "e = d + b", "f = e * b"], "f"),
        value_case("minus and division", three, ["d = a - b", "e = d / c", "f = b / e"], "e"),
        value_case(
            "numbers on the right",
            two,
            ["d = a + 2", "e = d * 1.5", "f = e - 3", "g = f / 4", "h = g * c"],
            "h",
        ),
        value_case(
            "numbers on the left",
            two,
            ["d = 2 + a", "e = 1.5 * d", "f = 5 - e", "g = 4 / a", "h = f * g", "i = h * c"],
            "i",
        ),
        value_case(
            "powers and a minus sign",
            {"a": a},
            ["b = a ** 3", "c = -b", "d = a ** -2", "e = c * d", "f = e + d"],
            "f",
        ),
        value_case(  # every function's input is used once more, later: = instead of += shows
            "functions",
            {"a": a},
            [
                *("b = tanh(a)", "c = exp(b)", "d = c + a", "e = log(d)", "f = relu(e)"),
                *("g = f * b", "h = g * c", "i = h * d", "j = i + e"),
            ],
            "j",
        ),
        value_case(
            "relu of a negative number",
            two,
            ["d = relu(c)", "e = relu(a)", "f = d + e", "g = f * f + d"],
            "g",
        ),
        value_case("an inner node used twice", two, ["d = a + a", "e = d + d", "f = e * c"], "f"),
        value_case(
            "an inner node used in two places", two, ["d = a * c", "e = d + a", "f = d * e"], "f"
        ),
        value_case(
            "the same with the factors swapped", two, ["d = a * c", "e = d + a", "f = e * d"], "f"
        ),
        value_case(
            "a node that does not reach the output",
            two,
            ["d = a * c", "e = d + a", "f = e * 2"],
            "e",
        ),
        value_case(
            "two outputs, one sweep after the other",
            two,
            ["d = a * c", "d.backward()", "e = a + 2", "f = c * e"],
            "f",
        ),
        value_case(
            "a chain of 10,000 nodes", {"a": a}, ["y = a * a", "10000 times: y = y + 0.5"], "y"
        ),
    ]


LAST = """for key, grad in backpropagate(parents, partials, id(self)).items():
            nodes[key].grad += grad"""


def sweep(*lines: str) -> list[tuple[str, str]]:
    """Replace the last loop of backward."""
    return [(LAST, "\n        ".join(lines))]


def method(*lines: str) -> list[tuple[str, str]]:
    """Add a method that overrides an operator."""
    head = "    def __pow__(self, k):"
    body = "\n        ".join(lines)
    return [(head, f"    def {body}\n\n{head}")]


# A class with a closure for each node, as many courses write it.
CLOSURES = """class Value:
    def __init__(self, data, children=()):
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = children

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def _unary(self, value, slope):
        out = Value(value, (self,))

        def _backward():
            self.grad += slope * out.grad

        out._backward = _backward
        return out

    def __pow__(self, k):
        return self._unary(self.data**k, k * self.data ** (k - 1))

    def relu(self):
        return self._unary(max(self.data, 0), int(self.data > 0))

    def tanh(self):
        t = np.tanh(self.data)
        return self._unary(t, 1 - t * t)

    def exp(self):
        e = np.exp(self.data)
        return self._unary(e, e)

    def log(self):
        return self._unary(np.log(self.data), 1 / self.data)

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((child, False) for child in node._prev)
        self.grad = 1
        for node in reversed(order):
            node._backward()

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return other + (-self)

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return other * self**-1
"""


def closures(*edits: tuple[str, str]) -> str:
    """Return the class with closures, edited."""
    text = CLOSURES
    for old, new in edits:
        text = text.replace(old, new)
    return text


# A float that carries its links and counts the children that have not reported yet.
FLOAT = """class Value(float):
    def __new__(cls, number, links=()):
        value = float.__new__(cls, number)
        value.links, value.grad = links, 0.0
        return value

    data = property(float.__float__)

    def both(self, other, number, one, two):
        links = [(self, one), (other, two)] if isinstance(other, Value) else [(self, one)]
        return Value(number, links)

    def __add__(self, other):
        return self.both(other, float(self) + float(other), 1, 1)

    def __mul__(self, other):
        return self.both(other, float(self) * float(other), float(other), float(self))

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self):
        return Value(-float(self), [(self, -1)])

    def __sub__(self, other):
        return self.both(other, float(self) - float(other), 1, -1)

    def __rsub__(self, other):
        return Value(other - float(self), [(self, -1)])

    def __truediv__(self, other):
        a, b = float(self), float(other)
        return self.both(other, a / b, 1 / b, -a / b**2)

    def __rtruediv__(self, other):
        return Value(other / float(self), [(self, -other / float(self) ** 2)])

    def __pow__(self, k):
        return Value(float(self) ** k, [(self, k * float(self) ** (k - 1))])

    def relu(self):
        return Value(max(float(self), 0.0), [(self, self.data > 0)])

    def tanh(self):
        return Value(np.tanh(float(self)), [(self, np.cosh(float(self)) ** -2.0)])

    def exp(self):
        return Value(np.exp(float(self)), [(self, np.exp(float(self)))])

    def log(self):
        return Value(np.log(float(self)), [(self, 1 / float(self))])

    def backward(self):
        nodes, uses = [self], {}
        for node in nodes:
            for parent, _ in node.links:
                uses[id(parent)] = uses.get(id(parent), 0) + 1
                nodes += [parent] * (uses[id(parent)] == 1)
        self.grad, ready = 1.0, [self]
        while ready:
            node = ready.pop()
            for parent, slope in node.links:
                parent.grad += slope * node.grad
                uses[id(parent)] -= 1
                ready += [parent] * (uses[id(parent)] == 0)
"""

OTHER = "each if isinstance(each, Value) else Value(each) for each in others"
LOCAL = "local_derivatives(op, *inputs)"

Value = Exercise(
    "Value",
    returns=("data", "grad"),
    driver="value_class",
    cases=value_cases,
    forbids=FORBIDDEN,
    hints=(
        (
            "apply: wrap plain numbers in Values, take the data of all inputs, and make the new "
            "Value from three things: value, inputs, derivatives. backward: which dicts does your "
            "backpropagate want, and what can serve as id?"
        ),
        (
            "In backward keep a list `waiting` that begins with self and a dict from id(node) to "
            "node. While the list is not empty, pop a node; if it is new, put its parents on the "
            "list. Then build parents and partials from the dict."
        ),
        (
            "parents = {key: [id(each) for each in node.parents] for key, node in nodes.items()}; "
            "partials = {key: node.partials ...}; then for key, grad in backpropagate(parents, "
            "partials, id(self)).items(): nodes[key].grad += grad."
        ),
    ),
    mistakes=(
        Convention(
            "reset_at_each_sweep",
            "Note: your backward sets old gradients to 0 before it starts. The course's adds to "
            "them, as PyTorch does; a training loop then has to reset them itself. Both are "
            "accepted.",
            [("nodes[key].grad += grad", "nodes[key].grad = grad")],
            accepted=True,
        ),
        Mistake(
            "overwritten",
            "Where a node is used twice, only the part that came last is left in its grad. Parts "
            "add up: += instead of =.",
            sweep(
                "nodes[id(self)].grad = 1.0",
                "for key in reversed(topological_order(parents)):",
                "    for up, partial in zip(parents[key], partials[key]):",
                "        nodes[up].grad = nodes[key].grad * partial",
            ),
        ),
        Mistake(
            "in_the_order_found",
            "A node passes its grad on when it is found, although another node that uses it has "
            "not added its part yet. Go backwards in topological order.",
            sweep(
                "found = [self]",
                "self.grad = 1.0",
                "for node in found:",
                "    for up, partial in zip(node.parents, node.partials):",
                "        up.grad += node.grad * partial",
                "        found += [up] if id(up) in nodes else []",
                "        nodes.pop(id(up), None)",
            ),
        ),
        Mistake(
            "passed_on_too_early",
            "Every part is passed on as soon as it arrives, with all that was there before: in "
            "b = a + a, c = b + b the grad of a becomes 6 instead of 4. A node may pass its grad "
            "on once, when it is complete.",
            sweep(
                "self.grad = 1.0",
                "waiting = [(self, k) for k in range(len(self.parents))][::-1]",
                "while waiting:",
                "    node, k = waiting.pop()",
                "    up = node.parents[k]",
                "    up.grad += node.grad * node.partials[k]",
                "    waiting += [(up, k) for k in range(len(up.parents))][::-1]",
            ),
        ),
        Mistake(
            "seeded_with_its_value",
            "The sweep starts from the value of the output. It starts from 1, the derivative of "
            "the output for itself.",
            [("nodes[key].grad += grad", "nodes[key].grad += grad * self.data")],
        ),
        Mistake(
            "leaves_only",
            "Only the leaves get a grad. The nodes between have one too.",
            [("nodes[key].grad += grad", "nodes[key].grad += 0.0 if parents[key] else grad")],
        ),
        Mistake(
            "left_and_right_of_minus",
            "With a number on the left of a minus sign, such as 3 - x, the result has the wrong "
            "sign.",
            method("__rsub__(self, other):", "return self - other"),
        ),
        Mistake(
            "left_and_right_of_division",
            "With a number on the left of a division, such as 4 / x, you compute x / 4.",
            method("__rtruediv__(self, other):", "return self / other"),
        ),
        Mistake(
            "power_not_lowered",
            "The value of a power is right, but its derivative keeps the exponent: the derivative "
            "of a**k is k a**(k - 1).",
            [("k * self.data ** (k - 1)", "k * self.data**k")],
        ),
        Mistake(
            "factor_of_power_forgotten",
            "The derivative of a power lacks the factor k: it is k a**(k - 1).",
            [("k * self.data ** (k - 1)", "self.data ** (k - 1)")],
        ),
        Mistake(
            "own_factor",
            "In a product each factor gets its own value as derivative. It should get the other's.",
            [(LOCAL, f"{LOCAL}[::-1]")],
        ),
        Mistake(
            "minus_keeps_its_slope",
            "The value of -x is right, but its derivative is +1. It should be -1.",
            method("__neg__(self):", "return Value(-self.data, [self], [1.0])"),
        ),
        Mistake(
            "relu_always_open",
            "The grads behind a closed relu are not 0. For a negative input it passes nothing "
            "back.",
            [(LOCAL, f'(1.0,) if op == "relu" else {LOCAL}')],
        ),
        Mistake(
            "numbers_count_as_zero",
            "A plain number beside a Value counts as 0. Wrap it: Value(number).",
            [(OTHER, OTHER.replace("Value(each)", "Value(0.0)"))],
        ),
        Mistake(
            "overwritten_by_sums_and_products",
            "Where a node is used twice, your sums and products leave only the part that came last "
            "in its grad. Parts add up: += instead of =.",
            source=closures(
                ("self.grad += out.grad", "self.grad = out.grad"),
                ("self.grad += other.data", "self.grad = other.data"),
                ("other.grad += ", "other.grad = "),
            ),
        ),
        Mistake(
            "closures_in_the_order_found",
            "A node passes its grad on when it is found, although another node that uses it has "
            "not added its part yet. Go backwards in topological order.",
            source=closures(
                (
                    """        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((child, False) for child in node._prev)
""",
                    """        order.append(self)
        for node in order:
            order.extend(child for child in node._prev if child not in seen)
            seen.update(node._prev)
""",
                ),
                ("reversed(order)", "order"),
            ),
        ),
        Mistake(
            "never_seeded",
            "All grads are 0. The output's own is 1: without it there is nothing to pass on.",
            [("nodes[key].grad += grad", "nodes[key].grad += 0.0")],
        ),
        Mistake(
            "one_parent_only",
            "Of a product only the first factor gets a grad. Each of the two gets the other as "
            "derivative.",
            [(LOCAL, f'({LOCAL}[0], 0.0) if op == "mul" else {LOCAL}')],
        ),
        Mistake(
            "second_term_of_minus",
            "In a - b the grad of b has the wrong sign. Its derivative is -1.",
            method(
                "__sub__(self, other):",
                "other = other if isinstance(other, Value) else Value(other)",
                "return Value(self.data - other.data, [self, other], [1.0, 1.0])",
            ),
        ),
        Mistake(
            "denominator_keeps_its_sign",
            "In a / b the grad of b has the wrong sign. Its derivative is -a / b**2.",
            method(
                "__truediv__(self, other):",
                "a, other = self.data, other if isinstance(other, Value) else Value(other)",
                "slopes = [1 / other.data, a / other.data**2]",
                "return Value(a / other.data, [self, other], slopes)",
            ),
        ),
        Mistake(
            "tanh_of_the_input",
            "The slope of tanh is worked out from the input: 1 - a**2. The formula squares "
            "tanh(a).",
            [(LOCAL, f'(1 - self.data**2,) if op == "tanh" else {LOCAL}')],
        ),
        Mistake(
            "tanh_not_squared",
            "In the slope of tanh the square is missing: 1 minus the *square* of tanh(a).",
            [(LOCAL, f'(1 - np.tanh(self.data),) if op == "tanh" else {LOCAL}')],
        ),
        Mistake(
            "exp_passes_its_input",
            "The slope of exp is its input. It should be its value, e to the input.",
            [(LOCAL, f'(self.data,) if op == "exp" else {LOCAL}')],
        ),
        Mistake(
            "log_turned_round",
            "Behind a log the grad is multiplied by the input. The slope of log is 1 over it.",
            [(LOCAL, f'(self.data,) if op == "log" else {LOCAL}')],
        ),
        Mistake(
            "left_operand_changed",
            "a + b changes a itself. Make a new Value and leave the two as they are.",
            method(
                "__add__(self, other):",
                'new = self.apply("add", other)',
                "self.data = new.data",
                "return new",
            ),
        ),
    ),
    alternatives=(
        Alternative(
            "closures",
            source=CLOSURES,
        ),
        Alternative(
            "numbered_tape",
            source="""class Value:
    count = 0

    def __init__(self, data, links=()):
        self.data, self.grad, self.links = data, 0.0, links
        Value.count += 1
        self.number = Value.count

    @staticmethod
    def of(number):
        return number if isinstance(number, Value) else Value(number)

    def __add__(self, other):
        other = Value.of(other)
        return Value(self.data + other.data, [(self, 1), (other, 1)])

    def __sub__(self, other):
        other = Value.of(other)
        return Value(self.data - other.data, [(self, 1), (other, -1)])

    def __mul__(self, other):
        other = Value.of(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    def __truediv__(self, other):
        other = Value.of(other)
        q = self.data / other.data
        return Value(q, [(self, 1 / other.data), (other, -q / other.data)])

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return Value.of(other) - self

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return Value.of(other) / self

    def __neg__(self):
        return Value(-self.data, [(self, -1)])

    def __pow__(self, k):
        value = self.data**k
        return Value(value, [(self, k * value / self.data)])

    def relu(self):
        return self * 1 if self.data > 0 else self * 0

    def tanh(self):
        e = np.exp(2 * self.data)
        return Value((e - 1) / (e + 1), [(self, 4 * e / (e + 1) ** 2)])

    def exp(self):
        return Value(np.exp(self.data), [(self, np.exp(self.data))])

    def log(self):
        return Value(np.log(self.data), [(self, 1 / self.data)])

    def backward(self):
        import heapq

        self.grad += 1.0
        heap, waiting = [(-self.number, id(self))], {id(self): self}
        while heap:
            node = waiting.pop(heapq.heappop(heap)[1])
            for parent, slope in node.links:
                parent.grad += node.grad * slope
                if id(parent) not in waiting:
                    waiting[id(parent)] = parent
                    heapq.heappush(heap, (-parent.number, id(parent)))
""",
        ),
        Alternative(
            "float_itself",
            source=FLOAT,
        ),
        Alternative(
            "direct_derivatives",
            edits=[
                (
                    f"Value(evaluate(op, *inputs), nodes, {LOCAL})",
                    "Value(*APPLY[op](nodes, *inputs))",
                ),
                (
                    "class Value(Operators):",
                    """APPLY = {
    "add": lambda n, a, b: (a + b, n, (1, 1)),
    "mul": lambda n, a, b: (a * b, n, (b, a)),
    "relu": lambda n, a: (a * (a > 0), n, (float(a > 0),)),
    "tanh": lambda n, a: (np.tanh(a), n, (np.cosh(a) ** -2,)),
    "exp": lambda n, a: (np.exp(a), n, (np.exp(a),)),
    "log": lambda n, a: (np.log(a), n, (1 / a,)),
}


class Value(Operators):""",
                ),
            ],
        ),
    ),
)

EXERCISES = (Value,)
