"""Mistakes in rules that divide by the root of accumulated squares: Adagrad and what came of it.

Each function takes the text that its edits look for in the reference solution.
"""

from autograder.exercises import Convention, Mistake, Variant


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
            "eps_fixed",
            "eps is 1e-8, whatever the caller asks for. It is an argument: use it.",
            [(whole, f"/ (np.sqrt({state}) + 1e-8)")],
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


def old_square_slips(start: str) -> tuple[Variant, ...]:
    """Slips that mix up the old v and the new one; ``start`` begins the line that makes v."""
    return (
        Mistake(
            "old_v_used",
            "The v that comes back is right, but theta is divided by the root of the old v: on a "
            "fresh start that is only eps. Update v first, then use it.",
            [(start, f"new_{start}"), ("return theta, v", "return theta, new_v")],
        ),
        Mistake(
            "old_v_returned",
            "The step is right for one update, but the v that comes back is the one that went in: "
            "nothing is remembered. Look at the return line.",
            [(start, f"old_v = v\n    {start}"), ("return theta, v", "return theta, old_v")],
        ),
    )
