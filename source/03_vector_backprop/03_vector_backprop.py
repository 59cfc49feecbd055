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
# # Backpropagation with arrays
#
# In 02 every node of the graph held one number. Here a node holds a whole array: a batch, a matrix of weights. The chain rule stays; the derivatives become matrices. You write the layers of a network, check all their gradients at once, and teach the network to read handwritten digits.
#
# The notebook takes about 105 minutes. It gives 25 points.
#
# | section | minutes | exercises (points) |
# |---|---|---|
# | 1. From numbers to vectors | 6 | |
# | 2. Elementwise: diagonal Jacobians | 12 | `activation_derivatives` (2), `elementwise_jacobian` (1) |
# | 3. Everything with everything: dense Jacobians | 10 | `softmax_jacobian` (2), `linear_jacobian` (1) |
# | 4. Why nobody forms them | 6 | |
# | 5. A linear layer | 15 | `linear_forward` (1), `trace_layer` (practice), `linear_backward` (4) |
# | 6. A ReLU layer | 5 | `relu_forward` (1), `relu_backward` (1) |
# | 7. A network | 15 | `mlp_forward` (2), `mlp_backward` (4) |
# | 8. Is it right? | 5 | |
# | 9. Real digits | 9 | `train_digits` (3) |
# | 10. A bug hunt | 7 | `repaired_gradients` (practice) |
# | 11. The surface | 5 | |
# | 12. In words, quiz, what you can do now | 12 | a question in words (3) |
#
# L0 to L4 are the five lectures of the course. You need 02 and the losses of 01, and no lecture at hand.

# %% [markdown]
# Run the next cell first. It loads NumPy and the course's helper package. The loss is the one that you wrote in 01; here the course's own is imported, so that this notebook runs without your 01.

# %% nbgrader={"grade_id": "setup", "locked": true}
import time
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

from downslope import (
    check,
    datasets,
    hint,
    landscapes,
    plots,
    predict,
    progress,
    quiz,
    show,
    when_written,
    widgets,
)
from downslope.gradients import numerical_gradient, relative_error
from downslope.losses import softmax_cross_entropy

# %% [markdown]
# ## 1. From numbers to vectors
#
# *6 minutes.* L0 moves on from the scalar example to one layer:
#
# $$y = \sigma(Wx + b) \qquad\text{in steps:}\qquad u = Wx, \quad v = u + b, \quad y = \sigma(v)$$
#
# Every step turns a vector into a vector. The derivative of a step is then a table: how much does each output change with each input? This table is the **Jacobian**.
#
# $$J_{ij} = \frac{\partial y_i}{\partial x_j} \qquad \text{rows: outputs, columns: inputs, shape } (\text{out}, \text{in})$$
#
# L1 says it so: we represent networks by functions $f: \mathbb{R}^n \to \mathbb{R}^m$, the derivative is a Jacobian matrix, and the algorithm stays as it was.

# %% [markdown]
# What does "as it was" mean? In 02 a node multiplied the gradient that came from above with its own local derivative. Call the gradient from above the **upstream** gradient: $\partial L/\partial y$, a vector as long as $y$. Then
#
# $$\frac{\partial L}{\partial x_j} = \sum_i \frac{\partial L}{\partial y_i}\,\frac{\partial y_i}{\partial x_j} \qquad\text{in code: } \texttt{upstream @ J}$$
#
# The sum is the fan-out rule of 02: $x_j$ goes into several outputs, and its parts add up. Two things to remember:
#
# - A gradient of the loss always has the shape of the thing itself. $\partial L/\partial W$ is shaped like $W$.
# - The upstream vector multiplies from the *left*.
#
# Here are both in numbers, for a function of three inputs and two outputs.


# %%
def f(x):
    """Two outputs of three inputs."""
    return np.array([x[0] * x[1], x[1] + 3 * x[2]])


x = np.array([2.0, 5.0, 1.0])
J = np.array([[x[1], x[0], 0.0], [0.0, 1.0, 3.0]])  # by hand, from f
upstream = np.array([10.0, 1.0])  # of a loss L = 10 f_0 + f_1
print("J has shape", J.shape, " upstream @ J =", upstream @ J)
print("measured:                  ", numerical_gradient(lambda x: upstream @ f(x), x).round(6))

# %% [markdown]
# The measured gradient is the one from 01: it nudges each input and watches the loss. It agrees.

# %% [markdown]
# ## 2. Elementwise: diagonal Jacobians
#
# *12 minutes.* L0 sorts the steps of a network into two kinds. In the first kind, each output depends on one input only, the one in the same place:
#
# | step | Jacobian |
# |---|---|
# | activation $y_i = \sigma(x_i)$ | diagonal, with $\sigma'(x_i)$ |
# | sum $x + b$ | for $x$ and for $b$: the identity |
# | elementwise product $x \odot z$ | for $x$: diagonal with $z_i$; for $z$: diagonal with $x_i$ |
#
# So we need the derivatives of the activations. L1 lists three of them:
#
# $$\sigma' = \sigma\,(1 - \sigma) \qquad \tanh' = 1 - \tanh^2 \qquad \text{ReLU}'(z) = [z > 0]$$
#
# Here $[z > 0]$ is 1 where $z > 0$ and 0 elsewhere. At 0 the ReLU has no derivative. L1 writes NaN there and then *assumes* 0; so does this course. Two more from L0: the leaky ReLU is $z$ or $0.01 z$, the ELU is $z$ or $e^z - 1$.

