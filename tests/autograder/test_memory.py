"""A bound on memory holds inside its block and nowhere else."""

from __future__ import annotations

import pytest

from autograder.memory import memory_limit

LARGE = 512 * 2**20


def test_what_is_over_the_limit_is_refused_inside_and_not_after() -> None:
    with pytest.raises(MemoryError), memory_limit(2**28):
        bytes(LARGE)
    assert len(bytes(LARGE)) == LARGE


def test_what_fits_is_allowed_and_limits_nest() -> None:
    with memory_limit(2**30):
        assert len(bytes(LARGE)) == LARGE
        with pytest.raises(MemoryError), memory_limit(2**28):
            bytes(LARGE)
        assert len(bytes(LARGE)) == LARGE
