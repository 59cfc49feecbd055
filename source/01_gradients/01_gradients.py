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
# # Losses, gradients and gradient descent
#
# A loss says in one number how wrong a model is. Its gradient says how to make it less wrong. In this notebook you write the four losses of the course with their gradients, see where losses come from, measure slopes, and walk downhill. At the end you can say from two numbers whether a *learning rate*, the factor that sets how far each step goes, is slow, good, too large or much too large.
#
# The notebook takes about 135 minutes, so plan a break: after section 5 is a good place. It gives 25 points.
#
# | section | minutes | exercises (points) |
# |---|---|---|
# | 1. Two losses for numbers | 14 | `l2_loss` (2), `l1_loss` (1) |
# | 2. Two losses for classes | 20 | `logistic_loss` (3), `softmax_cross_entropy` (3) |
# | 3. A one-armed bandit | 14 | `bernoulli_nll` (1), `bernoulli_mle` (1) |
# | 4. Where losses come from | 9 | |
# | 5. Too weak, too strong | 6 | |
# | 6. Measure a slope | 14 | `numerical_gradient` (2), `relative_error` (1) |
# | 7. A bug hunt | 6 | `repaired_line_gradient` (practice) |
# | 8. Why minus the gradient | 10 | `best_step_in_ball` (2) |
# | 9. Gradient descent | 26 | `trace_descent` (practice), `gradient_descent` (2), `critical_learning_rate` (2), `diagnose_learning_rate` (2) |
# | 10. What surfaces look like | 11 | a question in words (3) |
# | 11. Quiz and what you can do now | 6 | |
#
# L0 to L4 are the five lectures of the course. You need 00, and no lecture at hand.

# %% [markdown]
# Run the next cell first. It loads NumPy and the course's helper package.

# %% nbgrader={"grade_id": "setup", "locked": true}
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

# %% [markdown]
# ## 1. Two losses for numbers
#
# *14 minutes.* A network gives `prediction`, an array of shape `(N, K)`: N examples, K numbers for each. The right numbers are `target`, of the same shape. L0 names two losses for one example:
#
# $$\text{L2: } \lVert f_\theta(x) - y \rVert_2^2 = \sum_k (f_k - y_k)^2 \qquad\qquad \text{L1: } \lVert f_\theta(x) - y \rVert_1 = \sum_k |f_k - y_k|$$
#
# So over the K outputs one *adds*. Over the N examples there are two habits. L0 speaks of the sum over the training data when it draws the big picture, and of the mean, $\frac{1}{N}\sum_i$, when it writes gradient descent (section 9). L1 has the mean.

# %%
predict("twice_the_batch")

# %% [markdown]
# Here are both, on a batch and on the same batch twice. `rng` is a generator of random numbers; with the same *seed*, here 1, it draws the same numbers in every run. Look at how the slope changes.

# %%
rng = np.random.default_rng(1)
away = rng.normal(size=(4, 3))
for name, batch in {"the batch": away, "the same batch twice": np.vstack([away, away])}.items():
    total, mean = np.sum(batch**2), np.sum(batch**2) / len(batch)
    # Moving all predictions by a little moves the loss by the sum of the slopes.
    slope = np.sum(2 * batch)
    print(f"{name:21} sum {total:6.2f}, slope {slope:6.2f};", end="   ")
    print(f"mean {mean:5.2f}, slope {slope / len(batch):5.2f}")

# %% [markdown]
# With the sum, twice the data means twice the slope, so a learning rate that was right becomes twice too large. With the mean, nothing changes. **The course takes the sum over outputs and the mean over the batch**, for every loss.
#
# Each loss function returns two things: the loss, and `grad`, its slope along every single number of `prediction`. The 1/N of the mean is in both.

# %% [markdown]
# **Exercise `l2_loss`** (2 points). The derivative of $d^2$ is $2d$. Some texts put one half in front to be rid of the 2; L0 does not.


# %% nbgrader={"grade_id": "l2_loss", "solution": true}
def l2_loss(prediction, target):
    """Square the distance of each example and average over the batch.

    Must not change its arguments.

    Args:
        prediction: what the model says, float64, shape (N, K).
        target: what is right, float64, shape (N, K).

    Returns:
        loss: a number, the mean over N of the squared distance.
        grad: slope of the loss along each number of prediction, float64, shape (N, K).
    """
    ### BEGIN SOLUTION
    difference = prediction - target
    n = len(prediction)
    loss = np.sum(difference**2) / n
    grad = 2 * difference / n
    return loss, grad
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_l2_loss", "grade": true, "points": 2}
check("l2_loss", l2_loss)

# %% [markdown]
# A check compares your numbers with the right ones. If they are those of a well-known mistake, it says which. Every exercise has three hints. The next cell shows the first one; run it again for the second. For other exercises, change the name.

# %%
hint("l2_loss")

# %% [markdown]
# **Exercise `l1_loss`** (1 point). The absolute value has a corner at 0, where there is no derivative. The course takes 0 there.


# %% nbgrader={"grade_id": "l1_loss", "solution": true}
def l1_loss(prediction, target):
    """Add up the absolute differences of each example and average over the batch.

    Must not change its arguments.

    Args:
        prediction: what the model says, float64, shape (N, K).
        target: what is right, float64, shape (N, K).

    Returns:
        loss: a number, the mean over N of the sum over K.
        grad: slope of the loss along each number of prediction, float64, shape (N, K); 0 where
            prediction and target agree.
    """
    ### BEGIN SOLUTION
    difference = prediction - target
    n = len(prediction)
    loss = np.sum(np.abs(difference)) / n
    grad = np.sign(difference) / n
    return loss, grad
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_l1_loss", "grade": true, "points": 1}
check("l1_loss", l1_loss)

# %% [markdown]
# The two losses do not want the same. Five people measured a length: 1.0, 1.1, 1.2, 1.3 and, by a slip, 6.4. We look for the one number that describes them best.

# %%
predict("which_number_describes_five")

# %% [markdown]
# Both of your losses, for every number from 0 to 4. Look at where each has its lowest point.

# %%
measured = np.array([[1.0], [1.1], [1.2], [1.3], [6.4]])
guesses = np.linspace(0, 4, 401)
with when_written():
    losses = {"L2 loss": l2_loss, "L1 loss": l1_loss}
    found = {
        name: [loss(np.full((5, 1), g), measured)[0] for g in guesses]
        for name, loss in losses.items()
    }
    for name, heights in found.items():
        print(f"{name} is lowest at {guesses[np.argmin(heights)]:.2f}")
    ax = plots.curves(found, x=guesses, xlabel="the number", ylabel="loss")
    show(
        ax,
        alt="L2 and L1 loss of one number for five measurements. The L2 loss is a parabola with "
        "its lowest point at 2.2, the mean. The L1 loss is made of straight pieces and is lowest "
        "at 1.2, the median.",
    )

