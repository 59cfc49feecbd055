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
# # Your own training stack
#
# In 01 to 08 you wrote the pieces: losses, backpropagation, batches, update rules, schedules, honest evaluation. Here you put them together and train two networks from nothing: one reads digits that are not quite straight, one reads hard one-dimensional signals. Both are judged on data that you will never see. At the end you write down what you chose, and why.
#
# The notebook takes about 130 minutes. It gives 20 points. All its cells together compute for less than a minute.
#
# | section | minutes | exercises (points) |
# |---|---|---|
# | 1. Bring your pieces | 8 | |
# | 2. One call for loss and gradients | 12 | `loss_and_gradients` (3) |
# | 3. Your rules side by side | 12 | `own_rules` (2) |
# | 4. The training loop | 18 | `trace_budget` (practice), `train_with_adam` (4) |
# | 5. Digits that are not quite straight | 20 | `digits_network` (4) |
# | 6. A bug hunt: the forgotten scaler | 8 | `repaired_fold` (practice) |
# | 7. Signals with distractors | 20 | `signals_network` (3) |
# | 8. The report | 15 | read by a person (4) |
# | 9. Peer feedback | 10 | a form (no points) |
# | 10. Quiz and what you can do now | 7 | |
#
# L0 to L4 are the five lectures of the course. You need the notebooks before this one, above all 03, 04, 06 and 08, and no lecture at hand.

# %% [markdown]
# Run the next cell first. It loads NumPy and the course's helper package.

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np
from IPython.display import display

from downslope import (
    check,
    datasets,
    hint,
    plots,
    predict,
    progress,
    quiz,
    show,
    when_written,
    widgets,
)
from downslope.contest import Contest
from downslope.gradients import numerical_gradient, relative_error
from downslope.own_work import bring, check_again
from downslope.parameters import accuracy, first_params, flatten, logits, unflatten

# %% [markdown]
# ## 1. Bring your pieces
#
# *8 minutes.* L1 sums up training in five components: a loss by maximum likelihood, gradient descent, backpropagation, batches, Adam. You have written all five. L0 asks how the best parameters of a network are found, $\mathrm{argmin}_\theta E[L(f_\theta(x), y)]$; this notebook is the answer in one piece.
#
# This notebook is handed in alone, so your code has to stand in it. The next cell looks for your answers in the notebooks beside this one and puts them into a new cell below. Run that new cell.
#
# Is something missing, or did you work on another machine? Then make a cell of your own and paste it, or write it anew. Cells that you add are handed in as well.

# %%
bring(
    "softmax_cross_entropy",
    "mlp_forward",
    "mlp_backward",
    "minibatches",
    "momentum_step",
    "rmsprop_step",
    "adam_step",
    "cosine_decay",
)

# %% [markdown]
# The checks of the earlier notebooks work here too. The next cell runs them on what has arrived. It only tells you where you stand: nothing in it gives points. To see why a piece is not right, run its own check, such as `check("adam_step", adam_step)`, in a cell of your own.

# %%
check_again(
    "softmax_cross_entropy",
    "mlp_forward",
    "mlp_backward",
    "minibatches",
    "momentum_step",
    "rmsprop_step",
    "adam_step",
    "cosine_decay",
)

# %% [markdown]
# ## 2. One call for loss and gradients
#
# *12 minutes.* Everything below needs one function: parameters and a batch go in, the loss and the gradients of all layers come out. The network is the one of 03, linear layers with a ReLU between them (L0's recursion):
#
# $$f_1 = \text{ReLU}(W_1 x + b_1) \qquad f_2 = \text{ReLU}(W_2 f_1 + b_2) \qquad \dots \qquad f_M = W_M f_{M-1} + b_M$$
#
# The loss is the softmax cross-entropy, and it is the **mean** over the batch. The lectures write sums, means and losses of one example. With a sum, the right learning rate would change with the batch size.

# %%
predict("sum_or_mean")

# %% [markdown]
# **Exercise `loss_and_gradients`** (3 points). Put your pieces together, or write it in one go. Logits in the thousands must not overflow.


# %% nbgrader={"grade_id": "loss_and_gradients", "solution": true}
def loss_and_gradients(params, X, y):
    """Return the mean softmax cross-entropy of a ReLU network on a batch, and its gradients.

    Must not change its arguments.

    Args:
        params: list of (W, b), first layer first; W (out, in), b (out,), float64.
        X: inputs, float64, shape (N, in).
        y: labels, int64, shape (N,).

    Returns:
        The loss, a number, and a list of (dW, db) shaped like params.
    """
    ### BEGIN SOLUTION
    signals, grads, rows = [X], [], np.arange(len(y))
    for depth, (W, b) in enumerate(params):
        Z = signals[-1] @ W.T + b
        signals.append(np.maximum(Z, 0) if depth < len(params) - 1 else Z)
    end = signals.pop()
    shifted = end - end.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_p[rows, y].mean()
    delta = np.exp(log_p)
    delta[rows, y] -= 1
    delta /= len(y)
    for (W, _), A in zip(reversed(params), reversed(signals), strict=True):
        grads.insert(0, (delta.T @ A, delta.sum(axis=0)))
        delta = (delta @ W) * (A > 0)
    return loss, grads
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_loss_and_gradients", "grade": true, "points": 3}
check("loss_and_gradients", loss_and_gradients)

