"""Independent sources of the exercises of 09_capstone, for the oracle ledger.

None of them goes back through layers as learners do. Exact numbers follow one parameter forward at
a time; PyTorch differentiates by its own autograd and runs its own optimizers; the package's MLP
keeps all parameters in one flat vector. For the two networks a source trains one of its own and
has it measured as the judge does.
"""

import importlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from autograder.closed_forms import MP, as_floats, exact, root, total, weighted
from autograder.oracles import Arrays, Source
from downslope import unseen
from downslope.datasets import distorted_digits
from downslope.drivers import Case, Outcome
from downslope.losses import softmax_cross_entropy
from downslope.networks import MLP
from downslope.optimizers import adam

Layers = Sequence[Sequence[Any]]
fractions: Any = np.vectorize(Fraction, otypes=[object])
exp: Any = np.frompyfunc(MP.exp, 1, 1)
log: Any = np.frompyfunc(MP.log, 1, 1)


def named(layers: Layers, names: str) -> Arrays:
    """Name the arrays of a list of pairs as the driver does."""
    return {
        f"[{place}].{name}": array
        for place, layer in enumerate(layers)
        for name, array in zip(names.split(), layer, strict=True)
    }


# ---------------------------------------------------------------------------------------------
# 50 digits and exact fractions.
# ---------------------------------------------------------------------------------------------


def mp_loss(layers: Layers, X: Any, y: np.ndarray) -> Any:
    """Mean of log(sum of e^z) - z_c with 50 digits."""
    A = X
    for depth, (W, b) in enumerate(layers):
        A = (np.where(A > 0, A, MP.zero) if depth else A) @ W.T + b
    losses = log(exp(A).sum(axis=1)) - A[np.arange(len(y)), y]
    return losses.sum() / len(y)


def gradients_by_differences(case: Case) -> Arrays:
    """Central differences with 50 digits and a step of 1e-20: no digit of a float64 is lost."""
    asked, h = case["arguments"], MP.mpf("1e-20")
    layers, X = [[exact(part) for part in layer] for layer in asked["params"]], exact(asked["X"])
    found = [[np.zeros(part.shape) for part in layer] for layer in layers]
    for layer, result in zip(layers, found, strict=True):
        for array, into in zip(layer, result, strict=True):
            for index in np.ndindex(array.shape):
                middle, ends = array[index], []
                for step in (h, -h):
                    array[index] = middle + step
                    ends.append(mp_loss(layers, X, asked["y"]))
                array[index] = middle
                into[index] = float((ends[0] - ends[1]) / (2 * h))
    grads = {f"[1]{name}": array for name, array in named(found, "dW db").items()}
    return {"loss": np.array(float(mp_loss(layers, X, asked["y"]))), **grads}


def closed_rules(case: Case) -> Arrays:
    """Each rule as theta's start minus the sum of all steps, moments as weighted sums."""
    first = case["updates"][0]
    g = exact(np.array([update["grad"] for update in case["updates"]]))
    lr, rho, one, two, eps = (
        MP.mpf(first[name]) for name in ("lr", "rho", "beta1", "beta2", "eps")
    )

    def mean(beta: Any, x: Any) -> Any:
        return (1 - beta) * weighted(lambda t, i: beta ** (t - i), x)

    def whole(beta: Any) -> Any:
        return mean(beta, exact(np.ones((len(g), 1))))

    steps = {
        "sgd": g,
        "momentum": weighted(lambda t, i: rho ** (t - i), g),
        "rmsprop": g / (root(mean(rho, g**2)) + eps),
        "adam": mean(one, g) / whole(one) / (root(mean(two, g**2) / whole(two)) + eps),
    }
    start = exact(case["start"]["theta"])
    return as_floats(**{name: start - lr * total(each) for name, each in steps.items()})


def counted_budget(case: Case) -> Arrays:
    """Arrays and batches made and counted."""
    del case
    shapes = [(32, 64), (32,), (10, 32), (10,)]
    left, batches = list(range(1078)), []
    while left:
        batches.append(left[:64])
        left = left[64:]
    sizes = [len(batch) for batch in batches]
    size = sum(np.empty(shape).size for shape in shapes)
    return budget(size, len(sizes), sizes[-1], sum(1 for _ in range(8) for _ in sizes))


def budget(*numbers: float) -> Arrays:
    """Name the numbers of the table."""
    names = ("parameters", "updates_in_an_epoch", "last_batch", "updates")
    return {name: np.array(float(n)) for name, n in zip(names, numbers, strict=True)}


