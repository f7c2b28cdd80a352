"""Random layers that keep an accelerator busy for thousands of cycles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from support import operators
from support.graph import Quantisation, Tensor, constant, one_operator
from support.random_models import Case

__all__ = ["KINDS", "large_layer"]

_IN, _OUT = Quantisation((0.1,), -11), Quantisation((3.0,), 5)
_WEIGHTS = Quantisation((0.02,))


class _Draw:
    """Sizes and values from a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def size(self, least: int, most: int) -> int:
        return int(self.rng.integers(least, most, endpoint=True))

    def channels(self, most: int) -> int:
        """Return any number, or one of whole groups of eight."""
        return self.size(1, most) if self.size(0, 1) else 8 * self.size(1, most // 8)

    def picture(self, least: int = 5, most: int = 40) -> tuple[int, int]:
        return self.size(least, most), self.size(least, most)

    def weights(self, *shape: int) -> Any:
        """Return weights, some of them -128 in a few layers: those are multiplied twice."""
        lowest = -128 if self.size(0, 7) == 0 else -127
        found = self.rng.integers(-127, 128, shape).astype(np.int8)
        found.ravel()[:: self.size(5, 40)] = lowest
        return found

    def bias(self, channels: int) -> Any:
        return self.rng.integers(-1000, 1000, channels, dtype=np.int32)


def _window(draw: _Draw, dilation: int = 1) -> dict[str, int]:
    stride = draw.size(1, 2) if dilation == 1 else 1
    return {
        "padding": draw.size(0, 1),
        "strideH": stride,
        "strideW": stride,
        "dilationHFactor": dilation,
        "dilationWFactor": dilation,
        "fusedActivationFunction": 0,
    }


def _conv(draw: _Draw, kernel: tuple[int, int], dilation: int = 1) -> Any:
    depth, outputs = draw.channels(40), draw.channels(96)
    weights = draw.weights(outputs, *kernel, depth)
    shape = (1, *draw.picture(9), depth)
    options = _window(draw, dilation)
    return operators.conv_2d(shape, _IN, weights, _WEIGHTS, draw.bias(outputs), _OUT, **options)


def _depthwise(draw: _Draw) -> Any:
    channels = draw.channels(128)
    weights = draw.weights(1, draw.size(1, 5), draw.size(1, 5), channels)
    shape = (1, *draw.picture(), channels)
    options = {**_window(draw), "depthMultiplier": 1}
    return operators.depthwise_conv_2d(
        shape, _IN, weights, _WEIGHTS, draw.bias(channels), _OUT, **options
    )


def _transpose_conv(draw: _Draw) -> Any:
    depth, outputs, stride = draw.channels(24), draw.channels(24), draw.size(1, 2)
    weights = draw.weights(outputs, draw.size(2, 4), draw.size(2, 4), depth)
    shape = (1, *draw.picture(5, 16), depth)
    options = {"padding": 0, "strideH": stride, "strideW": stride, "fusedActivationFunction": 0}
    size = (shape[1] * stride, shape[2] * stride)
    return operators.transpose_conv(
        shape, _IN, weights, _WEIGHTS, draw.bias(outputs), _OUT, size, **options
    )


def _fully_connected(draw: _Draw) -> Any:
    depth, outputs = draw.size(16, 3000), draw.size(1, 200)
    return operators.fully_connected(
        (draw.size(1, 4), depth), _IN, draw.weights(outputs, depth), _WEIGHTS,
        draw.bias(outputs), _OUT, fusedActivationFunction=0,
    )  # fmt: skip


def _pool(draw: _Draw, name: str) -> Any:
    taps, stride = draw.size(2, 6), draw.size(1, 3)
    return operators.pool(
        name, (1, *draw.picture(8, 48), draw.channels(64)), _IN,
        padding=draw.size(0, 1), filterHeight=taps, filterWidth=taps,
        strideH=stride, strideW=stride, fusedActivationFunction=0,
    )  # fmt: skip


def _mean(draw: _Draw) -> Any:
    shape = (1, *draw.picture(8, 48), draw.channels(128))
    return operators.reduction("MEAN", shape, (1, 2), _IN, Quantisation((0.05,), 2))


def _binary(draw: _Draw, name: str) -> Any:
    height, width = draw.picture(8, 48)
    full = (1, height, width, draw.channels(64))
    second = [full, full, (1, 1, 1, full[3]), (1, height, width, 1)][draw.size(0, 3)]
    inputs = [Tensor(full, _IN), Tensor(second, Quantisation((0.2,), 3))]
    output = Tensor(full, Quantisation((2.0,), 1))
    return one_operator(name, inputs, [output], fusedActivationFunction=0)


def _pad(draw: _Draw) -> Any:
    shape = (1, *draw.picture(12, 40), draw.channels(64))
    sides = [draw.size(0, 3) for _ in range(4)]
    output = (1, shape[1] + sides[0] + sides[1], shape[2] + sides[2] + sides[3], shape[3])
    paddings = constant(np.array([0, 0, *sides, 0, 0], np.int32).reshape(4, 2))
    inputs = [Tensor(shape, _IN), paddings]
    return one_operator("PAD", inputs, [Tensor(output, _IN)])


KINDS: dict[str, Callable[[_Draw], Any]] = {
    "conv": lambda draw: _conv(draw, (draw.size(2, 5), draw.size(1, 5))),
    "pointwise": lambda draw: _conv(draw, (1, 1)),
    "dilated": lambda draw: _conv(draw, (draw.size(2, 4), draw.size(2, 4)), 2),
    "depthwise": _depthwise,
    "transpose_conv": _transpose_conv,
    "fully_connected": _fully_connected,
    "average_pool": lambda draw: _pool(draw, "AVERAGE_POOL_2D"),
    "max_pool": lambda draw: _pool(draw, "MAX_POOL_2D"),
    "mean": _mean,
    "add": lambda draw: _binary(draw, "ADD"),
    "mul": lambda draw: _binary(draw, "MUL"),
    "pad": _pad,
}
"""How to make a layer, by its kind."""


def large_layer(kind: str, seed: int) -> Case:
    """Return a layer of a kind, and inputs for it."""
    return Case.of(KINDS[kind](_Draw(seed)), seed)
