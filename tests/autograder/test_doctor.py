"""The doctor on a sound machine, and on one with each fault faked."""

import importlib.metadata
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from autograder import doctor
from autograder.doctor import Finding


def raising(error: Exception) -> Callable[..., NoReturn]:
    def fail(*args: object, **kwargs: object) -> NoReturn:
        raise error

    return fail


def assert_fault(finding: Finding, *, detail: str, cure: str) -> None:
    assert not finding.ok
    assert detail in finding.detail
    assert cure in finding.cure


@pytest.mark.slow
def test_all_is_well_here_and_nothing_needs_a_cure(tmp_path: Path):
    findings = doctor.diagnose(tmp_path)
    faults = [each for each in findings if not each.ok and each.name != "isolation"]
    assert not faults
    assert not [each for each in findings if each.ok and each.cure]
    assert {"Python", "numpy", "nbgrader", "kernel python3", "cores"} <= {f.name for f in findings}


def test_python_of_the_project_is_the_one_asked_for(root: Path):
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">={}.{}".format(*doctor.PYTHON)


def test_an_old_python():
    assert_fault(doctor.python_version((3, 9, 2)), detail="3.9.2", cure="python.org")


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 2), (4, 0, 0)])
def test_a_python_that_will_do(version: tuple[int, ...]):
    assert doctor.python_version(version).ok


def test_packages_are_a_learners_and_an_instructors():
    names = {finding.name for finding in doctor.packages()}
    assert {"numpy", "jupyterlab", "nbgrader"} <= names
    assert not names & {"pytest", "torch", "distributed"}


def test_a_package_out_of_range():
    assert_fault(doctor.package("numpy", ">=99"), detail="needs >=99", cure="make setup")


def test_a_missing_package():
    assert_fault(doctor.package("no-such-thing", ">=1"), detail="missing", cure="make setup")


def test_the_course_is_not_installed(monkeypatch: pytest.MonkeyPatch):
    error = importlib.metadata.PackageNotFoundError("downslope")
    monkeypatch.setattr(importlib.metadata, "requires", raising(error))
    (finding,) = doctor.packages()
    assert_fault(finding, detail="not installed", cure="make setup")


def test_no_alembic_on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = str(Path(sys.executable).parent)
    assert_fault(doctor.alembic_on_path(), detail="gradebook", cure=folder)


def test_no_kernel(monkeypatch: pytest.MonkeyPatch):
    error = RuntimeError("Kernel died before replying to kernel_info")
    monkeypatch.setattr("jupyter_client.manager.start_new_kernel", raising(error))
    assert_fault(doctor.kernel(), detail="Kernel died", cure="ipykernel install")


def test_a_kernel_of_another_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "_kernel_imports_course", lambda: "error")
    assert_fault(doctor.kernel(), detail="cannot import", cure="ipykernel install")


def test_other_random_numbers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "rng_fingerprint", lambda: "0" * 16)
    assert_fault(doctor.random_numbers(), detail="other numbers", cure="NumPy")


def test_no_numpy_at_all(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert_fault(doctor.random_numbers(), detail="numpy", cure="make setup")


def test_a_course_folder_that_is_not_there(tmp_path: Path):
    finding = doctor.writable(tmp_path / "nowhere")
    assert_fault(finding, detail="No such file", cure="--course")


def test_a_course_folder_that_may_not_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    error = PermissionError(13, "Permission denied")
    monkeypatch.setattr("tempfile.TemporaryFile", raising(error))
    assert_fault(doctor.writable(tmp_path), detail="Permission denied", cure="permissions")


def test_cores_without_affinity(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert doctor.cores().detail.startswith("1:")


@pytest.mark.slow
def test_a_system_with_sandboxes():
    finding = doctor.isolation()
    assert finding.ok
    assert finding.detail.startswith("full: ")


def test_a_system_without_sandboxes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("autograder.isolation.why_not_full", lambda: "darwin has no namespaces")
    assert_fault(doctor.isolation(), detail="reduced, because darwin has no", cure="Linux")
