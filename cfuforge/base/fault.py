"""A fault of our own, in one line that blames nobody else for it."""

from __future__ import annotations

import traceback
from pathlib import Path

from cfuforge.base.errors import ForgeError

__all__ = ["fault", "note_place"]


def note_place(error: Exception) -> None:
    """Write into an error where it arose: its traceback does not go to another process."""
    frames = traceback.extract_tb(error.__traceback__)
    if frames and not hasattr(error, "place"):
        error.place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"  # type: ignore[attr-defined]


def fault(error: Exception, at: str = "") -> ForgeError:
    """Return the error for what nobody but cfuforge is to blame for.

    Parameters
    ----------
    error
        What no code has foreseen.
    at
        What it was at, as in ``" at input x.npy"``.
    """
    note_place(error)
    text = " ".join(f"{type(error).__name__}: {error}".split())
    where = getattr(error, "place", "")
    made = ForgeError(
        f"cfuforge itself has failed{at}, not the model or the design: {text} ({where}); please "
        "report it, with what cfuforge -v prints"
    )
    made.__cause__ = error
    return made
