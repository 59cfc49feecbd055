"""Exercises of 05_momentum, first half: the two forms of momentum and Nesterov's.

The reference solution of each exercise stands in the master beside this file, and nowhere else.
"""

import numpy as np

from autograder.draws import constants, decay, run, signed, without
from autograder.exercises import (
    Alternative,
    Convention,
    Exercise,
    Mistake,
    call_case,
    probe,
    steps_case,
)
from downslope.drivers import Case
from source.shared.update_slips import update_slips


def memory_cases(rng: np.random.Generator, theta: str, memory: str) -> list[Case]:
    """Draw runs whose lr changes on the way: fresh, in the middle, and without memory."""
    fresh = {theta: signed(rng, 3), memory: np.zeros(3)}
    middle = {theta: signed(rng, 5), memory: signed(rng, 5)}
    still = {theta: signed(rng, 4), memory: signed(rng, 4)}
    return [
        steps_case("a fresh start", fresh, constants(run(rng, 3, 4), rho=decay(rng))),
        steps_case(
            "the middle of a run", middle, constants(run(rng, 5, 4, zero_from=2), rho=decay(rng))
        ),
        steps_case("rho = 0", still, constants(run(rng, 4, 2), rho=0.0)),
    ]


def momentum_cases(rng: np.random.Generator) -> list[Case]:
    """Draw runs of form 1."""
    return memory_cases(rng, "theta", "m")


def velocity_cases(rng: np.random.Generator) -> list[Case]:
    """Draw runs of form 2."""
    return memory_cases(rng, "theta", "v")


def shifted_cases(rng: np.random.Generator) -> list[Case]:
    """Draw runs of Nesterov's rule at the shifted point."""
    return memory_cases(rng, "phi", "v")


def bowl(rng: np.random.Generator, size: int) -> dict[str, object]:
    """Draw the gradient of a bent bowl whose minimum is not the origin."""
    factor = rng.normal(size=(size, size))
    hessian = factor @ factor.T / size + np.diag(rng.uniform(0.3, 1.0, size))
    return probe("shifted_quadratic_gradient", hessian=hessian, minimum=signed(rng, size))


def nesterov_cases(rng: np.random.Generator) -> list[Case]:
    """Draw runs on bowls, where the gradient at the lookahead differs from that at theta."""
    cases = []
    for case, size in zip(velocity_cases(rng), (3, 5, 4), strict=True):
        grad_fn = bowl(rng, size)
        updates = [{**without(update, "grad"), "grad_fn": grad_fn} for update in case["updates"]]
        cases.append({**case, "updates": updates})
    return cases


def table_cases(rng: np.random.Generator) -> list[Case]:
    """The table by hand has no inputs."""
    del rng
    return [call_case("the table")]


ROLES = "The old memory is multiplied by rho; the new gradient comes in whole."

