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
# # Momentum: an update with a memory
#
# Gradient descent forgets each gradient as soon as it has been used. In this notebook you give it a memory. You write the forms that the lectures use, find out when they agree, and compute the best setting instead of guessing it.
#
# The notebook takes about 95 minutes. It gives 20 points.
#
# | section | minutes | exercises (points) |
# |---|---|---|
# | 1. Slow along, wild across | 6 | |
# | 2. A memory of gradients | 12 | `trace_momentum` (practice), `momentum_step` (2) |
# | 3. A velocity | 8 | `velocity_step` (2) |
# | 4. An average | 14 | `ema` (2), `ema_weights` (1) |
# | 5. One picture for three forms | 11 | `equivalent_ema_lr` (1), a question in words (3) |
# | 6. Looking ahead | 14 | `nesterov_step` (3), `nesterov_step_shifted` (2) |
# | 7. A matrix decides | 12 | `momentum_matrix` (2), `optimal_momentum` (1) |
# | 8. Saddle, ravine, and a memory that grows | 8 | `annealed_momentum` (1) |
# | 9. A bug hunt | 6 | `repaired_nesterov_step` (practice) |
# | 10. Quiz and what you can do now | 4 | |
#
# L0 to L4 are the five lectures of the course. You need 01 and 04, and no lecture at hand.

# %% [markdown]
# Run the next cell first. It loads NumPy and the course's helper package.

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np

