"""Every operator on the simulated SoC, in one model that returns all tensors, against TFLM."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cfuforge import Design, Model, SimTarget, board
from cfuforge.sw.kernels import NN
from cfuforge.sw.oracle import Oracle
from support.graph import Graph, Quantisation, Tensor

Q, OTHER = Quantisation((0.05,), 3), Quantisation((0.08,), -7)
SIGMOID, TANH = Quantisation((1 / 256,), -128), Quantisation((1 / 128,))
WEIGHTS, FEW = Quantisation((0.01,)), Quantisation((2.0**-11,))
SAME_2X2 = {"padding": 0, "strideW": 2, "strideH": 2, "filterWidth": 2, "filterHeight": 2}
INC = NN.parent / "tflm/include/tensorflow/lite/micro/kernels/micro_ops.inc"
FLOATS = "float32"


class Chain:
    """A graph in the making, of random weights."""

    def __init__(self) -> None:
        self.graph = Graph()
        self.rng = np.random.default_rng(3)
        self.outputs: list[int] = []

    def add(
        self,
        name: str,
        inputs: Sequence[int],
        shape: Sequence[int],
        quantisation: Quantisation | None = Q,
        dtype: str = "int8",
        **options: Any,
    ) -> int:
        """Add an operator with one output, and return its index."""
        (output,) = self.split(name, inputs, [shape], quantisation, dtype, **options)
        return output

    def split(
        self,
        name: str,
        inputs: Sequence[int],
        shapes: Sequence[Sequence[int]],
        quantisation: Quantisation | None = Q,
        dtype: str = "int8",
        **options: Any,
    ) -> list[int]:
        """Add an operator with several outputs."""
        made = [
            self.graph.tensor(Tensor(shape, quantisation, dtype=dtype, name=name))
            for shape in shapes
        ]
        self.graph.operator(name, inputs, made, **options)
        self.outputs += made
        return made

    def constant(self, data: NDArray[Any], quantisation: Quantisation | None = None) -> int:
        return self.graph.tensor(
            Tensor(data.shape, quantisation, data, dtype=data.dtype.name, name="constant")
        )

    def indices(self, *values: Any) -> int:
        return self.constant(np.array(values, np.int32))

    def random(self, *shape: int, quantisation: Quantisation = WEIGHTS) -> int:
        return self.constant(self.rng.integers(-128, 128, shape).astype(np.int8), quantisation)

    def bias(self, size: int, scale: float = 0.0005) -> int:
        data = self.rng.integers(-2000, 2000, size).astype(np.int32)
        return self.constant(data, Quantisation((scale,)))

    def variable(self, shape: Sequence[int], quantisation: Quantisation, dtype: str) -> int:
        return self.graph.tensor(
            Tensor(shape, quantisation, dtype=dtype, name="state", variable=True)
        )


def images(chain: Chain, x: int) -> int:
    """Add what works on images to x, 16 by 16 by 8; return 8 by 8 by 8 values."""
    conv = {"padding": 0, "strideW": 1, "strideH": 1}
    x = chain.add("PAD", [x, chain.indices([0, 0], [1, 1], [2, 0], [0, 0])], (1, 18, 18, 8))
    x = chain.add("MAX_POOL_2D", [x], (1, 9, 9, 8), Q, **SAME_2X2)
    weights = chain.random(8, 3, 3, 8)
    x = chain.add("CONV_2D", [x, weights, chain.bias(8)], (1, 9, 9, 8), **conv)
    weights = chain.random(1, 3, 3, 8)
    x = chain.add(
        "DEPTHWISE_CONV_2D", [x, weights, chain.bias(8)], (1, 9, 9, 8), depthMultiplier=1, **conv
    )
    bounds = [chain.indices(*v) for v in ([0, 8, 0, 0], [1, -9, 8, 8], [1, -1, 1, 1])]
    x = chain.add("STRIDED_SLICE", [x, *bounds], (1, 8, 8, 8))
    x = chain.add("TRANSPOSE", [x, chain.indices(0, 3, 1, 2)], (1, 8, 8, 8))
    y = chain.add(
        "RESIZE_BILINEAR", [x, chain.indices(11, 5)], (1, 11, 5, 8), halfPixelCenters=True
    )
    y = chain.add("RESIZE_NEAREST_NEIGHBOR", [y, chain.indices(4, 4)], (1, 4, 4, 8))
    weights = chain.random(3, 2, 2, 8)
    shape = chain.indices(1, 8, 8, 3)
    double = {"padding": 0, "strideW": 2, "strideH": 2}
    y = chain.add("TRANSPOSE_CONV", [shape, weights, y], (1, 8, 8, 3), **double)
    sides, value = chain.indices([0, 0], [0, 0], [0, 0], [2, 3]), chain.random(quantisation=Q)
    y = chain.add("PADV2", [y, sides, value], (1, 8, 8, 8))
    return chain.add("ADD", [x, y], (1, 8, 8, 8))


def elementwise(chain: Chain, x: int) -> int:
    """Add what works value by value, on 8 by 8 by 8; some with enough values for a table."""
    shape = (1, 8, 8, 8)
    x = chain.add("MUL", [x, chain.random(8)], shape, OTHER)
    x = chain.add("SUB", [x, chain.random(1)], shape, Q)
    x = chain.add("HARD_SWISH", [x], shape, OTHER)
    x = chain.add("LEAKY_RELU", [x], shape, Q, alpha=0.2)
    x = chain.add("PRELU", [x, chain.random(8)], shape, OTHER)
    x = chain.add("QUANTIZE", [x], shape, Q)
    y = chain.add("MAXIMUM", [x, chain.random(8, 8, quantisation=Q)], shape)
    y = chain.add("MINIMUM", [y, chain.constant(np.array([60], np.int8), Q)], shape)
    chain.add("ABS", [y], shape)
    chain.add("RELU", [y], shape, OTHER)
    y = chain.add("RELU6", [y], shape)
    chain.add("LOGISTIC", [y], shape, SIGMOID)
    y = chain.add("TANH", [x], shape, TANH)
    y = chain.add("CONCATENATION", [y, y], (1, 8, 8, 16), TANH, axis=-1)
    parts = chain.split("SPLIT", [chain.indices(3), y], [(1, 8, 8, 4)] * 4, TANH, numSplits=4)
    y = chain.add("PACK", parts[:2], (1, 8, 8, 2, 4), TANH, valuesCount=2, axis=3)
    chain.split("UNPACK", [y], [(1, 8, 8, 4)] * 2, TANH, num=2, axis=3)
    sizes = [chain.indices(3, 5), chain.indices(2)]
    chain.split("SPLIT_V", [x, *sizes], [(1, 8, 3, 8), (1, 8, 5, 8)], numSplits=2)
    return x


def computed(chain: Chain, x: int) -> None:
    """Reshape to what the model computes from the shape of x, 8 by 8 by 8, as it was converted."""
    whole: dict[str, Any] = {"quantisation": None, "dtype": "int32"}
    shape = chain.add("SHAPE", [x], (4,), outType=2, **whole)
    shape = chain.add("MUL", [shape, chain.indices(1, 2, 1, 1)], (4,), **whole)
    shape = chain.add("SUB", [shape, chain.indices(0, 0, 4, 0)], (4,), **whole)
    chain.add("ADD", [shape, chain.indices(7)], (4,), **whole)
    chain.add("RESHAPE", [x, shape], (1, 16, 4, 8))


def ends(chain: Chain, x: int) -> None:
    """Add what leaves few of 8 by 8 by 8 values."""
    computed(chain, x)
    x = chain.add("AVERAGE_POOL_2D", [x], (1, 4, 4, 8), **SAME_2X2)
    chain.add("MEAN", [x, chain.indices(1, 2)], (1, 8), OTHER)
    chain.add("SUM", [x, chain.indices(1, 2)], (1, 1, 1, 8), Quantisation((0.5,)), keepDims=True)
    chain.add("REDUCE_MAX", [x, chain.indices(3)], (1, 4, 4))
    chain.add("ARG_MAX", [x, chain.indices(3)], (1, 4, 4), None, "int32", outputType=2)
    chain.add("ARG_MIN", [x, chain.indices(1)], (1, 4, 8), None, "int32", outputType=2)
    x = chain.add("SLICE", [x, chain.indices(0, 1, 0, 0), chain.indices(1, -1, 4, 8)], (1, 3, 4, 8))
    x = chain.add("RESHAPE", [x, chain.indices(1, 12, 8)], (1, 12, 8), newShape=[1, 12, 8])
    x = recurrent(chain, x)
    x = chain.add("SQUEEZE", [x], (12, 5), TANH, squeezeDims=[0])
    x = chain.add("EXPAND_DIMS", [x, chain.indices(1)], (12, 1, 5), TANH)
    x = chain.add("RESHAPE", [x, chain.indices(1, 60)], (1, 60), TANH, newShape=[1, 60])
    x = chain.add("FULLY_CONNECTED", [x, chain.random(6, 60), chain.bias(6)], (1, 6))
    state = chain.variable((1, 4 * 10), FEW, "int16")
    time = chain.constant(chain.rng.integers(-9999, 9999, (4, 10)).astype(np.int16), FEW)
    x = chain.add(
        "SVDF", [x, chain.random(4, 6), time, chain.bias(2, 2.0**-22), state], (1, 2), rank=2
    )
    chain.add("SOFTMAX", [x], (1, 2), Quantisation((2.0**-16,), -(1 << 15)), "int16", beta=1.0)
    x = chain.add("SOFTMAX", [x], (1, 2), SIGMOID, beta=1.0)
    x = chain.add("DEQUANTIZE", [x], (1, 2), None, FLOATS)
    chain.add("NEG", [x], (1, 2), None, FLOATS)


def recurrent(chain: Chain, x: int) -> int:
    """Add an LSTM of 5 units to 12 steps of 8 values."""
    weights = [chain.random(5, 8) for _ in range(4)] + [chain.random(5, 5) for _ in range(4)]
    states = [chain.variable((1, 5), TANH, "int8"), chain.variable((1, 5), FEW, "int16")]
    biases = [chain.bias(5) for _ in range(4)]
    inputs = [x, *weights, -1, -1, -1, *biases, -1, -1, *states, -1, -1, -1, -1]
    name = "UNIDIRECTIONAL_SEQUENCE_LSTM"
    return chain.add(name, inputs, (1, 12, 5), TANH, fusedActivationFunction=4)


@pytest.fixture(scope="module")
def model() -> Model:
    chain = Chain()
    given = chain.graph.tensor(Tensor((1, 16, 16, 8), dtype=FLOATS))
    ends(chain, elementwise(chain, images(chain, chain.add("QUANTIZE", [given], (1, 16, 16, 8)))))
    return chain.graph.model("every_operator", [given], chain.outputs)


def test_the_model_has_every_operator(model: Model) -> None:
    lines = [line for line in Path(INC).read_text().splitlines() if line.startswith("X(")]
    listed = {line.split(",")[1].strip(" )") for line in lines}
    assert {operator.name for operator in model.operators} == listed
    readme = (NN.parent / "README.md").read_text()
    assert listed <= set(re.findall(r"\w+", readme)), "see sw/README.md"


@pytest.mark.parametrize(("design", "slim"), [("none", False), ("simd_mac", False), ("none", True)])
def test_every_operator(model: Model, design: str, slim: bool) -> None:
    data = np.random.default_rng(4).uniform(-6, 6, (1, 16, 16, 8)).astype(np.float32)
    firmware = model if slim else None
    target = SimTarget(Design.load(design), board("sim"), slim=firmware)
    run = target.run(model, [data])
    expected = Oracle(model)(data)
    assert len(run.outputs) == len(expected)
    made = [tensor for operator in model.operators for tensor in operator.outputs]
    for tensor, got, right in zip(made, run.outputs, expected, strict=True):
        assert got == tuple(right.ravel().tolist()), tensor.name
        assert len(set(got)) > 1, f"{tensor.name}: all values are the same, which says little"
