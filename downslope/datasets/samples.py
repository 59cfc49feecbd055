"""What a data set is, and how it is split for training, choosing and judging."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from downslope.arguments import floats, require_generator, require_kind

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
COURSE_FRACTIONS, COURSE_SEED = (0.6, 0.2, 0.2), 0


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Copy `array`, of any shape, into one that cannot be written to. Source: NumPy's `setflags`.

    It refuses only what `np.array` refuses: a ValueError for rows of different lengths.

    >>> frozen(np.zeros(2)).flags.writeable
    False
    """
    copy = np.array(array)
    copy.setflags(write=False)
    return copy


@dataclass(frozen=True, eq=False)
class Dataset:
    """Examples with what is known about them. The arrays are read-only copies.

    Source: this course.

    Attributes:
        name: One word or two.
        X: The features, float64 `(N, D)`.
        y: Labels, int64 `(N,)`, from 0 to K − 1; or, in regression, targets, float64 `(N,)`.
        feature_names: D names, in the order of the columns.
        target_names: K names, one a label; empty in regression.
        description: What an example is, units, source.

    Raises:
        TypeError: for an X or y that is no NumPy array.
        ValueError: for arrays of other shapes or dtypes, numbers that are not finite, labels
            outside of 0 to K − 1, or not one name for each feature.

    >>> Dataset("coins", np.eye(2), np.array([0, 1]), ("a", "b"), ("heads", "tails"), "Two coins.")
    Dataset(name='coins', target_names=('heads', 'tails'), 2 examples, 2 features)
    """

    name: str
    X: Array
    y: npt.NDArray[Any]
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    description: str = field(default="")

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit together, then freeze copies of them."""
        for name in ("X", "y"):
            require_kind(name, getattr(self, name), np.ndarray, "be a NumPy array")
        self._require_features()
        self._require_targets()
        object.__setattr__(self, "X", frozen(self.X))
        object.__setattr__(self, "y", frozen(self.y))

    def _require_features(self) -> None:
        if self.X.ndim != 2 or self.X.dtype != np.float64:
            given = f"{self.X.dtype} with shape {self.X.shape}"
            raise ValueError(f"X must be float64 with shape (N, D); got {given}")
        if not np.isfinite(self.X).all():
            raise ValueError("X must be finite; got NaN or infinity")
        if len(self.feature_names) != self.X.shape[1]:
            wanted, names = self.X.shape[1], len(self.feature_names)
            raise ValueError(f"feature_names must have {wanted} names; got {names}")

    def _require_targets(self) -> None:
        dtype = np.dtype(np.int64 if self.target_names else np.float64)
        if self.y.shape != (len(self.X),) or self.y.dtype != dtype:
            given = f"{self.y.dtype} with shape {self.y.shape}"
            raise ValueError(f"y must be {dtype} with shape ({len(self.X)},); got {given}")
        if self.y.size and self.target_names:
            low, high, classes = int(self.y.min()), int(self.y.max()), len(self.target_names)
            if low < 0 or high >= classes:
                raise ValueError(f"y must hold labels 0 to {classes - 1}; got {low} to {high}")

    def __repr__(self) -> str:
        size = f"{self.X.shape[0]} examples, {self.X.shape[1]} features"
        return f"Dataset(name={self.name!r}, target_names={self.target_names}, {size})"

    def __len__(self) -> int:
        return len(self.X)


class Examples(NamedTuple):
    """Features `(N, D)` with labels or targets `(N,)`.

    A plain record, of which `split` makes three: it checks nothing. Source: this course.

    >>> Examples(np.zeros((2, 3)), np.array([0, 1])).X.shape
    (2, 3)
    """

    X: Array
    y: npt.NDArray[Any]


class Split(NamedTuple):
    """Three sets without a common example: to fit on, to choose on, to judge with once.

    Idea 2 of lecture L0. A plain record, made by `split`: it checks nothing.

    >>> from downslope.datasets import load_wine
    >>> [len(part.y) for part in split(load_wine())]
    [107, 36, 35]
    """

    train: Examples
    validation: Examples
    test: Examples


def _deal(n: int, shares: Array) -> npt.NDArray[np.int64]:
    """Deal n cards one by one, each to the player who is furthest behind: `(n,)` players."""
    owners, held = np.empty(n, dtype=np.int64), np.zeros(len(shares))
    for card in range(n):
        owners[card] = np.argmax((card + 1) * shares - held)
        held[owners[card]] += 1
    return owners


def _shares(fractions: Sequence[float]) -> Array:
    shares = np.asarray(floats("fractions", fractions), dtype=np.float64)
    if shares.shape != (3,) or not (shares >= 0).all() or not np.isclose(shares.sum(), 1):
        wanted = "three numbers that are not negative and add up to 1"
        raise ValueError(f"fractions must be {wanted}; got {fractions}")
    return shares


def split(
    dataset: Dataset,
    fractions: Sequence[float] = COURSE_FRACTIONS,
    rng: np.random.Generator | None = None,
) -> Split:
    """Split a data set at random for training, validation and testing (lecture L0).

    Labels are stratified: the examples, shuffled within each class, are dealt out class by class,
    so every set has nearly the same mix (each set within one example of its fraction, each class
    in it within two). Targets of a regression are just shuffled. Each set comes in
    random order, as fresh arrays that are yours to change.

    Args:
        dataset: What to split.
        fractions: The shares of the three sets; a share of 0 leaves a set empty.
        rng: Who shuffles. None gives the course's split, the same on every machine.

    Raises:
        TypeError: for no Dataset, or an `rng` that is no generator.
        ValueError: for fractions that are not three shares of 1.

    >>> from downslope.datasets import load_wine
    >>> train, validation, test = split(load_wine())
    >>> train.X.shape, validation.X.shape, test.y.shape
    ((107, 13), (36, 13), (35,))
    """
    require_kind("dataset", dataset, Dataset, "be a downslope.datasets.Dataset")
    shares = _shares(fractions)
    rng = np.random.default_rng(COURSE_SEED) if rng is None else rng
    require_generator("rng", rng)
    order = rng.permutation(len(dataset))
    if dataset.target_names:
        order = order[np.argsort(dataset.y[order], kind="stable")]
    owners = _deal(len(dataset), shares)
    parts = [rng.permutation(order[owners == part]) for part in range(3)]
    return Split(*(Examples(dataset.X[part], dataset.y[part]) for part in parts))
