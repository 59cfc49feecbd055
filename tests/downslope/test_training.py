import io
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from downslope import optimizers, training
from downslope.datasets import load_digits, split
from downslope.history import History
from downslope.losses import l2_loss
from downslope.networks import MLP
from downslope.training import DivergenceWarning, Trainer, fit

RNG = np.random.default_rng(13)
X = RNG.normal(size=(70, 3))
Y = (X @ [1.0, -2.0, 0.5] > 0).astype(int)
OTHER = X[:20] + 0.1, Y[:20]


def adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps):  # noqa: ANN001
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def train(
    seed: int = 0,
    dtype: type = np.float64,
    hidden: tuple[int, ...] = (8,),
    activation: str = "relu",
    **settings: Any,
) -> tuple[MLP, History]:
    rng = np.random.default_rng(seed)
    network = MLP((3, *hidden, 2), rng=rng, dtype=dtype, activation=activation)
    settings = {"epochs": 6, "lr": 0.01, "batch_size": 16} | settings
    return network, fit(network, X, Y, rng=rng, **settings)


def test_digits_are_learned():
    examples, validation, test = split(load_digits(), rng=np.random.default_rng(0))
    rng = np.random.default_rng(0)
    network = MLP((64, 64, 10), rng=rng)
    history = fit(
        network,
        examples.X / 16,
        examples.y,
        rng=rng,
        lr=0.003,
        validation=(validation.X / 16, validation.y),
    )
    assert network.accuracy(test.X / 16, test.y) > 0.94
    assert history.validation_accuracy[-1] > 0.94
    assert history.train_loss[-1] < 0.1 * history.train_loss[0]


def test_same_seed_same_numbers():
    (first, one), (second, other) = train(validation=OTHER), train(validation=OTHER)
    np.testing.assert_array_equal(first.theta, second.theta)
    assert one == other
    assert train(1)[1] != train(0)[1]


