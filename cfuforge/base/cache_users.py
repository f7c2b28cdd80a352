"""Track the processes that use the cache: what they use is not removed while they run.

Each process locks a file of its own that names the entries it uses; the operating system releases
the lock when the process ends. Its build folders have the file's name in theirs.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cfuforge.base.tools import TOKEN

__all__ = [
    "end",
    "finish",
    "guard",
    "in_use",
    "locked",
    "make_work",
    "remove_left",
    "use",
    "used_here",
]

_UNFINISHED = (".building-*", ".removing-*")
_TRIES = 100  # attempts, 20 ms apart, while a thread or a dying tool is still writing
_USING = f".using-{TOKEN}"
_beginning = threading.RLock()  # held to make a folder; whoever ends the process keeps it
_handles: dict[Path, int] = {}
_held: set[Path] = set()
_named: set[tuple[Path, str]] = set()
_swept: set[Path] = set()


@contextmanager
def guard(cache: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold off removal of entries or, if `alone`, their use too; for moments only."""
    handle = None
    with suppress(OSError):  # read-only: nobody can remove anything either
        handle = os.open(cache / "guard", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


@contextmanager
def locked(cache: Path, name: str) -> Iterator[None]:
    """Hold the lock for building an entry, across processes and threads.

    The lock file is removed with the lock: whoever waited checks the entry, not the file.
    """
    path = cache / "locks" / name
    if not path.parent.is_dir():
        path.parent.unlink(missing_ok=True)
        path.parent.mkdir(exist_ok=True)
    if path.is_dir():
        shutil.rmtree(path)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _held.add(path)
        yield
    finally:
        path.unlink(missing_ok=True)
        _held.discard(path)
        os.close(handle)


def use(cache: Path, name: str) -> None:
    """Record that this process uses an entry, until it ends."""
    if (cache, name) in _named:
        return
    with suppress(OSError), guard(cache):
        if cache not in _handles or not (cache / _USING).exists():
            _begin(cache)
        os.write(_handles[cache], f"{name}\n".encode())
        _named.add((cache, name))


def make_work(cache: Path) -> Path:
    """Make a folder that belongs to this process while it runs."""
    with suppress(OSError), guard(cache):
        if cache not in _handles or not (cache / _USING).exists():
            _begin(cache)
    with _beginning:
        return Path(tempfile.mkdtemp(prefix=f".building-{TOKEN}-", dir=cache))


def used_here(cache: Path) -> set[str]:
    """Return the names of the entries that this process uses."""
    return {name for place, name in _named if place == cache}


def in_use(cache: Path) -> set[str]:
    """Return the names of the entries that other processes use; call it within `guard`."""
    names: set[str] = set()
    for file in cache.glob(".using-*"):
        if file.name != _USING and _alive(file):
            with suppress(OSError):
                names |= set(file.read_text(encoding="utf-8", errors="replace").split())
    return names


def remove_left(cache: Path, *, every: bool = False) -> None:
    """Remove what ended processes left behind: once, or every time if `every`."""
    if cache in _swept and not every:
        return
    _swept.add(cache)
    with guard(cache, alone=True):
        alive = {TOKEN}
        for file in cache.glob(".using-*"):
            if file.name == _USING:
                continue
            if _alive(file):
                alive.add(file.name.removeprefix(".using-"))
            elif file.is_dir():
                shutil.rmtree(file, ignore_errors=True)
            else:
                file.unlink(missing_ok=True)
        for lock in cache.glob("locks/*"):
            if lock.is_file() and not _alive(lock):
                lock.unlink(missing_ok=True)
        for kind in _UNFINISHED:
            for folder in cache.glob(kind):
                if not any(token in folder.name for token in alive):
                    shutil.rmtree(folder, ignore_errors=True)


def end() -> None:
    """Finish for good: no thread can make a folder afterwards."""
    _beginning.acquire(timeout=2)  # nobody holds it for more than a moment
    finish()


@atexit.register
def finish() -> None:
    """Remove this process's unfinished folders, and the file that names what it uses."""
    for lock in list(_held):  # other threads may still run
        with suppress(OSError):
            lock.unlink(missing_ok=True)
    for cache in list(_handles):
        for _ in range(_TRIES):
            folders = (path for kind in _UNFINISHED for path in cache.glob(kind))
            mine = [folder for folder in folders if TOKEN in folder.name]
            for folder in mine:
                shutil.rmtree(folder, ignore_errors=True)
            if not mine:
                break
            time.sleep(0.02)
        with suppress(OSError):
            (cache / _USING).unlink(missing_ok=True)


def _begin(cache: Path) -> None:
    handle = os.open(cache / _USING, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    _handles[cache] = handle
    _named.difference_update({each for each in _named if each[0] == cache})


def _alive(file: Path) -> bool:
    """Return whether the process that made a file still runs."""
    try:
        handle = os.open(file, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False
