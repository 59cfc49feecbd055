"""Conda can make sense of environment.yml: each spec parses strictly, and the whole is solved.

No channel is asked. The solver gets a channel made here: what pip resolved in this environment,
with its requirements, and a next major version of each package, which the ranges must turn down.
"""

import asyncio
import importlib.metadata
import json
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import rattler
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler.exceptions import SolverError

ROOT = Path(__file__).resolve().parents[1]
DEPENDENCIES = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
SPECS = [each for each in DEPENDENCIES if isinstance(each, str)]
CONDA_NAMES = {"matplotlib": "matplotlib-base", "jupyter-client": "jupyter_client"}
PIP_NAMES = {conda: pip for pip, conda in CONDA_NAMES.items()}


class Package(NamedTuple):
    """A package of the channel."""

    name: str
    version: str
    depends: list[str]

    def record(self) -> dict[str, Any]:
        place = {"subdir": "noarch", "noarch": "generic", "build": "0", "build_number": 0}
        return {**self._asdict(), **place, "sha256": 64 * "0"}


def conda_name(pip_name: str) -> str:
    name = canonicalize_name(pip_name)
    return CONDA_NAMES.get(name, name)


def wanted_by(distribution: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """What an installed distribution requires on this platform, with the extras asked of it."""
    for line in importlib.metadata.requires(distribution) or []:
        each = Requirement(line)
        settings = [{"extra": extra} for extra in extras | {""}]
        if each.marker is None or any(map(each.marker.evaluate, settings)):
            yield each


def resolved(names: list[str]) -> list[Package]:
    """The packages that pip resolved for some names, with everything that they require."""
    depends: dict[str, set[str]] = {}
    waiting = [Requirement(name) for name in names]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        each = waiting.pop()
        key = (canonicalize_name(each.name), frozenset(each.extras))
        if key not in seen:
            seen.add(key)
            wanted = list(wanted_by(*key))
            waiting += wanted
            specs = {f"{conda_name(one.name)} {one.specifier}".strip() for one in wanted}
            depends.setdefault(key[0], set()).update(specs)
    version = importlib.metadata.version
    return [
        Package(conda_name(name), version(name), sorted(specs)) for name, specs in depends.items()
    ]


def next_major(package: Package) -> Package:
    return Package(package.name, f"{int(package.version.partition('.')[0]) + 1}.0.0", [])


def spec_name(spec: str) -> str:
    return spec.partition(" ")[0]


def channel_of(packages: list[Package], folder: Path) -> rattler.SparseRepoData:
    files = {f"{each.name}-{each.version}-0.conda": each.record() for each in packages}
    content = {"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": files}
    path = folder / "repodata.json"
    path.write_text(json.dumps(content), "utf-8")
    return rattler.SparseRepoData(rattler.Channel("local"), "noarch", path)


def solve(specs: list[str], channel: rattler.SparseRepoData) -> dict[str, str]:
    strict = [rattler.MatchSpec(spec, strict=True) for spec in specs]
    records = asyncio.run(rattler.solve_with_sparse_repodata(strict, [channel]))
    return {record.name.normalized: str(record.version) for record in records}


@pytest.fixture(scope="module")
def installed() -> dict[str, Package]:
    names = {spec_name(spec) for spec in SPECS} - {"python"}
    packages = resolved(sorted(PIP_NAMES.get(name, name) for name in names))
    packages.append(Package("python", platform.python_version(), []))
    return {package.name: package for package in packages}


@pytest.mark.parametrize("spec", SPECS)
def test_every_spec_parses_strictly(spec: str):
    name = rattler.MatchSpec(spec, strict=True).name
    assert name is not None
    assert name.normalized == spec_name(spec)


def test_the_solver_finds_what_pip_found(installed: dict[str, Package], tmp_path: Path):
    capped = [spec_name(spec) for spec in SPECS if "<" in spec]
    tempting = [next_major(installed[name]) for name in capped]
    found = solve(SPECS, channel_of([*installed.values(), *tempting], tmp_path))
    assert found == {name: package.version for name, package in installed.items()}


def test_the_solver_says_no_when_a_range_cannot_be_met(
    installed: dict[str, Package], tmp_path: Path
):
    old = installed | {"numpy": Package("numpy", "1.26.4", [])}
    with pytest.raises(SolverError, match="numpy"):
        solve(SPECS, channel_of(list(old.values()), tmp_path))