# %% [markdown]
# The L2 loss is lowest at 2.2, the *mean*: one slip has dragged it away from the four good values. The L1 loss is lowest at 1.2, the *median*. Its slope has the same size however far away a point lies, so the slip pulls no harder than any other.

# %% [markdown]
# ## 2. Two losses for classes
#
# *20 minutes.* With two classes the network gives one number, the *logit* z. The probability of label 1 is $\sigma(z) = 1/(1 + e^{-z})$. L0's logistic loss of one example is
#
# $$-y \ln \sigma(z) - (1 - y) \ln (1 - \sigma(z)) .$$
#
# Typed in as it stands, it works for a while. Watch what happens when the logits grow. Large logits are common early in training, when the weights are still wild.

# %%
predict("logistic_loss_at_a_thousand")

# %%
for z in (5.0, 30.0, 40.0, 1000.0):
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-z))
        sure_and_wrong, sure_and_right = -np.log(1 - p), -1 * np.log(p) - 0 * np.log(1 - p)
    print(f"z = {z:6g}   label 0: loss {sure_and_wrong:8.4f}   label 1: loss {sure_and_right:.4g}")

# %% [markdown]
# At z = 40 the loss of a wrong answer is infinite, and the loss of a right one is nan, because 0 · (−∞) has no value. Both should be harmless: 40, and almost 0. What went wrong? $\sigma(40)$ differs from 1 by $4 \cdot 10^{-18}$. A float64 near 1 cannot hold such a difference, so $p$ is exactly 1, and $\ln(1 - p)$ is $\ln 0$.
#
# To keep p a little away from 0 and 1 hides the error and makes the loss wrong. The cure is to rewrite the formula. Put σ into it and simplify:
#
# $$\text{label 0: } \ln(1 + e^{z}) \qquad \text{label 1: } \ln(1 + e^{-z}) = \ln(1 + e^{z}) - z$$
#
# Then make the exponential safe. For every z, $\ln(1 + e^z) = \max(z, 0) + \ln(1 + e^{-|z|})$. No exponential of a positive number is left. `np.log1p(s)` is $\ln(1 + s)$, precise for tiny s.
#
# The gradient comes out as simply as one could hope: $\sigma(z) - y$, over N. Here too, take exponentials of negative numbers only.

# %% [markdown]
# **Exercise `logistic_loss`** (3 points). It should be finite and right for every logit, also for ±1000.


# %% nbgrader={"grade_id": "logistic_loss", "solution": true}
def logistic_loss(logit, label):
    """Return the mean logistic loss (binary cross-entropy) and its gradient, for any logit.

    Must not change its arguments.

    Args:
        logit: log-odds of label 1, float64, shape (N,).
        label: 0 or 1 for each, integers, shape (N,).

    Returns:
        loss: a number, the mean over N, with the natural logarithm.
        grad: slope of the loss along each logit, float64, shape (N,).
    """
    ### BEGIN SOLUTION
    n = len(logit)
    small = np.exp(-np.abs(logit))
    loss = np.mean(np.maximum(logit, 0) - label * logit + np.log1p(small))
    probability = np.where(logit >= 0, 1.0, small) / (1 + small)
    grad = (probability - label) / n
    return loss, grad
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_logistic_loss", "grade": true, "points": 3}
check("logistic_loss", logistic_loss)

# %% [markdown]
# Your loss beside the naive one, for a label of 0. Look at where the naive curve ends.

# %%
logits = np.linspace(-10, 60, 281)
with when_written():
    zero = np.array([0])
    yours = [logistic_loss(np.array([z]), zero)[0] for z in logits]
    with np.errstate(all="ignore"):
        naive = -np.log(1 - 1 / (1 + np.exp(-logits)))
    curves = {"yours": yours, "naive": naive}
    ax = plots.curves(curves, x=logits, xlabel="logit z, label 0", ylabel="loss")
    show(
        ax,
        alt="Logistic loss of an example with label 0 against its logit. Both forms lie near 0 for "
        "negative logits and rise like the logit itself. The naive one ends "
        "near 37, beyond which it is infinite; yours goes on as a straight line.",
    )

# %% [markdown]
# A sure and wrong answer costs about as much as its logit, and its slope is 1: the network is told clearly to come back.
#
# With K classes the network gives K logits a row. Softmax turns them into probabilities, and the loss is the logarithm of the true class's share, with a minus. It is called the softmax cross-entropy; section 4 says why. L0 writes it as a sum over a *one-hot* vector, which is 1 at the true class c and 0 elsewhere. One term of the sum is left:
#
# $$-\ln \frac{e^{f_c}}{\sum_j e^{f_j}} = \ln \sum_j e^{f_j} - f_c \qquad c \text{ the true class}$$
#
# Again $e^{1000}$ overflows. But softmax does not change when the same number is taken from all logits of a row: $e^{f_c - a} / \sum_j e^{f_j - a}$ is the same fraction. Take $a$ = the largest logit *of that row*. Then every exponential is at most 1, and one of them is 1.

# %%
row = np.array([1001.0, 1000.0, 998.0])
with np.errstate(all="ignore"):
    print("as it stands:      ", np.exp(row) / np.exp(row).sum())
shifted = row - row.max()
print("after the shift:   ", np.exp(shifted) / np.exp(shifted).sum())

# %% [markdown]
# One trap is left. If the true class is 1000 behind, its probability is rounded to 0, and the logarithm of that is −∞. So do not compute the probability and then its logarithm. Take the logarithm apart: $\ln p_c = \text{shifted}_c - \ln \sum_j e^{\text{shifted}_j}$.
#
# The gradient is again a difference: softmax minus one-hot, over N.

# %% [markdown]
# **Exercise `softmax_cross_entropy`** (3 points). To pick one number from each row of an array `A`, write `A[np.arange(n), labels]`.


# %% nbgrader={"grade_id": "softmax_cross_entropy", "solution": true}
def softmax_cross_entropy(logits, labels):
    """Return the mean softmax cross-entropy and its gradient, for any logits.

    Must not change its arguments.

    Args:
        logits: scores, float64, shape (N, K).
        labels: the true classes, integers from 0 to K - 1, shape (N,).

    Returns:
        loss: a number, the mean over N, with the natural logarithm.
        grad: slope of the loss along each logit, float64, shape (N, K).
    """
    ### BEGIN SOLUTION
    n = len(logits)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -np.mean(log_probabilities[np.arange(n), labels])
    grad = np.exp(log_probabilities)
    grad[np.arange(n), labels] -= 1
    return loss, grad / n
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_softmax_cross_entropy", "grade": true, "points": 3}
check("softmax_cross_entropy", softmax_cross_entropy)

# %% [markdown]
# Two classes are a special case. Softmax of the logits (0, z) is the logistic loss with logit z. Do your two functions agree? And what does a network lose that knows nothing and gives all ten digits the same logit?

