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
# # Choosing well, and knowing how good it is
#
# A network has many settings that training does not learn. In this notebook you write the tools that choose them: splits, cross-validation, searches, a penalty. You also meet the ways in which people fool themselves, one by one and with numbers. At the end you choose, refit and test once, as one should.
#
# The notebook takes about 100 minutes. It gives 20 points.
#
# | section | minutes | exercises (points) |
# |---|---|---|
# | 1. Three uses of data | 12 | `train_val_test_split` (1) |
# | 2. Cross-validation | 14 | `k_fold` (2), `cross_validate` (3) |
# | 3. A bug hunt: reading coins | 9 | `repaired_preparation` (1) |
# | 4. On a log scale | 6 | `log_uniform` (1) |
# | 5. Coarse to fine | 13 | `trace_stages` (practice), `coarse_to_fine` (2), `best_at_edge` (1) |
# | 6. Several hyperparameters | 10 | `grid` (1), `random_search` (1) |
# | 7. Capacity and weight decay | 8 | `l2_penalty` (1) |
# | 8. Double descent | 6 | |
# | 9. One lucky seed | 7 | `is_better` (1) |
# | 10. Choose, refit, test once | 11 | `choose_and_refit` (3), a question in words (2) |
# | 11. Quiz and what you can do now | 4 | |
#
# L0 to L4 are the five lectures of the course. You need the polynomials of 01 and the scaling of 04, and no lecture at hand.

# %% [markdown]
# Run the next cell first. It loads NumPy and the course's helper package.

# %% nbgrader={"grade_id": "setup", "locked": true}
import itertools

import matplotlib.pyplot as plt
import numpy as np

from downslope import (
    check,
    datasets,
    double_descent,
    hint,
    plots,
    predict,
    progress,
    quiz,
    show,
    when_written,
    widgets,
)

# %% [markdown]
# ## 1. Three uses of data
#
# *12 minutes.* A **hyperparameter** is a setting that the training does not learn: the learning rate and its schedule, the batch size, the number of epochs, the number and the width of the layers, Adam's $\beta_1, \beta_2, \epsilon$ (L0's list). The weights and biases are the **parameters**.
#
# L1 says what we want: a low error on data that was *never seen*, the **generalisation error** (01). The training error is something else. Here is the smallest example: 30 noisy points of a curve, fitted by polynomials. The hyperparameter is the degree.


# %%
def fit_polynomial(degree, X, y):
    """Fit a polynomial by least squares and return its coefficients."""
    return np.polynomial.chebyshev.chebfit(2 * X[:, 0] - 1, y, degree)


def squared_error(coefficients, X, y):
    """Mean squared error of a fitted polynomial."""
    fitted = np.polynomial.chebyshev.chebval(2 * X[:, 0] - 1, coefficients)
    return float(np.mean((fitted - y) ** 2))


# %%
points = datasets.noisy_regression(50, np.random.default_rng(8), noise=0.3)
degrees = range(1, 16)

# %% [markdown]
# L0's first idea: train on the training data and pick what does best there. Predict what it would pick.

# %%
predict("degree_by_training_error")

# %%
X, y = points.X[:30], points.y[:30]
training = [squared_error(fit_polynomial(degree, X, y), X, y) for degree in degrees]
print("training error, degree 1 to 15:", np.round(training, 3).tolist())

# %% [markdown]
# A polynomial of degree 15 can do all that one of degree 14 can. So the training error never rises, and it always asks for more. It cannot choose.
#
# Could the test data choose? Then, as L0 says, we would have no idea how the network does on new data: the test data has been used up. So data has **three uses**:
#
# - **training** data: the parameters are fitted on it,
# - **validation** data (L1 also says *development* data): the hyperparameters are chosen by it,
# - **test** data: read once, at the very end.

# %% [markdown]
# **Exercise `train_val_test_split`** (1 point). Shuffle the numbers 0 to n − 1 and cut them into three. Each size must lie within one of its fraction of n: 25.9 may become 25 or 26, but not 27. All n numbers are used. Chance comes from `rng` alone.


# %% nbgrader={"grade_id": "train_val_test_split", "solution": true}
def train_val_test_split(n, fractions, rng):
    """Split the indices 0 ... n - 1 at random into three sets.

    Args:
        n: number of examples.
        fractions: three numbers that add up to 1, such as (0.6, 0.2, 0.2). Each set's size lies
            within one of its fraction of n.
        rng: a numpy.random.Generator.

    Returns:
        Three arrays of indices, int64: train, val, test. No index is in two sets, and none is left
        out. The order inside a set does not matter.
    """
    ### BEGIN SOLUTION
    order = rng.permutation(n)
    first = round(fractions[0] * n)
    second = round((fractions[0] + fractions[1]) * n)
    return order[:first], order[first:second], order[second:]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_train_val_test_split", "grade": true, "points": 1}
check("train_val_test_split", train_val_test_split)

# %% [markdown]
# A random function has many right answers. The check does not compare your numbers with stored ones. It calls your function many times and looks at what must hold for every right answer.
#
# Every exercise has three hints. The next cell shows the first one; run it again for the second. For other exercises, change the name.

# %%
hint("train_val_test_split")

# %% [markdown]
# Why shuffle at all? The course's wines are stored sorted by their cultivar. Look at what a split without shuffling would train on.

# %%
wine = datasets.load_wine()
cut = round(0.6 * len(wine))
print("sorted:   train has classes", np.bincount(wine.y[:cut], minlength=3).tolist())
with when_written():
    train, val, test = train_val_test_split(len(wine), (0.6, 0.2, 0.2), np.random.default_rng(0))
    print("shuffled: train has classes", np.bincount(wine.y[train], minlength=3).tolist())