# %% [markdown]
# Every exercise has three hints. The next cell shows the first one; run it again for the second. For other exercises, change the name.

# %%
hint("loss_and_gradients")

# %% [markdown]
# Keep 03's habit: before you train, check the gradients against measured ones. All sizes differ, so no wrong transpose can hide. Below $10^{-7}$ is right.


# %%
def worst_error(params, X, y):
    """Return the largest relative error of your gradients against central differences."""
    mine = flatten(loss_and_gradients(params, X, y)[1])
    measured = numerical_gradient(
        lambda theta: loss_and_gradients(unflatten(theta, params), X, y)[0], flatten(params)
    )
    return relative_error(mine, measured)


rng = np.random.default_rng(5)
with when_written():
    small = [(W, rng.normal(0, 0.3, b.shape)) for W, b in first_params((3, 5, 4, 2), rng)]
    X_small, y_small = rng.normal(size=(7, 3)), rng.integers(0, 2, size=7)
    print(f"largest error: {worst_error(small, X_small, y_small):.0e}")

# %% [markdown]
# Now the question of the prediction, in numbers: the length of the gradient for growing batches, as a mean (yours) and as a sum (yours times the batch size). Look at which column stays.

# %%
digits = datasets.load_digits()
train, validation, test = datasets.split(digits)
X_train, X_val = train.X / 16, validation.X / 16  # pixels from 0 to 1
with when_written():
    params = first_params((64, 32, 10), np.random.default_rng(0))
    for size in (16, 64, 256, 1024):
        length = np.linalg.norm(
            flatten(loss_and_gradients(params, X_train[:size], train.y[:size])[1])
        )
        print(f"batch of {size:4}: mean {length:.2f}   sum {size * length:7.1f}")

# %% [markdown]
# The mean stays between 0.6 and 1; it falls a little, because in small batches noise makes the gradient longer (04). The sum grows nearly fortyfold: a learning rate that suits a batch of 16 is far too large for 1024. Adam would hide this, since it divides by the size of the gradient; plain descent would not.

# %% [markdown]
# ## 3. Your rules side by side
#
# *12 minutes.* Which of your update rules trains this network best? A rule of this course takes a flat `theta`; `flatten` and `unflatten` go from layers to a flat vector and back. The simplest rule is written already.


# %%
def gradient_descent_step(theta, grad, lr):
    """Move against the gradient."""
    return theta - lr * grad


# %% [markdown]
# **Exercise `own_rules`** (2 points). Return your rules in a dict with the keys `"sgd"`, `"momentum"`, `"rmsprop"` and `"adam"`. The values are the functions themselves, with their usual arguments: `theta, grad`, then the state (`m`, `v`) and `t` where the rule has them, then `lr` and the settings (`rho`, `beta1`, `beta2`, `eps`). Momentum may be form 1 or the velocity form: the check keeps `lr` constant, and then the two make the same steps (05). More rules may stand beside these four.


# %% nbgrader={"grade_id": "own_rules", "solution": true}
def own_rules():
    """Return your update rules by name: sgd, momentum, rmsprop, adam; others may be added."""
    ### BEGIN SOLUTION

    def sgd(theta, grad, lr):
        return theta - lr * grad

    def momentum(theta, grad, m, lr, rho):
        new_m = grad + rho * m
        return theta - lr * new_m, new_m

    def rmsprop(theta, grad, v, lr, rho, eps):
        v = v + (1 - rho) * (grad**2 - v)
        rates = lr / (np.sqrt(v) + eps)
        return theta - rates * grad, v

    def adam(theta, grad, m, v, t, lr, beta1, beta2, eps):
        m, v = m + (1 - beta1) * (grad - m), v + (1 - beta2) * (grad**2 - v)
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        return theta - lr * (m_hat / (np.sqrt(v_hat) + eps)), m, v

    return {"sgd": sgd, "momentum": momentum, "rmsprop": rmsprop, "adam": adam}
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_own_rules", "grade": true, "points": 2}
check("own_rules", own_rules)

# %% [markdown]
# A race is fair only if each runner has a good rate (06), and a number from one seed is luck (08). So each rule tries seven rates and keeps the one with the highest validation accuracy. Then it trains three times with other seeds: the table shows mean ± standard deviation. All rules meet the same first weights and the same batches, five epochs of 64.

