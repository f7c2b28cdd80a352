"""The simulator as an object: memory, UART, waveforms, several at once."""

from __future__ import annotations

import ctypes
import gc
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cfuforge.base.errors import EnvironmentLacksError, InputError
from cfuforge.cfu.design import Design
from cfuforge.sim import verilate
from cfuforge.sim.simulator import HARNESS, Simulator, Stop
from cfuforge.soc.generate import Soc
from cfuforge.sw.elf import Firmware

COUNT = """
    li t0, 0
1:  addi t0, t0, 1
    j 1b
"""


def test_memory(simulator: Simulator) -> None:
    simulator.write(0x4000_1000, b"hello")
    simulator.write(0x4000_1008, np.array([1, -2], np.int32))
    assert simulator.read(0x4000_1000, 5) == b"hello"
    assert simulator.read(0x4000_1008, 8) == b"\1\0\0\0\xfe\xff\xff\xff"
    for address in (0x3FFF_FFFF, 0x40FF_FFFC):
        with pytest.raises(InputError, match="do not fit into main_ram, 0x40000000 to 0x41000000"):
            simulator.write(address, bytes(5))


def test_the_uart_is_captured(
    simulator: Simulator, soc: Soc, program: Callable[[str], Firmware]
) -> None:
    text = "".join(
        f"li t1, {ord(letter)}\n1: lw t2, 4(t0)\nbnez t2, 1b\nsw t1, 0(t0)\n"
        for letter in "Hello, this is longer than the FIFO.\n"
    )
    simulator.load(program(f"li t0, {soc.registers['uart_rxtx']:#x}\n{text}\n2: j 2b"))
    simulator.reset()
    assert simulator.run(20_000) == Stop.BUDGET_SPENT
    assert simulator.uart() == "Hello, this is longer than the FIFO.\n"
    assert simulator.uart() == ""


class AlwaysWritten(Simulator):
    """A simulator that evaluates the model from its inputs and memory on in every cycle."""

    harness = Path(__file__).with_name("always_written.cpp")

    def run(self, budget: int, **_: Any) -> Stop:
        arguments = ctypes.c_uint64(budget), ctypes.c_uint64(100_000)
        return Stop(self._library.always_written_run(self._handle, *arguments))


def test_what_is_written_between_runs_counts_from_the_next_cycle_on(
    soc: Soc, program: Callable[[str], Firmware]
) -> None:
    uart, word, rng = soc.registers["uart_rxtx"], 0x4000_2000, random.Random(1)
    firmware = program(
        f"""
        li t0, {uart:#x}
        li t1, {word:#x}
    1:  .word 0x500f             # the data cache forgets what it holds
        lw t2, 0(t1)
        add s0, s0, t2
        lw t3, 8(t0)             # nothing to receive
        bnez t3, 1b
        lw t4, 0(t0)
        sw t4, 0(t0)
        li t4, 2
        sw t4, 16(t0)            # the next byte
        j 1b
    """
    )
    cfu = Design.load("simd_mac").verilog_file()
    both = Simulator(soc, cfu), AlwaysWritten(soc, cfu)
    for each in both:
        each.load(firmware)
        each.reset()
    sent = b""
    for _ in range(3_000):
        value, cycles = rng.getrandbits(32).to_bytes(4, "little"), rng.randrange(1, 30)
        byte = rng.randbytes(rng.randrange(20) == 0)
        sent += byte
        for each in both:
            each.write(word, value)
            each.send(byte)
            assert each.run(cycles) == Stop.BUDGET_SPENT
        assert bytes(both[0].state()) == bytes(both[1].state())
    received = [each.uart_bytes() for each in both]
    assert received[0] == received[1] == sent[: len(received[0])]
    assert len(received[0]) > 100


def test_cycles_and_budget(simulator: Simulator, program: Callable[[str], Firmware]) -> None:
    simulator.load(program(COUNT))
    simulator.reset()
    seen: dict[int, float] = {}
    assert simulator.run(1_200_000, on_chunk=seen.__setitem__) == Stop.BUDGET_SPENT
    assert simulator.state().cycles == 1_200_000
    assert list(seen) == [500_000, 1_000_000, 1_200_000]
    assert all(hertz > 0 for hertz in seen.values())
    simulator.reset()
    assert simulator.state().cycles == 0


