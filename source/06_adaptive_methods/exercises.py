"""Exercises of 06_adaptive_methods, first half: from the sign of the gradient to RMSProp.

The reference solution of each exercise stands in the master beside this file, and nowhere else.
A mistake is an edit of that solution, or a whole implementation where an edit would hide the idea.
"""

import numpy as np

from autograder.draws import (
    constants,
    decay,
    numbered,
    run,
    signed,
    squares,
    visible_eps,
    with_constants,
)
from autograder.exercises import (
    Alternative,
    Convention,
    Exercise,
    Mistake,
    chosen,
    steps_case,
)
from downslope.drivers import Case
from source.shared.adaptive_slips import denominator_slips, old_square_slips, square_slips
from source.shared.update_slips import update_slips


def sign_cases(rng: np.random.Generator) -> list[Case]:
    """Draw runs of sign descent: all gradients alive, then one that is exactly zero, then tiny."""
    return [
        steps_case("gradients of both signs", {"theta": signed(rng, 3)}, run(rng, 3, 3)),
        steps_case(
            "one gradient is exactly zero", {"theta": signed(rng, 4)}, run(rng, 4, 4, zero_from=1)
        ),
        steps_case("tiny gradients", {"theta": signed(rng, 5)}, run(rng, 5, 3, scale=1e-4)),
    ]


def adagrad_cases(rng: np.random.Generator) -> list[Case]:
    """Draw runs of Adagrad: fresh, in the middle, and with gradients near the root of eps."""
    eps = visible_eps(rng)
    fresh = {"theta": signed(rng, 3), "v": np.zeros(3)}
    middle = {"theta": signed(rng, 5), "v": squares(rng, 5)}
    tiny = {"theta": signed(rng, 4), "v": np.zeros(4)}
    return [
        steps_case("a fresh start", fresh, constants(run(rng, 3, 4), eps=eps)),
        steps_case(
            "the middle of a run", middle, constants(run(rng, 5, 4, zero_from=2), eps=eps / 2)
        ),
        steps_case("tiny gradients", tiny, constants(run(rng, 4, 4, scale=1e-4), eps=1e-8)),
    ]


def averaged_adagrad_cases(rng: np.random.Generator) -> list[Case]:
    """Draw runs in which every coordinate has had a gradient (0/0 is not asked for)."""
    first = int(rng.integers(5, 10))
    fresh = {"theta": signed(rng, 3), "sum_sq": np.zeros(3)}
    middle = {"theta": signed(rng, 5), "sum_sq": first * squares(rng, 5)}
    tiny = {"theta": signed(rng, 4), "sum_sq": np.zeros(4)}
    return [
        steps_case("a fresh start", fresh, numbered(run(rng, 3, 4, zero_from=2))),
        steps_case("the middle of a run", middle, numbered(run(rng, 5, 4), first)),
        steps_case("tiny gradients", tiny, numbered(run(rng, 4, 4, scale=1e-4))),
    ]


def rmsprop_cases(rng: np.random.Generator) -> list[Case]:
    """Draw Adagrad's runs with a decay rate."""
    return [with_constants(case, rho=decay(rng)) for case in adagrad_cases(rng)]


