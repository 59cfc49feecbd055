"""Losses, layers and whole networks with their gradients, beside PyTorch's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from downslope import layers, losses
from downslope.networks import MLP

Numbers = Callable[[str], dict[str, Any]]
Agree = Callable[[Any, Any], None]
LOSSES = {
    "l2_loss": (losses.l2_loss, "prediction", "target"),
    "l1_loss": (losses.l1_loss, "prediction", "target"),
    "logistic_loss": (losses.logistic_loss, "logit", "label"),
    "logistic_loss, extreme": (losses.logistic_loss, "extreme logit", "extreme label"),
    "softmax_cross_entropy": (losses.softmax_cross_entropy, "logits", "labels"),
    "softmax_cross_entropy, extreme": (
        losses.softmax_cross_entropy,
        "extreme logits",
        "extreme labels",
    ),
}
ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu", "elu"]


def test_nothing_is_left_out(numbers: Numbers):
    section = numbers("networks")
    assert set(section["losses"]) == set(LOSSES)
    assert set(section["layers"]) == {"linear", "softmax", *ACTIVATIONS}
    assert set(section["networks"]) == set(ACTIVATIONS)


def all_agree(agree: Agree, ours: tuple[Any, ...], theirs: list[Any]) -> None:
    for mine, other in zip(ours, theirs, strict=True):
        agree(mine, other)


@pytest.mark.parametrize("name", LOSSES)
def test_losses(numbers: Numbers, agree: Agree, name: str):
    section = numbers("networks")
    loss, *arguments = LOSSES[name]
    ours = loss(*(np.array(section["inputs"][each]) for each in arguments))
    all_agree(agree, ours, section["losses"][name])


def test_linear(numbers: Numbers, agree: Agree):
    section = numbers("networks")
    given = section["inputs"]
    out, cache = layers.linear_forward(given["X"], given["W"], given["b"])
    ours = out, *layers.linear_backward(given["upstream"], cache)
    all_agree(agree, ours, section["layers"]["linear"])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(numbers: Numbers, agree: Agree, name: str):
    section = numbers("networks")
    out, cache = layers.elementwise_forward(section["inputs"]["z"], name)
    ours = out, layers.elementwise_backward(section["inputs"]["upstream of z"], cache)
    all_agree(agree, ours, section["layers"][name])


def test_softmax(numbers: Numbers, agree: Agree):
    section = numbers("networks")
    out, cache = layers.softmax_forward(section["inputs"]["z"])
    ours = out, layers.softmax_backward(section["inputs"]["upstream of z"], cache)
    all_agree(agree, ours, section["layers"]["softmax"])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_network_with_two_hidden_layers(numbers: Numbers, agree: Agree, name: str):
    section = numbers("networks")
    given = section["inputs"]
    network = MLP(given["sizes"], rng=np.random.default_rng(0), activation=name)
    for number, layer in enumerate(network.layers, start=1):
        layer.W[...], layer.b[...] = given[f"W{number}"], given[f"b{number}"]
    loss, grad = network.loss_and_gradient(given["X"], given["y"])
    parts = [part for layer in network.views(grad) for part in layer]
    all_agree(agree, (loss, *parts), section["networks"][name])
