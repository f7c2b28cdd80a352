"""The optimised-kernel directory for TFLM's makefile: complete, and its C compiles by itself.

That TFLM's makefile builds it and that TFLM's kernel tests pass with it is tried by hand: no TFLM
source and nothing that builds TFLM is part of this repository.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import cfuforge.sw
from cfuforge.base.errors import InputError
from cfuforge.cfu.design import Design
from cfuforge.sw.kernel_export import export_kernels
from cfuforge.sw.kernels import PLAIN, KernelSet
from cfuforge.sw.toolchain import Source, compile_host_library, rv32_compiler

SW = Path(cfuforge.sw.__file__).parent
WRAPPED = [
    *("add", "conv", "depthwise_conv", "fully_connected", "mul", "pooling", "softmax", "sub"),
]


@pytest.fixture(params=["none", "simd_mac:rows=2"])
def exported(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    design = Design.load(request.param)
    export_kernels(tmp_path / "out", KernelSet.of(design))
    return tmp_path / "out"


def test_the_directory_is_what_tflms_makefile_wants(exported: Path) -> None:
    directory = exported / "cfuforge"
    assert [path.stem for path in sorted(directory.glob("*.cc"))] == WRAPPED
    plain = {path.name for path in (SW / "nn").iterdir() if path.is_file()}
    assert plain <= {path.name for path in (directory / "nn").iterdir()}
    # Nothing that the makefile cannot know: sources lie where the .inc looks for them.
    inc = exported / "tensorflow/lite/micro/tools/make/ext_libs/cfuforge.inc"
    assert "$(PATH_TO_OPTIMIZED_KERNELS)/nn/*.c" in inc.read_text()
    assert {path.suffix for path in (directory / "nn").iterdir()} == {".c", ".h"}


def test_wrappers_include_tflms_file_of_their_name_and_what_is_there(exported: Path) -> None:
    for name in WRAPPED:
        text = (exported / "cfuforge" / f"{name}.cc").read_text()
        included = re.findall(r'#include "(.*)"', text)
        assert f"tensorflow/lite/micro/kernels/{name}.cc" in included
        own = [path for path in included if not path.startswith("tensorflow/")]
        assert own
        assert all((exported / "cfuforge" / path).is_file() for path in own)
        # Every registration that the file renames is defined again, under its own name.
        renamed = re.findall(r"#define (Register_\w+)", text)
        assert renamed
        assert all(f"TFLMRegistration {register}() {{" in text for register in renamed)


def test_the_c_files_compile_and_link_on_the_host_alone(exported: Path, tmp_path: Path) -> None:
    sources = sorted((exported / "cfuforge" / "nn").glob("*.c"))
    (tmp_path / "cfu_host.c").write_text(
        "#include <stdint.h>\nuint32_t (*cfu_host_op)(uint32_t, uint32_t, uint32_t);\n"
    )
    library = tmp_path / "nn.so"
    # No folder of headers: everything lies beside what includes it.
    compile_host_library([*map(Source, sources), Source(tmp_path / "cfu_host.c")], [], (), library)
    assert b"nn_conv_s8_scratch_size" in library.read_bytes()


def test_the_c_files_compile_for_rv32_with_the_designs_instructions(tmp_path: Path) -> None:
    design = Design.load("simd_mac")
    export_kernels(tmp_path / "out", KernelSet.of(design))
    folder = tmp_path / "out" / "cfuforge" / "nn"
    for name in ("conv_s8", "conv_s8_reference", "fully_connected_s8", "depthwise_conv_s8"):
        target = tmp_path / f"{name}.o"
        rv32_compiler().compile(Source(folder / f"{name}.c"), [], (), target)
        assert (b"simd_mac/" in target.read_bytes()) == (not name.endswith("_reference"))
    reference = (folder / "conv_s8_reference.c").read_text()
    assert reference.startswith("#define nn_conv_s8 nn_conv_s8_reference\n")


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="already exists; name another folder, or remove it"):
        export_kernels(tmp_path, PLAIN)
    with pytest.raises(InputError, match="already exists"):
        export_kernels(tmp_path / "file", PLAIN)
    with pytest.raises(InputError, match="cannot be written"):
        export_kernels(tmp_path / "file" / "below", PLAIN)


def test_a_design_whose_headers_are_elsewhere_is_refused(tmp_path: Path) -> None:
    kernels = tmp_path / "kernels"
    kernels.mkdir()
    (tmp_path / "shared.h").touch()
    (kernels / "conv_s8.c").write_text('#include "../shared.h"\n#include "nn.h"\n')
    with pytest.raises(InputError, match=r"shared.h must be in .*kernels"):
        export_kernels(tmp_path / "out", KernelSet("mine", kernels))
    assert not (tmp_path / "out").exists()
    (kernels / "window.h").touch()
    (kernels / "conv_s8.c").write_text('#include "window.h"\n#include "nn.h"\n')
    with pytest.raises(InputError, match="under a name that no header of the nn library has"):
        export_kernels(tmp_path / "out", KernelSet("mine", kernels))


def test_the_command_writes_it_and_says_how_it_is_used(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "cfuforge",
        "tflm-kernels",
        str(tmp_path / "out"),
        "--cfu",
        "none",
    ]
    subprocess.run(command, check=True, capture_output=True)
    assert "OPTIMIZED_KERNEL_DIR=cfuforge" in (tmp_path / "out" / "README.md").read_text()
