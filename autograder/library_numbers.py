"""Numbers of other libraries, stored with the inputs' fingerprint for those who lack the library.

PyTorch and optax are big and serve nothing but the oracle ledger. Where one is installed its
numbers are computed anew; elsewhere the stored ones stand in, if they belong to the same inputs.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from autograder.errors import AutograderError
from downslope.drivers import Case
from downslope.plain import to_json

Arrays = dict[str, np.ndarray]

# Processors may differ in the last bit of a library's fused operations; no more.
SAME = 1e-13


class LibraryNumbers:
    """A lesson's stored library numbers.

    Args:
        path: JSON file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stored: dict[str, Any] = {}
        if path.is_file():
            self.stored = json.loads(path.read_text(encoding="utf-8"))["numbers"]
        self.fresh: dict[str, Any] = {}

    def arrays(
        self, exercise: str, library: str, compute: Callable[[Case], Arrays], cases: Sequence[Case]
    ) -> list[Arrays]:
        """Return a source's arrays, one dict per case: computed if possible, else stored.

        Raises:
            AutograderError: when the library is absent and no numbers of these inputs are stored.
        """
        if not library:
            return [compute(case) for case in cases]
        if installed(library):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # deprecations inside the libraries
                arrays = [compute(case) for case in cases]
            self._keep(exercise, library, arrays, cases)
            return arrays
        return self._recall(exercise, library, cases)

    def version(self, exercise: str, library: str) -> str:
        """Return the version of the library whose numbers `arrays` gave; "" without a library."""
        if not library:
            return ""
        return str(self.fresh[exercise][library]["version"])

    def changes(self) -> list[str]:
        """Say which stored numbers a fresh run contradicts."""
        rows = ((name, library) for name, row in self.fresh.items() for library in row)
        return [
            f"{name}: the stored numbers of {library} have changed"
            for name, library in rows
            if self.stored.get(name, {}).get(library) != self.fresh[name][library]
        ]

    def write(self) -> None:
        """Write the numbers of this run; those of absent libraries were recalled and stay."""
        if not self.fresh:
            return
        lines = [
            f" {json.dumps(name)}: {{\n  "
            + ",\n  ".join(f"{json.dumps(key)}: {json.dumps(row[key])}" for key in sorted(row))
            + "\n }"
            for name, row in self.fresh.items()
        ]
        made = json.dumps("python -m autograder.oracles, from oracles.py beside this file")
        text = f'{{"made_by": {made},\n"numbers": {{\n' + ",\n".join(lines) + "\n}}\n"
        self.path.write_text(text, encoding="utf-8", newline="\n")

    def _keep(
        self, exercise: str, library: str, arrays: list[Arrays], cases: Sequence[Case]
    ) -> None:
        entry = {
            "version": metadata.version(library).partition("+")[0],
            "inputs": fingerprint(cases),
            "arrays": [{key: array.tolist() for key, array in case.items()} for case in arrays],
        }
        old = self.stored.get(exercise, {}).get(library)
        if old is not None and _same(old, entry):
            entry = old
        self.fresh.setdefault(exercise, {})[library] = entry

    def _recall(self, exercise: str, library: str, cases: Sequence[Case]) -> list[Arrays]:
        entry = self.stored.get(exercise, {}).get(library)
        if entry is None or entry["inputs"] != fingerprint(cases):
            raise AutograderError(
                f"{self.path}: no numbers of {library} for the inputs that {exercise!r} has now. "
                "Run 'make ledger', which installs it"
            )
        self.fresh.setdefault(exercise, {})[library] = entry
        return [{k: np.array(v) for k, v in case.items()} for case in entry["arrays"]]


def installed(library: str) -> bool:
    """Say whether a package can be imported."""
    return find_spec(library) is not None


def fingerprint(cases: Sequence[Case]) -> str:
    """Return a short digest of inputs."""
    text = json.dumps(to_json(list(cases)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _same(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Are these the same numbers up to the last bits? The version that made them first is kept."""
    return old["inputs"] == new["inputs"] and all(
        one.keys() == other.keys()
        and all(np.allclose(one[key], other[key], rtol=SAME, atol=SAME * 1e-12) for key in one)
        for one, other in zip(old["arrays"], new["arrays"], strict=True)
    )
