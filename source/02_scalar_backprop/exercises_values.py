"""Exercises of 02_scalar_backprop, third part: numbers that remember, and XOR learned with them."""

import numpy as np

from autograder.draws import signed
from autograder.exercises import READY_MADE, Alternative, Exercise, Mistake, call_case, value_case
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
            ["d = 2 + a", "e = 1.5 * d", "f = 3 - e", "g = 4 / a", "h = f * g", "i = h * c"],
            "i",
        ),
        value_case(
            "powers and a minus sign",
            {"a": a},
            ["b = a ** 3", "c = -b", "d = a ** -2", "e = c * d", "f = e + d"],
            "f",
        ),
        value_case(
            "functions",
            {"a": a},
            ["b = tanh(a)", "c = exp(b)", "d = log(c + a)", "e = relu(d)", "f = e * b"],
            "f",
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
    ),
    alternatives=(
        Alternative(
            "closures",
            source="""class Value:
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
""",
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

# Weights from which gradient descent finds the way: each hidden unit cuts off one corner.
NEAR = np.array([1.0, 1.0, 1.0, 1.0, 1.0, -1.0, 0.5, -0.5, 0.2, 1.0, -1.0, 0.3, -0.8])


def weight_cases(rng: np.random.Generator) -> list[Case]:
    """Draw weights anywhere and weights near a solution."""
    near = NEAR + rng.uniform(-0.3, 0.3, 13)
    return [
        call_case("weights of both signs", weights=0.6 * signed(rng, 13)),
        call_case("small weights", weights=0.2 * signed(rng, 13)),
        call_case("weights that nearly know XOR", weights=near),
    ]


def training_cases(rng: np.random.Generator) -> list[Case]:
    """Draw one update, a few, and enough to learn XOR: the loss ends below 0.05."""
    rate = float(rng.uniform(0.13, 0.17))
    near = NEAR + rng.uniform(-0.2, 0.2, 13)
    return [
        call_case("one update", weights=0.5 * signed(rng, 13), lr=0.2 * rate, steps=1),
        call_case("five updates", weights=0.5 * signed(rng, 13), lr=0.3 * rate, steps=5),
        call_case("until XOR is learned", weights=near, lr=rate, steps=40),
    ]


OUT = "w[9] * hidden[0] + w[10] * hidden[1] + w[11] * hidden[2] + w[12]"

xor_gradient = Exercise(
    "xor_gradient",
    returns=("loss", "grad"),
    driver="call",
    cases=weight_cases,
    forbids=FORBIDDEN,
    hints=(
        (
            "Make a list w of 13 Values. Write the formulas above with it, for each of the four "
            "examples, and add up the losses."
        ),
        (
            "Unit k uses w[3k], w[3k + 1], w[3k + 2]; a loop over 0, 3, 6 makes the three. Each "
            "example adds (out - target) ** 2 / 4 to the loss. After loss.backward() the gradient "
            "is in the grads of w."
        ),
        (
            "hidden = [(w[k] * x1 + w[k + 1] * x2 + w[k + 2]).tanh() for k in (0, 3, 6)]; at the "
            "end return loss.data, np.array([each.grad for each in w])."
        ),
    ),
    mistakes=(
        Mistake(
            "sum_instead_of_mean",
            "Loss and gradient are 4 times too large: the loss is the mean over the examples, not "
            "the sum.",
            [("(out - target) ** 2 / 4", "(out - target) ** 2")],
        ),
        Mistake(
            "half_of_it",
            "Loss and gradient are half as large as they should be: there is no factor 1/2 in this "
            "loss.",
            [("** 2 / 4", "** 2 / 8")],
        ),
        Mistake(
            "no_hidden_tanh",
            "The hidden units lack their tanh. Without it the network is a straight line.",
            [(").tanh()", ")")],
        ),
        Mistake(
            "tanh_at_the_output",
            "Your output goes through a tanh. Only the hidden units do.",
            [(OUT, f"({OUT}).tanh()")],
        ),
        Mistake(
            "hidden_bias_forgotten",
            "The hidden units lack their bias, the third weight of each.",
            [(" + w[k + 2]", "")],
        ),
        Mistake(
            "output_bias_forgotten",
            "The output lacks its bias, the last weight.",
            [(" + w[12]", "")],
        ),
        Mistake(
            "last_example_only",
            "Only the last example counts. The loss adds up over all four.",
            [("loss = loss + ", "loss = ")],
        ),
        Mistake(
            "target_with_the_wrong_sign",
            "You add the target to the output. The error is their difference.",
            [("out - target", "out + target")],
        ),
        Mistake(
            "error_not_squared",
            "The error is not squared. Positive and negative errors then cancel.",
            [("(out - target) ** 2 / 4", "(out - target) / 4")],
        ),
    ),
    alternatives=(
        Alternative(
            "arrays",
            source="""def xor_gradient(weights):
    X = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    A = weights[:9].reshape(3, 3)
    hidden = np.tanh(X @ A[:, :2].T + A[:, 2])
    error = hidden @ weights[9:12] + weights[12] - np.array([-1.0, 1.0, 1.0, -1.0])
    back = np.outer(error / 2, weights[9:12]) * (1 - hidden**2)
    first = np.column_stack([back.T @ X, back.sum(axis=0)])
    grad = np.concatenate([first.ravel(), hidden.T @ error / 2, [error.sum() / 2]])
    return np.mean(error**2), grad
""",
        ),
        Alternative(
            "sum_of_values",
            source="""def xor_gradient(weights):
    w = list(map(Value, weights))
    errors = []
    for x1 in (-1, 1):
        for x2 in (-1, 1):
            out = w[12]
            for k in range(3):
                z = w[3 * k] * x1 + w[3 * k + 1] * x2 + w[3 * k + 2]
                out = out + z.tanh() * w[9 + k]
            errors.append(x1 * x2 + out)
    loss = sum(error * error for error in errors) * 0.25
    loss.backward()
    return loss.data, np.array([value.grad for value in w])
""",
        ),
    ),
)

train_xor = Exercise(
    "train_xor",
    returns=("weights", "loss"),
    driver="call",
    cases=training_cases,
    forbids=FORBIDDEN,
    hints=(
        (
            "This is the loop of gradient descent. Which of the two values of xor_gradient does it "
            "need?"
        ),
        (
            "In each of the steps: weights = weights - lr times the gradient at these weights. "
            "Compute the loss once more after the loop."
        ),
        (
            "for _ in range(steps): weights = weights - lr * xor_gradient(weights)[1]. Then return "
            "weights, xor_gradient(weights)[0]."
        ),
    ),
    mistakes=(
        Mistake(
            "uphill",
            "The weights move against the descent: the loss rises. Subtract the gradient.",
            [("weights - lr", "weights + lr")],
        ),
        Mistake(
            "one_update_too_few",
            "You make one update too few.",
            [("range(steps)", "range(steps - 1)")],
        ),
        Mistake(
            "one_update_too_many",
            "You make one update too many.",
            [("range(steps)", "range(steps + 1)")],
        ),
        Mistake(
            "loss_before_the_last_update",
            "The weights are right, but the loss belongs to the weights before the last update. "
            "Compute it after the loop.",
            [
                (
                    "weights = weights - lr * xor_gradient(weights)[1]",
                    "loss, grad = xor_gradient(weights)\n        weights = weights - lr * grad",
                ),
                ("return weights, xor_gradient(weights)[0]", "return weights, loss"),
            ],
        ),
        Mistake(
            "rate_forgotten",
            "The learning rate is not used: every update subtracts the whole gradient.",
            [("lr * ", "")],
        ),
        Mistake(
            "gradient_of_the_start",
            "Every update uses the gradient of the first weights. Compute it anew at each step.",
            [
                ("    for _ in range", "    first = xor_gradient(weights)[1]\n    for _ in range"),
                ("lr * xor_gradient(weights)[1]", "lr * first"),
            ],
        ),
        Mistake(
            "gradients_pile_up",
            "From the second update on, your step holds the gradients of all earlier ones as well. "
            "Old gradients have to go before each sweep.",
            [
                ("    for _ in range", "    total = 0.0\n    for _ in range"),
                (
                    "weights = weights - lr * xor_gradient(weights)[1]",
                    (
                        "total = total + xor_gradient(weights)[1]\n"
                        "        weights = weights - lr * total"
                    ),
                ),
            ],
        ),
    ),
    alternatives=(
        Alternative(
            "countdown",
            source="""def train_xor(weights, lr, steps):
    weights = weights.copy()
    while steps > 0:
        loss, grad = xor_gradient(weights)
        weights -= lr * grad
        steps -= 1
    loss, _ = xor_gradient(weights)
    return [weights, loss]
""",
        ),
        Alternative(
            "history",
            source="""def train_xor(weights, lr, steps):
    path = [np.array(weights)]
    for step in range(steps):
        path.append(path[step] - np.multiply(lr, xor_gradient(path[step])[1]))
    return path[-1], xor_gradient(path[-1])[0]
""",
        ),
    ),
)

EXERCISES = (Value, xor_gradient, train_xor)
