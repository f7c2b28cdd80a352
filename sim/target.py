"""The simulated SoC with one design, which runs a model on an input and returns a `Run`."""

from __future__ import annotations

import ctypes
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.cache import build_once, code, digest
from cfuforge.base.document import as_json
from cfuforge.base.errors import InputError, RunError
from cfuforge.base.progress import SILENT, Progress
from cfuforge.base.shown import counted
from cfuforge.cfu.design import Design
from cfuforge.sim import diagnose
from cfuforge.sim.account.counting import AccountingSimulator, Segment
from cfuforge.sim.layer_watch import LayerWatch
from cfuforge.sim.mailbox import MAGIC, VERSION, Layer, Mailbox, Status, read_mailbox
from cfuforge.sim.placement import place
from cfuforge.sim.power_on import store
from cfuforge.sim.simulator import CHUNK, HARNESS, OnChunk, Simulator, Stop
from cfuforge.sim.texts import Texts
from cfuforge.sim.trace.tracing import Trace, TracingSimulator, finish_waveform
from cfuforge.sim.verilate import require_tools
from cfuforge.sim.versions import versions
from cfuforge.soc.board import Board
from cfuforge.soc.generate import Soc, generate
from cfuforge.sw.acceptance import accept
from cfuforge.sw.elf import Firmware
from cfuforge.sw.kernels import KernelSet
from cfuforge.sw.model_firmware import model_firmware
from cfuforge.sw.oracle import check_inputs
from cfuforge.sw.program import build
from cfuforge.sw.run import LayerRun, Run, SocFacts
from cfuforge.sw.tflite_model import Model

__all__ = ["SimTarget"]

#: The code that runs beside the simulated program and reads its results.
CODE = [
    Path(__file__).parents[1] / f"{name}.py"
    for name in (
        *("sim/target", "sim/simulator", "sim/verilate", "sim/versions", "sim/memory"),
        *("sim/placement", "sim/power_on", "sim/mailbox", "sim/texts"),
        *("sim/layer_watch", "sim/diagnose", "sim/cxx", "sim/cxx_library"),
        *("sw/elf", "sw/flash_image", "sw/run", "sw/whose_memory"),
        *("sw/tflite_model", "sw/tflite_fields", "sw/flatbuffer"),
    )
]
PATIENCE = 100_000  # cycles, limit of one CFU instruction
LONGEST_PREPARE = 200_000_000  # cycles, enough for the firmware to prepare any model


