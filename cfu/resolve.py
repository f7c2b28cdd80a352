"""Find the CFU class that a design's spec names."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from cfuforge.base.errors import InputError
from cfuforge.base.near import meant
from cfuforge.base.users_line import what_and_where
from cfuforge.cfu import designs
from cfuforge.cfu.component import Cfu
from cfuforge.cfu.designs import builtin_designs
from cfuforge.cfu.module_path import is_path, module_at

__all__ = ["canonical", "find_class", "split_spec"]

FORM = "NAME, NAME:key=value, package.module:Class or a path such as ./my_cfu"
_placed: set[str] = set()  # modules from users' folders, which others of the same name may replace


def split_spec(spec: str) -> tuple[str, dict[str, str]]:
    """Split a spec, ``where:key=value,key=value``, into where and parameters.

    Raises
    ------
    InputError
        When the spec does not have that form.
    """
    where, colon, last = spec.rpartition(":")
    if not colon or "=" not in last:
        where, last = spec, ""
    module, _, class_name = where.partition(":")
    names = [*([] if is_path(module) else module.split(".")), *([class_name] if class_name else [])]
    if not all(name.isidentifier() for name in names) or where.endswith(":"):
        raise InputError(f"a CFU is named by {FORM}, not {spec!r}")
    parameters: dict[str, str] = {}
    for item in last.split(",") if last else []:
        key, equals, value = (part.strip() for part in item.partition("="))
        if not equals or not key or not value:
            raise InputError(f"the parameters of a CFU are key=value,key=value, not {last!r}")
        if key in parameters:
            raise InputError(f"parameter {key!r} is given twice in {spec!r}")
        parameters[key] = value
    return where, parameters


def find_class(where: str) -> type[Cfu]:
    """Return the class for a CFU's name, module or path, with or without ``:Class``.

    Raises
    ------
    InputError
        When there is none, or it is not a CFU.
    """
    module_name, _, class_name = where.partition(":")
    if where in builtin_designs():
        return _only_class(_import(f"{designs.__name__}.{where}"))
    module = _import_at(module_name) if is_path(module_name) else _import_named(module_name, where)
    if not class_name:
        return _only_class(module)
    found = getattr(module, class_name, None)
    if found is None:
        names = ", ".join(cls.__name__ for cls in _classes(module)) or "none"
        raise InputError(
            f"module {module.__name__!r} has no class {class_name!r}; its CFUs are: {names}"
        )
    if not (isinstance(found, type) and issubclass(found, Cfu)):
        raise InputError(f"{where} is not a CFU: it must be a subclass of cfuforge.cfu.Cfu")
    return found


def canonical(where: str) -> str:
    """Return the name of a module in the current folder for its path, else `where` unchanged."""
    path, colon, class_name = where.partition(":")
    if not is_path(path):
        return where
    found = module_at(path)
    named = found.name + colon + class_name
    return named if found.folder == Path.cwd() and named not in builtin_designs() else where


def _import_named(name: str, where: str) -> ModuleType:
    """Import a module from the current folder or as installed; `where` is for error messages."""
    with _found_first(Path.cwd()):
        if not _exists(name):
            known = ", ".join(builtin_designs())
            raise InputError(
                f"there is no CFU {where!r}{meant(name, builtin_designs())}: the designs are "
                f"{known}, and no module {name!r} is installed or in {Path.cwd()}"
            )
        module = _import(name)
    if Path.cwd() in Path(getattr(module, "__file__", None) or "/").parents:
        _placed.add(name.partition(".")[0])
    return module


def _import_at(path: str) -> ModuleType:
    """Import the module at a path."""
    found = module_at(path)
    top, file = found.outermost
    if _comes_from(file, sys.modules.get(top)) is False:
        if top not in _placed:
            raise InputError(
                f"{path} cannot be imported: Python already has another module {top!r}; rename it"
            )
        for name in [each for each in sys.modules if each.partition(".")[0] == top]:
            del sys.modules[name]
    _placed.add(top)
    with _found_first(found.folder):
        return _import(found.name)


def _comes_from(file: Path, module: ModuleType | None) -> bool | None:
    """Return whether `file` is the file of `module`; None without a module."""
    if module is None:
        return None
    found = getattr(module, "__file__", None) or ""
    return os.path.exists(found) and file.samefile(found)


@contextmanager
def _found_first(folder: Path) -> Iterator[None]:
    """Import modules from a folder before all others."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # a parent package is missing
        return False
    except (Exception, SystemExit) as error:
        raise _broken(name, error) from error


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise _broken(name, error) from error


def _broken(name: str, error: BaseException) -> InputError:
    return InputError(f"module {name!r} cannot be imported: {what_and_where(error)}")


def _classes(module: ModuleType) -> list[type[Cfu]]:
    """Return the CFU classes that are defined in a module or in modules below it."""
    own = (module.__name__, f"{module.__name__}.")
    return [
        item
        for item in {id(value): value for value in vars(module).values()}.values()
        if isinstance(item, type)
        and issubclass(item, Cfu)
        and (item.__module__ == own[0] or item.__module__.startswith(own[1]))
    ]


def _only_class(module: ModuleType) -> type[Cfu]:
    classes = _classes(module)
    if len(classes) == 1:
        return classes[0]
    if not classes:
        raise InputError(
            f"module {module.__name__!r} defines no CFU: it needs a subclass of cfuforge.cfu.Cfu"
        )
    names = ", ".join(cls.__name__ for cls in classes)
    raise InputError(
        f"module {module.__name__!r} defines several CFUs ({names}); "
        f"name one: {module.__name__}:{classes[0].__name__}"
    )
