"""A CFU that requantises, and the plain depthwise kernel on it: what the advice is tried on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from amaranth.hdl import Module, Mux, Signal, signed

from cfuforge import Design
from cfuforge.cfu import Cfu, Instruction, Operand, Ports, Register, s32, u32
from cfuforge.cfu.arithmetic import requantise
from cfuforge.sw.objects import FIRMWARE

_HIGHEST, _LOWEST = 127, -128


def _scale(state: Any, multiplier: int, shift: int) -> None:
    """Keep the scale of what follows."""
    state.multiplier, state.shift = multiplier, shift


def _output(state: Any, offset: int) -> None:
    """Keep the offset of what follows."""
    state.offset = offset


def _requantise(state: Any, acc: int) -> int:
    """Scale, add the offset, clamp to int8."""
    scale = (state.multiplier, state.shift, state.offset)
    return int(requantise(acc, *scale, _LOWEST, _HIGHEST))


class Requantiser(Cfu):
    """Requantise; each value takes `wait` cycles longer than it has to."""

    state = (Register("multiplier", s32), Register("shift", s32), Register("offset", s32))
    instructions = (
        Instruction(
            "scale",
            funct3=0,
            rs1=Operand("multiplier", s32),
            rs2=Operand("shift", s32),
            reference=_scale,
        ),
        Instruction("output", funct3=1, rs1=Operand("offset", s32), reference=_output),
        Instruction(
            "requantise",
            funct3=2,
            rs1=Operand("acc", s32),
            rd=Operand("value", s32),
            reference=_requantise,
        ),
        Instruction(
            "same",
            funct3=3,
            rs1=Operand("x", u32),
            rd=Operand("y", u32),
            reference=lambda state, x: x,
        ),
    )

    def __init__(self, wait: int = 0) -> None:
        self.wait = wait
        super().__init__()

    def hardware(self, m: Module, ports: Ports) -> None:
        """Answer from one expression: nothing here is meant for an FPGA."""
        multiplier, shift, offset = Signal(s32), Signal(s32), Signal(s32)
        scale, output, port = ports["scale"], ports["output"], ports["requantise"]
        with m.If(scale.taken):
            m.d.sync += [multiplier.eq(scale.rs1), shift.eq(scale.rs2)]
        with m.If(output.taken):
            m.d.sync += offset.eq(output.rs1)
        scale.answer(m)
        output.answer(m)
        ports["same"].answer(m, ports["same"].rs1)

        left, right = Signal(5), Signal(5)
        shifted, high, rounded = Signal(s32), Signal(signed(34)), Signal(signed(34))
        m.d.comb += [
            left.eq(Mux(shift > 0, shift, 0)),
            right.eq(Mux(shift < 0, -shift, 0)),
            shifted.eq(port.rs1 << left),
            high.eq((shifted * multiplier + (1 << 30)) >> 31),
            rounded.eq(Mux(right == 0, high, (((high - (high < 0)) >> (right - 1)[:5]) + 1) >> 1)),
        ]
        total = rounded + offset
        clamped = Mux(total < _LOWEST, _LOWEST, Mux(total > _HIGHEST, _HIGHEST, total))
        waited = Signal(range(self.wait + 1))
        port.answer(m, clamped, when=waited == self.wait)
        with m.If(port.taken):
            m.d.sync += waited.eq(0)
        with m.Elif(port.cmd.valid & (waited != self.wait)):
            m.d.sync += waited.eq(waited + 1)


# The plain kernel's activation is that of int8 where this is used.
_VALUE = """
#include "cfu.h"
static inline int8_t cfu_value(int32_t acc, int32_t multiplier, int32_t shift, int32_t offset,
                               nn_activation activation) {
  (void)offset, (void)activation;
  cfu_scale(multiplier, shift);
  %s
  return (int8_t)cfu_requantise(acc);
}
"""


_BEFORE = "accumulate(channels, shared, taps, input, filter + o, acc);"


def requantiser(folder: Path, wait: int = 0, statement: str = "") -> Design:
    """Return a design whose DEPTHWISE_CONV_2D is the plain one, requantised in the CFU.

    Parameters
    ----------
    folder
        Where its kernel is written.
    wait
        How many cycles too many each value takes.
    statement
        C before each value, with which `acc` can be changed.
    """
    plain = (FIRMWARE.parent / "nn/depthwise_conv_s8.c").read_text()
    assert plain.count("nn_requantise(") == 1
    assert plain.count('#include "window.h"\n') == 1
    assert plain.count(_BEFORE) == 1
    text = plain.replace("nn_requantise(", "cfu_value(")
    text = text.replace(_BEFORE, f"{_BEFORE}\n  cfu_output(stage->output_offset);")
    kernel = text.replace('#include "window.h"\n', '#include "window.h"\n' + _VALUE % statement)
    (folder / "depthwise_conv_s8.c").write_text(kernel)
    cls = type("Requantiser", (Requantiser,), {"kernels": str(folder), "__module__": __name__})
    return Design(cls, {"wait": wait})
