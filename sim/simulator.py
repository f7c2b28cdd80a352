"""The SoC in Verilator as a Python object: load memory, run, observe."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.errors import InputError
from cfuforge.base.failure import unwritten
from cfuforge.cfu.memory_port import verilog_ports
from cfuforge.sim.memory import BankedMemory
from cfuforge.sim.verilate import build_library
from cfuforge.soc.cpu_verilog import cpu_module
from cfuforge.soc.generate import TOP, Soc
from cfuforge.sw.elf import Firmware

__all__ = ["Simulator", "State", "Stop", "enumerators"]

HARNESS = Path(__file__).with_name("harness.cpp")
WAVEFORM = Path(__file__).with_name("waveform.h")
PERIOD = 10_000  # clock period in waveforms, in ps
CHUNK = 500_000  # cycles between two calls of `on_chunk`, about 0.2 s
OnChunk = Callable[[int, float], None]
_BUS = {  # the same for every CPU
    "BUS_ASKS": "dBusWishbone_STB",
    "WRITES": "dBusWishbone_WE",
    "BUS_ANSWERS": "dBusWishbone_ACK",
    "BUS_ADDRESS": "dBusWishbone_ADR",
    "BUS_DATA": "dBusWishbone_DAT_MOSI",
    "BUS_LANES": "dBusWishbone_SEL",
}
SIGNALS = {  # a CPU's signals, by the names that the harness has for them
    "VexRiscv": {
        "RETIRES": "lastStageIsFiring",
        "PC": "lastStagePc",
        "INSTRUCTION": "lastStageInstruction",
        "EXECUTE_PC": "decode_to_execute_PC",
        "EXECUTE_INSTRUCTION": "decode_to_execute_INSTRUCTION",
        "MEMORY_PC": "execute_to_memory_PC",
        "MEMORY_INSTRUCTION": "execute_to_memory_INSTRUCTION",
        "CFU_REFUSES": "when_CfuPlugin_l200",
        "CFU_IN_FLIGHT": "execute_to_memory_CfuPlugin_CFU_IN_FLIGHT",
        "CFU_ANSWERS": "memory_CfuPlugin_rsp_valid",
        "FETCH_ASKS": "iBusWishbone_STB",
        "FETCH_ADDRESS": "iBusWishbone_ADR",
        **_BUS,
    },
    "SmallCpu": {
        "RETIRES": "retire",
        "PC": "pc",
        "INSTRUCTION": "instruction",
        "EXECUTE_PC": "pc",
        "EXECUTE_INSTRUCTION": "instruction",
        "MEMORY_PC": "pc",
        "MEMORY_INSTRUCTION": "instruction",
        "CFU_REFUSES": "cfu_refuses",
        "CFU_IN_FLIGHT": "cfu_in_flight",
        "CFU_ANSWERS": "cfu_answers",
        "FETCH_ASKS": "dBusWishbone_STB",
        "FETCH_ADDRESS": "dBusWishbone_ADR",
        **_BUS,
    },
}


class Stop(IntEnum):
    """The reason why a run ended.

    `Simulator.run` returns one of the first three or of the last three.
    """

    BUDGET_SPENT = 0
    FINISHED = 1  # the firmware wrote its finish register
    STUCK = 2  # no instruction has retired for too long
    READ_CYCLES = 3  # an instruction has read the cycle counter (counting.cpp)
    REACHED = 4  # an address has been reached (window.cpp)
    ENTERED = 5  # a function has been entered from outside
    RETURNED = 6  # that function has returned
    SAID = 8  # the program has written the watched word
    STRAY = 9  # the program has written where it must not
    CFU_STRAY = 10  # the CFU has, through its memory port
    OUTSIDE = 11  # the CFU's memory port was asked for an address that it does not reach


def enumerators(kind: type[IntEnum]) -> str:
    """Return the members of an ``enum`` for the harness: BUDGET_SPENT becomes ``kBudgetSpent``."""
    return ",".join(f"k{each.name.title().replace('_', '')}={each.value}" for each in kind)


def _port_defines(soc: Soc) -> list[str]:
    """Return the harness's definitions for the CFU's memory port, if it has one."""
    if not soc.port:
        return []
    reached = ",".join(f"{{{each.start:#x}u,{each.stop - 1:#x}u}}" for each in soc.reached)
    return [f"FORGE_PORT={soc.port}", f"FORGE_REACHED={reached}"]


class State(ctypes.Structure):
    """The state of the SoC, with the layout of ``State`` in harness.cpp.

    Members
    -------
    cycles
        Clock cycles since the last reset.
    idle
        Cycles since an instruction last retired.
    finish
        What the firmware wrote to its finish register; 0 while it runs.
    pc
        Address of the instruction in the CPU's last stage.
    cfu_command, execute_pc, execute_instruction
        1 while the CFU has not taken the instruction in Execute; its address and word.
    cfu_answer, memory_pc, memory_instruction
        1 while the CFU has not answered the instruction in Memory; its address and word.
    bus, bus_address
        1 when the CPU waits for a read, 2 for a write, 3 for an instruction fetch, 0 for none; the
        address. With a cache, the address of a read or fetch is that of a line.
    store_pc
        Address of the last store that retired, after which its write may still be pending.
    """

    _fields_ = [
        ("cycles", ctypes.c_uint64),
        ("idle", ctypes.c_uint64),
        ("finish", ctypes.c_uint32),
        ("pc", ctypes.c_uint32),
        ("cfu_command", ctypes.c_uint32),
        ("execute_pc", ctypes.c_uint32),
        ("execute_instruction", ctypes.c_uint32),
        ("cfu_answer", ctypes.c_uint32),
        ("memory_pc", ctypes.c_uint32),
        ("memory_instruction", ctypes.c_uint32),
        ("bus", ctypes.c_uint32),
        ("bus_address", ctypes.c_uint32),
        ("store_pc", ctypes.c_uint32),
    ]


class Simulator:
    """One SoC with one CFU, simulated in this process.

    Parameters
    ----------
    soc
        The SoC.
    cfu
        The Verilog file of module ``Cfu``.
    trace
        ``"fst"`` or ``"vcd"``: build a model that can write waveforms of that format.

    Notes
    -----
    The library is built on first use and cached. A run is as fast as a bare loop around the model's
    ``eval``: the checks in each cycle read only three bytes.
    """

    #: For subclasses that observe more: the C++ file that includes harness.cpp, its definitions,
    #: and further signals that it reads, by module.
    harness: Path = HARNESS
    defines: Sequence[str] = ()
    signals: Mapping[str, Sequence[str]] = MappingProxyType({})

    def __init__(self, soc: Soc, cfu: Path, trace: str | None = None) -> None:
        if trace not in (None, "fst", "vcd"):
            raise InputError(f"trace must be fst or vcd, not {trace!r}")
        module = cpu_module(soc.cpu)
        signals = SIGNALS[module]
        arrays = [name for array in soc.arrays.values() for name in array.signals]
        path = build_library(
            TOP,
            [*soc.verilog, cfu],
            self.harness,
            includes=[HARNESS, WAVEFORM],
            defines=[
                f"FORGE_STOPS={enumerators(Stop)}",
                f"FORGE_PERIOD={PERIOD}",
                f"FORGE_MEMORIES={''.join(f'X({name})' for name in arrays)}",
                *(f"CPU_{role}=CPU({module}, {name})" for role, name in signals.items()),
                *([f"FORGE_{trace.upper()}"] if trace else []),
                *_port_defines(soc),
                *self.defines,
            ],
            configuration="\n".join(
                [
                    *(f'public_flat_rw -module "{TOP}" -var "{name}"' for name in arrays),
                    *(f'public_flat_rd -module "{module}" -var "{v}"' for v in signals.values()),
                    *(f'public_flat_rd -module "Cfu" -var "{v}"' for v in verilog_ports(soc.port)),
                    *(
                        f'public_flat_rd -module "{each}" -var "{name}"'
                        for each, names in self.signals.items()
                        for name in names
                    ),
                    "",
                ]
            ),
            trace=trace,
        )
        self.soc = soc
        self._trace = trace
        self._library = library = ctypes.CDLL(str(path))
        for name, result in {
            "forge_new": ctypes.c_void_p,
            "forge_memory": ctypes.POINTER(ctypes.c_uint8),
            "forge_run": ctypes.c_uint32,
            "forge_uart": ctypes.c_uint64,
            "forge_unsent": ctypes.c_uint64,
            "forge_copy": ctypes.POINTER(ctypes.c_uint8),
            "forge_stray": ctypes.c_uint32,
        }.items():
            getattr(library, name).restype = result
        self._handle = ctypes.c_void_p(library.forge_new())
        self._said: Callable[[], Sequence[range]] | None = None
        self._memories = [
            BankedMemory(
                name,
                *soc.memories[name],
                array.stripe,
                [library.forge_memory(self._handle, arrays.index(bank)) for bank in array.signals],
            )
            for name, array in soc.arrays.items()
        ]

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
            self._library.forge_delete(self._handle)

    def load(self, firmware: Firmware) -> None:
        """Write the segments of `firmware` to memory; `reset` then starts it."""
        for address, data in firmware.segments:
            self.write(address, data)

    def write(self, address: int, data: bytes | NDArray[np.generic]) -> None:
        """Write `data` to memory; the CPU must be in reset or must not have `address` cached."""
        data = data if isinstance(data, bytes) else data.tobytes()
        self._memory(address, len(data)).write(address, data)

    def read(self, address: int, size: int) -> bytes:
        """Return `size` bytes of memory from `address` on."""
        return self._memory(address, size).read(address, size)

    def _memory(self, address: int, size: int) -> BankedMemory:
        for memory in self._memories:
            if memory.base <= address and address + size <= memory.base + memory.size:
                return memory
        there = " or ".join(
            f"{memory.name}, {memory.base:#x} to {memory.base + memory.size:#x}"
            for memory in self._memories
        )
        raise InputError(f"{size} bytes at {address:#x} do not fit into {there}")

    def reset(self) -> None:
        """Reset CPU, caches and peripherals, and count cycles from 0; memory keeps its contents."""
        self._library.forge_reset(self._handle)

    def watch(self, word: int, said: Callable[[], Sequence[range]]) -> None:
        """Call `said` whenever the program has written the word at address `word`.

        Parameters
        ----------
        word
            A multiple of 4.
        said
            Called before the next cycle. It returns the addresses to which the program may write
            from then on, or none to allow all; a write elsewhere ends the run with `Stop.STRAY`.
        """
        self._word, self._said = word, said
        self._allow(())

    def _allow(self, writable: Sequence[range]) -> None:
        merged: list[list[int]] = []
        for each in sorted(writable, key=lambda part: part.start):
            if merged and each.start <= merged[-1][1] + 1:
                merged[-1][1] = max(merged[-1][1], each.stop - 1)
            elif each:
                merged.append([each.start, each.stop - 1])
        ranges = np.array(merged, np.uint32)
        self._library.forge_watch(
            self._handle,
            ctypes.c_uint32(self._word),
            ctypes.c_void_p(ranges.ctypes.data),
            len(merged),
        )

    @property
    def stray(self) -> int:
        """The address that program or CFU has written or reached although it must not."""
        return int(self._library.forge_stray(self._handle))

    def mirror(self, base: int, size: int) -> NDArray[np.uint8]:
        """Return an array that from now on mirrors the CPU's writes to `size` bytes from `base`.

        For data in DRAM, which a cache may hold back.
        """
        copy = self._library.forge_copy(self._handle, ctypes.c_uint32(base), ctypes.c_uint32(size))
        return np.ctypeslib.as_array(copy, (size,))

    def run(
        self,
        budget: int,
        *,
        patience: int = 100_000,
        on_chunk: OnChunk = lambda cycles, hertz: None,
    ) -> Stop:
        """Run until the firmware finishes, and return why the run ended.

        Parameters
        ----------
        budget
            Maximum number of cycles to run.
        patience
            Cycles without a retired instruction after which the CPU counts as stuck.
        on_chunk
            Called about five times a second with the cycles simulated so far and those per second.
        """

        def step(cycles: int) -> Stop:
            times = (ctypes.c_uint64(cycles), ctypes.c_uint64(patience))
            return Stop(self._library.forge_run(self._handle, *times))

        return self._in_steps(step, budget, on_chunk)

    def _in_steps(self, step: Callable[[int], Stop], budget: int, on_chunk: OnChunk) -> Stop:
        """Call `step`, each time with a number of cycles, until it stops or the budget is spent."""
        started, first = time.perf_counter(), self.state().cycles
        end = first + budget
        while True:
            stop = step(min(end - self.state().cycles, CHUNK))
            if self._call_watcher(stop):
                continue
            cycles = self.state().cycles
            on_chunk(cycles, (cycles - first) / (time.perf_counter() - started))
            if stop != Stop.BUDGET_SPENT or cycles >= end:
                return stop

    def _call_watcher(self, stop: Stop) -> bool:
        """Call the watcher if the watched word stopped the run; return whether it did."""
        if stop != Stop.SAID or self._said is None:
            return False
        self._allow(self._said())
        return True

    def state(self) -> State:
        """Return the current state of the SoC."""
        state = State()
        self._library.forge_state(self._handle, ctypes.byref(state))
        return state

    def uart(self) -> str:
        """Return what the UART has sent since the last call, as text."""
        return self.uart_bytes().decode("utf-8", "replace")

    def uart_bytes(self) -> bytes:
        """Return what the UART has sent since the last call."""
        buffer = ctypes.create_string_buffer(1 << 16)
        text = b""
        while count := self._library.forge_uart(self._handle, buffer, ctypes.c_uint64(1 << 16)):
            text += buffer.raw[:count]
        return text

    def send(self, data: bytes) -> None:
        """Queue `data` for the UART to receive: a byte a cycle while it has room; none is lost."""
        self._library.forge_send(self._handle, data, ctypes.c_uint64(len(data)))

    @property
    def unsent(self) -> int:
        """The number of bytes from `send` that the UART has not taken yet."""
        return int(self._library.forge_unsent(self._handle))

    def trace(self, path: Path, first: int, end: int) -> None:
        """Write the waveform of the cycles `first` <= cycle < `end` to `path`.

        Call it after `reset`, before `run`; `close_trace` completes the file.
        """
        if not self._trace:
            raise InputError("this simulator was built without waveforms: pass trace='fst'")
        opened = self._library.forge_trace(
            self._handle, str(path).encode(), ctypes.c_uint64(first), ctypes.c_uint64(end)
        )
        self._traces_to(path, opened)

    def _traces_to(self, path: Path, opened: int) -> None:
        if not opened:
            raise InputError(f"the waveform {path} cannot be written; name another file")
        self._waveform = path

    def close_trace(self) -> None:
        """Complete the waveform file.

        Raises
        ------
        InputError
            When it could not be written to its end.
        EnvironmentLacksError
            When its disk is full.
        """
        if self._trace and not self._library.forge_trace_close(self._handle):
            raise unwritten(self._waveform)
