"""The runtime's parts that have no TFLM to be compared with: planner, multipliers."""

import ctypes
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cfuforge.sw
from cfuforge.sw.toolchain import Source, compile_host_library
from support.adversarial import quantize_multiplier
from support.examples import examples

SW = Path(cfuforge.sw.__file__).parent
PROBE = r"""
#include "greedy_memory_planner.h"
#include "quantization.h"

extern "C" size_t plan(int count, const int *bytes, const int *first, const int *last, int *out) {
  static tflite::PlannedBuffer buffers[100];
  void *targets[100];
  for (int i = 0; i < count; ++i) {
    buffers[i] = {size_t(bytes[i]), first[i], last[i], 0, &targets[i], nullptr};
  }
  const size_t needed = tflite::PlanGreedily(buffers, count);
  for (int i = 0; i < count; ++i) out[buffers[i].target - targets] = int(buffers[i].offset);
  return needed;
}

extern "C" void quantize(double factor, int *multiplier, int *shift) {
  const nn_quant quant = tflite::QuantizeMultiplier(factor);
  *multiplier = quant.multiplier;
  *shift = quant.shift;
}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("parts")
    probe = folder / "probe.cc"
    probe.write_text(PROBE)
    names = ("greedy_memory_planner", "quantization")
    sources = [Source(SW / "tflm" / "src" / f"{name}.cc") for name in names]
    headers = [SW / "tflm" / "include", SW / "tflm" / "src", SW / "nn"]
    compile_host_library([*sources, Source(probe)], headers, (), folder / "parts.so")
    loaded = ctypes.CDLL(str(folder / "parts.so"))
    loaded.plan.restype = ctypes.c_size_t
    loaded.quantize.argtypes = [ctypes.c_double, ctypes.c_void_p, ctypes.c_void_p]
    return loaded


Lives = list[tuple[int, int, int]]
lives = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 20), st.integers(0, 20)), max_size=30
)


def plan(library: Any, buffers: Lives) -> tuple[int, list[int]]:
    columns = [[size for size, _, _ in buffers], [a for _, a, _ in buffers]]
    columns.append([a + more for _, a, more in buffers])
    arrays = [(ctypes.c_int * len(buffers))(*column) for column in columns]
    offsets = (ctypes.c_int * len(buffers))()
    return library.plan(len(buffers), *arrays, offsets), list(offsets)


def aligned(size: int) -> int:
    return -(-size // 16) * 16


@examples(500)
@given(buffers=lives)
def test_plan_never_overlaps_what_lives_together(library: Any, buffers: Lives) -> None:
    needed, offsets = plan(library, buffers)
    places = list(zip(buffers, offsets, strict=True))
    for index, ((size, first, more), offset) in enumerate(places):
        assert offset % 16 == 0
        assert 0 <= offset <= offset + size <= needed
        for (other, other_first, other_more), at in places[:index]:
            if first <= other_first + other_more and other_first <= first + more:
                assert offset + size <= at or at + other <= offset or 0 in (size, other)
    live = [
        sum(aligned(size) for size, first, more in buffers if first <= time <= first + more)
        for time in range(41)
    ]
    assert max(live) <= needed <= sum(aligned(size) for size, _, _ in buffers)


def test_plan_uses_gaps(library: Any) -> None:
    # A chain of three layers, and a long-lived buffer: the third fits where the first was.
    needed, offsets = plan(library, [(64, 0, 1), (32, 1, 1), (64, 2, 1), (16, 0, 3)])
    assert needed == 112
    assert offsets == [0, 64, 0, 96]


def test_plan_tries_again_when_size_is_the_wrong_order(library: Any) -> None:
    # How MobileNet starts; the largest first would leave a hole, and need 64512 bytes.
    needed, _ = plan(library, [(27648, 0, 1), (18432, 1, 1), (18432, 2, 1), (36864, 3, 1)])
    assert needed == 18432 + 36864


@examples(2000)
@given(factor=st.floats(0, 2**30 - 1, allow_subnormal=True))
def test_quantize_multiplier_is_that_of_the_python_side(library: Any, factor: float) -> None:
    multiplier, shift = ctypes.c_int(), ctypes.c_int()
    library.quantize(factor, ctypes.addressof(multiplier), ctypes.addressof(shift))
    assert (multiplier.value, shift.value) == quantize_multiplier(factor)


@pytest.mark.parametrize(
    "factor", [0.0, 5e-324, 2.0**-32, 2.0**-32 * (1 - 2.0**-40), 1 - 2.0**-40, 1.0, 2.0**29]
)
def test_quantize_multiplier_at_the_edges(library: Any, factor: float) -> None:
    multiplier, shift = ctypes.c_int(), ctypes.c_int()
    library.quantize(factor, ctypes.addressof(multiplier), ctypes.addressof(shift))
    assert (multiplier.value, shift.value) == quantize_multiplier(factor)
