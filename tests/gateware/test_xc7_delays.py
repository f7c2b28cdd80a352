"""What nextpnr-xilinx leaves out of its estimate: block RAM, multipliers, LUT RAM, other clocks."""

from __future__ import annotations

from typing import Any

import pytest

from cfuforge.gateware import xc7_delays
from cfuforge.gateware.delays import SlowPath
from cfuforge.gateware.xc7_delays import FLIP_FLOP, slowest_path

Wire = tuple[str, str, int]
KINDS = {
    "ff": "SLICE_FFX",
    "lut": "SLICE_LUTX",
    "ram": "RAMB36E1_RAMB36E1",
    "dsp": "DSP48E1_DSP48E1",
    "pin": "OSERDESE2_OSERDESE2",
}
LUT_NS = "(124:124:124)"


def slowest(
    *wires: Wire, clocks: dict[str, str], parameters: dict[str, str] | None = None
) -> SlowPath | None:
    """Return the slowest path over wires and cells that are called like their kinds: ``ff_a``.

    Every output and input of a LUT is connected inside, but only input A1 is its own. `clocks` says
    what drives which pin; `parameters` are those of multipliers.
    """
    ends = [end for one, other, _ in wires for end in (one, other)]
    cells = sorted({end.partition("/")[0] for end in (*ends, *clocks)})
    text = ""
    for one, other, delay in (*wires, *((f"{by}/O", pin, 9) for pin, by in clocks.items())):
        text += f"(INTERCONNECT {one} {other} ({delay}:{delay}:{delay}) (0:0:0))\n"
    placed: dict[str, Any] = {}
    for cell in cells:
        kind = KINDS[cell.partition("_")[0]]
        text += f'(CELLTYPE "{kind}")\n(INSTANCE {cell})\n'
        if kind == "SLICE_FFX":
            text += "(IOPATH CK Q (100:100:100) (100:100:100))\n"
            text += "(SETUPHOLD (posedge D) (posedge CK) (100:100:100) (0:0:0))\n"
            text += "(SETUPHOLD (posedge SR) (posedge CK) (100:100:100) (0:0:0))\n"
        if kind == "SLICE_LUTX":
            text += "".join(f"(IOPATH A{i} O6 {LUT_NS} {LUT_NS})\n" for i in (1, 2))
        placed[cell] = {"attributes": {"X_ORIG_PORT_A1": "I0"}, "parameters": parameters or {}}
    return slowest_path(text, {"modules": {"soc": {"cells": placed}}})


def clocked(*pins: str) -> dict[str, str]:
    return dict.fromkeys(pins, "bufg")


def test_between_flip_flops() -> None:
    path = slowest(
        ("ff_a/Q", "lut_a/A1", 500),
        ("lut_a/O6", "ff_b/D", 700),
        clocks=clocked("ff_a/CK", "ff_b/CK"),
    )
    assert path == (FLIP_FLOP + 500 + 124 + 700 + 100, 1_200, "ff_a", "ff_b")


def test_a_reset_takes_longer_to_be_seen() -> None:
    clocks = clocked("ff_a/CK", "ff_b/CK")
    data, reset = (slowest(("ff_a/Q", f"ff_b/{pin}", 500), clocks=clocks) for pin in ("D", "SR"))
    assert data
    assert reset
    assert reset.picoseconds - data.picoseconds == xc7_delays.FLIP_FLOP_RESET - 100


def test_an_input_of_the_other_lut_in_the_place_is_no_path() -> None:
    clocks = clocked("ff_a/CK", "ff_b/CK")
    wires: tuple[Wire, ...] = (("ff_a/Q", "lut_a/A2", 500), ("lut_a/O6", "ff_b/D", 700))
    assert slowest(*wires, clocks=clocks) is None
    assert slowest(*wires, ("lut_a/O6", "lut_a/A2", 0), clocks=clocks) is None  # nor a circle


def test_block_ram_is_slow_at_both_ends() -> None:
    clocks = clocked("ff_a/CK", "ram_a/CLKARDCLKL", "ram_a/CLKBWRCLKU", "ff_b/CK")
    into: Wire = ("ff_a/Q", "ram_a/ADDRARDADDRL5", 2_000)
    out: Wire = ("ram_a/DOBDO3", "ff_b/D", 300)
    read, setup = xc7_delays.BLOCK_RAM
    assert slowest(into, out, clocks=clocks) == (FLIP_FLOP + 2_000 + setup, 2_000, "ff_a", "ram_a")
    assert slowest(out, clocks=clocks) == (read + 300 + 100, 300, "ram_a", "ff_b")