# %%
with when_written():
    z, y = np.array([0.7, -2.0, 900.0]), np.array([1, 1, 0])
    pair = np.column_stack([np.zeros(3), z])
    print("softmax of two:", softmax_cross_entropy(pair, y)[0])
    print("logistic:      ", logistic_loss(z, y)[0])
    clueless = softmax_cross_entropy(np.zeros((1, 10)), np.array([3]))[0]
    print(f"ten equal logits: {clueless:.4f}, and ln 10 = {np.log(10):.4f}")

# %% [markdown]
# Keep ln K in mind. A fresh classifier should begin near it. If yours begins far above, look at its start.

# %% [markdown]
# ## 3. A one-armed bandit
#
# *14 minutes.* L2 begins with the smallest learning problem there is. A machine pays with probability p, which nobody knows. Ten pulls gave
#
# $$1, 0, 0, 0, 0, 0, 0, 1, 1, 0 .$$
#
# The model is a number λ that should be near p. Its **training loss** is the mean over the pulls of $-y \ln \lambda - (1 - y) \ln(1 - \lambda)$. With three ones among ten that is $-0.3 \ln \lambda - 0.7 \ln(1 - \lambda)$.

# %% [markdown]
# **Exercise `bernoulli_nll`** (1 point). NLL stands for negative log-likelihood, the name that section 4 explains. With the natural logarithm it is measured in *nats*. `lam` lies strictly between 0 and 1; `lambda` is a word that Python keeps for itself.


# %% nbgrader={"grade_id": "bernoulli_nll", "solution": true}
def bernoulli_nll(lam, outcomes):
    """Return the mean negative log-likelihood of outcomes under a coin, in nats.

    Must not change its arguments.

    Args:
        lam: the model's probability of a 1, a number strictly between 0 and 1.
        outcomes: zeros and ones, integers, shape (N,).

    Returns:
        The mean over the outcomes, with the natural logarithm.
    """
    ### BEGIN SOLUTION
    return -np.mean(outcomes * np.log(lam) + (1 - outcomes) * np.log(1 - lam))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_bernoulli_nll", "grade": true, "points": 1}
check("bernoulli_nll", bernoulli_nll)

# %% [markdown]
# **Exercise `bernoulli_mle`** (1 point). Which λ has the smallest training loss? Write s for the share of ones. The slope of the loss is $-\frac{s}{\lambda} + \frac{1 - s}{1 - \lambda}$. Set it to zero and solve for λ.


# %% nbgrader={"grade_id": "bernoulli_mle", "solution": true}
def bernoulli_mle(outcomes):
    """Return the lam with the smallest training loss: the maximum-likelihood estimate.

    Must not change its arguments.

    Args:
        outcomes: zeros and ones, integers, shape (N,).

    Returns:
        The estimate, a number from 0 to 1.
    """
    ### BEGIN SOLUTION
    return np.mean(outcomes)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_bernoulli_mle", "grade": true, "points": 1}
check("bernoulli_mle", bernoulli_mle)

# %% [markdown]
# L2's slide gives the training error of λ = 0.3 as 0.27. Does yours agree?

# %%
bandit = datasets.bandit()
with when_written():
    lam = bernoulli_mle(bandit.outcomes)
    nats = bernoulli_nll(lam, bandit.outcomes)
    print(f"lam = {lam}, training error {nats:.4f} with ln,", end=" ")
    print(f"{nats / np.log(10):.4f} with logarithms to base 10")

# %% [markdown]
# Here two lectures seem to disagree, and only the base of the logarithm differs. L2's 0.27 is in base 10. With the natural logarithm, which the formulas of gradients need, it is 0.61 *nats*. The lowest point is at the same λ, because the two differ by the factor ln 10 = 2.303 everywhere. Name the base when you report a loss.
#
# **Training error is not what we want.** We want to do well on pulls not yet seen. L2 calls the expected loss on those the **generalisation error**, $-p \ln \lambda - (1 - p) \ln(1 - \lambda)$. It contains the unknown p. Our simulated machine has p = 0.37, so for once we can look.

# %%
predict("bandit_generalises")

# %%
lams = np.linspace(0.05, 0.9, 171)
errors = {
    "training": bandit.training_error(lams),
    "generalisation": bandit.generalisation_error(lams),
}
for name, heights in errors.items():
    print(f"{name} error: lowest at {lams[np.argmin(heights)]:.2f};", end=" ")
    at = np.interp(0.3, lams, heights)
    print(f"at lam = 0.3 it is {at:.2f} nats = {at / np.log(10):.2f} in base 10")
show(
    plots.curves(errors, x=lams, xlabel="lam", ylabel="loss in nats"),
    alt="Training and generalisation error of the bandit against lam. The training error is lowest "
    "at 0.3, the generalisation error at 0.37; at 0.3 the second lies a little above the first.",
)

# %% [markdown]
# At λ = 0.3 the training error is 0.61 nats (L2: 0.27 in base 10) and the generalisation error 0.67 (L2: 0.29). The two objectives are not the same. To go on lowering the first while the second rises is called **overfitting**.
#
# In real life p is unknown. Then one keeps some outcomes apart, the **test set**, and takes the mean loss on those. This is an estimate of the generalisation error. More pulls give a better one.

# %%
test_rng = np.random.default_rng(2)
with when_written():
    for n in (10, 100, 10_000):
        test_error = bernoulli_nll(0.3, bandit.pull(n, test_rng).outcomes)
        print(f"test error of lam = 0.3 on {n:6} new pulls: {test_error:.4f} nats")
print(f"generalisation error, from the hidden p: {bandit.generalisation_error(0.3):.4f} nats")

# %% [markdown]
# ## 4. Where losses come from
#
# *9 minutes.* Why logarithms, why squares? L1 has one answer for all losses: **maximum likelihood**. Choose the parameters under which the training data would have been most likely:
#
# $$\mathrm{argmax}_{\theta} \prod_i p(y_i \mid x_i; \theta) = \mathrm{argmin}_{\theta} \sum_i -\ln p(y_i \mid x_i; \theta)$$
#
# The logarithm turns the product into a sum and moves no maximum. Divide by N: it is the mean of $-\ln p$ over the data. This mean is called the *negative log-likelihood* (NLL), or the *cross-entropy* of the data and the model. L1 has a third name, the *Kullback-Leibler divergence*: the cross-entropy minus its smallest possible value, that of a model which is exactly the data's distribution. No θ can change that value. So all three names stand for the same optimisation problem.
#
# | the model says that y is | minus ln likelihood | loss |
# |---|---|---|
# | a coin with probability σ(z) | $-y \ln \sigma - (1-y) \ln(1 - \sigma)$ | logistic loss |
# | one of K classes, softmax | $-\ln p_c$ | softmax cross-entropy |
# | normal, mean f(x), fixed variance σ² | $\frac{(f(x) - y)^2}{2\sigma^2} + \frac12 \ln(2\pi\sigma^2)$ | L2 loss |
# | Laplace (a peak with two straight sides on a log scale), median f(x), fixed width b | $\frac{\lvert f(x) - y\rvert}{b} + \ln(2b)$ | L1 loss |
#
# L1 warns: as a function of θ, the likelihood is no probability distribution, although each factor comes from one.

