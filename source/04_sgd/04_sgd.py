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
# # Batches, noise and scaling
#
# Until now every update looked at all examples. In this notebook it looks at a few. You write mini-batch descent, predict how noisy its gradients are, and find out what the noise costs and what it is good for. You measure on your own machine which batch size is fastest. At the end you bring real features to one scale, and see how a scaler can leak.
#
# The notebook takes about 105 minutes. It gives 20 points.
#
# | section | minutes | exercises (points) |
# |---|---|---|
# | 1. Why not all examples? | 5 | |
# | 2. One pass through the data | 14 | `iterations_per_epoch` (1), `minibatches` (3) |
# | 3. The gradient of a batch | 10 | `minibatch_gradient` (1), `sgd_step` (1) |
# | 4. The loop | 14 | `trace_epoch` (practice), `sgd` (4) |
# | 5. How noisy is it? | 13 | `gradient_variance` (3) |
# | 6. The noise does not end | 6 | |
# | 7. What noise is good for | 6 | |
# | 8. Which batch size is fastest? | 14 | a table read in words (4) |
# | 9. Features on different scales | 12 | `fit_scaler` (2), `apply_scaler` (1) |
# | 10. The leak | 5 | |
# | 11. A bug hunt | 6 | `repaired_sgd` (practice) |
# | 12. Quiz and what you can do now | 5 | |
#
# L0 to L4 are the five lectures of the course. You need 01; section 9 uses a network as in 03, but you need not have written it. You need no lecture at hand.

# %% [markdown]
# Run the next cell first. It loads NumPy and the course's helper package.

# %% nbgrader={"grade_id": "setup", "locked": true}
import time

import matplotlib.pyplot as plt
import numpy as np

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
from downslope.losses import l2_loss
from downslope.networks import MLP
from downslope.stepping import trajectory

# %% [markdown]
# ## 1. Why not all examples?
#
# *5 minutes.* The loss of the training data is a mean over $N$ examples. So is its gradient:
#
# $$L(\theta) = \frac{1}{N}\sum_{i=1}^{N} \ell_i(\theta) \qquad\qquad \nabla L(\theta) = \frac{1}{N}\sum_{i=1}^{N} \nabla \ell_i(\theta)$$
#
# A mean can be estimated from a sample. L0 takes a small set of examples $\mathcal{B}$, the **mini-batch**, and updates with its mean gradient. L0 gives the reason: more frequent updates. These are the names in L0, L1 and L2:
#
# | name | examples in an update |
# |---|---|
# | full batch (standard, deterministic) | all $N$ |
# | mini-batch | $1 < \lvert\mathcal{B}\rvert < N$, in L2 typically a power of 2 between 8 and 512 |
# | stochastic, online | 1 |
#
# All three together are called **SGD**, stochastic gradient descent. L3 says it bluntly: "we do not really minimize the total loss".

# %%
predict("twenty_examples")

# %% [markdown]
# We begin with a small problem: 64 noisy points near a line. The parameters are slope and height, the loss of an example is half the squared error. The column of ones in `X` makes the height a parameter like any other. Compare the two gradients at the best line.

# %%
rng = np.random.default_rng(0)
x = rng.uniform(-1, 2, 64)
X = np.column_stack([x, np.ones(64)])
y = 1.5 * x + 0.5 + 0.6 * rng.standard_normal(64)


def line_gradient(theta, X, y):
    """Mean gradient over the rows of X of half the squared error, shape (2,)."""
    return (X @ theta - y) @ X / len(y)


best_line = np.linalg.lstsq(X, y)[0]
print("least squares:", best_line.round(3))
print("gradient there, all 64: ", line_gradient(best_line, X, y).round(3))
print("gradient there, first 4:", line_gradient(best_line, X[:4], y[:4]).round(3))

# %% [markdown]
# At the minimum the gradient of all examples is 0. That of four of them is not. This difference is the **noise** of the gradient, and it is the subject of this notebook.
#
# Every gradient function here has this form: `grad_fn(theta, X, y)` takes examples and returns the *mean* gradient over them.

# %% [markdown]
# ## 2. One pass through the data
#
# *14 minutes.* L0 wants every example to have an equal opportunity. L1 says how: generate a random permutation and split it into chunks. L3 picks the first batch, the second, until all have been picked. One such pass is an **epoch**.
#
# How many updates does an epoch have? As many as there are batches, and the last one may be short:
#
# $$\left\lceil \frac{N}{\lvert\mathcal{B}\rvert} \right\rceil \qquad \text{rounded up (L0)}$$

# %% [markdown]
# **Exercise `iterations_per_epoch`** (1 point). Python's `//` rounds down. `math.ceil` rounds up, and there are ways without it.


