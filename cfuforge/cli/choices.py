"""The choices of an option, for help and shell completion; none of the user's code is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from rich.markup import escape

from cfuforge.base.shown import shown
from cfuforge.cfu.designs import builtin_designs
from cfuforge.soc.board import BOARDS, Board

__all__ = [
    "CFUS",
    "boards_text",
    "complete_board",
    "complete_cfu",
    "complete_cpu",
    "complete_family",
    "complete_schema",
    "described",
    "one_of",
]

Completion = list[tuple[str, str]]
CFUS = (
    f"{', '.join(builtin_designs())} (NAME:key=value sets parameters), or a design of your own: "
    "package.module:Class, or a path such as ./my_cfu; its code is run"
)
_CFU_CLASS = re.compile(r"^class \w+\([^)]*\bCfu\b[^)]*\):", re.MULTILINE)
_LONGEST = 100_000  # bytes of a module to read


def one_of(names: Iterable[str]) -> str:
    """Return ``a, b or c``."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def boards_text(suits: Callable[[Board], object] = lambda _: True) -> str:
    """Return the names of the suitable boards, as the end of a help text."""
    return one_of(name for name, board in BOARDS.items() if suits(board))


def _designs_here() -> dict[str, str]:
    """Return the designs in the current folder with their descriptions, without importing any."""
    found = {}
    for path in sorted([*Path().glob("*.py"), *Path().glob("*/__init__.py")]):
        name = path.parent.name if path.name == "__init__.py" else path.stem
        try:
            text = path.read_text() if path.stat().st_size <= _LONGEST else ""
            if name.isidentifier() and _CFU_CLASS.search(text):
                found[name] = _first_line(text, name)
        except (OSError, ValueError, SyntaxError):
            continue
    return found


def _first_line(source: str, name: str) -> str:
    """Return the first line of a module's docstring, without its own name before it."""
    line = (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]
    text = line.removeprefix(f"`{name}`: ")
    return text[:1].upper() + text[1:]


def complete_board() -> Completion:
    """Return the boards with their descriptions."""
    return [(name, board.description) for name, board in BOARDS.items()]


def complete_cfu() -> Completion:
    """Return CFU Forge's designs and those in the current folder."""
    return [(name, escape(shown(text))) for name, text in described().items()]


def described() -> dict[str, str]:
    """Return the designs with their descriptions: CFU Forge's, then the current folder's."""
    from cfuforge.cfu import designs

    folders = {name: Path(designs.__path__[0], name, "__init__.py") for name in builtin_designs()}
    built_in = {name: _first_line(path.read_text(), name) for name, path in folders.items()}
    here = _designs_here()
    return {**built_in, **{name: text for name, text in here.items() if name not in built_in}}


def complete_cpu() -> Completion:
    """Return the CPU variants with their descriptions."""
    from cfuforge.soc.cpu import CPUS

    return [(name, each.description) for name, each in CPUS.items()]


def complete_schema() -> Completion:
    """Return the documents that have a JSON Schema."""
    from cfuforge.schemas import SCHEMAS

    return [(name, "") for name in SCHEMAS]


def complete_family() -> Completion:
    """Return the FPGA families for which a CFU can be synthesised."""
    from cfuforge.gateware.families import ALONE

    return [(name, "") for name in ALONE]
