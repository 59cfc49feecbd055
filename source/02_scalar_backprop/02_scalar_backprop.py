# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: nbgrader,tags,slideshow,editable,deletable,-all
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The chain rule on a graph
#
# Gradient descent needs the derivative of one number, the loss, for every parameter. In this notebook you write the algorithm that finds all of them in one sweep: backpropagation. You begin with a formula and a pencil. At the end your own code trains a small network, and no line of it knows calculus beyond one operation at a time.
#
# The notebook takes about 95 minutes. It gives 20 points.
#
# | section | minutes | exercises (points) |
# |---|---|---|
# | 1. One formula by hand | 9 | `relu_product` (2) |
# | 2. One operation at a time | 9 | `evaluate` (1), `local_derivatives` (2) |
# | 3. An order that works | 12 | `topological_order` (3) |
# | 4. Backpropagation | 15 | `trace_graph` (practice), `backpropagate` (4) |
# | 5. Why it is fast | 5 | |
# | 6. A bug hunt | 8 | `repaired_backpropagate` (practice) |
# | 7. Numbers that remember | 18 | `Value` (4) |
# | 8. XOR | 8 | `xor_gradient` (1), `train_xor` (1) |
# | 9. Question, quiz, what you can do now | 11 | a question in words (2) |
#
# L0 to L4 are the five lectures of the course. You need 01, and no lecture at hand.

# %% [markdown]
# Run the next cell first. It loads NumPy and the course's helper package.

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np

from downslope import check, hint, plots, predict, progress, quiz, show, when_written, widgets
from downslope.gradients import numerical_gradient, relative_error

# %% [markdown]
# ## 1. One formula by hand
#
# *9 minutes.* A network is a large formula with parameters. L0 draws it as a *computation graph*: each node is one simple operation, and its *parents* are the nodes that it is computed from. L0's example is
#
# $$f(x, y, z) = \text{ReLU}\big((x + y)\,z\big) \qquad u = x + y \qquad v = u z \qquad f = \text{ReLU}(v)$$
#
# ReLU keeps what is positive: $\text{ReLU}(v) = \max(0, v)$. Each single operation is easy to differentiate (L0):
#
# | operation | derivatives |
# |---|---|
# | $u = x + y$ | $\partial u / \partial x = 1$, $\quad \partial u / \partial y = 1$ |
# | $v = u z$ | $\partial v / \partial u = z$, $\quad \partial v / \partial z = u$ |
# | $f = \text{ReLU}(v)$ | $\partial f / \partial v = 1$ if $v > 0$, else $0$ |
#
# At $v = 0$ ReLU has a corner and no derivative. L0's indicator $\mathbb{1}(v > 0)$ gives 0 there. L1 first writes NaN and then assumes 0. This course takes 0.

# %% [markdown]
# The chain rule multiplies along the way: $\frac{\partial f}{\partial x} = \frac{\partial f}{\partial v} \cdot \frac{\partial v}{\partial u} \cdot \frac{\partial u}{\partial x}$. Take $x = 1$, $y = -4$, $z = -2$. Then $u = -3$, $v = 6$, $f = 6$. Work it out before you step through the picture.

# %%
predict("slope_for_x_by_hand")

# %% [markdown]
# Each edge carries the derivative of one operation. Move the slider: one step sends one product along one edge, from right to left. Watch the gradient written in each box.

# %%
parents = {"x": [], "y": [], "z": [], "u": ["x", "y"], "v": ["u", "z"], "f": ["v"]}
partials = {"x": [], "y": [], "z": [], "u": [1, 1], "v": [-2, -3], "f": [1]}
values = {"x": 1, "y": -4, "z": -2, "u": -3, "v": 6, "f": 6}
labels = {"u": "x + y", "v": "u · z", "f": "ReLU(v)"}
widgets.explore_graph(parents, partials, values=values, labels=labels)

# %% [markdown]
# L0 ends in the same place: suppose the loss changes at the rate 1 with $f$, then each node gets the gradient of the node after it, times its own derivative.
#
# The sweep runs *backwards*, so that each product is made once. $\partial f / \partial u = -2$ is computed once and serves both $x$ and $y$.

# %% [markdown]
# **Exercise `relu_product`** (2 points). Write the value and the three derivatives for any numbers. At $v = 0$ the slope of ReLU is 0.