# %% [markdown]
# See the third row with numbers. We draw a line with normal noise and try many slopes. Does the slope with the smallest squared error also make the data most likely, for two different σ?

# %%
rng = np.random.default_rng(4)
x = rng.uniform(-1, 1, 40)
y = 1.5 * x + rng.normal(0, 0.5, 40)
slopes = np.linspace(0.5, 2.5, 201)
squares = np.array([np.mean((s * x - y) ** 2) for s in slopes])
print(f"least squares: slope {slopes[np.argmin(squares)]:.2f}")
for sigma in (0.5, 3.0):
    nll = squares / (2 * sigma**2) + 0.5 * np.log(2 * np.pi * sigma**2)
    print(f"sigma = {sigma}: most likely slope {slopes[np.argmin(nll)]:.2f}")

# %% [markdown]
# The same slope three times. The NLL is the squared error times a constant, plus a constant. The σ that one assumes does not matter, as long as it is the same for all examples.
#
# ### How good is an estimate?
#
# An *estimator* is a rule that makes an estimate of data. Its **bias** is its expectation, the mean over very many data sets, minus the truth (L1). L1's example: estimate a variance from N numbers by $\frac1N \sum (x_i - \hat\mu)^2$, with the mean $\hat\mu$ of the same numbers. This is the maximum-likelihood estimate of a normal distribution's variance.

# %%
predict("biased_variance")

# %% [markdown]
# We draw N numbers with variance 4, estimate, and do this 20,000 times. Look at the mean of the estimates, beside L1's formula $(1 - \frac1N)\,\sigma^2$.

# %%
sizes, rng = (2, 3, 5, 10, 30), np.random.default_rng(1)
drawn = [rng.normal(0, 2, (20_000, n)).var(axis=1) for n in sizes]
means = {"mean of the estimates": [v.mean() for v in drawn]}
means["(1 - 1/N) times 4"] = [4 * (1 - 1 / n) for n in sizes]
ax = plots.bars(means, xlabel="N", ylabel="variance", ticks=sizes)
ax.axhline(4, linestyle="--", color="black", linewidth=1)
ax.set_ylim(0, 4.4)
show(
    ax,
    alt="Bars of the mean variance estimate for N = 2, 3, 5, 10, 30 beside L1's formula. They agree: "
    "2, 2.7, 3.2, 3.6 and 3.9, all below the true variance 4, a dashed line.",
)
for n, v in zip(sizes, drawn, strict=True):
    other = v * n / (n - 1)
    print(f"N = {n:2}: mean squared error {np.mean((v - 4) ** 2):5.2f}, and", end=" ")
    print(f"{np.mean((other - 4) ** 2):5.2f} when divided by N - 1")

# %% [markdown]
# The estimate is too small on average, because $\hat\mu$ lies closer to these numbers than the true mean does. The bias dies out as N grows. Division by N − 1 removes it, but look at the printed numbers: the *biased* estimate is closer to 4 in the mean square. L1 warns of this: an unbiased estimator may vary so much that a biased one is the better choice.
#
# Two good properties belong to maximum likelihood, if the truth lies in the model family (L1). It is *consistent*: with more data the estimate converges to the truth, as your bandit's λ will. And for many examples no consistent estimator has a smaller mean squared error (Rao, Cramér).

# %%
with when_written():
    rng = np.random.default_rng(5)
    for n in (10, 1000, 100_000):
        estimates = [bernoulli_mle(bandit.pull(n, rng).outcomes) for _ in range(50)]
        spread = np.sqrt(np.mean((np.array(estimates) - 0.37) ** 2))
        print(f"n = {n:6}: lam is typically off by {spread:.4f}")

# %% [markdown]
# ## 5. Too weak, too strong
#
# *6 minutes.* Optimisation matches the training set. Machine learning wants to do well on data not yet seen (L1). Two things can go wrong:
#
# - **underfitting**: the model is too weak, and is bad even on the training set;
# - **overfitting**: the model is too strong, and learns what is special about these examples.
#
# How much a model can represent is its *capacity*. For a polynomial it is the degree. We fit 12 noisy points of a sine wave, and judge on 1000 others.

# %%
predict("best_degree")


# %%
def fit_errors(train, test, degree):
    """Fit a polynomial by least squares; return its mean squared errors on both sets."""
    powers = [np.polynomial.legendre.legvander(2 * d.X[:, 0] - 1, degree) for d in (train, test)]
    weights = np.linalg.lstsq(powers[0], train.y, rcond=None)[0]
    return [np.mean((P @ weights - d.y) ** 2) for P, d in zip(powers, (train, test), strict=True)]


# %% [markdown]
# Look at where each of the two curves is lowest. The axis of the errors is logarithmic.

# %%
rng = np.random.default_rng(0)
train, test = datasets.noisy_regression(12, rng), datasets.noisy_regression(1000, rng)
errors = np.array([fit_errors(train, test, degree) for degree in range(10)])
ax = plots.curves(
    {"training": errors[:, 0], "test": errors[:, 1]},
    xlabel="degree of the polynomial",
    ylabel="mean squared error",
    logy=True,
)
show(
    ax,
    alt="Training and test error against the degree of a polynomial. The training error falls all "
    "the way. The test error falls to about 0.06 at degree 3, stays there to 5, then rises.",
)
plenty = datasets.noisy_regression(300, rng)
print("degree 7, test error with  12 points:", round(errors[7, 1], 3))
print("degree 7, test error with 300 points:", round(fit_errors(plenty, test, 7)[1], 3))

# %% [markdown]
# Degrees 0 to 2 underfit: both errors are large. From degree 6 on the training error still falls, but the test error is several times as large as at degree 3: that is overfitting. With 300 points, degree 7 does no harm. More data helps against overfitting, as L1 says; no test error can fall below the noise, 0.04.
#
# A change that is made to lower the generalisation error, not the training error, is called *regularisation*. Settings that learning itself does not choose, such as the degree or the learning rate, are *hyperparameters*. They are chosen by a *validation set*, data that is kept apart for this choice. 08 is about that.
#
# Is there a model that is always best? No: averaged over *all* possible data distributions, every classifier has the same error on unseen examples (the no-free-lunch theorem, L1). Luckily the distributions we meet are far from random.

# %% [markdown]
# ## 6. Measure a slope
#
# *14 minutes.* The gradient collects all partial derivatives (L0): $\nabla L = (\partial L/\partial \theta_1, \dots, \partial L/\partial \theta_m)$. How does one know that a gradient, worked out with a pencil, is right? Measure it. Go a little way h along one coordinate, to both sides:
#
# $$\frac{\partial f}{\partial x_i} \approx \frac{f(x + h e_i) - f(x - h e_i)}{2h}$$
#
# This *central difference* is off by about $h^2 f'''/6$. The one-sided difference $(f(x + h e_i) - f(x))/h$ is off by about $h f''/2$, far more.

