"""Run the instructor's own implementations: the reference solution and its variants.

Only trusted sources from a lesson's folder come here; a learner's code never does.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import linecache
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

import numpy as np

from autograder.errors import AutograderError
from autograder.exercises import Convention, Exercise, Variant
from downslope import unseen
from downslope.compare import Known
from downslope.drivers import Case, Contract, Outcome, run_cases
from downslope.evidence import without_evidence

Namespace = dict[str, Any]


def seeded_rng(*words: str) -> np.random.Generator:
    """Make a generator whose stream depends on all the words and on nothing else.

    >>> seeded_rng("a", "b").integers(100) == seeded_rng("a", "b").integers(100)
    True
    """
    joined = "\0".join(words).encode()
    return np.random.default_rng(int.from_bytes(hashlib.sha256(joined).digest(), "big"))


class RunOnDemand(Sequence[Outcome]):
    """Outcomes of a trusted function, each run when it is first asked for.

    A known mistake that parts from an answer in the first case is not run on the others, such as a
    chain of 10,000 nodes.
    """

    def __init__(self, run_one: Callable[[Case], Outcome], cases: Sequence[Case]) -> None:
        self._run_one, self._cases = run_one, cases
        self._found: dict[int, Outcome] = {}

    def __len__(self) -> int:
        return len(self._cases)

    @overload
    def __getitem__(self, index: int) -> Outcome: ...

    @overload
    def __getitem__(self, index: slice) -> list[Outcome]: ...

    def __getitem__(self, index: int | slice) -> Outcome | list[Outcome]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        if place not in self._found:
            self._found[place] = self._run_one(self._cases[place])
        return self._found[place]


class Reference:
    """The reference solutions of a lesson, by exercise.

    Args:
        sources: solution cells in the order of the master; each may use NumPy as `np` and the
            functions of the cells before it.
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = dict(sources)
        self._spaces: dict[str, Namespace] = {}
        self._signatures: dict[str, inspect.Signature] = {}
        space: Namespace = {"np": np}
        for name, source in self.sources.items():
            before = dict(space)
            define(source, space, f"<reference {name}>", name)
            self._spaces[name] = before

    def function(self, name: str) -> Callable[..., Any]:
        """Return the reference function of an exercise."""
        return self._define(self.sources[name], name, "reference")

    def variant(self, exercise: Exercise, variant: Variant) -> Callable[..., Any]:
        """Return a variant's function."""
        try:
            source = variant.apply(self.sources[exercise.name])
        except AutograderError as error:
            raise AutograderError(f"exercise {exercise.name!r}, {error}") from None
        return self._define(source, exercise.name, variant.name)

    def contract(self, exercise: Exercise) -> Contract:
        """Return what a driver must know; parameters are those of the reference."""
        found = [] if exercise.driver == "value_class" else self._parameters(exercise.name)
        starred = inspect.Parameter.VAR_POSITIONAL
        return Contract(
            exercise.name,
            tuple("*" * (each.kind is starred) + each.name for each in found),
            exercise.returns,
            exercise.forbids,
            exercise.uses,
            tuple(each.name for each in found if each.default is not inspect.Parameter.empty),
        )

    def _parameters(self, name: str) -> list[inspect.Parameter]:
        """Return a reference's parameters; they are asked for several times a submission."""
        if name not in self._signatures:
            self._signatures[name] = inspect.signature(self.function(name))
        return list(self._signatures[name].parameters.values())

    def run(self, exercise: Exercise, function: object, cases: list[Case]) -> list[Outcome]:
        """Run a function beside the reference solutions of the exercises before this one.

        A variant that defines such a helper itself, such as a forward function with a cache of its
        own, is run with that one.
        """
        own = getattr(function, "__globals__", {})
        space = {**self._spaces[exercise.name], **own}
        return run_cases(exercise.driver, function, self.contract(exercise), cases, space)

    def expected(self, exercise: Exercise, cases: list[Case]) -> list[Outcome]:
        """Return the reference's outcomes.

        Raises:
            AutograderError: when the reference fails or changes its arguments, or a case does not
                give what it needs.
        """
        if exercise.driver == "network":  # any that reads enough is right: nothing to run
            return _asked(exercise, cases)
        function = self.function(exercise.name)
        try:
            outcomes = self._properties(exercise, function, cases)
        except KeyError as error:
            raise AutograderError(
                f"a case of exercise {exercise.name!r} lacks {error}. Mend its generator of cases"
            ) from None
        for outcome in outcomes:
            if outcome.problem is not None or outcome.changed:
                what = outcome.problem.text if outcome.problem else f"changes {outcome.changed}"
                raise AutograderError(
                    f"the reference solution of {exercise.name!r} fails: {what}. Mend the master"
                )
            if not _is_complete(exercise, outcome):
                raise AutograderError(
                    f"a case of exercise {exercise.name!r} gives no numbers. Let it return "
                    "something and make at least one update"
                )
            if not all(np.isfinite(array).all() for array in outcome.arrays.values()):
                raise AutograderError(
                    f"the reference solution of {exercise.name!r} gives nan or inf. "
                    "Mend the master or the generator of cases"
                )
        return outcomes

    def known(self, exercise: Exercise, cases: list[Case]) -> list[Known]:
        """Return the exercise's known mistakes and conventions; their outcomes run on demand."""
        if exercise.driver == "network":
            return _signs(exercise, cases)
        return [self._known(exercise, variant, cases) for variant in exercise.mistakes]

    def _known(self, exercise: Exercise, variant: Variant, cases: list[Case]) -> Known:
        function = self.variant(exercise, variant)
        return Known(
            variant.name,
            variant.sentence,
            RunOnDemand(lambda case: self._properties(exercise, function, [case])[0], cases),
            accepted=isinstance(variant, Convention) and variant.accepted,
            elsewhere=isinstance(variant, Convention),
        )

    def _properties(self, exercise: Exercise, function: object, cases: list[Case]) -> list[Outcome]:
        """Run a trusted function; of a random one keep what is the same for every right answer."""
        # A declared mistake may draw from NumPy's hidden generator: every build must draw the same.
        np.random.seed(0)  # noqa: NPY002
        return [without_evidence(outcome) for outcome in self.run(exercise, function, cases)]

    def _define(self, source: str, name: str, label: str) -> Callable[..., Any]:
        space = dict(self._spaces[name])
        define(source, space, f"<{label} of {name}>", name)
        function: Callable[..., Any] = space[name]
        return function