# %% nbgrader={"grade_id": "iterations_per_epoch", "solution": true}
def iterations_per_epoch(n, batch_size):
    """Return the number of updates of one epoch; a short last batch counts as one.

    Args:
        n: number of examples, an int, at least 1.
        batch_size: examples in a batch, an int, at least 1; it may be larger than n.

    Returns:
        A whole number.
    """
    ### BEGIN SOLUTION
    return -(-n // batch_size)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_iterations_per_epoch", "grade": true, "points": 1}
check("iterations_per_epoch", iterations_per_epoch)

# %% [markdown]
# Every exercise has three hints. The next cell shows the first one; run it again for the second. For other exercises, change the name.

# %%
hint("iterations_per_epoch")

# %% [markdown]
# Now the batches themselves. L0 writes the order as $\pi_1, \dots, \pi_N$. In iteration $i$ it uses the indices
#
# $$\{\pi_i, \pi_{i+1}, \dots, \pi_{i+\lvert\mathcal{B}\rvert-1}\}$$
#
# Take this literally for six examples in the order 4, 1, 6, 3, 2, 5 and batches of 2. What happens in the three iterations of an epoch?

# %%
predict("windows_taken_literally")

# %% [markdown]
# The columns are the examples, counted from 0. The numbers say in which batch an example has its turn. Look for examples that come twice, and for empty boxes.

# %%
order = np.array([4, 1, 6, 3, 2, 5]) - 1  # NumPy counts from 0
literal = [order[i : i + 2] for i in range(3)]
meant = [order[i : i + 2] for i in range(0, 6, 2)]
show(
    plots.batch_board({"taken literally": literal, "what is meant": meant}, 6),
    alt="Six examples and three batches, twice. Taken literally, examples 0 and 5 are in two "
    "batches and examples 1 and 4 in none. What is meant: each example is in one batch.",
)

# %% [markdown]
# Literally, each window begins one place after the one before: two examples are used twice, two never. What is meant is that the next batch begins where the last one ended.

# %% [markdown]
# **Exercise `minibatches`** (3 points). Draw *one* order of the indices 0 to n − 1 and cut it. Use the generator `rng` that is passed in, and no other source of randomness: so a run can be repeated.


# %% nbgrader={"grade_id": "minibatches", "solution": true}
def minibatches(n, batch_size, rng):
    """Return the batches of one epoch, in a fresh random order.

    Args:
        n: number of examples, an int, at least 1.
        batch_size: examples in a batch, an int; it may be larger than n.
        rng: a numpy.random.Generator, the only source of randomness.

    Returns:
        A list of index arrays (integers). Each of 0 to n - 1 is in exactly one of them. All have
        batch_size entries, except the last one, which may be shorter.
    """
    ### BEGIN SOLUTION
    order = rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_minibatches", "grade": true, "points": 3}
check("minibatches", minibatches)

# %% [markdown]
# The check does not compare with a stored order: there are many right ones. It looks at properties. Is every index there once? Does the order come from `rng`? Is every order as likely as any other? The last one is tested with 400 calls.
#
# Here are four epochs of 20 examples in batches of 6. Look at which examples share a batch, and at batch 4.

# %%
with when_written():
    rng = np.random.default_rng(1)
    epochs = [minibatches(20, 6, rng) for _ in range(4)]
    show(
        plots.batch_board(epochs, 20),
        alt="Four epochs of 20 examples in four batches, three of six and one of two. In every "
        "epoch the batches are made up differently, and each example is used once.",
    )

# %% [markdown]
# In each row every example has one turn. The rows differ: L0 permutes anew in every epoch. Batch 4 holds two examples only.

# %% [markdown]
# ## 3. The gradient of a batch
#
# *10 minutes.* L0 defines the loss of a batch as a mean over the batch:
#
# $$L_\mathcal{B}(\theta) = \frac{1}{\lvert\mathcal{B}\rvert}\sum_{i\in\mathcal{B}} \ell_i(\theta) \qquad\qquad \theta \leftarrow \theta - \text{lr}\, \nabla L_\mathcal{B}(\theta)$$

# %% [markdown]
# **Exercise `minibatch_gradient`** (1 point). `grad_fn` takes the mean over the examples that it is given. Give it the right ones.


# %% nbgrader={"grade_id": "minibatch_gradient", "solution": true}
def minibatch_gradient(grad_fn, theta, X, y, indices):
    """Return the mean gradient over the examples of a batch.

    Must not change its arguments.

    Args:
        grad_fn: grad_fn(theta, X, y) returns the mean gradient over the rows of X.
        theta: parameters, float64, shape (D,).
        X: all examples, float64, shape (N, F).
        y: all targets, shape (N,).
        indices: which examples are in the batch, integers, shape (B,).

    Returns:
        The gradient, shape (D,).
    """
    ### BEGIN SOLUTION
    return grad_fn(theta, X[indices], y[indices])
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_minibatch_gradient", "grade": true, "points": 1}
check("minibatch_gradient", minibatch_gradient)

# %% [markdown]
# **Exercise `sgd_step`** (1 point). One update. The name is new, the rule is not.


# %% nbgrader={"grade_id": "sgd_step", "solution": true}
def sgd_step(theta, grad, lr):
    """Move against the gradient.

    Must not change its arguments.

    Args:
        theta: parameters, float64, shape (D,).
        grad: gradient of a batch at theta, float64, shape (D,).
        lr: learning rate, a number.

    Returns:
        The new theta, shape (D,).
    """
    ### BEGIN SOLUTION
    return theta - lr * grad  # minus: downhill
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sgd_step", "grade": true, "points": 1}
check("sgd_step", sgd_step)

# %% [markdown]
# ### Sum or mean?
#
# The lectures do not agree. L0, L1 and L2 average over the batch. L3 adds up: $L' = \ell^1 + \ell^{31} + \dots$ A sum points the same way. Does it matter?

# %%
predict("sum_instead_of_mean")

# %% [markdown]
# The cell makes 20 updates from the same start with `lr = 0.1`, once with the mean, once with the sum. Look at where the sums cease to work.

# %%
with when_written():
    print("batch size    |theta - best| with means    with sums")
    for size in (1, 8, 32, 64):
        ends, rng = [], np.random.default_rng(2)
        batches = [rng.permutation(64)[:size] for _ in range(20)]
        for factor in (1, size):
            theta = np.array([-2.0, 3.0])
            for indices in batches:
                g = minibatch_gradient(line_gradient, theta, X, y, indices)
                theta = sgd_step(theta, factor * g, 0.1)
            ends.append(np.linalg.norm(theta - best_line))
        print(f"{size:10} {ends[0]:26.3g} {ends[1]:18.3g}")

# %% [markdown]
# A sum is $\lvert\mathcal{B}\rvert$ times the mean. So `lr = 0.1` on a sum of 8 is a rate of 0.8, which is even better here; on a sum of 32 it is a rate of 3.2, and that diverges. With means the same rate serves every batch size. This course takes means.

# %% [markdown]
# ### Right on average
#
# L1 calls the estimate **unbiased**: its expected value is the gradient of all examples. Check it with many random batches. Look at how the two last numbers of a row compare.

# %%
with when_written():
    theta, rng = np.array([0.0, 2.0]), np.random.default_rng(3)
    full = line_gradient(theta, X, y)
    for size in (1, 8, 32):
        drawn = [
            minibatch_gradient(line_gradient, theta, X, y, minibatches(64, size, rng)[0])
            for _ in range(2000)
        ]
        print(f"batches of {size:2}: one {drawn[0].round(3)}, mean of 2000", end=" ")
        print(f"{np.mean(drawn, axis=0).round(3)}, all examples {full.round(3)}")

# %% [markdown]
# A single batch is off, their mean is not. L2: *on average* it points downhill.

# %% [markdown]
# ## 4. The loop
#
# *14 minutes.* Follow one epoch by hand first. There are five examples with $\ell_i(\theta) = \frac{1}{2}(\theta - y_i)^2$, so the gradient of an example is $\theta - y_i$. The targets are
#
# $$y_0 = 1, \quad y_1 = 2, \quad y_2 = 3, \quad y_3 = 5, \quad y_4 = 8$$
#
# The order of this epoch is 3, 0, 4, 1, 2. The batch size is 2, `lr` is 0.5, and $\theta$ starts at 0.
#
# | batch | its targets | $\theta$ before | mean gradient | $\theta$ after |
# |---|---|---|---|---|
# | 1 | 5, 1 | 0 | ((0 − 5) + (0 − 1)) / 2 = −3 | 0 + 0.5·3 = 1.5 |
# | 2 | ?, ? | 1.5 | ? | ? |
# | 3 | ? | ? | ? | ? |

# %% [markdown]
# **Practice `trace_epoch`** (no points). Fill in the last two columns, three numbers each, as arrays: `mean_gradient = np.array([-3, ..., ...])`. All of them come out even; round nothing.


# %% nbgrader={"grade_id": "trace_epoch", "solution": true}
def trace_epoch():
    """Return the columns mean_gradient and theta (after the update) of the table.

    Returns:
        Two float64 arrays of shape (3,), in this order.
    """
    ### BEGIN SOLUTION
    theta, rows = 0.0, []
    for batch in [(5.0, 1.0), (8.0, 2.0), (3.0,)]:
        slopes = [theta - y for y in batch]
        mean_gradient = np.mean(slopes)
        theta = theta - 0.5 * mean_gradient
        rows.append([mean_gradient, theta])
    return tuple(np.array(column) for column in zip(*rows, strict=True))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_trace_epoch", "grade": true, "points": 0}
check("trace_epoch", trace_epoch)

# %% [markdown]
# L4 writes the training loop of every network in four lines: sample a batch, forward, backward, update. Yours has the same lines. Forward and backward are inside `grad_fn`.

# %% [markdown]
# **Exercise `sgd`** (4 points). Put your functions together. Draw new batches in every epoch. Keep `theta` after each epoch, not after each update.


# %% nbgrader={"grade_id": "sgd", "solution": true}
def sgd(grad_fn, theta0, X, y, lr, batch_size, epochs, rng):
    """Run mini-batch descent and keep theta after each epoch.

    Must not change its arguments.

    Args:
        grad_fn: grad_fn(theta, X, y) returns the mean gradient over the rows of X.
        theta0: first parameters, float64, shape (D,).
        X: examples, float64, shape (N, F).
        y: targets, shape (N,).
        lr: learning rate, a number; it stays the same.
        batch_size: examples in a batch, an int.
        epochs: passes through the data, an int; each in a new random order.
        rng: a numpy.random.Generator, the only source of randomness.

    Returns:
        The path, float64, shape (epochs + 1, D): theta0, then theta after each epoch.
    """
    ### BEGIN SOLUTION
    theta, path = theta0, [theta0]
    for _ in range(epochs):
        for indices in minibatches(len(X), batch_size, rng):
            gradient = minibatch_gradient(grad_fn, theta, X, y, indices)
            theta = sgd_step(theta, gradient, lr)
        path.append(theta)
    return np.array(path)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sgd", "grade": true, "points": 4}
check("sgd", sgd)

# %% [markdown]
# The check hands your loop a gradient function that takes notes: which examples came, and at which `theta`. Then it follows your path with a calculation of its own.
#
# Now L2's picture. The loss of our line is a bowl around the best line; the axes are the distances of slope ($w_1$) and height ($w_2$) from it. Left: full-batch updates. Right: batches of 2. To draw every update, the cell runs epochs of one update each. Predict first, then look at the way and at its end.

# %%
predict("path_of_small_batches")

# %%
curvature = X.T @ X / len(X)
bowl = landscapes.quadratic(
    "loss of the line", curvature, window=((-4.0, 2.0), (-2.0, 4.0)), start=(-3.5, 2.5)
)

# %%
found = {}
with when_written():
    for label, size in {"full batch": 64, "batches of 2": 2}.items():
        rng, path = np.random.default_rng(4), [best_line + bowl.start]
        for _ in range(60):
            rows = minibatches(64, size, rng)[0]
            path.append(sgd(line_gradient, path[-1], X[rows], y[rows], 0.2, size, 1, rng)[-1])
        found[label] = np.array(path) - best_line
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
    for ax, (label, path) in zip(axes, found.items(), strict=True):
        plots.paths(plots.contours(bowl, ax=ax), {label: path}).get_legend().remove()
        ax.set_title(f"{label}: loss {bowl.value(path[-10:]).mean():.2g} above the minimum")
    show(
        figure,
        alt="Two runs of 60 updates in a bowl. With the full batch the path is smooth and ends in "
        "the minimum. With batches of 2 it zigzags, comes near the minimum as fast, and then "
        "wanders around it.",
    )

# %% [markdown]
# The full batch points steadily downhill. Small batches point downhill on average. They come near the minimum in the same number of updates, although they looked at 2 examples each time and not at 64. But they do not come to rest.

# %% [markdown]
# ## 5. How noisy is it?
#
# *13 minutes.* How far is the gradient of a batch from that of all examples? Start with one parameter. The gradients of the $N$ single examples have a mean $\bar g$ and a variance
#
# $$\sigma^2 = \frac{1}{N}\sum_{i=1}^{N} (g_i - \bar g)^2$$
#
# If $B$ examples are drawn *independently*, as L1 writes, the variance of their mean is $\sigma^2 / B$: each brings its own noise, and the noise averages out.
#
# But a batch is not drawn independently. No example is in it twice: it is drawn **without replacement**. Then the variance is smaller:
#
# $$\operatorname{Var} = \frac{\sigma^2}{B}\cdot\frac{N - B}{N - 1}$$
#
# The second factor is called the finite-population correction. Test it at the ends. $B = 1$: it is 1, one example is one example. $B = N$: it is 0. The batch is everything, nothing is left to chance.

# %% [markdown]
# Where does it come from? Let the indicator of example $i$ be 1 if it is in the batch, and 0 if not. If one example is in, the others are a little less likely to be in. So the covariance of two indicators, Cov, is negative: it measures whether two numbers are large together. Their sum is always $B$, so it has no variance at all:
#
# $$0 = N\operatorname{Var}(1_i) + N(N-1)\operatorname{Cov}(1_i, 1_j) \quad\Rightarrow\quad \operatorname{Cov} = -\frac{\operatorname{Var}(1_i)}{N-1}, \qquad \operatorname{Var}(1_i) = \frac{B}{N}\Big(1 - \frac{B}{N}\Big)$$
#
# Put this into the variance of $\frac{1}{B}\sum 1_i (g_i - \bar g)$, use $\sum (g_i - \bar g) = 0$, and the formula above is what is left.

# %%
predict("noise_of_four_times_the_batch")

# %% [markdown]
# **Exercise `gradient_variance`** (3 points). Each row of `per_example_grads` is the gradient of one example. Return the variance of the mean gradient of a batch, for each parameter.


# %% nbgrader={"grade_id": "gradient_variance", "solution": true}
def gradient_variance(per_example_grads, batch_size):
    """Return the variance of a mini-batch gradient, drawn without replacement.

    Must not change its arguments.

    Args:
        per_example_grads: gradient of each example, float64, shape (N, D), N at least 2.
        batch_size: examples in the batch, an int from 1 to N.

    Returns:
        The variance of each coordinate of the batch's mean gradient, float64, shape (D,).
    """
    ### BEGIN SOLUTION
    n = len(per_example_grads)
    return per_example_grads.var(axis=0) / batch_size * (n - batch_size) / (n - 1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_gradient_variance", "grade": true, "points": 3}
check("gradient_variance", gradient_variance)

# %% [markdown]
# Predicted and measured: the cell draws 4000 batches of each size, with your functions and without replacement, and once more independently. Compare the columns in pairs.

# %%
theta, rng = np.array([0.0, 2.0]), np.random.default_rng(5)
each = (X @ theta - y)[:, None] * X  # gradient of every example, (64, 2)
with when_written():
    print("variance of the slope's gradient: without replacement    independent")
    print("batch size                        predicted  measured     σ² / B  measured")
    for size in (1, 4, 16, 48, 64):
        batches = [rng.permutation(64)[:size] for _ in range(4000)]
        apart = [minibatch_gradient(line_gradient, theta, X, y, b)[0] for b in batches]
        alone = each[rng.integers(64, size=(4000, size)), 0].mean(axis=1)
        told = gradient_variance(each, size)[0]
        print(f"{size:10} {told:32.4f} {np.var(apart):9.4f}", end="")
        print(f" {each[:, 0].var() / size:10.4f} {np.var(alone):9.4f}")

# %% [markdown]
# Both formulas are right, each for its own way of drawing. For small batches they agree. For the full batch, shuffling leaves no noise at all, while independent draws still have a 64th of it.
#
# Now play with it. Each dot on the left is the gradient of one batch; the arrow is that of all points. The dots are made by *your* `minibatch_gradient`, the squares on the right by your `gradient_variance`. Move the batch size, and the distance to the minimum. When is the noise longer than the gradient?

# %%
widgets.explore_batches(minibatch_gradient, gradient_variance=gradient_variance)

# %% [markdown]
# Towards the minimum the gradient shrinks to nothing. The noise shrinks too, but a part of it stays. So far away even a small batch points roughly the right way, and at the minimum all that is left is noise.
#
# The standard deviation falls like $1/\sqrt{B}$. To halve the noise you need four times as many examples. This is why batches need not be large.

# %% [markdown]
# ## 6. The noise does not end
#
# *6 minutes.* L2 notes: the gradients do not vanish even when arriving at a minimum. What remains depends on `lr`.

# %%
predict("noise_floor_and_rate")

# %% [markdown]
# The picture shows how far the loss is above its minimum, epoch by epoch, for batches of 1, as the mean of six runs. The fourth curve lets the rate fall: L2's linear decay, $\alpha_k = (1 - \frac{k}{\tau})\,\alpha_0 + \frac{k}{\tau}\,\alpha_T$ up to $k = \tau$. Look at the height at which each curve stays.


# %%
def heights(rates, seed):
    """Run one epoch at each rate; return the loss above its minimum before and after each."""
    rng, path = np.random.default_rng(seed), [np.array([-2.0, 3.0])]
    for lr in rates:
        path.append(sgd(line_gradient, path[-1], X, y, lr, 1, 1, rng)[-1])
    return bowl.value(np.array(path) - best_line)


share = np.minimum(np.arange(60) / 45, 1)  # k / tau, and 1 after tau = 45
plans = {f"lr = {lr}": np.full(60, lr) for lr in (0.4, 0.1, 0.025)}
plans["0.4 falling to 0.001"] = (1 - share) * 0.4 + share * 0.001

# %%
series = {}
with when_written():
    for label, rates in plans.items():
        series[label] = np.mean([heights(rates, seed) for seed in range(6)], axis=0)
    show(
        plots.curves(series, xlabel="epoch", ylabel="loss above its minimum", logy=True),
        alt="Mean loss above its minimum over 60 epochs on a log scale. Three constant rates fall "
        "within a few epochs and then stay at heights of about 0.16, 0.015 and 0.001, lower for "
        "the smaller rate. With the falling rate the loss goes down below 0.0001.",
    )

# %% [markdown]
# With a constant rate the loss stays at a floor. A smaller rate has a lower floor and takes longer to get there. A falling rate has both: it is quick at first, and then the fluctuations go away. L2 puts it so: early on use the randomness to explore, later remove it. 07_schedules is all about it, with L2's second formula, $\alpha_0 e^{-k/\tau}$, and with L1's condition for convergence.

# %% [markdown]
# ## 7. What noise is good for
#
# *6 minutes.* L2 asks, true or false: noise from mini-batches reduces the impact of the initial weights on the final point. Let us find out. One weight $w$, 64 examples, the model $\sin(w x)$, and data made with $w = 2$. This loss has several minima.

# %%
rng = np.random.default_rng(4)
x_wave = rng.uniform(-3, 3, 64)
X_wave, y_wave = x_wave[:, None], np.sin(2 * x_wave) + 0.3 * rng.normal(size=64)


def wave_gradient(w, X, y):
    """Mean gradient of half the squared error of sin(w x), shape (1,)."""
    z = X[:, 0] * w
    return np.array([np.mean((np.sin(z) - y) * np.cos(z) * X[:, 0])])


weights = np.linspace(-0.5, 7.0, 300)
wave_loss = np.mean((np.sin(np.outer(weights, x_wave)) - y_wave) ** 2, axis=1) / 2

# %%
predict("where_many_starts_end")

# %% [markdown]
# The cell starts at 40 places between 0.2 and 5.2, each with a seed of its own, with `lr = 0.3`: once with all examples, once with one at a time. Above you see the loss, below where each run ended. It takes a few seconds. Look for vertical lines.

# %%
begin, ends = np.linspace(0.2, 5.2, 40), {}
with when_written():
    for label, size, epochs in (("full batch", 64, 400), ("batches of 1", 1, 40)):
        ends[label] = [
            sgd(wave_gradient, begin[k : k + 1], X_wave, y_wave, 0.3, size, epochs, rng)[-1, 0]
            for k, rng in enumerate(map(np.random.default_rng, range(40)))
        ]
    curve = {"w": weights, "loss": wave_loss}
    show(
        plots.ends_by_start(begin, ends, curve, best=2.01),
        alt="Above: a loss with a deep minimum near 2 and shallow ones near -0.2 and 4.4. "
        "Below: full-batch runs end in whichever minimum is next to their start. Nearly all runs "
        "with batches of 1 end near 2, wherever they began.",
    )

# %% [markdown]
# With the full batch the start decides: every run ends in the minimum next to it. With noise nearly all end in the deep one; two were thrown far out of the picture. The shallow minima are no traps for somebody who is shaken: a few unlucky examples push $w$ out. The deep minimum holds it.
#
# So L2's statement is true. But mind what was needed: the right amount of noise. Try it with your functions: set `lr` to 0.05, or the batch size to 8, and the noise is too weak. Set `lr` to 1 and it drives runs out of the deep minimum as well.

# %% [markdown]
# ## 8. Which batch size is fastest?
#
# *14 minutes.* L2 has another question, about two statements:
#
# > For large batches, GD performs more weight updates per second because each one requires less computation. For small batches, GD converges in fewer weight updates because each stochastic gradient is less noisy.

# %%
predict("two_swapped_statements")

# %% [markdown]
# L2's answer slide puts *small* and *large* the other way round. So there are two forces against each other. What remains is: seconds per update × updates needed. Measure both.
#
# The task is the digits of 03, but without hidden layers: 650 parameters.

# %%
digits = datasets.load_digits()
X_digits = np.column_stack([digits.X / 16, np.ones(len(digits.X))])


def logits(theta, X):
    """Return one row of scores an example, shifted so that the largest is 0."""
    Z = X @ theta.reshape(-1, X.shape[1]).T
    return Z - Z.max(axis=1, keepdims=True)


def softmax_loss(theta, X, y):
    """Mean cross-entropy (01)."""
    Z = logits(theta, X)
    return np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y])


