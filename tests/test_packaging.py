"""What is installed: names and ranges for pip and conda, and what the wheel carries."""

import ast
import importlib.metadata
import io
import re
import subprocess
import sys
import tokenize
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import autograder
import downslope

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
ENVIRONMENT: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
CONDA_NAMES = {"matplotlib": "matplotlib-base"}
PIP_PART = {"pip": ["-e ."]}
BANKS = {"Exercise", "Mistake", "Convention", "Alternative"}


def bounds(specifier: object) -> set[str]:
    return set(filter(None, str(specifier).split(",")))


def requirements(*lists: list[str]) -> list[Requirement]:
    return [Requirement(line) for lines in lists for line in lines]


def test_conda_and_pip_want_the_same_names_and_ranges():
    wanted = requirements(PROJECT["dependencies"], EXTRAS["instructor"])
    ranges = {CONDA_NAMES.get(each.name, each.name): bounds(each.specifier) for each in wanted}
    ranges |= {"python": {PROJECT["requires-python"]}, "pip": set()}
    specs = [spec.partition(" ")[::2] for spec in ENVIRONMENT["dependencies"] if spec != PIP_PART]
    assert {name: bounds(spec) for name, spec in specs} == ranges


def test_conda_installs_the_package_itself_with_pip():
    assert PIP_PART in ENVIRONMENT["dependencies"]
    assert ENVIRONMENT["name"] == PROJECT["name"]


def test_every_range_of_a_learner_has_a_floor_and_a_ceiling():
    for each in requirements(PROJECT["dependencies"]):
        assert sorted(bound.operator for bound in each.specifier) == ["<", ">="], each


def test_what_is_installed_lies_within_the_ranges():
    every = requirements(PROJECT["dependencies"], EXTRAS["instructor"], EXTRAS["dev"])
    for each in (each for each in every if each.name != PROJECT["name"]):
        assert importlib.metadata.version(each.name) in each.specifier, each


def imported_packages(package: str) -> set[str]:
    """Top-level modules that a package of this repository imports and Python does not bring."""
    trees = [ast.parse(file.read_text("utf-8")) for file in (ROOT / package).rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    parts = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in plain | parts} - set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("package", "extras"),
    [("downslope", []), ("autograder", ["instructor", "dask", "oracle"])],
)
def test_every_import_is_declared(package: str, extras: list[str]):
    declared = requirements(PROJECT["dependencies"], *(EXTRAS[extra] for extra in extras))
    names = {canonicalize_name(each.name) for each in declared}
    owners = importlib.metadata.packages_distributions()
    for module in imported_packages(package) - {"downslope", "autograder"}:
        dists = {canonicalize_name(dist) for dist in owners.get(module, [module])}
        assert dists & names, f"{package} imports {module}, which pyproject.toml does not name"


def test_one_version_everywhere():
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    latest = re.search(r"^## \[(\d[^]]*)\]", changelog, re.MULTILINE)
    assert latest is not None
    installed = importlib.metadata.version(PROJECT["name"])
    assert latest[1] == PROJECT["version"] == installed == downslope.__version__
    assert autograder.__file__ == str(ROOT / "autograder" / "__init__.py")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(out.glob("*.whl")))


def read_all(wheel: zipfile.ZipFile) -> dict[str, str]:
    """Every text that the wheel carries."""
    names = [name for name in wheel.namelist() if not name.endswith("/")]
    return {name: wheel.read(name).decode("utf-8") for name in names}


def solutions() -> list[str]:
    """Each solution in source/, line by line without indentation, if it is longer than a line."""
    marked = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
    masters = (file.read_text("utf-8") for file in (ROOT / "source").glob("*/*.py"))
    bodies = [dedented(body) for text in masters for body in marked.findall(text)]
    return [body for body in bodies if body.count("\n") > 1]


def dedented(text: str) -> str:
    return "".join(f"{line.strip()}\n" for line in text.splitlines() if line.strip())


def has_solution_mark(name: str, text: str) -> bool:
    """In code only a comment is a mark: the builder must be able to speak of it."""
    if not name.endswith(".py"):
        return "BEGIN SOLUTION" in text
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return any(each.type == tokenize.COMMENT and "BEGIN SOLUTION" in each.string for each in tokens)


def declares_exercises(text: str) -> bool:
    """Whether a module holds a bank: an exercise or a mistake that is given its name."""
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    banks = (call for call in calls if ast.unparse(call.func).rpartition(".")[2] in BANKS)
    return any(call.args and isinstance(call.args[0], ast.Constant) for call in banks)


@pytest.mark.slow
def test_the_wheel_holds_the_two_packages_with_their_data_and_nothing_else(wheel: zipfile.ZipFile):
    names = {Path(name) for name in wheel.namelist()}
    assert {name.parts[0] for name in names} == {
        "downslope",
        "autograder",
        f"downslope-{PROJECT['version']}.dist-info",
    }
    files = [*(ROOT / "downslope").glob("lessons/**/*.json"), *(ROOT / "downslope/data").iterdir()]
    data = {file.relative_to(ROOT) for file in files}
    assert data
    assert data <= names


@pytest.mark.slow
def test_the_wheel_gives_no_answer_away(wheel: zipfile.ZipFile):
    texts = read_all(wheel)
    assert not [name for name, text in texts.items() if has_solution_mark(name, text)]
    code = {name: text for name, text in texts.items() if name.endswith(".py")}
    assert not [name for name, text in code.items() if declares_exercises(text)]
    lines = {name: dedented(text) for name, text in texts.items()}
    found = solutions()
    assert found, "no solution was found in source/: this test would prove nothing"
    assert not [name for name, text in lines.items() if any(body in text for body in found)]


def test_marks_and_banks_are_recognised():
    assert has_solution_mark("a.py", "def f():\n    ### BEGIN SOLUTION\n    return 1\n")
    assert not has_solution_mark("a.py", 'MARK = "### BEGIN SOLUTION"\n')
    assert has_solution_mark("a.json", '"### BEGIN SOLUTION"')
    assert declares_exercises('x = (Mistake("frozen_t", "..."),)')
    assert not declares_exercises("class Mistake(NamedTuple):\n    name: str\n")