@pytest.mark.parametrize(
    "optimizer",
    [optimizers.sgd(), optimizers.nesterov(), optimizers.rmsprop(), optimizers.adamw()],
)
def test_the_fast_path_is_the_plain_one(optimizer: optimizers.Optimizer):
    fast, fast_history = train(optimizer=optimizer, validation=OTHER)
    plain, plain_history = train(optimizer=optimizer._replace(recipe=()), validation=OTHER)
    np.testing.assert_allclose(fast.theta, plain.theta, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(fast_history.batch_loss, plain_history.batch_loss, rtol=1e-11)


@pytest.mark.parametrize("hidden", [(), (8,), (8, 6, 5)])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_fast_path_is_the_plain_one_in_every_form_of_network(
    hidden: tuple[int, ...], activation: str
):
    form = {"hidden": hidden, "activation": activation}
    fast, _ = train(optimizer=optimizers.adamw(), **form)
    plain, _ = train(optimizer=optimizers.adamw()._replace(recipe=()), **form)
    np.testing.assert_allclose(fast.theta, plain.theta, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("optimizer", [optimizers.adam(eps=0), optimizers.adagrad(eps=0)])
def test_without_eps(optimizer: optimizers.Optimizer):
    network, history = train(optimizer=optimizer, hidden=(8, 6), activation="tanh")
    assert not history.diverged
    assert np.isfinite(network.theta).all()
    assert history.train_loss[-1] < history.train_loss[0]


@pytest.mark.parametrize("fetched", [1, 1000, 10**9])
def test_how_many_examples_are_fetched_at_once_changes_nothing(
    fetched: int, monkeypatch: pytest.MonkeyPatch
):
    expected, _ = train()
    monkeypatch.setattr(training, "FETCHED_BYTES", fetched)
    np.testing.assert_array_equal(train()[0].theta, expected.theta)


def test_a_learners_rule_trains_like_the_librarys():
    theirs, history = train(optimizer=adam_step, settings={"beta1": 0.8})
    ours, expected = train(optimizer=optimizers.adam(beta1=0.8))
    np.testing.assert_allclose(theirs.theta, ours.theta, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(history.train_loss, expected.train_loss)


def test_float32_trains_in_float32():
    narrow, _ = train(dtype=np.float32)
    assert narrow.theta.dtype == np.float32
    np.testing.assert_allclose(narrow.theta, train()[0].theta, atol=1e-3)


def test_every_example_once_an_epoch_in_a_new_order():
    rng, seen = np.random.default_rng(0), []

    def watching_loss(scores: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
        seen.append(y[:, 0])
        return l2_loss(scores, y)

    marks = np.arange(10.0)[:, None]
    fit(MLP((1, 1), rng=rng), marks, marks, rng=rng, loss=watching_loss, epochs=2, batch_size=4)
    batches = seen[1:]  # the first call only checks that loss and examples fit
    assert [len(batch) for batch in batches] == [4, 4, 2] * 2
    first, second = np.concatenate(batches[:3]), np.concatenate(batches[3:])
    assert set(first) == set(second) == set(range(10))
    assert not np.array_equal(first, second)


def test_history_counts_updates_and_epochs():
    _, history = train(lr=lambda update: 0.01 / (1 + update), validation=OTHER)
    assert history.epochs == 6
    assert len(history.batch_loss) == 6 * 5
    assert history.lr == pytest.approx([0.01 / (5 * epoch) for epoch in range(1, 7)])
    assert len(history.validation_loss) == len(history.validation_accuracy) == 6
    weights = np.array([16, 16, 16, 16, 6]) / 70
    assert history.train_loss[0] == pytest.approx(weights @ history.batch_loss[:5])


def test_validation_is_measured_after_the_epoch():
    network, history = train(validation=OTHER)
    assert history.validation_loss[-1] == network.loss(*OTHER)
    assert history.validation_accuracy[-1] == network.accuracy(*OTHER)
    without, _ = train()
    np.testing.assert_array_equal(network.theta, without.theta)


def test_early_stopping_keeps_the_best_epoch():
    labels = np.random.default_rng(0).integers(0, 2, 20)  # nothing to be learned here
    network, history = train(validation=(OTHER[0], labels), patience=3, epochs=300, lr=0.1)
    assert history.epochs == history.best_epoch + 3 < 300
    assert history.note.startswith(f"stopped after epoch {history.epochs}: no validation loss")
    assert network.loss(OTHER[0], labels) == min(history.validation_loss)
    assert history.best_epoch == np.argmin(history.validation_loss) + 1


@pytest.mark.parametrize("recipe", [optimizers.sgd().recipe, ()])
def test_divergence_is_caught_and_explained(recipe: Any):
    rng = np.random.default_rng(0)
    network = MLP((3, 1), rng=rng)
    targets = X[:, :1]
    trainer = Trainer(
        optimizer=optimizers.sgd()._replace(recipe=recipe), lr=100.0, loss=l2_loss, epochs=50
    )
    with pytest.warns(DivergenceWarning, match="training diverged: .* with lr = 100; the lowest"):
        history = trainer.fit(network, X, targets, rng=rng)
    assert history.diverged
    assert history.epochs < 50
    assert np.isfinite(history.batch_loss).all()
    assert np.isfinite(network.theta).all()


def test_divergence_in_the_last_update_is_seen_too():
    def last_leap(theta, grad, t, lr):  # noqa: ANN001, ANN202
        return theta - lr * grad if t < 5 else theta * np.inf

    with pytest.warns(DivergenceWarning, match="a parameter became infinite or nan after update 5"):
        network, history = train(optimizer=last_leap, epochs=1)
    assert history.epochs == 0
    np.testing.assert_array_equal(network.theta, MLP((3, 8, 2), rng=np.random.default_rng(0)).theta)


def test_one_trainer_serves_many_networks():
    trainer = Trainer(epochs=2, lr=0.01)
    histories = []
    for _ in range(2):
        rng = np.random.default_rng(0)
        histories.append(trainer.fit(MLP((3, 4, 2), rng=rng), X, Y, rng=rng))
    assert histories[0] == histories[1]


def test_examples_are_left_alone():
    before = X.copy(), Y.copy()
    train()
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(Y, before[1])


@pytest.mark.parametrize("shown", [True, False])
def test_progress_bar(shown: bool, monkeypatch: pytest.MonkeyPatch):
    import tqdm.auto

    terminal, make = io.StringIO(), tqdm.auto.tqdm
    monkeypatch.setattr(
        tqdm.auto, "tqdm", lambda *a, **k: make(*a, **(k | {"delay": 0, "file": terminal}))
    )
    train(progress=shown, validation=OTHER)
    text = terminal.getvalue()
    assert bool(text) == shown
    if shown:
        assert "training: 100%" in text
        assert "train_loss 0." in text
        assert "validation_loss 0." in text


def test_short_trainings_show_no_bar(capsys: pytest.CaptureFixture[str]):
    train()
    assert capsys.readouterr() == ("", "")


def test_tqdm_is_loaded_by_the_first_training_only():
    code = "import sys, downslope.training; sys.exit('tqdm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Trainer(epochs=0), ValueError, "epochs must be .* got 0"),
        (lambda: Trainer(lr=-1.0), ValueError, "lr must be a number at least 0; got -1"),
        (lambda: Trainer(patience=0), ValueError, "patience must be .* got 0"),
        (lambda: Trainer(optimizer=optimizers.adam), TypeError, r"got adam\(beta1, "),
        (lambda: Trainer(loss=0.5), TypeError, "loss must be a function; got float"),
        (lambda: training.fit(X, X, Y, rng=RNG), TypeError, "network must be an MLP; got ndarray"),
        (lambda: train(patience=2), ValueError, "patience needs validation examples"),
        (lambda: train(validation=(X, Y + 1)), ValueError, r"y must lie in 0\.\.1; got 2"),
        (
            lambda: train(validation=(X[:, :2], Y)),
            ValueError,
            r"validation X must have shape \(N, 3\); got \(70, 2\)",
        ),
        (lambda: training.fit(MLP((3, 2), rng=RNG), X[:0], Y[:0], rng=RNG), ValueError, "X must h"),
        (
            lambda: training.fit(MLP((3, 2), rng=RNG), X, Y[:5], rng=RNG),
            ValueError,
            r"y must have shape \(70,\); got \(5,\)",
        ),
        (lambda: training.fit(MLP((3, 2), rng=RNG), X, Y, rng=0), TypeError, "rng must be a numpy"),
    ],
)
def test_refusals(call: Callable[[], object], error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        call()