# %%
predict("steepest_sigmoid")

# %% [markdown]
# **Exercise `activation_derivatives`** (2 points). Return the derivative of each at every element of `z`. For `z <= 0` take the lower branch of ReLU, leaky ReLU and ELU. There should be no nan for $|z| = 1000$.


# %% nbgrader={"grade_id": "activation_derivatives", "solution": true}
def activation_derivatives(z):
    """Return the derivatives of five activation functions at z.

    Must not change its argument.

    Args:
        z: inputs of the activation functions, float64, any shape.

    Returns:
        A dict with the keys "sigmoid", "tanh", "relu", "leaky_relu" (slope 0.01), "elu"
        (alpha 1); each value is float64 and shaped like z.
    """
    ### BEGIN SOLUTION
    small = np.exp(-np.abs(z))
    return {
        "sigmoid": small / (1 + small) ** 2,
        "tanh": 1 - np.tanh(z) ** 2,
        "relu": np.where(z > 0, 1.0, 0.0),
        "leaky_relu": np.where(z > 0, 1.0, 0.01),
        "elu": np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_activation_derivatives", "grade": true, "points": 2}
check("activation_derivatives", activation_derivatives)

# %% [markdown]
# Every exercise has three hints. The next cell shows the first one; run it again for the second. For other exercises, change the name.

# %%
hint("activation_derivatives")

# %% [markdown]
# Now look at your five slopes. For which functions does the slope die out on the right, for which on the left?

# %%
with when_written():
    z = np.linspace(-5, 5, 401)
    slopes = activation_derivatives(z)
    ax = plots.curves(slopes, x=z, xlabel="z", ylabel="slope")
    show(
        ax,
        alt="Slopes of five activation functions from -5 to 5. Sigmoid: a low bump of height "
        "0.25 at 0. Tanh: a bump of height 1. ReLU jumps from 0 to 1 at 0, leaky ReLU from 0.01 "
        "to 1. ELU rises like e to the z up to 1 and stays there.",
    )

# %% [markdown]
# Sigmoid and tanh die on both sides: the sigmoid never has more than 1/4. Ten sigmoid layers multiply a gradient by at most $0.25^{10} \approx 10^{-6}$. That is one reason why hidden layers use ReLU and its relatives.
#
# **Exercise `elementwise_jacobian`** (1 point). Given the derivatives of an elementwise function at one vector, write down its whole Jacobian.


# %% nbgrader={"grade_id": "elementwise_jacobian", "solution": true}
def elementwise_jacobian(derivative):
    """Return the Jacobian of an elementwise function.

    Args:
        derivative: the function's derivative at each element of its input, float64, shape (D,).

    Returns:
        The Jacobian, float64, shape (D, D).
    """
    ### BEGIN SOLUTION
    return np.diag(derivative)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_elementwise_jacobian", "grade": true, "points": 1}
check("elementwise_jacobian", elementwise_jacobian)

# %% [markdown]
# ## 3. Everything with everything: dense Jacobians
#
# *10 minutes.* In L0's second kind of step each output depends on *many* inputs. The two examples are matrix multiplication and softmax. Their Jacobians are dense.
#
# The softmax turns scores into probabilities, $p_i = e^{z_i} / \sum_k e^{z_k}$. Every score stands in every denominator. By the quotient rule
#
# $$\frac{\partial p_i}{\partial z_j} = \begin{cases} p_i\,(1 - p_i) & i = j \\ -\,p_i\,p_j & i \ne j \end{cases}$$
#
# In words: a higher score raises its own probability and takes from all others.

# %%
predict("softmax_rows")

# %% [markdown]
# **Exercise `softmax_jacobian`** (2 points). The argument is `p`, the probabilities themselves. You need no exponential: the output alone is enough.


# %% nbgrader={"grade_id": "softmax_jacobian", "solution": true}
def softmax_jacobian(p):
    """Return the Jacobian of softmax with respect to the scores.

    Must not change its argument.

    Args:
        p: probabilities that softmax gave, float64, shape (K,).

    Returns:
        The Jacobian, float64, shape (K, K): row i, column j holds the derivative of p_i for z_j.
    """
    ### BEGIN SOLUTION
    return np.diag(p) - np.outer(p, p)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_softmax_jacobian", "grade": true, "points": 2}
check("softmax_jacobian", softmax_jacobian)

# %% [markdown]
# Here are both kinds side by side. Look at where they are zero, and at the signs.

# %%
with when_written():
    z = np.array([2.0, -1.0, 0.5, 1.0])
    p = np.exp(z) / np.exp(z).sum()
    tanh_slope = activation_derivatives(z)["tanh"]
    tables = {"tanh": elementwise_jacobian(tanh_slope), "softmax": softmax_jacobian(p)}
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.8), layout="constrained")
    for ax, (name, table) in zip(axes, tables.items(), strict=True):
        ax.imshow(table, cmap="RdBu", vmin=-1.5, vmax=1.5)
        for (row, column), value in np.ndenumerate(table):
            ax.text(column, row, f"{value:.3f}", ha="center", va="center")
        ax.set(title=f"Jacobian of {name}", xlabel="input j", ylabel="output i")
        ax.set(xticks=range(4), yticks=range(4))
    show(
        figure,
        alt="Two tables of 4 by 4 numbers. The Jacobian of tanh is zero outside its diagonal. "
        "That of softmax has positive numbers on the diagonal and negative ones everywhere else.",
    )

