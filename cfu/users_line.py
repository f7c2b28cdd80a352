"""Where in the user's own code an error arose."""

from __future__ import annotations

import importlib
import traceback
from pathlib import Path

import amaranth

from cfuforge.cfu.errors import ForgeError

__all__ = ["what_and_where"]

_MADE = ("<frozen ", "<string>")  # Python's import, and what dataclasses write


def what_and_where(error: BaseException) -> str:
    """Return what went wrong and the last line of the user's own code on the way there."""
    text = " ".join(str(error).split())
    if not isinstance(error, ForgeError):
        text = f"{type(error).__name__}: {text}"
    libraries = (str(Path(amaranth.__file__).parent), str(Path(__file__).parent), *_MADE)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(libraries)]
    own = [frame for frame in own if frame.filename != importlib.__file__]
    return f"{text} ({own[-1].filename}:{own[-1].lineno})" if own else text
