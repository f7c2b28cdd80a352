"""Verify the files of a folder against a manifest of sizes and hashes."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

__all__ = ["holds", "sync", "write"]

NAME = "manifest.json"


def write(folder: Path) -> int:
    """Flush a folder to disk, write its manifest, and return the folder's size in bytes."""
    files: dict[str, list[int | str]] = {}
    for path in _files(folder):
        sync(path)
        files[str(path.relative_to(folder))] = [path.stat().st_size, _hash(path)]
    manifest = folder / NAME
    manifest.write_text(json.dumps(files), encoding="utf-8")
    sync(manifest)
    sync(folder)
    return sum(int(size) for size, _ in files.values())


def holds(folder: Path) -> bool:
    """Return whether the folder holds exactly what its manifest says."""
    try:
        manifest = folder / NAME
        if not stat.S_ISREG(manifest.lstat().st_mode):
            return False
        files = json.loads(manifest.read_bytes())
        found = {str(path.relative_to(folder)): path for path in _files(folder)}
        return files.keys() == found.keys() and all(
            path.lstat().st_size == files[name][0] and _hash(path) == files[name][1]
            for name, path in found.items()
        )
    except (OSError, ValueError, AttributeError, LookupError, TypeError, RecursionError):
        return False


def sync(path: Path) -> None:
    """Flush a file or a folder to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _files(folder: Path) -> Iterator[Path]:
    """Return all files below a folder except its manifest; raise if one is not a regular file."""
    for entry in os.scandir(folder):
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _files(path)
        elif not entry.is_file(follow_symlinks=False):
            raise ValueError(f"{path} is no file")
        elif path != folder / NAME:
            yield path


def _hash(path: Path) -> str:
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(1 << 20):
            hasher.update(data)
    return hasher.hexdigest()
