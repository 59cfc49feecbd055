"""The whole way in one go: build, make a sample class, grade it, write feedback and the report."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from autograder.build import stale
from autograder.errors import CourseError
from autograder.feedback import write_feedback
from autograder.pipeline import OnResult, Order, answer_key, find_lesson, grade_assignment
from autograder.record import CourseRecord
from autograder.report import gradebook_table, write_report
from autograder.results import Result
from autograder.run import Limits
from autograder.sample import Sample, make_class, write_class

ASSIGNMENT = "06_adaptive_methods"
# Long enough for every honest cell of the sample class, short for the endless loop in it.
LIMITS = Limits(cell_seconds=20.0, notebook_seconds=180.0)


def run_demo(
    root: Path, folder: Path, jobs: int, say: Callable[[str], None], on_result: OnResult
) -> list[Result]:
    """Make a sample class in `folder` and take it all the way.

    Raises:
        CourseError: when `folder` holds something that is not a sample class, or a mark of the
            sample class is not what it must be.
    """
    _make_room(folder)
    changed = stale(root)
    say(f"Release: {'equals a fresh build' if not changed else f'{len(changed)} files differ'}.")
    lesson = find_lesson(root, ASSIGNMENT)
    samples = make_class(lesson, answer_key(lesson).release)
    write_class(samples, folder, ASSIGNMENT)
    say(f"Sample class: {len(samples)} submissions of {ASSIGNMENT} in {folder}/submitted/.")
    order = Order(root, folder, ASSIGNMENT, force=True, limits=LIMITS)
    results = grade_assignment(order, jobs=jobs, on_result=on_result)
    pages = write_feedback(folder, ASSIGNMENT)
    with CourseRecord(folder) as record:
        report = write_report(folder, ASSIGNMENT, record.results(ASSIGNMENT))
    say(gradebook_table(results))
    say(f"Feedback: {len(pages)} pages, such as {pages[0]}")
    say(f"Class report: {report}")
    wrong = surprises(samples, results)
    if wrong:
        raise CourseError("the sample class was not marked as it must be:\n" + "\n".join(wrong))
    say(f"All {len(samples)} submissions got the marks that they must get.")
    return results


def surprises(samples: list[Sample], results: list[Result]) -> list[str]:
    """List every mark that is not what its sample says."""
    found = []
    by_student = {result.student: result for result in results}
    for sample in samples:
        result = by_student.get(sample.student)
        if result is None:
            found.append(f"{sample.student}: no result")
            continue
        passed = {name for name, item in result.exercises.items() if item.verdict == "pass"}
        if passed != sample.passes:
            odd = ", ".join(sorted(passed ^ sample.passes))
            found.append(f"{sample.student}: unexpected verdict of {odd}")
        if (result.status == "unreadable") == sample.readable:
            found.append(f"{sample.student}: unexpected status {result.status}")
    return found


def _make_room(folder: Path) -> None:
    """Start from an empty folder; remove nothing but an earlier sample class."""
    mark = folder / ".sample_class"
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise CourseError(f"{folder} is not empty and not a sample class. Name another folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.write_text("Made by 'autograder demo'; the next run replaces this folder.\n")
