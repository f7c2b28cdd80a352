"""The CPU's way to a DRAM that it shares with a CFU: one line of it, and no cache."""

from __future__ import annotations

from litex.gen import FSM, LiteXModule, NextState, NextValue
from litex.soc.interconnect import stream, wishbone
from migen import Array, Cat, If, Replicate, Signal, log2_int

__all__ = ["DramBus"]

LINE = 32  # bytes: what the CPU's data cache asks for when it misses


class DramBus(LiteXModule):
    """LiteX's bus in front of a DRAM, with the line that was read last.

    A second-level cache would hold back what the CPU has written, and not see what the CFU writes.

    Parameters
    ----------
    size
        Size in bytes of the DRAM, whose origin is a multiple of it.
    width
        Width in bytes of the words that are read and written.

    Members
    -------
    bus
        Wishbone of 32 bits.
    ask, answer
        Reads: ``address``, in units of `width`, and ``data``, in the same order.
    write
        Writes: ``address``, ``data`` and ``strobe``.
    changes
        High when something is written to the DRAM: the line has to be read again.

    Timing
    ------
    A read in the line is answered in the next cycle, and a write in the one after it is taken.
    """

    def __init__(self, size: int, width: int) -> None:
        bits, words = log2_int(size // width), LINE // width
        self.bus = bus = wishbone.Interface(data_width=32, address_width=32, addressing="word")
        self.ask = stream.Endpoint([("address", bits)])
        self.answer = stream.Endpoint([("data", 8 * width)])
        self.write = stream.Endpoint([("address", bits), ("data", 8 * width), ("strobe", width)])
        self.changes = Signal()

        fine = log2_int(width // 4)  # the bits of a word's address that choose a part
        line, at = Signal(8 * LINE), Signal(log2_int(size // LINE))
        here = bus.adr[log2_int(LINE // 4) :][: len(at)]
        valid, stale = Signal(), Signal()
        asked, come = Signal(max=words + 1), Signal(max=words + 1)
        accesses = Signal()
        self.comb += [
            accesses.eq(bus.cyc & bus.stb & ~bus.ack),
            bus.dat_r.eq(
                Array(line[bit : bit + 32] for bit in range(0, 8 * LINE, 32))[
                    bus.adr[: log2_int(LINE // 4)]
                ]
            ),
            self.ask.address.eq(Cat(asked[: log2_int(words)], at)),
            self.write.address.eq(bus.adr[fine:]),
            self.write.data.eq(Replicate(bus.dat_w, width // 4)),
            *(
                self.write.strobe[4 * part : 4 * part + 4].eq(
                    Replicate((bus.adr[:fine] if fine else 0) == part, 4) & bus.sel
                )
                for part in range(width // 4)
            ),
            self.answer.ready.eq(1),
        ]
        self.sync += [
            bus.ack.eq(0),
            If(self.answer.valid, line.eq(Cat(line[8 * width :], self.answer.data))),
        ]
        self.fsm = fsm = FSM(reset_state="IDLE")
        fsm.act(
            "IDLE",
            NextValue(asked, 0),
            NextValue(come, 0),
            If(
                accesses & bus.we,
                self.write.valid.eq(1),
                NextValue(bus.ack, self.write.ready),
            )
            .Elif(
                accesses & valid & (here == at),
                NextValue(bus.ack, 1),
                If(stale, NextValue(valid, 0)),
            )
            .Elif(
                accesses,
                NextValue(at, here),
                NextValue(stale, 0),
                NextState("READ"),
            ),
            If(self.changes, NextValue(valid, 0)),
        )
        fsm.act(
            "READ",
            self.ask.valid.eq(asked != words),
            If(self.ask.valid & self.ask.ready, NextValue(asked, asked + 1)),
            If(self.answer.valid, NextValue(come, come + 1)),
            If(come == words, NextValue(valid, 1), NextState("IDLE")),
            If(self.changes, NextValue(stale, 1)),
        )
