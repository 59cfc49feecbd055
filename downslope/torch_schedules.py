"""Learning rates that PyTorch's schedulers gave, stored, to compare one's own with.

PyTorch is not needed: the numbers come with the package. They are derived from the parity tests'
numbers, with the version of PyTorch that made them.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

STORED = Path(__file__).resolve().parent / "data" / "torch_schedules.json"


class TorchRates(NamedTuple):
    """What one scheduler of PyTorch gave; lecture L1 lists several. A plain record, unchecked.

    Attributes:
        call: the class of torch.optim.lr_scheduler and its options.
        rates: learning rate before each update 0, 1, 2, ..., shape (101,), read-only.

    >>> torch_rates()["step_decay"].call, torch_rates()["step_decay"].rates.shape
    ('StepLR(step_size=7, gamma=0.5)', (101,))
    """

    call: str
    rates: npt.NDArray[np.float64]


@functools.cache
def torch_rates() -> dict[str, TorchRates]:
    """Return the stored rates by the names of `downslope.schedules`.

    They are PyTorch's, of whose schedulers lecture L1 lists several.

    Raises:
        OSError: when the file that comes with the package is missing.

    >>> torch_rates()["exponential"].call
    'ExponentialLR(gamma=0.9)'
    >>> torch_rates()["exponential"].rates[:3].round(6).tolist()
    [0.1, 0.09, 0.081]
    """
    return {
        name: TorchRates(row["call"], _frozen(row["rates"]))
        for name, row in _stored()["schedules"].items()
    }


def torch_version() -> str:
    """Return the version of PyTorch that gave the rates. Source: this course.

    Raises:
        OSError: when the file that comes with the package is missing.

    >>> int(torch_version().split(".")[0]) >= 2
    True
    """
    return str(_stored()["versions"]["torch"])


def first_rate() -> float:
    """Return the rate with which every one of the schedulers was made. Source: this course.

    Raises:
        OSError: when the file that comes with the package is missing.

    >>> first_rate()
    0.1
    """
    return float(_stored()["rate"])


@functools.cache
def _stored() -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(STORED.read_text(encoding="utf-8"))
    return stored


def _frozen(values: list[float]) -> npt.NDArray[np.float64]:
    rates = np.array(values, dtype=np.float64)
    rates.flags.writeable = False
    return rates
