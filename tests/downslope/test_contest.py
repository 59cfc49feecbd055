"""A table of update rules: fair, repeatable, and never stopped by one of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from downslope.contest import Contest, Standings
from downslope.datasets import Examples, two_moons
from downslope.losses import softmax_cross_entropy
from downslope.networks import MLP
from downslope.parameters import accuracy, first_params, flatten, logits, unflatten

MOONS = two_moons(300, np.random.default_rng(0))


def gradients(params: Any, X: Any, y: Any) -> Any:
    """Loss and gradients by the library."""
    sizes = [X.shape[1], *(len(b) for _, b in params)]
    network = MLP(sizes, rng=np.random.default_rng(0)).at(flatten(params))
    loss, grad = network.loss_and_gradient(X, y, softmax_cross_entropy)
    return loss, unflatten(grad, params)


def sgd(theta: Any, grad: Any, lr: float) -> Any:
    return theta - lr * grad


def momentum(theta: Any, grad: Any, m: Any, lr: float, rho: float) -> Any:
    return theta - lr * (rho * m + grad), rho * m + grad


def contest(**settings: Any) -> Contest:
    train, validation = (
        Examples(MOONS.X[:200], MOONS.y[:200]),
        Examples(MOONS.X[200:], MOONS.y[200:]),
    )
    given: dict[str, Any] = {"sizes": (2, 12, 2), "epochs": 3, "batch_size": 20}
    return Contest(gradients=gradients, train=train, validation=validation, **(given | settings))


def test_equal_rules_have_equal_rows_and_a_rerun_repeats() -> None:
    one, two = contest().run({"a": sgd, "b": sgd}).rows
    assert one[1:5] == two[1:5]
    assert contest().run({"a": sgd}).rows[0][1:5] == one[1:5]
    assert one.accuracy > 0.8


def test_each_rule_gets_the_rate_that_suits_it() -> None:
    slow = lambda theta, grad, lr: theta - lr / 10 * grad  # noqa: E731 - a rule in one line
    fast, tenth = contest(rates=(0.03, 0.3, 3.0, 30.0)).run({"a": sgd, "b": slow}).rows
    assert tenth.lr >= fast.lr


def test_a_rate_at_the_border_is_said() -> None:
    (row,) = contest(rates=(1e-5, 1e-4)).run({"sgd": sgd}).rows
    assert "border" in row.note
    (row,) = contest(rates=(1e-5, 0.3, 1e4)).run({"sgd": sgd}).rows
    assert row.note == ""


def test_a_rule_that_fails_gets_a_remark_and_the_others_run() -> None:
    def adam(theta: Any, grad: Any, lr: float) -> Any:
        raise NotImplementedError

    def broken(theta: Any, grad: Any, lr: float) -> Any:
        raise ValueError("no")

    def odd(theta: Any, gradient: Any) -> Any:
        return theta

    table = contest().run({"adam": adam, "broken": broken, "odd": odd, "momentum": momentum})
    notes = [row.note for row in table.rows]
    assert notes[:2] == ["not written yet", "ValueError: no"]
    assert "parameter 'gradient'" in notes[2]
    assert table.rows[3].accuracy > 0.8


def test_a_rule_that_diverges_everywhere_reads_nothing() -> None:
    (row,) = contest().run({"up": lambda theta, grad, lr: theta * 1e200}).rows
    assert row.accuracy == 0.0


def test_rules_need_labels() -> None:
    with pytest.raises(TypeError, match="rules must map labels to update rules; got list"):
        contest().run([sgd])


def test_the_table_is_shown_as_text_and_as_html() -> None:
    table = contest(seeds=(1,)).run({"<b>": sgd, "late": lambda theta, grad, lr: 1 / 0})
    assert repr(table).splitlines()[0].startswith("rule")
    assert "ZeroDivisionError" in repr(table)
    assert "&lt;b&gt;" in table._repr_html_()
    assert table._repr_html_().count("<tr>") == 3
    assert isinstance(table, Standings)


def test_layers_and_flat_vectors_are_the_same_parameters() -> None:
    params = first_params((3, 4, 2), np.random.default_rng(0))
    again = unflatten(flatten(params), params)
    for (W, b), (V, c) in zip(params, again, strict=True):
        np.testing.assert_array_equal(W, V)
        np.testing.assert_array_equal(b, c)


def test_first_weights_have_their_variance_and_biases_are_zero() -> None:
    (W, b), _ = first_params((200, 300, 2), np.random.default_rng(0))
    assert W.var() == pytest.approx(2 / 200, rel=0.03)
    assert not b.any()


def test_logits_are_those_of_the_library() -> None:
    rng = np.random.default_rng(0)
    params = [(W, rng.normal(size=b.shape)) for W, b in first_params((3, 5, 4, 2), rng)]
    X, y = rng.normal(size=(30, 3)), rng.integers(0, 2, 30)
    network = MLP((3, 5, 4, 2), rng=rng).at(flatten(params))
    np.testing.assert_allclose(logits(params, X), network.forward(X)[0])
    assert accuracy(params, X, y) == np.mean(network.forward(X)[0].argmax(axis=1) == y)
