from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cfuforge.cfu.design import Design
from cfuforge.sim.account.counting import AccountingSimulator
from cfuforge.sim.simulator import Simulator, Stop
from cfuforge.sim.verilate import build_library
from cfuforge.soc.generate import Soc
from cfuforge.sw.elf import Firmware

CYCLES = 1_000_000
WORK = """
    li a0, 0x40100000
    li t1, -1
1:  lw a1, 0(a0)
    lw a2, 4(a0)
    mul a3, a1, a2
    add a4, a4, a3
    sw a4, 8(a0)
    addi a0, a0, 4
    addi t1, t1, -1
    bnez t1, 1b
"""


class BareLoop:
    def __init__(self, soc: Soc, cfu: Path, firmware: Firmware) -> None:
        library = ctypes.CDLL(
            str(
                build_library(
                    "soc",
                    [*soc.verilog, cfu],
                    Path(__file__).with_name("bare_loop.cpp"),
                    configuration='public_flat_rw -module "soc" -var "main_ram"\n',
                )
            )
        )
        library.bare_new.restype = ctypes.c_void_p
        library.bare_memory.restype = ctypes.POINTER(ctypes.c_uint32)
        self.run_cycles = library.bare_run
        self.top = ctypes.c_void_p(library.bare_new())
        base, size = soc.memories["main_ram"]
        words = np.ctypeslib.as_array(library.bare_memory(self.top), (size // 4,))
        for address, data in firmware.segments:
            at = address - base
            words.view(np.uint8)[at : at + len(data)] = np.frombuffer(data, np.uint8)
        self.run_cycles(self.top, ctypes.c_uint64(4), 1)

    def run(self, cycles: int) -> None:
        self.run_cycles(self.top, ctypes.c_uint64(cycles), 0)


def test_faster_than_a_bare_eval_loop(soc: Soc, program: Callable[[str], Firmware]) -> None:
    cfu, firmware = Design.load("none").verilog_file(), program(WORK)
    simulator, bare = Simulator(soc, cfu), BareLoop(soc, cfu, firmware)
    simulator.load(firmware)
    simulator.reset()
    ratios = []
    for _ in range(9):  # side by side, since the machine's speed drifts
        started = time.process_time()
        assert simulator.run(CYCLES) == Stop.BUDGET_SPENT
        between = time.process_time()
        bare.run(CYCLES)
        ratios.append((between - started) / (time.process_time() - between))
    print(f"time of run() over a bare loop: {sorted(ratios)}")
    assert float(np.median(ratios)) < 0.9


def test_an_account_costs_less_than_half_of_the_speed(
    soc: Soc, program: Callable[[str], Firmware]
) -> None:
    cfu, firmware = Design.load("none").verilog_file(), program(WORK)
    plain = Simulator(soc, cfu)
    accounting = AccountingSimulator(soc, cfu, soc.memories["main_ram"][0], np.zeros(1024))
    for each in (plain, accounting):
        each.load(firmware)
        each.reset()
    ratios = []
    for _ in range(5):
        started = time.process_time()
        assert plain.run(CYCLES) == Stop.BUDGET_SPENT
        between = time.process_time()
        assert accounting.account(CYCLES, lambda segment: None) == Stop.BUDGET_SPENT
        ratios.append((between - started) / (time.process_time() - between))
    print(f"\nspeed with an account, of that without: {np.median(ratios):.2f}")
    assert np.median(ratios) >= 0.5
