"""A small catalog of exercises and questions for the learner's side."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from downslope import catalog, checks, pages, quizzes
from downslope.channel import outcomes_to_json
from downslope.drivers import Contract, Outcome, run_cases
from downslope.plain import to_json

PARAMETERS, RETURNS = ("theta", "grad", "v", "lr"), ("theta", "v")


def right_step(theta: Any, grad: Any, v: Any, lr: float) -> tuple[Any, Any]:
    v = v + grad**2
    return theta - lr * grad / np.sqrt(v + 0.5), v


def forgetful_step(theta: Any, grad: Any, v: Any, lr: float) -> tuple[Any, Any]:
    return theta - lr * grad / np.sqrt(grad**2 + 0.5), grad**2


def other_course_step(theta: Any, grad: Any, v: Any, lr: float) -> tuple[Any, Any]:
    v = v + grad**2
    return theta - lr * grad / (np.sqrt(v) + 0.5), v


def welcome_step(theta: Any, grad: Any, v: Any, lr: float) -> tuple[Any, Any]:
    v = v + grad**2
    return theta - lr * grad / np.sqrt(v + 0.5), v / 2


def gradients(*seeds: int) -> list[dict[str, Any]]:
    draw = np.random.default_rng(seeds)
    return [{"grad": draw.normal(size=3) + 2.0, "lr": lr} for lr in (0.1, 0.1, 0.3)]


def step_cases(seed: int) -> list[dict[str, Any]]:
    start = {"theta": np.array([1.0, -2.0, 0.5]), "v": np.array([0.3, 0.0, 1.0])}
    return [
        {"label": "a run", "start": start, "updates": gradients(seed, 1)},
        {"label": "a <second> run", "start": start, "updates": gradients(seed, 2)},
    ]


def outcomes(function: Any, cases: list[dict[str, Any]]) -> list[Outcome]:
    return run_cases("steps", function, Contract("small_step", PARAMETERS, RETURNS), cases)


def exercise_data() -> dict[str, Any]:
    cases = step_cases(1)
    known = [
        ("forgetful", "You forget & lose <v>.", forgetful_step, False, False),
        ("elsewhere", "Another course puts it so.", other_course_step, False, True),
        ("welcome", "Half of v is fine, too.", welcome_step, True, True),
    ]
    return {
        "name": "small_step",
        "parameters": PARAMETERS,
        "returns": RETURNS,
        "forbids": ["downslope.optimizers"],
        "driver": "steps",
        "points": 2.0,
        "tolerance": 1e-9,
        "hints": ["Look at v.", "Add <the> square."],
        "cases": to_json(cases),
        "expected": outcomes_to_json(outcomes(right_step, cases)),
        "known": [
            {
                "name": name,
                "sentence": sentence,
                "accepted": accepted,
                "elsewhere": elsewhere,
                "outcomes": outcomes_to_json(outcomes(function, cases)),
            }
            for name, sentence, function, accepted, elsewhere in known
        ],
    }


def questions() -> list[dict[str, Any]]:
    def choice(name: str, options: dict[str, str], right: str) -> dict[str, Any]:
        replies = {quizzes.digest(name, key): quizzes.veil(text) for key, text in options.items()}
        data = {"name": name, "text": f"{name}?", "kind": "choice", "options": list(options)}
        return {**data, "replies": replies, "right": quizzes.digest(name, right)}

    number = choice("half", {"5.0e-01": "Yes.", "2.0e+00": "Upside down."}, "5.0e-01")
    number |= {"kind": "number", "digits": 2}
    del number["options"]
    return [
        choice("is_it", {"true": "Indeed.", "false": "Look again."}, "true"),
        choice("which", {"SGD": "Slow.", "Adam": "Fast <b>.", "Adagrad": "No."}, "Adam"),
        number,
    ]


@pytest.fixture(scope="session")
def lessons_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of built data with one lesson."""
    folder = tmp_path_factory.mktemp("lessons") / "01_small"
    folder.mkdir()
    rows = [{"name": "small_step", "points": 2.0}, {"name": "other_step", "points": 0.0}]
    overview = {"lesson": "01_small", "title": "Small", "exercises": rows}
    overview |= {"questions": questions()}
    (folder / "lesson.json").write_text(json.dumps(overview), encoding="utf-8")
    (folder / "small_step.json").write_text(json.dumps(exercise_data()), encoding="utf-8")
    return folder.parent


def forget() -> None:
    for cached in (catalog.exercise, catalog.lesson, catalog.question):
        cached.cache_clear()
    for memory in (checks.RESULTS, checks.HINTS_SHOWN, quizzes.ANSWERED):
        memory.clear()


@pytest.fixture
def small_course(
    lessons_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Callable[..., Any]]]:
    """Let the catalog read the small lesson, with nothing remembered; give answers by name."""
    monkeypatch.setattr(catalog, "LESSONS", lessons_folder)
    forget()
    yield {
        "right": right_step,
        "forgetful": forgetful_step,
        "elsewhere": other_course_step,
        "welcome": welcome_step,
    }
    forget()


@pytest.fixture
def in_kernel(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Pretend to be in a notebook; return the list that collects what is displayed."""
    import IPython.display

    shown: list[Any] = []
    for module in (pages, checks, quizzes):
        monkeypatch.setattr(module, "in_notebook", lambda: True)
    monkeypatch.setattr(IPython.display, "display", lambda data, **_: shown.append(data))
    return shown
