"""Parts of cases mask nothing: both signs, a changing lr, constants that are nobody's default."""

import numpy as np
import pytest

from autograder import draws
from autograder.exercises import steps_case
from autograder.references import seeded_rng


@pytest.fixture
def rng() -> np.random.Generator:
    return seeded_rng("draws")


def test_numbers_have_both_signs_and_stay_away_from_zero(rng: np.random.Generator):
    drawn = draws.signed(rng, 5)
    assert sorted(np.sign(drawn)) == [-1, -1, 1, 1, 1]
    assert np.abs(drawn).min() >= 0.3


def test_lr_changes_during_a_run(rng: np.random.Generator):
    lrs = [update["lr"] for update in draws.run(rng, 3, 5)]
    assert lrs == [lrs[0]] * 2 + [lrs[-1]] * 3
    assert lrs[0] != lrs[-1]


def test_the_last_gradient_stops_where_it_is_told(rng: np.random.Generator):
    last = [update["grad"][-1] != 0 for update in draws.run(rng, 3, 4, zero_from=2)]
    assert last == [True, True, False, False]


def test_a_scale_makes_all_gradients_tiny(rng: np.random.Generator):
    assert all(abs(u["grad"]).max() <= 3e-4 for u in draws.run(rng, 3, 2, scale=1e-4))


def test_arguments_are_added_and_left_out(rng: np.random.Generator):
    updates = draws.constants(draws.numbered(draws.run(rng, 3, 2), 7), rho=0.5)
    assert [(update["t"], update["rho"]) for update in updates] == [(7, 0.5), (8, 0.5)]
    assert set(draws.without(updates[0], "t")) == {"grad", "lr", "rho"}


def test_constants_of_a_case_leave_the_case_as_it_was(rng: np.random.Generator):
    case = steps_case("a", {"theta": np.ones(2)}, [{"lr": 0.1}])
    assert draws.with_constants(case, eps=0.2)["updates"] == [{"lr": 0.1, "eps": 0.2}]
    assert case["updates"] == [{"lr": 0.1}]


def test_constants_are_nobodys_default(rng: np.random.Generator):
    assert 0.6 <= draws.decay(rng) <= 0.95
    assert 0.05 <= draws.visible_eps(rng) <= 0.3
    assert draws.squares(rng, 4).min() >= 0.3
