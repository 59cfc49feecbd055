"""Repair: whatever comes in, what goes on is the release with the learner's answers in it."""

import contextlib
import copy
import json
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.repair import MAX_CELLS, MAX_REPAIRS, Repaired, Unreadable, read_cells, repair

LESSON = "01_tiny"
RIGHT = f"{LESSON}.ipynb"
Cells = list[dict[str, Any]]


def cell(name: str, source: str, kind: str = "code", **nbgrader: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"id": name, "cell_type": kind, "metadata": {}, "source": source}
    if nbgrader:
        defaults = {"grade": False, "solution": False, "locked": False, "grade_id": name}
        made["metadata"]["nbgrader"] = {**defaults, **nbgrader}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


STUB = "def {}(x):\n    raise NotImplementedError"
RELEASE: dict[str, Any] = {
    "cells": [
        cell("title", "# Title", "markdown"),
        cell("setup", "import numpy as np", locked=True),
        cell("f", STUB.format("f"), solution=True),
        cell("check_f", "check('f', f)", grade=True, locked=True, points=2),
        cell("plot", "plot(f)"),
        cell("g", STUB.format("g"), solution=True),
        cell("check_g", "check('g', g)", grade=True, locked=True, points=3),
        cell("why", "*answer*", "markdown", grade=True, solution=True, points=1),
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
IDS = [one["id"] for one in RELEASE["cells"]]
F, G, WHY = "def f(x):\n    return x", "def g(x):\n    return 2 * x", "Because."


def filled() -> dict[str, Any]:
    """The release with right answers."""
    notebook = copy.deepcopy(RELEASE)
    for one in notebook["cells"]:
        one["source"] = {"f": F, "g": G, "why": WHY}.get(one["id"], one["source"])
    return notebook


def mend(notebook: Any, name: str = RIGHT) -> Repaired:
    return repair({name: json.dumps(notebook).encode()}, RELEASE, LESSON)


def mend_cells(edit: Callable[[Cells], Cells]) -> Repaired:
    notebook = filled()
    notebook["cells"] = edit(notebook["cells"])
    return mend(notebook)


def sources(repaired: Repaired) -> dict[str, str]:
    return {one["id"]: one["source"] for one in repaired.notebook["cells"]}


def order(repaired: Repaired) -> list[str]:
    return [one["source"] for one in repaired.notebook["cells"]]


def named(cells: Cells, name: str) -> dict[str, Any]:
    return next(one for one in cells if one["id"] == name)


def assert_runnable(repaired: Repaired) -> None:
    """A valid notebook whose release cells stand complete, in order and untouched in metadata."""
    nbformat.validate(nbformat.from_dict(repaired.notebook))
    kept = [one for one in repaired.notebook["cells"] if one["id"] in IDS]
    assert [one["id"] for one in kept] == IDS
    for one, original in zip(kept, RELEASE["cells"], strict=True):
        assert one["cell_type"] == original["cell_type"]
        assert one["metadata"] == original["metadata"]
        assert one["id"] not in ("setup", "check_f", "check_g") or (
            one["source"] == original["source"]
        )
    assert repaired.notebook["metadata"] == RELEASE["metadata"]
    assert not any(one.get("outputs") for one in repaired.notebook["cells"])
    json.dumps([repaired.notebook, repaired.repairs], ensure_ascii=False).encode("utf-8")


def test_an_untouched_hand_in_needs_no_repair() -> None:
    repaired = mend(filled())
    assert repaired.repairs == ()
    assert sources(repaired) == {one["id"]: one["source"] for one in filled()["cells"]}
    assert_runnable(repaired)


def test_the_release_is_not_changed_by_a_repair() -> None:
    before = copy.deepcopy(RELEASE)
    mend(filled()).notebook["cells"][2]["metadata"]["nbgrader"]["points"] = 99
    assert before == RELEASE


def test_sources_may_be_lists_of_lines() -> None:
    repaired = mend_cells(
        lambda cells: [{**c, "source": c["source"].splitlines(True)} for c in cells]
    )
    assert sources(repaired)["f"] == F


DAMAGES: dict[str, tuple[Callable[[Cells], Cells], str]] = {
    "a deleted check": (
        lambda cells: [c for c in cells if c["id"] != "check_f"],
        "'check_f' was missing; it was put back.",
    ),
    "a deleted setup": (
        lambda cells: [c for c in cells if c["id"] != "setup"],
        "'setup' was missing; it was put back.",
    ),
    "a check twice": (
        lambda cells: [*cells, named(cells, "check_f")],
        "'check_f' stood twice; the copy was left out.",
    ),
    "an edited check": (
        lambda cells: [{**c, "source": "pass"} if c["id"] == "check_f" else c for c in cells],
        "'check_f' is locked and had been edited; it was restored.",
    ),
    "a check made text": (
        lambda cells: [{**c, "cell_type": "raw"} if c["id"] == "check_f" else c for c in cells],
        "'check_f' had become a markdown cell; its type was restored.",
    ),
    "an answer made text": (
        lambda cells: [{**c, "cell_type": "markdown"} if c["id"] == "f" else c for c in cells],
        "'f' had become a markdown cell; its type was restored.",
    ),
    "a written answer made code": (
        lambda cells: [{**c, "cell_type": "code"} if c["id"] == "why" else c for c in cells],
        "'why' had become a code cell; its type was restored.",
    ),
    "a stub pasted after the answer": (
        lambda cells: [*cells, {**named(cells, "f"), "source": STUB.format("f")}],
        "'f' stood twice; the copy was left out.",
    ),
    "something that is no cell": (
        lambda cells: [*cells, "text", 3, None, {"source": 5}],  # type: ignore[list-item]
        "4 damaged cells were left out.",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_accident_is_mended_named_and_costs_nothing(damage: str) -> None:
    edit, note = DAMAGES[damage]
    repaired = mend_cells(edit)
    assert repaired.repairs == (note,)
    assert_runnable(repaired)
    assert {"f": F, "g": G, "why": WHY}.items() <= sources(repaired).items()


def test_cells_in_another_order_are_put_back_in_order() -> None:
    assert_runnable(mend_cells(lambda cells: cells[::-1]))


def test_points_tags_and_locks_come_from_the_release() -> None:
    def cheat(cells: Cells) -> Cells:
        for one in cells:
            one["metadata"] = {"tags": ["skip-execution"], "nbgrader": {"grade_id": one["id"]}}
            one["metadata"]["nbgrader"] |= {"points": 1000, "solution": True}
        return cells

    assert_runnable(mend_cells(cheat))


def test_old_outputs_are_dropped() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "Right."}
    assert_runnable(mend_cells(lambda cells: [{**c, "outputs": [output]} for c in cells]))


def test_cells_without_ids_are_known_by_their_grade_id() -> None:
    def strip(cells: Cells) -> Cells:
        return [{key: value for key, value in c.items() if key != "id"} for c in cells]

    repaired = mend_cells(strip)
    assert sources(repaired)["f"] == F
    assert_runnable(repaired)


def test_cells_without_metadata_are_known_by_their_id() -> None:
    repaired = mend_cells(lambda cells: [{**c, "metadata": {}} for c in cells])
    assert (repaired.repairs, sources(repaired)["g"]) == ((), G)


def test_an_answer_in_a_new_cell_is_found_by_what_it_defines() -> None:
    repaired = mend_cells(lambda cells: [cell("new", F) if c["id"] == "f" else c for c in cells])
    assert sources(repaired)["f"] == F
    assert repaired.repairs == ("'f' was missing; the cell that defines it was put in its place.",)
    assert_runnable(repaired)


@pytest.mark.parametrize("source", ["f = lambda x: x", "class f:\n    pass", "import math\n" + F])
def test_an_answer_of_another_form_is_found_as_well(source: str) -> None:
    repaired = mend_cells(
        lambda cells: [*(c for c in cells if c["id"] != "f"), cell("new", source)]
    )
    assert sources(repaired)["f"] == source


def test_the_last_of_several_new_cells_that_define_an_answer_is_taken() -> None:
    def rewrite(cells: Cells) -> Cells:
        rest = [c for c in cells if c["id"] != "f"]
        return [cell("a", "def f(x):\n    return 0"), *rest[:3], cell("b", F), *rest[3:]]

    repaired = mend_cells(rewrite)
    assert sources(repaired)["f"] == F
    assert "def f(x):\n    return 0" in order(repaired)[:2]


def test_two_answers_in_one_cell_do_not_meet_a_stub() -> None:
    def join(cells: Cells) -> Cells:
        both = {**named(cells, "f"), "source": f"{F}\n\n{G}"}
        return [both if c["id"] == "f" else c for c in cells if c["id"] != "g"]

    repaired = mend_cells(join)
    assert sources(repaired)["g"] == ""
    assert repaired.repairs == ("'g' was missing; another answer's cell defines it.",)


def test_an_answer_that_is_nowhere_is_the_stub_again() -> None:
    repaired = mend_cells(lambda cells: [c for c in cells if c["id"] != "f"])
    assert sources(repaired)["f"] == STUB.format("f")
    assert repaired.repairs == ("'f' was missing; it was put back.",)


def test_a_call_or_a_comparison_is_no_definition() -> None:
    extra = cell("x", "f(3)\nf == g\n# def f(x)\n  f = 3\nff = 1")
    repaired = mend_cells(lambda cells: [*(c for c in cells if c["id"] != "f"), extra])
    assert sources(repaired)["f"] == STUB.format("f")


def test_extra_cells_stay_behind_the_cell_that_they_followed() -> None:
    def add(cells: Cells) -> Cells:
        place = IDS.index("check_f") + 1
        return [*cells[:place], cell("e1", "one"), cell("e2", "two", "markdown"), *cells[place:]]

    repaired = mend_cells(add)
    place = order(repaired).index("check('f', f)")
    assert order(repaired)[place + 1 : place + 3] == ["one", "two"]
    assert [one["cell_type"] for one in repaired.notebook["cells"]][place + 2] == "markdown"
    assert_runnable(repaired)


def test_extra_cells_before_everything_follow_the_first_cell() -> None:
    repaired = mend_cells(lambda cells: [cell("e", "early"), *cells])
    assert order(repaired)[:2] == ["# Title", "early"]


def test_an_answer_and_its_changed_copy_are_both_kept_in_order() -> None:
    repaired = mend_cells(
        lambda cells: [
            c for x in cells for c in ([x, {**x, "source": G}] if x["id"] == "g" else [x])
        ]
    )
    assert order(repaired).count(G) == 2
    assert repaired.repairs == ("'g' stood twice; both were kept, in order.",)


def test_free_cells_keep_what_the_learner_made_of_them() -> None:
    repaired = mend_cells(
        lambda cells: [{**c, "source": "plot(g)"} if c["id"] == "plot" else c for c in cells]
    )
    assert (repaired.repairs, sources(repaired)["plot"]) == ((), "plot(g)")


def test_an_extra_cell_cannot_take_the_id_of_another() -> None:
    repaired = mend_cells(lambda cells: [*cells, cell("extra-9", "x"), cell("extra-9", "y")])
    ids = [one["id"] for one in repaired.notebook["cells"]]
    assert len(set(ids)) == len(ids)


ODD_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the file is empty"),
    "blank": (b" \n\t", "the file is empty"),
    "text": (b"hello", "it is not valid JSON"),
    "cut off": (json.dumps(filled()).encode()[:400], "it is not valid JSON"),
    "a list": (b"[]", "it is JSON, but not a notebook"),
    "a number": (b"3", "it is JSON, but not a notebook"),
    "null": (b"null", "it is JSON, but not a notebook"),
    "no cells": (b"{}", "it is JSON, but holds no list of cells"),
    "cells in a dict": (b'{"cells": {}}', "holds no list of cells"),
    "odd worksheets": (b'{"worksheets": 3}', "holds no list of cells"),
    "nested too deep": (b"[" * 100_000, "it is not valid JSON"),
    "nested deep and closed": (b"[" * 50_000 + b"]" * 50_000, "it is"),
    "a long number": (b'{"cells": [' + b"1" * 5000 + b"]}", "it is not valid JSON"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "it is not valid JSON"),
    "a zip": (b"PK\x03\x04" + bytes(100), "it is not valid JSON"),
    "utf-16 of nothing": (b"\xff\xfe\x00", "it is not valid JSON"),
}


@pytest.mark.parametrize("kind", ODD_FILES)
def test_what_is_no_notebook_is_unreadable_with_the_reason(kind: str) -> None:
    data, reason = ODD_FILES[kind]
    with pytest.raises(Unreadable, match=f"{RIGHT}: .*{reason}"):
        repair({RIGHT: data}, RELEASE, LESSON)


def test_no_candidate_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="there is no notebook"):
        repair({}, RELEASE, LESSON)


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8-sig", None),
        ("utf-16", "The file was UTF-16; read as such."),
        ("latin-1", "The file is not valid UTF-8 (byte"),
    ],
)
def test_other_encodings_are_read(encoding: str, note: str | None) -> None:
    notebook = filled()
    notebook["cells"][2]["source"] = F + "  # à la carte"
    data = json.dumps(notebook, ensure_ascii=False).encode(encoding)
    repaired = repair({RIGHT: data}, RELEASE, LESSON)
    assert sources(repaired)["f"].startswith(F)
    assert bool(repaired.repairs) == (note is not None)
    assert note is None or repaired.repairs[0].startswith(note)