# %% [markdown]
# The rows of the softmax table add up to 0: if all scores rise together, no probability changes. The table is symmetric, and none of its numbers is 0.
#
# Softmax and cross-entropy belong together. The loss is $-\ln p_c$ for the true class $c$, so the upstream gradient is $-1/p_c$ in place $c$ and 0 elsewhere. Multiply with your Jacobian and compare:

# %%
with when_written():
    upstream = np.array([0.0, 0.0, -1 / p[2], 0.0])  # the true class is 2
    print("upstream @ J  ", (upstream @ softmax_jacobian(p)).round(4))
    print("p - one-hot   ", (p - np.array([0, 0, 1, 0])).round(4))

# %% [markdown]
# The dense table has vanished: what is left is $p$ minus the one-hot vector. This is the gradient that you returned in 01.
#
# **Exercise `linear_jacobian`** (1 point). The other dense step is $y = Wx$ with `W` of shape `(out, in)`. What is the Jacobian $\partial y/\partial x$? Write down $y_i = \sum_j W_{ij} x_j$ and differentiate.


# %% nbgrader={"grade_id": "linear_jacobian", "solution": true}
def linear_jacobian(W):
    """Return the Jacobian dy/dx of y = W x.

    Args:
        W: weights, float64, shape (out, in).

    Returns:
        The Jacobian, float64, rows for outputs and columns for inputs.
    """
    ### BEGIN SOLUTION
    return W.copy()
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_linear_jacobian", "grade": true, "points": 1}
check("linear_jacobian", linear_jacobian)

# %% [markdown]
# Chain them for L0's layer $y = \tanh(Wx + b)$ with 3 inputs and 4 outputs. The product of the three Jacobians must be the table that one can measure.

# %%
with when_written():
    rng = np.random.default_rng(3)
    W, b, x = rng.normal(size=(4, 3)), rng.normal(size=4), rng.normal(size=3)
    slopes = activation_derivatives(W @ x + b)["tanh"]
    chained = elementwise_jacobian(slopes) @ np.eye(4) @ linear_jacobian(W)
    rows = [numerical_gradient(lambda x, i=i: np.tanh(W @ x + b)[i], x) for i in range(4)]
    print("shape", chained.shape, " largest gap", f"{np.abs(chained - rows).max():.0e}")

# %% [markdown]
# ## 4. Why nobody forms them
#
# *6 minutes.* The layer for our digits will turn a batch of 1078 images with 64 pixels into 1078 rows of 20 numbers. Its Jacobian has a row for each number that comes out and a column for each that goes in.

# %%
predict("size_of_a_jacobian")

# %% [markdown]
# And most of it is zeros, because no image influences the output of another one. So a layer never builds its Jacobian. It computes the product `upstream @ J` directly. This is called a *vector-Jacobian product*. For an elementwise step it is a plain product of two vectors: `upstream * derivative`.
#
# The next cell measures both ways for growing vectors on your machine. Both axes are logarithmic. Look at how much each curve rises when D becomes ten times as large.


# %%
def seconds(work):
    """Return the shortest of five runs, in seconds."""
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


# %%
with when_written():
    sizes, rng = [30, 100, 300, 1000, 2000], np.random.default_rng(0)
    table, direct = [], []
    for size in sizes:
        upstream, slope = rng.normal(size=size), rng.normal(size=size)
        table.append(seconds(lambda u=upstream, s=slope: u @ elementwise_jacobian(s)))
        direct.append(seconds(lambda u=upstream, s=slope: u * s))
    both = {"through the Jacobian": table, "upstream * derivative": direct}
    ax = plots.curves(both, x=sizes, xlabel="D", ylabel="seconds", logy=True)
    ax.set_xscale("log")
    show(
        ax,
        alt="Time against the length D of the vector, on logarithmic axes. The way through the "
        "Jacobian grows with the square of D, the direct product stays near a microsecond.",
    )

# %% [markdown]
# The table has $D^2$ numbers of which $D$ count. The direct product does $D$ multiplications. The same holds for the linear layer: its Jacobian for the weights has one row for each output of each example, and the product with upstream can be had without it. That is the next section.

# %% [markdown]
# ## 5. A linear layer
#
# *15 minutes.* From here on a batch comes in at once: `X` has one example in each row, shape `(N, in)`. With `W` of shape `(out, in)` and `b` of shape `(out,)`, the layer is $XW^T + b$. The lectures write $Wx + b$ for one example; this is the same for all rows.
#
# A layer is a pair of functions. The forward function returns its output and a **cache**: whatever the backward function will need. What that is, is up to you. Nobody looks into your cache but your own backward function. Read on to `linear_backward` before you decide.
#
# **Exercise `linear_forward`** (1 point).