sign_step = Exercise(
    "sign_step",
    returns=("theta",),
    cases=sign_cases,
    # Many guard |g| by a tiny number, such as 1e-8. The step is then short by no more than that.
    tolerance=1e-4,
    hints=(
        (
            "Only the direction of each partial derivative counts, not its size. What number "
            "stands for 'downhill along this axis'?"
        ),
        (
            "Divide each partial derivative by its own absolute value: +1 or -1 remains. Where the "
            "derivative is exactly 0, that would be 0/0; the step there must be 0."
        ),
        (
            "NumPy has a function that gives -1, 0 or +1 for each element: np.sign. The rest is "
            "gradient descent."
        ),
    ),
    mistakes=(
        *update_slips(),
        Mistake(
            "zero_by_zero",
            "Where the gradient is exactly 0 you compute 0/0, which is nan. There is no downhill "
            "there: that parameter should stay where it is.",
            source="def sign_step(theta, grad, lr):\n    return theta - lr * grad / np.abs(grad)\n",
        ),
        Mistake(
            "zero_counts_as_negative",
            "A parameter whose gradient is exactly 0 moves up by lr. It should stay. A test with > "
            "has two outcomes; here there are three.",
            [("np.sign(grad)", "np.where(grad > 0, 1.0, -1.0)")],
        ),
        Mistake(
            "zero_counts_as_positive",
            "A parameter whose gradient is exactly 0 moves down by lr. It should stay. A test with "
            "< has two outcomes; here there are three.",
            [("np.sign(grad)", "np.where(grad < 0, -1.0, 1.0)")],
        ),
        Mistake(
            "whole_vector",
            "You divide by the length of the whole gradient. Then the flat direction still moves "
            "least. Here each partial derivative is divided by its own absolute value.",
            [("np.sign(grad)", "grad / np.linalg.norm(grad)")],
        ),
        Mistake(
            "largest_entry",
            "You divide by the largest partial derivative. Then only one parameter moves by lr. "
            "Here each one is divided by its own absolute value.",
            [("np.sign(grad)", "grad / np.max(np.abs(grad))")],
        ),
        Mistake(
            "not_normalised",
            "This is plain gradient descent: the steps still grow with the gradient. The size of "
            "each partial derivative has to go.",
            [("np.sign(grad)", "grad")],
        ),
        Mistake(
            "sign_lost",
            "Every parameter moves down, whatever its gradient. The absolute value takes away the "
            "size and the direction must stay; you kept the size and lost the direction.",
            [("np.sign(grad)", "np.abs(grad)")],
        ),
        Mistake(
            "step_returned",
            "You return the step alone. The function returns the new theta.",
            [("theta - lr", "-lr")],
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            source="""def sign_step(theta, grad, lr):
    new = theta.copy()
    for i, slope in enumerate(grad):
        if slope > 0:
            new[i] -= lr
        elif slope < 0:
            new[i] += lr
    return new
""",
        ),
        Alternative("comparisons", "", [("np.sign(grad)", "((grad > 0) * 1.0 - (grad < 0))")]),
        Alternative(
            "guarded_division",
            source="""def sign_step(theta, grad, lr):
    direction = np.divide(grad, np.abs(grad), out=np.zeros_like(grad), where=grad != 0)
    return theta - lr * direction
""",
        ),
    ),
)

adagrad_step = Exercise(
    "adagrad_step",
    returns=("theta", "v"),
    cases=adagrad_cases,
    hints=(
        (
            "v remembers how steep each direction has been so far. First bring v up to date, then "
            "use it for the step."
        ),
        (
            "The new v is the old v plus the square of the gradient, element by element. The step "
            "is lr times the gradient, divided by (root of the new v, plus eps)."
        ),
        (
            "Two lines and a return: v = v + ...; theta = theta - lr * grad / (... + eps); return "
            "theta and v, in this order."
        ),
    ),
    mistakes=(
        *update_slips(),
        *denominator_slips("v"),
        *square_slips(),
        Mistake(
            "memory_dropped",
            "v holds the newest square only. Adagrad's v adds up the squares of all updates.",
            [("v + grad**2", "grad**2")],
        ),
        *old_square_slips("v = v + grad"),
        Mistake(
            "rmsprop_instead",
            "Your v forgets, like RMSProp with a decay of 0.9. Adagrad's v is a plain sum.",
            [("v + grad**2", "0.9 * v + 0.1 * grad**2")],
        ),
        Mistake(
            "decaying_sum",
            "Your v forgets a tenth of its past at each update. Adagrad's v is a plain sum.",
            [("v + grad**2", "0.9 * v + grad**2")],
        ),
    ),
    alternatives=(
        Alternative(
            "loop",
            source="""def adagrad_step(theta, grad, v, lr, eps):
    import math

    new_theta, new_v = np.empty(len(theta)), np.empty(len(theta))
    for i in range(len(theta)):
        new_v[i] = v[i] + grad[i] * grad[i]
        new_theta[i] = theta[i] - lr * grad[i] / (math.sqrt(new_v[i]) + eps)
    return new_theta, new_v
""",
        ),
        Alternative(
            "copies_in_place",
            source="""def adagrad_step(theta, grad, v, lr, eps):
    theta, v = theta.copy(), v.copy()
    v += grad * grad
    theta -= lr / (np.sqrt(v) + eps) * grad
    return [theta, v]
""",
        ),
        Alternative(
            "two_expressions",
            source="""def adagrad_step(theta, grad, v, lr, eps):
    v = np.add(v, np.square(grad))
    return np.subtract(theta, np.divide(np.multiply(lr, grad), np.power(v, 0.5) + eps)), v
""",
        ),
    ),
)

