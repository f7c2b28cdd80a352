"""SVDF in the runtime, against TFLM."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfuforge.base.errors import InputError
from cfuforge.sw.oracle import Oracle
from support.examples import examples
from support.graph import Quantisation
from support.kernels import plain_runtime
from support.operators import svdf

zero_points = st.one_of(st.sampled_from([-128, 127, 0]), st.integers(-128, 127))


@examples(200)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(["int8", "int16"]))
def test_svdf_over_time(data: st.DataObject, seed: int, kind: str) -> None:
    """Five steps: the state starts at its zero point, fills and overflows its memory."""
    rng = np.random.default_rng(seed)
    batches, rank, units = (data.draw(st.integers(1, 3)) for _ in range(3))
    inputs, memory = data.draw(st.integers(1, 20)), data.draw(st.integers(1, 6))
    limit = data.draw(st.sampled_from([100, 3000, 32767])) if kind == "int16" else 127
    filters = rank * units
    scales = [2.0 ** rng.uniform(-8, -4) for _ in range(2)]
    finer = 300 if kind == "int16" else 1
    state_scale = scales[0] * scales[1] * 100 * np.sqrt(inputs) / finer
    time_scale = 2.0 ** rng.uniform(-12, -6)
    spread = limit * 40 * finer * np.sqrt(memory * rank) / 60
    output_scale = state_scale * time_scale * spread * data.draw(st.sampled_from([1, 1, 0.1, 10]))
    state_zero_point = data.draw(zero_points)
    quantisations = [
        Quantisation((scales[0],), data.draw(zero_points)),
        Quantisation((scales[1],)),
        Quantisation((time_scale,)),
        Quantisation((state_scale,), state_zero_point),
        Quantisation((output_scale,), data.draw(zero_points)),
    ]
    bias = rng.integers(-1000, 1001, units).astype(np.int32)
    model = svdf(
        batches,
        rank,
        rng.integers(-128, 128, (filters, inputs), dtype=np.int8),
        rng.integers(-limit, limit + 1, (filters, memory)).astype(kind),
        bias,
        quantisations,
        data.draw(st.sampled_from([0, 1, 3])),
    )
    oracle, runtime = Oracle(model), plain_runtime(model)
    for _ in range(5):
        x = rng.integers(-128, 128, (batches, inputs), dtype=np.int8)
        np.testing.assert_array_equal(runtime(x)[0], oracle(x)[0])
    assert runtime.layers[0].ran == f"reference/svdf_state{kind[3:]}_s8"


def test_a_rank_that_does_not_divide_the_filters() -> None:
    weights = np.zeros((5, 3), np.int8)
    model = svdf(1, 2, weights, weights, np.zeros(2, np.int32), [Quantisation((0.5,))] * 5)
    with pytest.raises(InputError):
        Oracle(model)
    with pytest.raises(InputError) as caught:
        plain_runtime(model)
    assert str(caught.value).startswith(
        "SVDF (operator 0): the rank must be positive and divide the 5 filters, not 2; inputs: "
    )


def test_no_bias() -> None:
    """TFLM is not asked: it crashes."""
    weights = np.zeros((4, 3), np.int8)
    with pytest.raises(InputError) as caught:
        plain_runtime(svdf(1, 2, weights, weights, None, [Quantisation((0.5,))] * 5))
    assert str(caught.value) == (
        "SVDF (operator 0): the bias must be there, and INT32; inputs: tensor 0 'input', "
        "tensor 1 'feature', tensor 2 'time', none, tensor 3 'state'; outputs: tensor 4 'output'"
    )


@pytest.mark.parametrize(("apart", "good"), [(9e-6, True), (-9e-6, True), (2e-5, False)])
def test_the_bias_scale(apart: float, good: bool) -> None:
    weights, bias = np.ones((4, 3), np.int8), np.full(2, 90, np.int32)
    scales = [Quantisation((0.5,))] * 5
    model = svdf(1, 2, weights, weights, bias, scales, bias_scale=0.25 + apart)
    x = np.ones((1, 3), np.int8)
    if good:
        np.testing.assert_array_equal(plain_runtime(model)(x)[0], Oracle(model)(x)[0])
        return
    with pytest.raises(InputError):
        Oracle(model)
    with pytest.raises(InputError, match="the bias's scale must be within 10\\^-5 of the state's"):
        plain_runtime(model)


def test_the_output_multiplier_is_exact() -> None:
    """Sums next to the halves between two outputs, where a scale in float32 rounds otherwise."""
    rng = np.random.default_rng(1)
    nothing, ones = np.zeros((40, 3), np.int8), np.ones((40, 1), np.int16)
    for _ in range(20):
        state, time = (float(np.float32(2.0 ** rng.uniform(-9, -8))) for _ in range(2))
        output = float(np.float32(state * time * 2.0 ** rng.uniform(22, 23)))
        halves = (rng.integers(60, 125, 40) + 0.5) * output / (state * time)
        bias = (np.round(halves) + rng.integers(-3, 4, 40)).astype(np.int32)
        scales = (0.5, 0.5, time, state, output)
        model = svdf(1, 1, nothing, ones, bias, [Quantisation((scale,)) for scale in scales])
        x = np.zeros((1, 3), np.int8)
        np.testing.assert_array_equal(plain_runtime(model)(x)[0], Oracle(model)(x)[0])
