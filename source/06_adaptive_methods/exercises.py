"""Exercises of 06_adaptive_methods: their cases, hints, named mistakes and other right answers.

The reference solution of each exercise stands in the master beside this file, and nowhere else.
A mistake is an edit of that solution, or a whole implementation where an edit would hide the idea.
"""

import numpy as np
from numpy.typing import NDArray

from autograder.exercises import (
    Alternative,
    Convention,
    Exercise,
    Mistake,
    Variant,
    call_case,
    steps_case,
)
from downslope.drivers import Case

Array = NDArray[np.float64]
FORBIDDEN = ("downslope.optimizers", "torch", "optax")

# ---------------------------------------------------------------------------------------------
# Cases. Nothing is masked: both signs, a zero gradient now and then, lr changes during a run,
# decay rates that no default equals, an eps that can be seen, and one case in which 1e-8 is seen.
# ---------------------------------------------------------------------------------------------


def signed(rng: np.random.Generator, size: int) -> Array:
    """Draw numbers of both signs whose magnitudes lie between 0.3 and 3."""
    magnitudes = rng.uniform(0.3, 3.0, size)
    signs = rng.permutation(np.where(np.arange(size) % 2 == 0, 1.0, -1.0))
    return magnitudes * signs


def rates(rng: np.random.Generator, updates: int) -> list[float]:
    """Draw one learning rate for the first half of a run and another for the second."""
    first, second = rng.uniform(0.1, 0.3), rng.uniform(0.4, 0.8)
    return [float(first)] * (updates // 2) + [float(second)] * (updates - updates // 2)


def run(
    rng: np.random.Generator,
    size: int,
    updates: int,
    *,
    scale: float = 1.0,
    zero_from: int | None = None,
) -> list[dict[str, object]]:
    """Draw the gradients and learning rates of a run.

    Args:
        rng: source of randomness.
        size: number of parameters.
        updates: length of the run.
        scale: factor on all gradients.
        zero_from: the last coordinate has no gradient from this update (0-based) on.
    """
    gradients = [scale * signed(rng, size) for _ in range(updates)]
    if zero_from is not None:
        for grad in gradients[zero_from:]:
            grad[-1] = 0.0
    lrs = rates(rng, updates)
    return [{"grad": grad, "lr": lr} for grad, lr in zip(gradients, lrs, strict=True)]


def numbered(updates: list[dict[str, object]], first: int = 1) -> list[dict[str, object]]:
    """Add the 1-based update number ``t`` to each update of a run."""
    return [{**update, "t": first + index} for index, update in enumerate(updates)]


def constants(updates: list[dict[str, object]], **values: float) -> list[dict[str, object]]:
    """Add arguments that stay the same over a run."""
    return [{**update, **values} for update in updates]


def decay(rng: np.random.Generator) -> float:
    """Draw a decay rate that is nobody's default."""
    return float(rng.uniform(0.6, 0.95))


def visible_eps(rng: np.random.Generator) -> float:
    """Draw an eps so large that its place in the formula shows."""
    return float(rng.uniform(0.05, 0.3))


def squares(rng: np.random.Generator, size: int) -> Array:
    """Draw a positive state of squared gradients."""
    return rng.uniform(0.3, 3.0, size)


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
    return [
        steps_case(case["label"], case["start"], constants(case["updates"], rho=decay(rng)))
        for case in adagrad_cases(rng)
    ]


def moment_cases(rng: np.random.Generator) -> list[Case]:
    """Draw runs with two running means: fresh, in the middle, tiny, and one idle coordinate."""
    first = int(rng.integers(5, 10))
    eps = visible_eps(rng)
    return [
        moment_case(rng, "a fresh start", 3, 1, eps=eps),
        moment_case(rng, "the middle of a run", 5, first, eps=eps / 2, zero_from=2),
        moment_case(rng, "tiny gradients", 4, 1, eps=1e-8, scale=1e-4),
        moment_case(rng, "a parameter without a gradient", 3, 1, eps=eps, zero_from=0),
    ]


def moment_case(
    rng: np.random.Generator,
    label: str,
    size: int,
    first: int,
    *,
    eps: float,
    scale: float = 1.0,
    zero_from: int | None = None,
) -> Case:
    """Draw one run with two running means; they start at zero when the first update is number 1."""
    fresh = first == 1
    start = {
        "theta": signed(rng, size),
        "m": np.zeros(size) if fresh else signed(rng, size),
        "v": np.zeros(size) if fresh else squares(rng, size),
    }
    updates = numbered(run(rng, size, 4, scale=scale, zero_from=zero_from), first)
    return steps_case(label, start, constants(updates, beta1=decay(rng), beta2=decay(rng), eps=eps))


def without_t_cases(rng: np.random.Generator) -> list[Case]:
    """Draw the same runs for a rule that takes no update number."""
    return [
        steps_case(
            case["label"], case["start"], [without(update, "t") for update in case["updates"]]
        )
        for case in moment_cases(rng)
    ]


def without(update: dict[str, object], name: str) -> dict[str, object]:
    """Leave one argument out."""
    return {key: value for key, value in update.items() if key != name}


def weight_decay_cases(rng: np.random.Generator) -> list[Case]:
    """Draw the same runs with a weight decay that can be seen."""
    return [
        steps_case(
            case["label"],
            case["start"],
            constants(case["updates"], weight_decay=float(rng.uniform(0.1, 0.3))),
        )
        for case in moment_cases(rng)
    ]


def factor_cases(rng: np.random.Generator) -> list[Case]:
    """Draw decay rates and update numbers: the first, an early one, a later one, a late one."""
    times = (1, int(rng.integers(2, 5)), int(rng.integers(6, 12)), int(rng.integers(20, 40)))
    return [call_case(f"update {t}", beta=decay(rng), t=t) for t in times]


def table_cases(rng: np.random.Generator) -> list[Case]:
    """There is one table, so there is one case."""
    del rng
    return [call_case("the table")]


# ---------------------------------------------------------------------------------------------
# Mistakes that several exercises share. Each function takes the text that it edits.
# ---------------------------------------------------------------------------------------------


def update_slips(rate: str = "lr", without_lr: str = "") -> tuple[Variant, ...]:
    """Slips in ``theta - rate * ...``; ``without_lr`` is what stays of the rate and its star."""
    return (
        Mistake(
            "wrong_sign",
            "theta moves by the right amount in the wrong direction: uphill. Look at the sign in "
            "front of the step.",
            [(f"theta - {rate}", f"theta + {rate}")],
        ),
        Mistake(
            "lr_missing",
            "The steps do not depend on lr. When lr changes during the run, yours stay as they "
            "were. Look for lr in the line that makes theta.",
            [(f"theta - {rate} * ", f"theta - {without_lr}")],
        ),
    )


def denominator_slips(state: str) -> tuple[Variant, ...]:
    """Slips in ``/ (np.sqrt(state) + eps)``."""
    whole = f"/ (np.sqrt({state}) + eps)"
    return (
        Convention(
            "eps_inside_root",
            "Right elsewhere: L1 writes eps inside the square root. This course adds eps after "
            "the root (L0, L3, L4, PyTorch). Where the mean square is as small as eps, the two "
            "differ a lot.",
            [(whole, f"/ np.sqrt({state} + eps)")],
        ),
        Mistake(
            "eps_forgotten",
            "The numbers are those of a rule without eps. A parameter that never had a gradient "
            "then becomes 0/0. Look at the denominator.",
            [(whole, f"/ np.sqrt({state})")],
        ),
        Mistake(
            "eps_added_to_theta",
            "eps is added to theta itself, at every update. Python divides before it adds: look "
            "at the brackets around the denominator.",
            [(whole, f"/ np.sqrt({state}) + eps")],
        ),
        Mistake(
            "eps_added_to_step",
            "eps is added to the step, so theta drifts even where there is no gradient. Python "
            "divides before it adds: look at the brackets around the denominator.",
            [("theta - lr * ", "theta - lr * ("), (whole, f"/ np.sqrt({state}) + eps)")],
        ),
        Mistake(
            "no_root",
            "You divide by the squares themselves. Then the step shrinks when the gradient grows, "
            "and its unit is wrong. Something is missing between the squares and the division.",
            [(whole, f"/ ({state} + eps)")],
        ),
        Mistake(
            "whole_vector",
            "All parameters are divided by one common number. The idea of this rule is a "
            "denominator for each parameter by itself: no sum over the vector.",
            [(whole, f"/ (np.sqrt(np.sum({state})) + eps)")],
        ),
    )


def square_slips() -> tuple[Variant, ...]:
    """Slips in what is accumulated, ``grad**2``."""
    return (
        Mistake(
            "absolute_values",
            "The second state holds absolute values of the gradient; it should hold squares. "
            "Compare your state after one update with the gradient.",
            [("grad**2", "np.abs(grad)")],
        ),
        Mistake(
            "squares_forgotten",
            "The second state holds the gradient itself, sign included. The root of a negative "
            "number is nan. Look at what is accumulated.",
            [("grad**2", "grad")],
        ),
        Mistake(
            "lr_in_the_state",
            "The state holds (lr * gradient) squared. Then a change of lr is felt long after it. "
            "The state should know nothing of lr.",
            [("grad**2", "(lr * grad) ** 2")],
        ),
    )


def state_slips() -> tuple[Variant, ...]:
    """Slips in the line ``return theta, m, v``."""
    return (
        Mistake(
            "m_and_v_exchanged",
            "m and v come back in each other's place, so each is used as the other in the next "
            "update. Look at the order in the return line.",
            [("return theta, m, v", "return theta, v, m")],
        ),
    )


def moment_slips(step: str) -> tuple[Variant, ...]:
    """Slips in the two running means; ``step`` is the text of the numerator with lr."""
    first, second = "beta1 * m + (1 - beta1) * grad\n", "beta2 * v + (1 - beta2) * grad**2"
    return (
        Mistake(
            "gradient_in_numerator",
            "m is right but theta does not feel it: the step follows the newest gradient alone. "
            "That is RMSProp. Look at the numerator.",
            [(step, "lr * grad")],
        ),
        Mistake(
            "betas_exchanged",
            "m decays with beta2 and v with beta1. They have one each: beta1 belongs to m, beta2 "
            "to v.",
            [
                (first, "beta2 * m + (1 - beta2) * grad\n"),
                (second, "beta1 * v + (1 - beta1) * grad**2"),
            ],
        ),
        Mistake(
            "weights_exchanged",
            "The old mean gets the weight 1 - beta and the new gradient gets beta. It is the other "
            "way round: beta near 1 means a long memory.",
            [
                (first, "(1 - beta1) * m + beta1 * grad\n"),
                (second, "(1 - beta2) * v + beta2 * grad**2"),
            ],
        ),
        Convention(
            "sum_in_m",
            "m is the decaying sum of 05 (beta1 * m + gradient), larger by 1 / (1 - beta1). Adam "
            "keeps a mean: the new gradient comes in with the weight 1 - beta1.",
            [("(1 - beta1) * grad\n", "grad\n")],
        ),
        Convention(
            "sum_in_v",
            "v is a decaying sum of squares, as on L0's RMSProp slide, larger by 1 / (1 - beta2). "
            "Adam keeps a mean: the new square comes in with the weight 1 - beta2.",
            [("(1 - beta2) * grad**2", "grad**2")],
        ),
        Mistake(
            "sums_in_both",
            "m and v are decaying sums, not means: both too large, by 1 / (1 - beta1) and "
            "1 / (1 - beta2). What weight does the newest gradient get in a mean?",
            [("(1 - beta1) * grad\n", "grad\n"), ("(1 - beta2) * grad**2", "grad**2")],
        ),
        Mistake(
            "square_of_mean",
            "v averages the squares of m, not of the gradient. A gradient that keeps changing its "
            "sign has a small m and large squares; v must see the squares.",
            [("grad**2", "m**2")],
        ),
        Mistake(
            "first_memory_dropped",
            "m is (1 - beta1) times the newest gradient: the old m is lost. The second update is "
            "where it shows.",
            [("beta1 * m + ", "")],
        ),
        Mistake(
            "second_memory_dropped",
            "v is (1 - beta2) times the newest square: the old v is lost. The second update is "
            "where it shows.",
            [("beta2 * v + ", "")],
        ),
        Mistake(
            "old_state_returned",
            "The m and v that come back are the ones that went in, so nothing is ever remembered. "
            "Look at the return line.",
            [
                ("m = beta1 * m", "old_m, old_v = m, v\n    m = beta1 * m"),
                ("return theta, m, v", "return theta, old_m, old_v"),
            ],
        ),
        *state_slips(),
        Mistake(
            "old_m_used",
            "The m that comes back is right, but theta moves by the m of the update before: on a "
            "fresh start the first step is zero. Update m first, then use it.",
            [
                ("m = beta1 * m", "new_m = beta1 * m"),
                ("return theta, m, v", "return theta, new_m, v"),
            ],
        ),
        Mistake(
            "old_v_used",
            "The v that comes back is right, but theta is divided by the root of the old v: on a "
            "fresh start that is only eps. Update v first, then use it.",
            [
                ("v = beta2 * v", "new_v = beta2 * v"),
                ("return theta, m, v", "return theta, m, new_v"),
            ],
        ),
        Mistake(
            "lr_in_m",
            "lr has got into m. As long as lr stays the same nobody notices; after a change of lr, "
            "old steps keep their old lr. Multiply by lr in the line that makes theta.",
            [
                ("(1 - beta1) * grad\n", "(1 - beta1) * lr * grad\n"),
                (step, step.removeprefix("lr * ")),
            ],
        ),
    )


def correction_slips() -> tuple[Variant, ...]:
    """Slips in the bias correction of Adam and its relatives."""
    first, second = "m * bias_correction(beta1, t)", "v * bias_correction(beta2, t)"
    return (
        Mistake(
            "no_correction",
            "m and v are right, but theta moves as if they needed no correction. After one update "
            "they hold only the shares 1 - beta1 and 1 - beta2 of what they estimate.",
            [(first, "m"), (second, "v")],
        ),
        Mistake(
            "only_m_corrected",
            "m is corrected and v is not. The first step is too long, by 1 / sqrt(1 - beta2) "
            "where eps is small. Both means start at zero, so both need it.",
            [(second, "v")],
        ),
        Mistake(
            "only_v_corrected",
            "v is corrected and m is not. The first step is too short: the share 1 - beta1 of the "
            "right one. Both means start at zero, so both need it.",
            [(first, "m")],
        ),
        Mistake(
            "correction_upside_down",
            "The correction makes m and v smaller; they are too small already. Division and "
            "multiplication are exchanged.",
            [(first, "m * (1 - beta1**t)"), (second, "v * (1 - beta2**t)")],
        ),
        Mistake(
            "t_frozen",
            "Update 1 is right, later ones are corrected as if t were still 1. Does t stand in "
            "your correction, as a power?",
            [(first, "m / (1 - beta1)"), (second, "v / (1 - beta2)")],
        ),
        Mistake(
            "t_one_too_large",
            "The correction is that of the next update: t + 1. In this course t counts from 1, so "
            "the first update already has t = 1.",
            [(first, "m / (1 - beta1 ** (t + 1))"), (second, "v / (1 - beta2 ** (t + 1))")],
        ),
        Mistake(
            "t_one_too_small",
            "The correction is that of the update before: t - 1. On update 1 that divides by zero. "
            "In this course t counts from 1.",
            [(first, "m / (1 - beta1 ** (t - 1))"), (second, "v / (1 - beta2 ** (t - 1))")],
        ),
        Mistake(
            "product_for_power",
            "You use beta * t where beta to the power t is meant. Python writes a power with two "
            "stars.",
            [(first, "m / (1 - beta1 * t)"), (second, "v / (1 - beta2 * t)")],
        ),
        Mistake(
            "power_of_the_difference",
            "The power t is taken of 1 - beta. It belongs to beta alone: look at the brackets.",
            [(first, "m / (1 - beta1) ** t"), (second, "v / (1 - beta2) ** t")],
        ),
        Convention(
            "written_back",
            "You return the corrected moments, so the next update corrects them again. That is "
            "L0's loop taken literally; then the mean of a constant gradient 1 runs 1, 5.3, 17.8, "
            "47. Correct a copy, return the means as they are.",
            [("return theta, m, v", "return theta, m_hat, v_hat")],
        ),
        Mistake(
            "corrected_twice",
            "m and v are each corrected twice in the same update. Once is enough.",
            [
                (first, "m * bias_correction(beta1, t) ** 2"),
                (second, "v * bias_correction(beta2, t) ** 2"),
            ],
        ),
        Mistake(
            "corrected_after_root",
            "v is corrected after the root has been taken. It is v that is too small, so v is what "
            "must be corrected.",
            [(second, "v * bias_correction(beta2, t) ** 2")],
        ),
        Mistake(
            "beta1_corrects_v",
            "v is corrected with beta1. A copied line? v decays with beta2, so its correction "
            "needs beta2.",
            [(second, "v * bias_correction(beta1, t)")],
        ),
        Mistake(
            "beta2_corrects_m",
            "m is corrected with beta2. A copied line? m decays with beta1, so its correction "
            "needs beta1.",
            [(first, "m * bias_correction(beta2, t)")],
        ),
        Mistake(
            "corrections_exchanged",
            "m is corrected with beta2 and v with beta1. Each mean is corrected with the rate it "
            "decays with.",
            [(first, "m * bias_correction(beta2, t)"), (second, "v * bias_correction(beta1, t)")],
        ),
    )


def chosen(variants: tuple[Variant, ...], *names: str) -> tuple[Variant, ...]:
    """Keep the variants with these names, in this order."""
    by_name = {variant.name: variant for variant in variants}
    return tuple(by_name[name] for name in names)


# ---------------------------------------------------------------------------------------------
# The exercises.
# ---------------------------------------------------------------------------------------------

sign_step = Exercise(
    "sign_step",
    returns=("theta",),
    cases=sign_cases,
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
    forbids=FORBIDDEN,
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
        Mistake(
            "old_v_used",
            "The v that comes back is right, but theta is divided by the root of the old v: on a "
            "fresh start that is only eps. Update v first, then use it.",
            [("v = v + grad", "new_v = v + grad"), ("return theta, v", "return theta, new_v")],
        ),
        Mistake(
            "old_v_returned",
            "The step is right for one update, but the v that comes back is the one that went in: "
            "nothing is remembered. Look at the return line.",
            [
                ("v = v + grad**2", "old_v = v\n    v = v + grad**2"),
                ("return theta, v", "return theta, old_v"),
            ],
        ),
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
    forbids=FORBIDDEN,
)

averaged_adagrad_step = Exercise(
    "averaged_adagrad_step",
    returns=("theta", "sum_sq"),
    cases=averaged_adagrad_cases,
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
    forbids=FORBIDDEN,
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
        Mistake(
            "old_v_used",
            "The v that comes back is right, but theta is divided by the root of the old v: on a "
            "fresh start that is only eps. Update v first, then use it.",
            [("v = rho * v", "new_v = rho * v"), ("return theta, v", "return theta, new_v")],
        ),
        Mistake(
            "old_v_returned",
            "The step is right for one update, but the v that comes back is the one that went in: "
            "nothing is remembered. Look at the return line.",
            [
                ("v = rho * v", "old_v = v\n    v = rho * v"),
                ("return theta, v", "return theta, old_v"),
            ],
        ),
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
    forbids=FORBIDDEN,
)

MOMENTS_HINTS = (
    "Three things happen in order: m is brought up to date, v is brought up to date, theta moves.",
    (
        "m is a running mean of the gradient (rate beta1), v a running mean of its square (rate "
        "beta2). The step is RMSProp's, with m in place of the gradient."
    ),
    (
        "m = beta1 * ... + (1 - beta1) * ...; v likewise with beta2 and the square; theta = theta "
        "- lr * m / (root of v, plus eps); return theta, m, v."
    ),
)

adam_without_correction_step = Exercise(
    "adam_without_correction_step",
    returns=("theta", "m", "v"),
    cases=without_t_cases,
    hints=MOMENTS_HINTS,
    mistakes=(
        *update_slips(),
        *denominator_slips("v"),
        *square_slips(),
        *moment_slips("lr * m"),
    ),
    alternatives=(
        Alternative(
            "move_towards",
            "",
            [
                ("beta1 * m + (1 - beta1) * grad\n", "m + (1 - beta1) * (grad - m)\n"),
                ("beta2 * v + (1 - beta2) * grad**2", "v - (1 - beta2) * (v - grad * grad)"),
            ],
        ),
        Alternative(
            "loop",
            source="""def adam_without_correction_step(theta, grad, m, v, lr, beta1, beta2, eps):
    import math

    theta, m, v = theta.copy(), m.copy(), v.copy()
    for i, g in enumerate(grad):
        m[i] = beta1 * m[i] + (1 - beta1) * g
        v[i] = beta2 * v[i] + (1 - beta2) * g * g
        theta[i] -= lr * m[i] / (math.sqrt(v[i]) + eps)
    return theta, m, v
""",
        ),
        Alternative(
            "one_array",
            source="""def adam_without_correction_step(theta, grad, m, v, lr, beta1, beta2, eps):
    keep = np.array([[beta1], [beta2]])
    m, v = keep * np.array([m, v]) + (1 - keep) * np.array([grad, grad**2])
    return [theta - np.divide(lr * m, np.sqrt(v) + eps), m, v]
""",
        ),
    ),
    forbids=FORBIDDEN,
)

bias_correction = Exercise(
    "bias_correction",
    returns=("factor",),
    driver="call",
    cases=factor_cases,
    hints=(
        (
            "After t updates the weights in a running mean add up to less than 1. The factor makes "
            "them add up to 1 again."
        ),
        (
            "The weights add up to 1 - beta to the power t. What must a number s be multiplied "
            "with to give 1?"
        ),
        "One over (1 minus beta to the power t). In Python a power is written with two stars.",
    ),
    mistakes=(
        Convention(
            "divisor",
            "This is the number by which many texts divide. The course's function returns the "
            "factor to multiply with; it is never smaller than 1.",
            [("1 / (1 - beta**t)", "1 - beta**t")],
        ),
        Mistake(
            "no_power",
            "Right for t = 1, and the same for every later t. The factor has to come down towards "
            "1 as t grows: where is t?",
            [("beta**t", "beta")],
        ),
        Mistake(
            "t_one_too_large",
            "This is the factor of the next update. In this course t counts from 1, so t updates "
            "have been made.",
            [("beta**t", "beta ** (t + 1)")],
        ),
        Mistake(
            "product_for_power",
            "You use beta * t where beta to the power t is meant.",
            [("beta**t", "beta * t")],
        ),
        Mistake(
            "power_of_the_difference",
            "The power t is taken of 1 - beta. It belongs to beta alone: look at the brackets.",
            [("(1 - beta**t)", "(1 - beta) ** t")],
        ),
        Mistake(
            "plus_for_minus",
            "The factor is below 1, as if the weights added up to 1 + beta to the power t. Look at "
            "the sign.",
            [("1 - beta**t", "1 + beta**t")],
        ),
        Mistake(
            "missing_brackets",
            "Python divides before it subtracts: you get 1 minus something. Look at the brackets.",
            [("1 / (1 - beta**t)", "1 / 1 - beta**t / 1 - 1")],
        ),
        Mistake(
            "weight_of_oldest",
            "You return the share that the starting value still has, beta to the power t. It is "
            "the rest, 1 minus this share, that the gradients have.",
            [("1 / (1 - beta**t)", "beta**t")],
        ),
        Mistake(
            "new_weight_kept",
            "The factor still holds the weight 1 - beta of the newest gradient. That weight is "
            "already in m; the factor corrects the sum of all weights.",
            [("1 / (1", "(1 - beta) / (1")],
        ),
        Mistake(
            "rooted",
            "You took the root of the factor. It is applied to the mean itself; the root of v is "
            "taken later.",
            [("(1 - beta**t)", "(1 - beta**t) ** 0.5")],
        ),
    ),
    alternatives=(
        Alternative("negative_power", "", [("1 / (1 - beta**t)", "(1 - beta**t) ** -1")]),
        Alternative("numpy_power", "", [("beta**t", "np.power(beta, t)")]),
        Alternative(
            "weights_added_up",
            source="""def bias_correction(beta, t):
    weights = 0.0
    for age in range(t):
        weights += (1 - beta) * beta**age
    return 1 / weights
""",
        ),
        Alternative(
            "exponential",
            source="""def bias_correction(beta, t):
    import math

    return -1.0 / math.expm1(t * math.log(beta))
""",
        ),
    ),
    forbids=FORBIDDEN,
)

EPSILON_HAT = Convention(
    "epsilon_hat",
    "Right elsewhere: this is the shortened form of TensorFlow and Keras, where eps meets the "
    "uncorrected root. This course corrects v first and adds eps after, as the paper's algorithm "
    "does.",
    [
        (
            "m_hat / (np.sqrt(v_hat) + eps)",
            "m_hat / np.sqrt(bias_correction(beta2, t)) / (np.sqrt(v) + eps)",
        )
    ],
)

ADAM_HINTS = (
    (
        "Start from your adam_without_correction_step. m and v are kept exactly as there; only "
        "what theta sees is corrected."
    ),
    (
        "After m and v are up to date, make two new arrays: m times its factor and v times its "
        "factor (bias_correction with beta1, with beta2). theta uses these; the function returns m "
        "and v."
    ),
    (
        "m = ...; v = ...; m_hat = m * bias_correction(beta1, t); v_hat likewise; theta = theta - "
        "lr * m_hat / (root of v_hat, plus eps); return theta, m, v."
    ),
)

adam_step = Exercise(
    "adam_step",
    returns=("theta", "m", "v"),
    cases=moment_cases,
    hints=ADAM_HINTS,
    mistakes=(
        *correction_slips(),
        EPSILON_HAT,
        *update_slips(),
        *denominator_slips("v_hat"),
        *square_slips(),
        *moment_slips("lr * m_hat"),
        Mistake(
            "sign_only",
            "theta moves by lr times the sign of the gradient. Adam does that on its first update "
            "only; later the means decide.",
            [("lr * m_hat / (np.sqrt(v_hat) + eps)", "lr * np.sign(grad)")],
        ),
    ),
    alternatives=(
        Alternative(
            "without_helper",
            "",
            [
                ("m * bias_correction(beta1, t)", "m / (1 - beta1**t)"),
                ("v * bias_correction(beta2, t)", "v / (1 - np.power(beta2, t))"),
            ],
        ),
        Alternative(
            "loop",
            source="""def adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):
    import math

    theta, m, v = theta.copy(), m.copy(), v.copy()
    for i in range(theta.shape[0]):
        m[i] += (1 - beta1) * (grad[i] - m[i])
        v[i] += (1 - beta2) * (grad[i] ** 2 - v[i])
        root = math.sqrt(v[i] / (1 - beta2**t))
        theta[i] -= lr * (m[i] / (1 - beta1**t)) / (root + eps)
    return theta, m, v
""",
        ),
        Alternative(
            "folded_into_the_rate",
            source="""def adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    root = (1 - beta2**t) ** 0.5
    rate = lr * root / (1 - beta1**t)
    return [theta - rate * m / (np.sqrt(v) + eps * root), m, v]
""",
        ),
    ),
    forbids=FORBIDDEN,
)


def rounded_table(decimals: int) -> Convention:
    """Accept corrected columns that were copied from a calculator with so many decimals."""
    columns = "m / (1 - 0.5**t), v / (1 - 0.75**t)]"
    first, second = columns.removesuffix("]").split(", ")
    return Convention(
        f"rounded_to_{decimals}_decimals",
        "You wrote rounded numbers; they are the right ones.",
        [(columns, f"round({first}, {decimals}), round({second}, {decimals})]")],
        accepted=True,
    )


trace_adam = Exercise(
    "trace_adam",
    returns=("m", "v", "m_hat", "v_hat"),
    driver="call",
    cases=table_cases,
    hints=(
        (
            "Row by row. The m of a row needs the m of the row before (0 before the first) and the "
            "gradient of its own row."
        ),
        (
            "With beta1 = 0.5 the new m is half the old m plus half the gradient. With beta2 = "
            "0.75 the new v is three quarters of the old v plus a quarter of the square."
        ),
        (
            "m_hat in row t is m divided by 1 - 0.5**t, so the divisors are 0.5, 0.75, 0.875. "
            "v_hat is v divided by 1 - 0.75**t: 0.25, 0.4375, 0.578125."
        ),
    ),
    mistakes=(
        *(rounded_table(decimals) for decimals in (2, 3, 4)),
        Mistake(
            "no_power",
            "The first row is right. In rows 2 and 3 the divisors are still those of row 1: they "
            "should come closer to 1.",
            [
                ("m / (1 - 0.5**t)", "m / (1 - 0.5)"),
                ("v / (1 - 0.75**t)", "v / (1 - 0.75)"),
            ],
        ),
        Mistake(
            "multiplied",
            "The corrected columns are smaller than the plain ones. The means start too small, so "
            "the correction makes them larger: divide.",
            [
                ("m / (1 - 0.5**t)", "m * (1 - 0.5**t)"),
                ("v / (1 - 0.75**t)", "v * (1 - 0.75**t)"),
            ],
        ),
        Mistake(
            "t_one_too_large",
            "The corrected columns use t + 1. The first row has t = 1.",
            [
                ("m / (1 - 0.5**t)", "m / (1 - 0.5 ** (t + 1))"),
                ("v / (1 - 0.75**t)", "v / (1 - 0.75 ** (t + 1))"),
            ],
        ),
        Mistake(
            "squares_forgotten",
            "The v column follows the gradients, not their squares: it can become negative.",
            [("g**2", "g")],
        ),
        Mistake(
            "memory_dropped",
            "Each row of m and v starts from 0 again. The row before matters.",
            [("0.5 * m_old + ", ""), ("0.75 * v_old + ", "")],
        ),
        Mistake(
            "one_beta_for_both",
            "The v columns use beta1 = 0.5. They have a rate of their own, beta2 = 0.75.",
            [("0.75 * v_old + 0.25", "0.5 * v_old + 0.5"), ("1 - 0.75**t", "1 - 0.5**t")],
        ),
        Mistake(
            "written_back",
            "From row 2 on, m and v start from the corrected values of the row before. The state "
            "is m and v; the corrected values are used once and thrown away.",
            [("m_old, v_old = m, v", "m_old, v_old = m / (1 - 0.5**t), v / (1 - 0.75**t)")],
        ),
    ),
    alternatives=(
        Alternative(
            "numbers",
            source="""def trace_adam():
    m = [1.0, 2.5, 0.25]
    v = [1.0, 4.75, 4.5625]
    m_hat = [2.0, 10 / 3, 2 / 7]
    v_hat = [4.0, 76 / 7, 292 / 37]
    return np.array(m), np.array(v), np.array(m_hat), np.array(v_hat)
""",
        ),
        Alternative(
            "sums_of_weights",
            source="""def trace_adam():
    g = np.array([2.0, 4.0, -2.0])
    m = [sum(0.5 * 0.5 ** (t - i) * g[i] for i in range(t + 1)) for t in range(3)]
    v = [sum(0.25 * 0.75 ** (t - i) * g[i] ** 2 for i in range(t + 1)) for t in range(3)]
    t = np.arange(1, 4)
    return [np.array(m), np.array(v), np.array(m) / (1 - 0.5**t), np.array(v) / (1 - 0.75**t)]
""",
        ),
        Alternative(
            "fractions",
            source="""def trace_adam():
    m = np.array([1 / 2 * 2, 1 / 2 * 1 + 1 / 2 * 4, 1 / 2 * 2.5 - 1 / 2 * 2])
    v = np.array([1 / 4 * 4, 3 / 4 * 1 + 1 / 4 * 16, 3 / 4 * 4.75 + 1 / 4 * 4])
    return m, v, m / [1 / 2, 3 / 4, 7 / 8], v / [1 / 4, 7 / 16, 37 / 64]
""",
        ),
    ),
    forbids=FORBIDDEN,
)

repaired_adam_step = Exercise(
    "repaired_adam_step",
    returns=("theta", "m", "v"),
    cases=moment_cases,
    hints=(
        (
            "In the table, m and v agree in every row. So the memory is sound; the fault lies in "
            "what is made of it. And the first step is right."
        ),
        (
            "Something that is right for t = 1 and wrong for t = 2 should depend on t. Read the "
            "arguments of the suspect one by one: which of them is never used?"
        ),
        (
            "The divisors 1 - beta1 and 1 - beta2 belong to the first update. Make them those of "
            "update t."
        ),
    ),
    mistakes=(
        *correction_slips(),
        EPSILON_HAT,
        *state_slips(),
        *update_slips(),
        *chosen(denominator_slips("v_hat"), "eps_inside_root", "eps_forgotten", "no_root"),
    ),
    alternatives=(
        Alternative(
            "calls_own_adam",
            source="""def repaired_adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):
    return adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps)
""",
        ),
        Alternative(
            "suspect_with_powers",
            source="""def repaired_adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    step = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta - lr * step, m, v
""",
        ),
        Alternative(
            "rate_first",
            source="""def repaired_adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):
    m = m - (1 - beta1) * (m - grad)
    v = v - (1 - beta2) * (v - grad * grad)
    rate = lr / (1 - beta1**t)
    return theta - rate * m / (eps + np.sqrt(v) / np.sqrt(1 - beta2**t)), m, v
""",
        ),
    ),
    forbids=FORBIDDEN,
)

nadam_step = Exercise(
    "nadam_step",
    returns=("theta", "m", "v"),
    cases=moment_cases,
    hints=(
        "Nothing changes in m and v. Only the numerator is new: it looks one update ahead.",
        (
            "The numerator has two parts. The memory, beta1 * m, is what the next update will keep "
            "of m, so it gets the factor of t + 1. The newest gradient comes in with 1 - beta1 and "
            "the factor of t."
        ),
        (
            "ahead = beta1 * m * bias_correction(beta1, t + 1); now = (1 - beta1) * grad * "
            "bias_correction(beta1, t); the numerator is ahead + now, the rest is Adam."
        ),
    ),
    mistakes=(
        Convention(
            "simplified",
            "Note: you use the factor of t for both parts, as many texts do. Dozat's own form "
            "takes the factor of t + 1 for the part that looks ahead. Both are accepted here.",
            [("bias_correction(beta1, t + 1)", "bias_correction(beta1, t)")],
            accepted=True,
        ),
        Mistake(
            "plain_adam",
            "This is Adam: the numerator is the corrected m. Nadam's numerator looks one update "
            "ahead.",
            [("(ahead + now)", "m * bias_correction(beta1, t)")],
        ),
        Mistake(
            "no_correction",
            "Nothing is corrected. The look-ahead is there, but m and v still start too small.",
            [
                (" * bias_correction(beta1, t + 1)", ""),
                ("grad * bias_correction(beta1, t)", "grad"),
                ("v * bias_correction(beta2, t)", "v"),
            ],
        ),
        Mistake(
            "gradient_not_corrected",
            "The part with m is corrected, the part with the newest gradient is not.",
            [("grad * bias_correction(beta1, t)", "grad")],
        ),
        Mistake(
            "simplified_gradient_not_corrected",
            "The newest gradient has no correction, and the part with m takes the factor of t.",
            [
                ("bias_correction(beta1, t + 1)", "bias_correction(beta1, t)"),
                ("grad * bias_correction(beta1, t)", "grad"),
            ],
        ),
        Mistake(
            "gradient_weight_forgotten",
            "The newest gradient comes into the numerator in full. It should come in with the "
            "weight 1 - beta1.",
            [("now = (1 - beta1) * grad", "now = grad")],
        ),
        Mistake(
            "memory_weight_forgotten",
            "m comes into the numerator in full. The next update will keep only beta1 of it.",
            [("ahead = beta1 * m", "ahead = m")],
        ),
        Mistake(
            "old_m_ahead",
            "The part that looks ahead uses the m that went in: the numerator is then that of "
            "Adam, nearly. Use the m of this update.",
            [
                ("m = beta1 * m", "old_m = m\n    m = beta1 * m"),
                ("ahead = beta1 * m", "ahead = beta1 * old_m"),
            ],
        ),
        Mistake(
            "second_not_corrected",
            "v is not corrected. It is Adam's v, with Adam's correction.",
            [("v * bias_correction(beta2, t)", "v")],
        ),
        *state_slips(),
        *update_slips(),
        *chosen(
            denominator_slips("v_hat"),
            "eps_inside_root",
            "eps_forgotten",
            "no_root",
            "whole_vector",
        ),
        *chosen(square_slips(), "absolute_values"),
    ),
    alternatives=(
        Alternative(
            "without_helper",
            source="""def nadam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_bar = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * grad / (1 - beta1**t)
    return theta - lr * m_bar / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
""",
        ),
        Alternative(
            "loop",
            source="""def nadam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):
    import math

    theta, m, v = theta.copy(), m.copy(), v.copy()
    for i, g in enumerate(grad):
        m[i] = beta1 * m[i] + (1 - beta1) * g
        v[i] = beta2 * v[i] + (1 - beta2) * g * g
        bar = beta1 * m[i] / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        theta[i] -= lr * bar / (math.sqrt(v[i] / (1 - beta2**t)) + eps)
    return theta, m, v
""",
        ),
        Alternative(
            "move_towards",
            "",
            [
                ("m = beta1 * m + (1 - beta1) * grad\n", "m = grad + beta1 * (m - grad)\n"),
                ("v = beta2 * v + (1 - beta2) * grad**2", "v = grad**2 + beta2 * (v - grad**2)"),
            ],
        ),
    ),
    forbids=FORBIDDEN,
)

adamw_step = Exercise(
    "adamw_step",
    returns=("theta", "m", "v"),
    cases=weight_decay_cases,
    hints=(
        "m and v never hear of the weight decay. It acts on theta alone, beside Adam's step.",
        (
            "theta loses two things in this update: lr times Adam's step, and lr times "
            "weight_decay times the theta that came in."
        ),
        (
            "Make step as in adam_step, without lr; then theta = theta - lr * (step + weight_decay "
            "* theta)."
        ),
    ),
    mistakes=(
        Convention(
            "coupled",
            "This adds weight_decay * theta to the gradient: Adam with an L2 penalty. Then the "
            "decay is divided by the root of v like everything else. AdamW keeps it apart.",
            [
                (
                    "m = beta1 * m",
                    "grad = grad + weight_decay * theta\n    m = beta1 * m",
                ),
                ("(step + weight_decay * theta)", "step"),
            ],
        ),
        Convention(
            "decay_without_lr",
            "The weights shrink by weight_decay itself, not by lr * weight_decay. The paper has it "
            "so, with a schedule in front; this course follows PyTorch and multiplies by lr.",
            [("lr * (step + weight_decay * theta)", "lr * step - weight_decay * theta")],
        ),
        Mistake(
            "weights_grow",
            "The decay has the wrong sign: the weights grow at each update. Far from zero they "
            "should be pulled back.",
            [("(step + weight_decay", "(step - weight_decay")],
        ),
        Mistake(
            "no_decay",
            "This is Adam: weight_decay is not used.",
            [(" + weight_decay * theta", "")],
        ),
        Mistake(
            "decay_of_new_theta",
            "The decay is taken from the theta after Adam's step. Here it is taken from the theta "
            "that came in.",
            [
                (
                    "theta = theta - lr * (step + weight_decay * theta)",
                    "theta = theta - lr * step\n    theta = theta - lr * weight_decay * theta",
                )
            ],
        ),
        Mistake(
            "decay_in_the_fraction",
            "The decay is divided by the root of v, so steep directions decay less. It should stay "
            "outside the fraction.",
            [
                ("m_hat / (np", "(m_hat + weight_decay * theta) / (np"),
                ("(step + weight_decay * theta)", "step"),
            ],
        ),
        Mistake(
            "decay_in_m_only",
            "m has the decay in it and v has not. Decoupled means that neither has.",
            [
                ("(1 - beta1) * grad\n", "(1 - beta1) * (grad + weight_decay * theta)\n"),
                ("(step + weight_decay * theta)", "step"),
            ],
        ),
        Mistake(
            "decay_of_the_sign",
            "Every weight loses the same amount, whatever its size: that is the L1 penalty. Here "
            "large weights lose more.",
            [("weight_decay * theta", "weight_decay * np.sign(theta)")],
        ),
        Mistake(
            "decay_twice",
            "The decay is there twice: in the gradient and beside the step.",
            [
                ("(1 - beta1) * grad\n", "(1 - beta1) * (grad + weight_decay * theta)\n"),
                ("grad**2", "(grad + weight_decay * theta) ** 2"),
            ],
        ),
        *correction_slips(),
        *state_slips(),
        *update_slips(),
        *chosen(
            denominator_slips("v_hat"),
            "eps_inside_root",
            "eps_forgotten",
            "no_root",
            "whole_vector",
        ),
        *chosen(square_slips(), "absolute_values"),
    ),
    alternatives=(
        Alternative(
            "shrink_first",
            source="""def adamw_step(theta, grad, m, v, t, lr, beta1, beta2, eps, weight_decay):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    shrunk = (1 - lr * weight_decay) * theta
    return shrunk - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
""",
        ),
        Alternative(
            "adam_and_then_decay",
            source="""def adamw_step(theta, grad, m, v, t, lr, beta1, beta2, eps, weight_decay):
    moved, m, v = adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps)
    return moved - lr * weight_decay * theta, m, v
""",
        ),
        Alternative(
            "loop",
            source="""def adamw_step(theta, grad, m, v, t, lr, beta1, beta2, eps, weight_decay):
    import math

    theta, m, v = theta.copy(), m.copy(), v.copy()
    for i, g in enumerate(grad):
        m[i] = beta1 * m[i] + (1 - beta1) * g
        v[i] = beta2 * v[i] + (1 - beta2) * g * g
        step = m[i] / (1 - beta1**t) / (math.sqrt(v[i] / (1 - beta2**t)) + eps)
        theta[i] -= lr * (step + weight_decay * theta[i])
    return theta, m, v
""",
        ),
    ),
    forbids=FORBIDDEN,
)

EXERCISES = (
    sign_step,
    adagrad_step,
    averaged_adagrad_step,
    rmsprop_step,
    adam_without_correction_step,
    bias_correction,
    adam_step,
    trace_adam,
    repaired_adam_step,
    nadam_step,
    adamw_step,
)