def fold_by_points(case: Case) -> Arrays:
    """The first layer read off at the origin and at the unit vectors, in exact fractions."""
    asked = case["arguments"]
    (W, b), *rest = [[fractions(part) for part in layer] for layer in asked["params"]]
    mean, scale = fractions(asked["mean"]), fractions(asked["scale"])

    def layer(x: Any) -> Any:
        return W @ ((x - mean) / scale) + b

    units = fractions(np.eye(len(mean)))
    origin = layer(0 * mean)
    folded = np.stack([layer(unit) - origin for unit in units], axis=1)
    floats = [[part.astype(float) for part in each] for each in ((folded, origin), *rest)]
    return named(floats, "W b")


# ---------------------------------------------------------------------------------------------
# The package's MLP: one flat vector of parameters.
# ---------------------------------------------------------------------------------------------


def flat_training(params: Layers, X: Any, y: Any, batches: Sequence[Any], lrs: Any) -> Layers:
    """Train the package's MLP with the package's Adam."""
    sizes = [X.shape[1], *(len(b) for _, b in params)]
    flat = np.concatenate([np.ravel(part) for layer in params for part in layer])
    network = MLP(sizes, rng=np.random.default_rng(0)).at(flat)
    rule = adam()
    state = rule.init(flat)
    for batch, lr in zip(batches, lrs, strict=True):
        _, grad = network.loss_and_gradient(X[batch], y[batch], softmax_cross_entropy)
        moves, state = rule.update(grad, state, network.theta, lr)
        network.theta = network.theta + moves
    return network.layers


def library_training(case: Case) -> Arrays:
    """The whole run with the package's MLP and Adam."""
    return named(flat_training(**case["arguments"]), "W b")


# ---------------------------------------------------------------------------------------------
# PyTorch.
# ---------------------------------------------------------------------------------------------


def torch_module() -> Any:
    """Import PyTorch when it is used."""
    return importlib.import_module("torch")


def tensor(array: Any) -> Any:
    """Make a float64 tensor whose gradient is wanted."""
    return torch_module().tensor(np.array(array), dtype=torch_module().float64, requires_grad=True)


def torch_loss(layers: Layers, X: Any, y: Any) -> Any:
    """Torch's cross_entropy of linear layers with relu between them."""
    torch = torch_module()
    A = torch.tensor(X)
    for depth, (W, b) in enumerate(layers):
        A = torch.nn.functional.linear(torch.relu(A) if depth else A, W, b)
    return torch.nn.functional.cross_entropy(A, torch.tensor(y))


def torch_gradients(case: Case) -> Arrays:
    """Autograd through the whole network."""
    asked = case["arguments"]
    layers = [[tensor(part) for part in layer] for layer in asked["params"]]
    loss = torch_loss(layers, asked["X"], asked["y"])
    loss.backward()
    found = [[part.grad.numpy() for part in layer] for layer in layers]
    grads = {f"[1]{name}": array for name, array in named(found, "dW db").items()}
    return {"loss": np.array(loss.item()), **grads}


def torch_rules(case: Case) -> Arrays:
    """torch.optim's own rules, fed with the gradients."""
    optim, first = torch_module().optim, case["updates"][0]
    lr, rho, eps = first["lr"], first["rho"], first["eps"]
    betas = first["beta1"], first["beta2"]
    makers: dict[str, Callable[[Any], Any]] = {
        "sgd": lambda theta: optim.SGD([theta], lr=lr),
        "momentum": lambda theta: optim.SGD([theta], lr=lr, momentum=rho),
        "rmsprop": lambda theta: optim.RMSprop([theta], lr=lr, alpha=rho, eps=eps),
        "adam": lambda theta: optim.Adam([theta], lr=lr, betas=betas, eps=eps),
    }
    return {name: torch_walk(case, make) for name, make in makers.items()}


def torch_walk(case: Case, make: Callable[[Any], Any]) -> np.ndarray:
    """Let one of torch's optimizers make all updates of a case."""
    theta = tensor(case["start"]["theta"])
    optimizer, path = make(theta), []
    for update in case["updates"]:
        theta.grad = torch_module().tensor(update["grad"])
        optimizer.step()
        path.append(theta.detach().numpy().copy())
    return np.stack(path)


def torch_budget(case: Case) -> Arrays:
    """Parameters of torch's layers and batches of its DataLoader."""
    del case
    torch = torch_module()
    layers = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.Linear(32, 10))
    size = sum(part.numel() for part in layers.parameters())
    loader = torch.utils.data.DataLoader(torch.zeros(1078), batch_size=64)
    return budget(size, len(loader), len(list(loader)[-1]), 8 * len(loader))


