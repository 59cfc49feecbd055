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
# # A step size for each parameter
#
# Gradient descent uses one learning rate for all parameters. In this notebook you write the methods that give each parameter a rate of its own: Adagrad, RMSProp and Adam. You draw what they do with your own functions. At the end you hunt for a bug in an Adam that trains well and is wrong.
#
# The notebook takes about 90 minutes. It gives 20 points.
#
# | section | minutes | exercises (points) |
# |---|---|---|
# | 1. One rate does not fit | 7 | |
# | 2. Only the sign | 5 | `sign_step` (1) |
# | 3. Adagrad | 10 | `adagrad_step` (2) |
# | 4. Adagrad with an average | 6 | `averaged_adagrad_step` (2) |
# | 5. RMSProp | 9 | `rmsprop_step` (3) |
# | 6. Adam, almost | 7 | `adam_without_correction_step` (3) |
# | 7. Where the bias comes from | 13 | `bias_correction` (2), a question in words (3) |
# | 8. Adam | 11 | `trace_adam` (practice), `adam_step` (4) |
# | 9. Two races | 8 | |
# | 10. A bug hunt | 9 | `repaired_adam_step` (practice) |
# | 11. Quiz and what you can do now | 5 | |
# | Stretch: Nadam, AdamW | +15 | `nadam_step`, `adamw_step` (outside the total) |
#
# L0 to L4 are the five lectures of the course. You need 05, and no lecture at hand.

# %% [markdown]
# Run the next cell first. It loads NumPy and the course's helper package.

# %% nbgrader={"grade_id": "setup", "locked": true}
import matplotlib.pyplot as plt
import numpy as np

