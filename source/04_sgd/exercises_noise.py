"""Exercises of 04_sgd, third part: the variance of a batch's gradient, and feature scaling."""

import numpy as np

from autograder.draws import signed
from autograder.exercises import Alternative, Convention, Exercise, Mistake, call_case
from downslope.drivers import Case


def variance_cases(rng: np.random.Generator) -> list[Case]:
    """Draw gradients with a mean that is not 0, and batches from one example to all."""

    def case(label: str, n: int, size: int, batch_size: int) -> Case:
        each = np.stack([signed(rng, size) for _ in range(n)]) * rng.uniform(0.5, 2.0, size)
        shifted = each + signed(rng, size)
        return call_case(label, per_example_grads=shifted, batch_size=batch_size)

    return [
        case("three of seven", 7, 4, 3),
        case("one of six", 6, 2, 1),
        case("all but one of five", 5, 3, 4),
        case("the full batch", 6, 3, 6),
        case("one parameter", 8, 1, 5),
    ]


def features(rng: np.random.Generator, n: int, size: int) -> np.ndarray:
    """Draw features with means and spreads that differ by powers of ten.

    The largest is so large that a tiny number added to it cannot be seen.
    """
    scales = 10.0 ** rng.permutation(3 - 2 * np.arange(size))
    table: np.ndarray = (rng.normal(size=(n, size)) + rng.uniform(1.0, 3.0, size)) * scales
    return table


def with_constant(rng: np.random.Generator, n: int, size: int, value: float) -> np.ndarray:
    """Draw features of which one, not the largest, has the same value throughout."""
    table = features(rng, n, size)
    table[:, rng.choice(np.argsort(np.abs(table).max(axis=0))[:-1])] = value
    return table


def scaler_cases(rng: np.random.Generator) -> list[Case]:
    """Draw tables with and without constant features, 0 among them."""
    return [
        call_case("three features on different scales", X=features(rng, 7, 3)),
        call_case("a feature that is always 4", X=with_constant(rng, 6, 4, 4.0)),
        call_case("a feature that is always 0", X=with_constant(rng, 5, 3, 0.0)),
        call_case("a single feature", X=features(rng, 9, 1)),
    ]


def apply_cases(rng: np.random.Generator) -> list[Case]:
    """Draw tables and scalers that were fitted on other tables."""

    def case(label: str, n: int, size: int) -> Case:
        center, scale = 3 * signed(rng, size), rng.uniform(0.3, 5.0, size)
        return call_case(label, X=features(rng, n, size), mean=center, scale=scale)

    return [
        case("five examples, three features", 5, 3),
        case("one example", 1, 4),
        case("as many examples as features", 3, 3),
    ]


