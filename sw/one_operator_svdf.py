"""Make models of a single SVDF: see `one_operator`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.sw.graph import Place, Quantisation, one_operator_model
from cfuforge.sw.tflite_model import Model

__all__ = ["svdf"]


def svdf(
    batches: int,
    rank: int,
    feature_weights: NDArray[np.int8],
    time_weights: NDArray[Any],
    bias: NDArray[np.int32] | None,
    quantisations: Sequence[Quantisation],
    activation: int = 0,
    bias_scale: float | None = None,
) -> Model:
    """Make an SVDF; its state has the type of its time weights, int8 or int16.

    Parameters
    ----------
    feature_weights, time_weights
        (filters, inputs) and (filters, memory).
    quantisations
        Of input, feature weights, time weights, state and output.
    bias_scale
        Another one than the state's times the time weights', which is the right one.
    """
    filters, memory = time_weights.shape
    kind = time_weights.dtype.name
    input_, feature, time, state, output = quantisations
    bias_quantisation = Quantisation((bias_scale or time.scales[0] * state.scales[0],))
    places = [
        Place("input", (batches, feature_weights.shape[1]), input_),
        Place("feature", feature_weights.shape, feature, data=feature_weights),
        Place("time", time_weights.shape, time, kind, time_weights),
        None if bias is None else Place("bias", bias.shape, bias_quantisation, "int32", bias),
        Place("state", (batches, filters * memory), state, kind, variable=True),
    ]
    options = {"rank": rank, "fusedActivationFunction": activation}
    result = Place("output", (batches, filters // rank), output)
    return one_operator_model("SVDF", places, [result], **options)
