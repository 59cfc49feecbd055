"""Independent sources of the exercises of 03_vector_backprop, for the oracle ledger.

None of them goes back through layers as learners do. Exact fractions follow one parameter or one
input forward at a time (its tangent), straight from the definition of the derivative. PyTorch
differentiates by its own autograd.
"""

import importlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.closed_forms import MP, as_floats, exact
from autograder.oracles import Arrays, Source
from downslope.drivers import Case
from downslope.held_out import ACCURACY, RECIPE, accuracy, given
from downslope.losses import softmax_cross_entropy
from downslope.networks import MLP

fractions: Any = np.vectorize(Fraction, otypes=[object])
kept: Any = np.vectorize(lambda number: number if number > 0 else Fraction(0), otypes=[object])
open_where: Any = np.vectorize(lambda number: Fraction(int(number > 0)), otypes=[object])


def floats(array: Any) -> np.ndarray:
    """Round exact numbers to float64."""
    return np.array(array, dtype=np.float64)


# ---------------------------------------------------------------------------------------------
# 50 digits and exact fractions.
# ---------------------------------------------------------------------------------------------


def slopes_closed(case: Case) -> Arrays:
    """Slopes through the hyperbolic cosine, and e^z."""
    z = exact(case["arguments"]["z"])
    cosh = np.vectorize(MP.cosh, otypes=[object])
    leaky, exp = MP.mpf(1) / 100, np.vectorize(MP.exp, otypes=[object])
    return as_floats(
        sigmoid=1 / (4 * cosh(z / 2) ** 2),
        tanh=1 / cosh(z) ** 2,
        relu=np.where(z > 0, MP.one, MP.zero),
        leaky_relu=np.where(z > 0, MP.one, leaky),
        elu=np.where(z > 0, MP.one, exp(z)),
    )


def columns(step: Callable[[Any], Any], size: int) -> np.ndarray:
    """Push the unit vectors through a linear map, in fractions: its table column by column."""
    units = fractions(np.eye(size))
    return floats(np.stack([step(unit) for unit in units], axis=1))


def elementwise_columns(case: Case) -> Arrays:
    """What each unit of input adds to each output of x times derivative."""
    slope = fractions(case["arguments"]["derivative"])
    return {"jacobian": columns(lambda unit: slope * unit, len(slope))}


def linear_columns(case: Case) -> Arrays:
    """What each unit of input adds to each output of W x."""
    W = fractions(case["arguments"]["W"])
    return {"jacobian": columns(lambda unit: W @ unit, W.shape[1])}


def softmax_quotients(case: Case) -> Arrays:
    """The quotient rule for e_i / S, with numerators proportional to p, in fractions."""
    powers = 3 * fractions(case["arguments"]["p"])  # any common factor gives the same quotients
    total, count = powers.sum(), len(powers)
    table = np.empty((count, count), dtype=object)
    for i, j in np.ndindex(count, count):
        own = powers[i] * total if i == j else 0
        table[i, j] = (own - powers[i] * powers[j]) / total**2
    return {"jacobian": floats(table)}


Layers = Sequence[Sequence[Any]]


def network_in_fractions(layers: Layers, X: Any, tangents: Layers, tangent_of_x: Any) -> Any:
    """Return exact outputs of an MLP and how they change when its inputs move along tangents."""
    A, dA = X, tangent_of_x
    for depth, ((W, b), (dW, db)) in enumerate(zip(layers, tangents, strict=True)):
        if depth:
            A, dA = kept(A), dA * open_where(A)
        A, dA = A @ W.T + b, dA @ W.T + A @ dW.T + db
    return A, dA


def gradients_in_fractions(layers: Layers, X: Any, upstream: Any) -> tuple[list[list[Any]], Any]:
    """Follow every single number forward: what the weighted sum of the outputs gains from it."""
    zeros = [[0 * W, 0 * b] for W, b in layers]

    def gain(array: Any, index: tuple[int, ...]) -> Any:
        array[index] = Fraction(1)
        moved = network_in_fractions(layers, X, zeros, still)[1]
        array[index] = Fraction(0)
        return (moved * upstream).sum()

    still = 0 * X
    found = [[np.zeros(part.shape) for part in layer] for layer in layers]
    for layer, result in zip(zeros, found, strict=True):
        for array, into in zip(layer, result, strict=True):
            for index in np.ndindex(array.shape):
                into[index] = float(gain(array, index))
    dX = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        dX[index] = float(gain(still, index))
    return found, dX


