"""The instruction and state tables of a CFU, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from cfuforge.cfu.instruction import Instruction, Operand
from cfuforge.cfu.shapes import shape_name
from cfuforge.cfu.state import Declaration, Memory

__all__ = ["markdown"]


def markdown(instructions: Sequence[Instruction], state: Sequence[Declaration] = ()) -> str:
    """Return the table of `instructions` and, if there is any state, that of `state`."""
    rows = [
        [
            _call(item),
            str(item.funct3),
            _funct7(item),
            _operand(item.rs1),
            _operand(item.rs2),
            _operand(item.rd),
            " ".join(item.doc.split()),
        ]
        for item in instructions
    ]
    text = _table(["instruction", "funct3", "funct7", "rs1", "rs2", "rd", "what it does"], rows)
    if state:
        rows = [[_name(item), shape_name(item.shape), str(item.reset), item.doc] for item in state]
        text += "\n" + _table(["state", "type", "reset", "what it holds"], rows)
    return text


def _call(item: Instruction) -> str:
    return f"`{item.name}[{item.index.name}]`" if item.index else f"`{item.name}`"


def _funct7(item: Instruction) -> str:
    if not item.index:
        return str(item.funct7)
    first, last = item.funct7, item.funct7 + item.index.count - 1
    base = f"{first} + " if first else ""
    return f"{base}{item.index.name}: {first}..{last}" + (
        f", {item.index.doc}" if item.index.doc else ""
    )


def _operand(operand: Operand | None) -> str:
    if operand is None:
        return "-"
    doc = f": {operand.doc}" if operand.doc else ""
    return f"`{operand.name}` {shape_name(operand.shape)}{doc}"


def _name(item: Declaration) -> str:
    return f"`{item.name}[{item.depth}]`" if isinstance(item, Memory) else f"`{item.name}`"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in escaped)
