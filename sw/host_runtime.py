"""Run a model on this machine, with the same C++ runtime as the firmware's."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.errors import InputError, RunError
from cfuforge.base.private_library import load_private
from cfuforge.sw.guarded_memory import STRETCH, GuardedMemory
from cfuforge.sw.kernels import PLAIN, KernelSet
from cfuforge.sw.objects import TFLM
from cfuforge.sw.oracle import check_inputs
from cfuforge.sw.program import Program, build_host_library
from cfuforge.sw.sanitizer import Finding
from cfuforge.sw.tflite_model import Model, Tensor
from cfuforge.sw.toolchain import Source
from cfuforge.sw.whose_memory import whose

__all__ = ["HostLayer", "HostRuntime", "build_host_runtime"]

_READ = 1
_DID = ("touched", "read", "wrote")  # indexed by fault_kind of host_api.cc
_LISTENER = ctypes.CFUNCTYPE(None, ctypes.c_int)


@dataclass(frozen=True)
class HostLayer:
    """A record of an operator that the runtime ran.

    Parameters
    ----------
    builtin
        The number of its ``BuiltinOperator``.
    ran
        The kernel that computed it, such as ``"reference/conv_s8"``.
    scratch_bytes
        Bytes of scratch memory that the kernel asked for.
    persistent_bytes
        Bytes that it keeps from the model's preparation on.
    """

    builtin: int
    ran: str
    scratch_bytes: int
    persistent_bytes: int


class HostRuntime:
    """A model prepared by the runtime on this machine.

    Parameters
    ----------
    model
        The model to run; bytes are passed on unchecked, even if `Model` would refuse them.
    arena_size
        Bytes of the tensor arena. Pointers, and so the runtime's own data, are twice as large here
        as on the SoC.
    preserve_all_tensors
        Give every tensor memory of its own, so that `tensor` can read it at any time.
    kernels
        The kernels to use.
    cfu_op
        Address of a C function ``uint32_t (uint32_t function_id, uint32_t rs1, uint32_t rs2)``
        that executes the CFU's instructions, such as that of a `cfuforge.sim.cfu_model.CfuModel`.
    built
        What `build_host_runtime` returned for these kernels, to save building it again.
    sanitize
        Run with AddressSanitizer, in a process started with `cfuforge.sw.sanitizer.environment`.
    low
        Have arena, model and the runtime's own memory where 32-bit addresses reach them, for a CFU
        with a memory port.

    Raises
    ------
    InputError
        When the runtime refuses the model, with its own message, when the kernels do not compile,
        or when there is no memory for the arena.
    """

    def __init__(
        self,
        model: Model | bytes,
        *,
        arena_size: int = 1 << 20,
        preserve_all_tensors: bool = False,
        kernels: KernelSet = PLAIN,
        cfu_op: int | None = None,
        built: Path | None = None,
        sanitize: bool = False,
        low: bool = False,
    ) -> None:
        built = built or build_host_runtime(kernels, sanitize)
        self._library = _load(built, cfu_op, sanitize)
        self._given, self._name = model, kernels.name
        data = model if isinstance(model, bytes) else model.data
        try:
            self._memory = functools.partial(GuardedMemory, low=low)
            self._model = self._memory(len(data), data, constant=True)
            self._arena = self._memory(arena_size)
            self._runtime = self._memory(self._library.runtime_size())
        except MemoryError as error:
            raise InputError(
                f"there is not enough memory for a tensor arena of {arena_size:,} bytes"
            ) from error
        self._create = (
            self._runtime.address,
            self._model.address,
            len(data),
            self._arena.address,
            arena_size,
            preserve_all_tensors,
        )
        self.reset()

    def reset(self) -> None:
        """Prepare the model again, which forgets its state between inferences."""
        self._require(self._library.runtime_create(*self._create))

    @property
    def model(self) -> Model:
        """The model; if it was given as bytes, it is parsed on first use."""
        if isinstance(self._given, bytes):
            self._given = Model(self._given)
        return self._given

    def fit(self) -> None:
        """Prepare the model again, in an arena of exactly the size needed.

        An access beyond it is then an error.
        """
        used = self.arena_used_bytes
        self._arena = self._memory(used)
        runtime, model, length, _, _, preserve = self._create
        self._create = runtime, model, length, self._arena.address, used, preserve
        self.reset()

    @property
    def arena_address(self) -> int:
        """The address of the arena's first byte."""
        return self._arena.address

    @property
    def arena(self) -> NDArray[np.uint8]:
        """The bytes of the arena, not a copy."""
        return self._arena.view()

    @property
    def lasting(self) -> int:
        """The arena offset where the persistent data begin, which no plan shares out."""
        address = self._library.runtime_lasting(self._runtime.address)
        return int(address) - self._arena.address

    def __call__(
        self,
        *inputs: NDArray[Any],
        began: Callable[[], None] | None = None,
        ended: Callable[[int], None] | None = None,
    ) -> list[NDArray[Any]]:
        """Run one inference and return a copy of every output.

        Parameters
        ----------
        inputs
            One array for each input of the model.
        began
            Called when the inputs are in the arena.
        ended
            Called with the number of each operator as soon as it has run.

        Raises
        ------
        InputError
            When the inputs are not what the model takes.
        RunError
            When an operator fails.
        """
        check_inputs(self.model, inputs)
        size = ctypes.c_size_t()
        for index, array in enumerate(inputs):
            address = self._library.runtime_input(self._runtime.address, index, ctypes.byref(size))
            data = np.ascontiguousarray(array)
            ctypes.memmove(address, data.ctypes.data, size.value)
        if began:
            began()
        failed: list[BaseException] = []

        def listen(layer: int) -> None:
            try:
                if ended and not failed:
                    ended(layer)
            except BaseException as error:
                failed.append(error)  # C cannot propagate it

        done = self._library.runtime_invoke(self._runtime.address, _LISTENER(listen))
        if failed:
            raise failed[0]
        if done < 0:
            raise self._fault()
        self._require(done > 0, RunError)
        return [
            _array(
                self._library.runtime_output(self._runtime.address, index, ctypes.byref(size)),
                tensor,
            )
            for index, tensor in enumerate(self.model.outputs)
        ]

    def tensor(self, tensor: Tensor) -> NDArray[Any]:
        """Return a copy of any tensor's current values.

        Raises
        ------
        InputError
            When no operator uses the tensor.
        """
        address = self._library.runtime_tensor(self._runtime.address, tensor.index)
        if not address:
            raise InputError(f"tensor {tensor.index} ({tensor.name}) has no place in memory")
        return _array(address, tensor)

    def addresses(self, tensor: Tensor) -> range:
        """Return the address range of a tensor or constant; empty if it has no memory."""
        start = self._library.runtime_tensor(self._runtime.address, tensor.index) or 0
        return range(start, start + tensor.nbytes) if start else range(0)

    def offset(self, tensor: Tensor) -> int | None:
        """Return the arena offset of a tensor in bytes; None if it is not in the arena."""
        return self._offset(self._library.runtime_tensor(self._runtime.address, tensor.index))

    def scratch(self) -> list[tuple[int, int, int]]:
        """Return the operator, size in bytes and arena offset of every scratch buffer."""
        layer, size = ctypes.c_int(), ctypes.c_size_t()
        found: list[tuple[int, int, int]] = []
        while address := self._library.runtime_scratch(
            self._runtime.address, len(found), ctypes.byref(layer), ctypes.byref(size)
        ):
            found.append((layer.value, size.value, address - self._arena.address))
        return found

    def persistent(self) -> list[tuple[int, int, int]]:
        """Return the operator, size in bytes and arena offset of what each kernel keeps."""
        return [
            (index, layer.persistent_bytes, address - self._arena.address)
            for index, layer in enumerate(self.layers)
            if (address := self._library.runtime_persistent(self._runtime.address, index))
        ]

    @property
    def prepared(self) -> list[bool]:
        """Whether each operator is computed without its kernel."""
        address = self._runtime.address
        count = range(self._layer_count())
        return [bool(self._library.runtime_prepared(address, index)) for index in count]

    def _offset(self, address: int | None) -> int | None:
        offset = (address or 0) - self._arena.address
        return offset if 0 <= offset < self._arena.size else None

    @property
    def layers(self) -> list[HostLayer]:
        """All operators, in order; ``ran`` is empty before the first inference."""
        return [self._layer(index) for index in range(self._layer_count())]

    @property
    def arena_used_bytes(self) -> int:
        """Bytes of the arena that the model uses."""
        return int(self._library.runtime_arena_used(self._runtime.address))

    def _fault(self) -> RunError:
        """Return the error for an operator that has touched memory not its own."""
        layer, kind, pc = ctypes.c_int(), ctypes.c_int(), ctypes.c_void_p()
        found = ctypes.byref(layer), ctypes.byref(pc), ctypes.byref(kind)
        address = self._library.runtime_fault(self._runtime.address, *found) or 0
        operator = self.model.operators[layer.value]
        ran = self._layer(layer.value).ran
        report = Finding(self._library.runtime_report().decode(errors="replace"))
        in_model = 0 <= address - self._model.address < self._model.size
        did, place, read = report.did, report.place, report.read
        if not report.text:
            did = "wrote" if in_model else _DID[kind.value]
            place, read = _function_at(pc.value), kind.value == _READ
        near = whose(address, self.model, operator, self.addresses, read)
        where = ", ".join([self._where(address), *near])
        return RunError(
            f"operator {operator.index} {operator.name} by {ran or f'a kernel of {self._name}'} "
            f"{did} {where}{place}, which a kernel must not do"
        )

    def _where(self, address: int) -> str:
        """Say which memory `address` is in, or near."""
        for what, memory in (("arena", self._arena), ("model", self._model)):
            if 0 <= (at := address - memory.address) < memory.size:
                return f"byte {at:,} of the {what}"
            end = memory.address + memory.size
            if end <= address < end + STRETCH:
                return f"byte {address - end:,} behind the end of the {what}"
            if memory.address - STRETCH <= address < memory.address:
                return f"byte {memory.address - address:,} before the {what}"
        return f"address {address:#x}"

    def _layer_count(self) -> int:
        return int(self._library.runtime_layers(self._runtime.address))

    def _layer(self, index: int) -> HostLayer:
        builtin, scratch, persistent = ctypes.c_int32(), ctypes.c_uint32(), ctypes.c_uint32()
        ran = ctypes.c_char_p()
        references = [ctypes.byref(value) for value in (builtin, ran, scratch, persistent)]
        self._library.runtime_layer(self._runtime.address, index, *references)
        name = (ran.value or b"").decode()
        return HostLayer(builtin.value, name, scratch.value, persistent.value)

    def _require(self, good: bool, error: type[Exception] = InputError) -> None:
        if not good:
            text = ctypes.create_string_buffer(256)
            self._library.runtime_message(text)
            raise error(text.value.decode(errors="replace"))


