"""The boards' pins as data, with the source of each fact."""

from __future__ import annotations

from cfuforge.soc.fpga import Pads

__all__ = ["ARTY", "FOMU", "ULX3S"]

# Digilent's Arty-A7-35-Master.xdc (digilent-xdc), and mig.prj of its board files (vivado-boards,
# arty-a7-35/E.0) for the DDR3; slew and termination as Xilinx UG586 sets them for DDR3 at 1.35 V.
_SSTL = ("SSTL135", "SLEW=FAST")
_DIFFERENTIAL = ("DIFF_SSTL135", "SLEW=FAST")
ARTY = (
    Pads("oscillator", "E3", ("LVCMOS33",)),
    Pads("serial", {"tx": "D10", "rx": "A9"}, ("LVCMOS33",)),
    Pads("ended", "H5", ("LVCMOS33",)),  # LD4
    Pads(
        "dram",
        {
            "a": "R2 M6 N4 T1 N6 R7 V6 U7 R8 V7 R6 U6 T6 T8",
            "ba": "R1 P4 P2",
            "ras_n": "P3",
            "cas_n": "M4",
            "we_n": "P5",
            "cs_n": "U8",
            "dm": "L1 U1",
            "dq": "K5 L3 K3 L6 M3 M1 L4 M2 V4 T5 U4 V5 V1 T3 U3 R3",
            "dqs_p": "N2 U2",
            "dqs_n": "N1 V2",
            "clk_p": "U9",
            "clk_n": "V9",
            "cke": "N5",
            "odt": "R5",
            "reset_n": "K6",
        },
        _SSTL,
        {
            "dq": (*_SSTL, "IN_TERM=UNTUNED_SPLIT_40"),
            "dqs_p": (*_DIFFERENTIAL, "IN_TERM=UNTUNED_SPLIT_40"),
            "dqs_n": (*_DIFFERENTIAL, "IN_TERM=UNTUNED_SPLIT_40"),
            "clk_p": _DIFFERENTIAL,
            "clk_n": _DIFFERENTIAL,
        },
    ),
)

# ulx3s_v20.lpf of the board's own repository (emard/ulx3s, doc/constraints), for v2.x and v3.0.x
_OUTPUT = ("LVCMOS33", "PULLMODE=NONE", "DRIVE=4")
ULX3S = (
    Pads("oscillator", "G2", ("LVCMOS33", "PULLMODE=NONE")),
    Pads(
        "serial",
        {"tx": "L4", "rx": "M1"},
        ("LVCMOS33", "PULLMODE=UP"),
        {"tx": ("LVCMOS33", "PULLMODE=UP", "DRIVE=4")},
    ),
    Pads("ended", "B2", _OUTPUT),  # LED 0
    Pads("held_high", "L2", _OUTPUT),  # wifi_gpio0: if low, the ESP32 loads its own bitstream
    Pads("dram_clock", "F19", _OUTPUT),
    Pads(
        "dram",
        {
            "a": "M20 M19 L20 L19 K20 K19 K18 J20 J19 H20 N19 G20 G19",
            "ba": "P19 N20",
            "ras_n": "R20",
            "cas_n": "T19",
            "we_n": "T20",
            "cs_n": "P20",
            "cke": "F20",
            "dm": "U19 E20",
            "dq": "J16 L18 M18 N18 P18 T18 T17 U20 E19 D20 D19 C20 E18 F18 J18 J17",
        },
        _OUTPUT,
    ),
)

# Fomu PVT's pinout in the pcf of im-tomu/fomu-workshop (hdl/verilog/pcf/fomu-pvt.pcf), and foboot's
# hw/foboot-bitstream.py
FOMU = (
    Pads("oscillator", "F4", ("LVCMOS33",)),
    Pads("usb", {"d_p": "A1", "d_n": "A2", "pullup": "A4"}, ("LVCMOS33",)),
    Pads("flash", {"cs_n": "C1", "clk": "D1", "dq": "F1 E1 F2 B1"}, ("LVCMOS33",)),
)