# %% [markdown]
# Without shuffling the third cultivar is missing from the training data altogether.
#
# Now the polynomials again, with few points to train on: 16 of the 50. One split may be luck, so your function makes 25 of them, and the picture shows the middle one of each 25 errors. Predict the shape of the validation error first.

# %%
predict("shape_of_validation_error")


# %%
def errors_of_split(seed):
    """Training and validation error of each degree after one split, (2, degrees)."""
    train, val, _ = train_val_test_split(50, (0.32, 0.34, 0.34), np.random.default_rng(seed))
    fits = [fit_polynomial(degree, points.X[train], points.y[train]) for degree in degrees]
    return [[squared_error(fit, points.X[p], points.y[p]) for fit in fits] for p in (train, val)]


# %%
degrees = range(1, 13)
with when_written():
    middle = np.median([errors_of_split(seed) for seed in range(25)], axis=0)
    rows = dict(zip(("training", "validation"), middle, strict=True))
    ax = plots.curves(rows, x=list(degrees), xlabel="degree", ylabel="squared error", logy=True)
    show(
        ax,
        alt="Error against the degree of a polynomial, 1 to 12. The training error falls all the "
        "way. The validation error falls first, is lowest near degree 3 and rises steeply later.",
    )

# %% [markdown]
# On the left both errors are high: the model is too weak, it **underfits**. On the right the training error is low and the validation error high: it **overfits**. L1 calls what grows from left to right the **capacity**: *representational* is what a model could represent, *effective* is what the training really makes of it.

# %% [markdown]
# L1 adds that overfitting decreases with the amount of data. Look at the same degree 9 with more and more points.

# %%
fresh = datasets.noisy_regression(2000, np.random.default_rng(99), noise=0.3)
for n in (15, 30, 100, 1000):
    more = datasets.noisy_regression(n, np.random.default_rng(5), noise=0.3)
    fitted = fit_polynomial(9, more.X, more.y)
    errors = [squared_error(fitted, part.X, part.y) for part in (more, fresh)]
    print(
        f"{n:5} points: training error {errors[0]:.3f}, error on 2000 fresh points {errors[1]:.3f}"
    )

# %% [markdown]
# The two errors meet at the variance of the noise, $0.3^2 = 0.09$, one from below and one from above. No model can do better on fresh points.

# %% [markdown]
# ### No free lunch
#
# Is there a learner that is always better? L1 quotes Wolpert (1996): averaged over *all possible* data, every classifier is equally good. Take three examples that nobody has seen, and all eight ways to label them. Look at the mean of each rule.

# %%
labellings = np.array(list(itertools.product([0, 1], repeat=3)))
guesses = {"always 0": [0, 0, 0], "always 1": [1, 1, 1], "a clever rule": [0, 1, 1]}
for label, guess in guesses.items():
    print(f"{label:14} mean accuracy {np.mean(labellings == guess):.2f}")

# %% [markdown]
# All have 0.5. A rule wins only because real data is not drawn from all possibilities alike. So we have to measure, on data like ours.

# %% [markdown]
# ## 2. Cross-validation
#
# *14 minutes.* A single split leaves few validation points. With another seed another degree may win. L0's third idea uses the training data better: cut it into k **folds**; each fold is the validation data once, while all others are training data. Then average the k results. The test data stays outside.

# %%
show(
    plots.folds(5),
    alt="Cross-validation with five folds: five rows, one a run. In each run another fold "
    "validates and the other four train; the test set at the right is not touched by any run.",
)

# %% [markdown]
# **Exercise `k_fold`** (2 points). Shuffle 0 to n − 1 once, cut it into k folds whose sizes differ by at most one, and return the k pairs.


# %% nbgrader={"grade_id": "k_fold", "solution": true}
def k_fold(n, k, rng):
    """Cut the shuffled indices 0 ... n - 1 into k folds.

    Args:
        n: number of examples.
        k: number of folds, from 2 to n. Their sizes differ by at most one.
        rng: a numpy.random.Generator; it alone decides who is in which fold.

    Returns:
        A list of k pairs (train, val) of index arrays, int64. val is a fold, train all other
        indices; their order does not matter.
    """
    ### BEGIN SOLUTION
    folds = np.array_split(rng.permutation(n), k)
    pairs = []
    for i in range(k):
        others = [fold for j, fold in enumerate(folds) if j != i]
        pairs.append((np.concatenate(others), folds[i]))
    return pairs
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_k_fold", "grade": true, "points": 2}
check("k_fold", k_fold)

# %% [markdown]
# **Exercise `cross_validate`** (3 points). For each pair of your `k_fold`: fit on the training part, score on the validation part. Hand the rows of `X` and `y` on as they are. Whatever is fitted, scaling included, belongs inside `fit`, so that the held-out part cannot leak into it.


# %% nbgrader={"grade_id": "cross_validate", "solution": true}
def cross_validate(fit, score, X, y, k, rng):
    """Fit k times, each time without one fold, and score on that fold.

    Must not change its arguments.

    Args:
        fit: function fit(X, y) that returns a model. It sees the training part only.
        score: function score(model, X, y) that returns a number, for the part that was held out.
        X: examples, shape (N, D).
        y: targets, shape (N,).
        k: number of folds.
        rng: a numpy.random.Generator, for the folds.

    Returns:
        The k scores, float64, shape (k,).
    """
    ### BEGIN SOLUTION
    scores = []
    for train, val in k_fold(len(X), k, rng):
        model = fit(X[train], y[train])
        scores.append(score(model, X[val], y[val]))
    return np.array(scores)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_cross_validate", "grade": true, "points": 3}
