"""Read files that the user names, checking their kind and size first."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from cfuforge.base.errors import InputError

__all__ = ["file_size", "files_below", "read_bytes", "read_start", "read_text"]

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}
_MOST_LOOKED_AT = 1_000_000  # files and folders below a folder
_MOST_FOUND = 200_000


def file_size(path: Path, what: str, most: int | None = None, remedy: str = "") -> int:
    """Return a file's size in bytes.

    Parameters
    ----------
    path
        The file.
    what
        What the file is to the user, such as ``"input"``; it precedes the name in messages.
    most
        The largest accepted size in bytes; None for any.
    remedy
        Text appended to the message if the file is larger.

    Raises
    ------
    InputError
        When it does not exist, is a folder, pipe or device, or is too large.
    """
    try:
        found = os.stat(path)
    except (OSError, ValueError) as error:
        raise _unreadable(path, what, error) from error
    if not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "something else")
        raise InputError(f"{_named(path, what)} is {kind}, not a file")
    if most is not None and found.st_size > most:
        raise _too_large(path, what, f"{found.st_size:,}", most, remedy)
    return found.st_size


def read_bytes(path: Path, most: int, what: str, remedy: str = "") -> bytes:
    """Return the content of a file.

    Parameters
    ----------
    path, most, what, remedy
        As in `file_size`, which is called first.

    Raises
    ------
    InputError
        As `file_size` does, and when the file cannot be read.
    """
    file_size(path, what, most, remedy)
    data = read_start(path, most + 1, what)
    if len(data) > most:  # it grows, or reports no size
        raise _too_large(path, what, f"more than {most:,}", most, remedy)
    return data


def read_text(path: Path, most: int, what: str, remedy: str = "") -> str:
    """Return the content of a UTF-8 text file.

    Parameters
    ----------
    path, most, what, remedy
        As in `file_size`.

    Raises
    ------
    InputError
        As `read_bytes` does, and when it is not text.
    """
    try:
        return read_bytes(path, most, what, remedy).decode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"{_named(path, what)} is not a text file: {error.reason} at byte {error.start}"
        ) from error


def read_start(path: Path, count: int, what: str) -> bytes:
    """Return the first `count` bytes of a file, or all of a shorter one.

    Parameters
    ----------
    path, what
        As in `file_size`, which is called first.
    count
        The number of bytes.

    Raises
    ------
    InputError
        As `file_size` does, and when the file cannot be read.
    """
    size = file_size(path, what)
    try:
        with path.open("rb") as file:
            return file.read(min(count, size) if size else count)
    except OSError as error:
        raise _unreadable(path, what, error) from error


def files_below(folder: Path, takes: Callable[[str], bool]) -> list[Path]:
    """Return the files in a folder and its subfolders, sorted by path.

    Links to folders are not followed; names that begin with a dot and unreadable subfolders are
    skipped.

    Parameters
    ----------
    folder
        The folder.
    takes
        Returns whether to include files with this suffix, such as ``.png``.

    Raises
    ------
    InputError
        When the folder cannot be read, or holds too much.
    """
    found: list[Path] = []
    folders, looked_at = [folder], 0
    while folders:
        here = folders.pop()
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    looked_at += 1
                    if looked_at > _MOST_LOOKED_AT or len(found) > _MOST_FOUND:
                        raise InputError(
                            f"the folder {folder} has too many files: more than {_MOST_FOUND:,} "
                            f"usable ones or {_MOST_LOOKED_AT:,} of any kind; name a part of it"
                        )
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(Path(entry.path))
                    elif takes((path := Path(entry.path)).suffix) and path.is_file():
                        found.append(path)
        except OSError as error:
            if here == folder:
                raise _unreadable(folder, "the folder", error) from error
    return sorted(found)


def _named(path: Path, what: str) -> str:
    return f"{what} {path}" if what else str(path)


def _unreadable(path: Path, what: str, error: Exception) -> InputError:
    # Python's message for a null character in a name varies between versions.
    reason = error.strerror if isinstance(error, OSError) else "a name has no null character"
    return InputError(f"{_named(path, what)} cannot be read: {reason}")


def _too_large(path: Path, what: str, size: str, most: int, remedy: str) -> InputError:
    return InputError(f"{_named(path, what)} has {size} bytes; at most {most:,} are read{remedy}")
