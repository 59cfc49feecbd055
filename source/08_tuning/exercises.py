"""Exercises of 08_tuning, first part: splits, folds, cross-validation, a preparation that leaks.

The reference solution of each exercise stands in the master beside this file, and nowhere else.
Random answers are judged by properties, see `downslope.parts`: their mistakes are told apart by
which properties they break.
"""

from typing import Any

import numpy as np

from autograder.exercises import READY_MADE, Alternative, Exercise, Mistake, call_case
from downslope.drivers import Case
from downslope.parts import MANY, ORIGIN, SIZES_ONLY

FORBIDS = (*READY_MADE, "downslope.search", "downslope.datasets", "sklearn")


def seeds(rng: np.random.Generator, count: int) -> list[int]:
    """Draw different seeds."""
    return [int(seed) for seed in rng.choice(10**6, count, replace=False)]


def dealt(rng: np.random.Generator, mode: int, label: str, **arguments: Any) -> Case:
    """Make a case of a function that deals out at random, with its plan of calls."""
    one, other = seeds(rng, 2)
    plans = {
        SIZES_ONLY: [[one, 1]],
        ORIGIN: [[one, 2], [one, 1], [other, 1]],
        MANY: [[one, 400]],
    }
    return {**call_case(label, **arguments), "plan": plans[mode], "mode": mode}


def split_cases(rng: np.random.Generator) -> list[Case]:
    """Draw sizes that do not come out even, an exact one, an empty set, then many calls."""
    even, odd, many = (
        10 * int(rng.integers(4, 10)),
        int(rng.integers(41, 99)),
        int(rng.integers(29, 46)),
    )
    thirds = [0.7, 0.15, 0.15]
    return [
        dealt(rng, ORIGIN, "fractions that come out even", n=even, fractions=[0.6, 0.2, 0.2]),
        dealt(rng, ORIGIN, "fractions that do not come out even", n=odd, fractions=thirds),
        dealt(rng, SIZES_ONLY, "a share of 0.29 of 100", n=100, fractions=[0.29, 0.57, 0.14]),
        dealt(rng, SIZES_ONLY, "no test data", n=11, fractions=[0.75, 0.25, 0.0]),
        dealt(rng, MANY, "400 calls with one generator", n=many, fractions=[0.5, 0.2, 0.3]),
    ]


def fold_cases(rng: np.random.Generator) -> list[Case]:
    """Draw folds that do not come out even by one and by k - 1, single examples, many calls."""
    k, times, many = int(rng.integers(4, 7)), int(rng.integers(6, 10)), int(rng.integers(29, 46))
    return [
        dealt(rng, ORIGIN, "equal folds", n=times * k, k=k),
        dealt(rng, ORIGIN, "folds that do not come out even", n=8 * k - 1, k=k),
        dealt(rng, SIZES_ONLY, "one example left over", n=3 * k + 1, k=k),
        dealt(rng, SIZES_ONLY, "as many folds as examples", n=7, k=7),
        dealt(rng, MANY, "400 calls with one generator", n=many, k=3),
    ]