check("cross_validate", cross_validate)

# %% [markdown]
# Now choose the degree with all 40 points that are not for testing. Look at the spread between the folds, too.


# %%
def scores_of_degree(degree):
    """Scores of five folds over the 40 points that are not for testing."""
    train, val, _ = train_val_test_split(50, (0.6, 0.2, 0.2), np.random.default_rng(3))
    keep = np.concatenate([train, val])
    return cross_validate(
        lambda X, y: fit_polynomial(degree, X, y),
        squared_error,
        points.X[keep],
        points.y[keep],
        5,
        np.random.default_rng(0),
    )


with when_written():
    for degree in (1, 3, 5, 7, 9, 12):
        scores = scores_of_degree(degree)
        print(f"degree {degree:2}: mean {scores.mean():8.3f}, spread {scores.std():8.3f}")

# %% [markdown]
# Degrees 3, 5 and 7 lie close together: the spread between the folds is larger than the differences between them. From degree 9 on single folds go wrong, and mean and spread jump. A curve of high degree is wild just beyond its last training point. (Another way to shuffle gives other numbers and the same tendency.)

# %%
with when_written():
    ax = plots.folds(5, scores_of_degree(5), score_name="squared error")
    show(ax, alt=plots.describe(ax))

# %% [markdown]
# How many folds? With k = N each example is held out by itself, which costs N fits. With k = 2 each model sees half of the data. Five or ten are usual. Predict the cost.

# %%
predict("fits_of_a_search")

# %% [markdown]
# ## 3. A bug hunt: reading coins
#
# *9 minutes.* A colleague predicts the fall of a coin from 500 measurements. The measurements are pure noise, and so is the coin. Nobody can do better than 50 %. Here is the colleague's preparation. Do not read it closely yet.


# %%
def suspect_preparation(X, y, train, val, keep):
    """Scale the features and keep those that go best with y, says its author."""
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    strength = np.abs(Z.T @ (y - y.mean()))
    columns = np.argsort(-strength)[:keep]
    return Z[train][:, columns], Z[val][:, columns]


# %%
rng = np.random.default_rng(8)
noise, coins = rng.normal(size=(60, 500)), rng.choice([-1.0, 1.0], 60)


def accuracy_of(preparation, folds):
    """Mean accuracy of least squares after a preparation, over the folds."""
    shares = []
    for train, val in folds:
        A, B = preparation(noise, coins, train, val, 10)
        weights = np.linalg.lstsq(A, coins[train], rcond=None)[0]
        shares.append(np.mean(np.sign(B @ weights) == coins[val]))
    return np.mean(shares)


# %%
predict("accuracy_on_coins")

# %%
with when_written():
    folds = k_fold(60, 10, np.random.default_rng(1))
    print(f"the suspect reads {accuracy_of(suspect_preparation, folds):.0%} of the coins")

# %% [markdown]
# Ten folds, each held out from the fit: it looks like honest cross-validation. But the ten features were chosen with the help of *all* labels, those of the held-out fold included. Of 500 noise features, some go with these 60 coins by chance. That is a **leak**.
#
# The scaling leaks too: its means know the held-out rows. That leak is smaller, and it is the commoner one.
#
# **Exercise `repaired_preparation`** (1 point). Repair both leaks. Mean, scale and choice come from the training rows; the same mean, scale and columns are then used for the held-out rows.


# %% nbgrader={"grade_id": "repaired_preparation", "solution": true}
def repaired_preparation(X, y, train, val, keep):
    """Scale the features and keep those that go best with y, by the training rows alone.

    Must not change its arguments.

    Args:
        X: examples, float64, shape (N, D).
        y: labels, float64, shape (N,).
        train: indices of the training rows.
        val: indices of the rows that are held out.
        keep: how many columns to keep, the strongest first.

    Returns:
        The prepared training rows (len(train), keep) and held-out rows (len(val), keep).
    """
    ### BEGIN SOLUTION
    Z = (X - X[train].mean(axis=0)) / X[train].std(axis=0)
    strength = np.abs(Z[train].T @ (y[train] - y[train].mean()))
    columns = np.argsort(-strength)[:keep]
    return Z[train][:, columns], Z[val][:, columns]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_repaired_preparation", "grade": true, "points": 1}
check("repaired_preparation", repaired_preparation)

# %%
with when_written():
    folds = k_fold(60, 10, np.random.default_rng(1))
    print(f"the suspect reads {accuracy_of(suspect_preparation, folds):.0%}")
    print(f"repaired, it reads {accuracy_of(repaired_preparation, folds):.0%}")

# %% [markdown]
# Back near one half, as it must be. With 60 coins the share has a spread of 6 %, so 40 % or 60 % would be no miracle. A rule to remember: *everything that looks at data is part of the fit.*

# %% [markdown]
# ## 4. On a log scale
#
# *6 minutes.* Learning rates act by their order of magnitude: from 0.001 to 0.01 is as large a change as from 0.01 to 0.1. So L0 searches on a log scale. What if one draws them uniformly?

# %%
predict("uniform_below_a_hundredth")

# %% [markdown]
# **Exercise `log_uniform`** (1 point). Draw numbers between `low` and `high` whose *logarithms* are uniform. Any base of the logarithm gives the same, as long as it is one base.


