"""Operators of scalars: everything follows from apply and powers."""

from __future__ import annotations

import math
from typing import Any

import pytest

from downslope.scalars import Operators


class Plain(Operators):
    """A scalar that computes and records nothing."""

    def __init__(self, data: float) -> None:
        self.data = data

    def apply(self, op: str, *others: Any) -> Plain:
        values = [self.data, *(getattr(each, "data", each) for each in others)]
        table = {"add": sum, "mul": math.prod, "tanh": lambda v: math.tanh(v[0])}
        table |= {"exp": lambda v: math.exp(v[0]), "log": lambda v: math.log(v[0])}
        table |= {"relu": lambda v: max(0.0, v[0])}
        return Plain(table[op](values))

    def __pow__(self, exponent: float) -> Plain:
        return Plain(self.data**exponent)


@pytest.mark.parametrize(
    ("compute", "wanted"),
    [
        (lambda x: x + 2, 5.0),
        (lambda x: 2 + x, 5.0),
        (lambda x: x - 2, 1.0),
        (lambda x: 2 - x, -1.0),
        (lambda x: x * 2, 6.0),
        (lambda x: 2 * x, 6.0),
        (lambda x: x / 2, 1.5),
        (lambda x: 6 / x, 2.0),
        (lambda x: -x, -3.0),
        (lambda x: x - Plain(1.0), 2.0),
        (lambda x: x / Plain(2.0), 1.5),
        (lambda x: x**2, 9.0),
        (lambda x: (-x).relu(), 0.0),
        (lambda x: x.tanh(), math.tanh(3.0)),
        (lambda x: x.exp().log(), 3.0),
    ],
)
def test_every_operator_follows_from_apply_and_powers(compute: Any, wanted: float) -> None:
    assert compute(Plain(3.0)).data == pytest.approx(wanted)


def test_a_class_without_apply_says_that_it_is_not_written() -> None:
    with pytest.raises(NotImplementedError):
        Operators() + 1
    with pytest.raises(NotImplementedError):
        Operators() ** 2