# %% nbgrader={"grade_id": "relu_product", "solution": true}
def relu_product(x, y, z):
    """Return f = ReLU((x + y) z) and its derivatives for x, y and z.

    Args:
        x, y, z: numbers.

    Returns:
        f, df_dx, df_dy, df_dz: four numbers, in this order.
    """
    ### BEGIN SOLUTION
    u = x + y
    v = u * z
    df_dv = 1.0 if v > 0 else 0.0
    df_du = df_dv * z
    df_dz = df_dv * u
    return max(0.0, v), df_du, df_du, df_dz
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_relu_product", "grade": true, "points": 2}
check("relu_product", relu_product)

# %% [markdown]
# A check compares your numbers with the right ones. If they are those of a well-known mistake, it says which. Every exercise has three hints. The next cell shows the first one; run it again for the second. For other exercises, change the name.

# %%
hint("relu_product")

# %% [markdown]
# Now let $z$ move and keep $x + y = -3$. What does the derivative for $z$ do?

# %%
predict("slope_behind_the_gate")

# %%
with when_written():
    z = np.linspace(-2, 2, 201)
    found = [relu_product(1.0, -4.0, each) for each in z]
    series = {"f": [row[0] for row in found], "slope for z": [row[3] for row in found]}
    ax = plots.curves(series, x=z, xlabel="z", ylabel="value")
    show(
        ax,
        alt="f falls in a straight line from 6 at z = -2 to 0 at z = 0 and stays 0. Its slope for "
        "z is -3 on the left and 0 from z = 0 on.",
    )

# %% [markdown]
# ReLU is a gate. Where $v \le 0$ it lets nothing through, forwards or backwards. All three derivatives are 0 there, so gradient descent cannot move any of the inputs: the unit is *dead* for this example.

# %% [markdown]
# ## 2. One operation at a time
#
# *9 minutes.* A computer should do this for any formula. L1 splits the work: node $i$ computes $u^{(i)} = f^{(i)}(A^{(i)})$ from the values $A^{(i)}$ of its parents. So we need two functions that know the single operations, and nothing else. The symbol $\sigma$ stands for the sigmoid of 00.
#
# | op | value | derivatives, one for each input |
# |---|---|---|
# | `add` | $a + b$ | $1,\ 1$ |
# | `mul` | $a b$ | $b,\ a$ |
# | `relu` | $\max(0, a)$ | $1$ if $a > 0$ else $0$ |
# | `tanh` | $\tanh a$ | $1 - \tanh^2 a$ |
# | `sigmoid` | $\sigma(a) = 1/(1 + e^{-a})$ | $\sigma(a)\,(1 - \sigma(a))$ |
# | `exp` | $e^a$ | $e^a$ |
# | `log` | $\ln a$ | $1/a$ |

# %% [markdown]
# **Exercise `evaluate`** (1 point). The star in the signature collects the inputs in a tuple: after `evaluate("mul", 2.0, 3.0)`, `inputs` is `(2.0, 3.0)`.


# %% nbgrader={"grade_id": "evaluate", "solution": true}
def evaluate(op, *inputs):
    """Compute one operation.

    Args:
        op: "add", "mul", "relu", "tanh", "sigmoid", "exp" or "log".
        inputs: two numbers for add and mul, one for the others.

    Returns:
        The value, a number.
    """
    ### BEGIN SOLUTION
    table = {
        "add": lambda a, b: a + b,
        "mul": lambda a, b: a * b,
        "relu": lambda a: max(0.0, a),
        "tanh": np.tanh,
        "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
        "exp": np.exp,
        "log": np.log,
    }
    return table[op](*inputs)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_evaluate", "grade": true, "points": 1}
check("evaluate", evaluate)

# %% [markdown]
# **Exercise `local_derivatives`** (2 points). Return a *tuple*, also where there is one input: `(0.5,)` with a comma.


# %% nbgrader={"grade_id": "local_derivatives", "solution": true}
def local_derivatives(op, *inputs):
    """Differentiate one operation for each of its inputs.

    Args:
        op: "add", "mul", "relu", "tanh", "sigmoid", "exp" or "log".
        inputs: two numbers for add and mul, one for the others.

    Returns:
        A tuple of numbers, one for each input, in their order. The slope of relu at 0 is 0.
    """
    ### BEGIN SOLUTION
    table = {
        "add": lambda *_: (1.0, 1.0),
        "mul": lambda a, b: (b, a),
        "relu": lambda a: (1.0 if a > 0 else 0.0,),
        "tanh": lambda a: (1 - np.tanh(a) ** 2,),
        "sigmoid": lambda a: (evaluate("sigmoid", a) * (1 - evaluate("sigmoid", a)),),
        "exp": lambda a: (np.exp(a),),
        "log": lambda a: (1 / a,),
    }
    return table[op](*inputs)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_local_derivatives", "grade": true, "points": 2}