class SimTarget:
    """A board's SoC with a design's CFU and kernels, simulated in Verilator.

    Parameters
    ----------
    design
        The CFU and its kernels.
    board
        The board whose SoC is simulated.
    progress
        Told of each phase, and of a run's progress.
    slim
        The model for which to build the slim firmware; None for the general firmware.
    netlist
        The name of an FPGA family, and the Verilog of the CFU as synthesised for it, which replaces
        the design's own; None to simulate the RTL.
    order
        The order in which the firmware is linked, as in `cfuforge.sw.program.Program`. Unless it is
        0, model and arena are also moved by some cache lines.

    Notes
    -----
    A `cfuforge.sw.target.Target`. Everything is built on first use and cached; so is the result of
    a run with the same SoC, CFU, firmware, model and input.
    """

    def __init__(
        self,
        design: Design,
        board: Board,
        progress: Progress = SILENT,
        slim: Model | None = None,
        netlist: tuple[str, Path] | None = None,
        order: int = 0,
    ) -> None:
        self.design = design
        self.board = board
        self.netlist = netlist
        self.order = order
        self._progress = progress
        require_tools()
        progress.phase(f"SoC of board {board.name}")
        self.soc: Soc = generate(board, port=design.memory_width)
        progress.phase(f"CFU {design.name}")
        self.cfu: Path = netlist[1] if netlist else design.verilog_file()
        progress.phase(f"firmware with {design.name}")
        program = model_firmware(f"{board.name}-{design.name}", slim, order)
        self.firmware = Firmware(build(program, self.soc, KernelSet.of(design)))

    def run(
        self,
        model: Model,
        inputs: Sequence[NDArray[Any]],
        *,
        max_cycles: int | None = None,
        patience: int = PATIENCE,
        trace: Trace | None = None,
    ) -> Run:
        """Run one inference.

        Parameters
        ----------
        model
            The model.
        inputs
            One array for each input of the model, with its shape and type.
        max_cycles
            Limit of the run in cycles; by default 20 million, plus 500 for each MAC.
        patience
            Limit of one CFU instruction in cycles.
        trace
            A waveform to write. Such a run is never taken from the cache, and is simulated twice
            when the cycles to trace have to be found first.

        Raises
        ------
        RunError
            When the CFU does not answer, or the firmware traps or does not end.
        InputError
            When the model cannot be run, or there is no such layer or call to trace.
        """
        check_inputs(model, inputs)
        if trace:
            trace.check(model, self.firmware)
        limit = 20_000_000 + 500 * model.macs if max_cycles is None else max_cycles
        key = self._key(model, *(array.tobytes() for array in inputs), limit, patience)
        fresh: list[Run] = []

        def simulate(work: Path) -> None:
            run = self._simulate(model, inputs, limit, patience, trace)
            fresh.append(run)
            (work / "run.json").write_text(json.dumps(run.to_json()))
            arrays: dict[str, Any] = {str(index): each for index, each in run.values.items()}
            np.savez(work / "values.npz", **arrays)
            about = {"model": model.name, "model_sha256": model.sha256}
            (work / "about.json").write_text(json.dumps(about))

        if trace:
            return self._simulate(model, inputs, limit, patience, trace)
        folder = build_once("run", key, simulate)
        if fresh:
            return fresh[0]
        run = Run.from_json(json.loads((folder / "run.json").read_text()))
        with np.load(folder / "values.npz") as file:
            values = {int(name): file[name] for name in file.files}
        return replace(run, cached=True, values=values)

    def _key(self, model: Model, *parts: Any) -> str:
        """Return the digest of `parts` and of everything else that determines a run of `model`."""
        what = [self._soc(), versions(self.soc), self.design.spec, model.sha256, self.order]
        files = [*self.soc.verilog, self.cfu, HARNESS]
        return digest(what, self.firmware.identity, *files, *map(code, CODE), *parts)

    def _caches(self, address: int) -> bool:
        """Return whether the memory at `address` is behind a data cache."""
        return self.board.dram is not None and self.soc.region(address) == "main_ram"

    @property
    def code(self) -> tuple[int, int]:
        """Origin and size in bytes of the memory that holds the firmware."""
        origin = self.soc.memories[self.board.code_region][0]
        return origin, self.firmware.symbols["_end"] - origin

    def account(
        self,
        model: Model,
        inputs: Sequence[NDArray[Any]],
        take: Callable[[Segment], None],
    ) -> Run:
        """Run one inference as `run` does, never from the cache, and account for every cycle.

        Parameters
        ----------
        model, inputs
            As in `run`.
        take
            Called with each segment, the cycles between two reads of the cycle counter. For an
            inference of n operators, the last 2 n + 3 segments end at the start of the inference;
            at the start and end of each operator; at the end of the inference; and with the run.

        Raises
        ------
        RunError, InputError
            As in `run`.
        """
        check_inputs(model, inputs)
        limit = 20_000_000 + 500 * model.macs
        return self._simulate(model, inputs, limit, PATIENCE, None, take)

    def arena_bytes(self, model: Model) -> int:
        """Return how many bytes of tensor arena a model needs; no inference is run.

        Raises
        ------
        RunError
            When the firmware fails before it knows.
        InputError
            When the model cannot be run.
        """

        def simulate(work: Path) -> None:
            accept(model)
            self._place(Mailbox(), model)  # a model that is too large fails before any build
            self._progress.phase(f"arena of {model.name} with {self.design.name}")
            simulator = Simulator(self.soc, self.cfu)
            zeros = [np.zeros(tensor.shape, tensor.dtype) for tensor in model.inputs]
            _, memory = self._load(simulator, model, zeros)
            simulator.reset()
            for _ in range(LONGEST_PREPARE // CHUNK):
                stop = simulator.run(CHUNK)
                if stop != Stop.BUDGET_SPENT or memory().arena_used:
                    break
            if not memory().arena_used:
                self._refuse(simulator, stop, memory(), model, LONGEST_PREPARE)
            (work / "arena.json").write_text(json.dumps(memory().arena_used))

        folder = build_once("arena", self._key(model), simulate)
        return int(json.loads((folder / "arena.json").read_text()))

    def placement(self, model: Model) -> Mailbox:
        """Return the mailbox with which a model starts, which says where everything is placed.

        Raises
        ------
        InputError
            When there is no room for the model.
        """
        return self._place(Mailbox(), model, self._known_arena_bytes(model))

    def _place(self, box: Mailbox, model: Model, arena_bytes: int = 0) -> Mailbox:
        end = self.firmware.symbols["_end"]
        place(box, self.soc, self.design.name, end, model, arena_bytes, self.order)
        return box

    def _known_arena_bytes(self, model: Model) -> int:
        return self.arena_bytes(model) if self.board.little_memory else 0

    def _refuse(
        self, simulator: Simulator, stop: Stop, box: Mailbox, model: Model, limit: int
    ) -> None:
        """Raise unless the firmware has finished without an error."""
        diagnose.require_finished(stop, simulator, self.firmware, self.design, limit)
        if box.status == Status.ERROR:
            line = Texts(self.firmware, simulator.read).message(box.message)
            raise InputError(f"{model.name}: {line}{model.advice}")

    def _simulate(
        self,
        model: Model,
        inputs: Sequence[NDArray[Any]],
        limit: int,
        patience: int,
        trace: Trace | None,
        take: Callable[[Segment], None] | None = None,
    ) -> Run:
        self._place(Mailbox(), model)  # a model that is too large fails before any build
        cycles = self._find(trace, model, inputs, limit, patience) if trace else range(0)
        simulator, memory = self._start(model, inputs, trace, accounting=take is not None)
        watch = LayerWatch(simulator, self.firmware, model, memory, self._caches(memory().arena))
        on_chunk = self._on_chunk(memory, model)
        self._progress.phase(f"run {model.name} on {self.design.name}")
        if trace:
            path = trace.file(model.name, self.board.name, self.design.name)
            assert isinstance(simulator, TracingSimulator)
            simulator.trace_program(path, cycles, self.firmware)
        started = time.perf_counter()
        if take and isinstance(simulator, AccountingSimulator):
            stop = simulator.account(limit, take, patience=patience, on_chunk=on_chunk)
        else:
            stop = simulator.run(limit, patience=patience, on_chunk=on_chunk)
        wall = time.perf_counter() - started
        simulator.close_trace()
        state, box = simulator.state(), memory()
        waveform = None
        if trace and cycles.start < state.cycles:
            here = range(cycles.start, min(cycles.stop, state.cycles))
            waveform = finish_waveform(path, here, self.soc.cpu, self.design, self.firmware)
        try:
            if stop in (Stop.STRAY, Stop.CFU_STRAY):
                by_cfu = stop == Stop.CFU_STRAY
                raise diagnose.stray(simulator.stray, state, self.firmware, watch, by_cfu)
            self._refuse(simulator, stop, box, model, limit)
        except RunError as error:
            raise RunError(f"{error}; its waveform is in {path}") if waveform else error from None
        if trace and not waveform:
            path.unlink(missing_ok=True)
            raise InputError(
                f"the run ended after {state.cycles:,} cycles: a trace must begin before that, not "
                f"at {cycles.start:,}"
            )
        return Run(
            design=self.design.identity,
            soc=self._soc(),
            tools=versions(self.soc),
            cycles=box.invoke_cycles_high << 32 | box.invoke_cycles_low,
            layers=self._layers(simulator, box, model, watch),
            outputs=self._outputs(simulator, box, model),
            arena_bytes=box.arena_used,
            uart=simulator.uart(),
            wall_seconds=wall,
            simulated_hertz=state.cycles / wall,
            simulated_cycles=state.cycles,
            waveform=waveform,
            values=watch.values,
        )

    def _start(
        self,
        model: Model,
        inputs: Sequence[NDArray[Any]],
        trace: Trace | None,
        accounting: bool = False,
    ) -> tuple[Simulator, Callable[[], Mailbox]]:
        """Return a simulator, loaded and reset, and a function that reads its mailbox."""
        self._progress.phase(f"simulator with {self.design.name}")
        if accounting:
            origin, size = self.code
            words = range(origin, origin + size // 4 * 4, 4)
            functions = np.array([self.firmware.function_number(at) for at in words], np.uint32)
            says_activity = bool(self.design.activities)
            simulator: Simulator = AccountingSimulator(
                self.soc, self.cfu, origin, functions, says_activity
            )
        elif trace:
            simulator = TracingSimulator(self.soc, self.cfu, trace.format)
        else:
            simulator = Simulator(self.soc, self.cfu)
        _, memory = self._load(simulator, model, inputs, self._known_arena_bytes(model))
        simulator.reset()
        return simulator, memory

    def _on_chunk(self, memory: Callable[[], Mailbox], model: Model) -> OnChunk:
        """Return a function that reports a run's progress by the share of the model's MACs done."""
        done_macs = np.cumsum([0, *(operator.macs for operator in model.operators)])

        def on_chunk(cycles: int, hertz: float) -> None:
            done = done_macs[memory().layer_count] / max(done_macs[-1], 1)
            self._progress.cycles(cycles, hertz, float(done))

        return on_chunk

    def _find(
        self,
        trace: Trace,
        model: Model,
        inputs: Sequence[NDArray[Any]],
        limit: int,
        patience: int,
    ) -> range:
        """Return the cycles to trace, found by a run up to their end."""
        if isinstance(trace.window, range):
            return trace.window
        simulator, memory = self._start(model, inputs, trace)
        assert isinstance(simulator, TracingSimulator)
        self._progress.phase(f"look for {trace.text}")
        on_chunk = self._on_chunk(memory, model)
        found = simulator.find(
            trace.window, self.firmware, limit, patience=patience, on_chunk=on_chunk
        )
        if found.cycles is None:
            self._refuse(simulator, found.stop, memory(), model, limit)
            times = counted(found.count, "time")
            raise InputError(f"no {trace.text} to trace: the inference gets there {times}")
        return found.cycles

    def _soc(self) -> SocFacts:
        after = {"netlist": self.netlist[0]} if self.netlist else {}
        facts = as_json(self.board) | {"memories": self.soc.memories, **after}
        return cast(SocFacts, facts)

    def _load(
        self,
        simulator: Simulator,
        model: Model,
        inputs: Sequence[NDArray[Any]],
        arena_bytes: int = 0,
    ) -> tuple[Mailbox, Callable[[], Mailbox]]:
        """Fill memory; return the mailbox as written, and a function that reads it again."""
        simulator.load(self.firmware)

        def read() -> Mailbox:
            return read_mailbox(simulator.read, self.firmware)

        box = read()
        if (box.magic, box.version) != (MAGIC, VERSION):
            raise InputError(f"{self.firmware.path} is not firmware of this version of cfuforge")
        self._place(box, model, arena_bytes)
        simulator.write(box.model, model.data)
        simulator.write(box.input, b"".join(array.tobytes() for array in inputs))
        simulator.write(self.firmware.symbols["mailbox"], bytes(box))
        data = [(box.input, box.input_size), (box.model, box.model_size)]
        store(simulator, self.firmware, data)
        return box, read

    def _layers(
        self, simulator: Simulator, box: Mailbox, model: Model, watch: LayerWatch
    ) -> tuple[LayerRun, ...]:
        layers = []
        texts = Texts(self.firmware, simulator.read)
        for operator in model.operators:
            at = box.layers + operator.index * ctypes.sizeof(Layer)
            layer = Layer.from_buffer_copy(simulator.read(at, ctypes.sizeof(Layer)))
            layers.append(
                LayerRun.of(
                    operator,
                    cycles=layer.cycles,
                    kernel=texts.text(layer.ran) if layer.ran else "",
                    scratch_bytes=layer.scratch_bytes,
                    persistent_bytes=len(watch.kept.get(operator.index, ())),
                )
            )
        return tuple(layers)

    def _outputs(
        self, simulator: Simulator, box: Mailbox, model: Model
    ) -> tuple[tuple[int, ...], ...]:
        outputs, address = [], box.output
        for tensor in model.outputs:
            values = np.frombuffer(simulator.read(address, tensor.nbytes), tensor.dtype)
            outputs.append(tuple(values.tolist()))
            address += tensor.nbytes
        return tuple(outputs)
