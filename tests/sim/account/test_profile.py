"""Every cycle has one cause, the right one, and accounting for them changes nothing."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cfuforge import Design, Model, SimTarget, board
from cfuforge.base.errors import InputError
from cfuforge.sim.account.account import BETWEEN, Account, account
from cfuforge.sim.account.counting import AccountingSimulator, Cause, Segment
from cfuforge.sim.simulator import Stop
from cfuforge.soc.generate import Soc
from cfuforge.sw import models
from cfuforge.sw.elf import Firmware

sys.path.insert(0, str(Path(__file__).parents[2] / "cfu"))
from sample_cfus import Sum4

SHARED = Path(__file__).parents[3] / ".." / "shared" / "models"
REAL = ["mlperf_vww_mnv1_025_96_int8", "mlperf_ic_resnet8_int8"]


def check(model: Model, array: np.ndarray, spec: str, name: str = "sim") -> Account:
    """Profile an inference, and compare with the same one without an account."""
    chosen = board(name)
    slim = model if chosen.little_memory else None
    target = SimTarget(Design.load(spec), chosen, slim=slim)
    found, run = account(target, model, [array]), target.run(model, [array])
    assert (found.run.cycles, found.run.layers) == (run.cycles, run.layers)
    assert (found.run.outputs, found.run.simulated_cycles) == (run.outputs, run.simulated_cycles)
    counts = found.by_layer()
    assert counts.sum() == run.cycles
    for layer, row in zip(run.layers, counts, strict=False):
        assert abs(int(row.sum()) - layer.cycles) <= 50
    assert counts[:, Cause.OTHER].sum() <= 0.01 * counts.sum()
    assert sum(int(row.sum()) for row in found.by_address().values()) == run.cycles
    assert (counts[:, Cause.CFU].sum() > 0) == (spec != "none")
    return found


@pytest.mark.parametrize("spec", [pytest.param("none", marks=pytest.mark.more), "simd_mac"])
def test_keyword_spotting(spec: str) -> None:
    found = check(Model.read(models.KWS_MODEL), np.load(models.kws_inputs()[9]), spec)
    assert BETWEEN in found.layer


@pytest.mark.long
def test_a_board_with_dram() -> None:
    check(Model.read(models.KWS_MODEL), np.load(models.kws_inputs()[9]), "simd_mac", "arty")


@pytest.mark.long
@pytest.mark.parametrize("spec", ["none", "simd_mac"])
@pytest.mark.parametrize("name", REAL)
def test_real_models(name: str, spec: str) -> None:
    model = Model.read(SHARED / f"{name}.tflite")
    shape = model.inputs[0].shape
    check(model, np.random.default_rng(3).integers(-128, 128, shape, np.int8), spec)


def test_another_cpu_is_refused() -> None:
    kws = Model.read(models.KWS_MODEL)
    target = SimTarget(Design.load("simd_mac"), board("fomu"), slim=kws)
    with pytest.raises(InputError, match=r"board fomu has CPU small\+mul\+cfu"):
        account(target, kws, [np.load(models.kws_inputs()[9])])


ROUNDS = 2000
LOOPS: dict[str, tuple[str, Cause, float]] = {  # the body, and the cycles a round for the cause
    "a load that misses": ("lw a2, 0(a0)\n addi a0, a0, 32", Cause.DATA_MISS, 20),
    "two arrays that evict each other": (
        "lw a2, 0(s2)\n lw a3, 0(s3)\n",
        Cause.DATA_MISS,
        40,
    ),
    "a load used at once": ("lw a2, 0(s2)\n add a3, a2, a2", Cause.LOAD_USE, 2),
    "a quotient": ("div a2, s2, s3", Cause.MULTIPLY_WAIT, 34),
    "a product used at once": ("mul a2, s2, s3\n add a3, a2, a2", Cause.MULTIPLY_WAIT, 2),
    "a shifted value used at once": ("sll a2, s2, s3\n add a3, a2, a2\n" * 2, Cause.SHIFT_USE, 2),
    "taken jumps": ("j 2f\n nop\n2: j 3f\n nop\n3:", Cause.BRANCH_BUBBLE, 3),  # the loop's too
    "code larger than its cache": (
        "\n".join(["nop"] * 2048),
        Cause.INSTRUCTION_MISS,
        2048 / 8 * 20,
    ),
    "stores in a row": ("\n".join(["sw a2, 0(s2)"] * 16), Cause.STORE_WAIT, 14),
}


def causes_of(
    soc: Soc, cfu: Path, program: Callable[[str], Firmware], body: str, rounds: int = ROUNDS
) -> Counter[Cause]:
    """Return the cycles of each cause of a loop around `body`; s2 and s3 are 4 kB apart."""
    firmware = program(f"""
        li t0, 0x80000000
        csrs 0xBC0, t0
        li a0, 0x40100000
        li s2, 0x40201000
        li s3, 0x40202000
        li t1, {rounds}
        csrr s0, mcycle
        .align 5
    1:  {body}
        addi t1, t1, -1
        bnez t1, 1b
        csrr s1, mcycle
        li t0, FINISH
        sw t0, 0(t0)
    9:  j 9b
    """)
    simulator = AccountingSimulator(soc, cfu, soc.memories["main_ram"][0], np.zeros(1 << 14))
    simulator.load(firmware)
    simulator.reset()
    segments: list[tuple[int, int, Counter[Cause]]] = []

    def take(segment: Segment) -> None:
        counts = Counter({cause: int(segment.counts[:, cause].sum()) for cause in Cause})
        segments.append((segment.cycles, int(segment.counts.sum()), counts))

    assert simulator.account(10_000_000, take) == Stop.FINISHED
    assert all(cycles == counted for cycles, counted, _ in segments)
    assert len(segments) == 3
    return segments[1][2]


@pytest.mark.parametrize("loop", LOOPS)
def test_the_cause_that_is_there_is_named(
    soc: Soc, program: Callable[[str], Firmware], loop: str
) -> None:
    body, cause, cycles = LOOPS[loop]
    rounds = 50 if body.count("\n") > 1000 else ROUNDS
    # The branch back is too far for one of its own kind where the body is long.
    if rounds == 50:
        body += "\n addi t1, t1, -1\n beqz t1, 4f\n j 1b\n4: li t1, 1"
    counts = causes_of(soc, Design.load("none").verilog_file(), program, body, rounds)
    lost = {each: counts[each] for each in Cause if each > Cause.OTHER_INSTRUCTION}
    assert max(lost, key=lambda each: lost[each]) == cause, counts
    assert counts[cause] == pytest.approx(rounds * cycles, rel=0.06), counts
    assert counts[Cause.OTHER] <= 20


@pytest.mark.parametrize("wait", [pytest.param(0, marks=pytest.mark.long), 7])
@pytest.mark.more
def test_a_cfu_that_takes_its_time(soc: Soc, program: Callable[[str], Firmware], wait: int) -> None:
    design = Design(SlowSum, {"wait": wait})
    body = "\n".join([".insn r 0x0b, 0, 0, a2, s2, s3"] * 4)
    counts = causes_of(soc, design.verilog_file(), program, body)
    assert counts[Cause.CFU] == 4 * ROUNDS
    if wait:
        lost = {each: counts[each] for each in Cause if each > Cause.OTHER_INSTRUCTION}
        assert max(lost, key=lambda each: lost[each]) == Cause.CFU_BUSY
        assert counts[Cause.CFU_BUSY] == pytest.approx(4 * ROUNDS * wait, rel=0.03)
    else:
        assert counts[Cause.CFU_BUSY] <= 4 * ROUNDS


class SlowSum(Sum4):
    """Answers `wait` cycles later than it could."""

    def __init__(self, wait: int = 0) -> None:
        self.wait = wait
        super().__init__()

    def hardware(self, m, ports) -> None:  # type: ignore[no-untyped-def]
        """Add, and count before each answer."""
        from amaranth.hdl import Signal

        port, waited = ports["sum4"], Signal(range(self.wait + 1))
        ready = waited == self.wait
        port.answer(m, sum(port.rs1), when=ready)
        with m.If(port.taken):
            m.d.sync += waited.eq(0)
        with m.Elif(port.cmd.valid & ~ready):
            m.d.sync += waited.eq(waited + 1)
