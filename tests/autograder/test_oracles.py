"""The oracle ledger: committed rows are true, and a wrong reference is found."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import oracles
from autograder.errors import AutograderError
from autograder.ledger import Row, tolerance_for, used_tolerance
from autograder.lessons import Lesson, lesson_folders, read_lesson

SOURCE = Path(__file__).resolve().parents[2] / "source"
FOLDERS = lesson_folders(SOURCE)
ROWS = [
    pytest.param(row, id=f"{folder.name}-{name}")
    for folder in FOLDERS
    for name, row in oracles.read_rows(folder).items()
]
each_row = pytest.mark.parametrize("row", ROWS)
each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)

TOY_MASTER = """\
# %%
import numpy as np

# %% nbgrader={"grade_id": "halve", "solution": true}
def halve(x):
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION

# %% nbgrader={"grade_id": "check_halve", "grade": true, "points": 1}
check("halve", halve)
"""
TOY_EXERCISES = """\
from autograder.exercises import Alternative, Exercise, Mistake, call_case

halve = Exercise(
    "halve",
    returns=("half",),
    driver="call",
    cases=lambda rng: [call_case("three numbers", x=rng.uniform(1.0, 2.0, 3))],
    mistakes=(
        Mistake("doubled", "You doubled.", [("x / 2", "x * 2")]),
        Mistake("nearly", "Nearly.", [("x / 2", "x / 2.1")]),
    ),
    alternatives=(Alternative("product", "", [("x / 2", "0.5 * x")]),),
)
EXERCISES = (halve,)
"""
TOY_ORACLES = """\
from autograder.oracles import Source

def number(case):
    return case["arguments"]["x"]

def less_one(case):
    return {"half": 1.5 * number(case) - number(case)}

