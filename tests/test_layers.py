"""Layers only look down: who may import what, parse arguments and print."""

import ast
import sys
from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]

MATPLOTLIB = {"matplotlib", "mpl_toolkits", "PIL"}
JUPYTER = {"IPython", "anywidget", "ipywidgets", "traitlets"}
DRAW = {"animations", "display", "gallery", "plots", "question_box", "widgets"}
# Modules that show their answer in a notebook when there is one, and print it elsewhere.
SPEAK = {"channel", "checks", "pages", "quizzes"}
MAY_PRINT = {"autograder.cli", "downslope.pages"}


class Import(NamedTuple):
    """One imported module, by its full name."""

    module: str
    line: int
    lazy: bool  # inside a function, or for the type checker alone

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]


def modules(package: str) -> dict[str, Path]:
    """Every module of a package of this repository, by its dotted name."""
    files = sorted((ROOT / package).rglob("*.py"))
    return {dotted(file.relative_to(ROOT)): file for file in files}


def dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _names(node: ast.AST, module: str, is_package: bool) -> Iterator[str]:
    """The modules that an import statement names; `from . import x` gives the package's x."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = module.split(".")[: len(module.split(".")) - node.level + is_package]
            base = ".".join([*above, base]).rstrip(".")
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports(source: str, module: str, *, is_package: bool = False) -> list[Import]:
    """All imports of a module's source, wherever they stand."""
    found: list[Import] = []

    def visit(node: ast.AST, lazy: bool) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.extend(Import(n, node.lineno, lazy) for n in _names(node, module, is_package))
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, lazy or inside or _is_type_checking(node))

    visit(ast.parse(source), False)
    return found


def imports_of(module: str, file: Path) -> list[Import]:
    return imports(file.read_text("utf-8"), module, is_package=file.name == "__init__.py")


def outside(found: list[Import]) -> set[str]:
    """Packages that are neither Python's own nor this repository's."""
    own = {*sys.stdlib_module_names, "downslope", "autograder"}
    return {each.package for each in found} - own


def short(module: str) -> str:
    """`downslope.plots.axes` is of the layer `plots`; the package itself is `downslope`."""
    return ".".join(module.split(".")[1:2]) or module


def above(module: str) -> str:
    """`downslope.plots.noise` is inside `downslope.plots`: the first two names count."""
    return ".".join(module.split(".")[:2])


def may_import(module: str) -> set[str]:
    """What a module of downslope may import from outside; whoever is not named above is numeric."""
    drawing = MATPLOTLIB | JUPYTER if short(module) in DRAW else set()
    speaking = {"IPython"} if short(module) in SPEAK else set()
    progress = {"tqdm"} if short(module) == "training" else set()
    return {"numpy"} | drawing | speaking | progress


DOWNSLOPE = modules("downslope")
AUTOGRADER = modules("autograder")
DRAWING = {f"downslope.{layer}" for layer in DRAW}
CALM = [name for name in DOWNSLOPE if short(name) not in DRAW]
in_downslope = pytest.mark.parametrize("module", DOWNSLOPE)
in_autograder = pytest.mark.parametrize("module", AUTOGRADER)


def test_imports_are_found_wherever_they_stand():
    source = (
        "import a.b, c\nfrom .d import e\nfrom . import f\n"
        "def g():\n    from ..h import i\nif TYPE_CHECKING:\n    import j\n"
    )
    found = {each.module: each.lazy for each in imports(source, "top.sub.mod")}
    now = {"a.b", "c", "top.sub.d", "top.sub.d.e", "top.sub", "top.sub.f"}
    assert found == dict.fromkeys(now, False) | dict.fromkeys(["top.h", "top.h.i", "j"], True)


def test_a_package_imports_from_itself():
    found = imports("from .d import e", "top", is_package=True)
    assert [each.module for each in found] == ["top.d", "top.d.e"]


@pytest.mark.parametrize("package", [DOWNSLOPE, AUTOGRADER], ids=["downslope", "autograder"])
def test_no_imports_go_round_in_a_circle(package: dict[str, Path]):
    """Neither late ones nor those for types; a package's front is no one's foundation."""
    needs = {
        module: {
            each.module
            for each in imports_of(module, file)
            if each.module in package and not f"{module}.".startswith(f"{each.module}.")
        }
        for module, file in package.items()
    }
    assert set(TopologicalSorter(needs).static_order()) == set(package)


@in_downslope
def test_downslope_knows_nothing_of_autograder(module: str):
    assert "autograder" not in {each.package for each in imports_of(module, DOWNSLOPE[module])}


@in_downslope
def test_downslope_imports_numpy_alone_except_where_it_draws(module: str):
    assert outside(imports_of(module, DOWNSLOPE[module])) <= may_import(module)


@pytest.mark.parametrize("module", CALM)
def test_modules_that_do_not_draw_load_none_that_does(module: str):
    found = [each for each in imports_of(module, DOWNSLOPE[module]) if not each.lazy]
    assert not {above(each.module) for each in found} & DRAWING


@pytest.mark.parametrize("module", CALM)
def test_jupyter_is_imported_late(module: str):
    """Checks and quizzes also run where there is no notebook."""
    found = [each for each in imports_of(module, DOWNSLOPE[module]) if not each.lazy]
    assert not outside(found) & JUPYTER


@in_autograder
def test_autograder_uses_nothing_of_downslope_that_draws(module: str):
    named = {above(each.module) for each in imports_of(module, AUTOGRADER[module])}
    assert not named & DRAWING


@in_autograder
def test_only_the_command_line_parses_arguments(module: str):
    if module == "autograder.cli":
        return
    parsers = {"argparse", "optparse", "getopt", "click"}
    assert not parsers & {each.package for each in imports_of(module, AUTOGRADER[module])}


@pytest.mark.parametrize("module", sorted({*DOWNSLOPE, *AUTOGRADER} - MAY_PRINT))
def test_nobody_else_prints(module: str):
    tree = ast.parse((DOWNSLOPE | AUTOGRADER)[module].read_text("utf-8"))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    assert not [call.lineno for call in calls if ast.unparse(call.func) == "print"]


NEWLY_LOADED = """
import sys
before = set(sys.modules)
{}
print(*(set(sys.modules) - before))
"""
HELP = """
from autograder.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
"""


def test_import_downslope_loads_no_drawing_and_no_notebook(fresh_python: Callable[[str], str]):
    loaded = fresh_python(NEWLY_LOADED.format("import downslope")).split()
    assert "downslope" in loaded
    assert not set(loaded) & (MATPLOTLIB | JUPYTER)


def test_help_loads_nothing_but_the_standard_library(fresh_python: Callable[[str], str]):
    """NumPy costs a tenth of a second, nbformat two to three: help must wait for neither."""
    loaded = fresh_python(NEWLY_LOADED.format(HELP)).splitlines()[-1].split()
    foreign = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names)
    assert foreign == {"autograder"}
