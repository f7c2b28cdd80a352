"""Board `fomu`: starts from flash, fills its memory, and runs keyword spotting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfuforge import Design, Model, SimTarget, board
from cfuforge.soc.board import Board, Flash
from cfuforge.sw.models import KWS_MODEL
from cfuforge.sw.oracle import Oracle

FOMU = board("fomu")
LIMIT = 320_000  # cycles of keyword spotting: the goal


def run_kws(chosen: Board) -> int:
    """Run keyword spotting bit for bit; return its cycles."""
    kws = Model.read(KWS_MODEL)
    array = np.random.default_rng(5).integers(-128, 128, kws.inputs[0].shape, np.int8)
    target = SimTarget(Design.load(chosen.cfu), chosen, slim=kws)
    run = target.run(kws, [array])
    assert run.outputs == tuple(tuple(o.ravel().tolist()) for o in Oracle(kws)(array))
    return run.cycles


def test_keyword_spotting_from_spram() -> None:
    assert run_kws(FOMU) <= LIMIT


@pytest.mark.long
@pytest.mark.parametrize(
    "chip",
    [
        Flash("MX25R1635F", 2 << 20, 0x5_A000, identity=0xC2_28_15, quad_register=0, quad_bit=6),
        Flash("unknown", 2 << 20, 0x5_A000, identity=0x00_00_00, quad_register=0, quad_bit=6),
    ],
    ids=lambda chip: chip.chip,
)
def test_a_model_that_stays_in_the_flash(chip: Flash) -> None:
    """There is no room for it beside the arena; on an unknown chip it is read on one line."""
    little = replace(FOMU, main_ram_bytes=80 << 10, flash=chip)
    cycles, all_in_memory = run_kws(little), run_kws(FOMU)
    assert cycles > all_in_memory
    print(f"{chip.chip}: {cycles:,} cycles, {all_in_memory:,} in memory")
