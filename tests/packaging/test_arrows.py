"""Which folder may import which; only soc/litex knows LiteX."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BELOW = {  # what each folder may import beside itself
    "base": set[str](),
    "cfu": {"base"},
    "soc": {"base", "cfu"},
    "sw": {"base", "cfu"},
    "sim": {"base", "cfu", "soc", "sw"},
    "gateware": {"base", "cfu", "soc", "sw"},
}
LITEX = {"litex", "migen", "litedram"}


def imported(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, anywhere in it, with the names taken of them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


@pytest.mark.parametrize("room", BELOW)
def test_arrows(room: str) -> None:
    folder = ROOT / ("cfuforge/base" if room == "base" else room)
    files = sorted(folder.rglob("*.py"))
    assert files
    for path in files:
        for module in imported(path):
            package, _, rest = module.partition(".")
            if package == "cfuforge":
                assert rest.partition(".")[0] in {room, *BELOW[room]}, f"{path}: {module}"


def test_only_one_room_knows_litex() -> None:
    for room in BELOW:
        folder = ROOT / ("cfuforge/base" if room == "base" else room)
        for path in folder.rglob("*.py"):
            if ROOT / "soc" / "litex" in path.parents:
                continue
            known = {module.partition(".")[0] for module in imported(path)} & LITEX
            assert not known, f"{path}: {known}"
