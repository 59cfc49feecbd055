"""The judge of the capstone's networks: nothing that draws the unseen data leaves it."""

from __future__ import annotations

import functools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import references
from autograder.errors import AutograderError
from autograder.exercises import Mistake
from autograder.judge import AnswerKey, Judge
from autograder.lessons import load_lesson
from downslope import unseen
from downslope.channel import outcomes_to_json, unpack
from downslope.drivers import Contract, Outcome, run_cases
from downslope.parameters import first_params
from downslope.plain import from_json

LESSON = Path(__file__).resolve().parents[2] / "source" / "09_capstone"
NETWORKS = ["digits_network", "signals_network"]
each_network = pytest.mark.parametrize("name", NETWORKS)


@functools.cache
def key() -> AnswerKey:
    return AnswerKey.of(load_lesson(LESSON), {"cells": []})


def judge() -> Judge:
    return Judge(key(), "secret", "ada")


def reply(outcomes: list[Outcome]) -> str:
    return json.dumps({"missing": False, "outcomes": outcomes_to_json(outcomes)})


@each_network
def test_the_request_holds_no_seed_of_the_unseen_data(name: str) -> None:
    judging = judge()
    (case,) = judging._cases[name]
    secret = case[unseen.KEPT]["seed"]
    text = json.dumps(unpack(judging.request(name)))
    assert str(case["task"]["seed"]) in text
    assert str(secret) not in text
    assert unseen.KEPT not in unpack(judging.request(name))["cases"][0]


@each_network
def test_what_is_sent_is_enough_to_answer(name: str) -> None:
    judging = judge()
    asked = unpack(judging.request(name))
    answer = key().reference.function(name)
    outcomes = run_cases(
        asked["driver"], answer, Contract.from_json(asked), from_json(asked["cases"])
    )
    assert judging.decide(name, reply(outcomes)).verdict == "pass"


@each_network
def test_the_judge_trains_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise AssertionError("a reference was run")

    monkeypatch.setattr(references, "run_cases", refuse)
    wide = 64 if name == "digits_network" else 40
    layers = first_params((wide, 8, 10), np.random.default_rng(0))
    arrays = {
        f"[{n}].{p}": part
        for n, each in enumerate(layers)
        for p, part in zip("Wb", each, strict=True)
    }
    found = judge().decide(name, reply([Outcome(arrays)]))
    assert (found.verdict, found.mistake, found.score) == ("fail", "guessing", 0.0)


def test_another_student_and_another_secret_get_other_data() -> None:
    seeds = {
        Judge(key(), *words)._cases["digits_network"][0][unseen.KEPT]["seed"]
        for words in (("secret", "ada"), ("secret", "bo"), ("other", "ada"))
    }
    assert len(seeds) == 3


def test_a_regrade_repeats() -> None:
    first, again = (judge()._cases["signals_network"] for _ in range(2))
    assert first == again


@each_network
def test_a_reply_of_the_largest_network_fits_through_the_channel(name: str) -> None:
    wide = 64 if name == "digits_network" else 40
    hidden = (unseen.MAX_PARAMETERS - 10) // (wide + 11)
    layers = first_params((wide, hidden, 10), np.random.default_rng(0))
    assert unseen.unfit(layers, wide) == ""
    arrays = {
        f"[{n}].{p}": part
        for n, each in enumerate(layers)
        for p, part in zip("Wb", each, strict=True)
    }
    found = judge().decide(name, reply([Outcome(arrays)]))
    assert found.verdict == "fail"
    assert "too large" not in found.message


def test_a_mistake_that_is_no_sign_is_refused_with_those_there_are() -> None:
    exercise = replace(key().exercises["digits_network"], mistakes=(Mistake("bad_luck", "So."),))
    with pytest.raises(AutograderError, match=r"'bad_luck'.*known are one_class, .*after a sign"):
        key().reference.known(exercise, judge()._cases["digits_network"])


def test_a_case_without_its_kept_part_is_named() -> None:
    exercise = key().exercises["digits_network"]
    with pytest.raises(AutograderError, match="lacks 'kept'"):
        key().reference.expected(exercise, unseen.sent(judge()._cases["digits_network"]))