# %% nbgrader={"grade_id": "log_uniform", "solution": true}
def log_uniform(low, high, size, rng):
    """Draw numbers whose logarithms are uniform between log(low) and log(high).

    Args:
        low: smallest number, above 0.
        high: largest number, above low.
        size: how many to draw.
        rng: a numpy.random.Generator.

    Returns:
        The draws, float64, shape (size,), in the order in which they were drawn.
    """
    ### BEGIN SOLUTION
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_log_uniform", "grade": true, "points": 1}
check("log_uniform", log_uniform)

# %% [markdown]
# How can a check judge random numbers? It takes 2000 of yours and compares the share below each point with the share that should be there. By a theorem (Dvoretzky, Kiefer and Wolfowitz), right draws miss by more than 0.07 only once in 100 million times. Look at both ways of drawing.

# %%
with when_written():
    rng = np.random.default_rng(4)
    draws = {
        "uniform": rng.uniform(1e-4, 1, 400),
        "log-uniform (yours)": log_uniform(1e-4, 1, 400, rng),
    }
    shares = {
        label: [np.mean((row >= 10.0**e) & (row < 10.0 ** (e + 1))) for e in range(-4, 0)]
        for label, row in draws.items()
    }
    ticks = ["0.0001 to 0.001", "to 0.01", "to 0.1", "to 1"]
    ax = plots.bars(shares, xlabel="learning rate", ylabel="share of 400 draws", ticks=ticks)
    show(
        ax,
        alt="Shares of 400 draws between 0.0001 and 1 by power of ten. Drawn uniformly, nine tenths "
        "lie in the last power and next to none in the first two. Your draws: a quarter in each.",
    )

# %% [markdown]
# Drawn uniformly, 90 % of all trials go to rates above 0.1, where most networks diverge, and 1 % to all rates below 0.01.

# %% [markdown]
# ## 5. Coarse to fine
#
# *13 minutes.* L0 searches for one learning rate in two stages. First coarse, with few epochs: 0.1, 0.01, **0.001**, **0.0001**, 0.00001. The two in bold did best. Then fine, with longer training, between them: **0.001**, 0.0005, 0.0002, **0.0001**.
#
# Our rule is a little more careful: it goes on between the two *neighbours* of the best value. The true best may lie on either side of it. On a log scale L0's second stage is this:

# %%
print(np.geomspace(0.001, 0.0001, 4))

# %% [markdown]
# `np.geomspace` spaces evenly in the logarithm. L0's 0.0005 and 0.0002 are these numbers, rounded.
#
# **Practice `trace_stages`** (no points). Do two stages by hand. Stage 1 tries five values from 0.00001 to 0.1, stage 2 five values between the neighbours of the best.
#
# | stage 1 | 0.00001 | 0.0001 | 0.001 | 0.01 | 0.1 |
# |---|---|---|---|---|---|
# | loss | 1.20 | 0.35 | 0.21 | 0.60 | 2.30 |
#
# | stage 2 | 1st | 2nd | 3rd | 4th | 5th |
# |---|---|---|---|---|---|
# | loss | 0.35 | 0.18 | 0.21 | 0.40 | 0.60 |
#
# Which values does stage 2 try? From where to where does stage 3 go? Round to two significant digits if you like.


# %% nbgrader={"grade_id": "trace_stages", "solution": true}
def trace_stages():
    """Return what the tables above lead to.

    Returns:
        The five values of stage 2, smallest first, and the lowest and highest value of stage 3:
        two float64 arrays of shape (5,) and (2,).
    """
    ### BEGIN SOLUTION
    stage2 = np.geomspace(1e-4, 1e-2, 5)
    return stage2, stage2[[0, 2]]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_trace_stages", "grade": true, "points": 0}
check("trace_stages", trace_stages)

# %% [markdown]
# **Exercise `coarse_to_fine`** (2 points). If the best value of a stage is the first or the last, there is no neighbour on that side: the next stage begins or ends at the value itself. Of equal losses the first counts. `best` is the best of *all* trials.


# %% nbgrader={"grade_id": "coarse_to_fine", "solution": true}
def coarse_to_fine(evaluate, low, high, points, stages):
    """Search one positive number on a log scale, each stage inside the one before.

    Args:
        evaluate: function evaluate(value) that returns a loss: lower is better.
        low: lower end of the first stage, above 0.
        high: upper end of the first stage.
        points: trials of a stage, np.geomspace(low, high, points), in rising order; at least 3.
        stages: number of stages. The next one goes from the neighbour below the stage's best value
            to the neighbour above it.

    Returns:
        best, the value with the lowest loss of all, and history: a list of pairs (value, loss) of
        all trials in order.
    """
    ### BEGIN SOLUTION
    history = []
    for _ in range(stages):
        values = np.geomspace(low, high, points)
        losses = [evaluate(value) for value in values]
        history += list(zip(values, losses, strict=True))
        i = int(np.argmin(losses))
        low, high = values[max(i - 1, 0)], values[min(i + 1, points - 1)]
    best = min(history, key=lambda trial: trial[1])[0]
    return best, history
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_coarse_to_fine", "grade": true, "points": 2}
check("coarse_to_fine", coarse_to_fine)

# %% [markdown]
# Now for real: the learning rate of a softmax regression (one linear layer with the softmax loss of 01) on the wines, 30 steps of gradient descent, scored on validation data. The scaling is fitted on the training rows.
#
# In the picture each row is a stage and each dot a trial. The more a dot stands out from the page, the lower its loss; the star is the best of the stage. Look at where the next row begins and ends.

