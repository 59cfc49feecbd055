"""A hard one-dimensional set: ten drawn shapes, moved, stretched, tilted, noisy, with distractors.

In the spirit of MNIST-1D (Greydanus and Kobak 2020, "Scaling down deep learning with MNIST-1D"),
with shapes and distortions of our own: small enough for seconds of training, hard enough that a
straight line between classes does not do.
"""

import numpy as np

from downslope.arguments import require_count, require_generator, require_number
from downslope.datasets.generated import balanced_labels
from downslope.datasets.samples import Array, Dataset, frozen

SHAPES = {
    "hill": (0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0),
    "trench": (0, -5, -5, -5, -5, -5, -5, -5, -5, -5, -5, 0),
    "drop": (0, 4, 5, 4, 2, 0, -2, -4, -5, -4, 0, 0),
    "jump": (0, -1, -2, -3, -4, -5, 5, 4, 3, 2, 1, 0),
    "two bumps": (0, 4, 5, 3, 0, 0, 0, 0, 3, 5, 4, 0),
    "hat": (0, -3, -5, -3, 1, 5, 5, 1, -3, -5, -3, 0),
    "chirp": (0, 2, 4, 5, 4, 1, -4, -5, 0, 5, -5, 0),
    "buzz": (0, 5, -5, 5, -5, 5, -5, 5, -5, 5, -5, 0),
    "dip": (0, 5, 3, 0, -3, -5, -5, -3, 0, 3, 5, 0),
    "pair": (0, -5, -5, 0, 0, 0, 0, 0, 0, 5, 5, 0),
}
TEMPLATES: Array = frozen(np.array(list(SHAPES.values())) / 5.0)
"""The ten shapes, `(10, 12)`, heights from −1 to 1; both ends are 0."""

WIDTHS, HEIGHTS, TILT = (0.4, 0.7), (0.6, 1.4), 0.3
DISTRACTOR_WIDTHS, DISTRACTOR_HEIGHTS = (0.08, 0.16), (0.4, 1.0)
NOISE_LENGTH = 1.5


def _places(n: int, widths: tuple[float, float], rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw where pieces begin and how wide they are, as shares of the signal: each `(n, 1)`."""
    width = rng.uniform(*widths, (n, 1))
    return rng.random((n, 1)) * (1 - width), width


def _stretched(templates: Array, place: Array) -> Array:
    """Read templates `(n, T)` at `place` `(n, length)`, 0 to 1 from end to end; 0 outside."""
    knots = templates.shape[1] - 1
    at = np.clip(place, 0, 1) * knots
    left = np.minimum(at.astype(np.intp), knots - 1)
    row, weight = np.arange(len(templates))[:, None], at - left
    # Both ends of a template are 0, so whatever lies outside reads 0 as well.
    return np.asarray((1 - weight) * templates[row, left] + weight * templates[row, left + 1])


def _distractors(n: int, position: Array, rng: np.random.Generator) -> Array:
    """Draw one narrow half wave a signal, up or down, anywhere: it tells nothing of the class."""
    start, width = _places(n, DISTRACTOR_WIDTHS, rng)
    height = rng.choice([-1.0, 1.0], (n, 1)) * rng.uniform(*DISTRACTOR_HEIGHTS, (n, 1))
    return np.asarray(height * np.sin(np.pi * np.clip((position - start) / width, 0, 1)))


def _correlated_noise(n: int, length: int, rng: np.random.Generator) -> Array:
    """Draw noise of variance 1 that is alike in neighbours: white noise under a Gaussian window."""
    reach = np.arange(-4, 5)
    window = np.exp(-0.5 * (reach / NOISE_LENGTH) ** 2)
    white = rng.standard_normal((n, length + len(reach) - 1))
    views = np.lib.stride_tricks.sliding_window_view(white, len(reach), axis=1)
    return np.asarray(views @ (window / np.linalg.norm(window)))


def templates_1d(
    n: int,
    rng: np.random.Generator,
    *,
    length: int = 40,
    noise: float = 0.15,
    distractors: int = 2,
) -> Dataset:
    """Draw signals that each hold one of ten shapes, hidden by everything that may happen to it.

    A shape is stretched to 40 to 70 % of the signal and put anywhere in it, scaled by 0.6 to 1.4,
    tilted (sheared) by a straight line of up to ±0.3 at the ends, and covered by noise that is
    correlated over some three neighbours. Distractors are narrow half waves, 0.4 to 1 high, up or
    down, that come at random places in every class.

    With 4,000 examples to train on, a linear classifier gets about half of the rest right and an
    MLP 40-128-64-10 about 0.8; guessing gets 0.1. After Greydanus & Kobak 2020 (MNIST-1D), with
    shapes and distortions of our own.

    Args:
        n: How many signals.
        rng: Who draws them.
        length: How many samples a signal has, at least 12.
        noise: The standard deviation of the noise; a shape is about 1 high.
        distractors: How many in each signal.

    Returns:
        X `(n, length)`, one signal a row, no units; y `(n,)`, labels 0 to 9, classes of equal
        size, give or take one, in random order. The names of the shapes are `target_names`.

    Raises:
        TypeError: for a number of another type, or a seed for `rng`.
        ValueError: for an `n` below 10, a `length` below 12, or `noise` or `distractors` below 0.

    >>> data = templates_1d(1000, np.random.default_rng(0))
    >>> data.X.shape, data.target_names[:3]
    ((1000, 40), ('hill', 'trench', 'drop'))
    """
    require_count("n", n, low=len(TEMPLATES))
    require_count("length", length, low=TEMPLATES.shape[1])
    require_count("distractors", distractors, low=0)
    require_generator("rng", rng)
    require_number("noise", noise, low=0)
    y = balanced_labels(n, len(TEMPLATES), rng)
    position = np.linspace(0, 1, length)
    start, width = _places(n, WIDTHS, rng)
    X = rng.uniform(*HEIGHTS, (n, 1)) * _stretched(TEMPLATES[y], (position - start) / width)
    X += rng.uniform(-TILT, TILT, (n, 1)) * np.linspace(-1, 1, length)
    for _ in range(distractors):
        X += _distractors(n, position, rng)
    X += noise * _correlated_noise(n, length, rng)
    text = (
        f"Ten shapes, moved, stretched, tilted, with noise {noise} and {distractors} distractors."
    )
    samples = tuple(f"sample_{each}" for each in range(length))
    return Dataset("templates 1d", X, y, samples, tuple(SHAPES), f"{text} Generated.")