momentum_step = Exercise(
    "momentum_step",
    returns=("theta", "m"),
    cases=momentum_cases,
    hints=(
        "Two lines. First the memory takes in the new gradient, then theta moves along the memory.",
        "The new m is rho times the old m, plus the gradient. theta moves against the new m.",
        "m = rho * m + ...; theta = theta - lr * ...; return theta and m, in this order.",
    ),
    mistakes=(
        *update_slips(),
        Convention(
            "velocity_form",
            "This is form 2 of L0, L3 and L4: the memory holds finished steps, lr included. It is "
            "the next exercise. In form 1 the memory holds gradients, and lr comes in at the move.",
            [("rho * m + grad", "rho * m - lr * grad"), ("theta - lr * m", "theta + m")],
        ),
        Convention(
            "rate_inside",
            "Your memory holds lr times the gradients. As long as lr stays the same, theta agrees "
            "with form 1; when lr changes, it does not. Keep lr out of the memory.",
            [("+ grad", "+ lr * grad"), ("theta - lr * m", "theta - m")],
        ),
        Convention(
            "averaged_form",
            "This is L2's form: an average, with 1 - rho before the gradient. Its steps are "
            "shorter by that factor. Form 1 adds the gradient whole.",
            [("+ grad", "+ (1 - rho) * grad")],
        ),
        Convention(
            "downhill_memory",
            "Your theta is right, but the memory has the other sign. In form 1 the memory adds "
            "gradients, and the minus stands at the move.",
            [("+ grad", "- grad"), ("theta - lr * m", "theta + lr * m")],
        ),
        Mistake(
            "lr_twice",
            "lr comes in twice: once in the memory, once at the move.",
            [("+ grad", "+ lr * grad")],
        ),
        Mistake(
            "memory_dropped",
            "m is the newest gradient only, so this is gradient descent. The old m is missing.",
            [("rho * m + grad", "grad")],
        ),
        Mistake(
            "nothing_forgotten",
            "The memory adds up all gradients and forgets nothing: where is rho?",
            [("rho * m", "m")],
        ),
        Mistake(
            "rho_on_gradient",
            f"rho is on the wrong term. {ROLES}",
            [("rho * m + grad", "m + rho * grad")],
        ),
        Mistake(
            "rho_on_both",
            f"rho multiplies both terms. {ROLES}",
            [("rho * m + grad", "rho * (m + grad)")],
        ),
        Mistake(
            "shares_swapped",
            f"The shares are those of an average, and swapped. {ROLES}",
            [("rho * m + grad", "(1 - rho) * m + rho * grad")],
        ),
        Mistake(
            "memory_unused",
            "m is right, but theta moves along the gradient alone. It should move along m.",
            [("- lr * m", "- lr * grad")],
        ),
        Mistake(
            "old_memory_used",
            "theta moves along the old m, which does not know the new gradient yet. Bring m up to "
            "date first.",
            [
                ("m = rho * m + grad", "old = m\n    m = rho * m + grad"),
                ("theta - lr * m", "theta - lr * old"),
            ],
        ),
        Mistake(
            "old_memory_returned",
            "The m that comes back is the one that went in: nothing is remembered.",
            [
                ("m = rho * m + grad", "old = m\n    m = rho * m + grad"),
                ("return theta, m", "return theta, old"),
            ],
        ),
        Mistake(
            "nesterov_instead",
            "theta moves by the gradient plus rho times the new m: that is Nesterov's rule as "
            "PyTorch writes it. Plain momentum moves along m.",
            [("- lr * m", "- lr * (grad + rho * m)")],
        ),
        Mistake(
            "rho_at_the_move",
            "The move is rho times too short: rho belongs to the memory only.",
            [("- lr * m", "- lr * rho * m")],
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            source="""def momentum_step(theta, grad, m, lr, rho):
    new_theta, new_m = [], []
    for place, slope, memory in zip(theta, grad, m):
        memory = rho * memory + slope
        new_m.append(memory)
        new_theta.append(place - lr * memory)
    return np.array(new_theta), np.array(new_m)
""",
        ),
        Alternative(
            "copies_in_place",
            source="""def momentum_step(theta, grad, m, lr, rho):
    theta, m = theta.copy(), m.copy()
    m *= rho
    m += grad
    theta -= lr * m
    return [theta, m]
""",
        ),
        Alternative(
            "two_parts",
            source="""def momentum_step(theta, grad, m, lr, rho):
    return theta - lr * rho * m - lr * grad, np.add(np.multiply(rho, m), grad)
""",
        ),
    ),
)

