"""What an exercise is: how its inputs are made, driven and compared, and what is known to go wrong.

A lesson's `exercises.py` declares one `Exercise` for each solution cell of its master. The solution
in the master is the reference; mistakes and alternatives are edits of it, or whole functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.errors import AutograderError
from downslope.drivers import DRIVERS, Case
from downslope.drivers.expressions import names_in
from downslope.probes import PROBES

CaseGenerator = Callable[[np.random.Generator], Sequence[Case]]
Edits = Sequence[tuple[str, str]]

# Update rules that somebody else wrote: calling them is no answer to an exercise that asks for one.
READY_MADE = (
    "downslope.optimizers",
    "downslope.fast_steps",
    "downslope.updates",
    "torch",
    "optax",
)


@dataclass(frozen=True)
class Variant:
    """Another implementation of an exercise: edits of the reference, or a source of its own.

    Attributes:
        name: short snake_case name.
        sentence: what a learner should read.
        edits: pairs (old, new); each old text stands exactly once in the reference solution.
        source: a whole cell instead of edits.
    """

    name: str
    sentence: str = ""
    edits: Edits = ()
    source: str = field(default="", kw_only=True)

    def apply(self, reference: str) -> str:
        """Return the variant's cell source, given the reference solution's.

        Raises:
            AutograderError: when an edit does not fit the reference exactly once.
        """
        if self.source:
            return self.source
        text = reference
        for old, new in self.edits:
            if text.count(old) != 1:
                raise AutograderError(
                    f"variant {self.name!r}: the text {old!r} stands {text.count(old)} times in "
                    "the reference solution. Give a text that stands there exactly once"
                )
            text = text.replace(old, new)
        if text == reference:
            raise AutograderError(f"variant {self.name!r} changes nothing. Give edits or a source")
        return text


class Mistake(Variant):
    """A known wrong answer: loses the points and is named."""


@dataclass(frozen=True)
class Convention(Variant):
    """A form that another course calls right.

    Attributes:
        accepted: whether it earns full points here, with its sentence as a remark.
    """

    accepted: bool = field(default=False, kw_only=True)


class Alternative(Variant):
    """A right answer in another style: must get full points."""


@dataclass(frozen=True)
class Exercise:
    """One exercise of a lesson.

    Attributes:
        name: name of the function that the learner writes; also the solution cell's grade_id.
        returns: names of the values it returns, in order.
        cases: generator of inputs; the same for visible and hidden cases, with other seeds.
        driver: key of `downslope.drivers.DRIVERS`.
        hints: stages, from a nudge to nearly the answer.
        mistakes: known wrong answers and conventions; the first that fits is named.
        alternatives: right answers in other styles.
        forbids: modules that the answer may not call, because they hold it ready-made.
        uses: other functions of the learner that the driver needs, such as the forward function
            whose cache a backward function takes.
        tolerance: for numbers that people round by hand; otherwise the oracle ledger's.
    """

    name: str
    returns: tuple[str, ...]
    cases: CaseGenerator
    driver: str = "steps"
    hints: tuple[str, ...] = ()
    mistakes: tuple[Variant, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    forbids: tuple[str, ...] = READY_MADE
    uses: tuple[str, ...] = ()
    tolerance: float | None = None

    def __post_init__(self) -> None:
        if self.driver not in DRIVERS:
            known = ", ".join(sorted(DRIVERS))
            raise AutograderError(
                f"exercise {self.name!r}: unknown driver {self.driver!r}. Known are {known}"
            )
        names = [variant.name for variant in (*self.mistakes, *self.alternatives)]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise AutograderError(
                f"exercise {self.name!r}: two variants are called {sorted(twice)}. Rename one"
            )


def steps_case(label: str, start: dict[str, np.ndarray], updates: Sequence[dict[str, Any]]) -> Case:
    """Make a case for driver "steps": a first state and the other arguments of each update."""
    return {"label": label, "start": start, "updates": list(updates)}


def call_case(label: str, **arguments: Any) -> Case:
    """Make a case for driver "call": one call with these arguments."""
    return {"label": label, "arguments": arguments}


def probe(name: str, **constants: Any) -> dict[str, Any]:
    """Make an argument that the driver replaces by a function of `downslope.probes`.

    Raises:
        AutograderError: for an unknown name.
    """
    if name not in PROBES:
        raise AutograderError(f"unknown probe {name!r}. Known are {', '.join(PROBES)}")
    return {"probe": name, **constants}


def error_case(label: str, raises: str, **arguments: Any) -> Case:
    """Make a case of any driver that calls a function: here it must raise this class of error."""
    return {"label": label, "raises": raises, "arguments": arguments}


def text_case(label: str, words: Sequence[str] | Sequence[bool], **arguments: Any) -> Case:
    """Make a case for driver "text": the answer is one of `words`, which learners may see."""
    return {"label": label, "words": list(words), "arguments": arguments}


def nested_case(label: str, template: Sequence[Any] | int | None, **arguments: Any) -> Case:
    """Make a case for driver "nested".

    Args:
        label: what the case is, in words.
        template: the nesting, with names or None inside, such as [["dW", "db"]] * 2; a number of
            entries; or None where any nesting is read by position.
        arguments: of the call.
    """
    case = call_case(label, **arguments)
    shape = [None] * template if isinstance(template, int) else template
    return case if shape is None else {**case, "template": list(shape)}


def backward_case(
    label: str,
    forward: dict[str, Any],
    template: Sequence[Any] | int | None = None,
    **arguments: Any,
) -> Case:
    """Make a case for driver "forward_backward": the backward half of a pair.

    Args:
        label: what the case is, in words.
        forward: arguments of the forward function by name, in the order of its signature.
        template: nesting of what backward returns, as in `nested_case`; else values by name.
        arguments: all arguments of the backward function but the cache.
    """
    return {**nested_case(label, template, **arguments), "forward": forward}


def value_case(
    label: str, leaves: dict[str, float], program: Sequence[str], output: str | None = None
) -> Case:
    """Make a case for driver "value_class": a program, see `downslope.drivers.expressions`."""
    names = names_in(list(leaves), program)
    case = {"label": label, "leaves": leaves, "program": list(program), "names": names}
    return case if output is None else {**case, "output": output}


def keyed(mapping: dict[Any, Any]) -> dict[str, Any]:
    """Make an argument that arrives as a dict with other keys than strings, such as ints."""
    return {"pairs": [[key, value] for key, value in mapping.items()]}


def chosen(variants: tuple[Variant, ...], *names: str) -> tuple[Variant, ...]:
    """Keep the variants with these names, in this order."""
    by_name = {variant.name: variant for variant in variants}
    return tuple(by_name[name] for name in names)