# %% nbgrader={"grade_id": "linear_forward", "solution": true}
def linear_forward(X, W, b):
    """Apply a linear layer to a batch.

    Must not change its arguments.

    Args:
        X: inputs, float64, shape (N, in).
        W: weights, float64, shape (out, in).
        b: biases, float64, shape (out,).

    Returns:
        The output, float64, shape (N, out), and a cache of your choice for linear_backward.
    """
    ### BEGIN SOLUTION
    out = X @ W.T + b
    return out, (X, W)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_linear_forward", "grade": true, "points": 1}
check("linear_forward", linear_forward)

# %% [markdown]
# Now backwards. Take one example first, and write one output: $\text{out}_k = \sum_d W_{kd}\, x_d + b_k$. Let $u_k = \partial L / \partial \text{out}_k$ be the upstream gradient. Three chain rules:
#
# | for | which outputs depend on it? | gradient |
# |---|---|---|
# | $W_{kd}$ | only $\text{out}_k$, with slope $x_d$ | $u_k\, x_d$ |
# | $b_k$ | only $\text{out}_k$, with slope 1 | $u_k$ |
# | $x_d$ | all $\text{out}_k$, with slopes $W_{kd}$ | $\sum_k u_k\, W_{kd}$ |
#
# The last line is `upstream @ linear_jacobian(W)`.
#
# In a batch the *same* weights serve every example. That is fan-out again: the parts of all examples add up in $\partial L/\partial W$ and $\partial L/\partial b$. The rows of $X$ serve one example each, so their gradients stay apart.

# %% [markdown]
# Do it once by hand, with a ReLU behind the layer: three examples, two inputs, one output, `W = [[1, 2]]`, `b = [-2]`. The gradient with respect to the ReLU's output is given. A ReLU passes its upstream gradient on where `Z > 0` and stops it elsewhere: that is `dZ`. The first row is done.
#
# | `X` | `Z = X @ W.T + b` | upstream | `dZ` | its part of `dW` | its part of `db` | its row of `dX` |
# |---|---|---|---|---|---|---|
# | 1, 2 | 1·1 + 2·2 − 2 = 3 | 2 | 2 | 2·(1, 2) = (2, 4) | 2 | 2·(1, 2) = (2, 4) |
# | 3, −1 | ? | 5 | ? | ? | ? | ? |
# | 0, 4 | ? | −3 | ? | ? | ? | ? |

# %% [markdown]
# **Practice `trace_layer`** (no points). Return `Z`, `dZ`, `dW`, `db` and `dX` as arrays. `dW` and `db` are the sums of their columns. Mind the shapes.


# %% nbgrader={"grade_id": "trace_layer", "solution": true}
def trace_layer():
    """Return the table's results.

    Returns:
        Z (3, 1), dZ (3, 1), dW (1, 2), db (1,) and dX (3, 2), all float64, in this order.
    """
    ### BEGIN SOLUTION
    X, W, b = np.array([[1.0, 2.0], [3.0, -1.0], [0.0, 4.0]]), np.array([[1.0, 2.0]]), -2.0
    Z = X @ W.T + b
    dZ = np.array([[2.0], [5.0], [-3.0]]) * (Z > 0)
    return Z, dZ, dZ.T @ X, dZ.sum(axis=0), dZ @ W
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_trace_layer", "grade": true, "points": 0}
check("trace_layer", trace_layer)

# %%
predict("where_the_mean_is")

# %% [markdown]
# **Exercise `linear_backward`** (4 points). Write all three gradients for a batch. Each takes one expression. If you do not know which side to transpose, look at the shapes: `upstream` is `(N, out)`, and each result is shaped like its thing.


# %% nbgrader={"grade_id": "linear_backward", "solution": true}
def linear_backward(upstream, cache):
    """Go back through a linear layer.

    Must not change its arguments.

    Args:
        upstream: gradient of the loss with respect to the layer's output, float64, (N, out).
        cache: what linear_forward returned.

    Returns:
        dX (N, in), dW (out, in) and db (out,), float64, in this order.
    """
    ### BEGIN SOLUTION
    X, W = cache
    dX = upstream @ W
    dW = upstream.T @ X
    db = upstream.sum(axis=0)
    return dX, dW, db
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_linear_backward", "grade": true, "points": 4}
check("linear_backward", linear_backward)

# %% [markdown]
# What would have been the way through the Jacobian? Here it is for `dW` and five examples: a table with 5·4 rows and 4·3 columns. Its product with upstream must be your `dW`.

# %%
with when_written():
    X, u = rng.normal(size=(5, 3)), rng.normal(size=(5, 4))
    table = np.zeros((5, 4, 4, 3))  # d out[n, k] / d W[i, d]
    for n in range(5):
        for k in range(4):
            table[n, k, k] = X[n]
    yours = linear_backward(u, linear_forward(X, W, b)[1])[1]
    through = (u.reshape(20) @ table.reshape(20, 12)).reshape(4, 3)
    print("numbers in the Jacobian:", table.size, " zeros:", int(np.sum(table == 0)))
    print("numbers in dW:", yours.size, " gap:", f"{np.abs(through - yours).max():.0e}")

