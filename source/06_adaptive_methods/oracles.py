"""Independent sources of the exercises of 06_adaptive_methods, for the oracle ledger.

None of them holds the recurrence that learners write. A closed form writes every moment as one
weighted sum over all gradients so far, and theta as its start minus the sum of all steps, with 50
digits. PyTorch and optax run their own optimizers; lr changes between two updates, and a run that
starts in the middle gets its state set.
"""

from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.closed_forms import (
    MP,
    as_floats,
    constants,
    exact,
    root,
    rows,
    running_mean,
    sign,
    sum_of_weights,
    total,
    walked,
    weighted,
)
from autograder.library_runs import import_optax, optax_run, torch_run
from autograder.oracles import Arrays, Source
from downslope.drivers import Case

Update = dict[str, Any]

# After a million updates beta**t is 0 in any precision: Adam then corrects nothing.
LATE = 1_000_000
# So small that adding it to a root changes no digit of 50, yet 0 / (0 + TINY) is 0.
TINY = 1e-90

# ---------------------------------------------------------------------------------------------
# Closed forms.
# ---------------------------------------------------------------------------------------------


def factors(case: Case, beta: Any, *, ahead: int = 0) -> Any:
    """Return one over the sum of the weights of t gradients, for the t of every update."""
    counts = [update["t"] + ahead for update in case["updates"]]
    return np.array([[1 / sum_of_weights(beta, count)] for count in counts], dtype=object)


def sign_closed(case: Case) -> Arrays:
    """Sign descent: counts of ups and downs, each times its lr."""
    return walked(case, rows(case, "lr") * sign(rows(case, "grad")))


def sign_limit(case: Case) -> Arrays:
    """Sign descent as RMSProp without memory and with an eps that has all but vanished."""
    grad = rows(case, "grad")
    return walked(case, rows(case, "lr") * grad / (root(grad * grad) + MP.mpf(TINY)))


def adagrad_closed(case: Case) -> Arrays:
    """Adagrad: v is the start plus the sum of all squares."""
    grad, (eps,) = rows(case, "grad"), constants(case, "eps")
    v = exact(case["start"]["v"]) + total(grad**2)
    return walked(case, rows(case, "lr") * grad / (root(v) + eps), v=v)


def averaged_adagrad_closed(case: Case) -> Arrays:
    """L3's Adagrad with the mean square and the falling rate, nothing cancelled."""
    grad, t = rows(case, "grad"), rows(case, "t")
    sum_sq = exact(case["start"]["sum_sq"]) + total(grad**2)
    return walked(case, rows(case, "lr") / root(t) * grad / root(sum_sq / t), sum_sq=sum_sq)


def rmsprop_closed(case: Case) -> Arrays:
    """RMSProp: v is one weighted sum of squares."""
    grad, (rho, eps) = rows(case, "grad"), constants(case, "rho", "eps")
    v = running_mean(case["start"]["v"], rho, grad**2)
    return walked(case, rows(case, "lr") * grad / (root(v) + eps), v=v)


def moments(case: Case) -> tuple[Any, Any]:
    """Return Adam's m and v as weighted sums."""
    grad, (beta1, beta2) = rows(case, "grad"), constants(case, "beta1", "beta2")
    start = case["start"]
    return running_mean(start["m"], beta1, grad), running_mean(start["v"], beta2, grad**2)


def uncorrected_closed(case: Case) -> Arrays:
    """Adam without correction."""
    (m, v), (eps,) = moments(case), constants(case, "eps")
    return walked(case, rows(case, "lr") * m / (root(v) + eps), m=m, v=v)


def corrected_direction(case: Case, numerator: Any, v: Any) -> Any:
    """Return a numerator over the root of the corrected v, plus eps."""
    beta2, eps = constants(case, "beta2", "eps")
    return numerator / (root(v * factors(case, beta2)) + eps)


