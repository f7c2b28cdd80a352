"""Custom function units: the interface, hardware units, complete designs.

The names below are imported when they are first used, so that a program that needs only
``cfuforge.base.errors`` or ``cfuforge.base.cache`` does not wait for Amaranth.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cfuforge.cfu.component import Cfu
    from cfuforge.cfu.design import Design
    from cfuforge.cfu.dispatcher import Dispatcher, Port, Ports
    from cfuforge.cfu.instruction import Index, Instruction, Operand
    from cfuforge.cfu.program import Command, random_program
    from cfuforge.cfu.reference import Reference
    from cfuforge.cfu.shapes import s8, s8x4, s16, s16x2, s32, u8, u8x4, u16, u32
    from cfuforge.cfu.state import Memory, Register, State

_HOMES = {
    "component": ["Cfu"],
    "design": ["Design"],
    "dispatcher": ["Dispatcher", "Port", "Ports"],
    "instruction": ["Index", "Instruction", "Operand"],
    "program": ["Command", "random_program"],
    "reference": ["Reference"],
    "shapes": ["s8", "s8x4", "s16", "s16x2", "s32", "u8", "u8x4", "u16", "u32"],
    "state": ["Memory", "Register", "State"],
}

__all__ = [
    "Cfu",
    "Command",
    "Design",
    "Dispatcher",
    "Index",
    "Instruction",
    "Memory",
    "Operand",
    "Port",
    "Ports",
    "Reference",
    "Register",
    "State",
    "random_program",
    "s8",
    "s8x4",
    "s16",
    "s16x2",
    "s32",
    "u8",
    "u8x4",
    "u16",
    "u32",
]


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"cfuforge.cfu.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