def softmax_gradient(theta, X, y):
    """Its gradient, as one vector: probabilities less 1 at the true class, times the inputs."""
    P = np.exp(logits(theta, X))
    P /= P.sum(axis=1, keepdims=True)
    P[np.arange(len(y)), y] -= 1
    return (P.T @ X / len(y)).ravel()


# %% [markdown]
# ### Seconds per update
#
# L3 has numbers for 50,000 examples: with batches of 1 an epoch has 50,000 updates and took 166 s; with batches of 10 it has 5,000 and took 17 s. So in the time of one epoch with batches of 1 you get ten with batches of 10. Here is the same count on *your* machine. We repeat the digits until there are 50,000.

# %%
X_many, y_many = np.tile(X_digits, (28, 1))[:50_000], np.tile(digits.y, 28)[:50_000]
lecture = {1: 166.0, 10: 17.0}
with when_written():
    print("batch size   updates   s per epoch   µs per update   L3: s per epoch")
    for size in (1, 10, 100, 1000):
        rng, clock = np.random.default_rng(7), time.perf_counter()
        sgd(softmax_gradient, np.zeros(650), X_many, y_many, 0.1, size, 1, rng)
        seconds, count = time.perf_counter() - clock, iterations_per_epoch(50_000, size)
        row = f"{size:10} {count:9} {seconds:13.3f} {seconds / count * 1e6:15.1f}"
        print(f"{row} {lecture.get(size, '-'):>17}")

