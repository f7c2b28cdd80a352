"""A design of a few cells in place of a SoC, for the flows' tools."""

from __future__ import annotations

from dataclasses import replace

from cfuforge.gateware.report import BuildReport
from cfuforge.soc.board import Dfu, board
from cfuforge.soc.fpga import Fpga
from cfuforge.soc.generate import Pin, Soc
from support.documents import MODEL

VERILOG = """\
module soc(input oscillator, input serial_rx, output reg serial_tx);
  wire sys_clk = oscillator;
  reg [15:0] taps = 0, product = 0;
  reg [31:0] square = 0;
  always @(posedge sys_clk) begin
    taps <= {taps[14:0], serial_rx};
    product <= taps * taps + product;
    square <= product * product;
    serial_tx <= ^square;
  end
endmodule
"""
PARTS = {"taps": "UART", "product": "CFU", "square": "CFU", "serial_tx": "UART"}


def small_soc(name: str, hertz: int, pins: str, fpga: Fpga | None = None) -> Soc:
    """Return a SoC of `VERILOG` for a board, which wants so many hertz.

    `pins` are those of clock, receiver and sender.
    """
    chosen = replace(board(name), clock_hz=hertz)
    if fpga:
        chosen = replace(chosen, fpga=fpga, dfu=Dfu(0x1209, 0x5BF0, 0x4_0000))
    ports = ("oscillator", "serial_rx", "serial_tx")
    return Soc(
        board=chosen,
        verilog=(),
        memories={},
        registers={},
        interrupts={},
        arrays={},
        dram={},
        pins=tuple(Pin(p, at, ("LVCMOS33",)) for p, at in zip(ports, pins.split(), strict=True)),
        clocks={"sys_clk": hertz},
        parts=PARTS,
    )


def report_of(soc: Soc) -> BuildReport:
    design = {"name": "none", "spec": "none", "parameters": {}}
    return BuildReport(board=soc.board, design=design, model=MODEL, versions={})
