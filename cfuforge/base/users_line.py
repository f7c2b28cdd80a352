"""Find the line of the user's own code in which an error arose."""

from __future__ import annotations

import traceback

from cfuforge.base.errors import ForgeError

__all__ = ["what_and_where"]

_LIBRARIES = {"amaranth", "cfuforge", "importlib"}
_MADE = ("<frozen ", "<string>")  # Python's import system, and code that dataclasses generate


def what_and_where(error: BaseException) -> str:
    """Return the error's message and the innermost line of the user's own code."""
    text = " ".join(str(error).split())
    if not isinstance(error, ForgeError):
        text = f"{type(error).__name__}: {text}"
    if isinstance(error, SyntaxError) and error.filename:
        return f"{type(error).__name__}: {error.msg} ({error.filename}:{error.lineno})"
    own = [
        f"{frame.f_code.co_filename}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_globals.get("__name__", "").partition(".")[0] not in _LIBRARIES
        and not frame.f_code.co_filename.startswith(_MADE)
    ]
    return f"{text} ({own[-1]})" if own else text
