"""Paths that nextpnr-xilinx leaves out: through block RAM, multipliers, LUT RAM and I/O cells.

nextpnr-xilinx knows only the delays of wires, LUTs and carries, assumes 0.1 ns for a flip-flop, and
analyses only paths between flip-flops. Here its own delays are added up again, together with those
of all clocked cells.

The sum is rough: for LUT inputs that nextpnr-xilinx swaps after routing, it writes its estimate
from before. So the slowest path between flip-flops of Arty's SoC came out 5 to 12 % longer than in
its own report.

All numbers are picoseconds, the slowest of their kind for speed grade -1 in artix7/timings of
Project X-Ray's database at 381966a (BRAM_L, DSP_L, slicem and RIOI3.sdf).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from cfuforge.gateware.delays import Cell, Pin, SlowPath, read_delays, slowest

__all__ = ["slowest_path"]

CLOCKS = ("CK", "CLK", "CLKDIV", "C", "CLKARDCLK", "CLKBWRCLK")  # in a cell, the last one counts
FLIP_FLOP, FLIP_FLOP_RESET = 362, 389  # clock to output; setup of the reset
LUT_RAM = 1_481, 654  # clock to output; setup
BLOCK_RAM = 2_454, 737  # the same, without output registers
PINS = 751, 922  # the same, of serialisers and delay lines
# Setup of a multiplier's input when its first register is at the pin, after the product or sum.
AT_PIN, BEFORE_PRODUCT, BEFORE_SUM = 686, 3_372, 5_557
ADDEND_BEFORE_SUM = 2_600
# Clock to output when a multiplier's last register is at the sum, at the product or at the pins.
FROM_SUM, FROM_PRODUCT, FROM_PINS = 688, 2_634, 5_801
THROUGH, ADDEND_THROUGH = 5_615, 2_657  # without registers
FACTORS = ("A", "B", "D", "ACIN", "BCIN", "INMODE")


def slowest_path(sdf: str, placed: Mapping[str, Any]) -> SlowPath | None:
    """Return approximately the slowest path of the system clock, the one with most registers.

    Parameters
    ----------
    sdf
        The output of nextpnr-xilinx's ``--sdf``.
    placed
        The JSON from its ``--write``, which says which registers a multiplier has, and which inputs
        of a LUT are its own and not those of the other LUT in the same site.

    Notes
    -----
    Block RAMs are assumed to have no output registers.
    """
    wires, cells = read_delays(sdf)
    (module,) = placed["modules"].values()
    inputs: dict[str, list[str]] = {}
    for cell, input_ in wires:
        inputs.setdefault(cell, []).append(input_)
    outputs: dict[str, set[str]] = {}
    for (cell, output), _ in wires.values():
        outputs.setdefault(cell, set()).add(output)
    clocks: dict[str, tuple[Pin, str]] = {}  # by cell: the clock's driver (cell, output); its pin
    for name in cells:
        for input_ in sorted(inputs.get(name, ()), key=_clock_order):
            if _clock_order(input_) >= 0:
                clocks[name] = wires[name, input_][0], input_
        if cells[name].kind == "SLICE_LUTX":
            own = module["cells"][name]["attributes"]
            delays = [each for each in cells[name].delays if f"X_ORIG_PORT_{each[0]}" in own]
            cells[name] = cells[name]._replace(delays=delays)
    system = Counter(driver for driver, _ in clocks.values()).most_common(1)[0][0]
    starts = set()
    for name, (driver, clock) in clocks.items():
        ends, begins = inputs[name], outputs.get(name, set())
        parameters = module["cells"][name]["parameters"]
        registers = _registers(cells[name], clock, ends, begins, parameters)
        if driver == system:
            starts.add((name, clock))
            cells[name] = registers
        else:
            cells[name] = registers._replace(setups={})
    return slowest(wires, cells, starts)


def _clock_order(pin: str) -> int:
    bare = pin.removesuffix("L").removesuffix("U") if pin.startswith(("CLKA", "CLKB")) else pin
    return CLOCKS.index(bare) if bare in CLOCKS else -1


def _registers(
    cell: Cell,
    clock: str,
    inputs: Iterable[str],
    outputs: Iterable[str],
    parameters: Mapping[str, str],
) -> Cell:
    """Return a clocked cell, with its delays and setup times."""
    data = [each for each in inputs if _clock_order(each) < 0]
    if cell.kind.startswith("DSP48E1"):
        return _multiplier(cell, clock, data, outputs, parameters)
    if cell.kind == "SLICE_FFX":
        setups = {i: FLIP_FLOP_RESET if i == "SR" else s for i, s in cell.setups.items()}
        return Cell(cell.kind, [(clock, each, FLIP_FLOP) for each in outputs], setups)
    if cell.kind == "SLICE_LUTX":  # reading needs no clock
        written = [each for each in data if not each.startswith("A")]
        delay, setup = LUT_RAM
        delays = [*cell.delays, *((clock, each, delay) for each in outputs)]
        return Cell(cell.kind, delays, dict.fromkeys(written, setup))
    delay, setup = BLOCK_RAM if cell.kind.startswith("RAMB") else PINS
    delays = [(clock, each, delay) for each in outputs]  # input, output, picoseconds
    return Cell(cell.kind, delays, dict.fromkeys(data, setup))


def _multiplier(
    cell: Cell,
    clock: str,
    inputs: Iterable[str],
    outputs: Iterable[str],
    parameters: Mapping[str, str],
) -> Cell:
    """Return a multiplier, with the registers that its parameters enable."""
    registers = {each for each, bits in parameters.items() if each.endswith("REG") and "1" in bits}
    delay = FROM_SUM if "PREG" in registers else FROM_PRODUCT if "MREG" in registers else FROM_PINS
    delays = [(clock, output, delay) for output in outputs]  # input, output, picoseconds
    setups = {}  # picoseconds by input
    for input_ in inputs:
        port = input_.rstrip("0123456789")
        is_factor = port in FACTORS
        if port.startswith(("CE", "RST")) or f"{port}REG" in registers:
            setups[input_] = AT_PIN
        elif is_factor and "MREG" in registers:
            setups[input_] = BEFORE_PRODUCT
        elif "PREG" in registers:
            setups[input_] = BEFORE_SUM if is_factor else ADDEND_BEFORE_SUM
        else:
            slow = THROUGH if is_factor else ADDEND_THROUGH
            delays += [(input_, output, slow) for output in outputs]
    return Cell(cell.kind, delays, setups)
