"""The computation graph stepper: contributions, layout, and what it says of wrong answers."""

from typing import Any

import numpy as np
import pytest

from downslope import widgets
from downslope.gradients import numerical_gradient
from downslope.widgets.graph_gradients import contributions, gradients
from downslope.widgets.graph_layout import lay_out, order_of

# f = r + x, with s = x + y, r = s z + s s, at x = 2, y = 1, z = -3
PARENTS: dict[str, list[str]] = {
    "x": [],
    "y": [],
    "z": [],
    "s": ["x", "y"],
    "p": ["s", "z"],
    "q": ["s", "s"],
    "r": ["p", "q"],
    "f": ["r", "x"],
}
PARTIALS = {"s": [1, 1], "p": [-3, 3], "q": [3, 3], "r": [1, 1], "f": [1, 1]}
RIGHT = {"x": 4.0, "y": 3.0, "z": 3.0, "s": 3.0, "p": 1.0, "q": 1.0, "r": 1.0, "f": 1.0}


def backpropagate(parents: Any, partials: Any, output: str) -> dict[str, float]:
    return gradients(parents, contributions(parents, partials, output), output)


def overwriting(parents: Any, partials: Any, output: str) -> dict[str, float]:
    found = dict.fromkeys(parents, 0.0) | {output: 1.0}
    for part in contributions(parents, partials, output):
        found[part.parent] = part.amount
    return found


def test_contributions_add_up_to_the_derivatives():
    def f(point: np.ndarray) -> float:
        x, y, z = point
        return (x + y) * z + (x + y) ** 2 + x

    right = numerical_gradient(f, np.array([2.0, 1.0, -3.0]))
    found = backpropagate(PARENTS, PARTIALS, "f")
    np.testing.assert_allclose([found[name] for name in "xyz"], right, atol=1e-8)
    assert found == RIGHT


def test_gradient_is_passed_on_only_when_it_is_complete():
    done = contributions(PARENTS, PARTIALS, "f")
    last_in = {part.parent: number for number, part in enumerate(done)}
    first_out = {part.child: number for number, part in reversed(list(enumerate(done)))}
    assert all(last_in[node] < first_out[node] for node in first_out if node in last_in)


def test_nodes_that_do_not_reach_the_output_get_nothing():
    parents = {"x": [], "a": ["x"], "b": ["x"]}
    assert backpropagate(parents, {"a": [2.0], "b": [5.0]}, "a") == {"x": 2.0, "a": 1.0, "b": 0.0}


def test_every_step_is_told_and_drawn():
    explorer = widgets.explore_graph(PARENTS, PARTIALS)
    pictures = set()
    for step in range(explorer.controls["step"].high + 1):
        explorer.set(step=step)
        pictures.add(explorer.view().svg)
        assert explorer.view().says.startswith(f"Step {step} of 10")
    assert len(pictures) == 11
    assert "x 4, y 3, z 3" in explorer.view().alt


def test_next_and_back_move_one_step_and_stop_at_the_ends():
    explorer = widgets.explore_graph(PARENTS, PARTIALS)
    slider, back, forth, *_ = explorer.widget.children[0].children
    back.click()
    assert slider.value == 0
    for _ in range(99):
        forth.click()
    assert slider.value == explorer.values["step"] == 10


def test_values_and_labels_stand_in_the_boxes():
    view = widgets.explore_graph(
        {"x": [], "f": ["x"]}, {"f": [2]}, values={"x": 7}, labels={"f": "2 x"}
    )
    assert "value 7" in view.view().svg
    assert "f = 2 x" in view.view().svg


def test_right_backpropagate_is_told_so():
    explorer = widgets.explore_graph(PARENTS, PARTIALS, backpropagate=backpropagate)
    assert explorer.view().notes == ("backpropagate agrees with the last step on all 8 gradients.",)


def test_overwriting_backpropagate_is_told_what_it_does():
    (first, *_) = widgets.explore_graph(PARENTS, PARTIALS, backpropagate=overwriting).view().notes
    assert "it gives x the gradient" in first
    assert "one part seems to overwrite the others" in first


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [({}, "it has no gradient for x"), (dict.fromkeys(PARENTS, "?"), "gives x the gradient ?")],
)
def test_odd_answers_are_told_of(answer: dict[str, Any], sentence: str):
    explorer = widgets.explore_graph(PARENTS, PARTIALS, backpropagate=lambda *_: answer)
    assert sentence in explorer.view().notes[0]


def test_missing_and_failing_backpropagate_are_named():
    def missing(parents: Any, partials: Any, output: str) -> Any:
        raise NotImplementedError

    explorer = widgets.explore_graph(PARENTS, PARTIALS, backpropagate=missing)
    assert "missing is not written yet" in explorer.view().notes[0]
    explorer = widgets.explore_graph(PARENTS, PARTIALS, backpropagate=lambda *_: None)
    assert "stopped with TypeError" in explorer.view().notes[0]


@pytest.mark.parametrize(
    ("parents", "partials", "message"),
    [
        ({"a": ["b"], "b": ["a"]}, {"a": [1], "b": [1]}, "no cycle"),
        ({"a": ["b"]}, {"a": [1]}, "'a' has \\['b'\\]"),
        ({"x": [], "f": ["x"]}, {"f": [1, 2]}, r"partials\['f'\] must have 1 numbers; got 2"),
        ({"x": [], "y": []}, {}, "output must be named"),
        ({}, {}, "output must be named"),
    ],
)
def test_graphs_that_are_none_are_refused(parents: Any, partials: Any, message: str):
    with pytest.raises(ValueError, match=message):
        widgets.explore_graph(parents, partials)


def test_unknown_output_is_refused():
    with pytest.raises(ValueError, match="output must be one of the nodes"):
        widgets.explore_graph(PARENTS, PARTIALS, output="g")


def test_parents_stand_left_of_their_children_and_no_two_nodes_in_one_place():
    layout = lay_out(PARENTS)
    for child, above in PARENTS.items():
        assert all(layout.places[up][0] < layout.places[child][0] for up in above)
    spots = [*layout.places.values(), *(spot for way in layout.bends.values() for spot in way)]
    assert len(set(spots)) == len(spots)


def test_ids_may_be_numbers_and_deep_graphs_are_no_trouble():
    chain = {0: [], **{k: [k - 1] for k in range(1, 3000)}}
    assert order_of(chain) == list(range(3000))
    assert len(contributions(chain, {k: [1.0] for k in range(1, 3000)}, 2999)) == 2999
