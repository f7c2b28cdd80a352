"""What the parts of the machine tell each other."""

from typing import Any

from amaranth.hdl import Signal, signed
from amaranth.lib import data

from cfuforge.cfu.designs.engine.commands import Kind, Operation
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.lean.array import Array
from cfuforge.cfu.designs.engine.lean.drain import Drain
from cfuforge.cfu.designs.engine.lean.loops import Loops
from cfuforge.cfu.designs.engine.lean.stores import Activations, Filters, Records

__all__ = ["BASES", "COMMAND", "FOUR", "PROGRAM", "Slot", "Wires"]

COMMAND, BASES, PROGRAM, FOUR = 8, 16, 20, 24
"""Places of what is added to the numbers; those of settings are from 0 on.

From these places on there are what a command adds, the bases, where the program is, and 4.
"""


class Wires:
    """The units of the machine, and the signals between its parts.

    Parameters
    ----------
    configuration
        The sizes of the stores.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.loops = Loops()
        self.activations = Activations(configuration)
        self.filters = Filters(configuration)
        self.records = Records(configuration)
        self.array = Array()
        self.drain = Drain()

        # The machine's own ports, as it describes them.
        self.slot: Any = None
        self.request: Any = None
        self.response: Any = None

        # The numbers: an address in memory; in the store of activations, of a window and of a row
        # within; the window's first row in the input; a filter's word.
        self.s, self.x, self.r = Signal(32), Signal(signed(14)), Signal(12)
        self.y, self.w = Signal(signed(10)), Signal(8)
        # What is done to them: `place` is where the addends of the next cycle are.
        self.place, self.clears = Signal(5), Signal()
        self.adds_s, self.adds_x, self.adds_r = Signal(), Signal(), Signal()

        # What is kept of commands.
        self.op, self.index = Signal(Operation), Signal(4)  # of the word that comes
        self.fetching, self.fetched = Signal(), Signal()  # it is waited for; it comes
        self.row_bytes, self.height, self.padding = Signal(14), Signal(10), Signal(8)
        self.elementwise, self.channelwise = Signal(), Signal()
        self.pitch, self.few, self.completes = Signal(16), Signal(2), Signal()
        self.kind, self.base, self.banks = Signal(Kind), Signal(2), Signal(3)

        # Reading memory: words of a command, or the beats of a piece.
        self.asking, self.asked = Signal(), Signal(10)
        self.asked_word = Signal()  # a beat has been asked for, and S goes on
        self.loading = Signal()  # pieces are read
        self.begins_piece, self.piece_done = Signal(), Signal()
        self.beat_counts = Signal()  # a beat has come, and X and the loops go on
        self.event = Signal(3)  # of the last beat that counted
        self.at, self.turn = Signal(12), Signal(2)  # where bytes go, or are; how far they turn
        self.zeros = Signal(4)  # which bytes of a beat become 0
        self.write: Any = Signal(self.activations.write.shape(), name="write")  # to all stores

        # Steps of a run.
        self.going = Signal()  # they are issued, or under way
        self.issues, self.ended = Signal(), Signal()
        self.advance = Signal()  # all of them go on
        self.step_adds = Signal()
        self.quiet = Signal()  # nothing is under way any more


Slot = data.StructLayout({"valid": 1, "place": 5, "value": 32})
"""A number to keep: a base, or where the program is."""