# %% [markdown]
# **Exercise `numerical_gradient`** (2 points). `x` may have any shape. `np.ndindex(x.shape)` walks over all its indices. `f` takes an array like `x` and gives a number.


# %% nbgrader={"grade_id": "numerical_gradient", "solution": true}
def numerical_gradient(f, x, h=1e-5):
    """Measure the gradient of f at x by central differences.

    Must leave x as it was.

    Args:
        f: function of an array like x; gives a number.
        x: where to measure, float64, of any shape.
        h: how far to go to each side.

    Returns:
        The slope along each coordinate, float64, of the shape of x.
    """
    ### BEGIN SOLUTION
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        slopes[index] = (f(up) - f(down)) / (2 * h)
    return slopes
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_numerical_gradient", "grade": true, "points": 2}
check("numerical_gradient", numerical_gradient)

# %% [markdown]
# Why not take the smallest h there is?

# %%
predict("best_h")

# %% [markdown]
# The function is $e^x$ at 1, whose slope is e. Look at the shape of your curve, and at where it turns.

# %%
point, steps = np.array([1.0]), np.logspace(-14, 0, 57)
with when_written():
    central = [abs(numerical_gradient(lambda x: np.exp(x[0]), point, h)[0] - np.e) for h in steps]
    one_sided = [abs((np.exp(1 + h) - np.exp(1)) / h - np.e) for h in steps]
    series = {"central, yours": central, "one-sided": one_sided}
    ax = plots.curves(series, x=steps, xlabel="h", ylabel="error of the slope", logy=True)
    ax.set_xscale("log")
    show(
        ax,
        alt="Error of two difference quotients against h, both axes logarithmic. Each curve is a U. "
        "The central one falls like h squared to below 1e-10 near h = 1e-5, the one-sided one "
        "falls like h down to about 1e-8 near h = 1e-8. Left of that, rounding makes both rise.",
    )

# %% [markdown]
# Both curves are a U. On the right the formula is to blame: the error falls like $h^2$ (yours) or like $h$. On the left rounding is to blame. `f` is known to about $10^{-16}$ only, and this is divided by h. Where the two meet, h is best: near $10^{-5}$ for the central difference, with an error below $10^{-10}$. That is why the default is `1e-5`.
#
# To judge whether two gradients agree, an absolute difference says little: 0.001 is nothing beside 1000 and very much beside 0.001. So compare it with the size, element by element.

# %% [markdown]
# **Exercise `relative_error`** (1 point). Return the largest of the numbers
#
# $$\frac{|a_i - b_i|}{\max(10^{-8},\; |a_i| + |b_i|)} .$$
#
# The floor prevents 0/0, and keeps rounding in numbers that are all but zero from looking like an error.


# %% nbgrader={"grade_id": "relative_error", "solution": true}
def relative_error(a, b):
    """Compare two arrays element by element and return the worst relative error.

    Must not change its arguments.

    Args:
        a: float64, of any shape.
        b: float64, of the same shape.

    Returns:
        The largest |a - b| / max(1e-8, |a| + |b|), a number.
    """
    ### BEGIN SOLUTION
    return np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_relative_error", "grade": true, "points": 1}
check("relative_error", relative_error)

# %% [markdown]
# Now check your own losses. A right gradient in float64 gives less than about $10^{-7}$. Above $10^{-2}$ it is wrong. In between, look closer.

# %%
rng = np.random.default_rng(7)
guess, goal = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
bits, classes = np.array([0, 1, 1]), np.array([2, 0, 1, 1])
losses = {
    "l2_loss": (lambda p: l2_loss(p, goal), guess),
    "l1_loss": (lambda p: l1_loss(p, goal), guess),
    "logistic_loss": (lambda z: logistic_loss(z, bits), guess[0]),
    "softmax_cross_entropy": (lambda z: softmax_cross_entropy(z, classes), guess),
}
with when_written():
    for name, (loss, at) in losses.items():
        measured = numerical_gradient(lambda v, loss=loss: loss(v)[0], at)
        print(f"{name:22} {relative_error(loss(at)[1], measured):.1e}")

# %% [markdown]
# Two warnings. Near a corner, such as that of the L1 loss, a difference that reaches across it measures neither arm. And a measured gradient costs two calls of f for *each* parameter. For a network with a million parameters that is hopeless as a way to train, but fine as a test of a small one. 02 and 03 find all slopes at the price of a few calls.

# %% [markdown]
# ## 7. A bug hunt
#
# *6 minutes.* Somebody fits a line $y \approx a x + b$, with `theta` = (a, b) and the mean squared error. This is the gradient they wrote. Something is wrong with it.


# %%
def line_loss(theta, x, y):
    """Mean squared error of the line theta[0] * x + theta[1]."""
    return np.mean((theta[0] * x + theta[1] - y) ** 2)


def suspect_line_gradient(theta, x, y):
    """Gradient of line_loss, as somebody wrote it."""
    residual = theta[0] * x + theta[1] - y
    return np.array([2 * np.mean(residual * x), np.mean(residual)])


# %%
predict("does_the_suspect_train")

# %%
rng = np.random.default_rng(8)
line_x = rng.uniform(0, 2, 50)
line_y = 0.8 * line_x + 1 + rng.normal(0, 0.2, 50)
theta, history = np.zeros(2), []
for _ in range(150):
    history.append(line_loss(theta, line_x, line_y))
    theta = theta - 0.2 * suspect_line_gradient(theta, line_x, line_y)
show(
    plots.curves({"suspect": history}, xlabel="update", ylabel="loss", logy=True),
    alt="Training loss with the suspect gradient: it falls smoothly and levels off near 0.04.",
)
best = np.polyfit(line_x, line_y, 1)
print("found:", theta.round(3), "  best line:", best.round(3))

# %% [markdown]
# It trains, and even ends at the best line. No loss curve betrays it. Measure. In which entry do the two columns differ, and by which factor?

# %%
with when_written():
    for at in (np.array([0.0, 0.0]), np.array([2.0, -1.0])):
        written = suspect_line_gradient(at, line_x, line_y)
        measured = numerical_gradient(lambda t: line_loss(t, line_x, line_y), at)
        print(f"theta = {at}: relative error {relative_error(written, measured):.2g}")
        for name, one, other in zip("ab", written, measured, strict=True):
            print(f"   d loss / d {name}: written {one:8.4f}, measured {other:8.4f}")

# %% [markdown]
# **Practice `repaired_line_gradient`** (no points). Write the repaired gradient. Change as little as you can.