check("local_derivatives", local_derivatives)

# %% [markdown]
# A chain of operations multiplies these slopes. How large can the slope of the sigmoid be, at best?

# %%
predict("largest_slope_of_sigmoid")

# %%
with when_written():
    z = np.linspace(-4, 4, 161)
    series = {
        op: [local_derivatives(op, each)[0] for each in z] for op in ("relu", "tanh", "sigmoid")
    }
    ax = plots.curves(series, x=z, xlabel="input a", ylabel="your slope")
    show(
        ax,
        alt="Slopes of three operations. ReLU: 0 up to 0, then 1. Tanh: a bell with the top 1 at "
        "0. Sigmoid: a low, wide bell with the top 0.25 at 0.",
    )

# %% [markdown]
# The sigmoid's slope is 1/4 at best. Ten of them in a chain multiply to at most $0.25^{10} \approx 10^{-6}$. A chain of active ReLUs multiplies to 1. You will meet this again in 03.

# %% [markdown]
# ## 3. An order that works
#
# *12 minutes.* L1's forward propagation runs over the nodes $u^{(1)}, \dots, u^{(n)}$ "in topological order": every node comes after all its parents. Otherwise a value is asked for before it is there.
#
# Here a graph is a dict from each node's id to the list of its parents' ids. An input has an empty list. The dict itself may be in any order.

# %%
predict("which_order_works")

# %% [markdown]
# **Exercise `topological_order`** (3 points). Return a list with every id once, parents before children. Often several orders are right; the check accepts each of them. If the nodes form a cycle there is no order: raise a `ValueError`.
#
# A graph may be 10,000 nodes deep, so do not let a function call itself for each parent: Python stops after about 1,000 calls inside calls. One way is to keep a list of nodes that are ready. Another is a stack of your own.


# %% nbgrader={"grade_id": "topological_order", "solution": true}
def topological_order(parents):
    """List the nodes of a graph, parents first.

    Must not change its argument.

    Args:
        parents: dict from each id to the list of its parents' ids. A parent may occur twice.

    Returns:
        A list with every id once; each stands after all its parents.

    Raises:
        ValueError: when the graph has a cycle.
    """
    ### BEGIN SOLUTION
    children = {node: [] for node in parents}
    for node, above in parents.items():
        for parent in above:
            children[parent].append(node)
    missing = {node: len(above) for node, above in parents.items()}
    order = [node for node in parents if missing[node] == 0]
    for node in order:
        for child in children[node]:
            missing[child] -= 1
            if missing[child] == 0:
                order.append(child)
    if len(order) < len(parents):
        raise ValueError("the graph has a cycle")
    return order
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_topological_order", "grade": true, "points": 3}
check("topological_order", topological_order)

# %% [markdown]
# Your three functions together are L1's forward propagation. This cell adds one thing: it keeps the derivatives for the way back.


# %%
def forward(ops, parents, inputs):
    """Compute all values of a graph (L1), and the derivatives along its edges."""
    values = dict(inputs)
    partials = dict.fromkeys(parents, ())
    for node in topological_order(parents):
        if node in ops:
            arguments = [values[parent] for parent in parents[node]]
            values[node] = evaluate(ops[node], *arguments)
            partials[node] = local_derivatives(ops[node], *arguments)
    return values, partials


# %% [markdown]
# L0's example once more, now as data. Do you see the numbers of section 1?

# %%
with when_written():
    ops = {"u": "add", "v": "mul", "f": "relu"}
    values, partials = forward(ops, parents, {"x": 1.0, "y": -4.0, "z": -2.0})
    for node in parents:
        print(node, "=", values[node], "  derivatives:", partials[node])

# %% [markdown]
# ## 4. Backpropagation
#
# *15 minutes.* L1 writes the chain rule as $\frac{\partial L}{\partial x_i} = \frac{\partial L}{\partial y}\frac{\partial y}{\partial x_i}$. That is one way from $x_i$ to $L$. A node may have several children, and then there are several ways: their parts *add up*. So L1's algorithm has a sum. With $g^{(i)} = \partial u^{(n)} / \partial u^{(i)}$:
#
# $$g^{(n)} = 1 \qquad\qquad g^{(i)} = \sum_{j \,:\, u^{(i)} \text{ is a parent of } u^{(j)}} g^{(j)}\,\frac{\partial u^{(j)}}{\partial u^{(i)}} \qquad i = n - 1, \dots, 1$$
#
# It runs in reverse topological order. When a node's turn comes, all its children are finished, so its own sum is complete.

