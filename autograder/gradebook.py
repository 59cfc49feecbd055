"""Open nbgrader's gradebook: made when it is new, refused with a cure when it is not usable."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from autograder.environment import load_jsonschema
from autograder.errors import CourseError

BUSY_MILLISECONDS = 60_000
RIGHTS = "Give this user the right to write the file and its folder"
UPGRADE = (
    "Make a copy of it, run 'nbgrader db upgrade' in the course folder, which holds "
    "gradebook.db, and try again"
)
# What the database says -> what helps.
CURES = {
    "not a database": "It is no gradebook. Move it away; a new one will be made",
    "malformed": "It is damaged. Put a copy from before in its place",
    "readonly": RIGHTS,
    "unable to open": RIGHTS,
    "locked": "Another program holds it. Close it (the formgrader, a database viewer), try again",
    "disk": "Make room on the disk, then try again",
    "no such table": UPGRADE,
    "no such column": UPGRADE,
}


def gradebook_url(course: Path) -> str:
    """Return the address of a course's own gradebook."""
    url = URL.create("sqlite", database=str(course.absolute() / "gradebook.db"))
    return url.render_as_string(hide_password=False)


def open_gradebook(url: str) -> Any:
    """Open the gradebook at a database address; the caller closes it.

    Returns:
        A `nbgrader.api.Gradebook`.

    Raises:
        CourseError: when it is not a gradebook, of another nbgrader, or not writable.
    """
    load_jsonschema()
    from nbgrader.api import Gradebook

    with clear_errors(url):
        _prepare(url)
        gradebook = Gradebook(url)
        # Gradebook() makes its engine itself; connections made so far are let go, later ones tuned.
        if gradebook.engine.dialect.name == "sqlite":
            event.listen(gradebook.engine, "connect", _tune)
        gradebook.close()
        return gradebook


@contextlib.contextmanager
def clear_errors(url: str) -> Iterator[None]:
    """Turn what a database raises into one message with a cure.

    Raises:
        CourseError: naming the gradebook, the reason and what to do.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().rstrip(".")
        found = (cure for sign, cure in CURES.items() if sign in reason)
        cure = next(found, "Make a copy of it, see to that, and try again")
        raise CourseError(f"the gradebook {place(url)} cannot be used: {reason}. {cure}") from error


def place(url: str) -> str:
    """Name a gradebook without its password."""
    parsed = make_url(url)
    return str(parsed.database if parsed.get_backend_name() == "sqlite" else parsed)


def _prepare(url: str) -> None:
    """Make a gradebook where there is none; refuse one that is not of this nbgrader."""
    path = _file(url)
    if path is not None and not (path.exists() and path.stat().st_size):
        _create_file(path)
    engine = create_engine(url)
    try:
        if not inspect(engine).get_table_names():
            _create(engine)
        _check(engine, url)
        if engine.dialect.name != "sqlite":
            _add_unnamed_course(engine)
    finally:
        engine.dispose()


def _file(url: str) -> Path | None:
    parsed = make_url(url)
    ordinary = parsed.get_backend_name() == "sqlite" and not (parsed.database or "").startswith(
        "file:"
    )
    return Path(str(parsed.database)) if ordinary else None


def _create_file(path: Path) -> None:
    # Made beside it and moved: a crash leaves no gradebook with half of its tables.
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{fresh}")
    try:
        _create(engine)
    finally:
        engine.dispose()
    fresh.replace(path)


def _create(engine: Engine) -> None:
    """Make the tables and note their version, as nbgrader does with a call of `alembic`."""
    from nbgrader.api import Base

    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        connection.exec_driver_sql(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"
        )
        connection.execute(
            text("INSERT INTO alembic_version VALUES (:version)"), {"version": _revisions()[-1]}
        )


def _add_unnamed_course(engine: Engine) -> None:
    """Make the course that nbgrader's assignments belong to while its course_id is not set.

    nbgrader names it in every assignment and never makes it. SQLite does not mind; a server that
    checks foreign keys refuses the assignment.
    """
    from nbgrader.api import Course

    courses = Course.__table__
    with engine.begin() as connection:
        unnamed = courses.select().where(courses.c.id == "")
        if connection.execute(unnamed).first() is None:
            connection.execute(courses.insert().values(id=""))


def _check(engine: Engine, url: str) -> None:
    lacking = _lacking(engine)
    with engine.connect() as connection:
        version = _version(connection)
    known = _revisions()
    if lacking or (version in known and version != known[-1]):
        what = f" (it lacks {', '.join(lacking[:3])})" if lacking else ""
        raise CourseError(
            f"the gradebook {place(url)} was made by an older nbgrader{what}. {UPGRADE}"
        )
    if version is not None and version not in known:
        raise CourseError(
            f"the gradebook {place(url)} was made by a newer nbgrader than the one installed. "
            "Install that version of nbgrader, or name another course folder"
        )


def _lacking(engine: Engine) -> list[str]:
    from nbgrader.api import Base

    inspector = inspect(engine)
    there = set(inspector.get_table_names())
    lacking = []
    for name, table in Base.metadata.tables.items():
        columns = (
            {column["name"] for column in inspector.get_columns(name)} if name in there else ()
        )
        lacking += [f"{name}.{c.name}" for c in table.columns if c.name not in columns]
    return sorted(lacking)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return str(row[0]) if row else None


def _revisions() -> list[str]:
    """List the versions of nbgrader's tables, oldest first, from its migration scripts."""
    import nbgrader

    folder = Path(str(nbgrader.__file__)).parent / "alembic" / "versions"
    after: dict[str, str] = {}
    for path in folder.glob("*.py"):
        script = path.read_text(encoding="utf-8")
        before = re.search(r"^down_revision = (.+)$", script, re.MULTILINE)
        itself = re.search(r"^revision = '(\w+)'", script, re.MULTILINE)
        if before and itself:
            after[before[1].strip("'\"")] = itself[1]
    order = ["None"]
    while order[-1] in after:
        order.append(after[order[-1]])
    return order[1:]


def _tune(connection: Any, _record: Any) -> None:
    """Let readers such as the formgrader look on while grading writes, and wait for locks."""
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    connection.execute("PRAGMA journal_mode = WAL")
