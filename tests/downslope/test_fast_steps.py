import numpy as np
import pytest

from downslope import fast_steps, optimizers
from downslope.optimizers import Optimizer

EVERY: dict[str, Optimizer] = {
    "sgd": optimizers.sgd(),
    "momentum": optimizers.momentum(0.8),
    "nesterov": optimizers.nesterov(0.8),
    "velocity": optimizers.velocity(0.8),
    "lookahead velocity": optimizers.velocity(0.8, nesterov=True),
    "adagrad": optimizers.adagrad(),
    "rmsprop": optimizers.rmsprop(0.8, 1e-3),
    "adam": optimizers.adam(),
    "adam, other settings": optimizers.adam(0.0, 0.5, 1e-2),
    "nadam": optimizers.nadam(0.8, 0.99),
    "adamw": optimizers.adamw(weight_decay=0.3),
    "penalised adam": optimizers.chain(optimizers.add_decayed_weights(0.3), optimizers.adam()),
    "adam after a rate": optimizers.chain(
        optimizers.scale_by_learning_rate(), optimizers.scale_by_adam(), optimizers.trace(0.5)
    ),
}
every = pytest.mark.parametrize("optimizer", EVERY.values(), ids=EVERY)
SIZE, UPDATES = 50, 100
RNG = np.random.default_rng(9)
START = RNG.normal(size=SIZE)
GRADS = RNG.normal(size=(UPDATES, SIZE)) * np.geomspace(1e-6, 1e3, SIZE)
GRADS[:, 3] = 0  # a pixel that is always black
RATES = 0.1 * RNG.random(UPDATES)


def by_the_pure_pair(optimizer: Optimizer, dtype: type = np.float64) -> np.ndarray:
    theta = START.astype(dtype)
    state = optimizer.init(theta)
    for grad, lr in zip(GRADS.astype(dtype), RATES, strict=True):
        updates, state = optimizer.update(grad, state, theta, lr)
        theta = theta + updates
    return theta


def in_place(optimizer: Optimizer, dtype: type = np.float64) -> np.ndarray:
    theta = START.astype(dtype)
    step = fast_steps.in_place(optimizer, theta)
    for grad, lr in zip(GRADS.astype(dtype), RATES, strict=True):
        step(grad.copy(), float(lr))
    return theta


@every
def test_equal_to_the_pure_pair_after_a_hundred_changing_updates(optimizer: Optimizer):
    expected = by_the_pure_pair(optimizer)
    gap = np.abs(in_place(optimizer) - expected) / np.maximum(1, np.abs(expected))
    assert gap.max() <= 1e-12


@every
def test_float32_stays_float32(optimizer: Optimizer):
    theta = in_place(optimizer, np.float32)
    expected = by_the_pure_pair(optimizer, np.float32)
    assert theta.dtype == np.float32
    np.testing.assert_allclose(theta, expected, rtol=2e-4, atol=2e-4)


@every
def test_block_by_block_gives_the_same(optimizer: Optimizer, monkeypatch: pytest.MonkeyPatch):
    whole = in_place(optimizer)
    monkeypatch.setattr(fast_steps, "BLOCK", 7)
    np.testing.assert_array_equal(in_place(optimizer), whole)


def test_every_link_of_the_library_has_a_twin():
    recipes = [part.name for optimizer in EVERY.values() for part in optimizer.recipe]
    assert set(recipes) == set(fast_steps.LINKS)


def test_a_link_from_elsewhere_has_no_fast_form():
    foreign = Optimizer(lambda theta: (), lambda grad, state, theta, lr: (-lr * grad, state))
    assert not fast_steps.has_fast_form(foreign)
    assert not fast_steps.has_fast_form(optimizers.chain(foreign, optimizers.trace()))
    with pytest.raises(ValueError, match="optimizer must be made of this package's links"):
        fast_steps.in_place(foreign, START.copy())


@pytest.mark.parametrize("eps", [0.0, 1e-60])
def test_without_eps_there_is_no_fast_form(eps: float):
    assert not fast_steps.has_fast_form(optimizers.adamw(eps=eps))
    assert not fast_steps.has_fast_form(optimizers.adagrad(eps))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1, 8, 4810])
def test_aligned_zeros(size: int, dtype: type):
    found = fast_steps.aligned_zeros(size, np.dtype(dtype))
    assert (found.shape, found.dtype, found.ctypes.data % 64) == ((size,), np.dtype(dtype), 0)
    assert not found.any()
