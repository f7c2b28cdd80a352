"""The nn library on the host: its kernels as Python functions over numpy arrays."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.cfu.cache import cached, digest
from cfuforge.cfu.errors import InputError, RunError
from cfuforge.cfu.private_library import load_private
from cfuforge.sw.kernels import CFU_HOST, design_files, kernel_include_dirs, kernel_sources
from cfuforge.sw.toolchain import Source, compile_host_library, host_compiler

__all__ = ["Dims", "HostKernels", "Result"]

Int8 = NDArray[np.int8]
Dims = tuple[int, int, int, int]

_GUARD = 64  # bytes on both sides of what a kernel may write
_GUARD_VALUE = 0x5A


@dataclass(frozen=True)
class Result:
    """What a kernel did.

    Parameters
    ----------
    output
        Its output tensor, int8.
    ran
        Who computed it: ``"reference/conv_s8"``.
    scratch_size
        What it asked for, in bytes.
    """

    output: Int8
    ran: str
    scratch_size: int


class _Context(ctypes.Structure):
    _fields_ = (
        ("scratch", ctypes.c_void_p),
        ("scratch_size", ctypes.c_int32),
        ("ran", ctypes.c_char_p),
    )


class HostKernels:
    """The nn library compiled for this machine, cached by content.

    Parameters
    ----------
    design_kernels
        A design's folder of C kernels, None for the plain ones alone.
    header
        The text of the design's ``cfu.h``.
    name
        The design's name.
    cfu_op
        Address of a C function ``uint32_t (uint32_t function_id, uint32_t rs1, uint32_t rs2)`` that
        answers the CFU's instructions: that of a `cfuforge.sim.cfu_model.CfuModel`.
    small
        Take the plain kernels that are written to be small, where there is one.

    Notes
    -----
    The methods are named after the kernels, and take their parameters in the order of ``nn.h``'s
    structures, flattened. They check that a kernel writes nothing but its output and the scratch
    memory that it asked for.
    """

    def __init__(
        self,
        design_kernels: Path | None = None,
        header: str = "",
        name: str = "reference",
        cfu_op: int | None = None,
        small: bool = False,
    ) -> None:
        built = _build(design_kernels, header, name, small)
        self._library = load_private(built)
        if cfu_op is not None:
            ctypes.c_void_p.in_dll(self._library, "cfu_host_op").value = cfu_op

    def conv_s8(
        self,
        input_: Int8,
        filter_: Int8,
        bias: NDArray[np.int32] | None,
        output_dims: Dims,
        *,
        offsets: tuple[int, int],
        stride: tuple[int, int],
        padding: tuple[int, int],
        dilation: tuple[int, int],
        activation: tuple[int, int],
        multiplier: list[int],
        shift: list[int],
    ) -> Result:
        """CONV_2D; stride, padding and dilation are (height, width)."""
        values = [*offsets, *stride[::-1], *padding[::-1], *dilation[::-1], *activation]
        quant = ctypes.byref(_ChannelQuant(multiplier, shift))
        return self._layer("nn_conv_s8", values, quant, input_, filter_, bias, output_dims)

    def depthwise_conv_s8(
        self,
        input_: Int8,
        filter_: Int8,
        bias: NDArray[np.int32] | None,
        output_dims: Dims,
        *,
        offsets: tuple[int, int],
        stride: tuple[int, int],
        padding: tuple[int, int],
        dilation: tuple[int, int],
        activation: tuple[int, int],
        depth_multiplier: int,
        multiplier: list[int],
        shift: list[int],
    ) -> Result:
        """DEPTHWISE_CONV_2D; stride, padding and dilation are (height, width)."""
        values = [*offsets, *stride[::-1], *padding[::-1], *dilation[::-1], *activation]
        values.append(depth_multiplier)
        quant = ctypes.byref(_ChannelQuant(multiplier, shift))
        name = "nn_depthwise_conv_s8"
        return self._layer(name, values, quant, input_, filter_, bias, output_dims)

    def fully_connected_s8(
        self,
        input_: Int8,
        filter_: Int8,
        bias: NDArray[np.int32] | None,
        *,
        offsets: tuple[int, int, int],
        activation: tuple[int, int],
        multiplier: list[int],
        shift: list[int],
    ) -> Result:
        """FULLY_CONNECTED of [batches, depth]; offsets are those of input, filter and output.

        One multiplier and shift, or one of each for every output channel.
        """
        batches, depth = input_.shape
        channels = filter_.shape[0]
        quant = ctypes.byref(_ChannelQuant(multiplier, shift))
        values = [*offsets, *activation, int(len(multiplier) > 1)]
        result = self._layer(
            "nn_fully_connected_s8",
            values,
            quant,
            input_.reshape(batches, 1, 1, depth),
            filter_.reshape(channels, 1, 1, depth),
            bias,
            (batches, 1, 1, channels),
        )
        return Result(result.output.reshape(batches, channels), result.ran, result.scratch_size)

    def average_pool_s8(
        self,
        input_: Int8,
        output_dims: Dims,
        *,
        stride: tuple[int, int],
        padding: tuple[int, int],
        filter_size: tuple[int, int],
        activation: tuple[int, int],
    ) -> Result:
        """AVERAGE_POOL_2D; stride, padding and filter_size are (height, width)."""
        params = _ints([*stride[::-1], *padding[::-1], *filter_size[::-1], *activation])
        return self._call(
            "nn_average_pool_s8",
            0,
            output_dims,
            [params, _ints(input_.shape), _tensor(input_), _ints(output_dims)],
        )

    def softmax_s8(
        self, input_: Int8, *, multiplier: int, left_shift: int, diff_min: int
    ) -> Result:
        """SOFTMAX of [rows, row size]."""
        rows, size = input_.shape
        params = _ints([multiplier, left_shift, diff_min])
        counts = [ctypes.c_int32(rows), ctypes.c_int32(size)]
        return self._call("nn_softmax_s8", 0, (rows, size), [params, *counts, _tensor(input_)])

    def _layer(
        self,
        name: str,
        values: list[int],
        quant: Any,
        input_: Int8,
        filter_: Int8,
        bias: NDArray[np.int32] | None,
        output_dims: Dims,
    ) -> Result:
        params = _ints(values)
        dims = [_ints(shape) for shape in (input_.shape, filter_.shape, output_dims)]
        scratch_size = getattr(self._library, f"{name}_scratch_size")(params, *dims)
        arguments = [
            *(params, quant, dims[0], _tensor(input_), dims[1], _tensor(filter_)),
            *(None if bias is None else _ints(bias.tolist()), dims[2]),
        ]
        return self._call(name, scratch_size, output_dims, arguments)

    def _call(
        self, name: str, scratch_size: int, shape: tuple[int, ...], arguments: list[Any]
    ) -> Result:
        output = _Guarded(int(np.prod(shape)))
        scratch = _Guarded(scratch_size)
        context = _Context(scratch.address, scratch_size, None)
        kernel = getattr(self._library, name)
        status = kernel(ctypes.byref(context), *arguments, ctypes.c_void_p(output.address))
        if status != 0:
            raise InputError(f"{name} does not support this layer (status {status})")
        output.check(f"{name}, output")
        scratch.check(f"{name}, scratch memory")
        ran = context.ran.decode() if context.ran else ""
        return Result(output.values().reshape(shape), ran, scratch_size)


class _ChannelQuant(ctypes.Structure):
    _fields_ = (
        ("multiplier", ctypes.POINTER(ctypes.c_int32)),
        ("shift", ctypes.POINTER(ctypes.c_int8)),
    )

    def __init__(self, multiplier: list[int], shift: list[int]) -> None:
        super().__init__(_ints(multiplier), (ctypes.c_int8 * len(shift))(*shift))


class _Guarded:
    """Memory, 16-byte aligned, between guards that show whether a kernel wrote outside of it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._memory = np.full(size + 2 * _GUARD + 16, _GUARD_VALUE, np.uint8)
        self._start = _GUARD + -(self._memory.ctypes.data + _GUARD) % 16
        self.address = self._memory.ctypes.data + self._start

    def values(self) -> Int8:
        return self._memory[self._start : self._start + self._size].view(np.int8)

    def check(self, what: str) -> None:
        guards = self._memory.copy()
        guards[self._start : self._start + self._size] = _GUARD_VALUE
        if (guards != _GUARD_VALUE).any():
            raise RunError(f"{what}: the kernel wrote outside of it")