# %%
predict("which_rule_wins")

# %%
with when_written():
    contest = Contest(
        gradients=loss_and_gradients,
        train=datasets.Examples(X_train, train.y),
        validation=datasets.Examples(X_val, validation.y),
    )
    display(contest.run({"given": gradient_descent_step, **own_rules()}))

# %% [markdown]
# Three things to read from the table. "given" and your sgd are the same rule, so their rows agree. The best rates differ by a factor of 100, from 0.01 to 1: a rate says nothing without its rule. And with its own best rate each rule reaches about the same accuracy; the differences are hardly larger than the spread. Adam's advantage is that it is hard to get wrong, not that it wins each race.
#
# A remark "at the border" would mean that the best rate may lie outside the range (08).

# %% [markdown]
# ## 4. The training loop
#
# *18 minutes.* First count what a training costs. A network 64-32-10 learns from 1078 images, batches of 64, eight epochs (L0: an epoch has $\lceil N/|B| \rceil$ updates).
#
# | quantity | |
# |---|---|
# | numbers in the first layer, $W_1$ and $b_1$ | 64·32 + 32 = 2080 |
# | parameters in all | ? |
# | updates in an epoch | ? |
# | images in the last batch of an epoch | ? |
# | updates in all | ? |

# %% [markdown]
# **Practice `trace_budget`** (no points). Return the four missing numbers, in this order.