def exact_layers(layers: Layers) -> list[list[Any]]:
    """Turn parameters into fractions."""
    return [[fractions(part) for part in layer] for layer in layers]


def linear_forward_fractions(case: Case) -> Arrays:
    """A network of one layer, in fractions."""
    given_ = case["arguments"]
    layers, X = exact_layers([[given_["W"], given_["b"]]]), fractions(given_["X"])
    return {"out": floats(network_in_fractions(layers, X, layers, X)[0])}


def linear_backward_fractions(case: Case) -> Arrays:
    """A network of one layer, every number followed forward."""
    layer, upstream = case["forward"], fractions(case["arguments"]["upstream"])
    layers = exact_layers([[layer["W"], layer["b"]]])
    [[dW, db]], dX = gradients_in_fractions(layers, fractions(layer["X"]), upstream)
    return {"dX": dX, "dW": dW, "db": db}


def relu_forward_fractions(case: Case) -> Arrays:
    """Keep positive fractions."""
    return {"out": floats(kept(fractions(case["arguments"]["Z"])))}


def relu_backward_fractions(case: Case) -> Arrays:
    """Differences of max(0, z) to the left: exact, and 0 at 0."""
    Z = fractions(case["forward"]["Z"])
    small = Fraction(1, 10**9)
    slope = (kept(Z) - kept(Z - small)) / small
    return {"dZ": floats(slope * fractions(case["arguments"]["upstream"]))}


def mlp_forward_fractions(case: Case) -> Arrays:
    """A network in fractions."""
    layers, X = exact_layers(case["arguments"]["params"]), fractions(case["arguments"]["X"])
    return {"out": floats(network_in_fractions(layers, X, layers, X)[0])}


def by_name(layers: Sequence[Sequence[Any]], names: str = "dW db") -> Arrays:
    """Name the arrays of a list of pairs as the driver does."""
    return {
        f"[{place}].{name}": array
        for place, layer in enumerate(layers)
        for name, array in zip(names.split(), layer, strict=True)
    }


def network_of(case: Case) -> tuple[Layers, np.ndarray, np.ndarray]:
    """Return parameters, batch and gradient of the logits of a case."""
    X = {**case["arguments"], **case.get("forward", {})}["X"]
    return case["arguments"]["params"], X, case["arguments"]["dlogits"]


def mlp_backward_fractions(case: Case) -> Arrays:
    """Every parameter followed forward, in fractions."""
    params, X, dlogits = network_of(case)
    found, _ = gradients_in_fractions(exact_layers(params), fractions(X), fractions(dlogits))
    return by_name(found)


def trace_fractions(case: Case) -> Arrays:
    """The table: Z and its gradients, every number followed forward."""
    del case
    X, layers = np.array([[1, 2], [3, -1], [0, 4]]), [[np.array([[1, 2]]), np.array([-2])]]
    upstream = fractions([[2], [5], [-3]])
    own = exact_layers(layers)
    Z, _ = network_in_fractions(own, fractions(X), own, fractions(X))
    dZ = upstream * open_where(Z)
    [[dW, db]], dX = gradients_in_fractions(own, fractions(X), dZ)
    return {"Z": floats(Z), "dZ": floats(dZ), "dW": dW, "db": db, "dX": dX}


# ---------------------------------------------------------------------------------------------
# PyTorch.
# ---------------------------------------------------------------------------------------------


def torch_module() -> Any:
    """Import PyTorch when it is used."""
    return importlib.import_module("torch")


def leaf(array: Any) -> Any:
    """Make a float64 tensor whose gradient is wanted."""
    torch = torch_module()
    return torch.tensor(np.array(array), dtype=torch.float64, requires_grad=True)


def gradients_by_torch(output: Any, upstream: Any, *leaves: Any) -> list[np.ndarray]:
    """Let autograd go back from an output with an upstream gradient."""
    torch = torch_module()
    found = torch.autograd.grad(output, leaves, torch.tensor(np.array(upstream)))
    return [each.numpy() for each in found]


def torch_slopes(case: Case) -> Arrays:
    """Derivatives by autograd."""
    torch = torch_module()
    F, z = torch.nn.functional, case["arguments"]["z"]
    functions = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "leaky_relu": lambda x: F.leaky_relu(x, 0.01),
        "elu": F.elu,
    }
    found = {}
    for name, function in functions.items():
        x = leaf(z)
        found[name] = gradients_by_torch(function(x), np.ones(z.shape), x)[0]
    return found


