"""Write each learner's feedback page through nbgrader's own converter."""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from autograder.coursefiles import CourseFiles
from autograder.errors import CourseError
from autograder.record import CourseRecord

SECONDS = 30  # for one page; a notebook made to be slow to show gets a page with its marks only


def write_feedback(
    course: Path, assignment: str, students: Sequence[str] | None = None, db_url: str | None = None
) -> list[Path]:
    """Write `feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html` for those who have been graded.

    Args:
        course: the course folder.
        assignment: the lesson.
        students: only these; everybody by default.
        db_url: a gradebook elsewhere.

    Returns:
        The pages, in order of the students.

    Raises:
        CourseError: when nothing has been graded, or not the students that were named.
    """
    course = course.absolute()
    wanted = _wanted(course, assignment, students)
    with CourseRecord(course, db_url) as record:  # refuses a gradebook that is not usable
        url = record.db_url
    pages = {student: _page(course, assignment, student) for student in wanted}
    try:
        _convert(course, assignment, wanted, url)
        failed = [student for student, page in pages.items() if not page.is_file()]
        if failed:
            _convert(course, assignment, failed, url, bare=True)
    except OSError as error:
        raise CourseError(f"{course / 'feedback'} cannot be written: {error}") from None
    lost = [student for student, page in pages.items() if not page.is_file()]
    if lost:
        raise CourseError(
            f"no feedback could be written for {', '.join(lost)}. See that nothing else writes to "
            f"{course}, and grade them anew with 'autograder grade {assignment} --force'"
        )
    return list(pages.values())


def configure(config: Any) -> None:
    """Set nbgrader up: its own commands write the same pages, its formgrader shows nothing unsafe.

    In `nbgrader_config.py`: ``from autograder.feedback import configure; configure(get_config())``.
    """
    from nbgrader.preprocessors import GetGrades

    from autograder.feedback_page import TEMPLATES, FeedbackExporter, JudgeNotes
    from autograder.formgrader import SafeNotebook

    config.GenerateFeedback.exporter_class = FeedbackExporter
    config.GenerateFeedback.preprocessors = [GetGrades, JudgeNotes]
    # Said here because nbgrader's converter names a template of its own for every HTMLExporter.
    config.FeedbackExporter.template_name = "learner"
    config.FeedbackExporter.extra_template_basedirs = [str(TEMPLATES)]
    config.FeedbackExporter.preprocessors = []
    config.HTMLExporter.preprocessors = [SafeNotebook]  # the formgrader's exporter


def _wanted(course: Path, assignment: str, students: Sequence[str] | None) -> list[str]:
    found = course.glob(f"autograded/*/{assignment}/{assignment}.ipynb")
    graded = sorted(path.parent.parent.name for path in found)
    if not graded:
        raise CourseError(
            f"nothing of {assignment!r} is graded in {course}. Run 'autograder grade {assignment}'"
        )
    unknown = sorted(set(students or ()) - set(graded))
    if unknown:
        raise CourseError(f"not graded yet: {', '.join(unknown)}. Grade them first")
    return [student for student in graded if not students or student in students]


def _page(course: Path, assignment: str, student: str) -> Path:
    return course / "feedback" / student / assignment / f"{assignment}.html"


def _convert(
    course: Path, assignment: str, students: Sequence[str], url: str, *, bare: bool = False
) -> None:
    """Run nbgrader's converter over some students; who fails is left without a page."""
    from nbformat import from_dict
    from nbgrader.converters import GenerateFeedback
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    files = CourseFiles(course)

    class Feedback(GenerateFeedback):  # type: ignore[misc]
        """Takes the students by name, not by a pattern, and gives each page its time."""

        def init_notebooks(self) -> None:
            paths = [str(files.notebook_path(assignment, student)) for student in students]
            self.assignments = {str(Path(path).parent): [path] for path in paths}

        def convert_single_notebook(self, notebook_filename: str) -> None:
            with time_limit(SECONDS):
                release = files.assignment(assignment).get("release") if bare else None
                if release is None:
                    super().convert_single_notebook(notebook_filename)
                    return
                # Nothing of what was handed in is read: the graded cells are the release's.
                resources = self.init_single_notebook_resources(notebook_filename)
                page = self.exporter.from_notebook_node(from_dict(release), resources)
                self.write_single_notebook(*page)

    config = Config()
    configure(config)
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.db_url = url
    config.CourseDirectory.assignment_id = assignment
    config.GenerateFeedback.force = True
    config.JudgeNotes.bare = bare
    log = _silent_log()
    directory = CourseDirectory(config=config, log=log)
    with contextlib.suppress(NbGraderException):
        Feedback(coursedir=directory, config=config, log=log).start()


@contextlib.contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise TimeoutError when the body takes longer; where there are no alarms, wait for it."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: object) -> None:
        raise TimeoutError(f"took longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _silent_log() -> logging.Logger:
    log = logging.getLogger("autograder.feedback")
    log.propagate = False
    log.handlers = [logging.NullHandler()]
    return log