def test_an_old_notebook_format_is_read() -> None:
    cells = [{**c, "input": c["source"]} for c in filled()["cells"]]
    for one in cells:
        del one["source"]
    repaired = mend({"worksheets": [{"cells": cells}], "nbformat": 3})
    assert sources(repaired)["f"] == F
    assert repaired.repairs == ("The file says notebook format 3, not 4.",)


def test_a_half_character_is_replaced() -> None:
    notebook = filled() | {"nbformat": "\ud800"}
    notebook["cells"][2]["source"] = F + "  # \ud800"
    repaired = mend(notebook)
    sources(repaired)["f"].encode("utf-8")
    assert_runnable(repaired)


def test_a_renamed_notebook_is_found_and_said() -> None:
    repaired = mend(filled(), "my answers (2).ipynb")
    assert repaired.repairs == ("The notebook was found under the name 'my answers (2).ipynb'.",)


def several(**others: bytes) -> Repaired:
    files = {f"{name}.ipynb": data for name, data in others.items()}
    return repair(files, RELEASE, LESSON)


FULL, BLANK = json.dumps(filled()).encode(), json.dumps(RELEASE).encode()
OTHER_COURSE = json.dumps({**RELEASE, "cells": [cell("x", "y")]}).encode()
HALF = json.dumps({**filled(), "cells": filled()["cells"][:3]}).encode()