averaged_adagrad_step = Exercise(
    "averaged_adagrad_step",
    returns=("theta", "sum_sq"),
    cases=averaged_adagrad_cases,
    # L3 has no eps, but who adds the usual 1e-8 has understood the rule.
    tolerance=1e-4,
    hints=(
        (
            "The state is still the plain sum of squares. Only the use that is made of it changes: "
            "two factors with t come in."
        ),
        (
            "sigma is the root of the mean of all squares so far: there are t of them. The "
            "learning rate of update t is lr divided by the root of t."
        ),
        (
            "Five lines: sum_sq = ...; sigma = np.sqrt(... / t); rate = lr / np.sqrt(t); theta = "
            "theta - rate * ... / ...; return theta and sum_sq."
        ),
    ),
    mistakes=(
        *update_slips("rate", "1 / np.sqrt(t) * "),
        *chosen(square_slips(), "absolute_values", "squares_forgotten"),
        Mistake(
            "too_long_by_root_t",
            "The steps are too long, by the root of t. Either your rate does not fall with t, or "
            "sigma takes the root before the mean. L3 has both: a falling rate, and the root of "
            "the mean.",
            [("lr / np.sqrt(t)", "lr")],
        ),
        Mistake(
            "too_short_by_root_t",
            "The steps are too short, by the root of t. Either sigma is the root of the sum "
            "instead of the mean, or your rate falls as 1 / t instead of 1 / root of t.",
            [("np.sqrt(sum_sq / t)", "np.sqrt(sum_sq)")],
        ),
        Mistake(
            "rate_counts_from_zero",
            "The learning rate is divided by the root of t + 1. L3 counts from 0, this course from "
            "1: with our t the first rate is lr itself.",
            [("np.sqrt(t)", "np.sqrt(t + 1)")],
        ),
        Mistake(
            "mean_counts_from_zero",
            "The mean divides by t + 1. L3 counts from 0, this course from 1: update t has seen t "
            "gradients.",
            [("sum_sq / t)", "sum_sq / (t + 1))")],
        ),
        Mistake(
            "no_root",
            "You divide by the mean square itself. Then the step shrinks when the gradient grows. "
            "Something is missing between the mean and the division.",
            [("np.sqrt(sum_sq / t)", "sum_sq / t")],
        ),
        Mistake(
            "mean_returned",
            "The second value that comes back is the mean of the squares. The state is their sum; "
            "the mean is only used for the step.",
            [("return theta, sum_sq", "return theta, sum_sq / t")],
        ),
        Mistake(
            "running_mean_kept",
            "You keep the mean of the squares as state. The steps of a fresh run are right, but "
            "the state that is asked for is the sum.",
            [
                ("sum_sq + grad**2", "(sum_sq * (t - 1) + grad**2) / t"),
                ("np.sqrt(sum_sq / t)", "np.sqrt(sum_sq)"),
            ],
        ),
        Mistake(
            "memory_dropped",
            "sum_sq holds the newest square only. It should add up the squares of all updates so "
            "far.",
            [("sum_sq + grad**2", "grad**2")],
        ),
        Mistake(
            "old_sum_returned",
            "The step is right for one update, but the sum that comes back is the one that went "
            "in: nothing is remembered. Look at the return line.",
            [
                ("sum_sq = sum_sq + grad**2", "old = sum_sq\n    sum_sq = sum_sq + grad**2"),
                ("return theta, sum_sq", "return theta, old"),
            ],
        ),
        Mistake(
            "whole_vector",
            "All parameters share one sigma. Each parameter has its own: no sum over the vector.",
            [("np.sqrt(sum_sq / t)", "np.sqrt(np.sum(sum_sq) / t)")],
        ),
    ),
    alternatives=(
        Alternative(
            "factors_cancelled",
            source="""def averaged_adagrad_step(theta, grad, sum_sq, t, lr):
    total = sum_sq + grad**2
    return theta - lr * grad / np.sqrt(total), total
""",
        ),
        Alternative(
            "loop",
            source="""def averaged_adagrad_step(theta, grad, sum_sq, t, lr):
    import math

    new_theta, new_sum = theta.copy(), sum_sq.copy()
    for i in range(len(theta)):
        new_sum[i] += grad[i] ** 2
        new_theta[i] -= lr / math.sqrt(t) * grad[i] / math.sqrt(new_sum[i] / t)
    return new_theta, new_sum
""",
        ),
        Alternative(
            "powers",
            source="""def averaged_adagrad_step(theta, grad, sum_sq, t, lr):
    sum_sq = sum_sq + grad * grad
    rate = lr * t**-0.5
    return [theta - rate * grad * (sum_sq / t) ** -0.5, sum_sq]
""",
        ),
    ),
)

