"""Carry out one command after another: fetch it, then load or compute."""

from itertools import pairwise
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.commands import Kind, Operation
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.lean.array import Array
from cfuforge.cfu.designs.engine.lean.drain import Drain
from cfuforge.cfu.designs.engine.lean.loops import Event, Loops
from cfuforge.cfu.designs.engine.lean.stores import BLOCK_RAM, Activations, Filters, Records

__all__ = ["Machine"]

COMMAND, BASES, PROGRAM, FOUR = 8, 16, 20, 24  # slots; those of settings are from 0 on


class Machine(wiring.Component):
    """Everything but the instructions.

    Members
    -------
    slot : ``In``
        A number to keep, when `slot.valid`: a base, or where the program is.
    start : ``In(1)``
        Carry the program out.
    running : ``Out(1)``
        It is not yet done.
    request, response
        As in `MemorySignature`.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        request = data.StructLayout({"address": 32, "write": 1, "strobe": 4, "data": 32})
        super().__init__(
            {
                "slot": In(data.StructLayout({"valid": 1, "place": 5, "value": 32})),
                "start": In(1),
                "running": Out(1),
                "request": Out(stream.Signature(request)),
                "response": In(stream.Signature(32, always_ready=True)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build it."""
        m = self.m = Module()
        c = self._configuration
        m.submodules.loops = self.loops = Loops()
        m.submodules.activations = self.activations = Activations(c)
        m.submodules.filters = self.filters = Filters(c)
        m.submodules.records = self.records = Records(c)
        m.submodules.array = self.array = Array()
        m.submodules.drain = self.drain = Drain()
        self.s, self.x, self.r = Signal(32), Signal(signed(14)), Signal(12)
        self.y, self.w = Signal(signed(10)), Signal(8)
        self.clears, self.adds_s, self.adds_x, self.adds_r = (Signal() for _ in range(4))
        self.place, self.advance = Signal(5), Signal()
        self.going = Signal()  # a run's steps are issued, or under way
        self.loading = Signal()  # pieces are read
        self.op = Signal(Operation)
        self.asking, self.asked = Signal(), Signal(10)
        self.begins_piece, self.piece_done = Signal(), Signal()
        self._commands()
        self._numbers()
        self._pieces()
        self._steps()
        self._path()
        self._control()
        return m

    # The numbers S, X, R, Y, W, and the memory of what is added to them.
    def _numbers(self) -> None:
        m, drain = self.m, self.drain
        ds = Memory(shape=32, depth=32, init=[0] * FOUR + [4], attrs=BLOCK_RAM)
        dx = Memory(shape=16, depth=32, init=[0] * FOUR + [4], attrs=BLOCK_RAM)
        m.submodules.ds, m.submodules.dx = ds, dx
        deltas, steps = ds.read_port(), dx.read_port()
        first, second = ds.write_port(), dx.write_port()
        place = Signal(5)
        slot: Any = self.slot
        m.d.comb += [
            place.eq(Cat(self.index[1:], self.op != Operation.SET, 0)),
            deltas.addr.eq(self.place),
            steps.addr.eq(self.place),
            deltas.en.eq(self.advance),
            steps.en.eq(self.advance),
            first.addr.eq(Mux(slot.valid, slot.place, place)),
            first.data.eq(Mux(slot.valid, slot.value, self.response.payload)),
            first.en.eq(slot.valid | (self.fetched & ~self.index[0])),
            second.addr.eq(place),
            second.data.eq(self.response.payload[:16]),
            second.en.eq(self.fetched & self.index[0]),
        ]
        with m.If((self.index == 0) & ~slot.valid):  # the first word: its operation is not yet kept
            m.d.comb += first.addr.eq(Mux(self.response.payload[:2] == Operation.SET, 0, COMMAND))
        delta = deltas.data
        step = Mux(drain.last, self.pitch, 1)
        with m.If(self.clears):
            m.d.sync += [each.eq(0) for each in (self.s, self.x, self.r, self.y, self.w)]
        with m.Else():
            with m.If(self.adds_s):
                m.d.sync += self.s.eq(self.s + Mux(self.going, step, delta))
            with m.If(self.adds_x):
                m.d.sync += self.x.eq(self.x + steps.data[:14].as_signed())
            with m.If(self.adds_r):
                m.d.sync += [
                    self.r.eq(self.r + delta[2:14]),
                    self.y.eq(self.y + delta[14:24].as_signed()),
                    self.w.eq(self.w + delta[24:]),
                ]

    # What is kept of commands beside these numbers.
    def _commands(self) -> None:
        m = self.m
        word = self.response.payload
        self.index = index = Signal(4)
        self.fetched = Signal()
        sets = self.op == Operation.SET
        self.row_bytes, self.height, self.padding = Signal(14), Signal(10), Signal(8)
        self.elementwise, self.channelwise = Signal(), Signal()
        self.pitch, self.few, self.completes = Signal(16), Signal(2), Signal()
        self.kind, self.base, self.banks = Signal(Kind), Signal(2), Signal(3)
        turns, limits, high = self.loops.turns, self.drain.limits, word[16:]
        kept_turns: Any = Signal(turns.shape())
        kept_limits: Any = Signal(limits.shape())
        record = Signal(7)
        m.d.comb += [turns.eq(kept_turns), limits.eq(kept_limits), self.drain.first.eq(record)]
        settings = {
            1: [self.row_bytes.eq(high)],
            3: [self.height.eq(high)],
            5: [kept_limits.low.eq(high[:8]), kept_limits.high.eq(high[8:])],
            7: [self.padding.eq(high), self.elementwise.eq(high[8]), self.channelwise.eq(high[9])],
            9: [kept_limits.offset.eq(high)],
        }
        others = {
            1: [
                kept_turns.words.eq(high),
                Cat(self.few, self.completes).eq(high[10:]),
            ],
            3: [
                self.pitch.eq(word),
                kept_turns.columns.eq(high),
                self.kind.as_value().eq(high[10:]),
                self.base.eq(high[13:]),
            ],
            5: [kept_turns.rows.eq(high), self.banks.eq(high[10:])],
            6: [Cat(kept_turns.blocks, kept_turns.width, kept_turns.pixels).eq(word)],
            7: [record.eq(high)],
        }
        with m.If(self.fetched):
            m.d.sync += index.eq(index + 1)
            with m.If(index == 0):
                m.d.sync += self.op.eq(Operation(word[:2]))
            for number, statements in settings.items():
                with m.If(sets & (index == number)):
                    m.d.sync += statements
            for number, statements in others.items():
                with m.If(~sets & (index == number)):
                    m.d.sync += statements

    # Reading pieces of memory, and where their bytes go.
    def _pieces(self) -> None:
        m, s, loops = self.m, self.s, self.loops
        at, turn = Signal(12), Signal(2)
        skipped = s[:2]  # bytes of a beat before the piece
        end = Signal(3)
        extra = Signal()  # it has a beat more than words
        double = Signal()  # each beat is read and written twice
        asks_extra, asks_second = Signal(), Signal()
        first, in_extra, second = Signal(), Signal(), Signal()
        done = Signal()
        self.at, self.turn = at, turn
        m.d.comb += [
            at.eq(self.x + Mux(self.loading, -skipped, self.r)),
            turn.eq(at[:2]),
            end.eq(skipped + self.few),
            extra.eq(end[2]),
            double.eq(
                (self.kind == Kind.RECORDS) | ((self.kind != Kind.ACTIVATIONS) & (turn != 0))
            ),
        ]
        accepted = self.request.valid & self.request.ready & ~self.going
        self.asked_word = Signal()  # a beat has been asked for, and S goes on
        with m.If(accepted):
            with m.If(self.loading & double & ~asks_second):
                m.d.sync += asks_second.eq(1)
            with m.Else():
                m.d.sync += asks_second.eq(0)
                with m.If(asks_extra):
                    m.d.sync += [self.asking.eq(0), asks_extra.eq(0)]
                with m.Else():
                    m.d.comb += self.asked_word.eq(1)
                    m.d.sync += self.asked.eq(self.asked + 1)
                    with m.If(self.loading & (self.asked == loops.turns.words)):
                        m.d.sync += [asks_extra.eq(extra), self.asking.eq(extra)]

        arrives = self.response.valid & self.loading
        beat_done = arrives & (~double | second)
        last = in_extra | (loops.last_word & ~extra)
        self.beat_counts = Signal()
        m.d.comb += [
            self.beat_counts.eq(beat_done & ~in_extra),
            done.eq(beat_done & last),
            self.piece_done.eq(done),
        ]
        with m.If(arrives):
            m.d.sync += second.eq(double & ~second)
        with m.If(beat_done):
            m.d.sync += [first.eq(0), in_extra.eq(loops.last_word & extra & ~in_extra)]
        with m.If(self.begins_piece):
            m.d.sync += [
                self.asked.eq(0), self.asking.eq(1), asks_extra.eq(0), asks_second.eq(0),
                first.eq(1), in_extra.eq(0), second.eq(0),
            ]  # fmt: skip

        # Byte j of a beat goes to byte j + turn, of this word or of the next one.
        zeros, used = [], []
        some = Signal()  # of the next word
        for lane in range(4):
            source = Signal(2, name=f"source_{lane}")
            m.d.comb += source.eq(lane - turn)
            here = lane >= turn
            before, beyond = first & (source < skipped), last & (source > end[:2])
            if lane == 0:
                m.d.comb += some.eq(~beyond)
            zeros.append(beyond | (second & here & (turn != 0)))
            to_words = Mux(second, some, here & ~before)
            used.append(Mux(self.kind == Kind.ACTIVATIONS, ~before & ~beyond, to_words))
        self.zeros = Cat(zeros)
        self.write: Any = Signal(self.activations.write.shape(), name="write")
        m.d.comb += [
            self.write.valid.eq(arrives),
            self.write.kind.eq(self.kind),
            self.write.banks.eq(self.banks),
            self.write.second.eq(second),
            self.write.bytes.eq(Cat(used)),
            self.filters.row.eq(Mux(second, self.activations.next_row, self.activations.row)),
            self.records.row.eq(self.activations.row),
        ]
        for store in (self.activations, self.filters, self.records):
            m.d.comb += store.write.eq(self.write)

    # The steps of a run: counted, read, multiplied, added.
    def _steps(self) -> None:
        m, loops, array, drain = self.m, self.loops, self.array, self.drain
        self.issues, self.ended = Signal(), Signal()
        event = loops.event
        pixel_ends = event >= Event.PIXEL
        elementwise, advance = self.elementwise, self.advance
        valid = self.issues & ~self.ended
        completes = Signal()
        m.d.comb += completes.eq(
            self.completes & (event[2] | event[:2].all() | (elementwise & (event == Event.ROW)))
        )
        stages = data.StructLayout({"valid": 1, "completes": 1, "ends": 1, "count": 2, "second": 1})
        issued: Any = Signal(stages)
        m.d.comb += [
            issued.valid.eq(valid),
            issued.completes.eq(valid & completes),
            issued.ends.eq(pixel_ends | elementwise),
            issued.count.eq(
                Mux(elementwise, 0, Mux(pixel_ends, self.few, Cat(self.channelwise, 1)))
            ),
            issued.second.eq(~loops.first_column),
        ]
        reads, multiplies, adds, loads = (
            Signal(stages, name=name) for name in ("reads", "multiplies", "adds", "loads")
        )
        flow: list[Any] = [issued, reads, multiplies, adds, loads]
        with m.If(advance):
            m.d.sync += [after.eq(before) for before, after in pairwise(flow)]
            with m.If(valid & pixel_ends & loops.ends):
                m.d.sync += self.ended.eq(1)
        read, multiplied, added, loaded = flow[1:]
        with m.If(~self.issues):
            m.d.sync += self.ended.eq(0)
        self.step_adds = Signal()
        self.quiet = Signal()
        m.d.comb += [
            advance.eq(~(loaded.completes & ~drain.free)),
            self.step_adds.eq(read.valid & advance),
            self.quiet.eq(
                self.ended
                & ~(read.valid | multiplied.valid | added.valid | loaded.completes | drain.busy)
            ),
            loops.advance.eq((valid & advance) | self.beat_counts),
            array.advance.eq(advance),
            array.adds.eq(added.valid),
            array.channelwise.eq(self.channelwise),
            array.elementwise.eq(elementwise),
            array.second.eq(added.second),
            array.load.eq(loaded.completes & drain.free),
            array.shift.eq(drain.shift),
            drain.load.eq(loaded.completes & drain.free),
            drain.count.eq(loaded.count),
            drain.ends.eq(loaded.ends),
            drain.sum.eq(array.sum),
            self.records.channel.eq(drain.record),
            self.records.half.eq(drain.half),
            self.records.enable.eq(drain.reads),
            drain.bias.eq(self.records.bias),
            drain.factor.eq(self.records.factor),
        ]

    # The way of bytes: turned, and some replaced; to the stores, or to the array.
    def _path(self) -> None:
        m, x, y = self.m, self.x, self.y
        outside, shift = Signal(4), Signal(2)
        above = y[-1] | (y[:9] >= self.height)
        room = Signal(signed(16))
        m.d.comb += room.eq(self.row_bytes - x)
        none, near = room <= 0, room[2:] == 0
        before_all = x[-1] & ~x[2:].all()
        flags = [
            above | before_all | none | (near & (room[:2] <= byte))
            | (x[-1] & (x[:2] + byte < 4))
            for byte in range(4)
        ]  # fmt: skip
        with m.If(self.advance):
            m.d.sync += [outside.eq(Cat(flags)), shift.eq(self.at[:2])]
        come = Mux(self.loading, self.response.payload, self.activations.word)
        amount = Signal(2)
        back = Cat(self.turn[0], self.turn[1] ^ self.turn[0])  # minus the turn
        m.d.comb += amount.eq(Mux(self.loading, back, shift))
        half = Signal(32)
        turned = Signal(32)
        m.d.comb += [
            half.eq(Mux(amount[1], come.rotate_right(16), come)),
            turned.eq(Mux(amount[0], half.rotate_right(8), half)),
        ]
        replaced = Mux(self.loading, self.zeros, outside)
        padding = Mux(self.loading, 0, self.padding)
        word = Signal(32)
        m.d.comb += [
            word.word_select(i, 8).eq(Mux(replaced[i], padding, turned.word_select(i, 8)))
            for i in range(4)
        ]
        entry = Cat(word[:7], ~word[7])
        m.d.comb += [
            self.activations.at.eq(self.at),
            self.activations.enable.eq(self.advance),
            self.write.data.eq(word),
            self.array.pixel.eq(word),
            self.array.filters.eq(self.filters.words),
            self.filters.enable.eq(self.advance),
            self.filters.address.eq(Mux(self.elementwise, entry, self.w)),
        ]

    def _control(self) -> None:
        m, loops, drain = self.m, self.loops, self.drain
        starts = Signal()  # the jump is to the program
        event, now = Signal(3), Signal(3)  # of the last beat that counted; of this one
        fetching = Signal()
        set_ = Signal()
        m.d.comb += [
            self.fetched.eq(fetching & self.response.valid),
            self.request.valid.eq(Mux(self.going, drain.valid, self.asking)),
            self.request.payload.address.eq(self.s),
            self.request.payload.write.eq(self.going),
            self.request.payload.data.eq(drain.output.replicate(4)),
            self.request.payload.strobe.eq(Const(1, 4) << self.s[:2]),
            drain.ready.eq(self.request.ready & self.going),
            set_.eq(self.op == Operation.SET),
        ]
        with m.If(self.beat_counts):
            m.d.sync += event.eq(loops.event)

        def begin_fetch() -> None:
            m.d.sync += [self.index.eq(0), self.asked.eq(0), self.asking.eq(1)]

        with m.FSM():
            with m.State("IDLE"):
                m.d.sync += starts.eq(1)
                with m.If(self.start):
                    m.d.sync += self.running.eq(1)
                    m.next = "JUMP"
            with m.State("JUMP"):
                m.d.comb += [self.place.eq(Mux(starts, PROGRAM, COMMAND)), self.clears.eq(1)]
                m.next = "JUMPED"
            with m.State("JUMPED"):
                m.d.comb += [self.place.eq(FOUR), self.adds_s.eq(1)]
                m.d.sync += starts.eq(0)
                begin_fetch()
                m.next = "FETCH"
            with m.State("FETCH"):
                m.d.comb += [
                    fetching.eq(1),
                    self.place.eq(FOUR),
                    self.adds_s.eq(self.asked_word),
                ]
                with m.If(
                    self.asked_word & (self.asked[:3].all() | self.asked[3] & self.asked[:2].all())
                ):
                    m.d.sync += self.asking.eq((self.index != 0) & set_ & ~self.asked[3])
                with m.If(self.fetched):
                    with m.If((self.index == 0) & (self.response.payload[:2] == Operation.SET)):
                        m.d.sync += self.asking.eq(1)
                    with m.If(self.index[:3].all() & ~set_), m.Switch(self.op):
                        with m.Case(Operation.LOAD):
                            m.next = "LOAD"
                        with m.Case(Operation.RUN):
                            m.next = "RUN"
                        with m.Default():
                            m.d.sync += self.running.eq(0)
                            m.next = "IDLE"
                    with m.If(self.index[3] & self.index[:2].all()):
                        begin_fetch()
            with m.State("LOAD"):
                m.d.comb += [self.place.eq(Cat(self.base, Const(BASES >> 2, 3))), self.clears.eq(1)]
                m.next = "LOAD 1"
            with m.State("LOAD 1"):
                m.d.comb += [self.place.eq(COMMAND + 1), self.adds_s.eq(self.base != 0)]
                m.next = "LOAD 2"
            with m.State("LOAD 2"):
                m.d.comb += [self.place.eq(COMMAND), self.adds_s.eq(1)]
                m.next = "LOAD 3"
            with m.State("LOAD 3"):
                m.d.comb += [
                    self.place.eq(FOUR), self.adds_x.eq(1), loops.start.eq(1),
                    self.begins_piece.eq(1),
                ]  # fmt: skip
                m.next = "PIECE"
            with m.State("PIECE"):
                m.d.comb += [
                    self.loading.eq(1),
                    self.place.eq(FOUR),
                    self.adds_s.eq(self.asked_word),
                    self.adds_x.eq(self.beat_counts),
                ]
                with m.If(self.beat_counts):
                    m.d.comb += now.eq(loops.event)
                with m.Else():
                    m.d.comb += now.eq(event)
                with m.If(self.piece_done):
                    m.next = "NEXT 1"
                    m.d.comb += self.place.eq(COMMAND + 3)
                    with m.If(now == Event.COLUMN):
                        m.d.comb += self.place.eq(COMMAND + 2)
                    with m.If(now >= Event.BLOCK):
                        m.d.comb += [self.place.eq(COMMAND), self.clears.eq(1)]
                        m.next = "JUMPED"
            with m.State("NEXT 1"):
                m.d.comb += [self.adds_s.eq(1), self.adds_x.eq(1), self.place.eq(FOUR)]
                m.d.comb += self.begins_piece.eq(1)
                m.next = "PIECE"
                with m.If((self.kind == Kind.FILTERS) & (event == Event.ROW)):
                    m.d.sync += self.banks.eq(self.banks.rotate_left(1))
                    with m.If(self.banks[2]):
                        m.d.comb += [self.place.eq(COMMAND + 1), self.begins_piece.eq(0)]
                        m.next = "NEXT 2"
            with m.State("NEXT 2"):
                m.d.comb += [self.adds_x.eq(1), self.place.eq(FOUR), self.begins_piece.eq(1)]
                m.next = "PIECE"
            with m.State("RUN"):
                m.d.comb += [self.place.eq(BASES), self.clears.eq(1), loops.start.eq(1)]
                m.d.comb += drain.start.eq(1)
                m.next = "RUN 1"
            with m.State("RUN 1"):
                m.d.comb += [self.place.eq(COMMAND + 2), self.adds_s.eq(1)]
                m.next = "RUN 2"
            with m.State("RUN 2"):
                m.d.comb += [self.place.eq(COMMAND + 1), self.adds_s.eq(1)]
                m.next = "RUN 3"
            with m.State("RUN 3"):
                m.d.comb += [self.place.eq(COMMAND), self.adds_r.eq(1)]
                m.next = "RUN 4"
            with m.State("RUN 4"):
                m.d.comb += [
                    self.place.eq(loops.event), self.adds_x.eq(1), self.issues.eq(1),
                ]  # fmt: skip
                m.next = "GO"
            with m.State("GO"):
                m.d.comb += [
                    self.going.eq(1),
                    self.issues.eq(1),
                    self.place.eq(loops.event),
                    self.adds_x.eq(self.step_adds),
                    self.adds_r.eq(self.step_adds),
                    self.adds_s.eq(drain.valid & drain.ready),
                ]
                with m.If(self.quiet):
                    m.next = "JUMP"
