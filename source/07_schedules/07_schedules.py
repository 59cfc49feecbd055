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
# # The learning rate over time
#
# No single learning rate is best for a whole run. In this notebook you write the ways in which it can change: steps, exponentials, straight lines, cosines, restarts and a warm-up. You put them on one axis, train a network with them, and compare your numbers with PyTorch's. You test a theorem about them by simulation. At the end you hunt for a bug that PyTorch itself has.
#
# The notebook takes about 100 minutes. It gives 20 points.
#
# | section | minutes | exercises (points) |
# |---|---|---|
# | 1. No rate is best all the time | 7 | |
# | 2. Steps, an exponential, and 1/t | 16 | `step_decay` (1), `exponential_decay` (1), `inverse_time_decay` (1) |
# | 3. Down to a fixed end | 12 | `linear_decay` (2), `polynomial_decay` (1), `inverse_sqrt_decay` (1) |
# | 4. Half a cosine, once and again | 14 | `cosine_decay` (2), `cosine_restarts` (3), `trace_schedules` (practice) |
# | 5. Warm-up | 9 | `with_warmup` (2) |
# | 6. All on one axis | 8 | |
# | 7. How fast may it fall? | 12 | `satisfies_robbins_monro` (1), a question in words (3) |
# | 8. Finding the first rate | 8 | `learning_rate_range_test` (2) |
# | 9. PyTorch's names | 4 | |
# | 10. A bug hunt | 6 | `repaired_cosine_restarts` (practice) |
# | 11. Quiz and what you can do now | 4 | |
#
# L0 to L4 are the five lectures of the course. You need 04 and 05, and no lecture at hand.

# %% [markdown]
# Run the next cell first. It loads NumPy and the course's helper package.

# %% nbgrader={"grade_id": "setup", "locked": true}
import math

import matplotlib.pyplot as plt
import numpy as np

from downslope import (
    check,
    datasets,
    hint,
    networks,
    optimizers,
    plots,
    predict,
    progress,
    quiz,
    show,
    training,
    when_written,
    widgets,
)
from downslope.torch_schedules import first_rate, torch_rates, torch_version

# %% [markdown]
# ## 1. No rate is best all the time
#
# *7 minutes.* SGD, momentum, Adagrad, RMSProp and Adam all have a learning rate. L4 asks: which one is best to use? Take the simplest case that shows the problem. The loss is L2's bowl, $w_1^2 + 2 w_2^2$. Each gradient has noise in it, as a mini-batch's has.
#
# The next function runs gradient descent with a list of learning rates, one an update. It does so 200 times with other noise, and returns the mean loss after each update.


# %%
def noisy_bowl(rates, runs=200, seed=7):
    """Mean loss on L2's bowl before and after each update, with noisy gradients."""
    rng = np.random.default_rng(seed)
    w, losses = np.full((runs, 2), [8.0, -6.0]), []
    for lr in [*rates, 0.0]:
        losses.append(np.mean(w[:, 0] ** 2 + 2 * w[:, 1] ** 2))
        grad = w * [2.0, 4.0] + rng.normal(0, 3.0, size=w.shape)
        w = w - lr * grad
    return np.array(losses)


# %% [markdown]
# Three plans for 200 updates: a large rate, a small rate, and the large rate that is divided by 10 halfway. Predict how the third one ends.

# %%
predict("large_small_or_dropped")

# %%
t = np.arange(200)
plans = {"large": 0.2 + 0 * t, "small": 0.02 + 0 * t, "dropped": np.where(t < 100, 0.2, 0.02)}
losses = {name: noisy_bowl(rates) for name, rates in plans.items()}
for name, loss in losses.items():
    print(
        f"{name:8} after 10 updates {loss[10]:8.3f}   after 100 {loss[100]:.3f}   at the end {loss[-1]:.3f}"
    )
show(
    plots.curves(losses, xlabel="updates made", ylabel="mean loss", logy=True),
    alt="Mean loss over 200 updates, log scale. With the large rate it falls within ten updates and "
    "then stays at a plateau. With the small rate it takes a hundred updates, and its plateau is "
    "more than ten times lower. The dropped rate has both: the fast fall and, after the drop, the low plateau.",
)

# %% [markdown]
# The large rate is fast, and then the noise keeps it at a height: each step throws it about. The small rate is slow, and ends lower. The third plan has the best of both. This is the idea of L0, L1, L2 and L4: **a large rate at first, a smaller one later.** L2 gives the two reasons. Early the noise does no harm and helps to explore. Late only the noise is left, and it should be removed.
#
# A function that gives the learning rate for each update is called a **schedule**. L1: even RMSProp and Adam, which adapt the rate of each parameter, usually need one for the best results. L0: it is critical for SGD with momentum, and less common with Adam.
#
# From here on, `t` is the number of updates (or epochs) that have been *made before*: 0, 1, 2, ... So `t = 0` belongs to the first update. One formula will count otherwise, and says so.

# %% [markdown]
# ## 2. Steps, an exponential, and 1/t
#
# *16 minutes.* **Step decay** (L0, L4) multiplies the rate by a fixed factor every few epochs. With a half every ten epochs: epochs 0 to 9 have lr0, epochs 10 to 19 half of it, and so on.
#
# $$\text{lr} = \text{lr}_0 \cdot \text{drop}^{\lfloor \text{epoch} / \text{every} \rfloor}$$
#
# The brackets $\lfloor\;\rfloor$ mean: round down to a whole number.

