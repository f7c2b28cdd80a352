"""Files that the user names: what they are and how large is looked at before one is read."""

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
_MOST_LOOKED_AT = 1_000_000  # files and folders below one
_MOST_FOUND = 200_000


def file_size(path: Path, what: str, most: int | None = None, remedy: str = "") -> int:
    """Return a file's size in bytes.

    Parameters
    ----------
    path
        The file.
    what
        What it is to the user, before its name: ``"input"``.
    most
        The largest size that is taken; None for any.
    remedy
        What follows the line that says it is larger.

    Raises
    ------
    InputError
        When there is none, it is no file but a folder, a pipe or a device, or it is too large.
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
    """Return all of a file.

    Parameters
    ----------
    path, most, what, remedy
        As in `file_size`, which is asked first.

    Raises
    ------
    InputError
        As `file_size` does, and when it cannot be read.
    """
    file_size(path, what, most, remedy)
    data = read_start(path, most + 1, what)
    if len(data) > most:  # it grows, or does not tell its size
        raise _too_large(path, what, f"more than {most:,}", most, remedy)
    return data


def read_text(path: Path, most: int, what: str, remedy: str = "") -> str:
    """Return all of a text file in UTF-8.

    Parameters
    ----------
    path, most, what, remedy
        As in `file_size`.

    Raises
    ------
    InputError
        As `read_bytes` does, and when it is no text.
    """
    try:
        return read_bytes(path, most, what, remedy).decode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"{_named(path, what)} is no text file: {error.reason} at byte {error.start}"
        ) from error


def read_start(path: Path, count: int, what: str) -> bytes:
    """Return the first `count` bytes of a file, or all that it has.

    Parameters
    ----------
    path, what
        As in `file_size`, which is asked first.
    count
        How many.

    Raises
    ------
    InputError
        As `file_size` does, and when it cannot be read.
    """
    size = file_size(path, what)
    try:
        with path.open("rb") as file:
            return file.read(min(count, size) if size else count)
    except OSError as error:
        raise _unreadable(path, what, error) from error


def files_below(folder: Path, takes: Callable[[str], bool]) -> list[Path]:
    """Return the files in a folder and in those below it, in the order of their paths.

    Links to folders are not followed, what begins with a dot is left out, and so are folders below
    that cannot be read.

    Parameters
    ----------
    folder
        The folder.
    takes
        Asked whether a file of this ending, such as ``.png``, is one of them.

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
                            f"the folder {folder} holds too much: more than {_MOST_FOUND:,} files "
                            f"of use or {_MOST_LOOKED_AT:,} of any kind; name a part of it"
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
    # What Python says of a null character in a name is another text in each version.
    reason = error.strerror if isinstance(error, OSError) else "a name has no null character"
    return InputError(f"{_named(path, what)} cannot be read: {reason}")


def _too_large(path: Path, what: str, size: str, most: int, remedy: str) -> InputError:
    return InputError(f"{_named(path, what)} has {size} bytes; at most {most:,} are read{remedy}")