# %%
wine_parts = datasets.split(wine)
mean, scale = wine_parts.train.X.mean(axis=0), wine_parts.train.X.std(axis=0)
sets = {name: ((part.X - mean) / scale, part.y) for name, part in wine_parts._asdict().items()}


def wine_loss(lr, steps=30, name="validation"):
    """Validation loss of softmax regression after some steps of gradient descent."""
    (X, y), W = sets["train"], np.zeros((13, 3))
    for _ in range(steps):
        P = np.exp(X @ W - (X @ W).max(axis=1, keepdims=True))
        W = W - lr * X.T @ (P / P.sum(axis=1, keepdims=True) - np.eye(3)[y]) / len(y)
    X, y = sets[name]
    logits = X @ W
    top = logits.max(axis=1)
    return np.mean(
        np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top - logits[range(len(y)), y]
    )


# %%
with when_written():
    best, history = coarse_to_fine(wine_loss, 1e-4, 100, 7, 3)
    ax = plots.search_stages(history, points=7)
    show(ax, alt=plots.describe(ax))

# %% [markdown]
# Each row is narrower than the one above, and the star stays in it. Now the same search by somebody who is sure that learning rates lie between 0.0001 and 0.1.

# %%
with when_written():
    narrow, history = coarse_to_fine(wine_loss, 1e-4, 0.1, 7, 3)
    print(f"wide range: best lr {best:.3g}, loss {wine_loss(best):.4f}")
    print(f"narrow range: best lr {narrow:.3g}, loss {wine_loss(narrow):.4f}")

# %% [markdown]
# The best value is 0.1, the border. No number of stages will ever leave the range. A best value **at the border of the range** says: the best may lie outside, so search a wider range.
#
# **Exercise `best_at_edge`** (1 point). Say whether that has happened. `values` come in any order. If an equally good value lies inside the range, all is well.


# %% nbgrader={"grade_id": "best_at_edge", "solution": true}
def best_at_edge(values, losses):
    """Say whether the lowest loss was found only at the smallest or the largest value.

    Args:
        values: the values tried, shape (T,), in any order, all different; at least 3.
        losses: their losses, shape (T,).

    Returns:
        True or False.
    """
    ### BEGIN SOLUTION
    winners = values[losses == np.min(losses)]
    inside = (winners > np.min(values)) & (winners < np.max(values))
    return not np.any(inside)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_best_at_edge", "grade": true, "points": 1}
check("best_at_edge", best_at_edge)

# %% [markdown]
# ## 6. Several hyperparameters
#
# *10 minutes.* A **grid** tries every combination of some values.
#
# **Exercise `grid`** (1 point). `grid(lr=[0.1, 0.01], layers=[1, 2, 3])` is a list of six dicts, such as `{"lr": 0.1, "layers": 3}`. Any number of names may come, in `values`. The order of the list does not matter.


# %% nbgrader={"grade_id": "grid", "solution": true}
def grid(**values):
    """List every combination of the values.

    Must not change its arguments.

    Args:
        values: name -> list of values to try.

    Returns:
        A list of dicts, one a combination, each of its own.
    """
    ### BEGIN SOLUTION
    import itertools

    combinations = itertools.product(*values.values())
    return [dict(zip(values, each, strict=True)) for each in combinations]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_grid", "grade": true, "points": 1}
check("grid", grid)

# %%
predict("size_of_a_grid")

# %% [markdown]
# L0's objections to the grid: it grows exponentially with the number of names, and it wastes trials on what does not matter. **Random search** draws every trial anew.
#
# **Exercise `random_search`** (1 point). For each trial: draw a *config*, a dict of settings, by `sample(rng)`, then find its loss. `evaluate` may be a whole training run, so call it once a trial. Of equal losses the first counts.


# %% nbgrader={"grade_id": "random_search", "solution": true}
def random_search(sample, evaluate, trials, rng):
    """Try configs that are drawn at random.

    Args:
        sample: function sample(rng) that returns a config, a dict.
        evaluate: function evaluate(config) that returns a loss: lower is better.
        trials: how many configs to try, one after the other.
        rng: a numpy.random.Generator, for sample.

    Returns:
        best, the config with the lowest loss, and history: a list of pairs (config, loss) in order
        of trial.
    """
    ### BEGIN SOLUTION
    history = []
    for _ in range(trials):
        config = sample(rng)
        history.append((config, evaluate(config)))
    best, _ = min(history, key=lambda trial: trial[1])
    return best, history
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_random_search", "grade": true, "points": 1}
check("random_search", random_search)

# %% [markdown]
# Take a landscape in which one of two hyperparameters matters and the other hardly does (Bergstra and Bengio, 2012; the picture is in L0). Nine trials each way.
#
# In the maps the more a dot stands out from the page, the lower its loss, and the star is the best trial. The marks above and to the right show which values were tried of each hyperparameter. Count them.

# %%
predict("values_of_the_one_that_matters")


# %%
def sample(rng):
    """Draw both hyperparameters between 0 and 1."""
    return {"important": rng.random(), "unimportant": rng.random()}


thirds = [1 / 6, 1 / 2, 5 / 6]
with when_written():
    tidy = [(each, plots.one_matters(each)) for each in grid(important=thirds, unimportant=thirds)]
    _, wild = random_search(sample, plots.one_matters, 9, np.random.default_rng(1))
    figure, axes = plt.subplots(1, 2, figsize=(10, 5), layout="constrained")
    for ax, history in zip(axes, (tidy, wild), strict=True):
        plots.search_map(history, "important", "unimportant", ax=ax)
    show(
        figure,
        alt="Nine trials of a grid and nine random trials over an important and an unimportant "
        "hyperparameter. The grid tries three values of the important one, and its best trial "
        "stays far from the bottom. The random trials show nine values and come closer.",
    )

