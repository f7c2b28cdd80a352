"""How many lines the product has, by folder and language: `make size`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

__all__ = ["BUDGET", "lines"]

ROOT = Path(__file__).parents[2]
BUDGET = 63_440
"""Lines that the product may have. What makes it larger says why in its commit."""

FOLDERS = ("cfuforge", "cfu", "soc", "sw", "sim", "gateware")
KINDS = {
    "Python": (".py", ".in"),
    "C and C++": (".c", ".h", ".cc", ".cpp", ".inc", ".S", ".ld"),
    "others": (".js", ".css", ".html", ".v", ".scala", ".xml"),
}


def lines() -> dict[str, Counter[str]]:
    """Return the lines of each folder, by kind."""
    found = {folder: Counter[str]() for folder in FOLDERS}
    for folder, counts in found.items():
        for path in (ROOT / folder).rglob("*"):
            for kind, suffixes in KINDS.items():
                if path.suffix in suffixes and "__pycache__" not in path.parts:
                    counts[kind] += path.read_bytes().count(b"\n")
    return found


def main() -> None:
    """Print the table."""
    found = lines()
    print(f"{'':10}" + "".join(f"{kind:>12}" for kind in KINDS) + f"{'all':>12}")
    for folder, counts in found.items():
        row = "".join(f"{counts[kind]:12,}" for kind in KINDS)
        print(f"{folder:10}{row}{counts.total():12,}")
    total = sum(counts.total() for counts in found.values())
    print(f"{total:,} lines of at most {BUDGET:,}")


if __name__ == "__main__":
    main()