from downslope import (
    animations,
    check,
    hint,
    landscapes,
    optimizers,
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
# ## 1. One rate does not fit
#
# *7 minutes.* L2 compares two losses with two parameters:
#
# $$\text{bowl: } w_1^2 + 2 w_2^2 \qquad\qquad \text{valley: } 0.1\, w_1^2 + 2 w_2^2$$
#
# The bowl bends about as much in both directions. The valley is 20 times flatter along $w_1$ than along $w_2$.
#
# Gradient descent multiplies each coordinate by a factor at every update: $1 - \text{lr} \cdot \text{curvature}$. The curvatures are 2 and 4 for the bowl, 0.2 and 4 for the valley. These are the factors:
#
# | | lr = 0.01 | lr = 0.5 |
# |---|---|---|
# | bowl | 0.98 and 0.96 | 0 and −1 |
# | valley | **0.998** and 0.96 | 0.9 and **−1** |
#
# A factor near 1 is slow. A negative factor jumps across the minimum. Look at the two bold ones, then make a prediction.

# %%
predict("one_rate_for_two_curvatures")

# %% [markdown]
# Every update rule of this course is a pure function. It takes the parameters `theta`, the gradient `grad` and settings such as `lr`. It returns the new parameters, and it never changes its arguments. This one is written already.


# %%
def gradient_descent_step(theta, grad, lr):
    """Move against the gradient."""
    return theta - lr * grad


# %% [markdown]
# `trajectory` calls a rule again and again and keeps every point. Both pictures show 100 updates in the valley. Look at which direction makes trouble in each.

# %%
valley = landscapes.valley
figure, axes = plt.subplots(2, 1, figsize=(7.5, 6.5), layout="constrained")
for ax, lr in zip(axes, (0.01, 0.5), strict=True):
    path = trajectory(gradient_descent_step, valley.gradient, valley.start, 100, lr=lr)["theta"]
    plots.paths(plots.contours(valley, ax=ax), {f"lr = {lr}": path})
    ax.set_title(f"valley, lr = {lr}: loss {valley.value(path[-1]):.3g} after 100 updates")
show(
    figure,
    alt="Two runs of gradient descent in a valley that is steep across and flat along. "
    "With lr 0.01 the path drops to the floor and creeps a short way along it. With lr 0.5 it "
    "moves along the valley but jumps between its two walls at every update.",
)

# %% [markdown]
# With `lr = 0.01` the flat direction is too slow: $w_1$ comes from −9 to −7.37 only. With `lr = 0.5` the steep direction jumps between 1.6 and −1.6 for ever. The loss stays at $2 \cdot 1.6^2 = 5.12$.
#
# Between the two there is a rate that serves both, 0.476, because the curvatures differ by a factor of 20 only. In a network they differ by thousands, and nobody tells you what they are. So each direction should find its own rate.

# %% [markdown]
# ## 2. Only the sign
#
# *5 minutes.* L2's first idea is radical. Divide each partial derivative by its own absolute value:
#
# $$\theta_i \leftarrow \theta_i - \text{lr}\,\frac{g_i}{|g_i|}$$
#
# What is left is +1 or −1. Each parameter moves by exactly `lr`, downhill, however steep its direction is. A parameter whose gradient is exactly 0 stays where it is.

# %% [markdown]
# **Exercise `sign_step`** (1 point). Write one such update. In this notebook all arrays are `float64` and have the shape `(D,)`.


# %% nbgrader={"grade_id": "sign_step", "solution": true}
def sign_step(theta, grad, lr):
    """Move each parameter by lr, downhill; a zero gradient means no move.

    Must not change its arguments.

    Args:
        theta: parameters, float64, shape (D,).
        grad: gradient at theta, float64, shape (D,).
        lr: learning rate, a number.

    Returns:
        The new theta, shape (D,).
    """
    ### BEGIN SOLUTION
    return theta - lr * np.sign(grad)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_sign_step", "grade": true, "points": 1}
check("sign_step", sign_step)

# %% [markdown]
# A check compares your numbers with the right ones, over several updates. If they differ, it shows where they first do. If your numbers are those of a well-known mistake, it says which.
#
# Every exercise has three hints. The next cell shows the first one; run it again for the second. For other exercises, change the name.

# %%
hint("sign_step")

# %%
predict("where_sign_steps_end")

# %% [markdown]
# Now your function walks down the valley. Look at the first five steps, and at the end of the path.

# %%
with when_written():
    path = trajectory(sign_step, valley.gradient, valley.start, 60, lr=0.35)["theta"]
    print("the last points:", path[-3:].round(2).tolist())
    ax = plots.paths(plots.contours(valley), {"your sign steps": path})
    show(
        ax,
        alt="Sign steps in the valley: first a straight diagonal to the floor, then a zigzag of "
        "equal steps along it, and at the end hops around the minimum.",
    )

# %% [markdown]
# Both directions now move equally fast: the flat one is no longer slow, the steep one no longer wild. But the steps never get shorter. At the end they hop: $w_1$ between −0.25 and 0.1, $w_2$ between −0.15 and 0.2.
#
# One gradient alone decides here, and its size is thrown away. The next methods divide by a size that they remember.

# %% [markdown]
# ## 3. Adagrad
#
# *10 minutes.* Adagrad (L0, L1, L3, L4) keeps a second array, `v`. It adds up the squares of all gradients so far, for each parameter by itself:
#
# $$v \leftarrow v + g^2 \qquad\qquad \theta \leftarrow \theta - \text{lr}\,\frac{g}{\sqrt{v} + \epsilon}$$
#
# All operations are elementwise. A direction that has been steep gets a large `v`, so it is damped. A direction that has been flat keeps a small `v`, so it is sped up. This answers L4's question what happens in a narrow valley. The small number `eps` prevents 0/0.
#
# L3 adds why this can work: the sizes of the gradients seen so far stand in for the second derivative, which would cost far more.
#
# L1 calls the array $r$, L4 calls it `cache`. At the start of a run it is zero.

# %% [markdown]
# **Exercise `adagrad_step`** (2 points). Bring `v` up to date first, then use the new `v`. The state is an argument and a return value: the function itself remembers nothing.


# %% nbgrader={"grade_id": "adagrad_step", "solution": true}
def adagrad_step(theta, grad, v, lr, eps):
    """Make one Adagrad update.

    Must not change its arguments.

    Args:
        theta: parameters, float64, shape (D,).
        grad: gradient at theta, float64, shape (D,).
        v: sum of the squared gradients before this update, float64, shape (D,).
        lr: learning rate, a number.
        eps: small positive number, added after the root.

    Returns:
        The new theta and the new v, each of shape (D,).
    """
    ### BEGIN SOLUTION
    v = v + grad**2
    theta = theta - lr * grad / (np.sqrt(v) + eps)
    return theta, v
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_adagrad_step", "grade": true, "points": 2}
check("adagrad_step", adagrad_step)

# %% [markdown]
# L4 asks: what happens to the step size over a long time? Take the simplest case, a gradient that is the same at every update. Predict first.

# %%
predict("adagrad_hundredth_step")

# %%
with when_written():
    history = trajectory(adagrad_step, lambda _: np.ones(1), np.zeros(1), 100, lr=1.0)
    ax = plots.effective_steps(history)
    show(
        ax,
        alt="Length of Adagrad's steps under a constant gradient: 1 at the first update, "
        "falling all the time, 0.1 at the hundredth.",
    )

# %% [markdown]
# The lengths are 1, 0.71, 0.58, 0.5, ..., and 0.1 at update 100. L1 has the reason: after $t$ equal gradients $v = t g^2$. So the rate behaves as $\text{lr}/\sqrt{t}$.
#
# On a convex loss this is often welcome. On a long run with a network the steps die out while there is still work to do.

# %% [markdown]
# ### Where does eps stand?
#
# The lectures do not agree.
#
# | | where | size |
# |---|---|---|
# | L0, L3 (Adam), L4 | after the root: $\sqrt{v} + \epsilon$ | $10^{-8}$ in L3, $10^{-7}$ in L4 |
# | L1, algorithms | inside the root: $\sqrt{v + \epsilon}$ | $10^{-7}$ |
# | L1, analysis of AdaGrad | after the root | |
#
# L1 switches on its own slide. This course always adds eps after the root, as PyTorch does. Does it matter?

# %%
predict("where_eps_is_felt")

# %% [markdown]
# The picture compares the two for a first step, where $v = g^2$. Look at the gradient size at which each curve leaves 1.

# %%
for g in (1.0, 1e-4, 1e-8):
    after, inside = g / (np.sqrt(g**2) + 1e-8), g / np.sqrt(g**2 + 1e-8)
    print(f"g = {g:5.0e}   step / lr with eps after the root {after:.4f}, inside {inside:.4f}")
show(
    plots.epsilon_placement(1e-8),
    alt="Step divided by lr against the size of the gradient, for "
    "eps after and inside the root. After the root the curve leaves 1 near a gradient of 1e-8, "
    "inside already near 1e-4.",
)

# %% [markdown]
# Inside the root, eps meets the *square* of the gradient. So it is felt at $|g| \approx \sqrt{\epsilon} = 10^{-4}$, ten thousand times earlier than after the root. For gradients near 1 nobody sees a difference. Late in training, or deep in a network, one does.

# %% [markdown]
# ## 4. Adagrad with an average
#
# *6 minutes.* L3 writes the same method in another way. Count the updates with $t = 1, 2, 3, \dots$ (L3 counts from 0). Two things depend on $t$:
#
# $$\sigma = \sqrt{\tfrac{1}{t}\textstyle\sum g^2} \qquad\qquad \text{rate} = \frac{\text{lr}}{\sqrt{t}} \qquad\qquad \theta \leftarrow \theta - \text{rate}\,\frac{g}{\sigma}$$
#
# So $\sigma$ is the root *mean* square of all gradients so far, the newest one included. The rate falls while the run goes on.

# %% [markdown]
# **Exercise `averaged_adagrad_step`** (2 points). The state `sum_sq` is the plain sum of the squares. There is no eps in L3's form; the check gives every parameter a gradient.


# %% nbgrader={"grade_id": "averaged_adagrad_step", "solution": true}
def averaged_adagrad_step(theta, grad, sum_sq, t, lr):
    """Make one Adagrad update in L3's form: root mean square and a falling rate.

    Must not change its arguments.

    Args:
        theta: parameters, float64, shape (D,).
        grad: gradient at theta, float64, shape (D,).
        sum_sq: sum of the squared gradients before this update, float64, shape (D,).
        t: number of this update, counted from 1.
        lr: learning rate, a number.

    Returns:
        The new theta and the new sum_sq, each of shape (D,).
    """
    ### BEGIN SOLUTION
    sum_sq = sum_sq + grad**2
    sigma = np.sqrt(sum_sq / t)
    rate = lr / np.sqrt(t)
    theta = theta - rate * grad / sigma
    return theta, sum_sq
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_averaged_adagrad_step", "grade": true, "points": 2}
check("averaged_adagrad_step", averaged_adagrad_step)

# %% [markdown]
# How different are the two forms of Adagrad? Let both of yours walk down the valley and compare all points.

# %%
with when_written():
    sums = trajectory(adagrad_step, valley.gradient, valley.start, 100, lr=0.5)["theta"]
    means = trajectory(averaged_adagrad_step, valley.gradient, valley.start, 100, lr=0.5)["theta"]
    print(f"largest difference over 100 updates: {np.abs(sums - means).max():.1e}")

# %% [markdown]
# They are the same method. The $\sqrt{t}$ of the rate and the $\sqrt{t}$ inside $\sigma$ cancel: $\frac{\text{lr}}{\sqrt{t}} \Big/ \sqrt{\frac{S}{t}} = \frac{\text{lr}}{\sqrt{S}}$. What is left, about $10^{-8}$, is the work of eps.

# %% [markdown]
# ## 5. RMSProp
#
# *9 minutes.* Adagrad never forgets. RMSProp does: `v` becomes a running *mean* of the squares.
#
# $$v \leftarrow \rho\, v + (1 - \rho)\, g^2 \qquad\qquad \theta \leftarrow \theta - \text{lr}\,\frac{g}{\sqrt{v} + \epsilon}$$
#
# With $\rho = 0.9$ the mean looks back over about ten updates. A direction that was steep long ago may become fast again.

# %% [markdown]
# **Exercise `rmsprop_step`** (3 points). At the start of a run `v` is zero, and no update is treated specially.


# %% nbgrader={"grade_id": "rmsprop_step", "solution": true}
def rmsprop_step(theta, grad, v, lr, rho, eps):
    """Make one RMSProp update.

    Must not change its arguments.

    Args:
        theta: parameters, float64, shape (D,).
        grad: gradient at theta, float64, shape (D,).
        v: running mean of the squared gradients before this update, float64, shape (D,).
        lr: learning rate, a number.
        rho: decay rate of the mean, between 0 and 1.
        eps: small positive number, added after the root.

    Returns:
        The new theta and the new v, each of shape (D,).
    """
    ### BEGIN SOLUTION
    v = rho * v + (1 - rho) * grad**2
    theta = theta - lr * grad / (np.sqrt(v) + eps)
    return theta, v
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_rmsprop_step", "grade": true, "points": 3}
check("rmsprop_step", rmsprop_step)

# %%
predict("rmsprop_first_step")

# %% [markdown]
# The lectures have three forms of this rule. L1 and L4 have ours. L0's slide leaves out $(1 - \rho)$, although it speaks of a running mean. L3 begins with $\sigma^0 = g^0$: the first `v` is the first square itself. Here are the other two.


# %%
def rmsprop_on_l0_slide(theta, grad, v, lr, rho, eps):
    """RMSProp without the factor 1 - rho: v is a decaying sum."""
    v = rho * v + grad**2
    return theta - lr * grad / (np.sqrt(v) + eps), v


def rmsprop_of_l3(theta, grad, v, lr, rho, eps):
    """RMSProp that begins with the first square."""
    v = rho * v + (1 - rho) * grad**2 if v.any() else grad**2
    return theta - lr * grad / (np.sqrt(v) + eps), v


# %% [markdown]
# All three get a constant gradient 1. Look at the first step of each, and at the value where each settles.

# %%
forms = {"yours": rmsprop_step, "L0's slide": rmsprop_on_l0_slide, "L3": rmsprop_of_l3}
lengths = {}
with when_written():
    for label, form in forms.items():
        path = trajectory(form, lambda _: np.ones(1), np.zeros(1), 40, lr=1.0, rho=0.9)
        lengths[label] = -np.diff(path["theta"][:, 0])
    ax = plots.curves(lengths, x=np.arange(1, 41), xlabel="update t", ylabel="step / lr")
    show(
        ax,
        alt="Step length under a constant gradient. RMSProp starts at 3.16 lr and settles at lr; "
        "L0's slide starts at lr and settles at 0.316 lr; L3's form is at lr all the time.",
    )

# %% [markdown]
# Ours starts at 3.16 and comes down to 1. After the first update $v = 0.1\,g^2$ only (L1 says so too), so the first step is $1/\sqrt{0.1}$ times too long. That is a bias, and section 7 removes it.
#
# L0's slide gives steps that are $\sqrt{1-\rho} = 0.316$ times as long as ours, at every update. So it is the same method with a smaller `lr`. L3's start has no such bias, but trusts the first gradient completely.

# %% [markdown]
# ## 6. Adam, almost
#
# *7 minutes.* RMSProp evens out the curvatures. Momentum smooths noisy gradients. Adam does both (L0, L2). It keeps two running means, one of the gradient and one of its square:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2 \qquad \theta \leftarrow \theta - \text{lr}\,\frac{m}{\sqrt{v} + \epsilon}$$
#
# Usual values are $\beta_1 = 0.9$ and $\beta_2 = 0.999$. Notice that `m` is a *mean* here, with the factor $1 - \beta_1$. The momentum that you wrote in 05 is a sum.

# %% [markdown]
# **Exercise `adam_without_correction_step`** (3 points). L0 calls this form "almost there", L4 "incomplete, but close".


# %% nbgrader={"grade_id": "adam_without_correction_step", "solution": true}
def adam_without_correction_step(theta, grad, m, v, lr, beta1, beta2, eps):
    """Make one update of Adam without bias correction.

    Must not change its arguments.

    Args:
        theta: parameters, float64, shape (D,).
        grad: gradient at theta, float64, shape (D,).
        m: running mean of the gradient before this update, float64, shape (D,).
        v: running mean of the squared gradient before this update, float64, shape (D,).
        lr: learning rate, a number.
        beta1: decay rate of m.
        beta2: decay rate of v.
        eps: small positive number, added after the root.

    Returns:
        The new theta, m and v, each of shape (D,).
    """
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    theta = theta - lr * m / (np.sqrt(v) + eps)
    return theta, m, v
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_adam_without_correction_step", "grade": true, "points": 3}
check("adam_without_correction_step", adam_without_correction_step)

# %% [markdown]
# Both means start at zero, so at first both are too small. Is the first step then too short? Think about the quotient before you answer.

# %%
predict("adam_without_correction_first_step")

# %%
with when_written():
    rule = adam_without_correction_step
    path = trajectory(rule, lambda _: np.ones(1), np.zeros(1), 1000, lr=1.0)["theta"]
    steps = -np.diff(path[:, 0])
    print("steps 1, 12, 100, 1000:", steps[[0, 11, 99, 999]].round(2))
    ax = plots.curves({"without correction": steps}, xlabel="update t", ylabel="step / lr")
    show(
        ax,
        alt="Step length of Adam without correction under a constant gradient: 3.16 lr at "
        "first, 6.57 lr at update 12, then a slow fall to 1.26 lr at update 1000.",
    )

# %% [markdown]
# The steps are too *long*: 3.16 times `lr` at first, 6.57 times at update 12. `m` catches up within some tens of updates. `v` needs some thousands, and it stands below the fraction bar. L4 says the correction matters in the first few updates only; with $\beta_2 = 0.999$ the step is still 26% too long at update 1000.

# %% [markdown]
# ## 7. Where the bias comes from
#
# *13 minutes.* L0 follows the expectation. Let the gradient have a constant mean $E[g]$, and start with $m_0 = 0$:
#
# $$E[m_1] = (1 - \beta)\,E[g]$$
# $$E[m_2] = \beta\,E[m_1] + (1 - \beta)\,E[g] = (1 - \beta^2)\,E[g]$$
# $$E[m_t] = (1 - \beta^t)\,E[g]$$
#
# So the zero start keeps the share $\beta^t$, and the gradients have the rest.

# %% [markdown]
# L1 comes to the same from the weights. Written out, the mean is $m_t = (1 - \beta) \sum_{i=1}^t \beta^{t-i} g_i$. A true average has weights that add up to 1. Here they add up to
#
# $$(1 - \beta) \sum_{i=1}^t \beta^{t-i} = \sum_{i=1}^t \beta^{t-i} - \sum_{i=0}^{t-1} \beta^{t-i} = 1 - \beta^t .$$
#
# All terms cancel but the first and the last. The picture shows this sum for $\beta = 0.9$. Look for the update at which half of the weight is there.

# %%
show(
    plots.weight_sums(beta=0.9, steps=20),
    alt="Bars of the sum of the weights for beta 0.9: 0.1 at "
    "update 1, more than one half from update 7 on, 0.88 at update 20. The rest up to 1 is the "
    "share of the zero start.",
)

# %% [markdown]
# At update 1 only a tenth of the weight is there, at update 7 a little more than half. Divide by $1 - \beta^t$, and the weights add up to 1 at every update.

# %% [markdown]
# **Exercise `bias_correction`** (2 points). Return the factor to *multiply* a mean with, so that its weights add up to 1. `t` is the number of updates made, counted from 1.


# %% nbgrader={"grade_id": "bias_correction", "solution": true}
def bias_correction(beta, t):
    """Return the factor that makes the weights of a running mean add up to 1.

    Args:
        beta: decay rate of the mean, between 0 and 1.
        t: number of updates made, at least 1.

    Returns:
        The factor, a number of at least 1.
    """
    ### BEGIN SOLUTION
    return 1 / (1 - beta**t)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_bias_correction", "grade": true, "points": 2}
check("bias_correction", bias_correction)

# %% [markdown]
# How large is the factor, and for how long? Look at the two rows.

# %%
with when_written():
    for beta in (0.9, 0.999):
        factors = [f"{bias_correction(beta, t):8.4g}" for t in (1, 10, 100, 1000)]
        print(f"beta = {beta:<5}   t = 1, 10, 100, 1000:", *factors)

# %% [markdown]
# With $\beta = 0.9$ it is over after some tens of updates. With $\beta = 0.999$ the factor begins at 1000 and is still 1.58 at update 1000.

# %% [markdown]
# **A question in words** (3 points, read by a person). Why does Adam need the correction? Explain it in your own words, in five to eight sentences.
#
# Say where the bias comes from. Give the formula for $E[m_t]$ and say how one gets it. Then say what happens in the first updates without correction when $\beta_1 = 0.9$ and $\beta_2 = 0.999$: are the steps too short or too long, and why?

# %% [markdown] nbgrader={"grade_id": "why_correction", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# Both running means start at zero, and zero is not an estimate of anything: it is only a place to start. After one update $m_1 = (1 - \beta_1)\,g_1$, so most of the weight still lies on the zero. Put the rule into itself: if the gradients have the constant mean $E[g]$, then $E[m_t] = \beta_1 E[m_{t-1}] + (1 - \beta_1) E[g]$ with $E[m_0] = 0$, and this gives $E[m_t] = (1 - \beta_1^t)\,E[g]$. The same follows from the weights $(1 - \beta_1)\beta_1^{t-i}$, which add up to $1 - \beta_1^t$. So $m_t$ is too small by a known factor, and dividing by $1 - \beta_1^t$ makes it right on average; for $v_t$ it is $1 - \beta_2^t$. Without correction the first $m$ is 10 times too small, but the first $\sqrt{v}$ is $\sqrt{1000} \approx 32$ times too small. The step is their quotient, so it is about 3 times too *long*, and some updates later more than 6 times. This can throw the parameters far away just when the gradients are least reliable.
#
# ### BEGIN MARK SCHEME
# 1 point: the means start at zero, so early values lie between zero and what they should estimate (or: the zero start keeps the share beta^t).
#
# 1 point: E[m_t] = (1 - beta1^t) E[g], with a reason: the recursion, or the sum of the weights. The formula alone gives half a point.
#
# 1 point: the first steps are too long, because v is more biased than m and stands below the fraction bar; a number such as 3.16 is welcome and not required. "Too short, because m is too small" gives no point.
# ### END MARK SCHEME
# ### END SOLUTION

# %% [markdown]
# ## 8. Adam
#
# *11 minutes.* Adam keeps `m` and `v` as before. For the step, and only for the step, it makes corrected copies:
#
# $$\hat m = \frac{m}{1 - \beta_1^t} \qquad \hat v = \frac{v}{1 - \beta_2^t} \qquad \theta \leftarrow \theta - \text{lr}\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}$$
#
# Before you write it, follow it by hand once. Take one parameter, $\beta_1 = 0.5$, $\beta_2 = 0.75$ and the gradients 2, 4, −2. Both means start at 0. The first row is done.
#
# | $t$ | $g$ | $m$ | $v$ | $\hat m$ | $\hat v$ |
# |---|---|---|---|---|---|
# | 1 | 2 | 0.5·0 + 0.5·2 = 1 | 0.75·0 + 0.25·4 = 1 | 1 / 0.5 = 2 | 1 / 0.25 = 4 |
# | 2 | 4 | ? | ? | ? | ? |
# | 3 | −2 | ? | ? | ? | ? |

# %% [markdown]
# **Practice `trace_adam`** (no points). Fill in the four columns, three numbers each, as arrays: `m = np.array([1, ..., ...])`. Where a number does not come out even, write the calculation, such as `2.5 / 0.75`, or round to 2, 3 or 4 decimals.


# %% nbgrader={"grade_id": "trace_adam", "solution": true}
def trace_adam():
    """Return the columns m, v, m_hat, v_hat of the table, for t = 1, 2, 3.

    Returns:
        Four float64 arrays of shape (3,), in this order.
    """
    ### BEGIN SOLUTION
    rows = []
    m_old, v_old = 0.0, 0.0
    for t, g in [(1, 2.0), (2, 4.0), (3, -2.0)]:
        m = 0.5 * m_old + 0.5 * g
        v = 0.75 * v_old + 0.25 * g**2
        rows.append([m, v, m / (1 - 0.5**t), v / (1 - 0.75**t)])
        m_old, v_old = m, v
    return tuple(np.array(column) for column in zip(*rows, strict=True))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_trace_adam", "grade": true, "points": 0}
check("trace_adam", trace_adam)

# %% [markdown]
# **Exercise `adam_step`** (4 points). Start from your `adam_without_correction_step`, and use your `bias_correction`. Return `m` and `v` as they are, not corrected: the next update needs them so.


# %% nbgrader={"grade_id": "adam_step", "solution": true}
def adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):
    """Make one Adam update.

    Must not change its arguments.

    Args:
        theta: parameters, float64, shape (D,).
        grad: gradient at theta, float64, shape (D,).
        m: running mean of the gradient before this update, float64, shape (D,).
        v: running mean of the squared gradient before this update, float64, shape (D,).
        t: number of this update, counted from 1.
        lr: learning rate, a number.
        beta1: decay rate of m.
        beta2: decay rate of v.
        eps: small positive number, added after the root.

    Returns:
        The new theta, m and v, each of shape (D,); m and v are not corrected.
    """
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m * bias_correction(beta1, t)
    v_hat = v * bias_correction(beta2, t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, m, v
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_adam_step", "grade": true, "points": 4}
check("adam_step", adam_step)

# %% [markdown]
# ### What L0's loop does when taken literally
#
# On L0's slide the correction reads $m \leftarrow m/(1 - \beta_1^t)$, inside the loop. The corrected value overwrites the state, and the next update starts from it. What comes of that?

# %%
predict("corrected_mean_written_back")

# %%
m, v = 0.0, 0.0
for t in range(1, 6):
    m = (0.9 * m + 0.1 * 1.0) / (1 - 0.9**t)
    v = (0.999 * v + 0.001 * 1.0**2) / (1 - 0.999**t)
    print(f"t = {t}   m = {m:7.2f}   v = {v:10.3g}   step / lr = {m / np.sqrt(v):.4f}")

# %% [markdown]
# The gradient is 1 all the time, so `m` and `v` should be 1. Written back, `m` runs 1, 5.26, 17.8, 47.0, 104, and `v` runs away much faster. The step dies: after five updates it is about a thousandth of `lr`. Keep the state, correct a copy.

# %% [markdown]
# ### L2's picture
#
# L2 sums up this notebook in four panels, *a* to *d*. Here they are with your functions. The gradients have a little noise, the same in each panel.


# %%
def noisy_gradient(seed):
    """Return the valley's gradient with a little noise, as a mini-batch would give it."""
    rng = np.random.default_rng(seed)
    return lambda theta: valley.gradient(theta) + rng.normal(0, 0.1, 2)


# %% [markdown]
# Look at how each panel mends what is wrong in the one before.

# %%
panels = [
    ("a) lr = 0.01", gradient_descent_step, 0.01),
    ("b) lr = 0.5", gradient_descent_step, 0.5),
    ("c) signs, lr = 0.35", sign_step, 0.35),
    ("d) Adam, lr = 0.35", adam_step, 0.35),
]
found = {}
with when_written():
    for title, step, lr in panels:
        found[title] = trajectory(step, noisy_gradient(6), valley.start, 100, lr=lr)["theta"]
    figure, axes = plt.subplots(2, 2, figsize=(11, 6.5), layout="constrained")
    for ax, (title, path) in zip(axes.flat, found.items(), strict=True):
        plots.paths(plots.contours(valley, ax=ax), {title: path}).get_legend().remove()
        ax.set_title(f"{title}: mean loss of the last 20 is {valley.value(path[-20:]).mean():.2g}")
    show(
        figure,
        alt="Four panels of 100 noisy updates in the valley. a: a small rate creeps. b: a "
        "large rate jumps between the walls. c: signs move along both axes and hop at the end. d: "
        "Adam moves along both axes in a smooth curve and comes to rest near the minimum.",
    )

# %% [markdown]
# *a* is slow where the valley is flat, *b* wild where it is steep. *c* divides by the size and moves along both axes, but hops to and fro: its loss stays near 0.07. *d* averages the gradients. Hops of opposite sign cancel, the path is smooth, and the loss comes down to about 0.01.

# %% [markdown]
# ## 9. Two races
#
# *8 minutes.* L1 and L4 end with two famous animations: optimizers leaving a saddle, and optimizers in a long valley. You can make them yourself now. "Adam (library)" is the course's own; your Adam should lie exactly on it.
#
# The first race starts 0.001 beside the ridge of a saddle. All have `lr = 0.1`.

# %%
predict("who_leaves_the_saddle")

# %%
runners = {
    "gradient descent": gradient_descent_step,
    "your Adagrad": adagrad_step,
    "your RMSProp": rmsprop_step,
    "your Adam": adam_step,
}
racers = runners | {"Adam (library)": optimizers.adam()}
animations.race(landscapes.saddle, racers, steps=60, lr=0.1)

# %% [markdown]
# Play it, or move the slider with the arrow keys. Gradient descent slides to the saddle and needs 26 updates to get 0.1 away from the ridge. There the slope is tiny, and so is its step. The others divide the tiny slope by its own size. Their very first step takes them away.

# %% [markdown]
# The second race runs through a bent ravine. A race is fair only if each runner has a good rate. So we try six rates for each and take the one with the lowest loss after 150 updates.

# %%
predict("who_is_last_in_the_ravine")

# %%
ravine = landscapes.ravine
best = dict.fromkeys(racers, 1.0)
for label, step in runners.items():
    losses = {}
    with when_written(), np.errstate(all="ignore"):
        for lr in (0.05, 0.1, 0.2, 0.5, 1.0, 2.0):
            path = trajectory(step, ravine.gradient, ravine.start, 150, lr=lr)["theta"]
            losses[lr] = float(np.nan_to_num(ravine.value(path[-1]), nan=np.inf))
        print(f"{label:17}", "  ".join(f"lr {lr}: {loss:.2g}" for lr, loss in losses.items()))
    best[label] = min(losses, key=losses.get, default=1.0)

# %% [markdown]
# Each method wants a rate of its own. This is L4's question, which learning rate is best, and the beginning of its answer: none for all methods. Now run the race. Look at who reaches the star, and at what each does on the curve.

# %%
animations.race(ravine, racers, steps=150, lr=best)

# %% [markdown]
# Gradient descent has to be slow because of the walls. Adagrad is held back by the steep start: `v` still remembers it. RMSProp gets along the floor but cannot settle, since its steps do not shrink with the gradient. Adam arrives.
#
# Do not conclude that Adam always wins. In L2's valley gradient descent with `lr = 0.45` gets lower in 150 updates than Adam with any of these six rates.

# %% [markdown]
# Adaptive methods scale each *parameter*. What if the steep direction is a mixture of parameters? Here is L2's valley, and the same valley turned by 30 degrees. Compare the two columns.

# %%
with when_written():
    for label, step in {"gradient descent": gradient_descent_step, "your Adam": adam_step}.items():
        print(f"{label:17}", end="")
        for land in (valley, landscapes.rotated_valley):
            path = trajectory(step, land.gradient, land.start, 60, lr=0.2)["theta"]
            print(f"  {land.name}: loss {land.value(path[-1]):.2g}", end="")
        print()

# %% [markdown]
# Gradient descent does not care about the turn: 0.06 and 0.05. Adam reaches 0.019 in the straight valley and 0.34 in the turned one. Now look for better rates with the sliders. Which is the best one for each method?

# %%
widgets.explore_steps(
    landscapes.rotated_valley,
    {
        "gradient descent": gradient_descent_step,
        "your RMSProp": rmsprop_step,
        "your Adam": adam_step,
    },
    lr=(0.01, 1.0),
)

# %% [markdown]
# Gradient descent is best near 0.45 and ends near 0.0001; from 0.5 on it no longer converges. Adam is best near 0.7 and ends near 0.001. At its best it is less good here, but it survives rates at which gradient descent diverges.

# %% [markdown]
# ## 10. A bug hunt
#
# *9 minutes.* A colleague has written an Adam. It trains. It is wrong. Do not read it closely yet.


# %%
def suspect_adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):
    """One Adam update, says its author."""
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1)
    v_hat = v / (1 - beta2)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


