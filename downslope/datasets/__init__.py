"""Data to learn from: real digits and wines, generated sets, and how to split them.

Nothing here uses the network. Real data is read once and shared, with read-only arrays; generated
sets are drawn from the generator that is passed in, so the same seed gives the same data.

>>> train, validation, test = split(load_digits())
>>> train.X.shape, train.y.shape
((1078, 64), (1078,))
"""

from downslope.datasets.bandits import Bandit, bandit
from downslope.datasets.distortions import distorted_digits
from downslope.datasets.generated import noisy_regression, spirals, two_moons, wave
from downslope.datasets.samples import Dataset, Examples, Split, split
from downslope.datasets.shipped import load_digits, load_wine
from downslope.datasets.templates import templates_1d

__all__ = [
    "Bandit",
    "Dataset",
    "Examples",
    "Split",
    "bandit",
    "distorted_digits",
    "load_digits",
    "load_wine",
    "noisy_regression",
    "spirals",
    "split",
    "templates_1d",
    "two_moons",
    "wave",
]
