"""Which runner is chosen, and that less isolation is never taken for more."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from autograder import isolation
from autograder.isolation import IsolationRefused, runner_for, why_not_full
from autograder.kernels import KernelRunner
from autograder.sandbox.warm import SandboxRefused, WarmProcess


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Let every test choose anew; the runner of other tests is theirs again afterwards."""
    kept = isolation._best_runner
    isolation._best_runner = isolation.functools.cache(kept.__wrapped__)  # type: ignore[attr-defined]
    yield
    isolation._best_runner = kept


def refuse(*_: Any) -> None:
    raise SandboxRefused("unshare: Operation not permitted")


def test_a_system_without_namespaces_gets_an_ordinary_kernel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert isinstance(runner_for(), KernelRunner)
    assert why_not_full() == "darwin has no namespaces"


def test_an_unknown_processor_gets_an_ordinary_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.sandbox.linux.machine", lambda: "riscv64")
    assert isinstance(runner_for(), KernelRunner)
    assert "riscv64" in why_not_full()


def test_a_refusal_of_the_system_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WarmProcess, "open", refuse)
    assert isinstance(runner_for(), KernelRunner)
    assert "Operation not permitted" in why_not_full()
    with pytest.raises(IsolationRefused, match="Operation not permitted"):
        runner_for("full")


def test_a_sandbox_that_leaks_is_not_called_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it can reach is tried, not assumed."""
    leaky = isolation.LOOK.replace('open("/written", "w")', 'open("written", "w")')
    monkeypatch.setattr(isolation, "LOOK", leaky)
    assert isinstance(runner_for(), KernelRunner)
    assert why_not_full() == "a process in the sandbox writes files"


def test_less_than_full_says_so_beside_every_result() -> None:
    assert KernelRunner().isolation.startswith("reduced")