# %% [markdown]
# The grid has three marks for the important one, random search has nine, and its star is nearer to the bottom. But one picture may be luck. So repeat it with 1000 seeds and count. Look at how the grid's loss compares with the middle one of the random searches.

# %%
with when_written():
    configs = grid(important=thirds, unimportant=thirds)
    grid_best = min(map(plots.one_matters, configs))
    bests = []
    for seed in range(1000):
        _, wild = random_search(sample, plots.one_matters, 9, np.random.default_rng(seed))
        bests.append(min(loss for _, loss in wild))
    print(f"grid {grid_best:.2f}, random search {np.median(bests):.2f} in the middle")
    print(f"random search is better in {np.mean(np.array(bests) < grid_best):.0%} of 1000 runs")

# %% [markdown]
# Both have nine trials. The grid spends them on three values of what matters, random search on nine. Now turn the slider *2nd matters* up: when both matter, the advantage goes. In these maps the loss is low where the colour fades. They are searched by your own functions.

# %%
widgets.explore_search(random_search, grid=grid)

# %% [markdown]
# ## 7. Capacity and weight decay
#
# *8 minutes.* L1: a change that is to reduce the generalisation error, but not the training error, is called **regularisation**. The best known is the $L^2$ penalty, or **weight decay**. It adds to the loss
#
# $$\frac{\lambda}{2} \sum_{\text{layers}} \sum_{ij} W_{ij}^2$$
#
# Here $\lambda$ is its `strength`. L1 writes the penalty as $\frac12 \|\theta\|^2$. Usually the biases are left alone: they only move a unit's threshold and cannot make the curve wild.

# %% [markdown]
# **Exercise `l2_penalty`** (1 point). Return the penalty and its gradient in the shape of `params`, ready to be added to the gradients of `mlp_backward` (03).


# %% nbgrader={"grade_id": "l2_penalty", "solution": true}
def l2_penalty(params, strength):
    """Return the weight penalty strength/2 times the sum of all squared weights, and its gradient.

    Must not change its arguments.

    Args:
        params: list of (W, b), one a layer: float64 arrays (out, in) and (out,).
        strength: lambda, a number.

    Returns:
        penalty, a number, and grads: a list of (dW, db) in the order of params. Biases are not
        penalised: db is an array of zeros in the shape of b.
    """
    ### BEGIN SOLUTION
    penalty = strength / 2 * sum(np.sum(W**2) for W, b in params)
    grads = [(strength * W, np.zeros_like(b)) for W, b in params]
    return penalty, grads
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_l2_penalty", "grade": true, "points": 1}
check("l2_penalty", l2_penalty)

# %% [markdown]
# With plain gradient descent the penalty multiplies each weight by $1 - \text{lr} \cdot \lambda$ at every step: it decays. (In Adam the two are not the same; the stretch of 06 shows it.)
#
# What does it do to a curve? A polynomial of degree 12, 20 points, and your penalty in the loss. The offset plays the bias: it is not penalised.

# %%
few = datasets.noisy_regression(20, np.random.default_rng(21), noise=0.3)


def penalised_fit(strength, X, y, degree=12):
    """Minimise the sum of squares / 2 plus the penalty, by its normal equations."""
    A = np.polynomial.chebyshev.chebvander(2 * X[:, 0] - 1, degree)
    pull = strength * np.diag([0.0] + [1.0] * degree)
    return np.linalg.solve(A.T @ A + pull, A.T @ y)


# %%
predict("training_error_with_decay")

# %%
strengths = np.geomspace(1e-6, 1e3, 37)
fits = [penalised_fit(strength, few.X, few.y) for strength in strengths]
parts = {"training (20 points)": few, "2000 fresh points": fresh}
rows = {label: [squared_error(f, p.X, p.y) for f in fits] for label, p in parts.items()}
axes = plots.curves(rows, x=strengths, xlabel="strength", ylabel="squared error", logy=True)
axes.set_xscale("log")
show(
    axes,
    alt="Error of a polynomial of degree 12 against the strength of the penalty, on log axes. The "
    "training error rises all the way. The error on fresh points falls to a minimum in the middle "
    "and rises again to the right.",
)

# %% [markdown]
# Read it from right to left and it is the picture of section 1: strength is capacity turned round. The degree is the same everywhere, so the representational capacity is. The penalty changes the *effective* one. On the left it overfits, on the right it underfits, and the training error sees only the second.

# %%
with when_written():
    for strength in (1e-6, 0.1, 1e3):
        fitted = penalised_fit(strength, few.X, few.y)
        layer = [(fitted[None, 1:], fitted[:1])]
        size = 2 * l2_penalty(layer, 1.0)[0]
        print(f"strength {strength:7g}: sum of squared weights {size:10.3g}")

# %% [markdown]
# ## 8. Double descent
#
# *6 minutes.* The U of section 1 is the classical picture. L1's extra pages show that it goes on. Take a layer of random ReLU units that is never trained, and fit only the last layer by least squares. When there are more features than training points, many weights fit exactly. Take the *shortest* of them, the **minimum-norm** solution.

# %%
fit = double_descent.minimum_norm_fit([[1.0, 2.0]], [5.0])
print("shortest w with w1 + 2 w2 = 5:", fit, " length", np.linalg.norm(fit).round(3))
print("another one: [5, 0]            length 5.0")

# %% [markdown]
# 40 training points, 2 to 300 features. Where is the test error worst?

