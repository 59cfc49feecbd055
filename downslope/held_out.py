"""Networks that learners train on digits, judged by images that they have not seen.

A case names its data by a seed: ``{"digits": "images", "seed": 7, "examples": 900}``. The pixels
are shuffled and the classes renamed by the seed, so that nobody's network knows them beforehand.
The accuracy is worked out from the returned parameters where the answer is judged; what a learner's
process claims is not used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from downslope import unseen
from downslope.arguments import require_choice, require_count
from downslope.datasets import load_digits
from downslope.drivers.outcomes import Outcome

RECIPE = "data"  # seed, number of training images, share that is enough
ACCURACY = "held-out accuracy"

Images = tuple[np.ndarray, np.ndarray]
Arrays = dict[str, np.ndarray]


def digits_task(seed: int, examples: int) -> tuple[Images, Images]:
    """Return the training and the held-out digits of a seed: X in 0 to 1, and labels.

    X is `(examples, 64)` and `(1797 - examples, 64)`, the labels 0 to 9. The images are those of
    `load_digits`. Source: this course.

    Raises:
        TypeError, ValueError: for a seed or number of examples that is no whole number, a seed
            below 0, or no examples.

    >>> (X, y), (unseen, _) = digits_task(7, 900)
    >>> X.shape, y.dtype.name, unseen.shape
    ((900, 64), 'int64', (897, 64))
    """
    require_count("seed", seed, low=0)
    require_count("examples", examples)
    digits, rng = load_digits(), np.random.default_rng(seed)
    order, pixels, names = (rng.permutation(size) for size in (len(digits), 64, 10))
    X, y = digits.X[order][:, pixels] / 16, names[digits.y[order]].astype(np.int64)
    return (X[:examples], y[:examples]), (X[examples:], y[examples:])


def given(value: Any) -> Any:
    """Put the images or labels in the place of a case's argument that names them.

    Anything else is given back as it is. Source: this course.

    Raises:
        KeyError: for a dict with "digits" but without "seed" or "examples".
        ValueError: for digits that are neither "images" nor "labels".

    >>> given({"digits": "images", "seed": 7, "examples": 900}).shape, given(0.5)
    ((900, 64), 0.5)
    """
    if not isinstance(value, dict) or "digits" not in value:
        return value
    require_choice("digits", value["digits"], ("images", "labels"))
    images, labels = digits_task(value["seed"], value["examples"])[0]
    return images if value["digits"] == "images" else labels


def accuracy(arrays: Mapping[str, np.ndarray], recipe: np.ndarray) -> float:
    """Work out the share of held-out digits that a network reads, at most the share asked for.

    Args:
        arrays: its parameters, "[0].W", "[0].b", "[1].W", ...; others are left alone.
        recipe: seed, number of training images, share that is enough.

    Parameters that do not make a network have accuracy 0. Source: this course.

    Raises:
        ValueError: for a recipe of other than three numbers.

    >>> names_always_class_0 = {"[0].W": np.zeros((10, 64)), "[0].b": np.eye(10)[0]}
    >>> round(accuracy(names_always_class_0, np.array([7, 900, 0.9])), 3)
    0.1
    >>> accuracy({}, np.array([7, 900, 0.9]))
    0.0
    """
    seed, examples, enough = recipe.tolist()
    signal, labels = digits_task(int(seed), int(examples))[1]
    layers = sorted(name[:-2] for name in arrays if name.endswith("].W"))
    try:
        with np.errstate(all="ignore"):
            for depth, layer in enumerate(layers):
                signal = np.maximum(signal, 0) if depth else signal
                signal = signal @ arrays[f"{layer}.W"].T + arrays[f"{layer}.b"]
            right = float(np.mean(signal.argmax(axis=1) == labels))
    except (KeyError, ValueError):
        return 0.0
    sound = bool(layers) and bool(np.isfinite(signal).all())
    return min(right, enough) if sound else 0.0


def measured(
    outcomes: Sequence[Outcome], expected: Sequence[Outcome]
) -> tuple[Sequence[Outcome], Sequence[Outcome]]:
    """Replace the accuracy in outcomes by the one that their parameters have.

    Of what was expected, the accuracy alone is kept: other parameters may be as good. Outcomes of
    other exercises stay as they are. Source: this course.

    Raises:
        KeyError: when a network is expected without a recipe.
        ValueError: when networks are expected, but not as many as there are outcomes.

    >>> network = {"[0].W": np.zeros((10, 64)), "[0].b": np.eye(10)[0]}
    >>> wanted = Outcome(network | {RECIPE: np.array([7, 900, 0.9]), ACCURACY: np.array(0.9)})
    >>> claimed = Outcome(network | {ACCURACY: np.array(1.0)})
    >>> found, kept = measured([claimed], [wanted])
    >>> found[0].arrays[ACCURACY].round(3), list(kept[0].arrays)
    (np.float64(0.1), ['held-out accuracy'])
    """
    if any(unseen.TASK in wanted.arrays for wanted in expected):
        return unseen.measured(outcomes, expected)
    if not any(ACCURACY in wanted.arrays for wanted in expected):
        return outcomes, expected
    pairs = list(zip(outcomes, expected, strict=True))
    found = [_with_accuracy(outcome, wanted.arrays) for outcome, wanted in pairs]
    return found, [
        wanted._replace(arrays={ACCURACY: wanted.arrays[ACCURACY]}) for wanted in expected
    ]


def _with_accuracy(outcome: Outcome, wanted: Mapping[str, np.ndarray]) -> Outcome:
    if outcome.problem is not None:
        return outcome
    recipe = wanted[RECIPE]
    share = np.array(accuracy(_network(outcome.arrays, wanted), recipe))
    return outcome._replace(arrays={**outcome.arrays, RECIPE: recipe, ACCURACY: share})


def _network(arrays: Mapping[str, np.ndarray], wanted: Mapping[str, np.ndarray]) -> Arrays:
    """Take the parameters out of a reply if they have the wanted shapes, else none.

    A reply may hold anything: layers that are not asked for, or shapes whose product fills memory.
    """
    shapes = {name: array.shape for name, array in wanted.items() if name[-3:] in ("].W", "].b")}
    fits = all(name in arrays and arrays[name].shape == shapes[name] for name in shapes)
    return {name: arrays[name] for name in shapes} if fits else {}
