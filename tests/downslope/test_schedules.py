from collections.abc import Callable

import numpy as np
import pytest

from downslope import optimizers, schedules
from downslope.schedules import Schedule

EVERY = {
    "constant": schedules.constant(0.4),
    "step_decay": schedules.step_decay(0.4),
    "multi_step_decay": schedules.multi_step_decay(0.4, [3, 8]),
    "exponential": schedules.exponential(0.4, k=0.05),
    "inverse_time": schedules.inverse_time(0.4, k=0.5),
    "linear": schedules.linear(0.4, 0.1, total=30),
    "polynomial": schedules.polynomial(0.4, 0.1, total=30, power=2.0),
    "inverse_sqrt": schedules.inverse_sqrt(0.4, first=0),
    "cosine": schedules.cosine(0.4, total=30),
    "cosine_restarts": schedules.cosine_restarts(0.4, period=5),
    "restarts": schedules.restarts(schedules.linear(0.4, 0.0, total=5), period=5),
    "warmup": schedules.warmup(schedules.cosine(0.4, total=20), steps=6),
    "sequence": schedules.sequence([schedules.constant(0.4), schedules.linear(1.0, 0.0, 9)], [4]),
}
every = pytest.mark.parametrize("schedule", EVERY.values(), ids=EVERY)


@every
def test_numbers_and_arrays_of_any_shape_agree(schedule: Schedule):
    steps = np.arange(40)
    rates = schedule(steps)
    assert rates.shape == (40,)
    assert rates.dtype == np.float64
    assert [schedule(t) for t in range(40)] == rates.tolist()
    assert type(schedule(3)) is type(schedule(np.int64(3))) is float
    np.testing.assert_array_equal(schedule(steps.reshape(4, 10)), rates.reshape(4, 10))
    np.testing.assert_array_equal(schedule(steps[::-1]), rates[::-1])
    np.testing.assert_array_equal(steps, np.arange(40))


@every
def test_no_steps_no_rates(schedule: Schedule):
    assert schedule([]).shape == (0,)


@every
@pytest.mark.parametrize("t", [-1, [3, -1], np.nan])
def test_steps_before_the_first_are_refused(schedule: Schedule, t: object):
    with pytest.raises(ValueError, match="t must be at least 0; got"):
        schedule(t)


@every
def test_a_step_must_be_a_number(schedule: Schedule):
    with pytest.raises(TypeError, match="t must hold"):
        schedule("three")


@pytest.mark.parametrize("name", sorted(set(EVERY) - {"warmup"}))
def test_begins_with_the_first_rate(name: str):
    assert EVERY[name](0) == 0.4


def test_exponential_is_the_power_of_a_constant():
    t = np.arange(20)
    np.testing.assert_allclose(schedules.exponential(0.3, k=np.log(2))(t), 0.3 * 0.5**t, rtol=1e-14)


@pytest.mark.parametrize(
    "schedule",
    [
        schedules.linear(0.4, 0.1, total=7),
        schedules.polynomial(0.4, 0.1, total=7, power=0.5),
        schedules.cosine(0.4, total=7, lr_end=0.1),
    ],
)
def test_stays_at_the_floor(schedule: Schedule):
    assert schedule([7, 8, 1000]).tolist() == [0.1, 0.1, 0.1]
    assert schedule(6) > 0.1


def test_cosine_is_the_lectures_formula():
    t = np.arange(51)
    formula = 0.2 * 0.5 * (1 + np.cos(np.pi * t / 50))
    np.testing.assert_allclose(schedules.cosine(0.2, 50)(t), formula, atol=1e-16)


def test_inverse_sqrt_counts_from_one():
    assert schedules.inverse_sqrt(0.6)(9) == pytest.approx(0.2)
    with pytest.raises(ValueError, match=r"t must be at least 1; got 0; with first=0 it counts"):
        schedules.inverse_sqrt(0.6)(0)


@pytest.mark.parametrize("mult", [1, 1.5, 2, 3])
def test_restarts_are_back_at_lr0_on_the_first_step_of_each_cycle(mult: float):
    schedule = schedules.cosine_restarts(1.0, period=4, mult=mult)
    starts = np.concatenate([[0.0], np.cumsum(4 * float(mult) ** np.arange(8))])
    np.testing.assert_allclose(schedule(starts), 1.0, rtol=1e-12)
    assert np.all(schedule(np.floor(starts[1:] - 0.01)) < 0.51)