# %%
predict("peak_of_double_descent")

# %%
risks = double_descent.double_descent(np.random.default_rng(0))
ax = plots.double_descent(risks)
show(ax, alt=plots.describe(ax))

# %% [markdown]
# The lines are the middle of several repetitions, and the bands hold their middle half. Left of the dashed line is the U. At the line, the **interpolation threshold**, the fit is only just exact: one solution, and it bends wildly to hit every noisy point. Beyond it there is a choice, and the shortest solution is tame again. From the line on the training error is zero and says nothing.
#
# L1 states it with the *effective model complexity*: the largest number of examples on which the training still reaches an error near zero. Far below and far above the number of examples, more capacity helps. Near it, more capacity may help or hurt.
#
# Does the peak need the noise? Compare its height without any.

# %%
for noise_level in (0.0, 0.3, 0.6):
    risks = double_descent.double_descent(np.random.default_rng(0), noise=noise_level, trials=6)
    middle = np.median(risks.test, axis=0)
    print(f"noise {noise_level}: peak {middle.max():7.2f}, with 300 features {middle[-1]:.2f}")

# %% [markdown]
# There is a peak without noise too, as L1 shows for CIFAR-100, small photographs of 100 kinds of things, and noise makes it much higher.
#
# Weight decay takes the peak away: a fit with a penalty need not hit every point. Here are 40 features for 40 points, once as the shortest exact fit and then with more and more penalty.

# %%
rng = np.random.default_rng(5)
inputs = rng.normal(size=(1040, 10)) / np.sqrt(10)
targets = np.tanh(2 * inputs @ rng.normal(size=10)) + rng.normal(0, 0.3, 1040)
A = double_descent.random_relu_features(inputs, 40, rng)
for strength in (0.0, 1e-4, 1e-2, 1.0):
    pull = strength * np.eye(40)
    w = np.linalg.solve(A[:40].T @ A[:40] + pull, A[:40].T @ targets[:40])
    error = np.mean((A[40:] @ w - targets[40:]) ** 2)
    print(f"strength {strength:6}: test error {error:8.3f}")

# %% [markdown]
# From the height of the peak down to 0.375, lower than 300 features reach without a penalty (0.49 above), and still with 40 features. The best strength is again one to be chosen by validation data.

# %% [markdown]
# ## 9. One lucky seed
#
# *7 minutes.* A run depends on its seed: first weights, order of batches. A colleague's method A has the loss 0.31, your method B 0.33. Is A better? Here are two methods that are *the same*, with different seeds.

# %%
predict("which_of_two_equals")

# %%
rng = np.random.default_rng(12)
runs = rng.normal(0.32, 0.02, size=(1000, 2))
gaps = np.abs(runs[:, 0] - runs[:, 1])
print(
    f"two equal methods, one seed each: they differ by 0.02 or more in {np.mean(gaps >= 0.02):.0%}"
)
best_of_ten = rng.normal(0.32, 0.02, size=(1000, 10)).min(axis=1)
print(f"the best of ten seeds: {best_of_ten.mean():.3f} on average, although the mean is 0.320")

# %% [markdown]
# One seed each says nothing here. The best of many seeds is worse than nothing: it is wrong in a known direction.
#
# A fair rule needs several seeds of each: the mean tells how good, the spread how sure. Write $\bar a$, $s_a$ and $n_a$ for mean, standard deviation (with $n_a - 1$ in the denominator) and number of the losses of A. Call **A better than B** when
#
# $$\bar b - \bar a > 2 \sqrt{\frac{s_a^2}{n_a} + \frac{s_b^2}{n_b}}$$
#
# The root is the *standard error* of the difference: how far it strays by chance.
#
# **Exercise `is_better`** (1 point). Write this rule. It is not symmetric: that A is not better does not mean that B is.


# %% nbgrader={"grade_id": "is_better", "solution": true}
def is_better(a, b):
    """Say whether method A is better than method B by more than chance.

    Args:
        a: losses of A, one a seed, float64, shape (n,), n at least 2. Lower is better.
        b: losses of B, shape (m,), m at least 2.

    Returns:
        True when the mean of b is above the mean of a by more than 2 standard errors.
    """
    ### BEGIN SOLUTION
    error = np.sqrt(np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b))
    return np.mean(b) - np.mean(a) > 2 * error
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_is_better", "grade": true, "points": 1}
check("is_better", is_better)

# %% [markdown]
# How often does the rule call one of two equal methods better? And how many seeds does it need to see a true difference of 0.02? Look at the first four rows, then at the last four.

# %%
with when_written():
    rng = np.random.default_rng(7)
    for gap in (0.0, 0.02):
        for seeds in (3, 5, 10, 20):
            pairs = rng.normal(0.32, 0.02, size=(500, 2, seeds))
            pairs[:, 1] += gap
            share = np.mean([is_better(a, b) for a, b in pairs])
            print(f"gap {gap:4}, {seeds:2} seeds each: A called better in {share:4.0%}")

# %% [markdown]
# With ten seeds the rule is fooled in about 3 % of the cases, and it sees a gap as large as the spread in about six of ten. Three seeds are too few for both: more false alarms, and few true ones.

# %% [markdown]
# ## 10. Choose, refit, test once
#
# *11 minutes.* What happens when the *test* data chooses? Take 50 models that only guess, and 100 test examples.

# %%
predict("best_of_fifty_guessers")

# %%
rng = np.random.default_rng(3)
right = rng.binomial(100, 0.5, size=(1000, 50))  # 1000 repetitions, 50 guessers, 100 answers
print(f"best of 50 guessers on its test data: {right.max(axis=1).mean():.0f}% on average")
print(f"any guesser on new data:              {right.mean():.0f}%")

