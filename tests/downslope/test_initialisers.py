import numpy as np
import pytest

from downslope import initialisers
from downslope.initialisers import Initialiser

EVERY: dict[str, tuple[Initialiser, float]] = {
    "zeros": (initialisers.zeros, 0.0),
    "normal": (initialisers.normal(0.3), 0.3),
    "xavier": (initialisers.xavier, np.sqrt(2 / 500)),
    "he": (initialisers.he, np.sqrt(2 / 300)),
}
every = pytest.mark.parametrize(("initialise", "std"), EVERY.values(), ids=EVERY)


@every
def test_spread_and_centre(initialise: Initialiser, std: float):
    weights = initialise((200, 300), np.random.default_rng(0), np.float64)
    assert weights.shape == (200, 300)
    assert weights.std() == pytest.approx(std, rel=0.02)
    assert weights.mean() == pytest.approx(0, abs=std / 50)


@every
def test_float32_gets_the_same_weights(initialise: Initialiser, std: float):
    narrow, wide = (
        initialise((2, 3), np.random.default_rng(0), dtype) for dtype in (np.float32, np.float64)
    )
    assert narrow.dtype == np.float32
    np.testing.assert_array_equal(narrow, wide.astype(np.float32))


@every
def test_refusals(initialise: Initialiser, std: float):
    rng = np.random.default_rng(0)
    with pytest.raises(TypeError, match="dtype must be float64 or float32; got int64"):
        initialise((2, 3), rng, np.int64)
    with pytest.raises(ValueError, match=r"shape must be \(out, in\); got \(2,\)"):
        initialise((2,), rng, np.float64)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator"):
        initialise((2, 3), 0, np.float64)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("initialise", "activation"), [(initialisers.he, "relu"), (initialisers.xavier, "tanh")]
)
def test_signals_keep_their_size_through_ten_layers(initialise: Initialiser, activation: str):
    from downslope.networks import MLP

    rng = np.random.default_rng(0)
    network = MLP([200] * 11, rng=rng, activation=activation, initialiser=initialise)
    scores, _ = network.forward(rng.normal(size=(50, 200)))
    assert 0.1 < scores.std() < 3


def test_a_negative_deviation_is_refused():
    with pytest.raises(ValueError, match="std must be a number at least 0; got -1"):
        initialisers.normal(-1)
