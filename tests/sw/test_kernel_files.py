"""A design's kernels: what they may be called, and that nothing they include is overlooked."""

from __future__ import annotations

from pathlib import Path

import pytest

from cfuforge.cfu.errors import InputError
from cfuforge.sw.build import build_host_runtime
from cfuforge.sw.kernels import NN, design_files, kernel_sources


def test_a_changed_include_anywhere_builds_anew(tmp_path: Path) -> None:
    kernels, common = tmp_path / "kernels", tmp_path / "common"
    kernels.mkdir()
    common.mkdir()
    plain = (NN / "softmax_s8.c").read_text()
    (kernels / "softmax_s8.c").write_text('#include "../common/more.def"\n' + plain)
    (common / "more.def").write_text('#include "deep.h"\n')
    (common / "deep.h").write_text("#define DEEP 0\n")
    first = build_host_runtime(kernels, "test")
    assert build_host_runtime(kernels, "test") == first
    assert {path.name for path in design_files(kernels)} >= {"softmax_s8.c", "more.def", "deep.h"}
    (common / "deep.h").write_text("#define DEEP 1\n")
    assert build_host_runtime(kernels, "test") != first


@pytest.mark.parametrize("name", ["main.cc", "conv_s8.cpp", "helper.c", "start.S"])
def test_a_source_that_takes_no_kernels_place_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    with pytest.raises(
        InputError, match=f"{name} takes no kernel's place: its name must be one of"
    ):
        kernel_sources(tmp_path, "test")
