"""What a judge asks for where a driver beside the learner's code would report a verdict of its own.

An order is reported as properties, and an error as "raised". A process that is not trusted could
claim both without doing either. So the judge asks for the list itself, says nothing of which graphs
have a cycle, and works the properties out anew.

Where the answer is random, the question may stay: the driver sends evidence beside its claims, and
only the evidence counts. That is `downslope.evidence`, on which the drivers build.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from downslope.drivers.graphs import PLACES, Parents, parents_of, properties, raised
from downslope.drivers.outcomes import Case, Outcome
from downslope.unseen import sent


def asked(driver: str, cases: Sequence[Case]) -> list[Case]:
    """Return the cases as a process that is not trusted gets them: without what is kept."""
    if driver != "order":
        return sent(cases)
    errors = sorted({case["raises"] for case in cases if "raises" in case})
    return [
        {"label": "a graph", "arguments": case["arguments"], "may_raise": errors} for case in cases
    ]


def worked_out(driver: str, outcomes: Sequence[Outcome], cases: Sequence[Case]) -> list[Outcome]:
    """Turn the replies to `asked` into what the driver gives for the cases themselves."""
    if driver != "order":
        return list(outcomes)
    pairs = zip(outcomes, cases, strict=True)
    return [_error(*pair) if "raises" in pair[1] else _order(*pair) for pair in pairs]


def _error(outcome: Outcome, case: Case) -> Outcome:
    name = raised(case["raises"])
    seen = outcome.problem is not None and name in outcome.arrays
    if outcome.problem is not None and not seen:
        return outcome
    return Outcome({name: np.array(float(seen))}, outcome.changed)


def _order(outcome: Outcome, case: Case) -> Outcome:
    if outcome.problem is not None:
        return outcome
    parents = parents_of(case)
    return Outcome(properties(_listed(outcome, parents), parents), outcome.changed)


def _listed(outcome: Outcome, parents: Parents) -> list[object]:
    """Return the ids of a reply; None for a place at which there is no node."""
    nodes = dict(enumerate(parents))
    return [nodes.get(place) for place in outcome.arrays.get(PLACES, np.array([])).ravel().tolist()]