velocity_step = Exercise(
    "velocity_step",
    returns=("theta", "v"),
    cases=velocity_cases,
    hints=(
        "The velocity is the step itself, so the move is one addition. Where must lr be then?",
        "The new v is rho times the old v, minus lr times the gradient. theta moves by the new v.",
        "v = rho * v - ...; theta = theta + v; return theta and v, in this order.",
    ),
    mistakes=(
        Convention(
            "gradient_memory_form",
            "This is form 1: a memory of gradients, and lr at the move. Here the velocity is a "
            "step, lr and minus included.",
            [("- lr * grad", "+ grad"), ("theta + v", "theta - lr * v")],
        ),
        Convention(
            "uphill_velocity",
            "Your theta is right, but your v points uphill and is subtracted. In form 2 v is the "
            "step itself, so it points downhill.",
            [("- lr * grad", "+ lr * grad"), ("theta + v", "theta - v")],
        ),
        Convention(
            "averaged_form",
            "This is an average with 1 - rho before the new part, as in L2. Form 2 takes it whole.",
            [("- lr * grad", "- (1 - rho) * lr * grad")],
        ),
        Mistake(
            "pushed_uphill",
            "The gradient pushes the velocity uphill: look at its sign.",
            [("- lr * grad", "+ lr * grad")],
        ),
        Mistake(
            "moved_backwards",
            "v is right, but theta moves against it. v points downhill already.",
            [("theta + v", "theta - v")],
        ),
        Mistake(
            "lr_missing",
            "The velocity does not depend on lr. In form 2 lr multiplies the gradient.",
            [("lr * grad", "grad")],
        ),
        Mistake(
            "lr_twice",
            "lr comes in twice. It is in the velocity already, so the move is v alone.",
            [("theta + v", "theta + lr * v")],
        ),
        Mistake(
            "lr_on_the_memory",
            "lr multiplies the old velocity too, which has it already.",
            [("rho * v - lr * grad", "lr * (rho * v - grad)")],
        ),
        Mistake(
            "memory_dropped",
            "v is the newest part only, so this is gradient descent. The old v is missing.",
            [("rho * v - lr", "-lr")],
        ),
        Mistake(
            "nothing_forgotten",
            "The velocity forgets nothing: a ball without friction never rests. Where is rho?",
            [("rho * v", "v")],
        ),
        Mistake(
            "rho_on_both",
            "rho multiplies the new part as well. Only the old velocity fades.",
            [("rho * v - lr * grad", "rho * (v - lr * grad)")],
        ),
        Mistake(
            "old_velocity_used",
            "theta moves by the old v. Bring v up to date first.",
            [("v = rho", "old = v\n    v = rho"), ("theta + v", "theta + old")],
        ),
        Mistake(
            "old_velocity_returned",
            "The v that comes back is the one that went in: nothing is remembered.",
            [("v = rho", "old = v\n    v = rho"), ("return theta, v", "return theta, old")],
        ),
        Mistake(
            "nesterov_instead",
            "theta moves by rho v - lr g with the new v: that is Nesterov's rule at the shifted "
            "point. Plain momentum moves by v.",
            [("theta + v", "theta + rho * v - lr * grad")],
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            source="""def velocity_step(theta, grad, v, lr, rho):
    new_theta, new_v = np.zeros(len(theta)), np.zeros(len(theta))
    for i in range(len(theta)):
        new_v[i] = v[i] * rho - grad[i] * lr
        new_theta[i] = theta[i] + new_v[i]
    return new_theta, new_v
""",
        ),
        Alternative(
            "one_expression",
            source="""def velocity_step(theta, grad, v, lr, rho):
    return theta + rho * v - lr * grad, rho * v - lr * grad
""",
        ),
        Alternative(
            "through_form_1",
            source="""def velocity_step(theta, grad, v, lr, rho):
    m = -v / lr
    m = rho * m + grad
    return theta - lr * m, -lr * m
""",
        ),
    ),
)

