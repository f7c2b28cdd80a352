"""Make models of a single pooling, reducing or recurrent operator: see `one_operator`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cfuforge.sw.graph import Place, Quantisation, one_operator_model
from cfuforge.sw.one_operator import _convolved
from cfuforge.sw.schema import schema
from cfuforge.sw.tflite_model import Model

__all__ = ["arg_max", "arg_min", "max_pool_2d", "mean", "reduce_max", "reduced_shape", "sum_"]


def max_pool_2d(
    input_shape: Sequence[int],
    input_quantisation: Quantisation,
    output_quantisation: Quantisation,
    **options: int,
) -> Model:
    """Make a MAX_POOL_2D, which takes equal quantisations only.

    Parameters
    ----------
    options
        Those of `one_operator.average_pool_2d`.
    """
    taps = (options["filterHeight"], options["filterWidth"])
    output = _convolved(input_shape, taps, input_shape[3], options)
    places = [Place("input", input_shape, input_quantisation)]
    result = Place("output", output, output_quantisation)
    return one_operator_model("MAX_POOL_2D", places, [result], **options)


def reduced_shape(shape: Sequence[int], axes: Sequence[int], keep_dims: bool) -> list[int]:
    """Return what is left of a shape; axes may be negative and occur twice."""
    gone = {axis % len(shape) for axis in axes}
    sizes = [1 if axis in gone else size for axis, size in enumerate(shape)]
    return sizes if keep_dims else [sizes[a] for a in range(len(shape)) if a not in gone]


def mean(*arguments: Any, **keywords: Any) -> Model:
    """Make a MEAN, with the arguments of `reduce_max`."""
    return _reduction("MEAN", *arguments, **keywords)


def sum_(*arguments: Any, **keywords: Any) -> Model:
    """Make a SUM, with the arguments of `reduce_max`."""
    return _reduction("SUM", *arguments, **keywords)


def reduce_max(
    input_shape: Sequence[int],
    axes: Sequence[int],
    input_quantisation: Quantisation,
    output_quantisation: Quantisation,
    keep_dims: bool = True,
) -> Model:
    """Make a REDUCE_MAX over `axes`."""
    return _reduction(
        "REDUCE_MAX", input_shape, axes, input_quantisation, output_quantisation, keep_dims
    )


def arg_max(
    input_shape: Sequence[int], axis: int, quantisation: Quantisation, dtype: str = "int32"
) -> Model:
    """Make an ARG_MAX along `axis`, with indices of `dtype`."""
    return _arg("ARG_MAX", input_shape, axis, quantisation, dtype)


def arg_min(
    input_shape: Sequence[int], axis: int, quantisation: Quantisation, dtype: str = "int32"
) -> Model:
    """Make an ARG_MIN along `axis`, with indices of `dtype`."""
    return _arg("ARG_MIN", input_shape, axis, quantisation, dtype)


def _reduction(
    name: str,
    input_shape: Sequence[int],
    axes: Sequence[int],
    input_quantisation: Quantisation,
    output_quantisation: Quantisation,
    keep_dims: bool = True,
) -> Model:
    places = [
        Place("input", input_shape, input_quantisation),
        Place("axes", [len(axes)], dtype="int32", data=np.array(axes, np.int32)),
    ]
    shape = reduced_shape(input_shape, axes, keep_dims)
    output = Place("output", shape, output_quantisation)
    return one_operator_model(name, places, [output], keepDims=keep_dims)


def _arg(
    name: str,
    input_shape: Sequence[int],
    axis: int,
    quantisation: Quantisation,
    dtype: str,
) -> Model:
    places = [
        Place("input", input_shape, quantisation),
        Place("axis", [], dtype="int32", data=np.array(axis, np.int32)),
    ]
    output = Place("output", reduced_shape(input_shape, [axis], False), dtype=dtype)
    type_ = getattr(schema.TensorType, dtype.upper())
    return one_operator_model(name, places, [output], outputType=type_)
