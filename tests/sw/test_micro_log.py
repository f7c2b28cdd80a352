"""MicroPrintf and MicroSnprintf against Python's own %."""

import ctypes
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import cfuforge.sw
from cfuforge.sw.toolchain import Source, compile_host_library
from support.examples import examples

SW = Path(cfuforge.sw.__file__).parent
TFLM = SW / "tflm"
PROBE = r"""
#include "tensorflow/lite/micro/micro_log.h"

static char text[300];
extern "C" void DebugLog(const char *line) { __builtin_strcpy(text, line); }
extern "C" void start() { text[0] = 0; }
extern "C" const char *printed() { return text; }
extern "C" void print(const char *format, ...) {
  va_list list;
  va_start(list, format);
  VMicroPrintf(format, list);
  va_end(list);
}
extern "C" int write(char *to, size_t size, const char *format, ...) {
  va_list list;
  va_start(list, format);
  const int length = MicroVsnprintf(to, size, format, list);
  va_end(list);
  return length;
}
extern "C" void direct() { MicroPrintf("%d of %s", 3, "four"); }
extern "C" int direct_write(char *to) { return MicroSnprintf(to, 4, "%d", 12345); }
"""
flags = st.sets(st.sampled_from("-0")).map(lambda chosen: "".join(sorted(chosen)))
widths = st.one_of(st.just(""), st.integers(1, 30).map(str))
decimals = st.one_of(st.just(""), st.integers(0, 15).map(lambda count: f".{count}"))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("log")
    (folder / "probe.cc").write_text(PROBE)
    sources = [TFLM / "src" / "micro_log.cc", TFLM / "src" / "format.cc", folder / "probe.cc"]
    sources.append(SW / "firmware" / "application" / "format_double.cc")
    headers = [TFLM / "include", TFLM / "src"]
    compile_host_library(list(map(Source, sources)), headers, (), folder / "log.so")
    library = ctypes.CDLL(str(folder / "log.so"))
    library.printed.restype = ctypes.c_char_p
    return library


def printed(log: Any, format: str, *arguments: Any) -> str:
    log.start()
    log.print(format.encode(), *arguments)
    return bytes(log.printed()).decode()


@examples(1000)
@given(flags, widths, st.integers(-(2**63), 2**63 - 1))
def test_signed(log: Any, flags: str, width: str, value: int) -> None:
    spec = f"%{flags}{width}"
    for length, kind in (
        ("ll", ctypes.c_int64),
        ("", ctypes.c_int32),
        ("h", ctypes.c_int16),
        ("hh", ctypes.c_int8),
    ):
        assert printed(log, f"{spec}{length}d", ctypes.c_int64(value)) == (
            f"{spec}d" % kind(value).value
        )


@examples(1000)
@given(flags, widths, st.sampled_from("uxX"), st.integers(0, 2**64 - 1))
def test_unsigned(log: Any, flags: str, width: str, letter: str, value: int) -> None:
    spec = f"%{flags}{width}"
    for length, bits in (("ll", 64), ("z", 64), ("", 32), ("h", 16), ("hh", 8)):
        assert printed(log, f"{spec}{length}{letter}", ctypes.c_uint64(value)) == (
            f"{spec}{letter}" % (value & (1 << bits) - 1)
        )


@examples(3000)
@given(flags, widths, decimals, st.floats(-(2.0**63), 2.0**63, allow_subnormal=True))
@example(flags="", width="", precision=".0", value=0.5)
@example(flags="", width="", precision=".0", value=1.5)
@example(flags="", width="", precision=".2", value=9.995)
@example(flags="", width="", precision=".1", value=0.25)
@example(flags="", width="", precision="", value=-0.0)
@example(flags="0", width="12", precision=".3", value=-999.9996)
def test_doubles(log: Any, flags: str, width: str, precision: str, value: float) -> None:
    spec = f"%{flags}{width}{precision}f"
    assert printed(log, spec, ctypes.c_double(value)) == spec % value


@pytest.mark.parametrize(
    ("value", "text"),
    [(float("inf"), "inf"), (float("-inf"), "-inf"), (float("nan"), "nan"), (1e30, "(over 2^64)")],
)
def test_doubles_that_are_not_written_out(log: Any, value: float, text: str) -> None:
    assert printed(log, "%f", ctypes.c_double(value)) == text


def test_other_conversions(log: Any) -> None:
    assert printed(log, "<%5s|%-5s|%.2s|%c|%%>", b"ab", b"ab", b"abc", ord("z")) == (
        "<   ab|ab   |ab|z|%>"
    )
    assert printed(log, "%s", None) == "(null)"
    assert printed(log, "%p", ctypes.c_void_p(0x123456789A)) == "123456789a"
    assert printed(log, "%g %y", ctypes.c_double(0.5)) == "0.500000 y"
    assert printed(log, "at the end %") == "at the end %"


def test_lines_are_cut(log: Any) -> None:
    assert printed(log, "<%s>", b"x" * 1000) == "<" + "x" * 254


def test_memory_holds_what_fits(log: Any) -> None:
    memory = ctypes.create_string_buffer(b"." * 16, 16)
    assert log.write(memory, ctypes.c_size_t(6), b"%s", b"0123456789") == 10
    assert memory.raw == b"01234\0" + b"." * 10
    assert log.write(memory, ctypes.c_size_t(0), b"%s", b"abc") == 3
    assert memory.raw[:5] == b"01234"


def test_functions_with_dots(log: Any) -> None:
    log.direct()
    assert log.printed() == b"3 of four"
    memory = ctypes.create_string_buffer(8)
    assert log.direct_write(memory) == 5
    assert memory.value == b"123"
