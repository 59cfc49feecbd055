"""Independent sources of the exercises of 01_gradients, for the oracle ledger.

The losses are worked out with 50 digits straight from L0's formulas, nothing rewritten, and their
gradients are measured as slopes of those; PyTorch has its own losses and its own derivatives.
Everything about quadratics comes from powers of matrices, from exact fractions, or from PyTorch.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.closed_forms import MP, as_floats, exact
from autograder.oracles import Arrays, Source
from downslope.drivers import Case

Row = Sequence[Any]
WIDE: Any = MP.clone()
WIDE.dps = 600  # e^(-1000) beside 1 needs 434 digits: formulas as they stand, nothing lost


def arguments(case: Case) -> dict[str, Any]:
    """Return the arguments of a case's call."""
    found: dict[str, Any] = case["arguments"]
    return found


# ---------------------------------------------------------------------------------------------
# Losses with many digits, gradients as measured slopes.
# ---------------------------------------------------------------------------------------------


def measured(context: Any, loss: Callable[[Row, int], Any], inputs: np.ndarray) -> Arrays:
    """Return the mean of a loss over the rows and its slopes by central differences.

    Args:
        context: arithmetic with many digits.
        loss: of one row of inputs and its number.
        inputs: `(N, K)`.
    """
    numbers = [[context.mpf(float(value)) for value in row] for row in inputs]
    step = context.mpf(10) ** -20
    total = context.fsum(loss(row, i) for i, row in enumerate(numbers))
    slopes = np.empty(inputs.shape)
    for i, k in np.ndindex(inputs.shape):
        sides = []
        for sign in (1, -1):
            moved = list(numbers[i])
            moved[k] += sign * step
            sides.append(loss(moved, i))
        slopes[i, k] = float((sides[0] - sides[1]) / (2 * step * len(inputs)))
    return {"loss": np.array(float(total / len(inputs))), "grad": slopes}


def l2_measured(case: Case) -> Arrays:
    """The squared distance and its slopes."""
    target = exact(arguments(case)["target"])

    def loss(row: Row, i: int) -> Any:
        return MP.fsum((p - y) ** 2 for p, y in zip(row, target[i], strict=True))

    return measured(MP, loss, arguments(case)["prediction"])


def l1_measured(case: Case) -> Arrays:
    """The distances and their slopes; at a corner the two sides cancel to 0."""
    target = exact(arguments(case)["target"])

    def loss(row: Row, i: int) -> Any:
        return MP.fsum(abs(p - y) for p, y in zip(row, target[i], strict=True))

    return measured(MP, loss, arguments(case)["prediction"])


def logistic_measured(case: Case) -> Arrays:
    """L0's formula with the sigmoid as it stands."""
    labels = arguments(case)["label"]

    def loss(row: Row, i: int) -> Any:
        share = 1 / (1 + WIDE.exp(-row[0]))
        return -WIDE.log(share if labels[i] else 1 - share)

    found = measured(WIDE, loss, arguments(case)["logit"][:, None])
    return {**found, "grad": found["grad"][:, 0]}


def softmax_measured(case: Case) -> Arrays:
    """L0's formula with the quotient as it stands."""
    labels = arguments(case)["labels"]

    def loss(row: Row, i: int) -> Any:
        powers = [MP.exp(value) for value in row]
        return -MP.log(powers[labels[i]] / MP.fsum(powers))

    return measured(MP, loss, arguments(case)["logits"])


def regression_fractions(case: Case, *, squared: bool) -> Arrays:
    """The loss in exact fractions; grad by the rule for squares or for absolute values."""
    prediction, target = (arguments(case)[name] for name in ("prediction", "target"))
    pairs = zip(prediction.ravel(), target.ravel(), strict=True)
    away = [Fraction(float(p)) - Fraction(float(y)) for p, y in pairs]
    n = len(prediction)
    if squared:
        loss, grad = sum(d * d for d in away), [2 * d for d in away]
    else:
        loss, grad = sum(map(abs, away)), [Fraction((d > 0) - (d < 0)) for d in away]
    slopes = np.array([float(d / n) for d in grad]).reshape(prediction.shape)
    return {"loss": np.array(float(loss / n)), "grad": slopes}


