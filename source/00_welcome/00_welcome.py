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
# # Start here
#
# In this course you write the training of neural networks yourself, with NumPy, piece by piece. This notebook shows how the notebooks work. Then it recalls three things that all others need: shapes, activation functions, and what a network computes.
#
# It takes about 60 minutes. It gives 10 points.
#
# | section | minutes | exercises (points) |
# |---|---|---|
# | 1. Is everything in place? | 4 | |
# | 2. How an exercise works | 5 | `first_function` (practice) |
# | 3. Shapes and broadcasting | 8 | `pairwise_differences` (2) |
# | 4. A trap | 10 | `repaired_mean_squared_error` (practice), a question in words (2) |
# | 5. Activation functions | 11 | `activations` (3) |
# | 6. What a network computes | 17 | `affine` (3), `trace_network` (practice) |
# | 7. Quiz and what you can do now | 5 | |
#
# The course follows five lectures: *Neural Networks* (L0), *Training Neural Networks* (L1), *Optimization* (L2), *Gradient descent in practice* (L3) and *Parameter updates* (L4). You need none of them at hand.

# %% [markdown]
# ## The ten notebooks
#
# Do them in this order: each uses what the ones before it explain. Texts call a notebook by its number: 04 is 04_sgd.
#
# | notebook | what it is about | minutes | points |
# |---|---|---|---|
# | 00_welcome | how the notebooks work, and what a network computes | 60 | 10 |
# | 01_gradients | how wrong a model is, and the way downhill | 135 | 25 |
# | 02_scalar_backprop | all slopes of a formula in one sweep | 95 | 20 |
# | 03_vector_backprop | the same with arrays; a network that reads digits | 105 | 25 |
# | 04_sgd | learning from a few examples at a time | 105 | 20 |
# | 05_momentum | steps with a memory | 95 | 20 |
# | 06_adaptive_methods | a step size for each parameter, up to Adam | 90 | 20 |
# | 07_schedules | step sizes that change during a run | 100 | 20 |
# | 08_tuning | choosing settings, and knowing how good they are | 100 | 20 |
# | 09_capstone | your own training, from nothing, on two tasks | 130 | 20 |
# | all | | 1015 | 200 |
#
# That is about 17 hours. The minutes hold for reading, writing and trying things out; take more where you need it.

# %% [markdown]
# ## 1. Is everything in place?
#
# *4 minutes.* Click on the next cell and press Shift+Enter. It loads NumPy and the course's helper package.

# %% nbgrader={"grade_id": "setup", "locked": true}
import sys
from importlib.metadata import version

import numpy as np

from downslope import check, hint, plots, predict, progress, quiz, show, when_written, widgets
from downslope.widgets.widths import fitted, target

# %% [markdown]
# A doctor looks at your machine. Every line should say *well*.

# %%
drawn = np.random.default_rng(2026).integers(0, 1000, 4).tolist()
wanted = {"numpy": (2, 1), "matplotlib": (3, 10), "ipywidgets": (8, 1)}
findings = {f"Python {sys.version.split()[0]}": sys.version_info >= (3, 11)}
for name, oldest in wanted.items():
    found = version(name)
    findings[f"{name} {found}"] = tuple(map(int, found.split(".")[:2])) >= oldest
findings[f"random numbers {drawn}"] = drawn == [851, 178, 26, 639]
for what, fine in findings.items():
    print(f"{'well ' if fine else 'LOOK '} {what}")

# %% [markdown]
# What to do when a line says LOOK:
#
# - *Python* or a package is too old, or the first cell ended with an error: install the course's environment as its README says. Then choose its kernel, the program that runs your cells, in the menu *Kernel*.
# - *random numbers*: your NumPy draws other numbers. Some numbers in the text will then differ from yours. Your answers are checked all the same.
#
# If a slider does not move later on: choose *Kernel → Restart* and run the cells from the top. Checks and all other pictures work without sliders.
#
# Cells share one memory. If results look impossible, restart and run everything from the top. That is also how your notebook is graded.