def data(rng: np.random.Generator, n: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw features on different scales and targets that depend on them."""
    X = rng.normal(size=(n, width)) * np.geomspace(0.5, 4, width) + np.arange(width)
    return X, X @ rng.normal(size=width) + rng.normal(size=n)


def validation_cases(rng: np.random.Generator) -> list[Case]:
    """Draw data whose number is no multiple of k, and a small set with k = n."""
    cases = []
    for label, n, width, k in (
        ("five folds that do not come out even", 32, 2, 5),
        ("three features, four folds", 29, 3, 4),
    ):
        X, y = data(rng, n, width)
        cases.append({**call_case(label, X=X, y=y, k=k), "seeds": seeds(rng, 2)})
    return cases


def preparation_cases(rng: np.random.Generator) -> list[Case]:
    """Draw features on different scales; held-out rows lie elsewhere, so that a leak shows."""
    cases = []
    for label, n, width, keep in (("two of five features", 14, 5, 2), ("three of six", 17, 6, 3)):
        X = rng.normal(size=(n, width)) * rng.uniform(0.5, 4, width) + rng.uniform(-3, 3, width)
        y = rng.permutation(np.where(np.arange(n) % 2, 1.0, -1.0))
        order = rng.permutation(n)
        val, train = np.sort(order[:5]), order[5:]
        X[val] += rng.uniform(1, 3, (1, width)) * y[val][:, None] * rng.permutation(width)
        cases.append(call_case(label, X=X, y=y, train=train, val=val, keep=keep))
    return cases


NOT_SHUFFLED = (
    "The indices are cut in their own order: no chance at all. Data is often stored sorted, so "
    "shuffle first."
)
OWN_GENERATOR = (
    "You make a generator of your own, so the result is always the same, whatever rng is. Use the "
    "rng that is passed in."
)
WHOLE_ORDER = "order = rng.permutation(n)"

train_val_test_split = Exercise(
    "train_val_test_split",
    returns=("train", "val", "test"),
    driver="split",
    cases=split_cases,
    forbids=FORBIDS,
    hints=(
        "Put all n indices in a random order. Then it is enough to cut the row at two places.",
        (
            "The first cut is at fractions[0] * n, the second at (fractions[0] + fractions[1]) * "
            "n, both rounded. What is left is the test set."
        ),
        (
            "rng.permutation(n) gives the order, round(...) a whole number. Return order[:first], "
            "order[first:second], order[second:]."
        ),
    ),
    mistakes=(
        Mistake("not_shuffled", NOT_SHUFFLED, [(WHOLE_ORDER, "order = np.arange(n)")]),
        Mistake(
            "own_generator",
            OWN_GENERATOR,
            [("rng.permutation(n)", "np.random.default_rng(0).permutation(n)")],
        ),
        Mistake(
            "rest_piles_up",
            "The first two sizes are cut off, so all the rest piles up in the test set. A size may "
            "miss its fraction of n by one at most: cut at rounded places instead.",
            [
                ("round(fractions[0] * n)", "int(fractions[0] * n)"),
                ("round((fractions[0] + fractions[1]) * n)", "first + int(fractions[1] * n)"),
            ],
        ),
        Mistake(
            "rest_left_out",
            "Some indices are in no set: all three sizes are cut off. What is left after the first "
            "two sets belongs to the test set.",
            source="""def train_val_test_split(n, fractions, rng):
    order = rng.permutation(n)
    a, b, c = (int(share * n) for share in fractions)
    return order[:a], order[a : a + b], order[a + b : a + b + c]
""",
        ),
        Mistake(
            "drawn_one_by_one",
            "Some indices are in several sets: each set is drawn from all n. A test example that "
            "was trained on tests nothing. Shuffle once, then cut.",
            source="""def train_val_test_split(n, fractions, rng):
    first = round(fractions[0] * n)
    second = round((fractions[0] + fractions[1]) * n)
    cuts = [(0, first), (first, second), (second, n)]
    return tuple(rng.permutation(n)[a:b] for a, b in cuts)
""",
        ),
        Mistake(
            "with_replacement",
            "Some indices come twice within a set and others never: you draw with replacement. "
            "Shuffling gives each index once.",
            [(WHOLE_ORDER, "order = rng.integers(0, n, n)")],
        ),
        Mistake(
            "test_last_of_the_order",
            "The sizes are those of the fractions in another order. The first fraction is for "
            "train, the second for val, the third for test.",
            [
                (
                    "return order[:first], order[first:second], order[second:]",
                    "return order[first:second], order[second:], order[:first]",
                )
            ],
        ),
        Mistake(
            "counted_from_one",
            "The indices run from 1 to n. Python counts from 0: n is no index, and 0 is missing.",
            [(WHOLE_ORDER, "order = rng.permutation(np.arange(1, n + 1))")],
        ),
        Mistake(
            "turned_not_shuffled",
            "You only turn the row by a random number: neighbours stay together. In data that is "
            "stored sorted they are alike. Shuffle.",
            [(WHOLE_ORDER, "order = np.roll(np.arange(n), rng.integers(n))")],
        ),
        Mistake(
            "test_always_the_end",
            "The test set is always the end of the data; only the others are shuffled. Shuffle all "
            "n indices before the first cut.",
            [
                (
                    "    second = round",
                    """    end = round((fractions[0] + fractions[1]) * n)
    order = np.append(rng.permutation(end), np.arange(end, n))
    second = round""",
                )
            ],
        ),
    ),
    alternatives=(
        Alternative(
            "shuffle_in_place",
            source="""def train_val_test_split(n, fractions, rng):
    order = np.arange(n)
    rng.shuffle(order)
    borders = np.round(np.cumsum(fractions)[:2] * n).astype(int)
    return np.split(order, borders)
""",
        ),
        Alternative(
            "choice_without_replacement",
            source="""def train_val_test_split(n, fractions, rng):
    left = np.arange(n)
    sizes = [round(fractions[0] * n), round((fractions[0] + fractions[1]) * n)]
    train = rng.choice(left, sizes[0], replace=False)
    left = np.setdiff1d(left, train)
    val = rng.choice(left, sizes[1] - sizes[0], replace=False)
    return np.sort(train), np.sort(val), np.setdiff1d(left, val)
""",
        ),
        Alternative(
            "random_keys_and_lists",
            source="""def train_val_test_split(n, fractions, rng):
    keys = rng.random(n)
    order = sorted(range(n), key=lambda i: keys[i])
    a = int(fractions[0] * n)
    b = int((fractions[0] + fractions[1]) * n)
    return [order[:a], order[a:b], order[b:]]
""",
        ),
    ),
)

k_fold = Exercise(
    "k_fold",
    returns=("pairs",),
    driver="folds",
    cases=fold_cases,
    forbids=FORBIDS,
    hints=(
        "Shuffle once, before the folds are cut. Then each fold is val once, and the others join.",
        (
            "np.array_split(order, k) cuts a row into k pieces whose sizes differ by at most one. "
            "For train, put all pieces but one together."
        ),
        (
            "In a loop over i: val = folds[i]; train = np.concatenate([fold for j, fold in "
            "enumerate(folds) if j != i]); append the pair (train, val)."
        ),
    ),
    mistakes=(
        Mistake("not_shuffled", NOT_SHUFFLED, [("rng.permutation(n)", "np.arange(n)")]),
        Mistake(
            "own_generator",
            OWN_GENERATOR,
            [("rng.permutation(n)", "np.random.default_rng(0).permutation(n)")],
        ),
        Mistake(
            "train_is_everything",
            "train holds all indices, those of val included. Then the held-out part is not held "
            "out: the score says how well the model remembers.",
            [("if j != i", "if True")],
        ),
        Mistake(
            "val_first",
            "The pairs come as (val, train). The order is (train, val).",
            [
                (
                    "pairs.append((np.concatenate(others), folds[i]))",
                    "pairs.append((folds[i], np.concatenate(others)))",
                )
            ],
        ),
        Mistake(
            "rest_left_out",
            "Where n is no multiple of k, some indices are in no fold. Every index belongs in val "
            "once: some folds are larger by one.",
            [
                (
                    "np.array_split(rng.permutation(n), k)",
                    "np.split(rng.permutation(n)[: n // k * k], k)",
                )
            ],
        ),
        Mistake(
            "rest_in_the_last",
            "The last fold takes all the rest, so it is much larger than the others. The sizes may "
            "differ by one only.",
            [
                (
                    "np.array_split(rng.permutation(n), k)",
                    "np.split(rng.permutation(n), [i * (n // k) for i in range(1, k)])",
                )
            ],
        ),
        Mistake(
            "shuffled_again",
            "Each fold is cut from a new order, so some indices are in val several times "
            "and others "
            "never. Shuffle once, before the loop.",
            [
                (
                    "        others =",
                    "        folds = np.array_split(rng.permutation(n), k)\n        others =",
                )
            ],
        ),
        Mistake(
            "one_pair",
            "Only one pair comes back. Look at the indentation of return: each fold is val once.",
            [("    return pairs", "        return pairs")],
        ),
        Mistake(
            "neighbour_as_train",
            "train holds one other fold only. It holds all k - 1 others.",
            [("if j != i", "if j == (i + 1) % k")],
        ),
        Mistake(
            "turned_not_shuffled",
            "You only turn the row by a random number: neighbours stay together. In data that is "
            "stored sorted they are alike. Shuffle.",
            [("rng.permutation(n)", "np.roll(np.arange(n), rng.integers(n))")],
        ),
    ),
    alternatives=(
        Alternative(
            "every_kth",
            source="""def k_fold(n, k, rng):
    order = rng.permutation(n)
    return [(np.setdiff1d(order, order[i::k]), order[i::k]) for i in range(k)]
""",
        ),
        Alternative(
            "labels",
            source="""def k_fold(n, k, rng):
    label = rng.permutation(np.arange(n) % k)
    return [(np.flatnonzero(label != i), np.flatnonzero(label == i)) for i in range(k)]
""",
        ),
        Alternative(
            "plain_lists",
            source="""def k_fold(n, k, rng):
    order = list(range(n))
    rng.shuffle(order)
    pairs, start = [], 0
    for i in range(k):
        end = start + n // k + (1 if i < n % k else 0)
        pairs.append([order[:start] + order[end:], order[start:end]])
        start = end
    return tuple(pairs)
""",
        ),
    ),
)

cross_validate = Exercise(
    "cross_validate",
    returns=("scores",),
    driver="cross_validation",
    cases=validation_cases,
    forbids=FORBIDS,
    hints=(
        "k_fold gives the k pairs of indices. Three things happen for each pair.",
        (
            "For each pair (train, val): fit on X[train], y[train]; score that model on X[val], "
            "y[val]; keep the score. Scale nothing here: that is the business of fit."
        ),
        (
            "scores.append(score(fit(X[train], y[train]), X[val], y[val])) inside the loop over "
            "k_fold(len(X), k, rng); return np.array(scores)."
        ),
    ),
    mistakes=(
        Mistake(
            "scored_on_training",
            "The scores are those of the rows that the model was fitted on. Score the rows that "
            "were held out.",
            [("score(model, X[val], y[val])", "score(model, X[train], y[train])")],
        ),
        Mistake(
            "fitted_on_everything",
            "Each model is fitted on all rows, the held-out ones included. It has seen the "
            "answers: fit on the training part.",
            [("fit(X[train], y[train])", "fit(X, y)")],
        ),
        Mistake(
            "scaled_with_everything",
            "fit and score get other rows than those of X: you scale all of X first, and so the "
            "held-out rows leak into the training. Hand the rows on as they are.",
            [
                (
                    "    scores = []",
                    "    X = (X - X.mean(axis=0)) / X.std(axis=0)\n    scores = []",
                )
            ],
        ),
        Mistake(
            "parts_swapped",
            "You fit on the small part and score on the large one. k_fold's pairs are "
            "(train, val).",
            [("for train, val in", "for val, train in")],
        ),
        Mistake(
            "not_shuffled",
            "The folds are blocks of the data in its own order. Use your k_fold and hand it rng.",
            source="""def cross_validate(fit, score, X, y, k, rng):
    scores = []
    for val in np.array_split(np.arange(len(X)), k):
        train = np.setdiff1d(np.arange(len(X)), val)
        scores.append(score(fit(X[train], y[train]), X[val], y[val]))
    return np.array(scores)
""",
        ),
        Mistake(
            "own_generator",
            OWN_GENERATOR,
            [("k_fold(len(X), k, rng)", "k_fold(len(X), k, np.random.default_rng(0))")],
        ),
        Mistake(
            "averaged",
            "The scores are averaged already. Return all k: their spread says how sure the "
            "mean is.",
            [("return np.array(scores)", "return np.array([np.mean(scores)])")],
        ),
        Mistake(
            "last_model_for_all",
            "All scores belong to one model, that of a single fold. Its training rows are held out "
            "in the others: fit anew for each fold.",
            source="""def cross_validate(fit, score, X, y, k, rng):
    pairs = k_fold(len(X), k, rng)
    model = fit(X[pairs[0][0]], y[pairs[0][0]])
    return np.array([score(model, X[val], y[val]) for _, val in pairs])
""",
        ),
        Mistake(
            "signs_turned",
            "The scores come back with another sign or size than score gave them. Return them as "
            "they are.",
            [("return np.array(scores)", "return -np.array(scores)")],
        ),
    ),
    alternatives=(
        Alternative(
            "one_expression",
            source="""def cross_validate(fit, score, X, y, k, rng):
    return np.array(
        [score(fit(X[a], y[a]), X[b], y[b]) for a, b in k_fold(len(X), k, rng)], dtype=float
    )
""",
        ),
        Alternative(
            "all_fits_first",
            source="""def cross_validate(fit, score, X, y, k, rng):
    pairs = k_fold(len(X), k, rng)
    models = [fit(X[train], y[train]) for train, _ in pairs]
    scores = np.zeros(k)
    for i, (model, (_, val)) in enumerate(zip(models, pairs)):
        scores[i] = score(model, X[val], y[val])
    return scores
""",
        ),
        Alternative(
            "own_folds_and_masks",
            source="""def cross_validate(fit, score, X, y, k, rng):
    label = rng.permutation(np.arange(len(X)) % k)
    scores = np.empty(k)
    for i in range(k):
        model = fit(X[label != i], y[label != i])
        score(model, X[label != i], y[label != i])
        scores[i] = score(model, X[label == i], y[label == i])
    return scores
""",
        ),
    ),
)

OWN_MEAN = "X[train].mean(axis=0)"
OWN_STD = "X[train].std(axis=0)"
OWN_STRENGTH = "np.abs(Z[train].T @ (y[train] - y[train].mean()))"
ALL_STRENGTH = "np.abs(Z.T @ (y - y.mean()))"

repaired_preparation = Exercise(
    "repaired_preparation",
    returns=("train rows", "val rows"),
    driver="call",
    cases=preparation_cases,
    forbids=FORBIDS,
    hints=(
        "Go through the lines and ask of each: does it look at rows of val?",
        "Two lines do: the one that scales, and the one that finds the strength of each column.",
        (
            "Take X[train].mean(axis=0) and X[train].std(axis=0) for all rows; then strength from "
            "Z[train] and y[train] alone."
        ),
    ),
    mistakes=(
        Mistake(
            "choice_still_leaks",
            "The scaling is repaired. The choice of the columns still looks at all labels, those "
            "of val included.",
            [(OWN_STRENGTH, ALL_STRENGTH)],
        ),
        Mistake(
            "scaling_still_leaks",
            "The choice of the columns is repaired. Mean and standard deviation still come "
            "from all "
            "rows.",
            [(OWN_MEAN, "X.mean(axis=0)"), (OWN_STD, "X.std(axis=0)")],
        ),
        Mistake(
            "nothing_repaired",
            "These are the suspect's numbers: both leaks are still there.",
            [
                (OWN_MEAN, "X.mean(axis=0)"),
                (OWN_STD, "X.std(axis=0)"),
                (OWN_STRENGTH, ALL_STRENGTH),
            ],
        ),
        Mistake(
            "val_scaled_by_itself",
            "The rows of val are scaled by their own mean and spread. The model was fitted in the "
            "scale of the training rows: use that one for both.",
            [
                (
                    "Z[val][:, columns]",
                    "((X[val] - X[val].mean(axis=0)) / X[val].std(axis=0))[:, columns]",
                )
            ],
        ),
        Mistake(
            "std_still_leaks",
            "The mean comes from the training rows, the standard deviation still from all.",
            [(OWN_STD, "X.std(axis=0)")],
        ),
        Mistake(
            "weakest_kept",
            "The columns that go least with y are kept. The strongest come first.",
            [("np.argsort(-strength)", "np.argsort(strength)")],
        ),
    ),
    alternatives=(
        Alternative(
            "scaled_apart",
            source="""def repaired_preparation(X, y, train, val, keep):
    A, B = X[train], X[val]
    mean, scale = np.mean(A, axis=0), np.std(A, axis=0)
    A, B = (A - mean) / scale, (B - mean) / scale
    strength = np.abs(A.T @ (y[train] - y[train].mean()))
    best = np.argsort(strength)[::-1][:keep]
    return A[:, best], B[:, best]
""",
        ),
        Alternative(
            "columns_in_a_loop",
            source="""def repaired_preparation(X, y, train, val, keep):
    centred = y[train] - np.mean(y[train])
    found = []
    for j in range(X.shape[1]):
        mean, scale = X[train, j].mean(), X[train, j].std()
        column = (X[:, j] - mean) / scale
        found.append((abs(float(column[train] @ centred)), column))
    found.sort(key=lambda pair: -pair[0])
    kept = np.column_stack([column for _, column in found[:keep]])
    return [kept[train], kept[val]]
""",
        ),
    ),
)

EXERCISES = (train_val_test_split, k_fold, cross_validate, repaired_preparation)