def torch_loss(case: Case, name: str, compute: Callable[..., Any]) -> Arrays:
    """A loss of torch.nn.functional and its automatic derivative.

    Args:
        case: arguments of the exercise.
        name: the argument that the gradient is taken along.
        compute: from torch, that tensor and the other arguments to a tensor without axes.
    """
    import torch

    given = {key: torch.tensor(value) for key, value in arguments(case).items()}
    tensor = given.pop(name).requires_grad_()
    loss = compute(torch.nn.functional, tensor, *given.values())
    loss.backward()
    return {"loss": loss.detach().numpy(), "grad": tensor.grad.numpy()}


def torch_l2(case: Case) -> Arrays:
    """Torch's mse_loss, added up and divided by N."""

    def compute(functions: Any, prediction: Any, target: Any) -> Any:
        return functions.mse_loss(prediction, target, reduction="sum") / len(prediction)

    return torch_loss(case, "prediction", compute)


def torch_l1(case: Case) -> Arrays:
    """Torch's l1_loss, added up and divided by N."""

    def compute(functions: Any, prediction: Any, target: Any) -> Any:
        return functions.l1_loss(prediction, target, reduction="sum") / len(prediction)

    return torch_loss(case, "prediction", compute)


def torch_logistic(case: Case) -> Arrays:
    """Torch's binary_cross_entropy_with_logits."""

    def compute(functions: Any, logit: Any, label: Any) -> Any:
        return functions.binary_cross_entropy_with_logits(logit, label.double())

    return torch_loss(case, "logit", compute)


def torch_softmax(case: Case) -> Arrays:
    """Torch's cross_entropy."""

    def compute(functions: Any, logits: Any, labels: Any) -> Any:
        return functions.cross_entropy(logits, labels)

    return torch_loss(case, "logits", compute)


# ---------------------------------------------------------------------------------------------
# The bandit.
# ---------------------------------------------------------------------------------------------


def log_likelihood(lam: Any, outcomes: np.ndarray) -> Any:
    """Return the logarithm of the product of all probabilities."""
    return MP.log(MP.fprod(lam if one else 1 - lam for one in outcomes))


def nll_product(case: Case) -> Arrays:
    """The logarithm of the likelihood itself, a product."""
    lam, outcomes = MP.mpf(arguments(case)["lam"]), arguments(case)["outcomes"]
    return as_floats(loss=-log_likelihood(lam, outcomes) / len(outcomes))


def torch_nll(case: Case) -> Arrays:
    """Torch's binary_cross_entropy, with the same probability for every outcome."""
    import torch

    outcomes = torch.tensor(arguments(case)["outcomes"]).double()
    shares = torch.full_like(outcomes, arguments(case)["lam"])
    return {"loss": torch.nn.functional.binary_cross_entropy(shares, outcomes).numpy()}


def mle_fraction(case: Case) -> Arrays:
    """Ones over all, as an exact quotient."""
    outcomes = arguments(case)["outcomes"].tolist()
    return {"lam": np.array(float(Fraction(outcomes.count(1), len(outcomes))))}


def mle_search(case: Case) -> Arrays:
    """The top of the likelihood, found by cutting the interval in three again and again."""
    outcomes = arguments(case)["outcomes"]
    low, high = MP.mpf(0), MP.mpf(1)
    for _ in range(150):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if log_likelihood(left, outcomes) < log_likelihood(right, outcomes):
            low = left
        else:
            high = right
    return as_floats(lam=(low + high) / 2)


# ---------------------------------------------------------------------------------------------
# Slopes and errors.
# ---------------------------------------------------------------------------------------------


def shares(size: int) -> list[Any]:
    """Return the weights of the probes' entries: 1, then less and less."""
    return [1 - MP.mpf(i) / (2 * size) for i in range(size)]


