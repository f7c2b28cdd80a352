"""Carry out one command after another: fetch it, then load or compute."""

from typing import Any

from amaranth.hdl import Module
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.lean.command import keep_command
from cfuforge.cfu.designs.engine.lean.control import take_turns
from cfuforge.cfu.designs.engine.lean.numbers import add_numbers
from cfuforge.cfu.designs.engine.lean.path import turn_bytes
from cfuforge.cfu.designs.engine.lean.pieces import read_pieces
from cfuforge.cfu.designs.engine.lean.steps import issue_steps
from cfuforge.cfu.designs.engine.lean.wires import Slot, Wires

__all__ = ["Machine"]


class Machine(wiring.Component):
    """Everything but the instructions.

    Members
    -------
    slot : ``In``
        A number to keep, when `slot.valid`: a base, or where the program is.
    start : ``In(1)``
        Carry the program out.
    running : ``Out(1)``
        It is not yet done.
    request, response
        As in `MemorySignature`.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        request = data.StructLayout({"address": 32, "write": 1, "strobe": 4, "data": 32})
        super().__init__(
            {
                "slot": In(Slot),
                "start": In(1),
                "running": Out(1),
                "request": Out(stream.Signature(request)),
                "response": In(stream.Signature(32, always_ready=True)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Connect the parts."""
        m, w = Module(), Wires(self._configuration)
        for name in ("loops", "activations", "filters", "records", "array", "drain"):
            m.submodules[name] = getattr(w, name)
        w.slot, w.request, w.response = self.slot, self.request, self.response
        keep_command(m, w)
        add_numbers(m, w)
        read_pieces(m, w)
        issue_steps(m, w)
        turn_bytes(m, w)
        take_turns(m, w, self.start, self.running)
        return m
