import hashlib
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downslope import datasets
from downslope.datasets import Dataset, bandit, load_digits, load_wine, split
from downslope.datasets.samples import _deal
from downslope.datasets.shipped import DATA

SHIPPED = (load_digits, load_wine)
both = pytest.mark.parametrize("load", SHIPPED, ids=["digits", "wine"])


def rows_of(*arrays: np.ndarray) -> list[bytes]:
    return sorted(row.tobytes() for array in arrays for row in array)


def small(n: int = 10, **changes: Any) -> Dataset:
    parts: dict[str, Any] = {
        "name": "small",
        "X": np.arange(2.0 * n).reshape(n, 2),
        "y": np.arange(n) % 3,
        "feature_names": ("a", "b"),
        "target_names": ("p", "q", "r"),
    }
    return Dataset(**(parts | changes))


# Shipped files


def test_every_shipped_file_has_the_checksum_and_size_that_its_source_states():
    text = (DATA / "SOURCES.md").read_text("utf-8")
    stated = re.findall(r"\| `([\w.]+)` \| (\d+) \| (\d+) \| `([0-9a-f]{64})` \|", text)
    files = {file.name: file.read_bytes() for file in DATA.iterdir() if file.name != "SOURCES.md"}
    assert {name for name, *_ in stated} == set(files)
    for name, rows, size, digest in stated:
        assert hashlib.sha256(files[name]).hexdigest() == digest, name
        assert len(files[name]) == int(size)
        assert files[name].count(b"\n") - name.endswith(".csv") == int(rows)


def test_shipped_data_is_small_and_says_its_licence():
    assert sum(file.stat().st_size for file in DATA.iterdir()) < 200_000
    for section in (DATA / "SOURCES.md").read_text("utf-8").split("\n## ")[1:]:
        assert "Licence: " in section
        if not section.startswith("torch_schedules.json"):
            assert "Licence: CC BY 4.0" in section
            assert "https://doi.org/10.24432/" in section
    for load in SHIPPED:
        assert "CC BY 4.0" in load().description