def differences_of_formulas(case: Case) -> Arrays:
    """The central difference of each probe, simplified with a pencil before any number."""
    x, h = exact(arguments(case)["x"]), MP.mpf(arguments(case)["h"])
    flat, w = x.reshape(-1), shares(x.size)
    name = arguments(case)["f"]["probe"]
    if name == "cubic":
        slopes = [share * (3 * value**2 + h**2) for share, value in zip(w, flat, strict=True)]
    elif name == "sines":
        slopes = [w[i] * MP.cos(flat[i]) * MP.sin(h) / h for i in range(x.size)]
    else:
        phase = MP.fsum(share * value for share, value in zip(w, flat, strict=True))
        slopes = [MP.cos(phase) * MP.sin(share * h) / h for share in w]
    return as_floats(slopes=np.array(slopes, dtype=object).reshape(x.shape))


def probe_value(name: str, flat: list[Any]) -> Any:
    """Return a probe's value with 50 digits."""
    w = shares(len(flat))
    if name == "cubic":
        return MP.fsum(share * value**3 for share, value in zip(w, flat, strict=True))
    if name == "sines":
        return MP.fsum(share * MP.sin(value) for share, value in zip(w, flat, strict=True))
    return MP.sin(MP.fsum(share * value for share, value in zip(w, flat, strict=True)))


def differences_of_values(case: Case) -> Arrays:
    """Two one-sided differences with 50 digits, averaged."""
    x, h = arguments(case)["x"], MP.mpf(arguments(case)["h"])
    flat, name = list(exact(x).reshape(-1)), arguments(case)["f"]["probe"]
    middle, slopes = probe_value(name, flat), []
    for i in range(len(flat)):
        ahead = probe_value(name, [*flat[:i], flat[i] + h, *flat[i + 1 :]])
        behind = probe_value(name, [*flat[:i], flat[i] - h, *flat[i + 1 :]])
        slopes.append(((ahead - middle) / h + (middle - behind) / h) / 2)
    return as_floats(slopes=np.array(slopes, dtype=object).reshape(x.shape))


def error_fractions(case: Case) -> Arrays:
    """Each ratio as an exact fraction."""
    a, b = (arguments(case)[name].ravel().tolist() for name in "ab")
    ratios = []
    for one, other in zip(map(Fraction, a), map(Fraction, b), strict=True):
        ratios.append(abs(one - other) / max(Fraction(1, 10**8), abs(one) + abs(other)))
    return {"error": np.array(float(max(ratios)))}


def error_digits(case: Case) -> Arrays:
    """The worst ratio by comparing products: the largest r with |a - b| >= r times the size."""
    a, b = (exact(arguments(case)[name]).reshape(-1) for name in "ab")
    gaps = [abs(one - other) for one, other in zip(a, b, strict=True)]
    sizes = [max(MP.mpf(10) ** -8, abs(p) + abs(q)) for p, q in zip(a, b, strict=True)]
    low, high = MP.mpf(0), MP.mpf(2)
    for _ in range(120):
        middle = (low + high) / 2
        reached = any(gap >= middle * size for gap, size in zip(gaps, sizes, strict=True))
        low, high = (middle, high) if reached else (low, middle)
    return as_floats(error=low)


# ---------------------------------------------------------------------------------------------
# Steps and quadratics.
# ---------------------------------------------------------------------------------------------


def ball_by_pressure(case: Case) -> Arrays:
    """Lagrange: the step is -grad over a pressure, which is found by bisection on the length."""
    grad, radius = exact(arguments(case)["grad"]), MP.mpf(arguments(case)["radius"])
    if not any(grad):
        return {"step": np.zeros(len(grad))}
    low, high = MP.mpf(0), MP.fsum(abs(g) for g in grad) / radius + 1
    for _ in range(180):
        pressure = (low + high) / 2
        longer = MP.fsum((g / pressure) ** 2 for g in grad) > radius**2
        low, high = (pressure, high) if longer else (low, pressure)
    return as_floats(step=-grad / high)


