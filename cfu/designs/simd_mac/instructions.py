"""The instructions of `simd_mac` and their references."""

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import signed, unsigned

from cfuforge.cfu.arithmetic import wrap32
from cfuforge.cfu.instruction import Index, Instruction, Operand
from cfuforge.cfu.shapes import s8, s8x4, s32, u32
from cfuforge.cfu.state import Declaration, Memory, Register
from cfuforge.cfu.units.multiply4 import Multiply4
from cfuforge.cfu.units.requantise import Requantise

__all__ = ["declare_instructions", "declare_state"]

_CHANNEL = Index("k", 4, "channel")
_X = Operand("x", s8x4, "four inputs, lane 0 in the low byte")
_W = Operand("w", s8x4, "four weights")


def declare_state(rows: int) -> tuple[Declaration, ...]:
    """Return the state for a number of rows."""
    return (
        Register("input_offset", signed(9), "added to every input"),
        Register("output_offset", signed(9), "added to every output"),
        Register("activation_min", s8, "least output", reset=-128),
        Register("activation_max", s8, "greatest output", reset=127),
        Memory("multiplier", unsigned(31), 4, "of channel k"),
        Memory("shift", signed(6), 4, "of channel k, positive to the left"),
        Memory("bias", s32, 4, "start value of the accumulators of channel k"),
        Memory("acc", s32, 4 * rows, "accumulator 4 * row + channel, wraps at 32 bits"),
        Memory("packed", u32, rows, "the int8 outputs of a row, channel 0 in the low byte"),
    )


def declare_instructions(rows: int) -> tuple[Instruction, ...]:
    """Return the instructions for a number of rows."""
    row = Index("r", rows, "row")
    accumulator = Index("i", 4 * rows, "accumulator, 4 * row + channel")
    return (
        Instruction(
            "set_offsets",
            funct3=0,
            funct7=0,
            rs1=Operand("input_offset", signed(9), "minus the input's zero point, -127..128"),
            rs2=Operand("output_offset", signed(9), "the output's zero point, -128..127"),
            reference=_set_offsets,
        ),
        Instruction(
            "set_activation",
            funct3=0,
            funct7=1,
            rs1=Operand("min", s8, "least output"),
            rs2=Operand("max", s8, "greatest output"),
            reference=_set_activation,
        ),
        Instruction(
            "set_quant",
            funct3=0,
            funct7=4,
            index=_CHANNEL,
            rs1=Operand("multiplier", unsigned(31), "in units of 2**-31"),
            rs2=Operand("shift", signed(6), "-31..30, positive to the left"),
            reference=_set_quant,
        ),
        Instruction(
            "set_bias",
            funct3=0,
            funct7=8,
            index=_CHANNEL,
            rs1=Operand("bias", s32, "in units of the accumulator"),
            reference=_set_bias,
        ),
        Instruction("dot", funct3=1, index=accumulator, rs1=_X, rs2=_W, reference=_dot),
        Instruction("mul", funct3=2, index=row, rs1=_X, rs2=_W, reference=_mul),
        Instruction("requantise", funct3=3, index=row, reference=_requantise),
        Instruction(
            "read",
            funct3=4,
            index=row,
            rd=Operand("packed", u32, "four int8 outputs, channel 0 in the low byte"),
            reference=_read,
        ),
        Instruction(
            "read_acc",
            funct3=5,
            index=accumulator,
            rd=Operand("acc", s32, "the accumulator"),
            reference=_read_acc,
        ),
    )


def _set_offsets(state: Any, input_offset: int, output_offset: int) -> None:
    """Set the offsets of a layer."""
    state.input_offset, state.output_offset = input_offset, output_offset


def _set_activation(state: Any, low: int, high: int) -> None:
    """Set the limits of the outputs; the lower is applied first."""
    state.activation_min, state.activation_max = low, high


def _set_quant(state: Any, k: int, multiplier: int, shift: int) -> None:
    """Set the scale of a channel."""
    state.multiplier[k], state.shift[k] = multiplier, shift


def _set_bias(state: Any, k: int, bias: int) -> None:
    """Set the bias of a channel, and set its accumulators in all rows to the bias."""
    state.bias[k] = bias
    state.acc[k::4] = [bias] * len(state.packed)


def _dot(state: Any, i: int, x: Sequence[int], w: Sequence[int]) -> None:
    """Add the sum over the lanes of (x + input_offset) * w to an accumulator."""
    state.acc[i] = wrap32(state.acc[i] + Multiply4.compute(x, w, state.input_offset)[1])


def _mul(state: Any, r: int, x: Sequence[int], w: Sequence[int]) -> None:
    """Add (x + input_offset) * w of each lane l to the accumulator of channel l."""
    for lane, product in enumerate(Multiply4.compute(x, w, state.input_offset)[0]):
        state.acc[4 * r + lane] = wrap32(state.acc[4 * r + lane] + product)


def _requantise(state: Any, r: int) -> None:
    """Turn a row's accumulators into int8 outputs, and restart them from the biases.

    It answers at once and continues in the background; `read` waits for the outputs.
    """
    limits = (state.activation_min, state.activation_max)
    packed = 0
    for k in range(4):
        value = state.acc[4 * r + k]
        scale = (state.multiplier[k], state.shift[k])
        output = Requantise.compute(value, *scale, state.output_offset, *limits)
        packed |= (output & 0xFF) << 8 * k
        state.acc[4 * r + k] = state.bias[k]
    state.packed[r] = packed


def _read(state: Any, r: int) -> int:
    """Return the four outputs of the row's last requantise."""
    return int(state.packed[r])


def _read_acc(state: Any, i: int) -> int:
    """Return an accumulator."""
    return int(state.acc[i])