# %% [markdown]
# Do not compare the seconds themselves: L3 does not say how large its network was. Compare the ratio, which is the same as in L3: ten times fewer updates, about ten times less time. An update with 10 examples takes hardly longer than one with 1, because most of the time goes into calling functions, not into arithmetic. With 1000 examples the arithmetic takes over.

# %% [markdown]
# ### Updates needed, and the time in all
#
# Now train on 300 digits until the loss is below 0.3. Each batch size may choose the best of three rates. The time is that of the fastest of five runs: other programs on your machine can only make a run slower. Which size will be fastest on your machine? Write your guess down before you run the cell.

# %%
X_few, y_few = X_digits[:300], digits.y[:300]


def updates_until(goal, batch_size, lr):
    """Train until the loss is below the goal; return updates (inf: not reached) and seconds."""
    theta, rng, seconds = np.zeros(650), np.random.default_rng(8), 0.0
    for epoch in range(1, 301):
        clock = time.perf_counter()
        theta = sgd(softmax_gradient, theta, X_few, y_few, lr, batch_size, 1, rng)[-1]
        seconds += time.perf_counter() - clock
        if softmax_loss(theta, X_few, y_few) < goal:
            return epoch * iterations_per_epoch(300, batch_size), seconds
    return np.inf, seconds