# %% [markdown]
# We train a logistic regression with it, that is, one linear layer with the logistic loss of 01: 200 examples, 5 features on different scales.

# %%
rng = np.random.default_rng(6)
X = rng.normal(size=(200, 5)) * [1, 3, 0.3, 1, 2]
y = (X @ rng.normal(size=5) + rng.normal(size=200) > 0).astype(float)


def loss(theta):
    """Mean logistic loss over the 200 examples."""
    return np.mean(np.logaddexp(0, X @ theta) - y * (X @ theta))


def loss_gradient(theta):
    """Gradient of the mean logistic loss."""
    return X.T @ (1 / (1 + np.exp(-X @ theta)) - y) / len(y)


# %%
predict("loss_of_the_suspect")

# %%
right = optimizers.run(optimizers.adam(), loss_gradient, np.zeros(5), 0.05, 60)
wrong = trajectory(suspect_adam_step, loss_gradient, np.zeros(5), 60, lr=0.05)["theta"]
series = {"right Adam": [loss(p) for p in right], "suspect": [loss(p) for p in wrong]}
show(
    plots.curves(series, xlabel="update t", ylabel="training loss"),
    alt="Training loss of the right "
    "Adam and of the suspect over 60 updates. Both fall smoothly; the suspect falls faster.",
)

