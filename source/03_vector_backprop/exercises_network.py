"""Exercises of 03_vector_backprop, second half: a whole network, training it, and a bug hunt."""

from itertools import pairwise

import numpy as np

from autograder.draws import signed
from autograder.exercises import (
    READY_MADE,
    Alternative,
    Exercise,
    Mistake,
    backward_case,
    call_case,
    nested_case,
)
from downslope.drivers import Case

FORBIDS = (
    *READY_MADE,
    "downslope.activations",
    "downslope.layers",
    "downslope.networks",
    "downslope.fast_gradients",
    "downslope.training",
)
PAIR = ["dW", "db"]
# Sizes of the layers, and the number of examples: all different.
NETWORKS = (((3, 5, 4, 2), 6), ((2, 6, 3), 5), ((4, 3), 2))


def table(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw an array of both signs, no magnitude near zero."""
    return signed(rng, int(np.prod(shape))).reshape(shape)


def network(rng: np.random.Generator, sizes: tuple[int, ...]) -> list[list[np.ndarray]]:
    """Draw weights and biases; no bias is zero."""
    return [[table(rng, out, wide), signed(rng, out)] for wide, out in pairwise(sizes)]


def named(sizes: tuple[int, ...], n: int) -> str:
    """Name a case by its sizes."""
    return f"{n} examples, layers of {', '.join(map(str, sizes))}"


def forward_cases(rng: np.random.Generator) -> list[Case]:
    """Draw networks of three, two and one layers with a batch."""
    return [
        call_case(named(sizes, n), params=network(rng, sizes), X=table(rng, n, sizes[0]))
        for sizes, n in NETWORKS
    ]


def backward_cases(rng: np.random.Generator) -> list[Case]:
    """Draw the same networks with a gradient of the logits."""
    cases = []
    for sizes, n in NETWORKS:
        params, template = network(rng, sizes), [PAIR] * (len(sizes) - 1)
        forward = {"params": params, "X": table(rng, n, sizes[0])}
        dlogits = table(rng, n, sizes[-1])
        label = named(sizes, n)
        cases.append(backward_case(label, forward, template, params=params, dlogits=dlogits))
    return cases


def gradient_cases(rng: np.random.Generator) -> list[Case]:
    """Draw the same networks for a function that goes forward and back by itself."""
    return [
        nested_case(
            named(sizes, n),
            [PAIR] * (len(sizes) - 1),
            params=network(rng, sizes),
            X=table(rng, n, sizes[0]),
            dlogits=table(rng, n, sizes[-1]),
        )
        for sizes, n in NETWORKS
    ]


def digits_cases(rng: np.random.Generator) -> list[Case]:
    """Draw digits with shuffled pixels and classes, and the first weights of a small network."""
    hidden, seed, examples = (
        int(rng.integers(*ends)) for ends in ((13, 16), (2**31,), (950, 1100))
    )
    sizes = ((hidden, 64), (10, hidden))
    params = [[rng.normal(0, np.sqrt(2 / each[1]), each), np.zeros(each[0])] for each in sizes]
    data = {"seed": seed, "examples": examples}
    case = call_case(
        "digits with shuffled pixels and classes",
        params=params,
        X={"digits": "images", **data},
        y={"digits": "labels", **data},
        lr=float(rng.uniform(0.4, 0.5)),
        steps=int(rng.integers(200, 230)),
    )
    return [{**case, "enough": 0.9}]


mlp_forward = Exercise(
    "mlp_forward",
    returns=("out",),
    driver="forward_backward",
    cases=forward_cases,
    forbids=FORBIDS,
    hints=(
        "Go through params with a loop. What comes out of one layer goes into the next.",
        (
            "For every layer: linear_forward, then relu_forward unless it is the last one. Put "
            "both caches into a list."
        ),
        (
            "A, cache = X, []; for i, (W, b) in enumerate(params): ... cache.append((linear_cache, "
            "relu_cache)); return A, cache. For the last layer relu_cache can be None."
        ),
    ),
    mistakes=(
        Mistake(
            "no_activation",
            "There is no ReLU between the layers. Then the whole network is one linear map.",
            [("relu_forward(Z) if i < last else (Z, None)", "Z, None")],
        ),
        Mistake(
            "activated_logits",
            "The last layer has a ReLU too: logits may be negative. There is none after the last "
            "layer.",
            [("relu_forward(Z) if i < last else (Z, None)", "relu_forward(Z)")],
        ),
        Mistake(
            "activated_input",
            "The input goes through a ReLU before the first layer. It should go in as it is.",
            [("A, cache = X, []", "A, cache = relu_forward(X)[0], []")],
        ),
        Mistake(
            "probabilities",
            "You return probabilities. The softmax belongs to the loss; return the logits.",
            [
                (
                    "return A, cache",
                    """E = np.exp(A - A.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True), cache""",
                )
            ],
        ),
        Mistake(
            "no_bias",
            "The biases are missing: every layer adds its own.",
            [("linear_forward(A, W, b)", "linear_forward(A, W, 0 * b)")],
        ),
        Mistake(
            "one_activation_only",
            "Only the first layer has a ReLU. Every layer but the last has one.",
            [("if i < last", "if i == 0 and i < last")],
        ),
        Mistake(
            "last_layer_missing",
            "The last layer is missing. Its outputs are the logits.",
            [("enumerate(params)", "enumerate(params[:-1])")],
        ),
        Mistake(
            "tanh_between",
            "There is a tanh between the layers. This network has ReLU.",
            [("relu_forward(Z) if", "(np.tanh(Z), Z) if")],
        ),
    ),
    alternatives=(
        Alternative(
            "hidden_layers_first",
            source="""def mlp_forward(params, X):
    cache, signal = [], X
    for W, b in params[:-1]:
        signal, kept = linear_forward(signal, W, b)
        cache.append(kept)
        signal, kept = relu_forward(signal)
        cache.append(kept)
    logits, kept = linear_forward(signal, *params[-1])
    return logits, [*cache, kept]
""",
        ),
        Alternative(
            "without_own_layers",
            source="""def mlp_forward(params, X):
    activations = [X]
    for number, (W, b) in enumerate(params, start=1):
        Z = activations[-1] @ W.T + b
        activations.append(Z if number == len(params) else np.maximum(0, Z))
    return activations[-1], activations
""",
        ),
        Alternative(
            "activation_before_each_layer",
            source="""def mlp_forward(params, X):
    A, cache = X, []
    for i, (W, b) in enumerate(params):
        if i > 0:
            A, mask = relu_forward(A)
            cache.append(mask)
        A, kept = linear_forward(A, W, b)
        cache.append(kept)
    return (A, tuple(cache))
""",
        ),
    ),
)

mlp_backward = Exercise(
    "mlp_backward",
    returns=("grads",),
    driver="forward_backward",
    uses=("mlp_forward",),
    cases=backward_cases,
    forbids=FORBIDS,
    hints=(
        "Walk through the caches from the last layer to the first. dlogits is the first upstream.",
        (
            "For each layer: if it has a ReLU, relu_backward first. Then linear_backward: its dX "
            "is the upstream gradient of the layer before."
        ),
        (
            "upstream, grads = dlogits, []; for each pair of caches in reversed(cache): ...; "
            "grads.append((dW, db)). At the end the list must be turned round."
        ),
    ),
    mistakes=(
        Mistake(
            "mask_forgotten",
            "The gradient goes through the ReLUs unchanged. Where a unit was off on the way "
            "forward, nothing passes back.",
            [("if relu_cache is not None:", "if False:")],
        ),
        Mistake(
            "deeper_masks_forgotten",
            "The ReLU before the last layer is there, those further down are not.",
            [("if relu_cache is not None:", "if relu_cache is not None and len(grads) < 2:")],
        ),
        Mistake(
            "mask_on_logits",
            "You put a ReLU's mask on dlogits. The last layer has no ReLU.",
            [
                (
                    "upstream, grads = dlogits, []",
                    """(A, W), _ = cache[-1]
    upstream, grads = dlogits * (A @ W.T + params[-1][1] > 0), []""",
                )
            ],
        ),
        Mistake(
            "mask_from_upstream",
            "You stop the gradient where it is negative itself. What counts is the way forward.",
            [("relu_backward(upstream, relu_cache)", "upstream * (upstream > 0)")],
        ),
        Mistake(
            "multiplied_by_activation",
            "You multiply with the activation. The slope of ReLU is 1 where it is on.",
            [("relu_backward(upstream, relu_cache)", "upstream * np.maximum(relu_cache, 0)")],
        ),
        Mistake(
            "list_not_turned",
            "The gradients come last layer first. The list should have the order of params.",
            [("grads[::-1]", "grads")],
        ),
        Mistake(
            "averaged",
            "All gradients are too small by the number of examples. The 1/N of the mean loss is in "
            "dlogits already.",
            [("(dW, db))", "(dW / len(dlogits), db / len(dlogits)))")],
        ),
        Mistake(
            "db_averaged",
            "db is too small by the number of examples in every layer. It is a sum: the 1/N is in "
            "dlogits already.",
            [("(dW, db))", "(dW, db / len(dlogits)))")],
        ),
        Mistake(
            "dw_averaged",
            "dW is too small by the number of examples in every layer. It is a sum: the 1/N is in "
            "dlogits already.",
            [("(dW, db))", "(dW / len(dlogits), db))")],
        ),
        Mistake(
            "last_layer_only",
            "Only the last layer has a gradient, the others have zeros. Hand dX down.",
            [("(dW, db))", "(dW, db) if not grads else (0 * dW, 0 * db))")],
        ),
        Mistake(
            "pairs_turned",
            "Each pair comes as (db, dW). It should be (dW, db), as in params.",
            [("(dW, db))", "(db, dW))")],
        ),
        Mistake(
            "downhill",
            "All signs are turned round. Return the gradient; the minus belongs to the update.",
            [("(dW, db))", "(-dW, -db))")],
        ),
    ),
    alternatives=(
        Alternative(
            "by_index",
            source="""def mlp_backward(params, cache, dlogits):
    grads = [None] * len(params)
    dZ = dlogits
    for i in range(len(params) - 1, -1, -1):
        dA, dW, db = linear_backward(dZ, cache[i][0])
        grads[i] = (dW, db)
        if i > 0:
            dZ = relu_backward(dA, cache[i - 1][1])
    return grads
""",
        ),
        Alternative(
            "without_own_layers",
            source="""def mlp_backward(params, cache, dlogits):
    grads, upstream = [], dlogits
    for (X, W), Z in cache[::-1]:
        if Z is not None:
            upstream = np.where(Z > 0, upstream, 0.0)
        grads.insert(0, [upstream.T @ X, upstream.sum(axis=0)])
        upstream = upstream @ W
    return tuple(grads)
""",
        ),
        Alternative(
            "list_of_activations",
            source="""def mlp_forward(params, X):
    A = [X]
    for i, (W, b) in enumerate(params):
        Z = A[-1] @ W.T + b
        A.append(np.maximum(Z, 0) if i < len(params) - 1 else Z)
    return A[-1], A


def mlp_backward(params, cache, dlogits):
    grads, d = [], dlogits
    for i in reversed(range(len(params))):
        grads.append((d.T @ cache[i], d.sum(0)))
        d = (d @ params[i][0]) * (cache[i] > 0)
    return list(reversed(grads))
""",
        ),
    ),
)

train_digits = Exercise(
    "train_digits",
    returns=("params",),
    driver="training",
    cases=digits_cases,
    # Without the activations: the loss, which may be called, loads them.
    forbids=tuple(name for name in FORBIDS if name != "downslope.activations"),
    hints=(
        "One update has four parts: forward, loss, backward, step. Repeat it `steps` times.",
        (
            "mlp_forward gives logits and cache, softmax_cross_entropy(logits, y) the gradient of "
            "the logits, mlp_backward the gradients of all layers. Make a new list of (W, b)."
        ),
        (
            "params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads)], "
            "inside the loop; return params after it."
        ),
    ),
    mistakes=(
        Mistake(
            "nothing_learned",
            "The parameters that come back are those that went in. Keep the result of each update.",
            [("params = [(W - lr * dW, b - lr * db)", "_ = [(W - lr * dW, b - lr * db)")],
        ),
        Mistake(
            "one_update",
            "Only one update is made. Look at the indentation of return: it comes after the loop.",
            [("range(steps)", "range(1)")],
        ),
        Mistake(
            "first_gradient_for_ever",
            "All updates use the gradient of the first parameters. Forward and backward belong "
            "inside the loop.",
            source="""def train_digits(params, X, y, lr, steps):
    from downslope.losses import softmax_cross_entropy

    logits, cache = mlp_forward(params, X)
    grads = mlp_backward(params, cache, softmax_cross_entropy(logits, y)[1])
    for _ in range(steps):
        params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads)]
    return params
