"""A notebook goes on although a function is not written yet."""

from typing import Any, NoReturn

import matplotlib.pyplot as plt
import pytest

from downslope import pending
from downslope.pending import when_written


def adam_step() -> NoReturn:
    raise NotImplementedError("to be written")


def uses_adam() -> None:
    adam_step()


@pytest.mark.parametrize("function", [adam_step, uses_adam])
def test_the_function_that_is_missing_is_named(
    function: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with when_written():
        function()
    assert capsys.readouterr().out.startswith("adam_step is not written yet.")


def test_what_is_written_runs_and_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with when_written():
        done = 1
    assert done == 1
    assert capsys.readouterr().out == ""


def test_a_figure_that_was_begun_is_closed_and_others_stay(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plt.close("all")
    earlier = plt.figure()
    with when_written():
        plt.subplots(1, 2)
        adam_step()
    assert plt.get_fignums() == [earlier.number]
    assert "adam_step is not written yet" in capsys.readouterr().out
    plt.close(earlier)


def test_other_errors_are_shown() -> None:
    with pytest.raises(ZeroDivisionError), when_written():
        1 / 0  # noqa: B018 - only the error is wanted


def test_in_a_notebook_it_is_a_quiet_card(in_kernel: list[Any]) -> None:
    with when_written():
        uses_adam()
    assert "<b>Later.</b>" in in_kernel[0]["text/html"]
    assert pending.when_written is when_written