def adam_closed(case: Case) -> Arrays:
    """Adam: weighted sums over the sums of their weights."""
    (m, v), (beta1,) = moments(case), constants(case, "beta1")
    direction = corrected_direction(case, m * factors(case, beta1), v)
    return walked(case, rows(case, "lr") * direction, m=m, v=v)


def nadam_closed(case: Case) -> Arrays:
    """NAdam: the numerator is the next update's memory plus the newest gradient."""
    (m, v), (beta1,) = moments(case), constants(case, "beta1")
    now = (1 - beta1) * rows(case, "grad") * factors(case, beta1)
    direction = corrected_direction(case, beta1 * m * factors(case, beta1, ahead=1) + now, v)
    return walked(case, rows(case, "lr") * direction, m=m, v=v)


def adamw_closed(case: Case) -> Arrays:
    """AdamW: theta is a sum in which every term has been shrunk by all later updates."""
    (m, v), (beta1, decay) = moments(case), constants(case, "beta1", "weight_decay")
    lr = rows(case, "lr")
    kept = [1 - rate * decay for rate in lr[:, 0]]
    steps = lr * corrected_direction(case, m * factors(case, beta1), v)
    shrunk = weighted(lambda t, i: MP.fprod(kept[i + 1 : t + 1]), steps)
    left = np.array([[MP.fprod(kept[: t + 1])] for t in range(len(kept))], dtype=object)
    theta = left * exact(case["start"]["theta"]) - shrunk
    return as_floats(theta=theta, m=m, v=v)


def factor_closed(case: Case) -> Arrays:
    """The correction as one over the sum of t weights."""
    beta, t = MP.mpf(case["arguments"]["beta"]), case["arguments"]["t"]
    return as_floats(factor=1 / sum_of_weights(beta, t))


# ---------------------------------------------------------------------------------------------
# Exact fractions: no rounding at all, except in a root of 50 decimals.
# ---------------------------------------------------------------------------------------------


def fraction_root(square: Fraction) -> Fraction:
    """Return a root that is right to 50 digits."""
    with localcontext() as context:
        context.prec = 50
        quotient = Decimal(square.numerator) / Decimal(square.denominator)
        return Fraction(quotient.sqrt())


def adagrad_fractions(case: Case) -> Arrays:
    """Adagrad, one parameter after the other, in exact fractions."""
    size = len(case["start"]["theta"])
    columns = [_adagrad_column(case, index) for index in range(size)]
    theta, v = (np.array([column[part] for column in columns]).T for part in (0, 1))
    return {"theta": theta, "v": v}


def _adagrad_column(case: Case, index: int) -> tuple[list[float], list[float]]:
    theta, v = (Fraction(float(case["start"][name][index])) for name in ("theta", "v"))
    thetas, squares = [], []
    for update in case["updates"]:
        slope = Fraction(float(update["grad"][index]))
        v += slope * slope
        theta -= Fraction(update["lr"]) * slope / (fraction_root(v) + Fraction(update["eps"]))
        thetas.append(float(theta))
        squares.append(float(v))
    return thetas, squares


def factor_fraction(case: Case) -> Arrays:
    """The correction as an exact quotient of integers."""
    rate = Fraction(case["arguments"]["beta"])
    return {"factor": np.array(float(1 / (1 - rate ** case["arguments"]["t"])))}


TRACE = (Fraction(2), Fraction(4), Fraction(-2))
TRACE_BETAS = (Fraction(1, 2), Fraction(3, 4))


def trace_fractions(case: Case) -> Arrays:
    """The hand-made table as weighted sums of fractions."""
    del case
    beta1, beta2 = TRACE_BETAS
    m, v = _table_column(beta1, TRACE), _table_column(beta2, [g * g for g in TRACE])
    m_hat = [each / (1 - beta1**t) for t, each in enumerate(m, start=1)]
    v_hat = [each / (1 - beta2**t) for t, each in enumerate(v, start=1)]
    columns = {"m": m, "v": v, "m_hat": m_hat, "v_hat": v_hat}
    return {name: np.array([float(x) for x in column]) for name, column in columns.items()}


