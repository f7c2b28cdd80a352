"""The folded hardware of `simd_mac`: few multipliers, used in turn, and state in block RAM.

The parts, and the instructions that use them::

    dot, mul --> PartialSums ----> SerialRequantise ----> packed ----> read
                 two banks for     |   ^ settings         one word
                 each row          |   |                  for each row
                       read_acc <--+   +-- set_bias, set_quant

`_walk` takes one sum after the other through the requantiser, in these steps::

    LOOK_FOR --> ADD_LOW --> ADD_HIGH --> ADD_BIAS --> CLEAR_LOW --> CLEAR_HIGH --> SCALE
                    ^                        |                                        |
                    |                        +--> SHOW, for read_acc --> LOOK_FOR     |
                    +--------- the row's next channel; after the last, LOOK_FOR <-----+

and for set_bias clears a channel's sums of all rows, one row after the other::

    LOOK_FOR --> WIPE_LOW --> WIPE_HIGH --> WIPE_OTHER_LOW --> WIPE_OTHER_HIGH --> WIPED
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, memory
from amaranth.utils import ceil_log2

from cfuforge.cfu.dispatcher import Ports
from cfuforge.cfu.units.partial_sums import PartialSums
from cfuforge.cfu.units.serial_requantise import SerialRequantise

__all__ = ["build_folded"]

BLOCK_RAM = {"ram_style": "block", "no_rw_check": True}  # no word is written while it is read


class Step(IntEnum):
    """A step of work on the sum of one row and channel or, for WIPE, on all sums of a channel.

    A sum is kept in four parts, one for each lane of the operands. A step reads or clears half of
    them: LOW means parts 0 and 1, HIGH parts 2 and 3. Each row has two banks of four sums: while
    one is requantised, the other accumulates.
    """

    LOOK_FOR = 0  # for a row to requantise, or a command
    ADD_LOW = 1  # add parts 0 and 1 in the requantiser
    ADD_HIGH = 2
    ADD_BIAS = 3
    CLEAR_LOW = 4  # clear parts 0 and 1
    CLEAR_HIGH = 5
    SCALE = 6  # wait for the requantiser
    SHOW = 7  # answer read_acc with the sum
    WIPE_LOW = 8  # clear the parts of a channel's sums in all rows
    WIPE_HIGH = 9
    WIPE_OTHER_LOW = 10  # ... and of the other bank, where a reset may have left some
    WIPE_OTHER_HIGH = 11
    WIPED = 12


class Arrival(IntEnum):
    """The addend that reaches the requantiser in this cycle."""

    NOTHING = 0
    PARTS = 1
    BIAS = 2


def build_folded(m: Module, ports: Ports, rows: int) -> None:
    """Add the hardware for `rows` rows to `m` and connect it to the instructions' ports."""
    _Folded(m, ports, rows).build()


