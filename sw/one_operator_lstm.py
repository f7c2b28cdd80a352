"""Make models of a single UNIDIRECTIONAL_SEQUENCE_LSTM: see `one_operator`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfuforge.sw.graph import Place, Quantisation, one_operator_model
from cfuforge.sw.tflite_model import Model

__all__ = ["Gate", "lstm"]

TANH = 4


@dataclass(frozen=True)
class Gate:
    """The weights of one gate.

    Parameters
    ----------
    input_weights, hidden_weights
        (units, inputs) and (units, units).
    bias
        (units,).
    input_quantisation, hidden_quantisation
        Of the weights.
    """

    input_weights: NDArray[np.int8]
    hidden_weights: NDArray[np.int8]
    bias: NDArray[np.int32]
    input_quantisation: Quantisation
    hidden_quantisation: Quantisation


def lstm(
    input_shape: Sequence[int],
    gates: Sequence[Gate],
    input_quantisation: Quantisation,
    hidden_quantisation: Quantisation,
    cell_scale: float,
    *,
    time_major: bool = False,
    cell_clip: float = 0.0,
    activation: int = TANH,
    peephole: bool = False,
) -> Model:
    """Make the LSTM.

    Parameters
    ----------
    input_shape
        Batches, steps and inputs; steps first where `time_major`.
    gates
        The input, forget, cell and output gate.
    hidden_quantisation
        Of the hidden state and the output.
    peephole
        Add a tensor that neither TFLM nor this runtime supports.
    """
    first, second, _ = input_shape
    units = gates[0].bias.size
    state = (second if time_major else first, units)
    weights = [
        *(_weights(gate.input_weights, gate.input_quantisation) for gate in gates),
        *(_weights(gate.hidden_weights, gate.hidden_quantisation) for gate in gates),
    ]
    places: list[Place | None] = [Place("input", input_shape, input_quantisation), *weights]
    places += [weights[0] if peephole else None, None, None]
    places += [_bias(gate, input_quantisation) for gate in gates]
    places += [None, None]
    places.append(Place("hidden", state, hidden_quantisation, variable=True))
    places.append(Place("cell", state, Quantisation((cell_scale,)), "int16", variable=True))
    places += [None] * 4
    options = {
        "fusedActivationFunction": activation,
        "cellClip": cell_clip,
        "timeMajor": time_major,
    }
    result = Place("output", (first, second, units), hidden_quantisation)
    return one_operator_model("UNIDIRECTIONAL_SEQUENCE_LSTM", places, [result], **options)


def _weights(data: NDArray[np.int8], quantisation: Quantisation) -> Place:
    return Place("weights", data.shape, quantisation, data=data)


def _bias(gate: Gate, input_quantisation: Quantisation) -> Place:
    scale = input_quantisation.scales[0] * gate.input_quantisation.scales[0]
    return Place("bias", gate.bias.shape, Quantisation((scale,)), "int32", gate.bias)
