"""Axes of the explorers' charts: where a number lies, and which numbers are written beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Scale:
    """One axis, from `low` to `high`; `log` spaces equal factors equally; `marks` are its ticks.

    Source: this course. It does not check its ends: `low` must be below `high`.

    Raises:
        ValueError: in `share`, for values that are no numbers.

    >>> Scale(0.01, 100.0, log=True).share([0.01, 1.0, 100.0])
    array([0. , 0.5, 1. ])
    """

    low: float
    high: float
    log: bool = False
    marks: tuple[float, ...] = ()

    def share(self, values: npt.ArrayLike) -> Array:
        """Place values `(...)` on the axis: 0 at `low`, 1 at `high`; NaN where there is no place.

        >>> Scale(-1.0, 1.0).share([0.0, 3.0])
        array([0.5, 2. ])
        """
        numbers = np.asarray(values, dtype=np.float64)
        low, high = self.low, self.high
        with np.errstate(all="ignore"):
            if self.log:
                numbers = np.where(numbers > 0, np.log10(np.abs(numbers)), np.nan)
                low, high = np.log10(low), np.log10(high)
            placed = (numbers - low) / (high - low)
        return np.asarray(np.where(np.isfinite(placed), placed, np.nan))

    def ticks(self) -> list[tuple[float, str]]:
        """List round numbers along the axis, each with its text.

        >>> Scale(0.0, 1.0).ticks()[1]
        (0.2, '0.2')
        >>> Scale(1e-4, 1.0, log=True).ticks()[0]
        (0.0001, '10⁻⁴')
        """
        if self.marks:
            return [(mark, figure(mark)) for mark in self.marks]
        return self._decades() if self.log else self._rounds()

    def _rounds(self) -> list[tuple[float, str]]:
        rough = (self.high - self.low) / 5
        ten = 10.0 ** np.floor(np.log10(rough))
        step = ten * next(factor for factor in (1, 2, 5, 10) if ten * factor >= rough * 0.95)
        first, last = np.ceil(self.low / step - 1e-9), np.floor(self.high / step + 1e-9)
        numbers = [float(f"{k * step:.10g}") + 0.0 for k in range(int(first), int(last) + 1)]
        return [(number, figure(number)) for number in numbers]

    def _decades(self) -> list[tuple[float, str]]:
        first, last = np.log10(self.low), np.log10(self.high)
        if last - first < 1.5:
            few = self._within((1, 2, 5))
            return few if len(few) > 2 else self._within(range(1, 10))
        whole = range(int(np.ceil(first - 1e-9)), int(np.floor(last + 1e-9)) + 1)
        each = max(1, -(-len(whole) // 6))
        chosen = [k for k in whole if k % each == 0]
        return [(float(f"1e{k}"), "10" + str(k).translate(_SUPERSCRIPTS)) for k in chosen]

    def _within(self, digits: Iterable[int]) -> list[tuple[float, str]]:
        below = int(np.floor(np.log10(self.low)))
        inner = [digit * 10.0**k for k in range(below, below + 4) for digit in digits]
        return [(number, figure(number)) for number in inner if self.low <= number <= self.high]


def fitted(*series: npt.ArrayLike, log: bool = False, margin: float = 0.05) -> Scale:
    """Make the axis on which all finite values of the series fit, with a margin on both sides.

    On a logarithmic axis only values above 0 count. Series may have any shape; `margin` is a share
    of their range. Source: this course.

    Raises:
        ValueError: for no series, or one that holds no numbers.

    >>> fitted([0.0, 10.0, np.inf])
    Scale(low=-0.5, high=10.5, log=False, marks=())
    """
    values = np.concatenate([np.ravel(np.asarray(each, dtype=np.float64)) for each in series])
    values = values[np.isfinite(values) & ((values > 0) | (not log))]
    if not len(values):
        values = np.array([1.0])
    low, high = float(values.min()), float(values.max())
    if log:
        low, high = np.log10(low), np.log10(high)
    room = margin * (high - low) or 0.5 * (1.0 if log else max(abs(high), 1.0))
    ends = low - room, high + room
    return Scale(float(10.0 ** ends[0]), float(10.0 ** ends[1]), log=True) if log else Scale(*ends)


def figure(number: Any, digits: int = 3) -> str:
    """Write a number as in print: few digits, and a minus sign instead of a hyphen.

    Source: this course.

    Raises:
        TypeError, ValueError: for what is no number.

    >>> figure(-0.25), figure(1234567.0), figure(0.1 + 0.2)
    ('−0.25', '1.23·10⁶', '0.3')
    """
    text, e, exponent = f"{float(number) + 0.0:.{digits}g}".partition("e")
    power = "·10" + str(int(exponent)).translate(_SUPERSCRIPTS) if e else ""
    return text.replace("-", "−") + power
