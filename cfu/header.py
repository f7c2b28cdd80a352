"""``cfu.h``: typed C functions for a CFU's instructions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from amaranth.hdl import Shape
from amaranth.lib import data

from cfuforge.base.errors import InputError
from cfuforge.cfu.instruction import OPCODE, Index, Instruction, Operand
from cfuforge.cfu.shapes import c_type, shape_name

__all__ = ["c_header"]

_TOP = """\
/* The instructions of the CFU "{name}", generated from their declarations: do not edit.
 *
 * On RISC-V each function is one instruction. The asm is volatile, so that the instructions keep
 * their order{memory} On
 * other machines each function calls cfu_host_op. An index must be a compile-time constant after
 * inlining, which needs -O1 or more.
 */
#ifndef CFUFORGE_CFU_H
#define CFUFORGE_CFU_H

#include <stdint.h>

#define CFU_NAME "{name}"
{defines}
#define CFU_INLINE static inline __attribute__((always_inline, unused))

#ifdef __cplusplus
extern "C" {{
#endif

#ifndef __riscv
/* Executes function_id = funct7 << 3 | funct3; set it before running CFU code on a host. */
extern uint32_t (*cfu_host_op)(uint32_t function_id, uint32_t rs1, uint32_t rs2);
#endif
"""

_NO_CLOBBER = """\
, and has no memory clobber, so that gcc may move loads across it. clang moves none
 * across volatile asm: load into variables first, then issue the instructions back to back."""
_CLOBBER = """\
. This CFU has a memory port, so that no load or store is moved across them."""

_BOTTOM = """
#ifdef __cplusplus
}
#endif
#endif
"""


def c_header(
    name: str,
    instructions: Sequence[Instruction],
    parameters: Mapping[str, Any] | None = None,
    *,
    structs: Mapping[str, data.StructLayout] | None = None,
    reads_memory: bool = False,
) -> str:
    """Return the text of ``cfu.h``.

    Parameters
    ----------
    name
        The design's short name, which becomes ``CFU_NAME``.
    instructions
        The instructions, in the order in which their functions appear.
    parameters
        The design's parameters and constants (int, bool or str); each becomes a macro
        ``CFU_<NAME>``.
    structs
        Layouts of what the CFU reads in memory; each becomes a struct ``cfu_<name>``.
    reads_memory
        Whether the CFU has a memory port: loads and stores then keep their place among its
        instructions.
    """
    defines = "".join(
        f"#define CFU_{key.upper()} {_literal(key, value)}\n"
        for key, value in (parameters or {}).items()
    )
    return "\n".join(
        [
            _TOP.format(
                name=name, defines=defines, memory=_CLOBBER if reads_memory else _NO_CLOBBER
            ),
            *(_struct(key, layout) for key, layout in (structs or {}).items()),
            *(_function(instruction, reads_memory) for instruction in instructions),
        ]
    ) + (_BOTTOM)


def _literal(key: str, value: Any) -> str:
    if isinstance(value, bool | int):
        return str(int(value))
    if isinstance(value, str) and value.isprintable() and not set(value) & {'"', "\\"}:
        return f'"{value}"'
    raise InputError(f"parameter {key} must be an int, a bool or a plain str, not {value!r}")


def _struct(name: str, layout: data.StructLayout) -> str:
    """Return a struct of bit fields, the lowest bits first; a name with ``_`` in front is a gap."""
    fields = []
    for key, field in layout:
        shape = Shape.cast(field.shape)
        kind = "int32_t" if shape.signed else "uint32_t"
        gap = key.startswith("_")
        for begin in range(field.offset, field.offset + shape.width, 32):
            bits = min(32, field.offset + shape.width - begin)
            if begin // 32 != (begin + bits - 1) // 32:
                raise InputError(f"field {key} of struct {name} must lie in one word of 32 bits")
            fields.append(f"  {kind} {'' if gap else key} : {bits};".replace("  :", " :"))
    return "\n".join(["typedef struct {", *fields, f"}} cfu_{name};", ""])


def _function(item: Instruction, reads_memory: bool) -> str:
    """Return the C function of one instruction, with its comment."""
    result = c_type(item.rd.shape) if item.rd else "void"
    parameters = ", ".join(_parameter(operand) for operand in item.operands) or "void"
    lines = [_comment(item), *_guard_declaration(item)]
    lines += [f"CFU_INLINE {result} cfu_{item.name}({parameters}) {{"]
    lines += [
        "#ifdef __riscv",
        *_riscv(item, reads_memory),
        "#else",
        *_host(item),
        "#endif",
        "}",
        "",
    ]
    return "\n".join(lines)


def _parameter(operand: Operand | Index) -> str:
    kind = "const uint32_t" if isinstance(operand, Index) else c_type(operand.shape)
    return f"{kind} {operand.name}"


def _comment(item: Instruction) -> str:
    lines = [*(item.doc or item.name).splitlines()]
    if item.index:
        last = item.index.count - 1
        lines.append(f"  {item.index.name} (constant, 0..{last}): {item.index.doc}")
    lines += [
        f"  {operand.name} ({shape_name(operand.shape)}): {operand.doc}"
        for operand in (item.rs1, item.rs2)
        if operand
    ]
    if item.rd:
        lines.append(f"  returns {item.rd.name} ({shape_name(item.rd.shape)}): {item.rd.doc}")
    text = "\n * ".join(line.rstrip().replace("*/", "* /") for line in lines)
    return f"/* {text} */"


def _guard(item: Instruction) -> str:
    return f"cfu_{item.name}_index_is_out_of_range"


def _guard_declaration(item: Instruction) -> list[str]:
    """Declare an undefined function: a call to it that survives optimisation is an error."""
    if not item.index:
        return []
    message = f"cfu_{item.name}: {item.index.name} must be 0..{item.index.count - 1}"
    return [f'extern void {_guard(item)}(void) __attribute__((error("{message}")));']


def _riscv(item: Instruction, reads_memory: bool) -> list[str]:
    inputs = []
    funct7 = str(item.funct7)
    if item.index:
        inputs.append(f'[funct7] "i"({item.funct7} + {item.index.name})')
        funct7 = "%[funct7]"
    registers = []
    for field, operand in (("rs1", item.rs1), ("rs2", item.rs2)):
        registers.append(f"%z[{field}]" if operand else "x0")
        if operand:  # J and %z: a constant zero is register x0
            inputs.append(f'[{field}] "rJ"((uint32_t){operand.name})')
    rd = "%[rd]" if item.rd else "x0"
    text = f'".insn r {OPCODE:#04x}, {item.funct3}, {funct7}, {rd}, {", ".join(registers)}"'
    outputs = ' [rd] "=r"(cfu_rd)' if item.rd else ""
    clobber = ' : "memory"' if reads_memory else ""
    body = [f"  __asm__ volatile({text} :{outputs} : {', '.join(inputs)}{clobber});"]
    if item.index:
        check = f"if ({item.index.name} >= {item.index.count}u) {_guard(item)}();"
        body.insert(0, f"  {check}")
    if item.rd:
        body = ["  uint32_t cfu_rd;", *body, f"  return ({c_type(item.rd.shape)})cfu_rd;"]
    return body


def _host(item: Instruction) -> list[str]:
    index = f" + ({item.index.name} << 3)" if item.index else ""
    operands = [f"(uint32_t){part.name}" if part else "0" for part in (item.rs1, item.rs2)]
    call = f"cfu_host_op({item.function_ids[0]}u{index}, {', '.join(operands)})"
    return [f"  return ({c_type(item.rd.shape)}){call};" if item.rd else f"  {call};"]
