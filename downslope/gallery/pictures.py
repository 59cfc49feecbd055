"""The exhibits of `downslope.plots` for landscapes and training.

The body of each function is the code that the page shows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from downslope import landscapes, optimizers, plots, schedules
from downslope.gallery.materials import (
    digit_reader,
    momentum_step,
    overfitter,
    single_gradients,
)
from downslope.stepping import trajectory


def paths() -> Any:
    """Contours with trajectories: the end of each path is marked large."""
    rules = {"SGD": (optimizers.sgd(), 0.4), "Adam": (optimizers.adam(), 0.4)}
    valley = landscapes.valley
    ran = {
        label: optimizers.run(rule, valley.gradient, valley.start, lr, 40)
        for label, (rule, lr) in rules.items()
    }
    return plots.paths(plots.contours(valley), ran)


def contours_of_bowl() -> Any:
    """L2's bowl, w1² + 2 w2²."""
    return plots.contours(landscapes.bowl)


def contours_of_rotated_valley() -> Any:
    """A valley that lies across the axes."""
    return plots.contours(landscapes.rotated_valley)


def contours_of_saddle() -> Any:
    """A saddle between two minima."""
    return plots.contours(landscapes.saddle)


def contours_of_ravine() -> Any:
    """A ravine."""
    return plots.contours(landscapes.ravine)


def contours_of_beale() -> Any:
    """Beale's function: a plain with steep corners."""
    return plots.contours(landscapes.beale)


def contours_of_rosenbrock() -> Any:
    """Rosenbrock's bent valley."""
    return plots.contours(landscapes.rosenbrock)


def contours_of_himmelblau() -> Any:
    """Himmelblau's four minima, equally low."""
    return plots.contours(landscapes.himmelblau)


def contours_of_many_minima() -> Any:
    """Many minima, one of them lowest."""
    return plots.contours(landscapes.many_minima)


def relief() -> Any:
    """The saddle as a surface, its contours on the ground."""
    return plots.relief(landscapes.saddle)


def loss_plane() -> Any:
    """A network's loss along two filter-normalised directions through its parameters."""
    network, _, test = digit_reader()
    plane = landscapes.loss_plane(
        lambda theta: network.at(theta).loss(test.X, test.y),
        network.theta,
        np.random.default_rng(0),
        blocks=landscapes.filter_blocks([a.shape for layer in network.layers for a in layer]),
        name="loss of a digit reader",
    )
    return plots.loss_plane(plane, points=25)


def learning_rates() -> Any:
    """L2's learning rates on w1² + 2 w2², each with its diagnosis."""
    return plots.learning_rates(landscapes.bowl, [0.01, 0.1, 0.48, 0.51])


def training_curves() -> Any:
    """A training that goes well."""
    return plots.training_curves(digit_reader().history)


def training_curves_overfitting() -> Any:
    """A training that goes on for too long."""
    return plots.training_curves(overfitter().history)


def training_curves_slow() -> Any:
    """The digit reader with a learning rate a hundred times smaller."""
    return plots.training_curves(digit_reader(lr=3e-5).history)


def training_curves_diverging() -> Any:
    """Gradient descent on L2's bowl with a rate that is much too large."""
    bowl = landscapes.bowl
    path = optimizers.run(optimizers.sgd(), bowl.gradient, bowl.start, 0.55, 20)
    return plots.training_curves({"training": bowl.value(path)}, logy=True)


def curves() -> Any:
    """Any series of numbers, labelled at their ends."""
    updates = np.arange(40)
    series = {"SGD": 0.93**updates, "momentum": 0.85**updates, "Adam": 0.8**updates}
    return plots.curves(series, xlabel="update", ylabel="loss", logy=True)


def bars() -> Any:
    """Any groups of numbers."""
    running = [0.2, 0.38, 0.54, 0.69]
    return plots.bars(
        {"m": running, "corrected m": [2, 2, 2, 2]}, xlabel="update t", ylabel="value"
    )


def activations() -> Any:
    """Activation functions."""
    return plots.activations()


