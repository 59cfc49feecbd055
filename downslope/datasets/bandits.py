"""The one-armed bandit of lecture L2: coin-like outcomes, training and generalisation error."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from downslope.arguments import floats, require_count, require_generator, require_number
from downslope.datasets.samples import Array, Labels, frozen

LECTURE_OUTCOMES = (1, 0, 0, 0, 0, 0, 0, 1, 1, 0)
LECTURE_P = 0.37


def _cross_entropy(p: float, lam: npt.ArrayLike) -> Array:
    """−p ln λ − (1 − p) ln(1 − λ), where 0 · ln 0 counts as 0."""
    chance = np.asarray(floats("lam", lam), dtype=np.float64)
    if not ((chance >= 0) & (chance <= 1)).all():
        raise ValueError(f"lam must lie in [0, 1]; got {chance.tolist()}")
    with np.errstate(divide="ignore"):
        wins, losses = -np.log(chance), -np.log1p(-chance)
    return np.asarray((p * wins if p > 0 else 0.0) + ((1 - p) * losses if p < 1 else 0.0))


@dataclass(frozen=True, eq=False)
class Bandit:
    """A machine that pays with probability `p`, which nobody sees, and what it paid (lecture L2).

    Made by `bandit` and `pull`; it checks nothing itself, its methods do.

    Attributes:
        outcomes: 1 where it paid and 0 where it did not, int64 `(N,)`, read-only.
        p: The true probability of a 1.

    Raises:
        TypeError, ValueError: in a method, for a λ that is no number from 0 to 1, an `n` that is
            no whole number above 0, or a seed for `rng`.

    >>> machine = bandit()
    >>> machine.estimate, machine.p
    (0.3, 0.37)
    >>> machine.training_error(1.5)
    Traceback (most recent call last):
    ValueError: lam must lie in [0, 1]; got 1.5
    """

    outcomes: Labels
    p: float

    @property
    def estimate(self) -> float:
        """The λ with the smallest training error: the share of ones.

        >>> bandit().estimate
        0.3
        """
        return float(self.outcomes.mean())

    def training_error(self, lam: npt.ArrayLike) -> Array:
        """Mean loss of the model λ over the outcomes seen, in nats; shaped like `lam`.

        Lecture L2 has 0.27, which is in base 10:

        >>> nats = bandit().training_error(0.3)
        >>> round(float(nats), 2), round(float(nats / np.log(10)), 2)
        (0.61, 0.27)
        """
        return _cross_entropy(self.estimate, lam)

    def generalisation_error(self, lam: npt.ArrayLike) -> Array:
        """Expected loss of the model λ over outcomes not seen, in nats; shaped like `lam`.

        It needs the true `p`: a learner can only estimate it, from outcomes kept for the test.
        Lecture L2 has 0.29, in base 10:

        >>> nats = bandit().generalisation_error(0.3)
        >>> round(float(nats), 2), round(float(nats / np.log(10)), 2)
        (0.67, 0.29)
        """
        return _cross_entropy(self.p, lam)

    def pull(self, n: int, rng: np.random.Generator) -> "Bandit":
        """Pull the same machine's arm `n` more times: a bandit with new outcomes.

        >>> bandit().pull(1000, np.random.default_rng(0)).outcomes.shape
        (1000,)
        """
        require_count("n", n)
        require_generator("rng", rng)
        return Bandit(frozen((rng.random(n) < self.p).astype(np.int64)), self.p)


def bandit(p: float = LECTURE_P) -> Bandit:
    """Return lecture L2's one-armed bandit with its ten outcomes, three of them a 1.

    The lecture shows the outcomes and the two errors of λ = 0.3 but not the machine's `p`; any p
    from 0.354 to 0.380 gives its generalisation error of 0.29 (base 10), and 0.37 is one of them.
    For other outcomes: `bandit(p).pull(n, rng)`.

    Raises:
        TypeError: for a `p` that is no number.
        ValueError: for a `p` outside 0 to 1.

    >>> bandit().outcomes
    array([1, 0, 0, 0, 0, 0, 0, 1, 1, 0])
    """
    p = require_number("p", p, low=0, high=1)
    return Bandit(frozen(np.array(LECTURE_OUTCOMES, np.int64)), p)