from downslope import (
    animations,
    check,
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
from downslope.stepping import trajectory

# %% [markdown]
# ## 1. Slow along, wild across
#
# *6 minutes.* L0 lists what is hard for stochastic gradient descent:
#
# - The loss changes fast in some directions and slowly in others. Steps overshoot in the steep ones and creep in the flat ones.
# - There are saddle points, where the gradient is nearly zero.
# - Gradients come from mini-batches, so they are noisy.
# - Parameters can have different scales, so one rate may not fit all.
#
# L2's valley $0.1\,w_1^2 + 2\,w_2^2$ shows the first point. Its curvatures (second derivatives) are 0.2 along and 4 across. Look at both directions of the path. (`trajectory` runs an update rule from a start and keeps every point.)


# %%
def gradient_descent_step(theta, grad, lr):
    """Move against the gradient."""
    return theta - lr * grad


valley = landscapes.valley
path = trajectory(gradient_descent_step, valley.gradient, valley.start, 40, lr=0.45)["theta"]
show(
    plots.paths(plots.contours(valley), {"gradient descent, lr = 0.45": path}),
    alt="Gradient descent in a long valley: it jumps from wall to wall while it moves slowly "
    "along the floor to the minimum.",
)

# %% [markdown]
# L4 describes exactly this: very slow progress along the flat direction, jitter along the steep one.
#
# Across the valley the gradient changes its sign at each update. Along the valley it keeps its sign. Suppose we *add up* the gradients. What will happen to each direction?

# %%
predict("what_a_sum_does")

# %% [markdown]
# ## 2. A memory of gradients
#
# *12 minutes.* L0 and L1 keep an array `m`. At each update it fades by the factor `rho`, and the new gradient $g$ is added. Then the parameters move against `m`:
#
# $$m \leftarrow \rho\, m + g \qquad\qquad \theta \leftarrow \theta - \text{lr}\; m$$
#
# We call this **form 1**. At the start `m` is zero. L0 gives 0.9 or 0.99 as usual values of `rho`; with `rho = 0` nothing is kept.
#
# What is inside `m`? Put the rule into itself: $m_t = g_t + \rho\, g_{t-1} + \rho^2 g_{t-2} + \dots$ Old gradients fade, step by step. If all gradients were equal, `m` would grow to $g\,(1 + \rho + \rho^2 + \dots) = g / (1 - \rho)$. With `rho = 0.9` that is ten times $g$.

# %%
predict("how_large_the_memory_gets")

# %% [markdown]
# **Practice `trace_momentum`** (no points). Fill the table by hand. One parameter, the loss $\theta^2/2$, so the gradient is $\theta$ itself. Start: $\theta = 8$, $m = 0$. Settings: lr = 0.5, rho = 0.5.
#
# | update | g | m | theta |
# |---|---|---|---|
# | 1 | 8 | ? | ? |
# | 2 | ? | ? | ? |
# | 3 | ? | ? | ? |
#
# Return the three columns as arrays, such as `np.array([8.0, ...])`.


# %% nbgrader={"grade_id": "trace_momentum", "solution": true}
def trace_momentum():
    """Return the columns g, m and theta of the table.

    Returns:
        Three float64 arrays of shape (3,), in this order.
    """
    ### BEGIN SOLUTION
    columns, m, theta = [], 0.0, 8.0
    for _ in range(3):
        g = theta
        m = 0.5 * m + g
        theta = theta - 0.5 * m
        columns.append((g, m, theta))
    return tuple(np.array(column) for column in zip(*columns, strict=True))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_trace_momentum", "grade": true, "points": 0}
check("trace_momentum", trace_momentum)

# %% [markdown]
# In update 3 the gradient is 0, and still the parameter moves: it runs through the minimum. That is the price of a memory.
#
# **Exercise `momentum_step`** (2 points). Write one update of form 1. All arrays are `float64` with the shape `(D,)`. The memory is an argument and a return value: the function itself remembers nothing.


# %% nbgrader={"grade_id": "momentum_step", "solution": true}
def momentum_step(theta, grad, m, lr, rho):
    """Make one update of momentum, form 1.

    Must not change its arguments.

    Args:
        theta: parameters, float64, shape (D,).
        grad: gradient at theta, float64, shape (D,).
        m: memory before this update, float64, shape (D,).
        lr: learning rate, a number.
        rho: decay of the memory, at least 0 and below 1.

    Returns:
        The new theta and the new m, each of shape (D,).
    """
    ### BEGIN SOLUTION
    m = rho * m + grad
    theta = theta - lr * m
    return theta, m
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_momentum_step", "grade": true, "points": 2}
check("momentum_step", momentum_step)

# %% [markdown]
# Every exercise has three hints. The next cell shows the first one; run it again for the second. For other exercises, change the name.

# %%
hint("momentum_step")

# %% [markdown]
# Now roll down the valley with your own rule. Two arrows lead from the ball to its next place: what the memory carries over, and what the gradient adds. The dashed path is the same rule without a memory. Move the sliders for `update` and `rho` (Tab and arrow keys work too). At which `rho` does the ball begin to swing across the valley? At which does it run past the minimum?

# %%
widgets.explore_momentum(momentum_step, lr=(0.01, 0.6))

# %% [markdown]
# L4 says what you see: velocity builds up along shallow directions, and it is damped in steep ones, where the gradient changes its sign quickly. From `rho = 0.5` on the ball swings across the valley; from 0.9 on it also runs past the minimum and has to come back. L4's picture for it is a ball with friction: `rho` near 1 means little friction.

# %% [markdown]
# ## 3. A velocity
#
# *8 minutes.* L3, L4 and L0's second form keep another array. L3 calls it the *movement*: the movement of the last step minus the gradient at present.
#
# $$v \leftarrow \rho\, v - \text{lr}\; g \qquad\qquad \theta \leftarrow \theta + v$$
#
# We call this **form 2**. L0 calls the two forms equivalent. The velocity `v` is the step itself: lr and the minus are inside.

# %% [markdown]
# **Exercise `velocity_step`** (2 points).


# %% nbgrader={"grade_id": "velocity_step", "solution": true}
def velocity_step(theta, grad, v, lr, rho):
    """Make one update of momentum, form 2.

    Must not change its arguments.

    Args:
        theta: parameters, float64, shape (D,).
        grad: gradient at theta, float64, shape (D,).
        v: velocity before this update, float64, shape (D,).
        lr: learning rate, a number.
        rho: decay of the velocity, at least 0 and below 1.

    Returns:
        The new theta and the new v, each of shape (D,).
    """
    ### BEGIN SOLUTION
    v = rho * v - lr * grad
    theta = theta + v
    return theta, v
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_velocity_step", "grade": true, "points": 2}
check("velocity_step", velocity_step)

# %% [markdown]
# Are the two forms really equivalent? With a constant lr, $v = -\text{lr}\; m$ at every update. Now let lr fall to a fifth half-way, as many training runs do. Predict first.

# %%
predict("when_the_rate_falls")

# %%
with when_written():
    for title, later in {"constant": 0.1, "a fifth after update 20": 0.02}.items():
        runs = [
            trajectory(
                step,
                valley.gradient,
                valley.start,
                40,
                rho=0.8,
                lr_schedule=lambda t, later=later: 0.1 if t <= 20 else later,
            )["theta"]
            for step in (momentum_step, velocity_step)
        ]
        print(f"lr {title}: largest gap {np.abs(runs[0] - runs[1]).max():.2g}")

# %% [markdown]
# With a constant lr the gap is rounding. When lr falls, form 1 shortens the whole step at once. Form 2 shortens only what is new: its velocity still holds steps of the old length. So **forms 1 and 2 agree only while lr is constant**.

# %% [markdown]
# ## 4. An average
#
# *14 minutes.* L2 looks at momentum as a way to calm noise. It calls the mini-batch gradients $S^0, S^1, \dots, S^{50}$ and keeps an average of them:
#
# $$v^k = \beta\, v^{k-1} + (1 - \beta)\, S^k \qquad\qquad v^{-1} = 0$$
#
# It is called an *exponential moving average* (EMA). Written out, as on L2's slides:
#
# $$v^0 = (1-\beta) S^0 \qquad v^2 = (1 - \beta)(\beta^2 S^0 + \beta S^1 + S^2) \qquad v^k = (1 - \beta) \sum_{t=0}^{k} \beta^{k-t} S^t$$

# %% [markdown]
# **Exercise `ema`** (2 points). Return all averages, from $v^0$ to $v^{T-1}$. An entry of `values` is a number or an array.


# %% nbgrader={"grade_id": "ema", "solution": true}
def ema(values, beta):
    """Return the exponential moving averages of a series; the average before it is 0.

    Args:
        values: the series, float64, shape (T, ...) with T at least 1.
        beta: share of the old average, at least 0 and below 1.

    Returns:
        The average after each value, float64, shape (T, ...).
    """
    ### BEGIN SOLUTION
    average, averages = 0 * values[0], []
    for value in values:
        average = beta * average + (1 - beta) * value
        averages.append(average)
    return np.array(averages)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_ema", "grade": true, "points": 2}
check("ema", ema)

# %% [markdown]
# **Exercise `ema_weights`** (1 point). The last average is a weighted sum of all values. Return its weights, the oldest value first. For $T = 3$ and $\beta = 0.9$, L2's slide has 0.81, 0.9 and 1, each times 0.1.


# %% nbgrader={"grade_id": "ema_weights", "solution": true}
def ema_weights(T, beta):
    """Return the weights of T values in the last of their moving averages, the oldest first.

    Args:
        T: number of values, at least 1.
        beta: share of the old average, at least 0 and below 1.

    Returns:
        The weights, float64, shape (T,).
    """
    ### BEGIN SOLUTION
    return (1 - beta) * beta ** (T - 1 - np.arange(T))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_ema_weights", "grade": true, "points": 1}
check("ema_weights", ema_weights)

# %% [markdown]
# An average has weights that add up to 1. Do these? Look at the last number of each row.

# %%
with when_written():
    for T in (1, 3, 10, 51):
        weights = ema_weights(T, 0.9)
        print(f"T = {T:2}: the newest weighs {weights[-1]:.2f}, all together {weights.sum():.4f}")

# %% [markdown]
# After L2's 51 values the weights add up to 0.995, nearly 1: in the limit it is an average, says L2. After three values they add up to 0.271 only. The rest still lies on the zero start. In 06 this gap is corrected.
#
# How much noise does the average take away? Suppose the $S^k$ are independent, each with variance $\sigma^2$. A sum with the weights $w_i$ has the variance $\sigma^2 \sum_i w_i^2$.

# %%
predict("variance_of_the_average")

# %% [markdown]
# Now measure it: 2000 series of noisy gradients around 1. Compare the last two numbers. In the picture of one series look at how far each line jumps, and at the start.

# %%
rng = np.random.default_rng(5)
noisy = 1 + rng.normal(size=(2000, 51))
with when_written():
    averages = ema(noisy.T, 0.9)
    print(f"variance of S^50: {noisy[:, -1].var():.3f}")
    print(f"variance of v^50: {averages[-1].var():.4f} in 2000 series")
    print(f"predicted by your weights: {np.sum(ema_weights(51, 0.9) ** 2):.4f}")
    ax = plots.curves({"S": noisy[3], "average": averages[:, 3]}, xlabel="k", ylabel="gradient")
    show(
        ax,
        alt="One noisy series S^0 to S^50 around 1, and its moving average: it starts near 0, "
        "climbs for some twenty values, and then varies far less than the series.",
    )

# %% [markdown]
# The sum of the squared weights tends to $(1 - \beta)/(1 + \beta)$. For $\beta = 0.9$ that is 1/19 = 0.0526. So the variance falls to about a nineteenth and the spread to less than a quarter. This is L2's point: momentum smooths noisy gradients and reduces variance.
#
# The start shows too: for some twenty values the average is too small.

# %% [markdown]
# ## 5. One picture for three forms
#
# *11 minutes.* L2 uses its average for the step: $w \leftarrow w - \alpha\, v$. Each gradient comes in with the share $1 - \beta$, so the same lr gives shorter steps than form 1.

# %% [markdown]
# **Exercise `equivalent_ema_lr`** (1 point). Which learning rate makes L2's form take the same steps as form 1 with `lr`?


# %% nbgrader={"grade_id": "equivalent_ema_lr", "solution": true}
def equivalent_ema_lr(lr, rho):
    """Return the rate with which the averaged form makes the steps of form 1 with lr.

    Args:
        lr: learning rate of form 1, a number.
        rho: decay of both, at least 0 and below 1.

    Returns:
        The rate of the averaged form, a number.
    """
    ### BEGIN SOLUTION
    return lr / (1 - rho)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_equivalent_ema_lr", "grade": true, "points": 1}
check("equivalent_ema_lr", equivalent_ema_lr)

# %% [markdown]
# These are the forms of the lectures:
#
# | | memory | step | lecture |
# |---|---|---|---|
# | form 1 | $\rho m + g$ | $-\text{lr}\; m$ | L0, L1, PyTorch |
# | form 2 | $\rho v - \text{lr}\; g$ | $v$ | L0, L3, L4 |
# | average | $\rho v + (1 - \rho) g$ | $-\text{lr}\; v$ | L2 |


# %%
def averaged_step(theta, grad, v, lr, rho):
    """Momentum as L2 writes it: the memory is an average."""
    v = rho * v + (1 - rho) * grad
    return theta - lr * v, v


def rescaled_average_step(theta, grad, v, lr, rho):
    """The averaged form with the rate that you worked out."""
    return averaged_step(theta, grad, v, equivalent_ema_lr(lr, rho), rho)


# %%
predict("which_forms_agree")

# %% [markdown]
# Now look. The switch says what the learning rate does. Paths that are equal lie on each other; only the uppermost is seen, and the line above the picture says which they are. Try all three positions of the switch.

# %%
widgets.explore_conventions(
    {
        "form 1": momentum_step,
        "form 2": velocity_step,
        "average": averaged_step,
        "average, rescaled": rescaled_average_step,
    }
)

# %% [markdown]
# Constant lr: form 1, form 2 and the rescaled average are one path. The average with the same lr is slower: at rho = 0.8 its steps are a fifth as long. A changing lr: form 2 leaves the others, and the rescaled average stays on form 1.
#
# If you carry `lr = 0.1` from one lecture or library to another, ask first which form it means.

# %% [markdown]
# **A question in words** (3 points, read by a person). A friend trains with form 1, `lr = 0.1`, `rho = 0.9`. She moves to a library that uses L2's average, keeps both numbers, and her training becomes slow. Another friend moves to form 2 with a learning rate that falls by steps, and sees a difference right after each fall.
#
# Explain both, in five to eight sentences. Which number should the first friend change, and to what? Why does the second see a difference only after a fall?

# %% [markdown] nbgrader={"grade_id": "why_forms_differ", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# Form 1 adds each gradient whole, so its memory under a steady gradient grows to $g/(1-\rho)$, ten times the gradient. L2's average takes only the share $1 - \rho = 0.1$ of each gradient, so its memory stays near $g$. With the same lr all steps are therefore ten times as short. She should set lr to $0.1/(1 - 0.9) = 1$; then both forms make the same steps. In form 2 the velocity holds finished steps, each with the learning rate that was in force when it was made: $v = -\text{lr}\; m$ holds as long as lr is constant, so before the first fall nothing differs. When lr falls, form 1 multiplies its whole memory by the new rate at once. Form 2 goes on with velocity from the old rate, which fades by $\rho$ per update, so for some ten updates its steps are longer.
#
# ### BEGIN MARK SCHEME
# 1 point: the average takes the share 1 - rho of each gradient (or: form 1's memory is 1/(1 - rho) times as large), so the steps are ten times as short.
#
# 1 point: the new rate is lr/(1 - rho) = 1. A right formula without the number gives the point; "a larger lr" gives half.
#
# 1 point: form 2 has lr inside its velocity, form 1 outside; after a fall the old velocity still has the old rate and fades over some updates. "They are equivalent only for constant lr" without a reason gives half.
# ### END MARK SCHEME
# ### END SOLUTION

# %% [markdown]
# ## 6. Looking ahead
#
# *14 minutes.* In form 2 the step is the sum of two parts: $\rho v$ and $-\text{lr}\; g$. L0 points to a mismatch. The first part is known before the gradient is asked for, and it will carry us to $\theta + \rho v$ in any case. Yet the gradient is taken at $\theta$. Nesterov's momentum takes it at the *lookahead point*:
#
# $$v \leftarrow \rho\, v - \text{lr}\; \nabla L(\theta + \rho\, v) \qquad\qquad \theta \leftarrow \theta + v$$
#
# L4 has this formula. L0's slide has a slip: on the right it says $v_t$ where $m_t$ is meant. There is only one velocity.

# %% [markdown]
# **Exercise `nesterov_step`** (3 points). This rule needs the gradient at a point of its own, so it gets the function `grad_fn`.


# %% nbgrader={"grade_id": "nesterov_step", "solution": true}
def nesterov_step(theta, grad_fn, v, lr, rho):
    """Make one update of Nesterov's momentum.

    Must not change its arguments.

    Args:
        theta: parameters, float64, shape (D,).
        grad_fn: gradient at any point, (D,) -> (D,).
        v: velocity before this update, float64, shape (D,).
        lr: learning rate, a number.
        rho: decay of the velocity, at least 0 and below 1.

    Returns:
        The new theta and the new v, each of shape (D,).
    """
    ### BEGIN SOLUTION
    grad = grad_fn(theta + rho * v)
    v = rho * v - lr * grad
    theta = theta + v
    return theta, v
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_nesterov_step", "grade": true, "points": 3}
check("nesterov_step", nesterov_step)

# %%
predict("what_looking_ahead_does")

# %% [markdown]
# The same valley, the same settings as in section 2, and your new rule. The orange arrow is the memory. The green arrow is the gradient at the ball, for comparison: your rule asks at the end of the orange one. So here the two arrows do not lead to the next place. Compare the swings with those in section 2.

# %%
widgets.explore_momentum(nesterov_step, lr=(0.01, 0.6))

# %% [markdown]
# The swings across the valley die sooner. The lookahead brakes before the wall. It has a price: move `lr` to 0.4, and the ball flies off, where that of section 2 still comes home.

# %% [markdown]
# ### The form used in practice
#
# A training loop computes the gradient at the parameters that it holds. So one holds the lookahead point itself: $\phi = \theta + \rho\, v$. Then the gradient at $\phi$ is just what Nesterov wants. What is the rule for $\phi$?
#
# From $\phi$ back to $\theta$: subtract $\rho\, v_\text{old}$. Move: add $v_\text{new}$. Ahead again: add $\rho\, v_\text{new}$.
#
# $$v_\text{new} = \rho\, v_\text{old} - \text{lr}\; g \qquad\qquad \phi \leftarrow \phi - \rho\, v_\text{old} + (1 + \rho)\, v_\text{new}$$

# %% [markdown]
# **Exercise `nesterov_step_shifted`** (2 points). `grad` is the gradient at `phi`.


# %% nbgrader={"grade_id": "nesterov_step_shifted", "solution": true}
def nesterov_step_shifted(phi, grad, v, lr, rho):
    """Make one update of Nesterov's momentum at the shifted point phi = theta + rho v.

    Must not change its arguments.

    Args:
        phi: shifted parameters, float64, shape (D,).
        grad: gradient at phi, float64, shape (D,).
        v: velocity before this update, float64, shape (D,).
        lr: learning rate, a number.
        rho: decay of the velocity, at least 0 and below 1.

    Returns:
        The new phi and the new v, each of shape (D,).
    """
    ### BEGIN SOLUTION
    old = v
    v = rho * v - lr * grad
    phi = phi - rho * old + (1 + rho) * v
    return phi, v
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_nesterov_step_shifted", "grade": true, "points": 2}
check("nesterov_step_shifted", nesterov_step_shifted)

# %% [markdown]
# L1 has a third way: it splits the step in two. First $\theta \leftarrow \theta - \text{lr}\,\rho\, m$, then the gradient is taken there, then $m \leftarrow \rho m + g$ and $\theta \leftarrow \theta - \text{lr}\; g$. Three ways, one rule? Run them side by side.


# %%
def nesterov_split_step(theta, grad_fn, m, lr, rho):
    """Nesterov's rule as L1 writes it, in two moves."""
    ahead = theta - lr * rho * m
    grad = grad_fn(ahead)
    return ahead - lr * grad, rho * m + grad


def follow(step, steps=60, lr=0.1, rho=0.8):
    """Follow a rule that asks for its own gradients; return points and memories."""
    place, memory = np.array(valley.start), np.zeros(2)
    history = [(place, memory)]
    for _ in range(steps):
        place, memory = step(place, valley.gradient, memory, lr=lr, rho=rho)
        history.append((place, memory))
    return tuple(np.array(column) for column in zip(*history, strict=True))


# %%
def shifted_step(phi, grad_fn, v, lr, rho):
    """Your shifted form, asking for the gradient where it stands."""
    return nesterov_step_shifted(phi, grad_fn(phi), v, lr, rho)


with when_written():
    theta, v = follow(nesterov_step)
    split, _ = follow(nesterov_split_step)
    phi, w = follow(shifted_step)
    print(f"L1's split against yours:      {np.abs(split - theta).max():.1e}")
    print(f"phi - rho v against yours:     {np.abs(phi - 0.8 * w - theta).max():.1e}")
    print(f"phi against theta, update 1:   {np.abs(phi[1] - theta[1]).max():.2f}")
    print(f"phi against theta, update 60:  {np.abs(phi[60] - theta[60]).max():.1e}")

# %% [markdown]
# One rule, three ways to write it. The shifted form stands elsewhere by $\rho v$. At the end `v` fades, and the two meet. That is why practice can ignore the shift.

# %% [markdown]
# ## 7. A matrix decides
#
# *12 minutes.* Take one direction with curvature $c$. Let `error` be the distance from the minimum; then the gradient is $c \cdot \text{error}$. One update of form 1 turns the pair (m, error) into a new pair, and it does so linearly. So it is a 2 × 2 matrix. Running $k$ updates multiplies by it $k$ times.
#
# In 01 each update multiplied the error by one factor. Now there are two: the **eigenvalues** of the matrix. In the long run the larger one counts. Its size is called the *spectral radius*: the factor of the error per update. Below 1 the run converges. If the eigenvalues are complex numbers, the error swings.

# %% [markdown]
# **Exercise `momentum_matrix`** (2 points). Row 1 gives the new m, row 2 the new error. Column 1 belongs to the old m, column 2 to the old error. The new error moves by the *new* m.


# %% nbgrader={"grade_id": "momentum_matrix", "solution": true}
def momentum_matrix(curvature, lr, rho):
    """Return the matrix of one update of form 1 in one quadratic direction.

    Args:
        curvature: second derivative of the loss along this direction, a number.
        lr: learning rate, a number.
        rho: decay of the memory, at least 0 and below 1.

    Returns:
        The matrix that takes (m, error) to the new (m, error), float64, shape (2, 2).
    """
    ### BEGIN SOLUTION
    return np.array([[rho, curvature], [-lr * rho, 1 - lr * curvature]])
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_momentum_matrix", "grade": true, "points": 2}
check("momentum_matrix", momentum_matrix)

# %% [markdown]
# Does the matrix tell the truth? Multiply by it 20 times, and run your `momentum_step` 20 times along the steep direction. Compare the first two lines: m and error after 20 updates.

# %%
with when_written():
    run = trajectory(momentum_step, lambda x: 4.0 * x, [1.0], 20, lr=0.1, rho=0.8)
    matrix = momentum_matrix(4.0, 0.1, 0.8)
    print("by steps: ", run["m"][-1].round(6), run["theta"][-1].round(6))
    print("by matrix:", (np.linalg.matrix_power(matrix, 20) @ [0.0, 1.0]).round(6))
    print("eigenvalues:", np.linalg.eigvals(matrix).round(3))

# %% [markdown]
# They agree. The eigenvalues are complex here (`j` is Python's sign for $\sqrt{-1}$).
#
# The product of the two eigenvalues is the determinant of the matrix, and that is always `rho`. Complex eigenvalues have equal sizes, so each has the size $\sqrt{\rho}$: then `lr` and the curvature have no influence on the speed. If they are real and differ, one of them is larger than $\sqrt{\rho}$.
#
# A valley has two curvatures, and the slower one decides. The best pair makes both directions equally fast, just where real eigenvalues become complex. That is at $\sqrt{\text{lr}\,\mu} = 1 - \sqrt\rho$ for the smallest curvature $\mu$, and $\sqrt{\text{lr}\,L} = 1 + \sqrt\rho$ for the largest, $L$.

# %% [markdown]
# **Exercise `optimal_momentum`** (1 point). Solve the two equations for `lr` and `rho`. With one curvature only, `mu == L`, a single step should do: `rho` is 0.


# %% nbgrader={"grade_id": "optimal_momentum", "solution": true}
def optimal_momentum(mu, L):
    """Return the setting of form 1 whose worst spectral radius over [mu, L] is smallest.

    Args:
        mu: smallest curvature, above 0.
        L: largest curvature, at least mu.

    Returns:
        lr and rho, two numbers.
    """
    ### BEGIN SOLUTION
    low, high = np.sqrt(mu), np.sqrt(L)
    lr = (2 / (high + low)) ** 2
    rho = ((high - low) / (high + low)) ** 2
    return lr, rho
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_optimal_momentum", "grade": true, "points": 1}
check("optimal_momentum", optimal_momentum)

# %%
predict("gain_of_the_best_setting")

# %% [markdown]
# The map shows the worst radius in L2's valley for every pair of settings, computed from your matrix. The star is your optimum. Hatched pairs diverge. The idea of the map is that of an article that L1 recommends: Goh, *Why momentum really works* (Distill, 2017). Lighter is faster. Where is the lightest place, and what happens to the edge of divergence when `rho` grows?

# %%
with when_written():
    ax = plots.momentum_map(momentum_matrix, 0.2, 4.0, best=optimal_momentum(0.2, 4.0))
    show(
        ax,
        alt="Map of the worst spectral radius over lr and rho. It is lowest, 0.635, at a star near "
        "lr 0.67 and rho 0.40, at the tip of a wedge. Without momentum the edge of divergence is at "
        "lr 0.5; it moves to the right as rho grows, to nearly 1.",
    )

# %% [markdown]
# The lightest place is the tip of a wedge, and your star is in it. In the wedge the lines are level: there only `rho` counts. The edge of divergence moves to the right as `rho` grows.
#
# What is it worth? The next cell makes 40 updates with each rule at its best.

# %%
with when_written():
    best_lr, best_rho = optimal_momentum(0.2, 4.0)
    print(f"best lr {best_lr:.3f}, rho {best_rho:.3f}, radius {np.sqrt(best_rho):.3f}")
    plain = trajectory(gradient_descent_step, valley.gradient, valley.start, 40, lr=2 / 4.2)
    heavy = trajectory(momentum_step, valley.gradient, valley.start, 40, lr=best_lr, rho=best_rho)
    for label, run in {"gradient descent": plain, "momentum": heavy}.items():
        print(f"{label:17} at its best: loss {valley.value(run['theta'][-1]):.1g}")

# %% [markdown]
# Without momentum the best lr is $2/(\mu + L) = 0.476$, and the error shrinks by 0.905 per update. With momentum by 0.635. After 40 updates the losses are 0.004 and 4e-12. The edge of the map is at $\text{lr}\; L = 2\,(1 + \rho)$: a larger `rho` allows a larger lr.
#
# In a network nobody knows $\mu$ and $L$, and they change on the way. But the lesson stays: the best `rho` depends on how ill-conditioned the loss is, and `lr` and `rho` want to be tuned together.

# %% [markdown]
# ## 8. Saddle, ravine, and a memory that grows
#
# *8 minutes.* First a saddle, one of L0's problems. All runners start 0.001 beside the ridge.

# %%
predict("momentum_at_a_saddle")

# %%
runners = {"gradient descent": gradient_descent_step, "your momentum": momentum_step}
animations.race(landscapes.saddle, runners, steps=60, lr=0.05, rho=0.9)

# %% [markdown]
# Play it, or move the slider with the arrow keys. The slope beside the ridge is tiny but always has the same sign, so the memory adds it up. Momentum is 0.1 away from the ridge after 19 updates, gradient descent after 49.
#
# Next a bent ravine. Look at who is fast at first, and who is at the end.

# %%
animations.race(landscapes.ravine, runners | {"your velocity": velocity_step}, steps=150, lr=0.05)

# %% [markdown]
# At first momentum is behind: its memory carries it up the other wall. But after 150 updates gradient descent is still on its way, at a loss of 1.2, and momentum has 2e-6. Forms 1 and 2 lie on each other: lr is constant here.
#
# L4 gives 0.5, 0.9 and 0.99 as usual values and adds: sometimes annealed over time, from 0.5 to 0.99. (To *anneal* is to change a setting slowly during a run.)

# %% [markdown]
# **Exercise `annealed_momentum`** (1 point). A straight line from `start` at `t = 0` to `end` at `t = total`, and `end` from then on. `end` may be above `start` or below it.


# %% nbgrader={"grade_id": "annealed_momentum", "solution": true}
def annealed_momentum(t, total, start=0.5, end=0.99):
    """Return the rho of moment t: linear from start to end, then end.

    Args:
        t: number of updates made, at least 0.
        total: number of updates until `end` is reached, above 0.
        start: rho at t = 0.
        end: rho from t = total on.

    Returns:
        rho, a number.
    """
    ### BEGIN SOLUTION
    return start + (end - start) * np.minimum(t / total, 1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_annealed_momentum", "grade": true, "points": 1}
check("annealed_momentum", annealed_momentum)

# %% [markdown]
# Is it any good? Four runs in the ravine, three with a constant `rho`. Compare the last losses.


# %%
def ravine_loss(rho_at, steps=150, lr=0.05):
    """Run form 1 in the ravine with a rho that depends on t; return the last loss."""
    ravine = landscapes.ravine
    theta, m = np.array(ravine.start), np.zeros(2)
    for t in range(steps):
        theta, m = momentum_step(theta, ravine.gradient(theta), m, lr, rho_at(t))
    return float(ravine.value(theta))


with when_written():
    for rho in (0.5, 0.9, 0.99):
        print(f"rho = {rho:<4} all the way: loss {ravine_loss(lambda _, rho=rho: rho):.1g}")
    print(f"from 0.5 to 0.99:        loss {ravine_loss(lambda t: annealed_momentum(t, 150)):.1g}")

# %% [markdown]
# 0.5 is too sluggish here (0.3), 0.99 swings too long (0.03). The annealed run gets 3e-5 without knowing the good value in advance; a constant 0.9 is better still (2e-6). Annealing is a hedge and no law.

# %% [markdown]
# ## 9. A bug hunt
#
# *6 minutes.* A colleague has written Nesterov's rule. It trains. It is wrong.


# %%
def suspect_nesterov_step(theta, grad_fn, v, lr, rho):
    """One update of Nesterov's momentum, says its author."""
    grad = grad_fn(theta + v)
    v = rho * v - lr * grad
    theta = theta + v
    return theta, v


# %%
predict("loss_of_the_suspect_lookahead")

# %% [markdown]
# Both rules run in the valley from the same start. Compare the losses, and then the velocities update by update.

# %%
with when_written():
    mine = follow(nesterov_step, lr=0.2)
    theirs = follow(suspect_nesterov_step, lr=0.2)
    for label, (points, _) in {"yours": mine, "suspect": theirs}.items():
        print(f"{label:8} loss after 60 updates: {valley.value(points[-1]):.2g}")
    print("update   v across: yours  suspect")
    for t in range(1, 4):
        print(f"{t:6}  {mine[1][t, 1]:16.4f} {theirs[1][t, 1]:8.4f}")

# %% [markdown]
# The wrong rule is *faster* here. No loss would betray it. But the velocities part at update 2.
#
# **Practice `repaired_nesterov_step`** (no points). Why do they agree at update 1? Find the fault and write the repaired rule.


# %% nbgrader={"grade_id": "repaired_nesterov_step", "solution": true}
def repaired_nesterov_step(theta, grad_fn, v, lr, rho):
    """Make one update of Nesterov's momentum: the suspect, repaired."""
    ### BEGIN SOLUTION
    grad = grad_fn(theta + rho * v)
    v = rho * v - lr * grad
    theta = theta + v
    return theta, v
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_repaired_nesterov_step", "grade": true, "points": 0}
check("repaired_nesterov_step", repaired_nesterov_step)

# %% [markdown]
# At a larger rate the luck ends: with `lr = 0.3` and `rho = 0.8` the suspect swings in this valley for ever, at a loss of 0.94, while the right rule gets to 4e-7.

# %% [markdown]
# ## 10. Quiz
#
# *4 minutes.* Six questions over the whole notebook. They give no points. Every answer, right or wrong, gets a reply.

# %%
quiz("aligned_gradients")

# %%
quiz("forms_always_agree")

# %%
quiz("rate_for_the_average")

# %%
quiz("where_nesterov_looks")

# %%
quiz("rho_and_friction")

# %%
quiz("momentum_and_noise")

# %% [markdown]
# ## What you can do now
#
# - Write momentum in the forms of all five lectures, and say when they agree.
# - Carry a learning rate from one form to another.
# - Read a moving average as a weighted sum, and predict how much noise it removes.
# - Write Nesterov's rule in three ways.
# - Say from a 2 × 2 matrix whether a setting converges, swings or diverges, and compute the best one.
#
# Next comes 06_adaptive_methods: each parameter gets a rate of its own, and the moving average comes back, with a correction for its zero start.
#
# The next cell shows how far you are.

# %%
progress("05_momentum")
