"""Write result files and folders that the user has named."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cfuforge.base.disk import DISK_FULL, disk_full
from cfuforge.base.errors import InputError

__all__ = ["STANDARD_OUTPUT", "new_folder", "write_whole", "writing"]

STANDARD_OUTPUT = Path("-")


def write_whole(path: str | Path, text: str, remedy: str = "name another file") -> None:
    """Write a UTF-8 file atomically: an old file stays until the new one is complete.

    Parameters
    ----------
    path
        The file; a pipe or a device is written directly, and ``-`` is the standard output.
    text
        What to write.
    remedy
        Text appended to the message if that fails.

    Raises
    ------
    InputError
        When it cannot be written.
    EnvironmentLacksError
        When its disk is full.
    """
    path = Path(path)
    with writing(path, remedy):
        if path == STANDARD_OUTPUT:
            sys.stdout.write(text)
        elif path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            _replace(path.resolve(), text.encode())


@contextmanager
def writing(place: Path, remedy: str = "name another place") -> Iterator[None]:
    """Turn what goes wrong with writing at `place` into an error that names it.

    Parameters
    ----------
    place
        A file, or the folder that files are written to.
    remedy
        Text appended to the message.

    Raises
    ------
    InputError
        When something cannot be written.
    EnvironmentLacksError
        When the disk is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            raise disk_full(place) from error
        raise InputError(f"{place} cannot be written ({error.strerror}); {remedy}") from error


@contextmanager
def new_folder(folder: Path) -> Iterator[None]:
    """Make `folder`, absent or empty so far, and leave it as it was if it cannot be filled.

    Raises
    ------
    InputError
        When it cannot be made or filled.
    EnvironmentLacksError
        When its disk is full.
    """
    was_there = folder.exists()
    with writing(folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            yield
        except BaseException:
            _empty(folder)
            if not was_there:
                with suppress(OSError):
                    folder.rmdir()
            raise


def _empty(folder: Path) -> None:
    with suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def _replace(path: Path, data: bytes) -> None:
    try:
        handle, name = tempfile.mkstemp(prefix=".cfuforge-", dir=path.parent)
    except PermissionError:  # we may own the file but not the folder
        path.write_bytes(data)
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, _mode(path))
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _mode(path: Path) -> int:
    """Return the permissions of a file; those of a new one if it does not exist."""
    try:
        return path.stat().st_mode & 0o7777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