# %% [markdown]
# Follow it by hand once. Take $x = 2$, $y = -3$ and
#
# $$a = x y = -6 \qquad b = a + x = -4 \qquad f = a b = 24$$
#
# Both $x$ and $a$ are used twice. The first two rows are done.
#
# | node | children | parts that come in | gradient |
# |---|---|---|---|
# | $f$ | | | 1 |
# | $b$ | $f$ | $1 \cdot a = -6$ | −6 |
# | $a$ | $f$, $b$ | ? and ? | ? |
# | $x$ | $a$, $b$ | ? and ? | ? |
# | $y$ | $a$ | ? | ? |

# %% [markdown]
# **Practice `trace_graph`** (no points). Return the five gradients as numbers.


# %% nbgrader={"grade_id": "trace_graph", "solution": true}
def trace_graph():
    """Return the last column of the table: the gradients of f, b, a, x, y.

    Returns:
        Five numbers, in this order.
    """
    ### BEGIN SOLUTION
    x, y, a, b = 2.0, -3.0, -6.0, -4.0
    g_f = 1.0
    g_b = g_f * a
    g_a = g_f * b + g_b * 1.0
    g_x = g_a * y + g_b * 1.0
    g_y = g_a * x
    return g_f, g_b, g_a, g_x, g_y
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_trace_graph", "grade": true, "points": 0}
check("trace_graph", trace_graph)

# %% [markdown]
# **Exercise `backpropagate`** (4 points). `partials[j][k]` is the derivative of node `j` for its `k`-th parent. Start with 0 for every node and 1 for the output. Then go through the nodes backwards and let each one add its part to each of its parents.


# %% nbgrader={"grade_id": "backpropagate", "solution": true}
def backpropagate(parents, partials, output):
    """Compute the derivative of one node for every node of a graph.

    Must not change its arguments.

    Args:
        parents: dict from each id to the list of its parents' ids. A parent may occur twice.
        partials: dict from each id to its derivatives, one for each parent, in their order.
        output: id of the node that is differentiated. Other nodes may come after it.

    Returns:
        A dict from every id to a number; 0 for a node that does not reach the output.
    """
    ### BEGIN SOLUTION
    grads = dict.fromkeys(parents, 0.0)
    grads[output] = 1.0
    for child in reversed(topological_order(parents)):
        for parent, partial in zip(parents[child], partials[child], strict=True):
            grads[parent] += grads[child] * partial
    return grads
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_backpropagate", "grade": true, "points": 4}
check("backpropagate", backpropagate)

# %% [markdown]
# Here is the graph of the table, and your function beside it. Step through: $a$ and $x$ light up twice. Read the line above the picture at the second time: the new part is added to the old one. The line below the picture says whether your function agrees.

# %%
fan_parents = {"x": [], "y": [], "a": ["x", "y"], "b": ["a", "x"], "f": ["a", "b"]}
widgets.explore_graph(
    fan_parents,
    {"x": [], "y": [], "a": [-3, 2], "b": [1, 1], "f": [-4, -6]},
    values={"x": 2, "y": -3, "a": -6, "b": -4, "f": 24},
    labels={"a": "x · y", "b": "a + x", "f": "a · b"},
    backpropagate=backpropagate,
)

# %% [markdown]
# ### Why the order matters
#
# Take three nodes: $a$, then $b = a + a$, then $c = b + b$. So $c = 4a$ and the derivative is 4. Now suppose that somebody passes a part on *as soon as it arrives*, in whatever state the sum is.

# %%
predict("passed_on_too_early")


# %%
def hasty(parents, partials, node, gradient, grads):
    """Pass every part on as soon as it has arrived: wrong."""
    for parent, partial in zip(parents[node], partials[node], strict=True):
        grads[parent] = grads.get(parent, 0.0) + gradient * partial
        hasty(parents, partials, parent, grads[parent], grads)
    return grads


doubled = {"a": [], "b": ["a", "a"], "c": ["b", "b"]}
ones = {"a": [], "b": [1.0, 1.0], "c": [1.0, 1.0]}
print("hasty:", hasty(doubled, ones, "c", 1.0, {}))
with when_written():
    print("yours:", backpropagate(doubled, ones, "c"))

