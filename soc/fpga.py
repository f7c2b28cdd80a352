"""FPGAs and their pins as data, for the entries of boards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["ECP5_85F", "ICE40UP5K", "XC7A35T", "Fpga", "Pads"]


@dataclass(frozen=True)
class Fpga:
    """An FPGA: its family and part, and its resources.

    Parameters
    ----------
    family
        ``"ecp5"``, ``"xc7"`` or ``"ice40"``, which selects the tools that build for it.
    part
        The manufacturer's part name, with package and speed grade.
    limits
        The number of each resource: ``"LUT"``, ``"FF"``, ``"BRAM"``, ``"DSP"``; for an iCE40 also
        ``"LC"``, logic cells with a LUT and a flip-flop, and ``"SPRAM"``.
    """

    family: str
    part: str
    limits: Mapping[str, int]


@dataclass(frozen=True)
class Pads:
    """Pins of the FPGA that belong together, such as those to the DRAM.

    Parameters
    ----------
    name
        The name by which the SoC requests them.
    pins
        The pins of each signal, separated by blanks, the least significant first; a single text for
        one signal without a name.
    options
        Constraints for every pin: first the I/O standard, then ``KEY=VALUE``.
    special
        Options that replace `options` for single signals.
    """

    name: str
    pins: Mapping[str, str] | str
    options: tuple[str, ...]
    special: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


# Lattice FPGA-DS-02012, ECP5 Family Data Sheet, table 1.1; as nextpnr-ecp5 counts
ECP5_85F = Fpga(
    family="ecp5",
    part="LFE5U-85F-6BG381C",
    limits={"LUT": 83_640, "FF": 83_640, "BRAM": 208, "DSP": 156},
)
# Xilinx DS180, 7 Series FPGAs Data Sheet, table 4: block RAMs of 36 kbit
XC7A35T = Fpga(
    family="xc7",
    part="xc7a35ticsg324-1L",
    limits={"LUT": 20_800, "FF": 41_600, "BRAM": 50, "DSP": 90},
)
# Lattice FPGA-DS-02008, iCE40 UltraPlus Family Data Sheet, table 2.1: block RAMs of 4 kbit
ICE40UP5K = Fpga(
    family="ice40",
    part="ice40-up5k-uwg30",
    limits={"LC": 5280, "LUT": 5280, "FF": 5280, "BRAM": 30, "DSP": 8, "SPRAM": 4},
)