def torch_table(function: Callable[[Any], Any], at: Any) -> Arrays:
    """Build a Jacobian with torch.autograd.functional.jacobian."""
    jacobian = torch_module().autograd.functional.jacobian(function, leaf(at).detach())
    return {"jacobian": jacobian.numpy()}


def torch_elementwise(case: Case) -> Arrays:
    """The Jacobian of x times derivative."""
    slope = leaf(case["arguments"]["derivative"]).detach()
    return torch_table(lambda x: x * slope, np.ones(len(slope)))


def torch_softmax(case: Case) -> Arrays:
    """The Jacobian of torch.softmax at scores that are the logarithms of p."""
    torch = torch_module()
    return torch_table(lambda z: torch.softmax(z, 0), np.log(case["arguments"]["p"]))


def torch_linear_table(case: Case) -> Arrays:
    """The Jacobian of torch.nn.functional.linear."""
    W = leaf(case["arguments"]["W"]).detach()
    linear = torch_module().nn.functional.linear
    return torch_table(lambda x: linear(x, W), np.ones(W.shape[1]))


def torch_linear_forward(case: Case) -> Arrays:
    """Run torch.nn.functional.linear."""
    values = [leaf(case["arguments"][name]) for name in ("X", "W", "b")]
    return {"out": torch_module().nn.functional.linear(*values).detach().numpy()}


def torch_linear_backward(case: Case) -> Arrays:
    """Autograd through torch.nn.functional.linear."""
    X, W, b = (leaf(case["forward"][name]) for name in ("X", "W", "b"))
    out = torch_module().nn.functional.linear(X, W, b)
    found = gradients_by_torch(out, case["arguments"]["upstream"], X, W, b)
    return dict(zip(("dX", "dW", "db"), found, strict=True))


def torch_relu_forward(case: Case) -> Arrays:
    """Run torch.relu."""
    return {"out": torch_module().relu(leaf(case["arguments"]["Z"])).detach().numpy()}


def torch_relu_backward(case: Case) -> Arrays:
    """Autograd through torch.relu."""
    Z = leaf(case["forward"]["Z"])
    upstream = case["arguments"]["upstream"]
    return {"dZ": gradients_by_torch(torch_module().relu(Z), upstream, Z)[0]}


def torch_network(layers: Sequence[Sequence[Any]], X: Any) -> Any:
    """Run an MLP of tensors."""
    torch = torch_module()
    for depth, (W, b) in enumerate(layers):
        X = torch.nn.functional.linear(torch.relu(X) if depth else X, W, b)
    return X


def torch_layers(layers: Layers) -> list[list[Any]]:
    """Make tensors of parameters."""
    return [[leaf(part) for part in layer] for layer in layers]


def torch_mlp_forward(case: Case) -> Arrays:
    """Run torch.nn.functional.linear and torch.relu in turn."""
    layers = torch_layers(case["arguments"]["params"])
    out = torch_network(layers, leaf(case["arguments"]["X"]))
    return {"out": out.detach().numpy()}


def torch_mlp_backward(case: Case) -> Arrays:
    """Autograd through the whole network."""
    params, X, dlogits = network_of(case)
    layers = torch_layers(params)
    leaves = [part for layer in layers for part in layer]
    found = iter(gradients_by_torch(torch_network(layers, leaf(X)), dlogits, *leaves))
    return by_name([[next(found) for _ in layer] for layer in layers])


def torch_trace(case: Case) -> Arrays:
    """The table by autograd."""
    del case
    torch = torch_module()
    X, W, b = (leaf(array) for array in ([[1, 2], [3, -1], [0, 4]], [[1, 2]], [-2]))
    Z = torch.nn.functional.linear(X, W, b)
    upstream = np.array([[2.0], [5.0], [-3.0]])
    dZ, dW, db, dX = gradients_by_torch(torch.relu(Z), upstream, Z, W, b, X)
    return {"Z": Z.detach().numpy(), "dZ": dZ, "dW": dW, "db": db, "dX": dX}


# ---------------------------------------------------------------------------------------------
# Training: whole runs, compared parameter by parameter.
# ---------------------------------------------------------------------------------------------


def with_accuracy(case: Case, layers: Layers) -> Arrays:
    """Name trained parameters as the driver does and add what it says of the data."""
    arrays, data = by_name(layers, "W b"), case["arguments"]["X"]
    recipe = np.array([data["seed"], data["examples"], case["enough"]], dtype=np.float64)
    return {**arrays, RECIPE: recipe, ACCURACY: np.array(accuracy(arrays, recipe))}


