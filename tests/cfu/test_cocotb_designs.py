"""Whole CFUs as Verilog in Verilator against their references, with random stalls."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from cfuforge.cfu import Design


def test_no_instructions(cocotb_run: Callable[..., None]) -> None:
    design = Design.load("none")
    cocotb_run(
        design.verilog(), "Cfu", ["bench_cfu"], spec="none", length=300, streams=[list(range(1024))]
    )


def test_instructions_of_every_kind(cocotb_run: Callable[..., None]) -> None:
    design = Design.load("sample_cfus:Zoo")
    ids = {item.name: item.function_ids for item in design.instructions}
    cocotb_run(
        design.verilog(),
        "Cfu",
        ["bench_cfu"],
        spec=design.spec,
        length=500,
        prologue=[(store, 0, 0) for store in ids["store"]],  # a reset does not clear a memory
        streams=[[*ids["count"], *ids["negate"]], [*ids["count"], *range(800, 900)]],
    )


@pytest.mark.parametrize("rows", [pytest.param(1, marks=pytest.mark.long), 4])
def test_simd_mac(rows: int, cocotb_run: Callable[..., None], seed: int) -> None:
    spec = f"simd_mac:rows={rows}"
    design = Design.load(spec)
    ids = {item.name: item.function_ids for item in design.instructions}
    rng = random.Random(seed)
    cocotb_run(
        design.verilog(),
        "Cfu",
        ["bench_cfu"],
        spec=spec,
        length=1000,
        programs=[layer(ids, rows, rng) for _ in range(4)],
        streams=[list(ids["dot"]), [ids["dot"][-1]], list(ids["mul"]), [*ids["dot"], *ids["mul"]]],
    )


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(1, marks=pytest.mark.long),
        pytest.param(2, marks=pytest.mark.more),
        pytest.param(4, marks=pytest.mark.long),
    ],
)
def test_folded_simd_mac(rows: int, cocotb_run: Callable[..., None], seed: int) -> None:
    spec = f"simd_mac:rows={rows},folded=1"
    design = Design.load(spec)
    ids = {item.name: item.function_ids for item in design.instructions}
    rng = random.Random(seed)
    settings = [*ids["set_quant"], *ids["set_bias"], *ids["requantise"]]
    cocotb_run(
        design.verilog(),
        "Cfu",
        ["bench_cfu"],
        spec=spec,
        length=1000,
        patience=1300,  # cycles for the outputs of four rows with the largest shifts
        prologue=[(one, 0, 0) for one in settings],  # a reset does not clear memories
        programs=[layer(ids, rows, rng) for _ in range(4)],
    )


def layer(ids: dict[str, range], rows: int, rng: random.Random) -> list[tuple[int, int, int]]:
    """Return the commands of a plausible layer: two channel groups of a few pixels each."""
    program: list[tuple[int, int, int]] = []

    def do(name: str, index: int = 0, rs1: int = 0, rs2: int = 0) -> None:
        program.append((ids[name][index], rs1 & 0xFFFF_FFFF, rs2 & 0xFFFF_FFFF))

    do("set_offsets", 0, rng.randint(-127, 128), rng.randint(-128, 127))
    low, high = sorted((rng.randint(-128, 127), rng.randint(-128, 127)))
    do("set_activation", 0, *rng.choice([(-128, 127), (low, high)]))
    for _ in range(2):
        for k in range(4):
            do("set_quant", k, rng.randrange(1 << 30, 1 << 31), rng.randint(-13, 1))
            do("set_bias", k, rng.randint(-20000, 20000))
        for _ in range(4):
            for _ in range(rng.randrange(1, 8)):
                for r in range(rows):
                    if rng.random() < 0.5:
                        for k in range(4):
                            do("dot", 4 * r + k, rng.getrandbits(32), rng.getrandbits(32))
                    else:
                        do("mul", r, rng.getrandbits(32), rng.getrandbits(32))
            for r in range(rows):
                do("requantise", r)
            for r in range(rows):
                do("read", r)
        do("read_acc", rng.randrange(4 * rows))
    return program


def test_a_unit_that_ignores_ready_is_found_out_and_its_waveform_kept(
    cocotb_run: Callable[..., None],
) -> None:
    design = Design.load("broken_cfus:CountsUntaken")
    with pytest.raises(pytest.fail.Exception, match=r"answered 0x") as caught:
        cocotb_run(design.verilog(), "Cfu", ["bench_cfu"], spec=design.spec, length=100)
    waveform = Path(str(caught.value).rpartition("waveform: ")[2])
    assert "rsp_payload_outputs_0" in waveform.read_text()
    waveform.unlink()
