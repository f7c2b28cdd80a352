"""What the folded simd_mac, and the CPU for it, leave of an iCE40UP5K."""

from __future__ import annotations

import pytest

from cfuforge.cfu import Design
from cfuforge.gateware.ice40_area import ice40_area
from cfuforge.soc.cpu import cpu
from cfuforge.soc.cpu_verilog import cpu_module, cpu_verilog


@pytest.mark.more
def test_half_of_the_multipliers_and_more_than_half_of_the_cells_are_left() -> None:
    variant = cpu("small+mul+cfu")
    processor = ice40_area(cpu_verilog(variant), cpu_module(variant))
    cfu = ice40_area(Design.load("simd_mac:folded=1").verilog_file(), "Cfu")
    print(processor, cfu)
    assert (processor.multipliers, cfu.multipliers) == (1, 3)
    assert (processor.block_rams, cfu.block_rams) == (4, 9)
    assert cfu.logic_cells <= 800
    assert processor.logic_cells <= 1300
