"""Independent sources of the exercises of 05_momentum, for the oracle ledger.

None of them holds the recurrence that learners write. Closed forms write each memory as one
weighted sum over all gradients with 50 digits; PyTorch runs its own SGD, which is form 1. Forms
with lr inside the memory come from PyTorch by handing it lr times the gradient. The best setting
comes from a bisection on Jury's conditions for the roots of the characteristic polynomial.
"""

import importlib
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.closed_forms import MP, as_floats, constants, exact, rows, walked, weighted
from autograder.library_runs import torch_run
from autograder.oracles import Arrays, Source
from downslope.drivers import Case

Update = dict[str, Any]
FORM_1 = {"m": "momentum_buffer"}
# PyTorch keeps no buffer at momentum 0. The smallest number there is changes no digit beside 1.
LEAST = 5e-324

# ---------------------------------------------------------------------------------------------
# Momentum: weighted sums, and torch.optim.SGD.
# ---------------------------------------------------------------------------------------------


def decaying_sum(start: np.ndarray, rho: Any, inputs: Any) -> Any:
    """Return sum rho^(t-i) x_i + rho^(t+1) start, for every update t."""
    oldest = np.array([[rho ** (t + 1)] for t in range(len(inputs))], dtype=object)
    return weighted(lambda t, i: rho ** (t - i), inputs) + oldest * exact(start)


def momentum_closed(case: Case) -> Arrays:
    """Form 1: m is one sum, theta its start minus all steps."""
    (rho,) = constants(case, "rho")
    m = decaying_sum(case["start"]["m"], rho, rows(case, "grad"))
    return walked(case, rows(case, "lr") * m, m=m)


def velocity_closed(case: Case) -> Arrays:
    """Form 2: v is one sum of steps."""
    (rho,) = constants(case, "rho")
    v = decaying_sum(case["start"]["v"], rho, -rows(case, "lr") * rows(case, "grad"))
    return walked(case, -v, v=v)


def torch_momentum(case: Case) -> Arrays:
    """torch.optim.SGD with its momentum buffer set."""
    return torch_run(case, "SGD", FORM_1, momentum_of(case))


def pushed(case: Case, place: str, grads: list[np.ndarray]) -> Case:
    """Make a case of form 1 with lr 1 whose memory is minus the velocity."""
    updates = [
        {"grad": update["lr"] * grad, "lr": 1.0}
        for update, grad in zip(case["updates"], grads, strict=True)
    ]
    start = {"theta": case["start"][place], "m": -case["start"]["v"]}
    return {"label": case["label"], "start": start, "updates": updates}


def torch_velocity(case: Case) -> Arrays:
    """torch.optim.SGD at lr 1 on lr times the gradient: its buffer is minus the velocity."""
    grads = [update["grad"] for update in case["updates"]]
    run = torch_run(pushed(case, "theta", grads), "SGD", FORM_1, momentum_of(case))
    return {"theta": run["theta"], "v": -run["m"]}


def momentum_of(case: Case) -> Update:
    """Return torch's options for the rho of a case."""
    return {"momentum": max(float(case["updates"][0]["rho"]), LEAST)}


# ---------------------------------------------------------------------------------------------
# Nesterov: torch's nesterov=True works at the shifted point.
# ---------------------------------------------------------------------------------------------


def shifted_closed(case: Case) -> Arrays:
    """Nesterov, shifted: theta follows form 2, phi lies rho v ahead of it."""
    (rho,) = constants(case, "rho")
    v0 = exact(case["start"]["v"])
    v = decaying_sum(case["start"]["v"], rho, -rows(case, "lr") * rows(case, "grad"))
    theta = exact(case["start"]["phi"]) - rho * v0 + weighted(lambda _t, _i: MP.one, v)
    return as_floats(phi=theta + rho * v, v=v)


def torch_shifted(case: Case) -> Arrays:
    """torch.optim.SGD with nesterov=True at lr 1 on lr times the gradient."""
    grads = [update["grad"] for update in case["updates"]]
    run = torch_run(
        pushed(case, "phi", grads), "SGD", FORM_1, {**momentum_of(case), "nesterov": True}
    )
    return {"phi": run["theta"], "v": -run["m"]}


