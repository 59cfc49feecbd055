"""Outputs from a process that nobody trusts: read field by field, capped, in order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autograder.outputs import CUT, Outputs

Json = dict[str, Any]


def cell(name: str = "a") -> Json:
    return {"id": name, "cell_type": "code", "outputs": []}


@pytest.fixture
def outputs() -> Outputs:
    return Outputs(1000, 3000)


def stream(text: str, name: str = "stdout") -> Json:
    return {"name": name, "text": text}


def shown(text: str, display_id: str | None = None) -> Json:
    transient = {"display_id": display_id} if display_id else {}
    return {"data": {"text/plain": text}, "metadata": {}, "transient": transient}


def test_streams_of_one_name_in_a_row_are_one_output(outputs: Outputs) -> None:
    here = cell()
    for text, name in (("a", "stdout"), ("b", "stdout"), ("c", "stderr"), ("d", "stdout")):
        outputs.add(here, "stream", stream(text, name))
    assert [output["text"] for output in here["outputs"]] == ["ab", "c", "d"]


def test_a_display_can_be_updated_from_another_cell(outputs: Outputs) -> None:
    one, two = cell("a"), cell("b")
    outputs.add(one, "display_data", shown("old", "x"))
    outputs.add(two, "update_display_data", shown("new", "x"))
    outputs.add(two, "update_display_data", shown("lost", "nobody"))
    assert one["outputs"][0]["data"] == {"text/plain": "new"}
    assert two["outputs"] == []


@pytest.mark.parametrize(("wait", "left"), [(False, []), (True, ["first"])])
def test_clearing_happens_at_once_or_with_the_next_output(
    outputs: Outputs, wait: bool, left: list[str]
) -> None:
    here = cell()
    outputs.add(here, "stream", stream("first"))
    outputs.add(here, "clear_output", {"wait": wait})
    assert [output["text"] for output in here["outputs"]] == left
    outputs.add(here, "display_data", shown("second"))
    assert [output["output_type"] for output in here["outputs"]] == ["display_data"]


def test_a_cell_over_its_limit_is_cut_once(outputs: Outputs) -> None:
    here, other = cell("a"), cell("b")
    for _ in range(5):
        outputs.add(here, "stream", stream("x" * 600))
    outputs.add(other, "stream", stream("fine"))
    assert here["outputs"] == [stream("x" * 600) | {"output_type": "stream"}, CUT]
    assert other["outputs"][0]["text"] == "fine"


def test_all_cells_together_have_a_limit(outputs: Outputs) -> None:
    cells = [cell(str(number)) for number in range(5)]
    for each in cells:
        outputs.add(each, "stream", stream("x" * 900))
    assert [each["outputs"] == [CUT] for each in cells] == [False] * 3 + [True] * 2


def test_many_empty_messages_are_cut_too(outputs: Outputs) -> None:
    here = cell()
    for _ in range(1000):
        outputs.add(here, "display_data", shown(""))
    assert len(here["outputs"]) < 20
    assert here["outputs"][-1] == CUT


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (None, None),
        ({}, {}),
        ("stream", None),
        ("stream", {"name": "stdin", "text": "x"}),
        ("stream", {"name": "stdout", "text": 5}),
        ("display_data", {"data": [], "metadata": {}}),
        ("display_data", {"data": {}}),
        ("execute_result", {"data": {}, "metadata": None}),
        ("error", {"ename": "E", "evalue": "v"}),
        ("error", {"ename": 1, "evalue": "v", "traceback": []}),
        ("execute_reply", {"status": "ok"}),
        ("comm_open", {}),
    ],
)
def test_what_is_no_output_is_dropped(outputs: Outputs, kind: Any, content: Any) -> None:
    here = cell()
    outputs.add(here, kind, content)
    assert here["outputs"] == []


@pytest.mark.parametrize("count", ["1", True, None, [1], -1, 10**4000, 1.0])
def test_a_result_without_a_number_has_none(outputs: Outputs, count: Any) -> None:
    here = cell()
    content = {**shown("1"), "execution_count": count}
    outputs.add(here, "execute_result", content)
    assert here["outputs"][0]["execution_count"] is None


def test_half_characters_are_replaced_everywhere(outputs: Outputs) -> None:
    here, half = cell(), "\ud800"
    outputs.add(here, "stream", stream(half))
    outputs.add(here, "display_data", {"data": {half: [half, {half: 1}]}, "metadata": {}})
    outputs.add(here, "error", {"ename": half, "evalue": half, "traceback": [half, 5]})
    assert json.dumps(here, ensure_ascii=False).encode("utf-8")
    assert len(here["outputs"]) == 3


def test_an_update_counts_as_often_as_it_is_shown(outputs: Outputs) -> None:
    here, other = cell("a"), cell("b")
    for _ in range(5):
        outputs.add(here, "display_data", shown("", "x"))
    outputs.add(other, "update_display_data", shown("y" * 500, "x"))
    assert len(json.dumps(here)) < 1000
    assert other["outputs"] == [CUT]
    outputs.add(cell("c"), "update_display_data", shown("y" * 50, "x"))
    assert [output["data"] for output in here["outputs"]] == [{"text/plain": "y" * 50}] * 5


@pytest.mark.parametrize(
    "hoard", [[[]] * 400, [{}] * 400, [10**3500], {str(n): 0 for n in range(90)}]
)
def test_data_that_is_no_text_counts_too(outputs: Outputs, hoard: Any) -> None:
    here = cell()
    outputs.add(here, "display_data", {"data": {"a": hoard}, "metadata": {}})
    assert here["outputs"] == [CUT]


def test_data_nested_without_end_is_dropped(outputs: Outputs) -> None:
    here, deep = cell(), list[Any]()
    for _ in range(400):
        deep = [deep]
    outputs.add(here, "display_data", {"data": {"a": deep}, "metadata": {}})
    outputs.add(here, "display_data", {"data": {}, "metadata": {"a": deep}})
    outputs.add(here, "execute_result", {"data": {}, "metadata": {"a": deep}})
    assert here["outputs"] == []


def test_numbers_that_json_does_not_have_are_none(outputs: Outputs) -> None:
    here, odd = cell(), json.loads("[NaN, 1e400, -Infinity, 1.5]")
    outputs.add(here, "display_data", {"data": {"a": odd}, "metadata": {}})
    assert here["outputs"][0]["data"] == {"a": [None, None, None, 1.5]}
    assert json.dumps(here, allow_nan=False)
