"""Count every cycle of a run by its cause, as the RTL's own signals show it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.errors import InputError
from cfuforge.sim.simulator import OnChunk, Simulator, Stop, enumerators
from cfuforge.soc.board import Board
from cfuforge.soc.cpu import Core, cpu
from cfuforge.soc.generate import Soc

__all__ = ["CALL", "AccountingSimulator", "Cause", "Segment"]

# The signals that counting.cpp reads as IN_<name>, by module and its path in VexRiscv.
_SIGNALS = {
    ("VexRiscv", ""): """
        DBusCachedPlugin_redoBranch_valid decode_INSTRUCTION decode_PC
        decode_arbitration_flushNext decode_arbitration_isFiring decode_arbitration_isValid
        decode_arbitration_removeIt decode_to_execute_INSTRUCTION decode_to_execute_PC
        execute_arbitration_flushNext execute_arbitration_isFiring
        execute_arbitration_isStuck execute_arbitration_isValid execute_arbitration_removeIt
        execute_to_memory_INSTRUCTION execute_to_memory_PC lastStageIsFiring
        memory_CfuPlugin_CFU_IN_FLIGHT memory_arbitration_isFiring
        memory_arbitration_isStuck memory_arbitration_isValid memory_arbitration_removeIt
        memory_to_writeBack_INSTRUCTION memory_to_writeBack_PC when_CfuPlugin_l193
        when_CfuPlugin_l200 when_DBusCachedPlugin_l347 when_HazardSimplePlugin_l113
        when_IBusCachedPlugin_l250 writeBack_arbitration_flushNext
        writeBack_arbitration_haltItself writeBack_arbitration_isStuck
        writeBack_arbitration_isValid writeBack_arbitration_removeIt
    """,
    ("InstructionCache", "IBusCachedPlugin_cache__DOT__"): "lineLoader_valid",
    ("DataCache", "dataCache_1__DOT__"): "loader_valid",
}


class Cause(IntEnum):
    """The cause of a cycle.

    The first six are cycles in which an instruction retired, by its class. The others are cycles in
    which none did: the instruction cache or the data cache was being filled; a store waited for the
    bus; the pipeline was being refilled after a jump; a product or quotient was not ready; a load's
    or a shift's result was needed at once; the CFU had not taken a command or had not answered; a
    CFU instruction waited for older ones that could trap, or another one for its result; any other.
    """

    LOAD = 0
    STORE = 1
    MULTIPLY = 2
    BRANCH = 3
    CFU = 4
    OTHER_INSTRUCTION = 5
    INSTRUCTION_MISS = 6
    DATA_MISS = 7
    STORE_WAIT = 8
    BRANCH_BUBBLE = 9
    MULTIPLY_WAIT = 10
    LOAD_USE = 11
    SHIFT_USE = 12
    CFU_BUSY = 13
    CFU_HAZARD = 14
    OTHER = 15


CALL = np.dtype([("parent", "<u4"), ("function", "<u4"), ("calls", "<u8"), ("cycles", "<u8")])


@dataclass(frozen=True)
class Segment:
    """The cycles between two reads of the cycle counter.

    Parameters
    ----------
    end_pc
        Address of the instruction that read the counter at the end; 0 when the run ended.
    cycles
        Number of cycles.
    counts
        Cycles, uint32, shape (instructions + 1, causes). An instruction's row is its address minus
        the code's origin, divided by 4; the last row is for all other addresses.
    calls
        The tree of calls so far, with the fields of `CALL`: the caller's index, which is lower than
        its callees' and is 0 for element 0, the root; the function's number; the number of calls
        from that caller, and of cycles in the function itself, both in this segment.
    activities
        Cycles of each value of the CFU's signal ``activity``, uint64, shape (256, 2): all, and
        those in which the CPU waited, whose cause is `Cause.CFU_BUSY`.
    """

    end_pc: int
    cycles: int
    counts: NDArray[np.uint32]
    calls: NDArray[np.void]
    activities: NDArray[np.uint64]

    def copy(self) -> Segment:
        """Return a copy that the simulator does not change."""
        return replace(
            self,
            counts=self.counts.copy(),
            calls=self.calls.copy(),
            activities=self.activities.copy(),
        )


def require_accountable(board: Board) -> None:
    """Raise `InputError` unless cycles can be accounted for on a board's CPU."""
    chosen = cpu(board.cpu_variant)
    if chosen.core is Core.SMALL or not chosen.options.data_cache:
        raise InputError(
            f"board {board.name} has CPU {chosen.name}, but a profile needs full+cfu: "
            "name a board that has it, such as sim"
        )