def torch_ball(case: Case) -> Arrays:
    """torch.nn.functional.normalize, times minus the radius."""
    import torch

    unit = torch.nn.functional.normalize(torch.tensor(arguments(case)["grad"]), dim=0)
    return {"step": (-arguments(case)["radius"] * unit).numpy()}


def path_by_formula(case: Case) -> Arrays:
    """Powers of (1 - lr H) for bowls; for the other probes the recurrence with 50 digits."""
    given = arguments(case)
    start, lr, steps = exact(given["theta0"]), MP.mpf(given["lr"]), given["steps"]
    if given["grad_fn"]["probe"] == "shifted_quadratic_gradient":
        minimum = exact(given["grad_fn"]["minimum"])
        update = MP.eye(len(start)) - lr * MP.matrix(given["grad_fn"]["hessian"].tolist())
        error = MP.matrix(list(start - minimum))
        rows = [minimum + np.array(list(update**t * error), dtype=object) for t in range(steps + 1)]
        return as_floats(path=np.array(rows, dtype=object))
    rows = [start]
    for _ in range(steps):
        slopes = probe_slopes(given["grad_fn"]["probe"], list(rows[-1]))
        rows.append(rows[-1] - lr * np.array(slopes, dtype=object))
    return as_floats(path=np.array(rows, dtype=object))


def probe_slopes(name: str, flat: list[Any]) -> list[Any]:
    """Return a gradient probe's value, as slopes of the probe that it belongs to."""
    of, step, slopes = name.removesuffix("_gradient"), MP.mpf(10) ** -20, []
    for i in range(len(flat)):
        ahead = probe_value(of, [*flat[:i], flat[i] + step, *flat[i + 1 :]])
        behind = probe_value(of, [*flat[:i], flat[i] - step, *flat[i + 1 :]])
        slopes.append((ahead - behind) / (2 * step))
    return slopes


def torch_path(case: Case) -> Arrays:
    """torch.optim.SGD, with the gradients of the probe's own formula by torch's derivative."""
    import torch

    given = arguments(case)
    name, theta = given["grad_fn"]["probe"], torch.tensor(given["theta0"]).requires_grad_()
    weights = 1 - torch.arange(len(theta)).double() / (2 * len(theta))

    def loss() -> Any:
        if name == "shifted_quadratic_gradient":
            hessian, minimum = (torch.tensor(given["grad_fn"][k]) for k in ("hessian", "minimum"))
            return (theta - minimum) @ hessian @ (theta - minimum) / 2
        if name == "cubic_gradient":
            return (weights * theta**3).sum()
        return torch.sin((weights * theta).sum())

    optimizer = torch.optim.SGD([theta], lr=given["lr"])
    rows = [theta.detach().numpy().copy()]
    for _ in range(given["steps"]):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        rows.append(theta.detach().numpy().copy())
    return {"path": np.array(rows)}


def critical_eigenvalue(case: Case) -> Arrays:
    """Eigenvalues by mpmath, with 50 digits."""
    values = MP.eigsy(MP.matrix(arguments(case)["hessian"].tolist()), eigvals_only=True)
    return as_floats(lr=2 / max(values))


def above(hessian: np.ndarray, border: Fraction) -> int:
    """Count the eigenvalues above a border by the signs of pivots, in exact fractions.

    Sylvester's law of inertia: elimination of H - border keeps the number of positive ones.
    """
    size = len(hessian)
    rows = [[Fraction(float(value)) for value in row] for row in hessian]
    rows = [[v - border * (i == k) for k, v in enumerate(row)] for i, row in enumerate(rows)]
    positive = 0
    for i in range(size):
        pivot = rows[i][i]
        positive += pivot > 0
        for below in range(i + 1, size):
            factor = rows[below][i] / pivot if pivot else Fraction(0)
            rows[below] = [v - factor * w for v, w in zip(rows[below], rows[i], strict=True)]
    return positive


