"""Say in words what went wrong inside a learner's function, with the learner's own line."""

from __future__ import annotations

import linecache


def not_written(error: BaseException, name: str) -> str:
    """Name the function that raised: an exercise may fail because an earlier one is not written."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code if trace is not None else None
    inner = code.co_name if code is not None else name
    if inner == name or not inner.isidentifier() or inner == "guarded":
        return f"{name} is not written yet."
    if code is not None and code.co_qualname.startswith(f"{name}."):
        return f"{name} is not written yet: {code.co_qualname} raises NotImplementedError."
    return f"{name} calls {inner}, which is not written yet."


def describe_error(error: BaseException, name: str) -> str:
    """Say what an answer raised, with the line of the learner's own code that raised it."""
    text = f"{name} raised {type(error).__name__}"
    try:
        detail = str(error)
    except Exception:  # noqa: BLE001 - a failing __str__ must not hide the error
        detail = ""
    text += f": {detail[:300]}" if detail else ""
    line = _learner_line(error)
    return f"{text}\n{line}" if line else text


def _learner_line(error: BaseException) -> str:
    """Find the deepest traceback line that lies in a notebook cell or a plain script."""
    found = ""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if trace.tb_frame.f_globals.get("__name__") == "__main__":
            source = linecache.getline(code.co_filename, trace.tb_lineno).strip()
            found = f"  line {trace.tb_lineno}, in {code.co_name}: {source}"
        trace = trace.tb_next
    return found
