"""Answers of earlier notebooks are found with all that they call, and checked again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from downslope import catalog, own_work
from downslope.own_work import answers_in, bring, check_again, collect, needed

BLANK = 'def adam_step(theta):\n    raise NotImplementedError("to be written")'
FORWARD = {
    "linear": "def linear(X, W):\n    return X @ W.T",
    "relu": "def relu(Z):\n    return Z * (Z > 0)",
    "mlp": "def mlp(params, X):\n    return relu(linear(X, params))",
}


def write(path: Path, answers: dict[str, str]) -> None:
    marks = {"nbgrader": {"solution": True, "grade": False}}
    cells: list[Any] = [
        {"id": name, "cell_type": "code", "source": source.splitlines(True), "metadata": marks}
        for name, source in answers.items()
    ]
    text = {"cell_type": "markdown", "id": "text", "source": ["mlp"], "metadata": {}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": [text, *cells]}), encoding="utf-8")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Notebooks in folders side by side; returns the folder of the last one."""
    write(tmp_path / "03_net" / "03_net.ipynb", FORWARD)
    write(tmp_path / "06_adam" / "06_adam.ipynb", {"adam_step": BLANK})
    here = tmp_path / "09_last"
    write(here / "09_last.ipynb", {})
    return here


def test_an_answer_comes_with_what_it_calls_and_that_first(course: Path) -> None:
    found = collect(["mlp"], course)
    space: dict[str, Any] = {}
    exec(found.code, space)
    assert {"mlp", "linear", "relu"} <= set(space)
    assert found.code.index("def linear") < found.code.index("def mlp")
    assert found.homes == {"mlp": "03_net"}


def test_nothing_comes_twice(course: Path) -> None:
    assert collect(["linear", "mlp", "relu"], course).code.count("def linear") == 1


def test_what_is_blank_or_missing_is_said(course: Path) -> None:
    found = collect(["adam_step", "sgd"], course)
    assert found.code == ""
    assert found.notes["adam_step"] == "not written yet in 06_adam"
    assert "not found" in found.notes["sgd"]


def test_an_answer_that_calls_a_blank_one_does_not_come(course: Path) -> None:
    write(course.parent / "03_net" / "03_net.ipynb", {**FORWARD, "relu": BLANK})
    found = collect(["mlp"], course)
    assert found.code == ""
    assert found.notes["mlp"] == "its relu is not written yet in 03_net"


def test_functions_that_call_each_other_both_come() -> None:
    answers = {"even": "def even(n): return odd(n - 1)", "odd": "def odd(n): return even(n - 1)"}
    assert sorted(needed("even", answers)) == ["even", "odd"]


def test_an_answer_that_does_not_compile_comes_as_it_is() -> None:
    assert needed("f", {"f": "def f(:"}) == ["f"]


@pytest.mark.parametrize("text", ["", "[]", '{"cells": 3}', '{"cells": [{}]}', "\x00", "null"])
def test_a_file_that_is_no_notebook_has_no_answers(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.ipynb").write_text(text)
    assert answers_in(tmp_path / "x.ipynb") == {}


def test_copies_that_jupyter_keeps_are_left_alone(course: Path) -> None:
    write(course.parent / "03_net" / ".ipynb_checkpoints" / "a.ipynb", {"sgd": "def sgd(): ..."})
    write(course / ".ipynb_checkpoints" / "b.ipynb", {"sgd": "def sgd(): ..."})
    assert "sgd" in collect(["sgd"], course).notes


def test_bring_prints_code_and_where_it_came_from(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bring("mlp", "adam_step", folder=course)
    said = capsys.readouterr().out
    assert "def mlp(params, X):" in said
    assert "mlp: found in 03_net" in said
    assert "adam_step: not written yet in 06_adam" in said


class Shell:
    """Stands in for the notebook's shell."""

    kernel = True

    def __init__(self, **names: Any) -> None:
        self.user_ns = names
        self.given: list[str] = []

    def set_next_input(self, text: str) -> None:
        self.given.append(text)


def test_in_a_notebook_the_code_becomes_a_cell_once(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = Shell()
    monkeypatch.setattr(own_work, "_shell", lambda: shell)
    bring("mlp", folder=course)
    assert len(shell.given) == 1
    exec(shell.given[0], shell.user_ns)
    bring("mlp", folder=course)
    assert len(shell.given) == 1
    assert "mlp: is here already" in capsys.readouterr().out


def test_earlier_checks_are_run_again_and_none_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def sign_step(theta: Any, grad: Any, lr: Any) -> Any:
        return theta - lr * ((grad > 0) * 1.0 - (grad < 0))

    def adagrad_step(theta: Any, grad: Any, v: Any, lr: Any, eps: Any) -> Any:
        return theta, v

    def adam_step() -> None:
        raise NotImplementedError

    names = {"sign_step": sign_step, "adagrad_step": adagrad_step, "adam_step": adam_step}
    monkeypatch.setattr(own_work, "_shell", lambda: Shell(**names, walk=len))
    check_again(*names, "rmsprop_step", "walk")
    said = capsys.readouterr().out
    assert catalog.exercise("sign_step").lesson == "06_adaptive_methods"
    assert said.splitlines()[0] == "1 of 5 right"
    states = dict(line.split(maxsplit=1) for line in said.splitlines()[1:])
    assert states["sign_step"] == "right"
    assert states["adagrad_step"] == "not right yet"
    assert states["rmsprop_step"] == "not here"
    assert states["walk"] == "has no check"