def test_of_several_notebooks_the_rightly_named_is_taken() -> None:
    repaired = several(**{"a_copy": FULL, LESSON: BLANK})
    assert sources(repaired)["f"] == STUB.format("f")
    assert "left out: a_copy.ipynb" in repaired.repairs[0]


def test_a_name_in_other_letters_counts_as_right() -> None:
    assert sources(several(**{"a_copy": BLANK, "01_TINY": FULL}))["f"] == F


def test_without_a_right_name_the_best_fitting_is_taken() -> None:
    assert sources(several(a=HALF, b=FULL, c=OTHER_COURSE))["g"] == G


@pytest.mark.parametrize("data", [b"", b"{", OTHER_COURSE])
def test_a_broken_or_foreign_file_of_the_right_name_does_not_hide_a_good_one(data: bytes) -> None:
    repaired = several(**{LESSON: data, "copy": FULL})
    assert sources(repaired)["f"] == F
    assert any(RIGHT in note for note in repaired.repairs)


def test_cells_can_be_read_as_they_stand() -> None:
    cells = read_cells(FULL)
    assert [one["source"] for one in cells] == [one["source"] for one in filled()["cells"]]
    assert [one["id"] for one in cells] == [f"extra-{i}" for i in range(len(cells))]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(IDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
ODD_CELL = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(IDS) | JUNK,
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | JUNK,
        "source": st.sampled_from([F, G, "x", ""]) | st.lists(st.text(max_size=3)) | JUNK,
        "metadata": st.fixed_dictionaries(
            {"nbgrader": st.fixed_dictionaries({"grade_id": st.sampled_from(IDS) | JUNK}) | JUNK}
        )
        | JUNK,
        "outputs": JUNK,
        "input": JUNK,
    },
)
fuzzed = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


