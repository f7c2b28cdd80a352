"""Make models of a single TRANSPOSE_CONV: see `one_operator`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cfuforge.sw.graph import Place, Quantisation, one_operator_model
from cfuforge.sw.tflite_model import Model

__all__ = ["transpose_conv"]


def transpose_conv(
    input_shape: Sequence[int],
    input_quantisation: Quantisation,
    filter_: NDArray[np.int8],
    filter_quantisation: Quantisation,
    bias: NDArray[np.int32] | None,
    output_size: Sequence[int],
    output_quantisation: Quantisation,
    **options: int,
) -> Model:
    """Make a TRANSPOSE_CONV; `filter_` is (output channels, height, width, input channels).

    Parameters
    ----------
    output_size
        Height and width.
    options
        The schema's: padding, strideW, strideH, fusedActivationFunction.
    """
    shape = [input_shape[0], *output_size, filter_.shape[0]]
    places = [
        Place("shape", [4], dtype="int32", data=np.array(shape, np.int32)),
        Place("filter", filter_.shape, filter_quantisation, data=filter_),
        Place("input", input_shape, input_quantisation),
    ]
    if bias is not None:
        scales = tuple(input_quantisation.scales[0] * scale for scale in filter_quantisation.scales)
        places.append(Place("bias", bias.shape, Quantisation(scales), "int32", bias))
    output = Place("output", shape, output_quantisation)
    return one_operator_model("TRANSPOSE_CONV", places, [output], **options)