gradient_variance = Exercise(
    "gradient_variance",
    returns=("variance",),
    driver="call",
    cases=variance_cases,
    hints=(
        (
            "Take the formula from right to left: first the variance of single gradients, for each "
            "parameter, then divide by the batch size, then correct."
        ),
        (
            "The variance of single gradients is the mean squared distance from their mean, over "
            "axis 0. The correction is (N - B) / (N - 1)."
        ),
        "per_example_grads.var(axis=0) / B * (N - B) / (N - 1), with N = len(per_example_grads).",
    ),
    mistakes=(
        Convention(
            "with_replacement",
            "Right for examples drawn independently, as L1 writes: variance over batch size. An "
            "epoch draws without replacement; then the factor (N - B) / (N - 1) comes in, and the "
            "full batch has no noise.",
            [(" * (n - batch_size) / (n - 1)", "")],
        ),
        Mistake(
            "two_corrections",
            "A little too large: you divide by N - 1 inside the variance and once more in the "
            "correction. With (N - B) / (N - 1) belongs the plain mean of squares, over N.",
            [("var(axis=0)", "var(axis=0, ddof=1)")],
        ),
        Mistake(
            "no_correction_of_n",
            "A little too small: with the plain variance, over N, belongs (N - B) / (N - 1), not "
            "(N - B) / N.",
            [("(n - 1)", "n")],
        ),
        Mistake(
            "ddof_without_correction",
            "This is s^2 / B with s^2 over N - 1: drawing with replacement, estimated from a "
            "sample. The correction for drawing without replacement is missing.",
            [("var(axis=0)", "var(axis=0, ddof=1)"), (" * (n - batch_size) / (n - 1)", "")],
        ),
        Mistake(
            "standard_deviation",
            "You return the root: the standard deviation. The variance is asked for.",
            [
                ("return per_example_grads", "return np.sqrt(per_example_grads"),
                ("(n - 1)", "(n - 1))"),
            ],
        ),
        Mistake(
            "spread_instead_of_variance",
            "You start from the standard deviation of the single gradients. It has to be squared.",
            [("var(axis=0)", "std(axis=0)")],
        ),
        Mistake(
            "not_divided",
            "You did not divide by the batch size: a mean of B gradients varies B times less.",
            [(" / batch_size", "")],
        ),
        Mistake(
            "divided_twice",
            "You divide by the square of the batch size. The sum of B gradients varies B times as "
            "much as one, and the mean divides by B squared: together 1 / B.",
            [("/ batch_size", "/ batch_size**2")],
        ),
        Mistake(
            "root_of_the_batch_size",
            "You divide by the root of the batch size. That is for the standard deviation.",
            [("/ batch_size", "/ np.sqrt(batch_size)")],
        ),
        Mistake(
            "variance_of_the_sum",
            "This is the variance of the batch's sum. The batch's gradient is its mean.",
            [("/ batch_size", "* batch_size")],
        ),
        Mistake(
            "mean_not_subtracted",
            "You take the mean of the squares. The variance is the mean squared distance from the "
            "mean gradient.",
            [("per_example_grads.var(axis=0)", "np.mean(per_example_grads**2, axis=0)")],
        ),
        Mistake(
            "all_parameters_together",
            "All parameters have one variance. Each has its own: work along axis 0.",
            [
                (
                    "per_example_grads.var(axis=0)",
                    "np.full(per_example_grads.shape[1], per_example_grads.var())",
                )
            ],
        ),
        Mistake(
            "added_up",
            "You add the variances of all parameters. Return one for each.",
            [
                (
                    "per_example_grads.var(axis=0)",
                    "np.full(per_example_grads.shape[1], per_example_grads.var(axis=0).sum())",
                )
            ],
        ),
        Mistake(
            "upside_down",
            "The correction stands upside down, or B in the place of N - B: it must be 0 for the "
            "full batch.",
            [("(n - batch_size) / (n - 1)", "batch_size / n")],
        ),
        Mistake(
            "correction_squared",
            "The correction comes in twice. It is (N - B) / (N - 1) for the variance, and its root "
            "for the standard deviation.",
            [("(n - batch_size) / (n - 1)", "((n - batch_size) / (n - 1)) ** 2")],
        ),
    ),
    alternatives=(
        Alternative(
            "sample_variance",
            source="""def gradient_variance(per_example_grads, batch_size):
    n = len(per_example_grads)
    return np.var(per_example_grads, axis=0, ddof=1) / batch_size * (1 - batch_size / n)
""",
        ),
        Alternative(
            "by_hand",
            source="""def gradient_variance(per_example_grads, batch_size):
    n, d = per_example_grads.shape
    found = np.zeros(d)
    for k in range(d):
        column = per_example_grads[:, k]
        mean = sum(column) / n
        spread = sum((g - mean) ** 2 for g in column) / n
        found[k] = spread / batch_size * (n - batch_size) / (n - 1)
    return found
""",
        ),
        Alternative(
            "every_batch",
            source="""def gradient_variance(per_example_grads, batch_size):
    from itertools import combinations

    means = [np.mean(chosen, axis=0) for chosen in combinations(per_example_grads, batch_size)]
    return np.var(means, axis=0)
""",
        ),
        Alternative(
            "covariance_matrix",
            source="""def gradient_variance(per_example_grads, batch_size):
    n = per_example_grads.shape[0]
    centred = per_example_grads - per_example_grads.mean(axis=0, keepdims=True)
    single = np.einsum("nd,nd->d", centred, centred) / (n - 1)
    return single * (1 / batch_size - 1 / n)
""",
        ),
    ),
)

