"""The built-in designs: a package each, with the class and optionally a folder `kernels/`."""

from __future__ import annotations

import pkgutil

__all__ = ["builtin_designs"]


def builtin_designs() -> list[str]:
    """Return the names of the built-in designs."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))