def test_restarts_far_out_are_exact():
    """3^k is found by adding, not by logarithms, which would round the last cycle's start away."""
    schedule = schedules.cosine_restarts(1.0, period=1, mult=3)
    start = (3**20 - 1) // 2
    assert schedule(start) == 1.0
    assert schedule(start - 1) < 1e-17


def test_each_cycle_of_restarts_is_stretched():
    once, schedule = schedules.cosine(1.0, 4), schedules.cosine_restarts(1.0, period=4, mult=2)
    np.testing.assert_allclose(schedule(4 + np.arange(8)), once(np.arange(8) / 2), atol=1e-16)


def test_warmup_climbs_in_equal_steps_then_hands_over():
    after = schedules.exponential(0.8, k=0.1)
    rates = schedules.warmup(after, steps=4)(np.arange(10))
    np.testing.assert_allclose(rates[:4], [0.2, 0.4, 0.6, 0.8])
    np.testing.assert_array_equal(rates[4:], after(np.arange(6)))


def test_warmup_takes_any_function():
    rates = schedules.warmup(lambda t: 1 / (1 + t), steps=2)([0, 1, 2, 3])
    np.testing.assert_allclose(rates, [0.5, 1.0, 1.0, 0.5])


def test_sequences_and_restarts_compose():
    saw = schedules.restarts(schedules.linear(1.0, 0.0, total=2), period=2)
    plan = schedules.sequence([schedules.warmup(schedules.constant(1.0), 2), saw], [3])
    np.testing.assert_array_equal(plan(np.arange(7)), [0.5, 1.0, 1.0, 1.0, 0.5, 1.0, 0.5])


def test_sequence_asks_a_schedule_only_for_its_own_steps():
    plan = schedules.sequence([schedules.constant(1.0), schedules.inverse_sqrt(1.0, first=0)], [5])
    assert plan(range(5)).tolist() == [1.0] * 5


@pytest.mark.parametrize("constant", [0.1, schedules.constant(0.1)])
def test_run_follows_a_number_and_a_schedule_alike(constant: float | Callable[[int], float]):
    path = optimizers.run(optimizers.sgd(), np.ones_like, [0.0], constant, 3)
    np.testing.assert_allclose(path.ravel(), [0.0, -0.1, -0.2, -0.3])


def test_run_hands_a_schedule_the_steps_from_zero():
    path = optimizers.run(optimizers.sgd(), np.ones_like, [0.0], schedules.linear(1, 0, 2), 4)
    np.testing.assert_array_equal(path.ravel(), [0.0, -1.0, -1.5, -1.5, -1.5])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedules.constant(-0.1), "lr0 must be a number at least 0; got -0.1"),
        (lambda: schedules.cosine(np.inf, 5), "lr0 must be a number at least 0; got inf"),
        (lambda: schedules.cosine(0.1, 0), "total must be a number above 0; got 0"),
        (lambda: schedules.linear(0.1, -0.1, 5), "lr_end must be a number at least 0; got -0.1"),
        (lambda: schedules.polynomial(1, 0, 5, 0), "power must be a number above 0; got 0"),
        (lambda: schedules.exponential(0.1, k=-1), "k must be a number at least 0; got -1"),
        (lambda: schedules.step_decay(0.1, every=0), "every must be a whole number of at least 1"),
        (lambda: schedules.cosine_restarts(0.1, 0), "period must be a whole number of at least 1"),
        (lambda: schedules.cosine_restarts(0.1, 5, 0.5), "mult must be a number at least 1"),
        (lambda: schedules.warmup(schedules.constant(1), 0), "steps must be a whole number of at"),
        (lambda: schedules.multi_step_decay(0.1, [5, 5]), "milestones must be steps above 0 in"),
        (lambda: schedules.multi_step_decay(0.1, [0, 5]), "milestones must be steps above 0 in"),
        (lambda: schedules.multi_step_decay(0.1, [np.nan]), "milestones must be steps above 0 in"),
        (lambda: schedules.sequence([schedules.constant(1)], [3]), "schedules must be one more"),
    ],
)
def test_what_makes_no_schedule_is_refused(make: Callable[[], Schedule], message: str):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedules.restarts(0.1, 5), "^schedule must be a function; got float"),
        (lambda: schedules.warmup(0.1, 5), "^schedule must be a function; got float"),
        (lambda: schedules.sequence([schedules.constant(1), 0.1], [3]), "every schedule must be a"),
    ],
)
def test_a_number_is_no_schedule(make: Callable[[], Schedule], message: str):
    with pytest.raises(TypeError, match=message):
        make()
