"""What the lean engine may take of an iCE40UP5K, and what its multipliers become there."""

from __future__ import annotations

import random

import pytest

from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.cfu.design import Design
from cfuforge.gateware.ice40_area import ice40_area
from cfuforge.gateware.netlist import synthesise_cfu
from cfuforge.sim.cfu_model import CfuModel
from support.engine_programs import LEAN, Author, random_memory

SPEC = "engine:target=up5k"


@pytest.mark.more
def test_lean_engine_fits_a_fomu_beside_the_soc() -> None:
    try:
        found = ice40_area(Design.load(SPEC).verilog_file(), "Cfu")
    except EnvironmentLacksError as error:
        pytest.skip(str(error))
    assert found.logic_cells <= 2_400
    assert found.block_rams <= 20
    assert found.multipliers == 7  # the CPU has one


@pytest.mark.more
def test_lean_engine_is_exact_after_synthesis() -> None:
    seed = 7
    rng = random.Random(seed)
    author = Author(rng, random_memory(rng, LEAN), LEAN)
    author.add(0, fill=True)
    while author.layers < 40 and not author.full():
        author.add(rng.randint(1, 6))
    expected = author.expected()
    try:
        netlist = synthesise_cfu(Design.load(SPEC).verilog_file(), "ice40")
        model = CfuModel(netlist, memory_width=4, memory=author.memory.data)
    except EnvironmentLacksError as error:
        pytest.skip(str(error))
    assert model.run_until_silent(author.commands, seed) == [0] * len(author.commands)
    assert author.memory.data == expected.data
