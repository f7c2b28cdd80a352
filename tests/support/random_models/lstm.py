"""Random LSTM layers."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from support.graph import Quantisation
from support.operators import Gate, lstm
from support.random_models import Case
from support.random_models.case import (
    Values,
    any_values,
    any_zero_point,
)

__all__ = ["lstms"]


@st.composite
def _gate(draw: st.DrawFn, values: Values, inputs: int, units: int, scale: float) -> Gate:
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
def lstms(draw: st.DrawFn) -> tuple[Case, Case]:
    """Draw a UNIDIRECTIONAL_SEQUENCE_LSTM with cell states of any scale, clipped or not.

    Return it twice, with inputs for two inferences, of which the second continues the first.
    """
    values = draw(any_values)
    units, inputs = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    shape = (draw(st.integers(1, 4)), draw(st.integers(1, 4)), inputs)
    input_ = Quantisation((values.scale(-4, 4),), draw(any_zero_point))
    hidden = Quantisation((values.scale(draw(st.sampled_from([-7, -7, -7, -7, -12, 2])), 1),))
    hidden = Quantisation(hidden.scales, draw(any_zero_point))
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
    return Case(model, (values.int8(shape),)), Case(model, (values.int8(shape),))
