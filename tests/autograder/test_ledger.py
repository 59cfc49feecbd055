"""Form of the oracle ledger: tolerances, rounding, and what counts as a difference."""

from typing import Any

import pytest

from autograder.ledger import differences, rounded_up, tolerance_for

ROW: dict[str, Any] = {
    "sources": {
        "closed form": {"gap": 3e-16, "says": "a sum"},
        "PyTorch": {"gap": 2e-16, "says": "torch.optim.Adam", "version": "2.13.0"},
    },
    "largest_gap": 3e-16,
    "other_answers": 1e-16,
    "tolerance": 1e-9,
    "nearest_mistake": {"name": "a", "distance": 0.01},
    "closest_pair": {"name": "a", "other": "b", "distance": None},
}


def changed(**fields: Any) -> dict[str, Any]:
    return {"f": {**ROW, **fields}}


@pytest.mark.parametrize(
    ("gap", "tolerance"),
    [(0.0, 1e-9), (3e-16, 1e-9), (1e-15, 1e-9), (1.1e-15, 1e-8), (1e-12, 1e-6)],
)
def test_the_tolerance_is_a_power_of_ten_a_million_times_the_gap(gap: float, tolerance: float):
    assert tolerance_for(gap) == tolerance


@pytest.mark.parametrize(("number", "up"), [(0.0, 0.0), (1.01e-16, 1.1e-16), (9.91e-15, 1e-14)])
def test_gaps_are_rounded_up(number: float, up: float):
    assert rounded_up(number) == up


def test_another_last_bit_is_no_difference():
    fresh = changed(largest_gap=9e-16, nearest_mistake={"name": "b", "distance": 0.0101})
    assert list(differences({"f": ROW}, fresh)) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"largest_gap": 1e-14}, "largest_gap is 1e-14"),
        ({"other_answers": 1e-13}, "other_answers is 1e-13"),
        ({"nearest_mistake": {"name": "a", "distance": 0.02}}, "nearest_mistake is"),
        ({"closest_pair": {"name": "a", "other": "b", "distance": 0.5}}, "closest_pair is"),
        ({"nearest_mistake": None}, "nearest_mistake is None"),
        ({"stated_tolerance": 1e-3}, "the stated tolerance has changed"),
        ({"sources": {}}, "its sources have changed"),
    ],
)
def test_a_contradiction_is_said(fields: dict[str, Any], said: str):
    (complaint,) = differences({"f": ROW}, changed(**fields))
    assert complaint.startswith(f"f: {said}")


def test_a_tolerance_typed_by_hand_is_found():
    (complaint,) = differences(changed(tolerance=1e-3), {"f": ROW})
    assert "does not follow" in complaint


def test_missing_and_superfluous_rows_are_found():
    assert list(differences({"old": ROW}, {"new": ROW})) == [
        "new: has no row",
        "old: is no exercise any more",
    ]
