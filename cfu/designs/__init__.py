"""The designs that come with CFU Forge: one package each, its class and optionally `kernels/`."""

from __future__ import annotations

import pkgutil

__all__ = ["builtin_designs"]


def builtin_designs() -> list[str]:
    """Return their names."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))
