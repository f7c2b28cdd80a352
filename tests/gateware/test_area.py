"""What a CFU alone takes, against nextpnr's packer and against what its source says."""

from __future__ import annotations

from typing import Any

import pytest
from amaranth.hdl import Module, Signal

from cfuforge import area
from cfuforge.base.errors import InputError
from cfuforge.cfu import Cfu, Design, Instruction, Operand, s16, s32, u32
from cfuforge.gateware.ice40_area import ice40_area


class Product(Cfu):
    """A multiplier, and a register of 32 bits before it."""

    instructions = (
        Instruction(
            "product",
            funct3=0,
            rs1=Operand("x", s16),
            rs2=Operand("next", u32),
            rd=Operand("y", s32),
            doc="Multiply with what was given before.",
            reference=lambda state, x, following: 0,
        ),
    )

    def hardware(self, m: Module, ports: Any) -> None:
        kept, port = Signal(32), ports["product"]
        with m.If(port.taken):
            m.d.sync += kept.eq(port.rs2)
        port.answer(m, port.rs1 * (kept[:16] ^ kept[16:]).as_signed())


class Nothing(Cfu):
    """No instruction."""


@pytest.mark.parametrize("family", ["ice40", "xc7"])
def test_a_multiplier_and_a_register(family: str) -> None:
    more, none = area(Product, family), area(Nothing, family)
    print(more, none)
    assert (more["DSP"], none["DSP"]) == (1, 0)
    # 32 bits that are kept, and 2 x 32 of answers where no answer is always 0
    assert 32 <= more["FF"] - none["FF"] <= 32 + 64 + 4
    assert more["LUT"] > none["LUT"]
    assert more["BRAM"] == none["BRAM"] == 0


def test_an_ice40_has_as_many_multipliers_and_block_rams_as_nextpnr_packs() -> None:
    design = Design.load("simd_mac:folded=1")
    cells, packed = area(design, "ice40"), ice40_area(design.verilog_file(), "Cfu")
    print(cells, packed)
    assert (cells["DSP"], cells["BRAM"]) == (packed.multipliers, packed.block_rams)
    assert max(cells["LUT"], cells["FF"]) <= packed.logic_cells <= cells["LUT"] + cells["FF"] + 8


def test_families_that_are_not_known() -> None:
    with pytest.raises(InputError, match="the area must be on ice40 or xc7, not 'ecp5'"):
        area("simd_mac", "ecp5")