# %% [markdown]
# The wrong one is *faster*. No loss curve will betray it. So compare the states: give both rules the same gradients and look at the numbers, update by update. In which column, and at which update, do the two first differ?


# %%
def replay(step, gradients, start, **settings):
    """Feed the given gradients to a rule, one an update, and keep its states."""
    left = iter(gradients)
    return trajectory(step, lambda _: next(left), start, len(gradients), **settings)


# %%
with when_written():
    gradients = np.array([[2.0], [4.0], [-2.0], [1.0]])
    mine = replay(adam_step, gradients, [0.0], lr=0.1)
    theirs = replay(suspect_adam_step, gradients, [0.0], lr=0.1)
    print("update        m: yours  suspect       v: yours  suspect   theta: yours  suspect")
    for t in range(1, 5):
        pairs = [f"{mine[k][t, 0]:13.4f} {theirs[k][t, 0]:8.4f}" for k in ("m", "v", "theta")]
        print(f"{t:6}", *pairs, sep="  ")

# %% [markdown]
# **Practice `repaired_adam_step`** (no points). Which columns agree all the way? Which update is right? Now read the suspect's lines with that in mind, find the fault, and write the repaired rule here. Change as little as you can.


# %% nbgrader={"grade_id": "repaired_adam_step", "solution": true}
def repaired_adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):
    """Make one Adam update: the suspect, repaired. Arguments and returns as for adam_step."""
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m * bias_correction(beta1, t)
    v_hat = v * bias_correction(beta2, t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, m, v
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_repaired_adam_step", "grade": true, "points": 0}
check("repaired_adam_step", repaired_adam_step)

# %% [markdown]
# A test that makes one update from a fresh start finds nothing here: the first update is right. This bug has been seen in published code more than once. To trust an optimizer, compare its *state* over *several* updates with a source you trust.

# %% [markdown]
# ## 11. Quiz
#
# *5 minutes.* Eight questions over the whole notebook. They give no points. Every answer, right or wrong, gets a reply.

# %%
quiz("adam_first_step_is_lr")

# %%
quiz("normalising_keeps_direction")

# %%
quiz("adagrad_in_the_long_run")

# %%
quiz("eps_inside_the_root")

# %%
quiz("expected_m_after_two")

# %%
quiz("zero_start_fades")

# %%
quiz("what_each_part_does")

# %%
quiz("which_rate_is_best")

# %% [markdown]
# ## What you can do now
#
# - Say why one learning rate cannot serve a steep and a flat direction at once.
# - Write Adagrad, RMSProp and Adam from their formulas, with their state, and without changing an argument.
# - Read each lecture's form of them and say what differs: where eps stands, sum or mean, how the state starts.
# - Derive the bias of a running mean that starts at zero, and correct it.
# - Choose a fair rate before you compare methods.
# - Test an optimizer by its state and not by its loss curve.
#
# Next comes 07_schedules: the learning rate itself changes during a run.
#
# The next cell shows how far you are.

# %%
progress("06_adaptive_methods")

# %% [markdown]
# ## Stretch: Nadam
#
# *7 minutes, outside the total.* Nesterov's momentum looks one step ahead (05). Nadam (Dozat) puts this into Adam. `m`, `v` and $\hat v$ stay. Only the numerator changes: it is the mean that the *next* update would see, if the gradient stayed the same.
#
# $$\text{numerator} = \frac{\beta_1 m_t}{1 - \beta_1^{t+1}} + \frac{(1 - \beta_1)\, g_t}{1 - \beta_1^{t}}$$
#
# Here $m_t$ is the mean after this update. Many texts write $\beta_1 \hat m_t$ for the first term; the check accepts that as well.


# %% nbgrader={"grade_id": "nadam_step", "solution": true}
def nadam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):
    """Make one Nadam update. Arguments and returns as for adam_step; changes no argument."""
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    ahead = beta1 * m * bias_correction(beta1, t + 1)
    now = (1 - beta1) * grad * bias_correction(beta1, t)
    v_hat = v * bias_correction(beta2, t)
    theta = theta - lr * (ahead + now) / (np.sqrt(v_hat) + eps)
    return theta, m, v
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_nadam_step", "grade": true, "points": 0}
check("nadam_step", nadam_step)