# %% nbgrader={"grade_id": "repaired_line_gradient", "solution": true}
def repaired_line_gradient(theta, x, y):
    """Return the gradient of line_loss.

    Must not change its arguments.

    Args:
        theta: slope and intercept, float64, shape (2,).
        x: float64, shape (N,).
        y: float64, shape (N,).

    Returns:
        The slopes of the loss along theta[0] and theta[1], float64, shape (2,).
    """
    ### BEGIN SOLUTION
    residual = theta[0] * x + theta[1] - y
    return np.array([2 * np.mean(residual * x), 2 * np.mean(residual)])
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_repaired_line_gradient", "grade": true, "points": 0}
check("repaired_line_gradient", repaired_line_gradient)

# %% [markdown]
# The wrong entry is zero exactly where the right one is, so the run ends at the right place, only later. In a large network nobody would have noticed. A gradient is trusted when it has been *measured*.

# %% [markdown]
# ## 8. Why minus the gradient
#
# *10 minutes.* For a short step δ, the loss is almost linear (Taylor, L0):
#
# $$L(\theta + \delta) = L(\theta) + \langle \nabla L(\theta), \delta \rangle + o(\lVert\delta\rVert)$$
#
# The last term is small compared with the length of the step. Without it the right-hand side is the **linearised** loss.
#
# Draw a small circle around θ (L3 argues like this). Which point of it makes the linearised loss smallest? The inner product is $\lVert\nabla L\rVert \cdot \lVert\delta\rVert \cdot \cos(\text{angle})$. It is smallest when the cosine is −1, so when δ points exactly against the gradient.

# %%
predict("perpendicular_to_the_gradient")

# %% [markdown]
# **Exercise `best_step_in_ball`** (2 points). Return the step that lowers the linearised loss most, among all steps no longer than `radius`. If the gradient is zero, no step lowers it: return zeros.


# %% nbgrader={"grade_id": "best_step_in_ball", "solution": true}
def best_step_in_ball(grad, radius):
    """Return the step in a ball that lowers the linearised loss most.

    Must not change its arguments.

    Args:
        grad: gradient, float64, shape (D,).
        radius: radius of the ball, a positive number.

    Returns:
        The step, float64, shape (D,); zeros for a zero gradient.
    """
    ### BEGIN SOLUTION
    length = np.linalg.norm(grad)
    if length == 0:
        return np.zeros_like(grad)
    return -radius * grad / length
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_best_step_in_ball", "grade": true, "points": 2}
check("best_step_in_ball", best_step_in_ball)

# %% [markdown]
# Now turn a step around the circle. The thin arrow is the gradient, the blue one is the step that you turn, the green one is yours. On the right is the loss after each step of this length: the linearised one and the true one. Find the lowest place, then make the circle large.

# %%
widgets.explore_circle(best_step_in_ball)

# %% [markdown]
# The same for two lengths side by side. Look at whether your step (dotted) hits the lowest place of the *true* loss.

# %%
bowl, theta = landscapes.bowl, np.array([1.5, 1.0])
angles = np.linspace(0, 360, 361)
turn = np.column_stack([np.cos(np.deg2rad(angles)), np.sin(np.deg2rad(angles))])
with when_written():
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
    for ax, radius in zip(axes, (0.1, 1.0), strict=True):
        linear = bowl.value(theta) + radius * turn @ bowl.gradient(theta)
        true = bowl.value(theta + radius * turn)
        rows = {"linear": linear, "true": true}
        plots.curves(rows, x=angles, xlabel="direction in degrees", ylabel="loss", ax=ax)
        step = best_step_in_ball(bowl.gradient(theta), radius)
        ax.axvline(np.rad2deg(np.arctan2(step[1], step[0])) % 360, color="black", linestyle=":")
        ax.set_title(f"radius {radius}")
    show(
        figure,
        alt="Loss after a step of fixed length against its direction. Radius 0.1: linear and true "
        "loss are almost the same wave, lowest in the direction of the dotted line, your step. "
        "Radius 1: the true loss lies well above the linear one and is lowest elsewhere.",
    )

# %% [markdown]
# In the small circle the linear and the true loss agree, and your step (dotted) points to the lowest place of both. In the large circle the promise is no longer kept. The gradient is right about the neighbourhood only. How far one may go is the question of the learning rate.

# %% [markdown]
# ## 9. Gradient descent
#
# *26 minutes.* So take a step against the gradient, and again, and again. This is gradient descent (L0 to L3):
#
# $$\theta \leftarrow \theta - \text{lr} \cdot \nabla L(\theta)$$
#
# L0, L1 and L2 call the learning rate α, L3 calls it η. Many small decreases are hoped to add up to a good place. Unlike your step in the ball, this one is not of fixed length: where the slope is gentle, the step is short.
#
# Follow it by hand once. L2's bowl is $L = w_1^2 + 2 w_2^2$. Its slopes are $2 w_1$ and $4 w_2$. Take lr = 0.375 and begin at (16, 8). The first row is done.
#
# | update | $w_1$ | $w_2$ | slopes | loss |
# |---|---|---|---|---|
# | 0 | 16 | 8 | 32 and 32 | 256 + 2·64 = 384 |
# | 1 | 16 − 0.375·32 = ? | ? | ? | ? |
# | 2 | ? | ? | ? | ? |
# | 3 | ? | ? | ? | ? |

# %% [markdown]
# **Practice `trace_descent`** (no points). Return the columns $w_1$, $w_2$ and loss, four numbers each: `w1 = [16, ..., ..., ...]`.


# %% nbgrader={"grade_id": "trace_descent", "solution": true}
def trace_descent():
    """Return the columns w1, w2 and loss of the table, for updates 0 to 3.

    Returns:
        Three arrays or lists of 4 numbers, in this order.
    """
    ### BEGIN SOLUTION
    rows, (w1, w2) = [], (16.0, 8.0)
    for _ in range(4):
        rows.append([w1, w2, w1**2 + 2 * w2**2])
        g1, g2 = 2 * w1, 4 * w2
        w1, w2 = w1 - 0.375 * g1, w2 - 0.375 * g2
    return tuple(np.array(column) for column in zip(*rows, strict=True))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_trace_descent", "grade": true, "points": 0}
check("trace_descent", trace_descent)

# %% [markdown]
# **Exercise `gradient_descent`** (2 points). Return all points of the run, the start included, as the rows of one array. Make a new array at each update: an array that is changed in place would change all rows that hold it.


# %% nbgrader={"grade_id": "gradient_descent", "solution": true}
def gradient_descent(grad_fn, theta0, lr, steps):
    """Run gradient descent and keep every point.

    Must not change its arguments.

    Args:
        grad_fn: function that gives the gradient, shape (D,), at a point of shape (D,).
        theta0: where to begin, float64, shape (D,).
        lr: learning rate, a number.
        steps: number of updates, 0 or more.

    Returns:
        The points, float64, shape (steps + 1, D); row 0 is theta0.
    """
    ### BEGIN SOLUTION
    path = [theta0]
    for _ in range(steps):
        theta = path[-1]
        path.append(theta - lr * grad_fn(theta))
    return np.array(path)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_gradient_descent", "grade": true, "points": 2}
check("gradient_descent", gradient_descent)