class _Folded:
    def __init__(self, m: Module, ports: Ports, rows: int) -> None:
        self.m, self.ports, self.rows = m, ports, rows
        self.row_bits = ceil_log2(rows)
        row = unsigned(max(1, self.row_bits))
        m.submodules.sums = self.sums = PartialSums(2 * rows)
        tag = data.StructLayout({"row": row, "channel": 2})
        m.submodules.requantise = self.requantise = SerialRequantise(tag)
        self.requested, self.pending = Signal(rows), Signal(rows)  # not begun; not complete
        self.bank = Signal(rows)  # the bank in which each row accumulates
        self.idle = Signal()
        self.step, self.arrival = Signal(Step), Signal(Arrival)
        self.row, self.channel = Signal(row), Signal(2)
        self.reading = Signal()  # for read_acc

    def build(self) -> None:
        m = self.m
        m.d.comb += self.idle.eq(~(self.sums.busy | self.pending.any()))
        self._settings()
        self._accumulate()
        self._walk()
        self._feed()
        self._collect()

    def _settings(self) -> None:
        m, offsets, activation = self.m, self.ports["set_offsets"], self.ports["set_activation"]
        offsets.answer(m, when=self.idle)
        activation.answer(m, when=self.idle)
        for port, taken, value, init in (
            (self.sums.input_offset, offsets.taken, offsets.rs1, 0),
            (self.requantise.output_offset, offsets.taken, offsets.rs2, 0),
            (self.requantise.activation_min, activation.taken, activation.rs1, -128),
            (self.requantise.activation_max, activation.taken, activation.rs2, 127),
        ):
            register = Signal(port.shape(), init=init)
            m.d.comb += port.eq(register)
            with m.If(taken):
                m.d.sync += register.eq(value)

    def _accumulate(self) -> None:
        """Connect dot and mul to the sums."""
        m, dot, mul, given = self.m, self.ports["dot"], self.ports["mul"], self.sums.input
        dot.answer(m, when=given.ready)
        mul.answer(m, when=given.ready)
        row = Mux(dot.cmd.valid, dot.index[2:] if self.row_bits else 0, mul.index)
        m.d.comb += [
            given.valid.eq(dot.cmd.valid | mul.cmd.valid),
            given.payload.lanes.eq(mul.cmd.valid),
            given.payload.row.eq(self._sums_row(row, self.bank.bit_select(row, 1))),
            given.payload.channel.eq(dot.index[:2]),
            given.payload.x.eq(dot.rs1),  # the operands of mul are the same wires
            given.payload.w.eq(dot.rs2),
        ]

    def _walk(self) -> None:
        """Look for work, then step through the channels of a row and the parts of each sum."""
        m, step, row, channel = self.m, self.step, self.row, self.channel
        bias, read, access = self.ports["set_bias"], self.ports["read_acc"], self.sums.access
        bias.answer(m, when=step == Step.WIPED)
        read.answer(m, self.requantise.sum, when=(step == Step.SHOW) & (self.arrival == 0))
        m.d.comb += self.requantise.clear.eq(read.taken)
        next_row = row + 1 if self.rows > 1 else Value.cast(0)
        wiping = (step == Step.WIPE_LOW) | (step == Step.WIPE_HIGH)
        bank = self.bank.bit_select(row, 1) ^ ~(wiping | self.reading)
        m.d.comb += [
            access.payload.row.eq(self._sums_row(row, bank)),
            access.payload.channel.eq(channel),
        ]
        m.d.sync += self.arrival.eq(Arrival.NOTHING)
        with m.Switch(step):
            with m.Case(Step.LOOK_FOR):
                with m.If(self.requested.bit_select(row, 1)):
                    m.d.sync += [self.requested.bit_select(row, 1).eq(0), channel.eq(0)]
                    m.d.sync += step.eq(Step.ADD_LOW)
                with m.Elif(read.cmd.valid & self.idle):
                    m.d.sync += [row.eq(read.index[2:]), channel.eq(read.index[:2])]
                    m.d.sync += [step.eq(Step.ADD_LOW), self.reading.eq(1)]
                with m.Elif(bias.cmd.valid & self.idle):
                    m.d.sync += [row.eq(0), channel.eq(bias.index), step.eq(Step.WIPE_LOW)]
                with m.Else():
                    m.d.sync += row.eq(next_row)
            for now in (Step.ADD_LOW, Step.ADD_HIGH):
                with m.Case(now):
                    m.d.comb += [access.valid.eq(1), access.payload.half.eq(now == Step.ADD_HIGH)]
                    with m.If(access.ready):
                        m.d.sync += [self.arrival.eq(Arrival.PARTS), step.eq(now + 1)]
            with m.Case(Step.ADD_BIAS):
                m.d.sync += self.arrival.eq(Arrival.BIAS)
                m.d.sync += step.eq(Mux(self.reading, Step.SHOW, Step.CLEAR_LOW))
            for now in Step:
                if "CLEAR" not in now.name and "WIPE_" not in now.name:
                    continue
                with m.Case(now):
                    m.d.comb += [access.valid.eq(1), access.payload.clear.eq(1)]
                    m.d.comb += access.payload.half.eq(now.name.endswith("HIGH"))
                    with m.If(access.ready):
                        m.d.sync += step.eq(now + 1)
                        if now is Step.WIPE_OTHER_HIGH:
                            with m.If(row != self.rows - 1):
                                m.d.sync += [row.eq(next_row), step.eq(Step.WIPE_LOW)]
            with m.Case(Step.SCALE), m.If(self.requantise.ready_soon):
                m.d.sync += [channel.eq(channel + 1), step.eq(Step.ADD_LOW)]
                with m.If(channel == 3):
                    m.d.sync += [row.eq(next_row), step.eq(Step.LOOK_FOR)]
            with m.Case(Step.SHOW), m.If(read.taken):
                m.d.sync += [self.reading.eq(0), step.eq(Step.LOOK_FOR)]
            with m.Case(Step.WIPED), m.If(bias.taken):
                m.d.sync += step.eq(Step.LOOK_FOR)

    def _feed(self) -> None:
        """Keep biases and scales in block RAM, and feed the requantiser."""
        m, quant, bias = self.m, self.ports["set_quant"], self.ports["set_bias"]
        quant.answer(m, when=self.idle)
        word = data.StructLayout({"value": 32, "shift": signed(6)})
        settings = memory.Memory(shape=word, depth=8, init=[], attrs=BLOCK_RAM)
        m.submodules.settings = settings
        read, write = settings.read_port(), settings.write_port()
        addend = self.requantise.input
        m.d.comb += [
            write.en.eq(quant.taken | bias.taken),
            write.addr.eq(Cat(quant.index, bias.cmd.valid)),  # set_bias shares these wires
            write.data.value.eq(bias.rs1),
            write.data.shift.eq(quant.rs2),
            read.addr.eq(Cat(self.channel, self.step == Step.ADD_BIAS)),
            self.requantise.multiplier.eq(read.data.value),
            self.requantise.shift.eq(read.data.shift),
            addend.valid.eq(self.arrival != Arrival.NOTHING),
            addend.payload.last.eq((self.arrival == Arrival.BIAS) & ~self.reading),
        ]
        bias_arrives = self.arrival == Arrival.BIAS
        m.d.comb += addend.payload.value.eq(Mux(bias_arrives, read.data.value, self.sums.pair))
        m.d.sync += [
            self.requantise.tag.row.eq(self.row),
            self.requantise.tag.channel.eq(self.channel),
        ]

    def _collect(self) -> None:
        """Write each output to its byte of the row's word."""
        m, take, read = self.m, self.ports["requantise"], self.ports["read"]
        packed = memory.Memory(shape=unsigned(32), depth=self.rows, init=[], attrs=BLOCK_RAM)
        m.submodules.packed = packed
        port, write = packed.read_port(), packed.write_port(granularity=8)
        output, tag = self.requantise.output, self.requantise.output.payload.tag
        there = Signal()  # port.data is the word that read asks for
        take.answer(m, when=~self.pending.bit_select(take.index, 1))
        read.answer(m, port.data, when=there)
        m.d.comb += [
            port.addr.eq(read.index),
            write.addr.eq(tag.row),
            write.data.eq(output.payload.value.as_unsigned().replicate(4)),
            write.en.eq(output.valid << tag.channel),
        ]
        with m.If(read.cmd.valid):
            m.d.sync += there.eq(~there & ~self.pending.bit_select(read.index, 1))
        with m.If(output.valid & (tag.channel == 3)):
            m.d.sync += self.pending.bit_select(tag.row, 1).eq(0)
        with m.If(take.taken):
            m.d.sync += [
                self.pending.bit_select(take.index, 1).eq(1),
                self.requested.bit_select(take.index, 1).eq(1),
                self.bank.bit_select(take.index, 1).eq(~self.bank.bit_select(take.index, 1)),
            ]

    def _sums_row(self, row: Any, bank: Any) -> Value:
        return Cat(Value.cast(row)[: self.row_bits], bank)
