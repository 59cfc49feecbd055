"""Say in words what a difference means where numbers stand for words, ids, edges or errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from downslope import unseen
from downslope.compare import Divergence
from downslope.drivers import Case
from downslope.drivers.graphs import parents_of
from downslope.evidence import RULE
from downslope.held_out import ACCURACY


def in_words(divergence: Divergence, cases: Sequence[Case]) -> str:
    """Return a sentence for a difference that numbers alone would not explain, or nothing."""
    if not cases or divergence.shapes is not None:
        return ""
    case = cases[divergence.case]
    shares = {ACCURACY: "the digits", unseen.ACCURACY: _unseen(case)}
    if divergence.array in shares:
        told = _share(divergence, shares[divergence.array])
    else:
        told = _told(divergence, case)
    return f"First difference, in the case \u201c{case['label']}\u201d: {told}." if told else ""


def _told(divergence: Divergence, case: Case) -> str:
    if divergence.array.startswith("raises "):
        return f"it must raise {case['raises']}, but it returned a value"
    if divergence.array.startswith(RULE):
        return f"this does not hold: {divergence.array.removeprefix(RULE)}"
    if "words" in case:
        got, wanted = (_word(n, case) for n in (divergence.got, divergence.expected))
        return f"it says {got}, expected {wanted}"
    if divergence.array in ORDER:
        graph = isinstance(case["arguments"].get("parents"), dict)
        return _place(divergence, case) if graph else _combination(divergence, case)
    return _entry(divergence, case) if divergence.index else ""


def _unseen(case: Case) -> str:
    return (
        "the signals" if case.get("task", {}).get("data") == "signals" else "the distorted digits"
    )


def _share(divergence: Divergence, what: str) -> str:
    read, enough = divergence.got, divergence.expected
    return f"your network reads {read:.1%} of {what} it has not seen, {enough:.0%} are asked for"


def _entry(divergence: Divergence, case: Case) -> str:
    """Name an entry of an array by what it belongs to: a name of a program, or an id."""
    position, ids = divergence.index[0], _ids(case)
    if "names" in case:
        what = f"{divergence.array} of {case['names'][position]}"
    elif ids:
        what = f"{divergence.array}[{ids[position]!r}]"
    else:
        return ""
    got, expected = told_apart(divergence.got, divergence.expected)
    return f"{what} is {got}, expected {expected}"


def _word(number: float, case: Case) -> str:
    words = case["words"]
    known = np.isfinite(number) and 0 <= number < len(words)
    return repr(words[int(number)]) if known else "something else"


ORDER = ("times in the list", "parent first", "ids that are not nodes")


def _place(divergence: Divergence, case: Case) -> str:
    parents = parents_of(case)
    if divergence.array == ORDER[0]:
        node = list(parents)[divergence.index[0]]
        return f"{node!r} is in the list {divergence.got:g} times; each id belongs there once"
    if divergence.array == ORDER[2]:
        return "the list holds ids that are not nodes of the graph"
    edges = [(parent, child) for child, above in parents.items() for parent in above]
    parent, child = edges[divergence.index[0]]
    return f"{child!r} does not come after its parent {parent!r}"


def _combination(divergence: Divergence, case: Case) -> str:
    """Name a combination of values, one of each list in the arguments."""
    lists = case["arguments"].items()
    config = {name: each[i] for (name, each), i in zip(lists, divergence.index, strict=True)}
    return f"{config} is in the list {divergence.got:g} times; each combination belongs there once"


def _ids(case: Case) -> list[object]:
    if "ids" in case:
        return list(case["ids"])
    arguments = case.get("arguments", {})
    return list(parents_of(case)) if isinstance(arguments.get("parents"), dict) else []


def told_apart(one: float, other: float) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to see that they differ."""
    for digits in (6, 9, 12):
        if number(one, digits) != number(other, digits):
            return number(one, digits), number(other, digits)
    return repr(one), repr(other)


def number(value: float, digits: int = 6) -> str:
    """Write a number with six significant digits, or another number of them.

    >>> number(1 / 3), number(2.0)
    ('0.333333', '2')
    """
    return f"{value:.{digits}g}" if np.isfinite(value) else str(float(value))
