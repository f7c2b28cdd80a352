"""cfu.h, compiled for RISC-V and for the host by the compiler that the firmware uses."""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
from pathlib import Path

import pytest
from amaranth.hdl import signed
from amaranth.lib import data
from elftools.elf.elffile import ELFFile

from cfuforge.base.errors import InputError
from cfuforge.cfu import Design
from cfuforge.cfu.header import c_header

RISCV = ["-target", "riscv32-freestanding-none", "-mcpu=generic_rv32+m", "-ffreestanding"]

PROGRAM = """
#include "cfu.h"
void set(int32_t offset) { cfu_set_offsets(offset, 0); }
void quant(uint32_t multiplier) { cfu_set_quant(3, multiplier, -31); }
void unused(uint32_t x, uint32_t w) { cfu_dot(5, x, w); }
uint32_t row(const uint32_t *x, const uint32_t *w) {
  uint32_t a = x[0], b = w[0], c = x[1], d = w[1];
  cfu_dot(4 * CFU_ROWS - 1, a, b);
  cfu_mul(1, c, d);
  cfu_dot(0, a, d);
  cfu_requantise(1);
  return cfu_read(1);
}
int32_t accumulator(void) { return cfu_read_acc(7); }
void bias(const int32_t *b) { for (int k = 0; k < 4; k++) cfu_set_bias(k, b[k]); }
"""


def zig(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ziglang", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cfu.h").write_text(Design.load("simd_mac").header())
    (tmp_path / "program.c").write_text(PROGRAM)
    return tmp_path


def functions(folder: Path, *options: str) -> dict[str, list[int]]:
    """Compile the program for RISC-V and return the instruction words of each function."""
    sources = ["-c", "program.c", "-o", "program.o"]
    done = zig(
        folder,
        "cc",
        *RISCV,
        "-Wall",
        "-Wextra",
        "-Werror",
        "-fomit-frame-pointer",
        *options,
        *sources,
    )
    assert done.returncode == 0, done.stderr
    with (folder / "program.o").open("rb") as file:
        elf = ELFFile(file)
        words: dict[str, list[int]] = {}
        for symbol in elf.get_section_by_name(".symtab").iter_symbols():
            if symbol["st_info"]["type"] != "STT_FUNC":
                continue
            code = elf.get_section(symbol["st_shndx"]).data()
            start, size = symbol["st_value"], symbol["st_size"]
            words[symbol.name] = [
                int.from_bytes(code[i : i + 4], "little") for i in range(start, start + size, 4)
            ]
    return words


@pytest.mark.parametrize("optimise", ["-O1", "-O2", "-O3"])
def test_each_call_is_one_instruction(folder: Path, optimise: str) -> None:
    design = Design.load("simd_mac")
    words = functions(folder, optimise)
    texts = {
        name: [text for word in code if (text := design.disassemble(word))]
        for name, code in words.items()
    }
    assert texts["set"] == ["cfu set_offsets zero, a0, zero"]
    (quant,) = texts["quant"]
    assert re.fullmatch(r"cfu set_quant\[3\] zero, a0, a\d", quant)
    assert texts["unused"] == ["cfu dot[5] zero, a0, a1"]
    names = [text.split()[1] for text in texts["row"]]
    assert names == ["dot[15]", "mul[1]", "dot[0]", "requantise[1]", "read[1]"]
    assert texts["row"][-1] == "cfu read[1] a0, zero, zero"
    assert texts["accumulator"] == ["cfu read_acc[7] a0, zero, zero"]
    assert [text.split()[1] for text in texts["bias"]] == [f"set_bias[{k}]" for k in range(4)]
    assert len(words["unused"]) == 2  # and the return


def test_loads_stay_batched_before_the_instructions(folder: Path) -> None:
    row = functions(folder, "-O3")["row"]
    kinds = ["load" if word & 0x7F == 0x03 else "cfu" for word in row if word & 0x7F in (3, 11)]
    assert kinds == ["load"] * 4 + ["cfu"] * 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("void f(void) { cfu_dot(16, 0, 0); }", r"cfu_dot: i must be 0\.\.15"),
        ("void f(uint32_t k) { cfu_dot(k, 0, 0); }", r"cfu_dot|constraint 'i'"),
    ],
)
def test_an_index_that_cannot_be_is_a_compile_error(folder: Path, call: str, message: str) -> None:
    (folder / "program.c").write_text(f'#include "cfu.h"\n{call}\n')
    done = zig(folder, "cc", *RISCV, "-O2", "-c", "program.c", "-o", "program.o")
    assert done.returncode != 0
    assert re.search(message, done.stderr)