def _table_column(beta: Fraction, inputs: Any) -> list[Fraction]:
    return [
        sum(((1 - beta) * beta ** (t - i) * inputs[i] for i in range(t + 1)), Fraction(0))
        for t in range(len(inputs))
    ]


# ---------------------------------------------------------------------------------------------
# PyTorch.
# ---------------------------------------------------------------------------------------------


def torch_sign(case: Case) -> Arrays:
    """torch.optim.RMSprop without memory and with an eps below every rounding."""
    fresh = {**case["start"], "v": np.zeros(len(case["start"]["theta"]))}
    options = {"alpha": 0.0, "eps": TINY}
    run = torch_run({**case, "start": fresh}, "RMSprop", {"v": "square_avg"}, options)
    return {"theta": run["theta"]}


def torch_adagrad(case: Case) -> Arrays:
    """torch.optim.Adagrad."""
    return torch_run(case, "Adagrad", {"v": "sum"}, {"eps": case["updates"][0]["eps"]})


def torch_averaged_adagrad(case: Case) -> Arrays:
    """torch.optim.Adagrad with eps 0: L3's two factors with t cancel."""
    return torch_run(case, "Adagrad", {"sum_sq": "sum"}, {"eps": 0.0})


def torch_rmsprop(case: Case) -> Arrays:
    """torch.optim.RMSprop."""
    first = case["updates"][0]
    options = {"alpha": first["rho"], "eps": first["eps"]}
    return torch_run(case, "RMSprop", {"v": "square_avg"}, options)


MOMENTS = {"m": "exp_avg", "v": "exp_avg_sq"}


def torch_moments(case: Case, rule: str, options: Update, **more_state: float) -> Arrays:
    """Run a relative of torch.optim.Adam with the case's betas and eps."""
    first = case["updates"][0]
    options = {"betas": (first["beta1"], first["beta2"]), "eps": first["eps"], **options}
    return torch_run(case, rule, MOMENTS, options, **more_state)


def torch_uncorrected(case: Case) -> Arrays:
    """torch.optim.Adam late in a run, where it corrects nothing."""
    return torch_moments(case, "Adam", {}, step=LATE)


def torch_adam(case: Case) -> Arrays:
    """torch.optim.Adam."""
    return torch_moments(case, "Adam", {})


def torch_adamw(case: Case) -> Arrays:
    """torch.optim.AdamW."""
    return torch_moments(case, "AdamW", {"weight_decay": case["updates"][0]["weight_decay"]})


def torch_nadam(case: Case) -> Arrays:
    """torch.optim.NAdam; a huge momentum_decay makes its schedule of beta1 constant."""
    first = case["updates"][0]
    product = first["beta1"] ** (first["t"] - 1)
    return torch_moments(case, "NAdam", {"momentum_decay": 1e6}, mu_product=product)


def torch_factor(case: Case) -> Arrays:
    """One over the m that torch.optim.Adam holds after t gradients that were all 1."""
    beta, t = case["arguments"]["beta"], case["arguments"]["t"]
    update = {"grad": np.ones(1), "lr": 0.0}
    start = {name: np.zeros(1) for name in ("theta", "m", "v")}
    run = {"label": "", "start": start, "updates": [update] * t}
    m = torch_run(run, "Adam", MOMENTS, {"betas": (beta, beta)})["m"]
    return {"factor": 1 / m[-1, 0]}


