"""A Verilated CFU alone, callable from C and from Python: it answers for the host build."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cfuforge.cfu.errors import RunError
from cfuforge.cfu.private_library import load_private
from cfuforge.cfu.program import Command
from cfuforge.sim.verilate import build_library

__all__ = ["CfuModel"]

HARNESS = Path(__file__).with_name("cfu_harness.cpp")
WRAPPER = Path(__file__).with_name("cfu_harness.v")


class CfuModel:
    """One instance of a CFU, in the state after reset.

    Parameters
    ----------
    verilog
        Verilog file of module ``Cfu``.

    Members
    -------
    address
        Address of ``uint32_t cfu_op(uint32_t function_id, uint32_t rs1, uint32_t rs2)`` for C code
        in this process.
    """

    def __init__(self, verilog: Path) -> None:
        self._library = load_private(self.build(verilog))
        self._op = self._library.cfu_op
        self._op.restype = ctypes.c_uint32
        self._op.argtypes = [ctypes.c_uint32] * 3
        self._library.cfu_program.restype = ctypes.c_uint64
        self._library.cfu_executed.restype = ctypes.c_uint64
        address = ctypes.cast(self._op, ctypes.c_void_p).value
        assert address is not None
        self.address: int = address

    @staticmethod
    def build(verilog: Path) -> Path:
        """Return the library, and build it where it is not in the cache."""
        return build_library("CfuHost", [verilog, WRAPPER], HARNESS)

    def op(self, function_id: int, rs1: int, rs2: int) -> int:
        """Execute one instruction and return its result, 32 bits unsigned.

        Raises
        ------
        RunError
            When the CFU does not answer.
        """
        answer = int(self._op(function_id, rs1 & 0xFFFFFFFF, rs2 & 0xFFFFFFFF))
        self.check()
        return answer

    def program(self, commands: Sequence[Command], seed: int) -> list[int]:
        """Execute `commands` back to back and with random stalls, and return the answers.

        Raises
        ------
        RunError
            When the CFU stops to answer, saying at which command.
        """
        words = np.array(commands, np.uint32).reshape(-1, 3)
        answers = np.zeros(len(words), np.uint32)
        received = self._library.cfu_program(
            words.ctypes.data_as(ctypes.c_void_p),
            answers.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_uint64(len(words)),
            ctypes.c_uint32(seed),
        )
        if received < len(words):
            raise RunError(
                f"the CFU did not answer command {received} of {len(words)}, {commands[received]}, "
                "within 100,000 cycles"
            )
        return [int(answer) for answer in answers]

    @property
    def executed(self) -> int:
        """How many instructions it has executed since reset, without those of `program`."""
        return int(self._library.cfu_executed())

    @property
    def silent(self) -> int | None:
        """The function id of the instruction that was not answered; None while all were."""
        function_id = int(self._library.cfu_silent())
        return None if function_id < 0 else function_id

    def check(self) -> None:
        """Raise `RunError` when an instruction has not been answered since reset."""
        if self.silent is not None:
            raise RunError(
                f"the CFU did not answer function {self.silent} (funct3 {self.silent & 7}, funct7 "
                f"{self.silent >> 3}) within 100,000 cycles"
            )
