"""The entry point of the command ``cfuforge``; any error ends in one line.

Nothing heavy is imported before signal handlers are set.
"""

from __future__ import annotations

import io
import os
import resource
import sys

from cfuforge.cli import ending

__all__ = ["main"]

LEAST = 256 << 20  # bytes of memory; with less, libraries crash silently or hang


def main() -> None:
    """Run the command line; an error ends in one line and exit code 1."""
    ending.watch()
    _open_streams()
    _look_around()
    # Its threads take memory, and crash silently without it; we only multiply integers anyway.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from cfuforge.cli.app import run

        run()
    except SystemExit:
        _flush()
        raise
    _flush()


def _open_streams() -> None:
    """Open closed standard streams on /dev/null, lest the next file take their numbers.

    Also make them accept every character.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):  # escape what the locale cannot show
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _look_around() -> None:
    """Exit if the environment is too broken for later error messages."""
    try:
        os.getcwd()
    except OSError:
        raise SystemExit(
            "error: the working folder was deleted; change to one that is there"
        ) from None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if 0 <= limit < LEAST:
        raise SystemExit(
            f"error: the memory is limited to {limit >> 20} MB (ulimit -v); at least "
            f"{LEAST >> 20} MB are needed, and 1.5 GB to compile yosys: raise the limit"
        )


def _flush() -> None:
    """Flush the standard output; if its reader is gone, exit quietly."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if isinstance(error, BrokenPipeError):
            ending.leave(141)
        print(f"error: the standard output cannot be written: {error.strerror}", file=sys.stderr)
        raise SystemExit(1) from None