# %% [markdown]
# ## Stretch: AdamW
#
# *8 minutes, outside the total.* Weight decay pulls every weight a little towards zero. One can add $\lambda\,\theta$ to the gradient. In Adam that term is then divided by $\sqrt{\hat v}$ like everything else, so weights with large gradients decay less. AdamW keeps the decay apart (*decoupled*):
#
# $$\theta \leftarrow \theta - \text{lr}\,\lambda\,\theta - \text{lr}\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}$$
#
# The $\theta$ on the right is the old one in both places. `m` and `v` never see the decay.


# %% nbgrader={"grade_id": "adamw_step", "solution": true}
def adamw_step(theta, grad, m, v, t, lr, beta1, beta2, eps, weight_decay):
    """Make one AdamW update.

    Arguments and returns as for adam_step, and weight_decay: the decay, a number. Changes no
    argument.
    """
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m * bias_correction(beta1, t)
    v_hat = v * bias_correction(beta2, t)
    step = m_hat / (np.sqrt(v_hat) + eps)
    theta = theta - lr * (step + weight_decay * theta)
    return theta, m, v
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_adamw_step", "grade": true, "points": 0}
check("adamw_step", adamw_step)

# %% [markdown]
# What does *decoupled* change? Take two weights, both at 1. One gets gradients of 10, the other of 0.1, with changing signs. Look at how much each has shrunk after 100 updates.


# %%
def coupled_step(theta, grad, m, v, t, lr, beta1, beta2, eps, weight_decay):
    """Adam with the decay added to the gradient."""
    return adam_step(theta, grad + weight_decay * theta, m, v, t, lr, beta1, beta2, eps)


sizes, rng = np.array([10.0, 0.1]), np.random.default_rng(6)
noise = sizes * rng.choice([-1.0, 1.0], size=(100, 1))
for label, step in {"coupled": coupled_step, "AdamW": adamw_step}.items():
    with when_written():
        path = replay(step, noise, np.ones(2), lr=0.01, weight_decay=0.1)
        print(f"{label:8}", path["theta"][-1].round(3))

# %% [markdown]
# The gradients are the same up to their size, so Adam's part moves both weights alike. AdamW shrinks both alike too. With the coupled decay, the weight with the small gradients is pulled much harder: it is at 0.43, the other at 0.93.