""",
        ),
        Mistake(
            "averaged_twice",
            "It learns, but far too slowly: the steps are too short by the number of images. The "
            "mean is in the loss's gradient already.",
            [("W - lr * dW, b - lr * db", "W - lr * dW / len(X), b - lr * db / len(X)")],
        ),
        Mistake(
            "biases_only",
            "Only the biases change. The weights need their step too.",
            [("W - lr * dW", "W")],
        ),
        Mistake(
            "weights_from_zero",
            "You begin with zeros. Then all hidden units are off and stay off; begin with the "
            "params that are given.",
            [
                (
                    "for _ in range(steps):",
                    "params = [(0 * W, 0 * b) for W, b in params]\n    for _ in range(steps):",
                )
            ],
        ),
        Mistake(
            "labels_forgotten",
            "You hand the probabilities down as if they were the gradient: the labels play no "
            "part. The loss returns a pair, (loss, gradient).",
            [
                (
                    "_, dlogits = softmax_cross_entropy(logits, y)",
                    """E = np.exp(logits - logits.max(axis=1, keepdims=True))
        dlogits = E / E.sum(axis=1, keepdims=True) / len(X)""",
                )
            ],
        ),
        Mistake(
            "one_image",
            "Every update uses the first image alone. Full-batch descent uses all of them.",
            [
                ("mlp_forward(params, X)", "mlp_forward(params, X[:1])"),
                ("softmax_cross_entropy(logits, y)", "softmax_cross_entropy(logits, y[:1])"),
            ],
        ),
    ),
    alternatives=(
        Alternative(
            "own_loss",
            source="""def train_digits(params, X, y, lr, steps):
    params = [[W.copy(), b.copy()] for W, b in params]
    for step in range(steps):
        logits, cache = mlp_forward(params, X)
        P = np.exp(logits - logits.max(axis=1, keepdims=True))
        P /= P.sum(axis=1, keepdims=True)
        P[np.arange(len(y)), y] -= 1
        for layer, (dW, db) in zip(params, mlp_backward(params, cache, P / len(y))):
            layer[0] -= lr * dW
            layer[1] -= lr * db
    return params
