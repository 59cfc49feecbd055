"""Outcomes as JSON, and a sandbox's reply to the judge's questions.

The judge sends inputs; the learner's process answers with plain arrays. What arrives is only ever
read as JSON and checked field by field: no reply can be more than numbers and a few short texts.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from downslope.drivers import (
    MAX_NUMBERS,
    PROBLEM_KINDS,
    Contract,
    Outcome,
    Problem,
    run_cases,
)
from downslope.plain import from_json, to_json

MIME = "application/vnd.downslope.answer+json"
MAX_TEXT = 2000
MAX_NAMES = 100
MAX_NAME = 64


def outcomes_to_json(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Write outcomes as JSON-ready data."""
    return [
        {
            "arrays": to_json(outcome.arrays),
            "changed": list(outcome.changed),
            "problem": list(outcome.problem) if outcome.problem else None,
        }
        for outcome in outcomes
    ]


def outcomes_from_json(data: object) -> list[Outcome]:
    """Read outcomes, trusting nothing about where they come from.

    Raises:
        ValueError: when the data is not what `outcomes_to_json` writes, or is too large.
    """
    if not isinstance(data, list):
        raise ValueError("outcomes are not a list")
    return [_outcome(item) for item in data]


def _outcome(item: object) -> Outcome:
    if not isinstance(item, dict) or set(item) != {"arrays", "changed", "problem"}:
        raise ValueError("an outcome has other fields than arrays, changed, problem")
    arrays = from_json(item["arrays"])
    if not isinstance(arrays, dict) or not all(_is_numbers(array) for array in arrays.values()):
        raise ValueError("an outcome's arrays are not plain float64 arrays")
    changed = _names(item["changed"])
    problem = item["problem"]
    return Outcome(arrays, changed, None if problem is None else _problem(problem))


def _problem(value: object) -> Problem:
    kind, text = (_text(part) for part in _as_list(value))
    if kind not in PROBLEM_KINDS:
        raise ValueError("an outcome's problem is of an unknown kind")
    return Problem(kind, text)


def _names(value: object) -> tuple[str, ...]:
    names = tuple(_text(name) for name in _as_list(value))
    fits = all(name.isidentifier() and len(name) <= MAX_NAME for name in names)
    if len(names) > MAX_NAMES or not fits:
        raise ValueError("an outcome's changed arguments are not a few names")
    return names


def _is_numbers(array: object) -> bool:
    return isinstance(array, np.ndarray) and array.dtype == np.float64 and array.size <= MAX_NUMBERS


def _as_list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError("an outcome's field is not a list")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("an outcome's text is not a string")
    return clean(value)


def clean(text: str) -> str:
    r"""Cut a text that a learner's process sent, and mark what would break a file or a terminal.

    >>> clean("one\x00two") == "one\ufffdtwo"
    True
    """
    whole = text[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in whole)


def pack(data: object) -> str:
    """Write JSON-ready data as one line of ASCII that survives being pasted into code."""
    return base64.b64encode(zlib.compress(json.dumps(data).encode(), 9)).decode("ascii")


def unpack(text: str) -> Any:
    """Read what `pack` wrote."""
    return json.loads(zlib.decompress(base64.b64decode(text)))


def answer(request: str, namespace: Mapping[str, object]) -> str:
    """Answer one request of the judge, inside the learner's process, as JSON.

    Args:
        request: packed dict of a contract's fields, driver and cases.
        namespace: where the learner's function is looked up, and others that it needs.
    """
    asked = unpack(request)
    if asked["name"] not in namespace:
        return json.dumps({"missing": True})
    contract, cases = Contract.from_json(asked), from_json(asked["cases"])
    given = namespace[asked["name"]]
    outcomes = run_cases(asked["driver"], given, contract, cases, namespace)
    return json.dumps({"missing": False, "outcomes": outcomes_to_json(outcomes)})


def respond(request: str, namespace: Mapping[str, object]) -> None:
    """Answer a request by displaying the answer: the way out of a Jupyter kernel."""
    from IPython.display import display

    display({MIME: answer(request, namespace)}, raw=True)
