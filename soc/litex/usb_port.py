"""The USB serial device in LiteX, for boards that have D+ and D- instead of a UART's pins."""

from __future__ import annotations

from pathlib import Path

from litex.build.generic_platform import GenericPlatform
from litex.gen import LiteXModule
from litex.soc.interconnect import stream
from migen import ClockSignal, Instance, ResetSignal, Signal
from migen.fhdl.specials import Tristate

from cfuforge.base.cache import write_once
from cfuforge.cfu.verilog import component_to_verilog
from cfuforge.soc.usb.usb_serial import UsbSerial

__all__ = ["UsbPort"]

VENDOR, PRODUCT = 0x1209, 0x5BF0  # pid.codes' entry of Fomu


class UsbPort(LiteXModule):
    """`UsbSerial` on the pads ``usb``, in clock domains ``sys`` and, at 48 MHz, ``usb``.

    Members
    -------
    source, sink
        Streams of bytes from and to the host.
    """

    def __init__(self, platform: GenericPlatform) -> None:
        self.source = source = stream.Endpoint([("data", 8)])
        self.sink = sink = stream.Endpoint([("data", 8)])
        pads = platform.request("usb")
        platform.add_source(str(_verilog()))
        p_i, n_i, p_o, n_o, oe = (Signal() for _ in range(5))
        self.specials += [
            Tristate(pads.d_p, p_o, oe, p_i),
            Tristate(pads.d_n, n_o, oe, n_i),
            Instance(
                "UsbSerial",
                i_clk=ClockSignal(),
                i_rst=ResetSignal(),
                i_usb_clk=ClockSignal("usb"),
                i_usb_rst=ResetSignal("usb"),
                o_rx__payload=source.data,
                o_rx__valid=source.valid,
                i_rx__ready=source.ready,
                i_tx__payload=sink.data,
                i_tx__valid=sink.valid,
                o_tx__ready=sink.ready,
                i_usb_d_p_i=p_i,
                i_usb_d_n_i=n_i,
                o_usb_d_p_o=p_o,
                o_usb_d_n_o=n_o,
                o_usb_d_oe=oe,
                o_usb_pullup=pads.pullup,
            ),
        ]


def _verilog() -> Path:
    device = UsbSerial(VENDOR, PRODUCT, "CFU Forge", "Fomu")
    text = component_to_verilog(device, "UsbSerial", ("sync", "usb"))
    return write_once("usb", "UsbSerial.v", text)