# %% [markdown]
# 240 numbers, 180 of them zeros, to find 12. One matrix product does the same.
#
# The lectures write the loss as a sum, as a mean, or for one example. This course takes the mean over the batch, and the $1/N$ is already in the upstream gradient that the loss hands down. What does that buy? Show the layer the same examples twice:

# %%
with when_written():
    y = np.array([0, 3, 1, 1, 2])
    for copies in (1, 2, 10):
        out, cache = linear_forward(np.tile(X, (copies, 1)), W, b)
        _, upstream = softmax_cross_entropy(out, np.tile(y, copies))
        grads = linear_backward(upstream, cache)
        print(f"{5 * copies:3} examples: dW[0] = {grads[1][0].round(6)}  db = {grads[2].round(4)}")

# %% [markdown]
# The gradient does not care. With a sum it would be twice and ten times as large, and every learning rate would have to change with the batch size.

# %% [markdown]
# ## 6. A ReLU layer
#
# *5 minutes.* The activation between two linear layers is a pair as well. Its Jacobian is diagonal, so going back is an elementwise product. L1 notes that $[z > 0]$ and $[\text{ReLU}(z) > 0]$ are the same: the cache may hold the input or the output.
#
# **Exercise `relu_forward`** (1 point).


# %% nbgrader={"grade_id": "relu_forward", "solution": true}
def relu_forward(Z):
    """Apply ReLU, max(0, z), to each element.

    Must not change its argument.

    Args:
        Z: inputs, float64, any shape.

    Returns:
        The output, float64, shaped like Z, and a cache of your choice for relu_backward.
    """
    ### BEGIN SOLUTION
    out = np.maximum(Z, 0)
    return out, Z
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_relu_forward", "grade": true, "points": 1}
check("relu_forward", relu_forward)

# %% [markdown]
# **Exercise `relu_backward`** (1 point). Where the input was exactly 0, nothing passes.


