"""Find a CFU's module by its path: ``./my_cfu``, ``my_cfu/``, ``designs/mac.py``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from cfuforge.base.errors import InputError

__all__ = ["ModulePlace", "is_path", "module_at"]


class ModulePlace(NamedTuple):
    """A module's name, the folder from which Python imports it under that name, and its file."""

    name: str
    folder: Path
    file: Path

    @property
    def outermost(self) -> tuple[str, Path]:
        """Name and file of the outermost package, which may be the module itself."""
        top, dot, _ = self.name.partition(".")
        return top, self.folder / top / "__init__.py" if dot else self.file


def is_path(where: str) -> bool:
    """Return whether a text is a path, not a module's name."""
    return "/" in where or where in (".", "..") or where.endswith(".py")


def module_at(where: str) -> ModulePlace:
    """Return the module at a path, which is a file or a package's folder.

    Raises
    ------
    InputError
        When there is no such file or folder, or it is not a module.
    """
    path = Path(os.path.abspath(where))
    if path.name == "__init__.py":
        path = path.parent
    if not path.exists():
        raise InputError(f"there is no CFU {where!r}: no such file or folder")
    file = path
    if path.is_dir():
        file = path / "__init__.py"
        if not file.is_file():
            raise InputError(f"the folder {where} is not a Python package: it has no __init__.py")
    elif path.suffix != ".py":
        raise InputError(f"a CFU's file must be a Python file, {path.stem}.py, not {where}")
    parts, folder = [path.stem if path.is_file() else path.name], path.parent
    while (folder / "__init__.py").is_file():
        parts, folder = [folder.name, *parts], folder.parent
    for part in parts:
        if not part.isidentifier():
            raise InputError(
                f"{where} cannot be imported: {part!r} is not a Python name; rename it"
            )
    return ModulePlace(".".join(parts), folder, file)