rmsprop_step = Exercise(
    "rmsprop_step",
    returns=("theta", "v"),
    cases=rmsprop_cases,
    hints=(
        (
            "One line differs from Adagrad: v has to forget. Which two things are mixed, and with "
            "what shares?"
        ),
        (
            "The new v is rho parts of the old v and 1 - rho parts of the squared gradient. The "
            "step is Adagrad's."
        ),
        (
            "v = rho * ... + (1 - rho) * ...; theta = theta - lr * grad / (root of v, plus eps); "
            "return theta and v."
        ),
    ),
    mistakes=(
        *update_slips(),
        *denominator_slips("v"),
        *square_slips(),
        Convention(
            "without_one_minus_rho",
            "This is the line of L0's slide, rho * v + gradient squared. It is a decaying sum, not "
            "a mean: v is too large by 1 / (1 - rho), so for small eps the steps are root(1 - rho) "
            "times as long. This course keeps a mean.",
            [("(1 - rho) * grad**2", "grad**2")],
        ),
        Convention(
            "starts_with_first_square",
            "Right elsewhere: L3 starts with sigma equal to the first gradient, which avoids the "
            "start-up bias. This course starts at v = 0 and treats no update specially.",
            [
                (
                    "v = rho * v + (1 - rho) * grad**2",
                    "v = rho * v + (1 - rho) * grad**2 if np.any(v) else grad**2",
                )
            ],
        ),
        Convention(
            "root_kept",
            "You keep the root of the mean square as state, as L3 writes sigma. In this course the "
            "state v is the mean square; take the root for the step only.",
            [
                (
                    "v = rho * v + (1 - rho) * grad**2",
                    "v = np.sqrt(rho * v**2 + (1 - rho) * grad**2)",
                ),
                ("np.sqrt(v) + eps", "v + eps"),
            ],
        ),
        Mistake(
            "root_written_back",
            "The root goes back into the state, so the next update takes the root of a root. Take "
            "the root for the step only.",
            [("return theta, v", "return theta, np.sqrt(v)")],
        ),
        Mistake(
            "rho_fixed",
            "The decay rate is 0.9, whatever the caller asks for. rho is an argument: use it.",
            [("rho * v + (1 - rho) * grad**2", "0.9 * v + 0.1 * grad**2")],
        ),
        Mistake(
            "adagrad_instead",
            "Your v only grows: that is Adagrad. RMSProp's v forgets old squares at the rate rho.",
            [("rho * v + (1 - rho) * grad**2", "v + grad**2")],
        ),
        Mistake(
            "shares_exchanged",
            "The old v gets the share 1 - rho and the new square gets rho. It is the other way "
            "round: rho near 1 means a long memory.",
            [("rho * v + (1 - rho) * grad**2", "(1 - rho) * v + rho * grad**2")],
        ),
        Mistake(
            "memory_dropped",
            "v is 1 - rho times the newest square: the old v is lost. The second update is where "
            "it shows.",
            [("rho * v + ", "")],
        ),
        Mistake(
            "memory_not_decayed",
            "The old v is kept in full and a share of the new square is added, so v only grows. "
            "The two shares should add up to 1.",
            [("rho * v + ", "v + ")],
        ),
        *old_square_slips("v = rho * v"),
    ),
    alternatives=(
        Alternative(
            "move_towards",
            "",
            [("rho * v + (1 - rho) * grad**2", "v + (1 - rho) * (np.square(grad) - v)")],
        ),
        Alternative(
            "loop",
            source="""def rmsprop_step(theta, grad, v, lr, rho, eps):
    import math

    moved, kept = [], []
    for position, slope, square in zip(theta, grad, v):
        square = rho * square + (1 - rho) * slope * slope
        kept.append(square)
        moved.append(position - lr * slope / (math.sqrt(square) + eps))
    return np.array(moved), np.array(kept)
""",
        ),
        Alternative(
            "copies_in_place",
            source="""def rmsprop_step(theta, grad, v, lr, rho, eps):
    v = v.copy()
    v *= rho
    v += (1 - rho) * grad**2
    return [theta - grad * lr / (v**0.5 + eps), v]
""",
        ),
        Alternative(
            "average",
            "",
            [
                (
                    "rho * v + (1 - rho) * grad**2",
                    "np.average([v, grad * grad], axis=0, weights=[rho, 1 - rho])",
                )
            ],
        ),
    ),
)

EXERCISES = (sign_step, adagrad_step, averaged_adagrad_step, rmsprop_step)
