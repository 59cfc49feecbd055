"""A tiny course: one lesson with an exercise and a question that a person grades."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.lessons import Lesson, load_lesson

TINY_MASTER = '''\
# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: nbgrader,tags,slideshow,editable,deletable,-all
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Doubling
#
# Twice a number $x$ is $2x$.

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np
from downslope import check

# %% nbgrader={"grade_id": "double", "solution": true}
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2.0 * x
    ### END SOLUTION

# %% nbgrader={"grade_id": "check_double", "grade": true, "points": 4}
check("double", double)

# %% [markdown]
# Why is the result even for every whole number?

# %% [markdown] nbgrader={"grade_id": "why_even", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# Because 2 divides it.
# ### END SOLUTION
'''

TINY_EXERCISES = """\
from autograder.exercises import Alternative, Exercise, Mistake, call_case


def cases(rng):
    return [
        call_case("three numbers", x=rng.normal(size=3)),
        call_case("a table", x=rng.normal(size=(2, 4)) + 3.0),
    ]


double = Exercise(
    "double",
    returns=("result",),
    driver="call",
    cases=cases,
    hints=("Add the number to itself.", "There is a factor 2."),
    mistakes=(Mistake("squares", "This squares x instead of doubling it.", [("2.0 * x", "x**2")]),),
    alternatives=(Alternative("by_adding", edits=[("2.0 * x", "x + x")]),),
)
EXERCISES = (double,)
"""


def write_course(root: Path) -> Path:
    """Write the tiny course's sources below a folder."""
    lesson = root / "source" / "01_tiny"
    lesson.mkdir(parents=True)
    (lesson / "01_tiny.py").write_text(TINY_MASTER, encoding="utf-8")
    (lesson / "exercises.py").write_text(TINY_EXERCISES, encoding="utf-8")
    ledger = {"exercises": {"double": {"tolerance": 1e-9}}}
    (lesson / "ledger.json").write_text(json.dumps(ledger), encoding="utf-8")
    curriculum = '[01_tiny]\ndouble = "(x)"\n'
    (root / "source" / "curriculum.toml").write_text(curriculum, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def make_tiny_course() -> Callable[[Path], Path]:
    """Write the tiny course's sources below a folder, for tests that share one."""
    return write_course


@pytest.fixture
def tiny_course(tmp_path: Path) -> Path:
    """The root of a course whose source/ holds the lesson 01_tiny."""
    return write_course(tmp_path / "course")


@pytest.fixture
def tiny_lesson(tiny_course: Path) -> Lesson:
    """The lesson of the tiny course."""
    return load_lesson(tiny_course / "source" / "01_tiny")