# %% nbgrader={"grade_id": "relu_backward", "solution": true}
def relu_backward(upstream, cache):
    """Go back through ReLU.

    Must not change its arguments.

    Args:
        upstream: gradient of the loss with respect to the output, float64, shaped like Z.
        cache: what relu_forward returned.

    Returns:
        dZ, the gradient with respect to Z, float64, shaped like Z.
    """
    ### BEGIN SOLUTION
    return upstream * (cache > 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_relu_backward", "grade": true, "points": 1}
check("relu_backward", relu_backward)

# %% [markdown]
# ## 7. A network
#
# *15 minutes.* A multi-layer perceptron (MLP) is L0's recursion: linear, ReLU, linear, ReLU, ..., linear. The last layer has **no** ReLU. Its outputs are the *logits*: scores that may be negative and go into the loss.
#
# The parameters are a list of pairs `(W, b)`, first layer first. This cell draws them. The factor $\sqrt{2/\text{in}}$ keeps the signals at one size from layer to layer.


# %%
def draw_params(sizes, rng):
    """Draw the parameters of an MLP, such as draw_params((64, 20, 10), rng)."""
    return [
        (rng.normal(0, np.sqrt(2 / n_in), size=(n_out, n_in)), np.zeros(n_out))
        for n_in, n_out in pairwise(sizes)
    ]


for W, b in draw_params((64, 20, 10), np.random.default_rng(0)):
    print("W", W.shape, " b", b.shape)

# %% [markdown]
# **Exercise `mlp_forward`** (2 points). Use `linear_forward` and `relu_forward`, and keep every layer's cache: the way back will need all of them. There may be any number of layers, also one.


# %% nbgrader={"grade_id": "mlp_forward", "solution": true}
def mlp_forward(params, X):
    """Run a batch through an MLP with ReLU between its layers.

    Must not change its arguments.

    Args:
        params: list of (W, b), first layer first; W (out, in) and b (out,), float64.
        X: inputs, float64, shape (N, in of the first layer).

    Returns:
        The logits, float64, shape (N, out of the last layer), and a cache for mlp_backward.
    """
    ### BEGIN SOLUTION
    A, cache = X, []
    last = len(params) - 1
    for i, (W, b) in enumerate(params):
        Z, linear_cache = linear_forward(A, W, b)
        A, relu_cache = relu_forward(Z) if i < last else (Z, None)
        cache.append((linear_cache, relu_cache))
    return A, cache
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_mlp_forward", "grade": true, "points": 2}
check("mlp_forward", mlp_forward)

# %%
predict("way_back")

# %% [markdown]
# **Exercise `mlp_backward`** (4 points). Walk the layers in reverse. Each one takes the upstream gradient, gives `dW` and `db`, and hands `dX` down: it is the upstream gradient of the layer before.


# %% nbgrader={"grade_id": "mlp_backward", "solution": true}
def mlp_backward(params, cache, dlogits):
    """Return the gradients of all parameters of an MLP.

    Must not change its arguments.

    Args:
        params: list of (W, b), as for mlp_forward.
        cache: what mlp_forward returned.
        dlogits: gradient of the loss with respect to the logits, float64, shaped like them.

    Returns:
        A list of (dW, db), first layer first, shaped like params.
    """
    ### BEGIN SOLUTION
    upstream, grads = dlogits, []
    for linear_cache, relu_cache in reversed(cache):
        if relu_cache is not None:
            upstream = relu_backward(upstream, relu_cache)
        upstream, dW, db = linear_backward(upstream, linear_cache)
        grads.append((dW, db))
    return grads[::-1]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_mlp_backward", "grade": true, "points": 4}
check("mlp_backward", mlp_backward)

# %% [markdown]
# ## 8. Is it right?
#
# *5 minutes.* The check says so, but on your own networks there will be no check. Measure instead. Put all parameters into one vector, nudge each number, and compare. These two functions pack and unpack.


# %%
def flatten(layers):
    """Put all arrays of a list of (W, b) into one vector."""
    return np.concatenate([part.ravel() for layer in layers for part in layer])


def unflatten(theta, like):
    """Cut a vector into a list of (W, b) with the shapes of `like`."""
    layers, start = [], 0
    for W, b in like:
        middle, end = start + W.size, start + W.size + b.size
        layers.append((theta[start:middle].reshape(W.shape), theta[middle:end]))
        start = end
    return layers


# %%
def network_loss(params, X, y):
    """Return the mean cross-entropy of the network on a batch."""
    return softmax_cross_entropy(mlp_forward(params, X)[0], y)[0]


def network_gradients(params, X, y):
    """Return the gradients of network_loss, by your backpropagation."""
    logits, cache = mlp_forward(params, X)
    return mlp_backward(params, cache, softmax_cross_entropy(logits, y)[1])


# %% [markdown]
# The check itself. All sizes differ, 7 examples and layers of 3, 5, 4 and 2, so that no wrong transpose can hide. The error is relative: the largest $|a - b| / (|a| + |b|)$. Below $10^{-7}$ is right, above $10^{-2}$ is wrong.


# %%
def compare_gradients(gradients, params, X, y):
    """Print the relative error of each gradient against central differences."""
    flat = numerical_gradient(lambda t: network_loss(unflatten(t, params), X, y), flatten(params))
    measured = unflatten(flat, params)
    for i, (mine, right) in enumerate(zip(gradients, measured, strict=True), start=1):
        errors = [relative_error(*pair) for pair in zip(mine, right, strict=True)]
        print(f"layer {i}:   dW {errors[0]:.0e}   db {errors[1]:.0e}")


rng = np.random.default_rng(5)
small = [(W, rng.normal(0, 0.3, b.shape)) for W, b in draw_params((3, 5, 4, 2), rng)]
X_small, y_small = rng.normal(size=(7, 3)), rng.integers(0, 2, size=7)
with when_written():
    compare_gradients(network_gradients(small, X_small, y_small), small, X_small, y_small)

# %% [markdown]
# All 54 parameters agree. Backpropagation needed one way forward and one back. The measurement needed 108 ways forward, two for each parameter. That is why it is a test and not a method: the network of the next section has 1510 parameters.

# %% [markdown]
# ## 9. Real digits
#
# *9 minutes.* The data are 1797 handwritten digits, 8 by 8 pixels, written by people (UCI). The split gives 1078 images to learn from. The others are *held out*, in two parts called validation and test: the network never learns from them.

# %%
digits = datasets.load_digits()
train, validation, test = datasets.split(digits)
X_train, X_val = train.X / 16, validation.X / 16  # pixels from 0 to 1
print("train", X_train.shape, " validation", X_val.shape, " test", test.X.shape)
first = train.X[:16].reshape(-1, 8, 8)
show(
    plots.image_board(first, [str(label) for label in train.y[:16]]),
    alt="Sixteen handwritten digits, each 8 by 8 grey pixels, with its label below.",
)

# %% [markdown]
# Full-batch gradient descent (L0 calls it vanilla) repeats four things: forward on *all* examples, loss, backward, one step against the gradient:
#
# $$W \leftarrow W - \text{lr}\,\frac{\partial L}{\partial W} \qquad b \leftarrow b - \text{lr}\,\frac{\partial L}{\partial b} \qquad\text{for every layer}$$

# %%
predict("loss_before_training")

# %% [markdown]
# **Exercise `train_digits`** (3 points). Write the loop. `softmax_cross_entropy(logits, y)` returns the loss and its gradient with respect to the logits. The check trains your network on digits whose pixels and classes have been shuffled, and counts how many images it reads that it has never seen. You need 90 %.


# %% nbgrader={"grade_id": "train_digits", "solution": true}
def train_digits(params, X, y, lr, steps):
    """Train an MLP by full-batch gradient descent on the mean softmax cross-entropy.

    Must not change its arguments.

    Args:
        params: first parameters, list of (W, b), float64.
        X: images, float64, shape (N, 64), pixels from 0 to 1.
        y: labels, int64, shape (N,).
        lr: learning rate, a number.
        steps: number of updates; each uses all N images.

    Returns:
        The trained parameters, a list of (W, b) shaped like params.
    """
    ### BEGIN SOLUTION
    from downslope.losses import softmax_cross_entropy

    for _ in range(steps):
        logits, cache = mlp_forward(params, X)
        _, dlogits = softmax_cross_entropy(logits, y)
        grads = mlp_backward(params, cache, dlogits)
        both = zip(params, grads, strict=True)
        params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in both]
    return params
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_train_digits", "grade": true, "points": 3}
check("train_digits", train_digits)