def build_host_runtime(
    kernels: KernelSet = PLAIN, sanitize: bool = False, *, small_kernels: bool = False
) -> Path:
    """Build the runtime as a shared library for this machine, or take it from the cache.

    Parameters
    ----------
    kernels
        The kernels to use.
    sanitize
        Build with AddressSanitizer, for a process started with `cfuforge.sw.sanitizer.environment`.
    small_kernels
        Use the small versions of the plain kernels, as the slim firmware does.

    Raises
    ------
    InputError
        When a kernel does not compile or link.
    EnvironmentLacksError
        When there is no compiler.
    """
    sources = [Source(TFLM / "host_api.cc")]
    program = Program("runtime", "runtime", sources, slim=small_kernels)
    return build_host_library(program, kernels, sanitize)


class _Symbol(ctypes.Structure):
    """A ``Dl_info`` of the C library."""

    _fields_ = (
        ("file", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
    )


def _function_at(pc: int | None) -> str:
    """Return the library function at an address, to be appended to a message; may be empty."""
    found = _Symbol()
    known = pc and ctypes.CDLL(None).dladdr(ctypes.c_void_p(pc), ctypes.byref(found))
    if not known or not found.name:
        return ""
    if found.name in (b"cfu_port_read", b"cfu_port_write"):
        return " through the CFU's memory port"
    return f", in {found.name.decode(errors='replace')}()"


def _array(address: int, tensor: Tensor) -> NDArray[Any]:
    data = ctypes.string_at(address, tensor.nbytes)
    return np.frombuffer(data, tensor.dtype).reshape(tensor.shape)


@functools.cache
def _load(path: Path, cfu_op: int | None, sanitize: bool) -> ctypes.CDLL:
    """Load the library, once for each CFU."""
    # The sanitizer finds source lines only if the library is loaded from its own file.
    alone = cfu_op is not None and not sanitize
    library = _declare(load_private(path) if alone else ctypes.CDLL(str(path)))
    if cfu_op is not None:
        ctypes.c_void_p.in_dll(library, "cfu_host_op").value = cfu_op
    return library


def _declare(library: ctypes.CDLL) -> ctypes.CDLL:
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    functions: dict[str, tuple[Any, Sequence[Any]]] = {
        "runtime_message": (None, [ctypes.c_char_p]),
        "runtime_size": (size, []),
        "runtime_create": (ctypes.c_bool, [pointer, pointer, size, pointer, size, ctypes.c_bool]),
        "runtime_invoke": (ctypes.c_int, [pointer, _LISTENER]),
        "runtime_fault": (pointer, [pointer] * 4),
        "runtime_report": (ctypes.c_char_p, []),
        "runtime_arena_used": (size, [pointer]),
        "runtime_input": (pointer, [pointer, size, ctypes.POINTER(size)]),
        "runtime_output": (pointer, [pointer, size, ctypes.POINTER(size)]),
        "runtime_tensor": (pointer, [pointer, ctypes.c_int]),
        "runtime_scratch": (
            pointer,
            [pointer, ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(size)],
        ),
        "runtime_lasting": (pointer, [pointer]),
        "runtime_layers": (ctypes.c_int, [pointer]),
        "runtime_layer": (None, [pointer, ctypes.c_int, pointer, pointer, pointer, pointer]),
        "runtime_persistent": (pointer, [pointer, ctypes.c_int]),
        "runtime_prepared": (ctypes.c_bool, [pointer, ctypes.c_int]),
    }
    for name, (result, arguments) in functions.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