nesterov_step = Exercise(
    "nesterov_step",
    returns=("theta", "v"),
    cases=nesterov_cases,
    hints=(
        "The old velocity will carry theta on by rho v in any case. Ask for the slope there.",
        "The rule is form 2. Only one thing changes: where grad_fn is called.",
        "grad = grad_fn(theta + ...); v = rho * v - lr * grad; theta = theta + v.",
    ),
    mistakes=(
        Mistake(
            "gradient_at_theta",
            "This is plain momentum: the gradient is taken at theta. Nesterov takes it where rho v "
            "will carry theta.",
            [("grad_fn(theta + rho * v)", "grad_fn(theta)")],
        ),
        Mistake(
            "whole_velocity_ahead",
            "You look ahead by v. Only rho v survives to the next move, so look ahead by that.",
            [("grad_fn(theta + rho * v)", "grad_fn(theta + v)")],
        ),
        Mistake(
            "looks_back",
            "You look back: the lookahead point is theta plus rho v, in the direction of the move.",
            [("grad_fn(theta + rho * v)", "grad_fn(theta - rho * v)")],
        ),
        Mistake(
            "carried_twice",
            "theta starts its move from the lookahead point, so rho v is counted twice. The "
            "lookahead is only where the gradient is asked for.",
            [
                ("theta = theta + v", "theta = theta + rho * old + v"),
                ("grad = ", "old = v\n    grad = "),
            ],
        ),
        Mistake(
            "after_the_move",
            "The gradient is taken a whole plain momentum step ahead. The lookahead point is theta "
            "plus rho v, without a gradient.",
            [("grad_fn(theta + rho * v)", "grad_fn(theta + rho * v - lr * grad_fn(theta))")],
        ),
        Mistake(
            "velocity_pushed_uphill",
            "The gradient pushes the velocity uphill: look at its sign.",
            [("- lr * grad", "+ lr * grad")],
        ),
        Mistake("lr_missing", "The velocity does not depend on lr.", [("- lr * grad", "- grad")]),
        Mistake(
            "memory_dropped",
            "The new velocity has lost the old one: rho v is missing from it.",
            [("v = rho * v - lr", "v = -lr")],
        ),
        Mistake(
            "shifted_point_returned",
            "The point that comes back is the next lookahead point. Return theta itself; the "
            "shifted form is a later exercise.",
            [("return theta, v", "return theta + rho * v, v")],
        ),
        Convention(
            "gradient_memory",
            "L1 keeps a memory of gradients, v = rho v + g, and steps by -lr v. It is Nesterov's "
            "rule too while lr is constant. Here v is the step itself.",
            source="""def nesterov_step(theta, grad_fn, v, lr, rho):
    grad = grad_fn(theta - lr * rho * v)
    v = rho * v + grad
    return theta - lr * v, v
""",
        ),
    ),
    alternatives=(
        Alternative(
            "split_in_two",
            source="""def nesterov_step(theta, grad_fn, v, lr, rho):
    carried = rho * v
    ahead = theta + carried
    push = -lr * grad_fn(ahead)
    return ahead + push, carried + push
""",
        ),
        Alternative(
            "slope_asked_twice",
            source="""def nesterov_step(theta, grad_fn, v, lr, rho):
    new = theta + rho * v - lr * grad_fn(theta + rho * v)
    return new, rho * v - lr * grad_fn(theta + rho * v)
""",
        ),
        Alternative(
            "difference",
            source="""def nesterov_step(theta, grad_fn, v, lr, rho):
    ahead = np.add(theta, np.multiply(v, rho))
    new_theta = ahead - np.multiply(lr, grad_fn(ahead))
    return [new_theta, new_theta - theta]
""",
        ),
    ),
)

nesterov_step_shifted = Exercise(
    "nesterov_step_shifted",
    returns=("phi", "v"),
    cases=shifted_cases,
    hints=(
        "Write theta = phi - rho v with the old v. What is the new theta? And the new phi?",
        (
            "The new v is that of form 2. The new phi is the old phi, minus rho times the old v, "
            "plus (1 + rho) "
            "times the new v."
        ),
        "old = v; v = rho * v - lr * grad; phi = phi - rho * old + (1 + rho) * v.",
    ),
    mistakes=(
        Mistake(
            "plain_momentum",
            "phi moves by the new v alone, as in plain momentum. Either the lookahead is missing, "
            "or you subtract rho times the new v where the old one has to be taken away.",
            [("phi - rho * old + (1 + rho) * v", "phi + v")],
        ),
        Mistake(
            "old_lookahead_kept",
            "The old lookahead is not taken back. phi = theta + rho v, so first subtract rho times "
            "the old v.",
            [("phi - rho * old + (1 + rho) * v", "phi + (1 + rho) * v")],
        ),
        Mistake(
            "theta_returned",
            (
                "What comes back is theta. It must be the next shifted point, which lies rho v "
                "further."
            ),
            [("(1 + rho) * v", "v")],
        ),
        Mistake(
            "signs_swapped",
            "The old v comes with plus. Moving from phi back to theta takes it away.",
            [("phi - rho * old", "phi + rho * old")],
        ),
        Mistake(
            "pushed_uphill",
            "The gradient pushes uphill: look at its sign.",
            [("- lr * grad", "+ lr * grad")],
        ),
        Mistake("lr_missing", "The velocity does not depend on lr.", [("- lr * grad", "- grad")]),
        Mistake(
            "memory_dropped",
            "The new velocity has lost the old one.",
            [("v = rho * v - lr", "v = -lr")],
        ),
        Mistake(
            "old_velocity_returned",
            "The v that comes back is the one that went in.",
            [("return phi, v", "return phi, old")],
        ),
        Convention(
            "pytorch_form",
            "This is how PyTorch writes it: a memory of gradients and lr at the move. phi agrees "
            "while lr is constant. Here v is a step, lr and minus included.",
            source="""def nesterov_step_shifted(phi, grad, v, lr, rho):
    v = rho * v + grad
    return phi - lr * (grad + rho * v), v
""",
        ),
    ),
    alternatives=(
        Alternative(
            "new_v_and_gradient",
            source="""def nesterov_step_shifted(phi, grad, v, lr, rho):
    v = rho * v - lr * grad
    return phi + rho * v - lr * grad, v
""",
        ),
        Alternative(
            "through_theta",
            source="""def nesterov_step_shifted(phi, grad, v, lr, rho):
    theta = phi - rho * v
    new_v = rho * v - lr * grad
    theta = theta + new_v
    return theta + rho * new_v, new_v
""",
        ),
        Alternative(
            "expanded",
            source="""def nesterov_step_shifted(phi, grad, v, lr, rho):
    return [phi + rho**2 * v - (1 + rho) * lr * grad, np.subtract(rho * v, lr * grad)]
""",
        ),
    ),
)

