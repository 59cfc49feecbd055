"""Mistakes that every update rule of the course can hold."""

from autograder.exercises import Mistake, Variant


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
