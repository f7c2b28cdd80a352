"""`engine`: whole layers, from memory to memory."""

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.fifo import SyncFIFOBuffered

from cfuforge.cfu.component import Cfu
from cfuforge.cfu.designs.engine.activity import ACTIVITIES, Activity
from cfuforge.cfu.designs.engine.array import Array
from cfuforge.cfu.designs.engine.commands import NUMBERS, STRUCTS, Kind
from cfuforge.cfu.designs.engine.configuration import configured
from cfuforge.cfu.designs.engine.control import Control
from cfuforge.cfu.designs.engine.drain import Drain, word_of
from cfuforge.cfu.designs.engine.fetch import Fetch
from cfuforge.cfu.designs.engine.instructions import declare_instructions, declare_state
from cfuforge.cfu.designs.engine.lean.design import build_lean
from cfuforge.cfu.designs.engine.loader import AHEAD, Loader, Piece
from cfuforge.cfu.designs.engine.placer import Placer
from cfuforge.cfu.designs.engine.sequencer import Sequencer
from cfuforge.cfu.designs.engine.stores import Activations, Filters, Records
from cfuforge.cfu.designs.engine.timing.lean import LeanPredictor
from cfuforge.cfu.designs.engine.timing.predictor import EnginePredictor
from cfuforge.cfu.designs.engine.walker import Walker
from cfuforge.cfu.designs.engine.writer import Writer
from cfuforge.cfu.dispatcher import Ports
from cfuforge.cfu.prediction import Predictor
from cfuforge.cfu.units.pipeline import delay

__all__ = ["Engine"]

OUTPUTS = 64  # words that wait to be written