def test_digits_are_the_1797_of_the_source():
    digits = load_digits()
    assert digits.X.shape == (1797, 64)
    assert set(np.unique(digits.X)) == set(range(17))
    # How many of each digit the repository states for the test part.
    assert np.bincount(digits.y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert digits.X[-1, :10].tolist() == [0, 0, 10, 14, 8, 1, 0, 0, 0, 2]
    assert digits.y[-1] == 8
    blank = [
        name
        for name, column in zip(digits.feature_names, digits.X.T, strict=True)
        if not column.any()
    ]
    assert blank == ["pixel_0_0", "pixel_4_0", "pixel_4_7"]


def test_wine_has_features_on_very_different_scales():
    wine = load_wine()
    assert np.bincount(wine.y).tolist() == [59, 71, 48]
    assert wine.X[0].tolist() == [
        14.23,
        1.71,
        2.43,
        15.6,
        127,
        2.8,
        3.06,
        0.28,
        2.29,
        5.64,
        1.04,
        3.92,
        1065,
    ]
    named = dict(zip(wine.feature_names, wine.X.T, strict=True))
    assert (named["proline"].min(), named["proline"].max()) == (278, 1680)
    assert (named["hue"].min(), named["hue"].max()) == (0.48, 1.71)
    assert wine.X.std(axis=0).max() / wine.X.std(axis=0).min() > 1000


@both
def test_loaders_share_one_read_only_copy(load: Callable[[], Dataset]):
    data = load()
    assert load() is data
    assert (data.X.dtype, data.y.dtype) == (np.float64, np.int64)
    for array in (data.X, data.y):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(AttributeError):
        data.name = "mine"


@both
def test_a_data_set_survives_being_sent_elsewhere(load: Callable[[], Dataset]):
    copy = pickle.loads(pickle.dumps(load()))
    np.testing.assert_array_equal(copy.X, load().X)
    assert copy.target_names == load().target_names


def test_loading_never_uses_the_network(fresh_python: Callable[[str], str]):
    code = """
import sys
from downslope import datasets
datasets.load_digits(), datasets.load_wine()
print(*({"socket", "ssl", "urllib.request", "http.client"} & set(sys.modules)))
"""
    assert fresh_python(code).strip() == ""


# Data sets


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"X": np.zeros(10)}, r"X must be float64 with shape \(N, D\); got float64 with shape"),
        ({"X": np.zeros((10, 2), np.float32)}, "X must be float64 .* got float32"),
        ({"X": np.full((10, 2), np.nan)}, "X must be finite"),
        ({"feature_names": ("a",)}, "feature_names must have 2 names; got 1"),
        ({"y": np.zeros(9, np.int64)}, r"y must be int64 with shape \(10,\); got .*\(9,\)"),
        ({"y": np.zeros(10)}, "y must be int64 .* got float64"),
        ({"y": np.full(10, 3)}, "labels 0 to 2; got 3 to 3"),
        ({"y": np.full(10, -1)}, "labels 0 to 2; got -1 to -1"),
        ({"target_names": ()}, "y must be float64 .* got int64"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        small(**changes)


@pytest.mark.parametrize("name", ["X", "y"])
def test_a_list_is_no_array(name: str):
    with pytest.raises(TypeError, match=f"{name} must be a NumPy array; got list"):
        small(**{name: [1.0, 2.0]})


def test_a_data_set_keeps_copies():
    X = np.zeros((10, 2))
    data = small(X=X)
    X[0] = 1.0
    assert not data.X.any()
    assert len(data) == 10


# Splits


@both
def test_a_split_uses_every_example_once(load: Callable[[], Dataset]):
    parts = split(load())
    assert rows_of(*(part.X for part in parts)) == rows_of(load().X)
    for part, fraction in zip(parts, (0.6, 0.2, 0.2), strict=True):
        assert abs(len(part.y) - fraction * len(load())) <= 1


@both
def test_labels_go_with_their_examples_and_keep_their_mix(load: Callable[[], Dataset]):
    data = load()
    label_of = {row.tobytes(): label for row, label in zip(data.X, data.y, strict=True)}
    sizes = np.bincount(data.y)
    for part, fraction in zip(split(data), (0.6, 0.2, 0.2), strict=True):
        assert [label_of[row.tobytes()] for row in part.X] == part.y.tolist()
        assert np.abs(np.bincount(part.y) - fraction * sizes).max() <= 2


def test_the_same_seed_gives_the_same_split():
    first, again, other = (
        split(load_wine(), (0.5, 0.25, 0.25), np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.train.X, again.train.X)
    assert not np.array_equal(first.train.X, other.train.X)
    np.testing.assert_array_equal(split(load_wine()).test.X, split(load_wine()).test.X)


def test_a_split_is_in_random_order_and_yours_to_change():
    train, _, _ = split(load_wine())
    assert (np.diff(train.y) != 0).sum() > 40
    train.X[:] = 0.0
    assert load_wine().X.any()


def test_a_set_may_stay_empty():
    train, validation, test = split(small(), (0.7, 0, 0.3), np.random.default_rng(0))
    assert (len(train.y), len(validation.y), len(test.y)) == (7, 0, 3)
    assert validation.X.shape == (0, 2)


def test_regression_targets_are_split_too():
    data = datasets.noisy_regression(50, np.random.default_rng(0))
    parts = split(data)
    assert [len(part.y) for part in parts] == [30, 10, 10]
    assert sorted(np.concatenate([part.y for part in parts])) == sorted(data.y)


@pytest.mark.parametrize(
    "fractions", [(0.5, 0.5), (0.5, 0.6, -0.1), (0.6, 0.2, 0.1), (np.nan,) * 3]
)
def test_wrong_fractions_are_refused(fractions: tuple[float, ...]):
    with pytest.raises(ValueError, match=r"fractions must be three numbers .* got"):
        split(small(), fractions)


def test_only_a_data_set_is_split():
    with pytest.raises(TypeError, match=r"dataset must be a .*\.Dataset; got list"):
        split([1, 2])


def test_a_seed_is_no_generator():
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator.* got int"):
        split(small(), rng=7)


@given(st.tuples(*[st.integers(0, 100)] * 3).filter(any), st.integers(1, 120))
def test_dealing_is_never_more_than_one_card_off(weights: tuple[int, int, int], n: int):
    shares = np.array(weights) / sum(weights)
    held = np.cumsum(_deal(n, shares)[:, None] == np.arange(3), axis=0)
    fair = np.arange(1, n + 1)[:, None] * shares
    assert np.abs(held - fair).max() < 1


# The bandit of lecture L2


def test_the_lecture_s_figures_in_base_ten():
    machine = bandit()
    assert machine.outcomes.tolist() == [1, 0, 0, 0, 0, 0, 0, 1, 1, 0]
    assert machine.estimate == 0.3
    assert round(float(machine.training_error(0.3)) / np.log(10), 2) == 0.27
    assert round(float(machine.generalisation_error(0.3)) / np.log(10), 2) == 0.29
    for p, figure in ((0.353, 0.28), (0.354, 0.29), (0.38, 0.29), (0.381, 0.30)):
        assert round(float(bandit(p).generalisation_error(0.3)) / np.log(10), 2) == figure


def test_errors_are_lowest_where_they_should_be():
    lam = np.linspace(0.01, 0.99, 99)
    assert lam[bandit().training_error(lam).argmin()] == pytest.approx(0.3)
    assert lam[bandit().generalisation_error(lam).argmin()] == pytest.approx(0.37)


def test_certain_models_pay_without_end_for_a_surprise():
    np.testing.assert_array_equal(bandit().training_error([0.0, 1.0]), [np.inf, np.inf])
    sure = bandit(1.0)
    np.testing.assert_array_equal(sure.generalisation_error([0.0, 1.0]), [np.inf, 0.0])
    assert bandit(0.0).generalisation_error(0.0) == 0.0


def test_more_pulls_estimate_the_generalisation_error():
    machine = bandit()
    test = machine.pull(100_000, np.random.default_rng(0))
    assert test.p == machine.p
    gap = test.training_error(machine.estimate) - machine.generalisation_error(machine.estimate)
    assert abs(gap) < 5e-3


def test_impossible_probabilities_are_refused():
    with pytest.raises(ValueError, match=r"p must be a number at least 0 and at most 1; got 1\.5"):
        bandit(1.5)
    with pytest.raises(ValueError, match="lam must lie in"):
        bandit().training_error([0.5, np.nan])
    with pytest.raises(ValueError, match="n must be a whole number of at least 1; got 0"):
        bandit().pull(0, np.random.default_rng(0))
    with pytest.raises(ValueError, match="read-only"):
        bandit().outcomes[0] = 0