def torch_trace(case: Case) -> Arrays:
    """The table from torch.optim.Adam: m and v are its state, the rest follows from its steps.

    With eps 0 the step is m_hat / s, with eps 1 it is m_hat / (s + 1), where s is the root of
    v_hat; two equations give both.
    """
    del case
    updates = [{"grad": np.array([float(g)]), "lr": 1.0} for g in TRACE]
    start = {name: np.zeros(1) for name in ("theta", "m", "v")}
    run = {"label": "", "start": start, "updates": updates}
    betas = tuple(map(float, TRACE_BETAS))
    runs = [torch_run(run, "Adam", MOMENTS, {"betas": betas, "eps": eps}) for eps in (0.0, 1.0)]
    bare, damped = (-np.diff(each["theta"][:, 0], prepend=0.0) for each in runs)
    m_hat = 1 / (1 / damped - 1 / bare)
    m, v = (runs[0][name][:, 0] for name in ("m", "v"))
    return {"m": m, "v": v, "m_hat": m_hat, "v_hat": (m_hat / bare) ** 2}


# ---------------------------------------------------------------------------------------------
# optax.
# ---------------------------------------------------------------------------------------------


def optax_sign(case: Case) -> Arrays:
    """optax.sign_sgd."""
    return optax_run(case, lambda optax, update: optax.sign_sgd(update["lr"]), {})


def optax_averaged_adagrad(case: Case) -> Arrays:
    """optax.adagrad with eps 0."""

    def make(optax: Any, update: Update) -> Any:
        return optax.adagrad(update["lr"], initial_accumulator_value=0.0, eps=0.0)

    return optax_run(case, make, {"sum_sq": "sum_of_squares"})


def optax_rmsprop(case: Case) -> Arrays:
    """optax.rmsprop with eps outside the root."""

    def make(optax: Any, update: Update) -> Any:
        return optax.rmsprop(
            update["lr"], decay=update["rho"], eps=update["eps"], eps_in_sqrt=False
        )

    return optax_run(case, make, {"v": "nu"})


def optax_moments(case: Case, rule: str, *names: str, count: int | None = None) -> Arrays:
    """Run a relative of optax.adam; `names` are further arguments of it."""

    def make(optax: Any, update: Update) -> Any:
        more = {name: update[name] for name in names}
        betas = {"b1": update["beta1"], "b2": update["beta2"]}
        return getattr(optax, rule)(update["lr"], **betas, eps=update["eps"], **more)

    before = case["updates"][0]["t"] - 1 if count is None else count
    return optax_run(case, make, {"m": "mu", "v": "nu"}, before)


def optax_uncorrected(case: Case) -> Arrays:
    """optax.adam late in a run, where it corrects nothing."""
    return optax_moments(case, "adam", count=LATE)


def optax_adam(case: Case) -> Arrays:
    """optax.adam."""
    return optax_moments(case, "adam")


def optax_nadam(case: Case) -> Arrays:
    """optax.nadam."""
    return optax_moments(case, "nadam")


def optax_adamw(case: Case) -> Arrays:
    """optax.adamw."""
    return optax_moments(case, "adamw", "weight_decay")


def optax_factor(case: Case) -> Arrays:
    """Call optax's own bias correction, applied to 1."""
    beta, t = case["arguments"]["beta"], case["arguments"]["t"]
    return {"factor": np.array(_optax_corrected(np.ones(1), beta, t)[0])}


def optax_trace(case: Case) -> Arrays:
    """The table from optax's moments and its bias correction."""
    del case
    beta1, beta2 = map(float, TRACE_BETAS)
    common = {"lr": 1.0, "beta1": beta1, "beta2": beta2, "eps": 0.0, "t": 1}
    updates = [{"grad": np.array([float(g)]), **common} for g in TRACE]
    start = {name: np.zeros(1) for name in ("theta", "m", "v")}
    run = optax_moments({"label": "", "start": start, "updates": updates}, "adam")
    m, v = run["m"][:, 0], run["v"][:, 0]
    times = range(1, len(TRACE) + 1)
    m_hat = [_optax_corrected(m[t - 1], beta1, t) for t in times]
    v_hat = [_optax_corrected(v[t - 1], beta2, t) for t in times]
    return {"m": m, "v": v, "m_hat": np.array(m_hat), "v_hat": np.array(v_hat)}


def _optax_corrected(moment: Any, beta: float, count: int) -> Any:
    optax, jnp = import_optax()
    return np.array(optax.tree_utils.tree_bias_correction(jnp.array(moment), beta, count))


