"""The exhibits of `downslope.plots` for tuning and classification."""

from __future__ import annotations

from typing import Any

import numpy as np

from downslope import datasets, double_descent, plots, search
from downslope.gallery.materials import accuracy, class_means, digit_reader, overfitter


def grid_against_random() -> Any:
    """Where one parameter matters: a grid tries three values of it, a random search nine (L0)."""
    return plots.grid_against_random(3, np.random.default_rng(1))


def search_map() -> Any:
    """Trials over two hyperparameters, with what each shows by itself."""
    _, history = search.random_search(
        lambda rng: {"lr": float(search.log_uniform(1e-4, 1, 1, rng)[0]), "rho": rng.uniform()},
        lambda config: np.log10(config["lr"] / 0.02) ** 2 + 0.3 * (config["rho"] - 0.9) ** 2,
        trials=30,
        rng=np.random.default_rng(0),
    )
    return plots.search_map(history, "lr", "rho", logs=["lr"])


def search_stages() -> Any:
    """Coarse to fine on a log scale (L0)."""
    _, history = search.coarse_to_fine(lambda lr: np.log(lr / 0.02) ** 2, 1e-5, 1e1, 7, stages=3)
    return plots.search_stages(history, points=7)


def best_so_far() -> Any:
    """The lowest loss after each trial."""
    places = [(k + 0.5) / 6 for k in range(6)]
    configs = search.grid(important=places, unimportant=places)
    histories = {
        "grid": search.grid_search(configs, plots.one_matters)[1],
        "random": search.random_search(
            lambda rng: {"important": rng.random(), "unimportant": rng.random()},
            plots.one_matters,
            trials=36,
            rng=np.random.default_rng(0),
        )[1],
    }
    return plots.best_so_far(histories, logy=True)


def folds() -> Any:
    """Five-fold cross-validation of a classifier of wines, with its scores."""
    wine, rng = datasets.load_wine(), np.random.default_rng(0)
    scores = search.cross_validate(class_means, accuracy, wine.X, wine.y, 5, rng)
    return plots.folds(5, scores, score_name="accuracy")


def confusion() -> Any:
    """Which digits are taken for which."""
    network, _, test = digit_reader()
    return plots.confusion(test.y, network.predict(test.X), names="0123456789")


def image_board() -> Any:
    """Handwritten digits, 8 by 8 pixels, with their labels."""
    digits = datasets.load_digits()
    images = digits.X[:16].reshape(-1, 8, 8)
    return plots.image_board(images, [str(label) for label in digits.y[:16]])


def misread() -> Any:
    """The digits that were misread."""
    network, _, test = digit_reader()
    return plots.misread(test.X, test.y, network.predict(test.X))


def regions() -> Any:
    """What a network that overfits makes of the plane."""
    network, _, fresh = overfitter()
    return plots.regions(network.predict, fresh.X, fresh.y)


def descend_twice() -> Any:
    """Double descent: the test error peaks where a fit is only just exact (L1)."""
    risks = double_descent.double_descent(np.random.default_rng(0))
    return plots.double_descent(risks)


SECTIONS = {
    "Tuning": (grid_against_random, search_map, search_stages, best_so_far, folds, descend_twice),
    "Classification": (image_board, confusion, misread, regions),
}