# %% [markdown]
# ## 2. How an exercise works
#
# *5 minutes.* An exercise is a cell with a function to fill in. Its description says what goes in and what comes out. Below it stands a check that you cannot change.
#
# **Practice `first_function`** (no points). Run the two cells as they are: the check says that there is still something to do. Then write `return a + 2 * b` and run both again. That is wrong on purpose: read what the check says. Then make it right.


# %% nbgrader={"grade_id": "first_function", "solution": true}
def first_function(a, b):
    """Return two times a, plus b.

    Args:
        a, b: numbers.

    Returns:
        A number in which a counts twice and b once.
    """
    ### BEGIN SOLUTION
    return 2 * a + b
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_first_function", "grade": true, "points": 0}
check("first_function", first_function)

# %% [markdown]
# A check calls your function with several inputs and compares the numbers. If they are those of a well-known mistake, it says which one. It gives no solution away, and you may run it as often as you like.
#
# Every exercise has three hints, from a nudge to nearly the answer. Run the next cell three times.

# %%
hint("first_function")

# %% [markdown]
# When you hand in, your function is called again, with other inputs, drawn for you alone. So knowing the visible numbers by heart does not help.
#
# Some cells ask for a prediction before you see a result. Answer honestly, then look. A wrong prediction teaches more than a picture that one only nods at. The first one comes soon.

# %% [markdown]
# ## 3. Shapes and broadcasting
#
# *8 minutes.* A NumPy array has a shape: `(3,)` is a row of 3 numbers, `(3, 1)` a table with 3 rows and 1 column. It also has a type: `float64` is a number with about 16 digits. Elementwise operations want equal shapes, with one exception, *broadcasting*: NumPy compares the shapes from the right, and an axis of length 1, or a missing one, is stretched.

# %%
predict("shape_of_row_plus_column")

# %%
a, b = np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0, 40.0])
column = a[:, None]
print("a", a.shape, "  b", b.shape, "  a[:, None]", column.shape)
print(column + b)

# %% [markdown]
# `a[:, None]` has the shape `(3, 1)`. Its column is stretched to 4 columns, the row `b` to 3 rows, and every number of `a` meets every number of `b`.
#
# | left | right | result | why |
# |---|---|---|---|
# | `(3, 1)` | `(4,)` | `(3, 4)` | 1 is stretched to 4, the missing axis to 3 |
# | `(5, 3)` | `(3,)` | `(5, 3)` | the row is added to every row |
# | `(5, 3)` | `(5,)` | error | 3 against 5, and neither is 1 |
# | `(5, 3)` | `(5, 1)` | `(5, 3)` | the column is added to every column |

# %% [markdown]
# **Exercise `pairwise_differences`** (2 points). No loop is needed.


# %% nbgrader={"grade_id": "pairwise_differences", "solution": true}
def pairwise_differences(a, b):
    """Subtract every number of b from every number of a.

    Must not change its arguments.

    Args:
        a: float64, shape (N,).
        b: float64, shape (M,).

    Returns:
        Shape (N, M); entry [i, j] is a[i] - b[j].
    """
    ### BEGIN SOLUTION
    return a[:, None] - b
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_pairwise_differences", "grade": true, "points": 2}
check("pairwise_differences", pairwise_differences)

# %% [markdown]
# ## 4. A trap
#
# *10 minutes.* Broadcasting never complains when it *can* stretch. That makes it dangerous. A colleague computes the mean squared error between predictions and targets. Such a number is called a *loss*: it says how wrong a model is, and 0 would be perfect.


# %%
def suspect_mean_squared_error(prediction, target):
    """Mean of the squared errors, says its author."""
    return np.mean((prediction - target) ** 2)


# %% [markdown]
# The model is perfect here: each prediction equals its target. But the predictions come out of a network as a column `(4, 1)`, and the targets are a row `(4,)`.

# %%
predict("loss_of_a_perfect_model")