# %% [markdown]
# ### Three diagnoses
#
# L2 runs its bowl with 0.01, 0.48 and 0.51. L3 asks in its practice why a good learning rate matters. The *curvature* along an axis is the second derivative: how fast the slope changes. It is 2 along $w_1$ and 4 along $w_2$. Predict before you look.

# %%
predict("three_learning_rates")

# %%
with when_written():
    figure, axes = plt.subplots(2, 2, figsize=(10, 7), layout="constrained")
    for ax, lr in zip(axes.flat, (0.01, 0.2, 0.48, 0.51), strict=True):
        path = gradient_descent(bowl.gradient, bowl.start, lr, 30)
        plots.paths(plots.contours(bowl, ax=ax), {f"lr = {lr}": path})
        ax.set_title(f"lr = {lr}: loss {bowl.value(path[-1]):.2g} after 30 updates")
    show(
        figure,
        alt="Four runs of your gradient descent on L2's bowl. lr 0.01 creeps and is still far out. "
        "lr 0.2 runs straight to the minimum. lr 0.48 jumps from side to side along w2 and slowly "
        "closes in. lr 0.51 jumps farther and farther out.",
    )

# %% [markdown]
# Why these numbers? On a quadratic, each axis of the bowl lives by itself. Call the distance from the minimum the *error*. Along an axis with curvature c the slope is c times the error. So an update multiplies the error by one **factor**:
#
# $$\text{error} \leftarrow \text{error} - \text{lr} \cdot c \cdot \text{error} = (1 - \text{lr} \cdot c)\,\text{error}$$
#
# | factor | what happens | L2's name |
# |---|---|---|
# | between 0 and 1, close to 1 | shrinks, slowly | slow progress |
# | between 0 and 1 | shrinks | |
# | between −1 and 0 | shrinks, jumping from side to side | oscillations |
# | below −1 | grows, jumping from side to side | instability |
# | above 1 | grows: the direction bends down | |
#
# L2's bowl has the curvatures 2 and 4. With lr = 0.48 the factors are 0.04 and −0.92: along $w_2$ it oscillates. With lr = 0.51 the second is −1.04, and each update makes the error 4 % larger.
#
# If the axes of the bowl are turned, each update mixes the parameters. The directions that live by themselves are then the eigenvectors of the **Hessian**, the matrix of second derivatives, and the curvatures along them are its eigenvalues. `np.linalg.eigvalsh` gives them in rising order.

# %% [markdown]
# **Exercise `critical_learning_rate`** (2 points). Above which learning rate does gradient descent diverge? The Hessian has positive eigenvalues only.


# %% nbgrader={"grade_id": "critical_learning_rate", "solution": true}
def critical_learning_rate(hessian):
    """Return the learning rate above which gradient descent on a quadratic diverges.

    Must not change its argument.

    Args:
        hessian: symmetric with positive eigenvalues, float64, shape (D, D).

    Returns:
        The rate at which the first factor reaches -1, a number.
    """
    ### BEGIN SOLUTION
    return 2 / np.linalg.eigvalsh(hessian)[-1]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_critical_learning_rate", "grade": true, "points": 2}
check("critical_learning_rate", critical_learning_rate)

# %% [markdown]
# **Exercise `diagnose_learning_rate`** (2 points). Work out all factors, then ask in this order:
#
# 1. Is any |factor| above 1? Then it `"diverges"`.
# 2. Else, is any factor below 0? Then it `"oscillates"`.
# 3. Else, is the largest factor above 0.95? Then it is `"slow"`.
# 4. Else it `"converges"`.
#
# Here the Hessian may have negative eigenvalues too.


# %% nbgrader={"grade_id": "diagnose_learning_rate", "solution": true}
def diagnose_learning_rate(hessian, lr):
    """Say what gradient descent does on a quadratic.

    Must not change its arguments.

    Args:
        hessian: symmetric, float64, shape (D, D).
        lr: learning rate, a positive number.

    Returns:
        One of "slow", "converges", "oscillates", "diverges".
    """
    ### BEGIN SOLUTION
    factors = 1 - lr * np.linalg.eigvalsh(hessian)
    if np.any(np.abs(factors) > 1):
        return "diverges"
    if np.any(factors < 0):
        return "oscillates"
    if np.max(factors) > 0.95:
        return "slow"
    return "converges"
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_diagnose_learning_rate", "grade": true, "points": 2}
check("diagnose_learning_rate", diagnose_learning_rate)

# %%
with when_written():
    print("critical rate:", critical_learning_rate(bowl.hessian(bowl.start)))
    for lr in (0.01, 0.2, 0.48, 0.5, 0.51):
        print(f"lr = {lr:4}: {diagnose_learning_rate(bowl.hessian(bowl.start), lr)}")

# %% [markdown]
# Now play with your own functions. The dots are your `gradient_descent`; the rings are where the factors put every update. The number line shows the factors, and your diagnosis is compared. Try to make it slow along one axis and oscillating along the other. Then look for the rate that is best for curvatures 1 and 8.

# %%
widgets.explore_learning_rate(gradient_descent, diagnose=diagnose_learning_rate)

# %% [markdown]
# One more thing to see. With lr = 0.48 the path jumps, but what does the training *loss* do?

# %%
predict("loss_of_an_oscillating_run")

# %%
with when_written():
    series = {}
    for lr in (0.01, 0.2, 0.48, 0.51):
        run = gradient_descent(bowl.gradient, bowl.start, lr, 30)
        series[f"lr = {lr}"] = bowl.value(run)
    show(
        plots.curves(series, xlabel="update", ylabel="loss", logy=True),
        alt="Loss of the four runs on a logarithmic axis. 0.01 falls slowly, 0.2 fast and straight, "
        "0.48 falls smoothly but slower, 0.51 first falls a little and then rises.",
    )

# %% [markdown]
# On a quadratic the loss of 0.48 falls smoothly: it depends on the square of the error, and the sign is lost. The curves can reveal big problems, but L2 warns that they hardly tell whether a run has converged. When in doubt, look at the parameters, or try half the rate.
#
# And 0.51? At first its loss *falls*, as the flat direction improves. Then the steep one takes over, 4 % an update, and grows without end.
#
# ### One rate for two directions
#
# L2 has a second quadratic, $0.1 w_1^2 + 2 w_2^2$. Its curvatures are 0.2 and 4: it is a valley that bends 20 times as much across as along. L2 tries 0.01 and 0.5 there.

# %%
predict("one_rate_for_a_valley")

# %% [markdown]
# Two runs of 40 updates. Look at how far each has come along $w_1$, and along $w_2$.

# %%
valley = landscapes.valley
with when_written():
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.4), layout="constrained")
    for ax, lr in zip(axes, (0.01, 0.5), strict=True):
        path = gradient_descent(valley.gradient, valley.start, lr, 40)
        plots.paths(plots.contours(valley, ax=ax), {f"lr = {lr}": path})
        word = diagnose_learning_rate(valley.hessian(valley.start), lr)
        ax.set_title(f"lr = {lr}: {word}, loss {valley.value(path[-1]):.2g}")
    show(
        figure,
        alt="Two runs of 40 updates in L2's valley. With 0.01 the run has come down the side of the "
        "valley and has hardly moved along it. With 0.5 it has moved along the valley, but jumps "
        "from one side to the other as far as at the start.",
    )

