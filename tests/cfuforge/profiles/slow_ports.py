"""`engine` behind a port that takes a request in one cycle of eight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from amaranth.hdl import Module, Signal

import cfuforge.cfu.designs.engine as engine
from cfuforge.cfu.dispatcher import Ports
from cfuforge.cfu.memory_port import MemorySignature


class SlowPorts(engine.Engine):
    """The engine, and a port that is slow for addresses from `first` to `last`."""

    name = "engine"
    kernels = Path(engine.__file__).parent / "kernels"

    def __init__(self, *, first: int = 0, last: int = 0xFFFF_FFFF) -> None:
        self._slow = first, last
        super().__init__()

    def hardware(self, m: Module, ports: Ports) -> None:
        """Hold requests back between the engine and its port."""
        outer = self.memory
        inner: Any = MemorySignature(self.memory_width).create()
        self.memory = inner
        super().hardware(m, ports)
        self.memory = outer
        cycle, passes = Signal(3), Signal()
        first, last = self._slow
        address = inner.request.payload.address
        m.d.sync += cycle.eq(cycle + 1)
        m.d.comb += [
            passes.eq((cycle == 0) | (address < first) | (address > last)),
            outer.request.payload.eq(inner.request.payload),
            outer.request.valid.eq(inner.request.valid & passes),
            inner.request.ready.eq(outer.request.ready & passes),
            inner.response.valid.eq(outer.response.valid),
            inner.response.payload.eq(outer.response.payload),
        ]
