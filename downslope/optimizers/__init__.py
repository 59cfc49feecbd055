"""Optimizers as chains of pure functions, in the design of optax at a tenth of its size.

An optimizer is a pair `init(theta) -> state` and `update(grad, state, theta, lr) -> (updates,
state)`; updates are added to the parameters. Links are such pairs too, and `chain` joins them:

>>> import numpy as np
>>> rule = chain(scale_by_adam(), add_decayed_weights(0.01), scale_by_learning_rate())  # AdamW
>>> theta = np.array([1.0, -4.0])
>>> updates, state = rule.update(2 * theta, rule.init(theta), theta, 0.1)
>>> theta + updates
array([ 0.899, -3.896])

Throughout, `eps` stands outside the square root (L0, L3, L4, PyTorch; lecture L1 has it inside).
"""

from downslope.optimizers.links import (
    Array,
    Moments,
    Optimizer,
    Part,
    add_decayed_weights,
    chain,
    scale_by_adam,
    scale_by_learning_rate,
    scale_by_nadam,
    scale_by_rms,
    scale_by_rss,
    trace,
)
from downslope.optimizers.rules import (
    GradientFunction,
    LearningRate,
    adagrad,
    adam,
    adamw,
    momentum,
    nadam,
    nesterov,
    rmsprop,
    run,
    sgd,
    velocity,
)

__all__ = [
    "Array",
    "GradientFunction",
    "LearningRate",
    "Moments",
    "Optimizer",
    "Part",
    "adagrad",
    "adam",
    "adamw",
    "add_decayed_weights",
    "chain",
    "momentum",
    "nadam",
    "nesterov",
    "rmsprop",
    "run",
    "scale_by_adam",
    "scale_by_learning_rate",
    "scale_by_nadam",
    "scale_by_rms",
    "scale_by_rss",
    "sgd",
    "trace",
    "velocity",
]
