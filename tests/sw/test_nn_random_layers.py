"""The plain kernels against TFLM on random layers."""

import numpy as np
from hypothesis import HealthCheck, given, settings

from cfuforge.sw import strategies
from cfuforge.sw.host import HostKernels
from cfuforge.sw.host_layers import run_operator
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.strategies import Layer

thorough = settings(
    max_examples=1500,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def check(kernels: HostKernels, layer: Layer, kernel: str) -> None:
    (expected,) = Oracle(layer.model)(layer.input)
    result = run_operator(kernels, layer.model.operators[0], layer.input)
    np.testing.assert_array_equal(result.output, expected)
    assert result.ran == f"reference/{kernel}"


@thorough
@given(layer=strategies.convs())
def test_conv_s8(plain_kernels: HostKernels, layer: Layer) -> None:
    check(plain_kernels, layer, "conv_s8")


@thorough
@given(layer=strategies.depthwise_convs())
def test_depthwise_conv_s8(plain_kernels: HostKernels, layer: Layer) -> None:
    check(plain_kernels, layer, "depthwise_conv_s8")


@thorough
@given(layer=strategies.fully_connecteds())
def test_fully_connected_s8(plain_kernels: HostKernels, layer: Layer) -> None:
    check(plain_kernels, layer, "fully_connected_s8")


@thorough
@given(layer=strategies.average_pools())
def test_average_pool_s8(plain_kernels: HostKernels, layer: Layer) -> None:
    check(plain_kernels, layer, "average_pool_s8")


@thorough
@given(layer=strategies.softmaxes())
def test_softmax_s8(plain_kernels: HostKernels, layer: Layer) -> None:
    check(plain_kernels, layer, "softmax_s8")