# %% [markdown]
# The hasty one sends 1 through $b$ first, then 2, and the first 1 has been counted again: $2 \cdot 1 + 2 \cdot 2 = 6$. A node may pass its gradient on only once, and only when all its children have added to it. That is what the reverse topological order guarantees.

# %% [markdown]
# ## 5. Why it is fast
#
# *5 minutes.* The derivative is a sum over all *paths* from a node to the output, with a product along each path. So why not add up the paths? Continue the doubling: $n$ times $b = a + a$. All partials are 1, so the gradient at the start *counts the paths*.

# %%
predict("paths_through_doublings")


# %%
def doublings(n):
    """Return parents and partials of a chain in which each node is the double of the last."""
    parents = {0: [], **{k: [k - 1, k - 1] for k in range(1, n + 1)}}
    return parents, {node: [1.0] * len(above) for node, above in parents.items()}


# %% [markdown]
# Your function counts the paths, by walking over each edge once. Compare the two lines; the vertical axis is logarithmic.

# %%
with when_written():
    n = np.arange(1, 31)
    paths = [backpropagate(*doublings(k), k)[0] for k in range(1, 31)]
    ax = plots.curves(
        {"paths": paths, "edges": 2 * n}, x=n, xlabel="doublings n", ylabel="number", logy=True
    )
    show(
        ax,
        alt="Number of paths and of edges against the number of doublings, logarithmic. Paths "
        "rise in a straight line to a thousand million at 30; edges reach 60.",
    )

# %% [markdown]
# Thirty doublings have $2^{30}$ paths, more than a thousand million, and 60 edges. Backpropagation adds at each node before it goes on, so it makes one multiplication for each edge: about as much work as computing the value itself.
#
# Central differences (01) need two evaluations of the whole graph *for each input*. A network with a million parameters would need two million. One backward sweep gives all of them. That is what L0 means by *efficiently*.

# %% [markdown]
# ## 6. A bug hunt
#
# *8 minutes.* A colleague has written a backpropagation without your order. It adds up the parts where a node has several children (this is called *fan-out*), and it gets L0's example right. It is wrong. Do not read it closely yet.


# %%
def suspect_backpropagate(parents, partials, output):
    """Gradients of the output, says its author."""
    grads = dict.fromkeys(parents, 0.0)
    grads[output] = 1.0
    waiting = [output]
    for child in waiting:
        for parent, partial in zip(parents[child], partials[child], strict=True):
            grads[parent] += grads[child] * partial
            if parent not in waiting:
                waiting.append(parent)
    return grads


# %% [markdown]
# We compare it with slopes that are measured, by the central differences of 01. The first graph is L0's. The second is that of the table, $f = ab$. The third is the same with $f = ba$.


# %%
def measured(ops, parents, inputs, node):
    """Measure the slope of f for one input by central differences."""
    up, down = ({**inputs, node: inputs[node] + h} for h in (1e-5, -1e-5))
    return (forward(ops, parents, up)[0]["f"] - forward(ops, parents, down)[0]["f"]) / 2e-5


# %%
predict("which_graph_betrays_it")

# %%
fan_ops = {"a": "mul", "b": "add", "f": "mul"}
graphs = {
    "L0": (ops, parents, {"x": 1.0, "y": -4.0, "z": -2.0}),
    "f = a b": (fan_ops, fan_parents, {"x": 2.0, "y": -3.0}),
    "f = b a": (fan_ops, {**fan_parents, "f": ["b", "a"]}, {"x": 2.0, "y": -3.0}),
}
with when_written():
    for label, (which, graph, inputs) in graphs.items():
        found = suspect_backpropagate(graph, forward(which, graph, inputs)[1], "f")
        for node in inputs:
            slope = measured(which, graph, inputs, node)
            print(f"{label:8} {node}: suspect {found[node]:6.1f}   measured {slope:6.1f}")

# %% [markdown]
# **Practice `repaired_backpropagate`** (no points). In which order does the suspect take the nodes in the second graph, and in which in the third? Which node passes its gradient on too early? Repair the function. Change as little as you can.


# %% nbgrader={"grade_id": "repaired_backpropagate", "solution": true}
def repaired_backpropagate(parents, partials, output):
    """Compute the derivative of one node for every node: the suspect, repaired."""
    ### BEGIN SOLUTION
    grads = dict.fromkeys(parents, 0.0)
    grads[output] = 1.0
    waiting = reversed(topological_order(parents))
    for child in waiting:
        for parent, partial in zip(parents[child], partials[child], strict=True):
            grads[parent] += grads[child] * partial
    return grads
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_repaired_backpropagate", "grade": true, "points": 0}
check("repaired_backpropagate", repaired_backpropagate)

