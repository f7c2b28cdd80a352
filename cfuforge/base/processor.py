"""The processor that compiled programs run on."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from cfuforge.base.cache import digest

__all__ = ["host_cpu"]


@lru_cache
def host_cpu() -> str:
    """Return the CPU's model name, and a digest of the features that a compiler may use."""
    fields: dict[str, str] = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    return f"{fields.get('model name', 'unknown')} {digest(fields.get('flags', ''))[:8]}"
