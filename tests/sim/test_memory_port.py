"""A CFU's port into main RAM: coherence with the CPU's data cache, timing, stalls, faults."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from amaranth.hdl import Module, Signal

from cfuforge.base.errors import InputError, RunError
from cfuforge.cfu import Cfu, Design, Instruction, Operand, Ports, State, u32
from cfuforge.sim.hardware_test import check_instructions
from cfuforge.sim.host_target import HostDesign, HostMachine, HostTarget
from cfuforge.sim.simulator import Simulator, Stop
from cfuforge.sim.target import SimTarget
from cfuforge.soc.board import board
from cfuforge.soc.generate import Soc, generate
from cfuforge.sw import models
from cfuforge.sw.elf import Firmware
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model
from support.kws import first_layers
from support.ports import kernel_that, summer

sys.path.insert(0, str(Path(__file__).parent))
from test_reference_soc import CASES, cycles_of_loop

Assemble = Callable[[str], Firmware]
DATA, COPY = 0x4010_0000, 0x4020_0000
FLUSH = ".word 0x500F"
START = "li t0, 0x80000000\ncsrw 0xBC0, t0"  # what turns the CFU on
END = """
    li t0, FINISH
    addi a0, a0, 1
    sw a0, 0(t0)
1:  j 1b
"""


def source(rs1: str) -> str:
    return f".insn r 0x0b, 0, 0, x0, {rs1}, x0"


def sum_words(rd: str, rs1: str) -> str:
    return f".insn r 0x0b, 1, 0, {rd}, {rs1}, x0"


def copy(rs1: str, rs2: str) -> str:
    return f".insn r 0x0b, 2, 0, x0, {rs1}, {rs2}"


@pytest.fixture(scope="module")
def ported() -> Soc:
    return generate(board("sim"), port=8)


@pytest.fixture(scope="module")
def design() -> Design:
    return summer()


@pytest.fixture
def shared(ported: Soc, design: Design) -> Simulator:
    """The SoC with the CFU, and random bytes in main RAM."""
    simulator = Simulator(ported, design.verilog_file())
    simulator.write(DATA, np.random.default_rng(1).integers(0, 256, 1 << 18, np.uint8))
    return simulator


def finish(simulator: Simulator, firmware: Firmware) -> int:
    """Run a program and return what it has in a0 at `END`."""
    simulator.load(firmware)
    simulator.reset()
    assert simulator.run(2_000_000) == Stop.FINISHED
    return simulator.state().finish - 1


def words(simulator: Simulator, address: int, count: int) -> list[int]:
    return [int(each) for each in np.frombuffer(simulator.read(address, 4 * count), "<u4")]


def test_both_socs_have_the_same_addresses(soc: Soc, ported: Soc) -> None:
    assert (ported.memories, ported.registers) == (soc.memories, soc.registers)
    assert ported.reached == [range(0x4000_0000, 0x4100_0000)]
    assert soc.reached == []


@pytest.mark.parametrize("case", CASES)
def test_the_port_leaves_the_cpus_timing_as_it_is(
    case: str, simulator: Simulator, shared: Simulator, program: Assemble
) -> None:
    body, _ = CASES[case]
    assert cycles_of_loop(shared, program, body) == cycles_of_loop(simulator, program, body)


def test_eight_bytes_a_cycle(shared: Simulator, program: Assemble) -> None:
    """The second of two sums counts: its code is in the instruction cache."""
    firmware = program(f"""
        {START}
        li a1, {DATA}
        li a2, 4096
        li a4, 2
    1:  {source("a1")}
        csrr s0, mcycle
        {sum_words("a3", "a2")}
        mv a3, a3
        csrr s1, mcycle
        addi a4, a4, -1
        bnez a4, 1b
        sub a0, s1, s0
        li a1, {COPY}
        sw a3, 0(a1)
        {END}
    """)
    assert 2048 <= finish(shared, firmware) <= 2060
    assert words(shared, COPY, 1) == [sum(words(shared, DATA, 4096)) % 2**32]


@pytest.mark.parametrize(
    "gap", [0, 1, 2, 3, *(pytest.param(each, marks=pytest.mark.more) for each in range(4, 24))]
)
def test_a_store_followed_at_once_by_the_cfus_read(
    gap: int, shared: Simulator, program: Assemble
) -> None:
    """After one to four stores, of any size, the CFU sums the words they are in.

    The program does not fit into the instruction cache, so that the CPU often has to fetch code
    before it can write what it has stored.
    """
    rng = random.Random(gap)
    body, memory = [], bytearray(shared.read(DATA, 64))
    for _ in range(100):
        for _ in range(rng.randrange(1, 5)):
            size, value = rng.choice([1, 2, 4]), rng.randrange(1 << 11)
            at = rng.randrange(0, 64, size)
            memory[at : at + size] = (value % 256**size).to_bytes(size, "little")
            body += [f"li a4, {value}", f"s{'bh w'[size - 1]} a4, {at}(a1)"]
        total = sum(np.frombuffer(memory, "<u4").tolist()) % 2**32
        body += ["nop"] * (gap % 4)
        body += [sum_words("a3", "a2"), f"li a4, {total}", "sub a3, a3, a4", "snez a3, a3"]
        body += ["add a0, a0, a3"]
    lines = "\n".join(body)
    firmware = program(f"""
        {START}
        li a1, {DATA}
        li a2, 16
        {source("a1")}
        li a0, 0
        {lines}
        {END}
    """)
    assert finish(shared, firmware) == 0


@pytest.mark.parametrize(("flush", "stale"), [("nop", 64), (FLUSH, 0)])
def test_what_the_cpu_sees_of_the_cfus_writes(
    flush: str, stale: int, shared: Simulator, program: Assemble
) -> None:
    """Lines that the CPU has loaded are stale after the CFU has written them, unless flushed."""
    compare = """
    1:  lw a4, 0(a5)
        lw a6, 256(a5)
        sub a4, a4, a6
        snez a4, a4
        add a0, a0, a4
        addi a5, a5, 4
        addi a7, a7, -1
        bnez a7, 1b
    """
    firmware = program(f"""
        {START}
        li a0, 0
        li a5, {DATA}
        li a7, 64
        {compare}
        li a1, {DATA + 256}
        li a2, {DATA}
        li a3, 64
        {source("a1")}
        {copy("a2", "a3")}
        {flush}
        li a0, 0
        li a5, {DATA}
        li a7, 64
        {compare}
        {END}
    """)
    assert finish(shared, firmware) == stale
    assert words(shared, DATA, 64) == words(shared, DATA + 256, 64)


@pytest.mark.parametrize("address", [0x1000_0000, 0x3FFF_FFF8, 0x4100_0000, 0xFFFF_FFF8])
@pytest.mark.parametrize("write", [False, True])
def test_an_address_that_the_port_does_not_reach(
    address: int, write: bool, shared: Simulator, program: Assemble
) -> None:
    place = 0x4000_0000 + address % (1 << 24)  # where it would be if high bits were ignored
    firmware = program(f"""
        {START}
        li a1, {DATA}
        li a2, {address}
        li a3, 2
        {source("a1" if write else "a2")}
        {copy("a2", "a3") if write else sum_words("a4", "a3")}
        {END}
    """)
    shared.load(firmware)
    before = shared.read(place, 8)
    assert before != shared.read(DATA, 8)
    shared.reset()
    assert shared.run(1000) == Stop.OUTSIDE
    assert shared.stray == address
    assert shared.run(1000) == Stop.FINISHED
    assert shared.read(place, 8) == before


def kws() -> tuple[Model, list[np.ndarray]]:  # type: ignore[type-arg]
    return Model.read(models.KWS_MODEL), [np.load(models.kws_inputs()[9])]


@pytest.mark.parametrize("name", ["sim", pytest.param("arty", marks=pytest.mark.more)])
def test_a_kernel_with_a_port(name: str, design: Design) -> None:
    model, inputs = first_layers(3), kws()[1]
    expected = tuple(tuple(each.ravel().tolist()) for each in Oracle(model)(*inputs))
    slim = model if board(name).little_memory else None
    run = SimTarget(design, board(name), slim=slim).run(model, inputs)
    assert run.outputs == expected
    assert run.layers[0].kernel == "summer/conv_s8"
    plain = SimTarget(Design.load("none"), board("sim")).run(model, inputs)
    assert {index: each.tolist() for index, each in run.values.items()} == {
        index: each.tolist() for index, each in plain.values.items()
    }
    assert HostTarget(design).run(model, inputs).outputs == expected


class Silent(Cfu):
    """A port, and no use for it."""

    memory_width = 8


def test_a_port_costs_the_cpu_no_cycle() -> None:
    model, inputs = first_layers(3), kws()[1]
    runs = [
        SimTarget(each, board("sim")).run(model, inputs)
        for each in (Design.load("none"), Design(Silent, kernels={}))
    ]
    assert runs[0].cycles == runs[1].cycles
    assert runs[0].layers == runs[1].layers


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (
            "cfu_source(nn_address(filter)); cfu_copy(nn_address(output + (1 << 20)), 2);",
            r"in operator 0 CONV_2D the CFU wrote to 0x40\w{6}, byte 1,0\d\d,\d{3} behind its "
            r"output, at or just before pc 0x4000\w+ in nn_conv_s8\(\); a kernel may write",
        ),
        (
            "cfu_source(nn_address(filter)); cfu_copy(nn_address(input), 2);",
            r"in operator 0 CONV_2D the CFU wrote to 0x40\w{6}, byte 0 of its input",
        ),
        (
            "cfu_source(8); cfu_sum_words(2);",
            r"CFU summer asked its memory port for 0x00000008, at or just before pc 0x4000\w+ in "
            r"nn_conv_s8\(\); the port reaches 0x40000000 to 0x41000000$",
        ),
    ],
)
def test_accesses_that_end_a_run(statements: str, message: str) -> None:
    model, inputs = kws()
    target = SimTarget(summer(kernel_that(statements)), board("sim"))
    with pytest.raises(RunError, match=message):
        target.run(model, inputs)
    with pytest.raises(RunError, match=message):
        target.account(model, inputs, lambda segment: None)


class Endless(Cfu):
    """An instruction that reads memory for ever."""

    memory_width = 8
    instructions = (Instruction("work", funct3=0, reference=lambda state: None),)

    def hardware(self, m: Module, ports: Ports) -> None:
        """Take the command, and answer never."""
        m.d.comb += [
            ports["work"].cmd.ready.eq(1),
            self.memory.request.valid.eq(1),
            self.memory.request.payload.address.eq(0x4000_0000),
        ]


def test_a_cfu_that_keeps_its_port_busy_for_ever() -> None:
    model, inputs = kws()
    target = SimTarget(Design(Endless, kernels=kernel_that("cfu_work();")), board("sim"))
    with pytest.raises(RunError, match=r"CFU endless did not answer cfu work .* rsp_valid stays"):
        target.run(model, inputs, patience=5_000)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hardware_equals_reference_with_stalls_on_every_beat(seed: int, design: Design) -> None:
    check_instructions(design.cfu(), count=150, seed=seed)


class Mover(Cfu):
    """Copies one beat, by a port of any width; addresses need not be aligned.

    A part of its request is constant, another depends on its state.
    """

    def __init__(self, width: int = 8) -> None:
        self.width = self.memory_width = width

        def move(state: State, source: int, destination: int) -> None:
            state.memory.write(destination & -width, state.memory.read(source & -width, width))

        operands = {"rs1": Operand("source", u32), "rs2": Operand("destination", u32)}
        self.instructions = (Instruction("move", funct3=0, reference=move, **operands),)
        super().__init__()

    def hardware(self, m: Module, ports: Ports) -> None:
        """Read, wait, write and answer."""
        port, request, response = ports["move"], self.memory.request, self.memory.response
        beat, ends = Signal(8 * self.width), Signal()
        m.d.comb += [
            request.payload.address.eq(port.rs1),
            request.payload.strobe.eq(-1),
            request.payload.data.eq(beat),
        ]
        with m.FSM():
            with m.State("READ"), m.If(port.cmd.valid):
                m.d.comb += request.valid.eq(1)
                with m.If(request.ready):
                    m.next = "WAIT"
            with m.State("WAIT"), m.If(response.valid):
                m.d.sync += beat.eq(response.payload)
                m.next = "WRITE"
            with m.State("WRITE"):
                m.d.comb += [
                    *(request.valid.eq(1), request.payload.write.eq(1)),
                    *(request.payload.address.eq(port.rs2), ends.eq(request.ready)),
                ]
                with m.If(request.ready):
                    m.next = "READ"
        port.answer(m, when=ends)


@pytest.mark.parametrize("width", [4, 8, 16])
def test_every_width_on_the_host(width: int) -> None:
    check_instructions(Mover(width), count=1000)


@pytest.mark.parametrize("width", [4, 8])
def test_every_width_on_the_soc(width: int, program: Assemble) -> None:
    soc = generate(board("sim"), port=width)
    simulator = Simulator(soc, Design(Mover, {"width": width}).verilog_file())
    given = np.random.default_rng(2).integers(0, 256, 64, np.uint8).tobytes()
    simulator.write(DATA, given)
    moves = "\n".join(
        f"li a1, {DATA + at + 1}\nli a2, {COPY + at + 3}\n.insn r 0x0b, 0, 0, x0, a1, a2"
        for at in range(0, 48, width)
    )
    finish(simulator, program(f"{START}\n{moves}\n{END}"))
    assert simulator.read(COPY, 64) == given[:48] + bytes(16)


class Torn(Cfu):
    """Writes a byte, where the reference writes none."""

    memory_width = 8
    instructions = (Instruction("work", funct3=0, reference=lambda state: None),)

    def hardware(self, m: Module, ports: Ports) -> None:
        """Write byte 3 when the command comes."""
        request = self.memory.request
        m.d.comb += [
            request.valid.eq(ports["work"].cmd.valid),
            request.payload.address.eq(0x1_0008),
            request.payload.write.eq(1),
            request.payload.strobe.eq(8),
            request.payload.data.eq(0x55 << 24),
        ]
        ports["work"].answer(m, when=request.ready)


def test_memory_that_is_not_what_the_reference_leaves() -> None:
    with pytest.raises(
        RunError,
        match=r"after 20 random commands, 1 bytes of memory .* of torn leaves; the first is 0x55, "
        r"not 0x\w\w, at 0xb \(and every 0x10000 bytes after that\)$",
    ):
        check_instructions(Torn(), count=20)


def test_the_host_with_stalls(design: Design) -> None:
    model, inputs = kws()
    expected = [each.tolist() for each in Oracle(model)(*inputs)]
    parts = HostDesign.of(design)
    for seed in (1, 2):
        cfu = parts.cfu()
        assert cfu
        cfu.stall(seed)
        machine = HostMachine(parts, model, cfu=cfu)
        assert machine.runtime.arena_address < 1 << 31
        assert [each.tolist() for each in machine(inputs)] == expected


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        ("cfu_source(8); cfu_sum_words(2);", r"read address 0x8 through the CFU's memory port"),
        ("int32_t here[4]; cfu_source(nn_address(here)); cfu_sum_words(2);", r"read address 0x0 "),
        ("cfu_source(nn_address(input)); cfu_copy(8, 2);", r"wrote address 0x8 through the CFU's"),
        (
            "cfu_source(nn_address(input)); cfu_copy(nn_address(filter) & -8, 2);",
            r"wrote byte [\d,]+ of the model, .* through the CFU's memory port, which a kernel",
        ),
        (
            "cfu_source(nn_address(filter)); cfu_copy(nn_address(input), 2);",
            r"operator 0 CONV_2D wrote byte [\d,]+ of the arena, byte 0 of its input",
        ),
    ],
)
def test_accesses_that_end_an_inference_on_the_host(statements: str, message: str) -> None:
    model, inputs = kws()
    machine = HostMachine(HostDesign.of(summer(kernel_that(statements))), model)
    for _ in range(2):  # the CFU starts anew
        with pytest.raises(RunError, match=message):
            machine(inputs)


def test_the_cfu_starts_anew_after_a_fault() -> None:
    """The first inference's fault leaves nothing behind in the CFU."""
    statements = (
        "static volatile int32_t once; if (once == 0) { once = 1; cfu_source(8); "
        "cfu_sum_words(2); } cfu_source(nn_address(input)); if (cfu_sum_words(2) != "
        "((const uint32_t *)input)[0] + ((const uint32_t *)input)[1]) return NN_UNSUPPORTED;"
    )
    model, inputs = kws()
    machine = HostMachine(HostDesign.of(summer(kernel_that(statements))), model)
    with pytest.raises(RunError, match="read address 0x8"):
        machine(inputs)
    assert [each.tolist() for each in machine(inputs)] == [
        each.tolist() for each in Oracle(model)(*inputs)
    ]


def test_a_board_with_a_narrower_port(design: Design) -> None:
    with pytest.raises(InputError, match="memory port of 8 bytes, and board fomu has one of 4;"):
        SimTarget(design, board("fomu"))