trace_momentum = Exercise(
    "trace_momentum",
    returns=("g", "m", "theta"),
    driver="call",
    cases=table_cases,
    hints=(
        "Row by row: the gradient is the theta of the row before (8 before the first).",
        "The new m is half the old m plus the gradient. theta goes down by half the new m.",
        "Row 1: g = 8, m = 8, theta = 4. Row 2: g = 4, m = 8. At the end theta is below 0.",
    ),
    mistakes=(
        Mistake(
            "no_memory",
            "Each row of m starts from 0 again: the old m matters.",
            [("0.5 * m + g", "g")],
        ),
        Mistake(
            "nothing_forgotten",
            "The old m comes in whole; with rho = 0.5 half of it.",
            [("0.5 * m + g", "m + g")],
        ),
        Mistake(
            "averaged",
            "You halved the gradient too. In form 1 it comes in whole.",
            [("0.5 * m + g", "0.5 * m + 0.5 * g")],
        ),
        Mistake(
            "lr_forgotten",
            "theta moves by the whole m; lr is 0.5.",
            [("theta - 0.5 * m", "theta - m")],
        ),
        Mistake(
            "gradient_of_the_start",
            "The gradient stays 8. It is taken at the newest theta.",
            [("g = theta", "g = 8.0")],
        ),
        Mistake(
            "memory_unused",
            "theta moves by the gradient; it moves by m.",
            [("theta - 0.5 * m", "theta - 0.5 * g")],
        ),
    ),
    alternatives=(
        Alternative(
            "typed",
            source="""def trace_momentum():
    return np.array([8.0, 4.0, 0.0]), np.array([8.0, 8.0, 4.0]), np.array([4.0, 0.0, -2.0])
""",
        ),
        Alternative(
            "recurrence",
            source="""def trace_momentum():
    theta = [8.0, 8.0]
    for _ in range(3):
        theta.append(theta[-1] - theta[-2] / 2)
    m = -2 * np.diff(theta[1:])
    return np.array(theta[1:4]), m, np.array(theta[2:])
""",
        ),
    ),
)

repaired_nesterov_step = Exercise(
    "repaired_nesterov_step",
    returns=("theta", "v"),
    cases=nesterov_cases,
    hints=(
        "Update 1 agrees, where v was still 0. So the fault has to do with the old v.",
        "How much of the old v survives into the next move? And how far does the suspect look?",
        "The lookahead point is theta + rho * v.",
    ),
    mistakes=(
        Mistake(
            "not_repaired",
            "This is still the suspect: it looks ahead by the whole v.",
            [("grad_fn(theta + rho * v)", "grad_fn(theta + v)")],
        ),
        Mistake(
            "gradient_at_theta",
            "Now the gradient is taken at theta: that is plain momentum.",
            [("grad_fn(theta + rho * v)", "grad_fn(theta)")],
        ),
    ),
    alternatives=(
        Alternative(
            "calls_own",
            source="""def repaired_nesterov_step(theta, grad_fn, v, lr, rho):
    return nesterov_step(theta, grad_fn, v, lr, rho)
""",
        ),
        Alternative(
            "split",
            source="""def repaired_nesterov_step(theta, grad_fn, v, lr, rho):
    v = rho * v
    push = lr * grad_fn(theta + v)
    return theta + v - push, v - push
""",
        ),
    ),
)

EXERCISES = (
    momentum_step,
    velocity_step,
    nesterov_step,
    nesterov_step_shifted,
    trace_momentum,
    repaired_nesterov_step,
)