class AccountingSimulator(Simulator):
    """A `Simulator` that accounts for every cycle, without changing how the program runs.

    Parameters
    ----------
    soc
        A SoC with a VexRiscv that has caches.
    cfu
        As `Simulator` takes it.
    origin
        Start address of the code whose instructions are counted one by one.
    functions
        The number of the function that each of its instructions is in; 0 for none.
    says_activity
        Whether the CFU has a signal ``activity``, as `cfuforge.cfu.Cfu.activities` describes it;
        otherwise all cycles are of activity 0.

    Raises
    ------
    InputError
        When the SoC has another CPU.
    """

    harness = Path(__file__).with_name("counting.cpp")
    defines = (
        f"FORGE_CAUSES={enumerators(Cause)}",
        *(
            f"IN_{name}=CPU(VexRiscv, {place}{name})"
            for (_, place), names in _SIGNALS.items()
            for name in names.split()
        ),
    )
    signals = {module: names.split() for (module, _), names in _SIGNALS.items()}  # noqa: RUF012

    def __init__(
        self,
        soc: Soc,
        cfu: Path,
        origin: int,
        functions: NDArray[np.uint32],
        says_activity: bool = False,
    ) -> None:
        require_accountable(soc.board)
        seen = "0"
        if says_activity:
            seen = "CPU(Cfu__DOT__cfu, activity)"
            self.signals = {**self.signals, "Cfu*cfu": ["activity"]}
        self.defines = (*self.defines, f"IN_activity={seen}")
        super().__init__(soc, cfu)
        self._words = len(functions)
        library: Any = self._library
        library.accountant_new.restype = ctypes.c_void_p
        library.accountant_counts.restype = ctypes.POINTER(ctypes.c_uint32)
        library.accountant_calls.restype = ctypes.c_void_p
        library.accountant_activities.restype = ctypes.POINTER(ctypes.c_uint64)
        library.accountant_run.restype = ctypes.c_uint32
        numbers = np.ascontiguousarray(functions, np.uint32)
        self._accountant = ctypes.c_void_p(
            library.accountant_new(
                ctypes.c_uint32(origin),
                ctypes.c_uint32(self._words),
                ctypes.c_void_p(numbers.ctypes.data),
            )
        )
        self._counts = np.ctypeslib.as_array(
            library.accountant_counts(self._accountant), (self._words + 1, len(Cause))
        )
        self._activities = np.ctypeslib.as_array(
            library.accountant_activities(self._accountant), (256, 2)
        )

    def __del__(self) -> None:
        if hasattr(self, "_accountant"):
            self._library.accountant_delete(self._accountant)
        super().__del__()

    def account(
        self,
        budget: int,
        take: Callable[[Segment], None],
        *,
        patience: int = 100_000,
        on_chunk: OnChunk = lambda cycles, hertz: None,
    ) -> Stop:
        """Run until the firmware finishes, and return why the run ended.

        Parameters
        ----------
        budget, patience, on_chunk
            As in `Simulator.run`.
        take
            Called with each segment. Its arrays belong to the simulator: copy what is to be kept.
        """
        end_pc, begin = ctypes.c_uint32(), self.state().cycles

        def end_segment(address: int) -> None:
            nonlocal begin
            now, calls = self.state().cycles, self._calls()
            take(Segment(address, now - begin, self._counts, calls, self._activities))
            self._counts[:] = 0
            calls["calls"] = calls["cycles"] = 0
            self._activities[:] = 0
            begin = now

        def step(cycles: int) -> Stop:
            times = (ctypes.c_uint64(cycles), ctypes.c_uint64(patience))
            simulator = self._accountant, self._handle
            stop = Stop(self._library.accountant_run(*simulator, *times, ctypes.byref(end_pc)))
            if stop != Stop.READ_CYCLES:
                return stop
            end_segment(end_pc.value)
            return Stop.BUDGET_SPENT

        stop = self._in_steps(step, budget, on_chunk)
        end_segment(0)
        return stop

    def _calls(self) -> NDArray[np.void]:
        count = ctypes.c_uint32()
        first = self._library.accountant_calls(self._accountant, self._handle, ctypes.byref(count))
        size = count.value * CALL.itemsize
        memory: Any = (ctypes.c_char * size).from_address(first)
        return np.frombuffer(memory, np.uint8).view(CALL)