def critical_by_counting(case: Case) -> Arrays:
    """The largest eigenvalue, by halving an interval and counting how many lie above."""
    hessian = arguments(case)["hessian"]
    low, high = Fraction(0), Fraction(float(np.abs(hessian).sum()))
    for _ in range(70):
        middle = (low + high) / 2
        low, high = (middle, high) if above(hessian, middle) else (low, middle)
    return {"lr": np.array(float(2 / high))}


def torch_critical(case: Case) -> Arrays:
    """torch.linalg.eigvalsh."""
    import torch

    values = torch.linalg.eigvalsh(torch.tensor(arguments(case)["hessian"]))
    return {"lr": (2 / values.max()).numpy()}


def as_word(case: Case, word: str) -> Arrays:
    """Write a word as the driver does: its place among the words."""
    return {"answer": np.array(float(case["words"].index(word)))}


def word_by_counting(case: Case) -> Arrays:
    """Count eigenvalues beyond the borders 0, 1/lr and 2/lr, exactly."""
    hessian, rate = arguments(case)["hessian"], Fraction(arguments(case)["lr"])
    falling = above(-hessian, Fraction(0))
    if falling or above(hessian, 2 / rate):
        return as_word(case, "diverges")
    if above(hessian, 1 / rate):
        return as_word(case, "oscillates")
    slow = above(-hessian, -(Fraction(1) - Fraction(0.95)) / rate)
    return as_word(case, "slow" if slow else "converges")


def word_by_running(case: Case) -> Arrays:
    """Watch gradient descent along each eigenvector, as mpmath finds them."""
    hessian, lr = MP.matrix(arguments(case)["hessian"].tolist()), MP.mpf(arguments(case)["lr"])
    _, axes = MP.eigsy(hessian)
    moves = []
    for k in range(hessian.rows):
        axis = axes[:, k]
        moved = axis - lr * (hessian * axis)
        moves.append(MP.fsum(axis[i] * moved[i] for i in range(hessian.rows)))
    room = MP.mpf(10) ** -40
    if any(abs(move) > 1 + room for move in moves):
        return as_word(case, "diverges")
    if any(move < -room for move in moves):
        return as_word(case, "oscillates")
    return as_word(case, "slow" if max(moves) > 0.95 else "converges")


def table_powers(case: Case) -> Arrays:
    """The table from the factors 1/4 and -1/2, in fractions."""
    del case
    w1 = [16 * Fraction(1, 4) ** t for t in range(4)]
    w2 = [8 * Fraction(-1, 2) ** t for t in range(4)]
    loss = [a * a + 2 * b * b for a, b in zip(w1, w2, strict=True)]
    rows = {"w1": w1, "w2": w2, "loss": loss}
    return {name: np.array([float(value) for value in row]) for name, row in rows.items()}


def torch_table(case: Case) -> Arrays:
    """The table from torch.optim.SGD."""
    del case
    import torch

    theta = torch.tensor([16.0, 8.0], dtype=torch.float64, requires_grad=True)
    optimizer, rows = torch.optim.SGD([theta], lr=0.375), []
    for _ in range(4):
        optimizer.zero_grad()
        loss = theta[0] ** 2 + 2 * theta[1] ** 2
        rows.append([*theta.tolist(), loss.item()])
        loss.backward()
        optimizer.step()
    w1, w2, losses = np.array(rows).T
    return {"w1": w1, "w2": w2, "loss": losses}


def line_fractions(case: Case) -> Arrays:
    """The line's gradient from sums of products, in exact fractions."""
    a, b = map(Fraction, arguments(case)["theta"].tolist())
    x, y = (list(map(Fraction, arguments(case)[name].tolist())) for name in "xy")
    pairs = list(zip(x, y, strict=True))
    xx, xy = sum(p * p for p in x), sum(p * q for p, q in pairs)
    along = [a * xx + b * sum(x) - xy, a * sum(x) + b * len(x) - sum(y)]
    return {"grad": np.array([float(2 * value / len(x)) for value in along])}