def activation_slopes() -> Any:
    """Their slopes: a sigmoid passes on a quarter of the gradient at most."""
    return plots.activations(derivative=True)


def gradient_cloud() -> Any:
    """Gradients of mini-batches scatter about that of all examples."""
    return plots.gradient_cloud(single_gradients(), [4, 16, 64], np.random.default_rng(0))


def gradient_noise() -> Any:
    """Noise falls like one over the root of the batch size."""
    sizes = [1, 2, 4, 8, 16, 32, 64, 128]
    return plots.gradient_noise(single_gradients(), sizes, np.random.default_rng(0))


def batch_tradeoff() -> Any:
    """Batch sizes weighed: many quick updates or few slow ones (made-up numbers)."""
    return plots.batch_tradeoff(
        [1, 8, 64, 512],
        seconds_per_update=[40e-6, 55e-6, 150e-6, 800e-6],
        updates_needed=[9000, 1900, 600, 420],
    )


def batch_board() -> Any:
    """Three epochs of 20 examples in batches of 6: everyone has a turn, with others each time."""
    rng = np.random.default_rng(1)
    orders = [rng.permutation(20) for _ in range(3)]
    return plots.batch_board([[order[k : k + 6] for k in range(0, 20, 6)] for order in orders], 20)


def ends_by_start() -> Any:
    """Where runs end that begin anywhere: in the next minimum, or, shaken, in the deepest (L2)."""
    weights, begin = np.linspace(-3, 3, 200), np.linspace(-2.5, 2.5, 12)
    loss = (weights**2 - 4) ** 2 / 16 + 0.3 * weights
    ends = {"full batch": np.where(begin > 0, 1.85, -2.1), "batches of 1": np.full(12, -2.1)}
    return plots.ends_by_start(begin, ends, {"w": weights, "loss": loss}, best=-2.1)


def effective_steps() -> Any:
    """How far each weight really moves."""
    valley = landscapes.valley
    history = trajectory(momentum_step, valley.gradient, valley.start, 60, lr=0.05, rho=0.9)
    return plots.effective_steps(history)


def weight_sums() -> Any:
    """Why a running mean that starts at zero needs a correction."""
    return plots.weight_sums(beta=0.9, steps=20)


def epsilon_placement() -> Any:
    """Where it matters whether eps stands inside the root."""
    return plots.epsilon_placement(1e-8)


def schedules_that_fall() -> Any:
    """Schedules that only fall."""
    plans = {
        "step": schedules.step_decay(0.1, every=20),
        "exponential": schedules.exponential(0.1, k=0.03),
        "1/t": schedules.inverse_time(0.1, k=0.05),
        "linear": schedules.linear(0.1, 0.0, total=100),
        "cosine": schedules.cosine(0.1, total=100),
    }
    return plots.schedules(plans, steps=101)


def schedules_that_rise() -> Any:
    """Warm-ups and restarts, marked."""
    plans = {
        "warm-up, cosine": schedules.warmup(schedules.cosine(0.1, total=130), steps=20),
        "restarts": schedules.cosine_restarts(0.08, period=20),
    }
    return plots.schedules(plans, steps=140)


SECTIONS = {
    "Landscapes": (
        paths,
        contours_of_bowl,
        contours_of_rotated_valley,
        contours_of_saddle,
        contours_of_ravine,
        contours_of_beale,
        contours_of_rosenbrock,
        contours_of_himmelblau,
        contours_of_many_minima,
        relief,
        loss_plane,
    ),
    "Training": (
        learning_rates,
        training_curves,
        training_curves_overfitting,
        training_curves_slow,
        training_curves_diverging,
        curves,
        bars,
        activations,
        activation_slopes,
    ),
    "Batches": (gradient_cloud, gradient_noise, batch_tradeoff, batch_board, ends_by_start),
    "Adaptive methods": (effective_steps, weight_sums, epsilon_placement),
    "Schedules": (schedules_that_fall, schedules_that_rise),
}
