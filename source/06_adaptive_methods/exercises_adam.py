"""Exercises of 06_adaptive_methods, second half: Adam, its correction, and its relatives."""

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
    without,
)
from autograder.exercises import (
    Alternative,
    Convention,
    Exercise,
    Mistake,
    call_case,
    chosen,
    steps_case,
)
from downslope.drivers import Case
from source.shared.adaptive_slips import denominator_slips, square_slips
from source.shared.moment_slips import EPSILON_HAT, correction_slips, moment_slips, state_slips
from source.shared.update_slips import update_slips


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
        {**case, "updates": [without(update, "t") for update in case["updates"]]}
        for case in moment_cases(rng)
    ]


def weight_decay_cases(rng: np.random.Generator) -> list[Case]:
    """Draw the same runs with a weight decay that can be seen."""
    return [
        with_constants(case, weight_decay=float(rng.uniform(0.1, 0.3)))
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
)

EXERCISES = (
    adam_without_correction_step,
    bias_correction,
    adam_step,
    trace_adam,
    repaired_adam_step,
    nadam_step,
    adamw_step,
)
