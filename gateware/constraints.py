"""Constraint files, with the ports' pins and the oscillator's frequency."""

from __future__ import annotations

from cfuforge.soc.generate import Soc

__all__ = ["lpf", "pcf", "xdc"]

OSCILLATOR = "oscillator"


def lpf(soc: Soc) -> str:
    """Return Lattice's preferences for an ECP5; nextpnr derives the PLL's clocks itself."""
    lines = []
    for each in soc.pins:
        standard, *options = each.options
        lines.append(f'LOCATE COMP "{each.port}" SITE "{each.pin}";')
        lines.append(f'IOBUF PORT "{each.port}" {" ".join([f"IO_TYPE={standard}", *options])};')
    lines.append(f'FREQUENCY PORT "{OSCILLATOR}" {soc.board.oscillator_hz / 1e6:g} MHZ;')
    return "\n".join([*lines, ""])


def pcf(soc: Soc) -> str:
    """Return physical constraints for nextpnr-ice40, with clock frequencies in MHz."""
    lines = [f"set_io {each.port} {each.pin}" for each in soc.pins]
    lines += [f"set_frequency {net} {hertz / 1e6:g}" for net, hertz in soc.clocks.items()]
    return "\n".join([*lines, ""])


def xdc(soc: Soc) -> str:
    """Return Xilinx design constraints for both nextpnr-xilinx and Vivado.

    nextpnr-xilinx does not accept blanks in the braces of ``get_ports``, and ignores a
    ``create_clock`` with braces, so a port has braces only when its index needs them.
    """
    lines = []
    for each in soc.pins:
        standard, *options = each.options
        properties = {"LOC": each.pin, "IOSTANDARD": standard}
        properties |= dict(option.split("=", 1) for option in options)
        port = f"{{{each.port}}}" if "[" in each.port else each.port
        lines += [f"set_property {key} {value} [get_ports {port}]" for key, value in
                  properties.items()]  # fmt: skip
    period = 1e9 / soc.board.oscillator_hz
    lines.append(f"create_clock -name {OSCILLATOR} -period {period:.3f} [get_ports {OSCILLATOR}]")
    return "\n".join([*lines, ""])