fit_scaler = Exercise(
    "fit_scaler",
    returns=("mean", "scale"),
    driver="call",
    cases=scaler_cases,
    hints=(
        "One mean and one standard deviation for each feature: which axis counts the examples?",
        "Where the standard deviation is 0, the scale must be 1. np.where can choose.",
        (
            "mean, scale = X.mean(axis=0), X.std(axis=0); return mean, np.where(scale == 0, 1.0, "
            "scale)."
        ),
    ),
    mistakes=(
        Mistake(
            "constant_divides_by_zero",
            "A constant feature gets a scale of 0, or nearly 0: the scaler would divide by it. It "
            "gets scale 1. Adding a tiny number is not enough.",
            [("np.where(scale > 0, scale, 1.0)", "scale")],
        ),
        Mistake(
            "one_added_everywhere",
            "You add 1 to every scale. Only constant features get 1.",
            [("np.where(scale > 0, scale, 1.0)", "scale + 1.0")],
        ),
        Mistake(
            "small_scales_raised",
            "You raise every scale to at least 1. Only a constant feature gets 1; a feature with a "
            "small spread keeps it.",
            [("np.where(scale > 0, scale, 1.0)", "np.maximum(scale, 1.0)")],
        ),
        Convention(
            "sample_standard_deviation",
            "Right elsewhere: you divide by N - 1, as statistics packages do. This course divides "
            "by N, as scikit-learn's StandardScaler does, so the scaled data have variance 1.",
            [("X.std(axis=0)", "X.std(axis=0, ddof=1)")],
        ),
        Mistake(
            "variance",
            "Your scale is the variance. It is measured in squared units; take its root.",
            [("X.std(axis=0)", "X.var(axis=0)")],
        ),
        Mistake(
            "range",
            "Your scale is the range, largest less smallest. Here it is the standard deviation.",
            [("X.std(axis=0)", "np.ptp(X, axis=0)")],
        ),
        Mistake(
            "all_features_together",
            "All features get the same mean and scale. Then proline stays a thousand times as "
            "large as hue: work along axis 0.",
            [
                ("X.mean(axis=0)", "np.full(X.shape[1], X.mean())"),
                ("X.std(axis=0)", "np.full(X.shape[1], X.std())"),
            ],
        ),
        Mistake(
            "median",
            "You take the median. The scaler centres by the mean.",
            [("X.mean(axis=0)", "np.median(X, axis=0)")],
        ),
        Mistake(
            "smallest",
            "You take the smallest value instead of the mean.",
            [("X.mean(axis=0)", "X.min(axis=0)")],
        ),
        Mistake(
            "mean_not_subtracted",
            "Your scale is the root of the mean square. The standard deviation measures distances "
            "from the mean.",
            [("X.std(axis=0)", "np.sqrt(np.mean(X**2, axis=0))")],
        ),
        Mistake(
            "largest",
            "Your scale is the largest absolute value. Here it is the standard deviation.",
            [("X.std(axis=0)", "np.abs(X).max(axis=0)")],
        ),
    ),
    alternatives=(
        Alternative(
            "in_place_on_own_array",
            source="""def fit_scaler(X):
    scale = np.std(X, axis=0)
    scale[scale == 0] = 1
    return np.mean(X, axis=0), scale
""",
        ),
        Alternative(
            "columns",
            source="""def fit_scaler(X):
    means, scales = [], []
    for column in X.T:
        center = sum(column) / len(column)
        spread = (sum((value - center) ** 2 for value in column) / len(column)) ** 0.5
        means.append(center)
        scales.append(spread if spread > 1e-12 else 1)
    return np.array(means), np.array(scales, dtype=float)
""",
        ),
        Alternative(
            "compares_extremes",
            source="""def fit_scaler(X):
    same = X.max(axis=0) == X.min(axis=0)
    return [X.sum(axis=0) / X.shape[0], X.std(axis=0) + same]
""",
        ),
        Alternative(
            "or_one",
            source="""def fit_scaler(X):
    deviation = X - X.mean(axis=0)
    return X.mean(axis=0), np.array([float(s) or 1.0 for s in np.sqrt((deviation**2).mean(axis=0))])
""",
        ),
    ),
)

