"""The commands of a layer's program, as they lie in memory: little-endian words of 32 bits."""

from types import SimpleNamespace

from amaranth.hdl import Shape, signed, unsigned
from amaranth.lib import data, enum

__all__ = [
    "BEATS",
    "NUMBERS",
    "STRUCTS",
    "Kind",
    "LeanRecord",
    "Load",
    "Operation",
    "Record",
    "Run",
    "Settings",
    "Turn",
    "Walk",
    "unpacked",
]


class Operation(enum.Enum, shape=unsigned(2)):  # type: ignore[call-arg]
    """The kind of a command, its lowest two bits."""

    END = 0
    LOAD = 1
    RUN = 2
    SET = 3


class Kind(enum.Enum, shape=unsigned(3)):  # type: ignore[call-arg]
    """The stores that loaded bytes go to."""

    ACTIVATIONS = 0
    """The activation stores, at any byte."""
    FILTERS = 1
    """The filter banks: row i of the load goes to bank i modulo their number."""
    TAPS = 2
    """Every fourth filter bank, four bytes each: a weight of each channel."""
    TABLE = 3
    """Half of the filter banks at once: `banks` has a bit for each."""
    RECORDS = 4
    """The records of output channels, 8 bytes each."""
    COMMANDS = 5
    """The command queue."""


Load = data.StructLayout(
    {
        "operation": Operation,
        "kind": Kind,
        "base": 2,  # which base register is added to the source
        "_0": 1,
        "after": 16,  # the number of runs that must have ended before it starts
        "banks": 8,
        "source": 32,  # address of the first byte
        "length": 16,  # bytes of a piece
        "count": 16,  # pieces of a row
        "step": 32,  # from one piece's source to the next
        "place": 16,  # byte of the store
        "place_step": 16,
        "rows": 16,
        "row_place": 16,  # from one row's place to the next; FILTERS: after eight rows
        "row_step": 32,  # from one row's source to the next
        "_1": 32,
    }
)

Run = data.StructLayout(
    {
        "operation": Operation,
        "first": 1,  # sums start at 0
        "last": 1,  # sums are complete, and are written
        "_0": 4,
        "pixels": 16,
        "_1": 8,
        "position": 16,  # of the first pixel's window in the activation stores
        "top": signed(16),  # its input row
        "output": 32,  # offset of the first pixel's output
        "weights": 16,  # word of the filter banks
        "record": 16,  # of the first channels, as many as there are requantisers
        "channels": 16,
        "words": 16,  # of a filter's row, or of elements
        "_2": 32,
    }
)

Walk = data.StructLayout(
    {name: Run[name].shape for name in ("pixels", "position", "top", "output")}
)
"""The part of a run that the walker needs."""

Turn = data.StructLayout(
    {name: Run[name].shape for name in ("first", "last", "weights", "record", "channels", "words")}
)
"""The part of a run that the sequencer needs."""

Settings = data.StructLayout(
    {
        "operation": Operation,
        "channelwise": 1,  # depthwise: each channel has sums of its own
        "elementwise": 1,  # tables, no sums
        "single": 1,  # one table
        "maximum": 1,  # the largest product in place of their sum
        "constant": 1,  # all weights are `weight`
        "wide": 1,  # channels 2k and 2k + 1 are the low and high byte of an int16
        "padding": signed(8),  # the bytes outside of the input
        "weight": signed(8),
        "low": signed(8),
        "high": signed(8),
        "offset": signed(9),  # added to the requantised sum
        "_1": 15,
        "rows": 16,  # of the kernel
        "columns": 16,
        "row_step": 16,  # bytes between rows of the kernel in the stores
        "column_step": 16,
        "row_reach": 16,  # input rows between rows of the kernel
        "width": 16,  # output pixels in a line
        "line_rows": 16,  # input rows between output lines
        "pixel_step": 16,  # bytes between pixels' windows
        "line_step": 16,  # bytes between lines' windows
        "left": signed(16),  # byte of the input row where a line's first window begins
        "row_bytes": 16,  # of the input
        "height": 16,
        "pitch": 16,  # bytes between output pixels
        "weight_step": 16,  # words between steps
        "group_weights": 16,  # words between the groups of channels that are computed at once
        "group_place": 16,  # bytes of the stores between them
        "_2": 64,
    }
)

Record = data.StructLayout({"bias": signed(27), "multiplier": 31, "shift": signed(6)})

LeanRecord = data.StructLayout({"bias": signed(27), "right": 5, "multiplier": 31})
"""A record of the lean engine, which only shifts to the right."""

STRUCTS = {"load": Load, "run": Run, "settings": Settings}
"""The commands that kernels write, by name."""

NUMBERS: dict[str, int] = {
    **{each.name.lower(): each.value for each in Operation},  # type: ignore[attr-defined]
    **{f"to_{each.name.lower()}": each.value for each in Kind},  # type: ignore[attr-defined]
}
"""The values of `Operation`, and of `Kind` with ``to_`` in front, by name."""

BEATS = {Operation.END: 1, Operation.LOAD: 4, Operation.RUN: 3, Operation.SET: 6}
"""Number of 8-byte beats of each command."""

for _layout, _beats in ((Load, 4), (Run, 3), (Settings, 6)):
    assert _layout.size == 64 * _beats, (_layout.size, _beats)


def unpacked(layout: data.StructLayout, bits: int) -> SimpleNamespace:
    """Return the fields of a command or a record as integers."""
    fields = {}
    for name, field in layout:
        shape = Shape.cast(field.shape)
        value = bits >> field.offset & (1 << shape.width) - 1
        fields[name] = value - (value >> shape.width - 1 << shape.width) * shape.signed
    return SimpleNamespace(**fields)
