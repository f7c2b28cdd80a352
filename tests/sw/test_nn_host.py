"""The library on the host: what takes a kernel's place, and the guards around its memory."""

from pathlib import Path

import numpy as np
import pytest

from cfuforge.base.errors import InputError, RunError
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.kernels import KernelSet, kernel_sources
from support import operators
from support.kernels import KernelsUnderTest

ROW = np.array([[1, 2, 3]], np.int8)
MODEL = operators.softmax(ROW.shape, 1.0, 0, 1.0)
SIGNATURE = """#include "nn.h"
nn_status nn_softmax_s8(nn_context *ctx, const nn_softmax_params *params, int32_t rows,
                        int32_t row_size, const int8_t *input, int8_t *output)
"""


def design(folder: Path, body: str) -> Path:
    (folder / "softmax_s8.c").write_text(f"{SIGNATURE}{{ {body} }}")
    return folder


def kernels_of(folder: Path, body: str) -> KernelsUnderTest:
    return KernelsUnderTest(KernelSet("mine", design(folder, body)))


def test_a_design_takes_a_kernels_place(tmp_path: Path) -> None:
    body = 'NN_RAN(ctx, "softmax_s8"); for (int i = 0; i < rows * row_size; ++i) output[i] = 42;'
    body += " (void)params, (void)input; return NN_OK;"
    (output,), ran = kernels_of(tmp_path, body).run(MODEL, ROW)
    assert ran == ["mine/softmax_s8"]
    assert (output == 42).all()


def test_a_design_falls_back_to_the_plain_kernel(tmp_path: Path) -> None:
    body = "return nn_softmax_s8_reference(ctx, params, rows, row_size, input, output);"
    (output,), ran = kernels_of(tmp_path, body).run(MODEL, ROW)
    assert ran == ["reference/softmax_s8"]
    (plain,), _ = KernelsUnderTest().run(MODEL, ROW)
    np.testing.assert_array_equal(output, plain)


@pytest.mark.parametrize("index", ["-1", "rows * row_size"])
def test_writing_outside_of_the_output_is_noticed(tmp_path: Path, index: str) -> None:
    body = f"output[{index}] = 1; (void)ctx, (void)params, (void)input; return NN_OK;"
    body += " (void)rows, (void)row_size;"
    with pytest.raises(RunError, match="operator 0 SOFTMAX wrote byte"):
        kernels_of(tmp_path, body).run(MODEL, ROW)


def test_a_kernel_that_refuses(tmp_path: Path) -> None:
    body = "(void)ctx, (void)params, (void)rows, (void)row_size, (void)input, (void)output;"
    body += " return NN_UNSUPPORTED;"
    with pytest.raises(RunError, match="SOFTMAX"):
        kernels_of(tmp_path, body).run(MODEL, ROW)


def test_a_file_that_takes_no_kernels_place(tmp_path: Path) -> None:
    (tmp_path / "convolution.c").write_text("")
    with pytest.raises(InputError, match=r"convolution\.c replaces no kernel.*conv_s8\.c"):
        kernel_sources(KernelSet("mine", tmp_path))


def test_the_cfu_answers_from_outside(tmp_path: Path) -> None:
    import ctypes

    calls = []
    kind = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32)

    @kind
    def answer(function_id: int, rs1: int, rs2: int) -> int:
        calls.append((function_id, rs1, rs2))
        return rs1 + rs2

    header = "extern uint32_t (*cfu_host_op)(uint32_t, uint32_t, uint32_t);"
    body = "output[0] = (int8_t)cfu_host_op(9, (uint8_t)input[1], 40);"
    body += " (void)ctx, (void)params, (void)rows, (void)row_size; return NN_OK;"
    design(tmp_path, body)
    source = tmp_path / "softmax_s8.c"
    source.write_text(source.read_text().replace('"nn.h"', '"nn.h"\n#include "cfu.h"'))
    runtime = HostRuntime(
        MODEL,
        kernels=KernelSet("mine", tmp_path, header),
        cfu_op=ctypes.cast(answer, ctypes.c_void_p).value,
    )
    (output,) = runtime(ROW)
    assert output[0, 0] == 42
    assert calls == [(9, 2, 40)]
