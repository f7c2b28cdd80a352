"""Watch the simulated layers: read what each has written, stop one that writes elsewhere."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.errors import RunError
from cfuforge.sim.mailbox import (
    EvalTensor,
    KernelMemory,
    Layer,
    Mailbox,
    MicroContext,
    ScratchRequest,
)
from cfuforge.sim.simulator import Simulator
from cfuforge.sw.elf import Firmware
from cfuforge.sw.tflite_model import Model, Operator, Tensor
from cfuforge.sw.whose_memory import kept_by, whose

__all__ = ["LayerWatch"]


class LayerWatch:
    """Read every layer's outputs as soon as the layer has ended, at no cost in cycles.

    A layer may write its outputs, its scratch memory and the model's variables; the stack and the
    firmware's own variables; and the persistent part of the arena, except for tensors there and
    what kernels keep. Writes to anything but memory, such as a register, are not checked.

    Parameters
    ----------
    simulator
        The simulator, loaded, before it runs.
    firmware, model
        The firmware and model that will run.
    box
        Reads the mailbox.
    in_dram
        Whether the arena is in DRAM, behind a cache.

    Members
    -------
    values
        The outputs of each operator when it ended, by tensor index.
    operator
        The operator that is running or ran last.
    kept
        What the kernels keep from the model's preparation on, by operator.

    Notes
    -----
    The simulator's run raises RunError when a layer overwrites the count of finished layers.
    """

    def __init__(
        self,
        simulator: Simulator,
        firmware: Firmware,
        model: Model,
        box: Callable[[], Mailbox],
        in_dram: bool,
    ) -> None:
        self.values: dict[int, NDArray[np.generic]] = {}
        self.kept: dict[int, range] = {}
        self.operator = model.operators[0]
        self._model, self._box, self._simulator = model, box, simulator
        self._ended = -1  # number of layers; -1 before the first begins
        self._addresses: list[int] = []  # the address of each tensor, or 0
        self._scratch: list[tuple[int, range]] = []  # a layer's number, and memory for it
        self._always: list[range] = []  # where every layer may write
        start = box()
        self._copy_at, self._copy = start.arena, None
        if in_dram:
            self._copy = simulator.mirror(start.arena, start.arena_size)
        symbols = firmware.symbols
        self._own = [
            range(symbols["_stack_start"], symbols["_stack_top"]),
            range(symbols["_data_start"], symbols["_bss_end"]),
            *_between([range(base, base + size) for base, size in simulator.soc.memories.values()]),
        ]
        simulator.watch(symbols["mailbox"] + Mailbox.layer_count.offset, self._begin_layer)

    def range_of(self, tensor: Tensor) -> range:
        """Return the addresses of a tensor; valid once the first layer has begun."""
        at = self._addresses[tensor.index]
        return range(at, at + tensor.nbytes) if at else range(0)

    def describe(self, address: int) -> str:
        """Say what is at an address to which the layer must not write."""
        box = self._box()
        found = kept_by(address, self._model, self.kept)
        found = found or whose(address, self._model, self.operator, self.range_of)
        if 0 <= address - box.model < box.model_size:
            found.append(f"byte {address - box.model:,} of the model")
        if 0 <= address - box.input < box.input_size:
            found.append(f"byte {address - box.input:,} of what the host has written as inputs")
        return ", ".join(found) or "where nothing of the layer's is"

    def _begin_layer(self) -> list[range]:
        """Record the layer that has ended, and return where the next one may write."""
        box = self._box()
        if not box.context:
            return []  # memory is still being filled from flash
        if box.layer_count != self._ended + 1:
            raise RunError(
                f"the count of layers became {box.layer_count}, not {self._ended + 1}, at operator "
                f"{self.operator.index} {self.operator.name}: its kernel has overwritten it"
            )
        self._ended = box.layer_count
        if not self._ended:
            self._find(box)
        else:
            for tensor in self.operator.written:
                self.values[tensor.index] = self._value(tensor)
        if self._ended == len(self._model.operators):
            return []
        self.operator = self._model.operators[self._ended]
        return [*self._always, *self._of(self.operator)]

    def _of(self, operator: Operator) -> list[range]:
        mine = [range_ for layer, range_ in self._scratch if layer == operator.index]
        return [*mine, *(self.range_of(each) for each in operator.written)]

    def _find(self, box: Mailbox) -> None:
        """Find where everything is: the tensors, the scratch memory, what kernels keep."""
        context = MicroContext.from_buffer_copy(
            self._read(box.context, ctypes.sizeof(MicroContext))
        )
        table = self._read(context.tensors_, len(self._model.tensors) * ctypes.sizeof(EvalTensor))
        self._addresses = np.frombuffer(table, "<u4").reshape(-1, 3)[:, 0].tolist()
        requests, at = [], context.scratch_requests_
        while at:
            request = ScratchRequest.from_buffer_copy(self._read(at, ctypes.sizeof(ScratchRequest)))
            requests.append(request)
            at = request.next
        buffers = np.frombuffer(self._read(context.scratch_buffers_, 4 * len(requests)), "<u4")
        self._scratch = [
            (request.node, range(int(buffer), int(buffer) + request.bytes))
            for request, buffer in zip(reversed(requests), buffers, strict=True)
        ]
        self.kept = self._kept_at(context.kernel_memory_)
        arena = context.arena_
        end = arena.start_ + arena.size_
        lasting = range(end - arena.tail_, end)
        inside = [*map(self.range_of, self._model.tensors), *self.kept.values()]
        inside = sorted(
            (each for each in inside if each and each.start in lasting), key=lambda part: part.start
        )
        results = range(box.layers, box.layers + box.layer_limit * ctypes.sizeof(Layer))
        self._always = [*self._own, results, *_gaps(lasting, inside)]

    def _kept_at(self, at: int) -> dict[int, range]:
        """Return what the kernels keep, from the address of its table, or 0 for nothing."""
        if not at:
            return {}
        table = self._read(at, len(self._model.operators) * ctypes.sizeof(KernelMemory))
        rows = np.frombuffer(table, "<u4").reshape(len(self._model.operators), -1)[:, :2].tolist()
        return {
            index: range(start, start + size) for index, (start, size) in enumerate(rows) if size
        }

    def _value(self, tensor: Tensor) -> NDArray[np.generic]:
        data = self._read(self._addresses[tensor.index], tensor.nbytes)
        return np.frombuffer(data, tensor.dtype).reshape(tensor.shape)

    def _read(self, address: int, size: int) -> bytes:
        if self._copy is not None and 0 <= address - self._copy_at < len(self._copy):
            return self._copy[address - self._copy_at :][:size].tobytes()
        return self._simulator.read(address, size)


def _gaps(whole: range, parts: list[range]) -> list[range]:
    """Return the gaps in `whole` between `parts`, which are in ascending order."""
    ends = [whole.start, *(part.stop for part in parts)]
    starts = [*(part.start for part in parts), whole.stop]
    return [range(end, start) for end, start in zip(ends, starts, strict=True) if start > end]


def _between(memories: list[range]) -> list[range]:
    """Return the addresses that are in no memory."""
    return _gaps(range(1 << 32), sorted(memories, key=lambda part: part.start))
