"""A Verilated CFU on its own, callable from C and Python: the CFU of the host build."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.cache import write_once
from cfuforge.base.errors import InputError, RunError
from cfuforge.base.failure import unwritten
from cfuforge.base.private_library import load_private
from cfuforge.cfu.commands import Command
from cfuforge.sim.verilate import build_library

__all__ = ["CfuModel"]

HARNESS = Path(__file__).with_name("cfu_harness.cpp")
WAVEFORM = Path(__file__).with_name("waveform.h")
WRAPPER = Path(__file__).with_name("cfu_harness.v")
NONE = 0xFFFF_FFFF  # no function id


class CfuModel:
    """One instance of a CFU, in its state after reset.

    Parameters
    ----------
    verilog
        Verilog file of module ``Cfu``.
    record
        How many instructions from C code, the first ones, to keep in `recorded`.
    waveform
        A .vcd file to which a waveform is written, until `close`.
    memory_width
        Width in bytes of the CFU's memory port; 0 for none.
    memory
        The bytes that the port reaches, a power of two: they follow each other again and again in
        the whole address space. Without them the port reaches the memory of this process, of which
        only the lowest 4 GB have addresses of 32 bits; an access that is not allowed is a fault.

    Members
    -------
    address
        Address of ``uint32_t cfu_op(uint32_t function_id, uint32_t rs1, uint32_t rs2)``, for C code
        in this process.
    memory_width
        As given.
    """

    def __init__(
        self,
        verilog: Path,
        record: int = 0,
        waveform: Path | None = None,
        *,
        memory_width: int = 0,
        memory: bytearray | None = None,
    ) -> None:
        self.memory_width = memory_width
        self._waveform = waveform
        self._library = load_private(self.build(verilog, waveform is not None, memory_width))
        self._op = self._library.cfu_op
        self._op.restype = ctypes.c_uint32
        self._op.argtypes = [ctypes.c_uint32] * 3
        self._library.cfu_program.restype = ctypes.c_uint64
        self._library.cfu_executed.restype = ctypes.c_uint64
        self._record = np.zeros((record, 4), np.uint32)
        if record:
            words = self._record.ctypes.data_as(ctypes.c_void_p)
            self._record[:, 0] = NONE
            self._library.cfu_record(words, ctypes.c_uint64(record))
        entry = self._library.cfu_recorded_op if record else self._op
        address = ctypes.cast(entry, ctypes.c_void_p).value
        assert address is not None
        self.address: int = address
        if waveform and not self._library.cfu_trace(os.fsencode(waveform)):
            raise InputError(f"the waveform {waveform} cannot be written")
        if memory is not None:
            self._memory = np.frombuffer(memory, np.uint8)  # keeps it where it is
            start = self._memory.ctypes.data_as(ctypes.c_void_p)
            self._library.cfu_window(start, ctypes.c_uint32(len(memory)))

    @staticmethod
    def build(verilog: Path, tracing: bool = False, memory_width: int = 0) -> Path:
        """Return the library, building it unless it is in the cache."""
        trace, defines = ("vcd", ["FORGE_VCD"]) if tracing else (None, [])
        sources = [verilog, WRAPPER]
        if memory_width:
            defines = [*defines, f"FORGE_PORT={memory_width}"]
            text = f"`define FORGE_PORT {memory_width}\n"
            sources.insert(0, write_once("port", "port.v", text))
        return build_library(
            "CfuHost", sources, HARNESS, includes=[WAVEFORM], trace=trace, defines=defines
        )

    def close(self) -> None:
        """Complete the waveform.

        Raises
        ------
        InputError
            When it could not be written to its end.
        EnvironmentLacksError
            When its disk is full.
        """
        if self._waveform and not self._library.cfu_trace_close():
            raise unwritten(self._waveform)

    def stall(self, seed: int) -> None:
        """Delay requests and responses of the memory port at random from now on."""
        self._library.cfu_stall(ctypes.c_uint32(seed))

    @property
    def recorded(self) -> NDArray[np.uint32]:
        """Function id, two operands and answer of the first instructions from C code."""
        given = self._record[:, 0] != NONE
        return self._record[: int(given.sum())]

    def run(self, commands: Sequence[Command], seed: int) -> list[int]:
        """Execute `commands` back to back and with random stalls, and return the answers.

        The CFU may write through its memory port after the last answer; it is given time for that.

        Raises
        ------
        RunError
            When the CFU stops answering; the message names the command.
        """
        answers = self.run_until_silent(commands, seed)
        if len(answers) < len(commands):
            raise RunError(
                f"the CFU did not answer command {len(answers)} of {len(commands)}, "
                f"{commands[len(answers)]}, within 100,000 cycles"
            )
        return answers

    def run_until_silent(self, commands: Sequence[Command], seed: int | None) -> list[int]:
        """Execute `commands` as `run` does, and return the answers that came.

        Without a `seed` they are executed one by one, as from C code.
        """
        if seed is None:
            answered: list[int] = []
            for command in commands:
                answer = int(self._op(*command))
                if self.silent is not None:
                    break
                answered.append(answer)
            return answered
        words = np.array(commands, np.uint32).reshape(-1, 3)
        answers = np.zeros(len(words), np.uint32)
        received = self._library.cfu_program(
            words.ctypes.data_as(ctypes.c_void_p),
            answers.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_uint64(len(words)),
            ctypes.c_uint32(seed),
        )
        return [int(answer) for answer in answers[:received]]

    @property
    def executed(self) -> int:
        """The number of instructions executed since reset, not counting those of `run`."""
        return int(self._library.cfu_executed())

    @property
    def silent(self) -> int | None:
        """The function id of the unanswered instruction; None when all were answered."""
        function_id = int(self._library.cfu_silent())
        return None if function_id < 0 else function_id

    @property
    def waited(self) -> int:
        """The number of cycles in which it was not."""
        return int(self._library.cfu_waited())

    @property
    def low(self) -> str:
        """The signal that stayed low, so that the instruction was not answered."""
        return "cmd_ready" if self._library.cfu_untaken() else "rsp_valid"

    def check(self) -> None:
        """Raise `RunError` when an instruction has not been answered since reset."""
        if self.silent is not None:
            raise RunError(
                f"the CFU did not answer function {self.silent} (funct3 {self.silent & 7}, funct7 "
                f"{self.silent >> 3}) within {self.waited:,} cycles"
            )
