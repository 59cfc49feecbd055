"""A wrong argument is refused in words that name it, whatever function it is given to.

Each public function is taken as its docstring calls it; then one argument after another is
replaced by something that nobody would want there. It may still be accepted. If it is not, the
error must be a `TypeError` or a `ValueError` whose message names the argument, or another one
that it does not fit.
"""

import contextlib
import copy
import doctest
import functools
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from matplotlib import pyplot as plt

from tests.downslope.test_docstrings import PUBLIC

# They speak to learners about exercises and questions, not about arguments; tested elsewhere.
OF_THE_COURSE = {"check", "check_hidden", "hint", "predict", "progress", "quiz", "show"}
# Its example calls it as plots.describe, which is not watched.
WITHOUT_A_CALL = {"describe"}
FUNCTIONS = {
    name: value
    for name, value in PUBLIC.items()
    if inspect.isfunction(value) and value.__name__ not in OF_THE_COURSE | WITHOUT_A_CALL
}
# What is wrong with them only the learner's own function can find.
HANDED_ON = {("grid_search", "configs")}


class Odd:
    def __repr__(self) -> str:
        return "Odd()"


WRONG: dict[str, Any] = {
    "None": None,
    "text": "nonsense",
    "object": Odd(),
    "below 0": -1,
    "nan": float("nan"),
    "complex": 1j,
    "empty": [],
    "of three axes": np.ones((2, 3, 4)),
    "names": np.array(["a", "b"]),
}


class Call(NamedTuple):
    """How a docstring calls its function."""

    function: Callable[..., Any]
    signature: inspect.Signature
    arguments: dict[str, Any]

    def with_another(self, name: str, value: Any) -> None:
        """Make the call with one argument replaced."""
        given = {key: _copy(each) for key, each in self.arguments.items()} | {name: value}
        bound = self.signature.bind_partial()
        bound.arguments = {key: given[key] for key in self.signature.parameters if key in given}
        self.function(*bound.args, **bound.kwargs)


def _copy(value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except (TypeError, ValueError):  # axes of a figure, generators
        return value


@functools.cache
def documented_call(name: str) -> Call:
    """Run the function's doctest and keep the arguments of its first call."""
    function, found = FUNCTIONS[name], []
    signature = inspect.signature(function)

    @functools.wraps(function)
    def watched(*args: Any, **kwargs: Any) -> Any:
        with contextlib.suppress(TypeError):
            found.append(
                {k: _copy(v) for k, v in signature.bind(*args, **kwargs).arguments.items()}
            )
        return function(*args, **kwargs)

    namespace = {**vars(sys.modules[function.__module__]), function.__name__: watched, "np": np}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for example in doctest.DocTestFinder(recurse=False).find(function, name, globs=namespace):
        runner.run(example, out=lambda text: None, clear_globs=False)
    return Call(function, signature, found[0])


def replaceable(signature: inspect.Signature) -> Iterator[inspect.Parameter]:
    for parameter in signature.parameters.values():
        several = parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        if not several and not isinstance(parameter.default, bool):  # yes or no: anything will do
            yield parameter


def is_named(parameter: str, message: str) -> bool:
    """Is it there as it is, or as one of several: "every size" of sizes?"""
    return re.search(rf"\b{parameter.removesuffix('s')}s?\b", message) is not None


@pytest.fixture(autouse=True)
def no_figures_left() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_message_names_the_argument(name: str) -> None:
    call = documented_call(name)
    unnamed = []
    for parameter in replaceable(call.signature):
        if (call.function.__name__, parameter.name) in HANDED_ON:
            continue
        for kind, wrong in WRONG.items():
            if wrong is parameter.default:
                continue
            try:
                call.with_another(parameter.name, _copy(wrong))
            except Exception as error:  # noqa: BLE001 - any kind may come, that is the question
                named = any(is_named(each, str(error)) for each in call.signature.parameters)
                if not named or not isinstance(error, TypeError | ValueError):
                    unnamed.append(f"{parameter.name}, {kind}: {type(error).__name__}: {error}")
            plt.close("all")
    assert not unnamed, "\n".join(unnamed)
