"""`simd_mac`: four int8 multiply-accumulates a cycle, requantised in the background."""

from typing import Any

from amaranth.hdl import Const, Module, Signal, signed, unsigned
from amaranth.lib import data
from amaranth.utils import ceil_log2

from cfuforge.base.errors import InputError
from cfuforge.cfu.component import Cfu
from cfuforge.cfu.designs.simd_mac.folded import build_folded
from cfuforge.cfu.designs.simd_mac.instructions import declare_instructions, declare_state
from cfuforge.cfu.dispatcher import Ports
from cfuforge.cfu.shapes import s8x4, s32
from cfuforge.cfu.units.accumulators import Accumulators, Operation
from cfuforge.cfu.units.multiply4 import Multiply4
from cfuforge.cfu.units.requantise import Requantise
from cfuforge.cfu.units.serialiser import Serialiser

__all__ = ["SimdMac"]


class SimdMac(Cfu):
    """A multiply-accumulate unit for CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED.

    It also serves the matrix products of UNIDIRECTIONAL_SEQUENCE_LSTM and SVDF, whose sums the CPU
    reads and requantises to 16 bits.

    It holds the accumulators of four output channels for `rows` output pixels, and the four
    channels' biases and scales. A kernel computes the output four channels at a time::

        cfu_set_offsets(input_offset, output_offset);          once a layer
        cfu_set_activation(min, max);
        for each four output channels:
            cfu_set_quant(k, multiplier, shift) and cfu_set_bias(k, bias), k = 0..3
            for each `rows` output pixels:
                convolution, for each four input channels:
                    cfu_dot(4 * r + k, x[r], w[k]), r = 0..rows-1, k = 0..3
                depthwise, for each filter tap:
                    cfu_mul(r, x[r], w), r = 0..rows-1          lanes are channels
                cfu_requantise(r), r = 0..rows-1                also restarts row r from the biases
                cfu_read(r) -> four int8 outputs to store

    With `rows` pixels at a time, each loaded weight is used `rows` times and each loaded input four
    times. An unused lane needs only a zero weight: it adds nothing, whatever x is. Load the words
    first, then issue the instructions back to back: a load right before its use costs the CPU two
    bubbles.

    Parameters
    ----------
    rows
        1, 2 or 4.
    folded
        For the smallest FPGAs: the same instructions on three 16x16 multipliers and block RAM. A
        command is answered in the cycle in which it is taken. A reset does not clear biases,
        scales, sums and outputs.

    Timing
    ------
    dot and mul are taken every cycle, also on the same accumulator. requantise is taken every four
    cycles. A row's outputs are complete 18 cycles after its requantise: until then read waits, and
    so does another requantise of that row. set_offsets, set_activation, set_quant and set_bias wait
    until the unit is idle, at most 18 cycles; read_acc waits for dot and mul, at most 4.

    When folded, dot and mul are taken every other cycle, and requantise at once, unless outputs of
    the same row are pending. The rows are requantised in turn, in about 46 cycles each. read takes
    2 cycles. The others wait until the unit is idle; set_bias and read_acc then take at most
    ``4 * rows + 4`` and 8 cycles.

    Raises
    ------
    InputError
        When `rows` is not 1, 2 or 4.
    """

    name = "simd_mac"

    def __init__(self, rows: int = 4, folded: bool = False) -> None:
        if rows not in (1, 2, 4):
            raise InputError(f"rows of simd_mac must be 1, 2 or 4, not {rows}")
        self.rows = rows
        self.folded = self.direct = folded
        self.instructions = declare_instructions(rows)
        self.state = declare_state(rows)
        super().__init__()

    def hardware(self, m: Module, ports: Ports) -> None:
        """Connect multiplier, accumulators, serialiser and requantiser in series."""
        if self.folded:
            build_folded(m, ports, self.rows)
            return
        row = unsigned(max(1, ceil_log2(self.rows)))
        tag = data.StructLayout({"operation": Operation, "row": row, "channel": 2})
        m.submodules.multiply = multiply = Multiply4(tag)
        m.submodules.accumulators = accumulators = Accumulators(self.rows)
        m.submodules.serialiser = serialiser = Serialiser(s32, 4, row)
        m.submodules.requantise = requantise = Requantise(
            data.StructLayout({"row": row, "channel": 2})
        )
        idle = Signal()
        m.d.comb += idle.eq(~(multiply.busy | serialiser.output.valid | requantise.busy))
        self._multiply(m, ports, multiply)
        self._accumulate(m, ports, idle, multiply, accumulators)
        self._requantise(m, ports, idle, accumulators, serialiser, requantise)
        self._collect(m, ports, requantise)

        offsets, activation = ports["set_offsets"], ports["set_activation"]
        offsets.answer(m, when=idle)
        activation.answer(m, when=idle)
        for port, taken, value, init in (
            (multiply.input_offset, offsets.taken, offsets.rs1, 0),
            (requantise.output_offset, offsets.taken, offsets.rs2, 0),
            (requantise.activation_min, activation.taken, activation.rs1, -128),
            (requantise.activation_max, activation.taken, activation.rs2, 127),
        ):
            register = Signal(port.shape(), init=init)
            m.d.comb += port.eq(register)
            with m.If(taken):
                m.d.sync += register.eq(value)

    def _multiply(self, m: Module, ports: Ports, multiply: Multiply4) -> None:
        """Send dot, mul and requantise down the same pipeline, which keeps them in order."""
        dot, mul, take = ports["dot"], ports["mul"], ports["requantise"]
        dot.answer(m)
        mul.answer(m)
        command, tag = multiply.input.payload, multiply.input.payload.tag
        m.d.comb += [
            multiply.input.valid.eq(dot.taken | mul.taken | take.taken),
            command.x.eq(dot.rs1),  # the operands of mul are the same wires
            command.w.eq(dot.rs2),
            tag.channel.eq(dot.index[:2]),
        ]
        with m.If(dot.cmd.valid):
            m.d.comb += [tag.operation.eq(Operation.DOT), tag.row.eq(self._row_of(dot.index))]
        with m.Elif(mul.cmd.valid):
            m.d.comb += [tag.operation.eq(Operation.LANES), tag.row.eq(mul.index)]
        with m.Else():
            m.d.comb += [tag.operation.eq(Operation.TAKE), tag.row.eq(take.index)]

    def _accumulate(
        self, m: Module, ports: Ports, idle: Signal, multiply: Multiply4, accumulators: Accumulators
    ) -> None:
        """Accumulate the multiplier's outputs; set_bias and read_acc wait for them."""
        bias, read = ports["set_bias"], ports["read_acc"]
        bias.answer(m, when=idle)
        read.answer(m, accumulators.read_value, when=~multiply.busy)
        command, products = accumulators.input.payload, multiply.output.payload
        m.d.comb += [
            accumulators.input.valid.eq(multiply.output.valid),
            command.operation.eq(products.tag.operation),
            command.row.eq(products.tag.row),
            command.channel.eq(products.tag.channel),
            command.products.eq(products.products),
            command.total.eq(products.total),
            accumulators.load.valid.eq(bias.taken),
            accumulators.load.payload.channel.eq(bias.index),
            accumulators.load.payload.bias.eq(bias.rs1),
            accumulators.read_channel.eq(read.index[:2]),
            accumulators.read_row.eq(self._row_of(read.index)),
        ]

    def _requantise(
        self,
        m: Module,
        ports: Ports,
        idle: Signal,
        accumulators: Accumulators,
        serialiser: Serialiser,
        requantise: Requantise,
    ) -> None:
        """Send a row through the requantiser, one channel a cycle, with the channel's scale."""
        quant = ports["set_quant"]
        quant.answer(m, when=idle)
        scales: Any = Signal(
            data.ArrayLayout(data.StructLayout({"multiplier": 31, "shift": signed(6)}), 4)
        )
        with m.If(quant.taken):
            m.d.sync += scales[quant.index].multiplier.eq(quant.rs1)
            m.d.sync += scales[quant.index].shift.eq(quant.rs2)
        one, scale = serialiser.output.payload, scales[serialiser.output.payload.index]
        m.d.comb += [
            # Always ready, since requantise instructions are taken four cycles apart.
            serialiser.input.valid.eq(accumulators.taken.valid),
            serialiser.input.payload.values.eq(accumulators.taken.payload),
            serialiser.input.payload.tag.eq(accumulators.input.payload.row),
            requantise.input.valid.eq(serialiser.output.valid),
            requantise.input.payload.value.eq(one.value),
            requantise.input.payload.multiplier.eq(scale.multiplier),
            requantise.input.payload.shift.eq(scale.shift),
            requantise.input.payload.tag.row.eq(one.tag),
            requantise.input.payload.tag.channel.eq(one.index),
        ]

    def _collect(self, m: Module, ports: Ports, requantise: Requantise) -> None:
        """Pack outputs into their row's word; `pending` marks the rows that are not complete."""
        take, read = ports["requantise"], ports["read"]
        packed: Any = Signal(data.ArrayLayout(s8x4, self.rows))
        pending: Any = Signal(data.ArrayLayout(1, self.rows))
        spacing = Signal(2)  # cycles until the serialiser is free
        take.answer(m, when=(spacing == 0) & ~pending[take.index])
        read.answer(m, packed[read.index].as_value(), when=~pending[read.index])
        with m.If(spacing != 0):
            m.d.sync += spacing.eq(spacing - 1)
        tag = requantise.output.payload.tag
        with m.If(requantise.output.valid):
            m.d.sync += packed[tag.row][tag.channel].eq(requantise.output.payload.value)
            with m.If(tag.channel == 3):
                m.d.sync += pending[tag.row].eq(0)
        with m.If(take.taken):
            m.d.sync += [pending[take.index].eq(1), spacing.eq(3)]

    def _row_of(self, index: Any) -> Any:
        """Return the row of the accumulator with index ``4 * row + channel``."""
        return index[2:] if self.rows > 1 else Const(0)