def test_lut_ram_is_read_without_a_clock_and_written_with_one() -> None:
    clocks = clocked("ff_a/CK", "lut_a/CLK", "ff_b/CK")
    read: Wire = ("ff_a/Q", "lut_a/A1", 4_000)
    write: Wire = ("ff_a/Q", "lut_a/DI1", 5_000)
    out: Wire = ("lut_a/O6", "ff_b/D", 300)
    stored, setup = xc7_delays.LUT_RAM
    assert slowest(out, clocks=clocks) == (stored + 300 + 100, 300, "lut_a", "ff_b")
    through = FLIP_FLOP + 4_000 + 124 + 300 + 100
    assert slowest(read, out, clocks=clocks) == (through, 4_300, "ff_a", "ff_b")
    written = FLIP_FLOP + 5_000 + setup
    assert slowest(read, write, out, clocks=clocks) == (written, 5_000, "ff_a", "lut_a")


@pytest.mark.parametrize(
    ("registers", "port", "picoseconds"),
    [
        ("AREG MREG PREG", "A3", FLIP_FLOP + 9_000 + xc7_delays.AT_PIN),
        ("MREG", "A3", FLIP_FLOP + 9_000 + xc7_delays.BEFORE_PRODUCT),
        ("PREG", "A3", FLIP_FLOP + 9_000 + xc7_delays.BEFORE_SUM),
        ("MREG PREG", "C40", FLIP_FLOP + 9_000 + xc7_delays.ADDEND_BEFORE_SUM),
        ("", "A3", FLIP_FLOP + 9_000 + xc7_delays.THROUGH + 500 + 100),
        ("MREG", "PCIN7", FLIP_FLOP + 9_000 + xc7_delays.ADDEND_THROUGH + 500 + 100),
        ("MREG PREG", "CEM", FLIP_FLOP + 9_000 + xc7_delays.AT_PIN),
    ],
)
def test_a_multiplier_is_as_slow_as_its_registers_let_it_be(
    registers: str, port: str, picoseconds: int
) -> None:
    names = ("AREG", "BREG", "CREG", "MREG", "PREG")
    path = slowest(
        ("ff_a/Q", f"dsp_a/{port}", 9_000),
        ("dsp_a/P9", "ff_b/D", 500),
        clocks=clocked("ff_a/CK", "dsp_a/CLK", "ff_b/CK"),
        parameters={name: f"{name in registers.split():032b}" for name in names},
    )
    assert path
    assert (path.start, path.picoseconds) == ("ff_a", picoseconds)


@pytest.mark.parametrize(
    ("registers", "picoseconds"),
    [
        ("MREG PREG", xc7_delays.FROM_SUM),
        ("MREG", xc7_delays.FROM_PRODUCT),
        ("AREG", xc7_delays.FROM_PINS),
    ],
)
def test_a_multiplier_s_output_is_as_far_from_its_last_register(
    registers: str, picoseconds: int
) -> None:
    path = slowest(
        ("dsp_a/P9", "ff_b/D", 500),
        clocks=clocked("dsp_a/CLK", "ff_b/CK"),
        parameters={name: f"{name in registers.split():032b}" for name in ("AREG", "MREG", "PREG")},
    )
    assert path == (picoseconds + 500 + 100, 500, "dsp_a", "ff_b")


def test_other_clocks_do_not_count() -> None:
    clocks = clocked("ff_a/CK", "ff_b/CK", "pin_a/CLKDIV") | {
        "ff_c/CK": "fast",
        "pin_a/CLK": "fast",
    }
    near: Wire = ("ff_a/Q", "ff_b/D", 10)
    assert slowest(near, ("ff_a/Q", "ff_c/D", 9_000), clocks=clocks) == slowest(near, clocks=clocks)
    assert slowest(near, ("ff_c/Q", "ff_b/SR", 9_000), clocks=clocks) == slowest(
        near, clocks=clocks
    )
    setup = xc7_delays.PINS[1]
    path = slowest(near, ("ff_a/Q", "pin_a/D1", 9_000), clocks=clocks)
    assert path == (FLIP_FLOP + 9_000 + setup, 9_000, "ff_a", "pin_a")
