"""All that the judge works out anew from plain arrays, whatever a learner's process claims."""

from __future__ import annotations

from collections.abc import Sequence

from downslope import descents, held_out, parts, random_draws, shuffles, validation_runs
from downslope.drivers.outcomes import Outcome

KINDS = (
    *(held_out.measured, shuffles.measured, descents.measured),
    *(parts.measured, random_draws.measured, validation_runs.measured),
)


def measured(
    outcomes: Sequence[Outcome], expected: Sequence[Outcome]
) -> tuple[Sequence[Outcome], Sequence[Outcome]]:
    """Replace claims in outcomes by what their numbers show; of what was expected, keep the same.

    Outcomes that claim nothing stay as they are.
    """
    for measure in KINDS:
        outcomes, expected = measure(outcomes, expected)
    return outcomes, expected