# %% [markdown]
# Now train, 20 updates at a time, and look at the loss on both sets. It takes a second.


# %%
def accuracy(params, X, y):
    """Return the share of examples whose highest logit is that of the true class."""
    return np.mean(mlp_forward(params, X)[0].argmax(axis=1) == y)


# %%
params, losses = draw_params((64, 20, 10), np.random.default_rng(0)), {"train": [], "held out": []}
with when_written():
    for _ in range(16):
        losses["train"].append(network_loss(params, X_train, train.y))
        losses["held out"].append(network_loss(params, X_val, validation.y))
        params = train_digits(params, X_train, train.y, 0.5, 20)
    print(f"held-out accuracy: {accuracy(params, X_val, validation.y):.1%}")
    ax = plots.curves(losses, x=np.arange(0, 320, 20), xlabel="update", ylabel="loss")
    show(
        ax,
        alt="Loss on the training and the held-out digits over 300 updates. Both start near 2.5 "
        "and fall together to 0.4 within 40 updates. Then the training loss goes on falling to "
        "0.06, while the held-out loss stays near 0.15.",
    )

# %% [markdown]
# Which digits are still misread? Look whether you would have read them.

# %%
with when_written():
    read = mlp_forward(params, X_val)[0].argmax(axis=1)
    show(
        plots.misread(validation.X, validation.y, read),
        alt="The held-out digits that the network misreads, each with its label and what the "
        "network reads. Several are hard for people as well.",
    )

# %% [markdown]
# That is your own network: no library computed a gradient here. Why these sizes and this rate? Nobody knows beforehand. 08 is about such choices. The test set waits until 09, where it is used once.

# %% [markdown]
# ## 10. A bug hunt
#
# *7 minutes.* A colleague has packed forward and backward into one short function. It has a fault. Do not read it closely yet.


# %%
def suspect_gradients(params, X, dlogits):
    """Gradients of all layers, says its author."""
    inputs = [X]
    for W, b in params[:-1]:
        inputs.append(np.maximum(inputs[-1] @ W.T + b, 0))
    grads, upstream = [], dlogits
    for (W, _), A in zip(params[::-1], inputs[::-1], strict=True):
        grads.append((upstream.T @ A, upstream.mean(axis=0)))
        upstream = (upstream @ W) * (A > 0)
    return grads[::-1]


# %%
predict("loss_of_the_suspect_network")


# %%
def losses_of(gradients, params, steps, lr):
    """Train on the digits with somebody's gradients and return the training losses."""
    found = []
    for _ in range(steps):
        loss, dlogits = softmax_cross_entropy(mlp_forward(params, X_train)[0], train.y)
        found.append(loss)
        grads = gradients(params, X_train, dlogits)
        both = zip(params, grads, strict=True)
        params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in both]
    return found


def right_gradients(params, X, dlogits):
    """Yours, with the arguments of the suspect."""
    return mlp_backward(params, mlp_forward(params, X)[1], dlogits)


# %%
with when_written():
    begin = draw_params((64, 20, 10), np.random.default_rng(1))
    series = {"yours": losses_of(right_gradients, begin, 100, 0.5)}
    series["suspect"] = losses_of(suspect_gradients, begin, 100, 0.5)
    show(
        plots.curves(series, xlabel="update", ylabel="training loss"),
        alt="Training loss over 100 updates with right gradients and with those of the suspect. "
        "The two curves nearly agree; in between the suspect is even a little lower.",
    )

# %% [markdown]
# No curve betrays it: for a while the suspect's is even the lower one. So check the gradients, array by array. Which arrays are wrong, in which layers?

# %%
with when_written():
    _, dlogits = softmax_cross_entropy(mlp_forward(small, X_small)[0], y_small)
    theirs = suspect_gradients(small, X_small, dlogits)
    compare_gradients(theirs, small, X_small, y_small)
    mine = network_gradients(small, X_small, y_small)
    print("last db, yours over theirs:", (mine[-1][1] / theirs[-1][1]).round(4))

# %% [markdown]
# **Practice `repaired_gradients`** (no points). One kind of array is wrong in every layer, and by the same factor everywhere. There are 7 examples. Now read the suspect, find the fault, and write the repaired function. Change as little as you can.


# %% nbgrader={"grade_id": "repaired_gradients", "solution": true}
def repaired_gradients(params, X, dlogits):
    """Return the gradients of an MLP: the suspect, repaired.

    Must not change its arguments.

    Args:
        params: list of (W, b), first layer first.
        X: inputs, float64, shape (N, in).
        dlogits: gradient of the loss with respect to the logits, float64, (N, out).

    Returns:
        A list of (dW, db), first layer first, shaped like params.
    """
    ### BEGIN SOLUTION
    inputs = [X]
    for W, b in params[:-1]:
        inputs.append(np.maximum(inputs[-1] @ W.T + b, 0))
    grads, upstream = [], dlogits
    for (W, _), A in zip(params[::-1], inputs[::-1], strict=True):
        grads.append((upstream.T @ A, upstream.sum(axis=0)))
        upstream = (upstream @ W) * (A > 0)
    return grads[::-1]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_repaired_gradients", "grade": true, "points": 0}