# ---------------------------------------------------------------------------------------------
# The sources of each exercise.
# ---------------------------------------------------------------------------------------------


def closed(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare a closed form."""
    return Source("closed form", f"{says}, in 50-digit arithmetic", compute)


def by_torch(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare a PyTorch source."""
    return Source("PyTorch", says, compute, "torch")


def by_optax(compute: Callable[[Case], Arrays], says: str) -> Source:
    """Declare an optax source."""
    return Source("optax", says, compute, "optax")


SUMS = "m and v each as one weighted sum of all gradients, theta as its start minus all steps"
ADAM = (
    closed(adam_closed, f"{SUMS}, corrections as one over the sum of the weights"),
    by_torch(torch_adam, "torch.optim.Adam, state and step count set before the run"),
    by_optax(optax_adam, "optax.adam, state and step count set before the run"),
)

ORACLES: dict[str, tuple[Source, ...]] = {
    "sign_step": (
        closed(sign_closed, "theta as its start minus the sum of lr times sign"),
        Source("limit", "RMSProp with rho 0 and eps 1e-90, in 50-digit arithmetic", sign_limit),
        by_torch(torch_sign, "torch.optim.RMSprop with alpha 0 and eps 1e-90"),
        by_optax(optax_sign, "optax.sign_sgd"),
    ),
    "adagrad_step": (
        closed(adagrad_closed, "v as a sum of squares, theta as its start minus all steps"),
        Source("fractions", "exact fractions, roots to 50 digits", adagrad_fractions),
        by_torch(torch_adagrad, "torch.optim.Adagrad, its sum set before the run"),
    ),
    "averaged_adagrad_step": (
        closed(averaged_adagrad_closed, "L3's mean and falling rate as written, nothing cancelled"),
        by_torch(
            torch_averaged_adagrad, "torch.optim.Adagrad with eps 0: both factors with t cancel"
        ),
        by_optax(optax_averaged_adagrad, "optax.adagrad with eps 0"),
    ),
    "rmsprop_step": (
        closed(
            rmsprop_closed, "v as one weighted sum of squares, theta as its start minus all steps"
        ),
        by_torch(torch_rmsprop, "torch.optim.RMSprop, its mean square set before the run"),
        by_optax(optax_rmsprop, "optax.rmsprop with eps outside the root"),
    ),
    "adam_without_correction_step": (
        closed(uncorrected_closed, SUMS),
        by_torch(
            torch_uncorrected, "torch.optim.Adam after a million updates, where it corrects nothing"
        ),
        by_optax(optax_uncorrected, "optax.adam after a million updates"),
    ),
    "bias_correction": (
        closed(factor_closed, "one over the sum of t weights"),
        Source("fractions", "an exact quotient of integers", factor_fraction),
        by_torch(torch_factor, "one over torch.optim.Adam's m after t gradients equal to 1"),
        by_optax(optax_factor, "optax's bias correction, applied to 1"),
    ),
    "adam_step": ADAM,
    "trace_adam": (
        Source("fractions", "weighted sums of exact fractions", trace_fractions),
        by_torch(
            torch_trace, "torch.optim.Adam's state, and its steps with two eps solved for the rest"
        ),
        by_optax(optax_trace, "optax.adam's state and optax's bias correction"),
    ),
    "repaired_adam_step": ADAM,
    "nadam_step": (
        closed(nadam_closed, f"{SUMS}, each part of the numerator with its own correction"),
        by_torch(torch_nadam, "torch.optim.NAdam, its schedule of beta1 made constant"),
        by_optax(optax_nadam, "optax.nadam"),
    ),
    "adamw_step": (
        closed(adamw_closed, "m and v as in Adam, theta as a sum whose terms later updates shrink"),
        by_torch(torch_adamw, "torch.optim.AdamW"),
        by_optax(optax_adamw, "optax.adamw"),
    ),
}
