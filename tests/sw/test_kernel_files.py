"""A design's kernels: what they may be called, and that nothing they include is overlooked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cfuforge.base.errors import InputError
from cfuforge.sw.host_runtime import build_host_runtime
from cfuforge.sw.kernels import NN, KernelSet, design_files, kernel_sources


def test_a_changed_include_anywhere_builds_anew(tmp_path: Path) -> None:
    kernels, common = tmp_path / "kernels", tmp_path / "common"
    kernels.mkdir()
    common.mkdir()
    plain = (NN / "softmax_s8.c").read_text()
    (kernels / "softmax_s8.c").write_text('#include "../common/more.def"\n' + plain)
    (common / "more.def").write_text('#include "deep.h"\n')
    (common / "deep.h").write_text("#define DEEP 0\n")
    first = build_host_runtime(KernelSet("test", kernels))
    assert build_host_runtime(KernelSet("test", kernels)) == first
    assert {path.name for path in design_files(kernels)} >= {"softmax_s8.c", "more.def", "deep.h"}
    (common / "deep.h").write_text("#define DEEP 1\n")
    assert build_host_runtime(KernelSet("test", kernels)) != first


@pytest.mark.parametrize("name", ["main.cc", "conv_s8.cpp", "helper.c", "start.S"])
def test_a_source_that_takes_no_kernels_place_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    with pytest.raises(InputError, match=f"{name} replaces no kernel: its name must be one of"):
        kernel_sources(KernelSet("test", tmp_path))


HEADER = (NN / "nn.h").read_text()
PASSED_ON = """
#include "nn.h"
nn_status nn_conv_s8(nn_context *ctx, const nn_conv_params *params, const nn_channel_quant *quant,
                     const nn_dims *in, const int8_t *x, const nn_dims *filter, const int8_t *w,
                     const int32_t *bias, const nn_dims *out, int8_t *y) {
  return nn_conv_s8_reference(ctx, params, quant, in, x, filter, w, bias, out, y);
}
"""
SCRATCH = """
int32_t nn_conv_s8_scratch_size(const nn_conv_params *params, const nn_dims *in,
                                const nn_dims *filter, const nn_dims *out) {
  return 8 + nn_conv_s8_reference_scratch_size(params, in, filter, out);
}
"""


@pytest.mark.parametrize("own", [False, True])
def test_a_kernel_may_leave_its_scratch_to_the_plain_one(tmp_path: Path, own: bool) -> None:
    (tmp_path / "conv_s8.c").write_text(PASSED_ON + (SCRATCH if own else ""))
    plain = next(
        s for s in kernel_sources(KernelSet("test", tmp_path)) if s.path == NN / "conv_s8.c"
    )
    renamed = {define.partition("=")[0] for define in plain.defines}
    assert renamed == {"nn_conv_s8"} | ({"nn_conv_s8_scratch_size"} if own else set())
    assert build_host_runtime(KernelSet("test", tmp_path)).is_file()  # it links


def test_every_kernel_can_be_fallen_back_to(tmp_path: Path) -> None:
    declared = re.findall(r"^(nn_status|int32_t) (nn_\w+)\((.*?)\);", HEADER, re.M | re.S)
    kernels = {path.stem for path in NN.glob("*.c")}
    assert {name for result, name, _ in declared if result == "nn_status"} >= {
        f"nn_{kernel}" for kernel in kernels
    }
    for kernel in kernels:
        text = '#include "nn.h"\n'
        for result, name, parameters in declared:
            if name.removesuffix("_scratch_size") == f"nn_{kernel}":
                plain = name.replace(kernel, f"{kernel}_reference")
                arguments = ", ".join(re.findall(r"(\w+)(?:,|$)", parameters))
                text += f"{result} {name}({parameters}) {{ return {plain}({arguments}); }}\n"
        (tmp_path / f"{kernel}.c").write_text(text)
    assert build_host_runtime(KernelSet("test", tmp_path)).is_file()