# %%
sizes, table = [1, 4, 16, 64, 300], []
with when_written():
    print("batch size   best lr   updates needed   µs per update   ms in all")
    for size in sizes:
        runs = {lr: updates_until(0.3, size, lr) for lr in (0.1, 0.3, 1.0)}
        lr = min(runs, key=lambda lr: runs[lr][0])
        needed, seconds = min(updates_until(0.3, size, lr) for _ in range(5))
        table.append((seconds / needed, needed))
        print(f"{size:10} {lr:9} {needed:16} {seconds / needed * 1e6:15.1f} {seconds * 1e3:11.2f}")
    show(
        plots.batch_tradeoff(sizes, *zip(*table, strict=True)),
        alt="Three curves against the batch size, relative to batches of 1. Seconds per update "
        "rise, updates needed fall, and the time in all is lowest in between.",
    )

# %% [markdown]
# Seconds per update rise with the batch size, slowly at first. The updates needed fall, and soon they stop falling: beyond a certain size the gradient is as good as exact. The time in all is their product, on this log scale their sum. It is usually lowest in the middle.
#
# What if nobody adapts the rate to the batch size? L3 warns: a very large batch can yield worse performance. Look at the loss after 10 epochs, all with `lr = 0.1`.

# %%
with when_written():
    for size in sizes:
        rng = np.random.default_rng(9)
        end = sgd(softmax_gradient, np.zeros(650), X_few, y_few, 0.1, size, 10, rng)[-1]
        updates = 10 * iterations_per_epoch(300, size)
        print(
            f"batches of {size:3}: {updates:4} updates, loss {softmax_loss(end, X_few, y_few):.3f}"
        )