def torch_line(case: Case) -> Arrays:
    """Torch's derivative of its mse_loss."""
    import torch

    given = {key: torch.tensor(value) for key, value in arguments(case).items()}
    theta = given["theta"].requires_grad_()
    fitted = theta[0] * given["x"] + theta[1]
    torch.nn.functional.mse_loss(fitted, given["y"]).backward()
    return {"grad": theta.grad.numpy()}


# ---------------------------------------------------------------------------------------------
# The sources of each exercise.
# ---------------------------------------------------------------------------------------------


def by_torch(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare a PyTorch source."""
    return Source("PyTorch", says, compute, "torch")


def fractions(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare a source in exact fractions."""
    return Source("fractions", says, compute)


def slopes_of(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare a loss with many digits whose gradient is measured."""
    return Source("measured slopes", says, compute)


ORACLES: dict[str, tuple[Source, ...]] = {
    "l2_loss": (
        slopes_of(l2_measured, "L0's formula with 50 digits; grad by differences of it"),
        fractions(lambda case: regression_fractions(case, squared=True), "exact fractions"),
        by_torch(torch_l2, "mse_loss added up, over N, and its automatic derivative"),
    ),
    "l1_loss": (
        slopes_of(l1_measured, "L0's formula with 50 digits; grad by differences of it"),
        fractions(lambda case: regression_fractions(case, squared=False), "exact fractions"),
        by_torch(torch_l1, "l1_loss added up, over N, and its automatic derivative"),
    ),
    "logistic_loss": (
        slopes_of(logistic_measured, "L0's formula as it stands, 600 digits, and differences"),
        by_torch(torch_logistic, "binary_cross_entropy_with_logits and its derivative"),
    ),
    "softmax_cross_entropy": (
        slopes_of(softmax_measured, "L0's formula as it stands, 50 digits, and differences"),
        by_torch(torch_softmax, "cross_entropy and its derivative"),
    ),
    "bernoulli_nll": (
        Source("likelihood", "the logarithm of the product, in 50-digit arithmetic", nll_product),
        by_torch(torch_nll, "binary_cross_entropy"),
    ),
    "bernoulli_mle": (
        fractions(mle_fraction, "ones over all"),
        Source("search", "the top of the likelihood, searched for with 50 digits", mle_search),
    ),
    "numerical_gradient": (
        Source("closed form", "each probe's difference, simplified first", differences_of_formulas),
        Source("one-sided", "mean of two one-sided differences, 50 digits", differences_of_values),
    ),
    "relative_error": (
        fractions(error_fractions, "each ratio as an exact fraction"),
        Source("bisection", "the largest ratio that an element reaches, 50 digits", error_digits),
    ),
    "best_step_in_ball": (
        Source("Lagrange", "the multiplier by bisection, in 50-digit arithmetic", ball_by_pressure),
        by_torch(torch_ball, "torch.nn.functional.normalize"),
    ),
    "gradient_descent": (
        Source("matrix powers", "powers of 1 - lr H; else measured slopes", path_by_formula),
        by_torch(torch_path, "torch.optim.SGD on the probe's own formula"),
    ),
    "critical_learning_rate": (
        Source("mpmath", "eigenvalues with 50 digits", critical_eigenvalue),
        fractions(critical_by_counting, "eigenvalues counted by the signs of exact pivots"),
        by_torch(torch_critical, "torch.linalg.eigvalsh"),
    ),
    "diagnose_learning_rate": (
        fractions(word_by_counting, "eigenvalues counted by the signs of exact pivots"),
        Source(
            "one update", "what an update does along each eigenvector, 50 digits", word_by_running
        ),
    ),
    "trace_descent": (
        fractions(table_powers, "powers of the two factors"),
        by_torch(torch_table, "torch.optim.SGD"),
    ),
    "repaired_line_gradient": (
        fractions(line_fractions, "the normal equations in exact fractions"),
        by_torch(torch_line, "the derivative of mse_loss"),
    ),
}
