"""The instructions of the lean engine, connected to it."""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux
from amaranth.lib import wiring

from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.lean.machine import Machine
from cfuforge.cfu.designs.engine.lean.wires import BASES, PROGRAM
from cfuforge.cfu.dispatcher import Ports

__all__ = ["build_lean"]


def build_lean(m: Module, ports: Ports, memory: Any, configuration: Configuration) -> None:
    """Add the lean engine to `m`, between the instructions' ports and the memory's."""
    m.submodules.machine = machine = Machine(configuration)
    base, start, wait = (ports[name] for name in ("base", "start", "wait"))
    for port in (base, start, wait):
        port.answer(m, when=~machine.running)
    slot: Any = machine.slot
    m.d.comb += [
        slot.valid.eq(base.taken | start.taken),
        slot.place.eq(Mux(start.cmd.valid, PROGRAM, Cat(base.index, Const(BASES >> 2, 3)))),
        slot.value.eq(base.rs1),  # the operands of start are the same wires
        machine.start.eq(start.taken),
    ]
    wiring.connect(m, machine.request, wiring.flipped(memory.request))
    wiring.connect(m, wiring.flipped(memory.response), machine.response)
