"""What a kernel refuses by itself, when a design's kernel passes it on."""

import ctypes
from typing import Any

import pytest

from cfuforge.sw.host_runtime import build_host_runtime

UNSUPPORTED = 1


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    return ctypes.CDLL(str(build_host_runtime()))


def ints(*values: int) -> Any:
    return (ctypes.c_int32 * len(values))(*values)


class Quant(ctypes.Structure):
    """An ``nn_channel_quant``."""

    _fields_ = (("multiplier", ctypes.c_void_p), ("shift", ctypes.c_void_p))


def test_average_pool_refuses_a_window_outside_the_input(library: ctypes.CDLL) -> None:
    stride, padding, filter_, activation = (1, 1), (0, 3), (2, 2), (-128, 127)
    status = library.nn_average_pool_s8(
        bytes(64),
        ints(*stride, *padding, *filter_, *activation),
        ints(1, 2, 2, 1),
        bytes(4),
        ints(1, 1, 1, 1),
        ctypes.create_string_buffer(16),
    )
    assert status == UNSUPPORTED


def test_conv_refuses_channels_that_are_no_groups(library: ctypes.CDLL) -> None:
    offsets, stride, padding, dilation, activation = (0, 0), (1, 1), (0, 0), (1, 1), (-128, 127)
    multiplier, shift = ints(1 << 30, 1 << 30), bytes(2)
    quant = Quant(ctypes.addressof(multiplier), ctypes.cast(shift, ctypes.c_void_p).value)
    status = library.nn_conv_s8(
        bytes(64),
        ints(*offsets, *stride, *padding, *dilation, *activation),
        ctypes.byref(quant),
        ints(1, 2, 2, 3),
        bytes(12),
        ints(2, 1, 1, 2),
        bytes(4),
        None,
        ints(1, 2, 2, 2),
        ctypes.create_string_buffer(16),
    )
    assert status == UNSUPPORTED
