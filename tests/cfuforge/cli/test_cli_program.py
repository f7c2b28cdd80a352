"""``cfuforge load --program``: a program on a simulated board, and its console."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cfuforge.soc.board import BOARDS
from cfuforge.sw.models import KWS_MODEL

ECHO = """
#include <stdio.h>
#include "board.h"
static volatile int ticks;
static void tick(void) { ++ticks; }
int main(int count, char **arguments) {
  const uint32_t begin = (uint32_t)board_cycles();
#if BOARD_HAS_TIMER
  board_timer(tick, 500);
#endif
  printf("on %s\\nm-program-00000000-returned 9\\r\\n", BOARD_NAME);
  for (int c; (c = getchar()) != EOF;) printf("<%c>", c);
  while (BOARD_HAS_TIMER && ticks < 3) {
  }
  return (uint32_t)board_cycles() - begin > 1000 ? 40 + count + !arguments : 0;
}
"""
ENDLESS = """
#include <stdio.h>
#include "board.h"
int main(void) {
  for (int i = 0;; ++i) {
    const uint64_t end = board_cycles() + 10000;
    while (board_cycles() < end) {
    }
    printf("%d\\n", i);
  }
}
"""


class Served:
    """A simulated board behind a terminal, as ``cfuforge serve`` runs it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "cfuforge", "serve", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.port = self.process.stdout.readline().strip()
        assert self.port.startswith("/dev/pts/")

    def end(self) -> None:
        with self.process:
            self.process.terminate()
        assert self.process.returncode == 0

    def command(self, text: str, *options: str) -> list[str]:
        (self.folder / "main.c").write_text(text)
        load = [sys.executable, "-m", "cfuforge", "load", "--target", self.port]
        return [*load, "--program", str(self.folder / "main.c"), *options]

    def load(self, text: str, typed: bytes = b"", *options: str) -> tuple[int, str, str]:
        """Return the exit code, the output and the last line for people."""
        command = self.command(text, *options)
        done = subprocess.run(command, input=typed, capture_output=True, check=False, timeout=200)
        return done.returncode, done.stdout.decode(), done.stderr.decode().splitlines()[-1]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    board = Served(tmp_path_factory.mktemp("program"), "--cfu", "none")
    yield board
    board.end()


def test_a_program_reads_and_writes_and_returns(served: Served) -> None:
    for _ in range(2):  # it is loaded anew
        code, printed, said = served.load(ECHO, b"a%\x1b")
        assert (code, printed) == (1, "on sim\nm-program-00000000-returned 9\r\n<a><%><\x1b>")
        assert said == "main returned 41 on board sim, CFU none"
    assert served.load("int main(void) { return 0; }")[0] == 0


def test_what_goes_wrong_is_one_line(served: Served) -> None:
    code, _, said = served.load("int main(void) { return *(volatile int *)1; }")
    assert code == 1
    assert re.fullmatch(
        r"error: main\.c trapped: load address misaligned \(mcause 0x4, mtval 0x1\) at pc 0x\w+ in "
        r"main\(\)",
        said,
    )
    wrong = served.load(ECHO, b"", "--cfu", "simd_mac")[2]
    assert wrong == (
        f"error: the board on {served.port} has CFU none, not simd_mac:rows=4,folded=0"
    )
    large = (
        "static volatile char room[17 << 20];\nint main(int n, char **v) { return room[n] + !v; }"
    )
    assert re.match(
        r"error: main\.c does not fit into the memory of board sim: it takes 17,8\d\d,\d+ of 16,",
        served.load(large)[2],
    )
    assert served.load("int main(void) { return 0; }")[0] == 0


def test_ctrl_c_ends_a_program_that_writes(served: Served) -> None:
    with subprocess.Popen(
        served.command(ENDLESS), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"0\n"
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
        last = process.stderr.read().decode().splitlines()[-1]
    assert (code, last) == (1, "error: main.c was stopped by Ctrl-C")
    assert served.load("int main(void) { return 0; }")[0] == 0


def test_a_terminal_passes_on_each_key_and_is_left_with_ctrl_bracket(served: Served) -> None:
    outer, inner = pty.openpty()
    with subprocess.Popen(
        served.command(ECHO), stdin=inner, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"on sim\n"
        process.stdout.readline()
        os.write(outer, b"x")
        assert process.stdout.read(3) == b"<x>"  # without a line end
        os.write(outer, b"\x1d")
        assert process.wait(60) == 0
    for each in (outer, inner):
        os.close(each)
    silent = served.load("int main(void) { return 0; }")[2]  # the program gets its commands
    assert silent.endswith("is it the board's port, and does the board run the device firmware?")
    with open(served.port, "wb", buffering=0) as line:
        line.write(b"\x04")  # the program ends
    assert served.load("int main(void) { return 0; }")[0] == 0


@pytest.mark.more
@pytest.mark.parametrize("board", ["arty", "ulx3s", "fomu"])
def test_boards_with_little_memory_for_code(board: str, tmp_path: Path) -> None:
    served = Served(tmp_path, "--board", board, "--model", str(KWS_MODEL))
    code, printed, said = served.load(ECHO, b"a")
    served.end()
    assert (code, printed) == (1, f"on {board}\nm-program-00000000-returned 9\r\n<a>")
    design = BOARDS[board].cfu
    assert said.startswith(f"main returned 41 on board {board}, CFU {design}")


def test_mistakes(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text(ECHO)
    program = ("--program", tmp_path / "main.c")
    assert "there is no /dev/nothing" in refused("load", "--target", "/dev/nothing", *program)
    assert "--data a=b needs --program" in refused("load", "--target", "x", "--data", "a=b")
    assert "no.c is not a folder of C" in refused("load", "--target", "x", "--program", "no.c")
