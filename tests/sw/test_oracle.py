"""TensorFlow Lite Micro as the oracle."""

import numpy as np
import pytest

from cfuforge.cfu.errors import InputError
from cfuforge.sw import one_operator
from cfuforge.sw.one_operator import Quantisation
from cfuforge.sw.oracle import Oracle, check_inputs
from cfuforge.sw.tflite_model import Model


def identity() -> Model:
    return one_operator.average_pool_2d(
        (1, 2, 2, 1),
        Quantisation((1.0,), 0),
        padding=1,
        filterHeight=1,
        filterWidth=1,
        strideH=1,
        strideW=1,
        fusedActivationFunction=0,
    )


def test_outputs_and_layers() -> None:
    model = identity()
    input_ = np.array([1, -2, 3, -4], np.int8).reshape(1, 2, 2, 1)
    (output,) = Oracle(model)(input_)
    np.testing.assert_array_equal(output, input_)
    layers = Oracle(model, keep_all=True).layers(input_)
    np.testing.assert_array_equal(layers[model.outputs[0].index], input_)
    with pytest.raises(ValueError, match="keep_all"):
        Oracle(model).layers(input_)


def test_outputs_are_copies() -> None:
    oracle = Oracle(identity())
    (first,) = oracle(np.full((1, 2, 2, 1), 5, np.int8))
    oracle(np.full((1, 2, 2, 1), 6, np.int8))
    assert (first == 5).all()


def test_inputs_that_do_not_fit() -> None:
    model = identity()
    with pytest.raises(InputError, match="takes 1 inputs, not 0"):
        check_inputs(model, [])
    with pytest.raises(InputError, match="must be int8, not float32"):
        check_inputs(model, [np.zeros((1, 2, 2, 1), np.float32)])
    with pytest.raises(InputError, match=r"must have shape \(1, 2, 2, 1\), not \(1, 4\)"):
        check_inputs(model, [np.zeros((1, 4), np.int8)])


def test_a_model_that_tflm_does_not_run() -> None:
    shape = (1, 1, 1, 1)
    model = one_operator.conv_2d(
        shape,
        Quantisation((1.0,), 0),
        np.ones((3, 1, 1, 1), np.int8),
        Quantisation((1.0, 1.0)),  # two scales for three channels
        None,
        Quantisation((1.0,), 0),
        padding=1,
        strideH=1,
        strideW=1,
        dilationHFactor=1,
        dilationWFactor=1,
        fusedActivationFunction=0,
    )
    with pytest.raises(InputError, match="does not run conv_2d"):
        Oracle(model)
