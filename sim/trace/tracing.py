"""`TracingSimulator`: write waveforms, and find the cycles of a layer or a call."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cfuforge.base.errors import InputError
from cfuforge.base.output import writing
from cfuforge.cfu.design import Design
from cfuforge.sim.simulator import OnChunk, Simulator, Stop
from cfuforge.sim.trace.view import write_views
from cfuforge.sim.trace.window import (
    CallWindow,
    LayerWindow,
    Window,
    function_named,
    parse_window,
)
from cfuforge.sim.verilate import require_tools
from cfuforge.soc.cpu import Cpu
from cfuforge.soc.generate import Soc
from cfuforge.sw.elf import Firmware
from cfuforge.sw.run import Waveform
from cfuforge.sw.tflite_model import Model

__all__ = ["Found", "Trace", "TracingSimulator", "finish_waveform"]


@dataclass(frozen=True)
class Trace:
    """A waveform to write.

    Parameters
    ----------
    text
        What to trace, as `parse_window` takes it.
    path
        The file to write, .fst or .vcd; None for one in ``build/trace/``.

    Raises
    ------
    InputError
        When either is invalid.
    """

    text: str
    path: Path | None = None

    def __post_init__(self) -> None:
        parse_window(self.text)
        if self.path and self.path.suffix not in (".fst", ".vcd"):
            raise InputError(f"a trace file must end in .fst or .vcd, not {self.path.name!r}")

    @property
    def window(self) -> Window:
        """The window that `text` names."""
        return parse_window(self.text)

    @property
    def format(self) -> str:
        """``"fst"`` or ``"vcd"``."""
        return self.path.suffix[1:] if self.path else "fst"

    def file(self, *names: str) -> Path:
        """Return the file to write; by default one in ``build/trace/``, named after `names`."""
        if self.path:
            return self.path
        folder = Path("build", "trace")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"the folder {folder} cannot be made ({error.strerror}); name a file for the trace"
            ) from error
        return folder / (
            "-".join(re.sub(r"[^\w.]+", "_", name)[:60] for name in (*names, self.text)) + ".fst"
        )

    def check_model(self, model: Model) -> None:
        """Raise when `model` has no such layer, or this machine cannot write such waveforms."""
        require_tools(self.format)
        window, last = self.window, len(model.operators) - 1
        if isinstance(window, LayerWindow) and window.layer > last:
            raise InputError(f"{model.name} has layers 0 to {last}, but no layer={window.layer}")

    def check(self, model: Model, firmware: Firmware) -> None:
        """Raise when `model` has no such layer, or `firmware` no such function."""
        self.check_model(model)
        window = self.window
        if isinstance(window, CallWindow):
            function_named(firmware, window.function)


@dataclass(frozen=True)
class Found:
    """The result of a search.

    Parameters
    ----------
    stop
        What ended it.
    cycles
        The window up to its end, or as far as the run came; None when it never began.
    count
        How many calls or layers began.
    """

    stop: Stop
    cycles: range | None
    count: int


class TracingSimulator(Simulator):
    """A `Simulator` that writes waveforms, and follows the program to find a window's cycles.

    Parameters
    ----------
    soc, cfu
        As `Simulator` takes them.
    trace
        ``"fst"`` or ``"vcd"``.
    """

    harness = Path(__file__).with_name("window.cpp")

    def __init__(self, soc: Soc, cfu: Path, trace: str) -> None:
        super().__init__(soc, cfu, trace)
        self._library.walk_new.restype = ctypes.c_void_p
        self._library.walk_begin.restype = ctypes.c_uint64
        self._walk = ctypes.c_void_p(self._library.walk_new())

    def __del__(self) -> None:
        if hasattr(self, "_walk"):
            self._library.walk_delete(self._walk)
        super().__del__()

    def trace_program(self, path: Path, cycles: range, firmware: Firmware) -> None:
        """Write a waveform as `trace` does, with one more signal: the current function.

        The signal, `cfuforge.sim.trace.view.FUNCTION`, is that function's address.
        """
        functions = [addresses for _, addresses in firmware.functions if addresses]
        functions.sort(key=lambda addresses: addresses.start)
        opened = self._library.walk_trace(
            *(self._walk, self._handle, str(path).encode()),
            *map(ctypes.c_uint64, (cycles.start, cycles.stop)),
            _array([addresses.start for addresses in functions]),
            _array([addresses.stop - 1 for addresses in functions]),
            ctypes.c_uint64(len(functions)),
        )
        self._traces_to(path, opened)

    def find(
        self,
        window: LayerWindow | CallWindow,
        firmware: Firmware,
        budget: int,
        *,
        patience: int = 100_000,
        on_chunk: OnChunk = lambda cycles, hertz: None,
    ) -> Found:
        """Run until the end of `window`, or until a run would stop.

        Parameters
        ----------
        window
            The layer or call to find.
        firmware
            The firmware that runs; it must be the one with which `SimTarget` runs models.
        budget, patience, on_chunk
            As in `run`.
        """
        limit = self.state().cycles + budget

        def go(function: str, *arguments: int) -> Stop:
            def step(cycles: int) -> Stop:
                call = getattr(self._library, function)
                times = (ctypes.c_uint64(cycles), ctypes.c_uint64(patience))
                words = map(ctypes.c_uint32, arguments)
                return Stop(call(self._walk, self._handle, *times, *words))

            left = limit - self.state().cycles
            return self._in_steps(step, left, on_chunk) if left else Stop.BUDGET_SPENT

        def ended(stop: Stop, first: int, count: int) -> Found:
            return Found(stop, range(first, self.state().cycles), count)

        if isinstance(window, LayerWindow):
            begin, end = (_counter_read(firmware, name) for name in ("BeginEvent", "EndEvent"))
            for count in range(window.layer + 1):
                if (stop := go("walk_until", begin, 0, 0)) != Stop.REACHED:
                    return Found(stop, None, count)
            first = self.state().cycles
            return ended(go("walk_until", end, 0, 0), first, window.layer + 1)
        around = _counter_read(firmware, "mcycle")
        code = function_named(firmware, window.function)
        if (stop := go("walk_until", around, 0, 0)) != Stop.REACHED:
            return Found(stop, None, 0)
        for count in range(window.call):
            if (stop := go("walk_until", around, code.start, code.stop)) != Stop.ENTERED:
                return Found(stop, None, count)
        first = int(self._library.walk_begin(self._walk))
        return ended(go("walk_out"), first, window.call)


def _array(values: Sequence[int]) -> ctypes.Array[ctypes.c_uint32]:
    return (ctypes.c_uint32 * len(values))(*values)


def finish_waveform(
    path: Path, cycles: range, cpu: Cpu, design: Design, firmware: Firmware
) -> Waveform:
    """Write viewer files beside the waveform of `cycles`, and return the `Waveform`."""
    with writing(path, "name another file"):
        if path.suffix == ".vcd":
            mend_names(path)
        views = write_views(path, cycles.start, cpu, design, firmware)
    return Waveform(
        str(path), tuple(map(str, views)), cycles.start, len(cycles), path.stat().st_size
    )


def mend_names(path: Path) -> None:
    """Replace the colons in the names of a VCD file, which GTKWave cannot read.

    Yosys gives such names to unnamed signals.
    """
    with path.open("r+b") as file:
        for line in iter(file.readline, b""):
            if line.startswith(b"$enddefinitions"):
                return
            words = line.split()
            name = words[4] if words[:1] == [b"$var"] else b""
            mended = line.replace(name, name.replace(b":", b"_")) if b":" in name else line
            if mended != line:
                after = file.tell()
                file.seek(after - len(line))
                file.write(mended)
                file.seek(after)


def _counter_read(firmware: Firmware, function: str) -> int:
    """Return the address at which a function of the firmware reads the low word of mcycle."""
    for start, data in firmware.segments:
        for address in function_named(firmware, function)[::4]:
            at = address - start
            word = int.from_bytes(data[at : at + 4], "little") if at >= 0 else 0
            if word & 0xFFF0_707F == 0xB000_2073:  # csrr rd, mcycle
                return address
    raise InputError(f"{firmware.path}: {function} does not read the cycle counter")
