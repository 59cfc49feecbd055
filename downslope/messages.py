"""Put a verdict into words. One voice for the check in the notebook and for the grader."""

from __future__ import annotations

from collections.abc import Sequence

from downslope.compare import Divergence, Verdict
from downslope.drivers import Case
from downslope.wording import in_words, number, told_apart

__all__ = ["GENERAL", "explain", "number"]

GENERAL = {
    "changes_input": "It changes its argument {changed} in place. Work on a new array instead: "
    "theta = theta - ..., not theta -= ...",
    "not_finite": "The result holds nan or inf. Look for a division by zero or a root of a "
    "negative number.",
    "order": "The numbers are right, but they come back in another order. Return {returns}.",
    "shape": "The shape of a returned array is not the one expected.",
}


def explain(
    verdict: Verdict,
    name: str,
    returns: Sequence[str],
    labels: Sequence[str],
    *,
    steps: bool,
    cases: Sequence[Case] = (),
) -> str:
    """Write a verdict as plain text, one fact a line.

    Args:
        verdict: what was decided.
        name: the exercise.
        returns: names of its returned values, in order.
        labels: what each case is, in words.
        steps: whether the first index of an array counts updates.
        cases: the cases; some hold words for what the numbers stand for.
    """
    if verdict.passed:
        remark = f" {verdict.known.sentence}" if verdict.known else ""
        return f"{name} is right in {len(labels)} {_plural('case', len(labels))}.{remark}"
    if verdict.problem is not None:
        return verdict.problem.text
    lines = [_headline(verdict, returns)]
    if verdict.divergence is not None:
        told = in_words(verdict.divergence, cases)
        lines.append(told or _where(verdict.divergence, labels, steps=steps))
    if verdict.changed and verdict.divergence is not None:
        lines.append(GENERAL["changes_input"].format(changed=" and ".join(verdict.changed)))
    return "\n".join(line for line in lines if line)


def _headline(verdict: Verdict, returns: Sequence[str]) -> str:
    if verdict.known is not None and not verdict.known.accepted:
        return verdict.known.sentence
    if verdict.mistake in GENERAL:
        changed = " and ".join(verdict.changed)
        return GENERAL[verdict.mistake].format(changed=changed, returns=", ".join(returns))
    return ""


def _where(divergence: Divergence, labels: Sequence[str], *, steps: bool) -> str:
    """Say where the numbers part: case, update, array, index, got, expected, ratio."""
    index = divergence.index
    case = f"in the case \u201c{labels[divergence.case]}\u201d"
    if divergence.shapes is not None:
        shape, wanted = divergence.shapes
        return f"First difference, {case}: {divergence.array} has shape {shape}, not {wanted}."
    update = f", update {index[0] + 1}" if steps and index else ""
    inner = index[1:] if steps else index
    place = divergence.array + (f"[{', '.join(map(str, inner))}]" if inner else "")
    got, expected = told_apart(divergence.got, divergence.expected)
    text = f"First difference, {case}{update}: {place} is {got}, expected {expected}"
    if divergence.ratio is not None:
        text += f" (yours / expected = {told_apart(divergence.ratio, 1.0)[0]})"
    return text + "."


def _plural(word: str, count: int) -> str:
    return word if count == 1 else word + "s"
