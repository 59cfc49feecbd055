"""Derive the rates of PyTorch that the course ships from the stored ones, without retyping any.

`python tests/parity/shipped_schedules.py` writes downslope/data/torch_schedules.json from
schedules.json beside this file, which make_numbers.py makes, and from the options in that script.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SHIPPED = HERE.parents[1] / "downslope" / "data" / "torch_schedules.json"
# The schedules that learners write, by the names of `make_numbers.py`.
NAMES = (
    *("step_decay", "exponential", "inverse_time", "linear", "polynomial", "inverse_sqrt"),
    *("cosine", "cosine_restarts", "warmup"),
)


def calls() -> dict[str, str]:
    """Each scheduler as it is called, read from the source of make_numbers.py."""
    tree = ast.parse((HERE / "make_numbers.py").read_text("utf-8"))
    tables = {
        node.target.id: node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    found = {key: _called(value) for key, value in _entries(tables["SCHEDULERS"])}
    found |= {key: f"LambdaLR({ast.unparse(value)})" for key, value in _entries(tables["LAMBDAS"])}
    warm = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "warm_cosine")
    names = list(filter(None, map(_scheduler, ast.walk(warm))))
    outer, *inner = sorted(names, key=lambda name: name != "SequentialLR")
    return {**found, "warmup": f"{outer}([{', '.join(inner)}])"}


def _entries(table: Any) -> list[tuple[str, Any]]:
    return [(key.value, value) for key, value in zip(table.keys, table.values, strict=True)]


def _called(pair: Any) -> str:
    name, options = pair.elts
    shown = [f"{key}={ast.unparse(value)}" for key, value in _entries(options)]
    return f"{name.value}({', '.join(shown)})".replace("STEPS", "100")


def _scheduler(node: ast.AST) -> str:
    """The class that is called here, library.NAME(...), or nothing."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr
    return ""


def derived() -> dict[str, Any]:
    """What the shipped file must hold."""
    stored = json.loads((HERE / "schedules.json").read_text("utf-8"))
    shown = calls()
    rows = {name: {"call": shown[name], "rates": stored["torch"][name]} for name in NAMES}
    return {"versions": stored["versions"], "rate": stored["inputs"]["rate"], "schedules": rows}


def main() -> None:
    """Write the file."""
    SHIPPED.write_text(json.dumps(derived(), indent=None) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
