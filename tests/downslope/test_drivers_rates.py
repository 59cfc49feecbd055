"""Drivers about learning rates: functions that return schedules, and the range test."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from downslope.drivers import Case, Contract, Outcome, run_cases
from downslope.drivers.rates import MAX_CALLS, TrainStep

WARM = Contract("with_warmup", ("schedule", "warmup"), ("schedule",), ("downslope.schedules",))
TEST = Contract("range_test", ("train_step", "lrs"), ("losses",))
SCHEDULE = {"probe": "falling_rate", "first": 0.5, "k": 0.1}


def warm_case(*at: Any) -> Case:
    return {"label": "", "arguments": {"schedule": SCHEDULE, "warmup": 2}, "at": list(at)}


def losses_case(lrs: Any, losses: list[float], kinds: list[str] | None = None) -> Case:
    kinds = kinds or ["finite"] * len(losses)
    return {"label": "", "arguments": {"lrs": lrs}, "losses": losses, "kinds": kinds}


def warmed(answer: object, *at: Any) -> Outcome:
    return run_cases("schedule", answer, WARM, [warm_case(*at)])[0]


def outcome_of(answer: object, lrs: Any, losses: list[float], kinds: Any = None) -> Outcome:
    return run_cases("range_test", answer, TEST, [losses_case(lrs, losses, kinds)])[0]


def problem_of(outcome: Outcome) -> tuple[str, str]:
    assert outcome.problem is not None
    return outcome.problem.kind, outcome.problem.text


def test_a_schedule_is_asked_at_every_t() -> None:
    outcome = warmed(lambda schedule, warmup: schedule, 0, np.arange(3), np.zeros((2, 3)))
    arrays = list(outcome.arrays.values())
    assert outcome.problem is None
    assert list(outcome.arrays) == [f"lr of the schedule, call {n}" for n in (1, 2, 3)]
    assert [array.shape for array in arrays] == [(), (3,), (2, 3)]
    np.testing.assert_allclose(arrays[1], 0.5 * np.exp([0.0, -0.1, -0.2]))


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (lambda schedule, warmup: None, "nothing", "must return a schedule: a function"),
        (lambda schedule, warmup: schedule(0), "type", "with_warmup returned a float64"),
        (lambda schedule, warmup: lambda t: None, "type", "is a NoneType"),
        (lambda schedule, warmup: lambda t: [0.1], "type", "is a list"),
        (lambda schedule, warmup: lambda: 0.1, "raised", "with_warmup"),
        (lambda schedule, warmup: lambda t: 1 / 0, "raised", "ZeroDivisionError"),
        (lambda schedule, warmup: lambda t: np.float32(1), "dtype", "float32"),
    ],
)
def test_what_is_no_schedule_is_a_problem(
    answer: Callable[..., Any], kind: str, words: str
) -> None:
    found, text = problem_of(warmed(answer, 1))
    assert found == kind
    assert words in text


def test_a_schedule_that_is_not_written_inside_is_named() -> None:
    def with_warmup(schedule: Any, warmup: int) -> Any:
        def rate(t: Any) -> Any:
            raise NotImplementedError

        return rate

    assert problem_of(warmed(with_warmup, 1))[0] == "not_written"


def test_a_schedule_of_the_library_is_seen() -> None:
    from downslope import schedules

    def ready(schedule: Any, warmup: int) -> Any:
        return schedules.warmup(schedule, warmup)

    def late(schedule: Any, warmup: int) -> Any:
        return schedules.constant(1.0)

    assert problem_of(warmed(ready, 1))[0] == "uses_library"
    assert problem_of(warmed(late, 1))[0] == "uses_library"


def test_the_given_schedule_may_be_called_by_name() -> None:
    outcome = warmed(lambda schedule, warmup: lambda t: schedule(t=t), 2)
    assert outcome.problem is None


def test_a_schedule_that_changes_t_is_noted() -> None:
    def with_warmup(schedule: Any, warmup: int) -> Any:
        def rate(t: Any) -> Any:
            t += 1
            return schedule(t)

        return rate

    assert warmed(with_warmup, 1).changed == ()
    assert warmed(with_warmup, np.arange(3)).changed == ("t",)


def test_losses_come_back_with_the_rates_that_were_tried() -> None:
    outcome = outcome_of(
        lambda step, lrs: [step(lr) for lr in lrs[:2]], [0.1, 0.2, 0.3], [3.0, 2.0, 1.0]
    )
    arrays = {name: array.tolist() for name, array in outcome.arrays.items()}
    assert arrays == {
        "rates given to train_step": [0.1, 0.2],
        "number of losses": 2.0,
        "losses": [3.0, 2.0],
        "kind of each loss": [0.0, 0.0],
    }


@pytest.mark.parametrize("wrap", [list, tuple, np.array])
def test_losses_may_come_in_any_sequence_and_need_not_be_finite(wrap: Callable[..., Any]) -> None:
    kinds = ["finite", "nan", "inf"]
    outcome = outcome_of(
        lambda step, lrs: wrap([step(lr) for lr in lrs]), np.ones(3), [2.0, 0, 0], kinds
    )
    assert outcome.arrays["losses"].tolist() == [2.0, 0.0, 0.0]
    assert outcome.arrays["kind of each loss"].tolist() == [0.0, 1.0, 2.0]


def test_a_step_goes_on_where_the_one_before_ended() -> None:
    step = TrainStep([3.0, 2.0], ["finite", "finite"])
    assert [step(0.1), step(lr=0.1), step(0.1)] == [3.0, 2.0, 2.0]
    assert step.rates == [0.1, 0.1, 0.1]


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (lambda step, lrs: None, "nothing", "must return a list of losses"),
        (lambda step, lrs: step(0.1), "shape", "must return a list of losses"),
        (lambda step, lrs: [[1.0]], "type", "a loss is a list"),
        (lambda step, lrs: step("fast"), "type", "train_step is called with is a str"),
        (lambda step, lrs: step(lrs), "shape", "It must be a number"),
    ],
)
def test_what_are_no_losses_is_a_problem(answer: Callable[..., Any], kind: str, words: str) -> None:
    found, text = problem_of(outcome_of(answer, np.ones(2), [1.0, 1.0]))
    assert found == kind
    assert words in text


def test_an_endless_test_ends() -> None:
    def endless(train_step: Any, lrs: Any) -> Any:
        while True:
            train_step(0.1)

    kind, text = problem_of(outcome_of(endless, [0.1], [1.0]))
    assert kind == "count"
    assert str(MAX_CALLS) in text


def test_changed_rates_are_noted() -> None:
    def answer(train_step: Any, lrs: Any) -> Any:
        losses = [train_step(lr) for lr in lrs]
        lrs[0] = 7.0
        return losses

    assert outcome_of(answer, np.ones(2), [1.0, 1.0]).changed == ("lrs",)
    assert outcome_of(answer, [1.0, 1.0], [1.0, 1.0]).changed == ("lrs",)