ORACLES = {
    "halve": (
        Source("product", "times one half", lambda case: {"half": number(case) * 0.5}),
        Source("difference", "one and a half less one", less_one),
    )
}
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with one small lesson, as the current directory; returns the lesson's folder."""
    folder = tmp_path / "source" / "01_toy"
    folder.mkdir(parents=True)
    (folder / "01_toy.py").write_text(TOY_MASTER)
    (folder / "exercises.py").write_text(TOY_EXERCISES)
    (folder / "oracles.py").write_text(TOY_ORACLES)
    (tmp_path / "source" / "curriculum.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    return folder


@each_folder
def test_every_exercise_has_a_row_with_two_sources(folder: Path):
    rows = oracles.read_rows(folder)
    assert list(rows) == list(read_lesson(folder).exercises)
    assert min(len(row["sources"]) for row in rows.values()) >= 2


@each_row
def test_the_tolerance_follows_from_the_largest_gap(row: Row):
    assert row["largest_gap"] == max(source["gap"] for source in row["sources"].values())
    assert row["tolerance"] == tolerance_for(row["largest_gap"])


@each_row
def test_right_answers_lie_far_below_the_tolerance(row: Row):
    assert row["largest_gap"] <= row["tolerance"] / 1000
    # A table that is filled in by hand states a tolerance for answers that are rounded.
    assert row["other_answers"] <= used_tolerance(row) / (1 if "stated_tolerance" in row else 1000)


@each_row
def test_mistakes_lie_far_above_the_tolerance(row: Row):
    for found in filter(None, (row["nearest_mistake"], row["closest_pair"])):
        distance = math.inf if found["distance"] is None else found["distance"]
        # Tables filled in by hand state a wide tolerance of their own.
        assert distance > (50 if "stated_tolerance" in row else 1000) * used_tolerance(row)


@pytest.mark.slow
def test_a_fresh_run_gives_the_committed_ledger():
    """Sources run anew; those of PyTorch and optax where they are installed, else as stored."""
    assert oracles.check(SOURCE) == []


def test_a_written_ledger_passes_its_check(toy: Path, capsys: pytest.CaptureFixture[str]):
    assert oracles.main([]) == 0
    row = oracles.read_rows(toy)["halve"]
    assert row["nearest_mistake"]["name"] == "nearly"
    assert row["closest_pair"]["name"] == "doubled"
    assert oracles.main(["--check"]) == 0
    assert "up to date" in capsys.readouterr().out
    assert "| `halve` | product: 0<br>difference: " in Path("source/LEDGER.md").read_text()


def test_two_runs_write_the_same_bytes(toy: Path):
    oracles.write(Path("source"))
    first = (toy / "ledger.json").read_bytes()
    oracles.write(Path("source"))
    assert (toy / "ledger.json").read_bytes() == first


def test_a_page_that_was_edited_is_found(toy: Path, capsys: pytest.CaptureFixture[str]):
    oracles.main([])
    page = Path("source/LEDGER.md")
    page.write_text(page.read_text().replace("halve", "half"))
    assert oracles.main(["--check"]) == 1
    assert "LEDGER.md: is not the page" in capsys.readouterr().out


def test_a_wrong_reference_is_refused(toy: Path, capsys: pytest.CaptureFixture[str]):
    master = toy / "01_toy.py"
    master.write_text(master.read_text().replace("return x / 2", "return x / 2 + 1e-11"))
    assert oracles.main([]) == 1
    said = capsys.readouterr().out
    assert "'product' of 'halve' differs" in said
    assert not (toy / "ledger.json").exists()


def test_one_source_is_not_enough(toy: Path):
    source = toy / "oracles.py"
    source.write_text(source.read_text().replace('"halve"', '"other"'))
    with pytest.raises(AutograderError, match="'halve' needs two independent sources"):
        oracles.measure_lesson(toy)


def test_a_changed_exercise_makes_the_ledger_stale(toy: Path):
    oracles.write(Path("source"))
    text = (toy / "exercises.py").read_text()
    (toy / "exercises.py").write_text(text.replace("x / 2.1", "x / 2.01"))
    complaint, *_ = oracles.check(Path("source"))
    assert complaint.startswith("01_toy: halve: nearest_mistake")


def test_an_exercise_without_mistakes_has_a_row_too(toy: Path):
    text = (toy / "exercises.py").read_text()
    (toy / "exercises.py").write_text(text.replace("mistakes=(", "mistakes=() and ("))
    oracles.write(Path("source"))
    assert "| 1e-09 | none | none |" in Path("source/LEDGER.md").read_text()
    assert oracles.check(Path("source")) == []


def test_a_stated_tolerance_is_shown_as_such(toy: Path):
    text = (toy / "exercises.py").read_text()
    (toy / "exercises.py").write_text(
        text.replace('driver="call"', 'driver="call", tolerance=1e-4')
    )
    oracles.write(Path("source"))
    assert json.loads((toy / "ledger.json").read_text())["exercises"]["halve"]["stated_tolerance"]
    assert "| 1e-04* |" in Path("source/LEDGER.md").read_text()


# Laws that tie the reference solutions of 06 to each other, beyond what any source says of one.


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return read_lesson(SOURCE / "06_adaptive_methods")


@pytest.fixture(scope="module")
def rule(lesson: Lesson) -> Callable[..., Any]:
    """Call an exercise's reference with arguments by name; the rest comes from one fixed state."""
    rng = np.random.default_rng(6)
    common: dict[str, Any] = {
        "theta": rng.normal(size=4),
        "grad": np.array([1.5, -0.3, 2e-4, -7.0]),
        "m": rng.normal(size=4),
        "v": rng.uniform(0.5, 2.0, 4),
        "t": 3, "lr": 0.3, "rho": 0.7, "beta1": 0.6, "beta2": 0.8, "eps": 0.05, "weight_decay": 0.1,
    }  # fmt: skip
    common["sum_sq"] = common["v"]

    def call(name: str, **given: Any) -> Any:
        parameters = lesson.reference.contract(lesson.exercises[name]).parameters
        return lesson.reference.function(name)(*[{**common, **given}[p] for p in parameters])

    return call


def test_adam_without_memory_and_eps_is_sign_descent(rule: Callable[..., Any]):
    adam = rule("adam_step", beta1=0.0, beta2=0.0, eps=0.0)[0]
    np.testing.assert_allclose(adam, rule("sign_step"), rtol=1e-14)


def test_rmsprop_without_memory_tends_to_sign_descent(rule: Callable[..., Any]):
    rmsprop = rule("rmsprop_step", rho=0.0, eps=1e-30)[0]
    np.testing.assert_allclose(rmsprop, rule("sign_step"), rtol=1e-14)


def test_averaged_adagrad_is_adagrad_without_eps(rule: Callable[..., Any]):
    averaged, plain = rule("averaged_adagrad_step"), rule("adagrad_step", eps=0.0)
    np.testing.assert_allclose(averaged, plain, rtol=1e-14)


def test_uncorrected_adam_with_beta1_zero_is_rmsprop(rule: Callable[..., Any]):
    theta, _, v = rule("adam_without_correction_step", beta1=0.0, beta2=0.7)
    np.testing.assert_allclose((theta, v), rule("rmsprop_step"), rtol=1e-14)


def test_late_adam_needs_no_correction(rule: Callable[..., Any]):
    plain = rule("adam_without_correction_step")
    np.testing.assert_allclose(rule("adam_step", t=10_000), plain, rtol=1e-14)


def test_adams_first_step_is_lr_times_sign(rule: Callable[..., Any]):
    fresh = {"m": np.zeros(4), "v": np.zeros(4), "t": 1, "eps": 0.0}
    np.testing.assert_allclose(rule("adam_step", **fresh)[0], rule("sign_step"), rtol=1e-14)


def test_adamw_without_decay_is_adam(rule: Callable[..., Any]):
    adamw = rule("adamw_step", weight_decay=0.0)
    np.testing.assert_allclose(adamw, rule("adam_step"), rtol=1e-14)


def test_nadam_with_beta1_zero_is_adam_with_beta1_zero(rule: Callable[..., Any]):
    nadam = rule("nadam_step", beta1=0.0)
    np.testing.assert_allclose(nadam, rule("adam_step", beta1=0.0), rtol=1e-14)


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_adam_without_eps_does_not_feel_the_scale_of_the_loss(
    rule: Callable[..., Any], scale: float
):
    fresh = {"m": np.zeros(4), "v": np.zeros(4), "eps": 0.0}
    grad = np.array([1.5, -0.3, 2e-4, -7.0])
    moved = rule("adam_step", **fresh, grad=scale * grad)[0]
    np.testing.assert_allclose(moved, rule("adam_step", **fresh, grad=grad)[0], rtol=1e-13)