# %% [markdown]
# With 0.01 the factors are 0.998 and 0.96: down the side in time, along the valley hardly at all. With 0.5 they are 0.9 and −1: good along the valley, and across it the run jumps for ever between two points. A rate that is right for one direction is wrong for the other. Even the best one, $2/(0.2 + 4) = 0.476$, has factors of ±0.905. The worse the ratio of the curvatures, the slower the best rate. 05 and 06 are about ways out.

# %% [markdown]
# ## 10. What surfaces look like
#
# *11 minutes.* A function is **convex** if it never lies above its chords (L1):
#
# $$f(t u + (1 - t) v) \le t f(u) + (1 - t) f(v) \qquad 0 \le t \le 1$$
#
# If it is twice differentiable, this means: no negative eigenvalue of the Hessian, anywhere. Then every local minimum is a global one. L1's examples are $x^2$, $e^x$, $-\ln x$, and, for *linear* models, the squared error, sigmoid with NLL and softmax with NLL.
#
# We can look for a chord that is violated. One such chord proves that a function is not convex; many good ones prove nothing.


# %%
def worst_chord(f, rng, trials=5000):
    """Return the largest f(middle) - mean of f(ends) over random chords; above 0: not convex."""
    ends = rng.uniform(-6, 6, (2, trials))
    return np.max(f(ends.mean(axis=0)) - f(ends).mean(axis=0))


rng = np.random.default_rng(9)
functions = {
    "square": np.square,
    "logistic loss of z": lambda z: np.logaddexp(0, z),
    "squared error of sigmoid(z)": lambda z: (1 / (1 + np.exp(-z)) - 1) ** 2,
}
for name, f in functions.items():
    above = worst_chord(f, rng)
    print(f"{name:28}", f"not convex: {above:.2f} above" if above > 1e-9 else "no chord violated")

# %% [markdown]
# The square and the logistic loss pass. The *squared error behind a sigmoid* does not: far out, where the sigmoid is flat, a sure and wrong network gets almost no slope. So here are answers to two questions of L2: a convex loss, and one with a flat region. It is one more reason for the logistic loss.
#
# The loss of a network with hidden layers is not convex (L2). It may have many local minima, saddle points (flat, but uphill in some directions and downhill in others) and flat regions. For such losses gradient descent can at best promise a *local* optimum (L1).
#
# Here is a surface with a saddle: $w_2^2 - w_1^2 + w_1^4/8$. Your gradient descent begins almost on its ridge.

# %%
predict("small_gradient_means")

# %%
saddle = landscapes.saddle
with when_written():
    path = gradient_descent(saddle.gradient, np.array([1e-4, 1.5]), 0.1, 80)
    figure, axes = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    plots.paths(plots.contours(saddle, ax=axes[0]), {"yours": path})
    sizes = [np.linalg.norm(saddle.gradient(point)) for point in path]
    rows = {"loss": saddle.value(path), "gradient": sizes}
    plots.curves(rows, xlabel="update", ylabel="loss, size of the gradient", ax=axes[1])
    show(
        figure,
        alt="Left: a run that comes down to a saddle at the origin and then turns along the floor "
        "to a minimum at w1 = 2. Right: its loss falls from 2.25 to 0 within 15 updates, stays "
        "flat to about update 45, and falls to -2 by update 65. The gradient is tiny twice: on "
        "the plateau and at the end.",
    )

# %% [markdown]
# **A question in words** (3 points, read by a person). Explain the training curve on the right, in five to eight sentences.
#
# What happens in each of its phases, along which direction, and why is the middle so flat? Somebody stops the run at update 30 and says: "The gradient is tiny and the loss no longer falls, so we have converged." What do you answer, and how would you test it? Around the minimum the curvatures are 4 and 2. What would lr = 0.6 do there, and why?

# %% [markdown] nbgrader={"grade_id": "explain_curve", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# At first the loss falls from 2.25 to almost 0, because the run comes down the steep direction w2: its curvature is 2, so each update multiplies w2 by 0.8. After some 15 updates w2 is nearly 0, and the run stands beside the saddle point. The middle is flat because both slopes are small there: w2 is used up, and w1 is still almost 0. But along w1 the surface bends down, with curvature −2, so each update multiplies w1 by 1.2: it grows from 0.0001, at first too little to be seen. Around update 45 it is large enough, the loss falls again, to −2, and levels off at the minimum w1 = 2. A tiny gradient only says that the place is flat: it may be a minimum, a saddle or a plateau. To test it I would look at the eigenvalues of the Hessian (a negative one means a saddle), or push the parameters a little and go on, or simply run longer. With lr = 0.6 the factor along the direction of curvature 4 is 1 − 2.4 = −1.4, so near the minimum the error grows from update to update and the run can never settle there; the limit is 2/4 = 0.5.
#
# ### BEGIN MARK SCHEME
# 1 point: the phases. First w2 (steep) shrinks, then a saddle with small slopes, then the slow growth along w1 shows and leads to the minimum. Half a point for phases without directions.
#
# 1 point: a small gradient is no proof of a minimum (saddle or flat region), with a usable test: eigenvalues of the Hessian, a small push, longer training.
#
# 1 point: lr = 0.6 is above 2/4 = 0.5, or: the factor 1 − 0.6·4 = −1.4 has a size above 1. "It is too large" without a reason gives no point.
# ### END MARK SCHEME
# ### END SOLUTION

# %% [markdown]
# ## 11. Quiz
#
# *6 minutes.* The first questions are L2's true-or-false questions. They give no points. Every answer, right or wrong, gets a reply.

# %%
quiz("losses_are_convex")

# %%
quiz("loss_may_rise")

# %%
quiz("small_gradient_global")

# %%
quiz("small_gradient_local")

# %%
quiz("which_scenario")

# %%
quiz("gradient_of_softmax")

# %%
quiz("nats_to_base_ten")

# %%
quiz("can_compute_generalisation")

# %%
quiz("steeper_by_ten")

# %% [markdown]
# ## What you can do now
#
# - Write the four common losses with their gradients, stable for every input, with the mean over the batch.
# - Derive a loss from a model by maximum likelihood, and name the base of its logarithm.
# - Tell training, test and generalisation error apart, and recognise under- and overfitting.
# - Measure a gradient, choose h, and find a bug that no loss curve shows.
# - Say why the step goes against the gradient, and only a short way.
# - Tell from the curvatures whether a learning rate is slow, good, oscillating or diverging.
#
# Next comes 02_scalar_backprop: the gradient of any formula, at the price of a few calls.
#
# The next cell shows how far you are.

# %%
progress("01_gradients")
