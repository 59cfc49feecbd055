"""Exercises of 09_capstone, first half: the pieces put together, judged by their numbers."""

from itertools import pairwise

import numpy as np

from autograder.draws import constants, decay, numbered, run, signed, visible_eps
from autograder.exercises import (
    READY_MADE,
    Alternative,
    Convention,
    Exercise,
    Mistake,
    call_case,
    nested_case,
)
from downslope.drivers import Case

FORBIDS = (
    *READY_MADE,
    "downslope.layers",
    "downslope.networks",
    "downslope.fast_gradients",
    "downslope.training",
)
# Sizes of the layers, and the number of examples: all different.
NETWORKS = (((3, 5, 4, 2), 6), ((4, 6, 3), 5), ((5, 4), 3))


def table(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw an array of both signs, no magnitude near zero."""
    return signed(rng, int(np.prod(shape))).reshape(shape)


def network(rng: np.random.Generator, sizes: tuple[int, ...]) -> list[list[np.ndarray]]:
    """Draw weights whose sums stay of one size, and biases, none of them zero."""
    return [[table(rng, o, i) / np.sqrt(2 * i), signed(rng, o) / 4] for i, o in pairwise(sizes)]


def labels(rng: np.random.Generator, n: int, classes: int) -> np.ndarray:
    """Draw labels that are not in order and not all the same."""
    drawn = rng.permutation(np.arange(n) % classes)
    return np.array(drawn, dtype=np.int64)


def gradient_cases(rng: np.random.Generator) -> list[Case]:
    """Draw networks of three, two and one layers; the last case has logits in the thousands."""
    cases = []
    for sizes, n in NETWORKS:
        params, X = network(rng, sizes), table(rng, n, sizes[0])
        label = f"{n} examples, layers of {', '.join(map(str, sizes))}"
        cases.append((label, sizes, params, X, labels(rng, n, sizes[-1])))
    sizes, n = NETWORKS[1]
    far = [[100 * W, b] for W, b in network(rng, sizes)]
    drawn = (table(rng, n, sizes[0]), labels(rng, n, sizes[-1]))
    cases.append(("logits in the thousands", sizes, far, *drawn))
    return [
        nested_case(label, ["loss", [["dW", "db"]] * (len(sizes) - 1)], params=params, X=X, y=y)
        for label, sizes, params, X, y in cases
    ]


def rule_cases(rng: np.random.Generator) -> list[Case]:
    """Draw gradients for all rules at once; lr is the same in a run: see the text of the cell."""
    return [rule_case(rng, "six updates", 4), rule_case(rng, "other rates", 3, zero=True)]


def rule_case(rng: np.random.Generator, label: str, size: int, *, zero: bool = False) -> Case:
    """Draw one run of six updates; with `zero` the last parameter has no gradient."""
    updates = numbered(run(rng, size, 6, zero_from=0 if zero else None))
    settings = {"rho": decay(rng), "beta1": decay(rng), "beta2": decay(rng)}
    settings |= {"eps": visible_eps(rng), "lr": float(rng.uniform(0.1, 0.3))}
    case = {"label": label, "arguments": {}, "start": {"theta": signed(rng, size)}}
    return {**case, "updates": constants(updates, **settings)}


def training_cases(rng: np.random.Generator) -> list[Case]:
    """Draw whole short trainings: batches of several sizes, a rate for each update."""
    return [training_case(rng, sizes, n) for sizes, n in (((3, 5, 2), 7), ((4, 3), 5))]


def training_case(rng: np.random.Generator, sizes: tuple[int, ...], n: int) -> Case:
    """Draw one training of two epochs; the last batch of each is short."""
    orders = [rng.permutation(n) for _ in range(2)]
    batches = [order[start : start + 3] for order in orders for start in range(0, n, 3)]
    return nested_case(
        f"{n} examples, layers of {', '.join(map(str, sizes))}, {len(batches)} updates",
        [["W", "b"]] * (len(sizes) - 1),
        params=network(rng, sizes),
        X=table(rng, n, sizes[0]),
        y=labels(rng, n, sizes[-1]),
        batches=[np.array(batch, dtype=np.int64) for batch in batches],
        lrs=rng.permutation(np.linspace(0.02, 0.09, len(batches))),
    )


def table_cases(rng: np.random.Generator) -> list[Case]:
    """There is one table, so there is one case."""
    del rng
    return [call_case("the table")]


loss_and_gradients = Exercise(
    "loss_and_gradients",
    returns=("loss_and_grads",),
    driver="nested",
    cases=gradient_cases,
    forbids=(*FORBIDS, "downslope.losses"),
    hints=(
        "Three of your functions in a row: forward (03), loss (01), backward (03).",
        (
            "The loss returns a pair. Its second part, the gradient of the logits, is what "
            "backward begins with."
        ),
        (
            "logits, cache = mlp_forward(params, X); loss, dlogits = "
            "softmax_cross_entropy(logits, y); return loss, mlp_backward(params, cache, dlogits)."
        ),
    ),
    mistakes=(
        Mistake(
            "summed",
            "Loss and gradients are sums over the batch. Take the mean: otherwise the right lr "
            "would depend on the batch size.",
            [(".mean()", ".sum()"), ("    delta /= len(y)\n", "")],
        ),
        Mistake(
            "gradient_of_the_sum",
            "The loss is a mean, the gradients belong to the sum: too large by the number of "
            "examples. The 1/N belongs to the gradient of the logits too.",
            [("    delta /= len(y)\n", "")],
        ),
        Mistake(
            "loss_summed",
            "The gradients are right, the loss is a sum over the batch. It should be the mean.",
            [(".mean()", ".sum()")],
        ),
        Mistake(
            "averaged_twice",
            "The gradients are too small by the number of examples: somebody divides once more. "
            "The mean belongs to the loss and to nothing else.",
            [("delta /= len(y)", "delta /= len(y) ** 2")],
        ),
        Mistake(
            "db_averaged",
            "The loss and every dW are right; db is averaged where it should be summed. The 1/N "
            "is in the gradient of the logits already.",
            [("delta.sum(axis=0)", "delta.mean(axis=0)")],
        ),
        Mistake(
            "labels_forgotten",
            "The gradient of the logits lacks the minus one at the true class. It is p minus "
            "one-hot.",
            [("    delta[rows, y] -= 1\n", "")],
        ),
        Mistake(
            "mask_forgotten",
            "The gradient goes through the ReLUs unchanged. Where a unit was off on the way "
            "forward, nothing passes back.",
            [(" * (A > 0)", "")],
        ),
        Mistake(
            "no_activation",
            "There is no ReLU between the layers. Then the whole network is one linear map.",
            [("np.maximum(Z, 0) if", "Z if"), (" * (A > 0)", "")],
        ),
        Mistake(
            "activated_logits",
            "The last layer has a ReLU too: logits may be negative. There is none after the last "
            "layer.",
            [(" if depth < len(params) - 1 else Z", "")],
        ),
        Mistake(
            "list_not_turned",
            "The gradients come last layer first. The list should have the order of params.",
            [("grads.insert(0, ", "grads.append(")],
        ),
        Mistake(
            "pairs_turned",
            "Each pair comes as (db, dW). It should be (dW, db), as in params.",
            [("(delta.T @ A, delta.sum(axis=0))", "(delta.sum(axis=0), delta.T @ A)")],
        ),
        Mistake(
            "downhill",
            "All gradients have the wrong sign. Return the gradient; the minus belongs to the "
            "update.",
            [("delta /= len(y)", "delta /= -len(y)")],
        ),
        Convention(
            "base_ten",
            "The loss is in base 10, as in L2's bandit. The course uses the natural logarithm.",
            [("return loss", "return loss / np.log(10)")],
        ),
        Mistake(
            "loss_of_the_winner",
            "The loss looks at the highest probability instead of that of the true class.",
            [("-log_p[rows, y]", "-log_p.max(axis=1)")],
        ),
        Mistake(
            "loss_negative",
            "The loss is the mean of log p: negative. It should be minus that.",
            [("-log_p[rows, y]", "log_p[rows, y]")],
        ),
    ),
    alternatives=(
        Alternative(
            "own_pieces",
            source="""def linear(X, W, b):
    return X @ W.T + b


def cross_entropy(logits, labels):
    top = logits.max(axis=1)
    E = np.exp(logits - top[:, None])
    S = E.sum(axis=1)
    losses = [np.log(S[n]) + top[n] - logits[n, c] for n, c in enumerate(labels)]
    return np.mean(losses), (E / S[:, None] - np.eye(logits.shape[1])[labels]) / len(labels)


def loss_and_gradients(params, X, y):
    A, kept = X, []
    for W, b in params[:-1]:
        Z = linear(A, W, b)
        kept.append((A, Z))
        A = np.where(Z > 0, Z, 0.0)
    loss, d = cross_entropy(linear(A, *params[-1]), y)
    kept.append((A, None))
    grads = []
    for i in reversed(range(len(params))):
        A, Z = kept[i]
        d = d if Z is None else d * (Z > 0)
        grads.append((np.einsum("nk,nd->kd", d, A), d.sum(0)))
        d = d @ params[i][0]
    return float(loss), grads[::-1]
""",
        ),
        Alternative(
            "one_example_at_a_time",
            source="""def loss_and_gradients(params, X, y):
    total, grads = 0.0, [[np.zeros_like(W), np.zeros_like(b)] for W, b in params]
    for x, c in zip(X, y):
        seen = [x]
        for i, (W, b) in enumerate(params):
            z = W @ seen[-1] + b
            seen.append(np.maximum(z, 0) if i + 1 < len(params) else z)
        e = np.exp(seen[-1] - seen[-1].max())
        total += -(seen[-1][c] - seen[-1].max() - np.log(e.sum()))
        d = e / e.sum()
        d[c] -= 1
        for i in range(len(params) - 1, -1, -1):
            grads[i][0] += np.outer(d, seen[i]) / len(y)
            grads[i][1] += d / len(y)
            d = (params[i][0].T @ d) * (seen[i] > 0)
    return [total / len(y), tuple(grads)]
""",
        ),
        Alternative(
            "one_hot",
            "",
            [
                ("    delta[rows, y] -= 1\n", ""),
                ("delta = np.exp(log_p)", "delta = np.exp(log_p) - np.eye(len(b))[y]"),
            ],
        ),
    ),
)

own_rules = Exercise(
    "own_rules",
    returns=("sgd", "momentum", "rmsprop", "adam"),
    driver="rules",
    cases=rule_cases,
    forbids=FORBIDS,
    hints=(
        "Your rules exist: sgd_step (04), momentum_step (05), rmsprop_step and adam_step (06).",
        "Return a dict. The keys are names, the values are the functions themselves, not calls.",
        'return {"sgd": sgd_step, "momentum": momentum_step, ...}, and so on for all four.',
    ),
    mistakes=(
        Mistake(
            "uphill",
            "sgd moves uphill: the sign in front of lr is wrong.",
            [("theta - lr * grad\n", "theta + lr * grad\n")],
        ),
        Mistake(
            "sgd_for_momentum",
            "Under the key momentum stands plain gradient descent: the past plays no part.",
            [("grad + rho * m", "grad + 0 * m")],
        ),
        Convention(
            "averaged_momentum",
            "Right elsewhere: your momentum is L2's weighted average, with 1 - rho before the "
            "gradient. The course's form 1 has no such factor; L2's needs lr / (1 - rho).",
            [("grad + rho * m", "(1 - rho) * grad + rho * m")],
        ),
        Convention(
            "nesterov_for_momentum",
            "Right elsewhere: under the key momentum stands Nesterov's rule in the form that is "
            "used in practice. Plain momentum moves by m alone.",
            [("lr * new_m, new_m", "lr * (grad + rho * new_m), new_m")],
        ),
        Convention(
            "rmsprop_eps_inside",
            "In your rmsprop eps stands inside the root (L1). The course adds it after the root.",
            [("lr / (np.sqrt(v) + eps)", "lr / np.sqrt(v + eps)")],
        ),
        Convention(
            "sum_in_rmsprop",
            "Your rmsprop keeps a decaying sum, as on L0's slide. It should be a mean: the new "
            "square comes in with 1 - rho.",
            [("v = v + (1 - rho) * (grad**2 - v)", "v = rho * v + grad**2")],
        ),
        Mistake(
            "adagrad_for_rmsprop",
            "Under the key rmsprop stands Adagrad: the squares are added up and never forgotten.",
            [("v = v + (1 - rho) * (grad**2 - v)", "v = v + grad**2")],
        ),
        Mistake(
            "adam_without_correction",
            "Your adam lacks the correction of m and v. In the first updates it shows.",
            [("m / (1 - beta1**t), v / (1 - beta2**t)", "m, v")],
        ),
        Mistake(
            "adam_corrected_as_first",
            "Your adam corrects every update as if it were the first: t has to be the power.",
            [("m / (1 - beta1**t), v / (1 - beta2**t)", "m / (1 - beta1), v / (1 - beta2)")],
        ),
        Convention(
            "adam_written_back",
            "Your adam returns the corrected m and v, as L0's loop does when taken literally. "
            "Keep the state, correct a copy.",
            [("eps)), m, v", "eps)), m_hat, v_hat")],
        ),
        Convention(
            "adam_eps_inside",
            "In your adam eps stands inside the root (L1). The course adds it after the root.",
            [("(np.sqrt(v_hat) + eps)", "np.sqrt(v_hat + eps)")],
        ),
        Mistake(
            "betas_exchanged",
            "Your adam uses beta1 for v and beta2 for m. beta1 belongs to m.",
            [
                ("(1 - beta1) * (grad - m)", "(1 - beta2) * (grad - m)"),
                ("(1 - beta2) * (grad**2 - v)", "(1 - beta1) * (grad**2 - v)"),
                (
                    "m / (1 - beta1**t), v / (1 - beta2**t)",
                    "m / (1 - beta2**t), v / (1 - beta1**t)",
                ),
            ],
        ),
        Mistake(
            "names_exchanged",
            "rmsprop and adam stand under each other's name. Look at the dict.",
            [('"rmsprop": rmsprop, "adam": adam', '"rmsprop": adam, "adam": rmsprop')],
        ),
        Mistake(
            "defaults_only",
            "Your adam uses 0.9, 0.999 and 1e-8 whatever it is given. These are arguments.",
            [
                (
                    "m, v = m + (1 - beta1)",
                    "beta1, beta2, eps = 0.9, 0.999, 1e-8\n        m, v = m + (1 - beta1)",
                )
            ],
        ),
    ),
    alternatives=(
        Alternative(
            "velocity_and_more",
            source="""def sgd_step(theta, grad, lr):
    return theta + (-lr) * grad


def velocity_step(theta, grad, v, lr, rho):
    v = rho * v - lr * grad
    return theta + v, v


def adagrad_step(theta, grad, v, lr, eps):
    v = v + grad * grad
    return theta - lr * grad / (v**0.5 + eps), v


def rmsprop_step(theta, grad, v, lr, rho, eps):
    v = rho * v + (1 - rho) * grad * grad
    return theta - np.divide(lr * grad, np.sqrt(v) + eps), v


def adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * np.square(grad)
    return [theta - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v]


def own_rules():
    rules = dict(momentum=velocity_step, sgd=sgd_step, adam=adam_step)
    return {"adagrad": adagrad_step, **rules, "rmsprop": rmsprop_step}
""",
        ),
        Alternative(
            "lambdas",
            source="""def own_rules():
    def adam(theta, grad, m, v, t, lr, beta1, beta2, eps):
        pairs = [(m, grad, beta1), (v, grad**2, beta2)]
        m, v = (beta * old + (1 - beta) * new for old, new, beta in pairs)
        root = np.sqrt(1 - beta2**t)
        return theta - lr * root / (1 - beta1**t) * m / (np.sqrt(v) + eps * root), m, v

    return {
        "sgd": lambda theta, grad, lr: theta - lr * grad,
        "momentum": lambda theta, grad, m, lr, rho: (theta - lr * (rho * m + grad), rho * m + grad),
        "rmsprop": lambda theta, grad, v, lr, rho, eps: (
            theta - lr * grad / (np.sqrt(rho * v + (1 - rho) * grad**2) + eps),
            rho * v + (1 - rho) * grad**2,
        ),
        "adam": adam,
    }
""",
        ),
    ),
)

trace_budget = Exercise(
    "trace_budget",
    returns=("parameters", "updates_in_an_epoch", "last_batch", "updates"),
    driver="table",
    cases=table_cases,
    hints=(
        "A layer from a numbers to b numbers has a times b weights, and b biases.",
        "An epoch has N / |B| updates, rounded up (L0). The last batch holds what is left over.",
        "64·32 + 32 and 32·10 + 10 parameters; 1078 = 16·64 + 54; eight epochs.",
    ),
    mistakes=(
        Mistake(
            "biases_forgotten",
            "The biases are missing in the number of parameters: one for each output of a layer.",
            [(" + out", "")],
        ),
        Mistake(
            "rounded_down",
            "An epoch has one update more: the last batch is short, but it is a batch. Round up.",
            [("-(-n // size)", "n // size")],
        ),
        Mistake(
            "last_batch_full",
            "The last batch is not full: 64 does not divide 1078.",
            [("n - (in_epoch - 1) * size", "size")],
        ),
        Mistake(
            "one_epoch",
            "The last number is that of one epoch. There are eight.",
            [("in_epoch * 8", "in_epoch")],
        ),
        Mistake(
            "one_layer_only",
            "There are two layers: 64 to 32, and 32 to 10.",
            [("((64, 32), (32, 10))", "((64, 32),)")],
        ),
        Mistake(
            "straight_to_the_classes",
            "The network goes from 64 to 32 and from 32 to 10. You counted 64 to 10.",
            [("((64, 32), (32, 10))", "((64, 10),)")],
        ),
    ),
    alternatives=(
        Alternative("numbers", source="def trace_budget():\n    return 2410, 17, 54, 136\n"),
        Alternative(
            "counted",
            source="""def trace_budget():
    parts = [np.zeros((32, 64)), np.zeros(32), np.zeros((10, 32)), np.zeros(10)]
    batches = [np.arange(1078)[start : start + 64] for start in range(0, 1078, 64)]
    return [sum(p.size for p in parts), len(batches), len(batches[-1]), len(8 * batches)]
""",
        ),
    ),
)

STEP = "m[i] / (1 - 0.9**t) / (np.sqrt(v[i] / (1 - 0.999**t)) + 1e-8)"

train_with_adam = Exercise(
    "train_with_adam",
    returns=("params",),
    driver="nested",
    cases=training_cases,
    forbids=FORBIDS,
    hints=(
        (
            "One pass of the loop is one update: the gradients of this batch, then one Adam step "
            "for every array, with the lr of this update."
        ),
        (
            "Every W and every b needs an m and a v of its own, all zero before the loop. t counts "
            "updates from 1, not arrays and not epochs."
        ),
        (
            "for t, (batch, lr) in enumerate(zip(batches, lrs), start=1): _, grads = "
            "loss_and_gradients(params, X[batch], y[batch]); then adam_step on each array."
        ),
    ),
    mistakes=(
        Mistake(
            "all_examples",
            "Every update uses all examples. It should use those of its batch: X[batch], y[batch].",
            [("X[batch], y[batch]", "X, y")],
        ),
        Mistake(
            "labels_in_order",
            "The images are those of the batch, the labels are the first ones of y. Take y[batch].",
            [("y[batch]", "y[: len(batch)]")],
        ),
        Mistake(
            "gradient_of_the_first",
            "All gradients are those of the first parameters. Use the newest ones.",
            [("loss_and_gradients(layers,", "loss_and_gradients(params,")],
        ),
        Mistake(
            "first_rate_for_ever",
            "Every update has the first learning rate. There is one for each update in lrs.",
            [("arrays[i] - lr * step", "arrays[i] - lrs[0] * step")],
        ),
        Mistake(
            "rate_of_the_next",
            "Every update has the learning rate of the next one: off by one. lrs[0] belongs to "
            "the first update, for which t is 1.",
            [("zip(batches, lrs,", "zip(batches, np.append(lrs[1:], lrs[-1]),")],
        ),
        Mistake(
            "t_counts_arrays",
            "t grows with every array: the second array of the first update is corrected as if it "
            "were the second update. Count updates.",
            [
                (STEP, STEP.replace("**t", "**k")),
                (
                    "            m[i] =",
                    "            k = (t - 1) * len(arrays) + i + 1\n            m[i] =",
                ),
            ],
        ),
        Mistake(
            "t_frozen",
            "Every update is corrected as if it were the first. t has to grow.",
            [(STEP, STEP.replace("**t", ""))],
        ),
        Mistake(
            "no_correction",
            "m and v are used as they are. Without the correction this is Adam, almost.",
            [(STEP, "m[i] / (np.sqrt(v[i]) + 1e-8)")],
        ),
        Mistake(
            "state_forgotten",
            "m and v begin at zero in every update. Then Adam is sign descent: every step has "
            "the length lr. Make them before the loop.",
            [(STEP, "grad / (np.abs(grad) + 1e-8)")],
        ),
        Mistake(
            "state_reset_each_epoch",
            "m, v and t begin anew with the second epoch. The state lives as long as the training.",
            [
                (
                    "        layers = ",
                    """        if t > len(batches) // 2:
            t -= len(batches) // 2
            if t == 1:
                m, v = [0 * part for part in m], [0 * part for part in v]
        layers = """,
                )
            ],
        ),
        Mistake(
            "plain_descent",
            "The steps are those of gradient descent. m and v play no part.",
            [(STEP, "grad")],
        ),
        Mistake(
            "uphill",
            "The parameters move uphill. Look at the sign in front of lr.",
            [("arrays[i] - lr * step", "arrays[i] + lr * step")],
        ),
        Mistake(
            "betas_exchanged",
            "m decays with 0.999 and v with 0.9. It is the other way round.",
            [
                ("0.9 * m[i] + 0.1 * grad\n", "0.999 * m[i] + 0.001 * grad\n"),
                ("0.999 * v[i] + 0.001 * grad**2", "0.9 * v[i] + 0.1 * grad**2"),
                (STEP, "m[i] / (1 - 0.999**t) / (np.sqrt(v[i] / (1 - 0.9**t)) + 1e-8)"),
            ],
        ),
        Convention(
            "eps_inside_root",
            "Right elsewhere: eps stands inside the root, as in L1. The course adds it after.",
            [("(np.sqrt(v[i] / (1 - 0.999**t)) + 1e-8)", "np.sqrt(v[i] / (1 - 0.999**t) + 1e-8)")],
        ),
        Convention(
            "eps_of_l4",
            "Right elsewhere: your eps is 1e-7, as in L1 and L4. Here it is 1e-8.",
            [("1e-8", "1e-7")],
        ),
        Mistake(
            "biases_stay",
            "Only the weights are trained. The biases need their steps too.",
            [("arrays[i] - lr * step", "arrays[i] - lr * step * (i % 2 == 0)")],
        ),
        Mistake(
            "one_update",
            "Only one update is made. Look at the indentation of return: it comes after the loop.",
            [("zip(batches, lrs,", "zip(batches[:1], lrs[:1],")],
        ),
        Mistake(
            "last_update_missing",
            "The last update is missing. There are as many as batches.",
            [("zip(batches, lrs,", "zip(batches[:-1], lrs[:-1],")],
        ),
        Mistake(
            "nothing_learned",
            "The parameters that come back are those that went in.",
            [("arrays[i] - lr * step", "arrays[i]")],
        ),
    ),
    alternatives=(
        Alternative(
            "own_adam_step",
            source="""def adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def train_with_adam(params, X, y, batches, lrs):
    state = [[(np.zeros(p.shape), np.zeros(p.shape)) for p in layer] for layer in params]
    params = [list(layer) for layer in params]
    for t in range(1, len(batches) + 1):
        rows, lr = batches[t - 1], lrs[t - 1]
        grads = loss_and_gradients(params, X[rows], y[rows])[1]
        for layer, kept, grad in zip(params, state, grads):
            for k in range(2):
                theta, m, v = adam_step(layer[k], grad[k], *kept[k], t, lr, 0.9, 0.999, 1e-8)
                layer[k], kept[k] = theta, (m, v)
    return params
""",
        ),
        Alternative(
            "flat",
            source="""def train_with_adam(params, X, y, batches, lrs):
    shapes = [part.shape for layer in params for part in layer]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])

    def layers(theta):
        parts = np.split(theta, ends[:-1])
        parts = [part.reshape(shape) for part, shape in zip(parts, shapes)]
        return [(parts[i], parts[i + 1]) for i in range(0, len(parts), 2)]

    theta = np.concatenate([part.ravel() for layer in params for part in layer])
    m = v = np.zeros_like(theta)
    for t, (batch, lr) in enumerate(zip(batches, lrs), 1):
        grads = loss_and_gradients(layers(theta), X[batch], y[batch])[1]
        grad = np.concatenate([part.ravel() for layer in grads for part in layer])
        m, v = 0.9 * m + 0.1 * grad, 0.999 * v + 0.001 * grad * grad
        rate = lr * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        theta = theta - rate * m / (np.sqrt(v) + 1e-8 * np.sqrt(1 - 0.999**t))
    return tuple(layers(theta))
""",
        ),
    ),
)

EXERCISES = (loss_and_gradients, own_rules, trace_budget, train_with_adam)