# %%
targets = np.array([1.0, 2.0, 3.0, 4.0])
predictions = targets[:, None]
print("loss:", suspect_mean_squared_error(predictions, targets))
print("shape of the errors:", (predictions - targets).shape)

# %% [markdown]
# Every prediction met every target: 16 errors instead of 4. The loss of a perfect model is 2.5, and training with it pulls all predictions towards the mean of the targets. Nothing fails and no message appears. Look at the table of errors: only the diagonal is what we wanted.

# %%
print(predictions - targets)

# %% [markdown]
# **Practice `repaired_mean_squared_error`** (no points). Repair the function so that it is right for rows and for columns, in any mixture. Change as little as you can. `x.ravel()` gives the numbers of `x` as a row.


# %% nbgrader={"grade_id": "repaired_mean_squared_error", "solution": true}
def repaired_mean_squared_error(prediction, target):
    """Return the mean squared error.

    Must not change its arguments.

    Args:
        prediction, target: float64, each of shape (N,) or (N, 1).

    Returns:
        A number.
    """
    ### BEGIN SOLUTION
    return np.mean((prediction.ravel() - target.ravel()) ** 2)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_repaired_mean_squared_error", "grade": true, "points": 0}
check("repaired_mean_squared_error", repaired_mean_squared_error)

# %% [markdown]
# **A question in words** (2 points, read by a person). A friend trains a network for prices. The loss falls a little and then stays where it is, and all predictions become nearly equal. The predictions have the shape `(N, 1)`, the targets `(N,)`. Explain in three to five sentences what happens, why there is no error message, and one line that would have shown it at once.

# %% [markdown] nbgrader={"grade_id": "silent_broadcast", "grade": true, "solution": true, "points": 2}
# ### BEGIN SOLUTION
# NumPy compares `(N, 1)` with `(N,)` from the right: the 1 is stretched to N, and the missing axis too, so the difference has the shape `(N, N)`. Each prediction is compared with every target. The best answer to all targets at once is their mean, so all predictions move there and the loss stays near the variance of the targets. There is no message because stretching an axis of length 1 is exactly what broadcasting is for. The line `assert prediction.shape == target.shape` before the subtraction would have stopped the program, and printing `(prediction - target).shape` would have shown `(N, N)`.
#
# ### BEGIN MARK SCHEME
# 1 point: the difference has the shape (N, N), so every prediction meets every target (half), and this pulls the predictions towards the mean of the targets (half).
#
# 1 point: no message because broadcasting is allowed to stretch an axis of length 1 (half), and a line that compares or prints shapes (half). A line that only repairs, such as ravel(), gives no half point for showing it.
# ### END MARK SCHEME
# ### END SOLUTION

# %% [markdown]
# ## 5. Activation functions
#
# *11 minutes.* L0 recalls five functions that stand between the layers of a network. They work on each number by itself:
#
# | name | formula |
# |---|---|
# | sigmoid | $\sigma(z) = 1 / (1 + e^{-z})$ |
# | tanh | $(e^z - e^{-z}) / (e^z + e^{-z})$ |
# | ReLU | $\max(0, z)$ |
# | leaky ReLU | $z$ if $z > 0$, else $0.01\,z$ |
# | ELU | $z$ if $z > 0$, else $e^z - 1$ |
#
# Computers have a largest number, about $10^{308}$. What happens to the second formula at $z = 1000$?

# %%
predict("tanh_as_written")

# %%
z = np.array([0.5, 1000.0])
with np.errstate(all="ignore"):
    print("tanh as written:", (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)))
print("np.tanh:        ", np.tanh(z))

# %% [markdown]
# Infinity divided by infinity is `nan`, *not a number*. It spreads through everything that it touches. So choose forms that only take the exponential of negative numbers. For the sigmoid, $\frac{1}{1 + e^{-z}}$ is such a form where $z \ge 0$, and the equal $\frac{e^z}{1 + e^z}$ where $z < 0$.

# %% [markdown]
# **Exercise `activations`** (3 points). `np.where(z > 0, x, y)` takes `x` where the condition holds and `y` elsewhere; both are computed everywhere.


