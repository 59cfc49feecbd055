"""What is public says what it raises and where it comes from, and shows itself at work."""

import importlib
import inspect
import re
from typing import Any

import pytest

PACKAGES = ("", ".datasets", ".landscapes", ".optimizers", ".plots", ".widgets")
MODULES = (
    "activations",
    "animations",
    "contest",
    "diagnosis",
    "double_descent",
    "gradients",
    "history",
    "initialisers",
    "layers",
    "losses",
    "networks",
    "parameters",
    "scalars",
    "schedules",
    "search",
    "stepping",
    "training",
)
# A lecture, a paper with its year, or a sentence that names the source.
SOURCE = re.compile(
    r"\b[Ll]ectures?\b|\bL[0-4]\b|\b(19|20)\d\d\b|\b[Ss]ource:|this course|scikit-learn"
)


def exported() -> dict[str, Any]:
    """Functions and classes by name: all that packages export, all that these modules define."""
    found = {}
    for package in PACKAGES:
        module = importlib.import_module(f"downslope{package}")
        found |= {f"{module.__name__}.{name}": getattr(module, name) for name in module.__all__}
    for name in MODULES:
        module = importlib.import_module(f"downslope.{name}")
        found |= {
            f"{module.__name__}.{key}": value
            for key, value in vars(module).items()
            if not key.startswith("_") and getattr(value, "__module__", None) == module.__name__
        }
    return {key: value for key, value in found.items() if is_described(value)}


def is_described(value: Any) -> bool:
    return inspect.isfunction(value) or inspect.isclass(value)


PUBLIC = exported()


def test_there_are_many() -> None:
    assert len(PUBLIC) > 150


@pytest.mark.parametrize("name", PUBLIC)
def test_it_names_its_source(name: str) -> None:
    assert SOURCE.search(inspect.getdoc(PUBLIC[name]) or "")


@pytest.mark.parametrize("name", PUBLIC)
def test_it_has_an_example(name: str) -> None:
    assert ">>>" in (inspect.getdoc(PUBLIC[name]) or "")


@pytest.mark.parametrize("name", [n for n, each in PUBLIC.items() if inspect.isfunction(each)])
def test_it_says_what_it_raises(name: str) -> None:
    text = inspect.getdoc(PUBLIC[name]) or ""
    assert "Raises:" in text or "Traceback" in text