class Engine(Cfu):
    """Whole layers from memory to memory: up to 128 multiply-accumulates and 4 outputs a cycle.

    When a model is prepared, each layer's kernel writes a program: loads, runs and settings, which
    `commands` describes. At an inference it gives the tensors' addresses, starts the program and
    waits::

        cfu_base(0, output); cfu_base(1, input); cfu_start(program, beats); cfu_wait();

    The engine reads the program and everything else through its memory port::

        loader -> placer -> stores: activations (copies), filters (banks), records
        walker -> sequencer -> fetch -> array -> drain -> writer

    Loading, computing and writing overlap. A pixel's window is read as it lies in the rows of the
    input, four bytes at a time at any address: no channel is padded, a kernel's row is one run of
    bytes, and what lies outside of the input is replaced by its zero point.

    It computes CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV and FULLY_CONNECTED of any shape,
    MAX_POOL_2D, AVERAGE_POOL_2D, MEAN and SUM over rows and columns, ADD, SUB and MUL, also of
    different shapes, functions of one value, PAD, and moves such as CONCATENATION and TRANSPOSE. If
    a window does not fit the stores, or weights of -128 would meet others in a multiplier, it loads
    and multiplies more. Of UNIDIRECTIONAL_SEQUENCE_LSTM and SVDF it computes the matrix products,
    some of which have 16 bits: then each output is two channels, one for each byte. The plain
    kernels compute the rest, such as filters with four weights of -128 in a row.

    Parameters
    ----------
    target
        What the engine is for, which decides how large it is: `a35t`, an Arty A7-35T, or
        `up5k`, an iCE40UP5K. That one does one thing at a time, and its sizes are fixed.
    width, filters, pixels, requantisers, interval, packing, activations, words, records
        As in `Configuration`; 0 for the target's.

    Timing
    ------
    A layer takes at least as many cycles as the multiplications of a filter's pixel word by word,
    shared by `filters` and `pixels`; its outputs times `interval`, shared by `requantisers`; and
    the bytes that it reads and writes, divided by `width`. For `a35t` that is a 128th of the
    multiplications (a 32nd if the layer is depthwise), a quarter of the outputs and an eighth of
    the bytes.

    Raises
    ------
    InputError
        When there is no such target, or a parameter is impossible.
    """

    name = "engine"
    structs = STRUCTS
    activities: Sequence[str] = ACTIVITIES

    def __init__(
        self,
        *,
        target: str = "a35t",
        width: int = 0,
        filters: int = 0,
        pixels: int = 0,
        requantisers: int = 0,
        interval: int = 0,
        packing: int = 0,
        activations: int = 0,
        words: int = 0,
        records: int = 0,
    ) -> None:
        self.configuration = configured(
            target,
            width=width,
            filters=filters,
            pixels=pixels,
            requantisers=requantisers,
            interval=interval,
            packing=packing,
            activations=activations,
            words=words,
            records=records,
        )
        self.memory_width = self.configuration.width
        self.constants = {**NUMBERS, **self.configuration.constants}
        if self.configuration.lean:
            self.activities = ()
        self.instructions = declare_instructions(self.configuration)
        self.state = declare_state()
        super().__init__()

    def predictor(self) -> Predictor:
        """Return what predicts the time of a layer."""
        kind = LeanPredictor if self.configuration.lean else EnginePredictor
        return kind(self.configuration, self.instructions)

    def hardware(self, m: Module, ports: Ports) -> None:
        """Connect the units."""
        c = self.configuration
        if c.lean:
            build_lean(m, ports, self.memory, c)
            return
        m.submodules.control = control = Control(c)
        m.submodules.loader = loader = Loader(c)
        m.submodules.placer = placer = Placer(c)
        m.submodules.activations = activations = Activations(c)
        m.submodules.filters = filters = Filters(c)
        m.submodules.records = records = Records(c)
        m.submodules.walker = walker = Walker(c)
        m.submodules.sequencer = sequencer = Sequencer(c, OUTPUTS)
        m.submodules.fetch = fetch = Fetch(c)
        m.submodules.array = array = Array(c)
        m.submodules.drain = drain = Drain(c)
        m.submodules.writer = writer = Writer(c)
        m.submodules.beats = beats = SyncFIFOBuffered(width=8 * c.width, depth=AHEAD)
        m.submodules.pieces = pieces = SyncFIFOBuffered(width=Piece.size, depth=16)
        m.submodules.outputs = outputs = SyncFIFOBuffered(width=word_of(c).size, depth=OUTPUTS)

        base, start, wait, count = (ports[name] for name in ("base", "start", "wait", "count"))
        bases: Any = Signal(data.ArrayLayout(32, 4))
        base.answer(m)
        with m.If(base.taken):
            m.d.sync += bases[base.index].eq(base.rs1)
        start.answer(m, when=~control.running)
        wait.answer(m, when=~control.running)
        loads = bases.as_value() & ~0xFFFF_FFFF  # base 0 is 0: absolute addresses
        m.d.comb += [
            loader.start.eq(start.taken),
            control.start.eq(start.taken),
            loader.program.eq(start.rs1),
            loader.beats.eq(start.rs2),
            loader.bases.as_value().eq(loads),
            writer.base.eq(bases[0]),
        ]

        for output, input_ in (
            (control.load, loader.load),
            (control.walk, walker.run),
            (control.run, sequencer.run),
            (walker.group, sequencer.group),
            (sequencer.step, fetch.step),
            (sequencer.block, drain.block),
            (array.sums, drain.sums),
        ):
            wiring.connect(m, output, input_)

        # The port: writes go first.
        request, response = self.memory.request, self.memory.response
        writes = writer.beat.valid
        m.d.comb += [
            request.valid.eq(writes | loader.address.valid),
            request.payload.write.eq(writes),
            request.payload.address.eq(
                Mux(writes, writer.beat.payload.address, loader.address.payload)
            ),
            request.payload.strobe.eq(writer.beat.payload.strobe),
            request.payload.data.eq(writer.beat.payload.data),
            writer.beat.ready.eq(request.ready),
            loader.address.ready.eq(request.ready & ~writes),
            beats.w_en.eq(response.valid),
            beats.w_data.eq(response.payload),
        ]

        # Loading.
        m.d.comb += [
            loader.ended.eq(control.ended),
            loader.run_ended.eq(sequencer.ended),
            loader.room.eq(control.room),
            control.fetching.eq(loader.fetching),
            loader.consumed.eq(placer.beat.ready & placer.beat.valid),
            pieces.w_data.eq(loader.piece.payload),
            pieces.w_en.eq(loader.piece.valid),
            loader.piece.ready.eq(pieces.w_rdy),
            placer.piece.payload.as_value().eq(pieces.r_data),
            placer.piece.valid.eq(pieces.r_rdy),
            pieces.r_en.eq(placer.piece.ready),
            placer.beat.payload.eq(beats.r_data),
            placer.beat.valid.eq(beats.r_rdy),
            beats.r_en.eq(placer.beat.ready),
            control.beat.valid.eq(
                placer.output.valid & (placer.output.payload.kind == Kind.COMMANDS)
            ),
            control.beat.payload.eq(placer.output.payload.data),
            control.loaded.eq(placer.ended),
        ]
        for store in (activations, filters, records):
            m.d.comb += [
                store.write.valid.eq(placer.output.valid),
                store.write.payload.eq(placer.output.payload),
            ]

        # Computing.
        for unit in (walker, sequencer, fetch, array, drain):
            m.d.comb += unit.settings.eq(control.settings)
        m.d.comb += [
            control.run_ended.eq(sequencer.ended),
            activations.address.eq(fetch.activations),
            fetch.activation_words.eq(activations.word),
            filters.address.eq(fetch.filters),
            fetch.filter_words.eq(filters.word),
            array.operands.valid.eq(fetch.operands.valid & ~control.settings.elementwise),
            array.operands.payload.eq(fetch.operands.payload),
            drain.tables.eq(fetch.operands.payload.filters),
            records.address.eq(drain.record_address),
            drain.records.eq(records.record),
        ]
        looked_up = fetch.operands.valid & control.settings.elementwise
        m.d.comb += drain.looked_up.eq(delay(m, looked_up, 1, Fetch.TABLES - 1, "looked_up")[-1])

        # Writing.
        m.d.comb += [
            outputs.w_en.eq(drain.output.valid),
            outputs.w_data.eq(Cat(drain.output.payload)),
            writer.word.valid.eq(outputs.r_rdy),
            writer.word.payload.as_value().eq(outputs.r_data),
            outputs.r_en.eq(writer.word.ready),
            sequencer.written.eq(outputs.r_rdy & writer.word.ready),
            writer.flush.eq(sequencer.idle),
            control.idle.eq(sequencer.idle & ~writer.busy),
        ]

        # What it does.
        m.submodules.watch = watch = Activity()
        activity = Signal.like(watch.activity)
        queued = outputs.level[3:].any()  # more than pass through
        m.d.comb += [
            activity.eq(watch.activity),
            watch.running.eq(control.running),
            watch.computing.eq(sequencer.step.valid),
            watch.scaling.eq(sequencer.waits & ~queued),
            watch.writing.eq((sequencer.waits & queued) | control.writing),
            watch.asking.eq(request.valid),
            watch.taken.eq(request.ready),
            watch.weights.eq(loader.weights & ~writes),
            watch.loading.eq(control.waits),
            watch.kind.eq(
                Mux(
                    placer.active | ~pieces.r_rdy,
                    placer.kind,
                    Piece(pieces.r_data).kind,
                )
            ),
            watch.index.eq(count.index),
        ]
        count.answer(m, watch.count)