def torch_training(
    params: Layers, X: Any, y: Any, batches: Sequence[Any], lrs: Any
) -> list[list[np.ndarray]]:
    """torch.optim.Adam on torch's cross_entropy, with autograd."""
    layers = [[tensor(part) for part in layer] for layer in params]
    optimizer = torch_module().optim.Adam([part for layer in layers for part in layer])
    for batch, lr in zip(batches, lrs, strict=True):
        optimizer.param_groups[0]["lr"] = float(lr)
        optimizer.zero_grad()
        torch_loss(layers, X[batch], y[batch]).backward()
        optimizer.step()
    return [[part.detach().numpy() for part in layer] for layer in layers]


def torch_run(case: Case) -> Arrays:
    """The whole run with PyTorch."""
    return named(torch_training(**case["arguments"]), "W b")


def torch_fold(case: Case) -> Arrays:
    """The Jacobian of the scaled first layer, and its value at the origin."""
    torch, asked = torch_module(), case["arguments"]
    (W, b), *rest = asked["params"]
    mean, scale = torch.tensor(asked["mean"]), torch.tensor(asked["scale"])

    def layer(x: Any) -> Any:
        return torch.nn.functional.linear((x - mean) / scale, torch.tensor(W), torch.tensor(b))

    origin = torch.zeros_like(mean)
    folded = torch.autograd.functional.jacobian(layer, origin).numpy()
    return named([(folded, layer(origin).numpy()), *rest], "W b")


# ---------------------------------------------------------------------------------------------
# Networks of the sources' own, measured as the judge does.
# ---------------------------------------------------------------------------------------------

Train = Callable[[Layers, Any, Any, Sequence[Any], Any], Layers]


def judged(case: Case, train: Train) -> Arrays:
    """Train a network on a case's task and have it measured; the secret part stays outside."""
    X, y = unseen.training_data(unseen.Task(**case["task"]))
    rng, sizes, epochs = np.random.default_rng(1), (40, 80, 10), 12
    if case["task"]["data"] == "digits":
        copies = [X, *(distorted_digits(X, rng) for _ in range(6))]
        X, y, sizes, epochs = np.concatenate(copies), np.tile(y, 7), (64, 48, 10), 5
    start = [
        [rng.normal(0, (2 / wide) ** 0.5, (out, wide)), np.zeros(out)]
        for wide, out in pairwise(sizes)
    ]
    orders = [rng.permutation(len(y)) for _ in range(epochs)]
    batches = [order[i : i + 64] for order in orders for i in range(0, len(y), 64)]
    layers = train(start, X, y, batches, np.linspace(0.005, 0.0, len(batches)))
    wanted = unseen.asked(case)
    (measured,), _ = unseen.measured([Outcome(named(layers, "W b"))], [wanted])
    return {**wanted.arrays, unseen.ACCURACY: measured.arrays[unseen.ACCURACY]}


# ---------------------------------------------------------------------------------------------
# The sources of each exercise.
# ---------------------------------------------------------------------------------------------


def by_torch(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare a PyTorch source."""
    return Source("PyTorch", says, compute, "torch")


OWN_NETWORK = (
    Source(
        "flat network",
        "a network of the package's MLP and Adam, of other sizes, measured on the unseen data",
        lambda case: judged(case, flat_training),
    ),
    by_torch(
        lambda case: judged(case, torch_training),
        "a network trained by torch.optim.Adam and autograd, measured on the unseen data",
    ),
)

ORACLES: dict[str, tuple[Source, ...]] = {
    "loss_and_gradients": (
        Source(
            "differences",
            "central differences of log-sum-exp minus the true logit, in 50-digit arithmetic",
            gradients_by_differences,
        ),
        by_torch(torch_gradients, "torch.autograd on torch's cross_entropy"),
    ),
    "own_rules": (
        Source("closed form", "weighted sums over all gradients, in 50 digits", closed_rules),
        by_torch(torch_rules, "torch.optim's SGD, SGD with momentum, RMSprop and Adam"),
    ),
    "trace_budget": (
        Source("counting", "arrays and batches made and counted", counted_budget),
        by_torch(torch_budget, "torch.nn.Linear and torch.utils.data.DataLoader, counted"),
    ),
    "train_with_adam": (
        Source(
            "flat network",
            "the package's MLP with one flat vector and the package's Adam, the whole run",
            library_training,
        ),
        by_torch(torch_run, "torch.optim.Adam with autograd, the whole run"),
    ),
    "digits_network": OWN_NETWORK,
    "repaired_fold": (
        Source("fractions", "the layer read off at the origin and at unit vectors", fold_by_points),
        by_torch(torch_fold, "torch.autograd.functional.jacobian of the scaled layer"),
    ),
    "signals_network": OWN_NETWORK,
}
