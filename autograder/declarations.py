"""Declarations of a lesson: the instructor's Python files, as text that runs on any machine.

A lesson's file may import modules of `source/shared/` by ``from source.shared.NAME import ...``.
They are found among the texts that are given, never on Python's path: two courses in one process
do not mix, and a worker without the course's folder needs nothing but the texts.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping
from importlib.util import decode_source
from pathlib import Path
from types import ModuleType
from typing import Any

Texts = Mapping[str, str]

SOURCE = Path("source")
SHARED = re.compile(r"source\.shared\.(\w+)")
IMPORT = re.compile(rf"^\s*from {SHARED.pattern} import\b", flags=re.MULTILINE)


def exercise_files(folder: Path) -> list[Path]:
    """List the files with a lesson's EXERCISES: exercises.py, in long lessons also exercises_*.py.

    exercises.py is listed even where it is missing, so that reading it says so.
    """
    return [folder / "exercises.py", *sorted(folder.glob("exercises_*.py"))]


def read_texts(*paths: Path) -> dict[str, str]:
    """Read files of one lesson and the shared modules that they import.

    Returns:
        Texts by path below source/; a shared module that does not exist has none.
    """
    source = paths[0].parent.parent
    waiting = [path.relative_to(source).as_posix() for path in paths]
    texts: dict[str, str] = {}
    for name in waiting:
        if name not in texts:
            texts[name] = decode_source((source / name).read_bytes())
            shared = [_file(found) for found in IMPORT.findall(texts[name])]
            waiting += [file for file in shared if (source / file).is_file()]
    return texts


def run(name: str, texts: Texts, source: Path = SOURCE) -> ModuleType:
    """Run one of the texts; only an instructor's own files may come here.

    Args:
        name: its path below source/.
        texts: what `read_texts` returned.
        source: the folder that tracebacks name.
    """
    modules: dict[str, ModuleType] = {}

    def find(wanted: str, *how: Any) -> Any:
        """Stand in for `__import__`."""
        if wanted.partition(".")[0] != SOURCE.name:
            return __import__(wanted, *how)
        found = SHARED.fullmatch(wanted)
        if found is None or _file(found[1]) not in texts:
            cure = "Lessons may say 'from source.shared.NAME import ...' for source/shared/NAME.py"
            raise ModuleNotFoundError(f"there is no {wanted}. {cure}", name=wanted)
        return load(_file(found[1]))

    def load(file: str) -> ModuleType:
        if file not in modules:
            modules[file] = module = ModuleType(".".join(Path(SOURCE.name, file[:-3]).parts))
            module.__file__ = str(source / file)
            module.__dict__["__builtins__"] = {**vars(builtins), "__import__": find}
            code = compile(texts[file], module.__file__, "exec")
            exec(code, module.__dict__)  # noqa: S102 - the instructor's own, see above
        return modules[file]

    return load(name)


def _file(shared: str) -> str:
    return f"shared/{shared}.py"
