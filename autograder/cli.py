"""The command line: parse arguments, forward them, print what comes back.

Everything heavy is imported only by the command that needs it: help and errors come at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import AutograderError, CourseError

if TYPE_CHECKING:
    from autograder.pipeline import Order
    from autograder.results import Result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except AutograderError as error:
        print(f"autograder: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        print(f"autograder: {_missing(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "autograder: stopped. What was recorded stays; run it again to go on.", file=sys.stderr
        )
        return 130
    return code


def find_root(start: Path) -> Path:
    """Find the course's repository: the nearest folder upwards with a source/ of lessons.

    Raises:
        CourseError: when there is none.
    """
    package = Path(__file__).resolve().parent
    for folder in (start.resolve(), *start.resolve().parents, package.parent):
        if (folder / "source" / "curriculum.toml").is_file():
            return folder
    raise CourseError(f"{start} is not inside the course's repository. Change into it first")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograder", description="Build the course's notebooks and grade what comes back."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_build(commands)
    _add_grade(commands)
    _add_after_grading(commands)
    _add_checks(commands)
    return parser


def _add_build(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    build = commands.add_parser("build", help="make notebooks/ from source/")
    build.add_argument("--check", action="store_true", help="only say what differs; exit 1 if any")
    build.set_defaults(run=_build)
    demo = commands.add_parser("demo", help="make a sample class and grade it")
    demo.add_argument("folder", nargs="?", type=Path, default=Path("demo"), help="default: demo/")
    demo.add_argument("--jobs", type=_positive, default=0)
    demo.set_defaults(run=_demo)


def _add_grade(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    grade = commands.add_parser("grade", help="grade the submissions of assignments")
    grade.add_argument("assignment", nargs="+")
    _add_course(grade)
    grade.add_argument("--student", action="append", default=[], metavar="ID", help="only this one")
    grade.add_argument("--jobs", type=_positive, default=0, metavar="N", help="default: all cores")
    grade.add_argument("--executor", choices=["processes", "dask"], default="processes")
    grade.add_argument("--scheduler", metavar="ADDRESS", help="of Dask; default: a local cluster")
    grade.add_argument("--json", type=Path, metavar="FILE", help="write the results there")
    grade.add_argument(
        "--exercise", action="append", default=[], metavar="NAME", help="regrade only this one"
    )
    grade.add_argument(
        "--require-isolation", choices=["any", "full"], default="any", help="refuse less than this"
    )
    grade.add_argument("--pictures", action="store_true", help="draw figures, for the feedback")
    grade.add_argument("--force", action="store_true", help="grade also what has not changed")
    grade.add_argument("--cell-seconds", type=_seconds, default=60.0, help="time limit of a cell")
    grade.add_argument("--notebook-seconds", type=_seconds, default=600.0, help="and of a notebook")
    grade.set_defaults(run=_grade)


def _add_after_grading(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    feedback = commands.add_parser("feedback", help="write a page for each student")
    feedback.add_argument("assignment")
    _add_course(feedback)
    feedback.add_argument("--student", action="append", default=[], metavar="ID")
    feedback.set_defaults(run=_feedback)
    report = commands.add_parser("report", help="write the class report")
    report.add_argument("assignment")
    _add_course(report)
    report.set_defaults(run=_report)
    export = commands.add_parser("export", help="write marks for another system")
    export.add_argument("assignment")
    _add_course(export)
    export.add_argument("--to", choices=["csv", "canvas", "gradescope"], default="csv")
    export.add_argument("--output", type=Path, metavar="PATH")
    export.set_defaults(run=_export)


def _add_checks(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = commands.add_parser("check", help="run a notebook's checks from top to bottom")
    check.add_argument("notebook", type=Path)
    check.set_defaults(run=_check)
    doctor = commands.add_parser("doctor", help="say what works on this machine")
    doctor.set_defaults(run=_doctor)


def _add_course(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--course", type=Path, metavar="DIR", help="default: the repository")
    parser.add_argument("--gradebook", metavar="URL", help="default: DIR/gradebook.db")


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 upwards")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value <= 86400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 1 to 86400")
    return value


def _build(options: argparse.Namespace) -> int:
    from autograder.build import build, stale

    root = find_root(Path.cwd())
    changed = stale(root) if options.check else build(root)
    for name in changed:
        print(f"{'differs' if options.check else 'written'}: {name}")
    if options.check and changed:
        print(
            "The release is not what source/ makes. Run 'autograder build' and commit the result."
        )
        return 1
    print("The release equals a fresh build." if not changed else f"{len(changed)} files written.")
    return 0


def _grade(options: argparse.Namespace) -> int:
    from autograder.pipeline import grade_assignments, write_json
    from autograder.progress import progress
    from autograder.report import gradebook_table

    orders = _orders(options)
    with progress(sys.stdout) as listen:
        if options.executor == "dask":
            from autograder.dask_executor import dask_executor

            with dask_executor(options.scheduler, options.jobs) as workers:
                results = grade_assignments(orders, workers, on_result=listen)
        else:
            results = grade_assignments(orders, jobs=options.jobs, on_result=listen)
    if options.json:
        write_json(options.json, results)
    for order in orders:
        if len(orders) > 1:
            print(f"\n{order.assignment}")
        print(gradebook_table([r for r in results if r.assignment == order.assignment]))
    for isolation in sorted({result.isolation for result in results}):
        print(f"Isolation: {isolation}")
    return 0


def _orders(options: argparse.Namespace) -> list[Order]:
    from autograder.pipeline import Order
    from autograder.run import Limits

    root = find_root(Path.cwd())
    assignments = list(dict.fromkeys(options.assignment))
    if options.exercise and len(assignments) > 1:
        raise CourseError("--exercise regrades exercises of one assignment. Name only that one")
    limits = Limits(
        cell_seconds=options.cell_seconds,
        notebook_seconds=options.notebook_seconds,
        pictures=options.pictures,
    )
    return [
        Order(
            root=root,
            course=_course(options, root),
            assignment=assignment,
            students=options.student,
            exercises=options.exercise,
            force=options.force,
            limits=limits,
            isolation=options.require_isolation,
            gradebook=options.gradebook,
        )
        for assignment in assignments
    ]


def _feedback(options: argparse.Namespace) -> int:
    from autograder.feedback import write_feedback

    root = find_root(Path.cwd())
    course, students = _course(options, root), options.student or None
    pages = write_feedback(course, options.assignment, students, db_url=options.gradebook)
    print(f"{len(pages)} feedback pages, such as {pages[0]}" if pages else "No page was written.")
    return 0


def _report(options: argparse.Namespace) -> int:
    from autograder.record import CourseRecord
    from autograder.report import write_report

    course = _course(options, find_root(Path.cwd()))
    results = _results(options, course)
    with CourseRecord(course, options.gradebook) as record:
        waiting = record.waiting(options.assignment)
    print(write_report(course, options.assignment, results, waiting))
    return 0


def _export(options: argparse.Namespace) -> int:
    from autograder.export import export
    from autograder.record import CourseRecord

    course = _course(options, find_root(Path.cwd()))
    ending = "" if options.to == "gradescope" else ".csv"  # Gradescope takes a folder
    path = options.output or Path(f"{options.assignment}_{options.to}{ending}")
    with CourseRecord(course, options.gradebook) as record:
        people = record.people()
    for written in export(_results(options, course), options.to, path, people):
        print(written)
    return 0


def _results(options: argparse.Namespace, course: Path) -> list[Result]:
    from autograder.record import CourseRecord

    with CourseRecord(course, options.gradebook) as record:
        results = record.results(options.assignment)
    if not results:
        raise CourseError(
            f"{course} holds no results of {options.assignment}. Run 'autograder grade' first"
        )
    return results


def _check(options: argparse.Namespace) -> int:
    from autograder.selfcheck import check_notebook

    findings = check_notebook(options.notebook)
    for finding in findings:
        print(f"{'right    ' if finding.right else 'not right'}  {finding.name}")
        if not finding.right and finding.message:
            print("\n".join(f"           {line}" for line in finding.message.splitlines()))
    right = sum(finding.right for finding in findings)
    print(f"{right} of {len(findings)} right on the visible cases.")
    return 0 if right == len(findings) else 1


def _doctor(_: argparse.Namespace) -> int:
    from autograder.doctor import diagnose

    findings = diagnose()
    for finding in findings:
        print(f"{'ok  ' if finding.ok else 'LOOK'}  {finding.name}: {finding.detail}")
        if not finding.ok:
            print(f"      {finding.cure}")
    return 0 if all(finding.ok for finding in findings) else 1


def _demo(options: argparse.Namespace) -> int:
    from autograder.demo import run_demo
    from autograder.progress import progress

    with progress(sys.stdout) as listen:
        run_demo(find_root(Path.cwd()), options.folder, options.jobs, print, listen)
    return 0


def _course(options: argparse.Namespace, root: Path) -> Path:
    course: Path = options.course or root
    if not course.is_dir():
        raise CourseError(f"{course} is not a folder. --course takes the folder with submitted/")
    return course


def _missing(error: ModuleNotFoundError) -> str:
    return (
        f"the Python package {error.name!r} is not installed. Building and grading need the "
        "instructor's extra: pip install 'downslope[instructor]'"
    )


if __name__ == "__main__":
    sys.exit(main())
