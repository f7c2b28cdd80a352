"""Paths through unregistered multipliers, which nextpnr-ice40 leaves out.

nextpnr-ice40 treats every SB_MAC16 as registered, and puts one without a clock into the clock
domain "ground", so that no path through it counts. Here nextpnr's own delays are added up again,
together with those of the multiplier.
"""

from __future__ import annotations

from cfuforge.gateware.delays import Cell, SlowPath, read_delays, slowest

__all__ = ["MULTIPLIER", "slowest_path"]

MULTIPLIER = "ICESTORM_DSP"
# Picoseconds from A or B, and from other inputs, to O, for multiply-add without registers: the
# slowest of SB_MAC16_*_BYPASS in icefuzz/timings_up5k.txt of Project IceStorm at 3cdcf4b. From A
# or B it is the delay to CO in MAC_U_16X16 (11,233) plus that from CO to O in ADS_U_32P32 (1,165).
FROM_FACTORS, FROM_REST = 12_400, 5_270


def slowest_path(sdf: str, through: str = MULTIPLIER) -> SlowPath | None:
    """Return the slowest path through a cell of a given type, or None when there is none.

    Parameters
    ----------
    sdf
        The output of nextpnr-ice40's ``--sdf``.
    through
        The type of cell; empty for the slowest path of all.

    Notes
    -----
    All clocks count as one. A registered multiplier is assumed to be slow on both sides of its
    registers.
    """
    wires, cells = read_delays(sdf)
    for name, cell in cells.items():
        if cell.kind == MULTIPLIER:
            clock = wires.get((name, "CLK"))  # (driving cell, its output), picoseconds
            has_clock = clock is not None and "GND_NET" not in clock[0][0]
            cells[name] = _multiplier(cell, has_clock)
    starts = {(name, input_) for name, cell in cells.items() for input_, _, _ in cell.delays}
    starts = {pin for pin in starts if "CLK" in pin[1] or pin[1] == "CLOCK"}
    chosen = {name for name, cell in cells.items() if cell.kind == through}
    return slowest(wires, cells, starts, chosen if through else None)


def _multiplier(cell: Cell, has_clock: bool) -> Cell:
    """Return a multiplier with its real delays (input, output, picoseconds)."""
    slow = {
        input_: FROM_FACTORS if input_[:2] in ("A_", "B_") else FROM_REST for input_ in cell.setups
    }
    outputs = {output for _, output, _ in cell.delays}
    if has_clock:
        return Cell(cell.kind, [(input_, o, FROM_FACTORS) for input_, o, _ in cell.delays], slow)
    return Cell(cell.kind, [(i, o, delay) for i, delay in slow.items() for o in outputs], {})
