"""Units side by side in one module, so that Verilator builds once: here, those of the library."""

from typing import Any

from amaranth.hdl import Module, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from cfuforge.cfu.fifo import ResponseFifo
from cfuforge.cfu.shapes import s32
from cfuforge.cfu.units.accumulators import Accumulators
from cfuforge.cfu.units.multiply4 import Multiply4
from cfuforge.cfu.units.partial_sums import PartialSums
from cfuforge.cfu.units.requantise import Requantise
from cfuforge.cfu.units.serial_requantise import SerialRequantise
from cfuforge.cfu.units.serialiser import Serialiser

ROWS = 3
SUM_ROWS = 2


def make_units() -> dict[str, wiring.Component]:
    return {
        "fifo": ResponseFifo(unsigned(32)),
        "multiply4": Multiply4(unsigned(8)),
        "accumulators": Accumulators(ROWS),
        "serialiser": Serialiser(s32, 4, unsigned(8)),
        "requantise": Requantise(unsigned(8)),
        "partial_sums": PartialSums(SUM_ROWS),
        "serial_requantise": SerialRequantise(unsigned(8)),
    }


class UnitsUnderTest(wiring.Component):
    """Put each unit's ports at the top under its name.

    Parameters
    ----------
    units
        The units by name.
    """

    def __init__(self, units: dict[str, wiring.Component]) -> None:
        self.units = units
        super().__init__({name: Out(unit.signature) for name, unit in self.units.items()})

    def elaborate(self, platform: Any) -> Module:
        """Connect them."""
        m = Module()
        for name, unit in self.units.items():
            m.submodules[name] = unit
            wiring.connect(m, wiring.flipped(getattr(self, name)), unit)
        return m
