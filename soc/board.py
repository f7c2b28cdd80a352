"""What the SoC has to know of a board, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BOARDS", "Board", "board"]

from cfuforge.cfu.errors import InputError


@dataclass(frozen=True)
class Board:
    """A board: its clock, CPU and memories.

    Parameters
    ----------
    name
        What the user types.
    description
        One line for lists and headings.
    clock_hz
        System clock in Hz.
    cpu_variant
        Name of the CPU variant (`cfuforge.soc.cpu`).
    main_ram_bytes
        Size of the integrated main RAM, which holds code, stack, model and arena.
    """

    name: str
    description: str
    clock_hz: int
    cpu_variant: str
    main_ram_bytes: int


BOARDS = {
    board.name: board
    for board in [
        Board(
            name="sim",
            description="the reference SoC: VexRiscv full+cfu, 16 MB of ideal main RAM",
            clock_hz=100_000_000,
            cpu_variant="full+cfu",
            main_ram_bytes=16 << 20,
        ),
    ]
}


def board(name: str) -> Board:
    """Return the board called `name`.

    Raises
    ------
    InputError
        When there is none; the message lists those there are.
    """
    if name not in BOARDS:
        raise InputError(f"board must be one of {', '.join(sorted(BOARDS))}, not {name!r}")
    return BOARDS[name]
