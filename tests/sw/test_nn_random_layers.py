"""The plain kernels against TFLM on random layers."""

from hypothesis import given

from support import random_models
from support.examples import examples
from support.kernels import KernelsUnderTest
from support.random_models import Case

thorough = examples(1500)


@thorough
@given(case=random_models.convs())
def test_conv_s8(plain_kernels: KernelsUnderTest, case: Case) -> None:
    plain_kernels.check(case, "conv_s8")


@thorough
@given(case=random_models.depthwise_convs())
def test_depthwise_conv_s8(plain_kernels: KernelsUnderTest, case: Case) -> None:
    plain_kernels.check(case, "depthwise_conv_s8")


@thorough
@given(case=random_models.fully_connecteds())
def test_fully_connected_s8(plain_kernels: KernelsUnderTest, case: Case) -> None:
    plain_kernels.check(case, "fully_connected_s8")


@thorough
@given(case=random_models.average_pools())
def test_average_pool_s8(plain_kernels: KernelsUnderTest, case: Case) -> None:
    plain_kernels.check(case, "average_pool_s8")


@thorough
@given(case=random_models.softmaxes())
def test_softmax_s8(plain_kernels: KernelsUnderTest, case: Case) -> None:
    plain_kernels.check(case, "softmax_s8")