# %% nbgrader={"grade_id": "trace_budget", "solution": true}
def trace_budget():
    """Return parameters in all, updates in an epoch, images in the last batch, updates in all."""
    ### BEGIN SOLUTION
    n, size = 1078, 64
    parameters = sum(wide * out + out for wide, out in ((64, 32), (32, 10)))
    in_epoch = -(-n // size)
    last = n - (in_epoch - 1) * size
    return tuple(map(float, (parameters, in_epoch, last, in_epoch * 8)))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_trace_budget", "grade": true, "points": 0}
check("trace_budget", trace_budget)

# %% [markdown]
# Now the loop. What differs from run to run is handed in: the batches, as a list of index arrays with one entry for each update, and the learning rates, one for each update. So the loop itself has nothing random in it, and a schedule is just an array.
#
# **Exercise `train_with_adam`** (4 points). Make as many Adam updates as there are batches. Update number $t = 1, 2, \dots$ uses the examples `batches[t-1]` and the rate `lrs[t-1]`. Take $\beta_1 = 0.9$, $\beta_2 = 0.999$, $\epsilon = 10^{-8}$ (L3), added after the root. Every array of the network has a state of its own.


# %% nbgrader={"grade_id": "train_with_adam", "solution": true}
def train_with_adam(params, X, y, batches, lrs):
    """Train a ReLU network on the mean softmax cross-entropy, one Adam update for each batch.

    Must not change its arguments.

    Args:
        params: first parameters, list of (W, b), float64.
        X: inputs, float64, shape (N, in).
        y: labels, int64, shape (N,).
        batches: index arrays, one for each update.
        lrs: learning rates, float64, one for each update.

    Returns:
        The trained parameters, a list of (W, b) shaped like params.
    """
    ### BEGIN SOLUTION
    arrays = [part for layer in params for part in layer]
    m = [np.zeros_like(part) for part in arrays]
    v = [np.zeros_like(part) for part in arrays]
    for t, (batch, lr) in enumerate(zip(batches, lrs, strict=True), start=1):
        layers = list(zip(arrays[::2], arrays[1::2], strict=True))
        _, grads = loss_and_gradients(layers, X[batch], y[batch])
        for i, grad in enumerate(part for layer in grads for part in layer):
            m[i] = 0.9 * m[i] + 0.1 * grad
            v[i] = 0.999 * v[i] + 0.001 * grad**2
            step = m[i] / (1 - 0.9**t) / (np.sqrt(v[i] / (1 - 0.999**t)) + 1e-8)
            arrays[i] = arrays[i] - lr * step
    return list(zip(arrays[::2], arrays[1::2], strict=True))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_train_with_adam", "grade": true, "points": 4}
check("train_with_adam", train_with_adam)

# %% [markdown]
# To train, one has to choose: sizes, batch size, epochs, rates. Here is a first choice, in two small functions that the rest of the notebook uses. `plan` shuffles anew in every epoch (04) and lets the rate fall from `lr0` to 0 along a half cosine (L1, 07).


# %%
def plan(n, epochs, lr0, rng, batch_size=64):
    """Return batches and learning rates for n examples, one of each for every update."""
    orders = [rng.permutation(n) for _ in range(epochs)]
    starts = range(0, n, batch_size)
    batches = [order[start : start + batch_size] for order in orders for start in starts]
    place = np.arange(len(batches)) / len(batches)
    return batches, lr0 * np.cos(np.pi / 2 * place) ** 2


def fitted(X, y, sizes, epochs, lr0, seed=0):
    """Train a network of these sizes from fresh weights with your loop."""
    rng = np.random.default_rng(seed)
    start = first_params(sizes, rng)
    return train_with_adam(start, X, y, *plan(len(y), epochs, lr0, rng))


# %%
def clean_network():
    """Train a network on clean digits with your loop: a fraction of a second."""
    return fitted(X_train, train.y, (64, 32, 10), epochs=20, lr0=0.003)


with when_written():
    network = clean_network()
    print(f"training images:  {accuracy(network, X_train, train.y):.1%}")
    print(f"held-out images:  {accuracy(network, X_val, validation.y):.1%}")

# %% [markdown]
# More than nine of ten held-out digits, in a fraction of a second, and every line of it is yours. That was the easy part.

# %% [markdown]
# ## 5. Digits that are not quite straight
#
# *20 minutes.* The digits of the data set are neatly centred and of one size. In practice they come a little moved, turned, stretched and noisy. `datasets.distorted_digits(images, rng)` does this at random: moved by up to 0.9 pixels, turned by up to 15°, stretched by up to 10 % along each axis, noise of 0.05. Look at the second row of each pair.

# %%
rng = np.random.default_rng(1)
X_bent = datasets.distorted_digits(X_val, rng)
pairs = np.concatenate([X_val[:8], X_bent[:8], X_val[8:16], X_bent[8:16]]).reshape(-1, 8, 8)
show(
    plots.image_board(pairs, (["clean"] * 8 + ["distorted"] * 8) * 2),
    alt="Two times eight held-out digits as they were written, each above the same digit after "
    "small random moves and turns. People can still read nearly all of them.",
)

# %%
predict("clean_network_on_distorted_digits")

# %%
with when_written():
    network = clean_network()
    print(f"clean held-out digits:      {accuracy(network, X_val, validation.y):.1%}")
    print(f"the same digits, distorted: {accuracy(network, X_bent, validation.y):.1%}")

# %% [markdown]
# More than a third is misread now. The test set of 03 would never have told: it came from the same neat source as the training set. L1 says it in one condition: training and test examples come from the same distribution. Here they do not.
#
# The remedy is to learn from what will come: add distorted copies of the training images to the training set. This is called *data augmentation*. How many copies help? Both curves show digits that no network has learned from.

# %%
copies, shares = (0, 1, 2, 4, 8), {"clean": [], "distorted": []}
with when_written():
    for count in copies:
        rng = np.random.default_rng(count)
        more = [datasets.distorted_digits(X_train, rng) for _ in range(count)]
        X_more, y_more = np.concatenate([X_train, *more]), np.tile(train.y, count + 1)
        model = fitted(X_more, y_more, (64, 32, 10), epochs=8, lr0=0.003)
        shares["clean"].append(accuracy(model, X_val, validation.y))
        shares["distorted"].append(accuracy(model, X_bent, validation.y))
    ax = plots.curves(shares, x=copies, xlabel="distorted copies", ylabel="held-out accuracy")
    show(
        ax,
        alt="Held-out accuracy against the number of distorted copies in the training set. Clean "
        "digits rise from 0.89 to 0.97. Distorted ones rise from 0.58 steeply to 0.73 with two copies "
        "and more slowly to 0.80 with eight.",
    )

# %% [markdown]
# The first copies help most. Clean digits lose nothing; they even gain, since more copies also mean more updates in these eight epochs. A wider or deeper network can use the copies better. What else is worth trying is yours to find out.
#
# **Exercise `digits_network`** (4 points). Choose everything and train. The check hands you 1078 training images (pixels from 0 to 1, classes renamed) and counts what your network reads of the other 719 images, each distorted twice as above. You need **70 %**. A network that saw only clean digits reads about 61 %, the simple recipe of the hints about 80 %.
#
# When you hand in, the *judge*, the program that gives the points, draws another split and distortions of its own, from a seed that no notebook gets to know. Measured over 200 seeds, a network at 78 % falls below the line less than once in a million times. The clean digits come with the package, so one could look up the other 719. It would not help: a network that has learned all 1797 by heart, clean, still reads 59 % of the distorted ones. Everything that your function calls must stand in this notebook; it should take less than ten seconds.


# %% nbgrader={"grade_id": "digits_network", "solution": true}
def digits_network(X, y, rng):
    """Train a ReLU network to read distorted digits, with your own stack.

    Must not change its arguments.

    Args:
        X: clean training images, float64, shape (N, 64), pixels from 0 to 1.
        y: labels, int64, shape (N,), 0 to 9.
        rng: numpy random Generator, for everything that is drawn.

    Returns:
        Parameters, a list of (W, b), first layer first; the first W has shape (out, 64), the last
        one (10, in). ReLU stands between layers, none after the last. Up to 20 layers and 50,000
        numbers in all. The network gets pixels from 0 to 1.
    """
    ### BEGIN SOLUTION
    from downslope.datasets import distorted_digits
    from downslope.parameters import first_params

    copies = [X, *(distorted_digits(X, rng) for _ in range(5))]
    X_all, y_all = np.concatenate(copies), np.tile(y, len(copies))
    orders = [rng.permutation(len(X_all)) for _ in range(8)]
    batches = [part for each in orders for part in np.array_split(each, len(each) // 64)]
    t = np.arange(len(batches))
    lrs = 0.003 * (1 + np.cos(np.pi * t / len(t))) / 2
    params = first_params((64, 64, 10), rng)
    return train_with_adam(params, X_all, y_all, batches, lrs)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_digits_network", "grade": true, "points": 4}
check("digits_network", digits_network)

# %% [markdown]
# Where does your own network stop reading? Move the sliders: the picture shows sixteen held-out digits and what *your* network reads in each. Which distortion hurts first? Which digits are exchanged?


# %%
def your_network(images):
    """Return the logits of your network; it is trained once, at the first call."""
    if "own" not in TRAINED:
        TRAINED["own"] = digits_network(X_train, train.y, np.random.default_rng(0))
    return logits(TRAINED["own"], images)


TRAINED = {}
widgets.explore_distortions(your_network, X_val, validation.y)

# %% [markdown]
# Moves hurt first. The network of the hints reads 96 % of clean digits, 87 % at the 0.9 pixels that it was trained for, less than half at 2 pixels. Turns are easier: 94 % at 15°, 84 % at 30°. A network generalises to what is like its training data, and little further.
#
# One number is missing for your report: the accuracy on the *test* set. You have not used it for any choice. Use it once, when all choices are made, here:

# %%
with when_written():
    X_test = datasets.distorted_digits(test.X / 16, np.random.default_rng(2026))
    right = np.mean(your_network(X_test).argmax(axis=1) == test.y)
    print(f"distorted test digits: {right:.1%} of {len(test.y)}")

# %% [markdown]
# ## 6. A bug hunt: the forgotten scaler
#
# *8 minutes.* Standardised inputs train better (04): subtract the mean of each feature, divide by its scale. But a network that was trained on standardised inputs must get standardised inputs for ever. If parameters are all that is handed over, the scaler has to go *into* them: into the first layer. A colleague has written that down. Do not read it closely yet.


# %%
def suspect_fold(params, mean, scale):
    """Parameters that do for raw inputs what params do for standardised ones, says its author."""
    (W, b), *rest = params
    return [(W / scale, b - W @ mean), *rest]


# %%
mean, spread = X_train.mean(axis=0), X_train.std(axis=0)
scale = np.where(spread > 0, spread, 1.0)


def scaled_network():
    """Train a network on standardised digits with your loop."""
    return fitted((X_train - mean) / scale, train.y, (64, 32, 10), epochs=10, lr0=0.003)


with when_written():
    scaled = scaled_network()
    given = {"standardised inputs": (scaled, (X_val - mean) / scale)}
    given["raw inputs, parameters as they are"] = scaled, X_val
    given["raw inputs, suspect fold"] = suspect_fold(scaled, mean, scale), X_val
    for name, (model, images) in given.items():
        print(f"{name:36} {accuracy(model, images, validation.y):.1%}")

# %% [markdown]
# The fold nearly works: a few digits in a hundred are lost, and nobody would look twice. But a right fold would agree with the first row in every digit. Which of its two parts is wrong? Test them one at a time: a mean of 0 leaves only the scale, a scale of 1 leaves only the mean.

# %%
with when_written():
    scaled, none, one = scaled_network(), np.zeros(64), np.ones(64)
    for name, shift, factor in [("scale alone", none, scale), ("mean alone", mean, one)]:
        wanted = logits(scaled, (X_val - shift) / factor)
        got = logits(suspect_fold(scaled, shift, factor), X_val)
        print(f"{name}: largest gap of the logits {np.abs(got - wanted).max():.1e}")
    wanted = logits(scaled, (X_val - mean) / scale)
    got = logits(suspect_fold(scaled, mean, scale), X_val)
    print(f"both: largest gap of the logits {np.abs(got - wanted).max():.1e}")

# %% [markdown]
# **Practice `repaired_fold`** (no points). Each part is right by itself, and together they are wrong. Write the first layer down for one input, $W\,\frac{x - \text{mean}}{\text{scale}} + b$, and sort it by what stands before $x$. Then write the repaired function.


# %% nbgrader={"grade_id": "repaired_fold", "solution": true}
def repaired_fold(params, mean, scale):
    """Fold a scaler into the first layer: the suspect, repaired.

    Must not change its arguments.

    Args:
        params: list of (W, b), trained on (X - mean) / scale.
        mean: of each feature, float64, shape (in,).
        scale: of each feature, float64, shape (in,), none zero.

    Returns:
        A list of (W, b) that gives the same outputs for X itself; later layers as they are.
    """
    ### BEGIN SOLUTION
    (W, b), *rest = params
    W = W / scale
    return [(W, b - W @ mean), *rest]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_repaired_fold", "grade": true, "points": 0}
check("repaired_fold", repaired_fold)

# %% [markdown]
# If you train on standardised inputs, your networks in this notebook need the same fold: the judge hands them raw inputs. The lesson is wider than this bug. Two parts that are right alone are not yet right together, so test the whole: same inputs, same outputs, before and after.

# %% [markdown]
# ## 7. Signals with distractors
#
# *20 minutes.* The second data set is generated: signals of 40 samples, each with one of ten shapes in it. The shape is stretched to 40 to 70 % of the signal, put anywhere, scaled and tilted; two narrow *distractors*, which tell nothing of the class, and noise lie over it. It is in the spirit of MNIST-1D (Greydanus and Kobak, 2020): small enough for a laptop, hard enough to tell methods apart. Here are three signals of the same class.

# %%
signals = datasets.templates_1d(4000, np.random.default_rng(3))
hats = signals.X[signals.y == signals.target_names.index("hat")][[1, 6, 13]]
show(
    plots.curves(
        {f"hat {i}": row for i, row in enumerate(hats, 1)}, xlabel="sample", ylabel="height"
    ),
    alt="Three signals of the class hat. In each a low-high-low shape can be found, but at another "
    "place, another width and height, with narrow bumps and noise over it.",
)

# %% [markdown]
# The hat is low, then high, then low. It is never at the same place, and some bumps are not part of it. How far does a single layer get, without any hidden one? Guessing gives 10 %.

# %%
predict("single_layer_on_signals")

# %%
X_fit, y_fit, X_try, y_try = signals.X[:3000], signals.y[:3000], signals.X[3000:], signals.y[3000:]
with when_written():
    for sizes in ((40, 10), (40, 16, 10), (40, 64, 10)):
        model = fitted(X_fit, y_fit, sizes, epochs=15, lr0=0.005)
        seen, new = accuracy(model, X_fit, y_fit), accuracy(model, X_try, y_try)
        print(f"{'-'.join(map(str, sizes)):9} training {seen:.1%}   held out {new:.1%}")

# %% [markdown]
# A single layer draws straight borders between classes and gets about half. A hidden layer of 16 helps a lot, one of 64 more. But look at the gap between the two columns: it grows with the width. With 3000 signals a large network begins to learn its signals by heart (L1: overfitting).
#
# So there is something to choose. L0's list of hyperparameters is long; take the two that matter most here, the first rate and the width, and draw twelve pairs at random on a log scale (08). Each trains for five epochs only: L0's coarse stage. In the map the more a dot stands out from the page, the lower its error; the star is the best trial. Look at the two small plots at its edges: which of the two decides more?


# %%
def held_out_error(config, epochs, seed=0):
    """Train one network on the signals and return the share of held-out signals it misreads."""
    sizes = (40, round(config["width"]), 10)
    model = fitted(X_fit, y_fit, sizes, epochs, config["lr"], seed)
    return 1 - accuracy(model, X_try, y_try)


rng, history = np.random.default_rng(7), []
draws = zip(
    np.exp(rng.uniform(*np.log([1e-4, 1e-1]), 12)),
    np.exp(rng.uniform(*np.log([8, 128]), 12)),
    strict=True,
)
with when_written():
    for lr, width in draws:
        config = {"lr": float(lr), "width": float(width)}
        history.append((config, held_out_error(config, epochs=5)))

# %%
with when_written():
    if not history:
        raise NotImplementedError("train_with_adam")
    show(
        plots.search_map(history, "lr", "width", logs=["lr", "width"]),
        alt="Twelve random pairs of learning rate and width. The lowest errors lie at rates between "
        "0.02 and 0.05, the best at a large width; small rates are bad at any width.",
    )

# %% [markdown]
# The rate matters most: small rates learn too little in five epochs, at any width. Among good rates, wide networks are better. The best of twelve has been chosen by its luck as well, so its own number is too good (08). Compare candidates again: longer, and over three seeds.

# %%
candidates = {"lr 0.005, width 64": (0.005, 64), "lr 0.005, width 128": (0.005, 128)}
candidates["lr 0.02, width 64"] = 0.02, 64
with when_written():
    for name, (lr, width) in candidates.items():
        config = {"lr": lr, "width": width}
        errors = [held_out_error(config, epochs=12, seed=seed) for seed in (1, 2, 3)]
        print(f"{name:20} error {np.mean(errors):.1%} ± {np.std(errors, ddof=1):.1%}")

# %% [markdown]
# Read it with 08's rule: a difference that is not larger than the spread is no difference. Here both changes help by far more than the spread: the larger rate and the wider layer. So one would go on from there, and try both at once.
#
# And does a falling rate help although Adam adapts its steps? L1 says that even Adam needs a decreasing rate for its best. Here is the third candidate with the rate constant at its first value, constant at the mean of the cosine, and falling.

# %%
with when_written():
    for kind in ("constant 0.02", "constant 0.01", "cosine from 0.02"):
        errors = []
        for seed in (1, 2, 3):
            rng = np.random.default_rng(seed)
            start = first_params((40, 64, 10), rng)
            batches, lrs = plan(3000, 12, 0.02, rng)
            if kind != "cosine from 0.02":
                lrs = np.full(len(lrs), float(kind.split()[1]))
            model = train_with_adam(start, X_fit, y_fit, batches, lrs)
            errors.append(1 - accuracy(model, X_try, y_try))
        print(f"{kind:16} error {np.mean(errors):.1%} ± {np.std(errors, ddof=1):.1%}")

# %% [markdown]
# The cosine ends lower than either constant, by more than the spread. Early on its large steps get far; in the last epochs its small steps let the noise of the batches average out.
#
# **Exercise `signals_network`** (3 points). Choose sizes, epochs, rates. The check hands you 3000 signals with renamed classes and judges your network on 2000 new ones; you need **65 %**. A single layer gets about 48 %, one hidden layer of 32 about 72 %. The judge draws its own signals from a seed that it keeps. Measured over 200 seeds, a network at 72 % falls below the line less than once in a hundred million times.


# %% nbgrader={"grade_id": "signals_network", "solution": true}
def signals_network(X, y, rng):
    """Train a ReLU network to tell ten shapes in signals, with your own stack.

    Must not change its arguments.

    Args:
        X: training signals, float64, shape (N, 40).
        y: labels, int64, shape (N,), 0 to 9.
        rng: numpy random Generator, for everything that is drawn.

    Returns:
        Parameters, a list of (W, b) as for digits_network; the first W has shape (out, 40).
    """
    ### BEGIN SOLUTION
    from downslope.parameters import first_params

    orders = [rng.permutation(len(X)) for _ in range(20)]
    batches = [part for each in orders for part in np.array_split(each, len(each) // 64)]
    t = np.arange(len(batches))
    lrs = 0.005 * (1 + np.cos(np.pi * t / len(t))) / 2
    params = first_params((40, 64, 10), rng)
    return train_with_adam(params, X, y, batches, lrs)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_signals_network", "grade": true, "points": 3}
check("signals_network", signals_network)

# %% [markdown]
# Which shapes does your network mix up? Only the mistakes are coloured.

# %%
with when_written():
    model = signals_network(X_fit, y_fit, np.random.default_rng(0))
    read = logits(model, X_try).argmax(axis=1)
    names = [name.replace(" ", "\n") for name in signals.target_names]
    show(
        plots.confusion(y_try, read, names),
        alt="Confusion matrix of ten shapes on 1000 held-out signals. About three quarters lie on "
        "the diagonal; trench and buzz are nearly always right. The most frequent mistakes: dip read "
        "as hat, pair read as jump, dip read as drop.",
    )

# %% [markdown]
# The network of the hints nearly always knows trench and buzz, which look like nothing else. It takes many a dip for a hat and many a pair for a jump: up and down in a like order, told apart by widths and places, which the stretching hides. A mistake that you can explain tells you what to try next.

# %% [markdown]
# ## 8. The report
#
# *15 minutes.* **The report** (4 points, read by a person). Half a page to a page for somebody who knows the course but not your notebook. For *one* of your two networks, answer the four questions below. Every claim needs a number or a picture that stands in this notebook.
#
# | question | what counts | points |
# |---|---|---|
# | What did you train? | data, sizes, rule, batches, epochs, schedule: so complete that somebody else gets your result | 1 |
# | How did you choose? | which values you compared, on which data, over how many seeds, and what decided | 1 |
# | How good is it? | accuracy on data that was used for no choice, with its spread, beside a simple baseline, such as guessing or a single layer | 1 |
# | What does it not do? | one weakness that you measured, and what you would try next | 1 |

# %% [markdown] nbgrader={"grade_id": "report", "grade": true, "solution": true, "points": 4}
# ### BEGIN SOLUTION
# **What.** My signals network has the layers 40-128-10 with ReLU, weights drawn with variance 2/in, biases 0. It is trained with my own Adam (0.9, 0.999, 1e-8) on the mean cross-entropy of 3000 signals, in batches of 64, for 12 epochs with a new permutation in each, while the rate falls from 0.02 to 0 along a half cosine.
#
# **How.** I drew twelve pairs of rate (1e-4 to 1e-1) and width (8 to 128) on a log scale, trained each for 5 epochs on 3000 signals and compared the error on 1000 others. Then I compared candidates for 12 epochs over three seeds. From rate 0.005 to 0.02 the error fell from 28.0 % to 23.5 %, from width 64 to 128 from 23.5 % to 21.3 %, with spreads of 0.2 to 0.7 %. The cosine was better than a constant rate of 0.01 (25.5 %) or 0.02 (24.5 %).
#
# **How good.** On 2000 signals drawn afterwards and used for nothing else it reads 77.1 %, with a standard deviation of 0.5 % over five seeds. Guessing gives 10 %, a single layer 48 %. On the 1000 signals of the comparison it reads 78.8 %: a bit too kind, because the choice was made on them.
#
# **What it does not do.** It reads 92 % of its training signals, so it overfits by 15 points. A shape that it has learned at one place must be learned anew at every other place. I would shift the training signals at random, as with the digits, or draw more of them.
#
# ### BEGIN MARK SCHEME
# 1 point: the setup is complete (data, sizes, rule with its constants, batch size, epochs, schedule, start). One missing: half a point.
#
# 1 point: at least two values of at least one hyperparameter compared on held-out data, and the reason for the choice. "I tried some and this was best" without numbers: half a point. Chosen on the data of the final number: no point.
#
# 1 point: a final number on data that was used for no choice, with a spread or the number of examples, and a baseline (guessing, a single layer, no copies). Without baseline or spread: half a point.
#
# 1 point: a weakness with a number or a picture, and an idea that fits it. "It could be better" gives no point.
# ### END MARK SCHEME
# ### END SOLUTION

# %% [markdown]
# ## 9. Peer feedback
#
# *10 minutes.* L2's course had a draft handed in without marks, and feedback from classmates on it. Those who handed in a draft did significantly better in the assignment that counted. (Is that because of the feedback? The quiz comes back to it.)
#
# Give this notebook to a classmate, as a file or as a page (File, Save and Export, HTML), and get theirs. Run theirs from top to bottom if you can. Then fill in the form below *about their notebook*, and hand it back: the cell is yours, copy its text to them. Be exact and be kind: say what you saw, where, and what would help.

# %% [markdown] nbgrader={"grade_id": "peer_feedback", "grade": true, "solution": true, "points": 0}
# | about the notebook of: | |
# |---|---|
# | Does it run from top to bottom? In which cell not? | |
# | Could I rebuild the network from the report alone? What is missing? | |
# | Was anything chosen on data that the final number uses? | |
# | A number of the report that I checked, and what I got | |
# | One thing that I shall do as they did | |
# | One thing that they could improve, and how | |
#
# ### BEGIN SOLUTION
# | about the notebook of: | a classmate |
# |---|---|
# | Does it run from top to bottom? In which cell not? | Yes, in 40 seconds on my laptop. |
# | Could I rebuild the network from the report alone? What is missing? | Nearly. The report does not say how the first weights are drawn. |
# | Was anything chosen on data that the final number uses? | Yes: the number of copies was chosen on the images of the last table. |
# | A number of the report that I checked, and what I got | 81.2 % on distorted digits; I got 80.4 % with another seed, within the spread. |
# | One thing that I shall do as they did | Draw new copies in every epoch instead of five fixed ones. |
# | One thing that they could improve, and how | Report the test accuracy once, after all choices. |
#
# ### BEGIN MARK SCHEME
# No points. Worth a look: is each remark about something that can be found in the other notebook (a cell, a number), and would it help its author?
# ### END MARK SCHEME
# ### END SOLUTION

# %% [markdown]
# ## 10. Quiz
#
# *7 minutes with the rest.* Eight questions over the whole notebook. They give no points. Every answer, right or wrong, gets a reply.

# %%
quiz("three_test_accuracies")

# %%
quiz("copies_before_the_split")

# %%
quiz("parameters_or_hyperparameters")

# %%
quiz("state_of_each_array")

# %%
quiz("rate_of_another_rule")

# %%
quiz("better_by_half_a_point")

# %%
quiz("updates_with_copies")

# %%
quiz("feedback_and_marks")

# %% [markdown]
# ## What you can do now
#
# - Put a loss, backpropagation, an update rule, batches and a schedule together into a training that works, and check each joint.
# - Compare methods fairly: each with its own best rate, over several seeds, with the spread beside the mean.
# - See that training data and the data to come differ, and do something about it.
# - Choose hyperparameters on held-out data, and keep a last set for one honest number.
# - Say in half a page what you did, why, how good it is, and what it does not do.
#
# This is the last notebook. What comes next is yours: deeper networks, convolutions, a library with automatic differentiation. You know what such a library does inside, because you have built one.
#
# The next cell shows how far you are.

# %%
progress("09_capstone")
