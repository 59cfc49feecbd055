"""Networks judged on data that never left the judge, whatever they claim."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from downslope import unseen
from downslope.compare import Known, judge
from downslope.drivers import Case, Contract, Outcome, run_cases
from downslope.messages import explain
from downslope.parameters import first_params
from downslope.unseen import ACCURACY, KEPT, SIGN, SIGNS, TASK, Task

CONTRACT = Contract("train", ("X", "y", "rng"), ("params",))
DIGITS: Case = {
    "label": "digits",
    "arguments": {"rng": 3},
    "task": {"data": "digits", "seed": 5, "examples": 1078},
    KEPT: {"seed": 11},
    "enough": 0.5,
}
SIGNALS: Case = {**DIGITS, "task": {"data": "signals", "seed": 5, "examples": 600}, "enough": 0.3}


def least_squares(X: np.ndarray, y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """One layer fitted to one-hot labels: the quickest network that reads something."""
    table = np.column_stack([X, np.ones(len(X))])
    best = np.linalg.solve(table.T @ table + np.eye(table.shape[1]), table.T @ np.eye(10)[y])
    return [(best[:-1].T.copy(), best[-1].copy())]


def drive(function: Any, case: Case) -> Outcome:
    (outcome,) = run_cases("network", function, CONTRACT, unseen.sent([case]))
    return outcome


def decide(outcome: Outcome, case: Case) -> Any:
    known = [Known(name, "s", (unseen.known(name),)) for name in SIGNS]
    return judge([outcome], [unseen.asked(case)], known, 1e-9)


def fit(X: Any, y: Any, rng: Any) -> Any:
    return least_squares(X, y)


@pytest.mark.parametrize("case", [DIGITS, SIGNALS], ids=["digits", "signals"])
def test_a_network_that_reads_enough_passes(case: Case) -> None:
    assert decide(drive(fit, case), case).passed


def test_what_is_kept_is_not_sent_and_not_needed() -> None:
    (given,) = unseen.sent([DIGITS])
    assert KEPT not in given
    assert {**given, KEPT: DIGITS[KEPT]} == DIGITS
    assert set(drive(fit, DIGITS).arrays) == {"[0].W", "[0].b"}


def test_the_unseen_data_depends_on_the_secret_and_the_training_data_does_not() -> None:
    for case in (DIGITS, SIGNALS):
        task = Task(**case["task"])
        one, again, other = (unseen.unseen_data(task, secret) for secret in (11, 11, 12))
        assert np.array_equal(one[0], again[0])
        assert not np.array_equal(one[0], other[0])
        assert np.array_equal(unseen.training_data(task)[0], unseen.training_data(task)[0])


def test_unseen_digits_are_distortions_of_those_that_are_left() -> None:
    task = Task("digits", 5, 1078)
    (X, y), (left, labels) = unseen.unseen_data(task, 11), unseen._clean_digits(task)
    assert len(X) == 2 * len(left) == 2 * (1797 - 1078)
    assert np.array_equal(y, np.tile(labels, 2))
    assert not any(np.array_equal(row, image) for row, image in zip(X, left, strict=False))
    seen = {row.tobytes() for row in unseen.training_data(task)[0]}
    assert sum(row.tobytes() in seen for row in left) < 5  # but for digits that were written twice


def test_classes_are_renamed_alike_in_both_parts() -> None:
    for seed in range(3):
        task = Task("signals", seed, 4000)
        X, y = unseen.training_data(task)
        network = least_squares(X, y)
        trial = unseen.Trial(network, task, 99, 0.4)
        assert trial.accuracy(*trial.unseen) > 0.3
    names = {tuple(np.random.default_rng(seed).permutation(10)) for seed in range(3)}
    assert len(names) == 3


def test_a_claim_is_not_used() -> None:
    outcome = drive(lambda X, y, rng: [(np.eye(10, 64), np.zeros(10))], DIGITS)
    claims = {ACCURACY: np.array(0.5), TASK: np.zeros(5), SIGN: np.array(-1.0)}
    verdict = decide(outcome._replace(arrays={**outcome.arrays, **claims}), DIGITS)
    assert not verdict.passed
    assert verdict.divergence.array == ACCURACY
    assert verdict.divergence.got < 0.3


SOUND = {"[0].W": np.ones((10, 64)), "[0].b": np.ones(10)}


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"[0].W": np.ones((10, 64))},
        {**SOUND, "[0].b": np.ones((1438, 10))},  # an answer for each image, not a bias
        {**SOUND, "[0].W": np.ones((10, 63))},
        {**SOUND, "[0].W": np.ones(64)},
        {**SOUND, "[1].W": np.ones((9, 10)), "[1].b": np.ones(9)},
        {"[0].W": np.full((10, 64), np.nan), "[0].b": np.ones(10)},
        {f"[{n}].{part}": np.ones((1, 1)) for n in range(500) for part in "Wb"},
        {"[0].W": np.zeros((10, 64)), "[0].b": np.zeros(10)},
        {"[00].W": np.ones((10, 64)), "[00].b": np.ones(10)},
        {"[0].W": np.ones((10, 64)), "[0].b": np.array(1.0)},
        {"[\u0663].W": np.ones((10, 64)), "[\u0663].b": np.ones(10)},
        {"[0].W": np.full((10, 64), 1e308), "[0].b": np.ones(10)},
    ],
)
def test_what_is_no_network_gets_nothing_and_stops_nothing(arrays: dict[str, np.ndarray]) -> None:
    assert not decide(Outcome(arrays), DIGITS).passed


def test_layers_are_taken_by_number() -> None:
    layers = [(np.eye(10) * (n + 1), np.zeros(10)) for n in range(12)]
    arrays = {
        f"[{n}].{p}": a for n, each in enumerate(layers) for p, a in zip("Wb", each, strict=True)
    }
    shuffled = dict(sorted(arrays.items()))
    assert [float(W[0, 0]) for W, _ in unseen._layers(shuffled)] == list(range(1, 13))


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (lambda X, y, rng: None, "nothing", "returned nothing"),
        (lambda X, y, rng: [], "shape", "has 0 layers"),
        (lambda X, y, rng: 3.0, "type", "a list of (W, b)"),
        (lambda X, y, rng: [(np.ones((64, 10)), np.ones(10))], "shape", r"\(out, 64\)"),
        (lambda X, y, rng: [(np.ones((10, 64)), np.ones(9))], "shape", "b of layer 1"),
        (lambda X, y, rng: [(np.ones((9, 64)), np.ones(9))], "shape", "9 outputs"),
        (lambda X, y, rng: first_params((64, 700, 10), rng), "shape", "50000 are allowed"),
        (lambda X, y, rng: first_params((64, *[10] * 30), rng), "shape", "30 layers"),
        (lambda X, y, rng: [np.ones((10, 64)), np.ones(10)], "nesting", ""),
        (lambda X, y, rng: [(np.ones((10, 64), np.float32), np.ones(10))], "dtype", ""),
    ],
)
def test_what_cannot_be_measured_is_put_into_words(answer: Any, kind: str, told: str) -> None:
    problem = drive(answer, DIGITS).problem
    assert problem is not None
    assert problem.kind == kind
    assert not told or any(word in problem.text for word in [told, told.replace("\\", "")])


def test_changing_the_data_in_place_is_seen() -> None:
    def spoils(X: Any, y: Any, rng: Any) -> Any:
        found = least_squares(X, y)
        X -= X.mean()
        return found

    assert decide(drive(spoils, DIGITS), DIGITS).mistake == "changes_input"


def scaled(X: Any, y: Any, rng: Any) -> Any:
    """What least squares gives, for inputs that are standardised first."""
    (W, b), spread = least_squares(X, y)[0], X.std(axis=0)
    return [(W * np.where(spread > 0, spread, 1.0), b + W @ X.mean(axis=0))]


ANSWERS = {
    "one_class": lambda X, y, rng: [(np.zeros((10, 64)), np.arange(10.0))],
    "scaler_kept": scaled,
    "other_names": lambda X, y, rng: least_squares(X, (y + 3) % 10),
    "guessing": lambda X, y, rng: least_squares(X, rng.permutation(y)),
    "clean_only": fit,
    "unfinished": lambda X, y, rng: least_squares(X[:40], y[:40]),
}


@pytest.mark.parametrize("sign", ANSWERS)
def test_a_sign_is_seen_and_named(sign: str) -> None:
    case = {**DIGITS, "enough": 0.5 if sign in {"scaler_kept", "other_names"} else 0.95}
    verdict = decide(drive(ANSWERS[sign], case), case)
    assert not verdict.passed
    assert verdict.mistake == sign


def test_a_single_layer_is_named_for_signals_alone() -> None:
    assert decide(drive(fit, SIGNALS), {**SIGNALS, "enough": 0.9}).mistake == "single_layer"


def test_only_signs_are_known() -> None:
    with pytest.raises(ValueError, match="no sign is called 'bad_luck'"):
        unseen.known("bad_luck")


def test_the_message_says_how_much_is_read_of_what() -> None:
    for case, what in ((DIGITS, "distorted digits"), (SIGNALS, "signals")):
        strict = {**case, "enough": 0.99}
        verdict = judge([drive(fit, case)], [unseen.asked(strict)], [], 1e-9)
        text = explain(verdict, "train", ("params",), ["x"], steps=False, cases=[strict])
        assert f"of the {what} it has not seen, 99% are asked for" in text