# %% [markdown]
# The same work, the same rate, but 3000 updates here and 10 there. After a fixed number of epochs the largest batch is far behind, just because it has moved less often.

# %% [markdown]
# **A table read in words** (4 points, read by a person). Use the two tables that *your* machine printed.
#
# 1. Copy two or three rows that matter.
# 2. From which batch size on does an update take clearly longer on your machine? Why not before?
# 3. Which of L2's two (repaired) statements do you see, and in which columns?
# 4. Which batch size would you choose for this task, and what could change your choice on another machine or another task?
#
# Answer in six to ten sentences, with numbers.

# %% [markdown] nbgrader={"grade_id": "read_batch_table", "grade": true, "solution": true, "points": 4}
# ### BEGIN SOLUTION
# (Numbers of one machine; yours differ.) In the first table batches of 1, 10 and 100 took 40, 48 and 105 µs per update, batches of 1000 took 900. In the second, batches of 1, 16 and 300 needed 300, 57 and 42 updates, and 13, 3 and 11 ms in all. From 1 to 10 examples an update hardly gets longer: most of it is the fixed cost of calling Python and NumPy. Clearly longer it gets from 100 on, where the matrix products take over; from 100 to 1000 the time grows nearly in proportion. L2's first statement, that small batches make more updates per second, is the column µs per update read upside down: 25,000 a second against 1,100. The second, that large batches need fewer updates, is the column of updates: 300 falls to 57 and then only to 42, because the noise falls like one over the root of the batch size and soon is small beside the gradient. The time in all is the product and is lowest at 16 to 64, so I would take 32. On a GPU an update with 1000 examples may take as long as one with 1, then larger batches win. With a larger model the arithmetic begins to count earlier, and with noisier gradients larger batches pay for longer. The runs are short, so I would repeat the measurement before trusting a difference of 20 %.
#
# ### BEGIN MARK SCHEME
# 1 point: numbers of the writer's own machine, from both tables, with units. Without numbers at most 2 of the 4 points.
#
# 1 point: names the size at which the time per update begins to grow, in agreement with the quoted numbers, and the fixed cost of an update as the reason that it does not grow before.
#
# 1 point: both repaired statements, each tied to its column: small batches make more updates per second, large ones need fewer updates. Half a point if only one is there, none if they are swapped.
#
# 1 point: a choice that follows from the product of the two columns, and at least one thing that would change it (GPU, larger model, more noise, another rate, a measurement that is not repeated).
# ### END MARK SCHEME
# ### END SOLUTION

# %% [markdown]
# ## 9. Features on different scales
#
# *12 minutes.* L3 has a linear model with two features, $b + w_1 x_1 + w_2 x_2$. If $x_2$ is a hundred times as large as $x_1$, a small change of $w_2$ changes the output a lot. The loss becomes a narrow valley, and one learning rate does not fit both weights. L0 lists this among the problems of SGD.
#
# Real data: 178 wines with 13 measurements each. Look at the smallest and the largest spread.

# %%
wine = datasets.load_wine()
train, _, test = datasets.split(wine, (0.7, 0.0, 0.3), np.random.default_rng(4))
print(f"{len(train.X)} wines to train, {len(test.X)} to test")
for name, center, spread in zip(
    wine.feature_names, train.X.mean(axis=0), train.X.std(axis=0), strict=True
):
    print(f"{name:30} mean {center:8.2f}   standard deviation {spread:8.3f}")

# %% [markdown]
# The cure is simple: subtract the mean of each feature and divide by its spread. Two steps, and it is important that they are two: *fit* the scaler once, on the training data; *apply* it to everything.

# %% [markdown]
# **Exercise `fit_scaler`** (2 points). The spread is the standard deviation, the root of the mean squared distance from the mean. A feature that is the same for all examples has spread 0; it gets scale 1, so that nothing is divided by 0. (The digits have such pixels.)