# %% [markdown]
# The value of $ab$ and of $ba$ is the same, yet only one of them showed the bug. A test on one small graph proves little. Test with fan-out, with inner nodes that are used again, and with parents in both orders.

# %% [markdown]
# ## 7. Numbers that remember
#
# *18 minutes.* Nobody wants to type dicts of parents. So let the numbers write the graph themselves: a `Value` holds a number, and every operation makes a new `Value` that remembers its parents and the derivatives. PyTorch does the same with arrays.
#
# Python turns `a * b` into a call of a method of `a`. The helper class `Operators` turns all operators into one: `a * b` becomes `a.apply("mul", b)`, `a.tanh()` becomes `a.apply("tanh")`, and `a - b`, `a / b`, `2 * a` follow from these. Powers `a ** 3` come to you separately; the exponent is a plain number.

# %% [markdown]
# **Exercise `Value`** (4 points). Three methods are yours.
#
# - `apply` makes a new `Value`. Other inputs may be plain numbers: make `Value`s of them first. The value comes from your `evaluate`, the derivatives from your `local_derivatives`.
# - `__pow__` makes the new `Value` of $a^k$. Its derivative is $k\,a^{k-1}$.
# - `backward` collects all nodes behind this one, walks back from it, and adds to each node's `grad`. You may build the two dicts and call your `backpropagate`; `id(node)` is a number of its own for each object. Graphs may be 10,000 nodes deep: use a list of your own and no recursion.


# %% nbgrader={"grade_id": "Value", "solution": true}
from downslope.scalars import Operators


class Value(Operators):
    """A number that remembers how it was made.

    Attributes: data, the number; grad, the derivative of whatever backward() was called on;
    parents and partials, the nodes it was made from and its derivatives for them.
    """

    def __init__(self, data, parents=(), partials=()):
        self.data, self.grad, self.parents, self.partials = float(data), 0.0, parents, partials

    def apply(self, op, *others):
        """Return the Value of op for this node and others, each a Value or a number."""
        ### BEGIN SOLUTION
        nodes = [self, *(each if isinstance(each, Value) else Value(each) for each in others)]
        inputs = [node.data for node in nodes]
        return Value(evaluate(op, *inputs), nodes, local_derivatives(op, *inputs))
        ### END SOLUTION

    def __pow__(self, k):
        ### BEGIN SOLUTION
        return Value(self.data**k, [self], [k * self.data ** (k - 1)])
        ### END SOLUTION

    def backward(self):
        """Add the derivative of this node to the grad of every node behind it; its own is 1."""
        ### BEGIN SOLUTION
        nodes, waiting = {}, [self]
        while waiting:
            node = waiting.pop()
            waiting += [] if id(node) in nodes else node.parents
            nodes[id(node)] = node
        parents = {key: [id(each) for each in node.parents] for key, node in nodes.items()}
        partials = {key: node.partials for key, node in nodes.items()}
        for key, grad in backpropagate(parents, partials, id(self)).items():
            nodes[key].grad += grad
        ### END SOLUTION


# %% nbgrader={"grade_id": "check_Value", "grade": true, "points": 4}
check("Value", Value)

# %% [markdown]
# Now a formula is just a formula. The table of section 4 once more: do you find −20 and 24?

# %%
with when_written():
    x, y = Value(2.0), Value(-3.0)
    a = x * y
    f = a * (a + x)
    f.backward()
    print("f =", f.data, "  for x:", x.grad, "  for y:", y.grad, "  for a:", a.grad)

# %% [markdown]
# ### A gradient check
#
# 01 measured slopes by central differences. Measured slopes have errors of their own, so the two will not agree in every digit. How well should they agree?

# %%
predict("good_relative_error")


# %%
def formula(numbers):
    """A formula with every operation of three Values."""
    a, b, c = numbers
    return ((a * b - 2 / c).tanh() + (1 + (a + c) ** 2).log()) * (b - a).relu() + (c / 3).exp()


# %% [markdown]
# The next cell prints your derivatives for $a$, $b$, $c$, the measured ones, and their relative error (01).

# %%
with when_written():
    point = np.array([0.7, 1.9, -1.2])
    leaves = [Value(number) for number in point]
    formula(leaves).backward()
    mine = np.array([leaf.grad for leaf in leaves])
    slopes = numerical_gradient(lambda numbers: formula([Value(n) for n in numbers]).data, point)
    print("yours:   ", mine)
    print("measured:", slopes)
    print(f"relative error {relative_error(mine, slopes):.1e}")