def bowl_of(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Return Hessian and minimum of a case's probe."""
    grad_fn = case["updates"][0]["grad_fn"]
    return np.asarray(grad_fn["hessian"]), np.asarray(grad_fn["minimum"])


def nesterov_augmented(case: Case) -> Arrays:
    """Nesterov on a bowl as one linear map of (error, v), with 50 digits."""
    hessian, minimum = bowl_of(case)
    H, centre = exact(hessian), exact(minimum)
    (rho,) = constants(case, "rho")
    eye = exact(np.eye(len(H)))
    state = np.concatenate([exact(case["start"]["theta"]) - centre, exact(case["start"]["v"])])
    history = []
    for update in case["updates"]:
        lr = MP.mpf(update["lr"])
        below = np.hstack([-lr * H, rho * (eye - lr * H)])
        state = np.vstack([np.hstack([eye, 0 * eye]) + below, below]) @ state
        history.append(state)
    states = np.stack(history)
    size = len(H)
    return as_floats(theta=states[:, :size] + centre, v=states[:, size:])


def torch_nesterov(case: Case) -> Arrays:
    """torch.optim.SGD with nesterov=True, its gradients by autograd, read back to theta."""
    torch: Any = importlib.import_module("torch")
    hessian, minimum = map(torch.tensor, bowl_of(case))
    rho = momentum_of(case)["momentum"]
    start = torch.tensor(case["start"]["v"])
    phi = (torch.tensor(case["start"]["theta"]) + rho * start).requires_grad_()
    optimizer = torch.optim.SGD([phi], lr=1.0, momentum=rho, nesterov=True)
    optimizer.state[phi]["momentum_buffer"] = -start
    history = []
    for update in case["updates"]:
        optimizer.zero_grad()
        away = phi - minimum
        (update["lr"] * (away @ hessian @ away) / 2).backward()
        optimizer.step()
        v = -optimizer.state[phi]["momentum_buffer"]
        history.append(((phi.detach() - rho * v).numpy().copy(), v.numpy().copy()))
    theta, v = (np.stack(column) for column in zip(*history, strict=True))
    return {"theta": theta, "v": v}


# ---------------------------------------------------------------------------------------------
# Averages.
# ---------------------------------------------------------------------------------------------


def ema_closed(case: Case) -> Arrays:
    """L2's sum (1 - beta) sum beta^(k-t) S^t."""
    values = case["arguments"]["values"]
    beta = MP.mpf(case["arguments"]["beta"])
    flat = exact(values.reshape(len(values), -1))
    found = (1 - beta) * weighted(lambda k, t: beta ** (k - t), flat)
    return {"averages": as_floats(a=found)["a"].reshape(values.shape)}


def torch_ema(case: Case) -> Arrays:
    """torch.optim.SGD with dampening: its buffer, set to zero, is the average."""
    values, beta = case["arguments"]["values"], float(case["arguments"]["beta"])
    flat = values.reshape(len(values), -1)
    updates = [{"grad": row, "lr": 1.0} for row in flat]
    start = {"theta": np.zeros(flat.shape[1]), "m": np.zeros(flat.shape[1])}
    run = {"label": "", "start": start, "updates": updates}
    found = torch_run(run, "SGD", FORM_1, {"momentum": max(beta, LEAST), "dampening": beta})
    return {"averages": found["m"].reshape(values.shape)}


def weights_closed(case: Case) -> Arrays:
    """(1 - beta) times a power, with 50 digits."""
    T, beta = case["arguments"]["T"], MP.mpf(case["arguments"]["beta"])
    return as_floats(weights=np.array([(1 - beta) * beta ** (T - 1 - i) for i in range(T)]))


def weights_fractions(case: Case) -> Arrays:
    """What an average of unit series holds, in exact fractions, from the newest value back."""
    left, beta = Fraction(1), Fraction(case["arguments"]["beta"])
    found = []
    for _ in range(case["arguments"]["T"]):
        found.append(float(left - left * beta))
        left *= beta
    return {"weights": np.array(found[::-1])}


def rate_fraction(case: Case) -> Arrays:
    """An exact quotient."""
    lr, rho = (Fraction(case["arguments"][name]) for name in ("lr", "rho"))
    return {"lr": np.array(float(lr / (1 - rho)))}


def rate_series(case: Case) -> Arrays:
    """Lr times the sum 1 + rho + rho² + ..., added up until nothing changes, with 50 digits."""
    lr, rho = (MP.mpf(case["arguments"][name]) for name in ("lr", "rho"))
    total, term = MP.zero, MP.one
    while term > MP.mpf(10) ** -45:
        total, term = total + term, term * rho
    return {"lr": np.array(float(lr * total))}


# ---------------------------------------------------------------------------------------------
# The matrix, and the best setting.
# ---------------------------------------------------------------------------------------------


def matrix_closed(case: Case) -> Arrays:
    """The columns as what one closed-form update makes of (1, 0) and of (0, 1)."""
    c, lr, rho = (case["arguments"][name] for name in ("curvature", "lr", "rho"))
    columns = []
    for m, error in np.eye(2):
        update = {"grad": np.array([c * error]), "lr": lr, "rho": rho}
        start = {"theta": np.array([error]), "m": np.array([m])}
        new = momentum_closed({"label": "", "start": start, "updates": [update]})
        columns.append([new["m"][0, 0], new["theta"][0, 0]])
    return {"matrix": np.array(columns).T}


def torch_matrix(case: Case) -> Arrays:
    """The columns as what torch.optim.SGD makes of (1, 0) and of (0, 1)."""
    c, lr, rho = (float(case["arguments"][name]) for name in ("curvature", "lr", "rho"))
    update = {"grad": np.array([0.0, c]), "lr": lr, "rho": rho}
    start = {"theta": np.array([0.0, 1.0]), "m": np.array([1.0, 0.0])}
    run = {"label": "", "start": start, "updates": [update]}
    new = torch_run(run, "SGD", FORM_1, momentum_of(run))
    return {"matrix": np.stack([new["m"][0], new["theta"][0]])}


def best_closed(case: Case) -> Arrays:
    """The condition number's closed form with 50 digits."""
    mu, L = (MP.mpf(case["arguments"][name]) for name in ("mu", "L"))
    lr = 4 / (mu + L + 2 * MP.sqrt(mu * L))
    return {"lr": np.array(float(lr)), "rho": np.array(float((1 - MP.sqrt(lr * mu)) ** 2))}


def best_by_bisection(case: Case) -> Arrays:
    """The smallest radius r whose Jury conditions leave an lr for both ends of the range.

    z² - (1 + rho - lr c) z + rho has both roots within r when rho <= r² and
    (1 - r)(1 - rho/r) <= lr c <= (1 + r)(1 + rho/r). The widest range of c is at rho = r².
    """
    mu, L = (MP.mpf(case["arguments"][name]) for name in ("mu", "L"))
    low, high = MP.zero, MP.one
    for _ in range(160):
        r = (low + high) / 2
        enough = (1 + r) * (1 + r) * mu >= (1 - r) * (1 - r) * L
        low, high = (low, r) if enough else (r, high)
    return {"lr": np.array(float((1 - high) ** 2 / mu)), "rho": np.array(float(high**2))}


def annealed_fraction(case: Case) -> Arrays:
    """A mix of both ends in exact fractions."""
    given = {"start": 0.5, "end": 0.99, **case["arguments"]}
    start, end = Fraction(given["start"]), Fraction(given["end"])
    share = min(Fraction(given["t"], given["total"]), Fraction(1))
    return {"rho": np.array(float((1 - share) * start + share * end))}


def annealed_by_walking(case: Case) -> Arrays:
    """Equal small rises, added up one by one with 50 digits."""
    given = {"start": 0.5, "end": 0.99, **case["arguments"]}
    rise = (MP.mpf(given["end"]) - MP.mpf(given["start"])) / given["total"]
    rises = [rise] * min(given["t"], given["total"])
    return {"rho": np.array(float(MP.mpf(given["start"]) + MP.fsum(rises)))}


# ---------------------------------------------------------------------------------------------
# The table by hand.
# ---------------------------------------------------------------------------------------------


def table_fractions(case: Case) -> Arrays:
    """The recurrence of theta alone: theta'' = (1 + rho - lr) theta' - rho theta, exact."""
    del case
    thetas = [Fraction(8), Fraction(8)]
    for _ in range(3):
        thetas.append(thetas[-1] - thetas[-2] / 2)
    theta = np.array([float(value) for value in thetas])
    return {"g": theta[1:4].copy(), "m": -2 * np.diff(theta[1:]), "theta": theta[2:].copy()}


def table_torch(case: Case) -> Arrays:
    """torch.optim.SGD on theta²/2."""
    del case
    torch: Any = importlib.import_module("torch")
    theta = torch.tensor(8.0, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=0.5, momentum=0.5)
    history = []
    for _ in range(3):
        optimizer.zero_grad()
        (theta**2 / 2).backward()
        optimizer.step()
        m = optimizer.state[theta]["momentum_buffer"]
        history.append((float(theta.grad), float(m), float(theta)))
    return dict(zip(("g", "m", "theta"), np.array(history).T.copy(), strict=True))


def closed(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare a closed form."""
    return Source("closed form", f"{says}, in 50-digit arithmetic", compute)


def by_torch(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare a PyTorch source."""
    return Source("PyTorch", says, compute, "torch")


def fractions(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare exact fractions."""
    return Source("fractions", says, compute)


NESTEROV = (
    closed(nesterov_augmented, "one linear map of (error, v) on a bowl"),
    by_torch(torch_nesterov, "torch.optim.SGD with nesterov=True and autograd, read back to theta"),
)

ORACLES: dict[str, tuple[Source, ...]] = {
    "momentum_step": (
        closed(momentum_closed, "m as one weighted sum of all gradients"),
        by_torch(torch_momentum, "torch.optim.SGD with momentum, its buffer set before the run"),
    ),
    "velocity_step": (
        closed(velocity_closed, "v as one weighted sum of all steps"),
        by_torch(torch_velocity, "torch.optim.SGD at lr 1 on lr times the gradient"),
    ),
    "nesterov_step": NESTEROV,
    "nesterov_step_shifted": (
        closed(shifted_closed, "theta as a sum of all velocities, phi rho v ahead"),
        by_torch(
            torch_shifted, "torch.optim.SGD with nesterov=True at lr 1 on lr times the gradient"
        ),
    ),
    "trace_momentum": (
        fractions(table_fractions, "the recurrence of theta alone"),
        by_torch(table_torch, "torch.optim.SGD on theta²/2"),
    ),
    "repaired_nesterov_step": NESTEROV,
    "ema": (
        closed(ema_closed, "L2's sum over all values"),
        by_torch(torch_ema, "the buffer of torch.optim.SGD with dampening"),
    ),
    "ema_weights": (
        closed(weights_closed, "a share times a power"),
        fractions(weights_fractions, "what is left of 1, value by value from the newest back"),
    ),
    "equivalent_ema_lr": (
        fractions(rate_fraction, "an exact quotient"),
        Source("series", "lr times 1 + rho + rho² + ..., 50 digits", rate_series),
    ),
    "momentum_matrix": (
        closed(matrix_closed, "what one closed-form update makes of two unit states"),
        by_torch(torch_matrix, "what torch.optim.SGD makes of two unit states"),
    ),
    "optimal_momentum": (
        closed(best_closed, "the formula with the product of the roots"),
        Source("bisection", "Jury's conditions for both ends, 50 digits", best_by_bisection),
    ),
    "annealed_momentum": (
        fractions(annealed_fraction, "a mix of both ends"),
        Source("walking", "equal rises added one by one, 50 digits", annealed_by_walking),
    ),
}