@fuzzed
@given(st.lists(ODD_CELL | JUNK, max_size=8), st.dictionaries(st.text(max_size=3), JUNK))
def test_any_cells_give_a_notebook_that_runs(cells: list[Any], more: dict[str, Any]) -> None:
    assert_runnable(mend({**more, "cells": cells}))


@fuzzed
@given(st.permutations(range(len(IDS))), st.lists(st.integers(0, len(IDS) - 1), max_size=6))
def test_shuffled_deleted_and_doubled_cells_keep_every_answer_that_is_left(
    places: list[int], doubled: list[int]
) -> None:
    kept = [*places[:5], *doubled]
    repaired = mend_cells(lambda cells: [copy.deepcopy(cells[place]) for place in kept])
    assert_runnable(repaired)
    for name, answer in (("f", F), ("g", G), ("why", WHY)):
        assert (sources(repaired)[name] == answer) == (IDS.index(name) in kept)


@fuzzed
@given(st.binary(max_size=60), st.integers(0, len(FULL)))
def test_any_bytes_are_a_notebook_or_unreadable(noise: bytes, place: int) -> None:
    for data in (noise, FULL[:place] + noise + FULL[place + len(noise) :]):
        with contextlib.suppress(Unreadable):
            assert_runnable(repair({RIGHT: data}, RELEASE, LESSON))


def test_a_book_of_cells_is_refused() -> None:
    cells = [*RELEASE["cells"], *({} for _ in range(MAX_CELLS))]
    with pytest.raises(Unreadable, match=f"{len(cells)} cells, the limit is {MAX_CELLS}"):
        repair({RIGHT: json.dumps({**RELEASE, "cells": cells}).encode()}, RELEASE, LESSON)


def test_only_so_many_repairs_are_told() -> None:
    copies = [cell("f", "f = 1")] * 1000
    done = repair(
        {RIGHT: json.dumps({**RELEASE, "cells": [*RELEASE["cells"], *copies]}).encode()},
        RELEASE,
        LESSON,
    )
    assert len(done.repairs) == MAX_REPAIRS + 1
    assert done.repairs[-1] == f"{1000 - MAX_REPAIRS} more repairs were made."