apply_scaler = Exercise(
    "apply_scaler",
    returns=("scaled",),
    driver="call",
    cases=apply_cases,
    hints=(
        "What is left of an example that equals the mean? And of one that lies one scale above it?",
        "Subtract the mean first, then divide. Broadcasting does it for all rows at once.",
        "return (X - mean) / scale",
    ),
    mistakes=(
        Mistake(
            "brackets_missing",
            "Only the mean is divided by the scale: division goes first. Use brackets.",
            [("(X - mean) / scale", "X - mean / scale")],
        ),
        Mistake(
            "only_centred",
            "The mean is gone, but the scale is not used.",
            [("(X - mean) / scale", "X - mean")],
        ),
        Mistake(
            "only_divided",
            "You divide by the scale but do not subtract the mean.",
            [("(X - mean) / scale", "X / scale")],
        ),
        Mistake(
            "multiplied",
            "You multiply by the scale. A feature with a large spread has to become smaller.",
            [("(X - mean) / scale", "(X - mean) * scale")],
        ),
        Mistake(
            "divided_first",
            "You divide first and subtract the mean afterwards: the mean was in the old units.",
            [("(X - mean) / scale", "X / scale - mean")],
        ),
        Mistake(
            "fitted_again",
            "You scale X by its own mean and spread. Use those that are passed in: they were "
            "fitted on the training data, and test data must not change them.",
            [
                (
                    "(X - mean) / scale",
                    "(X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1)",
                )
            ],
        ),
        Mistake(
            "own_mean",
            "You subtract X's own mean. Use the one that is passed in.",
            [("(X - mean) / scale", "(X - X.mean(axis=0)) / scale")],
        ),
        Mistake(
            "added",
            "You add the mean. Subtract it, so that the training data end up around 0.",
            [("(X - mean) / scale", "(X + mean) / scale")],
        ),
        Mistake(
            "undone",
            "This is the way back, from scaled values to the old ones.",
            [("(X - mean) / scale", "X * scale + mean")],
        ),
        Mistake(
            "root_of_the_scale",
            "You divide by the root of the scale. The scale is a standard deviation already.",
            [("/ scale", "/ np.sqrt(scale)")],
        ),
        Mistake(
            "scale_squared",
            "You divide by the square of the scale.",
            [("/ scale", "/ scale**2")],
        ),
    ),
    alternatives=(
        Alternative(
            "copy_in_place",
            source="""def apply_scaler(X, mean, scale):
    scaled = X.copy()
    scaled -= mean
    scaled /= scale
    return scaled
""",
        ),
        Alternative(
            "loops",
            source="""def apply_scaler(X, mean, scale):
    scaled = np.zeros(X.shape)
    for row in range(X.shape[0]):
        for column in range(X.shape[1]):
            scaled[row, column] = (X[row, column] - mean[column]) / scale[column]
    return scaled
""",
        ),
        Alternative(
            "reciprocal",
            "",
            [("(X - mean) / scale", "np.subtract(X, mean) * (1 / scale)[None, :]")],
        ),
        Alternative("two_fractions", "", [("(X - mean) / scale", "X / scale - mean / scale")]),
    ),
)

EXERCISES = (gradient_variance, fit_scaler, apply_scaler)