# %% [markdown]
# **Exercise `step_decay`** (1 point). All schedules of this notebook take one `t` or an array of them, and give one rate or an array of the same shape. Use NumPy's functions and operators: they do both.


# %% nbgrader={"grade_id": "step_decay", "solution": true}
def step_decay(lr0, epoch, drop=0.5, every=10):
    """Return the learning rate of an epoch: lr0, multiplied by drop after each `every` epochs.

    Must not change its arguments.

    Args:
        lr0: learning rate of the first epochs.
        epoch: epochs made before, a number or an array of any shape.
        drop: what is left of the rate at each drop, between 0 and 1.
        every: number of epochs from one drop to the next.

    Returns:
        The rate, float64, in the shape of epoch.
    """
    ### BEGIN SOLUTION
    return lr0 * drop ** (epoch // every)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_step_decay", "grade": true, "points": 1}
check("step_decay", step_decay)

# %% [markdown]
# Every exercise has three hints. The next cell shows the first one; run it again for the second. For other exercises, change the name.

# %%
hint("step_decay")

# %% [markdown]
# **Exponential decay** shrinks the rate by the same factor at *every* step. The lectures write it in three ways:
#
# | lecture | formula | its constant |
# |---|---|---|
# | L0, L4 | $\text{lr}_0\, e^{-k t}$ | $k$, a rate: larger is faster |
# | L1 | $\text{lr}_0 \cdot c^{\,t}$ | $c$, the factor of one step: smaller is faster |
# | L2 | $\text{lr}_0\, e^{-t/\tau}$ (its $t$ is called $k$) | $\tau$, a time: smaller is faster |
#
# L1: often used for networks that recognise images, where the factor comes after each batch, each epoch or several epochs.

# %% [markdown]
# **Exercise `exponential_decay`** (1 point). This course uses the first form.


# %% nbgrader={"grade_id": "exponential_decay", "solution": true}
def exponential_decay(lr0, t, k):
    """Return lr0 times e to the power -k t.

    Must not change its arguments.

    Args:
        lr0: learning rate of the first update.
        t: updates made before, a number or an array of any shape.
        k: decay of one update, at least 0.

    Returns:
        The rate, float64, in the shape of t.
    """
    ### BEGIN SOLUTION
    return lr0 * np.exp(-k * t)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_exponential_decay", "grade": true, "points": 1}
check("exponential_decay", exponential_decay)

# %% [markdown]
# Are the three forms one family? The rate shall be halved every 7 updates. Which $k$, $c$ and $\tau$ do that? Predict $c$ for $k = 0.1$ first.

# %%
predict("factor_of_k")

# %%
t = np.arange(15)
k = np.log(2) / 7
c, tau = np.exp(-k), 1 / k
print(f"k = {k:.4f}   c = {c:.4f}   tau = {tau:.4f}")
with when_written():
    yours = exponential_decay(0.8, t, k)
    print("yours at t = 0, 7, 14:", yours[::7].round(4).tolist())
    print("gap to c**t:      ", np.abs(yours - 0.8 * c**t).max())
    print("gap to exp(-t/tau):", np.abs(yours - 0.8 * np.exp(-t / tau)).max())

# %% [markdown]
# They agree to the last digits: $c = e^{-k}$ and $\tau = 1/k$. After $\tau$ updates the rate is down to $1/e$, 37%.
#
# Beside its formula, L2 has the condition "for $k \geq \tau$", where $k$ is the step. Taken literally, nothing would be said about the first $\tau$ steps. It is a slip: the formula holds from $k = 0$ on. Here is what comes of it if one lets the rate wait.

# %%
waiting = np.where(t >= tau, 0.8 * np.exp(-t / tau), 0.8)
for step in (0, 9, 10, 11):
    print(
        f"t = {step:2}   from the start {0.8 * np.exp(-step / tau):.3f}   waits for tau {waiting[step]:.3f}"
    )

# %% [markdown]
# The rate would stand still at 0.8 for eleven updates and then jump to 0.269. No decay is meant to do that.
#
# And step decay is a member of the same family, seen from afar: it touches the exponential with $k = \ln 2 / 10$ at every tenth epoch.

# %% [markdown]
# **1/t decay** (L0, L4) divides by a number that grows by $k$ at every step:
#
# $$\text{lr} = \frac{\text{lr}_0}{1 + k\, t}$$

# %% [markdown]
# **Exercise `inverse_time_decay`** (1 point).


# %% nbgrader={"grade_id": "inverse_time_decay", "solution": true}
def inverse_time_decay(lr0, t, k):
    """Return lr0 divided by 1 + k t.

    Must not change its arguments.

    Args:
        lr0: learning rate of the first update.
        t: updates made before, a number or an array of any shape.
        k: growth of the divisor in one update, at least 0.

    Returns:
        The rate, float64, in the shape of t.
    """
    ### BEGIN SOLUTION
    return lr0 / (1 + k * t)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_inverse_time_decay", "grade": true, "points": 1}
check("inverse_time_decay", inverse_time_decay)

# %%
predict("exponential_or_inverse_time")

# %%
with when_written():
    plans = {
        "exponential": lambda t: exponential_decay(0.8, t, 0.05),
        "1/t": lambda t: inverse_time_decay(0.8, t, 0.05),
        "step": lambda t: step_decay(0.8, t, np.exp(-1), 20),
    }
    for name, plan in plans.items():
        print(f"{name:12}", *(f"t = {t}: {plan(t):.6f}" for t in (0, 10, 100, 200)), sep="   ")
    show(
        plots.schedules(plans, 201, logy=True),
        alt="Exponential, 1/t and step decay over 200 updates on a log scale. The exponential is a "
        "straight line, the steps hang on it, and 1/t leaves both and becomes flat.",
    )

# %% [markdown]
# On a log scale the exponential is a straight line, and the steps touch it at every corner. With the same $k$ all begin alike. But at t = 200 the exponential has almost stopped, 0.000036, and 1/t still has 0.073. A long tail: you will see in section 7 what it is good for.

# %% [markdown]
# ## 3. Down to a fixed end
#
# *12 minutes.* The next schedules know when the run ends. **Linear decay** to a floor is L2's:
#
# $$\text{lr} = \Big(1 - \frac{t}{\text{total}}\Big)\,\text{lr}_0 + \frac{t}{\text{total}}\,\text{lr}_{\text{end}} \qquad \text{for } t \leq \text{total}$$
#
# L2 writes $k$, $\tau$, $\alpha_T$ for $t$, total, lr_end. After `total` the rate stays at the floor. L1's line is the case lr_end = 0: there are guarantees of convergence for it, but it is usually too fast for deep networks.

# %% [markdown]
# **Exercise `linear_decay`** (2 points).


# %% nbgrader={"grade_id": "linear_decay", "solution": true}
def linear_decay(lr0, lr_end, t, total):
    """Return the rate on a straight line from lr0 at t = 0 to lr_end at t = total.

    After total it stays at lr_end. Must not change its arguments.

    Args:
        lr0: learning rate of the first update.
        lr_end: learning rate at t = total and after, at most lr0.
        t: updates made before, a number or an array of any shape.
        total: number of updates from one end to the other.

    Returns:
        The rate, float64, in the shape of t.
    """
    ### BEGIN SOLUTION
    share = np.minimum(t, total) / total
    return lr0 + share * (lr_end - lr0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_linear_decay", "grade": true, "points": 2}
check("linear_decay", linear_decay)

# %% [markdown]
# **Polynomial decay** (L1) bends the line: the share of the time that is left is raised to a power.
#
# $$\text{lr} = \text{lr}_{\text{end}} + (\text{lr}_0 - \text{lr}_{\text{end}}) \Big(1 - \frac{t}{\text{total}}\Big)^{\text{power}}$$

# %% [markdown]
# **Exercise `polynomial_decay`** (1 point). After `total` the rate stays at `lr_end`, as before.


# %% nbgrader={"grade_id": "polynomial_decay", "solution": true}
def polynomial_decay(lr0, lr_end, t, total, power):
    """Return the rate on a curve from lr0 at t = 0 to lr_end at t = total, and lr_end after that.

    Must not change its arguments.

    Args:
        lr0: learning rate of the first update.
        lr_end: learning rate at t = total and after, at most lr0.
        t: updates made before, a number or an array of any shape.
        total: number of updates from one end to the other.
        power: exponent of the share of time that is left, above 0.

    Returns:
        The rate, float64, in the shape of t.
    """
    ### BEGIN SOLUTION
    left = 1 - np.minimum(t, total) / total
    return lr_end + (lr0 - lr_end) * left**power
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_polynomial_decay", "grade": true, "points": 1}
check("polynomial_decay", polynomial_decay)

# %%
predict("half_way_of_a_square")

# %%
with when_written():
    plans = {
        f"power {power}": lambda t, power=power: polynomial_decay(0.8, 0.1, t, 100, power)
        for power in (0.5, 1, 2, 4)
    }
    print({name: round(float(plan(50)), 3) for name, plan in plans.items()})
    show(
        plots.schedules(plans, 121),
        alt="Polynomial decay from 0.8 to 0.1 in 100 updates. Power 1 is a straight line; power 0.5 "
        "lies above it and falls late, powers 2 and 4 lie below it and fall early. All stay at 0.1.",
    )

# %% [markdown]
# A high power is fast at first and lands softly. A power below 1 keeps the rate high and falls at the end. Power 1 is your `linear_decay`.
#
# **Inverse square root decay** (L1) has no end. L1 reports it from the best systems for machine translation. It counts the updates from **1**, since $1/\sqrt{0}$ has no value:
#
# $$\text{lr} = \frac{\text{lr}_0}{\sqrt{t}} \qquad t = 1, 2, 3, \dots$$

# %% [markdown]
# **Exercise `inverse_sqrt_decay`** (1 point).


# %% nbgrader={"grade_id": "inverse_sqrt_decay", "solution": true}
def inverse_sqrt_decay(lr0, t):
    """Return lr0 divided by the root of t.

    Must not change its arguments.

    Args:
        lr0: learning rate of the first update, the one with t = 1.
        t: number of this update, counted from 1; a number or an array of any shape.

    Returns:
        The rate, float64, in the shape of t.
    """
    ### BEGIN SOLUTION
    return lr0 / np.sqrt(t)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_inverse_sqrt_decay", "grade": true, "points": 1}
check("inverse_sqrt_decay", inverse_sqrt_decay)

# %% [markdown]
# ## 4. Half a cosine, once and again
#
# *14 minutes.* **Cosine decay** (L1) has become popular for training and for *finetuning* (training a finished network a little further, for another task). It is flat at both ends: slow to leave the large rate, slow to arrive at 0.
#
# $$\text{lr} = \text{lr}_0 \cdot \frac12 \Big(1 + \cos\Big(\pi\, \frac{t}{\text{total}}\Big)\Big) = \text{lr}_0 \cdot \cos^2\Big(\frac{\pi}{2}\, \frac{t}{\text{total}}\Big)$$

# %% [markdown]
# **Exercise `cosine_decay`** (2 points). After `total` the rate is 0. What would the formula do there by itself?


# %% nbgrader={"grade_id": "cosine_decay", "solution": true}
def cosine_decay(lr0, t, total):
    """Return the rate on half a cosine wave from lr0 at t = 0 to 0 at t = total, and 0 after that.

    Must not change its arguments.

    Args:
        lr0: learning rate of the first update.
        t: updates made before, a number or an array of any shape.
        total: number of updates from one end to the other.

    Returns:
        The rate, float64, in the shape of t.
    """
    ### BEGIN SOLUTION
    share = np.minimum(t, total) / total
    return lr0 * 0.5 * (1 + np.cos(np.pi * share))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_cosine_decay", "grade": true, "points": 2}
check("cosine_decay", cosine_decay)

# %% [markdown]
# Follow five schedules by hand once. Take lr0 = 0.8 and these constants: step with drop 0.5 every 10; exponential with $k = \ln 2 / 5$; 1/t with $k = 0.2$; linear to 0.2 in 10 updates; cosine in 10 updates. The first row is done.
#
# | $t$ | step | exponential | 1/t | linear | cosine |
# |---|---|---|---|---|---|
# | 0 | 0.8 | 0.8 | 0.8 / 1 = 0.8 | 0.8 | 0.8 · ½ · (1 + 1) = 0.8 |
# | 5 | ? | ? | ? | ? | ? |
# | 10 | ? | ? | ? | ? | ? |
# | 15 | ? | ? | ? | ? | ? |
#
# **Practice `trace_schedules`** (no points). Fill in the five columns, four numbers each, as arrays: `step = np.array([0.8, ..., ..., ...])`. Where a number does not come out even, write the calculation, or round to 2, 3 or 4 decimals.


# %% nbgrader={"grade_id": "trace_schedules", "solution": true}
def trace_schedules():
    """Return the columns step, exponential, inverse_time, linear, cosine, each of shape (4,)."""
    ### BEGIN SOLUTION
    step = np.array([0.8, 0.8, 0.4, 0.4])
    exponential = np.array([0.8, 0.4, 0.2, 0.1])
    inverse_time = np.array([0.8, 0.4, 0.8 / 3, 0.2])
    linear = np.array([0.8, 0.5, 0.2, 0.2])
    cosine = np.array([0.8, 0.4, 0.0, 0.0])
    return step, exponential, inverse_time, linear, cosine
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_trace_schedules", "grade": true, "points": 0}
check("trace_schedules", trace_schedules)

# %% [markdown]
# **Restarts** (L1 names them "cyclic restarts"; Loshchilov and Hutter, 2017). At the end of a cosine the rate jumps back to lr0 and a new cycle begins. Each cycle is `mult` times as long as the one before. With period 10 and mult 2 the cycles are 10, 20, 40, ... updates long.

# %%
predict("start_of_the_third_cycle")

# %% [markdown]
# **Exercise `cosine_restarts`** (3 points). Each `t` lies in one cycle. When did it start, and how long is it? The first step of a cycle has lr0 again.


# %% nbgrader={"grade_id": "cosine_restarts", "solution": true}
def cosine_restarts(lr0, t, period, mult=2):
    """Return the rate of a cosine decay that starts anew, each cycle mult times as long.

    Must not change its arguments.

    Args:
        lr0: learning rate on the first step of every cycle.
        t: updates made before, a number or an array of any shape.
        period: length of the first cycle, a whole number of updates.
        mult: length of a cycle over that of the one before, a whole number of at least 1.

    Returns:
        The rate, float64, in the shape of t.
    """
    ### BEGIN SOLUTION
    start = np.zeros(np.shape(t))
    length = np.full(np.shape(t), float(period))
    while np.any(t >= start + length):
        over = t >= start + length
        start = np.where(over, start + length, start)
        length = np.where(over, length * mult, length)
    return cosine_decay(lr0, t - start, length)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_cosine_restarts", "grade": true, "points": 3}
check("cosine_restarts", cosine_restarts)

# %% [markdown]
# Look at where the triangles stand: these are the restarts.

# %%
with when_written():
    plans = {
        "mult = 1": lambda t: cosine_restarts(0.8, t, 20, 1),
        "mult = 2": lambda t: cosine_restarts(0.8, t, 20, 2),
    }
    show(
        plots.schedules(plans, 141),
        alt="Cosine decay with restarts, period 20. With mult 1 the rate jumps back to 0.8 every 20 "
        "updates; with mult 2 at 20 and 60 and 140, in cycles that are 20, 40 and 80 long.",
    )

# %% [markdown]
# With mult = 1 the restarts are 20 apart. With mult = 2 they are at 20, 60 and 140: the lengths 20, 40, 80 add up. At the end of each cycle the network is in a quiet place and can be kept; the jump then shakes it loose.

# %% [markdown]
# ## 5. Warm-up
#
# *9 minutes.* At the very start the weights are random and the gradients can be large and of little worth. A large rate then does damage that the rest of the run has to repair. A **warm-up** (L1 names it) climbs to the full rate in a few updates, and only then does the schedule begin:
#
# $$\text{lr}(t) = \begin{cases} \text{schedule}(0) \cdot \dfrac{t + 1}{\text{warmup}} & t < \text{warmup} \\[2mm] \text{schedule}(t - \text{warmup}) & \text{otherwise} \end{cases}$$
#
# Why $t + 1$: a first update with rate 0 would be wasted.

# %% [markdown]
# **Exercise `with_warmup`** (2 points). It takes a schedule and returns a schedule: a function in, a function out. What you return must take numbers and arrays of `t`, as the schedule does that you are given.


# %% nbgrader={"grade_id": "with_warmup", "solution": true}
def with_warmup(schedule, warmup):
    """Return a schedule that climbs to schedule(0) in `warmup` updates and then follows schedule.

    Args:
        schedule: function from t (a number or an array, from 0 on) to the learning rate.
        warmup: number of updates of the climb, at least 1.

    Returns:
        A function of t, a number or an array of any shape; it gives float64 in the shape of t
        and does not change t.
    """

    ### BEGIN SOLUTION
    def warmed(t):
        climb = schedule(0) * (t + 1) / warmup
        follow = schedule(np.maximum(t - warmup, 0))
        return np.where(t < warmup, climb, follow)

    return warmed
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_with_warmup", "grade": true, "points": 2}
check("with_warmup", with_warmup)

# %% [markdown]
# Does it help? We train a network on handwritten digits whose pixels, 0 to 16, have not been scaled. So its first gradients are large. Five networks each, from other random weights, 320 updates of plain SGD, once with a cosine alone and once with the same cosine behind 40 updates of warm-up.

# %%
predict("does_warm_up_help")

# %%
digits = datasets.load_digits()
X, y = digits.X[:640], digits.y[:640]


def train(schedule, seed):
    """Train a 64-32-10 network for 8 epochs; return the training loss of the last one."""
    rng = np.random.default_rng(seed)
    network = networks.MLP((64, 32, 10), rng=rng)
    trainer = training.Trainer(
        optimizer=optimizers.sgd(), lr=schedule, epochs=8, batch_size=16, progress=False
    )
    return trainer.fit(network, X, y, rng=rng).train_loss[-1]


# %%
with when_written():
    plain = [train(lambda t: cosine_decay(0.05, t, 320), seed) for seed in range(5)]
    warm = with_warmup(lambda t: cosine_decay(0.05, t, 280), 40)
    warmed = [train(warm, seed) for seed in range(5)]
    print("cosine alone:  ", np.round(plain, 3).tolist())
    print("with a warm-up:", np.round(warmed, 3).tolist())

# %% [markdown]
# All five networks end lower with the warm-up, by factors from 2.6 to 4.8. Try `X / 4` in place of `X` above: with smaller pixels the start is not so hard, and the difference becomes small (0.134 and 0.124 for the first network). A warm-up is a remedy for a hard start, not a charm.

# %% [markdown]
# ## 6. All on one axis
#
# *8 minutes.* Here are all your schedules at once, each over 100 updates from 1. Look at which are steep at first, which are steep late, and which never arrive at 0. (Two are blue: the steps are the solid line, the warm-up is the dashed one that begins low.)

# %%
with when_written():
    plans = {
        "step": lambda t: step_decay(1.0, t, 0.5, 20),
        "exponential": lambda t: exponential_decay(1.0, t, 0.04),
        "1/t": lambda t: inverse_time_decay(1.0, t, 0.1),
        "linear": lambda t: linear_decay(1.0, 0.0, t, 100),
        "square": lambda t: polynomial_decay(1.0, 0.0, t, 100, 2),
        "1/root": lambda t: inverse_sqrt_decay(1.0, t + 1),
        "cosine": lambda t: cosine_decay(1.0, t, 100),
        "warm-up": with_warmup(lambda t: cosine_decay(1.0, t, 90), 10),
    }
    figure, ax = plt.subplots(figsize=(7.5, 6), layout="constrained")
    plots.schedules(plans, 101, ax=ax)
    show(
        figure,
        alt="Eight schedules over 100 updates on one axis. The inverse root and 1/t are steep at "
        "first and flat later; the square and the exponential lie between; the line, the cosine and "
        "the cosine behind a warm-up of 10 stay high longest; the steps jump down every 20 updates.",
    )

# %% [markdown]
# The inverse root falls fastest at first: three quarters are gone at t = 15. Cosine is above the line for the first half and below it for the second. Step, exponential, 1/t and inverse root never arrive at 0; the others do, and so they need to know when the run ends.
#
# Which is best? That depends on the run, so try it. The designer trains a small network, live, with the schedule that you put together, and beside it one with a constant rate. You can use the sliders with the arrow keys.

# %%
widgets.explore_schedule(
    {
        "your cosine": cosine_decay,
        "your linear": linear_decay,
        "your step": step_decay,
        "your exponential": exponential_decay,
        "your 1/t": inverse_time_decay,
        "your 1/root": inverse_sqrt_decay,
    },
    with_warmup=with_warmup,
)

# %% [markdown]
# Things to try. First the same lr0 with a cosine and with a constant rate: whose loss is lower at the end, whose is lower in the middle? Then raise lr0 until the constant rate no longer learns. Can a schedule save it? Then three cycles: see the loss rise at each restart and fall below its old mark after it.

# %% [markdown]
# ## 7. How fast may it fall?
#
# *12 minutes.* Too slowly, and the noise stays. Too fast, and the run gets stuck on the way. Robbins and Monro (1951, in L1) found two conditions on the rates $\alpha_t$:
#
# $$\sum_t \alpha_t = \infty \qquad\text{and}\qquad \sum_t \alpha_t^2 < \infty$$
#
# The first: the steps can go any distance. The second: they shrink fast enough for the noise to die out; it implies $\alpha_t \to 0$. If both hold, the loss is strictly convex (below its chords, 01) and continuous and the noisy gradients are bounded, then SGD converges to the one optimum with probability 1. Without convexity one can hope for a local optimum only.
#
# Take powers, $\alpha_t = t^{-p}$ with $t = 1, 2, 3, \dots$ You may use: $\sum t^{-q}$ is finite exactly when $q > 1$.

# %% [markdown]
# **Exercise `satisfies_robbins_monro`** (1 point). For which powers do both conditions hold? Mind the two borders.


# %% nbgrader={"grade_id": "satisfies_robbins_monro", "solution": true}
def satisfies_robbins_monro(power):
    """Say whether the rates t**(-power), t = 1, 2, 3, ..., meet both conditions.

    Args:
        power: a number.

    Returns:
        True or False.
    """
    ### BEGIN SOLUTION
    return 0.5 < power <= 1
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_satisfies_robbins_monro", "grade": true, "points": 1}
check("satisfies_robbins_monro", satisfies_robbins_monro)

# %% [markdown]
# Now a simulation. The loss is $\ln \cosh \theta$: strictly convex, lowest at 0, and its slope $\tanh \theta$ is never larger than 1. The noise adds +1 or −1, so the noisy gradient is bounded too. All runs start at $\theta = 5$. If the rates are $1/t^2$, how near can a run come?

# %%
predict("how_far_with_one_over_t_squared")


# %%
def mean_distance(power, updates=20_000, runs=200):
    """Mean distance from the optimum after each update, over many noisy runs."""
    rng, theta = np.random.default_rng(1951), np.full(runs, 5.0)
    distances = np.empty(updates)
    for t in range(1, updates + 1):
        noise = rng.choice([-1.0, 1.0], size=runs)
        theta = theta - t**-power * (np.tanh(theta) + noise)
        distances[t - 1] = np.mean(np.abs(theta))
    return distances


# %%
powers = (0.0, 0.3, 0.75, 1.0, 2.0)
distances = {f"p = {power}": mean_distance(power) for power in powers}
for power, path in zip(powers, distances.values(), strict=True):
    line = "   ".join(f"after {t:6}: {path[t - 1]:.3f}" for t in (100, 2000, 20_000))
    with when_written():
        print(f"p = {power:<5} {line}   conditions hold: {satisfies_robbins_monro(power)}")
ax = plots.curves(
    distances, x=np.arange(1, 20_001), xlabel="updates made", ylabel="mean distance", logy=True
)
ax.set_xscale("log")
show(
    ax,
    alt="Mean distance from the optimum against the number of updates, both on log scales, for five "
    "powers. Power 0 stays high for ever, power 0.3 sinks very slowly, 0.75 and 1 go on falling, "
    "and power 2 stays where it got stuck, more than 3 away.",
)

# %% [markdown]
# p = 0 is fast and then stays: the second condition is broken. p = 2 gets stuck: the first is broken. The steps $1 + \frac14 + \frac19 + \dots$ add up to $\pi^2/6 = 1.645$, so on average a run cannot move farther than that. With p = 0.75 and p = 1 the distance goes on falling. p = 1 is late here: it had to walk all the way with $\sum 1/t$, which grows like $\ln t$.
#
# And p = 0.3? It falls too, slowly. The theorem does not say that a run fails where the conditions do not hold; it promises nothing there. Such a slow fall is what no finite simulation can tell from a promise.
#
# The schedules of sections 2 to 4 in this light: with 1/t decay both conditions hold, since it behaves like $p = 1$. Inverse square root is the border $p = \frac12$: not covered. An exponential breaks the first condition, as p = 2 does. Cosine and linear decay stop at 0 after a finite way. For a run of fixed length nobody minds.

# %% [markdown]
# **A question in words** (3 points, read by a person). A colleague trains with $\text{lr} = 0.1 \cdot 0.9^{\,t}$, where $t$ counts updates, and the loss stands still after 60 updates, far too high. "It has converged", says the colleague.
#
# Explain in five to eight sentences what happened. Use the sum of all the rates, with its number, and say which Robbins-Monro condition holds and which does not. Then propose one change of the schedule and say how you would find out whether it helps.

# %% [markdown] nbgrader={"grade_id": "has_it_converged", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# The run has not converged, its steps have died out. The rates are a geometric series: all of them together, for ever, add up to $0.1 / (1 - 0.9) = 1$. After 60 updates the rate is $0.1 \cdot 0.9^{60} \approx 0.00018$, and what is still to come adds up to $0.0018$, so nothing can move any more, whatever the gradient is. The condition that the squares have a finite sum holds: $0.01 / (1 - 0.81) = 0.053$. The condition that the rates have an infinite sum does not: the parameters can only go a distance of 1 times the size of the gradients. The constant 0.9 was probably meant for epochs and not for updates. I would apply the factor once an epoch, or use a cosine over the planned length of the run. To find out, I would train both from the same random weights with several seeds, and compare the validation losses; and I would look at the size of the gradient where the first run stands still: at a minimum it would be near 0.
#
# ### BEGIN MARK SCHEME
# 1 point: the steps have died out; it is no minimum. The sum of the rates is 1 (or 0.1 / (1 - 0.9)); a number for what is left after 60 updates may stand instead.
#
# 1 point: the sum of squares is finite, so the second condition holds; the sum of the rates is finite, so the first fails. Half a point for only one of the two.
#
# 1 point: a change that lets the rates add up to more (factor once an epoch, a factor nearer to 1, 1/t, cosine over the run), and a fair test: other things equal, more than one seed or the size of the gradient, on validation loss. Half a point for a change without a test.
# ### END MARK SCHEME
# ### END SOLUTION

# %% [markdown]
# ## 8. Finding the first rate
#
# *8 minutes.* All schedules begin with lr0. How large should it be? A **range test** finds out in one short run: make one update with each of many rates, from tiny to huge, and watch the loss. At first nothing happens, then the loss falls, and then it blows up. A good lr0 lies below the place where it blows up, by a factor of 3 to 10.

# %% [markdown]
# **Exercise `learning_rate_range_test`** (2 points). `train_step(lr)` makes one update of a network and returns the loss, which is at least 0. Stop after a loss that is not finite, or that is over 4 times the smallest so far. That loss still belongs to the list. After it, `train_step` must not be called again: the network is ruined.


# %% nbgrader={"grade_id": "learning_rate_range_test", "solution": true}
def learning_rate_range_test(train_step, lrs):
    """Make one update with each rate until the loss blows up; return the losses.

    Must not change its arguments. Calls train_step once for each rate that it tries, in order.

    Args:
        train_step: function train_step(lr) that makes an update and returns the loss, a float.
        lrs: rates to try, a list or an array, rising.

    Returns:
        A list of the losses; the last one may be over 4 times the smallest, or not finite.
    """
    ### BEGIN SOLUTION
    losses = []
    for lr in lrs:
        loss = train_step(lr)
        losses += [loss]
        if not np.isfinite(loss) or loss > 4 * min(losses):
            break
    return losses
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_learning_rate_range_test", "grade": true, "points": 2}
check("learning_rate_range_test", learning_rate_range_test)

# %% [markdown]
# The next function starts a network on the digits, this time with pixels from 0 to 1, and returns its training step. Each call draws 64 images, makes one update, and measures the loss of these images afterwards.


# %%
def start_network(seed):
    """Return the train_step of a new 64-32-10 network on the digits."""
    rng = np.random.default_rng(seed)
    network = networks.MLP((64, 32, 10), rng=rng)

    def train_step(lr):
        batch = rng.choice(len(X), 64, replace=False)
        _, gradient = network.loss_and_gradient(X[batch] / 16, y[batch])
        network.theta = network.theta - lr * gradient
        return network.loss(X[batch] / 16, y[batch])

    return train_step


# %%
predict("shape_of_a_range_test")

# %%
lrs = np.geomspace(1e-3, 1e2, 101)
with when_written():
    losses = learning_rate_range_test(start_network(seed=3), lrs)
    lowest = int(np.argmin(losses))
    print(
        f"{len(losses)} of {len(lrs)} rates tried; lowest loss {losses[lowest]:.2f} at lr = {lrs[lowest]:.2g}"
    )
    print(f"the test ended at lr = {lrs[len(losses) - 1]:.2g} with loss {losses[-1]:.3g}")
    ax = plots.curves({"loss": losses}, x=lrs[: len(losses)], xlabel="learning rate", ylabel="loss")
    ax.set_xscale("log")
    show(
        ax,
        alt="Loss of the range test against the learning rate, log scale. Near 2.6 for tiny "
        "rates, then falling to a valley, then shooting up, where the test ends.",
    )

# %% [markdown]
# Up to about 0.03 little happens. Then the loss falls while the rate goes on growing. It is lowest near 1, and above 2 it blows up within a few updates. The lowest point is not the best rate: there the network is already near the edge. Go back by a factor of 3 to 10.
#
# This is a quick look with one seed. 08_tuning does it properly.

# %% [markdown]
# ## 9. PyTorch's names
#
# *4 minutes.* L1 lists what `torch.optim.lr_scheduler` offers. Each is one of your functions, under another name and with other names for its constants. The next cell compares your numbers with those that PyTorch gave, over 101 updates from 0.1. You need no PyTorch for it: its numbers come with the course.

# %%
lr0, t = first_rate(), np.arange(101)
yours = {
    "step_decay": lambda: step_decay(lr0, t, 0.5, 7),
    "exponential": lambda: exponential_decay(lr0, t, -np.log(0.9)),
    "inverse_time": lambda: inverse_time_decay(lr0, t, 0.3),
    "linear": lambda: linear_decay(lr0, 0.2 * lr0, t, 40),
    "polynomial": lambda: polynomial_decay(lr0, 0.0, t, 70, 2.5),
    "inverse_sqrt": lambda: inverse_sqrt_decay(lr0, t + 1),
    "cosine": lambda: cosine_decay(lr0, t, 100),
    "cosine_restarts": lambda: cosine_restarts(lr0, t, 4, 2),
    "warmup": lambda: with_warmup(lambda t: cosine_decay(lr0, t, 90), 10)(t),
}
print("PyTorch", torch_version())
for name, theirs in torch_rates().items():
    with when_written():
        gap = np.abs(yours[name]() - theirs.rates).max()
        print(f"{name:15} {gap:7.0e}  rate at t = 50: {theirs.rates[50]:.4f}  {theirs.call}")

# %% [markdown]
# All gaps are rounding. What to remember of the names:
#
# | yours | PyTorch | mind |
# |---|---|---|
# | `step_decay` | `StepLR`, `MultiStepLR` | `gamma` is drop; the second takes a list of epochs |
# | `exponential_decay` | `ExponentialLR` | `gamma` is $c = e^{-k}$ |
# | `linear_decay` | `LinearLR` | gives *factors* of lr0; without arguments it rises from a third, as a warm-up |
# | `polynomial_decay` | `PolynomialLR` | always ends at 0 |
# | `cosine_decay` | `CosineAnnealingLR` | rises again after `T_max` |
# | `cosine_restarts` | `CosineAnnealingWarmRestarts` | `T_mult` is 1 unless you say otherwise |
# | `inverse_time_decay`, `inverse_sqrt_decay` | `LambdaLR` | any function of $t$ that gives a factor |
# | `with_warmup` | `SequentialLR` | one scheduler after another |
#
# In PyTorch, `scheduler.step()` moves $t$ on by one. Call it after each epoch, and t counts epochs; call it after each update, and t counts updates. To confuse the two is the commonest mistake with schedules.

# %% [markdown]
# ## 10. A bug hunt
#
# *6 minutes.* A loop over cycles is slow for large t, thinks a colleague, and finds the cycle by a formula. After $n$ cycles $\text{period}\,\frac{\text{mult}^n - 1}{\text{mult} - 1}$ updates are over. Solve for $n$, and round down:


# %%
def suspect_cosine_restarts(lr0, t, period, mult=2):
    """Cosine with restarts, mult of at least 2, says its author."""
    t = np.asarray(t, dtype=float)
    quotient = [math.log(1 + each * (mult - 1) / period) / math.log(mult) for each in t.ravel()]
    cycle = np.floor(np.reshape(quotient, t.shape))
    start = period * (mult**cycle - 1) / (mult - 1)
    return lr0 * 0.5 * (1 + np.cos(np.pi * (t - start) / (period * mult**cycle)))


# %%
predict("is_the_formula_right")

# %%
with when_written():
    for mult in (2, 3):
        t = np.arange(2000)
        yours, theirs = cosine_restarts(1.0, t, 4, mult), suspect_cosine_restarts(1.0, t, 4, mult)
        apart = np.flatnonzero(np.abs(yours - theirs) > 1e-6)
        print(f"mult = {mult}: the two differ at t =", apart.tolist(), end="   ")
        print("yours", yours[apart].tolist(), "suspect", theirs[apart].round(6).tolist())

# %% [markdown]
# 1 of 4000 values is wrong, and it is wrong by all there is: at t = 484, the first step of the sixth cycle, the rate is 0 in place of 1. A training would not show it.
#
# **Practice `repaired_cosine_restarts`** (no points). Print `math.log(243) / math.log(3)` to see where it comes from. Then write the repaired function here. It must serve `mult = 1` as well, which the formula does not.


# %% nbgrader={"grade_id": "repaired_cosine_restarts", "solution": true}
def repaired_cosine_restarts(lr0, t, period, mult=2):
    """Return the rate of a cosine decay with restarts. Arguments and returns as before."""
    ### BEGIN SOLUTION
    t = np.asarray(t, dtype=float)
    if mult == 1:
        return cosine_decay(lr0, t % period, period)
    quotient = np.log(1 + t * (mult - 1) / period) / np.log(mult)
    cycle = np.floor(quotient + 1e-9)
    start = period * (mult**cycle - 1) / (mult - 1)
    return cosine_decay(lr0, t - start, period * mult**cycle)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_repaired_cosine_restarts", "grade": true, "points": 0}
check("repaired_cosine_restarts", repaired_cosine_restarts)

# %% [markdown]
# $\log 243 / \log 3$ is 5, but in float64 it comes out as 4.999999999999999, and rounding down takes off a whole cycle.
#
# This is no invented bug. PyTorch's `CosineAnnealingWarmRestarts` finds the cycle by this logarithm when you jump to an epoch, as one does after a break: in version 2.13.0, with `T_0=4, T_mult=3`, `scheduler.step(484)` sets the rate to 0. Stepping there one by one gives lr0. Test code at its borders, at *exactly* the borders.

# %% [markdown]
# ## 11. Quiz
#
# *4 minutes.* Seven questions over the whole notebook. They give no points. Every answer, right or wrong, gets a reply.

# %%
quiz("why_decay")

# %%
quiz("exponential_constants")

# %%
quiz("adaptive_needs_no_schedule")

# %%
quiz("robbins_monro_of_a_constant")

# %%
quiz("rate_after_warm_up")

# %%
quiz("cosine_half_time")

# %%
quiz("updates_or_epochs")

# %% [markdown]
# ## What you can do now
#
# - Say why one learning rate cannot serve the start and the end of a run.
# - Write nine schedules from their formulas, for one update and for arrays, exact at their borders.
# - Turn $k$, $c$ and $\tau$ into each other, and read each lecture's form.
# - Put a warm-up in front of any schedule.
# - Judge a decay by the two Robbins-Monro conditions, and say what the theorem promises and what not.
# - Find a first rate by a range test.
# - Find each schedule in PyTorch, and know what to mind there.
#
# Next comes 08_tuning: how to choose lr0, and all other settings, without fooling yourself.
#
# The next cell shows how far you are.

# %%
progress("07_schedules")