# %% [markdown]
# About $10^{-10}$. Below $10^{-7}$ you may trust a gradient in float64. Above $10^{-2}$ it is wrong. Between them look closer: a corner of ReLU nearby is one harmless reason.

# %% [markdown]
# ### Ten thousand nodes in a row
#
# A loop in a program makes a long chain. If this cell raises a `RecursionError`, your `backward` calls itself.

# %%
with when_written():
    x = Value(1.0)
    y = x
    for _ in range(10_000):
        y = y * 1.0001
    y.backward()
    print(f"y = {y.data:.5f}, its derivative for x = {x.grad:.5f}")

# %% [markdown]
# ### Two backward sweeps
#
# `backward` *adds* to `grad`. That is what shared nodes need. It also means that old gradients stay until somebody sets them to 0. Think before you run it: $f = x^2$ at $x = 3$, and `backward` twice.

# %%
predict("backward_twice")

# %%
with when_written():
    x = Value(3.0)
    f = x**2
    for sweep in (1, 2):
        f.backward()
        print(f"after sweep {sweep}: x.grad = {x.grad}")

# %% [markdown]
# The second sweep adds another 6. In a training loop this is a classic bug: every step would follow the sum of all gradients so far. Set the gradients to 0 before each sweep, or make new `Value`s for each step, as we do now.

# %% [markdown]
# ## 8. XOR
#
# *8 minutes.* The exclusive or is the smallest problem that no straight line solves. Four examples, inputs and targets ±1: the target is +1 where the inputs differ. The network has three hidden tanh units and 13 weights:
#
# $$h_k = \tanh(w_{3k}\,x_1 + w_{3k+1}\,x_2 + w_{3k+2}) \quad k = 0, 1, 2 \qquad \text{out} = w_9 h_0 + w_{10} h_1 + w_{11} h_2 + w_{12}$$
#
# The loss is the mean over the four examples of $(\text{out} - \text{target})^2$.

# %%
XOR = np.array([[-1.0, -1.0, -1.0], [-1.0, 1.0, 1.0], [1.0, -1.0, 1.0], [1.0, 1.0, -1.0]])

# %% [markdown]
# **Exercise `xor_gradient`** (1 point). Make a `Value` of each weight, write the loss with them, and let `backward` do the rest. The first lines are there.


# %% nbgrader={"grade_id": "xor_gradient", "solution": true}
def xor_gradient(weights):
    """Return the loss of the XOR network and its gradient.

    Must not change its argument.

    Args:
        weights: the 13 weights, float64, shape (13,).

    Returns:
        The loss, a number, and the gradient, shape (13,).
    """
    examples = [(-1, -1, -1), (-1, 1, 1), (1, -1, 1), (1, 1, -1)]  # x1, x2, target
    ### BEGIN SOLUTION
    w = [Value(number) for number in weights]
    loss = Value(0.0)
    for x1, x2, target in examples:
        hidden = [(w[k] * x1 + w[k + 1] * x2 + w[k + 2]).tanh() for k in (0, 3, 6)]
        out = w[9] * hidden[0] + w[10] * hidden[1] + w[11] * hidden[2] + w[12]
        loss = loss + (out - target) ** 2 / 4
    loss.backward()
    return loss.data, np.array([each.grad for each in w])
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_xor_gradient", "grade": true, "points": 1}
check("xor_gradient", xor_gradient)

# %% [markdown]
# **Exercise `train_xor`** (1 point). Gradient descent from 01, with the gradient of your own numbers. The check starts from weights of its own, computes what the loss must be at the end, and compares.


# %% nbgrader={"grade_id": "train_xor", "solution": true}
def train_xor(weights, lr, steps):
    """Train the XOR network by gradient descent.

    Must not change its arguments.

    Args:
        weights: the first weights, float64, shape (13,).
        lr: learning rate, a number.
        steps: number of updates.

    Returns:
        The weights after the last update, shape (13,), and their loss, a number.
    """
    ### BEGIN SOLUTION
    for _ in range(steps):
        weights = weights - lr * xor_gradient(weights)[1]
    return weights, xor_gradient(weights)[0]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_train_xor", "grade": true, "points": 1}
check("train_xor", train_xor)

# %% [markdown]
# Without hidden units the best that a straight line can do is to answer 0 everywhere: its loss is 1. Where will your network end?