def test_a_cpu_that_sleeps_is_stuck(
    simulator: Simulator, program: Callable[[str], Firmware]
) -> None:
    simulator.load(program("wfi\n1: j 1b"))
    simulator.reset()
    assert simulator.run(100_000, patience=500) == Stop.STUCK
    assert simulator.state().idle == 500


def test_simulators_come_and_go_in_any_order(soc: Soc, program: Callable[[str], Firmware]) -> None:
    firmware = program(COUNT)
    paths = [Design.load(name).verilog_file() for name in ("none", "simd_mac", "none")]
    simulators = [Simulator(soc, path) for path in paths]
    for simulator in simulators:
        simulator.load(firmware)
        simulator.reset()
    while simulators:
        for number, simulator in enumerate(simulators):
            assert simulator.run(1_000 + number) == Stop.BUDGET_SPENT
        del simulators[0], simulator
        gc.collect()


@pytest.mark.parametrize("kind", ["vcd", pytest.param("fst", marks=pytest.mark.long)])
def test_a_window_of_cycles(
    kind: str, soc: Soc, program: Callable[[str], Firmware], tmp_path: Path
) -> None:
    if kind == "fst" and verilate.missing_fst_libraries():
        pytest.skip("the FST writer's libraries are missing; cfuforge setup installs them")
    simulator = Simulator(soc, Design.load("none").verilog_file(), trace=kind)
    simulator.load(program(COUNT))
    path = tmp_path / f"window.{kind}"
    simulator.reset()
    simulator.trace(path, 100, 120)
    simulator.run(200)
    simulator.close_trace()
    data = path.read_bytes()
    if kind == "fst":
        assert data[0] == 0  # a header block
        assert int.from_bytes(data[9:17], "big") == 100 * 10_000  # its first and last time, in ps
        assert int.from_bytes(data[17:25], "big") == 119 * 10_000 + 5_000
    else:
        times = [int(line[1:]) for line in data.decode().splitlines() if line.startswith("#")]
        assert times == [10_000 * cycle + half for cycle in range(100, 120) for half in (0, 5_000)]
        for name in ("cmd_valid", "cmd_ready", "rsp_valid", "lastStagePc"):
            assert f" {name} " in data.decode()


def test_a_waveform_on_a_full_disk(
    soc: Soc, program: Callable[[str], Firmware], tmp_path: Path
) -> None:
    if verilate.missing_fst_libraries():
        pytest.skip("the FST writer's libraries are missing; cfuforge setup installs them")
    simulator = Simulator(soc, Design.load("none").verilog_file(), trace="fst")
    simulator.load(program(COUNT))
    simulator.reset()
    path = tmp_path / "full.fst"
    path.symlink_to("/dev/full")
    simulator.trace(path, 100, 120)
    simulator.run(200)
    with pytest.raises(InputError, match=r"full\.fst cannot be written; name another file"):
        simulator.close_trace()
    assert simulator.state().cycles == 200


def test_what_a_harness_includes_is_in_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = []

    def build_once(kind: str, key: str, build: object) -> Path:
        keys.append(key)
        return tmp_path

    monkeypatch.setattr(verilate, "build_once", build_once)
    included = tmp_path / "included.h"
    for text in ("one", "two", "one"):
        included.write_text(text)
        verilate.build_library("Top", [], HARNESS, includes=[included])
    assert keys[0] == keys[2] != keys[1]


def test_waveforms_need_their_own_build(simulator: Simulator, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="built without waveforms"):
        simulator.trace(tmp_path / "x.vcd", 0, 1)


def test_missing_fst_libraries_are_named(
    monkeypatch: pytest.MonkeyPatch, soc: Soc, tmp_path: Path
) -> None:
    (tmp_path / "zlib.h").touch()
    monkeypatch.setattr(verilate, "FST_INCLUDES", [tmp_path])
    with pytest.raises(EnvironmentLacksError, match=r"liblz4-dev, a \.vcd does not; install with"):
        Simulator(soc, Design.load("none").verilog_file(), trace="fst")