# %% nbgrader={"grade_id": "activations", "solution": true}
def activations(z):
    """Apply five activation functions.

    Must not change its argument, and must not overflow: z may be as large as 1000 or -1000.

    Args:
        z: float64, of any shape.

    Returns:
        A dict with the keys sigmoid, tanh, relu, leaky_relu (slope 0.01) and elu (alpha 1); each
        value is an array of the shape of z.
    """
    ### BEGIN SOLUTION
    small = np.exp(-np.abs(z))
    return {
        "sigmoid": np.where(z >= 0, 1, small) / (1 + small),
        "tanh": np.tanh(z),
        "relu": np.maximum(z, 0),
        "leaky_relu": np.where(z > 0, z, 0.01 * z),
        "elu": np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_activations", "grade": true, "points": 3}
check("activations", activations)

# %% [markdown]
# One question before you look at yours. It matters where a function is flat: a small change of its input changes nothing there, so nothing can be learned from it.

# %%
predict("flat_far_left")

# %% [markdown]
# Here are yours. Which of them are bounded? Which of them are flat where?

# %%
with when_written():
    z = np.linspace(-3, 3, 241)
    ax = plots.curves(activations(z), x=z, xlabel="z", ylabel="activation")
    show(
        ax,
        alt="Five activation functions from -3 to 3. Sigmoid rises from 0 to 1, tanh from -1 to "
        "1. ReLU is 0 on the left and z on the right; leaky ReLU falls a little on the left, ELU "
        "bends towards -1.",
    )

# %% [markdown]
# Sigmoid and tanh are bounded on both sides, and flat far out. ReLU is flat on the whole left side. ELU bends there and becomes flat only far out. Leaky ReLU alone keeps the same slope, 0.01, however far to the left you go. 02 and 03 come back to these slopes.

# %% [markdown]
# ## 6. What a network computes
#
# *17 minutes.* A layer multiplies by a matrix, adds a bias and applies an activation. L0 writes the layers of a network as
#
# $$f_1(x) = \sigma(W_1 x + b_1) \qquad f_2(x) = \sigma(W_2 f_1(x) + b_2) \qquad \dots \qquad f_M(x) = W_M f_{M-1}(x) + b_M$$
#
# The last layer has no activation. Each number that a layer gives is called a *unit*; those of all layers but the last are *hidden* units. All weights $W$ and biases $b$ together are the parameters $\theta$. Training means to find those with the least loss.
#
# L0's $x$ is one column. We work on $N$ examples at once, a *batch*, one a row: `X` has the shape `(N, in)`, `W` the shape `(out, in)` as in $Wx$, and `b` the shape `(out,)`. Then row $n$ of the result is $W x_n + b$.

# %% [markdown]
# **Exercise `affine`** (3 points). $Wx + b$ is called affine. `A @ B` multiplies matrices, `A.T` is the transpose. Write down the shapes before you write the line.


# %% nbgrader={"grade_id": "affine", "solution": true}
def affine(X, W, b):
    """Apply the affine part of a layer to a batch.

    Must not change its arguments.

    Args:
        X: one example a row, float64, shape (N, in).
        W: weights, float64, shape (out, in).
        b: bias, float64, shape (out,).

    Returns:
        Shape (N, out); row n is W x_n + b.
    """
    ### BEGIN SOLUTION
    return X @ W.T + b
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_affine", "grade": true, "points": 3}
check("affine", affine)

# %% [markdown]
# Follow a small network by hand once. It has one input, three ReLU units and one output:
#
# $$z = (x - 1,\; -x,\; 2x - 5) \qquad h = \text{ReLU}(z) \qquad \text{out} = 3 h_1 + 2 h_2 + h_3 - 1$$
#
# | $x$ | $z$ | $h$ | out |
# |---|---|---|---|
# | 2 | 1, −2, −1 | 1, 0, 0 | 3·1 + 2·0 + 0 − 1 = 2 |
# | −3 | ? | ? | ? |
# | 4 | ? | ? | ? |

# %% [markdown]
# **Practice `trace_network`** (no points). Return the three columns for all three rows of the table, with the numbers typed in: `z = [[1, -2, -1], [..., ..., ...], [..., ..., ...]]`.


# %% nbgrader={"grade_id": "trace_network", "solution": true}
def trace_network():
    """Return the columns of the table.

    Returns:
        z, shape (3, 3), one row for each x; h, shape (3, 3); out, shape (3,). Lists are fine too.
    """
    ### BEGIN SOLUTION
    x = np.array([[2.0], [-3.0], [4.0]])
    z = x * [1.0, -1.0, 2.0] + [-1.0, 0.0, -5.0]
    h = np.maximum(z, 0.0)
    return z, h, h @ [3.0, 2.0, 1.0] - 1.0
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_trace_network", "grade": true, "points": 0}
check("trace_network", trace_network)

# %% [markdown]
# ### How much can two layers do?
#
# The *universal approximation theorem* (L0) speaks of a network with one hidden layer, $A\,\sigma(Wx + b)$. For any continuous function $f$ on a bounded, closed region $K$, and any $\varepsilon > 0$, there are a width, $W$, $b$ and $A$ with
#
# $$\sup_{x \in K} \lVert f(x) - A\,\sigma(Wx + b) \rVert < \varepsilon$$
#
# In words: the *largest* gap can be made as small as you like, if the hidden layer is wide enough.
#
# The next picture fits such a network to a curve, with your activations. $W$ and $b$ are drawn at random, and $A$, with an offset, is the best there is.

# %%
predict("three_units_look_like")

# %%
widgets.explore_width(activations)

# %% [markdown]
# Move the first slider with the mouse or the arrow keys. With 3 ReLU units the network has three kinks. With 20 it follows the curve, with 80 you hardly see a gap. Try other activations, and another random draw of $W$ and $b$.

# %%
predict("which_unit_is_best_here")

# %% [markdown]
# Now the largest gap against the width, for three of your activations. The axis of the gap is logarithmic. Look at what a doubled width buys.

# %%
with when_written():
    x, widths = np.linspace(-1, 1, 401), np.array([2, 4, 8, 16, 32, 64])
    gaps = {
        unit: [np.abs(fitted(n, unit, 1, activations) - target(x)).max() for n in widths]
        for unit in ("relu", "elu", "tanh")
    }
    ax = plots.curves(gaps, x=widths, xlabel="hidden units", ylabel="largest gap", logy=True)
    show(
        ax,
        alt="Largest gap between network and curve against the number of hidden units, "
        "logarithmic. All three fall; tanh falls fastest, ReLU slowest.",
    )

# %% [markdown]
# All three gaps fall, but not alike. A smooth curve is best followed by smooth units: with 64 of them, tanh comes more than a million times closer than ReLU, whose pieces are straight. The theorem holds for all of them.
#
# It promises that good weights *exist*. It does not say how many units are enough, nor how to find the weights. Here the inner weights were drawn at random and many were wasted. Finding good ones is called training, and it is the subject of this course.

# %% [markdown]
# ## 7. Quiz
#
# *5 minutes.* Five questions. They give no points. Every answer, right or wrong, gets a reply.

# %%
quiz("shape_of_a_layer")

# %%
quiz("bias_for_every_row")

# %%
quiz("no_activation_at_all")

# %%
quiz("what_the_theorem_promises")

# %%
quiz("bounded_activations")

# %% [markdown]
# ## What you can do now
#
# - Run a notebook from the top, fill in an exercise, read its check, and ask for hints.
# - Predict the shape of a broadcast operation, and find the error that it can hide.
# - Write five activation functions that survive large numbers.
# - Compute a layer for a whole batch, and say what a network computes.
# - Say what the universal approximation theorem promises and what it does not.
#
# Add cells of your own wherever you like; they are not graded. To hand in, save the notebook.
#
# Next comes 01_gradients: what it means to be wrong, and which way leads down.
#
# The next cell shows how far you are.

# %%
progress("00_welcome")
