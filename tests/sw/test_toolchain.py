"""The compilers: what they are told, and what they say."""

import ctypes
import re
import shutil
from pathlib import Path

import pytest

from cfuforge.base.errors import EnvironmentLacksError, InputError
from cfuforge.sw.toolchain import (
    Compiler,
    Source,
    compile_host_library,
    compile_rv32_program,
    host_compiler,
    rv32_compiler,
)

SCRIPT = """MEMORY { main_ram (rwx) : ORIGIN = 0x40000000, LENGTH = 64K }
ENTRY(_start)
SECTIONS { .text : { *(.text .text.*) *(.rodata .rodata.*) *(.data .data.*) } > main_ram }
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_host_library_with_defines_of_all_and_of_one(tmp_path: Path) -> None:
    text = "int NAME(void) { return 10 * ALL + ONE; }\n"
    sources = [
        Source(write(tmp_path, "a.c", text), ("NAME=f", "ONE=1")),
        Source(write(tmp_path, "b.cc", 'extern "C" ' + text), ("NAME=g", "ONE=2")),
    ]
    compile_host_library(sources, (), ("ALL=4",), tmp_path / "x.so")
    library = ctypes.CDLL(str(tmp_path / "x.so"))
    assert (library.f(), library.g()) == (41, 42)


def test_first_error_and_the_log(tmp_path: Path) -> None:
    source = write(tmp_path, "broken.c", "int unused;\nint f(void) { return nothing; }\n")
    with pytest.raises(InputError) as caught:
        compile_host_library([Source(source)], (), (), tmp_path / "x.so")
    match = re.fullmatch(
        r"broken\.c does not compile: \S+/broken\.c:2:22: error: .*'nothing'.* \(all of it: (.*)\)",
        str(caught.value),
    )
    assert match
    assert "1 error generated" in Path(match[1]).read_text()


def test_undefined_symbol_of_a_program(tmp_path: Path) -> None:
    source = write(tmp_path, "a.c", "int gone(void);\nint _start(void) { return gone(); }\n")
    script = write(tmp_path, "link.ld", SCRIPT)
    with pytest.raises(InputError, match=r"^p\.elf does not link: .*undefined.*gone"):
        compile_rv32_program([Source(source)], (), (), script, tmp_path / "p.elf")


def test_report_has_version_and_flags() -> None:
    report = rv32_compiler().report()
    assert re.match(r"zig \d+\.\d+\.\d+ \(clang", str(report["compiler"]))
    assert {"-mcpu=generic_rv32+m+relax", "-O3", "-g"} <= set(rv32_compiler().flags)
    assert "-mcpu=baseline" in host_compiler().flags


def test_missing_gcc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CFUFORGE_CC", "riscv-gcc-that-is-not-there")
    with pytest.raises(EnvironmentLacksError) as caught:
        rv32_compiler()
    assert "CFUFORGE_CC=riscv-gcc-that-is-not-there is not on PATH" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_chosen_gcc_compiles_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gcc = "riscv64-unknown-elf-gcc"
    if shutil.which(gcc) is None:
        pytest.skip(f"{gcc} is not installed (apt-get install gcc-riscv64-unknown-elf)")
    monkeypatch.setenv("CFUFORGE_CC", gcc)
    text = 'double x = 2; void _start(void) { x = x / 3; __asm__ volatile("csrr t0, mcycle"); }\n'
    source = write(tmp_path, "a.c", text)
    script = write(tmp_path, "link.ld", SCRIPT)
    compile_rv32_program([Source(source)], (), (), script, tmp_path / "p.elf")
    assert (tmp_path / "p.elf").read_bytes()[:4] == b"\x7fELF"


def test_host_library_with_a_symbol_of_nobody(tmp_path: Path) -> None:
    source = write(tmp_path, "a.c", "int gone(void);\nint f(void) { return gone(); }\n")
    with pytest.raises(InputError) as caught:
        compile_host_library([Source(source)], (), (), tmp_path / "x.so")
    assert (
        "x.so does not link: ld.lld: error: undefined symbol: gone, referenced by a.c:2 (all"
        in (str(caught.value))
    )
    text = "double sin(double);\nvoid *malloc(unsigned long);\nint f(void) "
    source = write(tmp_path, "b.c", text + "{ return malloc(8) && sin(1.0) > 0; }\n")
    compile_host_library([Source(source)], (), (), tmp_path / "y.so")
    assert ctypes.CDLL(str(tmp_path / "y.so")).f() == 1


def test_report_is_what_the_compiler_gets() -> None:
    compiler = Compiler(("cc",), ("c++",), "cc 1", ("-g",), ("-s",))
    assert compiler.report()["flags"] == ["-g"]
    assert compiler.report()["link_flags"] == ["-s"]


def test_a_program_is_the_same_bytes_wherever_it_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for name in ("one", "another földer"):
        folder = tmp_path / name
        (folder / "headers").mkdir(parents=True)
        write(folder / "headers", "half.h", "static inline double half(double x) { return x / 2; }")
        text = '#include "half.h"\n#include <stddef.h>\nvolatile double value;\n'
        text += "size_t at(void) { return (size_t)__FILE__; }\n"
        source = write(folder, "a.c", text + "void _start(void) { value = half(value) * at(); }\n")
        monkeypatch.chdir(folder)
        monkeypatch.setenv("TMPDIR", str(folder))
        monkeypatch.setattr("tempfile.tempdir", None)
        assembly = write(folder, "b.S", ".globl nothing\nnothing: ret\n").relative_to(folder)
        script, output = write(folder, "link.ld", SCRIPT), folder / "a.elf"
        headers = [Path("headers")]  # as a user may name it
        sources = [Source(source.relative_to(folder)), Source(assembly)]
        compile_rv32_program(sources, headers, (), script, output)
        made.append(output.read_bytes())
    assert made[0] == made[1]
    assert b"another" not in made[1]
    assert str(tmp_path).encode() not in made[0]
