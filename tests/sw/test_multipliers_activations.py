"""Scales for which the ends of an activation function's range show: 6 / scale and 1 / scale."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from cfuforge.sw.tflite_model import Model
from support import operators
from support.adversarial import Case, Others, Values, int8, tells
from support.graph import Quantisation, Tensor, one_operator

ALL = np.arange(-128, 128).astype(np.int8).reshape(1, 1, 1, 256)
FUSED = schema.ActivationFunctionType
UNPOOLED = {"padding": 1, "strideW": 1, "strideH": 1, "filterWidth": 1, "filterHeight": 1}


def rounded(quotient: float) -> float:
    """Return the next integer, halves away from zero."""
    return float(np.floor(abs(quotient) + 0.5)) * np.sign(quotient)


def limited(
    rng: np.random.Generator, most: float, least: float, model: Callable[[Quantisation], Model]
) -> Case:
    """Return all values, limited to `least` and `most`, in a scale that makes `most` a half."""
    half = int(rng.integers(8, 127)) + 0.5
    scale = np.float32(most / half)
    scale = np.nextafter(scale, np.float32(rng.choice([0, 1])), dtype=np.float32)
    zero = int(rng.integers(-128, 128 - int(half)))

    def result(quotient: Callable[[float], float], whole: Callable[[float], float]) -> Values:
        ends = (zero + whole(quotient(end)) for end in (least, most))
        return int8(np.clip(ALL.astype(np.int64), *ends))

    def single(end: float) -> float:
        return float(np.float32(end) / scale)

    def inverted(end: float) -> float:
        return float(np.float32(end) * (np.float32(1) / scale))

    others: Others = {
        "double": partial(result, lambda end: end / float(scale), rounded),
        "half to even": partial(result, single, lambda each: float(np.round(each))),
    }
    if most > 1:
        others["reciprocal"] = partial(result, inverted, rounded)
    quantisation = Quantisation((float(scale),), zero)
    return Case(partial(model, quantisation), (ALL,), result(single, rounded), others)


def relu6(rng: np.random.Generator) -> Case:
    def model(quantisation: Quantisation) -> Model:
        place = Tensor(ALL.shape, quantisation)
        return one_operator("RELU6", [place], [place])

    return limited(rng, 6, 0, model)


def fused_relu6(rng: np.random.Generator) -> Case:
    return limited(rng, 6, 0, partial(pool, FUSED.RELU6))


def fused_relu_n1_to_1(rng: np.random.Generator) -> Case:
    return limited(rng, 1, -1, partial(pool, FUSED.RELU_N1_TO_1))


def pool(activation: int, quantisation: Quantisation) -> Model:
    options = {**UNPOOLED, "fusedActivationFunction": activation}
    return operators.average_pool_2d(ALL.shape, quantisation, **options)


test_activations = tells(relu6, fused_relu6, fused_relu_n1_to_1, cases=10)
