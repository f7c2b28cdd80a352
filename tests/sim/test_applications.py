"""Programs in TFLM's form on the simulated SoC: they print there what they print on the host."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cfuforge.sw
from cfuforge import Design, board
from cfuforge.base.errors import InputError, RunError
from cfuforge.sim.run_application import ApplicationRun, run_application
from cfuforge.sw import models
from cfuforge.sw.application import Application, build_host_application

APPLICATIONS = Path(cfuforge.sw.__file__).parent / "applications"
EVERYTHING = Path(__file__).parents[1] / "sw" / "application"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "models"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="../shared/models, the real models, is not beside this checkout"
)


def simulate(
    folder: Path,
    data: Mapping[str, Path],
    design: str = "simd_mac",
    max_cycles: int = 60_000_000,
    name: str = "sim",
) -> ApplicationRun:
    return run_application(
        Application([folder], data), Design.load(design), board(name), max_cycles=max_cycles
    )


def here(folder: Path, data: Mapping[str, Path]) -> str:
    program = build_host_application(Application([folder], data))
    return subprocess.run([program], capture_output=True, text=True, check=False).stdout


def without_ticks(text: str) -> str:
    """Leave out what is not the same everywhere: ticks, and the arena with 32-bit pointers."""
    text = re.sub(r"^(\w+,)*\d+$|^total,\d+$", "ticks", text, flags=re.MULTILINE)
    return re.sub(r"^(the model uses|event: ).*$", "", text, flags=re.MULTILINE)


@needs_shared
@pytest.mark.parametrize(  # pictures with plain kernels take a minute, and show nothing more
    ("name", "design"),
    [
        *(("hello_world", "none"), ("hello_world", "simd_mac")),
        *(
            pytest.param("micro_speech", "none", marks=pytest.mark.long),
            ("micro_speech", "simd_mac"),
        ),
        pytest.param("person_detection", "simd_mac", marks=pytest.mark.long),
    ],
)
def test_applications_print_what_they_print_on_the_host(
    name: str, design: str, tmp_path: Path
) -> None:
    np.save(
        tmp_path / "features.npy",
        np.random.default_rng(6).integers(-128, 128, (2, 1960), np.int8),
    )
    pictures = SHARED / "inputs" / "person_detect"
    data = {
        "hello_world": {"g_hello_world_model_data": SHARED / "tflm_hello_world_int8.tflite"},
        "micro_speech": {
            "g_micro_speech_model_data": SHARED / "tflm_micro_speech_int8.tflite",
            "g_micro_speech_features": tmp_path / "features.npy",
        },
        "person_detection": {
            "g_person_detect_model_data": SHARED / "tflm_person_detect_int8.tflite",
            "g_person_data": pictures / "person.npy",
            "g_no_person_data": pictures / "no_person.npy",
        },
    }[name]
    run = simulate(APPLICATIONS / name, data, design)
    assert run.returned == 0
    assert run.uart.count("\n") >= 4
    assert without_ticks(run.uart) == without_ticks(here(APPLICATIONS / name, data))


@needs_shared
@pytest.mark.parametrize("name", ["arty", "fomu"])
@pytest.mark.more
def test_an_application_on_a_board_with_little_memory_for_code(name: str) -> None:
    model = SHARED / "tflm_hello_world_int8.tflite"
    folder, data = APPLICATIONS / "hello_world", {"g_hello_world_model_data": model}
    run = simulate(folder, data, name=name)
    assert run.returned == 0
    assert without_ticks(run.uart) == without_ticks(here(folder, data))
    data = {"g_hello_world_model_data": SHARED / "tflm_person_detect_int8.tflite"}
    with pytest.raises(
        InputError, match=rf"^hello_world does not fit into the memory of board {name}: it takes "
    ):
        simulate(folder, data, name=name)


def test_everything_that_the_api_covers() -> None:
    data = {"g_kws": models.KWS_MODEL, "g_kws_input": models.kws_inputs()[0]}
    printed: list[str] = []
    run = run_application(
        Application([EVERYTHING], data), Design.load("simd_mac"), board("sim"), uart=printed.append
    )
    assert run.returned == 7
    assert "".join(printed) == run.uart
    assert run.uart.splitlines()[-1].startswith("scores ")
    assert without_ticks(run.uart) == without_ticks(here(EVERYTHING, data))


@pytest.mark.parametrize(
    ("body", "error", "text"),
    [
        (
            "volatile int i = 0; for (;;) i = i + 1;",
            RunError,
            r"did not finish within 200,000 cycles; it is at .* in main\(\)",
        ),
        ("if (argc) __builtin_trap(); return 0;", RunError, r"trapped: .* in main\(\)"),
        (
            "*(volatile int *)0x20000000 = 1; return 0;",
            RunError,
            r": it writes to 0x20000000, where nothing answers, at .* in main\(\)",
        ),
        (
            "return *(volatile char *)0x20000006;",
            RunError,
            r": it reads 0x20000000, where nothing answers, at .* in main\(\)",
        ),
        (
            "reinterpret_cast<void (*)()>(0x20000044)(); return 0;",
            RunError,
            r": it runs code at 0x20000040, where nothing answers, at pc 0x20000044",
        ),
        (
            "static volatile char room[20 << 20]; return room[argc];",
            InputError,
            r" does not fit into the memory of board sim: it takes 2\d,\d+,\d+ of 16,777,216 bytes "
            r"of main_ram \(.*stack 69,504, code [\d,]+, .*zeroed data 20,97\d,\d+",
        ),
        (
            "static int *volatile kept = new int; return *kept;",
            InputError,
            "app.elf does not link: .*operator new",
        ),
    ],
)
def test_what_goes_wrong_is_one_line(
    body: str, error: type[Exception], text: str, tmp_path: Path
) -> None:
    (tmp_path / "main.cc").write_text(f"int main(int argc, char **) {{ (void)argc; {body} }}\n")
    with pytest.raises(error, match=text):
        simulate(tmp_path, {}, "none", 200_000)


def test_the_c_library_that_applications_have(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text(
        "#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
        "int main(void) { volatile float x = 2; char text[20];\n"
        'printf("%.4f %.4f %.4f", sqrtf(x), expf(x), sinf(x)); putchar(10);\n'
        'strcpy(text, "te"); strcat(text, "xt"); strncpy(text + 5, "ab", 9);\n'
        "puts(text); puts(text + 5);\n"
        'if (strncmp(text, "texas", 3) || strncmp(text, "texas", 4) <= 0) abort();\n'
        "if (strchr(text, 'x') != text + 2 || strchr(text, 'y') || text[13]) abort();\n"
        "if (strlen(text) == 4) exit(3); abort(); }\n"
    )
    run = simulate(tmp_path, {}, "none")
    assert run.returned == 3
    assert run.uart == "1.4142 7.3891 0.9093\ntext\nab\n"
    (tmp_path / "main.c").write_text(
        "#include <assert.h>\nint main(int argc, char **argv) { assert(argc == 2 && argv); }\n"
    )
    with pytest.raises(RunError, match="trapped"):
        simulate(tmp_path, {}, "none")


def ran(tmp_path: Path, text: str, design: str = "none", **options: Any) -> ApplicationRun:
    (tmp_path / "main.c").write_text(text)
    application = Application([tmp_path / "main.c"])
    named = board(options.pop("name", "sim"))
    return run_application(
        application, Design.load(design), named, max_cycles=5_000_000, patience=5_000, **options
    )


ECHO = """
#include <stdio.h>
int main(void) {
  for (int c; (c = getchar()) != EOF;) printf("<%c>", c);
  return getchar();
}
"""


def test_getchar_reads_what_is_typed_up_to_the_end(tmp_path: Path) -> None:
    typed = [b"a", b"", b"b%", b"\x04c", b""]
    waited: list[bool] = []

    def keys(wait: bool) -> bytes:
        waited.append(wait)
        return typed.pop(0)

    run = ran(tmp_path, ECHO, keys=keys)
    assert (run.returned, run.uart) == (-1, "<a><b><%>")
    assert waited == [False, True, True, True, False]
    assert ran(tmp_path, ECHO).uart == ""  # an end of input at once


def test_the_time_goes_on(tmp_path: Path) -> None:
    run = ran(
        tmp_path,
        """
