"""Where the command ``cfuforge`` starts: whatever goes wrong ends in one line.

Nothing heavy is imported before signals are watched.
"""

from __future__ import annotations

import os
import sys

from cfuforge import ending

__all__ = ["main"]


def main() -> None:
    """Run the command line; a mistake or a lack ends in one line and exit code 1."""
    ending.watch()
    _open_streams()
    try:
        os.getcwd()
    except OSError:
        print("error: the working folder was deleted; change to one that is there", file=sys.stderr)
        raise SystemExit(1) from None
    try:
        from cfuforge.cli import run

        run()
    except SystemExit:
        _flush()
        raise
    _flush()


def _open_streams() -> None:
    """Put nothing in the place of streams that are closed, or the next file would be there."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115


def _flush() -> None:
    """Write what is left for the standard output; where nobody reads it, end quietly."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if isinstance(error, BrokenPipeError):
            ending.leave(141)
        print(f"error: the standard output cannot be written: {error.strerror}", file=sys.stderr)
        raise SystemExit(1) from None