# %% nbgrader={"grade_id": "fit_scaler", "solution": true}
def fit_scaler(X):
    """Return the mean and the scale of each feature.

    Must not change its argument.

    Args:
        X: training examples, float64, shape (N, F).

    Returns:
        mean and scale, each float64 of shape (F,); scale is the standard deviation (dividing by
        N), and 1 where a feature is constant.
    """
    ### BEGIN SOLUTION
    scale = X.std(axis=0)
    return X.mean(axis=0), np.where(scale > 0, scale, 1.0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_fit_scaler", "grade": true, "points": 2}
check("fit_scaler", fit_scaler)

# %% [markdown]
# **Exercise `apply_scaler`** (1 point). Use the mean and the scale that are passed in, whatever `X` is.


# %% nbgrader={"grade_id": "apply_scaler", "solution": true}
def apply_scaler(X, mean, scale):
    """Return X, centred by mean and divided by scale.

    Must not change its arguments.

    Args:
        X: examples, float64, shape (N, F); not always those that the scaler was fitted on.
        mean: float64, shape (F,).
        scale: float64, shape (F,), nowhere 0.

    Returns:
        The scaled examples, float64, shape (N, F).
    """
    ### BEGIN SOLUTION
    return (X - mean) / scale
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_apply_scaler", "grade": true, "points": 1}
check("apply_scaler", apply_scaler)

# %% [markdown]
# L3's picture, with two real features: hue (its weight is $w_1$) and colour intensity ($w_2$). The contours are those of a squared error. `trajectory` makes 25 updates with your `sgd_step`, in each panel at its own best constant rate. Compare the shapes, and where the paths end.

# %%
with when_written():
    pair = train.X[:, [10, 9]]
    tables = {"centred only": pair - pair.mean(axis=0)}
    tables["scaled"] = apply_scaler(pair, *fit_scaler(pair))
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
    for ax, (label, Z) in zip(axes, tables.items(), strict=True):
        bends = Z.T @ Z / len(Z)
        low, high = np.linalg.eigvalsh(bends)
        land = landscapes.quadratic(label, bends, window=((-4, 4), (-4, 4)), start=(3.5, 1.5))
        path = trajectory(sgd_step, land.gradient, land.start, 25, lr=2 / (low + high))["theta"]
        plots.paths(plots.contours(land, ax=ax), {label: path}).get_legend().remove()
        ax.set_title(f"{label}: curvatures {low:.2g} and {high:.2g}")
    show(
        figure,
        alt="Contours of two losses. Centred only: a long narrow valley along the weight of hue, "
        "in which the path jumps from wall to wall and hardly gets forward. Scaled: rounder "
        "contours, and the path is in the minimum after a few updates.",
    )

# %% [markdown]
# The curvatures differ by a factor of 140 before, and of 3 after. With all 13 features it is far worse. Look at the ratios.

# %%
with when_written():
    scaled = apply_scaler(train.X, *fit_scaler(train.X))
    for label, Z in {"raw": train.X, "scaled": scaled}.items():
        inputs = np.column_stack([Z, np.ones(len(Z))])
        low, high = np.linalg.eigvalsh(inputs.T @ inputs / len(Z))[[0, -1]]
        print(f"{label:7} curvatures from {low:.2g} to {high:.2g}, ratio {high / low:.2g}")

# %% [markdown]
# ### L3's practice, on the wines
#
# L3 trains a small network for regression twice: practice (1) without scaling, practice (2) with. We do the same. From 12 measurements the network, 12-8-1, shall tell the alcohol. The target is scaled in both cases, so a loss of 1 is what somebody gets who always says the mean. The network is the course's; the training is yours.

# %%
predict("raw_wine_best_rate")

# %%
network = MLP((12, 8, 1), rng=np.random.default_rng(0))
rates = 10.0 ** np.arange(-8, 0)


def network_gradient(theta, X, y):
    """Gradient of the mean squared error of the network at theta."""
    return network.at(theta).loss_and_gradient(X, y, l2_loss)[1]


def practice(Z, alcohol):
    """Train at every rate; return the training losses after each of 50 epochs."""
    losses = {}
    with np.errstate(all="ignore"):  # some rates diverge
        for lr in rates:
            rng = np.random.default_rng(0)
            path = sgd(network_gradient, network.theta, Z, alcohol, lr, 16, 50, rng)
            losses[lr] = [network.at(theta).loss(Z, alcohol, l2_loss) for theta in path]
    return losses


# %% [markdown]
# The ratio of the curvatures was 440 million without scaling, and 45 with it. Now eight rates each. The table shows the training loss after 50 epochs. Look for the best number of each column. The picture has the run of each best rate, and the second best without scaling.

# %%
with when_written():
    mean, scale = fit_scaler(train.X)
    alcohol = apply_scaler(train.X[:, :1], mean[:1], scale[:1])
    found = {"(1) raw": practice(train.X[:, 1:], alcohol)}
    found["(2) scaled"] = practice(apply_scaler(train.X, mean, scale)[:, 1:], alcohol)
    print("lr       " + "".join(f"{label:>14}" for label in found))
    for lr in rates:
        print(f"{lr:<9.0e}" + "".join(f"{losses[lr][-1]:14.3g}" for losses in found.values()))
    best = {label: min(rates, key=lambda lr: ls[lr][-1]) for label, ls in found.items()}
    curves = {f"{label}, lr = {best[label]:g}": found[label][best[label]] for label in found}
    curves["(1) raw, lr = 1e-05"] = found["(1) raw"][rates[3]]
    ax = plots.curves(curves, xlabel="epoch", ylabel="training loss", logy=True)
    show(
        ax,
        alt="Training loss over 50 epochs. Without scaling the best rate jumps to enormous values "
        "and then stays at 1, the loss of a constant answer, and 1e-05 stays a little above it. "
        "With scaling the loss falls to 0.24.",
    )

# %% [markdown]
# Without scaling *no* rate works. Proline, in the hundreds, dictates a rate of at most 1e-5, and with it the weights of the other features hardly move. Larger rates explode. The "best" one, 0.1, explodes so violently that all hidden units die; what is left is one constant answer for every wine, with a loss of about 1. With scaling the loss falls to 0.24, and several rates are good.

# %% [markdown]
# ## 10. The leak
#
# *5 minutes.* The scaler is fitted on the training data *only*. Why not on all data? It uses no labels, after all. Count what depends on the test set. In the next cell one test wine gets another amount of proline, ten times as much. How far do the *training* data move?


# %%
def scaled_training_data(X_train, X_test, leak):
    """Scale the training data by a scaler that has, or has not, seen the test set."""
    seen = np.vstack([X_train, X_test]) if leak else X_train
    return apply_scaler(X_train, *fit_scaler(seen))


with when_written():
    changed = test.X.copy()
    changed[0, 12] *= 10
    for leak in (False, True):
        before = scaled_training_data(train.X, test.X, leak)
        after = scaled_training_data(train.X, changed, leak)
        print(f"scaler sees the test set: {leak!s:5}   move {np.abs(after - before).max():.3f}")

# %% [markdown]
# The right number is 0. If it is not, the training has looked at the test set, and the test no longer says what happens with new wines. Does it matter for the score? That depends on how much the test set adds to what the training set knows.

# %%
predict("leaky_score")

# %% [markdown]
# The cell trains a linear classifier of the three kinds of wine on 10 or on 120 wines and tests it on the others, 100 times with other splits. `leak - honest` is the difference of the test losses, with its *standard error*: how far such a mean typically strays by chance.


# %%
def test_loss(order, n, leak):
    """Train on the first n wines of an order, test on the rest; the scaler may see all."""
    known, new = wine.X[order[:n]], wine.X[order[n:]]
    scaler = fit_scaler(wine.X if leak else known)
    A, T = (np.column_stack([apply_scaler(Z, *scaler), np.ones(len(Z))]) for Z in (known, new))
    labels = wine.y[order]
    theta = sgd(softmax_gradient, np.zeros(42), A, labels[:n], 0.5, n, 100, order_rng)[-1]
    return softmax_loss(theta, T, labels[n:])


with when_written():
    order_rng = np.random.default_rng(10)
    for n in (10, 120):
        orders = [order_rng.permutation(178) for _ in range(100)]
        honest, leaky = np.array([[test_loss(o, n, s) for o in orders] for s in (False, True)])
        gap = leaky - honest
        print(f"{n:3} to train: honest {honest.mean():.3f}, leak {leaky.mean():.3f}", end="   ")
        print(f"leak - honest {gap.mean():+.4f} ± {gap.std() / 10:.4f}")

# %% [markdown]
# With 10 wines to train, the leak makes the test loss look a third better than it is, far more than its standard error. Nothing has become better: the classifier will not have seen tomorrow's wines either. With 120 wines the difference disappears in the noise. So a leak is small where there is much data, and it flatters you just where you can least afford it. The rule costs nothing: fit on the training data, apply to the rest. 08_tuning has worse leaks.

# %% [markdown]
# ## 11. A bug hunt
#
# *6 minutes.* A colleague has written the loop in one piece. It has a fault. Do not read it closely yet.


# %%
def suspect_sgd(grad_fn, theta0, X, y, lr, batch_size, epochs, rng):
    """Mini-batch descent, says its author."""
    theta, path, n = theta0, [theta0], len(X)
    for _ in range(epochs):
        shuffled = rng.permutation(n)
        for start in range(0, n - batch_size, batch_size):
            rows = shuffled[start : start + batch_size]
            theta = theta - lr * grad_fn(theta, X[rows], y[rows])
        path.append(theta)
    return np.stack(path)


# %%
predict("loss_of_the_suspect_loop")

# %%
with when_written():
    runs = {"yours": sgd, "suspect": suspect_sgd}
    paths = {
        label: run(
            softmax_gradient, np.zeros(650), X_few, y_few, 0.3, 8, 20, np.random.default_rng(0)
        )
        for label, run in runs.items()
    }
    losses = {k: [softmax_loss(p, X_few, y_few) for p in path] for k, path in paths.items()}
    show(
        plots.curves(losses, xlabel="epoch", ylabel="training loss"),
        alt="Training loss of your loop and of the suspect over 20 epochs. The two curves lie on "
        "each other but for a hair.",
    )

# %% [markdown]
# No loss curve betrays it. So look at what the loop *does*. Hand it a gradient function that takes notes: put the number of each example into `X`, and write down which numbers arrive. The course's own check does the same.


# %%
def watched_epochs(run, n, batch_size, epochs):
    """Run a loop on n numbered examples; return the batches of each epoch."""
    seen = []

    def note(theta, X, y):
        seen.append(X[:, 0].astype(int))
        return np.zeros_like(theta)

    found = []
    for _ in range(epochs):
        numbers = np.arange(float(n))
        run(note, np.zeros(1), numbers[:, None], numbers, 0.1, batch_size, 1, rng)
        found.append(seen[:])
        seen.clear()
    return found


# %%
rng = np.random.default_rng(3)
board = {f"suspect, epoch {k + 1}": e for k, e in enumerate(watched_epochs(suspect_sgd, 20, 6, 4))}
with when_written():
    board["yours"] = watched_epochs(sgd, 20, 6, 1)[0]
show(
    plots.batch_board(board, 20),
    alt="Which of 20 examples were used, in batches of 6. The suspect leaves two examples out in "
    "every epoch, other ones each time. Your own loop uses all 20.",
)
for n in (19, 18, 6):
    used = np.concatenate([*watched_epochs(suspect_sgd, n, 6, 1)[0], np.zeros(0)])
    print(f"{n} examples, batches of 6: the suspect uses {len(used)} in an epoch")

# %% [markdown]
# **Practice `repaired_sgd`** (no points). How many examples are left out, and is it worse where the batches fit? Now read the suspect with that in mind, find the fault, and write the repaired loop. Change as little as you can.


# %% nbgrader={"grade_id": "repaired_sgd", "solution": true}
def repaired_sgd(grad_fn, theta0, X, y, lr, batch_size, epochs, rng):
    """Run mini-batch descent: the suspect, repaired. Arguments and returns as for sgd."""
    ### BEGIN SOLUTION
    theta, path, n = theta0, [theta0], len(X)
    for _ in range(epochs):
        order = rng.permutation(n)
        for start in range(0, n, batch_size):
            rows = order[start : start + batch_size]
            theta = theta - lr * grad_fn(theta, X[rows], y[rows])
        path.append(theta)
    return np.array(path)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_repaired_sgd", "grade": true, "points": 0}
check("repaired_sgd", repaired_sgd)

# %% [markdown]
# Some libraries leave a short last batch out on purpose (PyTorch: `drop_last=True`). Then it stands in the documentation, and a full last batch is never dropped. Keep the habit: before you trust a training loop, let it run on numbered examples.

# %% [markdown]
# ## 12. Quiz
#
# *5 minutes.* Nine questions over the whole notebook. They give no points. Every answer, right or wrong, gets a reply.

# %%
quiz("noise_and_initial_weights")

# %%
quiz("small_batches_more_updates")

# %%
quiz("large_batches_fewer_updates")

# %%
quiz("updates_in_three_epochs")

# %%
quiz("noise_of_the_full_batch")

# %%
quiz("variance_number")

# %%
quiz("gradient_at_the_minimum")

# %%
quiz("who_may_see_the_test_set")

# %%
quiz("rate_for_sums")

# %% [markdown]
# ## What you can do now
#
# - Say what a batch, an iteration and an epoch are, and count them.
# - Write mini-batch descent so that every example has its turn once an epoch, and a run can be repeated.
# - Predict the noise of a batch's gradient, with and without replacement.
# - Say what the noise costs, what it is good for, and how to get rid of it at the end.
# - Measure which batch size is fastest, instead of believing it.
# - Scale features without letting the test set leak.
# - Test a training loop by what it does with numbered examples.
#
# Next comes 05_momentum: it averages gradients over *time*, where a batch averages over examples.
#
# The next cell shows how far you are.

# %%
progress("04_sgd")
