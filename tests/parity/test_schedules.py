"""Every schedule over 100 updates, beside PyTorch's schedulers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from downslope import schedules

RATE, STEPS = 0.1, 100
DECAY = np.log(1 / 0.9)  # PyTorch states the factor of a step, the course its logarithm
OURS = {
    "constant": schedules.constant(RATE),
    "step_decay": schedules.step_decay(RATE, drop=0.5, every=7),
    "multi_step_decay": schedules.multi_step_decay(RATE, [5, 12, 60], drop=0.1),
    "exponential": schedules.exponential(RATE, k=DECAY),
    "linear": schedules.linear(RATE, 0.2 * RATE, total=40),
    "linear, rising": schedules.linear(RATE / 3, RATE, total=5),
    "polynomial": schedules.polynomial(RATE, 0.0, total=70, power=2.5),
    "cosine": schedules.cosine(RATE, total=STEPS),
    "cosine to a floor": schedules.cosine(RATE, total=STEPS, lr_end=0.02),
    "cosine_restarts": schedules.cosine_restarts(RATE, period=4, mult=2),
    "cosine_restarts, equal cycles": schedules.cosine_restarts(RATE, 9, mult=1, lr_end=0.01),
    "inverse_time": schedules.inverse_time(RATE, k=0.3),
    "inverse_sqrt": schedules.inverse_sqrt(RATE, first=0),
    "any function": lambda t: RATE / (1 + t % 7),
    "warmup": schedules.warmup(schedules.cosine(RATE, total=STEPS - 10), steps=10),
    "sequence": schedules.sequence(
        [
            schedules.constant(RATE),
            schedules.exponential(RATE, k=DECAY),
            schedules.step_decay(RATE, drop=0.5, every=10),
        ],
        milestones=[20, 50],
    ),
}


def test_nothing_is_left_out(numbers: Callable[[str], dict[str, Any]]):
    section = numbers("schedules")
    assert set(section["torch"]) == set(OURS)
    assert section["inputs"] == {"rate": RATE}


@pytest.mark.parametrize("name", OURS)
def test_same_rates(
    numbers: Callable[[str], dict[str, Any]], agree: Callable[[Any, Any], None], name: str
):
    theirs = numbers("schedules")["torch"][name]
    agree(OURS[name](np.arange(STEPS + 1)), theirs)
    agree([OURS[name](t) for t in range(STEPS + 1)], theirs)
