"""Report a bug of cfuforge itself, in one line that blames nobody else."""

from __future__ import annotations

import traceback
from pathlib import Path

from cfuforge.base.errors import ForgeError

__all__ = ["fault", "note_place"]


def note_place(error: Exception) -> None:
    """Note in an error where it arose, because its traceback is not pickled."""
    frames = traceback.extract_tb(error.__traceback__)
    if frames and not hasattr(error, "arose_at"):
        error.arose_at = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"  # type: ignore[attr-defined]


def fault(error: Exception, at: str = "") -> ForgeError:
    """Return the error for a bug of cfuforge.

    Parameters
    ----------
    error
        The unexpected exception.
    at
        Where it happened, as in ``" at input x.npy"``.
    """
    note_place(error)
    text = " ".join(f"{type(error).__name__}: {error}".split())
    where = getattr(error, "arose_at", "")
    made = ForgeError(
        f"cfuforge itself has failed{at}, not the model or the design: {text} ({where}); please "
        "report it with the output of cfuforge -v"
    )
    made.__cause__ = error
    return made
