"""Write to a DRAM through LiteDRAM's native port, in words of another width."""

from __future__ import annotations

from typing import Any

from litex.gen import LiteXModule
from litex.soc.interconnect import stream
from migen import Array, Cat, If, Replicate, Signal, log2_int

__all__ = ["DramWriter"]

QUEUED = 32  # writes, at the most
BURST = 16  # of which so many are sent at once: a DRAM takes long to turn from read to write
CALM = 31  # cycles without a write until the rest is sent
SENT = 16  # more than LiteDRAM has under way


class DramWriter(LiteXModule):
    """Queue writes, and send many at a time.

    Parameters
    ----------
    port
        A native port for writing.
    width
        Width in bytes of what is written.

    Members
    -------
    sink
        The writes: ``address`` in units of `width`, ``data``, and ``strobe``, a bit for each byte.
    address
        An address that is to be read.
    holds
        High while a write to it may be in the queue, which is then sent; what is read after that
        has been written.
    """

    def __init__(self, port: Any, width: int) -> None:
        bits, native = 8 * width, port.data_width
        parts, beats = max(native // bits, 1), max(bits // native, 1)
        size = port.address_width + log2_int(parts) - log2_int(beats)
        layout = [("address", size), ("data", bits), ("strobe", width)]
        self.queue = queue = stream.SyncFIFO(layout, QUEUED)
        self.sent = sent = stream.SyncFIFO([("data", native), ("we", native // 8)], SENT)
        self.sink = sink = queue.sink
        self.address, self.holds = Signal(size), Signal()

        # The queue's addresses are from first to last, in the DRAM's words if these are larger: the
        # reader reads these whole.
        fine = log2_int(parts)
        first, last, found = Signal(size - fine), Signal(size - fine), queue.source
        read, new = self.address[fine:], sink.address[fine:]
        self.comb += self.holds.eq(found.valid & (read >= first) & (read <= last))
        self.sync += If(
            sink.valid & sink.ready,
            If(~found.valid | (new < first), first.eq(new)),
            If(~found.valid | (new > last), last.eq(new)),
        )

        sends, calm = Signal(), Signal(max=CALM + 1)
        self.sync += [
            If(sink.valid, calm.eq(0)).Elif(calm != CALM, calm.eq(calm + 1)),
            If(queue.level >= BURST, sends.eq(1))
            .Elif(found.valid, sends.eq(sends | self.holds | (calm == CALM)))
            .Else(sends.eq(0)),
        ]
        taken = Signal()
        self.comb += [
            port.cmd.we.eq(1),
            port.cmd.valid.eq(found.valid & sends & sent.sink.ready),
            taken.eq(port.cmd.valid & port.cmd.ready),
            sent.sink.valid.eq(taken),
            port.wdata.valid.eq(sent.source.valid),
            port.wdata.data.eq(sent.source.data),
            port.wdata.we.eq(sent.source.we),
            sent.source.ready.eq(port.wdata.ready),
        ]
        if beats > 1:
            beat = Signal(max=beats)
            self.comb += [
                port.cmd.addr.eq(Cat(beat, found.address)),
                sent.sink.data.eq(_parts(found.data, beats)[beat]),
                sent.sink.we.eq(_parts(found.strobe, beats)[beat]),
                found.ready.eq(taken & (beat == beats - 1)),
            ]
            self.sync += If(taken, beat.eq(beat + 1))
        else:
            part = found.address[:fine] if fine else 0
            chosen = [Replicate(part == each, width) & found.strobe for each in range(parts)]
            self.comb += [
                port.cmd.addr.eq(found.address[fine:]),
                sent.sink.data.eq(Replicate(found.data, parts)),
                sent.sink.we.eq(Cat(*chosen)),
                found.ready.eq(taken),
            ]


def _parts(signal: Signal, count: int) -> Array:
    size = len(signal) // count
    return Array(signal[at : at + size] for at in range(0, len(signal), size))
