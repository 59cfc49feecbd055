"""The rates of PyTorch that the course ships are the stored ones, and ours agree with them."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from downslope import schedules
from downslope.torch_schedules import STORED, first_rate, torch_rates, torch_version

SCRIPT = Path(__file__).resolve().parent / "shipped_schedules.py"


@pytest.fixture(scope="module")
def script() -> Any:
    """The script that derives the shipped file."""
    spec = importlib.util.spec_from_file_location("shipped_schedules", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_shipped_file_is_derived_from_the_stored_numbers(script: Any) -> None:
    assert json.loads(STORED.read_text("utf-8")) == script.derived(), "run shipped_schedules.py"


def test_every_row_names_its_scheduler_and_has_a_rate_for_each_update(script: Any) -> None:
    rows = torch_rates()
    assert tuple(rows) == script.NAMES
    for name, row in rows.items():
        assert row.call.split("(")[0].endswith("LR") or "Restarts" in row.call, name
        assert row.rates.shape == (101,)
        assert not row.rates.flags.writeable
    assert rows["step_decay"].call == "StepLR(step_size=7, gamma=0.5)"
    assert rows["warmup"].call == "SequentialLR([LinearLR, CosineAnnealingLR])"
    assert rows["inverse_time"].call == "LambdaLR(lambda t: 1 / (1 + 0.3 * t))"


def test_the_version_and_the_first_rate_are_told(numbers: Callable[[str], dict[str, Any]]) -> None:
    assert torch_version() == numbers("schedules")["versions"]["torch"]
    assert first_rate() == torch_rates()["cosine"].rates[0]


@pytest.mark.parametrize("name", ["step_decay", "cosine"])
def test_a_row_is_what_its_call_says(name: str) -> None:
    ours = {
        "step_decay": schedules.step_decay(first_rate(), 0.5, 7),
        "cosine": schedules.cosine(first_rate(), 100),
    }
    t = np.arange(101)
    np.testing.assert_allclose(torch_rates()[name].rates, ours[name](t), atol=1e-15)


def test_the_script_writes_where_the_package_reads(script: Any) -> None:
    assert script.SHIPPED == STORED
