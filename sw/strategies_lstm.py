"""Random LSTM layers for hypothesis; see `strategies`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from cfuforge.sw.one_operator import Quantisation
from cfuforge.sw.one_operator_lstm import Gate, lstm
from cfuforge.sw.strategies import _Values, _values, _zero_points
from cfuforge.sw.tflite_model import Model

__all__ = ["Sequence", "lstms"]


@dataclass(frozen=True)
class Sequence:
    """An LSTM, and inputs for two inferences, of which the second continues the first."""

    model: Model
    inputs: tuple[NDArray[np.int8], NDArray[np.int8]]

    def __repr__(self) -> str:
        operator = self.model.operators[0]
        scales = [(tensor.name, tensor.scales) for tensor in operator.inputs if tensor]
        return f"Sequence({self.inputs[0].shape}, {operator.options}, {scales})"


@st.composite
def _gate(draw: st.DrawFn, values: _Values, inputs: int, units: int, scale: float) -> Gate:
    """Draw a gate whose sums are around 1, tiny, or saturated."""
    spread = draw(st.sampled_from([-1.0, -1.0, -1.0, -1.0, 0.0, 6.0, -8.0]))
    offset = draw(st.sampled_from([0, 0, 0, 0, -128, 5, 127]))
    input_scale = values.scale(spread - 7, 2) / scale / 2**5
    hidden_scale = values.scale(spread - 7, 2)
    return Gate(
        values.int8((units, inputs)),
        values.int8((units, units)),
        values.rng.integers(-(2**14), 2**14, units).astype(np.int32),
        Quantisation((float(np.float32(input_scale)),), offset),
        Quantisation((float(np.float32(hidden_scale)),), draw(st.sampled_from([0, 0, 0, -7]))),
    )


@st.composite
def lstms(draw: st.DrawFn) -> Sequence:
    """Draw a UNIDIRECTIONAL_SEQUENCE_LSTM: cell states of any scale, clipped or not."""
    values = draw(_values)
    units, inputs = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    shape = (draw(st.integers(1, 4)), draw(st.integers(1, 4)), inputs)
    input_ = Quantisation((values.scale(-4, 4),), draw(_zero_points))
    hidden = Quantisation((values.scale(draw(st.sampled_from([-7, -7, -7, -7, -12, 2])), 1),))
    hidden = Quantisation(hidden.scales, draw(_zero_points))
    cell_scale = 2.0 ** draw(st.sampled_from([*[-11] * 6, -12, -12, -13, -15, -20, -8, 0, 2]))
    if draw(st.integers(0, 3)) == 0:
        cell_scale *= draw(st.sampled_from([1.3, 1.45]))
    model = lstm(
        shape,
        [draw(_gate(values, inputs, units, input_.scales[0])) for _ in range(4)],
        input_,
        hidden,
        min(cell_scale, 4.0),
        time_major=draw(st.booleans()),
        cell_clip=draw(st.sampled_from([0.0, 0.0, 0.0, 0.0, 0.5, 10.0, 1e-6, 1e9, -1.0])),
    )
    return Sequence(model, (values.int8(shape), values.int8(shape)))
