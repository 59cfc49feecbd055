"""Mistakes in Adam and its relatives: two running means and their correction.

The edits fit a solution that keeps ``m = beta1 * m + (1 - beta1) * grad`` and likewise v, corrects
by ``m * bias_correction(beta1, t)``, and ends with ``return theta, m, v``.
"""

from autograder.exercises import Convention, Mistake, Variant

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
            "betas_fixed",
            "The decay rates are 0.9 and 0.999, whatever the caller asks for. beta1 and beta2 are "
            "arguments: use them.",
            [
                (first, "0.9 * m + 0.1 * grad\n"),
                (second, "0.999 * v + 0.001 * grad**2"),
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