def _asked(exercise: Exercise, cases: list[Case]) -> list[Outcome]:
    """Return what is expected of networks; nothing is trained."""
    try:
        return [unseen.asked(case) for case in cases]
    except KeyError as error:
        what = f"a case of exercise {exercise.name!r} lacks {error}"
        raise AutograderError(f"{what}. Mend its generator of cases") from None


def _signs(exercise: Exercise, cases: list[Case]) -> list[Known]:
    """Return the signs by which bad networks are known; nothing is trained."""
    try:
        return [
            Known(each.name, each.sentence, tuple(unseen.known(each.name) for _ in cases))
            for each in exercise.mistakes
        ]
    except ValueError as error:
        what = f"a mistake of {exercise.name!r} cannot be known: {error}"
        raise AutograderError(f"{what}. Name it after a sign") from None


def _is_complete(exercise: Exercise, outcome: Outcome) -> bool:
    """Say whether every returned value gave numbers; some drivers name arrays by their content."""
    fixed = exercise.driver in {"call", "table", "steps", "mapping", "text", "numbers_by_id"}
    raises = any(name.startswith("raises ") for name in outcome.arrays)
    if fixed and not raises:
        return set(outcome.arrays) == set(exercise.returns)
    return bool(outcome.arrays)


@functools.lru_cache(maxsize=1024)
def _compiled(source: str, filename: str) -> types.CodeType:
    """Compile a solution once; it is defined anew for each submission."""
    return compile(source, filename, "exec")


def define(source: str, space: Namespace, filename: str, name: str) -> None:
    """Run a cell's source in a namespace and see that it defines `name`.

    Raises:
        AutograderError: when it raises or does not define the name.
    """
    try:
        # Kept for tracebacks: the source stands in no file.
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        exec(_compiled(source, filename), space)  # noqa: S102 - trusted source, see above
    except Exception as error:
        raise AutograderError(f"{filename} fails: {type(error).__name__}: {error}") from error
    if name not in space:
        raise AutograderError(f"{filename} does not define {name}")