#include <stdio.h>
#include "board.h"
int main(void) {
  const uint64_t begin = board_cycles();
  board_wait(2);
  printf("%s %u %u\\n", BOARD_NAME, BOARD_CLOCK_HZ, board_milliseconds());
  return (int)(board_cycles() - begin);
}
""",
    )
    assert run.uart == "sim 100000000 2\n"
    assert 200_000 < run.returned < 220_000


INTERRUPTED = """
#include <stdio.h>
#include "board.h"
#include "cfu.h"
static volatile int ticks;
static void tick(void) {
  cfu_dot(1, 0x01010101, 0x01010101); /* on another accumulator than main's */
  if (++ticks == 50) board_timer(0, 0);
}
int main(void) {
  for (int k = 0; k < 4; ++k) cfu_set_offsets(0, 0);
  cfu_set_bias(0, 0);
  cfu_set_bias(1, 0);
  board_timer(tick, 997);
  int count = 0;
  for (; ticks < 50; ++count) cfu_dot(0, 0x01010101, 0x02010101);
  printf("%d %d\\n", cfu_read_acc(0) - 5 * count, cfu_read_acc(1));
  board_timer(tick, 300);
  while (ticks < 51) {
  }
  __builtin_trap();
}
"""


def test_timer_interrupts_amid_instructions_of_the_cfu(tmp_path: Path) -> None:
    printed: list[str] = []
    with pytest.raises(RunError, match=r"trapped: .* in main\(\)"):  # still reported as such
        ran(tmp_path, INTERRUPTED, "simd_mac", uart=printed.append)
    assert "".join(printed) == "0 200\n"


def test_a_cpu_without_interrupts_has_no_timer(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="this CPU has no interrupts: poll board_cycles"):
        ran(tmp_path, INTERRUPTED, "simd_mac:folded=true", name="fomu")