# %%
predict("loss_of_the_xor_network")

# %%
start = np.random.default_rng(2).normal(0, 0.8, 13)
with when_written():
    trained, losses = start, [xor_gradient(start)[0]]
    for _ in range(30):
        trained, loss = train_xor(trained, 0.2, 5)
        losses.append(loss)
    ax = plots.curves(
        {"your network": losses}, x=5 * np.arange(31), xlabel="update", ylabel="loss", logy=True
    )
    show(
        ax,
        alt="Loss of the XOR network over 150 updates, logarithmic: slow up to update 35, then a "
        "straight fall to 1e-10.",
    )


# %% [markdown]
# A slow start, and then every update takes off the same share. This is what the network has learned: class 1 is where its output is positive. Look at the shape of the two regions.


# %%
def network(X, w):
    """Compute the XOR network for many points at once, without Values."""
    hidden = np.tanh(X @ w[:9].reshape(3, 3)[:, :2].T + w[2:9:3])
    return hidden @ w[9:12] + w[12]


# %%
with when_written():
    xor_gradient(start)
    ax = plots.regions(
        lambda X: (network(X, trained) > 0).astype(int), XOR[:, :2], (XOR[:, 2] > 0).astype(int)
    )
    show(
        ax,
        alt="The plane of the two inputs with the four corners. A band along "
        "the diagonal holds the two corners with equal inputs; the other two lie on either side.",
    )

# %% [markdown]
# The hidden units bend the plane, and one linear layer can then cut it. Nobody told the network how: your derivatives did.
#
# It is slow, though: each of these updates makes some hundred Python objects. 03 does the same with whole arrays.

# %% [markdown]
# ## 9. A question in words, a quiz
#
# *11 minutes.* **A question in words** (2 points, read by a person). A friend's `backward` visits the nodes in reverse topological order, but it writes `parent.grad = child.grad * partial` instead of `+=`. Another friend writes `+=`, but visits the nodes in the order in which they were found. Give for each a small formula whose gradient comes out wrong, and say why it is right on $\text{ReLU}((x + y) z)$. Four to seven sentences.

# %% [markdown] nbgrader={"grade_id": "two_broken_backwards", "grade": true, "solution": true, "points": 2}
# ### BEGIN SOLUTION
# The first one overwrites. In $f = a + a$, or $f = a b + a$, the node $a$ has two ways to the output, and the derivative is the sum over both. The one that comes last replaces the other, so $a + a$ gets the derivative 1 instead of 2. The second one adds, but it may let a node pass its gradient on before all its children have added their part. In $b = a + x$, $f = a b$ with $a = xy$, node $a$ is a parent of $f$ and of $b$. Found from $f$, it may be visited before $b$; then it passes on only the part that came directly from $f$, and $x$ and $y$ miss the rest. In $\text{ReLU}((x+y)z)$ every node has exactly one child. So there is never anything to add up, and every node is complete as soon as it is found: both versions are right by luck.
#
# ### BEGIN MARK SCHEME
# 1 point: for `=`, a formula in which a node is used twice, with the reason that parts from several children must be added. Half a point without a reason.
#
# 1 point: for the wrong order, a formula in which an inner node (not only an input) is used by two nodes of which one depends on the other, with the reason that it passes on an incomplete sum. An input that is used twice does not show this fault: half a point at most. One of the two answers should say that in L0's example every node has one child; if neither does, take off half a point.
# ### END MARK SCHEME
# ### END SOLUTION

# %% [markdown]
# Seven questions over the whole notebook. They give no points. Every answer, right or wrong, gets a reply.

# %%
quiz("every_edge_once")

# %%
quiz("gate_of_relu")

# %%
quiz("gradient_of_used_twice")

# %%
quiz("why_reverse_order")

# %%
quiz("unreached_node")

# %%
quiz("what_forward_must_keep")

# %%
quiz("product_of_sigmoids")

# %% [markdown]
# ## What you can do now
#
# - Draw a formula as a graph and find all its derivatives in one backward sweep.
# - Say why parts add up at a node with several children, and why the order must be a reverse topological one.
# - Write L1's forward propagation and backpropagation for any graph.
# - Build numbers that record their own graph, without recursion.
# - Check a gradient by measured slopes, and choose graphs that can betray a bug.
# - Train a network with derivatives that nobody wrote down.
#
# Next comes 03_vector_backprop: the same algorithm, with whole arrays in the nodes.
#
# The next cell shows how far you are.

# %%
progress("02_scalar_backprop")