def _ints(values: Any) -> Any:
    values = [int(value) for value in values]
    return (ctypes.c_int32 * len(values))(*values)


def _tensor(array: Int8) -> Any:
    """Return a copy that is 16-byte aligned, as tensors of TFLM are."""
    if array.dtype != np.int8:
        raise InputError(f"the kernels take int8 tensors, not {array.dtype}")
    buffer = (ctypes.c_int8 * (array.size + 16))()
    offset = -ctypes.addressof(buffer) % 16
    view = (ctypes.c_int8 * array.size).from_buffer(buffer, offset)
    ctypes.memmove(view, np.ascontiguousarray(array).ctypes.data, array.size)
    return view


def _build(design_kernels: Path | None, header: str, name: str, small: bool) -> Path:
    sources = kernel_sources(design_kernels, name, () if small else None)
    folders = kernel_include_dirs(design_kernels)
    headers = [path for folder in folders for path in sorted(folder.rglob("*.h"))]
    key = digest(
        [[source.path.name, source.defines] for source in sources],
        *(source.path for source in sources),
        [path.name for path in headers],
        *headers,
        *design_files(design_kernels),
        header,
        CFU_HOST,
        host_compiler().report(),
    )

    def build(folder: Path) -> None:
        (folder / "cfu.h").write_text(header, encoding="utf-8")
        (folder / "cfu_host.c").write_text(CFU_HOST, encoding="utf-8")
        compile_host_library(
            [*sources, Source(folder / "cfu_host.c")], [*folders, folder], (), folder / "nn.so"
        )

    return cached("nn", key, build) / "nn.so"