""",
        ),
        Alternative(
            "velocity",
            source="""def train_digits(params, X, y, lr, steps):
    from downslope.losses import softmax_cross_entropy

    speeds = [(0 * W, 0 * b) for W, b in params]
    for _ in range(steps):
        logits, cache = mlp_forward(params, X)
        grads = mlp_backward(params, cache, softmax_cross_entropy(logits, y)[1])
        speeds = [(0.8 * u + g, 0.8 * v + h) for (u, v), (g, h) in zip(speeds, grads)]
        params = [(W - lr / 3 * u, b - lr / 3 * v) for (W, b), (u, v) in zip(params, speeds)]
    return tuple(params)
""",
        ),
        Alternative(
            "twice_as_many_updates",
            "",
            [("range(steps)", "range(2 * steps)")],
        ),
    ),
)

repaired_gradients = Exercise(
    "repaired_gradients",
    returns=("grads",),
    driver="nested",
    cases=gradient_cases,
    forbids=FORBIDS,
    hints=(
        "Which arrays agree with the measurement, dW or db? In which line are the others made?",
        "The ratio is the number of examples, 7. What in that line divides by it?",
        "A mean over the batch divides by N. The parts of all examples should be added.",
    ),
    mistakes=(
        Mistake(
            "still_averaged",
            "db is still too small by the number of examples. Which NumPy function divides by it?",
            [("upstream.sum(axis=0)", "upstream.mean(axis=0)")],
        ),
        Mistake(
            "both_averaged",
            "Now dW is too small as well. dW was right; db should be a sum like it.",
            [
                ("upstream.T @ A", "upstream.T @ A / len(X)"),
                ("upstream.sum(axis=0)", "upstream.mean(axis=0)"),
            ],
        ),
        Mistake(
            "both_too_large",
            "You multiplied dW by the number of examples. dW was right: leave it alone.",
            [("upstream.T @ A", "upstream.T @ A * len(X)")],
        ),
        Mistake(
            "summed_over_all",
            "db is one number for all outputs. Sum over the examples only: axis 0.",
            [("upstream.sum(axis=0)", "np.full(len(W), upstream.sum())")],
        ),
        Mistake(
            "multiplied_by_outputs",
            "You multiply the mean by the number of outputs. The mean divided by the number of "
            "examples.",
            [("upstream.sum(axis=0)", "upstream.mean(axis=0) * len(W)")],
        ),
        Mistake(
            "mask_removed",
            "You took out the mask of the ReLU. That line was right.",
            [(" * (A > 0)", "")],
        ),
    ),
    alternatives=(
        Alternative(
            "calls_own_network",
            source="""def repaired_gradients(params, X, dlogits):
    return mlp_backward(params, mlp_forward(params, X)[1], dlogits)
""",
        ),
        Alternative(
            "mean_times_count",
            "",
            [("upstream.sum(axis=0)", "len(upstream) * upstream.mean(axis=0)")],
        ),
        Alternative("ones", "", [("upstream.sum(axis=0)", "np.ones(len(X)) @ upstream")]),
    ),
)

EXERCISES = (mlp_forward, mlp_backward, train_digits, repaired_gradients)