def test_cpp_compiles_it_too(folder: Path) -> None:
    (folder / "program.cpp").write_text(PROGRAM)
    sources = ["-Wall", "-Wextra", "-Werror", "-O2", "-c", "program.cpp", "-o", "program.o"]
    done = zig(folder, "c++", *RISCV, *sources)
    assert done.returncode == 0, done.stderr


def test_on_the_host_every_function_calls_the_host_op(folder: Path) -> None:
    (folder / "host.c").write_text(
        PROGRAM + "uint32_t (*cfu_host_op)(uint32_t function_id, uint32_t rs1, uint32_t rs2);\n"
    )
    sources = ["-shared", "-fPIC", "-O1", "host.c", "-o", "libhost.so"]
    done = zig(folder, "cc", "-Wall", "-Wextra", "-Werror", *sources)
    assert done.returncode == 0, done.stderr
    library = ctypes.CDLL(str(folder / "libhost.so"))
    calls: list[tuple[str, int, int]] = []
    design = Design.load("simd_mac")
    reference = design.cfu().reference()

    @ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32)
    def answer(function_id: int, rs1: int, rs2: int) -> int:
        calls.append((design.function_name(function_id), rs1, rs2))
        return reference.execute(function_id, rs1, rs2)

    ctypes.c_void_p.in_dll(library, "cfu_host_op").value = ctypes.cast(
        answer, ctypes.c_void_p
    ).value
    library.bias((ctypes.c_int32 * 4)(1, -2, 3, -40))
    library.set(-5)
    library.unused(0x01010101, 0x02020202)
    assert calls == [
        *(("set_bias[0]", 1, 0), ("set_bias[1]", 0xFFFF_FFFE, 0)),
        *(("set_bias[2]", 3, 0), ("set_bias[3]", (1 << 32) - 40, 0)),
        ("set_offsets", (1 << 32) - 5, 0),
        ("dot[5]", 0x01010101, 0x02020202),
    ]
    library.accumulator.restype = ctypes.c_int32
    assert library.accumulator() == -40
    library.row((ctypes.c_uint32 * 2)(1, 2), (ctypes.c_uint32 * 2)(3, 4))
    assert [name for name, *_ in calls[-3:]] == ["dot[0]", "requantise[1]", "read[1]"]


def test_defines_and_types() -> None:
    header = c_header(
        "x", Design.load("sample_cfus:Zoo").instructions, {"a": 4, "b": True, "c": "t"}
    )
    for line in (
        *('#define CFU_NAME "x"', "#define CFU_A 4", "#define CFU_B 1", '#define CFU_C "t"'),
        "CFU_INLINE void cfu_clear(void) {",
        "CFU_INLINE uint32_t cfu_count(uint32_t step) {",
        "CFU_INLINE void cfu_store(const uint32_t place, uint32_t value) {",
        "CFU_INLINE int8_t cfu_negate(const uint32_t k, int8_t x) {",
    ):
        assert line in header
    with pytest.raises(InputError, match=r"parameter a must be an int, a bool or a plain str"):
        c_header("x", [], {"a": 1.5})


def test_every_design_compiles_alone(tmp_path: Path) -> None:
    for spec in ("none", "sample_cfus:Zoo", "sample_cfus:Sum4"):
        (tmp_path / "cfu.h").write_text(Design.load(spec).header())
        (tmp_path / "program.c").write_text('#include "cfu.h"\nint x;\n')
        options = ["-Wall", "-Wextra", "-Werror", "-O2", "-c", "program.c", "-o", "program.o"]
        done = zig(tmp_path, "cc", *RISCV, *options)
        assert done.returncode == 0, done.stderr


def test_a_struct_has_the_layouts_bits() -> None:
    layout = data.StructLayout({"a": 3, "_0": 29, "b": signed(16), "c": 16, "_1": 64})
    header = c_header("x", [], structs={"thing": layout})
    fields = ["uint32_t a : 3", "uint32_t : 29", "int32_t b : 16", "uint32_t c : 16"]
    fields += ["uint32_t : 32", "uint32_t : 32"]
    assert "".join(f"  {each};\n" for each in fields) in header
    assert "} cfu_thing;" in header


def test_a_field_across_words_is_refused() -> None:
    layout = data.StructLayout({"a": 3, "b": 32})
    with pytest.raises(InputError, match="field b of struct thing must lie in one word"):
        c_header("x", [], structs={"thing": layout})