# %% [markdown]
# That is why the test data is read once. L0's recipe: fit each config on the training data; choose by the validation data; fit the chosen config anew on training *and* validation data; test that model, once.
#
# **Exercise `choose_and_refit`** (3 points). Each set is a pair `(X, y)`. Of equal losses the first config counts. Do not even look at the test loss of the others: the check counts how often `loss` gets test rows.


# %% nbgrader={"grade_id": "choose_and_refit", "solution": true}
def choose_and_refit(fit, loss, configs, train, val, test):
    """Choose a config by its validation loss, refit it on train and val, test it once.

    Must not change its arguments.

    Args:
        fit: function fit(config, X, y) that returns a model.
        loss: function loss(model, X, y) that returns a number: lower is better.
        configs: list of configs to choose from, dicts.
        train: pair (X, y) to fit on, shapes (N, D) and (N,).
        val: pair (X, y) to choose by.
        test: pair (X, y), for one call of loss at the end.

    Returns:
        best, the chosen config; model, fitted on all rows of train and val; and test_loss, the
        loss of that model on test, a number.
    """
    ### BEGIN SOLUTION
    losses = [loss(fit(config, *train), *val) for config in configs]
    best = configs[int(np.argmin(losses))]
    X = np.concatenate([train[0], val[0]])
    y = np.concatenate([train[1], val[1]])
    model = fit(best, X, y)
    return best, model, loss(model, *test)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_choose_and_refit", "grade": true, "points": 3}
check("choose_and_refit", choose_and_refit)

# %% [markdown]
# All together now, on the 50 points of section 1: your split, your grid, your choice. The best possible test error is about 0.09.

# %%
with when_written():
    train, val, test = train_val_test_split(50, (0.5, 0.25, 0.25), np.random.default_rng(11))
    sets = [(points.X[part], points.y[part]) for part in (train, val, test)]
    best, model, test_loss = choose_and_refit(
        lambda config, X, y: penalised_fit(config["strength"], X, y, config["degree"]),
        squared_error,
        grid(degree=[1, 3, 6, 12], strength=[1e-3, 0.1, 10.0]),
        *sets,
    )
    print(f"chosen {best}, test error {test_loss:.3f}")

# %% [markdown]
# Resist the wish to try once more because you do not like the number. Each look at the test data makes it a little more of a validation set.

# %% [markdown]
# **A question in words** (2 points, read by a person). A colleague writes: *"We scaled all 1000 examples and split them 80/20. We trained with learning rates 0.1, 0.2, ..., 1.0, and 1.0 was best on the 20 %. We report the best of five seeds on the 20 %: accuracy 94 %. Method B, run once, has 93 %. So ours is better."*
#
# Name at least four faults, say for each in which direction it moves the result or why the conclusion does not follow, and say what you would do instead. Eight sentences are enough.

# %% [markdown] nbgrader={"grade_id": "faults_of_a_report", "grade": true, "solution": true, "points": 2}
# ### BEGIN SOLUTION
# The scaler saw the 20 %, so they are not unseen any more; the result is a little too good. Fit it on the training part only. The same 20 % chose the learning rate and gave the final number, so 94 % is too optimistic: it needs a validation set for the choice and a test set that is read once. The rates are spaced linearly between 0.1 and 1, one power of ten; a log scale from 0.0001 to 10 would cover what matters. The best value, 1.0, lies at the border of the range, so the true best may be outside: the method may be undersold, and the search has to be widened. The best of five seeds is too good by construction; report mean and spread. Method B got one seed and perhaps no tuning, so the comparison is not fair. With equal numbers of seeds I would ask whether the difference of the means is more than two standard errors. From these numbers nothing follows.
#
# ### BEGIN MARK SCHEME
# Faults: (a) scaler fitted on everything; (b) the 20 % both choose and report; (c) linear spacing; (d) best value at the border; (e) best of five seeds; (f) B run once, or not tuned.
#
# 1 point: four faults named, each with the direction or the reason. Two or three: half a point.
#
# 1 point: for at least three of them a cure that would work (fit on training rows; separate validation and test sets; log scale; wider range; mean and spread over equally many seeds and a rule such as two standard errors). Two cures: half a point.
# ### END MARK SCHEME
# ### END SOLUTION

# %% [markdown]
# ## 11. Quiz
#
# *4 minutes.* Eight questions over the whole notebook. They give no points. Every answer, right or wrong, gets a reply.

# %%
quiz("what_test_data_is_for")

# %%
quiz("scaler_before_the_folds")

# %%
quiz("random_against_grid")

# %%
quiz("best_at_the_border")

# %%
quiz("more_capacity_always_hurts")

# %%
quiz("penalty_and_training_error")

# %%
quiz("no_free_lunch")

# %%
quiz("after_the_choice")

# %% [markdown]
# ## What you can do now
#
# - Say what training, validation and test data are for, and split data without a leak.
# - Cross-validate, with everything that is fitted inside the fold.
# - Search on a log scale, coarse to fine, at random or on a grid, and notice a best value at the border.
# - Recognise under- and overfitting, and turn capacity up and down by degree, data and weight decay.
# - Explain double descent with minimum-norm solutions.
# - Say by a rule when one method is better than another.
# - Choose, refit and test once.
#
# Next comes 09_capstone: your own training stack on two tasks, with hyperparameters that you choose and defend.
#
# The next cell shows how far you are.

# %%
progress("08_tuning")