def torch_training(case: Case) -> Arrays:
    """torch.optim.SGD on torch's cross_entropy, with autograd."""
    torch, asked = torch_module(), case["arguments"]
    layers = torch_layers(asked["params"])
    X, y = (torch.tensor(given(asked[name])) for name in ("X", "y"))
    optimizer = torch.optim.SGD([part for layer in layers for part in layer], lr=asked["lr"])
    for _ in range(asked["steps"]):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(torch_network(layers, X), y).backward()
        optimizer.step()
    return with_accuracy(case, [[part.detach().numpy() for part in layer] for layer in layers])


def library_training(case: Case) -> Arrays:
    """The course's own MLP, all parameters in one flat vector."""
    asked = case["arguments"]
    X, y = given(asked["X"]), given(asked["y"])
    sizes = [X.shape[1], *(len(b) for _, b in asked["params"])]
    flat = np.concatenate([part.ravel() for layer in asked["params"] for part in layer])
    network = MLP(sizes, rng=np.random.default_rng(0)).at(flat)
    for _ in range(asked["steps"]):
        _, grad = network.loss_and_gradient(X, y, softmax_cross_entropy)
        network.theta -= asked["lr"] * grad
    return with_accuracy(case, network.layers)


# ---------------------------------------------------------------------------------------------
# The sources of each exercise.
# ---------------------------------------------------------------------------------------------


def by_fractions(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare a source in exact fractions."""
    return Source("fractions", f"{says}, in exact fractions", compute)


def by_torch(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare a PyTorch source."""
    return Source("PyTorch", says, compute, "torch")


AUTOGRAD = "torch.autograd through torch.nn.functional.linear and torch.relu"
FORWARD = "every single number followed forward through the network"

ORACLES: dict[str, tuple[Source, ...]] = {
    "activation_derivatives": (
        Source(
            "closed form",
            "one over squared hyperbolic cosines, and e^z, in 50-digit arithmetic",
            slopes_closed,
        ),
        by_torch(torch_slopes, "torch.autograd on PyTorch's five activations"),
    ),
    "elementwise_jacobian": (
        by_fractions(elementwise_columns, "unit vectors pushed through the elementwise product"),
        by_torch(torch_elementwise, "torch.autograd.functional.jacobian of an elementwise product"),
    ),
    "softmax_jacobian": (
        by_fractions(softmax_quotients, "the quotient rule with unnormalised numerators"),
        by_torch(torch_softmax, "torch.autograd.functional.jacobian of softmax at log p"),
    ),
    "linear_jacobian": (
        by_fractions(linear_columns, "unit vectors pushed through W"),
        by_torch(torch_linear_table, "torch.autograd.functional.jacobian of a linear layer"),
    ),
    "linear_forward": (
        by_fractions(linear_forward_fractions, "sums of products"),
        by_torch(torch_linear_forward, "torch.nn.functional.linear"),
    ),
    "trace_layer": (
        by_fractions(trace_fractions, FORWARD),
        by_torch(torch_trace, AUTOGRAD),
    ),
    "linear_backward": (
        by_fractions(linear_backward_fractions, FORWARD),
        by_torch(torch_linear_backward, "torch.autograd through torch.nn.functional.linear"),
    ),
    "relu_forward": (
        by_fractions(relu_forward_fractions, "comparison with 0"),
        by_torch(torch_relu_forward, "torch.relu"),
    ),
    "relu_backward": (
        by_fractions(relu_backward_fractions, "differences to the left of max(0, z)"),
        by_torch(torch_relu_backward, "torch.autograd through torch.relu"),
    ),
    "mlp_forward": (
        by_fractions(mlp_forward_fractions, "sums of products and comparisons with 0"),
        by_torch(torch_mlp_forward, "torch.nn.functional.linear and torch.relu in turn"),
    ),
    "mlp_backward": (
        by_fractions(mlp_backward_fractions, FORWARD),
        by_torch(torch_mlp_backward, AUTOGRAD),
    ),
    "train_digits": (
        Source(
            "flat network",
            "the package's own MLP with one flat vector of parameters, the whole run",
            library_training,
        ),
        by_torch(torch_training, "torch.optim.SGD with autograd, the whole run"),
    ),
    "repaired_gradients": (
        by_fractions(mlp_backward_fractions, FORWARD),
        by_torch(torch_mlp_backward, AUTOGRAD),
    ),
}
