"""downslope: the helper package of a course on training neural networks.

Notebooks use `check`, `hint`, `progress`, `quiz`, `predict` and `show`; the modules beside them
hold landscapes, optimizers, plots, animations and widgets. Names load when first used, so that
importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from downslope.checks import check, check_hidden, hint, progress
    from downslope.display import show
    from downslope.pending import when_written
    from downslope.quizzes import predict, quiz

__version__ = "0.1.0"

_HOME = {
    "check": "checks",
    "check_hidden": "checks",
    "hint": "checks",
    "predict": "quizzes",
    "progress": "checks",
    "quiz": "quizzes",
    "show": "display",
    "when_written": "pending",
}

__all__ = ["check", "check_hidden", "hint", "predict", "progress", "quiz", "show", "when_written"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'downslope' has no attribute {name!r}")
    return getattr(importlib.import_module(f"downslope.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