check("repaired_gradients", repaired_gradients)

# %% [markdown]
# The factor names the fault: a ratio of exactly $N$ means that somebody divided by the batch size once more. The mean belongs to the loss, and only to it. Keep the habit: one gradient check for each *array*, with sizes that all differ, before you train.

# %% [markdown]
# ## 11. The surface
#
# *5 minutes.* What does the loss of a network look like? It lives in as many dimensions as there are parameters. One can cut a plane through it: two random directions, each scaled to the length of the weights (Li et al., 2018). We take a small network with two inputs, eight hidden units and two outputs, written 2-8-2. Its data are two half moons.

# %%
predict("shape_of_the_surface")

# %%
moons = datasets.two_moons(120, np.random.default_rng(2))


def moons_plane():
    """Train a small network and cut a plane through it; its slopes are your gradients."""
    trained = draw_params((2, 8, 2), np.random.default_rng(3))
    trained = train_digits(trained, moons.X, moons.y, 0.5, 400)
    return landscapes.loss_plane(
        lambda t: network_loss(unflatten(t, trained), moons.X, moons.y),
        flatten(trained),
        np.random.default_rng(4),
        blocks=landscapes.filter_blocks([part.shape for layer in trained for part in layer]),
        gradient=lambda t: flatten(network_gradients(unflatten(t, trained), moons.X, moons.y)),
        window=((-1.5, 1.5), (-1.5, 1.5)),
        name="loss of a 2-8-2 network",
    )


# %%
with when_written():
    show(
        plots.loss_plane(moons_plane()),
        alt="Contours of a small network's loss over two random directions, the trained network "
        "in the middle. The low region is a bent valley; the contours are not ellipses.",
    )

# %% [markdown]
# This is no bowl: the valley is bent, and its walls are not equally steep. Walk on it. The picture computes every step with *your* backpropagation, projected on the plane. Move the learning rate: where does descent begin to jump?


# %%
def gradient_descent_step(theta, grad, lr):
    """Move against the gradient."""
    return theta - lr * grad


with when_written():
    walk = {"gradient descent": gradient_descent_step}
    display(widgets.explore_steps(moons_plane(), walk, lr=(0.01, 3.0), steps=40))

# %% [markdown]
# ## 12. In words
#
# *12 minutes with the quiz.* **A question in words** (3 points, read by a person). A classmate asks: "For a linear layer, why is `dW = upstream.T @ X`? Why do we *sum* over the batch, although the loss is a *mean*? And why do we not just build the Jacobian?" Answer all three in five to eight sentences. Give the chain rule for one weight $W_{kd}$.

# %% [markdown] nbgrader={"grade_id": "explain_linear_backward", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# For one example the output k is the sum of W_kd x_d over d, plus b_k. So W_kd touches only output k, with slope x_d, and the chain rule gives u_k x_d, where u_k is the upstream gradient of that output. In a batch the same weight is used by every example, and the parts of a value that is used several times add up: the gradient of W_kd is the sum over n of u_nk x_nd. Rows of the result belong to outputs, columns to inputs, and the sum runs over examples: that is upstream.T @ X. The mean of the loss is not forgotten. Its 1/N was put into upstream when the loss was differentiated, so dividing again would make the gradient too small by a factor N. The full Jacobian of the layer for W has N · out rows and out · in columns, nearly all of them zero, because W_kd has no influence on the other outputs. For our digits that is 27.6 million numbers, to get at 1280. The product upstream times Jacobian can be computed directly, and this product is all that backpropagation needs.
#
# ### BEGIN MARK SCHEME
# 1 point: the chain rule for one weight, u_k x_d (for a batch: the sum over n of u_nk x_nd), and that this is upstream.T @ X. Shapes alone ("it has to fit") give half a point.
#
# 1 point: the sum comes from the shared weight (fan-out), and the 1/N of the mean is already in upstream. One of the two gives half a point.
#
# 1 point: the Jacobian is huge or mostly zero (a size or a reason is needed, "too slow" alone gives half a point), and only its product with upstream is wanted.
# ### END MARK SCHEME
# ### END SOLUTION

# %% [markdown]
# ### Quiz
#
# Eight questions over the whole notebook. They give no points. Every answer, right or wrong, gets a reply.

# %%
quiz("diagonal_or_dense")

# %%
quiz("relu_at_zero")

# %%
quiz("shape_of_a_gradient")

# %%
quiz("softmax_jacobian_number")

# %%
quiz("sum_over_the_batch")

# %%
quiz("cache_of_relu")

# %%
quiz("cost_of_checking")

# %%
quiz("dead_network")

# %% [markdown]
# ## What you can do now
#
# - Say which steps of a network have a diagonal Jacobian and which a dense one, and write both down.
# - Say why nobody forms them, with a size.
# - Write a layer as a pair of functions, forward and backward, for a whole batch.
# - Derive each gradient from one component, and find the transposes from the shapes.
# - Run a gradient check on a whole network, and read a fault from the ratio.
# - Train a network of your own on real data, and judge it on data that it has not seen.
#
# Next comes 04_sgd: here every update looked at all examples, there it looks at a few.
#
# The next cell shows how far you are.

# %%
progress("03_vector_backprop")
